"""Tuberculosis: the two forms with their two numberings, the first visit within 72 hours, supervision and its end."""

from __future__ import annotations

import copy
import datetime as dt

import pytest

from sync.types import CATALOGUE, chronic_register, tb_first_visit, tb_visit
from sync.types.rules import advise
from sync.types.tb_codes import DANGER
from sync.types.tb_rules import NOTICE_RULES, since_notice
from tests.sync.forms import said

FIRST, VISIT = tb_first_visit.TYPE, tb_visit.TYPE
DAY = dt.date(2026, 11, 20)
TEN_DAYS, TWO_WEEKS, A_MONTH = dt.date(2026, 11, 30), dt.date(2026, 12, 4), dt.date(2026, 12, 20)
TREATMENT = {"regimen": "2HRZE/4HR", "usage": "daily", "drug_forms": ["fixed_dose_combination"], "supervisor": "family"}
LIFESTYLE = {"cigarettes_per_day": 0, "alcohol_liang_per_day": "0"}
TAUGHT = (
    "record_card",
    "taking_and_storing",
    "course",
    "irregular_taking",
    "adverse_reactions",
    "sputum_check",
    "away_from_home",
    "habits",
    "close_contacts",
)
SUN_COMES_HOME = {
    "visit": {"visited_on": "2026-11-20", "way": "home", "doctor": "dr-li"},
    "diagnosis": {"patient_type": "new", "sputum": "positive", "drug_resistance": "not_tested"},
    "symptoms": {"symptoms": ["cough_sputum", "headache_insomnia"]},
    "treatment": {**TREATMENT, "started_on": "2026-11-18"},
    "home": {"single_room": "yes", "ventilation": "fair"},
    "lifestyle": LIFESTYLE,
    "pickup": {"place": "区疾控中心", "on": "2026-12-18"},
    "education": dict.fromkeys(TAUGHT, "mastered"),
    "next_visit": {"on": "2026-11-30"},
}
SUN_A_MONTH_LATER = {
    "visit": {"visited_on": "2026-11-20", "way": "home", "doctor": "dr-li", "month_seq": 2},
    "symptoms": {"symptoms": ["none"]},
    "lifestyle": LIFESTYLE,
    "treatment": {**TREATMENT, "phase": "intensive"},
    "adherence": {"missed_doses": 0, "missed_days": 0},
    "adverse": {"reaction": "no"},
    "complication": {"present": "no"},
    "assessment": {"next_measure": "continue", "advice": "继续督导服药"},
    "next_visit": {"on": "2026-11-30"},
}
COURSE_DONE = {
    "stopped_on": "2026-11-20",
    "reason": "completed",
    "visits_due": 13,
    "visits_done": 13,
    "doses_due": 180,
    "doses_taken": 176,
}


def seen(**changes):
    """The routine follow-up with some fields of some sections changed."""
    return {**SUN_A_MONTH_LATER, **{name: {**SUN_A_MONTH_LATER.get(name, {}), **value} for name, value in changes.items()}}


def numbers(codes):
    return {code.national: code.value for code in codes.codes}


# -- the forms ---------------------------------------------------------------------------------------------------------


def test_both_forms_filled_in_at_suns_home_have_nothing_said_of_them():
    assert said(SUN_COMES_HOME, FIRST) == set()
    assert said(SUN_A_MONTH_LATER, VISIT) == set()


def test_both_forms_live_only_where_somebody_may_know_of_tuberculosis():
    assert CATALOGUE.protected("tb_first_visit", SUN_COMES_HOME) == "tb"
    assert CATALOGUE.protected("tb_visit", {}) == "tb"


def test_the_number_of_a_symptom_is_that_of_its_own_form():
    first = FIRST.by_name["symptoms"].fields["symptoms"].metadata["codes"]
    later = VISIT.by_name["symptoms"].fields["symptoms"].metadata["codes"]
    alike = {
        "0": "none",
        "1": "cough_sputum",
        "2": "low_fever_night_sweats",
        "3": "haemoptysis",
        "4": "chest_pain_weight_loss",
        "5": "nausea_poor_appetite",
    }
    assert numbers(first) == {
        **alike,
        "6": "headache_insomnia",
        "7": "blurred_vision",
        "8": "itching_rash",
        "9": "tinnitus_hearing_loss",
        "10": "other",
    }
    assert numbers(later) == {
        **alike,
        "6": "joint_pain",
        "7": "headache_insomnia",
        "8": "blurred_vision",
        "9": "itching_rash",
        "10": "tinnitus_hearing_loss",
        "11": "other",
    }


def test_the_same_symptom_is_the_same_word_on_both_forms():
    first = FIRST.by_name["symptoms"].fields["symptoms"].metadata["codes"]
    later = VISIT.by_name["symptoms"].fields["symptoms"].metadata["codes"]
    assert set(later.values) - set(first.values) == {"joint_pain"}
    labels = [
        {code.value: (code.zh, code.en) for code in codes.codes if code.value != "joint_pain"} for codes in (first, later)
    ]
    assert labels[0] == labels[1]
    painful = {"symptoms": {"symptoms": ["joint_pain"]}}
    assert said({**SUN_COMES_HOME, **painful}, FIRST) == {"symptoms.symptoms unknown_code"}
    assert said(seen(**painful), VISIT) == set()


def test_a_room_of_ones_own_is_number_1_though_other_questions_count_no_first():
    assert numbers(FIRST.by_name["home"].fields["single_room"].metadata["codes"]) == {"1": "yes", "2": "no"}
    assert numbers(VISIT.by_name["adverse"].fields["reaction"].metadata["codes"]) == {"1": "no", "2": "yes"}


def test_the_other_numbers_of_the_forms():
    def of(declared, path):
        section, _, field = path.partition(".")
        return numbers(declared.by_name[section].fields[field].metadata["codes"])

    assert of(FIRST, "visit.way") == {"1": "clinic", "2": "home"}
    assert of(VISIT, "visit.way") == {"1": "clinic", "2": "home", "3": "phone"}
    assert of(FIRST, "diagnosis.patient_type") == {"1": "new", "2": "retreatment"}
    assert of(FIRST, "diagnosis.sputum") == {"1": "positive", "2": "negative", "3": "not_tested"}
    assert of(FIRST, "diagnosis.drug_resistance") == {"1": "resistant", "2": "susceptible", "3": "not_tested"}
    assert of(FIRST, "treatment.usage") == {"1": "daily", "2": "intermittent"}
    assert of(VISIT, "treatment.drug_forms") == {
        "1": "fixed_dose_combination",
        "2": "loose",
        "3": "blister_combination",
        "4": "injection",
    }
    assert of(VISIT, "treatment.supervisor") == {"1": "doctor", "2": "family", "3": "self", "4": "other"}
    assert of(FIRST, "education.course") == {"1": "mastered", "2": "not_mastered"}
    assert of(VISIT, "closure.reason") == {"1": "completed", "2": "died", "3": "lost", "4": "to_mdr"}
    assert set(FIRST.by_name["education"].fields) == set(TAUGHT)


def test_the_first_visit_cannot_be_made_by_telephone():
    called = {**SUN_COMES_HOME, "visit": {**SUN_COMES_HOME["visit"], "way": "phone"}}
    assert said(called, FIRST) == {"visit.way unknown_code"}


def test_the_last_form_of_somebody_who_died_asks_only_when_and_why_the_treatment_ended():
    died = {"visit": SUN_A_MONTH_LATER["visit"], "closure": {"stopped_on": "2026-11-19", "reason": "died"}}
    assert said(died, VISIT) == set()
    assert VISIT.advice(died).findings == ()


def test_a_completed_course_is_counted():
    assert said(seen(closure=COURSE_DONE), VISIT) == set()
    uncounted = {"stopped_on": "2026-11-20", "reason": "completed"}
    missing = {f"closure.{name} required" for name in ("visits_due", "visits_done", "doses_due", "doses_taken")}
    assert said(seen(closure=uncounted), VISIT) == missing
    assert said(seen(closure={**COURSE_DONE, "doses_taken": 180}), VISIT) == set()
    assert said(seen(closure={**COURSE_DONE, "doses_taken": 181}), VISIT) == {"closure.doses_taken not_below"}


@pytest.mark.parametrize("month", [0, 37])
def test_no_course_has_such_a_month(month):
    assert said(seen(visit={"month_seq": month}), VISIT) == {"visit.month_seq out_of_range"}


def test_reactions_and_complications_are_described():
    assert said(seen(adverse={"reaction": "yes"}), VISIT) == {"adverse.note required"}
    assert said(seen(complication={"present": "yes"}), VISIT) == {"complication.note required"}


# -- 72 hours ----------------------------------------------------------------------------------------------------------

NOTIFIED = dt.datetime.fromisoformat("2026-11-20T09:00:00+08:00")


def after(hours, minutes=0):
    return NOTIFIED + dt.timedelta(hours=hours, minutes=minutes)


def register(*attempts, disease="tuberculosis"):
    """Sun's register with a notice and attempts of (moment, outcome)."""
    made = {f"attempt/a{n}": {"at": moment.isoformat(), "outcome": how} for n, (moment, how) in enumerate(attempts)}
    return {"registration": {"disease": disease}, "notice": {"notified_at": NOTIFIED.isoformat()}, **made}


def asked(view, now, visited=False):
    """What the rules of the notice say of a register at a moment: about the visit, and about the report."""
    advice = advise(NOTICE_RULES, view, now.date(), since_notice(view, now, first_visit_done=visited))
    return advice.get("first_visit"), advice.get("first_visit_report")


@pytest.mark.parametrize(
    ("now", "expected"), [(after(0), "due"), (after(71, 59), "due"), (after(72), "overdue"), (after(500), "overdue")]
)
def test_sun_is_to_be_visited_within_72_hours_of_the_notice(now, expected):
    assert asked(register(), now) == (expected, None)
    assert asked(register(), now.astimezone(dt.UTC)) == (expected, None)
    assert asked(register(), now, visited=True) == ("done", None)


@pytest.mark.parametrize("outcome", ["nobody_home", "refused", "wrong_address"])
def test_who_was_not_met_twice_within_72_hours_is_reported(outcome):
    once = (after(20), outcome)
    assert asked(register(once), after(30)) == ("due", None)
    assert asked(register(once, (after(71, 59), outcome)), after(72)) == ("overdue", "report")
    assert asked(register(once, (after(72), outcome)), after(72)) == ("overdue", "report")
    assert asked(register(once, (after(72, 1), outcome)), after(73)) == ("overdue", None)
    assert asked(register((after(0, -1), outcome), once), after(30)) == ("due", None)


def test_who_was_met_at_the_second_attempt_is_not_reported():
    tried = register((after(20), "nobody_home"), (after(40), "met"))
    assert asked(tried, after(41)) == ("due", None)
    twice = register((after(20), "nobody_home"), (after(30), "nobody_home"), (after(40), "met"))
    assert asked(twice, after(41), visited=True) == ("done", None)


def test_an_attempt_of_which_nobody_knows_when_or_how_counts_for_nothing():
    vague = {**register((after(20), "nobody_home")), "attempt/x": {"outcome": "refused"}, "attempt/y": None}
    vague["attempt/z"] = {"at": after(30).isoformat()}
    assert asked(vague, after(40)) == ("due", None)


def test_a_clock_that_is_behind_does_not_hide_the_visit():
    assert asked(register(), after(-2)) == ("due", None)


def test_no_notice_and_no_tuberculosis_ask_for_no_visit_within_72_hours():
    assert asked({"registration": {"disease": "tuberculosis"}}, after(100)) == (None, None)
    assert asked(register(disease="severe_mental_disorder"), after(100)) == (None, None)


def test_the_register_brings_the_rules_of_the_notice_along():
    view = {**register(), "registration": {"disease": "tuberculosis", "opened_on": "2026-11-20"}}
    given = since_notice(view, after(72), first_visit_done=False)
    assert chronic_register.TYPE.advice(view, given).get("first_visit") == "overdue"
    assert chronic_register.TYPE.advice(view).findings == ()


# -- supervision -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("supervisor", "phase", "by"),
    [
        ("doctor", "intensive", A_MONTH),
        ("doctor", "continuation", A_MONTH),
        ("family", "intensive", TEN_DAYS),
        ("family", "continuation", A_MONTH),
        ("self", "intensive", TEN_DAYS),
        ("self", "continuation", A_MONTH),
        ("other", "intensive", TEN_DAYS),
        ("other", "continuation", A_MONTH),
    ],
)
def test_how_soon_depends_on_who_sees_the_medicines_taken_and_on_the_phase(supervisor, phase, by):
    advice = VISIT.advice(seen(treatment={"supervisor": supervisor, "phase": phase}))
    assert advice.by("next_within") == by
    first = {**SUN_COMES_HOME, "treatment": {**TREATMENT, "supervisor": supervisor, "phase": phase}}
    assert FIRST.advice(first).by("next_within") == by


def test_before_anybody_said_which_phase_it_is_the_family_is_visited_every_ten_days():
    assert FIRST.advice(SUN_COMES_HOME).by("next_within") == TEN_DAYS
    watched = {**SUN_COMES_HOME, "treatment": {**TREATMENT, "supervisor": "doctor"}}
    assert FIRST.advice(watched).by("next_within") == A_MONTH


REFERRED = [
    {"danger": {"signs": ["massive_haemoptysis"]}},
    {"danger": {"unmanageable": True}},
    {"adverse": {"reaction": "yes", "note": "皮疹"}},
    {"complication": {"present": "yes", "note": "糖尿病"}},
]


@pytest.mark.parametrize("found", REFERRED)
@pytest.mark.parametrize(
    ("supervisor", "phase", "by"),
    [("doctor", "intensive", TWO_WEEKS), ("family", "continuation", TWO_WEEKS), ("family", "intensive", TEN_DAYS)],
)
def test_who_is_referred_is_seen_within_two_weeks_and_not_later_than_otherwise(found, supervisor, phase, by):
    advice = VISIT.advice(seen(treatment={"supervisor": supervisor, "phase": phase}, **found))
    assert (advice.get("measure"), advice.by("next_within")) == ("refer", by)


@pytest.mark.parametrize("sign", DANGER.values)
def test_each_danger_sign_is_a_reason_to_refer_at_once(sign):
    assert VISIT.advice(seen(danger={"signs": [sign]})).given["urgent"] == [sign]
    assert VISIT.advice(SUN_A_MONTH_LATER).get("urgent") is None


@pytest.mark.parametrize(
    ("doses", "days", "measure", "report"),
    [
        (0, 0, "continue", None),
        (1, 1, "find_cause", None),
        (6, 6, "find_cause", None),
        (7, 7, "find_cause", "report"),
        (12, 6, "find_cause", None),
        (6, None, "find_cause", None),
        (7, None, "find_cause", "report"),
    ],
)
def test_missed_medicines_have_a_cause_and_a_week_of_them_is_reported(doses, days, measure, report):
    form = seen(adherence={"missed_doses": doses, "missed_days": days})
    if days is None:
        del form["adherence"]["missed_days"]
    assert (VISIT.advice(form).get("measure"), VISIT.advice(form).get("report")) == (measure, report)


def test_medicines_missed_because_of_a_reaction_are_a_case_for_referral():
    form = seen(adherence={"missed_doses": 8, "missed_days": 8}, adverse={"reaction": "yes", "note": "恶心"})
    assert (VISIT.advice(form).get("measure"), VISIT.advice(form).get("report")) == ("refer", "report")


@pytest.mark.parametrize(
    ("taken", "due", "regular"),
    [(161, 180, "no"), (162, 180, "yes"), (89, 100, "no"), (90, 100, "yes"), (180, 180, "yes"), (0, 180, "no"), (0, 0, None)],
)
def test_who_took_nine_doses_of_ten_took_them_regularly(taken, due, regular):
    advice = VISIT.advice(seen(closure={**COURSE_DONE, "doses_taken": taken, "doses_due": due}))
    assert advice.get("regular") == regular


def test_before_the_end_nobody_is_judged_to_be_regular():
    assert VISIT.advice(SUN_A_MONTH_LATER).get("regular") is None
    assert VISIT.advice(seen(closure={"stopped_on": "2026-11-20", "reason": "to_mdr", "doses_due": 90})).get("regular") is None


@pytest.mark.parametrize(("reason", "by"), [("completed", TWO_WEEKS), ("to_mdr", TWO_WEEKS), ("died", None), ("lost", None)])
def test_who_ended_the_course_is_called_within_two_weeks_about_the_closing_assessment(reason, by):
    ended = seen(treatment={"supervisor": "family", "phase": "intensive"}, closure={**COURSE_DONE, "reason": reason})
    assert VISIT.advice(ended).by("next_within") == by


def test_a_last_reaction_does_not_call_back_somebody_who_died():
    died = seen(adverse={"reaction": "yes", "note": "肝损害"}, closure={"stopped_on": "2026-11-19", "reason": "died"})
    assert VISIT.advice(died).by("next_within") is None


def test_the_doctors_day_stands_and_the_suggested_one_is_kept_beside_it():
    form = seen(adverse={"reaction": "yes", "note": "皮疹"}, next_visit={"on": "2026-12-01"})
    before = copy.deepcopy(form)
    advice = VISIT.advice(form)
    assert [(d.field, d.doctor, d.suggested, d.rule) for d in advice.discrepancies(form)] == [
        ("assessment.next_measure", "continue", "refer", "tb_refer_adverse"),
        ("next_visit.on", "2026-12-01", "2026-11-30", "tb_within_ten_days"),
    ]
    assert form == before
    kept = advice.kept()["assessment"]
    assert kept == {"suggested_next_measure": "refer", "suggested_next_on": "2026-11-30", "rules_version": "2017"}
    assert said({**form, "assessment": {**form["assessment"], **kept}}, VISIT) == set()
    first = FIRST.advice(SUN_COMES_HOME).kept()["assessment"]
    assert said({**SUN_COMES_HOME, "assessment": first}, FIRST) == set()
    assert first == {"suggested_next_on": "2026-11-30", "rules_version": "2017"}
