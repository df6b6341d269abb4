"""A village doctor opens the app without a signal: 3 000 residents on the phone, a processor six times slower than this one.

The residents come to the phone by a real first download. Then the server is stopped, and the app is opened seven times: from
the navigation to a pad that takes the PIN, and from the last digit of the PIN to the first rows on the screen.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from server import create_app
from server.config import Config
from server.store.deployment import establish
from server.store.engine import open_engine, retried
from tests.bench.crowd import crowd, taking
from tests.bench.standings import of_the_server
from tests.browser import chromium
from tests.browser.field import PIN, FieldPhone
from tests.e2e.serving import Installation
from tests.village import ANA, settle

RESIDENTS, SLOWER, TIMES = 3000, 6, 7
TARGET_MS = 1500
DOWNLOAD_MS = 600_000
# when the pad can be touched, by the clock of the page, which begins with the navigation
SHOWN = """() => new Promise((done) => {
  const look = () => document.querySelector('.pad button')
    ? requestAnimationFrame(() => setTimeout(() => done(performance.now()))) : setTimeout(look, 5);
  look();
})"""
# from the last digit to the first rows, drawn
OPENED = """(pin) => new Promise((done) => {
  const keys = [...document.querySelectorAll('.pad button')], key = (digit) => keys.find((one) => one.innerText === digit);
  const step = (at) => {
    const last = at === pin.length - 1, began = performance.now();
    key(pin[at]).click();
    if (!last) return setTimeout(() => step(at + 1), 50);
    const look = () => document.querySelector('.list .row')
      ? requestAnimationFrame(() => setTimeout(() => done(performance.now() - began))) : setTimeout(look, 5);
    look();
  };
  step(0);
})"""


def main() -> None:
    """Fill a village, take it to a phone, stop the server, and open the app."""
    program = chromium.program()
    if program is None:
        print(chromium.MISSING)
        return
    with tempfile.TemporaryDirectory() as name, sync_playwright() as player:
        folder = Path(name)
        place = Installation(folder)
        place.cunyi("migrate")
        with taking(f"a village of {RESIDENTS} residents on the server"):
            code = _fill(place)
        place.start()
        browser = player.chromium.launch(executable_path=program, args=chromium.ARGUMENTS)
        phone = FieldPhone(browser, place.url, folder / "phone", folder)
        try:
            with taking("enrolled, first download and its lists (no slower processor)"):
                phone.enrol(code, wait_ms=DOWNLOAD_MS)
                expect(phone.page.locator(".strip span")).to_contain_text("全部已上传", timeout=DOWNLOAD_MS)
            phone.offline()
            place.stop()
            _measure(phone)
        finally:
            phone.shut()
            browser.close()
            place.stop()


def _fill(place: Installation) -> str:
    """The residents and what was written about them; a code for their doctor's phone."""
    config = Config.from_environment(place.environment)
    engine = open_engine(config.database_url, config.sealing_key)
    retried(engine, lambda c: establish(c, config.identity_key))
    retried(engine, settle)
    doors = create_app(config).extensions["cunyi"]
    assert {receipt["status"] for receipt in doors.exchange.write(of_the_server(crowd(RESIDENTS), engine))} == {"accepted"}
    doors.standings.refresh_all()
    code: str = doors.access.new_code(ANA)
    doors.engine.dispose()
    engine.dispose()
    return code


def _measure(phone: FieldPhone) -> None:
    phone.devtools().send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    found = [_once(phone.page) for _ in range(TIMES)]
    print(f"  opened offline {TIMES} times, CPU/{SLOWER}{'median':>32}{'least':>12}{'most':>12}")
    parts = {"to the pad": [pad for pad, _ in found], "from the PIN to the rows": [rows for _, rows in found]}
    for what, taken in {**parts, f"both (target {TARGET_MS} ms)": [sum(one) for one in found]}.items():
        print(f"  {what:<48}{statistics.median(taken):>9.0f} ms{min(taken):>9.0f} ms{max(taken):>9.0f} ms", flush=True)


def _once(page: Page) -> tuple[float, float]:
    page.reload(wait_until="commit")
    pad: float = page.evaluate(SHOWN)
    page.wait_for_timeout(300)  # a person lifts the thumb
    rows: float = page.evaluate(OPENED, PIN)
    return pad, rows
