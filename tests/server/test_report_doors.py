"""Reports for programs and for the operator: the same numbers by `/v1/reports`, by `cunyi report` and in Excel."""

from __future__ import annotations

import datetime as dt
import io
import json

import openpyxl
import pytest
from click.testing import CliRunner

from server import utc_now
from server.commands import main
from server.periods import Period
from server.reports import excel
from server.reports.wording import Words
from server.store import standards
from server.store.engine import reading
from sync import wire
from sync.types import CATALOGUE
from tests.server.test_reports import COUNTY, OCTOBER, ZHOU, Desk, a_visit, people  # noqa: F401
from tests.village import SUE, TOWNSHIP, VILLAGE

PAST = Period.on(utc_now().date() - dt.timedelta(100), "month")  # the commands have the clock of the wall
ADDRESS = f"/v1/reports/{TOWNSHIP}/2026-10"


@pytest.fixture
def desk(village):
    return Desk(village)


@pytest.fixture
def sue(village):
    return village.phone(SUE)


@pytest.fixture
def cunyi(config):
    """The command in this process; `done` of the exit status that is expected."""
    url = config.database_url.render_as_string(hide_password=False)
    environment = {"CUNYI_DATABASE_URL": url, "CUNYI_DATA_DIR": str(config.data_dir)}

    def run(*words, done=0):
        told = CliRunner().invoke(main, ["report", *map(str, words)], env=environment)
        assert told.exit_code == done, told.output
        assert told.exception is None or isinstance(told.exception, SystemExit)
        return told.output

    return run


def got(phone, path, status=200, **query):
    answer = phone.get(path, **({"query_string": query} if query else {}))
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def posted(phone, path, body, status=200):
    answer = phone.post(path, body)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


# -- programs ----------------------------------------------------------------------------------------------------------


def test_a_program_of_the_supervisor_reads_the_report_and_opens_a_number(desk, people, sue):  # noqa: F811
    desk.reports.compute(desk.sue, TOWNSHIP, OCTOBER)
    assert got(sue, "/v1/reports")["reports"] == [{"area": TOWNSHIP, "period": "2026-10", "state": "computed", "issue": 1}]
    said = got(sue, ADDRESS)
    assert wire.ReportReply().validate(said) == {}
    control = said["figures"]["hypertension_control"]
    assert (control["numerator"], control["denominator"], control["value"]) == (1, 3, "0.3333")
    assert [row["name"] for row in said["rows"]] == ["柳树村", "杨树村"]
    assert said["as_of"]["positions"][VILLAGE][VILLAGE]["seq"] == 5
    assert said["figures"]["sign_rate_child"]["value"] is None
    assert said["as_of"]["frozen_at"][VILLAGE] == said["as_of"]["computed_at"]
    assert "首次冻结时的住处" in said["as_of"]["residence_zh"]
    persons = got(sue, f"{ADDRESS}/persons", village=VILLAGE, indicator="hypertension_control")["persons"]
    assert {one["name"]: one["side"] for one in persons} == {"王秀兰": "numerator", "李大山": "denominator"}
    assert got(sue, ADDRESS, population="elder_65")["figures"]["hypertension_control"]["denominator"] == 3


def test_a_program_hands_a_report_on_and_corrects_it(village, desk, people, sue, ana):  # noqa: F811
    desk.reports.compute(desk.sue, TOWNSHIP, OCTOBER)
    a_visit(ana, people[1], day="2026-10-20", systolic=128)
    ana.sync()
    found = got(sue, f"{ADDRESS}/difference")
    assert wire.ReportDifference().validate(found) == {}
    assert (found["villages"], [one["name"] for one in found["persons"]]) == ([VILLAGE], ["李大山"])
    assert posted(sue, f"{ADDRESS}/corrections", {"issue": 1, "reason": "迟到"})["issue"] == 2
    assert got(sue, f"{ADDRESS}/difference", issue=2)["figures"] == found["figures"]
    assert got(sue, ADDRESS, issue=1)["figures"]["hypertension_control"]["numerator"] == 1
    stale = posted(sue, f"{ADDRESS}/steps", {"issue": 1, "action": "submit"}, 409)
    assert stale["type"] == "/problems/changed-meanwhile", "the first issue was looked at, and the second holds"
    assert posted(sue, f"{ADDRESS}/corrections", {"issue": 1, "reason": "迟到"}, 409)["type"] == stale["type"]
    done = posted(sue, f"{ADDRESS}/steps", {"issue": 2, "action": "submit", "note": "已核对"})
    assert (done["state"], done["issue"]) == ("submitted", 2)
    assert posted(sue, f"{ADDRESS}/steps", {"issue": 2, "action": "accept"}, 403)["type"] == "/problems/not-allowed"
    assert posted(sue, f"{ADDRESS}/steps", {"issue": 2, "action": "submit"}, 409)["state"] == "submitted"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/v1/reports/{TOWNSHIP}/2026-13", 422),
        (f"/v1/reports/{TOWNSHIP}/x%00", 422),
        (f"/v1/reports/{TOWNSHIP}/2026-09", 404),
        (f"/v1/reports/{TOWNSHIP}/2026-10?issue=2", 404),
        (f"/v1/reports/{TOWNSHIP}/2026-10?issue=0x", 422),
        (f"/v1/reports/{TOWNSHIP}/2026-10?population=nobody", 422),
        (f"/v1/reports/{COUNTY}/2026-10", 404),
        ("/v1/reports/%00/2026-10", 404),
        (f"/v1/reports/{TOWNSHIP}/2026-10/persons?village={VILLAGE}&indicator=tb_manage", 404),
        (f"/v1/reports/{TOWNSHIP}/2026-10/persons?village=411499001299&indicator=sign_rate", 404),
        (f"/v1/reports/{TOWNSHIP}/2026-10/difference?issue=1", 404),
    ],
)
def test_what_is_not_theirs_or_makes_no_sense_is_told_and_nothing_else(desk, people, sue, path, status):  # noqa: F811
    desk.reports.compute(desk.zhou, TOWNSHIP, OCTOBER)
    desk.reports.compute(desk.zhou, COUNTY, OCTOBER)
    got(sue, path, status)


def test_a_program_is_sent_from_the_county_to_its_townships_to_have_them_counted_anew(village, desk, people):  # noqa: F811
    desk.reports.compute(desk.zhou, COUNTY, OCTOBER)
    zhou, before = village.phone(ZHOU), village.rows("report_issues")
    for answer in (
        zhou.get(f"/v1/reports/{COUNTY}/2026-10/difference"),
        zhou.post(f"/v1/reports/{COUNTY}/2026-10/corrections", {"issue": 1, "reason": "迟到"}),
    ):
        [fault] = answer.get_json()["faults"]
        assert answer.status_code == 422
        assert fault.startswith("/area: a county takes minutes: ask by township, or the operator runs cunyi report ")
    assert village.rows("report_issues") == before
    posted(village.phone(SUE), f"/v1/reports/{COUNTY}/2026-10/corrections", {"issue": 1, "reason": "x"}, 404)


def test_a_doctor_reads_the_report_of_their_village_and_of_no_area_above(desk, people, ana):  # noqa: F811
    for area in (VILLAGE, TOWNSHIP):
        desk.reports.compute(desk.sue, area, OCTOBER)
    assert got(ana, f"/v1/reports/{VILLAGE}/2026-10")["figures"]["hypertension_control"]["denominator"] == 2
    got(ana, ADDRESS, 404)
    posted(ana, f"/v1/reports/{VILLAGE}/2026-10/steps", {"issue": 1, "action": "submit"}, 403)
    assert [one["area"] for one in got(ana, "/v1/reports")["reports"]] == [VILLAGE]


# -- the operator ------------------------------------------------------------------------------------------------------


def test_the_operator_takes_a_report_through_its_life(village, people, cunyi, ana, tmp_path):  # noqa: F811
    assert cunyi("compute", TOWNSHIP, PAST.text).splitlines()[-1] == f"{TOWNSHIP} {PAST.text}: computed, issue 1."
    assert json.loads(cunyi("list", "--json"))[0]["state"] == "computed"
    shown = json.loads(cunyi("show", TOWNSHIP, PAST.text, "--json"))
    assert shown["figures"]["sign_rate"]["denominator"] == 3
    told = cunyi("show", TOWNSHIP, PAST.text)
    assert "常住居民签约率" in told
    assert "Residents count in the village where they lived when it was first frozen" in told
    assert cunyi("check", TOWNSHIP, PAST.text) == "Identical.\n"
    assert cunyi("difference", TOWNSHIP, PAST.text) == "The numbers come out as they were issued.\n"
    ana.save(
        {"record_status": {"status": "closed", "closed_on": PAST.start.isoformat(), "close_reason": "moved_out"}}, people[0]
    )
    ana.sync()
    told = cunyi("difference", TOWNSHIP, PAST.text)
    assert "sign_rate 常住居民签约率: 0/3 (0.0%) -> 0/2 (0.0%)" in told
    assert "王秀兰" in told
    for action, state in (("submit", "submitted"), ("accept", "accepted"), ("lock", "locked")):
        assert json.loads(cunyi(action, TOWNSHIP, PAST.text, "--json"))["state"] == state
    assert "locked, issue 2" in cunyi("reissue", TOWNSHIP, PAST.text, "王秀兰已迁出")
    assert "0/3 (0.0%) -> 0/2" in cunyi("difference", TOWNSHIP, PAST.text, "--issue", 2)
    assert json.loads(cunyi("show", TOWNSHIP, PAST.text, "--json"))["steps"][-1]["person"] == "shell"


def test_the_operators_file_has_the_clock_of_the_wall_and_names(village, people, desk, cunyi, ben, tmp_path):  # noqa: F811
    desk.reports.compute(desk.sue, TOWNSHIP, OCTOBER)
    village.write(lambda c: c.exec_driver_sql("UPDATE reports SET state = 'accepted'"))
    cunyi("lock", TOWNSHIP, "2026-10", "--note", "已核对")
    file = tmp_path / "report.xlsx"
    cunyi("export", TOWNSHIP, "2026-10", file, "--population", "elder_65")
    book = openpyxl.load_workbook(file)
    steps = rows_of(book["办理过程"])
    sue = next(row["name"] for row in village.rows("people") if row["id"] == SUE)
    assert (steps[0]["时间"], steps[0]["人员"]) == ("2026-11-21 12:00", sue)
    assert steps[1]["人员"] == "服务器管理员"
    notes = {row[0].value: row[1].value for row in book["口径与说明"].iter_rows()}
    assert notes["版次"] == f"第1版 2026-11-21 12:00 {sue}"
    assert (notes["计算时间"], notes["人群"]) == ("2026-11-21 12:00", "65岁及以上老年人")
    assert notes["未联系上的手机"] == "Ben（Redmi 9A）"
    cunyi("export", TOWNSHIP, "2026-10", file, "--english")
    assert rows_of(openpyxl.load_workbook(file)["Steps"])[1]["Person"] == "the operator"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "999999", "2026-10"), "there is no such area"),
        (("show", TOWNSHIP, "2026-13"), "no period"),
        (("compute", TOWNSHIP, "2999-01"), "can be computed from 2999-02-06 on"),
        (("submit", TOWNSHIP, "2026-10"), "no report of it"),
        (("check", TOWNSHIP, "2026-10"), "no report of it"),
    ],
)
def test_a_wrong_area_or_period_is_told_in_one_line(village, cunyi, words, says):
    told = cunyi(*words, done=2 if says == "no period" else 1)
    assert says in told
    assert "Traceback" not in told


# -- Excel -------------------------------------------------------------------------------------------------------------


def workbook_of(desk, **more):
    shown, village = desk.reading.show(desk.sue, TOWNSHIP, OCTOBER), desk.village
    few, chinese = shown.standards.suppress_below, more.get("chinese", True)
    with reading(village.engine) as connection:
        words = Words.of(connection, village.config, CATALOGUE, shown, chinese=chinese, few=few)
    return openpyxl.load_workbook(io.BytesIO(excel.report_book(shown, words)))


def rows_of(sheet):
    head, *rows = ([cell.value for cell in row] for row in sheet.iter_rows())
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_the_workbook_says_what_the_page_says_and_what_each_number_counts(desk, people):  # noqa: F811
    desk.lock()
    book = workbook_of(desk)
    assert book.sheetnames == ["全部指标", "各村", "综合排名", "办理过程", "数据位置", "口径与说明"]
    control = next(row for row in rows_of(book["全部指标"]) if row["指标"] == "高血压患者血压控制率")
    assert (control["分子"], control["分母"], round(control["比率"], 4)) == (1, 3, 0.3333)
    willow = [row for row in rows_of(book["各村"]) if row["村"] == "柳树村" and row["指标代码"] == "hypertension_control"]
    assert [(row["分子"], row["分母"]) for row in willow] == [(1, 2)]
    assert [row["步骤"] for row in rows_of(book["办理过程"])] == ["计算", "上报", "审核通过", "锁定"]
    notes = {row[0].value: row[1].value for row in book["口径与说明"].iter_rows()}
    assert (notes["状态"], notes["期间"]) == ("已锁定", "2026年10月 (2026-10)")
    assert "分母" in notes["高血压患者血压控制率"] or "分子" in notes["高血压患者血压控制率"]
    assert workbook_of(desk, chinese=False).sheetnames[-1] == "Definitions"


def test_a_note_that_looks_like_a_formula_stays_text(desk, people):  # noqa: F811
    desk.reports.compute(desk.sue, TOWNSHIP, OCTOBER)
    desk.reports.step(desk.sue, TOWNSHIP, OCTOBER, "submit", '=HYPERLINK("http://x","y")')
    cell = workbook_of(desk)["办理过程"]["E3"]
    assert (cell.value, cell.data_type) == ('=HYPERLINK("http://x","y")', "s")


def test_a_small_numerator_is_hidden_and_a_second_row_with_a_single_one_as_in_every_export(village, desk, people):  # noqa: F811
    village.write(lambda c: standards.put(c, "suppress_below", OCTOBER.start, 2, "shell", "2026-10-01T00:00:00.000Z"))
    desk.reports.compute(desk.sue, TOWNSHIP, OCTOBER)
    book = workbook_of(desk)
    control = next(row for row in rows_of(book["全部指标"]) if row["指标"] == "高血压患者血压控制率")
    assert (control["分子"], control["分母"], control["比率"]) == ("<2", "隐藏", None), "1 of 3"
    signed = {row["村"]: row for row in rows_of(book["各村"]) if row["指标代码"] == "sign_rate"}
    told = {place: (row["分子"], row["分母"], row["名次"]) for place, row in signed.items()}
    assert told == {"柳树村": ("隐藏", "隐藏", None), "杨树村": ("隐藏", "<2", None)}, "3 less the other row is 1"
    notes = {row[0].value: row[1].value for row in book["口径与说明"].iter_rows()}
    assert notes["隐藏"].startswith("分子、分母或二者之差小于2（不为0）的数字不显示")


def test_numbers_over_few_persons_can_be_hidden(village, desk, people):  # noqa: F811
    village.write(lambda c: standards.put(c, "suppress_below", OCTOBER.start, 10, "shell", "2026-10-01T00:00:00.000Z"))
    desk.reports.compute(desk.sue, TOWNSHIP, OCTOBER)
    control = next(row for row in rows_of(workbook_of(desk)["全部指标"]) if row["指标"] == "高血压患者血压控制率")
    assert (control["分子"], control["分母"], control["比率"]) == ("<10", "<10", None)


def test_what_the_operator_reads_and_takes_along_stands_in_the_trail(village, desk, people, cunyi, tmp_path):  # noqa: F811
    cunyi("compute", TOWNSHIP, PAST.text)
    cunyi("show", TOWNSHIP, PAST.text)
    cunyi("difference", TOWNSHIP, PAST.text, "--json")
    cunyi("export", TOWNSHIP, PAST.text, tmp_path / "r.xlsx", "--population", "elder_65")
    cunyi("export", TOWNSHIP, "2001-01", tmp_path / "none.xlsx", done=1)  # nothing was there to be seen
    rows = [row for row in village.rows("trail") if row["person"] == "shell"]
    assert [(row["action"], row["area"]) for row in rows] == [
        ("look.report", TOWNSHIP),
        ("look.report_difference", TOWNSHIP),
        ("report.export", TOWNSHIP),
    ]
    assert json.loads(rows[2]["detail"]) == {"period": PAST.text, "issue": 1, "population": "elder_65"}
