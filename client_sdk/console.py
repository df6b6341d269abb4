"""What the commands of `cunyi field` share: the phone file and its PIN, troubles as messages, who is meant, output for people or
programs.
"""

from __future__ import annotations

import contextlib
import functools
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from client_sdk import printing
from client_sdk.client import Client
from client_sdk.errors import ClientError, NoSuchRecordError, OfflineError, Problem, SealedError, SyncBusyError
from client_sdk.view import View
from sync.codec import UUID, UnfitError
from sync.record import Value

Command = TypeVar("Command", bound=Callable[..., Any])
DAY = click.DateTime(["%Y-%m-%d"])  # the type of an option that is a day


def file_options(command: Command) -> Command:
    """--phone and --pin; without a PIN the terminal is asked, where there is one."""
    pin = click.option(
        "--pin", envvar="CUNYI_PIN", show_envvar=True, callback=_asked, help="PIN of the phone file; else asked for."
    )
    where = click.Path(dir_okay=False, path_type=Path)
    phone = click.option("--phone", envvar="CUNYI_PHONE", show_envvar=True, required=True, type=where, help="The phone file.")
    return phone(pin(command))


def _asked(context: click.Context, _parameter: click.Parameter, pin: str | None) -> str:
    if pin or context.resilient_parsing:
        return pin or ""
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask for the PIN: give it with --pin or in CUNYI_PIN")
    return str(click.prompt("PIN", hide_input=True))


def on_phone(command: Callable[..., None]) -> Callable[..., None]:
    """A command that gets the opened phone first; its troubles become messages and exit statuses."""

    @file_options
    @functools.wraps(command)
    def run(phone: Path, pin: str, **given: Any) -> None:
        with troubles(), Client.open(phone, pin=pin) as client:
            command(client, **given)

    return run


@contextlib.contextmanager
def troubles() -> Iterator[None]:
    """Expected errors as messages: exit status 1 where waiting helps, 2 where other input does."""
    try:
        yield
    except (OfflineError, SyncBusyError, SealedError) as error:
        raise click.ClickException(str(error)) from error
    except (ClientError, UnfitError) as error:
        if isinstance(error, Problem) and (error.status >= 500 or error.status == 429):
            raise click.ClickException(str(error)) from error
        raise click.UsageError(str(error)) from error


def as_json(command: Command) -> Command:
    """--json."""
    return click.option("--json", "to_json", is_flag=True, help="Print JSON.")(command)


def tell(to_json: bool, value: Any, lines: Iterable[str]) -> None:
    """Print a value as JSON, or lines."""
    if to_json:
        click.echo(json.dumps(value, ensure_ascii=False, indent=2))
    else:
        for line in lines:
            click.echo(line)


def resident_named(client: Client, who: str) -> View:
    """The one resident that is meant: by an id, or by what the search finds one by; who has exactly that name goes first."""
    if UUID.fullmatch(who):
        return client.get(who)
    found = client.search(who)
    named = [view for view in found if (view.sections.get("identity") or {}).get("name") == who]
    found = named if len(named) == 1 else found
    if len(found) != 1:
        several = "".join(f"\n  {printing.line(view)}" for view in found)
        raise NoSuchRecordError(f"{len(found)} residents are meant by {who!r}{several or ': sync, or register the resident'}")
    return found[0]


def section_value(_context: click.Context, _parameter: click.Parameter, text: str) -> Value:
    """The callback of an argument that is a section."""
    return section_of(text)


def section_of(text: str) -> Value:
    """A section given as JSON: an object, or null."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"this is not JSON: {error}") from error
    if value is None or isinstance(value, dict):
        return value
    raise click.BadParameter("a section is a JSON object, or null to empty it")
