"""The `cunyi` command: what an operator and an administrator see, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import make_url, update

from server.commands import main
from server.store import migrate
from server.store.engine import open_engine, writing
from server.store.tables import records
from sync.types import CATALOGUE
from tests.server.phone import Phone, RefusedError, vitals
from tests.village import ANA, BEN, LEA, OTHER, TOWNSHIP, VILLAGE

WANG = "0197a0a0-0000-7000-8000-000000000001"


@pytest.fixture
def environment(config):
    """What the shell of the operator has."""
    url = config.database_url.render_as_string(hide_password=False)
    return {"CUNYI_DATABASE_URL": url, "CUNYI_DATA_DIR": str(config.data_dir)}


@pytest.fixture
def cunyi(environment):
    """The command in this process; `done` of the exit status that is expected."""

    def run(*words, done=0):
        told = CliRunner().invoke(main, words, env=environment)
        assert told.exit_code == done, told.output
        assert told.exception is None or isinstance(told.exception, SystemExit)
        return told.output

    return run


def test_everybody_is_listed_with_scopes_and_last_sync(village, ana, cunyi):
    assert {row["last_sync"] for row in json.loads(cunyi("people", "--json"))} == {None}
    ana.sync()
    people = {row["id"]: row for row in json.loads(cunyi("people", "--json"))}
    assert people[ANA] == {
        "id": ANA,
        "name": "Ana",
        "role": "village_doctor",
        "active": True,
        "scopes": {VILLAGE: {"write": True}, TOWNSHIP: {"write": False}},
        "grants": {},
        "last_sync": "2026-11-21T04:00:00.000Z",
    }
    assert people[LEA]["scopes"] == {VILLAGE: {"write": True}, OTHER: {"write": True}, TOWNSHIP: {"write": False}}
    table = cunyi("people")
    assert "p-ana" in table
    assert VILLAGE in table
    assert "None" not in table


def test_a_code_is_on_the_last_line_and_enrols_one_phone(village, cunyi):
    code = cunyi("code", ANA).splitlines()[-1]
    assert Phone(village.client()).enrol(code).person == ANA
    with pytest.raises(RefusedError):
        Phone(village.client()).enrol(code)


def test_a_code_on_the_last_line_lets_somebody_choose_a_password(village, cunyi):
    code = cunyi("password", ANA).splitlines()[-1]
    form = {"person": ANA, "code": code, "new": "every third hen is brown", "again": "every third hen is brown"}
    assert village.client().post("/dashboard/password", data=form).status_code == 303
    assert village.client().post("/dashboard/password", data=form).status_code == 403
    assert village.client().post("/dashboard/login", data={"person": ANA, "password": form["new"]}).status_code == 303
    assert "no active person" in cunyi("password", "p-nobody", done=1)
    assert json.loads(cunyi("verify", "--json"))["trail"] == 4


def test_devices_tell_what_is_still_on_them(village, ana, cunyi):
    ana.sync(outbox=3, app="cunyi-py 0.1.0", now="2026-11-21T13:00:00+08:00")
    [row] = json.loads(cunyi("devices", "--json"))
    assert (row["person"], row["unsent"], row["app"], row["clock_offset_s"], row["status"]) == (
        ANA,
        3,
        "cunyi-py 0.1.0",
        -3600,
        "active",
    )
    assert row["actor"] == ana.actor
    ana.new_actor()
    assert len(json.loads(cunyi("devices", "--json"))) == 1
    assert "Redmi 9A" in cunyi("devices")


def test_a_lost_phone_is_revoked_and_an_old_one_retired_at_the_next_request(village, ana, ben, cunyi):
    assert "is revoked" in cunyi("revoke", village.device_of(ana))
    assert "is retired" in cunyi("retire", village.device_of(ben))
    assert ana.get("/v1/me").status_code == 403
    assert ben.sync()["wipe"] is True
    assert {row["status"] for row in json.loads(cunyi("devices", "--json"))} == {"revoked", "retired"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("code", "nobody"), "cunyi people"),
        (("ungrant", BEN, "tb"), "cunyi people"),
        (("deposits", "apply", "0"), "cunyi deposits"),
        (("deposits", "refuse", "0", "--reason", "x"), "cunyi deposits"),
        (("retire", "nothing"), "cunyi devices"),
        (("revoke", "nothing"), "cunyi devices"),
        (("move", "nobody", OTHER), "nothing is known"),
        (("move", WANG, "000000000000"), "no village"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(village, cunyi, words, says):
    told = cunyi(*words, done=1)
    assert told.startswith("Error: ")
    assert says in told
    assert len(told.splitlines()) == 1


def test_wrong_words_are_refused_with_usage(village, cunyi, tmp_path):
    for words in (
        ("nonsense",),
        ("code",),
        ("healing", "ajar"),
        ("restore", str(tmp_path / "none.gz")),
        ("serve", "--port", "x"),
        ("backup",),
        ("people", "--xml"),
    ):
        assert "Usage: " in cunyi(*words, done=2)
    assert "verify" in cunyi("--help")
    assert "CUNYI_SECRET_KEY" in cunyi("--help")


def test_a_move_is_told_in_records(village, ana, cunyi):
    ana.save(vitals(150), subject=WANG)
    ana.sync()
    assert cunyi("move", WANG, OTHER) == f"1 records moved to {OTHER}.\n"
    assert cunyi("move", WANG, OTHER) == f"0 records moved to {OTHER}.\n"


def test_who_has_an_address_elsewhere_is_found_and_moved(village, ana, cunyi, monkeypatch):
    monkeypatch.setattr("server.moving.Moving.follow", lambda *_: None)
    ana.save({"residence": {"area_code": OTHER}}, WANG, type="resident", subject=WANG)
    ana.sync()
    assert cunyi("move", "--due") == "1 residents and households moved to where their address says.\n"
    assert cunyi("move", "--due") == "0 residents and households moved to where their address says.\n"
    for words in ((), (WANG,), ("--due", WANG)):
        assert "Usage: " in cunyi("move", *words, done=2)


def test_a_grant_is_given_shown_and_withdrawn(village, ana, cunyi):
    assert "is granted tb, since " in cunyi("grant", ANA, "tb")
    assert "has that already" in cunyi("grant", ANA, "tb")
    assert "until 2099-01-01" in cunyi("grant", ANA, "smd", "--since", "2026-01-01", "--until", "2099-01-01")
    people = {row["id"]: row for row in json.loads(cunyi("people", "--json"))}
    assert people[ANA]["grants"]["smd"] == {"since": "2026-01-01", "until": "2099-01-01"}
    assert list(people[ANA]["scopes"]) == [VILLAGE, f"{VILLAGE}:smd", f"{VILLAGE}:tb", TOWNSHIP]
    assert people[BEN]["grants"] == {}
    assert "smd tb" in cunyi("people")
    assert "no longer granted tb" in cunyi("ungrant", ANA, "tb")
    assert "is not granted tb" in cunyi("ungrant", ANA, "tb", done=1)
    assert "cunyi people" in cunyi("grant", "nobody", "tb", done=1)
    for words in (("grant", ANA, "hiv"), ("grant", ANA, "tb", "--since", "2026-02-01", "--until", "2026-02-01")):
        assert "Usage: " in cunyi(*words, done=2)


def test_what_was_set_aside_is_listed_applied_and_refused(village, ana, ben, cunyi):
    for pressure in (150, 160):
        ben.save(vitals(pressure))
    village.set_status(ben, "retired")
    ben.sync()
    first, second = (row["id"] for row in json.loads(cunyi("deposits", "--json")))
    assert "account-disabled" in cunyi("deposits")
    assert cunyi("deposits", "apply", first) == f"{first} is applied: accepted.\n"
    assert "no deposit waits" in cunyi("deposits", "apply", first, done=1)
    assert "Usage: " in cunyi("deposits", "refuse", second, done=2)
    assert cunyi("deposits", "refuse", second, "--reason", "又一次") == f"{second} is refused.\n"
    assert json.loads(cunyi("deposits", "--json")) == []
    assert [row["state"] for row in json.loads(cunyi("deposits", "--all", "--json"))] == ["applied", "refused"]
    ana.save({"vitals": {"systolic_mmhg": 1.5}})
    ana.sync()
    [unfit] = json.loads(cunyi("deposits", "--json"))
    assert "malformed" in cunyi("deposits", "apply", unfit["id"], done=1)


def test_verify_ends_with_0_when_all_is_well_and_with_1_when_not(village, ana, cunyi):
    record = ana.save(vitals(150))
    ana.sync()
    assert "1 log entries, 1 records: 0 faults." in cunyi("verify")
    told = json.loads(cunyi("verify", "--json"))
    assert (told["entries"], told["records"], told["faults"]) == (1, 1, [])
    village.write(lambda c: c.execute(update(records).values(edits="[]")))
    told = cunyi("verify", done=1)
    assert told.startswith("FAULT ")
    assert record in told
    assert len(json.loads(cunyi("verify", "--json", done=1))["faults"]) >= 1


def test_backup_and_restore_from_the_shell(village, ana, cunyi, tmp_path):
    ana.save(vitals(150))
    ana.sync()
    file = str(tmp_path / "b.gz")
    assert "read back whole" in cunyi("backup", file)
    assert "in use" in cunyi("restore", file, done=1)
    told = cunyi("restore", "--replace", file)
    assert "1 records" in told
    assert "Healing is open until" in told
    assert "0 faults" in cunyi("verify")
    (tmp_path / "bad.gz").write_bytes(Path(file).read_bytes()[:-20])
    assert "no whole backup" in cunyi("restore", "--replace", str(tmp_path / "bad.gz"), done=1)
    assert "cannot be written" in cunyi("backup", str(tmp_path / "no" / "b.gz"), done=1)


def test_healing_is_opened_and_closed(village, cunyi):
    assert "Healing is open until" in cunyi("healing", "open")
    assert dict(tuple(row.values()) for row in village.rows("settings"))["healing_until"] > "2026"
    assert cunyi("healing", "close") == "Healing is closed.\n"
    assert dict(tuple(row.values()) for row in village.rows("settings"))["healing_until"] == ""


def test_the_catalogue_is_printed(village, cunyi):
    assert json.loads(cunyi("types")) == json.loads(json.dumps(CATALOGUE.about))


def on(tmp_path, name="new.db", **more):
    return {"CUNYI_DATABASE_URL": f"sqlite:///{tmp_path / name}", "CUNYI_DATA_DIR": str(tmp_path / "var"), **more}


def run(environment, *words):
    told = CliRunner().invoke(main, words, env=environment)
    assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
    return told.exit_code, told.output


def test_migrate_brings_an_empty_an_old_and_the_newest_database_to_the_newest(tmp_path):
    environment, newest = on(tmp_path), (0, f"The schema is at {migrate.newest()}.\n")
    assert run(environment, "migrate") == run(environment, "migrate") == newest
    engine = open_engine(make_url(environment["CUNYI_DATABASE_URL"]))
    migrate.downgrade(engine)
    engine.dispose()
    assert run(environment, "migrate") == newest
    assert run(environment, "verify")[0] == 0


@pytest.mark.parametrize("words", [("people",), ("code", BEN), ("verify",), ("demo",), ("serve",), ("healing", "open")])
def test_a_database_that_is_not_migrated_is_said_so(tmp_path, words):
    code, told = run(on(tmp_path), *words)
    assert (code, told) == (1, "Error: the database is not at the newest schema: run `cunyi migrate` first\n")


def test_wrong_settings_and_a_database_that_is_not_there_are_said_in_one_line(tmp_path):
    assert run(on(tmp_path), "migrate")[0] == 0
    for more, says in (
        ({"CUNYI_TIME_ZONE": "Mars"}, "CUNYI_TIME_ZONE"),
        ({"CUNYI_SECRET_KEY": "short"}, "CUNYI_SECRET_KEY"),
        ({"CUNYI_IDENTITY_KEY": "00" * 32}, "another identity key"),
        ({"CUNYI_DATABASE_URL": f"postgresql://nobody@/none?host={tmp_path}"}, "does not answer"),
        ({"CUNYI_DATABASE_URL": f"sqlite:///{tmp_path}"}, "does not answer"),
    ):
        code, told = run(on(tmp_path, **more), "people")
        assert (code, told.startswith("Error: ")) == (1, True)
        assert says in told
        assert "Traceback" not in told


def test_a_schema_of_a_newer_release_is_not_touched(tmp_path):
    environment = on(tmp_path)
    run(environment, "migrate")
    engine = open_engine(make_url(environment["CUNYI_DATABASE_URL"]))
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    code, told = run(environment, "migrate")
    assert (code, told.startswith("Error: ")) == (1, True)
    assert "9999" in told


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_real_server_starts_serves_and_stops_when_it_is_told(village, environment):
    """Two real processes: `cunyi code`, and `cunyi serve` until SIGTERM."""
    command, port = [str(Path(sys.executable).parent / "cunyi")], free_port()
    everything = {**os.environ, **environment}
    code = subprocess.run([*command, "code", ANA], env=everything, capture_output=True, text=True, check=True).stdout
    assert len(code.splitlines()[-1]) == 11
    with subprocess.Popen([*command, "serve", "--port", str(port)], env=everything, stderr=subprocess.PIPE) as server:
        try:
            for _ in range(200):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                        assert json.load(answer) == {"status": "ready"}
                        break
                except OSError:
                    time.sleep(0.1)
            else:
                raise AssertionError("it did not start")
        finally:
            server.send_signal(signal.SIGTERM)
            server.stderr.read()
        assert server.wait(30) == 0


@pytest.mark.parametrize("port", ["0", "-1", "65536", "99999"])
def test_a_port_that_no_machine_has_is_refused_before_anything_is_served(cunyi, port):
    assert "is not in the range 1<=x<=65535" in cunyi("serve", "--port", port, done=2)


@pytest.mark.parametrize("asked", [(), ("--check",)])
def test_a_second_server_on_the_same_port_is_told_in_one_line_what_to_do(tmp_path, asked):
    nothing_there = {"CUNYI_DATA_DIR": str(tmp_path / "var"), "CUNYI_DATABASE_URL": ""}
    with socket.socket() as first:
        first.bind(("127.0.0.1", 0))
        first.listen()
        port = first.getsockname()[1]
        told = CliRunner().invoke(main, ["serve", "--port", str(port), *asked], env=nothing_there)
    assert told.exit_code == 1
    (line,) = told.output.splitlines()
    assert line.startswith(
        f"Error: port {port} of 127.0.0.1 is taken: stop the other server (a make run?), or cunyi serve --port "
    )
    assert not (tmp_path / "var").exists(), "a `make run` that cannot serve changes nothing"


def test_an_address_that_is_not_of_this_machine_is_told_in_one_line(cunyi):
    (line,) = cunyi("serve", "--host", "192.0.2.1", "--check", done=1).splitlines()
    assert line.startswith("Error: nothing can be served at port 8000 of 192.0.2.1: ")


def test_a_free_port_is_seen_without_serving_or_a_database(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = CliRunner().invoke(main, ["serve", "--port", str(port), "--check"], env={"CUNYI_DATA_DIR": str(tmp_path / "var")})
    assert (told.exit_code, told.output) == (0, "")
    assert not (tmp_path / "var").exists()
