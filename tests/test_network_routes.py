"""Ways in the order of travel: hand-made towns, and networkx on random networks.

    A(0) ──R1── B(1) ──R1── C(2) ──R2── D(3)          E(4) ──R3── F(5)
      1 min       2 min       4 min back 8 min           an island

Edges are drawn as they come: R1's second one from C to B, against the way from A to D.
"""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from test_network_paths import network_of, random_network

from yanshan_gis.errors import DataError
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.routes import follow, measure, quickest
from yanshan_gis.network.trees import tree

PLACES = np.array([[0, 0], [1000, 0], [3000, 0], [3000, 4000], [0, -900], [700, -900]], float)
# road, from, to, minutes there, minutes back, vertices between, surface
EDGES = [
    ("R1", 0, 1, 1, 1, [(500, 0)], "cement"),
    ("R1", 2, 1, 2, 2, [], "cement"),
    ("R2", 2, 3, 4, 8, [(3000, 1000)], "earth"),
    ("R3", 4, 5, 1, 1, [], "gravel"),
]


def town(edges=EDGES):
    lines = [
        shapely.LineString([PLACES[u], *middle, PLACES[v]]) for _, u, v, *_, middle, _ in edges
    ]
    frame = gpd.GeoDataFrame(
        {
            "road_id": [e[0] for e in edges],
            "u": np.array([e[1] for e in edges], np.int32),
            "v": np.array([e[2] for e in edges], np.int32),
            "length_m": shapely.length(lines),
            "minutes": [float(e[3]) for e in edges],
            "minutes_back": [float(e[4]) for e in edges],
            "surface": [e[6] for e in edges],
        },
        geometry=lines,
        crs="EPSG:4544",
    )  # fmt: skip
    return RoadNetwork.from_edges(frame)


def test_segments_merge_along_one_road_in_the_order_of_travel():
    there = quickest(town(), [0], [3]).segments(["surface"])
    assert there.to_dict("list") == {
        "route": [0, 0],
        "order": [1, 2],
        "road_id": ["R1", "R2"],
        "surface": ["cement", "earth"],
        "km": [3.0, 4.0],  # R1 is 1 + 2 km in two edges
        "minutes": [3.0, 4.0],  # 1 + 2 min, then 4 uphill …
    }
    back = quickest(town(), [3], [0]).segments()
    assert back["road_id"].tolist() == ["R2", "R1"]
    assert back["minutes"].tolist() == [8.0, 3.0]  # … and 8 the other way


def test_a_kept_column_that_changes_begins_a_segment():
    patched = [EDGES[0], (*EDGES[1][:-1], "gravel"), *EDGES[2:]]
    found = quickest(town(patched), [0], [2])
    assert found.segments(["surface"])["surface"].tolist() == ["cement", "gravel"]
    assert len(found.segments()) == 1  # one road, if nobody asks for its surface


def test_lines_are_turned_as_travelled():
    network = town()
    there, back = quickest(network, [0, 3], [3, 0]).lines()
    drawn = [[0, 0], [500, 0], [1000, 0], [3000, 0], [3000, 1000], [3000, 4000]]
    assert shapely.get_coordinates(there).tolist() == drawn
    assert shapely.get_coordinates(back).tolist() == drawn[::-1]


def test_legs_join_places_to_the_line():
    network = town()
    places = np.array([[0, 30], [0, 30], [5, 5]])
    ends = np.array([[1010, 0], [np.nan, np.nan], [5, 5]])
    lines = quickest(network, [0, 0, 0], [1, 0, 0]).lines(places, ends)
    drawn = [[0, 30], [0, 0], [500, 0], [1000, 0], [1010, 0]]
    assert shapely.get_coordinates(lines[0]).tolist() == drawn
    # A leg to nowhere and a leg of no length are no lines.
    assert lines[1] is None
    assert lines[2] is None


def test_no_way_and_no_road_have_no_steps():
    found = quickest(town(), [0, -1, 2, 4], [4, 0, 2, 5])
    assert found.count == 4
    assert found.route.tolist() == [3]  # island to island; the others have none
    assert [line is None for line in found.lines()] == [True, True, True, False]
    minutes, metres = measure(town(), [0, -1, 2, 4], [4, 0, 2, 5])
    np.testing.assert_array_equal(minutes, [np.nan, np.nan, 0, 1])
    np.testing.assert_array_equal(metres, [np.nan, np.nan, 0, 700])


def test_nothing_asked_nothing_found():
    found = quickest(town(), [], [])
    assert found.count == len(found.segments(["surface"])) == len(found.lines()) == 0
    assert [len(values) for values in measure(town(), [], [])] == [0, 0]


def test_kilometres_are_those_of_the_quickest_way_not_of_the_shortest():
    # A second road from A to B, shorter and slower: 1000 m straight in 9 min against 1 min.
    bent = [("R1", 0, 1, 1, 1, [(500, 1200)], "cement"), ("R9", 0, 1, 9, 9, [], "earth")]
    minutes, metres = measure(town(bent), [0], [1])
    assert minutes.tolist() == [1.0]
    assert metres.tolist() == [2600.0]  # twice √(500² + 1200²)


def test_pairs_are_pairs():
    with pytest.raises(DataError, match="2 starts and 1 goals"):
        measure(town(), [0, 1], [2])
    with pytest.raises(DataError, match="Node 9"):
        quickest(town(), [0], [9])


def walked(network, found, way):
    """Follow one way link by link; give the nodes it passes and its minutes."""
    steps = found.route == way
    ends = np.stack([network.u, network.v], axis=1)[found.edge[steps]]
    ends = np.where(found.ahead[steps, None], ends, ends[:, ::-1])
    return ends, found.minutes[steps]


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("root", ["goal", "start"])
def test_ways_are_ways_and_as_quick_as_networkx_finds(seed, root):
    network = random_network(seed)
    rng = np.random.default_rng(seed)
    start, goal = rng.integers(0, network.n_nodes, (2, 40))
    found = quickest(network, start, goal, root=root)
    minutes, metres = measure(network, start, goal, root=root)
    graph = network.to_networkx()
    for way, (a, b) in enumerate(zip(start.tolist(), goal.tolist(), strict=True)):
        if not nx.has_path(graph, a, b):
            assert np.isnan(minutes[way])
            assert not (found.route == way).any()
            continue
        ends, spent = walked(network, found, way)
        assert not np.isnan(spent).any()  # no step against a one-way
        chain = [a, *ends[:, 1].tolist()]
        assert ends[:, 0].tolist() == chain[:-1]
        assert chain[-1] == b
        assert spent.sum() == minutes[way] == nx.dijkstra_path_length(graph, a, b, "minutes")
        assert metres[way] == network.length_m[found.edge[found.route == way]].sum()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_segments_and_lines_hold_the_whole_way(seed):
    network = random_network(seed, zeros=False)
    rng = np.random.default_rng(seed)
    start, goal = rng.integers(0, network.n_nodes, (2, 15))
    found = quickest(network, start, goal)
    minutes, metres = measure(network, start, goal)
    sums = found.segments().groupby("route")[["minutes", "km"]].sum()
    for way, (line, spent, length) in enumerate(zip(found.lines(), minutes, metres, strict=True)):
        if np.isnan(spent) or not length:
            assert line is None
            continue
        assert sums.loc[way, "minutes"] == pytest.approx(spent)
        assert sums.loc[way, "km"] == pytest.approx(length / 1000)
        ends = shapely.get_coordinates(line)[[0, -1]].tolist()
        assert ends == [[network.node_x[n], network.node_y[n]] for n in (start[way], goal[way])]
        drawn = shapely.length(network.edges.geometry.to_numpy())[found.edge[found.route == way]]
        assert line.length == pytest.approx(drawn.sum())


def test_following_a_tree_of_many_roots_leads_to_the_nearest():
    network = network_of(5, [(i, i + 1, 1, 1) for i in range(4)])
    for toward in (True, False):
        ways = tree(network, [0, 4], toward=toward)
        found = follow(network, ways, [1, 3, 4])
        assert found.route.tolist() == [0, 1]
        assert found.edge.tolist() == [0, 3]
        assert found.ahead.tolist() == [not toward, toward]
