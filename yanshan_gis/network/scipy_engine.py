"""Searches by `scipy.sparse.csgraph`: for small networks, and to check the compiled engine by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from yanshan_gis.network.engine import Reached
from yanshan_gis.network.ties import lowest_by_ties, own_sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from yanshan_gis.network.links import Links

# Costs held at a time while sources are searched one by one.
_BATCH_BYTES = 64 * 2**20


class ScipyEngine:
    """Dijkstra by scipy, with the tie rules it lacks."""

    def nearest(
        self,
        links: Links,
        sources: NDArray[np.int64],
        offsets: NDArray[np.float64],
        cutoff: float,
    ) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Find the nearest source of every node, through one more node that links to them all.

        Parameters
        ----------
        links, sources, offsets, cutoff
            As in `Engine`.

        Returns
        -------
        tuple of numpy.ndarray
            As in `Engine`.
        """
        n = links.n_nodes
        if not len(sources):
            return np.full(n, np.inf), np.full(n, -1, dtype=np.int32)
        nodes, which = np.unique(sources, return_inverse=True)
        least = np.full(len(nodes), np.inf)
        np.minimum.at(least, which, offsets)
        cost, before = dijkstra(
            _with_origin(links.matrix(), nodes, least),
            indices=n,
            limit=cutoff,
            return_predecessors=True,
        )
        cost, before = cost[:n], before[:n]

        own = own_sources(cost, sources, offsets)
        root = _roots(np.where((before < 0) | (before == n), -1, before))
        return cost, lowest_by_ties(links, cost, np.minimum(own, own[root]))

    def nearest_k(
        self,
        links: Links,
        sources: NDArray[np.int64],
        offsets: NDArray[np.float64],
        k: int,
        cutoff: float,
    ) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Find the k nearest sources of every node, source by source.

        Parameters
        ----------
        links, sources, offsets, k, cutoff
            As in `Engine`.

        Returns
        -------
        tuple of numpy.ndarray
            As in `Engine`.
        """
        best = np.full((k, links.n_nodes), np.inf)
        owner = np.full((k, links.n_nodes), -1, dtype=np.int32)
        source = 0
        for rows in _batches(links, sources, offsets, cutoff):
            for cost in rows:
                # Behind equal costs found earlier, before what it is better than.
                who = np.full(links.n_nodes, source, dtype=np.int32)
                better = np.zeros(links.n_nodes, dtype=bool)
                for rank in range(k):
                    better |= cost < best[rank]
                    best[rank], cost = np.where(better, (cost, best[rank]), (best[rank], cost))
                    owner[rank], who = np.where(better, (who, owner[rank]), (owner[rank], who))
                source += 1
        return best.T, owner.T

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
        costs = np.empty((len(sources), len(targets)))
        done = 0
        for rows in _batches(links, sources, np.zeros(len(sources)), cutoff):
            costs[done : done + len(rows)] = rows[:, targets]
            done += len(rows)
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
        count, node, cost = [np.zeros(1, np.int64)], [np.empty(0, np.int32)], [np.empty(0)]
        for rows in _batches(links, sources, offsets, cutoff):
            within = np.isfinite(rows)
            count.append(within.sum(axis=1))
            node.append(np.nonzero(within)[1].astype(np.int32))
            cost.append(rows[within])
        return Reached(np.cumsum(np.concatenate(count)), np.concatenate(node), np.concatenate(cost))


def _with_origin(
    matrix: csr_array, nodes: NDArray[np.int64], spent: NDArray[np.float64]
) -> csr_array:
    """Add a node that leads to others at costs already spent."""
    n = matrix.shape[0]
    parts = (
        np.concatenate([matrix.data, spent]),
        np.concatenate([matrix.indices, nodes.astype(np.int32)]),
        np.append(matrix.indptr, matrix.indptr[-1] + len(nodes)),
    )
    return csr_array(parts, shape=(n + 1, n + 1))


def _batches(
    links: Links, sources: NDArray[np.int64], offsets: NDArray[np.float64], cutoff: float
) -> Iterator[NDArray[np.float64]]:
    """Search from sources alone, some at a time; inf beyond the cut-off."""
    matrix = links.matrix()
    spent = bool((offsets > 0).any())
    batch = max(1, _BATCH_BYTES // (8 * max(1, links.n_nodes)))
    for begin in range(0, len(sources), batch):
        some = slice(begin, begin + batch)
        if not spent:
            yield dijkstra(matrix, indices=sources[some], limit=cutoff)
            continue
        # What is spent comes first in every sum, as it does in a search of all sources at once.
        yield np.stack(
            [
                dijkstra(
                    _with_origin(matrix, np.array([node]), np.array([offset])),
                    indices=links.n_nodes,
                    limit=cutoff,
                )[:-1]
                for node, offset in zip(sources[some], offsets[some], strict=True)
            ]
        )


def _roots(before: NDArray[np.int32]) -> NDArray[np.int64]:
    """Follow every way to its beginning, all at once, doubling the stride."""
    at = np.where(before >= 0, before, np.arange(len(before)))
    while not np.array_equal(at, further := at[at]):
        at = further
    return at


SCIPY = ScipyEngine()
