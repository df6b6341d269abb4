"""What somebody decided about an edit that was set aside reaches whoever wrote it, wherever its record lives, and nobody else."""

import datetime as dt

import pytest
from sqlalchemy import event

from server.decisions.deposits import Deposits
from server.store import directory
from sync import wire
from sync.types import CATALOGUE
from tests import village as places
from tests.server.phone import vitals
from tests.standing import forms
from tests.village import ANA, BEN, LEA, OTHER, VILLAGE

WHY = "她住在杨树村，由Cam随访"


@pytest.fixture
def desk(village):
    """The page of what was set aside."""
    return village.app.extensions["cunyi"].decisions.set_aside


@pytest.fixture
def lea(village):
    return village.access.view(LEA)


def told(phone):
    """What a phone is told."""
    answer = phone.get("/v1/my-deposits")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert wire.MyDeposits().validate(answer.get_json()) == {}
    return answer.get_json()["deposits"]


def astray(phone, said=None, scope=OTHER):
    """A visit that is written for a village in which its author does not work: the dot of it."""
    record = phone.save(said or vitals(158), scope=scope)
    [receipt] = phone.sync()["receipts"]
    assert receipt["status"] == "deposited"
    return receipt["dot"], record


def refuse(desk, lea, record, why=WHY):
    [one] = [one for one in desk.listed(lea) if one.deposit.record == record]
    desk.refuse(lea, one.deposit.id, why)


def test_ana_is_told_who_did_not_take_her_visit_when_and_why(village, ana, desk, lea):
    dot, record = astray(ana)
    assert told(ana) == [], "nobody has decided"
    village.later(hours=3)
    refuse(desk, lea, record)
    [one] = told(ana.renew())
    assert one == {
        "dot": dot,
        "record": record,
        "reason": "out-of-scope",
        "state": "refused",
        "decided_at": "2026-11-21T07:00:00.000Z",
        "decided_by": {"name": "Lea", "role": "team_leader"},
        "decision": WHY,
    }


def test_ana_is_told_that_it_was_taken_after_all_in_a_village_that_her_phone_does_not_hold(village, ana, desk, lea):
    dot, record = astray(ana)
    [one] = desk.listed(lea)
    assert desk.apply(lea, one.deposit.id) == "accepted"
    assert ana.sync()["changes"] == [], "it is not on her phone"
    [line] = told(ana)
    assert (line["dot"], line["record"], line["state"], line["decision"]) == (dot, record, "applied", None)


def test_nobody_is_told_of_what_was_decided_about_others(village, ana, ben, cam, desk, lea):
    _, record = astray(ana)
    _, theirs = astray(ben)
    refuse(desk, lea, record)
    refuse(desk, lea, theirs, "重复")
    assert [(one["record"], one["decision"]) for one in told(ana)] == [(record, WHY)]
    assert [(one["record"], one["decision"]) for one in told(ben)] == [(theirs, "重复")]
    assert told(cam) == [], "in whose village it was to be"
    assert told(village.phone(LEA)) == [], "who decided"
    assert ana.get("/v1/my-deposits", access=None).status_code == 401


def test_ana_is_told_on_her_other_phone_and_after_she_has_moved_to_another_village(village, ana, desk, lea):
    dot, record = astray(ana)
    refuse(desk, lea, record)
    assert [one["dot"] for one in told(village.phone(ANA))] == [dot]
    village.write(lambda c: directory.put_workplaces(c, ANA, [OTHER]))
    assert list(ana.renew().get("/v1/me").get_json()["scopes"]) == [OTHER, places.TOWNSHIP]
    assert [one["decision"] for one in told(ana)] == [WHY]


@pytest.mark.parametrize("shut_out", ["retired", "left"])
def test_who_may_only_deliver_is_told_nothing_more(village, ben, desk, lea, shut_out):
    _, record = astray(ben)
    refuse(desk, lea, record)
    if shut_out == "left":
        village.person(BEN, active=False)
    else:
        village.set_status(ben, "retired")
    assert ben.get("/v1/my-deposits").status_code == 404
    village.set_status(ben, "revoked")
    assert ben.get("/v1/my-deposits").status_code == 403


def test_another_edit_under_the_same_dot_is_told_apart(village, ana, desk, lea):
    """A copy of her phone wrote something else under the number that her visit has."""
    dot, record = astray(ana)
    copied = {**ana.draft(vitals(101), scope=OTHER), "dot": dot}
    assert [(one["status"], one["reason"]) for one in ana.push(copied)] == [("deposited", "dot-reused")]
    refuse(desk, lea, copied["record"], "重复上传")
    assert [(one["dot"], one["reason"], one["record"]) for one in told(ana)] == [(dot, "dot-reused", copied["record"])]
    refuse(desk, lea, record)
    assert {(one["reason"], one["decision"]) for one in told(ana)} == {("dot-reused", "重复上传"), ("out-of-scope", WHY)}


def test_what_was_put_in_the_name_of_another_phone_is_no_edit_of_theirs(village, ana, ben, desk, lea):
    strange = ana.draft(vitals(140), dot=[ben.actor, 7])
    assert ana.push(strange)[0]["reason"] == "malformed"
    refuse(desk, lea, strange["record"])
    assert (told(ana), told(ben)) == ([], [])


def test_why_a_visit_to_a_record_of_a_protected_programme_was_refused_is_for_who_holds_it(village, ana, ben, desk):
    """Ben knows the name of the record: he held the programme until yesterday."""
    village.write(lambda c: [places.grant(c, one, "tb") for one in (ANA, BEN, LEA)])
    record = ana.renew().save({"visit": {"visited_on": "2026-11-20"}}, type="tb_visit", scope=f"{VILLAGE}:tb")
    assert ana.sync()["receipts"][0]["status"] == "accepted"
    ben.renew().sync()
    village.write(lambda c: directory.ungrant(c, BEN, "tb", dt.date(2026, 11, 21)))
    ben.save({"symptoms": {"other": "咳嗽"}}, record)
    assert ben.sync()["receipts"][0]["reason"] == "out-of-scope"
    refuse(desk, village.access.view(LEA), record, "痰检阳性，已转县结防所")
    [one] = told(ben)
    assert (one["state"], one["record"], one["decision"]) == ("refused", record, None)
    village.write(lambda c: places.grant(c, BEN, "tb", since="2026-11-21"))
    assert [one["decision"] for one in told(ben)] == ["痰检阳性，已转县结防所"]


def test_what_a_command_of_the_office_decided_names_nobody(village, ana, cam):
    _, record = astray(cam, scope=VILLAGE)
    office = Deposits(village.engine, village.exchange, CATALOGUE, lambda: village.time)
    office.refuse(office.listed()[0]["id"], "重复")
    [one] = told(cam)
    assert (one["record"], one["decided_by"], one["decision"]) == (record, None, "重复")


def test_the_latest_comes_first_and_what_was_decided_long_ago_no_more(village, ana, desk, lea):
    records = [astray(ana)[1] for _ in range(3)]
    for record in records:
        refuse(desk, lea, record)
        village.later(days=40)
    assert [one["record"] for one in told(ana.renew())] == [records[2], records[1]]


def test_no_answer_is_longer_than_a_phone_can_take(village, ana, desk, lea, monkeypatch):
    monkeypatch.setattr("server.worklist.MOST_DECIDED", 2)
    records = [astray(ana)[1] for _ in range(3)]
    for record in records:
        refuse(desk, lea, record)
        village.later(minutes=1)
    assert [one["record"] for one in told(ana)] == [records[2], records[1]]


def test_what_others_had_set_aside_is_not_read_for_it(village, ana, desk, lea):
    """Every phone with something undecided asks at each sync, and a county has many that wait."""
    _, record = astray(ana)
    refuse(desk, lea, record)
    asked = []
    event.listen(village.engine, "before_cursor_execute", lambda _c, _k, sql, given, *_: asked.append((sql, given)))
    assert len(told(ana)) == 1
    [(sql, given)] = [one for one in asked if "FROM deposits" in one[0]]
    if village.engine.dialect.name == "sqlite":
        with village.engine.connect() as connection:
            plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given).all())
        assert "ix_deposits_person_decided_at (person=? AND decided_at>?)" in plan
        assert "SCAN" not in plan


def test_cam_is_told_of_a_record_that_lives_in_a_village_of_others(village, ana, cam, desk, lea):
    """Whom he registered is registered already, by Ana."""
    who = forms.resident(1, "王秀兰", "female", "1949-12-31")
    ana.save(who.sections, who.record, type=who.type, subject=who.record)
    ana.sync()
    cam.save(who.sections, who.record, type=who.type, subject=who.record)
    assert cam.sync()["receipts"][0]["status"] == "deposited"
    refuse(desk, lea, who.record, "已在柳树村建档")
    assert [one["decision"] for one in told(cam)] == ["已在柳树村建档"]
    assert told(ana) == []
