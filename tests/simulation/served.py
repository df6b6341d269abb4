"""The shipped server of the village: the application over a real database that is backed up, put back and looked into."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import Connection, event, select

import server.access
import server.nonces
from client_sdk import Reply
from server import archive, create_app
from server.config import Config
from server.journal import Journal
from server.store import deployment, devices
from server.store.engine import reading, retried, writing
from server.store.scope import STATE_ACTOR, Stored, stored
from server.store.tables import deposits, edits, records
from server.store.verify import verify
from sync.codec import stamp
from sync.record import Edit
from sync.version import Dot
from tests.conftest import empty
from tests.village import settle

START = dt.datetime(2026, 11, 21, 8, 15, tzinfo=dt.timezone(dt.timedelta(hours=8)))
FOR_EVER = "2999-12-31T00:00:00.000Z"
APPLIED = ("accepted", "merged", "conflict", "duplicate")


class Chance:
    """What the server takes from `secrets`, but the same in every run of a history."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def token_hex(self, n: int) -> str:
        return self._dice.randbytes(n).hex()

    def choice(self, letters: Sequence[str]) -> str:
        return self._dice.choice(letters)


@dataclass(frozen=True)
class Sent:
    """A request as it left a phone."""

    method: str
    path: str
    body: str | None
    token: str | None


class Served:
    """One application for many histories; `begin` empties its database and founds the deployment anew."""

    def __init__(self, database_url: str, folder: Path) -> None:
        given = {"CUNYI_DATABASE_URL": database_url, "CUNYI_DATA_DIR": str(folder), "CUNYI_SECRET_KEY": "s" * 32}
        self.config = Config.from_environment({**given, "CUNYI_IDENTITY_KEY": "1" * 64})
        self.now: Callable[[], dt.datetime] = lambda: START
        self.app = create_app(self.config, now=self._now)
        self.doors = self.app.extensions["cunyi"]
        self.engine = self.doors.engine
        self._folder, self._copies = folder, 0
        self._journal = Journal(self.engine, folder, self._now)
        self._http = self.app.test_client()
        if self.config.embedded:
            event.listen(self.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF"))
            self.engine.dispose()

    @contextlib.contextmanager
    def begin(self, seed: int, now: Callable[[], dt.datetime]) -> Iterator[None]:
        """A fresh deployment for one history."""
        self.now, chance = now, Chance(random.Random(f"server {seed}"))
        for file in (*self._folder.glob("journal.*"), *self._folder.glob("epoch.*")):
            file.unlink()  # of a history that is told again, by a server of the same name
        with contextlib.ExitStack() as stack:
            for place in (server.access, server.nonces, deployment):
                stack.enter_context(mock.patch.object(place, "secrets", chance))
            empty(self.engine)
            retried(self.engine, lambda c: deployment.establish(c, self.config.identity_key))
            retried(self.engine, settle)
            yield

    def _now(self) -> dt.datetime:
        return self.now()

    def close(self) -> None:
        self.engine.dispose()

    # -- what phones and office ask of it

    def handle(self, sent: Sent) -> Reply:
        """Answer a request. The server never fails in a way it does not know."""
        answer = self._http.open(
            sent.path,
            method=sent.method,
            data=sent.body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {sent.token}"} if sent.token else {},
        )
        assert answer.status_code not in (500, 503), f"the server failed: {answer.status_code} {answer.get_data(as_text=True)}"
        return Reply(answer.status_code, json.loads(answer.get_data()))

    def code(self, person: str) -> str:
        """An enrolment code."""
        return self.doors.access.new_code(person)

    def write(self, edit: Callable[[Dot], Edit]) -> tuple[Edit, str]:
        """An edit of the office; it gets the next dot of the server's own actor. The edit and its outcome."""
        with reading(self.engine) as connection:
            actor = self.deployment(connection).actor
        made = edit(Dot(actor, devices.reserve_counters(self.engine, actor, 1)))
        return made, self.doors.exchange.write([made])[0]["status"]

    def move(self, subject: str, village: str) -> int:
        return self.doors.exchange.moving.move(subject, village)

    def shut_out(self, actor: str, status: str) -> None:
        """Retire or revoke the device of an actor."""
        with writing(self.engine) as connection:
            devices.set_status(connection, devices.device_of(connection, actor) or "", status, stamp(self.now()))

    def shut(self, actor: str) -> bool:
        """Is the device of this actor retired or revoked, or not known at all?"""
        with reading(self.engine) as connection:
            found = devices.device(connection, devices.device_of(connection, actor) or "")
        return found is None or found.status != "active"

    # -- keeping

    def backup(self, *, as_file: bool) -> Path:
        """A copy of all it holds: of the database file, or by `cunyi backup`."""
        self._copies += 1
        target = self._folder / f"backup-{self._copies}{'.db' if as_file else '.gz'}"
        if as_file:
            with self._file() as here, contextlib.closing(sqlite3.connect(target)) as there:
                here.backup(there)
        else:
            archive.backup(self.engine, target, self.now())
        return target

    def restore(self, copy: Path) -> None:
        """Put a copy back, as `cunyi restore` does: a new epoch, healing open, codes void."""
        if copy.suffix == ".gz":
            key = self.config.identity_key
            archive.restore(
                self.engine,
                copy,
                True,
                FOR_EVER,
                stamp(self.now()),
                key,
                self._journal.entries,
                self.doors.exchange.moving.readdress,
            )
            return
        self.engine.dispose()
        with self._file() as here, contextlib.closing(sqlite3.connect(copy)) as there:
            there.backup(here)
        with writing(self.engine) as connection:
            entries = self._journal.entries(self.deployment(connection).server)
            archive.announce(connection, entries, FOR_EVER, stamp(self.now()), self.doors.exchange.moving.readdress)

    def _file(self) -> contextlib.closing[sqlite3.Connection]:
        return contextlib.closing(sqlite3.connect(self.config.database_url.database or ""))

    # -- what it holds

    def deployment(self, connection: Connection) -> deployment.Deployment:
        found = deployment.deployment(connection)
        assert found is not None
        return found

    def epoch(self) -> str:
        with reading(self.engine) as connection:
            return self.deployment(connection).epoch

    def living(self) -> dict[str, Stored]:
        """Every record, where it lives now."""
        with reading(self.engine) as connection:
            rows = connection.execute(select(records).where(records.c.moved_to.is_(None)).order_by(records.c.record))
            return {row.record: stored(row) for row in rows}

    def log(self) -> list[tuple[Dot | None, str, str]]:
        """(dot, mark, outcome) of every edit in the log; the edits of a record state are `state`."""
        found: list[tuple[Dot | None, str, str]] = []
        with reading(self.engine) as connection:
            for row in connection.execute(select(edits.c.actor, edits.c.counter, edits.c.outcome, edits.c.body)):
                body: dict[str, Any] = json.loads(row.body)
                if row.actor == STATE_ACTOR:
                    found += [(None, live["written_at"], "state") for live in body["edits"]]
                else:
                    found.append((Dot(row.actor, row.counter), body["written_at"], row.outcome))
        return found

    def deposited(self) -> set[str]:
        """The marks of the edits that wait for a person."""
        with reading(self.engine) as connection:
            return {json.loads(body)["written_at"] for body in connection.scalars(select(deposits.c.body))}

    def faults(self) -> list[str]:
        """What `cunyi verify` finds."""
        with reading(self.engine) as connection:
            return verify(connection).faults
