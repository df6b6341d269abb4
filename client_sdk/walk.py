"""The walk that finds what phone and server hold differently, scope by scope, and takes over what the server has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from client_sdk import healing
from client_sdk.line import Line
from client_sdk.store import Store
from sync.digest import of_hashes
from sync.wire import DigestWalk, RecordStates

DIGEST, STATES = DigestWalk(), RecordStates()


class Walk:
    """Walks of one sync. Each fetched part is durable before the next is asked for; a walk that was cut begins anew."""

    def __init__(self, store: Store, line: Line) -> None:
        self._store, self._line = store, line
        self.pulled = 0

    def differing(self, digests: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """The scopes of which the base disagrees with what the server says."""
        return [
            scope for scope, told in digests.items() if of_hashes(self._store.hashes(scope).values()) != healing.digest_of(told)
        ]

    def mend(self, scope: str) -> Iterator[frozenset[str]]:
        """Take the server's states of the records that differ; after each answer, the records of which it lacks something."""
        path = f"/v1/scopes/{quote(scope, safe='')}"
        prefixes = [""]
        while prefixes:
            prefix = prefixes.pop()
            node = self._line.ask("GET", f"{path}/digest?prefix={prefix}", DIGEST)
            step = healing.step(prefix, node, self._store.hashes(scope))
            prefixes += step.closer
            yield step.lacking
            for longer in step.fetch:
                states = self._line.ask("GET", f"{path}/records?prefix={longer}", STATES)["records"]
                yield self._mend_below(scope, longer, states)

    def _mend_below(self, scope: str, prefix: str, states: list[dict[str, Any]]) -> frozenset[str]:
        with self._store.transaction():
            here = healing.below(prefix, self._store.hashes(scope))
            base = self._store.held(here.keys() | {state["record"] for state in states})
            repair = healing.repair(here, base, states)
            self._store.put(repair.put.values())
        self.pulled += len(repair.put)
        return repair.lacking
