"""What an exchange does in one scope: every edit is judged, every record state weighed, then all is written at once.

The order in which an edit is judged: known dot, malformed, account, scope, chain, apply. Everything received is kept
before anything is made of it; nothing here ever refuses a measurement.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from server.believing import may_bring
from server.placing import bound_for
from server.received import Item, Kept, Received, Share, State, Talk, read_item
from server.store import devices
from server.store.erasure import erased_among
from server.store.scope import EMPTIED, ERASED, Entry, Logged, ScopeWriter, Stored, gone_from, trace_of
from sync.codec import (
    Json,
    edit_to_wire,
    instant,
    issues_to_wire,
    stamp,
)
from sync.record import (
    STANDING,
    VOID,
    VOID_CLASH,
    Edit,
    Record,
    Remark,
    apply,
    blank,
    canonical,
    conflicts,
    joined_remarks,
    merge,
    remarks,
    verdict,
)
from sync.scopes import programme_of, read_scope, scope_name
from sync.version import Dot, VersionVector


class Part:
    """The part of an exchange in one scope, in one transaction. Made anew when the transaction is tried again."""

    def __init__(self, connection: Connection, scope: str, talk: Talk) -> None:
        self._connection, self._writer = connection, ScopeWriter(connection, scope)
        self._scope, self._talk = scope, talk
        self._nowhere = devices.is_pseudo(scope)  # no place where records live
        self._kept = Kept()
        self._changed: dict[str, tuple[Record, frozenset[Remark]]] = {}
        self._known: dict[Dot, Logged] = {}
        self._strangers: dict[str, str] = {}
        self._gone_from_place: dict[str, str] = {}
        self._erased: set[str] = set()
        self._issues_due: dict[int, str] = {}
        self._fresh: set[str] = set()

    def take(self, share: Share) -> Kept:
        """Judge everything, then write it."""
        writer = self._writer
        ids = {s.record.id for s in share.states if s.record} | {i.edit.record for i in share.items if i.edit}
        subjects = {i.edit.subject for i in share.items if i.edit and i.edit.subject}
        subjects |= {s.record.subject for s in share.states if s.record and s.record.subject}
        writer.load(ids | subjects)
        self._gone_from_place = self._moved(subjects)
        self._erased = erased_among(self._connection, {i for i in ids | subjects if not self._lives(i)})
        before = {i: known.seq for i in ids if (known := writer.get(i)) is not None}
        self._strangers = writer.elsewhere({i for i in ids if writer.get(i) is None})
        dots = [item.dot for item in share.items if item.dot]
        self._known = writer.logged(dots if self._overtaken() else [dot for dot in dots if dot in self._talk.doubtful])
        for state in share.states:
            self._heal(state)
        for item in share.items:
            receipt = self._judge(item)
            if receipt is not None:
                self._kept.receipts[item.index] = receipt
        for record, standing in self._changed.values():
            writer.put(self._finished(record, standing))
        for index, record_id in self._issues_due.items():
            current = writer.get(record_id)
            self._kept.receipts[index]["issues"] = list(current.issues) if current else []
        writer.finish()
        self._kept.bound = {i for i in ids if not self._nowhere and self._is_bound(i)}
        self._kept.fresh = {(self._scope, record): (before.get(record, 0), writer.placed[record]) for record in self._fresh}
        return self._kept

    def _moved(self, subjects: set[str]) -> dict[str, str]:
        """Which of these have moved away from here, and to which scope of the same kind as this one.

        Residents and households leave their trace in the village; what is about them in a protected scope goes by it too.
        """
        here = read_scope(self._scope)
        if here is None or here.programme is None:
            known = {subject: self._writer.get(subject) for subject in subjects}
            return {subject: kept.moved_to for subject, kept in known.items() if kept is not None and kept.moved_to}
        gone = gone_from(self._connection, here.place, subjects)
        return {one: ERASED if place == ERASED else scope_name(place, here.programme) for one, place in gone.items()}

    def _lives(self, record_id: str) -> bool:
        stored = self._writer.get(record_id)
        return stored is not None and stored.moved_to is None

    def _is_bound(self, record_id: str) -> bool:
        stored = self._writer.get(record_id)
        return stored is not None and self._lives(record_id) and bound_for(stored.record) is not None

    def _overtaken(self) -> bool:
        """True when the actor has begun another exchange meanwhile: a copy of it may write the same dots elsewhere.

        Holds the actor's row to the end of the transaction, so that the two take turns.
        """
        talk = self._talk
        if talk.number is None:
            return False
        return devices.actor_state(self._connection, talk.caller.actor, lock=True).exchanges != talk.number

    def _present(self, record_id: str) -> tuple[Record | None, frozenset[Remark]]:
        """A record as it stands by now, and the remarks that stand about it."""
        if record_id in self._changed:
            return self._changed[record_id]
        kept = self._writer.get(record_id)
        if kept is None:
            return None, frozenset()
        return kept.record, frozenset(Remark(i["section"], i["code"]) for i in kept.issues if i["code"] in STANDING)

    def _finished(self, record: Record, standing: Iterable[Remark]) -> Stored:
        """A record as it is to be kept, with its issues and whether a person is asked."""
        remarked = sorted(standing)
        issues = self._talk.catalogue.check(record, self._talk.today, remarked)
        asked = bool(conflicts(record, self._talk.catalogue.policy(record.type))) or Remark(VOID, VOID_CLASH) in remarked
        return Stored(record, 0, tuple(issues_to_wire(issues)), asked)

    # -- an edit

    def _judge(self, item: Item) -> Json | None:
        """The receipt of an item, None when its record has moved and another transaction will answer."""
        known = self._known.get(item.dot) if item.dot else None
        if known is not None:
            if item.edit:
                self._tell_if_gone(item.edit.record)
            return self._repeat(item, known)
        reason = self._unfit(item)
        if item.edit is None or reason is not None:
            return self._set_apart(item, reason or "malformed")
        self._follow_subject(item.edit)
        stored = self._writer.get(item.edit.record)
        if stored is not None and stored.moved_to is not None:
            self._tell_if_gone(item.edit.record)
            if stored.moved_to == ERASED:
                return self._deposit(item, "out-of-scope")
            self._kept.share_of(stored.moved_to).items.append(item)
            return None
        if item.edit.record in self._writer.frozen:  # the phone keeps it until the record is mended
            return {"dot": item.sent_dot, "status": "gap"}
        return self._apply(item, item.edit)

    def _set_apart(self, item: Item, reason: str) -> Json | None:
        """Deposit an item; what is about a record of a protected programme is not kept where others could come upon it."""
        if not self._hidden(item.record):
            return self._deposit(item, reason)
        self._kept.share_of(devices.pseudo_scope(self._talk.caller.actor)).items.append(item)
        return None

    def _hidden(self, record: str | None) -> bool:
        """Does a record live in a protected programme that whoever reads this scope may know nothing of?"""
        lives = self._strangers.get(record or "")
        return not self._nowhere and lives is not None and programme_of(lives) not in (None, programme_of(self._scope))

    def _tell_if_gone(self, record: str) -> None:
        """A device that sends something about a record that has left MUST hear of it again, or it holds it for ever."""
        stored = self._writer.get(record)
        if stored is not None and stored.moved_to is not None:
            self._kept.gone[(self._scope, record)] = stored.seq

    def _follow_subject(self, edit: Edit) -> None:
        """A new record about somebody who has moved away leaves its trace here at once, and goes where they are."""
        target = self._gone_from_place.get(edit.subject or "")
        if target is None or self._present(edit.record)[0] is not None:
            return
        self._writer.put(trace_of(replace(blank(edit), scope=self._scope), target))

    def _unfit(self, item: Item) -> str | None:
        """Why an edit is set aside before its record is looked at, None when it is not."""
        if item.edit is None:
            return "malformed"
        if self._talk.caller.disabled:
            return "account-disabled"
        if self._nowhere:
            return "out-of-scope"
        if self._scope != item.edit.scope:  # the record moved here; the device was asked about the scope it came from
            return None
        strange = item.edit.record in self._strangers
        return "out-of-scope" if strange or not self._talk.caller.may_write(item.edit.scope) else None

    def _apply(self, item: Item, edit: Edit) -> Json:
        before, standing = self._present(edit.record)
        before = before or replace(blank(edit), scope=self._scope)
        if edit.type != before.type or (None not in (edit.subject, before.subject) and edit.subject != before.subject):
            return self._deposit(item, "malformed")
        at = _true_time(edit.written_at, self._talk)
        done = apply(before, edit, at, self._set_aside(edit, before))
        forked = self._talk.forked_at is not None and edit.dot.counter > self._talk.forked_at
        if done.status == "gap" or (forked and done.status == "applied"):
            return {"dot": list(edit.dot), "status": "gap"}
        if done.status == "duplicate":
            self._log(item, "duplicate", None, at)
            return self._seen({"dot": list(edit.dot), "status": "duplicate", "at": at}, before)
        policy = self._talk.catalogue.policy(edit.type)
        status = verdict(before, edit, done.record, policy)
        self._changed[edit.record] = (done.record, remarks(before, edit, policy, standing))
        self._log(item, status, None, at)
        just_so = (
            status == "accepted" and edit.scope == self._scope
        )  # a phone that wrote it elsewhere has yet to hear of it here
        (self._fresh.add if just_so else self._fresh.discard)(edit.record)
        if self._talk.caller.may_read(self._scope):
            self._issues_due[item.index] = edit.record
        return self._seen({"dot": list(edit.dot), "status": status, "at": at, "issues": []}, done.record)

    def _set_aside(self, edit: Edit, before: Record) -> tuple[int, ...]:
        """The counter that the edit names as its author's last, if every edit from there back to the record was set aside."""
        actor, applied = edit.dot.actor, before.seen.upto(edit.dot.actor)
        named = own = edit.context.upto(actor)
        while own > applied:
            body = self._writer.deposited_body(Dot(actor, own))
            if body is None:
                return ()
            own = _own_context(body, Dot(actor, own))
        return (named,) if named > applied else ()

    def _repeat(self, item: Item, known: Logged) -> Json:
        """The answer to a dot that the log has: the same again, unless the body is another."""
        if known.fingerprint != item.fingerprint:
            return self._deposit(item, "dot-reused")
        if known.outcome == "deposited" or (known.outcome == ERASED and known.reason):
            return {"dot": item.sent_dot, "status": "deposited", "reason": known.reason, "at": known.at}
        receipt = {"dot": item.sent_dot, "status": "duplicate", "at": known.at}
        current = self._present(item.edit.record)[0] if item.edit else None
        return self._seen(receipt, current) if current else receipt

    def _seen(self, receipt: Json, record: Record) -> Json:
        """How far the server has seen the record; to a device that does not hold its scope, only the device's own part."""
        whole = self._talk.caller.may_read(self._scope)
        return {**receipt, "seen": {actor: n for actor, n in record.seen.items() if whole or actor in self._talk.own}}

    def _deposit(self, item: Item, reason: str) -> Json:
        """Keep an item verbatim for a person. A dot of its own is logged too, so that a repeat gets the same answer.

        Of somebody who was erased nothing is kept but the name of the edit.
        """
        now = stamp(self._talk.now)
        if item.edit and not self._erased.isdisjoint((item.edit.record, item.edit.subject)):
            if item.dot and reason != "dot-reused":
                self._log(replace(item, text=EMPTIED), ERASED, reason, now)
            return {"dot": item.sent_dot, "status": "deposited", "reason": reason, "at": now}
        mark = f"{self._talk.caller.device}:{reason}:{item.fingerprint}".encode()
        self._writer.deposit(
            {
                "deposit": hashlib.sha256(mark).hexdigest(),
                "actor": item.dot.actor if item.dot else None,
                "counter": item.dot.counter if item.dot else None,
                "record": item.record,
                "reason": reason,
                "device": self._talk.caller.device,
                "person": self._talk.caller.person,
                "received_at": now,
                "body": item.text,
            }
        )
        if item.dot and reason != "dot-reused":
            self._log(item, "deposited", reason, now)
        return {"dot": item.sent_dot, "status": "deposited", "reason": reason, "at": now}

    def _log(self, item: Item, outcome: str, reason: str | None, at: str) -> None:
        assert item.dot is not None
        device, now = self._talk.caller.device, stamp(self._talk.now)
        self._writer.append(Entry(item.dot, item.record, outcome, reason, at, now, device, item.fingerprint, item.text))
        self._known[item.dot] = Logged(self._scope, item.dot, item.record, outcome, reason, at, item.fingerprint)

    # -- a record state

    def _heal(self, state: State) -> None:
        """Join a state that a device sent with the server's, if nothing in it is beyond what the device may bring."""
        sent = state.record
        assert sent is not None
        kept, standing = self._present(sent.id)
        stored = self._writer.get(sent.id)
        if sent.subject in self._erased and stored is None:
            self._writer.put(trace_of(Record(sent.id, sent.type, sent.subject, self._scope), ERASED))
        if not self._erased.isdisjoint((sent.id, sent.subject)):
            self._tell_if_gone(sent.id)
            return
        if stored is not None and stored.moved_to is not None:  # what the device was the last to hold MUST not be lost for that
            self._kept.share_of(stored.moved_to).states.append(state)
            self._tell_if_gone(sent.id)
            return
        if sent.id in self._writer.frozen:
            return
        if sent.id in self._strangers:
            if self._talk.here.healing(stamp(self._talk.now)):
                self._keep_words(sent)
            return
        now = stamp(self._talk.now)
        sent = replace(sent, scope=self._scope, edits=tuple(replace(edit, at=min(edit.at, now)) for edit in sent.edits))
        here = kept or Record(sent.id, sent.type, sent.subject, self._scope)
        joined = merge(sent, here)
        if joined != here and may_bring(self._connection, self._talk, sent, here, joined):
            device = self._talk.caller.device
            mark = hashlib.sha256(state.text.encode()).hexdigest()
            self._writer.append(Entry(None, sent.id, "state", None, now, now, device, mark, state.text))
            policy = self._talk.catalogue.policy(here.type)
            self._changed[sent.id] = (joined, joined_remarks(sent, here, policy, standing, state.remarks))
            here = joined
        if self._talk.caller.may_read(self._scope):
            self._kept.merged[state.index] = {"record": sent.id, "seen": dict(here.seen)}

    def _keep_words(self, sent: Record) -> None:
        """Set apart what a device holds of a record that has come from elsewhere first since the restore, and let go of it there.

        Two villages had registered one resident before, and the other one is the first to come back now: as with edits of
        whoever comes second, a person decides about the words. What they had seen is not known any more.
        """
        if self._hidden(sent.id):
            self._kept.share_of(devices.pseudo_scope(self._talk.caller.actor)).states.append(State(-1, "", sent))
            return
        known = self._writer.logged([edit.dot for edit in sent.edits])
        for live in sent.edits:
            if live.dot not in known:
                said = (live.written_at, live.author, live.sections)
                body = edit_to_wire(Edit(sent.id, sent.type, sent.subject, sent.scope, live.dot, VersionVector(), *said))
                item = read_item(-1, Received(canonical(body), body), self._talk.caller, self._talk.own)
                self._deposit(item, "out-of-scope")
        self._kept.gone[(sent.scope, sent.id)] = 0


def _true_time(written_at: str, talk: Talk) -> str:
    """When an edit was truly made: the phone's time, corrected by how far its clock is off, and never in the future."""
    try:
        return stamp(min(instant(written_at) + talk.offset, talk.now))
    except OverflowError:  # clocks that stand at the ends of time
        return stamp(talk.now)


def _own_context(body: str, dot: Dot) -> int:
    """How far the author of a deposited edit had seen itself; 0, which every record has seen, where that cannot be read."""
    try:
        context = json.loads(body)["context"][dot.actor]
    except (ValueError, LookupError, TypeError, RecursionError):
        return 0
    return context if type(context) is int and 0 <= context < dot.counter else 0
