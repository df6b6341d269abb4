"""The commands of `cunyi field` about one's own work: what of it counts, appeals, and what others decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import click

from client_sdk import printing
from client_sdk.client import Client
from client_sdk.console import DAY, as_json, on_phone, tell
from client_sdk.errors import NoSuchRecordError
from sync.standing.worklist import Line
from sync.types import CATALOGUE
from sync.types.codes import POPULATION_GROUP, CodeList
from sync.types.standing_codes import WORK_COUNTS, WORK_REASON


@click.command()
@click.option("--month", help="Another month than the present one, like 2026-11.")
@as_json
@on_phone
def work(client: Client, month: str | None, to_json: bool) -> None:
    """What you wrote about the days of a month: each record counted, or not counted and why."""
    try:
        found = client.my_work(month)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--month") from error
    counted = sum(line.counted for line in found)
    lines = [*_lines(client, found), f"已计入 counted: {counted} / {len(found)}"]
    if month and month < f"{dt.datetime.now().astimezone():%Y-%m}":
        asked = client.reports_as_of(month)
        said = (
            f"报表情况截至 reports as of {asked}"
            if asked
            else "是否计入当月报表尚不知，同步后再看 not known what its report counts: sync"
        )
        lines.append(said)
    tell(to_json, [line.wire() for line in found], lines)


@click.command()
@click.argument("contract")
@click.argument("item")
@click.argument("reason")
@click.option("--owed-by", type=DAY, help="The last day on which it was owed; else the last one missed of that item.")
@as_json
@on_phone
def appeal(client: Client, contract: str, item: str, reason: str, owed_by: dt.datetime | None, to_json: bool) -> None:
    """Say that an ITEM of a CONTRACT which counts as missed was given; a supervisor decides."""
    view = client.appeal(contract, item, reason, owed_by.date() if owed_by else None)
    tell(to_json, printing.view_json(view), printing.page(view, []))


@click.command()
@as_json
@on_phone
def decisions(client: Client, to_json: bool) -> None:
    """What was decided about conflicts and appeals, by whom, when and why, and what gave way."""
    found = client.decisions()
    lines = [text for one in found for text in (f"{one.record}  {one.type}", *printing.decision(one))]
    tell(to_json, [one.wire() for one in found], lines or ["没有裁决 nothing was decided"])


COMMANDS = (work, appeal, decisions)


def _lines(client: Client, found: list[Line]) -> Iterator[str]:
    for line in found:
        declared = CATALOGUE.types.get(line.type)
        what = f"{declared.zh} {declared.en}" if declared else line.type
        who = "、".join(_name(client, resident) for resident in line.residents)
        counts = "，".join(map(_counts, line.counts))
        said = "：".join(word for word in (counts, _labelled(WORK_REASON, line.reason) if line.reason else "") if word)
        mark = "计入 counted" if line.counted else "不计 not counted"
        late = f"  (迟 {line.late_days} 天 days late)" if line.late_days else ""
        more = f" ({line.detail})" if line.detail else ""
        waits = "  [有修改未上传 a change waits]" if line.waiting and line.counted else ""
        yield f"{line.on or '-'}  {who}  {what}  [{mark}] {said}{more}{late}{waits}{_reported(line)}  {line.record}"


def _reported(line: Line) -> str:
    """What the report of the month does with the record, where the mark does not say it already."""
    report = line.report
    if report is None or not report.counted:
        return ""
    named = f"当月报表第{report.issue}版 issue {report.issue} of {report.area}"
    return f"  ({named})" if line.counted else f"  (仍计入，待更正 still counted until a correction: {named})"


def _counts(code: str) -> str:
    """`followup:hypertension` in words."""
    word, _, about = code.partition(":")
    of = next((one.zh for one in POPULATION_GROUP.codes if one.value == about), about.rpartition("/")[2])
    return _labelled(WORK_COUNTS, word) + (f" {of}" if of else "")


def _labelled(codes: CodeList, value: str) -> str:
    return next((f"{code.zh} {code.en}" for code in codes.codes if code.value == value), value)


def _name(client: Client, resident: str) -> str:
    try:
        name = (client.get(resident).sections.get("identity") or {}).get("name")
    except NoSuchRecordError:
        name = None
    return name if isinstance(name, str) else resident
