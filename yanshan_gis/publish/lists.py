"""Lists set whole on a sheet: they flow through several columns in the largest size that fits.

A row is a mark (the number or letter that stands on the map), a name and its figures. Nothing is
cut short while the smallest legible size has room; what then is left is counted in the last line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yanshan_gis.publish.fonts import MM_PER_PT, text_width_mm, wrap
from yanshan_gis.publish.furniture import GREY
from yanshan_gis.publish.paper import INK
from yanshan_gis.publish.words import word

if TYPE_CHECKING:
    from yanshan_gis.messages import Language
    from yanshan_gis.publish.paper import Surface

_SIZES_PT = tuple(8.0 - 0.25 * step for step in range(15))  # 8 … 4.5
_LINE_EM, _ROW_GAP_EM = 1.22, 0.24
_HEADING_EM, _ABOVE_EM, _BELOW_EM = 1.4, 0.9, 0.35  # of a heading's line, above and below it
_APART_PT = 6.0  # smallest size at which the first list keeps its columns to itself
_LARGER = 1.12  # a heading against its rows
_MARK_EM, _APART_EM = 2.3, 0.8  # room of the mark; between a name and its figures
_MARK_COLOUR = "#123f6b"


@dataclass(frozen=True)
class ListedRow:
    """One row of a list.

    Parameters
    ----------
    mark
        What stands for it on the map; empty for nothing.
    name
        What it is.
    more
        Its figures, in a quieter colour.
    """

    mark: str
    name: str
    more: str = ""


@dataclass(frozen=True)
class SheetList:
    """A list with its heading.

    Parameters
    ----------
    title
        Over the rows.
    rows
        In order.
    """

    title: str
    rows: tuple[ListedRow, ...]


@dataclass(frozen=True)
class Column:
    """Room for lists: a column of the sheet, in millimetres.

    Parameters
    ----------
    left, bottom, width, top
        Where it is.
    """

    left: float
    bottom: float
    width: float
    top: float


@dataclass(frozen=True)
class _Line:
    """Text that stands on one line: pieces with their distance from the column's left edge."""

    pieces: tuple[tuple[float, str, str, bool], ...]  # indent, text, colour, bold
    height: float
    above: float | None = None  # of a heading: what is kept free over it
    rule: bool = False  # beneath it


def draw_lists(
    surface: Surface, lists: Sequence[SheetList], columns: Sequence[Column], language: Language
) -> tuple[int, int]:
    """Draw lists through columns, one after the other.

    Parameters
    ----------
    surface
        The sheet.
    lists
        In order; those without rows are passed over.
    columns
        In the order they are filled.
    language
        ``zh`` or ``en``.

    Returns
    -------
    tuple of int
        How many columns were used, and how many rows found no room even at the smallest size.
    """
    shown = [item for item in lists if item.rows]
    size, placed, left_out = _largest(shown, columns)
    for column, y, line in placed:
        _draw_line(surface, line, column, y, size)
    if left_out and placed:
        column, y, line = placed[-1]
        text = word("not_all_rows", language, count=left_out)
        surface.text(column.left, y - line.height - _LINE_EM * _em(size), text, size, colour=GREY)
    used = len(dict.fromkeys(id(column) for column, _, _ in placed))
    return used, left_out


def _largest(
    lists: Sequence[SheetList], columns: Sequence[Column]
) -> tuple[float, list[tuple[Column, float, _Line]], int]:
    """Set lists as large as they fit; the first, what the map numbers, rather by itself."""
    for size in _SIZES_PT:
        if size >= _APART_PT and len(lists) > 1 and len(columns) > 1:
            first, over = _flow(lists[:1], columns[:1], size)
            rest, more = _flow(lists[1:], columns[1:], size)
            if not over and not more:
                return size, first + rest, 0
        placed, left_out = _flow(lists, columns, size)
        if not left_out:
            return size, placed, 0
    return size, placed, left_out


def _em(size_pt: float) -> float:
    return size_pt * MM_PER_PT


def _flow(
    lists: Sequence[SheetList], columns: Sequence[Column], size: float
) -> tuple[list[tuple[Column, float, _Line]], int]:
    """Fill the columns; return the lines with their place, and how many rows are left out."""
    placed: list[tuple[Column, float, _Line]] = []
    waiting = [(item, row) for item in lists for row in (None, *item.rows)]
    index, y = 0, columns[0].top if columns else 0.0
    for at, (item, row) in enumerate(waiting):
        while index < len(columns):
            column = columns[index]
            lines = _lines(item, row, column.width, size, first=y == column.top)
            needed = sum(line.height for line in lines)
            if row is None:
                needed += _kept_together(item, columns[index : index + 2], size, needed)
            if index == len(columns) - 1 and at < len(waiting) - 1:
                needed += _LINE_EM * _em(size)  # for a last line that counts what is left out
            if needed <= y - column.bottom + 1e-6:
                break
            index += 1
            y = columns[index].top if index < len(columns) else 0.0
        else:
            return placed, sum(row is not None for _, row in waiting[at:])
        for line in lines:
            placed.append((column, y, line))
            y -= line.height
    return placed, 0


def _kept_together(
    item: SheetList, columns: Sequence[Column], size: float, heading: float
) -> float:
    """Measure what must follow a heading in its column: all of it if the next would hold it."""
    rows = [sum(x.height for x in _lines(item, r, columns[0].width, size)) for r in item.rows]
    if len(columns) > 1 and heading + sum(rows) <= columns[1].top - columns[1].bottom:
        return sum(rows)
    return rows[0]


def _lines(
    item: SheetList, row: ListedRow | None, width: float, size: float, *, first: bool = False
) -> list[_Line]:
    em = _em(size)
    if row is None:
        texts = wrap(item.title, size * _LARGER, width)
        above = [0.0 if first else _ABOVE_EM * em] + [0.0] * (len(texts) - 1)
        below = [0.0] * (len(texts) - 1) + [_BELOW_EM * em]
        return [
            _Line(((0.0, text, INK, True),), _HEADING_EM * em + over + under, over, under > 0)
            for text, over, under in zip(texts, above, below, strict=True)
        ]
    indent = _MARK_EM * em if row.mark else 0.0
    names = wrap(row.name, size, width - indent)
    pieces = [[(indent, text, INK, False)] for text in names]
    if row.mark:
        pieces[0].insert(0, (0.0, row.mark, _MARK_COLOUR, True))
    if row.more:
        start = indent + text_width_mm(names[-1], size) + _APART_EM * em
        if start + text_width_mm(row.more, size) <= width:
            pieces[-1].append((start, row.more, GREY, False))
        else:
            more = wrap(row.more, size, width - indent)
            pieces += [[(indent, text, GREY, False)] for text in more]
    gaps = [0.0] * (len(pieces) - 1) + [_ROW_GAP_EM * em]
    return [
        _Line(tuple(parts), _LINE_EM * em + gap) for parts, gap in zip(pieces, gaps, strict=True)
    ]


def _draw_line(surface: Surface, line: _Line, column: Column, top: float, size: float) -> None:
    em = _em(size)
    written = size if line.above is None else size * _LARGER
    baseline = top - (line.above or 0.0) - em * 1.02
    for indent, text, colour, bold in line.pieces:
        surface.text(column.left + indent, baseline, text, written, colour=colour, bold=bold)
    if line.rule:
        y = baseline - em * 0.34
        surface.line([column.left, column.left + column.width], [y, y], width_mm=0.15)
