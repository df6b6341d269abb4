"""Periods that are reported on: a day, an ISO week, a month, a quarter, a year, or any days from one to another.

A period is written `2026-11-22`, `2026-W47`, `2026-11`, `2026-Q4`, `2026` or `2026-01-01..2026-02-15`; of the last form both
days count. `start` is the first day, `end` the first day after it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

DAY, WEEK, MONTH, QUARTER, YEAR, DAYS = "day", "week", "month", "quarter", "year", "days"
KINDS = (DAY, WEEK, MONTH, QUARTER, YEAR)  # those that a calendar day belongs to; `DAYS` are chosen by somebody
_TWO_DAYS = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.\.([0-9]{4}-[0-9]{2}-[0-9]{2})")
_FORMS = (
    (DAY, re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")),
    (WEEK, re.compile(r"([0-9]{4})-W([0-9]{2})")),
    (MONTH, re.compile(r"([0-9]{4})-([0-9]{2})")),
    (QUARTER, re.compile(r"([0-9]{4})-Q([1-4])")),
    (YEAR, re.compile(r"([0-9]{4})")),
)
YEARS = range(2000, 3000)  # what a year in an address may be: within them every period has one before and one after it


class PeriodError(ValueError):
    """A text that names no period; the message says what would, and does not repeat the text: it goes into answers."""


@dataclass(frozen=True, order=True)
class Period:
    """The days from `start` until before `end`."""

    start: dt.date
    end: dt.date
    kind: str

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period that a text names; raises PeriodError."""
        try:
            period = _read(text)
        except ValueError:
            period = None
        if period is None or period.start.year not in YEARS or period.last.year not in YEARS:
            raise PeriodError("no period; use 2026-11-22, 2026-W47, 2026-11, 2026-Q4, 2026 or two days with .. between them")
        return period

    @classmethod
    def on(cls, day: dt.date, kind: str) -> Period:
        """The period of a kind that a day belongs to; raises PeriodError for a kind that is none of `KINDS`."""
        if kind == DAY:
            return cls(day, day + dt.timedelta(1), DAY)
        if kind == WEEK:
            monday = day - dt.timedelta(day.weekday())
            return cls(monday, monday + dt.timedelta(7), WEEK)
        months = {MONTH: 1, QUARTER: 3, YEAR: 12}.get(kind)
        if months is None:
            raise PeriodError(f"no kind of period; use {', '.join(KINDS)}")
        start = dt.date(day.year, (day.month - 1) // months * months + 1, 1)
        return cls(start, _months_on(start, months), kind)

    @property
    def last(self) -> dt.date:
        """The last day that counts."""
        return self.end - dt.timedelta(1)

    def __contains__(self, day: dt.date) -> bool:
        return self.start <= day < self.end

    @property
    def text(self) -> str:
        """As `parse` reads it."""
        week = self.start.isocalendar()
        return {
            DAY: self.start.isoformat(),
            WEEK: f"{week.year:04}-W{week.week:02}",
            MONTH: self.start.isoformat()[:7],
            QUARTER: f"{self.start.year:04}-Q{self._quarter}",
            YEAR: f"{self.start.year:04}",
        }.get(self.kind, f"{self.start.isoformat()}..{self.last.isoformat()}")

    @property
    def zh(self) -> str:
        """For people, in Chinese."""
        week, year = self.start.isocalendar(), f"{self.start.year}年"
        return {
            DAY: _day_zh(self.start),
            WEEK: f"{week.year}年第{week.week}周",
            MONTH: f"{year}{self.start.month}月",
            QUARTER: f"{year}第{self._quarter}季度",
            YEAR: year,
        }.get(self.kind, f"{_day_zh(self.start)}至{_day_zh(self.last)}")

    @property
    def en(self) -> str:
        """For people, in English."""
        week, year = self.start.isocalendar(), str(self.start.year)
        return {
            DAY: _day_en(self.start),
            WEEK: f"Week {week.week} of {week.year}",
            MONTH: f"{self.start:%B} {year}",
            QUARTER: f"Quarter {self._quarter} of {year}",
            YEAR: year,
        }.get(self.kind, f"{_day_en(self.start)} to {_day_en(self.last)}")

    def previous(self) -> Period:
        """The one before: of the same kind; of days that somebody chose, as many days before."""
        before = self.start - dt.timedelta(1)
        return (
            Period(self.start - (self.end - self.start), self.start, DAYS)
            if self.kind == DAYS
            else Period.on(before, self.kind)
        )

    def next(self) -> Period:
        """The one after."""
        return (
            Period(self.end, self.end + (self.end - self.start), DAYS) if self.kind == DAYS else Period.on(self.end, self.kind)
        )

    @property
    def months(self) -> tuple[str, ...]:
        """The months of which every day is in it, such as `2026-11`."""
        first = self.start if self.start.day == 1 else _months_on(self.start, 1)
        count = (self.end.year - first.year) * 12 + self.end.month - first.month
        return tuple(_months_on(first, n).isoformat()[:7] for n in range(max(0, count)))

    @property
    def odd_days(self) -> tuple[tuple[dt.date, dt.date], ...]:
        """Its days that are in none of its `months`: from a day until before another."""
        if not self.months:
            return ((self.start, self.end),)
        first = dt.date.fromisoformat(f"{self.months[0]}-01")
        end = _months_on(first, len(self.months))
        return tuple((a, b) for a, b in ((self.start, first), (end, self.end)) if a < b)

    @property
    def _quarter(self) -> int:
        return (self.start.month - 1) // 3 + 1


def _read(text: str) -> Period | None:
    """The period, None or ValueError where the text has no such form or the calendar no such day."""
    if found := _TWO_DAYS.fullmatch(text):
        first, last = (dt.date.fromisoformat(part) for part in found.groups())
        return Period(first, last + dt.timedelta(1), DAYS) if first <= last < dt.date.max else None
    for kind, form in _FORMS:
        if found := form.fullmatch(text):
            year, *rest = (int(part) for part in found.groups())
            if year not in YEARS:
                return None
            if kind == WEEK:
                return Period.on(dt.date.fromisocalendar(year, rest[0], 1), WEEK)
            month = rest[0] * 3 - 2 if kind == QUARTER else (rest or [1])[0]
            return Period.on(dt.date(year, month, rest[1] if kind == DAY else 1), kind)
    return None


def _months_on(first: dt.date, months: int) -> dt.date:
    """The first day of a month so many months after that of `first`."""
    count = first.year * 12 + first.month - 1 + months
    return dt.date(count // 12, count % 12 + 1, 1)


def _day_zh(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _day_en(day: dt.date) -> str:
    return f"{day.day} {day:%b} {day.year}"
