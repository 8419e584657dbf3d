"""The network as it would be with chosen roads hardened: links cut where they end, and faster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from yanshan_gis.network.attach import attach
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.impedance import SpeedTable, impede

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A chosen line was cut from the very link it lies on; more than rounding is another road.
_ON_LINE_M = 0.5
BUILT = "built"


def build(
    edges: gpd.GeoDataFrame, chosen: gpd.GeoDataFrame, speeds: SpeedTable, surface: str
) -> gpd.GeoDataFrame:
    """Harden chosen roads of a network.

    A link that is chosen in part is cut there. Hardened links take the speed of their class with
    the new surface, or keep their own where that is higher; slope slows them as it did before.

    Parameters
    ----------
    edges
        Links of the recipe ``road-network``.
    chosen
        Lines cut from these links, with ``road_id``.
    speeds
        Those the network was built with.
    surface
        Of the roads when they are hardened.

    Returns
    -------
    geopandas.GeoDataFrame
        Links with ``built``, True for the hardened ones; those not chosen are as they were.
    """
    soft = ~edges["hardened"].to_numpy(dtype=bool)
    soft &= edges["road_id"].isin(chosen["road_id"]).to_numpy(dtype=bool)
    roads = RoadNetwork.from_edges(edges)
    parts = shapely.get_parts(chosen.geometry.to_numpy())
    ends = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    stops = attach(
        roads, shapely.get_x(ends), shapely.get_y(ends), limit_m=_ON_LINE_M, edge_mask=soft
    )
    split, _ = roads.split([stops])
    pieces = gpd.GeoDataFrame(split.edges).copy()
    pieces[BUILT] = _covered(pieces, chosen)
    return speed_up(pieces, speeds, surface)


def _covered(pieces: gpd.GeoDataFrame, chosen: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell links whose middle lies on a chosen line of the same road."""
    lines = chosen.dissolve("road_id").geometry
    own = pieces["road_id"].map(lines)
    wanted = (own.notna() & ~pieces["hardened"].astype(bool)).to_numpy()
    covered = np.zeros(len(pieces), dtype=bool)
    middle = shapely.line_interpolate_point(
        pieces.geometry.to_numpy()[wanted], 0.5, normalized=True
    )
    covered[wanted] = shapely.distance(middle, own.to_numpy(dtype=object)[wanted]) <= _ON_LINE_M
    return covered


def speed_up(pieces: gpd.GeoDataFrame, speeds: SpeedTable, surface: str) -> gpd.GeoDataFrame:
    """Give links that are built the speed of their new surface.

    Parameters
    ----------
    pieces
        Links with ``built``.
    speeds
        Those the network was built with.
    surface
        Of the links when they are built.

    Returns
    -------
    geopandas.GeoDataFrame
        The links; of those built surface, speed and minutes are new, never slower where the link
        has a speed of its own.
    """
    built = pieces[BUILT].to_numpy(dtype=bool)
    before = pieces["speed_kmh"].to_numpy(dtype=float)
    own = (pieces["speed_source"] == "own").to_numpy(dtype=bool)
    paved = pieces.copy()
    kept = paved["surface"] if "surface" in paved else pd.Series(None, paved.index, dtype=object)
    paved["surface"] = kept.astype(object).where(~built, surface)
    paved["hardened"] = pieces["hardened"].to_numpy(dtype=bool) | built
    by_table = impede(paved.assign(speed_kmh=np.nan), speeds=speeds).speed_kmh
    raised = np.where(own, np.maximum(before, by_table), by_table)
    speed = np.where(built, raised, before)
    for column in ("minutes", "minutes_back"):
        paved[column] = pieces[column].to_numpy(dtype=float) * before / speed
    paved["speed_kmh"] = speed
    return paved
