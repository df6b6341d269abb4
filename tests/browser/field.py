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
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Error, Locator, Page, Request, expect

from server.app.joining import joined
from server.app.pack import sources
from server.decisions.conflicts import Choice
from server.demo.people import LIU
from tests.browser import chromium
from tests.browser.relay import Relay
from tests.browser.township import LEADER, Township
from tests.browser.window import CUT_OFF, kept_from_some
from tests.e2e.serving import Installation

SMALL, LARGE = (360, 640), (390, 844)
PIN = "493027"
WAIT_MS, DOWNLOAD_MS = 20_000, 60_000
# every target that a finger is meant for: what is too small, and which of the main ones are
TARGETS = """() => {
  const found = [];
  for (const e of document.querySelectorAll('a[href], button, input, select, textarea, summary, [role=button], svg.sign')) {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    if (!box.width || !box.height || style.visibility === 'hidden' || e.closest('.visually-hidden')) continue;
    const main = e.matches('.pad button, .numpad button, .tabs a, a.row, button.row, .button.main, .save');
    const least = main ? 60 : 48;
    const says = `${e.tagName.toLowerCase()}.${[...e.classList].join('.')} "${(e.innerText || e.ariaLabel || e.placeholder || '').trim().slice(0, 30)}"`;
    if (box.height < least - 0.5 || box.width < Math.min(least, 48) - 0.5) found.push(`${says} is ${Math.round(box.width)}x${Math.round(box.height)}, not ${least}`);
  }
  return found;
}"""
# what stands below the lower edge of the screen, or under what is docked there
HIDDEN = """(selector) => [...document.querySelectorAll(selector)].filter((e) => {
  const box = e.getBoundingClientRect();
  if (box.top < 0 || box.bottom > innerHeight + 0.5 || box.left < 0 || box.right > innerWidth + 0.5) return true;
  const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return !(at && (e.contains(at) || at.contains(e)));
}).map((e) => e.outerHTML.slice(0, 80))"""
# words that fall apart at the end of a line: one sign alone on the last, punctuation before the first, a day on two;
# and what an empty field says, where it has no room for it
FALLEN = """() => {
  const found = [], blocks = new Set(), range = document.createRange();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const e = node.parentElement, style = getComputedStyle(e);
    if (!node.data.trim() || e.closest('.visually-hidden, svg, textarea, noscript, [hidden]') || style.visibility === 'hidden') continue;
    let block = e;
    while (getComputedStyle(block).display.startsWith('inline') && !block.matches('button, a.button, .tag')) block = block.parentElement;
    blocks.add(block);
  }
  for (const block of blocks) {
    const lines = [], inside = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    for (let node = inside.nextNode(); node; node = inside.nextNode()) {
      for (let at = 0; at < node.data.length; at++) {
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        const box = range.getClientRects()[0];
        if (!box?.width || !node.data[at].trim() || node.data[at] === '\u2060') continue;
        const line = lines.at(-1);
        if (line && box.top < line.bottom - 2 && box.left >= line.right - 2) {
          Object.assign(line, { text: line.text + node.data[at], right: box.right, bottom: Math.max(line.bottom, box.bottom) });
        } else lines.push({ text: node.data[at], bottom: box.bottom, right: box.right });
      }
    }
    const texts = lines.map((one) => one.text), says = texts.join('|');
    if (texts.length > 1 && /^[\u4e00-\u9fff][。，：；、！？）]?$/.test(texts.at(-1))) found.push(`alone on its line: ${says}`);
    if (texts.some((one) => /^[。，：；、！？）·”]/.test(one)) && texts.length > 1) found.push(`begins with punctuation: ${says}`);
    for (const [day] of texts.join('').matchAll(/[0-9]+月[0-9]+日/g)) {
      if (!texts.some((one) => one.includes(day))) found.push(`a day on two lines: ${says}`);
    }
  }
  const pen = document.createElement('canvas').getContext('2d');
  for (const field of document.querySelectorAll('input[placeholder]')) {
    const { font, paddingLeft, paddingRight } = getComputedStyle(field);
    pen.font = font;
    const room = field.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    if (pen.measureText(field.placeholder).width > room) found.push(`no room for: ${field.placeholder}`);
  }
  return found;
}"""
# a page that is left is another element than the one that comes
GO = """(hash) => {
  if (location.hash === hash) return;
  document.querySelector("main")?.setAttribute("data-left", "");
  location.hash = hash;
}"""
WATCH = """() => {
  const look = () => {
    const text = document.querySelector('.strip span')?.textContent;
    if (text && window.stripSaid.at(-1) !== text) window.stripSaid.push(text);
  };
  window.stripSaid = [];
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
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

    def copy(self, filled: Path) -> None:
        """Take the data folder of a township that was filled in."""
        shutil.copytree(filled / "var", self.folder / "var")

    def stop(self) -> int:
        """Stop it; nobody is answered any more."""
        self.line.cut()
        return super().stop()

    def copy_keys(self, filled: Path) -> None:
        """Take the keys only, for a database of its own that a backup is restored into."""
        (self.folder / "var").mkdir()
        for key in (filled / "var").glob("*.key"):
            shutil.copy(key, self.folder / "var")

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

    def code(self, person: str) -> str:
        """The code that the command prints for somebody's phone."""
        return self.cunyi("code", person).strip().splitlines()[-1]

    def held(self, kind: str, author: str | None = None) -> list[Any]:
        """The records of a kind in the first village, as the server holds them; only those that somebody wrote."""
        found = self._found(kind)
        return [one for one in found if author is None or {edit.author for edit in one.edits} == {author}]


class FieldPhone:
    """A phone. Its browser is there from `open` to `kill` or `shut`, and what is on its disk as long as the test."""

    def __init__(
        self, browser: Browser, url: str, profile: Path, screenshots: Path, clock: dt.timedelta = dt.timedelta()
    ) -> None:
        """`clock`: by how much it is wrong."""
        self._type, self.url, self._profile, self._screenshots, self._clock = (
            browser.browser_type,
            url,
            profile,
            screenshots,
            clock,
        )
        self._context: BrowserContext | None = None
        self._offline = False
        self.taps = 0
        self.troubles: list[str] = []
        self.page: Page

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
            args=[*chromium.ARGUMENTS, "--hide-crash-restore-bubble"],
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

    def size(self, size: tuple[int, int]) -> None:
        """Another screen."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

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

    def enrol(self, code: str, pin: str = PIN, wait_ms: int = DOWNLOAD_MS) -> None:
        """Open the link with a code, choose a PIN, take the first download."""
        self.open(f"/app/#enrol={code}")
        self.begin(pin, wait_ms)

    def begin(self, pin: str = PIN, wait_ms: int = DOWNLOAD_MS) -> None:
        """What comes after the code."""
        self.says("设一个锁屏密码")
        self.digits(pin)
        self.says("再输一次密码")
        self.digits(pin)
        expect(self.page.get_by_role("heading", name="可以用了")).to_be_visible(timeout=wait_ms)
        self.tap("开始使用")
        self.says("今日")
        expect(self.page.locator(".strip")).to_be_visible()

    def unlock(self, pin: str = PIN) -> None:
        """Type the PIN."""
        self.says("请输入锁屏密码")
        self.digits(pin)
        expect(self.page.locator(".strip")).to_be_visible()

    def go(self, address: str) -> None:
        """To another screen, by its address."""
        self.page.evaluate(GO, address)
        expect(self.page.locator("main:not([data-left])").first).to_be_attached()

    # -- what there is to see

    def says(self, words: str) -> None:
        """Wait until these words stand on the screen as a heading."""
        expect(self.page.get_by_role("heading", name=words).first).to_be_visible()

    def strip_says(self, words: str | re.Pattern[str]) -> None:
        """Wait until the sync strip says so."""
        expect(self.page.locator(".strip span")).to_have_text(
            words if isinstance(words, re.Pattern) else re.compile(re.escape(words))
        )

    def watch_the_strip(self) -> None:
        """From now on keep every text that the strip shows, until `strip_said` asks for them."""
        self.page.evaluate(WATCH)

    def strip_said(self) -> list[str]:
        """Every text that the strip has shown since it is watched."""
        found: list[str] = self.page.evaluate("window.stripSaid")
        return found

    def synced(self) -> None:
        """Wait until everything is delivered."""
        expect(self.page.locator(".strip span")).to_have_text(re.compile("全部已上传|条需要处理"), timeout=60_000)

    def sync(self) -> None:
        """Ask for a sync on its page, and wait for its end."""
        self.go("#/sync")
        self.says("同步")
        self.tap("立即同步")
        self.synced()

    def row(self, name: str) -> Locator:
        """Somebody's row in a list."""
        return self.page.locator("a.row").filter(has=self.page.locator(".name").filter(has_text=re.compile(f"^{name}"))).first

    def due_for(self, disease: str, without: str) -> Locator:
        """The first in the list of those who have the one and not the other."""
        tag = self.page.locator(".tag")
        rows = self.page.locator("section a.row").filter(has=tag.filter(has_text=disease))
        return rows.filter(has_not=tag.filter(has_text=without)).filter(has_text=f"{disease}随访").first

    def faults(self, *, axe: bool = True, targets: bool = True) -> list[str]:
        """What is wrong with how the page stands there: cut off, too small for a finger, kept from some people."""
        found = [one for one in self.page.evaluate(CUT_OFF) if not one.startswith("input ")]  # whose words move sideways
        if targets:
            found += self.page.evaluate(TARGETS)
        return found + (kept_from_some(self.page) if axe else [])

    def fallen(self) -> list[str]:
        """Words that fall apart at the end of a line, as nobody would write them."""
        found: list[str] = self.page.evaluate(FALLEN)
        return found

    def hidden(self, selector: str) -> list[str]:
        """Which of these are not whole on the screen, or lie under something else."""
        found: list[str] = self.page.evaluate(HIDDEN, selector)
        return found

    def picture(self, name: str, *, large: bool = False) -> None:
        """Keep a picture of the screen; `large`: of the larger phone as well."""
        self._screenshots.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self._screenshots / f"field_{name}.{SMALL[0]}.png")
        if large:
            self.size(LARGE)
            self.page.screenshot(path=self._screenshots / f"field_{name}.{LARGE[0]}.png")
            self.size(SMALL)

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
