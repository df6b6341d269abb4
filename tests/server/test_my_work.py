"""A doctor's list of their own work: the phone and the server tell the same, record by record, and why something does not count."""

import contextlib

from server.periods import Period
from sync.codec import Json
from tests import village as places
from tests.client_sdk.test_same_standing import NOON, Desk
from tests.client_sdk.village import Village as PhoneVillage
from tests.server.test_decision_pages import Desk as Dashboard
from tests.server.test_ledger import XIULAN, write
from tests.server.test_reports import Desk as Supervisors
from tests.standing import forms
from tests.standing.people import TWELVE

MONTHS = ("2025-03", "2025-12", *(f"2026-{month:02}" for month in range(1, 12)))
REGISTER = forms.register(1, "hypertension", "2025-03-01")


def asked(phone, month="2026-11") -> Json:
    answer = phone.get(f"/v1/my-work?month={month}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def lines(phone, month="2026-11"):
    """What each record counts for, or why not."""
    return {line["record"]: line["counts"] or line["reason"] for line in asked(phone, month)["lines"]}


def test_what_the_phone_tells_ana_and_ben_is_what_the_server_tells_them(config, tmp_path):
    village = PhoneVillage(config, tmp_path)
    try:
        village.time = NOON
        desks = {"anaphone": Desk(village, places.ANA), "benphone": Desk(village, places.BEN)}
        begun = set()
        for form in (one for story in TWELVE.values() for one in story):
            if form.record in begun and not form.apart:
                village.meet()
            desks[form.phone].save(form)
            begun.add(form.record)
        village.meet()
        counted = 0
        for month in MONTHS:
            for desk in desks.values():
                mine = [line.wire() for line in desk.phone.my_work(month)]
                told = _told(desk, month)
                assert told["lines"] == mine, month
                assert told["counted"] == sum(line["counted"] for line in mine)
                counted += told["counted"]
        assert counted > 40, "the stories are full of work that counts"
    finally:
        village.close()


OCTOBER = Period.parse("2026-10")
DASHAN = forms.resident(2, "李大山", "male", "1949-03-04")
TIMELY, LATE, CALLED, MISTAKEN = (
    forms.pressure(1, 1, "2026-10-12", "131/80"),
    forms.pressure(2, 1, "2026-10-20", "128/80"),
    forms.pressure(1, 2, "2026-10-14", "132/80", "phone"),
    forms.pressure(1, 3, "2026-10-16", "133/80"),
)


def _in_report(village, supervisors, issue=None):
    """The records that the report of October names for one of the twelve's indicators about visits, above the line or below."""
    persons = supervisors.reading.persons
    codes = ("late_entry_rate", "hypertension_control")
    view = supervisors.sue
    found = [one for code in codes for one in persons(view, places.TOWNSHIP, OCTOBER, places.VILLAGE, code, number=issue)]
    return {record for one in found for record in one.records}


def test_a_visit_sent_after_october_was_frozen_is_not_counted_on_phone_and_server_until_the_correction(config, tmp_path):
    with contextlib.closing(PhoneVillage(config, tmp_path)) as village:
        village.time = NOON
        village.person, village.access = lambda _person: None, village.doors.access
        ana, supervisors = Desk(village, places.ANA), Supervisors(village)
        for form in (XIULAN, DASHAN, REGISTER, forms.register(2, "hypertension", "2025-03-01"), TIMELY, CALLED, MISTAKEN):
            ana.save(form)
        assert ana.phone.sync().complete
        for area in (places.VILLAGE, places.TOWNSHIP):
            supervisors.lock(area)
        said = {line.record: line for line in ana.phone.my_work("2026-10")}
        assert said[TIMELY.record].report is None, "nobody has told the phone that October is frozen"
        assert ana.phone.sync().complete

        def lines():
            """What phone and server say alike; the phone without asking anybody."""
            mine = ana.phone.my_work("2026-10")
            there = _told(ana, "2026-10")
            assert [line.wire() for line in mine] == there["lines"]
            assert there["counted"] == sum(line.counted for line in mine)
            return {
                one.record: (one.counted, one.reason, one.report and (one.report.issue, one.report.counted)) for one in mine
            }

        assert lines() == {
            TIMELY.record: (True, None, (1, True)),
            CALLED.record: (False, "by_phone", (1, False)),
            MISTAKEN.record: (True, None, (1, True)),
        }
        ana.save(LATE)
        ana.phone.edit(CALLED.record, {"visit": {**CALLED.sections["visit"], "way": "home"}})  # it was no call
        ana.phone.edit(TIMELY.record, {"vitals": {"systolic_mmhg": 130, "diastolic_mmhg": 80}})
        ana.phone.void(MISTAKEN.record, "wrong-person")
        assert ana.phone.sync().complete
        assert lines() == {
            TIMELY.record: (True, None, (1, True)),
            CALLED.record: (False, "after_cutoff", (1, False)),
            MISTAKEN.record: (False, "void", (1, True)),
            LATE.record: (False, "after_cutoff", (1, False)),
        }
        late = next(line for line in ana.phone.my_work("2026-10") if line.record == LATE.record)
        assert late.counts == ("followup:hypertension",), "for him and the year it counts"
        assert LATE.record not in _in_report(village, supervisors)
        assert TIMELY.record in _in_report(village, supervisors)
        page = f"/areas/{places.TOWNSHIP}/reports/2026-10/difference"
        assert f"/records/{LATE.record}" in Dashboard(village, places.SUE).open(page)

        supervisors.reports.reissue(supervisors.zhou, places.TOWNSHIP, OCTOBER, "李大山10月20日随访迟到")
        offline = {line.record: line.reason for line in ana.phone.my_work("2026-10")}
        assert offline[LATE.record] == "after_cutoff", "as of its last sync"
        assert ana.phone.sync().complete
        assert lines() == {
            TIMELY.record: (True, None, (2, True)),
            CALLED.record: (True, None, (2, True)),
            MISTAKEN.record: (False, "void", (2, False)),
            LATE.record: (True, None, (2, True)),
        }
        [told] = [line.report for line in ana.phone.my_work("2026-10") if line.record == LATE.record]
        assert told.area == places.TOWNSHIP, "the village's own report still waits for its correction"
        assert LATE.record in _in_report(village, supervisors)
        assert LATE.record not in _in_report(village, supervisors, 1)
        assert f"/records/{LATE.record}" not in Dashboard(village, places.SUE).open(page)


def test_whoever_moved_after_the_freeze_has_the_visits_counted_where_the_report_counts_them(village, ana, cam):
    supervisors = Supervisors(village)
    write(ana, XIULAN, REGISTER, TIMELY)
    supervisors.lock()
    village.exchange.moving.move(XIULAN.record, places.OTHER)
    village.write(lambda c: places.directory.put_workplaces(c, places.ANA, [places.VILLAGE, places.OTHER]))
    ana.renew().sync()
    [line] = asked(ana, "2026-10")["lines"]
    assert (line["counted"], line["report"]) == (True, {"area": places.TOWNSHIP, "issue": 1, "counted": True})


def _told(desk, month):
    token = desk.phone._store.account().access
    answer = desk.phone._transport.request("GET", f"/v1/my-work?month={month}", token=token)
    assert answer.status == 200, answer.body
    return answer.body


def test_ana_reads_which_of_her_visits_count_and_why_the_others_do_not(village, ana):
    met, void = forms.pressure(1, 1, "2026-11-02", "136/84"), forms.pressure(1, 2, "2026-11-03", "138/84")
    called = forms.pressure(1, 3, "2026-11-04", "138/84", "phone")
    write(ana, XIULAN, REGISTER, met, void, called, forms.pressure(1, 4, "2026-10-20", "150/95"))
    write(ana, forms.again(void, void={"reason": "duplicate"}))
    nobody = forms.pressure(2, 1, "2026-11-05", "130/80")
    write(ana, nobody)
    said = lines(ana)
    assert said[met.record] == ["followup:hypertension"]
    assert said[void.record] == "void"
    assert said[called.record] == "by_phone"
    assert said[nobody.record] == "no_resident"
    assert set(said) == {met.record, void.record, called.record, nobody.record}
    assert asked(ana)["counted"] == 1
    assert list(lines(ana, "2026-10")) == [forms.name(1, "visit", 4)]


def test_while_two_doctors_disagree_about_the_day_neither_visit_counts_for_either(village, ana, ben):
    visit = forms.pressure(1, 1, "2026-11-02", "136/84")
    write(ana, XIULAN, REGISTER, visit)
    ben.sync()
    for phone, day in ((ana, "2026-11-03"), (ben, "2026-11-04")):
        phone.save({"visit": {**visit.sections["visit"], "visited_on": day}}, visit.record)
    for phone in (ana, ben, ana):
        phone.sync()
    assert lines(ana)[visit.record] == "conflict_open"
    assert lines(ben)[visit.record] == "conflict_open"


def test_nobody_is_told_of_the_work_of_others(village, ana, ben, cam):
    write(ana, XIULAN, REGISTER, forms.pressure(1, 1, "2026-11-02", "136/84"))
    ben.sync()
    assert asked(ben)["lines"] == []
    assert asked(cam)["lines"] == []


def test_a_visit_that_was_set_aside_is_on_the_list_with_the_reason(village, ana):
    write(ana, XIULAN, REGISTER)
    lost = forms.pressure(1, 1, "2026-11-02", "136/84")
    ana.save(lost.sections, lost.record, type=lost.type, subject=lost.subject, scope="411499001999")
    assert ana.sync()["receipts"][0]["status"] == "deposited"
    [line] = asked(ana)["lines"]
    assert (line["record"], line["reason"], line["detail"]) == (lost.record, "set_aside", "out-of-scope")
    assert (line["on"], line["residents"], line["counted"]) == ("2026-11-02", [XIULAN.record], False)


def test_what_ben_wrote_in_a_protected_programme_he_is_told_of_while_he_is_granted_it(village):
    village.write(lambda c: places.grant(c, places.BEN, "smd"))
    ben = village.phone(places.BEN)
    seen = forms.mind(1, 1, "2026-11-10", 0, "stable", "2027-02-10")
    write(ben, XIULAN, forms.register(1, "severe_mental_disorder", "2025-01-05", scope=forms.SMD), seen)
    assert lines(ben)[seen.record] == ["followup:severe_mental_disorder"]
    village.write(lambda c: places.directory.ungrant(c, places.BEN, "smd", village.app.extensions["cunyi"].standings.today))
    assert asked(ben)["lines"] == []


def test_of_last_year_each_record_counts_as_the_year_ended(village, ana):
    last = forms.pressure(1, 1, "2025-12-29", "136/84")
    write(ana, XIULAN, REGISTER, last, forms.pressure(1, 2, "2026-11-02", "136/84"))
    assert lines(ana, "2025-12") == {last.record: ["followup:hypertension"]}


def test_without_a_month_it_is_the_present_one_and_no_month_is_said_so(village, ana):
    assert ana.get("/v1/my-work").get_json()["month"] == "2026-11"
    for month in ("2026-13", "november", "2026", "2026-11-02"):
        answer = ana.get(f"/v1/my-work?month={month}")
        assert (answer.status_code, answer.get_json()["type"]) == (422, "/problems/unfit-request")
        assert ana.get(f"/v1/my-work?month={month}&only=reports").status_code == 422
    assert ana.get("/v1/my-work", access=None).status_code == 401


def test_a_visit_at_home_is_one_line_about_everybody_who_was_met(village, ana):
    wife = forms.resident(1, "李大山", "male", "1949-03-04", number=2)
    call = forms.home(1, 1, "2026-11-05", [XIULAN.record, wife.record])
    write(ana, XIULAN, wife, call)
    [line] = [one for one in asked(ana)["lines"] if one["record"] == call.record]
    assert (line["counts"], line["residents"]) == (["home_visit"], sorted([XIULAN.record, wife.record]))


def test_a_visit_at_home_that_was_a_mistake_is_a_line_about_whom_it_named(village, ana):
    husband = forms.resident(1, "李大山", "male", "1949-03-04", number=2)
    call = forms.home(1, 1, "2026-11-05", [XIULAN.record])
    write(ana, XIULAN, husband, call)
    ana.save({"void": {"reason": "mistake"}}, call.record)
    ana.sync()
    [line] = [one for one in asked(ana)["lines"] if one["record"] == call.record]
    assert (line["reason"], line["residents"]) == ("void", [XIULAN.record])


def test_a_visit_at_home_goes_on_counting_when_whom_it_met_has_married_into_another_household(village, ana, ben):
    write(ben, XIULAN)
    call = forms.home(1, 1, "2026-11-05", [XIULAN.record])
    write(ana, call)
    ben.save({"household": {"household": forms.name(2, "household"), "relation": "spouse"}}, XIULAN.record)
    ben.sync()
    [line] = asked(ana)["lines"]
    assert (line["record"], line["counts"], line["residents"]) == (call.record, ["home_visit"], [XIULAN.record])
