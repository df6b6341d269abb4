"""A report as tables and as an Excel workbook: every table, and a sheet that says what each number counts and rests on.

In a file a number of few persons is hidden by the standard `suppress_below`, by the same rule as in every other export
(`indicators/few.py`): nobody is to be recognised by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from server.indicators import BY_CODE
from server.indicators.counting import told_uncountable
from server.indicators.few import told, why
from server.indicators.reading import Figure
from server.reports.reading import RESIDENCE, Shown
from server.reports.wording import Words
from server.sheets import Column, Table, workbook
from sync.scopes import village_of

STATES = {
    "open": ("未计算", "open"),
    "computed": ("已计算", "computed"),
    "submitted": ("已上报", "submitted"),
    "accepted": ("已审核", "accepted"),
    "returned": ("已退回", "returned"),
    "locked": ("已锁定", "locked"),
}
ACTIONS = {
    "compute": ("计算", "computed"),
    "submit": ("上报", "submitted"),
    "accept": ("审核通过", "accepted"),
    "return": ("退回", "returned"),
    "lock": ("锁定", "locked"),
    "reissue": ("更正", "corrected"),
}
PLACES = {6: ("乡镇", "Township"), 9: ("村", "Village"), 12: ("村", "Village")}
Row = Mapping[str, Any]


def report_book(shown: Shown, words: Words) -> bytes:
    """The workbook of an issue."""
    return workbook(tables(shown, words), words.chinese, notes(shown, words))


def tables(shown: Shown, words: Words) -> list[Table]:
    """The tables of an issue: `total`, `areas`, `ranking` where there is one, `steps` and `positions`.

    Rows also name, beside the columns, the `code` of their area or `indicator`.
    """
    return [_total(shown, words), _areas(shown, words), *_ranks(shown), _life(shown, words), _positions(shown, words)]


def _total(shown: Shown, words: Words) -> Table:
    columns = (
        Column("name", "指标", "Indicator"),
        *COUNTED,
        Column("target", "目标", "Target", "rate"),
        Column("numerator_before", "上期分子", "Numerator before", "number"),
        Column("before", "上期比率", "Rate before", "rate"),
        Column("excluded", "不计入", "Not counted", "number"),
    )
    rows = []
    for code, figure in shown.total.items():
        past = _before(shown, code)
        before = counted(words, code, {"": past})[""] if past else {}
        rows.append(
            {
                "indicator": code,
                "name": words.say(BY_CODE[code].zh, BY_CODE[code].en),
                **counted(words, code, {"": figure})[""],
                "target": figure.target,
                "numerator_before": before.get("numerator"),
                "before": before.get("value"),
            }
        )
    return Table("total", "全部指标", "All indicators", columns, rows)


def _before(shown: Shown, code: str) -> Figure | None:
    """The number of the whole area in the period before, None where there was no report."""
    past = [own[code] for own in (shown.before or {}).values() if code in own]
    if not past:
        return None
    numerator, denominator = sum(one.numerator for one in past), sum(one.denominator for one in past)
    value = Fraction(numerator, denominator) if denominator else None
    return Figure(numerator, denominator, sum(one.excluded for one in past), value, past[0].target)


def changed(figures: Mapping[str, tuple[Figure, Figure]], words: Words) -> Table:
    """The indicators that a correction changes, before and after."""
    columns = [Column("name", "指标", "Indicator")]
    for side, zh, en in (("old", "原", "before"), ("new", "新", "after")):
        columns += [Column(f"{side}_{one.key}", f"{zh}{one.zh}", f"{one.en} {en}", one.kind) for one in COUNTED]
    rows = [
        {
            "indicator": code,
            "name": words.say(BY_CODE[code].zh, BY_CODE[code].en),
            **{
                f"{side}_{key}": value
                for side, figure in (("old", old), ("new", new))
                for key, value in counted(words, code, {"": figure})[""].items()
            },
        }
        for code, (old, new) in figures.items()
    ]
    return Table("changed", "变化的指标", "Indicators that change", columns, rows)


COUNTED = (
    Column("numerator", "分子", "Numerator", "number"),
    Column("denominator", "分母", "Denominator", "number"),
    Column("value", "比率", "Rate", "rate"),
)


def counted(words: Words, code: str, rows: Mapping[str, Figure]) -> dict[str, Row]:
    """Numerator, denominator, rate and what is not counted, by area; of few persons only that they are few."""
    hidden = words.say("隐藏", "hidden")
    return {area: vars(one) for area, one in told(rows, words.few, hidden, ratio=BY_CODE[code].ratio).items()}


def by_area(words: Words, shown: Shown) -> dict[str, dict[str, Row]]:
    """Every indicator by the areas that have it, as `counted`; the rank is told where the number is."""
    found: dict[str, dict[str, Row]] = {}
    ranking = shown.ranking
    for code in shown.total:
        rows = counted(words, code, {area: own[code] for area, own in shown.rows.items() if code in own})
        ranks = {area: ranking.rank(code, area) for area, own in rows.items() if own["value"] is not None}
        found[code] = {area: {**own, "rank": ranks.get(area)} for area, own in rows.items()}
    return found


def _areas(shown: Shown, words: Words) -> Table:
    """One line for each area and indicator, so that it can be filtered and summed."""
    zh, en = PLACES[len(shown.report.area)]
    columns = (
        Column("code", "代码", "Code"),
        Column("area", zh, en),
        Column("indicator", "指标代码", "Indicator"),
        Column("name", "指标", "Name"),
        *COUNTED,
        Column("excluded", "不计入", "Not counted", "number"),
        Column("rank", "名次", "Rank", "number"),
    )
    told_of = by_area(words, shown)
    rows = [
        {
            "code": area,
            "area": shown.names.get(area, area),
            "indicator": code,
            "name": words.say(BY_CODE[code].zh, BY_CODE[code].en),
            **told_of[code][area],
        }
        for area, own in shown.rows.items()
        for code in own
    ]
    return Table("areas", f"各{zh}", f"By {en.lower()}", columns, rows)


def _ranks(shown: Shown) -> Iterator[Table]:
    zh, en = PLACES[len(shown.report.area)]
    columns = (
        Column("area", zh, en),
        Column("rank", "名次", "Rank", "number"),
        Column("score", "综合得分", "Score", "score"),
        Column("before", "上期得分", "Before", "score"),
        Column("rank_before", "上期名次", "Rank before", "number"),
        Column("called_in", "需了解情况", "To call in"),
    )
    rows = [
        {
            **vars(one),
            "code": one.area,
            "area": shown.names.get(one.area, one.area),
            "called_in": "✓" if one.called_in else None,
        }
        for one in shown.ranking.composite
    ]
    if len(rows) > 1:
        yield Table("ranking", "综合排名", "Composite", columns, rows)


def _life(shown: Shown, words: Words) -> Table:
    """What became of the report, and why it was corrected."""
    columns = (
        Column("at", "时间", "When", "instant"),
        Column("action", "步骤", "Step"),
        Column("person", "人员", "Person"),
        Column("issue", "版次", "Issue", "number"),
        Column("note", "说明", "Note"),
    )
    rows = [
        {
            **vars(step),
            "at": words.instant(step.at),
            "action": words.say(*ACTIONS[step.action]),
            "person": words.person(step.person),
        }
        for step in shown.steps
    ]
    return Table("steps", "办理过程", "Steps", columns, rows)


def _positions(shown: Shown, words: Words) -> Table:
    """Up to where what was received is counted, and when it was settled who counts in which village."""
    columns = (
        Column("scope", "数据范围", "Scope"),
        Column("seq", "序号", "Position", "number"),
        Column("entries", "日志条数", "Entries of the log", "number"),
        Column("frozen", "首次冻结", "First frozen", "instant"),
    )
    frozen = {village: words.instant(at) for village, at in shown.frozen_at.items()}
    every = ((scope, place) for at in shown.positions.values() for scope, place in at.scopes.items())
    rows = [
        {"scope": scope, "seq": place.seq, "entries": place.entries, "frozen": frozen.get(village_of(scope))}
        for scope, place in every
    ]
    return Table("positions", "数据位置", "Positions", columns, rows)


def frozen(shown: Shown, words: Words) -> str:
    """When it was settled who counts where, and what that means."""
    first, last = (words.instant(moment) for moment in shown.frozen)
    when = first if first == last else words.say(f"{first} 至 {last}", f"{first} to {last}")
    return f"{when} {words.say(*RESIDENCE)}"


def lost(shown: Shown, words: Words) -> str:
    """How many residents are in no number, because their records cannot be counted; empty when everybody is."""
    return words.say(*told_uncountable(shown.uncountable)) if shown.uncountable else ""


def notes(shown: Shown, words: Words) -> Sequence[tuple[str, str]]:
    """What the numbers are of, what they rest on, and what each of them counts."""
    say, issue = words.say, shown.issue
    made = f"{words.instant(issue.made_at)} {words.person(issue.made_by)} {issue.reason}".rstrip()
    number = say(f"第{issue.number}版", f"Issue {issue.number}") + (
        say("（更正）", " (correction)") if issue.number > 1 else ""
    )
    phones = say("、", ", ").join(words.phone(device) for device in issue.unheard)
    every = [
        (say("区域", "Area"), f"{shown.names.get(shown.report.area, shown.report.area)} {shown.report.area}"),
        (say("期间", "Period"), f"{say(shown.period.zh, shown.period.en)} ({shown.period.text})"),
        (say("人群", "Population"), words.group(shown.population)),
        (say("状态", "State"), say(*STATES[shown.report.state])),
        (say("版次", "Issue"), f"{number} {made}"),
        (say("校验", "Hash"), issue.hash),
        (say("冻结时间", "Frozen"), frozen(shown, words)),
        (say("计算时间", "Computed at"), words.instant(shown.computed_at)),
        (say("未联系上的手机", "Phones not heard from"), phones or "—"),
        (say("无法计算", "Cannot be counted"), lost(shown, words)),
        (say("隐藏", "Hidden"), why_hidden(words)),
    ]
    return [(name, text) for name, text in every if text] + [
        (say(one.zh, one.en), say(one.definition_zh, one.definition_en)) for one in (BY_CODE[code] for code in shown.total)
    ]


def why_hidden(words: Words) -> str:
    """By what rule numbers are hidden; empty when none is."""
    if not words.few:
        return ""
    return words.say(*why(words.few))
