"""How two doctors of the sample write, in two villages: what a supervisor may ask about, each with an innocent reason."""

from __future__ import annotations

import datetime as dt

OLD_GAUGE = "p-sun-baoshan"  # whose cuff broke: since the month before he reads an old gauge to the nearest ten
WROTE_ON_PAPER = "p-yang-shuzhen"  # whose phone was at the repairer's: three weeks of that month typed in on one evening
BACK_ON, EVENING = 21, dt.time(19, 30)  # the day of the month on which the phone was back, and when she sat down


def month_before(today: dt.date) -> dt.date:
    """The first day of the month before."""
    return (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def read(doctor: str, day: dt.date, today: dt.date, pressure: tuple[int, int]) -> tuple[int, int]:
    """A pressure in mmHg as a doctor writes it down: by the old gauge in tens, and most that are in order as 130/80.

    None gets to the other side of a limit by it: 140 and 90, or 150 for the old.
    """
    if doctor != OLD_GAUGE or day < month_before(today):
        return pressure
    upper, lower = (value // 10 * 10 for value in pressure)
    return 130 if upper == 120 else upper, 80 if lower == 70 else lower


def written(doctor: str, when: dt.datetime, today: dt.date) -> dt.datetime:
    """When a doctor wrote down what was seen at a moment: at once, or on the evening on which the phone was back."""
    first = month_before(today)
    if doctor != WROTE_ON_PAPER or not first <= when.date() < first.replace(day=BACK_ON):
        return when
    # one after the other within an hour, in an order that nobody knows
    return dt.datetime.combine(first.replace(day=BACK_ON), EVENING, when.tzinfo) + dt.timedelta(minutes=when.minute * 0.9)
