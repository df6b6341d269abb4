"""What a restore does again from the journal: one entry a kind. Each is about how something is since, so twice is as once.

What the backup does not know at all (a person or a team that was entered since) cannot be made from ids alone; it is named.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from server import erasing
from server.store import accounts, devices, directory, moves, putting_back
from server.store.journal import Entry

Replay = Callable[[Connection, Mapping[str, Any]], bool]  # False: the backup does not know what it is about


def _device(connection: Connection, state: Mapping[str, Any]) -> bool:
    """Retired or revoked, as it was."""
    return devices.set_status(connection, state["device"], state["status"], state["status_at"])


def _enrolled(connection: Connection, state: Mapping[str, Any]) -> bool:
    """A phone that was enrolled since the backup goes on without a new code: its key never left it."""
    if not putting_back.is_person(connection, state["person"]):
        return False
    if not putting_back.is_device(connection, state["device"]):
        row = {"id": state["device"], "person": state["person"], "public_key": state["public_key"]}
        devices.add_device(connection, row | {"name": "", "at": state["enrolled_at"]})
    return True


def _actor(connection: Connection, state: Mapping[str, Any]) -> bool:
    """A name that a phone took since the backup."""
    if not putting_back.is_device(connection, state["device"]):
        return False
    if devices.device_of(connection, state["actor"]) is None:
        devices.add_actor(connection, state["device"], state["actor"], lambda _: secrets.token_hex(8), state["since"])
    return True


def _grant(connection: Connection, state: Mapping[str, Any]) -> bool:
    """A protected programme was given to a person, or withdrawn."""
    if not putting_back.is_person(connection, state["person"]):
        return False
    directory.put_grants(connection, [dict(state)])
    return True


def _credentials(connection: Connection, state: Mapping[str, Any]) -> bool:
    """Another password or second factor was chosen, and nobody but the person knows it: they need a code."""
    return accounts.void_credentials(connection, state["person"])


def _nothing(_connection: Connection, _state: Mapping[str, Any]) -> bool:
    """It only says that something was."""
    return True


REPLAYS: dict[str, tuple[str, Replay]] = {
    "device": ("devices retired or revoked", _device),
    "enrolled": ("devices enrolled", _enrolled),
    "actor": ("names of devices", _actor),
    "person": ("roles, places and departures of people", putting_back.person),
    "workplaces": ("workplaces", putting_back.workplaces),
    "team": ("teams", putting_back.team),
    "grant": ("grants of programmes", _grant),
    "password": ("passwords void, a code is needed", _credentials),
    "totp": ("second factors void, a code is needed", _credentials),
    "moved": ("moves from village to village", moves.replay),
    "erase": ("residents erased", erasing.replay),
    "unerase": ("residents let in again", erasing.replay_lifted),
    "epoch": ("epochs", _nothing),
    "mark": ("marks of hours with edits", _nothing),
}


def replay(connection: Connection, entries: Iterable[Entry]) -> list[str]:
    """Do all this again, in order: sentences about what was done and what was not."""
    done, undone = Counter[str](), list[str]()
    for entry in entries:
        told, work = REPLAYS.get(entry.what, ("", None))
        if work is None:
            undone.append(
                f"NOT REPLAYED: entry {entry.n} of the journal is of a kind this release does not know: {entry.what}."
            )
        elif work(connection, entry.state):
            done[told] += 1
        else:
            about = " ".join(str(v) for k, v in entry.state.items() if k in ("device", "person", "team", "actor"))
            undone.append(f"NOT REPLAYED: entry {entry.n} of the journal ({entry.what} {about}): the backup does not know it.")
    return [f"From the journal: {count} {told}." for told, count in sorted(done.items())] + undone
