"""The routes of the exchange: sync, digests and records of a scope, who am I."""

from __future__ import annotations

import re

from flask import Response, request
from flask_smorest import Blueprint

from server.access import Caller
from server.api import Doors, bodies
from server.problems import Problem
from server.store.scope import wire_text
from sync import wire

PREFIX = re.compile(r"[0-9a-f]{0,32}")


def blueprint(doors: Doors) -> Blueprint:
    """The routes, bound to the parts they ask."""
    routes = Blueprint("sync", "sync", url_prefix="/v1", description="Exchange of edits and records")
    request_schema = wire.SyncRequest()

    def caller() -> Caller:
        return doors.access.caller(request.headers.get("Authorization"))

    def prefix() -> str:
        given = request.args.get("prefix", "")
        if not PREFIX.fullmatch(given):
            raise Problem("unfit-request", faults=["/prefix: up to 32 lower-case hex digits"])
        return given

    @routes.post("/sync")
    @routes.doc(requestBody=_body(wire.SyncRequest))
    @routes.alt_response(200, schema=wire.SyncReply, success=True)
    def sync() -> Response:
        """One exchange: edits and checkpoints in, receipts and changes out."""
        who = caller()
        with doors.exchange.refusals_noted(who):
            body, items = bodies.read(request_schema)
            reply = bodies.json_text(doors.exchange.sync(who, body, items.get("edits", []), items.get("records", [])))
        if any(items.values()):
            reply.call_on_close(lambda: doors.standings.refresh_quietly(who.scopes))
        return reply

    @routes.get("/scopes/<scope>/digest")
    @routes.alt_response(200, schema=wire.DigestWalk, success=True)
    def digest(scope: str) -> Response:
        """The digest of a scope below a prefix of record ids."""
        return bodies.json_text(wire_text(doors.exchange.digest(caller(), scope, prefix())))

    @routes.get("/scopes/<scope>/records")
    @routes.alt_response(200, schema=wire.RecordStates, success=True)
    def records(scope: str) -> Response:
        """The record states of a scope below a prefix of record ids."""
        return bodies.json_text(doors.exchange.records(caller(), scope, prefix()))

    @routes.get("/me")
    @routes.alt_response(200, schema=wire.Who, success=True)
    def me() -> Response:
        """The person of the device, the role, the scopes."""
        return bodies.json_text(wire_text(caller().me()))

    return routes


def _body(schema: type[wire.Envelope]) -> dict[str, object]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}
