"""Disks that fail: every call of two exchanges killed or refused in turn, and power cuts at thousands of moments (G1, G17)."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tests.fuzz import Figure, part
from tests.simulation import cut
from tests.simulation.doctor import found
from tests.simulation.power import tool
from tests.simulation.stricken import EVER, KILL, ONCE, stricken

MINUTES = 6
MEMORY = Path("/dev/shm")


def run(size: float) -> list[Figure]:
    """Calls of each kind of failure, and power cuts."""
    if tool() is None:
        print("strace is missing, or may not trace here: nothing of this was tried")
        return []
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        folder = Path(name)
        figures = [
            _struck(folder, kind, inject, size)
            for kind, inject in (("killed", KILL), ("EIO once", ONCE), ("ENOSPC for ever", EVER))
        ]
        disk, calls = cut.day(folder / "day", rounds=8)
        chosen = cut.choose(calls, part(1500, size), seed=1)
        broken = [one for one in cut.cuts(disk, calls, chosen, folder / "left") if one.broken]
        for one in broken[:5]:
            print(one)
        what = "power cuts of phone and SQLite server"
        return [*figures, Figure("G1", what, len(chosen), len(broken), f"{len(calls):,} calls recorded")]


def _struck(folder: Path, kind: str, inject: str, size: float) -> Figure:
    """One call of the two exchanges after the other; at less than the whole, every so many-th."""
    base, here = folder / "base", folder / "here"
    base.mkdir()
    found(f"sqlite:///{here / 'cunyi.db'}".replace(str(here), str(base)), base)
    tried = broken = 0
    step = max(2, round(4 / size)) if inject == KILL else max(5, round(10 / size))
    at = 1
    while True:
        shutil.copytree(base, here)
        outcome = stricken(here, f"sqlite:///{here / 'cunyi.db'}", inject, at)
        shutil.rmtree(here)
        if not outcome.met:
            break
        tried, at = tried + 1, at + step
        if outcome.broken:
            print(f"{kind} at call {at - step}: {outcome.broken}")
            broken += 1
    shutil.rmtree(base)
    return Figure(
        "G17" if inject == KILL else "G16", f"calls to the disk of two exchanges {kind}", tried, broken, f"of {at - 1}"
    )
