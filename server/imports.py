"""Rosters: areas, people and residents from CSV or Excel files. Safe to run again: what is there already is not written.

The file is read in `imports_sheet`, the words of its cells in `imports_words`; what became of every row is told by
`imports_report`.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sqlalchemy import Engine

from server import imports_register, imports_residents, imports_words
from server.config import Config
from server.exchange import Exchange
from server.imports_report import Result
from server.imports_sheet import UnreadableError, read_sheet

__all__ = ["Result", "UnreadableError", "take"]


def take(kind: str, path: Path, engine: Engine, exchange: Exchange, config: Config, now: dt.datetime) -> Result:
    """Take a roster of a kind: `areas`, `people` or `residents`. Raises UnreadableError when no row can be read."""
    if kind == "areas":
        return imports_register.take_areas(read_sheet(path, imports_register.AREA_TITLES, imports_register.AREA_NEEDED), engine)
    if kind == "people":
        sheet = read_sheet(path, imports_register.PEOPLE_TITLES, imports_register.PEOPLE_NEEDED)
        return imports_register.take_people(sheet, engine, config)
    sheet = read_sheet(path, imports_words.TITLES, imports_words.NEEDED)
    return imports_residents.take_residents(sheet, engine, exchange, config, now)
