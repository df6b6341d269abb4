"""The audit trail, for who may read it: who saw, changed and exported what at a desk, and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from flask import Response

from server.dashboard.frame import Desk, Visit
from server.dashboard.naming import local
from server.dashboard.trail_words import ACTIONS, FAMILIES
from server.problems import Problem
from server.reports.life import SHELL
from server.reports.wording import OPERATOR
from server.sheets import Column, Table
from server.store import directory, trail
from server.store.engine import reading
from server.store.trail import Asked, Step
from sync.codec import Json

A_PAGE, A_SHEET = 100, 20_000  # entries
COLUMNS = (
    Column("at", "时间", "When", "instant"),
    Column("name", "姓名", "Who"),
    Column("person", "人员编号", "Id"),
    Column("action", "操作", "Action"),
    Column("area", "区划", "Area"),
    Column("resident", "居民", "Resident"),
    Column("record", "记录", "Record"),
    Column("detail", "详情", "Detail"),
)


def register(desk: Desk) -> None:
    """Declare the page."""
    desk.page("/trail", duty="audit", action="audit.trail")(trail_page)


def trail_page(visit: Visit) -> Response:
    """The entries that were asked for, the latest first; as Excel all of them, up to a limit that the sheet tells."""
    asked = _asked(visit)
    sheet = visit.args.get("format") == "xlsx"
    with reading(visit.doors.engine) as connection:
        try:
            steps, more = trail.read(connection, asked, before=visit.args.get("before"), limit=A_SHEET if sheet else A_PAGE)
        except ValueError:
            raise Problem("unfit-request", faults=["/before"]) from None
        names = {person.id: person.name for person in directory.everybody(connection)}
    table = Table("trail", "查阅记录", "Audit trail", COLUMNS, [_row(visit, step, names) for step in steps])
    notes = (
        [(visit.say("未列完", "Not all"), visit.say("还有更早的，请缩小范围", "There is more: narrow it down"))] if more else []
    )
    return visit.tables("trail.html", [table], notes, "cunyi-trail", asked=asked, more=more, actions=FAMILIES)


def _asked(visit: Visit) -> Asked:
    given = {name: visit.args.get(name, "").strip() or None for name in ("person", "action", "area", "resident", "record")}
    days = {name: _instant(visit, name) for name in ("since", "until")}
    return Asked(**given, **days)


def _instant(visit: Visit, name: str) -> str | None:
    """The instant at which a day begins where the deployment is; raises Problem `unfit-request` for what is no day."""
    text = visit.args.get(name, "")
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise Problem("unfit-request", faults=[f"/{name}"]) from None
    return visit.doors.config.beginning_of(day)


def _row(visit: Visit, step: Step, names: Mapping[str, str]) -> Json:
    words = ACTIONS.get(step.action) or FAMILIES.get(step.action.partition(".")[0])
    said = visit.say(*words) if words else step.action
    return {
        "at": local(visit, step.at),
        "name": visit.say(*OPERATOR) if step.person == SHELL else names.get(step.person),
        "person": step.person,
        "action": f"{said} · {step.action}",
        "area": visit.area_name(step.area) if step.area else None,
        "resident": step.resident,
        "record": step.record,
        "detail": " ".join(f"{name}={_brief(value)}" for name, value in step.detail.items() if value not in (None, "", {})),
    }


def _brief(value: object) -> str:
    return str(value) if not isinstance(value, dict) else "{" + ", ".join(f"{k}: {v}" for k, v in value.items()) + "}"
