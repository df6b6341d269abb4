"""Standings on the server: always those of the records as they are now, of this day, and only what the caller may hold."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from typing import NamedTuple

import pytest
from sqlalchemy import event

from server import standings as reading_side
from server.standings import Standings
from server.store import standings as store
from server.store.engine import reading
from server.store.villagers import ever_named, everybody
from sync.standing import Known, account, standing
from sync.types import CATALOGUE
from sync.types.catalogue import Catalogue
from sync.types.declare import FollowUp, RecordType
from tests.village import ANA, BEN, CAM, LEA, OTHER, SUE, VILLAGE

TODAY = dt.date(2026, 11, 21)
OPENED = {"opened_on": "2026-01-05", "confirmed_on": "2026-01-05", "found_by": "outpatient"}


def a_resident(phone, born="1950-03-04", name="王秀兰", **sections):
    """A resident as a phone registers one without an identity number: the id."""
    who = str(uuid.uuid4())
    identity = {"identity": {"name": name, "sex": "female", "birth_date": born}, "record_status": {"status": "active"}}
    return phone.save({**identity, **sections}, who, type="resident", subject=who)


def a_register(phone, who, disease="hypertension", **parts):
    said = {"registration": {"disease": disease, **OPENED}, "status": {"status": "managed"}}
    return phone.save(said, type="chronic_register", subject=who, **parts)


def a_visit(phone, who, day="2026-11-10", systolic=150, way="clinic"):
    said = {
        "visit": {"visited_on": day, "way": way, "doctor": "p-ana"},
        "vitals": {"systolic_mmhg": systolic, "diastolic_mmhg": 85},
    }
    return phone.save(said, type="hypertension_visit", subject=who)


def asked(phone, who, **query):
    answer = phone.get(f"/v1/residents/{who}/standing", query_string=query)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def by_hand(phone, who, on=TODAY, **more):
    """The standing from what a phone holds."""
    known = [
        Known(record, tuple(CATALOGUE.check(record, TODAY)))
        for record in phone.base.values()
        if who in (record.id, record.subject) or record.type == "home_visit"
    ]
    return standing(who, known, on, **more).wire()


def met(record):
    """Everybody whom the words about a home visit name, whatever household they are in now."""
    said = [edit.sections.get("visit") or {} for edit in record.edits if record.type == "home_visit"]
    return {who for words in said for who in words.get("residents", ())}


def test_what_a_doctor_sends_is_in_the_next_answer(village, ana, ben):
    ana.sync()
    who = a_resident(ana)
    a_register(ana, who)
    ana.sync()
    before = asked(ana, who)
    assert [(one["disease"], one["visits"]) for one in before["managed"]] == [("hypertension", 0)]
    assert [(i["what"], i["reason"], i["by"], i["urgency"]) for i in before["due"] if i["what"] == "hypertension_visit"] == [
        ("hypertension_visit", "first_visit", "2026-01-19", "overdue")
    ]
    ben.sync()
    visit = a_visit(ben, who, systolic=152)
    ben.sync()
    after = asked(ana, who)
    assert [(one["visits"], one["last_visit"], one["controlled"]) for one in after["managed"]] == [(1, visit, False)]
    ana.sync()
    assert after == by_hand(ana, who)


def test_nothing_old_is_read_when_nobody_refreshed(village, ana, monkeypatch):
    monkeypatch.setattr(village.app.extensions["cunyi"].standings, "refresh_quietly", lambda _: None, raising=False)
    ana.sync()
    who = a_resident(ana)
    a_register(ana, who)
    ana.sync()
    with reading(village.engine) as connection:
        assert store.behind(connection, [VILLAGE], TODAY, CATALOGUE) == [VILLAGE]
    for systolic in (152, 131):
        a_visit(ana, who, day=f"2026-11-{systolic % 28 + 1:02}", systolic=systolic)
        ana.sync()
        assert asked(ana, who) == by_hand(ana, who)


@pytest.fixture
def far_behind(village, ana, monkeypatch):
    """Seven residents, whose registers and visits came much later than they, in a village that nobody has brought up to date."""
    standings = village.app.extensions["cunyi"].standings
    with monkeypatch.context() as patch:
        patch.setattr(standings, "refresh_quietly", lambda _: None, raising=False)
        people = [a_resident(ana) for _ in range(7)]
        for write in (a_register, a_visit):
            for who in people:
                write(ana, who)
        ana.sync()
    monkeypatch.setattr(store, "BATCH", 3)
    return standings, people


def test_in_a_village_far_behind_everybody_is_computed_once(village, ana, far_behind):
    standings, people = far_behind
    assert standings.refresh([VILLAGE]) == len(people)
    assert standings.refresh([VILLAGE]) == 0
    assert {who: asked(ana, who) for who in people} == {who: by_hand(ana, who) for who in people}


def test_a_village_that_was_half_taken_up_when_the_server_stopped_is_still_behind(village, ana, far_behind, monkeypatch):
    standings, people = far_behind
    compute, calls = store.computed, []

    def stops(*told):
        calls.append(told)
        if len(calls) == 3:
            raise RuntimeError("power cut")
        return compute(*told)

    with monkeypatch.context() as patch:
        patch.setattr(store, "computed", stops)
        with pytest.raises(RuntimeError):
            standings.refresh([VILLAGE])
    with reading(village.engine) as connection:
        assert store.behind(connection, [VILLAGE], TODAY, CATALOGUE) == [VILLAGE]
    assert {who: asked(ana, who) for who in people} == {who: by_hand(ana, who) for who in people}


def test_what_is_written_while_a_village_is_taken_up_is_taken_up_as_well(village, ana, far_behind, monkeypatch):
    standings, people = far_behind
    look = store.backlog

    def then_writes(*told, **more):
        seen = look(*told, **more)
        monkeypatch.setattr(store, "backlog", look)
        a_visit(ana, people[0], day="2026-11-20", systolic=120)
        ana.sync()
        return seen

    monkeypatch.setattr(store, "backlog", then_writes)
    standings.refresh([VILLAGE])
    assert asked(ana, people[0])["managed"][0]["visits"] == 2
    assert asked(ana, people[0]) == by_hand(ana, people[0])


def test_who_was_computed_before_another_server_counted_a_new_visit_is_computed_again(village, ana, far_behind, monkeypatch):
    standings, people = far_behind
    compute, first = store.computed, min(people)

    def is_overtaken(*told):
        ahead = compute(*told)
        monkeypatch.setattr(store, "computed", compute)
        a_visit(ana, first, day="2026-11-20", systolic=120)
        ana.sync()
        standings.refresh([VILLAGE])  # as another process does
        return ahead

    monkeypatch.setattr(store, "computed", is_overtaken)
    standings.refresh([VILLAGE])
    assert asked(ana, first)["managed"][0]["visits"] == 2
    assert asked(ana, first) == by_hand(ana, first)


def test_nobody_waits_at_the_door_for_a_village_that_takes_too_long(village, ana, far_behind, monkeypatch):
    standings, people = far_behind
    with monkeypatch.context() as patch:
        patch.setattr(standings, "_patience", 0.0)
        answer = ana.get(f"/v1/residents/{people[0]}/standing")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    standings.keep_up()
    assert asked(ana, people[0]) == by_hand(ana, people[0])


def test_of_very_many_who_are_meant_the_best_are_listed_with_their_group(village, ana, far_behind, monkeypatch):
    standings, people = far_behind
    monkeypatch.setattr(reading_side, "SEARCHED", 2)
    every = standings.search([VILLAGE], "", None, 100)
    assert sorted(one["resident"] for one in every) == sorted(people)
    assert standings.search([VILLAGE], "", None, 3) == every[:3]
    ill = [one for one in every if "hypertension" in one["groups"]]
    assert ill
    assert standings.search([VILLAGE], "", "hypertension", 100) == ill
    assert standings.search([VILLAGE], "", "tuberculosis", 100) == []


def test_random_days_of_two_doctors_leave_no_standing_behind(village, ana, ben):
    chance = random.Random(7)
    ana.sync()
    homes = [str(uuid.uuid4()) for _ in range(2)]
    people = [
        a_resident(ana, born=f"{chance.randint(1930, 2024)}-06-30", household={"household": home, "relation_to_head": "head"})
        for home in (*homes, *homes)
    ]
    registers = [a_register(ana, who) for who in people]
    ana.sync()
    ben.sync()
    for _ in range(25):
        phone, who = chance.choice([ana, ben]), chance.choice(people)
        story = chance.randrange(5)
        if story <= 1:
            a_visit(phone, who, day=f"2026-{chance.randint(1, 11):02}-10", systolic=chance.randint(110, 190))
        elif story == 2:
            state = chance.choice(["managed", "lost", "closed"])
            phone.save({"status": {"status": state}}, registers[people.index(who)])
        elif story == 3:
            said = {"visited_on": "2026-10-01", "residents": chance.sample(people, 2), "household_times": 1, "person_times": 2}
            phone.save({"visit": said}, type="home_visit", subject=chance.choice(homes))
        else:
            home = {"household": chance.choice(homes), "relation_to_head": "head"}
            phone.save({"household": home}, who)
        phone.sync()
    for phone in (ana, ben, ana):
        phone.sync()
    for who in people:
        home = ana.shows(who)["household"]["household"]
        about = [r for r in ana.base.values() if {r.id, r.subject} & {who, home} or who in met(r)]
        known = [Known(r, tuple(CATALOGUE.check(r, TODAY))) for r in about]
        assert asked(ben, who) == standing(who, known, TODAY).wire()


def test_a_new_day_makes_a_visit_overdue_without_anybody_writing(village, ana):
    ana.sync()
    who = a_resident(ana, born="1980-01-01")
    a_register(ana, who)
    a_visit(ana, who, day="2026-10-20", systolic=120)
    ana.sync()

    def urgency():
        return next(i["urgency"] for i in asked(ana, who)["due"] if i["what"] == "hypertension_visit")

    assert urgency() == "later"
    village.later(days=56)  # 16 January: the visit was for the 20th
    ana.renew()
    assert urgency() == "soon"
    village.later(days=5)
    ana.renew()
    assert urgency() == "overdue"
    assert asked(ana, who, on="2026-11-21")["due"] == by_hand(ana, who)["due"]


def test_the_due_list_of_a_village_begins_with_what_presses_most(village, ana, cam):
    ana.sync()
    calm, urgent = a_resident(ana, born="1980-01-01"), a_resident(ana, born="1981-01-01", name="李强")
    for who, systolic in ((calm, 150), (urgent, 182)):
        a_register(ana, who)
        a_visit(ana, who, day="2026-11-05", systolic=systolic)
    ana.sync()
    due = ana.get("/v1/due").get_json()["due"]
    assert [(item["resident"], item["urgency"]) for item in due if item["what"] == "hypertension_visit"] == [
        (urgent, "urgent"),
        (calm, "overdue"),
    ]
    assert cam.get("/v1/due").get_json()["due"] == []
    assert cam.get(f"/v1/residents/{calm}/standing").status_code == 404


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("王秀兰", "王秀兰"),
        ("wangxiu", "王秀兰"),
        ("wxl", "王秀兰"),
        ("WXL", "王秀兰"),
        ("王修兰", "王秀兰"),
        ("8888", "李强"),
        ("0017", "李强"),
    ],
)
def test_a_resident_is_found_by_what_one_remembers(village, ana, text, found):
    ana.sync()
    a_resident(ana)
    lee = {"name": "李强", "sex": "male", "birth_date": "1981-01-01", "id_no": "411403198101010017"}
    a_resident(ana, identity=lee, contact={"phone": "139 0370 8888"})
    ana.sync()
    rows = ana.get("/v1/residents", query_string={"text": text}).get_json()["residents"]
    assert [row["name"] for row in rows] == [found]


def test_residents_are_found_by_group_and_bad_questions_are_named(village, ana, cam):
    ana.sync()
    old = a_resident(ana)
    a_resident(ana, born="1990-01-01", name="李强")
    ana.sync()
    rows = ana.get("/v1/residents", query_string={"group": "elder_65"}).get_json()["residents"]
    assert [(row["resident"], row["groups"], row["scope"]) for row in rows] == [(old, ["elder_65"], VILLAGE)]
    assert cam.get("/v1/residents", query_string={"group": "elder_65"}).get_json() == {"residents": []}
    for query in ({"limit": "0"}, {"limit": "x"}, {"limit": "１"}, {"limit": "201"}):
        assert ana.get("/v1/residents", query_string=query).status_code == 422
    assert ana.get(f"/v1/residents/{old}/standing", query_string={"on": "2026-13-01"}).status_code == 422


def test_a_link_makes_two_records_one_person_and_its_undoing_two_again(village, ana, ben):
    ana.sync()
    first, again = a_resident(ana), a_resident(ana)
    a_register(ana, first)
    a_visit(ana, again, day="2026-11-10", systolic=130)
    ana.sync()
    apart = {who: asked(ana, who) for who in (first, again)}
    assert apart[first]["managed"][0]["visits"] == 0
    decided = {"duplicate": again, "same_as": first, "state": "linked", "decided_by": ANA, "decided_on": "2026-11-21"}
    link = ana.save({"link": decided}, type="same_person", subject=again)
    ana.sync()
    one, gone = asked(ana, first), asked(ana, again)
    assert (one["managed"][0]["visits"], one["also"], one["in_person_days"]) == (1, [again], 1)
    assert (gone["status"], gone["same_as"], gone["due"], gone["managed"]) == ("same_person", first, [], [])
    ben.sync()
    ben.save({"link": {**decided, "state": "undone"}}, link)
    ben.sync()
    assert {who: asked(ana, who) for who in (first, again)} == apart


@pytest.mark.parametrize("by", ["address", "office", "household"])
def test_two_records_of_one_person_move_together_and_still_count_once(village, ana, cam, by):
    ana.sync()
    cam.sync()
    home = str(uuid.uuid4())
    ana.save({"residence": {"area_code": VILLAGE}}, home, type="household", subject=home)
    living = {"residence": {"area_code": VILLAGE}, "household": {"household": home}}
    first, again = a_resident(ana, **living), a_resident(ana, residence={"area_code": VILLAGE})
    a_register(ana, first)
    a_visit(ana, first, day="2026-11-01", systolic=130)
    a_visit(ana, again, day="2026-11-10", systolic=130)
    for who in (first, again):
        signed = {"signed_on": "2026-01-10", "starts_on": "2026-01-10", "ends_on": "2027-01-09"}
        ana.save({"term": signed, "status": {"status": "active"}}, type="contract", subject=who)
    decided = {"duplicate": again, "same_as": first, "state": "linked", "decided_by": ANA, "decided_on": "2026-11-21"}
    ana.save({"link": decided}, type="same_person", subject=again)
    ana.sync()

    def told(phone):  # but what is wrong in the record of their household, which may stay behind
        return {who: {**asked(phone, who), "issues": ()} for who in (first, again)}

    before = told(ana)
    assert (before[first]["managed"][0]["visits"], before[first]["also"]) == (2, [again])
    if by == "address":
        ana.save({"residence": {"area_code": OTHER}}, again)
        ana.sync()
    else:
        village.exchange.moving.move(first if by == "office" else home, OTHER)
    cam.sync()
    assert told(cam) == before
    assert [one["signed"] is not None for one in before.values()] == [True, False]
    assert {cam.shows(who)["residence"]["area_code"] for who in (first, again)} == {OTHER}
    ana.sync()
    assert ana.get(f"/v1/residents/{first}/standing").status_code == 404
    assert village.exchange.moving.due() == []
    assert village.faults() == []


def test_who_holds_no_grant_reads_nothing_of_a_programme(village):
    village.person(LEA)
    lea, ana = village.phone(LEA), village.phone(ANA)
    ana.sync()
    who = a_resident(ana)
    ana.sync()
    grant(village, LEA, "tb")
    lea.sync()
    a_register(lea, who, "tuberculosis", scope=f"{VILLAGE}:tb")
    lea.sync()
    assert not lea.aside
    seen, unseen = asked(lea, who), asked(ana, who)
    assert [one["disease"] for one in seen["managed"]] == ["tuberculosis"]
    assert [item["programme"] for item in seen["due"] if item["what"] == "tb_first_visit"] == ["tb"]
    assert unseen["managed"] == []
    for answer in (ana.get("/v1/due"), ana.get(f"/v1/residents/{who}/standing"), ana.get("/v1/residents?group=tuberculosis")):
        assert "tb" not in answer.get_data(as_text=True)
        assert "tuberculosis" not in answer.get_data(as_text=True)
    assert lea.get("/v1/residents?group=tuberculosis").get_json()["residents"][0]["resident"] == who


def grant(village, person, programme):
    from server.store import directory

    given = directory.Grant(person, programme, "2026-01-01", None)
    village.write(lambda c: directory.grant(c, given, "shell", "2026-01-01T00:00:00.000Z"))


def test_a_supervisor_reads_the_township_and_the_doctor_of_another_village_does_not(village, ana):
    ana.sync()
    who = a_resident(ana)
    ana.sync()
    sue, cam, ben = village.phones(SUE, CAM, BEN)
    assert asked(sue, who) == asked(ben, who) == asked(ana, who)
    assert cam.get(f"/v1/residents/{who}/standing").get_json() == cam.get(f"/v1/residents/{uuid.uuid4()}/standing").get_json()
    assert OTHER in cam.scopes


def test_who_asks_about_one_resident_waits_for_that_village_only(village, ana, cam, monkeypatch):
    sue = village.phone(SUE)
    standings, taken_up = village.app.extensions["cunyi"].standings, []
    with monkeypatch.context() as patch:
        patch.setattr(standings, "refresh_quietly", lambda _: None, raising=False)
        here, there = a_resident(ana), a_resident(cam)
        ana.sync()
        cam.sync()
    patient = standings._catch_up
    monkeypatch.setattr(
        standings, "_catch_up", lambda place, *more: taken_up.append(place) or patient(place, *more), raising=False
    )
    assert asked(sue, here)["resident"] == here
    assert set(taken_up) == {VILLAGE}
    assert asked(sue, there, on="2026-11-20")["resident"] == there
    assert set(taken_up) == {VILLAGE, OTHER}


def test_for_a_resident_of_another_village_the_server_does_what_it_does_for_nobody(village, ana, cam, monkeypatch):
    """Not even the time that it takes to bring a village up to date tells that somebody lives there."""
    standings, said = village.app.extensions["cunyi"].standings, []
    monkeypatch.setattr(standings, "refresh_quietly", lambda _: None, raising=False)
    who = a_resident(ana)
    ana.sync()

    def heard(*told):
        said.append(told[2])

    cam.get("/v1/residents/y/standing")  # the first step of somebody's trail begins their chain
    event.listen(village.engine, "before_cursor_execute", heard)
    work = {}
    for one in (who, str(uuid.uuid4()), "x"):
        said.clear()
        assert cam.get(f"/v1/residents/{one}/standing").status_code == 404
        work[one] = list(said)
    event.remove(village.engine, "before_cursor_execute", heard)
    assert work[who]
    assert len({str(done) for done in work.values()}) == 1


def test_likely_twins_of_two_villages_are_listed_for_the_office_to_judge(village, ana, cam):
    ana.sync()
    cam.sync()
    here, there = a_resident(ana), a_resident(cam)
    other = a_resident(cam, born="1988-08-08", name="李强")
    ana.sync()
    cam.sync()
    listed = village.app.extensions["cunyi"].standings.candidates([VILLAGE, OTHER])
    assert [{pair["first"]["resident"], pair["second"]["resident"]} for pair in listed] == [{here, there}]
    assert "same_name" in listed[0]["reasons"]
    assert other not in str(listed)
    decided = {"duplicate": there, "same_as": here, "state": "undone", "decided_by": CAM, "decided_on": "2026-11-21"}
    cam.save({"link": decided}, type="same_person", subject=there)
    cam.sync()
    assert village.app.extensions["cunyi"].standings.candidates([VILLAGE, OTHER]) == []


def test_a_new_follow_up_form_stands_in_everybodys_standing_without_anybody_writing(village, ana):
    """The server is started again with another catalogue: what the old one made is made anew."""
    ana.sync()
    who = a_resident(ana)
    a_register(ana, who, disease="copd")
    visit = {"visit": {"visited_on": "2026-11-10", "way": "clinic", "doctor": ANA}}
    ana.save(visit, type="copd_visit", subject=who)
    ana.sync()
    before = asked(ana, who)["managed"]
    assert [(one["disease"], one["visits"], one["lacking"]) for one in before] == [("copd", 0, ["followup"])]
    section = CATALOGUE.types["hypertension_visit"].by_name["visit"]
    copd = RecordType(
        "copd_visit", "慢阻肺随访", "COPD visit", "resident", "test", (section,),
        dated="visit.visited_on", follows=FollowUp("copd", visits_per_year=4),
    )  # fmt: skip
    renewed = Standings(village.engine, Catalogue([*CATALOGUE.types.values(), copd]), village.config, lambda: village.time)
    assert [(one["disease"], one["visits"]) for one in renewed.of(ana.scopes, who)["managed"]] == [("copd", 1)]
    assert [item["what"] for item in renewed.due(ana.scopes) if item["what"] == "copd_visit"] == []
    assert asked(ana, who)["managed"] == before, "and back again"


def a_call(phone, home, *met, day="2026-11-03", record=None):
    seen = {"visited_on": day, "household": home, "household_times": 1, "person_times": len(met), "residents": list(met)}
    return phone.save({"visit": seen}, record, type="home_visit", subject=home)


def homes(phone, count=2):
    ids = [str(uuid.uuid4()) for _ in range(count)]
    return [phone.save({"residence": {"area_code": VILLAGE}}, one, type="household", subject=one) for one in ids]


def counted_again(village, place):
    """Each resident's account as the reports count it, from all that lies in the village."""
    with reading(village.engine) as connection:
        people = everybody(connection, place)
    return people, {
        one: account(one, people.known(one, ()), TODAY, also=people.also(one), same_as=people.same_as(one)).standing.wire()
        for one in people.residents
    }


def test_a_visit_stays_with_the_woman_who_married_into_another_household(village, ana):
    ana.sync()
    parents, husband = homes(ana)
    who, brother = a_resident(ana, household={"household": parents}), a_resident(ana, household={"household": parents})
    call = a_call(ana, parents, who, brother)
    ana.sync()
    ana.save({"household": {"household": husband}}, who)
    ana.sync()
    assert [asked(ana, one)["home_visits"] for one in (who, brother)] == [1, 1]
    people, told = counted_again(village, VILLAGE)
    assert told == {one: asked(ana, one) for one in (who, brother)}
    assert people.around(who) == {who, husband, parents}
    a_call(ana, parents, brother, record=call)
    ana.sync()
    assert [asked(ana, one)["home_visits"] for one in (who, brother)] == [0, 1], "she was not there after all"


def test_a_changed_visit_concerns_everybody_it_names_in_a_batch_as_alone(village, ana, monkeypatch):
    ana.sync()
    first, second = homes(ana)
    people = [a_resident(ana, household={"household": second}) for _ in range(5)]
    ana.sync()
    call = a_call(ana, first, *people)
    ana.sync()
    assert [asked(ana, one)["home_visits"] for one in people] == [1] * 5
    with reading(village.engine) as connection:
        told = store.told(connection, VILLAGE, people, TODAY, (), CATALOGUE)
    assert {one: said.account.standing.home_visits for one, said in told.items()} == dict.fromkeys(people, 1)
    ana.save({"visit": {"visited_on": "2026-11-03", "household": first, "residents": people[:1], "person_times": 1}}, call)
    ana.sync()
    changed, (found, _) = Changed(call, first), counted_again(village, VILLAGE)
    with reading(village.engine) as connection:
        named = ever_named(connection, [changed])
    assert named == found.concerned([changed], named) == set(people), "those who are named no longer too"


class Changed(NamedTuple):
    record: str
    subject: str | None
    type: str = "home_visit"


def test_a_link_to_somebody_in_another_village_joins_nobody_until_one_of_them_moves(village, ana, cam):
    ana.sync()
    cam.sync()
    here = a_resident(ana, residence={"area_code": VILLAGE})
    there = a_resident(cam, residence={"area_code": OTHER})
    a_register(ana, here)
    a_visit(ana, here, day="2026-11-10", systolic=130)
    decided = {"duplicate": here, "same_as": there, "state": "linked", "decided_by": ANA, "decided_on": "2026-11-21"}
    ana.sync()
    ana.save({"link": decided}, type="same_person", subject=here)
    ana.sync()
    cam.sync()
    told = asked(ana, here)
    assert (told["status"], told["same_as"], told["managed"][0]["visits"]) == ("active", None, 1)
    assert "lives_elsewhere" in [one["code"] for one in told["issues"]]
    assert asked(cam, there)["status"] == "active"
    assert counted_again(village, VILLAGE)[1][here] == told
    village.exchange.moving.move(here, OTHER)
    cam.sync()
    one, gone = asked(cam, there), asked(cam, here)
    assert (one["also"], one["managed"][0]["visits"], gone["same_as"]) == ([here], 1, there)
    assert counted_again(village, OTHER)[1] == {there: one, here: gone}
