"""The nearest segment by grid and by tree, and the pieces of a split, against plain loops."""

from __future__ import annotations

import sys
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from yanshan_gis.network import segments as segments_module
from yanshan_gis.network.attach import attach
from yanshan_gis.network.facilities import nearest
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.kernels import grid as grid_module
from yanshan_gis.network.segments import Segments, squared_m
from yanshan_gis.network.stops import Stops
from yanshan_gis.network.tables import table

CRS = "EPSG:4544"
ENGINES = (False, True)
BOTH = pytest.mark.parametrize("compiled", ENGINES, ids=["tree", "grid"])


def segments_of(*lines):
    return Segments.of(np.array([shapely.LineString(line) for line in lines], dtype=object))


def network_of(lines, minutes_back=None):
    """Edges on lines, a node at every place where one ends; a metre takes a thousandth minute."""
    lines = [shapely.LineString(line) for line in lines]
    ends = np.array([line.coords[i] for line in lines for i in (0, -1)])
    _, node = np.unique(ends, axis=0, return_inverse=True)
    node = node.ravel().astype(np.int32)
    length = shapely.length(lines)
    back = length / 500 if minutes_back is None else minutes_back
    columns = {
        "road_id": [f"R{i}" for i in range(len(lines))],
        "u": node[::2],
        "v": node[1::2],
        "length_m": length,
        "minutes": length / 1000,
        "minutes_back": back,
    }
    return RoadNetwork.from_edges(gpd.GeoDataFrame(columns, geometry=lines, crs=CRS))


def stops_at(edge, fraction):
    blank = np.full(len(edge), np.nan)
    none = np.full(len(edge), None)
    return Stops(blank, blank, np.asarray(edge, np.int32), np.asarray(fraction, float),
                 blank, blank, blank, none)  # fmt: skip


def by_brute_force(segments, x, y, allowed=None):
    """The lowest of the nearest segments, all pairs measured."""
    begins = np.flatnonzero(np.diff(segments.line, append=-1) == 0)
    if allowed is not None:
        begins = begins[allowed[segments.line[begins]]]
    square = [
        squared_m(np.full(len(begins), px), np.full(len(begins), py),
                  segments.xy[begins], segments.xy[begins + 1])
        for px, py in zip(x, y, strict=True)
    ]  # fmt: skip
    return begins[np.argmin(square, axis=1)]


# --- the nearest segment


@BOTH
def test_the_nearest_segment_and_the_foot_on_it(compiled):
    #  line 0  (0,0) --v0-- (10,0) --v1-- (10,10)       line 1  (20,0) --v3-- (20,10)
    #  A (4,3): on v0, 4 along      B (12,-2): at the vertex of v0 and v1, so the end of v0
    #  C (15,5): 5 from both lines, so line 0     D (20,30): the end of line 1
    segments = segments_of([(0, 0), (10, 0), (10, 10)], [(20, 0), (20, 10)])
    x, y = np.array([[4.0, 3], [12, -2], [15, 5], [20, 30]]).T
    vertex = segments.nearest(x, y, compiled=compiled)
    assert vertex.tolist() == [0, 0, 1, 3]
    feet = segments.feet(vertex, x, y)
    assert feet.line.tolist() == [0, 0, 0, 1]
    assert feet.along_m.tolist() == [4, 10, 15, 10]
    assert feet.length_m.tolist() == [20, 20, 20, 10]
    assert list(zip(feet.x, feet.y, strict=True)) == [(4, 0), (10, 0), (10, 5), (20, 10)]
    only_second = np.array([False, True])
    assert segments.nearest(x, y, only_second, compiled=compiled).tolist() == [3] * 4


@BOTH
def test_segments_without_length_are_places(compiled):
    segments = segments_of([(5, 5), (5, 5)], [(0, 0), (0, 0), (4, 0), (4, 0)])
    x, y = np.array([[5.0, 6], [0, 1], [2, 1], [9, 0]]).T
    vertex = segments.nearest(x, y, compiled=compiled)
    assert vertex.tolist() == [0, 2, 3, 3]
    feet = segments.feet(vertex, x, y)
    assert feet.along_m.tolist() == [0, 0, 2, 4]
    assert list(zip(feet.x, feet.y, strict=True)) == [(5, 5), (0, 0), (2, 0), (4, 0)]
    alone = segments_of([(5, 5), (5, 5)])
    assert alone.nearest(x, y, compiled=compiled).tolist() == [0] * 4


@BOTH
def test_a_vertex_of_several_roads_is_equally_far_by_all(compiled):
    # Roads in odd directions from one odd place: only the first may be told by points behind it.
    rng = np.random.default_rng(2)
    hub = rng.random(2) * 1e6
    angle = rng.uniform(-1, 1, 30)
    ends = hub + 1000 * rng.random((30, 1)) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    segments = segments_of(*([hub, end] if i % 2 else [end, hub] for i, end in enumerate(ends)))
    behind = np.pi + rng.uniform(-0.5, 0.5, 200)
    x, y = (hub + 300 * rng.random((200, 1)) * np.stack([np.cos(behind), np.sin(behind)], 1)).T
    vertex = segments.nearest(x, y, compiled=compiled)
    assert vertex.tolist() == [0] * 200
    feet = segments.feet(vertex, x, y)
    assert (feet.x == hub[0]).all()
    assert (feet.y == hub[1]).all()


corners = st.tuples(st.integers(0, 6), st.integers(0, 6))
roads = st.lists(st.lists(corners, min_size=2, max_size=5), min_size=1, max_size=8)
spots = st.lists(st.tuples(st.integers(-16, 40), st.integers(-16, 40)), min_size=1, max_size=20)


@settings(max_examples=150, deadline=None)
@given(roads, spots, st.randoms(use_true_random=False), st.booleans())
def test_both_find_the_lowest_of_the_nearest(lines, points, random, masked):
    # Whole and half numbers: ties, shared vertices, repeated vertices, crossings everywhere.
    segments = segments_of(*lines)
    x, y = np.array(points).T / 4
    allowed = np.array([random.random() < 0.6 for _ in lines]) if masked else None
    if masked and not allowed.any():
        allowed[0] = True
    expected = by_brute_force(segments, x, y, allowed)
    for compiled in ENGINES:
        found = segments.nearest(x, y, allowed, compiled=compiled)
        np.testing.assert_array_equal(found, expected)


@pytest.mark.oracle
@pytest.mark.parametrize(
    "span", [(1, 1), (1e5, 1e5), (1e5, 0), (0, 1e5), (0, 0), (1e6, 1e-3)], ids=str
)
@pytest.mark.parametrize("longest", [0.01, 0.5])
def test_extents_of_any_shape(span, longest):
    rng = np.random.default_rng(5)
    start = rng.random((60, 1, 2))
    lines = (start + np.cumsum(rng.normal(0, longest, (60, 5, 2)), axis=1)) * span + 4e6
    segments = segments_of(*lines)
    inside = rng.uniform(-0.5, 1.5, (200, 2)) * span + 4e6
    around = rng.normal(0, 1, (50, 2)) * 10.0 ** rng.integers(0, 9, (50, 1)) + 4e6
    x, y = np.concatenate([inside, around]).T
    for allowed in (None, rng.random(60) < 0.3):
        expected = by_brute_force(segments, x, y, allowed)
        for compiled in ENGINES:
            found = segments.nearest(x, y, allowed, compiled=compiled)
            np.testing.assert_array_equal(found, expected)


@pytest.mark.oracle
def test_a_tie_across_the_border_of_cells_survives_rounding():
    # Cells 7 m high, a pair of lines 1/32 m apart at each border, a point midway between them.
    rng = np.random.default_rng(0)
    border = 7.0 * np.arange(1000)
    apart = rng.choice([-1, 1], 1000) / 32
    apart[0] = 1 / 32  # the lowest line is on the lowest border
    y = rng.permutation(np.concatenate([border, border + apart]))
    segments = segments_of(*([(0, at), (7, at)] for at in y))
    px, py = np.full(1000, 3.5), border + apart / 2
    found = segments.nearest(px, py, compiled=True)
    np.testing.assert_array_equal(found, by_brute_force(segments, px, py))


@pytest.mark.oracle
def test_ties_of_a_point_far_away_survive_rounding():
    # From 900,000 km every millimetre of a line of 6 m is equally far, and the first is meant.
    start = np.random.default_rng(0).permutation(6000) / 1000
    segments = segments_of(*([(x, 0), (x + 0.001, 0)] for x in start))
    for x in (0.5, 3.0, 5.5):
        point = np.array([x]), np.array([-9e8])
        assert by_brute_force(segments, *point) == 0
        assert segments.nearest(*point, compiled=True) == 0


@pytest.mark.oracle
def test_two_threads_find_what_one_finds(monkeypatch):
    rng = np.random.default_rng(6)
    segments = segments_of(*(np.cumsum(rng.normal(0, 10, (200, 8, 2)), axis=1)))
    x, y = rng.normal(0, 60, (2, 3000))
    one = segments.nearest(x, y, compiled=True)
    np.testing.assert_array_equal(one, by_brute_force(segments, x, y))
    monkeypatch.setattr(grid_module, "_TWO_THREADS", 2)
    np.testing.assert_array_equal(segments.nearest(x, y, compiled=True), one)


@pytest.mark.oracle
def test_feet_agree_with_shapely():
    rng = np.random.default_rng(8)
    lines = 4e6 + np.cumsum(rng.normal(0, 100, (300, 9, 2)), axis=1)
    segments = segments_of(*lines)
    x, y = 4e6 + rng.normal(0, 300, (2, 500))
    feet = segments.feet(segments.nearest(x, y), x, y)
    on, points = segments.lines[feet.line], shapely.points(x, y)
    np.testing.assert_allclose(feet.along_m, shapely.line_locate_point(on, points), atol=1e-6)
    np.testing.assert_allclose(feet.length_m, shapely.length(on), rtol=1e-13)
    np.testing.assert_allclose(
        np.hypot(feet.x - x, feet.y - y), shapely.distance(on, points), atol=1e-8
    )


# --- attaching


@pytest.mark.oracle
def test_stops_are_the_same_by_both(monkeypatch):
    rng = np.random.default_rng(9)
    lines = rng.integers(0, 30, (80, 2, 2)) * 20.0
    lines = [line for line in lines if (line[0] != line[1]).any()]
    network = network_of(lines)
    x, y = rng.integers(-5, 65, (2, 400)) * 10.0
    x[::17], y[5::19], x[3] = np.nan, np.nan, np.inf
    for mask in (None, rng.random(len(lines)) < 0.4, np.zeros(len(lines), dtype=bool)):
        found = []
        for least in (10**9, 0):
            monkeypatch.setattr(segments_module, "_WORTH_LOADING", least)
            found.append(attach(network, x, y, limit_m=25, edge_mask=mask))
        for name in ("edge", "fraction", "foot_x", "foot_y", "walk_m", "reason"):
            np.testing.assert_array_equal(*(getattr(stops, name) for stops in found))


def test_without_compiled_code_the_tree_does_it(monkeypatch):
    segments = segments_of([(0, 0), (10, 0)], [(0, 5), (10, 5)])
    monkeypatch.setitem(sys.modules, grid_module.__name__, None)
    x, y = np.array([1.0, 2]), np.array([1.0, 4])
    assert segments.nearest(x, y, compiled=True).tolist() == [0, 2]


def test_a_place_off_the_earth_is_no_position():
    network = network_of([[(0, 0), (1000, 0)]])
    stops = attach(network, [1e200, 3e8, 5.0], [0.0, 0.0, 0.0], limit_m=10)
    assert stops.reason.tolist() == ["no position", "beyond limit", None]
    assert np.isnan(stops.walk_m).tolist() == [True, False, False]
    assert stops.walk_m[1] == 3e8 - 1000


# --- splitting

# Two parallel roads, a loop at 1, a one-way against its line, one open nowhere.
MIXED = [
    [(0, 0), (500, 200), (1000, 0)],
    [(0, 0), (1000, 0)],
    [(1000, 0), (1200, 300), (1400, 0), (1000, 0)],
    [(1000, 0), (3000, 0)],
    [(3000, 0), (3000, 700)],
]


def mixed():
    network = network_of(MIXED)
    edges = network.edges.copy()
    edges.loc[1, "minutes_back"] = np.nan
    edges.loc[3, "minutes"] = np.nan
    edges.loc[4, ["minutes", "minutes_back"]] = np.nan
    return RoadNetwork.from_edges(edges)


def by_loops(network, edge, fraction):
    """The pieces one by one: (u, v, length, minutes, minutes back)."""
    cuts = sorted({(e, f) for e, f in zip(edge, fraction, strict=True) if e >= 0 and 0 < f < 1})
    node = {cut: network.n_nodes + i for i, cut in enumerate(cuts)}
    rows = []
    for e in range(network.n_edges):
        mine = [(f, node[e, f]) for c, f in cuts if c == e]
        stations = [(0.0, network.u[e]), *mine, (1.0, network.v[e])]
        for (f, a), (g, b) in pairwise(stations):
            shared = (network.length_m[e], network.minutes[e], network.minutes_back[e])
            rows.append((a, b, *(value * (g - f) for value in shared)))
    return np.array(rows)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-1, 4), st.sampled_from([0, 1 / 7, 1 / 3, 0.5, 0.9, 1]))))
def test_pieces_and_their_links_are_those_of_a_rebuilt_network(places):
    edge, fraction = np.array(places, dtype=float).reshape(-1, 2).T
    network = mixed()
    network.links("minutes")
    finer, (node,) = network.split([stops_at(edge, fraction)])
    rows = by_loops(network, edge.astype(int), fraction)
    for i, name in enumerate(("u", "v", "length_m", "minutes", "minutes_back")):
        np.testing.assert_array_equal(getattr(finer, name), rows[:, i])
    assert finer.n_nodes == network.n_nodes + len(rows) - network.n_edges
    assert (node == -1).tolist() == (edge < 0).tolist()

    rebuilt = RoadNetwork.from_edges(finer.edges)
    np.testing.assert_array_equal(finer.node_x, rebuilt.node_x)
    np.testing.assert_array_equal(finer.node_y, rebuilt.node_y)
    for weight in ("minutes", "length_m"):
        for toward in (False, True):
            one = finer.links(weight, toward=toward)
            other = rebuilt.links(weight, toward=toward)
            assert one.n_nodes == other.n_nodes
            for name in ("u", "v", "from_u", "from_v", "begin", "head", "cost", "way"):
                left, right = getattr(one, name), getattr(other, name)
                assert left.dtype == right.dtype
                np.testing.assert_array_equal(left, right)


def test_searches_after_a_split_make_no_table():
    network = mixed()
    finer, (node,) = network.split([stops_at([0, 2, 3], [0.25, 0.5, 0.5])])
    nearest(finer, node[:1])
    again, _ = finer.split([stops_at([-1, 0], [np.nan, 1])])
    assert again is finer
    assert "edges" not in vars(finer)
    assert finer.edges is finer.edges
    assert len(finer.edges) == finer.n_edges == 8


def test_a_split_of_a_split():
    #  0 ------ A ------ 1  (1000 m), A at 500; then B at half of the first piece, 250
    network = network_of([[(0, 0), (1000, 0)]])
    once, (a,) = network.split([stops_at([0], [0.5])])
    twice, (b,) = once.split([stops_at([0], [0.5])])
    assert (a.tolist(), b.tolist()) == ([2], [3])
    assert (twice.u.tolist(), twice.v.tolist()) == ([0, 3, 2], [3, 2, 1])
    assert twice.length_m.tolist() == [250, 250, 500]
    assert twice.node_x.tolist() == [0, 1000, 500, 250]
    assert [line.wkt for line in twice.edges.geometry] == [
        "LINESTRING (0 0, 250 0)",
        "LINESTRING (250 0, 500 0)",
        "LINESTRING (500 0, 1000 0)",
    ]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 1)), max_size=12))
def test_a_split_changes_no_cost_between_old_nodes(places):
    network = mixed()
    finer, _ = network.split([stops_at(*np.array(places, dtype=float).reshape(-1, 2).T)])
    nodes = np.arange(network.n_nodes)
    for weight in ("minutes", "length_m"):
        before = table(network, nodes, nodes, weight=weight)
        np.testing.assert_allclose(table(finer, nodes, nodes, weight=weight), before, rtol=1e-12)
