"""Who has an address in another village moves there: a resident, or a household with its members and all about them."""

import json
import threading
import uuid

import pytest

from server.decisions.deposits import Deposits
from server.moving import Moving
from server.store import directory, moves
from sync.types import CATALOGUE
from tests import village as places
from tests.server.phone import RefusedError, vitals
from tests.village import ANA, CAM, LEA, OTHER, TOWNSHIP, VILLAGE

WANG, LI = "0197a0a0-0000-7000-8000-000000000001", "0197a0a0-0000-7000-8000-000000000002"
HOME = "0197a0a0-0000-7000-8000-000000000003"
THIRD = "411499001203"


def at(village, address="1号"):
    return {"residence": {"area_code": village, "address": address}}


def register(phone, who=WANG, kind="resident", **sections):
    """A resident or household with an address in the phone's village."""
    phone.save({**at(phone.scope), **sections}, who, type=kind, subject=who)
    return who


def lives(village):
    """Where every record lives."""
    return {row["record"]: row["scope"] for row in village.rows("records") if row["moved_to"] is None}


def changes(reply):
    return {item["record"]: item.get("gone") for item in reply["changes"]}


@pytest.fixture
def visit(ana, cam):
    """A visit to Wang, who is registered in Ana's village."""
    register(ana)
    record = ana.save(vitals(150), subject=WANG)
    ana.sync()
    cam.sync()
    return record


def test_a_new_address_in_another_village_moves_her_there_with_all_that_is_about_her(village, ana, ben, cam, visit):
    ben.sync()
    ana.save(at(OTHER), WANG)
    reply = ana.sync()
    assert [r["status"] for r in reply["receipts"]] == ["accepted"]
    assert changes(reply) == {WANG: "moved", visit: "moved"}
    assert ana.agrees(reply)
    assert changes(ben.sync()) == {WANG: "moved", visit: "moved"}
    assert changes(cam.sync()) == {WANG: None, visit: None}
    assert cam.shows(WANG) == at(OTHER)
    assert set(lives(village).values()) == {OTHER}
    assert village.faults() == []


@pytest.mark.parametrize("code", [THIRD, TOWNSHIP, "999999999999", "", 7, None, ["411499001202"]])
def test_an_address_in_no_known_village_moves_nobody(village, ana, visit, code):
    ana.save(at(code), WANG)
    assert [r["status"] for r in ana.sync()["receipts"]] == ["accepted"]
    assert set(lives(village).values()) == {VILLAGE}
    assert village.exchange.moving.due() == []


def test_somebody_registered_with_an_address_in_the_next_village_is_registered_there(village, ana, cam):
    ana.save(at(OTHER), WANG, type="resident", subject=WANG)
    reply = ana.sync()
    assert changes(reply) == {WANG: "moved"}
    assert changes(cam.sync()) == {WANG: None}
    assert village.faults() == []


def test_there_and_back_and_there_again(village, ana, cam, visit):
    for _ in range(2):
        ana.save(at(OTHER), WANG)
        assert changes(ana.sync()) == {WANG: "moved", visit: "moved"}
        cam.sync()
        cam.save(at(VILLAGE), WANG)
        assert changes(cam.sync()) == {WANG: "moved", visit: "moved"}
        reply = ana.sync()
        assert changes(reply) == {WANG: None, visit: None}
        assert ana.agrees(reply)
        assert village.faults() == []
    assert set(lives(village).values()) == {VILLAGE}


def test_a_late_visit_follows_her_and_moves_nobody_back(village, ana, ben, cam, visit):
    ben.sync()
    ana.save(at(OTHER), WANG)
    ana.sync()
    ben.save(vitals(160), visit)
    ben.save({"contact": {"phone": "2"}}, WANG)
    fresh = ben.save(vitals(170), subject=WANG)
    reply = ben.sync()
    assert [r["status"] for r in reply["receipts"]] == ["accepted", "merged", "accepted"]
    assert changes(reply) == {WANG: "moved", visit: "moved", fresh: "moved"}
    cam.sync()
    assert cam.shows(WANG) == at(OTHER) | {"contact": {"phone": "2"}}
    assert cam.shows(fresh) == vitals(170)
    assert village.faults() == []


def test_two_who_write_her_address_apart_move_nobody_until_a_person_decides(village, ana, ben, cam, visit):
    ben.sync()
    ben.save(at(VILLAGE, "2号"), WANG)
    ana.save(at(OTHER), WANG)
    ana.sync()
    assert [r["status"] for r in ben.sync()["receipts"]] == ["conflict"]
    assert set(lives(village).values()) == {OTHER}
    assert village.exchange.moving.due() == []
    cam.sync()
    cam.save(at(VILLAGE, "2号"), WANG)
    assert changes(cam.sync()) == {WANG: "moved", visit: "moved"}
    assert set(lives(village).values()) == {VILLAGE}
    assert village.faults() == []


def test_a_conflict_about_the_address_stops_the_move_before_it_begins(village, ana, ben, visit):
    ben.sync()
    ben.save(at(VILLAGE, "2号"), WANG)
    ben.sync()
    ana.save(at(OTHER), WANG)
    assert [r["status"] for r in ana.sync()["receipts"]] == ["conflict"]
    assert set(lives(village).values()) == {VILLAGE}


def test_a_record_entered_in_error_moves_nobody(village, ana, visit):
    ana.save({"void": {"reason": "duplicate"}}, WANG)
    ana.save(at(OTHER), WANG)
    ana.sync()
    assert set(lives(village).values()) == {VILLAGE}


# -- a household -------------------------------------------------------------------------------------------------------


@pytest.fixture
def household(village, ana, visit):
    """The household of Wang and Li: a home visit to it, a visit to Li. Somebody else of the village has no part in it."""
    register(ana, HOME, "household", identity={"household_no": "H1"})
    register(ana, LI, household={"household": HOME})
    ana.save({"household": {"household": HOME}}, WANG)
    about = [
        ana.save({"visit": {"visited_on": "2026-11-20"}}, type="home_visit", subject=HOME),
        ana.save(vitals(1), subject=LI),
    ]
    stranger = register(ana, str(uuid.uuid4()), household={"household": str(uuid.uuid4())}, note={"text": HOME})
    ana.sync()
    return {WANG, LI, HOME, visit, *about}, stranger


@pytest.mark.parametrize("by", ["address", "office"])
def test_a_household_takes_its_members_and_visits_along_and_their_addresses_agree(village, ana, cam, household, by):
    theirs, stranger = household
    if by == "address":
        ana.save(at(OTHER, "9号"), HOME)
        ana.sync()
    else:
        assert village.exchange.moving.move(HOME, OTHER) == len(theirs)
    assert lives(village) == {**dict.fromkeys(theirs, OTHER), stranger: VILLAGE}
    reply = cam.sync()
    assert changes(reply) == dict.fromkeys(theirs)
    assert cam.agrees(reply)
    assert {cam.shows(one)["residence"]["area_code"] for one in (WANG, LI, HOME)} == {OTHER}
    assert cam.shows(LI)["residence"]["address"] == "1号"
    assert village.exchange.moving.due() == []
    cam.save({"contact": {"phone": "3"}}, LI)
    assert changes(cam.sync()) == {}
    reply = ana.sync()
    assert set(ana.base) == {stranger}
    assert ana.agrees(reply)
    assert village.faults() == []


def test_who_had_left_the_household_or_the_village_does_not_go_along(village, ana, cam, household):
    _, stranger = household
    ana.save(at(OTHER), LI)
    ana.save({"household": {"household": str(uuid.uuid4())}}, WANG)
    ana.sync()
    village.write(lambda c: directory.put_areas(c, [{"code": THIRD, "name": "槐树村"}]))
    ana.save(at(THIRD), HOME)
    ana.sync()
    where = lives(village)
    assert (where[LI], where[WANG], where[HOME], where[stranger]) == (OTHER, VILLAGE, THIRD, VILLAGE)
    assert village.faults() == []


def test_the_office_moves_her_and_her_address_says_so_unless_it_is_in_conflict(village, ana, ben, cam, visit):
    assert village.exchange.moving.move(WANG, OTHER) == 2
    cam.sync()
    assert cam.shows(WANG) == at(OTHER)
    assert cam.base[WANG].edits[0].author == "server"
    village.exchange.moving.move(WANG, VILLAGE)
    ana.sync()
    ben.sync()
    for phone, address in ((ana, "7号"), (ben, "8号")):
        phone.save(at(VILLAGE, address), WANG)
        phone.sync()
    assert village.exchange.moving.move(WANG, OTHER) == 2
    cam.sync()
    assert sorted(value["address"] for value in cam.values(WANG, "residence")) == ["7号", "8号"]
    assert village.faults() == []


# -- protected programmes ----------------------------------------------------------------------------------------------


@pytest.fixture
def treated(village, ana, cam, visit):
    """Ana treats Wang for tuberculosis; Cam has the grant in the other village, Ben has none."""
    for person in (ANA, CAM):
        for programme in ("tb", "smd"):
            village.write(lambda c, person=person, programme=programme: places.grant(c, person, programme))
    record = ana.save({"symptoms": {"other": "金丝雀"}}, type="tb_visit", subject=WANG, scope=f"{VILLAGE}:tb")
    ana.sync()
    cam.sync()
    return record


def test_what_is_protected_moves_to_the_same_programme_of_the_new_village(village, ana, ben, cam, visit, treated):
    lea = village.phone(LEA)
    lea.sync()
    ben.sync()
    ben.save(at(OTHER), WANG)
    told = [ben.sync(), lea.sync()]
    assert treated not in json.dumps(told)
    assert lives(village) == {WANG: OTHER, visit: OTHER, treated: f"{OTHER}:tb"}
    reply = cam.sync()
    assert changes(reply) == {WANG: None, visit: None, treated: None}
    assert cam.shows(treated) == {"symptoms": {"other": "金丝雀"}}
    assert cam.agrees(reply)
    reply = ana.sync()
    assert changes(reply) == {WANG: "moved", visit: "moved", treated: "moved"}
    assert ana.agrees(reply)
    assert village.faults() == []


def test_late_edits_of_a_protected_record_and_new_ones_follow_her(village, ana, ben, cam, visit, treated):
    ben.sync()
    ben.save(at(OTHER), WANG)
    ben.sync()
    ana.save({"symptoms": {"other": "late"}}, treated)
    fresh = ana.save({"symptoms": {"other": "new"}}, type="tb_visit", subject=WANG, scope=f"{VILLAGE}:tb")
    reply = ana.sync()
    assert [r["status"] for r in reply["receipts"]] == ["accepted", "accepted"]
    assert changes(reply) == dict.fromkeys((WANG, visit, treated, fresh), "moved")
    cam.sync()
    assert (cam.shows(treated)["symptoms"]["other"], cam.shows(fresh)["symptoms"]["other"]) == ("late", "new")
    assert lives(village)[fresh] == f"{OTHER}:tb"
    assert village.faults() == []


def test_each_programme_moves_by_itself(village, ana, visit, treated):
    ill = ana.save({"symptoms": {"other": "金丝雀"}}, type="smd_visit", subject=WANG, scope=f"{VILLAGE}:smd")
    ana.save(at(OTHER), WANG)
    ana.sync()
    assert lives(village) == {WANG: OTHER, visit: OTHER, treated: f"{OTHER}:tb", ill: f"{OTHER}:smd"}
    assert village.faults() == []


def test_the_office_hears_no_count_of_what_is_protected(village, treated):
    assert village.exchange.moving.move(WANG, OTHER) == 2
    assert lives(village)[treated] == f"{OTHER}:tb"


# -- deposits, crashes, two at once ------------------------------------------------------------------------------------


def test_a_deposit_that_waits_about_her_goes_along(village, ana, ben, visit):
    ben.sync()
    ben.save(vitals(155), visit)
    village.person(ben.person, active=False)
    assert [r["status"] for r in ben.sync()["receipts"]] == ["deposited"]
    [before] = village.rows("deposits")
    for to in (OTHER, VILLAGE):
        village.exchange.moving.move(WANG, to)
        assert village.rows("deposits") == [{**before, "scope": to}]
    assert village.faults() == []


def test_a_deposit_that_went_along_is_applied_where_she_lives_now(village, ana, ben, cam, visit):
    ben.sync()
    ben.save(vitals(155), visit)
    fresh = ben.save(vitals(170), subject=WANG)
    village.person(ben.person, active=False)
    ben.sync()
    village.exchange.moving.move(WANG, OTHER)
    office = Deposits(village.engine, village.exchange, CATALOGUE, lambda: village.time)
    by_record = {line["record"]: line["id"] for line in office.listed()}
    assert [office.apply(by_record[record]) for record in (visit, fresh)] == ["accepted", "accepted"]
    assert office.listed() == []
    reply = cam.sync()
    assert (cam.shows(visit), cam.shows(fresh)) == (vitals(155), vitals(170))
    assert lives(village) == dict.fromkeys((WANG, visit, fresh), OTHER)
    assert cam.agrees(reply)
    assert ana.agrees(ana.sync())
    assert village.faults() == []


def test_a_deposit_that_moves_her_is_decided_once_and_for_all(village, ana, ben, cam, visit):
    """It goes along with her before the office has written down what it decided."""
    ben.sync()
    ben.save(at(OTHER), WANG)
    village.person(ben.person, active=False)
    ben.sync()
    office = Deposits(village.engine, village.exchange, CATALOGUE, lambda: village.time)
    [waiting] = office.listed()
    assert office.apply(waiting["id"]) == "accepted"
    assert office.listed() == []
    assert set(lives(village).values()) == {OTHER}
    assert village.faults() == []


def test_a_server_that_stops_between_edit_and_move_moves_her_when_the_phone_comes_again(village, ana, visit, monkeypatch):
    def stops(*_):
        raise RuntimeError("power cut")

    ana.save(at(OTHER), WANG)
    body = ana.request()
    with monkeypatch.context() as patch:
        patch.setattr(Moving, "follow", stops)
        with pytest.raises(RefusedError, match="500"):
            ana.send(body)
    assert set(lives(village).values()) == {VILLAGE}
    reply = ana.absorb(body, ana.send(body))
    assert [r["status"] for r in reply["receipts"]] == ["duplicate"]
    assert changes(reply) == {WANG: "moved", visit: "moved"}
    assert village.faults() == []


def test_what_was_left_lying_is_found_by_the_office(village, ana, visit, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Moving, "follow", lambda *_: None)
        ana.save(at(OTHER), WANG)
        ana.sync()
    assert set(lives(village).values()) == {VILLAGE}
    assert village.exchange.moving.due() == [WANG]
    assert set(lives(village).values()) == {OTHER}
    assert village.exchange.moving.due() == []
    assert village.faults() == []


def test_a_move_that_was_overtaken_begins_again(village, ana, visit, monkeypatch):
    """Between the first look and the locks a third village comes into it, and it is not locked."""
    about, looks = moves._about, []

    def look(connection, subject):
        looks.append(about(connection, subject))
        return [*looks[-1], (THIRD, WANG)] if len(looks) == 2 else looks[-1]

    monkeypatch.setattr(moves, "_about", look)
    assert village.exchange.moving.move(WANG, OTHER) == 2
    assert len(looks) == 4
    assert set(lives(village).values()) == {OTHER}
    assert village.faults() == []


def test_many_who_send_her_hither_and_thither_at_once_do_not_wait_for_each_other(village, ana, ben, cam, visit, household):
    ben.sync()
    jobs = [lambda to=to, who=who: village.exchange.moving.move(who, to) for to in (OTHER, VILLAGE) for who in (WANG, HOME)] * 3
    ben.save(vitals(151), visit)
    jobs += [ben.sync, village.exchange.moving.due]
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert ben.outbox == []
    assert village.exchange.moving.due() == []
    assert village.faults() == []
