"""The nearest road segment of many points, by a uniform grid over the segments."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.network.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Smaller cells are of no use: road vertices lie on a millimetre grid.
_LEAST_CELL_M = 0.001
# Far above what rounding misplaces, far below what a search notices: in cells, and relative.
_SLACK = 1e-6
_ROUNDING = 1e-12
# Points from which on a second thread pays.
_TWO_THREADS = 20_000


@dataclass(frozen=True, eq=False)
class Grid:
    """Segments by the square cells they pass through.

    Parameters
    ----------
    x0, y0
        Metres, the lower left corner.
    cells_per_m
        Cells in a metre.
    columns, rows
        How many cells.
    begin
        int32: the entries of cell ``row * columns + column`` are ``begin[cell]`` to
        ``begin[cell + 1] - 1``.
    segment
        int32, one per entry: the vertex the segment begins at, ascending within a cell.
    ends
        Metres, shape (entries, 4): x and y of the segment's two ends, kept here once more so
        that a search reads along memory.
    """

    x0: float
    y0: float
    cells_per_m: float
    columns: int
    rows: int
    begin: NDArray[np.int32]
    segment: NDArray[np.int32]
    ends: NDArray[np.float64]

    @classmethod
    def of(cls, xy: NDArray[np.float64], segment: NDArray[np.int32]) -> Grid:
        """Lay segments out on a grid of about as many cells as there are segments.

        Parameters
        ----------
        xy
            Metres, shape (vertices, 2).
        segment
            int32, ascending, at least one: the vertices segments begin at. Each ends at the
            vertex that follows.

        Returns
        -------
        Grid
            Square cells, never shorter than the mean segment.
        """
        x0, y0, wide, high, mean = _extent(xy, segment)
        fair = np.sqrt(wide * high / len(segment))
        size = max(fair, mean, wide / len(segment), high / len(segment), _LEAST_CELL_M)
        corner = (x0, y0, 1 / size, int(wide / size) + 1, int(high / size) + 1)
        return cls(*corner, *_lay(xy, segment, *corner))

    def nearest(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int32]:
        """Find the nearest segment of every point.

        Parameters
        ----------
        x, y
            Metres, finite.

        Returns
        -------
        numpy.ndarray
            int32, the vertex the segment begins at; of equally near segments the lowest.
        """
        # About one point in a cell: then the last point's answer bounds the search of the next.
        step = max(1.0, np.sqrt(self.columns * self.rows / max(len(x), 1)))
        coarse = (int(self.columns / step) + 1, int(self.rows / step) + 1)
        order = _winding(x, y, self.x0, self.y0, self.cells_per_m / step, *coarse)
        found = np.empty(len(x), dtype=np.int32)
        tables = (self.x0, self.y0, self.cells_per_m, self.columns, self.rows,
                  self.begin, self.segment, self.ends, found)  # fmt: skip
        if len(x) < _TWO_THREADS:
            _search(order, x, y, *tables)
            return found
        with ThreadPoolExecutor(2) as threads:
            halves = np.array_split(order, 2)
            for done in [threads.submit(_search, half, x, y, *tables) for half in halves]:
                done.result()
        return found


@kernel
def _extent(
    xy: NDArray[np.float64], segment: NDArray[np.int32]
) -> tuple[float, float, float, float, float]:
    """Return the lower left corner, width and height of the segments, and their mean length."""
    x0 = x1 = xy[segment[0], 0]
    y0 = y1 = xy[segment[0], 1]
    length = 0.0
    for k in segment:
        ax, ay, bx, by = xy[k, 0], xy[k, 1], xy[k + 1, 0], xy[k + 1, 1]
        x0, x1 = min(x0, ax, bx), max(x1, ax, bx)
        y0, y1 = min(y0, ay, by), max(y1, ay, by)
        length += np.hypot(bx - ax, by - ay)
    return x0, y0, x1 - x0, y1 - y0, length / len(segment)


@kernel
def _cell(position: float, cells: int) -> int:
    """Return the cell at a position, the first or the last for one outside."""
    if position < 0:
        return 0
    if position >= cells:
        return cells - 1
    return int(position)


@kernel
def _lay(
    xy: NDArray[np.float64],
    segment: NDArray[np.int32],
    x0: float,
    y0: float,
    cells_per_m: float,
    columns: int,
    rows: int,
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Sort the cells of all segments by counting."""
    # A segment that crosses c columns and r rows passes through c + r + 1 cells.
    stop = np.empty(len(segment), dtype=np.int64)
    total = 0
    for i in range(len(segment)):
        k = segment[i]
        for axis, origin, cells in ((0, x0, columns), (1, y0, rows)):
            total += abs(
                _cell((xy[k + 1, axis] - origin) * cells_per_m, cells)
                - _cell((xy[k, axis] - origin) * cells_per_m, cells)
            )
        total += 1
        stop[i] = total
    cell = np.empty(total, dtype=np.int32)
    at = 0
    for k in segment:
        ax, ay = (xy[k, 0] - x0) * cells_per_m, (xy[k, 1] - y0) * cells_per_m
        bx, by = (xy[k + 1, 0] - x0) * cells_per_m, (xy[k + 1, 1] - y0) * cells_per_m
        at = _trace(ax, ay, bx, by, columns, rows, cell, at)
    begin = np.zeros(columns * rows + 1, dtype=np.int32)
    for c in cell:
        begin[c + 1] += 1
    for c in range(columns * rows):
        begin[c + 1] += begin[c]
    return begin, *_scatter(xy, segment, stop, cell, begin[:-1].copy())


@kernel
def _trace(
    ax: float,
    ay: float,
    bx: float,
    by: float,
    columns: int,
    rows: int,
    cell: NDArray[np.int32],
    at: int,
) -> int:
    """Write down the cells of a segment given in cells, row by row."""
    column, row = _cell(ax, columns), _cell(ay, rows)
    last_column, last_row = _cell(bx, columns), _cell(by, rows)
    side = 1 if last_column >= column else -1
    up = 1 if last_row >= row else -1
    while True:
        leaves = last_column
        if row != last_row:
            border = row + 1 if up > 0 else row
            leaves = _cell(ax + (border - ay) / (by - ay) * (bx - ax), columns)
            leaves = max(min(column, last_column), min(leaves, max(column, last_column)))
        for passed in range(column, leaves + side, side):
            cell[at] = row * columns + passed
            at += 1
        if row == last_row:
            return at
        column = leaves
        row += up


@kernel
def _scatter(
    xy: NDArray[np.float64],
    segment: NDArray[np.int32],
    stop: NDArray[np.int64],
    cell: NDArray[np.int32],
    free: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Put segments where their cells have room."""
    entry = np.empty(len(cell), dtype=np.int32)
    ends = np.empty((len(cell), 4))
    at = 0
    for i in range(len(segment)):
        k = segment[i]
        for c in cell[at : stop[i]]:
            e = free[c]
            free[c] += 1
            entry[e] = k
            ends[e, 0], ends[e, 1], ends[e, 2], ends[e, 3] = (
                xy[k, 0], xy[k, 1], xy[k + 1, 0], xy[k + 1, 1],
            )  # fmt: skip
        at = stop[i]
    return entry, ends


@kernel
def _winding(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    x0: float,
    y0: float,
    cells_per_m: float,
    columns: int,
    rows: int,
) -> NDArray[np.int32]:
    """Order points along the rows, to and fro, so that neighbours follow each other."""
    cell = np.empty(len(x), dtype=np.int32)
    free = np.zeros(columns * rows + 1, dtype=np.int32)
    for i in range(len(x)):
        column = _cell((x[i] - x0) * cells_per_m, columns)
        row = _cell((y[i] - y0) * cells_per_m, rows)
        cell[i] = row * columns + (columns - 1 - column if row % 2 else column)
        free[cell[i] + 1] += 1
    for c in range(columns * rows):
        free[c + 1] += free[c]
    order = np.empty(len(x), dtype=np.int32)
    for i in range(len(x)):
        order[free[cell[i]]] = i
        free[cell[i]] += 1
    return order


@kernel
def _search(
    order: NDArray[np.int32],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    x0: float,
    y0: float,
    cells_per_m: float,
    columns: int,
    rows: int,
    begin: NDArray[np.int32],
    segment: NDArray[np.int32],
    ends: NDArray[np.float64],
    found: NDArray[np.int32],
) -> None:
    """Search row by row, away from the point, what of a row lies within the best distance."""
    best = 0
    for i in order:
        px, py = x[i], y[i]
        column, row = (px - x0) * cells_per_m, (py - y0) * cells_per_m
        own = _cell(row, rows)
        least = _squared(px, py, ends, best)
        home = own * columns + _cell(column, columns)
        best, least = _better(px, py, begin[home], begin[home + 1], segment, ends, best, least)
        for up in (1, -1):
            r = own if up > 0 else own - 1
            while 0 <= r < rows:
                gap = max(r - row, row - r - 1, 0.0) - _SLACK
                room = np.sqrt(least) * cells_per_m * (1 + _ROUNDING) + _SLACK
                if gap > room:
                    break
                if gap > 0:
                    room = np.sqrt((room - gap) * (room + gap)) + _SLACK
                if column + room >= 0 and column - room <= columns:
                    low = begin[r * columns + _cell(column - room, columns)]
                    high = begin[r * columns + _cell(column + room, columns) + 1]
                    best, least = _better(px, py, low, high, segment, ends, best, least)
                r += up
        found[i] = segment[best]


@kernel
def _better(
    px: float,
    py: float,
    low: int,
    high: int,
    segment: NDArray[np.int32],
    ends: NDArray[np.float64],
    best: int,
    least: float,
) -> tuple[int, float]:
    """Return the nearest of some entries and of the best so far, with its squared distance."""
    for e in range(low, high):
        square = _squared(px, py, ends, e)
        if square < least or (square == least and segment[e] < segment[best]):
            best, least = e, square
    return best, least


@kernel
def _squared(px: float, py: float, ends: NDArray[np.float64], e: int) -> float:
    """Return the squared distance of a point, to the last bit that of `squared_m`."""
    ax, ay, bx, by = ends[e, 0], ends[e, 1], ends[e, 2], ends[e, 3]
    dx, dy, wx, wy = bx - ax, by - ay, px - ax, py - ay
    dot = wx * dx + wy * dy
    if dot <= 0:
        return wx * wx + wy * wy
    square = dx * dx + dy * dy
    if dot >= square:
        wx, wy = px - bx, py - by
        return wx * wx + wy * wy
    cross = dx * wy - dy * wx
    return cross * cross / square
