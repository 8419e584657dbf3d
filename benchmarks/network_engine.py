"""What every engine is asked, ours and the peers: the tasks, their inputs, the form of answers.

An engine is made from a workload's file in a process of its own. `prepare` does what is not timed,
`runner` returns what is, and `answer` brings what came of the last run into the common form:

==================  =====================================================================
build               None
nearest, k-nearest  minutes (inf where there is no way) and facility as an index, or None
service-areas       how many nodes each place reaches, these nodes in order, their minutes
table-107, -1000    minutes, shape (places, places)
bridges             pairs of nodes, the lower first, as ``lower * n + higher``, in order
attach              metres to the nearest road, and its edge
==================  =====================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.workloads import Workload

TASKS = ("build", "nearest", "k-nearest", "service-areas", "table-107", "table-1000", "bridges",
         "attach")  # fmt: skip
MINUTES = 90.0
K = 3
_FACILITIES, _CENTRES, _POINTS = 200, 50, 100_000


class NetworkEngine:
    """The common part: inputs of the tasks, and which method answers which."""

    tasks: ClassVar[tuple[str, ...]] = ()

    def __init__(self, path: Path) -> None:
        self.work = Workload.read(path)
        self.facilities = self.work.places(_FACILITIES)
        self.centres = self.work.places(_CENTRES)
        self.prepare_s: dict[str, float] = {}
        self.answered: Any = None
        self._ready: set[str] = set()

    def ready(self, task: str) -> None:
        """Make what the task's run needs and its time does not count; once."""
        if task not in self._ready:
            self.prepare(task)
            self._ready.add(task)

    def prepare(self, task: str) -> None:
        """Make what the task's run needs."""

    def runner(self, task: str) -> Callable[[], Any]:
        """Return what is timed."""
        if task.startswith("table-"):
            return partial(self.table, self.table_places(task))
        run: Callable[[], Any] = getattr(self, task.replace("-", "_"))
        return run

    def answer(self, task: str) -> Any:
        """Return the last run's answer in the common form."""
        form = "table" if task.startswith("table-") else task.replace("-", "_")
        convert = getattr(self, f"{form}_answer", None)
        return convert(self.answered) if convert else self.answered

    def answer_of(self, task: str) -> Any:
        """Run a task and return its answer."""
        self.ready(task)
        self.answered = self.runner(task)()
        return self.answer(task)

    def prepared(self, task: str) -> float | None:
        """Return the seconds of preprocessing that the task's time leaves out."""
        return self.prepare_s.get("table" if task.startswith("table-") else task)

    def build_answer(self, graph: Any) -> Any:
        """A graph stays where it is; ours tells its links."""
        return None

    def table(self, places: NDArray[np.int64]) -> Any:
        raise NotImplementedError

    def table_places(self, task: str) -> NDArray[np.int64]:
        return self.work.places(int(task.removeprefix("table-")))

    def points(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self.work.points(min(_POINTS, 10 * self.work.n))

    def pairs(self, ends: Any) -> NDArray[np.int64]:
        """Bring pairs of nodes into the common form."""
        pairs = np.sort(np.asarray(ends, dtype=np.int64).reshape(-1, 2), axis=1)
        return np.sort(pairs[:, 0] * self.work.n + pairs[:, 1])

    def areas(
        self, count: NDArray[Any], node: NDArray[Any], minutes: NDArray[Any]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Bring service areas, place after place, into the common form."""
        order = np.lexsort((node, np.repeat(np.arange(len(count)), count)))
        return np.asarray(count), np.asarray(node, dtype=np.int64)[order], minutes[order]
