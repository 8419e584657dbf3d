"""Totals of a sheet, checked against the rows they cover.

A subtotal stands below its rows, or above them beside a group heading; a grand total stands at
either end. What it covers is taken from where it stands and what it is called; where that leaves a
choice, the reading on which most of its sums agree counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from yanshan_gis.ingest.row_kinds import as_number
from yanshan_gis.ingest.sections import heading_style
from yanshan_gis.ingest.table import spell_rows
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from yanshan_gis.ingest.sheet_cells import SheetCells
    from yanshan_gis.ingest.spreadsheet import Sheet

_SUB = re.compile(r"小计|分计")
# Numbers that say which one, not how much.
_NO_SUM = re.compile(r"序号|编号|代码|年度|年份|年限|经度|纬度|坐标|电话|^[xyXY]$|^No")
_BOUNDARIES = {"total-row", "section-row"}

Rows = tuple[int, ...]


def check_totals(
    sheet: Sheet, cells: SheetCells, kinds: Mapping[int, str | None], names: Mapping[int, str]
) -> list[Notice]:
    """Compare every stated total with the sum of the rows it covers.

    Parameters
    ----------
    sheet
        Gives its name and the row numbers as the user counts.
    cells
        Of the sheet; a merged number counts once.
    kinds
        What each row is, see `row_kinds`.
    names
        Names of the columns by number.

    Returns
    -------
    list of Notice
        One per sum that differs, one for all that agree, and one for those that cannot be checked
        because a covered cell is no number.
    """
    agreed, unchecked = 0, []
    notices: list[Notice] = []
    for row in kinds:
        stated = _stated(cells, row, kinds[row], names)
        if not stated:
            continue
        readings = [_compare(cells, stated, rows) for rows in _coverages(cells, kinds, row)]
        if not readings:
            continue
        best = max(readings, key=lambda found: found.agreed)
        agreed += best.agreed
        unchecked += [row] * bool(best.unread)
        notices += [
            _differs(sheet, row, names[at], stated[at], total, best.rows)
            for at, total in best.differing.items()
        ]
    if agreed:
        text = N_("{sheet}: {count} stated totals agree with the rows they cover.")
        notices.append(Notice("totals-agree", text, {"sheet": sheet.name, "count": agreed}))
    if unchecked:
        text = N_("{sheet}: totals in row {rows} could not all be checked; they cover text.")
        spelled = spell_rows(map(sheet.number, unchecked))
        notices.append(Notice("totals-unchecked", text, {"sheet": sheet.name, "rows": spelled}))
    return notices


def _differs(
    sheet: Sheet, row: int, column: str, stated: float, total: float, rows: Rows
) -> Notice:
    return Notice(
        "total-differs",
        N_(
            "{sheet}, row {row}, column {column}: {stated:.10g} is stated, but rows {rows}, which "
            "it covers, add up to {summed:.10g}."
        ),
        {
            "sheet": sheet.name,
            "row": sheet.number(row),
            "column": column,
            "stated": stated,
            "summed": total,
            "rows": spell_rows(map(sheet.number, rows)),
        },
    )


def _stated(
    cells: SheetCells, row: int, kind: str | None, names: Mapping[int, str]
) -> dict[int, float]:
    """Return the sums a row states, by column."""
    if kind not in _BOUNDARIES:
        return {}
    return {
        at: number
        for at, name in names.items()
        if not _NO_SUM.search(name) and (number := as_number(cells.rows[row][at])) is not None
    }


class _Reading:
    """How the sums of one row compare with one choice of rows."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.agreed = 0
        self.unread = 0
        self.differing: dict[int, float] = {}


def _compare(cells: SheetCells, stated: Mapping[int, float], rows: Rows) -> _Reading:
    found = _Reading(rows)
    for at, number in stated.items():
        values = [cells.rows[row][at] for row in rows]
        numbers = [as_number(value) for value in values if value is not None]
        if any(value is None for value in numbers):
            found.unread += 1
            continue
        total = sum(value for value in numbers if value is not None)
        if abs(total - number) <= _rounding(number):
            found.agreed += 1
        else:
            found.differing[at] = round(total, 6)
    return found


def _rounding(number: float) -> float:
    """Return half of the last digit a number is written with."""
    digits = f"{number:.10g}".partition(".")[2]
    return 0.5 * 10.0 ** -len(digits) + 1e-9 if digits else 1e-6


def _coverages(cells: SheetCells, kinds: Mapping[int, str | None], row: int) -> Iterator[Rows]:
    """Yield the rows a total may cover, the most likely first."""
    order = list(kinds)
    data = tuple(r for r in order if kinds[r] is None)
    before = tuple(reversed(list(_run(reversed(order[: order.index(row)]), kinds))))
    after = tuple(_run(iter(order[order.index(row) + 1 :]), kinds))
    around = list(_enclosing(cells, kinds, row))
    if kinds[row] == "section-row":
        choices = [_below(cells, kinds, row)]
    elif _SUB.search(_label(cells, row)) or _inner_total(kinds, row):
        choices = [before, *around, after, data]
    else:
        choices = [data, *reversed(around), before, after]
    yield from dict.fromkeys(rows for rows in choices if rows)


def _label(cells: SheetCells, row: int) -> str:
    return "".join(str(value) for value in cells.labels(row).values())


def _run(rows: Iterator[int], kinds: Mapping[int, str | None]) -> Iterator[int]:
    """Yield rows of data up to the next total or heading."""
    for row in rows:
        if kinds[row] in _BOUNDARIES:
            return
        if kinds[row] is None:
            yield row


def _inner_total(kinds: Mapping[int, str | None], row: int) -> bool:
    """Tell a total with rows of data on both sides."""
    data = [r for r in kinds if kinds[r] is None]
    return bool(data) and data[0] < row < data[-1]


def _enclosing(cells: SheetCells, kinds: Mapping[int, str | None], row: int) -> Iterator[Rows]:
    """Yield the rows of the groups in which a total stands, the narrowest first."""
    headings: dict[str, int] = {}
    for other, kind in kinds.items():
        if other >= row:
            break
        if kind == "section-row":
            style = heading_style(_label(cells, other))
            known = list(headings)
            for later in known[known.index(style) :] if style in known else ():
                del headings[later]
            headings[style] = other
    for heading in reversed(headings.values()):
        yield _below(cells, kinds, heading)


def _below(cells: SheetCells, kinds: Mapping[int, str | None], heading: int) -> Rows:
    """Return the rows of data a heading covers: up to the next of its style, or of a wider one."""
    style = heading_style(_label(cells, heading))
    wider = _wider(cells, kinds, heading)
    rows = []
    for row, kind in kinds.items():
        if row <= heading:
            continue
        if kind == "section-row" and heading_style(_label(cells, row)) in {style, *wider}:
            break
        if kind is None:
            rows.append(row)
    return tuple(rows)


def _wider(cells: SheetCells, kinds: Mapping[int, str | None], heading: int) -> set[str]:
    """Return the styles of the headings within which one stands."""
    held: list[str] = []
    for row, kind in kinds.items():
        if row > heading:
            break
        if kind == "section-row":
            style: Any = heading_style(_label(cells, row))
            held = [*held[: held.index(style)], style] if style in held else [*held, style]
    return set(held[:-1])
