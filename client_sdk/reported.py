"""What the server told of the reports of months that are over: which records of this phone's person each of them counts.

Asked for at the end of a sync and kept, so that the list of one's own work says the same without a signal. What an issue of a
report counts never changes; whatever the server did not name when it was asked came later, and is not in it. So the whole
answer is asked for only where another issue holds by now, or this phone has received work that the answer cannot know.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

from client_sdk.line import Line
from client_sdk.store import Store
from client_sdk.vault import Vault
from sync.codec import Json
from sync.standing.worklist import SET_ASIDE, Reported, month_of
from sync.wire import MyWork

MOST_MONTHS = 4  # asked for at the end of one sync
MY_WORK = MyWork()


@dataclass(frozen=True)
class Told:
    """The answer about a month. `reports`: (area, issue) by village; `records`: None for what no report speaks of."""

    asked_at: str
    reports: Mapping[str, tuple[str, int]]
    records: Mapping[str, Reported | None]

    def of(self, record: str, village: str) -> Reported | None:
        """What the report of a village does with a record; None where there is none."""
        if record in self.records or village not in self.reports:
            return self.records.get(record)
        area, issue = self.reports[village]
        return Reported(area, issue, counted=False)


def told(vault: Vault, month: str) -> Told | None:
    """What is kept of a month; None where the server never told."""
    rows = vault.rows("SELECT body FROM reports WHERE month = ? AND body IS NOT NULL", month)
    if not rows:
        return None
    said = json.loads(rows[0][0])
    return Told(
        said["asked_at"],
        {one["village"]: (one["area"], one["issue"]) for one in said["reports"]},
        {record: Reported(**one) if one else None for record, one in said["records"].items()},
    )


def wish(vault: Vault, month: str, today: dt.date) -> None:
    """Have the next sync ask for a month, if it is over."""
    if month < today.isoformat()[:7] and not vault.rows("SELECT 1 FROM reports WHERE month = ?", month):
        with vault.transaction():
            vault.run("INSERT OR IGNORE INTO reports (month) VALUES (?)", month)


def ask(store: Store, line: Line, now: dt.datetime) -> None:
    """Ask for the last month and the latest of those that are kept or wished for. Raises Problem, OfflineError, BadReplyError."""
    vault, account = store.vault, store.account()
    author, there = str((account.person or {}).get("id")), now + dt.timedelta(milliseconds=account.offset_ms)
    last = (there.date().replace(day=1) - dt.timedelta(1)).isoformat()[:7]  # by the server's clock: a phone's may say anything
    held = {month: json.loads(body) if body else None for month, body in vault.rows("SELECT month, body FROM reports")}
    for month in sorted({last, *held}, reverse=True)[:MOST_MONTHS]:
        mine = sorted(one.record.id for one in store.written(author, month_of(month)[0]))
        kept = held.get(month)
        reports = _named(line.ask("GET", f"/v1/my-work?month={month}&only=reports", MY_WORK))
        if kept is None or kept["reports"] != reports or (reports and not set(mine) <= set(kept["mine"])):
            kept = _kept(line.ask("GET", f"/v1/my-work?month={month}", MY_WORK)) if reports else {"reports": [], "records": {}}
        body = {**kept, "mine": mine, "asked_at": now.isoformat(timespec="seconds")}
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        with vault.transaction():
            vault.run("INSERT INTO reports VALUES (?, ?) ON CONFLICT (month) DO UPDATE SET body = excluded.body", month, text)


def _named(answer: Json) -> list[Json]:
    """The issues that hold, of each village."""
    return [{name: one[name] for name in ("village", "area", "issue")} for one in answer["reports"]]


def _kept(answer: Json) -> Json:
    """What is kept of an answer: nothing of the lines but what a report does with each record."""
    lines = [one for one in answer["lines"] if one["reason"] != SET_ASIDE]
    return {"reports": _named(answer), "records": {one["record"]: one["report"] for one in lines}}
