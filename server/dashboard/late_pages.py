"""迟到数据: what has arrived since a report was issued and what it would change, or what a correction changed."""

from __future__ import annotations

from flask import Response

from server.dashboard.frame import Desk, Visit, period_of
from server.dashboard.late_tables import arrivals, movements, ruled
from server.dashboard.numbers import issue_named
from server.dashboard.report_pages import context_of, few_in
from server.dashboard.report_tables import command, may
from server.periods import Period
from server.problems import Problem
from server.reports import excel
from server.reports.life import COUNTY_DIGITS, keeper
from server.reports.wording import Words
from server.store.reports import ACCEPTED, LOCKED, OPEN, SUBMITTED
from sync.scopes import TOWNSHIP_DIGITS


def register(desk: Desk) -> None:
    """Declare the page."""
    desk.page("/areas/<area>/reports/<period>/difference", action="look.report_difference")(report_difference)


def report_difference(visit: Visit, area: str, period: str) -> Response:
    """What has arrived since the issue that holds; with `issue` what that correction changed."""
    return late(visit, area, period_of(period), issue_named(visit))


def late(
    visit: Visit, area: str, period: Period, number: int | None = None, *, trouble: str | None = None, text: str = ""
) -> Response:
    """The page. `trouble`: a correction that was not issued, and the `text` of its reason."""
    found = visit.doors.report_reading.of(visit.view, area, period)
    context = {**context_of(visit, found, period), "trouble": trouble, "text": text, "number": number}
    context["crumbs"] = [*context["crumbs"], (visit.say("迟到数据", "What came late"), None)]
    townships = _townships(visit, area, period)
    if found.state == OPEN and number is not None:
        raise Problem("not-found")
    if found.state == OPEN or (townships and number is None):
        name = command("difference", area, period)
        return visit.render(
            "report_difference.html", told=None, tables=[], notes=[], townships=townships, command=name, **context
        )
    desk = visit.doors.reports
    change = desk.change(visit.view, area, period, number) if number else desk.difference(visit.view, area, period)
    shown = visit.doors.report_reading.show(visit.view, area, period, number)
    words = Words(visit.chinese, few_in(visit, shown), visit.doors.config.time_zone)
    tables = [excel.changed(change.figures, words), movements(visit, change), arrivals(visit, change)] if change else []
    said = [
        (visit.say("报表", "Report"), f"{visit.area_name(area)} {visit.say(period.zh, period.en)}"),
        (visit.say("规则变化", "Other rules"), ruled(visit, change)),
        (visit.say("隐藏", "Hidden"), excel.why_hidden(words)),
    ]
    notes = [(name, text) for name, text in said if text]
    context |= {
        "told": change,
        "ruled": ruled(visit, change),
        "judged": found.state in (SUBMITTED, ACCEPTED),
        "may": number is None and bool(change) and may(visit, area, judges=found.state == LOCKED),
        "corrects": visit.area_name(keeper(area, judges=found.state == LOCKED)),
        "reason": shown.issue.reason if number else None,
    }
    return visit.tables("report_difference.html", tables, notes, f"cunyi-difference-{area}-{period.text}", **context)


def _townships(visit: Visit, area: str, period: Period) -> list[tuple[str, str]]:
    """Of a county: its townships and where what came late there is shown."""
    if len(area) != COUNTY_DIGITS:
        return []
    codes = sorted({village[:TOWNSHIP_DIGITS] for village in visit.view.villages_of(area)})
    return [(visit.area_name(code), visit.href("report_difference", area=code, period=period.text)) for code in codes]
