"""Places on a road network: villages and facilities attached to one network, walks counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from yanshan_gis.network.attach import attach
from yanshan_gis.network.facilities import Nearest, nearest
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.stops import Stops

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True, eq=False)
class Places:
    """Points of one kind on a network they share with others.

    Parameters
    ----------
    stops
        Where they meet the roads.
    node
        int32, their node of the shared network; -1 for a place that is not attached.
    walk_min
        Minutes on foot between place and road; NaN for a place that is not attached.
    """

    stops: Stops
    node: NDArray[np.int32]
    walk_min: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.node)

    @property
    def attached(self) -> NDArray[np.bool_]:
        """True for the places that reach a road."""
        return self.node >= 0

    @property
    def walk_m(self) -> NDArray[np.float64]:
        """Metres on foot between place and road; NaN for a place that is not attached."""
        return np.where(self.attached, self.stops.walk_m, np.nan)

    def at(self, per_node: NDArray[np.float64]) -> NDArray[np.float64]:
        """Look up values of the network's nodes.

        Parameters
        ----------
        per_node
            One number per node.

        Returns
        -------
        numpy.ndarray
            One per place; NaN for a place that is not attached.
        """
        return np.where(self.attached, per_node[np.maximum(self.node, 0)], np.nan)

    def labels(self, per_node: NDArray[np.int32]) -> NDArray[np.int32]:
        """Look up labels of the network's nodes.

        Parameters
        ----------
        per_node
            One label per node.

        Returns
        -------
        numpy.ndarray
            One per place; -1 for a place that is not attached.
        """
        return np.where(self.attached, per_node[np.maximum(self.node, 0)], np.int32(-1))

    def nearest(
        self, network: RoadNetwork, facilities: Places, *, weight: str = "minutes"
    ) -> Nearest:
        """Find the nearest facility of every place by road, with the walk at both ends.

        Parameters
        ----------
        network
            The shared network.
        facilities
            Other places on it.
        weight
            ``minutes``, or ``length_m`` with walks in metres.

        Returns
        -------
        Nearest
            One value per place: minutes or metres from the place to the facility.
        """
        timed = weight == "minutes"
        offsets = facilities.walk_min if timed else facilities.walk_m
        found = nearest(network, facilities.node, weight=weight, offsets=offsets)
        walk = self.walk_min if timed else self.walk_m
        return Nearest(self.at(found.cost) + walk, self.labels(found.facility))


def place(
    roads: RoadNetwork,
    frames: Sequence[gpd.GeoDataFrame],
    *,
    attach_limit_m: float,
    walk_speed_kmh: float,
) -> tuple[RoadNetwork, list[Places]]:
    """Attach layers of points to a network and make their foot points its nodes.

    Parameters
    ----------
    roads
        The network.
    frames
        Points, in its CRS.
    attach_limit_m
        Farthest a place may lie from its road.
    walk_speed_kmh
        For the way between a place and its road.

    Returns
    -------
    tuple
        The network with the foot points, and the places of every frame.
    """
    stops = [
        attach(roads, f.geometry.x.to_numpy(), f.geometry.y.to_numpy(), limit_m=attach_limit_m)
        for f in frames
    ]
    network, nodes = roads.split(stops)
    found = [
        Places(s, node, s.walk_min(walk_speed_kmh)) for s, node in zip(stops, nodes, strict=True)
    ]
    return network, found
