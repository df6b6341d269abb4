"""The diabetes visit: its form, and what it suggests to the doctor."""

from __future__ import annotations

import datetime as dt

import pytest

from sync.types.diabetes_rules import DANGER_SIGNS
from sync.types.diabetes_visit import DORSALIS_PEDIS, HYPOGLYCEMIA, SYMPTOMS, TYPE
from sync.types.rules import NOTHING
from tests.sync.forms import ROUTINE as HYPERTENSION
from tests.sync.forms import said

LIVING = {name: value for name, value in HYPERTENSION["lifestyle"].items() if name != "salt"}
ROUTINE = {
    "visit": HYPERTENSION["visit"],
    "symptoms": {"symptoms": ["none"]},
    "vitals": {"systolic_mmhg": 138, "diastolic_mmhg": 86, "weight_kg": "61.5", "dorsalis_pedis": "normal"},
    "glucose": {"fasting_glucose_mmol_l": "6.2"},
    "lifestyle": {**LIVING, "staple_food_g_per_day": 300},
    "adherence": {"medication": "regular", "adverse_reaction": "no", "hypoglycemia": "none"},
    "assessment": {"class": "controlled"},
    "next_visit": HYPERTENSION["next_visit"],
}
TWO_WEEKS, THREE_MONTHS = dt.date(2026, 12, 4), dt.date(2027, 2, 20)


def visit(**changes):
    """The routine visit with some fields changed."""
    return {**ROUTINE, **{name: {**ROUTINE.get(name, {}), **value} for name, value in changes.items()}}


def fasting(glucose, **sections):
    """The visit of somebody with this fasting glucose, or whose meter printed LO or HI."""
    value = {"fasting_flag": {"LO": "low", "HI": "high"}[glucose]} if glucose in ("LO", "HI") else None
    return {**visit(**sections), "glucose": value or {"fasting_glucose_mmol_l": glucose}}


def advised(form, previous=NOTHING):
    """What the rules say of it."""
    return TYPE.advice(form, {"age_years": 58}, previous)


def test_a_routine_visit_has_nothing_said_of_it():
    assert said(ROUTINE, TYPE) == set()


@pytest.mark.parametrize(
    ("glucose", "suggested", "measure", "urgent"),
    [
        ("LO", "uncontrolled", "urgent_refer", ["glucose_low"]),
        ("3.8", "uncontrolled", "urgent_refer", ["glucose_low"]),
        ("3.9", "uncontrolled", "urgent_refer", ["glucose_low"]),
        ("4.0", "controlled", "routine", None),
        ("6.9", "controlled", "routine", None),
        ("7.0", "uncontrolled", "two_week", None),
        ("7", "uncontrolled", "two_week", None),
        ("16.6", "uncontrolled", "two_week", None),
        ("16.7", "uncontrolled", "urgent_refer", ["glucose_high"]),
        ("HI", "uncontrolled", "urgent_refer", ["glucose_high"]),
    ],
)
def test_a_fasting_glucose_at_the_edge(glucose, suggested, measure, urgent):
    advice = advised(fasting(glucose))
    assert (advice.get("class"), advice.get("measure"), advice.given.get("urgent")) == (suggested, measure, urgent)
    assert advice.by("next_within") == (THREE_MONTHS if measure == "routine" else TWO_WEEKS)


@pytest.mark.parametrize("glucose", ["LO", "HI"])
def test_a_meter_that_could_not_read_is_believed_more_than_a_number_beside_it(glucose):
    form = fasting(glucose)
    both = {**form, "glucose": {**form["glucose"], "fasting_glucose_mmol_l": "5.6"}}
    assert (advised(both).get("class"), advised(both).get("measure")) == ("uncontrolled", "urgent_refer")


@pytest.mark.parametrize("kind", ["postprandial_glucose_mmol_l", "random_glucose_mmol_l"])
@pytest.mark.parametrize(("glucose", "measure"), [("3.9", "urgent_refer"), ("16.6", "routine"), ("16.7", "urgent_refer")])
def test_glucose_after_a_meal_or_at_any_time_can_be_a_danger_but_says_nothing_of_control(kind, glucose, measure):
    advice = advised(visit(glucose={kind: glucose}))
    assert (advice.get("class"), advice.get("measure")) == ("controlled", measure)
    alone = advised({**ROUTINE, "glucose": {kind: "9.0"}})
    assert alone.findings == ()


@pytest.mark.parametrize(
    ("vitals", "reason"),
    [
        ({"heart_rate_per_min": 100}, None),
        ({"heart_rate_per_min": 101}, "heart_rate"),
        ({"temperature_celsius": "39.0"}, None),
        ({"temperature_celsius": "39.1"}, "temperature"),
        ({"systolic_mmhg": 179, "diastolic_mmhg": 109}, None),
        ({"systolic_mmhg": 180, "diastolic_mmhg": 109}, "systolic"),
        ({"systolic_mmhg": 179, "diastolic_mmhg": 110}, "diastolic"),
    ],
)
def test_a_diabetic_with_a_fine_glucose_can_be_in_danger_all_the_same(vitals, reason):
    advice = advised(visit(vitals=vitals))
    assert advice.get("urgent") == reason
    assert advice.get("measure") == ("urgent_refer" if reason else "routine")


@pytest.mark.parametrize("sign", DANGER_SIGNS.values)
def test_each_danger_sign_alone_refers_at_once(sign):
    advice = advised(visit(danger={"signs": [sign]}))
    assert (advice.given["urgent"], advice.get("measure")) == ([sign], "urgent_refer")


def test_an_illness_that_the_village_cannot_handle_refers_at_once():
    assert advised(visit(danger={"unmanageable": True})).given["urgent"] == ["unmanageable"]


def test_two_visits_in_a_row_at_seven_or_more_are_referred_and_a_good_one_between_starts_anew():
    first = advised(fasting("7.0"))
    assert [first.get("measure"), advised(fasting("9.4"), first).get("measure")] == ["two_week", "refer_followup"]
    between = advised(fasting("6.9"), first)
    assert [between.get("measure"), advised(fasting("9.4"), between).get("measure")] == ["routine", "two_week"]


@pytest.mark.parametrize("glucose", ["6.2", "9.4"])
@pytest.mark.parametrize("reaction", ["no", "yes"])
@pytest.mark.parametrize("status", ["no", "new", "worse"])
def test_the_most_serious_class_wins(glucose, reaction, status):
    form = fasting(glucose, adherence={"adverse_reaction": reaction}, complication={"status": status})
    expected = "uncontrolled" if glucose == "9.4" else "controlled"
    expected = "adverse" if reaction == "yes" else expected
    expected = "complication" if status != "no" else expected
    assert advised(form).get("class") == expected
    assert advised(form).get("measure") == {"complication": "refer_followup", "controlled": "routine"}.get(expected, "two_week")


def test_a_reaction_that_is_hard_to_control_is_referred():
    form = visit(adherence={"adverse_reaction": "yes", "adverse_hard_to_control": True})
    assert (advised(form).get("class"), advised(form).get("measure")) == ("adverse", "refer_followup")


def test_a_form_without_glucose_gives_no_class_whatever_the_pressure():
    assert advised({**visit(vitals={"systolic_mmhg": 160}), "glucose": {}}).findings == ()


def test_the_doctor_of_a_person_with_3_9_may_write_controlled_but_hears_otherwise():
    form = fasting("3.9", assessment={"class": "controlled", "next_measure": "urgent_refer"}, next_visit={"on": "2026-12-04"})
    advice = advised(form)
    assert [(d.doctor, d.suggested) for d in advice.discrepancies(form)] == [("controlled", "uncontrolled")]
    kept = {**form, "assessment": {**form["assessment"], **advice.kept()["assessment"]}}
    assert kept["assessment"]["class"] == "controlled"
    assert kept["assessment"]["suggested_class"] == "uncontrolled"
    assert said(kept, TYPE) == set()


@pytest.mark.parametrize(
    ("glucose", "expected"),
    [
        ("0.5", {"glucose.fasting_glucose_mmol_l out_of_range"}),
        ("0.6", {"(glucose.fasting_glucose_mmol_l unusual)"}),
        ("1.9", {"(glucose.fasting_glucose_mmol_l unusual)"}),
        ("2.0", set()),
        ("30.0", set()),
        ("30.1", {"(glucose.fasting_glucose_mmol_l unusual)"}),
        ("50.1", {"glucose.fasting_glucose_mmol_l out_of_range"}),
        ("LO", set()),
        ("HI", set()),
    ],
)
def test_what_a_meter_can_show(glucose, expected):
    assert said(fasting(glucose), TYPE) == expected


def test_the_form_asks_for_glucose_or_the_meters_word_and_for_what_an_answer_calls_for():
    assert said({**ROUTINE, "glucose": {"random_glucose_mmol_l": "8.1"}}, TYPE) == {"glucose.fasting_glucose_mmol_l required"}
    assert said(visit(glucose={"hba1c_percent": "6.8"}), TYPE) == {"glucose.hba1c_tested_on required"}
    assert said(visit(vitals={"dorsalis_pedis": "weakened"}), TYPE) == {"vitals.dorsalis_pedis_side required"}
    assert said(visit(vitals={"dorsalis_pedis": "absent", "dorsalis_pedis_side": "left"}), TYPE) == set()
    assert said(visit(symptoms={"symptoms": ["other"]}), TYPE) == {"symptoms.other required"}
    assert said(visit(vitals={"systolic_mmhg": 80, "diastolic_mmhg": 120}), TYPE) == {"vitals.diastolic_mmhg not_below"}
    assert said({**ROUTINE, "insulin": {"type": "甘精胰岛素"}}, TYPE) == {"insulin.usage required"}


def test_a_diabetic_who_is_away_is_not_asked_for_glucose():
    assert said({"visit": {**ROUTINE["visit"], "lost_reason": "away_for_work"}}, TYPE) == set()
    assert "glucose required" in said({"visit": ROUTINE["visit"]}, TYPE)


@pytest.mark.parametrize(
    ("codes", "numbers"),
    [
        (
            SYMPTOMS,
            {
                "none": "1",
                "polydipsia": "2",
                "polyphagia": "3",
                "polyuria": "4",
                "blurred_vision": "5",
                "infection": "6",
                "limb_numbness": "7",
                "leg_oedema": "8",
                "marked_weight_loss": "9",
                "other": None,
            },
        ),
        (DORSALIS_PEDIS, {"normal": "1", "weakened": "2", "absent": "3"}),
        (HYPOGLYCEMIA, {"none": "1", "occasional": "2", "frequent": "3"}),
    ],
)
def test_the_numbers_on_the_paper_form_are_those_of_the_specification(codes, numbers):
    assert {code.value: code.national for code in codes.codes} == numbers


def test_the_diabetes_form_asks_for_staple_food_and_not_for_salt():
    assert "salt" not in TYPE.by_name["lifestyle"].fields
    assert TYPE.by_name["lifestyle"].fields["staple_food_g_per_day"].required
