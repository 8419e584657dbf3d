"""Peers from ``benchmarks/requirements.txt``, each asked as its documentation says.

networkit, igraph and rustworkx know no nearest of several facilities: they search from one more
node that leads to them all, and tell minutes only. pandana counts in thousandths of a minute and
comes with its contraction hierarchy, which is its preprocessing.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.network_engine import MINUTES, K, NetworkEngine
from benchmarks.network_peers import GraphLibrary, spread


class Networkit(GraphLibrary):
    tasks = ("build", "nearest")

    def __init__(self, path: Path) -> None:
        import networkit

        super().__init__(path)
        networkit.setNumberOfThreads(1)
        self.nk = networkit
        self.links = self.work.directed()

    def build(self) -> Any:
        tail, head, cost = self.links
        return self.nk.GraphFromCoo(
            (cost, (tail, head)), n=self.work.n, weighted=True, directed=True
        )

    def lead(self, origin: int, places: list[int]) -> None:
        self.graph.addNode()
        for place in places:
            self.graph.addEdge(origin, place, 0.0)

    def nearest(self) -> Any:
        search = self.nk.distance.Dijkstra(self.graph, self.work.n, storePaths=False)
        search.run()
        return search.getDistances(asarray=True)

    def nearest_answer(self, found: Any) -> Any:
        minutes = np.array(found)[: self.work.n]
        return np.where(minutes > 1e300, np.inf, minutes), None  # the largest number: no way


class Igraph(GraphLibrary):
    tasks = ("build", "nearest", "bridges")

    def __init__(self, path: Path) -> None:
        import igraph

        super().__init__(path)
        self.ig = igraph
        self.links = self.work.directed()

    def build(self) -> Any:
        tail, head, cost = (part.tolist() for part in self.links)
        graph = self.ig.Graph(
            n=self.work.n, edges=list(zip(tail, head, strict=True)), directed=True
        )
        graph.es["minutes"] = cost
        return graph

    def lead(self, origin: int, places: list[int]) -> None:
        self.graph.add_vertex()
        ends = [(origin, place) for place in places]
        self.graph.add_edges(ends, {"minutes": [0.0] * len(ends)})

    def join(self, u: list[int], v: list[int]) -> Any:
        return self.ig.Graph(n=self.work.n, edges=list(zip(u, v, strict=True)))

    def nearest(self) -> Any:
        return self.graph.distances(source=self.work.n, weights="minutes")[0]

    def nearest_answer(self, found: Any) -> Any:
        return np.array(found)[: self.work.n], None

    def bridges(self) -> Any:
        return self.undirected.bridges()

    def bridges_answer(self, found: Any) -> Any:
        return self.pairs(np.column_stack([self.work.u, self.work.v])[found])


class Rustworkx(GraphLibrary):
    tasks = ("build", "nearest", "bridges")

    def __init__(self, path: Path) -> None:
        import rustworkx

        super().__init__(path)
        self.rx = rustworkx
        self.links = self.work.directed()

    def build(self) -> Any:
        graph = self.rx.PyDiGraph(multigraph=True)
        graph.add_nodes_from(range(self.work.n))
        tail, head, cost = (part.tolist() for part in self.links)
        graph.add_edges_from(list(zip(tail, head, cost, strict=True)))
        return graph

    def lead(self, origin: int, places: list[int]) -> None:
        self.graph.add_node(None)
        self.graph.add_edges_from([(origin, place, 0.0) for place in places])

    def join(self, u: list[int], v: list[int]) -> Any:
        graph = self.rx.PyGraph(multigraph=True)
        graph.add_nodes_from(range(self.work.n))
        graph.add_edges_from_no_data(list(zip(u, v, strict=True)))
        return graph

    def nearest(self) -> Any:
        return self.rx.dijkstra_shortest_path_lengths(self.graph, self.work.n, float)

    def nearest_answer(self, found: Any) -> Any:
        return spread(self.work.n, dict(found.items())), None

    def bridges(self) -> Any:
        return self.rx.bridges(self.undirected)

    def bridges_answer(self, found: Any) -> Any:
        return self.pairs(list(found))


class Pandana(NetworkEngine):
    tasks = ("nearest", "k-nearest", "service-areas", "table-107", "table-1000")
    # Further than any way leads, and within the range of its counters.
    _FAR: ClassVar[float] = 100_000.0

    def __init__(self, path: Path) -> None:
        import pandana

        super().__init__(path)
        self.made = pandana.Network
        began = time.perf_counter()
        # Its searches for facilities run from nodes along links, so it gets the links as they are
        # driven, and its tables are read the other way round.
        tail, head, cost = self.work.directed()
        self.network = self._network(head, tail, cost)
        self.prepare_s["table"] = time.perf_counter() - began
        self.turned: Any = None

    def prepare(self, task: str) -> None:
        if task in ("nearest", "k-nearest"):
            at = pd.Series(self.facilities.astype(float))
            self.network.set_pois(task, self._FAR, K if task == "k-nearest" else 1, at, at * 0.0)
        if task == "service-areas":
            self.turned = self._network(*self.work.directed())

    def _network(
        self, tail: NDArray[np.int32], head: NDArray[np.int32], cost: NDArray[np.float64]
    ) -> Any:
        # Coordinates only match places to nodes: a node's number is one no other node shares.
        x = pd.Series(np.arange(self.work.n, dtype=float))
        minutes = pd.DataFrame({"minutes": cost})
        return self.made(x, x * 0.0, pd.Series(tail), pd.Series(head), minutes, twoway=False)

    def nearest(self) -> Any:
        return self._nearest("nearest", 1)

    def k_nearest(self) -> Any:
        return self._nearest("k-nearest", K)

    def _nearest(self, task: str, k: int) -> Any:
        return self.network.nearest_pois(self._FAR, task, num_pois=k, include_poi_ids=True)

    def nearest_answer(self, found: Any) -> Any:
        minutes, number = self.k_nearest_answer(found, 1)
        return minutes[:, 0], number[:, 0]

    def k_nearest_answer(self, found: Any, k: int = K) -> Any:
        minutes = found[list(range(1, k + 1))].to_numpy(dtype=float)
        number = found[[f"poi{i}" for i in range(1, k + 1)]].to_numpy(dtype=float)
        far = minutes >= self._FAR
        return np.where(far, np.inf, minutes), np.where(far, -1, number).astype(np.int64)

    def service_areas(self) -> Any:
        return self.turned.nodes_in_range(self.centres.tolist(), MINUTES)

    def service_areas_answer(self, found: Any) -> Any:
        by_centre = dict(list(found.groupby("source")))
        rows = [by_centre[place] for place in self.centres.tolist()]
        table = pd.concat(rows)
        count = np.array([len(one) for one in rows])
        return self.areas(count, table["destination"].to_numpy(), table["minutes"].to_numpy())

    def table(self, places: NDArray[np.int64]) -> Any:
        origins, goals = np.repeat(places, len(places)), np.tile(places, len(places))
        return self.network.shortest_path_lengths(origins, goals)

    def table_answer(self, found: Any) -> Any:
        minutes = np.array(found)
        side = round(len(minutes) ** 0.5)
        return np.where(minutes > self._FAR, np.inf, minutes).reshape(side, side).T
