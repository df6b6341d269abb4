"""Worked days: which texts are days, and what the calendar makes of them. `days.json`: `asked` (a name and what it is given) -> `answer`."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from typing import Any

from sync.standing.day import plus
from sync.types.checks import months_later
from sync.types.fields import Date
from sync.types.rules import age_on, later

Case = Mapping[str, Any]
TEXTS = ["2026-02-28", "2026-02-29", "2024-02-29", "1900-02-29", "2000-02-29", "0000-01-01", "0001-01-01", "9999-12-31"]
TEXTS += ["2026-00-10", "2026-13-01", "2026-04-31", "2026-11-00", "2026-1-1", "20261121", "2026-11-21T00:00:00Z", "2026-W47-6"]
TEXTS += ["２０２６-11-21", "2026-11-21\n", " 2026-11-21", "", "10000-01-01", "-026-11-21"]
ENDS = [
    "0001-01-01",
    "0001-12-31",
    "1582-10-15",
    "1900-02-28",
    "2000-02-29",
    "2000-12-31",
    "2001-01-01",
    "2024-02-29",
    "2026-08-31",
]
ENDS += ["2026-11-30", "2100-02-28", "9996-02-29", "9999-11-30", "9999-12-31"]
PERIODS = ["P0D", "P7D", "P14D", "P9999D", "P0M", "P1M", "P2M", "P3M", "P6M", "P12M", "P9999M", "P1Y", "P4Y", "P9999Y"]


def made() -> dict[str, list[Case]]:
    """The file and its cases."""
    return {"days.json": [*(_case(f"is {text!r} a day", "isDay", text) for text in TEXTS), *_counted(), *_at_the_ends()]}


def _at_the_ends() -> Iterator[Case]:
    for day in ENDS:
        for period in PERIODS:
            yield _case(f"{period} from {day}", "later", day, period)
        for days in (-4000000, -366, -1, 0, 1, 59, 365, 146097, 4000000):
            yield _case(f"{days} days from {day}", "addDays", day, days)
        for other in ENDS:
            yield _case(f"from {day} to {other}", "daysBetween", day, other)
    for born in ("1960-02-29", "1961-11-20", "1949-12-31"):
        for on in ("2025-02-28", "2025-03-01", "2026-11-19", "2026-11-20", "2026-12-31", "1949-12-31"):
            yield _case(f"how old on {on} is who was born on {born}", "ageOn", born, on)


def _counted() -> Iterator[Case]:
    die = random.Random("days")
    for _ in range(120):
        day, other = (dt.date.fromordinal(die.randrange(1, dt.date.max.toordinal() + 1)).isoformat() for _ in range(2))
        count = die.randrange(-1000000, 1000000)
        yield _case(f"{count} days from {day}", "addDays", day, count)
        yield _case(f"from {day} to {other}", "daysBetween", day, other)
        months = die.randrange(60)
        yield _case(f"{months} months from {day}", "monthsLater", day, months)


def _case(story: str, name: str, *given: Any) -> Case:
    return {"story": story, "asked": [name, *given], "answer": ANSWERS[name](*given)}


ANSWERS = {
    "isDay": lambda text: Date.day(text) is not None,
    "addDays": lambda day, n: plus(_day(day), n).isoformat(),
    "daysBetween": lambda a, b: (_day(b) - _day(a)).days,
    "monthsLater": lambda day, n: months_later(_day(day), n).isoformat(),
    "later": lambda day, period: later(_day(day), period).isoformat(),
    "ageOn": lambda born, on: age_on(_day(born), _day(on)),
}


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
