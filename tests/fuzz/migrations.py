"""The schema goes down to each revision and up again under twenty phones that never stop writing (G18): what was acknowledged stays."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
from sqlalchemy import Engine, select

from server import utc_now
from server.access import Access
from server.config import Config
from server.store import migrate
from server.store.deployment import establish
from server.store.engine import open_engine, reading, retried
from server.store.tables import edits
from server.store.verify import verify
from tests.bench.crowd import crowd
from tests.e2e.line import Line
from tests.e2e.serving import Installation
from tests.fuzz import Figure, part
from tests.server.phone import Phone, vitals
from tests.simulation.databases import migrated
from tests.village import ANA, BEN, settle

MINUTES = 6
WRITERS, FLOOR = 20, "0007"  # below it the journal would go, and with it what tells a database that went back


class Writer(threading.Thread):
    """A phone that saves a visit and sends it until it is told that it is there; then the next."""

    def __init__(self, phone: Phone, done: threading.Event) -> None:
        super().__init__()
        self.phone, self.acknowledged, self.refused, self.longest, self.last = phone, [], 0, 0.0, ""
        self._done = done

    def run(self) -> None:
        while not self._done.is_set():
            edit = self.phone.draft(vitals(self.phone.counter % 100 + 90))
            while not self._told(edit) and not self._done.wait(0.5):
                self.refused += 1

    def _told(self, edit: dict) -> bool:
        began, body = time.monotonic(), self.phone.request([edit])
        try:
            answer = self.phone.post("/v1/sync", body)
        except requests.RequestException:
            return False
        self.last = answer.get_data(as_text=True)[:300]
        if answer.status_code != 200:
            return False
        self.longest = max(self.longest, time.monotonic() - began)
        reply = answer.get_json()
        self.phone.nonce, self.phone.checkpoints = reply["nonce"], self.phone.checkpoints | reply["checkpoints"]
        self.acknowledged += [tuple(r["dot"]) for r in reply["receipts"] if r["status"] in ("accepted", "duplicate")]
        return True


def pour(phone: Phone, wanted: int) -> None:
    """Fill the village by what a phone sends, 500 at a time."""
    while phone.counter < wanted:
        batch = [
            phone.draft(dict(edit.sections), type=edit.type, subject=edit.subject)
            for edit in crowd(min(3000, wanted), visits_each=6)[: min(20_000, wanted - phone.counter)]
        ]
        for first in range(0, len(batch), 500):
            answer = phone.post("/v1/sync", {**phone.request(batch[first : first + 500]), "max_bytes": 0})
            assert answer.status_code == 200, answer.get_data(as_text=True)
            phone.nonce = answer.get_json()["nonce"]


def steps() -> list[str]:
    """The revisions from the newest down to the floor."""
    numbers = range(int(migrate.newest()), int(FLOOR) - 1, -1)
    return [f"{number:04}" for number in numbers]


def heard(writers: list[Writer]) -> None:
    """Wait until each phone has been told once more that a visit is there."""
    before = [len(writer.acknowledged) for writer in writers]
    for _ in range(1200):
        if all(len(writer.acknowledged) > count for writer, count in zip(writers, before, strict=True)):
            return
        time.sleep(0.1)
    silent = [writer.last for writer, count in zip(writers, before, strict=True) if len(writer.acknowledged) == count]
    raise AssertionError(f"{len(silent)} phones were not answered within two minutes: {silent[0]}")


def walked(here: Installation, engine: Engine, writers: list[Writer]) -> dict[str, float]:
    """Down to each revision and up to the newest, the server stopped meanwhile as the README says. How many seconds it took."""
    took = {}
    for lower in steps()[1:]:
        here.stop()
        for name, way, to in ((f"down to {lower}", migrate.downgrade, lower), (f"up from {lower}", migrate.upgrade, "head")):
            began = time.monotonic()
            way(engine, to)
            took[name] = time.monotonic() - began
        here.start()
        heard(writers)
    return took


def trial(kind: str, records: int) -> Figure:
    """One server, one village, all steps."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        url = stack.enter_context(migrated(kind, folder))
        here = Installation(folder, url)
        config = Config.from_environment({"CUNYI_DATABASE_URL": url, "CUNYI_DATA_DIR": here.environment["CUNYI_DATA_DIR"]})
        engine = open_engine(config.database_url, config.sealing_key)
        stack.callback(engine.dispose)
        retried(engine, lambda c: establish(c, config.identity_key))
        retried(engine, settle)
        here.start()
        stack.callback(here.stop)
        access = Access(engine, config, utc_now)
        pour(Phone(Line(here.url)).enrol(access.new_code(ANA)), records)
        done = threading.Event()
        writers = [Writer(Phone(Line(here.url)).enrol(access.new_code(BEN)), done) for _ in range(WRITERS)]
        for writer in writers:
            writer.start()
        try:
            took = walked(here, engine, writers)
        finally:
            done.set()
            for writer in writers:
                writer.join()
        migrate.check(engine)
        with reading(engine) as connection:
            kept = {(row.actor, row.counter) for row in connection.execute(select(edits.c.actor, edits.c.counter))}
            faults = verify(connection).faults
        told = [dot for writer in writers for dot in writer.acknowledged]
        lost = len(set(told) - kept) + len(faults)
        slowest = max(took, key=lambda name: took[name])
        waited, refused = max(writer.longest for writer in writers), sum(writer.refused for writer in writers)
        seen = f"{len(kept):,} edits; slowest {slowest} {took[slowest]:.2f} s; longest answer {waited:.2f} s; {refused:,} attempts without an answer"
        return Figure("G18", f"acknowledged edits over {len(took)} changes of the schema, {kind}", len(told), lost, seen)


def run(size: float) -> list[Figure]:
    """Both engines."""
    return [trial(kind, part(100_000, size)) for kind in ("sqlite", "postgres")]
