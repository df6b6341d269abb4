"""The protocol on dictionaries, for the model: a server, and a phone that is the shipped client's decisions without its file.

The phone decides by `client_sdk.exchange`; the server is the protocol written down a second time, in the fewest words.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import client_sdk.exchange as deciding
import sync.record as core
from client_sdk.exchange import Held
from sync.codec import record_to_wire
from sync.record import Edit, Record, blank
from sync.version import Dot


class RolledBackError(Exception):
    """The server has heard more of this actor than this phone knows, or its nonce is neither the present nor the last."""


@dataclass(frozen=True)
class Asked:
    """A request of an exchange."""

    actor: str
    nonce: int
    counter: int
    epoch: int
    edits: tuple[Edit, ...]
    states: tuple[Record, ...]
    checkpoint: int


@dataclass
class Heard:
    """What the server knows of an actor."""

    counter: int = 0
    nonce: int = 1
    before: int = 1
    forked_at: int | None = None


@dataclass
class Server:
    """The protocol on dictionaries. A copy of it is a backup."""

    epoch: int = 1
    healing: bool = False
    seq: int = 0
    records: dict[str, Record] = field(default_factory=dict)
    feed: dict[str, int] = field(default_factory=dict)
    log: dict[Dot, str] = field(default_factory=dict)  # dot -> mark
    aside: set[str] = field(default_factory=set)
    heard: dict[str, Heard] = field(default_factory=dict)

    def copied(self) -> Server:
        """As a backup holds it."""
        return replace(
            self, records=dict(self.records), feed=dict(self.feed), log=dict(self.log), aside=set(self.aside),
            heard={actor: replace(one) for actor, one in self.heard.items()},
        )  # fmt: skip

    def exchange(self, asked: Asked) -> dict[str, Any]:
        """One exchange; raises RolledBackError."""
        if asked.actor not in self.heard:
            raise RolledBackError
        if asked.epoch != self.epoch:
            return {"epoch": self.epoch}
        heard = self.heard[asked.actor]
        new = [edit for edit in asked.edits if edit.dot not in self.log]
        if asked.nonce not in (heard.nonce, heard.before) or asked.counter < heard.counter:
            raise RolledBackError
        if heard.forked_at is not None and any(edit.dot.counter > heard.forked_at for edit in new):
            raise RolledBackError
        if asked.nonce == heard.nonce:
            heard.before, heard.nonce = heard.nonce, heard.nonce + 1
        heard.counter = max([asked.counter, *(edit.dot.counter for edit in asked.edits)])
        for state in asked.states:
            self._heal(asked.actor, state)
        receipts = [self._judge(heard, edit) for edit in asked.edits]
        late = sorted((seq, name) for name, seq in self.feed.items() if seq > asked.checkpoint)
        return {
            "epoch": self.epoch,
            "nonce": heard.nonce,
            "receipts": receipts,
            "changes": [record_to_wire(self.records[name]) for _, name in late],
            "checkpoint": self.seq,
        }

    def _judge(self, heard: Heard, edit: Edit) -> dict[str, Any]:
        told: dict[str, Any] = {"dot": list(edit.dot), "at": edit.written_at}
        known = self.log.get(edit.dot)
        if known is not None:
            if known == edit.written_at:
                return told | {"status": "duplicate"}
            heard.forked_at = min(edit.dot.counter, heard.forked_at or edit.dot.counter)
            self.aside.add(edit.written_at)
            return told | {"status": "deposited", "reason": "dot-reused"}
        done = core.apply(self.records.get(edit.record) or blank(edit), edit, edit.written_at)
        if done.status == "gap" or (heard.forked_at is not None and edit.dot.counter > heard.forked_at):
            return told | {"status": "gap"}
        self.log[edit.dot] = edit.written_at
        if done.status == "applied":
            self._put(done.record)
        return told | {"status": "accepted" if done.status == "applied" else "duplicate"}

    def _heal(self, actor: str, state: Record) -> None:
        here = self.records.get(state.id) or Record(state.id, state.type, state.subject, state.scope)
        joined = core.merge(state, here)
        strange = {one for one, n in state.seen.items() if n > here.seen.upto(one)} - {actor}
        if joined != here and (self.healing or not strange):
            self._put(joined)

    def _put(self, record: Record) -> None:
        self.seq += 1
        self.records[record.id], self.feed[record.id] = record, self.seq


@dataclass
class Phone:
    """A phone on dictionaries. Each method that changes it is one local transaction; a copy of it is its file."""

    name: str
    actor: str
    epoch: int = 1
    counter: int = 0
    nonce: int = 1
    checkpoint: int = 0
    base: dict[str, Held] = field(default_factory=dict)
    outbox: list[Edit] = field(default_factory=list)
    aside: list[Edit] = field(default_factory=list)
    made: set[str] = field(default_factory=set)

    def copied(self) -> Phone:
        """As a copy of its file holds it."""
        parts = {"base": dict(self.base), "outbox": list(self.outbox), "aside": list(self.aside), "made": set(self.made)}
        return replace(self, **parts)

    def shown(self, record: str) -> Record | None:
        """The outbox applied to the base."""
        held = self.base.get(record)
        state = held.record if held else None
        for edit in self.outbox:
            if edit.record == record:
                state = core.apply(state or blank(edit), edit, edit.written_at)[1]
        return state

    def asks(self, states: tuple[Record, ...] = (), healing: int | None = None) -> Asked:
        """What it sends now; while it makes a server of another epoch whole, states and no edits."""
        edits = tuple(self.outbox) if healing is None else ()
        epoch = self.epoch if healing is None else healing
        return Asked(self.actor, self.nonce, self.counter, epoch, edits, states, self.checkpoint if healing is None else 0)

    def keeps(self, asked: Asked, reply: dict[str, Any]) -> deciding.Effects:
        """Everything that one answer brings."""
        effects = deciding.absorb(asked.edits, self.outbox, self.base, {e.dot for e in self.aside}, reply)
        self.base = {**self.base, **effects.put}
        out = {*effects.settled, *(edit.dot for edit, _ in effects.aside)}
        self.aside += [edit for edit, _ in effects.aside]
        self.outbox = [edit for edit in self.outbox if edit.dot not in out]
        self.nonce, self.checkpoint = reply["nonce"], reply["checkpoint"]
        return effects

    def adopts(self, actor: str, epoch: int) -> None:
        """Go on under a new name."""
        seen = {name: held.record.seen for name, held in self.base.items()}
        self.outbox = deciding.reissue(self.outbox, seen, self.actor, actor)
        self.counter, self.nonce, self.actor = len(self.outbox), 1, actor
        if epoch != self.epoch:
            self.epoch, self.checkpoint = epoch, 0
