"""Where the ends of lines meet other lines: within a centimetre, or across a small gap."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.network.vertices import Vertices

# An end this near to a line touches it; survey software rounds to centimetres.
TOUCH_M = 0.01
# Vertices of its own line that are nearer than this along the line are no touch of an end.
_OWN_M = 0.1


@dataclass(frozen=True)
class Segments:
    """The straight pieces between consecutive vertices, with a spatial index.

    Parameters
    ----------
    vertices
        The lines.
    start
        Vertex at which each segment begins; it ends at the next one.
    """

    vertices: Vertices
    start: NDArray[np.int64]

    @classmethod
    def of(cls, vertices: Vertices) -> Segments:
        """Take the segments of lines.

        Parameters
        ----------
        vertices
            The lines.

        Returns
        -------
        Segments
            In the order of the vertices.
        """
        return cls(vertices, np.flatnonzero(np.diff(vertices.part) == 0))

    @property
    def part(self) -> NDArray[np.int64]:
        """Line of each segment."""
        return self.vertices.part[self.start]

    @property
    def a(self) -> NDArray[np.int64]:
        """Place at which each segment begins."""
        return self.vertices.place[self.start]

    @property
    def b(self) -> NDArray[np.int64]:
        """Place at which each segment ends."""
        return self.vertices.place[self.start + 1]

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Spatial index over the segments."""
        x, y, start = self.vertices.x, self.vertices.y, self.start
        ends = self.vertices.place[np.stack([start, start + 1], axis=1)]
        return shapely.STRtree(shapely.linestrings(np.stack([x[ends], y[ends]], axis=-1)))

    def near(
        self, places: NDArray[np.int64], distance_m: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pair places with the segments near them.

        Parameters
        ----------
        places
            Indices of places.
        distance_m
            How near, inclusive.

        Returns
        -------
        tuple of numpy.ndarray
            Indices into `places`, and segments.
        """
        points = shapely.points(self.vertices.x[places], self.vertices.y[places])
        which, segment = self.tree.query(points, predicate="dwithin", distance=distance_m)
        return which, segment

    def feet(self, places: NDArray[np.int64], segment: NDArray[np.int64]) -> Feet:
        """Drop places onto segments.

        Parameters
        ----------
        places, segment
            Pairs of a place and a segment.

        Returns
        -------
        Feet
            One foot point per pair.
        """
        x, y = self.vertices.x, self.vertices.y
        a, b = self.a[segment], self.b[segment]
        dx, dy = x[b] - x[a], y[b] - y[a]
        along = ((x[places] - x[a]) * dx + (y[places] - y[a]) * dy) / (dx * dx + dy * dy)
        fraction = np.clip(along, 0.0, 1.0)
        foot_x, foot_y = x[a] + fraction * dx, y[a] + fraction * dy
        gap = np.hypot(x[places] - foot_x, y[places] - foot_y)
        to_a = np.hypot(x[a] - foot_x, y[a] - foot_y)
        to_b = np.hypot(x[b] - foot_x, y[b] - foot_y)
        vertex = np.where(to_a <= to_b, a, b)
        return Feet(
            foot_x, foot_y, fraction, gap, np.where(np.minimum(to_a, to_b) <= TOUCH_M, vertex, -1)
        )


@dataclass(frozen=True)
class Feet:
    """Foot points on segments.

    Parameters
    ----------
    x, y
        Metres.
    fraction
        Position between the segment's start (0) and end (1).
    gap_m
        Distance from the place to its foot.
    vertex
        Place of the segment's end that lies within `TOUCH_M` of the foot, else -1.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    fraction: NDArray[np.float64]
    gap_m: NDArray[np.float64]
    vertex: NDArray[np.int64]


@dataclass(frozen=True)
class Insertions:
    """Vertices to put into segments.

    Parameters
    ----------
    segment, fraction, place
        Into which segment, where on it, and which place.
    """

    segment: NDArray[np.int64]
    fraction: NDArray[np.float64]
    place: NDArray[np.int64]

    def __add__(self, other: Insertions) -> Insertions:
        return Insertions(
            np.concatenate([self.segment, other.segment]),
            np.concatenate([self.fraction, other.fraction]),
            np.concatenate([self.place, other.place]),
        )

    def into(self, segments: Segments, same: NDArray[np.int64]) -> Vertices:
        """Put the vertices into the lines.

        Parameters
        ----------
        segments
            The segments the insertions speak of.
        same
            For every place, the place it is one with.

        Returns
        -------
        Vertices
            Lines with more vertices.
        """
        vertices = segments.vertices
        order = np.lexsort((self.fraction, self.segment))
        after = segments.start[self.segment[order]] + 1
        place = np.insert(same[vertices.place], after, same[self.place[order]])
        part = np.insert(vertices.part, after, vertices.part[after - 1])
        return vertices.replaced(place, part)


def find_touches(segments: Segments) -> tuple[Insertions, NDArray[np.int64]]:
    """Find the ends that touch another line, or their own, within a centimetre.

    Parameters
    ----------
    segments
        All segments.

    Returns
    -------
    tuple of Insertions and numpy.ndarray
        Vertices to insert where an end touches the interior of a segment, and, for every place,
        the place it is one with (an end beside a vertex becomes that vertex; the westernmost
        place of a cluster stands for all).
    """
    vertices = segments.vertices
    ends = np.unique(vertices.place[vertices.ends])
    which, segment = segments.near(ends, TOUCH_M)
    place = ends[which]
    apart = (segments.a[segment] != place) & (segments.b[segment] != place)
    place, segment = place[apart], segment[apart]
    apart = ~_beside_own_end(segments, place, segment)
    place, segment = place[apart], segment[apart]

    feet = segments.feet(place, segment)
    at_vertex = feet.vertex >= 0
    same = _merged(len(vertices.x), place[at_vertex], feet.vertex[at_vertex])
    inside = ~at_vertex
    return Insertions(segment[inside], feet.fraction[inside], place[inside]), same


def _beside_own_end(
    segments: Segments, place: NDArray[np.int64], segment: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell which segments lie next to the end in question along the same line."""
    vertices = segments.vertices
    first, last = vertices.first, vertices.last
    along, line = vertices.along_m, np.searchsorted(vertices.part[first], segments.part[segment])
    start = segments.start[segment]
    from_start = along[start] - along[first[line]]
    from_stop = along[last[line]] - along[start + 1]
    beside: NDArray[np.bool_] = ((vertices.place[first[line]] == place) & (from_start < _OWN_M)) | (
        (vertices.place[last[line]] == place) & (from_stop < _OWN_M)
    )
    return beside


def _merged(n: int, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each of n places the lowest place of its cluster."""
    same = np.arange(n)
    involved, inverse = np.unique(np.concatenate([one, other]), return_inverse=True)
    if not len(involved):
        return same
    pairs = inverse.reshape(2, -1)
    graph = coo_array((np.ones(len(one)), (pairs[0], pairs[1])), shape=(len(involved),) * 2)
    _, cluster = connected_components(graph, directed=False)
    lowest = np.full(cluster.max() + 1, n)
    np.minimum.at(lowest, cluster, involved)
    same[involved] = lowest[cluster]
    return same
