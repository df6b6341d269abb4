"""Faults to plant: each breaks the product in one way that the village is there to catch. Never part of what is shipped.

`planted(name)` puts a fault in for as long as it lasts. How many histories from seed 0 on failed with each, as seen by
`python -m tests.simulation --histories 30 --fault NAME` (server_actor: of 100), is written beside it in FAULTS.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

import server.archive
import server.exchange
import server.store.deployment
import sync.record
from client_sdk.store import Store
from client_sdk.syncing import Syncing
from server.exchange import Exchange
from server.received import Share
from server.receiving import Part
from server.store import devices
from server.store.engine import writing
from server.store.scope import head_of
from server.store.tables import scopes
from sync.codec import stamp
from sync.record import LiveEdit, _ordered
from sync.version import VersionVector
from tests.simulation.village import Village

Planting = Callable[[contextlib.ExitStack], None]


def _put(stack: contextlib.ExitStack, place: Any, name: str, value: Any) -> None:
    stack.enter_context(mock.patch.object(place, name, value))


# -- merging


def lww(stack: contextlib.ExitStack) -> None:
    """Of two values of a section the one with the later clock wins, whoever saw what."""

    def fold(record: Any, edit: Any, at: str) -> Any:
        new = LiveEdit(edit.dot, at, edit.written_at, edit.author, edit.sections)
        late = {name for old in record.edits for name in old.sections if (old.at, old.dot) > (at, edit.dot)}
        kept = [(old, {n: v for n, v in old.sections.items() if n not in edit.sections or n in late}) for old in record.edits]
        mine = {name: value for name, value in edit.sections.items() if name not in late}
        return replace(record, seen=record.seen.advanced(edit.dot), edits=_ordered([*kept, (new, mine)]))

    _put(stack, sync.record, "fold", fold)


def whole_record(stack: contextlib.ExitStack) -> None:
    """An edit stands for the whole record: sections it does not write go with those it does."""

    def fold(record: Any, edit: Any, at: str) -> Any:
        new = LiveEdit(edit.dot, at, edit.written_at, edit.author, edit.sections)
        kept = [(old, {} if edit.context.covers(old.dot) else old.sections) for old in record.edits]
        return replace(record, seen=record.seen.advanced(edit.dot), edits=_ordered([*kept, (new, edit.sections)]))

    _put(stack, sync.record, "fold", fold)


def context_at_push(stack: contextlib.ExitStack) -> None:
    """The context is made when the edit is sent, from what the phone holds by then."""
    send = Syncing._exchange

    def exchange(self: Syncing, epoch: Any, edits: Any, states: Any) -> Any:
        seen = self._store.seen({edit.record for edit in edits})
        now = [
            replace(e, context=VersionVector({**seen.get(e.record, VersionVector()), e.dot.actor: e.context.upto(e.dot.actor)}))
            for e in edits
        ]
        return send(self, epoch, now, states)

    _put(stack, Syncing, "_exchange", exchange)


# -- names and epochs


def no_epoch(stack: contextlib.ExitStack) -> None:
    """A server is put back from a backup and says nothing of it."""
    begin, heal = server.store.deployment.new_epoch, server.store.deployment.set_healing

    def new_epoch(connection: Any, *_restored: Any, **_more: Any) -> None:
        if server.store.deployment.setting(connection, "epoch") is None:
            begin(connection)

    def set_healing(connection: Any, _until: str) -> None:
        heal(connection, "")

    for place in (server.store.deployment, server.archive):
        _put(stack, place, "new_epoch", new_epoch)
        _put(stack, place, "set_healing", set_healing)


def server_actor(stack: contextlib.ExitStack) -> None:
    """The server's own edits go on under the same actor after it was put back: its counters are used twice."""
    begin = server.store.deployment.new_epoch

    def new_epoch(connection: Any, *restored: Any, **more: Any) -> None:
        actor = server.store.deployment.setting(connection, "actor")
        begin(connection, *restored, **more)
        if actor is not None:
            server.store.deployment.write_settings(connection, {"actor": actor})

    for place in (server.store.deployment, server.archive):
        _put(stack, place, "new_epoch", new_epoch)


def no_fork(stack: contextlib.ExitStack) -> None:
    """A phone that was copied or put back keeps its name: nonce, counter and body of an edit are not looked at."""
    begin, repeat = server.exchange._open, Part._repeat

    def _open(connection: Any, talk: Any, report: Any, items: Any, key: bytes) -> Any:
        state = devices.actor_state(connection, talk.caller.actor)
        trusted = {**report, "nonce": state.nonce, "counter": max(report["counter"], state.counter)}
        return replace(begin(connection, talk, trusted, items, key), forked_at=None)

    def _repeat(self: Part, item: Any, known: Any) -> Any:
        return repeat(self, item, replace(known, fingerprint=item.fingerprint))

    _put(stack, server.exchange, "_open", _open)
    _put(stack, Part, "_repeat", _repeat)


def stale_ack(stack: contextlib.ExitStack) -> None:
    """The phone remembers up to which counter it was answered, and goes on believing it under a new name."""
    forget, anew = Store.forget, Store.replace_outbox
    answered: dict[Any, int] = {}

    def _forget(self: Store, dots: Any) -> None:
        forget(self, dots)
        answered[self.vault.path] = max([answered.get(self.vault.path, 0), *(dot.counter for dot in dots)])

    def replace_outbox(self: Store, actor: str, edits: Any) -> None:
        anew(self, actor, edits)
        forget(self, [edit.dot for edit in edits if edit.dot.counter <= answered.get(self.vault.path, 0)])

    _put(stack, Store, "forget", _forget)
    _put(stack, Store, "replace_outbox", replace_outbox)


# -- keeping what was received


def trunc(stack: contextlib.ExitStack) -> None:
    """Only the first part of a batch is applied, and all of it acknowledged."""
    take = Part.take

    def _take(self: Part, share: Share) -> Any:
        cut = (len(share.items) + 1) // 2
        kept = take(self, Share(share.states, share.items[:cut]))
        for item in share.items[cut:]:
            kept.receipts[item.index] = {
                "dot": item.sent_dot,
                "status": "accepted",
                "at": stamp(self._talk.now),
                "seen": {},
                "issues": [],
            }
        return kept

    _put(stack, Part, "take", _take)


def ack_early(stack: contextlib.ExitStack) -> None:
    """Receipts go out before the commit, and one time in twenty the server goes down in between."""
    take, dice = Exchange._take, random.Random(5)

    def _take(self: Exchange, talk: Any, scope: str, share: Share) -> Any:
        if dice.random() >= 0.05:
            return take(self, talk, scope, share)
        with self._engine.connect() as connection:
            kept = Part(connection, scope, talk).take(share)
            connection.rollback()
        return kept

    _put(stack, Exchange, "_take", _take)


def gap(stack: contextlib.ExitStack) -> None:
    """Seqs are taken before the lock: a reader passes those that are not committed yet, and never comes back."""
    take, dice, inside = Exchange._take, random.Random(5), []

    def _take(self: Exchange, talk: Any, scope: str, share: Share) -> Any:
        village = Village.present
        if inside or village is None or scope.startswith("actor:") or dice.random() >= 0.1:
            return take(self, talk, scope, share)
        with writing(self._engine) as connection:
            head = head_of(connection, scope, lock=True)
            assert head is not None
            connection.execute(
                scopes.update().where(scopes.c.scope == scope).values(seq=head.seq + len(share.items) + len(share.states))
            )
        inside.append(True)
        try:
            village.somebody_syncs()
        finally:
            inside.pop()
        with writing(self._engine) as connection:
            part = Part(connection, scope, talk)
            reached = part._writer.head.seq
            part._writer.head = replace(part._writer.head, seq=head.seq)
            kept = part.take(share)
            connection.execute(scopes.update().where(scopes.c.scope == scope).values(seq=reached))
        return kept

    _put(stack, Exchange, "_take", _take)


# -- the phone


def clear_on_send(stack: contextlib.ExitStack) -> None:
    """The outbox is emptied when it is sent, not when it is answered."""
    send = Syncing._exchange

    def exchange(self: Syncing, epoch: Any, edits: Any, states: Any) -> Any:
        self._store.forget([edit.dot for edit in edits])
        return send(self, epoch, edits, states)

    _put(stack, Syncing, "_exchange", exchange)


def pull_clobber(stack: contextlib.ExitStack) -> None:
    """What is pulled takes the place of what the phone has not sent."""
    keep = Syncing._keep

    def _keep(self: Syncing, sent: Any, reply: Any) -> Any:
        effects = keep(self, sent, reply)
        self._store.forget([edit.dot for edit in self._store.outbox({item["record"] for item in reply["changes"]})])
        return effects

    _put(stack, Syncing, "_keep", _keep)


def cursor_first(stack: contextlib.ExitStack) -> None:
    """The checkpoint is kept before the rows it stands behind."""
    keep = Syncing._keep

    def _keep(self: Syncing, sent: Any, reply: Any) -> Any:
        self._store.keep_checkpoints(reply["checkpoints"], reply["scopes"].keys())
        return keep(self, sent, reply)

    _put(stack, Syncing, "_keep", _keep)


@dataclass(frozen=True)
class Fault:
    """A fault, how many of the first 30 histories caught it, and the seed from which the short test looks for it."""

    plant: Planting
    caught: int
    first: int = 0


FAULTS = {
    "lww": Fault(lww, 30),
    "whole_record": Fault(whole_record, 30),
    "context_at_push": Fault(context_at_push, 21),
    "no_epoch": Fault(no_epoch, 10),
    "server_actor": Fault(
        server_actor, 0, first=47
    ),  # 2 of the first 60: a backup, a restore and two edits of the office must meet
    "no_fork": Fault(no_fork, 12, first=1),
    "stale_ack": Fault(stale_ack, 19),
    "trunc": Fault(trunc, 30),
    "ack_early": Fault(ack_early, 25),
    "gap": Fault(gap, 19),
    "clear_on_send": Fault(clear_on_send, 30),
    "pull_clobber": Fault(pull_clobber, 16),
    "cursor_first": Fault(cursor_first, 14, first=1),
}


@contextlib.contextmanager
def planted(name: str | None) -> Iterator[None]:
    """The product with a fault in it; without a name, as it is shipped."""
    with contextlib.ExitStack() as stack:
        if name:
            FAULTS[name].plant(stack)
        yield
