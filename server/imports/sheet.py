"""A table out of a file: CSV or Excel, whatever its encoding and separator, its columns found by their titles."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HEADER_WITHIN = 10  # rows of heading that may stand above the titles
SEPARATORS = ",;\t"
ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
EXCEL_DAY_0 = dt.date(1899, 12, 30)
DAY_FORMS = (
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})",
    r"(\d{4})年(\d{1,2})月(\d{1,2})日?",
    r"(\d{4})(\d{2})(\d{2})",
)

Titles = Mapping[str, tuple[str, ...]]
Grid = list[tuple[Any, ...]]


class UnreadableError(Exception):
    """The file as a whole cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Row:
    """One row: its number as a spreadsheet shows it, and the tidied text of each column that is known and filled."""

    number: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        """The text of a column, empty where there is none."""
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Sheet:
    """The rows of a table, and the titles of the columns that nobody asked for."""

    rows: Sequence[Row]
    unused: Sequence[str]


def read_sheet(path: Path, titles: Titles, needed: Sequence[Sequence[str]]) -> Sheet:
    """Read a file; `titles`: how each column may be titled; `needed`: of each group, one column must be there.

    Raises UnreadableError. The titles may stand below a few rows of heading.
    """
    grids = list(_grids(path.read_bytes()))
    for grid in grids:
        for place, line in enumerate(grid[:HEADER_WITHIN]):
            columns, unused = _columns(line, titles)
            if all(any(column in columns for column in group) for group in needed):
                return Sheet(list(_rows(grid[place + 1 :], columns, place + 2)), unused)
    wanted = "; ".join(" or / 或 ".join(f"{titles[c][0]} ({c})" for c in group) for group in needed)
    found = ", ".join(tidied(cell) for cell in grids[0][0]) if grids and grids[0] else ""
    raise UnreadableError(
        f"No row with the titles of the columns was found. Needed / 缺少必需的列标题: {wanted}. The first row is / 首行为: {found[:300]}"
    )


def tidied(cell: Any) -> str:
    """The text of a cell: no control characters, no space around it; a day as 1956-03-04, a number without `.0`."""
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime | dt.date):
        return cell.isoformat()[:10]
    if isinstance(cell, float) and cell.is_integer():
        # what Excel keeps as a number has 15 digits; a longer one is told as such, never guessed at
        return str(int(cell)) if abs(cell) < 1e15 else f"{cell:.14E}"
    if isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) >= 10**15:
        return f"{float(cell):.14E}"
    text = "".join(" " if sign.isspace() else sign for sign in str(cell) if sign.isspace() or _fit(sign))
    return " ".join(text.split())


def _fit(sign: str) -> bool:
    return unicodedata.category(sign) not in ("Cc", "Cf", "Cs")


def day(text: str) -> dt.date | None:
    """A day in one of its usual forms, or as Excel counts days; None for anything else."""
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", "", plain).replace(" ", "")
    try:
        if re.fullmatch(r"\d{5}", plain, re.ASCII):
            return EXCEL_DAY_0 + dt.timedelta(days=int(plain))
        for form in DAY_FORMS:
            if found := re.fullmatch(form, plain, re.ASCII):
                return dt.date(*map(int, found.groups()))
    except ValueError:
        pass
    return None


# -- finding the columns -----------------------------------------------------------------------------------------------


def plain_title(title: str) -> str:
    """A title as it is compared: half-width, lower case, without spaces, underscores, stars and what is in brackets."""
    half = unicodedata.normalize("NFKC", title).lower()
    return re.sub(r"[\s_*:\-]", "", re.sub(r"\(.*?\)|\[.*?\]", "", half))


def _columns(line: Sequence[Any], titles: Titles) -> tuple[dict[str, int], list[str]]:
    """The place of each known column, and the titles that are not known."""
    by_title = {plain_title(title): column for column, known in titles.items() for title in (column, *known)}
    columns: dict[str, int] = {}
    unused: list[str] = []
    for place, cell in enumerate(line):
        title = tidied(cell)
        column = by_title.get(plain_title(title))
        if column and column not in columns:
            columns[column] = place
        elif title:
            unused.append(title)
    return columns, unused


def _rows(grid: Grid, columns: Mapping[str, int], first: int) -> Iterator[Row]:
    for number, line in enumerate(grid, first):
        cells = {column: tidied(line[place]) for column, place in columns.items() if place < len(line)}
        if any(cells.values()):
            yield Row(number, {column: text for column, text in cells.items() if text})


# -- reading the file --------------------------------------------------------------------------------------------------


def _grids(data: bytes) -> Iterator[Grid]:
    """The tables that a file may be: every sheet of a workbook, or a text split by each separator."""
    if data.startswith(OLD_EXCEL):
        raise UnreadableError("This is an Excel file of the old form. Save it as .xlsx or CSV. / 请另存为 .xlsx 或 CSV 格式。")
    if data.startswith(ZIP):
        yield from _workbook(data)
        return
    text = _decoded(data)
    for separator in SEPARATORS:
        try:
            yield [tuple(line) for line in csv.reader(io.StringIO(text, newline=""), delimiter=separator)]
        except csv.Error as trouble:
            raise UnreadableError(f"This is no CSV file: {trouble}. / 不是有效的 CSV 文件。") from None


def _workbook(data: bytes) -> list[Grid]:
    from openpyxl import load_workbook  # noqa: PLC0415 - a third of the time that every other command takes to start

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that do not matter here
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            grids = []
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # what other programs write there is often wrong
                grids.append(list(sheet.iter_rows(values_only=True)))
            book.close()
            return grids
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, SyntaxError) as trouble:
        raise UnreadableError(f"This Excel file cannot be read: {trouble}. / 无法读取此 Excel 文件。") from None


def _decoded(data: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or GB18030."""
    encodings = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableError("The text is neither UTF-8 nor GB18030. Save it as CSV UTF-8. / 请另存为 UTF-8 编码的 CSV。")
