"""Figures for an operator: how much there is, and what waits."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from server.store import tallies, trail
from server.store.tables import actor_states, deposits, devices, scopes


def counts(connection: Connection) -> dict[str, int]:
    """By name, labels included: live records, log entries, deposits that wait, devices by status, edits still on phones,
    residents whose records cannot be counted.
    """
    of_trail = scopes.c.scope.startswith(trail.PREFIX)
    waiting = select(func.count()).select_from(deposits).where(deposits.c.state == "waiting")
    grouped = connection.execute(select(devices.c.status, func.count().label("devices")).group_by(devices.c.status))
    by_status: dict[str, int] = {row.status: row.devices for row in grouped}
    return {
        "records": connection.scalar(select(func.coalesce(func.sum(scopes.c.live), 0))) or 0,
        "log_entries": int(connection.scalar(select(func.coalesce(func.sum(scopes.c.entries), 0)).where(~of_trail)) or 0),
        "deposits_waiting": connection.scalar(waiting) or 0,
        "residents_uncountable": tallies.uncountable(connection),
        "unsent_edits": connection.scalar(select(func.coalesce(func.sum(actor_states.c.outbox), 0))) or 0,
        **{f'devices{{status="{status}"}}': by_status.get(status, 0) for status in ("active", "retired", "revoked")},
    }
