"""Worked checks of whole records: what every client has to say of them, in this order.

    checks.json  people; then, for each thing that can be said of several fields together, a record of which it is said
    forms.json   of every type a form that is right, one with nothing in it, one all wrong and one all implausible

A record (`type`, `scope`, `edits` in the order of their dots), the day `on`, the remarks that stand -> `issues` (`level section
field code`, the field `-` where it is the whole section) and the protected `programmes` whose scopes it belongs in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sync.record import LiveEdit, Record, Remark, family, shown
from sync.scopes import scope_name, township_of
from sync.types import CATALOGUE, TYPES
from sync.types.checks import Issue
from sync.types.declare import TOWNSHIP, RecordType, Section
from sync.types.fields import Item, Rows
from sync.version import Dot, VersionVector
from tests.sync.forms import ROUTINE, WANG_ID, visit
from tests.sync.people import VISIT
from tests.sync.spoilt_forms import DAYS, Spoilt
from tests.sync.values import MORNING, VILLAGE, doubtful_values, wrong_values

Case = Mapping[str, Any]
Sections = Mapping[str, Any]
TODAY = "2026-11-21"
LATER = "2026-11-21T00:20:00.000Z"


# -- people ------------------------------------------------------------------------------------------------------------


def people() -> Iterator[Case]:
    """Stories of a record or two."""
    yield case("Ana saw Wang and all is well", "hypertension_visit", ROUTINE)
    swapped = {"vitals": {**ROUTINE["vitals"], "systolic_mmhg": 86, "diastolic_mmhg": 138}}
    yield case("Ana took the two pressures for each other", "hypertension_visit", {**ROUTINE, **swapped})
    for systolic in (49, 50, 79, 80, 220, 221, 300, 301, "152", True, None):
        form = _measured(systolic_mmhg=systolic)
        yield case(f"Ana writes {systolic!r} for the upper pressure", "hypertension_visit", form)
    for weight in ("61.5", "61.55", "61", "61.", "٦١", 61, "-0", "0", "300.1", "1e2"):
        yield case(f"Ana writes {weight!r} for the weight", "hypertension_visit", _measured(weight_kg=weight))
    for on in ("2026-11-19", "2026-11-20", "0001-01-01", "9999-12-31"):
        yield case(f"The visit of the 20th is looked at on {on}", "hypertension_visit", ROUTINE, on=on)
    for day in ("2026-11-20", "2026-11-21", "2027-02-27", "2027-02-28", "9999-12-31", "2027-02-30"):
        form = {"visit": ROUTINE["visit"], "next_visit": {"on": day}}
        yield case(f"Wang is asked back on {day}", "hypertension_visit", form)
    gone = {"visit": {**ROUTINE["visit"], "lost_reason": "away_for_work"}}
    yield case("Wang was away, and nobody measured her", "hypertension_visit", gone)
    bad = visit(vitals={"systolic_mmhg": 400}), visit(vitals={"systolic_mmhg": "?", "diastolic_mmhg": 400})
    edits = [("anaphone", MORNING, bad[0]), ("benphone", LATER, {"vitals": bad[1]["vitals"]})]
    yield case("Ana and Ben measured apart, both wrongly", "hypertension_visit", edits)
    clash = [Remark("void", "void-clash")]
    void = {**bad[0], "void": {"reason": "wrong-person"}}
    yield case("Ana entered it for the wrong person", "hypertension_visit", void, standing=clash)
    yield case("Ana gave no reason that there is", "hypertension_visit", {**bad[0], "void": None}, standing=clash)
    decided = {"decision": {"about": ["vitals"], "reason": "两人都对", "decided_on": "2026-11-20"}}
    for about, told in ((["vitals"], "what she wrote as well"), (["lifestyle/x"], "what she did not write"), ([], "nothing")):
        word = {"decision": {**decided["decision"], "about": about}, "vitals": ROUTINE["vitals"]}
        yield case(f"Ana decides {told}", "hypertension_visit", [("anaphone", MORNING, ROUTINE), ("benphone", LATER, word)])
    yield case("A person at a desk decides", "hypertension_visit", [("s0123456789ab", MORNING, {**decided, **ROUTINE})])
    newer = {**ROUTINE, "vitals": {**ROUTINE["vitals"], "spo2_percent": 97}, "wearable": {"steps": "many"}}
    yield case("A newer phone knows more of Wang", "hypertension_visit", newer)
    yield case("A newer phone knows another form", "wearable_week", {"steps": {"count": "many"}}, standing=clash)
    inherited = {**ROUTINE, "toString": {"name": None}, "constructor": {}, "__proto__": {"vitals": None}}
    yield case("Somebody plays with names that every object knows", "hypertension_visit", inherited)
    keys = {"medication": {"drug": "硝苯地平"}, "vitals/1": {"systolic_mmhg": 400}, "medication/a/b": {"drug": 5}}
    yield case("A section has a key that should have none", "hypertension_visit", {**ROUTINE, **keys})
    odd: dict[str, Any] = {**ROUTINE, "vitals": ["152/94"], "lifestyle": "good"}
    yield case("Sections that are no objects", "hypertension_visit", odd)
    yield from _cards()
    yield from _moments()
    for name in ("𠮷" * 50, "𠮷" * 51, "é" * 50, "e\u0301" * 26):
        born = {"name": name, "sex": "female", "birth_date": "1949-12-31", "id_missing_reason": "refused"}
        yield case(f"Wang's name is {name[0]!r} {len(name)} times", "resident", {"identity": born})
    for doctor in ("𠮷" * 64, "𠮷" * 65):
        form = {"visit": {**ROUTINE["visit"], "doctor": doctor}}
        yield case(f"The doctor's id is {len(doctor)} characters", "hypertension_visit", form)
    same = {"vitals": {"systolic_mmhg": "?"}}
    edits = [("anaphone", MORNING, {**ROUTINE, **same}), ("benphone", LATER, same)]
    yield case("Ana and Ben made the same slip", "hypertension_visit", edits)
    flags = {"flags/severe_mental_disorder": {"from": "2026-01-01"}, "flags/nobody_knows": {"from": "2026-01-01"}}
    yield case("Zhou's disorder stands in the open", "resident", flags)
    for programme in (None, "tb", "smd"):
        register = {"registration": {"disease": "tuberculosis", "opened_on": "2026-11-18"}}
        yield case(f"Sun's register lies in {programme or 'the open'}", "chronic_register", register, programme=programme)


def _moments() -> Iterator[Case]:
    for arrived, left in (
        ("2026-11-20T08:15:00+08:00", "2026-11-20T08:15:00+08:00"),
        ("2026-11-20T08:15:00+08:00", "2026-11-20T00:15:01Z"),
        ("2026-11-20T08:15:00+08:00", "2026-11-20T00:14:59Z"),
        ("2026-11-20T08:15:00-03:30", "2026-11-20T11:45:00Z"),
        ("2026-11-20T08:15:00-03:30", "2026-11-20T11:45:00.000001Z"),
        ("2026-11-20T08:15:00Z", "2026-11-20T08:15:00.0000009Z"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59Z"),
        ("2026-11-20", "2026-11-20T08:15:00Z"),
        ("2026-11-20", "2026-11-19"),
    ):
        form = {"visit": {"visited_on": "2026-11-20", "arrived_at": arrived, "left_at": left}}
        yield case(f"Ana came at {arrived} and left at {left}", "home_visit", form)
    for closed in ("2026-11-19", "2026-11-20", "2026-11-21"):
        form = {"registration": {"opened_on": "2026-11-20"}, "status": {"status": "closed", "closed_on": closed}}
        yield case(f"A register of the 20th was closed on {closed}", "chronic_register", form)
    for starts, ends in (
        ("2026-01-01", "2026-12-30"),
        ("2026-01-01", "2026-12-31"),
        ("2026-01-01", "2029-01-01"),
        ("2026-01-01", "2029-01-02"),
        ("2024-02-29", "2025-02-27"),
        ("2024-02-29", "2025-02-28"),
        ("9999-02-01", "9999-12-31"),
    ):
        form = {"term": {"signed_on": "2024-01-01", "starts_on": starts, "ends_on": ends}}
        yield case(f"A contract holds from {starts} to {ends}", "contract", form)


def _measured(**vitals: Any) -> Sections:
    return {"visit": ROUTINE["visit"], "vitals": {**ROUTINE["vitals"], **vitals}}


def _cards() -> Iterator[Case]:
    born = {"name": "王秀英", "sex": "female", "birth_date": "1949-12-31", "id_type": "resident_id_card"}
    for number, kind in (
        (WANG_ID, None),
        ("11010519491231002x", None),
        ("１１０１０５ 19491231-002X", None),
        ("110105491231002", None),
        ("110105194912310021", None),
        ("11010519491331002X", None),
        ("1101051949123100", None),
        ("11010519491231OO2X", None),
        ("E12345678", "passport"),
        ("E12345678", "resident_id_card"),
        ("", None),
    ):
        identity = {**born, "id_no": number, **({"id_type": kind} if kind else {})}
        yield case(f"Wang's card says {number!r} ({kind or 'no word of its kind'})", "resident", {"identity": identity})
    for change in ({"sex": "male"}, {"birth_date": "1950-01-01"}, {"birth_date": "1949-12-31T00:00:00Z"}):
        yield case(f"Wang's form says {change}", "resident", {"identity": {**born, "id_no": WANG_ID, **change}})
    yield case("Wang's card is not yet valid", "resident", {"identity": {**born, "id_no": WANG_ID}}, on="1949-12-30")
    yield case("Wang is too old for her card", "resident", {"identity": {**born, "id_no": WANG_ID}}, on="2080-01-01")


# -- every type --------------------------------------------------------------------------------------------------------


def every_field() -> Iterator[Case]:
    """Of every type: all right, nothing there, all wrong, all implausible; fields alike in all but their names once."""
    met: set[str] = set()
    for declared in TYPES:
        name, programme, forms = declared.name, declared.programme, Spoilt([declared], declared.name)
        every = {_written(section): section.fields for section in declared.sections}
        right = {section: forms.filled(fields, programme) for section, fields in every.items()}
        yield case(f"{name}: all filled in", name, right, programme=programme)
        yield case(f"{name}: nothing filled in", name, {section: {} for section in every}, programme=programme)
        news = {section: {n: item for n, item in fields.items() if not _met(item, met)} for section, fields in every.items()}
        for told, one in (("wrong", _wrong), ("implausible", _doubtful)):
            odd = {section: value for section, fields in news.items() if (value := _every(fields, one))}
            yield case(f"{name}: all {told}", name, odd, programme=programme)


def _met(item: Item, met: set[str]) -> bool:
    """True for a field that differs from one before it only in its names."""
    about = {key: value for key, value in item.about().items() if key not in ("zh", "en", "element", "loinc", "source")}
    known = repr(about) in met
    met.add(repr(about))
    return known


def _written(section: Section) -> str:
    key = next(iter(section.keys.values)) if section.keys else "m1"
    return f"{section.name}/{key}" if section.keyed else section.name


def _every(items: Mapping[str, Item], one: Any) -> dict[str, Any]:
    value = {}
    for n, (name, item) in enumerate(items.items()):
        if isinstance(item, Rows):
            value[name] = [_every(item.columns, one)]
        elif found := one(item):
            value[name] = found[n % len(found)]
    return value


def _wrong(item: Item) -> list[Any]:
    return [value for value, _ in wrong_values(item)]


def _doubtful(item: Item) -> list[Any]:
    return [value for value, *_ in doubtful_values(item)]


TOGETHER = "not_below not_after late short required not_the_sum not_the_count disagrees unknown_key protected undecided"


def together(declared: RecordType) -> Iterator[Case]:
    """Records of a type, as few as have everything said of them that a die can find about several fields together."""
    forms, known = Spoilt([declared], declared.name), set[tuple[str, str, str]]()
    for n in range(100):
        sections, programme = forms.tied(declared)
        on = DAYS[n % len(DAYS)] if n % 3 == 0 else TODAY
        found = case(f"{declared.name} {n}", declared.name, sections, programme=programme, on=on)
        news = {
            (family(s), field, code) for _, s, field, code in map(str.split, found["issues"]) if code in TOGETHER.split()
        } - known
        if news:
            yield found
            known |= news


# -- how a case is written ---------------------------------------------------------------------------------------------


def case(
    story: str,
    type_name: str,
    words: Sections | Sequence[tuple[str, str, Sections]],
    *,
    on: str = TODAY,
    programme: str | None = None,
    standing: Sequence[Remark] = (),
) -> Case:
    """A record of one edit, or of some (actor, at, sections), and what Python says of it."""
    declared = CATALOGUE.types.get(type_name)
    place = township_of(VILLAGE) if declared and declared.place == TOWNSHIP else VILLAGE
    written = [("anaphone", MORNING, words)] if isinstance(words, Mapping) else words
    live = [LiveEdit(Dot(actor, n), at, MORNING, "ana", said) for n, (actor, at, said) in enumerate(written, 1)]
    edits = tuple(sorted(live, key=lambda edit: edit.dot))
    record = Record(VISIT, type_name, None, scope_name(place, programme), VersionVector(), edits)
    issues = CATALOGUE.check(record, dt.date.fromisoformat(on), standing)
    return {
        "story": story,
        "type": type_name,
        "scope": record.scope,
        "edits": [{"dot": list(edit.dot), "at": edit.at, "sections": dict(edit.sections)} for edit in edits],
        "on": on,
        "standing": [remark._asdict() for remark in standing],
        "issues": [said(issue) for issue in issues],
        "programmes": sorted(CATALOGUE.programmes(type_name, shown(record))),
    }


def said(issue: Issue) -> str:
    """An issue in a line: `error vitals systolic_mmhg required`, `-` where it is about the whole section."""
    return f"{issue.level} {issue.section} {issue.field or '-'} {issue.code}"


def made() -> dict[str, list[Case]]:
    """The files and their cases."""
    found = (one for declared in TYPES for one in together(declared))
    return {"checks.json": [*people(), *found], "forms.json": [*every_field()]}
