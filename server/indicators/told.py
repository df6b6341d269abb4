"""Indicators, their numbers and the persons behind them as JSON, for programs: the same by every route and command."""

from __future__ import annotations

from collections.abc import Iterable

from server.indicators import BY_CODE
from server.indicators.declare import Indicator
from server.indicators.reading import Figure, Person
from sync.codec import Json

DEFINED = (
    "code",
    "zh",
    "en",
    "sentence_zh",
    "sentence_en",
    "unit",
    "unit_zh",
    "unit_en",
    "span",
    "source_zh",
    "source_en",
    "version",
    "programme",
)


def definitions_on_wire(codes: Iterable[str]) -> list[Json]:
    """What each of these indicators is called, says, counts and rests on."""
    return [{name: getattr(BY_CODE[code], name) for name in DEFINED} for code in codes]


def figure_on_wire(indicator: Indicator, figure: Figure) -> Json:
    """A figure as JSON; the value as text with its decimals, None over nothing."""
    value = indicator.value(figure.numerator, figure.denominator)
    return {
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "excluded": figure.excluded,
        "value": None if value is None else str(value),
        "target": None if figure.target is None else str(float(figure.target)),
    }


def person_on_wire(person: Person) -> Json:
    """A person's unit as JSON."""
    return {**vars(person), "records": list(person.records), "on": person.on and person.on.isoformat()}
