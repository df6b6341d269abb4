"""The day on which somebody's standing is asked for, and until when the answer holds."""

from __future__ import annotations

import datetime as dt


class Day:
    """A day that remembers which later days would have changed an answer.

    Everything that depends on the date asks `reached`; so a standing of today is still the standing of tomorrow unless
    `until` is tomorrow, and only what a new day changes has to be computed again. `over`: it is asked for at the end of the
    day, when nothing can be done on it any more.
    """

    def __init__(self, on: dt.date, *, over: bool = False) -> None:
        self.on, self.over = on, over
        self.year = on.year
        self.until = dt.date(on.year + 1, 1, 1) if on.year < dt.MAXYEAR else dt.date.max

    def reached(self, day: dt.date) -> bool:
        """True from this day on."""
        if day <= self.on:
            return True
        self.until = min(self.until, day)
        return False

    def ended(self, day: dt.date) -> bool:
        """True when this day is over: from the next day on."""
        return (self.over and day == self.on) or self.reached(plus(day, 1))

    def within(self, start: dt.date, end: dt.date | None) -> bool:
        """True from `start` until before `end`, None for no end."""
        return self.reached(start) and not (end is not None and self.reached(end))


def plus(day: dt.date, days: int) -> dt.date:
    """So many days later, within the calendar."""
    return dt.date.fromordinal(min(max(day.toordinal() + days, 1), dt.date.max.toordinal()))
