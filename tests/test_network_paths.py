"""Components, nearest facilities, tables and trees, against hand-made towns and networkx."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from yanshan_gis.errors import DataError
from yanshan_gis.network import engine as choosing
from yanshan_gis.network import scipy_engine
from yanshan_gis.network.connectivity import components
from yanshan_gis.network.facilities import nearest
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.tables import table
from yanshan_gis.network.trees import tree

NAN = np.nan


@pytest.fixture(params=[np.inf, 0], ids=["scipy", "compiled"], autouse=True, scope="module")
def engine(request):
    """Every test of this file runs on either engine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choosing, "_WORTH_LOADING", request.param)
        yield


def network_of(n, rows):
    """Edges as (u, v, minutes there, minutes back); a metre is a tenth of a minute."""
    places = np.stack([np.arange(n) * 100.0, (np.arange(n) ** 2 % 7) * 50.0], axis=1)
    u, v = np.array([row[0] for row in rows], int), np.array([row[1] for row in rows], int)
    there = np.array([row[2] for row in rows], float)
    back = np.array([row[3] for row in rows], float)
    lines = shapely.linestrings(
        np.stack([places[u], (places[u] + places[v]) / 2 + 3, places[v]], 1)
    )
    edges = gpd.GeoDataFrame(
        {
            "road_id": [f"R{i}" for i in range(len(rows))],
            "u": u.astype(np.int32),
            "v": v.astype(np.int32),
            "length_m": np.nan_to_num(np.fmax(there, back)) * 10,
            "minutes": there,
            "minutes_back": back,
        },
        geometry=lines,
        crs="EPSG:4544",
    )
    return RoadNetwork(places[:, 0], places[:, 1], edges, edges.crs)


def random_network(seed, n=30, m=55, zeros=True):
    """Random links with one-ways, parallels, loops, whole minutes (so that ties are many)."""
    rng = np.random.default_rng(seed)
    rows = []
    for u, v in rng.integers(0, n, (m, 2)):
        there, back = rng.integers(0 if zeros else 1, 6, 2).astype(float)
        way = rng.integers(0, 6)
        rows.append((u, v, NAN if way == 0 else there, NAN if way == 1 else back))
    return network_of(n, rows)


def all_costs(network, weight="minutes"):
    """Costs between all nodes by networkx; NaN where there is no way."""
    found = np.full((network.n_nodes, network.n_nodes), NAN)
    for source, goals in nx.all_pairs_dijkstra_path_length(network.to_networkx(), weight=weight):
        for goal, cost in goals.items():
            found[source, goal] = cost
    return found


# A town: 0 → 1 is one-way (2 min), the way back from 1 leads over 2 (4 + 3 min).
#
#        (2)
#       3/  \4           (4) --1-- (5)   an island
#      /     \
#    (0) →2→ (1) --1-- (3)
TOWN = [(0, 1, 2, NAN), (2, 0, 3, 3), (1, 2, 4, 4), (1, 3, 1, 1), (4, 5, 1, 1)]


def test_direction_matters():
    network = network_of(6, TOWN)
    toward = nearest(network, [3])
    np.testing.assert_array_equal(toward.cost, [3, 1, 5, 0, NAN, NAN])
    away = nearest(network, [3], toward=False)
    np.testing.assert_array_equal(away.cost, [8, 1, 5, 0, NAN, NAN])
    np.testing.assert_array_equal(toward.facility, [0, 0, 0, 0, -1, -1])
    assert toward.facility.dtype == np.int32


def test_ties_go_to_the_lower_facility():
    # 0 --1-- 1 --1-- 2 --1-- 3 --1-- 4: node 2 is two minutes from both ends.
    line = network_of(5, [(i, i + 1, 1, 1) for i in range(4)])
    assert nearest(line, [4, 0]).facility.tolist() == [1, 1, 0, 0, 0]
    assert nearest(line, [0, 4]).facility.tolist() == [0, 0, 0, 1, 1]


def test_ties_up_to_rounding_are_ties():
    # 0.1 + 0.2 and 0.3 differ in the last bit; both facilities are 0.3 min from node 2.
    network = network_of(4, [(0, 1, 0.1, 0.1), (1, 2, 0.2, 0.2), (2, 3, 0.3, 0.3)])
    assert nearest(network, [0, 3]).facility[2] == 0
    assert nearest(network, [3, 0]).facility[2] == 0


def test_lower_label_travels_along_free_links():
    # Facilities at 1 (index 0) and 0 (index 1), joined by a link that costs nothing.
    network = network_of(4, [(0, 1, 0, 0), (0, 2, 1, 1), (2, 3, 1, 1)])
    assert nearest(network, [1, 0]).facility.tolist() == [0, 0, 0, 0]


def test_facilities_without_road_doubles_and_offsets():
    line = network_of(5, [(i, i + 1, 1, 1) for i in range(4)])
    found = nearest(line, [-1, 4, 0, 0], offsets=[0, 2.5, 2, 0.5])
    np.testing.assert_array_equal(found.cost, [0.5, 1.5, 2.5, 3.5, 2.5])
    # node 3: 3 + 0.5 from facility 3, 1 + 2.5 from facility 1: a tie
    assert found.facility.tolist() == [3, 3, 3, 1, 1]
    assert nearest(line, [-1]).facility.tolist() == [-1] * 5
    assert nearest(line, [], offsets=[]).facility.tolist() == [-1] * 5
    skipped = nearest(line, [0, 4], offsets=[NAN, 0])
    assert skipped.facility.tolist() == [1] * 5
    taken_over = nearest(line, [0, 1], offsets=[5, 0])
    assert taken_over.facility.tolist() == [1] * 5


def test_cutoff_is_inclusive():
    line = network_of(5, [(i, i + 1, 1, 1) for i in range(4)])
    np.testing.assert_array_equal(nearest(line, [0], cutoff=2).cost, [0, 1, 2, NAN, NAN])
    assert nearest(line, [0], cutoff=2).facility.tolist() == [0, 0, 0, -1, -1]
    assert nearest(line, [0], cutoff=2, offsets=[3]).facility.tolist() == [-1] * 5
    np.testing.assert_array_equal(table(line, [0], [2, 3], cutoff=2), [[2, NAN]])


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("toward", [True, False])
def test_nearest_agrees_with_networkx(seed, toward):
    network = random_network(seed)
    rng = np.random.default_rng(seed)
    facilities = rng.integers(-1, network.n_nodes, 6)
    offsets = rng.integers(0, 3, 6).astype(float)
    costs = all_costs(network)
    costs = costs if toward else costs.T
    to_each = np.where(facilities >= 0, costs[:, facilities] + offsets, NAN)
    reached = ~np.isnan(to_each).all(axis=1)
    best = np.where(reached, np.where(np.isnan(to_each), np.inf, to_each).min(axis=1), NAN)
    first = np.where(reached, np.where(np.isnan(to_each), np.inf, to_each).argmin(axis=1), -1)
    found = nearest(network, facilities, toward=toward, offsets=offsets)
    np.testing.assert_array_equal(found.cost, best)
    np.testing.assert_array_equal(found.facility, first)


@pytest.mark.oracle
@pytest.mark.parametrize("weight", ["minutes", "length_m"])
@pytest.mark.parametrize(("origins", "destinations"), [(4, 20), (20, 4)])
def test_table_agrees_with_networkx(weight, origins, destinations, monkeypatch):
    monkeypatch.setattr(scipy_engine, "_BATCH_BYTES", 3 * 8 * 30)  # three rows at a time
    network = random_network(99)
    rng = np.random.default_rng(5)
    start, goal = rng.integers(-1, 30, origins), rng.integers(-1, 30, destinations)
    expected = all_costs(network, weight)[np.ix_(start, goal)]
    expected[start < 0] = NAN
    expected[:, goal < 0] = NAN
    np.testing.assert_array_equal(table(network, start, goal, weight=weight), expected)


def test_empty_tables():
    network = network_of(6, TOWN)
    assert table(network, [], [1, 2]).shape == (0, 2)
    assert table(network, [1], []).shape == (1, 0)
    assert np.isnan(table(network, [-1], [0])).all()


def test_tree_follows_one_ways_and_the_cheapest_parallel():
    #  0 =(5, 4)= 1 --2-- 2: parallel edges 0 and 1; root 0
    network = network_of(4, [(0, 1, 5, 5), (0, 1, 4, 4), (1, 2, 2, 2)])
    ways = tree(network, [0])
    np.testing.assert_array_equal(ways.cost, [0, 4, 6, NAN])
    assert ways.next_node.tolist() == [-1, 0, 1, -1]
    assert ways.edge.tolist() == [-1, 1, 2, -1]
    assert ways.path(2).tolist() == [2, 1]
    assert tree(network, [0], toward=False).path(2).tolist() == [1, 2]
    assert ways.path(0).tolist() == ways.path(3).tolist() == []
    np.testing.assert_array_equal(ways.sums([1, 10, 100]), [0, 10, 110, NAN])


def test_tree_takes_the_lowest_edge_of_equal_ways():
    #   1 - 3: over 1 or 2, each 1 + 1 minutes; and a parallel of equal cost
    network = network_of(4, [(3, 2, 1, 1), (3, 1, 1, 1), (3, 1, 1, 1), (0, 1, 1, 1), (0, 2, 1, 1)])
    ways = tree(network, [0])
    assert ways.path(3).tolist() == [0, 4]


def test_no_roots():
    ways = tree(network_of(6, TOWN), [-1])
    assert np.isnan(ways.cost).all()
    assert np.isnan(ways.sums(np.ones(5))).all()


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("toward", [True, False])
def test_trees_agree_with_networkx(seed, toward):
    network = random_network(seed, zeros=seed % 2 == 0)
    roots = np.random.default_rng(seed).integers(0, network.n_nodes, 2)
    costs = all_costs(network)
    costs = costs[:, roots].T if toward else costs[roots]
    expected = np.where(np.isnan(costs), np.inf, costs).min(axis=0)
    ways = tree(network, roots, toward=toward)
    np.testing.assert_array_equal(np.nan_to_num(ways.cost, nan=np.inf), expected)
    values = np.random.default_rng(seed).random(network.n_edges)
    sums = ways.sums(values)
    graph = network.to_networkx()
    for node in range(network.n_nodes):
        path = ways.path(node)
        if not np.isfinite(expected[node]):
            assert (len(path), ways.next_node[node]) == (0, -1)
            continue
        assert sums[node] == pytest.approx(values[path].sum())
        assert len(path) <= network.n_nodes
        walk, cost = node, 0.0
        for edge in path if toward else path[::-1]:
            further = int(ways.next_node[walk])
            tail, head = (walk, further) if toward else (further, walk)
            cost += graph.edges[tail, head, int(edge)]["minutes"]
            walk = further
        assert walk in roots
        assert cost == expected[node]


def test_components_are_numbered_by_size_then_lowest_node():
    #  0-1, 2-3-4 (one-way counts), 5-6 by a closed road, 7 alone
    rows = [(0, 1, 1, 1), (2, 3, 1, NAN), (4, 3, NAN, 1), (5, 6, NAN, NAN)]
    labels = components(network_of(8, rows))
    assert labels.tolist() == [1, 1, 0, 0, 0, 2, 3, 4]
    assert labels.dtype == np.int32


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(5))
def test_components_agree_with_networkx(seed):
    network = random_network(seed, n=60, m=45)
    labels = components(network)
    expected = sorted(
        nx.weakly_connected_components(network.to_networkx()), key=lambda c: (-len(c), min(c))
    )
    for number, nodes in enumerate(expected):
        assert set(np.flatnonzero(labels == number)) == nodes


def test_errors():
    network = network_of(6, TOWN)
    for wrong in ([6], [-2]):
        with pytest.raises(DataError) as unknown:
            nearest(network, wrong)
        assert unknown.value.code == "node-unknown"
    for offsets in ([1], [1, -1]):
        with pytest.raises(DataError) as wrong_offsets:
            nearest(network, [0, 1], offsets=offsets)
        assert wrong_offsets.value.code == "offset-values"


# Without subnormal numbers, half of which may be nothing.
weights = st.one_of(st.just(NAN), st.floats(0, 50, allow_subnormal=False))
links = st.lists(
    st.tuples(
        st.integers(0, 9), st.integers(0, 9), weights, weights,
    ),
    min_size=1,
    max_size=25,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(links, st.sampled_from([0.5, 2.0, 4.0]))
def test_scaling_the_weights_scales_the_costs(rows, factor):
    scaled = [(u, v, there * factor, back * factor) for u, v, there, back in rows]
    nodes = np.arange(10)
    once, twice = (table(network_of(10, r), nodes, nodes) for r in (rows, scaled))
    np.testing.assert_allclose(twice, once * factor)


@settings(max_examples=60, deadline=None)
@given(links)
def test_order_of_the_edges_changes_no_cost(rows):
    nodes = np.arange(10)
    once, turned = (table(network_of(10, r), nodes, nodes) for r in (rows, rows[::-1]))
    np.testing.assert_array_equal(once, turned)
    one, other = (nearest(network_of(10, r), [3, 7, 5]) for r in (rows, rows[::-1]))
    np.testing.assert_array_equal(one.facility, other.facility)
