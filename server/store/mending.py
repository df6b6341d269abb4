"""Mending what was found damaged: a record from the log, what a scope says of itself from its records and its log.

Nothing is mended from a log that is not whole itself: that would make up a record that nobody wrote.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from server.store import damage, verify
from server.store.damage import CHAIN, COUNTER, DIGEST, FEED, OF_RECORDS, UNKNOWN
from server.store.folding import folded
from server.store.scope import ScopeWriter, Stored
from server.store.slices import entries_of, set_aside
from server.store.tables import actor_states, edits, records, scopes
from sync.codec import instant, issues_to_wire
from sync.record import STANDING, VOID, VOID_CLASH, Remark, conflicts
from sync.scopes import read_scope
from sync.types import CATALOGUE


class UnmendableError(Exception):
    """It cannot be mended by what is here; the message says why, and what is left to do."""


@dataclass(frozen=True)
class Mended:
    """What was done, in a sentence; where the record's resident lives now, if that is in another village."""

    told: str
    resident: str | None = None
    village: str | None = None


def advice(row: Row[Any]) -> str:
    """How an alarm is ended."""
    if row.why == UNKNOWN:
        return f"nobody wrote it, by the log: look where it came from; `cunyi mend {row.part} --drop` lets go of it"
    if row.why in OF_RECORDS:
        return f"`cunyi mend {row.part}` makes it anew from the log"
    if row.part in (FEED, DIGEST, COUNTER):
        return f"`cunyi mend {row.scope}` counts anew"
    return "no command can: see `cunyi verify`, look at the disk, and restore a backup; phones bring what it lacks"


def mend(connection: Connection, name: str, *, drop: bool = False) -> Mended:
    """Mend what is damaged of a record or a scope; `drop`: let go of a record that the log does not know.

    Raises LookupError where nothing of this name is damaged, UnmendableError where it cannot be mended.
    """
    standing = damage.standing(connection)
    if of_record := [row for row in standing if row.part == name and row.why in OF_RECORDS]:
        return _record(connection, name, of_record, drop=drop)
    of_scope = [row for row in standing if row.scope == name and row.why not in OF_RECORDS]
    if not of_scope:
        raise LookupError(f"nothing called {name!r} is damaged")
    return _scope(connection, name, {row.part for row in of_scope})


# -- a record ----------------------------------------------------------------------------------------------------------


def _record(connection: Connection, record: str, frozen: list[Row[Any]], *, drop: bool) -> Mended:
    traces = select(records.c.scope, records.c.moved_to).where(records.c.record == record)
    told = connection.execute(traces).all()
    places = {row.scope for row in frozen} | {row.scope for row in told}
    writers = {scope: ScopeWriter(connection, scope) for scope in sorted(places)}
    if broken := [scope for scope in writers if not verify.chain_holds(connection, scope)]:
        raise UnmendableError(f"the log of {', '.join(broken)} is damaged too: restore a backup, phones bring what it lacks")
    log = entries_of(connection, {record: places}).get(record, [])
    if not log:
        if not drop:
            raise UnmendableError("the log knows nothing of it: nobody wrote it. --drop lets go of it")
        _let_go(connection, record, frozen)
        return Mended(f"{record} is let go of: nobody had written it.")
    amounts = folded(log, set_aside(connection, log), CATALOGUE)
    if isinstance(amounts, str):
        raise UnmendableError(f"{amounts}: restore a backup, phones bring what it lacks")
    _let_go(connection, record, frozen)
    if any(row.moved_to is None for row in told):
        return Mended(f"{record} lives in another scope, whole.")
    home = writers[_home(told, frozen, log)]
    remarked = sorted(amounts.remarks)
    found = replace(amounts.record, scope=home.scope)
    asked = bool(conflicts(found, CATALOGUE.policy(found.type))) or Remark(VOID, VOID_CLASH) in remarked
    issues = CATALOGUE.check(found, instant(amounts.received_at).date(), [one for one in remarked if one.code in STANDING])
    home.load([record])
    home.put(Stored(found, 0, tuple(issues_to_wire(issues)), asked))
    home.finish()
    told_before = {"live": home.head.live, "sum": f"{home.head.sum:032x}"}  # it was counted while it was frozen
    connection.execute(update(scopes).where(scopes.c.scope == home.scope).values(**told_before))
    damage.recount(connection, home.scope)
    return Mended(f"{record} is made anew from {len(log)} entries of the log.", *_moved_since(connection, found.subject, home))


def _let_go(connection: Connection, record: str, frozen: list[Row[Any]]) -> None:
    for row in frozen:
        damage.clear(connection, row.scope, record)
        damage.recount(connection, row.scope)


def _home(told: list[Any] | Any, frozen: list[Row[Any]], log: list[Row[Any]]) -> str:
    """Where a record belongs: where it was frozen; of several places where a trace says, or where its last edit came in."""
    places = [row.scope for row in frozen]
    said = [row.moved_to for row in told if row.moved_to in places]
    came = [row.scope for row in reversed(log) if row.scope in places]
    return str([*said, *came, *places][0] if len(places) > 1 else places[0])


def _moved_since(connection: Connection, subject: str | None, home: ScopeWriter) -> tuple[str | None, str | None]:
    """The resident of a record and the village where they live, if that is another than the record's."""
    place = read_scope(home.scope)
    if subject is None or place is None:
        return None, None
    lives = connection.scalar(select(records.c.scope).where(records.c.record == subject, records.c.moved_to.is_(None)))
    return (subject, lives) if lives is not None and lives != place.place else (None, None)


# -- a scope -----------------------------------------------------------------------------------------------------------


def _scope(connection: Connection, scope: str, parts: set[str]) -> Mended:
    mendable = parts & {FEED, DIGEST, COUNTER}
    if CHAIN in parts and verify.chain_holds(connection, scope):
        mendable.add(CHAIN)
    if not mendable:
        raise UnmendableError("no command mends it: restore a backup, phones bring what it lacks")
    ScopeWriter(connection, scope).finish()  # puts the counter of the feed right
    if DIGEST in parts:
        damage.recount(connection, scope)
    if COUNTER in parts:
        actor = scope.partition(":")[2]
        most = connection.scalar(select(func.max(edits.c.counter)).where(edits.c.actor == actor))
        connection.execute(update(actor_states).where(actor_states.c.actor == actor).values(counter=most))
    for part in mendable:
        damage.clear(connection, scope, part)
    return Mended(f"{scope}: {', '.join(sorted(mendable))} made anew.")
