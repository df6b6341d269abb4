"""What a record counts for, and why another counts for nothing: told of the doctors who wrote them."""

from __future__ import annotations

import datetime as dt

import pytest

from sync.standing import account
from sync.standing.answer import Work
from tests.standing.forms import (
    SERVER,
    TB,
    TODAY,
    VILLAGE,
    Saved,
    again,
    contract,
    exam,
    home,
    item,
    known_of,
    name,
    performance,
    pressure,
    register,
    resident,
)
from tests.standing.people import FANG, FOLLOWUPS, GUIYING, MIN, WEI, WU

YEAR = ("2026-01-01", "2026-12-31")
ADVICE = {"advice": item("every_n_months", 4, every_months=3)}
SIGNED = {"signature": "s-1"}


def lin(**sections):
    return resident(50, "林丽", "female", sections.pop("born", "1970-06-01"), **sections)


def of(*saved, on=TODAY, over=False):
    return account(saved[0].record, known_of(saved, on), on, over=over)


def work(whole) -> dict[str, Work]:
    return {one.record: one for one in whole.work}


def why(whole, record):
    one = work(whole)[record]
    return one.reason or list(one.counts)


def events(whole, kind):
    return [(one.on.isoformat(), one.met, one.reason) for one in whole.events if one.kind == kind]


# -- the twelve --------------------------------------------------------------------------------------------------------


def test_everything_that_wang_guiying_had_counts_the_visits_twice_over():
    told = work(of(*GUIYING))
    service = f"item:{name(1, 'contract')}"
    for n in (1, 2, 3, 4):
        assert told[name(1, "visit", n)].counts == ("followup:hypertension", f"{service}/followup")
    assert told[name(1, "exam")].counts == ("health_exam", f"{service}/exam")
    assert told[name(1, "selfcare")].counts == ("elder_selfcare",)
    assert name(1, "contract") not in told, "it was signed last year"


def test_four_calls_to_zhou_min_are_four_lines_that_say_by_phone():
    told = of(*MIN)
    calls = [one.reason for one in told.work if one.type in ("hypertension_visit", "performance")]
    assert calls == ["by_phone"] * 5
    owed = [(one.state, one.reason, one.evidence) for one in told.standing.obligations]
    assert owed[0] == ("missed", "by_phone", name(5, "visit", 1))


def test_of_two_contracts_the_one_signed_first_counts_and_what_was_done_for_the_other_waits_for_a_person():
    told = of(*FANG)
    first, second = name(7, "contract", 1), name(7, "contract", 2)
    assert (why(told, first), why(told, second)) == (["contract"], "conflict_open")
    assert why(told, name(7, "performance", 1)) == [f"item:{first}/guidance"]
    assert why(told, name(7, "performance", 2)) == "conflict_open"
    assert (told.standing.signed.contract, told.standing.signed.others) == (first, (second,))
    assert sum(one.state == "done" for one in told.standing.obligations) == 1


def test_feng_wei_s_doctor_reads_of_each_record_what_became_of_it():
    told = of(*WEI)
    service = f"{name(8, 'contract')}/advice"
    assert [why(told, name(8, "performance", n)) for n in (1, 2, 3, 4, 5)] == [
        [f"waived:{service}"],
        "no_evidence",
        "no_evidence",
        [f"item:{service}"],
        "void",
    ]
    assert why(told, name(8, "visit", 1)) == "void"


def test_a_visit_to_the_bedridden_man_is_told_to_him_and_one_to_his_wife_alone_is_not():
    told = of(*WU)
    assert why(told, name(6, "home", 2)) == why(told, name(6, "home", 3)) == ["home_visit"]
    assert why(told, name(6, "home", 4)) == "not_met"
    assert name(6, "home", 5) not in work(told)
    assert why(told, name(6, "plan")) == ["care_plan", "plan_review"]
    assert [(one.evidence, one.met) for one in told.events if one.kind == "home_visit"] == [
        (name(6, "household"), True),
        (name(6, "household"), True),
        (name(6, "household"), False),
    ]
    [plan] = told.standing.plans
    assert (plan.record, plan.reviewed_on, plan.fresh) == (name(6, "plan"), dt.date(2026, 5, 15), False)


def test_a_call_that_was_a_mistake_is_told_to_whom_it_named_and_to_nobody_else_of_the_household():
    call, nobody = home(50, 1, "2026-03-03", [name(50, "resident")]), home(50, 2, "2026-03-04", [], "away")
    calls = [call, again(call, void={"reason": "mistake"}), nobody, again(nobody, void={"reason": "mistake"})]
    wife, husband = lin(), resident(50, "赵强", "male", "1968-02-02", number=2)
    told = {one.record: account(one.record, known_of([one, *calls], TODAY), TODAY) for one in (wife, husband)}
    assert why(told[wife.record], call.record) == why(told[wife.record], nobody.record) == "void"
    assert call.record not in work(told[husband.record])
    assert why(told[husband.record], nobody.record) == "void", "it named nobody: it was about all of the household"
    assert why(account("", known_of([*calls], TODAY), TODAY), call.record) == "void", "whoever wrote it goes on reading it"


# -- twice -------------------------------------------------------------------------------------------------------------


def test_the_same_service_entered_twice_on_a_day_counts_once():
    given = [performance(50, n, "2026-02-10", "advice", evidence=SIGNED) for n in (1, 2)]
    later = performance(50, 3, "2026-03-05", "advice", evidence=SIGNED)
    told = of(lin(), contract(50, *YEAR, ADVICE), *given, later)
    assert [why(told, one.record) for one in (*given, later)] == [
        [f"item:{name(50, 'contract')}/advice"],
        "duplicate",
        "already_done",
    ]


def test_two_doctors_who_enter_the_same_visit_make_one_visit_of_it():
    seen = [pressure(50, n, day, "128/80") for n, day in ((1, "2026-02-10"), (2, "2026-05-10"), (3, "2026-05-10"))]
    told = of(lin(), register(50, "hypertension", "2024-01-01"), exam(50, "2026-05-10"), *seen)
    assert [why(told, one.record) for one in seen] == [["followup:hypertension"], ["followup:hypertension"], "duplicate"]
    [managed] = told.standing.managed
    assert (managed.visits, managed.lacking) == (2, ("visits",))


def test_two_examinations_of_one_day_are_one():
    first, second = exam(50, "2026-05-10"), exam(50, "2026-05-10")._replace(record=name(50, "exam", 2))
    told = of(lin(), first, second)
    assert (why(told, first.record), why(told, second.record)) == (["health_exam"], "duplicate")


# -- why not -----------------------------------------------------------------------------------------------------------


def test_a_performance_says_what_of_it_does_not_fit():
    care = contract(50, "2026-02-01", "2027-01-31", {**ADVICE, "child": item("once_in_term", 1, groups=["child_0_6"])})
    pending = contract(50, *YEAR, ADVICE, number=2)
    pending = pending._replace(sections={**pending.sections, "status": {"status": "pending"}})
    cases = {
        "nothing_owed": performance(50, 1, "2026-03-01", "massage", evidence=SIGNED),
        "not_in_term": performance(50, 2, "2026-01-20", "advice", evidence=SIGNED),
        "no_contract": performance(50, 3, "2026-03-02", "advice", to=9, evidence=SIGNED),
        "not_in_force": performance(50, 4, "2026-03-03", "advice", to=2, evidence=SIGNED),
        "no_evidence": performance(50, 5, "2026-03-04", "advice"),
        "to_come": performance(50, 6, "2026-11-23", "advice", evidence=SIGNED),
        "no_day": performance(50, 7, "someday", "advice", evidence=SIGNED),
    }
    told = of(lin(), care, pending, *cases.values())
    assert {reason: why(told, one.record) for reason, one in cases.items()} == {reason: reason for reason in cases}
    grown_up = performance(50, 8, "2026-03-05", "child", evidence=SIGNED)
    assert why(of(lin(), care, grown_up), grown_up.record) == "nothing_owed"


def test_a_follow_up_of_somebody_without_a_register_counts_for_nothing():
    seen = pressure(50, 1, "2026-05-10", "128/80")
    assert why(of(lin(), seen), seen.record) == "no_register"


def test_what_is_written_about_the_time_after_a_death_counts_for_nothing():
    ended = {"status": "closed", "close_reason": "died", "closed_on": "2026-05-09"}
    before, after = pressure(50, 1, "2026-05-09", "128/80"), pressure(50, 2, "2026-05-12", "128/80")
    told = of(lin(record_status=ended), register(50, "hypertension", "2024-01-01"), before, after, exam(50, "2026-06-01"))
    assert (why(told, before.record), why(told, after.record)) == (["followup:hypertension"], "closed")
    assert why(told, name(50, "exam")) == "closed"


def test_what_a_missed_service_lacked_is_said_with_the_record_that_came_nearest():
    care = contract(50, *YEAR, ADVICE)
    nothing = performance(50, 1, "2026-02-01", "advice")
    wrong = performance(50, 2, "2026-05-01", "advice", evidence=SIGNED)
    told = of(lin(), care, nothing, wrong, again(wrong, void={"reason": "wrong-person"}))
    assert [(one.state, one.reason, one.evidence) for one in told.standing.obligations] == [
        ("missed", "no_evidence", nothing.record),
        ("missed", "void", wrong.record),
        ("missed", "no_record", None),
        ("open", None, None),
    ]


def test_what_was_given_after_its_last_day_is_too_late_for_one_span_and_counts_in_none_twice():
    once = contract(50, *YEAR, {"talk": item("within_days_of_start", 1, due_days=7)})
    late = performance(50, 1, "2026-01-20", "talk", evidence=SIGNED)
    told = of(lin(), once, late)
    [owed] = told.standing.obligations
    assert (owed.state, owed.reason, owed.evidence) == ("missed", "too_late", late.record)
    assert why(told, late.record) == "too_late"
    quarters = performance(50, 2, "2026-04-01", "advice", evidence=SIGNED)
    told = of(lin(), contract(50, *YEAR, ADVICE), quarters)
    assert [one.reason for one in told.standing.obligations] == ["no_record", None, "no_record", None]


# -- who wrote it, and when --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("2026-11-10T18:00:00.000+08:00", 0),
        ("2026-11-11T00:30:00.000+08:00", 1),  # by the phone's own clock, after its own midnight
        ("2026-11-20T08:00:00.000+08:00", 10),
        ("2026-11-09T08:00:00.000+08:00", 0),  # its clock was a day behind
    ],
)
def test_how_late_a_visit_was_written_goes_by_the_day_on_the_phone(written, days):
    seen = pressure(50, 1, "2026-11-10", "128/80")._replace(written=written)
    told = of(lin(), register(50, "hypertension", "2024-01-01"), seen)
    assert work(told)[seen.record].late_days == days
    assert [(one.met, one.days) for one in told.events if one.kind == "recorded"] == [(days <= 7, days)]


def test_a_decision_at_the_dashboard_makes_the_visit_nobody_else_s_and_no_later():
    seen = pressure(50, 1, "2026-11-10", "128/80")._replace(written="2026-11-10T18:00:00.000+08:00")
    day = {**seen.sections["visit"], "visited_on": "2026-11-11"}
    other = again(seen, "benphone", apart=True, visit={**day, "way": "home"})._replace(written="2026-11-12T08:00:00.000+08:00")
    mine = again(seen, visit=day)._replace(written="2026-11-11T08:00:00.000+08:00")
    told = of(lin(), register(50, "hypertension", "2024-01-01"), seen, mine, other)
    assert work(told)[seen.record].authors == ("p-ana", "p-ben")
    chosen = again(seen, SERVER, visit=day)
    told = work(of(lin(), register(50, "hypertension", "2024-01-01"), seen, mine, other, chosen))[seen.record]
    assert (told.authors, told.late_days, told.reason) == (("p-ana",), 0, None)


# -- deadlines ---------------------------------------------------------------------------------------------------------


def test_a_contract_that_ended_is_told_on_the_last_day_on_which_it_could_be_renewed():
    last = contract(50, "2025-11-01", "2026-10-23", ADVICE)
    assert events(of(lin(), last, on=dt.date(2026, 11, 21)), "contract_ended") == []
    assert events(of(lin(), last), "contract_ended") == [("2026-11-22", False, "not_renewed")]
    renewed = contract(50, "2026-11-20", "2027-11-19", ADVICE, number=2)
    renewed.sections["term"]["renewal_of"] = last.record
    renewed.sections["fees"] = {"total_yuan": "50.00"}
    told = of(lin(), last, renewed)
    assert events(told, "contract_ended") == [("2026-11-22", True, None)]
    assert (told.standing.signed.first, told.standing.signed.renewal_of, told.standing.signed.paid) == (
        False,
        last.record,
        True,
    )
    assert why(told, renewed.record) == ["contract", "renewal"]


def test_who_moved_away_is_not_asked_to_renew_and_a_contract_that_never_counted_ended_nothing():
    gone = contract(50, "2026-01-01", "2026-12-31", ADVICE)
    left = again(gone, status={"status": "terminated"}, stop={"stopped_on": "2026-06-01", "reason": "moved_out"})
    assert events(of(lin(), gone, left), "contract_ended") == [("2026-06-30", False, "moved_out")]
    beside = contract(50, "2025-06-01", "2026-05-31", ADVICE, number=2, signed="2026-02-01")
    assert events(of(lin(), gone, beside), "contract_ended") == [("2026-06-30", False, "conflict_open")]


def test_what_is_owed_until_the_last_day_of_the_year_is_missed_only_when_that_day_is_over():
    care, last = contract(50, *YEAR, ADVICE), dt.date(2026, 12, 31)
    given = [performance(50, n, f"2026-{month:02}-05", "advice", evidence=SIGNED) for n, month in enumerate((2, 5, 8), 1)]
    [honoured] = of(lin(), care, *given, on=last).standing.honoured
    assert (honoured.items_due, honoured.items_done, honoured.full) == (3, 3, True)
    evening = of(lin(), care, *given, on=last, over=True).standing
    [honoured] = evening.honoured
    assert (honoured.items_due, honoured.items_done, honoured.full) == (4, 3, False)
    assert [(one.state, one.reason) for one in evening.obligations if one.by == last] == [("missed", "no_record")]
    [honoured] = of(lin(), care, *given, performance(50, 4, "2026-12-31", "advice", evidence=SIGNED), on=last).standing.honoured
    assert (honoured.items_due, honoured.items_done, honoured.full) == (4, 4, True)


def tb(opened, *visits, **sections):
    return [register(50, "tuberculosis", opened, TB, **sections), *visits]


def tb_visit(number, day, **sections):
    said = {"visit": {"visited_on": day, "way": "home", "doctor": "p-ana", "month_seq": 1}, **sections}
    return Saved(name(50, "visit", number), "tb_visit", name(50, "resident"), TB, said)


NOTICE = {"notice": {"notified_at": "2026-11-16T10:00:00+08:00", "notified_by": "县疾控中心"}}


@pytest.mark.parametrize(
    ("visits", "told"),
    [
        ([], (False, "no_record")),
        ([tb_visit(1, "2026-11-19")], (True, None)),
        ([tb_visit(1, "2026-11-20")], (False, "too_late")),
    ],
)
def test_seventy_two_hours_after_the_notice_it_is_said_whether_the_patient_was_visited(visits, told):
    assert events(of(lin(), *tb("2026-11-16", *visits, **NOTICE)), "tb_72h") == [("2026-11-19", *told)]
    early = of(lin(), *tb("2026-11-16", *visits, **NOTICE), on=dt.date(2026, 11, 18))
    assert events(early, "tb_72h") == []
    assert early.until == dt.date(2026, 11, 19)


@pytest.mark.parametrize(
    ("closure", "told"),
    [
        ({"reason": "completed", "doses_due": 100, "doses_taken": 90}, (True, None)),
        ({"reason": "completed", "doses_due": 100, "doses_taken": 89}, (False, "irregular")),
        ({"reason": "lost", "doses_due": 100, "doses_taken": 99}, (False, "not_completed")),
    ],
)
def test_a_course_that_ended_was_regular_by_its_last_form_also_after_a_call(closure, told):
    ended = tb_visit(1, "2026-10-15", closure={"stopped_on": "2026-10-14", **closure})
    whole = of(lin(), *tb("2026-04-15", ended, tb_visit(2, "2026-10-25")))
    assert events(whole, "course_ended") == [("2026-10-14", *told)]
    [managed] = whole.standing.managed
    assert (managed.course, managed.ended_on, managed.closed_by) == (closure["reason"], dt.date(2026, 10, 14), ended.record)
    assert managed.regular is (closure["doses_taken"] >= 90)


def test_a_visit_at_home_is_shown_by_a_photograph_and_the_place():
    there = {"latitude_deg": "34.570000", "longitude_deg": "105.890000", "photos": ["f-1"]}
    whole, bare = home(50, 1, "2026-11-10", [name(50, "resident")]), home(50, 2, "2026-11-11", [name(50, "resident")])
    told = of(lin(), whole._replace(sections={**whole.sections, "evidence": there}), bare)
    assert events(told, "evidenced") == [("2026-11-10", True, None), ("2026-11-11", False, "no_evidence")]


def test_a_referral_is_asked_after_within_14_days_or_not():
    said = {"direction": "up", "reason_code": "emergency", "urgency": "urgent", "sent_on": "2026-11-01", "doctor": "p-ana"}
    sent = Saved(name(50, "referral"), "referral", name(50, "resident"), VILLAGE, {"referral": said})
    assert events(of(lin(), sent), "referral_closed") == [("2026-11-15", False, "not_followed")]
    for on, met in (("2026-11-15", True), ("2026-11-16", False)):
        asked = again(sent, followup={"followed_on": on, "by": "p-ana"})
        assert [(day, ok) for day, ok, _ in events(of(lin(), sent, asked), "referral_closed")] == [("2026-11-15", met)]


def test_a_duplicate_record_counts_under_the_other_one():
    seen = pressure(50, 1, "2026-05-10", "128/80")
    told = account(seen.subject, known_of([lin(), seen]), TODAY, same_as=name(50, "resident", 2))
    assert [(one.record, one.reason) for one in told.work] == [(seen.record, "same_person")]
    assert told.events == ()


def test_four_follow_ups_owed_and_given_are_the_four_lines_of_the_work_list():
    care = contract(50, *YEAR, {"followup": FOLLOWUPS})
    seen = [pressure(50, n, f"2026-{month:02}-10", "128/80") for n, month in enumerate((2, 5, 8, 11), 1)]
    told = of(lin(), register(50, "hypertension", "2024-01-01"), care, *seen)
    assert {one.evidence for one in told.standing.obligations} == {one.record for one in seen}
    assert all(f"item:{care.record}/followup" in work(told)[one.record].counts for one in seen)


# -- who wrote it ------------------------------------------------------------------------------------------------------


def test_who_corrects_the_day_of_a_visit_in_july_neither_takes_it_over_nor_makes_it_late():
    seen = pressure(50, 1, "2026-03-01", "128/80")._replace(written="2026-03-01T16:00:00+08:00")
    other = {**seen.sections["visit"], "visited_on": "2026-03-02"}
    corrected = again(seen, "benphone", visit=other)._replace(written="2026-07-20T16:00:00+08:00")
    whole = of(lin(), register(50, "hypertension", "2024-01-01"), seen, corrected)
    told = work(whole)[seen.record]
    assert (told.on, told.written_on, told.late_days) == (dt.date(2026, 3, 2), dt.date(2026, 3, 1), 0)
    assert set(told.authors) == {"p-ana", "p-ben"}
    assert events(whole, "recorded") == [("2026-03-02", True, None)]


def test_of_a_form_that_a_colleague_wrote_anew_from_top_to_bottom_the_present_words_are_the_first_known():
    seen = pressure(50, 1, "2026-03-01", "128/80")._replace(written="2026-03-01T16:00:00+08:00")
    anew = again(seen, "benphone", **seen.sections)._replace(written="2026-03-20T16:00:00+08:00")
    told = work(of(lin(), register(50, "hypertension", "2024-01-01"), seen, anew))[seen.record]
    assert (told.written_on, told.authors) == (dt.date(2026, 3, 20), ("p-ben",))


# -- another household, another village --------------------------------------------------------------------------------


def test_a_link_to_somebody_who_lives_elsewhere_is_pointed_out_and_both_count():
    said = {"duplicate": name(50, "resident"), "same_as": name(51, "resident"), "state": "linked"}
    link = Saved(name(50, "link"), "same_person", said["duplicate"], VILLAGE, {"link": said})
    told = of(lin(), register(50, "hypertension", "2024-01-01"), link)
    assert (told.standing.status, len(told.standing.managed)) == ("active", 1)
    noted = [(one.record, one.section, one.code) for one in told.standing.issues if one.code == "lives_elsewhere"]
    assert noted == [(link.record, "link", "lives_elsewhere")]
    both = account(said["duplicate"], known_of([lin(), link], TODAY), TODAY, also=[said["same_as"]])
    assert not any(one.code == "lives_elsewhere" for one in both.standing.issues)
    undone = again(link, link={**said, "state": "undone"})
    assert not any(one.code == "lives_elsewhere" for one in of(lin(), link, undone).standing.issues)
