"""What was written later about a later day changes nothing about a day before it: told of people whose year went on."""

from __future__ import annotations

import datetime as dt

from sync.standing import account
from tests.standing.forms import (
    TB,
    VILLAGE,
    Saved,
    again,
    contract,
    exam,
    item,
    known_of,
    name,
    performance,
    pressure,
    register,
)
from tests.standing.forms import resident as a_resident

YEAR_END, NOVEMBER = dt.date(2026, 12, 31), dt.date(2026, 11, 22)


def lin(**sections):
    return a_resident(70, "林丽", "female", "1970-06-01", **sections)


def of(*saved, on=NOVEMBER):
    return account(saved[0].record, known_of(saved, dt.date(2027, 3, 1)), on)


def managed(*saved, on):
    [one] = of(*saved, on=on).standing.managed
    return one.status, one.standard, one.controlled


VISITS = [pressure(70, n, f"2026-{month:02}-10", "128/80") for n, month in enumerate((2, 5, 8, 11), 1)]
HER_REGISTER = register(70, "hypertension", "2024-01-01")
HERS = (lin(), HER_REGISTER, *VISITS, exam(70, "2026-05-10"))


def test_who_was_lost_in_january_was_under_management_all_the_year_before():
    lost = again(HER_REGISTER, status={"status": "lost", "lost_on": "2027-01-15"})
    before = of(*HERS, on=YEAR_END)
    assert managed(*HERS, lost, on=YEAR_END) == ("managed", True, True)
    assert of(*HERS, lost, on=YEAR_END).standing.due == before.standing.due
    assert managed(*HERS, lost, on=dt.date(2027, 1, 15))[0] == "lost"


def test_a_register_closed_in_january_was_open_until_then_and_the_answer_says_how_long_it_holds():
    closed = again(HER_REGISTER, status={"status": "closed", "closed_on": "2026-11-25", "close_reason": "moved_out"})
    told = of(*HERS, closed)
    assert managed(*HERS, closed, on=NOVEMBER) == ("managed", True, True)
    assert told.standing.until <= dt.date(2026, 11, 25)
    assert managed(*HERS, closed, on=dt.date(2026, 11, 25))[0] == "closed"
    lost_first = {"status": "closed", "closed_on": "2026-11-25", "lost_on": "2026-11-01", "close_reason": "moved_out"}
    assert managed(*HERS, again(HER_REGISTER, status=lost_first), on=NOVEMBER)[0] == "lost"


def test_a_second_register_does_not_take_the_place_of_one_that_was_closed_only_later():
    closed = again(HER_REGISTER, status={"status": "closed", "closed_on": "2027-01-10", "close_reason": "moved_out"})
    second = register(70, "hypertension", "2026-10-01")._replace(record=name(70, "register", 2))
    [one] = of(*HERS, closed, second, on=YEAR_END).standing.managed
    assert (one.record, one.visits) == (HER_REGISTER.record, 4)


def test_who_was_treated_in_december_was_not_treated_in_november():
    batch = {"class": "severe_safety_net", "from": "2020-01-01", "due": True, "treated_on": "2026-12-05", "result": "improved"}
    her = lin(**{"three_batches/b1": batch})
    assert of(her).standing.poverty.three_batches == (("severe_safety_net", True, None),)
    assert of(her, on=YEAR_END).standing.poverty.three_batches == (("severe_safety_net", True, dt.date(2026, 12, 5)),)


def test_a_plan_that_was_reviewed_in_december_was_not_fresh_in_november():
    plan = Saved(
        name(70, "plan"),
        "care_plan",
        lin().record,
        VILLAGE,
        {
            "summary": {"version": 1, "status": "active", "written_on": "2026-03-01"},
            "review": {"approved_on": "2026-03-02", "reviewed_on": "2026-12-05", "next_review_on": "2027-06-05"},
        },
    )
    [then] = of(lin(), plan).standing.plans
    assert (then.reviewed_on, then.next_review_on, then.fresh) == (dt.date(2026, 3, 2), None, False)
    [now] = of(lin(), plan, on=YEAR_END).standing.plans
    assert (now.reviewed_on, now.next_review_on, now.fresh) == (dt.date(2026, 12, 5), dt.date(2027, 6, 5), True)


def test_whom_tuberculosis_killed_before_the_third_day_nobody_had_to_visit_on_it():
    notice = {"notified_at": "2026-11-16T10:00:00+08:00", "notified_by": "县疾控中心"}
    his = register(70, "tuberculosis", "2026-11-16", TB, notice=notice)

    def told(*saved):
        return [(one.met, one.reason) for one in of(*saved).events if one.kind == "tb_72h"]

    died = {"status": "closed", "close_reason": "died", "closed_on": "2026-11-18"}
    assert told(lin(), his) == [(False, "no_record")]
    assert told(lin(record_status=died), his) == [(False, "died")]
    assert told(lin(), his, again(his, status={**died, "close_reason": "moved_out"})) == [(False, "moved_out")]
    assert told(lin(record_status={**died, "closed_on": "2026-11-20"}), his) == [(False, "no_record")], "there was time"


def test_an_appeal_about_the_summer_stays_with_the_summer_when_its_evidence_arrives():
    signed = contract(70, "2026-01-01", "2026-12-31", {"advice": item("every_n_months", 4, every_months=3)})
    asked = {"asked_on": "2026-10-05", "reason": "当天入户，忘记录入"}
    upheld = {**asked, "decision": "upheld", "decided_on": "2026-10-20", "decided_by": "p-lea"}
    appeal = [again(signed, **{"appeal/advice": asked}), again(signed, "s0123456789ab", **{"appeal/advice": upheld})]

    def told(*more):
        return [one.state for one in of(lin(), signed, *appeal, *more).standing.obligations]

    assert told() == ["missed", "missed", "upheld", "open"]
    given = performance(70, 1, "2026-08-20", "advice", evidence={"signature": "s-1"})
    assert told(given) == ["missed", "missed", "done", "open"], "nobody appealed about the spring"
