"""Appeals: the doctor says that a service which counts as missed was given; a supervisor decides.

A section `appeal/<item>` of the contract; a second one about the same item is `appeal/<item>@<day>`. It is decided only by
the server's own actor: what a phone writes there decides nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from sync.standing.answer import Obligation
from sync.standing.facts import Fact
from sync.version import SERVER_ACTOR

SECTION = "appeal"


class Appeal(NamedTuple):
    """One appeal: about which item, and which day it was owed by (None: the last one before it was made).

    `decision`: `upheld`, `refused`, or None while no supervisor has decided, or what was decided is in conflict;
    `claimed`: the section says that it is decided.
    """

    contract: str
    section: str
    item: str
    asked_on: dt.date | None
    owed_by: dt.date | None
    decision: str | None
    claimed: bool

    @classmethod
    def of(cls, contract: Fact) -> Iterator[Appeal]:
        """The appeals of a contract, by section."""
        appeals = contract.keyed(SECTION)
        items = contract.keyed("item") if appeals else {}
        for key in appeals:
            name = f"{SECTION}/{key}"
            item = key if key in items else key.rpartition("@")[0]
            said = contract.at(f"{name}.decision")
            decision = said if said in ("upheld", "refused") and _by_the_server(contract, name) else None
            yield cls(
                contract.id,
                name,
                item,
                contract.date(f"{name}.asked_on"),
                contract.date(f"{name}.owed_by"),
                decision,
                bool(said),
            )

    def about(self, owed: Sequence[Obligation]) -> Obligation | None:
        """The service that it is about, if that counts as missed, or nobody has given it yet until that day.

        Where it names no day it is about the last one before it was made, whatever became of that: evidence that arrives
        later makes it an appeal about nothing, never about another service.
        """
        mine = [one for one in owed if one.item == self.item]
        if self.owed_by is not None:
            meant = [one for one in mine if one.by == self.owed_by]
        else:
            past = [one for one in mine if self.asked_on and one.by < self.asked_on]
            meant = [max(past, key=lambda one: one.by)] if past else []
        return next((one for one in meant if one.state in ("missed", "open")), None)


def decided(contract: Fact, owed: Sequence[Obligation]) -> list[Obligation]:
    """What a contract owes, with what was decided about the doctor's appeals."""
    told = list(owed)
    for appeal in Appeal.of(contract):
        for programme in {one.programme for one in owed}:  # apart, so that nothing protected tells in the open
            one = appeal.about([one for one in told if one.programme == programme])
            if one is None:
                continue
            found = replace(one, appeal=appeal.section)
            if appeal.decision == "upheld":
                found = replace(found, state="upheld", reason=None)
            elif appeal.decision == "refused":
                found = replace(found, reason="appeal_refused")
            told[told.index(one)] = found
    return told


def _by_the_server(contract: Fact, section: str) -> bool:
    """True when the only living value of a section was written by the server's own actor."""
    actors = [edit.dot.actor for edit in contract.edits if section in edit.sections]
    return len(actors) == 1 and SERVER_ACTOR.fullmatch(actors[0]) is not None
