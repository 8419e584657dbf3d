"""Ways of villages to their seats: who travels where, and by which road they set out."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.methods.places import Places
from yanshan_gis.network.attach import attach
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.stops import Stops
from yanshan_gis.network.trees import Tree, tree


@dataclass(frozen=True, eq=False)
class Goal:
    """Seats to the nearest of which a group of villages travels.

    Parameters
    ----------
    seats
        Rows of the seats.
    members
        Rows of the villages.
    """

    seats: NDArray[np.int64]
    members: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SeatAccess:
    """Villages and seats on one network, each at its nearest road and its nearest firm road.

    A firm road is one that stays open in the wet season. In the dry season a village sets out by
    the one of its two roads that brings it sooner to its seat. A way ends where the seat meets
    the road; the walk of the village counts.

    Parameters
    ----------
    links
        The network as the recipe ``road-network`` built it, cut at the seats. Its edges are the
        road links that may be closed.
    roads
        The same, cut at the villages too; column ``link`` names the edge of `links`.
    firm
        One flag per edge of `roads`.
    near, hard
        Villages at their nearest road, and at their nearest firm road.
    seats
        Nodes (rows: seats; columns: at the nearest road, at the nearest firm road); -1 where
        there is none within the limit.
    goals
        Own township seats; the nearest seat for villages of a township without one.
    county
        The county seat, for all villages; None where no such seat is on a road.
    """

    links: RoadNetwork
    roads: RoadNetwork
    firm: NDArray[np.bool_]
    near: Places
    hard: Places
    seats: NDArray[np.int32]
    goals: tuple[Goal, ...]
    county: Goal | None

    @classmethod
    def measure(
        cls,
        network: RoadNetwork,
        firm: NDArray[np.bool_],
        villages: gpd.GeoDataFrame,
        township: pd.Series,
        seats: gpd.GeoDataFrame,
        limit_m: float,
        walk_speed_kmh: float,
    ) -> SeatAccess:
        """Attach seats, then villages, and tell who travels where.

        Parameters
        ----------
        network
            Links of the recipe ``road-network``.
        firm
            One flag per edge.
        villages, seats
            Points in its CRS.
        township
            Name per village.
        limit_m
            Farthest a place may lie from its road.
        walk_speed_kmh
            For the way between a village and its road.

        Returns
        -------
        SeatAccess
            One value per place.
        """
        edges = network.edges.assign(firm=firm)
        network = RoadNetwork(network.node_x, network.node_y, edges, network.crs)
        links, feet = network.split(_twice(network, seats, limit_m))
        edges = links.edges.assign(link=np.arange(links.n_edges, dtype=np.int32))
        links = RoadNetwork(links.node_x, links.node_y, edges, links.crs)
        stops = _twice(links, villages, limit_m)
        roads, nodes = links.split(stops)
        near, hard = (
            Places(s, node, s.walk_min(walk_speed_kmh))
            for s, node in zip(stops, nodes, strict=True)
        )
        at = np.stack(feet, axis=1)
        on_road = at[:, 0] >= 0
        capital = np.flatnonzero((seats["level"] == "county").to_numpy(dtype=bool) & on_road)
        everyone = np.arange(len(villages))
        return cls(
            links,
            roads,
            roads.edges["firm"].to_numpy(dtype=bool),
            near,
            hard,
            at,
            tuple(_goals(township, seats, on_road)),
            Goal(capital, everyone) if len(capital) else None,
        )

    def ways(self, goal: Goal) -> Tree:
        """Find the quickest ways to a goal in the dry season.

        Parameters
        ----------
        goal
            One of the goals.

        Returns
        -------
        Tree
            On `roads`, from every node.
        """
        return tree(self.roads, self.roots(goal))

    def roots(self, goal: Goal) -> NDArray[np.int64]:
        """Tell where ways to a goal end in the dry season.

        Parameters
        ----------
        goal
            One of the goals.

        Returns
        -------
        numpy.ndarray
            Nodes of `roads`.
        """
        nodes = np.unique(self.seats[goal.seats]).astype(np.int64)
        return nodes[nodes >= 0]


def _twice(roads: RoadNetwork, points: gpd.GeoDataFrame, limit_m: float) -> list[Stops]:
    """Attach points to the nearest road and to the nearest firm one."""
    x, y = points.geometry.x.to_numpy(), points.geometry.y.to_numpy()
    firm = roads.edges["firm"].to_numpy(dtype=bool)
    return [attach(roads, x, y, limit_m=limit_m, edge_mask=mask) for mask in (None, firm)]


def _goals(township: pd.Series, seats: gpd.GeoDataFrame, on_road: NDArray[np.bool_]) -> list[Goal]:
    """Send every village to the seat of its own township, else to the nearest seat."""
    seat_of = _seats_by_township(seats, on_road)
    names = township.to_numpy(dtype=object)
    found = [Goal(rows, np.flatnonzero(names == name)) for name, rows in sorted(seat_of.items())]
    rest = np.flatnonzero(~np.isin(names.astype(str), list(seat_of)))
    found.append(Goal(np.flatnonzero(on_road), rest))
    return [goal for goal in found if len(goal.members) and len(goal.seats)]


def _seats_by_township(
    seats: gpd.GeoDataFrame, on_road: NDArray[np.bool_]
) -> dict[str, NDArray[np.int64]]:
    """Find the seats of each township; the county seat stands in where it has none of its own."""
    if "township" not in seats:
        return {}
    found: dict[str, NDArray[np.int64]] = {}
    for level in ("county", "township"):
        these = np.flatnonzero((seats["level"] == level).to_numpy(dtype=bool) & on_road)
        names = seats["township"].to_numpy(dtype=object)[these]
        own = {name for name in names if isinstance(name, str)}
        found |= {name: these[names == name] for name in own}
    return found
