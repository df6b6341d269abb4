"""The OpenAPI 3.1 document, from the marshmallow schemas of the wire."""

from __future__ import annotations

from typing import Any

from flask_smorest import Api

from server.problems import CATALOGUE
from sync.wire import EditSchema

SETTINGS: dict[str, Any] = {
    "API_TITLE": "Cunyi",
    "API_VERSION": "1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/",
    "OPENAPI_JSON_PATH": "openapi.json",
    "API_SPEC_OPTIONS": {
        "info": {"description": "Sync server for village family-doctor teams. Protocol 1: see sync/DESIGN.md."},
        "security": [{"device": []}],
    },
}


def complete(api: Api) -> None:
    """What no route says by itself: the access token, the form of an edit, the problems."""
    spec: Any = api.spec
    spec.components.security_scheme("device", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    if "Edit" not in spec.components.schemas:
        spec.components.schema("Edit", schema=EditSchema)
    names = sorted(f"/problems/{name}" for name in CATALOGUE)
    problem = {
        "type": "object",
        "description": "RFC 9457, as application/problem+json",
        "properties": {
            "type": {"type": "string", "enum": names},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
        },
        "required": ["type", "title", "status"],
    }
    spec.components.schema("Problem", problem)
