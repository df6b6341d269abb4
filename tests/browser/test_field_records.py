"""A record on a phone after it was saved: on the wrong person, refused by the server, about a service that counts as missed."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from sync.record import shown
from tests.browser.field import Field, FieldPhone
from tests.browser.test_app_forms_screens import FOUND, told
from tests.browser.township import DOCTOR, TOWNSHIP_SUPERVISOR

Phones = Callable[..., FieldPhone]
# a visit that was written with the last digit touched, for the second of two who have high blood pressure
VISIT = """async (client) => {
  const who = (await client.rows()).filter((row) => row.groups.includes("hypertension") && !row.disputed)[1];
  const sections = { visit: { visited_on: new Date().toISOString().slice(0, 10), way: "clinic" }, vitals: { systolic_mmhg: 158, diastolic_mmhg: 94 } };
  return [await client.create("hypertension_visit", sections, { subject: who.resident }), who.resident, who.name];
}"""
# what waits goes to a village that the server does not know
ASTRAY = """(client, record) => client._store.transaction(async (tables) => {
  for (const [position, edit] of await tables._table("outbox"))
    if (edit.record === record) tables._set("outbox", position, { ...edit, scope: "411499101299" });
})"""
# as the server names what it cannot read
UNREADABLE = """(client, record) => client._store.transaction(async (tables) => {
  for (const [position, one] of await tables._table("aside"))
    if (one.edit.record === record) tables._set("aside", position, { ...one, reason: "malformed" });
})"""


@pytest.fixture
def doctor(field: Field, phone: Phones) -> FieldPhone:
    """A doctor's phone with everything on it, and nothing that needs somebody."""
    field.settle_all()
    one = phone()
    one.enrol(field.code(DOCTOR))
    one.strip_says("全部已上传")
    return one


def held(field: Field, record: str) -> dict[str, Any]:
    """What the server shows of a visit."""
    [found] = [one for one in field.held("hypertension_visit") if one.id == record]
    return dict(shown(found))


def test_a_visit_on_the_wrong_person_is_marked_so_and_brought_back(doctor: FieldPhone, field: Field) -> None:
    record, resident, name = doctor.ask(VISIT)
    doctor.sync()
    doctor.go(f"#/record/{record}")
    doctor.says("高血压随访")
    doctor.tap("作废", exact=True)
    main = doctor.page.locator("main")
    expect(main).to_contain_text(f"作废{name}的高血压随访")
    expect(main).to_contain_text("随访、履约和报表都当作没有这一份")
    expect(doctor.page.locator(".confirm")).to_have_count(0)  # first the reason
    doctor.tap("记错人")
    expect(doctor.page.locator(".confirm")).to_contain_text("确定作废")
    doctor.picture("void", large=True)
    assert doctor.faults() == []
    doctor.tap(doctor.page.locator(".confirm .danger"))
    told(doctor, "高血压随访已作废")
    doctor.tap("撤销")
    expect(doctor.page.get_by_role("link", name="修改", exact=True)).to_be_visible()
    assert doctor.ask("(client, id) => client.get(id)", record)["void"] is False, "taken back within ten seconds"

    doctor.tap("作废", exact=True)
    doctor.tap("其他", exact=True)
    doctor.page.get_by_label("说明").fill("同名的人")
    doctor.tap(doctor.page.locator(".confirm .danger"))
    told(doctor, "高血压随访已作废")
    doctor.sync()
    assert held(field, record)["void"] == {"reason": "other", "note": "同名的人"}
    doctor.go(f"#/resident/{resident}")
    expect(doctor.page.locator(f"a[href='#/record/{record}']")).to_contain_text("已作废")
    doctor.go(f"#/record/{record}")
    expect(main).to_contain_text("同名的人")
    expect(main).to_contain_text("158")  # nothing is deleted
    doctor.tap("恢复这份记录")
    told(doctor, "已恢复")
    doctor.sync()
    assert held(field, record).get("void") is None


def test_what_was_set_aside_is_read_and_stops_asking_when_it_is_known(doctor: FieldPhone) -> None:
    doctor.offline()
    record, resident, name = doctor.ask(VISIT)
    doctor.ask(ASTRAY, record)
    doctor.offline(False)
    doctor.strip_says("1条需要处理")
    main = doctor.page.locator("main")

    doctor.go("#/sync")
    doctor.tap(f"{name} 高血压随访")
    expect(main).to_contain_text("不在您的负责范围内")
    doctor.tap("打开这份记录")
    doctor.says("高血压随访")
    expect(main).to_contain_text("158")
    expect(main).to_contain_text("一直不消失，就请问组长")
    expect(doctor.page.get_by_role("link", name="去修改")).to_have_count(0)  # there is nothing that a doctor could change
    expect(main).not_to_contain_text("作废")
    doctor.picture("set_aside", large=True)
    assert doctor.faults() == []
    doctor.go(f"#/resident/{resident}")
    expect(doctor.page.locator(f"a[href='#/record/{record}']")).to_contain_text("被退回")
    doctor.go("#/attention")
    doctor.tap("看我写的")
    doctor.tap("知道了，不再提醒")
    doctor.strip_says("全部已上传")
    expect(main).to_contain_text("158")
    doctor.go("#/attention")
    expect(main).not_to_contain_text("负责范围")

    doctor.ask(UNREADABLE, record)
    doctor.go(f"#/record/{record}")
    doctor.tap("重新填写")
    doctor.says("高血压随访")
    expect(doctor.page.locator(".numpad")).to_be_visible()


def test_an_appeal_is_seen_on_the_contract_until_and_after_it_is_decided(doctor: FieldPhone, field: Field) -> None:
    missed = doctor.ask(FOUND)["missed"]
    contract, item = missed["contract"], missed["item"]
    resident = doctor.ask("async (client, id) => (await client.get(id)).subject", contract)
    card = doctor.page.locator("li.card").filter(has=doctor.page.locator(f"a[href='#/performance/{contract}/{item}']"))
    doctor.go(f"#/appeal/{contract}/{item}")
    doctor.page.locator("#appeal-reason").fill("当天已上门，居民外出")
    doctor.tap("提交申诉")
    told(doctor, "申诉已保存，等监管员处理")
    doctor.go(f"#/contract/{resident}")
    expect(card).to_contain_text("前的一次：")
    expect(card).to_contain_text("已申诉，等监管员处理")
    doctor.picture("appealed", large=True)
    assert doctor.faults() == []
    [owed] = doctor.ask(
        "async (client, [who, id, item]) => (await client.standing(who)).obligations.filter((one) => one.contract === id && one.item === item && one.appeal)",
        [resident, contract, item],
    )
    day = owed["by"][5:].lstrip("0").replace("-0", "-").replace("-", "月") + "日"
    assert f"{day}前的一次" in card.inner_text().replace("\u2060", ""), "which one it is about"
    doctor.go(f"#/appeal/{contract}/{item}")
    doctor.tap(doctor.page.get_by_role("button", name="（已申诉）"))
    expect(doctor.page.locator("main")).to_contain_text("当时写的理由：当天已上门，居民外出")

    doctor.sync()
    desk, supervisor = field.doors.decisions.appeals, field.doors.access.view(TOWNSHIP_SUPERVISOR)
    key = owed["appeal"].removeprefix("appeal/")
    desk.judge(supervisor, contract, key, desk.of(supervisor, contract, key).contract.seen, "refused", "没有佐证")
    doctor.go("#/sync")
    doctor.tap("立即同步")
    doctor.synced()
    doctor.go(f"#/contract/{resident}")
    expect(card).to_contain_text("申诉被驳回（没有佐证）")
    expect(card).not_to_contain_text("等监管员处理")
