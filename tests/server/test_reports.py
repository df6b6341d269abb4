"""Period reports: frozen when a period is over; what phones bring later changes them only where everybody sees it."""

from __future__ import annotations

import random
import threading
import uuid

import pytest
from sqlalchemy import update

from server.freshness import freshness
from server.periods import Period
from server.problems import Problem
from server.reports.life import keeper
from server.reports.told import shown_as_json
from server.store import reports as store
from server.store import standards
from server.store.engine import reading
from server.store.tables import report_parts
from server.villagers import Villagers
from tests import village as places
from tests.server.test_standings import a_register, a_resident, a_visit
from tests.village import ANA, OTHER, SUE, TOWNSHIP, VILLAGE

COUNTY, ZHOU = TOWNSHIP[:6], "p-zhou"
OCTOBER, NOVEMBER, SEPTEMBER = (Period.parse(f"2026-{month}") for month in ("10", "11", "09"))
CONTROL = "hypertension_control"


class Desk:
    """The supervisors' side of a village."""

    def __init__(self, village) -> None:
        self.village = village
        doors = village.app.extensions["cunyi"]
        self.reports, self.reading = doors.reports, doors.report_reading
        village.person(SUE)
        row = {"id": ZHOU, "name": "Zhou", "role": "county_supervisor", "organisation": None, "area": COUNTY, "active": True}
        village.write(lambda c: places.directory.put_people(c, [row]))
        self.sue, self.zhou, self.ana = (village.access.view(one) for one in (SUE, ZHOU, ANA))

    def lock(self, area=TOWNSHIP, period=OCTOBER):
        """Through all hands until it is locked."""
        own = self.sue if area != COUNTY else self.zhou
        self.reports.compute(own, area, period)
        self.reports.step(own, area, period, "submit")
        judge = self.sue if keeper(area, judges=True) == TOWNSHIP else self.zhou
        for action in ("accept", "lock"):
            self.reports.step(judge, area, period, action)

    def number(self, code=CONTROL, area=TOWNSHIP, period=OCTOBER, issue=None, view=None):
        figure = self.reading.show(view or self.zhou, area, period, issue).total[code]
        return figure.numerator, figure.denominator

    def check(self, area=TOWNSHIP, period=OCTOBER, issue=None):
        return self.reports.check(self.zhou, area, period, issue)


@pytest.fixture
def desk(village):
    return Desk(village)


def ill(phone, name="王秀兰"):
    """A resident with high blood pressure under management since January."""
    who = a_resident(phone, name=name)
    a_register(phone, who)
    return who


@pytest.fixture
def people(ana, cam):
    """Wang in the first village, controlled in October; Li there, nobody has measured her; Sun in the second, not controlled."""
    wang, li, sun = ill(ana), ill(ana, "李大山"), ill(cam, "孙建国")
    a_visit(ana, wang, day="2026-10-12", systolic=131)
    a_visit(cam, sun, day="2026-10-13", systolic=171)
    ana.sync()
    cam.sync()
    return wang, li, sun


def refused(problem):
    return pytest.raises(Problem, match=f"^{problem}$")


def test_a_report_goes_from_hand_to_hand_until_it_is_locked(village, desk, people):
    assert desk.reading.of(desk.sue, TOWNSHIP, OCTOBER).state == "open"
    desk.reports.compute(desk.sue, TOWNSHIP, OCTOBER)
    for view in (desk.zhou, desk.ana):
        with refused("not-allowed" if view is desk.zhou else "not-found"):
            desk.reports.step(view, TOWNSHIP, OCTOBER, "submit")
    desk.reports.step(desk.sue, TOWNSHIP, OCTOBER, "submit", "两村已核对")
    with refused("not-allowed"):
        desk.reports.step(desk.sue, TOWNSHIP, OCTOBER, "accept")
    village.later(hours=1)
    desk.reports.step(desk.zhou, TOWNSHIP, OCTOBER, "return", "柳树村请再核对")
    with refused("report-state"):
        desk.reports.step(desk.zhou, TOWNSHIP, OCTOBER, "accept")
    desk.reports.step(desk.sue, TOWNSHIP, OCTOBER, "submit")
    for action in ("accept", "lock"):
        desk.reports.step(desk.zhou, TOWNSHIP, OCTOBER, action)
    shown = desk.reading.show(desk.sue, TOWNSHIP, OCTOBER)
    assert shown.report.state == "locked"
    assert [(one.step, one.action, one.person, one.note, one.issue) for one in shown.steps] == [
        (1, "compute", SUE, "", 1),
        (2, "submit", SUE, "两村已核对", 1),
        (3, "return", ZHOU, "柳树村请再核对", 1),
        (4, "submit", SUE, "", 1),
        (5, "accept", ZHOU, "", 1),
        (6, "lock", ZHOU, "", 1),
    ]
    assert shown.steps[2].at[:16] == "2026-11-21T05:00"


def test_a_month_is_closed_only_after_its_cut_off(village, desk, people):
    with refused("too-early") as told:
        desk.reports.compute(desk.sue, TOWNSHIP, NOVEMBER)
    assert told.value.more == {"first": "2026-12-06"}
    village.later(days=14)
    with refused("too-early"):
        desk.reports.compute(desk.sue, TOWNSHIP, NOVEMBER)
    village.later(days=1)
    assert desk.reports.compute(desk.sue, TOWNSHIP, NOVEMBER).state == "computed"


def test_a_visit_uploaded_late_changes_a_locked_report_only_as_a_correction_that_is_seen(village, desk, people, ana):
    _, li, _ = people
    desk.lock()
    assert desk.number() == (1, 3)
    village.later(days=3)
    late = a_visit(ana.renew(), li, day="2026-10-20", systolic=128)
    ana.sync()
    assert desk.number() == (1, 3)
    told = desk.reports.difference(desk.sue, TOWNSHIP, OCTOBER)
    assert told.villages == (VILLAGE,)
    assert [(one.numerator, one.denominator) for one in told.figures[CONTROL]] == [(1, 3), (2, 3)]
    [person] = told.persons
    assert (person.resident, person.name, person.village) == (li, "李大山", VILLAGE)
    assert [(one.record, one.type, one.author) for one in person.arrivals] == [(late, "hypertension_visit", ANA)]
    [control] = [one for one in person.changes if one.indicator == CONTROL]
    assert ([share[0] for share in control.before], [share[0] for share in control.after]) == (["denominator"], ["numerator"])
    with refused("not-allowed"):
        desk.reports.reissue(desk.sue, TOWNSHIP, OCTOBER, "李大山10月20日随访迟到")
    done = desk.reports.reissue(desk.zhou, TOWNSHIP, OCTOBER, "李大山10月20日随访迟到")
    assert (done.state, done.issue) == ("locked", 2)
    assert (desk.number(), desk.number(issue=1)) == ((2, 3), (1, 3))
    shown = desk.reading.show(desk.sue, TOWNSHIP, OCTOBER)
    assert [(one.number, one.reason, one.made_by) for one in shown.issues] == [
        (1, "", SUE),
        (2, "李大山10月20日随访迟到", ZHOU),
    ]
    change = desk.reports.change(desk.sue, TOWNSHIP, OCTOBER, 2)
    assert (change.figures, [one.resident for one in change.persons]) == (told.figures, [li])
    assert change.persons[0].arrivals == person.arrivals
    assert desk.reports.difference(desk.sue, TOWNSHIP, OCTOBER).villages == ()
    with refused("nothing-to-correct"):
        desk.reports.reissue(desk.zhou, TOWNSHIP, OCTOBER, "x")
    assert desk.check(issue=1) == desk.check(issue=2) == []


def test_while_somebody_judges_a_report_its_numbers_do_not_move(desk, people, ana):
    desk.reports.compute(desk.sue, TOWNSHIP, OCTOBER)
    desk.reports.step(desk.sue, TOWNSHIP, OCTOBER, "submit")
    a_visit(ana, people[1], day="2026-10-20", systolic=128)
    ana.sync()
    with refused("report-state"):
        desk.reports.reissue(desk.sue, TOWNSHIP, OCTOBER, "迟到")
    desk.reports.step(desk.zhou, TOWNSHIP, OCTOBER, "return", "请补")
    with refused("unfit-request"):
        desk.reports.reissue(desk.sue, TOWNSHIP, OCTOBER, " ")
    done = desk.reports.reissue(desk.sue, TOWNSHIP, OCTOBER, "迟到")
    assert (done.state, done.issue, desk.number()) == ("computed", 2, (2, 3))


def test_recomputed_at_the_same_position_it_is_identical_after_a_busy_november(village, desk, people, ana, ben, cam):
    wang, li, sun = people
    desk.lock()
    ben.sync()
    before = desk.number()
    village.later(days=2)
    for phone in (ana, ben, cam):
        phone.renew().sync()
    ben.save({"contact": {"phone": "13900000000"}}, wang)
    ana.save({"identity": {"name": "王秀蓝", "sex": "female", "birth_date": "1950-03-04"}}, wang)
    ana.save({"void": {"reason": "x", "by": ANA, "on": "2026-11-23"}}, next(one["id"] for one in visits_of(ana, wang)))
    a_visit(ben, li, day="2026-10-30", systolic=155)
    ill(ben, "迟登记")
    for phone in (ana, ben):
        phone.sync()
    village.exchange.moving.move(li, OTHER)
    cam.sync()
    a_visit(cam, li, day="2026-11-23", systolic=120)
    cam.sync()
    village.exchange.moving.move(sun, VILLAGE)
    assert desk.check() == []
    assert desk.number() == before
    assert village.faults() == []


def visits_of(phone, who):
    return [{"id": one.id} for one in phone.base.values() if one.subject == who and one.type == "hypertension_visit"]


def test_whoever_moves_away_after_the_freeze_goes_on_counting_there_and_nowhere_twice(village, desk, people, ana, cam):
    _, li, _ = people
    desk.lock()
    village.later(hours=1)
    village.exchange.moving.move(li, OTHER)
    cam.renew().sync()
    a_visit(cam, li, day="2026-10-25", systolic=126)
    cam.sync()
    told = desk.reports.difference(desk.zhou, TOWNSHIP, OCTOBER)
    assert [(one.village, one.resident) for one in told.persons] == [(VILLAGE, li)]
    desk.reports.reissue(desk.zhou, TOWNSHIP, OCTOBER, "李大山随访迟到")
    shown = desk.reading.show(desk.zhou, TOWNSHIP, OCTOBER)
    assert {area: own[CONTROL].denominator for area, own in shown.rows.items()} == {VILLAGE: 2, OTHER: 1}
    assert desk.number() == (2, 3)
    cam.sync()
    cam.save({"contact": {"phone": "1"}}, li)
    cam.sync()
    village.exchange.moving.move(li, VILLAGE)
    assert desk.check() == []
    assert desk.reports.difference(desk.zhou, TOWNSHIP, OCTOBER).villages == ()


def test_who_moved_after_one_village_was_frozen_is_not_counted_again_by_the_next(village, desk, people):
    wang, *_ = people
    desk.reports.compute(desk.sue, VILLAGE, OCTOBER)
    village.exchange.moving.move(wang, OTHER)
    desk.reports.compute(desk.sue, TOWNSHIP, OCTOBER)
    shown = desk.reading.show(desk.sue, TOWNSHIP, OCTOBER)
    assert {area: own[CONTROL].denominator for area, own in shown.rows.items()} == {VILLAGE: 2, OTHER: 1}
    assert desk.check() == []


def test_who_moves_to_a_frozen_village_from_one_that_is_not_counts_there_in_the_report_of_both(village, desk, people):
    wang, *_ = people
    desk.reports.compute(desk.sue, OTHER, OCTOBER)
    village.later(hours=1)
    village.exchange.moving.move(wang, OTHER)
    desk.reports.compute(desk.sue, TOWNSHIP, OCTOBER)
    shown = desk.reading.show(desk.sue, TOWNSHIP, OCTOBER)
    assert {area: (own[CONTROL].numerator, own[CONTROL].denominator) for area, own in shown.rows.items()} == {
        VILLAGE: (0, 1),
        OTHER: (1, 2),
    }
    assert (shown.issue.parts[VILLAGE], shown.issue.parts[OTHER]) == (1, 2)
    assert shown.frozen_at[OTHER] < shown.frozen_at[VILLAGE]
    assert desk.number(area=OTHER) == (0, 1)
    told = desk.reports.difference(desk.sue, OTHER, OCTOBER)
    assert [one.resident for one in told.persons] == [wang]
    assert desk.reports.difference(desk.sue, TOWNSHIP, OCTOBER).villages == ()
    desk.reports.compute(desk.zhou, COUNTY, OCTOBER)
    assert desk.number(area=COUNTY) == desk.number() == (1, 3)
    desk.reports.reissue(desk.sue, OTHER, OCTOBER, "王秀兰迁入")
    assert desk.number(area=OTHER) == (1, 2)
    assert desk.check(COUNTY) == desk.check(TOWNSHIP) == desk.check(OTHER) == []


def test_who_moves_while_the_villages_of_a_county_are_frozen_one_by_one_is_not_lost(village, desk, people):
    *_, sun = people

    def told(frozen):
        if frozen == VILLAGE:  # the first; the other is still to come
            village.exchange.moving.move(sun, VILLAGE)

    desk.reports.compute(desk.zhou, COUNTY, OCTOBER, told)
    assert desk.number(area=COUNTY) == (1, 3)
    assert desk.check(COUNTY) == []


def test_a_visit_that_came_after_the_township_was_locked_is_not_in_the_countys_first_issue_either(desk, people, ana):
    desk.lock()
    a_visit(ana, people[1], day="2026-10-20", systolic=128)
    ana.sync()
    desk.reports.compute(desk.zhou, COUNTY, OCTOBER)
    assert desk.number(area=COUNTY) == desk.number() == (1, 3)
    assert desk.reports.difference(desk.zhou, COUNTY, OCTOBER).villages == (VILLAGE,)


def test_whom_a_villages_own_correction_took_in_stays_there_when_the_township_corrects_later(village, desk, people, ana):
    for area in (VILLAGE, TOWNSHIP):
        desk.reports.compute(desk.sue, area, OCTOBER)
    zhao = ill(ana, "赵迟来")
    ana.sync()
    desk.reports.reissue(desk.sue, VILLAGE, OCTOBER, "迟登记")
    village.exchange.moving.move(zhao, OTHER)
    desk.reports.reissue(desk.sue, TOWNSHIP, OCTOBER, "迟登记")
    shown = desk.reading.show(desk.sue, TOWNSHIP, OCTOBER)
    assert {area: own[CONTROL].denominator for area, own in shown.rows.items()} == {VILLAGE: 3, OTHER: 1}
    assert desk.check() == []


def test_village_township_and_county_stand_on_the_same_numbers(village, desk, people, ana):
    for area in (VILLAGE, TOWNSHIP, COUNTY):
        desk.lock(area)
    assert (desk.number(area=VILLAGE), desk.number(area=TOWNSHIP), desk.number(area=COUNTY)) == ((1, 2), (1, 3), (1, 3))
    a_visit(ana, people[1], day="2026-10-20", systolic=128)
    ana.sync()
    desk.reports.reissue(desk.zhou, TOWNSHIP, OCTOBER, "迟到")
    assert (desk.number(area=TOWNSHIP), desk.number(area=COUNTY)) == ((2, 3), (1, 3))
    desk.reports.reissue(desk.zhou, COUNTY, OCTOBER, "青石镇更正")
    assert desk.number(area=COUNTY) == (2, 3)
    with reading(village.engine) as connection:
        two, three = (store.issues(connection, area, "2026-10")[-1].parts for area in (TOWNSHIP, COUNTY))
    assert two == three
    assert desk.check(COUNTY) == desk.check(TOWNSHIP) == desk.check(VILLAGE) == []


def test_two_colleagues_who_compute_at_once_get_one_report(village, desk, people):
    ready, found = threading.Barrier(2), []

    def work(view):
        ready.wait()
        found.append(desk.reports.compute(view, TOWNSHIP, OCTOBER))

    threads = [threading.Thread(target=work, args=(view,)) for view in (desk.sue, desk.zhou)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [(one.state, one.issue) for one in found] == [("computed", 1)] * 2
    shown = desk.reading.show(desk.sue, TOWNSHIP, OCTOBER)
    assert [one.action for one in shown.steps] == ["compute"]
    assert set(shown.issue.parts.values()) == {1}
    assert desk.check() == []


def test_a_county_that_was_stopped_in_the_middle_goes_on_where_it_was(village, desk, people, ana):
    def stop(_village):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.reports.compute(desk.zhou, COUNTY, OCTOBER, stop)
    assert desk.reading.of(desk.zhou, COUNTY, OCTOBER).state == "open"
    with refused("not-found"):
        desk.reading.show(desk.zhou, COUNTY, OCTOBER)
    village.later(minutes=5)
    told = []
    desk.reports.compute(desk.zhou, COUNTY, OCTOBER, told.append)
    assert told == [VILLAGE, OTHER]
    made = {row["scope"]: row["computed_at"] for row in village.rows("report_parts") if row["scope"] in (VILLAGE, OTHER)}
    assert made[VILLAGE] < made[OTHER]
    again = village.rows("reports"), village.rows("report_issues"), village.rows("report_steps")
    desk.reports.compute(desk.zhou, COUNTY, OCTOBER)
    assert (village.rows("reports"), village.rows("report_issues"), village.rows("report_steps")) == again


def test_over_nobody_there_is_no_rate_and_no_rank(desk, people):
    desk.reports.compute(desk.zhou, COUNTY, OCTOBER)
    shown = desk.reading.show(desk.zhou, COUNTY, OCTOBER)
    child = shown.total["sign_rate_child"]
    assert (child.numerator, child.denominator, child.value) == (0, 0, None)
    assert shown.ranking.rank("sign_rate_child", TOWNSHIP) is None


def test_a_report_opens_down_to_persons_and_records_as_they_were_frozen(desk, people, ana):
    wang, *_ = people
    [visit] = visits_of(ana, wang)
    desk.lock()
    a_visit(ana, wang, day="2026-10-30", systolic=181)
    ana.sync()
    said = desk.reading.persons(desk.sue, TOWNSHIP, OCTOBER, VILLAGE, CONTROL)
    assert sorted((one.name, one.side) for one in said) == [("李大山", "denominator"), ("王秀兰", "numerator")]
    assert [visit["id"] in one.records for one in said if one.resident == wang] == [True]
    for view, area, place in ((desk.ana, TOWNSHIP, VILLAGE), (desk.sue, TOWNSHIP, "411499002201"), (desk.sue, COUNTY, VILLAGE)):
        with refused("not-found"):
            desk.reading.persons(view, area, OCTOBER, place, CONTROL)


def test_what_is_of_a_protected_programme_is_in_a_report_only_for_who_is_granted_it(village, desk, people):
    village.write(lambda c: places.grant(c, ANA, "tb"))
    ana = village.phone(ANA)
    ana.sync()
    said = {"registration": {"disease": "tuberculosis", "opened_on": "2026-10-05"}, "status": {"status": "managed"}}
    ana.save(said, type="chronic_register", subject=people[0], scope=f"{VILLAGE}:tb")
    ana.sync()
    desk.lock()
    shown = desk.reading.show(desk.sue, TOWNSHIP, OCTOBER)
    assert not [code for code in shown.total if code.startswith("tb_")]
    with refused("not-found"):
        desk.reading.persons(desk.sue, TOWNSHIP, OCTOBER, VILLAGE, "tb_manage")
    with refused("not-found"):
        desk.reading.trend(desk.sue, TOWNSHIP, "tb_manage", NOVEMBER)
    village.write(lambda c: places.grant(c, SUE, "tb"))
    granted = village.access.view(SUE)
    assert desk.number("tb_manage", view=granted) == (0, 1)
    assert [one.resident for one in desk.reading.persons(granted, TOWNSHIP, OCTOBER, VILLAGE, "tb_manage")] == [people[0]]
    assert desk.number(view=granted) == desk.number(view=desk.sue)
    ana.save(
        {"status": {"status": "closed", "reason": "x"}}, next(one for one in ana.base if ana.base[one].scope.endswith(":tb"))
    )
    ana.sync()
    told = desk.reports.difference(desk.sue, TOWNSHIP, OCTOBER)
    assert (told.figures, told.persons) == ({}, ())
    spoil = update(report_parts).where(report_parts.c.scope == f"{VILLAGE}:tb").values(hash="0" * 64)
    village.write(lambda c: c.execute(spoil))
    assert not [fault for fault in desk.check() if people[0] in fault or ":tb" in fault]
    assert len(desk.check()) > 0
    assert any(f"{VILLAGE}:tb" in fault for fault in desk.reports.check(granted, TOWNSHIP, OCTOBER))


def test_a_late_record_of_a_protected_programme_alone_is_corrected_and_checks_as_it_was_counted(village, desk, people):
    for person in (ANA, ZHOU):
        village.write(lambda c, person=person: places.grant(c, person, "tb"))
    granted, ana = village.access.view(ZHOU), village.phone(ANA)
    ana.sync()
    desk.lock()
    said = {"registration": {"disease": "tuberculosis", "opened_on": "2026-10-05"}, "status": {"status": "managed"}}
    ana.save(said, type="chronic_register", subject=people[0], scope=f"{VILLAGE}:tb")
    ana.sync()
    desk.reports.reissue(desk.zhou, TOWNSHIP, OCTOBER, "迟到")
    assert desk.number("tb_manage", view=granted) == (0, 1)
    assert desk.reports.check(granted, TOWNSHIP, OCTOBER) == []
    assert desk.reports.check(granted, TOWNSHIP, OCTOBER, 1) == []


def test_what_other_rules_make_of_a_report_is_not_told_as_what_came_late(village, desk, people, ana):
    wang, li, sun = people
    desk.lock()
    village.later(hours=1)
    village.write(lambda c: standards.put(c, "late_days", OCTOBER.start, 60, "shell", "2026-11-21T04:30:00.000Z"))
    told = desk.reports.difference(desk.sue, TOWNSHIP, OCTOBER)
    assert told.ruled == told.villages == (VILLAGE, OTHER)
    assert {one.resident for one in told.persons} >= {wang, sun}
    assert all(one.by_rules and not one.arrivals for one in told.persons)
    a_visit(ana.renew(), li, day="2026-10-20", systolic=128)
    ana.sync()
    told = desk.reports.difference(desk.sue, TOWNSHIP, OCTOBER)
    by_rules = {one.resident: one.by_rules for one in told.persons}
    assert (by_rules[wang], by_rules[li], by_rules[sun]) == (True, False, True)


def test_whoever_changes_a_frozen_number_behind_the_back_is_found_out(village, desk, people):
    desk.lock()
    figures = next(row["figures"] for row in village.rows("report_parts") if row["scope"] == VILLAGE)
    better = figures.replace(f'"{CONTROL}":{{"all":[1,2,0]', f'"{CONTROL}":{{"all":[2,2,0]')
    assert better != figures
    village.write(lambda c: c.execute(update(report_parts).where(report_parts.c.scope == VILLAGE).values(figures=better)))
    assert desk.check() == [
        f"{TOWNSHIP}: the sums are not those of the parts",
        f"{VILLAGE}: the figures are not those of the evidence",
        f"{VILLAGE}: it is not what was frozen",
    ]


def test_a_week_over_new_year_counts_the_days_of_both_years(village, desk, ana):
    home = str(uuid.uuid4())
    ana.save({"profile": {"address": "1"}}, home, type="household", subject=home)
    who = a_resident(ana, household={"household": home, "relation": "head"})
    for day in ("2026-12-27", "2026-12-30", "2027-01-02"):
        said = {"visit": {"visited_on": day, "household": home, "residents": [who], "person_times": 1}}
        ana.save(said, type="home_visit", subject=home)
    village.later(days=60)
    ana.now = "2027-01-19T12:00:00+08:00"
    ana.renew().sync()
    week = Period.parse("2026-W53")
    desk.reports.compute(desk.sue, VILLAGE, week)
    assert desk.number("home_visit_person_times", VILLAGE, week)[0] == 2
    assert desk.check(VILLAGE, week) == []


def test_the_course_of_a_year_and_the_change_of_places_are_told(village, desk, people, ana, cam):
    def set_standard(name, value, at="2026-09-01T00:00:00.000Z"):
        village.write(lambda c: standards.put(c, name, SEPTEMBER.start, value, "shell", at))

    for name, value in (("rank_from", 1), ("weight.hypertension_control", 10), ("target.hypertension_control", "0.50")):
        set_standard(name, value)
    for period in (SEPTEMBER, OCTOBER):
        desk.lock(period=period)
    shown = desk.reading.show(desk.sue, TOWNSHIP, OCTOBER)
    assert shown.ranking.rank(CONTROL, VILLAGE) == 1
    assert shown.ranking.rank(CONTROL, OTHER) == 2
    trend = desk.reading.trend(desk.sue, TOWNSHIP, CONTROL, NOVEMBER)
    assert [text for text, _ in trend[-2:]] == ["2026-09", "2026-10"]
    assert [one and (one.numerator, one.denominator) for _, one in trend][-3:] == [None, (0, 3), (1, 3)]
    assert desk.reading.trend(desk.sue, VILLAGE, CONTROL, NOVEMBER)[-1][1] is None
    desk.lock(VILLAGE)
    assert desk.reading.trend(desk.sue, VILLAGE, CONTROL, NOVEMBER)[-1][1].denominator == 2
    ranks = shown.ranking.composite
    set_standard("target.hypertension_control", "1", "2026-12-01T00:00:00.000Z")
    assert desk.reading.show(desk.sue, TOWNSHIP, OCTOBER).ranking.composite == ranks


def linked(phone, duplicate, same_as, state):
    """A person decides whether two residents are one."""
    said = {"duplicate": duplicate, "same_as": same_as, "state": state, "decided_by": phone.person, "decided_on": "2026-11-20"}
    known = next((one.id for one in phone.base.values() if one.type == "same_person"), None)
    phone.save({"link": said}, known or str(uuid.uuid4()), type="same_person", subject=duplicate)


def at_home(phone, who, day):
    home = str(uuid.uuid4())
    phone.save({"profile": {"address": "1"}}, home, type="household", subject=home)
    phone.save({"household": {"household": home, "relation": "head"}}, who)
    said = {"visit": {"visited_on": day, "household": home, "residents": [who], "person_times": 1}}
    phone.save(said, type="home_visit", subject=home)


def test_whom_a_corrected_visit_names_no_longer_is_shown_beside_whom_it_names_now(village, desk, people, ana):
    wang, li, _ = people
    at_home(ana, wang, "2026-10-15")
    ana.sync()
    [visit] = [one for one in ana.base.values() if one.type == "home_visit"]
    at_home(ana, li, "2026-10-02")
    ana.save({"household": {"household": str(uuid.uuid4()), "relation": "head"}}, wang)  # she moved in with her son
    ana.sync()
    desk.lock()
    assert desk.number("home_visit_person_times")[0] == 2
    said = {"visited_on": "2026-10-15", "household": visit.subject, "residents": [li], "person_times": 1}
    ana.save({"visit": said}, visit.id)
    ana.sync()
    told = desk.reports.difference(desk.zhou, TOWNSHIP, OCTOBER)
    assert {one.resident for one in told.persons} == {wang, li}
    assert {arrival.record for one in told.persons for arrival in one.arrivals} == {visit.id}
    desk.reports.reissue(desk.zhou, TOWNSHIP, OCTOBER, "入户对象写错")
    assert desk.number("home_visit_person_times")[0] == 2
    assert desk.check() == []


def test_whom_a_corrected_link_names_no_longer_counts_again_as_themselves(village, desk, people, ana):
    wang, li, _ = people
    sister = ill(ana, "王秀莲")
    linked(ana, wang, sister, "linked")
    ana.sync()
    desk.lock()
    assert desk.number("sign_rate")[1] == 3
    linked(ana, wang, li, "linked")
    ana.sync()
    told = desk.reports.difference(desk.zhou, TOWNSHIP, OCTOBER)
    assert {one.resident for one in told.persons} == {sister, li}
    desk.reports.reissue(desk.zhou, TOWNSHIP, OCTOBER, "认错了人")
    assert (desk.number("sign_rate")[1], desk.check()) == (3, [])


def happens(rng, village, phone):
    """Something to somebody whom the phone holds, about a day of October."""
    people = [one.id for one in phone.base.values() if one.type == "resident"]
    who, day = rng.choice(people or [""]), f"2026-10-{rng.randint(1, 31):02}"
    visits = visits_of(phone, who)
    what = rng.randrange(7)
    if what == 0 and len(people) > 1:
        linked(phone, *rng.sample(people, 2), rng.choice(["linked", "undone"]))
    elif what == 1 and people:
        at_home(phone, who, day)
    elif what == 2 and visits:
        phone.save({"void": {"reason": "x", "by": phone.person, "on": day}}, rng.choice(visits)["id"])
    elif what == 3 and people:
        phone.save({"record_status": {"status": rng.choice(["active", "closed"]), "closed_on": day}}, who)
    elif what == 4 and people:
        village.exchange.moving.move(who, rng.choice([VILLAGE, OTHER]))
    elif people:
        a_visit(phone, who, day=day, systolic=rng.randint(110, 180))


@pytest.mark.parametrize("seed", range(3))
def test_a_correction_counts_anew_just_those_who_have_to_be(village, desk, people, ana, ben, cam, seed):
    """A check counts everybody from the log as it was then: it would find anybody whom a correction forgot."""
    rng = random.Random(seed)
    desk.lock()
    for number in range(8):
        for _ in range(3):
            phone = rng.choice([ana, ben, cam])
            phone.sync()
            happens(rng, village, phone)
            phone.sync()
        if desk.reports.difference(desk.zhou, TOWNSHIP, OCTOBER):
            desk.reports.reissue(desk.zhou, TOWNSHIP, OCTOBER, f"更正{number}")
    issues = desk.reading.show(desk.zhou, TOWNSHIP, OCTOBER).issues
    assert len(issues) > 3
    assert [desk.check(issue=one.number) for one in issues] == [[]] * len(issues)


def test_the_phones_not_heard_from_are_told_with_the_numbers(village, desk, people, ben):
    desk.lock()
    shown = desk.reading.show(desk.sue, TOWNSHIP, OCTOBER)
    assert shown.issue.unheard == (village.device_of(ben),)
    with reading(village.engine) as connection:
        assert freshness(connection, [VILLAGE, OTHER], village.time, village.time.date()).villages == 2


@pytest.fixture
def poison(monkeypatch):
    """Residents whose records cannot be counted, with a message that quotes one."""
    names, whole, quoted = set(), Villagers.account, "王秀兰"

    def account(people, resident, *more, **named):
        if resident in names:
            raise LookupError(quoted)
        return whole(people, resident, *more, **named)

    monkeypatch.setattr(Villagers, "account", account)
    return names


def test_one_resident_who_cannot_be_counted_stops_no_report_and_is_told_of(village, desk, people, poison, caplog):
    wang, li, _ = people
    poison.add(wang)
    desk.lock()
    shown = desk.reading.show(desk.zhou, TOWNSHIP, OCTOBER)
    assert (shown.uncountable, desk.number(), desk.number("sign_rate")) == (1, (0, 2), (0, 2))
    assert desk.reading.show(desk.sue, TOWNSHIP, OCTOBER, within=OTHER).uncountable == 0
    assert shown_as_json(shown)["uncountable"] == 1
    persons = desk.reading.persons(desk.zhou, TOWNSHIP, OCTOBER, VILLAGE, "sign_rate")
    assert [one.resident for one in persons] == [li]
    assert "王秀兰" not in caplog.text
    assert "LookupError" in caplog.text
    assert desk.check() == []
    village.later(hours=1)
    poison.clear()
    phone = village.phone(ANA)
    phone.sync()
    phone.save({"contact": {"phone": "13900000000"}}, wang)  # what was wrong with her record is put right
    phone.sync()
    told = desk.reports.difference(desk.zhou, TOWNSHIP, OCTOBER)
    assert [one.resident for one in told.persons] == [wang]
    desk.reports.reissue(desk.zhou, TOWNSHIP, OCTOBER, "王秀兰的记录已改正")
    assert (desk.reading.show(desk.zhou, TOWNSHIP, OCTOBER).uncountable, desk.number()) == (0, (1, 3))
    assert desk.check() == []


def test_somebody_who_cannot_be_counted_in_a_protected_programme_counts_in_the_open(village, people, desk, monkeypatch):
    for person in (ANA, ZHOU):
        village.write(lambda c, person=person: places.grant(c, person, "tb"))
    granted, ana, whole = village.access.view(ZHOU), village.phone(ANA), Villagers.account
    ana.sync()
    said = {"registration": {"disease": "tuberculosis", "opened_on": "2026-01-05"}, "status": {"status": "managed"}}
    ana.save(said, type="chronic_register", subject=people[0], scope=f"{VILLAGE}:tb")
    ana.sync()

    def account(villagers, resident, on, programmes, *more, **named):
        if programmes:
            raise LookupError
        return whole(villagers, resident, on, programmes, *more, **named)

    monkeypatch.setattr(Villagers, "account", account)
    desk.lock()
    found = [desk.reading.show(view, TOWNSHIP, OCTOBER).uncountable for view in (granted, desk.sue)]
    assert (found, desk.number(), desk.number("tb_manage", view=granted)) == ([1, 0], (1, 3), (0, 0))


def test_of_an_area_of_others_nothing_is_told(desk, people):
    desk.lock()
    for area in (COUNTY, "411499002", "4114", "x", "411499001299"):
        for ask in (desk.reading.show, desk.reports.check, desk.reports.difference, desk.reading.of, desk.reports.compute):
            with refused("not-found"):
                ask(desk.sue, area, OCTOBER)
    assert [one.area for one in desk.reading.listed(desk.sue)] == [TOWNSHIP]
    assert desk.reading.listed(desk.ana) == []


def test_a_new_release_that_counts_alike_finds_nothing_and_one_that_does_not_says_whose_rules_it_checks_by(
    desk, people, monkeypatch
):
    desk.lock()
    monkeypatch.setattr("server.reports.freezing.edition", lambda *_: "another")
    assert desk.check() == []
    monkeypatch.setattr("server.reports.reckoning.in_period", lambda *_: False)
    faults = desk.check()
    assert [fault for fault in faults if "checked by the rules another of this release" in fault][:1] == faults[:1]
    assert any("comes out otherwise" in fault for fault in faults)
