"""What a form may never do: put a colleague's dose away unseen, bring an old one back, or save one visit twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, expect

from client_sdk import Client
from tests.browser.field import Field, FieldPhone
from tests.browser.test_field_together import AMLODIPINE, EDIT, GOALS, SECTION, VALSARTAN, regimen
from tests.browser.township import COLLEAGUE, DOCTOR

VIEW = "(client, record) => client.get(record)"
ONLY_HYPERTENSION = """async (client) => (await client.rows()).find((r) =>
  r.groups.includes("hypertension") && !r.groups.includes("diabetes")).resident"""
VISITS = """async (client, subject) => (await client.find({ type: "hypertension_visit", subject }))
  .filter((one) => !one.void).length"""
VISIT: dict[str, Any] = {
    "visit": {"visited_on": "2026-06-01", "way": "clinic", "doctor": DOCTOR},
    "vitals": {"systolic_mmhg": 140, "diastolic_mmhg": 88},
    "symptoms": {"symptoms": ["headache_dizziness", "other"], "other": "脖子硬"},
}
# the disk takes the record, and from then on nothing more of any draft
FULL_AFTER_THE_RECORD = """() => {
  const real = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (names, mode, ...rest) {
    const tables = [names].flat();
    if (window.recordKept && mode === "readwrite" && tables.includes("drafts")) throw new DOMException("full", "QuotaExceededError");
    const tx = real.call(this, names, mode, ...rest);
    if (mode === "readwrite" && tables.includes("outbox")) tx.addEventListener("complete", () => { window.recordKept = true; });
    return tx;
  };
}"""


def dose(drug: str, amount: str) -> dict[str, Any]:
    """The regimen with this drug and this much of it."""
    value = regimen(drug)
    return {**value, "medicines": [{**value["medicines"][0], "dose": amount}]}


def stands(device: FieldPhone | Client, record: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is in conflict in a record, and what is shown of it, on the phone or on the laptop."""
    if isinstance(device, FieldPhone):
        view = device.ask(VIEW, record)
        return view["conflicts"], view["sections"]
    return dict(device.get(record).conflicts), dict(device.get(record).sections)


def save_button(hand: FieldPhone) -> Locator:
    """Whatever keeps the form now."""
    return hand.page.locator(".numpad .save, .dock button.main, .confirm button.main").first


def test_a_dose_that_a_colleague_prescribed_while_the_form_was_taken_back_and_saved_again_stands(
    field: Field, phone: Callable[..., FieldPhone], laptop: Client
) -> None:
    plan = field.plan
    laptop.edit(plan, {SECTION: regimen(AMLODIPINE)})
    assert laptop.sync().complete
    hand = phone(of=COLLEAGUE)
    hand.go(f"#/plan/{laptop.get(plan).subject}", "一人一策")
    hand.page.get_by_label("目标").first.fill("每天少盐")
    laptop.edit(plan, {SECTION: dose(VALSARTAN, "80")})
    assert laptop.sync().complete
    hand.signal_returns()
    expect(hand.page.locator(".notice", has_text=VALSARTAN)).to_have_count(1)
    hand.save()
    hand.tap(hand.page.locator(".told button"))
    hand.says("一人一策")
    hand.page.get_by_label("目标").first.fill(GOALS)
    hand.save()
    hand.sync()
    assert laptop.sync().complete
    for conflicts, sections in (stands(hand, plan), stands(laptop, plan)):
        assert conflicts == {}
        assert sections["summary"]["goals"] == GOALS
        assert sections[SECTION]["medicines"] == dose(VALSARTAN, "80")["medicines"]


def test_a_visit_that_is_mended_taken_back_and_mended_again_keeps_the_dose_that_came_meanwhile(
    phone: Callable[..., FieldPhone], laptop: Client
) -> None:
    hand = phone(of=COLLEAGUE)
    resident = hand.ask(ONLY_HYPERTENSION)
    tablet = {"drug": AMLODIPINE, "times_per_day": 1, "dose": "5", "dose_unit": "mg"}
    visit = laptop.create("hypertension_visit", {**VISIT, "medication/m1": tablet}, subject=resident)
    assert laptop.sync().complete
    hand.sync()
    hand.go(f"#/form/hypertension_visit/{resident}/{visit}", "修改高血压随访")
    laptop.edit(visit, {"medication/m1": {**tablet, "dose": "2.5"}})
    assert laptop.sync().complete
    hand.signal_returns()
    expect(hand.page.locator(".notice", has_text="2.5")).to_have_count(1)
    for again in (False, True):
        hand.tap(hand.page.locator("[data-pad=':vitals.systolic_mmhg']"))
        hand.digits("152" if again else "151")
        hand.save(button=save_button(hand))
        if not again:
            hand.tap(hand.page.locator(".told button"))
            hand.says("修改高血压随访")
    hand.sync()
    conflicts, sections = stands(hand, visit)
    assert conflicts == {}
    assert sections["medication/m1"]["dose"] == "2.5"
    assert sections["vitals"]["systolic_mmhg"] == 152
    assert sections["symptoms"] == VISIT["symptoms"]


def test_who_mends_what_they_wrote_in_a_conflict_leaves_the_colleagues_dose_for_the_leader(
    field: Field, phone: Callable[..., FieldPhone], laptop: Client
) -> None:
    plan = field.plan
    hand = phone(of=COLLEAGUE)
    hand.offline()
    hand.ask(EDIT, {"plan": plan, "sections": {SECTION: dose(AMLODIPINE, "5")}})
    laptop.edit(plan, {SECTION: dose(VALSARTAN, "80")})
    assert laptop.sync().complete
    hand.offline(False)
    hand.sync()
    hand.go(f"#/conflict/{plan}", "两人都改过")
    hand.tap("修改我写的")
    hand.says("一人一策")
    hand.tap(hand.page.locator(f"[data-pad*='{SECTION}.target_systolic_mmhg']").first)
    hand.digits("130")
    hand.save(button=save_button(hand))
    hand.sync()
    assert laptop.sync().complete
    conflicts, _ = stands(hand, plan)
    assert set(conflicts) == set(laptop.get(plan).conflicts) == {SECTION}
    there: dict[str, Any] = {claim.author: claim.value for claim in laptop.get(plan).conflicts[SECTION]}
    for claims in ({claim["author"]: claim["value"] for claim in conflicts[SECTION]}, there):
        assert {who: (value["medicines"][0]["drug"], value["medicines"][0]["dose"]) for who, value in claims.items()} == {
            COLLEAGUE: (AMLODIPINE, "5"),
            DOCTOR: (VALSARTAN, "80"),
        }
        assert claims[COLLEAGUE]["target_systolic_mmhg"] == 130
    laptop.resolve(plan, SECTION, dose(VALSARTAN, "80"))
    assert laptop.sync().complete


def test_a_visit_is_saved_once_when_the_disk_fills_and_the_battery_falls_out_in_the_same_moment(
    hand: FieldPhone,
) -> None:
    hand.offline()
    resident = hand.ask(ONLY_HYPERTENSION)
    before = hand.ask(VISITS, resident)
    hand.go(f"#/form/hypertension_visit/{resident}", "高血压随访")
    hand.digits("138")
    hand.digits("86")
    hand.tap("无症状")
    hand.page.evaluate(FULL_AFTER_THE_RECORD)
    hand.save(button=save_button(hand))
    hand.kill()
    hand.open()
    hand.unlock()
    expect(hand.page.get_by_text("没写完的表")).to_have_count(0)
    hand.go(f"#/form/hypertension_visit/{resident}", "高血压随访")
    expect(hand.page.locator(".restored")).to_have_count(0)
    assert hand.ask(VISITS, resident) == before + 1


def test_a_dose_in_conflict_is_no_dose_that_a_new_visit_begins_with(phone: Callable[..., FieldPhone], laptop: Client) -> None:
    hand = phone(of=COLLEAGUE)
    resident = hand.ask(ONLY_HYPERTENSION)
    tablet = {"drug": AMLODIPINE, "times_per_day": 1, "dose": "5", "dose_unit": "mg"}
    last = laptop.create(
        "hypertension_visit",
        {
            "visit": {
                "visited_on": hand.page.evaluate("new Date(Date.now() + 288e5).toISOString().slice(0, 10)"),
                "way": "clinic",
            },
            "vitals": {"systolic_mmhg": 140, "diastolic_mmhg": 88},
            "medication/m1": tablet,
            "medication/m2": {**tablet, "drug": VALSARTAN, "dose": "80"},
        },
        subject=resident,
    )
    assert laptop.sync().complete
    hand.sync()
    hand.offline()
    hand.ask(EDIT, {"plan": last, "sections": {"medication/m1": {**tablet, "dose": "10"}}})
    laptop.edit(last, {"medication/m1": {**tablet, "dose": "2.5"}})
    assert laptop.sync().complete
    hand.offline(False)
    hand.sync()
    hand.go(f"#/form/hypertension_visit/{resident}", "高血压随访")
    expect(hand.page.locator(".notice")).to_contain_text("上次的用药正等核对，请重新问")
    taken = hand.page.locator("button.fold", has_text="用药")
    expect(taken).to_contain_text(VALSARTAN)
    expect(taken).not_to_contain_text(AMLODIPINE)
