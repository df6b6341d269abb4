"""Residents of an area, found by what a supervisor remembers, and the page of one of them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from flask import Response

from server.dashboard.frame import Desk, Visit, open_groups
from server.dashboard.naming import labels_of
from server.dashboard.person import Person
from server.dashboard.resident_tables import (
    due_table,
    indicators_table,
    managed_table,
    obligations_table,
    readings_table,
    records_table,
    wrong_table,
)
from server.labels import MASKED
from server.problems import Problem
from server.readings import DIASTOLIC, FASTING, SYSTOLIC, picture, readings
from server.sheets import Cell, Column, Table
from sync.codec import Json
from sync.record import Sections, shown
from sync.scopes import VILLAGE_DIGITS, village_of
from sync.types.rules import age_on

MOST = 200
NUMBER = re.compile(r"[0-9]{5}[0-9Xx]")  # what has so many digits may be a person's number
SHORTEST = {True: 2, False: 4}  # what has to be typed to search more than one village: Chinese signs, others
PURPOSES = {
    "contact": ("联系居民", "To reach the resident"),
    "identify": ("核对身份", "To make sure who it is"),
    "settle": ("处理冲突或重复档案", "To settle a conflict or a duplicate"),
    "refer": ("转诊或报销", "Referral or insurance"),
    "inspect": ("督导核查", "Inspection"),
}


def register(desk: Desk) -> None:
    """Declare the pages."""
    desk.page("/areas/<area>/residents", action="look.residents")(residents)
    desk.page("/areas/<area>/residents", action="look.residents", methods=("POST",))(residents_find)
    desk.page("/residents/<resident>", action="look.resident")(resident)
    desk.page("/residents/<resident>/reveal", action="resident.reveal", methods=("POST",))(resident_reveal)


# -- finding somebody --------------------------------------------------------------------------------------------------


def residents(visit: Visit, area: str) -> Response:
    """Residents by name or pinyin, and by group; by an end of a number too, but no number is taken from an address."""
    text = visit.args.get("text", "").strip()[:100]
    return _found(visit, area, "" if NUMBER.search(text) else text)


def residents_find(visit: Visit, area: str) -> Response:
    """The same by what was typed: a number does not go into the address, which histories and logs keep."""
    text = visit.form.get("text", "").strip()[:100]
    if re.search(r"[0-9]{3}", text) is None:
        return visit.see(visit.href("residents", area=area, text=text, group=visit.form.get("group") or None))
    return _found(visit, area, text)


def _found(visit: Visit, area: str, text: str) -> Response:
    villages = set(visit.view.villages_of(area))
    visit.note(area=area)
    group = visit.population
    one_village = len(area) == VILLAGE_DIGITS
    asked = one_village or len(text) >= SHORTEST[any(ord(sign) >= 0x3400 for sign in text)]
    scopes = [scope for scope in visit.view.scopes if village_of(scope) in villages]
    found = visit.doors.standings.search(scopes, text, None if group == "all" else group, MOST + 1) if asked else []
    context: dict[str, Any] = {
        "area": area,
        "groups": open_groups(),
        "text": text,
        "asked": asked,
        "more": len(found) > MOST,
        "most": MOST,
    }
    return visit.tables("residents.html", [_listed(visit, found[:MOST])], name=f"cunyi-residents-{area}", **context)


def _listed(visit: Visit, found: list[Json]) -> Table:
    groups = open_groups()
    rows = [
        {
            "name": Cell(
                one["name"] or visit.say("（无姓名）", "(no name)"),
                visit.href("resident", resident=one["resident"]),
                hint=visit.say("并入他人", "counts as somebody else") if one["same_as"] else None,
            ),
            "age": _age(one["birth_date"], visit.today),
            "village": Cell(visit.area_name(one["scope"]), visit.href("residents", area=one["scope"])),
            "groups": visit.say("、", ", ").join(visit.say(*groups[code]) for code in one["groups"] if code in groups),
            "due": Cell(one["due"] or None, tone="warn" if one["due"] else None),
        }
        for one in found
    ]
    columns = (
        Column("name", "姓名", "Name"),
        Column("age", "年龄", "Age", "number"),
        Column("village", "村", "Village"),
        Column("groups", "人群", "Groups"),
        Column("due", "应做事项", "Due", "number"),
    )
    return Table("residents", "居民", "Residents", columns, rows, empty_zh="没有找到居民", empty_en="Nobody was found")


def _age(born: Any, today: dt.date) -> int | None:
    try:
        return age_on(dt.date.fromisoformat(str(born)), today)
    except ValueError:
        return None


# -- one of them -------------------------------------------------------------------------------------------------------


def resident(visit: Visit, resident: str) -> Response:
    """Everything about one resident that the person may see."""
    return _page(visit, resident)


def resident_reveal(visit: Visit, resident: str) -> Response:
    """The same with identity and telephone numbers in full, for a purpose that stands in the trail."""
    purpose = visit.form.get("purpose", "")
    if purpose not in PURPOSES:
        raise Problem("unfit-request", faults=[visit.say("请选择用途", "Choose a purpose")])
    visit.note(detail={"purpose": purpose})
    return _page(visit, resident, revealed=purpose)


def person_of(visit: Visit, resident: str, *, mask: bool = True) -> Person:
    """What is told of a resident whom the person may see; raises Problem `not-found` for anybody else."""
    visit.note(resident=resident)
    told = visit.doors.standings.told(visit.view.scopes, resident)
    visit.note(area=told.village)
    said: list[tuple[str, Sections]] = [(one.record.type, shown(one.record)) for one in told.known]
    authors = {edit.author for one in told.known for edit in one.record.edits}
    return Person(visit, resident, told, labels_of(visit, said, authors, mask=mask))


def _page(visit: Visit, resident: str, revealed: str | None = None) -> Response:
    person = person_of(visit, resident, mask=revealed is None)
    read = readings(person.told.known, visit.doors.catalogue)
    pictures = [found for found in (picture(read, SYSTOLIC, DIASTOLIC), picture(read, FASTING)) if found]
    about = person.views.get(resident, {})
    name = str((about.get("identity") or {}).get("name") or visit.say("（无姓名）", "(no name)"))
    tables = [
        due_table(person),
        managed_table(person),
        obligations_table(person),
        readings_table(person, read),
        wrong_table(person),
        records_table(person),
        indicators_table(person),
    ]
    context: dict[str, Any] = {
        "area": person.told.village,
        "crumbs": [(name, None)],
        "person": person,
        "standing": person.standing,
        "called": name,
        "who": _who(person, about),
        "numbers": _numbers(person, about),
        "contract": _contract(person),
        "honoured": _honoured(person),
        "pictures": pictures,
        "revealed": revealed,
        "purposes": PURPOSES,
    }
    return visit.tables("resident.html", tables, name=f"cunyi-resident-{resident}", **context)


def _who(person: Person, about: Sections) -> list[tuple[str, str]]:
    """Label and text of who it is."""
    visit, labels, standing = person.visit, person.labels, person.standing
    identity, residence = about.get("identity") or {}, about.get("residence") or {}
    age = _age(identity.get("birth_date"), visit.today)
    status = labels.code("standing_status", standing["status"])
    if standing["closed"]:
        reason = labels.value("resident", "record_status", "close_reason", standing["closed"])
        status += f" · {reason} {standing['closed_on'] or ''}"
    lines = [
        (visit.say("性别", "Sex"), labels.value("resident", "identity", "sex", identity.get("sex"))),
        (
            visit.say("出生日期", "Born"),
            f"{identity.get('birth_date') or ''}" + (visit.say(f"（{age}岁）", f" ({age})") if age is not None else ""),
        ),
        (visit.say("村", "Village"), visit.area_name(person.told.village)),
        (visit.say("住址", "Address"), str(residence.get("address") or "")),
        (visit.say("责任医生", "Doctor in charge"), labels.value("resident", "residence", "doctor", residence.get("doctor"))),
        (visit.say("状态", "Status"), status),
    ]
    if standing["away"]:
        until = standing["away_until"]
        lines.append(
            (
                visit.say("外出务工", "Away for work"),
                visit.say(f"至 {until}", f"until {until}") if until else visit.say("是", "yes"),
            )
        )
    return [(label, text) for label, text in lines if text]


def _numbers(person: Person, about: Sections) -> list[tuple[str, str]]:
    """Label and text of identity and telephone numbers, masked unless they are revealed."""
    labels = person.labels
    return [
        (labels.field("resident", section, field), labels.value("resident", section, field, value[field]))
        for section, value in about.items()
        if section in ("identity", "contact") and value
        for field in value
        if field in MASKED and value[field]
    ]


def _contract(person: Person) -> dict[str, Any] | None:
    """The contract in force: its record, its days, its team and doctor, its packages, others beside it."""
    signed = person.standing["signed"]
    if signed is None:
        return None
    labels, view = person.labels, person.views.get(signed["contract"], {})
    parties, packages = view.get("parties") or {}, view.get("packages") or {}
    return {
        "href": person.href(signed["contract"]),
        "number": parties.get("contract_no") or person.visit.say("（无编号）", "(no number)"),
        "term": f"{signed['since']} – {signed['by']}",
        "team": labels.value("contract", "parties", "team", parties.get("team")),
        "doctor": labels.value("contract", "parties", "doctor", parties.get("doctor")),
        "packages": labels.value("contract", "packages", "packages", packages.get("packages")),
        "others": [(person.record_name(other), person.href(other)) for other in signed["others"]],
        "disputed": signed["reason"] is not None,
    }


def _honoured(person: Person) -> dict[str, Any] | None:
    """Services due and given up to today, over everything that the person may see."""
    parts = person.standing["honoured"]
    due, done = sum(part["items_due"] for part in parts), sum(part["items_done"] for part in parts)
    return {"due": due, "done": done, "share": done / due if due else None} if parts else None
