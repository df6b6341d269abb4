"""A line that delivers old requests again changes nothing, in whatever order they come, and after a restart too."""

import contextlib
from dataclasses import replace

import pytest
from sqlalchemy import update

from server.receiving import Part
from server.store.engine import writing
from server.store.tables import records
from tests.simulation.replaying import recorded, replayed, state
from tests.simulation.served import Served


@pytest.fixture
def server(database_url, tmp_path):
    with contextlib.closing(Served(database_url, tmp_path)) as served:
        yield served


def test_old_requests_that_come_again_change_nothing(server, database_url, tmp_path):
    sent = recorded(server, tmp_path / "village", seed=3, steps=50)
    before = state(server)
    statuses = replayed(server, sent, 150, seed=1)
    assert statuses.get(200, 0) > 20
    assert set(statuses) <= {200, 401, 403, 409}
    with contextlib.closing(Served(database_url, tmp_path)) as again:
        again.now = server.now
        replayed(again, sent, 150, seed=2)
        assert state(again) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_server_that_forgets_what_it_has_had_is_found_out(server, tmp_path, monkeypatch):
    sent = recorded(server, tmp_path / "village", seed=3, steps=50)
    before = state(server)
    monkeypatch.setattr(Part, "_repeat", lambda self, item, known: self._deposit(replace(item, dot=None), "malformed"))
    replayed(server, sent, 150, seed=1)
    assert state(server) != before
    with writing(server.engine) as connection:  # and a single word is enough to be seen
        now = state(server)
        connection.execute(update(records).values(subject="x"))
    assert state(server) != now
