"""A contraction hierarchy of a network: prepared once, then large tables take moments."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from yanshan_gis.network.kernels import hierarchy as kernels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.network.links import Links


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Junctions by the order of their removal, each linked to those removed after it.

    Parameters
    ----------
    rank
        int32, the place of every junction in that order; the arrays below are numbered by it.
    up_begin, up_to, up_cost
        Links from each junction up.
    down_begin, down_to, down_cost
        Links from above down to each junction, turned round.
    """

    rank: NDArray[np.int32]
    up_begin: NDArray[np.int32]
    up_to: NDArray[np.int32]
    up_cost: NDArray[np.float64]
    down_begin: NDArray[np.int32]
    down_to: NDArray[np.int32]
    down_cost: NDArray[np.float64]

    @classmethod
    def build(
        cls, begin: NDArray[np.int32], to: NDArray[np.int32], total: NDArray[np.float64]
    ) -> Hierarchy:
        """Remove junctions one by one.

        Parameters
        ----------
        begin, to, total
            Links between junctions, by the junction they leave; a cost of NaN is no link.

        Returns
        -------
        Hierarchy
            Deterministic.
        """
        n, room = len(begin) - 1, 3 * len(to) + 16
        while True:
            tail, head, out_next, in_next = np.empty((4, room), np.int32)
            cost = np.empty(room)
            out_first, in_first, rank = np.full((3, n), -1, np.int32)
            used = kernels.contract(
                begin, to, total, tail, head, cost, out_first, out_next, in_first, in_next,
                rank, np.zeros(n, np.int32), np.empty(n), np.empty(n, np.int32),
                np.full(n, np.inf), np.empty(n, np.int32), np.empty(4096), np.empty(4096, np.int32),
            )  # fmt: skip
            if used >= 0:
                break
            room *= 2
        begins, ends, cost = rank[tail[:used]], rank[head[:used]], cost[:used]
        rises = begins < ends
        up = _compress(n, begins[rises], ends[rises], cost[rises])
        down = _compress(n, ends[~rises], begins[~rises], cost[~rises])
        return cls(rank, *up, *down)

    def table(
        self,
        sources: tuple[NDArray[np.int32], NDArray[np.float64]],
        targets: tuple[NDArray[np.int32], NDArray[np.float64]],
        cutoff: float,
    ) -> NDArray[np.float64]:
        """Compute costs from every source to every target.

        Parameters
        ----------
        sources, targets
            Of shape (count, 2) each: the junctions on either side of a place (-1 for none), and
            what is spent between place and junction.
        cutoff
            Largest cost, inclusive.

        Returns
        -------
        numpy.ndarray
            Shape (sources, targets), inf where there is no way.
        """
        bucket, target, minutes = self._buckets(*targets, cutoff)
        costs = np.full((len(sources[0]), len(targets[0])), np.inf)
        kernels.meet(
            self._ranked(sources[0]), sources[1], self.up_begin, self.up_to, self.up_cost, cutoff,
            *self._scratch(len(self.up_to)), bucket, target, minutes, costs,
        )  # fmt: skip
        return np.where(costs <= cutoff, costs, np.inf)

    def _buckets(
        self, ends: NDArray[np.int32], spent: NDArray[np.float64], cutoff: float
    ) -> tuple[NDArray[Any], ...]:
        """Return, junction by junction, which targets lie below it and how far."""
        count = np.zeros(len(ends), np.int64)
        room = 256 * len(ends) + 1
        while True:
            junction, minutes = np.empty(room, np.int32), np.empty(room)
            used = kernels.fill_buckets(
                self._ranked(ends), spent, self.down_begin, self.down_to, self.down_cost, cutoff,
                *self._scratch(len(self.down_to)), junction, minutes, count,
            )  # fmt: skip
            if used >= 0:
                break
            room *= 2
        junction, minutes = junction[:used], minutes[:used]
        target = np.repeat(np.arange(len(ends), dtype=np.int32), count)
        order = np.argsort(junction, kind="stable")
        bucket = np.zeros(len(self.rank) + 1, np.int64)
        np.cumsum(np.bincount(junction, minlength=len(self.rank)), out=bucket[1:])
        return bucket, target[order], minutes[order]

    def _ranked(self, junctions: NDArray[np.int32]) -> NDArray[np.int32]:
        return np.where(junctions >= 0, self.rank[junctions], np.int32(-1))

    def _scratch(self, n_links: int) -> tuple[NDArray[Any], ...]:
        n, most = len(self.rank), n_links + 2
        return np.full(n, np.inf), np.empty(n, np.int32), np.empty(most), np.empty(most, np.int32)


def _compress(
    n: int, tail: NDArray[np.int32], head: NDArray[np.int32], cost: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    order = np.lexsort((head, tail))
    begin = np.zeros(n + 1, np.int32)
    np.cumsum(np.bincount(tail, minlength=n), out=begin[1:])
    return begin, head[order], cost[order]
