"""Moves from village to village: by a command of the office, or because an address says so. See DESIGN.md, section 3.

Place and address agree: who has a settled address in another known village moves there, and who is moved by command, or
goes along with a household, gets the code of the new village into the address.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, Engine

from server.access import here, server_caller
from server.config import Config
from server.placing import ADDRESS, bound_for, settled_address
from server.received import Received, Share, Talk, read_item
from server.receiving import Part
from server.store import devices, directory, moves
from server.store.engine import reading, retried
from server.store.moves import OvertakenError
from server.store.scope import Stored, living, wire_text
from sync.codec import edit_to_wire, stamp
from sync.record import Edit
from sync.scopes import programme_of
from sync.types.catalogue import Catalogue
from sync.version import Dot

T = TypeVar("T")


class Moving:
    """The use case. `now` is the server's clock."""

    def __init__(self, engine: Engine, catalogue: Catalogue, config: Config, now: Callable[[], dt.datetime]) -> None:
        self._engine, self._catalogue, self._config, self._now = engine, catalogue, config, now

    def move(self, subject: str, village: str) -> int:
        """Move every record about a resident or household to a village; a household takes its members along.

        Whoever is one person with them by links goes with them, so that nobody is torn apart.

        How many records moved, those of protected programmes not counted. Raises LookupError where there is no such
        village, nothing is known about the subject, or it is a record of another kind. All is one transaction; late edits of the phones left behind
        follow by the trace.
        """
        return self._again(partial(self._carried, subject, village))

    def follow(self, bound: Iterable[str]) -> None:
        """Move the residents and households among these whose settled address names another known village."""
        for record in sorted(bound):
            self._again(partial(self._follow, record))

    def due(self) -> list[str]:
        """Move everybody whose address says so and who was not moved at once, for the server stopped there: their ids."""
        with reading(self._engine) as connection:
            bound = [state.record.id for state in moves.dwellers(connection) if bound_for(state.record)]
        return [record for record in bound if self._again(partial(self._follow, record))]

    def readdress(self, connection: Connection, ids: Iterable[str]) -> None:
        """Let the addresses of these residents and households name the village they live in, after moves were done again."""
        for state in living(connection, list(ids)).values():
            self._readdress(connection, [state], state.record.scope)

    def _again(self, work: Callable[[Connection], T]) -> T:
        while True:
            try:
                return retried(self._engine, work)
            except OvertakenError:
                continue

    def _follow(self, record: str, connection: Connection) -> bool:
        village = _destination(connection, record)
        if village is None:
            return False
        move = moves.Move(connection, record, village)
        if _destination(connection, record) != village:  # another came first
            raise OvertakenError
        self._readdress(connection, move.finish(), village)
        return True

    def _carried(self, subject: str, village: str, connection: Connection) -> int:
        moved = moves.Move(connection, subject, village).finish()
        self._readdress(connection, moved, village)
        return sum(programme_of(state.record.scope) is None for state in moved)

    def _readdress(self, connection: Connection, moved: Iterable[Stored], village: str) -> None:
        """Write the village into the addresses that name another, as edits of the server, in the transaction of the move."""
        homes = [(state.record, settled_address(state.record)) for state in moved if bound_for(state.record)]
        if not homes:
            return
        present, now = here(connection), self._now()
        caller = server_caller(present.actor, {village})
        first = devices.set_aside_counters(connection, present.actor, len(homes))
        items = []
        for index, (record, address) in enumerate(homes):
            edit = Edit(
                record=record.id,
                type=record.type,
                subject=record.subject,
                scope=village,
                dot=Dot(present.actor, first + index),
                context=record.seen,
                written_at=stamp(now),
                author=caller.person,
                sections={ADDRESS: {**(address or {}), "area_code": village}},
            )
            body = edit_to_wire(edit)
            items.append(read_item(index, Received(wire_text(body), body), caller, frozenset({caller.actor})))
        talk = Talk(caller, present, frozenset({caller.actor}), self._catalogue, now, self._config.day_of(now))
        kept = Part(connection, village, talk).take(Share(items=items))
        assert all(receipt["status"] == "accepted" for receipt in kept.receipts.values()), "the record was locked"


def _destination(connection: Connection, record: str) -> str | None:
    """The village to which a record's settled address calls it, None where it is in its place or the village is not known."""
    state = living(connection, [record]).get(record)
    village = bound_for(state.record) if state else None
    return village if village is not None and directory.is_village(connection, village) else None
