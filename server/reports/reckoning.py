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
from server.indicators.counting import (
    ALL,
    UNCOUNTABLE,
    Sum,
    contributions,
    counted,
    in_period,
    one_uncountable,
    populations,
    shares,
)
from server.indicators.declare import PERIOD
from server.periods import Period
from server.standards import Standards
from server.villagers import Villagers, uncounted
from sync.codec import Json
from sync.standing import Account
from sync.types.catalogue import Catalogue

Evidence = dict[str, Json]  # by resident: the `groups` they belong to in the open, and `counts` by indicator


@dataclass(frozen=True)
class Reckoning:
    """How a period is counted: as it stands on its last day, by these standards."""

    period: Period
    standards: Standards
    catalogue: Catalogue

    def person(self, people: Villagers, resident: str) -> dict[str | None, Json]:
        """What one resident adds, by programme (None: in the open).

        Whose records cannot be counted, for a fault in these rules, adds that alone: one more who is `uncountable`. It MUST
        NOT keep the village from being counted.
        """
        found: dict[str | None, Json] = {}
        groups: list[str] = []
        for programme in (None, *people.programmes(resident)):
            try:
                accounts = self._accounts(people, resident, () if programme is None else (programme,))
                groups = populations(accounts[-1]) if programme is None else groups
                counts = self._counts(accounts, programme)
            except Exception as trouble:  # noqa: BLE001 - whatever it is, it is about one person
                uncounted(people.village, trouble)
                counts = one_uncountable()
            found[programme] = {"groups": groups, "counts": counts}
        return found

    def _accounts(self, people: Villagers, resident: str, programmes: Collection[str]) -> list[Account]:
        """The account of the end of the last day; before it that of every earlier year of which days are counted."""
        last = self.period.last
        days = [*(dt.date(year, 12, 31) for year in range(self.period.start.year, last.year)), last]
        return [people.account(resident, day, programmes, self.catalogue, over=True) for day in days]

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
    """Numerator, denominator and excluded by indicator and population, of every indicator of a programme (None: open).

    Where somebody cannot be counted, how many they are stands beside the indicators as `uncountable`.
    """
    found: dict[str, dict[str, Sum]] = {one.code: {} for one in INDICATORS if one.programme == programme}
    sums = counted(((said["counts"], said["groups"]) for said in people.values()), period)
    for (code, population), numbers in sorted(sums.items()):
        found[code][population] = numbers
    if lost := sum(UNCOUNTABLE in said["counts"] for said in people.values()):
        found[UNCOUNTABLE] = {ALL: Sum(excluded=lost)}
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
