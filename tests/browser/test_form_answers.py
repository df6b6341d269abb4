"""What a visit says is what somebody answered: nothing by itself, what was so last time only when it is confirmed, and the class
and the next day from what stands there at the touch of 保存."""

import datetime as dt
from typing import Any

from playwright.sync_api import expect

from tests.browser.field import FieldPhone, whole
from tests.browser.screen import LARGE, SMALL
from tests.browser.test_app_forms import WAITING, WITH, box

# what was so at the last visit of somebody at which they were seen: the habits, and the medicines by their sections
BEFORE = """async (client, [type, subject]) => {
  const views = (await client.find({ type, subject })).filter((one) => !one.void && one.sections.vitals);
  const { sections } = views.sort((a, b) => (a.sections.visit.visited_on < b.sections.visit.visited_on ? 1 : -1))[0];
  return [sections.lifestyle, Object.fromEntries(Object.entries(sections).filter(([name]) => name.startsWith("medication/")))];
}"""
# what a finger cannot do, and a phone that is slow does: the touches come before anything is drawn again
AT_ONCE = """(keys) => {
  const pad = document.querySelector(".numpad");
  for (const key of keys) [...pad.querySelectorAll("button")].find((one) => one.textContent.trim() === key).click();
  pad.querySelector(".save").click();
}"""
# how many lines the words on a part of the screen take
LINES = """(selector) => {
  const walk = document.createTreeWalker(document.querySelector(selector), NodeFilter.SHOW_TEXT), range = document.createRange();
  let lines = 0;
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    range.selectNodeContents(node);
    lines += range.getClientRects().length;
  }
  return lines;
}"""


def begun(hand: FieldPhone, *diseases: str) -> tuple[str, str]:
    """A form of somebody who has these diseases and no other, and who that is: id and name."""
    resident, name, _ = hand.ask(WITH, list(diseases))
    hand.go(f"#/form/{'+'.join(f'{one}_visit' for one in diseases)}/{resident}")
    hand.says("两病随访" if len(diseases) > 1 else "高血压随访")
    return resident, name


def only(hand: FieldPhone, resident: str) -> dict[str, Any]:
    """The sections of the one visit to them that waits on the phone."""
    [visit] = hand.ask(WAITING, resident)
    found: dict[str, Any] = visit["sections"]
    return found


def test_a_visit_at_which_only_the_pressure_was_taken_says_no_more_than_that(hand: FieldPhone) -> None:
    resident, name = begun(hand, "hypertension")
    hand.digits("13682")
    expect(hand.page.locator(".line")).to_contain_text("控制满意")
    taken = hand.page.locator("button.fold", has_text="用药")
    expect(taken).to_contain_text("还没有确认。上次：")
    hand.save(f"{name} 已保存。还缺：")
    expect(hand.page.locator(".told")).to_contain_text("生活方式指导、服药情况")
    kept = only(hand, resident)
    assert set(kept) == {"visit", "vitals", "assessment", "next_visit"}, "no reaction, no habit, no medicine"
    assert kept["vitals"] == {"systolic_mmhg": 136, "diastolic_mmhg": 82}


def test_one_touch_takes_over_habits_and_medicines_and_what_is_changed_is_not_carried_over(hand: FieldPhone) -> None:
    resident, name = begun(hand, "hypertension")
    habits, medicines = hand.ask(BEFORE, ["hypertension_visit", resident])
    assert medicines, "there is something to take over"
    hand.digits("13682")
    hand.tap("同上次", exact=True)
    taken = hand.page.locator("button.fold", has_text="用药")
    expect(taken).to_contain_text("同上次：")
    assert all(one["drug"] in taken.inner_text() for one in medicines.values())
    expect(taken).to_be_in_viewport(ratio=1)
    assert hand.hidden("h2.visually-hidden + .folded .fold") == [], (
        "what is taken over comes into view by itself, on a small screen too"
    )
    hand.picture("same_as_last_time", large=True)
    assert hand.faults() == []
    assert hand.fallen() == []
    hand.save(name)
    kept = only(hand, resident)
    assert kept["lifestyle"] == habits | {"carried_over": True}
    taken_over = {section: kept[section] for section in kept if section.startswith("medication/")}
    assert taken_over == {section: {**one, "carried_over": True} for section, one in medicines.items()}

    hand.tap("撤销")
    hand.says("高血压随访")
    hand.tap("有变化…", exact=True)
    drugs = hand.page.get_by_label("药物名称")
    expect(drugs).to_have_count(len(medicines))
    assert {drug.input_value() for drug in drugs.all()} == {one["drug"] for one in medicines.values()}, "open to be changed"
    hand.picture("other_than_last_time", large=True)
    assert hand.faults() == []
    smoked = hand.page.locator("[data-pad=':lifestyle.cigarettes_per_day']")
    smoked.tap()
    hand.digits("7")
    hand.save(name)
    now = only(hand, resident)["lifestyle"]
    assert now["cigarettes_per_day"] == 7
    assert "carried_over" not in now


def test_medicines_that_nobody_confirmed_can_be_filled_in_from_last_time_by_themselves(hand: FieldPhone) -> None:
    resident, name = begun(hand, "hypertension")
    _, medicines = hand.ask(BEFORE, ["hypertension_visit", resident])
    hand.digits("13682")
    hand.tap(hand.page.locator("button.fold", has_text="用药"))
    hand.tap("照上次填入")
    expect(hand.page.get_by_role("button", name="照上次填入")).to_have_count(0)
    hand.save(name)
    kept = only(hand, resident)
    assert {section for section in kept if section.startswith("medication/")} == set(medicines)
    assert "lifestyle" not in kept, "of habits nothing was said"


def test_who_presses_next_although_the_pad_has_gone_on_by_itself_types_the_lower_pressure_all_the_same(
    hand: FieldPhone,
) -> None:
    resident, name = begun(hand, "hypertension")
    hand.digits("138")
    hand.tap("下一项", exact=True)
    hand.digits("84")
    hand.save(name)
    assert only(hand, resident)["vitals"] == {"systolic_mmhg": 138, "diastolic_mmhg": 84}


def test_a_pressure_that_cannot_be_is_to_be_typed_again_and_is_kept_only_on_purpose(hand: FieldPhone) -> None:
    resident, name = begun(hand, "hypertension")
    hand.digits("300")
    hand.digits("20")
    hand.tap("保存")
    question = hand.page.locator(".confirm")
    expect(question).to_contain_text("血压 300/20，不可能是这样。存下的话，之后要更正。")
    expect(question.locator("button.main")).to_have_text("重新输入")
    hand.picture("impossible", large=True)
    assert hand.faults() == []
    hand.tap("重新输入")
    expect(question).to_have_count(0)
    hand.tap("保存")
    hand.tap("照样存下")
    hand.save(name)
    kept = only(hand, resident)
    assert (kept["vitals"]["systolic_mmhg"], kept["vitals"]["diastolic_mmhg"]) == (300, 20), "nothing that was typed is lost"


def test_a_digit_and_save_in_one_breath_are_one_visit_and_its_class_and_day_are_those_of_the_digit(hand: FieldPhone) -> None:
    resident, name = begun(hand, "hypertension")
    hand.digits("12878")
    expect(hand.page.locator(".line")).to_contain_text("按期随访")
    hand.tap(box(hand, "systolic_mmhg"))
    hand.page.evaluate(AT_ONCE, "168102")
    hand.told(name)
    kept = only(hand, resident)
    assert (kept["vitals"]["systolic_mmhg"], kept["vitals"]["diastolic_mmhg"]) == (168, 102)
    assert kept["assessment"]["class"] == kept["assessment"]["suggested_class"] == "uncontrolled"
    visited = dt.date.fromisoformat(kept["visit"]["visited_on"])
    assert kept["next_visit"]["on"] == kept["assessment"]["suggested_next_on"] == (visited + dt.timedelta(days=14)).isoformat()


def test_of_two_diseases_each_says_what_it_measured_and_danger_is_said_once_in_few_lines(hand: FieldPhone) -> None:
    begun(hand, "hypertension", "diabetes")
    line = hand.page.locator(".line")
    hand.digits("15690")
    expect(line).to_contain_text("血压：控制不满意")
    hand.digits("6.1")
    expect(line.locator("span")).to_have_count(2)
    expect(line.locator("span").nth(0)).to_contain_text("血压：控制不满意")
    expect(line.locator("span").nth(1)).to_have_text("血糖：控制满意，按期随访")
    hand.picture("both_differ", large=True)
    assert hand.faults() == []
    assert hand.fallen() == []

    fasting = hand.page.locator("[data-pad=':glucose.fasting_glucose_mmol_l']")
    fasting.tap()
    hand.digits("8.4")
    expect(line.locator("span")).to_have_count(1 if "两次" not in line.inner_text() else 2)

    for at, keys in (("systolic_mmhg", "186112"), ("heart_rate_per_min", "108")):
        hand.tap(box(hand, at))
        hand.digits(keys)
    fasting.tap()
    hand.digits("17.2")
    expect(line).to_contain_text(f"危急（{whole('收缩压≥180mmHg')}、{whole('血糖≥16.7mmol/L')}等4项）")
    assert line.inner_text().count("危急") == 1
    for size in (SMALL, LARGE):
        hand.size(size)
        assert hand.page.evaluate(LINES, ".line") <= 3
        hand.picture(f"both_urgent_{size[0]}")
        assert hand.hidden(".dock .line, .dock .main") == []
    assert hand.fallen() == []
