"""Family-doctor teams: who leads them, who is in them, which villages they serve."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from server import administration
from server.administration import FormError
from server.dashboard.admin_desk import PAGES, TEAM_DUTIES, changed, shown, townships
from server.dashboard.frame import Desk, Visit
from server.problems import Problem
from server.sheets import Cell, Column, Table
from server.store import directory
from server.store.directory import Team
from server.store.engine import reading

NEW = "new"
COLUMNS = (
    Column("name", "团队", "Team"),
    Column("organisation", "机构", "Organisation"),
    Column("leader", "团队长", "Leader"),
    Column("members", "成员", "Members", "number"),
    Column("villages", "服务的村", "Villages", "number"),
)


def register(desk: Desk) -> None:
    """Declare the pages."""
    duty = "administer"
    desk.page("/admin/teams", duty=duty, action="administer.teams")(admin_teams)
    desk.page("/admin/teams/<team>", duty=duty, action="administer.team", methods=("GET", "POST"))(admin_team)
    desk.page("/admin/teams/<team>/members", duty=duty, action="administer.team", methods=("POST",))(admin_join)
    desk.page("/admin/teams/<team>/members/<person>/leave", duty=duty, action="administer.team", methods=("POST",))(admin_leave)


def admin_teams(visit: Visit) -> Response:
    """Every team."""
    with reading(visit.doors.engine) as connection:
        teams, offices = directory.all_teams(connection), directory.organisation_names(connection)
        roster = directory.roster(connection)
    rows = [
        {
            "name": Cell(team.name, visit.href("admin_team", team=team.id), team.id),
            "organisation": offices.get(team.organisation or ""),
            "leader": roster[team.leader]["name"] if team.leader else None,
            "members": len(team.present),
            "villages": len(team.villages),
        }
        for team in teams.values()
    ]
    table = Table("teams", "团队", "Teams", COLUMNS, rows, sort="name")
    return visit.tables("admin_teams.html", [table], name="cunyi-teams", admin_pages=PAGES, faults={})


def admin_team(visit: Visit, team: str) -> Response:
    """One team; `new` for one that is to be added."""
    if request.method == "GET":
        return _page(visit, team, Team("", "", None, None, (), ()) if team == NEW else _known(visit, team))
    sent = request.form
    form = Team(
        id=sent.get("id", "").strip() if team == NEW else _known(visit, team).id,
        name=sent.get("name", "").strip(),
        organisation=sent.get("organisation") or None,
        leader=sent.get("leader") or None,
        members=(),
        villages=tuple(sorted(set(sent.getlist("villages")))),
    )
    put = administration.add_team if team == NEW else administration.change_team
    try:
        changed(visit, lambda connection, by: put(connection, form, by))
    except FormError as trouble:
        return _page(visit, team, form, trouble.faults)
    return visit.see(visit.href("admin_team", team=form.id, told="saved"))


def _known(visit: Visit, team: str) -> Team:
    with reading(visit.doors.engine) as connection:
        found = directory.all_teams(connection).get(team)
    if found is None:
        raise Problem("not-found")
    return found


def _page(visit: Visit, team: str, form: Team, faults: Any = ()) -> Response:
    with reading(visit.doors.engine) as connection:
        offices, roster = directory.organisation_names(connection), directory.roster(connection)
    there = [row for row in roster.values() if row["active"] and row["role"] in directory.WRITERS]
    present = {member.person for member in form.present}
    return shown(
        visit,
        "admin_team.html",
        faults=faults,
        is_new=team == NEW,
        team=form,
        offices=sorted(offices.items(), key=lambda item: item[1]),
        leaders=[(row["id"], row["name"]) for row in there if row["role"] == "team_leader"],
        joining=[(row["id"], row["name"]) for row in there if row["id"] not in present],
        names={row["id"]: row["name"] for row in roster.values()},
        duties=TEAM_DUTIES,
        townships=townships(visit.area_names),
        told=visit.args.get("told"),
    )


def admin_join(visit: Visit, team: str) -> Response:
    """Somebody joins the team today."""
    person, duty = visit.form.get("person", ""), visit.form.get("duty", "")
    try:
        changed(visit, lambda connection, by: administration.join_team(connection, team, person, duty, by))
    except FormError as trouble:
        return _page(visit, team, _known(visit, team), trouble.faults)
    return visit.see(visit.href("admin_team", team=team, told="saved"))


def admin_leave(visit: Visit, team: str, person: str) -> Response:
    """Somebody leaves the team today."""
    changed(visit, lambda connection, by: administration.leave_team(connection, team, person, by))
    return visit.see(visit.href("admin_team", team=team, told="saved"))
