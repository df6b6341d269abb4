"""Pages about an area: its figures at a glance, and the ranking of what lies below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from flask import Response

from server.dashboard.frame import Desk, Visit
from server.dashboard.naming import local
from server.dashboard.numbers import CHILD, Numbers, context_of, definitions, numbers_of, position_notes, told_on
from server.indicators import BY_CODE, INDICATORS
from server.indicators.declare import FAMILIES, Indicator
from server.indicators.few import Told
from server.indicators.reading import Figure
from server.sheets import Cell, Column, Table

HEADLINE = ("sign_rate", "honour_person_full", "hypertension_standard", "hypertension_control", "followup_timely")


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


def _visible(visit: Visit) -> list[Indicator]:
    """The indicators that the person may read: of no protected programme, or of one that they are granted."""
    return [one for one in INDICATORS if one.programme is None or one.programme in visit.view.programmes]


def overview(visit: Visit, area: str) -> Response:
    """The figures of an area: five at a glance, all of them in a table, and the areas below it, the worst first."""
    numbers = numbers_of(visit, area, visit.period)
    before = numbers_of(visit, area, visit.period.previous())
    indicators = _visible(visit)
    heads = _heads(visit, area, numbers, before) if numbers else []
    tables = [_below(visit, area, numbers), _all(visit, area, numbers, before, indicators)] if numbers else []
    notes = [*position_notes(visit, numbers), *definitions(visit, indicators)]
    name = f"cunyi-{area}-{visit.period.text}"
    more = {"heads": heads, "source": numbers.source if numbers else None, **context_of(visit, area)}
    return visit.tables("overview.html", tables, notes, name, **more)


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
    said = {head: told_on(visit, numbers.rows, BY_CODE[head]) for head in HEADLINE}
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
        said = told_on(visit, {area: numbers.total}, one)[area]
        past = told_on(visit, {area: before.total}, one).get(area) if before else None
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
    context = {"heading": ("排名", "Ranking"), "source": numbers.source if numbers else None, **context_of(visit, area)}
    notes = position_notes(visit, numbers)
    if numbers is None:
        return visit.tables("ranking.html", [], notes, **context)
    ranked = [one for one in _visible(visit) if one.ratio and one.code in numbers.total]
    said = {one.code: told_on(visit, numbers.rows, one) for one in ranked}
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
