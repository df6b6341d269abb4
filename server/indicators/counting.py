"""What one resident adds to the indicators, and the sums of many. Pure: the same for live numbers, frozen reports and checks.

`contributions` of an account are kept beside the standing. A sum is made of *cells*, so that it can be changed by the
difference when one resident changes. Of an indicator that counts a shared record once, a cell names the record: how many
residents share it may be added and taken away, and where anybody does, it is one.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from server.indicators import INDICATORS, by_code
from server.indicators.declare import DENOMINATOR, EXCLUDED, NUMERATOR, PERIOD, Indicator, Share
from server.periods import Period
from sync.codec import Json
from sync.standing import Account
from sync.standing.answer import URGENT
from sync.standing.day import plus

if TYPE_CHECKING:
    from server.standards import Standards

ALL = "all"  # the population of everybody
WHOLE = ""  # the bucket of what is counted at a point, or over the year
UNCOUNTABLE = "uncountable"  # the standing of somebody whose records cannot be counted, and in sums how many they are


class Cell(NamedTuple):
    """One place of a sum. `record`: of what is counted once however many residents share it, else empty."""

    indicator: str
    population: str
    bucket: str
    side: str
    record: str = ""


class Sum(NamedTuple):
    """What residents add up to. For a plain sum the denominator is 0."""

    numerator: int = 0
    denominator: int = 0
    excluded: int = 0

    def plus(self, other: Sum) -> Sum:
        """Both together."""
        return Sum(self.numerator + other.numerator, self.denominator + other.denominator, self.excluded + other.excluded)


# -- one resident ------------------------------------------------------------------------------------------------------


def contributions(account: Account, standards: Standards) -> dict[str | None, Json]:
    """What a resident adds to each indicator, by programme (None: in the open): `{indicator: [[side, on, reason, records]]}`.

    The part in the open is the same whoever holds what is protected. Holds as long as `until`.
    """
    found: dict[str | None, Json] = {None: {}}
    for one in INDICATORS:
        if shares := [_plain(share) for share in one.count(account, standards)]:
            found.setdefault(one.programme, {})[one.code] = shares
    return found


def until(account: Account) -> dt.date:
    """The first day on which the account, or what it adds to the indicators, no longer holds."""
    pressing = (plus(due.by, 1) for due in account.standing.due if due.urgency == URGENT and due.by >= account.on)
    return min([account.until, *pressing])


def first_counted(today: dt.date) -> dt.date:
    """The first day of which what happened is counted live: the first of the year, or Monday of a week that began before it."""
    return min(dt.date(today.year, 1, 1), today - dt.timedelta(today.weekday()))


def carried(part: Json, earlier: Json, since: dt.date) -> Json:
    """A part of `contributions` with what the earlier one, of the year before, says happened from a day on."""
    whole = dict(part)
    for code in earlier:
        known = by_code(code)
        if known is None or known.span != PERIOD:
            continue
        both = zip(earlier[code], shares(earlier, code), strict=True)
        if late := [plain for plain, share in both if share.on and share.on >= since]:
            whole[code] = [*late, *whole.get(code, ())]
    return whole


def told_uncountable(number: int) -> tuple[str, str]:
    """How many residents are in no number, in Chinese and in English."""
    return (
        f"{number} 名居民的记录无法计算，未计入",
        f"residents whose records cannot be counted, and are in no number: {number}",
    )


def one_uncountable() -> Json:
    """What a resident who cannot be counted adds: one more of these, and nothing to any indicator."""
    return {UNCOUNTABLE: [[EXCLUDED]]}


def populations(account: Account) -> list[str]:
    """The population groups whose sums a resident is part of: those that records in the open say."""
    return sorted(group.code for group in account.standing.groups if group.programme is None)


def _plain(share: Share) -> list[Any]:
    """As JSON, without what is empty at its end."""
    plain = [share.side, share.on and share.on.isoformat(), share.reason, list(share.records)]
    while not plain[-1]:
        plain.pop()
    return plain


def shares(part: Json, code: str) -> Iterator[Share]:
    """The shares of one indicator in a part of `contributions`."""
    for plain in part.get(code, ()):
        side, on, reason, records = [*plain, None, None, None][:4]
        yield Share(side, dt.date.fromisoformat(on) if on else None, reason, tuple(records or ()))


def in_period(indicator: Indicator, share: Share, period: Period) -> bool:
    """True for a share that counts in a period: what happened by its day, else what stands at its end."""
    return indicator.span != PERIOD or (share.on is not None and share.on in period)


# -- sums --------------------------------------------------------------------------------------------------------------


def totals(part: Json, groups: Iterable[str]) -> Counter[Cell]:
    """The cells of one resident, by bucket: for live sums. What happened stands under its day and under its month."""
    found: Counter[Cell] = Counter()
    among = (ALL, *groups)
    for code, plain in part.items():
        once = (known := by_code(code)) is not None and known.once
        for side, *rest in plain:
            on = rest[0] if rest else None
            record = rest[2][0] if once and len(rest) > 2 else ""
            for bucket in (on, on[:7]) if on else (WHOLE,):
                for population in among:
                    found[Cell(code, population, bucket, side, record)] += 1
    return found


def counted(residents: Iterable[tuple[Json, Iterable[str]]], period: Period) -> dict[tuple[str, str], Sum]:
    """The sums of a period by (indicator, population), of many residents: each their part and their groups."""
    found: Counter[Cell] = Counter()
    for part, groups in residents:
        among = (ALL, *groups)
        for code in part:
            indicator = by_code(code)
            for share in shares(part, code) if indicator else ():
                if indicator and in_period(indicator, share, period):
                    record = share.records[0] if indicator.once and share.records else ""
                    found.update(Cell(code, population, WHOLE, share.side, record) for population in among)
    return {(code, population): one for (code, population, _), one in sums(found).items()}


def sums(cells: Mapping[Cell, int]) -> dict[tuple[str, str, str], Sum]:
    """What cells add up to, by (indicator, population, bucket)."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for cell, count in cells.items():
        units = int(count > 0) if cell.record else count
        row = found.setdefault((cell.indicator, cell.population, cell.bucket), [0, 0, 0])
        for column in columns(cell):
            row[column] += units
    return {key: Sum(*row) for key, row in found.items()}


def denominated(own: Mapping[str, Sum]) -> dict[str, Sum]:
    """Sums by indicator, those that have the denominator of another with it. In sums of scopes apart they lack it."""
    found = dict(own)
    for one in INDICATORS:
        if one.over:
            found[one.code] = Sum(own.get(one.code, Sum()).numerator, *own.get(one.over, Sum())[1:])
    return found


def columns(cell: Cell) -> tuple[int, ...]:
    """Which of numerator, denominator and excluded a cell counts in."""
    if cell.side == NUMERATOR:
        known = by_code(cell.indicator)
        return (0, 1) if known is None or known.ratio else (0,)
    return {DENOMINATOR: (1,), EXCLUDED: (2,)}[cell.side]
