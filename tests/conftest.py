"""What tests share: a database of each engine, fresh and migrated, and a server on top of it."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, make_url

from server.config import Config
from server.store import migrate
from server.store.deployment import establish
from server.store.engine import open_engine, retried
from server.store.tables import metadata
from tests import postgres

_numbers = itertools.count()


@pytest.fixture(scope="session")
def a_postgres() -> Iterator[postgres.Postgres | postgres.Given]:
    """A running PostgreSQL. Where none can be had, tests that need it are skipped and say so; in CI they fail."""
    try:
        server = postgres.find()
    except postgres.NoPostgresError as trouble:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL to be had: {trouble}")
    yield server
    server.close()


def _admin(server: postgres.Postgres | postgres.Given, statement: str) -> None:
    url = server.url("postgres").replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture(scope="session")
def a_template(a_postgres: postgres.Postgres | postgres.Given) -> Iterator[str]:
    """A migrated database to copy."""
    name = f"cunyi_template_{os.getpid()}"
    _admin(a_postgres, f"DROP DATABASE IF EXISTS {name}")
    _admin(a_postgres, f"CREATE DATABASE {name}")
    engine = open_engine(make_url(a_postgres.url(name)).set(drivername="postgresql+psycopg"))
    migrate.upgrade(engine)
    engine.dispose()
    yield name
    _admin(a_postgres, f"DROP DATABASE {name}")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database; each test runs on both engines."""
    if request.param == "sqlite":
        engine = open_engine(make_url(f"sqlite:///{tmp_path / 'cunyi.db'}"))
        migrate.upgrade(engine)
        engine.dispose()
        yield f"sqlite:///{tmp_path / 'cunyi.db'}"
        return
    server, template = request.getfixturevalue("a_postgres"), request.getfixturevalue("a_template")
    name = f"cunyi_test_{os.getpid()}_{next(_numbers)}"
    _admin(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.url(name)
    _admin(server, f"DROP DATABASE {name} WITH (FORCE)")


def empty(engine: Engine) -> None:
    """Take every row out of every table: quicker than another database."""
    retried(engine, lambda c: [c.execute(table.delete()) for table in reversed(metadata.sorted_tables)])


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    """Settings of a server on that database, with keys of its own."""
    return Config.from_environment({"CUNYI_DATABASE_URL": database_url, "CUNYI_DATA_DIR": str(tmp_path / "var")})


@pytest.fixture
def engine(config: Config) -> Iterator[Engine]:
    """The database, established."""
    engine = open_engine(config.database_url, config.sealing_key)
    retried(engine, lambda c: establish(c, config.identity_key))
    yield engine
    engine.dispose()
