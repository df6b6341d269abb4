"""Forms on a phone: how many touches a visit takes, what is kept while it is typed, and what two records say of one trip."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.field import LARGE, Field, FieldPhone
from tests.browser.township import COLLEAGUE, DOCTOR
from tests.e2e.line import Line
from tests.server.phone import Phone

Phones = Callable[..., FieldPhone]
# the first resident who has these diseases under management and no other: the resident's id and name
WITH = """async (client, wanted) => {
  const asks = ["hypertension", "diabetes"];
  const fits = (row) => asks.every((one) => row.groups.includes(one) === wanted.includes(one));
  const found = (await client.rows()).find((row) => fits(row) && row.due[0]?.what === `${wanted[0]}_visit` && !row.disputed)
    ?? (await client.rows()).find((row) => fits(row) && !row.disputed);
  return [found.resident, found.name, found.household];
}"""
WAITING = "async (client, subject) => (await client.find({ subject })).filter((view) => view.pending && !view.void)"


@pytest.fixture
def doctor(field: Field, phone: Phones) -> FieldPhone:
    """A doctor's phone with everything on it, at the list of today."""
    one = phone()
    one.enrol(field.code(DOCTOR))
    one.synced()
    return one


def another(field: Field) -> Phone:
    """The phone of the other doctor of the village, which runs on Python."""
    one = Phone(Line(field.url)).enrol(field.code(COLLEAGUE))
    one.now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    while one.sync()["more"]:
        pass
    return one


def said(one: FieldPhone, words: str) -> None:
    """Wait for the line under the header."""
    expect(one.page.locator(".told")).to_contain_text(words)


def test_a_routine_visit_takes_ten_touches(doctor: FieldPhone) -> None:
    resident, name, _ = doctor.ask(WITH, ["hypertension"])
    doctor.taps = 0
    doctor.tap(doctor.row(name))
    expect(doctor.page.locator(".numpad")).to_be_visible()
    assert doctor.hidden(".big .box, .numpad button") == [], "pressure and pad are whole on a small screen, without scrolling"
    doctor.picture("visit_1_pressure")
    doctor.digits("15294")
    expect(doctor.page.locator(".numpad")).to_have_count(0)
    expect(doctor.page.locator(".line")).to_contain_text("控制不满意")
    expect(doctor.page.locator(".lack")).to_contain_text("还缺心率、体重等5项")
    expect(doctor.page.get_by_role("button", name="无症状")).to_be_focused()
    assert doctor.hidden("[data-field=symptoms] .chip, [data-field=lifestyle] .chip") == [], (
        "the choices came into view by themselves"
    )
    doctor.tap("无症状")
    doctor.tap("规律", exact=True)
    doctor.tap("同上次", exact=True)
    doctor.picture("visit_2_choices", large=True)
    doctor.tap("保存")
    said(doctor, f"{name} 已保存")
    assert doctor.taps == 10
    [visit] = doctor.ask(WAITING, resident)
    assert visit["sections"]["vitals"] == {"systolic_mmhg": 152, "diastolic_mmhg": 94}
    assert visit["sections"]["symptoms"] == {"symptoms": ["none"]}
    assert visit["sections"]["lifestyle"]["carried_over"] is True
    assert visit["sections"]["assessment"]["class"] == visit["sections"]["assessment"]["suggested_class"] == "uncontrolled"
    assert {(one["section"], one["field"]) for one in visit["issues"]} == {
        ("vitals", "heart_rate_per_min"),
        ("vitals", "weight_kg"),
    }
    doctor.tap("撤销")
    doctor.says("高血压随访")
    expect(doctor.page.locator(".big .box").first).to_have_text("152")
    assert doctor.ask(WAITING, resident) == [], "what was taken back counts for nothing, and stands in the form again"


def box(one: FieldPhone, field: str) -> Locator:
    """The box of a number in the fast form."""
    return one.page.locator(f"[data-pad=':vitals.{field}']")


def test_what_a_visit_lacks_is_said_before_it_is_saved_and_one_touch_leads_there(doctor: FieldPhone) -> None:
    resident, name, _ = doctor.ask(WITH, ["hypertension"])
    doctor.go(f"#/form/hypertension_visit/{resident}")
    doctor.says("高血压随访")
    doctor.digits("13884")
    for choice in ("无症状", "规律", "同上次"):
        doctor.tap(choice, exact=True)
    lack = doctor.page.locator(".lack")
    expect(lack).to_contain_text("还缺心率、体重，不补就算填写不全")
    assert doctor.hidden(".lack .button, .dock .main") == []
    doctor.picture("visit_4_lacks", large=True)
    assert doctor.faults() == []
    doctor.taps = 0
    doctor.tap("补填")
    expect(box(doctor, "heart_rate_per_min")).to_have_attribute("aria-pressed", "true")
    assert doctor.hidden("[data-pad=':vitals.heart_rate_per_min'], [data-pad=':vitals.weight_kg'], .numpad button") == []
    doctor.picture("visit_5_filled_in")
    doctor.digits("7262.5")
    expect(lack).to_have_count(0)
    doctor.tap("保存")
    said(doctor, f"{name} 已保存")
    assert doctor.taps == 8
    [visit] = doctor.ask(WAITING, resident)
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
    doctor: FieldPhone, field: Field
) -> None:
    resident, name, _ = doctor.ask(WITH, ["hypertension"])
    visit = doctor.ask(LAST, resident)
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
    doctor.sync()
    doctor.go(f"#/record/{visit['id']}")
    doctor.tap("修改", exact=True)
    doctor.says("修改高血压随访")
    expect(box(doctor, "systolic_mmhg")).to_have_text("128")
    expect(doctor.page.get_by_label("其他症状")).to_have_value("耳痒")
    doctor.picture("visit_again", large=True)
    assert doctor.faults() == []
    doctor.tap("保存")
    expect(doctor.page.get_by_role("heading", name="谁写的")).to_be_visible()
    assert rewritten(doctor, visit["id"]) == [], "nothing was changed, nothing is written"

    doctor.go(f"#/form/hypertension_visit/{resident}/{visit['id']}")
    doctor.tap(box(doctor, "systolic_mmhg"))
    doctor.digits("158")
    doctor.tap("保存")
    said(doctor, name)
    [news] = rewritten(doctor, visit["id"])
    assert news["vitals"] == vitals | {"systolic_mmhg": 158}, "what a newer phone wrote beside it stays"
    assert news["assessment"]["class"] == news["assessment"]["suggested_class"] == "uncontrolled"
    assert set(news) <= {"vitals", "assessment", "next_visit"}
    doctor.tap("撤销")
    doctor.says("修改高血压随访")
    expect(box(doctor, "systolic_mmhg")).to_have_text("158")


def test_a_form_that_was_left_is_found_again_on_the_first_page(doctor: FieldPhone) -> None:
    resident, name, household = doctor.ask(WITH, ["hypertension"])
    unfinished = doctor.page.locator("a.row", has_text="没写完的表，接着写")
    expect(doctor.page.locator(".row .name").first).to_be_visible()
    expect(unfinished).to_have_count(0)
    doctor.go(f"#/form/hypertension_visit/{resident}")
    doctor.says("高血压随访")
    doctor.digits("147")
    doctor.go("#/today")
    expect(unfinished).to_contain_text("1份没写完的表，接着写")
    expect(unfinished).to_contain_text(name)
    doctor.picture("unfinished", large=True)
    assert doctor.faults() == []
    doctor.tap(unfinished)
    doctor.says("高血压随访")
    expect(box(doctor, "systolic_mmhg")).to_have_text("147")
    doctor.go(f"#/household/{household}/visit")
    doctor.page.get_by_label("情况记录").fill("家中整洁")
    doctor.go("#/today")
    expect(unfinished).to_contain_text("2份")
    doctor.tap(unfinished)
    doctor.says("没写完的表")
    expect(doctor.page.locator("main a.row")).to_have_count(2)
    assert doctor.faults() == []
    doctor.tap(doctor.page.locator("main a.row", has_text="高血压随访"))
    doctor.tap("清空重填")
    expect(doctor.page.locator(".restored")).to_have_count(0)
    doctor.go("#/today")
    expect(unfinished).to_contain_text("1份")


def test_one_form_for_both_diseases_is_two_records_with_one_pressure(doctor: FieldPhone, field: Field) -> None:
    resident, name, _ = doctor.ask(WITH, ["hypertension", "diabetes"])
    doctor.go(f"#/form/hypertension_visit+diabetes_visit/{resident}")
    doctor.says("两病随访")
    doctor.digits("13882")
    doctor.digits("7.2")
    doctor.tap("有症状")
    doctor.tap("多饮")
    doctor.tap("头痛头晕")
    doctor.tap("规律", exact=True)
    doctor.tap("同上次", exact=True)
    doctor.tap("触及正常")
    doctor.tap("偶尔")
    doctor.picture("both", large=True)
    doctor.tap(doctor.page.locator("[data-pad='\\:vitals\\.heart_rate_per_min']"))
    doctor.digits("72")
    doctor.tap(doctor.page.locator("[data-pad='\\:vitals\\.weight_kg']"))
    doctor.digits("64.5")
    assert doctor.faults() == []
    doctor.tap("保存")
    said(doctor, f"{name} 已保存")
    made = {view["type"]: view for view in doctor.ask(WAITING, resident)}
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
    doctor.sync()
    held = {one.id for kind in made for one in field.held(kind)}
    assert {view["id"] for view in made.values()} <= held


def test_what_was_typed_when_the_battery_fell_out_stands_there_again(doctor: FieldPhone) -> None:
    resident, _, _ = doctor.ask(WITH, ["hypertension"])
    doctor.go(f"#/form/hypertension_visit/{resident}")
    doctor.says("高血压随访")
    doctor.digits("147")
    doctor.digits("9")
    doctor.page.wait_for_timeout(300)
    doctor.kill()
    doctor.open(f"/app/#/form/hypertension_visit/{resident}")
    doctor.unlock()
    expect(doctor.page.locator(".restored")).to_be_visible()
    assert doctor.page.locator(".big .box").all_inner_texts() == ["147", "9"]
    assert doctor.ask(WAITING, resident) == []
    doctor.tap("清空重填")
    expect(doctor.page.locator(".big .box").first).to_contain_text("点这里输入")


def test_an_alarming_pressure_is_asked_about_on_the_page_and_kept(doctor: FieldPhone) -> None:
    resident, name, _ = doctor.ask(WITH, ["hypertension"])
    doctor.go(f"#/form/hypertension_visit/{resident}")
    doctor.says("高血压随访")
    doctor.digits("260150")
    doctor.tap("保存")
    expect(doctor.page.locator(".confirm")).to_contain_text("血压 260/150，是否量准？")
    assert doctor.hidden(".confirm, .confirm .button") == [], "the question is not below the fold"
    doctor.picture("visit_3_alarming")
    assert doctor.faults() == []
    doctor.tap("重新输入")
    doctor.digits("260150")
    doctor.tap("保存")
    doctor.tap("量准了")
    doctor.tap("保存")
    said(doctor, name)
    [visit] = doctor.ask(WAITING, resident)
    assert visit["sections"]["vitals"]["systolic_mmhg"] == 260
    assert {one["code"] for one in visit["issues"]} >= {"unusual"}
    assert visit["sections"]["assessment"]["suggested_next_measure"] == "urgent_refer"


def test_who_was_not_reached_is_not_asked_the_rest(doctor: FieldPhone) -> None:
    resident, name, _ = doctor.ask(WITH, ["hypertension"])
    doctor.go(f"#/form/hypertension_visit/{resident}")
    doctor.says("高血压随访")
    doctor.tap("电话", exact=True)
    doctor.tap("没有见到本人")
    doctor.tap("外出打工")
    expect(doctor.page.locator(".numbers")).to_have_count(0)
    doctor.tap("保存")
    said(doctor, f"{name} 已保存")
    [visit] = doctor.ask(WAITING, resident)
    assert set(visit["sections"]) == {"visit"}
    assert (visit["sections"]["visit"]["way"], visit["sections"]["visit"]["lost_reason"]) == ("phone", "away_for_work")
    assert visit["issues"] == []
    doctor.go(f"#/form/hypertension_visit/{resident}")
    expect(doctor.page.get_by_role("button", name="电话", exact=True)).to_have_attribute("aria-pressed", "true")


def test_two_people_who_changed_one_record_are_told_so_in_words(doctor: FieldPhone, field: Field) -> None:
    resident, name, _ = doctor.ask(WITH, ["hypertension"])
    visit = next(one for one in field.held("hypertension_visit") if one.subject == resident)
    colleague = another(field)
    doctor.go(f"#/form/hypertension_visit/{resident}/{visit.id}")
    doctor.says("修改高血压随访")
    doctor.tap(box(doctor, "systolic_mmhg"))
    doctor.digits("151")
    doctor.offline()
    colleague.save(
        {"vitals": {"systolic_mmhg": 163, "diastolic_mmhg": 95, "heart_rate_per_min": 70, "weight_kg": "61.0"}}, visit.id
    )
    colleague.sync()
    doctor.offline(False)
    doctor.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(doctor.page.locator(".notice")).to_contain_text("您打开之后", timeout=30_000)
    expect(doctor.page.locator(".notice")).to_contain_text("163")
    doctor.picture("meanwhile")
    assert doctor.faults() == []
    doctor.tap("保存")
    said(doctor, name)
    doctor.sync()
    doctor.go("#/attention")
    doctor.says("需要处理")
    card = doctor.page.locator(".card").filter(has_text="也改了这条").filter(has_text=name).first
    expect(card).to_contain_text(re.compile(r"\d\u2060月[\u2060\d]+日也改了这条。您的记录已保留，等组长核对。"))
    doctor.picture("attention", large=True)
    doctor.tap(card.get_by_role("link", name="看看有什么不同"))
    doctor.says("两人都改过")
    expect(doctor.page.locator(".beside").first).to_contain_text("151")
    expect(doctor.page.locator(".beside").first).to_contain_text("163")
    doctor.picture("conflict", large=True)
    doctor.size(LARGE)
    assert doctor.faults() == []


def test_two_who_wrote_the_same_but_for_what_the_phone_does_not_know_are_told_so(doctor: FieldPhone, field: Field) -> None:
    resident, _, _ = doctor.ask(WITH, ["hypertension", "diabetes"])
    visit = doctor.ask(LAST, resident)
    doctor.offline()
    colleague, seen = another(field), visit["sections"]["vitals"]
    colleague.save({"vitals": seen | {"systolic_mmhg": 151, "arm": "left"}}, visit["id"])
    colleague.sync()
    edit = "async (client, [id, vitals]) => client.edit(await client.get(id), { vitals })"
    doctor.ask(edit, [visit["id"], seen | {"systolic_mmhg": 151, "arm": "right"}])
    doctor.offline(False)
    doctor.sync()
    doctor.go(f"#/conflict/{visit['id']}")
    doctor.says("两人都改过")
    expect(doctor.page.locator("main")).to_contain_text("两份在这部手机能显示的项目里都一样")
    expect(doctor.page.locator(".beside")).to_have_count(0)
    assert doctor.faults() == []
