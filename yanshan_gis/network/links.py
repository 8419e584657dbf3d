"""Directed links of a network: what a search runs on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, eq=False)
class Links:
    """The directed links along edges, up to two for each.

    Parallel links and loops are kept. For a search of the ways *toward* a place the links are
    built turned round, so that a search always runs from tails to heads.

    Parameters
    ----------
    n_nodes
        Number of nodes.
    u, v
        int32, the two ends of every edge.
    from_u, from_v
        float64, cost of the link that leaves an edge at ``u``, and at ``v``, in the unit of the
        weight; NaN for no link.

    Attributes
    ----------
    kept
        What engines prepare from the links and keep for the next search.
    """

    n_nodes: int
    u: NDArray[np.int32]
    v: NDArray[np.int32]
    from_u: NDArray[np.float64]
    from_v: NDArray[np.float64]
    kept: dict[str, Any] = field(init=False, repr=False, default_factory=dict)

    @classmethod
    def of_edges(
        cls, n_nodes: int, u: ArrayLike, v: ArrayLike, from_u: ArrayLike, from_v: ArrayLike
    ) -> Links:
        """Check edges and their costs.

        Parameters
        ----------
        n_nodes, u, v, from_u, from_v
            As of `Links`.

        Returns
        -------
        Links
            On the arrays given, where they are of the right kind.

        Raises
        ------
        DataError
            When an end is no node, or a cost is negative or infinite.
        """
        ends = [np.asarray(end) for end in (u, v)]
        for end in ends:
            _check_nodes(end, n_nodes)
        costs = [np.ascontiguousarray(cost, dtype=np.float64) for cost in (from_u, from_v)]
        for cost in costs:
            _check_costs(cost)
        begin, end = (np.ascontiguousarray(end, dtype=np.int32) for end in ends)
        return cls(n_nodes, begin, end, *costs)

    @cached_property
    def _rows(self) -> _Rows:
        """The links by the node they leave, then by edge."""
        m = len(self.u)
        tail = np.stack([self.u, self.v], axis=1).ravel()
        cost = np.stack([self.from_u, self.from_v], axis=1).ravel()
        open_ = np.flatnonzero(~np.isnan(cost))
        order = open_[np.argsort(tail[open_], kind="stable")]
        edge = np.arange(m, dtype=np.int32)
        way = np.stack([edge, ~edge], axis=1).ravel()
        head = np.stack([self.v, self.u], axis=1).ravel()
        begin = np.zeros(self.n_nodes + 1, dtype=np.int32)
        np.cumsum(np.bincount(tail[open_], minlength=self.n_nodes), out=begin[1:])
        return _Rows(begin, head[order], cost[order], way[order])

    @property
    def begin(self) -> NDArray[np.int32]:
        """Of length nodes + 1: the links that leave node i are those from ``begin[i]`` on."""
        return self._rows.begin

    @property
    def head(self) -> NDArray[np.int32]:
        """The node each link leads to."""
        return self._rows.head

    @property
    def cost(self) -> NDArray[np.float64]:
        """Cost of each link, in the unit of the weight."""
        return self._rows.cost

    @property
    def way(self) -> NDArray[np.int32]:
        """The edge each link runs along from ``u``; its complement ``~edge`` from ``v``."""
        return self._rows.way

    @property
    def n_links(self) -> int:
        """Number of links, closed directions counted."""
        return 2 * len(self.u)

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
        if "matrix" not in self.kept:
            self.kept["matrix"] = self._matrix()
        return self.kept["matrix"]

    def _matrix(self) -> csr_array:
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


def _check_nodes(nodes: NDArray[np.integer], n_nodes: int) -> None:
    if len(nodes) and (nodes.min() < 0 or nodes.max() >= n_nodes):
        unknown = (nodes < 0) | (nodes >= n_nodes)
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
            edge=int(np.flatnonzero(wrong)[0]),
            cost=float(cost[wrong][0]),
        )


class _Rows(NamedTuple):
    begin: NDArray[np.int32]
    head: NDArray[np.int32]
    cost: NDArray[np.float64]
    way: NDArray[np.int32]
