"""What the villages of a township share: records that every phone there reads and only the server writes."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from server.store.scope import Stored, stored
from server.store.tables import records


def published(connection: Connection, townships: Collection[str], type_name: str) -> list[Stored]:
    """The records of a type that these townships share, by township and id."""
    where = (records.c.scope.in_(townships), records.c.type == type_name, records.c.moved_to.is_(None))
    query = select(records).where(*where).order_by(records.c.scope, records.c.record)
    return [stored(row) for row in connection.execute(query)]
