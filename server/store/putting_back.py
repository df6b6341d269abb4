"""People and teams as the journal tells them, in a database that may not know all that they name.

Each function says whether the database knows what it is about; a place or a person that it does not know is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Column, Connection, select, update

from server.store import directory
from server.store.tables import areas, devices, organisations, people, team_members, team_villages, teams


def is_person(connection: Connection, person_id: str) -> bool:
    """True for a person who was ever entered."""
    return bool(_known(connection, people.c.id, [person_id]))


def is_device(connection: Connection, device_id: str) -> bool:
    """True for a device that was ever enrolled."""
    return bool(_known(connection, devices.c.id, [device_id]))


def person(connection: Connection, state: Mapping[str, Any]) -> bool:
    """The role and the place of a person, and whether they have left (person, role, organisation, area, active)."""
    row = connection.execute(select(people).where(people.c.id == state["person"])).one_or_none()
    if row is None:
        return False
    organisation = _known(connection, organisations.c.id, [state["organisation"]])
    area = _known(connection, areas.c.code, [state["area"]])
    said = {"id": row.id, "name": row.name, "role": state["role"], "active": state["active"]}
    said |= {"organisation": next(iter(organisation), None), "area": next(iter(area), None)}
    directory.put_people(connection, [said])
    return True


def workplaces(connection: Connection, state: Mapping[str, Any]) -> bool:
    """The villages a person works in (person, villages)."""
    if not is_person(connection, state["person"]):
        return False
    directory.put_workplaces(connection, state["person"], _known(connection, areas.c.code, state["villages"]))
    return True


def team(connection: Connection, state: Mapping[str, Any]) -> bool:
    """Who leads and belongs to a team, and which villages it serves (team, leader, members, villages)."""
    if not _known(connection, teams.c.id, [state["team"]]):
        return False
    mine = state["team"]
    there = _known(connection, people.c.id, [state["leader"], *(member["person"] for member in state["members"])])
    leader = state["leader"] if state["leader"] in there else None
    connection.execute(update(teams).where(teams.c.id == mine).values(leader=leader))
    connection.execute(team_members.delete().where(team_members.c.team == mine))
    connection.execute(team_villages.delete().where(team_villages.c.team == mine))
    members = [{"team": mine, **member} for member in state["members"] if member["person"] in there]
    villages = _known(connection, areas.c.code, state["villages"])
    directory.put_teams(connection, [], members, [{"team": mine, "village": village} for village in villages])
    return True


def _known(connection: Connection, column: Column[str], wanted: Iterable[str | None]) -> list[str]:
    """Which of these ids there are, sorted."""
    return sorted(connection.scalars(select(column).where(column.in_([one for one in wanted if one]))))
