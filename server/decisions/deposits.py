"""What the office does with edits that were set aside: it sees them, applies them after all, or refuses them.

An edit that is applied after all keeps its words and its author, and gets a name of its own: its entry in the log says
that it was set aside, and stays. See DESIGN.md, section 3.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine

from server.access import Caller
from server.exchange import Exchange
from server.placing import fits
from server.received import Kept
from server.store import deposits as store
from server.store import directory, trail
from server.store.deposits import Deposit
from server.store.engine import reading, retried
from server.store.scope import gone_from, head_of, living, logged
from sync.codec import Json, UnfitError, edit_from_wire, stamp
from sync.record import Edit, Record
from sync.scopes import programme_of, read_scope, scope_name
from sync.types.catalogue import Catalogue
from sync.version import Dot, VersionVector
from sync.wire import APPLIED

SHORT = 12  # characters of an id that are enough to name it
SHELL = "shell"  # decided by a command of the office


class UndecidedError(Exception):
    """It cannot be applied as things are; the message says why, in Chinese as `zh`, and nothing of what the edit says."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.zh = zh


class Deposits:
    """The use case. `now` is the server's clock."""

    def __init__(self, engine: Engine, exchange: Exchange, catalogue: Catalogue, now: Callable[[], dt.datetime]) -> None:
        self._engine, self._exchange, self._catalogue, self._now = engine, exchange, catalogue, now

    def listed(self, *, decided: bool = False) -> list[Json]:
        """Those that wait, for a list. Of a protected programme it names neither the record nor its kind."""
        with reading(self._engine) as connection:
            found = store.listed(connection, decided=decided)
            homes = {
                name: state.record.scope for name, state in living(connection, {d.record for d in found if d.record}).items()
            }
        return [self._line(deposit, homes.get(deposit.record or "")) for deposit in found]

    def _line(self, deposit: Deposit, home: str | None) -> Json:
        said = said_by(deposit)
        kind, sections = said.get("type"), said.get("sections")
        protected = kind is not None and self._catalogue.protected(str(kind), sections if isinstance(sections, dict) else {})
        scopes = [scope for scope in (said.get("scope"), home, deposit.scope) if isinstance(scope, str)]
        hidden = bool(protected) or any(programme_of(scope) for scope in scopes if read_scope(scope))
        place = read_scope(str(said.get("scope")))
        return {
            "id": deposit.id[:SHORT],
            "received_at": deposit.received_at,
            "person": deposit.person,
            "person_name": deposit.person_name,
            "device": deposit.device,
            "reason": deposit.reason,
            "place": place.place if place else None,
            "type": "protected" if hidden else kind if isinstance(kind, str) else None,
            "record": None if hidden else deposit.record,
            "state": deposit.state,
            "decided_at": deposit.decided_at,
            "decision": deposit.decision,
            "decided_by": deposit.decided_by,
        }

    def apply(self, beginning: str, by: str = SHELL) -> str:
        """Apply one, by the beginning of its id: what became of it (`accepted`, `merged`, `conflict`). `by`: who decided.

        Raises LookupError where none waits under it, UndecidedError where it cannot be applied as things are. The edit, the
        decision and the trail are one transaction: whoever is stopped has done nothing, and nobody else decides meanwhile.
        """

        def work(connection: Connection) -> Kept:
            return self.applied(connection, self.held(connection, store.find(connection, beginning)), by)

        done = retried(self._engine, work)
        self._exchange.moving.follow(done.bound)
        return str(done.receipts[0]["status"])

    def refuse(self, beginning: str, reason: str, by: str = SHELL) -> None:
        """Refuse one, with the reason; it is kept. Raises LookupError where none waits under this id, or it is in its record."""

        def work(connection: Connection) -> None:
            self.refused(connection, self.held(connection, store.find(connection, beginning)), reason, by)

        retried(self._engine, work)

    # -- in a transaction that has more to do --------------------------------------------------------------------------

    def held(self, connection: Connection, found: Deposit) -> Deposit:
        """One that waits, as it stands now; until the end of the transaction nobody else decides about it, moves it, or
        writes where it goes. Raises LookupError where it waits no more.
        """
        home = living(connection, [found.record]) if found.record else {}
        named = {found.scope, said_by(found).get("scope"), *(one.record.scope for one in home.values())}
        for scope in sorted(name for name in named if isinstance(name, str)):  # in the order in which a move locks them
            head_of(connection, scope, lock=True)
        return store.held(connection, found)

    def applied(self, connection: Connection, deposit: Deposit, by: str) -> Kept:
        """Apply one that is `held`: what was done, its receipt under 0. Raises UndecidedError.

        After the commit the caller MUST let `moving` follow `bound`.
        """
        name = new_name(deposit)
        before = logged(connection, [name]).get(name)
        if before is not None:  # by an earlier release, which could be stopped before it had said so
            done = Kept({0: {"status": before.outcome}})
        else:
            edit = self._made(connection, deposit)
            caller = Caller(deposit.device, edit.dot.actor, edit.author, "", "", disabled=False, scopes={edit.scope: True})
            done = self._exchange.write_within(connection, edit, caller)
            status, why = done.receipts[0]["status"], done.receipts[0].get("reason")
            if status not in APPLIED:
                raise UndecidedError(f"it was not taken ({why or status})", f"未能写入（{why or status}）")
        self._decide(connection, deposit, store.APPLIED, by)
        return done

    def refused(self, connection: Connection, deposit: Deposit, reason: str, by: str) -> None:
        """Refuse one that is `held`; raises LookupError where it is in its record already."""
        if logged(connection, [new_name(deposit)]):
            raise LookupError(f"{deposit.id!r} is in its record already")
        self._decide(connection, deposit, store.REFUSED, by, reason)

    def _decide(self, connection: Connection, deposit: Deposit, state: str, by: str, reason: str | None = None) -> None:
        """What was decided, and where a person at a desk did it, their trail."""
        now = stamp(self._now())
        store.decide(connection, deposit, state, now, by, reason)
        if by != SHELL:
            about, detail = self._about(connection, deposit), {"deposit": deposit.id[:SHORT]}
            trail.write(connection, by, now, f"deposit.{state}", record=deposit.record, **about, detail=detail)

    def _about(self, connection: Connection, deposit: Deposit) -> dict[str, str | None]:
        """In which village a deposit would lie, and about whom it is, as the trail names them."""
        said, home = said_by(deposit), living(connection, [deposit.record] if deposit.record else []).get(deposit.record or "")
        place = read_scope(home.record.scope if home else str(said.get("scope")))
        subject = home.record.subject if home else said.get("subject")
        return {"area": place.place if place else None, "resident": subject if isinstance(subject, str) else None}

    def _made(self, connection: Connection, deposit: Deposit) -> Edit:
        """The edit under its new name, for the place where it belongs; its author had seen no more than the author had."""
        try:
            edit = edit_from_wire(json.loads(deposit.body))
        except (UnfitError, ValueError, RecursionError):
            raise UndecidedError("it is malformed and can only be refused", "格式有误，只能退回") from None
        place = read_scope(edit.scope)
        if place is None or not directory.is_scope(connection, edit.scope):
            raise UndecidedError("its village is not known", "所写的村不在系统中")
        target = scope_name(place.place, self._catalogue.protected(edit.type, edit.sections) or place.programme)
        if not fits(self._catalogue, edit.type, edit.sections, target):
            raise UndecidedError(
                "there is no place where it may lie: it names two protected programmes, or is of another kind",
                "没有可以存放的位置：同时涉及两个受保护项目，或不属于该处的记录",
            )
        state = living(connection, [edit.record]).get(edit.record)
        lives = state.record.scope if state else target
        left = lives != target and edit.record in gone_from(connection, target, [edit.record])  # the edit follows its trace
        if (lives != target and not left) or (state is not None and state.record.type != edit.type):
            raise UndecidedError(
                "its record is in another place; where somebody has moved, move them first: `cunyi move`",
                "该记录在另一处；如居民已迁移，请先办理迁移",
            )
        context = self._context(connection, deposit, edit, state.record if state else None)
        return replace(edit, scope=target, dot=new_name(deposit), context=context, author=deposit.person)

    def _context(self, connection: Connection, deposit: Deposit, edit: Edit, record: Record | None) -> VersionVector:
        seen = record.seen if record else VersionVector()
        known = {actor: min(n, seen.upto(actor)) for actor, n in edit.context.items() if seen.upto(actor)}
        before = store.applied_before(connection, deposit, edit.context.upto(edit.dot.actor))
        return VersionVector(known | {_actor(one): 1 for one in before if seen.upto(_actor(one))})


def new_name(deposit: Deposit) -> Dot:
    """The name under which a deposit is applied: always the same, and of nothing else."""
    return Dot(_actor(deposit.id), 1)


def _actor(deposit: str) -> str:
    return "x" + hashlib.sha256(f"applied deposit:{deposit}".encode()).hexdigest()[:15]


def said_by(deposit: Deposit) -> dict[str, Any]:
    """What a deposit says, as far as it can be read."""
    try:
        said = json.loads(deposit.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
