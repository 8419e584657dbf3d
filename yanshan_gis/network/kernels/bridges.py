"""Bridges of an undirected graph: runs of edges are contracted, the rest is searched in depth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.network.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What the search knows of a node: its next link and the one after its last, when it was found
# (0 before), and the earliest found node that leads back from it or from beyond it.
_NEXT, _STOP, _FOUND, _LOW = 0, 1, 2, 3


@kernel
def find_bridges(
    n_nodes: int, u: NDArray[np.int32], v: NDArray[np.int32], open_: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Find the edges whose closure would part what is connected.

    Edges that follow one another in number and along a chain of nodes of degree 2 are one run: a
    bridge or none as a whole. Most edges of real road lines lie in runs, which are found in one
    sweep through memory; what is left is searched as Tarjan (1974), "A note on finding the
    bridges of a graph", does.

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
    degree = np.zeros(n_nodes, dtype=np.int32)
    for edge in range(len(u)):
        if open_[edge] and u[edge] != v[edge]:
            degree[u[edge]] += 1
            degree[v[edge]] += 1

    run = np.zeros(len(u), dtype=np.int32)  # 0 for an edge in no run
    end = np.empty(2 * len(u) + 2, dtype=np.int32)
    n_runs = 0
    tip = -1  # where the run so far may be continued
    for edge in range(len(u)):
        if not open_[edge] or u[edge] == v[edge]:
            tip = -1
            continue
        if u[edge] == tip:
            degree[tip] = 0  # within a run: no node of what is left
        else:
            n_runs += 1
            end[2 * n_runs] = u[edge]
        end[2 * n_runs + 1] = v[edge]
        run[edge] = n_runs
        tip = v[edge] if degree[v[edge]] == 2 else -1

    n_left = 0
    number = degree
    for node in range(n_nodes):
        if degree[node] > 0:
            number[node] = n_left
            n_left += 1
    state = np.zeros((n_left, 4), dtype=np.int32)
    for at in range(2, 2 * n_runs + 2):
        end[at] = number[end[at]]
        state[end[at], _STOP] += 1
    total = 0
    for node in range(n_left):
        total += state[node, _STOP]
        state[node, _NEXT] = total
        state[node, _STOP] = total
    link = np.empty(total, dtype=np.int32)  # the other end of a run that ends at the node
    for at in range(2, 2 * n_runs + 2):
        node = end[at]
        state[node, _NEXT] -= 1
        link[state[node, _NEXT]] = at ^ 1

    is_bridge = np.zeros(n_runs + 1, dtype=np.bool_)
    path = np.empty(n_left, dtype=np.int32)  # by which end of a run each node was reached
    found = 0
    for root in range(n_left):
        if state[root, _FOUND] > 0:
            continue
        found += 1
        state[root, _FOUND] = found
        state[root, _LOW] = found
        end[0] = root
        path[0] = 0
        depth = 0
        while depth >= 0:
            here = end[path[depth]]
            if state[here, _NEXT] < state[here, _STOP]:
                to = link[state[here, _NEXT]]
                node = end[to]
                state[here, _NEXT] += 1
                if state[node, _FOUND] == 0:
                    found += 1
                    state[node, _FOUND] = found
                    state[node, _LOW] = found
                    depth += 1
                    path[depth] = to
                elif to != path[depth] ^ 1 and state[node, _FOUND] < state[here, _LOW]:
                    state[here, _LOW] = state[node, _FOUND]
                continue
            depth -= 1
            if depth >= 0:
                before = end[path[depth]]
                is_bridge[path[depth + 1] >> 1] = state[here, _LOW] > state[before, _FOUND]
                if state[here, _LOW] < state[before, _LOW]:
                    state[before, _LOW] = state[here, _LOW]

    bridge = np.empty(len(u), dtype=np.bool_)
    for edge in range(len(u)):
        bridge[edge] = is_bridge[run[edge]]
    return bridge
