"""What the people of the sample write, each on a phone of their own, and how it reaches the server: as phones' edits do."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection, Engine

from server.access import Caller, here, new_nonce
from server.demo.people import STAFF
from server.exchange import Exchange
from server.store import devices, directory
from server.store.engine import reading
from server.store.scope import living, logged
from sync.codec import stamp
from sync.identity import new_id
from sync.record import Edit
from sync.version import Dot, VersionVector

BATCH = 500
SEED = "cunyi sample township"
WRITERS = tuple(who for who in STAFF if who.role in directory.WRITERS)
Sections = Mapping[str, Mapping[str, Any]]


def chance(part: str) -> random.Random:
    """The chance of one part of the sample: always the same, and untouched by the other parts."""
    return random.Random(f"{SEED}: {part}")  # noqa: S311


def enrol_phones(connection: Connection, now: dt.datetime) -> None:
    """Give every writer a phone. Nobody has its key, and it is retired when all that is on it has been delivered."""
    for number, who in enumerate(WRITERS, 1):
        if devices.device(connection, _device(number)):
            continue
        row = {"id": _device(number), "person": who.id, "name": "sample phone 示例手机", "public_key": _public_key()}
        devices.add_device(connection, {**row, "at": stamp(now)})
        devices.add_actor(connection, _device(number), _actor(number), new_nonce(), stamp(now), "sample")


def retire_phones(connection: Connection, now: dt.datetime) -> None:
    """All is delivered."""
    for number in range(1, len(WRITERS) + 1):
        devices.set_status(connection, _device(number), "retired", stamp(now))
        devices.update_actor(connection, _actor(number), heard_at=stamp(now))


def _device(number: int) -> str:
    return f"d-sample-{number:02}"


def _actor(number: int) -> str:
    return f"sample{number:04}"


def _public_key() -> str:
    """A key of which nobody keeps the secret half."""
    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = (base64.urlsafe_b64encode(n.to_bytes(32, "big")).decode().rstrip("=") for n in (point.x, point.y))
    return json.dumps({"kty": "EC", "crv": "P-256", "x": x, "y": y})


@dataclass
class _Kept:
    """A record as the sample knows it."""

    type: str
    subject: str
    scope: str
    seen: VersionVector


class Book:
    """Everything that is written, in order. What is written between two calls of `deliver` is of one author a record."""

    def __init__(self, engine: Engine, exchange: Exchange, now: dt.datetime, zone: ZoneInfo) -> None:
        self._engine, self._exchange, self.zone = engine, exchange, zone
        self.now, self.today = now, now.astimezone(zone).date()
        self._records: dict[str, _Kept] = {}
        self._counters = dict.fromkeys((who.id for who in WRITERS), 0)
        self._waiting: dict[str, list[Edit]] = {}
        self.written = 0
        with reading(engine) as connection:
            self._callers = {who.id: _caller(connection, number, self.today) for number, who in enumerate(WRITERS, 1)}

    def new(
        self, author: str, type_name: str, about: str, scope: str, when: dt.datetime, sections: Sections, record: str = ""
    ) -> str:
        """Begin a record about a resident or household; its id. `record`: the id, where that is given by what it is."""
        self.written += 1
        mark = hashlib.sha256(f"{SEED}:{self.written}".encode()).digest()
        record = record or new_id(int(when.timestamp() * 1000), mark)
        self._records[record] = _Kept(type_name, about or record, scope, VersionVector())
        self.edit(author, record, when, sections)
        return record

    def publish(self, type_name: str, scope: str, forms: Mapping[str, Sections]) -> None:
        """Write records that no phone may write, by id, as the server itself; what an interrupted run has left stays."""
        with reading(self._engine) as connection:
            actor, there = here(connection).actor, living(connection, list(forms))
        left = {record: sections for record, sections in forms.items() if record not in there}
        first = devices.reserve_counters(self._engine, actor, len(left))
        at = self.now.astimezone(self.zone).isoformat(timespec="seconds")
        edits = [
            Edit(record, type_name, None, scope, Dot(actor, first + n), VersionVector(), at, "server", sections)
            for n, (record, sections) in enumerate(left.items())
        ]
        for receipt in self._exchange.write(edits):
            assert receipt["status"] == "accepted", receipt

    def name(self, what: str) -> str:
        """The id of a record that is always the same one."""
        return new_id(int(self.now.timestamp() * 1000), hashlib.sha256(f"{SEED}: {what}".encode()).digest())

    def edit(self, author: str, record: str, when: dt.datetime, sections: Sections, seen: VersionVector | None = None) -> None:
        """Change a record, having seen all that was written before, or what `seen` says."""
        kept, actor = self._records[record], self._callers[author].actor
        self._counters[author] += 1
        dot = Dot(actor, self._counters[author])
        at = min(when, self.now).astimezone(self.zone).isoformat(timespec="seconds")
        context = kept.seen if seen is None else seen
        edit = Edit(record, kept.type, kept.subject, kept.scope, dot, context, at, author, sections)
        self._waiting.setdefault(author, []).append(edit)
        kept.seen = kept.seen.advanced(dot)

    def seen(self, record: str) -> VersionVector:
        """How far a record has been written by now."""
        return self._records[record].seen

    def moment(self, day: dt.date, rng: random.Random) -> dt.datetime:
        """Some moment of the working hours of a day, not after the end of the sample."""
        when = dt.datetime.combine(day, dt.time(8), self.zone) + dt.timedelta(minutes=rng.randrange(540))
        return min(when, self.now)

    def deliver(self) -> None:
        """Send what is written. What an interrupted run has delivered already is not sent again."""
        for author, edits in self._waiting.items():
            caller = self._callers[author]
            with reading(self._engine) as connection:
                there = logged(connection, [edit.dot for edit in edits])
                reserved = devices.actor_state(connection, caller.actor).counter
            if self._counters[author] > reserved:
                devices.reserve_counters(self._engine, caller.actor, self._counters[author] - reserved)
            left = [edit for edit in edits if edit.dot not in there]
            for first in range(0, len(left), BATCH):
                for receipt in self._exchange.write(left[first : first + BATCH], caller):
                    assert receipt["status"] in ("accepted", "merged", "conflict"), receipt
        self._waiting = {}


def _caller(connection: Connection, number: int, today: dt.date) -> Caller:
    person = directory.person(connection, WRITERS[number - 1].id)
    assert person is not None
    scopes = directory.scopes_of(connection, person, today)
    return Caller(_device(number), _actor(number), person.id, person.name, person.role, disabled=False, scopes=scopes)
