"""Freezing the numbers of a village and a period: made of the records as they are, drafted anew when more has arrived,
and checked against the log.

Who counts in a village is who lives there when its numbers are frozen for the first time. Whoever moves away afterwards
goes on counting there in that period, by their records where these are now; and nobody counts in two villages. Villages are
frozen one after the other, and somebody may move between: `overlooked` finds who would count in none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from server.periods import Period
from server.reports.reckoning import Evidence, Reckoning, differing, figures
from server.store import replay
from server.store import reports as store
from server.store.reports import Part
from server.store.standards import standards_on
from server.store.standings import edition
from server.store.villagers import ever_named, everybody
from server.villagers import Villagers
from sync.scopes import PROGRAMMES, VILLAGE_DIGITS, scope_name, scopes_in
from sync.standing.facts import RESIDENT
from sync.types.catalogue import Catalogue

DayOf = Callable[[dt.datetime], dt.date]
OPEN_AND_PROTECTED = (None, *PROGRAMMES)


@dataclass(frozen=True)
class Parts:
    """The numbers of a village: a part for what is in the open, and one for each protected programme, by scope."""

    village: str
    by_scope: Mapping[str, Part]

    @classmethod
    def read(cls, connection: Connection, village: str, period: str, numbers: Mapping[str, int]) -> Parts:
        """The parts of these numbers. Raises LookupError."""
        scopes = scopes_in(village)
        return cls(village, {scope: store.part(connection, scope, period, numbers[scope]) for scope in scopes})

    @classmethod
    def latest(cls, connection: Connection, village: str, period: str) -> Parts:
        """The newest parts of a village, whichever report asked for them. Raises LookupError where nothing was frozen."""
        return cls.read(connection, village, period, store.latest(connection, scopes_in(village), period))

    @property
    def open(self) -> Part:
        """What is counted in the open."""
        return self.by_scope[self.village]

    def people(self, programme: str | None) -> Evidence:
        """The evidence by resident, in the open or of a programme."""
        found: Evidence = self.by_scope[scope_name(self.village, programme)].evidence["people"]
        return found

    @property
    def counted(self) -> dict[str, str]:
        """Who counts here, and the village where their records lay."""
        away = self.away
        return {resident: away.get(resident, self.village) for resident in self.people(None)}

    @property
    def away(self) -> dict[str, str]:
        """The village of those who count here and whose records lay elsewhere, of their households and other ids too."""
        found: dict[str, str] = self.open.evidence["away"]
        return found

    def same_as(self, other: Parts) -> bool:
        """True when everybody counts alike in both, wherever their records lay."""
        return not any(differing(self.people(programme), other.people(programme)) for programme in OPEN_AND_PROTECTED)

    @property
    def others(self) -> set[str]:
        """The residents with a record here who count in another village, and the households with one."""
        return set(self.open.evidence["others"])


class Picture:
    """The records of villages in one picture of the database. `at`: its instant."""

    def __init__(self, connection: Connection, catalogue: Catalogue, day_of: DayOf, at: str) -> None:
        self.connection, self.catalogue, self.day_of, self.at = connection, catalogue, day_of, at
        self._villages: dict[str, Villagers] = {}
        self._positions: dict[frozenset[str], replay.Positions] = {}

    def people(self, village: str) -> Villagers:
        """Who lives in a village."""
        if village not in self._villages:
            self._villages[village] = everybody(self.connection, village)
        return self._villages[village]

    def position(self, villages: Collection[str]) -> replay.Positions:
        """Where the feeds and logs of some villages stand."""
        key = frozenset(villages)
        if key not in self._positions:
            self._positions[key] = replay.positions(self.connection, key)
        return self._positions[key]


class Freezing:
    """The numbers of one period in a picture."""

    def __init__(self, picture: Picture, period: Period) -> None:
        self._picture, self._period = picture, period
        self._frozen: dict[str, Evidence] = {}

    def made(self, village: str) -> Parts:
        """The numbers of a village, frozen for the first time."""
        residents = self._picture.people(village).residents
        elsewhere = self._counted_elsewhere(village, residents)
        return self._parts(village, {one: village for one in residents if one not in elsewhere}, None)

    def drafted(self, base: Parts) -> Parts:
        """The numbers that would take the place of these: whoever is concerned by what has changed since is counted anew."""
        village, before = base.village, base.counted
        here, others = self._picture.people(village).residents, base.others
        gone = store.homes_of(self._picture.connection, before.keys() - here.keys())
        homes = {one: village if one in here else gone.get(one, village) for one in before}
        news = here.keys() - before.keys() - others
        elsewhere = self._counted_elsewhere(village, news)
        return self._parts(village, homes | dict.fromkeys(news - elsewhere, village), base)

    def overlooked(self, base: Parts) -> set[str]:
        """Who has come to a village since from one where they do not count either: it was frozen after they had left."""
        rows = store.changed_since(self._picture.connection, base.open.positions)
        here = {row.record for row in rows if row.scope == base.village and row.type == RESIDENT and row.moved_to is None}
        news = here - base.counted.keys() - base.others
        came = {one for one, left in store.traces_of(self._picture.connection, news).items() if left - {base.village}}
        return came - self._counted_elsewhere(base.village, came)

    def _parts(self, village: str, homes: Mapping[str, str], base: Parts | None) -> Parts:
        """The parts for these residents, each by the records where they live now; with a base, only those counted that must be."""
        standards = standards_on(self._picture.connection, self._period.last, self._picture.at)
        made_by = edition(self._picture.catalogue, standards)
        anew = self._touched(base, homes) if base and base.open.edition == made_by else homes.keys()
        reckoning = Reckoning(self._period, standards, self._picture.catalogue)
        said = counted(reckoning, {one: homes[one] for one in anew}, self._picture.people)
        people, position = self._picture.people(village), self._picture.position({village, *homes.values()})
        others = sorted((people.residents.keys() - homes.keys()) | people.dwellings)
        gone = ((one, home) for one, home in homes.items() if home != village)
        lived = {"others": others, "away": {id_: home for one, home in gone for id_ in self._picture.people(home).around(one)}}
        parts = {}
        for programme in OPEN_AND_PROTECTED:
            kept = base.people(programme) if base else {}
            every = said[programme] | {one: told for one, told in kept.items() if one in homes and one not in anew}
            parts[scope_name(village, programme)] = Part.made(
                scope_name(village, programme),
                self._period.text,
                self._picture.at,
                self._period.last.isoformat(),
                made_by,
                position,
                figures(every, programme, self._period),
                {"people": every, **(lived if programme is None else {})},
            )
        return Parts(village, parts)

    def _touched(self, base: Parts, homes: Mapping[str, str]) -> set[str]:
        """Who has to be counted anew: by their home, or by a record that they rest on."""
        before = base.counted
        found = {one for one, home in homes.items() if before.get(one) != home}
        changed = store.changed_since(self._picture.connection, base.open.positions)
        named = ever_named(self._picture.connection, changed)
        for village in set(homes.values()):
            rows = [row for row in changed if row.scope in scopes_in(village)]
            concerned = self._picture.people(village).concerned(rows, named)
            found |= {one for one in concerned if homes.get(one) == village}
        return found

    def _counted_elsewhere(self, village: str, residents: Collection[str]) -> set[str]:
        """Who of these has come from a village where they count in this period."""
        came = store.traces_of(self._picture.connection, residents)
        return {one for one, left in came.items() if any(one in self._people_of(place) for place in left - {village})}

    def _people_of(self, scope: str) -> Evidence:
        if scope not in self._frozen and len(scope) == VILLAGE_DIGITS:
            number = store.latest(self._picture.connection, [scope], self._period.text).get(scope)
            part = store.part(self._picture.connection, scope, self._period.text, number) if number else None
            self._frozen[scope] = part.evidence["people"] if part else {}
        return self._frozen.get(scope, {})


def counted(reckoning: Reckoning, homes: Mapping[str, str], people: Callable[[str], Villagers]) -> dict[str | None, Evidence]:
    """The evidence about residents by programme (None: in the open), each by the records of the village where these lie."""
    found: dict[str | None, Evidence] = {programme: {} for programme in OPEN_AND_PROTECTED}
    for resident, home in sorted(homes.items()):
        for programme, said in reckoning.person(people(home), resident).items():
            found[programme][resident] = said
    return found


# -- checking ----------------------------------------------------------------------------------------------------------


def checked(connection: Connection, parts: Parts, period: Period, catalogue: Catalogue, day_of: DayOf) -> Iterator[str]:
    """Rebuild the records from the log as they were, count everybody anew, and name whatever comes out otherwise.

    Numbers that another release made, by other rules, may come out otherwise by these without anything being wrong: then
    that is told first.
    """
    frozen = parts.open
    standards = standards_on(connection, period.last, frozen.computed_at)
    faults = list(_faults(connection, parts, period, Reckoning(period, standards, catalogue), day_of))
    if faults and (rules := edition(catalogue, standards)) != frozen.edition:
        yield f"{parts.village}: made by the rules {frozen.edition}, checked by the rules {rules} of this release"
    yield from faults


def _faults(connection: Connection, parts: Parts, period: Period, reckoning: Reckoning, day_of: DayOf) -> Iterator[str]:
    homes, at, catalogue = parts.counted, parts.open.positions, reckoning.catalogue
    lived = homes | parts.away | dict.fromkeys(parts.others, parts.village)
    places: dict[str, Villagers] = {}
    for village in sorted({parts.village, *homes.values()}):
        whole = village == parts.village
        rebuilt = replay.rebuild(connection, village, at, lived, catalogue, day_of, whole=whole)
        yield from rebuilt.faults
        places[village] = Villagers(village, rebuilt.known)
    again = counted(reckoning, homes, places.__getitem__)
    for programme in OPEN_AND_PROTECTED:
        part, people = parts.by_scope[scope_name(parts.village, programme)], parts.people(programme)
        yield from (
            f"{part.scope}: {one.resident}: {one.indicator} comes out otherwise" for one in differing(people, again[programme])
        )
        if part.figures != figures(people, programme, period):
            yield f"{part.scope}: the figures are not those of the evidence"
        if part.hash != Part.mark(part.figures, part.evidence):
            yield f"{part.scope}: it is not what was frozen"
