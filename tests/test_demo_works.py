"""The bundled county's water works, farm bases and base stations: modelled, and consistent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from yanshan_gis.demo import build_demo

MU = 10_000 / 15
CUT_OFF = pd.Timestamp("2025-12-31")


@pytest.fixture(scope="module")
def demo():
    return build_demo()


@pytest.fixture(scope="module")
def natural(demo):
    villages = demo.layers["villages"].frame
    return villages[villages["level"] == "natural"]


@pytest.fixture(scope="module")
def water(demo):
    return demo.layers["water_projects"].frame


def frame(demo, name, **only):
    return demo.layers[name].where(**only).frame


def test_5g_falls_a_little_short_of_the_target(demo, natural):
    stations = frame(demo, "base_stations", generation="g5", status="existing")
    reach = stations["radius_m"].fillna(1500.0).to_numpy()
    tree = shapely.STRtree(natural.geometry.to_numpy())
    _, near = tree.query(stations.geometry.to_numpy(), predicate="dwithin", distance=reach)
    covered = np.isin(np.arange(len(natural)), near)
    assert 0.75 < covered.mean() < 0.8
    # The ledger agrees with the stations but for a few villages.
    assert 0.02 < np.mean(natural["ledger_5g"].to_numpy(dtype=bool) != covered) < 0.07


def test_stations_differ(demo):
    stations = demo.layers["base_stations"].frame
    assert set(stations["generation"]) == {"g5", "g4"}
    assert set(stations["status"]) == {"existing", "construction", "planned"}
    assert 0 < stations["radius_m"].isna().sum() < 40
    assert stations.loc[stations["status"] != "existing", "completed_on"].isna().all()


def test_the_plan_s_water_programme(water):
    works = water[water["programme"] == "water_works"]
    assert set(water["programme"].dropna()) == {"water_works"}
    assert works["status"].value_counts().to_dict() == {
        "existing": 30, "construction": 9, "planned": 9,
    }  # fmt: skip
    assert works["investment_wan"].sum() == pytest.approx(32_927.95)
    assert works["project_id"].is_unique
    done = works[works["status"] == "existing"]["completed_on"]
    assert done.between("2021-01-01", CUT_OFF).all()
    assert works.loc[works["status"] != "existing", "completed_on"].isna().all()
    assert water.loc[water["programme"].isna(), "project_id"].isna().all()


def test_villages_on_a_work_have_tap_water_but_for_a_few(water, natural):
    drinking = water[water["kind"] == "drinking_supply"]
    known = natural.set_index(["parent", "name"])
    share = known["households_piped"] / known["households"]
    listed = drinking[drinking["villages_served"].notna()]
    pairs = listed.assign(name=listed["villages_served"].str.split("、")).explode("name")
    served = share.loc[list(zip(pairs["committee"], pairs["name"], strict=True))].to_numpy()
    existing = (pairs["status"] == "existing").to_numpy()
    assert 0 < np.mean(served[existing] < 0.5) < 0.06
    assert np.mean(served[~existing] < 0.6) > 0.8
    homes = known["households"].loc[list(zip(pairs["committee"], pairs["name"], strict=True))]
    sums = pd.Series(homes.to_numpy(dtype=float), index=pairs["id"].to_numpy()).groupby(level=0)
    stated = listed.set_index("id")["households_served"].astype(float)
    assert sums.sum().reindex(stated.index).tolist() == stated.tolist()


def test_works_have_the_shape_of_their_kind(water):
    shapes = water.groupby("kind")["geometry"].agg(lambda g: set(g.geom_type)).to_dict()
    assert shapes == {
        "drinking_supply": {"Point", "Polygon"},
        "irrigation_canal": {"LineString"},
        "pump": {"Point"},
        "reservoir": {"Polygon"},
    }
    assert (water.loc[water.geom_type == "Polygon", "kind"] == "drinking_supply").sum() == 12


def test_farm_bases_make_the_rule_of_50_mu_matter(demo):
    bases = demo.layers["farm_bases"].frame
    assert bases["area_mu"].between(9, 1300).all()
    planting = bases[(bases["kind"] == "planting") & (bases["status"] == "existing")]
    large = planting[planting["area_mu"] >= 50]
    assert 0.5 < len(large) / len(planting) < 0.9
    assert 4 <= large["irrigated_mu"].isna().sum() <= 8
    known = large[large["irrigated_mu"].notna()]
    assert 0.65 < known["irrigated_mu"].sum() / known["area_mu"].sum() < 0.85
    assert (bases["irrigated_mu"] > bases["area_mu"]).sum() == 1
    off = (bases.area / MU - bases["area_mu"]).abs() > 0.2 * bases["area_mu"]
    assert off.sum() == 4
    assert bases.loc[bases["kind"] != "planting", "irrigated_mu"].isna().all()


def test_farm_bases_do_not_touch_and_lie_in_the_county(demo):
    shapes = demo.layers["farm_bases"].frame.geometry.to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    assert (first == second).all()
    county = demo.layers["county"].frame.geometry.iloc[0]
    assert shapely.covers(county, shapes).all()


def test_roads_name_their_programme_and_what_is_left_of_it(demo):
    roads = demo.layers["roads"].frame
    listed = roads[roads["programme"].notna()]
    km = listed.length.groupby(listed["programme"]).sum() / 1000
    assert km["access_roads"] == pytest.approx(1017.84, rel=0.05)
    assert km["in_village_roads"] == pytest.approx(382.54, rel=0.05)
    hard = listed["surface"].isin(["asphalt", "cement"])
    assert (hard == listed["completed_on"].notna()).all()
    assert listed["completed_on"].dropna().between("2021-01-01", CUT_OFF).all()
    assert listed["project_id"].is_unique
    assert (listed["programme"] == listed["scope"] + "_roads").all()


def test_a_larger_county_has_more_of_everything(demo):
    large = build_demo(scale=2)
    for name in ("base_stations", "farm_bases", "water_projects"):
        grown = len(large.layers[name].frame) / len(demo.layers[name].frame)
        assert grown == pytest.approx(2, rel=0.15), name
    works = frame(large, "water_projects", programme="water_works")
    assert len(works) == 96
