"""Every promise of a recorded doctor, held against the disks that power cuts leave."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy.exc import DBAPIError

from client_sdk.errors import NoStoreError, WrongPinError
from tests.simulation.doctor import found, lost_on_phone, on_server, promised
from tests.simulation.power import ALL, NOTHING, SOME, Call, Disk, recorded


@dataclass(frozen=True)
class Cut:
    """One cut: behind which call, what it left of what nobody had waited for, and what is broken after it, "" when nothing."""

    behind: int
    left: str
    broken: str


def day(folder: Path, rounds: int, *, careless: bool = False) -> tuple[Disk, list[Call]]:
    """A doctor's work on fresh files, recorded: the disk before it, and the calls."""
    folder.mkdir()
    url = f"sqlite:///{folder / 'cunyi.db'}"
    found(url, folder)
    disk = Disk.of(folder)
    command = ["-m", "tests.simulation.doctor", str(folder), url, "--rounds", str(rounds)]
    return disk, recorded(command + ["--careless"] * careless, folder)


def cuts(disk: Disk, calls: list[Call], chosen: Iterable[tuple[int, str]], folder: Path, seed: int = 0) -> Iterator[Cut]:
    """The cuts behind the chosen calls (number, what is left), in the order of the calls."""
    wanted: dict[int, list[str]] = {}
    for number, what in chosen:
        wanted.setdefault(number, []).append(what)
    for number, call in enumerate(calls):
        disk.do(call)
        for what in wanted.get(number, ()):
            folder.mkdir()
            disk.left(what, random.Random(f"{seed} {number}"), folder)
            yield Cut(number, what, _broken(folder, disk.said.decode()))
            shutil.rmtree(folder)


def choose(calls: list[Call], many: int, seed: int) -> list[tuple[int, str]]:
    """Some cuts: most leave some sectors, others everything or nothing. A cut behind a mere word is the one before it."""
    dice = random.Random(seed)
    every = [(n, what) for n, call in enumerate(calls) if call.file != "said" for what in (ALL, NOTHING, SOME, SOME)]
    return dice.sample(every, min(many, len(every)))


def _broken(folder: Path, said: str) -> str:
    saved, kept = promised(said)
    try:
        gone = kept - on_server(f"sqlite:///{folder / 'cunyi.db'}", folder)
        lost = lost_on_phone(folder / "phone.db", saved) if saved else []
    except (AssertionError, DBAPIError, NoStoreError, WrongPinError, sqlcipher.Error) as trouble:
        return f"a file is not sound: {trouble!r}"[:300]
    return "".join([f"acknowledged and gone: {sorted(gone)} " * bool(gone), f"saved and gone: {lost}" * bool(lost)])
