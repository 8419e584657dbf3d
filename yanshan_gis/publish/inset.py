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
_SURROUNDINGS = 0.25  # of the county's longer side, shown around it where neighbours are known
_NAME_PT, _COUNTY_PT = 6.0, 7.5


def draw_location(
    paper: Paper, content: SheetContent, frame: MapFrame, *, left: float, bottom: float,
    width: float, height: float,
) -> None:  # fmt: skip
    """Draw where the map lies: in the county, among its townships, or among its neighbours.

    Parameters
    ----------
    paper
        The sheet.
    content
        What it shows.
    frame
        The map's frame; drawn where the map shows a part only.
    left, bottom, width, height
        Room for it, in millimetres.
    """
    surface = paper.surface(left, bottom, width, height, level=20)
    surface.box(0, 0, width, height, fill="#f7f8f9", edge="none", level=1)
    areas = _areas(content.townships if content.townships is not None else content.extent)
    around = _areas(content.neighbours) if content.neighbours is not None else areas.iloc[:0]
    bounds = areas.total_bounds if len(areas) else np.array(frame.ground)
    inset = _fit(_with_surroundings(bounds, around), width, height)
    placed = inset.on_paper(np.asarray(areas.geometry.array, dtype=object))
    if len(around):
        _draw_neighbours(surface, content.county.name.zh, around, inset, width, height)
    if len(placed):
        _draw_areas(surface, placed)
    if not len(areas) or not shapely.box(*frame.ground).contains(shapely.box(*bounds)):
        lower, upper = inset.paper(np.array(frame.ground).reshape(2, 2))
        surface.box(*lower, *(upper - lower), edge=_FRAME_COLOUR, edge_mm=0.5, level=60)
    if len(around):
        whole = np.array([shapely.union_all(placed)], dtype=object)
        _name_areas(surface, whole, [content.county.name.zh], width, height, _COUNTY_PT)
    elif content.townships is not None and content.township_field in areas:
        names = [str(name) for name in areas[content.township_field]]
        _name_areas(surface, placed, names, width, height)
    paper.whole.box(left, bottom, width, height, edge_mm=0.2)


def _areas(frame: Any) -> Any:
    return frame[shapely.get_dimensions(np.asarray(frame.geometry.array, dtype=object)) == 2]


def _with_surroundings(bounds: NDArray[np.float64], around: Any) -> NDArray[np.float64]:
    """Widen an extent so that its neighbours are seen, as far as they reach."""
    if not len(around):
        return bounds
    room = _SURROUNDINGS * max(bounds[2] - bounds[0], bounds[3] - bounds[1])
    reached = around.total_bounds
    low = np.maximum(bounds[:2] - room, np.minimum(reached[:2], bounds[:2]))
    high = np.minimum(bounds[2:] + room, np.maximum(reached[2:], bounds[2:]))
    return np.concatenate([low, high])


def _draw_neighbours(
    surface: Surface, county: str, around: Any, inset: MapFrame, width: float, height: float
) -> None:
    """Draw the neighbours' borders and names; the county itself is drawn over them."""
    others = around[around["name"] != county]
    placed = inset.on_paper(np.asarray(others.geometry.array, dtype=object))
    shown = shapely.box(0, 0, width, height)
    placed = shapely.intersection(placed, shown)
    seen = (shapely.get_dimensions(placed) == 2) & ~shapely.is_empty(placed)
    placed = placed[seen]
    for line in shared_borders(placed, np.zeros(len(placed), dtype=np.int64)).get(0, []):
        surface.line(line[:, 0], line[:, 1], width_mm=0.15, colour="#9aa0a6", level=5)
    names = [str(name) for name in others["name"][seen]]
    _name_areas(surface, placed, names, width, height)


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
    surface: Surface,
    placed: Any,
    names: Sequence[str],
    width: float,
    height: float,
    size: float = _NAME_PT,
) -> None:
    requests = [
        LabelRequest(name, "inset", size, inside_polygon(shape, label_extent(name, size)))
        for name, shape in zip(names, placed, strict=True)
    ]
    found = place_labels(requests, frame=(0, 0, width, height), obstacles=np.zeros((0, 4)))
    for place in found.placements:
        surface.text(place.x, place.y, names[place.request], size, halo_mm=0.3)
