"""The phones of the sample: one for everybody who writes, and what each said of itself when it was last heard.

Nobody has the key of any of them. What an author wrote since their phone was last heard is still on it.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection

from server.demo.people import LIU as FIRST_VILLAGE
from server.demo.people import STAFF, doctors_of
from server.store import devices, directory
from sync.codec import stamp

WRITERS = tuple(who.id for who in STAFF if who.role in directory.WRITERS)
ENROLLED_DAYS, LOST_DAYS = 500, 20  # ago
LOST = "p-cao-lei"  # whose phone was retired, and delivered what was on it when it turned up again
REPLACED = doctors_of(FIRST_VILLAGE)  # whoever tries the sample enrols their new phones


@dataclass(frozen=True)
class Said:
    """What a phone said: `ago` before the end of the sample, with `unsent` edits left on it, its clock slow by `slow`."""

    ago: dt.timedelta = dt.timedelta()
    unsent: int = 0
    slow: dt.timedelta = dt.timedelta()


HEARD = {
    "p-guo-dehai": Said(dt.timedelta(days=9)),
    "p-yang-shuzhen": Said(dt.timedelta(hours=26), unsent=3),
    "p-he-changfu": Said(slow=dt.timedelta(minutes=14)),
    "p-zhou-min": Said(dt.timedelta(days=2)),
}
"""Those who have more to tell than that all is delivered."""


def heard(person: str) -> Said:
    """What somebody's phone said last."""
    return HEARD.get(person, Said())


def device(person: str) -> str:
    """The id of somebody's phone."""
    return f"d-sample-{WRITERS.index(person) + 1:02}"


def actor(person: str) -> str:
    """The actor of somebody's phone."""
    return f"sample{WRITERS.index(person) + 1:04}"


def enrol(connection: Connection, now: dt.datetime) -> None:
    """Give every writer a phone."""
    at = stamp(now - dt.timedelta(days=ENROLLED_DAYS))
    for person in WRITERS:
        if devices.device(connection, device(person)):
            continue
        row = {"id": device(person), "person": person, "name": "示例手机", "public_key": _public_key()}
        devices.add_device(connection, {**row, "at": at})
        devices.add_actor(connection, device(person), actor(person), lambda _: secrets.token_hex(8), at, "sample")


def retire(connection: Connection, persons: Collection[str], at: dt.datetime) -> None:
    """Take phones out of use: they may deliver, and nothing of it is applied."""
    for person in persons:
        devices.set_status(connection, device(person), "retired", stamp(at))


def _public_key() -> str:
    """A key of which nobody keeps the secret half."""
    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = (base64.urlsafe_b64encode(n.to_bytes(32, "big")).decode().rstrip("=") for n in (point.x, point.y))
    return json.dumps({"kty": "EC", "crv": "P-256", "x": x, "y": y})
