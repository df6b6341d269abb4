"""The server looks whether what it holds is whole: a damaged record is frozen and named, and the others go on.

An exchange looks at what it reads and writes anyway (store/scope.py, store/feed.py). The keeper goes through everything, a
slice at a time: records beside the log, chains, digests, counters. `mend` makes a record anew from the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Flask, Response
from sqlalchemy import Connection, Engine

from server.moving import Moving
from server.problems import Problem, answer
from server.store import damage, mending, slices
from server.store.damage import DamagedError
from server.store.engine import reading, retried
from server.store.scope import ScopeWriter

Stop = Callable[[], bool]
RETRY_SECONDS = "1"  # by then the record is frozen


class Soundness:
    """The use case."""

    def __init__(self, engine: Engine, moving: Moving) -> None:
        self._engine, self._moving = engine, moving
        self._cycle: Iterator[None] | None = None

    def freeze(self, suspects: Iterable[tuple[str, str]]) -> None:
        """Look at these records, (scope, record), under the lock of their scope, and freeze those that are not whole."""
        by_scope: dict[str, set[str]] = {}
        for scope, record in suspects:
            by_scope.setdefault(scope, set()).add(record)
        for scope, ids in sorted(by_scope.items()):

            def look(connection: Connection, scope: str = scope, ids: set[str] = ids) -> None:
                writer = ScopeWriter(connection, scope)
                writer.load(ids)
                writer.finish()

            retried(self._engine, look)

    def keep_up(self, stop: Stop) -> int:
        """Go on where the last round stopped: how many slices were looked at; 0 once everything was."""
        done = 0
        while not stop():
            self._cycle = self._cycle or slices.cycle(self._engine)
            try:
                next(self._cycle)
            except StopIteration:
                self._cycle = None
                return 0
            except Exception:
                self._cycle = None  # what failed is looked at from the beginning
                raise
            done += 1
        return done

    def look_at_everything(self) -> None:
        """One whole cycle."""
        for _ in slices.cycle(self._engine):
            pass

    def surviving(self, work: Callable[[Stop], Any]) -> Callable[[Stop], None]:
        """Work of the keeper that may come upon a damaged record: that is frozen, and the work is done in the next round."""

        def round_(stop: Stop) -> None:
            try:
                work(stop)
            except DamagedError as found:
                self.freeze([(found.scope, found.record)])

        return round_

    def guard(self, app: Flask) -> None:
        """Whatever a request was about: the damaged record it came upon is frozen, and the next try is answered."""

        @app.errorhandler(DamagedError)
        def on_damage(found: DamagedError) -> Response:
            self.freeze([(found.scope, found.record)])
            return answer(Problem("unavailable", {"Retry-After": RETRY_SECONDS}))

    def mend(self, name: str, *, drop: bool = False) -> str:
        """Make a frozen record, or what does not agree of a scope, anew from the log and the records: what was done.

        `drop`: let go of a record that the log knows nothing of.

        Raises LookupError where nothing of this name is damaged, UnmendableError where it cannot be.
        """
        done = retried(self._engine, lambda connection: mending.mend(connection, name, drop=drop))
        if done.resident is not None and done.village is not None:  # the others had moved while it was frozen
            self._moving.move(done.resident, done.village)
        return done.told

    def listed(self) -> list[dict[str, str]]:
        """Every alarm that stands: scope, part, found_at, why in words, and how it is mended."""
        with reading(self._engine) as connection:
            return [
                {
                    "scope": row.scope,
                    "part": row.part,
                    "found_at": row.found_at,
                    "why": damage.MEANING[row.why],
                    "mend": mending.advice(row),
                }
                for row in damage.standing(connection)
            ]
