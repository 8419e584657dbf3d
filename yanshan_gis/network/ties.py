"""Ties between sources at equal costs: the lowest index wins, whichever search found the costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.network.engine import ROUNDING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.network.links import Links


def own_sources(
    cost: NDArray[np.float64], sources: NDArray[np.int64], offsets: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Tell which source a node is itself, where none is nearer.

    Parameters
    ----------
    cost
        Of every node; inf where none reaches.
    sources, offsets
        Nodes, and costs already spent there.

    Returns
    -------
    numpy.ndarray
        Lowest source per node; the number of sources where it is none.
    """
    first = np.flatnonzero(np.isfinite(cost[sources]))
    first = first[_equal(offsets[first], cost[sources[first]])]
    own = np.full(len(cost), len(sources), dtype=np.int64)
    np.minimum.at(own, sources[first], first)
    return own


def lowest_by_ties(
    links: Links, cost: NDArray[np.float64], owner: NDArray[np.integer]
) -> NDArray[np.int32]:
    """Carry lower owners along links that lie on a cheapest way, until nothing changes.

    Parameters
    ----------
    links
        What was searched.
    cost
        Of every node; inf where none reaches.
    owner
        One of the nearest sources of every node, the lowest at the sources themselves.

    Returns
    -------
    numpy.ndarray
        int32, the lowest of the sources whose costs differ by rounding only; -1 where none
        reaches.
    """
    tail, head = links.tail, links.head
    reached = np.isfinite(cost[tail]) & np.isfinite(cost[head])
    tail, head = tail[reached], head[reached]
    tight = _equal(cost[tail] + links.cost[reached], cost[head])
    tail, head = tail[tight], head[tight]
    begin = np.searchsorted(tail, np.arange(len(cost) + 1))
    label = owner.astype(np.int64)
    active = np.arange(len(tail))
    while len(active):
        lower = active[label[tail[active]] < label[head[active]]]
        np.minimum.at(label, head[lower], label[tail[lower]])
        changed = np.unique(head[lower])
        count = begin[changed + 1] - begin[changed]
        offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        active = np.repeat(begin[changed], count) + offset
    return np.where(np.isfinite(cost), label, -1).astype(np.int32)


def _equal(cost: NDArray[np.float64], least: NDArray[np.float64]) -> NDArray[np.bool_]:
    equal: NDArray[np.bool_] = cost <= least + ROUNDING * np.maximum(1.0, least)
    return equal
