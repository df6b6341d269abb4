"""Eight write and hold their transactions open while six page through the feed: nobody is skipped (G9)."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from server.config import Config
from server.store.deployment import establish
from server.store.engine import open_engine, retried
from tests.conftest import empty
from tests.fuzz import Figure, part
from tests.server.test_sequence_gap import village_at_work
from tests.simulation.databases import migrated

MINUTES = 6
HOLDS = (0.0, 0.002, 0.008, 0.03)  # seconds at most that a transaction stays open, before and after it has written


def run(size: float) -> list[Figure]:
    """Runs on each engine; a run is eight writers of eight transactions and six pollers with pages of 1, 2 and 50 rows."""
    figures = []
    for kind in ("sqlite", "postgres"):
        with tempfile.TemporaryDirectory() as folder, migrated(kind, Path(folder)) as url:
            config = Config.from_environment({"CUNYI_DATABASE_URL": url, "CUNYI_DATA_DIR": f"{folder}/var"})
            engine = open_engine(config.database_url, config.sealing_key)
            runs, broken, rows = part(250, size), 0, 0
            for number in range(runs):
                empty(engine)
                retried(engine, lambda c, key=config.identity_key: establish(c, key))
                pollers, table, failed = village_at_work(config, hold=HOLDS[number % len(HOLDS)])
                rows += sum(len(poller.seqs) for poller in pollers)
                fair = not failed and all(
                    poller.got == table and poller.seqs == sorted(poller.seqs) and max(Counter(poller.seqs).values()) == 1
                    for poller in pollers
                )
                broken += not fair
            engine.dispose()
        figures.append(Figure("G9", f"runs of writers and pollers, {kind}", runs, broken, f"{rows:,} rows pulled"))
    return figures
