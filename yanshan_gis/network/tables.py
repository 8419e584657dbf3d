"""Origin–destination tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.network.engine import Cache, Engine, choose_engine
from yanshan_gis.network.links import check_places

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from yanshan_gis.network.graph import RoadNetwork


def table(
    network: RoadNetwork,
    origins: ArrayLike,
    destinations: ArrayLike,
    *,
    weight: str | NDArray[np.float64] = "minutes",
    cutoff: float = np.inf,
    engine: Engine | None = None,
    cache: Cache | None = None,
) -> NDArray[np.float64]:
    """Compute the cost from every origin to every destination.

    The search starts from the smaller side; memory beside the table stays bounded.

    Parameters
    ----------
    network
        The roads.
    origins, destinations
        Nodes; -1 for a place on no road.
    weight
        As for `RoadNetwork.costs`.
    cutoff
        Largest cost, inclusive.
    engine
        What searches; chosen by size when None.
    cache
        Where what a large table takes is kept for the next one.

    Returns
    -------
    numpy.ndarray
        float64 of shape (origins, destinations); NaN where there is no way.

    Raises
    ------
    DataError
        When a place is no node of the network.
    """
    start, goal = (check_places(p, network.n_nodes) for p in (origins, destinations))
    sources, row = np.unique(start, return_inverse=True)
    targets, column = np.unique(goal, return_inverse=True)
    turned = len(targets) < len(sources)
    if turned:
        sources, targets = targets, sources
    links = network.links(weight, toward=turned)
    engine = engine or choose_engine(links, len(sources), cache)
    costs = np.full((len(sources), len(targets)), np.nan)
    known = np.ix_(sources >= 0, targets >= 0)
    found = engine.table(links, sources[sources >= 0], targets[targets >= 0], float(cutoff))
    costs[known] = np.where(np.isfinite(found), found, np.nan)
    return (costs.T if turned else costs)[np.ix_(row, column)]
