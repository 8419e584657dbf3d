"""The triangulation on which roads are laid: its edges meet at nodes only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import Delaunay

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.demo.terrain import Terrain

_PULL = 0.4  # share of the way to the middle of its neighbours that a node moves in a round
_FLATTEN = 0.3  # a triangle keeps at least this share of its area


@dataclass(frozen=True)
class Mesh:
    """Nodes, triangles and edges.

    Parameters
    ----------
    xy
        Nodes × 2 in metres.
    triangles
        Triangles × 3 nodes.
    edges
        Edges × 2 nodes, the lower number first, in ascending order.
    sides
        Triangles × 3 edges; side i lies opposite to node i.
    """

    xy: NDArray[np.float64]
    triangles: NDArray[np.int64]
    edges: NDArray[np.int64]
    sides: NDArray[np.int64]

    @classmethod
    def over(cls, xy: NDArray[np.float64]) -> Mesh:
        """Triangulate points.

        Parameters
        ----------
        xy
            Points × 2, none twice.

        Returns
        -------
        Mesh
            Their Delaunay triangulation.
        """
        triangles = Delaunay(xy).simplices.astype(np.int64)
        pairs = np.sort(triangles[:, [[1, 2], [2, 0], [0, 1]]], axis=2).reshape(-1, 2)
        edges, sides = np.unique(pairs, axis=0, return_inverse=True)
        return cls(xy, triangles, edges, sides.reshape(-1, 3))

    @cached_property
    def length(self) -> NDArray[np.float64]:
        """Straight length of each edge in metres."""
        along = self.xy[self.edges[:, 1]] - self.xy[self.edges[:, 0]]
        return np.asarray(np.hypot(along[:, 0], along[:, 1]))

    @cached_property
    def beside(self) -> NDArray[np.int64]:
        """Edges × 2: the triangles on an edge, -1 where there is none."""
        order = np.argsort(self.sides.ravel(), kind="stable")
        edge, triangle = self.sides.ravel()[order], order // 3
        first = np.searchsorted(edge, np.arange(len(self.edges)))
        found = np.full((len(self.edges), 2), -1)
        found[:, 0] = triangle[first]
        twice = np.bincount(edge, minlength=len(self.edges)) > 1
        found[twice, 1] = triangle[first[twice] + 1]
        return found

    def tips(self) -> NDArray[np.float64]:
        """Return the tips between which a line along each edge meets no other edge's.

        Returns
        -------
        numpy.ndarray
            Edges × 2 × 2: left and right. They are the centres of the inscribed circles of the
            triangles; on the hull, where a triangle is missing, the foot on the edge itself.
        """
        corners = self.xy[self.triangles]
        weight = self.length[self.sides]
        centre = np.sum(corners * weight[:, :, None], axis=1) / weight.sum(axis=1, keepdims=True)
        start, end = self.xy[self.edges[:, 0]], self.xy[self.edges[:, 1]]
        tips = centre[self.beside]
        tips = np.where(self.beside[:, :, None] < 0, ((start + end) / 2)[:, None], tips)
        along, toward = end - start, tips[:, 0] - start
        left = along[:, 0] * toward[:, 1] - along[:, 1] * toward[:, 0] > 0
        return np.where(left[:, None, None], tips, tips[:, ::-1])

    def graph(self, cost: NDArray[np.float64]) -> csr_array:
        """Return the edges as a symmetric matrix of costs.

        Parameters
        ----------
        cost
            One per edge, above zero; NaN for an edge that must not be used.

        Returns
        -------
        scipy.sparse.csr_array
            Nodes × nodes.
        """
        use = np.isfinite(cost)
        start, end = self.edges[use].T
        both = np.concatenate([cost[use], cost[use]])
        place = (np.concatenate([start, end]), np.concatenate([end, start]))
        return csr_array((both, place), shape=(len(self.xy),) * 2)

    def find_edges(self, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the edges between pairs of neighbouring nodes.

        Parameters
        ----------
        start, end
            Nodes.

        Returns
        -------
        numpy.ndarray
            One edge per pair.
        """
        count = len(self.xy)
        key = np.minimum(start, end) * count + np.maximum(start, end)
        return np.searchsorted(self.edges[:, 0] * count + self.edges[:, 1], key)

    def smoothed(self, used: NDArray[np.bool_], free: NDArray[np.bool_], rounds: int = 14) -> Mesh:
        """Straighten the way through nodes that roads only pass.

        Parameters
        ----------
        used
            The edges that are roads.
        free
            The nodes that may move.
        rounds
            How often.

        Returns
        -------
        Mesh
            With moved nodes; no triangle has turned over or become much smaller.
        """
        start, end = self.edges[used].T
        degree = np.bincount(np.concatenate([start, end]), minlength=len(self.xy))
        free = free & (degree >= 2)
        pull = np.where(degree == 2, _PULL, _PULL / 4)[:, None] * free[:, None]
        floor = _FLATTEN * _area(self.xy, self.triangles)
        xy = self.xy.copy()
        for _ in range(rounds):
            total = np.zeros_like(xy)
            np.add.at(total, start, xy[end])
            np.add.at(total, end, xy[start])
            goal = xy + pull * (total / np.maximum(degree, 1)[:, None] - xy)
            while True:
                bad = np.unique(self.triangles[_area(goal, self.triangles) < floor])
                bad = bad[np.any(goal[bad] != xy[bad], axis=1)]
                if not len(bad):
                    break
                goal[bad] = xy[bad]
            xy = goal
        return replace(self, xy=np.round(xy, 2))


def _area(xy: NDArray[np.float64], triangles: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return twice the area of triangles, positive in the sense in which Delaunay lists them."""
    a, b, c = xy[triangles].transpose(1, 0, 2)
    u, v = b - a, c - a
    return np.asarray(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])


def climb(terrain: Terrain, mesh: Mesh) -> NDArray[np.float64]:
    """Return how much each edge goes up and down, as a share of its length.

    Parameters
    ----------
    terrain
        The ground.
    mesh
        The triangulation.

    Returns
    -------
    numpy.ndarray
        Metres of climb and descent per metre, read at seven points of the edge.
    """
    start, end = mesh.xy[mesh.edges[:, 0]], mesh.xy[mesh.edges[:, 1]]
    heights = [terrain.heights(start + (end - start) * share) for share in np.linspace(0, 1, 7)]
    ups = np.abs(np.diff(np.array(heights), axis=0)).sum(axis=0)
    return np.asarray(np.nan_to_num(ups / mesh.length, nan=1.0))
