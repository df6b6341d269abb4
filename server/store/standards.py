"""What was set of the standards, and when: nothing is ever overwritten, so that the value of any day can be told again."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from server import standards
from server.standards import Standards
from server.store.scope import upsert, wire_text
from server.store.tables import standards as table


class Given(NamedTuple):
    """A value of a standard: from which day on, who set it and when."""

    name: str
    since: str
    value: Any
    given_by: str
    given_at: str


def standards_on(connection: Connection, day: dt.date, known_at: str | None = None) -> Standards:
    """The standards in force on a day; with `known_at` as they were known at that instant, for a report that is recomputed."""
    query = select(table).where(table.c.since <= day.isoformat())
    if known_at is not None:
        query = query.where(table.c.given_at <= known_at)
    rows = connection.execute(query.order_by(table.c.since, table.c.given_at))
    return standards.of({row.name: json.loads(row.value) for row in rows})


def put(connection: Connection, name: str, since: dt.date, value: Any, by: str, at: str) -> None:
    """Set a standard from a day on; what is set later for the same day holds. Raises StandardError."""
    standards.check(name, value)
    row = {"name": name, "since": since.isoformat(), "given_at": at, "value": wire_text(value), "given_by": by}
    upsert(connection, table, [row])


def history(connection: Connection, name: str | None = None) -> list[Given]:
    """Everything that was set, or of one standard, in the order in which it holds."""
    query = select(table).order_by(table.c.name, table.c.since, table.c.given_at)
    rows = connection.execute(query if name is None else query.where(table.c.name == name))
    return [Given(row.name, row.since, json.loads(row.value), row.given_by, row.given_at) for row in rows]
