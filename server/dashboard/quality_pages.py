"""Data quality (数据质量): hints by area, the findings of a village and month, and one finding with its records and its answer.

The words are 请核对, please check: nobody is accused of anything, and why a finding may be innocent stands beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from flask import Response

from server.dashboard.frame import Desk, Visit
from server.dashboard.naming import local
from server.labels import Labels
from server.periods import MONTH, Period
from server.problems import Problem
from server.quality import HINTS, Doctor, Hint
from server.quality.checks import CHECKING, NOTE_LONGEST, Looked, QualityChecks, Village
from server.quality.hint import Evidence
from server.sheets import Cell, Column, Table
from server.store import findings as store
from server.store.engine import reading
from server.store.names import names
from sync.codec import UnfitError, instant
from sync.scopes import VILLAGE_DIGITS, programme_of

BUDGET_SECONDS = 0.5  # to look at the villages of a page of many; the keeper looks at the others
MONTHS_BACK = 12
PROGRAMMES = {"tb": ("肺结核专项", "Tuberculosis"), "smd": ("严重精神障碍专项", "Severe mental disorder")}
DIGITS_BELOW = {6: 9, 9: 12}  # of the code of an area, and of those right below it
FINDINGS = (
    Column("hint", "提示（请核对）", "Please check"),
    Column("doctor", "医生", "Doctor"),
    Column("found", "看到什么", "What is seen"),
    Column("residents", "涉及人（户）数", "People or households", "number"),
    Column("records", "记录数", "Records", "number"),
    Column("programme", "专项", "Programme"),
    Column("state", "状态", "State"),
)
DOCTORS = (
    Column("doctor", "医生", "Doctor"),
    Column("visits", "记录数", "Records", "number"),
    Column("late", "迟录数", "Written late", "number"),
    Column("late_entry", "迟录率", "Share written late", "rate"),
    Column("digits", "血压读数（个数）", "Numbers of blood pressure", "number"),
    Column("last_digit_zero", "末位为 0 的比例", "Share that end in 0", "rate"),
    Column("findings", "提示数", "Findings", "number"),
    Column("waiting", "待核对", "Not yet checked", "number"),
)
EVIDENCE = (
    Column("resident", "居民（家庭）", "Resident or household"),
    Column("record", "记录", "Record"),
    Column("on", "服务日期", "Day", "day"),
    Column("value", "内容", "What is seen"),
    Column("sections", "所在部分", "Sections"),
    Column("written", "填写时间（手机）", "Written, by the phone", "day"),
    Column("received", "上传时间", "Received", "day"),
)


def register(desk: Desk) -> None:
    """Declare the pages."""
    desk.page("/areas/<area>/quality", action="look.quality")(quality)
    desk.page("/areas/<area>/quality/<finding>", action="look.finding")(finding)
    checked = "/areas/<area>/quality/<finding>/checked"
    desk.page(checked, duty=CHECKING, action="quality.check", methods=("POST",))(finding_checked)


def _checks(visit: Visit) -> QualityChecks:
    doors = visit.doors
    return QualityChecks(doors.engine, doors.catalogue, doors.config, lambda: visit.now)


def _month(visit: Visit) -> Period:
    """The month that is looked at: the last one of the period that has begun."""
    return Period.on(max(visit.period.start, min(visit.period.last, visit.today)), MONTH)


def _months(visit: Visit) -> list[Period]:
    found = [Period.on(visit.today, MONTH)]
    while len(found) < MONTHS_BACK:
        found.append(found[-1].previous())
    return found


def definitions(visit: Visit, month: Period) -> list[tuple[str, str]]:
    """What each hint looks for, with the limits in force, and why it may be innocent."""
    limits = _checks(visit).limits(month)
    return [
        (
            visit.say(hint.zh, hint.en),
            visit.say(
                f"{hint.sentence_zh.format(**limits)}可能的正常原因：{hint.innocent_zh}",
                f"{hint.sentence_en.format(**limits)} It may be innocent: {hint.innocent_en}",
            ),
        )
        for hint in HINTS.values()
    ]


# -- an area -----------------------------------------------------------------------------------------------------------


def quality(visit: Visit, area: str) -> Response:
    """The hints about an area: of a village one by one, of a larger one how many there are below it."""
    villages, month = visit.view.villages_of(area), _month(visit)
    if len(area) == VILLAGE_DIGITS:
        village = _checks(visit).village(visit.view, area, month)
        tables, unseen = [_findings(visit, village, month), _doctors(visit, village)], 0
    else:
        known = _checks(visit).villages(visit.view, villages, month, BUDGET_SECONDS)
        tables, unseen = [_below(visit, area, known, month)], sum(one is None or not one.current for one in known.values())
    context = {"area": area, "month": month, "months": _months(visit), "unseen": unseen}
    return visit.tables("quality.html", tables, definitions(visit, month), f"cunyi-quality-{area}-{month.text}", **context)


def _below(visit: Visit, area: str, known: Mapping[str, Village | None], month: Period) -> Table:
    """The areas right below one, each with the sums over its villages."""
    digits = DIGITS_BELOW[len(area)]
    below: dict[str, list[Village | None]] = {}
    for code, village in known.items():
        below.setdefault(code[:digits], []).append(village)
    rows = [_sums(visit, code, villages, month) for code, villages in below.items()]
    columns = (
        Column("area", "区域", "Area"),
        Column("findings", "提示数", "Findings", "number"),
        Column("waiting", "待核对", "Not yet checked", "number"),
        Column("late_entry", "迟录率", "Share written late", "rate"),
        Column("last_digit_zero", "血压末位为 0 的比例", "Blood pressures that end in 0", "rate"),
        Column("state", "状态", "State"),
    )
    return Table("areas", "各区域", "By area", columns, rows, sort="-waiting")


def _sums(visit: Visit, code: str, villages: Sequence[Village | None], month: Period) -> dict[str, Any]:
    seen = [village for village in villages if village is not None]
    doctors = [doctor for village in seen for doctor in village.doctors]
    waiting = sum(village.waiting for village in seen)
    missing, old = len(villages) - len(seen), sum(not village.current for village in seen)
    states = []
    if missing:
        states.append(visit.say(f"{missing} 个村尚未计算", f"not looked at yet: {missing}"))
    if old:
        states.append(visit.say(f"{old} 个村之后又有更新", f"changed since: {old}"))
    return {
        "area": Cell(visit.area_name(code), visit.href("quality", area=code, period=month.text)),
        "findings": sum(len(village.findings) for village in seen) if seen else None,
        "waiting": Cell(waiting if seen else None, tone="warn" if waiting else None),
        "late_entry": _share(sum(one.late for one in doctors), sum(one.dated for one in doctors)),
        "last_digit_zero": _share(sum(one.zeros for one in doctors), sum(one.digits for one in doctors)),
        "state": visit.say("，", ", ").join(states) or visit.say("最新", "up to date"),
    }


def _share(part: int, of: int) -> Fraction | None:
    return Fraction(part, of) if of else None


# -- a village ---------------------------------------------------------------------------------------------------------


def _findings(visit: Visit, village: Village, month: Period) -> Table:
    """What is to be checked, what nobody has answered first."""
    people = _people(visit, [one.finding.person for one in village.findings])
    rows = []
    for one in sorted(village.findings, key=lambda one: one.checked):
        hint, programme = HINTS[one.finding.code], programme_of(one.scope)
        rows.append(
            {
                "hint": Cell(
                    visit.say(hint.zh, hint.en), visit.href("finding", area=village.code, finding=one.id, period=month.text)
                ),
                "doctor": people.name("person", one.finding.person),
                "found": _found(visit, hint, one),
                "residents": len(one.finding.persons),
                "records": len({evidence.record for evidence in one.finding.evidence}),
                "programme": visit.say(*PROGRAMMES[programme]) if programme else None,
                "state": _state(visit, one),
            }
        )
    empty = ("本月没有需要核对的内容", "Nothing to check in this month")
    return Table("findings", "请核对", "Please check", FINDINGS, rows, empty_zh=empty[0], empty_en=empty[1])


def _found(visit: Visit, hint: Hint, one: Looked) -> str:
    """What is seen, with its numbers; instants as the clock on the wall shows them."""
    numbers = {name: _clock(visit, value) for name, value in one.finding.numbers.items()}
    return visit.say(hint.found_zh, hint.found_en).format(**numbers)


def _clock(visit: Visit, value: int | str) -> int | str:
    try:
        instant(value)
    except UnfitError:
        return value
    return local(visit, str(value))


def _state(visit: Visit, one: Looked) -> Cell:
    if one.answer is None:
        return Cell(visit.say("待核对", "not yet checked"), tone="warn")
    if not one.checked:
        hint = visit.say("上次核对之后有变化", "it has changed since it was checked")
        return Cell(visit.say("待再次核对", "to be checked again"), tone="warn", hint=hint)
    return Cell(visit.say("核对无误", "checked, right"), tone="good")


def _doctors(visit: Visit, village: Village) -> Table:
    """The doctors of a village: how much was written late, and how often a blood pressure ends in 0."""
    people = _people(visit, [one.person for one in village.doctors])
    rows = [_doctor(visit, people, village, one) for one in village.doctors]
    return Table("doctors", "各医生", "By doctor", DOCTORS, rows, empty_zh="本月没有记录", empty_en="No records of this month")


def _doctor(visit: Visit, people: Labels, village: Village, one: Doctor) -> dict[str, Any]:
    theirs = [looked for looked in village.findings if looked.finding.person == one.person]
    return {
        "doctor": Cell(people.name("person", one.person), visit.href("changes", area=village.code, person=one.person)),
        "visits": one.visits,
        "late": one.late,
        "late_entry": _share(one.late, one.dated),
        "digits": one.digits,
        "last_digit_zero": _share(one.zeros, one.digits),
        "findings": len(theirs),
        "waiting": sum(not looked.checked for looked in theirs),
    }


def _people(visit: Visit, ids: Iterable[str], also: Collection[tuple[str, str]] = ()) -> Labels:
    """Labels that name these people, and residents and households (`also`) where the view may see them."""
    wanted = {("person", one) for one in ids} | set(also)
    with reading(visit.doors.engine) as connection:
        named = names(connection, visit.view.scopes, sorted(wanted), visit.doors.catalogue)
    return Labels(visit.doors.catalogue, visit.chinese, named)


# -- one finding -------------------------------------------------------------------------------------------------------


def finding(visit: Visit, area: str, finding: str) -> Response:
    """One finding: what is looked for, what is seen, why it may be innocent, in which records; what was answered."""
    month = _month(visit)
    one = _checks(visit).finding(visit.view, area, month, finding)
    hint, answer = HINTS[one.finding.code], one.answer
    visit.note(record=finding)
    people = _people(visit, [one.finding.person, *([answer.person] if answer else [])])
    limits = _checks(visit).limits(month)
    context = {
        "area": area,
        "month": month,
        "crumbs": [
            (visit.say("数据质量", "Data quality"), visit.href("quality", area=area, period=month.text)),
            (visit.say(hint.zh, hint.en), None),
        ],
        "hint": hint,
        "one": one,
        "found": _found(visit, hint, one),
        "looked_for": visit.say(hint.sentence_zh, hint.sentence_en).format(**limits),
        "doctor": people.name("person", one.finding.person),
        "answer": answer and {"who": people.name("person", answer.person), "at": local(visit, answer.at), "note": answer.note},
        "may_answer": visit.view.may(CHECKING),
        "longest": NOTE_LONGEST,
    }
    return visit.tables("finding.html", [_evidence(visit, area, one)], (), f"cunyi-quality-{finding}", **context)


def _evidence(visit: Visit, area: str, one: Looked) -> Table:
    """The records that a finding rests on, each with a way to its own page."""
    evidence = one.finding.evidence
    households = {e.household for e in evidence if e.household}
    with reading(visit.doors.engine) as connection:
        member = store.somebody_of(connection, [area], households)
    named = [("resident", e.resident) for e in evidence if e.resident] + [("household", house) for house in sorted(households)]
    labels = _people(visit, [], named)
    rows = [_record(visit, labels, e, e.resident or member.get(e.household or "")) for e in evidence]
    return Table("evidence", "所依据的记录", "The records that it rests on", EVIDENCE, rows)


def _record(visit: Visit, labels: Labels, e: Evidence, resident: str | None) -> dict[str, Any]:
    """`resident`: by whose page the record is found."""
    return {
        "resident": labels.name("resident", e.resident) if e.resident else labels.name("household", e.household or ""),
        "record": Cell(labels.type(e.type), visit.href("record", resident=resident, record=e.record) if resident else None),
        "on": e.on,
        "value": e.value,
        "sections": visit.say("、", ", ").join(labels.section(e.type, section) for section in e.sections),
        "written": local(visit, e.written_at),
        "received": local(visit, e.received_at),
    }


def finding_checked(visit: Visit, area: str, finding: str) -> Response:
    """Somebody looked, and it is right."""
    month, form = _month(visit), visit.form
    try:
        _checks(visit).checked(visit.view, area, month, finding, form.get("mark", ""), form.get("note", ""))
    except Problem as problem:
        said = {
            "unfit-request": visit.say(
                f"请写明核对情况，不超过 {NOTE_LONGEST} 字", f"Say in at most {NOTE_LONGEST} characters how it was checked"
            ),
            "changed-meanwhile": visit.say(
                "打开页面之后记录有变化，请重新核对", "The records have changed since the page was opened: check again"
            ),
        }.get(problem.kind.name)
        raise Problem(problem.kind.name, faults=[said]) if said else problem from None
    visit.note(area=area, record=finding)
    return visit.see(visit.href("finding", area=area, finding=finding, period=month.text))
