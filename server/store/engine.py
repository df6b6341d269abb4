"""Engines and transactions: how SQLite and PostgreSQL are spoken to, and what is tried again."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from server.store import sealing

T = TypeVar("T")

# deadlock, serialization failure, connection failure, server shutting down (SQLSTATE): tried again
RETRIED = frozenset({"40P01", "40001", "08006", "57P01"})
TRIES = 5
NOTED = "noted"  # in `info` of a connection: its transaction wrote into the journal
BUSY_SECONDS = 10  # that a writer waits for the others, before the phone is told to come again


def engine_options(url: URL) -> dict[str, Any]:
    """What the engine of this database needs to be made with. No error text quotes a record."""
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": BUSY_SECONDS, "check_same_thread": False}, "hide_parameters": True}
    # the pooler in front may hand every transaction to another connection: no prepared statements
    return {
        "pool_pre_ping": True,
        "pool_size": 10,
        "pool_timeout": 10,
        "connect_args": {"prepare_threshold": None, "connect_timeout": BUSY_SECONDS},
        "hide_parameters": True,
    }


def prepare(engine: Engine, sealing_key: bytes | None = None) -> Engine:
    """Settle how connections begin: on SQLite we say BEGIN ourselves, else the driver loses acknowledged updates.

    Without the sealing key nothing that is sealed can be read or written (`sealing.SealingError`).
    """
    if sealing_key is not None:
        sealing.hold(engine, sealing_key)
    if engine.dialect.name != "sqlite":

        @event.listens_for(engine, "begin")
        def on_begin_there(connection: Connection) -> None:
            # of this transaction alone: a pooler hands the connection on; without it a request waits as long as a lock is held
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(1000 * BUSY_SECONDS)}")

        return engine

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={1000 * BUSY_SECONDS}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


class Turns:
    """Who wants to write waits here, and goes in the order of coming.

    SQLite lets in whoever asks at the right moment: one that writes again and again, such as who works off a backlog, would
    keep the others out until they give up.
    """

    def __init__(self) -> None:
        self._guard, self._busy, self._waiting = threading.Lock(), False, deque[threading.Event]()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait, at most as long as SQLite would, and let the next one go in the end."""
        mine = threading.Event()
        with self._guard:
            if not self._busy:
                self._busy = True
                mine.set()
            else:
                self._waiting.append(mine)
        ours = mine.wait(BUSY_SECONDS) or self._left(mine)
        try:
            yield
        finally:
            if ours:
                self._next()

    def _left(self, mine: threading.Event) -> bool:
        """Out of the queue, to try without a turn; True when it was ours just then."""
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
            return True

    def _next(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._busy = False


_turns: dict[str, Turns] = {}  # of this process, by file


def open_engine(url: URL, sealing_key: bytes | None = None) -> Engine:
    """An engine of its own, for commands and tests without an application."""
    return prepare(create_engine(url, **engine_options(url)), sealing_key)


_followers: WeakKeyDictionary[Engine, Callable[[], object]] = WeakKeyDictionary()


def follow(engine: Engine, follower: Callable[[], object]) -> None:
    """From now on call this after each transaction that wrote into the journal, once it is committed."""
    _followers[engine] = follower


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent picture of the database."""
    options: dict[str, Any] = {"reads": True}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction, committed when the block ends without an exception."""
    embedded = engine.dialect.name == "sqlite"
    with (
        _turns.setdefault(str(engine.url.database), Turns()).taken() if embedded else nullcontext(),
        engine.begin() as connection,
    ):
        connection.info.pop(NOTED, None)
        yield connection
        noted = connection.info.pop(NOTED, False)
    if noted and engine in _followers:
        _followers[engine]()


def retried(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Do the work in one transaction; again from the start when the database asks for that."""
    for attempt in range(TRIES):
        try:
            with writing(engine) as connection:
                return work(connection)
        except DBAPIError as trouble:
            again = trouble.connection_invalidated or getattr(trouble.orig, "sqlstate", None) in RETRIED
            if attempt == TRIES - 1 or not again:
                raise
            time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311
    raise AssertionError
