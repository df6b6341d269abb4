"""Backup and restore, on each engine and from one to the other: whole, or not at all."""

import gzip
import json
import zlib

import pytest
from sqlalchemy import select

from server import archive
from server.store import migrate, verify
from server.store.deployment import WrongKeyError, deployment
from server.store.engine import open_engine, reading
from server.store.tables import metadata
from tests.server.conftest import NOON, Village, config_of
from tests.server.phone import Phone, RefusedError, vitals
from tests.village import ANA, BEN, VILLAGE

UNTIL, NOW = "2026-12-05T04:00:00.000Z", "2026-11-21T04:00:00.000Z"
NEW = {"settings", "actor_states", "enrolment_codes", "journal"}  # tables in which a restore itself writes
KEY = bytes.fromhex("5a" * 32)


def content(engine):
    with reading(engine) as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for name, table in metadata.tables.items()
        }


@pytest.fixture
def full(village, ana, ben, tmp_path):
    """A village with records, deposits and every kind of odd text; and its backup."""
    record = ana.save(vitals(150) | {"note": {"text": "血压 \u2028 \"'\\ 𠮷 \r\n"}})
    ana.save({"vitals": {"systolic_mmhg": 1.5}}, record)
    ana.sync()
    ben.sync()
    ben.save(vitals(160), record)
    ben.sync()
    village.access.new_code(ANA)
    file = tmp_path / "backup.gz"
    told = archive.backup(village.engine, file, NOON)
    assert "1 records, 3 log entries" in told
    assert sorted(path.name for path in tmp_path.iterdir() if "backup" in path.name) == ["backup.gz"]
    return file


def restore(engine, file, key, *, replace=False, journal_of=lambda _: None):
    return archive.restore(engine, file, replace, UNTIL, NOW, key, journal_of)


def fresh(village, tmp_path, name="other.db"):
    config = config_of(f"sqlite:///{tmp_path / name}", tmp_path / "other")
    engine = open_engine(config.database_url, village.config.sealing_key)
    migrate.upgrade(engine)
    return engine


def test_a_village_comes_back_whole_under_a_new_epoch(village, ana, full):
    before, key = content(village.engine), village.config.identity_key
    ana.save(vitals(1))
    ana.sync()
    with pytest.raises(archive.ArchiveError, match="in use"):
        restore(village.engine, full, key)
    assert "1 records and 3 log entries of 2026-11-21" in restore(
        village.engine, full, key, replace=True, journal_of=village.journal.entries
    )
    after = content(village.engine)
    assert {n: rows for n, rows in after.items() if n not in NEW} == {n: rows for n, rows in before.items() if n not in NEW}
    assert village.faults() == []
    settings, former = dict(after["settings"]), dict(before["settings"])
    assert settings["epoch"] != former["epoch"]
    assert settings["actor"] != former["actor"]
    assert settings["server"] == former["server"]
    assert settings["healing_until"] == UNTIL
    assert all(row["used_at"] for row in village.rows("enrolment_codes"))


def test_after_a_restore_codes_and_tokens_are_void_and_a_phone_makes_the_server_whole(village, ana, ben, full):
    lost = ana.save(vitals(99))
    ana.sync()
    ben.sync()
    code, assertion = village.access.new_code(BEN), ana.fresh_assertion()
    restore(village.engine, full, village.config.identity_key, replace=True, journal_of=village.journal.entries)
    assert ana.get("/v1/me").status_code == 401
    with pytest.raises(RefusedError, match="nonce-required"):
        ana.ask(200, "/v1/token", {"assertion": assertion}, access=None)
    with pytest.raises(RefusedError, match="wrong-code"):
        Phone(village.client()).enrol(code)
    told = ben.renew().send(ben.request([]))
    assert told["digests"][VILLAGE]["count"] == 1
    ben.epoch, ben.nonce, ben.checkpoints = told["epoch"], told["nonce"], {}
    assert ben.sync([], [ben.state(lost)])["merged"] == [
        {"record": lost, "seen": {ana.actor: 3}}
    ]  # Ana's words, from Ben's phone
    assert village.phone(ANA).sync()["digests"][VILLAGE]["count"] == 2
    assert village.faults() == []


@pytest.mark.postgres
@pytest.mark.parametrize(("source", "target"), [("sqlite", "postgres"), ("postgres", "sqlite")])
def test_a_village_that_outgrew_its_engine_moves_to_the_other(both, tmp_path, source, target):
    village = Village(config_of(both[source].url, tmp_path / "keys"))
    ana = village.phone(ANA)
    record = ana.save(vitals(150) | {"note": {"text": "血压 \u2028 𠮷 \x7f"}}, subject="王")
    ana.save({"vitals": {"systolic_mmhg": 1.5}}, record)
    ana.sync()
    before, file = content(both[source]), tmp_path / "b.gz"
    archive.backup(both[source], file, NOON)
    restore(both[target], file, KEY)
    after = content(both[target])
    assert {n: rows for n, rows in after.items() if n not in NEW} == {n: rows for n, rows in before.items() if n not in NEW}
    with reading(both[target]) as connection:
        assert verify.verify(connection).faults == []
    again = tmp_path / "again.gz"
    archive.backup(both[target], again, NOON)
    mine, theirs = (gzip.decompress(path.read_bytes()).splitlines() for path in (file, again))
    records = [[line for line in lines if b"systolic" in line] for lines in (mine, theirs)]
    assert records[0] == records[1] != []  # byte for byte
    moved = Village(config_of(both[target].url, tmp_path / "keys"))
    ana.http = moved.client()
    assert ana.renew().send(ana.request([]))["digests"][VILLAGE]["count"] == 1
    for place in (village, moved):
        place.engine.dispose()


def test_a_backup_that_was_cut_or_changed_is_not_taken_and_nothing_changes(village, full, tmp_path):
    engine, whole = fresh(village, tmp_path), full.read_bytes()
    empty = content(engine)
    bad = tmp_path / "bad.gz"
    text = gzip.decompress(whole)
    lines = text.splitlines(keepends=True)
    damaged = [whole[:n] for n in (0, 1, 10, len(whole) // 3, len(whole) - 1)]
    damaged += [
        whole[:n] + bytes([whole[n] ^ 1]) + whole[n + 1 :] for n in range(64, len(whole), 29)
    ]  # behind the name in the heading
    damaged += [b"", b"plain", text, gzip.compress(b""), gzip.compress(b"{}\n"), gzip.compress(b"\xff\n")]
    damaged += [
        gzip.compress(b"".join(lines[:-1])),
        gzip.compress(b"".join(lines[:2] + lines[3:])),
        gzip.compress(text.replace(b"150", b"151", 1)),
    ]
    damaged += [gzip.compress(b"".join(lines) + b"{}\n"), gzip.compress(text[:-1] + b"\n\n"), gzip.compress(b"[]\n5\n")]
    for data in damaged:
        if unharmed(data, text):
            continue  # the bit was one of those that fill up the last byte
        bad.write_bytes(data)
        with pytest.raises(archive.ArchiveError):
            restore(engine, bad, village.config.identity_key)
    assert content(engine) == empty
    assert "1 records" in restore(engine, full, village.config.identity_key)
    engine.dispose()


def unharmed(data, text):
    try:
        return gzip.decompress(data) == text
    except (OSError, EOFError, zlib.error):
        return False


def resealed(file, into, edit):
    """A backup whose lines were changed by one who also renews its hash."""
    import hashlib

    lines = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    edit(lines)
    body = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines[:-1])
    end = lines[-1] | {"sha256": hashlib.sha256(body.encode()).hexdigest()}
    into.write_bytes(gzip.compress((body + json.dumps(end) + "\n").encode()))
    return into


def test_a_backup_of_another_key_schema_format_or_count_is_not_taken(village, full, tmp_path):
    engine, key = fresh(village, tmp_path), village.config.identity_key
    empty = content(engine)
    with pytest.raises(WrongKeyError):
        restore(engine, full, bytes(32))
    others = {
        "schema": lambda lines: lines[0].update(revision="0000"),
        "format": lambda lines: lines[0].update(format="cunyi-backup-9"),
        "counts": lambda lines: lines[-1]["counts"].update(people=99),
    }
    for named, edit in others.items():
        with pytest.raises(archive.ArchiveError, match=named):
            restore(engine, resealed(full, tmp_path / "b.gz", edit), key)
    assert content(engine) == empty
    engine.dispose()


def test_a_backup_that_cannot_be_written_leaves_the_former_one(village, full, tmp_path, monkeypatch):
    before = full.read_bytes()
    with pytest.raises(archive.ArchiveError):
        archive.backup(village.engine, tmp_path / "no" / "such" / "folder.gz", NOON)
    monkeypatch.setattr(archive, "_sync_to_disk", lambda file: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(archive.ArchiveError, match="disk full"):
        archive.backup(village.engine, full, NOON)
    assert full.read_bytes() == before
    assert not full.with_name("backup.gz.part").exists()


def test_a_backup_is_one_picture_while_the_village_works_on(village, ana, tmp_path, monkeypatch):
    """An exchange in the middle of the backup is in it as a whole, or not at all."""
    ana.save(vitals(1))
    ana.sync()
    dump, late = archive._dump, []

    def interrupted(connection, table, write):
        if table.name == "records" and not late:
            late.append(ana.save(vitals(2)))
            ana.sync()
        return dump(connection, table, write)

    monkeypatch.setattr(archive, "_dump", interrupted)
    archive.backup(village.engine, tmp_path / "b.gz", NOON)
    engine = fresh(village, tmp_path)
    restore(engine, tmp_path / "b.gz", village.config.identity_key)
    with reading(engine) as connection:
        assert verify.verify(connection).faults == []
        assert deployment(connection) is not None
    engine.dispose()
