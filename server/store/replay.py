"""The records of a village as they were at a position of the log: by them a frozen report is computed again.

A log is only ever added to, so its entries up to a position amount to what each record was there. Where a record lay at
that position the log does not say, for a move writes no entry about every record. That follows from three things: a row of
`records` that has not changed since is as it was; all that is about a resident or household goes where they go, and who
lived in the village is known (`homes`); whatever else was written in the village was there. Whether that gave the very
records that were there is checked by the digest of the scope, kept with its position: what differs is told, never passed over.

What came before a record moved in is in the log of another scope, whose length is kept as well. No clock takes part, but
for the order in which a record's entries of different scopes are tried.
"""

from __future__ import annotations

import datetime as dt
import heapq
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from server.access import here
from server.placing import DWELLERS
from server.store.folding import APPLIED, folded
from server.store.scope import STATE_ACTOR, head_of
from server.store.tables import edits, records
from sync.codec import Json, edit_from_wire
from sync.digest import of_records
from sync.record import Record
from sync.scopes import scopes_in, village_of
from sync.standing import Known
from sync.types.catalogue import Catalogue
from sync.version import Dot

CHUNK = 500  # ids named in one statement


@dataclass(frozen=True)
class Position:
    """A scope at a moment: seq of its feed, length of its log, how many records were there, the sum of their hashes."""

    seq: int
    entries: int
    live: int
    sum: str


@dataclass(frozen=True)
class Positions:
    """Some villages at one moment. `logs`: lengths of the logs of other scopes, where some of the records lay before."""

    epoch: str
    scopes: Mapping[str, Position]
    logs: Mapping[str, int]

    def wire(self) -> Json:
        """As JSON."""
        return {
            "epoch": self.epoch,
            "scopes": {scope: vars(place) for scope, place in sorted(self.scopes.items())},
            "logs": dict(sorted(self.logs.items())),
        }

    @classmethod
    def read(cls, said: Json) -> Positions:
        """From JSON."""
        return cls(said["epoch"], {scope: Position(**place) for scope, place in said["scopes"].items()}, said["logs"])

    def length(self, scope: str) -> int:
        """How much of the log of a scope had been written; 0 where nothing of it takes part."""
        return self.scopes[scope].entries if scope in self.scopes else self.logs.get(scope, 0)


def positions(connection: Connection, villages: Collection[str]) -> Positions:
    """Where the scopes of some villages stand in this picture of the database."""
    scopes = {scope: _position(connection, scope) for village in villages for scope in scopes_in(village)}
    live = select(records.c.record).where(records.c.scope.in_(scopes), records.c.moved_to.is_(None))
    before: set[str] = set()
    for ids in _chunks(list(connection.scalars(live))):
        traces = select(records.c.scope).distinct().where(records.c.record.in_(ids), records.c.moved_to.is_not(None))
        before.update(connection.scalars(traces))
    logs = {scope: _position(connection, scope).entries for scope in before - scopes.keys()}
    return Positions(here(connection).epoch, scopes, logs)


def _position(connection: Connection, scope: str) -> Position:
    head = head_of(connection, scope)
    return Position(head.seq, head.entries, head.live, f"{head.sum:032x}") if head else Position(0, 0, 0, f"{0:032x}")


@dataclass(frozen=True)
class Rebuilt:
    """The records of a village at a position, and a sentence for everything that could not be rebuilt as it was."""

    known: tuple[Known, ...]
    faults: tuple[str, ...]


def rebuild(
    connection: Connection,
    village: str,
    at: Positions,
    homes: Mapping[str, str],
    catalogue: Catalogue,
    day_of: Callable[[dt.datetime], dt.date],
    *,
    whole: bool = True,
) -> Rebuilt:
    """The records that lay in a village's scopes at a position, each with the issues it had.

    `homes`: the village where each resident's and household's own record lay then. `whole`: it names all of this village, so
    that the digest must agree; else only what is about them, and the links, is rebuilt.
    """
    place = _Place(connection, village, at, homes, whole=whole)
    known, faults = [], []
    for record, scope in sorted(place.records.items()):
        log = place.log.get(record, [])
        if not log:
            faults.append(f"record {record} in {scope}: the log up to the position knows nothing of it")
            continue
        done = folded(log, _missing(log), catalogue)
        if isinstance(done, str):
            faults.append(f"record {record} in {scope}: {done}")
            continue
        done = replace(done, record=replace(done.record, scope=scope))
        known.append(Known(done.record, done.issues(catalogue, day_of)))
    if whole:
        faults += _differing(village, at, [one.record for one in known])
    return Rebuilt(tuple(known), tuple(faults))


def as_at(
    connection: Connection,
    known: Iterable[Known],
    at: Positions,
    catalogue: Catalogue,
    day_of: Callable[[dt.datetime], dt.date],
) -> dict[str, Known]:
    """These records as they were at a position, by id, each in the scope where it is now.

    Those of which nothing had come are left out; so is one whose log cannot be folded up to there: nothing is counted by what
    nobody can tell.
    """
    present = {one.record.id: one for one in known}
    found: dict[str, Known] = {}
    for ids in _chunks(sorted(present)):
        here_now = select(records.c.record, records.c.scope, records.c.seq)
        stands = connection.execute(here_now.where(records.c.record.in_(ids), records.c.moved_to.is_(None)))
        for record, scope, seq in stands:
            if scope in at.scopes and seq <= at.scopes[scope].seq:  # as it was, not a word has come since
                found[record] = present[record]
    logs: dict[str, list[Row[Any]]] = {}
    for ids in _chunks(sorted(present.keys() - found.keys())):
        about = _LOG.where(edits.c.scope.in_({*at.scopes, *at.logs}), edits.c.record.in_(ids))
        for row in connection.execute(about.order_by(edits.c.received_at, edits.c.scope, edits.c.entry)):
            if row.entry <= at.length(row.scope):
                logs.setdefault(row.record, []).append(row)
    for id_, log in logs.items():
        done = folded(log, _missing(log), catalogue)
        if not isinstance(done, str):
            was = replace(done.record, scope=present[id_].record.scope)
            found[id_] = Known(was, done.issues(catalogue, day_of))
    return found


def _differing(village: str, at: Positions, found: Collection[Record]) -> Iterator[str]:
    for scope in scopes_in(village):
        digest, told = of_records(record for record in found if record.scope == scope), at.scopes[scope]
        if (digest.count, f"{digest.sum:032x}") != (told.live, told.sum):
            yield f"scope {scope}: {told.live} records were there, {digest.count} are rebuilt, or they differ"


class _Place:
    """What lay in the scopes of a village: `records` (id and scope), and the part of the `log` that was about them."""

    def __init__(self, connection: Connection, village: str, at: Positions, homes: Mapping[str, str], *, whole: bool) -> None:
        self._connection, self._at, self._homes, self._whole = connection, at, homes, whole
        here_ = or_(*(self._upto(scope) for scope in scopes_in(village)))
        written: dict[str, list[Row[Any]]] = {}
        for row in connection.execute(_LOG.where(here_).order_by(edits.c.scope, edits.c.entry)):
            written.setdefault(row.record, []).append(row)
        rows = connection.execute(select(records).where(records.c.scope.in_(scopes_in(village)))).all()
        self._dwellers = {row.record for row in rows if row.type in DWELLERS}
        self.records: dict[str, str] = {row.record: row.scope for row in rows if self._lay_here(row, written)}
        elsewhere = [scope for scope in (*at.scopes, *at.logs) if village_of(scope) != village]
        self.log = self._log(written, elsewhere)

    def _upto(self, scope: str) -> ColumnElement[bool]:
        return and_(edits.c.scope == scope, edits.c.entry <= self._at.length(scope))

    def _lay_here(self, row: Row[Any], written: Collection[str]) -> bool:
        owner = row.record if row.record in self._homes else row.subject
        if not self._whole and owner not in self._homes and row.type != "same_person":
            return False
        if row.seq <= self._at.scopes[row.scope].seq:
            return row.moved_to is None
        if owner in self._homes:
            return self._homes[owner] == village_of(row.scope) and (row.record in written or self._came(row.record))
        left = self._whole and owner in self._dwellers  # somebody who lived here at another time
        return row.record in written and not left

    def _came(self, record: str) -> bool:
        """True for a record that had been written elsewhere before the position."""
        elsewhere = [scope for scope in (*self._at.scopes, *self._at.logs) if self._at.length(scope)]
        about = select(edits.c.entry).where(edits.c.record == record, edits.c.outcome.in_(APPLIED))
        return any(self._connection.execute(about.where(self._upto(scope)).limit(1)).first() for scope in elsewhere)

    def _log(self, written: Mapping[str, list[Row[Any]]], elsewhere: Iterable[str]) -> dict[str, list[Row[Any]]]:
        """The entries of every record that lay here, those from before it moved in among them."""
        parts: dict[str, list[list[Row[Any]]]] = {}
        for record in self.records:
            by_scope: dict[str, list[Row[Any]]] = {}
            for row in written.get(record, ()):
                by_scope.setdefault(row.scope, []).append(row)
            parts[record] = list(by_scope.values())
        for scope in elsewhere:
            for ids in _chunks(list(self.records)):
                found: dict[str, list[Row[Any]]] = {}
                query = _LOG.where(self._upto(scope), edits.c.record.in_(ids))
                for row in self._connection.execute(query.order_by(edits.c.entry)):
                    found.setdefault(row.record, []).append(row)
                for record, rows in found.items():
                    parts[record].append(rows)
        return {record: list(heapq.merge(*logs, key=lambda row: row.received_at)) for record, logs in parts.items()}


_LOG = select(edits).where(edits.c.outcome.in_(APPLIED))


def _missing(log: Iterable[Row[Any]]) -> set[Dot]:
    """Edits that their own author built upon and that were never applied to the record: they were set aside."""
    log = [row for row in log if row.actor != STATE_ACTOR]
    applied = {Dot(row.actor, row.counter) for row in log}
    read = (edit_from_wire(json.loads(row.body)) for row in log)
    return {Dot(edit.dot.actor, edit.context.upto(edit.dot.actor)) for edit in read} - applied


def _chunks(ids: list[str]) -> Iterator[list[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
