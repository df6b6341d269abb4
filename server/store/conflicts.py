"""What waits for a person at a desk: the records that do, and when the words arrived that they are about."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, select

from server.store.scope import Stored, stored
from server.store.tables import edits, records, standings
from sync.record import Record
from sync.search import Entry
from sync.version import Dot

Arrived = Mapping[Dot, tuple[str, int]]  # when an edit came, and its place in the log


def waiting(connection: Connection, scopes: Collection[str], kinds: Iterable[str]) -> list[Stored]:
    """The records of these scopes that wait for one of these, by scope and id."""
    here = (records.c.scope.in_(scopes), records.c.waits.is_not(None), records.c.moved_to.is_(None))
    rows = connection.execute(select(records).where(*here))  # ordered here, or SQLite leaves the index of the few aside
    wanted = set(kinds)
    found = [stored(row) for row in rows if wanted.intersection(row.waits.split())]
    return sorted(found, key=lambda one: (one.record.scope, one.record.id))


def arrived(connection: Connection, waiting: Collection[str]) -> dict[str, dict[Dot, tuple[str, int]]]:
    """For each of these records when every edit about it reached the server, by its dot; as `Arrived`."""
    lived = select(records.c.scope).where(records.c.record.in_(waiting)).distinct()
    names = (edits.c.record, edits.c.actor, edits.c.counter, edits.c.received_at, edits.c.entry)
    query = select(*names).where(edits.c.scope.in_(lived), edits.c.record.in_(waiting), edits.c.outcome != "deposited")
    found: dict[str, dict[Dot, tuple[str, int]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.record, {})[Dot(row.actor, row.counter)] = (row.received_at, row.entry)
    return found


class InForce(NamedTuple):
    """Somebody with more than one contract in force, by their standing: these, the one that counts first."""

    village: str
    resident: str
    name: str
    contracts: tuple[str, ...]


def doubled(connection: Connection, villages: Collection[str]) -> list[InForce]:
    """Everybody in these villages with two contracts in force.

    The caller MUST have seen in the same picture of the database that none of them is `behind`.
    """
    likely = (standings.c.scope.in_(villages), standings.c.body.like('%"others":["%'))
    query = select(standings.c.scope, standings.c.resident, standings.c.entries, standings.c.body).where(*likely)
    found = []
    for row in connection.execute(query.order_by(standings.c.scope, standings.c.resident)):
        signed, entries = json.loads(row.body)["signed"], json.loads(row.entries)
        if signed and signed["others"]:
            name = Entry(*entries[-1]).name if entries else ""
            found.append(InForce(row.scope, row.resident, name, (signed["contract"], *signed["others"])))
    return found


def links_in(connection: Connection, villages: Collection[str]) -> list[Record]:
    """The records of these villages that say of two residents whether they are one person."""
    here = (records.c.scope.in_(villages), records.c.type == "same_person", records.c.moved_to.is_(None))
    return [stored(row).record for row in connection.execute(select(records).where(*here).order_by(records.c.record))]
