"""Requests that were answered long ago arrive again, in any order, before and after a restart: nothing changes."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from unittest import mock

from sqlalchemy import select

from server.store.engine import reading
from server.store.tables import actor_states, deposits, edits, records, scopes
from tests.simulation.served import Sent, Served
from tests.simulation.village import played


def recorded(server: Served, folder: Path, seed: int, steps: int) -> list[Sent]:
    """Play a history; the exchanges in it, as they were sent. What was kept stays in the database."""
    sent: list[Sent] = []

    def noting(request: Sent) -> object:
        sent.append(request)
        return handle(request)

    handle = server.handle
    with mock.patch.object(server, "handle", noting):
        _, broken = played(server, folder, seed, steps)
    assert not broken, broken
    return [request for request in sent if request.path == "/v1/sync"]


def replayed(server: Served, sent: list[Sent], many: int, seed: int) -> Counter[int]:
    """Send that many of them again in a shuffled order; how often each status came.

    Half of them as they were: most are told that the phone was copied. The others as a phone sends them that begins anew
    with old edits, with the nonce of now: those are judged edit by edit.
    """
    dice = random.Random(seed)
    again = (dice.choice(sent) for _ in range(many))
    return Counter(server.handle(request if dice.random() < 0.5 else _of_now(server, request)).status for request in again)


def _of_now(server: Served, sent: Sent) -> Sent:
    """The same edits and states with the nonce, the counter and the epoch that the server expects of this actor."""
    body = json.loads(sent.body or "{}")
    with reading(server.engine) as connection:
        query = select(actor_states.c.actor, actor_states.c.nonce, actor_states.c.counter)
        known = {row.actor: row for row in connection.execute(query)}
    about = body["device"]
    actors = [edit["dot"][0] for edit in body["edits"]] or [
        actor for actor, row in known.items() if row.nonce == about["nonce"]
    ]
    if actors and actors[0] in known:
        row = known[actors[0]]
        about |= {"nonce": row.nonce, "counter": max(row.counter, about["counter"]), "epoch": server.epoch()}
    return replace(sent, body=json.dumps(body))


def state(server: Served) -> str:
    """The hash of everything that is kept of edits and records."""
    found = hashlib.sha256()
    with reading(server.engine) as connection:
        for table in (scopes, records, edits, deposits):
            for row in connection.execute(select(table).order_by(*table.primary_key.columns)):
                found.update(repr(tuple(row)).encode())
    return found.hexdigest()
