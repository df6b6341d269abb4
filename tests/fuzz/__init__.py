"""The promises at length: every module here but this package's own two breaks something many times over and counts what was lost.

A module has `run(size) -> list[Figure]`, where `size` is 1.0 for the whole and less for a part; its first docstring line is
what `python -m tests.fuzz --list` prints. What a module does, a short test of the suite does too, a few times.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table: how often a promise was tried and how often it broke.

    Shapes: `promise` is its number in tests/PROMISES.md ("G4"); `what` one line in words; `seen` anything measured on
    the way, with its unit ("RTO 41 s"), never judged.
    """

    promise: str
    what: str
    tried: int
    broken: int
    seen: str = ""

    def __post_init__(self) -> None:
        if self.tried < 1:
            raise ValueError(f"{self.promise}, {self.what}: nothing was tried")


def part(whole: int, size: float, least: int = 1) -> int:
    """How many of `whole` are tried at this size, at least `least`."""
    return max(least, round(whole * size))
