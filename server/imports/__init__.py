"""Rosters: areas, people and residents from CSV or Excel files. Safe to run again: what is there already is not written.

The file is read in `sheet.py`, the words of its cells in `words.py`; what became of every row is told by
`report.py`.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sqlalchemy import Engine

from server.config import Config
from server.exchange import Exchange
from server.imports import register, residents, words
from server.imports.report import Result
from server.imports.sheet import UnreadableError, read_sheet

__all__ = ["Result", "UnreadableError", "take"]


def take(kind: str, path: Path, engine: Engine, exchange: Exchange, config: Config, now: dt.datetime) -> Result:
    """Take a roster of a kind: `areas`, `people` or `residents`. Raises UnreadableError when no row can be read."""
    if kind == "areas":
        return register.take_areas(read_sheet(path, register.AREA_TITLES, register.AREA_NEEDED), engine)
    if kind == "people":
        sheet = read_sheet(path, register.PEOPLE_TITLES, register.PEOPLE_NEEDED)
        return register.take_people(sheet, engine, config)
    sheet = read_sheet(path, words.TITLES, words.NEEDED)
    return residents.take_residents(sheet, engine, exchange, config, now)
