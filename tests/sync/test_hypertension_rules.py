"""What a hypertension visit suggests to the doctor, and that the doctor's word stands."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt

import pytest

from sync.types.hypertension_rules import DANGER_SIGNS
from sync.types.hypertension_visit import TYPE
from sync.types.rules import NOTHING, advise, age_on
from tests.sync.forms import ROUTINE, said, visit

VISIT_DAY = dt.date(2026, 11, 20)
TWO_WEEKS, THREE_MONTHS = dt.date(2026, 12, 4), dt.date(2027, 2, 20)


def measured(systolic, diastolic, **sections):
    """The visit of somebody with this pressure, and what else was found."""
    return visit(vitals={"systolic_mmhg": systolic, "diastolic_mmhg": diastolic}, **sections)


def advised(form, age=58, previous=NOTHING):
    """What the rules say of it to the doctor of a person of this age."""
    return TYPE.advice(form, {"age_years": age}, previous)


@pytest.mark.parametrize(
    ("systolic", "diastolic", "age", "suggested", "measure"),
    [
        (139, 89, 58, "controlled", "routine"),
        (140, 89, 58, "uncontrolled", "two_week"),
        (139, 90, 58, "uncontrolled", "two_week"),
        (149, 89, 64, "uncontrolled", "two_week"),
        (149, 89, 65, "controlled", "routine"),
        (150, 89, 64, "uncontrolled", "two_week"),
        (150, 89, 65, "uncontrolled", "two_week"),
        (149, 90, 65, "uncontrolled", "two_week"),
        (139, 89, 65, "controlled", "routine"),
        (179, 109, 58, "uncontrolled", "two_week"),
        (180, 109, 58, "uncontrolled", "urgent_refer"),
        (179, 110, 58, "uncontrolled", "urgent_refer"),
        (180, 79, 80, "uncontrolled", "urgent_refer"),
    ],
)
def test_a_pressure_at_the_edge(systolic, diastolic, age, suggested, measure):
    advice = advised(measured(systolic, diastolic), age)
    assert (advice.get("class"), advice.get("measure")) == (suggested, measure)
    assert advice.by("next_within") == (THREE_MONTHS if measure == "routine" else TWO_WEEKS)


def test_the_same_pressure_is_controlled_from_the_65th_birthday_on():
    born, form = dt.date(1961, 11, 20), measured(149, 89)
    assert TYPE.advice(form, {"age_years": age_on(born, VISIT_DAY)}).get("class") == "controlled"
    eve = visit(visit={"visited_on": "2026-11-19"}, vitals=form["vitals"])
    assert TYPE.advice(eve, {"age_years": age_on(born, dt.date(2026, 11, 19))}).get("class") == "uncontrolled"


@pytest.mark.parametrize("given", [None, {}, {"age_years": None}])
def test_somebody_whose_age_nobody_knows_is_not_taken_for_an_elder(given):
    assert TYPE.advice(measured(149, 89), given).get("class") == "uncontrolled"
    assert TYPE.advice(measured(139, 89), given).get("class") == "controlled"


def test_a_first_pressure_of_180_over_110_is_referred_at_once_and_not_asked_back_in_two_weeks_only():
    advice = advised(measured(180, 110))
    assert advice.get("measure") == "urgent_refer"
    assert advice.given["urgent"] == ["systolic", "diastolic"]
    assert advice.by("next_within") == TWO_WEEKS


@pytest.mark.parametrize("sign", DANGER_SIGNS.values)
def test_each_danger_sign_alone_refers_at_once_though_the_pressure_is_fine(sign):
    advice = advised(measured(130, 80, danger={"signs": [sign]}))
    assert advice.given["urgent"] == [sign]
    assert (advice.get("class"), advice.get("measure")) == ("controlled", "urgent_refer")


def test_the_doctor_is_told_every_reason_to_refer_at_once():
    form = measured(196, 90, danger={"signs": ["cannot_lie_flat", "altered_consciousness"], "unmanageable": True})
    assert advised(form).given["urgent"] == ["systolic", "altered_consciousness", "cannot_lie_flat", "unmanageable"]


@pytest.mark.parametrize("danger", [{}, {"signs": []}, {"signs": [], "unmanageable": False}, {"unmanageable": "yes"}, None])
def test_nobody_is_referred_at_once_for_danger_signs_that_nobody_saw(danger):
    assert advised({**measured(130, 80), "danger": danger}).get("measure") == "routine"


def test_not_controlled_at_two_visits_in_a_row_is_referred():
    first = advised(measured(152, 94))
    second = advised(measured(146, 88), previous=first)
    assert [first.get("measure"), second.get("measure")] == ["two_week", "refer_followup"]
    assert second.by("next_within") == TWO_WEEKS


def test_not_controlled_controlled_and_not_controlled_again_is_a_first_time_again():
    first = advised(measured(152, 94))
    between = advised(measured(136, 84), previous=first)
    last = advised(measured(152, 94), previous=between)
    assert [first.get("measure"), between.get("measure"), last.get("measure")] == ["two_week", "routine", "two_week"]


def test_a_rash_at_the_last_visit_does_not_hide_that_the_pressure_was_high_then():
    first = advised(measured(152, 94, adherence={"adverse_reaction": "yes", "adverse_reaction_note": "皮疹"}))
    assert (first.get("class"), first.get("measure")) == ("adverse", "two_week")
    assert advised(measured(152, 94), previous=first).get("measure") == "refer_followup"


@pytest.mark.parametrize("systolic", [132, 152])
@pytest.mark.parametrize("reaction", [{}, {"adverse_reaction": "yes"}, {"adverse_hard_to_control": True}])
@pytest.mark.parametrize("status", ["no", "new", "worse", None])
def test_the_most_serious_class_wins(systolic, reaction, status):
    form = measured(systolic, 84, adherence=reaction, complication={"status": status})
    expected = "uncontrolled" if systolic == 152 else "controlled"
    expected = "adverse" if reaction else expected
    expected = "complication" if status in ("new", "worse") else expected
    assert advised(form).get("class") == expected


@pytest.mark.parametrize(
    ("sections", "measure", "rule"),
    [
        ({"adherence": {"adverse_reaction": "yes"}}, "two_week", "htn_c1"),
        ({"adherence": {"adverse_reaction": "yes", "adverse_hard_to_control": True}}, "refer_followup", "htn_c2_adverse"),
        ({"complication": {"status": "new"}}, "refer_followup", "htn_c2_complication"),
        ({"complication": {"status": "worse"}}, "refer_followup", "htn_c2_complication"),
        ({"complication": {"status": "no"}}, "routine", "htn_c0"),
        ({"complication": {"status": "new"}, "danger": {"signs": ["cannot_lie_flat"]}}, "urgent_refer", "htn_u1"),
    ],
)
def test_with_a_fine_pressure_reactions_and_complications_decide(sections, measure, rule):
    found = next(finding for finding in advised(measured(132, 84, **sections)).findings if finding.table.gives == "measure")
    assert (found.value, found.rows[0].id) == (measure, rule)


@pytest.mark.parametrize(
    ("visited_on", "systolic", "latest"),
    [
        ("2026-11-30", 132, dt.date(2027, 2, 28)),
        ("2027-11-30", 132, dt.date(2028, 2, 29)),
        ("2026-12-25", 152, dt.date(2027, 1, 8)),
        ("9999-12-25", 152, dt.date(9999, 12, 31)),
    ],
)
def test_months_are_of_the_calendar_and_two_weeks_are_fourteen_days(visited_on, systolic, latest):
    form = visit(visit={"visited_on": visited_on}, vitals={"systolic_mmhg": systolic, "diastolic_mmhg": 84})
    assert advised(form).by("next_within") == latest


@pytest.mark.parametrize(
    "vitals", [{}, {"systolic_mmhg": 138}, {"diastolic_mmhg": 84}, {"systolic_mmhg": "高", "diastolic_mmhg": None}, None]
)
def test_a_form_without_both_pressures_gives_no_class_and_no_day(vitals):
    advice = advised({**ROUTINE, "vitals": vitals})
    assert advice.findings == ()
    assert (advice.get("class"), advice.get("measure"), advice.by("next_within")) == (None, None, None)


def test_one_pressure_that_is_high_by_itself_is_enough_to_say_not_controlled():
    assert advised({**ROUTINE, "vitals": {"diastolic_mmhg": 92}}).get("class") == "uncontrolled"
    assert advised({**ROUTINE, "vitals": {"systolic_mmhg": 145}}, age=64).get("class") == "uncontrolled"
    assert advised({**ROUTINE, "vitals": {"systolic_mmhg": 145}}, age=70).get("class") is None


def test_nothing_is_suggested_for_a_person_who_was_not_met():
    lost = {"visit": {**ROUTINE["visit"], "lost_reason": "away_for_work"}}
    assert advised(lost).findings == ()
    assert TYPE.advice({"vitals": ROUTINE["vitals"]}) == NOTHING


def test_the_doctor_knows_better_and_the_suggestion_stands_beside():
    form = measured(152, 94, assessment={"class": "controlled", "next_measure": "routine"}, next_visit={"on": "2027-02-20"})
    before = copy.deepcopy(form)
    advice = advised(form)
    assert [(d.field, d.doctor, d.suggested, d.rule, d.version) for d in advice.discrepancies(form)] == [
        ("assessment.class", "controlled", "uncontrolled", "htn_class_uncontrolled", "2017"),
        ("assessment.next_measure", "routine", "two_week", "htn_c1", "2017"),
        ("next_visit.on", "2027-02-20", "2026-12-04", "htn_within_two_weeks", "2017"),
    ]
    assert form == before
    assert advice.kept() == {
        "assessment": {
            "suggested_class": "uncontrolled",
            "suggested_next_measure": "two_week",
            "suggested_next_on": "2026-12-04",
            "rules_version": "2017",
        }
    }
    kept = {**form, "assessment": {**form["assessment"], **advice.kept()["assessment"]}}
    assert said(kept) == set()
    assert kept["assessment"]["class"] == "controlled"


@pytest.mark.parametrize(("day", "late"), [("2026-11-27", False), ("2026-12-04", False), ("2026-12-05", True)])
def test_a_next_visit_that_is_earlier_than_needed_is_nothing_to_talk_about(day, late):
    form = measured(152, 94, assessment={"class": "uncontrolled", "next_measure": "two_week"}, next_visit={"on": day})
    assert [d.field for d in advised(form).discrepancies(form)] == (["next_visit.on"] if late else [])


def test_a_stricter_edition_takes_over_on_its_day_and_one_without_a_day_never_does():
    today = {table.gives: table for table in TYPE.rules}
    rows = [dataclasses.replace(row, value="P7D") for row in today["next_within"].rows]
    draft = dataclasses.replace(today["next_within"], version="2027", rows=rows, since=None)
    form, before = measured(132, 84), [today["controlled"], today["class"], today["measure"]]

    def latest(on, *within):
        advice = advise([*before, *within], form, on)
        return advice.by("next_within"), advice.kept()["assessment"]["rules_version"]

    eve, day = dt.date(2026, 12, 31), dt.date(2027, 1, 1)
    assert latest(day, today["next_within"], draft) == (dt.date(2027, 4, 1), "2017")
    assert latest(dt.date(2099, 1, 1), draft)[0] is None
    ends, begins = (
        dataclasses.replace(today["next_within"], until=day.isoformat()),
        dataclasses.replace(draft, since=day.isoformat()),
    )
    assert latest(eve, ends, begins) == (dt.date(2027, 3, 31), "2017")
    assert latest(day, ends, begins) == (dt.date(2027, 1, 8), "2017+2027")


def test_danger_and_complication_are_asked_without_being_demanded():
    assert said(ROUTINE) == set()
    assert said({**ROUTINE, "danger": {"signs": ["cannot_lie_flat"], "unmanageable": False}}) == set()
    assert said({**ROUTINE, "complication": {"status": "no"}}) == set()
    assert said({**ROUTINE, "complication": {"status": "worse"}}) == {"complication.note required"}
    assert said({**ROUTINE, "danger": {"signs": ["ketone_breath"]}}) == {"danger.signs unknown_code"}
