"""Demand-weighted loads, against a hand-made town and networkx."""

from __future__ import annotations

import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_network_paths import NAN, TOWN, network_of, random_network

from yanshan_gis.errors import DataError
from yanshan_gis.network import flows
from yanshan_gis.network.flows import flows_between, flows_to_nearest
from yanshan_gis.network.trees import tree


@pytest.fixture(params=["numpy", "compiled"])
def engine_room(request, monkeypatch):
    size = 0 if request.param == "compiled" else sys.maxsize
    monkeypatch.setattr(flows, "_WORTH_LOADING", size)


# 0 → 1 is one-way (2 min), the way back leads over 2; see TOWN in test_network_paths.
#
#        (2)
#       3/  \4           (4) --1-- (5)   an island
#      /     \
#    (0) →2→ (1) --1-- (3)          edges: 0-1, 2-0, 1-2, 1-3, 4-5
@pytest.mark.usefixtures("engine_room")
def test_everybody_to_the_nearest():
    network = network_of(6, TOWN)
    # From 0: edges 0 and 3 to node 3. From 2: to 0 in 3 min, to 3 in 5. From 4: no way.
    found = flows_to_nearest(network, [0, 2, 4, -1, 3], [10, 20, 7, 3, 5], [3, 3, -1])
    assert found.load.tolist() == [10, 0, 20, 30, 0]
    assert found.arrived.tolist() == [35, 0, 0]
    assert found.unserved.tolist() == [0, 0, 7, 3, 0]
    both = flows_to_nearest(network, [1, 2], [10, 20], [3, 0])
    assert both.load.tolist() == [0, 20, 0, 10, 0]
    assert both.arrived.tolist() == [10, 20]


@pytest.mark.usefixtures("engine_room")
def test_from_everywhere_to_everywhere():
    network = network_of(6, TOWN)
    # Demand 2 at 3 and 1 at 0; attraction 1 at 0, 10 at 3, 100 at the island, 5 on no road.
    found = flows_between(network, [3, 0], [2, 1], [0, 3, 4, -1], [1, 10, 100, 5])
    # 3 → 0 leads over 1 and 2 (edges 3, 2, 1) with 2; 0 → 3 over edges 0 and 3 with 10.
    assert found.load.tolist() == [10, 2, 2, 12, 0]
    assert found.arrived.tolist() == [3, 30, 0, 0]
    assert found.unserved.tolist() == [210, 105]


@pytest.mark.usefixtures("engine_room")
def test_no_destination():
    found = flows_to_nearest(network_of(6, TOWN), [0, 1], [1, 2], [-1])
    assert found.load.tolist() == [0] * 5
    assert found.unserved.tolist() == [1, 2]
    found = flows_between(network_of(6, TOWN), [0, 1], [1, 2], [], [])
    assert found.load.tolist() == [0] * 5
    assert found.unserved.tolist() == [0, 0]


def random_demand(network, seed, zeros):
    rng = np.random.default_rng(seed)
    origins = rng.integers(-1, network.n_nodes, 15)
    places = rng.integers(-1, network.n_nodes, 6)
    demand = rng.integers(0, 50, 15) if zeros else rng.random(15) * 1e5
    return origins, demand.astype(float), places, rng.random(6)


@pytest.mark.parametrize("seed", range(30))
def test_compiled_and_numpy_loads_are_the_same_numbers(seed, monkeypatch):
    network = random_network(seed, zeros=seed % 2 == 0)  # many ties, links without cost
    origins, demand, places, attraction = random_demand(network, seed, seed % 3 == 0)
    found = []
    for size in (0, sys.maxsize):
        monkeypatch.setattr(flows, "_WORTH_LOADING", size)
        found.append(
            (
                flows_to_nearest(network, origins, demand, places),
                flows_between(network, origins, demand, places, attraction),
            )
        )
    for compiled, numpy in zip(*found, strict=True):
        for name in ("load", "arrived", "unserved"):
            np.testing.assert_array_equal(getattr(compiled, name), getattr(numpy, name))


@pytest.mark.usefixtures("engine_room")
@pytest.mark.parametrize("seed", range(10))
def test_loads_follow_the_tree(seed):
    network = random_network(seed, zeros=seed % 2 == 0)
    origins, demand, places, _ = random_demand(network, seed, True)
    ways = tree(network, places)
    expected = np.zeros(network.n_edges)
    for node, amount in zip(origins, demand, strict=True):
        if node >= 0:
            np.add.at(expected, ways.path(int(node)), amount)
    np.testing.assert_array_equal(flows_to_nearest(network, origins, demand, places).load, expected)


@pytest.mark.oracle
@pytest.mark.usefixtures("engine_room")
@pytest.mark.parametrize("seed", range(8))
def test_loads_are_the_edge_betweenness_of_networkx(seed):
    # Distinct costs make all cheapest ways unique; some edges are one-way.
    rng = np.random.default_rng(seed)
    whole = nx.gnm_random_graph(25, 45, seed=seed)
    rows = [
        (a, b, c, NAN if rng.random() < 0.2 else c)
        for (a, b), c in zip(whole.edges, 1 + rng.random(45), strict=True)
    ]
    network = network_of(25, rows)
    sources = sorted(rng.choice(25, 9, replace=False).tolist())
    targets = sorted(rng.choice(25, 7, replace=False).tolist())
    graph = nx.DiGraph(network.to_networkx())
    between = nx.edge_betweenness_centrality_subset(graph, sources, targets, weight="minutes")
    expected = [between.get((a, b), 0) + between.get((b, a), 0) for a, b, _, _ in rows]
    found = flows_between(network, sources, np.ones(9), targets, np.ones(7))
    np.testing.assert_allclose(found.load, expected)
    assert found.load.max() > 5


@given(seed=st.integers(0, 10_000), factor=st.sampled_from([0.5, 2.0, 1024.0]))
@settings(max_examples=40, deadline=None)
def test_all_demand_arrives_or_is_unserved(seed, factor):
    network = random_network(seed)
    origins, demand, places, attraction = random_demand(network, seed, False)
    near = flows_to_nearest(network, origins, demand, places)
    assert near.arrived.sum() + near.unserved.sum() == pytest.approx(demand.sum())
    every = flows_between(network, origins, demand, places, attraction)
    total = demand.sum() * attraction.sum()
    assert every.arrived.sum() + every.unserved.sum() == pytest.approx(total)
    scaled = flows_to_nearest(network, origins, demand * factor, places)
    np.testing.assert_array_equal(scaled.load, near.load * factor)


@pytest.mark.usefixtures("engine_room")
def test_without_numba_numpy_answers(monkeypatch):
    monkeypatch.setitem(sys.modules, "yanshan_gis.network.kernels.flows", None)
    found = flows_to_nearest(network_of(6, TOWN), [0], [10], [3])
    assert found.load.tolist() == [10, 0, 0, 10, 0]


@pytest.mark.parametrize(
    ("origins", "demand", "places", "code"),
    [
        ([0, 9], [1, 1], [3], "node-unknown"),
        ([0], [1], [-2], "node-unknown"),
        ([0, 1], [1], [3], "sum-values"),
        ([0], [NAN], [3], "sum-values"),
        ([0], [-1], [3], "demand-negative"),
    ],
)
def test_wrong_input(origins, demand, places, code):
    network = network_of(6, TOWN)
    for call in (
        lambda: flows_to_nearest(network, origins, demand, places),
        lambda: flows_between(network, origins, demand, places, [1.0]),
    ):
        with pytest.raises(DataError) as caught:
            call()
        assert caught.value.code == code
    with pytest.raises(DataError) as caught:
        flows_between(network, [0], [1], [3], [-1])
    assert caught.value.code == "demand-negative"
