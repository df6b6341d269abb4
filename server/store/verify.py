"""Does what is stored follow from what was received? Chains, digests and records, recomputed from the edit log.

The audit trail is looked at too: it hangs on nothing but itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby, islice

from sqlalchemy import Connection, Row, func, select

from server.store import damage, directory, standings, tallies, trail
from server.store.erasure import emptied_in, follows
from server.store.folding import APPLIED, folded
from server.store.scope import GENESIS, STATE_ACTOR, Stored, stored
from server.store.tables import edits, records, scopes
from sync.digest import of_hashes, of_records, record_hash
from sync.record import Record
from sync.types import CATALOGUE
from sync.version import Dot


@dataclass
class Findings:
    """What was looked at, and a sentence for each thing that differs."""

    scopes: int = 0
    entries: int = 0
    records: int = 0
    trail: int = 0
    faults: list[str] = field(default_factory=list)


def verify(connection: Connection, today: dt.date | None = None) -> Findings:
    """Look at everything; given the day also at the tallies of the villages that are not behind on it."""
    found = Findings()
    for row in connection.execute(select(scopes).order_by(scopes.c.scope)).all():
        if trail.is_trail(row.scope):
            continue
        found.scopes += 1
        found.faults.extend(_chain(connection, row, found))
        found.faults.extend(_digest(connection, row, found))
    found.faults.extend(_orphans(connection))
    found.faults.extend(
        f"scope {row.scope}, {row.part}: {damage.MEANING[row.why]} (found {row.found_at}; `cunyi mend` says what to do)"
        for row in damage.standing(connection)
    )
    found.faults.extend(_records(connection))
    found.faults.extend(_dots(connection))
    if today is not None:
        found.faults.extend(_tallies(connection, today))
    found.trail, broken = trail.verify(connection)
    found.faults.extend(broken)
    return found


def _orphans(connection: Connection) -> Iterator[str]:
    """Every log and every record has its scope row."""
    for table in (edits, records):
        strays = select(table.c.scope).distinct().where(~select(scopes.c.scope).where(scopes.c.scope == table.c.scope).exists())
        for scope in connection.scalars(strays.order_by(table.c.scope)):
            yield f"scope {scope}: its row is missing, its {table.name} are there"


def _chain(connection: Connection, scope: Row[tuple[object, ...]], found: Findings) -> Iterator[str]:
    """Every row of the log hangs on the one before it, and the scope row on the last."""
    hash_, place, emptied = GENESIS, 0, emptied_in(connection, scope.scope)
    query = select(edits).where(edits.c.scope == scope.scope).order_by(edits.c.entry)
    for row in connection.execute(query.execution_options(yield_per=500)):
        place += 1
        found.entries += 1
        if row.entry != place:
            yield f"log {scope.scope}: entry {place} is missing, {row.entry} follows"
            place = row.entry
        if not follows(hash_, row, emptied):
            yield f"log {scope.scope}: entry {row.entry} ({row.actor}, {row.counter}) is not what was chained"
        hash_ = row.hash
    if (place, hash_) != (scope.entries, scope.chain):
        yield f"log {scope.scope}: {scope.entries} entries are told, {place} are there, or the last is another"


def chain_holds(connection: Connection, scope: str) -> bool:
    """True when the log of a scope is what was chained, from its first entry to the one that the scope row tells."""
    row = connection.execute(select(scopes).where(scopes.c.scope == scope)).one()
    return not list(_chain(connection, row, Findings()))


def _digest(connection: Connection, scope: Row[tuple[object, ...]], found: Findings) -> Iterator[str]:
    """The digest is the sum over the records, the hash of each is its own, no seq is above the counter."""
    live: list[Record] = []
    for row in connection.execute(select(records).where(records.c.scope == scope.scope)):
        found.records += 1
        try:
            state = stored(row)
        except (ValueError, TypeError, LookupError):
            yield f"record {row.record} in {row.scope}: it cannot be read"
            continue
        if row.seq > scope.seq:
            yield f"record {row.record} in {scope.scope}: seq {row.seq} is above the counter {scope.seq}"
        if row.hash != f"{record_hash(state.record):032x}":
            yield f"record {row.record} in {scope.scope}: its hash is not that of its content"
        if not all(state.record.seen.covers(edit.dot) for edit in state.record.edits):
            yield f"record {row.record} in {scope.scope}: it holds an edit that it has not seen"
        if state.moved_to is None:
            live.append(state.record)
    digest, frozen = of_records(live), damage.hashes(connection, scope.scope)
    digest = digest.plus(of_hashes(int(hash_ or "0", 16) for _, hash_ in frozen))
    if any(hash_ is None for _, hash_ in frozen):
        return  # the frozen record is named already, and nobody knows its part
    if (digest.count, f"{digest.sum:032x}") != (scope.live, scope.sum):
        yield f"scope {scope.scope}: the digest tells {scope.live} records, {digest.count} are there, or they differ"


def _records(connection: Connection) -> Iterator[str]:
    """Every record is what its entries in the log amount to, wherever they were received."""
    log = select(edits).where(edits.c.outcome.in_(APPLIED), edits.c.record.is_not(None)).order_by(edits.c.record)
    aside = {Dot(r.actor, r.counter) for r in connection.execute(select(edits).where(edits.c.outcome == "deposited"))}
    entries = connection.execution_options(yield_per=500).execute(log)
    known: set[str] = set()
    frozen = {row.part for row in damage.standing(connection)}  # named already
    by_record = ((name, list(group)) for name, group in groupby(entries, key=lambda row: row.record))
    for batch in iter(lambda: list(islice(by_record, 500)), []):
        names = [name for name, _ in batch]
        known.update(names)
        kept = connection.execute(select(records).where(records.c.record.in_(names), records.c.moved_to.is_(None))).all()
        living: dict[str, list[Row[tuple[object, ...]]]] = {name: [] for name in names}
        for row in kept:
            living[row.record].append(row)
        for name, group in batch:
            yield from _one(name, living[name], group, aside, frozen)
    for row in connection.execute(select(records.c.scope, records.c.record).where(records.c.moved_to.is_(None))):
        if row.record not in known:
            yield f"record {row.record} in {row.scope}: the log knows nothing of it"


def _one(
    name: str, rows: list[Row[tuple[object, ...]]], log: list[Row[tuple[object, ...]]], aside: set[Dot], frozen: set[str]
) -> Iterator[str]:
    try:
        living = [stored(row) for row in rows]
    except (ValueError, TypeError, LookupError):
        return  # named already
    if not living and name in frozen:
        return
    if len(living) != 1:
        yield f"record {name}: it lives in {len(living)} scopes"
        return
    amounts = folded(sorted(log, key=lambda row: (row.received_at, row.entry)), aside, CATALOGUE)
    if isinstance(amounts, str):
        yield f"record {name} in {living[0].record.scope}: {amounts}"
    elif not same(amounts.record, living[0]):
        yield f"record {name} in {living[0].record.scope}: it is not what the log amounts to"


def same(amounts: Record, kept: Stored) -> bool:
    """Equal but for the scope, and for `at` of what came by a record state."""
    plain = [replace(edit, at="") for edit in amounts.edits]
    says = (kept.record.type, kept.record.subject, kept.record.seen, [replace(edit, at="") for edit in kept.record.edits])
    return (amounts.type, amounts.subject, amounts.seen, plain) == says


def _tallies(connection: Connection, today: dt.date) -> Iterator[str]:
    """The tallies of a village are the sums over what its residents add."""
    every = directory.villages(connection)
    behind = standings.behind(connection, every, today, CATALOGUE)
    for village in sorted(set(every).difference(behind)):
        for scope, population, bucket, code in tallies.differing(connection, village):
            where = f"{code}, {population}" + (f", {bucket}" if bucket else "")
            yield f"tallies {scope}: {where} is not the sum over the residents"


def _dots(connection: Connection) -> Iterator[str]:
    """No dot stands in two logs."""
    twice = (
        select(edits.c.actor, edits.c.counter)
        .where(edits.c.actor != STATE_ACTOR)
        .group_by(edits.c.actor, edits.c.counter)
        .having(func.count() > 1)
    )
    for row in connection.execute(twice):
        yield f"edit ({row.actor}, {row.counter}) stands in more than one log"
