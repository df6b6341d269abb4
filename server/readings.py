"""The readings of a resident over time, blood pressure and fasting glucose, and the line that shows them. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sync.record import VOID, shown
from sync.standing import Known
from sync.types.catalogue import Catalogue
from sync.types.checks import number_of

MOST = 24  # of a kind: two years of monthly readings
SYSTOLIC, DIASTOLIC, FASTING = "systolic_mmhg", "diastolic_mmhg", "fasting_glucose_mmol_l"
NAMED = {"right_systolic_mmhg": SYSTOLIC, "right_diastolic_mmhg": DIASTOLIC}  # of an examination the right arm
# below these it is controlled: the national specification; from 65 years on, below 150 is as well
LIMITS: Mapping[str, Decimal] = {SYSTOLIC: Decimal(140), DIASTOLIC: Decimal(90), FASTING: Decimal("7.0")}
WIDTH, HEIGHT, MARGIN = 640, 180, 14  # of the picture, in its own units


@dataclass(frozen=True)
class Reading:
    """What was measured in one record on its day, by quantity."""

    day: dt.date
    record: str
    type: str
    values: Mapping[str, Decimal]


def readings(known: Iterable[Known], catalogue: Catalogue) -> list[Reading]:
    """All readings as they are shown, by day; none of a void record."""
    found = [reading for one in known if (reading := _reading(one, catalogue))]
    return sorted(found, key=lambda one: (one.day, one.record))


def _reading(one: Known, catalogue: Catalogue) -> Reading | None:
    view, declared = shown(one.record), catalogue.types.get(one.record.type)
    day = declared.day_of(view) if declared else None
    if day is None or view.get(VOID) is not None:
        return None
    values = dict(_values(view.values()))
    return Reading(day, one.record.id, one.record.type, values) if values else None


def _values(sections: Iterable[Any]) -> Iterator[tuple[str, Decimal]]:
    for section in sections:
        for name, value in section.items() if isinstance(section, Mapping) else ():
            quantity, number = NAMED.get(str(name), str(name)), number_of(value)
            if quantity in LIMITS and number is not None:
                yield quantity, number


@dataclass(frozen=True)
class Curve:
    """One quantity in the picture: (day, value, x, y) of each point, the first on the left, and where its limit lies."""

    quantity: str
    limit: Decimal
    limit_y: str
    points: Sequence[tuple[dt.date, Decimal, str, str]]

    @property
    def path(self) -> str:
        """The points as an SVG polyline has them."""
        return " ".join(f"{x},{y}" for _, _, x, y in self.points)


@dataclass(frozen=True)
class Picture:
    """Curves over the same days, on the same scale."""

    curves: Sequence[Curve]
    first: dt.date
    last: dt.date


def picture(read: Sequence[Reading], *quantities: str) -> Picture | None:
    """The last readings of some quantities of one unit; None where there are not two days with one of them."""
    some = [one for one in read if any(quantity in one.values for quantity in quantities)][-MOST:]
    if len({one.day for one in some}) < 2:
        return None
    first, last = some[0].day, some[-1].day
    numbers = [one.values[q] for one in some for q in quantities if q in one.values] + [LIMITS[q] for q in quantities]
    low, high = min(numbers), max(numbers)
    curves = []
    for quantity in quantities:
        held = [(one.day, one.values[quantity]) for one in some if quantity in one.values]
        points = [(day, value, _x(day, first, last), _y(value, low, high)) for day, value in held]
        curves.append(Curve(quantity, LIMITS[quantity], _y(LIMITS[quantity], low, high), points))
    return Picture(curves, first, last)


def _x(day: dt.date, first: dt.date, last: dt.date) -> str:
    return f"{MARGIN + (WIDTH - 2 * MARGIN) * (day - first).days / (last - first).days:.1f}"


def _y(value: Decimal, low: Decimal, high: Decimal) -> str:
    share = float((value - low) / (high - low)) if high > low else 0.5
    return f"{HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * share:.1f}"
