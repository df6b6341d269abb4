"""Who asks for what is not theirs: every route as every role, every filter taken away in turn, 20,000 forged tokens."""

from __future__ import annotations

import contextlib
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from server import standings
from server.dashboard import contract_pages, quality_pages
from server.indicators import reading
from server.store import migrate
from server.store.engine import open_engine
from tests.fuzz import Figure, part
from tests.server.canaries import Place, settle
from tests.server.caught import CAUGHT
from tests.server.conftest import Village, config_of
from tests.server.fates import befall
from tests.server.forging import mutated
from tests.server.mutants import SEEKERS, Mutants
from tests.server.sweeping import everybody, sweep_of
from tests.village import ANA
from tests.village import settle as two_villages

MINUTES = 4
TOKENS = 20_000
PREFIXES = (("GET", "/dashboard"), ("GET", "/v1"), ("POST", "/dashboard"), ("POST", "/v1"))


def run(size: float) -> list[Figure]:
    """The three of them."""
    with tempfile.TemporaryDirectory(prefix="cunyi-attackers-") as name, pytest.MonkeyPatch.context() as patch:
        for page in (reading, contract_pages, quality_pages):
            patch.setattr(page, "BUDGET_SECONDS", 60.0)
        patch.setattr(standings, "PATIENCE_SECONDS", 600.0)
        return [*_matrix(Path(name), size), *_filters(Path(name), size), *_tokens(Path(name), size)]


@contextlib.contextmanager
def _villages(folder: Path, name: str) -> Iterator[tuple[Village, dict[str, Place]]]:
    """The four places of canaries.py on a database of their own."""
    url = f"sqlite:///{folder / name}.db"
    engine = open_engine(make_url(url))
    migrate.upgrade(engine)
    engine.dispose()
    village = Village(config_of(url, folder / name))
    made = settle(village)
    befall(village, made)
    yield village, made
    village.engine.dispose()


def _matrix(folder: Path, size: float) -> list[Figure]:
    """Own, other, moved, void, merged and absent things in every parameter of every route; canaries in all that is not theirs."""
    probes, faults = 0, []
    for method, prefix in PREFIXES:
        with _villages(folder, f"{method}{prefix}".replace("/", "-")) as (village, made):
            asking = everybody(village, made)[: part(8, size)]
            sweep = sweep_of(village, made, asking, method, prefix, whole=True)
            probes += sweep.probes
            faults += sweep.faults
    for said in faults[:20]:
        print(said)
    return [
        Figure("G11", "answers that said nothing of another place, and the same as about what is absent", probes, len(faults))
    ]


def _filters(folder: Path, size: float) -> list[Figure]:
    """With each filter taken away, the way that shows it does show it."""
    with _villages(folder, "filters") as (village, made):
        mutants = Mutants(village, made, [one for one in everybody(village, made) if one.person.rpartition("-")[2] in SEEKERS])
        kept = list(CAUGHT)[:: max(1, round(1 / size))]
        escaped = [name for name in kept if mutants.escapes(name)]
    for name in escaped:
        print(f"nobody noticed that this filter was gone: {name}")
    return [Figure("G11", "filters without which somebody learns or does what is not theirs", len(kept), len(escaped))]


def _tokens(folder: Path, size: float) -> list[Figure]:
    """Half of them access tokens, half assertions."""
    dice, count, wrong = random.Random(12), part(TOKENS, size, 200), []
    url = f"sqlite:///{folder / 'tokens'}.db"
    engine = open_engine(make_url(url))
    migrate.upgrade(engine)
    engine.dispose()
    village = Village(config_of(url, folder / "tokens"))
    village.write(two_villages)
    ana = village.phone(ANA)
    assertion = ana.fresh_assertion()
    began = time.process_time()
    for n in range(count):
        if n % 2:
            made = mutated(ana.access, dice).encode("utf-8", "replace").decode("latin-1")
            answer = ana.get("/v1/me", access=made)
        else:
            made = mutated(assertion, dice)
            answer = ana.post("/v1/token", {"assertion": made}, None)
        if answer.status_code != 401 and not (answer.status_code == 422 and not made):
            wrong.append((answer.status_code, made))
    each = 1000 * (time.process_time() - began) / count
    opened = ana.get("/v1/me").status_code == 200 and ana.post("/v1/token", {"assertion": assertion}, None).status_code == 200
    for said in wrong[:10]:
        print(said)
    village.engine.dispose()
    told = f"{each:.1f} ms of CPU each; the true ones {'still serve' if opened else 'serve no more'}"
    return [Figure("G12", "changed tokens and assertions answered 401", count, len(wrong) + (not opened), told)]
