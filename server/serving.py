"""Serving: gunicorn, with as many processes and threads as the engine likes."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from server import discreet, keeping

THREADS = 8
LAST_PORT = 65535


class AddressError(Exception):
    """Nothing can be served at this address; the message says what to do about it."""


class _Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn as a library. The application is made after the fork: no connection is ever shared."""

    def __init__(self, make_app: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._make_app, self._options = make_app, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._make_app()


def require_free(host: str, port: int) -> None:
    """Raise AddressError where the server could not listen. Gunicorn itself would try five times, a line of its log each."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as gunicorn does: a server just stopped is in nobody's way
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise AddressError(f"nothing can be served at port {port} of {host}: {error.strerror or error}") from None
            other = port + 1 if port < LAST_PORT else port - 1
            message = f"port {port} of {host} is taken: stop the other server (a make run?), or cunyi serve --port {other}"
            raise AddressError(message) from None


def serve(make_app: Callable[[], Flask], host: str, port: int, *, embedded: bool, workers: int | None) -> None:
    """Serve until SIGTERM, with a keeper beside the workers.

    On SQLite one process writes, for its file has one writer at a time and an unfair queue.
    """
    discreet.install()
    kept: list[subprocess.Popen[bytes]] = []
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    _Server(
        make_app,
        {
            "bind": address,
            "workers": workers or (1 if embedded else (os.cpu_count() or 1) + 1),
            "worker_class": "gthread",
            "threads": THREADS,
            "timeout": 120,
            "graceful_timeout": 20,
            "keepalive": 5,
            "limit_request_line": 4094,
            "limit_request_fields": 50,
            "control_socket_disable": True,
            "logger_class": discreet.ServerLogger,
            "proc_name": "cunyi",
            "when_ready": lambda _arbiter: kept.append(keeping.start()),
            "on_exit": lambda _arbiter: _end(kept),
        },
    ).run()


def _end(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
