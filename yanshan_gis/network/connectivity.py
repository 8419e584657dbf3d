"""What a network connects: its components."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.network.graph import RoadNetwork


def components(network: RoadNetwork) -> NDArray[np.int32]:
    """Label the parts of a network that no road connects; one-ways connect both ways.

    Parameters
    ----------
    network
        The roads; edges closed in both directions connect nothing.

    Returns
    -------
    numpy.ndarray
        int32, one per node: 0 for the component of most nodes; of equally large ones the one
        with the lowest node comes first.
    """
    n = network.n_nodes
    open_ = ~(np.isnan(network.minutes) & np.isnan(network.minutes_back))
    pairs = (network.u[open_], network.v[open_])
    graph = coo_array((np.ones(len(pairs[0])), pairs), shape=(n, n))
    label: NDArray[np.int32] = connected_components(graph, directed=False)[1]
    _, lowest, size = np.unique(label, return_index=True, return_counts=True)
    number = np.empty(len(size), dtype=np.int32)
    number[np.lexsort((lowest, -size))] = np.arange(len(size))
    return number[label]
