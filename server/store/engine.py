"""Engines and transactions: how SQLite and PostgreSQL are spoken to, and what is tried again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")

# deadlock, serialization failure, connection failure, server shutting down (SQLSTATE): tried again
RETRIED = frozenset({"40P01", "40001", "08006", "57P01"})
TRIES = 5


def engine_options(url: URL) -> dict[str, Any]:
    """What the engine of this database needs to be made with. No error text quotes a record."""
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": 10, "check_same_thread": False}, "hide_parameters": True}
    # the pooler in front may hand every transaction to another connection: no prepared statements
    return {
        "pool_pre_ping": True,
        "pool_size": 10,
        "pool_timeout": 10,
        "connect_args": {"prepare_threshold": None},
        "hide_parameters": True,
    }


def prepare(engine: Engine) -> Engine:
    """Settle how connections begin: on SQLite we say BEGIN ourselves, else the driver loses acknowledged updates."""
    if engine.dialect.name != "sqlite":
        return engine

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def open_engine(url: URL) -> Engine:
    """An engine of its own, for commands and tests without an application."""
    return prepare(create_engine(url, **engine_options(url)))


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
    with engine.begin() as connection:
        yield connection


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
