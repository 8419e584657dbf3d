"""At most k sites that serve all rows at the least cost, with proof: the p-median problem.

    minimise    Σ_i min(cap_i, min_{j open} c_ij)     with at most k sites open

With minutes as costs this is the p-median problem; with costs 0 and the weight as cap it is the
maximal covering problem. A swap search finds good choices. Prices on "row i is served once"
(a Lagrangian relaxation, Cornuéjols, Fisher and Nemhauser 1977) give a bound, their subgradient
raises it, and the sites that pay best at those prices begin further swap searches. Sites whose
reduced cost shows that they are in every better choice, or in none, are fixed; what stays open is
branched on.
"""

from __future__ import annotations

import heapq
import itertools
import time
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yanshan_gis.optimisation.kernels import medians as kernels
from yanshan_gis.optimisation.program import Listener

Numbers = NDArray[np.int64]

# Iterations, patience and first step of the subgradient at the root and below it, and how much of
# the last direction is kept: measured on clustered and even towns, 5 to 80 sites.
_ROOT, _BELOW = (300.0, 15.0, 1.9), (120.0, 8.0, 1.0)
_KEPT = 0.7
_ROUNDS_AT_ROOT, _ROUNDS_BELOW = 6, 2
# A round that leaves more than this of the lists is the last one.
_LEFT = 0.9


class Lists(NamedTuple):
    """Which sites can serve a row, cheapest first, as kernels read it.

    Parameters
    ----------
    begin, site, cost
        Row i stands at ``begin[i]:begin[i + 1]``.
    cap
        What row i costs when none of its sites is open.
    """

    begin: Numbers
    site: Numbers
    cost: NDArray[np.float64]
    cap: NDArray[np.float64]

    @classmethod
    def of(
        cls, row: Numbers, site: Numbers, cost: NDArray[np.float64], cap: NDArray[np.float64]
    ) -> Lists:
        """Sort pairs of row and site; those that cost as much as the cap are left out.

        Parameters
        ----------
        row, site, cost
            One entry per pair.
        cap
            Per row.

        Returns
        -------
        Lists
            In the order kernels need.
        """
        kept = cost < cap[row]
        row, site, cost = row[kept], site[kept], cost[kept]
        order = np.lexsort((site, cost, row))
        begin = np.zeros(len(cap) + 1, dtype=np.int64)
        np.cumsum(np.bincount(row, minlength=len(cap)), out=begin[1:])
        return cls(begin, site[order].astype(np.int64), cost[order], cap.astype(np.float64))


@dataclass(frozen=True, eq=False)
class Choice:
    """The best choice found.

    Parameters
    ----------
    sites
        Ascending.
    value
        What it costs.
    bound
        No choice costs less.
    """

    sites: Numbers
    value: float
    bound: float


@dataclass(frozen=True, eq=False)
class _Node:
    """Some sites are fixed open, some closed; `ids` are those that are left, `count` of them."""

    lists: Lists
    ids: Numbers
    opened: Numbers
    count: int
    price: NDArray[np.float64]
    bound: float = -np.inf
    depth: int = 0

    def fixed(self, fate: NDArray[np.int8], dearest: NDArray[np.float64] | None = None) -> _Node:
        """Close the sites of fate -1 and open those of fate 1."""
        left = fate == 0
        limit = np.full(len(self.price), np.inf) if dearest is None else dearest
        lists = Lists(*kernels.shrink(*self.lists, fate, limit, np.cumsum(left) - 1))
        opens = self.ids[fate == 1]
        return replace(
            self,
            lists=lists,
            ids=self.ids[left],
            opened=np.r_[self.opened, opens],
            count=self.count - len(opens),
            price=np.minimum(self.price, lists.cap),
        )


def least(
    lists: Lists,
    n_sites: int,
    count: int,
    *,
    start: Numbers | None = None,
    tolerance: float = 0.0,
    gap: float = 0.0,
    most_nodes: float = np.inf,
    time_limit_s: float = 60.0,
    listener: Listener | None = None,
) -> Choice:
    """Choose at most `count` sites that serve all rows at the least cost.

    Parameters
    ----------
    lists
        Who can serve whom, and at what cost ≥ 0.
    n_sites
        Sites are numbered below this.
    count
        How many may be opened, ≥ 1.
    start
        A choice to begin with; may hold fewer than `count`.
    tolerance, gap
        The proof is good enough when value and bound are this close, in the cost's unit or
        relative to the value.
    most_nodes
        Nodes of the search tree after which the best choice and its bound are returned.
    time_limit_s
        Seconds after which they are.
    listener
        Told value and bound now and then.

    Returns
    -------
    Choice
        With bound; the same on every machine unless time ran out.
    """
    search = _Search(lists, n_sites, min(count, n_sites), tolerance, gap, listener)
    search.begin(start)
    search.run(time.monotonic() + time_limit_s, most_nodes)
    return Choice(np.sort(search.sites), search.value, search.bound)


def descend(lists: Lists, n_sites: int, count: int, start: Numbers) -> Numbers:
    """Open sites up to `count`, then swap one for another, while it helps.

    Parameters
    ----------
    lists
        Who can serve whom, and at what cost.
    n_sites
        Sites are numbered below this.
    count
        How many may be opened, ≥ 1.
    start
        A choice to begin with.

    Returns
    -------
    numpy.ndarray
        The sites, ascending.
    """
    is_open = np.zeros(n_sites, dtype=np.bool_)
    is_open[start] = True
    kernels.interchange(*lists, is_open, count)
    return np.flatnonzero(is_open)


@dataclass(eq=False)
class _Search:
    lists: Lists
    n_sites: int
    count: int
    tolerance: float
    gap: float
    listener: Listener | None
    sites: Numbers = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    value: float = np.inf
    bound: float = 0.0

    def begin(self, start: Numbers | None) -> None:
        """Descend from the given choice, or from none."""
        is_open = np.zeros(self.n_sites, dtype=np.bool_)
        if start is not None:
            is_open[start[: self.count]] = True
        self.value = float(kernels.interchange(*self.lists, is_open, self.count))
        self.sites = np.flatnonzero(is_open)

    def run(self, end: float, most_nodes: float) -> None:
        """Take the node with the least bound until nothing better can be left."""
        turn, visited = itertools.count(), itertools.count(1)
        nodes = [(0.0, next(turn), self._root())]
        closed = np.inf  # the least bound of what was left aside
        while nodes and not self._pruned(min(closed, nodes[0][0])):
            _, _, node = heapq.heappop(nodes)
            node = self._bounded(node, end)
            if self._pruned(node.bound) or not self._open(node):
                closed = min(closed, node.bound)
            elif time.monotonic() > end or next(visited) >= most_nodes:
                closed = min(closed, node.bound)
                break
            else:
                for child in self._branches(node):
                    heapq.heappush(nodes, (child.bound, next(turn), child))
            least_bound = min([closed, *(entry[0] for entry in nodes[:1])])
            self.bound = max(self.bound, min(least_bound, self.value))
            if self.listener is not None:
                self.listener(self.value, self.bound)
        waiting = nodes[0][0] if nodes else np.inf
        # What was fixed or left aside holds nothing better than value less what is good enough.
        self.bound = max(self.bound, min(closed, waiting, self.value))

    def _slack(self) -> float:
        return max(self.tolerance, self.gap * abs(self.value))

    def _pruned(self, bound: float) -> bool:
        return self.value - bound <= self._slack()

    def _open(self, node: _Node) -> bool:
        return 0 < node.count < len(node.ids)

    def _root(self) -> _Node:
        n = len(self.lists.cap)
        first, near, second = np.empty(n, np.int64), np.empty(n), np.empty(n)
        is_open = np.zeros(self.n_sites, dtype=np.bool_)
        is_open[self.sites] = True
        kernels.nearest_two(*self.lists, is_open, first, near, second)
        price = np.where(second < self.lists.cap, (near + second) / 2, 1.5 * near)
        none = np.empty(0, dtype=np.int64)
        price = np.minimum(price, self.lists.cap)
        return _Node(self.lists, np.arange(self.n_sites), none, self.count, price)

    def _bounded(self, node: _Node, end: float) -> _Node:
        """Raise the bound of a node and fix what it allows to fix."""
        at_root = node.depth == 0
        iterations, patience, step = _ROOT if at_root else _BELOW
        for _ in range(_ROUNDS_AT_ROOT if at_root else _ROUNDS_BELOW):
            if not self._open(node):
                return replace(node, bound=max(node.bound, self._leaf(node)))
            settings = (iterations, self._slack(), patience, step, _KEPT)
            price, is_open = node.price.copy(), np.isin(node.ids, self.sites)
            bound, value, reduced = kernels.ascend(
                *node.lists, node.count, price, is_open, self.value, settings
            )
            if value < self.value:
                self.value, self.sites = float(value), np.r_[node.opened, node.ids[is_open]]
            node = replace(node, price=price, bound=max(node.bound, float(bound)))
            if self._pruned(node.bound) or time.monotonic() > end:
                return node
            before = len(node.lists.site)
            fate = self._fate(reduced, node.count, float(bound))
            node = node.fixed(fate, price + (self.value - bound))
            if len(node.lists.site) > _LEFT * before:
                break
            step = max(0.6 * step, 0.3)
        return node if self._open(node) else replace(node, bound=max(node.bound, self._leaf(node)))

    def _leaf(self, node: _Node) -> float:
        """Cost of a node in which nothing is left to choose."""
        is_open = np.ones(len(node.ids), dtype=np.bool_)
        if node.count == 0:
            is_open[:] = False
        n = len(node.lists.cap)
        scratch = np.empty(n, np.int64), np.empty(n), np.empty(n)
        total = float(kernels.nearest_two(*node.lists, is_open, *scratch))
        if total < self.value:
            self.value, self.sites = total, np.r_[node.opened, node.ids[is_open]]
        return total

    def _fate(self, reduced: NDArray[np.float64], count: int, bound: float) -> NDArray[np.int8]:
        """Tell which sites every choice better than ours opens (1), and which none does (-1)."""
        order = np.argsort(reduced, kind="stable")
        last, following = reduced[order[count - 1]], reduced[order[count]]
        pays = np.zeros(len(reduced), dtype=bool)
        pays[order[:count]] = True
        fate = np.zeros(len(reduced), dtype=np.int8)
        fate[~pays & (bound + reduced - last > self.value)] = -1
        fate[pays & (bound - reduced + following > self.value)] = 1
        return fate

    def _branches(self, node: _Node) -> list[_Node]:
        """Close, and open, the site that pays most nearly as much as the last one taken."""
        reduced = np.empty(len(node.ids))
        is_open = np.zeros(len(node.ids), dtype=np.bool_)
        lists = node.lists
        kernels.reduced_costs(
            lists.begin, lists.site, lists.cost, node.price, node.count, reduced, is_open
        )
        order = np.argsort(reduced, kind="stable")
        middle = (reduced[order[node.count - 1]] + reduced[order[node.count]]) / 2
        site = int(np.argmin(np.abs(reduced - middle)))
        children = []
        for fate_of_site in (-1, 1):
            fate = np.zeros(len(node.ids), dtype=np.int8)
            fate[site] = fate_of_site
            children.append(replace(node.fixed(fate), depth=node.depth + 1))
        return children
