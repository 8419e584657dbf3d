"""Service areas as polygons: the ground within a walk of the roads that are reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Shares of the walk: how far a line may be straightened, and of the area within a walk of a point:
# what is too small to be told from drawing.
_STRAIGHTENED = 1 / 50
_TINY = 1 / 20
# Borders that lie all but upon each other are told apart on a grid only, or areas are lost.
_GRID_M = 0.001


def band_polygons(
    lines: NDArray[Any],
    band: NDArray[np.int32],
    count: int,
    *,
    walk_m: float,
    within: Any | None = None,
) -> NDArray[np.object_]:
    """Draw bands around roads: each the ground near its own roads and not nearer ones.

    Lines are straightened by up to 1/50 of the walk before they are widened by it. Holes and
    slivers smaller than 1/20 of the area within the walk of a point go to the band around them.

    Parameters
    ----------
    lines
        LineStrings in a CRS in metres.
    band
        Of each line, 0 … count - 1, nearest first.
    count
        Number of bands.
    walk_m
        Farthest a place may lie from the road, as the crow flies.
    within
        Polygon to which the bands are cut, in the same CRS; None for none.

    Returns
    -------
    numpy.ndarray
        One MultiPolygon per band, not overlapping; empty where a band has no ground of its own.
    """
    least = _TINY * np.pi * walk_m**2
    rings: NDArray[np.object_] = np.full(count, shapely.MultiPolygon(), dtype=object)
    covered: Any = shapely.Polygon()
    for index in range(count):
        ground = _union([covered, _widened(lines[band == index], walk_m)])
        if within is not None:
            ground = shapely.intersection(ground, within, grid_size=_GRID_M)
        parts = _polygons(shapely.difference(_filled(ground, least), covered, grid_size=_GRID_M))
        parts = parts[shapely.area(parts) >= least]
        rings[index] = shapely.multipolygons(parts)
        # What was too small stays open, so that the next band has it.
        covered = _union([covered, *parts])
    return rings


def _widened(lines: NDArray[Any], walk_m: float) -> Any:
    """Draw the ground near lines; merging them first spares most round ends."""
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))
    straight = shapely.simplify(merged, walk_m * _STRAIGHTENED, preserve_topology=False)
    widened = shapely.buffer(straight, walk_m, quad_segs=8)
    return _union(widened)


def _union(areas: Sequence[Any]) -> Any:
    return shapely.union_all(areas, grid_size=_GRID_M)


def _filled(ground: Any, least: float) -> Any:
    """Close the holes that are too small."""
    parts = _polygons(ground)
    rings, owner = shapely.get_rings(parts, return_index=True)
    outer = np.diff(owner, prepend=-1) != 0
    areas = shapely.polygons(rings)
    return _union([ground, *areas[~outer & (shapely.area(areas) < least)]])


def _polygons(ground: Any) -> NDArray[Any]:
    parts = shapely.get_parts(shapely.get_parts(ground))  # a collection may hold MultiPolygons
    found: NDArray[Any] = parts[shapely.get_dimensions(parts) == 2]
    return found
