"""Short histories of the simulated village on both engines. `make fuzz` plays long ones; a failure tells its seed and its steps.

CUNYI_SEED names the first seed. To play one again: `python -m tests.simulation --histories 1 --seed SEED [--engine postgres]`.
"""

import os
from pathlib import Path

import pytest

from client_sdk import vault
from tests.simulation.served import Served
from tests.simulation.village import STEPS, Village, played, story

FIRST = int(os.environ.get("CUNYI_SEED", "1"))
HISTORIES = {"sqlite": 36, "postgresql": 8}


@pytest.fixture
def server(database_url: str, tmp_path: Path):
    served = Served(database_url, tmp_path)
    yield served
    served.close()


def test_nobodys_words_are_lost_whatever_happens_to_phones_line_and_server(server: Served, tmp_path: Path):
    happened: set[str] = set()
    for seed in range(FIRST, FIRST + HISTORIES[server.engine.dialect.name]):
        village, broken = played(server, tmp_path / str(seed), seed)
        assert not broken, f"{story(village)}\nseed {seed}: {broken}"
        happened |= village.habits.keys()
    assert "server_is_restored" in happened
    assert "clones_a_phone" in happened


def test_a_history_is_the_same_each_time_it_is_played(server: Served, tmp_path: Path):
    told = []
    for turn in ("first", "second"):
        village, broken = played(server, tmp_path / turn, FIRST + 1, steps=40)
        assert not broken
        told.append(village.trace)
    assert told[0] == told[1]


def test_what_the_village_takes_lightly_is_not_what_is_shipped():
    assert vault.KDF_ROUNDS == 256_000
    assert STEPS == 120
    assert Village.present is None
