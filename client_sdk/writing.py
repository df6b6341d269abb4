"""The writing half of the client: every call makes edits, and they are durable when it returns. No network is needed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace

from client_sdk import view
from client_sdk.errors import AppealError, NothingToResolveError, ProtectedError, ScopeError, StaleViewError
from client_sdk.reading import Clock, Reading
from client_sdk.store import Account, Store
from client_sdk.view import View
from sync.codec import Json, edit_from_wire, edit_to_wire
from sync.decided import DECISION
from sync.identity import new_id, resident_id
from sync.links import LINKED, UNDONE
from sync.record import VOID, Edit, Record, Sections, Value, canonical, family
from sync.scopes import programme_of, scope_name, village_of
from sync.types import CATALOGUE
from sync.version import Dot, VersionVector

Chance = Callable[[int], bytes]
RESIDENT = "resident"


class Writing(Reading):
    """What a person writes on a phone. `entropy`: chance, for the ids of new records."""

    def __init__(self, store: Store, now: Clock, entropy: Chance) -> None:
        super().__init__(store, now)
        self._entropy = entropy

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
        may be left out when it is that of the subject's village, or when the device writes in one village only; what is of
        a protected programme goes into that programme's scope. Raises ScopeError, and ProtectedError where a code of such
        a programme would lie elsewhere.
        """
        account = self._account()
        record = self._new_id(account, type, sections)
        if type == RESIDENT:
            subject = record
        with self._store.transaction():
            place = self._scope_here(record) or scope or self._scope_of(type, sections, subject, account)
            told = place == scope or programme_of(place)  # a record that has moved may be written where it is no longer held
            if told and not (account.scopes or {}).get(place, {}).get("write"):
                raise ScopeError(f"this device does not write in {place}")
            self._write(record, sections, None, (type, subject, place))
        return record

    def create_together(self, forms: Mapping[str, Sections], shared: Sections, *, subject: str) -> dict[str, str]:
        """One trip, several forms: new records of some types about one subject; their ids by type.

        `shared` is entered once (the day, the pressure, the weight) and stands in each form, field by field, as far as
        the form has it; what `forms` say goes before it. All are kept or none. Raises as `create` does, and KeyError for a
        type that is not in the catalogue.
        """
        with self._store.transaction():
            return {name: self.create(name, _filled(name, own, shared), subject=subject) for name, own in forms.items()}

    def edit(self, record: str | View, sections: Sections, *, carry: bool = True) -> View:
        """Replace sections whole (None empties one); the view afterwards.

        Give the View that the author had before their eyes: what arrived since then is not overwritten but stands
        beside the new value. With an id, the author is taken to have seen the record as it is now. What has several
        values gives way whole; begin a form with the View of `to_edit`, which leaves what others wrote. `carry`: fields
        of the shown value that this version does not know are kept. Raises ProtectedError as `create` does.
        """
        with self._store.transaction():
            before = record if isinstance(record, View) else self.get(record)
            value = view.carried(before.type, sections, before.sections) if carry else dict(sections)
            for settled, part in _parted(before, value).items():
                saw = replace(before, settled=settled)
                self._write(before.id, part, saw, (before.type, before.subject, before.scope))
            return self.get(before.id)

    def resolve(self, record: str | View, section: str, value: Value, reason: str = "") -> View:
        """Settle a section in conflict: an edit that has seen every value of it. Raises NothingToResolveError.

        With a `reason` everybody else who wrote is told by their next sync who decided, when and why.
        """
        with self._store.transaction():
            before = record if isinstance(record, View) else self.get(record)
            if section not in before.conflicts:
                raise NothingToResolveError(f"section {section!r} of {before.id} is not in conflict")
            taken = any(canonical(claim.value) == canonical(value) for claim in before.conflicts[section])
            today = self._now().date().isoformat()
            told: Sections = {DECISION: {"about": [section], "reason": reason, "decided_on": today}} if reason else {}
            return self.edit(replace(before, apart={}), {section: value, **told}, carry=not taken)

    def appeal(self, contract: str | View, item: str, reason: str, owed_by: dt.date | None = None) -> View:
        """Say that a service which counts as missed was given; a supervisor decides. The view of the contract.

        `owed_by`: the last day on which it was owed, by default the last one missed of that item. Asked once more before it
        is decided, the new reason takes the place of the old one. Raises AppealError where nothing is there to appeal.
        """
        with self._store.transaction():
            before = contract if isinstance(contract, View) else self.get(contract)
            owed = self._missed(before, item)
            one = next((one for one in reversed(owed) if owed_by is None or one["by"] == owed_by.isoformat()), None)
            if one is None or not reason.strip():
                why = "say why" if one else f"no service {item!r} of this contract counts as missed this year on that day"
                raise AppealError(why)
            if one["reason"] == "appeal_refused":
                raise AppealError("the appeal was refused")
            name = f"appeal/{item}" if f"appeal/{item}" not in before.sections else f"appeal/{item}@{one['by']}"
            asked = {"asked_on": self._now().date().isoformat(), "owed_by": one["by"], "reason": reason.strip()}
            return self.edit(before, {one["appeal"] or name: asked})

    def _missed(self, contract: View, item: str) -> list[Json]:
        """The services of an item that count as missed, as the standing of the resident says, by day."""
        if contract.subject is None:
            return []
        told = self.standing(contract.subject)
        told = self.standing(told["same_as"]) if told["same_as"] else told
        return [o for o in told["obligations"] if (o["contract"], o["item"], o["state"]) == (contract.id, item, "missed")]

    def void(self, record: str | View, reason: str, note: str = "") -> View:
        """Mark a record as entered in error (a code of `void_reason`). Nothing is deleted."""
        return self.edit(record, {VOID: {"reason": reason, **({"note": note} if note else {})}})

    def acknowledge(self, record: str) -> None:
        """The doctor knows what was set aside of a record: it needs nobody any more, until somebody refuses it, and stays to be read."""
        with self._store.transaction():
            self._account()
            self._store.acknowledge(record)

    def link(self, duplicate: str, same_as: str, reason: str = "") -> View:
        """Decide that two residents are one person; the view of the link. `same_as` is the one whose record stands.

        No other record is touched, and `unlink` takes it back. Raises LinkError, NoSuchRecordError and ScopeError.
        """
        with self._store.transaction():
            people = self._people()
            people.linkable(duplicate, same_as)
            links = people.between(duplicate, same_as)
            if standing := [link for link in links if link.state == LINKED]:
                return self.get(standing[0].record)
            earlier = next((link.record for link in links if link.duplicate == duplicate), None)
            return self._decide(earlier, duplicate, same_as, LINKED, reason)

    def unlink(self, duplicate: str, same_as: str, reason: str = "") -> list[View]:
        """Decide that two residents are two persons; the views of the links that say so now.

        Undoes every link of the two, whichever is the duplicate. Where there is none it is kept that somebody looked,
        and the two are no candidates any more. Raises LinkError, NoSuchRecordError and ScopeError.
        """
        with self._store.transaction():
            people = self._people()
            links = people.undoable(duplicate, same_as)
            if links:
                return [self._decide(link.record, link.duplicate, link.same_as, UNDONE, reason) for link in links]
            people.linkable(duplicate, same_as)
            earlier = [self.get(link.record) for link in people.between(duplicate, same_as)]
            return earlier or [self._decide(None, duplicate, same_as, UNDONE, reason)]

    # -- within --------------------------------------------------------------------------------------------------------

    def _decide(self, link: str | None, duplicate: str, same_as: str, state: str, reason: str) -> View:
        """Write a decision, into its record where there is one."""
        section = {
            "duplicate": duplicate,
            "same_as": same_as,
            "state": state,
            "decided_by": (self._account().person or {})["id"],
            "decided_on": self._now().date().isoformat(),
            **({"reason": reason} if reason else {}),
        }
        if link:
            return self.edit(link, {"link": section})
        scope = self._scope_here(duplicate)
        return self.get(self.create("same_person", {"link": section}, subject=duplicate, scope=scope))

    def _write(self, record: str, sections: Sections, saw: View | None, about: tuple[str, str | None, str]) -> None:
        """One edit into the outbox. Of what the author `saw` it names no more than this phone holds, and all of its own.

        Edits that waited when the form was opened are named only under the present name of this phone: under the one
        that they had then, a copy of it may have written something else.
        """
        _lies_open(about[0], sections, about[2])
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

    def _scope_of(self, type_name: str, sections: Sections, subject: str | None, account: Account) -> str:
        """Where a new record belongs: where its subject is, or in the one village that this device writes in.

        What is of a protected programme belongs to that programme's scope there.
        """
        programme = CATALOGUE.protected(type_name, sections)
        if subject and (place := self._scope_here(subject)):
            return scope_name(village_of(place), programme)
        writable = [name for name, may in (account.scopes or {}).items() if may.get("write")]
        fit = [name for name in writable if programme_of(name) == programme]
        if len(fit) != 1:
            raise ScopeError(f"say in which scope: this device writes in {', '.join(sorted(fit)) or 'none'} for such a record")
        return fit[0]


def _lies_open(type_name: str, sections: Sections, scope: str) -> None:
    """Refuse a code of a protected programme outside its scopes: there, who has no grant would read it."""
    for section, field, programme in CATALOGUE.named(type_name, sections):
        if programme != programme_of(scope):
            what = section if field is None else f"{section}.{field}"
            raise ProtectedError(f"{what} names what only the programme {programme!r} may hold: write a register of it there")


def _filled(type_name: str, own: Sections, shared: Sections) -> dict[str, Value]:
    """The sections of a form with what is shared, as far as the form has the fields."""
    declared = CATALOGUE.types[type_name]
    filled: dict[str, Value] = dict(own)
    for name, value in shared.items():
        section = declared.by_name.get(family(name))
        if section and value is not None:
            kept = {field: said for field, said in value.items() if field in section.fields}
            filled[name] = {**kept, **(own.get(name) or {})} or None
    return {name: value for name, value in filled.items() if value is not None}


def _parted(before: View, sections: Sections) -> dict[VersionVector, Sections]:
    """The sections of an edit by what its author has seen of them."""
    parts: dict[VersionVector, dict[str, Value]] = {}
    for name, value in sections.items():
        parts.setdefault(before.apart.get(name, before.settled), {})[name] = value
    return {**parts} or {before.settled: sections}


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
