"""The small table beside a map."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from yanshan_gis.publish.fonts import MM_PER_PT, shorten, text_width_mm
from yanshan_gis.publish.paper import CENTRE_EM
from yanshan_gis.publish.words import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from yanshan_gis.messages import Language
    from yanshan_gis.publish.paper import Surface

# Where a table would have to be set smaller than this, its longest texts are cut.
_LEAST, _LONGEST_EM = 0.75, 14.0


def cell_text(value: Any, unit: str = "") -> str:
    """Write a table's value.

    Parameters
    ----------
    value
        Number, text or nothing.
    unit
        ``share`` is written as a percentage.

    Returns
    -------
    str
        ``–`` where nothing is known.
    """
    if value is None or pd.isna(value):
        return "–"
    if isinstance(value, bool | np.bool_ | str):
        return str(value)
    if unit == "share":
        return f"{float(value):.1%}"
    number = float(value)
    return f"{number:,.0f}" if number.is_integer() else f"{number:,.1f}"


def draw_table(
    surface: Surface, table: pd.DataFrame, columns: Sequence[tuple[str, str, str]], *,
    left: float, top: float, width: float, row_mm: float, language: Language, rows: int,
) -> None:  # fmt: skip
    """Draw a small table, numbers to the right.

    Parameters
    ----------
    surface
        The sheet.
    table
        Its rows.
    columns
        Field, title and unit of each column.
    left, top, width
        Where it stands, in millimetres.
    row_mm
        Height of a row.
    language
        ``zh`` or ``en``.
    rows
        How many rows fit; of more, the rest is counted in a last line.
    """
    whole = len(table) <= rows
    shown = table if whole else table.head(rows - 1)
    texts = [[cell_text(v, unit) for v in shown[name]] for name, _, unit in columns]
    number = [pd.api.types.is_numeric_dtype(table[name]) for name, _, _ in columns]
    size = min(7.5, row_mm / MM_PER_PT * 0.62)
    natural = _widths(texts, columns, size)
    if width < _LEAST * natural.sum():
        longest = _LONGEST_EM * size * MM_PER_PT
        texts = [[shorten(text, size, longest) for text in cells] for cells in texts]
        natural = _widths(texts, columns, size)
    size *= min(1.0, width / natural.sum())
    widths = natural * width / natural.sum()
    edges = left + np.concatenate([[0.0], np.cumsum(widths)])
    head = max(len(wrap_title(title)) for _, title, _ in columns) * row_mm * 0.82 + 0.8
    surface.box(left, top - head, width, head, fill="#e9edf1", edge="none")
    for column, (_, title, _) in enumerate(columns):
        lines = wrap_title(title)
        for index, line in enumerate(lines):
            y = top - head / 2 + (len(lines) / 2 - index - 0.5) * row_mm * 0.8
            _cell(surface, line, edges[column : column + 2], y, size, right=number[column])
    y = top - head
    for row in range(len(shown)):
        for column, cells in enumerate(texts):
            span = edges[column : column + 2]
            _cell(surface, cells[row], span, y - row_mm / 2, size, right=number[column])
        y -= row_mm
        surface.line([left, left + width], [y, y], width_mm=0.08, colour="#c9ced3")
    if not whole:
        more = word("not_all_rows", language, count=len(table) - len(shown))
        _cell(surface, more, np.array([left, left + width]), y - row_mm / 2, size, right=False)


def _widths(
    texts: Sequence[Sequence[str]], columns: Sequence[tuple[str, str, str]], size: float
) -> NDArray[np.float64]:
    """Measure what each column asks for, in millimetres."""
    wished = [
        max(text_width_mm(text, size) for text in ["", *cells, *wrap_title(title)])
        for cells, (_, title, _) in zip(texts, columns, strict=True)
    ]
    return np.array(wished) + 1.6


def wrap_title(title: str) -> list[str]:
    """Break a long column title in two lines of like length.

    Parameters
    ----------
    title
        The title; a unit in brackets goes to the second line.

    Returns
    -------
    list of str
        One or two lines.
    """
    for bracket in ("（", "("):
        if bracket in title[1:]:
            at = title.index(bracket, 1)
            return [title[:at].rstrip(), title[at:]]
    if not title.isascii() and len(title) > 5:
        middle = math.ceil(len(title) / 2)
        return [title[:middle], title[middle:]]
    if " " in title and len(title) > 10:
        cuts = [index for index, char in enumerate(title) if char == " "]
        at = min(cuts, key=lambda index: abs(index - len(title) / 2))
        return [title[:at], title[at + 1 :]]
    return [title]


def table_head_mm(columns: Sequence[tuple[str, str, str]], row_mm: float) -> float:
    """Measure a table's head.

    Parameters
    ----------
    columns
        Field, title and unit of each column.
    row_mm
        Height of a row.

    Returns
    -------
    float
        Millimetres.
    """
    return max(len(wrap_title(title)) for _, title, _ in columns) * row_mm * 0.82 + 0.8


def _cell(
    surface: Surface, text: str, span: Any, middle: float, size: float, *, right: bool
) -> None:
    y = middle - CENTRE_EM * size * MM_PER_PT
    if right:
        surface.text(float(span[1]) - 0.8, y, text, size, align="right")
    else:
        surface.text(float(span[0]) + 0.8, y, text, size)
