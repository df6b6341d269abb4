"""A doctor goes by 组 and 户: finding who lives there, and what a visit to a home says of whom it met."""

import re

from playwright.sync_api import expect

from tests.browser.field import FieldPhone

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
# from now on, the fewest people that ever stood on the page
FEWEST = """() => {
  const look = () => { window.fewest = Math.min(window.fewest, document.querySelectorAll("main a.row .name").length); };
  window.fewest = Infinity;
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
}"""
MADE = "async (client) => (await client.find({ type: 'home_visit' })).find((view) => view.pending && !view.void)"


def test_only_who_was_met_counts_and_only_their_records_belong_to_the_visit(hand: FieldPhone) -> None:
    members = hand.ask(HOME)
    (first, name, home, _), (second, *_), *_ = members
    mine, other = hand.ask(VISITED, [first, second])
    hand.go(f"#/household/{home}/visit", "入户记录")
    expect(hand.page.get_by_role("group", name="见到了谁").get_by_role("button")).to_have_count(len(members))
    expect(hand.page.locator("main")).not_to_contain_text("会关联到这次入户")
    hand.tap(name, exact=True)
    expect(hand.page.locator("main")).to_contain_text("当天已写的高血压随访会关联到这次入户")
    hand.picture("household_links", large=True)
    assert hand.faults() == []
    hand.page.get_by_label("情况记录").fill("家中整洁")
    hand.save("入户记录已保存")
    made = hand.ask(MADE)
    visit, home_visit = made["sections"], made["id"]
    assert visit["visit"]["residents"] == [first]
    assert (visit["visit"]["household_times"], visit["visit"]["person_times"]) == (1, 1)
    assert visit["links"]["visits"] == [mine]
    assert other not in visit["links"]["visits"]
    for resident, follow_up, times in ((first, mine, 1), (second, other, 0)):
        hand.go(f"#/resident/{resident}")
        expect(hand.page.locator(f"a.row[href='#/record/{follow_up}']")).to_have_count(1)
        expect(hand.page.locator(f"a.row[href='#/record/{home_visit}']")).to_have_count(times)


def test_lists_and_the_search_go_by_group_and_by_household(hand: FieldPhone) -> None:
    chips = hand.page.get_by_role("group", name="村民小组")
    expect(chips.get_by_role("button")).to_have_text(["全部", "1组", "2组", "3组", "4组", "5组", "6组"])
    third = chips.get_by_role("button", name="3组")
    about = hand.page.locator("a.row .about:nth-of-type(3)")
    hand.tap(third)
    expect(third).to_have_attribute("aria-pressed", "true")
    expect(about.first).to_contain_text("3组")
    expect(about.filter(has_not_text="3组")).to_have_count(0)
    hand.picture("today_group", large=True)
    hand.go("#/residents")
    hand.says("居民")
    expect(third).to_have_attribute("aria-pressed", "true")
    expect(about.first).to_contain_text("3组")
    expect(about.filter(has_not_text="3组")).to_have_count(0)
    hand.picture("residents_group", large=True)
    assert hand.faults() == []
    search = hand.page.get_by_role("searchbox")
    search.fill("5组")
    expect(about.first).to_contain_text("5组")
    members = hand.ask(HOME)
    search.fill(members[0][3])
    expect(hand.page.locator("main a.row .name")).to_have_text([re.compile(f"^{name}") for _, name, *_ in members])


def test_the_points_of_an_elder_are_added_up_by_the_phone(hand: FieldPhone) -> None:
    resident = hand.ask(HOME)[0][0]
    hand.go(f"#/form/elder_selfcare/{resident}")
    for field, points in (("eating", 3), ("washing", 1), ("dressing", 0), ("toilet", 5)):
        hand.page.locator(f"[data-field$='scores.{field}_points']").get_by_role("button").first.tap()
        hand.digits(str(points))
        hand.page.keyboard.press("Escape")
    expect(hand.page.get_by_role("button", name="各项合计")).to_have_count(0)
    hand.page.locator("[data-field$='scores.mobility_points']").get_by_role("button").first.tap()
    hand.digits("1")
    hand.tap("各项合计10，填入")
    expect(hand.page.locator("[data-field$='result.total_points'] .box")).to_have_text("10")
    assert hand.faults() == []


def test_nobody_is_gone_from_a_list_under_the_finger_while_what_was_just_written_about_them_is_worked_out(
    hand: FieldPhone,
) -> None:
    members = hand.ask(HOME)
    hand.offline()
    hand.go(f"#/household/{members[0][2]}")
    expect(hand.page.locator("main a.row .name")).to_have_count(len(members))
    hand.page.evaluate(FEWEST)
    hand.ask(VISITED, [resident for resident, *_ in members])
    hand.strip_says(f"{len(members)}条待上传")
    assert hand.page.evaluate("window.fewest") == len(members)
