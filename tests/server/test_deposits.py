"""Edits that were set aside: the office sees that they wait, applies them after all, or refuses them."""

import datetime as dt
import json
import threading

import pytest
from sqlalchemy import update

from server.decisions.deposits import Deposits, UndecidedError
from server.receiving import Part
from server.store.tables import deposits
from sync.identity import resident_id
from sync.types import CATALOGUE
from tests import village as places
from tests.server.phone import vitals
from tests.village import ANA, BEN, LEA, OTHER, VILLAGE

WANG = resident_id(b"k" * 32, "11010519491231002X")


@pytest.fixture
def office(village):
    return Deposits(village.engine, village.exchange, CATALOGUE, lambda: village.time)


def only(office, **more):
    [line] = office.listed(**more)
    return line


def registered(phone, **sections):
    phone.save(sections, WANG, type="resident", subject=WANG)
    return phone.sync()["receipts"][-1]["status"]


def test_one_registered_in_two_villages_is_joined_once_she_is_moved(village, ana, cam, office):
    """Cam knew her telephone and had corrected it; Ana knew another. After the move both words stand, and a person decides."""
    assert registered(ana, contact={"phone": "1"}, identity={"name": "王秀兰"}) == "accepted"
    assert registered(cam, identity={"name": "王秀英"}, history={"surgery": "no"}) == "deposited"
    first = only(office)
    assert (first["reason"], first["place"], first["type"], first["record"]) == ("out-of-scope", OTHER, "resident", WANG)
    assert first["person_name"] == "Cam"
    cam.push({**cam.draft({"identity": {"name": "王秀莲"}}, WANG, type="resident", subject=WANG), "context": {cam.actor: 1}})
    ids = [line["id"] for line in office.listed()]
    with pytest.raises(UndecidedError, match="move"):
        office.apply(ids[0])
    village.exchange.moving.move(WANG, OTHER)
    assert [office.apply(one) for one in ids] == ["conflict", "conflict"]
    cam.sync()
    assert {value["name"] for value in cam.values(WANG, "identity")} == {"王秀兰", "王秀莲"}  # what Cam had corrected gave way
    assert cam.shows(WANG)["history"] == {"surgery": "no"}
    assert {edit.author for edit in cam.base[WANG].edits} == {ana.person, cam.person}
    assert office.listed() == []
    assert [line["state"] for line in office.listed(decided=True)] == ["applied", "applied"]
    assert cam.agrees(cam.sync())
    assert village.faults() == []


def test_what_a_phone_that_was_shut_out_handed_over_is_applied_beside_what_came_later(village, ana, ben, office):
    visit = ana.save(vitals(150))
    ana.sync()
    ben.sync()
    ben.save({"note": {"text": "late"}}, visit)
    ben.save(vitals(170))
    fresh = ben.outbox[-1]["record"]
    village.set_status(ben, "retired")
    assert {r["status"] for r in ben.sync()["receipts"]} == {"deposited"}
    ana.save(vitals(151), visit)
    ana.sync()
    by_record = {line["record"]: line["id"] for line in office.listed()}
    assert office.apply(by_record[visit]) == "merged"
    assert office.apply(by_record[fresh]) == "accepted"
    reply = ana.sync()
    assert ana.shows(visit) == vitals(151) | {"note": {"text": "late"}}
    assert ana.shows(fresh) == vitals(170)
    assert ana.base[fresh].edits[0].author == BEN
    assert ana.agrees(reply)
    assert village.faults() == []


def test_who_is_stopped_in_the_middle_does_it_again_and_it_is_there_once(village, ana, ben, office, monkeypatch):
    ben.save(vitals(170))
    village.set_status(ben, "retired")
    ben.sync()
    name = only(office)["id"]
    with monkeypatch.context() as patch:
        patch.setattr("server.decisions.deposits.store.decide", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            office.apply(name)
    assert village.rows("records") == []
    assert office.apply(name) == "accepted"
    with pytest.raises(LookupError):
        office.apply(name)
    ana.sync()
    assert len(ana.base) == 1
    assert village.faults() == []


def test_what_an_earlier_release_had_applied_without_saying_so_is_not_refused_and_still_there_once(village, ana, ben, office):
    """By then the record has seen more of what Ben had seen: made anew, his edit would not be the one that was applied."""
    record = ben.save(vitals(170))
    ben.save(vitals(165), record)
    village.set_status(ben, "retired")
    ben.sync()
    first, second = (line["id"] for line in office.listed())
    assert office.apply(second) == "accepted"
    undecided = {"state": "waiting", "decided_at": None, "decided_by": None}
    village.write(lambda c: c.execute(update(deposits).values(**undecided)))
    with pytest.raises(LookupError):
        office.refuse(second, "不是本村居民")
    assert office.apply(first) == "conflict"
    assert office.apply(second) == "accepted"
    assert office.listed() == []
    ana.sync()
    assert sorted(value["systolic_mmhg"] for value in ana.values(record)) == [165, 170]
    assert village.faults() == []


def test_a_refused_one_is_kept_with_the_reason(village, ana, ben, office):
    ben.save(vitals(170))
    village.set_status(ben, "retired")
    ben.sync()
    name = only(office)["id"]
    village.time += dt.timedelta(hours=1)
    office.refuse(name, "the patient is another")
    line = only(office, decided=True)
    assert (line["state"], line["decision"], line["decided_at"]) == (
        "refused",
        "the patient is another",
        "2026-11-21T05:00:00.000Z",
    )
    assert office.listed() == []
    assert ana.renew().sync()["changes"] == []
    with pytest.raises(LookupError):
        office.refuse("", "any")


def test_what_is_malformed_can_only_be_refused(village, ana, office):
    ana.save({"vitals": {"systolic_mmhg": 1.5}})
    ana.sync()
    with pytest.raises(UndecidedError, match="malformed"):
        office.apply(only(office)["id"])


def test_what_a_doctor_without_the_grant_wrote_goes_where_it_belongs_and_the_list_says_nothing_of_it(village, ana, ben, office):
    village.write(lambda c: places.grant(c, ANA, "tb"))
    ben.save({"symptoms": {"other": "金丝雀"}}, type="tb_visit", subject=WANG)
    ben.sync()
    line = only(office)
    assert (line["type"], line["record"], line["place"]) == ("protected", None, VILLAGE)
    assert not [word for word in ("tb", "金丝雀", WANG) if word in json.dumps(line, ensure_ascii=False)]
    assert office.apply(line["id"]) == "accepted"
    ana.sync()
    assert [record.scope for record in ana.base.values()] == [f"{VILLAGE}:tb"]
    assert ben.sync()["changes"] == []
    assert village.faults() == []


def test_a_register_in_the_open_is_not_made_one_of_tuberculosis_by_the_office_either(village, ana, office):
    record = ana.save({"registration": {"disease": "hypertension"}}, type="chronic_register", subject=WANG)
    ana.save({"registration": {"disease": "tuberculosis"}}, record)
    ana.sync()
    line = only(office)
    assert line["record"] is None
    with pytest.raises(UndecidedError, match="another place"):
        office.apply(line["id"])
    assert village.faults() == []


def meanwhile(monkeypatch, other):
    """While an edit is being written, somebody else is at it too; who has to wait for it is waited for afterwards: their answers."""
    answers, threads, take = [], [], Part.take

    def at_work():
        try:
            answers.append(other())
        except LookupError as trouble:
            answers.append(trouble)

    def slowly(self, share):
        monkeypatch.setattr(Part, "take", take)
        done = take(self, share)
        threads.append(threading.Thread(target=at_work))
        threads[0].start()
        threads[0].join(0.7)  # for ever, where they take turns as they should
        return done

    monkeypatch.setattr(Part, "take", slowly)
    return answers, threads


@pytest.mark.parametrize("action", ["refuse", "apply"])
def test_what_is_being_applied_is_neither_refused_by_a_colleague_nor_applied_by_another(
    village, ana, ben, office, monkeypatch, action
):
    ben.save(vitals(170))
    village.set_status(ben, "retired")
    ben.sync()
    name = only(office)["id"]
    colleague = {"refuse": lambda: office.refuse(name, "不是本村居民", LEA), "apply": lambda: office.apply(name, LEA)}[action]
    answers, threads = meanwhile(monkeypatch, colleague)
    assert office.apply(name) == "accepted"
    [thread.join() for thread in threads]
    assert [type(answer) for answer in answers] == [LookupError]
    [row] = village.rows("deposits")
    assert (row["state"], row["decided_by"]) == ("applied", "shell")
    ana.sync()
    assert [ana.shows(record) for record in ana.base] == [vitals(170)]
    assert village.faults() == []


def test_what_came_in_one_moment_is_listed_in_one_order_on_either_engine_what_has_no_name_first(office, ana):
    strange = [ana.draft(vitals(n), dot=["strangeractor", n]) for n in (1, 2)]
    ana.push(*[ana.draft(vitals(n), scope="999999999999") for n in (3, 4)], *strange)
    assert [one["reason"] for one in office.listed()] == ["malformed"] * 2 + ["out-of-scope"] * 2
