"""The other screens on which something is written: a home, a contract, a service, an appeal, a plan, a new resident; and my work."""

import re
from typing import Any

from playwright.sync_api import expect

from sync.identity import check_digit
from tests.browser.field import Field, FieldPhone
from tests.browser.screen import LARGE

ID_BODY = "41149919580312001"
# what a doctor of the sample has: a home of several, somebody without a contract, a missed service, a plan that nobody disputes
FOUND = """async (client) => {
  const rows = await client.rows();
  const home = rows.find((row) => row.household && rows.filter((one) => one.household === row.household).length > 1).household;
  const signed = new Set((await client.find({ type: "contract" })).map((one) => one.subject));
  const unsigned = rows.find((row) => !signed.has(row.resident)).resident;
  const plan = (await client.find({ type: "care_plan" })).find((one) => !Object.keys(one.conflicts).length && one.sections["measure/m1"] !== null && one.scope.length === 12);
  for (const row of rows.filter((one) => signed.has(one.resident))) {
    const missed = (await client.standing(row.resident)).obligations.find((one) => one.state === "missed" && !one.appeal);
    if (missed) return { home, unsigned, plan: [plan.subject, plan.id, plan.sections.summary.version], missed, members: rows.filter((one) => one.household === home).map((one) => one.name) };
  }
}"""


def sign(one: FieldPhone, at: int = 0) -> None:
    """Draw a line where a signature is wanted."""
    pad = one.page.locator("svg.sign").nth(at)
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    mouse, x, y = one.page.mouse, box["x"] + 40, box["y"] + 40
    mouse.move(x, y)
    mouse.down()
    for step in range(12):
        mouse.move(x + 12 * step, y + (step % 3) * 14)
    mouse.up()
    expect(pad).to_have_attribute("aria-label", re.compile("已签名"))


def newest(one: FieldPhone, kind: str) -> dict[str, Any]:
    """The sections of the record of a kind that waits on the phone."""
    [made] = [view for view in one.ask("(client, type) => client.find({ type })", kind) if view["pending"] and not view["void"]]
    return dict(made["sections"])


def test_what_a_doctor_writes_on_a_round(hand: FieldPhone, field: Field) -> None:
    found = hand.ask(FOUND)
    # a home: who was met, what was found, a signature
    hand.go(f"#/household/{found['home']}/visit", "入户记录")
    for name in found["members"][:2]:
        hand.tap(name, exact=True)
    hand.page.get_by_label("情况记录").fill("家中整洁，老人按时服药")
    sign(hand)
    hand.picture("household", large=True)
    assert hand.faults() == []
    hand.save("入户记录已保存")
    visit = newest(hand, "home_visit")
    assert (visit["visit"]["household_times"], visit["visit"]["person_times"]) == (1, 2)
    strokes = str(visit["evidence"]["resident_signature_strokes"])
    assert strokes.startswith("M")
    assert len(str(visit["evidence"]["resident_signature"])) == 64

    # a contract: packages in plain words, both sign
    hand.go(f"#/contract/{found['unsigned']}", "签约")
    hand.tap(hand.page.locator("[data-field=packages] .chip").first)
    expect(hand.page.locator(".promises li").first).to_contain_text("每年")
    sign(hand, 0)
    sign(hand, 1)
    hand.picture("contract", large=True)
    assert hand.faults() == []
    hand.tap(hand.page.locator(".dock .main"))
    hand.told("签约已保存")
    contract = newest(hand, "contract")
    assert {"party_a_signature", "party_b_signature"} <= contract["signatures"].keys()
    assert any(name.startswith("item/") for name in contract)
    assert contract["term"]["ends_on"] > contract["term"]["starts_on"]

    # a service of another contract that counts as missed: an appeal, with its reason
    missed = found["missed"]
    hand.go(f"#/appeal/{missed['contract']}/{missed['item']}", "未履约申诉")
    hand.tap("提交申诉")
    expect(hand.page.get_by_role("alert")).to_contain_text("请写明理由")
    expect(hand.page.locator("#appeal-reason")).to_be_focused()
    hand.page.locator("#appeal-reason").fill("当天已上门，居民外出")
    hand.tap("提交申诉")
    hand.told("申诉已保存")

    # a service that was given
    hand.go(f"#/performance/{missed['contract']}/{missed['item']}", "登记履约")
    hand.tap("当面确认")
    hand.picture("performance", large=True)
    assert hand.faults() == []
    hand.save("已保存")
    assert newest(hand, "performance")["evidence"] == {"resident_confirmed": "face_to_face"}
    hand.go("#/today")
    done = hand.page.locator("section", has=hand.page.get_by_role("heading", name="今天已完成"))
    served = hand.ask("(client, id) => client.get(id)", missed["contract"])["subject"]
    expect(done.locator(f"a[href='#/resident/{served}']")).to_have_count(1)

    hand.sync()
    status = hand.ask("(client) => client.status()")
    assert (status["waiting"], status["aside"]) == (0, 0)


def test_a_plan_that_is_changed_is_a_version_of_its_own(hand: FieldPhone) -> None:
    resident, record, version = hand.ask(FOUND)["plan"]
    hand.go(f"#/plan/{resident}", "一人一策")
    hand.page.get_by_label("管理目标").fill("血压低于130/80，每周散步五次")
    expect(hand.page.locator(".folded").filter(has_text="这次改了什么")).to_contain_text("方案概要")
    hand.picture("plan", large=True)
    assert hand.faults() == []
    hand.save("已保存")
    [view] = [
        one
        for one in hand.ask("(client, id) => client.find({ subject: id, type: 'care_plan' })", resident)
        if one["id"] == record
    ]
    assert view["sections"]["summary"]["version"] == version + 1
    assert view["sections"]["summary"]["goals"] == "血压低于130/80，每周散步五次"
    [edit] = [one for one in hand.ask("(client) => client.outbox()") if one["record"] == record]
    assert set(edit["sections"]) == {"summary"}, "what was not changed is not written"


def test_a_new_resident_begins_with_the_identity_number(hand: FieldPhone) -> None:
    hand.go("#/form/resident/new", "登记居民")
    sexes = hand.page.locator("[data-field='resident:identity.sex'] .chip")
    expect(sexes).to_have_text(["男性", "女性", "未知的性别", "未说明的性别"])  # what is not known comes last
    number = ID_BODY + check_digit(ID_BODY)
    hand.page.locator("#id-no").fill(ID_BODY + ("0" if number[-1] != "0" else "1"))
    expect(hand.page.get_by_text("号码有误")).to_be_visible()
    hand.page.locator("#id-no").fill(number)
    expect(hand.page.get_by_text("男，1958-03-12 出生")).to_be_visible()
    expect(hand.page.get_by_role("button", name="男性", exact=True)).to_have_attribute("aria-pressed", "true")
    hand.page.get_by_label("姓名").fill("赵德福")
    hand.tap("保存")
    expect(hand.page.get_by_role("alert")).to_contain_text("还缺")
    hand.picture("resident", large=True)
    assert hand.faults() == []
    hand.tap("先保存")
    hand.told("赵德福 已保存")
    resident = newest(hand, "resident")
    assert resident["identity"]["birth_date"] == "1958-03-12"

    # who moves to another village is asked about
    [row] = [one for one in hand.ask("(client) => client.rows()") if one["name"] == "赵德福"]
    hand.go(f"#/form/resident/{row['resident']}/{row['resident']}")
    hand.page.get_by_label("行政区划代码").fill("411499101202")
    for words in ("保存", "先保存"):
        hand.tap(hand.page.locator("footer").get_by_role("button", name=words, exact=True))
    expect(hand.page.locator(".confirm")).to_contain_text("改地址后，此人将转到别的村，由那里的医生管理。")


def test_my_work_and_the_other_pages_have_no_fault(hand: FieldPhone) -> None:
    for address, title in (("#/work", "我的工作"), ("#/attention", "需要处理"), ("#/export", "导出未上传数据")):
        hand.go(address)
        hand.says(title)
        hand.picture(address[2:], large=True)
        for size in ((360, 640), LARGE):
            hand.size(size)
            assert hand.faults() == [], address
    hand.go("#/work")
    expect(hand.page.locator(".figures").first).to_contain_text("已计入")
