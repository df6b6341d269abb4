"""What a restore has lost, as far as it can be known: which phone declared which edits, and which of them came back.

A restored server knows as much as its backup. Each phone says, when it first hears of the new epoch, how many edits it had
made, then brings all that it holds, its own and its colleagues'. What is declared and in no hand any more is named here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from server.store import declarations
from server.store.declarations import Declared, Holder
from server.store.deployment import Deployment
from server.store.devices import ActorState

Run = tuple[int, int]  # numbers that follow each other, from the first to the last


@dataclass(frozen=True)
class Phone:
    """A phone after a restore. `back`: it has brought what it holds and goes on under a new name.

    `declared`: how many edits it had sent since the backup by its own word; None before it came. `missing`: the numbers of
    those that are nowhere to be found, by actor, as runs from one number to another: lost, or replaced by later words while
    only the history was lost.
    """

    holder: Holder
    back: bool
    declared: int | None
    missing: tuple[tuple[str, tuple[Run, ...]], ...]

    @property
    def lacking(self) -> int:
        """How many edits are missing."""
        return sum(last - first + 1 for _actor, runs in self.missing for first, last in runs)

    def named(self) -> str:
        """The edits that are missing, as `actor 4-7, 9`."""
        return "; ".join(f"{actor} {_told(runs)}" for actor, runs in self.missing)


@dataclass(frozen=True)
class Healing:
    """Where the phones stand since a restore."""

    restored_at: str
    phones: tuple[Phone, ...]

    @property
    def away(self) -> int:
        """How many phones have not come back yet."""
        return sum(not phone.back for phone in self.phones)

    @property
    def declared(self) -> int:
        """How many edits phones say they had sent since the backup."""
        return sum(phone.declared or 0 for phone in self.phones)

    @property
    def lacking(self) -> int:
        """How many of these are nowhere to be found."""
        return sum(phone.lacking for phone in self.phones)


def declare(connection: Connection, place: Deployment, state: ActorState, counter: int, outbox: int, at: str) -> None:
    """A phone of another epoch says how far it is."""
    declarations.declare(connection, place.epoch, Declared(state.actor, counter, outbox, state.counter, at))


def healing_of(connection: Connection, place: Deployment) -> Healing | None:
    """Where the phones stand since the last restore; None where there never was one."""
    if not place.restored_at:
        return None
    said = declarations.declared(connection, place.epoch)
    here = declarations.come_back(connection, said.keys(), place.restored_at)
    phones = (_phone(holder, said, here) for holder in declarations.holders(connection, place.restored_at))
    return Healing(place.restored_at, tuple(phones))


def _phone(holder: Holder, said: dict[str, Declared], here: dict[str, set[int]]) -> Phone:
    words = [said[actor] for actor in holder.actors if actor in said]
    back = bool(words) and holder.actors[-1] not in said
    sent = sum(max(0, word.counter - word.outbox - word.logged) for word in words)
    missing = [(word.actor, _missing(word, here[word.actor])) for word in words]
    return Phone(holder, back, sent if words else None, tuple((actor, gone) for actor, gone in missing if gone))


def _missing(word: Declared, here: set[int]) -> tuple[Run, ...]:
    """The edits declared that are not here, less the last ones, as many as were not sent: these come anew, by another name.

    A phone may declare any number: nothing here is as long as that.
    """
    runs, after = list[Run](), word.logged + 1
    for counter in (*sorted(one for one in here if word.logged < one <= word.counter), word.counter + 1):
        if counter > after:
            runs.append((after, counter - 1))
        after = counter + 1
    unsent = word.outbox
    while runs and unsent:
        first, last = runs.pop()
        if last - first + 1 > unsent:
            runs.append((first, last - unsent))
        unsent = max(0, unsent - (last - first + 1))
    return tuple(runs)


def _told(runs: Iterable[Run]) -> str:
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
