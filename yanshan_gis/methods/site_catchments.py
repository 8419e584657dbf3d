"""Catchments of the open sites: a drawing of who is nearest to which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from yanshan_gis.methods.allocation import Allocation
from yanshan_gis.methods.catchments import UNSERVED, ground_of, road_rows
from yanshan_gis.network.cells import divide

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer
    from yanshan_gis.methods.site_service import SitePlan

KEPT, NEW = "kept", "new"


def draw(
    plan: SitePlan, ground: Layer | None, *, walk_m: float, spacing_m: float
) -> gpd.GeoDataFrame:
    """Divide the ground between the open sites by the roads that are nearest to them by minutes.

    Parameters
    ----------
    plan
        Open sites, and villages on the roads.
    ground
        The county's polygon; without it, the ground near the roads is divided.
    walk_m
        How far from the roads that ground goes.
    spacing_m
        Between the points along the roads whose cells the polygons are made of.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per site that has ground: ``site``, ``state`` (``new`` for chosen sites, ``kept``
        for others, ``none`` for the ground of roads to no site), ``villages`` and ``weight``
        served, ``area_km2``.
    """
    question, sites = plan.question, plan.after.sites
    found = Allocation(
        question.network, question.homes, question.open(sites), question.searched(sites), True
    )
    roads = road_rows(found, found.stretches(), plan.names[:-1])
    area = ground_of(ground, roads, walk_m)
    owner = roads["owner"].to_numpy(dtype=np.int32)
    cells = divide(roads.geometry.to_numpy(), owner, area, spacing_m=spacing_m)
    is_new = np.isin(cells.owner, plan.chosen)
    state = np.where(is_new, NEW, np.where(cells.owner < 0, UNSERVED, KEPT)).astype(object)
    served = plan.after.site[plan.after.served]
    weights = question.weights[plan.after.served]
    count = len(sites)
    rows = pd.DataFrame({"site": plan.names[cells.owner], "state": state})
    own = cells.owner >= 0
    villages = np.where(own, np.bincount(served, minlength=count)[cells.owner], 0)
    rows["villages"] = pd.array(villages, dtype="Int64")
    rows["weight"] = np.where(own, np.bincount(served, weights, minlength=count)[cells.owner], 0.0)
    rows["area_km2"] = shapely.area(cells.geometry) / 1e6
    return gpd.GeoDataFrame(rows, geometry=cells.geometry, crs=question.network.crs)
