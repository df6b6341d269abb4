"""The form of every record type, drawn from the catalogue alone: it opens, can be filled in by touch, saves, and the server takes it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator

from server.demo.people import PUBLIC_HEALTH, TB_DOCTOR
from sync.record import family
from sync.types import CATALOGUE
from sync.types.declare import ALWAYS, TOWNSHIP, RecordType
from sync.types.fields import Codes, Item
from tests.browser.field import Field, FieldPhone
from tests.browser.township import DOCTOR

FAST = {"hypertension_visit", "diabetes_visit"}
# what the button that saves says, and the whole foot of the form, once it is another than before and asks something (or `quiet`:
# need not ask), and whether it is a question; the first is null where the form was left
NEXT = """([form, before, quiet]) => {
  if (location.hash !== form) return [null, "", false];
  const foot = document.querySelector("footer"), says = foot?.querySelector(".button.main, .save")?.innerText.trim();
  const asks = quiet || foot?.querySelector(".confirm, [role=alert]"), sure = Boolean(foot?.querySelector(".confirm"));
  return asks && foot.innerText !== before && ["保存", "先保存", "没有错，保存"].includes(says) && [says, foot.innerText, sure];
}"""
NUMBERS = {"whole", "decimal", "date", "month", "instant"}


def written_by(programme: str | None) -> list[RecordType]:
    """The types that a person with a grant for a programme, or with none, may write on a phone."""
    return [one for one in CATALOGUE.types.values() if one.programme == programme and one.place != TOWNSHIP]


def digits_of(item: Item) -> str:
    """A number that nobody has to ask about, key by key."""
    if item.kind in ("date", "month", "instant"):
        now = dt.datetime.now(dt.UTC)
        today = (
            now if item.metadata.get("future") is False else now + dt.timedelta(400 if "到期" in item.metadata["zh"] else 40)
        )
        return {"date": f"{today:%Y%m%d}", "month": f"{today:%Y%m}", "instant": f"{today:%Y%m%d}0815"}[item.kind]
    only, bounds = item.metadata.get("only"), item.metadata.get("soft") or item.metadata.get("hard")
    return str(only[0] if only else (int(float(bounds[0])) + int(float(bounds[1]))) // 2 if bounds else 5)


def fill(one: FieldPhone, ask: Locator, item: Item) -> None:
    """Answer one question by touch, unless it is answered already."""
    if item.kind in NUMBERS:
        box = ask.locator("[data-pad]")
        if "未填" in (box.get_attribute("aria-label") or ""):
            box.tap()
            one.digits(digits_of(item))
            if one.page.locator(".numpad").count():
                one.page.locator(".numpad button", has_text="下一项").tap()
    elif item.kind == "text":
        words = ask.locator("input, textarea").first
        if not words.input_value():
            words.fill("柳树村卫生室")
    elif ask.locator("[aria-pressed=true]").count() == 0:
        if ask.locator(".chip").count() == 0:
            ask.get_by_role("button", name="选择").tap()
        chips = ask.locator(".chip")
        chips.first.wait_for()
        chips.nth(1 if isinstance(item, Codes) and item.metadata.get("alone") is None and chips.count() > 1 else 0).tap()


def address(declared: RecordType, resident: str, household: str) -> str:
    about = {"household": household if declared.name == "home_visit" else "new"}.get(declared.subject or "", resident)
    return f"#/form/{declared.name}/{'new' if declared.name == 'resident' else about}"


def fill_in(one: FieldPhone, declared: RecordType, resident: str, household: str) -> dict[str, Any]:
    """Open the form, answer what it needs, save; the record as it waits on the phone."""
    before = {view["id"] for view in one.ask("(client, type) => client.find({ type })", declared.name)}
    form = address(declared, resident, household)
    one.go(form)
    one.page.locator("main .part, main .numbers").first.wait_for()
    for section in declared.by_name.values():
        if section in ALWAYS or not section.required or section.keyed:
            continue
        for name, item in section.fields.items():
            ask = one.page.locator(f"[data-field='{declared.name}:{section.name}.{name}']")
            if item.required and ask.count():
                fill(one, ask.first, item)
    foot, quiet = "", True
    while True:  # what is missing is told once, and what is unusual asked about
        says, foot, quiet = one.page.wait_for_function(NEXT, arg=[form, foot, quiet]).json_value()
        if says is None:
            break
        one.tap(one.page.locator("footer").get_by_role("button", name=says, exact=True))
    [made] = [view for view in one.ask("(client, type) => client.find({ type })", declared.name) if view["id"] not in before]
    return dict(made)


def check(one: FieldPhone, declared: RecordType, made: dict[str, Any]) -> None:
    """What was asked as needed is there, and nothing is unusable."""
    needed = {
        (s.name, n) for s in declared.by_name.values() if s.required and not s.keyed for n, i in s.fields.items() if i.required
    }
    bad = [i for i in made["issues"] if (family(i["section"]), i["field"]) in needed and i["level"] == "error"]
    assert bad == [], f"{declared.name}: {bad}"


def somebody(one: FieldPhone) -> tuple[str, str]:
    """A resident with a household."""
    found = one.ask(
        "async (client) => { const row = (await client.rows()).find((one) => one.household); return [row.resident, row.household]; }"
    )
    return found[0], found[1]


@pytest.mark.parametrize(("person", "programme"), [(DOCTOR, None), (TB_DOCTOR, "tb"), (PUBLIC_HEALTH, "smd")])
def test_every_form_opens_is_filled_in_and_is_taken_by_the_server(
    field: Field, phone: Callable[..., FieldPhone], person: str, programme: str | None
) -> None:
    one = phone()
    one.enrol(field.code(person))
    resident, household = somebody(one)
    ids = []
    for declared in written_by(programme):
        if declared.name in FAST:
            continue  # of their own layout; they are filled in in test_app_forms.py
        made = fill_in(one, declared, resident, household)
        check(one, declared, made)
        ids.append(made["id"])
    assert ids
    one.sync()
    status = one.ask("(client) => client.status()")
    assert (status["waiting"], status["aside"]) == (0, 0), "the server took every one"
    assert all(not view["pending"] for view in one.ask("(client, ids) => Promise.all(ids.map((id) => client.get(id)))", ids))
