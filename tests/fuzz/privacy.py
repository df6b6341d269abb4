"""Every look stands in the trail, no hand laid on trail or log goes unnoticed, and no word about anybody is in a log line (G19)."""

from __future__ import annotations

import logging
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, func, insert, select, update

from server.discreet import Discreet
from server.store import verify
from server.store.engine import reading
from server.store.tables import edits, scopes, trail
from tests.fuzz import Figure, part
from tests.server.conftest import Village, config_of
from tests.server.failing import CANARIES, WANG, Failing, walk
from tests.server.phone import Phone, vitals
from tests.server.test_decision_pages import Desk
from tests.simulation.databases import migrated
from tests.village import ANA, BEN, LEA, SUE, VILLAGE

MINUTES = 5
PAGES = (f"/areas/{VILLAGE}", f"/areas/{VILLAGE}/residents", f"/residents/{WANG}", "/changes", "/queue", "/residents/nobody")
ROUTES = (f"/v1/residents/{WANG}/standing", "/v1/residents?text=x", "/v1/due", "/v1/residents/nobody/standing")


def run(size: float) -> list[Figure]:
    """On each engine: 2,500 operations, 500 mutations of trail and log, 250 errors planted behind every door."""
    figures = []
    for kind in ("sqlite", "postgres"):
        with tempfile.TemporaryDirectory() as folder, migrated(kind, Path(folder)) as url:
            village = Village(config_of(url, Path(folder) / "var"))
            dice = random.Random(f"privacy {kind}")
            people = [village.phone(person) for person in (ANA, BEN)]
            figures.append(_looks(village, people, dice, part(2500, size), kind))
            figures.append(_mutations(village, dice, part(500, size), kind))
            figures.append(_errors(village, people, dice, part(250, size), kind))
            village.engine.dispose()
    return figures


def _looks(village: Village, people: list[Phone], dice: random.Random, tries: int, kind: str) -> Figure:
    """Whatever is asked for, by whom and with what answer: one entry more, in the name of whoever asked."""
    people[0].save({"identity": {"name": "王秀兰"}}, WANG, type="resident", subject=WANG)
    people[0].save(vitals(150), subject=WANG)
    people[0].sync()
    desks, broken, refused = {person: Desk(village, person) for person in (SUE, LEA)}, 0, 0
    for number in range(tries):
        if number % 50 == 0:
            village.later(minutes=10)
            for phone in people:
                phone.renew()
        before = _length(village)
        if dice.random() < 0.6:
            who = dice.choice((SUE, LEA))
            answer = desks[who].client.get(f"/dashboard{dice.choice(PAGES)}")
        else:
            phone = dice.choice(people)
            who, answer = phone.person, phone.get(dice.choice(ROUTES))
        refused += answer.status_code >= 400
        after = _length(village)
        broken += {one: after[one] - before.get(one, 0) for one in after if after[one] != before.get(one, 0)} != {who: 1}
    return Figure("G19", f"looks that stand in the trail, once and by whom, {kind}", tries, broken, f"{refused} refused")


def _length(village: Village) -> dict[str, int]:
    with reading(village.engine) as connection:
        rows = connection.execute(
            select(trail.c.person, func.count().label("length"))
            .where(trail.c.action != "session.open")
            .group_by(trail.c.person)
        )
        return {row.person: row.length for row in rows}


def _mutations(village: Village, dice: random.Random, tries: int, kind: str) -> Figure:
    """Each is made alone, looked for, and taken back."""
    unnoticed = 0
    for _ in range(tries):
        with village.engine.connect() as connection, connection.begin() as transaction:
            _lay_hands(connection, dice.choice((trail, edits)), dice)
            unnoticed += not verify.verify(connection).faults
            transaction.rollback()
    with reading(village.engine) as connection:
        unnoticed += bool(verify.verify(connection).faults)
    return Figure("G19", f"mutations of trail and log that were noticed, {kind}", tries, unnoticed)


def _lay_hands(connection: Connection, table: Table, dice: random.Random) -> None:
    """Change a column of an entry, take one out, cut the end off, empty it, put one in, move one, or change the head."""
    row = dice.choice(connection.execute(select(table)).all())
    this = [column == row._mapping[column.name] for column in table.primary_key.columns]
    mine = table.c.scope == row.scope
    head = scopes.c.scope == row.scope
    way = dice.randrange(7)
    if way == 0:
        column = dice.choice([one for one in table.columns if one.name not in ("scope", "entry", "counter", "actor")])
        connection.execute(update(table).where(*this).values({column: f"{row._mapping[column.name] or ''}x"[-16:]}))
    elif way == 1:
        connection.execute(delete(table).where(*this))
    elif way == 2:
        connection.execute(delete(table).where(mine, table.c.entry >= row.entry))
    elif way == 3:
        connection.execute(delete(table))
    elif way == 4:
        last = connection.scalar(select(func.max(table.c.entry)).where(mine)) or 0
        forged: dict[str, Any] = dict(row._mapping) | {"entry": last + 1}
        connection.execute(insert(table).values(**forged | ({"counter": row.counter + 10**6} if table is edits else {})))
    elif way == 5:
        connection.execute(update(table).where(*this).values(entry=row.entry + 10**6))
    else:
        connection.execute(
            update(scopes).where(head).values(dice.choice(({"entries": scopes.c.entries + 1}, {"chain": "0" * 64})))
        )


def _errors(village: Village, people: list[Phone], dice: random.Random, tries: int, kind: str) -> Figure:
    """Lines of the log with a name, a number, a telephone or an address in them."""
    with _log() as lines, pytest.MonkeyPatch.context() as patch:
        failing = Failing(dice, patch)
        while failing.planted < tries:
            walk(village, *people, failing)
    told = sum(any(canary in line for canary in CANARIES) for line in lines)
    return Figure("G19", f"planted errors of which the log tells nobody, {kind}", failing.planted, told, f"{len(lines)} lines")


@contextmanager
def _log() -> Iterator[list[str]]:
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler, root = Kept(), logging.getLogger()
    handler.setFormatter(Discreet())
    root.addHandler(handler)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
