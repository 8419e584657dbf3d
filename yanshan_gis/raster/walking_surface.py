"""Where and how fast people walk: pace and height of every cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from yanshan_gis.crs import check_metric
from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from yanshan_gis.raster.grid import Grid

LEVEL_KMH = 6 * float(np.exp(-3.5 * 0.05))
OFF_PATH = 0.6


def tobler_kmh(slope: ArrayLike) -> NDArray[np.float64]:
    """Return the walking speed on a slope by Tobler's function (Tobler 1993).

    Parameters
    ----------
    slope
        Rise over run in the direction of travel, below zero downhill.

    Returns
    -------
    numpy.ndarray
        6 · exp(−3.5 · |S + 0.05|) km/h of horizontal distance; at most 6 at S = −0.05, and 5.04 on
        the level.
    """
    return np.asarray(6 * np.exp(-3.5 * np.abs(np.asarray(slope, dtype=float) + 0.05)))


@dataclass(frozen=True, eq=False)
class WalkingSurface:
    """Where and how fast people walk.

    Parameters
    ----------
    grid
        In a projected CRS in metres, with square cells.
    pace
        Minutes per metre on the level, one per cell; infinite where nobody walks.
    height
        Metres; None where slopes do not count (isotropic).
    """

    grid: Grid
    pace: NDArray[np.float64]
    height: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        check_metric(self.grid.crs, "walking time")
        width, height = self.grid.cell
        if not np.isclose(width, height, rtol=1e-9):
            raise DataError(
                "walking-cells",
                N_("Walking time needs square cells, not {width:g} m × {height:g} m; warp them."),
                width=width,
                height=height,
            )
        pace = _on(self.grid, self.pace, "pace")
        if (pace <= 0).any():
            raise DataError("walking-pace", N_("A pace has to be above 0 minutes per metre."))
        known = np.isfinite(pace)
        if self.height is not None:
            height_m = _on(self.grid, self.height, "elevation")
            known &= np.isfinite(height_m)
            object.__setattr__(self, "height", height_m)
        object.__setattr__(self, "pace", np.where(known, pace, np.inf))

    @classmethod
    def of(
        cls,
        grid: Grid,
        *,
        elevation: ArrayLike | None = None,
        speed: ArrayLike | float = OFF_PATH,
        barriers: ArrayLike | None = None,
        level_kmh: float = LEVEL_KMH,
    ) -> WalkingSurface:
        """Put a surface together.

        Parameters
        ----------
        grid
            Of all rasters given.
        elevation
            Metres; NaN where nobody walks. Slopes do not count when None.
        speed
            Share of Tobler's speed kept, 1 on a path and 0.6 off it, one per cell or one for all
            (see `speed_factors`); NaN or 0 where nobody walks.
        barriers
            True in cells nobody enters: rivers, cliffs.
        level_kmh
            Walking speed on a level path; Tobler's 5.04 km/h.

        Returns
        -------
        WalkingSurface
            Cells with anything unknown are impassable.

        Raises
        ------
        CrsError
            When the grid is not in a projected CRS in metres.
        DataError
            When a raster is not of the grid's shape, a share is below 0, cells are not square, or
            the speed is not above 0.
        """
        if not level_kmh > 0:
            raise DataError(
                "walk-speed",
                N_("The walking speed is {speed} km/h; it must be more than 0."),
                speed=level_kmh,
            )
        factor = np.broadcast_to(np.asarray(speed, dtype=float), grid.shape)
        factor = _on(grid, factor if np.ndim(speed) == 0 else speed, "speed")
        if (factor < 0).any():
            raise DataError("walking-factor", N_("A share of the walking speed is below 0."))
        open_ = factor > 0
        if barriers is not None:
            open_ &= ~_on(grid, barriers, "barriers", bool)
        pace = np.full(grid.shape, np.inf)
        np.divide(0.06 / level_kmh, factor, out=pace, where=open_)
        height = None if elevation is None else np.asarray(elevation, dtype=float)
        return cls(grid, pace, height)


def speed_factors(
    classes: ArrayLike, factors: Mapping[int, float], *, nodata: float | None = None
) -> NDArray[np.float64]:
    """Turn land cover into shares of the walking speed.

    Parameters
    ----------
    classes
        Class of every cell.
    factors
        Share of Tobler's speed per class; 0 for one nobody enters.
    nodata
        Class that means nothing is known.

    Returns
    -------
    numpy.ndarray
        float64; NaN, which nobody enters, in cells without data.

    Raises
    ------
    DataError
        When a class found has no factor: it is named, not guessed.
    """
    cells = np.asarray(classes)
    found, index = np.unique(cells, return_inverse=True)
    unknown = np.isnan(found.astype(float))
    if nodata is not None:
        unknown |= found == nodata
    known = {float(code): share for code, share in factors.items()}
    without = [f"{code:g}" for code in found[~unknown] if float(code) not in known]
    if without:
        raise DataError(
            "walking-class",
            N_("No walking speed is given for land cover {classes}."),
            classes=", ".join(without),
        )
    pairs = zip(found, unknown, strict=True)
    values = [np.nan if lost else known[float(code)] for code, lost in pairs]
    return np.asarray(values, dtype=float)[index].reshape(cells.shape)


def _on(grid: Grid, raster: ArrayLike, what: str, dtype: type = float) -> NDArray[Any]:
    """Return a raster that has the grid's shape."""
    cells: NDArray[Any] = np.asarray(raster, dtype=dtype)
    if cells.shape != grid.shape:
        raise DataError(
            "walking-shape",
            N_("The raster {raster} has {found} cells where the grid has {expected}."),
            raster=what,
            found=" × ".join(map(str, cells.shape)),
            expected=" × ".join(map(str, grid.shape)),
        )
    return cells
