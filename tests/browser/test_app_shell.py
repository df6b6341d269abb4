"""The app around its forms: a code in a link, a PIN, no signal, large letters, a new version while somebody writes, practice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.field import LARGE, PIN, SMALL, Field, FieldPhone
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
ANOTHER_VERSION = "from server.app import pack\npack.SHELL = pack.SHELL.replace('正在打开', '请等一等')\n"


def looks_well(phone: FieldPhone, name: str) -> list[str]:
    """What is wrong with the screen on the small phone and on the larger one, and a picture of each."""
    found = []
    for size in (LARGE, SMALL):
        phone.size(size)
        found += [f"{name} {size[0]}: {fault}" for fault in phone.faults()]
    phone.picture(f"app_{name}", large=True)
    return found


def test_every_screen_of_the_app_is_whole_large_enough_and_open_to_everybody(
    field: Field, phone: Callable[..., FieldPhone]
) -> None:
    hand = phone()
    hand.open(f"/app/#enrol={field.code(DOCTOR)}")
    hand.says("设一个锁屏密码")
    assert "#enrol" not in hand.page.url  # nobody who looks into the history finds the code
    found = looks_well(hand, "pin")
    hand.digits("123456")
    expect(hand.page.get_by_role("alert")).to_contain_text("太容易猜到")
    hand.digits(PIN)
    hand.says("再输一次密码")
    hand.digits("493028")
    hand.says("设一个锁屏密码")
    hand.digits(PIN)
    hand.says("再输一次密码")
    hand.digits(PIN)
    hand.says("可以用了")
    found += looks_well(hand, "ready")
    hand.tap("开始使用")
    hand.says("今日")
    for screen, title in SCREENS.items():
        hand.go(f"#/{screen}")
        hand.says(title)
        expect(hand.page.get_by_role("heading", name=title, exact=True).first).to_be_focused()
        found += looks_well(hand, screen)
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
    for screen, title in SCREENS.items():
        hand.go(f"#/{screen}")
        hand.says(title)
        found += looks_well(hand, f"{screen}_largest")
    assert found == []


def test_without_a_signal_and_without_a_server_the_phone_opens_and_has_everybody(served: Field, hand: FieldPhone) -> None:
    hand.enrol(served.code(DOCTOR))
    hand.synced()
    before = hand.page.locator(".row .name").all_inner_texts()
    hand.offline()
    served.out_of_reach()
    hand.page.reload()
    hand.says("请输入锁屏密码")
    hand.digits("111213")
    expect(hand.page.get_by_role("alert")).to_have_text("密码不对，请再输一次")
    hand.unlock()
    hand.strip_says("离线 可以正常工作")
    expect(hand.page.locator(".row .name").first).to_have_text(before[0])
    assert hand.page.locator(".row .name").all_inner_texts() == before
    name = before[0]
    hand.page.get_by_role("searchbox").fill(name[:2])
    hand.tap(hand.row(name))
    hand.says(name)
    expect(hand.page.get_by_role("link", name="入户记录")).to_be_visible()


def test_a_phone_that_was_away_for_eleven_minutes_asks_for_the_pin_and_keeps_what_was_typed(
    field: Field, phone: Callable[..., FieldPhone]
) -> None:
    hand = phone()
    hand.enrol(field.code(DOCTOR))
    resident = hand.ask(A_RESIDENT)
    hand.go(f"#/form/hypertension_visit/{resident}")
    hand.says("高血压随访")
    hand.digits("152")
    hand.page.evaluate(ELEVEN_MINUTES)
    hand.says("请输入锁屏密码")
    expect(hand.page.get_by_text("刚才填写的内容还在")).to_be_visible()
    expect(hand.page.get_by_text("152")).to_be_hidden()
    for digit in PIN:
        hand.tap(hand.page.locator(".pad button:visible", has_text=digit))
    expect(hand.page.get_by_text("152").first).to_be_visible()
    hand.go("#/today")
    hand.says("今日")
    hand.page.evaluate(ELEVEN_MINUTES)
    hand.says("请输入锁屏密码")
    assert hand.page.locator(".row").count() == 0


def test_a_new_version_waits_until_no_form_is_open_in_any_tab(served: Field, hand: FieldPhone, tmp_path: Path) -> None:
    hand.enrol(served.code(DOCTOR))
    old = hand.page.locator("html").get_attribute("data-version")
    hand.go(f"#/form/hypertension_visit/{hand.ask(A_RESIDENT)}")
    hand.says("高血压随访")
    hand.digits("152")
    served.out_of_reach()
    (tmp_path / "sitecustomize.py").write_text(ANOTHER_VERSION)
    served.environment["PYTHONPATH"] = str(tmp_path)
    served.in_reach()
    other = hand.new_tab()
    other.goto(f"{served.line.url}/app/#/me")
    other.wait_for_function("async () => Boolean((await navigator.serviceWorker.getRegistration())?.waiting)")
    for digit in PIN:
        other.locator(".pad button", has_text=digit).tap()
    other.get_by_role("button", name="更新", exact=True).tap()
    expect(other.get_by_text("有表格还没有填完")).to_be_visible()
    assert other.locator("html").get_attribute("data-version") == old
    expect(hand.page.get_by_text("152").first).to_be_visible()  # nothing has moved under the fingers
    hand.go("#/today")
    hand.says("今日")
    with other.expect_navigation():
        other.get_by_role("button", name="更新", exact=True).tap()
    expect(other.get_by_role("heading", name="请输入锁屏密码")).to_be_visible()
    assert other.locator("html").get_attribute("data-version") not in (old, None)
    hand.offline()
    served.out_of_reach()
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
    hand.go("#/sync")
    hand.says("同步")
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
    hand.digits(PIN)
    hand.says("再输一次密码")
    hand.digits(PIN)
    expect(hand.page.get_by_role("alert")).to_contain_text("这个编号不能用")
    hand.page.get_by_label("编号").fill(field.code(DOCTOR))
    hand.tap("下一步")
    hand.digits(PIN)
    hand.says("再输一次密码")
    hand.digits(PIN)
    hand.says("可以用了")
