"""Forms on a phone: how many touches a visit takes, what is kept while it is typed, and what two records say of one trip."""

import datetime as dt
import re
from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.field import Field, FieldPhone
from tests.browser.screen import LARGE
from tests.browser.township import COLLEAGUE
from tests.e2e.line import Line
from tests.server.phone import Phone

# the first resident who has these diseases under management and no other: the resident's id and name
WITH = """async (client, wanted) => {
  const asks = ["hypertension", "diabetes"];
  const fits = (row) => asks.every((one) => row.groups.includes(one) === wanted.includes(one));
  const found = (await client.rows()).find((row) => fits(row) && row.due[0]?.what === `${wanted[0]}_visit` && !row.disputed)
    ?? (await client.rows()).find((row) => fits(row) && !row.disputed);
  return [found.resident, found.name, found.household];
}"""
WAITING = "async (client, subject) => (await client.find({ subject })).filter((view) => view.pending && !view.void)"


def another(field: Field) -> Phone:
    """The phone of the other doctor of the village, which runs on Python."""
    one = Phone(Line(field.url)).enrol(field.code(COLLEAGUE))
    one.now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    while one.sync()["more"]:
        pass
    return one


def test_a_routine_visit_takes_ten_touches(hand: FieldPhone) -> None:
    resident, name, _ = hand.ask(WITH, ["hypertension"])
    hand.taps = 0
    hand.tap(hand.row(name))
    expect(hand.page.locator(".numpad")).to_be_visible()
    assert hand.hidden(".big .box, .numpad button") == [], "pressure and pad are whole on a small screen, without scrolling"
    hand.picture("visit_1_pressure")
    hand.digits("15294")
    expect(hand.page.locator(".numpad")).to_have_count(0)
    expect(hand.page.locator(".line")).to_contain_text("控制不满意")
    expect(hand.page.locator(".lack")).to_contain_text("还缺心率、体重等5项")
    expect(hand.page.get_by_role("button", name="无症状")).to_be_focused()
    assert hand.hidden("[data-field=symptoms] .chip, [data-field=lifestyle] .chip") == [], (
        "the choices came into view by themselves"
    )
    hand.tap("无症状")
    hand.tap("规律", exact=True)
    hand.tap("同上次", exact=True)
    hand.picture("visit_2_choices", large=True)
    hand.save(f"{name} 已保存")
    assert hand.taps == 10
    [visit] = hand.ask(WAITING, resident)
    assert visit["sections"]["vitals"] == {"systolic_mmhg": 152, "diastolic_mmhg": 94}
    assert visit["sections"]["symptoms"] == {"symptoms": ["none"]}
    assert visit["sections"]["lifestyle"]["carried_over"] is True
    assert visit["sections"]["assessment"]["class"] == visit["sections"]["assessment"]["suggested_class"] == "uncontrolled"
    assert {(one["section"], one["field"]) for one in visit["issues"]} == {
        ("vitals", "heart_rate_per_min"),
        ("vitals", "weight_kg"),
        ("adherence", "adverse_reaction"),
    }
    hand.tap("撤销")
    hand.says("高血压随访")
    expect(hand.page.locator(".big .box").first).to_have_text("152")
    assert hand.ask(WAITING, resident) == [], "what was taken back counts for nothing, and stands in the form again"


def box(one: FieldPhone, field: str) -> Locator:
    """The box of a number in the fast form."""
    return one.page.locator(f"[data-pad=':vitals.{field}']")


def test_what_a_visit_lacks_is_said_before_it_is_saved_and_one_touch_leads_there(hand: FieldPhone) -> None:
    resident, name, _ = hand.ask(WITH, ["hypertension"])
    hand.go(f"#/form/hypertension_visit/{resident}", "高血压随访")
    hand.digits("13884")
    for choice in ("无症状", "规律", "同上次", "无"):
        hand.tap(choice, exact=True)
    lack = hand.page.locator(".lack")
    expect(lack).to_contain_text("还缺心率、体重，不补就算填写不全")
    assert hand.hidden(".lack .button, .dock .main") == []
    hand.picture("visit_4_lacks", large=True)
    assert hand.faults() == []
    hand.taps = 0
    hand.tap("补填")
    expect(box(hand, "heart_rate_per_min")).to_have_attribute("aria-pressed", "true")
    assert hand.hidden("[data-pad=':vitals.heart_rate_per_min'], [data-pad=':vitals.weight_kg'], .numpad button") == []
    hand.picture("visit_5_filled_in")
    hand.digits("7262.5")
    expect(lack).to_have_count(0)
    hand.save(f"{name} 已保存")
    assert hand.taps == 8
    [visit] = hand.ask(WAITING, resident)
    assert visit["issues"] == [], "it is filled in as the national form asks"
    assert (visit["sections"]["vitals"]["heart_rate_per_min"], visit["sections"]["vitals"]["weight_kg"]) == (72, "62.5")


# the last visit of somebody, as it was saved, and what of it waits
LAST = """async (client, subject) => {
  const views = (await client.find({ type: "hypertension_visit", subject })).filter((one) => !one.void && one.sections.vitals);
  return views.sort((a, b) => (a.sections.visit.visited_on < b.sections.visit.visited_on ? 1 : -1))[0];
}"""


def rewritten(one: FieldPhone, record: str) -> list[dict[str, Any]]:
    """What of a record waits on the phone."""
    return [edit["sections"] for edit in one.ask("(client) => client.outbox()") if edit["record"] == record]


def test_a_visit_that_was_saved_opens_in_the_same_form_and_only_what_was_changed_is_written(
    hand: FieldPhone, field: Field
) -> None:
    resident, name, _ = hand.ask(WITH, ["hypertension"])
    visit = hand.ask(LAST, resident)
    vitals = {"systolic_mmhg": 128, "diastolic_mmhg": 78, "heart_rate_per_min": 70, "weight_kg": "61.0", "arm": "left"}
    calm = {
        "class": "controlled",
        "next_measure": "routine",
        "suggested_class": "controlled",
        "suggested_next_measure": "routine",
    }
    kept = {"vitals": vitals, "assessment": calm, "adherence": {"medication": "regular", "adverse_reaction": "no"}}
    colleague = another(field)
    colleague.save(kept | {"symptoms": {"symptoms": ["other"], "other": "耳痒"}, "complication": None}, visit["id"])
    colleague.sync()
    hand.sync()
    hand.go(f"#/record/{visit['id']}")
    hand.tap("修改", exact=True)
    hand.says("修改高血压随访")
    expect(box(hand, "systolic_mmhg")).to_have_text("128")
    expect(hand.page.get_by_label("其他症状")).to_have_value("耳痒")
    hand.picture("visit_again", large=True)
    assert hand.faults() == []
    hand.tap("保存")
    expect(hand.page.get_by_role("heading", name="谁写的")).to_be_visible()
    assert rewritten(hand, visit["id"]) == [], "nothing was changed, nothing is written"

    hand.go(f"#/form/hypertension_visit/{resident}/{visit['id']}")
    hand.tap(box(hand, "systolic_mmhg"))
    hand.digits("158")
    hand.save(name)
    [news] = rewritten(hand, visit["id"])
    assert news["vitals"] == vitals | {"systolic_mmhg": 158}, "what a newer phone wrote beside it stays"
    assert news["assessment"]["class"] == news["assessment"]["suggested_class"] == "uncontrolled"
    assert set(news) <= {"vitals", "assessment", "next_visit"}
    hand.tap("撤销")
    hand.says("修改高血压随访")
    expect(box(hand, "systolic_mmhg")).to_have_text("158")


def test_a_form_that_was_left_is_found_again_on_the_first_page(hand: FieldPhone) -> None:
    resident, name, household = hand.ask(WITH, ["hypertension"])
    unfinished = hand.page.locator("a.row", has_text="没写完的表，接着写")
    expect(hand.page.locator(".row .name").first).to_be_visible()
    expect(unfinished).to_have_count(0)
    hand.go(f"#/form/hypertension_visit/{resident}", "高血压随访")
    hand.digits("147")
    hand.go("#/today")
    expect(unfinished).to_contain_text("1份没写完的表，接着写")
    expect(unfinished).to_contain_text(name)
    hand.picture("unfinished", large=True)
    assert hand.faults() == []
    hand.tap(unfinished)
    hand.says("高血压随访")
    expect(box(hand, "systolic_mmhg")).to_have_text("147")
    hand.go(f"#/household/{household}/visit")
    hand.page.get_by_label("情况记录").fill("家中整洁")
    hand.go("#/today")
    expect(unfinished).to_contain_text("2份")
    hand.tap(unfinished)
    hand.says("没写完的表")
    expect(hand.page.locator("main a.row")).to_have_count(2)
    assert hand.faults() == []
    hand.tap(hand.page.locator("main a.row", has_text="高血压随访"))
    hand.tap("清空重填")
    expect(hand.page.locator(".restored")).to_have_count(0)
    hand.go("#/today")
    expect(unfinished).to_contain_text("1份")


def test_one_form_for_both_diseases_is_two_records_with_one_pressure(hand: FieldPhone, field: Field) -> None:
    resident, name, _ = hand.ask(WITH, ["hypertension", "diabetes"])
    hand.go(f"#/form/hypertension_visit+diabetes_visit/{resident}", "两病随访")
    hand.digits("13882")
    hand.digits("7.2")
    hand.tap("有症状")
    hand.tap("多饮")
    hand.tap("头痛头晕")
    hand.tap("规律", exact=True)
    hand.tap("同上次", exact=True)
    hand.tap("触及正常")
    hand.tap("偶尔")
    hand.tap(hand.page.locator("[data-field='\\:adherence\\.adverse_reaction'] .chip").first)
    hand.picture("both", large=True)
    hand.tap(hand.page.locator("[data-pad='\\:vitals\\.heart_rate_per_min']"))
    hand.digits("72")
    hand.tap(hand.page.locator("[data-pad='\\:vitals\\.weight_kg']"))
    hand.digits("64.5")
    assert hand.faults() == []
    hand.save(f"{name} 已保存")
    made = {view["type"]: view for view in hand.ask(WAITING, resident)}
    assert set(made) == {"hypertension_visit", "diabetes_visit"}
    for view in made.values():
        vitals = view["sections"]["vitals"]
        assert (vitals["systolic_mmhg"], vitals["diastolic_mmhg"], vitals["weight_kg"]) == (138, 82, "64.5")
        assert view["issues"] == [], "nothing is missing in either record"
    pressure, sugar = made["hypertension_visit"]["sections"], made["diabetes_visit"]["sections"]
    assert set(pressure["symptoms"]["symptoms"]) == {"headache_dizziness", "other"}
    assert pressure["symptoms"]["other"] == "多饮"
    assert set(sugar["symptoms"]["symptoms"]) == {"polydipsia", "other"}
    assert sugar["glucose"]["fasting_glucose_mmol_l"] == "7.2"
    assert "glucose" not in pressure
    assert pressure["visit"] == sugar["visit"]
    hand.sync()
    held = {one.id for kind in made for one in field.held(kind)}
    assert {view["id"] for view in made.values()} <= held


def test_what_was_typed_when_the_battery_fell_out_stands_there_again(hand: FieldPhone) -> None:
    resident, _, _ = hand.ask(WITH, ["hypertension"])
    hand.go(f"#/form/hypertension_visit/{resident}", "高血压随访")
    hand.digits("147")
    hand.digits("9")
    hand.typed_is_kept('"diastolic_mmhg":9')
    hand.kill()
    hand.open(f"/app/#/form/hypertension_visit/{resident}")
    hand.unlock()
    expect(hand.page.locator(".restored")).to_be_visible()
    expect(hand.page.locator(".big .box")).to_have_text(["147", "9"])
    assert hand.ask(WAITING, resident) == []
    hand.tap("清空重填")
    expect(hand.page.locator(".big .box").first).to_contain_text("点这里输入")


def test_an_alarming_pressure_is_asked_about_on_the_page_and_kept(hand: FieldPhone) -> None:
    resident, name, _ = hand.ask(WITH, ["hypertension"])
    hand.go(f"#/form/hypertension_visit/{resident}", "高血压随访")
    hand.digits("260150")
    hand.tap("保存")
    expect(hand.page.locator(".confirm")).to_contain_text("血压 260/150，是否量准？")
    assert hand.hidden(".confirm, .confirm .button") == [], "the question is not below the fold"
    hand.picture("visit_3_alarming")
    assert hand.faults() == []
    hand.tap("重新输入")
    hand.digits("260150")
    hand.tap("保存")
    hand.tap("量准了")
    hand.save(name)
    [visit] = hand.ask(WAITING, resident)
    assert visit["sections"]["vitals"]["systolic_mmhg"] == 260
    assert {one["code"] for one in visit["issues"]} >= {"unusual"}
    assert visit["sections"]["assessment"]["suggested_next_measure"] == "urgent_refer"


def test_who_was_not_reached_is_not_asked_the_rest(hand: FieldPhone) -> None:
    resident, name, _ = hand.ask(WITH, ["hypertension"])
    hand.go(f"#/form/hypertension_visit/{resident}", "高血压随访")
    hand.tap("电话", exact=True)
    hand.tap("没有见到本人")
    hand.tap("外出打工")
    expect(hand.page.locator(".numbers")).to_have_count(0)
    hand.save(f"{name} 已保存")
    [visit] = hand.ask(WAITING, resident)
    assert set(visit["sections"]) == {"visit"}
    assert (visit["sections"]["visit"]["way"], visit["sections"]["visit"]["lost_reason"]) == ("phone", "away_for_work")
    assert visit["issues"] == []
    hand.go(f"#/form/hypertension_visit/{resident}")
    expect(hand.page.get_by_role("button", name="电话", exact=True)).to_have_attribute("aria-pressed", "true")


def test_two_people_who_changed_one_record_are_told_so_in_words(hand: FieldPhone, field: Field) -> None:
    resident, name, _ = hand.ask(WITH, ["hypertension"])
    visit = next(one for one in field.held("hypertension_visit") if one.subject == resident)
    colleague = another(field)
    hand.go(f"#/form/hypertension_visit/{resident}/{visit.id}", "修改高血压随访")
    hand.tap(box(hand, "systolic_mmhg"))
    hand.digits("151")
    hand.offline()
    colleague.save(
        {"vitals": {"systolic_mmhg": 163, "diastolic_mmhg": 95, "heart_rate_per_min": 70, "weight_kg": "61.0"}}, visit.id
    )
    colleague.sync()
    hand.offline(False)
    hand.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(hand.page.locator(".notice")).to_contain_text("您打开之后", timeout=30_000)
    expect(hand.page.locator(".notice")).to_contain_text("163")
    hand.picture("meanwhile")
    assert hand.faults() == []
    hand.save(name)
    hand.sync()
    hand.go("#/attention", "需要处理")
    card = hand.page.locator(".card").filter(has_text="也改了这条").filter(has_text=name).first
    expect(card).to_contain_text(re.compile(r"\d\u2060月[\u2060\d]+日也改了这条。您的记录已保留，等组长核对。"))
    hand.picture("attention", large=True)
    hand.tap(card.get_by_role("link", name="看看有什么不同"))
    hand.says("两人都改过")
    expect(hand.page.locator(".beside").first).to_contain_text("151")
    expect(hand.page.locator(".beside").first).to_contain_text("163")
    hand.picture("conflict", large=True)
    hand.size(LARGE)
    assert hand.faults() == []


def test_two_who_wrote_the_same_but_for_what_the_phone_does_not_know_are_told_so(hand: FieldPhone, field: Field) -> None:
    resident, _, _ = hand.ask(WITH, ["hypertension", "diabetes"])
    visit = hand.ask(LAST, resident)
    hand.offline()
    colleague, seen = another(field), visit["sections"]["vitals"]
    colleague.save({"vitals": seen | {"systolic_mmhg": 151, "arm": "left"}}, visit["id"])
    colleague.sync()
    edit = "async (client, [id, vitals]) => client.edit(await client.get(id), { vitals })"
    hand.ask(edit, [visit["id"], seen | {"systolic_mmhg": 151, "arm": "right"}])
    hand.offline(False)
    hand.sync()
    hand.go(f"#/conflict/{visit['id']}", "两人都改过")
    expect(hand.page.locator("main")).to_contain_text("两份在这部手机能显示的项目里都一样")
    expect(hand.page.locator(".beside")).to_have_count(0)
    assert hand.faults() == []
