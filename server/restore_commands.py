"""The commands about backups and restores: write one, put one back, say that one was put back, see what it has lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from server import archive, utc_now
from server.healing import healing_of
from server.journal import JournalError
from server.office import Office, as_json_option, office, told
from server.store.deployment import deployment, set_healing
from server.store.engine import reading, retried
from server.store.journal import Entry
from sync.codec import stamp

NOT_BACK = "not back yet"


def with_journal(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that replays the journal."""
    copies = click.option(
        "--journal",
        "copies",
        multiple=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="a copy of the journal from another host; again for more",
    )
    without = click.option("--without-journal", is_flag=True, help="begin anew: what was revoked or erased since may be back")
    return copies(without(command))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@office
def backup(at: Office, file: Path) -> None:
    """Write everything to FILE, from one consistent picture, while the server goes on. Then read it back and count."""
    try:
        click.echo(archive.backup(at.engine, file, utc_now()))
    except archive.ArchiveError as trouble:
        raise click.ClickException(str(trouble)) from None


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="drop what the database holds now")
@with_journal
@office
def restore(at: Office, file: Path, replace: bool, copies: Sequence[Path], without_journal: bool) -> None:
    """Load FILE into a migrated database: a new epoch begins, and phones may make the server whole.

    What was revoked, withdrawn, changed in the register or erased since the backup is done again from the journal beside
    the data. Tokens, sessions and enrolment codes given out before are void.
    """
    journal_of = _journal(at, copies, without_journal)
    until, now = _healing_until(at), stamp(utc_now())
    try:
        click.echo(
            archive.restore(
                at.engine, file, replace, until, now, at.config.identity_key, journal_of, at.exchange.moving.readdress
            )
        )
    except (archive.ArchiveError, JournalError) as trouble:
        raise click.ClickException(_advised(trouble)) from None
    _tell(until, without_journal)


@click.command()
@with_journal
@office
def restored(at: Office, copies: Sequence[Path], without_journal: bool) -> None:
    """Say that the database was put back by other means: a file copied over, a recovery to a point in time, a standby.

    As after `cunyi restore`, with what is in the database now: a new epoch, the journal, healing. Writing goes on.
    """
    journal_of = _journal(at, copies, without_journal)
    until, now = _healing_until(at), stamp(utc_now())
    with reading(at.engine) as connection:
        place = deployment(connection)
    assert place is not None
    try:
        entries = journal_of(place.server)
    except JournalError as trouble:
        raise click.ClickException(_advised(trouble)) from None
    for sentence in retried(at.engine, lambda c: archive.announce(c, entries, until, now, at.exchange.moving.readdress)):
        click.echo(sentence)
    click.echo("A new epoch has begun.")
    _tell(until, without_journal)


@click.command()
@click.argument("state", type=click.Choice(["open", "close", "status"]))
@as_json_option
@office
def healing(at: Office, state: str, as_json: bool) -> None:
    """Open or close healing: whether phones may bring what others wrote. Or see who has come back, and what is missing."""
    if state == "status":
        _status(at, as_json)
        return
    until = _healing_until(at) if state == "open" else ""
    retried(at.engine, lambda c: set_healing(c, until))
    click.echo(f"Healing is open until {until}." if until else "Healing is closed.")


def _status(at: Office, as_json: bool) -> None:
    with reading(at.engine) as connection:
        place = deployment(connection)
        found = healing_of(connection, place) if place else None
    if found is None:
        told([], as_json, ()) if as_json else click.echo("This server was never restored.")
        return
    rows = [
        {
            "person": phone.holder.person,
            "device": phone.holder.device,
            "state": "back" if phone.back else NOT_BACK,
            "declared": phone.declared,
            "missing": phone.lacking,
            "edits": phone.named(),
        }
        for phone in found.phones
    ]
    told(rows, as_json, ("person", "device", "state", "declared", "missing", "edits"))
    if not as_json:
        click.echo(
            f"Restored {found.restored_at}. {found.away} of {len(found.phones)} phones are not back yet. By their own word phones had "
            f"sent {found.declared} edits since the backup; {found.lacking} of them are nowhere: lost, or replaced by later words."
        )


def stopped(at: Office) -> str:
    """Why nothing is written, empty while all is well."""
    with reading(at.engine) as connection:
        place = deployment(connection)
    return place.stopped if place else ""


def _journal(at: Office, copies: Sequence[Path], without_journal: bool) -> Callable[[str], Sequence[Entry] | None]:
    def of(server: str) -> Sequence[Entry] | None:
        if not without_journal:
            return at.journal.entries(server, copies)
        at.journal.begin_anew(server)
        return None

    return of


def _advised(trouble: Exception) -> str:
    if not isinstance(trouble, JournalError):
        return str(trouble)
    return (
        f"{trouble}. Give a copy from another host by --journal FILE. Only where there is none: --without-journal, then revoke, "
        "retire and erase again what was since the backup, for it is back."
    )


def _healing_until(at: Office) -> str:
    return stamp(utc_now() + dt.timedelta(days=at.config.healing_days))


def _tell(until: str, without_journal: bool) -> None:
    if without_journal:
        click.echo(
            "WITHOUT A JOURNAL: whoever was revoked, retired or erased since is back, and so are their old passwords. Look now.",
            err=True,
        )
    click.echo(f"Healing is open until {until}; `cunyi healing status` tells who is back, `cunyi healing close` ends it.")
    click.echo("Tokens, sessions at desks, codes for phones and for passwords given out before are void.")


COMMANDS = (backup, restore, restored, healing)
