"""2 000 histories of the simulated village against the application, 100 over a network, and every planted fault (G2, G7, G8)."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from client_sdk.syncing import Syncing
from sync.codec import UnfitError
from tests.fuzz import Figure, part
from tests.simulation.databases import migrated, opened
from tests.simulation.faults import FAULTS, planted
from tests.simulation.networked import Networked
from tests.simulation.served import Served
from tests.simulation.village import played, story

MINUTES = 14
FIRST = 20_000  # seeds that no short test plays
LONG, SHORT, EVERY = 72, 12, 6  # steps of every sixth history, and of the others: what is rare needs a long one
MOST = 1_000  # histories within which every planted fault MUST be caught
MEMORY = Path("/dev/shm")


def run(size: float) -> list[Figure]:
    """Histories on both engines and over a network; faults."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        folder = Path(name)
        return [
            _histories(folder / "sqlite", "sqlite", part(1700, size)),
            _histories(folder / "postgres", "postgres", part(300, size)),
            _over_a_network(folder / "network", part(100, size)),
            _faults(folder / "faults", size),
        ]


def _histories(folder: Path, engine: str, many: int) -> Figure:
    folder.mkdir()
    with opened(engine, folder) as server:
        return _played(server, folder, many, f"histories against the application, {engine}")


def _over_a_network(folder: Path, many: int) -> Figure:
    folder.mkdir()
    (folder / "server").mkdir()
    with migrated("sqlite", folder) as url, contextlib.closing(Networked(url, folder / "server")) as server:
        return _played(server, folder, many, "histories over HTTP, gunicorn on SQLite")


def _played(server: Served, folder: Path, many: int, what: str) -> Figure:
    broken = requests = restored = 0
    for seed in range(FIRST, FIRST + many):
        steps = SHORT if seed % EVERY else LONG
        with _asking_no_more() if seed % 8 else contextlib.nullcontext():
            village, trouble = played(server, folder / str(seed), seed, steps)
        shutil.rmtree(folder / str(seed))
        requests, restored = requests + village.requests, restored + (village.restores > 0)
        if trouble:
            broken += 1
            print(f"{story(village)}\nseed {seed}, {steps} steps: {trouble}")
    return Figure("G2", what, many, broken, f"{requests:,} requests, {restored} with a restore")


@contextlib.contextmanager
def _asking_no_more() -> Iterator[None]:
    """Without the two questions at the end of a sync that concern no record: they take a third of the time."""
    with mock.patch.object(Syncing, "_ask_for_more", return_value=None):
        yield


def _faults(folder: Path, size: float) -> Figure:
    """After how many histories each fault is caught, at full length."""
    folder.mkdir()
    caught: dict[str, int | None] = {}
    names = sorted(FAULTS)[: part(len(FAULTS), size)]
    with opened("sqlite", folder) as server:
        for name in names:
            with planted(name), _asking_no_more():
                seeds = itertools.islice(itertools.count(FAULTS[name].first), MOST)
                caught[name] = next(
                    (n for n, seed in enumerate(seeds, 1) if _breaks(server, folder / f"{name}{seed}", seed)), None
                )
    told = ", ".join(f"{name} {n}" for name, n in caught.items())
    return Figure(
        "G2", f"planted faults, caught within {MOST:,} histories", len(names), list(caught.values()).count(None), told
    )


def _breaks(server: Served, folder: Path, seed: int) -> bool:
    """Something was lost, or the client itself refused to go on."""
    try:
        return played(server, folder, seed)[1] is not None
    except UnfitError:
        return True
    finally:
        shutil.rmtree(folder, ignore_errors=True)
