"""Cheapest ways between every node and the nearest root, and what lies along them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.network.engine import Engine, choose_engine
from yanshan_gis.network.facilities import searched_from

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from yanshan_gis.network.graph import RoadNetwork
    from yanshan_gis.network.links import Links


@dataclass(frozen=True, eq=False)
class Tree:
    """Cheapest ways between every node and the nearest root.

    Parameters
    ----------
    cost
        In the unit of the weight; NaN where no way leads.
    next_node
        int32, the node one edge nearer to the root; -1 at a root and where no way leads.
    edge
        int32, the edge to that node; -1 likewise.
    toward
        True when travel goes toward the root.
    """

    cost: NDArray[np.float64]
    next_node: NDArray[np.int32]
    edge: NDArray[np.int32]
    toward: bool

    def path(self, node: int) -> NDArray[np.int32]:
        """Return the edges of one way.

        Parameters
        ----------
        node
            Where the way begins (`toward`) or ends.

        Returns
        -------
        numpy.ndarray
            int32 edge indices in the order of travel; empty at a root and where no way leads.
        """
        edges = []
        while self.next_node[node] >= 0:
            edges.append(self.edge[node])
            node = int(self.next_node[node])
        return np.array(edges if self.toward else edges[::-1], dtype=np.int32)

    def sums(self, values_per_edge: ArrayLike) -> NDArray[np.float64]:
        """Add up values along every way.

        Parameters
        ----------
        values_per_edge
            One number per edge of the network.

        Returns
        -------
        numpy.ndarray
            One sum per node; 0 at a root, NaN where no way leads.
        """
        moving = self.next_node >= 0
        total = np.where(moving, np.asarray(values_per_edge, dtype=float)[self.edge], 0.0)
        at = np.where(moving, self.next_node, np.arange(len(total)))
        # Doubling the stride needs no order of the nodes, so links without cost do no harm.
        while not np.array_equal(at, further := at[at]):
            total += total[at]
            at = further
        return np.where(np.isnan(self.cost), np.nan, total)


def tree(
    network: RoadNetwork,
    roots: ArrayLike,
    *,
    weight: str | NDArray[np.float64] = "minutes",
    toward: bool = True,
    offsets: ArrayLike | None = None,
    engine: Engine | None = None,
) -> Tree:
    """Find the cheapest way of every node to the nearest root.

    Of ways at equal cost each node takes the edge with the lowest index; of parallel edges the
    cheapest.

    Parameters
    ----------
    network
        The roads.
    roots
        Nodes; -1 is skipped.
    weight
        As for `RoadNetwork.costs`.
    toward
        True for the way from the node to the root, False for the way back.
    offsets
        Cost spent at each root besides the road; 0 when None. A root whose offset is NaN is
        skipped, and one that is nearer to another than its own offset leads there.
    engine
        What searches; chosen by size when None.

    Returns
    -------
    Tree
        One value per node.

    Raises
    ------
    DataError
        When a root is no node of the network, or an offset is negative.
    """
    places, spent, taken = searched_from(roots, offsets, network.n_nodes)
    nodes, spent = places[taken], spent[taken]
    links = network.links(weight, toward=toward)
    engine = engine or choose_engine(links, 1)
    cost, _ = engine.nearest(links, nodes, spent, np.inf)
    link = _before(links, cost, nodes[cost[nodes] == spent])
    next_node = np.append(links.tail, np.int32(-1))[link]
    edge = np.append(links.edge, np.int32(-1))[link]
    return Tree(np.where(np.isfinite(cost), cost, np.nan), next_node, edge, toward)


def _before(links: Links, cost: NDArray[np.float64], roots: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the link by which each node is reached; -1 at roots and where no way leads.

    Any link on a cheapest way that gains cost will do, so the lowest edge is free to choose.
    Where the last link costs nothing, nodes are joined step by step to those that have a way, so
    that no circle arises.
    """
    link = np.full(len(cost), -1, dtype=np.int64)
    tail, edge = links.tail, links.edge
    start, end = cost[tail], cost[links.head]
    with np.errstate(invalid="ignore"):
        tight = np.flatnonzero((start + links.cost == end) & np.isfinite(start))
    gains = tight[start[tight] < end[tight]]
    _take_lowest(link, links.head, edge, gains)
    joined = np.zeros(len(cost), dtype=bool)
    joined[roots] = True
    link[roots] = -1
    joined |= link >= 0
    level = tight[start[tight] == end[tight]]
    while len(level := level[~joined[links.head[level]]]):
        step = level[joined[tail[level]]]
        _take_lowest(link, links.head, edge, step)
        joined[links.head[step]] = True
        if not len(step):
            break
    return link


def _take_lowest(
    link: NDArray[np.int64],
    head: NDArray[np.int32],
    edge: NDArray[np.int32],
    among: NDArray[np.int64],
) -> None:
    """Set the link of the lowest edge for every head of some links."""
    order = among[np.lexsort((among, edge[among], head[among]))]
    best = order[np.diff(head[order], prepend=-1) != 0]
    link[head[best]] = best
