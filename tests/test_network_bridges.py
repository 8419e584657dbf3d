"""Bridges and what lies behind them, against hand-made towns, networkx and removal one by one."""

from __future__ import annotations

import itertools
import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_network_paths import NAN, TOWN, network_of, random_network

from yanshan_gis.errors import DataError
from yanshan_gis.network import connectivity, subtrees
from yanshan_gis.network.connectivity import behind, bridges, components, find_bridges
from yanshan_gis.network.kernels.bridges import find_bridges as compiled_bridges
from yanshan_gis.network.kernels.flows import add_up as compiled_add_up
from yanshan_gis.network.subtrees import add_up, subtree_sums

FINDERS = [find_bridges, compiled_bridges]


def ends(rows):
    u, v = (np.array([row[i] for row in rows], dtype=np.int32) for i in range(2))
    return u, v, np.ones(len(rows), dtype=bool)


# 0 --0-- 1 ==1,2== 2 --3-- 3      edges 1 and 2 are parallel; 4 is a loop at 3
#                   |       |      edges 5, 6 and 3 are a ring of three; 7 is closed
#                   5       6
#                    \     /
#                      (4) --8-- 5 --9-- 6 --10-- 7 (a chain)
HAND = [(0, 1), (1, 2), (2, 1), (2, 3), (3, 3), (2, 4), (4, 3), (0, 7), (4, 5), (6, 5), (6, 7)]


@pytest.mark.parametrize("find", FINDERS)
def test_parallels_loops_and_rings_are_no_bridges(find):
    u, v, open_ = ends(HAND)
    open_[7] = False
    assert np.flatnonzero(find(8, u, v, open_)).tolist() == [0, 8, 9, 10]
    open_[7] = True  # now all is one ring but for the loop
    assert not find(8, u, v, open_).any()


@pytest.mark.parametrize("find", FINDERS)
def test_nothing_to_find(find):
    none = np.empty(0, dtype=np.int32)
    assert find(0, none, none, none.astype(bool)).shape == (0,)
    assert find(3, none, none, none.astype(bool)).shape == (0,)
    ring = np.arange(5, dtype=np.int32)
    assert not find(5, ring, np.roll(ring, -1), np.ones(5, dtype=bool)).any()
    assert not find(5, ring, ring, np.ones(5, dtype=bool)).any()
    assert not find(5, ring, np.roll(ring, -1), np.zeros(5, dtype=bool)).any()


def networkx_bridges(n, u, v, open_):
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(zip(u[open_].tolist(), v[open_].tolist(), strict=True))
    found = {frozenset(pair) for pair in nx.bridges(graph)}
    pairs = zip(u.tolist(), v.tolist(), strict=True)
    return np.array([frozenset(p) in found for p in pairs], dtype=bool) & open_ & (u != v)


@st.composite
def multigraphs(draw):
    """Edges that follow one another along chains, and others at random."""
    n = draw(st.integers(1, 12))
    node = st.integers(0, n - 1)
    rows = []
    for _ in range(draw(st.integers(0, 6))):
        way = draw(st.lists(node, min_size=2, max_size=6))
        rows += list(itertools.pairwise(way))
    u, v = (np.array([r[i] for r in rows], dtype=np.int32) for i in range(2))
    closed = draw(st.sets(st.integers(0, max(len(rows) - 1, 0)), max_size=2))
    open_ = ~np.isin(np.arange(len(rows)), list(closed))
    return n, u, v, open_


@pytest.mark.oracle
@given(multigraphs())
@settings(max_examples=300, deadline=None)
def test_bridges_are_those_of_networkx_and_part_what_is_connected(graph):
    expected = networkx_bridges(*graph)
    n, u, v, open_ = graph
    for find in FINDERS:
        np.testing.assert_array_equal(find(n, u, v, open_), expected)

    def parts(mask):
        label = nx.Graph()
        label.add_nodes_from(range(n))
        label.add_edges_from(zip(u[mask].tolist(), v[mask].tolist(), strict=True))
        return nx.number_connected_components(label)

    whole = parts(open_)
    for edge in np.flatnonzero(open_):
        rest = open_.copy()
        rest[edge] = False
        assert (parts(rest) > whole) == expected[edge]


def vertex_graph(seed, junctions=300):
    """Junctions in a lattice with gaps, joined by chains of consecutive nodes."""
    rng = np.random.default_rng(seed)
    side = int(junctions**0.5)
    place = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate(
        [
            np.stack([place[:, :-1].ravel(), place[:, 1:].ravel()], 1),
            np.stack([place[:-1].ravel(), place[1:].ravel()], 1),
        ]
    )
    pairs = pairs[rng.random(len(pairs)) < 0.62]
    n, rows = side * side, []
    for a, b in pairs.tolist():
        length = int(rng.integers(0, 30))
        way = [a, *range(n, n + length), b]
        rows += list(itertools.pairwise(way))
        n += length
    return n, *ends(rows)


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("find", FINDERS)
def test_bridges_of_road_lines(seed, find):
    graph = vertex_graph(seed)
    n, u, v, _ = graph
    degree = np.bincount(np.concatenate([u, v]), minlength=n)
    assert (degree == 2).mean() > 0.85
    found = find(*graph)
    assert 0.02 < found.mean() < 0.9
    np.testing.assert_array_equal(found, networkx_bridges(*graph))


def test_neither_order_nor_numbers_matter():
    n, u, v, open_ = vertex_graph(7)
    rng = np.random.default_rng(0)
    expected = find_bridges(n, u, v, open_)
    order, name = rng.permutation(len(u)), rng.permutation(n).astype(np.int32)
    turned = rng.random(len(u)) < 0.5
    a, b = np.where(turned, v, u), np.where(turned, u, v)
    for find in FINDERS:
        found = find(n, name[a][order], name[b][order], open_[order])
        np.testing.assert_array_equal(found, expected[order])


def test_one_ways_connect_both_ways_and_closed_edges_nothing():
    assert bridges(network_of(6, TOWN)).tolist() == [False, False, False, True, True]
    closed = [*TOWN, (3, 0, NAN, NAN)]
    assert bridges(network_of(6, closed)).tolist() == [False, False, False, True, True, False]


def test_large_networks_are_searched_by_compiled_code(monkeypatch):
    network = network_of(6, TOWN)
    monkeypatch.setattr(connectivity, "_WORTH_LOADING", 0)
    called = []
    monkeypatch.setattr(connectivity, "find_bridges", lambda *args: called.append(args))
    assert bridges(network).tolist() == [False, False, False, True, True]
    assert not called
    # Without numba, scipy answers.
    monkeypatch.setattr(connectivity, "find_bridges", find_bridges)
    monkeypatch.setitem(sys.modules, "yanshan_gis.network.kernels.bridges", None)
    assert bridges(network).tolist() == [False, False, False, True, True]


def test_people_behind_a_bridge():
    # Seat at 0; people 1, 2, 4, 8, 16, 32, 64 and 128 at nodes 0 to 7.
    u, v, _ = ends(HAND)
    rows = [(a, b, 1, 1) for a, b in zip(u, v, strict=True)]
    rows[7] = (0, 7, NAN, NAN)
    network = network_of(8, rows)
    people = 2.0 ** np.arange(8)
    found = behind(network, people, [0])
    # Edge 0 cuts off everybody but node 0; the chain 8, 9, 10 the nodes 5, 6, 7; 6, 7; 7.
    assert found.tolist() == [254, 0, 0, 0, 0, 0, 0, 0, 224, 192, 128]
    # With a seat at 6 too: beyond edge 10 only node 7; nobody is cut off from both seats else.
    assert behind(network, people, [0, -1, 6]).tolist() == [0] * 10 + [128]
    assert behind(network, people, [-1]).tolist() == [0] * 11


def test_an_island_without_a_root_loses_nothing():
    network = network_of(6, TOWN)
    assert behind(network, np.ones(6), [0]).tolist() == [0, 0, 0, 1, 0]


def cut_off_by_removal(network, values, roots):
    found = np.zeros(network.n_edges)
    label = components(network)
    for edge in range(network.n_edges):
        rest = np.ones(network.n_edges, dtype=bool)
        rest[edge] = False
        after = components(network.only(rest))
        had = np.isin(label, label[roots])
        found[edge] = values[had & ~np.isin(after, after[roots])].sum()
    return found


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(12))
def test_behind_is_what_removal_cuts_off(seed):
    network = random_network(seed, n=40, m=42)
    rng = np.random.default_rng(seed)
    values, roots = rng.integers(0, 100, 40).astype(float), rng.integers(0, 40, 1 + seed % 4)
    found = behind(network, values, roots)
    assert (found > 0).any()
    np.testing.assert_array_equal(found, cut_off_by_removal(network, values, roots))


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_sums_over_subtrees_do_not_depend_on_who_adds_up(data):
    n = data.draw(st.integers(1, 30))
    rank = data.draw(st.permutations(range(n)))
    parent = np.full(n, -1, dtype=np.int32)
    for place in range(1, n):
        up = data.draw(st.integers(-1, place - 1))
        parent[rank[place]] = rank[up] if up >= 0 else -1
    values = np.array(data.draw(st.lists(st.floats(-1e9, 1e9), min_size=n, max_size=n)))
    expected = values.copy()
    for place in range(n - 1, 0, -1):
        if parent[rank[place]] >= 0:
            expected[parent[rank[place]]] += expected[rank[place]]
    size = np.abs(values).sum()
    np.testing.assert_allclose(subtree_sums(parent, values), expected, atol=1e-12 * size)
    fixed = [subtrees.to_fixed(values, subtrees.scale_for(float(size))) for _ in range(2)]
    add_up(parent, fixed[0])
    compiled_add_up(parent, fixed[1])
    np.testing.assert_array_equal(*fixed)


def test_whole_numbers_are_exact():
    chain = np.arange(-1, 999, dtype=np.int32)
    sums = subtree_sums(chain, np.full(1000, 1e12 + 1))
    assert sums.tolist() == [(1e12 + 1) * (1000 - i) for i in range(1000)]


@pytest.mark.parametrize(
    ("values", "roots", "code"),
    [
        (np.ones(5), [0], "sum-values"),
        ([1, 1, NAN, 1, 1, 1], [0], "sum-values"),
        ([1, 1, np.inf, 1, 1, 1], [], "sum-values"),
        (np.ones(6), [6], "node-unknown"),
    ],
)
def test_wrong_input(values, roots, code):
    with pytest.raises(DataError) as caught:
        behind(network_of(6, TOWN), values, roots)
    assert caught.value.code == code
