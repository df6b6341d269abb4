"""People and places: areas, organisations, people, teams, and what a person may hold and write.

Roles: a village doctor works in the villages of their workplaces; a team member or leader also in those the team
serves; a township supervisor may read the township's villages; the others have no records on a device. Protected
programmes are granted to a person one by one, and hold in the same villages.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, or_, select, union, update

from server.store import accounts
from server.store.journal import note, note_all
from server.store.scope import GENESIS, upsert
from server.store.tables import areas, grants, organisations, people, scopes, team_members, team_villages, teams, workplaces
from sync.codec import Json
from sync.scopes import PROGRAMMES, read_scope, scope_name, township_of

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
SUPERVISED = {"township_supervisor": 9, "county_supervisor": 6}  # digits of the code of the area whose supervisor they are
LEVELS = {6: "county", 9: "township", 12: "village"}
PLACES = frozenset({"village", "township"})  # levels where records live


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


def scopes_of(connection: Connection, who: Person, on: dt.date) -> dict[str, bool]:
    """The scopes that a person may hold on a day, and whether they may write there; looked up at each request.

    Their villages, then those of the programmes they are granted, then what the villages of a township share, which is
    only to read.
    """
    villages = _villages_of(connection, who) if who.active else []
    if not villages:
        return {}
    programmes = sorted(granted(connection, who.id, on))
    protected = [scope_name(village, programme) for village in villages for programme in programmes]
    townships = sorted({township_of(village) for village in villages})
    return dict.fromkeys([*villages, *protected], who.role in WRITERS) | dict.fromkeys(townships, False)


def _villages_of(connection: Connection, who: Person) -> list[str]:
    if who.role == "township_supervisor" and who.area:
        return sorted(connection.scalars(select(areas.c.code).where(areas.c.level == "village", areas.c.parent == who.area)))
    if who.role not in WRITERS:
        return []
    own = select(workplaces.c.village).where(workplaces.c.person == who.id)
    served = (
        select(team_villages.c.village)
        .join(team_members, team_members.c.team == team_villages.c.team)
        .where(team_members.c.person == who.id, team_members.c.until.is_(None))
    )
    named = union(own, served) if who.role in IN_TEAMS else own
    return sorted(connection.scalars(select(areas.c.code).where(areas.c.level == "village", areas.c.code.in_(named))))


def sight(connection: Connection, who: Person) -> tuple[tuple[str, ...], frozenset[str]]:
    """What a person may look at from a desk: the highest areas of which they see every village, and all their villages.

    A county supervisor sees the county; anybody else the villages that a device of theirs may hold.
    """
    if who.role == "county_supervisor" and who.area:
        below = areas.c.code.startswith(who.area, autoescape=True)
        own = set(connection.scalars(select(areas.c.code).where(areas.c.level == "village", below)))
    else:
        own = set(_villages_of(connection, who))
    if who.role in SUPERVISED and who.area and own:
        return (who.area,), frozenset(own)
    return tuple(sorted(_whole(connection, own))), frozenset(own)


def _whole(connection: Connection, own: set[str]) -> set[str]:
    """The villages, those of a township that are all there as the township."""
    parents = {township_of(village) for village in own}
    every = connection.scalars(select(areas.c.code).where(areas.c.level == "village", areas.c.parent.in_(parents)))
    partly = {township_of(village) for village in every if village not in own}
    return {place if (place := township_of(village)) not in partly else village for village in own}


# -- protected programmes ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grant:
    """Leave for a person to hold the records of a protected programme, from a day on, until before another day."""

    person: str
    programme: str
    since: str
    until: str | None


def _in_force(on: dt.date) -> Select[tuple[str, str, str, str | None]]:
    day, until = on.isoformat(), grants.c.until
    columns = (grants.c.person, grants.c.programme, grants.c.since, until)
    return select(*columns).where(grants.c.since <= day, or_(until.is_(None), until > day))


def granted(connection: Connection, person_id: str, on: dt.date) -> frozenset[str]:
    """The programmes that a person is granted on a day."""
    return frozenset(row.programme for row in connection.execute(_in_force(on).where(grants.c.person == person_id)))


def grants_on(connection: Connection, on: dt.date) -> dict[str, list[Grant]]:
    """The grants in force on a day, by person."""
    found: dict[str, list[Grant]] = {}
    for row in connection.execute(_in_force(on).order_by(grants.c.person, grants.c.programme)):
        found.setdefault(row.person, []).append(Grant(row.person, row.programme, row.since, row.until))
    return found


def grant(connection: Connection, given: Grant, by: str, at: str) -> bool:
    """Let a person hold the records of a programme; False when they may already, from no later and for no shorter.

    Raises LookupError where there is no such person, ValueError for a programme that is none of ours.
    """
    if given.programme not in PROGRAMMES:
        raise ValueError(f"{given.programme!r} is no protected programme")
    if connection.execute(select(people.c.id).where(people.c.id == given.person).with_for_update()).first() is None:
        raise LookupError(f"there is no person with the id {given.person!r}")
    kept = (grants.c.person == given.person, grants.c.programme == given.programme, grants.c.since <= given.since)
    longer = grants.c.until.is_(None) if given.until is None else or_(grants.c.until.is_(None), grants.c.until >= given.until)
    if connection.execute(select(grants.c.person).where(*kept, longer)).first():
        return False
    row: Json = {"person": given.person, "programme": given.programme, "given_at": at, "since": given.since}
    row |= {"until": given.until, "given_by": by}
    put_grants(connection, [row])
    note(connection, "grant", row)
    return True


def put_grants(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Write grants (person, programme, given_at, since, until, given_by)."""
    upsert(connection, grants, rows)


def ungrant(connection: Connection, person_id: str, programme: str, on: dt.date) -> bool:
    """Withdraw a programme from a person, from this day on; False when they were not granted it."""
    day = on.isoformat()
    mine = (grants.c.person == person_id, grants.c.programme == programme, or_(grants.c.until.is_(None), grants.c.until > day))
    held = [dict(row) for row in connection.execute(select(grants).where(*mine).with_for_update()).mappings()]
    connection.execute(update(grants).where(*mine).values(until=day))
    note_all(connection, "grant", [row | {"until": day} for row in held])
    return bool(held)


# -- the register ------------------------------------------------------------------------------------------------------


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
    """Write people (id, name, role, organisation, area, active). Whose role, area or place changes is signed out."""
    rights = ("role", "area", "active")
    before = {row.id: row for row in connection.execute(select(people))}
    upsert(connection, people, rows)
    changed = [row["id"] for row in rows if (was := before.get(row["id"])) and any(getattr(was, n) != row[n] for n in rights)]
    accounts.end_sessions(connection, changed)
    names = ("role", "organisation", "area", "active")
    told = [row for row in rows if not (was := before.get(row["id"])) or any(getattr(was, n) != row[n] for n in names)]
    note_all(connection, "person", [{"person": row["id"]} | {n: row[n] for n in names} for row in told])


def put_workplaces(connection: Connection, person_id: str, villages: Iterable[str]) -> None:
    """The villages a person works in: just these from now on."""
    mine = workplaces.c.person == person_id
    before, now = set(connection.scalars(select(workplaces.c.village).where(mine))), sorted(set(villages))
    connection.execute(workplaces.delete().where(mine))
    upsert(connection, workplaces, [{"person": person_id, "village": village} for village in now])
    if before != set(now):
        note(connection, "workplaces", {"person": person_id, "villages": now})


def put_teams(
    connection: Connection, rows: list[dict[str, Any]], members: list[dict[str, Any]], villages: list[dict[str, Any]]
) -> None:
    """Write teams, their members (team, person, duty, since, until) and the villages they serve (team, village)."""
    ids = {row["id"] for row in rows} | {row["team"] for row in (*members, *villages)}
    before = _team_states(connection, ids)
    upsert(connection, teams, rows)
    upsert(connection, team_members, members)
    upsert(connection, team_villages, villages)
    _note_teams(connection, before)


def put_served(connection: Connection, team_id: str, villages: Iterable[str]) -> None:
    """The villages that a team serves: just these from now on."""
    before = _team_states(connection, [team_id])
    connection.execute(team_villages.delete().where(team_villages.c.team == team_id))
    upsert(connection, team_villages, [{"team": team_id, "village": village} for village in villages])
    _note_teams(connection, before)


def _team_states(connection: Connection, ids: Collection[str]) -> dict[str, Json]:
    """What the journal tells of teams, by id: who leads, who belongs to them, and which villages they serve."""
    found: dict[str, Json] = {team: {"team": team, "leader": None, "members": [], "villages": []} for team in sorted(ids)}
    for row in connection.execute(select(teams.c.id, teams.c.leader).where(teams.c.id.in_(ids))):
        found[row.id]["leader"] = row.leader
    members = select(team_members).where(team_members.c.team.in_(ids)).order_by(team_members.c.person)
    for row in connection.execute(members):
        found[row.team]["members"].append({n: getattr(row, n) for n in ("person", "duty", "since", "until")})
    served = select(team_villages).where(team_villages.c.team.in_(ids)).order_by(team_villages.c.village)
    for row in connection.execute(served):
        found[row.team]["villages"].append(row.village)
    return found


def _note_teams(connection: Connection, before: Mapping[str, Json]) -> None:
    after = _team_states(connection, before)
    note_all(connection, "team", [state for team, state in after.items() if state != before[team]])


@dataclass(frozen=True)
class Member:
    """Somebody in a team: their duty there, and from when until before when."""

    person: str
    duty: str
    since: str
    until: str | None


@dataclass(frozen=True)
class Team:
    """A team with everybody who is or was in it, by person, and the villages it serves."""

    id: str
    name: str
    organisation: str | None
    leader: str | None
    members: tuple[Member, ...]
    villages: tuple[str, ...]

    @property
    def present(self) -> list[Member]:
        """Who is in it now."""
        return [member for member in self.members if member.until is None]


def all_teams(connection: Connection) -> dict[str, Team]:
    """Every team by its id."""
    members: dict[str, list[Member]] = {}
    served: dict[str, list[str]] = {}
    for row in connection.execute(select(team_members).order_by(team_members.c.person)):
        members.setdefault(row.team, []).append(Member(row.person, row.duty, row.since, row.until))
    for row in connection.execute(select(team_villages).order_by(team_villages.c.village)):
        served.setdefault(row.team, []).append(row.village)
    return {
        row.id: Team(
            row.id, row.name, row.organisation, row.leader, tuple(members.get(row.id, ())), tuple(served.get(row.id, ()))
        )
        for row in connection.execute(select(teams).order_by(teams.c.id))
    }


def all_organisations(connection: Connection) -> dict[str, dict[str, Any]]:
    """Every organisation as `put_organisations` takes it, by its id."""
    found = connection.execute(select(organisations).order_by(organisations.c.id))
    return {row["id"]: dict(row) for row in found.mappings()}


def grants_ever(connection: Connection) -> list[tuple[Grant, str, str]]:
    """Every grant that was ever given, with who gave it and when, by person, programme and time."""
    query = select(grants).order_by(grants.c.person, grants.c.programme, grants.c.given_at)
    return [(Grant(r.person, r.programme, r.since, r.until), r.given_by, r.given_at) for r in connection.execute(query)]


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
    """True when the scope is a place where records live: a village, a programme in it, or what a township shares."""
    named = read_scope(scope)
    return named is not None and connection.scalar(select(areas.c.level).where(areas.c.code == named.place)) in PLACES


def is_village(connection: Connection, code: str) -> bool:
    """True for the code of a village."""
    return connection.scalar(select(areas.c.level).where(areas.c.code == code)) == "village"


def villages(connection: Connection) -> list[str]:
    """The codes of all villages."""
    return list(connection.scalars(select(areas.c.code).where(areas.c.level == "village").order_by(areas.c.code)))
