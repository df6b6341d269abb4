"""Pages about an area: its figures at a glance, the ranking of what lies below it, and the evidence behind one number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from flask import Response

from server.dashboard.frame import Desk, Visit, open_groups
from server.dashboard.naming import local
from server.dashboard.numbers import Numbers, called, is_village, numbers_of, periods_for, phones_named
from server.indicators import BY_CODE, INDICATORS, reasons
from server.indicators.declare import DENOMINATOR, EXCLUDED, FAMILIES, NUMERATOR, SIDES, Indicator
from server.indicators.few import Told, told, why
from server.indicators.reading import Figure, Person, by_unit
from server.problems import Problem
from server.sheets import Cell, Column, Table

HEADLINE = ("sign_rate", "honour_person_full", "hypertension_standard", "hypertension_control", "followup_timely")
BY_RECORD = (
    "按记录计数：同一记录涉及的几个人合为一行，各行相加即为该数字。",
    "Counted by record: those who share one stand in one row, so that the rows add up to the number.",
)
CHILD = {6: ("乡镇", "Township"), 9: ("村", "Village"), 12: ("村", "Village")}


@dataclass(frozen=True)
class Head:
    """One of the large figures: its definition, its number, what it changed by, and its course."""

    code: str
    zh: str
    en: str
    sentence_zh: str
    sentence_en: str
    figure: Figure
    change: str | None
    trend: Sequence[tuple[str, Fraction | None]]

    @property
    def below(self) -> bool:
        """True where the target is not reached."""
        value, target = self.figure.value, self.figure.target
        missed = value is not None and target is not None and value < target
        return missed != (BY_CODE[self.code].lower_is_better and value is not None and target is not None and value != target)


def register(desk: Desk) -> None:
    """Declare the pages."""
    desk.page("/areas/<area>", action="look.overview")(overview)
    desk.page("/areas/<area>/ranking", action="look.ranking")(ranking_page)
    desk.page("/areas/<area>/indicators/<indicator>", action="look.evidence")(evidence)


def _context(visit: Visit, area: str) -> dict[str, Any]:
    return {"area": area, "periods": periods_for(visit), "groups": open_groups()}


def _visible(visit: Visit) -> list[Indicator]:
    """The indicators that the person may read: of no protected programme, or of one that they are granted."""
    return [one for one in INDICATORS if one.programme is None or one.programme in visit.view.programmes]


def definitions(visit: Visit, indicators: Sequence[Indicator]) -> list[tuple[str, str]]:
    """The sentence of each, with where it comes from and its version."""
    return [(visit.say(one.zh, one.en), visit.say(one.definition_zh, one.definition_en)) for one in indicators]


def overview(visit: Visit, area: str) -> Response:
    """The figures of an area: five at a glance, all of them in a table, and the areas below it, the worst first."""
    numbers = numbers_of(visit, area, visit.period)
    before = numbers_of(visit, area, visit.period.previous())
    indicators = _visible(visit)
    heads = _heads(visit, area, numbers, before) if numbers else []
    tables = [_below(visit, area, numbers), _all(visit, area, numbers, before, indicators)] if numbers else []
    notes = [*_position(visit, numbers), *definitions(visit, indicators)]
    name = f"cunyi-{area}-{visit.period.text}"
    more = {"heads": heads, "source": numbers.source if numbers else None, **_context(visit, area)}
    return visit.tables("overview.html", tables, notes, name, **more)


def _few(visit: Visit) -> int:
    """Numbers below this are hidden: in a file, which goes where nobody is asked what they may see; on the page none."""
    return visit.standards.suppress_below if visit.args.get("format") == "xlsx" else 0


def _told(visit: Visit, rows: Mapping[str, Mapping[str, Figure]], one: Indicator) -> dict[str, Told]:
    """One indicator of the areas that have it, as it may be told."""
    own = {area: figures[one.code] for area, figures in rows.items() if one.code in figures}
    return told(own, _few(visit), visit.say("隐藏", "hidden"), ratio=one.ratio)


def _position(visit: Visit, numbers: Numbers | None) -> list[tuple[str, str]]:
    if numbers is None:
        return []
    few = _few(visit)
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


def _heads(visit: Visit, area: str, numbers: Numbers, before: Numbers | None) -> list[Head]:
    trends = visit.doors.report_reading.trends(visit.view, area, HEADLINE, visit.period, visit.population)
    return [_head(visit, BY_CODE[code], numbers, before, trends[code]) for code in HEADLINE]


def _head(
    visit: Visit, one: Indicator, numbers: Numbers, before: Numbers | None, trend: Sequence[tuple[str, Figure | None]]
) -> Head:
    figure = numbers.total[one.code]
    past = before.total.get(one.code) if before else None
    points = [(text, past_figure.value if past_figure else None) for text, past_figure in trend]
    return Head(
        one.code,
        one.zh,
        one.en,
        one.sentence_zh,
        one.sentence_en,
        figure,
        _change(visit, figure.value, past.value if past else None),
        [*points, (visit.period.text, figure.value)],
    )


def _change(visit: Visit, now: Fraction | None, before: Fraction | None) -> str | None:
    """The difference in percentage points, with its sign: from 20 % to 21 % is one point, and five per cent."""
    if now is None or before is None:
        return None
    exact = Decimal((now - before).numerator) / Decimal((now - before).denominator)
    points = (exact * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    said = f"{points:+}" if points else "0.0"
    return visit.say(f"{said} 个百分点", f"{said} points")


def _below(visit: Visit, area: str, numbers: Numbers) -> Table:
    """The areas below one, by the headline figures, the worst first."""
    zh, en = CHILD[len(area)]
    columns = [Column("area", zh, en)]
    columns += [Column(code, BY_CODE[code].zh, BY_CODE[code].en, "rate") for code in HEADLINE]
    columns += [Column("heard", "最后同步", "Last sync", "instant"), Column("evidence", "依据", "Evidence")]
    rows = []
    said = {head: _told(visit, numbers.rows, BY_CODE[head]) for head in HEADLINE}
    for code in numbers.rows:
        heard = local(visit, numbers.heard.get(code))
        row: dict[str, Any] = {
            "area": Cell(visit.area_name(code), visit.href("overview", area=code)),
            "heard": Cell(heard, tone=None if heard else "warn", hint=None if heard else visit.say("未同步过", "never")),
            "evidence": Cell(visit.say("看证据", "Look"), visit.href("evidence", area=code, indicator="honour_person_full")),
        }
        for head in HEADLINE:
            one = said[head][code]
            row[head] = Cell(one.value, visit.href("evidence", area=code, indicator=head), f"{one.numerator}/{one.denominator}")
        rows.append(row)
    return Table("areas", f"各{zh}", f"By {en.lower()}", columns, rows, sort="honour_person_full")


def _all(visit: Visit, area: str, numbers: Numbers, before: Numbers | None, indicators: Sequence[Indicator]) -> Table:
    columns = (
        Column("name", "指标", "Indicator"),
        Column("family", "类别", "Family"),
        Column("numerator", "分子", "Numerator", "number"),
        Column("denominator", "分母", "Denominator", "number"),
        Column("value", "比率", "Rate", "rate"),
        Column("target", "目标", "Target", "rate"),
        Column("before", "上期", "Before", "rate"),
        Column("excluded", "不计入", "Not counted", "number"),
    )
    rows = []
    for one in indicators:
        figure = numbers.total.get(one.code)
        if figure is None:
            continue
        said = _told(visit, {area: numbers.total}, one)[area]
        past = _told(visit, {area: before.total}, one).get(area) if before else None
        rows.append(
            {
                "name": Cell(visit.say(one.zh, one.en), visit.href("evidence", area=area, indicator=one.code)),
                "family": visit.say(*FAMILIES[one.family]),
                "numerator": said.numerator,
                "denominator": said.denominator,
                "value": said.value,
                "target": figure.target,
                "before": past.value if past else None,
                "excluded": said.excluded,
            }
        )
    return Table("indicators", "全部指标", "All indicators", columns, rows)


def ranking_page(visit: Visit, area: str) -> Response:
    """The areas below one in the order of the composite and of each indicator; small denominators are shown, not ranked."""
    numbers = numbers_of(visit, area, visit.period)
    context = {"heading": ("排名", "Ranking"), "source": numbers.source if numbers else None, **_context(visit, area)}
    notes = _position(visit, numbers)
    if numbers is None:
        return visit.tables("ranking.html", [], notes, **context)
    ranked = [one for one in _visible(visit) if one.ratio and one.code in numbers.total]
    said = {one.code: _told(visit, numbers.rows, one) for one in ranked}
    zh, en = CHILD[len(area)]
    place = Column("area", zh, en)
    overall = Table(
        "composite",
        "综合排名",
        "Composite",
        (
            place,
            Column("rank", "名次", "Rank", "number"),
            Column("score", "综合得分", "Score", "score"),
            Column("before", "上期得分", "Before", "score"),
            Column("note", "说明", "Note"),
        ),
        [
            {
                "area": Cell(visit.area_name(one.area), visit.href("overview", area=one.area)),
                "rank": one.rank,
                "score": one.score,
                "before": one.before,
                "note": Cell(_noted(visit, one), tone="warn" if one.called_in else None),
            }
            for one in numbers.ranking.composite
        ],
        sort="rank",
    )
    single = Table(
        "single",
        "单项排名",
        "By indicator",
        (place, *(Column(one.code, one.zh, one.en, "rate") for one in ranked)),
        [
            {
                "area": Cell(visit.area_name(code), visit.href("overview", area=code)),
                **{one.code: _place_of(visit, code, one, said[one.code].get(code), numbers) for one in ranked},
            }
            for code in numbers.rows
        ],
    )
    notes = [*notes, *definitions(visit, ranked)]
    return visit.tables("ranking.html", [overall, single], notes, f"cunyi-ranking-{area}-{visit.period.text}", **context)


def _noted(visit: Visit, one: Any) -> str:
    if one.called_in:
        return visit.say("得分下降，请了解情况，看是否需要帮助", "The score fell: ask whether help is needed")
    return (
        "" if one.rank is not None else visit.say("可排名的指标不足，不计综合得分", "Too little that can be ranked: no score")
    )


def _place_of(visit: Visit, area: str, one: Indicator, figure: Told | None, numbers: Numbers) -> Cell:
    if figure is None:
        return Cell(None)
    rank = numbers.ranking.rank(one.code, area)
    said = visit.say(f"第{rank}名", f"rank {rank}") if rank else visit.say("分母小，不排名", "too few to rank")
    counted = f"{figure.numerator}/{figure.denominator}"
    told_too = figure.value is not None  # the rank of a hidden share would tell much of it
    return Cell(
        figure.value, visit.href("evidence", area=area, indicator=one.code), f"{counted} · {said}" if told_too else counted
    )


def evidence(visit: Visit, area: str, indicator: str) -> Response:
    """Who is behind one number: by area down to a village, there person by person with the records and the reasons."""
    one = BY_CODE.get(indicator)
    if one is None or (one.programme is not None and one.programme not in visit.view.programmes):
        raise Problem("not-found")
    report = report_named(visit, area)
    numbers = numbers_of(visit, area, visit.period, report.get("of"), issue_named(visit))
    name = visit.say(one.zh, one.en)
    context = {
        "one": one,
        "figure": numbers.total.get(indicator) if numbers else None,
        "source": numbers.source if numbers else None,
        "crumbs": [(name, None)],
        "sides": SIDES if is_village(area) else {},
        "unit": BY_RECORD if one.once else None,
        "side": side_of(visit),
        **_context(visit, area),
    }
    tables = []
    if numbers:
        tables = [_persons(visit, one, numbers) if is_village(area) else _by_area(visit, area, one, numbers, report)]
    notes = [*_position(visit, numbers), *definitions(visit, [one])]
    if one.once:
        notes.append((visit.say("计数单位", "Unit"), visit.say(*BY_RECORD)))
    return visit.tables("evidence.html", tables, notes, f"cunyi-{indicator}-{area}-{visit.period.text}", **context)


def _by_area(visit: Visit, area: str, one: Indicator, numbers: Numbers, report: Mapping[str, str]) -> Table:
    zh, en = CHILD[len(area)]
    columns = (
        Column("area", zh, en),
        Column("numerator", "分子", "Numerator", "number"),
        Column("denominator", "分母", "Denominator", "number"),
        Column("value", "比率", "Rate", "rate"),
        Column("excluded", "不计入", "Not counted", "number"),
    )
    rows = []
    for code, said in _told(visit, numbers.rows, one).items():
        address = visit.href("evidence", area=code, indicator=one.code, **report)
        rows.append({"area": Cell(visit.area_name(code), address), **vars(said)})
    return Table("evidence", f"各{zh}", f"By {en.lower()}", columns, rows, sort="value")


def _persons(visit: Visit, one: Indicator, numbers: Numbers) -> Table:
    """Everybody on either side, who is not above the line first; a row is a unit, so that the rows add up to the number.

    Of what counts a record once that is the record, with everybody who shares it.
    """
    columns = (
        Column("name", "居民", "Resident"),
        Column("side", "计入情况", "Counted"),
        Column("reason", "原因", "Reason"),
        Column("on", "日期", "Day", "day"),
        Column("records", "依据的记录", "Records"),
    )
    order = {DENOMINATOR: 0, NUMERATOR: 1, EXCLUDED: 2}
    wanted = side_of(visit)
    every = [person for person in numbers.persons(one.code) if wanted in (None, person.side)]
    persons = sorted(every, key=lambda p: (order[p.side], p.reason or "", p.name))
    titles = called(visit, "record", {person.records[0] for person in persons if person.records})
    rows = [
        {
            "name": Cell(
                visit.say("、", ", ").join(one.name for one in unit),
                visit.href("resident", resident=unit[0].resident),
                _together(visit, unit),
            ),
            "side": Cell(visit.say(*SIDES[unit[0].side]), tone="good" if unit[0].side == NUMERATOR else None),
            "reason": visit.say("；", "; ").join(visit.say(*reasons.labels(one)) for one in _reasons(unit)) or None,
            "on": unit[0].on,
            "records": _first_record(visit, unit[0], titles),
        }
        for unit in by_unit(one, persons)
    ]
    if not one.once:
        return Table("persons", "人员名单", "Persons", columns, rows)
    return Table("persons", "记录清单", "Records", columns, rows)


def _reasons(unit: Sequence[Person]) -> list[str]:
    return list(dict.fromkeys(person.reason for person in unit if person.reason))


def _together(visit: Visit, unit: Sequence[Person]) -> str | None:
    """How many persons share the record that is one unit."""
    return visit.say(f"同一记录，{len(unit)} 人", f"{len(unit)} persons, one record") if len(unit) > 1 else None


def report_named(visit: Visit, area: str) -> dict[str, str]:
    """The report and issue whose numbers are shown, as arguments of further addresses; none while the period runs."""
    if visit.today in visit.period:
        return {}
    return {"of": area} | {name: value for name in ("of", "issue") if (value := visit.args.get(name))}


def issue_named(visit: Visit) -> int | None:
    """The number of an issue in the address, None for the one that holds; raises Problem `unfit-request`."""
    text = visit.args.get("issue")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise Problem("unfit-request", faults=["/issue: a number from 1"])
    return int(text)


def side_of(visit: Visit) -> str | None:
    """The side that the address asks for, None for all of them; raises Problem `unfit-request`."""
    side = visit.args.get("side") or None
    if side not in (None, *SIDES):
        raise Problem("unfit-request", faults=["/side: numerator, denominator or excluded"])
    return side


def _first_record(visit: Visit, person: Person, titles: Mapping[str, str]) -> Cell:
    """The record that shows it, and how many there are."""
    if not person.records:
        return Cell(None)
    first, rest = person.records[0], len(person.records) - 1
    hint = visit.say(f"另有 {rest} 条", f"and {rest} more") if rest else None
    return Cell(titles.get(first, first[:8]), visit.href("record", resident=person.resident, record=first), hint)
