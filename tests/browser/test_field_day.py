"""A doctor's day: enrolled in the morning, a village without signal, a phone whose battery falls out, and in the evening all is there.

The same day on SQLite, on PostgreSQL, and below a path of a proxy.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import AT_HOME, BELOW_A_PATH, ON_POSTGRES, SCREENSHOTS
from tests.browser.field import Field, FieldPhone
from tests.browser.township import DOCTOR, LEADER
from tests.browser.window import Window

TAPS = 10  # of a routine visit, from the list


@pytest.mark.parametrize("field", [AT_HOME, pytest.param(ON_POSTGRES, marks=pytest.mark.postgres), BELOW_A_PATH], indirect=True)
def test_a_visit_written_without_a_signal_outlives_the_battery_and_reaches_the_dashboard_once(
    field: Field, phone: Callable[..., FieldPhone], chromium: Browser
) -> None:
    hand = phone()
    before = {visit.id for visit in field.held("hypertension_visit")}
    hand.enrol(field.printed_code(DOCTOR))
    hand.strip_says("全部已上传")
    hand.picture("1_today", large=True)

    hand.offline()
    field.out_of_reach()
    hand.page.reload()
    hand.says("请输入锁屏密码")
    hand.picture("2_locked", large=True)
    hand.unlock()
    hand.strip_says("离线 可以正常工作")
    row = hand.due_for("高血压", without="糖尿病")
    name, resident = row.locator(".name").inner_text().strip(), str(row.get_attribute("href")).rpartition("/")[2]
    hand.picture("3_offline", large=True)

    hand.taps = 0
    hand.tap(row)
    expect(hand.page.locator(".numpad")).to_be_visible()
    hand.picture("5_visit")
    assert hand.hidden(".number.big .box, .numpad button") == [], (
        "pressure and pad are whole on the screen, nothing is scrolled"
    )
    hand.digits("146")
    hand.digits("88")
    hand.picture("6_pressure_typed")
    for choice in ("无症状", "规律", "同上次"):
        hand.tap(choice, exact=True)
    hand.picture("7_choices_made", large=True)
    hand.save()
    hand.strip_says("离线 可以正常工作 · 1条待上传")
    hand.picture("8_saved", large=True)
    taps = hand.taps

    hand.kill()
    hand.open()
    hand.unlock()
    hand.strip_says("离线 可以正常工作 · 1条待上传")
    hand.go(f"#/resident/{resident}", name)
    waiting = hand.page.locator("a.row", has=hand.page.locator(".mark.waiting"))
    expect(waiting).to_have_count(1)
    expect(waiting).to_contain_text("高血压随访")
    expect(waiting).to_contain_text("待上传")
    hand.picture("9_after_the_battery", large=True)

    field.in_reach()
    hand.offline(False)
    hand.strip_says("全部已上传")
    expect(waiting).to_have_count(0)
    hand.picture("10_delivered", large=True)

    [visit] = [one for one in field.held("hypertension_visit") if one.id not in before]
    view = field.view("hypertension_visit", visit.id)
    assert visit.subject == resident
    assert (view["vitals"]["systolic_mmhg"], view["vitals"]["diastolic_mmhg"]) == (146, 88)
    assert view["symptoms"] == {"symptoms": ["none"]}
    assert view["adherence"]["medication"] == "regular"
    assert view["lifestyle"]["carried_over"] is True
    assert view["visit"]["doctor"] == DOCTOR
    assert len(visit.edits) == 1
    desk = Window(chromium, field, LEADER, 1280, SCREENSHOTS)
    desk.open(f"/dashboard/residents/{resident}")
    desk.screenshot("field_11_dashboard")
    desk.page.locator(f"a[href$='/records/{visit.id}']").first.click()
    desk.page.wait_for_url(f"**/records/{visit.id}")
    expect(desk.page.locator("main")).to_contain_text("146")
    desk.close()
    assert desk.troubles == []
    assert taps <= TAPS, f"a routine visit took {taps} taps"
