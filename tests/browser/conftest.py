"""A browser and a server with the sample township, once for all tests here; each test has windows of its own.

The browser is Debian's Chromium, which `make test` installs where it runs as root. Where there is none the tests are
skipped and say how to get it.
"""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from client_sdk import Client
from tests.browser import chromium as chromium_here
from tests.browser.field import PIN, WAIT_MS, Field, FieldPhone
from tests.browser.township import DOCTOR, Township
from tests.browser.window import Window
from tests.postgres import Given, Postgres

SCREENSHOTS = Path(os.environ.get("CUNYI_SCREENSHOTS") or Path(__file__).with_name("screenshots"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, headless."""
    program = chromium_here.program()
    if program is None:
        pytest.skip(chromium_here.MISSING)
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=program, args=chromium_here.ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def township(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Township]:
    """A running server with the sample township; asked for after the browser, so that nobody waits for it in vain."""
    place = Township(tmp_path_factory.mktemp("township"))
    place.begin()
    yield place
    place.stop()


@pytest.fixture
def window(chromium: Browser, township: Township) -> Iterator[Callable[..., Window]]:
    """Opens windows: of which person, how wide. Each has cookies of its own; when the test ends, none has a complaint."""
    opened: list[Window] = []

    def open_window(person: str | None = None, width: int = 1280) -> Window:
        opened.append(Window(chromium, township, person, width, SCREENSHOTS))
        return opened[-1]

    yield open_window
    for one in opened:
        one.close()
    assert [trouble for one in opened for trouble in one.troubles] == []


AT_HOME, ON_POSTGRES, BELOW_A_PATH = "at home", "on PostgreSQL", "below a path"  # where `served` may be

# -- phones ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a township that was filled in once for all workers of this run, to be copied."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "filled"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            place = Field(folder)
            place.cunyi("migrate")
            place.cunyi("demo")
            place.settle_all()
            place.stop()
            (folder / "done").touch()
    return folder


@pytest.fixture(scope="module")
def field(chromium: Browser, filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    """A township of this module's own, served; asked for after the browser."""
    place = Field(tmp_path_factory.mktemp("field"))
    place.copy(filled)
    place.begin()
    yield place
    place.stop()


@pytest.fixture
def served(request: pytest.FixtureRequest, chromium: Browser, filled: Path, tmp_path: Path) -> Iterator[Field]:
    """A township of this test's own, whose server can be stopped and made anew; elsewhere than at home where a test says so.

    On PostgreSQL it is restored from a backup of the one that was filled in.
    """
    where = getattr(request, "param", AT_HOME)
    if where == ON_POSTGRES:
        place = Field(tmp_path, database_url=request.getfixturevalue("postgres_url"))
        place.copy_keys(filled)
        office = Field(filled)
        place.cunyi("restore", str(office.backed_up()), "--replace")
        office.stop()
    else:
        place = Field(tmp_path, prefix="/cunyi" if where == BELOW_A_PATH else "")
        place.copy(filled)
    place.begin()
    yield place
    place.stop()


@pytest.fixture
def hand(chromium: Browser, served: Field, tmp_path: Path) -> Iterator[FieldPhone]:
    """A phone of that township; when the test ends it has complained of nothing and asked nobody but its server."""
    phone = FieldPhone(chromium, served.line.url, tmp_path / "phone", SCREENSHOTS)
    yield phone
    phone.shut()
    assert phone.troubles == []


@pytest.fixture
def postgres_url(a_postgres: Postgres | Given, a_template: str) -> Iterator[str]:
    """A fresh, migrated database of PostgreSQL."""
    name = f"cunyi_field_{os.getpid()}_{secrets.token_hex(4)}"
    admin = a_postgres.url("postgres").replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {a_template}")
    yield a_postgres.url(name)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def phone(chromium: Browser, field: Field, tmp_path: Path) -> Iterator[Callable[..., FieldPhone]]:
    """Makes phones, each with a disk of its own; when the test ends, none has complained, or asked anybody but its server."""
    made: list[FieldPhone] = []

    def make(url: str = "", **given: Any) -> FieldPhone:
        made.append(FieldPhone(chromium, url or field.line.url, tmp_path / f"phone-{len(made)}", SCREENSHOTS, **given))
        return made[-1]

    yield make
    for one in made:
        one.shut()
    assert [trouble for one in made for trouble in one.troubles] == []


@pytest.fixture
def laptop(field: Field, tmp_path: Path) -> Iterator[Client]:
    """A third device of the team: the client in Python."""
    code = field.doors.access.new_code(DOCTOR)
    with Client.enrol(field.url, code, tmp_path / "laptop.db", pin=PIN, device="laptop") as client:
        assert client.sync().complete
        yield client


@pytest.fixture
def desk(chromium: Browser, field: Field) -> Iterator[Callable[[str], Page]]:
    """Opens the dashboard for somebody who is signed in."""
    opened: list[Window] = []

    def open_desk(person: str) -> Page:
        opened.append(Window(chromium, field, person, 1280, SCREENSHOTS))
        return opened[-1].page

    yield open_desk
    for one in opened:
        one.close()
    assert [trouble for one in opened for trouble in one.troubles] == []
