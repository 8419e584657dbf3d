"""The compiled engine beside scipy's: the same answers to the last digit, whatever the graph."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yanshan_gis.compiled import cache_folder
from yanshan_gis.network.compiled_engine import COMPILED, WORTH_A_HIERARCHY, CompiledEngine
from yanshan_gis.network.engine import choose_engine, numba_loads
from yanshan_gis.network.kernels import hierarchy as hierarchy_kernels
from yanshan_gis.network.links import Links
from yanshan_gis.network.scipy_engine import SCIPY

NAN = np.nan
ENGINES = {"scipy": SCIPY, "compiled": COMPILED, "one thread": CompiledEngine(1)}
engines = pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)


def links_of(n, rows):
    """Links of edges ``(u, v, from u, from v)``."""
    columns = list(zip(*rows, strict=True)) if rows else [[], [], [], []]
    return Links.of_edges(n, np.array(columns[0], int), np.array(columns[1], int), *columns[2:])


# Costs in whole steps, so that ties are many; a step of 0.1 makes ties that differ by rounding.
costs = st.one_of(st.just(NAN), st.integers(0, 4).map(float))
runs = st.lists(st.integers(0, 11), min_size=2, max_size=9)


@st.composite
def graphs(draw):
    """Runs of edges one after another (chains, loops, parallels, islands) with one-ways."""
    step = draw(st.sampled_from([1.0, 0.1, 0.37]))
    rows = [
        (u, v, step * draw(costs), step * draw(costs))
        for run in draw(st.lists(runs, max_size=6))
        for u, v in pairwise(run)
    ]
    sources = draw(st.lists(st.integers(0, 11), max_size=6))
    offsets = [step * draw(st.integers(0, 2)) for _ in sources]
    cutoff = draw(st.sampled_from([np.inf, np.inf, 0.0, 2 * step, 5 * step]))
    return (
        links_of(12, rows), np.array(sources, np.int64), np.array(offsets, float), cutoff,
    )  # fmt: skip


@pytest.mark.oracle
@settings(max_examples=300, deadline=None)
@given(graphs())
def test_nearest_is_the_same_to_the_last_bit(case):
    cost, owner = COMPILED.nearest(*case)
    expected, who = SCIPY.nearest(*case)
    np.testing.assert_array_equal(cost, expected)
    np.testing.assert_array_equal(owner, who)


@pytest.mark.oracle
@settings(max_examples=300, deadline=None)
@given(graphs(), st.integers(1, 4))
def test_k_nearest_are_the_same(case, k):
    links, sources, offsets, cutoff = case
    cost, owner = COMPILED.nearest_k(links, sources, offsets, k, cutoff)
    expected, _ = SCIPY.nearest_k(links, sources, offsets, k, cutoff)
    np.testing.assert_array_equal(cost, expected)
    # Whom each cost belongs to: equal costs may change places by rounding, never the cost.
    alone, _ = zip(
        *(SCIPY.nearest(links, sources[i : i + 1], offsets[i : i + 1], cutoff)
          for i in range(len(sources))), strict=True,
    ) if len(sources) else ((), ())  # fmt: skip
    for node, rank in np.argwhere(owner >= 0):
        assert alone[owner[node, rank]][node] == cost[node, rank]
    assert all(len(set(row[row >= 0])) == (row >= 0).sum() for row in owner)


@engines
def test_k_nearest_of_equal_cost_come_by_index(engine):
    #   0 --1-- 1 --1-- 2 --1-- 3: facilities at 3, 0, 2, 0
    links = links_of(4, [(i, i + 1, 1.0, 1.0) for i in range(3)])
    cost, owner = engine.nearest_k(links, np.array([3, 0, 2, 0]), np.zeros(4), 3, np.inf)
    np.testing.assert_array_equal(cost, [[0, 0, 2], [1, 1, 1], [0, 1, 2], [0, 1, 3]])
    assert owner.tolist() == [[1, 3, 2], [1, 2, 3], [2, 0, 1], [0, 2, 1]]
    few, who = engine.nearest_k(links, np.array([3]), np.zeros(1), 3, 1.0)
    np.testing.assert_array_equal(few[0], [np.inf] * 3)
    assert who[2].tolist() == [0, -1, -1]


@pytest.mark.oracle
@settings(max_examples=200, deadline=None)
@given(graphs(), st.lists(st.integers(0, 11), max_size=6))
def test_tables_are_the_same(case, targets):
    links, sources, _, cutoff = case
    goals = np.array(targets, np.int64)
    expected = SCIPY.table(links, sources, goals, cutoff)
    np.testing.assert_array_equal(COMPILED.table(links, sources, goals, cutoff), expected)


@pytest.mark.oracle
@settings(max_examples=200, deadline=None)
@given(graphs())
def test_tables_by_the_hierarchy_differ_by_rounding_only(case):
    links, *_ = case
    goals = np.arange(12)
    sources = np.tile(goals, WORTH_A_HIERARCHY // 12 + 1)
    expected = SCIPY.table(links, sources, goals, np.inf)
    found = COMPILED.table(links, sources, goals, np.inf)
    assert "hierarchy" in links.kept
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    within = COMPILED.table(links, sources, goals, 2.0)
    np.testing.assert_array_equal(within[expected > 2.1], np.inf)
    np.testing.assert_allclose(within[expected < 1.9], expected[expected < 1.9], rtol=1e-12)


@pytest.mark.oracle
@settings(max_examples=200, deadline=None)
@given(graphs())
def test_what_lies_within_reach_is_the_same(case):
    for found, expected in zip(
        sorted_reach(COMPILED, case), sorted_reach(SCIPY, case), strict=True
    ):
        np.testing.assert_array_equal(found, expected)


def sorted_reach(engine, case):
    reached = engine.reach(*case)
    search = np.repeat(np.arange(len(case[1])), np.diff(reached.begin))
    order = np.lexsort((reached.node, search))
    return reached.begin, reached.node[order], reached.cost[order]


def grid(n, seed=3):
    """A town of n × n streets, cut into short pieces, one street after another."""
    rng = np.random.default_rng(seed)
    rows, nodes = [], n * n
    for i in range(n):
        for j in range(n):
            for there in ([(i, j + 1)] if j + 1 < n else []) + ([(i + 1, j)] if i + 1 < n else []):
                inner = list(range(nodes, nodes + int(rng.integers(0, 7))))
                nodes += len(inner)
                run = [i * n + j, *inner, there[0] * n + there[1]]
                rows += [
                    (u, v, *rng.random(2)) for u, v in pairwise(run)
                ]  # fmt: skip
    return links_of(nodes, rows)


def test_many_searches_are_divided_over_threads_without_a_trace():
    links = grid(12)
    sources = np.arange(0, links.n_nodes, 40)[:24]
    offsets = np.linspace(0, 1, len(sources))
    two, one = CompiledEngine(2), CompiledEngine(1)
    np.testing.assert_array_equal(
        two.table(links, sources, sources, np.inf), one.table(links, sources, sources, np.inf)
    )
    for a, b in zip(
        sorted_reach(two, (links, sources, offsets, 2.5)),
        sorted_reach(one, (links, sources, offsets, 2.5)),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)
    many = np.arange(0, links.n_nodes, 8)
    np.testing.assert_array_equal(
        two.table(links, many, many, np.inf), one.table(links, many, many, np.inf)
    )


def shuffled(links, seed=6):
    """The same edges in another order, half of them turned round, under other numbers."""
    rng = np.random.default_rng(seed)
    number, order = rng.permutation(links.n_nodes), rng.permutation(len(links.u))
    u, v, from_u, from_v = (a[order] for a in (links.u, links.v, links.from_u, links.from_v))
    turned = rng.random(len(order)) < 0.5
    return Links.of_edges(
        links.n_nodes,
        number[np.where(turned, v, u)], number[np.where(turned, u, v)],
        np.where(turned, from_v, from_u), np.where(turned, from_u, from_v),
    ), number  # fmt: skip


def test_edges_in_no_order_are_arranged_to_the_same_chains():
    town = grid(12)
    other, number = shuffled(town)
    _, _, _, _, _, junctions, first, *_ = COMPILED.prepare(other)
    # 12 × 12 crossings, of which the four corners have two streets and pass on; 264 streets.
    assert (len(junctions), len(first) - 1) == (140, 260)
    sources, offsets = np.arange(0, 144, 16), np.linspace(0, 1, 9)
    cost, owner = COMPILED.nearest(town, sources, offsets, np.inf)
    again, whose = COMPILED.nearest(other, number[sources], offsets, np.inf)
    np.testing.assert_array_equal(again[number], cost)
    np.testing.assert_array_equal(whose[number], owner)


@pytest.mark.oracle
@settings(max_examples=150, deadline=None)
@given(graphs(), st.integers(0, 9))
def test_the_order_of_edges_changes_no_answer(case, seed):
    links, sources, offsets, cutoff = case
    other, number = shuffled(links, seed)
    expected, who = SCIPY.nearest(links, sources, offsets, cutoff)
    cost, owner = COMPILED.nearest(other, number[sources], offsets, cutoff)
    np.testing.assert_array_equal(cost[number], expected)
    np.testing.assert_array_equal(owner[number], who)


@pytest.mark.oracle
def test_a_town_of_streets_agrees_with_scipy():
    links = grid(25)
    rng = np.random.default_rng(8)
    sources = rng.choice(links.n_nodes, 60, replace=False)
    offsets = rng.random(60)
    for ours, theirs in zip(
        COMPILED.nearest(links, sources, offsets, np.inf),
        SCIPY.nearest(links, sources, offsets, np.inf),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, theirs)
    expected = SCIPY.table(links, sources, sources, np.inf)
    np.testing.assert_allclose(
        COMPILED.table(links, sources, sources, np.inf), expected, rtol=1e-12
    )
    assert expected.max() > 5


def test_the_hierarchy_finds_room_for_its_shortcuts():
    # A wheel of 300 spokes: removing the hub first would take 300 · 299 shortcuts.
    rows = [(0, i, 1.0, 1.0) for i in range(1, 301)]
    rows += [(i, i % 300 + 1, 0.4, 0.4) for i in range(1, 301)]
    links = links_of(301, rows)
    nodes = np.arange(301)
    np.testing.assert_allclose(
        COMPILED.table(links, nodes, nodes, np.inf), SCIPY.table(links, nodes, nodes, np.inf),
        rtol=1e-12,
    )  # fmt: skip


@engines
def test_nothing_to_search_from(engine):
    links = links_of(3, [(0, 1, 1.0, 1.0)])
    nobody, nothing = np.empty(0, np.int64), np.empty(0)
    cost, owner = engine.nearest(links, nobody, nothing, np.inf)
    assert np.isinf(cost).all()
    assert owner.tolist() == [-1, -1, -1]
    assert engine.nearest_k(links, nobody, nothing, 2, np.inf)[1].tolist() == [[-1, -1]] * 3
    assert engine.table(links, nobody, np.array([1]), np.inf).shape == (0, 1)
    assert engine.reach(links, nobody, nothing, np.inf).begin.tolist() == [0]


@engines
def test_a_network_without_edges(engine):
    links = links_of(3, [])
    cost, owner = engine.nearest(links, np.array([2]), np.zeros(1), np.inf)
    np.testing.assert_array_equal(cost, [np.inf, np.inf, 0])
    assert owner.tolist() == [-1, -1, 0]
    np.testing.assert_array_equal(
        engine.table(links, np.array([0, 1]), np.array([1]), np.inf), [[np.inf], [0]]
    )


@engines
def test_all_nodes_are_facilities(engine):
    links = grid(4)
    everyone = np.arange(links.n_nodes)
    cost, owner = engine.nearest(links, everyone, np.zeros(len(everyone)), np.inf)
    assert (cost == 0).all()
    assert owner.tolist() == everyone.tolist()


@engines
def test_cut_off_zero_reaches_what_costs_nothing(engine):
    links = links_of(4, [(0, 1, 0.0, 1.0), (1, 2, 0.0, 0.0), (2, 3, 0.5, 0.5)])
    cost, _ = engine.nearest(links, np.array([0]), np.zeros(1), 0.0)
    np.testing.assert_array_equal(cost, [0, 0, 0, np.inf])
    assert sorted(engine.reach(links, np.array([0]), np.zeros(1), 0.0).node) == [0, 1, 2]


def test_small_work_stays_with_scipy_and_large_work_does_not():
    links = grid(4)
    assert choose_engine(links, 1) is SCIPY
    assert isinstance(choose_engine(links, 10**6), CompiledEngine)


def test_scipy_answers_where_numba_does_not_load(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    numba_loads.cache_clear()
    try:
        assert choose_engine(grid(4), 10**6) is SCIPY
    finally:
        numba_loads.cache_clear()


def test_kernels_are_kept_in_the_users_cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    if sys.platform != "darwin":
        assert cache_folder() == tmp_path / "yanshan-gis" / "kernels"
    code = (
        "import sys; import yanshan_gis.network.facilities; assert 'numba' not in sys.modules;"
        "from yanshan_gis.network.kernels import heap; import numpy as np;"
        "print(heap.push(np.zeros(2), np.zeros(2, np.int32), 0, 1.0, 7))"
    )
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False,
            env=environment,
        )  # fmt: skip
        assert done.stdout == "1\n", done.stderr
    if sys.platform != "darwin":
        assert list((tmp_path / "yanshan-gis" / "kernels").rglob("heap.push*.nbc"))


class Memory(dict):
    """A cache in memory."""

    read = dict.get
    write = dict.__setitem__


def test_a_hierarchy_is_kept_under_the_hash_of_its_links(monkeypatch):
    kept, nodes = Memory(), np.arange(144)
    expected = CompiledEngine(cache=kept).table(grid(12), nodes, nodes, np.inf)
    (key,) = kept
    monkeypatch.setattr(hierarchy_kernels, "contract", None)  # nothing is built again
    again = CompiledEngine(cache=kept).table(grid(12), nodes, nodes, np.inf)
    np.testing.assert_array_equal(again, expected)
    with pytest.raises(TypeError):
        CompiledEngine(cache=kept).table(grid(12, seed=4), nodes, nodes, np.inf)
    assert list(kept) == [key]


def test_what_a_cache_holds_by_mistake_is_built_anew():
    kept, nodes = Memory(), np.arange(40)
    expected = CompiledEngine(cache=kept).table(grid(12), nodes, nodes, np.inf)
    (key,) = kept
    kept[key] = {"rank": np.zeros(3)}
    again = CompiledEngine(cache=kept).table(grid(12), nodes, nodes, np.inf)
    np.testing.assert_array_equal(again, expected)
