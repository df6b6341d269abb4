"""What the ids in a record stand for: people, teams, organisations and areas of the register, and other records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Column, Connection, Table, select, union

from server.store.directory import SUPERVISED
from server.store.scope import living
from server.store.tables import areas, organisations, people, team_members, team_villages, teams, workplaces
from sync.record import Record, shown
from sync.scopes import township_of, village_of
from sync.types.catalogue import Catalogue
from sync.types.checks import at

REGISTER: Mapping[str, tuple[Table, str]] = {
    "person": (people, "id"),
    "supervisor": (people, "id"),
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
    for kind in REGISTER:
        found |= {(kind, one): (name, name) for one, name in _register(connection, kind, by_kind.pop(kind, ())).items()}
    records = living(connection, {one for ids in by_kind.values() for one in ids}) if by_kind else {}
    for kind, ids in by_kind.items():
        for one in ids & records.keys():
            if records[one].record.scope in scopes and (name := _called(records[one].record, catalogue)):
                found[kind, one] = name
    return found


def names_around(connection: Connection, scopes: Iterable[str]) -> dict[str, dict[str, str]]:
    """Names by id of kind `area`, `team`, `organization`, `person` and `supervisor`: those that records of these scopes may name.

    The villages with their townships and counties, and no other place: where somebody moved to is for the office to say. The
    teams that serve them and everybody who is or was in one: a record that somebody wrote years ago names its author still.
    Who works there, and for whom. And apart from them, for they do not write on a phone, who supervises the township or the
    county: they decide about these records.
    """
    villages = {village_of(scope) for scope in scopes}
    townships = {township_of(village) for village in villages}
    serving = set(connection.scalars(select(team_villages.c.team).where(team_villages.c.village.in_(villages))))
    members = select(team_members.c.person).where(team_members.c.team.in_(serving))
    here = select(workplaces.c.person).where(workplaces.c.village.in_(villages))
    persons = set(connection.scalars(union(members, here)))
    above = {*townships, *(township[:6] for township in townships)}
    supervisors = select(people.c.id).where(people.c.role.in_(SUPERVISED), people.c.area.in_(above))
    employers = union(
        select(people.c.organisation).where(people.c.id.in_(persons)),
        select(teams.c.organisation).where(teams.c.id.in_(serving)),
    )
    wanted = {
        "area": {*villages, *above},
        "team": serving,
        "organization": {one for one in connection.scalars(employers) if one},
        "person": persons,
        "supervisor": set(connection.scalars(supervisors)),
    }
    return {kind: dict(sorted(_register(connection, kind, ids).items())) for kind, ids in wanted.items()}


def _register(connection: Connection, kind: str, ids: Collection[str]) -> dict[str, str]:
    """Those of these ids of a kind that the register has, with their names."""
    if not ids:
        return {}
    table, key = REGISTER[kind]
    column: Column[str] = table.c[key]
    rows = connection.execute(select(column.label("id"), table.c.name).where(column.in_(ids)))
    return {row.id: row.name for row in rows}


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
