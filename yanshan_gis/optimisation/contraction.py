"""From a road network to the graph in which roads to harden are chosen, and back to its edges.

What is counted. A place counts as connected when hardened road leads without a break from its node
to a *root*. All pieces of hardened road that hold a root are one node, the root of the graph.

- With the county seat as root a place counts when it has a hardened way to the county's network.
- With all committees as roots it counts when it has a hardened way to *some* committee. Where all
  committees stand on one piece (`count_root_pieces` is 1) both are the same as "a hardened way to
  its own committee", the wording of the plan's indicator, and the choice is exact for it. Where
  they stand on several, the first is the stricter and the second the looser count: a place may
  reach another committee than its own, and places whose committee is not joined to the root are
  for the caller to leave out or to name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_
from yanshan_gis.optimisation.reduction import LinkList, reduce_links
from yanshan_gis.optimisation.soft_graph import SoftGraph, check_amounts, check_ends

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Roads:
    """The edges of a road network, as far as hardening goes.

    Parameters
    ----------
    n_nodes
        Number of nodes.
    u, v
        Ends of each edge; traffic rules do not matter here.
    length_km
        Per edge.
    hardened
        True for edges hardened today.
    candidate
        True for soft edges that may be chosen; every soft edge when None. Forbidden ones, and
        those another purse pays for, are False.
    committed
        True for soft edges that will be hardened whatever is chosen; none when None. Their
        kilometres and cost are taken from the budget first.
    cost
        10,000 yuan per edge; None where it is not known.
    """

    n_nodes: int
    u: ArrayLike
    v: ArrayLike
    length_km: ArrayLike
    hardened: ArrayLike
    candidate: ArrayLike | None = None
    committed: ArrayLike | None = None
    cost: ArrayLike | None = None


def contract(
    roads: Roads,
    roots: ArrayLike,
    *,
    node: ArrayLike,
    weight: ArrayLike,
    label: ArrayLike | None = None,
) -> SoftGraph:
    """Contract hardened road to pieces and leave out what no best choice needs.

    Parameters
    ----------
    roads
        The network.
    roots
        Nodes whose hardened pieces count as connected; -1 is skipped.
    node
        Node of each place; -1 for a place on no road.
    weight
        Per place: what is gained with it.
    label
        Township of each place, -1 for none.

    Returns
    -------
    SoftGraph
        With the edges behind every link. Nodes without a way to the root over candidate edges are
        left out, and so is what `yanshan_gis.optimisation.reduction` takes away.

    Raises
    ------
    DataError
        When no root is given, or numbers are missing, negative or name no node.
    """
    u, v = (np.asarray(end, dtype=np.int64) for end in (roads.u, roads.v))
    at, gains = np.asarray(node, dtype=np.int64), np.asarray(weight, dtype=float)
    length, cost = _check(roads, u, v, at, gains)
    soft = ~np.asarray(roads.hardened, dtype=bool)
    committed = soft & _mask(roads.committed, len(u), absent=False)
    candidate = soft & ~committed & _mask(roads.candidate, len(u), absent=True)
    piece = _pieces(roads.n_nodes, u, v, ~soft | committed, np.asarray(roots, dtype=np.int64))
    chosen = np.flatnonzero(candidate & (piece[u] != piece[v]))
    ends = piece[u[chosen]], piece[v[chosen]]
    reached = _joined_to_root(int(piece.max()) + 1, *ends)
    chosen = chosen[reached[ends[0]]]
    wanted = np.zeros(len(reached), dtype=bool)
    wanted[piece[at[at >= 0]]] = True
    links = reduce_links(
        LinkList(
            piece[u[chosen]].astype(np.int32), piece[v[chosen]].astype(np.int32),
            length[chosen], cost[chosen], [(edge,) for edge in chosen.tolist()],
        ),
        len(reached), wanted,
    )  # fmt: skip
    place = np.where((at >= 0) & reached[piece[at]], piece[at], -1)
    return _renumbered(links, place, gains, label, roads, np.flatnonzero(committed), length, cost)


def count_root_pieces(roads: Roads, roots: ArrayLike) -> int:
    """Count the pieces of hardened road on which roots stand.

    Parameters
    ----------
    roads
        The network; committed edges count as hardened.
    roots
        Nodes; -1 is skipped.

    Returns
    -------
    int
        1 where all stand on one piece, so that a way to any of them is a way to every one.
    """
    u, v = (np.asarray(end, dtype=np.int64) for end in (roads.u, roads.v))
    hard = np.asarray(roads.hardened, dtype=bool) | _mask(roads.committed, len(u), absent=False)
    label = _components(roads.n_nodes, u[hard], v[hard])
    nodes = np.asarray(roots, dtype=np.int64)
    return len(np.unique(label[nodes[nodes >= 0]]))


def _check(
    roads: Roads,
    u: NDArray[np.int64],
    v: NDArray[np.int64],
    at: NDArray[np.int64],
    gains: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    length = np.asarray(roads.length_km, dtype=float)
    cost = np.zeros(len(u)) if roads.cost is None else np.asarray(roads.cost, dtype=float)
    check_ends(roads.n_nodes, at)
    check_ends(roads.n_nodes, u, v)
    check_amounts("length", length, len(u))
    check_amounts("cost", cost, len(u))
    check_amounts("weight", gains, len(at))
    return length, cost


def _mask(flags: ArrayLike | None, count: int, *, absent: bool) -> NDArray[np.bool_]:
    return np.full(count, absent) if flags is None else np.asarray(flags, dtype=bool)


def _components(n_nodes: int, u: NDArray[np.int64], v: NDArray[np.int64]) -> NDArray[np.int64]:
    joined = sp.coo_array((np.ones(len(u)), (u, v)), shape=(n_nodes, n_nodes))
    label: NDArray[np.int32] = connected_components(joined, directed=False)[1]
    return label.astype(np.int64)


def _pieces(
    n_nodes: int,
    u: NDArray[np.int64],
    v: NDArray[np.int64],
    hard: NDArray[np.bool_],
    roots: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Give pieces numbers in the order of their lowest node, those of the roots together 0."""
    check_ends(n_nodes, roots)
    roots = roots[roots >= 0]
    if not len(roots):
        text = N_("No root is on a road: there is no hardened network to connect places to.")
        raise DataError("no-root", text)
    label = _components(n_nodes, u[hard], v[hard])
    rooted = np.isin(label, label[roots])
    first = np.unique(label, return_index=True)[1][label]
    first[rooted] = -1
    number = np.unique(first, return_inverse=True)[1]
    return number.astype(np.int64)


def _joined_to_root(n_pieces: int, u: NDArray[np.int64], v: NDArray[np.int64]) -> NDArray[np.bool_]:
    label = _components(n_pieces, u, v)
    return label == label[0]  # type: ignore[no-any-return]


def _renumbered(
    links: LinkList,
    place: NDArray[np.int64],
    weight: NDArray[np.float64],
    label: ArrayLike | None,
    roads: Roads,
    committed: NDArray[np.int64],
    length: NDArray[np.float64],
    cost: NDArray[np.float64],
) -> SoftGraph:
    """Give the nodes that are left new numbers in the order they had, the root 0."""
    kept = np.unique(np.concatenate([[0], links.u, links.v]))
    order = np.lexsort((links.cost, links.length, links.v, links.u))
    parts = [links.parts[i] for i in order.tolist()]
    return SoftGraph(
        n_nodes=len(kept),
        u=np.searchsorted(kept, links.u[order]).astype(np.int32),
        v=np.searchsorted(kept, links.v[order]).astype(np.int32),
        length_km=links.length[order],
        cost=None if roads.cost is None else links.cost[order],
        node=np.where(place < 0, -1, np.searchsorted(kept, place)).astype(np.int32),
        weight=weight,
        label=np.full(len(place), -1, np.int32) if label is None else np.asarray(label, np.int32),
        begin=np.cumsum([0, *(len(part) for part in parts)]),
        edge=np.array([edge for part in parts for edge in part], dtype=np.int64),
        committed=committed,
        committed_km=float(length[committed].sum()),
        committed_cost=float(cost[committed].sum()),
    )
