"""Who is owed what, and from when until when: stories of one rule each, beside the twelve."""

from __future__ import annotations

import datetime as dt

import pytest

from sync.standing import standing
from tests.standing.forms import TODAY, again, contract, exam, item, known_of, performance, pressure, register, resident
from tests.standing.people import DIED, FOLLOWUPS, WU

YEAR = ("2026-01-01", "2026-12-31")
ADVICE = {"guidance": item("every_n_months", 4, every_months=3)}


def stands(*saved, on=TODAY):
    return standing(saved[0].record, known_of(saved), on).wire()


def states(wire):
    return [(one["item"], one["by"], one["state"]) for one in wire["obligations"]]


def lin(**sections):
    return resident(20, "林丽", "female", sections.pop("born", "1990-06-01"), **sections)


# -- for whom ----------------------------------------------------------------------------------------------------------


def test_what_a_mother_was_owed_while_she_was_pregnant_stays_owed_when_she_no_longer_is():
    pregnant = lin(**{"flags/maternal": {"from": "2025-11-01", "to": "2026-08-01"}})
    care = contract(20, *YEAR, {"prenatal": item("every_n_months", 4, every_months=3, groups=["maternal"])})
    given = performance(20, 1, "2026-02-10", "prenatal", evidence={"signature": "s-1"})
    owed = states(stands(pregnant, care, given))
    assert ("prenatal", "2026-03-31", "done") in owed
    assert ("prenatal", "2026-06-30", "missed") in owed
    assert ("prenatal", "2026-12-31", "open") not in owed


def test_who_becomes_65_in_november_has_missed_nothing_in_spring():
    turned = lin(born="1961-11-02")
    care = contract(20, *YEAR, {"elder": item("every_n_months", 4, every_months=3, groups=["elder_65"])})
    assert states(stands(turned, care)) == [("elder", "2026-12-31", "open")]


def test_who_fell_ill_in_november_has_missed_nothing_in_spring():
    care = contract(20, *YEAR, {"followup": FOLLOWUPS})
    seen = pressure(20, 1, "2026-11-10", "138/82")
    owed = states(stands(lin(), care, register(20, "hypertension", "2026-11-03"), seen))
    assert owed == [("followup", "2026-12-31", "done")]


# -- how long ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["every_n_months", "spread_evenly", "once_in_term", "within_days_of_start"])
def test_a_contract_for_ever_is_a_contract_of_this_year_too(rule):
    endless = contract(20, "2026-01-01", "9999-12-31", {"guidance": item(rule, 4, every_months=3, due_days=365)})
    assert states(stands(lin(), endless))
    assert stands(lin(), endless, on=dt.date(9999, 12, 30))["signed"]


def test_a_service_promised_once_in_three_years_is_on_the_list_in_the_year_between():
    long = contract(20, "2025-03-01", "2028-02-29", {"home_aids": item("once_in_term", 1)})
    assert states(stands(lin(), long)) == [("home_aids", "2028-02-29", "open")]


def test_who_moved_to_another_team_in_may_is_owed_by_the_first_until_then_and_by_the_second_since():
    first = contract(20, *YEAR, ADVICE)
    left = again(first, status={"status": "terminated"}, stop={"stopped_on": "2026-05-10", "reason": "other_team"})
    second = contract(20, "2026-05-10", "2027-05-09", ADVICE, number=2, team="t-2")
    told = stands(lin(), first, left, second)
    owed = [(one["contract"], one["by"]) for one in told["obligations"]]
    assert owed == [
        (first.record, "2026-03-31"),
        (second.record, "2026-08-09"),
        (second.record, "2026-11-09"),
        (second.record, "2027-02-09"),
    ]
    assert (told["signed"]["contract"], told["signed"]["others"]) == (second.record, [])


# -- by what it is shown -----------------------------------------------------------------------------------------------


def test_a_review_of_the_plan_counts_where_the_contract_promises_one():
    promised = contract(6, *YEAR, {"review": item("once_in_term", 1, fulfilled_by=["care_plan_review"])})
    [owed] = stands(*WU, promised)["obligations"]
    assert (owed["state"], owed["done_on"]) == ("done", "2026-05-15")


def test_what_was_done_a_day_late_or_for_another_item_or_contract_shows_nothing():
    care = contract(20, *YEAR, ADVICE)
    late = performance(20, 1, "2026-04-01", "guidance", evidence={"signature": "s-1"})
    other_item = performance(20, 2, "2026-02-01", "massage", evidence={"signature": "s-2"})
    other_contract = performance(20, 3, "2026-02-02", "guidance", to=9, evidence={"signature": "s-3"})
    owed = states(stands(lin(), care, late, other_item, other_contract))
    assert owed[:2] == [("guidance", "2026-03-31", "missed"), ("guidance", "2026-06-30", "done")]


# -- the year ----------------------------------------------------------------------------------------------------------


def three_visits():
    seen = [pressure(20, n, f"2026-{month:02}-10", "128/80") for n, month in enumerate((2, 5, 8), 1)]
    return [lin(), register(20, "hypertension", "2024-01-01"), exam(20, "2026-05-10"), *seen]


def test_on_the_last_day_of_the_year_three_visits_are_not_the_four_that_the_year_asks_for():
    [now] = stands(*three_visits())["managed"]
    [then] = stands(*three_visits(), on=dt.date(2026, 12, 31))["managed"]
    assert (now["expected"], now["standard"]) == (3, True)
    assert (then["expected"], then["lacking"]) == (4, ["visits"])


# -- slips of the pen --------------------------------------------------------------------------------------------------


def test_a_record_closed_without_a_reason_does_not_say_none():
    told = stands(lin(record_status={"status": "closed", "closed_on": DIED["closed_on"]}))
    assert (told["status"], told["closed"]) == ("closed", None)


def test_a_notice_of_the_year_9999_is_a_slip_and_stops_nobody_s_work():
    notice = {"notified_at": "9999-12-31T23:30:00+08:00", "notified_by": "清水县疾控中心"}
    told = stands(lin(), register(20, "tuberculosis", "2026-11-20", notice=notice))
    assert [one["what"] for one in told["due"]] == ["tb_first_visit"]
