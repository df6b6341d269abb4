"""Hints on home visits: from one house to the next faster than the way allows, or at two houses at the same time."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from server.quality.hint import Evidence, Finding, Hint, Limit, Limits, Month, Visit, evidence_of, grouped
from sync.codec import UnfitError, instant
from sync.types.checks import at

EARTH_M = 6_371_000
MINUTE = dt.timedelta(minutes=1)  # how finely times are noted


@dataclass(frozen=True)
class Call:
    """A home visit with its times; `place` as (latitude, longitude, accuracy in m), None where it has no coordinates."""

    visit: Visit
    household: str
    doctor: str
    arrived_at: dt.datetime
    left_at: dt.datetime
    place: tuple[float, float, float] | None


def calls(visits: Iterable[Visit]) -> Iterator[Call]:
    """The home visits of which it is known when they began and ended."""
    for visit in visits:
        arrived, left = _instant(visit, "visit.arrived_at"), _instant(visit, "visit.left_at")
        if not visit.at_home or not visit.subject or arrived is None or left is None or left < arrived:
            continue
        doctor = at(visit.view, "visit.doctor")
        who = doctor if isinstance(doctor, str) and doctor else visit.doctor
        yield Call(visit, visit.subject, who, arrived, left, _place(visit))


def _instant(visit: Visit, path: str) -> dt.datetime | None:
    """An instant as it was written, with its offset, so that a clock at the place shows it so."""
    said = at(visit.view, path)
    try:
        instant(said)
    except UnfitError:
        return None
    return dt.datetime.fromisoformat(said)


def _place(visit: Visit) -> tuple[float, float, float] | None:
    names = ("latitude_deg", "longitude_deg", "accuracy_m")
    try:
        latitude, longitude, accuracy = (float(at(visit.view, f"evidence.{name}") or "nan") for name in names)
    except (TypeError, ValueError):
        return None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    return latitude, longitude, accuracy if accuracy > 0 else 0.0


def metres_between(a: tuple[float, float, float], b: tuple[float, float, float]) -> float:
    """The least distance between two places that their accuracies allow, over the globe (haversine)."""
    (lat_a, lon_a), (lat_b, lon_b) = (map(math.radians, place[:2]) for place in (a, b))
    chord = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return max(0.0, 2 * EARTH_M * math.asin(math.sqrt(min(1.0, chord))) - a[2] - b[2])


def _by_doctor(month: Month) -> Mapping[str, list[Call]]:
    ordered = sorted(calls(month.visits), key=lambda call: (call.arrived_at, call.visit.record))
    return grouped(ordered, lambda call: call.doctor)


def _evidence(call: Call) -> Evidence:
    where = f" {call.place[0]:.5f},{call.place[1]:.5f}" if call.place else ""
    return evidence_of(call.visit, f"{call.arrived_at:%H:%M}-{call.left_at:%H:%M}{where}", ("visit", "evidence"))


# -- too fast ----------------------------------------------------------------------------------------------------------


def too_fast(month: Month, limits: Limits) -> Iterator[Finding]:
    """Two calls one after the other whose places lie too far apart for the time between them."""
    for doctor, theirs in _by_doctor(month).items():
        for first, second in itertools.pairwise(theirs):
            if first.place is None or second.place is None or second.arrived_at < first.left_at:
                continue
            metres = metres_between(first.place, second.place)
            on_the_way = second.arrived_at - first.left_at
            speed = metres / 1000 / ((on_the_way + MINUTE) / dt.timedelta(hours=1))
            if speed > limits["too_fast_km_per_h"]:
                numbers: dict[str, int | str] = {
                    "metres": round(metres),
                    "minutes": int(on_the_way / MINUTE),
                    "speed": round(speed),
                    "day": first.visit.on.isoformat(),
                }
                key = f"{first.visit.record} {second.visit.record}"
                yield Finding("too_fast", doctor, key, numbers, (_evidence(first), _evidence(second)))


TOO_FAST = Hint(
    "too_fast",
    "两次入户间隔过短",
    "From house to house faster than the way allows",
    "同一名医生相邻两次入户（都有坐标、到达和离开时间），按直线距离（扣除定位误差）和路上时间（多算 1 分钟）计算，速度超过 {too_fast_km_per_h} 公里/小时。",
    "Two home visits of one doctor, one after the other, with coordinates and times: the straight distance, less the accuracy of "
    "both places, in the time between them, and a minute more, makes over {too_fast_km_per_h} km an hour.",
    "定位漂移、到达或离开时间事后补填、坐汽车前往，都可能造成。",
    "A place found wrongly, times filled in later, or a ride in a car can do this.",
    "{day}：{minutes} 分钟走了 {metres} 米，约 {speed} 公里/小时",
    "{day}: {metres} m in {minutes} minutes, about {speed} km an hour",
    (Limit("too_fast_km_per_h", 40, "速度上限（公里/小时）", "Speed, at most (km an hour)"),),
    too_fast,
)


# -- at two places -----------------------------------------------------------------------------------------------------


def two_places(month: Month, limits: Limits) -> Iterator[Finding]:
    """Two calls at different houses whose times overlap."""
    least = MINUTE * int(limits["two_places_minutes"])
    for doctor, theirs in _by_doctor(month).items():
        for i, first in enumerate(theirs):
            for second in theirs[i + 1 :]:
                if second.arrived_at >= first.left_at:
                    break
                both = min(first.left_at, second.left_at) - second.arrived_at
                if both >= least and first.household != second.household:
                    numbers: dict[str, int | str] = {"minutes": int(both / MINUTE), "day": first.visit.on.isoformat()}
                    key = f"{first.visit.record} {second.visit.record}"
                    yield Finding("two_places", doctor, key, numbers, (_evidence(first), _evidence(second)))


TWO_PLACES = Hint(
    "two_places",
    "同一时间在两户",
    "At two houses at the same time",
    "同一名医生在两户不同家庭的入户时间重叠至少 {two_places_minutes} 分钟。",
    "The times of two home visits of one doctor at different households overlap by at least {two_places_minutes} minutes.",
    "到达或离开时间事后补填、两户同院居住、同行人员代录，都可能造成。",
    "Times filled in later, two families in one yard, or an entry made by a companion can do this.",
    "{day}：重叠 {minutes} 分钟",
    "{day}: {minutes} minutes at both",
    (Limit("two_places_minutes", 5, "重叠分钟数下限", "Minutes at both, at least"),),
    two_places,
)
