"""300 bodies and 300 answers at a byte a second, behind the documented proxy: how long a normal exchange takes meanwhile."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.e2e.proxied import NGINX, Crawlers, founded, phone_at, proxied
from tests.fuzz import Figure, part
from tests.server.phone import Phone, vitals

MINUTES = 2
SLOW, EXCHANGES = 300, 300
LONGEST_SECONDS, TIMES = 1.0, 3  # of the slowest exchange but one in a hundred; on a busy machine, so often the slowest alone


def run(size: float) -> list[Figure]:
    """The exchanges of Ana's phone: those that took too long or were refused."""
    if NGINX is None:
        raise RuntimeError("there is no nginx: .ci/tools installs it")
    slow, count = part(SLOW, size, 20), EXCHANGES
    with tempfile.TemporaryDirectory(prefix="cunyi-starving-") as name:
        folder = Path(name)
        installation, code = founded(folder)
        installation.start()
        try:
            with proxied(folder / "nginx", installation.port) as port:
                ana = phone_at(port, code)
                alone, _ = _exchanges(ana, part(50, size, 10))
                with Crawlers(port, bodies=slow, readers=slow) as crawlers:
                    took, refused = _exchanges(ana, count)
                    alive = crawlers.alive
        finally:
            installation.stop()
    slowest = took[-1 - len(took) // 100]
    in_time = max(LONGEST_SECONDS, TIMES * alone[-1])
    seen = f"p50 {_ms(took[len(took) // 2])}, p99 {_ms(slowest)}, alone p50 {_ms(alone[len(alone) // 2])}, at most {_ms(alone[-1])}"
    return [
        Figure("G15", f"an exchange answered beside {slow} slow bodies and {slow} slow readers", count, refused, seen),
        Figure("G15", "of these exchanges the 99th in a hundred in time", count, int(slowest > in_time), seen),
        Figure("G15", "slow lines that were still held at the end", 2 * slow, 2 * slow - alive),
    ]


def _exchanges(ana: Phone, count: int) -> tuple[list[float], int]:
    """Seconds of each, sorted; how many were not accepted."""
    took, refused = [], 0
    for n in range(count):
        ana.save(vitals(90 + n % 100))
        began = time.monotonic()
        try:
            refused += [receipt["status"] for receipt in ana.sync()["receipts"]] != ["accepted"]
        except OSError:
            refused += 1
        took.append(time.monotonic() - began)
    return sorted(took), refused


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"
