"""What the edit log says of one record, wherever the record lived when it was said; names of people and devices."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from server.store.tables import devices, edits, people, records


@dataclass(frozen=True)
class Row:
    """One entry of the log, its body verbatim. `actor` is STATE_ACTOR for a record state that a device sent."""

    scope: str
    actor: str
    counter: int
    entry: int
    outcome: str
    reason: str | None
    at: str
    received_at: str
    device: str
    body: str


def log_of(connection: Connection, record: str) -> list[Row]:
    """The entries about a record in the order in which they came.

    Of the scopes where it lives or left a trace: what was set aside under a sender's own scope is not among them.
    """
    lived = select(records.c.scope).where(records.c.record == record)
    names = (edits.c[name] for name in Row.__dataclass_fields__)
    query = select(*names).where(edits.c.scope.in_(lived), edits.c.record == record)
    rows = connection.execute(query.order_by(edits.c.received_at, edits.c.scope, edits.c.entry))
    return [Row(**row._mapping) for row in rows]  # noqa: SLF001


def person_names(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """The names of those of these people whom the register has."""
    return {row.id: row.name for row in connection.execute(select(people.c.id, people.c.name).where(people.c.id.in_(ids)))}


def device_names(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """What those of these devices that the register has are called."""
    return {row.id: row.name for row in connection.execute(select(devices.c.id, devices.c.name).where(devices.c.id.in_(ids)))}
