"""A browser window that somebody looks into: what the page loads, complains of, cuts off, or keeps from some people."""

from __future__ import annotations

import io
import json
from functools import cached_property
from pathlib import Path
from typing import Any

import openpyxl
from axe_playwright_python.sync_playwright import Axe
from openpyxl import Workbook
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Response

from tests.browser.township import Township

HEIGHTS = {390: 844, 1280: 900}
# what leaves the window sideways, or is cut off by its own box; a box that can be scrolled shows it all
CUT_OFF = """() => {
  const found = [], wide = document.documentElement.clientWidth;
  const scrolls = (e) => { for (let p = e; p; p = p.parentElement)
    if (['auto', 'scroll'].includes(getComputedStyle(p).overflowX) && p !== document.documentElement) return true; return false; };
  if (document.documentElement.scrollWidth > wide) found.push(`the page is ${document.documentElement.scrollWidth} wide`);
  for (const e of document.body.querySelectorAll('*')) {
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    if (!box.width || !box.height || style.visibility === 'hidden' || e.closest('.visually-hidden, option, svg')) continue;
    const words = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!words && !['IMG', 'INPUT', 'SELECT', 'BUTTON', 'TEXTAREA'].includes(e.tagName)) continue;
    const says = `${e.tagName.toLowerCase()} "${(e.innerText || e.value || '').trim().slice(0, 40)}"`;
    if ((box.right > wide + 1 || box.left < -1) && !scrolls(e) && style.position !== 'absolute') found.push(`${says} leaves the window`);
    if (['hidden', 'clip'].includes(style.overflowX) && e.scrollWidth > e.clientWidth + 1) found.push(`${says} is cut off`);
    if (['hidden', 'clip'].includes(style.overflowY) && e.scrollHeight > e.clientHeight + 2) found.push(`${says} is cut off below`);
  }
  return found;
}"""
FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const style = getComputedStyle(e), box = e.getBoundingClientRect();
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  return {tag: e.tagName, text: (e.innerText || e.value || e.name || '').trim().slice(0, 60), href: e.getAttribute('href'),
          ring: ring || style.boxShadow !== 'none', seen: box.width > 1 && box.height > 1,
          position: [Math.round(box.top + scrollY), Math.round(box.left)]};
}"""


def kept_from_some(page: Page) -> list[str]:
    """What axe finds that a page keeps from people who cannot see or point well."""
    rules = Axe().run(page).response["violations"]
    return [
        f"axe {rule['id']} ({rule['impact']}): {json.dumps([node['html'][:160] for node in rule['nodes'][:3]], ensure_ascii=False)}"
        for rule in rules
    ]


class Window:
    """A window of one person, signed in, or of nobody."""

    def __init__(self, browser: Browser, township: Township, person: str | None, width: int, screenshots: Path) -> None:
        self.township, self.width, self._screenshots = township, width, screenshots
        self.troubles: list[str] = []
        self._context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS[width]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            base_url=township.url,
        )
        self._context.set_default_timeout(15_000)
        if person:
            self._context.add_cookies(township.cookies_of(person))

    @cached_property
    def page(self) -> Page:
        """The page in it, watched from its first byte."""
        page = self._context.new_page()
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.on("request", self._on_request)
        return page

    def close(self) -> None:
        """Shut it."""
        self._context.close()

    def _on_console(self, message: ConsoleMessage) -> None:
        """A page complains of nothing; that an address answers 4xx, which stands there too, is for the test to judge."""
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.troubles.append(f"{self.page.url}: {message.text}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.township.url, "data:", "blob:", "about:")):
            self.troubles.append(f"{self.page.url} asked {request.url}")

    # -- going about

    def open(self, address: str) -> Response:
        """Go to an address."""
        response = self.page.goto(address)
        assert response is not None
        return response

    def workbook(self, button: Locator) -> Workbook:
        """The Excel file that a click on it sends."""
        with self.page.expect_download() as sent:
            button.click()
        assert sent.value.suggested_filename.endswith(".xlsx")
        return openpyxl.load_workbook(io.BytesIO(Path(sent.value.path()).read_bytes()))

    # -- looking

    def faults(self, *, axe: bool = True) -> list[str]:
        """What is wrong with how the page stands there."""
        found: list[str] = self.page.evaluate(CUT_OFF)
        return found + (kept_from_some(self.page) if axe else [])

    def focus(self) -> dict[str, Any] | None:
        """What has the keyboard's focus; None for the page itself."""
        found: dict[str, Any] | None = self.page.evaluate(FOCUS)
        return found

    def screenshot(self, name: str) -> None:
        """Keep a picture of the whole page."""
        self._screenshots.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self._screenshots / f"{name}.{self.width}.png", full_page=True)
