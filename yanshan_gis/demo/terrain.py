"""Modelled karst ground: a tilted plateau with basins (poljes), valleys and fields of cones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from yanshan_gis.demo.noise import Waves
from yanshan_gis.raster.grid import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELL = 150.0  # metres
_CONE_SQUARE = 900.0  # one karst cone stands somewhere in each such square
_LOWEST, _HIGHEST = 1000.0, 1900.0


@dataclass(frozen=True)
class Terrain:
    """Elevation and the share of it that karst cones make.

    Parameters
    ----------
    grid
        Of both rasters.
    elevation
        Metres above the sea, float32, whole decimetres.
    cones
        Height of the cones above the ground between them, in metres.
    """

    grid: Grid
    elevation: NDArray[np.float32]
    cones: NDArray[np.float32]

    def heights(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Read the elevation at points.

        Parameters
        ----------
        xy
            Points × 2.

        Returns
        -------
        numpy.ndarray
            Metres above the sea.
        """
        return self.grid.sample(self.elevation, xy[:, 0], xy[:, 1])

    def cone_heights(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Read how high the karst cone is on which points stand.

        Parameters
        ----------
        xy
            Points × 2.

        Returns
        -------
        numpy.ndarray
            Metres above the ground between the cones; 0 in basins and valleys.
        """
        return self.grid.sample(self.cones, xy[:, 0], xy[:, 1])


def build_terrain(rng: np.random.Generator, outline: Any, crs: str) -> Terrain:
    """Model the ground under a county and a little beyond.

    Parameters
    ----------
    rng
        Where the numbers come from.
    outline
        The county's polygon in metres.
    crs
        Its CRS.

    Returns
    -------
    Terrain
        On cells of 150 m.
    """
    grid = Grid.covering(outline.bounds, CELL, crs, margin=1500.0)
    plateau = Waves.draw(rng, 14_000, 60_000).on(grid)
    hills = Waves.draw(rng, 2_500, 9_000).on(grid)
    courses = Waves.draw(rng, 9_000, 26_000).on(grid)
    karst = Waves.draw(rng, 8_000, 24_000).on(grid)
    west, _, east, _ = grid.bounds
    tilt = (0.5 - (grid.x - west) / (east - west))[None, :] * 180.0
    # A valley runs wherever one smooth field changes its sign.
    valley = np.exp(-((courses / 0.16) ** 2))
    field = np.clip(0.5 + 0.9 * karst, 0.0, 1.0) * (1.0 - 0.85 * valley)
    cones = _cones(rng, grid) * field
    base = 1460.0 + 290.0 * np.tanh((tilt + 105.0 * plateau + 34.0 * hills) / 290.0)
    height = np.clip(base - 150.0 * valley + cones, _LOWEST, _HIGHEST)
    return Terrain(grid, np.round(height, 1).astype(np.float32), cones.astype(np.float32))


def _cones(rng: np.random.Generator, grid: Grid) -> NDArray[np.float64]:
    """Return the highest of the cones that reach each cell, in metres."""
    west, south, east, north = grid.bounds
    columns = int((east - west) / _CONE_SQUARE) + 3
    rows = int((north - south) / _CONE_SQUARE) + 3
    centre_x = rng.uniform(0, 1, (rows, columns))
    centre_y = rng.uniform(0, 1, (rows, columns))
    radius = rng.uniform(280.0, 640.0, (rows, columns))
    peak = radius * rng.uniform(0.25, 0.5, (rows, columns))
    x = (grid.x - west) / _CONE_SQUARE + 1.0
    y = (grid.y - south) / _CONE_SQUARE + 1.0
    column, row = x.astype(np.int64), y.astype(np.int64)
    highest = np.zeros(grid.shape)
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            j, i = column + across, row + down
            cell = np.ix_(i, j)
            dx = (j[None, :] + centre_x[cell] - x[None, :]) * _CONE_SQUARE
            dy = (i[:, None] + centre_y[cell] - y[:, None]) * _CONE_SQUARE
            flank = np.clip(1.0 - np.hypot(dx, dy) / radius[cell], 0.0, 1.0)
            np.maximum(highest, peak[cell] * flank, out=highest)
    return highest
