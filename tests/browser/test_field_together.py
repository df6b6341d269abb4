"""Several phones and a desk: a plan that three change apart, and a phone that is lost and shut out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from client_sdk import Client
from server import utc_now
from server.demo.people import ADMINISTRATOR, STAFF
from tests.browser.field import Field, FieldPhone, whole
from tests.browser.relay import LOGIN_PAGE
from tests.browser.test_field_line import SAVE, residents_of
from tests.browser.township import COLLEAGUE, DOCTOR, LEADER

NAMES = {who.id: who.name for who in STAFF}
SECTION, REASON = "condition/hypertension", "已电话核实：患者服用的是缬沙坦"
AMLODIPINE, VALSARTAN = "苯磺酸氨氯地平片", "缬沙坦胶囊"
GOALS = "三个月内血压降到140/90以下，每天少盐"
EDIT = "(client, { plan, sections }) => client.edit(plan, sections).then(() => null)"
SHOWN = "async (client, plan) => (await client.get(plan)).sections"


def regimen(drug: str) -> dict[str, Any]:
    """The regimen for hypertension with one drug."""
    medicine = {"drug": drug, "times_per_day": 1, "dose": "5", "dose_unit": "mg"}
    return {"name": "高血压", "icd10": "I10", "medicines": [medicine], "target_systolic_mmhg": 140}


def test_three_who_change_one_plan_apart_keep_their_words_and_hear_what_the_leader_decided(
    field: Field, phone: Callable[..., FieldPhone], desk: Callable[[str], Page], laptop: Client
) -> None:
    plan = field.plan
    resident = laptop.get(plan).subject
    office = desk(ADMINISTRATOR)
    office.goto(f"/dashboard/admin/people/{COLLEAGUE}")
    office.locator(f"form[action$='/people/{COLLEAGUE}/code'] button").click()
    link = str(office.locator("a[href*='#enrol=']").get_attribute("href"))
    one, two = phone(of=DOCTOR), phone(url=field.url)
    two.open(link.removeprefix(field.url))
    two.begin()
    for hand in (one, two):
        hand.offline()

    one.go(f"#/plan/{resident}", "一人一策")
    one.page.get_by_label("目标").first.fill(GOALS)
    one.picture("plan", large=True)
    one.save()
    laptop.edit(plan, {"review": {**(laptop.get(plan).sections.get("review") or {}), "next_review_on": "2027-05-20"}})
    one.ask(EDIT, {"plan": plan, "sections": {SECTION: regimen(AMLODIPINE)}})
    two.ask(EDIT, {"plan": plan, "sections": {SECTION: regimen(VALSARTAN)}})

    for hand in (one, two):
        hand.offline(False)
        hand.strip_says("需要处理" if hand is two else "全部已上传")
    assert laptop.sync().complete
    for hand in (one, two):
        hand.go("#/sync")
        hand.tap("立即同步")
        hand.strip_says("1条需要处理")
        merged = hand.ask(SHOWN, plan)
        assert merged["summary"]["goals"] == GOALS, "what was written apart came together"
        assert merged["review"]["next_review_on"] == "2027-05-20"
    assert laptop.sync().complete
    assert set(laptop.get(plan).conflicts) == {SECTION}

    two.go("#/attention", "需要处理")
    expect(two.page.locator("main")).to_contain_text("也改了这条。您的记录已保留，等组长核对。")
    expect(two.page.locator("main")).to_contain_text(NAMES[DOCTOR])
    two.picture("attention", large=True)
    two.tap("看看有什么不同")
    for drug in (AMLODIPINE, VALSARTAN):
        expect(two.page.locator(".beside")).to_contain_text(drug)
    two.picture("side_by_side", large=True)

    _settle(desk(LEADER), plan)
    for hand in (one, two):
        hand.sync()
        hand.strip_says("全部已上传")
        hand.go("#/attention", "处理结果")
        told = hand.page.locator("section.card", has_text="已核对")
        today = field.config.day_of(utc_now())
        for words in (NAMES[LEADER], f"{whole(f'{today.month}月{today.day}日')} 已核对", REASON, VALSARTAN):
            expect(told).to_contain_text(words)
        decisions = hand.ask("(client, plan) => client.decisions(plan)", plan)
        assert [(one["author"], one["reason"]) for one in decisions] == [(LEADER, REASON)]
    two.picture("decided", large=True)
    report = laptop.sync()
    assert [(told.author, told.reason) for told in report.decisions if told.record == plan] == [(LEADER, REASON)]
    every = [json.dumps(hand.ask(SHOWN, plan), sort_keys=True) for hand in (one, two)]
    assert every[0] == every[1] == json.dumps(laptop.get(plan).sections, sort_keys=True)
    assert json.loads(every[0])[SECTION]["medicines"][0]["drug"] == VALSARTAN


def _settle(leader: Page, plan: str) -> None:
    """Take the words of the colleague, on the page where they stand side by side."""
    leader.goto("/dashboard/queue")
    leader.locator(f"a[href*='{plan}']").first.click()
    leader.wait_for_url(f"**/conflicts/{plan}*")
    leader.get_by_label(f"采用 {NAMES[COLLEAGUE]} 的").check()
    for looked in leader.locator("input[type=checkbox][value=looked]").all():
        looked.check()
    leader.locator("#reason").fill(REASON)
    leader.locator("button[value=settle]").click()
    leader.wait_for_url("**/queue*")


def test_a_phone_that_is_shut_out_hands_over_what_it_had_not_sent_and_says_so(
    field: Field, phone: Callable[..., FieldPhone], desk: Callable[[str], Page]
) -> None:
    lost = phone(of=DOCTOR)
    people = residents_of(lost, 2)
    before = len(field.doors.decisions.set_aside.listed(field.doors.access.view(LEADER)))
    lost.offline()
    made = lost.ask(SAVE, {"residents": people, "pressures": [158, 164]})
    lost.strip_says("离线 可以正常工作 · 2条待上传")
    [phone_id] = lost.ask("async (client) => [(await client.status()).actor]")

    office = desk(ADMINISTRATOR)
    office.goto(f"/dashboard/admin/devices/{_device(field, phone_id)}")
    office.locator("input[value=revoked]").check()
    office.locator("input[name=sure]").check()
    office.locator("button.danger").click()
    expect(office.locator("dl.plain")).to_contain_text("已作废")

    # the line is lost at the worst moment: it knows that it is shut out, and nothing is handed over
    lost.page.route("**/v1/deposit", lambda route: route.fulfill(body=LOGIN_PAGE, content_type="text/html"))
    lost.offline(False)
    lost.says("这部手机已作废")
    expect(lost.page.locator("main")).to_contain_text("还有2条没有上传")
    assert lost.faults() == []
    lost.picture("shut_out", large=True)
    lost.page.unroute("**/v1/deposit")
    lost.tap("交给组长")
    lost.says("这部手机已停用")
    lost.picture("retired", large=True)
    assert lost.faults() == []
    lost.page.reload()
    lost.says("这部手机已停用")
    waiting = field.doors.decisions.set_aside.listed(field.doors.access.view(LEADER))
    assert len(waiting) == before + 2
    held = {one.id for one in field.held("hypertension_visit")}
    assert not held & set(made), "until somebody has looked they count for nothing"
    leader = desk(LEADER)
    leader.goto("/dashboard/queue?whole=yes")
    expect(leader.locator("main")).to_contain_text("待核补传")
    links = {str(one.get_attribute("href")) for one in leader.locator("a[href*='/deposits/']").all()}
    assert len(links) >= before + 2


def _device(field: Field, actor: str) -> str:
    from server.store import devices
    from server.store.engine import reading

    with reading(field.engine) as connection:
        return str(devices.device_of(connection, actor))
