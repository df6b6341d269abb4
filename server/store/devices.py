"""Devices and their actors: enrolment codes, keys, nonces, counters, and what a phone last said of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select, update

from server.store.engine import retried
from server.store.journal import note
from server.store.scope import upsert
from server.store.tables import actor_states, actors, attempts, devices, enrolment_codes, people


@dataclass(frozen=True)
class DeviceRow:
    """A device and its present actor."""

    id: str
    person: str
    public_key: str
    status: str
    actor: str


@dataclass(frozen=True)
class ActorState:
    """Where the conversation with an actor stands; see the table."""

    actor: str
    counter: int
    nonce: str
    nonce_before: str | None
    exchanges: int
    assertions: int
    forked_at: int | None
    outbox: int


def pseudo_scope(actor: str) -> str:
    """The scope under which an actor's own row, and what can be put nowhere else, is kept."""
    return f"actor:{actor}"


def is_pseudo(scope: str) -> bool:
    """True for the scope of an actor, where no record lives."""
    return scope.startswith("actor:")


def device(connection: Connection, device_id: str, *, lock: bool = False) -> DeviceRow | None:
    """A device by its id, with its present actor; `lock`: nobody changes its row before the transaction ends."""
    latest = select(actors.c.actor).where(actors.c.device == device_id).order_by(actors.c.number.desc()).limit(1)
    query = select(devices, latest.scalar_subquery().label("actor")).where(devices.c.id == device_id)
    row = connection.execute(query.with_for_update(of=devices) if lock else query).one_or_none()
    return None if row is None else DeviceRow(row.id, row.person, row.public_key, row.status, row.actor)


def device_of(connection: Connection, actor: str) -> str | None:
    """The device that an actor belongs to."""
    return connection.scalar(select(actors.c.device).where(actors.c.actor == actor))


def actors_of(connection: Connection, device_id: str) -> frozenset[str]:
    """Every actor that the device has or had."""
    return frozenset(connection.scalars(select(actors.c.actor).where(actors.c.device == device_id)))


def add_device(connection: Connection, row: dict[str, Any]) -> None:
    """A new device (id, person, name, public_key, at)."""
    at = row.pop("at")
    connection.execute(devices.insert().values(**row, status="active", enrolled_at=at, status_at=at))
    key = {"device": row["id"], "person": row["person"], "public_key": row["public_key"]}
    note(connection, "enrolled", key | {"enrolled_at": at})


def add_actor(connection: Connection, device_id: str, actor: str, mint: Callable[[int], str], at: str, app: str = "") -> str:
    """A new actor of a device, from now on its present one: the nonce of its first exchange.

    `mint` makes that from how many exchanges the device had: the count goes on from actor to actor, see server/nonces.py.
    """
    connection.execute(select(devices.c.id).where(devices.c.id == device_id).with_for_update())  # one at a time
    number = connection.scalar(select(func.count()).where(actors.c.device == device_id)) or 0
    known = device(connection, device_id) if number else None
    before = actor_state(connection, known.actor) if known else None
    exchanges = before.exchanges + 1 if before else 0
    connection.execute(actors.insert().values(actor=actor, device=device_id, number=number + 1, since=at))
    nonce = mint(exchanges)
    add_actor_state(connection, actor, nonce, app, before.outbox if before else 0, exchanges)
    note(connection, "actor", {"actor": actor, "device": device_id, "since": at})
    return nonce


def add_actor_state(connection: Connection, actor: str, nonce: str, app: str = "", outbox: int = 0, exchanges: int = 0) -> None:
    """The conversation with a new actor begins; `outbox`: what the device last said of its unsent edits."""
    connection.execute(
        actor_states.insert().values(
            scope=pseudo_scope(actor),
            actor=actor,
            counter=0,
            nonce=nonce,
            exchanges=exchanges,
            assertions=0,
            outbox=outbox,
            app=app,
            offset_ms=0,
        )
    )


def actor_state(connection: Connection, actor: str, *, lock: bool = False) -> ActorState:
    """Where the conversation stands; `lock` holds the row to the end of the transaction."""
    query = select(actor_states).where(actor_states.c.scope == pseudo_scope(actor), actor_states.c.actor == actor)
    row = connection.execute(query.with_for_update() if lock else query).one()
    return ActorState(
        row.actor, row.counter, row.nonce, row.nonce_before, row.exchanges, row.assertions, row.forked_at, row.outbox
    )


def update_actor(connection: Connection, actor: str, **values: Any) -> None:
    """Move the conversation on."""
    where = (actor_states.c.scope == pseudo_scope(actor), actor_states.c.actor == actor)
    connection.execute(update(actor_states).where(*where).values(**values))


def reserve_counters(engine: Engine, actor: str, n: int) -> int:
    """Set n counters of an actor aside for edits made at the server; the first of them.

    A transaction of its own, so that no counter is ever used twice, whatever becomes of what was to be written.
    """
    return retried(engine, lambda connection: set_aside_counters(connection, actor, n))


def set_aside_counters(connection: Connection, actor: str, n: int) -> int:
    """As `reserve_counters`, in the transaction in which all n are used. MUST come after the locks of scopes."""
    last = actor_state(connection, actor, lock=True).counter
    update_actor(connection, actor, counter=last + n)
    return last + 1


def spend_assertion(connection: Connection, actor: str, number: int) -> bool:
    """True once for each number: two that come together cannot both buy a token."""
    where = (actor_states.c.scope == pseudo_scope(actor), actor_states.c.actor == actor, actor_states.c.assertions == number)
    return connection.execute(update(actor_states).where(*where).values(assertions=number + 1)).rowcount == 1


def set_status(connection: Connection, device_id: str, status: str, at: str) -> bool:
    """Retire or revoke; False where there is no such device."""
    done = connection.execute(update(devices).where(devices.c.id == device_id).values(status=status, status_at=at))
    if done.rowcount == 1:
        note(connection, "device", {"device": device_id, "status": status, "status_at": at})
    return done.rowcount == 1


def all_devices(connection: Connection) -> list[Row[Any]]:
    """Every device with its person and what its present actor last said, by person and id."""
    present = select(actors.c.device, func.max(actors.c.number).label("number")).group_by(actors.c.device).subquery()
    query = (
        select(
            devices.c.id,
            devices.c.name,
            devices.c.status,
            devices.c.enrolled_at,
            people.c.id.label("person"),
            people.c.name.label("person_name"),
            actors.c.actor,
        )
        .join(people, people.c.id == devices.c.person)
        .join(present, present.c.device == devices.c.id)
        .join(actors, (actors.c.device == devices.c.id) & (actors.c.number == present.c.number))
        .order_by(people.c.id, devices.c.id)
    )
    return list(connection.execute(query))


def phone_names(connection: Connection) -> dict[str, str]:
    """What every phone is called, by its device: whose it is, and its own name."""
    return {row.id: f"{row.person_name}（{row.name}）" for row in all_devices(connection)}


def said_by(connection: Connection, actor: str | None = None) -> dict[str, Row[Any]]:
    """What every actor (or this one) last said of itself, by actor: outbox, app, heard_at, offset_ms, counter."""
    query = select(actor_states)
    if actor is not None:
        query = query.where(actor_states.c.scope == pseudo_scope(actor), actor_states.c.actor == actor)
    return {row.actor: row for row in connection.execute(query)}


# -- enrolment codes ---------------------------------------------------------------------------------------------------


def add_code(connection: Connection, row: dict[str, Any]) -> None:
    """A new one-time code (hash, person, made_at, expires_at)."""
    connection.execute(enrolment_codes.insert().values(**row))


def open_codes(connection: Connection, now: str) -> list[Row[Any]]:
    """The codes that still serve (person, name, made_at, expires_at), the latest first; what they are is not kept."""
    columns = (enrolment_codes.c.person, people.c.name, enrolment_codes.c.made_at, enrolment_codes.c.expires_at)
    query = select(*columns).join(people, people.c.id == enrolment_codes.c.person)
    serves = (enrolment_codes.c.used_at.is_(None), enrolment_codes.c.expires_at > now)
    return list(connection.execute(query.where(*serves).order_by(enrolment_codes.c.made_at.desc(), enrolment_codes.c.person)))


def spend_code(connection: Connection, code_hash: str, device_id: str, now: str) -> str | None:
    """The person of a code that serves, and it serves no more; None for any other."""
    where = (enrolment_codes.c.hash == code_hash, enrolment_codes.c.used_at.is_(None), enrolment_codes.c.expires_at > now)
    person: str | None = connection.scalar(select(enrolment_codes.c.person).where(*where))
    done = update(enrolment_codes).where(*where).values(used_at=now, device=device_id)
    return person if person is not None and connection.execute(done).rowcount == 1 else None


def unheard(connection: Connection, code_hash: str, public_key: str) -> DeviceRow | None:
    """The device that was enrolled with a code under this very key and was never heard of since: its answer was lost."""
    made = select(enrolment_codes.c.device).where(enrolment_codes.c.hash == code_hash, enrolment_codes.c.device.is_not(None))
    found = device(connection, connection.scalar(made) or "")
    if found is None or found.public_key != public_key or found.status != "active":
        return None
    said = said_by(connection, found.actor)[found.actor]
    return found if said.heard_at is None and said.assertions == 0 else None


def void_codes(connection: Connection, now: str) -> int:
    """No code given out so far serves any longer; how many that were."""
    unused = enrolment_codes.c.used_at.is_(None)
    return connection.execute(update(enrolment_codes).where(unused).values(used_at=now)).rowcount


def failures(connection: Connection, key: str, hour: str) -> int:
    """How often a wrong code was tried in this hour."""
    return connection.scalar(select(attempts.c.failures).where(attempts.c.key == key, attempts.c.hour == hour)) or 0


def count_failure(connection: Connection, key: str, hour: str) -> None:
    """One more wrong code; the counts of earlier hours are dropped."""
    connection.execute(attempts.delete().where(attempts.c.hour != hour))
    upsert(connection, attempts, [{"key": key, "hour": hour, "failures": 0}], keep=True)
    where = (attempts.c.key == key, attempts.c.hour == hour)
    connection.execute(update(attempts).where(*where).values(failures=attempts.c.failures + 1))
