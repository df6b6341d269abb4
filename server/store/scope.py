"""One scope in one transaction: its lock, its records, its edit log, its feed.

`ScopeWriter` holds the lock of the scope row from its first statement to the commit. Its last statement moves the row
on, so that seqs become visible in the order of the commits and no reader can skip one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from server.store import damage
from server.store.damage import CHAIN, FEED, HASH, VECTOR, DamagedError
from server.store.tables import deposits, edits, records, scopes, settings
from server.waiting import waits
from sync.codec import Json, live_from_wire, live_to_wire
from sync.digest import MODULUS, record_hash
from sync.identity import is_derived
from sync.record import Record, canonical
from sync.version import Dot, VersionVector

GENESIS = "0" * 64  # what the first entry of a log is chained to
STATE_ACTOR = "~"  # no actor: the log entry of a record state that a device sent
ERASED = "erased"  # where a record went that was erased, and the outcome of entries that were emptied: see erasure.py
ERASURE = "erasure"  # the outcome of the entry that says which were
EMPTIED = '{"erased":true}'  # the body that they have since


@dataclass(frozen=True)
class Head:
    """The scope row: last seq, live records, digest sum, length of the log, hash of its last entry."""

    seq: int = 0
    live: int = 0
    sum: int = 0
    entries: int = 0
    chain: str = GENESIS


@dataclass(frozen=True)
class Stored:
    """A record as it is kept: its state, the issues of it, and where it went if it moved away."""

    record: Record
    seq: int
    issues: tuple[Json, ...]
    conflict: bool
    moved_to: str | None = None


@dataclass(frozen=True)
class Logged:
    """What the log says about an edit, without its body."""

    scope: str
    dot: Dot
    record: str | None
    outcome: str
    reason: str | None
    at: str
    fingerprint: str


@dataclass(frozen=True)
class Entry:
    """A new entry of the log. `dot` None: a record state."""

    dot: Dot | None
    record: str | None
    outcome: str
    reason: str | None
    at: str
    received_at: str
    device: str
    fingerprint: str
    body: str


def chained(before: str, row: Mapping[str, Any]) -> str:
    """The hash of a log row: of all it says, and of the hash before it."""
    said = [row[column.name] for column in edits.columns if column.name != "hash"]
    return hashlib.sha256((before + canonical(said)).encode()).hexdigest()


def upsert(connection: Connection, table: Table, rows: Collection[Mapping[str, Any]], *, keep: bool = False) -> None:
    """Write rows by their primary key; `keep`: a row that is already there stays as it is."""
    if not rows:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table)
    key = [column.name for column in table.primary_key.columns]
    rest = {name: statement.excluded[name] for name in next(iter(rows)) if name not in key}
    if keep or not rest:
        connection.execute(statement.on_conflict_do_nothing(index_elements=key), list(rows))
    else:
        connection.execute(statement.on_conflict_do_update(index_elements=key, set_=rest), list(rows))


def head_of(connection: Connection, scope: str, *, lock: bool = False) -> Head | None:
    """The scope row, None where there is no such scope."""
    query = select(scopes).where(scopes.c.scope == scope)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else Head(row.seq, row.live, int(row.sum, 16), row.entries, row.chain)


def stored(row: Row[Any]) -> Stored:
    """A row of `records` read back; raises DamagedError where it cannot be."""
    try:
        live = tuple(live_from_wire(item) for item in json.loads(row.edits))
        record = Record(row.record, row.type, row.subject, row.scope, VersionVector(json.loads(row.seen)), live)
        return Stored(record, row.seq, tuple(json.loads(row.issues)), row.conflict, row.moved_to)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise DamagedError(row.scope, row.record) from None


def sound(row: Row[Any]) -> Stored:
    """A row of `records` read back; raises DamagedError where it does not agree with itself."""
    state = stored(row)
    if row.hash != f"{record_hash(state.record):032x}":
        raise DamagedError(row.scope, row.record, HASH)
    if not all(state.record.seen.covers(edit.dot) for edit in state.record.edits):
        raise DamagedError(row.scope, row.record, VECTOR)
    return state


def trace_of(record: Record, moved_to: str) -> Stored:
    """What a record that has gone leaves behind: where it went, and nothing of what it says."""
    return Stored(replace(record, edits=()), 0, (), conflict=False, moved_to=moved_to)


def as_row(state: Stored) -> dict[str, Any]:
    """A record as a row."""
    record = state.record
    return {
        "scope": record.scope,
        "record": record.id,
        "seq": state.seq,
        "type": record.type,
        "subject": record.subject,
        "seen": wire_text(dict(record.seen)),
        "edits": wire_text([live_to_wire(edit) for edit in record.edits]),
        "issues": wire_text(state.issues),
        "hash": f"{record_hash(record):032x}",
        "conflict": state.conflict,
        "waits": " ".join(waits(record, state.issues, state.conflict)) or None,
        "moved_to": state.moved_to,
    }


def wire_text(value: object) -> str:
    """JSON as the server writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class ScopeWriter:
    """One scope, locked. What is put and appended is written by `finish`, in one go."""

    def __init__(self, connection: Connection, scope: str) -> None:
        self._connection, self.scope = connection, scope
        blank = {"scope": scope, "seq": 0, "live": 0, "sum": f"{0:032x}", "entries": 0, "chain": GENESIS}
        head = head_of(connection, scope, lock=True)
        if head is None:
            upsert(connection, scopes, [blank], keep=True)
            head = head_of(connection, scope, lock=True)
        assert head is not None
        self._told, self.head = head, self._looked_over(head)
        self.frozen: set[str] = set()  # of the records that were loaded
        self._known: dict[str, Stored | None] = {}
        self._log: list[Entry] = []
        self._deposits: list[dict[str, Any]] = []
        self._changed: dict[str, Stored] = {}
        self.placed: dict[str, int] = {}  # after `finish`: the seq that each record got

    # -- reading

    def load(self, ids: Iterable[str]) -> None:
        """Read these records of the scope, in one statement."""
        missing = {i for i in ids if i not in self._known}
        if not missing:
            return
        self._known.update(dict.fromkeys(missing))
        query = select(records).where(records.c.scope == self.scope, records.c.record.in_(missing))
        absent = set(missing)
        for row in self._connection.execute(query).all():
            absent.discard(row.record)
            try:
                self._known[row.record] = sound(row)
            except DamagedError as found:
                damage.freeze(self._connection, self.scope, row.record, found.why)
                self.frozen.add(row.record)
        self.frozen |= damage.frozen_among(self._connection, self.scope, absent)

    def _looked_over(self, head: Head) -> Head:
        """The scope row, put right where it is behind what is there: a number MUST never be given out twice."""
        mine = (records.c.scope == self.scope, edits.c.scope == self.scope)
        row = self._connection.execute(
            select(
                select(func.max(records.c.seq)).where(mine[0]).scalar_subquery().label("seq"),
                select(func.max(edits.c.entry)).where(mine[1]).scalar_subquery().label("entry"),
                select(edits.c.hash).where(mine[1], edits.c.entry == head.entries).scalar_subquery().label("hash"),
            )
        ).one()
        if (row.seq or 0) > head.seq:
            damage.note(self._connection, self.scope, FEED, FEED)
            head = replace(head, seq=row.seq)
        if (row.entry or 0) > head.entries:
            last = select(edits.c.hash).where(mine[1], edits.c.entry == row.entry)
            head = replace(head, entries=row.entry, chain=self._connection.scalars(last).one())
            damage.note(self._connection, self.scope, CHAIN, CHAIN)
        elif head.entries and row.hash != head.chain:
            damage.note(self._connection, self.scope, CHAIN, CHAIN)
        return head

    def get(self, record: str) -> Stored | None:
        """A loaded record as it stands in this transaction."""
        return self._changed.get(record) or self._known[record]

    def elsewhere(self, ids: Collection[str]) -> dict[str, str]:
        """Which of these records live in another scope, and in which.

        The id of a resident is derived from the identity number: two villages may register one person at the same
        moment. Whoever does so takes turns, by the lock of a row that all share.
        """
        if not ids:
            return {}
        if any(map(is_derived, ids)):
            self._connection.execute(select(settings.c.name).where(settings.c.name == "epoch").with_for_update())
        query = select(records.c.record, records.c.scope).where(
            records.c.record.in_(ids), records.c.scope != self.scope, records.c.moved_to.is_(None)
        )
        frozen = damage.frozen_elsewhere(self._connection, self.scope, ids)
        return frozen | {row.record: row.scope for row in self._connection.execute(query)}

    def logged(self, dots: Collection[Dot]) -> dict[Dot, Logged]:
        """What the log of any scope says about these edits, those appended here included."""
        return logged(self._connection, dots) | {
            entry.dot: Logged(self.scope, entry.dot, entry.record, entry.outcome, entry.reason, entry.at, entry.fingerprint)
            for entry in self._log
            if entry.dot in dots and entry.dot is not None
        }

    def deposited_body(self, dot: Dot) -> str | None:
        """The body of an edit that was set aside; None where the log of no scope says so."""
        for entry in self._log:
            if entry.dot == dot:
                return entry.body if entry.outcome == "deposited" else None
        aside = (edits.c.actor == dot.actor, edits.c.counter == dot.counter, edits.c.outcome == "deposited")
        body: str | None = self._connection.scalar(select(edits.c.body).where(*aside))
        return body

    # -- writing

    def append(self, entry: Entry) -> None:
        """One more entry of the log."""
        self._log.append(entry)

    def put(self, state: Stored) -> None:
        """The new state of a record; it moves to the end of the feed."""
        self._known.setdefault(state.record.id, None)
        self._changed.pop(state.record.id, None)
        self._changed[state.record.id] = state

    def deposit(self, row: dict[str, Any]) -> None:
        """Keep an edit for a person; a repeat of it changes nothing."""
        self._deposits.append({"scope": self.scope, "state": "waiting", **row})

    def finish(self) -> Head:
        """Write everything. The scope row comes last: see the module."""
        head = self.head
        upsert(self._connection, deposits, self._deposits, keep=True)
        log_rows = []
        for entry in self._log:
            head = replace(head, entries=head.entries + 1)
            row = {
                "scope": self.scope,
                "actor": entry.dot.actor if entry.dot else STATE_ACTOR,
                "counter": entry.dot.counter if entry.dot else head.entries,
                "entry": head.entries,
                **{name: getattr(entry, name) for name in _ENTRY_COLUMNS},
            }
            head = replace(head, chain=chained(head.chain, row))
            log_rows.append({**row, "hash": head.chain})
        if log_rows:
            self._connection.execute(edits.insert(), log_rows)
        record_rows = []
        for state in self._changed.values():
            head = _counted(head, self._known[state.record.id], state)
            record_rows.append(as_row(replace(state, seq=head.seq)))
            self.placed[state.record.id] = head.seq
        upsert(self._connection, records, record_rows)
        if head != self._told:
            self._connection.execute(
                update(scopes)
                .where(scopes.c.scope == self.scope)
                .values(seq=head.seq, live=head.live, sum=f"{head.sum:032x}", entries=head.entries, chain=head.chain)
            )
        return head


_ENTRY_COLUMNS = ("record", "outcome", "reason", "at", "received_at", "device", "fingerprint", "body")


def _counted(head: Head, before: Stored | None, after: Stored) -> Head:
    """The scope row after one more change of a record."""
    live, total = head.live, head.sum
    for state, sign in ((before, -1), (after, 1)):
        if state is not None and state.moved_to is None:
            live += sign
            total += sign * record_hash(state.record)
    return replace(head, seq=head.seq + 1, live=live, sum=total % MODULUS)


def gone_from(connection: Connection, scope: str, ids: Collection[str]) -> dict[str, str]:
    """Which of these records have left a scope, and to which they went."""
    if not ids:
        return {}
    traces = select(records.c.record, records.c.moved_to)
    traces = traces.where(records.c.scope == scope, records.c.record.in_(ids), records.c.moved_to.is_not(None))
    return {row.record: row.moved_to for row in connection.execute(traces)}


def living(connection: Connection, ids: Collection[str]) -> dict[str, Stored]:
    """These records, in whatever scope each lives now."""
    query = select(records).where(records.c.record.in_(ids), records.c.moved_to.is_(None))
    return {row.record: stored(row) for row in connection.execute(query)}


def living_about(connection: Connection, scopes_: Collection[str], type_name: str, subjects: Collection[str]) -> list[Stored]:
    """The records of a type about these subjects that live in these scopes."""
    where = (records.c.scope.in_(scopes_), records.c.subject.in_(subjects), records.c.type == type_name)
    query = select(records).where(*where, records.c.moved_to.is_(None))
    return [stored(row) for row in connection.execute(query.order_by(records.c.record))]


def said_at_server(connection: Connection, scopes_: Collection[str], ids: Collection[str]) -> dict[str, Json]:
    """What the server's own edits last said of each field, by record and section."""
    query = select(edits.c.record, edits.c.body).where(
        edits.c.scope.in_(scopes_), edits.c.record.in_(ids), edits.c.device == "server"
    )
    said: dict[str, Json] = {}
    for row in connection.execute(query.order_by(edits.c.received_at, edits.c.entry)):
        for name, value in json.loads(row.body)["sections"].items():
            said.setdefault(row.record, {}).setdefault(name, {}).update(value or {})
    return said


def logged(connection: Connection, dots: Collection[Dot]) -> dict[Dot, Logged]:
    """What the log of any scope says about these edits."""
    found: dict[Dot, Logged] = {}
    by_actor: dict[str, list[int]] = {}
    for dot in dots:
        by_actor.setdefault(dot.actor, []).append(dot.counter)
    for actor, counters in by_actor.items():
        names: ColumnElement[bool] = and_(edits.c.actor == actor, edits.c.counter.in_(counters))
        columns = (
            edits.c.scope,
            edits.c.counter,
            edits.c.record,
            edits.c.outcome,
            edits.c.reason,
            edits.c.at,
            edits.c.fingerprint,
        )
        for row in connection.execute(select(*columns).where(names).order_by(edits.c.received_at)):
            dot = Dot(actor, row.counter)
            found.setdefault(dot, Logged(row.scope, dot, row.record, row.outcome, row.reason, row.at, row.fingerprint))
    return found
