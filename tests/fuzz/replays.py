"""10 000 replays of recorded exchanges in shuffled order, also after a restart: the state stays as it was (G5)."""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from pathlib import Path

from tests.fuzz import Figure, part
from tests.simulation.databases import migrated
from tests.simulation.replaying import recorded, replayed, state
from tests.simulation.served import Served

MINUTES = 3
HISTORIES = 4


def run(size: float) -> list[Figure]:
    """Some histories on each engine; of each the exchanges again, half of them to a server that was started anew."""
    return [_replays("sqlite", part(8000, size, HISTORIES)), _replays("postgres", part(2000, size, HISTORIES))]


def _replays(engine: str, many: int) -> Figure:
    changed, said = 0, Counter[int]()
    with tempfile.TemporaryDirectory() as name, migrated(engine, Path(name)) as url:
        folder, each = Path(name), many // HISTORIES
        for seed in range(HISTORIES):
            with contextlib.closing(Served(url, folder)) as server:
                sent = recorded(server, folder / str(seed), 30_000 + seed, 50)
                before, clock = state(server), server.now
                said.update(replayed(server, sent, each - each // 2, seed))
                changed += state(server) != before
            with contextlib.closing(Served(url, folder)) as again:
                again.now = clock
                said.update(replayed(again, sent, each // 2, -seed - 1))
                changed += state(again) != before
    told = ", ".join(f"{status}: {times:,}" for status, times in sorted(said.items()))
    return Figure("G5", f"replays of recorded exchanges, {engine}", said.total(), changed, told)
