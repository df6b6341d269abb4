"""The database fails under the phones' hands: they are told to come again, nothing is acknowledged, and it mends by itself."""

import contextlib
import os
import random
import sqlite3
import subprocess

import pytest
from sqlalchemy.exc import OperationalError

from server.api import viewing
from server.store import engine as engines
from tests import postgres
from tests.server import outages
from tests.server.outages import endured, found, impatient


def test_while_somebody_holds_the_lock_phones_are_told_to_come_again(village):
    with impatient(village.engine):
        assert endured(village, outages.locked(village.engine), 2) == []


def test_while_every_connection_is_taken_phones_are_told_to_come_again(village):
    with impatient(village.engine):
        assert endured(village, outages.exhausted(village.engine), 2, load=0) == []


def test_a_disk_that_takes_no_more_is_told_and_overcome(tmp_path):
    assert endured(found(f"sqlite:///{tmp_path / 'cunyi.db'}", tmp_path), outages.no_room(), 3) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system")
def test_a_full_disk_is_told_and_overcome(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", small], check=True)
    try:
        village = found(f"sqlite:///{small / 'cunyi.db'}", tmp_path)
        assert endured(village, outages.full(small), 3) == []
        village.engine.dispose()
    finally:
        subprocess.run(["umount", "--lazy", small], check=True)


@pytest.mark.postgres
def test_postgres_that_is_killed_under_load_loses_nothing(tmp_path, a_postgres):
    with contextlib.closing(postgres.Postgres()) as own:
        village = found(own.url("postgres"), tmp_path)
        assert endured(village, outages.stopped(own, own.kill), 2) == []
        village.engine.dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_server_that_answers_for_what_it_has_not_kept_is_found_out(village, monkeypatch):
    dice, writes, begun = random.Random(1), engines.writing, []

    @contextlib.contextmanager
    def forgetful(engine):
        with writes(engine) as connection:
            yield connection
            if begun and dice.random() < 0.3:
                connection.get_transaction().rollback()

    monkeypatch.setattr(engines, "writing", forgetful)

    def outage():
        begun.append(True)
        return outages.locked(village.engine)()

    with impatient(village.engine):
        assert any("acknowledged" in told for told in endured(village, outage, 2))


def test_an_answer_whose_entry_in_the_trail_cannot_be_written_is_not_given(ana, monkeypatch):
    def full(*_):
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))

    path = "/v1/my-work?month=2026-10"
    assert ana.get(path).status_code == 200
    monkeypatch.setattr(viewing, "retried", full)
    answer = ana.get(path)
    assert (answer.status_code, answer.get_json()["type"]) == (503, "/problems/unavailable")
    assert int(answer.headers["Retry-After"]) > 0
