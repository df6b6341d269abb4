"""The server after a great import or a day of many syncs: 2 000 residents were touched, their standings are computed."""

from __future__ import annotations

import contextlib
import datetime as dt
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine

from server import create_app
from server.access import server_caller
from server.config import Config
from server.store import devices, migrate
from server.store.deployment import deployment, establish
from server.store.engine import open_engine, reading, retried
from sync.record import Edit
from sync.version import Dot, VersionVector
from tests import postgres
from tests.bench.crowd import crowd, taking
from tests.village import VILLAGE, settle

TOUCHED = 2000
NOON = dt.datetime(2026, 11, 22, 4, tzinfo=dt.UTC)


def main() -> None:
    """On SQLite, and on PostgreSQL where one can be started."""
    edits = crowd(TOUCHED)
    print(f"a village of {TOUCHED} residents, {len(edits)} records")
    with tempfile.TemporaryDirectory() as folder:
        print("SQLite")
        _measure(edits, f"sqlite:///{folder}/cunyi.db", folder)
    with _postgres() as url, tempfile.TemporaryDirectory() as folder:
        if url:
            print("PostgreSQL")
            _measure(edits, url, folder)


@contextlib.contextmanager
def _postgres() -> Iterator[str | None]:
    try:
        server = postgres.find()
    except postgres.NoPostgresError as trouble:
        print(f"no PostgreSQL: {trouble}")
        yield None
        return
    try:
        yield server.url("postgres")
    finally:
        server.close()


def _measure(edits: list[Edit], url: str, folder: str) -> None:
    config = Config.from_environment({"CUNYI_DATABASE_URL": url, "CUNYI_DATA_DIR": str(Path(folder) / "var")})
    engine = open_engine(config.database_url, config.sealing_key)
    migrate.upgrade(engine)
    retried(engine, lambda c: establish(c, config.identity_key))
    retried(engine, settle)
    now = NOON
    doors = create_app(config, now=lambda: now).extensions["cunyi"]
    with taking("take all records in"):
        receipts = doors.exchange.write(of_the_server(edits, engine))
    assert {receipt["status"] for receipt in receipts} == {"accepted"}, receipts[0]
    with taking(f"compute {TOUCHED} touched residents"):
        computed = doors.standings.refresh([VILLAGE])
    with taking("refresh again, nothing touched"):
        doors.standings.refresh([VILLAGE])
    with taking("due of the village"):
        due = doors.standings.due([VILLAGE])
    now += dt.timedelta(days=1)
    with taking("refresh on the next morning"):
        concerned = doors.standings.refresh([VILLAGE])
    print(f"  {computed} computed, {len(due)} items due, {concerned} concerned by a new morning")
    doors.engine.dispose()
    engine.dispose()


def of_the_server(edits: list[Edit], engine: Engine) -> list[Edit]:
    """The same edits, made at the server."""
    with reading(engine) as connection:
        present = deployment(connection)
    assert present is not None
    first = devices.reserve_counters(engine, present.actor, len(edits))
    author = server_caller(present.actor, {VILLAGE}).person
    return [
        replace(edit, dot=Dot(present.actor, first + n), context=VersionVector(), author=author) for n, edit in enumerate(edits)
    ]
