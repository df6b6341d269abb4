"""Two contracts of one person in force at once, at a desk: which of them ends, how, and why.

Two teams that sign somebody without a signal make two contracts, and both are kept: the first that was signed counts, until
somebody stops one of them or voids it. Only one of the two is written; neither is ever ended unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from server.access import View
from server.decisions.deciding import Deciding, Draft, given, seen_together
from server.problems import Problem
from server.received import Kept
from server.standings import Standings
from server.store import conflicts as store
from server.store.scope import head_of, living
from sync.decided import DECISION
from sync.record import VOID, Record, Value, shown
from sync.standing.answer import Obligation
from sync.types.fields import Date

STOP, STATUS, TERMINATED = "stop", "status", "terminated"


@dataclass(frozen=True)
class Doubled:
    """A line of the list. `since`: the day on which the last of them was signed; `authors`: who wrote them."""

    village: str
    resident: str
    name: str
    since: str
    authors: tuple[str, ...]


@dataclass(frozen=True)
class Double:
    """The contracts of a person that are in force at once, the one that counts first; none where there are no two.

    `owed`: what they owe by the standing, by which it is seen what each team has given.
    """

    village: str
    resident: str
    contracts: tuple[Record, ...]
    owed: tuple[Obligation, ...]

    @property
    def seen(self) -> dict[str, int]:
        """How far they are shown, for whoever decides by them."""
        return seen_together(self.contracts)


@dataclass(frozen=True)
class Ending:
    """How a contract ends. `way`: `stop` on the day `on`, or `void`; `code`: the reason, of the list of that section."""

    contract: str
    way: str
    code: str
    on: str = ""


class Doubles:
    """The use case."""

    def __init__(self, deciding: Deciding, standings: Standings) -> None:
        self._deciding, self._standings = deciding, standings

    def listed(self, view: View) -> list[Doubled]:
        """Everybody with two contracts in force in the villages of a view, the oldest first."""
        with self._standings.current(view.villages) as connection:
            found = store.doubled(connection, view.villages)
            contracts = living(connection, {contract for one in found for contract in one.contracts})
        lines = []
        for one in found:
            records = [contracts[contract].record for contract in one.contracts if contract in contracts]
            since = max((_signed_on(record) for record in records), default="")
            authors = sorted({edit.author for record in records for edit in record.edits if "parties" in edit.sections})
            lines.append(Doubled(one.village, one.resident, one.name, since, tuple(authors)))
        return sorted(lines, key=lambda line: (line.since, line.resident))

    def of(self, view: View, resident: str) -> Double:
        """The contracts in force of one person, whichever of their ids this is; raises Problem `not-found`."""
        told = self._standings.told(view.scopes, resident)
        if told.account.standing.same_as is not None:
            told = self._standings.told(view.scopes, told.account.standing.same_as)
        standing = told.account.standing
        signed = standing.signed
        names = (signed.contract, *signed.others) if signed and signed.others else ()
        records = {known.record.id: known.record for known in told.known}
        owed = tuple(one for one in standing.obligations if one.contract in names)
        return Double(told.village, standing.resident, tuple(records[name] for name in names), owed)

    def settle(self, view: View, resident: str, seen: Mapping[str, int], ending: Ending, reason: str) -> str:
        """End one of them, with the reason; `seen`: of all of them as shown.

        Raises Problem `not-allowed`, `not-found`, `unfit-request`, or `changed-meanwhile` where any of them is another by
        now: of two leaders who each end another one, the second is told, and nobody is left without a contract.
        """
        view.require("settle")
        why, double = given(reason), self.of(view, resident)
        if double.seen != seen:
            raise Problem("changed-meanwhile")
        contract = next((one for one in double.contracts if one.id == ending.contract), None)
        if contract is None:
            raise Problem("unfit-request", faults=["/contract: none of those in force"], message="请选择要结束的协议")
        sections = self._ended(contract, ending, why)
        about = {"about": sorted(sections), "reason": why, "decided_on": self._deciding.today.isoformat()}
        draft = Draft.over(contract, contract.seen, {**sections, DECISION: about})
        names, scopes = [one.id for one in double.contracts], {one.scope for one in double.contracts}

        def work(connection: Connection) -> Kept:
            for scope in sorted(scopes):
                head_of(connection, scope, lock=True)
            there = living(connection, names)
            if seen_together(there[name].record for name in names if name in there) != seen:
                raise Problem("changed-meanwhile")
            return self._deciding.within(view, draft, "double.settle", {"way": ending.way}, connection)

        return str(self._deciding.at_once(work, scopes).receipts[0]["status"])

    def _ended(self, contract: Record, ending: Ending, why: str) -> dict[str, Value]:
        """What is written in the contract; raises Problem `unfit-request`."""
        if ending.way == VOID:
            said = {"reason": ending.code, "note": why}
            return {VOID: self._deciding.checked(contract.type, VOID, said, said)}
        if ending.way != STOP:
            raise Problem("unfit-request", faults=["/code: how it ends, and why"], message="请选择处理方式和原因")
        said = {"stopped_on": ending.on, "reason": ending.code, "note": why}
        checked = self._deciding.checked(contract.type, STOP, said, said)
        if Date.day(ending.on) is None or ending.on < _signed_on(contract):
            raise Problem(
                "unfit-request", faults=["/stop/stopped_on: before it was signed"], message="解约日期不能早于签约日期"
            )
        return {STATUS: {**(shown(contract).get(STATUS) or {}), "status": TERMINATED}, STOP: checked}


def _signed_on(contract: Record) -> str:
    return str((shown(contract).get("term") or {}).get("signed_on") or "")
