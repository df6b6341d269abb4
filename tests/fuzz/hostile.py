"""50,000 hostile requests, half of them to each engine: neither fails, both answer and store the same, memory stays bounded."""

from __future__ import annotations

import contextlib
import tempfile
import time
from pathlib import Path

from sqlalchemy import Engine, make_url

from server.store.engine import open_engine
from tests.fuzz import Figure, part
from tests.server.assault import Suffered, assault
from tests.server.conftest import config_of
from tests.simulation.databases import migrated

MINUTES = 8
REQUESTS, AT_ONCE = 25_000, 1_000  # of each engine
MOST_MEBIBYTES = 64  # that the process may grow by, once it has seen the first of everything


def run(size: float) -> list[Figure]:
    """In rounds of a thousand, each to a village anew; the first with the fixed corpus."""
    count, failed, apart, unsound = part(REQUESTS, size, 300), 0, 0, 0
    grown, began, done = 0, time.process_time(), 0
    before: int | None = None
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        engines = [stack.enter_context(contextlib.closing(_Kept(stack, kind, Path(name)))) for kind in ("sqlite", "postgres")]
        for seed in range(-(-count // AT_ONCE)):
            of_this = min(AT_ONCE, count - done)
            sqlite, postgres = (assault(one.engine, Path(name), seed, of_this, fixed=seed == 0) for one in engines)
            differing = [pair for pair in zip(sqlite.answers, postgres.answers, strict=True) if pair[0] != pair[1]]
            rows = {table for table in sqlite.rows if sqlite.rows[table] != postgres.rows[table]}
            for said in (*sqlite.failed[:3], *postgres.failed[:3], *differing[:3], *sorted(rows), *sqlite.faults[:3]):
                print(f"seed {seed}: {said}")
            failed += _failures(sqlite) + _failures(postgres)
            apart += len(differing) + len(rows)
            unsound += len(sqlite.faults) + len(postgres.faults)
            done += of_this
            grown = max(grown, _resident() - (before := _resident() if before is None else before))
    each = 1000 * (time.process_time() - began) / (2 * count)
    return [
        Figure(
            "G14",
            "hostile requests, half on each engine, that made no server fail",
            2 * count,
            failed,
            f"{each:.1f} ms of CPU each",
        ),
        Figure("G14", "of them those with the same answer and the same rows on both engines", count, apart + unsound),
        Figure("G14", f"growth of the process within {MOST_MEBIBYTES} MiB", 1, int(grown > MOST_MEBIBYTES), f"{grown} MiB"),
    ]


class _Kept:
    """A migrated database of an engine."""

    def __init__(self, stack: contextlib.ExitStack, kind: str, folder: Path) -> None:
        url = make_url(stack.enter_context(migrated(kind, folder)))
        config = config_of(url, folder / "keys")
        self.engine: Engine = open_engine(config.database_url, config.sealing_key)

    def close(self) -> None:
        self.engine.dispose()


def _failures(suffered: Suffered) -> int:
    return len(suffered.failed)


def _resident() -> int:
    """MiB of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 // (1 << 20)
