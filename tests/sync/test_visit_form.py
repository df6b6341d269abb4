"""The hypertension visit."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from sync.record import LiveEdit, Record, Remark
from sync.types import CATALOGUE, hypertension_visit
from sync.types.checks import Issue, months_later
from sync.types.fields import ERROR
from sync.version import Dot, VersionVector
from tests.sync.forms import ROUTINE, said, visit
from tests.sync.values import (
    MORNING,
    TODAY,
    saved,
)


def test_a_routine_visit_has_nothing_said_of_it():
    assert said(ROUTINE) == set()


@pytest.mark.parametrize(
    ("systolic", "expected"),
    [
        (49, {"vitals.systolic_mmhg out_of_range"}),
        (50, {"(vitals.systolic_mmhg unusual)"}),
        (79, {"(vitals.systolic_mmhg unusual)"}),
        (80, set()),
        (220, set()),
        (221, {"(vitals.systolic_mmhg unusual)"}),
        (300, {"(vitals.systolic_mmhg unusual)"}),
        (301, {"vitals.systolic_mmhg out_of_range"}),
    ],
)
def test_a_systolic_pressure_at_the_edge(systolic, expected):
    assert said(visit(vitals={"systolic_mmhg": systolic, "diastolic_mmhg": 45})) == expected


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        ("19.9", {"vitals.weight_kg out_of_range"}),
        ("20.0", {"(vitals.weight_kg unusual)"}),
        ("29.9", {"(vitals.weight_kg unusual)"}),
        ("30.0", set()),
        ("150.0", set()),
        ("150.1", {"(vitals.weight_kg unusual)"}),
        ("300.1", {"vitals.weight_kg out_of_range"}),
    ],
)
def test_a_weight_at_the_edge(weight, expected):
    assert said(visit(vitals={"weight_kg": weight})) == expected


@pytest.mark.parametrize("diastolic", [138, 140])
def test_upper_and_lower_pressure_that_were_swapped_are_noticed(diastolic):
    assert "vitals.diastolic_mmhg not_below" in said(visit(vitals={"diastolic_mmhg": diastolic}))


def test_a_person_who_was_not_reached_has_no_pressure_and_is_not_asked_for_it():
    gone = {"visit": {**ROUTINE["visit"], "lost_reason": "away_for_work"}}
    assert said(gone) == set()
    del gone["visit"]["lost_reason"]
    unasked = {"symptoms", "vitals", "lifestyle", "adherence", "assessment", "next_visit"}
    assert said(gone) == {f"{section} required" for section in unasked}


def test_the_last_form_of_a_person_who_died_is_not_incomplete():
    died = {"visit": {**ROUTINE["visit"], "died_on": ROUTINE["visit"]["visited_on"], "death_cause": "脑卒中"}}
    assert said(died) == set()


def test_a_form_without_the_visit_itself_is_incomplete_even_for_the_lost():
    assert "visit required" in said({"vitals": ROUTINE["vitals"]})


def test_a_section_that_was_emptied_counts_as_missing():
    assert "vitals required" in said({**ROUTINE, "vitals": None})


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-11-20", {"next_visit.on not_after"}),
        ("2026-11-21", set()),
        ("2027-02-27", set()),
        ("2027-02-28", {"(next_visit.on late)"}),
    ],
)
def test_the_next_visit_is_within_three_months_and_a_week(day, expected):
    assert said(visit(next_visit={"on": day})) == expected


def test_other_symptoms_and_reactions_are_to_be_described():
    assert said(visit(symptoms={"symptoms": ["palpitation_chest_tightness", "other"]})) == {"symptoms.other required"}
    assert said(visit(symptoms={"symptoms": ["other"], "other": "胸口灼热"})) == set()
    assert said(visit(adherence={"adverse_reaction": "yes"})) == {"adherence.adverse_reaction_note required"}
    assert said(visit(visit={"died_on": "2026-11-19"})) == {"visit.death_cause required"}


def test_nobody_has_no_symptoms_and_a_headache():
    assert said(visit(symptoms={"symptoms": ["none", "headache_dizziness"]})) == {"symptoms.symptoms excludes_others"}


def test_a_visit_of_tomorrow_cannot_have_been_made():
    assert "visit.visited_on in_future" in said(visit(visit={"visited_on": "2026-11-22"}))
    assert "visit.visited_on in_future" not in said(visit(visit={"visited_on": "2026-11-22"}), on=dt.date(2026, 11, 22))


def test_both_pressures_are_looked_at_when_two_doctors_wrote_apart():
    ana = LiveEdit(Dot("anaphone", 1), MORNING, MORNING, "ana", {"vitals": {**ROUTINE["vitals"], "systolic_mmhg": 301}})
    ben = LiveEdit(
        Dot("benphone", 1), MORNING, MORNING, "ben", {**ROUTINE, "vitals": {**ROUTINE["vitals"], "systolic_mmhg": 40}}
    )
    record = Record("r", "hypertension_visit", None, "s", VersionVector({"anaphone": 1, "benphone": 1}), (ana, ben))
    assert Issue("vitals", "systolic_mmhg", "out_of_range", ERROR) in CATALOGUE.check(record, TODAY)
    assert len([i for i in CATALOGUE.check(record, TODAY) if i.code == "out_of_range"]) == 1
    fixed = dataclasses.replace(ben, sections=ROUTINE)
    still = Record("r", "hypertension_visit", None, "s", record.seen, (ana, fixed))
    assert Issue("vitals", "systolic_mmhg", "out_of_range", ERROR) in CATALOGUE.check(still, TODAY)


def test_a_record_entered_in_error_is_left_in_peace_but_for_what_waits_for_a_person():
    wrong_person = {"vitals": {"systolic_mmhg": 999}, "void": {"reason": "wrong-person"}}
    assert said(wrong_person) == set()
    assert said(wrong_person, standing=[Remark("void", "void_clash")]) == {"(void void_clash)"}
    assert said({**wrong_person, "void": None}) != set()


def test_a_remark_stands_beside_what_is_said_of_the_form():
    assert said(ROUTINE, standing=[Remark("medication", "review_asked")]) == {"(medication review_asked)"}


def test_words_of_a_newer_phone_are_neither_wrong_nor_in_the_way():
    assert said({**ROUTINE, "ecg": {"lead": "II"}, "vitals": {**ROUTINE["vitals"], "spo2": 97}}) == set()
    newer = saved(dataclasses.replace(hypertension_visit.TYPE, name="form_of_next_year"), {"anything": {"at": "all"}})
    assert CATALOGUE.check(newer, TODAY) == []


def test_a_pressure_written_under_a_key_is_not_the_pressure_of_the_visit():
    form = {name: value for name, value in ROUTINE.items() if name != "vitals"}
    assert said({**form, "vitals/second": ROUTINE["vitals"]}) == {"vitals required"}


def test_the_last_days_of_the_calendar_do_not_stop_the_server():
    assert months_later(dt.date(2026, 11, 30), 3) == dt.date(2027, 2, 28)
    assert months_later(dt.date(2027, 11, 30), 3) == dt.date(2028, 2, 29)
    assert months_later(dt.date(9999, 11, 30), 3) == dt.date.max
    assert "visit.visited_on in_future" in said(visit(visit={"visited_on": "9999-11-30"}, next_visit={"on": "9999-12-31"}))
