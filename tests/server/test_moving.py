"""A resident moves to another village: the records go along, late edits follow, the phones left behind learn nothing."""

import json
import uuid

import pytest

from tests import village as places
from tests.server.phone import vitals
from tests.village import ANA, LEA, OTHER, VILLAGE

WANG = "0197a0a0-0000-7000-8000-000000000001"


@pytest.fixture
def visits(ana, ben):
    """Wang's person record and a visit, held by both phones of her village."""
    ana.save({"contact": {"phone": "1"}}, WANG, type="resident", subject=WANG)
    visit = ana.save(vitals(150), subject=WANG)
    ana.sync()
    ben.sync()
    return [WANG, visit]


def move(village, to=OTHER, subject=WANG):
    return village.exchange.moving.move(subject, to)


def changes(reply):
    return [(item["record"], item.get("gone")) for item in reply["changes"]]


def test_all_that_is_about_her_goes_and_only_that(ana, cam, village, visits):
    stays = ana.save(vitals(1), subject="li")
    ana.sync()
    assert move(village) == 2
    assert changes(cam.sync()) == [(record, None) for record in visits]
    assert cam.shows(visits[1]) == vitals(150)
    reply = ana.sync()
    assert changes(reply) == [(record, "moved") for record in visits]
    assert list(ana.base) == [stays]
    assert ana.agrees(reply)
    assert cam.agrees(cam.sync())
    assert move(village) == 0
    assert village.faults() == []


def test_the_trace_tells_where_she_went_and_nothing_of_her(ana, village, visits):
    move(village)
    traces = [row for row in village.rows("records") if row["scope"] == VILLAGE]
    assert {(row["moved_to"], row["edits"], row["issues"]) for row in traces} == {(OTHER, "[]", "[]")}
    assert "150" not in ana.get(f"/v1/scopes/{VILLAGE}/records").get_data(as_text=True)
    assert ana.get(f"/v1/scopes/{VILLAGE}/digest").get_json()["count"] == 0


@pytest.mark.parametrize("knows", [True, False])
def test_a_late_edit_of_the_phone_left_behind_lands_in_the_new_village(ana, cam, village, visits, knows):
    """Whether or not the phone's checkpoint is behind the move, it is told that the record is gone."""
    move(village)
    cam.sync()
    cam.save({"note": {"text": "金丝雀"}}, visits[1])
    cam.sync()
    if knows:
        behind = dict(ana.base)
        ana.sync()
        ana.base = behind
    ana.save(vitals(151), visits[1])
    late = ana.outbox[0]
    body = ana.request()
    answer = ana.post("/v1/sync", body)
    assert "金丝雀" not in answer.get_data(as_text=True)
    reply = ana.absorb(body, answer.get_json())
    [receipt] = reply["receipts"]
    assert (receipt["status"], receipt["seen"], receipt["issues"]) == ("merged", {ana.actor: 3}, [])
    assert (visits[1], "moved") in changes(reply)
    assert visits[1] not in ana.base
    again = ana.push(late)
    assert [(r["status"], set(r["seen"]) - {ana.actor}) for r in again] == [("duplicate", set())]
    cam.sync()
    assert cam.shows(visits[1]) == vitals(151) | {"note": {"text": "金丝雀"}}
    assert village.faults() == []


def test_a_late_edit_by_one_who_had_seen_everything_still_tells_that_she_is_gone(ana, village, visits):
    move(village)
    ana.save(vitals(151), visits[1])
    reply = ana.sync()
    assert [receipt["status"] for receipt in reply["receipts"]] == ["accepted"]
    assert changes(reply) == [(record, "moved") for record in visits]
    assert ana.agrees(reply)


def test_a_repeat_of_what_came_before_the_move_tells_nothing_new(ana, ben, cam, village, visits):
    ana.save(vitals(151), visits[1])
    sent = ana.outbox[0]
    ana.sync()
    move(village)
    cam.sync()
    cam.save({"note": {"text": "x"}}, visits[1])
    cam.sync()
    [receipt] = ana.push(sent)
    assert receipt["status"] == "duplicate"
    assert cam.actor not in receipt["seen"]


def test_a_late_conflict_is_counted_but_not_shown_to_the_phone_left_behind(ana, cam, village, visits):
    move(village)
    cam.sync()
    cam.save(vitals(199), visits[1])
    cam.sync()
    ana.save(vitals(151), visits[1])
    answer = ana.post("/v1/sync", ana.request())
    assert [r["status"] for r in answer.get_json()["receipts"]] == ["conflict"]
    assert "199" not in json.dumps(answer.get_json()["changes"])
    assert cam.actor not in answer.get_data(as_text=True)


def test_edits_follow_through_several_moves_and_back(ana, cam, village, visits):
    late = ana.draft(vitals(151), visits[1])
    for place in (OTHER, VILLAGE, OTHER):
        assert move(village, place) == 2
    assert ana.push(late)[0]["status"] == "accepted"
    move(village, VILLAGE)
    ana.sync()
    assert ana.shows(visits[1]) == vitals(151)
    ana.save(vitals(152), visits[1])
    reply = ana.sync()
    assert [receipt["status"] for receipt in reply["receipts"]] == ["accepted"]
    assert ana.agrees(reply)
    cam.sync()
    assert visits[1] not in cam.base
    assert village.faults() == []


def test_a_record_that_never_was_there_is_set_aside(ana, cam, village, visits):
    foreign = cam.save(vitals(1))
    cam.sync()
    [receipt] = ana.push(ana.draft(vitals(2), foreign, scope=VILLAGE))
    assert (receipt["status"], receipt["reason"], "seen" in receipt) == ("deposited", "out-of-scope", False)
    [receipt] = ana.push(ana.draft(vitals(3), foreign, scope=OTHER))
    assert (receipt["status"], receipt["reason"]) == ("deposited", "out-of-scope")
    assert cam.sync()["changes"] == []


def test_the_same_resident_registered_in_two_villages_is_one_record_and_one_deposit(ana, cam, village):
    """Both phones derive the same id from the identity number."""
    person = {"type": "resident", "subject": WANG}
    for phone in (ana, cam):
        phone.save({"contact": {"phone": phone.person}}, WANG, **person)
        phone.save(vitals(150), subject=WANG)
    assert [r["status"] for r in ana.sync()["receipts"]] == ["accepted", "accepted"]
    assert [(r["status"], r.get("reason")) for r in cam.sync()["receipts"]] == [
        ("deposited", "out-of-scope"),
        ("accepted", None),
    ]
    assert [row["record"] for row in village.rows("deposits")] == [WANG]
    assert village.faults() == []


def test_one_who_works_in_both_villages_sees_her_go_and_come(village, ana, visits):
    lea = village.phone(LEA)
    lea.sync()
    move(village)
    reply = lea.sync()
    assert sorted(changes(reply), key=str) == sorted([*((r, None) for r in visits), *((r, "moved") for r in visits)], key=str)
    lea.save(vitals(151), visits[1], scope=VILLAGE, context={ana.actor: 2})
    assert [r["status"] for r in lea.sync()["receipts"]] == ["accepted"]
    assert village.faults() == []


def test_a_move_to_nowhere_or_of_nobody_changes_nothing(village, visits):
    before = village.rows("records")
    for subject, place in ((WANG, "999999999999"), (WANG, VILLAGE[:9]), (WANG, f"actor:{ANA}"), (str(uuid.uuid4()), OTHER)):
        with pytest.raises(LookupError):
            move(village, place, subject)
    assert village.rows("records") == before


def test_a_visit_does_not_move_without_the_person(village, ana, visits):
    village.write(lambda c: places.grant(c, ANA, "tb"))
    hidden = ana.save({"symptoms": {"other": "x"}}, type="tb_visit", subject=WANG, scope=f"{VILLAGE}:tb")
    ana.sync()
    before = village.rows("records")
    with pytest.raises(LookupError, match="hypertension_visit: name the resident"):
        move(village, subject=visits[1])
    with pytest.raises(LookupError, match="nothing is known about"):
        move(village, subject=hidden)
    assert village.rows("records") == before


def test_a_visit_that_arrives_while_the_move_waits_goes_along(ana, village, visits, monkeypatch):
    """The move finds her records, then waits for the village; meanwhile one more is written there."""
    from server.store import moves

    writer, late = moves.ScopeWriter, []

    def waits(connection, scope):
        if not late and village.engine.dialect.name == "postgresql":
            late.append(ana.save(vitals(151), subject=WANG))
            ana.sync()
        return writer(connection, scope)

    monkeypatch.setattr(moves, "ScopeWriter", waits)
    assert move(village) == 2 + len(late)
    assert {row["scope"] for row in village.rows("records") if row["moved_to"] is None} == {OTHER}


def test_crossing_moves_do_not_wait_for_each_other(village, ana, cam, visits):
    import threading

    cam.save(vitals(1), subject="zhang")
    cam.sync()
    done = []
    jobs = [(WANG, OTHER), ("zhang", VILLAGE)] * 3
    threads = [threading.Thread(target=lambda s=s, v=v: done.append(move(village, v, s))) for s, v in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 0, 0, 0, 1, 2]
    assert village.faults() == []


def test_a_new_visit_by_a_phone_that_has_not_heard_follows_her_to_the_new_village(ana, cam, village, visits):
    move(village)
    cam.sync()
    fresh = ana.save(vitals(162), subject=WANG)
    again = ana.save(vitals(158), fresh)
    reply = ana.sync()
    assert [r["status"] for r in reply["receipts"]] == ["accepted", "accepted"]
    assert (fresh, "moved") in changes(reply)
    assert ana.base == {}
    cam.sync()
    assert cam.shows(fresh) == vitals(158)
    assert again == fresh
    assert ana.agrees(ana.sync())
    assert cam.agrees(cam.sync())
    assert village.faults() == []
