"""The steps of a report, taken on its pages: compute it, hand it on, issue a correction; what cannot be done is told there."""

from __future__ import annotations

from flask import Response

from server.dashboard.decision_forms import again
from server.dashboard.frame import Desk, Visit, period_of
from server.dashboard.late_pages import late
from server.dashboard.report_pages import page
from server.dashboard.report_tables import command
from server.periods import Period
from server.problems import Problem
from server.reports.excel import STATES
from server.reports.life import COMPUTE, COUNTY_DIGITS, MOVES, REISSUE, keeper
from server.store.reports import LOCKED, OPEN, Report

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


def register(desk: Desk) -> None:
    """Declare the page that takes a step."""
    steps = "/areas/<area>/reports/<period>/<action>"
    desk.page(steps, duty="report", action="report.step", methods=("POST",))(report_step)


def report_step(visit: Visit, area: str, period: str, action: str) -> Response:
    """Compute a report, hand it on or issue a correction; what cannot be done is told on the page it came from."""
    asked, text = period_of(period), visit.form.get("reason" if action == REISSUE else "note", "").strip()
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
        shows = late if action == REISSUE and found.state != OPEN else page
        return again(shows(visit, area, asked, trouble=trouble, text=text), problem)
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
    elif action == REISSUE:
        desk.reissue(view, area, period, text, _looked_at(visit))
    else:
        desk.step(view, area, period, action, text, _looked_at(visit))


def _looked_at(visit: Visit) -> int:
    """The issue that was on the page; 0, which never holds, where it says none."""
    text = visit.form.get("issue", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _told(visit: Visit, found: Report, period: Period, action: str, problem: Problem) -> str:
    """A step that was not taken, as a sentence."""
    zh, en = TROUBLE["by-command" if problem.more.get("by_command") else problem.kind.name]
    now = visit.doors.report_reading.of(visit.view, found.area, period)
    judges = MOVES[action].judges if action in MOVES else now.state == LOCKED
    return visit.say(zh, en).format(
        first=problem.more.get("first"),
        state=visit.say(*STATES[now.state]),
        keeper=visit.area_name(keeper(found.area, judges=judges)),
        command=command(action, found.area, period),
    )
