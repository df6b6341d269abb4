"""The tables of the report pages: what was reported and what was not, and figures that open to their evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from server.dashboard.area_pages import HEADLINE
from server.dashboard.frame import Visit
from server.indicators import BY_CODE
from server.periods import Period
from server.reports import excel
from server.reports.life import COMPUTE, COUNTY_DIGITS, MOVES, keeper
from server.reports.reading import Shown
from server.reports.wording import Words
from server.sheets import Cell, Column, Table
from server.store import reports as store
from server.store.engine import reading
from server.store.reports import ACCEPTED, COMPUTED, LOCKED, RETURNED, SUBMITTED, Report
from sync.scopes import TOWNSHIP_DIGITS, VILLAGE_DIGITS

LEVELS = {
    "county": (COUNTY_DIGITS, "县", "Counties"),
    "township": (TOWNSHIP_DIGITS, "乡镇", "Townships"),
    "village": (VILLAGE_DIGITS, "村", "Villages"),
}
LEVEL_OF = {digits: (zh, en) for digits, zh, en in LEVELS.values()}
TONES = {SUBMITTED: "warn", ACCEPTED: "good", RETURNED: "bad", LOCKED: "good"}
NEXT = {COMPUTED: "submit", RETURNED: "submit", SUBMITTED: "accept", ACCEPTED: "lock"}
DUE = {"submit": ("上报", "to submit it"), "accept": ("审核", "to judge it"), "lock": ("锁定", "to lock it")}
LOOKED_BACK = {"day": 7, "week": 4, "month": 3, "quarter": 1, "year": 1}  # periods that are listed while not computed
MOST_AREAS = 100  # of which what was not computed is listed


def may(visit: Visit, area: str, *, judges: bool) -> bool:
    """True when a step about the report of an area is this person's."""
    return visit.view.may("report") and keeper(area, judges=judges) in visit.view.areas


def to_do(visit: Visit, found: Report) -> str | None:
    """Who has to do what next, None for a report that is locked."""
    action = NEXT.get(found.state)
    if action is None:
        return None
    judges, (zh, en) = MOVES[action].judges, DUE[action]
    if may(visit, found.area, judges=judges):
        return visit.say(f"请您{zh}", f"your turn {en}")
    place = visit.area_name(keeper(found.area, judges=judges))
    return visit.say(f"待{place}{zh}", f"for {place} {en}")


def command(action: str, area: str, period: Period) -> str:
    """The command by which the operator does what takes minutes."""
    return f"cunyi report {action} {area} {period.text}"


# -- the list ----------------------------------------------------------------------------------------------------------


def listed(visit: Visit, found: Sequence[Report]) -> Table:
    """Reports with their state."""
    columns = (
        Column("period", "期间", "Period"),
        Column("area", "区域", "Area"),
        Column("level", "级别", "Level"),
        Column("state", "状态", "State"),
        Column("issue", "版次", "Issue", "number"),
        Column("corrections", "更正次数", "Corrections", "number"),
        Column("next", "下一步", "Next"),
    )
    rows = [
        {
            **_about(visit, one.area, Period.parse(one.period)),
            "state": Cell(visit.say(*excel.STATES[one.state]), tone=TONES.get(one.state)),
            "issue": one.issue,
            "corrections": one.issue - 1,
            "next": to_do(visit, one),
        }
        for one in found
    ]
    empty = ("还没有报表。期间结束并过了截止日以后，由乡镇或县监管员计算。", "There are no reports yet.")
    return Table("reports", "报表", "Reports", columns, rows, "", *empty)


def pending(visit: Visit, digits: int | None, kinds: Sequence[str]) -> Table:
    """The periods that are over and have no report yet: of areas with a code of that length, else of the person's own."""
    areas = [code for code in visit.area_names if len(code) == digits and code.startswith(visit.view.areas)]
    areas = sorted(areas if digits else visit.view.areas)
    over = [period for kind in kinds for period in _past(visit.today, kind)]
    first = {period: visit.doors.reports.first_day(period) for period in over}
    rows = []
    with reading(visit.doors.engine) as connection:
        for area in areas if len(areas) <= MOST_AREAS else ():
            made = store.reports_of(connection, area, [period.text for period in over])
            rows += [_unmade(visit, area, period, first[period]) for period in over if period.text not in made]
    columns = (
        Column("period", "期间", "Period"),
        Column("area", "区域", "Area"),
        Column("level", "级别", "Level"),
        Column("first", "可计算自", "Can be computed from", "day"),
        Column("next", "下一步", "Next"),
    )
    return Table("pending", "已结束、尚未计算", "Over and not computed yet", columns, rows, "", "都已计算", "All are computed")


def _past(today: dt.date, kind: str) -> Iterator[Period]:
    period = Period.on(today, kind)
    for _ in range(LOOKED_BACK[kind]):
        period = period.previous()
        yield period


def _unmade(visit: Visit, area: str, period: Period, first: dt.date) -> dict[str, Any]:
    if visit.today < first:
        next_ = visit.say("等手机上传完", "phones still bring records")
    elif len(area) == COUNTY_DIGITS:
        next_ = visit.say("服务器管理员运行：", "the operator runs ") + command(COMPUTE, area, period)
    else:
        next_ = visit.say("打开后点“计算”", "open it to compute it")
    return {**_about(visit, area, period), "first": first.isoformat(), "next": next_}


def _about(visit: Visit, area: str, period: Period) -> dict[str, Any]:
    address = visit.href("report", area=area, period=period.text)
    return {
        "period": Cell(period.text, address, visit.say(period.zh, period.en)),
        "area": visit.area_name(area),
        "level": visit.say(*LEVEL_OF[len(area)]),
    }


# -- one report --------------------------------------------------------------------------------------------------------


def evidence(visit: Visit, shown: Shown, code: str, area: str) -> str:
    """The page of the persons behind a number, as this issue has it."""
    of = {} if area == shown.report.area else {"of": shown.report.area}
    number, period = shown.issue.number, shown.period.text
    return visit.href("evidence", area=area, indicator=code, period=period, **of, issue=number)


def linked(visit: Visit, shown: Shown, table: Table) -> Table:
    """One of the tables of a report: indicators open to their evidence, areas to their own reports."""
    rows: list[dict[str, Any]] = [dict(row) for row in table.rows]
    for row in rows:
        if table.name in ("total", "changed"):
            row["name"] = Cell(row["name"], evidence(visit, shown, row["indicator"], shown.report.area))
        elif table.name == "ranking":
            row["area"] = Cell(row["area"], visit.href("report", area=row["code"], period=shown.period.text))
            row["called_in"] = Cell(row["called_in"], tone="warn" if row["called_in"] else None)
    return replace(table, rows=rows)


def below(visit: Visit, shown: Shown, words: Words) -> Table | None:
    """The areas below one by the indicators that are ranked; None for a village, below which there is nothing."""
    if len(shown.report.area) == VILLAGE_DIGITS:
        return None
    zh, en = excel.PLACES[len(shown.report.area)]
    every = [BY_CODE[code] for code in shown.total if code in HEADLINE or shown.standards.weight(code)]
    columns = [Column("area", zh, en)]
    columns += [Column(one.code, one.zh, one.en, "rate" if one.ratio else "number") for one in every]
    told, rows = excel.by_area(words, shown), []
    for area in shown.rows:
        address = visit.href("report", area=area, period=shown.period.text)
        row: dict[str, Any] = {"area": Cell(shown.names.get(area, area), address)}
        for one in every:
            said = told[one.code][area]
            hint = f"{said['numerator']}/{said['denominator']}" if one.ratio else None
            if hint and (rank := said["rank"]):
                hint += visit.say(f" · 第{rank}名", f" · rank {rank}")
            value = said["value"] if one.ratio else said["numerator"]
            row[one.code] = Cell(value, evidence(visit, shown, one.code, area), hint)
        rows.append(row)
    return Table("below", f"各{zh}主要指标", f"Main indicators by {en.lower()}", columns, rows)
