"""A village large enough to measure: of three residents one is followed for hypertension, all have a contract."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sync.record import Edit
from tests.standing.forms import Saved, contract, edits_of, item, pressure, register, resident
from tests.standing.people import FOLLOWUPS

SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴", "秀兰英华芳军伟平红玉梅建国志明桂"


def crowd(residents: int, visits_each: int = 5) -> list[Edit]:
    """The edits that make them: four records a resident on average."""
    chance = random.Random(20261122)
    return edits_of(saved for person in range(1, residents + 1) for saved in _forms(person, visits_each, chance))


def _forms(person: int, visits_each: int, chance: random.Random) -> Iterator[Saved]:
    name = chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, 2))
    born = f"{chance.randint(1930, 1990)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    yield resident(person, name, chance.choice(["male", "female"]), born)
    began = f"2026-{chance.randint(1, 11):02}-{chance.randint(1, 20):02}"
    ended = f"2027{began[4:8]}{int(began[8:]) - 1 or 1:02}"
    yield contract(person, began, ended, {"followup": FOLLOWUPS, "guidance": item("every_n_months", 2, every_months=6)})
    if person % 3 == 0:
        yield register(person, "hypertension", "2025-10-05")
        for number in range(visits_each):
            month = 12 if number == 0 else 2 + 2 * number
            day = f"{2025 if number == 0 else 2026}-{month:02}-{chance.randint(1, 28):02}"
            yield pressure(person, number + 1, day, f"{chance.randint(115, 175)}/{chance.randint(65, 100)}")


@contextmanager
def taking(what: str, found: dict[str, float] | None = None) -> Iterator[None]:
    """Print how long something took, in milliseconds."""
    start = time.perf_counter()
    yield
    seconds = time.perf_counter() - start
    if found is not None:
        found[what] = seconds
    print(f"  {what:<54}{1000 * seconds:>10.1f} ms", flush=True)
