"""The register layout: the map above, lists whole beside and beneath it.

For sheets that must name every project: the numbers on the map are explained row by row, and what
has no place on the map is listed all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from yanshan_gis.publish.furniture import draw_figures, draw_heading, figures_height
from yanshan_gis.publish.inset import draw_location
from yanshan_gis.publish.legend import draw_legend, legend_entries, legend_height
from yanshan_gis.publish.lists import Column, draw_lists
from yanshan_gis.publish.mapframe import MapFrame, fit_frame
from yanshan_gis.publish.margin import draw_warning
from yanshan_gis.publish.words import word

if TYPE_CHECKING:
    from yanshan_gis.messages import Language
    from yanshan_gis.publish.paper import Paper
    from yanshan_gis.publish.placed import PlacedContent
    from yanshan_gis.publish.sheet_content import SheetContent

_LEFT, _WIDTH, _TOP = 14.5, 298.0, 265.5
_MARGIN = 2.5
_MOST_HEIGHT, _LEAST_HEIGHT = 158.0, 96.0
_SIDE = {"left": 321.0, "width": 88.0, "bottom": 28.5}
_SIDE_TOP, _SIDE_TOP_INTERNAL = 286.0, 270.5  # above it stands 内部用图
_BAND_LEFT, _BAND_BOTTOM, _BELOW_MAP = 10.0, 30.0, 8.5
_FIGURES_WIDTH, _LEGEND_WIDTH, _GUTTER = 66.0, 88.0, 5.0
_LEAST_INSET, _MOST_INSET = 26.0, 44.0
_SHRINKS = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65)


def fit_register_frame(content: SheetContent) -> MapFrame:
    """Lay the map's frame: as wide as the sheet allows, no higher than the county needs.

    Parameters
    ----------
    content
        With extent and CRS.

    Returns
    -------
    MapFrame
        At an exact scale.
    """
    bounds = [float(value) for value in content.extent.total_bounds]
    widest = fit_frame(
        bounds, content.crs, left=_LEFT, bottom=0.0, width=_WIDTH, height=_MOST_HEIGHT,
        margin=_MARGIN,
    )  # fmt: skip
    needed = (bounds[3] - bounds[1]) * 1000 / widest.denominator + 2 * _MARGIN + 1.0
    height = min(_MOST_HEIGHT, max(_LEAST_HEIGHT, needed))
    return fit_frame(
        bounds, content.crs, left=_LEFT, bottom=_TOP - height, width=_WIDTH, height=height,
        margin=_MARGIN,
    )  # fmt: skip


def draw_register(
    paper: Paper, content: SheetContent, frame: MapFrame, layers: list[PlacedContent],
    language: Language,
) -> int:  # fmt: skip
    """Draw the blocks around the map.

    Parameters
    ----------
    paper
        The sheet.
    content
        What it shows.
    frame
        The map's frame.
    layers
        The map's layers, for the legend.
    language
        ``zh`` or ``en``.

    Returns
    -------
    int
        Rows of lists that found no room.
    """
    surface = paper.whole
    left, width = _SIDE["left"], _SIDE["width"]
    top = _SIDE_TOP if content.county.map_approval else _SIDE_TOP_INTERNAL
    top = draw_warning(surface, content, left, top, width, language)
    side = Column(left, _SIDE["bottom"], width, top)
    band_top = frame.bottom - _BELOW_MAP
    _draw_figures_and_inset(paper, content, frame, band_top, language)
    legend_left = _BAND_LEFT + _FIGURES_WIDTH + _GUTTER
    _draw_legend(paper, layers, legend_left, band_top, language)
    rest_left = legend_left + _LEGEND_WIDTH + _GUTTER
    rest = (_LEFT + _WIDTH - rest_left - _GUTTER) / 2
    band = [
        Column(rest_left + at * (rest + _GUTTER), _BAND_BOTTOM, rest, band_top) for at in range(2)
    ]
    _, left_out = draw_lists(surface, content.lists, [side, *band], language)
    return left_out


def _draw_figures_and_inset(
    paper: Paper, content: SheetContent, frame: MapFrame, top: float, language: Language
) -> None:
    y = top
    if content.figures:
        draw_figures(paper.whole, content.figures, _BAND_LEFT, y, _FIGURES_WIDTH)
        y -= figures_height(content.figures, _FIGURES_WIDTH) + 3.0
    if y - _BAND_BOTTOM < _LEAST_INSET + 7.2:
        return
    y = draw_heading(paper.whole, word("inset", language), _BAND_LEFT, y, _FIGURES_WIDTH)
    height = min(y - _BAND_BOTTOM, _MOST_INSET)
    draw_location(
        paper, content, frame, left=_BAND_LEFT, bottom=y - height, width=_FIGURES_WIDTH,
        height=height,
    )  # fmt: skip


def _draw_legend(
    paper: Paper, layers: list[PlacedContent], left: float, top: float, language: Language
) -> None:
    entries = legend_entries(layers, language)
    y = draw_heading(paper.whole, word("legend", language), left, top, _LEGEND_WIDTH)
    room = y - _BAND_BOTTOM
    one = sum(entry.height for entry in entries) + 1
    fits = (
        (columns, shrink)
        for shrink in _SHRINKS
        for columns in (one, one / 2)
        if legend_height(entries, columns, shrink) <= room
    )
    columns, shrink = next(fits, (one / 2, _SHRINKS[-1]))
    draw_legend(
        paper.whole, entries, left=left, top=y, width=_LEGEND_WIDTH, room=columns, shrink=shrink
    )
