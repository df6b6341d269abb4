"""What two doctors wrote apart counts for nobody until a person decides; and what a doctor appeals until a supervisor does."""

from __future__ import annotations

import datetime as dt

from sync.record import VOID, VOID_CLASH
from sync.standing import Known, account
from sync.types.checks import Issue
from tests.standing.forms import (
    SERVER,
    TODAY,
    again,
    contract,
    exam,
    home,
    item,
    known_of,
    performance,
    pressure,
    register,
    resident,
)
from tests.standing.people import FOLLOWUPS

YEAR = ("2026-01-01", "2026-12-31")
ADVICE = {"advice": item("every_n_months", 4, every_months=3)}
LIN = resident(60, "林丽", "female", "1970-06-01")
HER_REGISTER = register(60, "hypertension", "2024-01-01")
CARE = contract(60, *YEAR, {"followup": FOLLOWUPS})
VISITS = [pressure(60, n, f"2026-{month:02}-10", "128/80") for n, month in enumerate((2, 5, 8), 1)]
HERS = (HER_REGISTER, CARE, exam(60, "2026-05-10"))
LAST = VISITS[-1]
OTHER_DAY = {**LAST.sections["visit"], "visited_on": "2026-08-12"}
OTHER_PRESSURE = {**LAST.sections["vitals"], "systolic_mmhg": 158}


def of(*saved, on=TODAY):
    return account(saved[0].record, known_of(saved, on), on)


def apart(first, **sections):
    """Ben, who had seen the first words only, writes a section otherwise than Ana, who had written it again."""
    (section,) = sections
    mine = {**first.sections[section], "note": "再核对"}
    return [again(first, **{section: mine}), again(first, "benphone", apart=True, **sections)]


def decided(first, **sections):
    (section,) = sections
    about = {"about": [section], "reason": "电话核实过", "decided_on": "2026-11-20"}
    return again(first, SERVER, decision=about, **sections)


def hers(*more, of_her=HERS):
    return of(LIN, *of_her, *VISITS, *more)


def reason(whole, record):
    return next(one.reason for one in whole.work if one.record == record)


# -- conflicts ---------------------------------------------------------------------------------------------------------


def test_of_two_pressures_neither_counts_as_controlled_until_a_doctor_decides():
    [before] = hers().standing.managed
    assert (before.controlled, before.standard) == (True, True)
    clash = apart(LAST, vitals=OTHER_PRESSURE)
    [now] = hers(*clash).standing.managed
    assert (now.controlled, now.unclear) == (None, "conflict_open")
    assert (now.visits, "conflict_open" in now.lacking) == (3, True), "she was there, whatever the pressure"
    [settled] = hers(*clash, decided(LAST, vitals=LAST.sections["vitals"])).standing.managed
    assert (settled.controlled, settled.unclear, settled.standard) == (True, None, True)


def test_a_visit_of_which_two_days_are_told_counts_for_nothing_and_nobody_is_asked_to_come_again():
    clash = apart(LAST, visit=OTHER_DAY)
    told = hers(*clash)
    assert reason(told, LAST.record) == "conflict_open"
    owed = next(one for one in told.standing.obligations if one.by == dt.date(2026, 9, 30))
    assert (owed.state, owed.reason, owed.evidence) == ("missed", "conflict_open", LAST.record)
    [managed] = told.standing.managed
    assert (managed.visits, managed.lacking) == (2, ("visits", "conflict_open"))
    assert told.standing.honoured[0].items_done == 2
    assert told.standing.in_person_days == 2, "the examination was on the day of a visit"
    after = hers(*clash, decided(LAST, visit=OTHER_DAY))
    assert reason(after, LAST.record) is None
    assert (after.standing.managed[0].visits, after.standing.honoured[0].items_done) == (3, 3)


def test_a_service_given_in_time_and_in_conflict_is_not_on_the_due_list_again():
    given = performance(60, 1, "2026-10-10", "advice", evidence={"signature": "s-1"})
    clash = apart(given, performance={**given.sections["performance"], "performed_on": "2026-10-12"})
    told = of(LIN, contract(60, *YEAR, ADVICE), given, *clash)
    last = told.standing.obligations[-1]
    assert (last.state, last.reason, last.evidence) == ("open", "conflict_open", given.record)
    assert not any(one.what == "service" for one in told.standing.due)


def test_a_visit_that_one_calls_void_and_another_edits_counts_for_nothing_yet():
    void = again(LAST, "benphone", apart=True, void={"reason": "wrong-person"})
    kept = again(LAST, lifestyle=LAST.sections["lifestyle"])
    known = known_of([LIN, HER_REGISTER, *VISITS, kept, void])
    clash = Issue(VOID, None, VOID_CLASH, "warning")
    known = [Known(r, (*issues, clash)) if r.id == LAST.record else Known(r, issues) for r, issues in known]
    told = account(LIN.record, known, TODAY)
    assert reason(told, LAST.record) == "conflict_open"
    assert told.standing.managed[0].visits == 2


def test_a_visit_at_home_an_examination_and_a_register_in_conflict_are_in_no_number():
    met = home(60, 1, "2026-03-10", [LIN.record])
    clash = apart(met, visit={**met.sections["visit"], "visited_on": "2026-03-11"})
    told = of(LIN, met, *clash)
    assert (told.standing.home_visits, told.standing.in_person_days) == (0, 0)
    assert [(one.met, one.reason) for one in told.events if one.kind == "home_visit"] == [(False, "conflict_open")]
    seen = exam(60, "2026-03-10")
    clash = apart(seen, exam={**seen.sections["exam"], "examined_on": "2026-04-10"})
    told = hers(*clash, of_her=(HER_REGISTER, seen))
    assert (told.standing.exam_on, told.standing.managed[0].lacking) == (None, ("exam",))
    assert not any(one.what == "health_exam" for one in told.standing.due), "she is not sent for again"
    clash = apart(HER_REGISTER, status={"status": "lost", "lost_on": "2026-11-01"})
    [managed] = hers(*clash).standing.managed
    assert (managed.controlled, managed.unclear, managed.standard) == (None, "conflict_open", False)


def test_a_contract_of_which_the_term_is_in_conflict_counts_as_done_by_nothing():
    given = performance(60, 1, "2026-02-10", "advice", evidence={"signature": "s-1"})
    signed = contract(60, *YEAR, ADVICE)
    clash = apart(signed, term={**signed.sections["term"], "ends_on": "2027-12-31"})
    told = of(LIN, signed, *clash, given)
    assert told.standing.signed.reason == "conflict_open"
    assert {one.reason for one in told.standing.obligations if one.state == "missed"} == {"conflict_open"}
    assert told.standing.honoured[0].items_done == 0
    assert reason(told, given.record) == "conflict_open"


def test_a_visit_asked_for_within_two_weeks_is_in_question_while_the_one_that_followed_is():
    bad = pressure(60, 4, "2026-10-10", "158/92", said="uncontrolled", measure="two_week", next_on="2026-10-20")
    followed = pressure(60, 5, "2026-10-20", "136/84")

    def told(*more):
        return [(one.met, one.reason) for one in hers(bad, followed, *more).events if one.kind == "urgent_followed"]

    assert told() == [(True, None)]
    clash = apart(followed, visit={**followed.sections["visit"], "visited_on": "2026-10-30"})
    assert told(*clash) == [(False, "conflict_open")]
    chosen = {**followed.sections["visit"], "visited_on": "2026-10-30"}
    assert told(*clash, decided(followed, visit=chosen)) == [(False, "not_followed")]


def test_three_who_signed_the_same_resident_offline_make_one_contract_and_two_questions():
    teams = [contract(60, *YEAR, ADVICE, number=n, signed=f"2026-01-0{4 - n}", team=f"t-{n}") for n in (1, 2, 3)]
    told = of(LIN, *teams)
    assert told.standing.signed.contract == teams[2].record
    assert set(told.standing.signed.others) == {teams[0].record, teams[1].record}
    assert len(told.standing.obligations) == 4
    assert [one.record for one in told.work if "contract" in one.counts] == [teams[2].record]
    settled = [again(one, void={"reason": "duplicate"}) for one in teams[:2]]
    told = of(LIN, *teams, *settled)
    assert (told.standing.signed.others, reason(told, teams[0].record)) == ((), "void")


# -- appeals -----------------------------------------------------------------------------------------------------------

SIGNED = contract(60, *YEAR, ADVICE)
ASKED = {"asked_on": "2026-11-05", "reason": "当天入户，忘记录入"}


def missed(*more, on=TODAY):
    told = of(LIN, SIGNED, *more, on=on)
    return [(one.by.isoformat(), one.state, one.reason) for one in told.standing.obligations[:3]], told


def judged(decision, section="appeal/advice", **said):
    told = {**ASKED, **said, "decision": decision, "decided_on": "2026-11-20", "decided_by": "p-lea"}
    return again(SIGNED, SERVER, **{section: told})


MARCH, JUNE, SEPTEMBER = ((day, "missed", "no_record") for day in ("2026-03-31", "2026-06-30", "2026-09-30"))


def test_an_appeal_upheld_counts_as_done_on_the_last_day_that_was_missed():
    asked = again(SIGNED, **{"appeal/advice": ASKED})
    found, told = missed(asked)
    assert found == [MARCH, JUNE, SEPTEMBER]
    assert told.standing.obligations[2].appeal == "appeal/advice"
    found, told = missed(asked, judged("upheld"))
    assert found == [MARCH, JUNE, ("2026-09-30", "upheld", None)]
    assert (told.standing.honoured[0].items_due, told.standing.honoured[0].items_done) == (3, 1)


def test_an_appeal_about_a_day_of_its_own_and_a_second_one_are_decided_apart():
    march = judged("upheld", owed_by="2026-03-31")
    june = judged("refused", "appeal/advice@2026-06-30", owed_by="2026-06-30")
    found, told = missed(march, june)
    assert found == [("2026-03-31", "upheld", None), ("2026-06-30", "missed", "appeal_refused"), SEPTEMBER]
    assert [one.appeal for one in told.standing.obligations[:3]] == ["appeal/advice", "appeal/advice@2026-06-30", None]


def test_what_a_phone_writes_as_decided_decides_nothing_and_is_pointed_out():
    forged = {**ASKED, "decision": "upheld", "decided_on": "2026-11-05", "decided_by": "p-ana"}
    found, told = missed(again(SIGNED, **{"appeal/advice": forged}))
    assert found == [MARCH, JUNE, SEPTEMBER]
    noted = [(one.record, one.section, one.field, one.code) for one in told.standing.issues if one.code == "undecided"]
    assert noted == [(SIGNED.record, "appeal/advice", "decision", "undecided")]
    assert not [one for one in missed(judged("upheld"))[1].standing.issues if one.code == "undecided"]


def test_an_appeal_that_is_written_anew_after_the_decision_waits_for_another():
    found, _ = missed(judged("upheld"), again(SIGNED, **{"appeal/advice": {**ASKED, "reason": "补充照片"}}))
    assert found == [MARCH, JUNE, SEPTEMBER]


def test_a_decision_that_somebody_wrote_beside_without_seeing_it_is_in_conflict_and_holds_for_nothing():
    beside = again(SIGNED, "benphone", apart=True, **{"appeal/advice": {**ASKED, "reason": "另一理由"}})
    found, told = missed(again(SIGNED, **{"appeal/advice": ASKED}), judged("upheld"), beside)
    assert found == [MARCH, JUNE, SEPTEMBER]
    assert any(one.section == "appeal/advice" for one in told.standing.conflicts)


def test_a_waived_service_says_why_and_counts_on_neither_side():
    waiver = performance(60, 1, "2026-02-15", "advice", waiver={"reason": "away"})
    found, told = missed(waiver)
    assert found[0] == ("2026-03-31", "waived", "away")
    assert told.standing.honoured[0].items_due == 2
