"""A bad line: replies that are lost or late, somebody else's login page, a long way to the server. What was written arrives once, and the strip is true."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

from playwright.sync_api import expect

from client_sdk import Client
from tests.browser.field import WAIT_MS, Field, FieldPhone
from tests.browser.township import COLLEAGUE

WAITING = 300
SAVE = """async (client, { residents, pressures }) => {
  const { person } = await client.status(), made = [];
  const today = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10);
  for (const [i, systolic_mmhg] of pressures.entries()) {
    made.push(await client.create("hypertension_visit", {
      visit: { visited_on: today, way: "clinic", doctor: person.id }, vitals: { systolic_mmhg, diastolic_mmhg: 88 },
    }, { subject: residents[i % residents.length] }));
  }
  return made;
}"""


def residents_of(phone: FieldPhone, count: int) -> list[str]:
    """Some people of the list."""
    found: list[str] = phone.ask("async (client, n) => (await client.rows()).slice(0, n).map((row) => row.resident)", count)
    return found


def test_a_reply_lost_twice_leaves_one_visit_and_the_strip_never_says_more_than_is_so(field: Field, hand: FieldPhone) -> None:
    [resident] = residents_of(hand, 1)
    hand.offline()
    [visit] = hand.ask(SAVE, {"residents": [resident], "pressures": [173]})
    hand.strip_says("离线 可以正常工作 · 1条待上传")
    hand.watch_the_strip()
    field.line.lose("/v1/sync", 2)
    before = len(field.line.asked)
    hand.offline(False)
    hand.strip_says("全部已上传")
    assert field.line.to_lose("/v1/sync") == 0
    said = hand.strip_said()
    assert said[0] == "离线 可以正常工作 · 1条待上传"
    assert set(said[1:-1]) <= {"1条待上传", "正在上传 0/1", "正在上传 1/1", "正在同步"}, said
    assert said[-1] == "全部已上传"
    assert "正在上传 0/1" in said, "while no reply has come, nothing is said to be there"
    answers = [one.status for one in field.line.asked[before:] if one.path == "/v1/sync" and one.method == "POST"]
    assert answers.count(None) == 2
    assert len(field.one("hypertension_visit", visit).edits) == 1
    assert hand.ask("(client) => client.outbox()") == []


def test_behind_somebody_elses_login_page_nothing_is_taken_for_an_answer_and_nothing_is_lost(
    field: Field, hand: FieldPhone
) -> None:
    [resident] = residents_of(hand, 1)
    before = len(hand.ask("(client) => client.find({})"))
    hand.offline()
    [visit] = hand.ask(SAVE, {"residents": [resident], "pressures": [161]})
    field.line.portal = True
    hand.offline(False)
    hand.page.reload()
    hand.unlock()
    hand.go("#/sync", "同步")
    hand.tap("立即同步")
    notice = hand.page.locator(".notice.amber").filter(has_text="连不上服务器")
    expect(notice).to_be_visible()
    hand.strip_says("连不上服务器 · 1条待上传")
    hand.picture("login_page_of_others", large=True)
    hand.tap("网络测试")
    expect(hand.page.get_by_text("3次中0次有回答")).to_be_visible()
    assert [edit["record"] for edit in hand.ask("(client) => client.outbox()")] == [visit]
    assert len(hand.ask("(client) => client.find({})")) == before + 1
    field.line.portal = False
    hand.troubles = [one for one in hand.troubles if "Manifest: " not in one]  # the browser's own, about the page of the others
    hand.tap("立即同步")
    hand.strip_says("全部已上传")
    assert field.one("hypertension_visit", visit)


def test_a_sync_that_is_asked_for_while_one_is_under_way_brings_what_a_colleague_wrote_meanwhile(
    field: Field, hand: FieldPhone, laptop: Client
) -> None:
    [resident] = residents_of(hand, 1)
    hand.go("#/sync", "同步")
    with field.line.holding("/v1/sync") as held:
        hand.tap("立即同步")
        assert held.wait(WAIT_MS / 1000), "the server has answered, and the phone waits for it"
        today = hand.page.evaluate("new Date(Date.now() + 288e5).toISOString().slice(0, 10)")
        sections = {"visit": {"visited_on": today, "way": "clinic"}, "vitals": {"systolic_mmhg": 177, "diastolic_mmhg": 99}}
        visit = laptop.create("hypertension_visit", sections, subject=resident)
        assert laptop.sync().complete
        hand.signal_returns()
        hand.strip_says("正在同步")
    hand.go(f"#/resident/{resident}")
    hand.tap(hand.page.locator(f"a[href='#/record/{visit}']"))
    expect(hand.page.locator("main")).to_contain_text("177")


def test_three_hundred_visits_climb_a_slow_line_while_the_app_answers_to_every_touch(
    field: Field, phone: Callable[..., FieldPhone]
) -> None:
    hand = phone(of=COLLEAGUE)
    people = residents_of(hand, 60)
    hand.offline()
    hand.page.reload()
    hand.says("请输入锁屏密码")
    made = hand.ask(SAVE, {"residents": people, "pressures": [130 + n % 40 for n in range(WAITING)]})
    hand.unlock()
    hand.strip_says(f"离线 可以正常工作 · {WAITING}条待上传")
    hand.watch_the_strip()
    field.line.delay = 0.4
    hand.offline(False)
    hand.strip_says(re.compile("^正在上传"))
    while not hand.strip_said()[-1].startswith("全部已上传"):
        for tab in ("居民", "同步", "今日"):
            hand.tap(hand.page.locator(".tabs a", has_text=tab))
            hand.says(tab)
    said = [re.fullmatch(r"正在上传 (\d+)/(\d+)", text) for text in hand.strip_said()]
    counts = [(int(found[1]), int(found[2])) for found in said if found]
    assert counts[0] == (0, WAITING)
    assert counts == sorted(counts)
    assert counts[-1] == (WAITING, WAITING)
    steps = [sent for sent, _ in counts]
    assert max(after - before for before, after in itertools.pairwise(steps)) <= WAITING // 4, "it is seen to climb"
    held = {one.id for one in field.held("hypertension_visit")}
    assert held >= set(made)
    assert hand.ask("(client) => client.outbox()") == []
