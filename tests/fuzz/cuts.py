"""A batch of sixty edits cut off behind every byte, and on a real socket (G4)."""

from __future__ import annotations

import contextlib
import json
import random
import tempfile
from pathlib import Path

from tests.e2e.line import Line
from tests.fuzz import Figure, part
from tests.server.cutting import batch, cut_in_process, cut_on_a_socket, exactly_once
from tests.server.phone import Phone
from tests.simulation.databases import migrated
from tests.simulation.networked import Networked
from tests.village import ANA

MINUTES = 3


def run(size: float) -> list[Figure]:
    """Offsets in process and on a socket, on both engines."""
    figures = []
    for engine in ("sqlite", "postgres"):
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = stack.enter_context(migrated(engine, folder))
            figures += _cut(stack.enter_context(contextlib.closing(Networked(url, folder))), engine, size)
    return figures


def _cut(server: Networked, engine: str, size: float) -> list[Figure]:
    """Every byte in process on SQLite, some on PostgreSQL; 200 of each kind on the socket. Then the whole, once."""
    ana = Phone(server.app.test_client()).enrol(server.code(ANA))
    body = batch(ana)
    many = part(len(body) if engine == "sqlite" else len(body) // 10, size)
    offsets = sorted(random.Random(1).sample(range(len(body)), many))
    wrong = cut_in_process(ana, body, offsets)
    on_line = sorted(random.Random(2).sample(range(len(body)), part(200, size)))
    heard = [told for chunked in (False, True) for told in cut_on_a_socket(server.url, ana, body, on_line, chunked=chunked)]
    kept = len(server.log())
    ana.http = Line(server.url)
    once = ana.send(json.loads(body)) and exactly_once(body, [(dot, outcome) for dot, _, outcome in server.log()])
    for told in [*wrong, *heard]:
        print(told)
    seen = f"{kept} edits kept of them; sent again whole: {'each once' if once else 'NOT each once'}"
    return [
        Figure("G4", f"cuts of a batch of 60 in process, {engine}", many, len(wrong) + kept, seen),
        Figure("G4", f"cuts of a batch of 60 on a socket, {engine}", 2 * len(on_line), len(heard) + (not once), seen),
    ]
