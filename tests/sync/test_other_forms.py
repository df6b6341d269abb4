"""Plans, home visits, contracts, registers."""

from __future__ import annotations

import pytest

from sync.types import CATALOGUE
from tests.sync.forms import said, said_of

CALL = {
    "visited_on": "2026-11-20",
    "household": "h1",
    "household_times": 1,
    "person_times": 2,
    "purposes": ["round"],
    "doctor": "dr-li",
    "residents": ["wang", "zhao"],
}


def test_a_call_at_a_locked_door_needs_a_reason_but_no_story():
    home_visit = CATALOGUE.types["home_visit"]
    story = {"narrative": "血压平稳。"}
    assert said({"visit": CALL, "findings": story}, home_visit) == set()
    assert said({"visit": CALL}, home_visit) == {"findings required"}
    nobody = {k: v for k, v in CALL.items() if k != "residents"}
    assert "visit.residents required" in said({"visit": nobody, "findings": story}, home_visit)
    locked = {**nobody, "purposes": ["drug_delivery"], "person_times": 0, "not_met_reason": "nobody_home"}
    assert said({"visit": locked}, home_visit) == set()


def test_a_call_counts_one_household_and_each_person_served():
    story = {"narrative": "血压平稳。"}
    home_visit = CATALOGUE.types["home_visit"]
    for times, expected in ((0, set()), (1, set()), (2, {"visit.household_times out_of_range"})):
        assert said({"visit": {**CALL, "household_times": times}, "findings": story}, home_visit) == expected
    for times in (1, 3):
        found = said({"visit": {**CALL, "person_times": times}, "findings": story}, home_visit)
        assert found == {"(visit.person_times not_the_count)"}
    nobody = {k: v for k, v in CALL.items() if k != "residents"} | {"not_met_reason": "away"}
    assert said({"visit": nobody}, home_visit) == {"(visit.person_times not_the_count)"}


def test_nobody_leaves_before_arriving():
    times = {"arrived_at": "2026-11-20T09:00:00+08:00", "left_at": "2026-11-20T01:30:00Z"}
    assert said_of("visit", {**CALL, **times}, "home_visit") == set()
    assert said_of("visit", {**CALL, **times, "left_at": "2026-11-20T00:59:00Z"}, "home_visit") == {"visit.left_at not_after"}
    assert said_of("visit", {**CALL, **times, "left_at": "2026-11-20"}, "home_visit") == {"visit.left_at not_an_instant"}


def test_two_persons_measured_on_one_call_are_each_looked_at():
    form = {
        "vitals/wang": {"systolic_mmhg": 120, "diastolic_mmhg": 130},
        "vitals/zhao": {"systolic_mmhg": 150, "diastolic_mmhg": 90},
    }
    assert {t for t in said(form, CATALOGUE.types["home_visit"]) if "not_below" in t} == {
        "vitals/wang.diastolic_mmhg not_below"
    }


def test_a_person_taken_to_hospital_was_taken_somewhere():
    taken = {**CALL, "purposes": ["escort_to_hospital"]}
    assert "escort.destination required" in said({"visit": taken}, CATALOGUE.types["home_visit"])


@pytest.mark.parametrize(
    ("ends_on", "expected"),
    [
        ("2026-12-30", {"(term.ends_on short)"}),
        ("2026-12-31", set()),
        ("2027-01-01", set()),
        ("2029-01-01", set()),
        ("2029-01-02", {"(term.ends_on late)"}),
        ("2025-12-31", {"term.ends_on not_after"}),
    ],
)
def test_a_contract_is_for_one_to_three_years(ends_on, expected):
    term = {"signed_on": "2025-12-20", "starts_on": "2026-01-01", "ends_on": ends_on}
    assert said_of("term", term, "contract") == expected


@pytest.mark.parametrize(
    ("fees", "expected"),
    [
        ({"total_yuan": "120.00", "self_pay_yuan": "20", "insurance_yuan": "60.0", "public_health_yuan": "40"}, set()),
        ({"total_yuan": "120.00", "self_pay_yuan": "20", "insurance_yuan": "60"}, {"(fees.total_yuan not_the_sum)"}),
        ({"total_yuan": "120.00"}, set()),
        ({"total_yuan": "0.3", "self_pay_yuan": "0.1", "reduction_yuan": "0.2"}, set()),
    ],
)
def test_what_was_paid_adds_up(fees, expected):
    assert said_of("fees", fees, "contract") == expected


def test_a_contract_that_was_ended_says_when_and_why():
    ended = said({"status": {"status": "terminated"}}, CATALOGUE.types["contract"])
    assert {"stop.stopped_on required", "stop.reason required"} <= ended
    assert "stop.reason required" not in said({"status": {"status": "active"}}, CATALOGUE.types["contract"])


def test_a_register_is_not_opened_before_the_disease_was_confirmed():
    card = {"disease": "hypertension", "found_by": "outpatient", "opened_on": "2026-03-01", "confirmed_on": "2026-03-01"}
    assert said_of("registration", card, "chronic_register") == set()
    early = {**card, "opened_on": "2026-02-28"}
    assert said_of("registration", early, "chronic_register") == {"registration.opened_on not_after"}


def test_the_doctor_who_found_nobody_home_wrote_down_each_attempt():
    notice = {"notified_at": "2026-11-16T09:00:00+08:00", "notified_by": "县疾控中心"}
    attempt = {"at": "2026-11-17T10:00:00+08:00", "outcome": "nobody_home"}
    assert said_of("notice", notice, "chronic_register") == set()
    assert said_of("attempt/1", attempt, "chronic_register") == set()
    assert said_of("attempt/1", {**attempt, "outcome": "gone"}, "chronic_register") == {"attempt/1.outcome unknown_code"}
    assert said_of("attempt/1", {"outcome": "met"}, "chronic_register") == {"attempt/1.at required"}


def test_the_register_of_a_protected_disease_lives_apart():
    register = CATALOGUE.types["chronic_register"]
    card = {"found_by": "notice", "opened_on": "2026-03-01", "confirmed_on": "2026-03-01"}
    for disease, programme in (("tuberculosis", "tb"), ("severe_mental_disorder", "smd"), ("diabetes", None)):
        form = {"registration": {**card, "disease": disease}}
        assert register.protected(form) == programme
        assert ("registration.disease protected" in said(form, register)) is (programme is not None)


def test_a_person_who_moved_here_was_under_management_before():
    hands = {"organization": "hospital", "doctor": "dr-li", "since": "2026-03-01", "managed_since": "2021-05-01"}
    assert said_of("management", hands, "chronic_register") == set()
    later = {**hands, "managed_since": "2026-03-02"}
    assert said_of("management", later, "chronic_register") == {"management.since not_after"}


@pytest.mark.parametrize(("next_review_on", "late"), [("2027-11-20", False), ("2027-11-21", True)])
def test_a_plan_is_looked_at_again_within_a_year(next_review_on, late):
    plan = {"summary": {"written_on": "2026-11-20"}, "review": {"next_review_on": next_review_on}}
    found = said(plan, CATALOGUE.types["care_plan"])
    assert ("(review.next_review_on late)" in found) is late


def test_a_plan_has_one_regimen_for_each_disease():
    regimen = CATALOGUE.types["care_plan"].by_name["condition"]
    assert regimen.keys is not None
    assert regimen.keys.name == "disease"
    assert said_of("condition/hypertension", {"name": "高血压"}, "care_plan") == set()
    assert said_of("condition/hypertension-2", {"name": "高血压"}, "care_plan") == {"(condition/hypertension-2 unknown_key)"}


def test_a_plan_in_force_was_approved_by_somebody():
    found = said({"summary": {"status": "active"}, "review": {"next_review_on": "2027-05-01"}}, CATALOGUE.types["care_plan"])
    assert "review.approved_on required" in found
