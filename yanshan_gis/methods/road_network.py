"""The road network as a result: noded, timed, and with every repair and guess listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.messages import N_, Notice
from yanshan_gis.needs import Need, needs
from yanshan_gis.network.audit import Audit, audit
from yanshan_gis.network.connectivity import components
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.impedance import SpeedTable, impede
from yanshan_gis.network.topology import build_topology
from yanshan_gis.result import Indicator, Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yanshan_gis.county import County
    from yanshan_gis.layer import Layer


@needs(roads=Need(), elevation=Need(optional=True, rows=False))
def build(
    *,
    roads: Layer,
    elevation: Layer | None,
    county: County,
    join_tolerance_m: float,
    speeds: Mapping[str, float | Mapping[str, float]],
    slope: bool,
) -> Result:
    """Turn road lines into links with lengths, times and surfaces.

    Parameters
    ----------
    roads
        Lines in a metric CRS; roads not yet in use (``status``) are left out and counted.
    elevation
        Heights in metres; where given, slope lowers the speed.
    county
        Says which surfaces count as hardened.
    join_tolerance_m
        Loose ends within this distance of another road are joined, and listed.
    speeds
        km/h by administrative class and surface, for roads without a speed of their own.
    slope
        Whether slope lowers the speed, where `elevation` is given; see
        `yanshan_gis.network.impedance.vehicle_slope_factor`.

    Returns
    -------
    Result
        Layers ``edges``, ``joins`` and ``crossings``; tables ``imputed`` and ``speeds``.
    """
    roads.check_metric()
    frame, warnings = _in_use(roads.frame)
    topology = build_topology(frame, join_tolerance_m=join_tolerance_m)
    grade = _grade(topology.edges, elevation) if slope else None
    table = SpeedTable.from_dict(speeds)
    impedance = impede(topology.edges, speeds=table, grade=grade)
    edges = impedance.apply(topology.edges)
    surface = edges["surface"] if "surface" in edges else pd.Series(None, edges.index, dtype=object)
    edges["hardened"] = surface.isin(county.hardened).to_numpy(dtype=bool)
    if grade is not None:
        edges["grade"] = grade
    warnings += [*topology.notices, *impedance.notices, *_bare(surface, edges["length_m"])]
    if len(topology.joins):
        text = N_("{count} loose road ends within {tolerance:g} m of another road were joined.")
        values = {"count": len(topology.joins), "tolerance": join_tolerance_m}
        warnings.append(Notice("ends-joined", text, values))
    places = gpd.points_from_xy(topology.joins["x"], topology.joins["y"], crs=roads.crs)
    joins = _plain(gpd.GeoDataFrame(topology.joins, geometry=places))
    return Result(
        layers={
            "edges": edges,
            "joins": joins,
            "crossings": _plain(topology.crossings),
        },
        tables={"imputed": impedance.imputed, "speeds": table.to_frame()},
        warnings=tuple(warnings),
    )


@needs(
    villages=Need(fields=("name",)),
    network=Need(),
    crossings=Need(optional=True, rows=False),
)
def examine(
    *,
    villages: Layer,
    network: Layer,
    crossings: Layer | None,
    attach_limit_m: float,
    search_m: float,
) -> Result:
    """Look for what does not fit together in the network.

    Parameters
    ----------
    villages
        Of all levels; people are counted on natural villages and groups only, because a
        committee's figure holds those of its villages. Where only committees have a figure,
        theirs count.
    network
        Links of the recipe ``road-network``.
    crossings
        Its crossings without a junction.
    attach_limit_m
        Farthest a village may lie from its road.
    search_m
        Longest gap that is looked for.

    Returns
    -------
    Result
        Layers ``links``, ``undershoots``, ``unattached``, ``crossings``; tables ``components``
        and ``missing``.
    """
    roads = RoadNetwork.from_edges(network.frame)
    places = villages.frame
    found = audit(
        roads,
        village_ids=places["id"],
        village_x=places.geometry.x,
        village_y=places.geometry.y,
        population=_own_people(places),
        crossings=None if crossings is None else crossings.frame,
        limit_m=attach_limit_m,
        search_m=search_m,
    )
    component = components(roads)[roads.u]
    kept = [name for name in ("road_id", "name", "surface") if name in roads.edges]
    links = roads.edges[[*kept, "geometry"]].assign(
        component=pd.array(component, dtype="Int64"), is_main=component == 0
    )
    alone = places.merge(found.unattached, on="id", how="inner")
    columns = [name for name in ("id", "name", "township", "level") if name in alone]
    return Result(
        indicators=tuple(_findings(found)),
        layers={
            "links": links,
            "undershoots": _plain(found.undershoots),
            "unattached": alone[[*columns, "walk_m", "reason", "geometry"]],
            "crossings": _plain(found.crossings),
        },
        tables={"components": found.components, "missing": found.missing},
        warnings=found.notices,
    )


def _plain(points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out coordinates that the geometry holds already."""
    return points.drop(columns=["x", "y"], errors="ignore")


def _own_people(villages: gpd.GeoDataFrame) -> NDArray[np.float64]:
    if "population" not in villages:
        return np.full(len(villages), np.nan)
    people = villages["population"].to_numpy(dtype=float, na_value=np.nan)
    natural = np.ones(len(villages), dtype=bool)
    if "level" in villages:
        natural = (villages["level"] != "committee").to_numpy(dtype=bool, na_value=True)
    return np.where(natural, people, 0.0) if np.isfinite(people[natural]).any() else people


def _findings(found: Audit) -> list[Indicator]:
    km = found.components["roads_km"]
    main = km[found.components["is_main"]].sum()
    surface = found.missing[found.missing["field"] == "surface"]
    return [
        Indicator.share("main_km", float(main), float(km.sum()), headline=True),
        Indicator("components", float(len(found.components)), "个"),
        Indicator("undershoots", float(len(found.undershoots)), "个"),
        Indicator("gained_people", float(found.undershoots["people"].sum()), "人"),
        Indicator("unattached", float(len(found.unattached)), "个"),
        Indicator("crossings", float(len(found.crossings)), "个"),
        Indicator("missing_km", float(surface["km"].sum()), "km"),
    ]


def _in_use(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Notice]]:
    """Leave out roads that are planned or under construction; a missing status counts as built."""
    if "status" not in frame:
        return frame, []
    waiting = frame["status"].isin(["planned", "construction"]).to_numpy(dtype=bool)
    if not waiting.any():
        return frame, []
    text = N_("{count} roads planned or under construction are not part of the network.")
    notice = Notice("roads-not-in-use", text, {"count": int(waiting.sum())})
    return frame[~waiting].reset_index(drop=True), [notice]


def _bare(surface: pd.Series, length_m: pd.Series) -> list[Notice]:
    unknown = surface.isna()
    if not unknown.any():
        return []
    text = N_("{km} km of road have no surface and count as not hardened.")
    km = round(float(length_m[unknown].sum()) / 1000, 2)
    return [Notice("surface-missing", text, {"km": km})]


def _grade(edges: gpd.GeoDataFrame, elevation: Layer | None) -> NDArray[np.float64] | None:
    """Measure the mean steepness of each link; None without elevation."""
    if elevation is None or elevation.raster is None:
        return None
    from yanshan_gis.raster.heights import mean_grade

    return mean_grade(elevation.raster, edges.geometry.to_numpy(), edges.crs)
