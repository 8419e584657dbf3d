"""How steep lines are: heights read along them from an elevation raster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from yanshan_gis.crs import parse_crs, transform
from yanshan_gis.raster.grid import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEP_M = 100.0


def mean_grade(path: Path, lines: NDArray[np.object_], crs: Any) -> NDArray[np.float64]:
    """Measure the mean steepness of lines: climb plus descent over length.

    Heights are read (bilinear) about every 100 m and at both ends, so that a road over a pass does
    not count as level because it ends as high as it began.

    Parameters
    ----------
    path
        Elevation in metres, one band; cells without data are unknown.
    lines
        LineStrings in a CRS in metres.
    crs
        Of the lines.

    Returns
    -------
    numpy.ndarray
        Rise over run ≥ 0, one per line; NaN where a height along the line is unknown.
    """
    length_m = shapely.length(lines)
    steps = np.maximum(np.ceil(length_m / _STEP_M).astype(np.int64), 1)
    line = np.repeat(np.arange(len(lines)), steps + 1)
    first = np.cumsum(steps + 1) - (steps + 1)
    along = (np.arange(len(line)) - first[line]) / steps[line]
    points = shapely.line_interpolate_point(lines[line], along, normalized=True)
    height = read_heights(path, shapely.get_x(points), shapely.get_y(points), crs)
    change = np.abs(np.diff(height))
    inside = line[1:] == line[:-1]
    climbed = np.bincount(line[1:][inside], weights=change[inside], minlength=len(lines))
    grade: NDArray[np.float64] = np.zeros(len(lines))
    np.divide(climbed, length_m, out=grade, where=length_m > 0)
    return grade


def read_heights(
    path: Path, x: NDArray[np.float64], y: NDArray[np.float64], crs: Any
) -> NDArray[np.float64]:
    """Read an elevation raster at points, from the part of the file that holds them.

    Parameters
    ----------
    path
        Elevation in metres, one band.
    x, y
        Points.
    crs
        Of the points.

    Returns
    -------
    numpy.ndarray
        Metres; NaN off the raster and in cells without data.
    """
    if not len(x):
        return np.empty(0)
    found = read_around(path, x, y, crs)
    if found is None:
        return np.full(len(x), np.nan)
    part, pixels, x, y = found
    return part.sample(pixels, x, y)


def read_around(
    path: Path, x: NDArray[np.float64], y: NDArray[np.float64], crs: Any
) -> tuple[Grid, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]] | None:
    """Read the part of a raster that holds points, with two cells around them.

    Parameters
    ----------
    path
        A raster of one band.
    x, y
        Points, at least one.
    crs
        Of the points.

    Returns
    -------
    tuple or None
        Grid and pixels of the part, NaN without data, and the points in the raster's CRS; None
        where none of them lies near the raster.
    """
    import rasterio
    from rasterio import Affine
    from rasterio.windows import Window

    with rasterio.open(path) as source:
        whole = Grid(source.shape, source.transform, source.crs.to_wkt())
        if parse_crs(crs) != whole.crs:
            x, y = transform(x, y, crs, whole.crs)
        west, _, _, north = whole.bounds
        width, height = whole.cell
        left, right = (np.array([x.min(), x.max()]) - west) / width
        top, bottom = (north - np.array([y.max(), y.min()])) / height
        rows = slice(max(int(top) - 2, 0), min(int(bottom) + 3, whole.shape[0]))
        columns = slice(max(int(left) - 2, 0), min(int(right) + 3, whole.shape[1]))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return None
        window = Window.from_slices(rows, columns)
        pixels = source.read(1, window=window, masked=True).astype(float).filled(np.nan)
        t = whole.transform
        corner = (t.c + columns.start * t.a, t.f + rows.start * t.e)
        part = Grid(pixels.shape, Affine(t.a, 0.0, corner[0], 0.0, t.e, corner[1]), whole.crs)
    return part, pixels, np.asarray(x), np.asarray(y)
