"""The pages of data quality, devices and changes, as people at their desks open them."""

import datetime as dt
import html
import io
import itertools
import json
import re
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from sqlalchemy import text

from server.config import Config
from server.periods import Period
from server.problems import Problem
from server.quality import DEFAULTS
from server.quality.checks import QualityChecks
from server.store import findings as store
from server.store import standards
from server.store.engine import reading
from sync.identity import resident_id
from sync.types import CATALOGUE
from tests.server.asking import Asker
from tests.server.conftest import NOON
from tests.server.phone import Phone
from tests.village import ANA, BEN, CAM, LEA, OTHER, SUE, TOWNSHIP, VILLAGE, grant

NOVEMBER = Period.parse("2026-11")
SAME = {"systolic_mmhg": 148, "diastolic_mmhg": 92}


def who(number: int) -> str:
    """The id of one of many residents."""
    return resident_id(b"k" * 32, f"1101051949123{number:04}X")


def measured(phone: Phone, number: int, vitals: Any, day: str = "2026-11-20", **more: Any) -> str:
    """A hypertension visit to one of many residents, who is registered too."""
    name = {"identity": {"name": f"王秀{number}"}, "record_status": {"status": "active"}}
    phone.save(name, who(number), type="resident", subject=who(number))
    return phone.save({"visit": {"visited_on": day, "way": "home"}, "vitals": vitals}, subject=who(number), **more)


def five_alike(village: Any, person: str = ANA) -> Phone:
    """Somebody who wrote 148/92 for five residents, at ten in the morning after the visits, and synced."""
    phone: Phone = village.phone(person)
    for number in range(5):
        measured(phone, number, SAME)
    phone.sync()
    return phone


def desk(village: Any, person: str = SUE) -> Asker:
    asker = Asker(person, frozenset(), village.client(), None)
    asker.sign_in(village)
    return asker


def opened(asker: Asker, path: str, **query: str) -> str:
    """A page in words."""
    answer = asker.ask("GET", f"/dashboard{path}", query)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:400]
    return html.unescape(answer.get_data(as_text=True))


def checks(village: Any, config: Config) -> QualityChecks:
    return QualityChecks(village.engine, CATALOGUE, config, lambda: village.time)


# -- data quality ------------------------------------------------------------------------------------------------------


def test_sue_opens_a_hint_down_to_the_records_and_says_that_it_is_right(village: Any) -> None:
    five_alike(village)
    sue = desk(village)
    township = opened(sue, f"/areas/{TOWNSHIP}/quality")
    assert "柳树村" in township
    page = opened(sue, f"/areas/{VILLAGE}/quality")
    assert "5 名居民的读数都是 148/92 mmHg（该医生本月共 5 次）" in page
    assert "待核对" in page
    (path,) = set(re.findall(r'href="/dashboard(/areas/[0-9]+/quality/[0-9a-f]+)\?period=2026-11"', page))
    one = opened(sue, path, period="2026-11")
    for said in ("Ana", "王秀3", "148/92 mmHg", "血压计故障", "2026-11-21 08:15", f"/residents/{who(3)}/records/"):
        assert said in one
    mark = re.search(r'name="mark" value="([0-9a-f]+)"', one)
    assert mark
    form = {"mark": mark[1], "note": "看了纸质记录，血压计已送检"}
    answer = sue.ask("POST", f"/dashboard{path}/checked", {"period": "2026-11"}, form)
    assert answer.status_code == 303
    again = opened(sue, path, period="2026-11")
    assert "看了纸质记录" in again
    assert "<textarea" not in again
    assert "核对无误" in opened(sue, f"/areas/{VILLAGE}/quality")
    [step] = [row for row in village.rows("trail") if row["action"] == "quality.checked"]
    assert (step["person"], step["area"], step["record"]) == (SUE, VILLAGE, path.rpartition("/")[2])
    assert json.loads(step["detail"]) == {"mark": mark[1]}
    assert "血压计已送检" not in str(village.rows("trail"))  # it may speak of patients, and an auditor reads the trail
    [kept] = village.rows("finding_answers")
    assert (kept["scope"], kept["note"]) == (VILLAGE, form["note"])


def test_what_was_checked_asks_again_when_another_record_is_added_and_the_old_form_is_not_taken(village: Any) -> None:
    ana = five_alike(village)
    sue = desk(village)
    (path,) = set(re.findall(r"/areas/[0-9]+/quality/[0-9a-f]+", opened(sue, f"/areas/{VILLAGE}/quality")))
    mark = re.search(r'name="mark" value="([0-9a-f]+)"', opened(sue, path))
    assert mark
    form = {"mark": mark[1], "note": "已核对"}
    assert sue.ask("POST", f"/dashboard{path}/checked", {}, form).status_code == 303
    measured(ana, 9, SAME)
    ana.sync()
    assert "待再次核对" in opened(sue, f"/areas/{VILLAGE}/quality")
    stale = sue.ask("POST", f"/dashboard{path}/checked", {}, form)
    assert stale.status_code == 409
    assert "请重新核对" in stale.get_data(as_text=True)
    assert "待再次核对" in opened(sue, f"/areas/{VILLAGE}/quality")


@pytest.mark.parametrize("note", ["", "  ", "字" * 301, "a\0b"])
def test_an_answer_without_fit_words_is_not_kept(village: Any, note: str) -> None:
    five_alike(village)
    lea = desk(village, LEA)
    (path,) = set(re.findall(r"/areas/[0-9]+/quality/[0-9a-f]+", opened(lea, f"/areas/{VILLAGE}/quality")))
    mark = re.search(r'name="mark" value="([0-9a-f]+)"', opened(lea, path))
    assert mark
    assert lea.ask("POST", f"/dashboard{path}/checked", {}, {"mark": mark[1], "note": note}).status_code in (400, 422)
    with reading(village.engine) as connection:
        assert store.answers(connection, [VILLAGE]) == {}


def test_ana_sees_what_is_asked_about_her_records_and_cannot_answer_for_it(village: Any) -> None:
    five_alike(village)
    ana = desk(village, ANA)
    (path,) = set(re.findall(r"/areas/[0-9]+/quality/[0-9a-f]+", opened(ana, f"/areas/{VILLAGE}/quality")))
    assert "<textarea" not in opened(ana, path)
    answer = ana.ask("POST", f"/dashboard{path}/checked", {}, {"mark": "x", "note": "好"})
    assert answer.status_code == 403
    assert desk(village, CAM).ask("GET", f"/dashboard{path}", {}).status_code == 404


def test_a_reading_that_is_corrected_takes_the_hint_with_it(village: Any, config: Config) -> None:
    ana = five_alike(village)
    view = village.access.view(SUE)
    (one,) = checks(village, config).village(view, VILLAGE, NOVEMBER).findings
    record = one.finding.evidence[0].record
    ana.save({"vitals": {"systolic_mmhg": 131, "diastolic_mmhg": 77}}, record)
    ana.sync()
    assert checks(village, config).village(view, VILLAGE, NOVEMBER).findings == ()
    with pytest.raises(Problem):
        checks(village, config).finding(view, VILLAGE, NOVEMBER, one.id)


def test_a_void_record_is_no_evidence(village: Any, config: Config) -> None:
    ana = five_alike(village)
    record = next(r.id for r in ana.base.values() if r.type == "hypertension_visit")
    ana.save({"void": {"reason": "wrong_person"}}, record)
    ana.sync()
    assert checks(village, config).village(village.access.view(SUE), VILLAGE, NOVEMBER).findings == ()


def test_hints_on_a_protected_programme_are_told_only_to_who_is_granted_it(village: Any, config: Config) -> None:
    village.write(lambda c: grant(c, ANA, "smd"))
    ana = village.phone(ANA)
    for number in range(12):
        visit = {"visit": {"visited_on": "2026-11-20", "way": "home"}, "risk": {"level": 0}}
        ana.save(visit, type="smd_visit", subject=who(number), scope=f"{VILLAGE}:smd")
    ana.sync()
    sue = village.access.view(SUE)
    assert checks(village, config).village(sue, VILLAGE, NOVEMBER).findings == ()
    (one,) = checks(village, config).village(village.access.view(ANA), VILLAGE, NOVEMBER).findings
    assert (one.finding.code, one.scope) == ("burst", f"{VILLAGE}:smd")
    with pytest.raises(Problem):
        checks(village, config).finding(sue, VILLAGE, NOVEMBER, one.id)
    assert desk(village).ask("GET", f"/dashboard/areas/{VILLAGE}/quality/{one.id}", {}).status_code == 404
    assert "严重精神障碍" not in opened(desk(village), f"/areas/{VILLAGE}/quality").partition("<dl")[0].replace("记录类型", "")
    assert "严重精神障碍专项" in opened(desk(village, ANA), f"/areas/{VILLAGE}/quality")


def test_written_late_is_counted_as_the_doctors_own_list_counts_it(village: Any, config: Config) -> None:
    village.time = NOON
    ana = village.phone(ANA)
    record = measured(ana, 1, SAME, "2026-11-02")
    measured(ana, 2, {"systolic_mmhg": 133, "diastolic_mmhg": 80}, "2026-11-20")
    ana.sync()
    (doctor,) = checks(village, config).village(village.access.view(SUE), VILLAGE, NOVEMBER).doctors
    assert (doctor.person, doctor.visits, doctor.dated, doctor.late) == (ANA, 2, 2, 1)
    assert (doctor.digits, doctor.zeros) == (4, 1)
    with reading(village.engine) as connection:
        visits = store.month_of(connection, VILLAGE, "2026-11", CATALOGUE, None).visits
    days = {visit.record: visit.late_days for visit in visits}
    told = village.app.extensions["cunyi"].standings.told({VILLAGE}, who(1)).account
    assert days[record] == 19 == next(work.late_days for work in told.work if work.record == record)
    page = opened(desk(village), f"/areas/{VILLAGE}/quality")
    assert "50.0%" in page
    assert "25.0%" in page


def test_a_limit_that_was_set_holds_from_its_day_and_what_is_kept_is_made_anew(village: Any, config: Config) -> None:
    five_alike(village)
    view = village.access.view(SUE)
    assert len(checks(village, config).village(view, VILLAGE, NOVEMBER).findings) == 1
    on = dt.date(2026, 11, 21)
    village.write(lambda c: standards.put(c, "quality.same_pressure_residents", on, 6, "shell", "2026-11-21T00:00:00.000Z"))
    assert checks(village, config).village(view, VILLAGE, NOVEMBER).findings == ()
    assert DEFAULTS["same_pressure_residents"] == 5


def test_changes_after_the_first_report_was_made_are_told_as_soon_as_it_is_made(village: Any, config: Config) -> None:
    ana = village.phone(ANA)
    record = measured(ana, 1, SAME)
    ana.sync()
    closed = "2026-11-21T04:30:00.000Z"
    row = {"area": TOWNSHIP, "period": "2026-11", "number": 1, "made_at": closed, "made_by": SUE, "reason": "", "parts": "{}"}
    columns = ", ".join([*row, "unheard", "hash"])
    values = ", ".join(f":{name}" for name in [*row, "unheard", "hash"])
    insert = text(f"INSERT INTO report_issues ({columns}) VALUES ({values})")
    village.later(hours=1)
    ana.now = "2026-11-21T13:00:00+08:00"
    ana.renew().save({"vitals": {"systolic_mmhg": 131, "diastolic_mmhg": 79}}, record)
    ana.sync()
    view = village.access.view(SUE)
    assert checks(village, config).village(view, VILLAGE, NOVEMBER).findings == ()
    village.write(lambda c: c.execute(insert, {**row, "unheard": "[]", "hash": ""}))
    (one,) = checks(village, config).village(view, VILLAGE, NOVEMBER).findings
    assert (one.finding.code, one.finding.person, one.finding.evidence[0].record) == ("after_close", ANA, record)
    assert "冻结（2026-11-21 12:30）后修改 1 次" in opened(desk(village), f"/areas/{VILLAGE}/quality")


def test_a_page_of_many_villages_looks_while_its_budget_lasts_and_goes_on_the_next_time(village: Any, config: Config) -> None:
    five_alike(village)
    ticking = itertools.count(1)  # goes on by a second whenever it is asked; the clock of a page stands still
    slow = QualityChecks(village.engine, CATALOGUE, config, lambda: village.time, lambda: next(ticking))
    view = village.access.view(SUE)
    budget = 2.0
    first = slow.villages(view, [VILLAGE, OTHER], NOVEMBER, budget)
    assert [one and one.current for one in first.values()] == [True, None]
    second = slow.villages(view, [VILLAGE, OTHER], NOVEMBER, budget)
    assert [one and one.current for one in second.values()] == [True, True]
    cam = village.phone(CAM)
    measured(cam, 7, SAME)
    cam.sync()
    none = slow.villages(view, [VILLAGE, OTHER], NOVEMBER, 0.0)
    assert [one and one.current for one in none.values()] == [True, False]


def test_what_is_kept_is_not_computed_again_while_nothing_changes(village: Any, config: Config, monkeypatch: Any) -> None:
    ana = five_alike(village)
    view = village.access.view(SUE)
    first = checks(village, config).village(view, VILLAGE, NOVEMBER)
    monkeypatch.setattr(store, "found_now", None)
    assert checks(village, config).village(view, VILLAGE, NOVEMBER) == first
    measured(ana, 8, SAME)
    ana.sync()
    with pytest.raises(TypeError):
        checks(village, config).village(view, VILLAGE, NOVEMBER)


def test_of_the_year_before_only_what_happened_is_read_and_the_log_not_at_all(village: Any) -> None:
    ana = village.phone(ANA)
    for day in ("2025-10-31", "2025-11-30", "2026-05-05", "2026-11-20", "2026-12-01"):
        measured(ana, int(day[5:7]), SAME, day)
    ana.sync()
    with reading(village.engine) as connection:
        month = store.month_of(connection, VILLAGE, "2026-11", CATALOGUE, None)
    assert [visit.on.isoformat() for visit in month.earlier] == ["2025-11-30", "2026-05-05"]
    assert [visit.on.isoformat() for visit in month.visits] == ["2026-11-20"]
    assert [len(visit.entries) for visit in (*month.earlier, *month.visits)] == [0, 0, 1]


def test_the_findings_of_a_village_agree_with_their_excel_file(village: Any) -> None:
    five_alike(village)
    answer = desk(village).ask("GET", f"/dashboard/areas/{VILLAGE}/quality", {"format": "xlsx"})
    book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    rows = list(book["请核对"].iter_rows(values_only=True))
    assert rows[1][1:5] == ("Ana", "5 名居民的读数都是 148/92 mmHg（该医生本月共 5 次）", 5, 5)
    assert book["各医生"]["F2"].value == 0
    assert "10%" in str([row[1] for row in book["口径与说明"].iter_rows(values_only=True)])


def test_in_english_every_page_is_in_english(village: Any) -> None:
    five_alike(village)
    page = opened(desk(village), f"/areas/{VILLAGE}/quality", lang="en")
    assert "5 residents have 148/92 mmHg alike, of 5 readings of this doctor in the month" in page
    assert "请核对" not in page


# -- devices -----------------------------------------------------------------------------------------------------------


def test_the_devices_page_puts_the_village_that_is_out_of_touch_first_and_says_what_no_phone_reports(village: Any) -> None:
    ana, cam = village.phones(ANA, CAM)
    for phone in (ana, cam):
        phone.sync()
    village.later(days=9)
    ana.now = "2026-11-30T12:15:00+08:00"
    ana.renew()
    measured(ana, 1, SAME)
    ana.sync([])
    answer = desk(village).ask("GET", "/dashboard/devices", {"format": "xlsx"})
    book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    first, second = list(book["各村同步情况"].iter_rows(values_only=True, min_row=2))
    assert first[:2] == ("杨树村", "长时间未同步")
    assert first[4] == 9
    assert (second[0], second[1], second[4], second[5]) == ("柳树村", "正常", 0, 2)
    phones = {row[0]: row for row in book["医生与手机"].iter_rows(values_only=True, min_row=2)}
    assert next(iter(phones)) == "Cam"
    assert phones["Ana"][4:] == ("在用", "2026-11-30 12:00", 0, 2, "t", -900, "未报告", None)
    assert phones["Ben"][3] == "（没有手机）"
    page = opened(desk(village), "/devices")
    assert "2 个村中有 1 个村超过 7 天未同步" in page
    assert "杨树村" not in opened(desk(village, BEN), "/devices")
    assert desk(village, BEN).ask("GET", "/dashboard/devices", {"area": OTHER}).status_code == 404


# -- changes -----------------------------------------------------------------------------------------------------------


def test_sue_reads_who_changed_which_field_from_what_to_what(village: Any) -> None:
    ana, ben = village.phones(ANA, BEN)
    record = measured(ana, 1, SAME)
    ana.sync()
    ben.sync()
    ben.save({"vitals": {**SAME, "systolic_mmhg": 151}}, record)
    village.later(hours=3)
    ben.renew().sync()
    answer = desk(village).ask("GET", "/dashboard/changes", {"format": "xlsx", "type": "hypertension_visit"})
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.get_data()))["本页的修改"].iter_rows(values_only=True, min_row=2))
    said = ("2026-11-21 15:00", "2026-11-21 08:15", "Ben", "Redmi 9A", "柳树村", "王秀1", "高血压患者随访服务记录表")
    assert rows[0] == (*said, "体征 · 收缩压", "148 mmHg", "151 mmHg", "已采纳")
    assert rows[1][2] == "Ana"
    assert rows[1][7] == "新建，4 项"
    page = opened(desk(village), "/changes", person=BEN, area=VILLAGE)
    assert f"/residents/{who(1)}/records/{record}" in page
    assert "151" in page
    step = village.rows("trail")[-1]
    assert (step["action"], step["area"]) == ("look.changes", VILLAGE)
    assert json.loads(step["detail"])["asked"] == {"area": VILLAGE, "person": BEN}


def test_changes_of_one_resident_stand_in_the_trail_under_their_name(village: Any) -> None:
    ana = village.phone(ANA)
    measured(ana, 1, SAME)
    measured(ana, 2, {"systolic_mmhg": 139, "diastolic_mmhg": 81})
    ana.sync()
    page = opened(desk(village), "/changes", resident=who(1))
    assert "王秀1" in page
    assert "王秀2" not in page
    assert village.rows("trail")[-1]["resident"] == who(1)


def test_the_list_goes_on_where_the_page_ends(village: Any) -> None:
    ana = village.phone(ANA)
    for number in range(30):
        measured(ana, number, SAME)
    ana.sync()
    sue = desk(village)
    first = opened(sue, "/changes")
    link = re.search(r'href="/dashboard/changes\?before=([^"]+)"', first)
    assert link
    second = opened(sue, "/changes", before=unquote(link[1]))
    assert "王秀29" in first
    assert "王秀29" not in second
    assert "王秀0" in second
    assert sue.ask("GET", "/dashboard/changes", {"before": "somewhere"}).status_code in (400, 422)
