"""Commands about people and their devices: who they are, what they may hold, codes, retiring and revoking."""

from __future__ import annotations

import datetime as dt

import click

from server import administration, utc_now
from server.accounts.signing_in import SignIn
from server.administration import By, FormError
from server.office import Office, as_json_option, office, told
from server.store import devices, directory
from server.store.engine import reading, retried
from sync.codec import stamp
from sync.scopes import PROGRAMMES


@click.command()
@as_json_option
@office
def people(at: Office, as_json: bool) -> None:
    """Everybody in the register, with the scopes they may hold and their last sync."""
    with reading(at.engine) as connection:
        said = devices.said_by(connection)
        granted = directory.grants_on(connection, at.today)
        heard: dict[str, str] = {}
        for row in devices.all_devices(connection):
            at_last = said[row.actor].heard_at
            if at_last:
                heard[row.person] = max(heard.get(row.person, ""), at_last)
        rows = [
            {
                "id": p.id,
                "name": p.name,
                "role": p.role,
                "active": p.active,
                "scopes": {scope: {"write": write} for scope, write in directory.scopes_of(connection, p, at.today).items()},
                "grants": {g.programme: {"since": g.since, "until": g.until} for g in granted.get(p.id, ())},
                "last_sync": heard.get(p.id),
            }
            for p in directory.everybody(connection)
        ]
    told(rows, as_json, ("id", "name", "role", "last_sync", "grants", "scopes"))


def _by(at: Office) -> By:
    """The operator, as the trail names them."""
    return By("shell", stamp(utc_now()), at.today)


DAY = click.DateTime(["%Y-%m-%d"])
programme_argument = click.argument("programme", type=click.Choice(PROGRAMMES))


@click.command()
@click.argument("person_id")
@programme_argument
@click.option("--since", type=DAY, help="the first day [default: today]")
@click.option("--until", type=DAY, help="the first day on which it no longer holds [default: until it is withdrawn]")
@office
def grant(at: Office, person_id: str, programme: str, since: dt.datetime | None, until: dt.datetime | None) -> None:
    """Let a person hold the records of a protected PROGRAMME, in the villages where they work."""
    first = since.date() if since else at.today
    if until and until.date() <= first:
        raise click.UsageError("--until is the first day without the grant: it comes after --since")
    given = directory.Grant(person_id, programme, first.isoformat(), until.date().isoformat() if until else None)
    try:
        new = retried(at.engine, lambda c: administration.give_grant(c, given, _by(at)))
    except FormError:
        raise click.ClickException(f"there is nobody with the id {person_id!r}; see `cunyi people`") from None
    how_long = f"since {given.since}" + (f", until {given.until}" if given.until else "")
    click.echo(f"{person_id} is granted {programme}, {how_long}." if new else f"{person_id} has that already.")


@click.command()
@click.argument("person_id")
@programme_argument
@office
def ungrant(at: Office, person_id: str, programme: str) -> None:
    """Withdraw a protected PROGRAMME from a person: their phones drop its records at the next sync."""
    if not retried(at.engine, lambda c: administration.withdraw_grant(c, person_id, programme, _by(at))):
        raise click.ClickException(f"{person_id!r} is not granted {programme}; see `cunyi people`")
    click.echo(f"{person_id} is no longer granted {programme}.")


@click.command()
@click.argument("person_id")
@office
def code(at: Office, person_id: str) -> None:
    """Print a one-time enrolment code for a person, on the last line, and how a phone takes it."""
    try:
        fresh = at.access.new_code(person_id)
    except LookupError as trouble:
        raise click.ClickException(f"{trouble}; see `cunyi people`") from None
    retried(at.engine, lambda c: administration.code_given(c, person_id, _by(at)))
    click.echo(f"On a phone, open the address of this server with /app/#enrol={fresh}")
    click.echo(f"Serves once, for {at.config.code_hours} hours:")
    click.echo(fresh)


@click.command()
@click.argument("person_id")
@office
def password(at: Office, person_id: str) -> None:
    """Print a one-time code, on the last line, with which a person chooses a password at /dashboard/password.

    The password they have serves until they have chosen another.
    """
    try:
        fresh = SignIn(at.engine, at.config, utc_now).new_code(person_id, "shell")
    except LookupError as trouble:
        raise click.ClickException(f"{trouble}; see `cunyi people`") from None
    click.echo(f"Serves once, for {at.config.code_hours} hours, at /dashboard/password:")
    click.echo(fresh)


@click.command(name="devices")
@as_json_option
@office
def devices_command(at: Office, as_json: bool) -> None:
    """Every device: whose, when it last synced, how many edits are still on it."""
    with reading(at.engine) as connection:
        said = devices.said_by(connection)
        rows = [
            {
                "id": row.id,
                "person": row.person,
                "person_name": row.person_name,
                "name": row.name,
                "status": row.status,
                "last_sync": said[row.actor].heard_at,
                "unsent": said[row.actor].outbox,
                "app": said[row.actor].app,
                "clock_offset_s": said[row.actor].offset_ms // 1000,
                "actor": row.actor,
            }
            for row in devices.all_devices(connection)
        ]
    told(rows, as_json, ("id", "person_name", "name", "status", "last_sync", "unsent", "app"))


def _set_status(at: Office, device_id: str, status: str) -> None:
    try:
        retried(at.engine, lambda c: administration.set_device(c, device_id, status, _by(at), sure=True))
    except LookupError:
        raise click.ClickException(f"there is no device {device_id!r}; see `cunyi devices`") from None
    except FormError as trouble:
        raise click.ClickException(str(trouble)) from None
    click.echo(f"{device_id} is {status}.")


@click.command()
@click.argument("device_id")
@office
def retire(at: Office, device_id: str) -> None:
    """Let a device deliver what is on it, then wipe it. Its edits wait for a person."""
    _set_status(at, device_id, "retired")


@click.command()
@click.argument("device_id")
@office
def revoke(at: Office, device_id: str) -> None:
    """Shut a lost or stolen device out at once."""
    _set_status(at, device_id, "revoked")


COMMANDS = (people, grant, ungrant, code, password, devices_command, retire, revoke)
