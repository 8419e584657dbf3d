"""Cuts that an answer breaks: where more is said to be joined than links lead there.

For a node v the smallest cut between the root and v, with the answer's y as capacities, lets
through as much as the largest flow (Ford & Fulkerson). Where that is less than z_v, the answer
breaks the row of that cut.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Flows are counted in millionths; a cut counts as broken by a hundredth.
_UNIT = 1_000_000
_BROKEN = 0.01


class Cut(NamedTuple):
    """The arcs into a set of nodes without the root, one of which is `node`.

    Parameters
    ----------
    arcs
        Indices of arcs.
    node
        One of the set.
    """

    arcs: NDArray[np.int64]
    node: int


class Part(NamedTuple):
    """A part of a graph that meets others at the root only.

    Parameters
    ----------
    nodes
        The root first, then ascending.
    arcs
        Indices of its arcs.
    tail, head
        Of each arc, as a place among `nodes`.
    """

    nodes: NDArray[np.int64]
    arcs: NDArray[np.int64]
    tail: NDArray[np.int64]
    head: NDArray[np.int64]


def divide(
    component: NDArray[np.int32],
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    link: NDArray[np.int64],
) -> list[Part]:
    """Find the parts with circles; in the others the remaining rows of the program say the same.

    Parameters
    ----------
    component
        Part of every node, -1 at the root.
    tail, head, link
        Of each arc.

    Returns
    -------
    list of Part
        By number of the component.
    """
    parts = []
    by_node = np.argsort(component, kind="stable")[1:]
    by_arc = np.argsort(component[head], kind="stable")
    count = int(component.max(initial=-1)) + 1
    nodes = np.split(by_node, np.cumsum(np.bincount(component[by_node], minlength=count)))
    arcs = np.split(by_arc, np.cumsum(np.bincount(component[head], minlength=count)))
    for mine, ways in zip(nodes[:count], arcs[:count], strict=True):
        if len(np.unique(link[ways])) > len(mine):
            known = np.concatenate([[0], mine])
            ends = (np.searchsorted(known, end[ways]) for end in (tail, head))
            parts.append(Part(known, ways, *ends))
    return parts


def broken_cuts(
    part: Part, joined: NDArray[np.float64], hardened: NDArray[np.float64]
) -> list[Cut]:
    """Find smallest cuts before nodes that are more joined than the cut lets through.

    Parameters
    ----------
    part
        Where to look.
    joined
        z of every node of the graph.
    hardened
        y of every arc.

    Returns
    -------
    list of Cut
        Empty when the answer breaks none.
    """
    n = len(part.nodes)
    wanted = np.round((joined[part.nodes] - _BROKEN) * _UNIT).astype(np.int64)
    capacity = np.round(hardened[part.arcs] * _UNIT).astype(np.int32)
    # A single way wide enough proves most nodes, much sooner than a flow does.
    doubtful = np.flatnonzero(_widest(part, capacity) < wanted)
    flows = None
    found = []
    cut_off = np.zeros(n, dtype=bool)
    for x in doubtful[np.argsort(-wanted[doubtful], kind="stable")].tolist():
        if cut_off[x]:
            continue
        if flows is None:
            flows = sp.csr_matrix((capacity, (part.tail, part.head)), shape=(n, n))
        flow = maximum_flow(flows, 0, x)
        if flow.flow_value >= wanted[x]:
            continue
        left = flows - flow.flow
        left.eliminate_zeros()
        behind = np.zeros(n, dtype=bool)
        behind[breadth_first_order(left.T.tocsr(), x, return_predecessors=False)] = True
        cut_off |= behind
        arcs = part.arcs[behind[part.head] & ~behind[part.tail]]
        found.append(Cut(arcs, int(part.nodes[x])))
    return found


def _widest(part: Part, capacity: NDArray[np.int32]) -> NDArray[np.int64]:
    """Find for every node the way from the root whose narrowest arc is widest."""
    around: list[list[tuple[int, int]]] = [[] for _ in part.nodes]
    used = np.flatnonzero(capacity)
    arcs = (part.tail[used].tolist(), part.head[used].tolist(), capacity[used].tolist())
    for tail, head, room in zip(*arcs, strict=True):
        around[tail].append((head, room))
    width = np.zeros(len(part.nodes), dtype=np.int64)
    queue = [(-_UNIT * len(part.arcs), 0)]
    while queue:
        minus, x = heapq.heappop(queue)
        if -minus <= width[x]:
            continue
        width[x] = -minus
        for y, room in around[x]:
            through = min(-minus, room)
            if through > width[y]:
                heapq.heappush(queue, (-through, y))
    return width
