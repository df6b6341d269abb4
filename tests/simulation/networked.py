"""The server of the village as a process of its own: gunicorn on a port, asked over HTTP by the shipped transport."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from client_sdk import HttpTransport, Reply
from tests.e2e.serving import Installation
from tests.simulation.served import Sent, Served


class Networked(Served):
    """The database is looked into from here; whatever a phone asks goes over a socket. The clock of the server is the machine's."""

    def __init__(self, database_url: str, folder: Path) -> None:
        super().__init__(database_url, folder)
        self._process = Installation(folder, database_url)
        self._process.environment |= {
            "CUNYI_DATA_DIR": str(folder),
            "CUNYI_SECRET_KEY": "s" * 32,
            "CUNYI_IDENTITY_KEY": "1" * 64,
        }
        self._process.environment["CUNYI_WORKERS"] = "1" if self.config.embedded else "2"
        with self.begin(0, lambda: dt.datetime.now(dt.UTC)):
            self._process.start()
        self.url = self._process.url
        self._line = HttpTransport(self.url, attempts=0)

    @contextlib.contextmanager
    def begin(self, seed: int, now: Callable[[], dt.datetime]) -> Iterator[None]:
        with super().begin(seed, lambda: dt.datetime.now(dt.UTC)):
            yield

    def handle(self, sent: Sent) -> Reply:
        body = None if sent.body is None else json.loads(sent.body)
        reply = self._line.request(sent.method, sent.path, body, sent.token)
        assert reply.status not in (500, 503), f"the server failed: {reply}"
        return reply

    def close(self) -> None:
        self._line.close()
        self._process.kill()
        super().close()
