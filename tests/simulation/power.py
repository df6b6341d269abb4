"""Power cuts: what a process writes is recorded call by call, and the disk is built as a cut at any moment leaves it.

`recorded` runs a command under strace. Of what it wrote to the files of a folder only that is sure which it has waited for
(`fsync`, `fdatasync`); of the rest a cut may leave all (then it is as if the process was killed), nothing, or some sectors.
Honest limit: names of files (made, removed) are taken to survive in the order of the calls, as a journalling file system has it.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CALLS = "write,pwrite64,fsync,fdatasync,ftruncate,unlink,rename"
SECTOR = 512
LINE = re.compile(r"^\d+ +(\w+)\((.*)\) = (-?\d+)")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
FILE = re.compile(r"^\d+<((?:\\x[0-9a-f]{2})*)>")
ALL, NOTHING, SOME = "all", "nothing", "some"


def tool() -> str | None:
    """Where strace is, None where it is missing or may not trace."""
    found = shutil.which("strace")
    if found is None:
        return None
    tried = subprocess.run([found, "-f", "-e", "trace=none", "true"], capture_output=True, check=False)
    return None if tried.returncode else found


@dataclass(frozen=True)
class Call:
    """One call that changes a file of the folder: its name, the file, where and what. `number` is the length of a truncation."""

    name: str
    file: str
    data: bytes = b""
    number: int = 0


def recorded(command: list[str], folder: Path) -> list[Call]:
    """Run a Python command to its end; every call of it, and of what it starts, that changes a file in the folder."""
    log = folder.with_suffix(".strace")
    line = ["strace", "-f", "-y", "-xx", "-s", "10000000", "--seccomp-bpf", "-e", f"trace={CALLS}", "-o", str(log)]
    subprocess.run([*line, sys.executable, *command], check=True, capture_output=True)
    calls = [call for text in log.read_text("ascii").splitlines() if (call := _read(text, str(folder) + "/"))]
    log.unlink()
    return calls


def _read(text: str, folder: str) -> Call | None:
    found = LINE.match(text)
    if found is None or int(found[3]) < 0:
        return None
    name, said = found[1], found[2]
    opened = FILE.match(said)
    path = _bytes(opened[1]).decode() if opened else ""
    texts = [_bytes(one) for one in TEXT.findall(said)]
    if name in ("unlink", "rename"):
        path = texts[0].decode()
    if not path.startswith(folder):
        return None
    last = said.rpartition(", ")[2]
    number = int(last) if name in ("pwrite64", "ftruncate") else 0
    data = texts[-1] if name in ("write", "pwrite64") else b""
    if name == "rename":
        data = texts[1].removeprefix(folder.encode())
    return Call(name, path.removeprefix(folder), data[: int(found[3])] if name in ("write", "pwrite64") else data, number)


def _bytes(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


@dataclass
class Disk:
    """The files of a folder: what is sure of each, and what was written since it was last waited for."""

    sure: dict[str, bytearray]
    since: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)  # (where, what); where -1: cut off at what's length
    said: bytearray = field(default_factory=bytearray)

    @classmethod
    def of(cls, folder: Path) -> Disk:
        """As it lies there before the recording."""
        return cls({file.name: bytearray(file.read_bytes()) for file in folder.iterdir() if file.is_file()})

    def do(self, call: Call) -> None:
        """One call more. What is written to `said` is no file of ours: it has left the machine."""
        if call.file == "said":
            self.said += call.data
        elif call.name in ("fsync", "fdatasync"):
            if call.file in self.sure or call.file in self.since:
                self.sure[call.file] = self._with(call.file, self.since.pop(call.file, []))
        elif call.name == "unlink":
            self.sure.pop(call.file, None)
            self.since.pop(call.file, None)
        elif call.name == "ftruncate":
            self.since.setdefault(call.file, []).append((-1, bytes(call.number)))
        elif call.name == "rename":
            for files in (self.sure, self.since):
                if call.file in files:
                    files[call.data.decode()] = files.pop(call.file)
        else:  # what is written without a place goes to the end
            where = call.number if call.name == "pwrite64" else len(self._with(call.file, self.since.get(call.file, [])))
            self.since.setdefault(call.file, []).append((where, call.data))

    def _with(self, file: str, writes: list[tuple[int, bytes]]) -> bytearray:
        content = bytearray(self.sure.get(file, b""))
        for where, what in writes:
            if where < 0:
                del content[len(what) :]
                content.extend(bytes(len(what) - len(content)))
            else:
                content.extend(bytes(max(0, where - len(content))))
                content[where : where + len(what)] = what
        return content

    def left(self, what: str, dice: random.Random, to: Path) -> None:
        """Write the files as a cut leaves them now; of what nobody waited for `all`, `nothing` or `some` sectors."""
        for file in self.sure.keys() | self.since.keys():
            if file.endswith("-shm"):  # lives in memory alone
                continue
            since = self.since.get(file, [])
            kept = since if what == ALL else [] if what == NOTHING else [part for one in since for part in _torn(one, dice)]
            if file in self.sure or kept:
                (to / file).write_bytes(self._with(file, kept))


def _torn(write: tuple[int, bytes], dice: random.Random) -> Iterator[tuple[int, bytes]]:
    where, what = write
    if where < 0:
        if dice.random() < 0.5:
            yield write
        return
    for start in range(0, len(what), SECTOR):
        if dice.random() < 0.5:
            yield where + start, what[start : start + SECTOR]
