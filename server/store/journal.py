"""The journal: what a restore must not undo, in the order of the commits.

An entry tells how something is after a change, so that doing it again changes nothing: a device is revoked, a person has
left, a grant has ended, a resident was erased. It names ids and no person, and quotes no record: it leaves the database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from server.store.engine import NOTED
from server.store.scope import upsert, wire_text
from server.store.tables import journal, settings

LAST = "journal"  # the setting whose row is the lock: entries are numbered in the order of the commits, none is skipped


@dataclass(frozen=True)
class Entry:
    """One entry: its number, the epoch in which it was written, what it is about, and how that is since."""

    n: int
    epoch: str
    what: str
    state: Mapping[str, Any]


def note(connection: Connection, what: str, state: Mapping[str, Any]) -> None:
    """Append one entry, in the transaction of the change itself. Holds the journal to the end of the transaction.

    `state` MUST be how it is after the change, in ids, numbers, days and codes alone. What of it a restore does again,
    `server/journal.py` lists under `what`.
    """
    note_all(connection, what, [state])


def note_all(connection: Connection, what: str, states: Sequence[Mapping[str, Any]]) -> None:
    """As `note`, an entry for each of these."""
    if not states:
        return
    upsert(connection, settings, [{"name": LAST, "value": "0"}], keep=True)
    last = int(connection.scalars(select(settings.c.value).where(settings.c.name == LAST).with_for_update()).one())
    epoch = connection.scalar(select(settings.c.value).where(settings.c.name == "epoch")) or ""
    rows = [{"n": n, "epoch": epoch, "what": what, "state": wire_text(state)} for n, state in enumerate(states, last + 1)]
    connection.execute(journal.insert(), rows)
    connection.execute(update(settings).where(settings.c.name == LAST).values(value=str(rows[-1]["n"])))
    connection.info[NOTED] = True


def put_back(connection: Connection, entries: Sequence[Entry]) -> None:
    """Entries of a journal that was kept elsewhere, in place of all that has their numbers or higher ones here."""
    if not entries:
        return
    connection.execute(journal.delete().where(journal.c.n >= entries[0].n))
    rows = [{"n": one.n, "epoch": one.epoch, "what": one.what, "state": wire_text(one.state)} for one in entries]
    connection.execute(journal.insert(), rows)
    upsert(connection, settings, [{"name": LAST, "value": str(entries[-1].n)}])


def after(connection: Connection, n: int) -> Iterable[Entry]:
    """The entries behind number n, in order."""
    query = select(journal).where(journal.c.n > n).order_by(journal.c.n).execution_options(yield_per=500)
    return map(_entry, connection.execute(query))


def entry(connection: Connection, n: int) -> Entry | None:
    """The entry of a number, None where there is none."""
    row = connection.execute(select(journal).where(journal.c.n == n)).one_or_none()
    return None if row is None else _entry(row)


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.n, row.epoch, row.what, json.loads(row.state))


def last_of(connection: Connection, what: str) -> Entry | None:
    """The last entry about something, None where there is none."""
    n = connection.scalar(select(func.max(journal.c.n)).where(journal.c.what == what))
    return None if n is None else entry(connection, n)


def may_have_been_ours(connection: Connection, actor: str) -> bool:
    """May this be the server's own actor of some epoch? Where not all that came before is known, any may."""
    return any(actor == said["actor"] or not said["whole"] for said in _begun(connection))


def epochs(connection: Connection) -> dict[str, bool]:
    """Every epoch that is known to have begun, and whether all that came before it is known too."""
    return {said["epoch"]: said["whole"] for said in _begun(connection)}


def _begun(connection: Connection) -> list[dict[str, Any]]:
    found = select(journal.c.state).where(journal.c.what == "epoch").order_by(journal.c.n)
    return [json.loads(said) for said in connection.scalars(found)]
