"""How pressing something is that is due by a day."""

from __future__ import annotations

import datetime as dt

from sync.standing.answer import LATER, OVERDUE, SOON, URGENT
from sync.standing.day import Day, plus

SOON_DAYS = 7  # the days ahead that a doctor's list shows


def urgency(by: dt.date, day: Day, pressing: bool = False, ahead: int = SOON_DAYS) -> str:
    """`urgent` what is pressing whatever its day, `overdue` after the day, `soon` in the `ahead` days before it, else `later`."""
    if pressing:
        return URGENT
    if day.reached(plus(by, 1)):
        return OVERDUE
    return SOON if day.reached(plus(by, -ahead)) else LATER
