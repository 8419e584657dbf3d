"""One point for each feature: where a place that may be an area is attached to the roads."""

from __future__ import annotations

import geopandas as gpd


def positions(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give every feature a point.

    Parameters
    ----------
    features
        Points, lines or polygons in a projected CRS; without geometry where no position is known.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows, numbered anew: points as they are, of others a point that lies on them.
    """
    rows = features.reset_index(drop=True)
    middle = rows.geometry.representative_point()
    return rows.set_geometry(rows.geometry.where(rows.geom_type == "Point", middle))
