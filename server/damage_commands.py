"""The command about what was found damaged: list it, mend it."""

from __future__ import annotations

import click

from server.office import Office, as_json_option, office, told
from server.store.mending import UnmendableError


@click.command()
@click.argument("name", required=False)
@click.option("--drop", is_flag=True, help="let go of a record that the log knows nothing of")
@as_json_option
@office
def mend(at: Office, name: str | None, drop: bool, as_json: bool) -> None:
    """Make the damaged record or scope NAME anew from the log; without a name: what is damaged, and how it is mended."""
    soundness = at.exchange.soundness
    if name is None:
        told(soundness.listed(), as_json, ("scope", "part", "found_at", "why", "mend"))
        return
    try:
        click.echo(soundness.mend(name, drop=drop))
    except (LookupError, UnmendableError) as trouble:
        raise click.ClickException(str(trouble)) from None
    at.standings.refresh_all()
