"""Polygons seen from a grid: in which one the centre of each cell lies, window by window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from affine import Affine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from yanshan_gis.raster.grid import Grid

    Window = tuple[int, int, int, int]


class Areas:
    """Polygons over a grid.

    Parameters
    ----------
    polygons
        In the grid's CRS; where they overlap, the last counts.
    grid
        The grid.
    """

    def __init__(self, polygons: Sequence[Any], grid: Grid) -> None:
        self._polygons = np.asarray(polygons, dtype=object)
        self._tree = shapely.STRtree(self._polygons)
        self._grid = grid

    def on(self, window: Window) -> NDArray[np.uint16]:
        """Tell in which polygon each cell of a window lies, by its centre.

        Parameters
        ----------
        window
            First row, first column, rows, columns.

        Returns
        -------
        numpy.ndarray
            The polygon's place in the list, from 1; 0 in none.
        """
        from rasterio.features import rasterize

        row, column, rows, columns = window
        t = self._grid.transform
        corner = Affine(t.a, 0.0, t.c + column * t.a, 0.0, t.e, t.f + row * t.e)
        box = shapely.box(corner.c, corner.f + rows * t.e, corner.c + columns * t.a, corner.f)
        near = np.sort(self._tree.query(box, predicate="intersects"))
        if not len(near):
            return np.zeros((rows, columns), np.uint16)
        shapes = [(self._polygons[k], int(k) + 1) for k in near]
        burnt: NDArray[np.uint16] = rasterize(
            shapes, out_shape=(rows, columns), transform=corner, dtype="uint16"
        )
        return burnt


def tally(labels: NDArray[Any], classes: NDArray[Any], shape: tuple[int, int]) -> NDArray[np.int64]:
    """Count cells by polygon and class.

    Parameters
    ----------
    labels, classes
        Of the same cells.
    shape
        One more than the highest label, and than the highest class.

    Returns
    -------
    numpy.ndarray
        Cells, labels × classes.
    """
    pairs = labels.ravel().astype(np.int32) * shape[1] + classes.ravel()
    return np.bincount(pairs, minlength=shape[0] * shape[1]).reshape(shape)
