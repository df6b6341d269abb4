"""Worked cases of the clinical rules: whom the doctor saw, and what every client has to tell about it.

`rules.json`: `type`, `view` (what is shown of it and the rules look at), `given`, `previous` (the results of the visit before)
-> `advice`. `since` brings tables into force that no date has put in force yet. First come people; then, for each word of each table, a case
that would come out otherwise if the word were another: a bound moved by a hair, a code left out, a condition dropped.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from sync.types import CATALOGUE, TYPES
from sync.types.checks import View
from sync.types.declare import RecordType
from sync.types.rules import (
    NOTHING,
    Advice,
    AnyOf,
    AtLeast,
    AtMost,
    Case,
    Condition,
    Every,
    Given,
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
)
from tests.sync import test_care_forms as care
from tests.sync import test_diabetes_rules as diabetes
from tests.sync import test_smd as smd
from tests.sync import test_tb as tb
from tests.sync.forms import ROUTINE, visit

Worked = Mapping[str, Any]
SINCE = "2017-02-28"
NOTIFIED = {
    "registration": {"disease": "tuberculosis", "opened_on": "2026-11-18"},
    "notice": {"notified_at": "2026-11-18T08:15:00+08:00"},
}
HEALTHY: Mapping[str, Mapping[str, Any]] = {  # by type, the form that everything else is a change of
    "chronic_register": NOTIFIED,
    "hypertension_visit": ROUTINE,
    "diabetes_visit": diabetes.ROUTINE,
    "tb_first_visit": tb.SUN_COMES_HOME,
    "tb_visit": tb.SUN_A_MONTH_LATER,
    "smd_visit": smd.ZHOU_IS_WELL,
    "elder_selfcare": care.GRANNY_WANG,
    "referral": {"referral": care.SENT},
    "long_prescription": {"prescription": care.MONTH},
}


# -- people ------------------------------------------------------------------------------------------------------------


def people() -> Iterator[Worked]:
    """Stories of one visit each, or of two in a row."""
    yield from _pressures()
    yield from _glucoses()
    yield from _others()


def _pressures() -> Iterator[Worked]:
    for systolic, diastolic, age in (
        (139, 89, 58),
        (140, 89, 58),
        (139, 90, 58),
        (149, 89, 64),
        (149, 89, 65),
        (150, 89, 65),
        (149, 90, 65),
        (179, 109, 58),
        (180, 109, 58),
        (179, 110, 58),
        (180, 110, 80),
    ):
        form = visit(vitals={"systolic_mmhg": systolic, "diastolic_mmhg": diastolic})
        yield case(f"Wang is {age} and has {systolic}/{diastolic}", "hypertension_visit", form, {"age_years": age})
    high = visit(vitals={"systolic_mmhg": 152, "diastolic_mmhg": 94})
    fine = visit(vitals={"systolic_mmhg": 136, "diastolic_mmhg": 84})
    age = {"age_years": 58}
    before = before_that("hypertension_visit", high, age)
    yield case("Wang has 152/94 for the second time", "hypertension_visit", high, age, before)
    yield case("Wang is well again after 152/94", "hypertension_visit", fine, age, before)
    yield case("Nobody knows how old Wang is, at 149/89", "hypertension_visit", visit(vitals={"systolic_mmhg": 149}))
    written = {"assessment": {"class": "controlled", "next_measure": "routine"}, "next_visit": {"on": "2027-02-20"}}
    yield case("Her doctor writes controlled at 152/94", "hypertension_visit", {**high, **written}, age)
    in_time = {"assessment": {"class": "uncontrolled"}, "next_visit": {"on": "2026-12-04"}}
    yield case("Her doctor asks her back on the last day", "hypertension_visit", {**high, **in_time}, age)
    signs = {"danger": {"signs": ["cannot_lie_flat", "altered_consciousness"], "unmanageable": True}}
    yield case("Wang cannot lie flat and is confused", "hypertension_visit", {**fine, **signs}, age)
    rash = {"adherence": {"medication": "regular", "adverse_reaction": "yes", "adverse_reaction_note": "皮疹"}}
    yield case("Wang has a rash", "hypertension_visit", {**fine, **rash}, age)
    for day in ("2017-02-27", "2026-11-30", "2027-11-30", "9999-12-25"):
        yield case(f"Wang is seen on {day}", "hypertension_visit", {**fine, "visit": {"visited_on": day, "way": "clinic"}}, age)
    for day in ("2026-02-30", "20261120", None):
        form = {**high, "visit": {"visited_on": day, "way": "clinic"}}
        yield case(f"Wang is seen on a day written {day}", "hypertension_visit", form, age)
    for value in ("152", "152.0", "0152", "1e3", "", None, True, [152], {"mmhg": 152}):
        form = {**fine, "vitals": {"systolic_mmhg": value, "diastolic_mmhg": 94}}
        yield case(f"Somebody wrote {value!r} for Wang's pressure", "hypertension_visit", form, age)
    yield case(
        "Wang was not at home", "hypertension_visit", {"visit": {"visited_on": "2026-11-20", "lost_reason": "other"}}, age
    )


def _glucoses() -> Iterator[Worked]:
    for glucose in ("LO", "3.8", "3.9", "3.90", "4.0", "6.9", "7.0", "7", "7.000000001", "16.6", "16.7", "HI"):
        yield case(f"Li has a fasting glucose of {glucose}", "diabetes_visit", diabetes.fasting(glucose), {"age_years": 58})
    for kind in ("postprandial_glucose_mmol_l", "random_glucose_mmol_l"):
        form = diabetes.visit(glucose={kind: "16.7"})
        yield case(f"Li has a {kind} of 16.7", "diabetes_visit", form, {"age_years": 58})
    before = before_that("diabetes_visit", diabetes.fasting("8.2"))
    yield case("Li has 8.2 for the second time", "diabetes_visit", diabetes.fasting("8.2"), {}, before)


def _others() -> Iterator[Worked]:
    stable, basically = smd.ZHOU_IS_WELL, smd.seen(risk={"level": 1})
    before = before_that("smd_visit", basically)
    for risk in range(6):
        yield case(f"Zhou has a risk of grade {risk}", "smd_visit", smd.seen(risk={"level": risk}))
    yield case("Zhou is well", "smd_visit", stable)
    yield case("Zhou is basically stable for the second time, and better", "smd_visit", basically, {}, before)
    no_better = smd.seen(risk={"level": 1}, effect={"effect": "unchanged"})
    yield case("Zhou is basically stable for the second time, and no better", "smd_visit", no_better, {}, before)
    for hours, failed, done in ((71, 0, False), (72, 0, False), (72, 2, False), (71, 2, False), (72, 0, True)):
        given = {"hours_since_notice": hours, "failed_attempts_72h": failed, "first_visit_done": done}
        yield case(f"Sun was told of {hours} hours ago, {failed} attempts, done {done}", "chronic_register", NOTIFIED, given)
    yield case("Sun comes home", "tb_first_visit", tb.SUN_COMES_HOME)
    yield case("Sun a month later", "tb_visit", tb.SUN_A_MONTH_LATER)
    for taken, due in ((161, 180), (162, 180), (9, 10), (0, 0), (10**9, 10**9)):
        closing = {**tb.COURSE_DONE, "doses_due": due, "doses_taken": taken}
        yield case(f"Sun took {taken} doses of {due}", "tb_visit", {**tb.SUN_A_MONTH_LATER, "closure": closing})
    for points in (-1, 0, 3, 4, 8, 9, 18, 19, 24):
        form = {**care.GRANNY_WANG, "result": {"total_points": points}}
        yield case(f"Granny Wang needs {points} points of help", "elder_selfcare", form)
    for days in (28, 60, 61, 84, 85):
        for reason in (None, "外出"):
            form = {"prescription": {**care.MONTH, "days_supply": days, "extension_reason": reason}}
            told = f"Zhao gets medicines for {days} days" + (f" because of {reason}" if reason else "")
            yield case(told, "long_prescription", form)
            yield case(told + ", under the national limit", "long_prescription", form, since={"limit_2021": "2021-01-01"})


def before_that(type_name: str, view: View, given: Given | None = None) -> Advice:
    """What the rules said of the visit before."""
    return CATALOGUE.types[type_name].advice(view, given)


# -- a case for each word of each table --------------------------------------------------------------------------------

EDGES = {AtLeast: Over, Over: AtLeast, AtMost: Under, Under: AtMost}


def altered(condition: Condition) -> Iterator[Condition]:
    """The condition with one thing in it another way."""
    match condition:
        case AtLeast() | AtMost() | Over() | Under():
            yield EDGES[type(condition)](condition.path, condition.bound)
        case Is():
            yield from (Is(condition.path, *(c for c in condition.codes if c != one)) for one in condition.codes)
        case IsTrue():
            yield Present(condition.path)
        case Present():
            yield Every()
            yield AnyOf()
        case ShareAtLeast():
            yield from (replace(condition, percent=condition.percent + step) for step in (-1, 1))
        case Every() | AnyOf() | NoneOf():
            for n, inner in enumerate(condition.conditions):
                before, after = condition.conditions[:n], condition.conditions[n + 1 :]
                if before or after:
                    yield type(condition)(*before, *after)
                yield from (type(condition)(*before, other, *after) for other in altered(inner))


class Altered(NamedTuple):
    """The tables of a type with the condition of one row another way."""

    table: str
    row: Row
    when: Condition
    tables: Sequence[RuleTable]


def alterations(tables: Sequence[RuleTable]) -> Iterator[Altered]:
    """Every way to have one thing in one row another way."""
    for t, table in enumerate(tables):
        for r, row in enumerate(table.rows):
            for other in altered(row.when):
                rows = [*table.rows[:r], replace(row, when=other), *table.rows[r + 1 :]]
                yield Altered(table.name, row, other, [*tables[:t], replace(table, rows=rows), *tables[t + 1 :]])


class Seen(NamedTuple):
    """A record that the rules look at."""

    view: View
    on: dt.date
    given: Given
    previous: Given

    def found(self, tables: Sequence[RuleTable]) -> list[Any]:
        """The rows that are met, table by table."""
        findings = advise(tables, self.view, self.on, self.given, Advice(given=self.previous)).findings
        return [(finding.table.name, [row.id for row in finding.rows]) for finding in findings]

    def telling(self, altered: Sequence[Altered], tables: Sequence[RuleTable]) -> list[Altered]:
        """The alterations under which it would have other rows met."""
        here, known, cases = self.found(tables), dict(self.given), {}
        for table in tables:
            cases[table.name] = Case(self.view, dict(known), self.previous)
            known |= advise([table], self.view, self.on, known, Advice(given=self.previous)).given
        other = [one for one in altered if one.when.met(cases[one.table]) != one.row.when.met(cases[one.table])]
        return [one for one in other if self.found(one.tables) != here]


def edges(declared: RecordType) -> Iterator[Worked]:
    """Changes of the healthy form, as few as tell each alteration of the rules from the rules as they are."""
    number = itertools.count(1)
    undated = {table.name: SINCE for table in declared.rules if table.since is None}
    for since in ({}, undated) if undated else ({},):
        tables = edition(declared, since)
        unseen = [one for one in alterations(tables) if (one.table in undated) == bool(since)]
        for view, given, previous in _drawn(declared, random.Random(declared.name)):
            day = declared.day_of(view)
            assert day
            seen = Seen(view, day, given, previous).telling(unseen, tables)
            if seen:
                rules = ", ".join(sorted({one.row.id for one in seen}))
                whole = case(
                    f"{declared.name} {next(number)}: {rules}", declared.name, view, given, Advice(given=previous), since
                )
                yield {**whole, "advice": {"rows": whole["advice"]["rows"]}}
                unseen = [one for one in unseen if one not in seen]


def _drawn(declared: RecordType, die: random.Random) -> Iterator[tuple[View, dict[str, Any], dict[str, Any]]]:
    """(view, given, previous): changes of the healthy form near what the rules ask for."""
    pools, doctors = _pools(declared), {table.field for table in declared.rules}
    for _ in range(1500):
        healthy = HEALTHY[declared.name].items()
        places = {s: {f: said for f, said in value.items() if f"{s}.{f}" not in doctors} for s, value in healthy}
        handed_in: dict[str, dict[str, Any]] = {"given": {}, "previous": {}}
        for path in die.sample(sorted(pools), min(len(pools), die.randrange(6))):
            place, _, name = path.partition(".")
            value = die.choice(pools[path])
            (handed_in if place in handed_in else places).setdefault(place, {})[name] = value
        yield places, handed_in["given"], handed_in["previous"]


def _pools(declared: RecordType) -> dict[str, list[Any]]:
    """By path, values on both sides of what the rules ask for."""
    results = {f"given.{table.gives}" for table in declared.rules}
    pools: dict[str, list[Any]] = {}
    for condition in (one for table in declared.rules for row in table.rows for one in _simple(row.when)):
        for path, values in _near(condition):
            if path not in results:
                pools.setdefault(path, [None]).extend(one for one in values if one not in pools[path])
    return pools


def _simple(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, Every | AnyOf | NoneOf):
        for inner in condition.conditions:
            yield from _simple(inner)
    else:
        yield condition


def _near(condition: Condition) -> Iterator[tuple[str, list[Any]]]:
    match condition:
        case AtLeast() | AtMost() | Over() | Under():
            steps = (0, -1, 1) if isinstance(condition.bound, int) else (0, Decimal("-0.1"), Decimal("0.1"))
            around = [Decimal(str(condition.bound)) + step for step in steps]
            yield condition.path, [int(n) if isinstance(condition.bound, int) else str(n) for n in around]
        case Is():
            yield condition.path, [*condition.codes, [*condition.codes], "no such code"]
        case IsTrue():
            yield condition.path, [True, False]
        case Present():
            yield condition.path, ["none", ["other"], "", []]
        case ShareAtLeast():
            yield condition.path, [condition.percent + step for step in (-1, 0, 1)]
            yield condition.of, [100]


# -- how a case is written ---------------------------------------------------------------------------------------------


def edition(declared: RecordType, since: Mapping[str, str]) -> list[RuleTable]:
    """The tables of a type, those named put into force."""
    return [replace(table, since=since.get(table.name, table.since)) for table in declared.rules]


def case(
    story: str,
    type_name: str,
    view: View,
    given: Given | None = None,
    previous: Advice = NOTHING,
    since: Mapping[str, str] | None = None,
) -> Worked:
    """A case, with what Python says of it."""
    declared = CATALOGUE.types[type_name]
    view = _looked_at(declared, view)
    day, since = declared.day_of(view), since or {}
    advice = advise(edition(declared, since), view, day, given, previous) if day else NOTHING
    asked = {"given": given, "previous": previous.given, "since": since}
    asked = {name: value for name, value in asked.items() if value}
    return {"story": story, "type": type_name, "view": view, **asked, "advice": told(advice, view)}


def _looked_at(declared: RecordType, view: View) -> dict[str, dict[str, Any]]:
    """Of a form, what advice depends on."""
    paths = {path for table in declared.rules for row in table.rows for path in row.when.paths()}
    paths |= {path for table in declared.rules for path in (table.field, declared.dated) if path}
    kept = {s: {f: said for f, said in (value or {}).items() if f"{s}.{f}" in paths} for s, value in view.items()}
    return {section: value for section, value in kept.items() if value}


def told(advice: Advice, view: View) -> dict[str, Any]:
    """What an advice says, as JSON: the rows that were met, the days they name, the results, and what the form makes of them."""
    return {
        "rows": [row.id for finding in advice.findings for row in finding.rows],
        "days": {f.table.gives: f.by.isoformat() for f in advice.findings if f.by},
        "results": dict(advice.given),
        "kept": advice.kept(),
        "discrepancies": [list(vars(one).values()) for one in advice.discrepancies(view)],
    }


def made() -> dict[str, list[Worked]]:
    """The file and its cases."""
    with_rules = [declared for declared in TYPES if declared.rules]
    return {"rules.json": [*people(), *(one for declared in with_rules for one in edges(declared))]}
