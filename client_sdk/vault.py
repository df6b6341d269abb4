"""The encrypted file: one SQLite database, every page of it enciphered by SQLCipher with a key made from the PIN.

Honest limit: the key is stretched from the PIN with SQLCipher's own derivation (PBKDF2-HMAC-SHA512, 256 000 rounds, a
salt of the file). That costs a thief about a quarter of a second a guess on one core, and hours to days for all
six-digit PINs on a rented machine. A PIN of six digits keeps out the finder of a phone, not a laboratory: where that
matters use a longer PIN, and report a lost phone at once so that it is revoked.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from client_sdk.errors import NoStoreError, SyncBusyError, WrongPinError

BUSY_SECONDS = 30
KDF_ROUNDS = 256_000


class Vault:
    """The open file: one connection, shared by the threads of this process one statement or transaction at a time."""

    def __init__(self, path: Path, pin: str, *, create: bool = False) -> None:
        if not pin or "\0" in pin:
            raise WrongPinError("a PIN is needed")
        if create:
            try:
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # before SQLite would make it readable to others
            except OSError as error:
                raise NoStoreError(f"no phone file can be made at {path}: {error.strerror}") from error
        elif not path.exists():
            raise NoStoreError(f"there is no phone file at {path}")
        self.path = path
        self._turn = threading.RLock()
        self._reading = False
        self._db = sqlcipher.connect(str(path), timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            self._unlock(pin)
        except BaseException:
            self._db.close()
            raise

    def _unlock(self, pin: str) -> None:
        self._db.execute(
            "PRAGMA cipher_log_level = NONE"
        )  # a wrong PIN is told by WrongPinError, not by SQLCipher's log as well
        quoted = pin.replace("'", "''")
        self._db.execute(f"PRAGMA key = '{quoted}'")  # a PRAGMA takes no parameters
        self._db.execute(f"PRAGMA kdf_iter = {KDF_ROUNDS}")
        try:
            self._db.execute("SELECT count(*) FROM sqlite_master")
        except sqlcipher.DatabaseError as error:
            if "not a database" not in str(error):
                raise
            raise WrongPinError(f"the PIN is wrong, or {self.path} is no phone file") from None
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            self._db.execute(f"PRAGMA {pragma}")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside becomes durable together, or nothing does. Inside another transaction: part of that one."""
        with self._turn:
            assert not self._reading, "what is written inside a snapshot would be undone with it"
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Reads inside see one moment, whatever other processes write meanwhile."""
        with self._turn:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN")
            self._reading = True
            try:
                yield
            finally:
                self._reading = False
                self._db.execute("ROLLBACK")

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows that a statement yields."""
        with self._turn:
            return list(self._db.execute(sql, values).fetchall())

    def run(self, sql: str, *values: object) -> int:
        """Run a statement; how many rows it changed."""
        with self._turn:
            return int(self._db.execute(sql, values).rowcount)

    @contextlib.contextmanager
    def turn_to_sync(self) -> Iterator[None]:
        """One process and thread at a time; freed by the system when the holder dies. Raises SyncBusyError.

        The lock is SQLite's own on an empty file beside the store, so that it works wherever SQLite does.
        """
        lock = sqlite3.connect(f"{self.path}-sync", timeout=0, isolation_level=None)
        try:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                raise SyncBusyError("this phone file is being synced already") from error
            yield
        finally:
            lock.close()

    def shred(self) -> None:
        """Rewrite the file without what was deleted. The deletion itself is durable before; this may be cut."""
        with self._turn, contextlib.suppress(sqlcipher.OperationalError):
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def remove(self) -> None:
        """Delete the file, once closed, and what SQLite put beside it."""
        for name in ("", "-sync", "-wal", "-shm"):
            Path(f"{self.path}{name}").unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file."""
        with self._turn:
            self._db.close()
