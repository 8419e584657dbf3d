"""Modelled karst ground: a tilted plateau with basins (poljes), valleys and fields of cones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
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
class Cones:
    """Karst cones, one in each square of a lattice.

    Parameters
    ----------
    west, south
        Where the lattice begins, less one square.
    x, y
        Where in its square each cone stands, from 0 to 1; rows × columns.
    radius, peak
        Of each cone in metres.
    """

    west: float
    south: float
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    radius: NDArray[np.float64]
    peak: NDArray[np.float64]

    @classmethod
    def draw(cls, rng: np.random.Generator, grid: Grid) -> Cones:
        """Draw the cones of all squares that reach a grid.

        Parameters
        ----------
        rng
            Where the numbers come from.
        grid
            What they cover.

        Returns
        -------
        Cones
            One per square.
        """
        west, south, east, north = grid.bounds
        columns = int((east - west) / _CONE_SQUARE) + 3
        rows = int((north - south) / _CONE_SQUARE) + 3
        x = rng.uniform(0, 1, (rows, columns))
        y = rng.uniform(0, 1, (rows, columns))
        radius = rng.uniform(280.0, 640.0, (rows, columns))
        return cls(west, south, x, y, radius, radius * rng.uniform(0.25, 0.5, (rows, columns)))

    def on(self, grid: Grid) -> NDArray[np.float64]:
        """Return the highest of the cones that reach each cell.

        Parameters
        ----------
        grid
            Within what the cones cover.

        Returns
        -------
        numpy.ndarray
            Metres, rows × columns.
        """
        x = (grid.x - self.west) / _CONE_SQUARE + 1.0
        y = (grid.y - self.south) / _CONE_SQUARE + 1.0
        column, row = x.astype(np.int64), y.astype(np.int64)
        highest = np.zeros(grid.shape)
        for down in (-1, 0, 1):
            for across in (-1, 0, 1):
                j, i = column + across, row + down
                cell = np.ix_(i, j)
                dx = (j[None, :] + self.x[cell] - x[None, :]) * _CONE_SQUARE
                dy = (i[:, None] + self.y[cell] - y[:, None]) * _CONE_SQUARE
                flank = np.clip(1.0 - np.hypot(dx, dy) / self.radius[cell], 0.0, 1.0)
                np.maximum(highest, self.peak[cell] * flank, out=highest)
        return highest


@dataclass(frozen=True)
class Ground:
    """The model of the ground itself, which any grid within it may be read from.

    Parameters
    ----------
    west, east
        Between which the plateau is tilted.
    plateau, hills, courses, karst
        Its fields.
    cones
        What stands on it.
    """

    west: float
    east: float
    plateau: Waves
    hills: Waves
    courses: Waves
    karst: Waves
    cones: Cones

    @classmethod
    def draw(cls, rng: np.random.Generator, grid: Grid) -> Ground:
        """Draw the ground.

        Parameters
        ----------
        rng
            Where the numbers come from.
        grid
            What it covers.

        Returns
        -------
        Ground
            One of many.
        """
        west, _, east, _ = grid.bounds
        lengths = ((14_000, 60_000), (2_500, 9_000), (9_000, 26_000), (8_000, 24_000))
        plateau, hills, courses, karst = (Waves.draw(rng, *ends) for ends in lengths)
        return cls(west, east, plateau, hills, courses, karst, Cones.draw(rng, grid))

    def valleys(self, grid: Grid) -> NDArray[np.float64]:
        """Tell how far cells lie in a valley: one runs wherever a smooth field changes its sign.

        Parameters
        ----------
        grid
            Where.

        Returns
        -------
        numpy.ndarray
            1 on the valley's line, towards 0 away from it.
        """
        return np.exp(-((self.courses.on(grid) / 0.16) ** 2))

    def karstification(self, grid: Grid) -> NDArray[np.float64]:
        """Tell how karstic the rock under cells is.

        Parameters
        ----------
        grid
            Where.

        Returns
        -------
        numpy.ndarray
            From 0 (none) to 1.
        """
        return np.clip(0.5 + 0.9 * self.karst.on(grid), 0.0, 1.0)

    def on(self, grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Read the ground on a grid.

        Parameters
        ----------
        grid
            Within what was drawn.

        Returns
        -------
        tuple of numpy.ndarray
            Metres above the sea, and metres of it that karst cones make.
        """
        tilt = (0.5 - (grid.x - self.west) / (self.east - self.west))[None, :] * 180.0
        valley = self.valleys(grid)
        cones = self.cones.on(grid) * (self.karstification(grid) * (1.0 - 0.85 * valley))
        smooth = tilt + 105.0 * self.plateau.on(grid) + 34.0 * self.hills.on(grid)
        base = 1460.0 + 290.0 * np.tanh(smooth / 290.0)
        return np.clip(base - 150.0 * valley + cones, _LOWEST, _HIGHEST), cones


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
    ground
        What they were read from.
    """

    grid: Grid
    elevation: NDArray[np.float32]
    cones: NDArray[np.float32]
    ground: Ground

    @cached_property
    def steepness(self) -> NDArray[np.float32]:
        """Rise over run, rows × columns."""
        height, width = self.grid.cell[1], self.grid.cell[0]
        found: NDArray[np.float32] = np.hypot(*np.gradient(self.elevation, height, width))
        return found

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
    ground = Ground.draw(rng, grid)
    height, cones = ground.on(grid)
    return Terrain(grid, np.round(height, 1).astype(np.float32), cones.astype(np.float32), ground)
