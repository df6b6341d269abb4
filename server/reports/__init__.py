"""Period reports: frozen numbers with a life of their own, from open to locked, and corrections that are seen.

A report of an area and period goes open -> computed -> submitted -> accepted or returned -> locked. What it says are its
*issues*, numbered from 1; one is never changed. What phones bring afterwards shows as a difference, and counts only when
somebody issues a correction with a reason. The parts that it is made of are shared: a village's numbers of a month are the
same in the report of the village, of its township and of the county.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection, Engine

from server.access import View
from server.config import Config
from server.freshness import freshness
from server.indicators.counting import ALL
from server.indicators.reading import unheard
from server.periods import Period
from server.problems import Problem
from server.reports.corrections import Difference, compared
from server.reports.freezing import Freezing, Parts, Picture, checked
from server.reports.issuing import faults, published
from server.reports.life import COMPUTE, MOVES, REISSUE, noted, require_issue, require_keeper, taken
from server.reports.reading import figures_of, issue_of, visible
from server.store import reports as store
from server.store.engine import reading, retried
from server.store.reports import ACCEPTED, COMPUTED, LOCKED, OPEN, SUBMITTED, Issue, Report
from server.store.standards import standards_on
from server.store.standings import edition
from sync.codec import Json, stamp
from sync.scopes import PROGRAMMES, scopes_in, village_of
from sync.types.catalogue import Catalogue


class Reports:
    """The use cases. `now` is the server's clock. Who only reads asks `reading.py`."""

    def __init__(self, engine: Engine, catalogue: Catalogue, config: Config, now: Callable[[], dt.datetime]) -> None:
        self._engine, self._catalogue, self._config, self._now = engine, catalogue, config, now

    # -- freezing

    def compute(self, view: View, area: str, period: Period, told: Callable[[str], object] = lambda _village: None) -> Report:
        """Freeze a period; a report that is there stays as it is. Village by village, each in transactions of its own.

        Whoever was stopped calls again: villages that are frozen already are not counted again. `told` hears of each village.
        Raises Problem `too-early` before the cut-off, `not-allowed`, `not-found`.
        """
        view.require("report")
        villages = view.villages_of(area)
        self._require_closed(period)
        with reading(self._engine) as connection:
            found = store.report(connection, area, period.text)
        if found.state != OPEN:
            return found
        for village in villages:
            self.freeze(village, [period])
            told(village)
        self._take_in(villages, period)
        return retried(self._engine, lambda c: self._first_issue(c, view, area, villages, period))

    def freeze(self, village: str, periods: Sequence[Period]) -> int:
        """Freeze a village's numbers of some periods, its records read once: how many were not frozen yet."""
        at = stamp(self._now())
        with reading(self._engine) as connection:
            missing = [one for one in periods if len(store.latest(connection, scopes_in(village), one.text)) == 0]
            picture = Picture(connection, self._catalogue, self._config.day_of, at)
            made = [Freezing(picture, period).made(village) for period in missing]
        for parts in made:
            retried(self._engine, partial(_put_first, parts=parts))
        return len(made)

    def _take_in(self, villages: Sequence[str], period: Period) -> None:
        """Draft the villages anew to which somebody moved after they were frozen, from one that was frozen after they had left.

        Such a person counts in neither. The report that is made now names the newer part; one that named the older shows the
        difference. What else has arrived in other villages waits for a correction.
        """
        with reading(self._engine) as connection:
            numbers = store.latest(connection, villages, period.text)
            stands = {
                scope: part.positions.scopes[scope].seq for scope, part in store.parts(connection, period.text, numbers).items()
            }
            moved = store.moved_since(connection, stands)
        for village in moved:
            with reading(self._engine) as connection:
                freezing = Freezing(Picture(connection, self._catalogue, self._config.day_of, stamp(self._now())), period)
                base = Parts.latest(connection, village, period.text)
                drafted = freezing.drafted(base) if freezing.overlooked(base) else None
            if drafted:
                self._keep(drafted, period)

    def _keep(self, made: Parts, period: Period) -> dict[str, int]:
        """Keep a village's parts under the next number: the number of each scope's."""
        return retried(self._engine, lambda connection: store.keep(connection, period.text, made.by_scope))

    def first_day(self, period: Period) -> dt.date:
        """The day from which a period can be computed: after its cut-off."""
        with reading(self._engine) as connection:
            return period.end + dt.timedelta(standards_on(connection, period.last).cut_off_days)

    def _require_closed(self, period: Period) -> None:
        first = self.first_day(period)
        if self._config.day_of(self._now()) < first:
            raise Problem("too-early", first=first.isoformat())

    def _first_issue(self, connection: Connection, view: View, area: str, villages: Sequence[str], period: Period) -> Report:
        found = store.report(connection, area, period.text, lock=True)
        if found.state != OPEN:  # a colleague was faster
            return found
        every = [scope for village in villages for scope in scopes_in(village)]
        numbers = store.latest(connection, every, period.text)
        return self._issue(connection, view, replace(found, state=COMPUTED), numbers, COMPUTE, "")

    def _issue(
        self, connection: Connection, view: View, report: Report, numbers: Mapping[str, int], action: str, reason: str
    ) -> Report:
        """Publish the next issue of a report, which is locked in the database."""
        now, villages = self._now(), {village_of(scope) for scope in numbers}
        over = dt.datetime.combine(Period.parse(report.period).end, dt.time(), self._config.time_zone)
        phones = list(unheard(freshness(connection, villages, now, self._config.day_of(now)), over))
        issued = published(connection, report, numbers, stamp(now), view.person, reason, phones)
        return noted(connection, issued, stamp(now), view.person, action, reason)

    # -- the life of a report

    def step(self, view: View, area: str, period: Period, action: str, note: str = "", expected: int | None = None) -> Report:
        """Submit, accept, return or lock a report; raises Problem `not-found`, `not-allowed` or `report-state`.

        `expected`: the issue that somebody looked at; where another one holds by now, Problem `changed-meanwhile`.
        """
        move = MOVES.get(action)
        if move is None:
            raise Problem("unfit-request", faults=[f"/action: one of {', '.join(MOVES)}"])
        require_keeper(view, area, judges=move.judges)

        def work(connection: Connection) -> Report:
            after = taken(self._locked(connection, area, period), action, expected)
            return noted(connection, after, stamp(self._now()), view.person, action, note)

        return retried(self._engine, work)

    def _locked(self, connection: Connection, area: str, period: Period) -> Report:
        """A report, held to the end of the transaction; raises Problem `not-found` for one that is open."""
        if store.report(connection, area, period.text).state == OPEN:
            raise Problem("not-found")
        return store.report(connection, area, period.text, lock=True)

    # -- corrections

    def drafts(self, view: View, area: str, period: Period) -> Iterable[tuple[Parts, Parts]]:
        """Of every village whose numbers come out otherwise by now: those of the issue that holds, and what they would be.

        Nothing is written. Village by village, in a picture of each its own.
        """
        villages = view.villages_of(area)
        with reading(self._engine) as connection:
            issue = issue_of(connection, area, period)
        for village in villages:
            with reading(self._engine) as connection:
                if self._is_current(connection, village, period, issue):
                    continue
                picture = Picture(connection, self._catalogue, self._config.day_of, stamp(self._now()))
                old = Parts.read(connection, village, period.text, issue.parts)
                newest = Parts.latest(connection, village, period.text)  # whom another report counts here already, stays
                if not (new := Freezing(picture, period).drafted(newest)).same_as(old):
                    yield old, new

    def _is_current(self, connection: Connection, village: str, period: Period, issue: Issue) -> bool:
        """True when nothing has arrived since, and the same rules hold: nothing can come out otherwise."""
        part = store.parts(connection, period.text, {village: issue.parts[village]})[village]
        standards = standards_on(connection, period.last)
        stands = {scope: place.seq for scope, place in part.positions.scopes.items()}
        return part.edition == edition(self._catalogue, standards) and not store.moved_since(connection, stands)

    def difference(self, view: View, area: str, period: Period) -> Difference:
        """What a correction would change by what has arrived since the issue that holds, by indicator and by person."""
        view.villages_of(area)
        with reading(self._engine) as connection:
            issue = issue_of(connection, area, period)
        return self._compared(view, issue, list(self.drafts(view, area, period)))

    def change(self, view: View, area: str, period: Period, number: int) -> Difference:
        """What a correction changed against the issue before it; raises Problem `not-found` where there is none."""
        villages = view.villages_of(area)
        with reading(self._engine) as connection:
            new, old = (issue_of(connection, area, period, one) for one in (number, number - 1))
            moved = [village for village in villages if any(new.parts[s] != old.parts[s] for s in scopes_in(village))]
            pairs = [
                (Parts.read(connection, one, period.text, old.parts), Parts.read(connection, one, period.text, new.parts))
                for one in moved
            ]
        return self._compared(view, old, pairs)

    def _compared(self, view: View, issue: Issue, pairs: Sequence[tuple[Parts, Parts]]) -> Difference:
        """`issue` with what stands first in each pair in place of its own, against that with what stands second."""
        period = Period.parse(issue.period)
        with reading(self._engine) as connection:
            standards = standards_on(connection, period.last)
            persons = [late for old, new in pairs for late in compared(connection, old, new, view)]
            own = {
                scope: part.figures for scope, part in store.parts(connection, issue.period, visible(view, issue.parts)).items()
            }
        sides = ([old for old, _ in pairs], [new for _, new in pairs])
        before, after = (figures_of((own | _by_scope(side, own)).values(), ALL, standards, view) for side in sides)
        changed = {code: (before[code], after[code]) for code in before if before[code] != after[code]}
        ruled = tuple(new.village for old, new in pairs if old.open.edition != new.open.edition)
        return Difference(issue.area, issue.period, tuple(new.village for _, new in pairs), ruled, changed, tuple(persons))

    def reissue(self, view: View, area: str, period: Period, reason: str, expected: int | None = None) -> Report:
        """Issue a correction (更正) by what has arrived since, under the next number; the issues before it stay.

        A report that was computed or returned is computed again by it; one that is locked stays locked. `expected` as of
        `step`. Raises Problem `report-state` for one that somebody is judging, `nothing-to-correct`, `changed-meanwhile`,
        and as `step` does.
        """
        if not reason.strip():
            raise Problem("unfit-request", faults=["/reason: why the numbers are corrected"])
        view.villages_of(area)
        with reading(self._engine) as connection:
            before = store.report(connection, area, period.text)
        require_keeper(view, area, judges=before.state == LOCKED)
        if before.state == OPEN:
            raise Problem("not-found")
        require_issue(before, expected)
        if before.state in (SUBMITTED, ACCEPTED):
            raise Problem("report-state", state=before.state)
        numbers: dict[str, int] = {}
        for _, new in self.drafts(view, area, period):
            numbers |= self._keep(new, period)

        def work(connection: Connection) -> Report:
            found = self._locked(connection, area, period)
            if found != before:
                raise Problem("changed-meanwhile")
            named = {**issue_of(connection, area, period).parts, **numbers}
            state = LOCKED if found.state == LOCKED else COMPUTED
            return self._issue(connection, view, replace(found, state=state), named, REISSUE, reason.strip())

        if not numbers:
            raise Problem("nothing-to-correct")
        return retried(self._engine, work)

    # -- checking

    def check(self, view: View, area: str, period: Period, number: int | None = None) -> list[str]:
        """Count an issue again from the log as it was: a sentence for whatever comes out otherwise, none when it is identical."""
        villages = view.villages_of(area)
        with reading(self._engine) as connection:
            issue = issue_of(connection, area, period, number)
            found = list(faults(connection, issue))
        for village in villages:
            with reading(self._engine) as connection:
                frozen = Parts.read(connection, village, period.text, issue.parts)
                found += checked(connection, frozen, period, self._catalogue, self._config.day_of)
        return [_fit_for(view, fault) for fault in found]


def _put_first(connection: Connection, parts: Parts) -> None:
    """Keep a village's first parts of a period; where somebody was faster, theirs stand."""
    for part in parts.by_scope.values():
        store.put(connection, replace(part, number=1))


def _by_scope(side: Iterable[Parts], own: Collection[str]) -> dict[str, Json]:
    """The figures of those of these parts that somebody may read."""
    return {scope: part.figures for parts in side for scope, part in parts.by_scope.items() if scope in own}


def _fit_for(view: View, fault: str) -> str:
    """A sentence of a check that names nothing of a programme that is not granted."""
    for programme in PROGRAMMES:
        if programme not in view.programmes and f":{programme}" in fault:
            return "something of a protected programme comes out otherwise; ask somebody who is granted it"
    return fault
