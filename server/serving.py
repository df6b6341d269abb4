"""Serving: gunicorn, with as many processes and threads as the engine likes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from server import keeping

THREADS = 8


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


def serve(make_app: Callable[[], Flask], host: str, port: int, *, embedded: bool, workers: int | None) -> None:
    """Serve until SIGTERM, with a keeper beside the workers. On SQLite one process writes, for its file has one writer at a time and an unfair queue."""
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
            "proc_name": "cunyi",
            "when_ready": lambda _arbiter: kept.append(keeping.start()),
            "on_exit": lambda _arbiter: _end(kept),
        },
    ).run()


def _end(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
