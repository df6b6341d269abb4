"""The routes about period reports: what was frozen, what it rests on, what has arrived since, and the steps of a report."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from server.access import View
from server.api import Doors, bodies
from server.api.viewing import viewer
from server.indicators.counting import ALL
from server.indicators.told import person_on_wire
from server.periods import Period, PeriodError
from server.problems import Problem
from server.reports.told import difference_as_json, shown_as_json
from server.store.scope import wire_text
from sync import wire
from sync.scopes import TOWNSHIP_DIGITS


def blueprint(doors: Doors) -> Blueprint:
    """The routes, bound to the parts they ask."""
    routes = Blueprint("reports", "reports", url_prefix="/v1", description="Period reports")
    step_schema, correction_schema = wire.ReportStep(), wire.ReportCorrection()

    @routes.get("/reports")
    @routes.alt_response(200, schema=wire.Reports, success=True)
    def listed() -> Response:
        """The reports of the caller's areas that were computed, the latest period first."""
        found = [vars(one) for one in doors.report_reading.listed(viewer(doors))]
        return bodies.json_text(wire_text({"reports": found}))

    @routes.get("/reports/<area>/<period>")
    @routes.doc(parameters=[_asked("issue"), _asked("population")])
    @routes.alt_response(200, schema=wire.ReportReply, success=True)
    def show(area: str, period: str) -> Response:
        """A report: the issue that holds or an earlier one, with ranks, definitions, positions and steps."""
        population = request.args.get("population", ALL)
        shown = doors.report_reading.show(viewer(doors), area, _period(period), _issue(), population)
        return bodies.json_text(wire_text(shown_as_json(shown)))

    @routes.get("/reports/<area>/<period>/persons")
    @routes.doc(parameters=[_asked("village"), _asked("indicator"), _asked("issue"), _asked("population")])
    @routes.alt_response(200, schema=wire.IndicatorPersons, success=True)
    def persons(area: str, period: str) -> Response:
        """Everybody of a village on a side of an indicator, with the records and the reason, as they were frozen."""
        village, code, population = (
            request.args.get(n, d) for n, d in (("village", ""), ("indicator", ""), ("population", ALL))
        )
        view = viewer(doors)
        found = doors.report_reading.persons(view, area, _period(period), village, code, population, _issue())
        return bodies.json_text(wire_text({"persons": [person_on_wire(one) for one in found]}))

    @routes.get("/reports/<area>/<period>/difference")
    @routes.doc(parameters=[_asked("issue")])
    @routes.alt_response(200, schema=wire.ReportDifference, success=True)
    def difference(area: str, period: str) -> Response:
        """What has arrived since the issue that holds; with `issue` what that correction changed. Of a township or a village.

        `ruled`, `by_rules`: who is counted otherwise by other rules, of another release or other standards; nothing came late.
        """
        view, number = viewer(doors), _issue()
        asked = _period(period)
        _require_few(view, area, "difference", asked)
        reports = doors.reports
        found = reports.difference(view, area, asked) if number is None else reports.change(view, area, asked, number)
        return bodies.json_text(wire_text(difference_as_json(found)))

    @routes.post("/reports/<area>/<period>/steps")
    @routes.doc(requestBody=_body(wire.ReportStep))
    @routes.alt_response(200, schema=wire.ReportLine, success=True)
    def step(area: str, period: str) -> Response:
        """Submit, accept, return or lock a report."""
        view = viewer(doors)
        body, _ = bodies.read(step_schema)
        done = doors.reports.step(view, area, _period(period), body["action"], body["note"], body["issue"])
        return bodies.json_text(wire_text(vars(done)))

    @routes.post("/reports/<area>/<period>/corrections")
    @routes.doc(requestBody=_body(wire.ReportCorrection))
    @routes.alt_response(200, schema=wire.ReportLine, success=True)
    def correct(area: str, period: str) -> Response:
        """Issue a correction by what has arrived since, with the reason. Of a township or a village."""
        view = viewer(doors)
        body, _ = bodies.read(correction_schema)
        asked = _period(period)
        _require_few(view, area, "reissue", asked)
        done = doors.reports.reissue(view, area, asked, body["reason"], body["issue"])
        return bodies.json_text(wire_text(vars(done)))

    return routes


def _require_few(view: View, area: str, action: str, period: Period) -> None:
    """Raises Problem `unfit-request` for an area above a township, which takes minutes to count, and `not-found` as any route."""
    view.villages_of(area)
    if len(area) < TOWNSHIP_DIGITS:
        command = f"cunyi report {action} {area} {period.text}"
        raise Problem(
            "unfit-request", faults=[f"/area: a county takes minutes: ask by township, or the operator runs {command}"]
        )


def _period(text: str) -> Period:
    try:
        return Period.parse(text)
    except PeriodError as error:
        raise Problem("unfit-request", faults=[f"/period: {error}"]) from None


def _issue() -> int | None:
    text = request.args.get("issue")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 6):
        raise Problem("unfit-request", faults=["/issue: a number from 1"])
    return int(text)


def _asked(name: str) -> dict[str, object]:
    return {"in": "query", "name": name, "required": False, "schema": {"type": "string"}}


def _body(schema: type) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}
