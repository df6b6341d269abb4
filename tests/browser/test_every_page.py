"""Every page of the dashboard, as people meet it: on a phone and on a PC, sorted, exported, on paper, and without a mouse.

The pages are those that the application has, with an example for each part of an address (`Township.examples`): a new page
is looked at here without anybody listing it, and a part that has no example fails.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Locator, Page
from werkzeug.routing import Rule

from server import create_app
from server.config import Config
from server.sheets import SHEET_NAME_LONGEST, UNFIT_IN_SHEET_NAME, percent
from tests.browser.township import EVERYBODY, Township
from tests.browser.window import HEIGHTS, Window

Opens = Callable[..., Window]
NOT_SIGNED_IN = {"dashboard.login", "dashboard.password"}
READERS: dict[str, str] = {}  # who opened a page the last time: to be asked first
PAPER_WIDTH = 718  # of A4 between margins of 10 mm, at 96 dots an inch
SHRINKS = 2  # times, at most, Chromium makes what is wider than the paper smaller; the rest is cut off
MOST_STOPS = 400  # of the Tab key on one page
# every table: its title without the number of rows, its headings, and its cells without the lines below the values
TABLES = """() => [...document.querySelectorAll('.table')].map((section) => {
  const first = (e) => e.innerText.split('\\n')[0].trim().split(/\\s+/).join(' ');
  return {title: section.querySelector('h2').firstChild.textContent.trim(),
    heads: [...section.querySelectorAll('thead th')].map((e) => first(e).replace(/ ?[▲▼]$/, '')),
    rows: [...section.querySelectorAll('tbody tr')].map((row) => [...row.children].map(first))};
})"""
# where the Tab key should stop: of the radio buttons of one name at one only, in what is folded up at nothing
REACHABLE = """() => {
  const groups = new Set(), wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  return [...document.querySelectorAll(wanted)].filter((e) => {
    if (e.disabled || e.tabIndex < 0 || !e.getClientRects().length || !e.checkVisibility()) return false;
    if (e.type !== 'radio') return true;
    const again = groups.has(e.name); groups.add(e.name); return !again;
  }).length;
}"""


@cache
def pages() -> list[Rule]:
    """Every page that can be opened, by address."""
    with tempfile.TemporaryDirectory() as folder:
        rules = create_app(Config.from_environment({"CUNYI_DATA_DIR": folder})).url_map.iter_rules()
        found = [one for one in rules if one.rule.startswith("/dashboard") and "GET" in (one.methods or ())]
    return sorted((one for one in found if not one.endpoint.endswith("static")), key=lambda one: one.rule)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "rule" in metafunc.fixturenames:
        metafunc.parametrize("rule", pages(), ids=[one.endpoint.partition(".")[2] for one in pages()])


def opened(window: Opens, township: Township, rule: Rule, width: int) -> list[tuple[str, Window]]:
    """Windows on each example of a page, of the first person who may see it."""
    if rule.endpoint in NOT_SIGNED_IN:
        one = window(None, width)
        assert one.open(rule.rule).status == 200
        return [(rule.rule, one)]
    found = []
    for address in township.addresses(rule):
        answers = {}
        for person in sorted(EVERYBODY, key=lambda one: one != READERS.get(rule.endpoint)):
            one = window(person, width)
            answers[person] = one.open(address).status
            if answers[person] == 200:
                READERS[rule.endpoint] = person
                found.append((address, one))
                break
            one.close()
        else:
            pytest.fail(f"nobody can open {address}: {answers}")
    return found


@pytest.mark.parametrize("width", HEIGHTS)
def test_everything_on_it_can_be_seen_and_read_by_everybody(window: Opens, township: Township, rule: Rule, width: int) -> None:
    for number, (address, one) in enumerate(opened(window, township, rule, width), 1):
        one.screenshot(f"{rule.endpoint.partition('.')[2]}-{number}")
        assert one.faults() == [], address
        assert one.page.title().strip(" ·"), f"{address} has no title"
        assert one.page.locator("h1").count() == 1, f"{address} has not one heading"


def test_in_english_its_menu_buttons_and_columns_are_english(window: Opens, township: Township, rule: Rule) -> None:
    for address, one in opened(window, township, rule, 1280)[:1]:
        one.open(f"{address}{'&' if '?' in address else '?'}lang=en")
        assert one.page.locator("html").get_attribute("lang") == "en"
        said = one.page.locator("header nav a, main button, thead th a, .takeaway a").all_inner_texts()
        words = [re.sub("|".join(map(re.escape, township.names)), "", text) for text in said]
        assert [text for text in words if re.search("[\u4e00-\u9fff]", text)] == [], address
        assert one.faults() == [], address


def test_every_column_sorts_and_the_excel_file_says_what_the_page_says(window: Opens, township: Township, rule: Rule) -> None:
    for address, one in opened(window, township, rule, 1280):
        one.open(f"{address}{'&' if '?' in address else '?'}whole=yes")
        names = [table.get_attribute("id") for table in one.page.locator(".table:has(table)").all()]
        assert one.page.locator("table thead a[hx-get]").count() == 0 or names, f"{address} has tables that are not looked at"
        for name in names:
            sorts_by_every_column(one.page, str(name), address)
        take_away = one.page.locator("a[download]")
        if take_away.count():
            same_as_on_the_page(one, one.workbook(take_away.first), address)


def sorts_by_every_column(page: Page, name: str, address: str) -> None:
    """A click on a heading puts the column in order, a second one the other way round."""
    for x in range(page.locator(f"#{name} thead th").count()):
        for _ in range(2):
            head = page.locator(f"#{name} thead th").nth(x)
            before = head.get_attribute("aria-sort")
            head.locator("a").click()
            changed = f"#{name} thead th:nth-child({x + 1})[aria-sort]:not([aria-sort='{before}'])"
            page.wait_for_selector(changed)
            way = page.locator(changed).get_attribute("aria-sort")
            numbers = [n for text in column(page.locator(f"#{name}"), x) if (n := number(text)) is not None]
            if "text" not in (head.get_attribute("class") or "") and "hint" not in address:
                assert numbers == sorted(numbers, reverse=way == "descending"), f"{address}: {name}, column {x + 1}"


def column(table: Locator, x: int) -> list[str]:
    """The texts of a column, without the lines below the values."""
    return [text.split("\n")[0].strip() for text in table.locator(f"tbody tr > *:nth-child({x + 1})").all_inner_texts()]


def number(text: str) -> float | None:
    """The number of a cell, None where it holds none."""
    found = re.fullmatch(r"(-?[\d.]+)[%‰]?", text)
    return float(found[1]) if found else None


def same_as_on_the_page(one: Window, book: Any, address: str) -> None:
    """Sheet by sheet, row by row, cell by cell."""
    tables = one.page.evaluate(TABLES)
    assert tables, f"{address} can be exported and shows no table"
    for table in tables:
        sheet = book[table["title"].translate(UNFIT_IN_SHEET_NAME)[:SHEET_NAME_LONGEST]]
        kept = [x for x, cell in enumerate(sheet[1]) if not str(cell.value).endswith(("·附注", ": note"))]
        if table["heads"]:
            assert [sheet[1][x].value for x in kept] == table["heads"], address
        rows = [[bare(shown(row[x])) for x in kept] for row in sheet.iter_rows(min_row=2)]
        assert rows == [[bare(text) for text in row] for row in table["rows"]], address


def shown(cell: Any) -> str:
    """A cell of a sheet as a page shows it."""
    if cell.value is None:
        return "—"
    if isinstance(cell.value, int | float):
        places = len(cell.number_format.partition(".")[2]) - 1  # of a percentage: `0.0%`
        return percent(cell.value, places) if "%" in cell.number_format else f"{cell.value:g}"
    return " ".join(str(cell.value).split())


def bare(text: str) -> str:
    """A text of a page; a number without what its unit adds to it, 9.0 as 9."""
    return f"{float(text):g}" if re.fullmatch(r"-?\d+\.\d+", text) else text


def test_on_paper_there_is_what_is_on_the_page_and_nothing_to_click(window: Opens, township: Township, rule: Rule) -> None:
    for number, (address, one) in enumerate(opened(window, township, rule, 1280)[:1], 1):
        one.page.emulate_media(media="print")
        one.page.set_viewport_size({"width": PAPER_WIDTH, "height": 1000})
        one.screenshot(f"{rule.endpoint.partition('.')[2]}-{number}.print")
        if rule.endpoint not in NOT_SIGNED_IN:
            assert [e for e in one.page.locator("header.top, form, button, input").all() if e.is_visible()] == [], address
        assert one.page.locator("h1").is_visible()
        wide: int = one.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= SHRINKS * PAPER_WIDTH, f"{address} is {wide} wide: the printer cuts it off"
        assert [fault for fault in one.faults(axe=False) if "cut off" in fault] == [], address


def test_with_the_keyboard_everything_can_be_reached_and_is_seen_to_be(window: Opens, township: Township, rule: Rule) -> None:
    for address, one in opened(window, township, rule, 1280)[:1]:
        while one.focus():  # a page may begin in its first field: back to where it begins
            one.page.keyboard.press("Shift+Tab")
        one.page.keyboard.press("Tab")
        first = one.focus()
        assert first, address
        assert (first["href"], first["seen"]) == ("#page", True), f"{address}: the first is the link past the menu"
        reachable: int = one.page.evaluate(REACHABLE)
        stops = [first]
        while len(stops) < MOST_STOPS:
            one.page.keyboard.press("Tab")
            if (stop := one.focus()) is None or stop["position"] == first["position"]:
                break
            assert stop["ring"], f"{address}: the focus on {stop} cannot be seen"
            stops.append(stop)
        assert len(stops) >= min(MOST_STOPS, reachable), f"{address}: {len(stops)} of {reachable} were reached"
