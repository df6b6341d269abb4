"""The language of the rules: that tables name what there is, and that their entry in the catalogue says all one needs.

A phone that is not written in Python has only the catalogue. `judged` stands for it: it reads the JSON of a table and
shares no code with the rules.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.types import TYPES
from sync.types.rules import (
    GIVENS,
    Advice,
    AnyOf,
    AtLeast,
    AtMost,
    Every,
    Is,
    IsTrue,
    NoneOf,
    Over,
    Present,
    Row,
    RuleTable,
    ShareAtLeast,
    Under,
    advise,
    age_on,
    later,
)

with_rules = pytest.mark.parametrize("declared", [t for t in TYPES if t.rules], ids=lambda declared: declared.name)
JOINED = {"every": all, "any_of": any, "none_of": lambda found: not any(found)}
COMPARED = {"at_least": "__ge__", "at_most": "__le__", "over": "__gt__", "under": "__lt__"}
DAYS = (dt.date(2017, 2, 27), dt.date(2017, 2, 28), dt.date(2026, 11, 30), dt.date(2028, 2, 29), dt.date(9999, 12, 30))


# -- what a table may say ----------------------------------------------------------------------------------------------


def simple(condition):
    """(name, path, the rest) of every condition in the JSON of one."""
    [(name, over)] = condition.items()
    if name in JOINED:
        return [found for inner in over for found in simple(inner)]
    return [(name, over[0], over[1:])]


def asked(declared):
    """(table, condition's name, path, codes or bounds) of all that the tables of a form look at."""
    rows = [(table, row) for table in declared.rules for row in table.rows]
    return [(table, *found) for table, row in rows for found in simple(row.when.about())]


def field_at(declared, path):
    """The field that a path names, None where the form has none, or only under a key."""
    section, _, name = path.partition(".")
    found = declared.by_name.get(section)
    return found.fields.get(name) if found and not found.keyed else None


@with_rules
def test_a_rule_looks_only_at_what_the_form_asks_what_is_handed_in_or_what_a_table_before_it_said(declared):
    before, known = set(GIVENS), {table.gives for table in declared.rules}
    for table in declared.rules:
        for path in {path for row in table.rows for path in row.when.paths()}:
            place, _, name = path.partition(".")
            if place == "given":
                assert name in before, (table.name, path)
            elif place == "previous":
                assert name in known | set(GIVENS), (table.name, path)
            else:
                assert field_at(declared, path), (table.name, path)
        before.add(table.gives)


@with_rules
def test_a_rule_asks_each_field_for_something_that_it_can_hold(declared):
    kinds = {
        "is": ("code", "codes"),
        "is_true": ("truth",),
        **dict.fromkeys((*COMPARED, "share_at_least"), ("whole", "decimal")),
    }
    for table, name, path, rest in asked(declared):
        item = field_at(declared, path)
        if item:
            assert name == "present" or item.kind in kinds[name], (table.name, path)
        if name == "is":
            place, _, result = path.partition(".")
            given = {row.value for t in declared.rules if t.gives == result for row in t.rows}
            allowed = given if place in ("given", "previous") else set(item.metadata["codes"].values)
            assert set(rest) <= allowed, (table.name, path)


@with_rules
def test_what_a_table_suggests_can_be_written_where_the_doctor_writes_and_where_it_is_kept(declared):
    for table in declared.rules:
        values = {row.value for row in table.rows}
        for path in filter(None, (table.field, table.kept)):
            item = field_at(declared, path)
            if table.period:
                assert item.kind == "date", path
            else:
                assert values <= set(item.metadata["codes"].values), path
        if table.period:
            assert all(later(dt.date(2026, 11, 20), value) > dt.date(2026, 11, 20) for value in values)
        if table.kept:
            assert field_at(declared, table.kept.partition(".")[0] + ".rules_version")


@with_rules
def test_every_rule_says_where_it_is_from_and_why_in_both_languages(declared):
    ids = [(table.version, row.id) for table in declared.rules for row in table.rows]
    assert len(set(ids)) == len(ids)
    for table in declared.rules:
        assert table.source
        assert table.version
        assert table.rows
        for one in (table, *table.rows):
            assert re.search(r"[\u4e00-\u9fff]", one.zh), one
            assert re.search(r"[A-Za-z]", one.en), one
            assert not re.search(r"[\u4e00-\u9fff]", one.en), one


# -- the catalogue is enough ------------------------------------------------------------------------------------------


def number(value):
    """The number that a value is, None where it is none."""
    if isinstance(value, str):
        return Decimal(value) if re.fullmatch(r"-?[0-9]{1,9}([.][0-9]{1,9})?", value) else None
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else None


def holds(condition, look):
    """Whether a condition of the catalogue is met, where `look` gives the value at a path."""
    [(name, over)] = condition.items()
    if name in JOINED:
        return JOINED[name](holds(inner, look) for inner in over)
    value = look(over[0])
    if name == "present":
        return value is not None and value not in ("", [])
    if name == "is_true":
        return value is True
    if name == "is":
        return any(isinstance(one, str) and one in over[1:] for one in (value if isinstance(value, list) else [value]))
    read = number(value)
    if name == "share_at_least":
        whole = number(look(over[1]))
        known = read is not None and whole is not None and whole > 0
        return known and Fraction(read) / Fraction(whole) >= Fraction(over[2]) / 100
    return read is not None and getattr(read, COMPARED[name])(Decimal(over[1]))


def end_of(day, period):
    """The day at the end of a period, not after the last of the calendar."""
    count, unit = int(period[1:-1]), period[-1]
    if unit == "D":
        return dt.date.fromordinal(min(day.toordinal() + count, dt.date.max.toordinal()))
    months = day.year * 12 + day.month - 1 + count * {"M": 1, "Y": 12}[unit]
    for last in (day.day, 30, 29, 28):
        try:
            return dt.date(months // 12, months % 12 + 1, min(last, day.day))
        except ValueError:
            if months // 12 > dt.MAXYEAR:
                return dt.date.max
    raise AssertionError(period)


def judged(tables, sections, on, handed_in, before):
    """What tables in JSON say: (table, its rows that were met, the day) each, and the results by name."""
    results, found = dict(handed_in), []

    def look(path):
        place, name = path.split(".", 1)
        if place in ("given", "previous"):
            return (results if place == "given" else before).get(name)
        return (sections.get(place) or {}).get(name)

    for table in tables:
        begun = table["since"] is not None and table["since"] <= str(on)
        if not begun or (table["until"] is not None and str(on) >= table["until"]):
            continue
        met = [row for row in table["rows"] if holds(row["when"], look)]
        if met:
            first = met[0]["value"]
            met = met if table["every"] else met[:1]
            found.append((table["name"], [row["id"] for row in met], end_of(on, first) if table["period"] else None))
            results[table["gives"]] = [row["value"] for row in met] if table["every"] else first
    return found, results


def told(advice):
    """The same of an advice."""
    found = [(finding.table.name, [row.id for row in finding.rows], finding.by) for finding in advice.findings]
    return found, dict(advice.given)


def same(declared_tables, sections, on, handed_in, before):
    """Python and the catalogue say the same of a record."""
    tables = json.loads(json.dumps([table.about() for table in declared_tables]))
    said = advise(declared_tables, sections, on, handed_in, Advice(given=before))
    assert told(said) == judged(tables, sections, on, handed_in, before)


JUNK = (None, "", [], {}, True, False, "true", "1e3", "7.", "-5", "٧", 0, -1, 2**40, 3.5, "no such code", ["no such code"])


def near(name, rest):
    """Values on both sides of what a condition asks for."""
    if name in COMPARED:
        bound = Decimal(rest[0])
        around = [bound + step for step in (-1, Decimal("-0.1"), 0, Decimal("0.1"), 1)]
        return [str(n) for n in around] + [int(n) for n in around if n == int(n)]
    if name == "share_at_least":
        return [int(rest[-1]) + step for step in (-1, 0, 1)]
    return [*rest, list(rest), [*rest, "no such code"]] if name == "is" else [True, "words", ["words"]]


def cases(tables):
    """Random (sections, given, previous) whose values lie near what the conditions of some tables ask for."""
    pools = {}
    for table in tables:
        for row in table.rows:
            for name, path, rest in simple(row.when.about()):
                pools.setdefault(path, []).extend(near(name, rest))
                if name == "share_at_least":  # of a hundred, so that its bound is met
                    pools.setdefault(rest[0], []).append(100)
    values = {path: st.sampled_from(pool) | st.sampled_from(JUNK) for path, pool in pools.items()}

    def nested(drawn):
        places = {"given": {}, "previous": {}}
        for path, value in drawn.items():
            section, _, name = path.partition(".")
            places.setdefault(section, {})[name] = value
        handed_in, before = places.pop("given"), places.pop("previous")
        return places, handed_in, before

    return st.fixed_dictionaries({}, optional=values).map(nested)


@with_rules
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_phone_that_knows_only_the_catalogue_tells_the_doctor_the_same(declared, data):
    sections, handed_in, before = data.draw(cases(declared.rules))
    handed_in = {name: value for name, value in handed_in.items() if name in GIVENS}
    same(declared.rules, sections, data.draw(st.sampled_from(DAYS)), handed_in, before)


PATHS = ("vitals.a", "vitals.b", "tests.c", "given.age_years", "given.one", "previous.one")
WORDS = ("yes", "no", "P14D")
bounds = st.integers(-3, 3) | st.sampled_from(["-0.5", "0.0", "1.50", "3.9"])
paths = st.sampled_from(PATHS)
plain = (
    st.builds(lambda kind, path, bound: kind(path, bound), st.sampled_from((AtLeast, AtMost, Over, Under)), paths, bounds)
    | st.builds(lambda path, codes: Is(path, *codes), paths, st.lists(st.sampled_from(WORDS), max_size=2))
    | st.builds(ShareAtLeast, paths, paths, st.integers(1, 100))
    | st.builds(Present, paths)
    | st.builds(IsTrue, paths)
)
conditions = st.recursive(
    plain,
    lambda inner: st.builds(
        lambda kind, some: kind(*some), st.sampled_from((Every, AnyOf, NoneOf)), st.lists(inner, max_size=3)
    ),
    max_leaves=6,
)
dates = st.none() | st.sampled_from(DAYS).map(str)


@st.composite
def tables(draw):
    """A few random tables, one after the other."""
    made = []
    for t in range(draw(st.integers(1, 3))):
        period = draw(st.booleans())
        values = st.sampled_from(("P14D", "P3M", "P1Y", "P9999Y") if period else WORDS)
        rows = [
            Row(f"{t}.{r}", when, draw(values), "因", "why") for r, when in enumerate(draw(st.lists(conditions, max_size=4)))
        ]
        since, until = draw(dates), draw(dates)
        gives, every = draw(st.sampled_from(("one", "two"))), draw(st.booleans())
        made.append(RuleTable(f"t{t}", gives, "表", "T", "test", "1", rows, since, until, every=every, period=period))
    return made


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_so_it_would_with_the_rules_of_any_other_year(data):
    drawn = data.draw(tables())
    sections, handed_in, before = data.draw(cases(drawn))
    same(drawn, sections, data.draw(st.sampled_from(DAYS)), handed_in, before)


# -- days --------------------------------------------------------------------------------------------------------------


def test_somebody_born_on_the_29th_of_february_is_a_year_older_from_the_first_of_march():
    assert age_on(dt.date(1960, 2, 29), dt.date(2025, 2, 28)) == 64
    assert age_on(dt.date(1960, 2, 29), dt.date(2025, 3, 1)) == 65
    assert age_on(dt.date(1961, 11, 20), dt.date(2026, 11, 20)) == 65
    assert age_on(dt.date(1961, 11, 20), dt.date(2026, 11, 19)) == 64


def test_a_period_that_nobody_can_read_is_refused():
    for period in ("14D", "P14", "P-1D", "P1W", "P14D ", ""):
        with pytest.raises(ValueError, match="no period"):
            later(dt.date(2026, 11, 20), period)
