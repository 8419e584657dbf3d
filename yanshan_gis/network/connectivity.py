"""What a network connects: its components, its bridges, and what lies behind each bridge."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, depth_first_order

from yanshan_gis.network.links import check_places
from yanshan_gis.network.subtrees import subtree_sums

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from yanshan_gis.network.graph import RoadNetwork

    Ends = NDArray[np.int32]
    FindBridges = Callable[[int, Ends, Ends, NDArray[np.bool_]], NDArray[np.bool_]]

# Edges from which on compiled code is worth loading.
_WORTH_LOADING = 100_000


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
    label = _label(network.n_nodes, network.u, network.v, _open(network))
    _, lowest, size = np.unique(label, return_index=True, return_counts=True)
    number = np.empty(len(size), dtype=np.int32)
    number[np.lexsort((lowest, -size))] = np.arange(len(size))
    return number[label]


def bridges(network: RoadNetwork, roots: ArrayLike = ()) -> NDArray[np.bool_]:
    """Find the edges whose closure would part what is connected; one-ways connect both ways.

    Parallel edges and loops are never bridges, nor are edges closed in both directions.

    Parameters
    ----------
    network
        The roads.
    roots
        Nodes that count as one, so that nothing between two of them is a bridge; -1 is skipped.

    Returns
    -------
    numpy.ndarray
        One flag per edge.

    Raises
    ------
    DataError
        When a root is no node of the network.
    """
    node = _joined(network, roots)
    find = _choose_finder(network.n_edges)
    return find(network.n_nodes, node[network.u], node[network.v], _open(network))


def behind(network: RoadNetwork, values: ArrayLike, roots: ArrayLike) -> NDArray[np.float64]:
    """Add up what the closure of each edge would cut off from every root.

    Parameters
    ----------
    network
        The roads; one-ways connect both ways.
    values
        One number per node, such as people.
    roots
        Nodes, such as seats; -1 is skipped.

    Returns
    -------
    numpy.ndarray
        One sum per edge: over the nodes that lose their last root. 0 for an edge that is no
        bridge, or has a root on both sides, or none on either, where nothing is lost.

    Raises
    ------
    DataError
        When a root is no node of the network, or the values are not one finite number per node.
    """
    places = np.unique(check_places(roots, network.n_nodes))
    places = places[places >= 0]
    found = np.zeros(network.n_edges)
    if not len(places):
        subtree_sums(np.full(network.n_nodes, -1, dtype=np.int32), values)
        return found
    node = _joined(network, places)
    u, v, open_ = node[network.u], node[network.v], _open(network)
    flags = np.flatnonzero(bridges(network, places))
    before = breadth_first_order(_matrix(len(node), u[open_], v[open_]), node[places[0]])[1]
    parent = np.maximum(before, -1).astype(np.int32)
    sums = subtree_sums(parent, values)
    for near, far in ((u[flags], v[flags]), (v[flags], u[flags])):
        leads = parent[far] == near
        found[flags[leads]] = sums[far[leads]]
    return found


def find_bridges(n_nodes: int, u: Ends, v: Ends, open_: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Find bridges without compiled code: by scipy's depth-first order.

    Parameters
    ----------
    n_nodes
        Number of nodes.
    u, v
        The two ends of every edge; parallel edges and loops are allowed.
    open_
        False for the edges that connect nothing.

    Returns
    -------
    numpy.ndarray
        One flag per edge.
    """
    bridge = np.zeros(len(u), dtype=bool)
    edge = np.flatnonzero(open_ & (u != v))
    if not len(edge):
        return bridge
    tail, head = u[edge], v[edge]
    # Components strung together by edges of our own, which make no edge a bridge or none.
    first = np.unique(_label(n_nodes, u, v, open_), return_index=True)[1].astype(np.int32)
    matrix = _matrix(n_nodes, np.concatenate([tail, first[:-1]]), np.concatenate([head, first[1:]]))
    order, parent = depth_first_order(matrix, first[0])
    found = np.empty(n_nodes, dtype=np.int32)
    found[order] = np.arange(n_nodes)

    child = np.where(parent[head] == tail, head, np.where(parent[tail] == head, tail, -1))
    below, of_tree = np.unique(child, return_index=True)
    below, of_tree = below[below >= 0], of_tree[below >= 0]
    rest = np.ones(len(edge), dtype=bool)
    rest[of_tree] = False
    low = found.copy()
    np.minimum.at(low, tail[rest], found[head[rest]])
    np.minimum.at(low, head[rest], found[tail[rest]])
    # The earliest node that leads back from a node or from beyond it, by doubling the stride.
    node, up = np.flatnonzero(parent >= 0), parent.copy()
    while len(node):
        np.minimum.at(low, up[node], low[node])
        further = up[up[node]]
        up[node] = further
        node = node[further >= 0]
    bridge[edge[of_tree]] = low[below] == found[below]
    return bridge


def _choose_finder(n_edges: int) -> FindBridges:
    """Choose what finds bridges sooner, loading included; it knows sizes only."""
    if n_edges < _WORTH_LOADING:
        return find_bridges
    try:
        from yanshan_gis.network.kernels.bridges import find_bridges as compiled
    except ImportError:
        return find_bridges
    return compiled


def _joined(network: RoadNetwork, roots: ArrayLike) -> NDArray[np.int32]:
    """Name every node by itself, and all roots by one of them."""
    places = check_places(roots, network.n_nodes)
    node = np.arange(network.n_nodes, dtype=np.int32)
    node[places[places >= 0]] = places.max(initial=-1)
    return node


def _open(network: RoadNetwork) -> NDArray[np.bool_]:
    open_: NDArray[np.bool_] = ~(np.isnan(network.minutes) & np.isnan(network.minutes_back))
    return open_


def _label(n_nodes: int, u: Ends, v: Ends, open_: NDArray[np.bool_]) -> NDArray[np.int32]:
    pairs = (u[open_], v[open_])
    graph = coo_array((np.ones(len(pairs[0])), pairs), shape=(n_nodes, n_nodes))
    label: NDArray[np.int32] = connected_components(graph, directed=False)[1]
    return label


def _matrix(n_nodes: int, u: Ends, v: Ends) -> csr_array:
    """Link nodes both ways; how often does not matter."""
    pairs = (np.concatenate([u, v]), np.concatenate([v, u]))
    return coo_array((np.ones(len(pairs[0])), pairs), shape=(n_nodes, n_nodes)).tocsr()
