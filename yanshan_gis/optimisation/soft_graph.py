"""The graph in which roads to harden are chosen: one root, soft links, and places to connect."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class SoftGraph:
    """Soft links between a root, pieces of hardened road and soft nodes.

    Node 0 is the root: the hardened network that counts. Every other node is a piece of hardened
    road without a hardened way to the root, or a place or junction on soft road. A place is gained
    when its node is joined to the root by chosen links; places on one piece are gained together.

    Parameters
    ----------
    n_nodes
        Root included.
    u, v
        int32 ends of each link.
    length_km
        Per link.
    cost
        10,000 yuan per link; None where it is not known.
    node
        int32 per place: its node, 0 for one that is connected already, -1 for one that no
        choice of links can connect.
    weight
        Per place: what is gained with it, 0 or more (1, people or households).
    label
        int32 per place: its township, -1 for none.
    begin, edge
        The edges of the road network behind link ``i`` are ``edge[begin[i]:begin[i + 1]]``.
    committed
        Edges of the road network that will be hardened whatever is chosen.
    committed_km, committed_cost
        What they take from the budget.

    Raises
    ------
    DataError
        When an end or a place is no node, or a length, cost or weight is missing or negative.
    """

    n_nodes: int
    u: NDArray[np.int32]
    v: NDArray[np.int32]
    length_km: NDArray[np.float64]
    cost: NDArray[np.float64] | None
    node: NDArray[np.int32]
    weight: NDArray[np.float64]
    label: NDArray[np.int32]
    begin: NDArray[np.int64]
    edge: NDArray[np.int64]
    committed: NDArray[np.int64]
    committed_km: float = 0.0
    committed_cost: float = 0.0

    def __post_init__(self) -> None:
        check_ends(self.n_nodes, self.u, self.v, self.node)
        check_amounts("length", self.length_km, len(self.u))
        check_amounts("weight", self.weight, len(self.node))
        if self.cost is not None:
            check_amounts("cost", self.cost, len(self.u))

    @classmethod
    def of_links(
        cls,
        n_nodes: int,
        u: ArrayLike,
        v: ArrayLike,
        length_km: ArrayLike,
        *,
        node: ArrayLike,
        weight: ArrayLike,
        cost: ArrayLike | None = None,
        label: ArrayLike | None = None,
    ) -> SoftGraph:
        """Take links as they are, each its own edge.

        Parameters
        ----------
        n_nodes, u, v, length_km, node, weight, cost, label
            As of the class; without labels no place has one.

        Returns
        -------
        SoftGraph
            Without committed edges; places on nodes without a way to the root are given -1.
        """
        begin, end = (np.asarray(side, dtype=np.int32) for side in (u, v))
        places = np.asarray(node, dtype=np.int32)
        m = len(begin)
        check_ends(n_nodes, begin, end, places)
        joined = sp.coo_array((np.ones(m), (begin, end)), shape=(n_nodes, n_nodes))
        _, part = connected_components(joined, directed=False)
        places = np.where((places >= 0) & (part[places] == part[0]), places, -1).astype(np.int32)
        return cls(
            n_nodes, begin, end, np.asarray(length_km, dtype=float),
            None if cost is None else np.asarray(cost, dtype=float),
            places, np.asarray(weight, dtype=float),
            np.full(len(places), -1, np.int32) if label is None else np.asarray(label, np.int32),
            np.arange(m + 1), np.arange(m), np.empty(0, np.int64),
        )  # fmt: skip

    @property
    def n_links(self) -> int:
        """Number of links."""
        return len(self.u)

    @cached_property
    def node_weight(self) -> NDArray[np.float64]:
        """What is gained with each node; 0 at the root."""
        gained = self.node > 0
        sums = np.bincount(self.node[gained], self.weight[gained], minlength=self.n_nodes)
        return sums.astype(float)

    @property
    def connected_weight(self) -> float:
        """What is connected before any link is chosen."""
        return float(self.weight[self.node == 0].sum())

    @cached_property
    def label_weight(self) -> sp.csr_array:
        """What is gained in each township (row) with each node (column)."""
        mine = (self.node > 0) & (self.label >= 0)
        n_labels = int(self.label.max(initial=-1)) + 1
        entries = (self.weight[mine], (self.label[mine], self.node[mine]))
        return sp.csr_array(entries, shape=(n_labels, self.n_nodes))

    @cached_property
    def component(self) -> NDArray[np.int32]:
        """Parts of the graph that meet at the root only: one number per node, -1 at the root."""
        inner = (self.u != 0) & (self.v != 0)
        shape = (self.n_nodes, self.n_nodes)
        joined = sp.coo_array((np.ones(inner.sum()), (self.u[inner], self.v[inner])), shape=shape)
        _, label = connected_components(joined, directed=False)
        numbers = np.full(self.n_nodes, -1, dtype=np.int32)
        numbers[1:] = np.unique(label[1:], return_inverse=True)[1]
        return numbers

    def edges_of(self, links: ArrayLike) -> NDArray[np.int64]:
        """Return the edges of the road network behind links.

        Parameters
        ----------
        links
            Indices of links.

        Returns
        -------
        numpy.ndarray
            Edge indices, in the order of the links.
        """
        chosen = np.asarray(links, dtype=np.int64)
        parts = [self.edge[self.begin[i] : self.begin[i + 1]] for i in chosen]
        return np.concatenate([np.empty(0, np.int64), *parts])

    def gained(self, reached: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which places are gained with nodes.

        Parameters
        ----------
        reached
            True for the nodes joined to the root.

        Returns
        -------
        numpy.ndarray
            One flag per place; False for those connected before.
        """
        return (self.node > 0) & reached[np.maximum(self.node, 0)]


def check_ends(n_nodes: int, *nodes: NDArray[np.integer]) -> None:
    """Check node numbers; -1 stands for no node.

    Parameters
    ----------
    n_nodes
        Number of nodes.
    *nodes
        Node numbers.

    Raises
    ------
    DataError
        When one is no node.
    """
    for some in nodes:
        wrong = (some < -1) | (some >= n_nodes)
        if wrong.any():
            raise DataError(
                "node-unknown",
                N_("Node {node} is not in the network, whose nodes are 0 to {last}."),
                node=int(some[wrong][0]),
                last=n_nodes - 1,
            )


_WRONG = {
    "length": N_("Row {row} has a length of {value:g} km; it must be a number of 0 or more."),
    "cost": N_("Row {row} costs {value:g} ten thousand yuan; it must be a number of 0 or more."),
    "weight": N_("Row {row} has a weight of {value:g}; it must be a number of 0 or more."),
    "floor": N_("The least gain of township {row} is {value:g}; it must be a number of 0 or more."),
}


def check_amounts(
    what: Literal["length", "cost", "weight", "floor"], values: NDArray[np.float64], count: int
) -> None:
    """Check lengths, costs, weights or floors.

    Parameters
    ----------
    what
        Which of them they are.
    values
        The numbers.
    count
        How many there must be.

    Raises
    ------
    DataError
        When the count differs, or a number is missing, infinite or negative.
    """
    if values.shape != (count,):
        raise DataError(
            "amount-count",
            N_("There are {given} numbers ({what}) where {count} are needed."),
            given=len(values),
            what=what,
            count=count,
        )
    wrong = ~((values >= 0) & np.isfinite(values))
    if wrong.any():
        row, value = int(np.flatnonzero(wrong)[0]), float(values[wrong][0])
        raise DataError(f"{what}-value", _WRONG[what], row=row, value=value)
