"""The nearest facilities of every node, by road."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_
from yanshan_gis.network.engine import Engine, choose_engine
from yanshan_gis.network.links import check_places

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from yanshan_gis.network.graph import RoadNetwork


@dataclass(frozen=True, eq=False)
class Nearest:
    """The facilities each node reaches at least cost.

    Parameters
    ----------
    cost
        In the unit of the weight, offsets included; NaN where none is reached.
    facility
        int32 index into the facilities as given; -1 where none is reached.
    """

    cost: NDArray[np.float64]
    facility: NDArray[np.int32]


def nearest(
    network: RoadNetwork,
    facilities: ArrayLike,
    *,
    weight: str | NDArray[np.float64] = "minutes",
    toward: bool = True,
    cutoff: float = np.inf,
    offsets: ArrayLike | None = None,
    engine: Engine | None = None,
) -> Nearest:
    """Find the nearest facility of every node.

    Of facilities at equal cost the one with the lower index is taken; costs that differ by
    rounding only (1e-9, relative) are equal.

    Parameters
    ----------
    network
        The roads.
    facilities
        Nodes; -1 for a facility that is on no road, which is skipped.
    weight
        As for `RoadNetwork.costs`.
    toward
        True for the way from the node to the facility, False for the way back.
    cutoff
        Largest cost, inclusive, offsets included.
    offsets
        Cost spent at each facility besides the road, such as its own walk; 0 when None. A
        facility whose offset is NaN is skipped.
    engine
        What searches; chosen by size when None.

    Returns
    -------
    Nearest
        One value per node.

    Raises
    ------
    DataError
        When a facility is no node of the network, or an offset is negative.
    """
    nodes, spent, taken = searched_from(facilities, offsets, network.n_nodes)
    links = network.links(weight, toward=toward)
    engine = engine or choose_engine(links, 1)
    cost, owner = engine.nearest(links, nodes[taken], spent[taken], float(cutoff))
    return _nearest(cost, owner, taken)


def nearest_k(
    network: RoadNetwork,
    facilities: ArrayLike,
    k: int,
    *,
    weight: str | NDArray[np.float64] = "minutes",
    toward: bool = True,
    cutoff: float = np.inf,
    offsets: ArrayLike | None = None,
    engine: Engine | None = None,
) -> Nearest:
    """Find the k nearest facilities of every node.

    Parameters
    ----------
    network, facilities, weight, toward, cutoff, offsets, engine
        As for `nearest`.
    k
        How many; 1 or more.

    Returns
    -------
    Nearest
        Shape (nodes, k), nearest first; of equal costs the lower index first.

    Raises
    ------
    DataError
        As for `nearest`, and when k is less than 1.
    """
    if k < 1:
        raise DataError(
            "nearest-count", N_("{count} nearest facilities were asked for; ask for 1."), count=k
        )
    nodes, spent, taken = searched_from(facilities, offsets, network.n_nodes)
    links = network.links(weight, toward=toward)
    engine = engine or choose_engine(links, 2 * k)
    cost, owner = engine.nearest_k(links, nodes[taken], spent[taken], k, float(cutoff))
    return _nearest(cost, owner, taken)


def _nearest(
    cost: NDArray[np.float64], owner: NDArray[np.int32], taken: NDArray[np.int64]
) -> Nearest:
    """Name facilities as they were given."""
    label = np.append(taken, -1).astype(np.int32)
    return Nearest(np.where(np.isfinite(cost), cost, np.nan), label[owner])


def searched_from(
    facilities: ArrayLike, offsets: ArrayLike | None, n_nodes: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Check facilities, and tell which are searched from.

    Parameters
    ----------
    facilities
        Nodes; -1 for a facility that is on no road.
    offsets
        Cost spent at each besides the road; 0 when None.
    n_nodes
        Nodes of the network.

    Returns
    -------
    tuple of numpy.ndarray
        Nodes, offsets, and the rows of the facilities that are on a road and whose offset is
        known.

    Raises
    ------
    DataError
        When a facility is no node of the network, or an offset is negative.
    """
    nodes = check_places(facilities, n_nodes)
    spent = np.zeros(len(nodes)) if offsets is None else np.asarray(offsets, dtype=float)
    if spent.shape != (len(nodes),) or (spent < 0).any():
        raise DataError(
            "offset-values",
            N_("The offsets need one number of 0 or more for each of the {count} facilities."),
            count=len(nodes),
        )
    return nodes, spent, np.flatnonzero((nodes >= 0) & np.isfinite(spent))
