"""What the report of a month does with the records that it was made of: which of them it counts. What came later, none.

A village's numbers lie in up to three reports, its own, the township's and the county's, which name the same parts or newer
ones. Of the issues that hold that with the newest part is what stands for the village, of two the nearer: the village's own.
Whether it counts a record is judged by the positions at which its part was frozen: as the records were there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from server.indicators.reading import BELOW
from server.periods import Period
from server.store import replay
from server.store import reports as store
from server.store.replay import Positions
from server.store.reports import OPEN, Issue
from server.villagers import Villagers
from sync.scopes import VILLAGE_DIGITS
from sync.standing import account
from sync.standing.worklist import Reported
from sync.types.catalogue import Catalogue


@dataclass(frozen=True)
class Frozen:
    """The issue that stands for a village in a period: of the report of which area, and when the village's part was frozen."""

    village: str
    area: str
    issue: int
    frozen_at: str


class MonthReports:
    """The reports of one period in a picture of the database."""

    def __init__(
        self, connection: Connection, period: Period, catalogue: Catalogue, day_of: Callable[[dt.datetime], dt.date]
    ) -> None:
        self._connection, self._period, self._catalogue, self._day_of = connection, period, catalogue, day_of
        self._issues: dict[str, Issue | None] = {}
        self._parts: dict[str, tuple[Positions, frozenset[str]]] = {}

    def of(self, village: str) -> Frozen | None:
        """The issue that stands for a village; None where none of its reports was computed."""
        issue = self._standing_for(village)
        if issue is None:
            return None
        [(_, frozen_at)] = store.positions(self._connection, self._period.text, {village: issue.parts[village]}).values()
        return Frozen(village, issue.area, issue.number, frozen_at)

    def told(self, people: Villagers, residents: Collection[str], programmes: Collection[str]) -> dict[str, Reported]:
        """By record what the report does with it: everything about these residents of a village, as far as there is one."""
        by_place: dict[str, list[str]] = {}
        for resident, place in self._counted_in(people.village, residents).items():
            by_place.setdefault(place, []).append(resident)
        found: dict[str, Reported] = {}
        for place, some in by_place.items():
            issue = self._standing_for(place)
            if issue is None:
                continue
            counted = set(self._counted(people, some, programmes, place))
            for record in {one.record.id for resident in some for one in people.known(resident, programmes)}:
                before = record in found and found[record].counted
                found[record] = Reported(issue.area, issue.number, before or record in counted)
        return found

    def _standing_for(self, village: str) -> Issue | None:
        areas = [village[:digits] for digits in sorted(BELOW, reverse=True)] if len(village) == VILLAGE_DIGITS else []
        held = [issue for area in areas if (issue := self._issue(area)) and village in issue.parts]
        return max(held, key=lambda issue: issue.parts[village], default=None)

    def _issue(self, area: str) -> Issue | None:
        """The issue of an area's report that holds."""
        if area not in self._issues:
            held = store.report(self._connection, area, self._period.text)
            every = store.issues(self._connection, area, self._period.text) if held.state != OPEN else []
            self._issues[area] = next((one for one in every if one.number == held.issue), None)
        return self._issues[area]

    def _part(self, village: str) -> tuple[Positions, frozenset[str]]:
        """Where the feeds stood when a village was frozen for the issue that stands for it, and who counts there."""
        if village not in self._parts:
            issue = self._standing_for(village)
            part = store.part(self._connection, village, self._period.text, issue.parts[village]) if issue else None
            self._parts[village] = (
                (part.positions, frozenset(part.evidence["people"])) if part else (Positions("", {}, {}), frozenset())
            )
        return self._parts[village]

    def _counted_in(self, village: str, residents: Collection[str]) -> dict[str, str]:
        """The village where each of these counts in the period: the one that they have left, if it counted them."""
        found = dict.fromkeys(residents, village)
        _, here = self._part(village)
        for resident, left in store.traces_of(self._connection, set(residents) - here).items():
            found[resident] = next((one for one in sorted(left) if resident in self._part(one)[1]), village)
        return found

    def _counted(self, people: Villagers, residents: Collection[str], programmes: Collection[str], place: str) -> Iterator[str]:
        """The records that counted for one of these, in the evening of the last day, by what had come when `place` was frozen."""
        positions, counting = self._part(place)
        about = {one: {known.record.id: known for known in people.known(one, programmes)} for one in residents}
        every = {id_: known for own in about.values() for id_, known in own.items()}.values()
        were = replay.as_at(self._connection, every, positions, self._catalogue, self._day_of)
        for resident in sorted(counting & about.keys()):
            known = [were[id_] for id_ in sorted(about[resident]) if id_ in were]
            also, same_as = people.also(resident), people.same_as(resident)
            on, catalogue = self._period.last, self._catalogue
            then = account(resident, known, on, also=also, same_as=same_as, over=True, catalogue=catalogue)
            yield from (work.record for work in then.work if work.counts)
