"""From cells to a table: where the head is, what its columns are called, which rows are no data.

Project lists and ledgers come as sheets for the eye: a title, a line with unit and date, a head
of two or three rows with merged cells, group rows, subtotals, and notes at the foot. The head is
found by evidence (labels, merges), names of nested heads are joined ``投资/中央``, and every row
that is no data is kept out of the table and listed with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from yanshan_gis.ingest.cells import read_unit
from yanshan_gis.ingest.row_kinds import REASONS, refused_rows, row_kinds
from yanshan_gis.ingest.sections import headings_of_rows
from yanshan_gis.ingest.sheet_cells import SheetCells
from yanshan_gis.ingest.table import RefusedRow, spell_rows
from yanshan_gis.ingest.totals import check_totals
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.ingest.spreadsheet import Sheet

_SEARCHED_ROWS, _HEAD_ROWS, _LABEL_LENGTH, _COVERAGE = 30, 5, 40, 0.6
_NUMBER = re.compile(r"[-+]?[\d,]*\.?\d+(?:[eE][-+]?\d+)?%?")
_FORM_LINE = re.compile(
    r"(计量)?单位|填报.*|填表.*|制表.*|编制.*|报送.*|.*日期|.*时间|联系.*|审核.*|金额单位"
)
_STATED_UNIT = re.compile(r"(?:^|[\s（(金额计量])单位\s*[:：]\s*([^\s:：）)]{1,20})")
_UNIT_LABEL = re.compile(r"[（(\[【].{1,12}[）)\]】]")
_HAN_GAP = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")


@dataclass(frozen=True)
class SheetTable:
    """A sheet turned into a table.

    Parameters
    ----------
    frame
        Values as in the cells; None for an empty one.
    row_numbers
        As the user counts.
    notices
        What was decided.
    refused
        Rows that are no data.
    headings
        Group headings above each row, the widest first.
    shared
        Columns, and the positions of rows whose value stands in a merged cell that begins in a row
        above.
    units
        Stated above the head for the whole sheet (单位：万元), see `read_unit`.
    """

    frame: pd.DataFrame
    row_numbers: NDArray[np.int64]
    notices: tuple[Notice, ...]
    refused: tuple[RefusedRow, ...]
    headings: tuple[tuple[str, ...], ...] = ()
    shared: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    units: tuple[tuple[str, float], ...] = ()


def tabulate(sheet: Sheet) -> SheetTable | None:
    """Turn a sheet into a table.

    Parameters
    ----------
    sheet
        Its cells.

    Returns
    -------
    SheetTable or None
        None for a sheet without any value.
    """
    cells = SheetCells(sheet)
    if not cells.filled:
        return None
    first = _find_head(cells)
    last = first if first is None else _head_end(cells, first)
    start = cells.filled[0] if last is None else last + 1
    names, unnamed = _column_names(cells, first, last, start)
    head = set() if first is None or last is None else _head_texts(cells, first, last)
    kinds = row_kinds(cells, start, names, head) if names else {}
    kept = [row for row, kind in kinds.items() if kind is None]
    body, shared = _filled_down(cells, kept, start, names)
    numbers = np.array([sheet.number(row) for row in kept], dtype=np.int64)
    refused = refused_rows(sheet, cells, kinds, names)
    notices = _head_notices(sheet, cells, first, last)
    if unnamed:
        notices.append(
            Notice(
                "column-unnamed",
                N_("{sheet} has no head over column {columns}; named by letter."),
                {"sheet": sheet.name, "columns": ", ".join(unnamed)},
            )
        )
    notices += _row_notices(sheet, refused)
    notices += check_totals(sheet, cells, kinds, names)
    headings = headings_of_rows(cells, kinds)
    above = " ".join(_words_above(cells, first)) if first is not None else ""
    return SheetTable(body, numbers, tuple(notices), refused, headings, shared, stated_units(above))


def _is_label(value: Any) -> bool:
    """Tell a head's label from data: text that is no number; years may name columns."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    text = str(value)
    if _NUMBER.fullmatch(text):
        return text.isdigit() and 1949 <= int(text) <= 2100
    return isinstance(value, str) and len(text) <= _LABEL_LENGTH


def _is_form_line(labels: dict[int, Any]) -> bool:
    """Tell a line such as ``填报单位：……  单位：万元`` from a head."""
    texts = [re.split("[:：]", str(value), maxsplit=1) for value in labels.values()]
    return any(len(part) > 1 and _FORM_LINE.fullmatch(part[0].strip()) for part in texts)


def _find_head(cells: SheetCells) -> int | None:
    """Return the first row that reads as a head: labels only, over most of the columns."""
    counts = [sum(row[at] is not None for row in cells.rows) for at in range(cells.width)]
    busy = {at for at, count in enumerate(counts) if count > 1} or set(range(cells.width))
    for row in cells.filled[:_SEARCHED_ROWS]:
        labels = cells.labels(row)
        if len(labels) < min(2, len(busy)) or _is_form_line(labels):
            continue
        words = sum(_is_label(value) and not str(value).isdigit() for value in labels.values())
        if not all(map(_is_label, labels.values())) or words * 2 < len(labels):
            continue
        if len(cells.covered(row) & busy) >= _COVERAGE * len(busy):
            return row
    return None


def _head_end(cells: SheetCells, first: int) -> int:
    last = first
    while last - first < _HEAD_ROWS and last + 1 < len(cells.rows):
        reach = max(cells.spans.get((row, at), (row, at))[0]
                     for row in range(first, last + 1) for at in cells.labels(row))  # fmt: skip
        if reach > last and reach - first < _HEAD_ROWS:
            last = reach
        elif _continues_head(cells, first, last):
            last += 1
        else:
            break
    return last


def _continues_head(cells: SheetCells, first: int, last: int) -> bool:
    labels = cells.labels(last + 1)
    if not labels or not all(map(_is_label, labels.values())):
        return False
    if all(_UNIT_LABEL.fullmatch(str(value)) for value in labels.values()):
        return True
    grouped = {
        column
        for at in cells.labels(last)
        for column in range(at, cells.spans.get((last, at), (last, at))[1] + 1)
        if cells.spans.get((last, at), (last, at))[1] > at
    }
    if grouped and set(labels) <= grouped and len(labels) > 1:
        return True
    gaps = set(range(cells.width)) - cells.covered(last) - cells.covered(first)
    return bool(gaps) and gaps <= set(labels) and min(cells.labels(first)) not in labels


def _column_names(
    cells: SheetCells, first: int | None, last: int | None, start: int
) -> tuple[dict[int, str], list[str]]:
    """Name the columns that have a head or a value; return also the letters of those without."""
    names: dict[int, str] = {}
    unnamed, taken = [], dict[str, int]()
    for column in range(cells.width):
        name = "" if first is None or last is None else _joined_label(cells, first, last, column)
        if not name:
            if not any(row[column] is not None for row in cells.rows[start:]):
                continue
            name = _letter(column)
            unnamed.append(name)
        taken[name] = taken.get(name, 0) + 1
        names[column] = name if taken[name] == 1 else f"{name} ({taken[name]})"
    return names, unnamed


def _joined_label(cells: SheetCells, first: int, last: int, column: int) -> str:
    parts: list[str] = []
    for row in range(first, last + 1):
        value = cells.shown(row, column)
        if value is None and not parts and row < last and cells.rows[row + 1][column] is not None:
            value = _group_to_the_left(cells, row, column)
        text = "" if value is None else _HAN_GAP.sub("", " ".join(str(value).split()))
        if text and text not in parts:
            parts.append(text)
    name = "/".join(parts)
    return re.sub(r"/(?=[（(\[【][^/]*[）)\]】]$)", "", name)


def _group_to_the_left(cells: SheetCells, row: int, column: int) -> Any:
    """Return the group label an unmerged head leaves to be understood."""
    for at in range(column - 1, -1, -1):
        if cells.shown(row, at) is not None:
            return cells.shown(row, at) if cells.rows[row + 1][at] is not None else None
    return None


def _letter(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _head_texts(cells: SheetCells, first: int, last: int) -> set[tuple[Any, ...]]:
    return {tuple(cells.rows[row]) for row in range(first, last + 1)}


def _filled_down(
    cells: SheetCells, kept: list[int], start: int, names: dict[int, str]
) -> tuple[pd.DataFrame, dict[str, tuple[int, ...]]]:
    """Build the frame; a merged cell's value stands in every row it covers, in its column."""
    shared: dict[str, list[int]] = {}
    columns: dict[str, Any] = {}
    for at, name in names.items():
        values = np.full(len(kept), None, dtype=object)
        values[:] = [cells.rows[row][at] for row in kept]
        columns[name] = values
    position = {row: number for number, row in enumerate(kept)}
    for top, left, bottom, _ in cells.merges:
        if top < start or left not in names or cells.rows[top][left] is None:
            continue
        for row in range(top + 1, bottom + 1):
            if row in position:
                columns[names[left]][position[row]] = cells.rows[top][left]
                shared.setdefault(names[left], []).append(position[row])
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(kept)), dtype=object)
    return frame, {name: tuple(sorted(rows)) for name, rows in shared.items()}


def _row_notices(sheet: Sheet, refused: tuple[RefusedRow, ...]) -> list[Notice]:
    """Sum up: one notice for each reason, and those for cells without a value."""
    notices = []
    for kind, text in REASONS.items():
        rows = [row.row for row in refused if row.notice.code == kind]
        if rows:
            notices.append(Notice(kind, text, {"rows": spell_rows(rows), "sheet": sheet.name}))
    broken = N_("{sheet} holds Excel errors such as #REF! in row {rows}; read as empty.")
    unsaved = N_(
        "{sheet} holds formulas whose value was never saved, in row {rows}; open the workbook in "
        "Excel, save it and import again."
    )
    for code, text, rows in (
        ("cell-error", broken, sheet.broken),
        ("formula-without-value", unsaved, sheet.unsaved),
    ):
        if rows:
            spelled = spell_rows(map(sheet.number, rows))
            notices.append(Notice(code, text, {"rows": spelled, "sheet": sheet.name}))
    return notices


def _words_above(cells: SheetCells, first: int) -> list[str]:
    """Return what stands above the head: title, units, who filled it in."""
    above = [row for row in cells.filled if row < first]
    return [str(value) for row in above for value in cells.labels(row).values()]


def stated_units(text: str) -> tuple[tuple[str, float], ...]:
    """Find the units a form states for the whole sheet.

    Parameters
    ----------
    text
        What stands above the head, such as ``单位：万元、亩``.

    Returns
    -------
    tuple of tuple
        Canonical units and multipliers, see `read_unit`; what is no unit is left out.
    """
    found = []
    for match in _STATED_UNIT.finditer(text):
        for word in re.split("[、,，/]", match[1]):
            unit = read_unit(word)
            if unit is not None:
                found.append(unit)
    return tuple(dict.fromkeys(found))


def _head_notices(
    sheet: Sheet, cells: SheetCells, first: int | None, last: int | None
) -> list[Notice]:
    if first is None or last is None:
        text = N_("{sheet} has no row of column names; its columns go by their letter.")
        return [Notice("head-missing", text, {"sheet": sheet.name})]
    notices = []
    above = [row for row in cells.filled if row < first]
    if above:
        words = _words_above(cells, first)
        notices.append(
            Notice(
                "title-rows",
                N_("{sheet} has a title, no data, in row {rows}: {text}."),
                {"rows": spell_rows(map(sheet.number, above)), "sheet": sheet.name,
                 "text": " ".join(words)[:80]},
            )
        )  # fmt: skip
    if last > first:
        notices.append(
            Notice(
                "head-joined",
                N_("Rows {rows} of {sheet} form one head; group and column are joined by /."),
                {"rows": spell_rows(map(sheet.number, range(first, last + 1))),
                 "sheet": sheet.name},
            )
        )  # fmt: skip
    return notices
