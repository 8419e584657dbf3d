"""Walking time over terrain: from many places at once to every cell, or from every cell to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from yanshan_gis.crs import check_metric
from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from yanshan_gis.raster.grid import Grid

Direction = Literal["to", "from"]
LEVEL_KMH = 6 * float(np.exp(-3.5 * 0.05))
OFF_PATH = 0.6
# Rows and columns between two cells one move apart, and those of the cells it leads through.
_STRAIGHT = ((0, 1), (0, -1), (1, 0), (-1, 0))
_DIAGONAL = ((1, 1), (1, -1), (-1, 1), (-1, -1))
_KNIGHT = ((1, 2), (1, -2), (-1, 2), (-1, -2), (2, 1), (2, -1), (-2, 1), (-2, -1))
_BORDER = 2
# Steps of the queue held apart; a step is this share of the median time of a straight move. Both
# were measured, and change no result.
_LISTS, _WIDTH = 8192, 0.25


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


@dataclass(frozen=True, eq=False)
class Walk:
    """Walking times between places and all cells of a grid.

    Parameters
    ----------
    grid
        The grid.
    minutes
        Per cell, the time spent at the start included; NaN where no way leads.
    source
        int32, the place at least time, the lower of equals; -1 where no way leads.
    shut_out
        Rows of the starts that count for nothing: off the grid, in a cell nobody enters, or
        without a time.
    """

    grid: Grid
    minutes: NDArray[np.float64]
    source: NDArray[np.int32]
    shut_out: NDArray[np.int64]

    def at(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Look up points.

        Parameters
        ----------
        x, y
            Points in the grid's CRS.

        Returns
        -------
        tuple of numpy.ndarray
            Minutes and place at the centre of the cell each point lies in; NaN and -1 where no way
            leads or off the grid.
        """
        row, column, inside = self.grid.rowcol(x, y)
        minutes = np.where(inside, self.minutes[row, column], np.nan)
        return minutes, np.where(inside, self.source[row, column], np.int32(-1))


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


def walk(
    surface: WalkingSurface,
    x: ArrayLike,
    y: ArrayLike,
    *,
    minutes: ArrayLike | None = None,
    source: ArrayLike | None = None,
    direction: Direction = "to",
    neighbours: int = 16,
    cutoff_min: float = np.inf,
) -> Walk:
    """Find the least walking time between places and every cell.

    People walk from centre to centre of cells. A move takes the mean pace of the cells it leads
    through, by its length in each, times how much Tobler's speed on its slope is below that on the
    level. Sixteen neighbours are the eight around and the knight's moves, which lead through two
    cells between and over their mean height; nobody passes through a barrier cell, nor between two
    that touch at a corner. Eight neighbours lengthen level ways by up to 8 %, sixteen by up to
    2.8 %. Distances are horizontal.

    Parameters
    ----------
    surface
        Where and how fast people walk.
    x, y
        Places in the grid's CRS; each starts at the centre of its cell.
    minutes
        Spent at each place before, such as a trip on the road; 0 when None. A place whose time is
        NaN is left out.
    source
        What `Walk.source` says of each place: 0 or more; its row when None.
    direction
        Whether people walk ``to`` the places or ``from`` them: uphill one way is downhill the
        other.
    neighbours
        8 or 16.
    cutoff_min
        Longest time, inclusive; beyond it nothing is found.

    Returns
    -------
    Walk
        Minutes and place per cell.

    Raises
    ------
    UsageError
        When the direction or the neighbours are not known.
    DataError
        When times or sources are not one per place, or are below 0.
    """
    _check_way(direction, neighbours)
    row, column, inside = surface.grid.rowcol(np.atleast_1d(x), np.atleast_1d(y))
    spent, owner = _starts(len(row), minutes, source)
    entered = inside & np.isfinite(spent)
    entered[entered] = np.isfinite(surface.pace[row[entered], column[entered]])
    found = _search(
        surface, row[entered], column[entered], spent[entered], owner[entered],
        sign=1.0 if direction == "from" else -1.0, neighbours=neighbours, cutoff=cutoff_min,
    )  # fmt: skip
    return Walk(surface.grid, *found, np.flatnonzero(~entered))


def _search(
    surface: WalkingSurface,
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    spent: NDArray[np.float64],
    owner: NDArray[np.int32],
    *,
    sign: float,
    neighbours: int,
    cutoff: float,
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    from yanshan_gis.raster.kernels.walking import spread

    rows, columns = (size + 2 * _BORDER for size in surface.grid.shape)
    if rows * columns > np.iinfo(np.int32).max:
        raise DataError(
            "walking-size",
            N_("A grid of {cells} cells is too large to walk over; use larger cells."),
            cells=rows * columns,
        )
    moves, metres = _moves(columns, surface.grid.cell[0], neighbours)
    pace = np.pad(surface.pace, _BORDER, constant_values=np.inf).ravel()
    tilted = surface.height is not None
    height = np.pad(surface.height, _BORDER).ravel() if surface.height is not None else np.empty(0)
    time, ring = np.full(rows * columns, np.inf), np.full(rows * columns, -1, dtype=np.int32)
    source, head = ring.copy(), np.full(_LISTS + 1, -1, dtype=np.int32)
    after, before = np.empty_like(ring), np.empty_like(ring)
    width = _step_min(surface)
    seeds = (row + _BORDER) * columns + column + _BORDER
    spread(
        pace, height, tilted, sign, moves, metres, seeds, spent, owner, width, float(cutoff),
        time, source, head, after, before, ring,
    )  # fmt: skip
    inner = (slice(_BORDER, -_BORDER), slice(_BORDER, -_BORDER))
    minutes = time.reshape(rows, columns)[inner].copy()
    minutes[np.isinf(minutes)] = np.nan
    return minutes, source.reshape(rows, columns)[inner].copy()


def _step_min(surface: WalkingSurface) -> float:
    """Return the minutes of a step of the queue, from a sample of cells."""
    sample = surface.pace[:: max(1, surface.pace.shape[0] // 256)]
    sample = sample[:, :: max(1, surface.pace.shape[1] // 256)]
    sample = sample[np.isfinite(sample)]
    typical = float(np.median(sample)) if len(sample) else 1.0
    return _WIDTH * typical * surface.grid.cell[0]


def _moves(columns: int, cell: float, neighbours: int) -> tuple[NDArray[np.int64], Any]:
    """List the moves on a flat array of so many columns, and their lengths in metres."""
    rows: list[tuple[int, int, int, int]] = []
    metres: list[float] = []

    def add(kind: int, to: tuple[int, int], *between: tuple[int, int]) -> None:
        steps = [down * columns + right for down, right in (to, *between)]
        rows.append((kind, *steps, *[0] * (2 - len(between))))  # type: ignore[arg-type]
        metres.append(cell * float(np.hypot(*to)))

    for to in _STRAIGHT:
        add(0, to)
    for down, right in _DIAGONAL:
        add(1, (down, right), (down, 0), (0, right))
    for down, right in _KNIGHT if neighbours == 16 else ():
        near = (0, right // 2) if abs(right) == 2 else (down // 2, 0)
        add(2, (down, right), near, (down - near[0], right - near[1]))
    return np.array(rows, dtype=np.int64), np.array(metres)


def _starts(
    count: int, minutes: ArrayLike | None, source: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    spent = np.zeros(count) if minutes is None else np.asarray(minutes, dtype=float)
    owner = np.arange(count) if source is None else np.asarray(source)
    if spent.shape != (count,) or owner.shape != (count,) or (spent < 0).any() or (owner < 0).any():
        raise DataError(
            "walking-starts",
            N_("The times and sources need one number of 0 or more for each of {count} places."),
            count=count,
        )
    return spent, owner.astype(np.int32)


def _check_way(direction: str, neighbours: int) -> None:
    if direction not in get_args(Direction):
        raise UsageError(
            "direction-unknown",
            N_("Direction {direction!r} is not known; it is to or from."),
            direction=direction,
        )
    if neighbours not in (8, 16):
        raise UsageError(
            "walking-neighbours",
            N_("A cell has 8 or 16 neighbours, not {count}."),
            count=neighbours,
        )


def _on(grid: Grid, raster: ArrayLike, what: str, dtype: type = float) -> NDArray[Any]:
    """Return a raster that has the grid's shape."""
    cells = np.asarray(raster, dtype=dtype)
    if cells.shape != grid.shape:
        raise DataError(
            "walking-shape",
            N_("The raster {raster} has {found} cells where the grid has {expected}."),
            raster=what,
            found=" × ".join(map(str, cells.shape)),
            expected=" × ".join(map(str, grid.shape)),
        )
    return cells
