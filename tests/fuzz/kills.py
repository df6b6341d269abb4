"""kill -9 of gunicorn, of its workers and of PostgreSQL in the middle of a phone's sync, a hundred and forty times (G1)."""

from __future__ import annotations

import contextlib
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from server.config import Config
from server.store import migrate
from server.store.deployment import establish
from server.store.engine import open_engine, retried
from tests import postgres
from tests.fuzz import Figure, part
from tests.server.test_kill import Process, battered
from tests.village import settle

MINUTES = 5
AT_ONCE = 25  # blows to one deployment


def run(size: float) -> list[Figure]:
    """Blows to gunicorn on SQLite and on PostgreSQL, and to PostgreSQL itself."""
    return [
        _blows("SQLite", part(15, size), part(85, size), 0),
        _blows("PostgreSQL", part(5, size), part(5, size), part(30, size)),
    ]


def _blows(engine: str, all_of_it: int, workers: int, database: int) -> Figure:
    dice, kinds = random.Random(engine), ["all"] * all_of_it + ["worker"] * workers + ["database"] * database
    dice.shuffle(kinds)
    broken = 0
    for start in range(0, len(kinds), AT_ONCE):
        try:
            _deployment(engine, kinds[start : start + AT_ONCE], start)
        except (AssertionError, Exception) as trouble:  # noqa: BLE001 - whatever it is, it is no answer to a kill
            print(f"{engine}, blows from {start} on: {trouble!r}")
            broken += 1
    what = f"gunicorn killed {all_of_it}, its worker {workers}" + f", PostgreSQL {database} times" * (database > 0)
    return Figure("G1", f"SIGKILL in the middle of a sync, {engine}", len(kinds), broken, what)


def _deployment(engine: str, kinds: list[str], seed: int) -> None:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite:///{folder / 'cunyi.db'}"
        blow: dict[str, Callable[[], None]] = {}
        if engine == "PostgreSQL":
            own = stack.enter_context(contextlib.closing(postgres.Postgres()))
            url = own.url("postgres")

            def kill_database() -> None:
                own.kill()
                own.start()

            blow["database"] = kill_database
        config = Config.from_environment({"CUNYI_DATABASE_URL": url, "CUNYI_DATA_DIR": str(folder)})
        database = open_engine(config.database_url, config.sealing_key)
        stack.callback(database.dispose)
        migrate.upgrade(database)
        retried(database, lambda c: establish(c, config.identity_key))
        retried(database, settle)
        served = Process(config)
        stack.callback(served.end)
        blow |= {"all": served.kill, "worker": served.kill_worker}
        battered(served, database, config, folder, [blow[kind] for kind in kinds], seed)
