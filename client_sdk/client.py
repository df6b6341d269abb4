"""The offline client: everything works without a network but enrolling and `sync()`.

    with Client.enrol("https://cunyi.example", code, "phone.db", pin="493027") as phone:
        phone.sync()
        who = phone.find(type="resident", text="王秀兰")[0]
        visit = phone.create("hypertension_visit", {"vitals": {"systolic_mmhg": 152, "diastolic_mmhg": 94}}, subject=who.id)

An edit is durable when the call that makes it returns. Implausible or incomplete values are `issues` of the view, never
a reason to refuse; only what the protocol cannot carry (a float, a NUL) raises UnfitError, before anything is kept.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from client_sdk import enrolment, view
from client_sdk.errors import (
    NoStoreError,
    NoSuchRecordError,
    NothingToResolveError,
    ScopeError,
    SealedError,
    StaleViewError,
)
from client_sdk.exchange import Held
from client_sdk.report import Progress, Report, Status
from client_sdk.store import ENROLLED, NEW, Account, Store
from client_sdk.syncing import Syncing
from client_sdk.transport import HttpTransport, Transport
from client_sdk.view import Entry, View
from sync.codec import edit_from_wire, edit_to_wire
from sync.identity import new_id, resident_id
from sync.record import VOID, Edit, Record, Sections, Value, canonical
from sync.version import Dot, VersionVector

Clock = Callable[[], dt.datetime]
Chance = Callable[[int], bytes]
RESIDENT = "resident"


def local_now() -> dt.datetime:
    """The clock of this machine with its offset from UTC."""
    return dt.datetime.now().astimezone()


class Client:
    """One phone. Threads may share it; one at a time syncs, across processes too, and the others go on reading and writing."""

    def __init__(self, store: Store, transport: Transport | None, now: Clock, entropy: Chance) -> None:
        """Use `enrol` or `open`."""
        self._store, self._now, self._entropy = store, now, entropy
        self._transport = transport or HttpTransport(store.account().url)

    # -- opening and closing -------------------------------------------------------------------------------------------

    @classmethod
    def enrol(
        cls,
        url: str,
        code: str,
        path: str | Path,
        *,
        pin: str,
        device: str = "",
        transport: Transport | None = None,
        now: Clock = local_now,
        entropy: Chance = os.urandom,
    ) -> Client:
        """Make this device known to the server with a one-time code; `device` is the name its owner will see.

        A phone file that exists and opens with the PIN keeps its records and its outbox if it is the same person's, and
        gets a new key and a new actor. Raises WrongPinError, OtherPersonError, Problem (a bad code) and OfflineError;
        after the last the same call may be made again: the key is kept, so that a lost answer can be given again.
        """
        line = transport or HttpTransport(url)
        try:
            store = enrolment.enrol(url, code, Path(path), pin, device or platform.node() or "phone", line, entropy)
        except BaseException:
            line.close()
            raise
        return cls(store, line, now, entropy)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        pin: str,
        transport: Transport | None = None,
        now: Clock = local_now,
        entropy: Chance = os.urandom,
    ) -> Client:
        """Open a phone file. Raises NoStoreError and WrongPinError. A sealed one opens, but shows only its status."""
        store = Store(Path(path), pin)
        try:
            if store.account().mode != NEW:
                return cls(store, transport, now, entropy)
        except BaseException:
            store.close()
            raise
        store.close()
        raise NoStoreError(f"the enrolment of {path} was never finished")

    def close(self) -> None:
        """Close the file and the connections."""
        self._transport.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # -- writing -------------------------------------------------------------------------------------------------------

    def create(
        self,
        type: str,  # noqa: A002
        sections: Sections,
        *,
        subject: str | None = None,
        scope: str | None = None,
    ) -> str:
        """A new record; returns its id.

        A resident with an identity number gets the id that every phone derives from the number: if that person is
        registered already, what the author did not see stands beside what is written now, where that record is. `scope`
        may be left out when it is that of the subject's record, or when the device writes in one scope only. Raises
        ScopeError.
        """
        account = self._account()
        record = self._new_id(account, type, sections)
        if type == RESIDENT:
            subject = record
        with self._store.transaction():
            place = self._scope_here(record) or scope or self._scope_of(subject, account)
            if place == scope and not (account.scopes or {}).get(scope, {}).get("write"):
                raise ScopeError(f"this device does not write in {scope}")
            self._write(record, sections, None, (type, subject, place))
        return record

    def edit(self, record: str | View, sections: Sections, *, carry: bool = True) -> View:
        """Replace sections whole (None empties one); the view afterwards.

        Give the View that the author had before their eyes: what arrived since then is not overwritten but stands
        beside the new value. With an id, the author is taken to have seen the record as it is now. `carry`: fields of
        the shown value that this version does not know are kept.
        """
        with self._store.transaction():
            before = record if isinstance(record, View) else self.get(record)
            value = view.carried(before.type, sections, before.sections) if carry else dict(sections)
            self._write(before.id, value, before, (before.type, before.subject, before.scope))
            return self.get(before.id)

    def resolve(self, record: str | View, section: str, value: Value) -> View:
        """Settle a section in conflict: an edit that has seen every value of it. Raises NothingToResolveError."""
        with self._store.transaction():
            before = record if isinstance(record, View) else self.get(record)
            if section not in before.conflicts:
                raise NothingToResolveError(f"section {section!r} of {before.id} is not in conflict")
            taken = any(canonical(claim.value) == canonical(value) for claim in before.conflicts[section])
            return self.edit(before, {section: value}, carry=not taken)

    def void(self, record: str | View, reason: str, note: str = "") -> View:
        """Mark a record as entered in error (a code of `void_reason`). Nothing is deleted."""
        return self.edit(record, {VOID: {"reason": reason, **({"note": note} if note else {})}})

    # -- reading -------------------------------------------------------------------------------------------------------

    def get(self, record: str) -> View:
        """A record as it stands on this phone, its own waiting edits included. Raises NoSuchRecordError."""
        with self._store.snapshot():
            account = self._account()
            held, pending = self._parts(record)
        return self._look(held, pending, account)

    def find(
        self,
        *,
        type: str | None = None,  # noqa: A002
        subject: str | None = None,
        scope: str | None = None,
        text: str | None = None,
    ) -> list[View]:
        """The records that fit, by id. `text` is part of any shown value: a name, a telephone number, a drug."""
        with self._store.snapshot():
            account = self._account()
            waiting = self._waiting()
            held = list(self._store.base(type_name=type, subject=subject, scope=scope, text=text))
            new = waiting.keys() - self._store.held(waiting).keys()
        found = [self._look(one, waiting.get(one.record.id, []), account) for one in held]
        made = [self._look(None, waiting[name], account) for name in new]
        wanted = {"type": type, "subject": subject, "scope": scope}
        found += [v for v in made if all(value in (None, getattr(v, name)) for name, value in wanted.items())]
        return sorted((v for v in found if text is None or view.mentions(v, text)), key=lambda v: v.id)

    def conflicts(self) -> list[View]:
        """The records that wait for a person: sections in conflict, and a void against an edit that it did not see."""
        with self._store.snapshot():
            account = self._account()
            waiting = self._waiting()
            held = {one.record.id: one for one in self._store.base(disputed=True)} | self._store.held(waiting)
        every = [self._look(held.get(name), waiting.get(name, []), account) for name in sorted(held.keys() | waiting)]
        return [one for one in every if one.conflicts]

    def history(self, record: str) -> list[Entry]:
        """The edits of a record that this phone knows, the oldest first, its own waiting ones last."""
        with self._store.snapshot():
            self._account()
            return view.history(*self._parts(record))

    def outbox(self) -> list[Edit]:
        """The edits that the server has not answered yet, in the order they were made."""
        with self._store.snapshot():
            self._account()
            return self._store.outbox()

    def set_aside(self) -> list[tuple[Edit, str]]:
        """Edits of this phone that the server keeps for a person instead of applying them, each with the reason."""
        with self._store.snapshot():
            self._account()
            return self._store.set_aside()

    def status(self) -> Status:
        """How the phone stands; also of one that is sealed or retired."""
        store = self._store
        with store.snapshot():
            a = store.account()
            scopes = {name: bool(may.get("write")) for name, may in (a.scopes or {}).items()}
            aside, records = len(store.set_aside()), store.count()
            return Status(a.mode, a.person, a.role, a.actor, scopes, store.waiting(), aside, records, a.last_sync)

    def sync(self, progress: Callable[[Progress], None] | None = None) -> Report:
        """Deliver and fetch until both ends agree, or say in the report why not. Raises SyncBusyError and SealedError.

        May be cut at any point and called again. `progress` is called after each step that was kept.
        """
        report = Syncing(self._store, self._transport, self._now, progress).run()
        reading = self._store.account().mode == ENROLLED
        return replace(report, conflicts=len(self.conflicts()) if reading else 0)

    # -- within --------------------------------------------------------------------------------------------------------

    def _account(self) -> Account:
        account = self._store.account()
        if account.mode != ENROLLED:
            raise SealedError(f"this phone is {account.mode}: its records may not be read")
        return account

    def _parts(self, record: str) -> tuple[Held | None, list[Edit]]:
        held, pending = self._store.held([record]).get(record), self._store.outbox([record])
        if held is None and not pending:
            raise NoSuchRecordError(f"this phone has no record {record}")
        return held, pending

    def _waiting(self) -> dict[str, list[Edit]]:
        waiting: dict[str, list[Edit]] = {}
        for edit in self._store.outbox():
            waiting.setdefault(edit.record, []).append(edit)
        return waiting

    def _look(self, held: Held | None, pending: list[Edit], account: Account) -> View:
        return view.look(held, pending, self._now().date(), view.estimate(account.offset_ms))

    def _write(self, record: str, sections: Sections, saw: View | None, about: tuple[str, str | None, str]) -> None:
        """One edit into the outbox. Of what the author `saw` it names no more than this phone holds, and all of its own.

        Edits that waited when the form was opened are named only under the present name of this phone: under the one
        that they had then, a copy of it may have written something else.
        """
        account = self._account()
        held, pending = self._store.held([record]).get(record), self._store.outbox([record])
        context = dict(saw.settled) if saw else {}
        context[account.actor] = self._store.last_own(record)  # of a record that has left this phone, and for a new one 0
        if held or pending:
            now = view.composed(held, pending, view.estimate(account.offset_ms))[0]
            _fresh(now, account.actor, sections, saw.seen if saw else {})
            context = {actor: min(n, now.seen.upto(actor)) for actor, n in context.items()}
            context[account.actor] = now.seen.upto(account.actor)
        edit = Edit(
            record,
            *about,
            Dot(account.actor, account.counter + 1),
            VersionVector(context),
            _written(self._now()),
            (account.person or {})["id"],
            sections,
        )
        self._store.append(edit_from_wire(edit_to_wire(edit)))

    def _new_id(self, account: Account, type_name: str, sections: Sections) -> str:
        number = (sections.get("identity") or {}).get("id_no") if type_name == RESIDENT else None
        if isinstance(number, str) and number.strip():
            return resident_id(bytes.fromhex(account.identity_key), number)
        return new_id(int(self._now().timestamp() * 1000), self._entropy(10))

    def _scope_here(self, record: str) -> str | None:
        held, pending = self._store.held([record]).get(record), self._store.outbox([record])
        return held.record.scope if held else pending[0].scope if pending else None

    def _scope_of(self, subject: str | None, account: Account) -> str:
        """Where a new record belongs: where its subject is, or the one scope that this device writes in."""
        if subject and (place := self._scope_here(subject)):
            return place
        writable = [name for name, may in (account.scopes or {}).items() if may.get("write")]
        if len(writable) != 1:
            raise ScopeError(f"say in which scope: this device writes in {', '.join(sorted(writable)) or 'none'}")
        return writable[0]


def _fresh(now: Record, actor: str, sections: Sections, saw: Mapping[str, int]) -> None:
    """Refuse a form that was opened before this very phone saved the same section: the chain of one's own edits has no forks.

    Also one that was opened under an earlier name of this phone, when what waited then is in that section: better opened
    once too often than something overwritten unseen.
    """
    if not saw:  # a new form
        return
    newer = [e for e in now.edits if e.dot.actor == actor and e.dot.counter > saw.get(actor, 0)]
    if stale := sorted({name for e in newer for name in e.sections if name in sections}):
        raise StaleViewError(f"{', '.join(stale)} was saved here after this form was opened: open it again")


def _written(now: dt.datetime) -> str:
    """This phone's clock, right or wrong, with its offset from UTC."""
    return (now if now.tzinfo else now.astimezone()).isoformat(timespec="milliseconds")
