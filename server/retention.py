"""How long what is not a record is kept: edits that were set aside and decided about, and the audit trail. Never a record.

The keeper does it in short transactions. A trail of which the role of the server may delete nothing is cut by the owner of the
tables with `cunyi retain`.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from functools import partial

from sqlalchemy import Engine
from sqlalchemy.exc import ProgrammingError

from server.config import Config
from server.store import deposits, trail
from server.store.engine import reading, retried
from sync.codec import stamp

BATCH = 500

log = logging.getLogger(__name__)


class Retention:
    """The use case. `now` is the server's clock."""

    def __init__(self, engine: Engine, config: Config, now: Callable[[], dt.datetime]) -> None:
        self._engine, self._config, self._now = engine, config, now

    def keep_up(self, stop: Callable[[], bool]) -> int:
        """Let go of what is kept long enough, until `stop` says so: of how many rows."""
        gone = self._deposits(stop)
        try:
            gone += self.cut_trail(stop)
        except ProgrammingError as trouble:
            log.warning(
                "the trail is not cut (%s): `cunyi retain`, as the owner of the tables, does it", type(trouble.orig).__name__
            )
        return gone

    def _deposits(self, stop: Callable[[], bool]) -> int:
        gone, some, before = 0, BATCH, self._ago(self._config.deposit_days)
        while some == BATCH and not stop():
            some = retried(self._engine, lambda c: deposits.drop_decided(c, before, BATCH))
            gone += some
        return gone

    def cut_trail(self, stop: Callable[[], bool]) -> int:
        """Take off the beginning of each chain what is older than the setting says: how many entries; none without one.

        What the shell did stays: there it stands how far each chain was cut.
        """
        if not self._config.trail_days:
            return 0
        gone, before = 0, self._ago(self._config.trail_days)
        with reading(self._engine) as connection:
            chains = trail.older(connection, before)
        for scope in chains:
            if stop():
                break
            gone += retried(self._engine, partial(trail.cut, scope=scope, before=before, at=stamp(self._now())))
        return gone

    def _ago(self, days: int) -> str:
        return stamp(self._now() - dt.timedelta(days=days))
