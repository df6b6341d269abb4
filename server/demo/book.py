"""What the people of the sample write, each on a phone of their own, and how it reaches the server: as phones' edits do."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine

from server.access import Caller, here
from server.config import Config
from server.demo import habits, phones
from server.exchange import Exchange
from server.received import Received
from server.store import devices, directory
from server.store.engine import reading
from server.store.scope import head_of, living, logged, wire_text
from sync.codec import Json, edit_to_wire, stamp
from sync.identity import new_id
from sync.record import Edit
from sync.types import CATALOGUE
from sync.version import Dot, VersionVector

BATCH = 500
SEED = "cunyi sample township"
Sections = Mapping[str, Mapping[str, Any]]


def chance(part: str) -> random.Random:
    """The chance of one part of the sample: always the same, and untouched by the other parts."""
    return random.Random(f"{SEED}: {part}")  # noqa: S311


@dataclass
class _Kept:
    """A record as the sample knows it."""

    type: str
    subject: str
    scope: str
    seen: VersionVector


class Book:
    """Everything that is written, in order. What is written between two calls of `deliver` is of one author a record.

    What was begun on a phone since that was last heard is nowhere else, and nobody else writes about it.
    """

    def __init__(self, engine: Engine, exchange: Exchange, config: Config, now: dt.datetime) -> None:
        self._engine, self._exchange, self._config = engine, exchange, config
        self.now, self.zone, self.today = now, config.time_zone, config.day_of(now)
        self._records: dict[str, _Kept] = {}
        self._on_phones: set[str] = set()
        self._counters = dict.fromkeys(phones.WRITERS, 0)
        self._waiting: dict[str, list[Edit]] = {}
        self.written = 0
        with reading(engine) as connection:
            self._callers = {who: _caller(connection, who, self.today) for who in phones.WRITERS}

    def new(
        self, author: str, type_name: str, about: str, scope: str, when: dt.datetime, sections: Sections, record: str = ""
    ) -> str:
        """Begin a record about a resident or household; its id. `record`: the id, where that is given by what it is."""
        self.written += 1
        mark = hashlib.sha256(f"{SEED}:{self.written}".encode()).digest()
        record = record or new_id(int(when.timestamp() * 1000), mark)
        self._records[record] = _Kept(type_name, about or record, scope, VersionVector())
        if min(when, self.now) > self.heard(author) or about in self._on_phones:
            self._on_phones.add(record)
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
        when = min(habits.written(author, when, self.today), self.now)
        if when > self.heard(author) or record in self._on_phones:
            return
        kept, actor = self._records[record], self._callers[author].actor
        self._counters[author] += 1
        dot = Dot(actor, self._counters[author])
        at = when.astimezone(self.zone).isoformat(timespec="seconds")
        context = kept.seen if seen is None else seen
        edit = Edit(record, kept.type, kept.subject, kept.scope, dot, context, at, author, sections)
        self._waiting.setdefault(author, []).append(edit)
        kept.seen = kept.seen.advanced(dot)

    def heard(self, person: str) -> dt.datetime:
        """When somebody's phone was last heard."""
        return self.now - phones.heard(person).ago

    def last_day(self, person: str) -> dt.date:
        """The last day of which somebody's phone told anything."""
        return self._config.day_of(self.heard(person))

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
                for receipt in self._door(author).write(left[first : first + BATCH], caller):
                    assert receipt["status"] in ("accepted", "merged", "conflict"), receipt
        self._waiting = {}

    def talk(self, author: str, *, shut_out: bool = False) -> list[Json]:
        """One exchange of a phone, the last one that is heard of it: the receipts of what waits.

        `shut_out`: it was retired before. Again is answered as before.
        """
        caller, said, edits = self._callers[author], phones.heard(author), self._waiting.pop(author, [])
        caller = replace(caller, disabled=True, scopes={}) if shut_out else caller
        with reading(self._engine) as connection:
            state, epoch = devices.actor_state(connection, caller.actor), here(connection).epoch
            heads = {scope: head_of(connection, scope) for scope in caller.scopes}
        report = {
            "now": stamp(self.heard(author) - said.slow),
            "counter": max(state.counter, self._counters[author]),
            "outbox": len(edits) + said.unsent,
            "app": "sample",
            "nonce": state.nonce,
            "epoch": epoch,
        }
        had = {scope: f"{epoch}:{head.seq}" for scope, head in heads.items() if head}
        told = [Received(wire_text(body), body) for body in map(edit_to_wire, edits)]
        reply = self._at(self.heard(author)).sync(caller, {"device": report, "checkpoints": had, "max_bytes": 1}, told, [])
        receipts: list[Json] = json.loads(reply)["receipts"]
        return receipts

    def _door(self, author: str) -> Exchange:
        """The server as it was when an author's phone delivered."""
        return self._at(self.heard(author)) if phones.heard(author).ago else self._exchange

    def _at(self, moment: dt.datetime) -> Exchange:
        return Exchange(self._engine, CATALOGUE, self._config, lambda: moment)


def _caller(connection: Connection, person_id: str, today: dt.date) -> Caller:
    person = directory.person(connection, person_id)
    assert person is not None
    scopes = directory.scopes_of(connection, person, today)
    device, actor = phones.device(person.id), phones.actor(person.id)
    return Caller(device, actor, person.id, person.name, person.role, disabled=False, scopes=scopes)
