"""Every indicator of a village of twelve, counted by hand on 22 November 2026, and sent there by two phones.

Who they are: 1 王桂英 had everything; 2 李大山 has the same pressure at 64; 3 赵秀兰 was not controlled twice; 4 孙建国 has a glucose
of 16.8; 5 周敏 is only telephoned; 6 吴老四 is poor and in bed; 7 郑芳 signed twice; 8 冯伟 can show nothing; 9 钱淑珍 died in May;
10 马强 has tuberculosis since Friday; 11 何小燕 had a crisis in May; 12 陈国庆 stands there twice, and two phones disagree about him.
"""

from __future__ import annotations

import io

import openpyxl
import pytest

from server.indicators import INDICATORS, by_code
from server.indicators.reading import by_unit, units_of
from server.periods import Period
from tests import village as places
from tests.server.test_decision_pages import Desk as Dashboard
from tests.server.test_ledger import write
from tests.server.twelve import phones_of_the_twelve, write_all
from tests.standing.forms import home, name, resident
from tests.village import ANA, CAM, SUE, TOWNSHIP, VILLAGE

YEAR = Period.parse("2026")

# numerator, denominator, excluded; of what happens on days, in the whole year so far
COUNTED = {
    # Due so far: 1 three visits, all made; 5 three, all by telephone; 7 one, done; 8 two missed and one waived; 9 one, done
    # before she died; 12 three, all made. 1, 7 and 12 had everything, 5 and 8 had not, 9 is out. Of the six with a contract
    # (1 5 7 8 10 12), 5 was only telephoned, and 10 has had nothing yet.
    "honour_person_full": (3, 5, 1),
    "honour_item": (8, 13, 1),
    "honour_person_any": (4, 6, 0),
    # Eleven live here; 9 died, and the second record of 12 is 12. Signed: 1 5 7 8 10 12. In key groups: 1 2 3 4 5 6 12.
    "sign_rate": (6, 11, 2),
    "sign_rate_key": (3, 7, 0),
    "sign_rate_elder": (2, 2, 0),  # 1 and 12
    "sign_rate_child": (0, 0, 0),
    "sign_rate_maternal": (0, 0, 0),
    "sign_rate_hypertension": (3, 5, 0),  # 1 5 12 of 1 2 3 5 12
    "sign_rate_diabetes": (0, 1, 0),  # 4
    "sign_rate_disabled": (0, 1, 0),  # 6
    "sign_rate_special": (0, 0, 0),
    "sign_rate_poor": (0, 1, 0),  # 6
    "sign_rate_tb": (1, 1, 0),
    "sign_rate_smd": (0, 1, 0),
    "paid_sign_rate": (0, 6, 2),  # nobody paid; the second contracts of 7 and 12 wait for a decision
    "renew_rate": (0, 0, 1),  # only 9's has ended, for she died
    # 1 2 3 5 12 are managed, a call is a contact. To the standard only 1: the others lack an examination, 3 and 12 besides a
    # visit within two weeks, 5 every visit face to face. Controlled: 1, and 5 by telephone; of 12 two phones wrote otherwise.
    "hypertension_manage": (5, 5, 1),
    "hypertension_standard": (1, 5, 1),
    "hypertension_control": (2, 5, 1),
    "diabetes_manage": (1, 1, 0),
    "diabetes_standard": (1, 1, 0),
    "diabetes_control": (0, 1, 0),
    "elder_manage": (1, 2, 0),  # 12 was not assessed
    "elder_exam": (2, 2, 0),
    "elder_selfcare": (1, 2, 0),
    "tb_manage": (0, 1, 0),  # since Friday, nobody has met him
    "tb_standard": (0, 1, 0),
    "tb_regular": (0, 0, 0),
    "tb_72h": (0, 0, 0),  # until Monday
    "smd_report": (1, 11, 2),
    "smd_manage": (1, 1, 0),
    "smd_standard": (0, 1, 0),  # not examined
    # 6: examined no, a plan yes, reviewed in time no (15 November), one of two batches treated, not signed.
    "poor_exam": (0, 1, 0),
    "plan_coverage": (1, 1, 0),
    "plan_fresh": (0, 1, 0),
    "three_batches_treated": (0, 1, 0),
    "chronic_sign_rate": (0, 1, 0),
    "eight_ones_rate": (0, 1, 0),
    "eight_ones_1": (1, 1, 0),  # the record is complete
    "eight_ones_2": (0, 1, 0),  # no team
    "eight_ones_3": (0, 1, 0),  # no contract
    "eight_ones_4": (1, 1, 0),  # a plan
    "eight_ones_5": (0, 1, 0),  # its review is overdue
    "eight_ones_6": (0, 1, 0),  # not examined
    "eight_ones_7": (1, 1, 0),  # seen face to face
    "eight_ones_8": (1, 1, 0),  # at home
    # In March and June he was met; in September nobody was; in October only his wife, who has no record here.
    "home_visit_person_times": (2, 0, 1),
    "home_visit_household_times": (2, 0, 1),
    # A next visit wait 1 2 3 4 5 12; it is overdue of 3, 5 and 12. (4 is urgent, until the 30th.)
    "followup_timely": (3, 6, 0),
    "overdue_rate": (3, 6, 0),
    # Everything was written on 21 November: 6 records of 1, 3 of 2, 3 of 3, 4 of 4, 5 of 5, 3 of 6, 2 of 7, 4 of 8, 1 of 9 and 5
    # of 12 more than a week late; a visit of 2 on the 20th and one of 4 on the 16th were not.
    "late_entry_rate": (36, 38, 0),
    # 3 was seen again on 22 October, and not after that; of 12 it is in conflict whether he should have been.
    "urgent_followed_14d": (1, 3, 0),
    "referral_closed_14d": (0, 1, 0),  # of 12
    # Both visits to 6 without photograph; performances: one of 5, two of 7, of 8 one has a photograph and two have nothing.
    "evidence_complete": (4, 8, 0),
    "record_rate": (11, 11, 2),
    "record_use": (8, 11, 2),  # of 11 there is nothing in the open, of 8 a waiver and what does not count, of 10 a contract
}


@pytest.fixture
def twelve(village):
    phones = phones_of_the_twelve(village)
    write_all(village, phones)
    doors = village.app.extensions["cunyi"]
    return village, doors.indicators, doors.access


def numbers(figures):
    return {code: (one.numerator, one.denominator, one.excluded) for code, one in figures.items()}


def test_every_indicator_is_as_counted_by_hand(twelve):
    _, indicators, access = twelve
    assert {one.code for one in INDICATORS} == COUNTED.keys()
    found = indicators.figures(access.view(ANA), VILLAGE, YEAR)
    assert numbers(found.total) == COUNTED
    assert [numbers(row.figures) for row in found.rows] == [COUNTED]
    assert found.behind == ()
    assert found.total["sign_rate_child"].value is None
    assert str(found.total["sign_rate"].value) == "6/11"


def test_the_township_is_the_sum_of_its_villages_and_without_the_grant_nothing_protected_is_in_it(twelve):
    _, indicators, access = twelve
    found = indicators.figures(access.view(SUE), TOWNSHIP, YEAR)
    protected = {one.code for one in INDICATORS if one.programme}
    assert numbers(found.total) == {code: said for code, said in COUNTED.items() if code not in protected}
    assert [row.name for row in found.rows] == ["柳树村", "杨树村"]
    assert {one.numerator + one.denominator + one.excluded for one in found.rows[1].figures.values()} == {0}


def test_what_happened_stands_in_its_month_quarter_week_and_day(twelve):
    _, indicators, access = twelve
    view = access.view(ANA)

    def happened(code, period):
        return numbers(indicators.figures(view, VILLAGE, Period.parse(period)).total)[code]

    # owed until 1 April by 1, 5, 9 and 12, until 30 June by 8
    assert happened("honour_item", "2026-Q2") == (3, 5, 0)
    assert happened("honour_item", "2026-04-01") == (3, 4, 0)
    assert happened("honour_item", "2026-03-02..2026-04-30") == (3, 4, 1)
    assert happened("honour_item", "2026-11") == (0, 0, 0)
    assert happened("urgent_followed_14d", "2026-10") == (1, 1, 0)
    assert happened("urgent_followed_14d", "2026-W45") == (0, 1, 0)  # 3, until 5 November
    assert happened("urgent_followed_14d", "2026-11") == (0, 2, 0)
    assert happened("home_visit_person_times", "2026-06") == (1, 0, 0)
    assert "sign_rate" not in indicators.figures(view, VILLAGE, Period.parse("2026-10")).total, "that was frozen in its report"


def test_every_population_is_counted_among_its_own(twelve):
    _, indicators, access = twelve

    def among(population):
        return numbers(indicators.figures(access.view(ANA), VILLAGE, YEAR, population).total)

    ill, old = among("hypertension"), among("elder_65")
    assert ill["sign_rate"] == (3, 5, 0)
    assert ill["honour_person_full"] == (2, 3, 0)  # 1 and 12, and 5
    assert old["hypertension_control"] == (1, 2, 0)
    assert old["smd_report"] == (0, 2, 0)
    assert among("registered_poor")["home_visit_household_times"] == (2, 0, 1)


def test_a_number_opens_down_to_persons_records_and_reasons(twelve):
    _, indicators, access = twelve

    def told(code):
        persons = indicators.persons(access.view(ANA), VILLAGE, code, YEAR)
        return {(one.name, one.side, one.reason) for one in persons}, {one.name: one.records for one in persons}

    said, records = told("hypertension_control")
    assert said == {
        ("王桂英", "numerator", None),
        ("周敏", "numerator", None),
        ("李大山", "denominator", "not_controlled"),
        ("赵秀兰", "denominator", "not_controlled"),
        ("陈国庆", "denominator", "conflict_open"),
        ("钱淑珍", "excluded", "died"),
    }
    assert records["王桂英"] == (name(1, "register"), name(1, "visit", 4))
    said, _ = told("sign_rate")
    assert {one for one in said if one[1] == "excluded"} == {
        ("钱淑珍", "excluded", "died"),
        ("陈国清", "excluded", "same_person"),
    }
    said, records = told("honour_person_full")
    assert {one for one in said if one[1] != "numerator"} == {
        ("周敏", "denominator", "by_phone"),
        ("冯伟", "denominator", "no_evidence"),
        ("钱淑珍", "excluded", "died"),
    }
    assert records["郑芳"] == (name(7, "contract"), name(7, "performance"))
    said, _ = told("smd_report")
    assert ("何小燕", "numerator", None) in said
    assert sum(side == "denominator" for _, side, _ in said) == 10


def test_every_number_is_as_many_persons_as_are_behind_it(twelve):
    _, indicators, access = twelve
    view = access.view(ANA)
    for one in INDICATORS:
        persons = indicators.persons(view, VILLAGE, one.code, YEAR)
        units = {(p.records[0] if one.once else n, p.side, p.on) for n, p in enumerate(persons)}
        sides = [side for _, side, _ in units]
        above, below = sides.count("numerator"), sides.count("denominator")
        assert (above, (above + below) * one.ratio, sides.count("excluded")) == COUNTED[one.code], one.code
        assert units_of(one, persons) == COUNTED[one.code], one.code


def test_who_shares_a_visit_to_the_home_stands_in_one_row_so_that_the_list_adds_up(twelve):
    village, indicators, access = twelve
    ana, view = village.phone(ANA), access.view(ANA)
    ana.sync()
    husband = resident(5, "周大山", "male", "1948-01-01", number=2)
    call = home(5, 7, "2026-11-19", [name(5, "resident"), husband.record])
    write(ana, husband, call)
    for code in ("home_visit_household_times", "evidence_complete", "late_entry_rate"):
        figure = indicators.figures(view, VILLAGE, YEAR).total[code]
        persons, one = indicators.persons(view, VILLAGE, code, YEAR), by_code(code)
        rows = by_unit(one, persons)
        assert len(rows) == len(persons) - 1
        assert [sorted(who.name for who in row) for row in rows if len(row) > 1] == [["周大山", "周敏"]]
        above = sum(row[0].side == "numerator" for row in rows)
        below = sum(row[0].side == "denominator" for row in rows)
        assert (above, (above + below) * one.ratio) == (figure.numerator, figure.denominator)
        told = ana.get(f"/v1/indicators/{code}/persons?village={VILLAGE}&period=2026").get_json()
        assert told["units"] == {side: getattr(figure, side) for side in ("numerator", "denominator", "excluded")}
        assert len(told["persons"]) == len(persons)
    desk = Dashboard(village, ANA)
    page = f"/areas/{VILLAGE}/indicators/home_visit_household_times?period=2026"
    assert "周大山、周敏" in desk.open(page).replace("周敏、周大山", "周大山、周敏")
    answer = desk.client.get(f"/dashboard{page}&format=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data))["记录清单"]
    figure = indicators.figures(view, VILLAGE, YEAR).total["home_visit_household_times"]
    sides = [row[head] for row in sheet.iter_rows(min_row=2, values_only=True) for head in (2,)]
    assert sides.count("计入分子") == figure.numerator


def test_on_monday_the_72_hours_are_over_without_anybody_writing(twelve):
    village, indicators, access = twelve
    village.later(days=1)
    assert numbers(indicators.figures(access.view(ANA), VILLAGE, YEAR).total)["tb_72h"] == (0, 1, 0)
    [person] = indicators.persons(access.view(ANA), VILLAGE, "tb_72h", Period.parse("2026-W48"))
    assert (person.name, person.side, person.reason, person.on.isoformat()) == (
        "马强",
        "denominator",
        "no_record",
        "2026-11-23",
    )


def test_who_asks_for_a_month_that_is_over_gets_its_report_or_is_told_that_there_is_none(twelve):
    village, _, access = twelve
    doors = village.app.extensions["cunyi"]
    ana, sue = village.phones(ANA, SUE)

    def asked(code, period="2026-04", phone=ana, **more):
        query = {"village": VILLAGE, "period": period, **more}
        answer = phone.get(f"/v1/indicators/{code}/persons", query_string=query)
        return answer.status_code, answer.get_json()

    status, said = asked("sign_rate")
    assert (status, said["faults"]) == (
        422,
        ["/period: 2026-04 does not run today: what stood at its end is in its report"],
    )
    assert asked("sign_rate", "2027-04")[0] == 422, "of a day to come nothing is counted"
    status, said = asked("honour_item")
    assert (status, len(said["persons"])) == (200, 4), "what happened in April is told live"
    doors.reports.compute(access.view(SUE), TOWNSHIP, Period.parse("2026-04"))
    assert asked("sign_rate")[0] == 422, "the report of the township is not hers"
    status, said = asked("sign_rate", phone=sue)
    assert status == 200
    above = {one["name"] for one in said["persons"] if one["side"] == "numerator"}
    assert above == {"王桂英", "周敏", "郑芳", "冯伟", "钱淑珍", "陈国庆"}, "in April she lived, and Ma Qiang had not signed"
    status, said = asked("honour_item", phone=sue, population="hypertension")
    assert {one["name"] for one in said["persons"]} == {"王桂英", "周敏", "钱淑珍", "陈国庆"}, "she belonged to the group then"


def test_a_group_is_told_of_a_past_month_by_its_report_alone(twelve):
    """Somebody flagged today would otherwise stand in the group's numbers of a month in which they did not belong to it."""
    village, indicators, access = twelve
    [ana] = village.phones(ANA)
    april = ana.get("/v1/indicators", query_string={"period": "2026-04", "population": "hypertension"})
    assert (april.status_code, april.get_json()["faults"]) == (
        422,
        ["/population: 2026-04 does not run today: ask for all, or for its report"],
    )
    assert ana.get("/v1/indicators", query_string={"period": "2026-04"}).status_code == 200
    assert indicators.figures(access.view(ANA), VILLAGE, Period.parse("2026-11"), "hypertension").total


def test_a_doctor_of_another_village_gets_the_answer_of_nobody(twelve):
    village, _, _ = twelve
    village.write(lambda c: places.grant(c, CAM, "tb"))
    cam, ana = village.phones(CAM, ANA)
    nowhere = cam.get("/v1/indicators/sign_rate/persons?village=411499001999").get_json()
    for query in (
        f"sign_rate/persons?village={VILLAGE}",
        f"tb_manage/persons?village={VILLAGE}",
        f"none/persons?village={VILLAGE}",
    ):
        answer = cam.get(f"/v1/indicators/{query}")
        assert (answer.status_code, answer.get_json()) == (404, nowhere)
    assert cam.get(f"/v1/indicators?area={VILLAGE}").get_json() == nowhere
    assert cam.get(f"/v1/indicators?area={TOWNSHIP}").get_json() == nowhere
    mine = ana.get("/v1/indicators?period=2026").get_json()
    assert {code: (f["numerator"], f["denominator"], f["excluded"]) for code, f in mine["figures"].items()} == COUNTED
    assert (mine["figures"]["sign_rate"]["value"], mine["figures"]["sign_rate_child"]["value"]) == ("0.5455", None)
    assert mine["as_of"]["positions"].keys() == {VILLAGE, f"{VILLAGE}:tb", f"{VILLAGE}:smd"}
    persons = ana.get(f"/v1/indicators/tb_manage/persons?village={VILLAGE}").get_json()["persons"]
    assert [(one["name"], one["side"], one["reason"]) for one in persons] == [("马强", "denominator", "no_visit")]
    for bad in ("period=2026-13", "period=x", "population=tuberculosis"):
        assert ana.get(f"/v1/indicators?{bad}").status_code == 422


def test_nothing_of_a_programme_lies_in_the_open_or_is_told_to_who_may_not_hold_it(twelve):
    village, _, _ = twelve
    village.write(lambda c: [c.exec_driver_sql("DELETE FROM grants")])
    ana, sue = village.phones(ANA, SUE)
    qiang, xiaoyan = (name(n, "resident") for n in (10, 11))
    protected = {one.code for one in INDICATORS if one.programme}
    for row in village.rows("tallies"):
        assert (row["indicator"] in protected) == (":" in row["scope"])
    for row in village.rows("standings"):
        if row["scope"] == VILLAGE and row["resident"] in (qiang, xiaoyan):
            words = ("tuberculosis", "mental", *protected, name(10, "register"), name(11, "register"))
            assert [word for word in words if word in row["counts"]] == []
    for phone, area in ((ana, VILLAGE), (sue, TOWNSHIP)):
        answer = phone.get(f"/v1/indicators?area={area}&period=2026")
        told = [answer.get_json()["figures"], *(row["figures"] for row in answer.get_json()["rows"])]
        assert protected.isdisjoint(code for figures in told for code in figures)
        assert not any(word in answer.get_data(as_text=True) for word in (":tb", ":smd", *protected))
        for code in protected:
            assert phone.get(f"/v1/indicators/{code}/persons?village={VILLAGE}").status_code == 404
