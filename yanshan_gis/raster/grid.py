"""The grid of a raster: shape, transform and CRS, without pixels.

Equal grids compare equal, so two rasters may be combined exactly when their grids are equal. Rows
run from north to south, columns from west to east, and every function takes x before y.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from affine import Affine

from yanshan_gis.crs import parse_crs
from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Grid:
    """North-up cells of one size in one CRS.

    Parameters
    ----------
    shape
        Rows, columns.
    transform
        Carries (column, row) of a cell's upper left corner to (x, y) in the CRS; rasterio's order.
    crs
        Anything `yanshan_gis.crs.parse_crs` reads; kept as a `pyproj.CRS`.
    """

    shape: tuple[int, int]
    transform: Affine
    crs: pyproj.CRS

    def __post_init__(self) -> None:
        rows, columns = self.shape
        if rows < 1 or columns < 1:
            raise UsageError(
                "grid-empty",
                N_("A grid needs at least one row and one column, not {rows} × {columns}."),
                rows=rows,
                columns=columns,
            )
        t = self.transform
        if t.b != 0 or t.d != 0 or t.a <= 0 or t.e >= 0:
            raise DataError(
                "grid-not-north-up",
                N_("The raster is rotated, or its rows do not run south; warp it to north-up."),
            )
        object.__setattr__(self, "shape", (int(rows), int(columns)))
        object.__setattr__(self, "crs", parse_crs(self.crs))

    @classmethod
    def covering(
        cls, bounds: tuple[float, float, float, float], cell: float, crs: Any, margin: float = 0.0
    ) -> Grid:
        """Lay square cells over a box, with corners at whole multiples of the cell's size.

        Parameters
        ----------
        bounds
            Smallest x and y, largest x and y, in units of the CRS.
        cell
            Width and height of a cell, in the same units.
        crs
            Anything `yanshan_gis.crs.parse_crs` reads.
        margin
            Added on every side before the corners are rounded outwards.

        Returns
        -------
        Grid
            The smallest such grid that holds the box.

        Raises
        ------
        UsageError
            When the cell has no size.
        """
        if not cell > 0:
            raise UsageError(
                "grid-cell", N_("A cell needs a size above zero, not {cell:g}."), cell=cell
            )
        west, south = (math.floor((v - margin) / cell) for v in bounds[:2])
        east, north = (math.ceil((v + margin) / cell) for v in bounds[2:])
        shape = (max(north - south, 1), max(east - west, 1))
        return cls(shape, Affine(cell, 0.0, west * cell, 0.0, -cell, north * cell), crs)

    @property
    def cell(self) -> tuple[float, float]:
        """Width and height of a cell, both positive, in units of the CRS."""
        return self.transform.a, -self.transform.e

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Smallest x and y, largest x and y: west, south, east, north."""
        rows, columns = self.shape
        t = self.transform
        return t.c, t.f + rows * t.e, t.c + columns * t.a, t.f

    @property
    def x(self) -> NDArray[np.float64]:
        """The columns' centres, from west to east."""
        return np.asarray(self.transform.c + (np.arange(self.shape[1]) + 0.5) * self.transform.a)

    @property
    def y(self) -> NDArray[np.float64]:
        """The rows' centres, from north to south."""
        return np.asarray(self.transform.f + (np.arange(self.shape[0]) + 0.5) * self.transform.e)

    def rowcol(
        self, x: ArrayLike, y: ArrayLike
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Find the cells in which points lie.

        A cell holds its western and northern edge.

        Parameters
        ----------
        x, y
            Points in the grid's CRS.

        Returns
        -------
        tuple of numpy.ndarray
            Row, column, and whether the point lies on the grid; row and column are -1 where not.
        """
        row = np.floor((np.asarray(y, dtype=float) - self.transform.f) / self.transform.e)
        column = np.floor((np.asarray(x, dtype=float) - self.transform.c) / self.transform.a)
        rows, columns = self.shape
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        found = (np.where(inside, v, -1).astype(np.int64) for v in (row, column))
        return (*found, inside)  # type: ignore[return-value]

    def sample(self, pixels: ArrayLike, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
        """Read a raster at points, bilinear between the centres of cells.

        Within half a cell of the grid's edge the outermost centres hold.

        Parameters
        ----------
        pixels
            Rows × columns on this grid; NaN where nothing is known.
        x, y
            Points in the grid's CRS.

        Returns
        -------
        numpy.ndarray
            One value per point; NaN outside the grid and beside unknown cells.

        Raises
        ------
        DataError
            When the pixels are not of the grid's shape.
        """
        values = np.asarray(pixels)
        if values.shape != self.shape:
            raise DataError(
                "grid-shape",
                N_("The raster has {found} cells where its grid has {expected}."),
                found=" × ".join(map(str, values.shape)),
                expected=" × ".join(map(str, self.shape)),
            )
        xs, ys = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        inside = self.rowcol(xs, ys)[2]
        top, down = _between((ys - self.transform.f) / self.transform.e, self.shape[0])
        left, right = _between((xs - self.transform.c) / self.transform.a, self.shape[1])
        low, high = np.minimum(top + 1, self.shape[0] - 1), np.minimum(left + 1, self.shape[1] - 1)
        upper = _blend(values[top, left], values[top, high], right)
        lower = _blend(values[low, left], values[low, high], right)
        return np.where(inside, _blend(upper, lower, down), np.nan)


def _between(position: NDArray[np.float64], count: int) -> tuple[NDArray[np.int64], Any]:
    """Return the centre before a position (in cells) and the share of the way to the next."""
    place = np.clip(np.nan_to_num(position) - 0.5, 0.0, count - 1.0)
    before = np.floor(place).astype(np.int64)
    return before, place - before


def _blend(first: Any, second: Any, share: Any) -> Any:
    """Mix two values; a share of zero takes nothing of the second, not even its NaN."""
    return np.where(share > 0, first * (1.0 - share) + second * share, first)
