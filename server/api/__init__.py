"""Door 1: devices, in JSON. Each route reads its request, asks one of the parts below, and answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from server.access import Access
from server.accounts.signing_in import SignIn
from server.config import Config
from server.decisions import Decisions
from server.exchange import Exchange
from server.indicators.reading import Indicators
from server.reports import Reports
from server.reports.reading import ReportReading
from server.standings import Standings
from sync.types.catalogue import Catalogue


@dataclass(frozen=True)
class Doors:
    """What the doors need."""

    access: Access
    exchange: Exchange
    standings: Standings
    catalogue: Catalogue
    engine: Engine
    config: Config
    decisions: Decisions
    signing_in: SignIn
    indicators: Indicators
    reports: Reports
    report_reading: ReportReading
    now: Callable[[], dt.datetime]
