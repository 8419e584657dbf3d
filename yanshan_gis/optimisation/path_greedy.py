"""Whole-path greedy: again and again the way with the most weight per kilometre.

From what is connected so far, shortest ways lead to every node; the one that gains most for its
price is taken as a whole, as long as the budget lasts. It is quick and never strands a road, but
nothing says how far it is from the best choice; here it starts the exact search, stands in for it
when time runs out, and shows what a simple rule loses. (Ranking single roads does far worse: it
never looks past a first stretch on which few people live.)

Parts of the graph that meet at the root only do not change each other's ways, so each is searched
again only when it grows.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import dijkstra

from yanshan_gis.optimisation.budget import ROUNDING, Budget
from yanshan_gis.optimisation.rooted_tree import RootedTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.optimisation.soft_graph import SoftGraph


def connect_by_paths(
    graph: SoftGraph, budget: Budget, floors: NDArray[np.float64] | None = None
) -> RootedTree:
    """Choose whole ways greedily.

    Parameters
    ----------
    graph
        The soft graph.
    budget
        For the links to choose.
    floors
        Least weight to gain in each township; served first, one after the other.

    Returns
    -------
    RootedTree
        Within the budget. Whether it meets the floors is not certain.
    """
    growth = _Growth(graph, budget)
    for label, floor in enumerate([] if floors is None else floors.tolist()):
        if floor > 0:
            mine = graph.label_weight[[label], :].toarray()[0]
            growth.grow(mine, until=floor)
    growth.grow(graph.node_weight)
    return growth.tree.pruned()


class _Way(NamedTuple):
    """A way to take; the smallest is the best."""

    minus_ratio: float
    price: float
    node: int
    km: float
    cost: float
    part: int


class _Part:
    """A part of the graph that meets others at the root only."""

    def __init__(self, nodes: NDArray[np.int64], links: NDArray[np.int64], growth: _Growth) -> None:
        graph = growth.graph
        self.nodes = nodes  # the root first
        ends = [np.searchsorted(nodes, end[links]) for end in (graph.u, graph.v)]
        tail, head = np.concatenate(ends), np.concatenate(ends[::-1])
        price = np.tile(growth.price[links], 2)
        order = np.lexsort((price, head, tail))
        new = np.ones(len(order), dtype=bool)
        new[1:] = (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)
        kept = order[new]  # the cheapest of parallel links
        n = len(nodes)
        begin = np.concatenate([[0], np.cumsum(np.bincount(tail[kept], minlength=n))])
        self.matrix = sp.csr_array((price[kept], head[kept], begin), shape=(n, n))
        pairs = zip(tail[kept].tolist(), head[kept].tolist(), strict=True)
        self.link = dict(zip(pairs, np.tile(links, 2)[kept].tolist(), strict=True))


class _Growth:
    """A tree while it grows, and what is left of the budget."""

    def __init__(self, graph: SoftGraph, budget: Budget) -> None:
        self.graph, self.left = graph, budget
        self.price = budget.price(graph)
        self.cost = np.zeros(graph.n_links) if graph.cost is None else graph.cost
        self.tree = RootedTree.empty(graph)
        self.joined = np.zeros(graph.n_nodes, dtype=bool)
        self.joined[0] = True
        self._parts = self._divide()

    def _divide(self) -> list[_Part]:
        graph = self.graph
        component = graph.component
        of_link = np.maximum(component[graph.u], component[graph.v])
        by_node = np.argsort(component, kind="stable")[1:]  # without the root
        by_link = np.argsort(of_link, kind="stable")
        by_link = by_link[of_link[by_link] >= 0]
        count = int(component.max(initial=-1)) + 1
        nodes = np.split(by_node, np.cumsum(np.bincount(component[by_node], minlength=count)))
        links = np.split(by_link, np.cumsum(np.bincount(of_link[by_link], minlength=count)))
        return [
            _Part(np.concatenate([[0], mine]), roads, self)
            for mine, roads in zip(nodes[:count], links[:count], strict=True)
        ]

    def grow(self, weight: NDArray[np.float64], until: float = np.inf) -> None:
        """Take ways while they fit, or until so much weight is joined."""
        queue = [way for part in range(len(self._parts)) if (way := self._best(part, weight))]
        heapq.heapify(queue)
        while queue and weight[self.joined].sum() < until:
            way = heapq.heappop(queue)
            if self.left.holds(way.km, way.cost):
                self._take(way)
            again = self._best(way.part, weight)
            if again:
                heapq.heappush(queue, again)

    def _best(self, number: int, weight: NDArray[np.float64]) -> _Way | None:
        """Find the best way of a part that the budget still pays for."""
        part = self._parts[number]
        distance, before, _ = self._search(part)
        n = len(part.nodes)
        gain, km, cost = np.zeros((3, n))
        best: _Way | None = None
        for x in np.argsort(distance, kind="stable").tolist():
            b = int(before[x])
            if b < 0:
                continue
            link = part.link[b, x]
            node = int(part.nodes[x])
            gain[x] = gain[b] + weight[node]
            km[x] = km[b] + self.graph.length_km[link]
            cost[x] = cost[b] + self.cost[link]
            if gain[x] > 0 and self.left.holds(km[x], cost[x]):
                ratio = gain[x] / max(distance[x], ROUNDING)
                way = _Way(-ratio, float(distance[x]), node, km[x], cost[x], number)
                best = way if best is None else min(best, way)
        return best

    def _search(
        self, part: _Part
    ) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.int32]]:
        sources = np.flatnonzero(self.joined[part.nodes])
        return dijkstra(  # type: ignore[no-any-return]
            part.matrix, indices=sources, min_only=True, return_predecessors=True
        )

    def _take(self, way: _Way) -> None:
        part = self._parts[way.part]
        _, before, _ = self._search(part)
        x = int(np.searchsorted(part.nodes, way.node))
        while (b := int(before[x])) >= 0:
            node = part.nodes[x]
            self.tree.before[node], self.tree.link[node] = part.nodes[b], part.link[b, x]
            self.joined[node] = True
            x = b
        self.left = self.left.without(way.km, way.cost)
