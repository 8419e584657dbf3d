"""Soft links that no best choice needs, taken away; chains of links without a place made one.

Four reductions are repeated until none applies. Each keeps, for every budget in kilometres, money
or both, at least one best choice:

- of parallel links only those stay that are not both longer and dearer than another;
- a link is left out when another way between its ends is shorter and not dearer: a choice with
  the link may take that way instead and joins no less;
- a link is left out when the ways from both of its ends to the root are shorter and not dearer:
  without the link one of its sides is cut off, and may take its way to the root instead
  (the bottleneck test of Steiner tree reductions with the root as terminal; Duin & Volgenant 1989);
- dead ends without a place go; a node without a place between two links makes one link of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

# Searches made at a time, so that distances between all nodes never stand in memory.
_BLOCK = 256
# A way is shorter when it is shorter by more than rounding.
_MARGIN = 1e-9


@dataclass(frozen=True, eq=False)
class LinkList:
    """Links while they are reduced.

    Parameters
    ----------
    u, v
        int32 ends.
    length, cost
        Of each link.
    parts
        The edges behind each link.
    """

    u: NDArray[np.int32]
    v: NDArray[np.int32]
    length: NDArray[np.float64]
    cost: NDArray[np.float64]
    parts: list[tuple[int, ...]]

    def __len__(self) -> int:
        return len(self.u)

    def only(self, kept: NDArray[np.bool_]) -> LinkList:
        """Keep some links.

        Parameters
        ----------
        kept
            One flag per link.

        Returns
        -------
        LinkList
            In the same order.
        """
        parts = [part for part, stays in zip(self.parts, kept, strict=True) if stays]
        return LinkList(self.u[kept], self.v[kept], self.length[kept], self.cost[kept], parts)


def reduce_links(links: LinkList, n_nodes: int, wanted: NDArray[np.bool_]) -> LinkList:
    """Apply all reductions until none changes anything.

    Parameters
    ----------
    links
        All of them.
    n_nodes
        Node 0 is the root.
    wanted
        True for nodes that hold a place; the root is kept in any case.

    Returns
    -------
    LinkList
        What is left, on the same node numbers.
    """
    fixed = wanted.copy()
    fixed[0] = True
    before = -1
    while before != len(links):
        before = len(links)
        links = _without_parallels(links)
        links = _without_dead_ends(links, n_nodes, fixed)
        links = _merge_chains(links, n_nodes, fixed)
        links = _without_parallels(links)
        links = _without_detours(links, n_nodes)
    return links


def _without_parallels(links: LinkList) -> LinkList:
    low, high = np.minimum(links.u, links.v), np.maximum(links.u, links.v)
    order = np.lexsort((links.cost, links.length, high, low))
    kept = np.zeros(len(links), dtype=bool)
    pair, cheapest = (-1, -1), np.inf
    for i in order.tolist():
        here = (int(low[i]), int(high[i]))
        if here != pair:
            pair, cheapest = here, np.inf
        if here[0] != here[1] and links.cost[i] < cheapest:
            kept[i], cheapest = True, links.cost[i]
    return links.only(kept)


def _without_dead_ends(links: LinkList, n_nodes: int, fixed: NDArray[np.bool_]) -> LinkList:
    while True:
        degree = np.bincount(np.concatenate([links.u, links.v]), minlength=n_nodes)
        dead = (degree == 1) & ~fixed
        kept = ~(dead[links.u] | dead[links.v])
        if kept.all():
            return links
        links = links.only(kept)


def _merge_chains(links: LinkList, n_nodes: int, fixed: NDArray[np.bool_]) -> LinkList:
    """Make one link of the links along each chain of nodes that join two links and hold nothing."""
    degree = np.bincount(np.concatenate([links.u, links.v]), minlength=n_nodes)
    inner = (degree == 2) & ~fixed
    if not inner.any():
        return links
    around: dict[int, list[int]] = {int(x): [] for x in np.flatnonzero(inner)}
    ends = list(zip(links.u.tolist(), links.v.tolist(), strict=True))
    for i, pair in enumerate(ends):
        for x in pair:
            if x in around:
                around[x].append(i)
    kept = ~(inner[links.u] | inner[links.v])
    merged = []
    taken = kept.copy()
    for i in np.flatnonzero(~kept & ~(inner[links.u] & inner[links.v])).tolist():
        if taken[i]:
            continue
        start = ends[i][0] if not inner[ends[i][0]] else ends[i][1]
        chain, at = [i], sum(ends[i]) - start
        while at in around:
            follows = sum(around[at]) - chain[-1]
            chain.append(follows)
            at = sum(ends[follows]) - at
        taken[chain] = True
        merged.append((start, at, chain))
    return _with_merged(links, kept, merged)


def _with_merged(
    links: LinkList, kept: NDArray[np.bool_], merged: list[tuple[int, int, list[int]]]
) -> LinkList:
    rest = links.only(kept)
    start = np.array([one[0] for one in merged], dtype=np.int32)
    end = np.array([one[1] for one in merged], dtype=np.int32)
    length = np.array([links.length[chain].sum() for *_, chain in merged])
    cost = np.array([links.cost[chain].sum() for *_, chain in merged])
    parts = [tuple(edge for i in chain for edge in links.parts[i]) for *_, chain in merged]
    return LinkList(
        np.concatenate([rest.u, start]),
        np.concatenate([rest.v, end]),
        np.concatenate([rest.length, length]),
        np.concatenate([rest.cost, cost]),
        rest.parts + parts,
    )


def _without_detours(links: LinkList, n_nodes: int) -> LinkList:
    """Leave out links beside which a shorter way leads between their ends, or from both to root."""
    if not len(links):
        return links
    near, cost_near = _from_root(links, n_nodes)
    farther = np.maximum(near[links.u], near[links.v])
    dearer = np.maximum(cost_near[links.u], cost_near[links.v])
    by_root = (farther < links.length * (1 - _MARGIN)) & (dearer <= links.cost)
    links = links.only(~by_root)
    # A shorter way over the root would have shown there, so the rest look in their own part.
    inner = (links.u != 0) & (links.v != 0)
    kept = np.ones(len(links), dtype=bool)
    kept[inner] = ~_beside_shorter(links.only(inner), n_nodes)
    return links.only(kept)


def _from_root(links: LinkList, n_nodes: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Measure the shortest way from the root to every node, and what it costs."""
    shortest = _Shortest(links, n_nodes)
    near, before = shortest.search(np.array([0]))
    cost = np.full(n_nodes, np.inf)
    for x in np.argsort(near[0], kind="stable").tolist():
        if np.isfinite(near[0, x]):
            cost[x] = 0.0 if x == 0 else cost[before[0, x]] + shortest.cost(before[0, x], x)
    return near[0], cost


def _beside_shorter(links: LinkList, n_nodes: int) -> NDArray[np.bool_]:
    shortest = _Shortest(links, n_nodes)
    beside = np.zeros(len(links), dtype=bool)
    longest = float(links.length.max(initial=0.0))
    sources = np.unique(links.u)
    for begin, end in pairwise([*range(0, len(sources), _BLOCK), len(sources)]):
        block = sources[begin:end]
        distance, before = shortest.search(block, limit=longest)
        mine = np.flatnonzero((links.u >= block[0]) & (links.u <= block[-1]))
        row = np.searchsorted(block, links.u[mine])
        shorter = distance[row, links.v[mine]] < links.length[mine] * (1 - _MARGIN)
        for i, r in zip(mine[shorter].tolist(), row[shorter].tolist(), strict=True):
            beside[i] = shortest.way_cost(before[r], int(links.v[i])) <= links.cost[i]
    return beside


class _Shortest:
    """Shortest ways over links, and what these ways cost."""

    def __init__(self, links: LinkList, n_nodes: int) -> None:
        # The shortest of parallel links, which come sorted by length.
        tail = np.concatenate([links.u, links.v])
        head = np.concatenate([links.v, links.u])
        length = np.concatenate([links.length, links.length])
        cost = np.concatenate([links.cost, links.cost])
        order = np.lexsort((cost, length, head, tail))
        new = np.ones(len(order), dtype=bool)
        new[1:] = (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)
        kept = order[new]
        begin = np.concatenate([[0], np.cumsum(np.bincount(tail[kept], minlength=n_nodes))])
        self._matrix = sp.csr_array((length[kept], head[kept], begin), shape=(n_nodes, n_nodes))
        pairs = zip(tail[kept].tolist(), head[kept].tolist(), strict=True)
        self._cost = dict(zip(pairs, cost[kept].tolist(), strict=True))

    def search(
        self, sources: NDArray[np.integer], limit: float = np.inf
    ) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        return dijkstra(  # type: ignore[no-any-return]
            self._matrix, indices=sources, limit=limit, return_predecessors=True
        )

    def cost(self, tail: int, head: int) -> float:
        found: float = self._cost[int(tail), int(head)]
        return found

    def way_cost(self, before: NDArray[np.int32], end: int) -> float:
        total = 0.0
        while (tail := int(before[end])) >= 0:
            total += self._cost[tail, end]
            end = tail
        return total
