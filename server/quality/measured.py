"""Hints on what was measured: the same reading of many people, a reading that never changes, too many that end in 0.

By chance alone, with an automatic cuff, blood pressures of about 130 (15) over 80 (10) agree in both numbers once in some
2,000 pairs of readings; the limits lie far above what a busy month of honest readings brings (tests/server/test_quality.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from server.quality.hint import Evidence, Finding, Hint, Limit, Limits, Month, Visit, evidence_of, grouped
from sync.record import family

PRESSURE, GLUCOSE = "pressure", "glucose"
UNITS = {PRESSURE: "mmHg", GLUCOSE: "mmol/L"}
SIDES = ("", "right_", "left_")  # of the arm; a follow-up names none
DEVIATIONS = 3


@dataclass(frozen=True)
class Reading:
    """One reading of a person: `value` as it is written, the pressure as `148/92`; `digits`: the last of each number."""

    visit: Visit
    section: str
    resident: str
    author: str
    kind: str
    value: str
    digits: tuple[int, ...] = ()

    @property
    def on(self) -> dt.date:
        """The day of the visit."""
        return self.visit.on


def readings(visits: Iterable[Visit]) -> Iterator[Reading]:
    """Every blood pressure and fasting glucose of some visits; one that stands in two records of a day is told twice."""
    for visit in visits:
        for section, value in visit.view.items():
            resident = section.partition("/")[2] or (visit.subject if family(section) == section else None)
            if not isinstance(value, dict) or not resident:
                continue
            author = visit.authors.get(section, visit.doctor)
            for side in SIDES:
                upper, lower = value.get(f"{side}systolic_mmhg"), value.get(f"{side}diastolic_mmhg")
                if type(upper) is int and type(lower) is int:
                    digits = (upper % 10, lower % 10)
                    yield Reading(visit, section, resident, author, PRESSURE, f"{upper}/{lower}", digits)
            glucose = value.get("fasting_glucose_mmol_l")
            if isinstance(glucose, str) and glucose:
                yield Reading(visit, section, resident, author, GLUCOSE, glucose)


def _once(found: Iterable[Reading]) -> list[Reading]:
    """The same reading of a person and day, which two forms may hold, once."""
    first: dict[tuple[object, ...], Reading] = {}
    for one in found:
        first.setdefault((one.author, one.kind, one.resident, one.on, one.value), one)
    return list(first.values())


def _evidence(one: Reading) -> Evidence:
    return evidence_of(one.visit, f"{one.value} {UNITS[one.kind]}", (one.section,), resident=one.resident)


# -- one reading, many people ------------------------------------------------------------------------------------------


def same_reading(month: Month, limits: Limits) -> Iterator[Finding]:
    """By doctor and kind of reading: a value that many residents have alike."""
    by_doctor = grouped(_once(readings(month.visits)), lambda one: (one.author, one.kind))
    for (doctor, kind), theirs in by_doctor.items():
        least, share = limits[f"same_{kind}_residents"], limits[f"same_{kind}_share"]
        for value, alike in grouped(theirs, lambda one: one.value).items():
            persons = len({one.resident for one in alike})
            if persons >= least and persons >= share * len(theirs):
                numbers: dict[str, int | str] = {
                    "residents": persons,
                    "value": f"{value} {UNITS[kind]}",
                    "of": len(theirs),
                }
                yield Finding("same_reading", doctor, f"{kind} {value}", numbers, tuple(map(_evidence, alike)))


SAME_READING = Hint(
    "same_reading",
    "不同居民读数相同",
    "The same reading of many residents",
    "同一名医生一个月内给至少 {same_pressure_residents} 名居民记录了完全相同的血压（收缩压和舒张压都相同），且不少于其全部血压读数的 "
    "{same_pressure_share:.0%}；或给至少 {same_glucose_residents} 名居民记录了相同的空腹血糖，且不少于其全部血糖读数的 {same_glucose_share:.0%}。",
    "One doctor recorded the very same blood pressure, both numbers alike, for at least {same_pressure_residents} residents "
    "in a month, and that is at least {same_pressure_share:.0%} of the doctor's blood pressures; or the same fasting glucose "
    "for at least {same_glucose_residents} residents and {same_glucose_share:.0%} of the doctor's glucose readings.",
    "血压计故障或卡住、按整数估读、把演示数据录成正式数据，都可能造成相同读数。",
    "A cuff that is broken, a gauge that is read in round steps, or practice entries kept as real ones can do this.",
    "{residents} 名居民的读数都是 {value}（该医生本月共 {of} 次）",
    "{residents} residents have {value} alike, of {of} readings of this doctor in the month",
    (
        Limit("same_pressure_residents", 5, "相同血压的居民数下限", "Residents with the same blood pressure, at least"),
        Limit("same_pressure_share", Decimal("0.10"), "占该医生血压读数的比例下限", "Their share of the doctor's readings"),
        Limit("same_glucose_residents", 8, "相同血糖的居民数下限", "Residents with the same glucose, at least"),
        Limit("same_glucose_share", Decimal("0.20"), "占该医生血糖读数的比例下限", "Their share of the doctor's readings"),
    ),
    same_reading,
)


# -- one person, one reading for ever ----------------------------------------------------------------------------------


def unchanged_reading(month: Month, limits: Limits) -> Iterator[Finding]:
    """By resident and kind: the same value on several days in a row on which they were measured, the last in the month."""
    by_person = grouped(readings((*month.earlier, *month.visits)), lambda one: (one.resident, one.kind))
    for (resident, kind), theirs in by_person.items():
        run = _last_run(theirs)
        if len(run) >= limits[f"unchanged_{kind}_visits"] and run[-1].on.isoformat().startswith(month.text):
            numbers: dict[str, int | str] = {"visits": len(run), "value": f"{run[0].value} {UNITS[kind]}"}
            yield Finding("unchanged_reading", run[-1].author, f"{resident} {kind}", numbers, tuple(map(_evidence, run)))


def _last_run(theirs: Iterable[Reading]) -> list[Reading]:
    """The last readings that are all alike, one a day; a day with two different values ends a run."""
    run: list[Reading] = []
    for _, of_day in sorted(grouped(theirs, lambda one: one.on).items()):
        value = of_day[0].value if len({one.value for one in of_day}) == 1 else None
        if not run or run[-1].value != value:
            run = []
        if value is not None:
            run.append(of_day[0])
    return run


UNCHANGED_READING = Hint(
    "unchanged_reading",
    "同一居民读数多次不变",
    "A resident's reading that does not change",
    "同一名居民连续至少 {unchanged_pressure_visits} 次测量的血压完全相同，或连续至少 {unchanged_glucose_visits} 次的空腹血糖完全相同，"
    "最后一次在本月。",
    "The same resident had the very same blood pressure on at least {unchanged_pressure_visits} days of measuring in a row, or "
    "the same fasting glucose on at least {unchanged_glucose_visits}, the last of them in this month.",
    "同一次测量被记入几次随访，或居民自报家中读数，都可能造成不变。",
    "One measurement entered on several visits, or what the resident tells of readings at home, can do this.",
    "连续 {visits} 次都是 {value}",
    "{value}, {visits} times in a row",
    (
        Limit("unchanged_pressure_visits", 3, "血压连续相同的次数下限", "Blood pressures alike in a row, at least"),
        Limit("unchanged_glucose_visits", 4, "血糖连续相同的次数下限", "Glucose readings alike in a row, at least"),
    ),
    unchanged_reading,
)


# -- the last digit ----------------------------------------------------------------------------------------------------


def digits_of(visits: Iterable[Visit]) -> Mapping[str, list[Reading]]:
    """The blood pressures of each doctor, each reading once."""
    return grouped((one for one in _once(readings(visits)) if one.kind == PRESSURE), lambda one: one.author)


def zeros(theirs: Iterable[Reading]) -> tuple[int, int]:
    """(last digits that are 0, last digits)."""
    digits = [digit for one in theirs for digit in one.digits]
    return digits.count(0), len(digits)


def last_digit_zero(month: Month, limits: Limits) -> Iterator[Finding]:
    """By doctor: more last digits 0 than the share, by more than chance brings."""
    share = Decimal(limits["last_digit_zero_share"])
    for doctor, theirs in digits_of(month.visits).items():
        zero, of = zeros(theirs)
        excess = zero - share * of
        if of >= limits["last_digit_least"] and excess > 0 and excess**2 > DEVIATIONS**2 * of * share * (1 - share):
            ending = tuple(_evidence(one) for one in theirs if 0 in one.digits)
            yield Finding("last_digit_zero", doctor, "pressure", {"zeros": zero, "of": of}, ending)


LAST_DIGIT_ZERO = Hint(
    "last_digit_zero",
    "血压末位数为 0 偏多",
    "Blood pressures that end in 0",
    "同一名医生本月血压读数（收缩压、舒张压各算一个数）末位为 0 的比例高于 {last_digit_zero_share:.0%}，且超出偶然波动（3 个标准差），"
    "至少 {last_digit_least} 个数。电子血压计约 10%，水银血压计读偶数约 20%。",
    "Of one doctor's blood pressures in the month, each of both numbers by itself, more than {last_digit_zero_share:.0%} end in 0, "
    "by more than chance (3 standard deviations), over at least {last_digit_least} numbers. Automatic cuffs give about 10 %, "
    "a mercury gauge that is read in even numbers about 20 %.",
    "按整十估读水银或表式血压计是常见习惯；换用电子血压计即可改善。",
    "Reading a gauge to the nearest ten is a common habit; an automatic cuff ends it.",
    "{of} 个数中有 {zeros} 个末位为 0",
    "{zeros} of {of} numbers end in 0",
    (
        Limit("last_digit_zero_share", Decimal("0.20"), "末位为 0 的比例上限", "Share of numbers that end in 0, at most"),
        Limit("last_digit_least", 40, "至少多少个数才提示", "Numbers that it takes at least"),
    ),
    last_digit_zero,
)
