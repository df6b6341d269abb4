"""Phones that sync while a backlog of standings is worked off: how long each exchange takes, with and without that.

Twenty phones of twenty villages, each in a thread of its own, talk to a server that runs; `cunyi keep` beside it
works off a large village that is all behind, again and again. Who works takes a processor away too: that a phone waits for
the database is what it waits longer than beside a process that only counts.
"""

from __future__ import annotations

import contextlib
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, make_url, select, update

from server import create_app, utc_now
from server.access import Access
from server.config import Config
from server.keeping import NICENESS
from server.store import directory
from server.store.deployment import establish
from server.store.engine import open_engine, reading, retried
from server.store.tables import standing_heads
from tests.bench.crowd import crowd
from tests.bench.standings import of_the_server
from tests.e2e.line import Line
from tests.e2e.serving import CUNYI, Installation
from tests.server.phone import Phone, vitals
from tests.village import VILLAGE, settle

SMALL = bool(os.environ.get("SMALL"))
BACKLOG = 200 if SMALL else 2000  # residents of the village that is behind
PHONES, EXCHANGES, PAUSE_SECONDS = 20, 5 if SMALL else 30, 1.0
HEAD = f"  {'20 phones, one exchange each second':<40}{'p50':>10}{'p95':>10}{'most':>10}"


def main(url: str, folder: Path) -> None:
    """Both measurements on a migrated database that is empty."""
    place = Installation(folder, url)
    config = Config.from_environment(place.environment)
    engine = open_engine(config.database_url, config.sealing_key)
    retried(engine, lambda c: establish(c, config.identity_key))
    retried(engine, settle)
    doors = create_app(config).extensions["cunyi"]
    edits = of_the_server(crowd(BACKLOG), engine)
    assert {receipt["status"] for receipt in doors.exchange.write(edits)} == {"accepted"}
    doors.engine.dispose()
    phones = _phones(engine, config, place.url)
    place.start()
    try:
        for phone, code in phones:
            phone.enrol(code)
            phone.sync()
        print(HEAD)
        alone = _exchanges("alone", [phone for phone, _ in phones])
        with _counting():
            busy = _exchanges("while a process only counts", [phone for phone, _ in phones])
        with _keeper(place, engine):
            beside = _exchanges(f"while {BACKLOG} residents are computed", [phone for phone, _ in phones])
        for what, than in (("alone", alone), ("to a process that only counts", busy)):
            print(f"  {'ratio ' + what:<40}{beside[0] / than[0]:>10.1f}{beside[1] / than[1]:>10.1f}")
    finally:
        place.stop()
        engine.dispose()


def _phones(engine: Engine, config: Config, url: str) -> list[tuple[Phone, str]]:
    """A doctor with a phone in each of twenty more villages, and the codes to enrol them with."""
    access = Access(engine, config, utc_now)
    made = []
    for n in range(PHONES):
        person, village = f"p-{n}", f"411499001{300 + n}"
        row = {"id": person, "name": person, "role": "village_doctor", "organisation": None, "area": None, "active": True}

        def work(connection: object, row: dict[str, object] = row, person: str = person, village: str = village) -> None:
            directory.put_areas(connection, [{"code": village, "name": village}])
            directory.put_people(connection, [row])
            directory.put_workplaces(connection, person, [village])

        retried(engine, work)
        made.append((Phone(Line(url)), access.new_code(person)))
    return made


def _exchanges(what: str, phones: list[Phone]) -> tuple[float, float]:
    """p50 and p95 in milliseconds, printed."""
    taken: list[float] = []
    threads = [threading.Thread(target=_syncing, args=(phone, taken)) for phone in phones]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == PHONES * EXCHANGES
    cuts = statistics.quantiles(taken, n=20)
    p50, p95 = 1000 * statistics.median(taken), 1000 * cuts[18]
    print(f"  {what:<40}{p50:>7.1f} ms{p95:>7.1f} ms{1000 * max(taken):>7.1f} ms", flush=True)
    return p50, p95


def _syncing(phone: Phone, taken: list[float]) -> None:
    chance = random.Random(phone.actor)
    for _ in range(EXCHANGES):
        time.sleep(chance.uniform(0, 2 * PAUSE_SECONDS))
        phone.save(vitals(chance.randint(110, 180)))
        start = time.perf_counter()
        phone.sync()
        taken.append(time.perf_counter() - start)


@contextlib.contextmanager
def _counting() -> Iterator[None]:
    """A process that is as nice as a keeper, and asks nobody for anything."""
    command = [sys.executable, "-c", f"import os\nos.nice({NICENESS})\nwhile True: pass"]
    process = subprocess.Popen(command)
    yield
    process.terminate()
    process.wait()


class _keeper:  # noqa: N801 - reads as what it does
    """`cunyi keep`, the process that works off what is behind; one large village is made to be behind again and again."""

    def __init__(self, place: Installation, engine: Engine) -> None:
        self._place, self._engine, self._done = place, engine, threading.Event()
        self._thread = threading.Thread(target=self._forget)

    def _forget(self) -> None:
        rounds, start = 0, time.perf_counter()
        head = select(standing_heads.c.seq).where(standing_heads.c.scope == VILLAGE)
        while not self._done.wait(0.2):
            with reading(self._engine) as connection:
                caught_up = connection.scalar(head) != 0
            if caught_up:
                rounds += 1
                forgotten = update(standing_heads).where(standing_heads.c.scope == VILLAGE).values(seq=0)
                retried(self._engine, lambda c: c.execute(forgotten))  # noqa: B023
        print(f"  ({rounds - 1} times {BACKLOG} residents, and some, in {time.perf_counter() - start:.1f} s)")

    def __enter__(self) -> None:
        command = [CUNYI, "keep", "--every", "0.1"]
        self._process = subprocess.Popen(command, env=self._place.environment, cwd=self._place.folder)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._process.terminate()
        self._process.wait()


if __name__ == "__main__":
    from server.store import migrate

    with tempfile.TemporaryDirectory() as name:
        fresh = open_engine(make_url(f"sqlite:///{name}/cunyi.db"))
        migrate.upgrade(fresh)
        fresh.dispose()
        main(f"sqlite:///{name}/cunyi.db", Path(name))
