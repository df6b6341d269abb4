"""What a server's database can do to it: be full, locked, gone, or not to be had. And a phone that goes on meanwhile.

An outage is a context: while it lasts the database fails. What was acknowledged is held against the log when all is over.
"""

from __future__ import annotations

import contextlib
import resource
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from server.store import engine as engines
from server.store import migrate
from tests.postgres import Postgres
from tests.server.conftest import Village, config_of
from tests.server.phone import Phone, vitals

Outage = Callable[[], AbstractContextManager[object]]
MENDED_WITHIN = 5.0  # seconds after the end of an outage
HELD_AT_MOST = 15  # seconds that a lock is held where nobody gives up waiting for it
IMPATIENT = 0.2  # seconds that is waited for a lock or a connection, so that a test need not


def found(url: str, folder: Path) -> Village:
    """The village on a database of its own."""
    config = config_of(url, folder / "var")
    engine = engines.open_engine(config.database_url, config.sealing_key)
    migrate.upgrade(engine)
    engine.dispose()
    return Village(config)


def impatient(engine: Engine) -> AbstractContextManager[None]:
    """Let it wait less for others than on a server."""

    @contextlib.contextmanager
    def shorter() -> Iterator[None]:
        kept, engines.BUSY_SECONDS = engines.BUSY_SECONDS, IMPATIENT  # type: ignore[assignment]
        pool_kept, engine.pool._timeout = engine.pool._timeout, IMPATIENT
        try:
            if engine.dialect.name == "sqlite":
                with engine.connect() as connection:
                    connection.exec_driver_sql(f"PRAGMA busy_timeout={int(1000 * IMPATIENT)}")
            yield
        finally:
            engines.BUSY_SECONDS, engine.pool._timeout = kept, pool_kept
            engine.dispose()

    return shorter()


def no_room() -> Outage:
    """No file of this process grows any more: to SQLite a disk that fails."""

    @contextlib.contextmanager
    def outage() -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return outage


def full(folder: Path) -> Outage:
    """A small file system that somebody else's file fills up."""

    @contextlib.contextmanager
    def outage() -> Iterator[None]:
        ballast = folder / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            for size in (1 << 16, 1 << 12, 1 << 9, 1):
                with contextlib.suppress(OSError):
                    while file.write(bytes(size)) == size:
                        pass
        try:
            yield
        finally:
            ballast.unlink()

    return outage


def locked(engine: Engine) -> Outage:
    """Somebody holds what every exchange needs, and does not let go."""

    @contextlib.contextmanager
    def outage() -> Iterator[None]:
        if engine.dialect.name == "sqlite":
            with contextlib.closing(sqlite3.connect(engine.url.database or "", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                yield
                other.execute("ROLLBACK")
        else:
            address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
            with psycopg.connect(address) as other:
                other.execute(f"SET idle_in_transaction_session_timeout = '{HELD_AT_MOST}s'")
                other.execute("LOCK TABLE scopes, actor_states IN ACCESS EXCLUSIVE MODE")
                yield
                with contextlib.suppress(psycopg.OperationalError):
                    other.rollback()

    return outage


def exhausted(engine: Engine) -> Outage:
    """Every connection of the pool is taken."""

    @contextlib.contextmanager
    def outage() -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(PoolTimeoutError):
                while True:
                    stack.enter_context(engine.connect())
            yield

    return outage


def stopped(database: Postgres, stop: Callable[[], None]) -> Outage:
    """PostgreSQL is stopped in some way, and started again."""

    @contextlib.contextmanager
    def outage() -> Iterator[None]:
        stop()
        try:
            yield
        finally:
            database.start()

    return outage


@dataclass
class Worker:
    """A phone that saves and syncs again and again. `wrong`: answers that no outage excuses; `longest`: seconds to be well."""

    phone: Phone
    kept: set[tuple[str, int]] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    refused: int = 0

    def works(self) -> int:
        """Save a form and send what waits: the status."""
        self.phone.save(vitals(100 + self.phone.counter % 100))
        body = self.phone.request()
        answer = self.phone.post("/v1/sync", body)
        if answer.status_code == 200:
            reply = answer.get_json()
            self.kept |= {
                tuple(receipt["dot"]) for receipt in reply["receipts"] if receipt["status"] in ("accepted", "duplicate")
            }
            self.phone.absorb(body, reply)
        elif answer.status_code != 503 or int(answer.headers.get("Retry-After", 0)) < 1 or "receipts" in answer.get_json():
            self.wrong.append(f"{answer.status_code} {answer.get_data(as_text=True)[:200]}")
        else:
            self.refused += 1
        return int(answer.status_code)

    def until(self, done: threading.Event) -> None:
        """Go on until it is over."""
        while not done.is_set():
            self.works()
            time.sleep(0.01)


def endured(village: Village, outage: Outage, cycles: int, *, load: int = 2) -> list[str]:
    """Let an outage come and go while phones work: what broke. The last of the phones is asked at once when it is over."""
    workers = [Worker(phone) for phone in village.phones(*["p-ana", "p-ben", "p-lea"][: load + 1])]
    done, last = threading.Event(), workers.pop()
    crowd = [threading.Thread(target=worker.until, args=(done,)) for worker in workers]
    for thread in crowd:
        thread.start()
    broken: list[str] = []
    try:
        for cycle in range(cycles):
            with outage():
                if last.works() == 200 and not last.refused:
                    last.works()
            ended = time.monotonic()
            while last.works() != 200:
                if time.monotonic() - ended > MENDED_WITHIN:
                    broken.append(f"cycle {cycle}: not well {MENDED_WITHIN:.0f} s later")
                    break
                time.sleep(0.05)
    finally:
        done.set()
        for thread in crowd:
            thread.join()
    if not last.refused:
        broken.append("nobody was refused anything: there was no outage")
    for worker in [*workers, last]:
        worker.works()
        broken += worker.wrong + [f"{len(worker.phone.outbox)} edits wait"] * bool(worker.phone.outbox)
    log = [(row["actor"], row["counter"]) for row in village.rows("edits")]
    missing = set().union(*(worker.kept for worker in [*workers, last])) - set(log)
    return broken + [f"acknowledged and not kept: {sorted(missing)[:5]}"] * bool(missing) + village.faults()
