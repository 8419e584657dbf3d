"""A contraction hierarchy of a network: prepared once, then large tables take moments."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yanshan_gis.network.kernels import hierarchy as kernels

if TYPE_CHECKING:
    from yanshan_gis.network.engine import Cache

# Part of the key under which hierarchies are kept; changes with the arrays' meaning.
_FORMAT = 1


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
        cls,
        begin: NDArray[np.int32],
        to: NDArray[np.int32],
        total: NDArray[np.float64],
        cache: Cache | None = None,
    ) -> Hierarchy:
        """Remove junctions one by one, unless that was done for these very links.

        Parameters
        ----------
        begin, to, total
            Links between junctions, by the junction they leave; a cost of NaN is no link.
        cache
            Where a hierarchy is kept under the hash of its links; nowhere when None.

        Returns
        -------
        Hierarchy
            Deterministic.
        """
        key = _key(begin, to, total)
        kept = None if cache is None else cache.read(key)
        if kept is not None and set(kept) == {field.name for field in fields(cls)}:
            return cls(**kept)
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
        built = cls(rank, *up, *down)
        if cache is not None:
            cache.write(key, vars(built))
        return built

    def buckets(
        self, junctions: NDArray[np.int32], spent: NDArray[np.float64], cutoff: float
    ) -> Buckets:
        """Search upward from every target.

        Parameters
        ----------
        junctions
            Of shape (targets, 2): those on either side of a target, -1 for none.
        spent
            Likewise, the costs from them to the target.
        cutoff
            Largest cost, inclusive.

        Returns
        -------
        Buckets
            Junction by junction, which targets lie below it and how far.
        """
        count = np.zeros(len(junctions), np.int64)
        room = 256 * len(junctions) + 1
        while True:
            touched, cost = np.empty(room, np.int32), np.empty(room)
            used = kernels.fill_buckets(
                self._ranked(junctions), spent, self.down_begin, self.down_to, self.down_cost,
                cutoff, *self._scratch(len(self.down_to)), touched, cost, count,
            )  # fmt: skip
            if used >= 0:
                break
            room *= 2
        touched, cost = touched[:used], cost[:used]
        target = np.repeat(np.arange(len(junctions), dtype=np.int32), count)
        order = np.argsort(touched, kind="stable")
        begin = np.zeros(len(self.rank) + 1, np.int64)
        np.cumsum(np.bincount(touched, minlength=len(self.rank)), out=begin[1:])
        return Buckets(begin, target[order], cost[order], len(junctions))

    def table(
        self,
        junctions: NDArray[np.int32],
        spent: NDArray[np.float64],
        targets: Buckets,
        cutoff: float,
    ) -> NDArray[np.float64]:
        """Compute costs from every source to every target.

        Parameters
        ----------
        junctions, spent
            As for `buckets`, of the sources and to the junctions.
        targets
            Where searches meet them.
        cutoff
            Largest cost, inclusive.

        Returns
        -------
        numpy.ndarray
            Shape (sources, targets), inf where there is no way.
        """
        costs = np.full((len(junctions), targets.n_targets), np.inf)
        kernels.meet(
            self._ranked(junctions), spent, self.up_begin, self.up_to, self.up_cost, cutoff,
            *self._scratch(len(self.up_to)), targets.begin, targets.target, targets.cost, costs,
        )  # fmt: skip
        costs[costs > cutoff] = np.inf
        return costs

    def _ranked(self, junctions: NDArray[np.int32]) -> NDArray[np.int32]:
        return np.where(junctions >= 0, self.rank[junctions], np.int32(-1))

    def _scratch(self, n_links: int) -> tuple[NDArray[Any], ...]:
        n, most = len(self.rank), n_links + 2
        return np.full(n, np.inf), np.empty(n, np.int32), np.empty(most), np.empty(most, np.int32)


class Buckets(NamedTuple):
    """Targets by the junctions from which a search upward came.

    Parameters
    ----------
    begin
        int64: those met at junction i, numbered by rank, are ``begin[i]`` to ``begin[i + 1] - 1``.
    target, cost
        Which, and the cost down to it.
    n_targets
        Number of targets.
    """

    begin: NDArray[np.int64]
    target: NDArray[np.int32]
    cost: NDArray[np.float64]
    n_targets: int


def _key(*arrays: NDArray[Any]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return f"hierarchy-{_FORMAT}-{digest.hexdigest()}"


def _compress(
    n: int, tail: NDArray[np.int32], head: NDArray[np.int32], cost: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    order = np.lexsort((head, tail))
    begin = np.zeros(n + 1, np.int32)
    np.cumsum(np.bincount(tail, minlength=n), out=begin[1:])
    return begin, head[order], cost[order]
