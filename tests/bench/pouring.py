"""A county made of copies: four villages of the sample township are really computed, and poured in again and again.

Each village of the county is made of several of them, in its own proportion, with ids of its own. What is derived is there for
all: standings, tallies, heads, numbers frozen for reports. Records and the log are there for one township: nothing that is
asked of more than a township reads them one by one.
"""

from __future__ import annotations

import base64
import contextlib
import random
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard
from sqlalchemy import Connection, Engine, Table, insert, select, text
from sqlalchemy.types import TypeDecorator

from server import demo, utc_now
from server.config import Config
from server.exchange import Exchange
from server.periods import Period
from server.reports import Reports
from server.reports.freezing import Parts
from server.reports.reckoning import summed
from server.standings import Standings
from server.store import directory, migrate, tables
from server.store.deployment import deployment, establish
from server.store.devices import pseudo_scope
from server.store.engine import open_engine, reading, retried
from server.store.scope import wire_text
from sync.codec import Json, stamp
from sync.record import canonical
from sync.scopes import scopes_in
from sync.types import CATALOGUE

KEY = tuple(c.name for c in tables.tallies.primary_key.columns if c.name != "scope")
SUMS = ("numerator", "denominator", "excluded")
COPIED = (tables.standings, tables.records, tables.edits)
RUNNING = {"records": "seq", "edits": "entry"}  # what is counted on from one copy to the next
MARK, PLACE = "\0", "\1"  # in a text that is copied: the beginning of an id, the village
# what is made each copy's own: ids, the phones of the sample, the server as an author
BEGINNINGS = re.compile(
    r"[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})|\bsample(?=\d{4}\b)|(?<=\bs)[0-9a-f]{8}(?=[0-9a-f]{4}\b)"
)


@dataclass(frozen=True)
class Sample:
    """A village that was really computed: its rows by table, with marks in the texts; its sums, and its frozen numbers.

    `edition`: of the rules that it was computed by; `heads`: the row of `scopes` of each of its scopes, by what follows the
    village in its name; `figures` and `people`: of each scope in a period that is over, the people as text with marks.
    """

    village: str
    edition: str
    residents: int
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    tallies: Mapping[tuple[str, ...], Counter[str]]
    heads: Mapping[str, Mapping[str, Any]]
    figures: Mapping[str, Json]
    people: Mapping[str, str]
    frozen_by: str


@dataclass(frozen=True)
class Copy:
    """A sample in a village of the county. `before`: how far the copies before it count, by scope (what follows the village)."""

    sample: Sample
    village: str
    number: int
    before: Mapping[str, Counter[str]]

    @property
    def mark(self) -> str:
        """The eight signs that ids begin with."""
        return f"{int(self.village[6:]) % 16**6:06x}{self.number:02x}"

    def own(self, value: Any) -> Any:
        """A value as this copy has it."""
        return value.replace(MARK, self.mark).replace(PLACE, self.village) if isinstance(value, str) else value

    def rows(self, table: Table) -> Iterator[dict[str, Any]]:
        """Its rows of a table."""
        running = RUNNING.get(table.name)
        for row in self.sample.rows[table.name]:
            own = {name: self.own(value) for name, value in row.items()}
            if running:
                own[running] += self.before.get(row["scope"].removeprefix(PLACE), Counter())[running]
            yield own


# -- what is copied ----------------------------------------------------------------------------------------------------


def sampled(folder: Path, over: Period) -> list[Sample]:
    """The villages of the sample township, computed now, and frozen for a period that is over."""
    config = Config.from_environment({"CUNYI_DATA_DIR": str(folder)})
    engine = open_engine(config.database_url, config.sealing_key)
    migrate.upgrade(engine)
    retried(engine, lambda c: establish(c, config.identity_key))
    demo.fill(engine, Exchange(engine, CATALOGUE, config, utc_now), config, utc_now())
    Standings(engine, CATALOGUE, config, utc_now).refresh_all()
    villages = [village for village, _ in demo.people.VILLAGES]
    reports = Reports(engine, CATALOGUE, config, utc_now)
    for village in villages:
        reports.freeze(village, [over])
    with reading(engine) as connection:
        found = [_sample(connection, village, over) for village in villages]
    engine.dispose()
    return found


def _sample(connection: Connection, village: str, over: Period) -> Sample:
    def own(table: Table) -> list[Mapping[str, Any]]:
        found = connection.execute(select(table).where(table.c.scope.in_(scopes_in(village))))
        return [{name: _marked(value, village) for name, value in row._asdict().items()} for row in found]

    sums: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for row in own(tables.tallies):
        key = (row["scope"], *(row[name] for name in KEY))
        sums[key].update({name: row[name] for name in SUMS})
    parts = Parts.latest(connection, village, over.text)
    rows = {table.name: own(table) for table in COPIED}
    return Sample(
        village,
        connection.scalar(select(tables.standing_heads.c.edition).where(tables.standing_heads.c.scope == village)) or "",
        sum(row["scope"] == PLACE for row in rows["standings"]),
        rows,
        dict(sums),
        {row["scope"].removeprefix(PLACE): {**row, "entry": row["entries"]} for row in own(tables.scopes)},
        {scope.removeprefix(village): part.figures for scope, part in parts.by_scope.items()},
        {
            scope.removeprefix(village): _marked(canonical(part.evidence["people"])[1:-1], village)
            for scope, part in parts.by_scope.items()
        },
        parts.open.edition,
    )


def _marked(value: Any, village: str) -> Any:
    return BEGINNINGS.sub(MARK, value).replace(village, PLACE) if isinstance(value, str) else value


# -- the county --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class County:
    """A county to be filled in: its villages, how many live there, who supervises it, the township with records."""

    code: str
    villages: Sequence[str]
    residents: int
    supervisor: str
    township: str

    def copies(self, samples: Sequence[Sample]) -> dict[str, list[Copy]]:
        """What each village is made of, so that they differ."""
        chance, told = random.Random(20261122), 0
        made_of: dict[str, list[Copy]] = {}
        for n, village in enumerate(self.villages, 1):
            parts, before = made_of.setdefault(village, []), defaultdict[str, Counter[str]](Counter)
            while told < self.residents * n / len(self.villages):
                sample = chance.choice(samples)
                parts.append(Copy(sample, village, len(parts), {scope: Counter(sums) for scope, sums in before.items()}))
                for scope, head in sample.heads.items():
                    before[scope].update({name: head[name] for name in RUNNING.values()})
                told += sample.residents
        return made_of


def fill(engine: Engine, county: County, samples: Sequence[Sample], over: Sequence[Period]) -> None:
    """Pour the county into a migrated database, with the frozen numbers of periods that are over, the last one first.

    Only the last one has its evidence: those before it are there for their sums.
    """
    retried(engine, lambda c: _people(c, county))
    made_of = county.copies(samples)
    for table in COPIED:
        there = (one for one in made_of if table is tables.standings or one.startswith(county.township))
        _pour(engine, table, (row for village in there for copy in made_of[village] for row in copy.rows(table)))
    _pour(engine, tables.tallies, (row for village, copies in made_of.items() for row in _tallies(village, copies)))
    heads = [head for village, copies in made_of.items() for head in _heads(village, copies)]
    known = set(county.villages)
    retried(engine, lambda c: c.execute(tables.scopes.delete().where(tables.scopes.c.scope.in_(known))))
    _pour(engine, tables.scopes, heads)
    edition = samples[0].edition
    _pour(engine, tables.standing_heads, ({"scope": one["scope"], "seq": one["seq"], "edition": edition} for one in heads))
    with reading(engine) as connection:
        present = deployment(connection)
    assert present is not None
    _pour(engine, tables.report_parts, (row for v, copies in made_of.items() for row in _parts(v, copies, over, present.epoch)))
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()


def _heads(village: str, copies: Sequence[Copy]) -> Iterator[dict[str, Any]]:
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for copy in copies:
        for scope, head in copy.sample.heads.items():
            sums[scope].update({name: head[name] for name in ("seq", "live", "entries")})
    for scope, own in sums.items():
        yield {"scope": village + scope, **own, "sum": f"{0:032x}", "chain": "0" * 64}


def _tallies(village: str, copies: Sequence[Copy]) -> Iterator[dict[str, Any]]:
    """The sums of one village: those of its copies, added up."""
    sums: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for copy in copies:
        for key, row in copy.sample.tallies.items():
            sums[key].update(row)
    for (scope, *key), row in sums.items():
        yield {
            "scope": scope.replace(PLACE, village),
            **dict(zip(KEY, key, strict=True)),
            **{name: row[name] for name in SUMS},
        }


def _parts(village: str, copies: Sequence[Copy], over: Sequence[Period], epoch: str) -> Iterator[dict[str, Any]]:
    """The frozen numbers of a village, of each scope one part a period."""
    heads = {one["scope"]: one for one in _heads(village, copies)}
    blank = {"seq": 0, "entries": 0, "live": 0, "sum": f"{0:032x}"}
    stands = {scope: {name: heads.get(scope, blank)[name] for name in blank} for scope in scopes_in(village)}
    at = stamp(utc_now())
    for suffix in copies[0].sample.figures:
        figures = wire_text(summed(copy.sample.figures[suffix] for copy in copies))
        people = ",".join(filter(None, (copy.own(copy.sample.people[suffix]) for copy in copies)))
        more = ',"others":[],"away":{}' if not suffix else ""
        for period in over:
            evidence = f'{{"people":{{{people if period == over[0] else ""}}}{more}}}'
            yield {
                "scope": village + suffix,
                "period": period.text,
                "number": 1,
                "computed_at": at,
                "day": period.last.isoformat(),
                "edition": copies[0].sample.frozen_by,
                "positions": wire_text({"epoch": epoch, "scopes": stands, "logs": {}}),
                "figures": figures,
                "evidence": base64.b64encode(zstandard.compress(evidence.encode(), 3)).decode(),
                "hash": "0" * 64,
            }


def _people(connection: Connection, county: County) -> None:
    """The areas; two doctors with a phone in every village, and the supervisor."""
    villages, now = county.villages, utc_now()
    codes = {county.code, *(village[:9] for village in villages), *villages}
    directory.put_areas(connection, [{"code": code, "name": f"区划{code}"} for code in codes])
    doctors = [(f"p-{village}-{n}", village) for village in villages for n in (1, 2)]
    person = {"role": "village_doctor", "organisation": None, "area": None, "active": True}
    supervisor = {**person, "id": county.supervisor, "name": "郑国强", "role": "county_supervisor", "area": county.code}
    directory.put_people(connection, [supervisor, *({**person, "id": who, "name": "王秀兰"} for who, _ in doctors)])
    connection.execute(insert(tables.workplaces), [{"person": who, "village": village} for who, village in doctors])
    at = stamp(now)
    phones = [(f"d{n:016x}", f"{n:012d}", who) for n, (who, _) in enumerate(doctors)]
    device = {"name": "Redmi 9A", "public_key": "{}", "status": "active", "enrolled_at": at, "status_at": at}
    connection.execute(insert(tables.devices), [{"id": one, "person": who, **device} for one, _, who in phones])
    connection.execute(
        insert(tables.actors), [{"actor": actor, "device": one, "number": 1, "since": at} for one, actor, _ in phones]
    )
    talked = {
        "counter": 0,
        "nonce": "",
        "exchanges": 1,
        "assertions": 1,
        "outbox": 0,
        "app": "1",
        "offset_ms": 0,
        "heard_at": at,
    }
    states = [{"scope": pseudo_scope(actor), "actor": actor, **talked} for _, actor, _ in phones]
    connection.execute(insert(tables.actor_states), states)


def _pour(engine: Engine, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert many rows, the way that is quickest with each engine."""
    names = [column.name for column in table.columns]
    sealed = {one.name: one.type for one in table.columns if isinstance(one.type, TypeDecorator)}

    def kept(name: str, value: Any) -> Any:
        return sealed[name].process_bind_param(value, engine.dialect) if name in sealed else value

    values = (tuple(kept(name, row[name]) for name in names) for row in rows)
    if engine.dialect.name == "postgresql":
        raw = engine.raw_connection()
        copy = f"COPY {table.name} ({', '.join(names)}) FROM STDIN"
        with raw.cursor() as cursor, cursor.copy(copy) as pipe:  # type: ignore[attr-defined]
            for value in values:
                pipe.write_row(value)
        raw.commit()
        raw.close()
        return
    with contextlib.closing(sqlite3.connect(str(engine.url.database))) as file:
        file.execute("PRAGMA synchronous=OFF")
        marks = ", ".join("?" * len(names))
        file.executemany(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})", values)
        file.commit()
