"""Moving a resident or a household to another village: all their records change scope, and leave a trace behind."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, Engine, select

from server.store import directory
from server.store.engine import retried
from server.store.scope import ScopeWriter
from server.store.tables import records


def move_subject(engine: Engine, subject: str, village: str) -> int:
    """Move every record about a subject, wherever it is, to a village: how many moved.

    Raises LookupError where there is no such village or nothing about the subject. Late edits of the phones left
    behind follow by the trace. Both scopes change in one transaction; locked in sorted order, so that two moves that
    cross do not wait for each other.
    """

    def work(connection: Connection) -> int:
        if not directory.is_scope(connection, village):
            raise LookupError(f"there is no village {village!r}")
        about = (records.c.subject == subject) | (records.c.record == subject)
        living = select(records.c.scope, records.c.record).where(about, records.c.moved_to.is_(None))
        living = living.order_by(records.c.scope, records.c.seq)
        places: dict[str, ScopeWriter] = {}
        while True:  # what was written before the locks were held is moved too
            found = [(row.scope, row.record) for row in connection.execute(living)]
            unlocked = {scope for scope, _ in found if scope != village} - places.keys()
            if not unlocked:
                break
            for scope in sorted(unlocked if village in places else {village, *unlocked}):
                places[scope] = ScopeWriter(connection, scope)
        if not found:
            raise LookupError(f"nothing is known about {subject!r}")
        moved = 0
        for scope, record in ((scope, record) for scope, record in found if scope != village):
            old, new = places[scope], places[village]
            old.load([record])
            new.load([record])
            state = old.get(record)
            if state is None or state.moved_to is not None:
                continue
            new.put(replace(state, record=replace(state.record, scope=village)))
            # the trace keeps only where the record went, nothing of what it says
            old.put(replace(state, record=replace(state.record, edits=()), issues=(), conflict=False, moved_to=village))
            moved += 1
        for place in places.values():
            place.finish()
        return moved

    return retried(engine, work)
