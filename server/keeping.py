"""The keeper: a process beside the workers that takes up what a new morning or a busy evening left uncounted.

Nobody waits for it. A page of a county shows what is counted and says what is not; without the keeper it would be a visitor
who pays for the night. It works village by village in short transactions, so that a phone waits for one batch at most.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from sqlalchemy.exc import DBAPIError

Stop = Callable[[], bool]  # a round MUST ask it often: True when it is to leave the rest
NICENESS = 10
FIRST_PAUSE_SECONDS = 1.0  # after trouble; doubled each time
LONGEST_PAUSE_SECONDS = 300.0

log = logging.getLogger(__name__)


def keep(rounds: Sequence[Callable[[Stop], object]], seconds: float, beside: int | None = None) -> None:
    """Do these rounds every so many seconds until SIGTERM, or until the process `beside`, which started this one, is gone.

    A database that does not answer is asked again later, less and less often.
    """
    asked: list[int] = []  # to end; by whom does not matter
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _frame: asked.append(number))

    def stop() -> bool:
        return bool(asked) or beside not in (None, os.getppid())

    os.nice(NICENESS)
    trouble = 0
    while not stop():
        pause = seconds
        try:
            for one in rounds:
                one(stop)
            trouble = 0
        except DBAPIError as error:
            log.warning("not kept up: %s", type(error.orig).__name__)
            pause = min(FIRST_PAUSE_SECONDS * 2**trouble, LONGEST_PAUSE_SECONDS)
            trouble += 1
        end = time.monotonic() + pause
        while not stop() and time.monotonic() < end:
            time.sleep(min(1.0, pause))


def by_and_by(work: Callable[[Stop], int], share: float, pause: float) -> Callable[[Stop], None]:
    """A round of what nobody waits for: it stops after a share of seconds, to go on the next time.

    `work` says how much it did. Once there was nothing to do it is left alone for a pause of seconds: what changes with each
    edit is not made anew after each.
    """
    again = time.monotonic()

    def round_(stop: Stop) -> None:
        nonlocal again
        began = time.monotonic()
        if began >= again and not work(lambda: stop() or time.monotonic() >= began + share):
            again = time.monotonic() + pause

    return round_


def start() -> subprocess.Popen[bytes]:
    """Start a keeper that ends with this process."""
    command = [sys.executable, "-m", "server.commands", "keep", "--beside", str(os.getpid())]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - this very program
