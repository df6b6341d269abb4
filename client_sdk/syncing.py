"""Doing what exchange.py and healing.py decide: ask, keep the answer in one transaction, go on until both ends agree.

Every step is durable before the next one begins, and each may be the last: what a cut leaves behind is a phone that
has simply not got further, and the next sync finds out anew what is to be done.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from client_sdk import reported
from client_sdk.errors import BadReplyError, OfflineError, Problem, SealedError
from client_sdk.exchange import Effects, Held, absorb, batch, changed, reissue, request
from client_sdk.line import Line
from client_sdk.report import Progress, Report
from client_sdk.store import ENROLLED, RETIRED, SEALED, Store
from client_sdk.transport import Transport
from client_sdk.walk import Walk
from sync.codec import Json, UnfitError, edit_to_wire, instant, record_to_wire
from sync.record import Edit
from sync.wire import Deposited, MyDeposits, NewActor, SyncReply

APP = f"cunyi-py {version('cunyi')}"
FORKS = HEALS = REPAIRS = IDLE = 3  # how often in one sync before it is given up

OWED_AT_ONCE = 16  # while healing: so that a line that is cut again and again does not undo everything
REPLY = SyncReply(exclude=("receipts", "changes"))  # those two are judged item by item when they are read
ACTOR, DEPOSITED, DECIDED = NewActor(), Deposited(), MyDeposits()


class Syncing:
    """One sync of a store."""

    def __init__(
        self,
        store: Store,
        transport: Transport,
        now: Callable[[], dt.datetime],
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._store, self._now, self._progress = store, now, progress
        self._line = Line(store, transport)
        self._walk = Walk(store, self._line)
        self._pushed = self._pulled = self._aside = 0
        self._forks = self._heals = self._repairs = self._idle = 0
        self._reasons: list[str] = []
        self._owed: dict[str, None] = {}  # records whose state the server lacks, to be sent
        self._offered: set[str] = set()  # records whose state was sent after a gap
        self._stuck: set[str] = set()  # records whose edits the server cannot take in this sync
        self._last_round = False
        self._asked_at = now()

    def run(self) -> Report:
        """Sync. Network, server and refusals end in the report; raises SyncBusyError, and SealedError when retired."""
        began = time.monotonic()
        with self._store.turn_to_sync():
            try:
                self._run()
            except (OfflineError, BadReplyError) as trouble:
                self._reasons.append(str(trouble))
            except Problem as refused:
                self._reasons.append(f"{refused} ({refused.status} {refused.slug})")
        complete = not self._reasons
        if complete:
            self._store.save(last_sync=self._now().isoformat(timespec="seconds"))
            self._ask_for_more()
        return Report(
            pushed=self._pushed,
            pulled=self._pulled + self._walk.pulled,
            set_aside=self._aside,
            bytes_up=self._line.up,
            bytes_down=self._line.down,
            seconds=round(time.monotonic() - began, 3),
            complete=complete,
            reasons=tuple(self._reasons),
        )

    def _ask_for_more(self) -> None:
        """What the reports of past months do with one's own work, and what became of what was set aside.

        Without an answer what was told before goes on holding.
        """
        with contextlib.suppress(OfflineError, BadReplyError, Problem):
            reported.ask(self._store, self._line, self._now())
            if any(one.decided is None for one in self._store.unapplied()):
                self._store.keep_decided(self._line.ask("GET", "/v1/my-deposits", DECIDED)["deposits"])

    def _run(self) -> None:
        mode = self._store.account().mode
        if mode == RETIRED:
            raise SealedError("this device is retired; enrol it again to use it")
        if mode == SEALED and not self._hand_over():
            return
        try:
            while self._round():
                pass
        except Problem as refused:
            if refused.slug != "revoked":
                raise
            self._store.save(mode=SEALED)
            self._hand_over()

    # -- one exchange --------------------------------------------------------------------------------------------------

    def _round(self) -> bool:
        """One exchange and what follows from it; False when there is nothing more to do."""
        account = self._store.account()
        states = self._states()
        later = self._owed.keys() - {held.record.id for held in states}
        edits = batch(self._ready(later), edit_to_wire)
        try:
            reply = self._exchange(account.epoch, edits, states)
        except Problem as refused:
            if refused.slug != "actor-rolled-back":
                raise
            return self._fork()
        if reply["epoch"] != account.epoch:
            return self._heal(reply)
        effects = self._keep(edits, reply)
        self._sent(states)
        self._gaps(effects.gaps)
        if effects.reused:
            return self._fork()
        if reply["wipe"] and self._store.wipe():
            self._reasons.append("this device is retired and its store is wiped")
            return False
        return self._unfinished(reply, effects, states) or self._verify(reply)

    def _ready(self, besides: Collection[str] = ()) -> list[Edit]:
        return [e for e in self._store.outbox() if e.record not in self._stuck and e.record not in besides]

    def _states(self) -> Sequence[Held]:
        """The next states to send; a record that has left the base meanwhile is owed no longer."""
        held = self._store.held(self._owed)
        self._owed = dict.fromkeys(held)
        return batch(list(held.values()), lambda one: record_to_wire(one.record))

    def _sent(self, states: Sequence[Held]) -> None:
        for held in states:
            self._owed.pop(held.record.id, None)

    def _exchange(self, epoch: str | None, edits: Sequence[Edit], states: Sequence[Held]) -> Json:
        account, now = self._store.account(), self._now()
        device = {
            "now": now.isoformat(),
            "counter": account.counter,
            "outbox": self._store.waiting(),
            "nonce": account.nonce,
            "epoch": epoch,
            "app": APP,
        }
        body = request(device, edits, states, self._store.checkpoints())
        reply = self._line.ask("POST", "/v1/sync", REPLY, body)
        self._asked_at = now
        return reply

    def _note(self, reply: Mapping[str, Any]) -> None:
        offset = _offset_ms(reply["now"], self._asked_at)
        self._store.save(nonce=reply["nonce"], scopes=reply["scopes"], offset_ms=offset)

    def _keep(self, sent: Sequence[Edit], reply: Mapping[str, Any]) -> Effects:
        """Everything that one answer brings, in one local transaction, the checkpoints with it."""
        with self._store.transaction():
            touched = {edit.record for edit in sent}
            waiting = self._store.outbox(touched)
            base = self._store.held(touched | changed(reply))
            deposited = {one.edit.dot for one in self._store.set_aside()} if sent else set()
            effects = absorb(sent, waiting, base, deposited, reply)
            self._store.keep(effects)
            self._store.keep_checkpoints(reply["checkpoints"], reply["scopes"].keys())
            self._note(reply)
        self._pushed += len(effects.settled)
        self._aside += len(effects.aside)
        self._pulled += len(reply["changes"])
        self._tell()
        return effects

    def _gaps(self, records: Collection[str]) -> None:
        """The first time the state of the record is sent along; the second time its edits wait for another sync."""
        held = self._store.held(records)
        for record in records:
            if record in self._offered or record not in held:
                self._stuck.add(record)
            else:
                self._offered.add(record)
                self._owed[record] = None

    def _unfinished(self, reply: Mapping[str, Any], effects: Effects, states: Sequence[Held]) -> bool:
        """Is another exchange due? Ends a sync in which exchange follows exchange and nothing moves."""
        again = bool(reply["more"] or self._ready() or self._owed)
        if not self._last_round and any(reason == "account-disabled" for _, reason in effects.aside):
            self._last_round = again = True  # with an empty outbox the server says whether to wipe
        moved = reply["changes"] or effects.settled or effects.aside or effects.gaps or states
        self._idle = 0 if moved else self._idle + 1
        if again and self._idle >= IDLE:
            raise BadReplyError("the server asks for more and more, and nothing moves")
        return again

    def _tell(self) -> None:
        if self._progress:
            self._progress(Progress(self._pushed, self._store.waiting(), self._pulled + self._walk.pulled))

    # -- do both ends agree? -------------------------------------------------------------------------------------------

    def _verify(self, reply: Mapping[str, Any]) -> bool:
        """Compare digests; True when something was repaired and it is worth another exchange."""
        if waiting := self._store.waiting():
            self._reasons.append(f"{waiting} edits wait: the server lacks what they build on")
            return False
        if missing := reply["scopes"].keys() - reply["digests"].keys():
            self._reasons.append(f"not caught up: {', '.join(sorted(missing))}")
            return False
        differing = self._walk.differing(reply["digests"])
        if differing and self._repairs < REPAIRS:
            self._repairs += 1
            for scope in differing:
                for lacking in self._walk.mend(scope):
                    self._owe(lacking)
            return True
        self._reasons += [f"phone and server hold different records of {scope}" for scope in differing]
        return False

    def _owe(self, records: Collection[str]) -> None:
        self._owed.update(dict.fromkeys(records))
        self._tell()

    # -- a new actor, a new epoch, the end -----------------------------------------------------------------------------

    def _fork(self, epoch: str | None = None) -> bool:
        """Take a new actor and make the outbox anew under it; with `epoch`: the device belongs to that epoch from now on."""
        self._forks += 1
        if self._forks > FORKS:
            raise BadReplyError("the server accepts this device under no new name")
        fresh = self._line.ask("POST", "/v1/actors", ACTOR, {})
        adopt(self._store, fresh["actor"], nonce=fresh["nonce"], **({"epoch": epoch} if epoch else {}))
        self._offered.clear()
        self._stuck.clear()
        return True

    def _heal(self, reply: Mapping[str, Any]) -> bool:
        """The server was restored: bring it what it lacks, then begin anew under a new actor."""
        self._heals += 1
        if self._heals > HEALS:
            raise BadReplyError("the server names another epoch in every answer")
        self._note(reply)
        epoch = reply["epoch"]
        try:
            for scope in self._walk.differing(reply["digests"]):
                for lacking in self._walk.mend(scope):
                    self._owe(lacking)
                    if len(self._owed) >= OWED_AT_ONCE and not self._bring(epoch):
                        return True
            if not self._bring(epoch):
                return True
        except Problem as refused:
            if refused.slug != "actor-rolled-back":
                raise
            # the server has forgotten the name that this device took last: what is still owed goes under the new one
        return self._fork(epoch)

    def _bring(self, epoch: str) -> bool:
        """Send the states that are owed, edits not yet; False when the server names still another epoch."""
        while self._owed:
            states = self._states()
            reply = self._exchange(epoch, [], states)
            if reply["epoch"] != epoch:
                return False
            self._keep([], reply)
            self._sent(states)
        return True

    def _hand_over(self) -> bool:
        """Sealed: deposit the outbox, then wipe. True when the server says that the device is not shut out after all."""
        try:
            while edits := batch(self._store.outbox(), edit_to_wire):
                receipts = self._line.signed("/v1/deposit", DEPOSITED, {"edits": [edit_to_wire(e) for e in edits]})["receipts"]
                answered = {tuple(r["dot"]) for r in receipts if r.get("dot") and r["status"] != "gap"}
                done = [edit.dot for edit in edits if edit.dot in answered]
                if not done:
                    raise BadReplyError("the server gives no receipts for a deposit")
                self._store.forget(done)
                self._aside += len(done)
                self._tell()
        except Problem as refused:
            if refused.slug != "not-revoked":
                raise
            self._store.save(mode=ENROLLED)
            return True
        if self._store.wipe():
            self._reasons.append("this device was revoked; what it had not sent is handed over and its store is wiped")
        return False


def adopt(store: Store, actor: str, **account: Any) -> None:
    """Make the outbox anew under an actor and change the account with it, in one transaction."""
    with store.transaction():
        outbox = store.outbox()
        seen = store.seen({edit.record for edit in outbox})
        store.replace_outbox(actor, reissue(outbox, seen, store.account().actor, actor))
        store.save(**account)


def _offset_ms(server_now: str, now: dt.datetime) -> int:
    try:
        return round((instant(server_now) - now).total_seconds() * 1000)
    except (UnfitError, OverflowError):
        return 0
