"""What is known about one person, read from their records: void ones left out, the shown values of all others by type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sync.record import REVIEW_ASKED, VOID, VOID_CLASH, Record, conflicts, family, shown
from sync.scopes import programme_of
from sync.standing.day import Day
from sync.types.catalogue import Catalogue
from sync.types.checks import Issue, View, at
from sync.types.fields import Date

RESIDENT = "resident"


class Known(NamedTuple):
    """A record as a replica holds it, with its issues."""

    record: Record
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One record that counts. `day`: the day it is about; `disputed`: the sections in conflict; `programme`: of its scope."""

    id: str
    type: str
    subject: str | None
    programme: str | None
    view: View
    day: dt.date | None
    disputed: frozenset[str]
    issues: tuple[Issue, ...]

    def at(self, path: str) -> Any:
        """The shown value of `section.field`."""
        return at(self.view, path)

    def date(self, path: str) -> dt.date | None:
        """The shown day of `section.field`, None where there is none that can be read."""
        return day_of(self.at(path))

    def keyed(self, section: str) -> dict[str, Mapping[str, Any]]:
        """The values of a keyed section, by key."""
        return {
            name.partition("/")[2]: value
            for name, value in sorted(self.view.items())
            if family(name) == section and "/" in name and isinstance(value, Mapping)
        }

    @property
    def complete(self) -> bool:
        """True when nothing that the form asks for is missing."""
        return not any(issue.code == "required" for issue in self.issues)


def household_of(record: Record) -> str | None:
    """The household that a resident's record is shown to belong to."""
    household = at(shown(record), "household.household")
    return household if isinstance(household, str) and household else None


def day_of(value: object) -> dt.date | None:
    """A day as a form writes it."""
    return Date.day(value) if isinstance(value, str) else None


class Facts:
    """Everything about one person. Records about a day that has not come are not there yet."""

    def __init__(self, ids: Collection[str], known: Iterable[Known], day: Day, catalogue: Catalogue) -> None:
        self.ids, self.day, self.catalogue = frozenset(ids), day, catalogue
        self.conflicts: list[tuple[str, str, str | None]] = []
        self.issues: list[tuple[str, Issue, str | None]] = []
        self.by_type: dict[str, list[Fact]] = {}
        self.by_id: dict[str, Fact] = {}
        self.ignored: set[str] = set()  # in the open: void, or of a day to come
        for one in sorted(known, key=lambda k: k.record.id):
            self._read(one)
        for facts in self.by_type.values():
            facts.sort(key=lambda fact: (fact.day or dt.date.min, fact.id))

    def _read(self, one: Known) -> None:
        record = one.record
        programme = programme_of(record.scope)
        asked = set(conflicts(record, self.catalogue.policy(record.type)))
        asked |= {issue.section for issue in one.issues if issue.code in (VOID_CLASH, REVIEW_ASKED)}
        self.conflicts += [(record.id, section, programme) for section in sorted(asked)]
        view = shown(record)
        if view.get(VOID) is not None:
            self._leave_out(record.id, programme)
            return
        self.issues += [(record.id, issue, programme) for issue in one.issues if issue.code not in (VOID_CLASH, REVIEW_ASKED)]
        declared = self.catalogue.types.get(record.type)
        about = declared.day_of(view) if declared else None
        if about is not None and not self.day.reached(about):
            self._leave_out(record.id, programme)
            return
        fact = Fact(record.id, record.type, record.subject, programme, view, about, frozenset(asked), one.issues)
        self.by_type.setdefault(record.type, []).append(fact)
        self.by_id[record.id] = fact

    def _leave_out(self, record: str, programme: str | None) -> None:
        if programme is None:  # what is protected MUST NOT change what is said in the open
            self.ignored.add(record)

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
