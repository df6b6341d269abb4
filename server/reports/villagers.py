"""The people of a village with all that is known about each, in memory: from the records as they are, or as they were."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Protocol

from sync import links
from sync.record import Record
from sync.scopes import PROGRAMMES, scope_name
from sync.standing import Known
from sync.standing.facts import RESIDENT, household_of, met_by

HOUSEHOLD, SAME_PERSON = "household", "same_person"


class Named(Protocol):
    """A record that changed: its id, its type and whom it is about."""

    @property
    def record(self) -> str:
        """Its id."""

    @property
    def subject(self) -> str | None:
        """Whom it is about."""


class Villagers:
    """Everybody whose own record lies in a village: who is one person with whom, and what is known about each.

    `residents` by id; `households` that they are shown to belong to, by resident; `dwellings`: households with a record here.
    """

    def __init__(self, village: str, known: Iterable[Known]) -> None:
        self.village = village
        self.residents: dict[str, Record] = {}
        self.households: dict[str, str] = {}
        self.dwellings: set[str] = set()
        self._about: dict[str, list[Known]] = {}
        self._links: dict[str, Record] = {}
        self._met: dict[str, list[Known]] = {}
        self._visits: dict[str, set[str]] = {}
        for one in known:
            record = one.record
            if record.type == RESIDENT:
                self.residents[record.id] = record
                if household := household_of(record):
                    self.households[record.id] = household
            elif record.type == HOUSEHOLD:
                self.dwellings.add(record.id)
            elif record.type == SAME_PERSON and record.scope == village:
                self._links[record.id] = record
            elif (named := met_by(record)) and record.scope == village:
                self._visits[record.id] = named
                for person in named:
                    self._met.setdefault(person, []).append(one)
            self._about.setdefault(record.id if record.type == RESIDENT else record.subject or record.id, []).append(one)
        every = [link for record in self._links.values() if (link := links.link_of(record))]
        self._pairs = {link.pair for link in every}
        self._persons = links.who_is_who(every, self.residents)
        self._ids: dict[str, set[str]] = {}
        for name, person in self._persons.items():
            self._ids.setdefault(person, set()).add(name)

    def same_as(self, resident: str) -> str | None:
        """The resident in whose place this one counts, None for who counts as themselves."""
        person = self._persons.get(resident, resident)
        return None if person == resident else person

    def also(self, resident: str) -> set[str]:
        """The other ids of one who counts as themselves."""
        return self._cluster(resident) - {resident} if self.same_as(resident) is None else set()

    def known(self, resident: str, programmes: Collection[str]) -> Iterator[Known]:
        """Everything about one person, in the open and of some programmes, each record once."""
        held = {self.village, *(scope_name(self.village, programme) for programme in programmes)}
        cluster = self._cluster(resident)
        every = [one for owner in cluster for one in self._about.get(owner, ()) if one.record.scope in held]
        for household in {self.households[one] for one in cluster if one in self.households}:
            every += [one for one in self._about.get(household, ()) if one.record.scope == self.village]
        every += [one for person in cluster for one in self._met.get(person, ())]
        yield from {one.record.id: one for one in every}.values()

    def programmes(self, resident: str) -> list[str]:
        """The programmes that have a record about the person."""
        of = {one.record.scope for owner in self._cluster(resident) for one in self._about.get(owner, ())}
        return [programme for programme in PROGRAMMES if scope_name(self.village, programme) in of]

    def around(self, resident: str) -> set[str]:
        """A person by every id, the households they are shown to belong to, and those where a visit names them."""
        cluster = self._cluster(resident)
        visited = {str(one.record.subject) for person in cluster for one in self._met.get(person, ())}
        return cluster | visited | {self.households[one] for one in cluster if one in self.households}

    def concerned(self, changed: Iterable[Named]) -> set[str]:
        """The residents whose standing rests on these records."""
        owners: set[str] = set()
        for one in changed:
            owners |= {one.record, one.subject or one.record, *self._visits.get(one.record, ())}
            link = self._links.get(one.record)
            values = [value for edit in link.edits for value in edit.sections.values() if value] if link else []
            owners |= {v for value in values for v in (value.get("duplicate"), value.get("same_as")) if isinstance(v, str)}
        for pair in self._pairs:  # a link may hold, or hold no longer, because one of the two came or left
            owners |= pair if pair & owners else frozenset()
        owners |= {resident for resident, household in self.households.items() if household in owners}
        return {name for owner in owners for name in self._cluster(owner)} & self.residents.keys()

    def _cluster(self, resident: str) -> set[str]:
        """Everybody who is one person with somebody, themselves among them."""
        return {resident, *self._ids.get(self._persons.get(resident, resident), ())}
