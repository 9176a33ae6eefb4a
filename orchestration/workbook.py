"""Sheets of a workbook: what a cell is written as, and how it looks.

Names and remarks come from exports, and a spreadsheet runs what it takes for a formula: text is
only ever written as text. Rows are written one by one and forgotten, whatever their number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

#: Rows that a sheet of Excel holds.
SHEET_ROWS = 1_048_576
#: Rows above the first of the data: units, and the names of columns.
HEAD_ROWS = 2
#: Characters that a cell of Excel holds.
CELL_CHARACTERS = 32_767
#: Whole numbers beyond this are no longer exact in a spreadsheet.
EXACT_WHOLE = 2**53
FIRST_DATE = date(1900, 3, 1)  # before it Excel counts a day that never was
NAME_CHARACTERS = 31
WIDEST = 48

PLAIN_NUMBER = "#,##0.00"
WHOLE_NUMBER = "#,##0"
#: Ending of a column's name: its unit in words, and how its numbers look.
UNITS = {
    "_s": ("s", WHOLE_NUMBER),
    "_h": ("h", PLAIN_NUMBER),
    "_days": ("days", WHOLE_NUMBER),
    "_kwh": ("kWh", PLAIN_NUMBER),
    "_qty": ("quantity", PLAIN_NUMBER),
    "_rows": ("rows", WHOLE_NUMBER),
    "_ratio": ("%", "0.0%"),
    "_per_year": ("1/year", PLAIN_NUMBER),
    "_no": ("", "0"),
}
WHOLE_TYPES = ("BIGINT", "INTEGER")
CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True)
class Column:
    """A column of a sheet. `look` is its number format, '' for text."""

    name: str
    unit: str
    look: str
    width: int
    note: str = ""


@dataclass(frozen=True)
class Written:
    """What a sheet holds: its rows, and cells whose text was longer than a cell."""

    rows: int
    cut_cells: int


class ExactWorksheet(Worksheet):
    """A sheet that keeps every digit of a number and reads no text as markup."""

    def _xml_number_element(self, number: float, attributes: Sequence[Any] = ()) -> None:
        # The library's own writes 16 digits, which is one too few for every sixth number.
        marks = "".join(f' {name}="{value}"' for name, value in attributes)
        self.fh.write(f"<c{marks}><v>{number!r}</v></c>")

    def _xml_rich_inline_string(self, string: str, attributes: Sequence[Any] = ()) -> None:
        # The library takes text between <r> and </r> for its own markup and writes it as it
        # stands: an export could smuggle in a formula.
        self._xml_inline_string(string, True, attributes)


def open_workbook(path: str, folder: str) -> Workbook:
    """A workbook that keeps one row in memory and the others in files below `folder`."""
    workbook = Workbook(
        path,
        {
            "constant_memory": True,
            "tmpdir": folder,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    workbook.use_zip64()
    return workbook


def unit_and_look(name: str, data_type: str, currency: str, zone: str) -> tuple[str, str]:
    """The unit of a published column, in words, and its number format ('' for text)."""
    if data_type == "DATE":
        return "date", "yyyy-mm-dd"
    if data_type.startswith("TIMESTAMP"):
        return zone, "yyyy-mm-dd hh:mm:ss"
    if data_type in ("VARCHAR", "BOOLEAN"):
        return "", ""
    if name.endswith("_amount"):
        return currency or "currency of the plant", PLAIN_NUMBER
    usual = WHOLE_NUMBER if data_type in WHOLE_TYPES else PLAIN_NUMBER
    for ending, (unit, look) in UNITS.items():
        if name.endswith(ending):
            return unit, usual if look == PLAIN_NUMBER else look
    return "", usual


def amount_look(currency: str | None) -> str:
    """The number format of an amount; the code stands in it only where it is one."""
    is_code = currency is not None and CURRENCY.fullmatch(currency)
    return f'{PLAIN_NUMBER} "{currency}"' if is_code else PLAIN_NUMBER


def sheet_name(title: str, taken: set[str]) -> str:
    """The title as a name that Excel accepts and no other sheet has; it joins `taken`."""
    wanted = re.sub(r"[\[\]:*?/\\']", " ", title)[:NAME_CHARACTERS]
    name, number = wanted, 1
    while name.lower() in taken:
        number += 1
        ending = f" {number}"
        name = wanted[: NAME_CHARACTERS - len(ending)] + ending
    taken.add(name.lower())
    return name


class SheetWriter:
    """Writes sheets into a workbook; formats are shared between them."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._looks: dict[str, Format] = {}
        self._taken: set[str] = set()

    def table(
        self,
        title: str,
        columns: Sequence[Column],
        rows: Iterable[tuple[Sequence[Any], Sequence[str | None]]],
    ) -> Written:
        """A sheet with a row of units, the names, and the rows below, to be filtered by each.

        Each row comes as its cells and their number formats, None for the column's own.
        """
        sheet = self._sheet(title)
        for at, column in enumerate(columns):
            sheet.set_column(at, at, column.width)
            sheet.write_string(0, at, column.unit, self._format(italic=True, font_color="#666666"))
        for at, column in enumerate(columns):
            sheet.write_string(1, at, column.name, self._format(bold=True, bg_color="#DDE6F0"))
            if column.note:
                sheet.write_comment(1, at, column.note, {"x_scale": 2.5})
        looks = [column.look for column in columns]
        count = cut = 0
        # A spreadsheet is written cell by cell; there is no set-based way into its file.
        for cells, own in rows:
            for at, value in enumerate(cells):
                cut += self._cell(sheet, count + HEAD_ROWS, at, value, own[at] or looks[at])
            count += 1
        sheet.freeze_panes(HEAD_ROWS, 0)
        sheet.autofilter(1, 0, max(count + HEAD_ROWS - 1, 1), len(columns) - 1)
        return Written(count, cut)

    def page(self, title: str, lines: Iterable[Sequence[Any]], widths: Sequence[int]) -> None:
        """A sheet to be read: the first line is its title, a line of one text a heading."""
        sheet = self._sheet(title)
        for at, width in enumerate(widths):
            sheet.set_column(at, at, width)
        for row, line in enumerate(lines):
            for at, value in enumerate(line):
                if row == 0:
                    look = self._format(bold=True, font_size=16)
                elif len(line) == 1:
                    look = self._format(bold=True, font_size=12)
                else:
                    look = self._format(text_wrap=True, valign="top", align="left")
                if isinstance(value, str):
                    sheet.write_string(row, at, value[:CELL_CHARACTERS], look)
                else:
                    self._cell(sheet, row, at, value, WHOLE_NUMBER)

    def _sheet(self, title: str) -> Worksheet:
        name = sheet_name(title, self._taken)
        return self._workbook.add_worksheet(name, worksheet_class=ExactWorksheet)

    def _look(self, look: str) -> Format:
        """The format of a number or date; asked for once per cell."""
        if look not in self._looks:
            self._looks[look] = self._workbook.add_format({"num_format": look})
        return self._looks[look]

    def _format(self, **properties: Any) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._workbook.add_format(properties)
        return self._formats[key]

    def _cell(self, sheet: Worksheet, row: int, at: int, value: Any, look: str) -> bool:
        """Write one cell; True where its text was cut. What is unknown stays empty."""
        if value is None:
            return False
        if isinstance(value, bool):
            sheet.write_boolean(row, at, value)
        elif _is_number(value):
            number = value if isinstance(value, int) else float(value)
            sheet.write_number(row, at, number, self._look(look or "General"))
        elif isinstance(value, date) and _day(value) >= FIRST_DATE:
            sheet.write_datetime(row, at, value, self._look(look))
        else:
            return bool(sheet.write_string(row, at, str(value)) == -2)
        return False


def _is_number(value: Any) -> bool:
    """Whether a spreadsheet holds it as a number without changing it."""
    if isinstance(value, int):
        return abs(value) <= EXACT_WHOLE
    return isinstance(value, float | Decimal) and math.isfinite(value)


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value
