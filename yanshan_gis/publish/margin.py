"""The blocks around a map: warning, figures, legend, table, chart and inset.

Which of them share a column, the page says. Blocks are measured before they are drawn. What would
not fit is set closer, the legend in two columns first, and a chart is worth more than the inset; a
table that is still too long ends with how many rows are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from yanshan_gis.publish.chart_block import draw_chart
from yanshan_gis.publish.fonts import wrap
from yanshan_gis.publish.furniture import (
    SCENARIO_COLOUR,
    WARNING_COLOUR,
    draw_figures,
    draw_heading,
    figures_height,
)
from yanshan_gis.publish.inset import draw_location
from yanshan_gis.publish.legend import draw_legend, legend_entries, legend_height
from yanshan_gis.publish.table import draw_table, table_head_mm
from yanshan_gis.publish.words import listed, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yanshan_gis.messages import Language
    from yanshan_gis.publish.mapframe import MapFrame
    from yanshan_gis.publish.page import Column
    from yanshan_gis.publish.paper import Paper, Surface
    from yanshan_gis.publish.placed import PlacedContent
    from yanshan_gis.publish.sheet_content import SheetContent

_GAP, _HEADING = 4.0, 7.2
_SHRINKS = (1.0, 0.92, 0.85, 0.78, 0.7)
_ROWS_MM = (4.8, 4.2, 3.6, 3.1)
_INSETS_MM, _MOST_INSET_MM = (46.0, 36.0, 22.0), 62.0
_CHARTS_MM, _MOST_CHART_MM = (52.0, 45.0, 38.0, 31.0), 60.0
# Inset and chart in one column, the best first.
_BOTH_MM = (
    (46.0, 52.0), (46.0, 45.0), (36.0, 45.0), (36.0, 38.0), (22.0, 45.0), (22.0, 38.0),
    (22.0, 31.0), (0.0, 45.0), (0.0, 38.0), (0.0, 31.0),
)  # fmt: skip
_WARNING_PT, _WARNING_LINE_MM, _WARNING_GAP = 9.5, 4.8, 1.2
_BESIDE_SHARE = 0.3  # of the width that scenarios take where warnings stand side by side


@dataclass(frozen=True)
class _Plan:
    """Heights in millimetres that together fit the column, if any do."""

    legend_room: float
    shrink: float
    row: float
    rows: int
    inset: float
    chart: float = 0.0
    fits: bool = False


@dataclass(frozen=True)
class _Box:
    """A warning in plain view."""

    lines: list[str]
    ink: str
    fill: str

    @property
    def height(self) -> float:
        """In millimetres."""
        return len(self.lines) * _WARNING_LINE_MM + 3.0


def draw_warning(
    surface: Surface, content: SheetContent, left: float, top: float, width: float,
    language: Language, *, beside: bool = False,
) -> float:  # fmt: skip
    """Draw the boxes that name the scenario and the modelled layers.

    Parameters
    ----------
    surface
        The sheet.
    content
        Names the layers.
    left, top, width
        Where it stands, in millimetres.
    language
        ``zh`` or ``en``.
    beside
        True sets the boxes side by side rather than below one another.

    Returns
    -------
    float
        Where the next block begins; `top` where there is nothing to warn of.
    """
    if not (beside and content.scenarios and content.modelled):
        return _draw_warning(surface, _warnings(content, width, language), left, top, width)
    first = width * _BESIDE_SHARE
    rest = width - first - _GAP
    scenarios, modelled = replace(content, modelled=()), replace(content, scenarios=())
    one = _draw_warning(surface, _warnings(scenarios, first, language), left, top, first)
    at = left + first + _GAP
    return min(one, _draw_warning(surface, _warnings(modelled, rest, language), at, top, rest))


def _warnings(content: SheetContent, width: float, language: Language) -> list[_Box]:
    boxes = [
        _Box(wrap(text, _WARNING_PT, width - 6), SCENARIO_COLOUR, "#efeafa")
        for text in content.scenarios
    ]
    if content.infeasible:
        text = word("infeasible", language)
        boxes.insert(0, _Box(wrap(text, _WARNING_PT, width - 6), WARNING_COLOUR, "#ffffff"))
    if content.modelled:
        text = word("modelled", language, layers=listed(content.modelled, language))
        boxes.append(_Box(wrap(text, _WARNING_PT, width - 6), WARNING_COLOUR, "#fdecea"))
    return boxes


def _table_height(content: SheetContent, row: float, rows: int) -> float:
    return _HEADING + _GAP + table_head_mm(content.table_columns, row) + rows * row


def _fixed_height(content: SheetContent, column: Column, language: Language) -> float:
    """Measure the blocks that cannot be set closer."""
    height = 0.0
    if "warning" in column.blocks:
        boxes = _warnings(content, column.box.width, language)
        height += sum(box.height + _WARNING_GAP for box in boxes) + (_GAP if boxes else 0.0)
    if "figures" in column.blocks and content.figures:
        height += figures_height(content.figures, column.box.width) + _GAP
    return height


def _plan(content: SheetContent, entries: Any, column: Column, room: float) -> _Plan:
    """Choose legend columns, row height, shrink, inset and chart so that all blocks fit."""
    table = "table" in column.blocks and content.table is not None
    rows = len(content.table) if table and content.table is not None else 0
    one = sum(entry.height for entry in entries) + 1
    pictures = _pictures(content, column)

    def rest(plan: _Plan, rows: int) -> float:
        left = room + _GAP
        if "legend" in column.blocks:
            left -= legend_height(entries, plan.legend_room, plan.shrink) + _HEADING + _GAP
        if table:
            left -= _table_height(content, plan.row, rows)
        if plan.chart:
            left -= plan.chart + _HEADING + _GAP
        return left - (plan.inset + _HEADING + _GAP if plan.inset else 0.0)

    sizes = product(_SHRINKS, (one, one / 2), _ROWS_MM, pictures)
    for shrink, legend_room, row, (inset, chart) in sizes:
        plan = _Plan(legend_room, shrink, row, rows, inset, chart, fits=True)
        left = rest(plan, rows)
        if left >= 0:
            return _grown(plan, left)
    closest = _Plan(one / 2, _SHRINKS[-1], _ROWS_MM[-1], 0, pictures[-1][0])  # without chart
    return replace(closest, rows=max(1, int(rest(closest, 0) / closest.row)))


def _grown(plan: _Plan, left: float) -> _Plan:
    """Give what is left to the inset, or else to the chart."""
    if plan.inset:
        return replace(plan, inset=min(plan.inset + left, _MOST_INSET_MM))
    return replace(plan, chart=min(plan.chart + left, _MOST_CHART_MM)) if plan.chart else plan


def _pictures(content: SheetContent, column: Column) -> tuple[tuple[float, float], ...]:
    """List how high inset and chart of a column may be, the best first."""
    inset = "inset" in column.blocks
    if _has_chart(content, column):
        return _BOTH_MM if inset else tuple((0.0, chart) for chart in _CHARTS_MM)
    return tuple((height, 0.0) for height in _INSETS_MM) if inset else ((0.0, 0.0),)


def _has_chart(content: SheetContent, column: Column) -> bool:
    return "chart" in column.blocks and content.chart is not None


def blocks_fit(
    content: SheetContent, layers: list[PlacedContent], columns: Sequence[Column],
    language: Language,
) -> bool:  # fmt: skip
    """Tell whether the blocks around a map have room in their columns.

    Parameters
    ----------
    content
        What the sheet shows.
    layers
        The map's layers, for the legend.
    columns
        Where the blocks stand.
    language
        ``zh`` or ``en``.

    Returns
    -------
    bool
        False where one of them would have to be cut.
    """
    entries = legend_entries(layers, language)
    for column in columns:
        room = column.box.height - _fixed_height(content, column, language)
        if not _plan(content, entries, column, room).fits:
            return False
    return True


def blocks_height(
    content: SheetContent, layers: list[PlacedContent], columns: Sequence[Column],
    language: Language,
) -> float:  # fmt: skip
    """Measure the blocks around a map when nothing is set closer.

    Parameters
    ----------
    content
        What the sheet shows.
    layers
        The map's layers, for the legend.
    columns
        Which blocks share a column, and its width.
    language
        ``zh`` or ``en``.

    Returns
    -------
    float
        Millimetres of the highest column.
    """
    legend = sum(entry.height for entry in legend_entries(layers, language)) + _HEADING + _GAP
    highest = 0.0
    for column in columns:
        height = _fixed_height(content, column, language)
        if "legend" in column.blocks:
            height += legend
        if "table" in column.blocks and content.table is not None:
            height += _table_height(content, _ROWS_MM[0], len(content.table))
        if _has_chart(content, column):
            height += _CHARTS_MM[0] + _HEADING + _GAP
        if "inset" in column.blocks:
            height += _INSETS_MM[0] + _HEADING
        highest = max(highest, height)
    return highest


def draw_blocks(
    paper: Paper, content: SheetContent, frame: MapFrame, layers: list[PlacedContent],
    column: Column, language: Language,
) -> None:  # fmt: skip
    """Draw the blocks of a column, from its top.

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
    column
        Which blocks, and where.
    language
        ``zh`` or ``en``.
    """
    surface, box = paper.whole, column.box
    entries = legend_entries(layers, language)
    plan = _plan(content, entries, column, box.height - _fixed_height(content, column, language))
    y = box.top
    for block in column.blocks:
        if block == "warning":
            y = _draw_warning(
                surface, _warnings(content, box.width, language), box.left, y, box.width
            )
        elif block == "figures" and content.figures:
            draw_figures(surface, content.figures, box.left, y, box.width)
            y -= figures_height(content.figures, box.width) + _GAP
        elif block == "legend" and entries:
            y = _draw_legend(surface, entries, plan, language, box.left, y, box.width)
        elif block == "table":
            y = _draw_table(surface, content, plan, language, box.left, y, box.width)
        elif block == "chart" and content.chart is not None and plan.chart:
            at = draw_heading(surface, content.chart.title, box.left, y, box.width)
            draw_chart(surface, content.chart, box.left, at, box.width, plan.chart)
            y = at - plan.chart - _GAP
        elif block == "inset" and plan.inset and y - _HEADING - box.bottom >= _INSETS_MM[-1] * 0.8:
            foot = max(box.bottom, y - _HEADING - plan.inset)
            top = draw_heading(surface, word("inset", language), box.left, y, box.width)
            draw_location(
                paper, content, frame, left=box.left, bottom=foot, width=box.width,
                height=top - foot,
            )  # fmt: skip


def _draw_legend(
    surface: Surface, entries: Any, plan: _Plan, language: Language, left: float, y: float,
    width: float,
) -> float:  # fmt: skip
    y = draw_heading(surface, word("legend", language), left, y, width)
    draw_legend(
        surface, entries, left=left, top=y, width=width, room=plan.legend_room, shrink=plan.shrink
    )
    return y - legend_height(entries, plan.legend_room, plan.shrink) - _GAP


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
    surface: Surface, boxes: list[_Box], left: float, top: float, width: float
) -> float:
    if not boxes:
        return top
    for box in boxes:
        height = box.height
        surface.box(left, top - height, width, height, fill=box.fill, edge=box.ink, edge_mm=0.3)
        y = top - 1.2
        for line in box.lines:
            y -= _WARNING_LINE_MM
            surface.text(left + 3, y + 1.2, line, _WARNING_PT, colour=box.ink, bold=True)
        top -= height + _WARNING_GAP
    return top + _WARNING_GAP - _GAP
