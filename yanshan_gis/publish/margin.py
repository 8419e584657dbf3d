"""The blocks around a map: warning, figures, legend, table and inset.

Beside a map they stand in a column, beneath a wide one in a band. Blocks are measured before they
are drawn. What would not fit is set closer, the legend in two columns first; a table that is still
too long ends with how many rows are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

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
    from yanshan_gis.messages import Language
    from yanshan_gis.publish.mapframe import MapFrame
    from yanshan_gis.publish.paper import Paper, Surface
    from yanshan_gis.publish.placed import PlacedContent
    from yanshan_gis.publish.sheet_content import SheetContent

_GAP, _HEADING = 4.0, 7.2
_ROW_MM, _LEAST_ROW_MM = 4.8, 3.6
_INSET_MM, _LEAST_INSET_MM, _MOST_INSET_MM = 46.0, 36.0, 62.0
_WARNING_PT, _WARNING_LINE_MM, _WARNING_GAP = 9.5, 4.8, 1.2
_BESIDE_SHARE = 0.3  # of the width that scenarios take where warnings stand side by side
# Left edge and width of the blocks in the band beneath a wide map, in millimetres.
_BAND_FIGURES, _BAND_LEGEND = (10.0, 92.0), (107.0, 92.0)
_BAND_TABLE, _BAND_INSET = (204.0, 110.0), (319.0, 91.0)
_BAND_SHRINKS = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7)
_BAND_LEAST_ROW_MM, _BAND_WARNING_LINES = 3.1, 4


@dataclass(frozen=True)
class _Plan:
    """Heights in millimetres that together fit the column."""

    legend_room: float
    shrink: float
    row: float
    rows: int
    inset: float


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
    if content.modelled:
        text = word("modelled", language, layers=listed(content.modelled, language))
        boxes.append(_Box(wrap(text, _WARNING_PT, width - 6), WARNING_COLOUR, "#fdecea"))
    return boxes


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
        legend = legend_height(entries, legend_room, shrink) + _HEADING + _GAP
        left = room - legend - _table_height(content, row, rows) - inset - _HEADING
        if left >= 0:
            return _Plan(legend_room, shrink, row, rows, min(inset + left, _MOST_INSET_MM))
    legend_room, shrink, row, inset = choices[-1]
    legend = legend_height(entries, legend_room, shrink) + _HEADING + _GAP
    left = room - legend - _table_height(content, row, 0) - inset - _HEADING
    return _Plan(legend_room, shrink, row, max(1, int(left / row)), inset)


def draw_column(
    paper: Paper, content: SheetContent, frame: MapFrame, layers: list[PlacedContent],
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
    y = _draw_warning(surface, _warnings(content, width, language), left, top, width)
    if content.figures:
        draw_figures(surface, content.figures, left, y, width)
        y -= figures_height(content.figures, width) + _GAP
    entries = legend_entries(layers, language)
    plan = _plan(content, entries, y - bottom)
    y = draw_heading(surface, word("legend", language), left, y, width)
    draw_legend(
        surface, entries, left=left, top=y, width=width, room=plan.legend_room, shrink=plan.shrink
    )
    y -= legend_height(entries, plan.legend_room, plan.shrink) + _GAP
    if content.table is not None:
        y = _draw_table(surface, content, plan, language, left, y, width)
    foot = max(bottom, y - _HEADING - plan.inset)
    y = draw_heading(surface, word("inset", language), left, y, width)
    draw_location(paper, content, frame, left=left, bottom=foot, width=width, height=y - foot)


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


def _band_shrink(entries: Any, room: float) -> float | None:
    """Tell how much closer a legend in two columns must be set to fit into the band."""
    half = sum(entry.height for entry in entries) / 2
    fitting = (s for s in _BAND_SHRINKS if legend_height(entries, half, s) <= room - _HEADING)
    return next(fitting, None)


def band_has_room(
    content: SheetContent, layers: list[PlacedContent], language: Language, *, bottom: float,
    top: float,
) -> bool:  # fmt: skip
    """Tell whether the blocks fit into a band beneath the map.

    Parameters
    ----------
    content
        What the sheet shows.
    layers
        The map's layers, for the legend.
    language
        ``zh`` or ``en``.
    bottom, top
        Of the band, in millimetres.

    Returns
    -------
    bool
        False where figures, legend or warning would be too high to be read.
    """
    room = top - bottom
    if figures_height(content.figures, _BAND_FIGURES[1]) > room:
        return False
    boxes = _warnings(content, _BAND_INSET[1], language)
    if sum(len(box.lines) for box in boxes) > _BAND_WARNING_LINES:
        return False
    return _band_shrink(legend_entries(layers, language), room) is not None


def draw_band(
    paper: Paper, content: SheetContent, frame: MapFrame, layers: list[PlacedContent],
    language: Language, *, bottom: float, top: float,
) -> None:  # fmt: skip
    """Draw the blocks side by side beneath a wide map.

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
    bottom, top
        Of the band, in millimetres.
    """
    surface, room = paper.whole, top - bottom
    if content.figures:
        draw_figures(surface, content.figures, _BAND_FIGURES[0], top, _BAND_FIGURES[1])
    entries = legend_entries(layers, language)
    left, width = _BAND_LEGEND
    if content.table is None:
        width += _BAND_TABLE[1] + _GAP
    if not content.figures:
        left, width = _BAND_FIGURES[0], width + left - _BAND_FIGURES[0]
    y = draw_heading(surface, word("legend", language), left, top, width)
    half = sum(entry.height for entry in entries) / 2
    shrink = _band_shrink(entries, room) or _BAND_SHRINKS[-1]
    draw_legend(surface, entries, left=left, top=y, width=width, room=half, shrink=shrink)
    if content.table is not None:
        left, width = _BAND_TABLE
        plan = _band_table(content, room)
        _draw_table(surface, content, plan, language, left, top, width)
    left, width = _BAND_INSET
    y = _draw_warning(surface, _warnings(content, width, language), left, top, width)
    y = draw_heading(surface, word("inset", language), left, y, width)
    draw_location(paper, content, frame, left=left, bottom=bottom, width=width, height=y - bottom)


def _band_table(content: SheetContent, room: float) -> _Plan:
    rows = len(content.table) if content.table is not None else 0
    head = table_head_mm(content.table_columns, 1.0)
    row = min(_ROW_MM, max(_BAND_LEAST_ROW_MM, (room - _HEADING) / (rows + head)))
    fitting = int((room - _HEADING - table_head_mm(content.table_columns, row)) / row + 1e-9)
    return _Plan(0.0, 1.0, row, min(rows, fitting), 0.0)
