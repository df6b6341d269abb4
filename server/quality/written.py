"""Hints on when and how entries were written: many at once, long after the visit, like the time before, after the close."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from server.quality.hint import Entry, Evidence, Finding, Hint, Limit, Limits, Month, Visit, evidence_of, grouped
from sync.codec import stamp
from sync.record import canonical, family
from sync.types.checks import at

HOUR = dt.timedelta(hours=1)
COMPARED = ("symptoms", "lifestyle", "vitals.weight_kg")  # what hardly ever stays the same all together
OWN_TO_A_VISIT = frozenset({"visit", "next_visit", "evidence"})


# -- bursts ------------------------------------------------------------------------------------------------------------


def burst(month: Month, limits: Limits) -> Iterator[Finding]:
    """By doctor: hours in which records about more people were begun than anybody can see in an hour."""
    begun = [(visit.entries[0], visit) for visit in month.visits if visit.entries]
    for doctor, theirs in grouped(begun, lambda one: one[0].author).items():
        theirs.sort(key=lambda one: (one[0].written_at, one[1].record))
        for most, together in _bursts(theirs, int(limits["burst_residents"])):
            first, last = together[0][0].written_at, together[-1][0].written_at
            received = [entry.received_at for entry, _ in together]
            numbers: dict[str, int | str] = {
                "residents": most,
                "records": len(together),
                "first": stamp(first),
                "last": stamp(last),
                "received_first": stamp(min(received)),
                "received_last": stamp(max(received)),
            }
            evidence = tuple(evidence_of(visit) for _, visit in together)
            yield Finding("burst", doctor, stamp(first), numbers, evidence)


def _bursts(theirs: list[tuple[Entry, Visit]], least: int) -> Iterator[tuple[int, list[tuple[Entry, Visit]]]]:
    """(the most people within an hour, all entries) of each stretch of hours that are too full."""
    start, most, stretch = 0, 0, range(0)
    for end in range(len(theirs)):
        while theirs[end][0].written_at - theirs[start][0].written_at >= HOUR:
            start += 1
        people = _people(visit for _, visit in theirs[start : end + 1])
        if people < least:
            continue
        if stretch and start < stretch.stop:
            most, stretch = max(most, people), range(stretch.start, end + 1)
            continue
        if stretch:
            yield most, theirs[stretch.start : stretch.stop]
        most, stretch = people, range(start, end + 1)
    if stretch:
        yield most, theirs[stretch.start : stretch.stop]


def _people(visits: Iterable[Visit]) -> int:
    """Residents, or households where those are more: a call at a house brings records about both."""
    kinds: dict[bool, set[str | None]] = {True: set(), False: set()}
    for visit in visits:
        kinds[visit.at_home].add(visit.subject)
    return max(map(len, kinds.values()))


BURST = Hint(
    "burst",
    "短时间集中录入",
    "Many entries within an hour",
    "同一名医生在一小时内（按手机时间）新建了至少 {burst_residents} 名居民（或至少 {burst_residents} 户）的记录。",
    "One doctor began records about at least {burst_residents} residents, or as many households, within an hour by the phone's clock.",
    "白天先记在纸上、晚上集中录入，或在义诊、集中体检时多人协助录入，都属正常。",
    "Notes taken on paper and typed in the evening, or a day of examinations with many hands, look the same.",
    "一小时内最多 {residents} 人（户），共 {records} 条，写于 {first} 至 {last}，上传于 {received_first} 至 {received_last}",
    "Up to {residents} people or households in an hour, {records} records, written {first} to {last}, received {received_first} to {received_last}",
    (Limit("burst_residents", 12, "一小时内的人（户）数下限", "People or households within an hour, at least"),),
    burst,
)


# -- late --------------------------------------------------------------------------------------------------------------


def late_entry(month: Month, limits: Limits) -> Iterator[Finding]:
    """By doctor: visits written down more days later than the standard says."""
    for doctor, theirs in grouped(month.visits, lambda visit: visit.doctor).items():
        late = late_ones(theirs, limits)
        if len(late) >= limits["late_entries"]:
            numbers: dict[str, int | str] = {"late": len(late), "of": len(theirs), "most": max(v.late_days or 0 for v in late)}
            evidence = tuple(evidence_of(visit, f"+{visit.late_days} d") for visit in late)
            yield Finding("late_entry", doctor, "late", numbers, evidence)


def late_ones(visits: Iterable[Visit], limits: Limits) -> list[Visit]:
    """Those that were written late."""
    return [visit for visit in visits if visit.late_days is not None and visit.late_days > limits["late_days"]]


LATE_ENTRY = Hint(
    "late_entry",
    "迟录较多",
    "Entries written late",
    "同一名医生本月至少有 {late_entries} 条记录是在服务日期之后超过 {late_days} 天才写的（按手机时间）。",
    "At least {late_entries} records of one doctor were written more than {late_days} days after the day that they are about, by the phone's clock.",
    "手机损坏、停电、纸质记录待录，或手机日期不准，都会造成迟录；没有信号不会，因为离线也能录入。",
    "A broken phone, no electricity, notes on paper, or a phone with a wrong date; no signal is no cause, for writing needs none.",
    "{of} 条中有 {late} 条，最多迟 {most} 天",
    "{late} of {of}, up to {most} days late",
    (Limit("late_entries", 3, "迟录条数下限", "Late entries, at least"),),
    late_entry,
)


# -- carried over ------------------------------------------------------------------------------------------------------


def carried_over(month: Month, limits: Limits) -> Iterator[Finding]:
    """By doctor: follow-ups that say in all of COMPARED what the visit before said."""
    before: dict[tuple[str, str | None], Visit] = {}
    pairs: list[tuple[Visit, Visit]] = []
    for visit in (*month.earlier, *month.visits):
        if visit.follows and all(at(visit.view, path) is not None or path in visit.view for path in COMPARED):
            last = before.get((visit.type, visit.subject))
            if last is not None and last.on < visit.on and visit.on.isoformat().startswith(month.text):
                pairs.append((last, visit))
            before[visit.type, visit.subject] = visit
    for doctor, theirs in grouped(pairs, lambda pair: pair[1].doctor).items():
        alike = [pair for pair in theirs if all(_said(pair[0], path) == _said(pair[1], path) for path in COMPARED)]
        if len(alike) >= limits["carried_over_visits"] and len(alike) >= limits["carried_over_share"] * len(theirs):
            evidence = tuple(_alike(last, visit) for last, visit in alike)
            yield Finding("carried_over", doctor, "carried", {"alike": len(alike), "of": len(theirs)}, evidence)


def _said(visit: Visit, path: str) -> str:
    value: Any = visit.view.get(path) if "." not in path else at(visit.view, path)
    return canonical(value)


def _alike(last: Visit, visit: Visit) -> Evidence:
    """How many of the sections that both visits filled in are the same, and which."""
    names = sorted(visit.view.keys() & last.view.keys())
    both = [n for n in names if family(n) not in OWN_TO_A_VISIT and visit.view[n] is not None and last.view[n] is not None]
    same = tuple(name for name in both if canonical(visit.view[name]) == canonical(last.view[name]))
    return evidence_of(visit, f"{len(same)}/{len(both)} = {last.on.isoformat()}", same)


CARRIED_OVER = Hint(
    "carried_over",
    "内容与上次相同较多",
    "Visits that say what the visit before said",
    "同一名医生本月至少 {carried_over_visits} 次随访、且不少于可比较随访的 {carried_over_share:.0%}，其症状、生活方式和体重与该居民上一次随访完全相同；"
    "并逐部分列出相同的部分。",
    "At least {carried_over_visits} follow-ups of one doctor in the month, and {carried_over_share:.0%} of those that have a visit "
    "before them, say of symptoms, way of life and weight exactly what the resident's visit before said; each section that is the same is named.",
    "病情稳定的居民确实变化不大，体重只记整数时也容易相同；“同上次”是允许的，但体重应当重新测量。",
    "People who are stable change little, and weights in whole kilograms agree easily; `as last time` is allowed, but weight should be measured.",
    "{of} 次可比较的随访中有 {alike} 次",
    "{alike} of {of} follow-ups that have a visit before them",
    (
        Limit("carried_over_visits", 5, "相同随访次数下限", "Visits alike, at least"),
        Limit("carried_over_share", Decimal("0.50"), "占可比较随访的比例下限", "Their share of those that can be compared"),
    ),
    carried_over,
)


# -- after the close ---------------------------------------------------------------------------------------------------


def after_close(month: Month, _limits: Limits) -> Iterator[Finding]:
    """By doctor: records of a month whose numbers are frozen, written again later."""
    closed = month.closed_at
    if closed is None:
        return
    changed = [(entry, visit) for visit in month.visits for entry in visit.entries[1:] if entry.at > closed]
    for doctor, theirs in grouped(changed, lambda one: one[0].author).items():
        evidence = tuple(evidence_of(visit, sections=entry.sections, entry=entry) for entry, visit in theirs)
        numbers: dict[str, int | str] = {
            "edits": len(theirs),
            "records": len({visit.record for _, visit in theirs}),
            "closed": stamp(closed),
        }
        yield Finding("after_close", doctor, "close", numbers, evidence)


AFTER_CLOSE = Hint(
    "after_close",
    "报告冻结后修改",
    "Changed after the period was closed",
    "本月报告数字冻结之后，又修改了本月的记录（只算修改，不算迟到的上传）。",
    "Records of this month were changed after its numbers had been frozen; what was written before and only arrived later is not meant.",
    "更正错误本来就应当修改；报告会以更正版的形式显示差异。",
    "Correcting a mistake is right; the report shows the difference as a correction.",
    "冻结（{closed}）后修改 {edits} 次，涉及 {records} 条记录",
    "{edits} changes after {closed}, in {records} records",
    (),
    after_close,
)
