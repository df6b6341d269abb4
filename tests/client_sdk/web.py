"""A real HTTP server on a socket: it answers as a script says, or for a peer."""

import contextlib
import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answer:
    """What the server does with one request: `cut` closes the connection in the middle of the body."""

    def __init__(self, status, body=None, *, kind=None, headers=(), cut=False, raw=None):
        self.status, self.headers, self.cut = status, dict(headers), cut
        self.raw = raw if raw is not None else json.dumps(body).encode()
        self.kind = kind or ("application/problem+json" if status >= 400 else "application/json")


@contextlib.contextmanager
def serving(answer):
    """A server for whom `answer(method, path, headers, body) -> Answer`; its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            got = answer(self.command, self.path, self.headers, body)
            self.send_response(got.status)
            for name, value in {"Content-Type": got.kind, "Content-Length": str(len(got.raw)), **got.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(got.raw[: len(got.raw) // 2] if got.cut else got.raw)
            self.close_connection = got.cut or self.close_connection

        do_GET = do_POST = _any  # noqa: N815

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def on_behalf_of(peer):
    """Answers of a peer over HTTP."""

    def answer(method, path, headers, body):
        if headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        token = (headers.get("Authorization") or "").removeprefix("Bearer ") or None
        reply = peer.request(method, path, json.loads(body) if body else None, token)
        return Answer(reply.status, reply.body)

    return answer
