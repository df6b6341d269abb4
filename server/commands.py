"""The `cunyi` command: what an operator and an administrator do from the shell.

Other packages add groups of commands by the entry point group `cunyi.commands`; `cunyi field` comes that way.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from server import (
    create_app,
    damage_commands,
    demo,
    discreet,
    imports,
    keeping,
    people_commands,
    report_commands,
    resident_commands,
    restore_commands,
    serving,
    utc_now,
)
from server.config import SETTINGS, ConfigError
from server.decisions import decisions_of
from server.office import Office, as_json_option, office
from server.problems import Problem
from server.quality.checks import QualityChecks
from server.retention import Retention
from server.store import migrate, roles, verify
from server.store.deployment import WrongKeyError, establish
from server.store.engine import reading, retried
from sync.types import CATALOGUE
from sync.types.reference import reference

LOOKING_SHARE_SECONDS, LOOKING_PAUSE_SECONDS = 1.0, 3600.0  # whether all is whole
FINDINGS_SHARE_SECONDS, FINDINGS_PAUSE_SECONDS = 5.0, 3600.0  # the standings, for which somebody waits, come in between


class Cunyi(click.Group):
    """The group, with the commands of other packages, and with expected trouble told in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """By name, those of other packages among them."""
        return sorted({*super().list_commands(ctx), *_others()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command of another package when it is asked for."""
        others = _others()
        return super().get_command(ctx, cmd_name) or (others[cmd_name]() if cmd_name in others else None)

    def invoke(self, ctx: click.Context) -> Any:
        """Run; a wrong setting or a database that does not answer is no traceback."""
        try:
            return super().invoke(ctx)
        except (ConfigError, WrongKeyError) as trouble:
            raise click.ClickException(str(trouble)) from None
        except Problem as refused:
            raise click.ClickException(f"{refused.kind.title}. {refused.kind.remedy}") from None
        except CommandError as trouble:
            raise click.ClickException(f"the schema of the database is none of this release: {trouble}") from None
        except DBAPIError as trouble:
            raise click.ClickException(f"the database does not answer as it should: {str(trouble.orig).strip()}") from None


def _others() -> dict[str, Callable[[], click.Command]]:
    return {point.name: point.load for point in entry_points(group="cunyi.commands")}


def _settings_help() -> str:
    width = max(len(s.name) for s in SETTINGS)
    return "\n".join(f"{s.name:<{width}}  {s.about}" + (f" [{s.default}]" if s.default else "") for s in SETTINGS)


@click.group(
    cls=Cunyi, epilog="\b\nSettings, from the environment:\n" + _settings_help(), context_settings={"max_content_width": 120}
)
@click.version_option(package_name="cunyi")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Cunyi: the sync server of village family-doctor teams."""
    ctx.obj = Office()
    ctx.call_on_close(ctx.obj.close)


for command in (
    *people_commands.COMMANDS,
    *resident_commands.COMMANDS,
    *restore_commands.COMMANDS,
    damage_commands.mend,
    report_commands.report,
):
    main.add_command(command)


# -- running -----------------------------------------------------------------------------------------------------------


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, serving.LAST_PORT))
@click.option("--check", is_flag=True, help="only see whether the port is free, and end")
@office
def serve(at: Office, host: str, port: int, check: bool) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    try:
        serving.require_free(host, port)
    except serving.AddressError as trouble:
        raise click.ClickException(str(trouble)) from None
    if check:
        return
    _ = at.engine  # what is missing is said before anything is served
    at.journal.watch()
    if stopped := restore_commands.stopped(at):
        click.echo(f"ALARM nothing will be written: {stopped}. Announce it by `cunyi restored`.", err=True)
    at.engine.dispose()
    serving.serve(lambda: create_app(at.config), host, port, embedded=at.config.embedded, workers=at.config.workers)


@main.command()
@click.option("--every", "seconds", default=10.0, show_default=True, type=click.FloatRange(0.1, 86400), help="seconds")
@click.option("--beside", type=int, hidden=True, help="end with this process, which started this one")
@office
def keep(at: Office, seconds: float, beside: int | None) -> None:
    """Bring standings, figures and findings up to date again and again, until SIGTERM. `serve` starts one by itself."""
    checks = QualityChecks(at.engine, CATALOGUE, at.config, utc_now)
    findings = keeping.by_and_by(checks.keep_up, FINDINGS_SHARE_SECONDS, FINDINGS_PAUSE_SECONDS)
    retention = keeping.by_and_by(
        Retention(at.engine, at.config, utc_now).keep_up, FINDINGS_SHARE_SECONDS, FINDINGS_PAUSE_SECONDS
    )
    discreet.install()
    soundness = at.exchange.soundness
    looking = keeping.by_and_by(soundness.keep_up, LOOKING_SHARE_SECONDS, LOOKING_PAUSE_SECONDS)
    derived = [soundness.surviving(work) for work in (at.standings.keep_up, findings, retention)]
    keeping.keep([at.journal.mark, at.journal.watch, looking, *derived], seconds, beside)


@main.command()
@office
def retain(at: Office) -> None:
    """Let go of what the settings say is kept long enough, never a record: as the owner of the tables, for the trail too."""
    gone = Retention(at.engine, at.config, utc_now).keep_up(lambda: False)
    click.echo(f"{gone} rows are gone: deposits decided long ago, and old entries of the trail.")


@main.command(name="migrate")
@click.option("--role", help="also let this role of PostgreSQL run the server, adding to trail and log and changing neither")
@office
def migrate_command(at: Office, role: str | None) -> None:
    """Bring the database to the newest schema. Again changes nothing."""
    engine = at.database
    migrate.upgrade(engine)
    retried(engine, lambda c: establish(c, at.config.identity_key))
    click.echo(f"The schema is at {migrate.newest()}.")
    if role:
        try:
            retried(engine, lambda c: roles.grant(c, role))
        except roles.NoRolesError as trouble:
            raise click.ClickException(str(trouble)) from None
        click.echo(f"{role} may run the server.")


@main.command()
@click.argument("message")
@office
def migration(at: Office, message: str) -> None:
    """Write a new migration from what the tables have and the database has not (for developers)."""
    migrate.new_step(at.database, message)


@main.command(name="demo")
@click.option("--guide", is_flag=True, help="also print what to try next, with a fresh enrolment code")
@office
def demo_command(at: Office, guide: bool) -> None:
    """Fill in the sample township. Again changes nothing."""
    click.echo(demo.fill(at.engine, at.exchange, at.config, utc_now()))
    at.standings.refresh_all()
    decisions = decisions_of(at.engine, at.exchange, at.standings, CATALOGUE, at.config, utc_now)
    if demo.is_there(at.engine):
        demo.judge(decisions.appeals, at.access)
        click.echo(demo.report_months(at.engine, at.reports, at.access, at.today))
    if guide:
        click.echo(demo.guide(at.engine, at.access, decisions, utc_now()))


@main.command(name="import")
@click.argument("kind", type=click.Choice(["areas", "people", "residents"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--report", type=click.Path(path_type=Path), help="write the report of every row to this CSV file")
@as_json_option
@office
def import_command(at: Office, kind: str, file: Path, report: Path | None, as_json: bool) -> None:
    """Take a roster from FILE: CSV (UTF-8 or GB18030) or Excel. Safe to run again.

    Prints what was taken, what was not and why, row by row; exits with 1 when a row was not taken.
    """
    try:
        done = imports.take(kind, file, at.engine, at.exchange, at.config, utc_now())
    except imports.UnreadableError as trouble:
        raise click.ClickException(str(trouble)) from None
    at.standings.refresh_all()
    if report:
        report.write_text(done.as_csv(), encoding="utf-8-sig")
    click.echo(json.dumps(done.as_json(), ensure_ascii=False, indent=1) if as_json else done.as_text())
    sys.exit(1 if done.refused else 0)


# -- keeping -----------------------------------------------------------------------------------------------------------


@main.command(name="verify")
@as_json_option
@office
def verify_command(at: Office, as_json: bool) -> None:
    """Recompute chains, digests and records from the edit log, and sums from their parts. Exits with 1 and names what differs."""
    with reading(at.engine) as connection:
        found = verify.verify(connection, at.today)
    found.faults.extend(at.journal.faults())
    if as_json:
        click.echo(
            json.dumps(
                {
                    "scopes": found.scopes,
                    "entries": found.entries,
                    "records": found.records,
                    "trail": found.trail,
                    "faults": found.faults,
                },
                indent=1,
            )
        )
    else:
        for fault in found.faults:
            click.echo(f"FAULT {fault}")
        click.echo(
            f"{found.scopes} scopes, {found.trail} entries of the trail, {found.entries} log entries, {found.records} records: {len(found.faults)} faults."
        )
    sys.exit(1 if found.faults else 0)


@main.command()
@click.option("--markdown", is_flag=True, help="the reference page")
def types(markdown: bool) -> None:
    """The catalogue of record types, as JSON."""
    click.echo(reference(CATALOGUE) if markdown else json.dumps(CATALOGUE.about, ensure_ascii=False, indent=1), nl=not markdown)


if __name__ == "__main__":
    main()
