"""The routes of what a phone keeps beside the records and asks for again only where it has changed: record types, names."""

from __future__ import annotations

import hashlib

from flask import Response, request
from flask_smorest import Blueprint

from server.access import Caller
from server.api import Doors, bodies
from server.store.engine import reading
from server.store.names import names_around
from server.store.scope import wire_text
from sync import wire
from sync.record import canonical


def blueprint(doors: Doors) -> Blueprint:
    """The routes, bound to the parts they ask."""
    routes = Blueprint("reference", "reference", url_prefix="/v1", description="Record types and names")
    catalogue = wire_text(doors.catalogue.about)
    version = str(doors.catalogue.about["version"])

    def caller() -> Caller:
        return doors.access.caller(request.headers.get("Authorization"))

    @routes.get("/types")
    def types() -> Response:
        """The catalogue of record types: sections, fields, codes, labels, policies, checks."""
        caller()
        return _unless_known(catalogue, version)

    @routes.get("/names")
    @routes.alt_response(200, schema=wire.Names, success=True)
    def names() -> Response:
        """What the places, teams, organisations and people are called that the caller's records may name."""
        who = caller()
        with reading(doors.engine) as connection:
            found = names_around(connection, who.scopes)
        edition = hashlib.sha256(canonical(found).encode()).hexdigest()[:16]
        return _unless_known(wire_text({"version": edition, **found}), edition)

    return routes


def _unless_known(body: str, version: str) -> Response:
    """The body, or that it is the one which the caller has."""
    reply = bodies.json_text(body)
    reply.set_etag(version, weak=True)
    reply.headers["Cache-Control"] = "private, no-cache"
    reply.make_conditional(request)
    return reply
