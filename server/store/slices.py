"""Looking through the whole database a slice at a time: records beside the log, chains, digests, counters.

Each slice reads in a transaction of its own and holds no lock. What looks wrong is looked at again under the lock of its scope
before an alarm is raised, for something may have been written in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, func, or_, select

from server.store import damage, trail, verify
from server.store.damage import CHAIN, COUNTER, DIGEST, DOTS, LOG, MISSING, TRACE, TWICE, UNKNOWN, DamagedError
from server.store.devices import pseudo_scope
from server.store.engine import reading, retried
from server.store.erasure import emptied_in, follows
from server.store.folding import APPLIED, folded
from server.store.scope import ERASED, GENESIS, STATE_ACTOR, ScopeWriter, sound, stored
from server.store.tables import actor_states, edits, records, scopes
from server.store.tables import damage as alarms
from sync.digest import of_hashes
from sync.types import CATALOGUE
from sync.version import Dot

BATCH = 200  # records or entries at a time
Suspects = dict[str, tuple[str, str | None]]  # by record: why, and whose it is by the log


def cycle(engine: Engine) -> Iterator[None]:
    """Look at everything once; each step is one slice."""
    with reading(engine) as connection:
        every = connection.scalars(select(scopes.c.scope).order_by(scopes.c.scope)).all()
        strays = connection.scalars(
            select(records.c.scope).distinct().where(records.c.scope.not_in(select(scopes.c.scope)))
        ).all()
    for scope in [*strays, *(one for one in every if not trail.is_trail(one))]:
        if scope in strays:
            retried(engine, partial(_stray, scope=scope))
        whole = True
        for sound_so_far in _chain(engine, scope):
            whole = sound_so_far
            yield
        yield from _records(engine, scope, beside_log=whole)
        if whole:
            retried(engine, partial(_missing, scope=scope))
        _digest(engine, scope)
        yield
    _across(engine)
    yield


def _stray(connection: Connection, scope: str) -> None:
    """A scope whose row is gone gets one again, by what is there."""
    ScopeWriter(connection, scope).finish()


# -- records -----------------------------------------------------------------------------------------------------------


def _records(engine: Engine, scope: str, *, beside_log: bool) -> Iterator[None]:
    after = ""
    while True:
        mine = (records.c.scope == scope, records.c.record > after)
        with reading(engine) as connection:
            rows = connection.execute(select(records).where(*mine).order_by(records.c.record).limit(BATCH)).all()
            found = _suspects(connection, rows, beside_log=beside_log)
        if found:
            retried(engine, partial(_confirm, scope=scope, found=found, beside_log=beside_log))
        yield
        if len(rows) < BATCH:
            return
        after = rows[-1].record


def _confirm(connection: Connection, scope: str, found: Suspects, *, beside_log: bool) -> None:
    writer = ScopeWriter(connection, scope)
    writer.load(found)  # freezes what does not agree with itself
    here = (records.c.scope == scope, records.c.record.in_(found))
    rows = connection.execute(select(records).where(*here)).all()
    for record, (why, subject) in _suspects(connection, rows, beside_log=beside_log).items():
        damage.freeze(connection, scope, record, why, subject)
    writer.finish()


def _suspects(connection: Connection, rows: list[Row[Any]] | Any, *, beside_log: bool) -> Suspects:
    """Which of these rows of one scope are not whole, or not what the log amounts to."""
    found: Suspects = {}
    living = []
    for row in rows:
        try:
            sound(row)
        except DamagedError as trouble:
            found[row.record] = (trouble.why, None)
            continue
        if row.moved_to is None:
            living.append(row)
        elif row.moved_to != ERASED and not _arrived(connection, row):
            found[row.record] = (TRACE, None)
    return found | (_beside_log(connection, living) if beside_log else {})


def _arrived(connection: Connection, trace: Row[Any]) -> bool:
    """True where a record is, or was, in the scope to which its trace says that it went."""
    there = select(records.c.record).where(records.c.scope == trace.moved_to, records.c.record == trace.record)
    return connection.scalar(there) is not None or bool(damage.frozen_among(connection, trace.moved_to, [trace.record]))


def _beside_log(connection: Connection, living: list[Row[Any]]) -> Suspects:
    ids = [row.record for row in living]
    places: dict[str, set[str]] = {record: set() for record in ids}
    homes: dict[str, int] = dict.fromkeys(ids, 0)
    told = select(records.c.record, records.c.scope, records.c.moved_to).where(records.c.record.in_(ids))
    for kept in connection.execute(told):
        places[kept.record].add(kept.scope)
        homes[kept.record] += kept.moved_to is None
    for held in connection.execute(select(alarms).where(alarms.c.part.in_(ids))):
        places[held.part].add(held.scope)
        homes[held.part] += held.why == TWICE
    broken = set(connection.scalars(select(alarms.c.scope).where(alarms.c.part == CHAIN)))
    log = entries_of(connection, places)
    found: Suspects = {}
    for row in living:
        mine = log.get(row.record, [])
        if places[row.record] & broken:
            continue  # nobody can say which of the two is whole
        if homes[row.record] > 1:
            found[row.record] = (TWICE, None)
        elif not mine:
            found[row.record] = (UNKNOWN, None)
        else:
            amounts = folded(mine, set_aside(connection, mine), CATALOGUE)
            if not isinstance(amounts, str) and not verify.same(amounts.record, stored(row)):
                found[row.record] = (LOG, amounts.record.subject)
    return found


def entries_of(connection: Connection, places: dict[str, set[str]]) -> dict[str, list[Row[Any]]]:
    """The entries that changed these records, in the order in which they came; `places`: the scopes each was ever in."""
    every = set().union(*places.values()) if places else set()
    mine = (edits.c.scope.in_(every), edits.c.record.in_(places), edits.c.outcome.in_(APPLIED))
    rows = connection.execute(select(edits).where(*mine).order_by(edits.c.record, edits.c.received_at, edits.c.entry)).all()
    return {record: list(group) for record, group in groupby(rows, key=lambda row: row.record)}


def set_aside(connection: Connection, log: list[Row[Any]]) -> set[Dot]:
    """The edits about a record that were deposited, wherever its log or its authors' own scopes have them."""
    places = {row.scope for row in log} | {pseudo_scope(row.actor) for row in log}
    mine = (edits.c.scope.in_(places), edits.c.actor.in_({row.actor for row in log}), edits.c.outcome == "deposited")
    return {Dot(row.actor, row.counter) for row in connection.execute(select(edits.c.actor, edits.c.counter).where(*mine))}


def _missing(connection: Connection, scope: str) -> None:
    """Records that the log of a scope has and that left nothing there, not even a trace."""
    writer = ScopeWriter(connection, scope)
    row = and_(records.c.scope == edits.c.scope, records.c.record == edits.c.record)
    mine = (edits.c.scope == scope, edits.c.outcome.in_(APPLIED), records.c.record.is_(None), edits.c.record.is_not(None))
    lost = set(connection.scalars(select(edits.c.record).distinct().join_from(edits, records, row, isouter=True).where(*mine)))
    for record in sorted(lost - damage.frozen_among(connection, scope, lost)):
        damage.freeze(connection, scope, record, MISSING)
    writer.finish()


# -- chains, digests, counters -----------------------------------------------------------------------------------------


def _chain(engine: Engine, scope: str) -> Iterator[bool]:
    """Go along the log of a scope: after each slice, whether it was whole so far."""
    place, hash_, whole = 0, GENESIS, True
    with reading(engine) as connection:
        emptied = emptied_in(connection, scope)
    while True:
        mine = (edits.c.scope == scope, edits.c.entry > place)
        with reading(engine) as connection:
            rows = connection.execute(select(edits).where(*mine).order_by(edits.c.entry).limit(BATCH)).all()
            for row in rows:
                if row.outcome == ERASED and not follows(hash_, row, emptied):
                    emptied = emptied_in(connection, scope)  # somebody was erased meanwhile
                whole &= row.entry == place + 1 and follows(hash_, row, emptied)
                place, hash_ = row.entry, row.hash
            last = len(rows) < BATCH
            if last:
                head = connection.execute(select(scopes).where(scopes.c.scope == scope)).one_or_none()
                whole &= head is None or (head.entries, head.chain) == (place, hash_)
        if last:
            _settle(engine, scope, CHAIN, sound_now=whole)
        yield whole
        if last:
            return


def _digest(engine: Engine, scope: str) -> None:
    """The digest is the sum over the records, those that are frozen included."""
    with reading(engine) as connection:
        head = connection.execute(select(scopes).where(scopes.c.scope == scope)).one_or_none()
        if head is None:
            return
        frozen = damage.hashes(connection, scope)
        kept = select(records.c.hash).where(records.c.scope == scope, records.c.moved_to.is_(None))
        values = [*connection.scalars(kept), *(hash_ for _, hash_ in frozen if hash_ is not None)]
    if any(hash_ is None for _, hash_ in frozen):
        return
    try:
        sums = of_hashes(int(one, 16) for one in values)
    except ValueError:  # of a record that was damaged just now
        return
    _settle(engine, scope, DIGEST, sound_now=(sums.count, f"{sums.sum:032x}") == (head.live, head.sum))


def _settle(engine: Engine, scope: str, part: str, *, sound_now: bool) -> None:
    """Raise an alarm, or take one back that stood."""
    with reading(engine) as connection:
        stands = bool(damage.frozen_among(connection, scope, [part]))
    if sound_now and stands:
        retried(engine, lambda connection: damage.clear(connection, scope, part))
    elif not sound_now and not stands:
        retried(engine, lambda connection: damage.note(connection, scope, part, part))


def _across(engine: Engine) -> None:
    """What no scope shows by itself: a dot in two logs, an actor's counter behind its edits, the audit trail."""
    of_actors = edits.c.actor != STATE_ACTOR
    names = (edits.c.actor, edits.c.counter)
    twice = select(func.min(edits.c.scope).label("scope")).where(of_actors).group_by(*names).having(func.count() > 1)
    most = select(edits.c.actor, func.max(edits.c.counter).label("counter")).where(of_actors).group_by(edits.c.actor).subquery()
    behind = select(most.c.actor).join(actor_states, actor_states.c.actor == most.c.actor)
    with reading(engine) as connection:
        found = {(row.scope, DOTS) for row in connection.execute(twice)}
        late = connection.scalars(behind.where(actor_states.c.counter < most.c.counter))
        found |= {(pseudo_scope(actor), COUNTER) for actor in late}
        found |= {(damage.TRAIL, damage.TRAIL) for _ in trail.verify(connection)[1][:1]}
        parts = or_(alarms.c.part == DOTS, alarms.c.part == COUNTER, alarms.c.part == damage.TRAIL)
        stood = {(row.scope, row.part) for row in connection.execute(select(alarms).where(parts))}
    for scope, part in sorted(found | stood):
        _settle(engine, scope, part, sound_now=(scope, part) not in found)
