"""A doctor goes by 组 and 户: finding who lives there, and what a visit to a home says of whom it met."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.field import Field, FieldPhone
from tests.browser.township import DOCTOR

Phones = Callable[..., FieldPhone]
# a home of several
HOME = """async (client) => {
  const rows = await client.rows();
  const one = rows.find((row) => row.household && rows.filter((other) => other.household === row.household).length > 2);
  return rows.filter((row) => row.household === one.household).map((row) => [row.resident, row.name, row.household, row.household_no]);
}"""
# a visit of today to each of these people
VISITED = """async (client, people) => {
  const on = new Date().toLocaleDateString("sv");
  return Promise.all(people.map((subject) => client.create("hypertension_visit", { visit: { visited_on: on, way: "home" } }, { subject })));
}"""
MADE = "async (client) => (await client.find({ type: 'home_visit' })).find((view) => view.pending && !view.void).sections"


@pytest.fixture
def doctor(field: Field, phone: Phones) -> FieldPhone:
    """A doctor's phone with everything on it."""
    one = phone()
    one.enrol(field.code(DOCTOR))
    one.synced()
    return one


def test_only_who_was_met_counts_and_only_their_records_belong_to_the_visit(doctor: FieldPhone) -> None:
    members = doctor.ask(HOME)
    (first, name, home, _), (second, *_), *_ = members
    mine, other = doctor.ask(VISITED, [first, second])
    doctor.go(f"#/household/{home}/visit")
    doctor.says("入户记录")
    expect(doctor.page.locator("main")).not_to_contain_text("会关联到这次入户")
    doctor.tap(name, exact=True)
    expect(doctor.page.locator("main")).to_contain_text("当天已写的高血压随访会关联到这次入户")
    doctor.picture("household_links", large=True)
    assert doctor.faults() == []
    doctor.page.get_by_label("情况记录").fill("家中整洁")
    doctor.tap("保存")
    expect(doctor.page.locator(".told")).to_contain_text("入户记录已保存")
    visit = doctor.ask(MADE)
    assert visit["visit"]["residents"] == [first]
    assert (visit["visit"]["household_times"], visit["visit"]["person_times"]) == (1, 1)
    assert visit["links"]["visits"] == [mine]
    assert other not in visit["links"]["visits"]


def test_lists_and_the_search_go_by_group_and_by_household(doctor: FieldPhone) -> None:
    chips = doctor.page.get_by_role("group", name="村民小组")
    expect(chips.get_by_role("button")).to_have_text(["全部", "1组", "2组", "3组", "4组", "5组", "6组"])
    doctor.tap(chips.get_by_role("button", name="3组"))
    about = doctor.page.locator("a.row .about:nth-of-type(3)")
    expect(about.first).to_contain_text("3组")
    assert all("3组" in text for text in about.all_inner_texts())
    doctor.picture("today_group", large=True)
    doctor.go("#/residents")
    expect(doctor.page.get_by_role("group", name="村民小组").get_by_role("button", name="3组")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert all("3组" in text for text in about.all_inner_texts())
    doctor.picture("residents_group", large=True)
    assert doctor.faults() == []
    search = doctor.page.get_by_role("searchbox")
    search.fill("5组")
    expect(about.first).to_contain_text("5组")
    members = doctor.ask(HOME)
    search.fill(members[0][3])
    expect(doctor.page.locator("main a.row .name")).to_have_text([re.compile(f"^{name}") for _, name, *_ in members])


def test_the_points_of_an_elder_are_added_up_by_the_phone(doctor: FieldPhone) -> None:
    resident = doctor.ask(HOME)[0][0]
    doctor.go(f"#/form/elder_selfcare/{resident}")
    for field, points in (("eating", 3), ("washing", 1), ("dressing", 0), ("toilet", 5)):
        doctor.page.locator(f"[data-field$='scores.{field}_points']").get_by_role("button").first.tap()
        doctor.digits(str(points))
        doctor.page.keyboard.press("Escape")
    expect(doctor.page.get_by_role("button", name="各项合计")).to_have_count(0)
    doctor.page.locator("[data-field$='scores.mobility_points']").get_by_role("button").first.tap()
    doctor.digits("1")
    doctor.tap("各项合计10，填入")
    expect(doctor.page.locator("[data-field$='result.total_points'] .box")).to_have_text("10")
    assert doctor.faults() == []
