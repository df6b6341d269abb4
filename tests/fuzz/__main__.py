"""The promises at length: `python -m tests.fuzz`, or some of them: `python -m tests.fuzz village cuts`.

Each runs in a process of its own, two at a time, so that one that dies is a line of the table and not its end. The table is
printed at the end; exit status 1 when a promise broke or a module did not come back.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import importlib
import json
import pkgutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tests.fuzz
from tests.fuzz import Figure

LIMIT = 45 * 60  # seconds a module may take


def names() -> list[str]:
    """The modules, in the order in which they begin: the longest first, as each says in MINUTES."""
    found = [module.name for module in pkgutil.iter_modules(tests.fuzz.__path__) if not module.name.startswith("_")]
    return sorted(found, key=lambda name: (-minutes(name), name))


def source(name: str) -> ast.Module:
    """A module as it is written: to know of it, none has to run."""
    return ast.parse((Path(__file__).parent / f"{name}.py").read_text("utf-8"))


def minutes(name: str) -> int:
    """About how long a module takes, as it says in MINUTES."""
    said = [ast.unparse(line.value) for line in source(name).body if ast.unparse(line).startswith("MINUTES = ")]
    return int(said[0]) if said else 1


def here(name: str, size: float, out: Path) -> None:
    """Run one module in this process and leave its figures at `out`."""
    figures = importlib.import_module(f"tests.fuzz.{name}").run(size)
    out.write_text(json.dumps([dataclasses.asdict(figure) for figure in figures]), "utf-8")


def apart(name: str, size: float, folder: Path) -> tuple[list[Figure], float]:
    """Run one module in a process of its own; what it prints goes to the screen when it is done. Figures and seconds."""
    out, began = folder / f"{name}.json", time.monotonic()
    command = [sys.executable, "-m", "tests.fuzz", name, "--size", str(size), "--out", str(out)]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT, check=False)
        said, status = done.stdout, f"exit status {done.returncode}"
    except subprocess.TimeoutExpired as late:
        said, status = str(late.stdout or ""), f"not done after {LIMIT} s"
    seconds = time.monotonic() - began
    print(f"-- {name}: {seconds:.0f} s\n{said}", end="", flush=True)
    if not out.exists():
        return [Figure("G0", f"{name} did not come back: {status}", 1, 1)], seconds
    return [Figure(**figure) for figure in json.loads(out.read_text("utf-8"))], seconds


def table(rows: list[tuple[str, Figure, float]]) -> str:
    """The figures in Markdown, by promise."""
    lines = ["| promise | what | tried | broken | seen | module, s |", "|---|---|---:|---:|---|---|"]
    for name, figure, seconds in sorted(rows, key=lambda row: (row[1].promise[:1], int(row[1].promise[1:] or 0), row[1].what)):
        told = f"{figure.tried:,} | {figure.broken:,} | {figure.seen}"
        lines.append(f"| {figure.promise} | {figure.what} | {told} | {name}, {seconds:.0f} |")
    return "\n".join(lines)


def main() -> int:
    """Run, tell, count."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", help="all without a word")
    parser.add_argument("--size", type=float, default=1.0, help="part of the whole, 0.01 for a look")
    parser.add_argument("--list", action="store_true", help="what there is")
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if unknown := set(given.names) - set(names()):
        parser.error(f"{', '.join(sorted(unknown))}: there is {', '.join(names())}")
    if given.list:
        for name in names():
            print(f"{name:12} {(ast.get_docstring(source(name)) or '').splitlines()[0]}")
        return 0
    if given.out:
        here(given.names[0], given.size, given.out)
        return 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cunyi-fuzz-") as folder, ThreadPoolExecutor(2) as two:
        wanted = given.names or names()
        done = zip(wanted, two.map(lambda name: apart(name, given.size, Path(folder)), wanted), strict=True)
        rows = [(name, figure, seconds) for name, (figures, seconds) in done for figure in figures]
    print(f"\n{table(rows)}\n\n{time.monotonic() - began:.0f} s in all, at size {given.size:g}")
    return int(any(figure.broken for _name, figure, _seconds in rows))


if __name__ == "__main__":
    sys.exit(main())
