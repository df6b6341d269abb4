"""Commands about residents: who is meant, what is due, moving them, and edits that wait for a person."""

from __future__ import annotations

import datetime as dt
import json

import click

from server import utc_now
from server.decisions.deposits import UndecidedError
from server.erasing import REASONS, Erasing
from server.office import Office, as_json_option, office, told
from server.problems import Problem
from server.store import directory
from server.store.engine import reading
from sync.codec import Json

LISTED = ("resident", "name", "birth_date", "scope", "due", "groups")


def _scopes(at: Office) -> list[str]:
    """Every village, in the open: what a protected programme holds is shown to its own people, on their devices."""
    with reading(at.engine) as connection:
        return directory.villages(connection)


@click.command()
@click.argument("text", default="")
@click.option("--group", help="a population group or a disease under management, like elder_65 or hypertension")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
@as_json_option
@office
def residents(at: Office, text: str, group: str | None, limit: int, as_json: bool) -> None:
    """Residents by TEXT: name, pinyin or its initials, the end of a telephone or identity number."""
    rows = at.standings.search(_scopes(at), text, group, limit)
    told([{**row, "groups": " ".join(row["groups"])} for row in rows], as_json, LISTED)


@click.command()
@click.argument("resident")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="the day [default: today]")
@office
def standing(at: Office, resident: str, on: dt.datetime | None) -> None:
    """What RESIDENT (an id) is due, has had, and counts as, as JSON; nothing of protected programmes."""
    try:
        said: Json = at.standings.of(_scopes(at), resident, on.date() if on else None)
    except Problem:
        raise click.ClickException(f"there is no resident with the id {resident!r}; see `cunyi residents`") from None
    click.echo(json.dumps(said, ensure_ascii=False, indent=1))


@click.command()
@as_json_option
@office
def candidates(at: Office, as_json: bool) -> None:
    """Pairs of residents who may be one person, for a person to judge, the likeliest first."""
    rows = at.standings.candidates(_scopes(at))
    if not as_json:
        rows = [{**row, "first": _who(row["first"]), "second": _who(row["second"])} for row in rows]
        rows = [{**row, "reasons": " ".join(row["reasons"])} for row in rows]
    told(rows, as_json, ("points", "first", "second", "reasons"))


def _who(row: Json) -> str:
    return f"{row['name']} {row['birth_date']} {row['scope']} {row['resident']}"


@click.command()
@click.argument("village")
@as_json_option
@office
def due(at: Office, village: str, as_json: bool) -> None:
    """What is urgent, overdue, or due within seven days in a VILLAGE (12 digits), the most pressing first."""
    if village not in _scopes(at):
        raise click.ClickException(f"there is no village {village!r}; see `cunyi people` for those in which somebody works")
    told(at.standings.due([village]), as_json, ("urgency", "by", "what", "reason", "name", "resident"))


@click.command()
@click.argument("subject", required=False)
@click.argument("village", required=False)
@click.option("--due", is_flag=True, help="instead: everybody whose address names another village than they are in")
@office
def move(at: Office, subject: str | None, village: str | None, due: bool) -> None:
    """Move all records of a resident or household (SUBJECT, its id) to another VILLAGE (12 digits).

    A household takes its members along. The address gets the code of the new village.
    """
    if due:
        if subject:
            raise click.UsageError("--due takes no SUBJECT")
        click.echo(f"{len(at.exchange.moving.due())} residents and households moved to where their address says.")
        return
    if subject is None or village is None:
        raise click.UsageError("who is to move, and where to? SUBJECT and VILLAGE, or --due")
    try:
        moved = at.exchange.moving.move(subject, village)
    except LookupError as trouble:
        raise click.ClickException(str(trouble)) from None
    click.echo(f"{moved} records moved to {village}.")


@click.command()
@click.argument("resident")
@click.option("--reason", type=click.Choice(sorted(REASONS)), help="the case of the law (PIPL, article 47)")
@click.option("--lift", is_flag=True, help="instead: let somebody who was erased be registered anew")
@click.option("--yes", is_flag=True, help="do not ask first")
@office
def erase(at: Office, resident: str, reason: str | None, lift: bool, yes: bool) -> None:
    """Erase for good all that is kept about RESIDENT (an id); dots and the trail stay. A restore does it again."""
    if not lift and reason is None:
        raise click.UsageError("--reason names the case of the law: " + "; ".join(f"{k}: {v}" for k, v in REASONS.items()))
    if not (lift or yes):
        click.confirm(f"All that is kept about {resident} is erased and cannot be brought back. Go on?", abort=True)
    erasing = Erasing(at.engine, utc_now)
    try:
        if reason is None or lift:
            erasing.lift(resident)
            click.echo(f"{resident} may be registered anew.")
            return
        done = erasing.erase(resident, reason)
    except LookupError as trouble:
        raise click.ClickException(str(trouble)) from None
    at.standings.refresh_all()
    traces = len({record for _, record, _ in done.traces})
    click.echo(f"{traces} records are erased, {done.entries} entries of the log and {done.deposits} deposits are emptied.")
    for scope, record, kind in done.naming:
        click.echo(f"{kind} {record} in {scope} is about somebody else and names them: correct it by hand if it has to be.")


@click.group(name="deposits", invoke_without_command=True)
@click.option("--all", "decided", is_flag=True, help="also those about which somebody has decided")
@as_json_option
@click.pass_context
def deposits_group(context: click.Context, decided: bool, as_json: bool) -> None:
    """Edits that were set aside and wait for a person; `apply` one after all, or `refuse` it."""
    if context.invoked_subcommand is None:
        columns = ("id", "received_at", "person_name", "reason", "place", "type", "record", "state")
        told(context.obj.deposits.listed(decided=decided), as_json, columns)


@deposits_group.command(name="apply")
@click.argument("deposit_id")
@office
def apply_deposit(at: Office, deposit_id: str) -> None:
    """Apply the edit DEPOSIT_ID (or how the id begins), in its author's name, beside what was written meanwhile."""
    try:
        click.echo(f"{deposit_id} is applied: {at.deposits.apply(deposit_id)}.")
    except LookupError as trouble:
        raise click.ClickException(f"{trouble}; see `cunyi deposits`") from None
    except UndecidedError as trouble:
        raise click.ClickException(f"{deposit_id} cannot be applied: {trouble}") from None


@deposits_group.command(name="refuse")
@click.argument("deposit_id")
@click.option("--reason", required=True, help="kept with it")
@office
def refuse_deposit(at: Office, deposit_id: str, reason: str) -> None:
    """Refuse the edit DEPOSIT_ID (or how the id begins). It is kept."""
    try:
        at.deposits.refuse(deposit_id, reason)
    except LookupError as trouble:
        raise click.ClickException(f"{trouble}; see `cunyi deposits`") from None
    click.echo(f"{deposit_id} is refused.")


COMMANDS = (residents, standing, due, candidates, move, erase, deposits_group)
