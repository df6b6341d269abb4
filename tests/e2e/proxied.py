"""The server behind the proxy that server/nginx.conf describes, and strangers on lines that hardly move."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import selectors
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import server
from server import utc_now
from server.access import Access
from server.config import Config
from server.store.deployment import establish
from server.store.engine import open_engine, retried
from tests.e2e.serving import Installation, free_port
from tests.server.phone import Phone
from tests.village import ANA, settle

CONF = Path(server.__file__).with_name("nginx.conf")
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
MISSING = "no nginx here: apt-get install nginx-light (.ci/tools does it)"
PATIENCE = 20  # seconds that a phone waits for an answer
MAIN = """
{user}pid nginx.pid;
error_log error.log;
events {{ worker_connections 4096; }}
http {{
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    include cunyi.conf;
}}
"""


def conf(folder: Path, port: int, upstream: int, **changed: str) -> str:
    """The file as it is shipped, without TLS, on other ports, with its log in the folder. `changed`: lines of it (`name="new"`)."""
    text = CONF.read_text("utf-8")
    swaps = {
        "listen 443 ssl;": f"listen 127.0.0.1:{port};",
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{upstream};",
        "ssl_certificate /etc/ssl/cunyi.pem;": "",
        "ssl_certificate_key /etc/ssl/cunyi.key;": "",
        "/var/log/nginx/cunyi.log": str(folder / "access.log"),
        **{f"{name} on;": f"{name} {value};" for name, value in changed.items()},
    }
    for old, new in swaps.items():
        assert old in text, f"{CONF} does not say {old!r} any more"
        text = text.replace(old, new)
    return text


@contextlib.contextmanager
def proxied(folder: Path, upstream: int, **changed: str) -> Iterator[int]:
    """nginx in front of a port: the port at which it listens."""
    assert NGINX is not None, MISSING
    port = free_port()
    folder.mkdir()
    (folder / "cunyi.conf").write_text(conf(folder, port, upstream, **changed), "utf-8")
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(user=user), "utf-8")
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    with (folder / "said").open("wb") as said:
        running = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert running.poll() is None, (folder / "said").read_text()
            time.sleep(0.05)
        yield port
    finally:
        running.terminate()
        running.wait(20)


def founded(folder: Path, database_url: str = "", proxies: int = 1) -> tuple[Installation, str]:
    """A server with the village of tests/village.py, not started yet, and a code for Ana's phone."""
    installation = Installation(folder, database_url)
    installation.environment["CUNYI_PROXIES"] = str(proxies)
    installation.cunyi("migrate")
    config = Config.from_environment(installation.environment)
    engine = open_engine(config.database_url, config.sealing_key)
    retried(engine, lambda c: establish(c, config.identity_key))
    retried(engine, settle)
    code = Access(engine, config, utc_now).new_code(ANA)
    engine.dispose()
    return installation, code


class Answer:
    """An answer as the Phone of tests/server/phone.py reads it."""

    def __init__(self, status: int, body: bytes, headers: Any) -> None:
        self.status_code, self._body, self.headers = status, body, headers

    def get_data(self, *, as_text: bool = False) -> Any:
        return self._body.decode() if as_text else self._body

    def get_json(self) -> Any:
        return json.loads(self._body)


class Wire:
    """HTTP to a port, in the shape of a test client; raises OSError where no answer comes in time."""

    def __init__(self, port: int) -> None:
        self._port = port

    def open(self, path: str, method: str, headers: Any, data: bytes = b"") -> Answer:
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        try:
            line.request(method, path, data or None, {"Host": "cunyi.example.org", **headers})
            reply = line.getresponse()
            return Answer(reply.status, reply.read(), reply.headers)
        finally:
            line.close()


def phone_at(port: int, code: str) -> Phone:
    """Ana's phone on that line, enrolled; its answers are read as JSON."""
    return Phone(Wire(port)).enrol(code)


class Crawlers:
    """Strangers who send a body, or read an answer, a byte in a while. Open them, and they go on until the block ends."""

    def __init__(self, port: int, bodies: int, readers: int, every: float = 1.0) -> None:
        self._every, self._ended = every, threading.Event()
        ask = b"GET /app/pack.json HTTP/1.1\r\nHost: cunyi.example.org\r\nAccept-Encoding: identity\r\n\r\n"
        send = b"POST /v1/enrol HTTP/1.1\r\nHost: cunyi.example.org\r\nContent-Length: 100000\r\n\r\n{"
        self._lines = [(self._line(port, ask), False) for _ in range(readers)]
        self._lines += [(self._line(port, send), True) for _ in range(bodies)]
        self._thread = threading.Thread(target=self._crawl)

    @staticmethod
    def _line(port: int, first: bytes) -> socket.socket:
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(5)
        line.connect(("127.0.0.1", port))
        line.sendall(first)
        line.setblocking(False)
        return line

    def _crawl(self) -> None:
        while not self._ended.wait(self._every):
            for line, sends in self._lines:
                with contextlib.suppress(OSError):
                    line.send(b" ") if sends else line.recv(1)

    @property
    def alive(self) -> int:
        """How many of them still hold their connection."""
        with selectors.DefaultSelector() as look:
            for line, _ in self._lines:
                look.register(line, selectors.EVENT_READ)
            closed = {key.fileobj for key, _ in look.select(0) if _hung_up(key.fileobj)}
        return len(self._lines) - len(closed)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        for line, _ in self._lines:
            line.close()


def _hung_up(line: Any) -> bool:
    try:
        return not line.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
