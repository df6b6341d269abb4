"""A record on a phone after it was saved: on the wrong person, refused by the server, about a service that counts as missed."""

from playwright.sync_api import expect

from tests.browser.field import Field, FieldPhone
from tests.browser.test_app_forms_screens import FOUND
from tests.browser.township import TOWNSHIP_SUPERVISOR

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


def test_a_visit_on_the_wrong_person_is_marked_so_and_brought_back(hand: FieldPhone, field: Field) -> None:
    record, resident, name = hand.ask(VISIT)
    hand.sync()
    hand.go(f"#/record/{record}", "高血压随访")
    hand.tap("作废", exact=True)
    main = hand.page.locator("main")
    expect(main).to_contain_text(f"作废{name}的高血压随访")
    expect(main).to_contain_text("随访、履约和报表都当作没有这一份")
    expect(hand.page.locator(".confirm")).to_have_count(0)  # first the reason
    hand.tap("记错人")
    expect(hand.page.locator(".confirm")).to_contain_text("确定作废")
    hand.picture("void", large=True)
    assert hand.faults() == []
    hand.tap(hand.page.locator(".confirm .danger"))
    hand.told("高血压随访已作废")
    hand.tap("撤销")
    expect(hand.page.get_by_role("link", name="修改", exact=True)).to_be_visible()
    assert hand.ask("(client, id) => client.get(id)", record)["void"] is False, "taken back within ten seconds"

    hand.tap("作废", exact=True)
    hand.tap("其他", exact=True)
    hand.page.get_by_label("说明").fill("同名的人")
    hand.tap(hand.page.locator(".confirm .danger"))
    hand.told("高血压随访已作废")
    hand.sync()
    assert field.view("hypertension_visit", record)["void"] == {"reason": "other", "note": "同名的人"}
    hand.go(f"#/resident/{resident}")
    expect(hand.page.locator(f"a[href='#/record/{record}']")).to_contain_text("已作废")
    hand.go(f"#/record/{record}")
    expect(main).to_contain_text("同名的人")
    expect(main).to_contain_text("158")  # nothing is deleted
    hand.tap("恢复这份记录")
    hand.told("已恢复")
    hand.sync()
    assert field.view("hypertension_visit", record).get("void") is None


def test_what_was_set_aside_is_read_and_stops_asking_when_it_is_known(hand: FieldPhone) -> None:
    hand.offline()
    record, resident, name = hand.ask(VISIT)
    hand.ask(ASTRAY, record)
    hand.offline(False)
    hand.strip_says("1条需要处理")
    main = hand.page.locator("main")

    hand.go("#/sync")
    hand.tap(f"{name} 高血压随访")
    expect(main).to_contain_text("不在您的负责范围内")
    hand.tap("打开这份记录")
    hand.says("高血压随访")
    expect(main).to_contain_text("158")
    expect(main).to_contain_text("一直不消失，就请问组长")
    expect(hand.page.get_by_role("link", name="去修改")).to_have_count(0)  # there is nothing that a doctor could change
    expect(main).not_to_contain_text("作废")
    hand.picture("set_aside", large=True)
    assert hand.faults() == []
    hand.go(f"#/resident/{resident}")
    expect(hand.page.locator(f"a[href='#/record/{record}']")).to_contain_text("被退回")
    hand.go("#/attention")
    hand.tap("看我写的")
    hand.tap("知道了，不再提醒")
    hand.strip_says("全部已上传")
    expect(main).to_contain_text("158")
    hand.go("#/attention")
    expect(main).not_to_contain_text("负责范围")

    hand.ask(UNREADABLE, record)
    hand.go(f"#/record/{record}")
    hand.tap("重新填写")
    hand.says("高血压随访")
    expect(hand.page.locator(".numpad")).to_be_visible()


def test_an_appeal_is_seen_on_the_contract_until_and_after_it_is_decided(hand: FieldPhone, field: Field) -> None:
    missed = hand.ask(FOUND)["missed"]
    contract, item = missed["contract"], missed["item"]
    resident = hand.ask("async (client, id) => (await client.get(id)).subject", contract)
    card = hand.page.locator("li.card").filter(has=hand.page.locator(f"a[href='#/performance/{contract}/{item}']"))
    hand.go(f"#/appeal/{contract}/{item}")
    hand.page.locator("#appeal-reason").fill("当天已上门，居民外出")
    hand.tap("提交申诉")
    hand.told("申诉已保存，等监管员处理")
    hand.go(f"#/contract/{resident}")
    expect(card).to_contain_text("前的一次：")
    expect(card).to_contain_text("已申诉，等监管员处理")
    hand.picture("appealed", large=True)
    assert hand.faults() == []
    [owed] = hand.ask(
        "async (client, [who, id, item]) => (await client.standing(who)).obligations.filter((one) => one.contract === id && one.item === item && one.appeal)",
        [resident, contract, item],
    )
    day = owed["by"][5:].lstrip("0").replace("-0", "-").replace("-", "月") + "日"
    assert f"{day}前的一次" in card.inner_text().replace("\u2060", ""), "which one it is about"
    hand.go(f"#/appeal/{contract}/{item}")
    hand.tap(hand.page.get_by_role("button", name="（已申诉）"))
    expect(hand.page.locator("main")).to_contain_text("当时写的理由：当天已上门，居民外出")

    hand.sync()
    desk, supervisor = field.doors.decisions.appeals, field.doors.access.view(TOWNSHIP_SUPERVISOR)
    key = owed["appeal"].removeprefix("appeal/")
    desk.judge(supervisor, contract, key, desk.of(supervisor, contract, key).contract.seen, "refused", "没有佐证")
    hand.sync()
    hand.go(f"#/contract/{resident}")
    expect(card).to_contain_text("申诉被驳回（没有佐证）")
    expect(card).not_to_contain_text("等监管员处理")
