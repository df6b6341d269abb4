"""The reports of the sample's past months: each village's, the township's and the county's, handed on as they should be."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine

from server.access import Access, View
from server.demo.people import COUNTY, COUNTY_SUPERVISOR, TOWNSHIP, TOWNSHIP_SUPERVISOR, VILLAGES
from server.periods import MONTH, Period
from server.reports import Reports
from server.reports.life import MOVES, keeper
from server.store import reports as store
from server.store.deployment import setting, write_settings
from server.store.engine import reading, retried

MONTHS = 4  # to count everybody on the last day of a month takes seconds
REPORTED = "demo_reported"
AREAS = (*(code for code, _ in VILLAGES), TOWNSHIP[0], COUNTY[0])


def report_months(engine: Engine, reports: Reports, access: Access, today: dt.date, months: int = MONTHS) -> str:
    """Report the months that are over, the last one as it was computed, those before it locked: a sentence that says so.

    What an interrupted run has left is completed; again changes nothing.
    """
    with reading(engine) as connection:
        if setting(connection, REPORTED):
            return "Its reports are there."
    supervisors = {TOWNSHIP[0]: access.view(TOWNSHIP_SUPERVISOR), COUNTY[0]: access.view(COUNTY_SUPERVISOR)}
    last = Period.on(today, MONTH).previous()
    periods = [last if today >= reports.first_day(last) else last.previous()]
    while len(periods) < months:
        periods.append(periods[-1].previous())
    for code, _ in VILLAGES:
        reports.freeze(code, periods)
    for period in reversed(periods):
        for area in AREAS:
            reports.compute(supervisors[keeper(area, judges=False)], area, period)
    for period in periods[1:]:
        for area in AREAS:
            _lock(engine, reports, supervisors, area, period)
    retried(engine, lambda c: write_settings(c, {REPORTED: today.isoformat()}))
    return f"Reported for its villages, the township and the county: {periods[-1].text} to {periods[0].text}."


def _lock(engine: Engine, reports: Reports, supervisors: dict[str, View], area: str, period: Period) -> None:
    """Hand a report on until it is locked, from where an interrupted run has left it."""
    for action, move in MOVES.items():
        with reading(engine) as connection:
            state = store.report(connection, area, period.text).state
        if action != "return" and state in move.since:
            reports.step(supervisors[keeper(area, judges=move.judges)], area, period, action)
