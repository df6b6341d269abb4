"""What a phone says of itself: how it stands, how far a sync is, what a sync did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from client_sdk.decisions import Decision


@dataclass(frozen=True, slots=True)
class Status:
    """How the phone stands. `mode`: `enrolled`, `sealed` (revoked, still has edits to hand over) or `retired` (wiped).

    `outbox`, `set_aside`, `records`: how many. `last_sync`: when the last complete sync ended, by this phone's clock,
    None for never. `scopes`: code -> whether the device writes there.
    """

    mode: str
    person: Mapping[str, Any] | None
    role: str
    actor: str
    scopes: Mapping[str, bool]
    outbox: int
    set_aside: int
    records: int
    last_sync: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sync is: edits delivered, edits still waiting, records received."""

    pushed: int
    waiting: int
    pulled: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a sync did.

    `pushed`: edits the server has applied; `set_aside`: edits it keeps for a person; `pulled`: records received;
    `conflicts`: records of this phone that wait for a person now; bytes: of request and answer bodies as they travelled.
    `decisions`: what others decided about conflicts and appeals, that nobody here was told of yet.
    `complete`: the outbox is empty, every scope is caught up and both ends have compared what they hold. Otherwise
    `reasons` says why not.
    """

    pushed: int = 0
    pulled: int = 0
    conflicts: int = 0
    set_aside: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    seconds: float = 0.0
    complete: bool = False
    reasons: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
