"""Choosing roads to harden: towns worked out by hand, enumeration, and what must always hold.

The toy of the choice: root 0, and a village behind another

    0 --5 km-- 1 (10 people) --1 km-- 2 (1000 people)        0 --4 km-- 3 (100 people)

With 6 km the best is 0-1-2: 1010 people. Ranking single roads takes 0-3 first (25 people per km
against 2), and then 2 km are left for nothing.
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
from yanshan_gis.optimisation.path_greedy import connect_by_paths
from yanshan_gis.optimisation.rooted_tree import RootedTree
from yanshan_gis.optimisation.soft_graph import SoftGraph
from yanshan_gis.optimisation.upgrading import upgrade

TOY = SoftGraph.of_links(4, [0, 1, 0], [1, 2, 3], [5, 1, 4], node=[1, 2, 3], weight=[10, 1000, 100])


def chosen(found):
    return found.tree.links.tolist()


def check(graph, found, budget):
    """Check that a choice is joined, pays its way, and gains what it says."""
    links = found.tree.links
    joined = nx.Graph([(0, 0)])
    joined.add_edges_from(zip(graph.u[links].tolist(), graph.v[links].tolist(), strict=True))
    assert nx.is_connected(joined)
    assert joined.number_of_edges() - 1 == joined.number_of_nodes() - 1  # no circle; one loop
    cost = 0.0 if graph.cost is None else graph.cost[links].sum()
    assert budget.holds(graph.length_km[links].sum(), cost)
    gained = [w for n, w in zip(graph.node, graph.weight, strict=True) if n > 0 and n in joined]
    assert found.gain == pytest.approx(sum(gained))
    assert found.bound >= found.gain * (1 - 1e-9)


def enumerate_best(graph, budget, floors=()):
    """Try every set of links; return the most gain and the fewest km for it, or None."""
    best = None
    for picks in itertools.product([False, True], repeat=graph.n_links):
        links = np.flatnonzero(picks)
        cost = 0.0 if graph.cost is None else graph.cost[links].sum()
        if not budget.holds(graph.length_km[links].sum(), cost):
            continue
        tree = RootedTree.of_links(graph, links)
        if any(tree.gain_by_label[label] < floor for label, floor in enumerate(floors)):
            continue
        key = (tree.gain, -graph.length_km[links].sum())
        best = key if best is None else max(best, key)
    return best


@st.composite
def graphs(draw, money=False, labels=0):
    """Draw a graph of up to six nodes and nine links, some nodes without places or ways."""
    n = draw(st.integers(2, 6))
    m = draw(st.integers(1, 9))
    node = st.integers(0, n - 1)
    pairs = draw(st.lists(st.tuples(node, node), min_size=m, max_size=m))
    pairs = [(a, b) for a, b in pairs if a != b]
    m = len(pairs)
    places = draw(st.lists(st.integers(-1, n - 1), min_size=1, max_size=6))
    numbers = st.integers(0, 9)
    return SoftGraph.of_links(
        n,
        [a for a, _ in pairs],
        [b for _, b in pairs],
        draw(st.lists(st.integers(1, 9), min_size=m, max_size=m)),
        node=places,
        weight=draw(st.lists(numbers, min_size=len(places), max_size=len(places))),
        cost=draw(st.lists(numbers, min_size=m, max_size=m)) if money else None,
        label=draw(st.lists(st.integers(0, labels - 1), min_size=len(places), max_size=len(places)))
        if labels
        else None,
    )


def test_the_toy_whole_ways_where_single_roads_fail():
    found = upgrade(TOY, Budget(km=6), gap=0)
    assert chosen(found) == [0, 1]
    assert (found.status, found.gain, found.bound, found.gap) == ("optimal", 1010, 1010, 0)
    assert (found.tree.km, found.least) == (6, 6)
    assert found.lost_by_greedy == 0  # whole ways: 1010 people on 6 km against 100 on 4
    assert found.tree.before.tolist() == [-1, 0, 1, -1]


def test_greedy_by_ways_can_lose_and_says_how_much():
    # 0 -1- 1 (3) and 0 -4- 2 (10); with 4 km greedy takes 3 for 1 km, and 3 km do not reach 2.
    graph = SoftGraph.of_links(3, [0, 0], [1, 2], [1, 4], node=[1, 2], weight=[3, 10])
    found = upgrade(graph, Budget(km=4), gap=0)
    assert chosen(found) == [1]
    assert (found.gain, found.greedy.gain, found.lost_by_greedy) == (10, 3, 7)


def test_shared_stretches_are_paid_once():
    # A junction 1 at 4 km, villages 2 and 3 each 1 km behind: both for 6 km, alone 5 km each.
    graph = SoftGraph.of_links(
        4, [0, 1, 1, 0], [1, 2, 3, 3], [4, 1, 1, 4.5], node=[2, 3], weight=[5, 5]
    )
    assert chosen(upgrade(graph, Budget(km=6), gap=0)) == [0, 1, 2]
    assert chosen(upgrade(graph, Budget(km=5), gap=0)) == [3]  # as good, and 0.5 km shorter


def test_of_equally_good_choices_the_shortest():
    circle = SoftGraph.of_links(3, [0, 0, 1], [1, 2, 2], [2, 3, 4], node=[1, 2], weight=[1, 1])
    found = upgrade(circle, Budget(km=100))
    assert (chosen(found), found.gain, found.least) == ([0, 1], 2, 5)


def test_money_binds_beside_kilometres():
    # Village 1: 2 km, 100; village 2: 5 km, 10; both gain 1.
    graph = SoftGraph.of_links(
        3, [0, 0], [1, 2], [2, 5], node=[1, 2], weight=[1, 1], cost=[100, 10]
    )
    assert chosen(upgrade(graph, Budget(km=6), gap=0)) == [0]
    assert chosen(upgrade(graph, Budget(cost=50), gap=0)) == [1]
    assert chosen(upgrade(graph, Budget(km=4, cost=50), gap=0)) == []
    both = upgrade(graph, Budget(km=7, cost=110), gap=0)
    assert (chosen(both), both.tree.cost) == ([0, 1], 110)
    assert chosen(upgrade(graph, Budget(cost=105), gap=0)) == [1]  # least money, not kilometres
    assert chosen(upgrade(graph, Budget(), gap=0)) == [0, 1]  # no limit at all


def test_a_floor_moves_roads_to_its_township():
    labelled = replace(TOY, label=np.array([0, 0, 1], np.int32))
    found = upgrade(labelled, Budget(km=6), floors=[0, 50], gap=0)
    assert (chosen(found), found.gain, found.status) == ([2], 100, "optimal")
    assert found.tree.gain_by_label.tolist() == [0, 100]


def test_a_floor_no_budget_meets_is_named():
    labelled = replace(TOY, label=np.array([0, 0, 1], np.int32))
    found = upgrade(labelled, Budget(km=999), floors=[0, 150, 1], names=["甲镇", "乙乡", "丙乡"])
    assert (found.status, chosen(found), found.needed) == ("infeasible", [], None)
    assert [(n.code, n.values) for n in found.reasons] == [
        ("floor-beyond-reach", {"township": "乙乡", "floor": 150.0, "possible": 100.0}),
        ("floor-beyond-reach", {"township": "丙乡", "floor": 1.0, "possible": 0.0}),
    ]
    assert np.isnan(found.gap)


def test_floors_beyond_the_budget_name_the_smallest_that_does():
    # 1000 people of township 0 need 6 km, 100 of township 1 need 4 km.
    labelled = replace(TOY, label=np.array([0, 0, 1], np.int32))
    found = upgrade(labelled, Budget(km=9), floors=[500, 50])
    assert (found.status, found.needed.km) == ("infeasible", 10)
    assert [(n.code, n.values) for n in found.reasons] == [
        ("floors-beyond-km", {"needed": 10, "limit": 9})
    ]
    assert upgrade(labelled, Budget(km=10), floors=[500, 50]).gain == 1110


def test_money_for_floors_within_the_kilometres():
    # To gain 1: 2 km for 100, or 5 km for 10. Each limit alone can be kept, not both.
    graph = SoftGraph.of_links(
        3, [0, 0], [1, 2], [2, 5], node=[1, 2], weight=[1, 1], cost=[100, 10], label=[0, 0]
    )
    found = upgrade(graph, Budget(km=4, cost=50), floors=[1])
    assert (found.status, found.needed) == ("infeasible", Budget(km=2, cost=100))
    assert [n.code for n in found.reasons] == ["floors-beyond-cost"]
    assert "Within the kilometres" in found.reasons[0].render("en")
    poor = upgrade(graph, Budget(km=1, cost=5), floors=[1])
    assert poor.needed == Budget(km=2, cost=10)
    assert [n.code for n in poor.reasons] == ["floors-beyond-km", "floors-beyond-cost"]


def test_committed_roads_take_their_part_or_more():
    committed = replace(TOY, committed_km=3.0)
    assert upgrade(committed, Budget(km=6), gap=0).gain == 0  # 3 km are left
    assert upgrade(committed, Budget(km=9), gap=0).gain == 1010
    found = upgrade(committed, Budget(km=2))
    assert (found.status, [(n.code, n.values) for n in found.reasons]) == (
        "infeasible",
        [("committed-beyond-km", {"needed": 3.0, "limit": 2})],
    )


def test_nothing_to_spend_to_choose_or_to_reach():
    assert upgrade(TOY, Budget(km=0), gap=0).gain == 0
    nobody = SoftGraph.of_links(1, [], [], [], node=[0, -1], weight=[5, 7])
    found = upgrade(nobody, Budget(km=10))
    assert (found.status, found.gain, found.bound, found.gap) == ("optimal", 0, 0, 0)
    assert nobody.connected_weight == 5
    alone = SoftGraph.of_links(2, [0], [1], [3], node=[1], weight=[7])
    assert (upgrade(alone, Budget(km=3)).gain, upgrade(alone, Budget(km=2)).gain) == (7, 0)
    free = SoftGraph.of_links(2, [0], [1], [0], node=[1], weight=[7])
    assert upgrade(free, Budget(km=0)).gain == 7


def test_a_circle_without_a_way_to_the_root_gains_nothing():
    island = SoftGraph.of_links(
        5, [0, 2, 3, 4], [1, 3, 4, 2], [1, 1, 1, 1], node=[1, 2, 3], weight=[1, 50, 50]
    )
    found = upgrade(island, Budget(km=99))
    assert (found.gain, found.bound, chosen(found)) == (1, 1, [0])
    assert island.node.tolist() == [1, -1, -1]


@pytest.mark.parametrize("wrong", [np.nan, -1.0, np.inf])
def test_what_is_no_number_is_named(wrong):
    with pytest.raises(DataError, match="Row 1 has a weight"):
        SoftGraph.of_links(2, [0], [1], [1], node=[1, 1], weight=[1, wrong])
    with pytest.raises(DataError, match="Row 0 has a length"):
        SoftGraph.of_links(2, [0], [1], [wrong], node=[1], weight=[1])
    with pytest.raises(DataError, match="Row 0 costs"):
        SoftGraph.of_links(2, [0], [1], [1], node=[1], weight=[1], cost=[wrong])
    with pytest.raises(DataError, match="least gain of township 0"):
        upgrade(TOY, Budget(km=6), floors=[wrong])


def test_budgets_and_nodes_that_are_none():
    for wrong in (np.nan, -1.0):
        with pytest.raises(DataError, match="The budget is"):
            Budget(km=wrong)
    with pytest.raises(DataError, match="no cost"):
        upgrade(TOY, Budget(km=6, cost=10))
    with pytest.raises(DataError, match="Node 4"):
        SoftGraph.of_links(4, [0], [4], [1], node=[1], weight=[1])
    with pytest.raises(DataError, match=r"1 numbers \(weight\) where 2"):
        SoftGraph.of_links(4, [0], [1], [1], node=[1, 2], weight=[1])


@settings(max_examples=40, deadline=None)
@given(graphs(), st.integers(0, 25))
def test_as_good_and_as_short_as_trying_everything(graph, km):
    budget = Budget(km=km)
    found = upgrade(graph, budget, gap=0)
    check(graph, found, budget)
    gain, minus_km = enumerate_best(graph, budget)
    assert (found.status, found.gain) == ("optimal", gain)
    assert found.bound == pytest.approx(gain)
    assert found.tree.km == pytest.approx(-minus_km)
    assert found.greedy.gain <= found.gain


@settings(max_examples=40, deadline=None)
@given(
    graphs(money=True, labels=2),
    st.integers(0, 20),
    st.integers(0, 20),
    st.tuples(st.integers(0, 9), st.integers(0, 9)),
)
def test_both_limits_and_floors_as_trying_everything(graph, km, cost, floors):
    budget = Budget(km=km, cost=cost)
    floors = floors[: graph.label_weight.shape[0]]
    found = upgrade(graph, budget, floors=floors, gap=0)
    best = enumerate_best(graph, budget, floors)
    if best is None:
        assert found.status == "infeasible"
        assert found.reasons
        if found.needed is not None:
            for alone in (Budget(km=found.needed.km), Budget(cost=found.needed.cost)):
                assert enumerate_best(graph, alone, floors) is not None
        return
    check(graph, found, budget)
    assert found.gain == best[0]
    assert (found.tree.gain_by_label >= floors).all()


@settings(max_examples=30, deadline=None)
@given(graphs(), st.integers(1, 12), st.integers(1, 12))
def test_more_money_never_gains_less(graph, first, more):
    small, large = (
        upgrade(graph, Budget(km=first), gap=0),
        upgrade(graph, Budget(km=first + more), gap=0),
    )
    assert large.gain >= small.gain


@settings(max_examples=30, deadline=None)
@given(graphs(), st.integers(1, 20), st.sampled_from([3.0, 1000.0, 0.25, 1e-7]))
def test_the_unit_of_weights_changes_nothing(graph, km, factor):
    scaled = replace(graph, weight=graph.weight * factor)
    plain, other = upgrade(graph, Budget(km=km), gap=0), upgrade(scaled, Budget(km=km), gap=0)
    assert other.gain == pytest.approx(plain.gain * factor)
    assert other.tree.km == pytest.approx(plain.tree.km)


def random_graph(seed, n=60, extra=30):
    """Return a larger graph: a random tree with further links, some nodes without places."""
    rng = np.random.default_rng(seed)
    u = np.concatenate([[rng.integers(max(0, i - 12), i) for i in range(1, n)],
                        rng.integers(0, n, extra)])  # fmt: skip
    v = np.concatenate([np.arange(1, n), rng.integers(0, n, extra)])
    apart = u != v
    u, v = u[apart], v[apart]
    node = np.flatnonzero(rng.random(n) < 0.6)
    return SoftGraph.of_links(
        n, u, v, rng.uniform(0.3, 5, len(u)).round(2),
        node=node, weight=rng.integers(1, 300, len(node)),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_larger_graphs_are_proven_and_greedy_is_never_better(seed):
    graph = random_graph(seed)
    gains = []
    for km in (10, 40, 1e6):
        budget = Budget(km=km)
        found = upgrade(graph, budget)
        check(graph, found, budget)
        assert (found.status, found.gap <= 1e-4) == ("optimal", True)
        assert connect_by_paths(graph, budget).gain <= found.gain * (1 + 1e-4)
        gains.append(found.gain)
    assert gains == sorted(gains)
    assert gains[-1] == graph.node_weight.sum()
    # All that can be joined, by the fewest kilometres: a Steiner tree between that of networkx
    # (at most twice the best) and half of it.
    roads = nx.Graph()
    for a, b, km in zip(graph.u.tolist(), graph.v.tolist(), graph.length_km.tolist(), strict=True):
        if not roads.has_edge(a, b) or roads[a][b]["km"] > km:
            roads.add_edge(a, b, km=km)
    terminals = [0, *np.unique(graph.node[graph.node > 0]).tolist()]
    tree = nx.algorithms.approximation.steiner_tree(roads, terminals, weight="km")
    assert tree.size("km") / 2 <= found.tree.km <= tree.size("km") + 1e-9
    assert found.least == pytest.approx(found.tree.km, rel=2e-4)


def test_when_time_runs_out_the_best_so_far_is_kept():
    graph = random_graph(0)
    budget = Budget(km=40)
    found = upgrade(graph, budget, time_limit_s=0.0)
    check(graph, found, budget)
    assert found.gain >= connect_by_paths(graph, budget).gain
    assert np.isnan(found.least)


def test_a_listener_hears_gain_and_bound_in_the_weights_given():
    heard = []
    graph = replace(random_graph(1), weight=random_graph(1).weight * 10)
    found = upgrade(graph, Budget(km=40), gap=0, listener=lambda best, bound: heard.append(bound))
    assert all(bound >= found.gain * (1 - 1e-9) for bound in heard if np.isfinite(bound))
    assert heard


def test_row_order_changes_nothing():
    graph = random_graph(2)
    order = np.random.default_rng(0).permutation(graph.n_links)
    turned = SoftGraph.of_links(
        graph.n_nodes, graph.v[order], graph.u[order], graph.length_km[order],
        node=graph.node, weight=graph.weight,
    )  # fmt: skip
    first, second = upgrade(graph, Budget(km=40), gap=0), upgrade(turned, Budget(km=40), gap=0)
    assert second.gain == first.gain
    assert second.tree.km == pytest.approx(first.tree.km)
    assert sorted(order[second.tree.links]) == chosen(first)
