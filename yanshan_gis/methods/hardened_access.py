"""What connects a village: its committee, its road, and a hardened piece that both touch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yanshan_gis.methods.nearby import nearest_within
from yanshan_gis.network.attach import attach, check_limit
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


def touched_edges(
    roads: RoadNetwork, mask: NDArray[np.bool_], points: gpd.GeoDataFrame, limit_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find all roads that places touch, not the nearest alone.

    Parameters
    ----------
    roads
        The network.
    mask
        One flag per edge: True for those that count.
    points
        Places in its CRS; those without a position touch nothing.
    limit_m
        Farthest a place may lie from a road it touches, inclusive.

    Returns
    -------
    tuple of numpy.ndarray
        Row of the place and index of the edge, one of each per pair.

    Raises
    ------
    DataError
        When the limit is negative.
    """
    check_limit(limit_m)
    edges = np.flatnonzero(mask)
    near = shapely.STRtree(roads.edges.geometry.to_numpy()[edges])
    rows, found = near.query(points.geometry.to_numpy(), predicate="dwithin", distance=limit_m)
    return rows.astype(np.int64), edges[found]


@dataclass(frozen=True)
class _Touched:
    """Which hardened pieces places touch: row of the place and number of the piece, per pair."""

    row: NDArray[np.int64]
    piece: NDArray[np.int64]
    pieces: int

    def key(self, owner: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give every pair of an owner, told per place, and a piece a number of its own."""
        key: NDArray[np.int64] = owner[self.row] * self.pieces + self.piece
        return key

    def any_in(self, owner: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell the places one of whose pairs is wanted; an owner of -1 has none."""
        found = np.zeros(len(owner), dtype=bool)
        found[self.row[(owner[self.row] >= 0) & np.isin(self.key(owner), wanted)]] = True
        return found


@dataclass(frozen=True)
class HardenedAccess:
    """Whether a village touches a hardened road, and what a piece that it touches leads to.

    A place may touch several pieces of hardened road. Any of them counts, for the village and for
    what it leads to, so that one more hardened road never takes a path away.

    Parameters
    ----------
    touches
        A hardened road lies within the touch limit of the village.
    committee, township, county
        Committee, seat of the township and county seat touch a piece that the village touches.
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
        """Find the hardened pieces within the limit of every place, and compare.

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
        piece_of_node = components(roads.only(hardened)).astype(np.int64)

        def touched(points: gpd.GeoDataFrame) -> _Touched:
            row, edge = touched_edges(roads, hardened, points, limit_m)
            return _Touched(row, piece_of_node[roads.u[edge]], int(piece_of_node.max()) + 1)

        def share(points: gpd.GeoDataFrame, own: pd.Series, names: pd.Series) -> NDArray[np.bool_]:
            """Tell the villages that touch a piece which a place of the name they give touches."""
            owner, known = pd.factorize(names.astype(object))
            wanted = touched(points).key(owner.astype(np.int64))
            return mine.any_in(
                known.get_indexer(pd.Index(own, dtype=object)).astype(np.int64), wanted
            )

        frame = villages.frame
        mine = touched(frame)
        touches, nothing = np.zeros((2, len(frame)), dtype=bool)
        touches[mine.row] = True
        committee = share(committees.frame, frame["parent"], committees.frame["id"])
        if seats is None or not len(seats):
            return cls(touches, committee, nothing, nothing)
        town = seats.frame[seats.frame["level"] == "township"]
        capital = seats.frame[seats.frame["level"] == "county"]
        county = pd.Series("", index=frame.index), pd.Series("", index=capital.index)
        return cls(
            touches, committee, share(town, township, town["township"]), share(capital, *county)
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
