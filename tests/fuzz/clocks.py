"""Histories under wild clocks, on phones and server, end as under right ones (G6)."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.fuzz import Figure, part
from tests.server.conftest import Village, config_of, emptied
from tests.server.skewed import STEPS, lived
from tests.simulation.databases import migrated

MINUTES = 3
AT_ONCE = 5  # histories in one database, so that all of it comes in one page


def run(size: float) -> list[Figure]:
    """Pairs of histories on each engine."""
    return [_pairs("sqlite", part(100, size)), _pairs("postgres", part(25, size))]


def _pairs(engine: str, many: int) -> Figure:
    apart = 0
    with tempfile.TemporaryDirectory() as folder, migrated(engine, Path(folder)) as url:
        config = config_of(url, Path(folder))
        for seed in range(many):
            if seed % AT_ONCE == 0:
                emptied(url)
                village = Village(config)
            wild, right = lived(village, seed, wild=True), lived(village, seed, wild=False)
            if wild != right or village.faults():
                print(f"seed {seed}: {wild} is not {right}, or the log is not sound")
                apart += 1
        village.engine.dispose()
    return Figure("G6", f"histories under wild clocks as under right ones, {engine}", many, apart, f"{STEPS} steps each")
