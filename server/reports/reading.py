"""Reports as somebody may read them: an issue with its figures, ranks and steps, the course of an indicator, the evidence.

Figures of protected programmes are shown only to whom they are granted. An issue is read by the standards that were known
when it was made, so its ranks are frozen with it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import Connection, Engine

from server.access import View
from server.indicators import INDICATORS, by_code
from server.indicators.counting import ALL, UNCOUNTABLE, Sum, denominated
from server.indicators.declare import Indicator
from server.indicators.reading import BELOW, Figure, Person, shares_of
from server.periods import Period
from server.problems import Problem
from server.reports.freezing import OPEN_AND_PROTECTED, Parts
from server.reports.ranking import Ranking, ranked
from server.standards import OPEN_GROUPS, Standards
from server.store import directory
from server.store import reports as store
from server.store.engine import reading
from server.store.replay import Positions
from server.store.reports import Issue, Report, Step
from server.store.standards import standards_on
from sync.codec import Json
from sync.scopes import VILLAGE_DIGITS, programme_of, scope_name

MOST_LISTED = 2000
RESIDENCE = (  # said wherever the definition of an indicator says 期末
    "居民按所在村首次冻结时的住处计入该村；冻结以后迁出的仍计入原村，每人只计一次。",
    "Residents count in the village where they lived when it was first frozen; whoever moved afterwards still counts there, once.",
)
TREND = 11  # periods before the one that is looked at

Figures = Mapping[str, Figure]  # by indicator
Rows = Mapping[str, Figures]  # by area


@dataclass(frozen=True)
class Shown:
    """An issue of a report.

    `rows`: the areas below it (a village: itself); `before`: those of the period before, by the issue that held when this one
    was made, None where there was none. `names` of the areas. `positions`: of each village the seq of its feeds and the
    length of its logs; `frozen_at`: of each the instant of its first freeze, by which it is known who counts there.
    `unheard` of the issue: phones by their device. `uncountable`: how many residents are in no number because their records
    cannot be counted; somebody of a protected programme once more for it.
    """

    report: Report
    period: Period
    issue: Issue
    issues: Sequence[Issue]
    steps: Sequence[Step]
    population: str
    standards: Standards
    names: Mapping[str, str]
    rows: Rows
    total: Figures
    before: Rows | None
    positions: Mapping[str, Positions]
    frozen_at: Mapping[str, str]
    computed_at: str
    uncountable: int

    @property
    def frozen(self) -> tuple[str, str]:
        """The instants at which the first and the last of its villages were frozen for the first time."""
        return min(self.frozen_at.values()), max(self.frozen_at.values())

    @cached_property
    def ranking(self) -> Ranking:
        """The ranks of the areas below it, as they were when it was issued."""
        return ranked(self.rows, self.standards, self.before)


class ReportReading:
    """The read side."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def listed(self, view: View, digits: int | None = None, kind: str | None = None) -> list[Report]:
        """The reports that somebody may read, the latest period first; those that are open are not among them.

        `digits`: only of areas with a code of that length; `kind`: only of periods of that kind.
        """
        with reading(self._engine) as connection:
            return store.reports_below(connection, view.areas, MOST_LISTED, digits, kind)

    def of(self, view: View, area: str, period: Period) -> Report:
        """A report as it stands; `open` for one that was not computed yet."""
        view.villages_of(area)
        with reading(self._engine) as connection:
            return store.report(connection, area, period.text)

    def show(
        self,
        view: View,
        area: str,
        period: Period,
        number: int | None = None,
        population: str = ALL,
        within: str | None = None,
    ) -> Shown:
        """An issue of a report, the one that holds without a number; raises Problem `not-found` or `unfit-request`.

        `within`: of its figures only those of this area, which is part of the report's, without the period before.
        """
        for place in (area, within or area):
            view.villages_of(place)
        _require_population(population)
        with reading(self._engine) as connection:
            issue = issue_of(connection, area, period, number)
            standards = standards_on(connection, period.last, issue.made_at)
            whole = within in (None, area)
            places = _places(connection, issue, view) if whole else _inside(connection, issue, within or "", view)
            before = _held_at(connection, area, period.previous(), issue.made_at) if whole else None
            at = store.positions(connection, period.text, {s: n for s, n in issue.parts.items() if programme_of(s) is None})
            return Shown(
                store.report(connection, area, period.text),
                period,
                issue,
                store.issues(connection, area, period.text),
                store.steps(connection, area, period.text),
                population,
                standards,
                directory.area_names(connection),
                _rows(places, population, standards, view),
                figures_of((part for own in places.values() for part in own), population, standards, view),
                _rows(_places(connection, before, view), population, standards, view) if before else None,
                {village: _for_the_reader(place, view) for village, (place, _) in at.items()},
                _frozen_at(connection, issue, {village: computed_at for village, (_, computed_at) in at.items()}),
                max(computed_at for _, computed_at in at.values()),
                sum(part[UNCOUNTABLE][ALL][2] for own in places.values() for part in own if UNCOUNTABLE in part),
            )

    def trend(self, view: View, area: str, code: str, period: Period, population: str = ALL) -> list[tuple[str, Figure | None]]:
        """An indicator in the periods before this one, the oldest first; None where there is no report."""
        return self.trends(view, area, [code], period, population)[code]

    def trends(
        self, view: View, area: str, codes: Sequence[str], period: Period, population: str = ALL
    ) -> dict[str, list[tuple[str, Figure | None]]]:
        """The same of several indicators, by their codes."""
        view.villages_of(area)
        indicators = [_readable(view, code) for code in codes]
        periods = [period.previous()]
        while len(periods) < TREND:
            periods.append(periods[-1].previous())
        with reading(self._engine) as connection:
            held = store.reports_of(connection, area, [one.text for one in periods])
            standards = standards_on(connection, period.last)
            found = {text: figures_of(_whole(connection, report), population, standards, view) for text, report in held.items()}
        return {
            indicator.code: [
                (one.text, found[one.text][indicator.code] if one.text in found else None) for one in reversed(periods)
            ]
            for indicator in indicators
        }

    def persons(
        self,
        view: View,
        area: str,
        period: Period,
        village: str,
        code: str,
        population: str = ALL,
        number: int | None = None,
    ) -> list[Person]:
        """Everybody of a village on a side of an indicator in an issue, with the records and the reason, as they were frozen.

        Without names: a report keeps none. Raises Problem `not-found`, for what they may not read as for what is not there.
        """
        if village not in view.villages_of(area):
            raise Problem("not-found")
        indicator = _readable(view, code)
        _require_population(population)
        with reading(self._engine) as connection:
            issue = issue_of(connection, area, period, number)
            parts = Parts.read(connection, village, period.text, issue.parts)
            people = parts.people(None)
            names = store.names(connection, people, view.scopes)
        protected = parts.people(indicator.programme)
        found = [
            Person(resident, names.get(resident, ""), share.side, share.reason, share.records, share.on)
            for resident, said in people.items()
            if population == ALL or population in said["groups"]
            for share in shares_of(_counts(said, protected.get(resident), indicator.programme), indicator)
        ]
        return sorted(found, key=lambda one: (one.name, one.resident, one.on or dt.date.min, one.records))


def _counts(said: Json, protected: Json | None, programme: str | None) -> dict[str | None, Json]:
    counts: dict[str | None, Json] = {None: said["counts"]}
    return counts | {programme: protected["counts"]} if protected else counts


def _require_population(population: str) -> None:
    if population not in (ALL, *OPEN_GROUPS):
        raise Problem("unfit-request", faults=["/population: all, or a population group of the open"])


def _readable(view: View, code: str) -> Indicator:
    indicator = by_code(code)
    if indicator is None or (indicator.programme is not None and indicator.programme not in view.programmes):
        raise Problem("not-found")
    return indicator


def visible(view: View, parts: Mapping[str, int]) -> dict[str, int]:
    """The parts that somebody may read: what is in the open, and the programmes granted."""
    return {scope: number for scope, number in parts.items() if programme_of(scope) in (None, *view.programmes)}


def _for_the_reader(at: Positions, view: View) -> Positions:
    """What somebody may know of the feeds: of a protected programme without the grant not even how long it is."""
    mine = (None, *view.programmes)
    scopes = {scope: place for scope, place in at.scopes.items() if programme_of(scope) in mine}
    return replace(at, scopes=scopes, logs={scope: n for scope, n in at.logs.items() if programme_of(scope) in mine})


def figures_of(figures: Iterable[Json], population: str, standards: Standards, view: View) -> dict[str, Figure]:
    """The figures of parts, summed for a population, as numbers of the indicators that somebody may read."""
    sums: dict[str, Sum] = {}
    for part in figures:
        for code, by_population in part.items():
            if population in by_population:
                sums[code] = sums.get(code, Sum()).plus(Sum(*by_population[population]))
    whole = denominated(sums)
    mine = (one for one in INDICATORS if one.programme is None or one.programme in view.programmes)
    return {one.code: Figure.of(one, whole.get(one.code, Sum()), standards) for one in mine}


def _places(connection: Connection, issue: Issue, view: View) -> dict[str, list[Json]]:
    """The figures of each area below that of an issue (of a village: its own), in the open and of the programmes granted."""
    if len(issue.area) == VILLAGE_DIGITS:
        parts = store.parts(connection, issue.period, visible(view, issue.parts))
        return {issue.area: [part.figures for part in parts.values()]}
    found: dict[str, list[Json]] = {}
    for programme in (None, *sorted(view.programmes)):
        part = store.part(connection, scope_name(issue.area, programme), issue.period, issue.number)
        for place, figures in part.evidence["rows"].items():
            found.setdefault(place, []).append(figures)
    return found


def _inside(connection: Connection, issue: Issue, within: str, view: View) -> dict[str, list[Json]]:
    """The same of an area that is part of that of an issue; raises Problem `not-found` where none of it is in there."""
    own = {scope: number for scope, number in visible(view, issue.parts).items() if scope.startswith(within)}
    found: dict[str, list[Json]] = {}
    for scope, part in store.parts(connection, issue.period, own).items():
        found.setdefault(scope[: BELOW[len(within)]], []).append(part.figures)
    if not found:
        raise Problem("not-found")
    return found


def _rows(places: Mapping[str, Iterable[Json]], population: str, standards: Standards, view: View) -> Rows:
    return {place: figures_of(own, population, standards, view) for place, own in places.items()}


def issue_of(connection: Connection, area: str, period: Period, number: int | None = None) -> Issue:
    """An issue of a report, the one that holds without a number; raises Problem `not-found`."""
    wanted = store.report(connection, area, period.text).issue if number is None else number
    found = next((one for one in store.issues(connection, area, period.text) if one.number == wanted), None)
    if found is None:
        raise Problem("not-found")
    return found


def _held_at(connection: Connection, area: str, period: Period, at: str) -> Issue | None:
    """The issue of a report that held at an instant."""
    made = [one for one in store.issues(connection, area, period.text) if one.made_at <= at]
    return made[-1] if made else None


def _frozen_at(connection: Connection, issue: Issue, made: Mapping[str, str]) -> dict[str, str]:
    """When each village was frozen for the first time. `made`: when the parts of this issue were."""
    corrected = {village: 1 for village in made if issue.parts[village] > 1}
    first = store.positions(connection, issue.period, corrected)
    return {**made, **{village: computed_at for village, (_, computed_at) in first.items()}}


def _whole(connection: Connection, report: Report) -> list[Json]:
    """The figures of an area in the issue that holds, of every programme: above a village its sums are kept with it."""
    places = {scope_name(report.area, programme): report.issue for programme in OPEN_AND_PROTECTED}
    if len(report.area) == VILLAGE_DIGITS:
        places = dict(issue_of(connection, report.area, Period.parse(report.period)).parts)
    return [part.figures for part in store.parts(connection, report.period, places).values()]
