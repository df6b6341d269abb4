"""What the ids in a record stand for: people, teams, organisations and areas of the register, and other records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Column, Connection, Table, or_, select

from server.store.directory import all_teams, area_names, organisation_names
from server.store.scope import living
from server.store.tables import areas, organisations, people, teams, workplaces
from sync.record import Record, shown
from sync.scopes import township_of, village_of
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


def names_around(connection: Connection, scopes: Iterable[str]) -> dict[str, dict[str, str]]:
    """Names by id of kind `area`, `team`, `organization` and `person`, as far as records of these scopes may name them.

    The villages with their townships and counties. The teams that serve them and everybody who is or was in one: a record
    that somebody wrote years ago names its author still. Who works there, and for whom.
    """
    villages = {village_of(scope) for scope in scopes}
    townships = {township_of(village) for village in villages}
    above = {*townships, *(township[:6] for township in townships)}
    called = area_names(connection)
    serving = {code: team for code, team in all_teams(connection).items() if villages & set(team.villages)}
    members = {member.person for team in serving.values() for member in team.members}
    here = select(workplaces.c.person).where(workplaces.c.village.in_(villages))
    who = select(people.c.id, people.c.name, people.c.organisation)
    found = list(connection.execute(who.where(or_(people.c.id.in_(here), people.c.id.in_(members)))))
    employers = {*(one.organisation for one in found), *(team.organisation for team in serving.values())}
    return {
        "area": {code: called[code] for code in sorted({*villages, *above}) if code in called},
        "team": {code: team.name for code, team in serving.items()},
        "organization": {code: name for code, name in sorted(organisation_names(connection).items()) if code in employers},
        "person": {one.id: one.name for one in sorted(found)},
    }


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
