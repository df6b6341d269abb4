"""What a person decides at a desk: one edit of the server's actor, by that person, over just what they were shown.

Nothing is overwritten unseen: where anything came in since the page was made, nothing is written and the person is told.
The decision, what waits no longer, and the entry of the trail are one transaction.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from sqlalchemy import Connection, Engine

from server.access import View, here, server_caller
from server.config import Config
from server.exchange import Exchange
from server.placing import fits
from server.problems import Problem
from server.received import Kept
from server.standings import Standings
from server.store import devices, trail
from server.store.engine import retried
from server.store.scope import head_of, living
from server.waiting import CONTRACT, unjudged
from sync.codec import Json, UnfitError, edit_from_wire, edit_to_wire, stamp
from sync.record import Edit, Record, Sections, family
from sync.scopes import village_of
from sync.types.catalogue import Catalogue
from sync.types.fields import ERROR
from sync.version import Dot, VersionVector

REASON_LONGEST = 500
JUDGE = "appeal.judge"  # the one action that decides an appeal


@dataclass(frozen=True)
class Draft:
    """An edit without its name. `seen`: the record as the person was shown it; empty for a record that is new."""

    record: str
    type: str
    subject: str | None
    scope: str
    sections: Sections
    seen: VersionVector = field(default_factory=VersionVector)

    @classmethod
    def over(cls, record: Record, seen: Mapping[str, int], sections: Sections) -> Draft:
        """An edit of a record by somebody who was shown so much of it."""
        return cls(record.id, record.type, record.subject, record.scope, sections, VersionVector(seen))

    @classmethod
    def new(cls, type_name: str, subject: str, scope: str, sections: Sections) -> Draft:
        """The first edit of a new record."""
        return cls(str(uuid.uuid4()), type_name, subject, scope, sections)


class Deciding:
    """Writes decisions. `now` is the server's clock."""

    def __init__(
        self,
        engine: Engine,
        exchange: Exchange,
        standings: Standings,
        catalogue: Catalogue,
        config: Config,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._engine, self._exchange, self._standings = engine, exchange, standings
        self._catalogue, self._config, self._now = catalogue, config, now

    @property
    def today(self) -> dt.date:
        """The day, where the deployment is."""
        return self._config.day_of(self._now())

    def checked(self, type_name: str, name: str, value: Json, corrected: Collection[str]) -> Json:
        """A section in which somebody corrected fields; raises Problem `unfit-request` where one of them cannot be so."""
        declared = self._catalogue.types.get(type_name)
        section = declared.by_name.get(family(name)) if declared else None
        issues = section.check(name, value, self.today) if section else ()
        faults = [f"/{name}/{one.field}: {one.code}" for one in issues if one.level == ERROR and one.field in corrected]
        if faults:
            raise Problem("unfit-request", faults=faults)
        return value

    def write(self, view: View, draft: Draft, action: str, detail: Json) -> str:
        """Write a decision by itself, as `within` does: what became of the edit."""
        return str(self.at_once(partial(self.within, view, draft, action, detail), [draft.scope]).receipts[0]["status"])

    def at_once(self, work: Callable[[Connection], Kept], scopes: Collection[str]) -> Kept:
        """Do in one transaction what belongs to a decision, in these scopes."""
        kept = retried(self._engine, work)
        self._exchange.moving.follow(kept.bound)  # an address that was decided may be in another village
        self._standings.refresh_quietly(scopes)
        return kept

    def within(self, view: View, draft: Draft, action: str, detail: Json, connection: Connection) -> Kept:
        """Write a decision in a transaction that may have more to do, named so in the trail; for `at_once`.

        The edit is `accepted`, or nothing is written. Raises Problem `changed-meanwhile` where the record is not what the person was shown, `unfit-request` for what is no
        edit, or may not lie where the record does. `detail` MUST NOT quote what a record says. Whatever is decided, only the action
        `JUDGE` decides an appeal: everything that is written here has the server's actor, by which an appeal counts as decided.
        """
        if not fits(self._catalogue, draft.type, draft.sections, draft.scope):
            raise Problem("unfit-request", faults=["what is of a protected programme has its place there"])
        head_of(connection, draft.scope, lock=True)  # from here on nothing comes in
        there = living(connection, [draft.record]).get(draft.record)
        scope, seen = (there.record.scope, there.record.seen) if there else (draft.scope, VersionVector())
        if scope != draft.scope or seen != draft.seen:
            raise Problem("changed-meanwhile")
        told = (
            unjudged(there.record if there else None, draft.sections)
            if draft.type == CONTRACT and action != JUDGE
            else draft.sections
        )
        present, now = here(connection), self._now()
        caller = replace(server_caller(present.actor, {draft.scope}), person=view.person, name=view.name, role=view.role)
        edit = Edit(
            record=draft.record,
            type=draft.type,
            subject=draft.subject,
            scope=draft.scope,
            dot=Dot(present.actor, devices.set_aside_counters(connection, present.actor, 1)),
            context=draft.seen,
            written_at=stamp(now),
            author=view.person,
            sections=told,
        )
        try:
            edit_from_wire(edit_to_wire(edit))
        except UnfitError as trouble:
            raise Problem("unfit-request", faults=[str(trouble)]) from None
        kept = self._exchange.write_within(connection, edit, caller)
        assert kept.receipts[0]["status"] == "accepted", "the scope was locked, and the edit had seen everything"
        about = {"area": village_of(draft.scope), "resident": draft.subject, "record": draft.record}
        trail.write(connection, view.person, stamp(now), action, **about, detail=detail)
        return kept


def seen_together(records: Iterable[Record]) -> dict[str, int]:
    """How far several records are shown, as one vector: by record and actor."""
    return {f"{record.id} {actor}": n for record in records for actor, n in record.seen.items()}


def given(reason: str) -> str:
    """The reason of a decision as it is kept; raises Problem `unfit-request` without one."""
    tidy = reason.strip()
    if not 0 < len(tidy) <= REASON_LONGEST:
        raise Problem("unfit-request", faults=[f"/reason: 1 to {REASON_LONGEST} characters"])
    return tidy
