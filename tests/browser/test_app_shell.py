"""The app around its forms: a code in a link, a PIN, no signal, large letters, a new version while somebody writes, practice."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.field import PIN, Field, FieldPhone
from tests.browser.screen import LARGE, SMALL
from tests.browser.township import DOCTOR

SCREENS = {"today": "今日", "residents": "居民", "sync": "同步", "me": "我的", "guide": "固定到桌面"}
A_RESIDENT = (
    "async (client) => (await client.rows()).find((row) => row.groups.includes('hypertension') && row.due.length).resident"
)
# the person comes back to the phone after eleven minutes, by its clock
ELEVEN_MINUTES = """() => {
  const now = Date.now, hide = (value) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
    document.dispatchEvent(new Event("visibilitychange"));
  };
  hide(true);
  Date.now = () => now() + 11 * 60_000;
  hide(false);
  Date.now = now;
}"""


def looks_well(phone: FieldPhone, name: str) -> list[str]:
    """What is wrong with the screen on the small phone and on the larger one, and a picture of each."""
    found = []
    for size in (LARGE, SMALL):
        phone.size(size)
        found += [f"{name} {size[0]}: {fault}" for fault in phone.faults()]
    phone.picture(f"app_{name}", large=True)
    return found


def screens(phone: FieldPhone, size: str = "") -> list[str]:
    """What is wrong with the screens that are no form, in this size of text."""
    found = []
    for screen, title in SCREENS.items():
        phone.go(f"#/{screen}", title)
        expect(phone.page.get_by_role("heading", name=title, exact=True).first).to_be_focused()
        found += looks_well(phone, f"{screen}{size}")
    return found


def test_every_screen_of_the_app_is_whole_large_enough_and_open_to_everybody(
    field: Field, phone: Callable[..., FieldPhone]
) -> None:
    hand = phone()
    hand.open(f"/app/#enrol={field.code(DOCTOR)}")
    hand.says("设一个锁屏密码")
    expect(hand.page).not_to_have_url(re.compile("#enrol"))  # nobody who looks into the history finds the code
    found = looks_well(hand, "pin")
    hand.digits("123456")
    expect(hand.page.get_by_role("alert")).to_contain_text("太容易猜到")
    hand.digits(PIN)
    hand.says("再输一次密码")
    hand.digits("493028")
    hand.choose()
    hand.says("可以用了")
    found += looks_well(hand, "ready")
    hand.tap("开始使用")
    hand.says("今日")
    found += screens(hand)
    hand.go(f"#/resident/{hand.ask(A_RESIDENT)}")
    expect(hand.page.get_by_role("heading", name="记录").first).to_be_visible()
    found += looks_well(hand, "resident")
    hand.tap(hand.page.locator("a.row.low").first)
    expect(hand.page.get_by_role("heading", name="谁写的")).to_be_visible()
    found += looks_well(hand, "record")
    hand.page.go_back()
    hand.tap("其他记录")
    hand.says("其他记录")
    found += looks_well(hand, "forms")
    hand.go("#/me")
    hand.tap("特大")
    found += screens(hand, "_largest")
    assert found == []


def test_without_a_signal_and_without_a_server_the_phone_opens_and_has_everybody(field: Field, hand: FieldPhone) -> None:
    names = hand.page.locator(".row .name")
    expect(names.first).to_be_visible()
    before = names.all_inner_texts()
    hand.offline()
    field.out_of_reach()
    hand.page.reload()
    hand.says("请输入锁屏密码")
    hand.digits("111213")
    expect(hand.page.get_by_role("alert")).to_have_text("密码不对，请再输一次")
    hand.unlock()
    hand.strip_says("离线 可以正常工作")
    expect(names).to_have_text(before)
    name = before[0]
    hand.page.get_by_role("searchbox").fill(name[:2])
    hand.tap(hand.row(name))
    hand.says(name)
    expect(hand.page.get_by_role("link", name="入户记录")).to_be_visible()


def test_a_phone_that_was_away_for_eleven_minutes_asks_for_the_pin_and_keeps_what_was_typed(
    hand: FieldPhone,
) -> None:
    hand.go(f"#/form/hypertension_visit/{hand.ask(A_RESIDENT)}", "高血压随访")
    hand.digits("152")
    hand.page.evaluate(ELEVEN_MINUTES)
    hand.says("请输入锁屏密码")
    expect(hand.page.get_by_text("刚才填写的内容还在")).to_be_visible()
    expect(hand.page.get_by_text("152")).to_be_hidden()
    hand.unlock()
    expect(hand.page.get_by_text("152").first).to_be_visible()
    hand.go("#/today", "今日")
    hand.page.evaluate(ELEVEN_MINUTES)
    hand.says("请输入锁屏密码")
    expect(hand.page.locator(".row")).to_have_count(0)


def test_a_new_version_waits_until_no_form_is_open_in_any_tab(field: Field, hand: FieldPhone) -> None:
    old = hand.page.locator("html").get_attribute("data-version")
    hand.go(f"#/form/hypertension_visit/{hand.ask(A_RESIDENT)}", "高血压随访")
    hand.digits("152")
    field.renew("server/app/pack.py", "正在打开", "请等一等")
    other = hand.new_tab()
    other.goto(f"{hand.url}/app/#/me")
    other.wait_for_function("async () => Boolean((await navigator.serviceWorker.getRegistration())?.waiting)")
    hand.unlock(window=other)
    other.get_by_role("button", name="更新", exact=True).tap()
    expect(other.get_by_text("有表格还没有填完")).to_be_visible()
    assert other.locator("html").get_attribute("data-version") == old
    expect(hand.page.get_by_text("152").first).to_be_visible()  # nothing has moved under the fingers
    hand.go("#/today", "今日")
    with other.expect_navigation():
        other.get_by_role("button", name="更新", exact=True).tap()
    expect(other.get_by_role("heading", name="请输入锁屏密码")).to_be_visible()
    assert other.locator("html").get_attribute("data-version") not in (old, None)
    hand.offline()
    field.out_of_reach()
    hand.open("/app/")  # the new one is whole on the phone
    hand.unlock()
    assert hand.page.locator("html").get_attribute("data-version") != old


def test_practice_is_all_sample_people_and_sends_nothing(field: Field, phone: Callable[..., FieldPhone]) -> None:
    hand = phone()
    hand.open()
    hand.says("第一次使用")
    found = looks_well(hand, "first")
    hand.tap("先试一试")
    hand.says("练习模式")
    hand.tap("开始练习")
    hand.says("可以用了")
    before = len(field.line.asked)
    hand.tap("开始使用")
    hand.strip_says("练习模式，不上传")
    found += looks_well(hand, "practice")
    hand.go("#/sync", "同步")
    found += looks_well(hand, "practice_sync")
    expect(hand.page.get_by_role("button", name="立即同步")).to_have_count(0)
    assert [one.path for one in field.line.asked[before:] if "/v1/" in one.path] == []
    hand.go("#/me")
    hand.tap("离开练习模式")
    hand.says("第一次使用")
    assert found == []


def test_a_wrong_code_is_told_in_words_and_the_right_one_then_serves(field: Field, phone: Callable[..., FieldPhone]) -> None:
    hand = phone()
    hand.open()
    hand.tap("下一步")
    expect(hand.page.get_by_role("alert")).to_have_text("请先填写编号")
    expect(hand.page.get_by_label("编号")).to_be_focused()
    hand.page.get_by_label("编号").fill("AAAAA-AAAAA")
    hand.tap("下一步")
    hand.choose()
    expect(hand.page.get_by_role("alert")).to_contain_text("这个编号不能用")
    hand.page.get_by_label("编号").fill(field.code(DOCTOR))
    hand.tap("下一步")
    hand.choose()
    hand.says("可以用了")
