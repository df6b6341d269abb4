"""Migrations: from nothing to the newest schema and back, on both engines, without drift from the tables."""

import uuid

import pytest
from sqlalchemy import inspect, make_url, text

from server.store import migrate
from server.store.engine import open_engine, reading, writing
from server.store.tables import metadata
from tests.conftest import _admin


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request, tmp_path):
    """A database with nothing in it."""
    name, server = f"cunyi_empty_{uuid.uuid4().hex[:8]}", None
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    if request.param == "postgres":
        server = request.getfixturevalue("a_postgres")
        _admin(server, f"CREATE DATABASE {name}")
        url = server.url(name)
    engine = open_engine(make_url(url).set(drivername="postgresql+psycopg") if server else make_url(url))
    yield engine
    engine.dispose()
    if server:
        _admin(server, f"DROP DATABASE {name} WITH (FORCE)")


def there(engine):
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def revision(engine):
    with reading(engine) as connection:
        return migrate.present(connection)


def test_an_empty_database_gets_the_whole_schema_loses_it_and_gets_it_again(empty):
    assert (revision(empty), there(empty)) == (None, set())
    for _ in range(2):
        migrate.upgrade(empty)
        assert (revision(empty), there(empty)) == (migrate.newest(), set(metadata.tables))
        migrate.check(empty)
        migrate.downgrade(empty)
        assert (revision(empty), there(empty)) == (None, set())


def test_the_step_to_grants_keeps_what_was_there_and_back_again(empty):
    """A deployment of the first schema: its people, a deposit that waits. Nobody has a grant until somebody gives one."""
    kept = {"scope": "v", "deposit": "d" * 64, "reason": "malformed", "device": "d1", "person": "p-1"}
    kept |= {"received_at": "2026-11-21T04:00:00.000Z", "body": '{"a": 1}', "state": "waiting"}
    migrate.upgrade(empty, "0001")
    with writing(empty) as connection:
        connection.execute(text("INSERT INTO people (id, name, role, active) VALUES ('p-1', '王', 'village_doctor', true)"))
        names = ", ".join(kept)
        connection.execute(text(f"INSERT INTO deposits ({names}) VALUES (:{names.replace(', ', ', :')})"), kept)
    for _ in range(2):
        migrate.upgrade(empty, "0002")
        with reading(empty) as connection:
            [row] = connection.execute(text("SELECT * FROM deposits")).mappings()
            assert {name: row[name] for name in kept} == kept
            assert (row["decided_at"], row["decision"]) == (None, None)
            assert connection.scalar(text("SELECT count(*) FROM grants")) == 0
            assert connection.scalar(text("SELECT name FROM people")) == "王"
        migrate.downgrade(empty, "0001")
        assert "grants" not in there(empty)
    migrate.upgrade(empty)
    migrate.check(empty)


def test_the_step_to_what_became_of_a_deposit_keeps_what_was_decided_and_back_again(empty):
    kept = {"scope": "v", "deposit": "d" * 64, "reason": "malformed", "device": "d1", "person": "p-1", "state": "refused"}
    kept |= {"received_at": "2026-11-21T04:00:00.000Z", "body": "{}", "decided_at": "2026-11-22T04:00:00.000Z"}
    kept |= {"decision": "重复", "decided_by": "p-2"}
    migrate.upgrade(empty, "0004")
    with writing(empty) as connection:
        names = ", ".join(kept)
        connection.execute(text(f"INSERT INTO deposits ({names}) VALUES (:{names.replace(', ', ', :')})"), kept)
    for step, found in (("0005", True), ("0004", False), ("0005", True)):
        (migrate.upgrade if found else migrate.downgrade)(empty, step)
        with reading(empty) as connection:
            [row] = connection.execute(text("SELECT * FROM deposits")).mappings()
            assert {name: row[name] for name in kept} == kept
        names = {index["name"] for index in inspect(empty).get_indexes("deposits")}
        assert ("ix_deposits_person_decided_at" in names) is found


def test_to_migrate_again_changes_nothing(empty):
    migrate.upgrade(empty)
    before = inspect(empty).get_columns("records")
    migrate.upgrade(empty)
    assert str(inspect(empty).get_columns("records")) == str(before)


def test_drift_from_the_tables_is_noticed(empty):
    migrate.upgrade(empty)
    with writing(empty) as connection:
        connection.exec_driver_sql("ALTER TABLE people ADD COLUMN nickname VARCHAR(9)")
    with pytest.raises(Exception, match="nickname"):
        migrate.check(empty)


def test_a_migration_that_fails_leaves_nothing_behind(empty, monkeypatch):
    from alembic import op

    create, made = op.create_table, []

    def breaks(name, *args, **more):
        made.append(name)
        if len(made) == 5:
            raise RuntimeError("the disk is full")
        return create(name, *args, **more)

    monkeypatch.setattr(op, "create_table", breaks)
    with pytest.raises(RuntimeError):
        migrate.upgrade(empty)
    monkeypatch.undo()
    assert there(empty) == set()
    migrate.upgrade(empty)
    assert there(empty) == set(metadata.tables)


def test_what_grows_has_its_village_first_in_every_key():
    for name in ("scopes", "records", "edits", "deposits", "actor_states"):
        table = metadata.tables[name]
        assert [column.name for column in table.primary_key.columns][0] == "scope"  # noqa: RUF015
        assert all(next(iter(index.columns)).name == "scope" for index in table.indexes if index.unique)
        assert not table.foreign_keys
