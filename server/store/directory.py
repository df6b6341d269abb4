"""People and places: areas, organisations, people, teams, and what a person may hold and write.

Roles: a village doctor works in the villages of their workplaces; a team member or leader also in those the team
serves; a township supervisor may read the township's villages; the others have no records on a device.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, union

from server.store.scope import GENESIS, upsert
from server.store.tables import areas, organisations, people, scopes, team_members, team_villages, teams, workplaces

ROLES = (
    "village_doctor",
    "team_member",
    "team_leader",
    "township_supervisor",
    "county_supervisor",
    "administrator",
    "auditor",
)
WRITERS = frozenset({"village_doctor", "team_member", "team_leader"})
IN_TEAMS = frozenset({"team_member", "team_leader"})
LEVELS = {6: "county", 9: "township", 12: "village"}


@dataclass(frozen=True)
class Person:
    """A person as the register has them."""

    id: str
    name: str
    role: str
    area: str | None
    active: bool


def person(connection: Connection, person_id: str) -> Person | None:
    """One person, None where there is none."""
    row = connection.execute(select(people).where(people.c.id == person_id)).one_or_none()
    return None if row is None else Person(row.id, row.name, row.role, row.area, row.active)


def everybody(connection: Connection) -> list[Person]:
    """All people, by id."""
    return [Person(r.id, r.name, r.role, r.area, r.active) for r in connection.execute(select(people).order_by(people.c.id))]


def scopes_of(connection: Connection, who: Person) -> dict[str, bool]:
    """The scopes that a person may hold, and whether they may write there; looked up at each request."""
    if not who.active:
        return {}
    if who.role == "township_supervisor" and who.area:
        query = select(areas.c.code).where(areas.c.level == "village", areas.c.parent == who.area)
        return dict.fromkeys(sorted(connection.scalars(query)), False)
    if who.role not in WRITERS:
        return {}
    own = select(workplaces.c.village).where(workplaces.c.person == who.id)
    served = (
        select(team_villages.c.village)
        .join(team_members, team_members.c.team == team_villages.c.team)
        .where(team_members.c.person == who.id, team_members.c.until.is_(None))
    )
    named = union(own, served) if who.role in IN_TEAMS else own
    villages = connection.scalars(select(areas.c.code).where(areas.c.level == "village", areas.c.code.in_(named)))
    return dict.fromkeys(sorted(villages), True)


def put_areas(connection: Connection, rows: Iterable[dict[str, Any]]) -> None:
    """Write areas (code, name), parents first; a village gets its scope."""
    for row in sorted(rows, key=lambda r: len(r["code"])):
        code = row["code"]
        level = LEVELS[len(code)]
        upsert(
            connection,
            areas,
            [{"code": code, "name": row["name"], "level": level, "parent": code[:-3] if len(code) > 6 else None}],
        )
        if level == "village":
            blank = {"scope": code, "seq": 0, "live": 0, "sum": f"{0:032x}", "entries": 0, "chain": GENESIS}
            upsert(connection, scopes, [blank], keep=True)


def put_organisations(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Write organisations (id, name, kind, area, parent), parents first."""
    for row in rows:
        upsert(connection, organisations, [row])


def put_people(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Write people (id, name, role, organisation, area, active)."""
    upsert(connection, people, rows)


def put_workplaces(connection: Connection, person_id: str, villages: Iterable[str]) -> None:
    """The villages a person works in: just these from now on."""
    connection.execute(workplaces.delete().where(workplaces.c.person == person_id))
    upsert(connection, workplaces, [{"person": person_id, "village": village} for village in villages])


def put_teams(
    connection: Connection, rows: list[dict[str, Any]], members: list[dict[str, Any]], villages: list[dict[str, Any]]
) -> None:
    """Write teams, their members (team, person, duty, since, until) and the villages they serve (team, village)."""
    upsert(connection, teams, rows)
    upsert(connection, team_members, members)
    upsert(connection, team_villages, villages)


def roster(connection: Connection) -> dict[str, dict[str, Any]]:
    """Everybody as `put_people` takes them, by id, with the set of their villages."""
    names = ("id", "name", "role", "organisation", "area", "active")
    found = {row.id: {n: getattr(row, n) for n in names} | {"villages": set()} for row in connection.execute(select(people))}
    for row in connection.execute(select(workplaces)):
        found[row.person]["villages"].add(row.village)
    return found


def organisation_names(connection: Connection) -> dict[str, str]:
    """The name of every organisation by its id."""
    return {row.id: row.name for row in connection.execute(select(organisations.c.id, organisations.c.name))}


def area_names(connection: Connection) -> dict[str, str]:
    """The name of every area by its code."""
    return {row.code: row.name for row in connection.execute(select(areas.c.code, areas.c.name))}


def is_scope(connection: Connection, scope: str) -> bool:
    """True when the scope is a place where records live."""
    return connection.execute(select(areas.c.code).where(areas.c.code == scope, areas.c.level == "village")).first() is not None
