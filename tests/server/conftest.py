"""A server with its village: doctors get phones, the clock stands where a story puts it."""

import datetime as dt
import functools
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import URL, Engine, make_url, select

from server import create_app, standings
from server.config import Config
from server.dashboard import contract_pages, quality_pages
from server.indicators import reading as indicators_reading
from server.journal import Journal
from server.store import devices, directory, migrate, verify
from server.store.deployment import establish
from server.store.engine import open_engine, reading, retried
from server.store.tables import metadata
from sync.codec import stamp
from tests import conftest as databases
from tests import village as places
from tests.server.phone import Phone

NOON = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages wait until all is counted, however busy the machine is; a test of what they say meanwhile sets its own budget."""
    for page in (indicators_reading, contract_pages, quality_pages):
        monkeypatch.setattr(page, "BUDGET_SECONDS", 60.0)
    monkeypatch.setattr(standings, "PATIENCE_SECONDS", 600.0)


@pytest.fixture(scope="session")
def a_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One migrated SQLite file for many tests: emptying a database is quicker than making another."""
    url = f"sqlite:///{tmp_path_factory.mktemp('worn') / 'cunyi.db'}"
    engine = open_engine(make_url(url))
    migrate.upgrade(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def a_worn_database(a_postgres: Any, a_template: str) -> Iterator[str]:
    """One PostgreSQL database for many tests."""
    name = f"cunyi_worn_{uuid.uuid4().hex[:8]}"
    databases._admin(a_postgres, f"CREATE DATABASE {name} TEMPLATE {a_template}")
    yield a_postgres.url(name)
    databases._admin(a_postgres, f"DROP DATABASE {name} WITH (FORCE)")


def emptied(url: str) -> str:
    """A migrated database without a row."""
    engine = open_engine(driven(url))
    databases.empty(engine)
    engine.dispose()
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty, migrated database; each test runs on both engines."""
    url: str = request.getfixturevalue("a_file" if request.param == "sqlite" else "a_worn_database")
    return emptied(url)


@pytest.fixture(scope="session")
def a_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the keys lie that most tests share."""
    return tmp_path_factory.mktemp("var")


@pytest.fixture
def config(database_url: str, a_data_dir: Path) -> Config:
    """Settings of a server on that database."""
    return Config.from_environment({"CUNYI_DATABASE_URL": database_url, "CUNYI_DATA_DIR": str(a_data_dir)})


class Clock:
    """The server's clock, which stands still until a story moves it."""

    time = NOON

    def __call__(self) -> dt.datetime:
        return self.time


@functools.cache
def an_app(config: Config) -> tuple[Flask, Clock]:
    """The application of a deployment, and its clock. To make one takes longer than most stories."""
    clock = Clock()
    return create_app(config, now=clock), clock


class Village:
    """The application on a database, with the people of tests/village.py."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.app, self._clock = an_app(config)
        self.time = NOON
        doors = self.app.extensions["cunyi"]
        self.access, self.exchange, self.engine = doors.access, doors.exchange, doors.engine
        self.journal = Journal(self.engine, config.data_dir, self._clock)
        self.write(lambda c: establish(c, config.identity_key))
        self.write(places.settle)

    @property
    def time(self) -> dt.datetime:
        return self._clock.time

    @time.setter
    def time(self, moment: dt.datetime) -> None:
        self._clock.time = moment

    def write(self, work: Any) -> Any:
        return retried(self.engine, work)

    def client(self) -> Any:
        return self.app.test_client()

    def phone(self, person: str = places.ANA) -> Phone:
        """A new phone of a person, enrolled."""
        return Phone(self.client()).enrol(self.access.new_code(person))

    def phones(self, *people: str) -> list[Phone]:
        return [self.phone(person) for person in people]

    def later(self, **by: float) -> None:
        self.time += dt.timedelta(**by)

    def device_of(self, phone: Phone) -> str:
        with reading(self.engine) as connection:
            return str(devices.device_of(connection, phone.actor))

    def set_status(self, phone: Phone, status: str) -> None:
        device = self.device_of(phone)
        assert self.write(lambda c: devices.set_status(c, device, status, stamp(self.time)))

    def person(self, person: str, **parts: Any) -> None:
        """Change a person's entry in the register."""

        def work(connection: Any) -> None:
            known = directory.person(connection, person)
            assert known is not None
            row = {
                "id": known.id,
                "name": known.name,
                "role": known.role,
                "organisation": None,
                "area": known.area,
                "active": known.active,
            }
            directory.put_people(connection, [row | parts])

        self.write(work)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """A table as it is stored, by its key."""
        found = metadata.tables[table]
        with reading(self.engine) as connection:
            return [dict(row._mapping) for row in connection.execute(select(found).order_by(*found.primary_key.columns))]

    def faults(self) -> list[str]:
        """What `cunyi verify` would name."""
        with reading(self.engine) as connection:
            return verify.verify(connection).faults


@pytest.fixture
def village(config: Config) -> Iterator[Village]:
    made = Village(config)
    yield made
    made.engine.dispose()


@pytest.fixture
def ana(village: Village) -> Phone:
    return village.phone(places.ANA)


@pytest.fixture
def ben(village: Village) -> Phone:
    return village.phone(places.BEN)


@pytest.fixture
def cam(village: Village) -> Phone:
    return village.phone(places.CAM)


@pytest.fixture
def both(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[dict[str, Engine]]:
    """A fresh database of each engine at once, migrated, not established."""
    server, template = request.getfixturevalue("a_postgres"), request.getfixturevalue("a_template")
    name = f"cunyi_both_{uuid.uuid4().hex[:8]}"
    databases._admin(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    urls = {"sqlite": f"sqlite:///{tmp_path / 'both.db'}", "postgres": server.url(name)}
    configs = {kind: config_of(url, tmp_path / kind) for kind, url in urls.items()}
    engines = {kind: open_engine(one.database_url, one.sealing_key) for kind, one in configs.items()}
    migrate.upgrade(engines["sqlite"])
    yield engines
    for engine in engines.values():
        engine.dispose()
    databases._admin(server, f"DROP DATABASE {name} WITH (FORCE)")


def driven(url: str) -> URL:
    """The URL with the driver that the server uses."""
    return make_url(url) if url.startswith("sqlite") else make_url(url).set(drivername="postgresql+psycopg")


def config_of(url: object, data_dir: Path, **more: str) -> Config:
    """Settings of a server on a database; the keys of what is stored are the same wherever a test asks."""
    text = url if isinstance(url, str) else make_url(url).render_as_string(hide_password=False)
    given = {"CUNYI_DATABASE_URL": text, "CUNYI_DATA_DIR": str(data_dir), "CUNYI_IDENTITY_KEY": "5a" * 32}
    given["CUNYI_SEALING_KEY"] = "7b" * 32
    return Config.from_environment(given | more)
