"""Where people who walk meet the roads: points along them with the minutes of the trip by road."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from yanshan_gis.network.attach import attach
from yanshan_gis.network.facilities import nearest
from yanshan_gis.network.graph import RoadNetwork

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from yanshan_gis.raster.walking import Walk


@dataclass(frozen=True, eq=False)
class Boarding:
    """Points of the roads from which a facility is reached, or that are reached from one.

    Parameters
    ----------
    x, y
        Metres.
    minutes
        By road to the nearest facility or from it, the facility's own walk to the road counted;
        NaN where no road leads there.
    facility
        int32, its row; -1 where there is none.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    minutes: NDArray[np.float64]
    facility: NDArray[np.int32]

    @classmethod
    def along(
        cls,
        roads: RoadNetwork,
        facilities: gpd.GeoDataFrame,
        on_foot: Walk,
        *,
        toward: bool,
        attach_limit_m: float,
        step_m: float,
    ) -> Boarding:
        """Search the roads from the facilities and read the minutes along them.

        A facility's walk to its road leads over the ground, as everybody's does.

        Parameters
        ----------
        roads
            The network.
        facilities
            Points, in its CRS.
        on_foot
            Walking times of the facilities, in the same direction.
        toward
            True for the way to the facility.
        attach_limit_m
            Farthest a facility may lie from its road.
        step_m
            Longest distance between two points of one road.

        Returns
        -------
        Boarding
            Points at both ends of every road and at most `step_m` apart between.
        """
        at = facilities.geometry.to_numpy()
        stops = attach(roads, shapely.get_x(at), shapely.get_y(at), limit_m=attach_limit_m)
        network, (nodes,) = roads.split([stops])
        attached = stops.attached
        walk = np.full(len(nodes), np.nan)
        walk[attached] = on_foot.at(stops.foot_x[attached], stops.foot_y[attached])[0]
        found = nearest(network, nodes, toward=toward, offsets=walk)
        edge, share, x, y = _points(network, step_m)
        minutes, facility = _along(network, found.cost, found.facility, edge, share, toward)
        return cls(x, y, minutes, facility)


def _points(
    network: RoadNetwork, step_m: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return points along edges: edge, share of its length from its first node, x and y."""
    steps = np.maximum(np.ceil(network.length_m / step_m).astype(np.int64), 1)
    edge = np.repeat(np.arange(network.n_edges), steps + 1)
    first = np.cumsum(steps + 1) - (steps + 1)
    share = (np.arange(len(edge)) - first[edge]) / steps[edge]
    lines = network.edges.geometry.to_numpy()
    points = shapely.line_interpolate_point(lines[edge], share, normalized=True)
    return edge, share, shapely.get_x(points), shapely.get_y(points)


def _along(
    network: RoadNetwork,
    cost: NDArray[np.float64],
    owner: NDArray[np.int32],
    edge: NDArray[np.int64],
    share: NDArray[np.float64],
    toward: bool,
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Return minutes at points of edges: over the end by which it is quicker."""
    ahead, back = network.minutes[edge], network.minutes_back[edge]
    # Toward a facility the rest of the edge is driven in its own direction; from one, in the other.
    to_v, to_u = (ahead, back) if toward else (back, ahead)
    over_u = _plus(cost[network.u[edge]], to_u, share)
    over_v = _plus(cost[network.v[edge]], to_v, 1.0 - share)
    by_v = ~(over_u <= over_v) & ~np.isnan(over_v)
    minutes = np.where(by_v, over_v, over_u)
    facility = np.where(by_v, owner[network.v[edge]], owner[network.u[edge]])
    return minutes, np.where(np.isnan(minutes), np.int32(-1), facility)


def _plus(
    cost: NDArray[np.float64], minutes: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Add a part of an edge to its end's minutes; at the end itself nothing of it is driven."""
    return np.where(share == 0, cost, cost + minutes * share)
