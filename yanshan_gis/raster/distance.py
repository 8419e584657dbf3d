"""How far every cell of a grid is from the nearest of some features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from yanshan_gis.crs import check_metric

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from yanshan_gis.raster.grid import Grid

_AT_ONCE = 500_000  # cells whose centres are points in memory together


def distance_to(features: Sequence[Any], grid: Grid) -> NDArray[np.float32]:
    """Measure the straight way from each cell's centre to the nearest feature.

    Exact for points, lines and polygons: features are not turned into cells first.

    Parameters
    ----------
    features
        Geometries in the grid's CRS; missing and empty ones count for nothing.
    grid
        In a projected CRS in metres.

    Returns
    -------
    numpy.ndarray
        float32 metres, 0 inside polygons; NaN everywhere when there is no feature.

    Raises
    ------
    CrsError
        When the grid is not in a projected CRS in metres.
    """
    check_metric(grid.crs, "distance")
    shapes = np.asarray(features, dtype=object)
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    metres = np.full(grid.shape, np.nan, dtype=np.float32)
    if not len(shapes):
        return metres
    tree = shapely.STRtree(_pieces(shapes))
    rows = max(_AT_ONCE // grid.shape[1], 1)
    for first in range(0, grid.shape[0], rows):
        part = slice(first, first + rows)
        centres = shapely.points(*np.meshgrid(grid.x, grid.y[part]))
        flat = centres.ravel()
        (cells, _), found = tree.query_nearest(flat, return_distance=True, all_matches=False)
        metres[part].reshape(-1)[cells] = found
    return metres


def _pieces(shapes: NDArray[Any]) -> NDArray[Any]:
    """Cut lines into their segments, which a tree tells apart better than long lines."""
    parts = shapely.get_parts(shapes)
    lines = np.isin(shapely.get_type_id(parts), (1, 2))
    xy, line = shapely.get_coordinates(parts[lines], return_index=True)
    same = line[1:] == line[:-1]
    segments = shapely.linestrings(np.stack([xy[:-1][same], xy[1:][same]], axis=1))
    return np.concatenate([parts[~lines], segments])
