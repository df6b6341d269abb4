"""The indicators for who asks: by area from the tallies, and for one village the persons and records behind a number.

Nobody reads more than their view: areas and villages by `View.villages_of`, indicators of a protected programme only with
the grant. Every answer says as of when it is, what is not up to date, and which phones were not heard from.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Connection, Engine

from server.access import View, here
from server.config import Config
from server.freshness import Freshness, freshness
from server.indicators import INDICATORS, by_code
from server.indicators.counting import ALL, WHOLE, Cell, Sum, denominated, first_counted, in_period, shares, sums
from server.indicators.declare import DENOMINATOR, NUMERATOR, PERIOD, Indicator, Share
from server.periods import Period
from server.problems import Problem
from server.standards import OPEN_GROUPS, Standards
from server.standings import Standings
from server.store import directory, tallies
from server.store import standings as store
from server.store.engine import reading
from server.store.standards import standards_on
from sync.codec import Json, instant, stamp
from sync.scopes import scope_name
from sync.types.catalogue import Catalogue

BUDGET_SECONDS = 0.3  # for catching up before a page of many villages is answered from what is there
BELOW = {6: 9, 9: 12, 12: 12}  # the digits of the areas below an area; a village is shown by itself


@dataclass(frozen=True)
class Figure:
    """One number. `value`: the exact fraction, None over nothing (of a sum: the sum); `target` as a fraction."""

    numerator: int
    denominator: int
    excluded: int
    value: Fraction | None
    target: Fraction | None

    @classmethod
    def of(cls, indicator: Indicator, one: Sum, standards: Standards) -> Figure:
        """A sum as a number of an indicator, by the standards of its day."""
        target = standards.target(indicator.code)
        value = Fraction(one.numerator, one.denominator) if indicator.ratio and one.denominator else None
        if not indicator.ratio:
            value = Fraction(one.numerator)
        return cls(one.numerator, one.denominator, one.excluded, value, None if target is None else Fraction(target))


@dataclass(frozen=True)
class Row:
    """The numbers of one area, by indicator."""

    area: str
    name: str
    figures: Mapping[str, Figure]


@dataclass(frozen=True)
class AsOf:
    """What numbers rest on: the epoch, up to which seq of each scope they are counted, the day, the instant, the rules."""

    epoch: str
    positions: Mapping[str, int]
    day: dt.date
    computed_at: str
    edition: str


@dataclass(frozen=True)
class Figures:
    """The numbers of an area and of the areas below it.

    `behind`: villages of which something received is not counted yet. `uncountable`: how many residents are in no number
    because their records cannot be counted; somebody of a protected programme once more for it. `unheard`: phones in use that may hold more: not heard
    from since the period ended (while it runs: for a week), or with edits unsent when last heard from.
    """

    area: str
    name: str
    period: Period
    population: str
    rows: tuple[Row, ...]
    total: Mapping[str, Figure]
    as_of: AsOf
    behind: tuple[str, ...]
    uncountable: int
    unheard: tuple[str, ...]
    freshness: Freshness


@dataclass(frozen=True)
class Person:
    """One unit of a resident on a side of an indicator; somebody with several visits stands there for each."""

    resident: str
    name: str
    side: str
    reason: str | None
    records: tuple[str, ...]
    on: dt.date | None


class Indicators:
    """The read side. `now` is the server's clock."""

    def __init__(self, engine: Engine, catalogue: Catalogue, config: Config, now: Callable[[], dt.datetime]) -> None:
        self._engine, self._catalogue, self._config, self._now = engine, catalogue, config, now
        self._standings = Standings(engine, catalogue, config, now)

    @property
    def today(self) -> dt.date:
        """The day, where the deployment is."""
        return self._standings.today

    def figures(self, view: View, area: str, period: Period, population: str = ALL) -> Figures:
        """The live numbers of an area; raises Problem `not-found` as the view does, `unfit-request` for what is not told live.

        What stands at a point or over the year is told while the period runs; what happened on its days, of this calendar
        year and of a week that runs over New Year. Of the rest a period that is over has its frozen report.
        """
        villages = view.villages_of(area)
        self._require_live(period, population)
        if len(villages) == 1:
            self._standings.refresh(villages)
        else:
            self._standings.refresh_within(villages, BUDGET_SECONDS)
        mine = [one for one in INDICATORS if self._readable(view, one) and self._is_live(one, period)]
        with reading(self._engine) as connection:
            standards, names = standards_on(connection, self.today), directory.area_names(connection)
            sums = self._sums(connection, view, villages, len(area), period, population)
            fresh = freshness(connection, villages, self._now(), self.today)

            def told(place: str) -> dict[str, Figure]:
                own = denominated(sums.get(place, {}))
                return {one.code: Figure.of(one, own.get(one.code, Sum()), standards) for one in mine}

            below = sorted({village[: BELOW[len(area)]] for village in villages})
            return Figures(
                area=area,
                name=names.get(area, area),
                period=period,
                population=population,
                rows=tuple(Row(place, names.get(place, place), told(place)) for place in below),
                total=told(area),
                as_of=self._as_of(connection, view, villages, standards),
                behind=tuple(store.behind(connection, villages, self.today, self._catalogue)),
                uncountable=tallies.uncountable(connection, _scopes(view, villages)),
                unheard=tuple(self._unheard(fresh, period)),
                freshness=fresh,
            )

    def persons(self, view: View, village: str, code: str, period: Period, population: str = ALL) -> list[Person]:
        """Everybody on a side of an indicator in a village, with the records and the reason; by name.

        Live, as `figures`: what stood at the end of a period that is over is in its report, and never computed again here.
        Raises Problem `not-found` for a village that is not theirs, no such indicator, or one that they may not read, all
        alike; `unfit-request` for what is not told live.
        """
        indicator = by_code(code)
        village = view.village(village)
        if indicator is None or not self._readable(view, indicator):
            raise Problem("not-found")
        self._require_live(period, population)
        if not self._is_live(indicator, period):
            raise Problem(
                "unfit-request", faults=[f"/period: {period.text} does not run today: what stood at its end is in its report"]
            )
        with self._standings.current([village]) as connection:
            said = self._said(connection, village, indicator)
            persons = [
                Person(resident, name, share.side, share.reason, share.records, share.on)
                for resident, name, groups, told in said
                if population == ALL or population in groups
                for share in told
                if in_period(indicator, share, period)
            ]
        return sorted(persons, key=lambda one: (one.name, one.resident, one.on or dt.date.min, one.records))

    # -- who may, and what is live

    def _readable(self, view: View, indicator: Indicator) -> bool:
        return indicator.programme is None or indicator.programme in view.programmes

    def _is_live(self, indicator: Indicator, period: Period) -> bool:
        if indicator.span != PERIOD:
            return self.today in period
        return first_counted(self.today) <= period.start <= self.today

    def _require_live(self, period: Period, population: str) -> None:
        """Raises Problem `unfit-request` for numbers that only a report has."""
        since = first_counted(self.today)
        if population not in (ALL, *OPEN_GROUPS):
            fault = "/population: all, or a population group of the open"
        elif period.start < since:
            fault = f"/period: began before {since}; what happened then is in reports only: ask for one, or for days since then"
        elif population != ALL and self.today not in period:
            # the tallies know who belongs to a group today, a report who belonged to it then
            fault = f"/population: {period.text} does not run today: ask for all, or for its report"
        else:
            return
        raise Problem("unfit-request", faults=[fault])

    # -- sums

    def _sums(
        self, connection: Connection, view: View, villages: Collection[str], digits: int, period: Period, population: str
    ) -> dict[str, dict[str, Sum]]:
        """By area: the one asked about, and those below it."""
        scopes = _scopes(view, villages)
        below = tallies.of_areas(connection, scopes, BELOW[digits], population, period)
        found: dict[str, dict[str, Sum]] = {place: dict(own) for place, own in below.items()}
        if BELOW[digits] != digits:
            for place, own in below.items():
                whole = found.setdefault(place[:digits], {})
                for code, one in own.items():
                    whole[code] = whole.get(code, Sum()).plus(one)
        return found

    def _as_of(self, connection: Connection, view: View, villages: Collection[str], standards: Standards) -> AsOf:
        positions = store.positions(connection, _scopes(view, villages))
        present = store.edition(self._catalogue, standards)
        return AsOf(here(connection).epoch, positions, self.today, stamp(self._now()), present)

    def _unheard(self, fresh: Freshness, period: Period) -> Iterator[str]:
        over = dt.datetime.combine(period.end, dt.time(), self._config.time_zone)
        limit = over if self.today >= period.end else self._now() - dt.timedelta(days=fresh.days)
        return unheard(fresh, limit)

    # -- persons

    def _said(
        self, connection: Connection, village: str, indicator: Indicator
    ) -> Iterator[tuple[str, str, Collection[str], list[Share]]]:
        """(resident, name, groups, shares) of everybody of a village."""
        programmes = () if indicator.programme is None else (indicator.programme,)
        everybody = list(store.kept(connection, village, ()))
        for start in range(0, len(everybody), store.BATCH):
            some = everybody[start : start + store.BATCH]
            counts = store.counts_of(connection, village, [one.resident for one in some], programmes)
            for one in some:
                name = one.entries[-1].name if one.entries else ""
                groups = [group["code"] for group in one.standing["groups"]]
                yield one.resident, name, groups, shares_of(counts.get(one.resident, {}), indicator)


def units_of(indicator: Indicator, persons: Iterable[Person]) -> Sum:
    """What a list of persons adds up to: the number itself. A record that several share is one unit where it counts once."""
    found = Counter(Cell(indicator.code, ALL, WHOLE, one.side, _shared(indicator, one)) for one in persons)
    return sums(found).get((indicator.code, ALL, WHOLE), Sum())


def by_unit(indicator: Indicator, persons: Iterable[Person]) -> list[list[Person]]:
    """The persons of each unit, in their order: alone, but for those who share a record that counts once."""
    found: dict[object, list[Person]] = {}
    for n, one in enumerate(persons):
        record = _shared(indicator, one)
        found.setdefault((one.side, record) if record else n, []).append(one)
    return list(found.values())


def _shared(indicator: Indicator, person: Person) -> str:
    """The record that is the unit, where a record counts once; else empty."""
    return person.records[0] if indicator.once and person.records else ""


def unheard(fresh: Freshness, limit: dt.datetime) -> Iterator[str]:
    """The phones in use that may hold more: not heard from since an instant, or with edits unsent when last heard from."""
    for doctor in fresh.doctors:
        for phone in doctor.in_use:
            if phone.heard_at is None or instant(phone.heard_at) < limit or phone.outbox:
                yield phone.device


def _scopes(view: View, villages: Collection[str]) -> list[str]:
    return [scope_name(village, programme) for village in villages for programme in (None, *sorted(view.programmes))]


def shares_of(counts: Mapping[str | None, Json], indicator: Indicator) -> list[Share]:
    """The shares of a resident; below the line of an indicator that has the denominator of another, those of that one."""
    own = list(shares(counts.get(indicator.programme, {}), indicator.code))
    base = by_code(indicator.over) if indicator.over else None
    if base is None or any(share.side == NUMERATOR for share in own):
        return own
    rest = shares(counts.get(base.programme, {}), base.code)
    return [Share(DENOMINATOR, None, "not_in_programme") if share.side in (NUMERATOR, DENOMINATOR) else share for share in rest]
