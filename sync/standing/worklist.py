"""The list *my work*: the records that one person wrote about the days of a month, counted or not, and why not.

Made from the accounts of the residents concerned, on the phone and on the server alike: the same records, the same list.
What the report of a month that is over does with a record only the server can tell: the phone keeps what it was told.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from sync.codec import Json
from sync.standing.answer import Account
from sync.types.fields import Month

NOT_RECEIVED, SET_ASIDE = "not_received", "set_aside"
AFTER_CUTOFF = "after_cutoff"
ELSEWHERE = "same_person"


@dataclass(frozen=True, slots=True)
class Reported:
    """What the report of a record's month does with it: whose report, which of its issues, and whether that counts the record."""

    area: str
    issue: int
    counted: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One record of somebody's work. `counts` and `reason` as in `Work`; `residents`: whom it is about.

    `waiting`: something that was written in it has not been received, so that what is said here may yet change. `detail`: why
    it was set aside. `report`: None where the month has none that is known here. With the reason `after_cutoff` it has
    `counts`, for the person and the year, and is not counted: the report was frozen before.
    """

    record: str
    type: str
    on: dt.date | None
    residents: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    reason: str | None = None
    late_days: int | None = None
    waiting: bool = False
    detail: str | None = None
    report: Reported | None = None

    @property
    def counted(self) -> bool:
        """True when it counts for something, in the report of its month too if there is one."""
        return bool(self.counts) and self.reason is None

    def by_report(self, report: Reported | None) -> Line:
        """The same with what the report of its month does with it: what that does not count, counts only by a correction."""
        late = self.counted and report is not None and not report.counted
        return replace(self, report=report, reason=AFTER_CUTOFF if late else self.reason)

    def wire(self) -> Json:
        """As JSON."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {
            **plain,
            "on": self.on and self.on.isoformat(),
            "residents": list(self.residents),
            "counts": list(self.counts),
            "counted": self.counted,
            "report": asdict(self.report) if self.report else None,
        }


def month_of(text: str) -> tuple[dt.date, dt.date]:
    """The first and the last day of a month, `2026-11`. Raises ValueError."""
    first = Month.day(text)
    if first is None:
        raise ValueError(f"{text!r} is no month; write it like 2026-11")
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])


def account_day(last: dt.date, today: dt.date) -> dt.date:
    """The day whose account tells of a month that ends on `last`: today, or the last day of a year that is over."""
    return min(today, dt.date(last.year, 12, 31))


def lines(accounts: Iterable[Account], author: str, first: dt.date, last: dt.date) -> list[Line]:
    """The records that a person wrote about the days from one to another, both counted, by day.

    What has no day that can be read stands with the days on which it was written.
    A record about several residents, a visit to their home, is one line: it counts if it counts for one of them.
    """
    found: dict[str, Line] = {}
    for account in accounts:
        for work in account.work:
            day = work.on or work.written_on
            if author in work.authors and day is not None and first <= day <= last:
                resident = (account.standing.resident,) if account.standing.resident else ()
                line = Line(work.record, work.type, work.on, resident, work.counts, work.reason, work.late_days)
                found[work.record] = _joined(found[work.record], line) if work.record in found else line
    return in_order(found.values())


def in_order(every: Iterable[Line]) -> list[Line]:
    """By day, those of no day first."""
    return sorted(every, key=lambda line: (line.on or dt.date.min, line.record, line.reason or ""))


def _joined(one: Line, other: Line) -> Line:
    for line, told in ((one, other), (other, one)):
        if line.reason == ELSEWHERE:  # under another record of the same person it is told
            return told
    counts = tuple(sorted({*one.counts, *other.counts}))
    reasons = sorted(line.reason for line in (one, other) if line.reason)
    residents = tuple(sorted({*one.residents, *other.residents}))
    return replace(one, residents=residents, counts=counts, reason=None if counts or not reasons else reasons[0])
