"""The routes of a doctor's own work: what of it counts, and why not; what became of what was set aside."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response, request
from flask_smorest import Blueprint

from server.api import Doors, bodies
from server.api.viewing import asking
from server.problems import Problem
from server.store.engine import reading
from server.store.scope import wire_text
from server.worklist import Worklist, Worklists
from sync import wire

MONTH = {"in": "query", "name": "month", "required": False, "schema": {"type": "string", "example": "2026-11"}}
ONLY = {"in": "query", "name": "only", "required": False, "schema": {"type": "string", "enum": ["reports"]}}


def blueprint(doors: Doors) -> Blueprint:
    """The routes, bound to the parts it asks."""
    routes = Blueprint("work", "work", url_prefix="/v1", description="What of one's own work counts")
    worklists = Worklists(doors.standings, doors.catalogue, doors.config.day_of)

    @routes.get("/my-work")
    @routes.doc(parameters=[MONTH, ONLY])
    @routes.alt_response(200, schema=wire.MyWork, success=True)
    def my_work() -> Response:
        """The records that the caller's person wrote about the days of a month, each counted or not, and why not.

        Of a month that is frozen also whether the report counts it: what came later, or counts only by what came later, is not
        counted until the report is corrected. With `only=reports` there are no lines.
        """
        who = asking(doors)
        month = request.args.get("month") or doors.standings.today.isoformat()[:7]
        try:
            if request.args.get("only") == "reports":
                with reading(doors.engine) as connection:
                    found = Worklist([], worklists.reports(connection, who.scopes, month))
            else:
                found = worklists.of(who.scopes, who.person, month)
        except ValueError:
            raise Problem("unfit-request", faults=["/month: a month like 2026-11"]) from None
        counted = sum(line.counted for line in found.lines)
        lines, reports = [line.wire() for line in found.lines], [asdict(one) for one in found.reports]
        return bodies.json_text(wire_text({"month": month, "counted": counted, "lines": lines, "reports": reports}))

    @routes.get("/my-deposits")
    @routes.alt_response(200, schema=wire.MyDeposits, success=True)
    def my_deposits() -> Response:
        """What was decided in the last 90 days about edits of the caller's person that were set aside, at most 500, the latest first.

        The `decision` is what was said to the author, where the edit was refused.
        """
        who = asking(doors)
        if who.disabled:  # such a device may only deliver
            raise Problem("not-found")
        with reading(doors.engine) as connection:
            found = worklists.decided(connection, who.scopes, who.person, doors.now())
        return bodies.json_text(wire_text({"deposits": found}))

    return routes
