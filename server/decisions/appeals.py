"""Appeals at a desk: a doctor says that a service which counts as missed was given, and a supervisor decides.

What was asked stays as it is; the decision is added by the server's own actor, for only that counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from server.access import View
from server.decisions.deciding import JUDGE, Deciding, Draft, given
from server.problems import Problem
from server.standings import Standings, places_of
from server.store import conflicts as store
from server.store import histories
from server.store import standings as standings_store
from server.store.engine import reading
from server.store.scope import living
from server.waiting import APPEAL, APPEALS, CONTRACT, appeals, decided
from sync.record import Record, Sibling, Value, sections, shown
from sync.standing import Work
from sync.standing.answer import Obligation
from sync.types.catalogue import Catalogue
from sync.types.fields import Date

DECISIONS = ("upheld", "refused")


@dataclass(frozen=True)
class Appealed:
    """A line of the list. `key`: of the section, `appeal/<key>`; `since`: when the doctor asked, by the server's estimate."""

    contract: Record
    resident: Record | None
    key: str
    said: Mapping[str, Any]
    author: str
    since: str


@dataclass(frozen=True)
class Appeal:
    """An appeal as it is put before a supervisor.

    `siblings`: what was written, the one shown last; `owed`: the service that it is about, None where none is missed any
    more; `work`: the records of those days, what each counts for or why not.
    """

    contract: Record
    resident: str
    key: str
    siblings: tuple[Sibling, ...]
    decided: bool
    owed: Obligation | None
    work: tuple[Work, ...]
    names: Mapping[str, str]

    @property
    def section(self) -> str:
        """The name of the section."""
        return APPEALS + self.key

    @property
    def said(self) -> Mapping[str, Any]:
        """What is shown of it."""
        return self.siblings[-1].value or {}


class AppealDesk:
    """The use case."""

    def __init__(self, engine: Engine, deciding: Deciding, standings: Standings, catalogue: Catalogue) -> None:
        self._engine, self._deciding, self._standings, self._catalogue = engine, deciding, standings, catalogue

    def listed(self, view: View) -> list[Appealed]:
        """The appeals in the villages of a view about which nobody has decided, the oldest first."""
        with reading(self._engine) as connection:
            contracts = [one.record for one in store.waiting(connection, view.villages, (APPEAL,))]
            residents = living(connection, {one.subject for one in contracts if one.subject})
        found = [
            Appealed(
                contract,
                one.record if (one := residents.get(contract.subject or "")) and one.record.scope in view.villages else None,
                key,
                asked.value or {},
                asked.edit.author,
                asked.edit.at,
            )
            for contract in contracts
            for key, asked in appeals(contract).items()
        ]
        return sorted(found, key=lambda one: (one.since, one.contract.id, one.key))

    def of(self, view: View, contract: str, key: str) -> Appeal:
        """One appeal, decided or not, with what speaks for and against it; raises Problem `not-found`."""
        with reading(self._engine) as connection:
            stored = living(connection, [contract]).get(contract)
            record = stored.record if stored else None
            if record is None or record.type != CONTRACT or record.scope not in view.villages or not record.subject:
                raise Problem("not-found")
            siblings = tuple(sections(record).get(APPEALS + key, ()))
            people = {one.edit.author for one in siblings} | {str((one.value or {}).get("decided_by")) for one in siblings}
            names = histories.person_names(connection, people)
        if not siblings or shown(record).get(APPEALS + key) is None:
            raise Problem("not-found")
        owed, work = self._standing(view, record.subject, contract, APPEALS + key, siblings[-1].value)
        return Appeal(record, record.subject, key, siblings, decided(siblings), owed, work, names)

    def _standing(
        self, view: View, resident: str, contract: str, section: str, said: Value
    ) -> tuple[Obligation | None, tuple[Work, ...]]:
        """The service and the records of its days: of the year in which it was owed."""
        places = places_of(view.scopes)
        with self._standings.current(places, resident) as connection:
            village = standings_store.home_of(connection, resident)
            if village is None or village not in places:
                return None, ()
            asked = Date.day(str((said or {}).get("owed_by") or (said or {}).get("asked_on"))) or self._standings.today
            on = min(self._standings.today, dt.date(asked.year, 12, 31))
            told = standings_store.told(connection, village, [resident], on, places[village], self._catalogue)[resident]
        standing = told.account.standing
        owed = next((o for o in standing.obligations if o.contract == contract and o.appeal == section), None)
        if owed is None:
            return None, ()
        return owed, tuple(w for w in told.account.work if w.on and owed.since <= w.on <= owed.by and w.record != contract)

    def judge(self, view: View, contract: str, key: str, seen: Mapping[str, int], decision: str, note: str) -> str:
        """Uphold or refuse, with a note; raises Problem `not-allowed`, `not-found`, `changed-meanwhile`, `unfit-request`."""
        view.require("judge")
        appeal, why = self.of(view, contract, key), given(note)
        if appeal.contract.seen != seen or appeal.decided:
            raise Problem("changed-meanwhile")
        if decision not in DECISIONS:
            raise Problem("unfit-request", faults=[f"/decision: one of {', '.join(DECISIONS)}"])
        told = {"decision": decision, "decided_on": self._deciding.today.isoformat(), "decided_by": view.person, "note": why}
        draft = Draft.over(appeal.contract, seen, {appeal.section: {**appeal.said, **told}})
        return self._deciding.write(view, draft, JUDGE, {"decision": decision})
