"""The inset that shows where the map lies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.patches import Polygon

from yanshan_gis.publish.features import polygon_outlines, shared_borders
from yanshan_gis.publish.labels import LabelRequest, inside_polygon, label_extent, place_labels
from yanshan_gis.publish.mapframe import MapFrame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yanshan_gis.publish.paper import Paper, Surface

_FRAME_COLOUR = "#b3261e"


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
    shown = np.asarray(areas.geometry.array, dtype=object)
    x_min, y_min, x_max, y_max = shapely.total_bounds(shown)
    shown_box = shapely.box(x_min, y_min, x_max, y_max)
    whole = shapely.box(*frame.ground).contains(shown_box)
    scale = max((x_max - x_min) / (width - 6), (y_max - y_min) / (height - 6)) * 1000
    corner = (
        (x_min + x_max - width * scale / 1000) / 2,
        (y_min + y_max - height * scale / 1000) / 2,
    )
    inset = MapFrame(0, 0, width, height, math.ceil(scale), *corner)
    placed = inset.on_paper(shown)
    surface.box(0, 0, width, height, fill="#f7f8f9", edge="none", level=1)
    for outline in polygon_outlines(placed):
        surface.axes.add_patch(Polygon(outline.vertices, facecolor="#ffffff", edgecolor="none"))
    _draw_borders(surface, placed)
    if not whole:
        lower, upper = inset.paper(np.array(frame.ground).reshape(2, 2))
        surface.box(*lower, *(upper - lower), edge=_FRAME_COLOUR, edge_mm=0.5, level=60)
    if names is not None and names in areas:
        _name_areas(surface, placed, [str(name) for name in areas[names]], width, height)
    paper.whole.box(left, bottom, width, height, edge_mm=0.2)


def _draw_borders(surface: Surface, placed: Any) -> None:
    inner = shared_borders(placed, np.zeros(len(placed), dtype=np.int64)).get(0, [])
    for line in inner:
        surface.line(line[:, 0], line[:, 1], width_mm=0.12, colour="#9aa0a6", level=10)
    hull = shapely.union_all(placed)
    for outline in polygon_outlines(np.array([hull], dtype=object)):
        x, y = np.asarray(outline.vertices).T
        surface.line(x, y, width_mm=0.4, colour="#7b4a6b", level=11)


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
