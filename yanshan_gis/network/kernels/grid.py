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
        begin = np.zeros(corner[3] * corner[4] + 1, dtype=np.int32)
        entry, ends = np.empty(0, dtype=np.int32), np.empty((0, 4))
        _lay(xy, segment, *corner, begin[1:], entry, ends)
        np.cumsum(begin, out=begin)
        entry, ends = np.empty(begin[-1], dtype=np.int32), np.empty((begin[-1], 4))
        _lay(xy, segment, *corner, begin[:-1].copy(), entry, ends)
        return cls(*corner, begin, entry, ends)

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
def _extent(xy, segment):
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
def _cell(position, cells):
    """Return the cell at a position, the first or the last for one outside."""
    if position < 0:
        return 0
    if position >= cells:
        return cells - 1
    return int(position)


@kernel
def _lay(xy, segment, x0, y0, cells_per_m, columns, rows, free, entry, ends):
    """Put segments where the cells they pass through have room; without entries, count them."""
    for k in segment:
        ax, ay, bx, by = xy[k, 0], xy[k, 1], xy[k + 1, 0], xy[k + 1, 1]
        from_x, from_y = (ax - x0) * cells_per_m, (ay - y0) * cells_per_m
        to_x, to_y = (bx - x0) * cells_per_m, (by - y0) * cells_per_m
        column, last_column = _cell(from_x, columns), _cell(to_x, columns)
        row, last_row = _cell(from_y, rows), _cell(to_y, rows)
        low, high = min(column, last_column), max(column, last_column)
        side = 1 if last_column >= column else -1
        up = 1 if last_row >= row else -1
        while True:
            leaves = last_column
            if row != last_row:
                border = row + 1 if up > 0 else row
                share = (border - from_y) / (to_y - from_y)
                leaves = max(low, min(high, _cell(from_x + share * (to_x - from_x), columns)))
            for passed in range(column, leaves + side, side):
                cell = row * columns + passed
                e = free[cell]
                free[cell] += 1
                if len(entry) > 0:
                    entry[e] = k
                    ends[e, 0], ends[e, 1], ends[e, 2], ends[e, 3] = ax, ay, bx, by
            if row == last_row:
                break
            column = leaves
            row += up


@kernel
def _winding(x, y, x0, y0, cells_per_m, columns, rows):
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
def _search(order, x, y, x0, y0, cells_per_m, columns, rows, begin, segment, ends, found):
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
def _better(px, py, low, high, segment, ends, best, least):
    """Return the nearest of some entries and of the best so far, with its squared distance."""
    for e in range(low, high):
        square = _squared(px, py, ends, e)
        if square < least or (square == least and segment[e] < segment[best]):
            best, least = e, square
    return best, least


@kernel
def _squared(px, py, ends, e):
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
