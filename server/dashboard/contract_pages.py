"""The contract ledger: a county by township, a township by village, a village contract by contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

from server import ledger
from server.dashboard.frame import Desk, Visit
from server.labels import Labels
from server.ledger import Entry, Ledger, Summary
from server.problems import Problem
from server.sheets import Cell, Column, Table
from server.store.engine import reading
from server.store.names import names
from sync.scopes import TOWNSHIP_DIGITS, VILLAGE_DIGITS, township_of

ALL = "all"
BUDGET_SECONDS = 0.5  # to read villages for a page of many; the others are read beside it
KINDS = {  # of ledger.KINDS
    ALL: ("全部", "All"),
    "current": ("生效中", "In force"),
    "ending": ("30天内到期", "Ending within 30 days"),
    "lapsed": ("到期未续", "Ended, not renewed"),
    "double": ("重复签约", "Two in force"),
    "appeals": ("申诉待处理", "Appeals waiting"),
    "missed": ("未履约", "Not honoured"),
}
STATES = {
    ledger.CURRENT: ("生效中", "In force"),
    ledger.TO_START: ("未生效", "To begin"),
    ledger.ENDED: ("已到期", "Ended"),
    ledger.STOPPED: ("已解约", "Stopped"),
    ledger.PENDING: ("待签约", "Pending"),
    ledger.VOID: ("已作废", "Entered in error"),
}
APPEALS = {
    ledger.ASKED: ("待处理", "Waiting"),
    ledger.UPHELD: ("成立", "Upheld"),
    ledger.REFUSED: ("不成立", "Refused"),
}
NOTES = (
    (
        ("范围", "Which days"),
        (
            "应履约、已履约、豁免、未完成均为本年度到今天；豁免的不计入应履约。",
            "Services of this calendar year up to today; what was waived is not due.",
        ),
    ),
    (
        ("重复签约", "Two in force"),
        (
            "同期两份协议只有先签的计数，另一份等待核对，不重复计算。",
            "Of two contracts in force the first one signed counts; the other waits to be settled, and nobody is counted twice.",
        ),
    ),
    (
        ("未履约", "Not honoured"),
        (
            "有到期服务未完成的协议；请先看依据，医生可以申诉。",
            "A contract of which something due was not done: look at the evidence first; the doctor may appeal.",
        ),
    ),
)


def register(desk: Desk) -> None:
    """Declare the page."""
    kept = Ledger(desk.doors.standings, desk.doors.catalogue)

    @desk.page("/areas/<area>/contracts", action="look.contracts")
    def contracts(visit: Visit, area: str) -> Response:
        """The ledger of an area."""
        villages, unread = visit.view.villages_of(area), 0
        chosen = visit.args.get("show", ALL)
        if chosen not in KINDS:
            raise Problem("unfit-request", faults=["/show: no such choice"])
        visit.note(area=area)
        if len(area) < TOWNSHIP_DIGITS:
            tables = [_townships(visit, villages)]
        elif len(area) == VILLAGE_DIGITS:
            tables = [_listed(visit, kept, area, chosen)]
        else:
            whole = visit.args.get("format") == "xlsx"
            summaries = kept.summaries(visit.view, area, None if whole else BUDGET_SECONDS)
            unread = sum(one is None for one in summaries.values())
            tables = [_villages(visit, summaries)]
            if whole:
                tables.append(_listed(visit, kept, area, chosen))
        notes = [(visit.say(*name), visit.say(*text)) for name, text in NOTES]
        context: dict[str, Any] = {"area": area, "kinds": KINDS, "chosen": chosen, "county": len(area) < TOWNSHIP_DIGITS}
        context |= {"village": len(area) == VILLAGE_DIGITS, "unread": unread}
        if unread:
            kept.read_on(visit.view, area)
        return visit.tables("contracts.html", tables, notes, f"cunyi-contracts-{area}", **context)


def _townships(visit: Visit, villages: Sequence[str]) -> Table:
    """Where to go on: a county has too many contracts for one page."""
    places: dict[str, int] = {}
    for village in villages:
        places[township_of(village)] = places.get(township_of(village), 0) + 1
    rows = [
        {"area": Cell(visit.area_name(code), visit.href("contracts", area=code)), "villages": count}
        for code, count in sorted(places.items())
    ]
    columns = (Column("area", "乡镇", "Township"), Column("villages", "村数", "Villages", "number"))
    return Table("townships", "各乡镇", "By township", columns, rows)


def _villages(visit: Visit, summaries: Mapping[str, Summary | None]) -> Table:
    """How many contracts of each kind a village has; each number opens them."""
    rows = []
    for village, one in summaries.items():
        hint = None if one else visit.say("尚未统计", "not counted yet")
        row: dict[str, Any] = {"village": Cell(visit.area_name(village), visit.href("contracts", area=village), hint)}
        if one is None:
            rows.append(row)
            continue
        for kind, number in one.contracts.items():
            row[kind] = Cell(number, visit.href("contracts", area=village, show=kind) if number else None)
        rows.append({**row, "due": one.due, "done": one.done})
    columns = (
        Column("village", "村", "Village"),
        *(Column(kind, zh, en, "number") for kind, (zh, en) in KINDS.items()),
        Column("due", "应履约服务", "Services due", "number"),
        Column("done", "已履约服务", "Services done", "number"),
    )
    return Table("villages", "各村签约", "By village", columns, rows)


def _listed(visit: Visit, kept: Ledger, area: str, kind: str) -> Table:
    """One row a contract."""
    found = [one for one in kept.entries(visit.view, area) if ledger.KINDS[kind](one, visit.today)]
    labels = _labels(visit, found)
    columns = (
        Column("name", "居民", "Resident"),
        Column("number", "协议编号", "Number"),
        *((Column("village", "村", "Village"),) if len(area) < VILLAGE_DIGITS else ()),
        Column("team", "团队", "Team"),
        Column("doctor", "医生", "Doctor"),
        Column("starts_on", "生效", "From", "day"),
        Column("ends_on", "到期", "Until", "day"),
        Column("state", "状态", "State"),
        Column("marks", "备注", "Remarks"),
        Column("packages", "服务包", "Packages"),
        Column("paid", "有偿", "Paid"),
        Column("due", "应履约", "Due", "number"),
        Column("done", "已履约", "Done", "number"),
        Column("waived", "豁免", "Waived", "number"),
        Column("missed", "未完成", "Missed", "number"),
        Column("next_due", "下次期限", "Next due", "day"),
        Column("appeal", "申诉", "Appeal"),
    )
    rows = [_row(visit, labels, one) for one in found]
    return Table("contracts", "签约台账", "Contracts", columns, rows, empty_zh="没有协议", empty_en="No contracts")


def _labels(visit: Visit, found: Sequence[Entry]) -> Labels:
    wanted = {("team", one.team) for one in found} | {("person", one.doctor) for one in found}
    wanted |= {("service_package", package) for one in found for package in one.packages}
    scopes = visit.view.scopes | {township_of(village) for village in visit.view.villages}
    with reading(visit.doors.engine) as connection:
        return Labels(visit.doors.catalogue, visit.chinese, names(connection, scopes, wanted, visit.doors.catalogue))


def _row(visit: Visit, labels: Labels, one: Entry) -> dict[str, Any]:
    say = visit.say
    marks = [
        *([say("同期两份", "two in force")] if one.double else []),
        *([say("待核对，不计数", "to be settled, not counted")] if not one.counts else []),
        *([say("有冲突", "in conflict")] if one.disputed else []),
        *([say("30天内到期", "ends within 30 days")] if one.ending(visit.today) else []),
        *([say("到期未续", "not renewed")] if one.lapsed else []),
        *([say("已续约", "renewed")] if one.renewed else []),
    ]
    asks = one.double or one.disputed or one.lapsed
    person = visit.href("resident", resident=one.resident)
    return {
        "name": Cell(one.name or say("（无姓名）", "(no name)"), person),
        "number": Cell(
            one.number or say("（无编号）", "(no number)"), visit.href("record", resident=one.resident, record=one.contract)
        ),
        "village": visit.area_name(one.village),
        "team": labels.name("team", one.team) if one.team else None,
        "doctor": labels.name("person", one.doctor) if one.doctor else None,
        "starts_on": one.starts_on,
        "ends_on": one.ends_on,
        "state": Cell(
            say(*STATES[one.state]),
            visit.href("double", resident=one.resident) if one.double else None,
            tone="warn" if asks else None,
        ),
        "marks": " · ".join(marks),
        "packages": say("、", ", ").join(labels.name("service_package", package) for package in one.packages),
        "paid": None if one.paid is None else say("是", "Yes") if one.paid else say("否", "No"),
        "due": one.due,
        "done": one.done,
        "waived": one.waived,
        "missed": Cell(one.missed, tone="bad" if one.missed else None),
        "next_due": one.next_due,
        "appeal": Cell(say(*APPEALS[one.appeal]), tone="warn" if one.appeal == ledger.ASKED else None) if one.appeal else None,
    }
