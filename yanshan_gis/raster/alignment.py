"""How grids lie to each other, and a grid in metres for one in degrees."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from yanshan_gis.crs import check_metric, parse_crs, transform
from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_
from yanshan_gis.raster.grid import Grid

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def same_grid(one: Grid, other: Grid) -> bool:
    """Tell whether two grids lie cell on cell, whatever their files call the same CRS.

    Parameters
    ----------
    one, other
        Grids.

    Returns
    -------
    bool
        Corners may differ by a thousandth of a cell: formats round them.
    """
    if one.shape != other.shape or not same_crs(one.crs, other.crs):
        return False
    width, height = one.cell
    west, south, east, north = (abs(a - b) for a, b in zip(one.bounds, other.bounds, strict=True))
    return max(west, east) < width / 1000 and max(south, north) < height / 1000


def same_crs(one: Any, other: Any) -> bool:
    """Tell whether two coordinate systems mean the same places, x before y.

    Parameters
    ----------
    one, other
        Anything `yanshan_gis.crs.parse_crs` reads.

    Returns
    -------
    bool
        True also where one names its axes the other way round.
    """
    a, b = parse_crs(one), parse_crs(other)
    return bool(a == b or a.equals(b, ignore_axis_order=True))


def metric_grid(
    grid: Grid, crs: Any, within: tuple[float, float, float, float] | None = None
) -> Grid:
    """Return a grid in a metric CRS for a raster: its own where that is metric already.

    Cells in degrees have no one size in metres, so nothing may be measured on them; they are read
    through a grid of square cells of about their size.

    Parameters
    ----------
    grid
        Of the file.
    crs
        The workspace's.
    within
        Smallest x and y, largest x and y, in ``crs``: more is not needed of a raster that has to
        be warped.

    Returns
    -------
    Grid
        Square cells in ``crs`` where the file's own CRS is not in metres or is another one.

    Raises
    ------
    CrsError
        When the workspace's CRS is not in metres.
    """
    check_metric(crs, N_("The raster"))
    if same_crs(grid.crs, crs):
        return grid
    width, height = grid.cell
    middle_x, middle_y = grid.x[grid.shape[1] // 2], grid.y[grid.shape[0] // 2]
    x, y = transform(
        middle_x + np.array([0.0, width, 0.0]), middle_y + np.array([0.0, 0.0, height]),
        grid.crs, crs,
    )  # fmt: skip
    area = abs((x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]))
    cell = float(f"{math.sqrt(area):.3g}")
    x, y = _edge_points(grid, crs)
    box = np.array([x.min(), y.min(), x.max(), y.max()])
    if within is not None:
        box = np.r_[np.maximum(box[:2], within[:2]), np.minimum(box[2:], within[2:])]
    return Grid.covering(tuple(box), cell, crs)


def _edge_points(grid: Grid, crs: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    west, south, east, north = grid.bounds
    x, y = np.meshgrid(np.linspace(west, east, 21), np.linspace(south, north, 21))
    x, y = transform(x.ravel(), y.ravel(), grid.crs, crs)
    known = np.isfinite(x) & np.isfinite(y)
    return x[known], y[known]


def difference(one: Grid, other: Grid) -> str:
    """Tell in figures how two grids differ: CRS, else cell size, else corner, else shape.

    Parameters
    ----------
    one, other
        Grids that are not equal.

    Returns
    -------
    str
        What the first has ≠ what the other has.
    """
    if not same_crs(one.crs, other.crs):
        return f"{one.crs.name} ≠ {other.crs.name}"
    if one.cell != other.cell:
        return " ≠ ".join("{:.9g} × {:.9g}".format(*grid.cell) for grid in (one, other))
    corners = [(grid.transform.c, grid.transform.f) for grid in (one, other)]
    if corners[0] != corners[1]:
        return " ≠ ".join(f"({x:.9g}, {y:.9g})" for x, y in corners)
    return " ≠ ".join("{} × {}".format(*grid.shape) for grid in (one, other))


def check_meets(
    path: Path, grid: Grid, bounds: tuple[float, float, float, float], crs: Any
) -> None:
    """Refuse a raster that does not meet the county.

    Parameters
    ----------
    path
        The raster, for the message.
    grid
        Its grid.
    bounds
        The county's smallest x and y, largest x and y.
    crs
        Of the bounds.

    Raises
    ------
    DataError
        When the two have no point in common.
    """
    west, south, east, north = bounds
    x, y = np.meshgrid(np.linspace(west, east, 21), np.linspace(south, north, 21))
    if not same_crs(crs, grid.crs):
        x, y = transform(x.ravel(), y.ravel(), crs, grid.crs)
    left, bottom, right, top = grid.bounds
    x, y = x[np.isfinite(x)], y[np.isfinite(y)]
    if not len(x) or x.max() <= left or x.min() >= right or y.max() <= bottom or y.min() >= top:
        raise DataError(
            "raster-elsewhere",
            N_("{file} does not meet the county: it covers {box} in {crs}."),
            file=path.name,
            box=", ".join(f"{v:.7g}" for v in grid.bounds),
            crs=grid.crs.name,
        )
