"""Moving between villages: all that is about a resident or household changes scope, and leaves a trace behind."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, and_, delete, or_, select

from server.placing import DWELLERS
from server.store import directory, journal
from server.store.scope import ScopeWriter, Stored, stored, trace_of, upsert
from server.store.tables import deposits, records
from sync import links
from sync.record import Record
from sync.scopes import VILLAGE_DIGITS, programme_of, read_scope, scope_name, scopes_in
from sync.standing.facts import household_of

Found = tuple[str, str]  # scope, record


class OvertakenError(Exception):
    """Something was written elsewhere before the locks were held: begin again, in a new transaction."""


class Move:
    """One move, its villages locked: with all their protected scopes, in sorted order, so that none waits for another.

    Raises LookupError where there is no such village, nothing is known about the subject, or it is a record of another
    kind: a visit does not move without the person.
    """

    def __init__(self, connection: Connection, subject: str, village: str) -> None:
        self._connection, self._village = connection, village
        if not directory.is_village(connection, village):
            raise LookupError(f"there is no village {village!r}")
        if not (found := _about(connection, subject)):
            raise LookupError(f"nothing is known about {subject!r}")
        villages = {village, *map(_village_of, found)}
        scopes = sorted(scope for place in villages for scope in scopes_in(place))
        self._places = {scope: ScopeWriter(connection, scope) for scope in scopes}
        self._found = _about(connection, subject)  # what was written before the locks were held goes along
        if not villages.issuperset(map(_village_of, self._found)):
            raise OvertakenError

    def finish(self) -> list[Stored]:
        """Move them, with the deposits that wait about them: the records that moved, as they are now."""
        moved: dict[tuple[str, str], list[Stored]] = {}
        for scope, record in self._found:
            target = scope_name(self._village, programme_of(scope))
            if scope != target and (there := _carry(self._places[scope], self._places[target], record)) is not None:
                moved.setdefault((scope, target), []).append(there)
        for place in self._places.values():
            place.finish()
        told = []
        for (scope, target), states in moved.items():
            _carry_deposits(self._connection, scope, target, [state.record.id for state in states])
            told += [[state.record.id, state.record.type, state.record.subject, scope, target] for state in states]
        if told:
            journal.note(self._connection, "moved", {"records": told})
        return [state for states in moved.values() for state in states]


def replay(connection: Connection, state: Mapping[str, Any]) -> bool:
    """Do what an entry `moved` of the journal says, in a database that may be from before the move. Again changes nothing.

    Of a record that was made since, a trace is left: a phone that still holds it there brings it to where it is now.
    """
    scopes = {scope for *_, old, new in state["records"] for scope in (old, new)}
    places = {scope: ScopeWriter(connection, scope) for scope in sorted(scopes)}
    carried: dict[tuple[str, str], list[str]] = {}
    for record, kind, subject, old, new in state["records"]:
        # it has come back to where it once left a trace
        back = and_(records.c.scope == new, records.c.record == record, records.c.moved_to.is_not(None))
        connection.execute(delete(records).where(back))
        places[old].load([record])
        here = places[old].get(record)
        if here is not None and here.moved_to is None:
            _carry(places[old], places[new], record)
            carried.setdefault((old, new), []).append(record)
        elif here is None or here.moved_to != new:
            places[old].put(trace_of(here.record if here else Record(record, kind, subject, old), new))
    for place in places.values():
        place.finish()
    for (old, new), ids in carried.items():
        _carry_deposits(connection, old, new, ids)
    return True


def _carry(old: ScopeWriter, new: ScopeWriter, record: str) -> Stored | None:
    """The record in its new scope; None where it was found damaged just now: it follows when it is mended."""
    old.load([record])
    new.load([record])
    state = old.get(record)
    if state is None:
        return None
    there = replace(state, record=replace(state.record, scope=new.scope))
    new.put(there)
    old.put(trace_of(state.record, new.scope))
    return there


def _about(connection: Connection, subject: str) -> list[Found]:
    """All that lives about a subject; with a household also its members, and all that is about them.

    Whoever is one person with somebody who goes, goes along. Raises LookupError for a record of another kind.
    """
    found = _living(connection, [subject])
    own = connection.execute(select(records).where(records.c.record == subject, records.c.moved_to.is_(None))).one_or_none()
    if own is None:
        return found
    if programme_of(own.scope) is not None:
        raise LookupError(f"nothing is known about {subject!r}")  # which kind of record it is, is told nowhere
    if own.type not in DWELLERS:
        raise LookupError(f"{subject!r} is a record of the kind {own.type}: name the resident or household that it is about")
    who = {subject, *(_members(connection, own.scope, subject) if own.type == "household" else ())}
    who |= _twins(connection, own.scope, who)
    return found if who == {subject} else _living(connection, who)


def _living(connection: Connection, subjects: Collection[str]) -> list[Found]:
    about = or_(records.c.subject.in_(subjects), records.c.record.in_(subjects))
    query = select(records.c.scope, records.c.record).where(about, records.c.moved_to.is_(None))
    rows = connection.execute(query.order_by(records.c.scope, records.c.seq))
    return [(row.scope, row.record) for row in rows if len(_village_of((row.scope, row.record))) == VILLAGE_DIGITS]


def _twins(connection: Connection, village: str, residents: Collection[str]) -> set[str]:
    """The residents of a village who are one person with one of these, by the links that are kept there."""
    here = (records.c.scope == village, records.c.moved_to.is_(None))
    kept = connection.execute(select(records).where(*here, records.c.type == "same_person"))
    persons = links.who_is_who(links.link_of(stored(row).record) for row in kept)
    going = {persons[resident] for resident in residents if resident in persons}
    named = {resident for resident, person in persons.items() if person in going}
    return set(connection.scalars(select(records.c.record).where(*here, records.c.record.in_(named)))) if named else set()


def _members(connection: Connection, village: str, household: str) -> Iterator[str]:
    """The residents of a village who are shown to belong to a household."""
    query = select(records).where(
        records.c.scope == village,
        records.c.type == "resident",
        records.c.moved_to.is_(None),
        records.c.edits.contains(household, autoescape=True),
    )
    for row in connection.execute(query):
        if household_of(stored(row).record) == household:
            yield row.record


def _village_of(found: Found) -> str:
    place = read_scope(found[0])
    return place.place if place else ""


def _carry_deposits(connection: Connection, scope: str, target: str, ids: Collection[str]) -> None:
    """Deposits that wait about these records follow them; a row is written anew, for a scope may be a machine of its own."""
    waiting = and_(deposits.c.scope == scope, deposits.c.record.in_(ids), deposits.c.state == "waiting")
    rows = [{**row._mapping, "scope": target} for row in connection.execute(select(deposits).where(waiting))]  # noqa: SLF001
    upsert(connection, deposits, rows, keep=True)
    if rows:
        connection.execute(delete(deposits).where(waiting))


def dwellers(connection: Connection) -> Iterator[Stored]:
    """Every resident and household, where they live now."""
    query = select(records).where(records.c.type.in_(DWELLERS), records.c.moved_to.is_(None))
    for row in connection.execution_options(yield_per=500).execute(query.order_by(records.c.record)):
        yield stored(row)
