"""A phone of a village doctor: a real browser profile on a disk, which can be killed, opened again and cut off; and its server.

What a person does is done by touch: `tap` finds what is named on the screen, and counts.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import os
import re
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Error, Locator, Page, Request, expect

from server.app.joining import joined
from server.app.pack import sources
from server.decisions.conflicts import Choice
from server.demo.people import LIU
from sync.record import shown
from tests.browser import chromium
from tests.browser.relay import Relay
from tests.browser.screen import SMALL, SYNC_MS, Screen
from tests.browser.township import LEADER, Township
from tests.e2e.serving import Installation

PIN = "493027"
WAIT_MS, DOWNLOAD_MS = 20_000, 60_000
ROOT = Path(__file__).parents[2]
# what every phone calls its server, wherever that listens: a disk that was filled at one port opens at another
NAME = "village.localhost"
# a page that is left is another element than the one that comes
GO = """(hash) => {
  if (location.hash === hash) return;
  document.querySelector("main")?.setAttribute("data-left", "");
  location.hash = hash;
}"""
DRAFTED = """async (client, [words, longest]) => {
  for (const began = Date.now(); !JSON.stringify(await client.drafts()).includes(words);) {
    if (Date.now() - began > longest) throw new Error(`no draft has ${words}`);
    await new Promise((on) => setTimeout(on, 50));
  }
}"""
# a clock that is wrong by so many milliseconds, as every script of the page has it
WRONG_CLOCK = """(() => {
  const Real = Date, off = OFFSET;
  class Wrong extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + off); }
    static now() { return Real.now() + off; }
  }
  globalThis.Date = Wrong;
})()"""


@functools.cache
def _client() -> str:
    """The modules of the client, joined as the app itself is, for a hand of a test's own in a page."""
    return joined("client_sdk/js/client.js", {path: body.decode() for path, body in sources() if path.endswith(".js")})


def whole(text: str) -> str:
    """Words as the app writes them where no line may end in them."""
    return "\u2060".join(text)


class Field(Township):
    """The sample township on a server of its own, copied from one that was filled in before, and a line that leads to it."""

    def __init__(self, folder: Path, database_url: str = "", prefix: str = "") -> None:
        super().__init__(folder)
        self.environment["CUNYI_DATABASE_URL"] = database_url
        self.line = Relay(self.port, prefix)

    def begin(self) -> None:
        """Serve what is there already."""
        self.start()

    def stop(self) -> int:
        """Stop it; nobody is answered any more."""
        self.line.cut()
        return super().stop()

    def copy_keys(self, filled: Path) -> None:
        """Take the keys and the journal only, for a database of its own that a backup is restored into."""
        (self.folder / "var").mkdir()
        for kept in (*(filled / "var").glob("*.key"), *(filled / "var").glob("journal.*.jsonl")):
            shutil.copy(kept, self.folder / "var")

    def backed_up(self) -> Path:
        """A backup of what is there, made once."""
        file = self.folder / "backup"
        if not file.exists():
            self.cunyi("backup", str(file))
        return file

    def settle_all(self) -> None:
        """The leader of the team decides what waits in the first village, the last words first, so that nothing waits there."""
        leader, desk = self.doors.access.view(LEADER), self.doors.decisions.conflicts
        for one in desk.listed(leader):
            if one.record.scope != LIU:
                continue
            questions = desk.of(leader, one.record.id).questions
            choices = {
                q.section: Choice(q.claims[-1].dot if q.claims else None, keep=[name for name, _ in q.entries])
                for q in questions
            }
            desk.settle(leader, one.record.id, one.record.seen, choices, "已电话核实")

    def out_of_reach(self) -> None:
        """No line, and no server."""
        self.line.cut()
        assert Installation.stop(self) == 0  # the process; what is open of its database beside it stays

    def in_reach(self) -> None:
        """The server runs again, and the line leads to it."""
        self.start()
        self.line.mend()

    def renew(self, file: str, words: str, others: str) -> None:
        """Stop, and serve another version from a copy of the source tree, in which these words of a file are others."""
        tree = self.folder / "tree"
        for part in ("server", "sync", "client_sdk", "migrations"):
            shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
        path = tree / file
        text = path.read_text()
        assert words in text, f"{file} has no {words}"
        path.write_text(text.replace(words, others))
        self.out_of_reach()
        self.environment["PYTHONPATH"] = str(tree)
        self.command = [sys.executable, "-m", "server.commands"]
        self.in_reach()

    def code(self, person: str) -> str:
        """A code for somebody's phone."""
        code: str = self.doors.access.new_code(person)
        return code

    def printed_code(self, person: str) -> str:
        """The code that the command prints for somebody's phone."""
        return self.cunyi("code", person).strip().splitlines()[-1]

    def held(self, kind: str) -> list[Any]:
        """The records of a kind in the first village, as the server holds them."""
        return self._found(kind)

    def one(self, kind: str, record: str) -> Any:
        """The record of this id, which the server holds once."""
        [found] = [one for one in self.held(kind) if one.id == record]
        return found

    def view(self, kind: str, record: str) -> dict[str, Any]:
        """What the server shows of it, section by section."""
        return dict(shown(self.one(kind, record)))


class FieldPhone(Screen):
    """A phone. Its browser is there from `open` to `kill` or `shut`, and what is on its disk as long as the test."""

    def __init__(
        self, browser: Browser, url: str, profile: Path, screenshots: Path, clock: dt.timedelta = dt.timedelta()
    ) -> None:
        """`url`: where the server is reached; `clock`: by how much it is wrong."""
        super().__init__(screenshots)
        address = urlsplit(url)
        self.origin, self._leads_to = f"http://{NAME}", address.netloc
        self.url = self.origin + address.path
        self._type, self._profile, self._clock = browser.browser_type, profile, clock
        self._context: BrowserContext | None = None
        self._offline = False
        self.taps = 0
        self.troubles: list[str] = []

    # -- the browser

    def open(self, address: str = "/app/") -> Page:
        """Start the browser where it is not running, and open the app."""
        if self._context is None:
            self._context = self._start()
        self.page.goto(self.url + address, wait_until="load")
        return self.page

    def _start(self) -> BrowserContext:
        context = self._type.launch_persistent_context(
            self._profile,
            executable_path=chromium.program(),
            args=[*chromium.ARGUMENTS, "--hide-crash-restore-bubble", f"--host-resolver-rules=MAP {NAME} {self._leads_to}"],
            viewport={"width": SMALL[0], "height": SMALL[1]},
            has_touch=True,
            is_mobile=True,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        context.set_default_timeout(WAIT_MS)
        if self._clock:
            context.add_init_script(WRONG_CLOCK.replace("OFFSET", str(int(self._clock.total_seconds() * 1000))))
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.troubles.append(f"error: {error.error}"))
        context.on("request", self._on_request)
        context.set_offline(self._offline)
        self.page = context.pages[0]
        return context

    def kill(self) -> None:
        """SIGKILL to the browser and all its processes, as when the battery falls out."""
        group = os.getpgid(self._main_process())
        assert group != os.getpgrp(), "the browser runs in our own group"
        os.killpg(group, signal.SIGKILL)
        self.shut()

    def _main_process(self) -> int:
        for process in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                words = (process / "cmdline").read_bytes().split(b"\0") if process.name.isdigit() else []
                if f"--user-data-dir={self._profile}".encode() in words and not any(w.startswith(b"--type=") for w in words):
                    return int(process.name)
        raise LookupError(f"no browser runs on {self._profile}")

    def shut(self) -> None:
        """End the browser."""
        if self._context is not None:
            with contextlib.suppress(Error):
                self._context.close()
            self._context = None

    def offline(self, off: bool = True) -> None:
        """Without a signal, or with one again."""
        self._offline = off
        if self._context is not None:
            self._context.set_offline(off)

    def devtools(self) -> CDPSession:
        """What only a developer asks of a browser."""
        assert self._context is not None
        return self._context.new_cdp_session(self.page)

    def new_tab(self) -> Page:
        """A second tab."""
        assert self._context is not None
        return self._context.new_page()

    def _on_console(self, message: ConsoleMessage) -> None:
        """That an address cannot be reached is what these stories are about; everything else is a complaint."""
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.troubles.append(f"{message.type}: {message.text}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.url + "/", "data:", "blob:", "about:")):
            self.troubles.append(f"asked {request.url}")

    # -- what a person does

    def tap(self, what: str | Locator, exact: bool = False) -> None:
        """Touch a button, a link, a row, by the words on it."""
        self._named(what, exact).tap()
        self.taps += 1

    def _named(self, what: str | Locator, exact: bool) -> Locator:
        if not isinstance(what, str):
            return what
        return (
            self.page.get_by_role("button", name=what, exact=exact)
            .or_(self.page.get_by_role("link", name=what, exact=exact))
            .first
        )

    def digits(self, text: str) -> None:
        """Touch keys of the pad that is on the screen."""
        for one in text:
            self.tap(self.page.locator(".pad button, .numpad button").filter(has_text=re.compile(f"^{re.escape(one)}$")))

    def save(self, words: str = "已保存", button: str | Locator = "保存") -> None:
        """Touch 保存, and wait until the line under the header tells that it was done."""
        self.tap(button)
        self.told(words)

    def enrol(self, code: str, pin: str = PIN, wait_ms: int = DOWNLOAD_MS) -> None:
        """Open the link with a code, choose a PIN, take the first download."""
        self.open(f"/app/#enrol={code}")
        self.begin(pin, wait_ms)

    def choose(self, pin: str = PIN) -> None:
        """Choose a PIN, and type it again."""
        for said in ("设一个锁屏密码", "再输一次密码"):
            self.says(said)
            self.digits(pin)

    def begin(self, pin: str = PIN, wait_ms: int = DOWNLOAD_MS) -> None:
        """What comes after the code."""
        self.choose(pin)
        expect(self.page.get_by_role("heading", name="可以用了")).to_be_visible(timeout=wait_ms)
        with self._syncing(wait_ms):
            self.tap("开始使用")
        self.says("今日")

    def unlock(self, pin: str = PIN, window: Page | None = None) -> None:
        """Type the PIN, here or in another window."""
        page = window or self.page
        page.bring_to_front()  # a window behind another draws once a second
        expect(page.get_by_role("heading", name="请输入锁屏密码")).to_be_visible()
        for digit in pin:
            page.locator(".pad button", has_text=digit).tap()
        expect(page.locator(".strip")).to_be_visible()

    def make_ready(self) -> None:
        """Open the app, unlock it, and wait until everything is delivered and fetched."""
        self.open()
        with self._syncing():
            self.unlock()

    def leave(self) -> None:
        """退出."""
        self.go("#/me", "我的")
        self.tap("退出", exact=True)
        self.tap(self.page.locator(".confirm").get_by_role("button", name="退出"))
        self.says("请输入锁屏密码")

    def sync(self) -> None:
        """Ask for a sync on its page, and wait for its end."""
        self.go("#/sync", "同步")
        button = self.page.get_by_role("button", name="立即同步")
        expect(button).to_be_enabled()  # whatever was under way is over
        with self._syncing():
            self.tap(button)

    @contextlib.contextmanager
    def _syncing(self, wait_ms: int = SYNC_MS) -> Iterator[None]:
        """What is done here makes the app sync: wait for the server's answer, and then for the end."""
        with self.page.expect_response("**/v1/sync", timeout=wait_ms):
            yield
        self.synced(wait_ms)

    def signal_returns(self) -> None:
        """The phone is told that there is a line again: the app syncs, or does so once more where it is syncing."""
        self.page.evaluate("dispatchEvent(new Event('online'))")

    def go(self, address: str, title: str = "") -> None:
        """To another screen, by its address, until it has read what it shows; where its title is given, until that is there."""
        self.page.evaluate(GO, address)
        come = self.page.locator("main:not([data-left]):has(> *)").filter(has_not_text=re.compile("正在(打开|计算)"))
        expect(come.first).to_be_attached()
        if title:
            self.says(title)

    def typed_is_kept(self, words: str) -> None:
        """Wait until a draft on the disk has these words, as it is written there."""
        self.ask(DRAFTED, [words, WAIT_MS])

    def ask(self, script: str, given: Any = None) -> Any:
        """What a function of (client, given) answers, in a second hand on the same store, as another tab has it."""
        return self.page.evaluate(
            f"""async ([pin, given]) => {{
              const {{ Client }} = {_client()};
              const client = await Client.open({{ pin, name: "phone", edition: document.documentElement.dataset.version }});
              try {{ return await ({script})(client, given); }} finally {{ await client.close(); }}
            }}""",
            [PIN, given],
        )
