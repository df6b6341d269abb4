"""Disk full, database locked, out of connections and killed, thirty times each under load (G16)."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import tempfile
from pathlib import Path

from tests import postgres
from tests.fuzz import Figure, part
from tests.server import outages
from tests.server.conftest import Village, config_of
from tests.server.outages import endured, impatient
from tests.simulation.databases import migrated

MINUTES = 5


def run(size: float) -> list[Figure]:
    """Cycles of each outage, two phones at work all the time and a third that is in the middle of it."""
    logging.disable(logging.CRITICAL)
    cycles = part(30, size)
    figures = []
    for engine in ("sqlite", "postgres"):
        with tempfile.TemporaryDirectory() as folder, migrated(engine, Path(folder)) as url:
            village = Village(config_of(url, Path(folder)))
            with impatient(village.engine):
                figures.append(_cycles(f"a lock that is held, {engine}", village, outages.locked(village.engine), cycles))
                taken = outages.exhausted(village.engine)
                figures.append(_cycles(f"no connection to be had, {engine}", village, taken, cycles, load=0))
            if engine == "sqlite":
                figures.append(_cycles("a disk that fails, sqlite", village, outages.no_room(), cycles))
            village.engine.dispose()
    return [*figures, *_full(cycles), _killed(cycles)]


def _cycles(what: str, village: Village, outage: outages.Outage, cycles: int, load: int = 2) -> Figure:
    broken = endured(village, outage, cycles, load=load)
    for told in broken:
        print(f"{what}: {told}")
    return Figure(
        "G16", what, cycles, len(broken), f"well within {outages.MENDED_WITHIN:.0f} s each time" if not broken else ""
    )


def _full(cycles: int) -> list[Figure]:
    """On a small file system, which only root can mount."""
    if os.geteuid() != 0:
        print("a full disk was not tried: only root can mount a small file system")
        return []
    with tempfile.TemporaryDirectory() as small, tempfile.TemporaryDirectory() as keys:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", small], check=True)
        try:
            with migrated("sqlite", Path(small)) as url:
                village = Village(config_of(url, Path(keys)))
                found = _cycles("a disk that is full, sqlite", village, outages.full(Path(small)), cycles)
                village.engine.dispose()
        finally:
            subprocess.run(["umount", "--lazy", small], check=True)
    return [found]


def _killed(cycles: int) -> Figure:
    """kill -9 of every process of PostgreSQL: no promise that was given is lost (G1)."""
    with contextlib.closing(postgres.Postgres()) as own, tempfile.TemporaryDirectory() as folder:
        village = outages.found(own.url("postgres"), Path(folder))
        found = _cycles("PostgreSQL killed with SIGKILL", village, outages.stopped(own, own.kill), cycles)
        village.engine.dispose()
    return Figure("G1", found.what, found.tried, found.broken, found.seen)
