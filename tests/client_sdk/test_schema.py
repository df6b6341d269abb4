"""A phone file of an earlier release is taken over with everything in it; one of a later release is left alone."""

import json

import pytest

from client_sdk import Client, NewerFileError
from client_sdk.store import Store
from client_sdk.vault import Vault
from tests.client_sdk.afresh import patient, visit
from tests.client_sdk.conftest import PIN, Clock
from tests.client_sdk.test_standings import visits_due

FIRST_RELEASE = """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE base (
        record TEXT PRIMARY KEY, scope TEXT NOT NULL, type TEXT NOT NULL, subject TEXT,
        hash TEXT NOT NULL, contested INTEGER NOT NULL, words TEXT NOT NULL, state TEXT NOT NULL, issues TEXT);
    CREATE INDEX base_scope ON base (scope, record, hash);
    CREATE INDEX base_subject ON base (subject);
    CREATE TABLE outbox (
        position INTEGER PRIMARY KEY, record TEXT NOT NULL, scope TEXT NOT NULL,
        actor TEXT NOT NULL, counter INTEGER NOT NULL, edit TEXT NOT NULL, UNIQUE (actor, counter));
    CREATE INDEX outbox_record ON outbox (record, position);
    CREATE TABLE own (record TEXT PRIMARY KEY, counter INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE set_aside (position INTEGER PRIMARY KEY, record TEXT NOT NULL, reason TEXT NOT NULL, edit TEXT NOT NULL);
    CREATE TABLE checkpoints (scope TEXT PRIMARY KEY, checkpoint TEXT NOT NULL) WITHOUT ROWID;
"""
COLUMNS = {
    "meta": "name, value",
    "base": "record, scope, type, subject, hash, contested, words, state, issues",
    "outbox": "position, record, scope, actor, counter, edit",
    "own": "record, counter",
    "set_aside": "position, record, reason, edit",
    "checkpoints": "scope, checkpoint",
}


def as_the_first_release_left_it(path, there):
    """The same contents in a file with the tables of the first release."""
    now = Vault(path, PIN)
    before = Vault(there, PIN, create=True)
    for statement in FIRST_RELEASE.split(";")[:-1]:
        before.run(statement)
    for table, columns in COLUMNS.items():
        for row in now.rows(f"SELECT {columns} FROM {table}"):
            if row[0] != "made_by":
                before.run(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(row))})", *row)
    now.close()
    before.close()
    return there


def contents(path):
    vault = Vault(path, PIN)
    found = {table: vault.rows(f"SELECT {columns} FROM {table} ORDER BY 1") for table, columns in COLUMNS.items()}
    vault.close()
    found["meta"] = [row for row in found["meta"] if row[0] != "made_by"]
    return found


def test_a_file_of_the_first_release_loses_no_edit_and_learns_to_search_and_to_list(phone, path, tmp_path, line):
    who = patient(phone)
    assert phone.sync().complete
    phone.create("hypertension_visit", visit(systolic=150), subject=who)
    due, found, waiting = phone.due(), phone.search("wxl"), phone.outbox()
    phone.close()
    old = as_the_first_release_left_it(path, tmp_path / "old.db")
    before = contents(old)
    with Client.open(old, pin=PIN, transport=line, now=Clock()) as again:
        assert again.outbox() == waiting
        assert again.search("wxl") == found
        assert again.due() == due
        again.create("hypertension_visit", visit(day="2026-11-20", systolic=130), subject=who)
        assert [edit.dot.counter for edit in again.outbox()] == [3, 4]
        assert visits_due(again) == []
    kept = contents(old)
    assert {table: rows for table, rows in before.items() if table not in ("meta", "outbox", "own")} == {
        table: rows for table, rows in kept.items() if table not in ("meta", "outbox", "own")
    }
    assert kept["outbox"][: len(before["outbox"])] == before["outbox"]
    with Client.open(old, pin=PIN, transport=line, now=Clock()) as again:
        assert again.sync().complete


def test_an_upgrade_that_is_cut_short_is_made_again(phone, path, tmp_path, monkeypatch):
    patient(phone)
    phone.sync()
    due = phone.due()
    phone.close()
    old = as_the_first_release_left_it(path, tmp_path / "old.db")
    before, run = contents(old), Vault.run

    def cut(self, sql, *values):
        if "user_version" in sql:
            raise KeyboardInterrupt
        return run(self, sql, *values)

    monkeypatch.setattr(Vault, "run", cut)
    with pytest.raises(KeyboardInterrupt):
        Store(old, PIN)
    monkeypatch.undo()
    assert contents(old) == before
    with Client.open(old, pin=PIN, now=Clock()) as again:
        assert again.due() == due


def test_a_file_of_a_later_release_is_refused_and_not_touched(phone, path):
    phone.close()
    vault = Vault(path, PIN)
    vault.run("PRAGMA user_version = 99")
    vault.close()
    before = contents(path)
    with pytest.raises(NewerFileError, match="update it"):
        Client.open(path, pin=PIN)
    assert contents(path) == before


def test_what_another_version_of_the_code_has_made_is_made_anew(phone, path):
    patient(phone)
    phone.sync()
    due, found = phone.due(), phone.search("wxl")
    phone._store.vault.run("UPDATE base SET card = NULL, words = ''")
    phone._store.vault.run("UPDATE standings SET due = ''")
    phone._store.vault.run("UPDATE meta SET value = ? WHERE name = 'made_by'", json.dumps("of last year"))
    phone.close()
    with Client.open(path, pin=PIN, now=Clock()) as again:
        assert (again.due(), again.search("wxl"), len(again.find(text="王秀兰"))) == (due, found, 1)
