"""A doctor's process in which one call to the disk goes wrong: it is killed there, or the disk says no, once or from then on.

The calls are counted by strace from the moment at which the doctor begins to work, so that `at` 1, 2, 3 ... meets each in turn.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlcipher

from tests.simulation.doctor import Doctor, lost_on_phone, on_server, promised

CALLS = "pwrite64,fsync,fdatasync,ftruncate,unlink"
KILL, ONCE, EVER = "signal=KILL:when={}", "error=EIO:when={}", "error=ENOSPC:when={}+"
PATIENCE = 60.0  # seconds


@dataclass(frozen=True)
class Outcome:
    """What became of a doctor: `met` when the call was reached; what was broken, "" when nothing."""

    met: bool
    broken: str


def stricken(folder: Path, url: str, inject: str, at: int) -> Outcome:
    """One doctor who works on these files, and goes wrong at one call. Afterwards all is looked at, and finished."""
    up, down = os.pipe(), os.pipe()  # from the child, to the child
    child = os.fork()
    if child == 0:
        os.close(up[0])
        os.close(down[1])
        with contextlib.suppress(BaseException):
            _works(folder, url, up[1], down[0])
        os._exit(1)
    os.close(up[1])
    os.close(down[0])
    try:
        return _watched(child, folder, url, inject.format(at), up[0], down[1])
    finally:
        os.close(up[0])
        os.close(down[1])


def _watched(child: int, folder: Path, url: str, inject: str, ear: int, mouth: int) -> Outcome:
    assert os.read(ear, 1) == b"r", "the doctor did not come to work"
    with _under_strace(child, inject, folder / "strace"):
        os.write(mouth, b"g")
        first = os.read(ear, 1)  # nothing: killed
    if first:
        os.write(mouth, b"g")
        last = os.read(ear, 1)
    os.waitpid(child, 0)
    saved, kept = promised((folder / "said").read_text())
    faults = []
    if lost := lost_on_phone(folder / "phone.db", saved):
        faults.append(f"forms lost on the phone: {lost}")
    if gone := kept - on_server(url, folder):
        faults.append(f"acknowledged, not in the log: {gone}")
    if first and last != b"w":
        faults.append(f"it did not mend by itself: {(folder / 'why').read_text()}")
    if "failed 500" in (folder / "why").read_text():
        faults.append("a failure of the disk was answered 500")
    met = not first or "(INJECTED)" in (folder / "strace").read_text()
    return Outcome(met, "; ".join(faults))


def _works(folder: Path, url: str, mouth: int, ear: int) -> None:
    """Two forms and a sync, twice; then, when the disk is well again, once more until all has arrived."""
    logging.disable(logging.CRITICAL)
    why = folder / "why"
    why.write_text("")
    doctor = Doctor(folder, url)
    doctor.works(1)
    os.write(mouth, b"r")
    os.read(ear, 1)
    try:
        doctor.works(2)
        answer = b"x" if doctor.line.failed else b"d"
    except sqlcipher.Error:  # the phone's own disk: the form stays open, nothing was saved
        answer = b"x"
    why.write_text(" ".join(f"failed {status}" for status in doctor.line.failed))
    os.write(mouth, answer)
    os.read(ear, 1)
    try:
        doctor.saves()
        report = doctor.phone.sync()
        if not report.complete:
            report = doctor.phone.sync()
        well = report.complete and doctor.phone.status().outbox == 0
        why.write_text(f"{why.read_text()} {report.reasons}")
    except Exception as trouble:
        why.write_text(f"{why.read_text()} {trouble!r}")
        raise
    os.write(mouth, b"w" if well else b"-")
    os._exit(0)


@contextlib.contextmanager
def _under_strace(pid: int, inject: str, log: Path) -> Iterator[None]:
    command = ["strace", "-f", "-p", str(pid), "-e", f"trace={CALLS}", "-e", f"inject={CALLS}:{inject}", "-o", str(log)]
    watcher = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + PATIENCE
        while f"TracerPid:\t{watcher.pid}\n" not in Path(f"/proc/{pid}/status").read_text():
            assert watcher.poll() is None, "strace did not take hold of the process"
            assert time.monotonic() < until, "strace did not take hold of the process"
            time.sleep(0.002)
        yield
    finally:
        watcher.terminate()  # it lets go of the process, which goes on
        watcher.wait()
