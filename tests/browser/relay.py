"""The line between a phone and its server: it can be cut, slow, hold replies or lose them, be a login page, or put the server below a path.

The server commits before it answers; a reply that is lost here was therefore done. What went over the line is kept in `asked`.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from tests.e2e.serving import free_port

# of one connection only; the length is said anew
OF_THE_HOP = frozenset({"connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "upgrade", "content-length"})
LOGIN_PAGE = "<!doctype html><meta charset=utf-8><title>免费上网</title><h1>欢迎使用</h1><form><input name=phone><button>登录</button></form>"
SECONDS = 120


class Asked(NamedTuple):
    """A request that came over the line, and what it was answered with; None: the answer was lost."""

    method: str
    path: str
    status: int | None
    length: int


class Relay:
    """An address that stays, and a server behind it. `prefix`: the path below which the server stands, such as `/cunyi`."""

    def __init__(self, port: int, prefix: str = "") -> None:
        self._upstream, self._prefix = port, prefix
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}{prefix}"
        self.delay = 0.0  # of every reply, in seconds
        self.portal = False  # every request is answered by the login page of somebody else's network
        self.asked: list[Asked] = []
        self._lost: dict[str, int] = {}
        self._holding: tuple[str, threading.Event, threading.Event] | None = None
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._server: ThreadingHTTPServer | None = None
        self.mend()

    def lose(self, path: str, times: int) -> None:
        """Let the next replies to requests for this path (without the prefix) come to nothing."""
        self._lost[path] = times

    def to_lose(self, path: str) -> int:
        """How many replies are still to be lost."""
        return self._lost.get(path, 0)

    @contextlib.contextmanager
    def holding(self, path: str) -> Iterator[threading.Event]:
        """Meanwhile replies to requests for this path stay on the way. The event: one does, so the server has answered."""
        held, released = threading.Event(), threading.Event()
        self._holding = path, held, released
        try:
            yield held
        finally:
            self._holding = None
            released.set()

    def cut(self) -> None:
        """No connection is taken any more, and those that are open end."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server = None
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Connections are taken again, at the same address."""
        if self._server is not None:
            return
        relay = self

        class Handler(_Handler):
            line = relay

        self._server = _Listening(("127.0.0.1", self._port), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    # -- what a connection asks

    def began(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)

    def ended(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        """Pass a request on and its reply back, as the line is now."""
        handler.close_connection = True
        if self.portal:
            self._send(handler, 200, [("Content-Type", "text/html; charset=utf-8")], LOGIN_PAGE.encode())
            self._note(handler, 200, len(LOGIN_PAGE))
            return
        if not handler.path.startswith(self._prefix + "/"):
            self._send(handler, 404, [("Content-Type", "text/plain")], b"nothing stands here")
            self._note(handler, 404, 0)
            return
        path = handler.path.removeprefix(self._prefix)
        if self.delay:
            time.sleep(self.delay)
        try:
            status, headers, reply = self._ask(handler, path, body)
        except OSError:
            self._note(handler, None, 0)
            return
        if (holding := self._holding) and holding[0] == path:
            _, held, released = holding
            held.set()
            released.wait(SECONDS)
        with self._lock:
            lost = self._lost.get(path.split("?")[0], 0)
            if lost:
                self._lost[path.split("?")[0]] = lost - 1
        if lost:
            self._note(handler, None, 0)
            return
        self._note(handler, status, len(reply))
        self._send(handler, status, headers, reply)

    def _ask(self, handler: BaseHTTPRequestHandler, path: str, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        server = http.client.HTTPConnection("127.0.0.1", self._upstream, timeout=SECONDS)
        try:
            server.putrequest(handler.command, path, skip_host=True, skip_accept_encoding=True)
            for name, value in handler.headers.items():
                if name.lower() not in OF_THE_HOP:
                    server.putheader(name, value)
            server.putheader("Content-Length", str(len(body)))
            server.endheaders(body)
            reply = server.getresponse()
            kept = [(name, value) for name, value in reply.getheaders() if name.lower() not in OF_THE_HOP]
            return reply.status, kept, reply.read()
        finally:
            server.close()

    @staticmethod
    def _send(handler: BaseHTTPRequestHandler, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        handler.send_response_only(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("Connection", "close")  # on one that was used before a browser itself would ask again
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    def _note(self, handler: BaseHTTPRequestHandler, status: int | None, length: int) -> None:
        with self._lock:
            self.asked.append(Asked(handler.command, handler.path, status, length))


class _Listening(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A phone that is killed or a line that is cut leaves half a request: nobody's fault."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    line: Relay

    def setup(self) -> None:
        super().setup()
        self.line.began(self.connection)

    def finish(self) -> None:
        self.line.ended(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.line.answer(self, body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = _pass  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The relay keeps its own list."""
