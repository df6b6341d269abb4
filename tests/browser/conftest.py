"""A browser and a server with the sample township, once for all tests here; each test has windows of its own.

The browser is Debian's Chromium, which `make test` installs where it runs as root. Where there is none the tests are
skipped and say how to get it.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from client_sdk import Client
from client_sdk.transport import HttpTransport
from tests.browser import chromium as chromium_here
from tests.browser.field import PIN, WAIT_MS, Field, FieldPhone
from tests.browser.township import COLLEAGUE, DOCTOR, Township
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
def filled(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of what was filled in once for all workers of this run, to be copied.

    `township`: as the command fills it in. `field`: nothing waits for a decision in the first village, and its two doctors
    have phones and a laptop that were enrolled and synced.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "filled"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            _fill(chromium, folder)
            (folder / "done").touch()
    return folder


def _fill(chromium: Browser, folder: Path) -> None:
    for part in ("township", "field"):
        shutil.rmtree(folder / part, ignore_errors=True)  # of a worker that did not come to the end
        (folder / part).mkdir()
    Township(folder / "township").fill()
    with Field(folder / "field") as place:
        place.copy(folder / "township")
        place.settle_all()
        place.begin()
        for person in (DOCTOR, COLLEAGUE):
            phone = FieldPhone(chromium, place.line.url, place.folder / person, SCREENSHOTS)
            phone.enrol(place.code(person))
            phone.shut()
            assert phone.troubles == []
        with Client.enrol(place.url, place.code(DOCTOR), place.folder / "laptop.db", pin=PIN, device="laptop") as laptop:
            assert laptop.sync().complete


@pytest.fixture(scope="session")
def township(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Township]:
    """A running server with the sample township; asked for after the browser, so that nobody waits for it in vain."""
    with Township(tmp_path_factory.mktemp("township")) as place:
        place.copy(filled / "township")
        place.begin()
        yield place


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


# -- the field: a township of each test's own, and phones ----------------------------------------------------------------

AT_HOME, ON_POSTGRES, BELOW_A_PATH = "at home", "on PostgreSQL", "below a path"  # where `field` may be


@pytest.fixture
def field(request: pytest.FixtureRequest, filled: Path, tmp_path: Path) -> Iterator[Field]:
    """A township of this test's own, served; elsewhere than at home where a test says so.

    On PostgreSQL it is restored from a backup of the one that was filled in.
    """
    where = getattr(request, "param", AT_HOME)
    database_url = request.getfixturevalue("postgres_url") if where == ON_POSTGRES else ""
    with Field(tmp_path, database_url, "/cunyi" if where == BELOW_A_PATH else "") as place:
        if database_url:
            place.copy_keys(filled / "field")
            with Field(filled / "field") as office:
                place.cunyi("restore", str(office.backed_up()), "--replace")
        else:
            place.copy(filled / "field")
        place.begin()
        yield place


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
def phone(chromium: Browser, field: Field, filled: Path, tmp_path: Path) -> Iterator[Callable[..., FieldPhone]]:
    """Makes phones, each with a disk of its own; when the test ends, none has complained, or asked anybody but its server.

    A new one where nobody is named; `of` one of the two doctors: their own, enrolled, unlocked and synced.
    """
    made: list[FieldPhone] = []

    def make(url: str = "", *, of: str = "", **given: Any) -> FieldPhone:
        disk = tmp_path / f"phone-{len(made)}"
        made.append(FieldPhone(chromium, url or field.line.url, disk, SCREENSHOTS, **given))
        if of:
            shutil.copytree(filled / "field" / of, disk)
            made[-1].make_ready()
        return made[-1]

    yield make
    for one in made:
        one.shut()
    assert [trouble for one in made for trouble in one.troubles] == []


@pytest.fixture
def hand(phone: Callable[..., FieldPhone]) -> FieldPhone:
    """The doctor's phone: enrolled, unlocked and synced."""
    return phone(of=DOCTOR)


@pytest.fixture
def laptop(field: Field, filled: Path, tmp_path: Path) -> Iterator[Client]:
    """Another device of the doctor's, enrolled and synced: the client in Python."""
    file = tmp_path / "laptop.db"
    shutil.copy(filled / "field" / file.name, file)
    with Client.open(file, pin=PIN, transport=HttpTransport(field.url)) as client:
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
