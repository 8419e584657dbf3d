"""Tiny towns for hand-computed tests: a few lines and points in metres, as validated layers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from affine import Affine

from yanshan_gis.catalogue import read_analyses, read_layers
from yanshan_gis.content import Title
from yanshan_gis.county import County
from yanshan_gis.layer import Layer, Quality, Source

CRS = "EPSG:4544"
COUNTY = County(name=Title(zh="小县", en="Tiny"), crs=CRS, data_date=date(2025, 12, 31))
SOURCE = Source("hand", "drawn by hand", attributes=Quality.SURVEYED, position=Quality.SURVEYED)
layer_catalogue = cache(read_layers)
recipe_catalogue = cache(read_analyses)
_BOOLEANS = {"exempt", "ledger_hardened_access", "ledger_outlet", "ledger_5g", "all_season"}


def layer(name, rows, geometry):
    """Build a layer from dictionaries and geometries."""
    frame = pd.DataFrame(rows)
    definition = layer_catalogue()[name]
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


def without_position(source, name):
    """Return a layer in which the place of a name has no geometry."""
    places = [
        None if n == name else g
        for n, g in zip(source.frame["name"], source.frame.geometry, strict=True)
    ]
    return replace(source, frame=source.frame.set_geometry(gpd.GeoSeries(places, crs=CRS)))


def parameters(recipe_name, **changes):
    """Return a bundled recipe's parameters as its method takes them, some changed."""
    from yanshan_gis.recipes import bind_parameters, find_method

    recipe = recipe_catalogue()[recipe_name]
    return bind_parameters(recipe, find_method(recipe)) | changes


def network(road_layer, **changes):
    """Build the network of a tiny town and return its links as a layer."""
    from yanshan_gis.content import ResultInput
    from yanshan_gis.methods.road_network import build
    from yanshan_gis.run import Outcome, _result_layer

    result = build(
        roads=road_layer, elevation=None, county=COUNTY, **parameters("road-network", **changes)
    )
    outcome = Outcome(recipe_catalogue()["road-network"], result)
    return _result_layer(outcome, ResultInput(result="road-network", layer="edges"), COUNTY)


def speed_table(road_layer, **changes):
    """Return the table of speeds a tiny town's network is built with, as a layer."""
    from yanshan_gis.content import ResultInput
    from yanshan_gis.methods.road_network import build
    from yanshan_gis.run import Outcome, _result_layer

    result = build(
        roads=road_layer, elevation=None, county=COUNTY, **parameters("road-network", **changes)
    )
    outcome = Outcome(recipe_catalogue()["road-network"], result)
    return _result_layer(outcome, ResultInput(result="road-network", table="speeds"), COUNTY)


def table(name, *rows):
    """Build a layer without geometry from dictionaries."""
    frame = pd.DataFrame(list(rows))
    definition = layer_catalogue()[name]
    numbers = {"integer": "Int64", "number": "float64"}
    for column in frame:
        kind = definition.fields[column].type if column in definition.fields else ""
        frame[column] = frame[column].astype(numbers.get(kind, "object"))
    if "id" not in frame:
        frame.insert(0, "id", [f"{definition.id_prefix}{i:06d}" for i in range(1, len(frame) + 1)])
    return Layer(definition, frame.assign(source_id=SOURCE.id), (SOURCE,))


def plan(*projects, places=None):
    """Build the layer of a plan's projects; `places` gives some of them a point."""
    from yanshan_gis.plan.registry import to_frame

    frame = to_frame(projects)
    found = places or {}
    frame["location_quality"] = [found.get(p.id, (None,))[0] for p in projects]
    frame["source_id"] = SOURCE.id
    shapes = [shapely.Point(found[p.id][1:]) if p.id in found else None for p in projects]
    spatial = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=CRS), crs=CRS)
    return Layer(layer_catalogue()["projects"], spatial, (SOURCE,))


def small_plan():
    """Return a plan of thirteen projects in seven columns and outside them.

    Column 2: 300 头 of pigs over both townships, of which a farm at 乙村 has 100; 2,000 羽 at the
    seat of 甲镇. Column 4: stores of 500 m³ and 200 m², and one whose place nobody knows.
    """
    from yanshan_gis.plan.registry import Amount, Project

    def project(identity, name, kind, column=None, **more):
        return Project(identity, name, kind, column, **more)

    def amounts(*rows):
        return tuple(Amount(*row) for row in rows)

    west, east, both = ("甲镇",), ("乙乡",), ("甲镇", "乙乡")
    pigs = "猪养殖规模"
    return plan(
        project("P010101", "果园", "fruit_forest", 1, item="1",
                amounts=amounts(("money", 120.0, "万元"), ("beneficiaries", 900, "人"))),
        project("P020301", "生猪养殖", "pigs", 2, item="3", townships=both,
                amounts=amounts(("quantity", 300.0, "头", "total", pigs))),
        project("P020302", "乙村养猪场", "pigs", 2, item="3", part_of="P020301", townships=east,
                committees=("乙村委会",),
                amounts=amounts(("quantity", 100.0, "头", "total", pigs),
                                ("money", 50.0, "万元"))),
        project("P020401", "养鸡", "poultry", 2, item="4", townships=west,
                amounts=amounts(("quantity", 2000.0, "羽", "total", "鸡养殖规模"))),
        project("P030101", "甲村旅游", "rural_tourism", 3, townships=west,
                committees=("甲村委会",)),
        project("P040101", "甲库", "cold_storage", 4, townships=west, committees=("甲村委会",),
                amounts=amounts(("quantity", 500.0, "m³", "total", "库容"))),
        project("P040102", "乙库", "cold_storage", 4, townships=east, committees=("乙村委会",),
                amounts=amounts(("quantity", 200.0, "m²", "total", "建筑面积"))),
        project("P040103", "丙库", "cold_storage", 4, townships=east, place="丙寨"),
        project("P050101", "护林员", "forest_ranger", 5, townships=both,
                amounts=amounts(("money", 66.0, "万元"), ("beneficiaries", 54, "人"))),
        project("P060101", "大寨安置点", "relocation", 6, townships=west, group="大寨"),
        project("P070101", "美丽村庄", "beautiful_village", 7, townships=both,
                amounts=amounts(("quantity", 3.0, "个"))),
        project("P000010", "乙乡农贸市场", "market", section="第三章", townships=east),
        project("P000020", "进村道路硬化", "road", section="第三章",
                amounts=amounts(("quantity", 12.5, "km", "total", "道路硬化里程"))),
        places={
            "P020302": ("committee", 7000, 50), "P020401": ("township", 1000, 100),
            "P030101": ("committee", 2000, 50), "P040101": ("committee", 2000, 50),
            "P040102": ("committee", 7000, 50), "P060101": ("group", 3000, 100),
            "P000010": ("township", 8000, 100),
        },
    )  # fmt: skip


def small_county():
    """Return the layers of a county of two townships with a road, villages and what serves them.

    甲镇 (west) and 乙乡 (east) share a border at x = 5000; one cement road runs through both, an
    earth road leaves it at x = 8000. 大寨 has tap water and 5G, 小寨 neither.
    """
    town = {"level": "committee"}
    hamlet = {"level": "natural", "population": 120.0, "households": 30.0}
    fields = [shapely.box(2000, 500, 2300, 800), shapely.box(7000, 500, 7300, 800)]
    base = {"kind": "planting", "status": "existing", "area_mu": 135.0}
    boxes = [shapely.box(0, -3000, 5000, 3000), shapely.box(5000, -3000, 10000, 3000)]
    west, east = {"township": "甲镇"}, {"township": "乙乡"}
    return [
        layer("county", [{"name": "小县", "code": "532699"}], [shapely.union_all(boxes)]),
        layer("townships", [{"name": "甲镇"}, {"name": "乙乡"}], boxes),
        points(
            "seats",
            ("小县", 1000, 100, {"level": "county", **west}),
            ("甲镇", 1000, 100, {"level": "township", **west}),
            ("乙乡", 8000, 100, {"level": "township", **east}),
        ),
        roads(
            ("cement", [(500, 0), (4000, 60), (9500, 0)], {"admin_class": "county"}),
            ("earth", [(8000, 16.363636), (8000, -2500)], {"admin_class": "village"}),
        ),
        points(
            "villages",
            ("甲村委会", 2000, 50, {**town, **west, "population": 900.0, "households": 220.0,
                                   "households_piped": 200.0}),
            ("乙村委会", 7000, 50, {**town, **east, "population": 600.0, "households": 150.0,
                                   "households_piped": 90.0}),
            ("大寨", 3000, 100, {**hamlet, **west, "parent": "V000001", "households_piped": 27.0}),
            ("小寨", 8000, -2400, {**hamlet, **east, "parent": "V000002", "households_piped": 0.0}),
        ),
        points(
            "water_projects",
            ("大寨水厂", 3100, 150, {"kind": "drinking_supply", "status": "existing", **west}),
        ),
        points(
            "base_stations",
            ("甲站", 2500, 100, {"generation": "g5", "status": "existing", **west}),
        ),
        layer("farm_bases", [{"name": "甲基地", **base, **west, "irrigated_mu": 120.0},
                             {"name": "乙基地", **base, **east, "irrigated_mu": 30.0}], fields),
        points(
            "outlets",
            ("甲村网点", 2000, 60, {"committee": "V000001", "status": "existing", **west}),
            ("拟建点", 7000, 60, {"committee": "V000002", "status": "planned", **east}),
        ),
        points(
            "cold_storage",
            ("甲库", 2100, 300, {"committee": "V000001", "volume_m3": 500.0, **west}),
            ("乙库", 7100, 300, {"committee": "V000002", "floor_area_m2": 200.0, **east}),
        ),
        small_plan(),
        table(
            "indicators",
            {"number": 8, "name": "参保率", "target": 1.0, "operator": "at_least", "unit": "share"},
            {"number": 17, "name": "通硬化路率", "target": 0.5, "operator": "at_least",
             "unit": "share", "kind": "binding"},
            {"number": 20, "name": "网点覆盖率", "target": 80.0, "operator": "at_least",
             "unit": "%", "baseline": 90.0, "baseline_year": 2020},
        ),
        table(
            "programmes",
            {"key": "access_roads", "name": "进村道路", "value": 10.0, "unit": "km",
             "layer": "roads"},
        ),
        table(
            "statistics",
            {"indicator": "IN000001", "value": 98.5, "unit": "%", "as_of": "2025"},
        ),
    ]  # fmt: skip


def small_rasters(folder):
    """Write the small county's rasters, cells of 50 m, and return them as layers.

    A plane that climbs a metre in ten to the north; plants thin out from west to east, clear sky.
    """
    shape = (120, 200)
    north, east = np.mgrid[0:1:120j, 0:1:200j]
    speckle = np.random.default_rng(7).normal(0.0, 0.03, shape)
    bare = np.clip(east + speckle, 0.0, 1.0)
    red, nir, swir = 0.04 + 0.20 * bare, 0.42 - 0.14 * bare, 0.16 + 0.30 * bare
    bands = [0.05 + 0 * red, 0.07 + 0 * red, red, nir, swir]
    imagery = np.stack([*(1000 + 10_000 * band for band in bands), np.full(shape, 4.0)])
    cover = np.where(bare < 0.4, 10, np.where(bare < 0.7, 40, 60))
    pixels = {
        "elevation": (1400.0 - 600.0 * north)[None].astype(np.float32),
        "imagery": imagery.round().astype(np.uint16),
        "land_cover": cover[None].astype(np.uint8),
    }
    return [
        raster(folder, name, values, north=3000.0, cell=50.0,
               nodata=-9999 if name == "elevation" else 0)
        for name, values in pixels.items()
    ]  # fmt: skip


def raster(folder, name, values, *, west=0.0, north, cell, nodata=None):
    """Write a raster, bands × rows × columns, and return it as a layer."""
    folder.mkdir(parents=True, exist_ok=True)
    profile = {
        "driver": "GTiff", "count": len(values), "height": values.shape[1],
        "width": values.shape[2], "dtype": values.dtype, "crs": CRS, "nodata": nodata,
        "transform": Affine(cell, 0.0, west, 0.0, -cell, north),
    }  # fmt: skip
    with rasterio.open(folder / f"{name}.tif", "w", **profile) as file:
        file.write(values)
    empty = gpd.GeoDataFrame(geometry=[], crs=CRS)
    return Layer(layer_catalogue()[name], empty, (SOURCE,), folder / f"{name}.tif")
