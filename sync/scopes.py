"""The names of scopes: a village (12 digits), a protected programme in it (`code:tb`), a township's shared list (9 digits).

Records of residents live in their village; those of a protected programme apart, where only the devices of persons with a
grant for the programme hold them; what every village of a township uses alike, such as the service packages, lives once.
"""

from __future__ import annotations

import re
from typing import NamedTuple

PROGRAMMES = ("tb", "smd")  # tuberculosis, severe mental disorder
VILLAGE_DIGITS, TOWNSHIP_DIGITS = 12, 9
_FORM = re.compile(rf"([0-9]{{12}})(?::({'|'.join(PROGRAMMES)}))?|([0-9]{{9}})")


class Scope(NamedTuple):
    """The place of a scope and its protected programme, None where it has none."""

    place: str
    programme: str | None


def read_scope(name: str) -> Scope | None:
    """What a name says, None where it is none of ours."""
    found = _FORM.fullmatch(name)
    return Scope(found[1] or found[3], found[2]) if found else None


def scope_name(place: str, programme: str | None = None) -> str:
    """The name of the scope of a place, or of a protected programme in it."""
    return f"{place}:{programme}" if programme else place


def scopes_in(village: str) -> list[str]:
    """Every scope of a village: the open one first, then those of the programmes."""
    return [village, *(scope_name(village, programme) for programme in PROGRAMMES)]


def programme_of(scope: str) -> str | None:
    """The protected programme of a scope, None for one that is open."""
    return scope.partition(":")[2] or None


def village_of(scope: str) -> str:
    """The place of a scope, whatever its programme."""
    return scope.partition(":")[0]


def township_of(village: str) -> str:
    """The township of a village, by its code."""
    return village[:TOWNSHIP_DIGITS]
