"""The offline client: everything works without a network but enrolling and `sync()`.

    with Client.enrol("https://cunyi.example", code, "phone.db", pin="493027") as phone:
        phone.sync()
        who = phone.find(type="resident", text="王秀兰")[0]
        visit = phone.create("hypertension_visit", {"vitals": {"systolic_mmhg": 152, "diastolic_mmhg": 94}}, subject=who.id)

An edit is durable when the call that makes it returns. Implausible or incomplete values are `issues` of the view, never
a reason to refuse; only what the protocol cannot carry (a float, a NUL) raises UnfitError, before anything is kept.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from client_sdk import decided, enrolment
from client_sdk.errors import NoStoreError
from client_sdk.reading import Clock
from client_sdk.report import Progress, Report
from client_sdk.store import ENROLLED, NEW, Store
from client_sdk.syncing import Syncing
from client_sdk.transport import HttpTransport, Transport
from client_sdk.writing import Chance, Writing


def local_now() -> dt.datetime:
    """The clock of this machine with its offset from UTC."""
    return dt.datetime.now().astimezone()


class Client(Writing):
    """One phone. Threads may share it; one at a time syncs, across processes too, and the others go on reading and writing."""

    def __init__(self, store: Store, transport: Transport | None, now: Clock, entropy: Chance) -> None:
        """Use `enrol` or `open`."""
        super().__init__(store, now, entropy)
        self._transport = transport or HttpTransport(store.account().url)

    # -- opening and closing -------------------------------------------------------------------------------------------

    @classmethod
    def enrol(
        cls,
        url: str,
        code: str,
        path: str | Path,
        *,
        pin: str,
        device: str = "",
        transport: Transport | None = None,
        now: Clock = local_now,
        entropy: Chance = os.urandom,
    ) -> Client:
        """Make this device known to the server with a one-time code; `device` is the name its owner will see.

        A phone file that exists and opens with the PIN keeps its records and its outbox if it is the same person's, and
        gets a new key and a new actor. Raises AddressError, WrongPinError, OtherPersonError, Problem (a bad code) and
        OfflineError; after the last the same call may be made again: the key is kept, so that a lost answer can be given
        again.
        """
        line = transport or HttpTransport(url)
        try:
            store = enrolment.enrol(url, code, Path(path), pin, device or platform.node() or "phone", line, entropy)
        except BaseException:
            line.close()
            raise
        return cls(store, line, now, entropy)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        pin: str,
        transport: Transport | None = None,
        now: Clock = local_now,
        entropy: Chance = os.urandom,
    ) -> Client:
        """Open a phone file; one of an earlier release becomes one of this.

        Raises NoStoreError, WrongPinError, and NewerFileError where a later release wrote it. A sealed one opens, but shows only its status.
        """
        store = Store(Path(path), pin)
        try:
            if store.account().mode != NEW:
                return cls(store, transport, now, entropy)
        except BaseException:
            store.close()
            raise
        store.close()
        raise NoStoreError(f"the enrolment of {path} was never finished")

    def close(self) -> None:
        """Close the file and the connections."""
        self._transport.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # -- syncing -------------------------------------------------------------------------------------------------------

    def sync(self, progress: Callable[[Progress], None] | None = None) -> Report:
        """Deliver and fetch until both ends agree, or say in the report why not. Raises SyncBusyError and SealedError.

        May be cut at any point and called again. `progress` is called after each step that was kept.
        """
        report = Syncing(self._store, self._transport, self._now, progress).run()
        if self._store.account().mode != ENROLLED:
            return report
        self._refresh()  # now, so that the list is there at once when the phone is opened
        return replace(report, conflicts=len(self.conflicts()), decisions=tuple(decided.tell(self._store.vault)))
