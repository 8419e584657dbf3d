"""The column beside a map: warning, figures, legend, table and inset, one under the other.

Blocks are measured before they are drawn. What would not fit is set closer, the legend in two
columns first; a table that is still too long ends with how many rows are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from yanshan_gis.publish.fonts import wrap
from yanshan_gis.publish.furniture import (
    WARNING_COLOUR,
    draw_figures,
    draw_heading,
    figures_height,
)
from yanshan_gis.publish.inset import draw_inset
from yanshan_gis.publish.legend import draw_legend, legend_entries, legend_height
from yanshan_gis.publish.table import draw_table, table_head_mm
from yanshan_gis.publish.words import listed, word

if TYPE_CHECKING:
    from yanshan_gis.messages import Language
    from yanshan_gis.publish.features import PlacedLayer
    from yanshan_gis.publish.mapframe import MapFrame
    from yanshan_gis.publish.paper import Paper, Surface
    from yanshan_gis.publish.sheet import SheetContent

_GAP, _HEADING = 4.0, 7.2
_ROW_MM, _LEAST_ROW_MM = 4.8, 3.6
_INSET_MM, _LEAST_INSET_MM, _MOST_INSET_MM = 46.0, 36.0, 62.0
_WARNING_PT, _WARNING_LINE_MM = 9.5, 4.8


@dataclass(frozen=True)
class _Plan:
    """Heights in millimetres that together fit the column."""

    legend_room: float
    shrink: float
    row: float
    rows: int
    inset: float


def _warning_lines(content: SheetContent, width: float, language: Language) -> list[str]:
    if not content.modelled:
        return []
    text = word("modelled", language, layers=listed(content.modelled, language))
    return wrap(text, _WARNING_PT, width - 6)


def _table_height(content: SheetContent, row: float, rows: int) -> float:
    if content.table is None:
        return 0.0
    return _HEADING + _GAP + table_head_mm(content.table_columns, row) + rows * row


def _plan(content: SheetContent, entries: Any, room: float) -> _Plan:
    """Choose legend columns, row height, shrink and inset so that all blocks fit in `room`."""
    rows = len(content.table) if content.table is not None else 0
    one = sum(entry.height for entry in entries) + 1
    choices = [
        (legend_room, shrink, row, inset)
        for shrink in (1.0, 0.92, 0.85, 0.75)
        for legend_room in (one, one / 2)
        for row in (_ROW_MM, 4.2, _LEAST_ROW_MM)
        for inset in (_INSET_MM, _LEAST_INSET_MM)
    ]
    for legend_room, shrink, row, inset in choices:
        legend = legend_height(entries, legend_room) * shrink + _HEADING + _GAP
        left = room - legend - _table_height(content, row, rows) - inset - _HEADING
        if left >= 0:
            return _Plan(legend_room, shrink, row, rows, min(inset + left, _MOST_INSET_MM))
    legend_room, shrink, row, inset = choices[-1]
    legend = legend_height(entries, legend_room) * shrink + _HEADING + _GAP
    left = room - legend - _table_height(content, row, 0) - inset - _HEADING
    return _Plan(legend_room, shrink, row, max(1, int(left / row)), inset)


def draw_column(
    paper: Paper, content: SheetContent, frame: MapFrame, layers: list[PlacedLayer],
    language: Language, *, left: float, width: float, bottom: float, top: float,
) -> None:  # fmt: skip
    """Draw the column beside the map.

    Parameters
    ----------
    paper
        The sheet.
    content
        What it shows.
    frame
        The map's frame, for the inset.
    layers
        The map's layers, for the legend.
    language
        ``zh`` or ``en``.
    left, width, bottom, top
        Where the column stands, in millimetres.
    """
    surface = paper.whole
    warning = _warning_lines(content, width, language)
    y = _draw_warning(surface, warning, left, top, width)
    if content.figures:
        draw_figures(surface, content.figures, left, y, width)
        y -= figures_height(content.figures, width) + _GAP
    entries = legend_entries(layers, language)
    plan = _plan(content, entries, y - bottom)
    y = draw_heading(surface, word("legend", language), left, y, width)
    draw_legend(
        surface, entries, left=left, top=y, width=width, room=plan.legend_room, shrink=plan.shrink
    )
    y -= legend_height(entries, plan.legend_room) * plan.shrink + _GAP
    if content.table is not None:
        y = _draw_table(surface, content, plan, language, left, y, width)
    foot = max(bottom, y - _HEADING - plan.inset)
    y = draw_heading(surface, word("inset", language), left, y, width)
    areas = content.townships if content.townships is not None else content.extent
    names = content.township_field if content.townships is not None else None
    draw_inset(
        paper, areas, frame, left=left, bottom=foot, width=width, height=y - foot, names=names
    )


def _draw_table(
    surface: Surface, content: SheetContent, plan: _Plan, language: Language, left: float,
    y: float, width: float,
) -> float:  # fmt: skip
    if content.table is None:
        return y
    title = content.table_title or word("table", language)
    y = draw_heading(surface, title, left, y, width)
    draw_table(
        surface, content.table, content.table_columns, left=left, top=y, width=width,
        row_mm=plan.row, language=language, rows=plan.rows,
    )  # fmt: skip
    return y - table_head_mm(content.table_columns, plan.row) - plan.rows * plan.row - _GAP


def _draw_warning(
    surface: Surface, lines: list[str], left: float, top: float, width: float
) -> float:
    if not lines:
        return top
    height = len(lines) * _WARNING_LINE_MM + 3.0
    surface.box(left, top - height, width, height, fill="#fdecea", edge=WARNING_COLOUR, edge_mm=0.3)
    y = top - 1.2
    for line in lines:
        y -= _WARNING_LINE_MM
        surface.text(left + 3, y + 1.2, line, _WARNING_PT, colour=WARNING_COLOUR, bold=True)
    return top - height - _GAP
