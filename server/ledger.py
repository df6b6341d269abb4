"""The contract ledger: every contract of a village or township, its term, what it owed and what was given, from the standings.

Who has two contracts in force stands here with both; only the one that was signed first counts, and the other owes nothing.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from server.access import View
from server.problems import Problem
from server.standings import Standings, places_of
from server.store import ledger as store
from server.store.ledger import Signatory
from sync.scopes import village_of
from sync.standing.appeals import Appeal
from sync.standing.contracts import IN_FORCE, RENEWAL_DAYS, Term, renewal, terms
from sync.standing.day import Day
from sync.standing.facts import Fact, Facts
from sync.types.catalogue import Catalogue
from sync.types.checks import number_of

log = logging.getLogger(__name__)

CURRENT, TO_START, ENDED, STOPPED, PENDING, VOID = "current", "to_start", "ended", "stopped", "pending", "void"
ASKED, UPHELD, REFUSED = "asked", "upheld", "refused"


@dataclass(frozen=True)
class Entry:
    """One contract. Days as text; `ends_on`: the last day in force, of one that was stopped the day before.

    `state`: `current`, `to_start`, `ended`, `stopped`, `pending` or `void`; `double`: in force beside another; `counts`: False
    for the one of two that a person has to settle; `disputed`: whether it is in force is in conflict itself; `renewed`:
    another goes on from it. `due`, `done`, `waived`, `missed`: services of the calendar year, those whose last day has come
    of `due`; `next_due`: the last day of the next open one. `appeal`: the state of the last appeal.
    """

    contract: str
    village: str
    resident: str
    name: str
    number: str
    team: str
    doctor: str
    signed_on: str
    starts_on: str
    ends_on: str
    state: str
    double: bool
    counts: bool
    disputed: bool
    renewed: bool
    paid: bool | None
    packages: tuple[str, ...]
    due: int
    done: int
    waived: int
    missed: int
    next_due: str | None
    appeal: str | None

    @property
    def honoured(self) -> bool | None:
        """True when everything due was done; None when nothing was due."""
        return self.done == self.due if self.due else None

    def ending(self, today: dt.date) -> bool:
        """True for one in force that ends within 30 days and that nobody has renewed."""
        return self.state == CURRENT and not self.renewed and self.ends_on <= (today + dt.timedelta(RENEWAL_DAYS)).isoformat()

    @property
    def lapsed(self) -> bool:
        """True for one that came to its end and was not renewed; stopping it is no lapse."""
        return self.state == ENDED and not self.renewed


# what a supervisor asks for, by the name that it has in an address
KINDS: Mapping[str, Callable[[Entry, dt.date], bool]] = {
    "all": lambda _one, _today: True,
    "current": lambda one, _today: one.state == CURRENT,
    "ending": lambda one, today: one.ending(today),
    "lapsed": lambda one, _today: one.lapsed,
    "double": lambda one, _today: one.double,
    "appeals": lambda one, _today: one.appeal == ASKED,
    "missed": lambda one, _today: one.honoured is False,
}


@dataclass(frozen=True)
class Summary:
    """How many contracts of each kind a village has, and the services of the year up to today: due, and done."""

    contracts: Mapping[str, int]
    due: int
    done: int


class Ledger:
    """The use case. Summaries are kept in memory: a village is read again when its standings or the day have changed."""

    def __init__(self, standings: Standings, catalogue: Catalogue) -> None:
        self._standings, self._catalogue = standings, catalogue
        self._reading_on = threading.Lock()
        self._summaries: dict[tuple[str, ...], tuple[object, Summary]] = {}

    def summaries(self, view: View, area: str, seconds: float | None = None) -> dict[str, Summary | None]:
        """The villages of an area in the order of their codes; raises Problem `not-found` as the view does.

        `seconds`: how long to read villages that are not in memory as they are now; None for those that are left.
        """
        end = None if seconds is None else time.monotonic() + seconds
        villages = set(view.villages_of(area))
        places = places_of([scope for scope in view.scopes if village_of(scope) in villages])
        today = self._standings.today
        with self._standings.current(places) as connection:
            positions = store.positions(connection, places)
            return {
                village: self._summary(connection, village, held, today, (today, positions[village]), end)
                for village, held in places.items()
            }

    def read_on(self, view: View, area: str) -> None:
        """Read what `summaries` had no time for in a thread of its own, which nobody waits for; one at a time."""
        if self._reading_on.acquire(blocking=False):
            threading.Thread(target=self._read_on, args=(view, area), daemon=True).start()

    def _read_on(self, view: View, area: str) -> None:
        try:
            self.summaries(view, area)
        except (DBAPIError, Problem) as trouble:  # the next page tries again
            log.warning("contracts were not read on: %s", type(trouble).__name__)
        finally:
            self._reading_on.release()

    def _summary(
        self, connection: Connection, village: str, programmes: Sequence[str], today: dt.date, state: object, end: float | None
    ) -> Summary | None:
        place = (village, *sorted(programmes))
        kept = self._summaries.get(place)
        if kept is None or kept[0] != state:
            if end is not None and time.monotonic() >= end:
                return None
            every = list(self._of(connection, village, programmes, today))
            counts = {kind: sum(test(one, today) for one in every) for kind, test in KINDS.items()}
            kept = state, Summary(counts, sum(one.due for one in every), sum(one.done for one in every))
            self._summaries[place] = kept
        return kept[1]

    def entries(self, view: View, area: str) -> list[Entry]:
        """The contracts of an area, by village and the name of the resident; raises Problem `not-found` as the view does."""
        villages = set(view.villages_of(area))
        places = places_of([scope for scope in view.scopes if village_of(scope) in villages])
        today = self._standings.today
        with self._standings.current(places) as connection:
            found = [entry for place, held in places.items() for entry in self._of(connection, place, held, today)]
        return sorted(found, key=lambda one: (one.village, one.name, one.resident, one.starts_on, one.contract))

    def _of(self, connection: Connection, village: str, programmes: Sequence[str], today: dt.date) -> Iterator[Entry]:
        for one in store.signatories(connection, village, programmes):
            yield from _entries(one, today, self._catalogue)


def _entries(one: Signatory, today: dt.date, catalogue: Catalogue) -> Iterator[Entry]:
    """The contracts of one person, whoever of their ids they were signed for."""
    facts = Facts(one.ids, one.contracts, Day(today), catalogue)
    every = terms(facts, dt.date.fromisoformat(one.closed_on) if one.closed_on else None)
    in_force = [term for term in every if term.in_force(today)]
    for fact in (*facts.of(store.CONTRACT), *facts.left_out):
        term = next((term for term in every if term.fact is fact), None)
        owed = [item for item in one.obligations if item["contract"] == fact.id]
        due = [item for item in owed if item["state"] != "waived" and item["by"] <= today.isoformat()]
        open_ = [item["by"] for item in owed if item["state"] in ("open", "to_come")]
        yield Entry(
            contract=fact.id,
            village=one.village,
            resident=one.resident,
            name=one.name,
            number=_text(fact, "parties.contract_no"),
            team=_text(fact, "parties.team"),
            doctor=_text(fact, "parties.doctor"),
            signed_on=_text(fact, "term.signed_on"),
            starts_on=_text(fact, "term.starts_on"),
            ends_on=term.last.isoformat() if term else _text(fact, "term.ends_on"),
            state=_state(fact, term, today),
            double=term in in_force and len(in_force) > 1,
            counts=not (term in in_force and term is not in_force[0]),
            disputed=not fact.settled(*IN_FORCE),
            renewed=term is not None and renewal(term, every) is not None,
            paid=_paid(fact),
            packages=tuple(p for p in fact.at("packages.packages") or () if isinstance(p, str)),
            due=len(due),
            done=sum(item["state"] in ("done", "upheld") for item in due),
            waived=sum(item["state"] == "waived" for item in owed),
            missed=sum(item["state"] == "missed" for item in due),
            next_due=min(open_, default=None),
            appeal=_appeal(fact),
        )


def _state(fact: Fact, term: Term | None, today: dt.date) -> str:
    if fact.ignored == "void":
        return VOID
    if term is None:
        stopped = fact.at("status.status") == "terminated"
        return STOPPED if stopped else TO_START if fact.ignored == "to_come" else PENDING
    if term.in_force(today):
        return CURRENT
    if today < term.first:
        return TO_START
    return ENDED if term.last == fact.date("term.ends_on") else STOPPED


def _paid(fact: Fact) -> bool | None:
    total = number_of(fact.at("fees.total_yuan"))
    return None if total is None else total > 0


def _appeal(fact: Fact) -> str | None:
    """Of several the one that waits; else that which was made last."""
    every = sorted(Appeal.of(fact), key=lambda one: (one.decision is None, one.asked_on or dt.date.min))
    return (every[-1].decision or ASKED) if every else None


def _text(fact: Fact, path: str) -> str:
    value = fact.at(path)
    return value if isinstance(value, str) else ""
