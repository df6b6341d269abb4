"""The routes about residents: who is meant, what one of them is due and has had, what is due in the caller's villages."""

from __future__ import annotations

from flask import Response, request
from flask_smorest import Blueprint

from server.access import Caller
from server.api import Doors, bodies
from server.api.viewing import asking
from server.problems import Problem
from server.store.scope import wire_text
from sync import wire
from sync.types.fields import Date

MOST = 200


def blueprint(doors: Doors) -> Blueprint:
    """The routes, bound to the parts they ask."""
    routes = Blueprint("residents", "residents", url_prefix="/v1", description="Standing of residents")

    def caller() -> Caller:
        return asking(doors)

    @routes.get("/residents")
    @routes.doc(parameters=[_asked("text"), _asked("group"), _asked("limit")])
    @routes.alt_response(200, schema=wire.Residents, success=True)
    def search() -> Response:
        """Residents by name, pinyin or its initials, the end of a telephone or identity number, and group."""
        who = caller()
        limit = request.args.get("limit", "50")
        if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= MOST):
            raise Problem("unfit-request", faults=[f"/limit: a number from 1 to {MOST}"])
        text, group = request.args.get("text", "")[:100], request.args.get("group")
        return bodies.json_text(wire_text({"residents": doors.standings.search(who.scopes, text, group, int(limit))}))

    @routes.get("/residents/<resident>/standing")
    @routes.doc(parameters=[_asked("on")])
    @routes.alt_response(200, schema=wire.StandingReply, success=True)
    def standing(resident: str) -> Response:
        """What a resident is due, has had, and counts as, today or on another day."""
        who = caller()
        on = request.args.get("on")
        day = Date.day(on) if on is not None else None
        if on is not None and day is None:
            raise Problem("unfit-request", faults=["/on: a day like 2026-11-22"])
        return bodies.json_text(wire_text(doors.standings.of(who.scopes, resident, day)))

    @routes.get("/due")
    @routes.alt_response(200, schema=wire.DueReply, success=True)
    def due() -> Response:
        """What is urgent, overdue, or due within seven days in the caller's villages, the most pressing first."""
        return bodies.json_text(wire_text({"due": doors.standings.due(caller().scopes)}))

    return routes


def _asked(name: str) -> dict[str, object]:
    return {"in": "query", "name": name, "required": False, "schema": {"type": "string"}}
