"""Answers compared with those of scipy, networkx and shapely on the same graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.network_peers import Networkx, Scipy, Shapely
from yanshan_gis.network.scipy_engine import SCIPY

# Minutes relative to their size (or to 1); metres, of coordinates that are millions of metres.
ROUNDING, ROUNDING_M = 1e-9, 1e-6
# Rows of a table that are computed a second time.
_ROWS = 20


class Checks:
    """What is right, computed once per task.

    Minutes are scipy's. Which facility is nearest is scipy's after the rule that of facilities
    whose minutes differ by rounding only the lower counts. Bridges are networkx's, metres to the
    nearest road shapely's; of large tables twenty rows are compared.

    Parameters
    ----------
    path
        The workload.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._scipy = Scipy(path)
        self._known: dict[str, Any] = {}

    def compare(self, task: str, found: Any) -> dict[str, Any]:
        """Return how far an answer is off.

        Parameters
        ----------
        task
            What was asked.
        found
            The answer in the common form.

        Returns
        -------
        dict
            ``error``, the largest difference in minutes or metres; ``different``, how many
            labels, nodes or pairs are others; ``exact``. Empty where nothing is told.
        """
        if task not in self._known:
            self._known[task] = self._right(task)
        right = self._known[task]
        if task == "build":
            return _compare_links(found, right) if found is not None else {}
        if task == "attach":
            return self._compare_attached(found, right)
        if task == "service-areas":
            return _compare_areas(found, right)
        if task == "bridges":
            different = len(np.setxor1d(found, right))
            return {"different": different, "exact": different == 0}
        if task.startswith("table-"):
            rows, minutes = right
            return _compare_minutes(found[rows], minutes)
        return _compare_labelled(found, right)

    def _right(self, task: str) -> Any:
        plain = self._scipy
        if task == "build":
            return plain.matrix
        if task == "nearest":
            spent = np.zeros(len(plain.facilities))
            owner = SCIPY.nearest(plain.work.links(), plain.facilities, spent, np.inf)[1]
            return plain.nearest()[0], owner
        if task == "bridges":
            return Networkx(self._path).answer_of(task)
        if task == "attach":
            return Shapely(self._path).answer_of(task)
        if task.startswith("table-"):
            places = plain.table_places(task)
            rows = np.unique(np.linspace(0, len(places) - 1, _ROWS).astype(int))
            return rows, plain.table(places[rows], places)
        return plain.answer_of(task)

    def _compare_attached(self, found: Any, right: Any) -> dict[str, Any]:
        metres, edge = found
        other = np.flatnonzero(edge != right[1])
        lines, (x, y) = self._scipy.work.lines(), self._scipy.points()
        there = shapely.distance(lines[edge[other]], shapely.points(x[other], y[other]))
        # Of equally near roads rounding may make either the nearer one.
        different = int((there > right[0][other] + ROUNDING_M).sum())
        error = float(np.abs(metres - right[0]).max(initial=0.0))
        return {
            "error": error,
            "different": different,
            "exact": error <= ROUNDING_M and not different,
        }


def _compare_links(found: Any, matrix: Any) -> dict[str, Any]:
    right = (matrix.indptr, matrix.indices, matrix.data)
    same = all(np.array_equal(one, other) for one, other in zip(found, right, strict=True))
    return {"exact": same}


def _compare_minutes(minutes: NDArray[np.float64], right: NDArray[np.float64]) -> dict[str, Any]:
    """Compare minutes; where one has a way and the other none, a label is different."""
    reached = np.isfinite(right)
    different = int((np.isfinite(minutes) != reached).sum())
    both = reached & np.isfinite(minutes)
    off = np.abs(minutes[both] - right[both])
    close = bool((off <= ROUNDING * np.maximum(1.0, right[both])).all())
    return {
        "error": float(off.max(initial=0.0)),
        "different": different,
        "exact": close and not different,
    }


def _compare_labelled(found: Any, right: Any) -> dict[str, Any]:
    said = _compare_minutes(found[0], right[0])
    if found[1] is not None:
        other = (found[1] != right[1]) | (np.isfinite(found[0]) != np.isfinite(right[0]))
        said["different"] = int(other.sum())
        said["exact"] = said["exact"] and not said["different"]
    return said


def _compare_areas(found: Any, right: Any) -> dict[str, Any]:
    keys = []
    for count, node, _ in (found, right):
        place = np.repeat(np.arange(len(count), dtype=np.int64), count)
        keys.append((place << 32) + node)
    _, mine, theirs = np.intersect1d(*keys, assume_unique=True, return_indices=True)
    said = _compare_minutes(found[2][mine], right[2][theirs])
    said["different"] = len(keys[0]) + len(keys[1]) - 2 * len(mine)
    said["exact"] = said["exact"] and not said["different"]
    return said
