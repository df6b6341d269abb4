"""Two phones without a signal change the same plan; the leader of the team settles it on the page, and both phones know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from client_sdk import Client
from server import utc_now
from server.demo.people import STAFF
from sync.codec import instant
from tests.browser.township import COLLEAGUE, DOCTOR, LEADER, Township
from tests.browser.window import Window

NAMES = {who.id: who.name for who in STAFF}
SECTION, REASON = "condition/hypertension", "已电话核实：患者服用的是缬沙坦"
AMLODIPINE, VALSARTAN = "苯磺酸氨氯地平片", "缬沙坦胶囊"


@pytest.fixture
def phones(township: Township, tmp_path: Path) -> Iterator[dict[str, Client]]:
    """The phones of the two doctors of the first village, synced."""
    opened = {}
    for person in (DOCTOR, COLLEAGUE):
        code = township.doors.access.new_code(person)
        opened[person] = Client.enrol(township.url, code, tmp_path / f"{person}.phone", pin="246810", device=f"{person} phone")
        assert opened[person].sync().complete
    yield opened
    for phone in opened.values():
        phone.close()


def regimen(drug: str) -> dict[str, Any]:
    return {"name": "高血压", "icd10": "I10", "medicines": [{"name": drug}], "target_systolic_mmhg": 140}


def test_what_two_doctors_changed_apart_is_settled_on_the_page_and_both_phones_hold_who_when_and_why(
    window: Callable[..., Window], township: Township, phones: dict[str, Client]
) -> None:
    plan = township.plan
    for person, drug in ((DOCTOR, AMLODIPINE), (COLLEAGUE, VALSARTAN)):
        phones[person].edit(plan, {SECTION: regimen(drug)})
    for person in (DOCTOR, COLLEAGUE, DOCTOR):
        phones[person].sync()
    assert [SECTION in phone.get(plan).conflicts for phone in phones.values()] == [True, True]

    desk = window(LEADER).page
    desk.goto("/dashboard/queue")
    desk.locator(f"a[href*='{plan}']").first.click()
    desk.wait_for_url(f"**/conflicts/{plan}*")
    heads = " ".join(desk.locator("section.question thead").first.all_inner_texts())
    assert all(name in heads for name in (NAMES[DOCTOR], NAMES[COLLEAGUE], "修改前"))
    assert all(drug in desk.locator("section.question tbody").first.inner_text() for drug in (AMLODIPINE, VALSARTAN))

    desk.get_by_label(f"采用 {NAMES[COLLEAGUE]} 的").check()
    for looked in desk.locator("input[type=checkbox][value=looked]").all():
        looked.check()
    desk.locator("button[value=settle]").click()
    assert desk.evaluate("document.querySelector('#reason').validity.valueMissing"), "a reason is needed"
    desk.locator("#reason").fill(REASON)
    desk.locator("button[value=settle]").click()
    desk.wait_for_url("**/queue*")
    assert desk.locator(f"#t-queue a[href*='{plan}']").count() == 0, "it waits no more"

    for person, phone in phones.items():
        report = phone.sync()
        assert report.complete
        view = phone.get(plan)
        assert SECTION not in view.conflicts
        decided: Any = view.sections[SECTION]
        assert decided["medicines"][0]["name"] == VALSARTAN, person
        [told] = [one for one in report.decisions if one.record == plan]
        assert (told.author, told.reason) == (LEADER, REASON)
        assert SECTION in told.about
        assert township.config.day_of(instant(told.written_at)) == township.config.day_of(utc_now())

    desk.goto(township.record_address(plan))
    history = desk.locator("main").inner_text()
    assert AMLODIPINE in history, "what gave way stays in the history"
    assert REASON in history
    assert NAMES[LEADER] in history


def test_the_queue_goes_up_and_down_with_j_and_k_and_opens_with_enter(
    window: Callable[..., Window], township: Township
) -> None:
    desk = window(LEADER).page
    desk.goto("/dashboard/queue")
    links = [link.get_attribute("href") for link in desk.locator("#t-queue tbody tr > :first-child a").all()]
    assert len(links) > 2, "enough waits to go up and down"

    def at() -> int:
        return links.index(desk.evaluate("document.activeElement.getAttribute('href')"))

    places = []
    for key in ("j", "j", "j", "k", "J"):
        desk.keyboard.press(key)
        places.append(at())
    assert places == [0, 1, 2, 1, 2]
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**{str(links[2]).split('?')[0]}*")
