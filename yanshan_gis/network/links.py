"""Directed links of a network, compressed by the node they leave: what a search runs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Links:
    """Directed links, ordered by the node they leave, then by edge.

    Parallel links and loops are kept. For a search of the ways *toward* a place the links are
    built turned round, so that a search always runs from tails to heads.

    Parameters
    ----------
    begin
        int32 of length nodes + 1: the links that leave node i are ``begin[i]`` to
        ``begin[i + 1] - 1``.
    head
        int32, the node a link leads to.
    cost
        float64 of 0 or more, in the unit of the weight.
    way
        int32: the edge a link runs along where it leaves the edge's node ``u``; the complement
        ``~edge`` where it leaves ``v``.
    """

    begin: NDArray[np.int32]
    head: NDArray[np.int32]
    cost: NDArray[np.float64]
    way: NDArray[np.int32]

    @classmethod
    def of_edges(
        cls, n_nodes: int, u: ArrayLike, v: ArrayLike, from_u: ArrayLike, from_v: ArrayLike
    ) -> Links:
        """Compress the links along edges.

        Parameters
        ----------
        n_nodes
            Number of nodes.
        u, v
            The two ends of every edge.
        from_u, from_v
            Cost of the link that leaves an edge at ``u``, and at ``v``; NaN for no link.

        Returns
        -------
        Links
            Up to two per edge.

        Raises
        ------
        DataError
            When an end is no node, or a cost is negative or infinite.
        """
        ends = np.empty((len(np.asarray(u)), 2), dtype=np.int64)
        ends[:, 0], ends[:, 1] = u, v
        cost = np.empty(ends.shape)
        cost[:, 0], cost[:, 1] = from_u, from_v
        _check_nodes(ends, n_nodes)
        _check_costs(cost)
        open_ = ~np.isnan(cost.ravel())
        tail = ends.ravel()[open_]
        order = np.argsort(tail, kind="stable")
        edge = np.arange(len(ends), dtype=np.int32)
        way = np.stack([edge, ~edge], axis=1).ravel()[open_]
        head = ends[:, ::-1].astype(np.int32).ravel()[open_]
        begin = np.zeros(n_nodes + 1, dtype=np.int32)
        np.cumsum(np.bincount(tail, minlength=n_nodes), out=begin[1:])
        return cls(begin, head[order], cost.ravel()[open_][order], way[order])

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.begin) - 1

    @property
    def n_links(self) -> int:
        """Number of links."""
        return len(self.head)

    @property
    def tail(self) -> NDArray[np.int32]:
        """The node each link leaves."""
        return np.repeat(np.arange(self.n_nodes, dtype=np.int32), np.diff(self.begin))

    @property
    def edge(self) -> NDArray[np.int32]:
        """The edge each link runs along."""
        return np.where(self.way < 0, ~self.way, self.way)

    def matrix(self) -> csr_array:
        """Return the links as a sparse matrix for `scipy.sparse.csgraph`.

        Returns
        -------
        scipy.sparse.csr_array
            Row tail, column head; the minimum of parallel links (not their sum), with links
            that cost nothing as explicit zeros.
        """
        tail = self.tail
        order = np.lexsort((self.cost, self.head, tail))
        new = np.ones(len(order), dtype=bool)
        new[1:] = (np.diff(tail[order]) != 0) | (np.diff(self.head[order]) != 0)
        kept = order[new]
        begin = np.zeros(self.n_nodes + 1, dtype=np.int32)
        np.cumsum(np.bincount(tail[kept], minlength=self.n_nodes), out=begin[1:])
        shape = (self.n_nodes, self.n_nodes)
        return csr_array((self.cost[kept], self.head[kept], begin), shape=shape)


def check_places(values: ArrayLike, n_nodes: int) -> NDArray[np.int64]:
    """Check places on a network.

    Parameters
    ----------
    values
        Nodes; -1 for a place on no road.
    n_nodes
        Number of nodes.

    Returns
    -------
    numpy.ndarray
        int64, one-dimensional.

    Raises
    ------
    DataError
        When a place is no node of the network.
    """
    nodes = np.asarray(values, dtype=np.int64).ravel()
    _check_nodes(nodes[nodes != -1], n_nodes)
    return nodes


def _check_nodes(nodes: NDArray[np.int64], n_nodes: int) -> None:
    unknown = (nodes < 0) | (nodes >= n_nodes)
    if unknown.any():
        raise DataError(
            "node-unknown",
            N_("Node {node} is not in the network, whose nodes are 0 to {last}."),
            node=int(nodes[unknown][0]),
            last=n_nodes - 1,
        )


def _check_costs(cost: NDArray[np.float64]) -> None:
    wrong = (cost < 0) | np.isinf(cost)
    if wrong.any():
        raise DataError(
            "link-cost",
            N_("Edge {edge} costs {cost:g}; a cost is a number of 0 or more."),
            edge=int(np.flatnonzero(wrong.any(axis=1))[0]),
            cost=float(cost[wrong][0]),
        )
