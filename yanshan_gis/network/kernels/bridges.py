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

    run = np.full(len(u), -1, dtype=np.int32)
    end = np.empty((len(u), 2), dtype=np.int32)
    n_runs = 0
    tip = -1  # where the run so far may be continued
    for edge in range(len(u)):
        if not open_[edge] or u[edge] == v[edge]:
            tip = -1
            continue
        if u[edge] == tip:
            degree[tip] = 0  # within a run: no node of what is left
        else:
            end[n_runs, 0] = u[edge]
            n_runs += 1
        end[n_runs - 1, 1] = v[edge]
        run[edge] = n_runs - 1
        tip = v[edge] if degree[v[edge]] == 2 else -1

    n_left = 0
    number = degree
    for node in range(n_nodes):
        if degree[node] > 0:
            number[node] = n_left
            n_left += 1
    state = np.zeros((n_left, 4), dtype=np.int32)
    for at in range(n_runs):
        for side in range(2):
            end[at, side] = number[end[at, side]]
            state[end[at, side], _STOP] += 1
    total = 0
    for node in range(n_left):
        total += state[node, _STOP]
        state[node, _NEXT] = total
        state[node, _STOP] = total
    link = np.empty((total, 2), dtype=np.int32)  # to which node, along which run
    for at in range(n_runs):
        for side in range(2):
            node = end[at, side]
            state[node, _NEXT] -= 1
            link[state[node, _NEXT], 0] = end[at, 1 - side]
            link[state[node, _NEXT], 1] = at

    is_bridge = np.zeros(n_runs + 1, dtype=np.bool_)  # the last for the edges in no run
    path = np.empty((n_left, 2), dtype=np.int32)  # node, and the run that led there
    found = 0
    for root in range(n_left):
        if state[root, _FOUND]:
            continue
        found += 1
        state[root, _FOUND] = found
        state[root, _LOW] = found
        path[0, 0], path[0, 1] = root, -1
        depth = 0
        while depth >= 0:
            here = path[depth, 0]
            if state[here, _NEXT] < state[here, _STOP]:
                node, at = link[state[here, _NEXT]]
                state[here, _NEXT] += 1
                if state[node, _FOUND] == 0:
                    found += 1
                    state[node, _FOUND] = found
                    state[node, _LOW] = found
                    depth += 1
                    path[depth, 0], path[depth, 1] = node, at
                elif at != path[depth, 1]:
                    state[here, _LOW] = min(state[here, _LOW], state[node, _FOUND])
                continue
            if depth > 0:
                before = path[depth - 1, 0]
                is_bridge[path[depth, 1]] = state[here, _LOW] > state[before, _FOUND]
                state[before, _LOW] = min(state[before, _LOW], state[here, _LOW])
            depth -= 1

    bridge = np.empty(len(u), dtype=np.bool_)
    for edge in range(len(u)):
        bridge[edge] = is_bridge[run[edge]]
    return bridge
