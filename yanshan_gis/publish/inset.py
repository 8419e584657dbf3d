"""The inset that shows where the map lies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.patches import PathPatch

from yanshan_gis.publish.features import polygon_outlines, shared_borders
from yanshan_gis.publish.labels import LabelRequest, inside_polygon, label_extent, place_labels
from yanshan_gis.publish.mapframe import MapFrame
from yanshan_gis.publish.paper import points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from yanshan_gis.publish.paper import Paper, Surface
    from yanshan_gis.publish.sheet_content import SheetContent

_FRAME_COLOUR = "#b3261e"
_MARGIN_MM = 3.0


def draw_location(
    paper: Paper, content: SheetContent, frame: MapFrame, *, left: float, bottom: float,
    width: float, height: float,
) -> None:  # fmt: skip
    """Draw the inset of a sheet: its townships with their names, else its extent.

    Parameters
    ----------
    paper
        The sheet.
    content
        What it shows.
    frame
        The map's frame.
    left, bottom, width, height
        Room for it, in millimetres.
    """
    areas = content.townships if content.townships is not None else content.extent
    names = content.township_field if content.townships is not None else None
    draw_inset(
        paper, areas, frame, left=left, bottom=bottom, width=width, height=height, names=names
    )


def draw_inset(
    paper: Paper, areas: Any, frame: MapFrame, *, left: float, bottom: float, width: float,
    height: float, names: str | None,
) -> None:  # fmt: skip
    """Draw where the map lies: the county's townships, and the map's frame over them.

    Parameters
    ----------
    paper
        The sheet.
    areas
        Polygons in the map's CRS.
    frame
        The map's frame.
    left, bottom, width, height
        Room for it, in millimetres.
    names
        The column with the names to print, if any.
    """
    surface = paper.surface(left, bottom, width, height, level=20)
    surface.box(0, 0, width, height, fill="#f7f8f9", edge="none", level=1)
    shown = areas[shapely.get_dimensions(np.asarray(areas.geometry.array, dtype=object)) == 2]
    shapes = np.asarray(shown.geometry.array, dtype=object)
    bounds = shapely.total_bounds(shapes) if len(shapes) else np.array(frame.ground)
    inset = _fit(bounds, width, height)
    placed = inset.on_paper(shapes)
    if len(placed):
        _draw_areas(surface, placed)
    if not len(shapes) or not shapely.box(*frame.ground).contains(shapely.box(*bounds)):
        lower, upper = inset.paper(np.array(frame.ground).reshape(2, 2))
        surface.box(*lower, *(upper - lower), edge=_FRAME_COLOUR, edge_mm=0.5, level=60)
    if names is not None and names in shown:
        _name_areas(surface, placed, [str(name) for name in shown[names]], width, height)
    paper.whole.box(left, bottom, width, height, edge_mm=0.2)


def _fit(bounds: NDArray[np.float64], width: float, height: float) -> MapFrame:
    """Lay a frame over an extent, which need not have a round scale."""
    x_min, y_min, x_max, y_max = (float(value) for value in bounds)
    room = (width - 2 * _MARGIN_MM, height - 2 * _MARGIN_MM)
    scale = math.ceil(max((x_max - x_min) / room[0], (y_max - y_min) / room[1]) * 1000)
    x = (x_min + x_max - width * scale / 1000) / 2
    y = (y_min + y_max - height * scale / 1000) / 2
    return MapFrame(0, 0, width, height, scale, x, y)


def _draw_areas(surface: Surface, placed: NDArray[np.object_]) -> None:
    whole = polygon_outlines(np.array([shapely.union_all(placed)], dtype=object))
    for fill, edge, width_mm, level in (("#ffffff", "none", 0.0, 2), ("none", "#7b4a6b", 0.4, 11)):
        for outline in whole:
            patch = PathPatch(
                outline, facecolor=fill, edgecolor=edge, linewidth=points(width_mm), zorder=level
            )
            surface.axes.add_patch(patch)
    for line in shared_borders(placed, np.zeros(len(placed), dtype=np.int64)).get(0, []):
        surface.line(line[:, 0], line[:, 1], width_mm=0.12, colour="#9aa0a6", level=10)


def _name_areas(
    surface: Surface, placed: Any, names: Sequence[str], width: float, height: float
) -> None:
    size = 6.0
    requests = [
        LabelRequest(name, "inset", size, inside_polygon(shape, label_extent(name, size)))
        for name, shape in zip(names, placed, strict=True)
    ]
    found = place_labels(requests, frame=(0, 0, width, height), obstacles=np.zeros((0, 4)))
    for place in found.placements:
        surface.text(place.x, place.y, names[place.request], size, halo_mm=0.3)
