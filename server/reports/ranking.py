"""Ranks per indicator, the composite of an area, and which areas to call in. Pure: live numbers and frozen ones alike.

A rank is *dense*: those who tie share it, and the next value has the next rank. What rests on too few is shown and not
ranked, and takes no part in the composite either: chance would rank it by the back door. Whose rankable indicators have too
little of all the weights (the standard `composite_covers`) has no composite: one good number is no good village. The composite is made of open
indicators alone, so that it is the same number for everybody who sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Protocol

from server.indicators import INDICATORS
from server.indicators.declare import Indicator
from server.standards import Standards


class Counted(Protocol):
    """A number of an area."""

    @property
    def numerator(self) -> int:
        """Units above the line."""

    @property
    def denominator(self) -> int:
        """Units below it."""


Rows = Mapping[str, Mapping[str, Counted]]  # by area and indicator


@dataclass(frozen=True)
class Scored:
    """An area's composite score (to 4 decimals) and rank, those of the period before, and whether a fall calls it in.

    None: nothing to score or rank.
    """

    area: str
    score: Decimal | None
    rank: int | None
    before: Decimal | None
    rank_before: int | None
    called_in: bool


@dataclass(frozen=True)
class Ranking:
    """The areas by composite, the best first and those without one last; `ranks` by indicator and area."""

    composite: tuple[Scored, ...]
    ranks: Mapping[str, Mapping[str, int]]

    def rank(self, indicator: str, area: str) -> int | None:
        """The rank of an area by one indicator, None where it is not ranked."""
        return self.ranks.get(indicator, {}).get(area)

    @property
    def called_in(self) -> list[str]:
        """The areas to call in."""
        return [one.area for one in self.composite if one.called_in]


def ranked(rows: Rows, standards: Standards, before: Rows | None = None) -> Ranking:
    """Rank areas by every indicator that is a rate (a sum is none: a larger village has more of everything) and by composite.

    Called in is whose composite fell since the period before by as much as the standard says, or more.
    """
    ranks = {one.code: _by_indicator(rows, one, standards) for one in INDICATORS if one.ratio}
    now = {area: composite(own, standards) for area, own in rows.items()}
    then = {area: composite(own, standards) for area, own in (before or {}).items()}
    order, order_before = _dense(now), _dense(then)
    found = []
    for area in rows:
        score, past = _rounded(now[area]), _rounded(then.get(area))
        fell = score is not None and past is not None and past > score and past - score >= standards.call_in_fall
        found.append(Scored(area, score, order.get(area), past, order_before.get(area), fell))
    return Ranking(tuple(sorted(found, key=lambda one: (one.rank is None, one.rank or 0, one.area))), ranks)


def composite(own: Mapping[str, Counted], standards: Standards) -> Fraction | None:
    """The sum of weight * min(value / target, 1), the weights taken anew over those that have a value; None over too few."""
    every = [
        (weight, Fraction(target), _value(own, one, standards))
        for one in INDICATORS
        if one.programme is None and (weight := standards.weight(one.code)) > 0
        if (target := standards.target(one.code)) is not None
    ]
    parts = [(weight, _reached(value, target)) for weight, target, value in every if value is not None]
    covered, total = sum(weight for weight, _ in parts), sum(weight for weight, _, _ in every)
    if not covered or covered < Fraction(standards.composite_covers) * total:
        return None
    return sum((weight * reached for weight, reached in parts), Fraction(0)) / covered


def _by_indicator(rows: Rows, one: Indicator, standards: Standards) -> dict[str, int]:
    values = {area: _value(own, one, standards) for area, own in rows.items()}
    return _dense(values, lower_is_better=one.lower_is_better)


def _value(own: Mapping[str, Counted], one: Indicator, standards: Standards) -> Fraction | None:
    """The exact rate; None over zero, or over too few to be ranked."""
    counted = own.get(one.code)
    if counted is None or counted.denominator < max(standards.rank_from, 1):
        return None
    return Fraction(counted.numerator, counted.denominator)


def _reached(value: Fraction, target: Fraction) -> Fraction:
    """How much of a target is reached, at most 1. What is better when lower has no weight: it mirrors another that has one."""
    return Fraction(1) if target <= 0 else min(value / target, Fraction(1))


def _dense(values: Mapping[str, Fraction | None], *, lower_is_better: bool = False) -> dict[str, int]:
    held = {area: value for area, value in values.items() if value is not None}
    order = {value: rank for rank, value in enumerate(sorted(set(held.values()), reverse=not lower_is_better), start=1)}
    return {area: order[value] for area, value in held.items()}


def _rounded(value: Fraction | None) -> Decimal | None:
    if value is None:
        return None
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
