"""Service areas on a town that can be worked out by hand.

S1 = P == N == Q ============ S2 ========== R      y = 0; 30 km/h on every road: 2 min per km
0    1    3    5              12            20 km
P, Q and R are committees, N a natural village of P's; T lies 3 km off every road, U on an island
road of 1 km. Store S1 is at 0, S2 at 12 km; S3 is planned, at 20 km.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import layer, network, parameters, points, roads, without_position

from yanshan_gis.content import Parameter
from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.methods.residents import residents, residents_notices
from yanshan_gis.methods.service_areas import measure

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
    ("S1", 0, 0, {"status": "existing", "volume_m3": 500.0}),
    ("S2", 12_000, 0, {"status": "existing", "floor_area_m2": 200.0}),
    ("S3", 20_000, 0, {"status": "planned"}),
]
GROUND = shapely.box(-500, -10_000, 20_500, 4000)


def calculate(villages=VILLAGES, stores=STORES, road_rows=ROADS, ground=GROUND, **changes):
    return measure(
        villages=points("villages", *villages),
        facilities=points("cold_storage", *stores),
        townships=None,
        ground=None if ground is None else layer("county", [{"name": "小县"}], [ground]),
        network=network(roads(*road_rows)),
        **parameters("service-areas", **{"breaks_min": (4.0, 8.0), **changes}),
    )


@pytest.fixture(scope="module")
def result():
    return calculate()


def share(result, key, subject):
    found = [i for i in result.indicators if (i.key, i.subject) == (key, subject)]
    return found[0].numerator, found[0].denominator


def test_villages_by_band(result):
    rows = result.layers["villages"].set_index("name")
    # P 1 km, N 3 km and Q 5 km from S1, R 8 km from S2, at 2 min a kilometre.
    assert rows["minutes"].tolist()[:4] == pytest.approx([2, 6, 10, 16])
    assert rows["km"].tolist()[:4] == pytest.approx([1, 3, 5, 8])
    assert rows["facility"].fillna("-").tolist() == ["S1", "S1", "S1", "S2", "-", "-"]
    assert rows["band"].tolist() == [1, 2, pd.NA, pd.NA, pd.NA, pd.NA]
    assert rows["minutes_band"].fillna("-").tolist()[:3] == ["0–4 min", "4–8 min", "-"]
    states = ["within", "within", "beyond", "beyond", "unattached", "unreachable"]
    assert rows["state"].tolist() == states


def test_a_band_holds_its_upper_break():
    rows = calculate(breaks_min=(2.0, 6.0)).layers["villages"].set_index("name")
    assert rows["band"].tolist()[:2] == [1, 2]


def test_people_are_counted_once_where_they_live(result):
    # P reports 1,000 with the 300 of N: 700 live at P itself.
    rows = result.layers["villages"].set_index("name")
    assert rows["population"].tolist() == [700, 300, 400, 200, 100, 100]
    assert rows["households"].tolist() == [170, 80, 100, 50, 20, 20]
    assert share(result, "population_within", "≤4 min") == (700, 1800)
    assert share(result, "population_within", "≤8 min") == (1000, 1800)
    assert share(result, "households_within", "≤8 min") == (250, 440)
    assert share(result, "committees_within", "≤8 min") == (1, 5)
    assert share(result, "villages_within", "≤8 min") == (1, 1)


def test_roads_by_band(result):
    # From S1 2 km and 2 km more to the east, from S2 2 km and 2 km more to both sides.
    edges = result.layers["edges"]
    km = edges.groupby(["facility", "minutes_band"])["length_m"].sum() / 1000
    assert km.to_dict() == pytest.approx(
        {("S1", "0–4 min"): 2, ("S1", "4–8 min"): 2, ("S2", "0–4 min"): 4, ("S2", "4–8 min"): 4}
    )
    assert edges.length.sum() == pytest.approx(12_000)
    assert share(result, "km_within", "≤8 min") == pytest.approx((12, 21))
    assert result.layers["bands"]["road_km"].tolist() == pytest.approx([6, 6])


def test_polygons_follow_the_roads(result):
    bands = result.layers["bands"].set_index("band").geometry
    assert bands[1].contains(shapely.Point(1500, 500))
    assert bands[2].contains(shapely.Point(3500, 500))
    assert not shapely.union_all(bands.array).intersects(shapely.Point(6500, 0))
    assert bands[1].intersection(bands[2]).area == pytest.approx(0.0, abs=1e-3)
    assert shapely.union_all(bands.array).within(GROUND.buffer(0.001))
    free = calculate(ground=None).layers["bands"].geometry
    assert shapely.union_all(free.array).contains(shapely.Point(-900, 0))


def test_each_facility_alone(result):
    table = result.tables["by_facility"]
    assert table["facility"].tolist() == ["S1", "S1", "S2", "S2"]
    assert table["within_min"].tolist() == [4, 8, 4, 8]
    assert table["road_km"].tolist() == pytest.approx([2, 4, 4, 8])
    assert table["committees"].tolist() == [1, 1, 0, 0]
    assert table["villages"].tolist() == [0, 1, 0, 0]
    assert table["population"].tolist() == [700, 1000, 0, 0]


def test_areas_of_facilities_overlap_in_their_table_only():
    # In 18 min S2 has N, 9 km away, too; N stays in the band of S1.
    result = calculate(breaks_min=(18.0,))
    table = result.tables["by_facility"].set_index("facility")
    assert table["villages"].tolist() == [1, 1]
    assert result.layers["villages"].set_index("name").loc["N", "facility"] == "S1"
    assert result.layers["edges"].length.sum() == pytest.approx(20_000)


def test_by_township(result):
    # 甲镇: P, N, Q with 1,400 people, 700 and 1,000 of them in reach. 乙乡: R beyond, T U unserved.
    table = result.tables["by_township"].set_index("township")
    assert table["population"].to_dict() == {"乙乡": 400, "甲镇": 1400, "全县": 1800}
    assert table.loc["甲镇", "within_4"] == pytest.approx(700 / 1400)
    assert table.loc["甲镇", "within_8"] == pytest.approx(1000 / 1400)
    assert table.loc["乙乡", ["within_8", "beyond", "unserved"]].tolist() == [0, 0.5, 0.5]
    assert table["longest_min"].tolist() == pytest.approx([16, 10, 16])
    bands = result.tables["by_band"]
    sums = bands.groupby("township")[["population_share", "households_share"]].sum()
    np.testing.assert_allclose(sums, 1.0)
    county = bands[bands["township"] == "全县"].set_index("band_range")
    assert county["population"].to_dict() == {
        "0–4 min": 700, "4–8 min": 300, "beyond": 600, "unserved": 200,
    }  # fmt: skip


def test_the_unserved_are_listed_with_a_reason(result):
    table = result.tables["unserved"]
    assert table[["name", "reason"]].to_numpy().tolist() == [
        ["Q", "beyond"], ["R", "beyond"], ["T", "unattached"], ["U", "unreachable"],
    ]  # fmt: skip
    codes = {n.code: n.values for n in result.warnings}
    assert codes["villages-beyond"] == {"count": 2, "limit": 8.0}
    assert codes["villages-off-road"] == {"count": 1}
    assert codes["villages-unreachable"] == {"count": 1}
    assert codes["facilities-left-out"] == {"count": 1}


def test_planned_facilities_stand_in_where_none_exists_and_that_is_said():
    result = calculate(stores=[STORES[2]])
    assert result.layers["facilities"]["status"].tolist() == ["planned"]
    notice = next(n for n in result.warnings if n.code == "facilities-of-status")
    assert notice.values["count"] == 1
    assert "what will be" in notice.text
    none = calculate(stores=[STORES[2]], statuses=("existing",))
    assert (none.status, none.missing) == ("not_computable", ("facilities",))


def test_walks_at_both_ends_count():
    # 500 m at 5 km/h are 6 min: S1's whole first band and half of the second are gone.
    stores = [("S1", 0, 500, {}), STORES[1]]
    result = calculate(stores=stores, breaks_min=(8.0,))
    table = result.tables["by_facility"].set_index("facility")
    assert table.loc["S1", "road_km"] == pytest.approx(1.0)
    rows = result.layers["villages"].set_index("name")
    assert rows.loc["P", "minutes"] == pytest.approx(8.0)
    assert rows.loc["P", "km"] == pytest.approx(1.5)


def test_direction_matters_on_a_one_way_road():
    # Eastward only: from S1 one gets to P and N, but to S1 nobody from there; S2 is 9 km from N.
    rows = [("cement", ROADS[0][1], {**FAST, "one_way": "forward"})]
    away = calculate(road_rows=rows, direction="from").layers["villages"].set_index("name")
    assert away.loc["N", ["facility", "minutes"]].tolist() == ["S1", pytest.approx(6.0)]
    to = calculate(road_rows=rows).layers["villages"].set_index("name")
    assert to.loc["N", ["facility", "minutes"]].tolist() == ["S2", pytest.approx(18.0)]
    assert to.loc["R", "state"] == "unreachable"
    with pytest.raises(UsageError, match="direction"):
        calculate(direction="toward")


def test_a_facility_off_every_road_is_told_of():
    stores = [*STORES[:2], ("S4", 5000, 3000, {})]
    result = calculate(stores=stores)
    table = result.tables["by_facility"]
    off = table[table["facility"] == "S4"]
    assert off["reason"].tolist() == ["unattached", "unattached"]
    assert off[["road_km", "committees", "population"]].isna().all(axis=None)
    assert "facilities-off-road" in {n.code for n in result.warnings}


def test_places_without_position_are_told_of():
    sources = {"villages": VILLAGES, "cold_storage": STORES[:2]}
    frames = {name: points(name, *rows) for name, rows in sources.items()}
    result = measure(
        villages=without_position(frames["villages"], "N"),
        facilities=without_position(frames["cold_storage"], "S2"),
        townships=None,
        ground=None,
        network=network(roads(*ROADS)),
        **parameters("service-areas", breaks_min=(4.0, 8.0)),
    )
    rows = result.layers["villages"].set_index("name")
    assert rows.loc["N", "state"] == "no_position"
    facilities = result.layers["facilities"].set_index("name")
    assert facilities["reason"].fillna("-").tolist() == ["-", "no_position"]


def test_facilities_of_one_name_are_told_apart():
    stores = [("冷库", 0, 0, {}), ("冷库", 12_000, 0, {})]
    names = calculate(stores=stores).tables["by_facility"]["facility"].unique().tolist()
    assert names == ["冷库 (CS000001)", "冷库 (CS000002)"]


def test_breaks_that_do_not_ascend_are_refused():
    with pytest.raises(DataError, match="ascending"):
        calculate(breaks_min=(8.0, 4.0))


def test_breaks_may_be_given_in_hours():
    hours = Parameter(value=(0.5, 1), unit="h")
    assert hours.in_unit("min") == (30.0, 60.0)
    assert Parameter(value=30, unit="min").in_unit("h") == 0.5
    assert Parameter(value=("a", "b")).in_unit("min") is None
    assert Parameter(value=True).in_unit("min") is None


@given(st.permutations(range(len(VILLAGES))), st.permutations(range(2)))
@settings(max_examples=5, deadline=None)
def test_the_order_of_rows_changes_nothing(villages, stores):
    rows = [
        (name, x, y, {**more, "id": f"V{i:06d}"})
        for i, (name, x, y, more) in enumerate(VILLAGES, start=1)
    ]
    one = calculate(villages=rows).layers["villages"].set_index("id")
    two = calculate(
        villages=[rows[i] for i in villages],
        stores=[(*STORES[i][:3], {**STORES[i][3], "id": f"CS{i:06d}"}) for i in stores],
    )
    pd.testing.assert_frame_equal(
        pd.DataFrame(one.drop(columns="geometry")),
        pd.DataFrame(two.layers["villages"].set_index("id").drop(columns="geometry")).loc[
            one.index
        ],
    )


def test_residents_by_hand():
    frame = gpd.GeoDataFrame(
        {
            "id": ["C1", "N1", "N2", "C2", "N3", "C3", "N4"],
            "level": ["committee", "natural", "natural"] + ["committee", "natural"] * 2,
            "parent": [None, "C1", "C1", None, "C2", None, "C3"],
            "population": [1000.0, 300.0, np.nan, 100.0, 150.0, np.nan, 70.0],
            "households": [250.0, 80.0, np.nan, 30.0, 30.0, np.nan, 20.0],
        }
    )
    # N2's people are in C1's rest; C2 reports fewer than N3 alone; C3 reports nothing.
    people = residents(frame)
    np.testing.assert_allclose(people["population"], [700, 300, np.nan, 0, 150, np.nan, 70])
    np.testing.assert_allclose(people["households"], [170, 80, np.nan, 0, 30, np.nan, 20])
    codes = {n.code: n.values for n in residents_notices(frame)}
    assert codes == {"committee-below-its-villages": {"count": 1}, "people-unknown": {"count": 2}}
