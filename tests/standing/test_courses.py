"""A course has a beginning, an end, a new year in it, and sometimes a second course: what is due then."""

from __future__ import annotations

import datetime as dt

from sync.standing import series, standing
from sync.standing.day import Day
from sync.standing.facts import Facts
from sync.types import CATALOGUE
from tests.standing.forms import (
    TB,
    TODAY,
    VILLAGE,
    Saved,
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
    selfcare,
)

YEAR = ("2026-01-01", "2026-12-31")


def stands(*saved, on=TODAY):
    return standing(saved[0].record, known_of(saved, on), on).wire()


def due(wire, *whats):
    return [(one["what"], one["reason"], one["by"], one["urgency"]) for one in wire["due"] if not whats or one["what"] in whats]


def somebody(person=30, born="1970-01-01", **sections):
    return resident(person, "李强", "male", born, **sections)


def changed(saved, record=None, **sections):
    return saved._replace(record=record or saved.record, sections={**saved.sections, **sections})


def unreached(person, number, day, **visit):
    said = {"visited_on": day, "way": "phone", "doctor": "p-ana", "lost_reason": "three_failed_contacts", **visit}
    return Saved(name(person, "visit", number), "hypertension_visit", name(person, "resident"), VILLAGE, {"visit": said})


# -- a second course ---------------------------------------------------------------------------------------------------


def tb_course(person, number, opened_on, *visits, **sections):
    of = name(person, "register", number)
    return [changed(register(person, "tuberculosis", opened_on, TB), of, **sections), *visits]


def tb_visit(person, number, day, **sections):
    said = {"visit": {"visited_on": day, "way": "clinic", "doctor": "p-ana", "month_seq": 6}}
    said |= {"treatment": {"supervisor": "family", "phase": "continuation"}, **sections}
    return Saved(name(person, "visit", number), "tb_visit", name(person, "resident"), TB, said)


CLOSED = {"status": {"status": "closed", "closed_on": "2024-07-20", "close_reason": "treatment_completed"}}
COMPLETED = {"closure": {"stopped_on": "2024-07-15", "reason": "completed", "doses_due": 100, "doses_taken": 99}}


def test_who_falls_ill_with_tuberculosis_again_is_visited_within_72_hours_again():
    old = tb_course(30, 1, "2024-01-05", tb_visit(30, 1, "2024-07-15", **COMPLETED), **CLOSED)
    again = tb_course(30, 2, "2026-11-20", notice={"notified_at": "2026-11-20T09:00:00+08:00", "notified_by": "县疾控中心"})
    wire = stands(somebody(), *old, *again)
    assert due(wire, "tb_first_visit", "tb_visit") == [("tb_first_visit", "first_visit_72h", "2026-11-23", "urgent")]
    assert [(one["record"], one["last_visit"], one["visits"]) for one in wire["managed"]] == [(again[0].record, None, 0)]


def test_a_finished_course_asks_for_one_call_and_then_to_be_closed():
    finished = {"closure": {"stopped_on": "2026-11-15", "reason": "completed", "doses_due": 100, "doses_taken": 99}}
    course = tb_course(30, 1, "2026-05-05", tb_visit(30, 1, "2026-11-15", **finished))
    assert due(stands(somebody(), *course), "tb_visit", "close_register") == [
        ("tb_visit", "tb_within_closing", "2026-11-29", "soon")
    ]
    called = tb_visit(30, 2, "2026-11-21")
    assert due(stands(somebody(), *course, called), "tb_visit", "close_register") == [
        ("close_register", "course_ended", "2026-12-05", "later")
    ]
    given_up = {"closure": {"stopped_on": "2026-11-15", "reason": "lost"}}
    course = tb_course(30, 1, "2026-05-05", tb_visit(30, 1, "2026-11-15", **given_up))
    assert due(stands(somebody(), *course), "tb_visit", "close_register") == [
        ("close_register", "course_ended", "2026-11-29", "soon")
    ]


def test_an_attempt_of_tomorrow_did_not_fail_yet():
    attempts = {f"attempt/{n}": {"at": f"2026-11-2{n}T10:00:00+08:00", "outcome": "nobody_home"} for n in (1, 2)}
    notice = {"notified_at": "2026-11-20T09:00:00+08:00", "notified_by": "县疾控中心"}
    course = tb_course(30, 1, "2026-11-20", notice=notice, **attempts)
    assert due(stands(somebody(), *course, on=dt.date(2026, 11, 21)), "report") == []
    assert due(stands(somebody(), *course), "report") == [("report", "tb_first_report", "2026-11-23", "urgent")]


# -- a new year --------------------------------------------------------------------------------------------------------


def test_calls_that_nobody_took_do_not_make_somebody_a_stranger_on_new_years_day():
    people = [somebody(31), register(31, "hypertension", "2020-01-05"), pressure(31, 1, "2026-09-10", "130/80")]
    people += [unreached(31, n, f"2026-12-{day}") for n, day in ((5, 10), (6, 16), (7, 20))]
    for on in (dt.date(2026, 12, 31), dt.date(2027, 1, 1)):
        assert due(stands(*people, on=on), "hypertension_visit", "confirm_lost") == [
            ("hypertension_visit", "doctor", "2026-12-10", "overdue"),
            ("confirm_lost", "three_failed_contacts", "2026-12-20", "overdue"),
        ]


def test_two_visits_uncontrolled_are_in_a_row_over_new_year_and_over_calls_that_failed():
    people = [somebody(32), register(32, "hypertension", "2020-01-05"), pressure(32, 1, "2026-11-10", "156/96", "uncontrolled")]
    people += [unreached(32, n, f"2026-12-{day}") for n, day in ((5, 10), (6, 16), (7, 20))]
    people.append(pressure(32, 8, "2027-01-02", "158/96", "uncontrolled"))
    on = dt.date(2027, 1, 3)
    facts = Facts({people[0].record}, known_of(people, on), Day(on), CATALOGUE)
    forms = series.forms_of(facts, "hypertension")
    made = series.follow_ups(forms, facts, None)
    *_, last = series.visits(forms, made, on.year, facts.person(people[0].record))
    assert last.advice.get("measure") == "refer_followup"


def test_a_call_without_a_pressure_leaves_the_last_measurement_standing():
    people = [somebody(33), register(33, "hypertension", "2020-01-05"), pressure(33, 1, "2026-09-10", "126/80")]
    call = {"visited_on": "2026-11-10", "way": "phone", "doctor": "p-ana"}
    people.append(Saved(name(33, "visit", 2), "hypertension_visit", name(33, "resident"), VILLAGE, {"visit": call}))
    assert stands(*people)["managed"][0]["controlled"] is True
    assert stands(*people, unreached(33, 3, "2026-11-15"))["managed"][0]["controlled"] is False


# -- the end -----------------------------------------------------------------------------------------------------------


def test_nobody_is_sent_to_the_family_of_a_patient_who_died_as_a_visit_says():
    people = [somebody(34, "1950-01-01"), register(34, "hypertension", "2020-01-05"), pressure(34, 1, "2026-06-10", "130/80")]
    told = unreached(34, 2, "2026-11-02", lost_reason=None, died_on="2026-10-30", death_cause="脑卒中")
    assert due(stands(*people, told)) == [("close_record", "died", "2026-11-02", "overdue")]


def test_a_record_that_was_closed_without_a_day_says_no_day():
    closed = somebody(35, record_status={"status": "closed", "close_reason": "refused"})
    wire = stands(closed, contract(35, *YEAR, {"advice": item()}))
    assert (wire["status"], wire["closed_on"], wire["signed"], wire["due"]) == ("closed", None, None, [])


# -- contracts, evidence, lists ----------------------------------------------------------------------------------------


def test_what_shows_a_service_is_a_record_of_this_person_at_which_they_were_met():
    care = contract(36, *YEAR, {"advice": item("once_in_term", 1)})

    def state(record, *others):
        given = performance(36, 1, "2026-03-05", "advice", evidence={"record": record})
        return stands(somebody(36), care, given, *others)["obligations"][0]["state"]

    met, nobody = home(36, 1, "2026-03-05", [name(36, "resident")]), home(36, 2, "2026-03-05", [], "nobody_home")
    house = somebody(36, household={"household": met.subject, "relation_to_head": "head"})
    assert state("00000000-0000-7000-8000-000000000000") == "open"
    assert state(nobody.record, house, nobody) == "open"
    assert state(met.record, house, met) == "done"


def test_who_has_signed_for_next_year_is_not_asked_to_renew():
    on = dt.date(2026, 12, 5)
    first = contract(37, *YEAR, {"advice": item()})
    assert due(stands(somebody(37), first, on=on), "contract_renewal")
    following = contract(37, "2027-01-01", "2027-12-31", {"advice": item()}, number=2, signed="2026-12-01")
    assert due(stands(somebody(37), first, following, on=on), "contract_renewal") == []


def test_only_who_is_on_the_register_of_the_poor_is_registered_poor():
    def groups(status):
        poor = {"poverty/p1": {"status": status, "from": "2021-01-01"}}
        wire = stands(somebody(38, **poor))
        assert wire["poverty"]["statuses"] == [status]
        return [group["code"] for group in wire["groups"]]

    assert groups("registered_poor") == groups("poor_out") == ["registered_poor"]
    assert groups("lifted") == groups("monitored_marginal") == ["general"]


def test_other_forms_tell_where_the_doctor_differs_and_what_goes_beyond_a_limit():
    old = somebody(39, "1940-01-01")
    assessed = selfcare(39, "2026-05-10")
    wrong = changed(assessed, result={**assessed.sections["result"], "level": "dependent"})
    assert stands(old, assessed, exam(39, "2026-05-10"))["differs"] == []
    assert [(one["field"], one["doctor"]) for one in stands(old, wrong)["differs"]] == [("result.level", "dependent")]
    said = {"issued_on": "2026-11-01", "days_supply": 80, "condition": "hypertension", "prescriber": "p-ana", "stable": True}
    long = Saved(
        name(39, "prescription"),
        "long_prescription",
        name(39, "resident"),
        VILLAGE,
        {"prescription": {**said, "runs_out_on": "2027-01-20"}},
    )
    noted = [(one["section"], one["code"], one["level"]) for one in stands(old, long)["issues"] if one["record"] == long.record]
    assert ("prescription", "over_limit", "warning") in noted
