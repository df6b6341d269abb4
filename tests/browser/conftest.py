"""A browser and a server with the sample township, once for all tests here; each test has windows of its own.

The browser is Debian's Chromium, which `make test` installs where it runs as root. Where there is none the tests are
skipped and say how to get it.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.township import Township
from tests.browser.window import Window

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    *(("--no-sandbox",) if os.geteuid() == 0 else ()),
)
SCREENSHOTS = Path(os.environ.get("CUNYI_SCREENSHOTS") or Path(__file__).with_name("screenshots"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, headless."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium: `apt-get install chromium fonts-noto-cjk`, which `make test` does where it runs as root")
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=program, args=ARGUMENTS)
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
