"""What was found damaged in the database: records that are frozen, and what else of a scope does not agree.

A frozen record is taken out of `records`, so that all who read there go on with the others; its row is kept as it was. The
digest of its scope still counts it, for phones hold it whole.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from server.store.sealing import as_stored
from server.store.tables import damage, records, scopes
from sync.codec import stamp
from sync.digest import of_hashes

UNREADABLE, HASH, VECTOR = "unreadable", "hash", "vector"  # of a record, seen by itself
LOG, TWICE, UNKNOWN, TRACE, MISSING = "log", "twice", "unknown", "trace", "missing"  # seen beside the log
FEED, CHAIN, DIGEST, DOTS, COUNTER, TRAIL = "feed", "chain", "digest", "dots", "counter", "trail"  # parts of a scope
OF_RECORDS = (UNREADABLE, HASH, VECTOR, LOG, TWICE, UNKNOWN, TRACE, MISSING)
MEANING = {
    UNREADABLE: "it cannot be read",
    HASH: "its hash is not that of its content",
    VECTOR: "it holds an edit that it has not seen",
    LOG: "it is not what the log amounts to",
    TWICE: "it lives in several scopes",
    UNKNOWN: "the log knows nothing of it",
    TRACE: "it is said to have moved, and is not where it went",
    MISSING: "the log has it, and it is not there",
    FEED: "the counter of the feed was behind its records",
    CHAIN: "the log is not what was chained",
    DIGEST: "the digest is not the sum over the records",
    DOTS: "an edit stands in two logs",
    COUNTER: "the counter of an actor is behind its edits",
    TRAIL: "the audit trail is not what was chained",
}

log = logging.getLogger(__name__)


class DamagedError(ValueError):
    """A row of `records` is not whole: (scope, record, why)."""

    def __init__(self, scope: str, record: str, why: str = UNREADABLE) -> None:
        super().__init__(f"record {record} in {scope}: {MEANING[why]}")
        self.scope, self.record, self.why = scope, record, why


def freeze(connection: Connection, scope: str, record: str, why: str, subject: str | None = None) -> None:
    """Take a record out of the way of the others. The caller holds the lock of its scope.

    `subject`: whose it is where the row itself is not to be believed.
    """
    raw = as_stored(records)
    mine = (records.c.scope == scope, records.c.record == record)
    row = connection.execute(select(raw).where(raw.c.scope == scope, raw.c.record == record)).mappings().one_or_none()
    said: dict[str, Any] = {"type": None, "subject": subject, "live": False, "hash": None, "kept": None}
    if row is not None:
        hash_ = connection.scalar(select(records.c.hash).where(*mine)) or ""
        whole = why != HASH and len(hash_) == 32 and set(hash_) <= set("0123456789abcdef")
        said["type"], said["subject"] = row["type"], subject or row["subject"]
        said |= {"live": row["moved_to"] is None, "hash": hash_ if whole else None}
        said["kept"] = json.dumps(dict(row), ensure_ascii=False)
        connection.execute(delete(records).where(*mine))
    elif why == MISSING:
        said["live"] = True
    note(connection, scope, record, why, **said)


def note(connection: Connection, scope: str, part: str, why: str, *, live: bool = False, **said: Any) -> bool:
    """Raise an alarm about a part of a scope; True when it is a new one."""
    known = (damage.c.scope == scope, damage.c.part == part)
    if connection.scalar(select(func.count()).select_from(damage).where(*known)):
        return False
    at = stamp(dt.datetime.now(dt.UTC))
    connection.execute(damage.insert().values(scope=scope, part=part, why=why, found_at=at, live=live, **said))
    what = "a record is frozen" if why in OF_RECORDS else "the database does not agree with itself"
    log.critical("ALARM %s in scope %s: %s. `cunyi mend` lists what is damaged.", what, scope, MEANING[why])
    return True


def clear(connection: Connection, scope: str, part: str) -> bool:
    """Take an alarm back; True where there was one."""
    return connection.execute(delete(damage).where(damage.c.scope == scope, damage.c.part == part)).rowcount > 0


def frozen_among(connection: Connection, scope: str, ids: Collection[str]) -> set[str]:
    """Which of these records of a scope are frozen."""
    if not ids:
        return set()
    return set(connection.scalars(select(damage.c.part).where(damage.c.scope == scope, damage.c.part.in_(ids))))


def frozen_elsewhere(connection: Connection, scope: str, ids: Collection[str]) -> dict[str, str]:
    """Which of these records are frozen in another scope, and in which."""
    query = select(damage.c.part, damage.c.scope).where(damage.c.part.in_(ids), damage.c.scope != scope)
    return {row.part: row.scope for row in connection.execute(query)}


def hashes(connection: Connection, scope: str) -> list[tuple[str, str | None]]:
    """(record, its part of the digest, None where that is not known) of the frozen records that the digest counts."""
    live = (damage.c.scope == scope, damage.c.live)
    return [(row.part, row.hash) for row in connection.execute(select(damage.c.part, damage.c.hash).where(*live))]


def standing(connection: Connection) -> list[Row[Any]]:
    """Every alarm that stands, by scope and part."""
    return list(connection.execute(select(damage).order_by(damage.c.scope, damage.c.part)))


def counted(connection: Connection) -> tuple[int, int]:
    """How many records are frozen, and how many other alarms stand."""
    of_record = damage.c.why.in_(OF_RECORDS)
    query = select(of_record.label("frozen"), func.count().label("n")).group_by(of_record)
    by_kind = {bool(row.frozen): row.n for row in connection.execute(query)}
    return by_kind.get(True, 0), by_kind.get(False, 0)


def about(connection: Connection, resident: str) -> list[Row[Any]]:
    """The frozen records of a resident."""
    mine = (damage.c.part == resident) | (damage.c.subject == resident)
    return list(connection.execute(select(damage.c.scope, damage.c.part, damage.c.type).where(mine)))


def recount(connection: Connection, scope: str) -> None:
    """Make count and sum of a scope anew from the records, those that are frozen included. The caller holds its lock.

    They stay as they are while nobody knows the part of one that is frozen: they were right before the damage.
    """
    kept = select(records.c.hash).where(records.c.scope == scope, records.c.moved_to.is_(None))
    frozen = hashes(connection, scope)
    if any(hash_ is None for _, hash_ in frozen):
        return
    sums = of_hashes(int(one, 16) for one in [*connection.scalars(kept), *(hash_ for _, hash_ in frozen if hash_)])
    told = {"live": sums.count, "sum": f"{sums.sum:032x}"}
    connection.execute(update(scopes).where(scopes.c.scope == scope).values(**told))
