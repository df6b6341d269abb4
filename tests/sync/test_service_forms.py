"""What a team promises and does: service packages, the items of contracts, performances; and what residents agreed to."""

from __future__ import annotations

import pytest

from sync.types import CATALOGUE, TYPES, contract, performance, service_package
from sync.types.codes import POPULATION_GROUP
from tests.sync.forms import said, said_of

PACKAGE = {
    "code": "elder-basic",
    "name": "老年人基础包",
    "tier": "basic",
    "organization": "hospital",
    "price_yuan_per_year": "0.00",
    "groups": ["elder_65"],
    "valid_from": "2026-01-01",
}
EXAM = {
    "name": "年度健康体检",
    "nature": "basic",
    "times_per_year": 1,
    "due_rule": "once_in_term",
    "fulfilled_by": ["health_exam"],
    "groups": ["elder_65"],
    "face_to_face": True,
}


def test_a_package_of_a_township_promises_items():
    offered = {"package": PACKAGE, "item/exam": EXAM}
    assert said(offered, service_package.TYPE) == set()
    assert said({"package": PACKAGE}, service_package.TYPE) == {"item required"}
    assert service_package.TYPE.place == "township"
    assert service_package.TYPE.subject is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"due_rule": "within_days_of_start"}, "due_days required"),
        ({"due_rule": "within_days_of_start", "due_days": 7}, None),
        ({"due_rule": "every_n_months"}, "every_months required"),
        ({"due_rule": "every_n_months", "every_months": 3}, None),
        ({"due_rule": "spread_evenly", "times_per_year": 4}, None),
        ({"times_per_year": 0}, "times_per_year out_of_range"),
        ({"times_per_year": 367}, "times_per_year out_of_range"),
        ({"fulfilled_by": ["hypertension_visits"]}, "fulfilled_by unknown_code"),
    ],
)
def test_an_item_says_when_it_is_due_in_a_package_and_in_a_contract_alike(change, expected):
    item = {**EXAM, **change}
    wanted = {f"item/exam.{expected}"} if expected else set()
    assert said_of("item/exam", item, "service_package") == wanted
    assert said_of("item/exam", item, "contract") == wanted


def test_a_contract_carries_all_that_its_packages_said_of_an_item():
    assert list(contract.TYPE.by_name["item"].fields) == list(service_package.TYPE.by_name["item"].fields)
    theirs, ours = contract.TYPE.by_name["item"].about(), service_package.TYPE.by_name["item"].about()
    assert theirs["fields"] == ours["fields"]


def test_a_package_for_the_sick_of_tuberculosis_says_nothing_of_any_person():
    offered = {"package": {**PACKAGE, "groups": ["tuberculosis"]}, "item/tb": {**EXAM, "groups": ["tuberculosis"]}}
    assert said(offered, service_package.TYPE) == set()
    assert service_package.TARGET_GROUP.values == POPULATION_GROUP.values
    assert said_of("population", {"groups": ["tuberculosis"]}, "contract") == {"population.groups protected"}


def test_every_record_that_counts_for_an_item_is_a_declared_type():
    names = set(service_package.COUNTS_AS.values) - {"care_plan_review"}
    assert names <= {declared.name for declared in TYPES}
    assert CATALOGUE.types["care_plan"].by_name["review"]


def test_a_resident_may_object_to_what_was_counted():
    appeal = {"asked_on": "2026-11-10", "reason": "没有来过"}
    assert said_of("appeal/exam", appeal, "contract") == set()
    decided = {**appeal, "decision": "upheld", "decided_on": "2026-11-09", "decided_by": "lea"}
    assert said_of("appeal/exam", decided, "contract") == {"appeal/exam.decided_on not_after"}
    assert said_of("appeal/exam", {**appeal, "decision": "upheld"}, "contract") == {
        "appeal/exam.decided_on required",
        "appeal/exam.decided_by required",
    }


DONE = {
    "performance": {
        "contract": "c1",
        "item": "exam",
        "performed_on": "2026-11-10",
        "mode": "home",
        "provider": "dr-li",
        "category": "health_management",
    },
    "evidence": {"record": "exam-1", "resident_confirmed": "face_to_face"},
}


def test_a_service_that_was_done_has_its_evidence():
    assert said(DONE, performance.TYPE) == set()
    assert said({"performance": DONE["performance"]}, performance.TYPE) == {"evidence required"}
    signed = {**DONE, "evidence": {"resident_confirmed": "signature"}}
    assert said(signed, performance.TYPE) == {"evidence.signature required"}


def test_a_service_that_could_not_be_done_says_why_and_needs_no_evidence():
    planned = {name: value for name, value in DONE["performance"].items() if name != "mode"}
    assert said({"performance": planned, "waiver": {"reason": "died"}}, performance.TYPE) == set()
    assert said({"performance": planned, "waiver": {"reason": "other"}}, performance.TYPE) == {"waiver.note required"}
    assert said({**DONE, "performance": planned}, performance.TYPE) == {"performance.mode required"}


@pytest.mark.parametrize(("points", "expected"), [(0, True), (1, False), (5, False), (6, True)])
def test_a_resident_is_content_from_one_to_five(points, expected):
    assert bool(said_of("satisfaction", {"points": points}, "performance")) is expected


GIVEN = {"purpose": "record", "text_version": "2026-1", "given_on": "2026-05-01", "by": "resident", "explained_by": "dr-li"}


def test_a_guardian_who_consents_is_named():
    assert said_of("consent", GIVEN, "consent") == set()
    assert said_of("consent", {**GIVEN, "by": "guardian"}, "consent") == {"consent.guardian_name required"}
    assert said_of("consent", {**GIVEN, "given_on": "2026-11-22"}, "consent") == {"consent.given_on in_future"}


def test_nobody_withdraws_what_was_not_yet_given():
    asked = {"consent": GIVEN}
    assert said_of("withdrawal", {"withdrawn_on": "2026-05-01"}, "consent", also=asked.items()) == set()
    found = said_of("withdrawal", {"withdrawn_on": "2026-04-30"}, "consent", also=asked.items())
    assert found == {"withdrawal.withdrawn_on not_after"}
