"""The list *my work* of one person: each record of a month, counted or not, for what, why not. As the phone makes it; and
what the phone is told: what the report of a month that is over does with each record, what became of what was set aside.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from server.periods import Period
from server.reported import Frozen, MonthReports
from server.standings import Standings, places_of
from server.store import deposits, villagers
from server.store import worklist as store
from server.store.deposits import Decided
from server.store.scope import Stored, living
from server.villagers import Villagers
from sync.codec import Json, UnfitError, edit_from_wire, stamp
from sync.record import Edit, blank, fold
from sync.scopes import programme_of, village_of
from sync.standing import Account, Known, account, worklist
from sync.standing.facts import RESIDENT, met_by
from sync.standing.worklist import SET_ASIDE, Line, Reported
from sync.types.catalogue import Catalogue

LATELY = dt.timedelta(days=90)  # as long as a phone lists what its person has to put right
MOST_DECIDED = 500  # in one answer


@dataclass(frozen=True)
class Worklist:
    """The lines of a month, and of which of the villages it is frozen."""

    lines: list[Line]
    reports: list[Frozen]


class Worklists:
    """The use case. `day_of`: the day of an instant, where the deployment is."""

    def __init__(self, standings: Standings, catalogue: Catalogue, day_of: Callable[[dt.datetime], dt.date]) -> None:
        self._standings, self._catalogue, self._day_of = standings, catalogue, day_of

    def reports(self, connection: Connection, scopes: Collection[str], month: str) -> list[Frozen]:
        """Of which of the villages a month is frozen. Raises ValueError for no month."""
        worklist.month_of(month)
        held = self._month(connection, month)
        return [one for place in places_of(scopes) if (one := held.of(place))]

    def _month(self, connection: Connection, month: str) -> MonthReports:
        return MonthReports(connection, Period.parse(month), self._catalogue, self._day_of)

    def decided(self, connection: Connection, scopes: Collection[str], person: str, now: dt.datetime) -> list[Json]:
        """What was decided lately about what a person wrote and was set aside, as on the wire, the latest first.

        Why it was refused may speak of what stands in its record: of one that lives in a protected programme it is told only
        to who holds that.
        """
        found = deposits.decided(connection, person, stamp(now - LATELY), MOST_DECIDED)
        homes = living(connection, {one.record for one in found if one.record})
        return [_told(one, homes.get(one.record or ""), scopes) for one in found]

    def of(self, scopes: Collection[str], person: str, month: str) -> Worklist:
        """The lines of a person in a month, `2026-11`, of what lies in these scopes. Raises ValueError for no month."""
        first, last = worklist.month_of(month)
        on = worklist.account_day(last, self._standings.today)
        places = places_of(scopes)
        accounts: list[Account] = []
        reported: dict[str, Reported] = {}
        with self._standings.current(places) as connection:
            mine = store.written(connection, scopes, person, first)
            reports = self._month(connection, month)
            frozen = [held for place in places if (held := reports.of(place))]
            for place, programmes in places.items():
                people, concerned = self._concerned(connection, place, mine)
                accounts += [people.account(one, on, programmes, self._catalogue) for one in concerned]
                reported |= reports.told(people, concerned, programmes)
            aside = list(self._set_aside(connection, scopes, person))
        told = [line.by_report(reported.get(line.record)) for line in worklist.lines(accounts, person, first, last)]
        known = {line.record for line in told}
        rest = [one for one in mine if one.record.id not in known]
        told += worklist.lines([self._of_nobody(rest, on)], person, first, last)
        for one, reason in aside:
            for line in worklist.lines([self._of_nobody([one], on)], person, first, last):
                subject = (one.record.subject,) if one.record.subject else ()
                told.append(replace(line, residents=subject, counts=(), reason=SET_ASIDE, detail=reason))
        return Worklist(worklist.in_order(told), frozen)

    def _concerned(self, connection: Connection, village: str, mine: Iterable[Known]) -> tuple[Villagers, list[str]]:
        """Everybody in a village whom some records are about, and who is one person with one of them."""
        here = [one.record for one in mine if village_of(one.record.scope) == village]
        about = {record.id if record.type == RESIDENT else record.subject for record in here} - {None}
        subjects = {subject for subject in about if subject}
        named = {one for record in here for one in met_by(record)}  # also whoever has left the household since
        concerned = subjects | named | store.members(connection, village, subjects)
        people, _ = villagers.some(connection, village, concerned)
        every = {other for one in concerned for other in people.cluster(one)}
        return people, sorted(every & people.residents.keys())

    def _set_aside(self, connection: Connection, scopes: Collection[str], person: str) -> Iterator[tuple[Known, str]]:
        """Each edit that was set aside, over its record as it is here, and why."""
        edits: list[tuple[Edit, str, str]] = []
        for item, reason, at in store.set_aside(connection, person):
            try:
                edits.append((edit_from_wire(item), reason, at))
            except UnfitError:
                continue
        held = living(connection, {edit.record for edit, _, _ in edits})
        for edit, reason, at in edits:
            stored = held.get(edit.record)
            before = stored.record if stored and stored.record.scope in scopes else blank(edit)
            yield Known(fold(before, edit, at)), reason

    def _of_nobody(self, known: Iterable[Known], on: dt.date) -> Account:
        """What is said of records about whom there is no record of their own here: when they were, and who wrote them."""
        return account("", known, on, catalogue=self._catalogue)


def _told(one: Decided, home: Stored | None, scopes: Collection[str]) -> Json:
    hidden = home is not None and programme_of(home.record.scope) is not None and home.record.scope not in scopes
    return {
        "dot": [one.actor, one.counter],
        "record": one.record,
        "reason": one.reason,
        "state": one.state,
        "decided_at": one.decided_at,
        "decided_by": {"name": one.decider_name, "role": one.decider_role} if one.decider_name is not None else None,
        "decision": None if hidden else one.decision,
    }
