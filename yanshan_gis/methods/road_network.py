"""The road network as a result: noded, timed, and with every repair and guess listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.messages import N_, Notice
from yanshan_gis.needs import Need, needs
from yanshan_gis.network.impedance import SpeedTable, impede
from yanshan_gis.network.topology import build_topology
from yanshan_gis.result import Result

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
        Layers ``edges`` and ``joins``; table ``imputed``.
    """
    roads.check_metric()
    frame, warnings = _in_use(roads.frame)
    topology = build_topology(frame, join_tolerance_m=join_tolerance_m)
    grade = _grade(topology.edges, elevation) if slope else None
    impedance = impede(topology.edges, speeds=SpeedTable.from_dict(speeds), grade=grade)
    edges = impedance.apply(topology.edges)
    surface = edges["surface"] if "surface" in edges else pd.Series(None, edges.index, dtype=object)
    edges["hardened"] = surface.isin(county.hardened).to_numpy(dtype=bool)
    if grade is not None:
        edges["grade"] = grade
    warnings += [*topology.notices, *impedance.notices, *_bare(surface, edges["length_m"])]
    if len(topology.joins):
        text = N_("{count} loose road ends within {tolerance} m of another road were joined.")
        values = {"count": len(topology.joins), "tolerance": join_tolerance_m}
        warnings.append(Notice("ends-joined", text, values))
    places = gpd.points_from_xy(topology.joins["x"], topology.joins["y"], crs=roads.crs)
    joins = gpd.GeoDataFrame(topology.joins.drop(columns=["x", "y"]), geometry=places)
    return Result(
        layers={"edges": edges, "joins": joins},
        tables={"imputed": impedance.imputed},
        warnings=tuple(warnings),
    )


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
