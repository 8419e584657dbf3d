"""What connects a village: its committee, its road, and the hardened piece both touch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.methods.nearby import nearest_within
from yanshan_gis.network.attach import attach
from yanshan_gis.network.connectivity import components
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.stops import Stops
from yanshan_gis.network.trees import tree

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer

# Total length breaks ties between paths with the same unhardened length, and keeps hardened links
# from costing nothing; at 1e-6 it cannot outweigh a metre of unhardened road in any county.
_TIE = 1e-6


def with_parents(
    villages: Layer, committees: Layer, limit_m: float
) -> tuple[Layer, NDArray[np.bool_]]:
    """Give villages that name no committee the nearest one, and say which these are.

    Parameters
    ----------
    villages
        ``parent`` may be empty or absent.
    committees
        The committees.
    limit_m
        Farthest the nearest committee may lie, as the crow flies.

    Returns
    -------
    tuple
        The villages with ``parent``, and one flag per village whose committee is such a guess.
    """
    frame = villages.frame
    parent = frame.get("parent", pd.Series(None, index=frame.index, dtype=object)).astype(object)
    rows = nearest_within(frame.geometry.to_numpy(), committees.frame.geometry.to_numpy(), limit_m)
    guessed = parent.isna().to_numpy() & (rows >= 0)
    homes = committees.frame["id"].to_numpy(dtype=object)
    parent[guessed] = homes[rows[guessed]]
    return replace(villages, frame=frame.assign(parent=parent)), guessed


def attach_places(roads: RoadNetwork, points: gpd.GeoDataFrame, limit_m: float) -> Stops:
    """Attach places to their nearest road.

    Parameters
    ----------
    roads
        The network.
    points
        Places in its CRS.
    limit_m
        Farthest a place may lie from its road.

    Returns
    -------
    Stops
        One per place.
    """
    x, y = points.geometry.x.to_numpy(), points.geometry.y.to_numpy()
    return attach(roads, x, y, limit_m=limit_m)


@dataclass(frozen=True)
class HardenedAccess:
    """Which piece of the hardened network a village touches, and what else touches it.

    Parameters
    ----------
    touches
        A hardened road lies within the touch limit of the village.
    committee, township, county
        Committee, seat of the township and county seat touch the same piece.
    """

    touches: NDArray[np.bool_]
    committee: NDArray[np.bool_]
    township: NDArray[np.bool_]
    county: NDArray[np.bool_]

    @classmethod
    def measure(
        cls,
        roads: RoadNetwork,
        hardened: NDArray[np.bool_],
        villages: Layer,
        township: pd.Series,
        committees: Layer,
        seats: Layer | None,
        limit_m: float,
    ) -> HardenedAccess:
        """Find the hardened piece within the limit of every place, and compare.

        Parameters
        ----------
        roads
            The network.
        hardened
            One flag per edge.
        villages, committees, seats
            The places; without seats, nothing is known of township and county.
        township
            Name per village.
        limit_m
            Farthest a place may lie from a hardened road it touches.

        Returns
        -------
        HardenedAccess
            One flag per village.
        """
        piece_of_node = components(roads.only(hardened))

        def pieces(points: gpd.GeoDataFrame) -> NDArray[np.int64]:
            x, y = points.geometry.x.to_numpy(), points.geometry.y.to_numpy()
            stops = attach(roads, x, y, limit_m=limit_m, edge_mask=hardened)
            start = roads.edges["u"].to_numpy()[np.maximum(stops.edge, 0)]
            return np.where(stops.edge >= 0, piece_of_node[start], -1)

        mine = pieces(villages.frame)
        home = pd.Series(pieces(committees.frame), index=committees.frame["id"])
        parent = villages.frame["parent"].map(home).fillna(-2).to_numpy(dtype=np.int64)
        nothing = np.zeros(len(mine), dtype=bool)
        touches = mine >= 0
        if seats is None or not len(seats):
            return cls(touches, touches & (mine == parent), nothing, nothing)
        town = seats.frame[seats.frame["level"] == "township"]
        own = township.map(dict(zip(town["township"], pieces(town), strict=True)))
        capital = pieces(seats.frame[seats.frame["level"] == "county"])
        return cls(
            touches,
            touches & (mine == parent),
            touches & (mine == own.fillna(-2).to_numpy(dtype=np.int64)),
            touches & np.isin(mine, capital[capital >= 0]),
        )


def measure_missing_km(
    roads: RoadNetwork,
    hardened: NDArray[np.bool_],
    stops: Stops,
    villages: Layer,
    committees: Layer,
    limit_m: float,
) -> NDArray[np.float64]:
    """Measure the unhardened length on each village's best path to its committee.

    The best path is the one with the least unhardened length, then the shortest.

    Parameters
    ----------
    roads
        The network.
    hardened
        One flag per edge.
    stops
        Where the villages meet the network.
    villages, committees
        The places; ``parent`` of a village is the id of its committee.
    limit_m
        Farthest a committee may lie from its road.

    Returns
    -------
    numpy.ndarray
        Kilometres, one per village; NaN without a path.
    """
    homes = attach_places(roads, committees.frame, limit_m)
    split, (village_nodes, home_nodes) = roads.split([stops, homes])
    soft_m = np.where(split.edges["hardened"].to_numpy(dtype=bool), 0.0, split.length_m)
    cost = soft_m + _TIE * split.length_m
    home_of = dict(zip(committees.frame["id"], home_nodes, strict=True))
    parents = villages.frame["parent"].map(home_of).fillna(-1).to_numpy(dtype=np.int64)
    found = np.full(len(village_nodes), np.nan)
    for home in np.unique(parents[parents >= 0]):
        mine = np.flatnonzero((parents == home) & (village_nodes >= 0))
        if len(mine):
            sums = tree(split, np.array([home]), weight=cost).sums(soft_m)
            found[mine] = sums[village_nodes[mine]] / 1000
    return found
