"""The commands of `cunyi field` about standings: what is due on this phone, and how one resident stands."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator

import click

from client_sdk.client import Client
from client_sdk.console import as_json, on_phone, resident_named, tell
from sync.codec import Json
from sync.standing.facts import CONFLICT
from sync.types import CATALOGUE, TYPES
from sync.types.codes import POPULATION_GROUP, CodeList
from sync.types.standing_codes import DUE, DUE_REASON, LACKING, OBLIGATION, STATUS, URGENCY, WORK_REASON

CHOSEN = {"service": ("item", "name"), "plan_measure": ("measure", "action")}
DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--on", "day", type=DAY, help="Another day than today.")
@as_json
@on_phone
def due(client: Client, day: dt.datetime | None, to_json: bool) -> None:
    """What is urgent, overdue, or due within seven days, the most pressing first."""
    found = client.due(day.date() if day else None)
    tell(to_json, found, (f"{item['name']}  {_due(client, item)}" for item in found))


@click.command()
@click.argument("resident")
@click.option("--on", "day", type=DAY, help="Another day than today.")
@as_json
@on_phone
def standing(client: Client, resident: str, day: dt.datetime | None, to_json: bool) -> None:
    """How a RESIDENT (an id, or what only one of them is found by) stands: groups, registers, contract, what is due."""
    who = resident_named(client, resident)
    whole = client.standing(who.id, day.date() if day else None)
    name = (who.sections.get("identity") or {}).get("name", who.id)
    tell(to_json, whole, [f"{name}  {_coded(STATUS, whole['status'])}", *(f"  {line}" for line in _page(client, whole))])


COMMANDS = (due, standing)


def _page(client: Client, whole: Json) -> Iterator[str]:
    """A standing in lines; codes that the catalogue has a label for are shown by it."""
    if whole["same_as"]:
        yield f"counts as {whole['same_as']}"
    if whole["closed"]:
        yield f"closed: {whole['closed']} since {whole['closed_on']}"
    if whole["away"]:
        yield f"away for work, expected back {whole['away_until'] or 'some day'}"
    if whole["groups"]:
        yield "groups: " + ", ".join(_coded(POPULATION_GROUP, group["code"]) for group in whole["groups"])
    for one in whole["managed"]:
        yield from _managed(one)
    if signed := whole["signed"]:
        yield f"contract: {signed['since']} to {signed['by']}, team {signed['team'] or '-'}"
        yield from (f"another contract is in force beside it: {other}" for other in signed["others"])
    for one in whole["honoured"]:
        yield f"honoured: {one['items_done']} of {one['items_due']} services due this year" + _programme(one)
    yield from _not_given(whole["obligations"])
    yield from (f"due: {_due(client, item)}" for item in whole["due"])
    for one in whole["differs"]:
        yield f"differs: {one['field']} is {one['doctor']}, {_rows().get(one['rule'], one['rule'])} suggests {one['suggested']}"
    yield from (f"in conflict: {one['section']} of {one['record']}" for one in whole["conflicts"])


def _not_given(obligations: list[Json]) -> Iterator[str]:
    """The services that count as missed, or would but for an appeal, with the reason; and those in conflict."""
    for one in obligations:
        if one["state"] in ("missed", "upheld") or one["reason"] == CONFLICT:
            why = f" ({_coded(WORK_REASON, one['reason'])})" if one["reason"] else ""
            yield f"{_coded(OBLIGATION, one['state'])}: {one['item']} until {one['by']}{why}, {one['contract']}{_programme(one)}"


def _managed(one: Json) -> Iterator[str]:
    yield f"{_coded(POPULATION_GROUP, one['disease'])}: {one['status']} since {one['since'] or '-'}" + _programme(one)
    yield f"  visits this year: {one['visits']}, in person {one['in_person']}, expected so far {one['expected']}"
    if one["last_visit"]:
        yield f"  last visit: {one['last_visit_on']}, class {one['visit_class'] or '-'}, suggested {one['suggested_class'] or '-'}"
    yield (
        "  managed as the standard asks"
        if one["standard"]
        else "  lacking for standard management: " + ", ".join(_coded(LACKING, code) for code in one["lacking"])
    )


def _due(client: Client, item: Json) -> str:
    """What is due in one line: how pressing, by when, what, and why."""
    declared = CATALOGUE.types.get(item["what"])
    what = declared.zh if declared else _coded(DUE, item["what"])
    reason = _rows().get(item["reason"]) or _coded(DUE_REASON, _coded(POPULATION_GROUP, item["reason"]))
    if item["what"] in CHOSEN:  # the reason is a key of the record, which says in words what it is
        section, field = CHOSEN[item["what"]]
        said = client.get(item["record"]).sections.get(f"{section}/{item['reason']}") or {}
        reason = str(said.get(field, reason))
    marks = " (in conflict)" * item["disputed"] + _programme(item)
    return f"[{_coded(URGENCY, item['urgency'])}] {item['by']}  {what}: {reason}{marks}"


def _programme(one: Json) -> str:
    return f" [{one['programme']}]" if one["programme"] else ""


def _coded(codes: CodeList, value: str) -> str:
    return next((code.zh for code in codes.codes if code.value == value), value)


@functools.cache
def _rows() -> dict[str, str]:
    """The words of every row of a rule table, by its id."""
    return {row.id: row.zh for declared in TYPES for table in declared.rules for row in table.rows}
