"""One exchange: edits come in and are judged, receipts and changes go out. No HTTP, no SQL. See DESIGN.md.

Every edit gets one receipt. What a scope gets is one transaction, and no receipt is made before its commit. The order
in which an edit is judged: known dot, malformed, account, scope, chain, apply.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from server import healing, nonces, rewound
from server.access import Caller, here, server_caller
from server.config import Config
from server.moving import Moving
from server.placing import fits
from server.problems import Problem
from server.quotas import Quotas
from server.received import Item, Kept, Received, Share, State, Talk, read_item, read_state
from server.receiving import Part
from server.rewound import RewoundError
from server.soundness import Soundness
from server.store import devices, directory, feed
from server.store.engine import reading, retried
from server.store.scope import Head, Logged, head_of, logged, wire_text
from sync.codec import Json, UnfitError, edit_to_wire, instant, stamp
from sync.digest import Digest
from sync.record import Edit
from sync.types.catalogue import Catalogue
from sync.version import Dot
from sync.wire import MAX_BODY_BYTES

SERVER_FAULT = 500  # from this status on it is no fault of the phone


class Exchange:
    """The use case. `now` is the server's clock; `catalogue` knows the record types."""

    def __init__(self, engine: Engine, catalogue: Catalogue, config: Config, now: Callable[[], dt.datetime]) -> None:
        self._engine, self._catalogue, self._config, self._now = engine, catalogue, config, now
        self._quotas = Quotas(config, now)
        self.moving = Moving(engine, catalogue, config, now)
        self.soundness = Soundness(engine, self.moving)

    def sync(self, caller: Caller, request: Mapping[str, Any], edits: Sequence[Received], states: Sequence[Received]) -> str:
        """One exchange: the reply as JSON text. Raises Problem `actor-rolled-back` or `over-quota`."""
        talk = self._talk(caller, _offset(request["device"]["now"], self._now()))
        items = [read_item(index, received, caller, talk.own) for index, received in enumerate(edits)]
        brought = [read_state(index, received) for index, received in enumerate(states)]
        size = _size(edits) + _size(states)

        def begin(connection: Connection) -> Opened:
            self._quotas.charge(connection, caller.device, size)
            return _open(connection, talk, request["device"], items, self._config.secret_key)

        try:
            opened = retried(self._engine, begin)
        except RewoundError as found:
            rewound.stop(self._engine, str(found), self._now())
            raise rewound.refusal() from None
        if opened.stale:
            kept = Kept({item.index: {"dot": item.sent_dot, "status": "gap"} for item in items}, _untold(brought))
        else:
            talk = replace(talk, doubtful=opened.doubtful, forked_at=opened.forked_at, number=opened.number)
            kept = self._receive(talk, items, brought)
            if left := sum(receipt["status"] == "gap" for receipt in kept.receipts.values()):
                still = _unsent(request["device"], items) + left
                retried(self._engine, lambda c: devices.update_actor(c, caller.actor, outbox=still))
        return self._reply(talk, opened, request, kept)

    @contextmanager
    def refusals_noted(self, caller: Caller) -> Iterator[None]:
        """Note why an exchange of a device is refused; the next one that is not ends it."""
        try:
            yield
        except Problem as refusal:
            if refusal.kind.status < SERVER_FAULT:
                said = {"problem": refusal.kind.name, "problem_at": stamp(self._now())}
                retried(self._engine, lambda connection: devices.update_actor(connection, caller.actor, **said))
            raise

    def deposit(self, caller: Caller, edits: Sequence[Received]) -> list[Json]:
        """Take the edits of a device that is shut out, without applying any: the receipts. Raises Problem `over-quota`."""
        talk = self._talk(caller)
        items = [read_item(index, received, caller, talk.own) for index, received in enumerate(edits)]

        def hear(connection: Connection) -> None:
            self._quotas.charge(connection, caller.device, _size(edits))
            _hear_out(connection, talk, items)

        retried(self._engine, hear)
        kept = self._receive(replace(talk, doubtful=frozenset(item.dot for item in items if item.dot)), items, [])
        return [kept.receipts[item.index] for item in items]

    def write(self, edits: Sequence[Edit], caller: Caller | None = None) -> list[Json]:
        """Apply edits made at the server: the receipts. Their counters MUST have been set aside, see `reserve_counters`.

        They are of the server's own actor (imports, decisions of a dashboard), or else of the caller's.
        """
        if caller is None:
            with reading(self._engine) as connection:
                actor = here(connection).actor
            caller = server_caller(actor, {edit.scope for edit in edits})
        own = frozenset({caller.actor})
        items = [read_item(i, Received(wire_text(w := edit_to_wire(e)), w), caller, own) for i, e in enumerate(edits)]
        kept = self._receive(replace(self._talk(caller), own=own), items, [])
        return [kept.receipts[item.index] for item in items]

    def write_within(self, connection: Connection, edit: Edit, caller: Caller) -> Kept:
        """Apply one edit made at the server in a transaction that has more to do: what was done, its receipt under 0.

        It is taken where it says, or where its record has gone. Of an edit that is not applied nothing MUST be kept, and
        after the commit the caller MUST let `moving` follow `bound`.
        """
        own, now, body = frozenset({caller.actor}), self._now(), edit_to_wire(edit)
        talk = Talk(caller, here(connection), own, self._catalogue, now, self._config.day_of(now))
        rewound.require_open(talk.here)
        kept, waiting = Kept(), {edit.scope: Share(items=[read_item(0, Received(wire_text(body), body), caller, own)])}
        while waiting:
            scope, share = waiting.popitem()
            part = Part(connection, scope, talk).take(share)
            kept.add(part)
            waiting.update(part.rerouted)
        return kept

    def _talk(self, caller: Caller, offset: dt.timedelta = dt.timedelta()) -> Talk:
        now = self._now()
        with reading(self._engine) as connection:
            own, present = devices.actors_of(connection, caller.device), here(connection)
        rewound.require_open(present)
        return Talk(caller, present, own, self._catalogue, now, self._config.day_of(now), offset)

    # -- receiving -----------------------------------------------------------------------------------------------------

    def _receive(self, talk: Talk, items: list[Item], states: list[State]) -> Kept:
        """Every item in the transaction of its scope. A record that moved takes its edits along to its new scope."""
        kept = Kept(merged=_untold(states))
        waiting: dict[str, Share] = {}
        for state in states:
            if state.record and talk.caller.may_write(state.record.scope):
                waiting.setdefault(state.record.scope, Share()).states.append(state)
        for item in items:
            waiting.setdefault(self._place(talk, item), Share()).items.append(item)
        while waiting:
            rerouted: dict[str, Share] = {}
            # what is set aside by its sender comes first: an edit behind it MUST find it in the log
            for scope in sorted(waiting, key=lambda scope: (not devices.is_pseudo(scope), scope)):
                part = self._take(talk, scope, waiting[scope])
                kept.add(part)
                for target, moved in part.rerouted.items():
                    rerouted.setdefault(target, Share()).add(moved)
            waiting = rerouted
        self.moving.follow(kept.bound)
        return kept

    def _take(self, talk: Talk, scope: str, share: Share) -> Kept:
        try:
            return retried(self._engine, lambda connection: Part(connection, scope, talk).take(share))
        except IntegrityError:  # another copy of the request came first: now every dot is looked up
            wary = replace(talk, doubtful=frozenset(item.dot for item in share.items if item.dot))
            return retried(self._engine, lambda connection: Part(connection, scope, wary).take(share))

    def _place(self, talk: Talk, item: Item) -> str:
        """The scope in whose transaction an item is kept: its own, or the sender's where there is none such.

        Also the sender's for what may not lie in the scope it names: there, those without the grant could come upon it.
        """
        nowhere = devices.pseudo_scope(talk.caller.actor)
        if item.dot is None or item.scope is None or not fits(self._catalogue, item.type, item.sections, item.scope):
            return nowhere
        if talk.caller.may_read(item.scope):
            return item.scope
        with reading(self._engine) as connection:
            return item.scope if directory.is_scope(connection, item.scope) else nowhere

    # -- replying ------------------------------------------------------------------------------------------------------

    def _reply(self, talk: Talk, opened: Opened, request: Mapping[str, Any], kept: Kept) -> str:
        """The reply of an exchange; the JSON text of changes is put in untouched."""
        out, damaged = _Page(min(request["max_bytes"], MAX_BODY_BYTES), kept.fresh), feed.Damaged()
        with reading(self._engine) as connection:
            for scope in talk.caller.scopes:
                head = head_of(connection, scope) or Head()  # nothing was ever written there
                if opened.stale:
                    out.digests[scope] = Digest(head.live, head.sum).wire()
                    continue
                after = _position(request["checkpoints"].get(scope), talk.here.epoch, head.seq)
                for (place, record), seq in kept.gone.items():
                    if place == scope and seq <= after:
                        out.items.append(feed.gone(scope, record, seq))
                reached = out.fill(scope, feed.changes(connection, scope, after, head.seq, damaged), after, head.seq)
                out.checkpoints[scope] = f"{talk.here.epoch}:{reached}"
                if reached >= head.seq:
                    out.digests[scope] = Digest(head.live, head.sum).wire()
        self.soundness.freeze(damaged)
        told = {
            "epoch": talk.here.epoch,
            "now": stamp(talk.now),
            "nonce": opened.nonce,
            "receipts": [kept.receipts[index] for index in sorted(kept.receipts)],
            "merged": [kept.merged[index] for index in sorted(kept.merged)],
            "checkpoints": out.checkpoints,
            "more": out.more,
            "scopes": talk.caller.scopes_on_wire(),
            "digests": out.digests,
            "wipe": talk.caller.disabled and request["device"]["outbox"] == 0,
        }
        return wire_text(told)[:-1] + ',"changes":[' + ",".join(out.items) + "]}"

    # -- reading on request --------------------------------------------------------------------------------------------

    def digest(self, caller: Caller, scope: str, prefix: str) -> Json:
        """The digest of a scope below a prefix and its children; raises Problem `not-found`."""
        with self._readable(caller, scope) as connection:
            whole, children = feed.digest_below(connection, scope, prefix)
        return {**whole.wire(), "children": {digit: child.wire() for digit, child in children.items()}}

    def records(self, caller: Caller, scope: str, prefix: str) -> str:
        """The record states of a scope below a prefix, as JSON text; raises Problem `not-found`."""
        damaged = feed.Damaged()
        with self._readable(caller, scope) as connection:
            told = '{"records":[' + ",".join(feed.states(connection, scope, prefix, damaged)) + "]}"
        self.soundness.freeze(damaged)
        return told

    def _readable(self, caller: Caller, scope: str) -> AbstractContextManager[Connection]:
        if not caller.may_read(scope):
            raise Problem("not-found")
        return reading(self._engine)


def _size(items: Sequence[Received]) -> int:
    """How many bytes these items are, as they are kept."""
    return sum(len(item.text.encode()) for item in items)


MANY = 2**31 - 1  # more edits than a phone can hold, and what the column can


@dataclass(frozen=True)
class Opened:
    """How an exchange begins: the nonce of the next one, what may be known already, and whether the epoch is another."""

    nonce: str
    doubtful: frozenset[Dot] = frozenset()
    forked_at: int | None = None
    number: int | None = None
    stale: bool = False


def _open(connection: Connection, talk: Talk, report: Mapping[str, Any], items: Sequence[Item], secret_key: bytes) -> Opened:
    """Settle nonce and counter, and move them on. From here on no edit above the new counter can be in the log.

    Raises Problem `actor-rolled-back`, or RewoundError where it is the server that has gone back.
    """
    state = devices.actor_state(connection, talk.caller.actor, lock=True)
    said: dict[str, Any] = {
        "outbox": min(report["outbox"], MANY),
        "app": report["app"],
        "offset_ms": int(talk.offset.total_seconds() * 1000),
        "heard_at": stamp(talk.now),
        "problem": None,
        "problem_at": None,
    }
    presented = report["nonce"]
    rewound.look(connection, talk.here, talk.caller.device, report["epoch"], presented, state.exchanges, secret_key)
    if report["epoch"] not in (None, talk.here.epoch):
        devices.update_actor(connection, state.actor, **said)
        healing.declare(connection, talk.here, state, report["counter"], said["outbox"], said["heard_at"])
        return Opened(state.nonce, stale=True)
    if presented is None or presented not in (state.nonce, state.nonce_before) or report["counter"] < state.counter:
        raise Problem("actor-rolled-back")
    number = state.exchanges + 1
    device = talk.caller.device
    nonce = nonces.mint(secret_key, talk.here.epoch, device, number) if presented == state.nonce else state.nonce
    if presented == state.nonce:
        said |= {"nonce": nonce, "nonce_before": state.nonce}
    dots = [item.dot for item in items if item.dot]
    twice = {dot for dot, times in Counter(dots).items() if times > 1}
    doubtful = frozenset(d for d in dots if d in twice or d.actor != state.actor or d.counter <= state.counter)
    known = logged(connection, doubtful)
    if state.forked_at is not None and any(
        d.counter > state.forked_at for d in dots if d.actor == state.actor and d not in known
    ):
        raise Problem("actor-rolled-back")  # a copy of this phone was here: it is told, else its edits would wait for ever
    forked_at = _forked(state, items, known)
    counter = max([state.counter, report["counter"], *(d.counter for d in dots if d.actor == state.actor)])
    said |= {"counter": counter, "forked_at": forked_at, "exchanges": number, "outbox": _unsent(report, items)}
    devices.update_actor(connection, state.actor, **said)
    return Opened(nonce, doubtful, forked_at, number)


def _hear_out(connection: Connection, talk: Talk, items: Sequence[Item]) -> None:
    """Note that a device that is shut out was heard. No edit above the counter of its actor is in the log."""
    state = devices.actor_state(connection, talk.caller.actor, lock=True)
    counter = max([state.counter, *(item.dot.counter for item in items if item.dot and item.dot.actor == state.actor)])
    left = max(0, state.outbox - len(items))
    devices.update_actor(connection, state.actor, heard_at=stamp(talk.now), outbox=left, counter=counter)


def _untold(states: Sequence[State]) -> dict[int, Json]:
    """The answers about record states of which nothing is told."""
    return {state.index: {"record": state.record.id if state.record else None, "seen": {}} for state in states}


class _Page:
    """The changes of a reply, up to its budget of bytes; at least one."""

    def __init__(self, budget: int, fresh: Mapping[tuple[str, str], tuple[int, int]]) -> None:
        self._left, self._fresh = budget, fresh
        self.items: list[str] = []
        self.checkpoints: Json = {}
        self.digests: Json = {}
        self.more = False

    def fill(self, scope: str, feed_items: Iterable[feed.Item], after: int, head: int) -> int:
        """Take items while they fit; the seq that the device then has reached."""
        if self.more:
            return after
        checkpoint = after
        for item in feed_items:
            before, now = self._fresh.get((scope, item.record), (0, 0))
            if now != item.seq or before > checkpoint:  # else the device has it just so
                size = len(item.text.encode())
                if self.items and size > self._left:
                    self.more = True
                    return after
                self._left -= size
                self.items.append(item.text)
            after = item.seq
        return max(after, head)


def _unsent(report: Mapping[str, Any], items: Sequence[Item]) -> int:
    """How many edits are still on the phone when those of this request have left its outbox."""
    said: int = report["outbox"]
    return max(0, min(said, MANY) - len(items))


def _forked(state: devices.ActorState, items: Sequence[Item], known: Mapping[Dot, Logged]) -> int | None:
    """The lowest counter that the actor has used twice, as far as is known now."""
    first = {dot: entry.fingerprint for dot, entry in known.items()}
    mine = [(i.dot, i.fingerprint) for i in items if i.dot and i.dot.actor == state.actor]
    reused = [dot.counter for dot, mark in mine if first.setdefault(dot, mark) != mark]
    return min([*reused, *([] if state.forked_at is None else [state.forked_at])], default=None)


def _offset(device_now: str, now: dt.datetime) -> dt.timedelta:
    """Server clock minus the device's; zero when the device's cannot be read."""
    try:
        return now - instant(device_now)
    except UnfitError:
        return dt.timedelta()


def _position(checkpoint: str | None, epoch: str, head: int) -> int:
    """The seq of a checkpoint; 0, the beginning, for one of another epoch, of no sense, or ahead of the feed."""
    given, _, seq = (checkpoint or "").rpartition(":")
    known = given == epoch and seq.isascii() and seq.isdecimal() and len(seq) < 19 and int(seq) <= head
    return int(seq) if known else 0
