"""What a doctor wrote for a village that is not theirs: the leader decides at a desk, and the phone says what and why."""

from playwright.sync_api import expect

from server import utc_now
from server.demo.people import LIU, STAFF, VILLAGES
from server.store.deposits import APPLIED
from tests.browser.field import Field, FieldPhone, whole
from tests.browser.township import LEADER

WHY = "她住在邻村，由该村村医随访"
# a visit to the first of two who have high blood pressure, for another village
VISIT = """async (client, scope) => {
  const who = (await client.rows()).filter((row) => row.groups.includes("hypertension") && !row.disputed)[0];
  const sections = { visit: { visited_on: new Date().toISOString().slice(0, 10), way: "clinic" }, vitals: { systolic_mmhg: 158, diastolic_mmhg: 94 } };
  const record = await client.create("hypertension_visit", sections, { subject: who.resident });
  await client._store.transaction(async (tables) => {
    for (const [position, edit] of await tables._table("outbox"))
      if (edit.record === record) tables._set("outbox", position, { ...edit, scope });
  });
  return record;
}"""
NAMES = {who.id: who.name for who in STAFF}
[ELSEWHERE, *_] = [code for code, _ in VILLAGES if code != LIU]


def set_aside(hand: FieldPhone, field: Field) -> tuple[str, str]:
    """A visit that the server did not take: its record, and what the leader finds."""
    hand.offline()
    record = str(hand.ask(VISIT, ELSEWHERE))
    hand.offline(False)
    hand.strip_says("1条需要处理")
    desk, leader = field.doors.decisions.set_aside, field.doors.access.view(LEADER)
    [one] = [one for one in desk.listed(leader) if one.deposit.record == record]
    return record, str(one.deposit.id)


def test_a_doctor_reads_who_refused_the_visit_when_and_why_and_the_strip_is_quiet_once_that_is_known(
    hand: FieldPhone, field: Field
) -> None:
    record, deposit = set_aside(hand, field)
    main, card = hand.page.locator("main"), hand.page.locator("section.card")
    hand.go("#/attention")
    expect(card).to_contain_text("不在您的负责范围内")
    expect(card).to_contain_text("没有采用，会在这里告诉您")
    expect(hand.page.get_by_role("button", name="知道了")).to_have_count(0)

    field.doors.decisions.set_aside.refuse(field.doors.access.view(LEADER), deposit, WHY)
    today = field.config.day_of(utc_now())
    said = f"组长 {NAMES[LEADER]} {whole(f'{today.month}月{today.day}日')}没有采用：{WHY}。您写的都还在。"
    hand.sync()
    hand.strip_says("1条需要处理")
    hand.go("#/attention")
    expect(card).to_contain_text(said)
    expect(card).not_to_contain_text("负责范围")
    hand.picture("refused", large=True)
    assert hand.faults() == []
    assert hand.fallen() == []

    hand.tap("看我写的")
    hand.says("高血压随访")
    expect(main).to_contain_text(said)
    expect(main).to_contain_text("158")
    assert hand.faults() == []
    hand.go("#/attention")
    hand.tap("知道了")
    hand.strip_says("全部已上传")
    expect(main).not_to_contain_text(WHY)

    hand.kill()
    hand.open()
    hand.unlock()
    hand.strip_says("全部已上传")
    hand.go(f"#/record/{record}")
    expect(hand.page.locator("main")).to_contain_text(said)
    expect(hand.page.locator("main")).to_contain_text("158")


def test_what_the_leader_took_for_another_village_asks_no_more_though_the_phone_does_not_hold_it(
    hand: FieldPhone, field: Field
) -> None:
    record, deposit = set_aside(hand, field)
    desk, leader = field.doors.decisions.set_aside, field.doors.access.view(LEADER)
    assert desk.apply(leader, deposit) == "accepted"
    assert desk.of(leader, deposit).deposit.state == APPLIED
    hand.go("#/sync")
    hand.tap("立即同步")
    hand.strip_says("全部已上传")
    hand.go("#/attention")
    expect(hand.page.locator("main")).not_to_contain_text("被退回")
    assert hand.ask("(client, id) => client.get(id).catch((error) => error.name)", record) == "NoSuchRecordError"
