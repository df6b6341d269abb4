"""The list *my work* on the phone: what the server has received and how it counts, what waits for a signal, what was set aside.

Made by `sync.standing`, as on the server, from what the server is known to hold: what waits counts for nothing yet. What the
report of a month does with it, as the server told last.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from client_sdk import reported
from client_sdk.about import About
from client_sdk.exchange import Held
from client_sdk.store import Store
from client_sdk.view import Estimate, composed
from sync.record import Edit
from sync.scopes import village_of
from sync.standing import Account, Known, account, worklist
from sync.standing.facts import RESIDENT, met_by
from sync.standing.worklist import NOT_RECEIVED, SET_ASIDE, Line
from sync.types import CATALOGUE


class Worklist:
    """The work of one person on a phone file. `same`: who is one person with whom, see `People.counting`."""

    def __init__(
        self, store: Store, same: Mapping[str, tuple[str, ...]], author: str, today: dt.date, estimate: Estimate
    ) -> None:
        self._store, self._same, self._author, self._today, self._estimate = store, same, author, today, estimate

    def of(self, month: str) -> list[Line]:
        """The lines of a month, `2026-11`. Raises ValueError."""
        first, last = worklist.month_of(month)
        on = worklist.account_day(last, self._today)
        waiting: dict[str, list[Edit]] = {}
        for edit in self._store.outbox():
            waiting.setdefault(edit.record, []).append(edit)
        held = self._store.held(waiting)
        mine = [*self._store.written(self._author, first), *held.values()]
        scopes, reports = {one.record.id: one.record.scope for one in mine}, reported.told(self._store.vault, month)
        told = [
            line.by_report(reports.of(line.record, village_of(scopes[line.record])) if reports else None)
            for line in worklist.lines(self._accounts(mine, on), self._author, first, last)
        ]
        known = {line.record for line in told}
        rest = [Known(one.record) for one in {one.record.id: one for one in mine}.values() if one.record.id not in known]
        told += worklist.lines([_of_nobody(rest, on)], self._author, first, last)
        told = [replace(line, waiting=line.record in waiting) for line in told]
        new = [self._composed(None, edits) for name, edits in waiting.items() if name not in held]
        told += self._apart(new, on, first, last, reason=NOT_RECEIVED, waiting=True)
        for one in self._store.unapplied():
            said = self._composed(self._store.held([one.edit.record]).get(one.edit.record), [one.edit])
            told += self._apart([said], on, first, last, reason=SET_ASIDE, detail=one.reason)
        return worklist.in_order(told)

    def _accounts(self, mine: Iterable[Held], on: dt.date) -> Iterator[Account]:
        """The accounts of everybody whom some records are about, by what the server has received."""
        every = [one.record for one in mine]
        subjects = {one.id if one.type == RESIDENT else one.subject for one in every}
        subjects |= {named for one in every for named in met_by(one)}
        concerned = self._store.living_in({subject for subject in subjects if subject})
        persons = {one for resident in concerned for one in self._same.get(resident, (resident,))}
        about = About(self._store, persons, on, self._estimate, received=True)
        for resident in sorted(about.residents):
            cluster = self._same.get(resident, (resident,))
            survivor = cluster[0]
            known = about.known(cluster, village_of(about.residents[resident].record.scope))
            others, elsewhere = (cluster[1:], None) if survivor == resident else ((), survivor)
            yield account(resident, known, on, also=others, same_as=elsewhere)

    def _apart(self, known: Sequence[Known], on: dt.date, first: dt.date, last: dt.date, **told: str | bool) -> Iterator[Line]:
        """Lines about records that the server does not have so."""
        for line in worklist.lines([_of_nobody(known, on)], self._author, first, last):
            subjects = [one.record.subject for one in known if one.record.id == line.record and one.record.subject]
            yield replace(line, residents=tuple(subjects), counts=(), **told)  # type: ignore[arg-type]

    def _composed(self, held: Held | None, edits: list[Edit]) -> Known:
        record, remarks = composed(held, edits, self._estimate)
        return Known(record, tuple(CATALOGUE.check(record, self._today, sorted(remarks))))


def _of_nobody(known: Iterable[Known], on: dt.date) -> Account:
    """What is said of records about whom there is no record of their own here: when they were, and who wrote them."""
    return account("", known, on)
