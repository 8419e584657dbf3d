"""Tiny towns for hand-computed tests: a few lines and points in metres, as validated layers."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import shapely

from yanshan_gis.catalogue import read_analyses, read_layers
from yanshan_gis.content import Title
from yanshan_gis.county import County
from yanshan_gis.layer import Layer, Quality, Source

CRS = "EPSG:4544"
COUNTY = County(name=Title(zh="小县", en="Tiny"), crs=CRS, data_date=date(2025, 12, 31))
SOURCE = Source("hand", "drawn by hand", attributes=Quality.SURVEYED, position=Quality.SURVEYED)
_BOOLEANS = {"exempt", "ledger_hardened_access", "ledger_outlet", "all_season"}


def layer(name, rows, geometry):
    """Build a layer from dictionaries and geometries."""
    frame = pd.DataFrame(rows)
    definition = read_layers()[name]
    for column in set(frame.columns) & _BOOLEANS:
        frame[column] = frame[column].astype("boolean")
    if "id" not in frame:
        frame.insert(0, "id", [f"{definition.id_prefix}{i:06d}" for i in range(1, len(frame) + 1)])
    frame["source_id"] = SOURCE.id
    return Layer(definition, gpd.GeoDataFrame(frame, geometry=geometry, crs=CRS), (SOURCE,))


def roads(*rows):
    """Build roads from ``(surface, [(x, y), …], more={})``."""
    lines = [shapely.LineString(row[1]) for row in rows]
    return layer(
        "roads", [{"surface": row[0], **(row[2] if len(row) > 2 else {})} for row in rows], lines
    )


def points(name, *rows):
    """Build points from ``(name, x, y, more={})``."""
    places = [shapely.Point(row[1], row[2]) for row in rows]
    return layer(
        name, [{"name": row[0], **(row[3] if len(row) > 3 else {})} for row in rows], places
    )


def parameters(recipe_name, **changes):
    """Return a bundled recipe's parameters as its method takes them, some changed."""
    from yanshan_gis.run import bind_parameters, find_method

    recipe = read_analyses()[recipe_name]
    return bind_parameters(recipe, find_method(recipe)) | changes


def network(road_layer, **changes):
    """Build the network of a tiny town and return its links as a layer."""
    from yanshan_gis.content import ResultInput
    from yanshan_gis.methods.road_network import build
    from yanshan_gis.run import Outcome, _result_layer

    result = build(
        roads=road_layer, elevation=None, county=COUNTY, **parameters("road-network", **changes)
    )
    outcome = Outcome(read_analyses()["road-network"], result)
    return _result_layer(outcome, ResultInput(result="road-network", layer="edges"))
