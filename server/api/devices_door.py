"""The routes by which a device gets its identity, keeps it, and hands over what is unsent when it is shut out."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from server.api import Doors, bodies
from server.store.scope import wire_text
from sync import wire


def blueprint(doors: Doors) -> Blueprint:
    """The routes, bound to the parts they ask."""
    routes = Blueprint("devices", "devices", url_prefix="/v1", description="Identity of devices")
    enrol_schema, token_schema, deposit_schema = wire.EnrolRequest(), wire.TokenRequest(), wire.DepositRequest()

    def doc(schema: type[wire.Envelope]) -> Any:
        return routes.doc(requestBody={"required": True, "content": {"application/json": {"schema": schema}}}, security=[])

    @routes.post("/enrol")
    @doc(wire.EnrolRequest)
    @routes.alt_response(201, schema=wire.Enrolled, success=True)
    def enrol() -> Response:
        """A device with a one-time code gets its actor, its person and scopes, a token and a nonce."""
        body, _ = bodies.read(enrol_schema)
        return bodies.json_text(wire_text(doors.access.enrol(body, request.remote_addr or "")), 201)

    @routes.post("/token")
    @doc(wire.TokenRequest)
    @routes.alt_response(200, schema=wire.Token, success=True)
    def token() -> Response:
        """An access token for an assertion signed with the device's key."""
        body, _ = bodies.read(token_schema)
        return bodies.json_text(wire_text(doors.access.token(body["assertion"])))

    @routes.post("/actors")
    @routes.alt_response(201, schema=wire.NewActor, success=True)
    def actors() -> Response:
        """A new identity for the same device and key, after it was restored or copied."""
        caller = doors.access.caller(request.headers.get("Authorization"))
        return bodies.json_text(wire_text(doors.access.new_actor(caller)), 201)

    @routes.post("/deposit")
    @doc(wire.DepositRequest)
    @routes.alt_response(200, schema=wire.Deposited, success=True)
    def deposit() -> Response:
        """A revoked or retired device hands over its unsent edits. They are kept for a person, none is applied."""
        body, items = bodies.read(deposit_schema)
        caller = doors.access.shut_out(body["assertion"])
        return bodies.json_text(wire_text({"receipts": doors.exchange.deposit(caller, items.get("edits", []))}))

    return routes
