r"""Origin–destination tables on a town worked out by hand.

            (3000, 4000)
             /        \         the bend: 10 km cement at 60 km/h, 10 min
   P ───────/──────────\── Q ─────────── R        30 km/h, the earth road P–Q 12 km/h
   0      earth, 6 km     6000          9000
          30 min

Stores: 甲 at P, 乙 300 m north of R, 丙 on an island road with U. T lies 3 km off every road.
From P to Q the quick way is the bend: 10 min and 10 km; the short one is 6 km and takes 30 min.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from towns import layer, network, parameters, points, roads, without_position

from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.methods.od_table import build
from yanshan_gis.needs import missing_for

ROADS = [
    ("cement", [(0, 0), (3000, 4000), (6000, 0)], {"speed_kmh": 60.0, "name": "弯路"}),
    ("earth", [(0, 0), (6000, 0)], {"speed_kmh": 12.0, "name": "土路"}),
    ("gravel", [(9000, 0), (6000, 0)], {"speed_kmh": 30.0, "name": "直路"}),
    ("cement", [(0, -9000), (1000, -9000)], {"speed_kmh": 30.0, "name": "岛路"}),
]
WEST, EAST = {"township": "甲镇", "level": "committee"}, {"township": "乙乡", "level": "committee"}
PLACES = [("P", 0, 0, WEST), ("Q", 6000, 0, WEST), ("R", 9000, 0, EAST), ("T", 4000, 7500, EAST),
          ("U", 500, -9000, EAST)]  # fmt: skip
STORES = [("甲", 0, 0), ("乙", 9000, 300), ("丙", 1000, -9000)]
WALK = 0.3 / 5 * 60  # 乙 stands 300 m from its road


def measure(places=PLACES, stores=STORES, road_rows=ROADS, **changes):
    given_parameters = parameters("od-table") | changes
    return build(
        origins=points("villages", *places),
        destinations=points("cold_storage", *stores),
        townships=None,
        network=network(roads(*road_rows)),
        **given_parameters,
    )


@pytest.fixture(scope="module")
def result():
    return measure()


def told(found):
    """Return texts as lists, None for the empty ones."""
    plain = found.astype(object)
    return plain.where(plain.notna(), None).to_numpy().tolist()


def figure(result, key):
    return next(i for i in result.indicators if i.key == key)


def test_every_pair_with_a_way_by_rank(result):
    table = result.tables["table"]
    assert table[["origin", "rank", "destination"]].to_numpy().tolist() == [
        ["P", 1, "甲"], ["P", 2, "乙"], ["Q", 1, "乙"], ["Q", 2, "甲"], ["R", 1, "乙"],
        ["R", 2, "甲"], ["U", 1, "丙"],
    ]  # fmt: skip
    # P–Q 10 min by the bend, Q–R 3 km at 2 min per km, U–丙 500 m
    assert table["minutes"].tolist() == pytest.approx(
        [0, 16 + WALK, 6 + WALK, 10, WALK, 16, 1]
    )  # fmt: skip


def test_kilometres_are_those_of_the_quickest_way(result):
    table = result.tables["table"].set_index(["origin", "destination"])
    assert table.loc[("Q", "甲"), "km"] == pytest.approx(10.0)  # not the 6 km of earth
    assert table.loc[("P", "乙"), "km"] == pytest.approx(13.3)  # with the walk
    assert table.loc[("P", "乙"), "destination_walk_m"] == pytest.approx(300)
    assert "km-of-the-quickest" in [n.code for n in result.warnings]


def test_matrix_is_the_table_laid_out(result):
    matrix = result.tables["matrix"].set_index("name")
    assert matrix.columns.tolist() == ["id", "township", "reason", "甲", "乙", "丙"]
    np.testing.assert_allclose(
        matrix[["甲", "乙", "丙"]],
        [[0, 16 + WALK, np.nan], [10, 6 + WALK, np.nan], [16, WALK, np.nan], [np.nan] * 3,
         [np.nan, np.nan, 1]],
    )  # fmt: skip
    assert told(matrix["reason"]) == [None, None, None, "unattached", None]


def test_what_has_no_way_is_listed_with_the_reason(result):
    rows = result.tables["unreachable"][["origin", "destination", "reason"]]
    assert told(rows) == [
        ["T", None, "beyond_limit"], ["P", "丙", "no_way"], ["Q", "丙", "no_way"],
        ["R", "丙", "no_way"], ["U", "甲", "no_way"], ["U", "乙", "no_way"],
    ]  # fmt: skip
    assert len(result.tables["table"]) + len(rows) - 1 == 4 * 3  # the four on a road, three stores


def test_destination_off_the_roads_and_place_without_position():
    origins = without_position(points("villages", *PLACES), "Q")
    result = build(
        origins=origins, destinations=points("cold_storage", *STORES, ("山库", 4000, 9000)),
        townships=None, network=network(roads(*ROADS)), **parameters("od-table"),
    )  # fmt: skip
    rows = told(result.tables["unreachable"][["origin", "destination", "reason"]])
    assert rows[:3] == [
        ["Q", None, "no_position"], ["T", None, "beyond_limit"], [None, "山库", "beyond_limit"],
    ]  # fmt: skip
    codes = {n.code: n.values.get("count") for n in result.warnings}
    assert (codes["origins-unattached"], codes["destinations-unattached"]) == (2, 1)
    stores = result.layers["destinations"].set_index("name")
    assert stores.loc["山库", ["state", "origins"]].tolist() == ["unattached", 0]


def test_origins_with_their_nearest(result):
    rows = result.layers["origins"].set_index("name")
    assert rows["state"].tolist() == ["reached"] * 3 + ["unattached", "reached"]
    assert told(rows["destination"]) == ["甲", "乙", "乙", None, "丙"]
    assert rows["km"].tolist() == pytest.approx([0, 3.3, 0.3, np.nan, 0.5], nan_ok=True)
    assert result.layers["destinations"]["origins"].tolist() == [1, 2, 1]


def test_an_origin_on_an_island_alone_has_no_way():
    result = measure(stores=STORES[:2])
    assert result.layers["origins"]["state"].tolist()[-1] == "no_way"
    rows = told(result.tables["unreachable"][["origin", "destination", "reason"]])
    assert rows == [["T", None, "beyond_limit"], ["U", None, "no_way"]]
    assert result.tables["matrix"]["reason"].tolist()[-1] == "no_way"


def test_routes_are_drawn_as_travelled_with_the_walks(result):
    routes = result.layers["routes"].set_index("name")
    # P stands where 甲 stands: no line. T has no way.
    assert routes.index.tolist() == ["Q", "R", "U"]
    assert shapely.get_coordinates(routes.loc["Q", "geometry"]).tolist() == [
        [6000, 0], [9000, 0], [9000, 300],
    ]  # fmt: skip
    assert routes.length.tolist() == pytest.approx((routes["km"] * 1000).tolist())
    assert routes.loc["Q", ["road_km", "hardened_share"]].tolist() == pytest.approx([3.0, 0.0])
    back = measure(direction="from").layers["routes"].set_index("name").loc["Q", "geometry"]
    assert shapely.get_coordinates(back).tolist() == [[9000, 300], [9000, 0], [6000, 0]]


def test_hardened_share_of_the_way():
    # With 甲 alone R drives 3 km of gravel and 10 km of cement.
    result = measure(stores=STORES[:1])
    route = result.layers["routes"].set_index("name").loc["R"]
    assert route[["road_km", "hardened_km"]].tolist() == pytest.approx([13, 10])
    hardened = figure(result, "hardened")
    assert (hardened.numerator, hardened.denominator) == pytest.approx((20, 23))  # Q 10, R 10 + 3


def test_segments_with_the_walks_in_order(result):
    rows = measure(stores=STORES[1:2]).tables["segments"]
    way = rows[rows["origin"] == "P"]
    assert told(way[["order", "kind", "road"]]) == [
        [1, "road", "弯路"], [2, "road", "直路"], [3, "walk", None],
    ]  # fmt: skip
    assert way["km"].tolist() == pytest.approx([10, 3, 0.3])
    assert way["minutes"].tolist() == pytest.approx([10, 6, WALK])
    assert way["surface"].tolist()[:2] == ["cement", "gravel"]
    back = measure(stores=STORES[1:2], direction="from").tables["segments"]
    assert back[back["origin"] == "P"]["kind"].tolist() == ["walk", "road", "road"]


def test_direction_of_travel():
    # The bend may only be driven eastward: P to Q 10 min, Q to P 30 min over the earth road.
    bend = ("cement", ROADS[0][1], {"speed_kmh": 60.0, "one_way": "forward"})
    rows = [bend, *[(s, line, {**more, "one_way": "both"}) for s, line, more in ROADS[1:]]]
    to = measure(road_rows=rows).tables["table"].set_index(["origin", "destination"])
    assert to.loc[("Q", "甲"), ["minutes", "km"]].tolist() == pytest.approx([30, 6])
    back = measure(road_rows=rows, direction="from").tables["table"]
    back = back.set_index(["origin", "destination"])
    assert back.loc[("Q", "甲"), ["minutes", "km"]].tolist() == pytest.approx([10, 10])
    with pytest.raises(UsageError, match="'both'"):
        measure(direction="both")


def test_nearest_only(result):
    one, whole = measure(nearest=1), result.tables["table"]
    table = one.tables["table"]
    pd.testing.assert_frame_equal(table, whole[whole["rank"] == 1].reset_index(drop=True))
    two = measure(nearest=2).tables["table"]
    pd.testing.assert_frame_equal(two, whole[whole["rank"] <= 2].reset_index(drop=True))
    # Of the pairs left out nothing is known: no matrix, and no pair is called unreachable.
    assert "matrix" not in one.tables
    assert one.tables["unreachable"]["origin"].tolist() == ["T"]
    pd.testing.assert_frame_equal(one.layers["origins"], result.layers["origins"])
    for wrong in (-1, 0.5):
        with pytest.raises(UsageError, match="nearest destinations were asked for"):
            measure(nearest=wrong)


def test_a_table_too_large_is_cut_to_the_nearest_and_says_so():
    result = measure(most_pairs=14)  # 5 × 3 = 15
    notice = next(n for n in result.warnings if n.code == "table-cut")
    assert notice.values == {"pairs": 15, "most": 14, "nearest": 2}
    assert result.tables["table"]["rank"].max() == 2
    assert "matrix" not in result.tables
    assert "table-cut" not in [n.code for n in measure(most_pairs=15).warnings]
    assert "table-cut" not in [n.code for n in measure(most_pairs=5, nearest=1).warnings]
    with pytest.raises(DataError, match="15 rows"):
        measure(most_pairs=4)


def test_columns_of_the_matrix_are_told_apart():
    names = [("冷库", 0, 0), ("冷库", 6000, 0), (None, 9000, 0), ("name", 9000, 100)]
    columns = measure(stores=names).tables["matrix"].columns.tolist()
    assert columns[4:] == ["冷库 CS000001", "冷库 CS000002", "CS000003", "name CS000004"]


def test_areas_are_reached_at_a_point_on_them():
    base = layer("farm_bases", [{"name": "基地"}], [shapely.box(5900, -100, 6100, 100)])
    result = build(
        origins=points("villages", *PLACES), destinations=base, townships=None,
        network=network(roads(*ROADS)), **parameters("od-table"),
    )  # fmt: skip
    assert result.tables["table"]["minutes"].tolist() == pytest.approx([10, 0, 6])


def test_by_township(result):
    table = result.tables["by_township"].set_index("township")
    assert table.loc["乙乡", ["origins", "reached"]].tolist() == [3, 2]
    # R and U; T, which reaches none, lowers no mean.
    assert table.loc["乙乡", "mean_min"] == pytest.approx((WALK + 1) / 2)
    assert table.loc["全县", ["origins", "reached"]].tolist() == [5, 4]
    assert table.loc["全县", "longest_min"] == pytest.approx(6 + WALK)


def test_figures(result):
    assert result.headline.key == "median_min"
    assert result.headline.value == pytest.approx((1 + WALK) / 2)  # 0, 1, 3.6, 9.6
    assert (figure(result, "reached").numerator, figure(result, "reached").denominator) == (4, 5)
    assert figure(result, "pairs").value == 7


def test_nothing_in_reach_is_an_answer():
    result = measure(stores=[("远", 900_000, 900_000)])
    assert result.headline.value is None
    assert result.tables["table"].empty
    assert len(result.layers["routes"]) == len(result.tables["segments"]) == 0
    assert set(result.layers["origins"]["state"]) == {"no_way", "unattached"}


def test_needs_positions():
    nowhere = without_position(points("cold_storage", STORES[0]), "甲")
    inputs = {
        "origins": points("villages", *PLACES),
        "destinations": nowhere,
        "townships": None,
        "network": network(roads(*ROADS)),
    }
    assert missing_for(build, inputs) == ["destinations.geometry"]


def random_town(seed, n=8, m=5):
    """A grid of roads with whole minutes, so that ties are many, and places on its corners."""
    rng = np.random.default_rng(seed)
    lines = [
        ("gravel", [(x, y), (x + dx, y + dy)],
         {"speed_kmh": 60.0 / int(rng.integers(1, 4)),
          "one_way": str(rng.choice(["both", "both", "forward"]))})
        for x in range(0, 4000, 1000)
        for y in range(0, 4000, 1000)
        for dx, dy in ((1000, 0), (0, 1000))
    ]  # fmt: skip
    spots = (rng.integers(0, 4, (n + m, 2)) * 1000).tolist()
    places = [(f"村{i}", x, y, WEST) for i, (x, y) in enumerate(spots[:n])]
    return lines, places, [(f"库{i}", x, y) for i, (x, y) in enumerate(spots[n:])]


@settings(max_examples=12, deadline=None)
@example(3052, "from", 0)  # nobody goes anywhere: no routes at all
@given(st.integers(0, 10_000), st.sampled_from(["to", "from"]), st.integers(0, 3))
def test_segments_add_up_and_order_changes_nothing(seed, direction, nearest):
    lines, places, stores = random_town(seed)
    result = measure(places, stores, lines, direction=direction, nearest=nearest)
    rows = result.layers["origins"].dropna(subset="minutes").set_index("id")
    # An origin that stands where its destination stands has no segments.
    sums = result.tables["segments"].groupby("origin_id")[["minutes", "km"]].sum()
    gaps = (sums.reindex(rows.index).fillna(0.0) - rows[["minutes", "km"]]).abs()
    assert gaps.lt(1e-9).all(axis=None)
    routes = result.layers["routes"]
    assert routes.length.to_numpy() / 1000 == pytest.approx(routes["km"].to_numpy(), abs=1e-9)

    turned = build(
        origins=shuffled(points("villages", *places), seed),
        destinations=shuffled(points("cold_storage", *stores), seed),
        townships=None, network=network(roads(*lines)),
        **parameters("od-table", direction=direction, nearest=nearest),
    )  # fmt: skip
    for name, table in result.tables.items():
        pd.testing.assert_frame_equal(turned.tables[name], table)


def shuffled(source, seed):
    from dataclasses import replace

    return replace(source, frame=source.frame.sample(frac=1, random_state=seed))


@pytest.mark.oracle
@pytest.mark.parametrize("direction", ["to", "from"])
def test_minutes_equal_networkx(direction):
    import networkx as nx

    from yanshan_gis.network.graph import RoadNetwork

    lines, places, stores = random_town(11)
    matrix = measure(places, stores, lines, direction=direction).tables["matrix"]
    graph = RoadNetwork.from_edges(network(roads(*lines)).frame).to_networkx()
    at = {(d["x"], d["y"]): n for n, d in graph.nodes(data=True)}
    cost = dict(nx.all_pairs_dijkstra_path_length(graph, weight="minutes"))
    ends = [[at.get((x, y)) for _, x, y, *_ in rows] for rows in (places, stores)]
    wanted = [
        [cost[a].get(b, np.nan) if direction == "to" else cost[b].get(a, np.nan) for b in ends[1]]
        for a in ends[0]
    ]
    np.testing.assert_allclose(matrix[[name for name, *_ in stores]], wanted)
