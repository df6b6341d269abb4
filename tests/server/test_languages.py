"""Two languages, and never one inside the other: what a Chinese page says it says in Chinese, and an English one in English."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from typing import Any

import openpyxl
import pytest

from server.indicators import INDICATORS
from server.standards import STANDARDS
from server.store import directory
from tests.server.asking import Asker
from tests.server.test_reports import COUNTY, OCTOBER, ZHOU, Desk, people  # noqa: F401
from tests.village import SUE, TOWNSHIP, VILLAGE

ADI = "p-adi"
CHINESE = re.compile("[\u4e00-\u9fff]")
PHRASE = re.compile(r"[A-Za-z]+(?:[ ,;:]+[A-Za-z]+)+")  # two words in a row
COMMAND = re.compile("cunyi [a-z]+ [a-z]+")  # is typed as it is
WORD = re.compile(r"[A-Za-z_]{2,}")
NAME_OF_STANDARD = re.compile('标准“([^”]+)”|standard "([^"]+)"')
SPOKEN = ("alt", "aria-label", "title", "placeholder")  # attributes that are read out
NAMES = ("村医", "^中文$", "清水县", "石门乡", "柳树村", "杨树村", "王秀兰", "李大山", "孙建国")
AREAS = ["", "/ranking", "/indicators/sign_rate_key", "/indicators/late_entry_rate", "/contracts", "/quality"]


class Spoken(HTMLParser):
    """What a page says: its texts, and those of its attributes that are read out; not what stands between <code>."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("input", "meta", "link", "img", "br"):
            self._inside.append(tag)
        self.said += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not {"code", "script", "style"} & {*self._inside}:
            self.said.append(" ".join(data.split()))


def test_what_an_indicator_and_a_standard_count_is_told_in_each_language_alone() -> None:
    told = [(one.zh, one.en) for one in (*INDICATORS, *STANDARDS.values())]
    told += [(one.definition_zh, one.definition_en) for one in INDICATORS]
    told += [tuple(one.source) for one in STANDARDS.values()]
    assert [(zh, found) for zh, _ in told if (found := WORD.findall(zh))] == []
    assert [en for _, en in told if CHINESE.search(en)] == []


def test_a_standard_that_a_definition_names_is_one_that_an_administrator_finds_by_that_name() -> None:
    names = [name for one in STANDARDS.values() for name in (one.zh, one.en)]
    named = {
        next(filter(None, found))
        for one in INDICATORS
        for found in NAME_OF_STANDARD.findall(one.definition_zh) + NAME_OF_STANDARD.findall(one.definition_en)
    }
    assert len(named) == 6
    assert [name for name in named if not any(one.startswith(name) for one in names)] == []


@pytest.fixture
def desk(village: Any) -> Desk:
    row = {"id": ADI, "name": "Adi", "role": "administrator", "organisation": None, "area": None, "active": True}
    village.write(lambda c: directory.put_people(c, [row]))
    return Desk(village)


def told(village: Any, person: str, path: str, **query: str) -> list[str]:
    """What a page, or each cell of its Excel file, says."""
    asker = Asker(person, frozenset(), village.client(), None)
    asker.sign_in(village)
    answer = asker.ask("GET", f"/dashboard{path}", query)
    assert answer.status_code == 200, path
    if query.get("format") != "xlsx":
        return Spoken(answer.get_data(as_text=True)).said
    book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    cells = (value for sheet in book for row in sheet.iter_rows(values_only=True) for value in row)
    return [*book.sheetnames, *(value for value in cells if isinstance(value, str))]


PAGES = [
    *(
        (SUE, f"/areas/{area}{page}", more)
        for area in (TOWNSHIP, VILLAGE)
        for page in AREAS
        for more in ({}, {"format": "xlsx"})
    ),
    *((SUE, page, {}) for page in ("/reports", "/devices", "/queue", "/account")),
    *((SUE, f"/areas/{TOWNSHIP}/reports/{OCTOBER.text}", more) for more in ({}, {"format": "xlsx"})),
    (ZHOU, f"/areas/{COUNTY}", {}),
    *((ADI, "/admin/standards", more) for more in ({}, {"format": "xlsx"})),
    *((ADI, f"/admin/standards/{name}", {}) for name in ("key_groups", "eight_ones", "late_days", "target.sign_rate")),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what a page says does not depend on the engine
@pytest.mark.parametrize(
    ("person", "path", "more"), PAGES, ids=[f"{path}{(more and '.xlsx') or ''}" for _, path, more in PAGES]
)
def test_a_page_and_its_sheets_are_in_one_language(village, desk, people, person, path, more) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    desk.lock()
    zh = told(village, person, path, **more)
    assert [text for text in zh if CHINESE.search(text)]
    assert [text for text in zh if PHRASE.search(COMMAND.sub("", text))] == []
    en = [re.sub("|".join(NAMES), "", text) for text in told(village, person, path, lang="en", **more)]
    assert [text for text in en if CHINESE.search(text)] == []
