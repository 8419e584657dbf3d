"""The straight segments of road lines: which one is nearest to a point, and where on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.network.kernels.grid import Grid

# Points from which on compiled code is worth loading.
_WORTH_LOADING = 20_000
# The tree rounds distances in its own way: what is so little farther may be as near.
_MARGIN_M = 1e-6
_MARGIN = 1e-9


@dataclass(frozen=True, eq=False)
class Feet:
    """The points of lines that are nearest to given points, one value per point.

    Parameters
    ----------
    line
        Index of the line.
    along_m
        Metres from the line's start.
    length_m
        Metres, the whole line.
    x, y
        Metres, exactly a vertex where one is nearest.
    """

    line: NDArray[np.int32]
    along_m: NDArray[np.float64]
    length_m: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Segments:
    """Lines as segments from each vertex but a line's last to the next.

    Parameters
    ----------
    lines
        LineStrings.
    xy
        Metres, shape (vertices, 2), line after line.
    line
        int32, the line of each vertex.
    """

    lines: NDArray[Any]
    xy: NDArray[np.float64]
    line: NDArray[np.int32]

    @classmethod
    def of(cls, lines: NDArray[Any]) -> Segments:
        """Take lines apart.

        Parameters
        ----------
        lines
            LineStrings, none empty.

        Returns
        -------
        Segments
            Of all lines.
        """
        xy, line = shapely.get_coordinates(lines, return_index=True)
        return cls(lines, xy, line.astype(np.int32))

    @cached_property
    def first(self) -> NDArray[np.int64]:
        """The first vertex of each line, and the number of vertices."""
        return np.searchsorted(self.line, np.arange(len(self.lines) + 1))

    @cached_property
    def along_m(self) -> NDArray[np.float64]:
        """Metres of each vertex from the start of its line."""
        step = np.zeros(len(self.xy))
        step[1:] = np.hypot(*np.diff(self.xy, axis=0).T)
        starts = self.first[:-1]
        step[starts] = 0.0
        # Back to nought at each line: sums that run on lose digits the farther they run.
        step[starts[1:]] = -np.add.reduceat(step, starts)[:-1]
        along = np.cumsum(step)
        along -= along[starts][self.line]
        return along

    def nearest(
        self,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        allowed: NDArray[np.bool_] | None = None,
        *,
        compiled: bool | None = None,
    ) -> NDArray[np.int64]:
        """Find the nearest segment of every point.

        Parameters
        ----------
        x, y
            Metres, finite.
        allowed
            True for the lines to search, at least one; all when None.
        compiled
            True for the compiled grid, False for shapely's tree; by the number of points when
            None. Both find the same.

        Returns
        -------
        numpy.ndarray
            The vertex the segment begins at; of equally near segments the lowest, so that a
            vertex two segments share is the end of the first.
        """
        if compiled is None:
            compiled = len(x) >= _WORTH_LOADING
        if compiled:
            try:
                return self._grid(allowed).nearest(x, y).astype(np.int64)
            except ImportError:
                pass
        return self._by_tree(x, y, allowed)

    def feet(
        self, vertex: NDArray[np.int64], x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> Feet:
        """Find the nearest point on a given segment for every point.

        Parameters
        ----------
        vertex
            The vertex the segment begins at.
        x, y
            Metres.

        Returns
        -------
        Feet
            With p the point, a and d the segment's start and direction, at
            t = (p - a) · d / d · d, held between 0 and 1.
        """
        (ax, ay), (bx, by) = self.xy[vertex].T, self.xy[vertex + 1].T
        dx, dy = bx - ax, by - ay
        dot, square = (x - ax) * dx + (y - ay) * dy, dx * dx + dy * dy
        t = dot / np.where(square > 0, square, 1.0)
        at_a, at_b = dot <= 0, dot >= square
        foot_x = np.where(at_a, ax, np.where(at_b, bx, ax + t * dx))
        foot_y = np.where(at_a, ay, np.where(at_b, by, ay + t * dy))
        start, end = self.along_m[vertex], self.along_m[vertex + 1]
        along = np.where(at_a, start, np.where(at_b, end, start + t * (end - start)))
        line = self.line[vertex]
        return Feet(line, along, self.along_m[self.first[line + 1] - 1], foot_x, foot_y)

    def _grid(self, allowed: NDArray[np.bool_] | None) -> Grid:
        return self._whole_grid if allowed is None else _lay_grid(self, allowed)

    @cached_property
    def _whole_grid(self) -> Grid:
        return _lay_grid(self, np.ones(len(self.lines), dtype=bool))

    @cached_property
    def _whole_tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.lines)

    def _by_tree(
        self,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        allowed: NDArray[np.bool_] | None,
    ) -> NDArray[np.int64]:
        if allowed is None:
            tree, number = self._whole_tree, np.arange(len(self.lines))
        else:
            number = np.flatnonzero(allowed)
            tree = shapely.STRtree(self.lines[number])
        points = shapely.points(x, y)
        _, distance = tree.query_nearest(points, all_matches=False, return_distance=True)
        radius = distance * (1 + _MARGIN) + _MARGIN_M
        point, line = tree.query(points, predicate="dwithin", distance=radius)
        first, stop = self.first[number[line]], self.first[number[line] + 1] - 1
        # Every segment of every line that comes near enough, then the nearest of each point.
        point = np.repeat(point, stop - first)
        vertex = np.repeat(stop - np.cumsum(stop - first), stop - first) + np.arange(len(point))
        square = squared_m(x[point], y[point], self.xy[vertex], self.xy[vertex + 1])
        order = np.lexsort((vertex, square, point))
        nearest: NDArray[np.int64] = vertex[order[np.diff(point[order], prepend=-1) != 0]]
        return nearest


def squared_m(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    a: NDArray[np.float64],
    b: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the squared distances of points from segments.

    Beside an end it is the distance from the end itself, the same number for all segments that
    meet there; else ((b - a) × (p - a))² / |b - a|².

    Parameters
    ----------
    x, y
        Metres, the points.
    a, b
        Metres, shape (points, 2): the ends of each point's segment.

    Returns
    -------
    numpy.ndarray
        Square metres.
    """
    (dx, dy), wx, wy = (b - a).T, x - a[:, 0], y - a[:, 1]
    dot, square = wx * dx + wy * dy, dx * dx + dy * dy
    ex, ey = x - b[:, 0], y - b[:, 1]
    cross = dx * wy - dy * wx
    beside = cross * cross / np.where(square > 0, square, 1.0)
    at_end = np.where(dot >= square, ex * ex + ey * ey, beside)
    return np.where(dot <= 0, wx * wx + wy * wy, at_end)


def _lay_grid(segments: Segments, allowed: NDArray[np.bool_]) -> Grid:
    from yanshan_gis.network.kernels.grid import Grid

    begins = allowed[segments.line]
    begins[segments.first[1:] - 1] = False
    return Grid.of(segments.xy, np.flatnonzero(begins).astype(np.int32))
