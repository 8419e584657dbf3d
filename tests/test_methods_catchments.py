"""Catchments on a town that can be worked out by hand.

S1 = P == N == Q = | ========= S2 ========== R      y = 0; 30 km/h on every road: 2 min per km
0    1    3    5   6          12            20 km
P, Q and R are committees, N a natural village of P's; T lies 3 km off every road, U on an island
road of 1 km. The stores are as far from each other as the 6 km between each and the watershed.
"""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import layer, network, parameters, points, recipe_catalogue, roads

from yanshan_gis.methods.catchments import COLOURS, UNSERVED, measure
from yanshan_gis.publish.style import resolve_style

FAST = {"speed_kmh": 30.0}
ROADS = [
    ("cement", [(0, 0), (12_000, 0), (20_000, 0)], FAST),
    ("cement", [(0, -9000), (1000, -9000)], FAST),
]
WEST, EAST = {"township": "甲镇"}, {"township": "乙乡"}
TOWN = {"level": "committee"}
VILLAGES = [
    ("P", 1000, 0, {**TOWN, **WEST, "population": 1000.0, "households": 250.0}),
    ("N", 3000, 0, {"level": "natural", "parent": "V000001", "population": 300.0,
                    "households": 80.0}),
    ("Q", 5000, 0, {**TOWN, **WEST, "population": 400.0, "households": 100.0}),
    ("R", 20_000, 0, {**TOWN, **EAST, "population": 200.0, "households": 50.0}),
    ("T", 5000, 3000, {**TOWN, **EAST, "population": 100.0, "households": 20.0}),
    ("U", 500, -9000, {**TOWN, **EAST, "population": 100.0, "households": 20.0}),
]  # fmt: skip
STORES = [
    ("S1", 0, 0, {"status": "existing", "volume_m3": 500.0, "floor_area_m2": 90.0}),
    ("S2", 12_000, 0, {"status": "existing", "floor_area_m2": 200.0}),
]
GROUND = shapely.box(-500, -10_000, 20_500, 4000)


def calculate(villages=VILLAGES, stores=STORES, road_rows=ROADS, ground=GROUND, **changes):
    return measure(
        villages=points("villages", *villages),
        facilities=points("cold_storage", *stores),
        townships=None,
        ground=None if ground is None else layer("county", [{"name": "小县"}], [ground]),
        network=network(roads(*road_rows)),
        **parameters("catchments", **changes),
    )


@pytest.fixture(scope="module")
def result():
    return calculate()


def figure(result, key):
    return next(i for i in result.indicators if i.key == key)


def test_roads_are_cut_at_the_watershed(result):
    # 6 km to S1; 6 + 8 km to S2; the island's 1 km to nobody.
    edges = result.layers["edges"]
    km = edges.groupby(edges["facility"].fillna("-"))["length_m"].sum() / 1000
    assert km.to_dict() == pytest.approx({"S1": 6, "S2": 14, "-": 1})
    ends = shapely.union_all(edges[edges["facility"] == "S1"].geometry.array)
    assert ends.bounds == pytest.approx((0, 0, 6000, 0))
    assert (figure(result, "km_served").numerator, figure(result, "km_served").denominator) == (
        pytest.approx(20),
        pytest.approx(21),
    )


def test_by_facility(result):
    table = result.tables["by_facility"].set_index("facility")
    assert table.index.tolist() == ["S1", "S2"]  # most people first
    assert table["committees"].tolist() == [2, 1]
    assert table["villages"].tolist() == [1, 0]
    # P's 1,000 with N's 300; Q's 400: 700 at 2, 300 at 6 and 400 at 10 min.
    assert table["population"].tolist() == [1400, 200]
    assert table["households"].tolist() == [350, 50]
    assert table["mean_min"].tolist() == pytest.approx([7200 / 1400, 16])
    assert table["longest_min"].tolist() == pytest.approx([10, 16])


def test_capacity_keeps_its_own_unit(result):
    table = result.tables["by_facility"].set_index("facility")
    assert table["capacity"].tolist() == [500, 200]  # S1's volume goes before its floor area
    assert table["capacity_unit"].tolist() == ["m³", "m²"]
    assert table["people_per_unit"].tolist() == pytest.approx([2.8, 1.0])
    bare = calculate(stores=[("S1", 0, 0, {}), ("S2", 12_000, 0, {})]).tables["by_facility"]
    assert bare[["capacity", "capacity_unit", "people_per_unit"]].isna().all(axis=None)


def test_figures_leave_the_unserved_out_of_means_and_count_them(result):
    people = figure(result, "population_served")
    assert (people.numerator, people.denominator) == (1600, 1800)
    committees = figure(result, "committees_served")
    assert (committees.numerator, committees.denominator) == (3, 5)
    assert figure(result, "mean_min").value == pytest.approx((7200 + 3200) / 1600)
    assert figure(result, "longest_min").value == pytest.approx(16)
    unserved = result.tables["unserved"]
    assert unserved[["name", "reason"]].to_numpy().tolist() == [
        ["T", "unattached"],
        ["U", "unreachable"],
    ]


def test_polygons_draw_the_roads(result):
    shapes = result.layers["catchments"]
    by_name = dict(zip(shapes["facility"].fillna("-"), shapes.geometry, strict=True))
    # T's point lies at 5 km, in the drawing of S1, though T itself reaches nobody.
    assert by_name["S1"].contains(shapely.Point(5000, 3000))
    assert by_name["S2"].contains(shapely.Point(7000, 3000))
    assert by_name["-"].contains(shapely.Point(500, -9500))
    assert shapely.area(shapes.geometry.array).sum() == pytest.approx(GROUND.area)
    assert shapes["area_km2"].sum() == pytest.approx(GROUND.area / 1e6)
    assert "catchments-drawn" in {n.code for n in result.warnings}


def test_without_a_county_the_ground_near_the_roads_is_divided():
    shapes = calculate(ground=None).layers["catchments"]
    hull = shapely.MultiPoint([(0, 0), (20_000, 0), (0, -9000), (1000, -9000)]).convex_hull
    assert shapes.area.sum() == pytest.approx(shapely.buffer(hull, 1000).area)


def test_colours_tell_neighbours_apart_in_every_layer(result):
    shapes = result.layers["catchments"].set_index(result.layers["catchments"]["facility"])
    one, two = shapes.loc["S1", "colour"], shapes.loc["S2", "colour"]
    assert one != two
    assert shapes["colour"].tolist().count(UNSERVED) == 1
    facilities = result.layers["facilities"].set_index("name")
    assert facilities["colour"].tolist() == [one, two]
    edges = result.layers["edges"]
    assert set(edges["colour"][edges["facility"] == "S1"]) == {one}
    assert set(edges["colour"][edges["facility"].isna()]) == {UNSERVED}


def test_every_colour_has_a_class_in_the_style(result):
    described = recipe_catalogue()["catchments"].results["catchments"]
    values = [item.value for item in described.style.classes]
    assert values == [*map(str, range(1, COLOURS + 1)), UNSERVED]
    resolved = resolve_style(described.style, described.fields, result.layers["catchments"])
    assert not any(item.other for item in resolved.classes)


def test_two_facilities_at_one_place_share_nothing_and_that_is_said():
    stores = [STORES[0], ("S1b", 0, 0, {}), STORES[1]]
    result = calculate(stores=stores)
    table = result.tables["by_facility"].set_index("facility")
    assert table.loc["S1", "population"] == 1400
    assert table.loc["S1b", "population"] == 0
    assert np.isnan(table.loc["S1b", "mean_min"])
    codes = {n.code: n.values for n in result.warnings}
    assert codes["facilities-without-catchment"] == {"count": 1}


def test_walks_and_directions_move_the_watershed():
    # S1 stands 500 m off: 6 min on foot are 3 km of road, shared by both sides: 4.5 km.
    aside = calculate(stores=[("S1", 0, 500, {}), STORES[1]]).layers["edges"]
    assert aside["length_m"][aside["facility"] == "S1"].sum() == pytest.approx(4500)
    # Eastward only: nobody drives to S1, and from S1 everybody up to S2.
    rows = [("cement", ROADS[0][1], {**FAST, "one_way": "forward"})]
    away = calculate(road_rows=rows, direction="from").layers["edges"]
    assert away["length_m"][away["facility"] == "S1"].sum() == pytest.approx(12_000)
    to = calculate(road_rows=rows).layers["edges"]
    assert (to["facility"] != "S1").all()
    assert to["length_m"][to["served"]].sum() == pytest.approx(12_000)


def test_without_people_places_are_still_told():
    bare = [(n, x, y, {k: v for k, v in more.items() if k in {"level", "township", "parent"}})
            for n, x, y, more in VILLAGES]  # fmt: skip
    result = calculate(villages=bare)
    table = result.tables["by_facility"].set_index("facility")
    assert table["committees"].tolist() == [2, 1]
    assert table["longest_min"].tolist() == pytest.approx([10, 16])
    assert table["mean_min"].isna().all()
    assert {i.key for i in result.indicators}.isdisjoint({"population_served", "mean_min"})
    assert "people-unknown" in {n.code for n in result.warnings}


def test_no_facility_of_the_wanted_status_is_not_computable():
    planned = [("S1", 0, 0, {"status": "planned"})]
    result = calculate(stores=planned, statuses=("existing",))
    assert (result.status, result.missing) == ("not_computable", ("facilities",))


@given(st.permutations(range(len(VILLAGES))), st.permutations(range(2)))
@settings(max_examples=5, deadline=None)
def test_the_order_of_rows_changes_nothing(villages, stores):
    rows = [
        (name, x, y, {**more, "id": f"V{i:06d}"})
        for i, (name, x, y, more) in enumerate(VILLAGES, start=1)
    ]
    sites = [
        (name, x, y, {**more, "id": f"CS{i:06d}"})
        for i, (name, x, y, more) in enumerate(STORES, start=1)
    ]
    one = calculate(villages=rows, stores=sites)
    two = calculate(villages=[rows[i] for i in villages], stores=[sites[i] for i in stores])
    tables = [r.tables["by_facility"].set_index("id") for r in (one, two)]
    pd.testing.assert_frame_equal(*tables)
    shapes = [r.layers["catchments"].set_index("facility").geometry for r in (one, two)]
    assert all(shapes[0][name].equals(shapes[1][name]) for name in ("S1", "S2"))
