"""Erasing a resident on legal request (Personal Information Protection Law, art. 47), and letting them in again.

It holds whatever comes after: phones drop the records at their next sync, what they had not sent about the person is not
kept, and a restore of an older backup does it again by the journal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Engine

from server.store import erasure, journal, trail
from server.store.engine import retried
from server.store.erasure import RESIDENT, Erased
from server.store.moves import OvertakenError
from sync.codec import UUID, stamp

REASONS: Mapping[str, str] = {  # the cases of article 47
    "purpose-ended": "the purpose is reached, cannot be reached, or no longer needs the data",
    "service-ended": "the service has ended, or the time for keeping is over",
    "consent-withdrawn": "the person has withdrawn their consent",
    "unlawful": "the data were processed against the law or an agreement",
    "law": "another case that the law names",
}
SHELL = "shell"


class Erasing:
    """The use case. `now` is the server's clock."""

    def __init__(self, engine: Engine, now: Callable[[], dt.datetime]) -> None:
        self._engine, self._now = engine, now

    def erase(self, resident: str, reason: str, by: str = SHELL) -> Erased:
        """Erase all that is kept about a resident, by one of `REASONS`. Raises LookupError where nobody has this id."""
        at = stamp(self._now())

        def work(connection: Connection) -> Erased:
            done = erasure.erase(connection, resident, at, by)
            if not any(record == resident and kind == RESIDENT for _, record, kind in done.traces):
                raise LookupError(f"there is no resident with the id {resident!r}")
            journal.note(connection, "erase", {"resident": resident, "at": at, "traces": [list(one) for one in done.traces]})
            detail = {"reason": reason, "records": len(done.traces), "entries": done.entries, "deposits": done.deposits}
            trail.write(connection, by, at, "resident.erase", resident=resident, detail=detail)
            return done

        if not UUID.fullmatch(resident):
            raise LookupError(f"{resident!r} is no id of a resident")
        while True:
            try:
                return retried(self._engine, work)
            except OvertakenError:
                continue

    def lift(self, resident: str, by: str = SHELL) -> None:
        """Let somebody be registered anew who was erased. Raises LookupError where nobody of this id was."""
        at = stamp(self._now())

        def work(connection: Connection) -> None:
            if not erasure.lift(connection, resident):
                raise LookupError(f"nobody with the id {resident!r} was erased")
            journal.note(connection, "unerase", {"resident": resident, "at": at})
            trail.write(connection, by, at, "resident.unerase", resident=resident)

        retried(self._engine, work)


def replay(connection: Connection, state: Mapping[str, Any]) -> bool:
    """Do what an entry `erase` of the journal says, after a restore of a backup from before. Again changes nothing."""
    erasure.erase(connection, state["resident"], state["at"], SHELL, [(s, r, kind) for s, r, kind in state["traces"]])
    return True


def replay_lifted(connection: Connection, state: Mapping[str, Any]) -> bool:
    """The same for an entry `unerase`."""
    erasure.lift(connection, state["resident"])
    return True
