"""What befalls a phone: no space, a new version under an open form, a clock that is years off. Nothing typed is lost, nothing locks up."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from sync.codec import instant
from tests.browser.field import Field, FieldPhone
from tests.browser.township import DOCTOR, LEADER

NOTE = "老人说夜里常头晕，已嘱慢起身"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))


def test_on_a_full_phone_nothing_is_said_to_be_saved_and_nothing_typed_is_lost(field: Field, hand: FieldPhone) -> None:
    hand.offline()
    row = hand.due_for("高血压", without="糖尿病")
    form = str(row.get_attribute("href"))
    hand.tap(row)
    hand.digits("151")
    hand.digits("93")
    for choice in ("无症状", "规律", "同上次"):
        hand.tap(choice, exact=True)
    hand.typed_is_kept('"carried_over":true')
    hand.kill()
    hand.open()  # a browser that has just begun asks the disk anew
    disk = hand.devtools()
    disk.send("Storage.overrideQuotaForOrigin", {"origin": hand.origin, "quotaSize": 1})
    hand.unlock()
    hand.go(form)
    expect(hand.page.get_by_text("上次没保存的内容还在")).to_be_visible()
    hand.tap("保存", exact=True)
    expect(hand.page.get_by_role("alert").filter(has_text="空间不足")).to_be_visible()
    hand.picture("phone_full", large=True)
    expect(hand.page.locator(".number.big .box")).to_have_text(["151", "93"])  # what was typed stands there
    expect(hand.page.locator(".told")).to_have_count(0)
    hand.strip_says(re.compile("^离线 可以正常工作$"))
    disk.send("Storage.overrideQuotaForOrigin", {"origin": hand.origin})
    hand.save()
    [edit] = hand.ask("(client) => client.outbox()")
    assert edit["sections"]["vitals"]["systolic_mmhg"] == 151
    hand.offline(False)
    hand.synced()
    assert field.view("hypertension_visit", edit["record"])["vitals"]["diastolic_mmhg"] == 93


def test_a_new_version_waits_for_the_end_of_a_form_and_the_draft_is_still_there(field: Field, hand: FieldPhone) -> None:
    resident = str(hand.page.locator("section a.row").first.get_attribute("href")).rpartition("/")[2]
    version = hand.page.locator("html").get_attribute("data-version")
    hand.go(f"#/form/referral/{resident}")
    words = hand.page.locator("main textarea").first
    words.fill(NOTE)
    field.renew("server/app/static/me.js", "字体大小", "文字大小")
    hand.page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update()).then(() => null)")
    hand.page.wait_for_function("navigator.serviceWorker.getRegistration().then((one) => Boolean(one.waiting))")
    hand.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    hand.page.wait_for_function("navigator.serviceWorker.getRegistration().then((one) => Boolean(one.waiting))")
    assert hand.page.locator("html").get_attribute("data-version") == version
    expect(words).to_have_value(NOTE)

    hand.tap("返回")
    hand.go("#/me", "我的")
    expect(hand.page.get_by_text("有新版本")).to_be_visible()
    hand.picture("new_version", large=True)
    hand.tap("更新", exact=True)
    expect(hand.page.locator(f"html:not([data-version='{version}'])")).to_be_attached()
    hand.unlock()
    hand.go("#/me")
    expect(hand.page.get_by_text("文字大小")).to_be_visible()
    hand.go(f"#/form/referral/{resident}")
    expect(hand.page.locator("main textarea").first).to_have_value(NOTE)
    expect(hand.page.get_by_text("上次没保存的内容还在")).to_be_visible()


@pytest.mark.parametrize("year", [1970, 2099])
def test_with_a_clock_that_is_years_off_the_doctor_is_told_and_a_visit_ends_where_one_with_the_right_clock_does(
    field: Field, phone: Callable[..., FieldPhone], year: int
) -> None:
    now = dt.datetime.now(SHANGHAI)
    wrong = dt.datetime(year, 1, 2, 9, 30, tzinfo=SHANGHAI)
    hand = phone(clock=wrong - now)
    hand.enrol(field.code(DOCTOR))
    told = hand.page.locator(".notice.amber").filter(has_text="手机的时间不对")
    hand.picture(f"clock_{year}")
    for tab in ("今日", "同步"):
        hand.tap(hand.page.locator(".tabs a", has_text=tab))
        hand.says(tab)
        words = told.inner_text().replace("\u2060", "")  # which keeps a day in one line
        assert re.search(rf"{year}年1月2日.*应是{now:%Y年}.*自动确定日期和时间", words, re.DOTALL), words
    hand.tap(hand.page.locator(".tabs a", has_text="今日"))
    expect(hand.page.locator(".row .name").first).to_be_visible()
    overdue = re.findall(r"逾期(\d+)(天|年)", hand.page.locator("main").inner_text().replace("\u2060", ""))
    assert [int(many) for many, unit in overdue if unit == "天"], "somebody is overdue"
    assert all(int(many) < 20 for many, unit in overdue if unit == "年"), "and nobody by decades"
    people = sorted(
        set(hand.ask("async (client) => (await client.find({ type: 'hypertension_visit' })).map((one) => one.subject)"))
    )
    resident = people[year == 2099]
    hand.offline()
    hand.go(f"#/form/hypertension_visit/{resident}")
    hand.digits("134")
    hand.digits("82")
    for choice in ("无症状", "规律"):
        hand.tap(choice, exact=True)
    hand.save()
    [edit] = hand.ask("(client) => client.outbox()")
    hand.kill()
    hand.open()
    hand.unlock()
    hand.offline(False)
    hand.synced()
    assert hand.ask("(client) => client.outbox()") == []
    visit, view = field.one("hypertension_visit", edit["record"]), field.view("hypertension_visit", edit["record"])
    assert (view["vitals"]["systolic_mmhg"], view["vitals"]["diastolic_mmhg"]) == (134, 82)
    [written] = visit.edits.values() if isinstance(visit.edits, dict) else visit.edits
    assert abs(instant(written.at) - dt.datetime.now(dt.UTC)) < dt.timedelta(hours=1), "the server knows when it was"

    today = now.date().isoformat()
    assert view["visit"]["visited_on"] == today
    here = hand.ask("(client, { resident, on }) => client.standing(resident, on)", {"resident": resident, "on": today})
    there = field.doors.standings.of(field.doors.access.view(LEADER).villages, resident, now.date())
    for part in ("due", "obligations", "groups"):
        assert here[part] == there[part], part
    assert all(today[:3] == item["by"][:3] for item in here["due"]), "no due date in another decade"
    assert hand.faults(axe=False) == []
