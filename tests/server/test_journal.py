"""What a restore must not undo, and a restore that nobody announced: the journal, the nonces, what is stopped and begun again."""

import json
import re

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from server import archive, nonces
from server.commands import main
from server.erasing import Erasing
from server.journal import Journal, JournalError, read
from server.problems import Problem
from server.store import accounts, devices, directory, journal
from server.store.deployment import deployment
from server.store.engine import reading
from server.store.tables import metadata
from sync.codec import stamp
from sync.identity import resident_id
from tests.server.asking import Asker
from tests.server.conftest import NOON
from tests.server.phone import Phone, RefusedError, vitals
from tests.village import ANA, BEN, CAM, LEA, OTHER, SUE, VILLAGE, grant

UNTIL = "2026-12-05T04:00:00.000Z"


@pytest.fixture
def kept(village):
    """The server's name, and its journal as it lies beside the data."""
    with reading(village.engine) as connection:
        name = deployment(connection).server
    assert village.journal.keep() is None
    return village.journal.path(name)


@pytest.fixture
def cunyi(village):
    """The command, over the village's own database."""
    environment = {
        "CUNYI_DATABASE_URL": village.config.database_url.render_as_string(hide_password=False),
        "CUNYI_DATA_DIR": str(village.config.data_dir),
    }

    def run(*words, done=0):
        told = CliRunner().invoke(main, words, env=environment)
        assert told.exit_code == done, told.output
        return told.output

    return run


def picture(village):
    """Everything in the database."""
    with reading(village.engine) as connection:
        return [(t, [dict(row._mapping) for row in connection.execute(select(t))]) for t in metadata.sorted_tables]


def go_back(village, before):
    """The database is as it was, and nobody says so."""

    def work(connection):
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        for table, rows in before:
            if rows:
                connection.execute(table.insert(), rows)

    village.write(work)


def stopped(village):
    with reading(village.engine) as connection:
        return deployment(connection).stopped


def lines(file):
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


# -- what is kept


def test_what_is_forbidden_is_written_beside_the_data_at_once_without_a_name_or_a_password(village, ana, kept):
    before = len(lines(kept))
    village.set_status(ana, "revoked")
    village.person(BEN, active=False, name="张三丰")
    village.write(lambda c: accounts.set_password(c, LEA, "argon2 of a secret", stamp(NOON)))
    told = lines(kept)[before:]
    assert [line["what"] for line in told] == ["device", "person", "password"]
    assert told[0]["state"] == {"device": village.device_of(ana), "status": "revoked", "status_at": stamp(NOON)}
    assert told[2]["state"] == {"person": LEA}
    text = kept.read_text("utf-8")
    assert not re.search("张三丰|Ana|argon2|柳树村|一队", text)
    assert kept.stat().st_mode & 0o777 == 0o600
    village.person(BEN, active=False, name="张无忌")  # another name is nothing that a restore must keep
    village.write(lambda c: directory.put_workplaces(c, ANA, [VILLAGE]))  # and so is what was so before
    assert len(lines(kept)) == before + 3


def test_what_is_not_committed_is_not_in_the_journal(village, ana, kept):
    before = kept.read_bytes()

    def fails(connection):
        devices.set_status(connection, village.device_of(ana), "revoked", stamp(NOON))
        raise RuntimeError("the power fails")

    with pytest.raises(RuntimeError):
        village.write(fails)
    village.journal.watch()
    assert kept.read_bytes() == before
    village.set_status(ana, "retired")
    assert [entry.n for entry in read(kept, kept.name.split(".")[1])] == list(range(1, len(lines(kept))))


def test_every_host_has_a_whole_copy(village, ana, kept, tmp_path):
    village.set_status(ana, "retired")
    Journal(village.engine, tmp_path, lambda: NOON).watch()
    server = kept.name.split(".")[1]
    assert list(read(tmp_path / kept.name, server)) == list(read(kept, server))


def test_a_line_that_a_power_cut_left_half_written_is_written_again(village, ana, kept):
    whole = kept.read_bytes()
    for left in (whole[:-1], whole[:-40], whole[: whole.rstrip().rfind(b"\n") + 1]):
        kept.write_bytes(left)
        assert village.journal.keep() is None
        assert [e.n for e in village.journal.entries(kept.name.split(".")[1])] == list(range(1, len(lines(kept))))
    assert len(lines(kept)) == len(whole.splitlines())


def test_a_journal_in_which_a_line_was_changed_or_taken_out_is_not_believed(village, ana, kept, cunyi):
    village.set_status(ana, "revoked")
    whole, server = kept.read_bytes(), kept.name.split(".")[1]
    parts = whole.splitlines(keepends=True)
    for spoilt in (
        whole.replace(b'"revoked"', b'"retired"') + b'{"n":99}\n',
        b"".join(parts[:3] + parts[4:]),
        b"".join(parts[1:]),
        b"".join(parts[:2] + parts[3:4] + parts[2:3] + parts[4:]),
        b"",
        b"nothing\n",
    ):
        kept.write_bytes(spoilt)
        with pytest.raises(JournalError):
            village.journal.entries(server)
        assert "FAULT" in cunyi("verify", done=1)
    kept.write_bytes(whole)
    with pytest.raises(JournalError, match="not the journal of"):
        list(read(kept, "cunyi-other"))
    assert "0 faults" in cunyi("verify")


# -- what a restore does again


@pytest.fixture
def since(village, ana, ben, cam, kept, tmp_path):
    """A backup, and all that was forbidden after it. Ana's second phone was enrolled after it too."""
    village.write(lambda c: grant(c, CAM, "tb"))
    village.write(lambda c: accounts.set_password(c, LEA, "the one she had", stamp(NOON)))
    ana.save(vitals(120))
    ana.sync()
    file = tmp_path / "backup.gz"
    archive.backup(village.engine, file, NOON)
    village.set_status(ana, "revoked")
    village.set_status(ben, "retired")
    village.person(BEN, active=False)
    village.write(lambda c: directory.ungrant(c, CAM, "tb", NOON.date()))
    village.write(lambda c: directory.put_workplaces(c, CAM, [VILLAGE]))
    left = {"team": "t-1", "person": LEA, "duty": "leader", "since": "2026-01-01", "until": "2026-11-21"}
    village.write(lambda c: directory.put_teams(c, [], [left], []))
    village.write(lambda c: directory.put_served(c, "t-1", [OTHER]))
    village.write(lambda c: accounts.set_password(c, LEA, "the new one", stamp(NOON)))
    return file


def forbidden(village, ana, ben):
    """What holds of all that was forbidden."""
    with reading(village.engine) as connection:
        cam = directory.person(connection, CAM)
        return {
            "ana's phone": devices.device(connection, village.device_of(ana)).status,
            "ben's phone": devices.device(connection, village.device_of(ben)).status,
            "ben": directory.person(connection, BEN).active,
            "cam": sorted(directory.scopes_of(connection, cam, NOON.date())),
            "lea": directory.all_teams(connection)["t-1"].present,
            "team": directory.all_teams(connection)["t-1"].villages,
        }


def test_after_a_restore_nothing_is_allowed_again_that_was_forbidden_since(village, ana, ben, since, cunyi):
    before = forbidden(village, ana, ben)
    assert before["ana's phone"] == "revoked"
    second = village.phone(ANA)
    told = cunyi("restore", str(since), "--replace")
    assert forbidden(village, ana, ben) == before
    assert "2 devices retired or revoked" in told
    assert "NOT REPLAYED" not in told
    with pytest.raises(RefusedError, match="revoked"):
        ana.renew()
    second.renew()
    assert second.get("/v1/me").status_code == 200  # enrolled since the backup, and needs no new code
    with reading(village.engine) as connection:
        assert accounts.account(connection, LEA).password is None
    assert village.journal.keep() is None
    assert not stopped(village)
    assert "0 faults" in cunyi("verify")


def test_a_restore_is_as_safe_the_second_time(village, ana, ben, since, cunyi):
    before = forbidden(village, ana, ben)
    for _ in range(2):
        cunyi("restore", str(since), "--replace")
        assert forbidden(village, ana, ben) == before
        assert "0 faults" in cunyi("verify")


def test_without_the_journal_a_restore_is_refused_until_it_is_said_in_so_many_words(
    village, ana, ben, since, kept, cunyi, tmp_path
):
    before, copy = picture(village), tmp_path / "copy.jsonl"
    copy.write_bytes(kept.read_bytes())
    kept.unlink()
    assert "--without-journal" in cunyi("restore", str(since), "--replace", done=1)
    kept.write_bytes(copy.read_bytes().replace(b"revoked", b"retired"))
    assert "is broken" in cunyi("restore", str(since), "--replace", done=1)
    assert picture(village) == before
    held = forbidden(village, ana, ben)
    cunyi("restore", str(since), "--replace", "--journal", str(copy))
    assert forbidden(village, ana, ben) == held
    told = cunyi("restore", str(since), "--replace", "--without-journal")
    assert "WITHOUT A JOURNAL" in told
    assert forbidden(village, ana, ben)["ana's phone"] == "active"  # as it was said
    assert village.journal.keep() is None
    assert not stopped(village)


def test_what_the_backup_does_not_know_is_named(village, since, cunyi):
    row = {"id": "p-new", "name": "New", "role": "village_doctor", "organisation": None, "area": None, "active": True}
    village.write(lambda c: directory.put_people(c, [row]))
    assert re.search(r"NOT REPLAYED: entry \d+ of the journal \(person p-new\)", cunyi("restore", str(since), "--replace"))


def test_who_was_erased_is_not_there_again(village, ana, kept, cunyi, tmp_path):
    who = resident_id(b"k" * 32, "11010519491231002X")
    ana.save({"identity": {"name": "王秀兰"}, "record_status": {"status": "active"}}, who, type="resident", subject=who)
    visit = ana.save(vitals(150), subject=who)
    ana.sync()
    archive.backup(village.engine, tmp_path / "b.gz", NOON)
    Erasing(village.engine, lambda: NOON).erase(who, "consent-withdrawn")
    assert "王秀兰" not in str(picture(village))
    assert "1 residents erased" in cunyi("restore", str(tmp_path / "b.gz"), "--replace")
    assert "王秀兰" not in str(picture(village))
    told = ana.renew().send(ana.request([]))
    ana.epoch, ana.nonce, ana.checkpoints = told["epoch"], told["nonce"], {}
    ana.sync([], [ana.state(who), ana.state(visit)])  # a phone that has not heard of it brings nothing back
    assert "王秀兰" not in str(picture(village))
    assert village.faults() == []


def test_a_kind_of_entry_that_this_release_does_not_know_is_said(village, since, cunyi):
    village.write(lambda c: journal.note(c, "of the future", {"x": 1}))
    assert "does not know: of the future" in cunyi("restore", str(since), "--replace")


# -- a restore that nobody announced


def test_a_database_that_lacks_an_entry_of_the_journal_is_written_no_more(village, ana, ben, kept, caplog, cunyi, tmp_path):
    before = picture(village)
    village.set_status(ben, "revoked")
    go_back(village, before)
    village.journal.watch()  # as at every start, and by the keeper
    assert "1 entries" not in stopped(village)
    assert "does not have the last of them" in stopped(village)
    assert any(record.levelname == "CRITICAL" and "ALARM" in record.message for record in caplog.records)
    code = village.access.new_code(CAM)
    ana.save(vitals(130))
    for told in (
        ana.post("/v1/sync", ana.request()),
        ana.post("/v1/actors", {}),
        ana.post("/v1/deposit", {"assertion": ana.fresh_assertion(), "edits": []}),
        Phone(village.client()).post("/v1/enrol", {"code": code, "public_key": ana.jwk, "device": "d", "app": "t"}, None),
    ):
        assert told.status_code == 503
        assert told.get_json()["type"] == "/problems/restored-silently"
        assert told.headers["Retry-After"] == "600"
    assert ana.get("/v1/me").status_code == 200  # pages can be read
    with pytest.raises(Problem, match="restored-silently"):
        village.exchange.write([])  # nor does the office write, by whatever command
    roster = tmp_path / "roster.csv"
    roster.write_text(f"姓名,身份证号,区划代码\n王秀兰,11010519491231002X,{VILLAGE}\n", "utf-8")
    assert "has gone back" in cunyi("import", "residents", str(roster), done=1)
    assert village.rows("edits") == []
    assert "cunyi_writes_stopped 1" in village.client().get("/metrics").text


def test_a_database_that_went_back_and_went_on_is_noticed_too(village, ana, ben, cam, kept):
    before = picture(village)
    village.set_status(ben, "revoked")
    entries = kept.read_bytes()
    go_back(village, before)
    kept.rename(kept.with_name("away"))
    village.set_status(cam, "retired")  # an entry of the same number
    kept.with_name("away").rename(kept)
    assert kept.read_bytes() == entries
    assert "does not have the last of them" in village.journal.keep()


def test_announced_it_goes_on_with_what_was_forbidden_on_both_ways(village, ana, ben, cam, kept, cunyi):
    before = picture(village)
    lost = ana.save(vitals(141))
    ana.sync()
    village.set_status(ben, "revoked")
    village.write(lambda c: directory.put_workplaces(c, CAM, [VILLAGE]))
    go_back(village, before)
    kept.rename(kept.with_name("away"))
    village.set_status(cam, "retired")
    village.write(lambda c: directory.put_workplaces(c, CAM, [OTHER, VILLAGE]))  # the last word about it
    kept.with_name("away").rename(kept)
    village.journal.watch()
    assert stopped(village)
    cunyi("restored")
    with reading(village.engine) as connection:
        assert directory.roster(connection)[CAM]["villages"] == {OTHER, VILLAGE}
    assert not stopped(village)
    assert village.journal.keep() is None
    with reading(village.engine) as connection:
        status = {p: devices.device(connection, village.device_of(p)).status for p in (ana, ben, cam)}
    assert status == {ana: "active", ben: "revoked", cam: "retired"}
    told = ana.renew().send(ana.request([]))
    ana.epoch, ana.nonce, ana.checkpoints = told["epoch"], told["nonce"], {}
    assert ana.sync([], [ana.state(lost)])["digests"][VILLAGE]["count"] == 1
    assert village.faults() == []
    assert "0 faults" in cunyi("verify")


def test_edits_from_before_the_last_hour_are_missed(village, ana, kept):
    before = picture(village)
    ana.save(vitals(141))
    ana.sync()
    village.later(hours=1)
    village.journal.mark()
    village.journal.mark()
    village.later(hours=1)
    village.journal.mark()  # nothing came in this hour
    assert [line["what"] for line in lines(kept)].count("mark") == 1
    go_back(village, before)
    assert "does not have the last of them" in village.journal.keep()


def test_a_phone_that_had_more_exchanges_than_the_server_knows_stops_it(village, ana, ben, kept):
    ben.sync()
    before = picture(village)
    ana.save(vitals(141))
    ana.sync()
    go_back(village, before)
    assert village.journal.keep() is None  # nothing beside the data tells it
    ben.sync()  # nor does a phone that was not heard meanwhile
    with pytest.raises(RefusedError, match="restored-silently"):
        ana.sync()
    assert "a phone had its exchange 1" in stopped(village)
    with pytest.raises(RefusedError, match="restored-silently"):
        ben.sync()


def test_a_phone_that_took_a_new_name_meanwhile_stops_it_too(village, ana, kept):
    ana.sync()
    before = picture(village)
    ana.new_actor().sync()
    go_back(village, before)
    kept.unlink()
    with pytest.raises(RefusedError, match="restored-silently"):
        ana.sync()


def test_a_server_from_before_an_announced_restore_is_stopped_by_the_phones_that_saw_it(village, ana, kept, cunyi):
    ana.sync()
    before = picture(village)
    cunyi("restored")
    told = ana.renew().send(ana.request([]))
    ana.epoch, ana.nonce, ana.checkpoints = told["epoch"], told["nonce"], {}
    ana.sync()
    go_back(village, before)
    assert "does not have the last" in village.journal.keep()
    kept.unlink()
    assert "knows nothing of the epoch" in village.journal.keep()
    ana.renew()
    with pytest.raises(RefusedError, match="restored-silently"):
        ana.sync()
    assert "began later than all" in stopped(village)


def test_no_phone_can_stop_a_server_by_what_it_says(village, ana, ben, kept):
    ana.sync()
    key = b"x" * 32
    device, epoch = village.device_of(ana), ana.epoch
    mine = nonces.mint(village.config.secret_key, epoch, village.device_of(ben), 99)
    for nonce in (
        nonces.mint(key, epoch, device, 99),
        mine,  # another device's
        ana.nonce.replace("1.", "99.", 1),
        nonces.mint(village.config.secret_key, "e-other", device, 99),
        "99.x.y",
        "..",
        "ñ.1.2",
        "",
    ):
        with pytest.raises(RefusedError, match=r"actor-rolled-back|unfit"):
            ana.send(ana.request([], nonce=nonce))
    for said in ("e-made-up", "\x7f", "e" * 90):
        assert ana.send(ana.request([], nonce=mine, epoch=said))["epoch"] == epoch
    ana.send(ana.request([], checkpoints={VILLAGE: f"{epoch}:{2**40}"}, counter=2**40))
    assert not stopped(village)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.postgres
def test_another_timeline_of_postgres_is_noticed(village, kept):
    beside = kept.with_name(kept.name.replace("journal.", "epoch.").replace(".jsonl", ".json"))
    now = json.loads(beside.read_text())
    assert re.fullmatch("[0-9A-F]{8}", now["timeline"])
    beside.write_text(json.dumps(now | {"timeline": "00000000"}))
    assert "PostgreSQL is on timeline" in village.journal.keep()


def test_a_supervisor_reads_why_nothing_is_taken_and_changes_nothing(village, ana, kept):
    before = picture(village)
    sue = Asker(SUE, frozenset(), village.client(), None)
    sue.sign_in(village)
    assert "cunyi restored" not in sue.client.get("/dashboard/devices").text
    village.set_status(ana, "retired")
    go_back(village, before)
    village.journal.watch()
    sue = Asker(SUE, frozenset(), village.client(), None)
    sue.sign_in(village)
    shown = sue.client.get("/dashboard/devices")
    assert shown.status_code == 200
    assert "服务器已停止接收任何数据" in shown.text
    assert sue.client.post("/dashboard/account/password", data={}).status_code == 503


# -- what a restore has lost


def test_what_no_phone_brings_back_is_counted_and_named(village, ana, ben, cunyi, tmp_path, kept):
    """Ana wrote four visits after the backup. Ben saw the first; her phone was wiped and knows nothing of the last three."""
    assert "never restored" in cunyi("healing", "status")
    early = ana.save(vitals(120))
    ana.sync()
    archive.backup(village.engine, tmp_path / "b.gz", NOON)
    seen = ana.save(vitals(130))
    ana.sync()
    ben.sync()
    for systolic in (140, 150, 160):
        ana.save(vitals(systolic))
    ana.sync()
    village.later(minutes=1)
    now, key = stamp(village.time), village.config.identity_key
    archive.restore(village.engine, tmp_path / "b.gz", True, UNTIL, now, key, village.journal.entries)

    def status():
        return {row["person"]: row for row in json.loads(cunyi("healing", "status", "--json"))}

    assert {row["state"] for row in status().values()} == {"not back yet"}
    assert {row["declared"] for row in status().values()} == {None}
    for phone in (ana, ben):
        told = phone.renew().send(phone.request([]))
        phone.epoch, phone.nonce, phone.checkpoints = told["epoch"], told["nonce"], {}
    ben.sync([], [ben.state(seen)])
    ana.sync([], [ana.state(early)])
    for phone in (ana, ben):
        phone.new_actor().sync()
    assert status() == {
        ANA: {
            "person": ANA,
            "device": village.device_of(ana),
            "state": "back",
            "declared": 4,
            "missing": 3,
            "edits": f"{status()[ANA]['edits'].split()[0]} 3-5",
        },
        BEN: {"person": BEN, "device": village.device_of(ben), "state": "back", "declared": 0, "missing": 0, "edits": ""},
    }
    assert "3 of them are nowhere" in cunyi("healing", "status")
    sue = Asker(SUE, frozenset(), village.client(), None)
    sue.sign_in(village)
    page = sue.client.get("/dashboard/devices").text
    assert re.search(r"恢复后的手机.*Ana.*已同步回来.*>4<.*>3<.*3-5", page, re.DOTALL)


def test_what_was_not_sent_yet_is_not_counted_as_lost(village, ana, cunyi, tmp_path, kept):
    archive.backup(village.engine, tmp_path / "b.gz", NOON)
    ana.save(vitals(120))
    village.later(minutes=1)
    now, key = stamp(village.time), village.config.identity_key
    archive.restore(village.engine, tmp_path / "b.gz", True, UNTIL, now, key, village.journal.entries)
    ana.renew().send(ana.request())
    row = json.loads(cunyi("healing", "status", "--json"))[0]
    assert (row["declared"], row["missing"], row["state"]) == (0, 0, "not back yet")


def test_an_edit_that_is_sent_a_second_time_is_not_counted_as_lost(village, ana, cunyi, tmp_path, kept):
    archive.backup(village.engine, tmp_path / "b.gz", NOON)
    one, other = ana.draft(vitals(120)), ana.draft(vitals(130))
    ana.push(one, other)
    village.later(minutes=1)
    now, key = stamp(village.time), village.config.identity_key
    archive.restore(village.engine, tmp_path / "b.gz", True, UNTIL, now, key, village.journal.entries)
    told = ana.renew().send(ana.request([]))
    ana.epoch, ana.nonce, ana.checkpoints = told["epoch"], told["nonce"], {}
    assert ana.push(other)[0]["status"] == "accepted"
    row = json.loads(cunyi("healing", "status", "--json"))[0]
    assert (row["declared"], row["missing"], row["edits"]) == (2, 1, f"{ana.actor} 1")


def test_whoever_declares_the_impossible_makes_no_work_by_it(village, ana, cunyi, kept):
    cunyi("restored")
    ana.renew().send(ana.request([], counter=2**50))
    row = json.loads(cunyi("healing", "status", "--json"))[0]
    assert (row["declared"], row["missing"], row["edits"]) == (2**50, 2**50, f"{ana.actor} 1-{2**50}")
