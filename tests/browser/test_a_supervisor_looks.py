"""The county's supervisor signs in, sees the rates, opens a village's honoured rate down to one visit and its history.

And takes it away as an Excel file, whose numbers are those of the pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from server.demo.people import COUNTY, LIU, STAFF, TOWNSHIP
from server.sheets import percent
from server.store.directory import WRITERS
from tests.browser.township import PASSWORD, SUPERVISOR, Township
from tests.browser.window import Window

HONOURED = "honour_person_full"
ABOVE, BELOW = "计入分子", "只计入分母"


def fraction(page: Page, indicator: str) -> tuple[int, int]:
    """Numerator and denominator of one of the large figures."""
    figure = page.locator(f".figure:has(a[href*='/indicators/{indicator}'])").first
    said = re.search(r"(\d+) / (\d+)", figure.inner_text())
    assert said, figure.inner_text()
    return int(said[1]), int(said[2])


def test_a_supervisor_opens_a_number_down_to_one_visit_and_its_history(
    window: Callable[..., Window], township: Township
) -> None:
    one = window()
    page = one.page
    code = township.cunyi("password", SUPERVISOR).split()[-1]
    page.goto("/dashboard/password")
    for label, text in (("人员编号", SUPERVISOR), ("一次性代码", code), ("新密码", PASSWORD), ("再输入一次", PASSWORD)):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="设置密码").click()
    page.get_by_label("人员编号").fill(SUPERVISOR)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()

    page.wait_for_url(f"**/areas/{COUNTY[0]}*")
    expect(page.locator(".fresh")).to_contain_text("数据截至")
    county = fraction(page, HONOURED)
    page.locator("#t-areas").get_by_role("link", name=TOWNSHIP[1], exact=True).click()
    page.wait_for_url(f"**/areas/{TOWNSHIP[0]}*")
    assert fraction(page, HONOURED) == county, "the county has one township"
    page.locator(f"#t-areas a[href*='/areas/{LIU}']").first.click()
    page.wait_for_url(f"**/areas/{LIU}*")
    village = fraction(page, HONOURED)
    assert 0 < village[1] < county[1]

    page.locator(f".figure a[href*='/indicators/{HONOURED}']").first.click()
    page.wait_for_url(f"**/indicators/{HONOURED}*")
    page.locator("#t-persons").get_by_role("link", name=re.compile("显示全部")).click()
    page.wait_for_url("**whole=yes*")
    sides = [text.strip() for text in page.locator("#t-persons tbody tr > :nth-child(2)").all_inner_texts()]
    assert (sides.count(ABOVE), sides.count(ABOVE) + sides.count(BELOW)) == village
    expect(page.locator("main")).to_contain_text(percent(village[0] / village[1]))
    agrees_with_the_file(one, sides)

    row = page.locator("#t-persons tbody tr", has_text=ABOVE).first
    name = row.locator("th").inner_text().split("\n")[0]
    row.locator("a[href*='/records/']").first.click()
    page.wait_for_url("**/records/*")
    trail = page.locator("nav.crumbs").inner_text()
    assert [part for part in (COUNTY[1], TOWNSHIP[1], "柳树村", name) if part not in trail] == []
    page.locator("nav.crumbs a", has_text=name).click()
    page.locator("#t-records a", has_text=re.compile("随访|体检|入户")).first.click()
    page.wait_for_url("**/records/*")
    history = page.locator("#t-history tbody").inner_text()
    assert any(who.name in history for who in STAFF if who.role in WRITERS), "it says who wrote it"
    assert one.faults() == []


def agrees_with_the_file(one: Window, sides: list[str]) -> None:
    """The Excel file has the same persons on the same sides, and the definition on a sheet of its own."""
    book = one.workbook(one.page.locator("a[download]").first)
    persons = book["人员名单"]
    assert [row[1].value for row in persons.iter_rows(min_row=2)] == sides
    words = " ".join(str(cell.value) for row in book["口径与说明"].iter_rows() for cell in row)
    assert "履约率" in words
    assert "分子" in words
