"""报表: the reports of some areas, one report with its issues and steps, and what has arrived since it was issued.

To count a whole county takes minutes: there the pages name the command that does it, and go on with its townships.
"""

from __future__ import annotations

from typing import Any

from flask import Response

from server.dashboard.area_pages import issue_named
from server.dashboard.decision_forms import again
from server.dashboard.frame import Desk, Visit, open_groups
from server.dashboard.naming import local
from server.dashboard.numbers import phones_named
from server.dashboard.report_tables import (
    LEVELS,
    TONES,
    arrivals,
    below,
    command,
    first_day,
    linked,
    listed,
    may,
    movements,
    pending,
    person_named,
    to_do,
)
from server.dashboard.table import Table
from server.periods import KINDS, Period, PeriodError
from server.problems import Problem
from server.reports import COMPUTE, COUNTY_DIGITS, MOVES, REISSUE, excel, keeper
from server.reports.reading import Shown
from server.store.reports import ACCEPTED, LOCKED, OPEN, SUBMITTED, Report
from sync.scopes import TOWNSHIP_DIGITS

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
TROUBLE = {
    "too-early": (
        "没有计算：手机可能还在上传这个期间的数据，{first} 起才能计算。",
        "Nothing was computed: phones may still bring records of this period. It can be computed from {first} on.",
    ),
    "report-state": (
        "没有任何改动：报表现在是“{state}”，不能做这一步。",
        "Nothing was changed: the report is {state}, and that step is not to be taken now.",
    ),
    "nothing-to-correct": (
        "没有发布更正：重新计算的结果与已发布的相同。",
        "No correction was issued: the numbers come out as they are.",
    ),
    "changed-meanwhile": (
        "没有保存：页面打开以后报表有了变化，请看过下面的最新内容后再操作。",
        "Nothing was saved: the report changed since the page was opened. Look at it as it is now.",
    ),
    "not-allowed": (
        "没有任何改动：这一步由{keeper}的监管员办理。",
        "Nothing was changed: that step is for a supervisor of {keeper}.",
    ),
    "unfit-request": (
        "没有保存：更正必须写明原因；说明不能超过 500 字。",
        "Nothing was saved: a correction needs a reason, and no note has more than 500 signs.",
    ),
    "by-command": (
        "没有任何改动：全县的数据量大，请服务器管理员运行 {command}",
        "Nothing was changed: a county takes minutes. Ask the operator to run {command}",
    ),
}
MOST_SIGNS = 500
MOST_SHOWN = 400  # lines of the list on one page
NOT_ON_THE_PAGE = ("areas", "positions")  # long: in the Excel file only


def register(desk: Desk) -> None:
    """Declare the pages."""
    desk.page("/reports", action="look.reports")(reports)
    desk.page("/areas/<area>/reports/<period>", action="look.report")(report)
    desk.page("/areas/<area>/reports/<period>/difference", action="look.report_difference")(report_difference)
    steps = "/areas/<area>/reports/<period>/<action>"
    desk.page(steps, duty="report", action="report.step", methods=("POST",))(report_step)


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
    return _page(visit, area, _period(period), issue_named(visit))


def report_difference(visit: Visit, area: str, period: str) -> Response:
    """What has arrived since the issue that holds; with `issue` what that correction changed."""
    return _late(visit, area, _period(period), issue_named(visit))


def report_step(visit: Visit, area: str, period: str, action: str) -> Response:
    """Compute a report, hand it on or issue a correction; what cannot be done is told on the page it came from."""
    asked, text = _period(period), visit.form.get("reason" if action == REISSUE else "note", "").strip()
    found = visit.doors.report_reading.of(visit.view, area, asked)
    if action not in (COMPUTE, REISSUE, *MOVES):
        raise Problem("not-found")
    visit.note(area=area)
    try:
        _take(visit, found, asked, action, text)
    except Problem as problem:
        if problem.kind.name not in TROUBLE:
            raise
        trouble = _told(visit, found, asked, action, problem)
        page = _late if action == REISSUE and found.state != OPEN else _page
        return again(page(visit, area, asked, trouble=trouble, text=text), problem)
    return visit.see(visit.href("report", area=area, period=asked.text, done=action))


def _take(visit: Visit, found: Report, period: Period, action: str, text: str) -> None:
    """Take a step; raises Problem."""
    desk, view, area = visit.doors.reports, visit.view, found.area
    if len(text) > MOST_SIGNS:
        raise Problem("unfit-request")
    if action in (COMPUTE, REISSUE) and len(area) == COUNTY_DIGITS:
        raise Problem("not-allowed", by_command=True)
    if action == COMPUTE:
        desk.compute(view, area, period)
    elif visit.form.get("issue") != str(found.issue):
        raise Problem("changed-meanwhile")
    elif action == REISSUE:
        desk.reissue(view, area, period, text)
    else:
        desk.step(view, area, period, action, text)


def _told(visit: Visit, found: Report, period: Period, action: str, problem: Problem) -> str:
    """A step that was not taken, as a sentence."""
    zh, en = TROUBLE["by-command" if problem.more.get("by_command") else problem.kind.name]
    now = visit.doors.report_reading.of(visit.view, found.area, period)
    judges = MOVES[action].judges if action in MOVES else now.state == LOCKED
    return visit.say(zh, en).format(
        first=problem.more.get("first"),
        state=visit.say(*excel.STATES[now.state]),
        keeper=visit.area_name(keeper(found.area, judges=judges)),
        command=command(action, found.area, period),
    )


def _period(text: str) -> Period:
    try:
        return Period.parse(text)
    except PeriodError as trouble:
        raise Problem("unfit-request", faults=[f"/period: {trouble}"]) from None


# -- one report --------------------------------------------------------------------------------------------------------


def _page(
    visit: Visit, area: str, period: Period, number: int | None = None, *, trouble: str | None = None, text: str = ""
) -> Response:
    found = visit.doors.report_reading.of(visit.view, area, period)
    context = {**_context(visit, found, period), "trouble": trouble, "text": text}
    if found.state == OPEN:
        if number is not None:
            raise Problem("not-found")
        return visit.render("report.html", shown=None, tables=[], notes=[], **_unmade(visit, area, period), **context)
    shown = visit.doors.report_reading.show(visit.view, area, period, number, visit.population)
    exporting = visit.args.get("format") == "xlsx"
    names = person_named(visit, {one.person for one in shown.steps} | {one.made_by for one in shown.issues})
    hidden = _hidden(visit, shown) if exporting else 0
    words = excel.Words(visit.chinese, hidden, lambda one: names.get(one, one), lambda at: local(visit, at))
    total, *rest = excel.tables(shown, words)
    change = _change(visit, shown, words)
    every = [one for one in (change, total, below(visit, shown, words), *rest) if one is not None]
    tables = [linked(visit, shown, one) for one in every if exporting or one.name not in NOT_ON_THE_PAGE]
    context |= {"buttons": _buttons(visit, found), "names": names, "change": change, **_about(visit, shown)}
    name = f"cunyi-report-{area}-{period.text}-{shown.issue.number}" + ("-hidden" if hidden else "")
    return visit.tables("report.html", tables, excel.notes(shown, words), name, shown=shown, **context)


def _context(visit: Visit, found: Report, period: Period) -> dict[str, Any]:
    """What both pages of a report say first."""
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
    first, county = first_day(visit, period), len(area) == COUNTY_DIGITS
    return {
        "first": first,
        "early": visit.today < first,
        "command": command(COMPUTE, area, period) if county else None,
        "may": visit.view.may("report") and not county,
    }


def _hidden(visit: Visit, shown: Shown) -> int:
    """Denominators below this are hidden in an export: by the standard, and as many as are not ranked where that is asked."""
    asked = shown.standards.rank_from if visit.args.get("small") == "hide" else 0
    return max(shown.standards.suppress_below, asked)


def _change(visit: Visit, shown: Shown, words: excel.Words) -> Table | None:
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


def _about(visit: Visit, shown: Shown) -> dict[str, Any]:
    """What an issue rests on, and who is to be asked about it."""
    places = [place for at in shown.positions.values() for place in at.scopes.values()]
    period = shown.period
    return {
        "first": first_day(visit, period),
        "villages": len(shown.positions),
        "entries": sum(place.entries for place in places),
        "epoch": next((at.epoch for at in shown.positions.values()), ""),
        "unheard": phones_named(visit, shown.issue.unheard),
        "called_in": [
            (visit.area_name(one), visit.href("report", area=one, period=period.text)) for one in shown.ranking.called_in
        ],
        "groups": open_groups(),
        "few": max(shown.standards.suppress_below, shown.standards.rank_from),
    }


# -- what came late ----------------------------------------------------------------------------------------------------


def _late(
    visit: Visit, area: str, period: Period, number: int | None = None, *, trouble: str | None = None, text: str = ""
) -> Response:
    found = visit.doors.report_reading.of(visit.view, area, period)
    context = {**_context(visit, found, period), "trouble": trouble, "text": text, "number": number}
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
    words = excel.Words(visit.chinese, _hidden(visit, shown) if visit.args.get("format") == "xlsx" else 0)
    tables = [excel.changed(change.figures, words), movements(visit, change), arrivals(visit, change)] if change else []
    context |= {
        "told": change,
        "judged": found.state in (SUBMITTED, ACCEPTED),
        "may": number is None and bool(change) and may(visit, area, judges=found.state == LOCKED),
        "corrects": visit.area_name(keeper(area, judges=found.state == LOCKED)),
        "reason": shown.issue.reason if number else None,
    }
    return visit.tables("report_difference.html", tables, [], f"cunyi-difference-{area}-{period.text}", **context)


def _townships(visit: Visit, area: str, period: Period) -> list[tuple[str, str]]:
    """Of a county: its townships and where what came late there is shown."""
    if len(area) != COUNTY_DIGITS:
        return []
    codes = sorted({village[:TOWNSHIP_DIGITS] for village in visit.view.villages_of(area)})
    return [(visit.area_name(code), visit.href("report_difference", area=code, period=period.text)) for code in codes]
