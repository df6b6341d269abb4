"""How a record type is declared: sections of fields, and checks over them. Everything else follows from that.

A record type is one file of this folder that says `TYPE = RecordType(...)`, and one line in `sync/types/__init__.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from marshmallow import INCLUDE, Schema

from sync.decided import DECISION, decides_nothing
from sync.record import VOID, Policy, Record, Remark, family, sections, shown
from sync.scopes import programme_of
from sync.types.checks import Check, Issue, View, at
from sync.types.codes import PROJECT, VOID_REASON, CodeList
from sync.types.fields import ERROR, WARNING, Code, Date, Item, References, Text, looks, naming, object_schema
from sync.types.rules import NOTHING, Advice, Given, RuleTable, advise


@dataclass(frozen=True)
class Section:
    """One block of a form, filled in as one thought and merged whole.

    `keyed`: written `name/key`, every key a register of its own; `keys`: the codes that a key is taken from, None where
    it is an id. `required`: the form is incomplete without it, unless one of the fields `unless`
    (`section.field`) has a value.
    """

    name: str
    zh: str
    en: str
    fields: Mapping[str, Item]
    policy: Policy = Policy.ASK
    keyed: bool = False
    keys: CodeList | None = None
    required: bool = False
    unless: tuple[str, ...] = ()

    @cached_property
    def schema(self) -> Schema:
        """The marshmallow schema; built once. What it does not know passes through."""
        return Schema.from_dict(dict(self.fields), name=self.name)(unknown=INCLUDE)

    def check(self, name: str, value: object, on: dt.date) -> Iterator[Issue]:
        """What is wrong or implausible in one value of the section; `name` is the section as written, with its key."""
        if not isinstance(value, Mapping):
            yield Issue(name, None, "not_an_object", ERROR)
            return
        if self.keys and name.partition("/")[2] not in self.keys.values:
            yield Issue(name, None, "unknown_key", WARNING)
        faults = dict(_flat(self.schema.validate(value)))
        yield from (Issue(name, field, code, ERROR) for field, code in faults.items())
        yield from (Issue(name, *seen) for seen in looks(self.fields, value, on, faults))

    def named(self, name: str, value: object) -> Iterator[tuple[str | None, str]]:
        """The fields with a code of a protected programme, None for the key of the section, and the programme."""
        key = name.partition("/")[2]
        if self.keys and key in self.keys.programmes:
            yield None, self.keys.programmes[key]
        if isinstance(value, Mapping):
            yield from naming(self.fields, value)

    def about(self) -> dict[str, Any]:
        """The entry of the catalogue."""
        return {
            "name": self.name,
            "zh": self.zh,
            "en": self.en,
            "policy": self.policy.value,
            "keyed": self.keyed,
            "keys": self.keys and self.keys.name,
            "required": self.required,
            "unless": list(self.unless),
            "fields": [{"name": name, **item.about()} for name, item in self.fields.items()],
        }

    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of a value of the section: null empties it, unknown fields are allowed."""
        return {"title": self.zh, "description": self.en, **object_schema(self.fields), "type": ["object", "null"]}


def _flat(faults: Mapping[Any, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, found in faults.items():
        if isinstance(found, Mapping):  # by row, and in it by column
            yield from _flat(found, f"{path}{name}.")
        else:
            yield f"{path}{name}", found[0]


def remark_issues(standing: Sequence[Remark]) -> list[Issue]:
    """Remarks as issues: that is how they travel."""
    return [Issue(r.section, None, r.code, WARNING) for r in sorted(standing)]


VOID_SECTION = Section(
    VOID,
    "作废",
    "Entered in error",
    {
        "reason": Code("原因", "Reason", VOID_REASON, required=True, source=PROJECT),
        "note": Text("说明", "Note", source=PROJECT),
    },
)


DECISION_SECTION = Section(
    DECISION,
    "冲突处理",
    "Why a conflict was decided as it was; who decided it and when is on the edit",
    {
        "about": References("处理的栏目", "Sections that were decided", to="section", required=True, source=PROJECT),
        "reason": Text("理由", "Reason", longest=500, required=True, source=PROJECT),
        "decided_on": Date("处理日期", "Decided on", required=True, future=False, source=PROJECT),
    },
    policy=Policy.LATEST,
)
UNDECIDED = "undecided"  # the code of the issue: a phone wrote a decision that decides nothing
ALWAYS = (VOID_SECTION, DECISION_SECTION)  # the sections that every type has

VILLAGE, TOWNSHIP = "village", "township"


@dataclass(frozen=True)
class FollowUp:
    """What a follow-up form is for: a disease under management, and how much of it a year asks for.

    `visits_per_year`, in person only where `in_person`; `exam_yearly`: a health examination in the calendar year as well.
    """

    disease: str
    visits_per_year: int
    in_person: bool = True
    exam_yearly: bool = True


@dataclass(frozen=True)
class RecordType:
    """One kind of record: whom it is about (`resident`, `household` or None), its sections, its checks, its source.

    `dated`: the path of the day that a record is about. `rules`: tables over one record, see rules.py. `programme`: the
    protected programme whose scopes its records live in; `programme_by_codes`: any code of a protected programme, in a
    field or as the key of a section, puts a record into that programme's scopes, and without one it lives in the open.
    `place`: `village`, or `township` for what its villages share.
    `follows`: the form is the follow-up of a disease.
    """

    name: str
    zh: str
    en: str
    subject: str | None
    source: str
    sections: Sequence[Section]
    checks: Sequence[Check] = ()
    version: str = "1"
    dated: str | None = None
    rules: Sequence[RuleTable] = ()
    programme: str | None = None
    programme_by_codes: bool = False
    place: str = VILLAGE
    follows: FollowUp | None = None

    @cached_property
    def by_name(self) -> Mapping[str, Section]:
        """The sections by name, those that every type has among them."""
        return {section.name: section for section in (*self.sections, *ALWAYS)}

    def policy(self, section: str) -> Policy:
        """What siblings mean in a section as written; what is not declared asks."""
        declared = self.by_name.get(family(section))
        return declared.policy if declared else Policy.ASK

    def named(self, view: View) -> Iterator[tuple[str, str | None, str]]:
        """(section, field, programme) of every code of a protected programme; field None for the key of the section."""
        for name, value in view.items():
            declared = self._declared(name)
            if declared and value is not None:
                yield from ((name, field, programme) for field, programme in declared.named(name, value))

    def programmes(self, view: View) -> frozenset[str]:
        """The protected programmes in whose scopes a record with these sections has to live: none where it may be open.

        A record that names two has no place: each programme's doctors would learn of the other.
        """
        if self.programme_by_codes:
            return frozenset(programme for _, _, programme in self.named(view))
        return frozenset({self.programme} if self.programme else ())

    def protected(self, view: View) -> str | None:
        """The programme in whose scopes a record with these sections has to live, None where it may live in the open."""
        return min(self.programmes(view), default=None)

    def day_of(self, view: View) -> dt.date | None:
        """The day that a record is about, None where it does not say."""
        value = at(view, self.dated) if self.dated else None
        return Date.day(value) if isinstance(value, str) else None

    def advice(self, view: View, given: Given | None = None, previous: Advice = NOTHING) -> Advice:
        """What the rules say of a record about the day it names: nothing where it names none."""
        day = self.day_of(view)
        return advise(self.rules, view, day, given, previous) if day else NOTHING

    def check(self, record: Record, on: dt.date, standing: Sequence[Remark] = ()) -> list[Issue]:
        """The issues of a record on a date: every live value is looked at, checks over several fields see the shown ones.

        A voided record has none but its remarks. Unknown sections and fields have none: they are of a newer phone.
        """
        remarks = remark_issues(standing)
        view = shown(record)
        if view.get(VOID) is not None:
            return remarks
        found: dict[Issue, None] = {}
        live = sections(record)
        for name, siblings in live.items():
            declared = self._declared(name)
            for sibling in siblings:
                if declared and sibling.value is not None:
                    found.update(dict.fromkeys(declared.check(name, sibling.value, on)))
                    told = declared.named(name, sibling.value)
                    found.update({Issue(name, f, "protected", ERROR): None for f, p in told if p != programme_of(record.scope)})
        if any(one.value is not None and decides_nothing(one.edit, live) for one in live.get(DECISION, ())):
            found[Issue(DECISION, None, UNDECIDED, WARNING)] = None
        found.update(dict.fromkeys(self._missing(view)))
        found.update(dict.fromkeys(self._crossed(view, on)))
        return [*found, *remarks]

    def _declared(self, name: str) -> Section | None:
        """The section of this name as written; one that is keyed has a key, and one that is not has none."""
        section = self.by_name.get(family(name))
        return section if section and section.keyed == ("/" in name) else None

    def _missing(self, view: View) -> Iterator[Issue]:
        present = {section.name for name, value in view.items() if value is not None and (section := self._declared(name))}
        for section in self.sections:
            waived = any(at(view, path) is not None for path in section.unless)
            if section.required and section.name not in present and not waived:
                yield Issue(section.name, None, "required", ERROR)

    @cached_property
    def _checks(self) -> Sequence[tuple[Check, frozenset[str]]]:
        """The checks, each with the keyed sections that it names."""
        keyed = frozenset(name for name, section in self.by_name.items() if section.keyed)
        return [(check, keyed & check.sections()) for check in self.checks]

    def _crossed(self, view: View, on: dt.date) -> Iterator[Issue]:
        """The checks over several fields; one that names a keyed section is made once for every key."""
        for check, keyed in self._checks:
            if not keyed:
                yield from check.issues(view, on)
            for name in (n for n in view if "/" in n and family(n) in keyed):
                for issue in check.issues({**view, family(name): view[name]}, on):
                    yield issue._replace(section=name) if issue.section == family(name) else issue

    def code_lists(self) -> Iterator[CodeList]:
        """The code lists that its fields and keys use."""
        for section in self.by_name.values():
            if section.keys:
                yield section.keys
            for item in section.fields.values():
                yield from item.code_lists()

    def about(self) -> dict[str, Any]:
        """The entry of the catalogue."""
        return {
            "name": self.name,
            "zh": self.zh,
            "en": self.en,
            "subject": self.subject,
            "source": self.source,
            "version": self.version,
            "sections": [section.about() for section in self.by_name.values()],
            "checks": [check.about() for check in self.checks],
            "dated": self.dated,
            "rules": [table.about() for table in self.rules],
            "programme": self.programme,
            "programme_by_codes": self.programme_by_codes,
            "place": self.place,
            "follows": self.follows and asdict(self.follows),
        }

    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema (2020-12) of the `sections` of an edit of this type."""
        single = {s.name: s.json_schema() for s in self.by_name.values() if not s.keyed}
        keyed = {f"^{s.name}/.+$": s.json_schema() for s in self.by_name.values() if s.keyed}
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.zh,
            "description": self.en,
            "type": "object",
            "properties": single,
            "patternProperties": keyed,
            "additionalProperties": True,
        }
