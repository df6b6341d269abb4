"""The same histories on SQLite and on PostgreSQL: every answer and every stored row, byte for byte (G21)."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest

from server.store.engine import open_engine
from tests.conftest import empty
from tests.contracts.test_same_answers import Year, stored
from tests.fuzz import Figure, part
from tests.server.conftest import config_of, driven
from tests.simulation.databases import migrated

MINUTES = 8
STEPS = 15  # of a history, on top of the enrolment of five phones


def run(size: float) -> list[Figure]:
    """Histories of some steps; a step is a request or something that happens at the office."""
    histories, apart, answers = part(3000, size), 0, 0
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        urls = [stack.enter_context(migrated(kind, Path(folder))) for kind in ("sqlite", "postgres")]
        configs = [config_of(driven(url), Path(folder) / "keys") for url in urls]
        engines = [open_engine(config.database_url, config.sealing_key) for config in configs]
        for seed in range(histories):
            lived = []
            for engine in engines:
                empty(engine)
                with pytest.MonkeyPatch.context() as patch:
                    year = Year(engine, Path(folder), patch, seed).live(STEPS)
                    lived.append((year.told, stored(engine), year.village.faults()))
            answers += len(lived[0][0])
            if lived[0] != lived[1] or lived[0][2]:
                print(f"seed {seed}: the engines differ, or the log is not sound: {lived[0][2]}")
                apart += 1
        for engine in engines:
            engine.dispose()
    return [Figure("G21", "histories alike on both engines", histories, apart, f"{answers:,} answers compared")]
