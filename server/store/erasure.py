"""Erasing what is kept about a resident: who wrote when, and under which number, stays; what was written goes.

Each record leaves a trace, as one that moves away does, so that phones drop it and cannot bring it back. In the edit log the
bodies go, and a further entry of the log, chained as any other, says which entries were emptied and what the hash of each
is since: `verify` takes no other emptied entry for whole.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, delete, or_, select, update

from server.store import damage
from server.store.moves import OvertakenError
from server.store.scope import EMPTIED, ERASED, ERASURE, GENESIS, Entry, ScopeWriter, chained, trace_of, wire_text
from server.store.tables import deposits, edits, records
from sync.record import Record

LINK, RESIDENT = "same_person", "resident"
Trace = tuple[str, str, str]  # scope, record, type


@dataclass(frozen=True)
class Erased:
    """What was done: the traces that stand now, how many entries of the log and deposits were emptied.

    `naming`: (scope, record, type) of records about somebody else that name the resident; they stay.
    """

    traces: tuple[Trace, ...]
    entries: int
    deposits: int
    naming: tuple[Trace, ...]


def erase(connection: Connection, resident: str, at: str, by: str, traces: Iterable[Trace] = ()) -> Erased:
    """Erase all that is kept about a resident, in any scope; a trace also where one of `traces` stood elsewhere.

    Again changes nothing. Raises OvertakenError where something came in another scope before the locks were held: begin
    again, in a new transaction.
    """
    named = {(scope, record): kind for scope, record, kind in traces}
    scopes = {scope for scope, _ in named} | _Found(connection, resident).scopes
    places = {scope: ScopeWriter(connection, scope) for scope in sorted(scopes)}
    found = _Found(connection, resident)  # what was written before the locks were held goes as well
    if not scopes.issuperset(found.scopes):
        raise OvertakenError
    named |= found.records
    for (scope, record), kind in sorted(named.items()):
        _leave_trace(places[scope], record, kind, resident)
    for scope, entries in found.entries.items():
        body = wire_text({"erased": resident, "entries": [_emptied(connection, row) for row in entries]})
        places[scope].append(Entry(None, None, ERASURE, None, at, at, "server", GENESIS, body))
    for row in found.deposits:
        _empty_deposit(connection, row, at, by)
    for place in places.values():
        place.finish()
    for scope, record in sorted(found.frozen):
        damage.clear(connection, scope, record)
        damage.recount(connection, scope)
    standing = tuple((scope, record, kind) for (scope, record), kind in sorted(named.items()))
    return Erased(standing, sum(map(len, found.entries.values())), len(found.deposits), _naming(connection, resident))


def lift(connection: Connection, resident: str) -> bool:
    """Let somebody who was erased be registered anew where they lived; False where nobody of this id was erased."""
    theirs = (records.c.record == resident, records.c.moved_to == ERASED)
    return connection.execute(delete(records).where(*theirs)).rowcount > 0


def erased_among(connection: Connection, ids: Collection[str]) -> set[str]:
    """Which of these records were erased."""
    if not ids:
        return set()
    traces = select(records.c.record).distinct().where(records.c.record.in_(ids), records.c.moved_to == ERASED)
    return set(connection.scalars(traces))


def emptied_in(connection: Connection, scope: str) -> Mapping[int, set[str]]:
    """By the place in the log of a scope: what the hash of an emptied entry is since, by what the log says of it."""
    found: dict[int, set[str]] = {}
    for body in connection.scalars(select(edits.c.body).where(edits.c.scope == scope, edits.c.outcome == ERASURE)):
        for entry, hash_ in json.loads(body)["entries"]:
            found.setdefault(entry, set()).add(hash_)
    return found


def follows(before: str, row: Row[Any], emptied: Mapping[int, set[str]]) -> bool:
    """Is this entry of the log what was chained behind the one with the hash `before`, or has since been emptied as the log says?"""
    made = chained(before, row._asdict())
    return made == row.hash or (row.outcome == ERASED and made in emptied.get(row.entry, ()))


class _Found:
    """What is kept about a resident: `records` with their types, and what is to be emptied of the log and the deposits."""

    def __init__(self, connection: Connection, resident: str) -> None:
        columns = (records.c.scope, records.c.record, records.c.type)
        links = and_(records.c.type == LINK, records.c.edits.contains(resident, autoescape=True))
        about = or_(records.c.record == resident, records.c.subject == resident, links)
        rows = connection.execute(select(*columns).where(about)).all()
        ids = {row.record for row in rows}
        # a record that lives in one village and left a trace in another is no longer to be brought back to either
        every = connection.execute(select(*columns).where(records.c.record.in_(ids)))
        self.records = {(row.scope, row.record): row.type for row in every}
        self.frozen = {(row.scope, row.part) for row in damage.about(connection, resident)}
        self.records |= {(row.scope, row.part): row.type or RESIDENT for row in damage.about(connection, resident)}
        self.entries: dict[str, list[Row[Any]]] = {}
        for row in _bodies(connection, edits, resident, ids):
            self.entries.setdefault(row.scope, []).append(row)
        self.deposits = list(_bodies(connection, deposits, resident, ids))
        self.scopes = {scope for scope, _ in self.records} | self.entries.keys()


def _bodies(connection: Connection, table: Table, resident: str, ids: Collection[str]) -> Iterator[Row[Any]]:
    """The rows whose body is about the resident and is not emptied yet."""
    likely = or_(table.c.record.in_(ids), table.c.body.contains(resident, autoescape=True))
    query = select(table).where(likely, table.c.body != EMPTIED)
    order = (table.c.scope, table.c.entry) if table is edits else (table.c.scope, table.c.received_at)
    for row in connection.execute(query.order_by(*order)).all():
        if row.record in ids or _about(row.body, resident):
            yield row


def _about(body: str, resident: str) -> bool:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and resident in (said.get("subject"), said.get("record"))


def _leave_trace(place: ScopeWriter, record: str, kind: str, resident: str) -> None:
    place.load([record])
    kept = place.get(record)
    if kept is not None and kept.moved_to == ERASED:
        return
    subject = None if kind == LINK else resident
    blank = Record(record, kind, subject, place.scope)
    place.put(trace_of(kept.record if kept is not None else blank, ERASED))


def _emptied(connection: Connection, row: Row[Any]) -> tuple[int, str]:
    """Empty an entry of the log: its place, and what its hash would be as it stands now, behind the one before it."""
    before = GENESIS
    if row.entry > 1:
        behind = (edits.c.scope == row.scope, edits.c.entry == row.entry - 1)
        before = connection.scalars(select(edits.c.hash).where(*behind)).one()
    same = (edits.c.scope == row.scope, edits.c.actor == row.actor, edits.c.counter == row.counter)
    connection.execute(update(edits).where(*same).values(outcome=ERASED, body=EMPTIED))
    return row.entry, chained(before, {**row._mapping, "outcome": ERASED, "body": EMPTIED})  # noqa: SLF001


def _empty_deposit(connection: Connection, row: Row[Any], at: str, by: str) -> None:
    same = (deposits.c.scope == row.scope, deposits.c.deposit == row.deposit)
    decided = {"state": "refused", "decided_at": at, "decision": ERASED, "decided_by": by} if row.state == "waiting" else {}
    connection.execute(update(deposits).where(*same).values(body=EMPTIED, **decided))


def _naming(connection: Connection, resident: str) -> tuple[Trace, ...]:
    query = select(records.c.scope, records.c.record, records.c.type)
    named = records.c.edits.contains(resident, autoescape=True)
    rows = connection.execute(query.where(named, records.c.moved_to.is_(None)).order_by(records.c.scope, records.c.record))
    return tuple((row.scope, row.record, row.type) for row in rows)
