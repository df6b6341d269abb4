"""The contract ledger: what two teams signed, what was given, what was missed, who has to be asked again."""

import pytest

from server.ledger import ASKED, CURRENT, ENDED, PENDING, STOPPED, TO_START, VOID, Entry, Ledger
from server.problems import Problem
from sync.types import CATALOGUE
from tests import village as places
from tests.standing import forms

FOLLOWUP = {"followup": forms.item(fulfilled_by=["hypertension_visit"])}
XIULAN = forms.resident(1, "王秀兰", "female", "1950-03-04")
EXAM = {"exam": forms.item("once_in_term", 1, fulfilled_by=["health_exam"])}


def write(phone, *saved):
    """Forms as they were filled in, delivered."""
    for one in saved:
        phone.save(one.sections, one.record, type=one.type, subject=one.subject, scope=one.scope)
    assert all(receipt["status"] != "deposited" for receipt in phone.sync()["receipts"])


def ledger(village, person=places.LEA, area=places.VILLAGE):
    doors = village.app.extensions["cunyi"]
    return Ledger(doors.standings, CATALOGUE).entries(village.access.view(person), area)


def only(village, *args):
    [entry] = ledger(village, *args)
    return entry


def today(village):
    return village.app.extensions["cunyi"].standings.today


def test_two_teams_sign_wang_xiulan_without_a_signal_and_only_the_first_contract_owes_anything(village, ana, ben):
    write(ana, XIULAN, forms.register(1, "hypertension", "2025-03-01"))
    write(ben)
    write(ana, forms.contract(1, "2026-01-05", "2027-01-04", FOLLOWUP), forms.pressure(1, 1, "2026-02-10", "136/84"))
    write(ben, forms.contract(1, "2026-03-01", "2027-02-28", FOLLOWUP, number=2, team="t-2"))
    first, second = ledger(village)
    assert [one.double for one in (first, second)] == [True, True]
    assert [one.counts for one in (first, second)] == [True, False]
    assert (first.team, first.name, first.resident) == ("t-1", "王秀兰", XIULAN.record)
    assert (first.due, first.done, first.missed) == (3, 1, 2), "by 21 November three of four have come, the first was given"
    assert (second.due, second.done, second.missed) == (0, 0, 0), "nobody is asked twice"
    assert [one.next_due for one in (first, second)] == ["2027-01-04", "2027-02-28"]


def test_a_contract_that_ends_in_december_waits_for_its_renewal_until_it_is_signed(village, ana):
    write(ana, XIULAN, forms.contract(1, "2025-12-11", "2026-12-10", EXAM))
    assert only(village).ending(today(village))
    write(ana, forms.contract(1, "2026-12-11", "2027-12-10", EXAM, number=2, signed="2026-11-20"))
    old, new = ledger(village)
    assert old.renewed
    assert not old.ending(today(village))
    assert old.state == CURRENT
    assert (new.state, new.double) == (TO_START, False)
    village.later(days=30)
    assert not ledger(village)[0].lapsed


def test_one_that_came_to_its_end_is_to_be_asked_again_and_one_that_was_stopped_is_not(village, ana):
    gone = forms.contract(2, "2026-01-01", "2026-12-31", EXAM)
    gone = gone._replace(
        sections={
            **gone.sections,
            "status": {"status": "terminated"},
            "stop": {"stopped_on": "2026-05-09", "reason": "moved_out"},
        }
    )
    write(ana, XIULAN, forms.contract(1, "2025-06-01", "2026-05-31", EXAM))
    write(ana, forms.resident(2, "李大山", "male", "1961-12-01"), gone)
    ended, stopped = sorted(ledger(village), key=lambda one: one.resident)
    assert (ended.state, ended.lapsed, ended.ends_on) == (ENDED, True, "2026-05-31")
    assert (stopped.state, stopped.lapsed, stopped.ends_on) == (STOPPED, False, "2026-05-08")


def test_one_that_nobody_signed_yet_and_one_entered_in_error_are_in_force_for_nobody(village, ana):
    waits = forms.contract(1, "2026-01-01", "2026-12-31", EXAM)
    waits.sections["status"]["status"] = "pending"
    wrong = forms.contract(1, "2026-02-01", "2027-01-31", EXAM, number=2)
    write(ana, XIULAN, waits, wrong, forms.again(wrong, void={"reason": "wrong-person"}))
    assert {one.contract: (one.state, one.double, one.due) for one in ledger(village)} == {
        waits.record: (PENDING, False, 0),
        wrong.record: (VOID, False, 0),
    }


def test_a_service_that_was_missed_is_told_and_what_was_waived_is_on_neither_side(village, ana):
    owes = {
        "early": forms.item("within_days_of_start", 1, due_days=30),
        "late": forms.item("within_days_of_start", 1, due_days=60),
    }
    write(ana, XIULAN, forms.contract(1, "2026-01-01", "2026-12-31", owes))
    write(ana, forms.performance(1, 1, "2026-02-10", "late", waiver={"reason": "away"}))
    entry = only(village)
    assert (entry.due, entry.done, entry.missed, entry.waived) == (1, 0, 1, 1)
    assert entry.honoured is False
    write(
        ana,
        forms.again(
            forms.contract(1, "2026-01-01", "2026-12-31", owes),
            **{"appeal/early": {"asked_on": "2026-11-20", "reason": "当面做了"}},
        ),
    )
    assert only(village).appeal == ASKED


def test_a_phone_that_writes_the_decision_of_an_appeal_itself_decides_nothing(village, ana):
    owes = {"early": forms.item("within_days_of_start", 1, due_days=30)}
    signed = forms.contract(1, "2026-01-01", "2026-12-31", owes)
    said = {
        "asked_on": "2026-11-20",
        "reason": "当面做了",
        "decision": "upheld",
        "decided_on": "2026-11-20",
        "decided_by": "p-ana",
    }
    write(ana, XIULAN, signed, forms.again(signed, **{"appeal/early": said}))
    entry = only(village)
    assert (entry.appeal, entry.done, entry.missed) == (ASKED, 0, 1)


def test_who_was_registered_twice_stands_in_the_ledger_once_with_both_contracts(village, ana):
    twice = forms.resident(1, "王秀兰", "female", "1950-03-04", number=2)
    link = {"link": {"duplicate": twice.record, "same_as": XIULAN.record, "state": "linked", "decided_on": "2026-11-20"}}
    write(ana, XIULAN, twice, forms.contract(1, "2025-01-01", "2025-12-31", EXAM))
    write(ana, forms.contract(1, "2026-01-01", "2026-12-31", EXAM, number=2, of=2))
    assert {one.resident for one in ledger(village)} == {XIULAN.record, twice.record}
    write(ana, forms.Saved(forms.name(1, "link"), "same_person", twice.record, forms.VILLAGE, link))
    old, new = ledger(village)
    assert {old.resident, new.resident} == {XIULAN.record}
    assert (old.renewed, new.state) == (True, CURRENT)


def test_a_contract_of_somebody_whose_own_record_never_arrived_is_there_all_the_same(village, ana):
    write(ana, forms.contract(1, "2026-01-01", "2026-12-31", EXAM))
    entry = only(village)
    assert (entry.name, entry.state, entry.due) == ("", CURRENT, 0)


def test_what_a_contract_owes_for_a_protected_disease_only_who_is_granted_the_programme_is_told(village, ana):
    village.write(lambda c: places.grant(c, places.BEN, "smd"))
    ben = village.phone(places.BEN)
    owes = {
        "mind": forms.item(
            "within_days_of_start", 1, due_days=90, groups=["severe_mental_disorder"], fulfilled_by=["smd_visit"]
        )
    }
    write(ana, XIULAN, forms.contract(1, "2026-01-01", "2026-12-31", owes))
    ben.sync()
    write(ben, forms.register(1, "severe_mental_disorder", "2025-01-05", scope=forms.SMD))
    write(ben, forms.mind(1, 1, "2026-02-10", 0, "stable", "2026-05-10"))
    told = {person: only(village, person) for person in (places.ANA, places.BEN)}
    assert (told[places.ANA].due, told[places.ANA].done) == (0, 0)
    assert (told[places.BEN].due, told[places.BEN].done) == (1, 1)


@pytest.mark.parametrize("area", [places.OTHER, places.TOWNSHIP, "411499001299", "999", ""])
def test_ana_is_told_of_another_village_what_she_is_told_of_one_that_is_not_there(village, ana, cam, area):
    write(ana, XIULAN, forms.contract(1, "2026-01-01", "2026-12-31", EXAM))
    with pytest.raises(Problem) as found:
        ledger(village, places.ANA, area)
    assert found.value.kind.name == "not-found"


def test_the_supervisor_of_the_township_sees_the_contracts_of_all_its_villages(village, ana, cam):
    theirs = forms.resident(2, "李大山", "male", "1961-12-01")
    theirs.sections["residence"] = {**theirs.sections["residence"], "area_code": places.OTHER}
    write(ana, XIULAN, forms.contract(1, "2026-01-01", "2026-12-31", EXAM))
    write(cam, *(one._replace(scope=places.OTHER) for one in (theirs, forms.contract(2, "2026-01-01", "2026-12-31", EXAM))))
    every: list[Entry] = ledger(village, places.SUE, places.TOWNSHIP)
    assert [(one.village, one.name) for one in every] == [(places.VILLAGE, "王秀兰"), (places.OTHER, "李大山")]
    assert ledger(village, places.SUE, places.OTHER) == every[1:]
