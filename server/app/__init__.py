"""Door 3: the field app, an offline web app for phones. The server gives out its files; all it does, it does on the phone.

Below /app a file has the address that it has in the source tree, so that an import means the same file in a browser, in Node
and to the type checker. Every address in a file is relative: the app works below whatever prefix a proxy puts it.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, request

from server.app.pack import JSON, Pack
from server.store.scope import wire_text
from sync.types.catalogue import Catalogue

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def blueprint(catalogue: Catalogue) -> Blueprint:
    """The routes; the files are read here, once."""
    routes = Blueprint("app", __name__, url_prefix="/app")
    pack, about, about_version = Pack(HEADERS), wire_text(catalogue.about), str(catalogue.about["version"])

    @routes.get("")
    def door() -> Response:
        """Relative addresses need the slash; this one is relative too, for no proxy has to say what it put before it."""
        return redirect("app/", 308)  # type: ignore[return-value]

    @routes.get("/", defaults={"path": ""})
    @routes.get("/<path:path>")
    def file(path: str) -> Response:
        """One file: the page, its worker and manifest, the icons, and each script for a browser without a service worker."""
        found = pack.files.get(path) or pack.beside.get(path)
        if found is None:
            abort(404)
        return _kept(found.body, found.content_type, pack.version)

    @routes.get("/pack.json")
    def packed() -> Response:
        """Every file that the app runs with, in one answer."""
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
