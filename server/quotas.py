"""How much one device may bring in a day: before a phone that runs wild, or a stolen one, fills the disk of all.

Both limits are far above what a doctor can write. Over one of them the answer is 429 until the next day: what the phone has
stays on it, and goes up then; offline work goes on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import Connection

from server.config import Config
from server.problems import Problem
from server.store import quotas

MEBIBYTE = 1 << 20


class Quotas:
    """The limits of a deployment. `now` is the server's clock."""

    def __init__(self, config: Config, now: Callable[[], dt.datetime]) -> None:
        self._config, self._now = config, now

    def charge(self, connection: Connection, device: str, size: int = 0) -> None:
        """Count a request that writes, with so many bytes of edits and states; raises Problem `over-quota`.

        It MUST be the first lock of its transaction, which is rolled back where the device has had its share.
        """
        self._judge(quotas.count(connection, device, self._day(), size))

    def count(self, connection: Connection, device: str) -> None:
        """Count a request of which `look` was asked before it was answered."""
        quotas.count(connection, device, self._day(), 0)

    def look(self, connection: Connection, device: str) -> None:
        """Raise Problem `over-quota` where the device has had its share; nothing is counted."""
        spent = quotas.brought(connection, device, self._day())
        self._judge(quotas.Brought(spent.requests + 1, spent.bytes))

    def _day(self) -> str:
        return self._config.day_of(self._now()).isoformat()

    def _judge(self, spent: quotas.Brought) -> None:
        if spent.requests > self._config.device_day_requests or spent.bytes > self._config.device_day_mib * MEBIBYTE:
            raise Problem("over-quota", {"Retry-After": str(self._until_tomorrow())})

    def _until_tomorrow(self) -> int:
        """Seconds until the next day begins where the deployment is, at least one."""
        here = self._config.local(self._now())
        tomorrow = dt.datetime.combine(here.date() + dt.timedelta(days=1), dt.time(), here.tzinfo)
        return max(1, int((tomorrow - here).total_seconds()) + 1)
