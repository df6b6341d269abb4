"""Who looks, and the entry in the trail for it: whatever of the records a program reads or decides, stands there as at a desk.

A device's own exchange is not concerned: it reads what it keeps.
"""

from __future__ import annotations

from flask import Response, after_this_request, current_app, make_response, request
from sqlalchemy import Connection

from server.access import Caller, View
from server.api import Doors
from server.asked import asked
from server.problems import Problem
from server.store import trail
from server.store.engine import reading, retried
from sync.codec import stamp


def viewer(doors: Doors) -> View:
    """What the person of the asking device may see; raises Problem `not-allowed` for who may see no health record.

    The answer leaves only with its entry in the trail.
    """
    who = asking(doors)
    if who.disabled:  # such a device may only deliver
        raise Problem("not-found")
    view = doors.access.view(who.person)
    view.require("look")
    return view


def asking(doors: Doors) -> Caller:
    """The caller of a route that reads health records; the answer leaves only with its entry in the trail."""
    who = doors.access.caller(request.headers.get("Authorization"))
    with reading(doors.engine) as connection:  # an entry for each request: this too would fill a disk
        doors.access.quotas.look(connection, who.device)

    @after_this_request
    def note(reply: Response) -> Response:
        try:
            _note(doors, who, reply.status_code)
        except Exception as trouble:  # noqa: BLE001 - no handler of errors is asked once there is an answer
            return make_response(current_app.handle_user_exception(trouble))
        return reply

    return who


def _note(doors: Doors, who: Caller, status: int) -> None:
    """Write who asked for what: what the address names, never what was typed or answered."""
    path = request.view_args or {}
    said = asked(path, request.args)
    area = said.get("area") or said.get("village")
    page = request.endpoint or ""
    detail = {"asked": said, "page": page, "method": request.method, "status": status, "device": who.device}
    action = f"api.{page}" if status < 400 else "refused"
    at, where = stamp(doors.now()), {"area": area, "resident": path.get("resident"), "record": path.get("record")}

    def work(connection: Connection) -> None:
        doors.access.quotas.count(connection, who.device)
        trail.write(connection, who.person, at, action, **where, detail=detail)

    retried(doors.engine, work)
