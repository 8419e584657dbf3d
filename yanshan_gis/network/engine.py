"""The search engine behind `paths`: one small interface, scipy behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Engine(Protocol):
    """What `paths` asks of a shortest-path engine; a compiled one may stand in for scipy's."""

    def tree(
        self,
        matrix: csr_array,
        sources: NDArray[np.int64],
        offsets: NDArray[np.float64],
        cutoff: float,
    ) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Search from several sources at once.

        Parameters
        ----------
        matrix
            Square, cost of the link from row to column; explicit zeros are links.
        sources
            Nodes, each at most once.
        offsets
            Cost already spent at each source.
        cutoff
            Largest cost of interest, inclusive.

        Returns
        -------
        tuple of numpy.ndarray
            Cost from the best source (inf where none reaches), and the node before each node on
            its cheapest way (-1 where the way begins or none leads).
        """

    def rows(
        self, matrix: csr_array, sources: NDArray[np.int64], cutoff: float
    ) -> NDArray[np.float64]:
        """Search from each source alone.

        Parameters
        ----------
        matrix
            As for `tree`.
        sources
            Nodes.
        cutoff
            As for `tree`.

        Returns
        -------
        numpy.ndarray
            Costs of shape (sources, nodes), inf where unreachable.
        """


class ScipyEngine:
    """Dijkstra by `scipy.sparse.csgraph`."""

    def tree(
        self,
        matrix: csr_array,
        sources: NDArray[np.int64],
        offsets: NDArray[np.float64],
        cutoff: float,
    ) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Search from several sources at once, through one more node that links to them all.

        Parameters
        ----------
        matrix, sources, offsets, cutoff
            As in `Engine`.

        Returns
        -------
        tuple of numpy.ndarray
            As in `Engine`.
        """
        n = matrix.shape[0]
        begin = csr_array(
            (
                np.concatenate([matrix.data, offsets]),
                np.concatenate([matrix.indices, sources.astype(np.int32)]),
                np.append(matrix.indptr, matrix.indptr[-1] + len(sources)),
            ),
            shape=(n + 1, n + 1),
        )
        cost, before = dijkstra(begin, indices=n, limit=cutoff, return_predecessors=True)
        before = np.where((before[:n] < 0) | (before[:n] == n), -1, before[:n])
        return cost[:n], before.astype(np.int32)

    def rows(
        self, matrix: csr_array, sources: NDArray[np.int64], cutoff: float
    ) -> NDArray[np.float64]:
        """Search from each source alone.

        Parameters
        ----------
        matrix, sources, cutoff
            As in `Engine`.

        Returns
        -------
        numpy.ndarray
            As in `Engine`.
        """
        found: NDArray[np.float64] = dijkstra(matrix, indices=sources, limit=cutoff)
        return found


SCIPY = ScipyEngine()
