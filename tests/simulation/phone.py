"""One phone of the village: the shipped client on its encrypted file, a clock that may be wrong, and a line that lies.

A phone can stop dead between any two of its local steps: its *fuse* counts them. What is left then is the file.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from client_sdk import Client, OfflineError, Reply, View
from client_sdk.store import ENROLLED, RETIRED, Store
from client_sdk.vault import Vault
from sync.record import Edit
from tests.simulation.served import Sent
from tests.simulation.truth import NONE, Marks, Truth

PIN = "493027"
DELIVERED, DROPPED, CUT, TWICE, BUSY, LATE = "delivered", "dropped", "cut", "twice", "busy", "late"
CLOCKS = {  # how wrong a phone's clock can be
    "right": dt.timedelta(),
    "1970": dt.datetime(1970, 1, 1, tzinfo=dt.UTC) - dt.datetime(2026, 11, 21, tzinfo=dt.UTC),
    "2099": dt.datetime(2099, 1, 1, tzinfo=dt.UTC) - dt.datetime(2026, 11, 21, tzinfo=dt.UTC),
    "+8h": dt.timedelta(hours=8),
    "-1d": dt.timedelta(days=-1),
}


class Crash(BaseException):
    """The phone went out. Nothing that runs on it can catch this."""


class FusedVault(Vault):
    """The encrypted file of a phone that may go out before any statement, and before and after each commit."""

    fuses: dict[Path, int] = {}

    def burn(self) -> None:
        burn(self.path)

    def run(self, sql: str, *values: object) -> int:
        self.burn()
        return super().run(sql, *values)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        with super().transaction():
            yield
            self.burn()
        self.burn()


def burn(path: Path) -> None:
    """One more local step of the phone with this file; the last one that its fuse allows is not done."""
    left = FusedVault.fuses.get(path)
    if left is not None:
        FusedVault.fuses[path] = left - 1
        if left <= 0:
            del FusedVault.fuses[path]
            raise Crash


@dataclass(frozen=True)
class Form:
    """A form somebody has opened and not saved: the record as it then stood, and what the server had answered for of it."""

    view: View
    saw: Marks


@dataclass(frozen=True)
class Copy:
    """A copy of a phone's file, and which edits had been made on it."""

    file: Path
    made: frozenset[str]


class Line:
    """What stands between a phone and the server. `fate` says what becomes of a request; `meanwhile` lets others act."""

    def __init__(
        self,
        name: str,
        handle: Callable[[Sent], Reply],
        fate: Callable[[str, Sent], str],
        meanwhile: Callable[[str], None],
        late: list[Sent],
    ) -> None:
        self._name, self._handle, self._fate, self._meanwhile, self._late = name, handle, fate, meanwhile, late

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None, token: str | None = None) -> Reply:
        sent = Sent(method, path, None if body is None else json.dumps(body), token)
        fate = self._fate(self._name, sent)
        if fate == BUSY:
            return Reply(503, None)
        if fate == LATE:
            self._late.append(sent)
        if fate in (DROPPED, LATE):
            raise OfflineError("the request was lost")
        self._meanwhile(self._name)
        reply = self._handle(sent)
        if fate == TWICE:
            self._late.append(sent)
            reply = self._handle(sent)
        self._meanwhile(self._name)
        if fate == CUT:
            raise OfflineError("the answer was lost")
        return reply

    def close(self) -> None:
        """Nothing to close."""


@dataclass
class Phone:
    """A phone and who holds it. `made`: the marks of the edits made on this file."""

    name: str
    person: str
    path: Path
    line: Line
    now: Callable[[], dt.datetime]
    dice: random.Random
    client: Client = field(init=False)
    made: set[str] = field(default_factory=set)
    form: Form | None = None
    gone: bool = False  # wiped: out of the game

    # -- its file

    def enrol(self, code: str) -> None:
        self.client = Client.enrol(
            "http://cunyi",
            code,
            self.path,
            pin=PIN,
            transport=self.line,
            now=self.now,
            entropy=self.dice.randbytes,
            device=self.name,
        )

    def open(self) -> None:
        self.client = Client.open(self.path, pin=PIN, transport=self.line, now=self.now, entropy=self.dice.randbytes)

    def _beside(self) -> list[Path]:
        return [Path(f"{self.path}{end}") for end in ("", "-wal")]

    def copied(self, to: Path) -> Copy:
        """Copy the file as it lies there, the journal with it."""
        for source in self._beside():
            if source.exists():
                shutil.copyfile(source, f"{to}{source.name.removeprefix(self.path.name)}")
        return Copy(to, frozenset(self.made))

    def take(self, copy: Copy) -> None:
        """Go on from a copy of a file, this phone's own or another's."""
        for end in ("", "-wal", "-shm"):
            Path(f"{self.path}{end}").unlink(missing_ok=True)
            if Path(f"{copy.file}{end}").exists() and end != "-shm":
                shutil.copyfile(f"{copy.file}{end}", f"{self.path}{end}")
        self.made, self.form, self.gone = set(copy.made), None, False
        self.open()

    def dies(self) -> None:
        """The process is gone; what it had not committed is gone with it. Open the file again."""
        FusedVault.fuses.pop(self.path, None)
        self.form = None
        aside = self.copied(Path(f"{self.path}.crashed"))
        self.client.close()
        self.take(Copy(aside.file, frozenset(self.made)))

    def close(self) -> None:
        self.client.close()

    # -- what it holds

    @property
    def store(self) -> Store:
        return self.client._store

    @property
    def mode(self) -> str:
        return self.store.account().mode

    @property
    def reads(self) -> bool:
        """True while its records may be read."""
        return not self.gone and self.mode == ENROLLED

    def check_gone(self) -> None:
        self.gone = self.mode == RETIRED

    def sees(self, record: str, truth: Truth) -> Marks:
        """The edits of a record that are truly in what the phone shows of it."""
        held = self.store.held([record]).get(record)
        shown = [edit.written_at for edit in held.record.edits] if held else []
        return truth.within(shown) | {edit.written_at for edit in self.store.outbox([record])}

    def own(self, record: str, truth: Truth) -> Marks:
        """The edits of a record made on this phone under its present name: an author has always seen those."""
        actor = self.store.account().actor
        return frozenset(
            m for m in self.made if truth.facts[m].record == record and any(dot.actor == actor for dot in truth.names[m])
        )

    def opens(self, record: str, truth: Truth) -> Form:
        """Open a form. What the phone itself has written and not sent stands there as well: it counts by `own`."""
        held = self.store.held([record]).get(record)
        return Form(self.client.get(record), truth.within(e.written_at for e in held.record.edits) if held else NONE)

    def before_eyes(self, record: str, truth: Truth, form: Form | None = None) -> Marks:
        """What the author of an edit made now has seen: all that shows, or what showed when the form was opened."""
        now = self.sees(record, truth)
        return (now if form is None else form.saw & now if now else form.saw) | self.own(record, truth)

    def holds(self, truth: Truth) -> Marks:
        """Every edit that is still somewhere in the file."""
        if self.gone:
            return NONE
        waiting = {edit.written_at for edit in [*self.store.outbox(), *(one.edit for one in self.store.set_aside())]}
        shown = [edit.written_at for held in self.store.base() for edit in held.record.edits]
        return truth.within(shown) | waiting

    def unknown(self, truth: Truth) -> list[Edit]:
        """Edits in the outbox that nobody was told of yet."""
        return [edit for edit in self.store.outbox() if edit.written_at not in truth.facts]
