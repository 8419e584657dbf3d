"""Which edges become roads: trunk roads between seats, roads to committees, to villages, loops."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree

from yanshan_gis.demo.mesh import Mesh

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLASSES = ("national", "provincial", "county", "township", "village", "group")
UNUSED = -1
_REACH = 160_000.0  # cost up to which seats look for neighbours


@dataclass(frozen=True)
class Roads:
    """What each edge of a mesh is.

    Parameters
    ----------
    rank
        Position in `CLASSES`, or `UNUSED`.
    route
        Number of the route (a chain of edges laid for one reason), -1 where unused.
    goals
        For each route the node it was laid for; -1 for loops.
    """

    rank: NDArray[np.int64]
    route: NDArray[np.int64]
    goals: list[int]

    @classmethod
    def none(cls, mesh: Mesh) -> Roads:
        """Start without roads.

        Parameters
        ----------
        mesh
            Whose edges they will be.

        Returns
        -------
        Roads
            All edges unused.
        """
        return cls(np.full(len(mesh.edges), UNUSED), np.full(len(mesh.edges), -1), [])

    @property
    def used(self) -> NDArray[np.bool_]:
        """The edges that are roads."""
        return self.rank >= 0

    def take(self, edges: NDArray[np.int64], rank: int, goal: int) -> None:
        """Make edges a route, those that are no road yet.

        Parameters
        ----------
        edges
            The route's edges.
        rank
            Position in `CLASSES`.
        goal
            The node it is laid for, or -1.
        """
        new = edges[self.rank[edges] == UNUSED]
        if len(new):
            self.rank[new] = rank
            self.route[new] = len(self.goals)
            self.goals.append(goal)


def lay_trunk(
    mesh: Mesh, cost: NDArray[np.float64], seats: NDArray[np.int64], roads: Roads
) -> None:
    """Join all seats by trunk roads: a shortest tree, and a few ways that close rings.

    The longest way through the tree becomes a national road, the rest provincial and county roads.

    Parameters
    ----------
    mesh, cost
        The triangulation and the cost of its edges.
    seats
        Nodes.
    roads
        Added to.
    """
    graph = mesh.graph(cost)
    far, before = dijkstra(graph, indices=seats, return_predecessors=True, limit=_REACH)
    between = far[:, seats]
    tree = minimum_spanning_tree(np.where(np.isfinite(between), between, 0.0)).tocoo()
    links = sorted(zip(tree.row.tolist(), tree.col.tolist(), tree.data.tolist(), strict=True))
    backbone = _longest(links, len(seats))
    ranked = [(0, a, b) for a, b in backbone]
    rest = [(a, b) for a, b, _ in links if (a, b) not in backbone and (b, a) not in backbone]
    ranked += [(2, a, b) for a, b in rest]
    ranked += [(1 + number % 2, a, b) for number, (a, b) in enumerate(_rings(between, links))]
    for rank, a, b in ranked:
        nodes = _walk(before[a], int(seats[b]))
        roads.take(mesh.find_edges(nodes[:-1], nodes[1:]), rank, int(seats[b]))


def _walk(before: NDArray[np.int32], end: int) -> NDArray[np.int64]:
    nodes = [end]
    while before[nodes[-1]] >= 0:
        nodes.append(int(before[nodes[-1]]))
    return np.array(nodes)


def _longest(links: list[tuple[int, int, float]], count: int) -> list[tuple[int, int]]:
    """Return the links of the longest way through a tree."""
    far, before = _tree_distances(links, count)
    start, end = np.unravel_index(int(np.argmax(np.where(np.isfinite(far), far, -1.0))), far.shape)
    nodes = _walk(before[int(start)], int(end)).tolist()
    return list(pairwise(nodes))


def _tree_distances(
    links: list[tuple[int, int, float]], count: int
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    matrix = np.zeros((count, count))
    for a, b, length in links:
        matrix[a, b] = matrix[b, a] = length
    far, before = dijkstra(matrix, return_predecessors=True)
    return far, before


def _rings(
    between: NDArray[np.float64], links: list[tuple[int, int, float]]
) -> list[tuple[int, int]]:
    """Return the links that save most over the way through the tree, a third of its number."""
    count = len(between)
    gain = _tree_distances(links, count)[0] / np.where(between > 0, between, np.inf)
    gain = np.where(np.isfinite(between), np.triu(gain, 1), 0.0)
    best = np.argsort(-gain.ravel(), kind="stable")[: max(count // 3, 1)]
    return [(int(place // count), int(place % count)) for place in best]


def lay_branches(
    mesh: Mesh, cost: NDArray[np.float64], goals: NDArray[np.int64], rank: int, roads: Roads
) -> None:
    """Join nodes to the roads there are, each by its cheapest way, sharing ways where they meet.

    Parameters
    ----------
    mesh, cost
        The triangulation and the cost of its edges.
    goals
        Nodes to join.
    rank
        Position in `CLASSES` of the new roads.
    roads
        Added to.
    """
    sources = np.unique(mesh.edges[roads.used])
    far, before, _ = dijkstra(
        mesh.graph(cost), indices=sources, min_only=True, return_predecessors=True
    )
    joined = np.zeros(len(mesh.xy), dtype=bool)
    joined[sources] = True
    ahead = before.tolist()
    for goal in goals[np.argsort(far[goals], kind="stable")].tolist():
        nodes = [goal]
        while not joined[nodes[-1]] and ahead[nodes[-1]] >= 0:
            nodes.append(ahead[nodes[-1]])
        joined[nodes] = True
        path = np.array(nodes)
        roads.take(mesh.find_edges(path[:-1], path[1:]), rank, goal)


def lay_loops(
    mesh: Mesh, length: NDArray[np.float64], order: NDArray[np.int64], wanted: float, roads: Roads
) -> None:
    """Close loops until the roads are as long as wanted.

    An edge is passed over where it would close a triangle or leave a node at a sharp angle to
    another road, as planned roads rarely do.

    Parameters
    ----------
    mesh
        The triangulation.
    length
        Length of the road that each edge would be, in metres.
    order
        Edges in the order in which they are tried; those outside it are never taken.
    wanted
        Total length in metres.
    roads
        Added to.
    """
    missing = wanted - float(length[roads.used].sum())
    full = roads.used[mesh.sides].sum(axis=1)
    angles = _Angles(mesh, roads.used)
    for edge in order.tolist():
        if length[edge] > missing:
            continue
        sides = [side for side in mesh.beside[edge].tolist() if side >= 0]
        if any(full[side] >= 2 for side in sides) or not angles.open(edge):
            continue
        roads.take(np.array([edge]), CLASSES.index("group"), -1)
        angles.add(edge)
        full[sides] += 1
        missing -= float(length[edge])


class _Angles:
    """The directions in which roads leave each node."""

    _LEAST = np.deg2rad(38.0)

    def __init__(self, mesh: Mesh, used: NDArray[np.bool_]) -> None:
        along = mesh.xy[mesh.edges[:, 1]] - mesh.xy[mesh.edges[:, 0]]
        self._ahead = np.arctan2(along[:, 1], along[:, 0]).tolist()
        self._ends = mesh.edges.tolist()
        self._leaving: dict[int, list[float]] = {}
        for edge in np.flatnonzero(used).tolist():
            self.add(edge)

    def _directions(self, edge: int) -> tuple[tuple[int, float], tuple[int, float]]:
        start, end = self._ends[edge]
        return (start, self._ahead[edge]), (end, self._ahead[edge] + np.pi)

    def add(self, edge: int) -> None:
        for node, angle in self._directions(edge):
            self._leaving.setdefault(node, []).append(angle)

    def open(self, edge: int) -> bool:
        for node, angle in self._directions(edge):
            others = self._leaving.get(node, [])
            if len(others) >= 4:
                return False
            for other in others:
                apart = (angle - other) % (2 * np.pi)
                if min(apart, 2 * np.pi - apart) < self._LEAST:
                    return False
        return True
