"""Villages and facilities attached to the nearest road, with the walk it takes to get there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_
from yanshan_gis.network.stops import BEYOND_LIMIT, NO_POSITION, NO_ROAD, Stops
from yanshan_gis.network.vertices import FARTHEST_M

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from yanshan_gis.network.graph import RoadNetwork

# A foot this near to a node along the edge is at the node.
_AT_NODE_M = 0.001


def attach(
    network: RoadNetwork,
    points_x: ArrayLike,
    points_y: ArrayLike,
    *,
    limit_m: float,
    edge_mask: NDArray[np.bool_] | None = None,
) -> Stops:
    """Attach points to the nearest edge, whichever node is near.

    Parameters
    ----------
    network
        The roads.
    points_x, points_y
        Metres, in the network's CRS; NaN, or a place off the Earth, for an unknown position.
    limit_m
        Longest walk, inclusive.
    edge_mask
        True for the edges that may be used; all when None.

    Returns
    -------
    Stops
        One edge per point; of equally near edges the one with the lowest index.

    Raises
    ------
    DataError
        When the limit is negative.
    """
    check_limit(limit_m)
    x, y = np.asarray(points_x, dtype=float), np.asarray(points_y, dtype=float)
    edge = np.full(len(x), -1, dtype=np.int32)
    fraction, foot_x, foot_y, walk = np.full((4, len(x)), np.nan)
    reason = np.full(len(x), NO_POSITION, dtype=object)
    placed = np.flatnonzero((np.abs(x) < FARTHEST_M) & (np.abs(y) < FARTHEST_M))
    reason[placed] = NO_ROAD
    allowed = None if edge_mask is None else np.asarray(edge_mask, dtype=bool)
    some = network.n_edges > 0 if allowed is None else bool(allowed.any())
    if some and len(placed):
        segments, px, py = network.segments, x[placed], y[placed]
        feet = segments.feet(segments.nearest(px, py, allowed), px, py)
        foot_x[placed], foot_y[placed] = feet.x, feet.y
        walk[placed] = np.hypot(feet.x - px, feet.y - py)
        within = walk[placed] <= limit_m
        fraction[placed] = np.where(within, _fraction(feet.along_m, feet.length_m), np.nan)
        edge[placed] = np.where(within, feet.line, -1)
        reason[placed] = BEYOND_LIMIT
        reason[placed[within]] = None
    return Stops(x, y, edge, fraction, foot_x, foot_y, walk, reason)


def check_limit(limit_m: float) -> None:
    """Refuse a limit that no walk can keep to.

    Parameters
    ----------
    limit_m
        Longest walk.

    Raises
    ------
    DataError
        When it is negative or no number.
    """
    if not limit_m >= 0:
        raise DataError(
            "attach-limit",
            N_("The longest walk to a road is {limit} m; it must be 0 or more."),
            limit=limit_m,
        )


def _fraction(along: NDArray[np.float64], length: NDArray[np.float64]) -> NDArray[np.float64]:
    rest = length - along
    share = along / np.where(length > 0, length, 1.0)
    share[(rest <= _AT_NODE_M) & (rest < along)] = 1.0
    share[(along <= _AT_NODE_M) & (along <= rest)] = 0.0
    return share
