"""What was set aside, at a desk: who may see it, what it says beside what stands, and the decision.

A deposit is for whoever may see the village where its record lives, whatever it names itself; where there is no such
record, the village that it names. One that has to do with a protected programme is shown only with the grant. Its words are kept as they came, whatever is decided.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from server.access import View
from server.decisions.deciding import Deciding, Draft, given
from server.decisions.deposits import Deposits, UndecidedError, said_by
from server.problems import Problem
from server.received import Kept
from server.store import deposits as store
from server.store import directory, histories
from server.store.deposits import Deposit
from server.store.engine import reading
from server.store.scope import Stored, gone_from, living
from sync.decided import DECISION
from sync.record import Record, Sections, Value
from sync.scopes import programme_of, read_scope, village_of
from sync.types.catalogue import Catalogue


@dataclass(frozen=True)
class Aside:
    """One deposit: what it says as far as that can be read, and the record that it is about as it stands.

    `type` and `sections`: None and empty where nothing can be read of it. `record`: None where there is none yet, or it
    is not the view's to see. `subject`: whom it is about.
    """

    deposit: Deposit
    type: str | None
    written_at: str | None
    sections: Sections
    record: Record | None
    subject: Record | None
    device_name: str | None

    @property
    def village(self) -> str | None:
        """Where it would go."""
        place = read_scope(str(said_by(self.deposit).get("scope")))
        return village_of(self.record.scope) if self.record else place.place if place else None


class SetAside:
    """The use case."""

    def __init__(self, engine: Engine, deposits: Deposits, deciding: Deciding, catalogue: Catalogue) -> None:
        self._engine, self._deposits, self._deciding, self._catalogue = engine, deposits, deciding, catalogue

    def listed(self, view: View) -> list[Aside]:
        """Those that wait and that the view may see, the oldest first; raises Problem `not-allowed`."""
        view.require("set_aside")
        with reading(self._engine) as connection:
            return self._visible(connection, view, store.listed(connection, decided=False))

    def of(self, view: View, deposit: str) -> Aside:
        """The one of this id, waiting or decided; raises Problem `not-allowed`, `not-found`.

        Only by its whole id: how much of it is enough to tell it from others would speak of what the view may not see.
        """
        view.require("set_aside")
        with reading(self._engine) as connection:
            return self._of(connection, view, deposit)

    def _of(self, connection: Connection, view: View, deposit: str) -> Aside:
        try:
            found = self._visible(connection, view, [store.under(connection, deposit)])
        except LookupError:
            found = []
        if not found:
            raise Problem("not-found")
        return found[0]

    def _visible(self, connection: Connection, view: View, every: Collection[Deposit]) -> list[Aside]:
        said = {one.id: said_by(one) for one in every}
        named = {one.record for one in every if one.record} | {
            subject for one in said.values() if isinstance(subject := one.get("subject"), str)
        }
        known = living(connection, named)
        names = histories.device_names(connection, {one.device for one in every})
        found = []
        for one in every:
            home = known.get(one.record or "")
            if self._may_see(connection, view, one, said[one.id], home):
                found.append(self._aside(view, one, said[one.id], known, names.get(one.device)))
        return found

    def _may_see(
        self, connection: Connection, view: View, deposit: Deposit, said: Mapping[str, Any], home: Stored | None
    ) -> bool:
        """By where its record lives, else by the places that it names; and by every programme that it has to do with."""
        names = [home.record.scope if home else None, said.get("scope"), deposit.scope]
        scopes = [name for name in names if isinstance(name, str) and directory.is_scope(connection, name)]
        kind, sections = said.get("type"), said.get("sections")
        touched = {programme for name in scopes if (programme := programme_of(name))}
        touched |= self._catalogue.programmes(str(kind), sections if isinstance(sections, dict) else {})
        if not touched <= view.programmes:
            return False
        if home is not None:
            return home.record.scope in view.scopes
        villages = {self._followed(connection, name, said.get("subject")) for name in scopes}
        if not villages:  # nothing says where it belongs: who leads its sender sees that there is something
            sender = directory.person(connection, deposit.person)
            villages = set(directory.scopes_of(connection, sender, self._deciding.today)) if sender else set()
        return not villages.isdisjoint(view.villages)

    def _followed(self, connection: Connection, scope: str, subject: object) -> str:
        """The village of a scope; where whom it is about has moved away from there, theirs: there it would be applied."""
        village = village_of(scope)
        gone = gone_from(connection, village, [subject]) if isinstance(subject, str) else {}
        return village_of(gone[subject]) if isinstance(subject, str) and subject in gone else village

    def _aside(
        self, view: View, deposit: Deposit, said: Mapping[str, Any], known: Mapping[str, Stored], device: str | None
    ) -> Aside:
        kind, sections, written = said.get("type"), said.get("sections"), said.get("written_at")
        readable = isinstance(kind, str) and kind in self._catalogue.types and isinstance(sections, dict)
        values = {name: v for name, v in sections.items() if v is None or isinstance(v, dict)} if readable and sections else {}
        return Aside(
            deposit,
            str(kind) if readable else None,
            written if isinstance(written, str) else None,
            values,
            _seen(view, known.get(deposit.record or "")),
            _seen(view, known.get(str(said.get("subject") or deposit.record))),
            device,
        )

    # -- deciding ------------------------------------------------------------------------------------------------------

    def apply(self, view: View, deposit: str) -> str:
        """Apply one as it was written, beside what came later: what became of it.

        Raises Problem `not-allowed`, `not-found`, `changed-meanwhile` where somebody has decided about it, or
        `unfit-request` where it cannot be applied as things are.
        """
        return self._decide(view, deposit, lambda connection, aside: self._applied(connection, view, aside))

    def correct(
        self, view: View, deposit: str, seen: Mapping[str, int], corrected: Mapping[str, Mapping[str, Any]], reason: str
    ) -> str:
        """Apply one, and over it an edit of the office with some fields corrected, with the reason: both, or neither.

        `seen`: the record as it was shown beside it, empty where there was none. Raises Problem as `apply` does, and
        `changed-meanwhile` also where anything has come in since.
        """
        why = given(reason)

        def work(connection: Connection, aside: Aside) -> Kept:
            sections = {name: self._corrected(aside, name, fields) for name, fields in corrected.items() if fields}
            if not sections:
                raise Problem("unfit-request", faults=["/corrected: nothing is corrected"])
            if (aside.record.seen if aside.record else {}) != seen:
                raise Problem("changed-meanwhile")
            kept = self._applied(connection, view, aside)
            record = living(connection, [str(aside.deposit.record)])[str(aside.deposit.record)].record
            about = {"about": sorted(sections), "reason": why, "decided_on": self._deciding.today.isoformat()}
            draft = Draft.over(record, record.seen, {**sections, DECISION: about})
            kept.add(self._deciding.within(view, draft, "deposit.correct", {"sections": len(sections)}, connection))
            return kept

        return self._decide(view, deposit, work)

    def refuse(self, view: View, deposit: str, reason: str) -> str:
        """Refuse one, with the reason; it is kept. Raises Problem as `apply` does."""
        why = given(reason)

        def work(connection: Connection, aside: Aside) -> Kept:
            with _overtaken():
                self._deposits.refused(connection, aside.deposit, why, view.person)
            return Kept({0: {"status": store.REFUSED}})

        return self._decide(view, deposit, work)

    def _decide(self, view: View, deposit: str, work: Callable[[Connection, Aside], Kept]) -> str:
        """Decide about one that waits, while nobody else can, in one transaction: what became of it."""

        def held(connection: Connection) -> Kept:
            before = self._of(connection, view, deposit)  # whose it is, before anybody waits for it
            with _overtaken():
                self._deposits.held(connection, before.deposit)
            return work(connection, self._of(connection, view, deposit))

        aside = self.of(view, deposit)
        villages = view.villages.intersection([aside.village or ""])
        return str(self._deciding.at_once(held, villages).receipts[0]["status"])

    def _applied(self, connection: Connection, view: View, aside: Aside) -> Kept:
        try:
            return self._deposits.applied(connection, aside.deposit, view.person)
        except UndecidedError as trouble:
            raise Problem("unfit-request", faults=[str(trouble)], message=trouble.zh) from None

    def _corrected(self, aside: Aside, name: str, fields: Mapping[str, Any]) -> Value:
        if name not in aside.sections:
            raise Problem("unfit-request", faults=[f"/corrected/{name}: the deposit has no such section"])
        value = {key: x for key, x in {**(aside.sections[name] or {}), **fields}.items() if x is not None}
        return self._deciding.checked(str(aside.type), name, value, fields)


@contextmanager
def _overtaken() -> Iterator[None]:
    """Where it waits no more, somebody was quicker."""
    try:
        yield
    except LookupError:
        raise Problem("changed-meanwhile") from None


def _seen(view: View, stored: Stored | None) -> Record | None:
    return stored.record if stored and stored.record.scope in view.scopes else None
