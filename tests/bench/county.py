"""A county of 913 000 residents in 613 villages of 19 townships: how long its pages take, each beside a bare SELECT.

Four villages of the sample township are really computed; each village of the county is made of several copies of them, in
its own proportion. What a page reads is all there: standings, tallies, heads, people and their phones. The pages are asked
for over HTTP from a server that runs, by the county's supervisor. `SMALL=1` makes a county of a tenth of the size.
"""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Engine, Table, func, insert, select, text

from server import demo, utc_now
from server.accounts.signing_in import SignIn
from server.config import Config
from server.dashboard.frame import SESSION_COOKIE
from server.demo.people import VILLAGES
from server.exchange import Exchange
from server.standings import Standings
from server.store import directory, migrate, tables
from server.store.deployment import establish
from server.store.devices import pseudo_scope
from server.store.engine import open_engine, reading, retried
from sync.codec import stamp
from sync.scopes import village_of
from sync.types import CATALOGUE
from tests import postgres
from tests.bench import together
from tests.bench.crowd import taking
from tests.e2e.serving import Installation

SMALL = bool(os.environ.get("SMALL"))
RESIDENTS, TOWNSHIPS = (91_000, 6) if SMALL else (913_000, 19)
VILLAGE_COUNT = 61 if SMALL else 613
COUNTY, SUPERVISOR = "411599", "p-county"
TIMES = 5
BATCH = 5_000


@dataclass(frozen=True)
class Sample:
    """A village that was really computed: its rows of the tables that are derived, and how many residents it has.

    `edition`: of the rules that it was computed by.
    """

    village: str
    edition: str
    standings: Sequence[Mapping[str, Any]]
    tallies: Mapping[tuple[str, ...], Counter[str]]

    @property
    def residents(self) -> int:
        """How many live there."""
        return sum(row["scope"] == self.village for row in self.standings)


KEY = tuple(c.name for c in tables.tallies.primary_key.columns if c.name != "scope")
SUMS = ("numerator", "denominator", "excluded")


def main() -> None:
    """On SQLite, and on PostgreSQL where one can be started."""
    with tempfile.TemporaryDirectory() as folder:
        with taking("the sample township, filled in and computed"):
            samples = _samples(Path(folder))
        for engine in ("SQLite", "PostgreSQL"):
            with _database(engine, Path(folder) / engine) as url:
                if url:
                    print(engine)
                    _measure(samples, url, Path(folder) / engine)
            with _database(engine, Path(folder) / f"{engine}-phones") as url:
                if url:
                    together.main(url, Path(folder) / f"{engine}-phones")


@contextlib.contextmanager
def _database(engine: str, folder: Path) -> Iterator[str | None]:
    """An empty one, migrated."""
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        if engine == "SQLite":
            url = f"sqlite:///{folder}/cunyi.db"
        else:
            try:
                server = postgres.find()
            except postgres.NoPostgresError as trouble:
                print(f"no PostgreSQL: {trouble}")
                yield None
                return
            stack.callback(server.close)
            url = server.url("postgres")
        engine_ = open_engine(Config.from_environment({"CUNYI_DATABASE_URL": url, "CUNYI_DATA_DIR": str(folder)}).database_url)
        migrate.upgrade(engine_)
        engine_.dispose()
        yield url
    for file in folder.glob("cunyi.db*"):
        file.unlink()


# -- what is copied ----------------------------------------------------------------------------------------------------


def _samples(folder: Path) -> list[Sample]:
    """The villages of the sample township."""
    config = Config.from_environment({"CUNYI_DATA_DIR": str(folder / "sample")})
    engine = open_engine(config.database_url)
    migrate.upgrade(engine)
    retried(engine, lambda c: establish(c, config.identity_key))
    demo.fill(engine, Exchange(engine, CATALOGUE, config, utc_now), config, utc_now())
    Standings(engine, CATALOGUE, config, utc_now).refresh_all()
    with reading(engine) as connection:
        found = [_sample(connection, village) for village, _ in VILLAGES]
    engine.dispose()
    return found


def _sample(connection: Any, village: str) -> Sample:
    kept = [dict(row._mapping) for row in connection.execute(select(tables.standings)) if village_of(row.scope) == village]
    sums: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for row in connection.execute(select(tables.tallies)):
        if village_of(row.scope) == village:
            key = (row.scope.removeprefix(village), *(getattr(row, name) for name in KEY))
            sums[key].update({name: getattr(row, name) for name in SUMS})
    heads = select(tables.standing_heads.c.edition).where(tables.standing_heads.c.scope == village)
    return Sample(village, connection.scalar(heads), kept, dict(sums))


# -- the county --------------------------------------------------------------------------------------------------------


def _villages() -> list[str]:
    """The codes, spread over the townships."""
    return [f"{COUNTY}{100 + n % TOWNSHIPS}{200 + n // TOWNSHIPS}" for n in range(VILLAGE_COUNT)]


def _fill(engine: Engine, samples: Sequence[Sample]) -> int:
    """Pour the county into the database: how many residents it has."""
    retried(engine, _people)
    chance, told = random.Random(20261122), 0
    made_of: dict[str, list[Sample]] = {}
    for n, village in enumerate(_villages(), 1):
        made_of[village] = []
        while told < RESIDENTS * n / VILLAGE_COUNT:
            made_of[village].append(chance.choice(samples))
            told += made_of[village][-1].residents
    _pour(engine, tables.standings, (row for village, parts in made_of.items() for row in _standings(village, parts)))
    _pour(engine, tables.tallies, (row for village, parts in made_of.items() for row in _tallies(village, parts)))
    heads = [scope for village, parts in made_of.items() for scope in _scopes(village, parts)]
    edition = samples[0].edition
    _pour(engine, tables.standing_heads, ({"scope": scope, "seq": 1, "edition": edition} for scope in heads))
    blank = {"seq": 1, "live": 0, "sum": f"{0:032x}", "entries": 0, "chain": "0" * 64}
    known = set(_villages())
    _pour(engine, tables.scopes, ({"scope": scope, **blank} for scope in heads if scope not in known))
    retried(engine, lambda c: c.execute(tables.scopes.update().where(tables.scopes.c.scope.in_(known)).values(seq=1)))
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    return told


def _scopes(village: str, parts: Sequence[Sample]) -> list[str]:
    return sorted({village} | {row["scope"].replace(one.village, village) for one in parts for row in one.standings})


def _standings(village: str, parts: Sequence[Sample]) -> Iterator[dict[str, Any]]:
    """The rows of one village; a resident of each copy has an id of its own."""
    for number, one in enumerate(parts):
        mark = f"{int(village[6:]) % 16**6:06x}{number:02x}"
        for row in one.standings:
            old, new = row["resident"], mark + row["resident"][8:]
            swapped = {name: row[name].replace(old, new) for name in ("body", "counts", "entries")}
            yield {**row, **swapped, "resident": new, "scope": row["scope"].replace(one.village, village)}


def _tallies(village: str, parts: Sequence[Sample]) -> Iterator[dict[str, Any]]:
    """The sums of one village: those of its copies, added up."""
    sums: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for one in parts:
        for key, row in one.tallies.items():
            sums[key].update(row)
    for (programme, *key), row in sums.items():
        yield {"scope": village + programme, **dict(zip(KEY, key, strict=True)), **{name: row[name] for name in SUMS}}


def _people(connection: Any) -> None:
    """The areas; two doctors with a phone in every village, and the supervisor."""
    villages, now = _villages(), utc_now()
    codes = {COUNTY, *(village[:9] for village in villages), *villages}
    directory.put_areas(connection, [{"code": code, "name": f"区划{code}"} for code in codes])
    doctors = [(f"p-{village}-{n}", village) for village in villages for n in (1, 2)]
    person = {"role": "village_doctor", "organisation": None, "area": None, "active": True}
    supervisor = {**person, "id": SUPERVISOR, "name": "郑国强", "role": "county_supervisor", "area": COUNTY}
    directory.put_people(connection, [supervisor, *({**person, "id": who, "name": "王秀兰"} for who, _ in doctors)])
    connection.execute(insert(tables.workplaces), [{"person": who, "village": village} for who, village in doctors])
    at = stamp(now)
    phones = [(f"d{n:016x}", f"{n:012d}", who) for n, (who, _) in enumerate(doctors)]
    device = {"name": "Redmi 9A", "public_key": "{}", "status": "active", "enrolled_at": at, "status_at": at}
    connection.execute(insert(tables.devices), [{"id": one, "person": who, **device} for one, _, who in phones])
    connection.execute(
        insert(tables.actors), [{"actor": actor, "device": one, "number": 1, "since": at} for one, actor, _ in phones]
    )
    state = {
        "counter": 0,
        "nonce": "",
        "exchanges": 1,
        "assertions": 1,
        "outbox": 0,
        "app": "1",
        "offset_ms": 0,
        "heard_at": at,
    }
    states = [{"scope": pseudo_scope(actor), "actor": actor, **state} for _, actor, _ in phones]
    connection.execute(insert(tables.actor_states), states)


def _pour(engine: Engine, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert many rows, the way that is quickest with each engine."""
    names = [column.name for column in table.columns]
    values = (tuple(row[name] for name in names) for row in rows)
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


# -- the pages ---------------------------------------------------------------------------------------------------------


def _measure(samples: Sequence[Sample], url: str, folder: Path) -> None:
    place = Installation(folder, url)
    config = Config.from_environment(place.environment)
    engine = open_engine(config.database_url)
    retried(engine, lambda c: establish(c, config.identity_key))
    with taking("pour the county in"):
        told = _fill(engine, samples)
    with reading(engine) as connection:
        rows = connection.scalar(select(func.count()).select_from(tables.tallies))
        standings = connection.scalar(select(func.count()).select_from(tables.standings))
    print(f"  {told} residents in {VILLAGE_COUNT} villages of {TOWNSHIPS} townships; {standings} standings, {rows} tallies")
    cookie = _sign_in(engine, config)
    place.start()
    try:
        _pages(engine, place.url, cookie)
    finally:
        place.stop()
        engine.dispose()


def _sign_in(engine: Engine, config: Config) -> str:
    desk, password = SignIn(engine, config, utc_now), "a village of willows 2026"
    desk.choose_password(SUPERVISOR, desk.new_code(SUPERVISOR, "shell"), password, "127.0.0.1")
    return desk.open(SUPERVISOR, password, "", "127.0.0.1", None).cookie


def _pages(engine: Engine, url: str, cookie: str) -> None:
    village, every = _villages()[VILLAGE_COUNT // 2], _villages()
    near = [code for code in every if code.startswith(village[:9])]
    month = utc_now().astimezone().strftime("%Y-%m")
    sums, kept = tables.tallies.c, tables.standings.c
    # what stands behind a page: the sums of the month, and of what holds at its end, of all residents
    county = (
        select(sums.scope, sums.indicator, sums.numerator, sums.denominator, sums.excluded)
        .where(sums.population == "all", sums.bucket.in_(("", month)))
    )  # fmt: skip
    people = select(kept.resident, kept.entries, kept.counts).where(kept.scope == village)
    asked = {
        "county: 总览": (f"/dashboard/areas/{COUNTY}", county.where(sums.scope.in_(every))),
        "county: 村排名": (f"/dashboard/areas/{COUNTY}/ranking", county.where(sums.scope.in_(every))),
        "county: 总览, hypertension": (f"/dashboard/areas/{COUNTY}?group=hypertension", county.where(sums.scope.in_(every))),
        "township: 总览": (f"/dashboard/areas/{village[:9]}", county.where(sums.scope.in_(near))),
        "village: 总览": (f"/dashboard/areas/{village}", county.where(sums.scope == village)),
        "village: 看证据": (f"/dashboard/areas/{village}/indicators/honour_person_full", people),
    }
    session = requests.Session()
    session.cookies.set(SESSION_COOKIE, cookie)
    print(f"  {'page':<34}{'median':>10}{'least':>10}{'most':>10}{'SELECT':>10}{'ratio':>8}{'KiB':>8}")
    for name, (address, query) in asked.items():
        size = 0

        def page(address: str = address) -> None:
            nonlocal size
            answer = session.get(url + address, timeout=120)
            assert answer.status_code == 200, f"{address}: {answer.status_code}\n{answer.text[:500]}"
            size = len(answer.content)

        page()
        taken, bare = _timed(page), _timed(lambda query=query: _selected(engine, query))
        print(
            f"  {name:<{34 - sum(ord(c) > 0x2E7F for c in name)}}{_ms(statistics.median(taken))}{_ms(min(taken))}{_ms(max(taken))}"
            f"{_ms(statistics.median(bare))}{statistics.median(taken) / statistics.median(bare):>8.1f}{size / 1024:>8.0f}",
            flush=True,
        )


def _selected(engine: Engine, query: Any) -> None:
    with reading(engine) as connection:
        connection.execute(query).all()


def _timed(work: Callable[[], None]) -> list[float]:
    """How long each of some runs took, in seconds."""
    taken = []
    for _ in range(TIMES):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return taken


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:>7.1f} ms"


if __name__ == "__main__":
    main()
