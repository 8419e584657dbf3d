"""``tables.xlsx``: the tables of all results in one workbook, with Chinese headings and units.

Numbers stay numbers, nothing stays empty, and text that looks like a formula stays text. The same
tables give the same bytes: the date in the properties is the caller's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xlsxwriter

from yanshan_gis.publish.words import word
from yanshan_gis.publish.workbook_charts import Chart, draw_chart
from yanshan_gis.store.output import put

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from yanshan_gis.messages import Language

Column = tuple[str, str, str]  # title, unit, number format ("" for the unit's own)

_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 31
_WIDEST, _NARROWEST = 48, 7
_MEASURED_ROWS = 400  # enough to judge a column's width
_A4 = 9  # as Excel numbers papers
SHARE_FORMAT, _NUMBER_FORMAT, _WHOLE_FORMAT = "0.0%", "#,##0.0##", "#,##0"
_DATE_FORMAT = "yyyy-mm-dd"


@dataclass(frozen=True)
class SheetTable:
    """One table of a workbook.

    Parameters
    ----------
    name
        Of the worksheet; made unique and legal.
    title
        Over the table.
    frame
        The rows in their order; only the columns listed are written.
    columns
        Title, unit and number format by field; an empty format is chosen by the values.
    note
        Under the title.
    chart
        Drawn beside it.
    formats
        Number format row by row, of columns whose rows have different units.
    """

    name: str
    title: str
    frame: pd.DataFrame
    columns: Mapping[str, Column]
    note: str = ""
    chart: Chart | None = None
    formats: Mapping[str, Sequence[str]] = field(default_factory=dict)


def sheet_names(wished: Sequence[str]) -> list[str]:
    r"""Turn names into legal and unique names of worksheets.

    Parameters
    ----------
    wished
        Any texts.

    Returns
    -------
    list of str
        At most 31 characters each, without ``[ ] : * ? / \``, different but for their case.
    """
    taken: set[str] = set()
    names = []
    for text in wished:
        plain = _FORBIDDEN.sub("_", text).strip().strip("'") or "_"
        name, number = plain[:_LONGEST_NAME], 1
        while name.casefold() in taken:
            number += 1
            tail = f"_{number}"
            name = plain[: _LONGEST_NAME - len(tail)] + tail
        taken.add(name.casefold())
        names.append(name)
    return names


def write_workbook(
    path: Path,
    sheets: Sequence[SheetTable],
    *,
    created: date,
    title: str = "",
    dictionary: pd.DataFrame | None = None,
    parameters: pd.DataFrame | None = None,
    language: Language = "zh",
) -> Path:
    """Write tables into one workbook, with a list of them as its first sheet.

    Parameters
    ----------
    path
        The ``.xlsx`` file; replaced whole.
    sheets
        The tables in order.
    created
        Date in the file's properties.
    title
        Of the workbook; over the list of sheets.
    dictionary
        What the fields mean, its columns titled as they shall be shown.
    parameters
        The parameters used, its columns titled as they shall be shown.
    language
        Of the workbook's own words: ``zh`` or ``en``.

    Returns
    -------
    pathlib.Path
        Where the workbook is: a numbered copy when the old one is locked, see
        `yanshan_gis.store.output.put`.

    Raises
    ------
    WriteError
        When it could not be written; the old file is unchanged.
    """
    tables = [*sheets]
    for key, frame in (("dictionary", dictionary), ("parameters", parameters)):
        if frame is not None:
            columns = {str(name): (str(name), "", "") for name in frame.columns}
            tables.append(SheetTable(word(key, language), word(key, language), frame, columns))
    contents = word("contents", language)
    names = sheet_names([contents, *[table.name for table in tables]])
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

    def write(draft: Path) -> None:
        book = xlsxwriter.Workbook(str(draft), options)
        book.set_properties({"title": title, "created": datetime.combine(created, time())})
        writer = _Writer(book, language)
        writer.write_contents(names[0], title or contents, tables, names[1:])
        for table, name in zip(tables, names[1:], strict=True):
            writer.write_table(table, name, names[0])
        book.close()

    return put(path, write)


def _shown_width(text: str) -> float:
    """Width in Excel's character units, in which a Chinese character takes two."""
    return sum(2.1 if ord(char) > 0x2E7F else 1.0 for char in text)


def _column_width(heading: str, values: Sequence[str]) -> float:
    widest = max([_shown_width(line) for line in (*heading.split("\n"), *values)], default=0.0)
    return min(max(widest + 3.0, _NARROWEST), _WIDEST)


def _plain(value: Any) -> Any:
    """Turn a cell into what Excel keeps: nothing, truth, number, date or text."""
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if isinstance(value, bool | int | float | date):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return "、".join(str(item) for item in items)
    return str(value)


def _number_format(values: Sequence[Any], unit: str, wished: str) -> str:
    if wished:
        return wished
    if unit == "share":
        return SHARE_FORMAT
    if any(isinstance(value, date) for value in values):
        return _DATE_FORMAT
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if not numbers:
        return ""
    return _WHOLE_FORMAT if all(float(v).is_integer() for v in numbers) else _NUMBER_FORMAT


def _heading(column: Column, language: Language) -> str:
    title, unit, _ = column
    shown = "%" if unit == "share" else unit
    if not shown:
        return title
    return f"{title}\n（{shown}）" if language == "zh" else f"{title}\n({shown})"


class _Writer:
    """Writes worksheets that share their formats."""

    def __init__(self, book: Any, language: Language) -> None:
        self._book, self._language = book, language
        font = {"font_name": "微软雅黑" if language == "zh" else "Calibri", "font_size": 10}
        self._font = font
        self._title = book.add_format({**font, "font_size": 14, "bold": True})
        self._note = book.add_format({**font, "font_color": "#5f6368"})
        self._link = book.add_format({**font, "font_color": "#1f5f99", "underline": 1})
        self._head = book.add_format(
            {**font, "bold": True, "bg_color": "#e3eaf2", "border": 1, "border_color": "#b8c2cc",
             "text_wrap": True, "align": "center", "valign": "vcenter"}
        )  # fmt: skip
        self._cells: dict[str, Any] = {}

    def _cell(self, number_format: str) -> Any:
        if number_format not in self._cells:
            look = {**self._font, "border": 1, "border_color": "#dfe3e8", "valign": "top"}
            if number_format:
                look["num_format"] = number_format
            self._cells[number_format] = self._book.add_format(look)
        return self._cells[number_format]

    def write_contents(
        self, name: str, title: str, tables: Sequence[SheetTable], names: Sequence[str]
    ) -> None:
        sheet = self._book.add_worksheet(name)
        sheet.write_string(0, 0, title, self._title)
        keys = ("number", "sheet", "title", "rows", "remark")
        heads = [word(key, self._language) for key in keys]
        for column, head in enumerate(heads):
            sheet.write_string(2, column, head, self._head)
        for row, (table, target) in enumerate(zip(tables, names, strict=True), start=3):
            sheet.write_number(row, 0, row - 2, self._cell(_WHOLE_FORMAT))
            place = "internal:'" + target.replace("'", "''") + "'!A1"
            sheet.write_url(row, 1, place, self._link, target)
            sheet.write_string(row, 2, table.title, self._cell(""))
            sheet.write_number(row, 3, len(table.frame), self._cell(_WHOLE_FORMAT))
            sheet.write_string(row, 4, table.note, self._cell(""))
        for column, texts in enumerate(
            ([], names, [t.title for t in tables], [], [t.note for t in tables])
        ):
            sheet.set_column(column, column, _column_width(heads[column], texts))
        sheet.freeze_panes(3, 0)
        sheet.hide_gridlines(2)
        _set_page(sheet, 2)

    def write_table(self, table: SheetTable, name: str, contents: str) -> None:
        sheet = self._book.add_worksheet(name)
        sheet.write_string(0, 0, table.title, self._title)
        sheet.write_string(1, 0, table.note, self._note)
        last = max(len(table.columns) - 1, 0)
        place = "internal:'" + contents.replace("'", "''") + "'!A1"
        sheet.write_url(1, last + 1, place, self._link, word("back", self._language))
        head_row = 2
        sheet.set_row(head_row, 32)
        for column, (key, described) in enumerate(table.columns.items()):
            heading = _heading(described, self._language)
            sheet.write_string(head_row, column, heading, self._head)
            values = [_plain(value) for value in table.frame[key].astype(object)]
            formats = table.formats.get(key, ())
            self._write_column(sheet, head_row + 1, column, values, described, formats)
            shown = [_shown_text(value) for value in values[:_MEASURED_ROWS]]
            sheet.set_column(column, column, _column_width(heading, shown))
        if table.columns:
            sheet.autofilter(head_row, 0, head_row + max(len(table.frame), 1), last)
        sheet.freeze_panes(head_row + 1, min(1, last))
        _set_page(sheet, head_row)
        if table.chart is not None:
            rows = (head_row + 1, head_row + len(table.frame))
            draw_chart(self._book, sheet, name, table.chart, table.columns, table.title, rows)

    def _write_column(
        self, sheet: Any, first: int, column: int, values: Sequence[Any], described: Column,
        formats: Sequence[str],
    ) -> None:  # fmt: skip
        _, unit, wished = described
        whole = self._cell(_number_format(values, unit, wished))
        text_look = self._cell("")
        for row, value in enumerate(values, start=first):
            own = formats[row - first] if formats else ""
            look = self._cell(own) if own else whole
            if value is None:
                sheet.write_blank(row, column, None, text_look)
            elif isinstance(value, bool):
                text = word("yes" if value else "no", self._language)
                sheet.write_string(row, column, text, text_look)
            elif isinstance(value, date):
                sheet.write_datetime(row, column, value, look)
            elif isinstance(value, int | float):
                sheet.write_number(row, column, value, look)
            else:
                sheet.write_string(row, column, value, text_look)


def _set_page(sheet: Any, head_row: int) -> None:
    """Print a sheet across, as wide as the paper, its head on every page."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head_row)
    sheet.set_footer("&C&P / &N")


def _shown_text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}"
    return "" if value is None else str(value)
