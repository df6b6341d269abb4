"""The routes about indicators: the numbers of an area, and the persons and records behind one of them."""

from __future__ import annotations

from flask import Response, request
from flask_smorest import Blueprint

from server.access import View
from server.api import Doors, bodies
from server.api.viewing import viewer
from server.indicators import BY_CODE
from server.indicators.counting import ALL
from server.indicators.reading import Person, Row, units_of
from server.indicators.told import definitions_on_wire, figure_on_wire, person_on_wire
from server.periods import MONTH, Period, PeriodError
from server.problems import Problem
from server.store.scope import wire_text
from sync import wire
from sync.codec import Json
from sync.scopes import VILLAGE_DIGITS


def blueprint(doors: Doors) -> Blueprint:
    """The routes, bound to the parts they ask."""
    routes = Blueprint("indicators", "indicators", url_prefix="/v1", description="Indicators")

    def asked() -> tuple[Period, str]:
        text = request.args.get("period")
        try:
            period = Period.parse(text) if text is not None else Period.on(doors.indicators.today, MONTH)
        except PeriodError as error:
            raise Problem("unfit-request", faults=[f"/period: {error}"]) from None
        return period, request.args.get("population", ALL)

    def reported(view: View, village: str, code: str, period: Period, population: str) -> list[Person] | None:
        """As a report has it; None where there is none."""
        for digits in (VILLAGE_DIGITS, 9, 6):
            try:
                return doors.report_reading.persons(view, village[:digits], period, village, code, population)
            except Problem as problem:
                if problem.kind.name != "not-found":
                    raise
        return None

    @routes.get("/indicators")
    @routes.doc(parameters=[_asked("area"), _asked("period"), _asked("population")])
    @routes.alt_response(200, schema=wire.IndicatorsReply, success=True)
    def figures() -> Response:
        """The numbers of an area, the caller's own by default, and of the areas below it, this month by default.

        What stands at the end of the period or over the calendar year is told while the period runs, what happened on its
        days for this calendar year; a period that is over has its report.
        """
        view = viewer(doors)
        area = request.args.get("area") or next(iter(view.areas), "")
        found = doors.indicators.figures(view, area, *asked())
        codes = found.total.keys()
        reply = {
            **_area(Row(found.area, found.name, found.total)),
            "period": found.period.text,
            "population": found.population,
            "rows": [_area(row) for row in found.rows],
            "definitions": definitions_on_wire(codes),
            "as_of": {
                "epoch": found.as_of.epoch,
                "positions": dict(found.as_of.positions),
                "day": found.as_of.day.isoformat(),
                "computed_at": found.as_of.computed_at,
                "edition": found.as_of.edition,
            },
            "behind": list(found.behind),
            "uncountable": found.uncountable,
            "unheard": list(found.unheard),
        }
        return bodies.json_text(wire_text(reply))

    @routes.get("/indicators/<code>/persons")
    @routes.doc(parameters=[_asked("village"), _asked("period"), _asked("population")])
    @routes.alt_response(200, schema=wire.IndicatorPersons, success=True)
    def persons(code: str) -> Response:
        """Everybody of a village on either side of an indicator, and who is excluded, with the records and the reason.

        Of a period that is over as its report has it: that of the village, else of an area above it. `units` is what they add
        up to, the number itself: where a record counts once, those who share it are one.
        """
        view = viewer(doors)
        period, population = asked()
        village = view.village(request.args.get("village", ""))
        found = reported(view, village, code, period, population) if period.last < doors.indicators.today else None
        if found is None:
            found = doors.indicators.persons(view, village, code, period, population)
        units = units_of(BY_CODE[code], found)._asdict()
        return bodies.json_text(wire_text({"persons": [person_on_wire(one) for one in found], "units": units}))

    return routes


def _area(row: Row) -> Json:
    return {
        "area": row.area,
        "name": row.name,
        "figures": {code: figure_on_wire(BY_CODE[code], figure) for code, figure in row.figures.items()},
    }


def _asked(name: str) -> dict[str, object]:
    return {"in": "query", "name": name, "required": False, "schema": {"type": "string"}}
