"""Dots and version vectors: who has seen which edit. Standard library only.

A dot names one edit: (actor, counter). A version vector says how far each actor has been seen: `{"a": 3}` means every
edit of `a` to this record up to counter 3. No clock takes part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

SERVER_ACTOR = re.compile(r"s[0-9a-f]{12}")  # the actor of what a person writes at the dashboard; no phone is given such a name


class Dot(NamedTuple):
    """The name of one edit: the actor that made it and that actor's counter, from 1."""

    actor: str
    counter: int


class VersionVector(Mapping[str, int]):
    """How far each actor has been seen. Frozen; an absent actor counts as 0 and is never stored as 0."""

    __slots__ = ("_seen",)

    def __init__(self, seen: Mapping[str, int] | None = None) -> None:
        self._seen = {actor: n for actor, n in (seen or {}).items() if n}

    def __getitem__(self, actor: str) -> int:
        return self._seen[actor]

    def __iter__(self) -> Iterator[str]:
        return iter(self._seen)

    def __len__(self) -> int:
        return len(self._seen)

    def __hash__(self) -> int:
        return hash(frozenset(self._seen.items()))

    def __repr__(self) -> str:
        return f"VersionVector({self._seen!r})"

    def upto(self, actor: str) -> int:
        """The last counter of this actor that has been seen, 0 for none."""
        return self._seen.get(actor, 0)

    def covers(self, dot: Dot) -> bool:
        """True when the edit of this name has been seen."""
        return self.upto(dot.actor) >= dot.counter

    def descends(self, other: Mapping[str, int]) -> bool:
        """True when all that `other` has seen has been seen here."""
        return all(self.upto(actor) >= n for actor, n in other.items())

    def joined(self, other: Mapping[str, int]) -> VersionVector:
        """The pointwise maximum. MUST be taken only together with the edits that `other` stands for."""
        return VersionVector({actor: max(self.upto(actor), other.get(actor, 0)) for actor in {*self, *other}})

    def advanced(self, dot: Dot) -> VersionVector:
        """This vector with one more edit seen."""
        return VersionVector({**self._seen, dot.actor: dot.counter})

    def without(self, actor: str) -> VersionVector:
        """This vector with one actor left out."""
        return VersionVector({a: n for a, n in self._seen.items() if a != actor})
