"""What phones said of their edits when they first heard of a restore, and what of it is here by now."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from server.store.scope import STATE_ACTOR, upsert
from server.store.tables import actors, declarations, devices, edits, people


@dataclass(frozen=True)
class Declared:
    """One phone's word: it had made `counter` edits, `outbox` of them not sent yet; the backup knew `logged` of them."""

    actor: str
    counter: int
    outbox: int
    logged: int
    at: str


@dataclass(frozen=True)
class Holder:
    """A device in use, whose it is, and its actors from the first to the present one."""

    device: str
    name: str
    person: str
    person_name: str
    actors: tuple[str, ...]


def declare(connection: Connection, epoch: str, said: Declared) -> None:
    """Keep what a phone declares; its first word in an epoch stands, for afterwards it brings what it has."""
    row = {"epoch": epoch, "actor": said.actor, "counter": said.counter, "outbox": said.outbox, "logged": said.logged}
    upsert(connection, declarations, [row | {"at": said.at}], keep=True)


def declared(connection: Connection, epoch: str) -> dict[str, Declared]:
    """What was declared in an epoch, by actor."""
    query = select(declarations).where(declarations.c.epoch == epoch)
    return {r.actor: Declared(r.actor, r.counter, r.outbox, r.logged, r.at) for r in connection.execute(query)}


def holders(connection: Connection, enrolled_before: str) -> list[Holder]:
    """The devices in use that were enrolled before an instant, by person and device."""
    columns = (devices.c.id, devices.c.name, people.c.id.label("person"), people.c.name.label("person_name"), actors.c.actor)
    query = select(*columns).join(people, people.c.id == devices.c.person).join(actors, actors.c.device == devices.c.id)
    query = query.where(devices.c.status == "active", people.c.active, devices.c.enrolled_at < enrolled_before)
    found: dict[str, Holder] = {}
    for row in connection.execute(query.order_by(people.c.id, devices.c.id, actors.c.number)):
        before = found[row.id].actors if row.id in found else ()
        found[row.id] = Holder(row.id, row.name, row.person, row.person_name, (*before, row.actor))
    return list(found.values())


def come_back(connection: Connection, names: Collection[str], since: str) -> dict[str, set[int]]:
    """Which edits of these actors the server holds: those of its log, and those that came in record states since an instant.

    A state names an edit as long as it still shows words of it, and the last one of each actor in any case.
    """
    found: dict[str, set[int]] = {name: set() for name in names}
    for row in connection.execute(select(edits.c.actor, edits.c.counter).where(edits.c.actor.in_(names))):
        found[row.actor].add(row.counter)
    states = select(edits.c.body).where(edits.c.actor == STATE_ACTOR, edits.c.received_at >= since)
    for body in connection.scalars(states.execution_options(yield_per=500)):
        state = json.loads(body)
        for actor, counter in (*state["seen"].items(), *(one["dot"] for one in state["edits"])):
            if actor in found:
                found[actor].add(counter)
    return found
