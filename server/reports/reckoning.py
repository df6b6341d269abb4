"""What the people of a village add to a period: the evidence by person, and the figures that follow from it. Pure.

Figures are made of evidence alone: every number of a report opens down to persons and records, and a draft for which only
some persons were counted anew has the same figures as one for which all were.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from server.indicators import INDICATORS, by_code
from server.indicators.counting import Sum, contributions, counted, in_period, populations, shares
from server.indicators.declare import PERIOD
from server.periods import Period
from server.reports.villagers import Villagers
from server.standards import Standards
from sync.codec import Json
from sync.standing import Account, account
from sync.types.catalogue import Catalogue

Evidence = dict[str, Json]  # by resident: the `groups` they belong to in the open, and `counts` by indicator


@dataclass(frozen=True)
class Reckoning:
    """How a period is counted: as it stands on its last day, by these standards."""

    period: Period
    standards: Standards
    catalogue: Catalogue

    def person(self, people: Villagers, resident: str) -> dict[str | None, Json]:
        """What one resident adds, by programme (None: in the open)."""
        in_the_open = self._accounts(people, resident, ())
        groups = populations(in_the_open[-1])
        found: dict[str | None, Json] = {None: {"groups": groups, "counts": self._counts(in_the_open, None)}}
        for programme in people.programmes(resident):
            counts = self._counts(self._accounts(people, resident, (programme,)), programme)
            found[programme] = {"groups": groups, "counts": counts}
        return found

    def _accounts(self, people: Villagers, resident: str, programmes: Collection[str]) -> list[Account]:
        """The account of the last day; before it that of the end of every earlier year of which days are counted."""
        known, last = list(people.known(resident, programmes)), self.period.last
        also, same_as = people.also(resident), people.same_as(resident)
        days = [*(dt.date(year, 12, 31) for year in range(self.period.start.year, last.year)), last]
        return [account(resident, known, day, also=also, same_as=same_as, catalogue=self.catalogue) for day in days]

    def _counts(self, accounts: Iterable[Account], programme: str | None) -> Json:
        """The shares that count: what holds at the end of the period, and what happened on its days."""
        *earlier, last = (contributions(one, self.standards).get(programme, {}) for one in accounts)
        found: Json = {}
        for code in dict.fromkeys(code for part in (*earlier, last) for code in part):
            indicator = by_code(code)
            assert indicator is not None, "contributions are to indicators"
            parts = (*earlier, last) if indicator.span == PERIOD else (last,)
            kept = [
                plain
                for part in parts
                for plain, share in zip(part.get(code, ()), shares(part, code), strict=True)
                if in_period(indicator, share, self.period)
            ]
            if kept:
                found[code] = kept
        return found


def figures(people: Evidence, programme: str | None, period: Period) -> Json:
    """Numerator, denominator and excluded by indicator and population, of every indicator of a programme (None: open)."""
    found: dict[str, dict[str, Sum]] = {one.code: {} for one in INDICATORS if one.programme == programme}
    sums = counted(((said["counts"], said["groups"]) for said in people.values()), period)
    for (code, population), numbers in sorted(sums.items()):
        found[code][population] = numbers
    return {code: {population: list(numbers) for population, numbers in own.items()} for code, own in found.items()}


def summed(parts: Iterable[Json]) -> Json:
    """The figures of several scopes together."""
    total: dict[str, dict[str, list[int]]] = {}
    for part in parts:
        for code, by_population in part.items():
            own = total.setdefault(code, {})
            for population, numbers in by_population.items():
                own[population] = [a + b for a, b in zip(own.get(population, (0, 0, 0)), numbers, strict=True)]
    return total


@dataclass(frozen=True)
class Moved:
    """What changed about one person in one indicator: their shares before and after."""

    resident: str
    indicator: str
    before: tuple[Any, ...]
    after: tuple[Any, ...]


def differing(old: Evidence, new: Evidence) -> list[Moved]:
    """Who counts otherwise now, indicator by indicator; also by belonging to other groups (`groups`)."""
    both = ((resident, _said(old.get(resident)), _said(new.get(resident))) for resident in sorted({*old, *new}))
    return [
        Moved(resident, name, tuple(before.get(name, ())), tuple(after.get(name, ())))
        for resident, before, after in both
        for name in sorted({*before, *after})
        if before.get(name, ()) != after.get(name, ())
    ]


def _said(person: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return {"groups": person["groups"], **person["counts"]} if person else {}
