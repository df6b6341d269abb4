"""The report pages, as supervisors use them: a month from hand to hand, and what a late phone does to it."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest

from server.store import standards
from tests import village as places
from tests.server.test_decision_pages import Desk, words
from tests.server.test_reports import COUNTY, OCTOBER, ZHOU, a_visit, ill, poison  # noqa: F401
from tests.village import ANA, OTHER, SUE, TOWNSHIP, VILLAGE

PAGE = f"/areas/{TOWNSHIP}/reports/2026-10"
CONTROL = "hypertension_control"
NEXT_TOWNSHIP, ITS_VILLAGE = "411499002", "411499002201"


@pytest.fixture
def zhou(village):
    """Who supervises the county."""
    row = {"id": ZHOU, "name": "Zhou", "role": "county_supervisor", "organisation": None, "area": COUNTY, "active": True}
    village.write(lambda c: places.directory.put_people(c, [row]))
    return Desk(village, ZHOU)


@pytest.fixture
def sue(village):
    return Desk(village, SUE)


@pytest.fixture
def people(ana, cam):
    """Wang in the first village, controlled in October; Li there, nobody has measured her; Sun in the second, not controlled."""
    wang, li, sun = ill(ana), ill(ana, "李大山"), ill(cam, "孙建国")
    a_visit(ana, wang, day="2026-10-12", systolic=131)
    a_visit(cam, sun, day="2026-10-13", systolic=171)
    ana.sync()
    cam.sync()
    return wang, li, sun


def row(page, name, table="t-total"):
    """The cells of a row of a table, each without the line below it."""
    body = page.split(f'id="{table}"')[1].split("</tbody>")[0]
    [found] = [one for one in re.findall(r"<tr>.*?</tr>", body, re.DOTALL) if name in one]
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", found, re.DOTALL)
    return [words(re.sub(r"<small.*?</small>", "", cell, flags=re.DOTALL)) for cell in cells]


def control(page):
    """Numerator and denominator of those with high blood pressure under control."""
    return tuple(row(page, "高血压患者血压控制率")[1:3])


def book(desk, path):
    answer = desk.client.get(f"/dashboard{path}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return openpyxl.load_workbook(io.BytesIO(answer.data))


def locked(sue, zhou):
    """October of the township, through all hands."""
    sue.send(f"{PAGE}/compute")
    sue.send(f"{PAGE}/submit", issue=1, note="两村已核对")
    zhou.send(f"{PAGE}/accept", issue=1)
    zhou.send(f"{PAGE}/lock", issue=1)


def test_a_visit_uploaded_late_changes_last_months_locked_report_only_as_a_correction_that_is_seen(
    village, sue, zhou, people, ana
):
    wang, li, _ = people
    locked(sue, zhou)
    before = zhou.open(PAGE)
    assert "已锁定" in before
    assert control(before) == ("1", "3")
    village.later(days=3)
    sue, zhou = Desk(village, SUE), Desk(village, ZHOU)  # who was away so long signs in again
    a_visit(ana.renew(), li, day="2026-11-22", systolic=142)
    late = a_visit(ana, li, day="2026-10-20", systolic=128)
    ana.sync()
    assert control(zhou.open(PAGE)) == ("1", "3")

    told = zhou.open(f"{PAGE}/difference")
    assert row(told, "高血压患者血压控制率", "t-changed")[1:] == ["1", "3", "33.3%", "2", "3", "66.7%"]
    assert f'href="/dashboard/residents/{li}"' in told
    assert f'href="/dashboard/residents/{li}/records/{late}"' in told
    assert wang not in told
    [explains, other] = rows(told, "t-arrivals")
    name, place, record, why, received, written, author, device = explains
    assert (name, place, record, why) == ("李大山", "柳树村", "高血压患者随访服务记录表 2026-10-20", "✓")
    assert other[2:4] == ["高血压患者随访服务记录表 2026-11-22", "—"]  # it is not of that month
    assert (received, written) == ("2026-11-24 12:00", "2026-11-21 08:15")
    assert (author, device) == ("Ana", "Ana（Redmi 9A）")
    assert {line[2] for line in rows(told, "t-persons") if line[3] == line[4]} == set()
    control_row = next(line for line in rows(told, "t-persons") if line[2] == "高血压患者血压控制率")
    assert control_row == ["李大山", "柳树村", "高血压患者血压控制率", "只计入分母（本年度未测量）", "计入分子", "新收到的记录"]
    assert "发布更正" not in sue.open(f"{PAGE}/difference").partition('<form method="post" action="/dashboard/areas')[2]

    refused = zhou.send(f"{PAGE}/reissue", 422, issue=1, reason=" ")
    assert "更正必须写明原因" in refused
    zhou.send(f"{PAGE}/reissue", issue=1, reason="李大山10月20日随访迟到")
    now = sue.open(PAGE)
    assert control(now) == ("2", "3")
    assert "李大山10月20日随访迟到" in now
    assert row(now, "高血压患者血压控制率", "t-changed")[1:] == ["1", "3", "33.3%", "2", "3", "66.7%"]
    first = sue.open(f"{PAGE}?issue=1")
    assert control(first) == ("1", "3")
    assert "已被第2版代替" in first
    assert f"/residents/{li}/records/{late}" in sue.open(f"{PAGE}/difference?issue=2")
    assert "没有迟到的数据" in sue.open(f"{PAGE}/difference")
    assert "与已发布的相同" in zhou.send(f"{PAGE}/reissue", 409, issue=2, reason="再更正一次")


def rows(page, table):
    body = page.split(f'id="{table}"')[1].split("</tbody>")[0].split("<tbody>")[1]
    lines = re.findall(r"<tr>.*?</tr>", body, re.DOTALL)
    return [
        [words(re.sub(r"<small.*?</small>", "", c, flags=re.DOTALL)) for c in re.findall(r"<t[hd].*?</t[hd]>", one, re.DOTALL)]
        for one in lines
    ]


def test_every_issue_opens_to_the_persons_it_was_made_of(village, sue, zhou, people, ana):
    _, li, _ = people
    locked(sue, zhou)
    a_visit(ana, li, day="2026-10-20", systolic=128)
    ana.sync()
    zhou.send(f"{PAGE}/reissue", issue=1, reason="迟到")
    for issue, side in ((1, "只计入分母"), (2, "计入分子")):
        page = sue.open(f"{PAGE}?issue={issue}")
        [whole] = set(re.findall(rf'href="/dashboard(/areas/{TOWNSHIP}/indicators/{CONTROL}[^"]*)"', page))
        below = sue.open(whole.replace("&amp;", "&"))
        [address] = set(re.findall(rf'href="/dashboard(/areas/{VILLAGE}/indicators/{CONTROL}[^"]*)"', page))
        assert address in below
        persons = sue.open(address.replace("&amp;", "&"))
        assert row(persons, "李大山", "t-persons")[1] == side
        assert row(persons, "王秀兰", "t-persons")[1] == "计入分子"
        assert f"石门乡报表第{issue}版" in persons
        assert f"2026-10?issue={issue}" in persons


def test_nobody_is_offered_or_takes_a_step_that_is_for_somebody_else(village, sue, zhou, people):
    assert "没有计算" in sue.open(PAGE)
    sue.send(f"{PAGE}/compute")
    steps = {"上报": sue.open(PAGE), "审核通过": zhou.open(PAGE)}
    assert [f">{word}</button>" in page for word, page in steps.items()] == [True, False]
    assert "待石门乡上报" in zhou.open(PAGE)
    refused = zhou.send(f"{PAGE}/submit", 403, issue=1, note="我来上报")
    assert "这一步由石门乡的监管员办理" in refused
    assert "我来上报" in refused
    sue.send(f"{PAGE}/submit", issue=1)
    refused = sue.send(f"{PAGE}/accept", 403, issue=1)
    assert "这一步由清水县的监管员办理" in refused
    for word in ("审核通过", "退回"):
        assert f">{word}</button>" in zhou.open(PAGE)
        assert f">{word}</button>" not in sue.open(PAGE)
    refused = zhou.send(f"{PAGE}/lock", 409, issue=1, note="先锁定")
    assert "报表现在是“已上报”" in refused
    assert ">先锁定</textarea>" in refused
    zhou.send(f"{PAGE}/return", issue=1, note="柳树村请再核对")
    line = row(sue.open(PAGE), "柳树村请再核对", "t-steps")
    assert line == ["2026-11-21 12:00", "退回", "Zhou", "1", "柳树村请再核对"]
    Desk(village, ANA).send(f"/areas/{VILLAGE}/reports/2026-10/compute", 403)


def test_who_looked_at_an_issue_that_was_replaced_meanwhile_decides_nothing(village, sue, zhou, people, ana):
    sue.send(f"{PAGE}/compute")
    a_visit(ana, people[1], day="2026-10-20", systolic=128)
    ana.sync()
    sue.send(f"{PAGE}/reissue", issue=1, reason="迟到")
    again = sue.send(f"{PAGE}/submit", 409, issue=1, note="两村已核对")
    assert "页面打开以后报表有了变化" in again
    assert "两村已核对" in again
    assert "已计算" in again
    while_judged = (sue.send(f"{PAGE}/submit", issue=2), sue.send(f"{PAGE}/reissue", 409, issue=2, reason="还有一条"))[1]
    assert "报表现在是“已上报”" in while_judged
    assert "还有一条" in while_judged


def test_a_correction_that_comes_between_the_look_and_the_step_stops_the_step(village, sue, zhou, people, ana, monkeypatch):
    """Whoever submits has seen issue 1; a colleague's issue 2 comes while their request is under way."""
    sue.send(f"{PAGE}/compute")
    a_visit(ana, people[1], day="2026-10-20", systolic=128)
    ana.sync()
    desk, view = village.app.extensions["cunyi"].reports, village.access.view(SUE)
    take = desk.step

    def then_a_colleague_is_faster(*asked):
        desk.reissue(view, TOWNSHIP, OCTOBER, "迟到")
        return take(*asked)

    monkeypatch.setattr(desk, "step", then_a_colleague_is_faster)
    assert "页面打开以后报表有了变化" in sue.send(f"{PAGE}/submit", 409, issue=1, note="两村已核对")
    assert village.rows("reports")[0]["state"] == "computed"
    correct = desk.reissue
    monkeypatch.setattr(desk, "reissue", lambda *asked: (take(view, TOWNSHIP, OCTOBER, "submit"), correct(*asked))[1])
    assert "页面打开以后报表有了变化" in sue.send(f"{PAGE}/reissue", 409, issue=1, reason="再更正")
    assert [one["action"] for one in village.rows("report_steps")] == ["compute", "reissue", "submit"]


def test_before_its_cut_off_a_month_is_not_computed_and_says_when_it_can_be(village, sue, people):
    page = f"/areas/{TOWNSHIP}/reports/2026-11"
    assert "2026-12-06 起可以计算" in sue.open(page)
    assert "计算</button>" not in sue.open(page)
    assert "2026-12-06 起才能计算" in sue.send(f"{page}/compute", 409)
    village.later(days=15)
    sue = Desk(village, SUE)
    sue.send(f"{page}/compute")
    assert "已计算" in sue.open(page)


def test_a_county_is_computed_by_the_command_and_its_page_says_so(village, zhou, sue, people):
    page = f"/areas/{COUNTY}/reports/2026-10"
    assert f"cunyi report compute {COUNTY} 2026-10" in zhou.open(page)
    assert f"cunyi report compute {COUNTY} 2026-10" in zhou.open("/reports")
    assert f"cunyi report compute {COUNTY} 2026-10" in zhou.send(f"{page}/compute", 403)
    doors = village.app.extensions["cunyi"]
    doors.reports.compute(village.access.view(ZHOU), COUNTY, OCTOBER)
    assert control(zhou.open(page)) == ("1", "3")
    late = zhou.open(f"{page}/difference")
    assert f"cunyi report difference {COUNTY} 2026-10" in late
    assert f"/dashboard{PAGE}/difference" in late
    [address] = set(re.findall(rf'href="/dashboard(/areas/{TOWNSHIP}/indicators/{CONTROL}[^"]*)"', zhou.open(page)))
    villages = zhou.open(address.replace("&amp;", "&"))  # the township has no report of its own
    assert row(villages, "柳树村", "t-evidence")[1:3] == ["1", "2"]
    assert row(villages, "杨树村", "t-evidence")[1:3] == ["0", "1"]


def test_the_list_says_where_each_report_stands_and_what_is_still_to_do(village, sue, zhou, people):
    locked(sue, zhou)
    sue.send(f"/areas/{VILLAGE}/reports/2026-10/compute")
    sue.send(f"/areas/{VILLAGE}/reports/2026-W46/compute")
    page = sue.open("/reports")
    assert rows(page, "t-reports") == [
        ["2026-W46", "柳树村", "村", "已计算", "1", "0", "请您上报"],
        ["2026-10", "石门乡", "乡镇", "已锁定", "1", "0", "—"],
        ["2026-10", "柳树村", "村", "已计算", "1", "0", "请您上报"],
    ]
    assert [line[:2] for line in rows(page, "t-pending")] == [
        [period, "石门乡"] for period in ("2026-09", "2026-08", "2026-Q3", "2025")
    ]
    assert [line[1] for line in rows(sue.open("/reports?level=township"), "t-reports")] == ["石门乡"]
    assert [line[0] for line in rows(sue.open("/reports?kind=week"), "t-reports")] == ["2026-W46"]
    assert [line[1] for line in rows(sue.open("/reports?kind=month&level=village"), "t-reports")] == ["柳树村"]
    monthly = rows(sue.open("/reports?kind=month&level=village"), "t-pending")
    assert ["2026-10", "杨树村"] in [line[:2] for line in monthly]
    assert ["2026-10", "柳树村"] not in [line[:2] for line in monthly]
    doctor = Desk(village, ANA).open("/reports")
    assert {line[1] for line in rows(doctor, "t-reports")} == {"柳树村"}
    assert "t-pending" not in doctor


def test_reports_of_another_township_are_as_if_there_were_none(village, sue, zhou, people):
    areas = [{"code": NEXT_TOWNSHIP, "name": "云山乡"}, {"code": ITS_VILLAGE, "name": "竹林村"}]
    village.write(lambda c: places.directory.put_areas(c, areas))
    zhou.send(f"/areas/{NEXT_TOWNSHIP}/reports/2026-10/compute")
    assert "云山乡" in zhou.open("/reports")
    assert "云山乡" not in sue.open("/reports?level=township")
    for path in ("", "?issue=1", "?format=xlsx", "/difference", "/difference?issue=2"):
        theirs, absent = (sue.open(f"/areas/{area}/reports/2026-10{path}", 404) for area in (NEXT_TOWNSHIP, "411499009"))
        assert theirs.replace(NEXT_TOWNSHIP, "411499009") == absent
    for action in ("compute", "submit", "accept", "reissue", "nothing"):
        sue.send(f"/areas/{NEXT_TOWNSHIP}/reports/2026-10/{action}", 404, issue=1, reason="x")
    evidence = f"/areas/{VILLAGE}/indicators/{CONTROL}?period=2026-10&of="
    sue.send(f"{PAGE}/compute")
    theirs, absent = (sue.open(f"{evidence}{area}") for area in (NEXT_TOWNSHIP, "411499009"))
    assert theirs.replace(NEXT_TOWNSHIP, "411499009") == absent
    assert "李大山" not in theirs
    sue.open(f"{PAGE}?issue=2", 404)
    sue.open(f"{PAGE}?issue=x", 422)
    sue.open(f"/areas/{TOWNSHIP}/reports/2026-13", 422)
    sue.open(f"{PAGE}/difference?issue=1", 404)


def test_the_excel_file_is_the_page_and_hides_small_numbers_when_that_is_asked(village, sue, zhou, people, ana):
    locked(sue, zhou)
    a_visit(ana, people[1], day="2026-10-20", systolic=128)
    ana.sync()
    zhou.send(f"{PAGE}/reissue", issue=1, reason="迟到")
    whole = book(sue, f"{PAGE}?format=xlsx")
    assert whole.sheetnames == [
        "变化的指标", "全部指标", "各村主要指标", "各村", "综合排名", "办理过程", "数据位置", "口径与说明",
    ]  # fmt: skip
    page = sue.open(PAGE)
    for table, title in (("t-changed", "变化的指标"), ("t-total", "全部指标"), ("t-steps", "办理过程")):
        said = [[shown(cell) for cell in line] for line in whole[title].iter_rows(min_row=2)]
        assert said == rows(page, table)
    hidden = book(sue, f"{PAGE}?format=xlsx&small=hide")
    for title in ("变化的指标", "全部指标"):
        line = next(line for line in hidden[title].iter_rows(min_row=2, values_only=True) if "血压控制率" in line[0])
        assert line[1:4] == ("<10", "<10", None)
    line = next(line for line in hidden["各村主要指标"].iter_rows(min_row=2, values_only=True))
    assert not [value for value in line[1:] if isinstance(value, float) and 0 < value < 1]
    village.write(lambda c: standards.put(c, "suppress_below", OCTOBER.start, 3, "shell", "2026-09-01T00:00:00.000Z"))
    sue.send(f"/areas/{VILLAGE}/reports/2026-10/compute")
    small = book(sue, f"/areas/{VILLAGE}/reports/2026-10?format=xlsx")["全部指标"]
    line = next(line for line in small.iter_rows(min_row=2, values_only=True) if "血压控制率" in line[0])
    assert line[1:4] == ("<3", "<3", None)
    trail = [entry for entry in village.rows("trail") if '"exported"' in entry["detail"]]
    assert [(entry["person"], entry["action"], entry["area"]) for entry in trail] == [(SUE, "look.report", TOWNSHIP)] * 2 + [
        (SUE, "look.report", VILLAGE)
    ]


def shown(cell):
    """A cell of a sheet as a page shows it."""
    if cell.value is None:
        return "—"
    if isinstance(cell.value, int | float):
        return f"{cell.value * 100:.1f}%" if "%" in cell.number_format else f"{cell.value:g}"
    return str(cell.value)


def test_the_report_names_who_is_to_be_asked_and_the_period_before(village, sue, zhou, people, ana, cam):
    for name, value in (("rank_from", 1), ("weight.hypertension_control", 10), ("target.hypertension_control", "0.50")):
        at = "2026-08-01T00:00:00.000Z"
        village.write(
            lambda c, name=name, value=value, at=at: standards.put(c, name, OCTOBER.previous().start, value, "shell", at)
        )
    _, _, sun = people
    a_visit(cam, sun, day="2026-09-13", systolic=120)
    cam.sync()
    for period in ("2026-09", "2026-10"):
        sue.send(f"/areas/{TOWNSHIP}/reports/{period}/compute")
    page = sue.open(PAGE)
    assert row(page, "高血压患者血压控制率")[1:] == ["1", "3", "33.3%", "50.0%", "1", "33.3%", "0"]
    assert "请了解情况" in page
    assert row(page, "杨树村", "t-ranking")[-1] == "✓"
    assert row(page, "柳树村", "t-ranking")[-1] == "—"
    assert "Ben（" not in page
    assert "2026-09" in re.findall(r'href="([^"]*)">‹ 上一期', page)[0]


def test_the_phones_not_heard_from_and_the_position_stand_on_the_report(village, sue, people, ben):
    sue.send(f"{PAGE}/compute")
    page = words(sue.open(PAGE))
    assert "Ben（Redmi 9A）" in page
    assert "2 个村，日志" in page
    assert "2026-11-06 起计算" in page


def test_the_day_of_the_freeze_and_who_lived_where_stand_on_the_page_and_in_the_file(village, sue, people):
    sue.send(f"/areas/{VILLAGE}/reports/2026-10/compute")
    village.later(hours=30)
    sue = Desk(village, SUE)
    sue.send(f"{PAGE}/compute")
    page, told = words(sue.open(PAGE)), "2026-11-21 12:00 至 2026-11-22 18:00 居民按所在村首次冻结时的住处计入该村"
    assert told in page
    assert "2026-11-21 12:00 to 2026-11-22 18:00 Residents count in the village" in words(sue.open(f"{PAGE}?lang=en"))
    whole = book(sue, f"{PAGE}?format=xlsx&lang=zh")
    notes = {line[0].value: line[1].value for line in whole["口径与说明"].iter_rows()}
    assert notes["冻结时间"].startswith(told)
    frozen = {line[0]: line[3] for line in whole["数据位置"].iter_rows(min_row=2, values_only=True)}
    assert (frozen[VILLAGE], frozen[OTHER]) == ("2026-11-21 12:00", "2026-11-22 18:00")


def test_what_changes_by_other_rules_is_told_as_that_beside_what_came_late(village, sue, zhou, people, ana):
    locked(sue, zhou)
    village.later(minutes=10)
    village.write(lambda c: standards.put(c, "late_days", OCTOBER.start, 60, "shell", "2026-11-21T04:05:00.000Z"))
    a_visit(ana.renew(), people[1], day="2026-10-20", systolic=128)
    ana.sync()
    page = zhou.open(f"{PAGE}/difference")
    told = "2 个有变化的村中，2 个村现在按不同的规则计算（考核标准或程序版本有变化），不全是迟到的数据。"
    assert told in words(page)
    because = {line[0]: line[-1] for line in rows(page, "t-persons")}
    assert because["孙建国"] == "考核标准或程序版本有变化，没有新收到的记录"
    assert because["李大山"] == "新收到的记录"
    assert "Of 2 villages with changes, 2 are counted by other rules" in words(zhou.open(f"{PAGE}/difference?lang=en"))
    notes = book(zhou, f"{PAGE}/difference?format=xlsx&lang=zh")["口径与说明"]
    assert told in [line[1].value for line in notes.iter_rows()]


def test_somebody_who_cannot_be_counted_is_told_on_the_report_and_in_what_came_late(village, sue, zhou, people, ana, poison):  # noqa: F811
    poison.add(people[1])
    sue.send(f"{PAGE}/compute")
    page = sue.open(PAGE)
    assert "1 名居民的记录无法计算，未计入" in words(page)
    assert control(page) == ("1", "2")
    assert "1 名居民的记录无法计算，未计入" in words(sue.open(f"/areas/{TOWNSHIP}?period=2026-10"))
    sheet = book(sue, f"{PAGE}?format=xlsx")["口径与说明"]
    assert ("无法计算", "1 名居民的记录无法计算，未计入") in [tuple(cell.value for cell in line) for line in sheet.iter_rows()]
    poison.clear()
    a_visit(ana, people[1], day="2026-10-20", systolic=128)
    ana.sync()
    moved = {line[2]: line[3:5] for line in rows(sue.open(f"{PAGE}/difference"), "t-persons")}
    assert moved["无法计算"] == ["记录无法计算，未计入", "没有"]
    assert moved["高血压患者血压控制率"] == ["没有", "计入分子"]


def test_in_english_the_page_says_the_same(village, sue, people):
    sue.send(f"{PAGE}/compute")
    page = words(sue.open(f"{PAGE}?lang=en"))
    assert "Report October 2026" in page
    assert "your turn to submit it" in page
    assert OTHER not in words(page.partition("Definitions")[0])
