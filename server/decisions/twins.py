"""Likely duplicates at a desk: two residents side by side, who are one person, or two. A record of its own says so.

As on a phone: neither resident's records are touched, and what was decided can be decided anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from server.access import View
from server.decisions.deciding import Deciding, Draft, given, seen_together
from server.problems import Problem
from server.received import Kept
from server.standings import Standings
from server.store import conflicts as store
from server.store.engine import reading
from server.store.scope import Stored, head_of, living
from sync.codec import Json
from sync.links import LINKED, UNDONE, Link, link_of, who_is_who
from sync.record import Record

RESIDENT, SAME_PERSON = "resident", "same_person"


@dataclass(frozen=True)
class Pair:
    """Two residents, and the decisions about them that stand, each with the record as it was read.

    `through_others`: they are one person by way of other links, which would have to be undone first.
    """

    first: Record
    second: Record
    links: tuple[tuple[Link, Record], ...]
    through_others: bool

    @property
    def seen(self) -> dict[str, int]:
        """How far the decisions are shown, for whoever decides by them."""
        return seen_together(record for _, record in self.links)


class Twins:
    """The use case."""

    def __init__(self, engine: Engine, deciding: Deciding, standings: Standings) -> None:
        self._engine, self._deciding, self._standings = engine, deciding, standings

    def listed(self, view: View) -> list[Json]:
        """Pairs that nobody has decided about, the likeliest first, as `Standings.candidates` tells them."""
        return self._standings.candidates(view.villages)

    def of(self, view: View, first: str, second: str) -> Pair:
        """Two residents side by side; raises Problem `not-found` where the view may not see both."""
        with reading(self._engine) as connection:
            return _pair(connection, view.villages, first, second)

    def decide(self, view: View, duplicate: str, same_as: str, same: bool, reason: str, seen: Mapping[str, int]) -> None:
        """They are one person, and the record of `same_as` stands; or they are two persons. `seen`: of the pair as shown.

        Raises Problem `not-allowed`, `not-found`, `changed-meanwhile` where somebody has decided since, or `unfit-request`
        where they are one person by way of other links. What is decided already is not written again. Who decides about
        one of the two waits for whoever does, so that nobody makes a second record of the same.
        """
        view.require("settle")
        why, shown = given(reason), self.of(view, duplicate, same_as)
        scopes = {record.scope for record in (shown.first, shown.second, *(record for _, record in shown.links))}

        def work(connection: Connection) -> Kept:
            for scope in sorted(scopes):
                head_of(connection, scope, lock=True)
            pair, kept = _pair(connection, view.villages, duplicate, same_as), Kept()
            if pair.seen != seen:
                raise Problem("changed-meanwhile")
            for draft in self._drafts(view, pair, duplicate, same_as, same, why):
                kept.add(self._deciding.within(view, draft, "twins.decide", {"same": same}, connection))
            return kept

        self._deciding.at_once(work, scopes)

    def _drafts(self, view: View, pair: Pair, duplicate: str, same_as: str, same: bool, why: str) -> list[Draft]:
        """The edits that say so: of the record that says something about the two already, else of a new one."""
        standing = [(link, record) for link, record in pair.links if link.state != UNDONE]
        if same and any(link.state == LINKED for link, _ in standing):
            return []
        if not same and pair.through_others:
            raise Problem("unfit-request", faults=["they are one person by way of other links: undo these first"])
        value = {
            "duplicate": duplicate,
            "same_as": same_as,
            "state": LINKED if same else UNDONE,
            "decided_by": view.person,
            "decided_on": self._deciding.today.isoformat(),
            "reason": why,
        }
        if same:
            earlier = next((record for link, record in pair.links if link.duplicate == duplicate), None)
            if earlier:
                return [Draft.over(earlier, earlier.seen, {"link": value})]
        elif standing:  # every link of the two, whichever is the duplicate
            return [
                Draft.over(record, record.seen, {"link": {**value, "duplicate": link.duplicate, "same_as": link.same_as}})
                for link, record in standing
            ]
        elif pair.links:
            return []  # somebody has looked already
        return [Draft.new(SAME_PERSON, duplicate, pair.first.scope, {"link": value})]


def _pair(connection: Connection, villages: Collection[str], first: str, second: str) -> Pair:
    found = living(connection, [first, second])
    if first == second or not all(_is_there(found, one, villages) for one in (first, second)):
        raise Problem("not-found")
    every = [(link, record) for record in store.links_in(connection, villages) if (link := link_of(record))]
    about = tuple((link, record) for link, record in every if link.pair == {first, second})
    rest = who_is_who(link for link, _ in every if link.pair != {first, second})
    joined = first in rest and rest[first] == rest.get(second)
    return Pair(found[first].record, found[second].record, about, joined)


def _is_there(found: Mapping[str, Stored], resident: str, villages: Collection[str]) -> bool:
    one = found.get(resident)
    return one is not None and one.record.type == RESIDENT and one.record.scope in villages
