"""Figures for an operator: how much there is, and what waits."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, func, select

from server.store import damage, tallies, trail
from server.store.deployment import STOPPED, setting
from server.store.devices import all_devices, said_by
from server.store.tables import actor_states, deposits, devices, scopes
from sync.codec import stamp

SILENT_DAYS = 7


def counts(connection: Connection, now: dt.datetime) -> dict[str, int]:
    """By name, labels included: live records, log entries, deposits that wait, devices by status, edits still on phones,
    residents whose records cannot be counted, records that are frozen and other alarms that stand, whether writing is
    stopped; of devices in use how many were not heard for days, or refused since they last synced; how many hold unsent edits.
    """
    of_trail = scopes.c.scope.startswith(trail.PREFIX)
    waiting = select(func.count()).select_from(deposits).where(deposits.c.state == "waiting")
    grouped = connection.execute(select(devices.c.status, func.count().label("devices")).group_by(devices.c.status))
    frozen, faults = damage.counted(connection)
    said, long_ago = said_by(connection), stamp(now - dt.timedelta(days=SILENT_DAYS))
    active = [said[row.actor] for row in all_devices(connection) if row.status == "active"]
    by_status: dict[str, int] = {row.status: row.devices for row in grouped}
    return {
        "records": connection.scalar(select(func.coalesce(func.sum(scopes.c.live), 0))) or 0,
        "log_entries": int(connection.scalar(select(func.coalesce(func.sum(scopes.c.entries), 0)).where(~of_trail)) or 0),
        "deposits_waiting": connection.scalar(waiting) or 0,
        "residents_uncountable": tallies.uncountable(connection),
        f'devices_silent{{days="{SILENT_DAYS}"}}': sum((one.heard_at or "") < long_ago for one in active),
        "devices_with_unsent_edits": sum(one.outbox > 0 for one in said.values()),
        "devices_refused": sum(one.problem is not None for one in active),
        "records_frozen": frozen,
        "faults_standing": faults,
        "writes_stopped": int(bool(setting(connection, STOPPED))),
        "unsent_edits": connection.scalar(select(func.coalesce(func.sum(actor_states.c.outbox), 0))) or 0,
        **{f'devices{{status="{status}"}}': by_status.get(status, 0) for status in ("active", "retired", "revoked")},
    }
