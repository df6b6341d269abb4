"""The edit log of several scopes at once, the newest first, read only as far as somebody looks."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, Select, func, or_, select

from server.store.scope import ERASED, ERASURE
from server.store.tables import devices, edits, records, scopes

BATCH = 25  # entries of a scope read at a time
UNTOLD = (ERASED, ERASURE)  # nothing is left to tell of them


class Place(NamedTuple):
    """Where an entry stands among those of all scopes: they are told from the greatest place down."""

    received_at: str
    scope: str
    entry: int


@dataclass(frozen=True)
class Logged:
    """One entry of the log, its body verbatim."""

    place: Place
    actor: str
    counter: int
    record: str | None
    outcome: str
    reason: str | None
    device: str
    body: str


_COLUMNS = tuple(
    edits.c[n] for n in ("received_at", "scope", "entry", "actor", "counter", "record", "outcome", "reason", "device", "body")
)


def newest(connection: Connection, places: Collection[str], before: Place | None = None) -> Iterator[Logged]:
    """The entries of these scopes from a place down. A scope is opened only when the next entry may be its own."""
    last = _last_of_each(connection, places, before)
    unopened = sorted((moment, scope) for scope, moment in last.items())
    opened: dict[str, Iterator[Logged]] = {}
    ahead: list[tuple[_Reversed, Logged]] = []
    while unopened or ahead:
        if unopened and (not ahead or unopened[-1] >= ahead[0][1].place[:2]):
            scope = unopened.pop()[1]
            opened[scope] = _of(connection, scope, before)
        else:
            entry = heapq.heappop(ahead)[1]
            scope = entry.place.scope
            yield entry
        if (following := next(opened[scope], None)) is not None:
            heapq.heappush(ahead, (_Reversed(following.place), following))


@dataclass(frozen=True)
class _Reversed:
    """A place that is smaller the later it is: a heap has the smallest on top."""

    place: Place

    def __lt__(self, other: _Reversed) -> bool:
        return self.place > other.place


def _last_of_each(connection: Connection, places: Collection[str], before: Place | None) -> dict[str, str]:
    """When the last entry of each scope came, at or before a place: one look into the index each."""
    mine = select(func.max(edits.c.received_at)).where(edits.c.scope == scopes.c.scope)
    if before is not None:
        mine = mine.where(edits.c.received_at <= before.received_at)
    last = mine.correlate(scopes).scalar_subquery()
    rows = connection.execute(select(scopes.c.scope, last.label("last")).where(scopes.c.scope.in_(places)))
    return {row.scope: row.last for row in rows if row.last is not None}


def _of(connection: Connection, scope: str, before: Place | None) -> Iterator[Logged]:
    """The entries of one scope from a place down."""
    while True:
        told = select(*_COLUMNS).where(edits.c.scope == scope, edits.c.outcome.not_in(UNTOLD))
        rows = _read(connection, _below(told, scope, before).limit(BATCH))
        yield from rows
        if len(rows) < BATCH:
            return
        before = rows[-1].place


def _below(query: Select[tuple[object, ...]], scope: str, before: Place | None) -> Select[tuple[object, ...]]:
    """Of one scope, what stands below a place, in order."""
    at = edits.c.received_at
    if before is not None and scope == before.scope:
        query = query.where(at <= before.received_at, or_(at < before.received_at, edits.c.entry < before.entry))
    elif before is not None:
        query = query.where(at <= before.received_at if scope < before.scope else at < before.received_at)
    return query.order_by(at.desc(), edits.c.entry.desc())


def about(connection: Connection, places: Collection[str], resident: str, before: Place | None = None) -> Iterator[Logged]:
    """The entries about the records of one resident, from a place down: all of them at once, they are few."""
    theirs = select(records.c.record).where(
        records.c.scope.in_(places), or_(records.c.subject == resident, records.c.record == resident)
    )
    ids = set(connection.scalars(theirs))
    theirs_too = (edits.c.record.in_(ids), edits.c.outcome.not_in(UNTOLD))
    query = select(*_COLUMNS).where(edits.c.scope.in_(places), *theirs_too)
    found = sorted(_read(connection, query), key=lambda one: one.place, reverse=True)
    yield from (one for one in found if before is None or one.place < before)


def _read(connection: Connection, query: Select[tuple[object, ...]]) -> list[Logged]:
    return [
        Logged(
            Place(row.received_at, row.scope, row.entry),
            row.actor,
            row.counter,
            row.record,
            row.outcome,
            row.reason,
            row.device,
            row.body,
        )
        for row in connection.execute(query)
    ]


def carriers(connection: Connection, ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """(person, name) of these devices."""
    rows = connection.execute(select(devices.c.id, devices.c.person, devices.c.name).where(devices.c.id.in_(ids)))
    return {row.id: (row.person, row.name) for row in rows}
