"""Where do phone and server differ, and what makes them equal again? Decisions only; the walk itself is in walk.py.

Both ends add up the hashes of the records of a scope below a prefix of their ids. Where the sums differ one looks at
the sixteen longer prefixes, until few enough records are left to fetch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from client_sdk.exchange import Held, issues_of, met
from sync.codec import record_from_wire
from sync.digest import Digest, of_hashes, prefix_of, record_hash

FETCH_AT_MOST = 32  # records at once where both ends have some
FETCH_NEW_AT_MOST = 256  # where this phone has none, there is nothing to save by looking closer
LONGEST_PREFIX = 32
HEX = "0123456789abcdef"

Hashes = Mapping[str, int]  # record id -> h(record), of one scope


@dataclass(frozen=True, slots=True)
class Step:
    """What to do below a prefix that differs: look closer, fetch the server's records, records the server has none of."""

    closer: tuple[str, ...] = ()
    fetch: tuple[str, ...] = ()
    lacking: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Repair:
    """What the records that were fetched change: base rows to write, and records to send because the server lacks edits."""

    put: Mapping[str, Held]
    lacking: frozenset[str]


def digest_of(told: Mapping[str, Any] | None) -> Digest:
    """A digest as it travels; an absent one is of no records."""
    return Digest(int(told["count"]), int(told["sum"], 16)) if told else Digest()


def below(prefix: str, hashes: Hashes) -> Hashes:
    """The records whose id begins with the prefix."""
    return {name: h for name, h in hashes.items() if prefix_of(name, len(prefix)) == prefix}


def step(prefix: str, node: Mapping[str, Any], hashes: Hashes) -> Step:
    """What to do below `prefix`, of which the server says `node` = {count, sum, children}."""
    mine = below(prefix, hashes)
    if of_hashes(mine.values()) == digest_of(node):
        return Step()
    closer, fetch = [], []
    lacking: set[str] = set()
    for longer in (prefix + digit for digit in HEX):
        here = below(longer, mine)
        theirs = digest_of(node.get("children", {}).get(longer[-1]))
        if of_hashes(here.values()) == theirs:
            continue
        if not theirs.count:
            lacking.update(here)
        elif theirs.count <= (FETCH_AT_MOST if here else FETCH_NEW_AT_MOST) or len(longer) >= LONGEST_PREFIX:
            fetch.append(longer)
        else:
            closer.append(longer)
    return Step(tuple(closer), tuple(fetch), frozenset(lacking))


def repair(here: Hashes, base: Mapping[str, Held], states: Iterable[Mapping[str, Any]]) -> Repair:
    """Compare what the server has below a prefix with what this phone has there (`here`).

    `base`: the records that `here` or the states name, whatever their scope. Where the server has seen all
    that this phone has, its state stands. Where it lacks edits, the record is to be sent.
    """
    put: dict[str, Held] = {}
    lacking = set(here)
    for state in states:
        theirs, held = record_from_wire(state), base.get(state["record"])
        lacking.discard(theirs.id)
        both = met(held, theirs, issues_of(state))
        if both != held:
            put[theirs.id] = both
        if both.record.seen != theirs.seen or record_hash(both.record) != record_hash(theirs):
            lacking.add(theirs.id)
    return Repair(put, frozenset(lacking))
