"""Standards: targets, weights, limits and checklists, each with the days from which it held, and a form for another value.

What a form looks like follows from the kind of the default: a number, a share as a percentage, groups to choose, or the items
of a checklist. Nothing that was set is ever overwritten.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Response, request

from server import administration
from server.administration import Fault, FormError
from server.dashboard.admin_desk import PAGES, changed, shown
from server.dashboard.frame import Desk, Visit, open_groups
from server.dashboard.naming import local
from server.indicators.checklist import CHECKS
from server.problems import Problem
from server.sheets import Cell, Column, Table
from server.standards import STANDARDS, Standard
from server.store import directory, standards
from server.store.engine import reading
from server.store.standards import Given
from sync.codec import Json

MOST_ITEMS = 8
COLUMNS = (
    Column("name", "标准", "Standard"),
    Column("value", "现在的值", "Now"),
    Column("since", "自", "Since", "day"),
    Column("default", "默认值", "Default"),
    Column("source", "默认值的依据", "Source of the default"),
)
HISTORY = (
    Column("since", "生效日期", "Since", "day"),
    Column("value", "值", "Value"),
    Column("by", "设置人", "By"),
    Column("at", "设置时间", "Set at", "instant"),
)
RULES = {
    "record_complete": ("档案完整", "The record is complete"),
    "contract_in_force": ("有有效协议", "A contract is in force"),
    "team_named": ("协议写明团队", "The contract names the team"),
    "plan_carried_out": ("方案在执行", "The care plan is carried out"),
    "plan_fresh": ("方案按期复评", "The care plan is reviewed in time"),
    "examined": ("本年体检", "Examined this year"),
    "seen_in_person": ("本年当面服务过", "Seen in person this year"),
    "visited_at_home": ("本年入户服务过", "Visited at home this year"),
}


def register(desk: Desk) -> None:
    """Declare the pages."""
    desk.page("/admin/standards", duty="administer", action="administer.standards")(admin_standards)
    desk.page("/admin/standards/<name>", duty="administer", action="administer.standard", methods=("GET", "POST"))(
        admin_standard
    )


def admin_standards(visit: Visit) -> Response:
    """Every standard with its value today."""
    today = visit.today.isoformat()
    with reading(visit.doors.engine) as connection:
        held = {given.name: given for given in standards.history(connection) if given.since <= today}
    rows = [
        {
            "name": Cell(visit.say(one.zh, one.en), visit.href("admin_standard", name=name), name),
            "value": told(visit, held[name].value if name in held else one.default),
            "since": held[name].since if name in held else None,
            "default": told(visit, one.default),
            "source": visit.say(*one.source),
        }
        for name, one in STANDARDS.items()
    ]
    table = Table("standards", "考核标准", "Standards", COLUMNS, rows)
    return visit.tables("admin_standards.html", [table], name="cunyi-standards", admin_pages=PAGES, faults={})


def admin_standard(visit: Visit, name: str) -> Response:
    """One standard: what was set and when, and the form for another value."""
    one = STANDARDS.get(name)
    if one is None:
        raise Problem("not-found")
    if request.method == "GET":
        return _page(visit, one)
    try:
        since, value = _since(visit), _filled(one)
        changed(visit, lambda connection, by: administration.set_standard(connection, name, since, value, by))
    except FormError as trouble:
        return _page(visit, one, trouble.faults)
    return visit.see(visit.href("admin_standard", name=name))


def kind_of(one: Standard) -> str:
    """`number`, `share`, `groups` or `checklist`."""
    if isinstance(one.default, list):
        return "checklist" if isinstance(one.default[0], dict) else "groups"
    return "number" if type(one.default) is int else "share"


def told(visit: Visit, value: Any) -> str:
    """A value in words."""
    if isinstance(value, str):
        return f"{_percent(value)}%"
    if isinstance(value, list):
        return "、".join(
            visit.say(one["zh"], one["en"]) if isinstance(one, dict) else visit.say(*open_groups()[one]) for one in value
        )
    return "—" if value is None else str(value)


def _percent(share: str) -> str:
    """A share as a percentage, without zeros at its end: `0.60` is `60`."""
    text = format(Decimal(share) * 100, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _since(visit: Visit) -> dt.date:
    try:
        return dt.date.fromisoformat(visit.form.get("since", ""))
    except ValueError:
        raise FormError(Fault("since", "请填写生效日期", "Give the day from which it holds")) from None


def _filled(one: Standard) -> Any:
    """The value that was filled in, as JSON; what does not fit is left for the standard to judge."""
    text = request.form.get("value", "").strip()
    match kind_of(one):
        case "number":
            return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text
        case "groups":
            return request.form.getlist("value")
        case "checklist":
            return [item for item in map(_item, range(MOST_ITEMS)) if item["zh"] or item["en"]]
        case _:
            return _share(text)


def _share(text: str) -> str | None:
    if not text:
        return None
    try:
        return format(Decimal(text) / 100, "f") if len(text) <= 6 else text
    except InvalidOperation:
        return text


def _item(place: int) -> Json:
    sent = {part: request.form.get(f"{part}.{place}", "").strip() for part in ("code", "zh", "en", "rule")}
    return {**sent, "code": sent["code"] or f"item_{place + 1}", "rule": sent["rule"] or None}


def _page(visit: Visit, one: Standard, faults: Any = ()) -> Response:
    with reading(visit.doors.engine) as connection:
        ever = standards.history(connection, one.name)
        names = {person.id: person.name for person in directory.everybody(connection)}
    value = _in_force(ever, visit.today.isoformat(), one.default)
    rows = [
        {
            "since": given.since,
            "value": told(visit, given.value),
            "by": names.get(given.given_by, given.given_by),
            "at": local(visit, given.given_at),
        }
        for given in reversed(ever)
    ]
    items = value if kind_of(one) == "checklist" else []
    return shown(
        visit,
        "admin_standard.html",
        faults=faults,
        one=one,
        kind=kind_of(one),
        value=value,
        default=told(visit, one.default),
        percent=_percent(value) if isinstance(value, str) else "",
        groups=open_groups(),
        items=[*items, *({"code": "", "zh": "", "en": "", "rule": None} for _ in range(MOST_ITEMS - len(items)))],
        rules={rule: RULES.get(rule, (rule, rule)) for rule in CHECKS},
        history=Table("history", "历次设置", "What was set", HISTORY, rows),
    )


def _in_force(ever: list[Given], day: str, default: Any) -> Any:
    return next((given.value for given in reversed(ever) if given.since <= day), default)
