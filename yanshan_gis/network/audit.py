"""What does not fit together in a road network: islands, gaps, missing fields, lone villages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from yanshan_gis.messages import N_, Notice
from yanshan_gis.network.attach import attach
from yanshan_gis.network.connectivity import components
from yanshan_gis.network.gaps import find_gaps
from yanshan_gis.network.topology import CROSSING_COLUMNS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from yanshan_gis.network.graph import RoadNetwork
    from yanshan_gis.network.stops import Stops

COMPONENT_COLUMNS = ("component", "roads_km", "villages", "people", "is_main")
UNDERSHOOT_COLUMNS = ("road_id", "other_road_id", "gap_m", "x", "y", "villages", "people")
UNATTACHED_COLUMNS = ("id", "walk_m", "reason")
MISSING_COLUMNS = ("road_id", "field", "km")
# Fields without which a road's speed or hardening is a guess.
AUDITED_FIELDS = ("admin_class", "surface")
_M_PER_KM = 1000.0


@dataclass(frozen=True, eq=False)
class Audit:
    """Tables of what a reader must know of a road network; columns are there even without rows.

    Parameters
    ----------
    components
        ``component`` (0 is the one of most nodes), ``roads_km``, ``villages`` and ``people`` on
        it, ``is_main``.
    undershoots
        Loose ends near a road they do not reach: ``road_id``, ``other_road_id``, ``gap_m``, ``x``,
        ``y`` of the end, and the ``villages`` and ``people`` that closing the gap would bring to
        the main component; most people first, then the smallest gap. Points.
    unattached
        Villages on no road: ``id``, ``walk_m`` to the nearest, ``reason``.
    missing
        Roads with an empty field: ``road_id``, ``field``, ``km``.
    crossings
        ``road_id``, ``other_road_id``, ``x``, ``y`` of crossings on one level that are no
        junctions. Points.
    notices
        How many there are of each.
    """

    components: pd.DataFrame
    undershoots: gpd.GeoDataFrame
    unattached: pd.DataFrame
    missing: pd.DataFrame
    crossings: gpd.GeoDataFrame
    notices: tuple[Notice, ...] = ()


def audit(
    network: RoadNetwork,
    *,
    village_ids: ArrayLike,
    village_x: ArrayLike,
    village_y: ArrayLike,
    population: ArrayLike,
    crossings: gpd.GeoDataFrame | None = None,
    limit_m: float = 1000.0,
    search_m: float = 50.0,
    detour_m: float = 500.0,
) -> Audit:
    """Look for what does not fit together.

    Parameters
    ----------
    network
        The roads, gaps within the tolerance already closed.
    village_ids, village_x, village_y, population
        One per village; metres in the network's CRS; an unknown population counts as 0.
    crossings
        Those of the `Topology` the network was built from, if at hand.
    limit_m
        Longest walk from a village to its road.
    search_m
        Longest gap that is looked for.
    detour_m
        A gap to a road of the same component counts when the way round is longer than this.

    Returns
    -------
    Audit
        The tables.
    """
    people = np.nan_to_num(pd.to_numeric(pd.Series(population)).to_numpy(float, na_value=np.nan))
    stops = attach(network, village_x, village_y, limit_m=limit_m)
    label = components(network)
    listed = _components(network, label, stops, people)
    found = Audit(
        listed,
        _undershoots(network, label, listed, search_m, detour_m),
        _unattached(np.asarray(village_ids, dtype=object), stops),
        _missing(network),
        _crossings(network, crossings),
    )
    return replace(found, notices=_notices(found))


def _components(
    network: RoadNetwork, label: NDArray[np.int32], stops: Stops, people: NDArray[np.float64]
) -> pd.DataFrame:
    n = int(label.max()) + 1 if len(label) else 0
    km = np.bincount(label[network.u], network.length_m / _M_PER_KM, minlength=n)
    edges = np.bincount(label[network.u], minlength=n)
    home = label[network.u[stops.edge[stops.attached]]]
    listed = pd.DataFrame(
        {
            "component": np.arange(n),
            "roads_km": km,
            "villages": np.bincount(home, minlength=n),
            "people": np.bincount(home, people[stops.attached], minlength=n),
            "is_main": np.arange(n) == 0,
        },
        columns=list(COMPONENT_COLUMNS),
    )
    return listed[edges > 0].reset_index(drop=True)


def _undershoots(
    network: RoadNetwork,
    label: NDArray[np.int32],
    listed: pd.DataFrame,
    search_m: float,
    detour_m: float,
) -> gpd.GeoDataFrame:
    gaps = find_gaps(network, label, search_m=search_m, detour_m=detour_m)
    one, other = label[gaps.node], label[network.u[gaps.other]]
    joined = np.where((one == 0) != (other == 0), np.maximum(one, other), -1)
    gained = listed.set_index("component").reindex(joined)[["villages", "people"]].fillna(0)
    roads = network.edges["road_id"].to_numpy()
    x, y = network.node_x[gaps.node], network.node_y[gaps.node]
    values = (roads[gaps.edge], roads[gaps.other], gaps.gap_m, x, y,
              gained["villages"].to_numpy(np.int64), gained["people"].to_numpy(float))  # fmt: skip
    table = pd.DataFrame(dict(zip(UNDERSHOOT_COLUMNS, values, strict=True)))
    order = np.lexsort((y, x, table["gap_m"], -table["people"]))
    frame = gpd.GeoDataFrame(table, geometry=shapely.points(x, y), crs=network.crs)
    return frame.iloc[order].reset_index(drop=True)


def _unattached(ids: NDArray[np.object_], stops: Stops) -> pd.DataFrame:
    lone = ~stops.attached
    values = (ids[lone], stops.walk_m[lone], stops.reason[lone])
    return pd.DataFrame(dict(zip(UNATTACHED_COLUMNS, values, strict=True)))


def _missing(network: RoadNetwork) -> pd.DataFrame:
    edges = network.edges
    roads = edges["kind"] != "join" if "kind" in edges else np.ones(len(edges), dtype=bool)
    rows = []
    for name in AUDITED_FIELDS:
        empty = edges[name].isna() if name in edges else np.ones(len(edges), dtype=bool)
        chosen = np.asarray(empty & roads, dtype=bool)
        rows.append(
            pd.DataFrame(
                {
                    "road_id": edges["road_id"].to_numpy()[chosen],
                    "field": name,
                    "km": network.length_m[chosen] / _M_PER_KM,
                }
            )
        )
    return pd.concat(rows).groupby(["road_id", "field"], as_index=False).sum()


def _crossings(network: RoadNetwork, crossings: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    if crossings is not None:
        return crossings
    none = pd.DataFrame({name: np.empty(0) for name in CROSSING_COLUMNS})
    return gpd.GeoDataFrame(none, geometry=np.empty(0, dtype=object), crs=network.crs)


def _notices(found: Audit) -> tuple[Notice, ...]:
    islands = found.components[~found.components["is_main"]]
    counted = (
        (
            "network-islands",
            N_("{count} parts of the network are cut off from the main one; see its audit."),
            len(islands),
        ),
        (
            "network-undershoots",
            N_("{count} road ends stop short of another road; see the network's audit."),
            len(found.undershoots),
        ),
        (
            "villages-unattached",
            N_("{count} villages are on no road; they are listed and not counted as served."),
            len(found.unattached),
        ),
        (
            "roads-missing-fields",
            N_("{count} roads lack their class or surface; their speed is assumed."),
            found.missing["road_id"].nunique(),
        ),
        (
            "network-crossings",
            N_("{count} road crossings have no junction; give bridges a level, or add a vertex."),
            len(found.crossings),
        ),
    )
    return tuple(Notice(code, text, {"count": int(n)}) for code, text, n in counted if n)
