"""Walking time over terrain: from many places at once to every cell, or from every cell to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from yanshan_gis.raster.grid import Grid
    from yanshan_gis.raster.walking_surface import WalkingSurface

Direction = Literal["to", "from"]
# Rows and columns between two cells one move apart, and those of the cells it leads through.
_STRAIGHT = ((0, 1), (0, -1), (1, 0), (-1, 0))
_DIAGONAL = ((1, 1), (1, -1), (-1, 1), (-1, -1))
_KNIGHT = ((1, 2), (1, -2), (-1, 2), (-1, -2), (2, 1), (2, -1), (-2, 1), (-2, -1))
_BORDER = 2
# Steps of the queue held apart; a step is so many times the median time of a straight move. Both
# were measured, and change no result.
_LISTS, _WIDTH = 8192, 2.0


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
