"""Ours, at the level of links and of the compiled engine, asked like any peer."""

from __future__ import annotations

import ctypes
import gc
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.machine import peak_mb
from benchmarks.network_engine import MINUTES, TASKS, K, NetworkEngine
from yanshan_gis.network.links import Links

_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Ours(NetworkEngine):
    """Searches in one thread."""

    tasks = TASKS
    threads = 1

    def __init__(self, path: Path) -> None:
        from yanshan_gis.network.compiled_engine import CompiledEngine

        super().__init__(path)
        self.engine = CompiledEngine(self.threads)
        _load(self.engine)
        self.links = self.build()

    def prepare(self, task: str) -> None:
        if task == "bridges":
            from yanshan_gis.network.kernels.bridges import find_bridges

            self.find_bridges = find_bridges
            end = np.zeros(1, np.int32)
            find_bridges(2, end, end + 1, np.ones(1, bool))  # compiles
        if task == "attach":
            from yanshan_gis.network.kernels.grid import Grid

            self.grid = Grid
            Grid.of(np.eye(2), np.zeros(1, np.int32)).nearest(np.ones(1), np.ones(1))  # compiles
            at = self.work.vertex
            self.xy = np.column_stack([self.work.x[at], self.work.y[at]])
            begins = np.ones(len(at), dtype=bool)
            begins[self.work.first[1:] - 1] = False  # the last vertex of an edge
            self.segment = np.flatnonzero(begins).astype(np.int32)
            self.where = self.points()
        if task.startswith("table-") and "table" not in self.prepare_s:
            began = time.perf_counter()
            self.links = self.build()
            self.engine.hierarchy(self.links)
            self.prepare_s["table"] = time.perf_counter() - began

    def build(self) -> Any:
        """Check the links, and find the chains that searches run on."""
        links = self.work.links()
        self.engine.prepare(links)
        return links

    def build_answer(self, links: Any) -> Any:
        matrix = links.matrix()
        return matrix.indptr, matrix.indices, matrix.data

    def nearest(self) -> Any:
        return self.engine.nearest(self.links, self.facilities, self._nothing_spent(), np.inf)

    def k_nearest(self) -> Any:
        nothing = self._nothing_spent()
        return self.engine.nearest_k(self.links, self.facilities, nothing, K, np.inf)

    def service_areas(self) -> Any:
        nothing = np.zeros(len(self.centres))
        return self.engine.reach(self.links, self.centres, nothing, MINUTES)

    def service_areas_answer(self, found: Any) -> Any:
        return self.areas(np.diff(found.begin), found.node, found.cost)

    def table(self, places: NDArray[np.int64]) -> Any:
        return self.engine.table(self.links, places, places, np.inf)

    def bridges(self) -> Any:
        work = self.work
        return self.find_bridges(work.n, work.u, work.v, np.ones(len(work.u), dtype=bool))

    def bridges_answer(self, found: Any) -> Any:
        return self.pairs(np.column_stack([self.work.u, self.work.v])[found])

    def attach(self) -> Any:
        return self.grid.of(self.xy, self.segment).nearest(*self.where)

    def attach_answer(self, vertex: Any) -> Any:
        lines = shapely.linestrings(np.stack([self.xy[vertex], self.xy[vertex + 1]], axis=1))
        edge = np.searchsorted(self.work.first, vertex, side="right") - 1
        return shapely.distance(lines, shapely.points(*self.where)), edge

    def _nothing_spent(self) -> NDArray[np.float64]:
        return np.zeros(len(self.facilities))

    def n_links(self) -> int:
        return self.work.n_links

    def graph_bytes(self) -> int:
        """Return what the links and all that is kept with them hold."""
        return _bytes(vars(self.links))

    def peak_bytes(self, task: str) -> int | None:
        """Run a task, and return how far memory rose beyond what was there; None off Linux."""
        self.ready(task)
        run = self.runner(task)
        gc.collect()
        try:
            ctypes.CDLL(None).malloc_trim(0)
            _FORGET.write_text("5")
            before = _memory("VmRSS")
        except (OSError, AttributeError):
            return None
        self.answered = run()
        return _memory("VmHWM") - before


class OursTwice(Ours):
    """Searches in two threads."""

    tasks = ("service-areas", "table-107", "table-1000", "attach")
    threads = 2


class FirstUse(NetworkEngine):
    """What a process pays before its first answer; made without loading compiled code."""

    def seconds(self) -> tuple[float, float]:
        """Return the seconds of the first nearest search and of a later one, building included."""
        return self._search(), self._search()

    def peak_mb(self) -> float:
        """Return the peak memory of the process, all libraries included."""
        return peak_mb()

    def _search(self) -> float:
        began = time.perf_counter()
        from yanshan_gis.network.compiled_engine import CompiledEngine

        nothing = np.zeros(len(self.facilities))
        links = self.work.links()
        self.answered = CompiledEngine(1).nearest(links, self.facilities, nothing, np.inf)
        return time.perf_counter() - began


class Gather(NetworkEngine):
    """The limit: every link read once at random, as each search must at least."""

    def __init__(self, path: Path) -> None:
        import numba

        super().__init__(path)
        matrix = self.work.links().matrix()
        self.arrays = matrix.indptr, matrix.indices, matrix.data
        self.minutes = np.random.default_rng(0).random(self.work.n)
        self.gather = numba.njit(_gather)
        self.nearest()

    def nearest(self) -> None:
        self.gather(*self.arrays, self.minutes)


def _gather(
    begin: NDArray[np.int32],
    head: NDArray[np.int32],
    cost: NDArray[np.float64],
    minutes: NDArray[np.float64],
) -> None:
    for node in range(len(begin) - 1):
        least = minutes[node]
        for link in range(begin[node], begin[node + 1]):
            least = min(least, minutes[head[link]] + cost[link])
        minutes[node] = least


def _load(engine: Any) -> None:
    """Load the kernels, or compile them, on a network of one link."""
    end, one = np.zeros(1, np.int32), np.ones(1)
    links = Links.of_edges(2, end, end + 1, one, one)
    place, nothing = np.zeros(1, np.int64), np.zeros(1)
    engine.nearest(links, place, nothing, np.inf)
    engine.nearest_k(links, place, nothing, K, np.inf)
    engine.reach(links, place, nothing, np.inf)
    for count in (1, 100):  # few sources and many are searched in different ways
        places = np.zeros(count, np.int64)
        engine.table(links, places, places, np.inf)


def _bytes(held: Any) -> int:
    if isinstance(held, np.ndarray):
        return held.nbytes
    if isinstance(held, dict):
        return sum(map(_bytes, held.values()))
    return sum(map(_bytes, held)) if isinstance(held, tuple) else 0


def _memory(name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", _STATUS.read_text(), re.MULTILINE)
    if found is None:
        raise OSError(f"{_STATUS} does not tell {name}")
    return int(found[1]) * 1024
