"""Tables of a Word document: lines, and columns as wide as what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from yanshan_gis.publish.evidence import split_marks

_MM_PER_CHAR = 3.9  # of a table's font
_CELL_MM = 6.0  # around what a cell holds
_LONG_MM = 30.0  # least width of a column of long texts
_SHORT = 8.0  # characters of a column that keeps its lines whole


def frame_table(table: Any) -> None:
    """Draw the lines of a table, whatever styles a template has.

    Parameters
    ----------
    table
        Of the document.
    """
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "808080")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    properties = table._tbl.tblPr
    layout = properties.find(qn("w:tblLayout"))
    if layout is None:
        properties.append(borders)
    else:
        layout.addprevious(borders)


def _shown_chars(text: str) -> float:
    """Width in Chinese characters; a mark takes next to nothing."""
    plain = "".join(piece for piece, mark in split_marks(text) if mark is None)
    return max((sum(1.0 if ord(c) > 0x2E7F else 0.6 for c in t) for t in plain.split("\n")),
               default=0.0)  # fmt: skip


def column_widths(
    heads: Sequence[str], rows: Sequence[Sequence[str]], room_mm: float
) -> list[float]:
    """Share a page's width by what the columns hold.

    Parameters
    ----------
    heads
        Of the columns.
    rows
        Cells as text; a row of one cell goes across and does not count.
    room_mm
        Width of the page's text.

    Returns
    -------
    list of float
        Millimetres; columns of short cells keep their lines whole.
    """
    wanted, least = [], []
    for index, head in enumerate(heads):
        cells = [_shown_chars(row[index]) for row in rows if len(row) > 1]
        longest = min(max([*cells, 2.0]), 40.0)
        wanted.append(max(longest, min(_shown_chars(head), 6.0)) * _MM_PER_CHAR + _CELL_MM)
        least.append(wanted[-1] if longest <= _SHORT else min(wanted[-1], _LONG_MM))
    spare = room_mm - sum(least)
    more = [w - s for w, s in zip(wanted, least, strict=True)]
    if spare <= 0 or not sum(more):
        return [room_mm * w / sum(wanted) for w in wanted]
    return [s + spare * m / sum(more) for s, m in zip(least, more, strict=True)]


def is_number(text: str) -> bool:
    """Tell whether a cell stands to the right.

    Parameters
    ----------
    text
        With marks of `Evidence`.

    Returns
    -------
    bool
        True for a number with its unit, and for a dash.
    """
    plain = "".join(piece for piece, mark in split_marks(text) if mark is None).strip()
    return not plain.strip("–") or (
        plain.lstrip("-")[:1].isdigit() and not set(plain) & set("、，：")
    )
