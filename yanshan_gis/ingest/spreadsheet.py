"""Cells of Excel workbooks, .xlsx and .xls, with what is merged and what is broken."""

from __future__ import annotations

import os
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from yanshan_gis.ingest.damage import damaged, encrypted

if TYPE_CHECKING:
    from pathlib import Path

_FORMULA = re.compile(rb"<f[ >/]")


@dataclass
class Sheet:
    """The cells of one sheet, from its first row and column on.

    Parameters
    ----------
    name
        As on the sheet's tab.
    cells
        Rows of values; None for an empty cell. Rows may differ in length.
    merges
        Merged ranges as (first row, first column, last row, last column), counted from 0,
        ends included.
    numbers
        Row numbers as the user counts; None counts from 1.
    broken
        Rows (from 0) with cells that hold an Excel error such as ``#REF!``; read as empty.
    unsaved
        Rows (from 0) with formulas whose value was never saved; read as empty.
    hidden
        True when the sheet does not show in Excel.
    """

    name: str
    cells: list[list[Any]]
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    numbers: list[int] | None = None
    broken: list[int] = field(default_factory=list)
    unsaved: list[int] = field(default_factory=list)
    hidden: bool = False

    def number(self, row: int) -> int:
        """Return the number the user sees for a row counted from 0.

        Parameters
        ----------
        row
            Counted from 0.

        Returns
        -------
        int
            Excel row or line number.
        """
        return row + 1 if self.numbers is None else self.numbers[row]


def read_xlsx(path: Path) -> list[Sheet]:
    """Read the sheets of an .xlsx or .xlsm workbook: values, not formulas.

    Parameters
    ----------
    path
        The workbook.

    Returns
    -------
    list of Sheet
        Work sheets in tab order; chart sheets are left out.

    Raises
    ------
    DataError
        When the file is damaged (code ``file-damaged``).
    """
    import warnings

    import openpyxl

    try:
        with warnings.catch_warnings(), path.open("rb") as stream:
            warnings.simplefilter("ignore")  # extensions openpyxl does not know change no value
            book = openpyxl.load_workbook(stream, data_only=True)
            sheets = [_xlsx_sheet(sheet) for sheet in book.worksheets]
            if _has_formulas(path):
                _mark_unsaved(openpyxl.load_workbook(stream, read_only=True), sheets)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, SyntaxError, EOFError,
            zlib.error) as error:  # fmt: skip
        raise damaged(path, error) from error
    return sheets


def _xlsx_sheet(sheet: Any) -> Sheet:
    cells: list[list[Any]] = []
    broken = []
    for number, row in enumerate(sheet.iter_rows(min_row=1, min_col=1)):
        cells.append([None if cell.data_type == "e" else _as_shown(cell) for cell in row])
        if any(cell.data_type == "e" for cell in row):
            broken.append(number)
    merges = sorted(
        (area.min_row - 1, area.min_col - 1, area.max_row - 1, area.max_col - 1)
        for area in sheet.merged_cells.ranges
    )
    hidden = sheet.sheet_state != "visible"
    return Sheet(sheet.title, cells, merges, broken=broken, hidden=hidden)


def _as_shown(cell: Any) -> Any:
    """Return a cell's value; a number shown as a percentage keeps the sign."""
    value = cell.value
    if isinstance(value, int | float) and "%" in str(cell.number_format).split(";")[0]:
        return f"{value * 100:.12g}%"
    return value


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return any(
            _FORMULA.search(archive.read(name))
            for name in archive.namelist()
            if name.startswith("xl/worksheets/") and name.endswith(".xml")
        )


def _mark_unsaved(book: Any, sheets: list[Sheet]) -> None:
    """Note the rows whose formulas have no stored value."""
    try:
        for sheet in sheets:
            for number, row in enumerate(book[sheet.name].iter_rows(min_row=1, min_col=1)):
                formulas = [at for at, cell in enumerate(row) if cell.data_type == "f"]
                if number in sheet.broken or number >= len(sheet.cells):
                    continue
                if any(sheet.cells[number][at] is None for at in formulas):
                    sheet.unsaved.append(number)
    finally:
        book.close()


def read_xls(path: Path) -> list[Sheet]:
    """Read the sheets of an .xls workbook.

    Parameters
    ----------
    path
        The workbook.

    Returns
    -------
    list of Sheet
        In tab order.

    Raises
    ------
    DataError
        When the file is damaged (``file-damaged``) or has a password (``file-encrypted``).
    """
    import xlrd

    try:
        with open(os.devnull, "w", encoding="utf-8") as silence:  # noqa: PTH123 - devnull
            book = xlrd.open_workbook(
                file_contents=path.read_bytes(), formatting_info=True, logfile=silence
            )
            return [_xls_sheet(sheet, book.datemode) for sheet in book.sheets()]
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise encrypted(path) from error
        raise damaged(path, error) from error
    except (LookupError, ValueError, TypeError, AttributeError, AssertionError, ArithmeticError,
            struct.error, xlrd.compdoc.CompDocError) as error:  # fmt: skip
        raise damaged(path, error) from error


def _xls_sheet(sheet: Any, datemode: int) -> Sheet:
    cells, broken = [], []
    for number in range(sheet.nrows):
        row = [_xls_value(sheet.cell(number, at), datemode) for at in range(sheet.ncols)]
        cells.append(row)
        if any(kind == 5 for kind in sheet.row_types(number)):  # xlrd.XL_CELL_ERROR
            broken.append(number)
    merges = sorted((top, left, end - 1, right - 1)
                    for top, end, left, right in sheet.merged_cells)  # fmt: skip
    return Sheet(sheet.name, cells, merges, broken=broken, hidden=bool(sheet.visibility))


def _xls_value(cell: Any, datemode: int) -> Any:
    import xlrd

    if cell.ctype in {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_ERROR}:
        return None
    if cell.ctype == xlrd.XL_CELL_NUMBER:  # .xls knows no whole numbers
        return int(cell.value) if cell.value == int(cell.value) else cell.value
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_DATE:
        return xlrd.xldate.xldate_as_datetime(cell.value, datemode)
    return cell.value
