"""The tables of what came late: who counts otherwise than in a report and why, and what was received about them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from server.dashboard.frame import Visit
from server.dashboard.naming import labels_of, local
from server.dashboard.numbers import called, phones_named
from server.histories import SERVER
from server.indicators import BY_CODE, reasons
from server.indicators.counting import UNCOUNTABLE
from server.indicators.declare import SIDES
from server.reports.corrections import Arrival, Difference, Late
from server.sheets import Cell, Column, Table
from sync.record import canonical

NOT_COUNTED = ("无法计算", "Cannot be counted")
NOTHING = ("没有", "nothing")


def movements(visit: Visit, found: Difference) -> Table:
    """Who counts otherwise, indicator by indicator."""
    columns = (
        Column("name", "居民", "Resident"),
        Column("village", "村", "Village"),
        Column("indicator", "指标", "Indicator"),
        Column("before", "原来", "Before"),
        Column("after", "现在", "Now"),
        Column("why", "变化原因", "Because of"),
    )
    rows = [
        {**_whose(visit, late), **told, "why": _because(visit, late)}
        for late in found.persons
        for told in _movements(visit, late)
    ]
    return Table("persons", "变化的居民", "Residents who count otherwise", columns, rows)


def _because(visit: Visit, late: Late) -> str | None:
    """Whether somebody counts otherwise by what was received about them, or only by other rules."""
    if late.by_rules:
        return visit.say(
            "考核标准或程序版本有变化，没有新收到的记录", "other standards or another release; nothing was received"
        )
    return visit.say("新收到的记录", "what was received since") if late.arrivals else None


def ruled(visit: Visit, found: Difference) -> str | None:
    """In how many villages not all of it has come late: they are counted by other rules than before. None where in none."""
    if not found.ruled:
        return None
    of, every = len(found.ruled), len(found.villages)
    return visit.say(
        f"{every} 个有变化的村中，{of} 个村现在按不同的规则计算（考核标准或程序版本有变化），不全是迟到的数据。",
        f"Of {every} villages with changes, {of} are counted by other rules than before (other standards or another release): not "
        "all of it came late.",
    )


def _movements(visit: Visit, late: Late) -> list[dict[str, Any]]:
    """What is counted otherwise of a person; where it is only by other records, one line says so."""
    told = []
    for moved in late.changes:
        name, words = _named(visit, moved.indicator)
        before, after = (words(visit, own) for own in _apart(moved.before, moved.after))
        if before != after:
            told.append({"indicator": name, "before": before, "after": after})
    same = visit.say("计数不变，依据的记录有变化", "counted alike, by other records")
    return told or [{"indicator": visit.say("全部", "All"), "before": same, "after": same}]


def _named(visit: Visit, indicator: str) -> tuple[str, Callable[[Visit, Sequence[Any]], str]]:
    """What it is in which somebody counts otherwise, and what says how they count."""
    if one := BY_CODE.get(indicator):
        return visit.say(one.zh, one.en), _counted
    if indicator == UNCOUNTABLE:
        return visit.say(*NOT_COUNTED), _lost
    return visit.say("人群", "Groups"), _groups


def _explaining(late: Late) -> set[str]:
    """The records that a person is counted otherwise by."""
    moves = (moved for moved in late.changes if moved.indicator in BY_CODE)
    sides = [share for moved in moves for side in _apart(moved.before, moved.after) for share in side]
    return {record for share in sides for record in [*share, None, None, None][3] or ()}


def _apart(before: Sequence[Any], after: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """What stands on one side only, each as often as it stands there more often."""
    sides = [Counter(map(canonical, side)) for side in (before, after)]
    old, new = sides[0] - sides[1], sides[1] - sides[0]
    return [json.loads(one) for one in old.elements()], [json.loads(one) for one in new.elements()]


def arrivals(visit: Visit, found: Difference) -> Table:
    """What was received about them since: which record, when and by whom, first of all what they count otherwise by."""
    why = {late.resident: _explaining(late) for late in found.persons}
    every = [(late, arrival) for late in found.persons for arrival in late.arrivals]
    every.sort(key=lambda one: one[1].record not in why[one[0].resident])
    labels = labels_of(visit, [], {arrival.author for _, arrival in every if arrival.author})
    titles = called(visit, "record", {arrival.record for _, arrival in every})
    devices = sorted({arrival.device for _, arrival in every})
    phones = dict(zip(devices, phones_named(visit, devices), strict=True))
    columns = (
        Column("name", "居民", "Resident"),
        Column("village", "村", "Village"),
        Column("record", "记录", "Record"),
        Column("why", "引起变化", "Explains it"),
        Column("received", "上传时间", "Received", "day"),
        Column("written", "填写时间", "Written", "day"),
        Column("author", "填写人", "By"),
        Column("device", "设备", "Device"),
    )

    def record(late: Late, arrival: Arrival) -> Cell:
        title = titles.get(arrival.record)
        if title is None:  # it is not where the reader can see it
            return Cell(labels.type(arrival.type))
        if not late.name:
            return Cell(title)
        return Cell(title, visit.href("record", resident=late.resident, record=arrival.record))

    rows = [
        {
            **_whose(visit, late),
            "record": record(late, arrival),
            "why": "✓" if arrival.record in why[late.resident] else None,
            "received": local(visit, arrival.received_at),
            "written": local(visit, arrival.written_at),
            "author": labels.name("person", arrival.author) if arrival.author else None,
            "device": visit.say("管理后台", "the dashboard") if arrival.device == SERVER else phones[arrival.device],
        }
        for late, arrival in every
    ]
    empty = ("没有新到的记录：考核标准或程序版本有变化。", "No record came late: the standards or the release changed.")
    return Table("arrivals", "此后收到的记录", "Received since", columns, rows, "", *empty)


def _whose(visit: Visit, late: Late) -> dict[str, Any]:
    unnamed = visit.say("（不在查看范围）", "(not among those you see)")
    name = Cell(late.name, visit.href("resident", resident=late.resident)) if late.name else Cell(unnamed)
    return {"name": name, "village": visit.area_name(late.village)}


def _counted(visit: Visit, shares: Sequence[Any]) -> str:
    """How somebody counts in an indicator, in words; a visit of several counts for itself."""
    said = []
    for share in shares:
        side, on, reason = [*share, None, None][:3]
        why = visit.say(*reasons.labels(reason)) if reason else ""
        day = f"{on} " if on else ""
        said.append(f"{day}{visit.say(*SIDES[side])}{visit.say(f'（{why}）', f' ({why})') if why else ''}")
    return visit.say("；", "; ").join(said) or visit.say(*NOTHING)


def _lost(visit: Visit, shares: Sequence[Any]) -> str:
    """Whether somebody's records cannot be counted, so that they are in no number."""
    return visit.say("记录无法计算，未计入", "the records cannot be counted: in no number") if shares else visit.say(*NOTHING)


def _groups(visit: Visit, codes: Sequence[str]) -> str:
    labels = labels_of(visit, [])
    return visit.say("、", ", ").join(labels.code("population_group", code) for code in codes) or visit.say("没有", "none")
