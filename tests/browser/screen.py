"""What there is to see on the screen of a phone, and what is wrong with how it stands there: too small, hidden, fallen apart."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from playwright.sync_api import Error, Locator, Page, expect

from tests.browser.window import CUT_OFF, kept_from_some

SMALL, LARGE = (360, 640), (390, 844)
SYNC_MS = 60_000
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
WATCH = """() => {
  const look = () => {
    const text = document.querySelector('.strip span')?.textContent;
    if (text && window.stripSaid.at(-1) !== text) window.stripSaid.push(text);
  };
  window.stripSaid = [];
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


class Screen:
    """The screen of a phone: what it says is waited for."""

    page: Page

    def __init__(self, screenshots: Path) -> None:
        self._screenshots = screenshots

    # -- what it says

    def says(self, words: str) -> None:
        """Wait until these words stand on the screen as a heading."""
        expect(self.page.get_by_role("heading", name=words).first).to_be_visible()

    def told(self, words: str = "已保存") -> None:
        """Wait for the line under the header that tells what was done."""
        expect(self.page.locator(".told")).to_contain_text(words)

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

    def synced(self, wait_ms: int = SYNC_MS) -> None:
        """Wait until everything is delivered."""
        expect(self.page.locator(".strip span")).to_have_text(re.compile("全部已上传|条需要处理$"), timeout=wait_ms)

    def row(self, name: str) -> Locator:
        """Somebody's row in a list."""
        return self.page.locator("a.row").filter(has=self.page.locator(".name").filter(has_text=re.compile(f"^{name}"))).first

    def due_for(self, disease: str, without: str) -> Locator:
        """The first in the list of those who have the one and not the other."""
        tag = self.page.locator(".tag")
        rows = self.page.locator("section a.row").filter(has=tag.filter(has_text=disease))
        return rows.filter(has_not=tag.filter(has_text=without)).filter(has_text=f"{disease}随访").first

    # -- how it stands there

    def size(self, size: tuple[int, int]) -> None:
        """Another screen."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

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
        """Which of these are not whole on the screen, or lie under something else, once the screen has come to rest."""
        expect(self.page.locator(selector).first).to_be_attached()
        with contextlib.suppress(Error):  # then it says below which
            self.page.wait_for_function(f"(selector) => !({HIDDEN})(selector).length", arg=selector)
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
