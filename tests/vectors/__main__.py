"""Run the vector files of a folder: `python -m tests.vectors DIR`. Exit status 1 when a case failed, 2 when there is none."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.vectors import FORMATS, faults_in


def main(arguments: Sequence[str] | None = None) -> int:
    """A line for each case that failed, and how many did."""
    parser = argparse.ArgumentParser(prog="python -m tests.vectors", description=__doc__)
    parser.add_argument(
        "dir", type=Path, nargs="?", default=Path(__file__).parent, help="folder of the files (default: our own)"
    )
    folder: Path = parser.parse_args(arguments).dir
    files = [folder / name for name in FORMATS if (folder / name).is_file()]
    results = [fault for file in files for fault in faults_in(file)]
    if not results:
        print(f"no vectors in {folder}: none of {', '.join(FORMATS)} is there with a case in it", file=sys.stderr)
        return 2
    failed = [fault for fault in results if fault]
    for fault in failed:
        print(f"FAIL {fault}")
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
