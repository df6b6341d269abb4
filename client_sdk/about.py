"""What this phone holds about some residents, as the pure functions of `sync.standing` want it handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator

from client_sdk.exchange import Held
from client_sdk.store import Store
from client_sdk.view import Estimate, composed
from sync.record import Edit
from sync.scopes import programme_of, village_of
from sync.standing import Known
from sync.standing.facts import RESIDENT, household_of, met_by
from sync.types import CATALOGUE


class About:
    """Everything that the standings of some residents rest on, read at once: their records, those of their homes, and the
    visits to other homes that name them.

    `received`: only what the server has, as it has it; without it the waiting edits are applied.
    """

    def __init__(
        self, store: Store, persons: Collection[str], on: dt.date, estimate: Estimate, *, received: bool = False
    ) -> None:
        self._store, self._on, self._estimate, self._received = store, on, estimate, received
        self.residents: dict[str, Known] = {}
        self._homes: dict[str, str] = {}
        self._known: dict[str, list[Known]] = {}
        self._met: dict[str, list[Known]] = {}
        for one in self._read(persons):
            if one.record.type == RESIDENT:
                self.residents[one.record.id] = one
                if home := household_of(one.record):
                    self._homes[one.record.id] = home
        for _ in self._read(set(self._homes.values()) - set(persons), at_home=True):
            pass
        for one in self._looked(*store.naming(persons)):
            for person in () if programme_of(one.record.scope) else met_by(one.record) & set(persons):
                self._met.setdefault(person, []).append(one)

    def known(self, persons: Collection[str], village: str | None = None) -> list[Known]:
        """Every record about one person, each once; of one village, and of the homes there, where it is given."""
        living = [one for one in persons if village is None or self._lives_in(one, village)]
        subjects = {*persons, *(self._homes[one] for one in living if one in self._homes)}
        every = [one for subject in sorted(subjects) for one in self._known.get(subject, ())]
        every += [one for person in sorted(persons) for one in self._met.get(person, ())]
        return [one for one in {k.record.id: k for k in every}.values() if village in (None, village_of(one.record.scope))]

    def _lives_in(self, resident: str, village: str) -> bool:
        return resident in self.residents and village_of(self.residents[resident].record.scope) == village

    def rests_on(self, persons: Collection[str]) -> frozenset[str]:
        """The ids under which records about one person are: their own and their homes'.

        Visits to other homes are looked up by the ids that they name, see schema.py.
        """
        return frozenset([*persons, *(self._homes[one] for one in persons if one in self._homes)])

    def _read(self, subjects: Collection[str], *, at_home: bool = False) -> Iterator[Known]:
        if not subjects:
            return
        for known in self._looked(*self._store.about(subjects)):
            record = known.record
            subject = record.id if record.type == RESIDENT else record.subject
            if subject and subject in subjects and not (at_home and programme_of(record.scope)):
                self._known.setdefault(subject, []).append(known)
                yield known

    def _looked(self, every: Iterable[Held], edits: Iterable[Edit]) -> Iterator[Known]:
        """The records, and those that so far only wait, as the phone shows them."""
        held: dict[str, Held | None] = {one.record.id: one for one in every}
        waiting: dict[str, list[Edit]] = {}
        for edit in () if self._received else edits:
            waiting.setdefault(edit.record, []).append(edit)
            held.setdefault(edit.record, None)
        for name, one in held.items():
            yield self._look(one, waiting.get(name, []))

    def _look(self, held: Held | None, pending: list[Edit]) -> Known:
        """A record as the phone shows it, with the issues that the server told of it; where something waits, with our own."""
        record, remarks = composed(held, pending, self._estimate)
        if held and not pending and held.issues is not None:
            return Known(record, held.issues)
        return Known(record, tuple(CATALOGUE.check(record, self._on, sorted(remarks))))
