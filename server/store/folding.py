"""What the entries of the edit log about one record amount to. No SQL."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row

from server.store.scope import STATE_ACTOR
from sync.codec import edit_from_wire, instant, remarks_told, state_from_wire
from sync.record import Edit, Record, Remark, apply, blank, joined_remarks, merge, remarks
from sync.types.catalogue import Catalogue
from sync.types.checks import Issue
from sync.version import Dot

APPLIED = ("accepted", "merged", "conflict", "state")  # outcomes of entries that changed their record


@dataclass(frozen=True)
class Folded:
    """A record, the remarks that stand about it, and when the last entry came that changed it."""

    record: Record
    remarks: frozenset[Remark]
    received_at: str

    def issues(self, catalogue: Catalogue, day_of: Callable[[dt.datetime], dt.date]) -> tuple[Issue, ...]:
        """Its issues as they were found when it was last changed: what they say depends on that day."""
        return tuple(catalogue.check(self.record, day_of(instant(self.received_at)), sorted(self.remarks)))


def folded(log: Sequence[Row[Any]], aside: Collection[Dot], catalogue: Catalogue) -> Folded | str:
    """Fold the entries in, each as soon as what it names is there: an order that is causal, whatever the log's is.

    `aside`: edits that were set aside and never applied. A sentence says what is wrong where they cannot all be folded in.
    """
    found: Folded | None = None
    waiting = list(log)
    while waiting:
        held = []
        for row in waiting:
            try:
                after = _after(found, row, aside, catalogue)
            except ValueError as trouble:
                return f"entry {row.entry} cannot be read: {trouble}"
            if after is None:
                held.append(row)
            else:
                found = after
        if len(held) == len(waiting):
            return f"{len(held)} entries name edits that are not in the log"
        waiting = held
    assert found is not None, "a record has an entry"
    return found


def _after(found: Folded | None, row: Row[Any], aside: Collection[Dot], catalogue: Catalogue) -> Folded | None:
    """The record after an entry, None when the entry must wait for another."""
    body = json.loads(row.body)
    standing = found.remarks if found else frozenset[Remark]()
    if row.actor == STATE_ACTOR:
        sent = state_from_wire(body)
        sent = replace(sent, edits=tuple(replace(edit, at=min(edit.at, row.at)) for edit in sent.edits))
        here = found.record if found else Record(sent.id, sent.type, sent.subject, sent.scope)
        told = remarks_told(sent, body.get("issues"))
        standing = joined_remarks(sent, here, catalogue.policy(here.type), standing, told)
        return Folded(merge(sent, here), standing, row.received_at)
    edit: Edit = edit_from_wire(body)
    before = found.record if found else blank(edit)
    own = Dot(edit.dot.actor, edit.context.upto(edit.dot.actor))
    done = apply(before, edit, row.at, deposited=(own.counter,) if own in aside else ())
    if done.status == "gap":
        return None
    return Folded(done.record, remarks(before, edit, catalogue.policy(before.type), standing), row.received_at)
