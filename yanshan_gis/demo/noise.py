"""Seeded smooth noise: a sum of plane waves, the same at a point whatever grid it is read on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.raster.grid import Grid


@dataclass(frozen=True)
class Waves:
    """Plane waves of many directions; their sum has mean 0 and standard deviation 1.

    Parameters
    ----------
    kx, ky
        Wave numbers in radians per metre.
    phase
        Radians.
    amplitude
        Of each wave.
    """

    kx: NDArray[np.float64]
    ky: NDArray[np.float64]
    phase: NDArray[np.float64]
    amplitude: NDArray[np.float64]

    @classmethod
    def draw(
        cls, rng: np.random.Generator, shortest: float, longest: float, count: int = 48
    ) -> Waves:
        """Draw waves whose lengths are spread evenly over a range of scales.

        Parameters
        ----------
        rng
            Where the numbers come from.
        shortest, longest
            Wavelengths in metres.
        count
            How many waves.

        Returns
        -------
        Waves
            Longer waves are stronger.
        """
        length = np.exp(rng.uniform(np.log(shortest), np.log(longest), count))
        angle = rng.uniform(0, 2 * np.pi, count)
        number = 2 * np.pi / length
        weight = np.sqrt(length / longest)
        weight *= np.sqrt(2 / np.sum(weight**2))
        phase = rng.uniform(0, 2 * np.pi, count)
        return cls(number * np.cos(angle), number * np.sin(angle), phase, weight)

    def at(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Evaluate at points.

        Parameters
        ----------
        xy
            Points × 2, metres.

        Returns
        -------
        numpy.ndarray
            One value per point.
        """
        total = np.zeros(len(xy))
        for kx, ky, phase, amplitude in zip(
            self.kx, self.ky, self.phase, self.amplitude, strict=True
        ):
            total += amplitude * np.cos(kx * xy[:, 0] + ky * xy[:, 1] + phase)
        return total

    def on(self, grid: Grid) -> NDArray[np.float64]:
        """Evaluate at the centres of a grid's cells.

        A wave on a grid is two outer products, so the cost hardly grows with the number of waves.

        Parameters
        ----------
        grid
            Where.

        Returns
        -------
        numpy.ndarray
            Rows × columns.
        """
        across = self.kx[:, None] * grid.x[None, :] + self.phase[:, None]
        down = self.ky[:, None] * grid.y[None, :]
        weight = self.amplitude[:, None]
        total = np.matmul((weight * np.cos(down)).T, np.cos(across))
        total -= np.matmul((weight * np.sin(down)).T, np.sin(across))
        return np.asarray(total)
