"""What one person wrote, and who is concerned by it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection

from sqlalchemy import Connection, or_, select

from server.store.scope import stored, wire_text
from server.store.tables import deposits, records, standings
from sync.codec import Json, issues_from_wire
from sync.standing import Known

DECIDED_FOR = "applied"  # of a deposit: it lives on under another name


def written(connection: Connection, scopes: Collection[str], author: str, first: dt.date) -> list[Known]:
    """The records of these scopes that a person may have written about a day of a month, which begins on `first`.

    More than that: whoever asks looks at the days and the authors.
    """
    body = records.c.edits
    mine = body.contains(f'"author":{wire_text(author)}', autoescape=True)
    then = or_(body.contains(f'"{first:%Y-%m}-', autoescape=True), body.contains(f'"written_at":"{first:%Y}-', autoescape=True))
    query = select(records).where(records.c.scope.in_(scopes), records.c.moved_to.is_(None), mine, then)
    rows = connection.execute(query.order_by(records.c.record))
    return [Known(stored(row).record, issues_from_wire(json.loads(row.issues))) for row in rows]


def members(connection: Connection, village: str, households: Collection[str]) -> set[str]:
    """The residents of a village who belong to one of these households."""
    where = (standings.c.scope == village, standings.c.household.in_(households))
    return set(connection.scalars(select(standings.c.resident).where(*where)))


def set_aside(connection: Connection, person: str) -> list[tuple[Json, str, str]]:
    """(edit, reason, when it came) of what a person's phones sent that was set aside and not applied after all.

    What cannot be read as JSON is left out: nobody can tell what it was about.
    """
    names = (deposits.c.body, deposits.c.reason, deposits.c.received_at)
    query = select(*names).where(deposits.c.person == person, deposits.c.state != DECIDED_FOR)
    found = []
    for row in connection.execute(query.order_by(deposits.c.received_at, deposits.c.actor, deposits.c.counter)):
        try:
            found.append((json.loads(row.body), row.reason, row.received_at))
        except (ValueError, RecursionError):
            continue
    return found
