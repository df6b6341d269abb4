"""What comes between a doctor and the phone: a download that is cut, a PIN that is forgotten, a browser that clears up, odd words.

Nothing of it may cost anybody's words without having said so, and nothing may leave a page that does not open.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect
from sqlalchemy import text

from server.demo.people import STAFF
from tests.browser.field import PIN, Field, FieldPhone
from tests.browser.test_app_shell import A_RESIDENT, ELEVEN_MINUTES
from tests.browser.test_field_line import SAVE, residents_of
from tests.browser.township import COLLEAGUE, DOCTOR

NAMES = {who.id: who.name for who in STAFF}
OTHER_PIN, WRONG_PIN = "820461", "111213"
EDIT = "(client, { record, sections }) => client.edit(record, sections).then(() => null)"
SECTIONS = "async (client, record) => (await client.get(record)).sections"
WECHAT = "Mozilla/5.0 (Linux; Android 12; M2007J3SC) AppleWebKit/537.36 Chrome/107 Mobile Safari/537.36 MicroMessenger/8.0.30"
SYNC_IS_OVER = "async () => !(await navigator.locks.query()).held.some((one) => one.name === 'cunyi-phone-sync')"
FORGOTTEN, CLEAR = "忘了密码，或换人使用", "清除手机里的资料"
# a camera before which somebody holds `window.held`
CAMERA = """() => {
  window.BarcodeDetector = class { async detect() { return window.held ? [{ rawValue: window.held }] : []; } };
  const canvas = document.createElement("canvas");
  setInterval(() => canvas.getContext("2d").fillRect(0, 0, 9, 9), 50);
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream();
}"""


def test_a_first_download_that_is_cut_keeps_the_pin_that_was_chosen(field: Field, phone: Callable[..., FieldPhone]) -> None:
    hand = phone()
    hand.open(f"/app/#enrol={field.code(DOCTOR)}")
    hand.page.route("**/v1/sync", lambda route: route.abort())
    hand.choose()
    hand.says("还没有完成")
    expect(hand.page.get_by_role("button")).to_have_text(["再试一次"])  # the code is used up: another would not help
    hand.page.unroute("**/v1/sync")
    hand.tap("再试一次")
    hand.says("可以用了")
    hand.tap("开始使用")
    hand.says("今日")
    hand.page.reload()
    hand.unlock(PIN)


def test_whoever_began_without_a_signal_and_forgot_the_pin_can_begin_anew(
    field: Field, phone: Callable[..., FieldPhone]
) -> None:
    hand = phone()
    hand.open(f"/app/#enrol={field.code(DOCTOR)}")
    hand.page.route("**/v1/enrol", lambda route: route.abort())
    hand.choose(PIN)
    hand.says("还没有完成")
    hand.page.unroute("**/v1/enrol")
    hand.tap("换一个编号")
    hand.tap("下一步")
    hand.choose(OTHER_PIN)
    expect(hand.page.get_by_role("alert")).to_contain_text("请输入上次设的锁屏密码")
    hand.tap("忘了上次的密码，重新开始")
    expect(hand.page.get_by_role("alert")).to_have_count(0)
    hand.tap("下一步")
    hand.begin(OTHER_PIN)


def test_every_page_of_a_person_opens_whatever_somebody_wrote(hand: FieldPhone) -> None:
    resident = hand.ask(A_RESIDENT)
    identity = hand.ask(SECTIONS, resident)["identity"]
    odd: list[dict[str, Any]] = [
        {"contact": None, "residence": None},
        {"contact": {"phone": 13800138000}, "residence": {"address": 12}},
        {"history": {"drug_allergy": "penicillin", "past_disease_details": "many"}},
        {"identity": {**identity, "birth_date": 19600101, "sex": ["male"]}},
        {"identity": {**identity, "name": {"first": "Ana"}}, "history": {"drug_allergy": [None, 7]}},
    ]
    pages = ("resident/{0}", "record/{0}", "form/resident/{0}/{0}", "form/hypertension_visit/{0}", "form/health_exam/{0}")
    for sections in odd:
        hand.ask(EDIT, {"record": resident, "sections": sections})
        for page in ("today", "residents", "plan/{0}", "contract/{0}", *pages):
            hand.go(f"#/{page.format(resident)}")
            expect(hand.page.get_by_text("正在打开")).to_have_count(0)
            expect(hand.page.locator("h1")).not_to_have_text("这一页打不开")
            expect(hand.page.locator("main")).not_to_be_empty()
    hand.go(f"#/resident/{resident}")
    expect(hand.page.get_by_role("heading", name="记录").first).to_be_visible()
    # what is odd there does not stay in the way of what is right
    hand.ask(EDIT, {"record": resident, "sections": {"contact": {"phone": 13800138000}, "identity": identity}})
    expect(hand.page.get_by_role("link", name="拨打")).to_have_attribute("href", "tel:13800138000")


def test_no_name_stays_in_the_history_of_the_browser_or_on_a_locked_page(hand: FieldPhone, tmp_path: Path) -> None:
    resident = hand.ask(A_RESIDENT)
    sections = hand.ask(SECTIONS, resident)
    name, home = sections["identity"]["name"], sections["household"]["household"]
    for address, title in {
        f"#/resident/{resident}": "居民 · 村医",
        f"#/household/{home}": "家庭 · 村医",
        f"#/record/{resident}": "居民个人基本信息表 · 村医",
        f"#/form/hypertension_visit/{resident}": "高血压随访 · 村医",
    }.items():
        hand.go(address)
        expect(hand.page.locator("header, main").filter(has_text=name[1:]).first).to_be_visible()
        expect(hand.page).to_have_title(title)
    hand.page.evaluate(ELEVEN_MINUTES)
    hand.says("请输入锁屏密码")
    expect(hand.page).to_have_title("村医")
    hand.shut()
    shutil.copy(tmp_path / "phone-0" / "Default" / "History", tmp_path / "history")
    with closing(sqlite3.connect(tmp_path / "history")) as history:
        titles = [title for (title,) in history.execute("select title from urls")]
    assert "居民 · 村医" in titles
    assert [title for title in titles if name in title or "家 ·" in title] == []


def test_a_code_that_was_scanned_with_wechat_goes_along_to_the_browser(chromium: Browser, field: Field) -> None:
    code = field.code(DOCTOR)
    context = chromium.new_context(user_agent=WECHAT)
    page = context.new_page()
    page.goto(f"{field.line.url}/app/#enrol={code}")
    expect(page.get_by_role("heading", name="请换浏览器打开")).to_be_visible()
    page.wait_for_function("document.readyState === 'complete'")
    page.evaluate("() => new Promise((go) => setTimeout(go, 300))")  # whatever it does to the address it has done
    assert page.url.endswith(f"/app/#enrol={code}")
    context.close()


def test_who_has_forgotten_the_pin_hears_what_would_be_lost_and_begins_anew_only_after_two_yeses(
    field: Field, hand: FieldPhone
) -> None:
    hand.offline()
    people = residents_of(hand, 1)
    hand.ask(SAVE, {"residents": people, "pressures": [158]})
    hand.go(f"#/form/hypertension_visit/{people[0]}", "高血压随访")
    hand.digits("15")
    expect(hand.page.locator("[data-pad]").first).to_contain_text("15")
    other = hand.new_tab()
    other.goto(f"{hand.url}/app/")
    hand.unlock(window=other)
    hand.page.bring_to_front()
    hand.page.goto("about:blank")
    hand.open(f"/app/#enrol={field.code(COLLEAGUE)}")  # the phone is handed on
    hand.says("请输入锁屏密码")
    assert hand.faults() == []
    hand.tap(FORGOTTEN)
    hand.says(FORGOTTEN)
    expect(hand.page.locator(".notice.red")).to_contain_text("1条没有上传的内容和1份没写完的表")
    expect(hand.page.locator(".notice.red")).to_contain_text("没有密码，也不能导出或交给组长")
    assert hand.faults() == []
    hand.picture("forgotten", large=True)
    hand.tap(CLEAR)
    expect(hand.page.locator(".confirm")).to_contain_text("真的不要这1条没有上传的内容和1份没写完的表了吗")
    assert hand.faults() == []
    hand.tap("取消")
    hand.tap("返回，再试密码")
    hand.unlock()
    assert hand.ask("async (client) => (await client.status()).waiting") == 1, "nothing has gone"

    hand.page.reload()
    hand.tap(FORGOTTEN)
    hand.tap(CLEAR)
    hand.tap("不要了，清除")
    hand.says("设一个锁屏密码")
    expect(other.get_by_role("heading", name="第一次使用")).to_be_visible()
    other.close()
    hand.offline(False)
    hand.begin(OTHER_PIN)
    expect(hand.page.locator(".who")).to_contain_text(NAMES[COLLEAGUE])


def test_while_somebody_goes_on_writing_in_another_window_the_phone_is_not_cleared_unasked(
    field: Field, hand: FieldPhone
) -> None:
    hand.offline()
    hand.page.reload()
    hand.tap(FORGOTTEN)
    hand.says(FORGOTTEN)
    expect(hand.page.locator(".notice.red")).to_have_count(0)
    hand.tap(CLEAR)
    hand.ask(SAVE, {"residents": residents_of(hand, 1), "pressures": [158]})
    hand.tap("清除", exact=True)
    expect(hand.page.locator(".notice.red")).to_contain_text("1条没有上传的内容")
    assert hand.ask("async (client) => (await client.status()).waiting") == 1


def test_a_phone_that_the_browser_cleared_says_what_is_lost_and_whom_to_call(field: Field, hand: FieldPhone) -> None:
    hand.page.evaluate("new Promise((go) => { indexedDB.deleteDatabase('cunyi-phone').onsuccess = go; })")
    hand.go("#/sync")
    hand.signal_returns()
    told = hand.page.locator(".notice.red")
    for words in ("浏览器清除了这部手机里的资料", "没有上传的记录和没写完的表已经没有了", "请打电话给管理员"):
        expect(told).to_contain_text(words)
    assert hand.faults() == []
    hand.page.goto("about:blank")
    code = field.code(DOCTOR)
    hand.open(f"/app/#enrol={code}")
    expect(told).to_contain_text("请补写")  # before the code is taken, too
    expect(hand.page.get_by_label("编号")).to_have_value(code)
    hand.tap("下一步")
    hand.begin()


def test_a_phone_that_is_shut_out_says_that_a_form_half_filled_in_was_not_handed_over(field: Field, hand: FieldPhone) -> None:
    hand.go(f"#/form/hypertension_visit/{hand.ask(A_RESIDENT)}", "高血压随访")
    hand.digits("152")
    actor = hand.ask("async (client) => (await client.status()).actor")
    with field.doors.engine.begin() as connection:
        shut = "update devices set status = 'revoked' where id = (select device from actors where actor = :actor)"
        connection.execute(text(shut), {"actor": actor})
    hand.signal_returns()
    hand.says("这部手机已停用")
    expect(hand.page.locator("main")).to_contain_text("没写完、没保存的表没有交出，已一起清除")


def test_a_phone_that_was_locked_during_a_sync_does_not_complain_of_its_disk(field: Field, hand: FieldPhone) -> None:
    hand.go("#/sync")
    with field.line.holding("/v1/sync"):
        hand.tap("立即同步")
        expect(hand.page.get_by_role("button", name="正在同步")).to_be_visible()
        hand.leave()
    hand.page.wait_for_function(SYNC_IS_OVER)
    hand.offline()
    hand.unlock()
    hand.go("#/sync")
    expect(hand.page.get_by_text("现在没有信号，可以照常工作")).to_be_visible()
    for trouble in ("手机存储空间不足", "没有全部传完"):
        expect(hand.page.locator("main")).not_to_contain_text(trouble)
    hand.offline(False)
    hand.strip_says("全部已上传")


def test_leaving_in_one_window_locks_the_others(hand: FieldPhone) -> None:
    resident = hand.ask(A_RESIDENT)
    other = hand.new_tab()
    other.goto(f"{hand.url}/app/#/resident/{resident}")
    hand.unlock(window=other)
    expect(other.get_by_role("heading", name="记录").first).to_be_visible()
    hand.page.evaluate(ELEVEN_MINUTES)
    hand.unlock()
    expect(other.get_by_role("heading", name="记录").first).to_be_visible()  # only who leaves, leaves everywhere
    hand.leave()
    expect(other.get_by_role("heading", name="请输入锁屏密码")).to_be_visible()
    expect(other.get_by_role("heading", name="记录")).to_have_count(0)


def test_an_address_that_nobody_can_read_leads_to_today(hand: FieldPhone) -> None:
    hand.page.goto("about:blank")
    hand.open("/app/#/%E0%A4%A")
    hand.unlock()
    hand.says("今日")


def test_a_right_pin_that_has_to_wait_is_not_called_wrong(hand: FieldPhone) -> None:
    hand.go("#/pin")
    for old in (*[WRONG_PIN] * 5, PIN):
        hand.says("请输入原来的密码")
        hand.digits(old)
        hand.says("请输入新密码")
        hand.digits(OTHER_PIN)
        hand.says("再输一次新密码")
        hand.digits(OTHER_PIN)
        expect(hand.page.get_by_role("alert")).to_have_text(
            re.compile("原来的密码不对" if old == WRONG_PIN else "密码错了多次，请等.*再试")
        )


def test_the_camera_takes_the_code_of_this_server_and_says_of_any_other_why_not(
    field: Field, phone: Callable[..., FieldPhone]
) -> None:
    hand = phone()
    hand.open()
    hand.page.add_init_script(f"({CAMERA})()")
    hand.page.reload()
    hand.tap("扫描二维码")
    hand.page.evaluate("window.held = 'https://elsewhere.example/app/#enrol=AAAAA-AAAAA'")
    expect(hand.page.get_by_text("这是另一个服务器（elsewhere.example）的二维码")).to_be_visible()
    hand.page.evaluate("window.held = 'WIFI:T:WPA;S:clinic;;'")
    expect(hand.page.get_by_text("这不是登记用的二维码")).to_be_visible()
    hand.page.evaluate("(link) => { window.held = link; }", f"{hand.url}/app/#enrol={field.code(DOCTOR)}")
    hand.begin()
