"""Every page of the app, for everybody: nothing is cut off, no target is too small for a thumb, nobody is kept out; in all three sizes of text."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from sync.types import CATALOGUE
from tests.browser.conftest import SCREENSHOTS
from tests.browser.field import Field, FieldPhone
from tests.browser.township import DOCTOR

LISTS = ("#/today", "#/residents")
OF_NOBODY = {
    "resident",
    "household",
    "home_visit",
    "same_person",
    "care_plan",
    "contract",
    "performance",
}  # have pages of their own
FORMS = sorted(one.name for one in CATALOGUE.types.values() if one.subject == "resident" and one.name not in OF_NOBODY)


@pytest.fixture(scope="module")
def field(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    """One township for all pages."""
    with Field(tmp_path_factory.mktemp("field")) as place:
        place.copy(filled / "field")
        place.begin()
        yield place


@pytest.fixture(scope="module")
def hand(chromium: Browser, field: Field, filled: Path) -> Iterator[FieldPhone]:
    """One phone for all pages; in the end it has complained of nothing."""
    disk = shutil.copytree(filled / "field" / DOCTOR, field.folder / "phone")
    phone = FieldPhone(chromium, field.line.url, disk, SCREENSHOTS)
    phone.make_ready()
    yield phone
    phone.shut()
    assert phone.troubles == []


@pytest.fixture(scope="module")
def places(hand: FieldPhone) -> dict[str, str]:
    """The address of every page, of people who have something to show on it."""
    found: dict[str, str] = hand.ask(
        """async (client) => {
          const rows = await client.rows(), both = rows.find((row) => ["hypertension", "diabetes"].every((one) => row.groups.includes(one)));
          const [visit] = await client.find({ type: "hypertension_visit", subject: both.resident });
          const contracts = await client.find({ type: "contract" });
          const contract = contracts.find((one) => Object.keys(one.sections).some((name) => name.startsWith("item/")));
          const item = Object.keys(contract.sections).find((name) => name.startsWith("item/")).slice(5);
          const [plan] = await client.find({ type: "care_plan" });
          return { resident: both.resident, household: rows.find((row) => row.household).household, visit: visit.id,
                   contract: contract.id, item, signed: contract.subject, planned: plan.subject };
        }"""
    )
    return found


def look(hand: FieldPhone, name: str, address: str, found: dict[str, list[str]], *, picture: bool = True) -> None:
    """Open a page on the smaller phone, and then on the larger one; keep what is wrong."""
    hand.go(address)
    faults = hand.faults() + hand.fallen()
    if picture:
        hand.picture(f"page_{name}", large=True)
    if faults:
        found[name] = faults


def test_the_pages_of_every_day_are_open_to_everybody(hand: FieldPhone, places: dict[str, str]) -> None:
    found: dict[str, list[str]] = {}
    for name, address in {
        "today": "#/today",
        "residents": "#/residents",
        "resident": "#/resident/{resident}",
        "other_forms": "#/forms/{resident}",
        "record": "#/record/{visit}",
        "household": "#/household/{household}",
        "household_visit": "#/household/{household}/visit",
        "plan": "#/plan/{planned}",
        "contract": "#/contract/{signed}",
        "performance": "#/performance/{contract}/{item}",
        "appeal": "#/appeal/{contract}/{item}",
        "attention": "#/attention",
        "work": "#/work",
        "export": "#/export",
        "sync": "#/sync",
        "me": "#/me",
        "pin": "#/pin",
        "guide": "#/guide",
        "both": "#/form/hypertension_visit+diabetes_visit/{resident}",
        "new_resident": "#/form/resident/new",
        "nothing": "#/resident/nobody",
    }.items():
        look(hand, name, address.format(**places), found)
    hand.go("#/residents")
    hand.page.get_by_role("searchbox").fill("wxl")
    expect(hand.page.get_by_text("找到")).to_be_attached()
    hand.picture("page_search", large=True)
    found["search"] = hand.faults()
    hand.page.get_by_role("searchbox").fill("")
    hand.troubles = [one for one in hand.troubles if "no record nobody" not in one]  # what was asked for
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_every_form_of_the_catalogue_is_open_to_everybody(hand: FieldPhone, places: dict[str, str]) -> None:
    found: dict[str, list[str]] = {}
    for name in FORMS:
        look(hand, f"form_{name}", f"#/form/{name}/{places['resident']}", found)
    assert found == {}


@pytest.mark.parametrize("size", [1, 2])
def test_in_larger_text_nothing_is_cut_off(hand: FieldPhone, places: dict[str, str], size: int) -> None:
    hand.go("#/me")
    hand.tap(("标准", "大", "特大")[size], exact=True)
    found: dict[str, list[str]] = {}
    for name in (
        "today",
        "residents",
        "resident/{resident}",
        "sync",
        "me",
        "attention",
        "form/hypertension_visit/{resident}",
        "form/hypertension_visit+diabetes_visit/{resident}",
        "form/resident/new",
        "forms/{resident}",
        "record/{visit}",
        "household/{household}",
        "household/{household}/visit",
        "plan/{planned}",
        "contract/{signed}",
        "performance/{contract}/{item}",
        "appeal/{contract}/{item}",
        "work",
        "export",
        "guide",
    ):
        hand.go(f"#/{name.format(**places)}")
        hand.picture(f"page_size{size}_{re.sub(r'/{[a-z]+}', '', name).replace('/', '_')}", large=True)
        if faults := hand.faults(axe=False) + hand.fallen():
            found[name] = faults
    hand.go("#/me")
    hand.tap("标准", exact=True)
    assert found == {}


def test_what_comes_before_the_first_page_is_open_to_everybody(
    field: Field, phone: Callable[..., FieldPhone], hand: FieldPhone
) -> None:
    new = phone()
    new.open()
    found: dict[str, list[str]] = {}

    def see(one: FieldPhone, name: str) -> None:
        one.picture(f"page_{name}", large=True)
        if faults := one.faults() + one.fallen():
            found[name] = faults

    new.says("第一次使用")
    see(new, "first")
    new.tap("下一步")
    see(new, "first_without_a_code")
    new.page.get_by_label("编号").fill("ABCD-EFGH")
    new.tap("下一步")
    new.says("设一个锁屏密码")
    see(new, "choose_pin")
    new.digits("123456")
    expect(new.page.get_by_role("alert")).to_contain_text("太容易猜到")
    see(new, "weak_pin")
    new.page.reload()
    new.tap("先试一试（练习模式）")
    new.says("练习模式")
    see(new, "practice_begin")
    new.tap("开始练习")
    new.says("可以用了")
    see(new, "practice_ready")
    new.tap("开始使用")
    new.says("今日")
    expect(new.page.locator(".practice")).to_contain_text("不会上传")
    see(new, "practice_today")
    hand.offline()
    hand.page.reload()
    hand.says("请输入锁屏密码")
    see(hand, "lock")
    hand.digits("111111")
    expect(hand.page.get_by_role("alert")).to_contain_text("密码不对")
    see(hand, "lock_wrong")
    hand.unlock()
    hand.go("#/sync")
    see(hand, "sync_offline")
    hand.offline(False)
    assert found == {}
