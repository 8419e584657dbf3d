"""Zones on a map from a raster of classes: smoothed, sieved, and simplified along shared borders.

Borders are simplified once for both sides, so zones neither overlap nor leave gaps. Each zone
carries the area of its cells; the polygons are for maps, and statistics come from the raster.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from yanshan_gis.raster.grid import Grid


def smooth(
    pixels: NDArray[np.uint8], grid: Grid, highest: int, minimum_m2: float
) -> NDArray[np.uint8]:
    """Take out single cells and patches too small to show.

    Parameters
    ----------
    pixels
        Classes; those above `highest`, and 0, are no land of the kind and stay as they are.
    grid
        Gives the size of cells, in metres.
    highest
        The highest class.
    minimum_m2
        Smallest patch that is kept; a smaller one takes the class of its largest neighbour. One
        without a neighbour stays.

    Returns
    -------
    numpy.ndarray
        Classes.
    """
    from rasterio.features import sieve

    from yanshan_gis.raster.kernels import zones

    found: NDArray[np.uint8] = zones.majority(pixels, highest)
    least = math.ceil(minimum_m2 / (grid.cell[0] * grid.cell[1]))
    least = min(least, found.size - 1)  # GDAL takes no more
    if least > 1:
        inside = (found > 0) & (found <= highest)
        found = np.where(inside, sieve(found, least, mask=inside, connectivity=4), found)
    return found


def outline(
    pixels: NDArray[np.uint8], grid: Grid, highest: int, tolerance_cells: float
) -> gpd.GeoDataFrame:
    """Draw the zones of a raster as polygons.

    Parameters
    ----------
    pixels
        Classes; zones are drawn for 1 to `highest`.
    grid
        Of the pixels.
    highest
        The highest class that is drawn.
    tolerance_cells
        How much of the stairs goes: corners that cut off less than a triangle of this side, in
        cells, are left out along a border and its other side alike; 0 keeps every corner.

    Returns
    -------
    geopandas.GeoDataFrame
        ``code``, ``area_m2`` (of the cells) and a polygon per patch of cells that touch by their
        sides, from north to south and west to east, in the grid's CRS.
    """
    from rasterio.features import shapes
    from shapely.geometry import shape

    inside = (pixels > 0) & (pixels <= highest)
    found = list(shapes(pixels, mask=inside, connectivity=4))
    polygons: NDArray[np.object_] = np.array([shape(part) for part, _ in found], dtype=object)
    # Corners are whole numbers of cells up to here, so that both sides of a border have the same.
    cells = shapely.area(polygons)
    if len(polygons):  # a vertex at each cell, or a border has none where a third zone begins
        polygons = shapely.coverage_simplify(shapely.segmentize(polygons, 1.0), tolerance_cells)
    frame = gpd.GeoDataFrame(
        {
            "code": np.array([int(code) for _, code in found], dtype=np.int64),
            "area_m2": cells * (grid.cell[0] * grid.cell[1]),
        },
        geometry=shapely.transform(polygons, lambda at: _on_ground(at, grid)),
        crs=grid.crs,
    )
    order = np.lexsort(shapely.bounds(frame.geometry.to_numpy())[:, [0, 3]].T * [[1], [-1]])
    return frame.iloc[order].reset_index(drop=True)


def _on_ground(cells: NDArray[np.float64], grid: Grid) -> NDArray[Any]:
    t = grid.transform
    return np.column_stack([t.c + cells[:, 0] * t.a, t.f + cells[:, 1] * t.e])
