"""What each device has brought today, in the database: it outlives a restart and holds for all workers together."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from server.store.scope import upsert
from server.store.tables import quotas


@dataclass(frozen=True)
class Brought:
    """What a device has brought on a day: requests that write something, and bytes of edits and record states."""

    requests: int
    bytes: int


def brought(connection: Connection, device: str, day: str, *, lock: bool = False) -> Brought:
    """What it has brought on this day so far; `lock` holds its row to the end of the transaction."""
    query = select(quotas).where(quotas.c.device == device)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return Brought(row.requests, row.bytes) if row is not None and row.day == day else Brought(0, 0)


def count(connection: Connection, device: str, day: str, size: int) -> Brought:
    """One request more, with so many bytes: what it has brought now. Earlier days are forgotten."""
    upsert(connection, quotas, [{"device": device, "day": day, "requests": 0, "bytes": 0}], keep=True)
    before = brought(connection, device, day, lock=True)
    now = Brought(before.requests + 1, before.bytes + size)
    values = {"day": day, "requests": now.requests, "bytes": now.bytes}
    connection.execute(update(quotas).where(quotas.c.device == device).values(**values))
    return now
