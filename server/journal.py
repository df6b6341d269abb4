"""The journal beside the data: every host has a copy, outside the database and its backups, of what no restore may undo.

A file of JSON lines, one an entry, each with the hash of the line before it, so that one which was changed or taken out is
noticed. It is only ever appended to. The database must hold every entry that the file holds: a database that lacks one has
gone back. Beside it lies a second, small file with the epoch and the timeline of PostgreSQL, which a recovery to a point
in time changes.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, select, text

from server import rewound
from server.store import journal
from server.store.deployment import Deployment, deployment
from server.store.engine import reading, retried
from server.store.journal import Entry
from server.store.scope import GENESIS
from server.store.tables import scopes
from sync.codec import stamp
from sync.record import canonical

FORMAT = "cunyi-journal-1"
MARK = "mark"  # in each hour in which edits came: a database that went back by hours lacks one

log = logging.getLogger(__name__)


class JournalError(Exception):
    """The journal is missing, broken, or another server's; the message says which."""


class Journal:
    """The journal of the deployment that lies in a database, kept in a folder of this host."""

    def __init__(self, engine: Engine, folder: Path, now: Callable[[], dt.datetime]) -> None:
        self._engine, self._folder, self._now = engine, folder, now

    def path(self, server: str) -> Path:
        """Where the entries of a server lie."""
        return self._folder / f"journal.{server}.jsonl"

    def keep(self) -> str | None:
        """Copy what is new; or say why the database must have gone back, and copy nothing. None when all is well."""
        with reading(self._engine) as connection:
            place = deployment(connection)
        if place is None or place.stopped:
            return None
        with self._alone(place.server) as file, reading(self._engine) as connection:
            last, hash_ = _last(file)
            present = deployment(connection)
            if present is None or present.stopped:
                return None
            why = _lacking(connection, last) or self._another_time(connection, present)
            if why is None:
                _append(file, hash_, self._lines(present, last, journal.after(connection, last.n if last else 0)))
        return why

    def watch(self, _stop: object = None) -> None:
        """As `keep`, and stop all writing where the database has gone back. A folder that takes nothing is only an alarm."""
        try:
            why = self.keep()
        except OSError as trouble:
            log.critical("ALARM the journal cannot be kept in %s: %s", self._folder, trouble.strerror)
            return
        if why:
            rewound.stop(self._engine, why, self._now())

    def mark(self, _stop: object = None) -> None:
        """Note, once an hour, how many edits there are, if any came since."""
        hour = stamp(self._now())[:13]

        def due(connection: Connection) -> dict[str, Any] | None:
            place, before = deployment(connection), journal.last_of(connection, MARK)
            if place is None or place.stopped or (before and hour <= before.state["hour"]):
                return None
            entries = int(connection.scalar(select(func.sum(scopes.c.entries))) or 0)
            return {"hour": hour, "entries": entries} if before is None or before.state["entries"] != entries else None

        def work(connection: Connection) -> None:
            if state := due(connection):  # the keeper of another host may have been quicker
                journal.note(connection, MARK, state)

        with reading(self._engine) as connection:
            wanted = due(connection) is not None
        if wanted:
            retried(self._engine, work)

    def entries(self, server: str, files: Sequence[Path] = ()) -> list[Entry]:
        """The entries of a server: of its journal here, and of copies from other hosts, which may know more.

        Raises JournalError. Where copies are given, a journal here that is broken is put away.
        """
        sources = [*files, *([] if files and not self.path(server).exists() else [self.path(server)])]
        found: dict[int, Entry] = {}
        for file in sources:
            try:
                told = list(read(file, server))
            except JournalError:
                if not files or file in files:
                    raise
                self.begin_anew(server)
                continue
            for entry in told:
                if found.setdefault(entry.n, entry) != entry:
                    raise JournalError(f"{file} tells another entry {entry.n} than the others do")
        return [found[n] for n in sorted(found)]

    def faults(self) -> list[str]:
        """A sentence for each way in which the journal here is broken or is not the database's."""
        with reading(self._engine) as connection:
            place = deployment(connection)
            if place is None or not (self.path(place.server).exists() or self._beside(place.server).exists()):
                return []  # nothing was ever kept here: the first round of a server or keeper copies it all
            try:
                kept = self.entries(place.server)
            except JournalError as trouble:
                return [str(trouble)]
            there = {entry.n: entry for entry in journal.after(connection, 0)}
        return [f"journal: entry {one.n} is another than in the database" for one in kept if there.get(one.n) != one]

    def begin_anew(self, server: str) -> None:
        """Put away what lies here, for the database begins anew without it; nothing is deleted."""
        for file in (self.path(server), self._beside(server)):
            if file.exists():
                file.rename(file.with_name(f"{file.name}.left-{stamp(self._now()).replace(':', '')}"))

    def _beside(self, server: str) -> Path:
        return self._folder / f"epoch.{server}.json"

    @contextmanager
    def _alone(self, server: str) -> Iterator[Any]:
        """The file, to read and append, while no other process does."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(self.path(server), os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file

    def _lines(self, place: Deployment, last: Entry | None, entries: Iterable[Entry]) -> Iterator[dict[str, Any]]:
        at = stamp(self._now())
        if last is None:
            yield {"n": 0, "epoch": "", "what": FORMAT, "state": {"server": place.server}, "at": at}
        for entry in entries:
            yield {"n": entry.n, "epoch": entry.epoch, "what": entry.what, "state": entry.state, "at": at}

    def _another_time(self, connection: Connection, place: Deployment) -> str | None:
        """Why the epoch and the timeline that are kept here show that the database went back; else they are kept."""
        file, now = self._beside(place.server), {"epoch": place.epoch, "timeline": _timeline(connection)}
        try:
            kept = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            kept = None
        if kept == now:
            return None
        if kept is not None and kept["epoch"] == place.epoch:
            return f"PostgreSQL is on timeline {now['timeline']}, it was on {kept['timeline']}: it was recovered, or a standby took over"
        if kept is not None and kept["epoch"] not in (known := journal.epochs(connection)) and all(known.values()):
            return f"the database knows nothing of the epoch {kept['epoch']}, which was here before"
        _write_whole(file, json.dumps(now).encode())
        return None


def read(file: Path, server: str) -> Iterator[Entry]:
    """The entries of a file, each looked at; raises JournalError. A last line that was cut is left out: it is copied again."""
    try:
        data = file.read_bytes()
    except OSError as trouble:
        raise JournalError(f"there is no journal {file}: {trouble.strerror}") from None
    hash_ = GENESIS
    for number, line in enumerate(data.split(b"\n")[:-1]):
        try:
            said = json.loads(line)
            entry = Entry(said["n"], said["epoch"], said["what"], said["state"])
            fits = said["before"] == hash_ and entry.n == number
        except (ValueError, TypeError, KeyError):
            fits = False
        if not fits:
            raise JournalError(f"{file} is broken: line {number + 1} does not follow from the one before")
        hash_ = hashlib.sha256(line).hexdigest()
        if number:
            yield entry
        elif entry.what != FORMAT or entry.state.get("server") != server:
            raise JournalError(f"{file} is not the journal of {server}")
    if hash_ == GENESIS:
        raise JournalError(f"{file} is empty")


def _lacking(connection: Connection, last: Entry | None) -> str | None:
    """Why the last entry of the file shows that the database went back."""
    if last is None or last.n == 0 or journal.entry(connection, last.n) == last:
        return None
    return f"the journal beside the data has {last.n} entries, and the database does not have the last of them"


def _last(file: Any) -> tuple[Entry | None, str]:
    """The last whole line of a file, and its hash; what a power cut left behind it is cut off."""
    end = file.seek(0, os.SEEK_END)
    tail, begin = b"", end
    while begin > 0 and tail.count(b"\n") < 2:  # the line that is looked for ends with one, the line before it with the other
        begin = max(0, begin - 4096)
        file.seek(begin)
        tail = file.read(end - begin)
    whole = tail[: tail.rfind(b"\n") + 1]
    if len(whole) < len(tail):
        file.truncate(begin + len(whole))
    lines = whole.split(b"\n")
    if len(lines) < 2:
        return None, GENESIS
    said = json.loads(lines[-2])
    return Entry(said["n"], said["epoch"], said["what"], said["state"]), hashlib.sha256(lines[-2]).hexdigest()


def _append(file: Any, hash_: str, lines: Iterable[dict[str, Any]]) -> None:
    """Write lines at the end, each chained to the one before, and have them on the disk."""
    file.seek(0, os.SEEK_END)
    before = file.tell()
    for line in lines:
        told = canonical({**line, "before": hash_}).encode()
        hash_ = hashlib.sha256(told).hexdigest()
        file.write(told + b"\n")
    if file.tell() > before:
        file.flush()
        os.fsync(file.fileno())


def _timeline(connection: Connection) -> str | None:
    """The timeline of PostgreSQL, 8 hex digits; None on SQLite, or where the database is a standby."""
    if connection.dialect.name != "postgresql" or connection.scalar(text("SELECT pg_is_in_recovery()")):
        return None
    return str(connection.scalar(text("SELECT pg_walfile_name(pg_current_wal_lsn())")))[:8]


def _write_whole(file: Path, data: bytes) -> None:
    """Write a file so that it is there whole or as it was."""
    draft = file.with_name(f"{file.name}.{os.getpid()}.part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
