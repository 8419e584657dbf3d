"""Logistics reach on a town that can be worked out by hand.

P ======= Q ======= R ------- S         y = 0; 30 km/h on every road: 2 min per km
0         4000      9000      20000
P has an outlet of its own (the outlet names P); Q has none; R's outlet stands 300 m off and
names nobody; S is 11 km behind R. T lies 3 km off every road, U on an island road.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import COUNTY, network, parameters, points, roads, without_position

from yanshan_gis.methods.reach import coverage

FAST = {"speed_kmh": 30.0}
ROADS = [
    ("cement", [(0, 0), (4000, 0), (9000, 0), (20000, 0)], FAST),
    ("cement", [(0, -9000), (1000, -9000)], FAST),
]
TOWNS = {"township": "甲镇", "level": "committee"}
COMMITTEES = [
    ("P", 0, 0, {**TOWNS, "population": 1000.0, "households": 250.0, "ledger_outlet": True}),
    ("Q", 4000, 0, {**TOWNS, "population": 500.0, "households": 100.0, "ledger_outlet": True}),
    ("R", 9000, 0, {**TOWNS, "population": 300.0, "households": 80.0, "ledger_outlet": None}),
    ("S", 20000, 0, {"level": "committee", "township": "乙乡", "population": 200.0,
                     "households": 50.0, "ledger_outlet": False}),
    ("T", 4000, 3000, {"level": "committee", "township": "乙乡", "population": 100.0,
                       "households": 25.0, "ledger_outlet": False}),
    ("U", 500, -9000, {"level": "committee", "township": "乙乡", "population": 100.0,
                       "households": 25.0, "ledger_outlet": False}),
]  # fmt: skip
OUTLETS = [
    ("P店", 0, 0, {"committee": "V000001", "status": "existing"}),
    ("R店", 9000, 300, {"committee": None, "status": "existing"}),
]


def measure(committees=COMMITTEES, outlets=OUTLETS, county=COUNTY, road_rows=ROADS, **changes):
    return coverage(
        villages=points("villages", *committees),
        facilities=points("outlets", *outlets),
        townships=None,
        network=network(roads(*road_rows)),
        county=county,
        **parameters("logistics-reach", **{"limit_min": 10.0, **changes}),
    )


@pytest.fixture(scope="module")
def result():
    return measure()


def figure(result, key):
    return next(i for i in result.indicators if i.key == key)


def test_states(result):
    frame = result.layers["committees"]
    assert dict(zip(frame["name"], frame["state"], strict=True)) == {
        "P": "own",
        "Q": "near",  # 4 km to P at 2 min/km: 8 min
        "R": "own",  # the outlet 300 m off names nobody and counts for it
        "S": "far",  # 11 km to R: 22 min, and 300 m to the outlet
        "T": "unattached",
        "U": "unreachable",
    }


def test_headline_is_the_own_outlet(result):
    headline = result.headline
    assert headline.key == "own_outlet"
    assert (headline.numerator, headline.denominator, headline.target) == (2, 6, 0.8)


def test_minutes_count_the_walk_at_both_ends(result):
    rows = result.layers["committees"].set_index("name")
    assert rows.loc["Q", "minutes"] == pytest.approx(8.0)
    # 11 km by road, then 300 m at 5 km/h
    assert rows.loc["S", "minutes"] == pytest.approx(22.0 + 0.3 / 5 * 60)
    assert rows.loc["S", "km"] == pytest.approx(11.3)
    assert rows.loc[["T", "U"], "minutes"].isna().all()
    assert rows.loc["S", "outlet"] == "R店"
    assert rows.loc["Q", "outlet"] == "P店"


def test_within_minutes_by_committee_household_and_person(result):
    assert figure(result, "within_minutes").numerator == 3  # P Q R
    people = figure(result, "within_minutes_population")
    assert (people.numerator, people.denominator) == (1800, 2200)
    households = figure(result, "within_minutes_households")
    assert (households.numerator, households.denominator) == (430, 530)


def test_how_far_the_target_share_reaches(result):
    # Only 4 of 6 are on a road with an outlet: 80 % is out of reach at any distance.
    assert figure(result, "minutes_to_target").value is None
    four = measure(target_share=0.6)
    assert figure(four, "minutes_to_target").value == pytest.approx(25.6)  # the fourth is S


def test_target_out_of_reach_is_said_with_what_all_could_do():
    # R stands on the line between Q and S; T has no road: at most 5 of 6 with an outlet each.
    result = measure(target_share=0.9)
    notice = next(n for n in result.warnings if n.code == "cover-infeasible")
    assert (notice.values["most"], notice.values["total"]) == (5, 6)
    assert figure(result, "further_outlets_reach").value is None


def test_fewest_further_outlets(result):
    # 80 % of 6 is 5: P Q R are in reach; S and U are each served only by themselves.
    assert figure(result, "further_outlets_reach").value == 2
    proposed = result.layers["proposed"]
    assert proposed["name"].tolist() == ["S", "U"]
    assert proposed["order"].tolist() == [1, 2]
    assert figure(result, "further_outlets_own").value == 3


def test_one_way_makes_the_way_to_the_outlet_longer():
    # Q may no longer drive west to P; R, 5 km east, is 10 min and a walk of 3.6 min away.
    one_way = [("cement", [(0, 0), (4000, 0)], {**FAST, "one_way": "forward"}),
               ("cement", [(4000, 0), (9000, 0)], {**FAST, "one_way": "both"})]  # fmt: skip
    rows = measure(road_rows=one_way).layers["committees"].set_index("name")
    assert rows.loc["Q", "minutes"] == pytest.approx(13.6)
    assert rows.loc["Q", "outlet"] == "R店"


def test_parallel_link_the_faster_counts():
    slow = {"speed_kmh": 10.0}
    twice = [*ROADS, ("gravel", [(4000, 0), (2000, 500), (0, 0)], slow)]
    rows = measure(road_rows=twice).layers["committees"].set_index("name")
    assert rows.loc["Q", "minutes"] == pytest.approx(8.0)


def test_outlet_beyond_the_own_limit_counts_for_nobody():
    result = measure(own_limit_m=200.0)
    assert result.headline.numerator == 1
    codes = {n.code: n.values for n in result.warnings}
    assert "outlets-by-position" not in codes
    assert codes["outlets-nobodys"] == {"count": 1, "limit": 200.0}


def test_unnamed_outlet_is_told_by_its_id():
    # P's outlet has no name; Q is nearest to it.
    outlets = [(None, 0, 0, {"committee": None}), ("R店", 9000, 300, {"committee": None})]
    result = measure(outlets=outlets)
    ids = result.layers["facilities"]["id"]
    assert result.layers["committees"].set_index("name").loc["Q", "outlet"] == ids[0]


def test_own_outlet_without_a_road_is_warned_of():
    # U's own outlet stands at P; no road leads from U's island to it.
    outlets = [("U店", 0, 0, {"committee": "V000006"})]
    result = measure(outlets=outlets)
    assert result.layers["committees"].set_index("name").loc["U", "state"] == "own"
    codes = {n.code: n.values for n in result.warnings}
    assert codes["unreachable-committees"] == {"count": 1}


def test_assignments_by_position_are_listed(result):
    assert result.tables["unassigned"][["name", "committee"]].to_numpy().tolist() == [["R店", "R"]]


def test_ledger_beside_computed(result):
    ledger = figure(result, "ledger_outlet")
    assert (ledger.numerator, ledger.denominator) == (2, 5)
    assert result.tables["disagreements"]["name"].tolist() == ["Q"]


def test_by_township(result):
    table = result.tables["by_township"].set_index("township")
    assert table.loc["甲镇", ["denominator", "own", "within"]].tolist() == [3, 2, 3]
    assert table.loc["乙乡", ["denominator", "own", "within"]].tolist() == [3, 0, 0]
    assert table.loc["全县", "share"] == pytest.approx(2 / 6)
    assert table.loc["全县", "people_within"] == 1800


def test_without_any_outlet_nothing_is_in_reach():
    result = measure(outlets=[("空店", 900000, 900000, {"committee": None, "status": "existing"})])
    assert result.headline.numerator == 0
    assert result.layers["committees"]["minutes"].isna().all()


@settings(max_examples=15, deadline=None)
@given(st.floats(1.0, 60.0), st.floats(1.0, 60.0))
def test_a_longer_limit_never_reaches_fewer(one, other):
    low, high = sorted((one, other))
    assert (
        figure(measure(limit_min=low), "within_minutes").numerator
        <= figure(measure(limit_min=high), "within_minutes").numerator
    )


@pytest.mark.oracle
def test_minutes_equal_networkx_on_the_same_graph():
    import networkx as nx

    from yanshan_gis.network.graph import RoadNetwork

    random = np.random.default_rng(5)
    rows = [
        ("gravel", [(x, y), (x + 1000, y)], {"speed_kmh": float(random.integers(10, 60))})
        for x in range(0, 5000, 1000)
        for y in range(0, 5000, 1000)
    ] + [
        ("gravel", [(x, y), (x, y + 1000)], {"speed_kmh": float(random.integers(10, 60))})
        for x in range(0, 5000, 1000)
        for y in range(0, 4000, 1000)
    ]
    spots = [(1000 * int(a), 1000 * int(b)) for a, b in random.integers(0, 5, (12, 2))]
    committees = [(f"K{i}", x, y, TOWNS) for i, (x, y) in enumerate(spots)]
    outlets = [(f"店{i}", x, y, {"committee": None}) for i, (x, y) in enumerate(spots[:3])]
    result = measure(committees, outlets, road_rows=rows)
    graph = RoadNetwork.from_edges(network(roads(*rows)).frame).to_networkx()
    at = {(d["x"], d["y"]): n for n, d in graph.nodes(data=True)}
    sources = {at[spot] for spot in spots[:3]}
    expected = nx.multi_source_dijkstra_path_length(graph.reverse(), sources, weight="minutes")
    wanted = [expected[at[spot]] for spot in spots]
    assert result.layers["committees"]["minutes"].to_numpy() == pytest.approx(wanted, rel=1e-9)


def test_places_without_a_position_are_counted_and_not_reached():
    villages = without_position(points("villages", *COMMITTEES), "Q")
    outlets = without_position(points("outlets", *OUTLETS), "R店")
    result = coverage(
        villages=villages,
        facilities=outlets,
        townships=None,
        network=network(roads(*ROADS)),
        county=COUNTY,
        **parameters("logistics-reach", limit_min=10.0),
    )
    frame = result.layers["committees"].set_index("name")
    assert frame.loc["Q", "state"] == "unattached"
    assert result.headline.denominator == 6
    assert result.headline.numerator == 1  # R店 stands nowhere and names nobody


def alone(outlets=None, county=COUNTY, committees=COMMITTEES):
    return coverage(
        villages=points("villages", *committees),
        facilities=points("outlets", *outlets) if outlets else None,
        townships=None,
        network=None,
        county=county,
        **parameters("logistics-reach"),
    )


def test_without_outlets_the_ledger_alone_is_the_headline():
    """P and Q of the five that have an entry; R has none and is not counted."""
    result = alone()
    assert (result.status, result.headline.key) == ("ok", "ledger_outlet")
    assert (result.headline.numerator, result.headline.denominator) == (2, 5)
    assert result.headline.target == 0.8
    codes = {n.code: n.values for n in result.warnings}
    assert codes["ledger-alone"] == {"number": "20"}
    assert codes["ledger-silent"] == {"count": 1}
    assert "reach-unknown" in codes
    states = result.layers["committees"].set_index("name")["state"].to_dict()
    assert states == {
        "P": "own", "Q": "own", "R": "unknown", "S": "no_outlet", "T": "no_outlet",
        "U": "no_outlet",
    }  # fmt: skip
    assert result.tables["missed"]["name"].tolist() == ["S", "T", "U"]
    assert result.tables["disagreements"].empty
    table = result.tables["by_township"].set_index("township")
    assert table.loc["全县", ["denominator", "own"]].tolist() == [5, 2]


def test_without_roads_outlets_still_belong_to_committees():
    """P and R have an outlet of their own; of Q the ledger says so too, and is wrong."""
    result = alone(OUTLETS)
    assert result.headline.key == "own_outlet"
    assert (result.headline.numerator, result.headline.denominator) == (2, 6)
    assert figure(result, "ledger_outlet").denominator == 5
    assert result.tables["disagreements"]["name"].tolist() == ["Q"]
    codes = {n.code for n in result.warnings}
    assert "ledger-alone" not in codes
    assert {"reach-unknown", "outlets-by-position"} <= codes
    assert len(result.layers["facilities"]) == 2


def test_outlets_or_roads_may_be_missing_only_where_the_ledger_tells():
    from yanshan_gis.needs import missing_for

    villages = points("villages", *COMMITTEES)
    assert missing_for(coverage, {"villages": villages}) == []
    bare = points("villages", *[(n, x, y, TOWNS) for n, x, y, _ in COMMITTEES])
    assert missing_for(coverage, {"villages": bare}) == ["facilities", "network"]
