"""The server runs as a role that may add to the trail and the log and change neither; and without the trail nothing is told."""

import uuid

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from server.commands import main
from server.dashboard import frame
from server.store import roles
from server.store.engine import retried, writing
from tests.server.conftest import Village, config_of
from tests.server.phone import vitals
from tests.server.test_decision_pages import Desk
from tests.village import ANA, SUE, VILLAGE


@pytest.fixture
def restricted(a_postgres, tmp_path):
    """A server whose database another role owns."""
    from tests.conftest import _admin

    role, name = (f"cunyi_{kind}_{uuid.uuid4().hex[:8]}" for kind in ("role", "base"))
    _admin(a_postgres, f"CREATE ROLE {role} LOGIN")
    _admin(a_postgres, f"CREATE DATABASE {name}")
    owner, config = a_postgres.url(name), config_of(a_postgres.url(name), tmp_path / "var")
    environment = {"CUNYI_DATABASE_URL": owner, "CUNYI_DATA_DIR": str(tmp_path / "var")}
    environment |= {"CUNYI_IDENTITY_KEY": "5a" * 32, "CUNYI_SEALING_KEY": "7b" * 32}
    done = CliRunner().invoke(main, ["migrate", "--role", role], env=environment)
    assert done.output.endswith(f"{role} may run the server.\n"), done.output
    village = Village(config_of(config.database_url.set(username=role).render_as_string(hide_password=False), tmp_path / "var"))
    yield village
    village.engine.dispose()
    _admin(a_postgres, f"DROP DATABASE {name} WITH (FORCE)")
    _admin(a_postgres, f"DROP ROLE {role}")


@pytest.mark.postgres
def test_the_role_does_all_that_a_server_does_and_changes_nothing_that_was_written(restricted):
    ana = restricted.phone(ANA)
    visit = ana.save(vitals(150))
    ana.sync()
    ana.save(vitals(151), visit)
    ana.sync()
    restricted.exchange.moving.due()
    restricted.app.extensions["cunyi"].standings.refresh_all()
    assert "151" in str(ana.shows(visit))
    Desk(restricted, SUE).open(f"/areas/{VILLAGE}")
    assert restricted.faults() == []
    assert restricted.rows("trail")
    assert restricted.rows("edits")
    for table, column in (("trail", "at"), ("edits", "at"), ("journal", "what"), ("report_parts", "hash")):
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(ProgrammingError, match="permission denied"), writing(restricted.engine) as connection:
                connection.execute(text(statement))


def test_where_there_is_no_such_role_it_is_said(village):
    with pytest.raises(roles.NoRolesError, match=r"no role 'nobody'|SQLite has no roles"):
        retried(village.engine, lambda c: roles.grant(c, "nobody"))


@pytest.mark.parametrize("path", [f"/areas/{VILLAGE}/residents", "/changes", "/queue"])
def test_a_page_is_not_shown_where_the_trail_takes_no_entry(village, ana, monkeypatch, path):
    ana.save({"identity": {"name": "王秀兰"}}, type="resident")
    ana.sync()
    sue = Desk(village, SUE)
    before = village.rows("trail")

    def full(*_, **__):
        raise OSError("no space left on the device")

    monkeypatch.setattr(frame.trail, "write", full)
    answer = sue.client.get(f"/dashboard{path}")
    assert answer.status_code == 500
    assert "王秀兰" not in answer.get_data(as_text=True)
    monkeypatch.undo()
    assert village.rows("trail") == before
