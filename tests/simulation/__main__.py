"""The simulated village from the command line: `python -m tests.simulation --histories 200 --seed 1`."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.simulation.databases import opened
from tests.simulation.faults import FAULTS, planted
from tests.simulation.village import played, story


def main() -> int:
    """Play, tell, count."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--histories", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="of the first history; the next ones follow")
    parser.add_argument("--fault", choices=sorted(FAULTS), help="plant this fault: histories that fail have caught it")
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--trace", action="store_true", help="tell every history, not only those that fail")
    parser.add_argument("--quiet", action="store_true", help="do not tell histories that fail, only what broke")
    given = parser.parse_args()
    passed = failed = requests = 0
    began = time.monotonic()
    memory = Path("/dev/shm")  # the village has no power cuts: a disk would only make it slower
    folder = Path(tempfile.mkdtemp(prefix="cunyi-village-", dir=memory if memory.is_dir() else None))
    try:
        with opened(given.engine, folder) as server, planted(given.fault):
            for seed in range(given.seed, given.seed + given.histories):
                village, broken = played(server, folder / str(seed), seed)
                shutil.rmtree(folder / str(seed))
                requests += village.requests
                passed, failed = passed + (not broken), failed + bool(broken)
                if given.trace or (broken and not given.quiet):
                    print(story(village))
                if broken:
                    print(f"seed {seed}: {broken}", flush=True)
                if (passed + failed) % 50 == 0:
                    print(f"{passed + failed} histories, {failed} failed, {time.monotonic() - began:.0f} s", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    seconds = time.monotonic() - began
    print(f"{(passed + failed) / seconds:.1f} histories and {requests / seconds:.0f} requests a second")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
