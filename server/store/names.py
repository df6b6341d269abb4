"""What the ids in a record stand for: people, teams, organisations and areas of the register, and other records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Column, Connection, Table, select

from server.store.scope import living
from server.store.tables import areas, organisations, people, teams
from sync.record import Record, shown
from sync.types.catalogue import Catalogue
from sync.types.checks import at

REGISTER: Mapping[str, tuple[Table, str]] = {
    "person": (people, "id"),
    "team": (teams, "id"),
    "organization": (organisations, "id"),
    "area": (areas, "code"),
}
CALLED = {"resident": "identity.name", "household": "identity.head_name", "service_package": "package.name"}


def names(
    connection: Connection, scopes: Collection[str], wanted: Iterable[tuple[str, str]], catalogue: Catalogue
) -> dict[tuple[str, str], tuple[str, str]]:
    """(Chinese, English) for those of these (kind, id) that have a name; of records only where they live in these scopes."""
    by_kind: dict[str, set[str]] = {}
    for kind, one in wanted:
        by_kind.setdefault(kind, set()).add(one)
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for kind, (table, key) in REGISTER.items():
        column: Column[str] = table.c[key]
        rows = connection.execute(select(column.label("id"), table.c.name).where(column.in_(by_kind.pop(kind, ()))))
        found |= {(kind, row.id): (row.name, row.name) for row in rows}
    records = living(connection, {one for ids in by_kind.values() for one in ids}) if by_kind else {}
    for kind, ids in by_kind.items():
        for one in ids & records.keys():
            if records[one].record.scope in scopes and (name := _called(records[one].record, catalogue)):
                found[kind, one] = name
    return found


def _called(record: Record, catalogue: Catalogue) -> tuple[str, str] | None:
    view = shown(record)
    if path := CALLED.get(record.type):
        name = at(view, path)
        return (name, name) if isinstance(name, str) and name else None
    declared = catalogue.types.get(record.type)
    if declared is None:
        return None
    day = declared.day_of(view) or ""
    return f"{declared.zh} {day}".strip(), f"{declared.en} {day}".strip()
