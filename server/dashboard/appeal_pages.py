"""The page of an appeal: the service in question, the doctor's reason, every record of those days with what it counts for."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from server.dashboard.decision_forms import TROUBLE, again, seen_of, seen_text, trouble_of
from server.dashboard.frame import Desk, Visit
from server.dashboard.naming import labels_of, local
from server.dashboard.person import Person
from server.dashboard.resident_pages import person_of
from server.decisions.appeals import Appeal
from server.problems import Problem
from server.sheets import Cell, Column, Table
from sync.record import shown


def register(desk: Desk) -> None:
    """Declare the pages."""
    desk.page("/appeals/<contract>/<item>", action="look.appeal")(appeal)
    desk.page("/appeals/<contract>/<item>", duty="judge", action="appeal.decide", methods=("POST",))(appeal_decide)


def appeal(visit: Visit, contract: str, item: str) -> Response:
    """One appeal; `item` is the key of its section."""
    return _page(visit, contract, item)


def appeal_decide(visit: Visit, contract: str, item: str) -> Response:
    """Uphold it or refuse it."""
    form = visit.form
    visit.note(record=contract)
    try:
        seen, decision, note = seen_of(form.get("seen", "")), form.get("action", ""), form.get("reason", "")
        visit.doors.decisions.appeals.judge(visit.view, contract, item, seen, decision, note)
    except Problem as problem:
        if problem.kind.name not in TROUBLE:
            raise
        return again(_page(visit, contract, item, problem), problem)
    return visit.see(visit.href("queue", done="judged"))


def _page(visit: Visit, contract: str, item: str, problem: Problem | None = None) -> Response:
    found = visit.doors.decisions.appeals.of(visit.view, contract, item)
    visit.note(area=found.contract.scope, resident=found.resident, record=contract)
    person = person_of(visit, found.resident)
    view = shown(found.contract)
    authors = {one.edit.author for one in found.siblings} | {str(found.said.get("decided_by"))}
    labels = labels_of(visit, [(found.contract.type, view)], authors)
    identity = person.views.get(found.resident, {}).get("identity") or {}
    name = str(identity.get("name") or visit.say("（无姓名）", "(no name)"))
    code = found.owed.item if found.owed else item.partition("@")[0]
    decision = str(found.said.get("decision") or "")
    context: dict[str, Any] = {
        "area": found.contract.scope,
        "crumbs": [(name, visit.href("resident", resident=found.resident)), (visit.say("申诉", "Appeal"), None)],
        "contract": contract,
        "item": item,
        "who": name,
        "service": person.item(contract, code),
        "owed": found.owed,
        "state": labels.code("obligation_state", found.owed.state) if found.owed else None,
        "asked": [
            (
                labels.name("person", one.edit.author),
                local(visit, one.edit.written_at),
                (one.value or {}).get("asked_on"),
                (one.value or {}).get("reason"),
            )
            for one in found.siblings
        ],
        "decided": found.decided,
        "decision": labels.code("appeal_decision", decision) if found.decided else None,
        "decided_by": labels.name("person", str(found.said.get("decided_by"))) if found.decided else None,
        "decided_on": found.said.get("decided_on"),
        "said_note": found.said.get("note"),
        "seen": seen_text(found.contract.seen),
        "may": visit.view.may("judge"),
        "reason": request.form.get("reason", "") if problem else "",
        **trouble_of(visit, problem),
    }
    return visit.tables("appeal.html", [_works(person, found)], name=f"cunyi-appeal-{contract}", **context)


def _works(person: Person, found: Appeal) -> Table:
    rows = [
        {
            "record": Cell(person.record_name(work.record), person.href(work.record)),
            "on": work.on.isoformat() if work.on else None,
            "counts": person.counted([work]) or None,
            "why": person.why_not([work]) or None,
            "late": work.late_days,
        }
        for work in found.work
    ]
    columns = (
        Column("record", "记录", "Record"),
        Column("on", "日期", "Day", "day"),
        Column("counts", "计入", "Counts for"),
        Column("why", "未计入的原因", "Why it does not count"),
        Column("late", "补录天数", "Written days later", "number"),
    )
    return Table("works", "该期间的记录", "Records of those days", columns, rows)
