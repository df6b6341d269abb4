"""The numbers that a page shows: live ones while a period runs, those of its report when it is over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from server.dashboard.frame import Visit, open_groups
from server.indicators.counting import told_uncountable
from server.indicators.declare import Indicator
from server.indicators.few import Told, told, why
from server.indicators.reading import Figure, Person
from server.periods import KINDS, MONTH, Period
from server.problems import Problem
from server.reports.ranking import Ranking, ranked
from server.store import devices
from server.store.engine import reading
from server.store.names import names
from sync.scopes import VILLAGE_DIGITS

MONTHS_BACK = 12
CHILD = {6: ("乡镇", "Township"), 9: ("村", "Village"), 12: ("村", "Village")}


@dataclass(frozen=True)
class Source:
    """Where numbers come from, as a line above them; `href`: the report."""

    zh: str
    en: str
    tone: str | None = None
    href: str | None = None


@dataclass(frozen=True)
class Numbers:
    """The numbers of an area and of those below it; `position`: what they rest on; `unheard`: devices.

    `rank`: makes the ranking, with the period before beside it; most pages show none.
    """

    rows: Mapping[str, Mapping[str, Figure]]
    total: Mapping[str, Figure]
    rank: Callable[[], Ranking]
    heard: Mapping[str, str | None]
    unheard: Sequence[str]
    position: str
    source: Source
    persons: Callable[[str], list[Person]]

    @cached_property
    def ranking(self) -> Ranking:
        """The ranks of the areas below."""
        return self.rank()


def numbers_of(visit: Visit, area: str, period: Period, of: str | None = None, issue: int | None = None) -> Numbers | None:
    """The numbers of an area in a period; None where it is over, or to come, and has no report.

    `of`: as the report of an area above it has them; `issue`: of that report, the one that holds without a number.
    """
    visit.view.villages_of(area)
    if visit.today in period:
        return _live(visit, area, period)
    try:
        return _frozen(visit, area, period, of or area, issue)
    except Problem as problem:
        if problem.kind.name != "not-found":
            raise
        return None


def _live(visit: Visit, area: str, period: Period) -> Numbers:
    found = visit.doors.indicators.figures(visit.view, area, period, visit.population)
    visit.fresh[area] = found.freshness
    rows = {row.area: row.figures for row in found.rows}
    behind = len(found.behind)
    zh, en = f"实时数据，{period.zh}尚未结束", f"Live: {period.en} is not over"
    source = Source(zh, en)
    if behind:
        source = Source(
            f"{zh}；{behind} 个村的新数据正在计算", f"{en}; new records of {behind} villages are being counted", "warn"
        )
    source = _without(source, found.uncountable)
    seqs = sum(found.as_of.positions.values())
    return Numbers(
        rows,
        found.total,
        lambda: ranked(rows, visit.standards, _before(visit, area, period)),
        _heard(found.freshness.doctors, list(rows)),
        found.unheard,
        f"{found.as_of.epoch} · {found.as_of.computed_at} · Σseq {seqs} · {found.as_of.edition}",
        source,
        lambda code: visit.doors.indicators.persons(visit.view, area, code, period, visit.population),
    )


def _without(source: Source, uncountable: int) -> Source:
    """A source that says how many residents are missing in it."""
    if not uncountable:
        return source
    zh, en = told_uncountable(uncountable)
    return replace(source, zh=f"{source.zh}；{zh}", en=f"{source.en}; {en}", tone="warn")


def _frozen(visit: Visit, area: str, period: Period, of: str, issue: int | None) -> Numbers:
    desk = visit.doors.report_reading
    shown = desk.show(visit.view, of, period, issue, visit.population, within=area)
    number = shown.issue.number
    zh = f"报表第{number}版" + ("（更正）" if number > 1 else "")
    en = f"Report, issue {number}" + (" (correction)" if number > 1 else "")
    if of != area:
        zh, en = f"{visit.area_name(of)}{zh}", f"{en} of {visit.area_name(of)}"
    href = visit.href("report", area=of, period=period.text, issue=number)
    return Numbers(
        shown.rows,
        shown.total,
        lambda: shown.ranking,
        {},
        shown.issue.unheard,
        f"{shown.computed_at} · {shown.issue.hash[:16]}",
        _without(Source(zh, en, "good", href), shown.uncountable),
        lambda code: desk.persons(visit.view, of, period, area, code, visit.population, number),
    )


def called(visit: Visit, kind: str, ids: Collection[str]) -> dict[str, str]:
    """What residents or records are called, by id; of those that the person may see."""
    with reading(visit.doors.engine) as connection:
        found = names(connection, visit.view.scopes, sorted((kind, one) for one in ids), visit.doors.catalogue)
    return {one: visit.say(*both) for (_, one), both in found.items()}


def phones_named(visit: Visit, unheard: Sequence[str]) -> list[str]:
    """The phones of a list, by whose they are."""
    with reading(visit.doors.engine) as connection:
        owners = devices.phone_names(connection)
    return [owners.get(device, device) for device in unheard]


def _before(visit: Visit, area: str, period: Period) -> Mapping[str, Mapping[str, Figure]] | None:
    past = numbers_of(visit, area, period.previous())
    return past.rows if past else None


def _heard(doctors: Sequence[object], areas: Sequence[str]) -> dict[str, str | None]:
    """When the villages of each area were last heard, by any phone of somebody who works there."""
    found: dict[str, str | None] = dict.fromkeys(areas)
    for doctor in doctors:
        for village in doctor.worker.own:  # type: ignore[attr-defined]
            area = next((one for one in areas if village.startswith(one)), None)
            heard = doctor.heard_at  # type: ignore[attr-defined]
            if area is not None and heard is not None:
                found[area] = max(found[area] or "", heard)
    return found


def periods_for(visit: Visit) -> list[Period]:
    """The periods that a page offers: those of today, the months of the last year, and the one that is looked at."""
    found = [Period.on(visit.today, kind) for kind in KINDS]
    month = Period.on(visit.today, MONTH)
    for _ in range(MONTHS_BACK):
        month = month.previous()
        found.append(month)
    found += [Period.on(visit.today, kind).previous() for kind in ("day", "week", "quarter", "year")]
    return list(dict.fromkeys([*found, visit.period]))


def is_village(area: str) -> bool:
    """True for the code of a village."""
    return len(area) == VILLAGE_DIGITS


def context_of(visit: Visit, area: str) -> dict[str, Any]:
    """What every page of numbers about an area has: the area, and the periods and groups to choose from."""
    return {"area": area, "periods": periods_for(visit), "groups": open_groups()}


def definitions(visit: Visit, indicators: Sequence[Indicator]) -> list[tuple[str, str]]:
    """The sentence of each, with where it comes from and its version."""
    return [(visit.say(one.zh, one.en), visit.say(one.definition_zh, one.definition_en)) for one in indicators]


def few_on(visit: Visit) -> int:
    """Numbers below this are hidden: in a file, which goes where nobody is asked what they may see; on the page none."""
    return visit.standards.suppress_below if visit.args.get("format") == "xlsx" else 0


def told_on(visit: Visit, rows: Mapping[str, Mapping[str, Figure]], one: Indicator) -> dict[str, Told]:
    """One indicator of the areas that have it, as it may be told."""
    own = {area: figures[one.code] for area, figures in rows.items() if one.code in figures}
    return told(own, few_on(visit), visit.say("隐藏", "hidden"), ratio=one.ratio)


def position_notes(visit: Visit, numbers: Numbers | None) -> list[tuple[str, str]]:
    """What the numbers of a page are of and rest on, as notes below it and in its file."""
    if numbers is None:
        return []
    few = few_on(visit)
    group = visit.say(*open_groups().get(visit.population, ("全部居民", "All residents")))
    return [
        (visit.say("期间与人群", "Period and group"), f"{visit.say(visit.period.zh, visit.period.en)} · {group}"),
        (visit.say("数据位置", "Position of the data"), numbers.position),
        (
            visit.say("未联系上的手机", "Phones not heard from"),
            "、".join(phones_named(visit, numbers.unheard)) or "—",
        ),
        *([(visit.say("隐藏", "Hidden"), visit.say(*why(few)))] if few else []),
    ]


def issue_named(visit: Visit) -> int | None:
    """The number of an issue in the address, None for the one that holds; raises Problem `unfit-request`."""
    text = visit.args.get("issue")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise Problem("unfit-request", faults=["/issue: a number from 1"])
    return int(text)
