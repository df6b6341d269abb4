"""The history of a record from the edit log: who wrote what, from which device, when, and what each edit changed.

A record keeps only what is live; the log keeps everything. What an author *saw* is worked out from the contexts: nobody's
clock takes part.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Engine

from server.problems import Problem
from server.store import histories as store
from server.store.engine import reading
from server.store.scope import STATE_ACTOR, Stored, living
from sync.codec import UnfitError, edit_from_wire, instant, state_from_wire
from sync.decided import DECISION, counts
from sync.record import Record, Sections, Value
from sync.version import Dot, VersionVector
from sync.wire import APPLIED

if TYPE_CHECKING:
    from server.access import View

SERVER = "server"  # as a device: the server itself; as an author: its commands
STATE = "state"  # the outcome of what a device brought back after a restore
OFFLINE_MINUTES = 5  # between writing and arriving, from which on a page says that it was written without a signal


class Changed(NamedTuple):
    """What an edit did to one field, or to a whole section (`field` None): what its author had before them, and after."""

    section: str
    field: str | None
    before: Any
    after: Any


@dataclass(frozen=True)
class Step:
    """One edit. `outcome` as the log has it, with the `reason` why it was set aside: then `sections` is empty for whoever has
    no part in deciding about it.

    `written_at`: by the clock of the device; `at`: the server's estimate of the true time. `context`: what its author had
    seen, None where it came in a record state and is not known.
    """

    dot: Dot
    context: VersionVector | None
    outcome: str
    reason: str | None
    author: str
    author_name: str | None
    device: str
    device_name: str | None
    written_at: str
    received_at: str
    at: str
    sections: Sections
    changes: tuple[Changed, ...] = ()

    @property
    def applied(self) -> bool:
        """True when it became part of the record."""
        return self.outcome in APPLIED or self.outcome == STATE

    @property
    def decides(self) -> bool:
        """True when it tells a decision of a person: see sync/decided.py."""
        return self.applied and counts(self.dot.actor, self.sections.get(DECISION), self.sections)

    @property
    def at_server(self) -> bool:
        """True for what was written at the dashboard or by a command, not on a phone."""
        return self.device == SERVER

    @property
    def offline(self) -> bool:
        """True when it arrived so long after it was written that there was no signal."""
        try:
            waited = instant(self.received_at) - instant(self.at)
        except UnfitError:
            return False
        return waited.total_seconds() >= OFFLINE_MINUTES * 60


@dataclass(frozen=True)
class History:
    """A record as it stands, and every edit about it in the order in which they came."""

    stored: Stored
    steps: tuple[Step, ...]

    @property
    def record(self) -> Record:
        """The record."""
        return self.stored.record

    def step(self, dot: Dot) -> Step | None:
        """The edit of this name."""
        return next((step for step in self.steps if step.dot == dot and step.applied), None)

    def seen_by_all(self, section: str, dots: Collection[Dot]) -> Value:
        """The value of a section that the authors of all these edits had seen last; None where there was none."""
        contexts = [step.context or VersionVector() for dot in dots if (step := self.step(dot))]
        return _shown(_writings(self.steps, section), section, _common(contexts))

    def replaced(self, section: str) -> list[Step]:
        """The edits that gave the section a value which is not live any more, the oldest first."""
        live = {edit.dot for edit in self.record.edits if section in edit.sections}
        return [step for step in _writings(self.steps, section) if step.dot not in live]


class Histories:
    """The use case."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def history(self, view: View, record: str) -> History:
        """All that was written about a record; raises Problem `not-found` where the view may not see its scope.

        What was set aside is told without its words, unless it is the view's duty to decide about it.
        """
        with reading(self._engine) as connection:
            return history_of(connection, view.scopes, record, aside=view.may("set_aside"))


def history_of(connection: Connection, scopes: Collection[str], record: str, *, aside: bool = False) -> History:
    """As `Histories.history`, in a picture of the database that is open already; `aside`: with the words that were set aside."""
    stored = living(connection, [record]).get(record)
    if stored is None or stored.record.scope not in scopes:
        raise Problem("not-found")
    steps = list(_steps(store.log_of(connection, record), aside))
    people = store.person_names(connection, {step.author for step in steps})
    devices = store.device_names(connection, {step.device for step in steps})
    return History(
        stored,
        tuple(
            Step(
                **{name: getattr(step, name) for name in _SAME},
                author_name=people.get(step.author),
                device_name=devices.get(step.device),
                changes=tuple(_changes(steps, step)),
            )
            for step in steps
        ),
    )


_SAME = [name for name in Step.__dataclass_fields__ if name not in ("author_name", "device_name", "changes")]


# -- reading the log ---------------------------------------------------------------------------------------------------


def _steps(rows: Iterable[store.Row], aside: bool) -> Iterator[Step]:
    """Each edit once: what came in a record state is told only where the log has not got the edit itself."""
    rows = list(rows)
    known = {Dot(row.actor, row.counter) for row in rows if row.actor != STATE_ACTOR and row.outcome in APPLIED}
    for row in rows:
        if row.actor != STATE_ACTOR:
            yield _step(row, aside)
            continue
        for live in state_from_wire(json.loads(row.body)).edits:
            if live.dot not in known:
                known.add(live.dot)
                yield Step(
                    live.dot, None, STATE, None, live.author, None, row.device, None,
                    live.written_at, row.received_at, live.at, live.sections,
                )  # fmt: skip


def _step(row: store.Row, aside: bool) -> Step:
    """One entry. What was set aside as malformed may have no author or sections that can be read."""
    said: Any = json.loads(row.body) if row.outcome in APPLIED else _read(row.body)
    try:
        edit = edit_from_wire(said)
        author, written_at, context = edit.author, edit.written_at, edit.context
        sections = edit.sections if row.outcome in APPLIED or aside else {}
    except UnfitError:
        author, written_at, sections, context = "", row.at, {}, VersionVector()
    return Step(
        Dot(row.actor, row.counter), context, row.outcome, row.reason, author, None, row.device, None,
        written_at, row.received_at, row.at, sections,
    )  # fmt: skip


def _read(body: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


# -- who had seen what -------------------------------------------------------------------------------------------------


def _writings(steps: Iterable[Step], section: str) -> list[Step]:
    return [step for step in steps if step.applied and section in step.sections]


def _shown(writings: Collection[Step], section: str, seen: VersionVector) -> Value:
    """The value of a section before the eyes of somebody who had seen so much."""
    visible = [step for step in writings if seen.covers(step.dot)]
    live = [one for one in visible if not any(other.context and other.context.covers(one.dot) for other in visible)]
    return max(live, key=lambda step: (step.at, step.dot)).sections[section] if live else None


def _common(contexts: Collection[VersionVector]) -> VersionVector:
    """What everybody had seen."""
    actors = {actor for context in contexts for actor in context}
    return VersionVector({actor: min(context.upto(actor) for context in contexts) for actor in actors})


def _changes(steps: Collection[Step], step: Step) -> Iterator[Changed]:
    """What an edit changed, field by field, against what its author had before them."""
    for section, after in step.sections.items():
        before = _shown(_writings(steps, section), section, step.context or VersionVector())
        yield from differing(section, before, after)


def differing(section: str, before: Value, after: Value) -> Iterator[Changed]:
    """The fields in which two values of a section differ; the whole section where it was emptied, or has no fields."""
    old, new = before or {}, after or {}
    if after is None or not (old or new):
        if before != after:
            yield Changed(section, None, before, after)
        return
    for field in [*new, *(name for name in old if name not in new)]:
        if old.get(field) != new.get(field):
            yield Changed(section, field, old.get(field), new.get(field))
