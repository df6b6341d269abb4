"""Flapping, one-way and cut links over a line like EDGE, in network namespaces where root may make them (G3)."""

from __future__ import annotations

import contextlib
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzz import Figure, part
from tests.simulation.databases import migrated
from tests.simulation.links import Healed, namespaces, place
from tests.simulation.networked import Networked

MINUTES = 6
AT_ONCE = 8  # places
LONGEST = 10.0  # seconds that a line is bad


def run(size: float) -> list[Figure]:
    """Places of two phones each, some at once, half of them on each engine."""
    return [_places(engine, part(50, size, 2)) for engine in ("sqlite", "postgres")]


def _places(engine: str, many: int) -> Figure:
    root = namespaces()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(migrated(engine, folder))
        server = stack.enter_context(contextlib.closing(Networked(url, folder / "server")))

        def one(seed: int) -> Healed:
            seconds = LONGEST * (seed % 5 + 1) / 5
            return place(server, folder / str(seed), 1 + seed % 200, seed, seconds, root=root)

        with ThreadPoolExecutor(AT_ONCE) as at_once:
            healed = list(at_once.map(one, range(many)))
        log = {(dot.actor, dot.counter) for dot, _, _ in server.log() if dot}
    broken = [
        f"place {n}: {h.broken}, {len(h.made - log)} edits did not arrive"
        for n, h in enumerate(healed)
        if h.broken or h.made - log
    ]
    for told in broken:
        print(told)
    seen = f"{max(h.seconds for h in healed):.1f} s and {max(h.rounds for h in healed)} rounds at most, {sum(len(h.made) for h in healed):,} edits"
    how = "network namespaces" if root else "a relay alone"
    return Figure("G3", f"bad lines, then well, two phones each, {how}, {engine}", many, len(broken), seen)
