"""How steep the ground is at points: Horn's slope of the cell that each lies in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from yanshan_gis.raster.heights import read_around

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.raster.grid import Grid

# Rows and columns of the eight cells around one, and what each weighs in the rise to the east; the
# rise to the north is the same, turned (Horn 1981).
_AROUND = np.array([(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)])
_EAST = np.array([-1, 0, 1, -2, 2, -1, 0, 1]) / 8
_NORTH = np.array([1, 2, 1, 0, 0, -1, -2, -1]) / 8


def slope_at(
    path: Path, x: NDArray[np.float64], y: NDArray[np.float64], crs: Any
) -> NDArray[np.float64]:
    """Measure how steep the ground is at points.

    The slope is that of the cell a point lies in, from the eight cells around it: with a b c above,
    d f beside and g h i below, ``east = (c + 2f + i − a − 2d − g) / 8 w`` and
    ``north = (a + 2b + c − g − 2h − i) / 8 h`` (Horn 1981, Hill shading and the reflectance map).
    On a grid in degrees, w and h are the metres of a cell at the latitude of its row.

    Parameters
    ----------
    path
        Elevation in metres, one band; cells without data are unknown.
    x, y
        Points.
    crs
        Of the points.

    Returns
    -------
    numpy.ndarray
        Degrees from the horizontal, 0 to 90; NaN off the raster, in the outermost cells, and where
        a cell around is unknown.
    """
    slope = np.full(len(x), np.nan)
    found = read_around(path, x, y, crs) if len(x) else None
    if found is None:
        return slope
    grid, pixels, x, y = found
    row, column, _ = grid.rowcol(x, y)
    rows, columns = grid.shape
    whole = (row > 0) & (row < rows - 1) & (column > 0) & (column < columns - 1)
    row, column = row[whole], column[whole]
    known = np.where(np.isnan(pixels[row, column]), np.nan, 0.0)
    around = pixels[row[:, None] + _AROUND[:, 0], column[:, None] + _AROUND[:, 1]]
    width_m, height_m = (size[row] for size in cell_m(grid))
    rise = np.hypot(around @ _EAST / width_m, around @ _NORTH / height_m)
    slope[whole] = np.degrees(np.arctan(rise)) + known
    return slope


def cell_m(grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tell the metres of a cell in every row.

    Parameters
    ----------
    grid
        In any CRS; in degrees, a cell is as wide as its latitude on the ellipsoid makes it.

    Returns
    -------
    tuple of numpy.ndarray
        Width and height per row.
    """
    width, height = grid.cell
    ellipsoid = grid.crs.ellipsoid
    if not grid.crs.is_geographic or ellipsoid is None:
        metre = grid.crs.axis_info[0].unit_conversion_factor
        return np.full(grid.shape[0], width * metre), np.full(grid.shape[0], height * metre)
    squared = 1 - (ellipsoid.semi_minor_metre / ellipsoid.semi_major_metre) ** 2
    latitude = np.radians(grid.y)
    curve = 1 - squared * np.sin(latitude) ** 2
    normal = ellipsoid.semi_major_metre / np.sqrt(curve)  # radius east and west
    meridian = normal * (1 - squared) / curve  # radius north and south
    return np.radians(width) * normal * np.cos(latitude), np.radians(height) * meridian
