"""The order in which chosen roads are built: steps and years, by hand and by enumeration.

    0 --5-- 1 (10) --1-- 2 (1000)      0 --4-- 3 (100) --4-- 4 (20)

Steps: 0-1-2 together gain 1010 on 6 km (168 per km), though its first stretch alone gains 2 per km;
then 3 (25 per km); then 4 (5 per km).
"""

import itertools
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yanshan_gis.errors import DataError
from yanshan_gis.optimisation.budget import Budget
from yanshan_gis.optimisation.phasing import phase, steps
from yanshan_gis.optimisation.rooted_tree import RootedTree
from yanshan_gis.optimisation.soft_graph import SoftGraph

GRAPH = SoftGraph.of_links(
    5, [0, 1, 0, 3], [1, 2, 3, 4], [5, 1, 4, 4], node=[1, 2, 3, 4], weight=[10, 1000, 100, 20],
    cost=[1, 2, 3, 4],
)  # fmt: skip
TREE = RootedTree.of_links(GRAPH, range(4))


@st.composite
def trees(draw, largest=6):
    """Draw a tree of links, every node with a weight or none."""
    n = draw(st.integers(2, largest))
    u = [draw(st.integers(0, i - 1)) for i in range(1, n)]
    numbers = {"min_size": n - 1, "max_size": n - 1}
    km = draw(st.lists(st.integers(1, 6), **numbers))
    weight = draw(st.lists(st.integers(0, 9), **numbers))
    graph = SoftGraph.of_links(n, u, range(1, n), km, node=range(1, n), weight=weight)
    return RootedTree.of_links(graph, range(n - 1))


def test_steps_by_hand():
    found = steps(TREE)
    assert [(s.links, s.km, s.cost, s.gain) for s in found] == [
        ((0, 1), 6, 3, 1010), ((2,), 4, 3, 100), ((3,), 4, 4, 20),
    ]  # fmt: skip
    assert [s.gain_per_km for s in found] == pytest.approx([1010 / 6, 25, 5])
    assert steps(RootedTree.empty(GRAPH)) == []


def test_a_step_without_length_comes_first():
    graph = SoftGraph.of_links(3, [0, 0], [1, 2], [1, 0], node=[1, 2], weight=[9, 1])
    first, second = steps(RootedTree.of_links(graph, [0, 1]))
    assert (first.links, first.gain_per_km, second.links) == ((1,), np.inf, (0,))


@settings(max_examples=80, deadline=None)
@given(trees())
def test_steps_fall_are_joined_and_no_order_has_more_under_its_curve(tree):
    graph = tree.graph
    found = steps(tree)
    ratios = [s.gain_per_km for s in found]
    assert all(a >= b - 1e-12 for a, b in itertools.pairwise(ratios))
    order = [link for s in found for link in s.links]
    assert sorted(order) == tree.links.tolist()
    built = nx.Graph([(0, 0)])
    for one in found:
        for link in one.links:
            a, b = int(graph.u[link]), int(graph.v[link])
            assert a in built or b in built
            built.add_edge(a, b)
    # Area under the curve: each link's gain counts for the kilometres built after it.
    end = {int(tree.link[x]): int(x) for x in tree.outward}

    def lost(sequence):
        km = total = 0.0
        seen = {0}
        for link in sequence:
            if int(tree.before[end[link]]) not in seen:
                return np.inf
            seen.add(end[link])
            km += graph.length_km[link]
            total += km * graph.node_weight[end[link]]
        return total

    assert lost(order) == min(lost(one) for one in itertools.permutations(order))


def test_years_by_hand():
    # 6 km a year: the first takes 0-1-2, the second 0-3, the third 3-4 with what is left over.
    found = phase(TREE, [Budget(km=6)] * 3, gap=0)
    assert (found.status, found.year.tolist(), found.gap) == ("optimal", [0, 0, 1, 2], 0)
    assert (found.gain.tolist(), found.km.tolist()) == ([1010, 100, 20], [6, 4, 4])
    assert found.cost.tolist() == [3, 3, 4]
    # 4 km in the first year would pay for 0-3, but kept for the second they reach 2 on 6 km.
    small = phase(TREE, [Budget(km=4), Budget(km=5), Budget(km=99)], gap=0)
    assert small.year.tolist() == [1, 1, 2, 2]
    # Money binds as well: 2 in the first year pay for neither 2 behind 1 (3) nor 3 (3).
    poor = phase(TREE, [Budget(cost=2), Budget(cost=1), Budget(cost=99)], gap=0)
    assert poor.year.tolist() == [0, 1, 2, 2]
    assert phase(TREE, [Budget()], gap=0).year.tolist() == [0, 0, 0, 0]


def test_committed_roads_are_paid_first():
    waiting = RootedTree.of_links(replace(GRAPH, committed_km=6.0), range(4))
    found = phase(waiting, [Budget(km=6)] * 4, gap=0)
    assert found.year.tolist() == [1, 1, 2, 3]


def test_years_that_do_not_pay_for_the_choice():
    found = phase(TREE, [Budget(km=6), Budget(km=7, cost=1)])
    assert (found.status, found.year.tolist()) == ("infeasible", [-1] * 4)
    assert [(n.code, n.values) for n in found.reasons] == [
        ("years-beyond-km", {"needed": 14, "limit": 13})
    ]
    poor = phase(TREE, [Budget(cost=5), Budget(cost=1)])
    assert [n.code for n in poor.reasons] == ["years-beyond-cost"]
    assert phase(TREE, []).status == "infeasible"
    free = replace(GRAPH, cost=None)
    with pytest.raises(DataError, match="no cost"):
        phase(RootedTree.of_links(free, range(4)), [Budget(cost=1)])


def test_without_time_the_steps_order_stands():
    found = phase(TREE, [Budget(km=6)] * 3, time_limit_s=0.0)
    assert found.year.tolist() == [0, 0, 1, 2]


@settings(max_examples=60, deadline=None)
@given(trees(5), st.lists(st.integers(0, 8), min_size=2, max_size=3))
def test_years_as_trying_every_order(tree, km):
    graph = tree.graph
    budgets = [Budget(km=float(k)) for k in km]
    budgets[-1] = Budget(km=max(float(km[-1]), tree.km - sum(km[:-1])))
    found = phase(tree, budgets, gap=0)
    room = np.cumsum([b.km for b in budgets])
    nodes = tree.outward.tolist()
    best = -1.0
    for years in itertools.product(range(len(km)), repeat=len(nodes)):
        year = dict(zip(nodes, years, strict=True)) | {0: 0}
        if any(year[int(tree.before[x])] > year[x] for x in nodes):
            continue
        length = np.bincount(years, graph.length_km[tree.link[nodes]], minlength=len(km))
        if (np.cumsum(length) > room + 1e-9).any():
            continue
        gain = np.bincount(years, graph.node_weight[nodes], minlength=len(km))
        best = max(best, np.cumsum(gain)[:-1].sum())
    assert found.status == "optimal"
    assert np.cumsum(found.gain)[:-1].sum() == pytest.approx(best)
    assert (np.cumsum(found.km) <= room + 1e-6).all()
    # Nested and never stranded: what is built by the end of each year hangs on the root.
    for last in range(len(km)):
        links = np.flatnonzero((found.year >= 0) & (found.year <= last))
        joined = nx.Graph([(0, 0)])
        joined.add_edges_from(zip(graph.u[links].tolist(), graph.v[links].tolist(), strict=True))
        assert nx.is_connected(joined)
