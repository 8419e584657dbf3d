"""Peers that this project depends on itself, each asked as its documentation says.

All peers get the same directed links. scipy and networkx hold one link from a node to another, so
theirs are reduced to the cheapest beforehand. networkx searches from one more node that leads to
all facilities. shapely gets the pieces between vertices, not whole lines: its tree is quicker so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.network_engine import MINUTES, K, NetworkEngine

# Costs held at a time while scipy searches from many places.
_BATCH_BYTES = 128 * 2**20


class Scipy(NetworkEngine):
    tasks = ("build", "nearest", "k-nearest", "service-areas", "table-107", "table-1000")

    def __init__(self, path: Path) -> None:
        from scipy.sparse import csgraph, csr_array

        super().__init__(path)
        self.csgraph, self.csr_array = csgraph, csr_array
        self.links = _cheapest(self.work.n, *self.work.directed())
        self.matrix = self.build()

    def build(self) -> Any:
        tail, head, cost = self.links
        return self.csr_array((cost, (tail, head)), shape=(self.work.n, self.work.n))

    def nearest(self) -> Any:
        return self.csgraph.dijkstra(
            self.matrix, indices=self.facilities, min_only=True, return_predecessors=True
        )

    def nearest_answer(self, found: Any) -> Any:
        minutes, _, source = found
        order = np.argsort(self.facilities)
        number = order[np.searchsorted(self.facilities[order], np.maximum(source, 0)) % len(order)]
        return minutes, np.where(np.isfinite(minutes), number, -1)

    def k_nearest(self) -> Any:
        best = np.full((K, self.work.n), np.inf)
        number = np.full((K, self.work.n), -1)
        for begin, rows in self._batches(self.facilities):
            for source, cost in enumerate(rows, begin):
                who = np.full(self.work.n, source)
                for rank in range(K):
                    better = cost < best[rank]
                    best[rank], cost = np.where(better, (cost, best[rank]), (best[rank], cost))
                    number[rank], who = np.where(better, (who, number[rank]), (number[rank], who))
        return best.T, number.T

    def service_areas(self) -> Any:
        return self.csgraph.dijkstra(self.matrix, indices=self.centres, limit=MINUTES)

    def service_areas_answer(self, rows: Any) -> Any:
        within = np.isfinite(rows)
        return within.sum(axis=1), np.nonzero(within)[1], rows[within]

    def table(self, places: NDArray[np.int64], goals: NDArray[np.int64] | None = None) -> Any:
        to = places if goals is None else goals
        return np.concatenate([rows[:, to] for _, rows in self._batches(places)])

    def _batches(self, places: NDArray[np.int64]) -> Any:
        batch = max(1, _BATCH_BYTES // (8 * self.work.n))
        for begin in range(0, len(places), batch):
            some = places[begin : begin + batch]
            yield begin, self.csgraph.dijkstra(self.matrix, indices=some)


class GraphLibrary(NetworkEngine):
    """A library whose graphs are objects: made once for searches, and once for bridges."""

    graph: Any = None
    undirected: Any = None

    def prepare(self, task: str) -> None:
        if task == "bridges":
            self.undirected = self.join(self.work.u.tolist(), self.work.v.tolist())
        if task in ("nearest", "service-areas") and self.graph is None:
            self.graph = self.build()
            self.lead(self.work.n, self.facilities.tolist())

    def build(self) -> Any:
        """Return the directed graph."""
        raise NotImplementedError

    def lead(self, origin: int, places: list[int]) -> None:
        """Add a node that leads to places at no cost."""
        raise NotImplementedError

    def join(self, u: list[int], v: list[int]) -> Any:
        """Return the undirected graph."""
        raise NotImplementedError


class Networkx(GraphLibrary):
    tasks = ("build", "nearest", "service-areas", "bridges")

    def __init__(self, path: Path) -> None:
        import networkx as nx

        super().__init__(path)
        self.nx = nx
        self.links = _cheapest(self.work.n, *self.work.directed())

    def build(self) -> Any:
        graph = self.nx.DiGraph()
        graph.add_nodes_from(range(self.work.n))
        tail, head, cost = (part.tolist() for part in self.links)
        graph.add_weighted_edges_from(zip(tail, head, cost, strict=True))
        return graph

    def lead(self, origin: int, places: list[int]) -> None:
        self.graph.add_weighted_edges_from((origin, place, 0.0) for place in places)

    def join(self, u: list[int], v: list[int]) -> Any:
        graph = self.nx.MultiGraph()
        graph.add_nodes_from(range(self.work.n))
        graph.add_edges_from(zip(u, v, strict=True))
        return graph

    def nearest(self) -> Any:
        origin = self.work.n
        before, minutes = self.nx.dijkstra_predecessor_and_distance(self.graph, origin)
        owner: dict[int, int] = {}
        for node in minutes:  # in the order of their minutes: who comes before is known
            came = before[node]
            owner[node] = owner[came[0]] if came and came[0] != origin else node
        return minutes, owner

    def nearest_answer(self, found: Any) -> Any:
        return spread(self.work.n, found[0]), None

    def service_areas(self) -> Any:
        reach = self.nx.single_source_dijkstra_path_length
        return [reach(self.graph, place, cutoff=MINUTES) for place in self.centres.tolist()]

    def service_areas_answer(self, found: Any) -> Any:
        count = np.array([len(one) for one in found])
        node = np.concatenate([np.fromiter(one, np.int64, len(one)) for one in found])
        minutes = [np.fromiter(one.values(), float, len(one)) for one in found]
        return self.areas(count, node, np.concatenate(minutes))

    def bridges(self) -> Any:
        return list(self.nx.bridges(self.undirected))

    def bridges_answer(self, found: Any) -> Any:
        return self.pairs(found)


class Shapely(NetworkEngine):
    tasks = ("attach",)

    def __init__(self, path: Path) -> None:
        import shapely

        super().__init__(path)
        work = self.work
        ends = [np.column_stack([work.x[end], work.y[end]]) for end in (work.u, work.v)]
        self.shapely, self.lines = shapely, shapely.linestrings(np.stack(ends, axis=1))
        self.edge = np.repeat(np.arange(len(work.edge_u)), np.diff(work.first) - 1)
        self.where = shapely.points(*self.points())

    def attach(self) -> Any:
        tree = self.shapely.STRtree(self.lines)
        return tree.query_nearest(self.where)

    def attach_answer(self, found: Any) -> Any:
        point, piece = found
        edge, metres = np.full(len(self.where), len(self.edge)), np.empty(len(self.where))
        metres[point] = self.shapely.distance(self.lines[piece], self.where[point])
        np.minimum.at(edge, point, self.edge[piece])  # of equally near ones the lowest
        return metres, edge


def _cheapest(
    n: int, tail: NDArray[np.int32], head: NDArray[np.int32], cost: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Leave of parallel links the cheapest, in the order of the pieces."""
    order = np.lexsort((cost, head, tail))
    key = tail[order].astype(np.int64) * n + head[order]
    kept = np.sort(order[np.diff(key, prepend=-1) != 0])
    return tail[kept], head[kept], cost[kept]


def spread(n: int, minutes: dict[int, float]) -> NDArray[np.float64]:
    spread = np.full(n + 1, np.inf)
    spread[np.fromiter(minutes, np.int64, len(minutes))] = list(minutes.values())
    return spread[:n]
