"""How people sign in at the dashboard: their passwords, their second factors, who is signed in, and how often it failed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select, update

from server.store.journal import note
from server.store.scope import upsert
from server.store.tables import accounts, attempts, desk_sessions, people


@dataclass(frozen=True)
class Account:
    """How a person signs in. `password` is None until they have chosen one, `totp` without a second factor."""

    person: str
    password: str | None
    totp: str | None
    totp_spent: int
    changed_at: str


def account(connection: Connection, person: str, *, lock: bool = False) -> Account | None:
    """The account of a person who is there; None for nobody, one who has left, or one without an account."""
    query = select(accounts).join(people, people.c.id == accounts.c.person).where(accounts.c.person == person, people.c.active)
    row = connection.execute(query.with_for_update(of=accounts) if lock else query).one_or_none()
    return None if row is None else Account(row.person, row.password, row.totp, row.totp_spent, row.changed_at)


def with_passwords(connection: Connection) -> dict[str, bool]:
    """Who has chosen a password, and whether they use a second factor."""
    rows = connection.execute(select(accounts.c.person, accounts.c.totp).where(accounts.c.password.is_not(None)))
    return {row.person: row.totp is not None for row in rows}


def put_code(connection: Connection, person: str, code_hash: str, expires_at: str, at: str) -> None:
    """A code with which the person chooses a password; the one before it serves no more, the password still does."""
    _open(connection, person, at)
    connection.execute(update(accounts).where(accounts.c.person == person).values(code=code_hash, code_expires_at=expires_at))


def _open(connection: Connection, person: str, at: str) -> None:
    blank = {"person": person, "password": None, "totp": None, "totp_spent": 0, "changed_at": at}
    upsert(connection, accounts, [blank], keep=True)


def code_serves(connection: Connection, person: str, code_hash: str, at: str) -> bool:
    """Is it the code of the person, and does it still serve?"""
    return connection.scalar(select(accounts.c.person).where(*_serves(person, code_hash, at))) is not None


def spend_code(connection: Connection, person: str, code_hash: str, at: str) -> bool:
    """True once, for the code of the person while it serves."""
    spent = update(accounts).where(*_serves(person, code_hash, at)).values(code=None, code_expires_at=None)
    return connection.execute(spent).rowcount == 1


def _serves(person: str, code_hash: str, at: str) -> tuple[ColumnElement[bool], ...]:
    return (accounts.c.person == person, accounts.c.code == code_hash, accounts.c.code_expires_at > at)


def void_codes(connection: Connection) -> None:
    """No code given out so far serves any longer."""
    connection.execute(update(accounts).values(code=None, code_expires_at=None))


def set_password(connection: Connection, person: str, password: str, at: str) -> None:
    """Another password: whoever is signed in as this person is signed out, and no code given out before serves."""
    _open(connection, person, at)
    values = {"password": password, "changed_at": at, "code": None, "code_expires_at": None}
    connection.execute(update(accounts).where(accounts.c.person == person).values(**values))
    end_sessions(connection, [person])
    note(connection, "password", {"person": person})  # that there is another one, never which


def void_credentials(connection: Connection, person: str) -> bool:
    """Neither password nor second factor serve any longer, a code is needed; False for who has no account."""
    nothing = {"password": None, "totp": None, "code": None, "code_expires_at": None}
    done = connection.execute(update(accounts).where(accounts.c.person == person).values(**nothing))
    end_sessions(connection, [person])
    return done.rowcount == 1


def set_totp(connection: Connection, person: str, totp: str | None, step: int) -> None:
    """A second factor from now on, or none."""
    connection.execute(update(accounts).where(accounts.c.person == person).values(totp=totp, totp_spent=step))
    note(connection, "totp", {"person": person})


def spend_totp(connection: Connection, person: str, step: int) -> bool:
    """True once for each time step, and for none before it."""
    fresh = (accounts.c.person == person, accounts.c.totp_spent < step)
    return connection.execute(update(accounts).where(*fresh).values(totp_spent=step)).rowcount == 1


# -- who is signed in --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SessionRow:
    """A session as it is kept."""

    person: str
    csrf: str
    seen_at: str


def add_session(connection: Connection, row: Mapping[str, str], now: str) -> None:
    """A new session (hash, person, csrf, made_at, seen_at, ends_at); those that have ended are dropped."""
    connection.execute(desk_sessions.delete().where(desk_sessions.c.ends_at <= now))
    connection.execute(desk_sessions.insert().values(**row))


def session(connection: Connection, hash_: str, idle_since: str, now: str) -> SessionRow | None:
    """A session that has not ended, of a person who is there, and who did something since an instant."""
    query = (
        select(desk_sessions.c.person, desk_sessions.c.csrf, desk_sessions.c.seen_at)
        .join(people, people.c.id == desk_sessions.c.person)
        .where(desk_sessions.c.hash == hash_, people.c.active)
        .where(desk_sessions.c.ends_at > now, desk_sessions.c.seen_at > idle_since)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else SessionRow(row.person, row.csrf, row.seen_at)


def touch_session(connection: Connection, hash_: str, at: str) -> None:
    """The person did something."""
    connection.execute(update(desk_sessions).where(desk_sessions.c.hash == hash_).values(seen_at=at))


def end_session(connection: Connection, hash_: str) -> None:
    """Signed out."""
    connection.execute(desk_sessions.delete().where(desk_sessions.c.hash == hash_))


def end_all_sessions(connection: Connection) -> None:
    """Sign everybody out."""
    connection.execute(desk_sessions.delete())


def end_sessions(connection: Connection, persons: Collection[str]) -> int:
    """Sign these people out wherever they are signed in: how many sessions that were."""
    return connection.execute(desk_sessions.delete().where(desk_sessions.c.person.in_(persons))).rowcount


# -- how often it failed -----------------------------------------------------------------------------------------------


def count_attempt(connection: Connection, limits: Mapping[str, int], hour: str) -> bool:
    """Count one attempt under each key, before it is judged; False, and none is counted, where a key is at its limit.

    The counts of earlier hours are dropped.
    """
    connection.execute(attempts.delete().where(attempts.c.hour != hour))
    keys = sorted(limits)  # in one order, so that two that come together wait, and do not lock each other out
    upsert(connection, attempts, [{"key": key, "hour": hour, "failures": 0} for key in keys], keep=True)
    here = (attempts.c.key.in_(keys), attempts.c.hour == hour)
    rows = connection.execute(
        select(attempts.c.key, attempts.c.failures).where(*here).order_by(attempts.c.key).with_for_update()
    )
    if any(row.failures >= limits[row.key] for row in rows):
        return False
    connection.execute(update(attempts).where(*here).values(failures=attempts.c.failures + 1))
    return True


def forgive_attempt(connection: Connection, keys: Collection[str], hour: str) -> None:
    """The attempt that was counted was a right one."""
    here = (attempts.c.key.in_(keys), attempts.c.hour == hour, attempts.c.failures > 0)
    connection.execute(update(attempts).where(*here).values(failures=attempts.c.failures - 1))
