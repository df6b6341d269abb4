"""A contract on a phone: who signs it, what it is called, how it is renewed and ended."""

import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.field import FieldPhone

# somebody without a contract, and somebody with one in force, in a home where nobody else has part in the story
FOUND = """async (client) => {
  const [signed, rows] = [new Map(), await client.rows()];
  for (const one of await client.find({ type: "contract" })) signed.set(one.subject, [...(signed.get(one.subject) ?? []), one]);
  const packages = Object.fromEntries((await client.find({ type: "service_package" })).map((one) => [one.id, one.sections.package.name]));
  for (const row of rows) {
    const [one, ...more] = signed.get(row.resident) ?? [];
    if (!one || more.length || one.void || (await client.standing(row.resident)).signed?.contract !== one.id) continue;
    const names = one.sections.packages.packages.map((id) => packages[id]);
    return { unsigned: rows.find((row) => !signed.has(row.resident)).resident, resident: row.resident, contract: one.id, names };
  }
}"""
WAITING = (
    "async (client, subject) => (await client.find({ type: 'contract', subject })).filter((one) => one.pending && !one.void)"
)


def sign(one: FieldPhone, whose: str) -> None:
    """Draw a line where this signature is wanted."""
    pad = one.page.get_by_role("img", name=whose)
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    one.page.mouse.move(box["x"] + 40, box["y"] + 40)
    one.page.mouse.down()
    for step in range(12):
        one.page.mouse.move(box["x"] + 40 + 12 * step, box["y"] + 40 + (step % 3) * 14)
    one.page.mouse.up()
    expect(pad).to_have_attribute("aria-label", re.compile("已签名"))
    expect(one.page.get_by_role("button", name="重签").last).to_be_visible()


def kept(one: FieldPhone, resident: str) -> dict[str, Any]:
    """The sections of the contract of somebody that waits on the phone."""
    [made] = one.ask(WAITING, resident)
    return dict(made["sections"])


def test_a_contract_without_the_resident_s_signature_is_asked_about_before_it_is_saved(hand: FieldPhone) -> None:
    found = hand.ask(FOUND)
    hand.go(f"#/contract/{found['unsigned']}", "签约")
    expect(hand.page.locator("svg.sign")).to_have_count(2)
    assert hand.page.locator("svg.sign").evaluate_all("(all) => all.map((one) => one.ariaLabel.split('：')[0])") == [
        "居民签名",
        "医生签名",
    ]
    expect(hand.page.locator("main")).not_to_contain_text("甲方签")
    expect(hand.page.locator("main")).not_to_contain_text("乙方")
    hand.tap(hand.page.locator("[data-field=packages] .chip").first)
    sign(hand, "医生签名")
    hand.tap(hand.page.locator(".dock .main"))
    expect(hand.page.locator(".confirm")).to_contain_text("还没有居民签名")
    assert hand.ask(WAITING, found["unsigned"]) == []
    hand.picture("contract_unsigned", large=True)
    assert hand.faults() == []
    hand.tap("去签名")
    sign(hand, "居民签名")
    hand.tap(hand.page.locator(".dock .main"))
    hand.told("签约已保存")
    assert {"party_a_signature", "party_b_signature"} <= kept(hand, found["unsigned"])["signatures"].keys()


def test_who_signs_for_the_resident_is_asked_by_name_and_a_signature_may_come_later(hand: FieldPhone) -> None:
    found = hand.ask(FOUND)
    hand.go(f"#/contract/{found['unsigned']}")
    hand.tap("监护人或家属")
    hand.page.get_by_label("签字人姓名").fill("王大勇")
    expect(hand.page.get_by_role("img", name="家属签名")).to_be_visible()
    hand.tap(hand.page.locator("[data-field=packages] .chip").first)
    hand.tap(hand.page.locator(".dock .main"))
    expect(hand.page.locator(".confirm")).to_contain_text("还没有家属签名")
    hand.tap("先保存，以后补签")
    hand.told("签约已保存")
    made = kept(hand, found["unsigned"])
    assert (made["parties"]["signer"], made["parties"]["signer_name"]) == ("guardian", "王大勇")
    assert "party_b_signature" not in made["signatures"]


def test_a_contract_is_renewed_on_a_page_of_its_own_and_going_back_leads_to_the_contract(hand: FieldPhone) -> None:
    found = hand.ask(FOUND)
    hand.go(f"#/resident/{found['resident']}")
    hand.go(f"#/contract/{found['resident']}")
    for name in found["names"]:
        expect(hand.page.locator(".facts")).to_contain_text(name)
    expect(hand.page.locator(".facts")).not_to_contain_text("已选")
    hand.picture("contract_in_force", large=True)
    assert hand.faults() == []
    hand.tap("续签")
    hand.says("续签")
    hand.page.go_back()
    expect(hand.page.get_by_role("heading", name="应服务项目")).to_be_visible()
    hand.tap("续签")
    hand.says("续签")
    hand.tap(hand.page.locator(".dock .main"))
    hand.tap("先保存，以后补签")
    hand.told("续签已保存")
    expect(hand.page.get_by_role("heading", name="应服务项目")).to_be_visible()
    made = kept(hand, found["resident"])
    assert (made["status"]["status"], made["term"]["renewal_of"]) == ("renewed", found["contract"])


def test_a_contract_is_ended_by_a_button_of_its_own_with_the_reason(hand: FieldPhone) -> None:
    found = hand.ask(FOUND)
    hand.go(f"#/contract/{found['resident']}")
    hand.tap("解约")
    hand.says("解约")
    hand.tap("保存")
    expect(hand.page.get_by_role("alert")).to_contain_text("还缺：解约原因")
    hand.tap("迁出")
    hand.picture("contract_stopping", large=True)
    assert hand.faults() == []
    hand.save("已保存")
    expect(hand.page.locator(".facts")).to_contain_text("迁出")
    expect(hand.page.get_by_role("link", name="解约")).to_have_count(0)
    [edit] = [one for one in hand.ask("(client) => client.outbox()") if one["record"] == found["contract"]]
    assert edit["sections"]["status"] == {"status": "terminated"}
    assert edit["sections"]["stop"].keys() == {"stopped_on", "reason"}
    assert set(edit["sections"]) == {"status", "stop"}, "what was not changed is not written"
    standing = hand.ask("(client, id) => client.standing(id)", found["resident"])
    assert standing["signed"] is None
    hand.tap("重新签约")
    hand.says("签约")
    hand.page.get_by_role("button", name="周期").click()
    expect(hand.page.locator("[data-field$='term.starts_on'] .box")).to_contain_text(
        hand.ask("() => new Date().toLocaleDateString('sv')")
    )
