"""The two analyses computed a second time, with other means: see ``liechtenstein.py``.

Lengths of roads by pyproj on the raw coordinates, distances by shapely over all pairs, ways and
components by networkx. `compare` says how far the project's own figures differ.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from yanshan_gis.network.attach import attach
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.run import Outcome
from yanshan_gis.workspace import Workspace

# What is a road open to motor traffic; written down again on purpose.
_ROADS = frozenset(
    {"motorway", "trunk", "primary", "secondary", "tertiary", "motorway_link", "trunk_link",
     "primary_link", "secondary_link", "tertiary_link", "unclassified", "residential",
     "living_street", "service", "track", "road"}
)  # fmt: skip
_ACCESS = ("motorcar", "motor_vehicle", "vehicle", "access")
_TIE = 1e-6  # weight of total length beside unhardened length


@dataclass(frozen=True)
class RawRoads:
    """The drivable ways of the extract, read and measured without this project.

    Parameters
    ----------
    km
        Geodesic length on the WGS 84 ellipsoid, by way id.
    all_km
        Of everything tagged ``highway``, footpaths included.
    """

    km: Mapping[str, float]
    all_km: float

    @classmethod
    def read(cls, extract: Path) -> RawRoads:
        """Read the extract once.

        Parameters
        ----------
        extract
            The OpenStreetMap file.

        Returns
        -------
        RawRoads
            Lengths.
        """
        geod, km, all_km = pyproj.Geod(ellps="WGS84"), {}, 0.0
        for way in osmium.FileProcessor(
            str(extract), osmium.osm.WAY | osmium.osm.NODE
        ).with_locations():
            if not way.is_way() or "highway" not in way.tags:
                continue
            places = [(node.lon, node.lat) for node in way.nodes]
            x, y = zip(*places, strict=True)
            length = geod.line_length(x, y) / 1000
            all_km += length
            access = next((way.tags[key] for key in _ACCESS if key in way.tags), "")
            closed = access in {"no", "private"} or way.tags.get("area") == "yes"
            if way.tags["highway"] in _ROADS and not closed:
                km[f"way/{way.id}"] = length
        return cls(km, all_km)


class Second:
    """The analyses computed a second time: distances by shapely, ways by networkx.

    Where places meet the network, and where roads are cut there, are taken from this project
    (after a check of the distances); searching and counting are not.

    Parameters
    ----------
    workspace
        The layers.
    outcomes
        What the project found, by recipe.
    """

    def __init__(self, workspace: Workspace, outcomes: Mapping[str, Outcome]) -> None:
        self.outcomes = outcomes
        layers = {name: workspace.read(name) for name in ("villages", "outlets")}
        self.villages, self.outlets = (
            layer.frame for layer in layers.values() if layer is not None
        )
        self.edges: gpd.GeoDataFrame = outcomes["road-network"].result.layers["edges"]
        self.roads = RoadNetwork.from_edges(self.edges)
        self.hardened = self.edges["hardened"].to_numpy(dtype=bool)

    def parameter(self, recipe: str, name: str) -> float:
        """Return a parameter as the recipe states it.

        Parameters
        ----------
        recipe, name
            Which.

        Returns
        -------
        float
            In the recipe's unit.
        """
        return float(self.outcomes[recipe].result.parameters[name]["value"])

    def distances(
        self, places: gpd.GeoDataFrame, mask: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Measure from every place to every edge, and keep the least.

        Parameters
        ----------
        places
            Points.
        mask
            True for the edges that count.

        Returns
        -------
        tuple
            Metres, and the index of the nearest edge.
        """
        allowed = np.arange(len(self.edges)) if mask is None else np.flatnonzero(mask)
        lines = self.edges.geometry.to_numpy()[allowed]
        every = shapely.distance(places.geometry.to_numpy()[:, None], lines[None, :])
        nearest = every.argmin(axis=1)
        return every[np.arange(len(places)), nearest], allowed[nearest]

    def committees(self) -> gpd.GeoDataFrame:
        """Return the villages that are committees.

        Returns
        -------
        geopandas.GeoDataFrame
            In stored order.
        """
        return self.villages[self.villages["level"] == "committee"].reset_index(drop=True)

    def natural(self) -> gpd.GeoDataFrame:
        """Return the natural villages.

        Returns
        -------
        geopandas.GeoDataFrame
            In stored order.
        """
        return self.villages[self.villages["level"] == "natural"].reset_index(drop=True)

    def split_at(
        self, recipe: str, *groups: gpd.GeoDataFrame
    ) -> tuple[RoadNetwork, list[NDArray[np.int32]], list[NDArray[np.float64]]]:
        """Cut the roads where places meet them.

        Parameters
        ----------
        recipe
            Whose attach limit holds.
        *groups
            Points.

        Returns
        -------
        tuple
            The finer network; nodes per group; metres to the road per group.
        """
        limit = self.parameter(recipe, "attach_limit")
        stops = [
            attach(self.roads, g.geometry.x.to_numpy(), g.geometry.y.to_numpy(), limit_m=limit)
            for g in groups
        ]
        finer, nodes = self.roads.split(stops)
        return finer, nodes, [stop.walk_m for stop in stops]

    def reach(self) -> pd.DataFrame:
        """Compute minutes and kilometres to the nearest outlet.

        Returns
        -------
        pandas.DataFrame
            ``minutes`` and ``km``, one row per committee; NaN where no way leads.
        """
        homes, outlets = self.committees(), self.outlets[self.outlets["status"] == "existing"]
        finer, (start, goal), walks = self.split_at("logistics-reach", homes, outlets)
        metres_per_min = self.parameter("logistics-reach", "walk_speed") * 1000 / 60
        found = {}
        for name, weight, unit in (("minutes", "minutes", 1 / metres_per_min),
                                   ("km", "length_m", 1.0)):  # fmt: skip
            graph = finer.to_networkx().reverse(copy=False)
            hub = nx.MultiDiGraph(graph)
            for node, walk in zip(goal.tolist(), walks[1], strict=True):
                if node >= 0:
                    hub.add_edge("hub", node, **{weight: walk * unit})
            lengths = nx.single_source_dijkstra_path_length(hub, "hub", weight=weight)
            way = np.array([lengths.get(node, np.nan) for node in start.tolist()], dtype=float)
            found[name] = (way + walks[0] * unit) / (1.0 if name == "minutes" else 1000.0)
        return pd.DataFrame(found)

    def hardening(self) -> pd.DataFrame:
        """Compute which villages a hardened path connects, and what the others miss.

        Returns
        -------
        pandas.DataFrame
            ``committee_id``, ``touches``, ``connected``, ``missing_km``, one row per village.
        """
        homes, villages = self.committees(), self.natural()
        apart = shapely.distance(
            villages.geometry.to_numpy()[:, None], homes.geometry.to_numpy()[None, :]
        )
        parent = apart.argmin(axis=1)
        parent[apart.min(axis=1) > self.parameter("road-hardening", "parent_limit")] = -1
        piece_of = self._hardened_pieces()
        mine, theirs = (self._touched(places, piece_of) for places in (villages, homes))
        connected = (mine >= 0) & (mine == np.where(parent >= 0, theirs[parent], -2))
        missing = self._missing_km(villages, homes, parent)
        return pd.DataFrame(
            {
                "committee_id": [homes["id"][p] if p >= 0 else None for p in parent],
                "touches": mine >= 0,
                "connected": connected,
                "missing_km": np.where(connected, 0.0, missing),
            }
        )

    def _hardened_pieces(self) -> dict[int, int]:
        graph = nx.Graph()
        graph.add_edges_from(zip(self.roads.u[self.hardened].tolist(),
                                 self.roads.v[self.hardened].tolist(), strict=True))  # fmt: skip
        pieces = enumerate(nx.connected_components(graph))
        return {node: number for number, piece in pieces for node in piece}

    def _touched(self, places: gpd.GeoDataFrame, piece_of: Mapping[int, int]) -> NDArray[np.int64]:
        metres, edge = self.distances(places, self.hardened)
        near = metres <= self.parameter("road-hardening", "touch_limit")
        return np.array(
            [piece_of[int(self.roads.u[e])] if ok else -1 for e, ok in zip(edge, near, strict=True)]
        )

    def _missing_km(
        self, villages: gpd.GeoDataFrame, homes: gpd.GeoDataFrame, parent: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        finer, (start, goal), _ = self.split_at("road-hardening", villages, homes)
        graph = finer.to_networkx()
        for *_, link in graph.edges(keys=True, data=True):
            link["soft"] = 0.0 if link["hardened"] else link["length_m"]
            link["cost"] = link["soft"] + _TIE * link["length_m"]
        found = np.full(len(villages), np.nan)
        for row, (node, home) in enumerate(zip(start.tolist(), parent.tolist(), strict=True)):
            if node < 0 or home < 0 or goal[home] < 0:
                continue
            try:
                path = nx.dijkstra_path(graph, node, int(goal[home]), weight="cost")
            except nx.NetworkXNoPath:
                continue
            steps = (graph[a][b].values() for a, b in itertools.pairwise(path))
            found[row] = sum(min(links, key=_cost)["soft"] for links in steps) / 1000
        return found

    def components(self) -> list[set[int]]:
        """Find the parts of the network.

        Returns
        -------
        list of set
            Nodes of each part that has a road, the largest first.
        """
        graph = nx.Graph()
        graph.add_edges_from(zip(self.roads.u.tolist(), self.roads.v.tolist(), strict=True))
        return sorted(nx.connected_components(graph), key=len, reverse=True)


def _cost(link: Mapping[str, Any]) -> float:
    return float(link["cost"])


def largest_difference(ours: Any, theirs: Any) -> float:
    """Compare two columns that have gaps in the same places.

    Parameters
    ----------
    ours, theirs
        Numbers.

    Returns
    -------
    float
        Largest relative difference; infinite where only one has a number.
    """
    one, other = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    if (np.isnan(one) != np.isnan(other)).any():
        return float("inf")
    known = ~np.isnan(one)
    apart = np.abs(one[known] - other[known]) / np.maximum(np.abs(other[known]), 1e-12)
    return float(apart.max(initial=0.0))


def compare(second: Second) -> list[tuple[str, int, float]]:
    """Compare everything that was computed twice.

    Parameters
    ----------
    second
        The second computation.

    Returns
    -------
    list of tuple
        What, how many values, largest relative difference (1 for a yes that is a no).
    """
    results = {name: outcome.result for name, outcome in second.outcomes.items()}
    ours, theirs = results["logistics-reach"].layers["committees"], second.reach()
    villages, again = results["road-hardening"].layers["villages"], second.hardening()
    audited, parts = results["network-audit"].tables["components"], second.components()
    walked, _ = second.distances(second.committees())
    n, m = len(ours), len(villages)
    missing = largest_difference(villages["missing_km"], again["missing_km"])
    return [
        ("Metres from committee to road", n, largest_difference(ours["walk_m"], walked)),
        ("Minutes to outlet", n, largest_difference(ours["minutes"], theirs["minutes"])),
        ("Kilometres to outlet", n, largest_difference(ours["km"], theirs["km"])),
        ("Villages touching a hardened road", m, _unequal(villages, again, "touches")),
        ("Villages connected", m, _unequal(villages, again, "connected")),
        ("Missing kilometres", m, missing),
        ("Components of the network", len(parts), float(len(parts) != len(audited))),
    ]


def _unequal(one: pd.DataFrame, other: pd.DataFrame, column: str) -> float:
    differs = one[column].to_numpy(dtype=bool) != other[column].to_numpy(dtype=bool)
    return float(differs.any())
