"""Points spread over an area: nowhere too close, denser where wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray


def scatter(rng: np.random.Generator, area: Any, spacing: float) -> NDArray[np.float64]:
    """Put one point somewhere into each square of a chequered area.

    Parameters
    ----------
    rng
        Where the numbers come from.
    area
        A polygon in metres.
    spacing
        Side of the squares in metres.

    Returns
    -------
    numpy.ndarray
        Points × 2, those inside the polygon.
    """
    west, south, east, north = area.bounds
    columns = int((east - west) / spacing) + 1
    rows = int((north - south) / spacing) + 1
    corner = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
    xy = np.array([west, south]) + (corner + rng.uniform(0.05, 0.95, corner.shape)) * spacing
    shapely.prepare(area)
    return np.asarray(xy[shapely.contains_xy(area, xy[:, 0], xy[:, 1])])


def thin(xy: NDArray[np.float64], score: NDArray[np.float64], distance: float) -> NDArray[np.bool_]:
    """Choose points of which no two are nearer than a distance, the highest scores first.

    The same choice as taking points one by one in the order of their scores, made in rounds: a
    point whose score beats all its undecided neighbours stays, and its neighbours go.

    Parameters
    ----------
    xy
        Points × 2.
    score
        One per point; equal scores are decided by the order of the points.
    distance
        In the unit of the points.

    Returns
    -------
    numpy.ndarray
        True for the points that stay.
    """
    rank = np.empty(len(xy), dtype=np.int64)
    rank[np.argsort(-score, kind="stable")] = np.arange(len(xy))[::-1]
    pairs = cKDTree(xy).query_pairs(distance, output_type="ndarray")
    first, second = pairs[:, 0], pairs[:, 1]
    kept = np.zeros(len(xy), dtype=bool)
    open_ = np.ones(len(xy), dtype=bool)
    while open_.any():
        best = np.full(len(xy), -1, dtype=np.int64)
        np.maximum.at(best, first, rank[second])
        np.maximum.at(best, second, rank[first])
        winners = open_ & (rank > best)
        kept |= winners
        open_ &= ~winners
        open_[second[winners[first]]] = False
        open_[first[winners[second]]] = False
        left = open_[first] & open_[second]
        first, second = first[left], second[left]
    return kept


def choose(rng: np.random.Generator, weight: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Choose some of many, each with a chance in proportion to its weight.

    Parameters
    ----------
    rng
        Where the numbers come from.
    weight
        Above zero.
    count
        How many; all when there are fewer.

    Returns
    -------
    numpy.ndarray
        Positions in ascending order, none twice.
    """
    # Efraimidis and Spirakis 2006: the largest u^(1/w), in logarithms.
    key = np.log(rng.uniform(1e-12, 1.0, len(weight))) / weight
    return np.sort(np.argsort(-key, kind="stable")[:count])
