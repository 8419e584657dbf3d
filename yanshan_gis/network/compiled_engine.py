"""Searches by compiled kernels on the chains of a network, for large networks and many sources."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yanshan_gis.network.engine import ROUNDING, Cache, Reached
from yanshan_gis.network.hierarchy import Hierarchy
from yanshan_gis.network.kernels import alone, chains, ends
from yanshan_gis.network.kernels.nearest import nearest
from yanshan_gis.network.kernels.nearest_k import nearest_k
from yanshan_gis.network.ties import lowest_by_ties, own_sources

if TYPE_CHECKING:
    from yanshan_gis.network.links import Links

# Sources from which on a second thread is worth its own arrays.
_WORTH_A_THREAD = 8
# Sources from which on preparing a hierarchy and a table by it take less time than one search each
# (measured with 20,000 and 80,000 junctions). It counts sources only, so that the last digit of a
# cost does not depend on what was prepared before.
WORTH_A_HIERARCHY = 32
# Share of the nodes of degree two that lie inside chains as the edges come; below it they are
# arranged first.
_ARRANGED = 0.9
# Where what `CompiledEngine.prepare` returns holds these.
_JUNCTION, _FIRST, _TO = 5, 6, 8


class CompiledEngine:
    """Dijkstra between the junctions of a network; chains between them are filled in afterwards.

    Parameters
    ----------
    threads
        How many searches run side by side; as many as processors when None.
    cache
        Where hierarchies are kept; nowhere when None.
    """

    def __init__(self, threads: int | None = None, cache: Cache | None = None) -> None:
        self._threads = threads or os.cpu_count() or 1
        self._cache = cache

    def prepare(self, links: Links) -> tuple[NDArray[Any], ...]:
        """Return what kernels take: the edges, their chains and the links between junctions.

        Parameters
        ----------
        links
            The links.

        Returns
        -------
        tuple of numpy.ndarray
            u, v, from_u, from_v, and of `kernels.chains`: place, junction, first, begin, to,
            along, total, which are kept with the links.
        """
        if "chains" not in links.kept:
            links.kept["chains"] = _chains(links)
        found: tuple[NDArray[Any], ...] = links.kept["chains"]
        return found

    def nearest(
        self,
        links: Links,
        sources: NDArray[np.int64],
        offsets: NDArray[np.float64],
        cutoff: float,
    ) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Find the nearest source of every node.

        Parameters
        ----------
        links, sources, offsets, cutoff
            As in `Engine`.

        Returns
        -------
        tuple of numpy.ndarray
            As in `Engine`.
        """
        graph = self.prepare(links)
        dist, label = _labels(len(graph[_JUNCTION]))
        cost, owner = _labels(links.n_nodes)
        room = _room(graph, 1, len(sources), np.int32)
        tie = nearest(*graph, sources, offsets, cutoff, ROUNDING, *room, dist, label, cost, owner)
        if tie:
            own = own_sources(cost, sources, offsets)
            owner = lowest_by_ties(links, cost, np.minimum(own, owner))
        return cost, owner

    def nearest_k(
        self,
        links: Links,
        sources: NDArray[np.int64],
        offsets: NDArray[np.float64],
        k: int,
        cutoff: float,
    ) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Find the k nearest sources of every node.

        Parameters
        ----------
        links, sources, offsets, k, cutoff
            As in `Engine`.

        Returns
        -------
        tuple of numpy.ndarray
            As in `Engine`.
        """
        graph = self.prepare(links)
        dist, label = _labels(len(graph[_JUNCTION]), k)
        cost, owner = _labels(links.n_nodes, k)
        room = _room(graph, k, len(sources), np.int64)
        nearest_k(*graph, sources, offsets, cutoff, *room, dist, label, cost, owner)
        return cost, owner

    def table(
        self,
        links: Links,
        sources: NDArray[np.int64],
        targets: NDArray[np.int64],
        cutoff: float,
    ) -> NDArray[np.float64]:
        """Search from each source alone.

        Parameters
        ----------
        links, sources, targets, cutoff
            As in `Engine`.

        Returns
        -------
        numpy.ndarray
            As in `Engine`.
        """
        if len(sources) >= WORTH_A_HIERARCHY:
            return self._table_by_hierarchy(links, sources, targets, cutoff)
        graph = self.prepare(links)
        costs = np.empty((len(sources), len(targets)))

        def search(some: slice) -> None:
            alone.table(*graph, sources[some], targets, cutoff, *_scratch(graph), costs[some])

        self._side_by_side(search, len(sources))
        return costs

    def reach(
        self,
        links: Links,
        sources: NDArray[np.int64],
        offsets: NDArray[np.float64],
        cutoff: float,
    ) -> Reached:
        """Find what lies within reach of each source alone.

        Parameters
        ----------
        links, sources, offsets, cutoff
            As in `Engine`.

        Returns
        -------
        Reached
            As in `Engine`.
        """
        graph = self.prepare(links)

        longest = int(np.diff(graph[_FIRST]).max(initial=1))

        def search(some: slice) -> Reached:
            scratch = (*_scratch(graph), np.empty(longest))
            node, cost = np.empty(links.n_nodes, np.int32), np.empty(links.n_nodes)
            begin = np.zeros(len(sources[some]) + 1, np.int64)
            n = 0
            for i, (source, spent) in enumerate(zip(sources[some], offsets[some], strict=True)):
                if len(node) - n < links.n_nodes:  # room for what is left, as far as one can tell
                    room = links.n_nodes + n * (len(begin) - 1) // i * 5 // 4
                    node, cost = _longer(node, n, room), _longer(cost, n, room)
                n += alone.reach(*graph, source, spent, cutoff, *scratch, node[n:], cost[n:])
                begin[i + 1] = n
            return Reached(begin, node[:n], cost[:n])

        parts = self._side_by_side(search, len(sources))
        if len(parts) == 1:
            only: Reached = parts[0]
            return only
        before = np.cumsum([0, *(part.begin[-1] for part in parts[:-1])])
        begins = [part.begin[1:] + done for part, done in zip(parts, before, strict=True)]
        return Reached(
            np.concatenate([np.zeros(1, np.int64), *begins]),
            np.concatenate([part.node for part in parts]),
            np.concatenate([part.cost for part in parts]),
        )

    def hierarchy(self, links: Links) -> Hierarchy:
        """Return the contraction hierarchy of links, prepared at the first call.

        Parameters
        ----------
        links
            The links, which keep it.

        Returns
        -------
        Hierarchy
            Of the junctions.
        """
        if "hierarchy" not in links.kept:
            *_, begin, to, _, total = self.prepare(links)
            links.kept["hierarchy"] = Hierarchy.build(begin, to, total, self._cache)
        found: Hierarchy = links.kept["hierarchy"]
        return found

    def _table_by_hierarchy(
        self,
        links: Links,
        sources: NDArray[np.int64],
        targets: NDArray[np.int64],
        cutoff: float,
    ) -> NDArray[np.float64]:
        u, v, from_u, from_v, place, _, first, *_ = self.prepare(links)
        edges = (u, v, from_u, from_v, place, first)
        begin, end = _Ends.empty(len(sources)), _Ends.empty(len(targets))
        ends.leave(sources, *edges, *begin)
        ends.arrive(targets, *edges, *end)
        hierarchy = self.hierarchy(links)
        meeting = hierarchy.buckets(end.junction, end.cost, cutoff)
        costs = np.empty((len(sources), len(targets)))

        def search(some: slice) -> None:
            costs[some] = hierarchy.table(begin.junction[some], begin.cost[some], meeting, cutoff)

        self._side_by_side(search, len(sources))
        ends.straight(
            sources, targets, begin.chain, end.chain, from_u, from_v, place, cutoff, costs
        )
        return costs

    def _side_by_side(self, search: Callable[[slice], Any], n: int) -> list[Any]:
        """Divide searches over threads, in order; kernels hold no lock."""
        threads = min(self._threads, n // _WORTH_A_THREAD)
        if threads < 2:
            return [search(slice(0, n))]
        bounds = np.linspace(0, n, threads + 1).astype(int)
        some = [slice(a, b) for a, b in pairwise(bounds)]
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(search, some))


class _Ends(NamedTuple):
    """The junctions on either side of places, the costs between, and the chain around a place."""

    junction: NDArray[np.int32]
    cost: NDArray[np.float64]
    chain: NDArray[np.int32]

    @classmethod
    def empty(cls, n: int) -> _Ends:
        return cls(np.empty((n, 2), np.int32), np.empty((n, 2)), np.empty(n, np.int32))


def _chains(links: Links) -> tuple[NDArray[Any], ...]:
    """Return edges, arranged if they have to be, and their chains."""
    edges: tuple[NDArray[Any], ...] = (links.u, links.v, links.from_u, links.from_v)
    degree = np.zeros(links.n_nodes, np.uint8)
    place, junction, first, passed = _find(edges, degree)
    if len(edges[0]) + 1 - len(first) < _ARRANGED * passed:
        edges = _arranged(edges, degree)
        degree[:] = 0
        place, junction, first, _ = _find(edges, degree)
    begin, free = np.zeros((2, len(junction) + 1), np.int32)
    to, along = np.empty((2, 2 * (len(first) - 1)), np.int32)
    total = np.empty(len(to))
    chains.link(*edges, place, first, begin, free, to, along, total)
    return *edges, place, junction, first, begin, to, along, total


def _find(
    edges: tuple[NDArray[Any], ...], degree: NDArray[np.uint8]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], int]:
    u, v, *_ = edges
    place, junction = np.empty((2, len(degree)), np.int32)
    first = np.empty(len(u) + 1, np.int32)
    n_chains, n_junctions, passed = chains.find(u, v, degree, place, first, junction)
    return place, junction[:n_junctions].copy(), first[: n_chains + 1].copy(), passed


def _arranged(
    edges: tuple[NDArray[Any], ...], degree: NDArray[np.uint8]
) -> tuple[NDArray[Any], ...]:
    u, v, from_u, from_v = edges
    order, turned = np.empty(len(u), np.int32), np.empty(len(u), np.bool_)
    beside = np.empty((len(degree), 2), np.int32)
    chains.arrange(u, v, degree, beside, np.zeros(len(u), np.bool_), order, turned)
    u, v, from_u, from_v = u[order], v[order], from_u[order], from_v[order]
    return (
        np.where(turned, v, u), np.where(turned, u, v),
        np.where(turned, from_v, from_u), np.where(turned, from_u, from_v),
    )  # fmt: skip


def _longer(values: NDArray[Any], used: int, room: int) -> NDArray[Any]:
    longer = np.empty(max(room, used + len(values)), values.dtype)
    longer[:used] = values[:used]
    return longer


def _labels(*shape: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    return np.full(shape, np.inf), np.full(shape, -1, dtype=np.int32)


def _room(
    graph: tuple[NDArray[Any], ...], k: int, n_sources: int, items: type[np.signedinteger]
) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Return an empty heap that no search outgrows."""
    most = k * len(graph[_TO]) + 2 * n_sources
    return np.empty(most), np.empty(most, items)


def _scratch(graph: tuple[NDArray[Any], ...]) -> tuple[NDArray[Any], ...]:
    """Return what searches from one source at a time need and share."""
    n = len(graph[_JUNCTION])
    return np.full(n, np.inf), np.empty(n, np.int32), *_room(graph, 1, 1, np.int32)


COMPILED = CompiledEngine()
