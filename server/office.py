"""What the commands share: the parts of the server, made when first asked for, and lists for a program or a person."""

from __future__ import annotations

import datetime as dt
import json
import math
from functools import cached_property
from typing import Any

import click
from sqlalchemy import Engine

from server import utc_now
from server.access import Access
from server.config import Config
from server.decisions.deposits import Deposits
from server.exchange import Exchange
from server.journal import Journal
from server.reports import Reports
from server.reports.reading import ReportReading
from server.standings import Standings
from server.store import migrate
from server.store.deployment import establish
from server.store.engine import follow, open_engine, reading, retried
from sync.types import CATALOGUE


class Office:
    """What commands need: settings, engine, and the parts of the server; made when first asked for."""

    @cached_property
    def config(self) -> Config:
        """The settings."""
        return Config.from_environment()

    @cached_property
    def database(self) -> Engine:
        """The database, whatever its schema."""
        return open_engine(self.config.database_url, self.config.sealing_key)

    def close(self) -> None:
        """Let go of the database."""
        if "database" in self.__dict__:
            self.database.dispose()

    @cached_property
    def engine(self) -> Engine:
        """The database; raises ClickException while it is not migrated."""
        engine = self.database
        with reading(engine) as connection:
            revision = migrate.present(connection)
        if revision != migrate.newest():
            raise click.ClickException("the database is not at the newest schema: run `cunyi migrate` first")
        retried(engine, lambda c: establish(c, self.config.identity_key))
        follow(engine, self.journal.watch)
        return engine

    @cached_property
    def journal(self) -> Journal:
        """What no restore may undo, kept beside the data."""
        return Journal(self.database, self.config.data_dir, utc_now)

    @property
    def today(self) -> dt.date:
        """The day in the deployment's time zone."""
        return self.config.day_of(utc_now())

    @cached_property
    def access(self) -> Access:
        """Codes and devices."""
        return Access(self.engine, self.config, utc_now)

    @cached_property
    def exchange(self) -> Exchange:
        """The way by which edits of the server are written."""
        return Exchange(self.engine, CATALOGUE, self.config, utc_now)

    @cached_property
    def deposits(self) -> Deposits:
        """Edits that were set aside."""
        return Deposits(self.engine, self.exchange, CATALOGUE, utc_now)

    @cached_property
    def reports(self) -> Reports:
        """Period reports."""
        return Reports(self.engine, CATALOGUE, self.config, utc_now)

    @cached_property
    def report_reading(self) -> ReportReading:
        """Period reports as they are read."""
        return ReportReading(self.engine)

    @cached_property
    def standings(self) -> Standings:
        """What residents are due and count as."""
        return Standings(self.engine, CATALOGUE, self.config, utc_now, math.inf)


office = click.make_pass_decorator(Office)
as_json_option = click.option("--json", "as_json", is_flag=True, help="for a program to read")


def told(data: list[dict[str, Any]], as_json: bool, columns: tuple[str, ...]) -> None:
    """A list for a program or for a person."""
    if as_json:
        click.echo(json.dumps(data, ensure_ascii=False, indent=1))
        return
    rows = [columns, *(tuple(_plain(row[c]) for c in columns) for row in data)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(text + " " * (w - _width(text)) for text, w in zip(row, widths, strict=True)).rstrip())


def _plain(value: object) -> str:
    return " ".join(value) if isinstance(value, dict) else "" if value is None else str(value)


def _width(text: str) -> int:
    """How many columns a terminal gives the text: a Chinese character takes two."""
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)
