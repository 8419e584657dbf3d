"""Trees of cheapest ways, and what is carried along them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.network.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel
def find_ways(
    begin: NDArray[np.int32],
    head: NDArray[np.int32],
    length: NDArray[np.float64],
    way: NDArray[np.int32],
    cost: NDArray[np.float64],
    roots: NDArray[np.int64],
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Choose for every node the link by which it is reached at its cost.

    As `yanshan_gis.network.trees.tree`: of links that gain cost the one of the lowest edge; where
    the last link costs nothing, nodes are joined round by round to those that have a way.

    Parameters
    ----------
    begin, head, length, way
        As of `Links`, with the cost of every link as `length`.
    cost
        Least cost of every node; inf where no way leads.
    roots
        Nodes where the ways end.

    Returns
    -------
    tuple of numpy.ndarray
        The node one edge nearer to the root, and the edge to it; -1 at roots and where no way
        leads.
    """
    n = len(begin) - 1
    before = np.empty(n, dtype=np.int32)
    edge = np.empty(n, dtype=np.int32)
    for node in range(n):
        before[node] = -1
        edge[node] = -1
    for tail in range(n):
        for link in range(begin[tail], begin[tail + 1]):
            to = head[link]
            if cost[tail] < cost[to] and cost[tail] + length[link] == cost[to]:
                along = max(way[link], ~way[link])
                if before[to] < 0 or along < edge[to]:
                    before[to] = tail
                    edge[to] = along

    joined = np.zeros(n, dtype=np.bool_)
    for at in range(len(roots)):
        joined[roots[at]] = True
    queue = np.empty(n, dtype=np.int32)  # joined so far, round after round
    last = 0
    reached = 0
    for node in range(n):
        if joined[node] or before[node] >= 0:
            joined[node] = True
            queue[last] = node
            last += 1
        if cost[node] < np.inf:
            reached += 1
    first = 0
    while last < reached:
        stop = last
        for at in range(first, stop):
            tail = queue[at]
            for link in range(begin[tail], begin[tail + 1]):
                to = head[link]
                if joined[to] or cost[tail] != cost[to] or cost[tail] + length[link] != cost[to]:
                    continue
                along = max(way[link], ~way[link])
                if before[to] < 0:
                    queue[last] = to
                    last += 1
                if before[to] < 0 or along < edge[to]:
                    before[to] = tail
                    edge[to] = along
        if last == stop:
            break
        for at in range(stop, last):
            joined[queue[at]] = True
        first = stop
    return before, edge


@kernel
def add_up(parent: NDArray[np.int32], total: NDArray[np.int64]) -> None:
    """Add to every node of a forest what its descendants hold.

    Parameters
    ----------
    parent
        Of every node; -1 at a root.
    total
        What every node holds; changed in place.
    """
    n = len(parent)
    children = np.zeros(n, dtype=np.int32)
    for node in range(n):
        if parent[node] >= 0:
            children[parent[node]] += 1
    for leaf in range(n):
        node = leaf
        # A node whose children are done goes up; its parent follows when it was the last child.
        while children[node] == 0 and parent[node] >= 0:
            children[node] = -1
            up = parent[node]
            total[up] += total[node]
            children[up] -= 1
            node = up
