"""The phones of those who work in a village: who carries which, and what each last said of itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select

from server.store.devices import pseudo_scope
from server.store.directory import IN_TEAMS, WRITERS
from server.store.tables import actor_states, actors, devices, people, team_members, team_villages, workplaces


@dataclass(frozen=True)
class Worker:
    """Somebody who writes records of a village.

    Of the villages asked about, `own` are those where they have their workplace, `served` those that only their team serves.
    """

    person: str
    name: str
    role: str
    active: bool
    own: frozenset[str]
    served: frozenset[str]


@dataclass(frozen=True)
class Phone:
    """A device and what its present actor last said of itself; `heard_at` None: enrolled, and never heard of since.

    `outbox`: edits that were still on it when it was last heard; `offset_ms`: server clock minus the phone's.
    `problem`: why it was refused since it last synced (a name of server/problems.py), and when; None while all is well.
    """

    device: str
    person: str
    name: str
    status: str
    status_at: str
    enrolled_at: str
    actor: str
    heard_at: str | None
    outbox: int
    app: str
    offset_ms: int
    problem: str | None = None
    problem_at: str | None = None


def workers_in(connection: Connection, villages: Collection[str]) -> list[Worker]:
    """Everybody who writes, or wrote before they left, in these villages; by id."""
    own: dict[str, set[str]] = {}
    for row in connection.execute(select(workplaces).where(workplaces.c.village.in_(villages))):
        own.setdefault(row.person, set()).add(row.village)
    served: dict[str, set[str]] = {}
    teams = select(team_members.c.person, team_villages.c.village)
    teams = teams.join(team_villages, team_villages.c.team == team_members.c.team)
    for row in connection.execute(teams.where(team_members.c.until.is_(None), team_villages.c.village.in_(villages))):
        served.setdefault(row.person, set()).add(row.village)
    writes = or_(people.c.id.in_(own), people.c.id.in_(served) & people.c.role.in_(IN_TEAMS))
    query = select(people).where(people.c.role.in_(WRITERS), writes).order_by(people.c.id)
    return [
        Worker(row.id, row.name, row.role, row.active, frozenset(mine), frozenset(served.get(row.id, set()) - mine))
        for row in connection.execute(query)
        for mine in [own.get(row.id, set())]
    ]


def phones_of(connection: Connection, persons: Iterable[str]) -> list[Phone]:
    """The devices of these people with their present actors, by person and device."""
    present = select(actors.c.device, func.max(actors.c.number).label("number")).group_by(actors.c.device).subquery()
    query = (
        select(devices, actors.c.actor)
        .join(present, present.c.device == devices.c.id)
        .join(actors, (actors.c.device == devices.c.id) & (actors.c.number == present.c.number))
        .where(devices.c.person.in_(list(persons)))
        .order_by(devices.c.person, devices.c.id)
    )
    rows = connection.execute(query).all()
    scopes = [pseudo_scope(row.actor) for row in rows]
    said = {row.actor: row for row in connection.execute(select(actor_states).where(actor_states.c.scope.in_(scopes)))}
    return [
        Phone(
            row.id,
            row.person,
            row.name,
            row.status,
            row.status_at,
            row.enrolled_at,
            row.actor,
            talk.heard_at,
            talk.outbox,
            talk.app,
            talk.offset_ms,
            talk.problem,
            talk.problem_at,
        )
        for row in rows
        for talk in [said[row.actor]]
    ]
