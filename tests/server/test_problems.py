"""Every error leaves as a problem that says what to do; when the database is down nothing is acknowledged."""

import contextlib

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from server.problems import CATALOGUE
from server.store import migrate
from server.store.engine import open_engine
from tests import postgres
from tests.server.conftest import Village, config_of
from tests.server.phone import vitals


def is_problem(answer, status, name):
    told = answer.get_json()
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert (told["status"], told["type"]) == (status, f"/problems/{name}")
    assert told["title"]
    assert told["detail"]
    return True


def test_a_wrong_address_and_a_wrong_method_are_problems(ana):
    for path in ("/nowhere", "/v1", "/v1/", "/v1/sync/", "/v1/scopes//digest", "/v1/scopes/a/b/digest", "/%00", "/v1/%ff"):
        assert is_problem(ana.get(path), 404, "not-found")
    for method, path, allowed in (
        ("GET", "/v1/sync", "OPTIONS, POST"),
        ("DELETE", "/v1/me", "GET, HEAD, OPTIONS"),
        ("BREW", "/", "GET, HEAD, OPTIONS"),
    ):
        answer = ana.call(method, path)
        assert is_problem(answer, 405, "method-not-allowed")
        assert answer.headers["Allow"] == allowed


def test_a_crash_is_a_problem_that_tells_no_secret(village, ana, monkeypatch, caplog):
    secret = "王 411499199001011234"

    def crash(*_):
        raise RuntimeError(secret)

    monkeypatch.setattr(village.exchange, "digest", crash)
    monkeypatch.setattr(village.exchange, "records", crash)
    for way in ("digest", "records"):
        answer = ana.get(f"/v1/scopes/{ana.scope}/{way}")
        assert is_problem(answer, 500, "internal")
        assert "4114991990" not in answer.get_data(as_text=True) + caplog.text
        assert "in crash" in caplog.text  # where it was


def test_no_word_of_a_record_is_in_the_log_when_the_server_fails(village, ana, monkeypatch, caplog):
    """A statement that fails knows the record it was to write; the operator who reads the log must not."""
    from sqlalchemy import text

    from server.store.scope import ScopeWriter

    def broken(self):
        self._connection.execute(text("INSERT INTO records (scope, type) VALUES (:said, 'x')"), {"said": "CANARY 肺结核"})

    monkeypatch.setattr(ScopeWriter, "finish", broken)
    ana.save(vitals(150))
    assert ana.post("/v1/sync", ana.request()).status_code in (500, 503)
    assert any(record.levelname in ("ERROR", "WARNING") for record in caplog.records)
    assert "CANARY" not in caplog.text


def test_a_pool_that_is_exhausted_is_a_503(village, ana, monkeypatch):
    def full(*_):
        raise PoolTimeoutError("QueuePool limit reached")

    monkeypatch.setattr(village.exchange, "digest", full)
    answer = ana.get(f"/v1/scopes/{ana.scope}/digest")
    assert is_problem(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def unavailable(phone):
    """Every door says 503 with Retry-After; the process itself still answers."""
    doors = [
        ("GET", "/v1/me"),
        ("POST", "/v1/sync"),
        ("POST", "/v1/actors"),
        ("GET", f"/v1/scopes/{phone.scope}/digest"),
        ("GET", "/readyz"),
    ]
    for method, path in doors:
        answer = phone.call(method, path, data=b"{}")
        assert is_problem(answer, 503, "unavailable")
        assert int(answer.headers["Retry-After"]) > 0
    answer = phone.post("/v1/token", {"assertion": phone.assertion("")}, None)
    assert is_problem(answer, 503, "unavailable")
    assert phone.get("/healthz").status_code == 200
    front = phone.get("/")
    assert front.status_code == 503
    assert "暂时不能工作" in front.get_data(as_text=True)


def test_without_its_file_the_server_says_so_and_goes_on_when_it_is_back(tmp_path):
    config = config_of(f"sqlite:///{tmp_path / 'db' / 'cunyi.db'}", tmp_path / "var")
    engine = open_engine(config.database_url, config.sealing_key)
    migrate.upgrade(engine)
    engine.dispose()
    village = Village(config)
    ana = village.phone()
    assert ana.get("/readyz").get_json() == {"status": "ready"}
    village.engine.dispose()
    (tmp_path / "db").rename(tmp_path / "away")
    unavailable(ana)
    (tmp_path / "away").rename(tmp_path / "db")
    ana.save(vitals(150))
    assert [receipt["status"] for receipt in ana.sync()["receipts"]] == ["accepted"]
    assert "服务正常" in ana.get("/").get_data(as_text=True)
    village.engine.dispose()


def test_a_database_that_was_never_migrated_is_a_503(tmp_path):
    from server import create_app

    app = create_app(config_of(f"sqlite:///{tmp_path / 'empty.db'}", tmp_path / "var"))
    assert is_problem(app.test_client().get("/readyz"), 503, "unavailable")
    assert is_problem(app.test_client().get("/v1/me"), 503, "unavailable")
    app.extensions["cunyi"].engine.dispose()


@pytest.mark.postgres
def test_when_postgres_stops_nothing_is_acknowledged_and_it_goes_on_without_a_restart(tmp_path, a_postgres):
    """A server of its own, for it is stopped and killed."""
    own = postgres.Postgres()
    with contextlib.closing(own):
        village = None
        engine = open_engine(config_of(own.url("postgres"), tmp_path).database_url)
        migrate.upgrade(engine)
        engine.dispose()
        village = Village(config_of(own.url("postgres"), tmp_path))
        ana = village.phone()
        for mode in ("fast", "immediate"):
            ana.save(vitals(150))
            body = ana.request()
            own.stop(mode)
            assert is_problem(ana.post("/v1/sync", body), 503, "unavailable")
            unavailable(ana)
            own.start()
            ana.absorb(body, ana.send(body))
            assert ana.outbox == []
        assert [row["outcome"] for row in village.rows("edits")] == ["accepted", "accepted"]
        village.engine.dispose()


def test_a_transaction_that_the_database_breaks_off_is_done_again_and_counts_once(village, ana, monkeypatch):
    """A serialization failure in the middle of an exchange."""
    from sqlalchemy.exc import OperationalError

    from server.store.scope import ScopeWriter

    class Broken(Exception):  # noqa: N818
        sqlstate = "40001"

    finish, tries = ScopeWriter.finish, []

    def breaks(self):
        tries.append(1)
        head = finish(self)
        if len(tries) < 3:
            raise OperationalError("COMMIT", {}, Broken())
        return head

    monkeypatch.setattr(ScopeWriter, "finish", breaks)
    ana.save(vitals(150))
    assert [receipt["status"] for receipt in ana.sync()["receipts"]] == ["accepted"]
    assert len(tries) == 3
    assert len(village.rows("edits")) == 1
    assert village.faults() == []


def test_the_catalogue_of_problems_is_whole():
    assert all(
        kind.name == name and 400 <= kind.status < 600 and kind.title and kind.remedy for name, kind in CATALOGUE.items()
    )


def test_a_monitor_reads_counts_and_nobodys_name(ana, village):
    ana.save(vitals(150))
    ana.sync()
    text = village.client().get("/metrics").get_data(as_text=True)
    assert "cunyi_records 1\n" in text
    assert "cunyi_log_entries 1\n" in text
    assert 'cunyi_devices{status="active"} 1\n' in text
    assert "Ana" not in text
