"""What one exchange means for this phone: values in, values out. No file, no network, no clock.

The phone keeps the server's state of each record as its *base* and its own edits without a receipt as the *outbox*.
Here it is decided what to send of them, what an answer changes in them, and how the outbox is made anew.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from client_sdk.errors import BadReplyError
from sync.codec import Json, dot_of, edit_to_wire, issues_from_wire, issues_to_wire, record_from_wire, record_to_wire
from sync.record import REVIEW_ASKED, VOID_CLASH, Edit, Record, apply, blank, canonical, merge, merge_remarks
from sync.types import CATALOGUE
from sync.types.checks import Issue
from sync.types.declare import remark_issues
from sync.version import Dot, VersionVector
from sync.wire import APPLIED, PROTOCOL

MAX_CHANGES_BYTES = 262_144
AT_ONCE, BATCH_BYTES = 50, 100_000  # of one request, far less than a server takes: what a bad line cuts off is soon sent again

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Held:
    """A record of the base, and what the server remarks about it (None: it has not said)."""

    record: Record
    issues: tuple[Issue, ...] | None = None


@dataclass(frozen=True, slots=True)
class Effects:
    """What an answer changes here. All of it belongs into one local transaction, with the checkpoints of the answer."""

    put: Mapping[str, Held] = field(default_factory=dict)
    drop: frozenset[str] = frozenset()
    settled: tuple[Dot, ...] = ()  # leave the outbox, the server has applied them
    aside: tuple[tuple[Edit, str], ...] = ()  # leave the outbox, kept by the server for a person: the reason
    gaps: frozenset[str] = frozenset()  # records of which the server lacks something
    reused: bool = False  # an edit of another content has this dot already: this phone needs a new actor


# -- asking ------------------------------------------------------------------------------------------------------------


def request(
    device: Json, edits: Iterable[Edit], states: Iterable[Held] = (), checkpoints: Mapping[str, str] | None = None
) -> Json:
    """The body of POST /v1/sync. `edits` in the order they were made; `states` only where the server lacks something.

    With a state goes what was remarked about it: a server that was put back cannot read that off the record.
    """
    return {
        "protocol": PROTOCOL,
        "device": device,
        "edits": [edit_to_wire(edit) for edit in edits],
        "records": [{**record_to_wire(s.record), "issues": issues_to_wire(s.issues or ())} for s in states],
        "checkpoints": dict(checkpoints or {}),
        "max_bytes": MAX_CHANGES_BYTES,
    }


def batch(items: Sequence[Item], wire: Callable[[Item], Json], room: int = BATCH_BYTES) -> Sequence[Item]:
    """The head of `items` that goes into one request: at most `AT_ONCE`, at most `room` bytes, but at least one."""
    size = 0
    for n, item in enumerate(items[:AT_ONCE]):
        size += len(canonical(wire(item)).encode())
        if n and size > room:
            return items[:n]
    return items[:AT_ONCE]


# -- learning ----------------------------------------------------------------------------------------------------------


def absorb(
    sent: Sequence[Edit],
    waiting: Sequence[Edit],
    base: Mapping[str, Held],
    deposited: Collection[Dot],
    reply: Mapping[str, Any],
) -> Effects:
    """What the answer to `sent` changes.

    `waiting`: the outbox as it is now, at least the edits of the records in question, in order. `base`: the records
    that `sent` or the changes name, where held. `deposited`: edits that were set aside earlier. Raises BadReplyError.
    """
    with _readable():
        return _Absorbing(waiting, base, deposited).of(sent, reply)


def changed(reply: Mapping[str, Any]) -> set[str]:
    """The records that the changes of an answer name. Raises BadReplyError."""
    with _readable():
        return {str(item["record"]) for item in reply["changes"]}


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadReplyError(f"the answer of the server cannot be read: {error!r}") from error


class _Absorbing:
    def __init__(self, waiting: Sequence[Edit], base: Mapping[str, Held], deposited: Collection[Dot]) -> None:
        self.base = dict(base)
        self.touched: dict[str, None] = {}
        self.deposited = set(deposited)
        self.waiting: dict[str, list[Dot]] = {}  # by record, the earliest first
        for edit in waiting:
            self.waiting.setdefault(edit.record, []).append(edit.dot)
        self.settled: list[Dot] = []
        self.aside: list[tuple[Edit, str]] = []

    def of(self, sent: Sequence[Edit], reply: Mapping[str, Any]) -> Effects:
        receipts = reply["receipts"]
        if [dot_of(receipt) for receipt in receipts] != [edit.dot for edit in sent]:
            raise ValueError("not one receipt for each edit")
        gaps, reused = set(), False
        for edit, receipt in zip(sent, receipts, strict=True):
            status, reason = receipt["status"], receipt.get("reason")
            if status == "gap":
                gaps.add(edit.record)
            elif status == "deposited" and reason == "dot-reused":
                reused = True
            elif self.waiting.get(edit.record, [])[:1] == [edit.dot]:  # only behind the earlier ones of its record
                self._leave(edit, status, receipt)
        for item in reply["changes"]:
            self._change(item)
        put = {name: self.base[name] for name in self.touched if name in self.base}
        drop = frozenset(name for name in self.touched if name not in self.base)
        return Effects(put, drop, tuple(self.settled), tuple(self.aside), frozenset(gaps), reused)

    def _leave(self, edit: Edit, status: str, receipt: Mapping[str, Any]) -> None:
        if status in APPLIED:
            self._fold(edit, receipt)
            self.settled.append(edit.dot)
        elif status == "deposited":
            self.aside.append((edit, str(receipt.get("reason") or "unknown")))
            self.deposited.add(edit.dot)
        else:
            raise ValueError(f"unknown receipt {status!r}")
        del self.waiting[edit.record][0]

    def _fold(self, edit: Edit, receipt: Mapping[str, Any]) -> None:
        """Into the base, unless the base lacks what the edit had seen: then the server's state of it will come."""
        held = self.base.get(edit.record) or Held(blank(edit))
        own = {dot.counter for dot in self.deposited if dot.actor == edit.dot.actor}
        status, record = apply(held.record, edit, receipt["at"], own)
        if status != "gap":
            told = issues_of(receipt)
            self._put(Held(record, held.issues if told is None else told))

    def _change(self, item: Mapping[str, Any]) -> None:
        held = self.base.get(item["record"])
        if item.get("gone"):
            if held and held.record.scope == item["scope"]:
                del self.base[item["record"]]
                self.touched[item["record"]] = None
            return
        self._put(met(held, record_from_wire(item), issues_of(item)))

    def _put(self, held: Held) -> None:
        self.base[held.record.id] = held
        self.touched[held.record.id] = None


def joined(mine: Record, theirs: Record) -> Record:
    """The merge of the base and the server's state.

    Where the server has seen everything that this phone has, its state is the merge; taking it as it is also repairs a
    base that was damaged, which a merge would not notice and would hand on.
    """
    return theirs if theirs.seen.descends(mine.seen) else merge(mine, theirs)


def met(held: Held | None, theirs: Record, told: tuple[Issue, ...] | None) -> Held:
    """The base after the server's state of a record arrived, with what the server says of it.

    What was remarked here about edits that the server lacks stands on: it is not settled, the server has not heard of it.
    """
    if held is None:
        return Held(theirs, told)
    ahead, behind = held.record.seen.descends(theirs.seen), theirs.seen.descends(held.record.seen)
    if told is None or (ahead and not behind):
        told = held.issues  # this phone is ahead: what is settled here is settled
    elif not ahead and not behind:  # joined here, and then sent as one: nobody after us could tell that they were apart
        raised = remark_issues([*merge_remarks(held.record, theirs, CATALOGUE.policy(theirs.type))])
        standing = [issue for issue in held.issues or () if issue.code in (VOID_CLASH, REVIEW_ASKED)]
        told = (*told, *(issue for issue in dict.fromkeys([*standing, *raised]) if issue not in told))
    return Held(joined(held.record, theirs), told)


def issues_of(item: Mapping[str, Any]) -> tuple[Issue, ...] | None:
    """The issues that a receipt or a record carries, None when it carries no word of them."""
    told = item.get("issues")
    return None if told is None else issues_from_wire(told)


# -- a new actor -------------------------------------------------------------------------------------------------------


def reissue(outbox: Sequence[Edit], base: Mapping[str, VersionVector], old: str, new: str) -> list[Edit]:
    """The outbox made anew under a new actor, in order, counters from 1.

    What the context says of the old actor becomes the smaller of what the record's first waiting edit had seen of it
    and what the base (its `seen` by record) has: what the server is known to hold. Then come the new dots of the
    earlier edits of the same record. Nothing else of a context changes.
    """
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    made = []
    for counter, edit in enumerate(outbox, start=1):
        start = first.setdefault(edit.record, edit.context.upto(old))
        known = min(start, base.get(edit.record, VersionVector()).upto(old))
        context = VersionVector({**edit.context, old: known, new: last.get(edit.record, 0)})
        made.append(replace(edit, dot=Dot(new, counter), context=context))
        last[edit.record] = counter
    return made
