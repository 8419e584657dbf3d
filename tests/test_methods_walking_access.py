"""Walking access on a strip of land that can be worked out by hand.

Cells of 100 m, walked at 6 km/h: a minute a cell. Outlet F is at x = 250, a lake one cell wide at
x = 1000 … 1100 cuts the land from north to south, and a road (30 km/h: 500 m a minute) leads from
x = 850 over it to x = 1850. A, B and C are villages west, at and east of them, all at y = 550.
"""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import CRS, layer, network, parameters, points, raster, roads, without_position

from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.methods.boarding import Boarding
from yanshan_gis.methods.walking_access import measure
from yanshan_gis.methods.walking_ground import Pace
from yanshan_gis.network.attach import attach
from yanshan_gis.network.facilities import nearest
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.raster.grid import Grid
from yanshan_gis.raster.walking import Walk

SHAPE = (30, 40)  # x from -1000 to 3000, y from -1000 to 2000
CORNER = {"west": -1000.0, "north": 2000.0, "cell": 100.0}
TOWN = {"level": "committee", "township": "甲镇"}
VILLAGES = [
    ("A", 750, 550, {**TOWN, "population": 300.0, "households": 80.0}),
    ("B", 260, 560, {**TOWN, "population": 100.0, "households": 20.0}),
    ("C", 1550, 550, {**TOWN, "population": 600.0, "households": 150.0}),
]
OUTLETS = [("F", 250, 550, {"status": "existing"})]
ROAD = ("cement", [(850, 550), (1850, 550)], {"speed_kmh": 30.0})
LEVEL = {"walk_speed_kmh": 6.0, "off_path_share": 1.0, "cell_m": 100.0, "straight_speed_kmh": 6.0,
         "breaks_min": (5.0, 10.0), "smallest_patch_ha": 0.0}  # fmt: skip


def heights(east_slope=0.0):
    z = 1500 + east_slope * 100.0 * np.arange(SHAPE[1]) + np.zeros(SHAPE)
    return z[None].astype(np.float32)


def lake():
    cover = np.full((1, *SHAPE), 40, np.uint8)
    cover[:, :, 20] = 80
    return cover


def calculate(folder, *, z=None, cover=None, road_rows=(), villages=VILLAGES, outlets=OUTLETS,
              elevation=None, **changes):  # fmt: skip
    if elevation is None:
        z = heights() if z is None else z
        elevation = raster(folder, "elevation", z, nodata=-9999, **CORNER)
    return measure(
        villages=villages if hasattr(villages, "frame") else points("villages", *villages),
        facilities=points("outlets", *outlets),
        townships=layer("townships", [{"name": "甲镇"}], [shapely.box(0, 0, 2000, 1000)]),
        elevation=elevation,
        land_cover=None if cover is None else raster(folder, "land_cover", cover, nodata=0,
                                                     **CORNER),
        network=network(roads(*road_rows)) if road_rows else None,
        folder=folder,
        **parameters("walking-access", **{**LEVEL, **changes}),
    )  # fmt: skip


def minutes(result, column="minutes"):
    return result.layers["villages"].set_index("name")[column]


def test_on_the_level_a_cell_takes_a_minute(tmp_path):
    result = calculate(tmp_path)
    assert minutes(result).to_dict() == pytest.approx({"A": 5.0, "B": 0.0, "C": 13.0})
    assert set(minutes(result, "way")) == {"foot"}
    assert minutes(result, "state").to_dict() == {"A": "within", "B": "within", "C": "beyond"}


def test_beside_a_road_people_are_slower(tmp_path):
    found = minutes(calculate(tmp_path, off_path_share=0.5))
    assert found["A"] == pytest.approx(10.0)


def test_land_cover_slows_and_streets_do_not(tmp_path):
    cover = np.full((1, *SHAPE), 10, np.uint8)
    assert minutes(calculate(tmp_path, cover=cover, slow_share=0.25))["A"] == pytest.approx(20.0)
    cover[:] = 50
    found = minutes(calculate(tmp_path, cover=cover, off_path_share=0.5))
    assert found["A"] == pytest.approx(5.0)


def test_nobody_walks_through_a_lake(tmp_path):
    result = calculate(tmp_path, cover=lake())
    assert np.isnan(minutes(result)["C"])
    assert minutes(result, "state")["C"] == "unreachable"
    assert [w.code for w in result.warnings if w.code == "walking-unreachable"]
    listed = result.tables["unserved"].set_index("name")
    assert listed["reason"].to_dict() == {"C": "unreachable"}
    (share,) = [i for i in result.indicators if i.key == "population_within"]
    assert (share.numerator, share.denominator) == (400.0, 1000.0)


def test_a_road_leads_over_the_lake_and_saves_the_rest_of_the_walk(tmp_path):
    result = calculate(tmp_path, cover=lake(), road_rows=[ROAD])
    rows = result.layers["villages"].set_index("name")
    # F walks six cells to the road's end at 850; 700 m by road take 1.4 min. C boards anywhere in
    # its cell, at most 50 m of road from where it lies.
    assert rows["minutes"]["C"] == pytest.approx(6.0 + 1.4, abs=0.1 + 1e-9)
    assert rows["way"].to_dict() == {"A": "foot", "B": "foot", "C": "road"}
    assert rows["walk_min"]["C"] == pytest.approx(0.0, abs=0.11)
    assert rows["foot_min"]["C"] == pytest.approx(13.0)
    assert rows["facility"]["C"] == "F"
    # The straight walk of 600 m at 6 km/h and the same road.
    assert rows["straight_min"]["C"] == pytest.approx(6.0 + 1.4)


def test_a_village_far_from_every_road_has_an_honest_time(tmp_path):
    far = ("D", 1550, 950, {**TOWN, "population": 50.0, "households": 10.0})
    result = calculate(tmp_path, cover=lake(), road_rows=[ROAD], villages=[*VILLAGES, far],
                       attach_limit_m=700.0, off_path_share=0.5)  # fmt: skip
    rows = result.layers["villages"].set_index("name")
    # Twelve minutes from F to the road, 1.4 by road, and four cells at half the speed.
    assert rows["minutes"]["D"] == pytest.approx(11.5 + 1.4 + 7.5, abs=0.6)
    assert rows["way"]["D"] == "road"


@pytest.mark.parametrize(("direction", "slope"), [("to", -0.1), ("from", 0.1)])
def test_uphill_one_way_is_downhill_the_other(tmp_path, direction, slope):
    found = minutes(calculate(tmp_path, z=heights(east_slope=0.1), direction=direction))
    ratio = np.exp(-3.5 * 0.05) / np.exp(-3.5 * abs(slope + 0.05))
    assert found["A"] == pytest.approx(5.0 * ratio, rel=1e-5)


def test_slopes_are_told_apart_from_land_cover(tmp_path):
    result = calculate(tmp_path, z=heights(east_slope=0.1), direction="from")
    compared = result.tables["compared"].set_index("model")
    assert compared.loc["level", "median_min"] == pytest.approx(5.0)
    more = 5.0 * (np.exp(3.5 * 0.1) - 1)
    assert compared.loc["level", "less_by_min"] == pytest.approx(more, rel=1e-5)
    assert compared.loc["straight", "reached"] == 0
    assert np.isnan(compared.loc["straight", "median_min"])


def test_a_cliff_is_walked_round_or_not_at_all(tmp_path):
    z = heights()
    z[:, :, 20:] += 300.0  # 71° over the two cells beside the edge
    assert np.isnan(minutes(calculate(tmp_path, z=z))["C"])
    assert np.isfinite(minutes(calculate(tmp_path, z=z, cliff_deg=80.0))["C"])


def test_a_village_on_a_cell_of_water_still_has_a_way(tmp_path):
    cover = lake()
    cover[0, 14, 17] = 80  # where A lies
    assert minutes(calculate(tmp_path, cover=cover))["A"] == pytest.approx(5.0)


def test_bands_hold_the_land_and_the_raster_says_what_it_is(tmp_path):
    result = calculate(tmp_path)
    bands = result.layers["bands"]
    with rasterio.open(result.rasters["minutes"]) as file:
        pixels = file.read(1)
        assert file.tags()["direction"] == "to"
    assert np.isfinite(pixels).sum() == 200  # 20 × 10 cells of the township
    assert list(bands["minutes_band"]) == ["0–5 min", "5–10 min"]
    near = [(pixels <= 5).sum(), ((pixels > 5) & (pixels <= 10)).sum()]
    assert list(bands["area_km2"]) == pytest.approx([n * 0.01 for n in near])
    assert bands.geometry.is_valid.all()


def test_people_are_counted_by_township_and_band(tmp_path):
    result = calculate(tmp_path)
    rows = result.tables["by_township"].set_index("township")
    assert rows.loc["甲镇", "within_5"] == pytest.approx(0.4)
    assert rows.loc["甲镇", "beyond"] == pytest.approx(0.6)
    banded = result.tables["by_band"]
    whole = banded[banded["township"] == "全县"].set_index("band_range")["population"]
    assert whole.to_dict() == {"0–5 min": 400, "5–10 min": 0, "beyond": 600, "unserved": 0}


def test_a_village_without_a_position_is_listed(tmp_path):
    lost = without_position(points("villages", *VILLAGES), "A")
    result = calculate(tmp_path, villages=lost)
    assert minutes(result, "state")["A"] == "no_position"
    assert "A" in set(result.tables["unserved"]["name"])


def test_without_a_facility_nothing_is_computed(tmp_path):
    result = calculate(tmp_path, outlets=[("F", 250, 550, {"status": "closed"})])
    assert (result.status, result.missing) == ("not_computable", ("facilities",))


def test_facilities_on_unknown_ground_are_refused(tmp_path):
    z = heights()
    z[:] = -9999
    z[:, :, 25:] = 1500.0
    with pytest.raises(DataError, match="None of the 1 facilities"):
        calculate(tmp_path, z=z)
    assert not list(tmp_path.glob("minutes*"))


def test_what_is_missing_is_said(tmp_path):
    codes = {w.code for w in calculate(tmp_path).warnings}
    assert {"walking-no-roads", "walking-no-cover"} <= codes
    codes = {w.code for w in calculate(tmp_path, cover=lake(), road_rows=[ROAD]).warnings}
    assert not {"walking-no-roads", "walking-no-cover"} & codes


def test_unknown_cover_lets_nobody_through_and_is_said(tmp_path):
    cover = lake()
    cover[:, :, 20] = 0
    result = calculate(tmp_path, cover=cover)
    assert np.isnan(minutes(result)["C"])
    (notice,) = [w for w in result.warnings if w.code == "walking-cover-unknown"]
    assert notice.values["share"] == pytest.approx(10 / 200)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"neighbours": 5}, "walking-neighbours"),
        ({"direction": "sideways"}, "direction-unknown"),
        ({"cell_m": 0.0}, "grid-cell"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, changes, code):
    with pytest.raises(UsageError) as told:
        calculate(tmp_path, **changes)
    assert told.value.code == code
    assert not list(tmp_path.glob("minutes*"))


def test_a_raster_of_another_place_is_refused(tmp_path):
    away = raster(tmp_path, "elevation", heights(), west=900_000.0, north=2000.0, cell=100.0)
    with pytest.raises(DataError, match="does not meet"):
        calculate(tmp_path, elevation=away)
    assert not list(tmp_path.glob("minutes*"))


def test_unnamed_cover_is_walked_off_the_path():
    pace = Pace(5.04, 0.6, 0.4, (10.0,), (50.0,), (80.0,), 45.0)
    assert pace.factors([10.0, 40.0, 50.0, 80.0]) == {10: 0.4, 40: 0.6, 50: 1.0, 80: 0.0}


@settings(max_examples=40, deadline=None)
@given(
    ends=st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 8), st.sampled_from([0, 1])),
        min_size=2, max_size=9,
    ),
    toward=st.booleans(),
)  # fmt: skip
def test_minutes_along_a_road_are_those_of_a_stop_there(ends, toward):
    """Oracle: the network split at some points along its roads and searched anew."""
    rows = [
        ("cement", [(100 * a, 90 * b), (100 * b + 40, 90 * a + 70)],
         {"speed_kmh": 30.0, **({"oneway": "forward"} if one else {})})
        for a, b, one in ends
    ]  # fmt: skip
    edges = network(roads(*rows)).frame
    whole = RoadNetwork.from_edges(edges)
    sites = gpd.GeoDataFrame(geometry=[shapely.Point(edges.geometry.iloc[0].coords[0])], crs=CRS)
    grid = Grid.covering((-100, -100, 1000, 1000), 100.0, CRS)
    still = np.zeros(grid.shape)
    on_foot = Walk(grid, still, still.astype(np.int32), np.empty(0, np.int64))
    along = Boarding.along(whole, sites, on_foot, toward=toward, attach_limit_m=50.0, step_m=37.0)
    at = np.array([[p.x, p.y] for p in sites.geometry])
    chosen = slice(None, None, max(len(along.x) // 12, 1))
    x, y = along.x[chosen], along.y[chosen]
    stops = [attach(whole, *at.T, limit_m=1.0), attach(whole, x, y, limit_m=1.0)]
    split, (site, stop) = whole.split(stops)
    wanted = nearest(split, site, toward=toward).cost[stop]
    # Where roads cross without a junction, a point may lie on both and is attached to either.
    own = np.array([edges.geometry.distance(shapely.Point(a, b)).le(1e-6).sum() for a, b in
                    zip(x, y, strict=True)]) == 1  # fmt: skip
    found = along.minutes[chosen]
    assert found[own] == pytest.approx(wanted[own], nan_ok=True, abs=1e-9)
    assert np.array_equal(np.isnan(along.minutes), along.facility < 0)
