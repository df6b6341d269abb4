"""The drill of tests/fuzz/restores.py, in small: a server is put back while its phones are ahead."""

import contextlib

import psycopg
import pytest

from tests.fuzz.restores import Count, Recovering, Town, migrated, on_postgres, on_sqlite


@pytest.fixture
def count():
    return Count()


def whole(count, restores):
    """Nothing is lost, nobody is let in again, nothing was taken from a server that had gone back."""
    broken = {figure.what: figure.broken for figure in count.figures("here", 40) if figure.broken}
    assert broken == {}
    assert count.restores == restores
    assert count.values > 40


def test_a_file_that_is_copied_over_the_database_costs_nobody_a_word(tmp_path, count):
    with contextlib.closing(Town(migrated(f"sqlite:///{tmp_path / 'town.db'}", tmp_path / "var"), tmp_path)) as town:
        town.fill(40)
        town.open_phones()
        on_sqlite(town, tmp_path, count, 2)
    whole(count, 2)


@pytest.mark.postgres
def test_a_recovery_to_a_point_in_time_costs_nobody_a_word(tmp_path, count):
    with contextlib.closing(Recovering()) as server:
        with contextlib.closing(psycopg.connect(server.url("postgres"), autocommit=True)) as connection:
            connection.execute("CREATE DATABASE town")
        with contextlib.closing(Town(migrated(server.url("town"), tmp_path / "var"), tmp_path)) as town:
            town.fill(40)
            town.open_phones()
            on_postgres(town, server, count, 1)
    whole(count, 1)
