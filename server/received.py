"""What an exchange brings, read: edits and record states as they came, and what holds for all of them.

Nothing is judged here; what cannot be read is kept as it is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from server.access import Caller
from server.store.deployment import Deployment
from sync.codec import Json, UnfitError, dot_of, edit_from_wire, remarks_told, state_from_wire
from sync.record import Edit, Record, Remark, canonical
from sync.types.catalogue import Catalogue
from sync.version import Dot


@dataclass(frozen=True)
class Received:
    """One item as it came: its text verbatim, and what it parses to."""

    text: str
    value: Any


@dataclass(frozen=True)
class Item:
    """An edit of a request: its place there, its dot if that is one of this device, the edit if it is fit.

    `type` and `sections`: what it says as far as that can be read, fit or not.
    """

    index: int
    text: str
    fingerprint: str
    sent_dot: Any
    dot: Dot | None
    scope: str | None
    record: str | None
    type: str
    sections: Mapping[str, Any]
    edit: Edit | None


@dataclass(frozen=True)
class State:
    """A record state of a request; `record` None when it is unfit. `remarks`: those
    that stand by what the device knows, None when it does not say.
    """

    index: int
    text: str
    record: Record | None
    remarks: frozenset[Remark] | None = None


@dataclass(frozen=True)
class Talk:
    """What holds for a whole exchange.

    `own`: the actors the device has or had. `offset`: server clock minus the device's. `doubtful`: dots that may be in
    the log already; any other is new. `forked_at`: the lowest counter that the actor used twice.
    `number`: of this exchange among those of the actor; None for edits that come by no exchange.
    """

    caller: Caller
    here: Deployment
    own: frozenset[str]
    catalogue: Catalogue
    now: dt.datetime
    today: dt.date
    offset: dt.timedelta = dt.timedelta()
    doubtful: frozenset[Dot] = frozenset()
    forked_at: int | None = None
    number: int | None = None


@dataclass
class Share:
    """What of an exchange is for one scope."""

    states: list[State] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)

    def add(self, other: Share) -> None:
        """Take in what comes from another scope."""
        self.states += other.states
        self.items += other.items


@dataclass
class Kept:
    """What was done, by place in the request.

    `fresh`: (scope, record) of those that the device has just so if it had the state before, with the seqs of that state
    and of this one. `rerouted`: what is about records that moved, by the scope these are in now. `gone`: (scope, record)
    of those that the device spoke of, and the seq of the trace they left. `bound`: residents and households that were
    spoken of and whose address names another area than they are in.
    """

    receipts: dict[int, Json] = field(default_factory=dict)
    merged: dict[int, Json] = field(default_factory=dict)
    fresh: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    rerouted: dict[str, Share] = field(default_factory=dict)
    gone: dict[tuple[str, str], int] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)

    def share_of(self, scope: str) -> Share:
        """What goes on to another scope."""
        return self.rerouted.setdefault(scope, Share())

    def add(self, other: Kept) -> None:
        """Take in what one more transaction did."""
        self.receipts |= other.receipts
        self.merged |= other.merged
        self.fresh |= other.fresh
        self.gone |= other.gone
        self.bound |= other.bound


def read_item(index: int, received: Received, caller: Caller, own: frozenset[str]) -> Item:
    """Read one item. A dot of another device is no dot of this item: nothing is ever kept under it."""
    value = received.value
    dot = dot_of(value)
    if dot is not None and dot.actor not in own:
        dot = None
    try:
        edit: Edit | None = edit_from_wire(value)
    except UnfitError:
        edit = None
    if edit is not None and (dot is None or edit.author != caller.person or dot.actor != caller.actor):
        edit = None
    sent: Json = value if isinstance(value, dict) else {}
    scope, record = short_text(sent.get("scope")), short_text(sent.get("record"), 36)
    said, sections = short_text(sent.get("type")) or "", sent.get("sections")
    told = sections if isinstance(sections, dict) else {}
    sent_dot = dot_of(value)
    mark = fingerprint(received.text, value)
    return Item(index, received.text, mark, sent_dot and list(sent_dot), dot, scope, record, said, told, edit)


def read_state(index: int, received: Received) -> State:
    """Read one record state."""
    try:
        record = state_from_wire(received.value)
        return State(index, received.text, record, remarks_told(record, received.value.get("issues")))
    except UnfitError:
        return State(index, received.text, None)


def fingerprint(text: str, value: object) -> str:
    """Equal for the same body in another layout. What has no canonical form is its own text."""
    try:
        same = canonical(value).encode()
    except (ValueError, TypeError, RecursionError):
        same = text.encode()
    return hashlib.sha256(same).hexdigest()


def short_text(value: object, longest: int = 64) -> str | None:
    """A short text that can be kept as a key, None for anything else."""
    return value if isinstance(value, str) and 0 < len(value) <= longest and value.isprintable() else None
