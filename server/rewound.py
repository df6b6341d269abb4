"""A restore that nobody announced: who notices it, what it stops, and what is answered until it is announced.

A database that went back (a file copied over, a standby that took over, a recovery to a point in time) is not to be worked
with: numbers are given out a second time, and what was forbidden since is allowed again. Three things outside of it remember
more: the journal beside the data and the timeline of PostgreSQL (server/journal.py), and the phones. While it is stopped
nothing is taken; pages can be read. `cunyi restored` announces it, and work goes on.
"""

from __future__ import annotations

import datetime as dt
import logging

from flask import Flask, request
from sqlalchemy import Connection, Engine

from server import nonces
from server.problems import Problem
from server.store import journal
from server.store.deployment import STOPPED, Deployment, setting, write_settings
from server.store.engine import reading, retried
from sync.codec import stamp

RETRY_SECONDS = "600"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
SIGNING_IN = ("/v1/token", "/dashboard/login", "/dashboard/logout")  # else nobody could read the pages that say so

log = logging.getLogger(__name__)


class RewoundError(Exception):
    """The database has gone back; the message says how that is known, without a word of any person."""


def look(
    connection: Connection,
    place: Deployment,
    device: str,
    epoch: str | None,
    nonce: str | None,
    exchanges: int,
    secret_key: bytes,
) -> None:
    """Raise RewoundError where the nonce of a phone proves that the server knew more than the database does."""
    given = place.epoch if epoch is None else epoch
    number = None if nonce is None else nonces.number_of(secret_key, given, device, nonce)
    if number is None:  # whoever cannot prove it says nothing about the server
        return
    if given == place.epoch:
        if number > exchanges:
            raise RewoundError(f"a phone had its exchange {number} with this server, the database knows of {exchanges}")
        return
    known = journal.epochs(connection)
    if given not in known and all(known.values()):
        raise RewoundError(f"a phone knows the epoch {given}, which began later than all that the database knows")


def stop(engine: Engine, why: str, now: dt.datetime) -> None:
    """Write nothing more until the restore is announced. The first reason stands."""

    def work(connection: Connection) -> bool:
        if setting(connection, STOPPED):
            return False
        write_settings(connection, {STOPPED: f"{stamp(now)} {why}"})
        return True

    if retried(engine, work):
        log.critical("ALARM nothing is written any more: %s. Announce it by `cunyi restored`.", why)


def require_open(place: Deployment) -> None:
    """Raise Problem `restored-silently` while nothing is to be written."""
    if place.stopped:
        raise refusal()


def refusal() -> Problem:
    """What is answered instead of work."""
    return Problem("restored-silently", {"Retry-After": RETRY_SECONDS})


def guard(app: Flask, engine: Engine) -> None:
    """Refuse every request that could write something, at this one place; exchanges ask again in their own transaction."""

    @app.before_request
    def refuse() -> None:
        if request.method in READING or request.path.startswith(SIGNING_IN):
            return
        with reading(engine) as connection:
            if setting(connection, STOPPED):
                raise refusal()
