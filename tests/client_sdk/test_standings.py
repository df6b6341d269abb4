"""What is due on a phone: at once, of this day, and only of what the phone may hold."""

import datetime as dt

import pytest

from client_sdk import NoSuchRecordError
from client_sdk.exchange import Held
from tests import village as places
from tests.client_sdk.afresh import Afresh, at_home, patient, register, resident, visit
from tests.client_sdk.peer import a_record
from tests.village import ANA, BEN, LEA, VILLAGE

TODAY, HOUR_MS = dt.date(2026, 11, 21), 3_600_000


def visits_due(phone, on=None):
    return [(item["name"], item["urgency"], item["by"]) for item in phone.due(on) if item["what"] == "hypertension_visit"]


# -- what a doctor sees


def test_what_is_saved_is_in_the_list_at_once_and_stays_there_after_the_sync(phone):
    who = patient(phone)
    assert visits_due(phone) == [("王秀兰", "overdue", "2026-01-19")]
    phone.create("hypertension_visit", visit(systolic=150), subject=who)
    waiting = phone.due()
    assert [(i["by"], i["urgency"]) for i in waiting if i["what"] == "hypertension_visit"] == [("2026-11-24", "soon")]
    assert phone.sync().complete
    assert phone.due() == waiting
    phone.create("hypertension_visit", visit(day="2026-11-20", systolic=132), subject=who)
    assert visits_due(phone) == []


def test_the_most_pressing_comes_first(phone):
    calm, urgent = patient(phone, "李国强"), patient(phone, "王秀兰")
    phone.create("hypertension_visit", visit(day="2026-11-05", systolic=150), subject=calm)
    phone.create("hypertension_visit", visit(day="2026-11-19", systolic=182), subject=urgent)
    assert [(name, how) for name, how, _ in visits_due(phone)] == [("王秀兰", "urgent"), ("李国强", "overdue")]
    assert [item["scope"] for item in phone.due()] == ["v1"] * len(phone.due())


def test_a_new_morning_and_a_clock_put_back_change_the_list_without_a_word_written(phone):
    who = patient(phone)
    phone.create("hypertension_visit", visit(day="2026-10-20", systolic=120), subject=who)
    phone.sync()
    assert visits_due(phone) == []
    for days, urgency in ((53, ["soon"]), (3, ["soon"]), (5, ["overdue"]), (-8, ["soon"]), (-53, [])):
        phone._now.moment += dt.timedelta(days=days)
        assert [how for _, how, _ in visits_due(phone)] == urgency
    assert visits_due(phone, dt.date(2027, 2, 1)) == [("王秀兰", "overdue", "2027-01-20")]
    assert visits_due(phone) == []


def test_whoever_is_not_registered_here_has_no_standing(phone):
    who = phone.create("hypertension_visit", visit())
    for stranger in (who, "01970000-0000-7000-8000-000000000000"):
        with pytest.raises(NoSuchRecordError):
            phone.standing(stranger)


def test_one_person_registered_twice_is_due_once(phone):
    first, again = patient(phone), patient(phone, "王绣兰")
    assert [name for name, *_ in visits_due(phone)] == ["王秀兰", "王绣兰"]
    phone.create("hypertension_visit", visit(day="2026-11-20", systolic=130), subject=again)
    phone.link(again, first)
    assert visits_due(phone, TODAY) == [], "also where nothing is made to be kept"
    assert visits_due(phone) == []
    assert phone.standing(first)["managed"][0]["visits"] == 1
    assert phone.standing(again)["same_as"] == first
    phone.unlink(again, first)
    assert [name for name, *_ in visits_due(phone)] == ["王秀兰"]


def test_a_visit_to_a_home_counts_for_those_who_were_met_there_wherever_they_live(phone):
    home = phone.create("household", {})
    who = phone.create("resident", resident(home=home))
    elsewhere = phone.create("resident", resident("李国强"))
    assert phone.due() is not None
    phone.create("home_visit", at_home(who, elsewhere), subject=home)
    assert (phone.standing(who)["home_visits"], phone.standing(elsewhere)["home_visits"]) == (1, 1)
    assert phone.due() == Afresh(phone).due()


def test_after_a_sync_the_list_is_there_and_nothing_is_left_to_compute(phone):
    patient(phone)
    assert phone._standings().behind()
    phone.sync()
    assert not phone._standings().behind()
    patient(phone, "李国强")
    assert phone._standings().behind(), "an edit leaves the work to who asks"


def test_what_left_this_phone_is_in_no_row_of_its_file(phone, peer):
    who = patient(phone)
    phone.sync()
    peer.scopes = {"v2": True}
    phone.sync()
    assert phone.due() == []
    tables = ("standings", "rests_on")
    left = [phone._store.vault.rows(f"SELECT * FROM {table}") for table in tables]
    assert left == [[], []], who


def test_a_visit_that_the_server_set_aside_does_not_count(phone, peer):
    who = patient(phone)
    phone.sync()
    before = phone.due()
    phone.create("hypertension_visit", visit(systolic=130), subject=who)
    assert phone.due() != before
    peer.scopes = {"v1": False}
    phone.sync()
    assert len(phone.set_aside()) == 1
    assert phone.due() == before == Afresh(phone).due()


def test_when_the_clocks_are_found_to_differ_otherwise_another_name_may_be_shown(phone):
    who = phone.create("resident", {"identity": {**resident()["identity"], "id_no": "11010519491231002X"}})
    theirs = a_record(who, resident("王秀蘭", born="1949-12-31"), type_name="resident")
    phone._store.put([Held(theirs, ())])
    for offset_ms, name in ((HOUR_MS, "王秀兰"), (-HOUR_MS, "王秀蘭"), (HOUR_MS, "王秀兰")):
        phone._store.save(offset_ms=offset_ms)
        assert {item["name"] for item in phone.due()} == {name}
        assert phone.due() == Afresh(phone).due()


def test_what_another_day_makes_plausible_is_said_on_that_day(phone):
    who = patient(phone)
    phone.edit(who, {"identity": {**resident()["identity"], "birth_date": "2026-11-23"}})
    for on, said in ((TODAY, True), (TODAY + dt.timedelta(days=2), False)):
        phone._now.moment = phone._now.moment.replace(day=on.day)
        assert any(issue["code"] == "in_future" for issue in phone.standing(who)["issues"]) is said
        assert phone.due() == Afresh(phone).due()


def test_a_protected_part_goes_with_its_programme(village):
    village.write(lambda c: places.grant(c, LEA, "tb"))
    lea = village.phone(LEA)
    lea.sync()
    who = lea.create("resident", resident(), scope=VILLAGE)
    before = lea.standing(who)
    lea.create("chronic_register", register("tuberculosis"), subject=who, scope=f"{VILLAGE}:tb")
    assert lea.sync().complete
    assert [item["programme"] for item in lea.due() if item["what"] == "tb_first_visit"] == ["tb"]
    assert [view.id for view in lea.search(group="tuberculosis")] == [who]
    village.write(lambda c: places.directory.ungrant(c, LEA, "tb", TODAY))
    assert lea.sync().complete
    assert "tb" not in str(lea._store.vault.rows("SELECT due, groups FROM standings"))
    assert lea.standing(who) == before


def test_a_visit_stays_with_the_woman_who_married_into_another_household(village):
    ana, ben = village.phone(ANA), village.phone(BEN)
    village.meet()
    parents, husband = ana.create("household", {}), ana.create("household", {})
    who = ana.create("resident", resident("王秀兰", home=parents))
    call = ana.create("home_visit", at_home(who), subject=parents)
    village.meet()
    ana.edit(who, {"household": {"household": husband, "relation_to_head": "spouse"}})
    village.meet()
    assert ben.due() == Afresh(ben).due()
    assert [ben.standing(who)[name] for name in ("home_visits", "in_person_days")] == [1, 1]
    assert [line.counts for line in ana.my_work("2026-10")] == [("home_visit",)]
    kept = ana._store.vault.rows("SELECT resident FROM standings")
    ben.edit(call, {"visit": {"visited_on": "2026-10-01", "residents": [], "not_met_reason": "nobody_home"}})
    village.meet()
    assert kept
    assert ana.standing(who)["home_visits"] == 0, "she was not there after all"
    assert ana._store.vault.rows("SELECT * FROM met") == []
    assert ana.due() == Afresh(ana).due()


def test_the_list_forgets_what_rests_on_a_visit_to_another_home_the_moment_that_is_written(phone):
    home = phone.create("household", {})
    who = phone.create("resident", resident())
    call = phone.create("home_visit", at_home(who), subject=home)
    phone.sync()

    def is_kept():
        assert phone.due() == Afresh(phone).due()
        phone._standings().refresh()
        return bool(phone._store.vault.rows("SELECT 1 FROM standings WHERE resident = ?", who))

    assert is_kept()
    phone.edit(call, {"findings": {"narrative": "x"}})
    assert not phone._store.vault.rows("SELECT 1 FROM standings WHERE resident = ?", who)
    assert is_kept()
    phone.sync()
    assert not phone._store.vault.rows("SELECT 1 FROM met WHERE waiting > 0")
    phone.void(call, "mistake")
    assert not phone._store.vault.rows("SELECT 1 FROM standings WHERE resident = ?", who)
    assert is_kept()
    assert phone.standing(who)["home_visits"] == 0
