"""Writers on threads and in processes that read a number, add one and write it back, on one SQLite file."""

from __future__ import annotations

import multiprocessing
import threading
from pathlib import Path

from sqlalchemy import Connection, make_url, select, update

from server.store.engine import open_engine, reading, retried
from server.store.scope import ScopeWriter, upsert
from server.store.tables import settings
from tests.village import VILLAGE

KEY = b"k" * 32  # nothing that is counted here is sealed, but what a transaction begins with may be
NUMBER = settings.c.name == "number"


def begun(url: str) -> None:
    """The number stands at 0."""
    engine = open_engine(make_url(url), KEY)
    retried(engine, lambda c: upsert(c, settings, [{"name": "number", "value": "0"}]))
    engine.dispose()


def reached(url: str) -> int:
    """Where the number stands."""
    engine = open_engine(make_url(url), KEY)
    with reading(engine) as connection:
        found = connection.scalar(select(settings.c.value).where(NUMBER))
    engine.dispose()
    return int(found or 0)


def _add(connection: Connection) -> None:
    ScopeWriter(connection, VILLAGE)  # a transaction of the server begins so
    now = connection.scalar(select(settings.c.value).where(NUMBER))
    connection.execute(update(settings).where(NUMBER).values(value=str(int(now or 0) + 1)))


def _write(url: str, threads: int, times: int, failed: Path) -> None:
    engine = open_engine(make_url(url), KEY)

    def work() -> None:
        for _ in range(times):
            try:
                retried(engine, _add)
            except Exception as trouble:  # noqa: BLE001 - each is one too many
                with failed.open("a") as list_of_them:
                    list_of_them.write(f"{type(trouble).__name__}\n")

    crowd = [threading.Thread(target=work) for _ in range(threads)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    engine.dispose()


def crowded(url: str, folder: Path, *, processes: int, threads: int, times: int) -> list[str]:
    """Let them all write at once; the names of what failed."""
    failed = folder / "failed"
    failed.write_text("")
    spawn = multiprocessing.get_context("spawn")
    crowd = [spawn.Process(target=_write, args=(url, threads, times, failed)) for _ in range(processes)]
    for process in crowd:
        process.start()
    for process in crowd:
        process.join()
    return failed.read_text().split() + [f"exit {process.exitcode}" for process in crowd if process.exitcode]
