"""Door 3: the field app, an offline web app for phones. The server gives out its files; all it does, it does on the phone.

Every address in a file is relative: the app works below whatever prefix a proxy puts it.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, request

from server.app.pack import HEADERS, JSON, packed, sources
from server.store.scope import wire_text
from sync.types.catalogue import Catalogue


def blueprint(catalogue: Catalogue) -> Blueprint:
    """The routes. The files are read here, so that the server gives out what it was started with."""
    routes = Blueprint("app", __name__, url_prefix="/app")
    files, about, about_version = sources(), wire_text(catalogue.about), str(catalogue.about["version"])

    @routes.get("")
    def door() -> Response:
        """Relative addresses need the slash; this one is relative too, for no proxy has to say what it put before it."""
        return redirect("app/", 308)  # type: ignore[return-value]

    @routes.get("/", defaults={"path": ""})
    @routes.get("/<path:path>")
    def file(path: str) -> Response:
        """One file: the page, its worker and manifest, the icons, and the script and sheet where no worker is."""
        pack = packed(files)
        found = pack.given.get(path)
        if found is None:
            abort(404)
        return _kept(found.body, found.content_type, pack.version)

    @routes.get("/pack.json")
    def whole() -> Response:
        """Every file that the app runs with, in one answer."""
        pack = packed(files)
        for encoding, body in pack.encoded.items():
            if encoding in str(request.accept_encodings) and request.accept_encodings[encoding] > 0:
                reply = _kept(body, JSON, f"{pack.version}-{encoding}")
                reply.headers["Content-Encoding"] = encoding
                return reply
        return _kept(pack.body, JSON, pack.version)

    @routes.get("/types.json")
    def types() -> Response:
        """The record types, for the practice mode of a phone that no code has made known to the server."""
        return _kept(about, JSON, about_version)

    return routes


def _kept(body: bytes | str, content_type: str, etag: str) -> Response:
    """What may be kept by who asks, as long as they ask whether it is still so."""
    reply = Response(body, content_type=content_type, headers=HEADERS)
    reply.set_etag(etag)
    reply.make_conditional(request)
    return reply
