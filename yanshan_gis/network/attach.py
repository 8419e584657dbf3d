"""Villages and facilities attached to the nearest road, with the walk it takes to get there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_
from yanshan_gis.network.stops import BEYOND_LIMIT, NO_POSITION, NO_ROAD, Stops
from yanshan_gis.network.vertices import cut_lines

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from yanshan_gis.network.graph import RoadNetwork

# A foot this near to a node along the edge is at the node.
_AT_NODE_M = 0.001
# Segments in one piece of the spatial index.
_PIECE = 8


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
        Metres, in the network's CRS; NaN for an unknown position.
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
    if not limit_m >= 0:
        raise DataError(
            "attach-limit",
            N_("The longest walk to a road is {limit} m; it must be 0 or more."),
            limit=limit_m,
        )
    x, y = np.asarray(points_x, dtype=float), np.asarray(points_y, dtype=float)
    lines: NDArray[Any] = network.edges.geometry.to_numpy()
    allowed = np.arange(len(lines)) if edge_mask is None else np.flatnonzero(edge_mask)
    placed = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    reason = np.full(len(x), NO_POSITION, dtype=object)
    reason[placed] = NO_ROAD
    edge = np.full(len(x), -1, dtype=np.int32)
    fraction, foot_x, foot_y, walk = np.full((4, len(x)), np.nan)
    if len(allowed) and len(placed):
        points = shapely.points(x[placed], y[placed])
        nearest = allowed[_nearest(lines[allowed], points)]
        on = lines[nearest]
        along = shapely.line_locate_point(on, points)
        feet = shapely.line_interpolate_point(on, along)
        foot_x[placed], foot_y[placed] = shapely.get_x(feet), shapely.get_y(feet)
        walk[placed] = np.hypot(foot_x[placed] - x[placed], foot_y[placed] - y[placed])
        within = walk[placed] <= limit_m
        fraction[placed] = np.where(within, _fraction(along, shapely.length(on)), np.nan)
        edge[placed] = np.where(within, nearest, -1)
        reason[placed] = BEYOND_LIMIT
        reason[placed[within]] = None
    return Stops(x, y, edge, fraction, foot_x, foot_y, walk, reason)


def _nearest(lines: NDArray[Any], points: NDArray[Any]) -> NDArray[np.int64]:
    """Return the lowest index of the nearest lines of each point."""
    # Long winding lines fill large boxes; an index over short pieces of them tells far more.
    coordinates, part = shapely.get_coordinates(lines, return_index=True)
    position = np.arange(len(part)) - np.flatnonzero(np.diff(part, prepend=-1))[part]
    pieces = cut_lines(coordinates[:, 0], coordinates[:, 1], part, position % _PIECE == 0)
    which, piece = shapely.STRtree(pieces.geometry).query_nearest(points, all_matches=True)
    line = part[pieces.first[piece]]
    order = np.lexsort((line, which))
    first = np.diff(which[order], prepend=-1) != 0
    lowest: NDArray[np.int64] = line[order[first]]
    return lowest


def _fraction(along: NDArray[np.float64], length: NDArray[np.float64]) -> NDArray[np.float64]:
    rest = length - along
    share = along / np.where(length > 0, length, 1.0)
    share[(rest <= _AT_NODE_M) & (rest < along)] = 1.0
    share[(along <= _AT_NODE_M) & (along <= rest)] = 0.0
    return share
