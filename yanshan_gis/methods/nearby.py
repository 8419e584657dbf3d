"""The nearest place as the crow flies, for rows that do not say whom they belong to."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray


def nearest_within(places: NDArray[Any], others: NDArray[Any], limit_m: float) -> NDArray[np.int64]:
    """Find the nearest of other places within a distance.

    Parameters
    ----------
    places, others
        Geometries in one CRS in metres; missing ones have no neighbour.
    limit_m
        Farthest a neighbour may lie.

    Returns
    -------
    numpy.ndarray
        Row in `others` per place; -1 where none is near enough.
    """
    found = np.full(len(places), -1, dtype=np.int64)
    known = np.flatnonzero(~(shapely.is_missing(places) | shapely.is_empty(places)))
    tree = shapely.STRtree(others)
    if not len(tree) or not len(known):
        return found
    rows = tree.nearest(places[known])
    near = shapely.distance(places[known], others[rows]) <= limit_m
    found[known[near]] = rows[near]
    return found
