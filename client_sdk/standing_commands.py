"""The commands of `cunyi field` about standings: what is due on this phone, and how one resident stands; in one language."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterator

import click

from client_sdk.client import Client
from client_sdk.console import DAY, as_json, on_phone, resident_named, tell
from sync.codec import Json
from sync.standing.facts import CONFLICT
from sync.types import CATALOGUE, TYPES
from sync.types.chronic_register import REGISTER_STATUS
from sync.types.chronic_visit import VISIT_CLASS
from sync.types.codes import POPULATION_GROUP, CodeList
from sync.types.resident_codes import CLOSE_REASON
from sync.types.rules import Row
from sync.types.smd_codes import CLASSES
from sync.types.standing_codes import DUE, DUE_REASON, LACKING, OBLIGATION, STATUS, URGENCY, WORK_REASON

CHOSEN = {"service": ("item", "name"), "plan_measure": ("measure", "action")}

ZH, EN = "zh", "en"
in_one_language = click.option(
    "--lang",
    "language",
    type=click.Choice([ZH, EN]),
    envvar="CUNYI_LANG",
    show_envvar=True,
    default=ZH,
    help="Chinese (zh) or English (en).",
)


class Words:
    """One language for a whole page."""

    def __init__(self, language: str) -> None:
        self._chinese = language == ZH

    def say(self, zh: str, en: str) -> str:
        """One of two texts."""
        return zh if self._chinese else en

    def coded(self, codes: CodeList, value: str | None) -> str:
        """The label of a code; the code itself where the list has none, a dash for nothing."""
        found = next((code for code in codes.codes if code.value == value), None)
        return self.say(found.zh, found.en) if found else value or "-"

    def classed(self, value: str | None) -> str:
        """The class of a visit, of whichever form."""
        return self.coded(CLASSES if value in CLASSES.values else VISIT_CLASS, value)

    def rule(self, id_: str) -> str | None:
        """The words of a row of a rule table."""
        row = _rows().get(id_)
        return self.say(row.zh, row.en) if row else None


@click.command()
@click.option("--on", "day", type=DAY, help="Another day than today.")
@in_one_language
@as_json
@on_phone
def due(client: Client, day: dt.datetime | None, language: str, to_json: bool) -> None:
    """What is urgent, overdue, or due within seven days, the most pressing first."""
    found, words = client.due(day.date() if day else None), Words(language)
    tell(to_json, found, (f"{item['name']}  {_due(client, item, words)}" for item in found))


@click.command()
@click.argument("resident")
@click.option("--on", "day", type=DAY, help="Another day than today.")
@in_one_language
@as_json
@on_phone
def standing(client: Client, resident: str, day: dt.datetime | None, language: str, to_json: bool) -> None:
    """How a RESIDENT (an id, or what only one of them is found by) stands: groups, registers, contract, what is due."""
    who, words = resident_named(client, resident), Words(language)
    whole = client.standing(who.id, day.date() if day else None)
    name = (who.sections.get("identity") or {}).get("name", who.id)
    head = f"{name}  {words.coded(STATUS, whole['status'])}"
    tell(to_json, whole, [head, *(f"  {line}" for line in _page(client, whole, words))])


COMMANDS = (due, standing)


def _page(client: Client, whole: Json, words: Words) -> Iterator[str]:
    """A standing in lines; codes that the catalogue has a label for are shown by it."""
    say = words.say
    if whole["same_as"]:
        yield say(f"并入 {whole['same_as']}", f"counts as {whole['same_as']}")
    if whole["closed"]:
        why = words.coded(CLOSE_REASON, whole["closed"])
        yield say(f"已结案：{why}，{whole['closed_on']}起", f"closed: {why} since {whole['closed_on']}")
    if whole["away"]:
        back = whole["away_until"]
        yield say(f"外出务工，预计返回：{back or '未知'}", f"away for work, expected back {back or 'some day'}")
    if whole["groups"]:
        named = say("、", ", ").join(words.coded(POPULATION_GROUP, group["code"]) for group in whole["groups"])
        yield say(f"人群：{named}", f"groups: {named}")
    for one in whole["managed"]:
        yield from _managed(one, words)
    yield from _signed(whole["signed"], say)
    for one in whole["honoured"]:
        due_, done = one["items_due"], one["items_done"]
        yield say(
            f"履约：本年度到期 {due_} 项，完成 {done} 项", f"honoured: {done} of {due_} services due this year"
        ) + _programme(one)
    yield from _not_given(whole["obligations"], words)
    yield from (say("应做：", "due: ") + _due(client, item, words) for item in whole["due"])
    for one in whole["differs"]:
        rule = words.rule(one["rule"]) or one["rule"]
        yield say(
            f"与建议不同：{one['field']} 为 {one['doctor']}，{rule}建议 {one['suggested']}",
            f"differs: {one['field']} is {one['doctor']}, {rule} suggests {one['suggested']}",
        )
    for one in whole["conflicts"]:
        yield say(f"冲突：{one['record']} 的 {one['section']}", f"in conflict: {one['section']} of {one['record']}")


def _signed(signed: Json | None, say: Callable[[str, str], str]) -> Iterator[str]:
    if signed:
        since, by, team = signed["since"], signed["by"], signed["team"] or "-"
        yield say(f"签约：{since} 至 {by}，团队 {team}", f"contract: {since} to {by}, team {team}")
        for other in signed["others"]:
            yield say(f"同期另有协议：{other}", f"another contract is in force beside it: {other}")


def _not_given(obligations: list[Json], words: Words) -> Iterator[str]:
    """The services that count as missed, or would but for an appeal, with the reason; and those in conflict."""
    for one in obligations:
        if one["state"] in ("missed", "upheld") or one["reason"] == CONFLICT:
            why = f" ({words.coded(WORK_REASON, one['reason'])})" if one["reason"] else ""
            until = words.say(f"{one['item']} 至 {one['by']}", f"{one['item']} until {one['by']}")
            yield f"{words.coded(OBLIGATION, one['state'])}: {until}{why}, {one['contract']}{_programme(one)}"


def _managed(one: Json, words: Words) -> Iterator[str]:
    say, since = words.say, one["since"] or "-"
    disease, status = words.coded(POPULATION_GROUP, one["disease"]), words.coded(REGISTER_STATUS, one["status"])
    yield say(f"{disease}：{status}，{since}起", f"{disease}: {status} since {since}") + _programme(one)
    visits, in_person, expected = one["visits"], one["in_person"], one["expected"]
    yield say(
        f"  本年度随访 {visits} 次，面对面 {in_person} 次，至今应做 {expected} 次",
        f"  visits this year: {visits}, in person {in_person}, expected so far {expected}",
    )
    if one["last_visit"]:
        day, own, suggested = one["last_visit_on"], *(words.classed(one[name]) for name in ("visit_class", "suggested_class"))
        yield say(
            f"  最近随访：{day}，分类 {own}，建议 {suggested}", f"  last visit: {day}, class {own}, suggested {suggested}"
        )
    lacking = say("、", ", ").join(words.coded(LACKING, code) for code in one["lacking"])
    if one["standard"]:
        yield say("  已规范管理", "  managed as the standard asks")
    else:
        yield say(f"  未达规范管理：{lacking}", f"  lacking for standard management: {lacking}")


def _due(client: Client, item: Json, words: Words) -> str:
    """What is due in one line: how pressing, by when, what, and why."""
    declared = CATALOGUE.types.get(item["what"])
    what = words.say(declared.zh, declared.en) if declared else words.coded(DUE, item["what"])
    reason = words.rule(item["reason"]) or words.coded(DUE_REASON, words.coded(POPULATION_GROUP, item["reason"]))
    if item["what"] in CHOSEN:  # the reason is a key of the record, which says in words what it is
        section, field = CHOSEN[item["what"]]
        said = client.get(item["record"]).sections.get(f"{section}/{item['reason']}") or {}
        reason = str(said.get(field, reason))
    marks = words.say("（有冲突）", " (in conflict)") * item["disputed"] + _programme(item)
    return f"[{words.coded(URGENCY, item['urgency'])}] {item['by']}  {what}: {reason}{marks}"


def _programme(one: Json) -> str:
    return f" [{one['programme']}]" if one["programme"] else ""


@functools.cache
def _rows() -> dict[str, Row]:
    """Every row of a rule table, by its id."""
    return {row.id: row for declared in TYPES for table in declared.rules for row in table.rows}
