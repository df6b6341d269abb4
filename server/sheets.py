"""A table, declared once: as HTML with sorting, as a sheet of an Excel file, and on paper; for pages and commands alike."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

from sync.codec import UnfitError, instant

SHEET_NAME_LONGEST = 31  # of Excel
UNFIT_IN_SHEET_NAME = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


@dataclass(frozen=True)
class Column:
    """One column. `kind`: `text`, `number`, `rate` (a fraction, shown as a percentage), `score` (with one decimal more, for
    scores lie close together), `day`, `instant` (as the clock on the wall shows it) or `hint` (in a sheet, the further lines
    of the column with the same key).
    """

    key: str
    zh: str
    en: str
    kind: str = "text"


@dataclass(frozen=True)
class Cell:
    """A value with the place it opens, a further line below it, and a tone (`good`, `warn`, `bad`), which never stands for the words alone."""

    value: Any
    href: str | None = None
    hint: str | None = None
    tone: str | None = None


@dataclass(frozen=True)
class Table:
    """Rows by the keys of the columns; a value may be bare or a Cell. `name` is its name in addresses and of its sheet.
    A page shows the `first` rows until somebody asks for the whole of it; a sheet has them all.
    """

    name: str
    zh: str
    en: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    sort: str = ""
    empty_zh: str = "没有记录"
    empty_en: str = "Nothing here"
    first: int = 100

    def cell(self, row: Mapping[str, Any], column: Column) -> Cell:
        """The cell of a row and column."""
        if column.kind == "hint":
            return Cell(self.cell(row, replace(column, kind="text")).hint)
        value = row.get(column.key)
        return value if isinstance(value, Cell) else Cell(value)

    def with_hints(self) -> list[Column]:
        """The columns of a sheet: right of one whose cells have a further line stands that line, as a column of its own."""
        found = []
        for column in self.columns:
            found.append(column)
            if any(self.cell(row, column).hint for row in self.rows):
                found.append(replace(column, zh=f"{column.zh}·附注", en=f"{column.en}: note", kind="hint"))
        return found

    def sorted(self, by: str | None) -> Table:
        """The same, by a column (`-key`: from the largest); what has no value comes last. An unknown key changes nothing."""
        wanted = by if by and by.lstrip("-") in {column.key for column in self.columns} else self.sort
        if not wanted:
            return self
        column = next(one for one in self.columns if one.key == wanted.lstrip("-"))
        held = [row for row in self.rows if self.cell(row, column).value not in (None, "")]
        blank = [row for row in self.rows if self.cell(row, column).value in (None, "")]
        held.sort(key=lambda row: _ordered(self.cell(row, column).value), reverse=wanted.startswith("-"))
        return replace(self, rows=[*held, *blank], sort=wanted)


def _ordered(value: Any) -> tuple[int, Any]:
    return (0, value) if isinstance(value, int | float | Fraction | Decimal) else (1, str(value))


PLACES = {"rate": 1, "score": 2}  # decimals of a percentage, by the kind of the column


def percent(value: Fraction | Decimal | float | None, places: int = 1) -> str:
    """A share as a percentage with so many decimals, rounded half up; a dash where there is none."""
    if value is None:
        return "—"
    exact = Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else Decimal(str(value))
    return f"{(exact * 100).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)}%"


def wall_clock(moment: str | None, zone: ZoneInfo) -> str:
    """An instant as the clock on the wall shows it, `2026-11-22 12:45`; as it was written where it is none."""
    try:
        return instant(moment).astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else ""
    except UnfitError:
        return str(moment)


def shown(cell: Cell, kind: str) -> str:
    """The text of a cell."""
    if cell.value is None or cell.value == "":
        return "—"
    if kind in PLACES:
        return percent(cell.value, PLACES[kind])
    return str(cell.value)


def workbook(tables: Sequence[Table], chinese: bool, notes: Sequence[tuple[str, str]] = ()) -> bytes:
    """The tables as an Excel file, a sheet each, and a sheet of notes (definitions, period, position). No text is a formula."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        shares = {kind: book.add_format({"num_format": f"0.{'0' * places}%"}) for kind, places in PLACES.items()}
        plain = book.add_format({"text_wrap": True, "valign": "top"})
        for table in tables:
            title = table.zh if chinese else table.en
            sheet = book.add_worksheet(title.translate(UNFIT_IN_SHEET_NAME)[:SHEET_NAME_LONGEST])
            sheet.freeze_panes(1, 0)
            for x, column in enumerate(table.with_hints()):
                sheet.write_string(0, x, column.zh if chinese else column.en, head)
                sheet.set_column(x, x, 14 if column.kind != "text" else 22)
                for y, row in enumerate(table.rows, 1):
                    _write(sheet, y, x, table.cell(row, column), column.kind, shares)
        if notes:
            sheet = book.add_worksheet("口径与说明" if chinese else "Definitions")
            sheet.set_column(0, 0, 28)
            sheet.set_column(1, 1, 110)
            for y, (name, text) in enumerate(notes):
                sheet.write_string(y, 0, name, head)
                sheet.write_string(y, 1, text, plain)
    return out.getvalue()


def _write(sheet: Any, y: int, x: int, cell: Cell, kind: str, shares: Mapping[str, Any]) -> None:
    value = cell.value
    if value is None or value == "":
        sheet.write_blank(y, x, None)
    elif kind in shares and not isinstance(value, str):
        sheet.write_number(y, x, float(value), shares[kind])
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        sheet.write_number(y, x, float(value))
    else:
        sheet.write_string(y, x, shown(cell, kind))
