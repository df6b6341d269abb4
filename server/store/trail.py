"""The audit trail: who saw and did what at a desk, once, for ever.

Each person has a chain of entries of their own, in the scope `person:<id>`, so that nobody waits for another's row. The
row of that scope in `scopes` tells how long the chain is and how it ends: what is changed, taken out or cut off is noticed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, or_, select, update

from server.store.scope import GENESIS, Head, head_of, upsert, wire_text
from server.store.tables import scopes, trail
from sync.codec import Json
from sync.record import canonical

PREFIX = "person:"
_LONGEST = 64  # signs of the name of a scope


@dataclass(frozen=True)
class Step:
    """An entry as it is read: its place is (at, person, entry)."""

    entry: int
    at: str
    person: str
    action: str
    area: str | None
    resident: str | None
    record: str | None
    detail: Json


def scope_of(person: str) -> str:
    """The scope in which the chain of a person lies. Of an id that is too long for its column, the rest is a hash."""
    whole = f"{PREFIX}{person}"
    if len(whole) <= _LONGEST:
        return whole
    tail = hashlib.sha256(person.encode()).hexdigest()[:32]
    return f"{whole[: _LONGEST - 1 - len(tail)]}#{tail}"  # no id has a `#`


def is_trail(scope: str) -> bool:
    """True for the scope of a chain, where no record lives."""
    return scope.startswith(PREFIX)


def write(
    connection: Connection,
    person: str,
    at: str,
    action: str,
    *,
    area: str | None = None,
    resident: str | None = None,
    record: str | None = None,
    detail: Json | None = None,
) -> None:
    """Append one entry to the chain of a person. Holds its head to the end of the transaction.

    `detail` MUST NOT quote what a record says. What is longer than its column was never an area or an id of ours: it is cut.
    """
    scope = scope_of(person)
    head = head_of(connection, scope, lock=True)
    if head is None:
        blank = {"scope": scope, "seq": 0, "live": 0, "sum": f"{0:032x}", "entries": 0, "chain": GENESIS}
        upsert(connection, scopes, [blank], keep=True)
        head = head_of(connection, scope, lock=True) or Head()
    row: Json = {
        "scope": scope,
        "entry": head.entries + 1,
        "at": at,
        "person": person,
        "action": action,
        **{name: _fit(name, value) for name, value in (("area", area), ("resident", resident), ("record", record))},
        "detail": wire_text(detail or {}),
    }
    chain = _chained(head.chain, row)
    connection.execute(trail.insert().values(**row, hash=chain))
    connection.execute(update(scopes).where(scopes.c.scope == scope).values(entries=row["entry"], chain=chain))


def _fit(name: str, value: str | None) -> str | None:
    """A value as its column takes it: a stranger may ask for an area of any length, with any sign in it."""
    longest: int | None = getattr(trail.c[name].type, "length", None)
    return value.replace("\0", "")[:longest] if value is not None else None


def _chained(before: str, row: Json) -> str:
    """The hash of an entry: of all it says, and of the hash before it."""
    said = [row[column.name] for column in trail.columns if column.name != "hash"]
    return hashlib.sha256((before + canonical(said)).encode()).hexdigest()


@dataclass(frozen=True)
class Asked:
    """Which entries somebody asks for; None: whatever it is.

    `action`: it, or all that begin with it and a full stop. `area`: it and all below. `since` and `until` (exclusive) are
    days or instants.
    """

    person: str | None = None
    action: str | None = None
    area: str | None = None
    resident: str | None = None
    record: str | None = None
    since: str | None = None
    until: str | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """As SQL."""
        if self.person is not None:
            yield trail.c.scope == scope_of(self.person)
        if self.action is not None:
            yield or_(trail.c.action == self.action, trail.c.action.startswith(f"{self.action}.", autoescape=True))
        if self.area is not None:
            yield trail.c.area.startswith(self.area, autoescape=True)
        if self.resident is not None:
            yield trail.c.resident == self.resident
        if self.record is not None:
            yield trail.c.record == self.record
        if self.since is not None:
            yield trail.c.at >= self.since
        if self.until is not None:
            yield trail.c.at < self.until


EVERYTHING = Asked()


def read(
    connection: Connection, asked: Asked = EVERYTHING, *, before: str | None = None, limit: int = 50
) -> tuple[list[Step], str | None]:
    """Entries, the latest first, and the place from which the next page goes on (`before`), None where nothing is left.

    Raises ValueError for a `before` that no page gave.
    """
    wanted = list(asked.conditions())
    if before is not None:
        at, entry, scope = _place(before)
        same = and_(trail.c.at == at, or_(trail.c.scope < scope, and_(trail.c.scope == scope, trail.c.entry < entry)))
        wanted.append(or_(trail.c.at < at, same))
    query = select(trail).where(*wanted).order_by(trail.c.at.desc(), trail.c.scope.desc(), trail.c.entry.desc())
    rows = connection.execute(query.limit(limit + 1)).all()
    steps = [Step(r.entry, r.at, r.person, r.action, r.area, r.resident, r.record, json.loads(r.detail)) for r in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else None
    return steps, f"{last.at}~{last.entry}~{last.scope}" if last is not None else None


def _place(before: str) -> tuple[str, int, str]:
    parts = before.split("~", 2)
    if len(parts) != 3 or not (parts[1].isascii() and parts[1].isdecimal() and len(parts[1]) < 19):
        raise ValueError("it is no place in the trail")
    return parts[0], int(parts[1]), parts[2]


# -- keeping it for a time ---------------------------------------------------------------------------------------------

SHELL, CUT = "shell", "audit.cut"


def older(connection: Connection, before: str) -> list[str]:
    """The chains of persons that have entries from before an instant."""
    found = select(trail.c.scope).distinct().where(trail.c.at < before, trail.c.scope != scope_of(SHELL))
    return list(connection.scalars(found.order_by(trail.c.scope)))


def cut(connection: Connection, scope: str, before: str, at: str) -> int:
    """Take the entries from before an instant off the beginning of a chain, but for its last: how many.

    How far, and the hash of the last one taken, stands in the chain of the shell, which is never cut.
    """
    head = head_of(connection, scope, lock=True)
    kept = select(func.min(trail.c.entry)).where(trail.c.scope == scope, trail.c.at >= before)
    upto = (connection.scalar(kept) or (head.entries if head else 1)) - 1
    last = connection.execute(select(trail).where(trail.c.scope == scope, trail.c.entry == upto)).one_or_none()
    if last is None:
        return 0
    write(connection, SHELL, at, CUT, detail={"chain": scope, "upto": upto, "hash": last.hash})
    return connection.execute(delete(trail).where(trail.c.scope == scope, trail.c.entry <= upto)).rowcount


def _cuts(connection: Connection) -> dict[str, tuple[int, str]]:
    """How far each chain was cut, and the hash of the last entry taken."""
    said = select(trail.c.detail).where(trail.c.scope == scope_of(SHELL), trail.c.action == CUT).order_by(trail.c.entry)
    return {one["chain"]: (one["upto"], one["hash"]) for one in map(json.loads, connection.scalars(said))}


def verify(connection: Connection) -> tuple[int, list[str]]:
    """How many entries there are, and a sentence for each place where one was changed, taken out or cut off."""
    entries, faults, cuts = 0, list[str](), _cuts(connection)
    heads = connection.execute(select(scopes).where(scopes.c.scope.startswith(PREFIX)).order_by(scopes.c.scope)).all()
    for head in heads:
        length, broken = _followed(connection, head, cuts)
        entries += length
        faults += broken
    headed = {head.scope for head in heads}
    chains = connection.scalars(select(trail.c.scope).distinct().order_by(trail.c.scope))
    faults += [f"trail {scope}: its row is missing, its entries are there" for scope in chains if scope not in headed]
    return entries, faults


def _followed(connection: Connection, head: Row[Any], cuts: Mapping[str, tuple[int, str]]) -> tuple[int, list[str]]:
    """Every entry hangs on the one before it, the first on what was cut off, and the row of the scope on the last."""
    (place, hash_), length, faults = cuts.get(head.scope, (0, GENESIS)), 0, list[str]()
    query = select(trail).where(trail.c.scope == head.scope).order_by(trail.c.entry).execution_options(yield_per=500)
    for row in connection.execute(query):
        place += 1
        length += 1
        if row.entry != place:
            faults.append(f"trail {head.scope}: entry {place} is missing, {row.entry} follows")
            place = row.entry
        if _chained(hash_, row._asdict()) != row.hash:
            faults.append(f"trail {head.scope}: entry {row.entry} is not what was chained")
        hash_ = row.hash
    if (place, hash_) != (head.entries, head.chain):
        faults.append(f"trail {head.scope}: {head.entries} entries are told, {place} are there, or the last is another")
    return length, faults
