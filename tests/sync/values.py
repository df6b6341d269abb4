"""Values of declared forms for Hypothesis, by kind of field: filled in rightly, and filled in wrongly with what is said of it.

`section_values` and `sections_of` fill in a section and a whole form, `records_of` saves it; `wrong_values` and
`doubtful_values` list what may be wrong with one field. Everything is derived from the declarations, so that a new record type is covered without a word here.
"""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from sync.record import LiveEdit, Record
from sync.scopes import scope_name
from sync.types.fields import ERROR, WARNING
from sync.version import Dot, VersionVector

TODAY = dt.date(2026, 11, 21)
MORNING = "2026-11-21T00:15:00.000Z"
LONG_AGO, FAR_OFF = dt.date(1900, 1, 1), dt.date(2099, 12, 31)
VILLAGE = "411403101201"

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
ids = st.uuids().map(str)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | words | st.sampled_from(["NaN", "1e9", "2026-11-21"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


def values_of(item):
    """A value of a field that has no error."""
    return VALID[item.kind](item)


def wrong_values(item):
    """Every (value, code) of unusable values of a field."""
    return [*WRONG[item.kind](item), (None, "required" if item.required else "null")]


def doubtful_values(item):
    """Every (value, code, level) of usable values that are implausible today; none for most kinds."""
    about = item.metadata
    found = []
    for bounds, code, level in ((about.get("hard"), "out_of_range", ERROR), (about.get("soft"), "unusual", WARNING)):
        low, high = bounds or (None, None)
        if bounds and (code == "out_of_range" or _inside(about["hard"], int(float(high)) + 1)):
            found.append((_number(item, int(float(high)) + 1), code, level))
        if bounds and (code == "out_of_range" or _inside(about["hard"], int(float(low)) - 1)):
            found.append((_number(item, int(float(low)) - 1), code, level))
    if only := about.get("only"):
        found.append((next(n for n in range(int(about["hard"][1])) if n not in only), "out_of_range", ERROR))
    if about.get("alone"):
        found.append((list(about["codes"].values[:2]), "excludes_others", ERROR))
    if about.get("future") is False:
        found.append(("2026-12" if item.kind == "month" else "2026-11-22", "in_future", ERROR))
    return found


def section_values(section):
    """A value of a section: every required field and some of the others, each without an error."""
    return _objects(section.fields)


def sections_of(declared, everything=False):
    """The sections of an edit that fills in a form: all required ones and some (or all) of the others."""
    parts = {}
    for section in declared.sections:
        if not section.keyed:
            parts[section.name] = section_values(section)
            continue
        keys = st.sampled_from(open_codes(section.keys)) if section.keys else ids
        least = int(everything or section.required)
        parts[section.name] = st.dictionaries(keys, section_values(section), min_size=least, max_size=2)
    needed = {name: values for name, values in parts.items() if everything or declared.by_name[name].required}
    spare = {name: values for name, values in parts.items() if name not in needed}
    return st.fixed_dictionaries(needed, optional=spare).map(lambda form: _written(declared, form))


def records_of(declared, everything=False):
    """A record that one saved form amounts to."""
    return sections_of(declared, everything).map(lambda sections: saved(declared, sections))


def saved(declared, sections):
    """The record of one saved form, in the scope of its programme where its type has one."""
    live = LiveEdit(Dot("anaphone", 1), MORNING, MORNING, "ana", sections)
    seen, scope = VersionVector({"anaphone": 1}), scope_name(VILLAGE, declared.programme)
    return Record("01974730-9832-7aae-84e5-5cdf0b7b3552", declared.name, None, scope, seen, (live,))


def open_codes(codes):
    """The codes of a list that any record may have: those of a protected programme left out."""
    return [value for value in codes.values if value not in codes.programmes]


def _written(declared, form):
    sections = {}
    for name, value in form.items():
        if declared.by_name[name].keyed:
            sections.update({f"{name}/{key}": row for key, row in value.items()})
        else:
            sections[name] = value
    return sections


def _objects(items):
    required = {name: values_of(item) for name, item in items.items() if item.required}
    optional = {name: values_of(item) for name, item in items.items() if not item.required}
    return st.fixed_dictionaries(required, optional=optional)


def _whole(item):
    if only := item.metadata["only"]:
        return st.sampled_from(only)
    low, high = item.metadata["hard"] or (0, 9999)
    return st.integers(int(low), int(high))


def _decimal(item):
    low, high = (str(bound) for bound in item.metadata["hard"] or (0, 9999))
    places = st.integers(0, item.metadata["places"])
    return places.flatmap(lambda n: st.decimals(low, high, places=n).map(lambda d: f"{d:f}"))


def _text(item):
    if pattern := item.metadata["pattern"]:
        return st.from_regex(pattern, fullmatch=True).filter(lambda text: item.fault(text) is None)
    return words.filter(lambda text: bool(text) or not item.required)


def _codes(item):
    about = item.metadata
    apart = [value for value in open_codes(about["codes"]) if value != about["alone"]]
    several = st.lists(st.sampled_from(apart), unique=True, min_size=int(item.required))
    return several | st.just([about["alone"]]) if about["alone"] else several


def _day(item, form):
    return st.dates(LONG_AGO, FAR_OFF if item.metadata["future"] else TODAY).map(lambda day: day.strftime(form))


def _instants(_item):
    return st.dates(dt.date(2000, 1, 1), FAR_OFF).map(lambda day: f"{day}T08:15:00+08:00")


VALID = {
    "whole": _whole,
    "decimal": _decimal,
    "text": _text,
    "code": lambda item: st.sampled_from(open_codes(item.metadata["codes"])),
    "codes": _codes,
    "date": lambda item: _day(item, "%Y-%m-%d"),
    "month": lambda item: _day(item, "%Y-%m"),
    "instant": _instants,
    "truth": lambda _item: st.booleans(),
    "reference": lambda _item: ids,
    "references": lambda item: st.lists(ids, unique=True, min_size=int(item.required), max_size=3),
    "rows": lambda item: st.lists(_objects(item.columns), min_size=int(item.required), max_size=3),
}


def _wrong_text(item):
    yield from ((5, "not_text"), (["a"], "not_text"), ("长" * (item.metadata["longest"] + 1), "too_long"))
    if item.metadata["pattern"]:
        yield "x", "wrong_form"
    yield from _left_empty(item, "")


def _wrong_codes(item):
    first = item.metadata["codes"].values[0]
    yield from ((first, "not_a_list"), (["nonsense"], "unknown_code"), ([[]], "unknown_code"), ([first, first], "twice"))
    yield from _left_empty(item, [])


def _wrong_references(item):
    yield from (("a", "not_a_list"), ([""], "not_a_reference"), ([1], "not_a_reference"), (["a", "a"], "twice"))
    yield from _left_empty(item, [])


def _left_empty(item, value):
    if item.required:
        yield value, "required"


WRONG = {
    "whole": lambda _item: [(v, "not_a_whole_number") for v in ("12", "12.0", True, {})],
    "decimal": lambda item: [
        (v, "not_a_decimal")
        for v in (7, "7,2", "٧", "1e3", "NaN", "7.", ".5", "+1", "1." + "0" * (item.metadata["places"] + 1))
    ],
    "text": _wrong_text,
    "code": lambda _item: [("nonsense", "unknown_code"), (1, "unknown_code"), ({}, "unknown_code"), (["a"], "unknown_code")],
    "codes": _wrong_codes,
    "date": lambda _item: [(v, "not_a_date") for v in ("2026-02-30", "2026-2-3", "20260203", "昨天", "0000-01-01", 20260203)],
    "month": lambda _item: [(v, "not_a_date") for v in ("2026-13", "2026-00", "202602", "2026-02-03", "0000-01", 2026)],
    "instant": lambda _item: [
        (v, "not_an_instant")
        for v in ("2026-11-21", "2026-11-21T08:15:00", "20261121T081500Z", "2026-02-30T08:15:00Z", "2026-11-21T24:15:00Z", 8)
    ],
    "truth": lambda _item: [(v, "not_yes_or_no") for v in ("yes", 1, 0, [1])],
    "reference": lambda item: [(1, "not_a_reference"), ("a" * 65, "not_a_reference")],
    "references": _wrong_references,
    "rows": lambda item: [("x", "not_a_list"), ([1], "not_an_object"), *_left_empty(item, [])],
}


def _number(item, value):
    return value if item.kind == "whole" else str(value)


def _inside(hard, value):
    return hard is None or float(hard[0]) <= value <= float(hard[1])
