"""Eight writers of up to a thousand transactions each on one SQLite file, on threads and in processes (G22)."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.fuzz import Figure, part
from tests.server.counting import begun, crowded, reached
from tests.simulation.databases import migrated

MINUTES = 3
MEMORY = Path("/dev/shm")  # the disk has no part in it


def run(size: float) -> list[Figure]:
    """As threads of one process, as processes, and both."""
    figures = []
    for processes, threads, each in ((1, 8, 1000), (4, 2, 1000), (8, 1, 250)):
        with (
            tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name,
            migrated("sqlite", Path(name)) as url,
        ):
            times, began = part(each, size), time.monotonic()
            begun(url)
            failed = crowded(url, Path(name), processes=processes, threads=threads, times=times)
            lost = 8 * times - reached(url)
            took = f"{failed[:3]}, {lost} lost, {8 * times / (time.monotonic() - began):.0f} a second"
            what = f"writes by {processes} processes of {threads} threads, SQLite"
            figures.append(Figure("G22", what, 8 * times, max(lost, len(failed)), took))
    return figures
