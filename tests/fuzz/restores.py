"""Servers put back while phones are ahead: 20 times on SQLite, 10 times by point-in-time recovery on PostgreSQL, 100 000 records.

Each time the phones go on after the backup, somebody is shut out, and the database goes back without a word. It must be
noticed before anything is taken; announced, the phones must make it whole in two syncs, and who was shut out must stay so.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
import os
import shutil
import sqlite3
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from client_sdk import Client, Report
from server import archive, create_app
from server.config import Config
from server.healing import healing_of
from server.journal import Journal
from server.store import devices, directory, migrate
from server.store.deployment import Deployment, deployment, establish
from server.store.engine import open_engine, reading, retried
from server.store.feed import states
from server.store.verify import verify
from sync.codec import stamp
from sync.record import Edit
from sync.version import Dot, VersionVector
from tests.client_sdk.village import Door
from tests.fuzz import Figure, part
from tests.postgres import SUPERUSER, Postgres
from tests.server.conftest import config_of
from tests.village import ANA, BEN, CAM, OTHER, VILLAGE, settle

MINUTES = 9
RECORDS, FILES, RECOVERIES = 100_000, 20, 10
OF_THE_PHONES = 300  # records in the village that the phones hold
A_VILLAGE, AT_ONCE = 3000, 500
PIN, FOREVER = "493027", "2999-12-31T00:00:00.000Z"
SYNCS = 2  # after which all that a phone holds MUST be back


class Count:
    """What was tried and what broke on one engine. `thorough`: this time every record of the server is looked at."""

    def __init__(self) -> None:
        self.numbers, self.thorough = itertools.count(1), True
        self.restores = self.values = self.lost = self.allowed = self.unnoticed = self.unsound = self.away = 0
        self.seconds: list[float] = []

    def figures(self, engine: str, records: int) -> list[Figure]:
        """As lines of the table."""
        usual, slowest = sorted(self.seconds)[len(self.seconds) // 2], max(self.seconds)
        seen = f"{self.restores} restores of {records:,} records, RTO {usual:.1f} s, at most {slowest:.1f} s"
        return [
            Figure("G8", f"{engine}: values held by a phone are back within two syncs", self.values, self.lost, seen),
            Figure("G8", f"{engine}: whoever was shut out stays so", self.restores, self.allowed),
            Figure(
                "G8", f"{engine}: a restore that nobody announced is noticed, nothing is taken", self.restores, self.unnoticed
            ),
            Figure("G8", f"{engine}: phones that are back are known to be", 3 * self.restores, self.away),
            Figure("G20", f"{engine}: both ends agree, chains and digests are sound", self.restores, self.unsound),
        ]


class Town:
    """A server with many records, and the phones of one village."""

    def __init__(self, config: Config, folder: Path) -> None:
        self.config, self._folder = config, folder
        self._moment, self._numbers = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC), itertools.count(1)
        self.app = create_app(config, now=self.now)
        self.doors = self.app.extensions["cunyi"]
        self.engine = self.doors.engine
        self.journal = Journal(self.engine, config.data_dir, self.now)
        self.office(lambda c: establish(c, config.identity_key))
        self.office(settle)
        self.phones: dict[str, Client] = {}

    def now(self) -> dt.datetime:
        """A clock that moves on by a second each time it is read."""
        self._moment += dt.timedelta(seconds=1)
        return self._moment

    def office(self, work: Callable[[Connection], Any]) -> Any:
        """Change what the office keeps."""
        return retried(self.engine, work)

    def open_phones(self) -> None:
        """Ana and Ben get theirs, and fetch the village."""
        self.phones = {person: self.enrol(person) for person in (ANA, BEN)}
        self.sync()

    def enrol(self, person: str) -> Client:
        """A new phone."""
        path = self._folder / f"phone-{next(self._numbers)}.db"
        code = self.doors.access.new_code(person)
        return Client.enrol("http://town", code, path, pin=PIN, transport=Door(self.app), now=self.now)

    def fill(self, count: int) -> None:
        """Records in as many villages as it takes, a few of them where the phones are."""
        left = count - OF_THE_PHONES
        self.pour(VILLAGE, min(count, OF_THE_PHONES))
        for number in itertools.count(1):
            if left <= 0:
                return
            code = f"411499001{300 + number}"
            self.office(lambda c, code=code: directory.put_areas(c, [{"code": code, "name": f"村{code[-3:]}"}]))
            self.pour(code, min(left, A_VILLAGE))
            left -= A_VILLAGE

    def pour(self, scope: str, count: int) -> None:
        """Visits, by the server's own actor."""
        for begin in range(0, count, AT_ONCE):
            many = min(AT_ONCE, count - begin)
            with reading(self.engine) as connection:
                actor = self.deployment(connection).actor
            first = devices.reserve_counters(self.engine, actor, many)
            self.doors.exchange.write([_visit(scope, Dot(actor, first + n), n) for n in range(many)])

    def held(self, scope: str) -> dict[str, tuple[dict[str, int], dict[tuple[str, int], str]]]:
        """Every record of a village: what it has seen, and its live values by dot."""
        found = {}
        with reading(self.engine) as connection:
            for told in map(json.loads, states(connection, scope, "")):
                live = {tuple(edit["dot"]): json.dumps(edit["sections"], sort_keys=True) for edit in told["edits"]}
                found[told["record"]] = (told["seen"], live)
        return found

    def sync(self) -> list[Report]:
        """The phones of the village sync, twice each, so that each has what the other brought."""
        return [phone.sync() for _ in range(SYNCS) for phone in self.phones.values()]

    def deployment(self, connection: Connection) -> Deployment:
        """What the server is now."""
        found = deployment(connection)
        assert found is not None
        return found

    def device_of(self, phone: Client) -> str:
        """The device of a phone."""
        with reading(self.engine) as connection:
            return devices.device_of(connection, phone._store.account().actor) or ""

    def stopped(self) -> str:
        """Why nothing is written."""
        with reading(self.engine) as connection:
            return self.deployment(connection).stopped

    def close(self) -> None:
        for phone in self.phones.values():
            phone.close()
        self.engine.dispose()


def _visit(scope: str, dot: Dot, number: int) -> Edit:
    sections = {"vitals": {"systolic_mmhg": 100 + number % 90, "diastolic_mmhg": 70}, "note": {"text": f"随访 {number}"}}
    return Edit(
        record=str(uuid.uuid4()),
        type="hypertension_visit",
        subject=None,
        scope=scope,
        dot=dot,
        context=VersionVector(),
        written_at="2026-11-20T08:00:00.000Z",
        author="server",
        sections=sections,
    )


def lived(town: Town, count: Count, copy: Callable[[], Any], put_back: Callable[[Any], None], *, by_phone: bool) -> None:
    """One restore, with all that comes before and after it. `by_phone`: a phone is the first to notice."""
    number = next(count.numbers)
    lost, gone = town.enrol(BEN), f"p-gone-{number}"
    stolen = town.device_of(lost)
    town.office(lambda c: directory.put_people(c, [_person(gone, active=True)]))
    with _busy(town):
        kept = copy()
    for phone in town.phones.values():
        for systolic in (140, 150):
            phone.create("hypertension_visit", {"vitals": {"systolic_mmhg": systolic, "diastolic_mmhg": 80}})
    late = town.enrol(CAM)
    late.create("hypertension_visit", {"vitals": {"systolic_mmhg": 160, "diastolic_mmhg": 90}})
    late.sync()
    town.sync()
    town.office(lambda c: devices.set_status(c, stolen, "revoked", stamp(town.now())))
    town.office(lambda c: directory.put_people(c, [_person(gone, active=False)]))
    before = town.held(VILLAGE) | town.held(OTHER)
    unsent = [phone.create("hypertension_visit", {"note": {"text": "还没上传"}}) for phone in town.phones.values()]

    began = time.monotonic()
    put_back(kept)
    if by_phone:
        town.phones[ANA].sync()
    else:
        town.journal.watch()
    count.unnoticed += not town.stopped()
    count.unnoticed += any(report.complete for report in town.sync())  # nothing is taken until it is announced
    with reading(town.engine) as connection:
        server = town.deployment(connection).server
    entries = town.journal.entries(server)
    town.office(lambda c: archive.announce(c, entries, FOREVER, stamp(town.now())))
    town.phones[ANA].sync()
    count.seconds.append(time.monotonic() - began)

    phones = (*town.phones.values(), late)
    reports = [phone.sync() for _ in range(SYNCS) for phone in phones]
    for trouble in {reason for report in reports[-len(phones) :] for reason in report.reasons}:
        print(f"restore {number}: {trouble}")
    after = town.held(VILLAGE) | town.held(OTHER)
    for record, (_seen, values) in before.items():
        count.values += len(values)
        count.lost += sum(after.get(record, ({}, {}))[1].get(dot) != value for dot, value in values.items())
    count.values += len(unsent)
    count.lost += sum(record not in after for record in unsent)
    count.restores += 1
    count.allowed += lost.sync().complete or not _is_shut_out(town, stolen, gone)
    with reading(town.engine) as connection:
        healed = healing_of(connection, town.deployment(connection))
        assert healed is not None
        count.away += healed.away
        count.unsound += not all(report.complete for report in reports[-len(phones) :]) or bool(
            verify(connection).faults if count.thorough else ()
        )
    town.office(lambda c: devices.set_status(c, town.device_of(late), "retired", stamp(town.now())))
    for phone in (lost, late):
        phone.close()


def _person(name: str, *, active: bool) -> dict[str, Any]:
    return {"id": name, "name": name, "role": "village_doctor", "organisation": None, "area": None, "active": active}


def _is_shut_out(town: Town, stolen: str, gone: str) -> bool:
    with reading(town.engine) as connection:
        device, person = devices.device(connection, stolen), directory.person(connection, gone)
    return device is not None and device.status == "revoked" and person is not None and not person.active


@contextlib.contextmanager
def _busy(town: Town) -> Iterator[None]:
    """Meanwhile the other village goes on working."""
    done, wrote = threading.Event(), threading.Event()

    def work() -> None:
        while not done.is_set():
            town.pour(OTHER, 2)
            wrote.set()

    thread = threading.Thread(target=work)
    thread.start()
    wrote.wait(30)
    try:
        yield
    finally:
        done.set()
        thread.join()


def on_sqlite(town: Town, folder: Path, count: Count, times: int) -> None:
    """Copies of the file by SQLite's backup, taken while the server writes, put over it while nobody serves."""
    file = town.config.database_url.database or ""

    def copy() -> Path:
        target = folder / f"copy-{time.monotonic_ns()}.db"
        with contextlib.closing(sqlite3.connect(file)) as here, contextlib.closing(sqlite3.connect(target)) as there:
            here.backup(there)
        return target

    def put_back(kept: Path) -> None:
        town.engine.dispose()
        for tail in ("", "-wal", "-shm"):
            Path(file + tail).unlink(missing_ok=True)
        kept.rename(file)

    for number in range(times):
        count.thorough = number in (0, times - 1)
        lived(town, count, copy, put_back, by_phone=number % 2 == 0)


class Recovering(Postgres):
    """A PostgreSQL that archives its log, and goes back to a named point of it."""

    def start(self) -> None:
        """As the operator's handbook says: server/DESIGN.md, section 7."""
        archive_ = self._folder / "archive"
        if not archive_.exists():
            archive_.mkdir()
            self._give(archive_)
        log = f"-c wal_level=replica -c archive_mode=on -c archive_command='cp %p {archive_}/%f'"
        options = f"-k {self._folder} -c listen_addresses='' -c fsync=off -c max_connections=60 {log}"
        self._run("pg_ctl", "-D", self._folder / "data", "-l", self._folder / "log", "-o", options, "-w", "-t", "300", "start")

    def base(self) -> Path:
        """A base backup, while the server goes on."""
        target = self._folder / f"base-{time.monotonic_ns()}"
        self._run("pg_basebackup", "-h", self._folder, "-U", SUPERUSER, "-D", target, "-X", "stream", "-c", "fast")
        self._run("pg_verifybackup", target)
        return target

    def recover(self, base: Path, point: str) -> None:
        """Go back to a point that was named after the base backup: another timeline begins."""
        self.stop()
        shutil.rmtree(self._folder / "data")
        base.rename(self._folder / "data")
        said = f"restore_command = 'cp {self._folder}/archive/%f %p'\nrecovery_target_name = '{point}'\n"
        said += "recovery_target_action = 'promote'\nrecovery_target_timeline = 'current'\n"
        with (self._folder / "data" / "postgresql.auto.conf").open("a") as settings:
            settings.write(said)
        signal = self._folder / "data" / "recovery.signal"
        signal.touch()
        self._give(signal)
        self.start()

    def _give(self, path: Path) -> None:
        if self._user:
            os.chown(path, self._user.pw_uid, self._user.pw_gid)


def on_postgres(town: Town, server: Recovering, count: Count, times: int) -> None:
    """Base backups, the log, and recovery to a point in time."""
    points = (f"before-{number}" for number in itertools.count())

    def copy() -> tuple[Path, str]:
        base, point = server.base(), next(points)
        town.pour(VILLAGE, 2)  # after the base backup: only the log has it
        with town.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SELECT pg_create_restore_point(:name)"), {"name": point})
        return base, point

    def put_back(kept: tuple[Path, str]) -> None:
        with town.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SELECT pg_switch_wal()"))
        town.engine.dispose()
        server.recover(*kept)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(DBAPIError), reading(town.engine) as connection:
                if not connection.scalar(text("SELECT pg_is_in_recovery()")):
                    return

    for number in range(times):
        count.thorough = number in (0, times - 1)
        lived(town, count, copy, put_back, by_phone=number % 2 == 0)


def run(size: float) -> list[Figure]:
    """The drill on both engines, and what `cunyi backup` and `cunyi restore` take."""
    many = part(RECORDS, size, OF_THE_PHONES * 2)
    embedded, served = Count(), Count()
    with tempfile.TemporaryDirectory(prefix="cunyi-restores-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        town = Town(migrated(f"sqlite:///{folder / 'town.db'}", folder / "var"), folder)
        stack.callback(town.close)
        town.fill(many)
        began = time.monotonic()
        print(archive.backup(town.engine, folder / "town.gz", town.now()))
        backed_up = time.monotonic() - began
        town.open_phones()
        on_sqlite(town, folder, embedded, part(FILES, size, 2))

        server = Recovering()
        stack.callback(server.close)
        with contextlib.closing(psycopg.connect(server.url("postgres"), autocommit=True)) as connection:
            connection.execute("CREATE DATABASE town")
        config = migrated(server.url("town"), folder / "var-pg")
        engine = open_engine(config.database_url, config.sealing_key)
        began, now = time.monotonic(), stamp(town.now())
        told = archive.restore(engine, folder / "town.gz", True, FOREVER, now, config.identity_key, lambda _: None)
        restored = time.monotonic() - began
        engine.dispose()
        (folder / "moved").mkdir()
        moved = Town(config, folder / "moved")
        stack.callback(moved.close)
        moved.open_phones()
        on_postgres(moved, server, served, part(RECOVERIES, size, 2))
    seen = f"backup {backed_up:.0f} s, restore {restored:.0f} s"
    whole = told.startswith(f"{many} records and {many} log entries")
    files = Figure("G8", f"`cunyi backup` of {many:,} records, put back on the other engine", 1, not whole, seen)
    return [files, *embedded.figures("SQLite", many), *served.figures("PostgreSQL, point in time", many)]


def migrated(url: str, data_dir: Path) -> Config:
    config = config_of(url, data_dir, CUNYI_SEALING_KEY="6b" * 32, CUNYI_DEVICE_DAY_REQUESTS="1000000")
    engine = open_engine(config.database_url, config.sealing_key)
    migrate.upgrade(engine)
    engine.dispose()
    return config
