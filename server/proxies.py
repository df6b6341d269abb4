"""Whom the server believes about a client: what the proxies in front of it say, as many as the setting names and no more.

Without the setting nobody is believed, and behind a proxy everybody comes from one address, that of the proxy: whoever guesses
at passwords from anywhere then stops all others from signing in. That is said in the log, for it cannot be seen otherwise.
"""

from __future__ import annotations

import threading

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

WARNING = (
    "A request came through a proxy (it has X-Forwarded-For), and CUNYI_PROXIES is 0: everybody is taken for one client at the "
    "address %s, so that wrong sign-ins of one stop all others, and cookies may go without Secure. Set CUNYI_PROXIES to the "
    "number of proxies in front of this server."
)


def believe(app: Flask, proxies: int) -> None:
    """Take address, scheme, host and prefix from so many proxies, on whatever host they are; warn once where it is 0."""
    if not proxies:
        _warn_once(app)
        return
    every = dict.fromkeys(("x_for", "x_proto", "x_host", "x_prefix"), proxies)
    app.wsgi_app = ProxyFix(app.wsgi_app, **every)  # type: ignore[method-assign]
    if proxies > 1:  # each adds to the address, but most pass the others on as they came: then there is one, and it holds
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=0, x_proto=1, x_prefix=1)  # type: ignore[method-assign]


def _warn_once(app: Flask) -> None:
    warned = threading.Event()

    @app.before_request
    def look() -> None:
        if not warned.is_set() and "X-Forwarded-For" in request.headers:
            warned.set()
            app.logger.warning(WARNING, request.remote_addr)
