"""What is known about one person, read from their records: the shown values by type; void ones and those of a day to come
apart, each with the reason why nothing counts by it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sync.record import REVIEW_ASKED, VOID, VOID_CLASH, LiveEdit, Record, canonical, conflicts, shown
from sync.scopes import programme_of
from sync.standing.day import Day
from sync.types.catalogue import Catalogue
from sync.types.checks import Issue, View, at
from sync.types.fields import Date

RESIDENT, HOME_VISIT, LINK = "resident", "home_visit", "same_person"
CONFLICT = "conflict_open"  # why nothing counts by what a person still has to decide


class Known(NamedTuple):
    """A record as a replica holds it, with its issues."""

    record: Record
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One record as it is shown.

    `day`: the day it is about, `dated`: the section that says so; `disputed`: the sections in conflict; `programme`: of its
    scope; `ignored`: why nothing counts by it (a code of `work_reason`), None for a record that counts.
    """

    id: str
    type: str
    subject: str | None
    programme: str | None
    view: View
    day: dt.date | None
    dated: str | None
    disputed: frozenset[str]
    issues: tuple[Issue, ...]
    edits: tuple[LiveEdit, ...]
    ignored: str | None = None

    def at(self, path: str) -> Any:
        """The shown value of `section.field`."""
        section, _, field = path.partition(".")
        value = self.view.get(section)
        return value.get(field) if type(value) is dict else at(self.view, path)

    def date(self, path: str) -> dt.date | None:
        """The shown day of `section.field`, None where there is none that can be read."""
        return day_of(self.at(path))

    def keyed(self, section: str) -> dict[str, Mapping[str, Any]]:
        """The values of a keyed section, by key."""
        names = sorted(name for name in self.view if name.startswith(f"{section}/"))
        return {name.partition("/")[2]: value for name in names if isinstance(value := self.view[name], Mapping)}

    def settled(self, *sections: str) -> bool:
        """True when none of these sections is in conflict, nor whether the record was entered in error."""
        return not self.disputed or self.disputed.isdisjoint((VOID, *sections))

    @property
    def happened(self) -> bool:
        """True when no conflict leaves open whether and when it was: only then it counts."""
        return self.settled(self.dated) if self.dated else self.settled()

    @property
    def complete(self) -> bool:
        """True when nothing that the form asks for is missing."""
        return not any(issue.code == "required" for issue in self.issues)


def household_of(record: Record) -> str | None:
    """The household that a resident's record is shown to belong to."""
    household = at(shown(record), "household.household")
    return household if isinstance(household, str) and household else None


def met_by(record: Record) -> set[str]:
    """Whom a visit to a household names, by any of its living words; nobody for a record of another type."""
    every = record.edits if record.type == HOME_VISIT else ()
    return {one for edit in every for one in named_by(edit.sections.get("visit"))}


def named_by(visit: object) -> set[str]:
    """Whom one value of the section `visit` names."""
    residents = visit.get("residents") if isinstance(visit, Mapping) else None
    return {one for one in residents if isinstance(one, str)} if isinstance(residents, list) else set()


def day_of(value: object) -> dt.date | None:
    """A day as a form writes it."""
    return Date.day(value) if isinstance(value, str) else None


def worded(value: object) -> str:
    """What should be a text: where it is none, its JSON, which is the same in every language."""
    return value if isinstance(value, str) else canonical(value)


class Facts:
    """Everything about one person. Records about a day that has not come are not there yet."""

    def __init__(self, ids: Collection[str], known: Iterable[Known], day: Day, catalogue: Catalogue) -> None:
        self.ids, self.day, self.catalogue = frozenset(ids), day, catalogue
        self.conflicts: list[tuple[str, str, str | None]] = []
        self.issues: list[tuple[str, Issue, str | None]] = []
        self.by_type: dict[str, list[Fact]] = {}
        self.by_id: dict[str, Fact] = {}
        self.left_out: list[Fact] = []  # void, or of a day to come
        for one in sorted(known, key=lambda k: k.record.id):
            self._read(one)
        for facts in self.by_type.values():
            facts.sort(key=lambda fact: (fact.day or dt.date.min, fact.id))

    def _read(self, one: Known) -> None:
        record = one.record
        programme = programme_of(record.scope)
        alone = len(record.edits) == 1  # as of most records: then nothing is in conflict
        asked = set() if alone else set(conflicts(record, self.catalogue.policy(record.type)))
        asked |= {issue.section for issue in one.issues if issue.code in (VOID_CLASH, REVIEW_ASKED)}
        self.conflicts += [(record.id, section, programme) for section in sorted(asked)]
        view = dict(record.edits[0].sections) if alone else shown(record)
        declared = self.catalogue.types.get(record.type)
        about = declared.day_of(view) if declared else None
        dated = declared.dated.partition(".")[0] if declared and declared.dated else None
        ignored = None
        if view.get(VOID) is not None:
            ignored = CONFLICT if VOID in asked else "void"
        else:
            told = (issue for issue in one.issues if issue.code not in (VOID_CLASH, REVIEW_ASKED))
            self.issues += [(record.id, issue, programme) for issue in told]
            if about is not None and not self.day.reached(about):
                ignored = "to_come"
        fact = Fact(
            record.id,
            record.type,
            record.subject,
            programme,
            view,
            about,
            dated,
            frozenset(asked),
            one.issues,
            record.edits,
            ignored,
        )
        if ignored:
            self.left_out.append(fact)
            return
        self.by_type.setdefault(record.type, []).append(fact)
        self.by_id[record.id] = fact

    def ignored(self, record: str) -> bool:
        """True for a record in the open that is void, or of a day to come."""
        return any(fact.id == record and fact.programme is None for fact in self.left_out)

    def of(self, type_name: str) -> list[Fact]:
        """The records of a type, by day."""
        return self.by_type.get(type_name, [])

    def in_the_open(self, type_name: str) -> list[Fact]:
        """The records of a type that are of no programme, by day."""
        return [fact for fact in self.of(type_name) if fact.programme is None]

    def person(self, survivor: str) -> Fact | None:
        """The record that says who the person is: the survivor's own, else that of the first other id."""
        residents = [fact for fact in self.in_the_open(RESIDENT) if fact.id in self.ids]
        return next((fact for fact in residents if fact.id == survivor), residents[0] if residents else None)
