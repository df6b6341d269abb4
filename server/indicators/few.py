"""Numbers over few persons, as they leave the house in a file: nobody is to be recognised by them.

A part of a share (numerator, denominator, what lies between them) of fewer than `few`, but not of none, hides the share. Where
one row of a table is hidden and a total stands elsewhere, the total less the other rows would tell it: the smallest other row
is hidden with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from server.indicators.reading import Figure


@dataclass(frozen=True)
class Told:
    """A number as a table has it: with words where it is hidden, without a denominator where it is a sum."""

    numerator: int | str
    denominator: int | str | None
    value: Fraction | None
    excluded: int | str


def told(rows: Mapping[str, Figure], few: int, word: str, *, ratio: bool = True) -> dict[str, Told]:
    """The numbers of one indicator by area. `few` 0 hides nothing; `word` stands for a hidden number that is not small."""
    hidden = _with_another({area: _size(one, ratio) for area, one in rows.items()}, _small_ones(rows, few, ratio))
    excluded = {area: one.excluded for area, one in rows.items()}
    aside = _with_another(excluded, {area for area, number in excluded.items() if 0 < number < few})

    def said(number: int, hide: bool) -> int | str:
        if not hide:
            return number
        return f"<{few}" if 0 < number < few else word

    return {
        area: Told(
            said(one.numerator, area in hidden),
            said(one.denominator, area in hidden) if ratio else None,
            one.value if ratio and area not in hidden else None,
            said(one.excluded, area in aside),
        )
        for area, one in rows.items()
    }


def why(few: int) -> tuple[str, str]:
    """The rule in words, in Chinese and in English."""
    return (
        f"分子、分母或二者之差小于{few}（不为0）的数字不显示；只有一行被隐藏时，同时隐藏另一行，以免从合计推算。",
        (
            f"Numbers with a numerator, denominator or difference of fewer than {few}, but not 0, are hidden; with a single row "
            "one more, so that the total does not tell it."
        ),
    )


def _small_ones(rows: Mapping[str, Figure], few: int, ratio: bool) -> set[str]:
    found = set()
    for area, one in rows.items():
        parts = (one.numerator, one.denominator, one.denominator - one.numerator) if ratio else (one.numerator,)
        if any(0 < part < few for part in parts):
            found.add(area)
    return found


def _size(one: Figure, ratio: bool) -> int:
    return one.denominator if ratio else one.numerator


def _with_another(sizes: Mapping[str, int], hidden: set[str]) -> set[str]:
    """These areas, and where it is a single one the smallest of the others, one with a number rather than one of none."""
    if len(hidden) != 1:
        return hidden
    others = sorted((size == 0, size, area) for area, size in sizes.items() if area not in hidden)
    return hidden.union(area for _, _, area in others[:1])
