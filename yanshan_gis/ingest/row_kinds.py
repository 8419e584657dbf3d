"""Rows of a sheet that are no data: totals, group headings, notes, numbering, a head once more."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from yanshan_gis.ingest.table import RefusedRow
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from yanshan_gis.ingest.sheet_cells import SheetCells
    from yanshan_gis.ingest.spreadsheet import Sheet

_TOTAL = re.compile(r".{0,12}(合计|总计|小计|共计|累计|总和)([（(:：].*)?")
_TOTAL_HINT = re.compile("[计总]|全县|total|sum", re.IGNORECASE)
_TOTAL_WORDS = frozenset({"全县", "计", "总", "total", "subtotal", "grandtotal", "sum"})
_SECTION = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}([）)、.．,，]|$).*")
_NOTE = re.compile(
    r"(注|备注|附注|说明|填表说明|填表人|填报人|制表人?|审核人?|单位负责人|负责人|联系人)\s*[:：\d].*"
)
# A township that stands alone in its row heads the rows below it.
_TOWNSHIP = re.compile(r".{1,12}(镇|乡|街道|街道办事处)([（(].*)?")
_NUMBER = re.compile(r"[-+]?[\d,]*\.?\d+(?:[eE][-+]?\d+)?")
_COUNTING = "甲乙丙丁戊己庚辛"

REASONS = {
    "total-row": N_("{sheet} holds totals, no features, in row {rows}; kept out."),
    "section-row": N_("{sheet} has group headings in row {rows}; kept out."),
    "note-row": N_("{sheet} has notes in row {rows}; kept out."),
    "numbering-row": N_("{sheet} numbers its columns in row {rows}; kept out."),
    "head-repeated": N_("{sheet} repeats its head in row {rows}; kept out."),
}


def row_kinds(
    cells: SheetCells, start: int, names: dict[int, str], head: set[tuple[Any, ...]]
) -> dict[int, str | None]:
    """Say of each row below the head what it is.

    Parameters
    ----------
    cells
        Of the sheet.
    start
        The first row below the head.
    names
        Names of the columns by number.
    head
        The rows of the head, to know one that is repeated.

    Returns
    -------
    dict
        A key of `REASONS` by row number (from 0); None for data.
    """
    kinds = {row: _kind_of(cells, row, names, head) for row in cells.filled if row >= start}
    if kinds and _is_numbering(list(cells.labels(min(kinds)).values())):
        kinds[min(kinds)] = "numbering-row"
    numbered = [row for row, kind in kinds.items()
                if kind is None and as_number(cells.rows[row][min(names)]) is not None]  # fmt: skip
    for row, kind in kinds.items():
        if kind is None and numbered and _heads_with_sums(cells, row, names):
            kinds[row] = "section-row"
    return kinds


def as_number(value: Any) -> float | None:
    """Read a cell that is nothing but a number.

    Parameters
    ----------
    value
        Any cell.

    Returns
    -------
    float or None
        None for text, dates and yes or no.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value).strip()
    return float(text.replace(",", "")) if _NUMBER.fullmatch(text) else None


def _kind_of(
    cells: SheetCells, row: int, names: dict[int, str], head: set[tuple[Any, ...]]
) -> str | None:
    """Say what a row is that is no data; None for data."""
    values = cells.rows[row]
    if tuple(values) in head:
        return "head-repeated"
    if any(_is_total(values[at]) for at in islice(names, 3)) and not _is_of_county(cells, row):
        return "total-row"
    filled = len(values) - values.count(None)
    if filled > 3:
        return None
    at, value = next(iter(cells.labels(row).items()))
    if not isinstance(value, str):
        return None
    if _NOTE.fullmatch(value):
        return "note-row"
    wide = cells.spans.get((row, at), (row, at))[1] - at + 1 > len(names) / 2
    township = len(names) > 4 and _TOWNSHIP.fullmatch(value)
    if filled == 1 and len(names) > 2 and (wide or township or _SECTION.fullmatch(value)):
        return "section-row"
    return None


def _is_of_county(cells: SheetCells, row: int) -> bool:
    """Tell a row about the whole county (全县 beside other words) from the county's total."""
    texts = [value for value in cells.labels(row).values() if as_number(value) is None]
    return len(texts) > 1 and "全县" in texts and not any(
        _TOTAL.fullmatch(re.sub(r"\s", "", text)) for text in texts if isinstance(text, str)
    )  # fmt: skip


def _heads_with_sums(cells: SheetCells, row: int, names: dict[int, str]) -> bool:
    """Tell a group heading with the sums of its rows: 一、 | 稼依镇 | | 1200, among 1, 2, 3."""
    labels = cells.labels(row)
    first = labels.get(min(names))
    if not isinstance(first, str) or not _SECTION.fullmatch(first):
        return False
    return sum(as_number(value) is None for value in labels.values()) <= 2


def _is_total(value: Any) -> bool:
    if not isinstance(value, str) or not _TOTAL_HINT.search(value):
        return False
    text = re.sub(r"\s", "", value)
    return bool(_TOTAL.fullmatch(text)) or text.lower() in _TOTAL_WORDS


def _is_numbering(values: list[Any]) -> bool:
    """Tell a row such as ``甲 乙 1 2 3`` that numbers the columns."""
    texts = [str(value).strip("()（）") for value in values]
    letters = [text for text in texts if text in _COUNTING]
    digits = [text for text in texts if text.isdigit()]
    if len(texts) < 3 or len(letters) + len(digits) < len(texts):
        return False
    return "".join(letters) == _COUNTING[: len(letters)] and [int(text) for text in digits] == list(
        range(1, len(digits) + 1)
    )


def refused_rows(
    sheet: Sheet, cells: SheetCells, kinds: dict[int, str | None], names: dict[int, str]
) -> tuple[RefusedRow, ...]:
    """List the rows that are no data, each with its reason.

    Parameters
    ----------
    sheet
        Gives the row numbers as the user counts.
    cells
        Of the sheet.
    kinds
        From `row_kinds`.
    names
        Names of the columns by number.

    Returns
    -------
    tuple of RefusedRow
        By row.
    """
    rows = []
    for row, kind in kinds.items():
        if kind is not None:
            number = sheet.number(row)
            notice = Notice(kind, REASONS[kind], {"rows": str(number), "sheet": sheet.name})
            content = {names[at]: value for at, value in cells.labels(row).items() if at in names}
            rows.append(RefusedRow(number, notice, content, is_data=False))
    return tuple(rows)
