"""Grants: who may hold the records of a protected programme, from when until when, and who decided so."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from server import administration
from server.administration import FormError
from server.dashboard.admin_desk import PAGES, PROGRAMMES, changed, label
from server.dashboard.frame import Desk, Visit
from server.dashboard.naming import local
from server.problems import Problem
from server.sheets import Column, Table
from server.store import directory
from server.store.directory import Grant
from server.store.engine import reading

COLUMNS = (
    Column("person", "人员", "Who"),
    Column("programme", "专项", "Programme"),
    Column("since", "开始", "Since", "day"),
    Column("until", "停止（不含）", "Until", "day"),
    Column("by", "授权人", "By"),
    Column("at", "授权时间", "Given at", "instant"),
)


def register(desk: Desk) -> None:
    """Declare the pages."""
    desk.page("/admin/grants", duty="administer", action="administer.grants", methods=("GET", "POST"))(admin_grants)
    desk.page("/admin/grants/withdraw", duty="administer", action="administer.grants", methods=("POST",))(admin_withdraw)


def admin_grants(visit: Visit) -> Response:
    """What is granted and was, and the form for one more."""
    if request.method == "GET":
        return _page(visit, {})
    sent = {name: visit.form.get(name, "").strip() for name in ("person", "programme", "since", "until")}
    given = Grant(sent["person"], sent["programme"], sent["since"], sent["until"] or None)
    try:
        changed(visit, lambda connection, by: administration.give_grant(connection, given, by))
    except FormError as trouble:
        return _page(visit, sent, trouble.faults)
    return visit.see(visit.href("admin_grants"))


def admin_withdraw(visit: Visit) -> Response:
    """Withdrawn from today on."""
    person, programme = visit.form.get("person", ""), visit.form.get("programme", "")
    if not changed(visit, lambda connection, by: administration.withdraw_grant(connection, person, programme, by)):
        raise Problem("not-found")
    return visit.see(visit.href("admin_grants"))


def _page(visit: Visit, sent: dict[str, str], faults: Any = ()) -> Response:
    with reading(visit.doors.engine) as connection:
        people, ever = directory.everybody(connection), directory.grants_ever(connection)
    names = {person.id: person.name for person in people}
    today = visit.today.isoformat()
    rows = [
        {
            "person": names.get(given.person, given.person),
            "programme": label(visit, PROGRAMMES, given.programme),
            "since": given.since,
            "until": given.until,
            "by": names.get(by, by),
            "at": local(visit, at),
        }
        for given, by, at in ever
    ]
    told = {fault.field: visit.say(fault.zh, fault.en) for fault in faults}
    reply = visit.tables(
        "admin_grants.html",
        [Table("grants", "全部授权", "All grants", COLUMNS, rows, sort="-at")],
        name="cunyi-grants",
        admin_pages=PAGES,
        faults=told,
        sent=sent,
        present=[given for given, _, _ in ever if given.until is None or given.until > today],
        people=[(person.id, person.name) for person in people if person.active],
        names=names,
        programmes=PROGRAMMES,
    )
    if faults:
        reply.status_code = 422
    return reply
