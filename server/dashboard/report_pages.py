"""报表: the reports of some areas, and one report with its issues and steps.

To count a whole county takes minutes: there the pages name the command that does it, and go on with its townships.
"""

from __future__ import annotations

from typing import Any

from flask import Response

from server.dashboard.frame import Desk, Visit, open_groups, period_of
from server.dashboard.naming import local
from server.dashboard.numbers import issue_named
from server.dashboard.report_tables import (
    LEVELS,
    TONES,
    below,
    command,
    linked,
    listed,
    may,
    pending,
    to_do,
)
from server.periods import KINDS, Period
from server.problems import Problem
from server.reports import excel
from server.reports.life import COMPUTE, COUNTY_DIGITS, MOVES, REISSUE
from server.reports.reading import Shown
from server.reports.wording import Words
from server.sheets import Table
from server.store.engine import reading
from server.store.reports import OPEN, Report

KIND_NAMES = {
    "day": ("日报", "Days"),
    "week": ("周报", "Weeks"),
    "month": ("月报", "Months"),
    "quarter": ("季报", "Quarters"),
    "year": ("年报", "Years"),
    "days": ("自定义期间", "Chosen days"),
}
BUTTONS = {  # in this order
    "submit": ("上报", "Submit", ""),
    "accept": ("审核通过", "Accept", ""),
    "lock": ("锁定", "Lock", ""),
    "return": ("退回", "Return", "danger"),
}
DONE = {
    COMPUTE: ("已计算。", "It is computed."),
    "submit": ("已上报，等待审核。", "Submitted; it waits to be judged."),
    "accept": ("已审核通过。", "Accepted."),
    "return": ("已退回。", "Returned."),
    "lock": ("已锁定：以后的变化只会以更正的形式出现。", "Locked: from now on it changes only by a correction that is seen."),
    REISSUE: ("更正已发布，以前各版都保留。", "The correction is issued; the issues before it stay."),
}
MOST_SHOWN = 400  # lines of the list on one page
NOT_ON_THE_PAGE = ("areas", "positions")  # long: in the Excel file only


def register(desk: Desk) -> None:
    """Declare the pages."""
    desk.page("/reports", action="look.reports")(reports)
    desk.page("/areas/<area>/reports/<period>", action="look.report")(report)


def reports(visit: Visit) -> Response:
    """The reports of all that the person may see, and those that nobody has computed yet."""
    level, kind = visit.args.get("level", ""), visit.args.get("kind", "")
    digits = LEVELS[level][0] if level in LEVELS else None
    found = visit.doors.report_reading.listed(visit.view, digits, kind if kind in KIND_NAMES else None)
    ordered = sorted(found, key=lambda one: Period.parse(one.period), reverse=True)
    tables = [listed(visit, ordered[:MOST_SHOWN])]
    if visit.view.may("report") and kind != "days":
        tables.append(pending(visit, digits, [kind] if kind in KINDS else KINDS[2:]))
    highest = min(map(len, visit.view.areas), default=0)
    context: dict[str, Any] = {
        "levels": {code: (zh, en) for code, (most, zh, en) in LEVELS.items() if most >= highest},
        "level": level,
        "kinds": KIND_NAMES,
        "kind": kind,
        "most": MOST_SHOWN if len(found) > MOST_SHOWN else None,
    }
    return visit.tables("reports.html", tables, name="cunyi-reports", **context)


def report(visit: Visit, area: str, period: str) -> Response:
    """A report as it was published: the issue that holds, or an earlier one; of one that is open how to compute it."""
    return page(visit, area, period_of(period), issue_named(visit))


# -- one report --------------------------------------------------------------------------------------------------------


def page(
    visit: Visit, area: str, period: Period, number: int | None = None, *, trouble: str | None = None, text: str = ""
) -> Response:
    """The page of a report. `trouble`: a step that was not taken, and the `text` that was written for it."""
    found = visit.doors.report_reading.of(visit.view, area, period)
    context = {**context_of(visit, found, period), "trouble": trouble, "text": text}
    if found.state == OPEN:
        if number is not None:
            raise Problem("not-found")
        return visit.render("report.html", shown=None, tables=[], notes=[], **_unmade(visit, area, period), **context)
    shown = visit.doors.report_reading.show(visit.view, area, period, number, visit.population)
    exporting, few = _exporting(visit), few_in(visit, shown)
    doors = visit.doors
    with reading(doors.engine) as connection:
        words = Words.of(connection, doors.config, doors.catalogue, shown, chinese=visit.chinese, few=few)
    total, *rest = excel.tables(shown, words)
    change = _change(visit, shown, words)
    every = [one for one in (change, total, below(visit, shown, words), *rest) if one is not None]
    tables = [linked(visit, shown, one) for one in every if exporting or one.name not in NOT_ON_THE_PAGE]
    context |= {"buttons": _buttons(visit, found), "change": change, **_about(visit, shown, words)}
    name = f"cunyi-report-{area}-{period.text}-{shown.issue.number}" + ("-hidden" if few else "")
    return visit.tables("report.html", tables, excel.notes(shown, words), name, shown=shown, **context)


def context_of(visit: Visit, found: Report, period: Period) -> dict[str, Any]:
    """What every page of a report says first."""
    here = visit.href("report", area=found.area, period=period.text)
    name = visit.say(period.zh, period.en)
    return {
        "area": found.area,
        "crumbs": [(visit.say("报表", "Reports"), visit.href("reports")), (name, here)],
        "found": found,
        "asked": period,
        "state": visit.say(*excel.STATES[found.state]),
        "tone": TONES.get(found.state, ""),
        "to_do": to_do(visit, found),
        "at": lambda moment: local(visit, moment),
        "done": DONE,
    }


def _unmade(visit: Visit, area: str, period: Period) -> dict[str, Any]:
    """Of a report that is open: from when on it can be computed, and by whom."""
    first, county = visit.doors.reports.first_day(period), len(area) == COUNTY_DIGITS
    return {
        "first": first,
        "early": visit.today < first,
        "command": command(COMPUTE, area, period) if county else None,
        "may": visit.view.may("report") and not county,
    }


def _exporting(visit: Visit) -> bool:
    return visit.args.get("format") == "xlsx"


def few_in(visit: Visit, shown: Shown) -> int:
    """Numbers smaller than this are hidden in a file: by the standard of the day on which it leaves the house, whatever held
    when the report was frozen, and where that is asked all that are not ranked.
    """
    asked = shown.standards.rank_from if visit.args.get("small") == "hide" else 0
    return max(visit.standards.suppress_below, asked) if _exporting(visit) else 0


def _change(visit: Visit, shown: Shown, words: Words) -> Table | None:
    """The numbers that this issue changed, None for the first one."""
    number = shown.issue.number
    if number == 1:
        return None
    found = visit.doors.reports.change(visit.view, shown.report.area, shown.period, number)
    return excel.changed(found.figures, words)


def _buttons(visit: Visit, found: Report) -> list[tuple[str, str, str]]:
    """The steps that this person may take now: action, text, style."""
    return [
        (action, visit.say(zh, en), style)
        for action, (zh, en, style) in BUTTONS.items()
        if found.state in MOVES[action].since and may(visit, found.area, judges=MOVES[action].judges)
    ]


def _about(visit: Visit, shown: Shown, words: Words) -> dict[str, Any]:
    """What an issue rests on, and who is to be asked about it."""
    places = [place for at in shown.positions.values() for place in at.scopes.values()]
    period = shown.period
    return {
        "first": visit.doors.reports.first_day(period),
        "villages": len(shown.positions),
        "entries": sum(place.entries for place in places),
        "epoch": next((at.epoch for at in shown.positions.values()), ""),
        "person": words.person,
        "frozen": excel.frozen(shown, words),
        "lost": excel.lost(shown, words),
        "unheard": [words.phone(device) for device in shown.issue.unheard],
        "called_in": [
            (visit.area_name(one), visit.href("report", area=one, period=period.text)) for one in shown.ranking.called_in
        ],
        "groups": open_groups(),
        "few": max(visit.standards.suppress_below, shown.standards.rank_from),
    }
