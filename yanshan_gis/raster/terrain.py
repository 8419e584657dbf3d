"""Slope, aspect, hillshade and relief of heights on a metric grid.

Gradients are Horn's, over the eight neighbours. Where one of them is unknown or beyond the raster,
the height opposite stands for it, mirrored through the cell: planes keep their slope to the very
edge, and no cell is lost but those without a height. Nothing is measured on cells in degrees.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from yanshan_gis.crs import check_metric
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from yanshan_gis.raster.grid import Grid

Kind = Literal["slope", "aspect", "shade", "classes"]
# Slope classes of the survey of arable land, TD/T 1055: up to 2°, 6°, 15°, 25°, and above.
CLASSES = (2.0, 6.0, 15.0, 25.0)


def surface(
    heights: ArrayLike,
    grid: Grid,
    wanted: Sequence[Kind] = ("slope",),
    *,
    part: tuple[slice, slice] | None = None,
    breaks_deg: Sequence[float] = CLASSES,
    azimuth_deg: float = 315.0,
    altitude_deg: float = 45.0,
    percent: bool = False,
) -> dict[str, NDArray[Any]]:
    """Measure how the ground lies, all that is wanted at once.

    Parameters
    ----------
    heights
        Metres, rows × columns; NaN where unknown.
    grid
        Gives the size of cells, and must be in metres; its shape does not matter.
    wanted
        ``slope``, ``aspect``, ``shade``, ``classes``.
    part
        Rows and columns to measure, the rest being neighbours; all where None.
    breaks_deg
        Where classes end: class 1 reaches up to the first break, that included.
    azimuth_deg, altitude_deg
        Where the light comes from: clockwise from north, and above the horizon.
    percent
        Slope as rise per 100 of run instead of degrees.

    Returns
    -------
    dict of numpy.ndarray
        ``slope`` (degrees or per cent) and ``aspect`` (degrees clockwise from north in which the
        ground falls, NaN where level), NaN where unknown; ``shade`` (1 dark to 255 lit) and
        ``classes`` (from 1), 0 where unknown.

    Raises
    ------
    CrsError
        When the grid is not in metres.

    References
    ----------
    Horn (1981) Hill shading and the reflectance map, Proceedings of the IEEE 69.
    """
    from yanshan_gis.raster.kernels import terrain

    check_metric(grid.crs, N_("Slope"))
    z = np.asarray(heights)
    top, left, shape = _part(z, part)
    types = {"slope": np.float32, "aspect": np.float32, "shade": np.uint8, "classes": np.uint8}
    found: dict[str, NDArray[Any]] = {
        kind: np.empty(shape if kind in wanted else (0, 0), dtype) for kind, dtype in types.items()
    }
    azimuth, altitude = math.radians(azimuth_deg), math.radians(altitude_deg)
    level = math.cos(altitude)
    sun = np.array([math.sin(azimuth) * level, math.cos(azimuth) * level, math.sin(altitude)])
    breaks = np.asarray(breaks_deg, dtype=float)
    terrain.surface(z, top, left, *grid.cell, sun, breaks, *found.values(), percent)
    return {kind: found[kind] for kind in wanted}


def relief(
    heights: ArrayLike, radius: int, part: tuple[slice, slice] | None = None
) -> NDArray[np.float32]:
    """Measure the local relief: the greatest less the least height around each cell.

    Parameters
    ----------
    heights
        Metres, rows × columns; NaN where unknown.
    radius
        The square around a cell has 2 · radius + 1 cells a side; unknown ones do not count.
    part
        Rows and columns to measure, the rest being neighbours; all where None.

    Returns
    -------
    numpy.ndarray
        Metres; NaN where the cell's own height is unknown.
    """
    from yanshan_gis.raster.kernels import terrain

    z = np.asarray(heights)
    top, left, shape = _part(z, part)
    found = np.empty(shape, np.float32)
    terrain.relief(z, top, left, radius, found)
    return found


def _part(z: NDArray[Any], part: tuple[slice, slice] | None) -> tuple[int, int, tuple[int, int]]:
    rows, columns = part or (slice(0, z.shape[0]), slice(0, z.shape[1]))
    return rows.start, columns.start, (rows.stop - rows.start, columns.stop - columns.start)
