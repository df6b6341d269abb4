"""Changes (修改记录): who wrote what, from what, to what, over the villages that somebody may see, the newest first.

A page reads a bounded number of entries of the log, however long it is and whatever is asked for: where that is not
enough to fill the page, it says from where to go on looking.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import islice

from sqlalchemy import Connection, Engine

from server.access import View
from server.histories import History, Step, history_of
from server.problems import Problem
from server.store import changes as store
from server.store.changes import Logged, Place
from server.store.engine import reading
from server.store.scope import STATE_ACTOR
from sync.codec import UUID, Json
from sync.scopes import scope_name
from sync.version import Dot

ON_A_PAGE, LOOKED_AT = 50, 1500
DEPOSITED = "deposited"
_PLACE = re.compile(r"([0-9T:.Z-]{1,24})~([0-9]{12}(?::[a-z]{1,16})?)~([0-9]{1,18})")


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; None: whatever it is."""

    person: str | None = None
    type: str | None = None
    resident: str | None = None
    outcome: str | None = None


@dataclass(frozen=True)
class Change:
    """One edit. `type`, `record` and what it says are told only of what was applied: what was set aside was judged by nobody.

    `history` None: the record lives elsewhere by now, or it was never made; `step`: the edit in it.
    """

    place: Place
    outcome: str
    reason: str | None
    author: str
    device: str
    written_at: str | None = None
    record: str | None = None
    type: str | None = None
    dot: Dot | None = None
    history: History | None = None
    step: Step | None = None


@dataclass(frozen=True)
class Page:
    """Changes, and the place from which to go on, None at the end of the log; `looked_at`: entries read for it."""

    changes: tuple[Change, ...]
    before: str | None
    looked_at: int


class Changes:
    """The use case."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(self, view: View, villages: Collection[str], wanted: Wanted, before: str | None = None) -> Page:
        """The changes in some villages from a place down.

        Raises Problem `not-found` for a village that is not theirs to see, `unfit-request` for a `before` that no page gave.
        """
        own = sorted(view.village(code) for code in villages)
        places = [scope for code in own for scope in (code, *(scope_name(code, one) for one in view.programmes))]
        start = _place(before)
        if wanted.resident is not None and not UUID.fullmatch(wanted.resident):
            return Page((), None, 0)
        with reading(self._engine) as connection:
            if wanted.resident is not None:
                log = store.about(connection, places, wanted.resident, start)
            else:
                log = store.newest(connection, places, start)
            return _page(connection, view, islice(log, LOOKED_AT + 1), wanted)


def _page(connection: Connection, view: View, log: Iterable[Logged], wanted: Wanted) -> Page:
    found: list[Change] = []
    carriers: dict[str, tuple[str, str]] = {}
    last, looked_at = None, 0
    for entry in log:
        if len(found) == ON_A_PAGE or looked_at == LOOKED_AT:
            return Page(_with_histories(connection, view, found), _text(last), looked_at)
        last, looked_at = entry.place, looked_at + 1
        if wanted.outcome not in (None, entry.outcome):
            continue
        if entry.device not in carriers:
            carriers |= {entry.device: ("", entry.device), **store.carriers(connection, [entry.device])}
        change = _change(entry, carriers[entry.device])
        if wanted.person in (None, change.author) and wanted.type in (None, change.type):
            found.append(change)
    return Page(_with_histories(connection, view, found), None, looked_at)


def _change(entry: Logged, carrier: tuple[str, str]) -> Change:
    """What an entry says of itself, without what was before it."""
    person, device = carrier
    if entry.outcome == DEPOSITED:
        return Change(entry.place, entry.outcome, entry.reason, person, device)
    said: Json = json.loads(entry.body)  # it was applied, so it is fit
    if entry.actor == STATE_ACTOR:
        return Change(entry.place, entry.outcome, None, person, device, None, entry.record, said["type"])
    dot = Dot(entry.actor, entry.counter)
    return Change(
        entry.place, entry.outcome, None, said["author"], device, said["written_at"], said["record"], said["type"], dot
    )


def _with_histories(connection: Connection, view: View, found: Iterable[Change]) -> tuple[Change, ...]:
    """The same with what each edit changed, as far as the record lives where the view may see it."""
    known: dict[str, History | None] = {}
    for change in found:
        if change.record is not None and change.record not in known:
            try:
                known[change.record] = history_of(connection, view.scopes, change.record)
            except Problem:
                known[change.record] = None
    histories = ((change, known.get(change.record or "")) for change in found)
    return tuple(
        replace(change, history=history, step=history.step(change.dot) if history and change.dot else None)
        for change, history in histories
    )


def _text(place: Place | None) -> str | None:
    return f"{place.received_at}~{place.scope}~{place.entry}" if place else None


def _place(text: str | None) -> Place | None:
    if not text:
        return None
    found = _PLACE.fullmatch(text)
    if found is None:
        raise Problem("unfit-request", faults=["/before: it is no place in the log"])
    return Place(found[1], found[2], int(found[3]))
