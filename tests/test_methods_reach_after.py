"""Reach before and after hardening, on a town that can be worked out by hand.

      P committee, at 3 km of the earth road       ==  cement        --  earth
      |                                            earth village roads go 12 km/h, cement ones 30
      |   of which the first 2 km are chosen
K ====+                                            K the committee with the outlet, 1 km west

P today: 3 km at 12 km/h is 15 min, 1 km at 30 is 2 min: 17 min.
After: 2 km at 30 is 4 min, 1 km at 12 is 5 min, and 2 min: 11 min. With a limit of 15, gained.
"""

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString
from towns import COUNTY, CRS, network, parameters, points, recipe_catalogue, roads, speed_table

from yanshan_gis.content import ResultInput
from yanshan_gis.errors import UsageError
from yanshan_gis.methods.built_roads import BUILT, build
from yanshan_gis.methods.reach_after import after_hardening
from yanshan_gis.network.impedance import SpeedTable
from yanshan_gis.result import Result
from yanshan_gis.run import Outcome, _result_layer

ROADS = [
    ("cement", [(-1000, 0), (0, 0)], {"admin_class": "village"}),
    ("earth", [(0, 0), (0, 4000)], {"admin_class": "village"}),
]
FIRST_2_KM = ("R000002", [(0, 0), (0, 2000)], "year_1")


def choice(*rows):
    """Return roads as `harden-first` leaves them: id, line, state."""
    import geopandas as gpd

    frame = gpd.GeoDataFrame(
        {"id": [f"S{i}" for i in range(len(rows))], "road_id": [row[0] for row in rows],
         "state": [row[2] for row in rows]},
        geometry=[LineString(row[1]) for row in rows], crs=CRS,
    )  # fmt: skip
    outcome = Outcome(recipe_catalogue()["harden-first"], Result(layers={"roads": frame}))
    return _result_layer(outcome, ResultInput(result="harden-first", layer="roads"), COUNTY)


def measured(*chosen, road_rows=ROADS, **changes):
    road_layer = roads(*road_rows)
    town = {"level": "committee", "township": "甲镇"}
    return after_hardening(
        villages=points(
            "villages",
            ("K", -1000, 0, {**town, "population": 100.0, "households": 30.0}),
            ("P", 0, 3000, {**town, "population": 50.0, "households": 20.0}),
        ),
        facilities=points("outlets", ("K店", -1000, 0, {"committee": "V000001"})),
        townships=None,
        network=network(road_layer),
        speeds=speed_table(road_layer),
        roads=choice(*chosen),
        county=COUNTY,
        **parameters("reach-after-hardening", **{"limit_min": 15.0, **changes}),
    )


def value(result, key):
    return next(i for i in result.indicators if i.key == key).value


def row(result, name):
    return result.layers["committees"].set_index("name").loc[name]


def test_a_road_hardened_in_part_is_faster_in_part():
    result = measured(FIRST_2_KM)
    p = row(result, "P")
    assert (p["minutes_before"], p["minutes"]) == pytest.approx((17, 11))
    assert p["saved_min"] == pytest.approx(6)
    assert (p["state"], row(result, "K")["state"]) == ("gained", "within")
    assert value(result, "within_minutes_before") == 0.5
    assert value(result, "within_minutes_after") == 1.0
    assert value(result, "committees_gained") == 1
    assert value(result, "within_minutes_population_before") == pytest.approx(100 / 150)
    assert value(result, "within_minutes_population_after") == 1.0
    assert list(result.tables["gained"]["name"]) == ["P"]
    assert result.layers["roads"]["length_m"].sum() == pytest.approx(2000)
    assert (result.layers["roads"]["speed_kmh"] == 30).all()
    assert result.warnings[0].values["km"] == 2.0


def test_roads_that_are_not_chosen_change_nothing():
    result = measured(("R000002", [(0, 0), (0, 2000)], "soft"))
    assert row(result, "P")["state"] == "beyond"
    assert row(result, "P")["saved_min"] == 0
    assert value(result, "committees_gained") == 0
    assert len(result.layers["roads"]) == 0


def test_nearer_and_still_beyond_is_told_apart():
    assert row(measured(FIRST_2_KM, limit_min=10.0), "P")["state"] == "nearer"


def test_a_table_that_says_all_of_it_is_the_limit_of_what_is_chosen():
    after = measured(("R000002", [(0, 0), (0, 4000)], "later"))
    assert row(after, "P")["minutes"] == pytest.approx(8)  # 4 km of 30 km/h


def test_a_surface_that_is_not_hardened_is_refused():
    with pytest.raises(UsageError, match="gravel does not count as hardened"):
        measured(FIRST_2_KM, surface="gravel")


def links(road_rows, *chosen):
    road_layer = roads(*road_rows)
    speeds = SpeedTable.from_frame(speed_table(road_layer).frame)
    before = network(road_layer).frame
    return before, build(before, choice(*chosen).frame, speeds, "cement")


def test_a_speed_of_its_own_is_kept_where_it_is_higher():
    quick = [ROADS[0], (*ROADS[1][:2], {"admin_class": "village", "speed_kmh": 45.0})]
    _, after = links(quick, FIRST_2_KM)
    assert set(after.loc[after[BUILT], "speed_kmh"]) == {45.0}
    slow = [ROADS[0], (*ROADS[1][:2], {"admin_class": "village", "speed_kmh": 8.0})]
    _, after = links(slow, FIRST_2_KM)
    assert set(after.loc[after[BUILT], "speed_kmh"]) == {30.0}


def test_slope_slows_a_hardened_link_as_it_did_before():
    before, _ = links(ROADS)
    steep = before.assign(minutes=before["minutes"] * 1.5, minutes_back=before["minutes_back"])
    speeds = SpeedTable.from_frame(speed_table(roads(*ROADS)).frame)
    after = build(steep, choice(("R000002", [(0, 0), (0, 4000)], "year_1")).frame, speeds, "cement")
    built = after[after[BUILT]]
    assert built["minutes"].sum() == pytest.approx(8 * 1.5)
    assert built["minutes_back"].sum() == pytest.approx(8)


def test_length_is_kept_and_what_is_not_chosen_stays_as_it_was():
    before, after = links(ROADS, FIRST_2_KM)
    assert after["length_m"].sum() == pytest.approx(before["length_m"].sum())
    rest = after[~after[BUILT] & (after["road_id"] == "R000002")]
    assert rest["length_m"].sum() == pytest.approx(2000)
    assert rest["minutes"].sum() == pytest.approx(10)
    assert not rest["hardened"].any()


def test_a_road_that_only_crosses_a_chosen_one_is_not_built():
    crossing = [*ROADS, ("earth", [(-500, 1000), (0, 1000), (500, 1000)], {})]
    _, after = links(crossing, FIRST_2_KM)
    assert set(after.loc[after[BUILT], "road_id"]) == {"R000002"}
    assert shapely.length(after.loc[after[BUILT]].geometry).sum() == pytest.approx(2000)


def test_speeds_written_as_rows_read_back_the_same():
    table = SpeedTable({("village", "earth"): 12.0}, {"village": 20.0}, 15.0)
    frame = table.to_frame()
    assert SpeedTable.from_frame(frame) == table
    assert frame["speed_kmh"].tolist() == [12.0, 20.0, 15.0]
    assert pd.isna(frame["admin_class"].iloc[-1])
    assert np.isfinite(frame["speed_kmh"]).all()
