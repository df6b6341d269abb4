"""Residents of a village with all that is known about each, in memory: by it they are counted live, frozen and checked. Pure.

Made by `store/villagers.py` from the records as they are, of everybody or of some, and by a check from the log as they were.
"""

from __future__ import annotations

import datetime as dt
import logging
import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol

from sync import links
from sync.record import Record
from sync.scopes import PROGRAMMES, scope_name
from sync.standing import Account, Known, account
from sync.standing.facts import LINK, RESIDENT, household_of, met_by
from sync.types.catalogue import Catalogue

HOUSEHOLD = "household"

log = logging.getLogger(__name__)


class Changed(Protocol):
    """A record that changed: its id, and whom it is about."""

    @property
    def record(self) -> str:
        """Its id."""

    @property
    def subject(self) -> str | None:
        """Whom it is about."""


class Villagers:
    """Residents whose own records lie in a village: who is one person with whom, and what is known about each.

    `persons`: for each resident whom a link names the one who stands for that person; it MUST be handed in where `known` is
    not all of the village. `residents` by id; `households` that they are shown to belong to, by resident; `dwellings`:
    households with a record here.
    """

    def __init__(self, village: str, known: Iterable[Known], persons: Mapping[str, str] | None = None) -> None:
        self.village = village
        self.residents: dict[str, Record] = {}
        self.households: dict[str, str] = {}
        self.dwellings: set[str] = set()
        self._about: dict[str, list[Known]] = {}
        self._met: dict[str, list[Known]] = {}
        decided: list[Record] = []
        for one in known:
            record = one.record
            if record.type == RESIDENT:
                self.residents[record.id] = record
                if household := household_of(record):
                    self.households[record.id] = household
            elif record.type == HOUSEHOLD:
                self.dwellings.add(record.id)
            elif record.type == LINK and record.scope == village:
                decided.append(record)
            for person in met_by(record) if record.scope == village else ():
                self._met.setdefault(person, []).append(one)
            self._about.setdefault(record.id if record.type == RESIDENT else record.subject or record.id, []).append(one)
        every = [link for record in decided if (link := links.link_of(record))]
        self._pairs = {link.pair for link in every}
        self._persons = links.who_is_who(every, self.residents) if persons is None else persons
        self._ids: dict[str, set[str]] = {}
        for name, person in self._persons.items():
            self._ids.setdefault(person, set()).add(name)

    def same_as(self, resident: str) -> str | None:
        """The resident in whose place this one counts, None for who counts as themselves."""
        person = self._persons.get(resident, resident)
        return None if person == resident else person

    def also(self, resident: str) -> set[str]:
        """The other ids of one who counts as themselves."""
        return self.cluster(resident) - {resident} if self.same_as(resident) is None else set()

    def cluster(self, resident: str) -> set[str]:
        """Everybody who is one person with somebody, themselves among them."""
        return {resident, *self._ids.get(self._persons.get(resident, resident), ())}

    def known(self, resident: str, programmes: Collection[str]) -> Iterator[Known]:
        """Everything about one person, in the open and of some programmes, each record once."""
        held = {self.village, *(scope_name(self.village, programme) for programme in programmes)}
        cluster = self.cluster(resident)
        every = [one for owner in cluster for one in self._about.get(owner, ()) if one.record.scope in held]
        for household in {self.households[one] for one in cluster if one in self.households}:
            every += [one for one in self._about.get(household, ()) if one.record.scope == self.village]
        every += [one for person in cluster for one in self._met.get(person, ())]
        yield from {one.record.id: one for one in every}.values()

    def programmes(self, resident: str) -> list[str]:
        """The programmes that have a record about the person."""
        of = {one.record.scope for owner in self.cluster(resident) for one in self._about.get(owner, ())}
        return [programme for programme in PROGRAMMES if scope_name(self.village, programme) in of]

    def account(
        self, resident: str, on: dt.date, programmes: Collection[str], catalogue: Catalogue, *, over: bool = False
    ) -> Account:
        """The standing with the records and events of the year, from what is in the open and of some programmes.

        `over`: at the end of that day.
        """
        also, same_as = self.also(resident), self.same_as(resident)
        known = self.known(resident, programmes)
        return account(resident, known, on, also=also, same_as=same_as, over=over, catalogue=catalogue)

    def around(self, resident: str) -> set[str]:
        """A person by every id, the households they are shown to belong to, and those where a visit names them."""
        cluster = self.cluster(resident)
        visited = {str(one.record.subject) for person in cluster for one in self._met.get(person, ())}
        return cluster | visited | {self.households[one] for one in cluster if one in self.households}

    def concerned(self, changed: Iterable[Changed], named: Collection[str]) -> set[str]:
        """The residents whose standing rests on these records. `named`: whom these name or named, see `ever_named`."""
        owners = {owner for one in changed for owner in (one.record, one.subject or one.record)}.union(named)
        for pair in self._pairs:  # a link may hold, or hold no longer, because one of the two came or left
            owners |= pair if pair & owners else frozenset()
        owners |= {resident for resident, household in self.households.items() if household in owners}
        return {name for owner in owners for name in self.cluster(owner)} & self.residents.keys()


def uncounted(village: str, trouble: Exception) -> None:
    """Log that a resident cannot be counted, and where that showed; never the message, which may quote a record."""
    where = "".join(traceback.format_tb(trouble.__traceback__))
    log.error("a resident of %s cannot be counted: %s\n%s", village, type(trouble).__name__, where)
