"""A county of 913 000 residents in 613 villages of 19 townships: how long its pages take, the first time and again.

What a page reads is all there, see pouring.py. The pages are asked for over HTTP from a server that runs, by the county's
supervisor; the main ones stand beside a bare SELECT of what they rest on. `SMALL=1` makes a county of a tenth of the size.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Engine, Select, func, insert, select

from server import utc_now
from server.access import View
from server.accounts.signing_in import SignIn
from server.config import Config
from server.dashboard.frame import SESSION_COOKIE
from server.periods import MONTH, Period
from server.reports import Reports
from server.store import migrate, tables
from server.store.deployment import establish
from server.store.engine import open_engine, reading, retried
from sync.types import CATALOGUE
from tests import postgres
from tests.bench import together
from tests.bench.crowd import taking
from tests.bench.pouring import County, Sample, fill, sampled
from tests.e2e.serving import Installation

SMALL = bool(os.environ.get("SMALL"))
RESIDENTS, TOWNSHIPS, VILLAGE_COUNT = (91_000, 6, 61) if SMALL else (913_000, 19, 613)
CODE = "411599"
VILLAGES = [f"{CODE}{100 + n % TOWNSHIPS}{200 + n // TOWNSHIPS}" for n in range(VILLAGE_COUNT)]
VILLAGE = VILLAGES[VILLAGE_COUNT // 2]
COUNTY = County(CODE, VILLAGES, RESIDENTS, "p-county", VILLAGE[:9])
MONTHS = 11  # that are over and reported
TIMES = 5


def main() -> None:
    """On SQLite, and on PostgreSQL where one can be started."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with taking("the sample township, filled in and computed"):
            samples = sampled(folder / "sample", months()[0])
        for engine in ("SQLite", "PostgreSQL"):
            with database(engine, folder / engine) as url:
                if url:
                    print(engine)
                    measure(samples, url, folder / engine)
            with database(engine, folder / f"{engine}-phones") as url:
                if url:
                    together.main(url, folder / f"{engine}-phones")


@contextlib.contextmanager
def database(engine: str, folder: Path) -> Iterator[str | None]:
    """An empty one, migrated; None where there is no PostgreSQL."""
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
        file.unlink(missing_ok=True)


def today() -> dt.date:
    """The day where the county is."""
    return Config.from_environment({}).day_of(utc_now())


def months() -> list[Period]:
    """The months that are over, the last one first."""
    found = [Period.on(today(), MONTH).previous()]
    while len(found) < MONTHS:
        found.append(found[-1].previous())
    return found


def measure(samples: Sequence[Sample], url: str, folder: Path) -> None:
    """Fill a county in and ask for its pages."""
    place = Installation(folder, url)
    config = Config.from_environment(place.environment)
    engine = open_engine(config.database_url, config.sealing_key)
    retried(engine, lambda c: establish(c, config.identity_key))
    with taking("pour the county in"):
        fill(engine, COUNTY, samples, months())
    with taking(f"publish {MONTHS} monthly reports of the county, a township and a village"):
        _report(engine, config)
    with reading(engine) as connection:
        held = {
            table.name: connection.scalar(select(func.count()).select_from(table))
            for table in (tables.standings, tables.tallies, tables.records, tables.report_parts)
        }
    print(f"  {VILLAGE_COUNT} villages of {TOWNSHIPS} townships; " + ", ".join(f"{n} {name}" for name, n in held.items()))
    cookie = sign_in(engine, config)
    place.start()
    try:
        pages(engine, place.url, cookie)
    finally:
        place.stop()
        engine.dispose()


def _report(engine: Engine, config: Config) -> None:
    """The reports whose numbers are looked at; of all other villages the line in the list."""
    duties = frozenset({"look", "report", "export"})
    shell = View("shell", "shell", "shell", (CODE,), frozenset(VILLAGES), frozenset(), duties)
    reports, looked_at = Reports(engine, CATALOGUE, config, utc_now), (CODE, COUNTY.township, VILLAGE)
    for area in looked_at:
        for month in months():
            reports.compute(shell, area, month)
    rest = [
        {"area": village, "period": month.text, "state": "locked", "issue": 1}
        for village in VILLAGES
        if village not in looked_at
        for month in months()
    ]
    retried(engine, lambda c: c.execute(insert(tables.reports), rest))


def sign_in(engine: Engine, config: Config) -> str:
    """The cookie of the county's supervisor."""
    desk, password = SignIn(engine, config, utc_now), "a village of willows 2026"
    desk.choose_password(COUNTY.supervisor, desk.new_code(COUNTY.supervisor, "shell"), password, "127.0.0.1")
    return desk.open(COUNTY.supervisor, password, "", "127.0.0.1", None).cookie


# -- the pages ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """A page that is asked for, and what stands behind it."""

    name: str
    address: str
    rests_on: Select[Any] | None = None


def _asked(engine: Engine) -> Iterator[Page]:
    county, township, village = (f"/dashboard/areas/{code}" for code in (CODE, COUNTY.township, VILLAGE))
    near = [code for code in VILLAGES if code.startswith(COUNTY.township)]
    month, past = months()[0].next(), months()[0]
    sums, kept = tables.tallies.c, tables.standings.c
    # the sums of the month, and of what holds at its end, of all residents
    every = (
        select(sums.scope, sums.indicator, sums.numerator, sums.denominator, sums.excluded)
        .where(sums.population == "all", sums.bucket.in_(("", month.text)))
    )  # fmt: skip
    people = select(kept.resident, kept.entries, kept.counts).where(kept.scope == VILLAGE)
    with reading(engine) as connection:
        resident = connection.scalar(select(kept.resident).where(kept.scope == VILLAGE).order_by(kept.resident).limit(1))
    yield Page("county: 总览", county, every.where(sums.scope.in_(VILLAGES)))
    yield Page("county: 总览, hypertension", f"{county}?group=hypertension", every.where(sums.scope.in_(VILLAGES)))
    yield Page("county: 总览, a week", f"{county}?period={Period.on(today(), 'week').text}")
    yield Page("county: 总览, a year", f"{county}?period={month.start.year}")
    yield Page("county: 总览, last month", f"{county}?period={past.text}")
    yield Page("county: 村排名", f"{county}/ranking", every.where(sums.scope.in_(VILLAGES)))
    yield Page("county: 村排名, last month", f"{county}/ranking?period={past.text}")
    yield Page("county: 看证据", f"{county}/indicators/honour_person_full")
    yield Page("county: 签约台账", f"{county}/contracts")
    yield Page("county: 数据质量", f"{county}/quality")
    yield Page("county: 居民, 王秀", f"{county}/residents?text=王秀")
    yield Page("township: 总览", township, every.where(sums.scope.in_(near)))
    yield Page("township: 村排名", f"{township}/ranking", every.where(sums.scope.in_(near)))
    yield Page("township: 签约台账", f"{township}/contracts")
    yield Page("township: 数据质量", f"{township}/quality")
    yield Page("township: 居民, 王秀", f"{township}/residents?text=王秀")
    yield Page("village: 总览", village, every.where(sums.scope == VILLAGE))
    yield Page("village: 看证据", f"{village}/indicators/honour_person_full", people)
    yield Page("village: 看证据, last month", f"{village}/indicators/honour_person_full?period={past.text}")
    yield Page("village: 签约台账", f"{village}/contracts")
    yield Page("village: 数据质量", f"{village}/quality")
    yield Page("village: 居民", f"{village}/residents")
    yield Page("one resident", f"/dashboard/residents/{resident}")
    yield Page("待处理", "/dashboard/queue")
    yield Page("报表", "/dashboard/reports")
    yield Page("报表, last month", f"{county}/reports/{past.text}")
    yield Page("设备与同步", "/dashboard/devices")


def pages(engine: Engine, url: str, cookie: str) -> None:
    """Ask for each page once, and then some times more."""
    session = requests.Session()
    session.cookies.set(SESSION_COOKIE, cookie)
    print(f"  {'page':<30}{'first':>10}{'median':>10}{'least':>10}{'most':>10}{'SELECT':>10}{'ratio':>7}{'KiB':>7}")
    for one in _asked(engine):
        size = 0

        def ask(one: Page = one) -> None:
            nonlocal size
            answer = session.get(url + one.address, timeout=120)
            assert answer.status_code == 200, f"{one.address}: {answer.status_code}\n{answer.text[:500]}"
            size = len(answer.content)

        [first], taken = timed(ask, 1), timed(ask)
        told = [first, statistics.median(taken), min(taken), max(taken)]
        beside = f"{'':>17}"
        if one.rests_on is not None:
            bare = statistics.median(timed(lambda query=one.rests_on: _selected(engine, query)))
            beside = f"{_ms(bare)}{told[1] / bare:>7.1f}"
        name = f"{one.name:<{30 - sum(ord(sign) > 0x2E7F for sign in one.name)}}"
        print(f"  {name}{''.join(map(_ms, told))}{beside}{size / 1024:>7.0f}", flush=True)


def _selected(engine: Engine, query: Select[Any]) -> None:
    with reading(engine) as connection:
        connection.execute(query).all()


def timed(work: Callable[[], None], times: int = TIMES) -> list[float]:
    """How long each of some runs took, in seconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return taken


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:>7.0f} ms"


if __name__ == "__main__":
    main()
