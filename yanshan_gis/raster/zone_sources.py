"""Cells as exactextract reads them, part by part. Imported only where zones are measured."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from exactextract.raster import RasterSource
from rasterio.windows import Window

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_
from yanshan_gis.raster.grid import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.raster.zonal import Cells

# From and to of a change are told apart in one number.
APART = 1 << 16


class CellSource(RasterSource):  # type: ignore[misc]
    """One raster.

    Parameters
    ----------
    grid
        Of the cells.
    cells
        An array on the grid (NaN for nothing, where its type has one), or an open dataset.
    """

    def __init__(self, grid: Grid, cells: Any) -> None:
        super().__init__()
        self.grid, self.cells = grid, cells

    def res(self) -> tuple[float, float]:
        """Return the width and height of a cell."""
        return self.grid.cell

    def extent(self) -> tuple[float, float, float, float]:
        """Return smallest x and y, largest x and y."""
        return self.grid.bounds

    def srs_wkt(self) -> None:
        """Return nothing: zones are brought into the raster's CRS before."""

    def nodata_value(self) -> Any:
        """Return the number that means nothing is known."""
        if isinstance(self.cells, np.ndarray):
            return None
        nodata = self.cells.nodata
        whole = nodata is not None and np.dtype(self.cells.dtypes[0]).kind in "iu"
        return int(nodata) if whole else nodata

    def read_window(self, x0: int, y0: int, nx: int, ny: int) -> NDArray[Any]:
        """Return a part of the cells.

        Parameters
        ----------
        x0, y0
            First column and row.
        nx, ny
            Columns and rows.

        Returns
        -------
        numpy.ndarray
            Rows × columns.
        """
        if isinstance(self.cells, np.ndarray):
            return self.cells[y0 : y0 + ny, x0 : x0 + nx]
        read: NDArray[Any] = self.cells.read(1, window=Window(x0, y0, nx, ny))
        return read


class ChangeSource(CellSource):
    """Two rasters of classes as one: class before · 65536 + class after, -1 where not both known.

    Parameters
    ----------
    before, after
        On one grid.
    """

    def __init__(self, before: CellSource, after: CellSource) -> None:
        super().__init__(before.grid, np.empty(0))
        self.both = before, after

    def nodata_value(self) -> int:
        """Return -1."""
        return -1

    def read_window(self, x0: int, y0: int, nx: int, ny: int) -> NDArray[np.int64]:
        """Return a part of the changes.

        Parameters
        ----------
        x0, y0
            First column and row.
        nx, ny
            Columns and rows.

        Returns
        -------
        numpy.ndarray
            int64, rows × columns.
        """
        codes, known = [], np.ones((ny, nx), dtype=bool)
        for one in self.both:
            cells = one.read_window(x0, y0, nx, ny)
            there = np.isfinite(cells) & (cells != one.nodata_value())
            known &= there
            codes.append(np.where(there, cells, 0).astype(np.int64))
        return np.where(known, codes[0] * APART + codes[1], -1)


def open_cells(stack: ExitStack, cells: Cells) -> CellSource:
    """Open a raster, to be closed with the stack.

    Parameters
    ----------
    stack
        Closes the file.
    cells
        A file of one band, or a grid and an array on it.

    Returns
    -------
    CellSource
        Its cells.

    Raises
    ------
    DataError
        When the array is not of the grid's shape, or the file's numbers are scaled.
    """
    if isinstance(cells, Path):
        dataset = stack.enter_context(rasterio.open(cells))
        if dataset.scales[0] != 1 or dataset.offsets[0] != 0:
            raise DataError(
                "zonal-scaled",
                N_("{file} stores scaled numbers; write its values out first."),
                file=cells.name,
            )
        grid = Grid(dataset.shape, dataset.transform, dataset.crs.to_wkt())
        return CellSource(grid, dataset)
    grid, array = cells
    if array.shape != grid.shape:
        raise DataError(
            "grid-shape",
            N_("The raster has {found} cells where its grid has {expected}."),
            found=" × ".join(map(str, array.shape)),
            expected=" × ".join(map(str, grid.shape)),
        )
    return CellSource(grid, array)
