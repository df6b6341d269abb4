"""A phone is revoked a thousand times while it pulls from two workers: no request that begins later is answered (G10)."""

from __future__ import annotations

import tempfile
from pathlib import Path

from server.config import Config
from tests.fuzz import Figure, part
from tests.server.conftest import Village
from tests.server.revoking import races
from tests.simulation.databases import migrated

MINUTES = 3


def run(size: float) -> list[Figure]:
    """Races on each engine, five hundred of them each; a race is four threads that pull until they are refused twice."""
    figures = []
    for kind in ("sqlite", "postgres"):
        with tempfile.TemporaryDirectory() as folder, migrated(kind, Path(folder)) as url:
            config = Config.from_environment({"CUNYI_DATABASE_URL": url, "CUNYI_DATA_DIR": f"{folder}/var"})
            village = Village(config)
            rounds = part(500, size)
            done = races(village, rounds, kind)
            village.engine.dispose()
        seen = f"{done.late:,} requests began after it, {done.during:,} answers with records before"
        figures.append(Figure("G10", f"revocations in the middle of pulls, {kind}", rounds, done.leaked, seen))
    return figures
