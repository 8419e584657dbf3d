"""New outlets and cold stores on a town that can be worked out by hand.

     A ---- B ---- C ---- D ---- E          one cement road, 2.5 km = 5 min between neighbours
    100    10     5      20    100  people  committees, on the road; all are candidates

     F (7 people)  on a road of its own, 50 km away

Within 5 min: A serves AB, B ABC, C BCD, D CDE, E DE. People of A to E: 235.

- fewest for 80 % of the people (188): one site serves 125 at most (D), so two. Those that serve all
  235: A+D 10·5 + 5·5 + 100·5 = 575 minutes of people, B+E 100·5 + 5·5 + 20·5 = 625, B+D 1025: A+D.
- most with one site: D by people (125 of 235). By villages within 10 min: C, all five.
- nearest with one: D, 100·15 + 10·10 + 5·5 + 100·5 = 2125 people minutes (C: 2150).
- farthest with one: C, 10 min; with two, 5 min.
- twice within 5 min: with four sites A, B, D, E, all five villages. With three by people: B, D, E
  serve C, D, E twice, 125 (A, B, D: A, B, C, 115).
"""

from dataclasses import replace
from itertools import combinations

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box
from towns import (
    CRS,
    layer,
    layer_catalogue,
    network,
    parameters,
    points,
    roads,
    small_county,
    without_position,
)

from yanshan_gis.errors import UsageError
from yanshan_gis.layer import Layer
from yanshan_gis.methods.new_sites import choose
from yanshan_gis.raster.grid import Grid
from yanshan_gis.store.rasters import write_raster

MINUTES_M = 500  # metres a minute, at 30 km/h
MAIN = ("cement", [(0, 0), (10_000, 0)], {"speed_kmh": 30})
AWAY = ("cement", [(0, 50_000), (1000, 50_000)], {"speed_kmh": 30})
PEOPLE = {"A": 100, "B": 10, "C": 5, "D": 20, "E": 100}


def committee(name, x, y, people, township="甲镇", **more):
    values = {"level": "committee", "township": township, "population": people, **more}
    return (name, x, y, values)


TOWN = [committee(name, 2500 * i, 0, PEOPLE[name]) for i, name in enumerate("ABCDE")]
FAR = committee("F", 500, 50_000, 7, "乙乡")


def outlet(name, x, y=0, status="existing", **more):
    return (name, x, y, {"status": status, **more})


def site(objective, villages=None, facilities=(), *, road_rows=(MAIN, AWAY), kind="outlets",
         recipe="site-outlets", masks=None, **changes):  # fmt: skip
    place = villages if isinstance(villages, Layer) else points("villages", *(villages or TOWN))
    given_masks = {"control_lines": None, "desertification": None, "elevation": None}
    changes.setdefault("limit_min", 5)
    changes.setdefault("weigh_by", "population")
    return choose(
        villages=place,
        facilities=points(kind, *facilities) if facilities else None,
        townships=None,
        ground=None,
        network=network(roads(*road_rows)),
        **(given_masks | (masks or {})),
        **parameters(recipe, objective=objective, **changes),
    )


def chosen(result):
    return list(result.tables["steps"]["name"])


def figure(result, key):
    return next(i for i in result.indicators if i.key == key)


def value(result, key):
    return figure(result, key).value


def codes(result):
    return {notice.code for notice in result.warnings}


def told(result):
    return [notice.render() for notice in result.warnings]


def villages_of(result):
    return result.layers["villages"].set_index("name")


# The objectives


def test_fewest_then_most_then_least_minutes():
    result = site("fewest")
    assert chosen(result) == ["D", "A"]  # D brings 125 of the people, A the other 110
    assert value(result, "sites") == value(result, "bound") == 2
    assert value(result, "gap") == 0
    after = figure(result, "share_after")
    assert (after.numerator, after.denominator, after.target) == (235, 235, 0.8)
    assert after.met
    assert value(result, "mean_min") == pytest.approx(575 / 235)
    steps = result.tables["steps"]
    assert list(steps["newly"]) == [3, 2]
    assert list(steps["gain"]) == [125, 110]
    assert list(steps["share"]) == pytest.approx([125 / 235, 1])


def test_all_of_them_is_the_set_cover():
    assert value(site("fewest", target_share=1), "sites") == 2
    assert value(site("fewest", target_share=0), "sites") == 0


def test_most_by_people_and_by_villages():
    by_people = site("most", sites=1)
    assert chosen(by_people) == ["D"]
    assert figure(by_people, "share_after").numerator == value(by_people, "bound") == 125
    assert figure(by_people, "villages_after").numerator == 3
    by_villages = site("most", sites=1, weigh_by="villages", limit_min=10)
    assert chosen(by_villages) == ["C"]
    assert figure(by_villages, "share_after").numerator == 5


def test_nearest_on_average():
    result = site("nearest", sites=1)
    assert chosen(result) == ["D"]
    assert value(result, "mean_min") == pytest.approx(2125 / 235)
    assert value(result, "bound") == pytest.approx(2125 / 235)
    assert figure(result, "bound").unit == "min"


@pytest.mark.parametrize(("sites", "minutes"), [(1, 10), (2, 5), (5, 0)])
def test_the_farthest_as_near_as_can_be(sites, minutes):
    result = site("farthest", sites=sites)
    assert value(result, "longest_min") == pytest.approx(minutes)
    assert value(result, "bound") == pytest.approx(minutes)


def test_twice():
    four = site("twice", sites=4)
    assert sorted(chosen(four)) == ["A", "B", "D", "E"]
    assert figure(four, "twice").numerator == 235
    three = site("twice", sites=3)
    assert sorted(chosen(three)) == ["B", "D", "E"]
    assert figure(three, "twice").numerator == value(three, "bound") == 125


def test_money_instead_of_a_number():
    result = site("most", money_wan=70, site_cost_wan=30)
    assert sorted(chosen(result)) == ["A", "D"]  # two at 30 each
    assert value(result, "cost") == 60
    cheap = [outlet("P", 0, status="planned", cost_wan=10.0),
             outlet("Q", 7500, status="planned", cost_wan=65.0)]  # fmt: skip
    planned = site("most", None, cheap, candidates="planned", money_wan=70)
    assert chosen(planned) == ["Q"]  # 125 people; P serves 110 for less; both cost 75


def test_money_without_costs_is_not_computable():
    result = site("most", money_wan=70)
    assert (result.status, result.missing) == ("not_computable", ("site_cost",))
    assert "Money is limited, but 5 candidates have no cost." in told(result)


# Sites that are there, and candidates that may not be chosen


def test_existing_sites_are_kept_inside_the_model():
    # B's outlet serves A, B and C, 115; the target needs 73 more: E, whose minutes are 20·5, not D,
    # 100·5. An outlet added after solving would leave A+D and be a third.
    result = site("fewest", None, [outlet("O", 2500)])
    assert chosen(result) == ["E"]
    assert figure(result, "share_before").numerator == 115
    assert list(result.layers["sites"]["state"]) == ["new", "existing"]
    assert villages_of(result)["state"].to_dict() == {
        "A": "before", "B": "before", "C": "before", "D": "newly", "E": "newly",
    }  # fmt: skip
    table = result.tables["by_township"].set_index("township")
    assert table.loc["全县", ["before", "newly", "after", "new_sites"]].tolist() == [3, 2, 5, 1]


def test_enough_already():
    result = site("fewest", None, [outlet("O", 2500)], target_share=0.4)
    assert chosen(result) == []
    assert "sites-not-needed" in codes(result)
    assert value(result, "share_after") == value(result, "share_before") == 115 / 235


def test_only_the_statuses_asked_for_are_kept():
    planned = [outlet("O", 2500, status="planned")]
    result = site("fewest", None, planned)
    assert value(result, "share_before") == 0
    assert "1 facilities of another status do not count as kept." in told(result)
    kept = site("fewest", None, planned, statuses=("existing", "planned"))
    assert figure(kept, "share_before").numerator == 115


LINES = ("permanent_basic_farmland", "ecological_redline", "urban_boundary")


@pytest.mark.parametrize("kind", LINES)
def test_no_site_within_control_lines(kind):
    lines = layer("control_lines", [{"kind": kind}], [box(7000, -500, 8000, 500)])
    result = site("most", sites=1, masks={"control_lines": lines})
    assert "control-lines-unchecked" not in codes(result)
    assert "desertification-unchecked" in codes(result)
    if kind == "urban_boundary":
        assert chosen(result) == ["D"]
        assert not len(result.tables["forbidden"])
        return
    assert chosen(result) == ["E"]  # 120 people, after D's 125
    table = result.tables["forbidden"]
    assert table[["name", "reason", "line"]].to_numpy().tolist() == [["D", "control_line", kind]]
    assert list(result.layers["barred"]["name"]) == ["D"]
    assert villages_of(result).loc["D", "state"] == "newly"  # it may be served all the same


def test_an_existing_site_on_forbidden_ground_stays():
    lines = layer("control_lines", [{"kind": LINES[0]}], [box(7000, -500, 8000, 500)])
    result = site("most", None, [outlet("O", 7500)], sites=0, masks={"control_lines": lines})
    assert figure(result, "share_after").numerator == 125


def test_no_site_on_severe_desertification_or_steep_ground(tmp_path):
    grades = layer(
        "desertification",
        [{"grade": "severe"}, {"grade": "light"}],
        [box(7000, -500, 8000, 500), box(-500, -500, 500, 500)],
    )
    # Cells of 100 m; east of x = 9000 the ground rises 100 m each: 45°. Elsewhere flat.
    grid = Grid((20, 120), Affine(100, 0, -1000, 0, -100, 1000), CRS)
    heights = np.tile(np.maximum(grid.x - 9000, 0), (20, 1))
    path = write_raster(tmp_path, "elevation", grid, heights, nodata=-9999)[0]
    empty = gpd.GeoDataFrame({"id": []}, geometry=[], crs=CRS)
    ground = Layer(layer_catalogue()["elevation"], empty, (), raster=path)
    result = site("most", sites=1, masks={"desertification": grades, "elevation": ground})
    table = result.tables["forbidden"].set_index("name")
    assert table["reason"].to_dict() == {"D": "desertification", "E": "slope"}
    assert table.loc["E", "slope_deg"] == pytest.approx(45, abs=0.1)
    assert table.loc["D", "grade"] == "severe"
    assert chosen(result) == ["B"]  # 115; light grades forbid nothing
    assert codes(result) & {"slope-unchecked", "desertification-unchecked"} == set()
    assert "2 of 5 candidates are forbidden, with reasons in the table." in told(result)


def test_a_mask_that_does_not_exist_is_said_to_be_unchecked():
    unchecked = {"control-lines-unchecked", "desertification-unchecked", "slope-unchecked"}
    assert unchecked <= codes(site("most", sites=1))
    assert unchecked <= codes(site("fewest", [FAR], limit_min=0, candidates="planned"))


def test_a_slope_nobody_knows_forbids_nothing_and_is_told(tmp_path):
    grid = Grid((20, 20), Affine(100, 0, -1000, 0, -100, 1000), CRS)  # A only
    path = write_raster(tmp_path, "elevation", grid, np.zeros((20, 20)), nodata=-9999)[0]
    empty = gpd.GeoDataFrame({"id": []}, geometry=[], crs=CRS)
    ground = Layer(layer_catalogue()["elevation"], empty, (), raster=path)
    result = site("most", sites=1, masks={"elevation": ground})
    assert chosen(result) == ["D"]
    assert "The slope at 4 candidates is not known; they may be chosen." in told(result)


# No answer


def test_infeasible_names_the_village_its_nearest_candidate_and_the_limit_that_would_do():
    # G is 9 km up a road from E: 18 min. Only E and D may be chosen; G itself is forbidden.
    rows = [*TOWN, committee("G", 10_000, 9_000, 3, "丙乡")]
    up = ("cement", [(10_000, 0), (10_000, 9_000)], {"speed_kmh": 30})
    lines = layer("control_lines", [{"kind": LINES[1]}], [box(9_500, 8_500, 10_500, 9_500)])
    result = site("fewest", rows, road_rows=(MAIN, up), target_share=1,
                  masks={"control_lines": lines})  # fmt: skip
    assert result.status == "infeasible"
    assert told(result)[:4] == [
        "No choice of candidates brings 100.0% of the people within 5 min of a site.",
        "G (丙乡): the nearest site or candidate, E, is 18.0 min away.",
        "A limit of 18.0 min would be enough.",
        "98.7% can be served as asked.",  # 235 / 238, rounded down
    ]
    row = result.tables["shortfall"].iloc[0]
    assert (row["name"], row["nearest"], row["state"]) == ("G", "E", "far")
    assert row["minutes"] == pytest.approx(18)
    assert value(result, "sites") is None
    assert chosen(result) == []
    assert set(result.layers) >= {"sites", "villages", "barred"}
    assert list(villages_of(result)["state"]) == ["unreachable"] * 6  # nothing is open
    would_do = site("fewest", rows, road_rows=(MAIN, up), target_share=1, limit_min=18,
                    masks={"control_lines": lines})  # fmt: skip
    assert would_do.status == "ok"


def test_too_few_sites_say_how_many_would_do():
    result = site("twice", sites=1)
    assert result.status == "infeasible"
    assert told(result)[:4] == [
        "With 1 new sites no choice brings every village within 5 min.",
        "A limit of 10.0 min would be enough.",
        "2 new sites would be enough.",
        "53.1% can be served as asked.",  # 125 / 235 = 0.5319
    ]
    assert site("twice", sites=2).status == "ok"
    assert site("twice", sites=1, limit_min=10).status == "ok"


def test_two_valleys_need_two_sites():
    result = site("nearest", [*TOWN, FAR], sites=1)
    assert result.status == "infeasible"
    assert told(result)[:2] == [
        "With 1 new sites no choice serves every village by road.",
        "2 new sites would be enough.",
    ]
    assert sorted(chosen(site("nearest", [*TOWN, FAR], sites=2))) == ["D", "F"]


def test_nobody_left_to_serve_is_no_answer_either():
    lines = layer("control_lines", [{"kind": LINES[0]}], [box(-1, 49_000, 20_000, 51_000)])
    full = [outlet("O", 2500), outlet("P", 7500)]
    result = site("most", [*TOWN, FAR], full, sites=3, masks={"control_lines": lines})
    assert result.status == "infeasible"
    assert told(result)[0] == "No candidate brings any further village within 5 min of a site."
    assert "F (乙乡): no road leads to any site or candidate." in told(result)
    assert "No limit would be enough for 100.0%." in told(result)


def test_no_candidate():
    result = site("fewest", candidates="planned")
    assert result.status == "infeasible"
    assert len(result.tables["shortfall"]) == 5
    assert set(result.tables["shortfall"]["state"]) == {"unreachable"}
    assert "catchments" not in result.layers
    # Roads lead to the outlets that are kept, and these are not enough.
    kept = site("fewest", None, [outlet("O", 0)], candidates="planned")
    assert "A limit of 20.0 min would be enough." in told(kept)
    assert set(kept.tables["shortfall"]["nearest"]) == {"O"}


def test_many_villages_are_not_all_named_and_none_is_lost():
    rows = [committee(f"v{i}", 800 * i, 0, 1) for i in range(12)]
    result = site("fewest", rows, candidates="planned")
    assert sum(notice.code == "village-without-site" for notice in result.warnings) == 8
    assert "12 villages in all have no site in reach; the table lists them." in told(result)
    assert len(result.tables["shortfall"]) == 12


# Edges


def test_no_site_allowed():
    result = site("most", sites=0)
    assert (result.status, chosen(result), value(result, "share_after")) == ("ok", [], 0)
    assert site("nearest", sites=0).status == "infeasible"


def test_one_village():
    for objective in ("fewest", "most", "nearest", "farthest", "twice"):
        result = site(objective, TOWN[:1], sites=1)
        assert chosen(result) == ["A"]
        assert value(result, "mean_min") == value(result, "longest_min") == 0


def test_no_village():
    result = site("fewest", points("villages", *TOWN).where(level="natural"))
    assert (result.status, result.missing) == ("not_computable", ("villages (0)",))


def test_people_nobody_knows_count_as_none_and_are_told():
    rows = [committee(n, 2500 * i, 0, None if n == "C" else PEOPLE[n])
            for i, n in enumerate("ABCDE")]  # fmt: skip
    result = site("most", rows, sites=1)
    assert figure(result, "share_after").denominator == 230
    assert "1 villages have no number to weigh them by and count as 0." in told(result)
    nobody = [committee(n, 2500 * i, 0, None) for i, n in enumerate("ABCDE")]
    result = site("most", nobody, sites=1)
    assert (result.status, result.missing) == ("not_computable", ("villages.population",))


def test_a_village_without_position_is_not_served_and_told():
    rows = without_position(points("villages", *TOWN), "C")
    result = site("fewest", rows, weigh_by="villages")
    assert villages_of(result).loc["C", "state"] == "no_position"
    assert figure(result, "share_after").denominator == 5
    assert "villages-off-road" in codes(result)


@pytest.mark.parametrize(
    "wrong",
    [
        {"objective": "best"}, {"sites": -1}, {"sites": 1.5}, {"money_wan": -1},
        {"target_share": 1.2}, {"level": "county"}, {"weigh_by": "cattle"},
        {"candidates": "anywhere"},
    ],
)  # fmt: skip
def test_wrong_parameters(wrong):
    with pytest.raises(UsageError):
        site(wrong.pop("objective", "most"), **wrong)


# What other tools were seen to get wrong


def test_shares_are_of_the_people_and_not_of_the_villages():
    # One village of three, with 998 of 1000 people: 99.8 %, not 33 %.
    rows = [committee("A", 0, 0, 998), committee("B", 5000, 0, 1), committee("C", 10_000, 0, 1)]
    assert value(site("most", rows, sites=1), "share_after") == 0.998


def test_minutes_are_from_the_village_to_the_site():
    # One-way from west to east: A reaches E in 20 min; E does not reach A at all.
    one_way = ("cement", [(0, 0), (10_000, 0)], {"speed_kmh": 30, "one_way": "forward"})
    rows = [TOWN[0], TOWN[4]]
    result = site("nearest", rows, road_rows=[one_way], sites=1)
    assert chosen(result) == ["E"]
    assert villages_of(result)["minutes"].to_dict() == pytest.approx({"A": 20, "E": 0})


def test_no_way_is_no_number_and_does_not_lower_the_mean():
    lines = layer("control_lines", [{"kind": LINES[0]}], [box(-1, 49_000, 20_000, 51_000)])
    result = site("nearest", [*TOWN, FAR], sites=1, masks={"control_lines": lines})
    assert np.isnan(villages_of(result).loc["F", "minutes"])
    assert villages_of(result).loc["F", "state"] == "unreachable"
    assert list(result.tables["missed"]["name"])[-1] == "F"
    assert value(result, "mean_min") == pytest.approx(2125 / 235)
    assert figure(result, "share_after").denominator == 242  # F is counted among those who ask
    assert "villages-unreachable" in codes(result)
    farthest = site("farthest", [*TOWN, FAR], sites=1, masks={"control_lines": lines})
    assert value(farthest, "longest_min") == pytest.approx(10)
    twice = site("twice", [*TOWN, FAR], sites=4, masks={"control_lines": lines})
    assert figure(twice, "twice").numerator == 235


def test_a_walk_takes_its_time_at_both_ends():
    # At 5 km/h: 500 m from the road 6 min, 250 m on the other side 3 min; 2.5 km by road 5 min.
    rows = [committee("A", 0, 500, 100), committee("B", 2500, -250, 10)]
    result = site("nearest", rows, sites=1)
    assert chosen(result) == ["A"]
    assert villages_of(result)["minutes"].to_dict() == pytest.approx({"A": 0, "B": 14})


def test_a_village_far_from_every_road_is_not_at_its_site_in_no_time():
    # 1.6 km off the network, and a candidate itself.
    rows = [*TOWN, committee("G", 5000, 1600, 500)]
    result = site("fewest", rows)
    assert villages_of(result).loc["G", "state"] == "unattached"
    assert np.isnan(villages_of(result).loc["G", "minutes"])
    assert result.status == "infeasible"  # 235 of 735 at most
    assert "G (甲镇): no road within the attach limit." in told(result)


def test_an_isolated_village_does_not_spoil_the_rest():
    assert sorted(chosen(site("fewest", [*TOWN, FAR]))) == ["A", "D"]  # 235 of 242


# Cold stores and what they hold


def store(name, x, status=None, **more):
    return (name, x, 0, {"status": status, **more})


def cold(objective="most", stores=(), **changes):
    return site(objective, None, stores, kind="cold_storage", recipe="site-cold-stores",
                **{"need_m3": 1000, **changes})  # fmt: skip


def test_a_store_serves_no_more_than_it_holds():
    # 1 m³ each. B's store of 110 m³ holds A and B; C is in reach and has no room. A new one of
    # 120 m³ at D holds D and E, or C and E: D and E are more people.
    result = cold(stores=[store("O", 2500, volume_m3=110.0)], sites=1, new_volume_m3=120)
    assert chosen(result) in (["D"], ["E"])
    assert figure(result, "share_before").numerator == 110
    assert figure(result, "share_after").numerator == value(result, "bound") == 230
    assert villages_of(result)["state"].to_dict() == {
        "A": "before", "B": "before", "C": "no_room", "D": "newly", "E": "newly",
    }  # fmt: skip
    assert list(result.tables["missed"]["name"]) == ["C"]
    assert {"need-assumed", "volume-assumed"} <= codes(result)


def test_a_store_of_unknown_volume_has_no_known_room():
    known = store("O", 0, volume_m3=235.0)
    result = cold(stores=[known, store("P", 10_000, floor_area_m2=900.0)], sites=0, need_m3=0)
    # Need: 235 m³ for 235 people. O holds A and B, in reach; P, nearest to D and E, holds nobody.
    assert "1 stores have no known volume and count with no room." in told(result)
    assert figure(result, "share_after").numerator == 110
    assert villages_of(result).loc["E", "state"] == "no_room"
    assert any("1000.0 m³ per 1,000 people" in text for text in told(result))


def test_a_village_larger_than_any_store_says_so():
    result = cold(sites=2, need_m3=1000, new_volume_m3=4, limit_min=4)
    assert result.status == "infeasible"
    assert told(result)[0] == (
        "Every village within 4 min of a site needs more than the site can hold."
    )


def test_without_volumes_or_by_villages_room_is_not_asked():
    for changes in ({"need_m3": 0}, {"weigh_by": "villages", "new_volume_m3": 9}):
        result = cold(sites=2, **changes)
        assert value(result, "share_after") == 1
        assert "capacities-unknown" in codes(result)


def test_planned_stores_are_kept_by_default_and_other_objectives_ask_no_room():
    result = cold("nearest", [store("O", 10_000, "planned", volume_m3=1.0)], sites=1)
    assert chosen(result) == ["A"]
    assert value(result, "share_after") == pytest.approx(230 / 235)
    assert "need-assumed" not in codes(result)


def test_one_village_no_store_and_no_candidate():
    one = {"need_m3": 1000, "new_volume_m3": 200, "kind": "cold_storage",
           "recipe": "site-cold-stores"}  # fmt: skip
    result = site("most", TOWN[:1], sites=1, **one)
    assert chosen(result) == ["A"]
    assert value(result, "share_after") == 1
    none = site("most", TOWN[:1], sites=0, **one)
    assert (none.status, chosen(none), value(none, "share_after")) == ("ok", [], 0)
    nowhere = site("most", TOWN[:1], sites=1, candidates="planned", **one)
    assert chosen(nowhere) == []
    assert value(nowhere, "share_after") == 0


def test_a_village_no_road_leads_to_is_served_by_no_store():
    # F stands on a road of its own, where no store may stand but a new one.
    result = site("most", [*TOWN, FAR], [store("O", 5000, volume_m3=999.0)], kind="cold_storage",
                  recipe="site-cold-stores", sites=0, need_m3=1000, limit_min=60)  # fmt: skip
    assert villages_of(result).loc["F", "state"] == "unreachable"
    assert np.isnan(villages_of(result).loc["F", "minutes"])
    assert figure(result, "share_after").numerator == 235


def test_a_store_for_people_nobody_counted():
    rows = [committee(n, 2500 * i, 0, None if n == "E" else PEOPLE[n])
            for i, n in enumerate("ABCDE")]  # fmt: skip
    result = site("most", rows, kind="cold_storage", recipe="site-cold-stores", sites=1,
                  need_m3=1000, new_volume_m3=200)  # fmt: skip
    # Without E's people: B serves A, B and C, 115; D serves C and D, 25.
    assert chosen(result) == ["B"]
    assert figure(result, "share_after").denominator == 135


def test_more_stores_never_serve_less_and_the_unit_of_people_changes_nothing():
    shares = [value(cold(sites=n, new_volume_m3=110), "share_after") for n in range(5)]
    assert shares == sorted(shares)
    # One store has room for A and B, 110; another then for C and E, 105 (D and E are 120).
    assert shares[:3] == pytest.approx([0, 110 / 235, 215 / 235])
    many = [committee(n, 2500 * i, 0, 1000 * PEOPLE[n]) for i, n in enumerate("ABCDE")]
    often = [
        site("most", many, kind="cold_storage", recipe="site-cold-stores", sites=n, need_m3=1,
             new_volume_m3=110)
        for n in range(5)
    ]  # fmt: skip
    assert [value(one, "share_after") for one in often] == pytest.approx(shares)


# Properties


@st.composite
def cases(draw):
    """Draw villages on a line with people, a kept outlet or none, and what may be opened."""
    count = draw(st.integers(2, 6))
    metres = draw(st.lists(st.integers(0, 40), min_size=count, max_size=count, unique=True))
    people = draw(st.lists(st.integers(1, 50), min_size=count, max_size=count))
    return 250 * np.array(metres), people, draw(st.booleans()), draw(st.integers(1, 3))


def ask(objective, case, *, factor=1, **changes):
    metres, people, kept, sites = case
    rows = [committee(f"v{i}", int(x), 0, factor * p)
            for i, (x, p) in enumerate(zip(metres, people, strict=True))]  # fmt: skip
    facilities = [outlet("O", 0)] if kept else []
    return site(objective, rows, facilities, road_rows=[MAIN], **{"sites": sites, **changes})


def enumerated(case, count):
    """Return minutes to the nearest open site and how often each village is reached, per choice."""
    metres, _, kept, _ = case
    minutes = np.abs(metres[:, None] - metres) / MINUTES_M
    for picked in combinations(range(len(metres)), min(count, len(metres))):
        to_open = minutes[:, list(picked)]
        if kept:
            to_open = np.column_stack([to_open, metres / MINUTES_M])
        yield to_open.min(axis=1, initial=np.inf), (to_open <= 5).sum(axis=1)


@settings(max_examples=12, deadline=None)
@given(cases())
def test_every_objective_equals_enumeration(case):
    people, count = np.array(case[1]), case[3]
    found = list(enumerated(case, count))
    most = max(people @ (times > 0) for _, times in found)
    assert figure(ask("most", case), "share_after").numerator == most
    mean = min(people @ minutes for minutes, _ in found) / people.sum()
    assert value(ask("nearest", case), "mean_min") == pytest.approx(mean, rel=1e-6)
    longest = min(minutes.max() for minutes, _ in found)
    assert value(ask("farthest", case), "longest_min") == pytest.approx(longest)
    twice = [people @ (times > 1) for _, times in found if times.all()]
    result = ask("twice", case)
    assert (result.status == "infeasible") == (not twice)
    if twice:
        assert figure(result, "twice").numerator == max(twice)
    enough = (
        n
        for n in range(len(people) + 1)
        if max(people @ (times > 0) for _, times in enumerated(case, n)) >= 0.8 * people.sum()
    )
    assert value(ask("fewest", case), "sites") == next(enough)


@settings(max_examples=6, deadline=None)
@given(cases())
def test_scaling_weights_changes_nothing(case):
    for objective in ("fewest", "most", "nearest"):
        once, often = ask(objective, case), ask(objective, case, factor=1000)
        assert chosen(once) == chosen(often)
        assert value(once, "share_after") == pytest.approx(value(often, "share_after"))


@settings(max_examples=6, deadline=None)
@given(cases())
def test_more_sites_more_money_and_more_time_never_serve_less(case):
    shares = [value(ask("most", case, sites=n), "share_after") for n in range(4)]
    assert shares == sorted(shares)
    by_money = [
        value(ask("most", case, money_wan=m, site_cost_wan=30), "share_after") for m in (30, 60, 90)
    ]
    assert by_money == pytest.approx(shares[1:])
    farther = [value(ask("most", case, limit_min=m), "share_after") for m in (2, 5, 9)]
    assert farther == sorted(farther)
    fewest = [value(ask("fewest", case, target_share=s), "sites") for s in (0.5, 0.8, 1)]
    assert fewest == sorted(fewest)


# What leaves the house


@pytest.mark.parametrize("recipe", ["site-outlets", "site-cold-stores"])
def test_a_county_in_small(recipe):
    layers = {one.name: one for one in small_county()}
    kind = "outlets" if recipe == "site-outlets" else "cold_storage"
    result = choose(
        villages=layers["villages"],
        facilities=layers[kind],
        townships=layers["townships"],
        ground=layers["county"],
        control_lines=None,
        desertification=None,
        elevation=None,
        network=network(layers["roads"]),
        **parameters(recipe),
    )
    assert result.status == "ok"
    drawn = result.layers["catchments"]
    county = layers["county"].frame.union_all()
    assert drawn["area_km2"].sum() == pytest.approx(county.area / 1e6)
    table = result.tables["by_township"].set_index("township")
    assert table.loc["全县", "denominator"] == len(result.layers["villages"]) == 2


def test_what_is_given_stays_as_it_is():
    villages = points("villages", *TOWN)
    before = villages.frame.copy()
    site("fewest", replace(villages), [outlet("O", 2500)])
    assert villages.frame.equals(before)
