"""`cunyi field`: a phone on the command line. Everything but `enrol` and `sync` works without a network.

Exit status: 0 done, 1 it could not be done now (no network, a sync that is not complete), 2 the input was wrong. Nothing
that was kept before is lost in any case.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from client_sdk import exported, people_commands, printing, standing_commands, work_commands
from client_sdk.client import Client, local_now
from client_sdk.console import (
    DAY,
    as_json,
    file_options,
    on_phone,
    resident_named,
    section_of,
    section_value,
    tell,
    troubles,
)
from client_sdk.errors import OfflineError
from client_sdk.report import Progress
from client_sdk.section_names import known
from client_sdk.visiting import advised, form, visit_options
from sync.codec import edit_to_wire
from sync.record import Value
from sync.types.codes import VOID_REASON

CARE_PLAN, VISIT = "care_plan", "hypertension_visit"


@click.group()
def field() -> None:
    """The offline client on the command line: a phone file that is encrypted with a PIN."""


for command in (*people_commands.COMMANDS, *standing_commands.COMMANDS, *work_commands.COMMANDS):
    field.add_command(command)


# -- the phone ---------------------------------------------------------------------------------------------------------


@field.command()
@click.argument("url")
@click.argument("code")
@click.option("--device", default="", help="The name by which its owner will know it.")
@file_options
def enrol(url: str, code: str, device: str, phone: Path, pin: str) -> None:
    """Make this phone file known to the server at URL with a one-time CODE."""
    with troubles():
        try:
            client = Client.enrol(url, code, phone, pin=pin, device=device)
        except OfflineError as error:
            # The server may have taken the code and its answer be lost: only the same key gets that answer again.
            raise OfflineError(f"{error}; enrol again with the same PIN, {phone} keeps the new key for that") from error
        with client:
            status = client.status()
            click.echo(f"enrolled: {(status.person or {}).get('name', '')} ({status.role}), scopes {', '.join(status.scopes)}")


@field.command()
@as_json
@on_phone
def status(client: Client, to_json: bool) -> None:
    """How the phone stands."""
    now = client.status()
    tell(to_json, asdict(now), (f"{name}: {value}" for name, value in asdict(now).items()))


@field.command()
@as_json
@on_phone
def sync(client: Client, to_json: bool) -> None:
    """Deliver what waits and fetch what is new. Exit status 1 when it is not complete; run it again."""
    waiting = client.status().outbox
    if to_json:
        report = client.sync()
    else:
        with click.progressbar(length=waiting + 1, label="sync", item_show_func=str) as bar:
            done = 0

            def show(progress: Progress) -> None:
                nonlocal done
                ahead = min(waiting, max(0, waiting - progress.waiting)) - done
                done += ahead
                bar.update(ahead, f"{progress.pushed} up, {progress.pulled} down")

            report = client.sync(show)
            bar.update(waiting + 1 - done)
    kilobytes = f"{report.bytes_up / 1000:.1f} kB up, {report.bytes_down / 1000:.1f} kB down, {report.seconds} s"
    done_text = f"{report.pushed} edits up, {report.pulled} records down, {report.set_aside} set aside ({kilobytes})"
    clash = [f"{report.conflicts} records in conflict: see `cunyi field conflicts`"] if report.conflicts else []
    told = [f"{one.record} ({one.type}): {next(printing.decision(one)).strip()}" for one in report.decisions]
    end = ["complete"] if report.complete else [f"NOT complete: {reason}" for reason in report.reasons]
    tell(to_json, asdict(report), [done_text, *told, *clash, *end])
    if not report.complete:
        raise SystemExit(1)


@field.command()
@as_json
@on_phone
def outbox(client: Client, to_json: bool) -> None:
    """The edits that wait to be delivered."""
    edits = client.outbox()
    tell(to_json, [edit_to_wire(edit) for edit in edits], (printing.edit_line(edit) for edit in edits))


@field.command("set-aside")
@as_json
@on_phone
def set_aside(client: Client, to_json: bool) -> None:
    """Edits that the server keeps for a person, with the reason; where one was refused, by whom, when and why."""
    every = client.set_aside()
    tell(to_json, [printing.aside_json(one) for one in every], (text for one in every for text in printing.aside(one)))


@field.command()
@click.argument("record")
@on_phone
def acknowledge(client: Client, record: str) -> None:
    """Say that you know what was set aside of a RECORD, or that it was refused: it need not be told again."""
    client.acknowledge(record)


@field.command("exported")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--password", envvar="CUNYI_PASSWORD", show_envvar=True, prompt=True, hide_input=True, help="Of the file; else asked for."
)
@as_json
def read_exported(file: Path, password: str, to_json: bool) -> None:
    """The unsent edits in a FILE that the field app has exported. Needs no phone file."""
    with troubles():
        found = exported.read(file, password)
        whose = f"{found.person.get('name') or found.person.get('id')}, {len(found.edits)} edits, exported {found.exported_at}"
        unreadable = (f"unreadable ({reason}): {json.dumps(item, ensure_ascii=False)}" for item, reason in found.unreadable)
        tell(to_json, found.wire(), (whose, *map(printing.edit_line, found.edits), *unreadable))


# -- records -----------------------------------------------------------------------------------------------------------


@field.command("list")
@click.option("--type", "type_name", help="Only records of this type.")
@click.option("--text", help="Only records in which this stands: a name, a telephone number.")
@as_json
@on_phone
def list_records(client: Client, type_name: str | None, text: str | None, to_json: bool) -> None:
    """The records on this phone."""
    found = client.find(type=type_name, text=text)
    tell(to_json, [printing.view_json(view) for view in found], map(printing.line, found))


@field.command()
@click.argument("record")
@as_json
@on_phone
def show(client: Client, record: str, to_json: bool) -> None:
    """One record in full."""
    view = client.get(record)
    decided = client.decisions(record)
    told = {**printing.view_json(view), "decisions": [one.wire() for one in decided]}
    tell(to_json, told, printing.page(view, client.history(record), decided))


@field.command()
@click.argument("resident")
@click.option("--on", "visited_on", type=DAY, help="Day of the visit; today.")
@click.option("--bp", help="Blood pressure in mmHg, like 152/94.")
@click.option("--medicine", "medicines", multiple=True, help='"DRUG TIMES-A-DAY DOSE UNIT"; may be given several times.')
@click.option("--scope", help="Where the record belongs; else where the resident is.")
@visit_options
@as_json
@on_phone
def visit(
    client: Client,
    *,
    resident: str,
    visited_on: dt.datetime | None,
    bp: str | None,
    medicines: tuple[str, ...],
    scope: str | None,
    to_json: bool,
    **options: Any,
) -> None:
    """Record a hypertension visit of a RESIDENT (an id, or what only one of them is found by: a name, its initials ...).

    What the rules suggest is kept beside what the doctor says, and shown; where they differ the doctor's stands.
    """
    who = resident_named(client, resident)
    doctor = (client.status().person or {}).get("id", "")
    sections = form(options, (visited_on or local_now()).date(), doctor, bp, medicines)
    advice = client.advise(VISIT, sections, who.id)
    view = client.get(client.create(VISIT, advised(sections, advice), subject=who.id, scope=scope))
    differs = [asdict(one) for one in advice.discrepancies(sections)]
    tell(
        to_json,
        {**printing.view_json(view), "differs": differs},
        (*printing.page(view, []), *printing.advice(advice, sections)),
    )


@field.command()
@click.argument("resident")
@click.argument("section")
@click.argument("value", metavar="JSON", callback=section_value)
@click.option("--scope", help="Where a new plan belongs; else where the resident is.")
@as_json
@on_phone
def plan(client: Client, resident: str, section: str, value: Value, scope: str | None, to_json: bool) -> None:
    """Write a SECTION of the care plan of a RESIDENT; the plan is begun if there is none."""
    who = resident_named(client, resident)
    plans = [view for view in client.find(type=CARE_PLAN, subject=who.id) if not view.void]
    if len(plans) > 1:
        raise click.UsageError(f"there are {len(plans)} plans: use `edit` with one of {', '.join(p.id for p in plans)}")
    if plans:
        view = client.edit(client.to_edit(plans[0].id), {known(CARE_PLAN, section, plans[0].sections): value})
    else:
        view = client.get(client.create(CARE_PLAN, {known(CARE_PLAN, section): value}, subject=who.id, scope=scope))
    tell(to_json, printing.view_json(view), printing.page(view, []))


@field.command()
@click.argument("record")
@click.argument("section")
@click.argument("value", metavar="JSON", callback=section_value)
@as_json
@on_phone
def edit(client: Client, record: str, section: str, value: Value, to_json: bool) -> None:
    """Replace a SECTION of a RECORD (null empties it). A section in conflict is settled by `resolve`."""
    before = client.get(record)
    if section in before.conflicts:
        raise click.UsageError(f"{section} is in conflict: see `cunyi field conflicts`, then `resolve`")
    view = client.edit(before, {known(before.type, section, before.sections): value})
    tell(to_json, printing.view_json(view), printing.page(view, []))


@field.command()
@as_json
@on_phone
def conflicts(client: Client, to_json: bool) -> None:
    """The records that wait for a decision, with every value."""
    found = client.conflicts()
    lines = (text for view in found for text in (printing.line(view), *printing.conflicts(view)))
    tell(to_json, [printing.view_json(view) for view in found], lines)


@field.command()
@click.argument("record")
@click.argument("section")
@click.option("--value", "text", metavar="JSON", help="The value that holds from now on.")
@click.option("--take", type=click.IntRange(1), help="Take the value of this number, as `conflicts` lists them.")
@click.option("--reason", default="", help="Why; the others are told with their next sync.")
@as_json
@on_phone
def resolve(
    client: Client, *, record: str, section: str, text: str | None, take: int | None, reason: str, to_json: bool
) -> None:
    """Settle a SECTION in conflict."""
    if (text is None) == (take is None):
        raise click.UsageError("give either --value or --take")
    before = client.get(record)
    claims = before.conflicts.get(section, ())
    value: Value = None
    if text is not None:
        value = section_of(text)
    elif take is not None and claims:
        if take > len(claims):
            raise click.UsageError(printing.too_high(section, len(claims)))
        value = claims[take - 1].value
    view = client.resolve(before, section, value, reason)
    tell(to_json, printing.view_json(view), printing.page(view, []))


@field.command()
@click.argument("record")
@click.argument("reason", type=click.Choice(VOID_REASON.values))
@click.option("--note", default="", help="More words about it.")
@as_json
@on_phone
def void(client: Client, record: str, reason: str, note: str, to_json: bool) -> None:
    """Mark a RECORD as entered in error. Nothing is deleted."""
    view = client.void(record, reason, note)
    tell(to_json, printing.view_json(view), printing.page(view, []))
