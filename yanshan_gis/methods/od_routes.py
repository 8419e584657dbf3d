"""The way of every origin to its nearest destination: one line, and the roads along it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.methods.trips import Trips
from yanshan_gis.network.routes import Routes

_ROAD_COLUMNS = ("name", "route_code", "admin_class", "surface", "hardened", "kind")


def route_layer(
    rows: gpd.GeoDataFrame, ways: Routes, trips: Trips, goals: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Draw the quickest way of every origin to its nearest destination, walks included.

    Parameters
    ----------
    rows
        Origins with ``id``, ``name``, ``township``, ``destination_id``, ``destination``,
        ``minutes``, ``km`` and points.
    ways
        Of the origins that reach a destination, in their order.
    trips
        Whose ways they are.
    goals
        Destinations with points.

    Returns
    -------
    geopandas.GeoDataFrame
        Those columns with ``road_km``, ``hardened_km`` and ``hardened_share`` where the links tell
        what is hardened, and lines in the direction of travel. An origin that stands where its
        destination stands has no line and no row.
    """
    trip = trips.nearest
    reached = np.flatnonzero(trip >= 0)
    ends = (
        _points(rows)[reached],
        _points(goals)[trips.destination[trip[reached]]],
    )
    start, goal = ends if trips.direction == "to" else ends[::-1]
    columns = ["id", "name", "township", "destination_id", "destination", "minutes", "km"]
    told = pd.DataFrame(rows[columns]).take(reached).reset_index(drop=True)
    told["road_km"] = _sum(ways, np.ones(len(ways.edge)))
    if "hardened" in ways.network.edges:
        hardened = ways.network.edges["hardened"].to_numpy(dtype=float, na_value=np.nan)
        told["hardened_km"] = _sum(ways, hardened[ways.edge])
        told["hardened_share"] = told["hardened_km"] / told["road_km"].where(told["road_km"] > 0)
    lines = ways.lines(start, goal)
    frame = gpd.GeoDataFrame(told, geometry=gpd.GeoSeries(lines, crs=rows.crs))
    return frame[frame.geometry.notna()].reset_index(drop=True)


def route_segments(rows: gpd.GeoDataFrame, ways: Routes, trips: Trips) -> pd.DataFrame:
    """List the roads along every origin's way, in the order of travel, with the walks.

    Parameters
    ----------
    rows
        Origins with ``id``, ``name``, ``destination_id`` and ``destination``.
    ways
        Of the origins that reach a destination, in their order.
    trips
        Whose ways they are.

    Returns
    -------
    pandas.DataFrame
        ``origin_id`` ``origin`` ``destination_id`` ``destination`` ``order`` ``kind`` (``road``,
        ``join`` or ``walk``) ``road_id`` ``road`` and attributes of the road, ``km`` ``minutes``;
        those of one origin add up to its kilometres and minutes.
    """
    keep = [name for name in _ROAD_COLUMNS if name in ways.network.edges]
    found = ways.segments(keep).rename(columns={"name": "road"})
    found = found.astype({"hardened": "boolean"} if "hardened" in found else {})
    trip = trips.nearest
    reached = np.flatnonzero(trip >= 0)
    site = trips.destination[trip[reached]]
    legs = [(trips.origins, reached), (trips.destinations, site)]
    first, last = legs if trips.direction == "to" else legs[::-1]
    walks = [(places.walk_m[at], places.walk_min[at]) for places, at in (first, last)]

    count, ways_n = len(found), np.arange(ways.count)
    route = np.concatenate([ways_n, found["route"], ways_n])
    part = np.concatenate([np.full(ways.count, -1), np.arange(count), np.full(ways.count, count)])
    km = np.concatenate([walks[0][0] / 1000, found["km"], walks[1][0] / 1000])
    minutes = np.concatenate([walks[0][1], found["minutes"], walks[1][1]])
    order = np.lexsort((part, route))
    on_foot = (part[order] < 0) | (part[order] == count)
    order, on_foot = (values[~on_foot | (km[order] > 0)] for values in (order, on_foot))
    route = route[order]
    told = found.reindex(np.where(on_foot, -1, part[order])).reset_index(drop=True)
    told["km"], told["minutes"] = km[order], minutes[order]
    kind = told["kind"] if "kind" in told else pd.Series("road", told.index, dtype=object)
    told["kind"] = kind.where(~on_foot, "walk").astype(object)
    told["order"] = pd.array(np.arange(len(route)) - np.searchsorted(route, route) + 1, "Int64")
    heads = {"id": "origin_id", "name": "origin", "destination_id": "destination_id",
             "destination": "destination"}  # fmt: skip
    for place, (source, column) in enumerate(heads.items()):
        told.insert(place, column, rows[source].to_numpy(dtype=object)[reached[route]])
    shown = [c for c in ("road_id", "road", *_ROAD_COLUMNS[1:-1]) if c in told]
    return told[[*heads.values(), "order", "kind", *shown, "km", "minutes"]]


def _points(frame: gpd.GeoDataFrame) -> NDArray[np.float64]:
    return np.stack([frame.geometry.x, frame.geometry.y], axis=1)


def _sum(ways: Routes, share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add up kilometres of steps, times a share of each, by way."""
    km = ways.network.length_m[ways.edge] / 1000 * share
    return np.bincount(ways.route, weights=km, minlength=ways.count).astype(float)
