"""The route of a doctor's own work: what of it counts, and why not."""

from __future__ import annotations

from flask import Response, request
from flask_smorest import Blueprint

from server.api import Doors, bodies
from server.api.viewing import asking
from server.problems import Problem
from server.store.scope import wire_text
from server.worklist import Worklists
from sync import wire

MONTH = {"in": "query", "name": "month", "required": False, "schema": {"type": "string", "example": "2026-11"}}


def blueprint(doors: Doors) -> Blueprint:
    """The route, bound to the parts it asks."""
    routes = Blueprint("work", "work", url_prefix="/v1", description="What of one's own work counts")
    worklists = Worklists(doors.standings, doors.catalogue)

    @routes.get("/my-work")
    @routes.doc(parameters=[MONTH])
    @routes.alt_response(200, schema=wire.MyWork, success=True)
    def my_work() -> Response:
        """The records that the caller's person wrote about the days of a month, each counted or not, and why not."""
        who = asking(doors)
        month = request.args.get("month") or doors.standings.today.isoformat()[:7]
        try:
            found = worklists.of(who.scopes, who.person, month)
        except ValueError:
            raise Problem("unfit-request", faults=["/month: a month like 2026-11"]) from None
        counted = sum(line.counted for line in found)
        return bodies.json_text(wire_text({"month": month, "counted": counted, "lines": [line.wire() for line in found]}))

    return routes
