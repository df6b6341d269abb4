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


def test_a_plan_in_force_was_approved_by_somebody():
    found = said({"summary": {"status": "active"}, "review": {"next_review_on": "2027-05-01"}}, CATALOGUE.types["care_plan"])
    assert "review.approved_on required" in found
