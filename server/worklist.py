"""The list *my work* of one person: each record of a month, counted or not, for what, why not. As the phone makes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from sqlalchemy import Connection

from server.standings import Standings, places_of
from server.store import standings as stand
from server.store import worklist as store
from server.store.scope import living
from sync.codec import UnfitError, edit_from_wire
from sync.record import Edit, blank, fold
from sync.scopes import village_of
from sync.standing import Account, Known, account, worklist
from sync.standing.facts import RESIDENT
from sync.standing.worklist import SET_ASIDE, Line
from sync.types.catalogue import Catalogue


class Worklists:
    """The use case."""

    def __init__(self, standings: Standings, catalogue: Catalogue) -> None:
        self._standings, self._catalogue = standings, catalogue

    def of(self, scopes: Collection[str], person: str, month: str) -> list[Line]:
        """The lines of a person in a month, `2026-11`, of what lies in these scopes. Raises ValueError for no month."""
        first, last = worklist.month_of(month)
        on = worklist.account_day(last, self._standings.today)
        places = places_of(scopes)
        with self._standings.current(places) as connection:
            mine = store.written(connection, scopes, person, first)
            accounts = [one for place, held in places.items() for one in self._accounts(connection, place, held, mine, on)]
            aside = list(self._set_aside(connection, scopes, person))
        told = worklist.lines(accounts, person, first, last)
        known = {line.record for line in told}
        rest = [one for one in mine if one.record.id not in known]
        told += worklist.lines([self._of_nobody(rest, on)], person, first, last)
        for one, reason in aside:
            for line in worklist.lines([self._of_nobody([one], on)], person, first, last):
                subject = (one.record.subject,) if one.record.subject else ()
                told.append(replace(line, residents=subject, counts=(), reason=SET_ASIDE, detail=reason))
        return worklist.in_order(told)

    def _accounts(
        self, connection: Connection, village: str, programmes: Collection[str], mine: Iterable[Known], on: dt.date
    ) -> list[Account]:
        """The accounts of everybody in a village whom some records are about."""
        here = [one.record for one in mine if village_of(one.record.scope) == village]
        about = {record.id if record.type == RESIDENT else record.subject for record in here} - {None}
        subjects = {subject for subject in about if subject}
        concerned = subjects | store.members(connection, village, subjects)
        return stand.accounts(connection, village, concerned, on, programmes, self._catalogue)

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
