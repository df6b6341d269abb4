"""Who has moved since a backup lives where they moved to after it was put back, and no phone's words are lost on the way."""

import pytest

from server import archive
from server.store.engine import reading
from server.store.scope import living
from sync.codec import stamp
from sync.identity import resident_id
from tests.server.conftest import NOON
from tests.server.phone import vitals
from tests.village import OTHER, VILLAGE

WANG = resident_id(b"k" * 32, "11010519491231002X")
HOME = {"residence": {"area_code": VILLAGE}}


def registered(phone, **said):
    phone.save({"identity": {"name": "王秀兰"}, **said}, WANG, type="resident", subject=WANG)
    return WANG


@pytest.fixture
def backup(village, tmp_path):
    """Write one now, and put it back later."""
    key, now = village.config.identity_key, stamp(NOON)

    def put_back():
        readdress = village.exchange.moving.readdress
        return archive.restore(
            village.engine, tmp_path / "b.gz", True, "2026-12-05T04:00:00.000Z", now, key, village.journal.entries, readdress
        )

    def write():
        assert village.journal.keep() is None
        archive.backup(village.engine, tmp_path / "b.gz", NOON)
        return put_back

    return write


def lives(village, record=WANG):
    with reading(village.engine) as connection:
        return living(connection, [record])[record].record


def returned(phone):
    """A phone that hears of the restore and goes on under the new epoch, with nothing told of what it holds yet."""
    told = phone.renew().send(phone.request([]))
    phone.epoch, phone.nonce, phone.checkpoints = told["epoch"], told["nonce"], {}
    return phone


def test_who_moved_since_the_backup_lives_in_the_new_village_and_the_old_one_lets_go(village, ana, cam, backup):
    registered(ana, **HOME)
    visit = ana.save(vitals(150), subject=WANG)
    ana.sync()
    put_back = backup()
    village.exchange.moving.move(WANG, OTHER)
    assert "1 moves from village to village" in put_back()
    assert {lives(village, record).scope for record in (WANG, visit)} == {OTHER}
    assert village.exchange.moving.due() == [], "her address calls her back"
    assert village.faults() == []
    reply = returned(ana).sync()
    assert sorted(item["record"] for item in reply["changes"] if item.get("gone")) == sorted([WANG, visit])
    assert ana.agrees(reply)
    assert cam.agrees(returned(cam).sync())
    assert cam.shows(visit) == vitals(150)


def test_she_is_where_she_moved_last_however_often_she_moved_and_the_server_was_put_back(village, ana, cam, backup):
    registered(ana)
    ana.sync()
    put_back = backup()
    for place in (OTHER, VILLAGE, OTHER, VILLAGE):
        village.exchange.moving.move(WANG, place)
    for _ in range(2):
        put_back()
        assert lives(village).scope == VILLAGE
        assert village.faults() == []
    village.exchange.moving.move(WANG, OTHER)
    put_back()
    assert lives(village).scope == OTHER
    assert village.faults() == []


def test_who_was_registered_and_moved_since_the_backup_is_brought_to_where_she_is_by_any_phone(village, ana, cam, backup):
    put_back = backup()
    registered(ana)
    visit = ana.save(vitals(150), subject=WANG)
    ana.sync()
    village.exchange.moving.move(WANG, OTHER)
    put_back()
    reply = returned(ana).sync([], [ana.state(WANG), ana.state(visit)])  # she has not heard of the move
    assert {lives(village, record).scope for record in (WANG, visit)} == {OTHER}
    assert sorted(item["record"] for item in reply["changes"] if item.get("gone")) == sorted([WANG, visit])
    assert cam.agrees(returned(cam).sync())
    assert cam.shows(visit) == vitals(150)
    assert village.faults() == []


def test_of_two_villages_that_registered_her_the_second_to_come_back_keeps_its_words_for_a_person(village, ana, cam, backup):
    """Before the restore Ana had been first, after it Cam is: what Ana holds is set aside, and her phone lets it go."""
    put_back = backup()
    registered(ana, contact={"phone": "1390000"})
    assert [r["status"] for r in ana.sync()["receipts"]] == ["accepted"]
    put_back()
    returned(cam)
    cam.save({"identity": {"name": "王秀兰"}}, WANG, type="resident", subject=WANG)
    assert [r["status"] for r in cam.sync()["receipts"]] == ["accepted"]
    reply = returned(ana).sync([], [ana.state(WANG)])
    assert [(item["record"], item["gone"]) for item in reply["changes"]] == [(WANG, "moved")]
    assert ana.agrees(reply)
    [aside] = village.rows("deposits")
    assert (aside["scope"], aside["reason"], aside["state"]) == (VILLAGE, "out-of-scope", "waiting")
    assert "1390000" in aside["body"]
    assert "1390000" not in str(lives(village))
    assert village.faults() == []


def test_who_was_registered_and_moved_there_and_back_since_the_backup_is_brought_back_home(village, ana, cam, backup):
    put_back = backup()
    registered(ana)
    ana.sync()
    village.exchange.moving.move(WANG, OTHER)
    cam.sync()
    village.exchange.moving.move(WANG, VILLAGE)
    put_back()
    returned(ana).sync([], [ana.state(WANG)])
    assert lives(village).scope == VILLAGE
    assert [item["gone"] for item in returned(cam).sync([], [cam.state(WANG)])["changes"] if item["record"] == WANG] == [
        "moved"
    ]
    assert village.faults() == []
