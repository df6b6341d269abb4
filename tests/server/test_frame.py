"""The frame of every page: what it writes down of a visit, where it leads back to, and what leaves in a file."""

import datetime as dt
import io
import json
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest

from server import dashboard
from server.asked import IN_TRAIL, LONGEST, MOST, NOT_IN_TRAIL
from server.indicators import BY_CODE
from server.indicators.few import Told, told
from server.indicators.reading import Figure
from server.sheets import Cell, Column, Table, shown, workbook
from server.store import standards
from tests.server.asking import Asker
from tests.server.test_quality_pages import SAME, measured
from tests.server.test_reports import Desk, a_visit, ill
from tests.village import ANA, CAM, SUE, TOWNSHIP, VILLAGE

SIGN_RATE = BY_CODE["sign_rate"].zh
PAGES = Path(dashboard.__file__).parent
DOORS = PAGES.parent / "api"


@pytest.fixture
def sue(village: Any) -> Asker:
    asker = Asker(SUE, frozenset(), village.client(), None)
    asker.sign_in(village)
    return asker


def written(village: Any) -> Any:
    """What the trail says of the last visit."""
    return json.loads(village.rows("trail")[-1]["detail"])


# -- what is written down ----------------------------------------------------------------------------------------------


def test_nobody_writes_the_words_of_the_trail_by_what_they_put_into_an_address(village: Any, sue: Asker) -> None:
    lies = {
        "page": "login",
        "method": "HEAD",
        "status": "404",
        "exported": "",
        "area": "999999",
        "asked": "x",
        "format": "xlsx",
    }
    answer = sue.ask("GET", f"/dashboard/areas/{TOWNSHIP}/residents", {**lies, "name": "王秀兰", "text": "王秀兰"})
    assert answer.status_code == 200
    said = written(village)
    assert (said["page"], said["method"], said["status"], said["exported"]) == ("residents", "GET", 200, ["residents"])
    assert said["asked"] == {"area": TOWNSHIP, "format": "xlsx"}
    assert "王秀兰" not in str(village.rows("trail"))


def test_an_address_as_long_as_a_letter_makes_no_long_entry(village: Any, sue: Asker) -> None:
    many = dict.fromkeys(IN_TRAIL - {"format", "period", "group", "lang"}, "x" * 500)
    sue.ask("GET", f"/dashboard/areas/{TOWNSHIP}", many | {f"k{n}": "x" * 99 for n in range(300)})
    asked = written(village)["asked"]
    assert len(asked) == MOST
    assert asked["area"] == TOWNSHIP
    assert {len(value) for name, value in asked.items() if name != "area"} == {LONGEST}


def test_whatever_a_page_or_a_program_asks_its_address_for_is_written_down_or_left_out_knowingly() -> None:
    files = [*PAGES.glob("*.py"), *PAGES.glob("templates/*.html"), *DOORS.glob("*_door.py")]
    read = {name for file in files for name in re.findall(r"args(?:\.get\(|\[)['\"](\w+)", file.read_text("utf-8"))}
    assert {"period", "sort", "text", "before", "population", "prefix"} < read
    assert read <= IN_TRAIL | NOT_IN_TRAIL
    assert not IN_TRAIL & NOT_IN_TRAIL


def test_who_has_to_sign_in_first_comes_back_behind_a_path_prefix_too(village: Any) -> None:
    answer = village.client().get("/dashboard/queue?kind=conflict", base_url="http://localhost/cunyi")
    assert unquote(answer.headers["Location"]) == "/cunyi/dashboard/login?next=/cunyi/dashboard/queue?kind=conflict"


# -- what leaves in a file ---------------------------------------------------------------------------------------------


def sheets(answer: Any) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def test_the_further_line_of_a_cell_stands_right_of_it_in_the_file() -> None:
    columns = (Column("name", "村", "Village"), Column("share", "比率", "Rate", "rate"), Column("on", "日期", "Day"))
    rows = [
        {"name": "柳树村", "share": Cell(Fraction(1, 2), hint="3/6"), "on": "2026-11-21"},
        {"name": "杨树村", "share": Cell(None), "on": "2026-11-20"},
    ]
    book = openpyxl.load_workbook(io.BytesIO(workbook([Table("t", "表", "T", columns, rows)], chinese=True)))
    assert list(book["表"].iter_rows(values_only=True)) == [
        ("村", "比率", "比率·附注", "日期"),
        ("柳树村", 0.5, "3/6", "2026-11-21"),
        ("杨树村", None, None, "2026-11-20"),
    ]


def test_two_scores_that_are_ranked_apart_are_told_apart_on_the_page_and_in_the_file() -> None:
    column = Column("score", "综合得分", "Score", "score")
    rows = [{"score": Decimal("0.8624")}, {"score": Decimal("0.8616")}]
    assert [shown(Cell(row["score"]), column.kind) for row in rows] == ["86.24%", "86.16%"]
    book = openpyxl.load_workbook(io.BytesIO(workbook([Table("t", "表", "T", (column,), rows)], chinese=True)))
    assert [(cell.value, cell.number_format) for cell in book["表"]["A"][1:]] == [(0.8624, "0.00%"), (0.8616, "0.00%")]


def test_what_a_rate_changed_by_is_told_in_points(village: Any, sue: Asker) -> None:
    ana, desk = village.phone(ANA), Desk(village)
    wang, li = ill(ana), ill(ana, "李大山")
    for who, day in ((wang, "2026-10-12"), (li, "2026-10-13")):
        a_visit(ana, who, day=day, systolic=131 if who == wang else 171)
    ana.sync()
    desk.lock()
    a_visit(ana, li, day="2026-11-20", systolic=129)  # controlled: of one half, all
    ana.sync()
    page = f"/dashboard/areas/{TOWNSHIP}"
    assert "较上期 +50.0 个百分点" in sue.ask("GET", page, {}).get_data(as_text=True)
    assert "since the period before +50.0 points" in sue.ask("GET", page, {"lang": "en"}).get_data(as_text=True)
    assert "+50.0%" not in sue.ask("GET", page, {"lang": "zh"}).get_data(as_text=True)


def figure(numerator: int, denominator: int, excluded: int = 0) -> Figure:
    return Figure(numerator, denominator, excluded, Fraction(numerator, denominator) if denominator else None, None)


@pytest.mark.parametrize("few", [figure(2, 40), figure(38, 40), figure(3, 4)])
def test_few_persons_on_either_side_are_hidden_and_the_next_smallest_row_with_them(few: Figure) -> None:
    rows = {"a": few, "b": figure(30, 60), "c": figure(25, 50), "none": figure(0, 0)}
    found = told(rows, 5, "hidden")
    assert [area for area, one in found.items() if one.value is None] == ["a", "c", "none"]
    assert found["c"] == Told("hidden", "hidden", None, 0)
    assert (found["b"].numerator, found["b"].value) == (30, Fraction(1, 2))
    assert all(not isinstance(found["a"].__dict__[name], int) for name in ("numerator", "denominator"))
    assert told(rows, 0, "hidden")["a"].denominator == few.denominator  # the standard hides nothing
    assert "hidden" not in str(told({"a": figure(2, 40), "b": figure(1, 50), "c": figure(25, 50)}, 5, "hidden")["c"])


def test_none_and_all_of_many_are_told_and_of_sums_and_exclusions_few_are_not() -> None:
    rows = {"a": figure(0, 40), "b": figure(40, 40)}
    assert [one.numerator for one in told(rows, 5, "hidden").values()] == [0, 40]
    assert [one.excluded for one in told({"a": figure(9, 40, 2), "b": figure(9, 40, 7)}, 5, "hidden").values()] == [
        "<5",
        "hidden",
    ]
    sums = told({"a": figure(3, 0), "b": figure(9, 0), "c": figure(12, 0)}, 5, "hidden", ratio=False)
    assert [(one.numerator, one.denominator) for one in sums.values()] == [("<5", None), ("hidden", None), (12, None)]


def test_sue_sees_every_number_on_the_page_and_takes_none_of_few_persons_along(village: Any, sue: Asker) -> None:
    ana, cam = village.phones(ANA, CAM)
    for number in range(3):
        measured(ana, number, SAME)
    for number in range(12):
        measured(cam, 100 + number, SAME)
    for phone in (ana, cam):
        phone.sync()
    village.write(lambda c: standards.put(c, "suppress_below", dt.date(2026, 1, 1), 10, "shell", "2026-01-01T00:00:00.000Z"))
    overview, ranking = f"/dashboard/areas/{TOWNSHIP}", f"/dashboard/areas/{TOWNSHIP}/ranking"
    evidence = f"/dashboard/areas/{TOWNSHIP}/indicators/sign_rate"
    assert "0/3" in sue.ask("GET", overview, {}).get_data(as_text=True)
    for address, sheet in ((overview, "各村"), (ranking, "单项排名")):
        found = sheets(sue.ask("GET", address, {"format": "xlsx"}))
        head, *rows = found[sheet]
        place = head.index(SIGN_RATE)
        assert head[place + 1] == f"{SIGN_RATE}·附注"
        assert {row[0]: row[place : place + 2] for row in rows} == {"柳树村": (None, "隐藏/<10"), "杨树村": (None, "隐藏/隐藏")}
        assert "隐藏" in dict(found["口径与说明"])
    [_, *rows] = sheets(sue.ask("GET", evidence, {"format": "xlsx"}))["各村"]
    assert {row[0]: row[1:4] for row in rows} == {"柳树村": ("隐藏", "<10", None), "杨树村": ("隐藏", "隐藏", None)}
    total = {row[0]: row for row in sheets(sue.ask("GET", overview, {"format": "xlsx"}))["全部指标"]}[SIGN_RATE]
    assert total[2:5] == (0, 15, 0)
    persons = sheets(sue.ask("GET", f"/dashboard/areas/{VILLAGE}/indicators/sign_rate", {"format": "xlsx"}))["人员名单"]
    assert {row[0] for row in persons[1:]} == {"王秀0", "王秀1", "王秀2"}  # no aggregate: for who may see them


def test_an_address_that_is_no_page_is_answered_with_a_page_and_to_a_program_with_json(village: Any, sue: Asker) -> None:
    client = village.client()
    for method, path, status in (("GET", "/dashboard/nope", 404), ("PUT", "/dashboard/queue", 405)):
        answer = client.open(path, method=method)
        assert (answer.status_code, answer.mimetype) == (status, "text/html")
        assert "回到首页" in answer.get_data(as_text=True)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for path in ("/nope", "/v1/nope", "/dashboards"):
        assert client.get(path).mimetype == "application/problem+json"


def test_what_is_no_period_or_group_is_told_in_the_language_of_the_page(sue: Asker) -> None:
    here = f"/dashboard/areas/{TOWNSHIP}"
    for address, words in ((here, {"period": "2026-13"}), (f"{here}/reports/2026-13", {}), (here, {"group": "zzz"})):
        for language, said in (("zh", "没有这个"), ("en", "no ")):
            answer = sue.ask("GET", address, {**words, "lang": language})
            assert answer.status_code == 422
            [fault] = re.findall("<li>(.*?)</li>", answer.get_data(as_text=True).split("<h1>")[1])
            assert said in fault
            assert ("期间" in fault or "人群" in fault) == (language == "zh")
