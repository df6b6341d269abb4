"""The audit trail: it holds whatever was seen and done at a desk, and says so when somebody lays hands on it."""

import re
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Blueprint
from sqlalchemy import delete, update

from server import administration, archive
from server.commands import main
from server.dashboard.trail_words import ACTIONS, FAMILIES
from server.store import trail
from server.store.engine import reading, retried
from server.store.tables import scopes
from server.store.tables import trail as table
from server.store.trail import Asked
from sync.codec import stamp
from tests.server.phone import vitals
from tests.village import ANA, BEN, LEA, OTHER, SUE, TOWNSHIP, VILLAGE


@pytest.fixture
def seen(village):
    """Sue and Lea looked at things all morning."""

    def look(person, action, **where):
        village.write(lambda c: trail.write(c, person, stamp(village.time), action, **where))
        village.later(minutes=1)

    look(SUE, "look.overview", area=TOWNSHIP, detail={"period": "2026-11"})
    look(LEA, "look.overview", area=VILLAGE)
    look(SUE, "look.resident", area=VILLAGE, resident="r-1")
    look(SUE, "look.record", area=VILLAGE, resident="r-1", record="f-1")
    look(LEA, "look.resident", area=OTHER, resident="r-2")
    look(SUE, "lookalike", area=OTHER)
    return village


def read(village, asked=trail.EVERYTHING, **more):
    with reading(village.engine) as connection:
        steps, before = trail.read(connection, asked, **more)
    return [(step.person, step.action) for step in steps], before


def test_an_auditor_asks_who_saw_a_person_what_somebody_did_and_what_happened_in_a_place_or_an_hour(seen):
    assert read(seen, Asked(resident="r-1"))[0] == [(SUE, "look.record"), (SUE, "look.resident")]
    assert read(seen, Asked(person=LEA))[0] == [(LEA, "look.resident"), (LEA, "look.overview")]
    assert read(seen, Asked(action="look", area=OTHER))[0] == [(LEA, "look.resident")]
    assert len(read(seen, Asked(area=TOWNSHIP))[0]) == 6
    assert read(seen, Asked(record="f-1"))[0] == [(SUE, "look.record")]
    assert read(seen, Asked(since="2026-11-21T04:01", until="2026-11-21T04:03"))[0] == [
        (SUE, "look.resident"),
        (LEA, "look.overview"),
    ]
    assert read(seen, Asked(area="%"))[0] == read(seen, Asked(person="p-nobody"))[0] == []


def test_pages_go_on_where_the_last_ended_whatever_comes_in_between_and_of_one_moment_too(village):
    for _ in range(3):
        for person in (SUE, LEA):
            village.write(lambda c, person=person: trail.write(c, person, stamp(village.time), "look.overview"))
    with reading(village.engine) as connection:
        whole = [(step.person, step.entry) for step in trail.read(connection)[0]]
    found, before = [], None
    for _ in range(3):
        with reading(village.engine) as connection:
            steps, before = trail.read(connection, before=before, limit=2)
        found += [(step.person, step.entry) for step in steps]
        village.later(minutes=1)
        village.write(lambda c: trail.write(c, ANA, stamp(village.time), "look.overview"))
    assert found == whole
    assert before is None
    for odd in ("", "x", "~~", "2026~one~person:p-sue", f"2026~{'9' * 30}~x"):
        with pytest.raises(ValueError, match="no place"):
            read(village, before=odd)


def test_what_was_changed_taken_out_or_cut_off_is_noticed(seen):
    assert seen.faults() == []
    mine = table.c.scope == trail.scope_of(SUE)

    statements = (
        update(table).where(mine, table.c.entry == 2).values(resident="r-9"),
        update(table).where(mine, table.c.entry == 2).values(detail='{"a":1}'),
        update(table).where(mine, table.c.entry == 2).values(person=LEA),
        delete(table).where(mine, table.c.entry == 2),
        delete(table).where(mine, table.c.entry == 4),  # the tail
        delete(table).where(mine),
        delete(scopes).where(scopes.c.scope == trail.scope_of(SUE)),
        update(scopes).where(scopes.c.scope == trail.scope_of(SUE)).values(entries=3),
        update(table).where(mine, table.c.entry == 4).values(entry=5),
    )
    kept = [faults_after(seen, statement) for statement in statements]
    assert all(len(faults) >= 1 and all(trail.scope_of(SUE) in fault for fault in faults) for faults in kept), kept
    assert seen.faults() == []


def faults_after(village, statement):
    """What `cunyi verify` would say after a statement that is taken back."""
    with village.engine.connect() as connection, connection.begin() as transaction:
        connection.execute(statement)
        found = trail.verify(connection)[1]
        transaction.rollback()
    return found


def test_two_windows_of_one_person_write_one_chain(village):
    def look():
        for _ in range(5):
            retried(village.engine, lambda c: trail.write(c, SUE, stamp(village.time), "look.overview"))

    windows = [threading.Thread(target=look) for _ in range(4)]
    for window in windows:
        window.start()
    for window in windows:
        window.join()
    assert [row["entry"] for row in village.rows("trail")] == list(range(1, 21))
    assert village.faults() == []


def test_whatever_a_stranger_puts_into_an_address_is_kept_as_far_as_it_fits(village):
    odd = {"area": "4" * 500, "resident": "x\0" * 300, "record": "甲" * 100}
    village.write(lambda c: trail.write(c, SUE, stamp(village.time), "refused", **odd, detail={"page": "\0"}))
    [row] = village.rows("trail")
    assert (len(row["area"]), len(row["resident"]), len(row["record"])) == (16, 64, 64)
    assert village.faults() == []


def test_the_trail_is_no_place_for_records_and_counts_as_none(village, ana):
    ana.save(vitals(150))
    ana.sync()
    before = village.client().get("/metrics").get_data(as_text=True)
    village.write(lambda c: trail.write(c, ANA, stamp(village.time), "look.overview"))
    assert village.client().get("/metrics").get_data(as_text=True) == before
    scope = trail.scope_of(ANA)
    ana.save(vitals(151), scope=scope)
    assert [receipt["status"] for receipt in ana.sync()["receipts"]] == ["deposited"]
    assert ana.get(f"/v1/scopes/{scope}/digest").status_code == 404
    assert village.faults() == []


def test_a_backup_takes_the_trail_along(seen, tmp_path):
    file = tmp_path / "kept.cunyi"
    archive.backup(seen.engine, file, seen.time)
    before = seen.rows("trail")
    seen.write(lambda c: trail.write(c, BEN, stamp(seen.time), "look.overview"))
    archive.restore(seen.engine, file, True, stamp(seen.time), stamp(seen.time), seen.config.identity_key, lambda _: None)
    assert seen.rows("trail") == before
    assert seen.faults() == []


SERVER = Path(administration.__file__).parent


def actions_written() -> set[str]:
    """Every action that a page declares, or that code writes by itself."""
    found, kinds = set(), "|".join(FAMILIES)
    for file in SERVER.glob("**/*.py"):
        if file.name != "trail_words.py":
            found.update(re.findall(rf'"((?:{kinds})\.(?!html)[a-z_]+)"', file.read_text("utf-8")))
    return found - {"package.name"}  # a field of a form


def test_an_auditor_reads_every_action_in_words_of_both_languages(village):
    from server import dashboard
    from server.dashboard.frame import Desk

    desk = Desk(village.app.extensions["cunyi"], Blueprint("again", __name__), lambda: village.time)
    for module in dashboard.MODULES:
        module.register(desk)
    every = desk.actions | actions_written() | {"refused", "deposit.applied", "deposit.refused"}
    assert {"conflict.settle", "twins.decide", "quality.checked", "device.code", "report.step", "resident.reveal"} < every
    assert every - set(ACTIONS) == set()
    assert {action.partition(".")[0] for action in every} <= set(FAMILIES)
    for zh, en in (*ACTIONS.values(), *FAMILIES.values()):
        assert not zh.isascii()
        assert en.isascii()
    assert len({zh for zh, _ in ACTIONS.values()}) == len(ACTIONS)


def test_an_id_that_is_too_long_for_the_name_of_a_scope_has_a_chain_all_the_same(village):
    long, twin = "p-" + "a" * 62, "p-" + "a" * 61 + "b"
    for person in (long, twin, long):
        village.write(lambda c, person=person: trail.write(c, person, stamp(village.time), "look.overview"))
    assert [len(trail.scope_of(person)) for person in (long, twin, "p-" + "a" * 55, SUE)] == [64, 64, 64, 12]
    assert sorted(row["entry"] for row in village.rows("trail")) == [1, 1, 2]
    assert read(village, Asked(person=long))[0] == [(long, "look.overview")] * 2
    assert village.faults() == []


def test_what_an_operator_does_on_the_server_stands_in_the_trail(village, ana):
    device, runner = village.device_of(ana), CliRunner()
    asked = (("code", ANA), ("grant", ANA, "tb"), ("ungrant", ANA, "tb"), ("retire", device), ("revoke", device))
    environment = {
        "CUNYI_DATABASE_URL": village.config.database_url.render_as_string(hide_password=False),
        "CUNYI_DATA_DIR": str(village.config.data_dir),
    }
    for words in asked:
        done = runner.invoke(main, words, env=environment)
        assert done.exit_code == 0, done.output
    back = runner.invoke(main, ("retire", device), env=environment)
    assert back.exit_code == 1
    assert "revoked" in back.output
    told = [(row["person"], row["action"]) for row in village.rows("trail")]
    assert told == [("shell", a) for a in ("device.code", "grant.give", "grant.withdraw", "device.status", "device.status")]
