"""A doctor at work in a process of its own: a phone on its encrypted file, and the server on its database.

`python -m tests.simulation.doctor FOLDER DATABASE_URL [--rounds 12] [--careless]`: saves forms and syncs, and writes a line
to FOLDER/said for whatever it was promised, at once: `saved 3 RECORD` when a form was saved, `kept ACTOR 3` when the server has
answered for an edit. What was said there has to be found again, whatever becomes of this process or of its machine.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import event, select

from client_sdk import Client, Reply, vault
from client_sdk.store import Store
from server import create_app
from server.config import Config
from server.store import migrate
from server.store.deployment import establish
from server.store.engine import open_engine, reading, retried
from server.store.tables import edits
from server.store.verify import verify
from sync.wire import APPLIED
from tests.village import ANA, VILLAGE, settle

PIN = "493027"
Dots = set[tuple[str, int]]


def config_of(url: str, folder: Path) -> Config:
    """Settings of the server; the same keys in each process."""
    given = {
        "CUNYI_DATABASE_URL": url,
        "CUNYI_DATA_DIR": str(folder),
        "CUNYI_SECRET_KEY": "s" * 32,
        "CUNYI_IDENTITY_KEY": "1" * 64,
    }
    return Config.from_environment(given)


def found(url: str, folder: Path) -> None:
    """A migrated database with the people of the village in it."""
    config = config_of(url, folder)
    engine = open_engine(config.database_url, config.sealing_key)
    migrate.upgrade(engine)
    retried(engine, lambda c: establish(c, config.identity_key))
    retried(engine, settle)
    engine.dispose()


class Here:
    """The transport of a phone to an application in the same process. `failed`: the statuses from 500 on that it gave."""

    def __init__(self, app: Any, said: int) -> None:
        self._http, self._said = app.test_client(), said
        self.failed: list[int] = []

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None, token: str | None = None) -> Reply:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self._http.open(path, method=method, json=body, headers=headers)
        told = answer.get_json()
        if answer.status_code >= 500:
            self.failed.append(answer.status_code)
            assert answer.status_code != 503 or int(answer.headers["Retry-After"]) > 0
        for receipt in told.get("receipts", ()) if answer.status_code == 200 else ():
            if receipt["status"] in APPLIED:
                os.write(self._said, "kept {} {}\n".format(*receipt["dot"]).encode())
        return Reply(answer.status_code, told)

    def close(self) -> None:
        """Nothing to close."""


class Doctor:
    """Ana, her phone and her server. `careless`: neither of the two waits for the disk."""

    def __init__(self, folder: Path, url: str, *, careless: bool = False) -> None:
        self.folder, self.path = folder, folder / "phone.db"
        self._said = os.open(folder / "said", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.app = create_app(config_of(url, folder))
        self.doors = self.app.extensions["cunyi"]
        self.line, self._dice, self._records = Here(self.app, self._said), random.Random(7), list[str]()
        for statement in _habits(self.doors.engine.dialect.name, careless=careless):
            event.listen(self.doors.engine, "connect", partial(_say, statement))
        self.doors.engine.dispose()
        with quick():
            code = self.doors.access.new_code(ANA)
            self.phone = Client.enrol("http://cunyi", code, self.path, pin=PIN, transport=self.line)
        for statement in _habits("sqlite", careless=careless):
            self.phone._store.vault.rows(statement)

    def saves(self) -> None:
        """A new visit, or more about one that was made before."""
        value = {"vitals": {"systolic_mmhg": self._dice.randint(90, 200)}, "note": {"text": "x" * self._dice.randint(0, 3000)}}
        if self._records and self._dice.random() < 0.5:
            self.phone.edit(record := self._dice.choice(self._records), value)
        else:
            self._records.append(record := self.phone.create("hypertension_visit", value, scope=VILLAGE))
        os.write(self._said, f"saved {self.phone._store.account().counter} {record}\n".encode())

    def works(self, rounds: int) -> None:
        """Some forms are saved, then a sync; and again."""
        for _ in range(rounds):
            for _ in range(self._dice.randint(1, 3)):
                self.saves()
            self.phone.sync()


def _habits(engine: str, *, careless: bool) -> list[str]:
    """A journal that is taken over often, so that cuts fall into that too; and what a careless administrator sets."""
    if engine == "sqlite":
        return ["PRAGMA wal_autocheckpoint=20"] + ["PRAGMA synchronous=NORMAL"] * careless
    return ["SET synchronous_commit=off"] * careless


def _say(statement: str, connection: Any, _record: object) -> None:
    connection.execute(statement)
    connection.commit()


def quick() -> contextlib.AbstractContextManager[object]:
    """The key of a phone file without the work that a thief should have; whoever opens it later needs the same."""
    return mock.patch.object(vault, "KDF_ROUNDS", 1_000)


# -- what was promised, and what is there ------------------------------------------------------------------------------


def promised(said: str) -> tuple[dict[int, str], Dots]:
    """The forms that were saved, by number, with their records; the edits that the server has answered for.

    Half a line is none.
    """
    lines = [line.split() for line in said.split("\n")[:-1]]
    saved = {int(number): record for what, number, record in lines if what == "saved"}
    return saved, {(actor, int(number)) for what, actor, number in lines if what == "kept"}


def lost_on_phone(path: Path, saved: Mapping[int, str]) -> list[int]:
    """Of the forms that were saved those that the phone file knows nothing of; the file MUST be sound."""
    with quick(), contextlib.closing(Store(path, PIN)) as store:
        assert store.vault.rows("PRAGMA integrity_check") == [("ok",)]
        actor, held = store.account().actor, store.held(set(saved.values()))
        waiting = {edit.dot.counter for edit in store.outbox()} | {one.edit.dot.counter for one in store.set_aside()}
        seen = {record: one.record.seen.upto(actor) for record, one in held.items()}
        return [number for number, record in saved.items() if number not in waiting and number > seen.get(record, 0)]


def on_server(url: str, folder: Path) -> Dots:
    """The edits in the log; the database MUST be sound."""
    config = config_of(url, folder)
    engine = open_engine(config.database_url, config.sealing_key)
    try:
        with reading(engine) as connection:
            if engine.dialect.name == "sqlite":
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert verify(connection).faults == []
            return {(actor, counter) for actor, counter in connection.execute(select(edits.c.actor, edits.c.counter))}
    finally:
        engine.dispose()


def main() -> None:
    """Work as long as one is let."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("url")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--careless", action="store_true")
    given = parser.parse_args()
    doctor = Doctor(given.folder, given.url, careless=given.careless)
    doctor.works(given.rounds)


if __name__ == "__main__":
    main()
