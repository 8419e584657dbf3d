"""Lines that cross without meeting: no shared vertex, so no junction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.network.touches import Segments

# Segments searched at a time; bounds the memory for candidate pairs.
_BATCH = 200_000
# Crossings of the same two lines nearer than this are one.
_SAME_M = 0.02


@dataclass(frozen=True)
class Crossings:
    """Points at which two lines of one level cross.

    Parameters
    ----------
    part, other
        The two lines, the lower number first; equal for a line that crosses itself.
    x, y
        Metres.
    """

    part: NDArray[np.int64]
    other: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]

    def take(self, rows: NDArray[np.int64]) -> Crossings:
        """Keep some crossings.

        Parameters
        ----------
        rows
            Which, in order.

        Returns
        -------
        Crossings
            Those rows.
        """
        return Crossings(self.part[rows], self.other[rows], self.x[rows], self.y[rows])


def find_crossings(segments: Segments) -> Crossings:
    """Find where segments of one level cross and share no vertex.

    Lines that run along each other do not cross. A vertex of one line on the interior of the
    other counts, since neither line knows of a junction there.

    Parameters
    ----------
    segments
        All segments.

    Returns
    -------
    Crossings
        Ordered by line, other line, x, y; a crossing at a vertex is told once.
    """
    found = [_crossings_of(segments, *pair) for pair in _candidates(segments)]
    if not found:
        none = np.empty(0, dtype=np.int64)
        return Crossings(none, none, np.empty(0), np.empty(0))
    joined = Crossings(
        *(np.concatenate([getattr(f, name) for f in found]) for name in ("part", "other", "x", "y"))
    )
    order = np.lexsort((joined.y, joined.x, joined.other, joined.part))
    joined = joined.take(order)
    new = np.ones(len(order), dtype=bool)
    new[1:] = (
        (np.diff(joined.part) != 0)
        | (np.diff(joined.other) != 0)
        | (np.hypot(np.diff(joined.x), np.diff(joined.y)) > _SAME_M)
    )
    return joined.take(np.flatnonzero(new))


def _candidates(segments: Segments) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pair segments of one level whose boxes overlap and that share no vertex."""
    geometry = segments.tree.geometries
    level = segments.vertices.level[segments.part]
    a, b = segments.a, segments.b
    pairs = []
    for begin in range(0, len(geometry), _BATCH):
        one, other = segments.tree.query(geometry[begin : begin + _BATCH])
        one = one + begin
        later = one < other
        one, other = one[later], other[later]
        apart = (a[one] != a[other]) & (a[one] != b[other])
        apart &= (b[one] != a[other]) & (b[one] != b[other])
        apart &= level[one] == level[other]
        pairs.append((one[apart], other[apart]))
    return pairs


def _crossings_of(
    segments: Segments, one: NDArray[np.int64], other: NDArray[np.int64]
) -> Crossings:
    """Intersect pairs of segments; parallel ones have no crossing."""
    x, y = segments.vertices.x, segments.vertices.y
    a, b, c, d = segments.a[one], segments.b[one], segments.a[other], segments.b[other]
    ux, uy, vx, vy = x[b] - x[a], y[b] - y[a], x[d] - x[c], y[d] - y[c]
    wx, wy = x[c] - x[a], y[c] - y[a]
    cross = ux * vy - uy * vx
    parallel = cross == 0
    cross = np.where(parallel, 1.0, cross)
    s, t = (wx * vy - wy * vx) / cross, (wx * uy - wy * ux) / cross
    meets = ~parallel & (s >= 0) & (s <= 1) & (t >= 0) & (t <= 1)
    part, later = segments.part[one[meets]], segments.part[other[meets]]
    return Crossings(part, later, (x[a] + s * ux)[meets], (y[a] + s * uy)[meets])


def unconnected(
    crossings: Crossings,
    node_x: NDArray[np.float64],
    node_y: NDArray[np.float64],
    node_part: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> Crossings:
    """Leave out the crossings at which both lines meet in a node after all.

    Parameters
    ----------
    crossings
        As found among the lines as read.
    node_x, node_y
        Metres, one per node.
    node_part
        Pairs of a node and a line through it.

    Returns
    -------
    Crossings
        Those without a node within two centimetres that both lines share.
    """
    if not len(crossings.part) or not len(node_x):
        return crossings
    tree = shapely.STRtree(shapely.points(node_x, node_y))
    points = shapely.points(crossings.x, crossings.y)
    which, node = tree.query(points, predicate="dwithin", distance=_SAME_M)
    n = int(max(node_part[1].max(), crossings.other.max())) + 1
    known = node_part[0] * n + node_part[1]
    through = np.isin(node * n + crossings.part[which], known)
    through &= np.isin(node * n + crossings.other[which], known)
    met = np.zeros(len(crossings.part), dtype=bool)
    met[which[through]] = True
    return crossings.take(np.flatnonzero(~met))
