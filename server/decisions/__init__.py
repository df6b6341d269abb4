"""All that waits for a decision at a desk, in one hand: for the dashboard and for `/v1`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from server.config import Config
from server.decisions.appeals import AppealDesk
from server.decisions.conflicts import Conflicts
from server.decisions.deciding import Deciding
from server.decisions.deposits import Deposits
from server.decisions.doubles import Doubles
from server.decisions.set_aside import SetAside
from server.decisions.twins import Twins
from server.exchange import Exchange
from server.standings import Standings
from sync.types.catalogue import Catalogue


@dataclass(frozen=True)
class Decisions:
    """The use cases."""

    conflicts: Conflicts
    set_aside: SetAside
    appeals: AppealDesk
    twins: Twins
    doubles: Doubles


def decisions_of(
    engine: Engine,
    exchange: Exchange,
    standings: Standings,
    catalogue: Catalogue,
    config: Config,
    now: Callable[[], dt.datetime],
) -> Decisions:
    """The use cases of one deployment."""
    deciding = Deciding(engine, exchange, standings, catalogue, config, now)
    return Decisions(
        Conflicts(engine, deciding, catalogue),
        SetAside(engine, Deposits(engine, exchange, catalogue, now), deciding, catalogue),
        AppealDesk(engine, deciding, standings, catalogue),
        Twins(engine, deciding, standings),
        Doubles(deciding, standings),
    )
