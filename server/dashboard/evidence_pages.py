"""The evidence behind one number: by area down to a village, and there person by person with the records and the reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Response

from server.dashboard.frame import Desk, Visit
from server.dashboard.numbers import (
    CHILD,
    Numbers,
    called,
    context_of,
    definitions,
    is_village,
    issue_named,
    numbers_of,
    position_notes,
    told_on,
)
from server.indicators import BY_CODE, reasons
from server.indicators.declare import DENOMINATOR, EXCLUDED, NUMERATOR, SIDES, Indicator
from server.indicators.reading import Person, by_unit
from server.problems import Problem
from server.sheets import Cell, Column, Table

BY_RECORD = (
    "按记录计数：同一记录涉及的几个人合为一行，各行相加即为该数字。",
    "Counted by record: those who share one stand in one row, so that the rows add up to the number.",
)


def register(desk: Desk) -> None:
    """Declare the page."""
    desk.page("/areas/<area>/indicators/<indicator>", action="look.evidence")(evidence)


def evidence(visit: Visit, area: str, indicator: str) -> Response:
    """Who is behind one number: by area down to a village, there person by person with the records and the reasons."""
    one = BY_CODE.get(indicator)
    if one is None or (one.programme is not None and one.programme not in visit.view.programmes):
        raise Problem("not-found")
    report = report_named(visit, area)
    numbers = numbers_of(visit, area, visit.period, report.get("of"), issue_named(visit))
    name = visit.say(one.zh, one.en)
    context = {
        "one": one,
        "figure": numbers.total.get(indicator) if numbers else None,
        "source": numbers.source if numbers else None,
        "crumbs": [(name, None)],
        "sides": SIDES if is_village(area) else {},
        "unit": BY_RECORD if one.once else None,
        "side": side_of(visit),
        **context_of(visit, area),
    }
    tables = []
    if numbers:
        tables = [_persons(visit, one, numbers) if is_village(area) else _by_area(visit, area, one, numbers, report)]
    notes = [*position_notes(visit, numbers), *definitions(visit, [one])]
    if one.once:
        notes.append((visit.say("计数单位", "Unit"), visit.say(*BY_RECORD)))
    return visit.tables("evidence.html", tables, notes, f"cunyi-{indicator}-{area}-{visit.period.text}", **context)


def _by_area(visit: Visit, area: str, one: Indicator, numbers: Numbers, report: Mapping[str, str]) -> Table:
    zh, en = CHILD[len(area)]
    columns = (
        Column("area", zh, en),
        Column("numerator", "分子", "Numerator", "number"),
        Column("denominator", "分母", "Denominator", "number"),
        Column("value", "比率", "Rate", "rate"),
        Column("excluded", "不计入", "Not counted", "number"),
    )
    rows = []
    for code, said in told_on(visit, numbers.rows, one).items():
        address = visit.href("evidence", area=code, indicator=one.code, **report)
        rows.append({"area": Cell(visit.area_name(code), address), **vars(said)})
    return Table("evidence", f"各{zh}", f"By {en.lower()}", columns, rows, sort="value")


def _persons(visit: Visit, one: Indicator, numbers: Numbers) -> Table:
    """Everybody on either side, who is not above the line first; a row is a unit, so that the rows add up to the number.

    Of what counts a record once that is the record, with everybody who shares it.
    """
    columns = (
        Column("name", "居民", "Resident"),
        Column("side", "计入情况", "Counted"),
        Column("reason", "原因", "Reason"),
        Column("on", "日期", "Day", "day"),
        Column("records", "依据的记录", "Records"),
    )
    order = {DENOMINATOR: 0, NUMERATOR: 1, EXCLUDED: 2}
    wanted = side_of(visit)
    every = [person for person in numbers.persons(one.code) if wanted in (None, person.side)]
    persons = sorted(every, key=lambda p: (order[p.side], p.reason or "", p.name))
    titles = called(visit, "record", {person.records[0] for person in persons if person.records})
    rows = [
        {
            "name": Cell(
                visit.say("、", ", ").join(one.name for one in unit),
                visit.href("resident", resident=unit[0].resident),
                _together(visit, unit),
            ),
            "side": Cell(visit.say(*SIDES[unit[0].side]), tone="good" if unit[0].side == NUMERATOR else None),
            "reason": visit.say("；", "; ").join(visit.say(*reasons.labels(one)) for one in _reasons(unit)) or None,
            "on": unit[0].on,
            "records": _first_record(visit, unit[0], titles),
        }
        for unit in by_unit(one, persons)
    ]
    if not one.once:
        return Table("persons", "人员名单", "Persons", columns, rows)
    return Table("persons", "记录清单", "Records", columns, rows)


def _reasons(unit: Sequence[Person]) -> list[str]:
    return list(dict.fromkeys(person.reason for person in unit if person.reason))


def _together(visit: Visit, unit: Sequence[Person]) -> str | None:
    """How many persons share the record that is one unit."""
    return visit.say(f"同一记录，{len(unit)} 人", f"{len(unit)} persons, one record") if len(unit) > 1 else None


def report_named(visit: Visit, area: str) -> dict[str, str]:
    """The report and issue whose numbers are shown, as arguments of further addresses; none while the period runs."""
    if visit.today in visit.period:
        return {}
    return {"of": area} | {name: value for name in ("of", "issue") if (value := visit.args.get(name))}


def side_of(visit: Visit) -> str | None:
    """The side that the address asks for, None for all of them; raises Problem `unfit-request`."""
    side = visit.args.get("side") or None
    if side not in (None, *SIDES):
        raise Problem("unfit-request", faults=["/side: numerator, denominator or excluded"])
    return side


def _first_record(visit: Visit, person: Person, titles: Mapping[str, str]) -> Cell:
    """The record that shows it, and how many there are."""
    if not person.records:
        return Cell(None)
    first, rest = person.records[0], len(person.records) - 1
    hint = visit.say(f"另有 {rest} 条", f"and {rest} more") if rest else None
    return Cell(titles.get(first, first[:8]), visit.href("record", resident=person.resident, record=first), hint)
