"""A migrated database for the village, of either engine, where no fixture gives one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from server.store import migrate
from server.store.engine import open_engine
from tests import postgres
from tests.simulation.served import Served


@contextlib.contextmanager
def migrated(engine: str, folder: Path) -> Iterator[str]:
    """The URL of a database of its own, `sqlite` in that folder or `postgres`; it is gone afterwards."""
    with contextlib.ExitStack() as stack:
        url = f"sqlite:///{folder / 'cunyi.db'}"
        if engine == "postgres":
            database = postgres.find()
            stack.callback(database.close)
            url = database.url("postgres")
        made = open_engine(make_url(url).set(drivername="postgresql+psycopg" if engine == "postgres" else "sqlite"))
        migrate.upgrade(made)
        made.dispose()
        yield url


@contextlib.contextmanager
def opened(engine: str, folder: Path) -> Iterator[Served]:
    """The shipped server on a database of its own."""
    with migrated(engine, folder) as url, contextlib.closing(Served(url, folder / "server")) as server:
        (folder / "server").mkdir(exist_ok=True)
        yield server
