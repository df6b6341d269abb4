"""Backup and restore: everything in one file, of one consistent picture, the same on SQLite and PostgreSQL.

The file is gzip of JSON lines: a heading, then for each table its columns and its rows, then the counts and a hash of
all that went before. A file that was cut or changed is not taken for a backup. A restore is one transaction.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import itertools
import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, select

from server.replaying import replay
from server.store import accounts, devices, journal, migrate
from server.store.deployment import deployment, establish, new_epoch, set_healing
from server.store.engine import reading, writing
from server.store.journal import Entry
from server.store.sealing import as_stored
from server.store.tables import DERIVED, metadata
from sync.codec import stamp

Readdress = Callable[[Connection, Iterable[str]], None]
FORMAT = "cunyi-backup-1"
KEPT = [table for table in metadata.sorted_tables if table not in DERIVED]
BATCH = 500


class ArchiveError(Exception):
    """The file cannot be written, or is no whole backup, or does not fit; the message says which."""


def backup(engine: Engine, file: Path, now: dt.datetime) -> str:
    """Write a backup and read it back; a sentence with the counts."""
    draft = file.with_name(file.name + ".part")
    try:
        with gzip.open(draft, "wt", encoding="utf-8", compresslevel=5) as out, reading(engine) as connection:
            write = _Hashed(out.write)
            here = deployment(connection)
            write.line(
                {"format": FORMAT, "revision": migrate.present(connection), "made_at": stamp(now), "epoch": here and here.epoch}
            )
            counts = {table.name: _dump(connection, table, write) for table in KEPT}
            out.write(json.dumps({"counts": counts, "sha256": write.digest()}) + "\n")
        _sync_to_disk(draft)
        if _checked(draft)["counts"] != counts:
            raise ArchiveError(f"{file} did not come back as it was written")
        draft.replace(file)
    except OSError as trouble:
        raise ArchiveError(f"{file} cannot be written: {trouble}") from None
    finally:
        draft.unlink(missing_ok=True)
    size = file.stat().st_size
    return f"{file}: {counts['records']} records, {counts['edits']} log entries, {size / 1e6:.1f} MB, read back whole."


def restore(
    engine: Engine,
    file: Path,
    replace: bool,
    healing_until: str,
    now: str,
    identity_key: bytes,
    journal_of: Callable[[str], Sequence[Entry] | None],
    readdress: Readdress | None = None,
) -> str:
    """Load a backup into the database and announce it, in one transaction. Returns a sentence a line.

    `journal_of` gives the whole journal of a server by its name, None to begin anew without one; `readdress` as in `announce`.
    Raises ArchiveError: no whole backup, another schema, or a database that is in use and not to be replaced;
    WrongKeyError when the backup was made with another identity key; whatever `journal_of` raises.
    """
    end = _checked(file)
    with writing(engine) as connection:
        heading, rows = _open(file)
        if heading["revision"] != migrate.present(connection):
            raise ArchiveError(
                f"{file} is of schema {heading['revision']}; bring the database there: it is at {migrate.present(connection)}"
            )
        if not replace and _in_use(connection):
            raise ArchiveError("the database is in use; use an empty one, or --replace to drop what it holds")
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        for table, batch in rows:
            connection.execute(as_stored(table).insert(), batch)
        counts = {t.name: connection.scalar(select(func.count()).select_from(t)) or 0 for t in KEPT}
        if counts != end["counts"]:
            raise ArchiveError("other counts came back than the backup tells; nothing was changed")
        server = establish(connection, identity_key).server
        done = announce(connection, journal_of(server), healing_until, now, readdress)
    told = f"{counts['records']} records and {counts['edits']} log entries of {heading['made_at']} are back, under a new epoch."
    return "\n".join([told, *done])


def announce(
    connection: Connection,
    entries: Sequence[Entry] | None,
    healing_until: str,
    now: str,
    readdress: Readdress | None = None,
) -> list[str]:
    """After a database was put back: what was forbidden since is forbidden again, nothing given out before serves.

    `entries`: the whole journal, None where there is none. `readdress` writes the village of residents who were moved again
    into their addresses, which else would call them back; only a journal without moves can do without. A new epoch gives
    new keys to tokens, assertions, nonces and sessions at desks; healing opens; codes are void. Returns sentences.
    """
    ours = {entry.n: entry for entry in journal.after(connection, 0)}
    missed = list(itertools.dropwhile(lambda one: ours.get(one.n) == one, entries or ()))
    parted = [one for n, one in ours.items() if missed and n >= missed[0].n]  # written here after it went back
    done = replay(connection, missed)
    done += replay(connection, parted)
    journal.put_back(connection, missed)  # instead of what doing it again has noted anew
    new_epoch(connection, now, whole=entries is not None)
    for one in parted:
        journal.note(connection, one.what, one.state)
    moved = {record for one in (*missed, *parted) if one.what == "moved" for record, *_ in one.state["records"]}
    if moved:
        assert readdress is not None
        readdress(connection, moved)
    set_healing(connection, healing_until)
    devices.void_codes(connection, now)
    accounts.void_codes(connection)
    accounts.end_all_sessions(connection)
    return done


def _dump(connection: Connection, table: Table, write: _Hashed) -> int:
    names = [column.name for column in table.columns]
    write.line({"table": table.name, "columns": names})
    count = 0
    kept = as_stored(table)  # what is sealed stays so: the file is of no use without the key
    query = select(kept).order_by(*(kept.c[one.name] for one in table.primary_key.columns)).execution_options(yield_per=BATCH)
    for row in connection.execute(query):
        write.line(list(row))
        count += 1
    return count


def _in_use(connection: Connection) -> bool:
    return any(
        connection.scalar(select(func.count()).select_from(metadata.tables[name])) for name in ("areas", "people", "edits")
    )


class _Hashed:
    """Writes lines and keeps the hash of all of them."""

    def __init__(self, write: Callable[[str], Any]) -> None:
        self._write, self._hash = write, hashlib.sha256()

    def line(self, value: object) -> None:
        """One JSON value, one line."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
        self._hash.update(text.encode())
        self._write(text)

    def digest(self) -> str:
        """Of every line so far."""
        return self._hash.hexdigest()


def _lines(file: Path) -> Iterator[str]:
    try:
        with gzip.open(file, "rt", encoding="utf-8", newline="\n") as source:
            yield from source
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as trouble:
        raise ArchiveError(f"{file} is no whole backup: {trouble}") from None


def _checked(file: Path) -> dict[str, Any]:
    """The closing line of a whole backup; raises ArchiveError for anything else."""
    hashed, last = hashlib.sha256(), ""
    for line in _lines(file):
        hashed.update(last.encode())
        last = line
    try:
        end = json.loads(last)
        if end["sha256"] == hashed.hexdigest():
            return dict(end)
    except (ValueError, TypeError, KeyError):
        pass
    raise ArchiveError(f"{file} is no whole backup: it was cut or changed")


def _open(file: Path) -> tuple[dict[str, Any], Iterator[tuple[Table, list[dict[str, Any]]]]]:
    """The heading, and the rows in batches by table."""
    lines = _lines(file)
    heading = json.loads(next(lines))
    if heading.get("format") != FORMAT:
        raise ArchiveError(f"{file} is of the format {heading.get('format')!r}, not {FORMAT}")
    return heading, _batches(lines)


def _batches(lines: Iterator[str]) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    table: Table | None = None
    names: list[str] = []
    batch: list[dict[str, Any]] = []
    for line in lines:
        value = json.loads(line)
        if isinstance(value, list):
            batch.append(dict(zip(names, value, strict=True)))
        if batch and table is not None and (len(batch) == BATCH or not isinstance(value, list)):
            yield table, batch
            batch = []
        if isinstance(value, dict) and "table" in value:
            table, names = metadata.tables[value["table"]], value["columns"]


def _sync_to_disk(file: Path) -> None:
    with file.open("rb") as handle:
        os.fsync(handle.fileno())
