"""What a year brings besides follow-ups: self-care of elders, the health examination, referrals, long prescriptions."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from sync.types import elder_selfcare, exam_codes, health_exam, long_prescription, referral
from sync.types.rules import advise
from tests.sync.forms import said, said_of
from tests.sync.values import saved

# -- self-care ---------------------------------------------------------------------------------------------------------

GRANNY_WANG = {
    "assessment": {"assessed_on": "2026-11-20", "doctor": "dr-li"},
    "scores": {"eating_points": 0, "washing_points": 1, "dressing_points": 3, "toilet_points": 5, "mobility_points": 10},
    "result": {"total_points": 19, "level": "dependent"},
}


def assessed(**result):
    return {**GRANNY_WANG, "result": {**GRANNY_WANG["result"], **result}}


def test_granny_wang_needs_help_with_everything_but_her_meals():
    assert said(GRANNY_WANG, elder_selfcare.TYPE) == set()
    assert elder_selfcare.TYPE.advice(GRANNY_WANG).get("level") == "dependent"


@pytest.mark.parametrize(
    ("total", "level"),
    [
        (0, "independent"),
        (3, "independent"),
        (4, "mild"),
        (8, "mild"),
        (9, "moderate"),
        (18, "moderate"),
        (19, "dependent"),
        (37, "dependent"),
    ],
)
def test_the_level_changes_just_where_the_form_says(total, level):
    assert elder_selfcare.TYPE.advice(assessed(total_points=total)).get("level") == level


def test_no_level_is_suggested_without_a_total_or_for_one_below_nothing():
    assert elder_selfcare.TYPE.advice({**GRANNY_WANG, "result": {"level": "mild"}}).get("level") is None
    assert elder_selfcare.TYPE.advice(assessed(total_points=-1)).get("level") is None


def test_the_doctor_judges_otherwise_and_the_form_keeps_both():
    form = assessed(level="moderate")
    advice = elder_selfcare.TYPE.advice(form)
    (differs,) = advice.discrepancies(form)
    assert (differs.field, differs.doctor, differs.suggested) == ("result.level", "moderate", "dependent")
    assert advice.kept() == {"result": {"suggested_level": "dependent", "rules_version": "2017"}}
    assert form["result"]["level"] == "moderate"


@pytest.mark.parametrize(
    ("item", "never"),
    [
        ("eating_points", (1, 7, 10)),
        ("washing_points", (2, 5, 10)),
        ("dressing_points", (1, 7, 10)),
        ("toilet_points", (3, 7)),
        ("mobility_points", (3, 7)),
    ],
)
def test_a_score_that_the_form_does_not_have_is_a_slip(item, never):
    for points in never:
        scores = {**GRANNY_WANG["scores"], item: points}
        assert said_of("scores", scores, "elder_selfcare") == {f"scores.{item} out_of_range"}


def test_the_scores_add_up():
    assert said(assessed(total_points=18), elder_selfcare.TYPE) == {"(result.total_points not_the_sum)"}


# -- examination -------------------------------------------------------------------------------------------------------

EXAM = {
    "exam": {"examined_on": "2026-11-20", "delivery": "village_clinic", "doctor": "dr-li", "organization": "hospital"},
    "symptoms": {"symptoms": ["none"]},
    "general": {
        "temperature_celsius": "36.5",
        "pulse_per_min": 72,
        "respiration_per_min": 18,
        "right_systolic_mmhg": 138,
        "right_diastolic_mmhg": 84,
        "height_cm": "158",
        "weight_kg": "61.5",
        "waist_cm": "82",
        "bmi_kg_m2": "24.6",
    },
    "lifestyle": {"exercise_frequency": "daily", "diet": ["balanced"], "smoking": "never", "drinking": "never"},
    "organs": {"lips": "ruddy", "teeth": ["normal"], "pharynx": "normal", "hearing": "hears", "motor": "able"},
    "body": {"skin": "normal", "rhythm": "regular"},
    "problems": {"cerebrovascular": ["none"], "nervous_system": "none"},
    "evaluation": {"evaluation": "normal"},
    "guidance": {"guidance": []},
}


def test_granny_wang_is_examined_and_nothing_is_found():
    assert said(EXAM, health_exam.TYPE) == set()
    assert health_exam.TYPE.day_of(EXAM) == dt.date(2026, 11, 20)


def test_a_son_who_came_home_for_the_festival_is_examined_by_appointment():
    exam = {**EXAM["exam"], "delivery": "appointment_for_returner"}
    assert said({**EXAM, "exam": exam}, health_exam.TYPE) == set()


@pytest.mark.parametrize(
    ("section", "change", "expected"),
    [
        ("symptoms", {"symptoms": ["none", "fatigue"]}, {"symptoms.symptoms excludes_others"}),
        ("symptoms", {"symptoms": ["other"]}, {"symptoms.other required"}),
        ("general", {"right_systolic_mmhg": 84}, {"general.right_diastolic_mmhg not_below"}),
        (
            "general",
            {"left_systolic_mmhg": 80, "left_diastolic_mmhg": 130},
            {"general.left_diastolic_mmhg not_below"},
        ),
        ("lifestyle", {"smoking": "smokes"}, {"lifestyle.cigarettes_per_day required"}),
        ("lifestyle", {"smoking": "stopped"}, {"lifestyle.smoking_until_age_years required"}),
        ("lifestyle", {"drinking": "daily"}, {"lifestyle.alcohol_liang_per_day required"}),
        ("body", {"skin": "other"}, {"body.skin_note required"}),
        ("body", {"fundus": "abnormal"}, {"body.fundus_note required"}),
        ("body", {"breast": ["normal", "mass"]}, {"body.breast excludes_others"}),
        ("problems", {"heart": ["angina", "other"]}, {"problems.heart_other required"}),
        ("problems", {"nervous_system": "found"}, {"problems.nervous_system_note required"}),
        ("evaluation", {"evaluation": "abnormal"}, {"evaluation.abnormalities required"}),
        ("guidance", {"risk_control": ["lose_weight"]}, {"guidance.target_weight_kg required"}),
        ("guidance", {"risk_control": ["vaccination"]}, {"guidance.vaccine required"}),
    ],
)
def test_what_was_found_is_said_in_full(section, change, expected):
    assert said({**EXAM, section: {**EXAM[section], **change}}, health_exam.TYPE) == expected


def test_an_electrocardiogram_that_is_abnormal_is_described():
    assert said({**EXAM, "imaging": {"ecg": "abnormal"}}, health_exam.TYPE) == {"imaging.ecg_note required"}
    assert said({**EXAM, "imaging": {"ecg": "abnormal", "ecg_note": "房颤"}}, health_exam.TYPE) == set()


def test_nobody_leaves_hospital_before_coming():
    stay = {"place": "hospital", "from": "2026-03-02", "to": "2026-03-01", "reason": "肺炎"}
    assert said({**EXAM, "stay/1": stay}, health_exam.TYPE) == {"stay/1.to not_after"}


def test_the_numbers_of_the_form_are_those_on_paper():
    lists = {codes.name: codes for codes in health_exam.TYPE.code_lists()}
    counts = {
        "exam_symptom": 25,
        "exam_skin": 7,
        "exam_lips": 5,
        "exam_heart_disease": 7,
        "exam_cerebrovascular": 6,
        "exam_kidney_disease": 6,
        "exam_vascular_disease": 4,
        "exam_eye_disease": 5,
        "exam_dorsalis_pedis": 4,
        "exam_risk_control": 7,
        "self_care_level": 4,
        "elder_self_rated_health": 5,
    }
    for name, count in counts.items():
        assert [code.national for code in lists[name].codes] == [str(n) for n in range(1, count + 1)], name


def test_drunk_within_the_year_is_number_one_here_though_no_is_number_one_elsewhere():
    assert [(c.national, c.value) for c in exam_codes.DRUNK_WITHIN_YEAR.codes] == [("1", "yes"), ("2", "no")]
    assert next((c.national, c.value) for c in exam_codes.FOOT_PULSE.codes) == ("1", "not_felt")


def test_nine_constitutions_are_known():
    assert len(exam_codes.CONSTITUTION.codes) == 9


# -- referral ----------------------------------------------------------------------------------------------------------

SENT = {
    "direction": "up",
    "from_organization": "clinic",
    "to_organization": "county-hospital",
    "disease": "hypertension",
    "reason_code": "two_consecutive_uncontrolled",
    "urgency": "routine",
    "sent_on": "2026-11-01",
    "doctor": "dr-li",
}


@pytest.mark.parametrize(
    ("change", "by"),
    [
        ({}, dt.date(2026, 11, 15)),
        ({"urgency": "urgent", "reason_code": "emergency"}, dt.date(2026, 11, 15)),
        ({"disease": "tuberculosis", "reason_code": "tb_suspect"}, dt.date(2026, 11, 8)),
        ({"disease": "tuberculosis", "reason_code": "tb_suspect", "urgency": "urgent"}, dt.date(2026, 11, 8)),
    ],
)
def test_who_was_sent_away_is_asked_after_in_two_weeks_and_a_suspect_of_tuberculosis_in_one(change, by):
    form = {"referral": {**SENT, **change}}
    assert referral.TYPE.advice(form).by("followup_within") == by
    for day, late in ((by, False), (by + dt.timedelta(days=1), True)):
        asked = {**form, "followup": {"followed_on": day.isoformat(), "by": "dr-li"}}
        assert bool(referral.TYPE.advice(asked).discrepancies(asked)) is late


def test_a_referral_is_followed_to_the_hospital_and_back():
    form = {
        "referral": SENT,
        "arrival": {"arrival": "arrived", "arrived_on": "2026-11-02"},
        "result": {"result": "药物已调整", "closed_on": "2026-11-09"},
        "followup": {"followed_on": "2026-11-10", "by": "dr-li"},
    }
    assert said(form, referral.TYPE) == set()
    assert said({"referral": SENT, "arrival": {"arrival": "arrived"}}, referral.TYPE) == {"arrival.arrived_on required"}
    early = {"referral": SENT, "arrival": {"arrival": "arrived", "arrived_on": "2026-10-31"}}
    assert said(early, referral.TYPE) == {"arrival.arrived_on not_after"}
    assert said({"referral": {**SENT, "reason_code": "other"}}, referral.TYPE) == {"referral.reason required"}


def test_a_suspicion_may_be_written_in_the_village_but_tuberculosis_may_not():
    suspicion = {"referral": {**{k: v for k, v in SENT.items() if k != "disease"}, "reason_code": "tb_suspect"}}
    assert referral.TYPE.protected(suspicion) is None
    assert "referral.reason_code protected" not in said(suspicion, referral.TYPE)
    patient = {"referral": {**SENT, "disease": "tuberculosis", "reason_code": "tb_suspect"}}
    assert referral.TYPE.protected(patient) == "tb"
    assert "referral.disease protected" in said(patient, referral.TYPE)
    record = dataclasses.replace(saved(referral.TYPE, patient), scope="411403101201:tb")
    assert referral.TYPE.check(record, dt.date(2026, 11, 21)) == []


# -- long prescription -------------------------------------------------------------------------------------------------

MONTH = {
    "condition": "hypertension",
    "issued_on": "2026-11-01",
    "days_supply": 30,
    "runs_out_on": "2026-12-01",
    "prescriber": "dr-li",
    "stable": True,
}


def prescription(**change):
    return {"prescription": {**MONTH, **change}}


def test_the_day_on_which_medicines_run_out_is_the_day_of_issue_and_their_days():
    assert said(prescription(), long_prescription.TYPE) == set()
    assert said(prescription(runs_out_on="2026-12-02"), long_prescription.TYPE) == {"(prescription.runs_out_on disagrees)"}
    unknown = {"prescription": {k: v for k, v in MONTH.items() if k != "runs_out_on"}}
    assert said(unknown, long_prescription.TYPE) == {"prescription.runs_out_on required"}


@pytest.mark.parametrize(("days", "limit"), [(59, None), (60, None), (61, "over_limit")])
def test_two_months_are_allowed_and_not_a_day_more(days, limit):
    assert long_prescription.TYPE.advice(prescription(days_supply=days)).get("limit") == limit


@pytest.mark.parametrize(
    ("days", "reason", "limit"),
    [
        (28, "", None),
        (29, "", "over_limit"),
        (29, "外出务工", None),
        (84, "外出务工", None),
        (85, "外出务工", "over_limit"),
    ],
)
def test_the_national_limit_waits_until_a_day_puts_it_in_force(days, reason, limit):
    form = prescription(days_supply=days, **({"extension_reason": reason} if reason else {}))
    here, national = long_prescription.LIMIT, long_prescription.NATIONAL_LIMIT
    dated = [dataclasses.replace(here, until="2026-11-01"), dataclasses.replace(national, since="2026-11-01")]
    assert advise(dated, form, dt.date(2026, 11, 1)).get("limit") == limit
    before = advise(dated, form, dt.date(2026, 10, 31))
    assert [finding.table.name for finding in before.findings] == (["limit"] if days > 60 else [])
    assert national.since is None
    assert not national.in_force(dt.date(2099, 1, 1))


def test_long_prescriptions_for_tuberculosis_are_kept_apart():
    assert long_prescription.TYPE.protected(prescription(condition="tuberculosis")) == "tb"
    assert long_prescription.TYPE.protected(prescription(condition="severe_mental_disorder")) == "smd"
    assert long_prescription.TYPE.protected(prescription()) is None
