"""From roads to soft links and back.

A town, with hardened road `===` and soft road `---` (km beside it):

    S=====A        S seat, A on its piece
    |     |
   2|     |3       B junction of nothing
    |     |
    B--4--C--1--D--1--E===F      E and F: a hardened piece of their own, two villages on it
          |           |
         5|          2|
          G           H            G: village; H: end of a road, nobody lives there
    K--1--J                        an island: village at J
"""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yanshan_gis.errors import DataError
from yanshan_gis.optimisation.budget import Budget
from yanshan_gis.optimisation.contraction import Roads, contract, count_root_pieces
from yanshan_gis.optimisation.upgrading import upgrade

S, A, B, C, D, E, F, G, H, K, J = range(11)
EDGES = [
    (S, A, 9, True), (S, B, 2, False), (A, C, 3, False), (B, C, 4, False), (C, D, 1, False),
    (D, E, 1, False), (E, F, 8, True), (C, G, 5, False), (E, H, 2, False), (K, J, 1, False),
]  # fmt: skip
VILLAGES = [A, E, F, G, J, -1]
PEOPLE = [100, 10, 20, 40, 7, 3]


def town(**more):
    u, v, km, hard = (np.array(column) for column in zip(*EDGES, strict=True))
    return Roads(11, u, v, km.astype(float), hard.astype(bool), **more)


def town_graph(**more):
    return contract(town(**more), [S], node=VILLAGES, weight=PEOPLE, label=[0, 0, 1, 1, 1, 1])


def test_the_town_by_hand():
    graph = town_graph()
    # B goes: 6 km round where A-C is 3. D is between two links: C-E is one of 2 km.
    # H is a dead end without a village. C stays: three links meet there.
    assert graph.n_nodes == 4  # root, C, E=F, G
    links = sorted(zip(graph.u.tolist(), graph.v.tolist(), graph.length_km.tolist(), strict=True))
    assert links == [(0, 1, 3), (1, 2, 2), (1, 3, 5)]
    assert graph.node.tolist() == [0, 2, 2, 3, -1, -1]
    assert graph.connected_weight == 100
    assert graph.node_weight.tolist() == [0, 0, 30, 40]
    assert graph.label_weight.toarray().tolist() == [[0, 0, 10, 0], [0, 0, 20, 40]]
    assert sorted(graph.edges_of(np.arange(3)).tolist()) == [2, 4, 5, 7]
    assert graph.edges_of([]).tolist() == []


def test_villages_on_one_piece_are_gained_together_and_edges_found_again():
    graph = town_graph()
    found = upgrade(graph, Budget(km=5), gap=0)
    assert (found.gain, found.tree.km) == (30, 5)
    assert sorted(graph.edges_of(found.tree.links).tolist()) == [2, 4, 5]
    assert graph.gained(found.tree.reached).tolist() == [False, True, True, False, False, False]


def test_forbidden_roads_are_not_candidates():
    open_ = np.ones(10, bool)
    open_[2] = False  # A-C
    graph = town_graph(candidate=open_)
    assert graph.length_km.max() == 6  # S-B-C in one
    assert upgrade(graph, Budget(km=8), gap=0).gain == 30
    open_[1] = False
    cut_off = town_graph(candidate=open_)
    assert (cut_off.n_nodes, cut_off.n_links, cut_off.node.tolist()) == (1, 0, [0, *[-1] * 5])


def test_committed_roads_are_built_and_paid():
    build = np.zeros(10, bool)
    build[[2, 0]] = True  # A-C; S-A is hardened already and costs nothing
    graph = town_graph(committed=build, cost=np.arange(10.0))
    assert (graph.committed_km, graph.committed_cost, graph.committed.tolist()) == (3, 2, [2])
    assert graph.connected_weight == 100
    found = upgrade(graph, Budget(km=5), gap=0)  # C is root now: 2 km are left for E and F
    assert (found.gain, found.tree.km) == (30, 2)
    assert upgrade(graph, Budget(km=2)).status == "infeasible"
    far = np.zeros(10, bool)
    far[7] = True  # C-G alone: a piece of its own, gained when C is
    graph = town_graph(committed=far)
    found = upgrade(graph, Budget(km=8), gap=0)
    assert (found.gain, found.tree.km) == (40, 3)


def test_two_purses_keep_the_cheaper_beside_the_shorter():
    # Two ways between root and village: 3 km for 9, 4 km for 2; a third, 5 km for 5, is neither.
    roads = Roads(2, [0, 0, 0], [1, 1, 1], [3.0, 4, 5], [False] * 3, cost=[9.0, 2, 5])
    graph = contract(roads, [0], node=[1], weight=[1])
    assert sorted(graph.edge.tolist()) == [0, 1]
    assert upgrade(graph, Budget(km=3)).tree.km == 3
    assert upgrade(graph, Budget(cost=2)).tree.cost == 2
    assert upgrade(graph, Budget(km=3, cost=8)).gain == 0


def test_a_detour_must_be_cheaper_too():
    # 0-1 direct: 3 km for 1; over 2: 2 km for 10.
    roads = Roads(3, [0, 0, 2], [1, 2, 1], [3.0, 1, 1], [False] * 3, cost=[1.0, 5, 5])
    assert contract(roads, [0], node=[1, 2], weight=[1, 1]).n_links == 3
    without = Roads(3, [0, 0, 2], [1, 2, 1], [3.0, 1, 1], [False] * 3)
    assert contract(without, [0], node=[1, 2], weight=[1, 1]).n_links == 2
    # The same far from the root: 1-2 direct beside 1-3-2.
    ends, km = ([0, 1, 1, 3], [1, 2, 3, 2]), [10.0, 3, 1, 1]
    far = {"node": [1, 2, 3], "weight": [1, 1, 1]}
    paid = Roads(4, *ends, km, [False] * 4, cost=[1.0, 1, 5, 5])
    assert contract(paid, [0], **far).n_links == 4
    assert contract(Roads(4, *ends, km, [False] * 4), [0], **far).n_links == 3


def test_roots_on_several_pieces_are_one_root():
    assert count_root_pieces(town(), [S, A, -1]) == 1
    assert count_root_pieces(town(), [S, F]) == 2
    graph = contract(town(), [S, F], node=VILLAGES, weight=PEOPLE)
    assert graph.connected_weight == 130
    assert upgrade(graph, Budget(km=99)).gain == 40
    with pytest.raises(DataError, match="No root"):
        contract(town(), [-1], node=VILLAGES, weight=PEOPLE)


def test_wrong_input_is_named():
    for wrong in (np.nan, -1.0):
        with pytest.raises(DataError, match="weight"):
            contract(town(), [S], node=[A], weight=[wrong])
    with pytest.raises(DataError, match="Node 11"):
        contract(town(), [S], node=[11], weight=[1])
    with pytest.raises(DataError, match="Node 40"):
        contract(town(), [40], node=[A], weight=[1])
    with pytest.raises(DataError, match="length"):
        contract(Roads(2, [0], [1], [np.nan], [False]), [0], node=[1], weight=[1])


@st.composite
def networks(draw):
    """Draw a network of up to nine nodes; lengths 0 to 9, some edges hardened."""
    n = draw(st.integers(2, 9))
    m = draw(st.integers(1, 14))
    node = st.integers(0, n - 1)
    column = {"min_size": m, "max_size": m}
    u, v = draw(st.lists(node, **column)), draw(st.lists(node, **column))
    km = draw(st.lists(st.integers(0, 9), **column))
    hard = draw(st.lists(st.sampled_from([True, False, False]), **column))
    cost = draw(st.none() | st.lists(st.integers(0, 9), **column))
    places = draw(st.lists(st.integers(-1, n - 1), min_size=1, max_size=4))
    return Roads(n, u, v, km, hard, cost=cost), places


def best_by_trying(roads, places, km, cost):
    """Try every set of soft edges; return the most places joined to node 0."""
    soft = np.flatnonzero(~np.asarray(roads.hardened, bool))
    hard = np.flatnonzero(np.asarray(roads.hardened, bool))
    length = np.asarray(roads.length_km, float)
    money = np.zeros(len(length)) if roads.cost is None else np.asarray(roads.cost, float)
    most = 0
    for number in range(2 ** len(soft)):
        picks = soft[[bool(number >> i & 1) for i in range(len(soft))]]
        if length[picks].sum() > km or money[picks].sum() > cost:
            continue
        graph = nx.Graph([(0, 0)])
        graph.add_edges_from((roads.u[i], roads.v[i]) for i in [*hard, *picks])
        joined = nx.node_connected_component(graph, 0)
        most = max(most, sum(place in joined for place in places))
    return most


@settings(max_examples=60, deadline=None)
@given(networks(), st.integers(0, 20), st.integers(0, 20))
def test_the_contracted_graph_holds_a_best_choice(drawn, km, cost):
    roads, places = drawn
    if sum(not hard for hard in roads.hardened) > 9:
        return
    graph = contract(roads, [0], node=places, weight=np.ones(len(places)))
    budget = Budget(km) if roads.cost is None else Budget(km, cost)
    found = upgrade(graph, budget, gap=0)
    assert found.gain + graph.connected_weight == best_by_trying(roads, places, km, budget.cost)
    # Back on the network: the edges' kilometres add up, and the edges join what they say.
    edges = graph.edges_of(found.tree.links)
    assert np.asarray(roads.length_km)[edges].sum() == pytest.approx(found.tree.km)
    assert len(set(edges.tolist())) == len(edges)
    whole = nx.Graph([(0, 0)])
    hard = np.flatnonzero(roads.hardened)
    whole.add_edges_from((roads.u[i], roads.v[i]) for i in [*hard, *edges])
    joined = nx.node_connected_component(whole, 0)
    assert all(roads.u[i] in joined for i in edges)
    gained = graph.gained(found.tree.reached)
    before = graph.node == 0
    for place, mine, had in zip(places, gained, before, strict=True):
        assert (place in joined) or not (mine or had)


def test_a_larger_network_keeps_its_best_choice_when_reduced():
    rng = np.random.default_rng(5)
    n = 80
    u = np.concatenate(
        [[rng.integers(max(0, i - 6), i) for i in range(1, n)], rng.integers(0, n, 40)]
    )
    v = np.concatenate([np.arange(1, n), np.clip(u[n - 1 :] + rng.integers(1, 9, 40), 0, n - 1)])
    km = rng.uniform(0.2, 4, len(u))
    villages = np.flatnonzero(rng.random(n) < 0.3)
    roads = Roads(n, u, v, km, rng.random(len(u)) < 0.4)
    graph = contract(roads, [0], node=villages, weight=np.ones(len(villages)))
    assert graph.n_links < (~np.asarray(roads.hardened)).sum()
    # The same without any reduction: every edge a link, hardened ones free.
    from yanshan_gis.optimisation.soft_graph import SoftGraph

    free = np.where(roads.hardened, 0.0, km)
    plain = SoftGraph.of_links(n, u, v, free, node=villages, weight=np.ones(len(villages)))
    for budget in (Budget(15), Budget(1e4)):
        reduced, whole = upgrade(graph, budget, gap=0), upgrade(plain, budget, gap=0)
        gains = [one.gain + g.connected_weight for one, g in ((reduced, graph), (whole, plain))]
        assert gains[0] == gains[1]
        assert reduced.tree.km == pytest.approx(whole.tree.km)
