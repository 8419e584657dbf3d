"""The road network as a result: noded, timed, and with every repair and guess listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

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
    slope_penalty: float,
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
    slope_penalty
        How strongly slope lowers the speed, see `yanshan_gis.network.impedance.impede`.

    Returns
    -------
    Result
        Layers ``edges`` and ``joins``; table ``imputed``.
    """
    roads.check_metric()
    frame, warnings = _in_use(roads.frame)
    topology = build_topology(frame, join_tolerance_m=join_tolerance_m)
    edges = topology.edges.copy()
    grade = _grade(edges, elevation)
    impedance = impede(edges, speeds=SpeedTable(speeds), grade=grade, slope_penalty=slope_penalty)
    edges["minutes"] = impedance.minutes
    edges["minutes_back"] = impedance.minutes_back
    edges["used_speed_kmh"] = impedance.speed_kmh
    edges["speed_source"] = impedance.speed_source
    surface = edges["surface"] if "surface" in edges else pd.Series(None, edges.index, dtype=object)
    edges["hardened"] = surface.isin(county.hardened).to_numpy(dtype=bool)
    warnings += [*topology.notices, *_guesses(surface, edges["length_m"], impedance.imputed)]
    if len(topology.joins):
        text = N_("{count} loose road ends within {tolerance} m of another road were joined.")
        values = {"count": len(topology.joins), "tolerance": join_tolerance_m}
        warnings.append(Notice("ends-joined", text, values))
    joins = gpd.GeoDataFrame(
        topology.joins,
        geometry=gpd.points_from_xy(topology.joins["x"], topology.joins["y"]),
        crs=roads.crs,
    )
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


def _guesses(surface: pd.Series, length_m: pd.Series, imputed: pd.DataFrame) -> list[Notice]:
    notices = []
    unknown = surface.isna()
    if unknown.any():
        text = N_("{km} km of road have no surface and count as not hardened.")
        values = {"km": round(float(length_m[unknown].sum()) / 1000, 2)}
        notices.append(Notice("surface-missing", text, values))
    if len(imputed):
        text = N_("The speed of {km} km of road comes from the speed table, not from the data.")
        values = {"km": round(float(imputed["km"].sum()), 2)}
        notices.append(Notice("speed-imputed", text, values))
    return notices


def _grade(edges: gpd.GeoDataFrame, elevation: Layer | None) -> np.ndarray | None:
    """Rise over run of each link from its heights at both ends; None without elevation."""
    if elevation is None or elevation.raster is None:
        return None
    from yanshan_gis.raster.heights import grade_along

    return grade_along(elevation.raster, edges.geometry.array.to_numpy(), edges.crs)
