"""A report and a difference as JSON, for programs: the same by the command and by `/v1/reports`."""

from __future__ import annotations

from dataclasses import asdict

from server.indicators import BY_CODE
from server.indicators.told import definitions_on_wire, figure_on_wire
from server.reports.corrections import Difference
from server.reports.ranking import Scored
from server.reports.reading import RESIDENCE, Figures, Shown
from sync.codec import Json


def shown_as_json(shown: Shown) -> Json:
    """An issue of a report with everything that belongs to it."""
    ranking = shown.ranking
    return {
        "area": shown.report.area,
        "name": shown.names.get(shown.report.area, shown.report.area),
        "period": shown.period.text,
        "population": shown.population,
        "state": shown.report.state,
        "issue": shown.issue.number,
        "made_at": shown.issue.made_at,
        "made_by": shown.issue.made_by,
        "reason": shown.issue.reason,
        "hash": shown.issue.hash,
        "uncountable": shown.uncountable,
        "figures": _figures(shown.total),
        "rows": [
            {
                "area": area,
                "name": shown.names.get(area, area),
                "figures": _figures(own),
                "ranks": {code: ranks[area] for code, ranks in ranking.ranks.items() if area in ranks and code in own},
            }
            for area, own in shown.rows.items()
        ],
        "composite": [_scored(one) for one in ranking.composite],
        "definitions": definitions_on_wire(shown.total),
        "as_of": {
            "day": shown.period.last.isoformat(),
            "computed_at": shown.computed_at,
            "frozen_at": dict(shown.frozen_at),
            "residence_zh": RESIDENCE[0],
            "residence_en": RESIDENCE[1],
            "positions": {village: at.wire()["scopes"] for village, at in shown.positions.items()},
        },
        "unheard": list(shown.issue.unheard),
        "issues": [
            {"issue": one.number, "made_at": one.made_at, "made_by": one.made_by, "reason": one.reason} for one in shown.issues
        ],
        "steps": [asdict(one) for one in shown.steps],
    }


def difference_as_json(found: Difference) -> Json:
    """What two sets of numbers differ by."""
    return {
        "area": found.area,
        "period": found.period,
        "villages": list(found.villages),
        "ruled": list(found.ruled),
        "figures": {
            code: {
                "before": figure_on_wire(BY_CODE[code], before),
                "after": figure_on_wire(BY_CODE[code], after),
            }
            for code, (before, after) in found.figures.items()
        },
        "persons": [
            {
                "village": one.village,
                "resident": one.resident,
                "name": one.name,
                "changes": [
                    {"indicator": change.indicator, "before": list(change.before), "after": list(change.after)}
                    for change in one.changes
                ],
                "arrivals": [asdict(arrival) for arrival in one.arrivals],
                "by_rules": one.by_rules,
            }
            for one in found.persons
        ],
    }


def _figures(own: Figures) -> Json:
    return {code: figure_on_wire(BY_CODE[code], figure) for code, figure in own.items()}


def _scored(one: Scored) -> Json:
    return {
        "area": one.area,
        "score": None if one.score is None else str(one.score),
        "rank": one.rank,
        "before": None if one.before is None else str(one.before),
        "rank_before": one.rank_before,
        "called_in": one.called_in,
    }
