"""Cold-chain reach on a town worked out by hand.

 A  s1       B            s2      30 km/h everywhere: 2 min per km; 10 min reach 5 km
 |--|--------|------------|-----------------------|---------------|-------------------|
 0 1000    4000         8000                 20000 = C, s3     28000 = D         40000 = G, s4

People: A 1,000 · B 500 · C 300 · D 50 · E 20 · F 10 · G nobody. E lies 3 km off every road, F on an
island road. s1 holds 600 m³, s2 is of unknown volume (200 m² of floor), s3 holds 90, s4 100.

Plainly (2SFCA, 10 min)
    s1: A is 2 min away, B 6           600 / 1,500 = 0.4 m³ per person
    s2: B is 8 min away                low 0, high 600 / 500 = 1.2 (600 is the largest known)
    s3: C stands beside it              90 / 300   = 0.3
    s4: only G, where nobody lives     no ratio
    A 0.4 · B low 0.4, high 1.6 · C 0.3 · D 0 (s3 is 16 min away) · E F none · G none
    and 1,000 · 0.4 + 500 · 0.4 + 300 · 0.3 = 690 = 600 + 90

By zones (E2SFCA, to 5 min 1, to 10 min 0.5)
    s1: 600 / (1,000 · 1 + 500 · 0.5) = 0.48       s2: high 600 / (500 · 0.5) = 2.4
    A 0.48 · B low 0.48 · 0.5 = 0.24, high 0.24 + 2.4 · 0.5 = 1.44 · C 0.3
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import layer, network, parameters, points, roads

from yanshan_gis.errors import DataError
from yanshan_gis.methods.cold_chain import reach
from yanshan_gis.needs import missing_for

NAN = np.nan
FAST = {"speed_kmh": 30.0}
ROADS = [
    ("cement", [(0, 0), (8000, 0), (20000, 0), (28000, 0), (40000, 0)], FAST),
    ("cement", [(0, -9000), (1000, -9000)], FAST),
]
WEST, EAST = {"township": "甲镇", "level": "committee"}, {"township": "乙乡", "level": "committee"}
PLACES = [
    ("A", 0, 0, {**WEST, "population": 1000.0, "households": 250.0}),
    ("B", 4000, 0, {**WEST, "population": 500.0, "households": 100.0}),
    ("C", 20000, 0, {**EAST, "population": 300.0, "households": 60.0}),
    ("D", 28000, 0, {**EAST, "population": 50.0, "households": 10.0}),
    ("E", 4000, 3000, {**WEST, "population": 20.0, "households": 5.0}),
    ("F", 500, -9000, {**EAST, "population": 10.0, "households": 2.0}),
    ("G", 40000, 0, {**EAST, "population": 0.0, "households": 0.0}),
]
STORES = [
    ("s1", 1000, 0, {"volume_m3": 600.0, "status": "existing", "committee": "V000001"}),
    ("s2", 8000, 0, {"volume_m3": NAN, "floor_area_m2": 200.0, "status": "planned",
                     "township": "甲镇"}),
    ("s3", 20000, 0, {"volume_m3": 90.0, "status": "existing", "township": "乙乡"}),
    ("s4", 40000, 0, {"volume_m3": 100.0, "status": None, "township": "乙乡"}),
]  # fmt: skip
BASES = [
    {"name": "近", "kind": "planting", "area_mu": 80.0, "committee": "V000001"},
    {"name": "远", "kind": "livestock", "township": "乙乡"},
    {"name": "岛", "township": "乙乡"},
    {"name": "荒", "township": "乙乡"},
]
SHAPES = [
    shapely.box(1400, -100, 1600, 100),
    shapely.Point(27000, 0),
    shapely.Point(600, -9000),
    shapely.Point(500, 8000),
]


def measure(places=PLACES, stores=STORES, bases=True, road_rows=ROADS, **changes):
    return reach(
        villages=points("villages", *places),
        stores=points("cold_storage", *stores),
        bases=layer("farm_bases", BASES, SHAPES) if bases else None,
        townships=None,
        network=network(roads(*road_rows)),
        **parameters(
            "cold-chain-reach",
            **{"catchment_min": 10.0, "zones": {"near": 1.0, "far": 0.5}, **changes},
        ),
    )


@pytest.fixture(scope="module")
def result():
    return measure()


@pytest.fixture(scope="module")
def places(result):
    return result.layers["committees"].set_index("name")


def figure(result, key):
    return next(i for i in result.indicators if i.key == key)


def test_states(places):
    assert places["state"].to_dict() == {
        "A": "served", "B": "served", "C": "served", "D": "none_in_reach", "E": "unattached",
        "F": "no_way", "G": "no_demand",
    }  # fmt: skip


def test_nearest_store_and_nearest_that_stands(places):
    assert places.loc["B", ["store", "stores_in_reach"]].tolist() == ["s1", 2]
    assert places.loc["B", ["minutes", "km"]].tolist() == pytest.approx([6.0, 3.0])
    assert places.loc["D", ["minutes", "km"]].tolist() == pytest.approx([16.0, 8.0])
    # From 10 km on s2 would be nearest, but it is only planned.
    far = measure([("H", 9000, 0, {**WEST, "population": 5.0})]).layers["committees"].iloc[0]
    assert far["store"] == "s2"
    assert [far["minutes"], far["existing_min"]] == pytest.approx([2.0, 16.0])


def test_two_steps_at_both_bounds(places):
    low = {"A": 400, "B": 400, "C": 300, "D": 0, "E": NAN, "F": NAN, "G": NAN}
    assert places["access_low"].to_dict() == pytest.approx(low, nan_ok=True)
    high = low | {"B": 1600}
    assert places["access_high"].to_dict() == pytest.approx(high, nan_ok=True)


def test_time_zones_at_both_bounds(places):
    low = {"A": 480, "B": 240, "C": 300, "D": 0, "E": NAN, "F": NAN, "G": NAN}
    assert places["zoned_low"].to_dict() == pytest.approx(low, nan_ok=True)
    assert places["zoned_high"].to_dict() == pytest.approx(low | {"B": 1440}, nan_ok=True)


def test_stores(result):
    stores = result.layers["stores"].set_index("name")
    assert stores["volume"].tolist() == ["known", "unknown", "known", "known"]
    assert stores["state"].tolist() == ["counted", "counted", "counted", "no_demand"]
    assert stores["ratio_low"].tolist() == pytest.approx([400, 0, 300, NAN], nan_ok=True)
    assert stores["ratio_high"].tolist() == pytest.approx([400, 1200, 300, NAN], nan_ok=True)
    assert stores["places"].tolist() == [2, 1, 1, 1]
    assert stores["demand"].tolist() == [1500, 500, 300, 0]
    assert stores.loc["s1", "township"] == "甲镇"  # its committee's
    assert "geometry" not in result.tables["by_store"]


def test_unknown_volumes_are_listed_with_their_bounds(result):
    rows = result.tables["unknown_volume"]
    assert rows["name"].tolist() == ["s2"]
    row = rows.iloc[0]
    assert row[["floor_area_m2", "low_m3", "high_m3"]].tolist() == [200, 0, 600]
    assert pd.isna(row["site_area_mu"])
    codes = {n.code: n.values for n in result.warnings}
    assert codes["volumes-unknown"] == {"count": 1, "volume": 600.0}
    assert codes["stores-not-built"] == {"count": 1, "total": 4}


def test_bases_without_a_store(result):
    bases = result.layers["farm_bases"].set_index("name")
    assert bases["state"].to_dict() == {
        "近": "near", "远": "far", "岛": "no_way", "荒": "unattached",
    }  # fmt: skip
    # From the middle of its area, on the road, 500 m to s1.
    assert bases.loc["近", "minutes"] == pytest.approx(1.0)
    assert bases.loc["近", "township"] == "甲镇"
    table = result.tables["bases_without_store"]
    assert table["name"].tolist() == ["岛", "荒", "远"]  # those without any way first
    assert table["minutes"].tolist() == pytest.approx([NAN, NAN, 14.0], nan_ok=True)
    assert (figure(result, "bases_within").numerator, len(bases)) == (1, 4)


def test_figures(result):
    assert (result.headline.numerator, result.headline.denominator) == (4, 7)  # A B C G
    people = figure(result, "within_demand")
    assert (people.numerator, people.denominator) == (1800, 1880)
    assert figure(result, "volume").value == 790  # 200 m² of floor are no volume
    assert figure(result, "per_thousand_low").value == pytest.approx(790 / 1.88)
    assert figure(result, "per_thousand_high").value == pytest.approx(1390 / 1.88)
    assert figure(result, "unknown_stores").value == 1


def test_by_township(result):
    table = result.tables["by_township"].set_index("township")
    assert table.loc["甲镇", ["denominator", "within", "stores", "unknown_stores"]].tolist() == [
        3, 2, 2, 1,
    ]  # fmt: skip
    assert table.loc["甲镇", ["volume_m3", "demand", "demand_within"]].tolist() == [600, 1520, 1500]
    # Over the people it is known for: A and B, not E.
    assert table.loc["甲镇", "access_high"] == pytest.approx((1000 * 400 + 500 * 1600) / 1500)
    assert table.loc["乙乡", "access_low"] == pytest.approx(300 * 300 / 350)
    assert table.loc["全县", "access_low"] == pytest.approx(690_000 / 1850)
    assert table.loc["全县", ["denominator", "within", "stores"]].tolist() == [7, 4, 4]


def test_township_of_stores_alone_has_a_row():
    other = [
        *STORES,
        ("s5", 20000, 0, {"volume_m3": 5.0, "status": "existing", "township": "丙乡"}),
    ]
    table = measure(stores=other).tables["by_township"].set_index("township")
    assert table.loc["丙乡", ["denominator", "within", "stores", "volume_m3"]].tolist() == [
        0,
        0,
        1,
        5,
    ]
    assert pd.isna(table.loc["丙乡", "within_share"])


def test_what_is_missing_is_counted(result):
    codes = {n.code: n.values.get("count") for n in result.warnings}
    expected = {"places-unattached": 1, "places-no-way": 1, "stores-no-demand": 1,
                "bases-unattached": 1, "bases-no-way": 1}  # fmt: skip
    assert expected.items() <= codes.items()


def test_only_known_volume_in_reach_makes_a_place_served():
    lone = [("K", 8000, 0, {**WEST, "population": 10.0}), ("A", 0, 0, {**WEST, "population": 9.0})]
    rows = measure(lone).layers["committees"].set_index("name")
    assert rows.loc["K", ["state", "access_low", "access_high"]].tolist() == [
        "unknown_only", 0.0, pytest.approx(60_000),
    ]  # fmt: skip


def test_people_unknown_count_as_nobody_and_are_told():
    places = [
        ("A", 0, 0, {**WEST, "population": 1000.0}),
        ("B", 4000, 0, {**WEST, "population": NAN}),
    ]
    result = measure(places)
    assert {n.code: n.values for n in result.warnings}["demand-unknown"] == {"count": 1}
    rows = result.layers["committees"].set_index("name")
    assert rows["access_low"].tolist() == pytest.approx([600, 600])  # B can use s1, and is nobody


def test_households_may_be_the_demand(result):
    rows = measure(demand="households").layers["committees"].set_index("name")
    assert rows.loc["A", "access_low"] == pytest.approx(600 / 350 * 1000)


def test_statuses_counted():
    result = measure(statuses=("existing",))
    assert result.layers["stores"]["name"].tolist() == ["s1", "s3", "s4"]  # s4 states none
    codes = {n.code: n.values for n in result.warnings}
    assert codes["stores-left-out"] == {"count": 1}
    assert "volumes-unknown" not in codes
    assert result.tables["unknown_volume"].empty


def test_minutes_run_toward_the_store():
    # From B one may drive to s1 only by way of the east: the road west is one-way eastward.
    rows = [("cement", [(0, 0), (4000, 0)], {**FAST, "one_way": "forward"}),
            ("cement", [(4000, 0), (8000, 0)], {**FAST, "one_way": "both"})]  # fmt: skip
    found = measure(PLACES[:2], road_rows=rows, bases=False).layers["committees"]
    assert found.set_index("name")["store"].to_dict() == {"A": "s1", "B": "s2"}


def test_without_bases_nothing_is_told_of_them():
    result = measure(bases=False)
    assert "farm_bases" not in result.layers
    assert "bases_without_store" not in result.tables
    assert "bases_within" not in [i.key for i in result.indicators]


def test_bases_of_a_ledger_have_no_position():
    from dataclasses import replace

    ledger = layer("farm_bases", BASES, SHAPES)
    ledger = replace(ledger, frame=pd.DataFrame(ledger.frame.drop(columns="geometry")))
    result = reach(
        villages=points("villages", *PLACES), stores=points("cold_storage", *STORES),
        bases=ledger, townships=None, network=network(roads(*ROADS)),
        **parameters("cold-chain-reach"),
    )  # fmt: skip
    assert result.layers["farm_bases"]["state"].tolist() == ["unattached"] * 4


def test_negative_volume_is_an_error():
    wrong = [("坏库", 0, 0, {"volume_m3": -5.0, "status": "existing"})]
    with pytest.raises(DataError, match="坏库 has a volume of -5"):
        measure(stores=wrong)


def test_without_a_volume_not_computable():
    villages, roads_ = points("villages", *PLACES), network(roads(*ROADS))
    unknown = [(n, x, y, {**more, "volume_m3": NAN}) for n, x, y, more in STORES]
    given_layers = {"villages": villages, "bases": None, "townships": None, "network": roads_}
    layers = given_layers | {"stores": points("cold_storage", *unknown)}
    assert missing_for(reach, layers) == ["stores.volume_m3"]
    assert missing_for(reach, given_layers | {"stores": None}) == ["stores"]
    # Known only of stores of a status that is not counted.
    result = measure(stores=STORES[:2], statuses=("planned",))
    assert (result.status, result.missing) == ("not_computable", ("stores.volume_m3",))


def test_without_stores_or_people_not_computable():
    none = measure(stores=STORES[:1], statuses=("planned",))
    assert (none.status, none.missing) == ("not_computable", ("stores (0)",))
    assert [n.code for n in none.warnings] == ["stores-left-out"]  # which says why
    nobody = measure([("A", 0, 0, {**WEST, "population": NAN})])
    assert (nobody.status, nobody.missing) == ("not_computable", ("villages.population",))


def test_a_store_off_the_roads_serves_nobody():
    off = [*STORES, ("山库", 4000, 5000, {"volume_m3": 70.0, "status": "existing"})]
    result = measure(stores=off)
    row = result.layers["stores"].set_index("name").loc["山库"]
    assert [row["state"], row["places"]] == ["unattached", 0]
    assert np.isnan(row["ratio_low"])
    assert {n.code: n.values for n in result.warnings}["stores-unattached"] == {"count": 1}


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(2, 60))
def test_known_volume_is_shared_out_whole(seed, catchment):
    rng = np.random.default_rng(seed)
    spots = rng.integers(0, 40, (9, 1)) * 1000.0
    towns = [
        (f"村{i}", x, 0, {**WEST, "population": float(p)})
        for i, (x, p) in enumerate(zip(spots[:, 0], rng.integers(0, 3, 9) * 100, strict=True))
    ]
    stores = [
        (f"库{i}", x * 1000.0, 0, {"volume_m3": float(v), "status": "existing"})
        for i, (x, v) in enumerate(
            zip(rng.integers(0, 40, 4), rng.integers(0, 900, 4), strict=True)
        )
    ]
    result = measure(towns, stores, bases=False, catchment_min=catchment)
    rows, sites = result.layers["committees"], result.layers["stores"]
    shared = sites.loc[sites["demand"] > 0, "volume_m3"].sum()
    for column in ("access_low", "access_high", "zoned_low", "zoned_high"):
        assert np.nansum(rows["demand"] * rows[column]) / 1000 == pytest.approx(shared)
    near = rows["minutes"] <= catchment
    assert (near == (rows["stores_in_reach"] > 0)).all()


@pytest.mark.oracle
def test_catchments_equal_networkx_and_dense_formulas():
    import networkx as nx

    from yanshan_gis.network.graph import RoadNetwork

    rng = np.random.default_rng(7)
    lines = [
        ("gravel", [(x, y), (x + dx, y + dy)], {"speed_kmh": float(rng.integers(10, 60))})
        for x in range(0, 5000, 1000)
        for y in range(0, 5000, 1000)
        for dx, dy in ((1000, 0), (0, 1000))
    ]
    spots = rng.integers(0, 5, (14, 2)) * 1000
    people, volume = rng.integers(1, 900, 10).astype(float), rng.integers(1, 900, 4).astype(float)
    towns = [(f"村{i}", int(x), int(y), {**WEST, "population": p})
             for i, ((x, y), p) in enumerate(zip(spots[:10], people, strict=True))]  # fmt: skip
    stores = [(f"库{i}", int(x), int(y), {"volume_m3": v, "status": "existing"})
              for i, ((x, y), v) in enumerate(zip(spots[10:], volume, strict=True))]  # fmt: skip
    rows = measure(towns, stores, bases=False, road_rows=lines).layers["committees"]
    graph = RoadNetwork.from_edges(network(roads(*lines)).frame).to_networkx()
    at = {(d["x"], d["y"]): n for n, d in graph.nodes(data=True)}
    node = [at[float(x), float(y)] for x, y in spots]
    cost = dict(nx.all_pairs_dijkstra_path_length(graph, weight="minutes"))
    minutes = np.array([[cost[i].get(j, np.inf) for j in node[10:]] for i in node[:10]])
    for column, weights in (
        ("access_low", (minutes <= 10) * 1.0),
        ("zoned_low", np.where(minutes <= 5, 1.0, np.where(minutes <= 10, 0.5, 0.0))),
    ):
        demand = people @ weights
        ratio = np.divide(volume, demand, out=np.zeros(4), where=demand > 0)
        assert rows[column].to_numpy() == pytest.approx(weights @ ratio * 1000, rel=1e-9)
    assert rows["minutes"].to_numpy() == pytest.approx(minutes.min(axis=1))
