"""Severe mental disorder: profile and follow-up, the class by risk, and intervals that depend on the edition in force."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt

import pytest

from sync.types import CATALOGUE, smd_profile, smd_visit
from sync.types.rules import NOTHING, advise
from sync.types.smd_rules import NEXT_WITHIN_2017, NEXT_WITHIN_STRICTER, RULES
from tests.sync.forms import said

PROFILE, VISIT = smd_profile.TYPE, smd_visit.TYPE
DAY = dt.date(2026, 11, 20)
A_WEEK, TWO_WEEKS = dt.date(2026, 11, 27), dt.date(2026, 12, 4)
A_MONTH, TWO_MONTHS, THREE_MONTHS = dt.date(2026, 12, 20), dt.date(2027, 1, 20), dt.date(2027, 2, 20)
NO_ACTS = {
    "minor_disturbance_count": 0,
    "trouble_count": 0,
    "serious_offence_count": 0,
    "other_harm_count": 0,
    "self_harm_count": 0,
    "suicide_attempt_count": 0,
}
ZHOU = {
    "profile": {"filled_on": "2026-11-20", "doctor": "dr-li"},
    "consent": {"consent": "agree", "signer": "周大山", "signed_on": "2026-11-20"},
    "guardian": {"name": "周大山", "relation": "父亲", "address": "大王庄12号", "phone": "13800000000"},
    "situation": {"household_type": "rural", "employment": "farmer", "economy": "not_poor"},
    "onset": {"onset_on": "2019-05-01", "symptoms": ["suspicion", "talks_laughs_alone"]},
    "locked": {"locked": "no"},
    "history": {"outpatient": "continuous", "first_antipsychotic_on": "2019-06-10", "admission_count": 1},
    "diagnosis": {"disease": "schizophrenia", "icd10": "F20.0", "hospital": "市精神病院", "diagnosed_on": "2019-06-10"},
    "effect": {"effect": "improved"},
    "acts": NO_ACTS,
}
ZHOU_IS_WELL = {
    "visit": {"visited_on": "2026-11-20", "way": "home", "doctor": "dr-li"},
    "risk": {"level": 0},
    "symptoms": {"symptoms": ["none"]},
    "insight": {"insight": "full"},
    "sleep_diet": {"sleep": "good", "diet": "good"},
    "social": {"self_care": "good", "housework": "fair", "work": "not_applicable", "study": "fair", "interaction": "fair"},
    "acts": NO_ACTS,
    "locked": {"locked": "no"},
    "admission": {"admission": "none"},
    "lab": {"tested": "no"},
    "adherence": {"medication": "regular", "adverse_reaction": "no"},
    "effect": {"effect": "improved"},
    "medication/m1": {"drug": "利培酮", "times_per_day": 2, "dose": "1", "dose_unit": "mg"},
    "assessment": {"class": "stable", "next_measure": "continue"},
    "next_visit": {"on": "2027-02-20"},
}


def seen(**changes):
    """The visit at which Zhou is well, with some fields of some sections changed."""
    return {**ZHOU_IS_WELL, **{name: {**ZHOU_IS_WELL.get(name, {}), **value} for name, value in changes.items()}}


def numbers(declared, path):
    """The numbers on the paper of a field's codes."""
    section, _, field = path.partition(".")
    codes = declared.by_name[section].fields[field].metadata["codes"]
    return {code.national: code.value for code in codes.codes if code.national is not None}


# -- the forms ---------------------------------------------------------------------------------------------------------


def test_profile_and_visit_filled_in_have_nothing_said_of_them():
    assert said(ZHOU, PROFILE) == set()
    assert said(ZHOU_IS_WELL, VISIT) == set()


def test_profile_and_visit_live_only_where_somebody_may_know_of_the_disorder():
    assert CATALOGUE.protected("smd_profile", ZHOU) == "smd"
    assert CATALOGUE.protected("smd_visit", {}) == "smd"
    assert PROFILE.day_of(ZHOU) == DAY


def test_a_family_that_does_not_agree_signs_for_that_and_is_kept_as_number_0():
    assert numbers(PROFILE, "consent.consent") == {"1": "agree", "0": "refuse"}
    assert said({**ZHOU, "consent": {**ZHOU["consent"], "consent": "refuse"}}, PROFILE) == set()
    unsigned = {"consent.signer required", "consent.signed_on required"}
    assert said({**ZHOU, "consent": {"consent": "refuse"}}, PROFILE) == unsigned


def test_laboratory_tests_are_number_1_for_none_and_2_for_some():
    assert numbers(VISIT, "lab.tested") == {"1": "no", "2": "yes"}


def test_past_and_present_symptoms_have_the_same_numbers():
    expected = (
        "hallucination",
        "hard_to_talk_to",
        "suspicion",
        "moody",
        "odd_behaviour",
        "excited_talkative",
        "harming_smashing",
        "despair",
        "wandering",
        "talks_laughs_alone",
        "withdrawn_idle",
        "other",
    )
    by_number = {str(number): value for number, value in enumerate(expected, 1)}
    assert numbers(PROFILE, "onset.symptoms") == numbers(VISIT, "symptoms.symptoms") == by_number


def test_the_other_numbers_of_the_profile():
    assert numbers(PROFILE, "locked.locked") == {"1": "no", "2": "locked", "3": "released"}
    assert numbers(PROFILE, "history.outpatient") == {"1": "none", "2": "intermittent", "3": "continuous"}
    assert numbers(PROFILE, "effect.effect") == {"1": "recovered", "2": "improved", "3": "unchanged", "4": "worse"}
    assert numbers(PROFILE, "situation.household_type") == {"1": "urban", "2": "rural"}
    assert numbers(PROFILE, "situation.economy") == {"1": "poor", "2": "not_poor"}
    assert list(numbers(PROFILE, "situation.employment").items()) == [
        ("1", "worker"),
        ("2", "manager"),
        ("3", "farmer"),
        ("4", "unemployed"),
        ("5", "student"),
        ("6", "retired"),
        ("7", "professional"),
        ("8", "other"),
        ("9", "unknown"),
    ]


def test_the_other_numbers_of_the_visit():
    assert numbers(VISIT, "insight.insight") == {"1": "full", "2": "partial", "3": "absent"}
    assert numbers(VISIT, "social.work") == {"1": "good", "2": "fair", "3": "poor", "9": "not_applicable"}
    assert numbers(VISIT, "social.study") == {"1": "good", "2": "fair", "3": "poor"}
    assert numbers(VISIT, "admission.admission") == {"0": "none", "1": "admitted", "2": "discharged"}
    assert numbers(VISIT, "adherence.medication") == {"1": "regular", "2": "intermittent", "3": "none", "4": "not_needed"}
    assert numbers(VISIT, "adherence.adverse_reaction") == {"1": "no", "2": "yes", "9": "not_applicable"}
    assert numbers(VISIT, "effect.effect") == {
        "1": "recovered",
        "2": "improved",
        "3": "unchanged",
        "4": "worse",
        "9": "not_applicable",
    }
    assert numbers(VISIT, "assessment.class") == {"1": "unstable", "2": "basically_stable", "3": "stable"}
    assert list(numbers(VISIT, "visit.death_cause")) == ["1", "2", "3", "4", "5", "6"]
    assert list(numbers(VISIT, "visit.death_disease")) == ["1", "2", "3", "4", "5", "6", "7", "8"]
    assert list(numbers(VISIT, "rehabilitation.measures").values()) == [
        "daily_life",
        "occupation",
        "learning",
        "social",
        "other",
    ]


def test_the_diagnosis_has_a_name_or_an_icd_code():
    coded = {name: value for name, value in ZHOU["diagnosis"].items() if name != "disease"}
    assert said({**ZHOU, "diagnosis": coded}, PROFILE) == set()
    bare = {name: value for name, value in coded.items() if name != "icd10"}
    assert said({**ZHOU, "diagnosis": bare}, PROFILE) == {"diagnosis.disease required"}


def test_an_injection_once_a_month_is_a_medicine_like_any_other():
    monthly = {"drug": "棕榈酸帕利哌酮", "times_per_month": 1, "dose": "100", "dose_unit": "mg"}
    assert said({**ZHOU_IS_WELL, "medication/m2": monthly}, VISIT) == set()
    vague = {"drug": "氯氮平", "dose_unit": "mg"}
    expected = {"medication/m2.times_per_day required", "medication/m2.dose required"}
    assert said({**ZHOU_IS_WELL, "medication/m2": vague}, VISIT) == expected


def test_somebody_who_cannot_be_found_or_died_is_not_asked_for_a_risk():
    gone = {"visit": {**ZHOU_IS_WELL["visit"], "lost_reason": "gone_missing"}}
    assert said(gone, VISIT) == set()
    assert VISIT.advice(gone).findings == ()
    died = {"visit": {**ZHOU_IS_WELL["visit"], "died_on": "2026-11-10", "death_cause": "physical_disease"}}
    assert said(died, VISIT) == {"visit.death_disease required"}
    died["visit"]["death_disease"] = "heart"
    assert said(died, VISIT) == set()


def test_who_left_the_hospital_left_it_on_a_day():
    home = {"admission": "discharged"}
    assert said(seen(admission=home), VISIT) == {"admission.last_discharged_on required"}
    assert said(seen(admission={**home, "last_discharged_on": "2026-11-02"}), VISIT) == set()


# -- risk and class ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("risk", "crisis", "suggested", "measure", "by"),
    [
        (0, None, "stable", "continue", THREE_MONTHS),
        (1, None, "basically_stable", "adjust", TWO_WEEKS),
        (2, None, "basically_stable", "adjust", TWO_WEEKS),
        (3, "alert", "unstable", "refer_at_once", TWO_WEEKS),
        (4, "alert", "unstable", "refer_at_once", TWO_WEEKS),
        (5, "alert", "unstable", "refer_at_once", TWO_WEEKS),
    ],
)
def test_the_risk_alone_decides_when_nothing_else_is_wrong(risk, crisis, suggested, measure, by):
    advice = VISIT.advice(seen(risk={"level": risk}))
    assert advice.get("crisis") == crisis
    assert (advice.get("class"), advice.get("measure"), advice.by("next_within")) == (suggested, measure, by)


@pytest.mark.parametrize("risk", [-1, 6])
def test_there_is_no_such_risk(risk):
    assert "risk.level out_of_range" in said(seen(risk={"level": risk}), VISIT)


@pytest.mark.parametrize(
    ("found", "suggested"),
    [
        ({"symptoms": {"symptoms": ["hallucination"], "obvious": True}}, "unstable"),
        ({"insight": {"insight": "absent"}}, "unstable"),
        ({"danger": {"serious_adverse": True}}, "unstable"),
        ({"danger": {"serious_physical_illness": True}}, "unstable"),
        ({"symptoms": {"symptoms": ["hallucination"]}}, "basically_stable"),
        ({"symptoms": {"symptoms": ["hallucination"], "obvious": False}}, "basically_stable"),
        ({"insight": {"insight": "partial"}}, "basically_stable"),
        ({"social": {"self_care": "poor"}}, "basically_stable"),
        ({"social": {"housework": "poor"}}, "basically_stable"),
        ({"social": {"work": "poor"}}, "basically_stable"),
        ({"social": {"study": "poor"}}, "basically_stable"),
        ({"social": {"interaction": "poor"}}, "basically_stable"),
        ({"sleep_diet": {"sleep": "poor"}}, "stable"),
        ({"danger": {"serious_adverse": False, "serious_physical_illness": False}}, "stable"),
        ({"adherence": {"adverse_reaction": "yes", "adverse_reaction_note": "手抖"}}, "stable"),
    ],
)
def test_without_risk_each_other_trouble_decides_by_itself(found, suggested):
    advice = VISIT.advice(seen(**found))
    assert (advice.get("class"), advice.get("crisis")) == (suggested, None)


@pytest.mark.parametrize("risk", [0, 2, 3])
@pytest.mark.parametrize("insight", ["full", "partial", "absent"])
@pytest.mark.parametrize("work", ["fair", "poor"])
@pytest.mark.parametrize("obvious", [False, True])
def test_the_most_serious_class_wins(risk, insight, work, obvious):
    form = seen(risk={"level": risk}, insight={"insight": insight}, social={"work": work}, symptoms={"obvious": obvious})
    expected = "basically_stable" if risk or insight == "partial" or work == "poor" else "stable"
    expected = "unstable" if risk == 3 or insight == "absent" or obvious else expected
    assert VISIT.advice(form).get("class") == expected


@pytest.mark.parametrize("section", ["risk", "symptoms", "insight", "social"])
def test_nobody_is_called_stable_on_half_a_form(section):
    assert VISIT.advice({**ZHOU_IS_WELL, section: None}).get("class") is None


def test_without_a_risk_somebody_is_at_most_found_unstable():
    unknown = {**seen(insight={"insight": "partial"}), "risk": None}
    assert VISIT.advice(unknown).get("class") is None
    unknown = {**seen(insight={"insight": "absent"}), "risk": None}
    assert VISIT.advice(unknown).get("class") == "unstable"


# -- the next visit ----------------------------------------------------------------------------------------------------

BASICALLY = seen(risk={"level": 1}, effect={"effect": "unchanged"})
BETTER = seen(risk={"level": 1}, effect={"effect": "improved"})


def outcome(form, previous):
    advice = VISIT.advice(form, previous=previous)
    return advice.get("measure"), advice.by("next_within")


def test_zhou_is_basically_stable_and_comes_back_in_two_weeks_then_by_whether_it_helped():
    first = VISIT.advice(BETTER)
    assert outcome(BETTER, NOTHING) == ("adjust", TWO_WEEKS)
    assert outcome(BETTER, first) == ("continue", THREE_MONTHS)
    assert outcome(BASICALLY, first) == ("specialist", A_MONTH)
    assert outcome(seen(risk={"level": 2}, effect={"effect": "not_applicable"}), first) == ("specialist", A_MONTH)


def test_after_an_unstable_or_a_stable_visit_basically_stable_is_a_first_time_again():
    for before in (seen(risk={"level": 4}), ZHOU_IS_WELL):
        assert outcome(BETTER, VISIT.advice(before)) == ("adjust", TWO_WEEKS)


def test_what_went_before_does_not_delay_somebody_who_is_unstable():
    first = VISIT.advice(BASICALLY)
    assert outcome(seen(risk={"level": 3}, effect={"effect": "improved"}), first) == ("refer_at_once", TWO_WEEKS)
    assert outcome(ZHOU_IS_WELL, first) == ("continue", THREE_MONTHS)


def dated(day):
    """The rules when the stricter edition is put in force on a day."""
    changed = {
        NEXT_WITHIN_2017: dataclasses.replace(NEXT_WITHIN_2017, until=day.isoformat()),
        NEXT_WITHIN_STRICTER: dataclasses.replace(NEXT_WITHIN_STRICTER, since=day.isoformat()),
    }
    return [changed.get(table, table) for table in RULES]


@pytest.mark.parametrize(
    ("form", "eve", "day"),
    [
        (seen(risk={"level": 3}), TWO_WEEKS, A_WEEK),
        (BASICALLY, TWO_WEEKS, TWO_MONTHS),
        (ZHOU_IS_WELL, THREE_MONTHS, THREE_MONTHS),
    ],
)
def test_the_stricter_edition_takes_over_on_the_day_that_somebody_gives_it(form, eve, day):
    assert advise(RULES, form, DAY).by("next_within") == eve
    before, after = advise(dated(DAY + dt.timedelta(days=1)), form, DAY), advise(dated(DAY), form, DAY)
    assert (before.by("next_within"), before.kept()["assessment"]["rules_version"]) == (eve, "2017")
    assert (after.by("next_within"), after.kept()["assessment"]["rules_version"]) == (day, "2017+2026")
    assert before.get("class") == after.get("class")
    assert len([finding for finding in after.findings if finding.table.gives == "next_within"]) == 1


def test_an_edition_without_a_day_never_holds():
    assert NEXT_WITHIN_STRICTER in VISIT.rules
    assert not any(NEXT_WITHIN_STRICTER.in_force(dt.date(year, 1, 1)) for year in (2017, 2026, 2099))
    assert advise([NEXT_WITHIN_STRICTER], ZHOU_IS_WELL, dt.date(2099, 1, 1), {"class": "stable"}).findings == ()


def test_the_doctors_class_stands_and_the_suggested_one_is_kept_beside_it():
    form = seen(risk={"level": 3})
    before = copy.deepcopy(form)
    advice = VISIT.advice(form)
    assert [(d.field, d.doctor, d.suggested, d.rule) for d in advice.discrepancies(form)] == [
        ("assessment.class", "stable", "unstable", "smd_unstable_risk"),
        ("assessment.next_measure", "continue", "refer_at_once", "smd_refer"),
        ("next_visit.on", "2027-02-20", "2026-12-04", "smd_within_unstable"),
    ]
    assert form == before
    kept = {**form, "assessment": {**form["assessment"], **advice.kept()["assessment"]}}
    assert said(kept, VISIT) == set()
    assert kept["assessment"] == {
        "class": "stable",
        "next_measure": "continue",
        "suggested_class": "unstable",
        "suggested_next_measure": "refer_at_once",
        "suggested_next_on": "2026-12-04",
        "rules_version": "2017",
    }
