"""Cheapest ways through a road network: components, nearest facilities, tables, trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_
from yanshan_gis.network.engine import SCIPY, Engine
from yanshan_gis.network.graph import Links, RoadNetwork, link_matrix

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# Costs that differ by less than this, relative to their size (or to 1), differ by rounding only.
_ROUNDING = 1e-9
# Costs held at a time while a table is computed.
_BATCH_BYTES = 64 * 2**20


def components(network: RoadNetwork) -> NDArray[np.int32]:
    """Label the parts of a network that no road connects; one-ways connect both ways.

    Parameters
    ----------
    network
        The roads; edges closed in both directions connect nothing.

    Returns
    -------
    numpy.ndarray
        int32, one per node: 0 for the component of most nodes; of equally large ones the one
        with the lowest node comes first.
    """
    n = network.n_nodes
    open_ = ~(np.isnan(network.minutes) & np.isnan(network.minutes_back))
    pairs = (network.u[open_], network.v[open_])
    graph = coo_array((np.ones(len(pairs[0])), pairs), shape=(n, n))
    label: NDArray[np.int32] = connected_components(graph, directed=False)[1]
    _, lowest, size = np.unique(label, return_index=True, return_counts=True)
    number = np.empty(len(size), dtype=np.int32)
    number[np.lexsort((lowest, -size))] = np.arange(len(size))
    return number[label]


@dataclass(frozen=True, eq=False)
class Nearest:
    """The facility each node reaches at least cost.

    Parameters
    ----------
    cost
        In the unit of the weight, offsets included; NaN where none is reached.
    facility
        int32 index into the facilities as given; -1 where none is reached.
    """

    cost: NDArray[np.float64]
    facility: NDArray[np.int32]


def nearest(
    network: RoadNetwork,
    facilities: ArrayLike,
    *,
    weight: str | NDArray[np.float64] = "minutes",
    toward: bool = True,
    cutoff: float = np.inf,
    offsets: ArrayLike | None = None,
    engine: Engine = SCIPY,
) -> Nearest:
    """Find the nearest facility of every node.

    Of facilities at equal cost the one with the lower index is taken; costs that differ by
    rounding only (1e-9, relative) are equal.

    Parameters
    ----------
    network
        The roads.
    facilities
        Nodes; -1 for a facility that is on no road, which is skipped.
    weight
        As for `RoadNetwork.costs`.
    toward
        True for the way from the node to the facility, False for the way back.
    cutoff
        Largest cost, inclusive, offsets included.
    offsets
        Cost spent at each facility besides the road, such as its own walk; 0 when None. A
        facility whose offset is NaN is skipped.
    engine
        What searches.

    Returns
    -------
    Nearest
        One value per node.

    Raises
    ------
    DataError
        When a facility is no node of the network, or an offset is negative.
    """
    nodes = _nodes(facilities, network.n_nodes)
    spent = _offsets(offsets, len(nodes))
    taken = np.flatnonzero((nodes >= 0) & np.isfinite(spent))
    cost = np.full(network.n_nodes, np.nan)
    owner = np.full(network.n_nodes, -1, dtype=np.int32)
    if not len(taken):
        return Nearest(cost, owner)
    links = network.links(weight, reverse=toward).cheapest()
    matrix = link_matrix(links, network.n_nodes)
    sources, which = np.unique(nodes[taken], return_inverse=True)
    least = np.full(len(sources), np.inf)
    np.minimum.at(least, which, spent[taken])
    found, before = engine.tree(matrix, sources, least, float(cutoff))

    reached = np.isfinite(found)
    cost[reached] = found[reached]
    first = taken[reached[nodes[taken]]]
    first = first[_equal(spent[first], found[nodes[first]])]
    own = np.full(network.n_nodes, len(nodes))
    np.minimum.at(own, nodes[first], first)
    label = np.minimum(own, own[_roots(before)])
    label = _lowest_by_ties(links, found, label)
    owner[reached] = label[reached]
    return Nearest(cost, owner)


def _equal(cost: NDArray[np.float64], least: NDArray[np.float64]) -> NDArray[np.bool_]:
    equal: NDArray[np.bool_] = cost <= least + _ROUNDING * np.maximum(1.0, least)
    return equal


def _roots(before: NDArray[np.int32]) -> NDArray[np.int64]:
    """Follow every way to its beginning, all at once, doubling the stride."""
    at = np.where(before >= 0, before, np.arange(len(before)))
    while not np.array_equal(at, further := at[at]):
        at = further
    return at


def _lowest_by_ties(
    links: Links, cost: NDArray[np.float64], label: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Carry lower labels along links that lie on a cheapest way, until nothing changes."""
    reached = np.isfinite(cost[links.tail]) & np.isfinite(cost[links.head])
    tail, head = links.tail[reached], links.head[reached]
    tight = _equal(cost[tail] + links.cost[reached], cost[head])
    tail, head = tail[tight], head[tight]
    begin = np.searchsorted(tail, np.arange(len(cost) + 1))
    label = label.copy()
    active = np.arange(len(tail))
    while len(active):
        lower = active[label[tail[active]] < label[head[active]]]
        np.minimum.at(label, head[lower], label[tail[lower]])
        changed = np.unique(head[lower])
        count = begin[changed + 1] - begin[changed]
        offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        active = np.repeat(begin[changed], count) + offset
    return label


def table(
    network: RoadNetwork,
    origins: ArrayLike,
    destinations: ArrayLike,
    *,
    weight: str | NDArray[np.float64] = "minutes",
    cutoff: float = np.inf,
    engine: Engine = SCIPY,
) -> NDArray[np.float64]:
    """Compute the cost from every origin to every destination.

    The search starts from the smaller side, in batches, so that memory stays bounded.

    Parameters
    ----------
    network
        The roads.
    origins, destinations
        Nodes; -1 for a place on no road.
    weight
        As for `RoadNetwork.costs`.
    cutoff
        Largest cost, inclusive.
    engine
        What searches.

    Returns
    -------
    numpy.ndarray
        float64 of shape (origins, destinations); NaN where there is no way.

    Raises
    ------
    DataError
        When a place is no node of the network.
    """
    start, goal = _nodes(origins, network.n_nodes), _nodes(destinations, network.n_nodes)
    sources, row = np.unique(start, return_inverse=True)
    targets, column = np.unique(goal, return_inverse=True)
    turned = len(targets) < len(sources)
    if turned:
        sources, targets = targets, sources
    costs = np.full((len(sources), len(targets)), np.nan)
    matrix = network.matrix(weight, reverse=turned)
    searched = np.flatnonzero(sources >= 0)
    batch = max(1, _BATCH_BYTES // (8 * max(1, network.n_nodes)))
    for begin in range(0, len(searched), batch):
        some = searched[begin : begin + batch]
        found = engine.rows(matrix, sources[some], float(cutoff))[:, targets]
        costs[some] = np.where(np.isfinite(found) & (targets >= 0), found, np.nan)
    return (costs.T if turned else costs)[np.ix_(row, column)]


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
    engine: Engine = SCIPY,
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
    engine
        What searches.

    Returns
    -------
    Tree
        One value per node.

    Raises
    ------
    DataError
        When a root is no node of the network.
    """
    nodes = np.unique(_nodes(roots, network.n_nodes))
    nodes = nodes[nodes >= 0]
    next_node, edge = np.full((2, network.n_nodes), -1, dtype=np.int32)
    if not len(nodes):
        return Tree(np.full(network.n_nodes, np.nan), next_node, edge, toward)
    links = network.links(weight, reverse=toward).cheapest()
    matrix = link_matrix(links, network.n_nodes)
    cost, before = engine.tree(matrix, nodes, np.zeros(len(nodes)), np.inf)

    # Any link on a cheapest way that gains cost will do, so the lowest edge is free to choose;
    # where the last link costs nothing, the engine's own choice keeps the ways free of circles.
    tail, head = cost[links.tail], cost[links.head]
    gains = (tail + links.cost == head) & (tail < head)
    usable = np.flatnonzero(gains | (before[links.head] == links.tail))
    order = usable[np.lexsort((links.edge[usable], ~gains[usable], links.head[usable]))]
    best = order[np.diff(links.head[order], prepend=-1) != 0]
    next_node[links.head[best]] = links.tail[best]
    edge[links.head[best]] = links.edge[best]
    return Tree(np.where(np.isfinite(cost), cost, np.nan), next_node, edge, toward)


def _nodes(values: ArrayLike, n_nodes: int) -> NDArray[np.int64]:
    nodes = np.asarray(values, dtype=np.int64).ravel()
    if ((nodes < -1) | (nodes >= n_nodes)).any():
        raise DataError(
            "node-unknown",
            N_("Node {node} is not in the network, whose nodes are 0 to {last}."),
            node=int(nodes[(nodes < -1) | (nodes >= n_nodes)][0]),
            last=n_nodes - 1,
        )
    return nodes


def _offsets(offsets: ArrayLike | None, n: int) -> NDArray[np.float64]:
    spent = np.zeros(n) if offsets is None else np.asarray(offsets, dtype=float)
    if spent.shape != (n,) or (spent < 0).any():
        raise DataError(
            "offset-values",
            N_("The offsets need one number of 0 or more for each of the {count} facilities."),
            count=n,
        )
    return spent
