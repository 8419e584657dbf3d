"""The small table of a sheet in a QGIS print layout: one text per column, line beside line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from yanshan_gis.publish.fonts import text_width_mm
from yanshan_gis.publish.page import Box
from yanshan_gis.publish.qgis_blocks import Column, line_mm, set_heading
from yanshan_gis.publish.table import cell_text, wrap_title
from yanshan_gis.publish.words import word

if TYPE_CHECKING:
    from yanshan_gis.messages import Language
    from yanshan_gis.publish.qgis_items import Items
    from yanshan_gis.publish.sheet_content import SheetContent

_SIZES_PT = (7.5, 7.0, 6.5, 6.0, 5.5)
_APART_MM = 2.0
_HEAD_FILL = "#e9edf1"


def set_table(items: Items, content: SheetContent, room: Column, language: Language) -> None:
    """Set the table where it fits whole; where it does not, the workbook has it.

    Parameters
    ----------
    items
        The layout.
    content
        With or without a table.
    room
        Where it stands.
    language
        ``zh`` or ``en``.
    """
    if content.table is None or not content.table_columns:
        return
    head = max(len(wrap_title(title)) for _, title, _ in content.table_columns)
    cells = [_column(content, *column, lines=head) for column in content.table_columns]
    lines = head + len(content.table)
    below = room.top - line_mm(10.5) - 1.0 - room.bottom
    for size in _SIZES_PT:
        widths = [max(text_width_mm(text, size) for text in texts) for texts in cells]
        wide = sum(widths) + _APART_MM * len(widths)
        if lines * line_mm(size) <= below and wide <= room.width:
            break
    else:
        return
    title = content.table_title or word("table", language)
    room = set_heading(items, "table-title", title, room)
    height = lines * line_mm(size)
    share, left = (room.width - wide) / len(widths), room.left
    for number, (texts, width) in enumerate(zip(cells, widths, strict=True), 1):
        name = content.table_columns[number - 1][0]
        align = "right" if pd.api.types.is_numeric_dtype(content.table[name]) else "left"
        box = Box(left, room.top - height, width + _APART_MM + share, height)
        items.label(f"column-{number}", box, "\n".join(texts), size, align=align)
        left += box.width
    ground = Box(room.left, room.top - head * line_mm(size), room.width, head * line_mm(size))
    items.label("table-head", ground, "", 8, fill=_HEAD_FILL)


def _column(content: SheetContent, name: str, title: str, unit: str, *, lines: int) -> list[str]:
    """Write a column: its title over so many lines, then its cells."""
    heads = wrap_title(title)
    values = [] if content.table is None else list(content.table[name])
    above = [""] * (lines - len(heads))
    return [*above, *heads, *(cell_text(value, unit) for value in values)]
