"""Impedance, the network value, its links and matrix, and the splitting at stops."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

from yanshan_gis.errors import CrsError, DataError, UsageError
from yanshan_gis.network.attach import attach
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.impedance import (
    IMPUTED_COLUMNS,
    SpeedTable,
    impede,
    vehicle_slope_factor,
    walking_slope_factor,
)
from yanshan_gis.network.links import Links
from yanshan_gis.network.stops import Stops
from yanshan_gis.network.tables import table
from yanshan_gis.network.topology import build_topology

CRS = "EPSG:4544"
SPEEDS = SpeedTable.from_dict(
    {"county": {"asphalt": 60, "earth": 30}, "village": {"default": 24, "cement": 40},
     "group": 12, "default": 15}
)  # fmt: skip


def edge_table(rows, crs=CRS, **columns):
    """Edges as (u, v, length_m, minutes, minutes_back), drawn on a circle of nodes."""
    u, v, length, minutes, back = (np.array(c, dtype=float) for c in zip(*rows, strict=True))
    n = int(max(u.max(), v.max())) + 1
    angle = 2 * np.pi * np.arange(n) / n
    places = np.stack([np.cos(angle), np.sin(angle)], axis=1) * 1000
    lines = [
        shapely.LineString([places[int(a)], places[int(a)] * 1.1 + k, places[int(b)]])
        for k, (a, b) in enumerate(zip(u, v, strict=True))
    ]
    frame = {
        "road_id": [f"R{i:06d}" for i in range(len(rows))],
        "u": u.astype(np.int32),
        "v": v.astype(np.int32),
        "length_m": length,
        "minutes": minutes,
        "minutes_back": back,
        **columns,
    }
    return gpd.GeoDataFrame(frame, geometry=lines, crs=crs)


# u, v, length, minutes there, minutes back
#   0 → 1 one-way 5 min; 0 - 1 parallel, 7 min there, 3 back; 1 - 2 free of cost; 2 - 2 a loop
SMALL = [
    (0, 1, 100, 5, np.nan),
    (0, 1, 150, 7, 3),
    (1, 2, 50, 0, 0),
    (2, 2, 80, 1, 1),
]


# --- impedance


def test_speed_comes_from_the_road_then_class_and_surface_then_class_then_default():
    roads = gpd.GeoDataFrame(
        {
            "length_m": [1000.0] * 8,
            "admin_class": [
                "county",
                "county",
                "county",
                "village",
                "group",
                "xxx",
                None,
                "county",
            ],
            "surface": ["asphalt", "asphalt", "gravel", None, "earth", "earth", None, "earth"],
            "speed_kmh": [50, None, np.nan, 0, None, None, None, -3],
        }
    )
    found = impede(roads, speeds=SPEEDS)
    # county gravel is not in the table: the slowest of the county roads, 30.
    assert found.speed_kmh.tolist() == [50, 60, 30, 24, 12, 15, 15, 30]
    assert found.speed_source.tolist() == [
        "own", "class+surface", "class", "class", "class", "default", "default", "class+surface",
    ]  # fmt: skip
    np.testing.assert_allclose(found.minutes, [1.2, 1, 2, 2.5, 5, 4, 4, 2])
    np.testing.assert_array_equal(found.minutes, found.minutes_back)
    assert tuple(found.imputed.columns) == IMPUTED_COLUMNS
    assert found.imputed["edges"].sum() == 7
    assert found.imputed["km"].sum() == 7
    assert found.imputed[["admin_class", "surface"]].to_numpy().tolist()[0] == ["", ""]
    (notice,) = found.notices
    assert (notice.code, notice.values["edges"], notice.values["all_km"]) == (
        "speeds-imputed",
        7,
        8,
    )


def test_no_imputation_no_notice():
    found = impede(gpd.GeoDataFrame({"length_m": [500.0], "speed_kmh": [30]}), speeds=SPEEDS)
    assert found.notices == ()
    assert tuple(found.imputed.columns) == IMPUTED_COLUMNS
    assert found.minutes.tolist() == [1]


def test_one_way_forbids_a_direction_but_a_connector_is_open():
    roads = gpd.GeoDataFrame(
        {
            "length_m": [250.0] * 6,
            "one_way": ["both", "forward", "backward", None, "forward", "backward"],
            "kind": ["road", "road", "road", "road", "join", "join"],
        }
    )
    found = impede(roads, speeds=SPEEDS)
    assert np.isnan(found.minutes).tolist() == [False, False, True, False, False, False]
    assert np.isnan(found.minutes_back).tolist() == [False, True, False, False, False, False]


def test_grade_slows_vehicles_both_ways_and_walkers_by_direction():
    roads = gpd.GeoDataFrame({"length_m": [1000.0] * 3, "speed_kmh": [30.0] * 3})
    driven = impede(roads, speeds=SPEEDS, grade=[0, 0.1, np.nan])
    np.testing.assert_allclose(driven.minutes, [2, 2 / 0.7, 2])
    np.testing.assert_allclose(driven.minutes_back, driven.minutes)
    walked = impede(roads, speeds=SPEEDS, grade=[0, 0.1, 0], slope_factor=walking_slope_factor)
    np.testing.assert_allclose(walked.minutes[1], 2 / np.exp(-0.35))
    np.testing.assert_allclose(walked.minutes_back[1], 2)  # 10 % down is as fast as level
    with pytest.raises(DataError) as wrong:
        impede(roads, speeds=SPEEDS, grade=[0.1])
    assert wrong.value.code == "grade-length"


def test_slope_factors_fall_with_the_grade():
    grades = np.linspace(0, 1, 50)
    for factor in (vehicle_slope_factor, walking_slope_factor):
        assert factor(np.zeros(1))[0] == pytest.approx(1)
        assert (np.diff(factor(grades)) <= 0).all()
        assert (factor(grades) > 0).all()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"county": 30}, "speed-no-default"),
        ({"default": 0}, "speed-not-positive"),
        ({"default": 20, "county": {"earth": -1}}, "speed-not-positive"),
        ({"default": 20, "county": "fast"}, "speed-not-positive"),
        ({"default": float("nan")}, "speed-not-positive"),
    ],
)
def test_speed_table_errors(wrong, code):
    with pytest.raises(DataError) as error:
        SpeedTable.from_dict(wrong)
    assert error.value.code == code


# --- the network


def test_network_from_a_stored_table():
    edges = edge_table(SMALL, surface="earth")
    network = RoadNetwork.from_edges(edges)
    assert (network.n_nodes, network.n_edges) == (3, 4)
    start = shapely.get_point(edges.geometry.iloc[0], 0)
    assert (network.node_x[0], network.node_y[0]) == (start.x, start.y)
    with pytest.raises(ValueError, match="read-only"):
        network.minutes[0] = 1


def test_stored_node_numbers_stay():
    network = RoadNetwork.from_edges(edge_table(SMALL).iloc[[2]])
    assert network.n_nodes == 3
    assert np.isnan(network.node_x[0])
    assert network.u.tolist() == [1]


def test_only_keeps_the_nodes():
    network = RoadNetwork.from_edges(edge_table(SMALL)).only(np.array([False, True, False, True]))
    assert (network.n_nodes, network.n_edges) == (3, 2)
    assert network.edges.index.tolist() == [0, 1]
    assert network.length_m.tolist() == [150, 80]


def test_links_leave_out_forbidden_directions():
    network = RoadNetwork.from_edges(edge_table(SMALL))
    links = network.links("minutes")
    assert list(zip(links.tail, links.head, links.cost, links.edge, strict=True)) == [
        (0, 1, 5, 0), (0, 1, 7, 1), (1, 0, 3, 1), (1, 2, 0, 2),
        (2, 1, 0, 2), (2, 2, 1, 3), (2, 2, 1, 3),
    ]  # fmt: skip
    assert links.way.tolist() == [0, 1, ~1, 2, ~2, 3, ~3]
    turned = network.links("length_m", toward=True)
    assert list(zip(turned.tail, turned.head, turned.cost, turned.way, strict=True)) == [
        (0, 1, 150, 1), (1, 0, 100, ~0), (1, 0, 150, ~1), (1, 2, 50, 2),
        (2, 1, 50, ~2), (2, 2, 80, 3), (2, 2, 80, ~3),
    ]  # fmt: skip
    assert network.links("length_m", toward=True) is turned


@pytest.mark.parametrize(
    ("edge", "code"),
    [((0, 2, 1.0), "node-unknown"), ((-1, 0, 1.0), "node-unknown"), ((0, 1, -1.0), "link-cost"),
     ((0, 1, np.inf), "link-cost")],
)  # fmt: skip
def test_links_refuse_unknown_nodes_and_costs_that_are_none(edge, code):
    u, v, cost = ([value] for value in edge)
    with pytest.raises(DataError) as refused:
        Links.of_edges(2, u, v, cost, [1.0])
    assert refused.value.code == code


def test_matrix_takes_the_cheapest_of_parallel_links_and_keeps_zeros():
    network = RoadNetwork.from_edges(edge_table(SMALL))
    matrix = network.matrix("minutes")
    assert matrix.nnz == 5
    assert matrix[0, 1] == 5  # not 12
    assert matrix[1, 0] == 3
    np.testing.assert_array_equal(dijkstra(matrix)[0], [0, 5, 5])
    np.testing.assert_array_equal(
        network.matrix("minutes", toward=True).toarray().T, matrix.toarray()
    )


def test_a_weight_of_ones_own():
    network = RoadNetwork.from_edges(edge_table(SMALL))
    matrix = network.matrix(np.array([9.0, 8.0, np.nan, 1.0]))
    assert matrix[0, 1] == 8
    assert matrix[1, 0] == 8
    assert (matrix.shape, matrix.nnz) == ((3, 3), 3)


def test_weight_errors():
    network = RoadNetwork.from_edges(edge_table(SMALL))
    with pytest.raises(UsageError) as unknown:
        network.matrix("hours")
    assert unknown.value.code == "weight-unknown"
    for values in (np.ones(3), np.array([1.0, -1, 1, 1])):
        with pytest.raises(DataError) as wrong:
            network.matrix(values)
        assert wrong.value.code == "weight-values"


def test_network_errors():
    edges = edge_table(SMALL)
    with pytest.raises(DataError) as missing:
        RoadNetwork.from_edges(edges.drop(columns=["u", "minutes_back"]))
    assert missing.value.code == "network-columns"
    assert missing.value.notice.values["columns"] == "u, minutes_back"
    for column in ("minutes", "minutes_back", "length_m", "u"):
        with pytest.raises(DataError) as negative:
            RoadNetwork.from_edges(edges.assign(**{column: [1, 1, -1, 1]}))
        assert negative.value.code == "network-value"
    with pytest.raises(DataError) as ends:
        RoadNetwork.from_edges(edges.assign(v=[2, 1, 2, 2]))
    assert ends.value.code == "network-ends"
    with pytest.raises(CrsError):
        RoadNetwork.from_edges(edge_table(SMALL, crs="EPSG:4490"))


def test_networkx_gets_everything():
    network = RoadNetwork.from_edges(edge_table(SMALL, surface="earth"))
    graph = network.to_networkx()
    assert isinstance(graph, nx.MultiDiGraph)
    assert graph.nodes[1] == {"x": network.node_x[1], "y": network.node_y[1]}
    assert sorted(graph.edges(keys=True)) == [
        (0, 1, 0), (0, 1, 1), (1, 0, 1), (1, 2, 2), (2, 1, 2), (2, 2, 3),
    ]  # fmt: skip
    back = graph.edges[1, 0, 1]
    assert (back["minutes"], back["minutes_back"], back["surface"]) == (3, 7, "earth")
    assert back["geometry"].equals_exact(network.edges.geometry[1].reverse(), 0)


def test_empty_network():
    topology = build_topology(gpd.GeoDataFrame({"id": []}, geometry=[], crs=CRS))
    edges = impede(topology.edges, speeds=SPEEDS).apply(topology.edges)
    network = RoadNetwork.from_edges(edges)
    assert (network.n_nodes, network.n_edges) == (0, 0)
    assert network.matrix("minutes").shape == (0, 0)
    stops = attach(network, [1.0], [2.0], limit_m=10)
    finer, (node,) = network.split([stops])
    assert (stops.reason.tolist(), node.tolist(), finer.n_nodes) == (["no road"], [-1], 0)


# --- attaching


def straight(*lines, speed=60.0, **columns):
    roads = gpd.GeoDataFrame(
        {"id": [f"R{i}" for i in range(len(lines))], "speed_kmh": speed, **columns},
        geometry=[shapely.LineString(line) for line in lines],
        crs=CRS,
    )
    topology = build_topology(roads)
    return RoadNetwork.from_edges(impede(topology.edges, speeds=SPEEDS).apply(topology.edges))


def test_villages_attach_to_the_nearest_edge():
    #        A(300,40)
    #  R0 ---------------------- (1000,0)      B beyond the limit, C without a position,
    #                 D(1000,0) at the end     E nearest to both edges at their junction
    #  R1 from (1000,0) to (1000,500)
    network = straight([(0, 0), (1000, 0)], [(1000, 0), (1000, 500)])
    stops = attach(network, [300, 500, np.nan, 1000, 1030], [40, -101, 0, 0, -40], limit_m=100)
    assert stops.edge.tolist() == [0, -1, -1, 0, 0]
    assert stops.edge.dtype == np.int32
    np.testing.assert_array_equal(stops.walk_m, [40, 101, np.nan, 0, 50])
    np.testing.assert_array_equal(stops.fraction, [0.3, np.nan, np.nan, 1, 1])
    np.testing.assert_array_equal(stops.foot_x, [300, 500, np.nan, 1000, 1000])
    assert stops.reason.tolist() == [None, "beyond limit", "no position", None, None]
    # 40 m at 4 km/h are 0.6 min
    np.testing.assert_allclose(stops.walk_min(4), [0.6, np.nan, np.nan, 0, 0.75])
    assert len(stops) == 5


def test_limit_is_inclusive_and_edges_can_be_masked():
    network = straight([(0, 0), (1000, 0)], [(0, 60), (1000, 60)])
    assert attach(network, [500.0], [100.0], limit_m=40).edge.tolist() == [1]
    only_first = np.array([True, False])
    assert attach(network, [500.0], [100.0], limit_m=100, edge_mask=only_first).edge.tolist() == [0]
    nothing = attach(network, [500.0], [100.0], limit_m=100, edge_mask=~only_first & only_first)
    assert nothing.reason.tolist() == ["no road"]


def test_nearly_at_a_node_is_at_the_node():
    network = straight([(0, 0), (1000, 0)])
    stops = attach(network, [0.0005, 999.9995, 0.5], [3, 3, 3], limit_m=10)
    assert stops.fraction.tolist() == [0, 1, 0.0005]


def test_attach_errors():
    network = straight([(0, 0), (1000, 0)])
    with pytest.raises(DataError) as limit:
        attach(network, [0.0], [0.0], limit_m=-1)
    assert limit.value.code == "attach-limit"
    with pytest.raises(DataError) as speed:
        attach(network, [0.0], [0.0], limit_m=1).walk_min(0)
    assert speed.value.code == "walk-speed"


@pytest.mark.oracle
def test_attach_agrees_with_brute_force():
    rng = np.random.default_rng(7)
    lines = [rng.random((4, 2)) * 1000 for _ in range(40)]
    network = straight(*lines)
    x, y = rng.random((2, 300)) * 1000
    stops = attach(network, x, y, limit_m=60)
    distance = shapely.distance(
        shapely.points(x, y)[:, None], network.edges.geometry.to_numpy()[None, :]
    )
    np.testing.assert_allclose(stops.walk_m, distance.min(axis=1), atol=1e-6)
    within = distance.min(axis=1) <= 60
    np.testing.assert_array_equal(stops.edge, np.where(within, distance.argmin(axis=1), -1))


# --- splitting


def test_split_shares_out_length_and_minutes():
    #  0 ---A------B----- 1 (1000 m, 1 min; one-way)   A at 200, B and C at 700, D at the end
    network = straight([(0, 0), (600, 0), (1000, 0)], one_way="forward", surface="earth")
    stops = attach(network, [200, 700, 700, 1000, 500], [5, 5, -5, 0, 900], limit_m=100)
    finer, (node,) = network.split([stops])
    assert node.tolist() == [2, 3, 3, 1, -1]
    assert finer.u.tolist() == [0, 2, 3]
    assert finer.v.tolist() == [2, 3, 1]
    np.testing.assert_allclose(finer.length_m, [200, 500, 300])
    np.testing.assert_allclose(finer.minutes, [0.2, 0.5, 0.3])
    assert np.isnan(finer.minutes_back).all()
    assert finer.edges["surface"].tolist() == ["earth"] * 3
    assert finer.edges["road_id"].tolist() == ["R0"] * 3
    np.testing.assert_allclose(finer.node_x, [0, 1000, 200, 700])
    assert [line.wkt for line in finer.edges.geometry] == [
        "LINESTRING (0 0, 200 0)",
        "LINESTRING (200 0, 600 0, 700 0)",
        "LINESTRING (700 0, 1000 0)",
    ]
    assert network.n_edges == 1


def test_split_with_several_lists():
    network = straight([(0, 0), (1000, 0)], [(0, 50), (1000, 50)])
    villages = attach(network, [250.0, 750.0], [60.0, -10.0], limit_m=100)
    outlets = attach(network, [250.0, 0.0], [40.0, 0.0], limit_m=100)
    finer, (one, other) = network.split([villages, outlets])
    assert one.tolist() == [5, 4]
    assert other.tolist() == [5, 0]
    assert finer.n_edges == 4
    assert RoadNetwork.from_edges(finer.edges).n_nodes == 6


def test_cuts_a_breath_from_the_ends():
    rng = np.random.default_rng(11)
    network = straight(*[np.cumsum(rng.random((50, 2)), axis=0) * 1e4 for _ in range(20)])
    n = network.n_edges
    fraction = np.repeat([np.nextafter(0.0, 1.0), np.nextafter(1.0, 0.0)], n)
    blank = np.full(2 * n, np.nan)
    edge = np.tile(np.arange(n, dtype=np.int32), 2)
    stops = Stops(blank, blank, edge, fraction, blank, blank, blank, np.full(2 * n, None))
    finer, _ = network.split([stops])
    assert finer.n_edges == 3 * n
    for node, index in ((finer.u, 0), (finer.v, -1)):
        ends = shapely.get_point(finer.edges.geometry.to_numpy(), index)
        np.testing.assert_array_equal(shapely.get_x(ends), finer.node_x[node])


def test_split_with_nothing_to_do():
    network = straight([(0, 0), (1000, 0)])
    same, none = network.split([])
    assert (same.n_nodes, none) == (2, [])


places = st.lists(st.tuples(st.floats(-10, 110), st.floats(-10, 110)), min_size=1, max_size=12)
grid = st.lists(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=4, unique=True),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(grid, places, st.sampled_from(["both", "forward", "backward"]))
def test_splitting_changes_no_cost_between_nodes(lines, points, one_way):
    network = straight(*[[(20 * x, 20 * y) for x, y in line] for line in lines], one_way=one_way)
    x, y = np.array(points).T
    stops = attach(network, x, y, limit_m=30)
    finer, (node,) = network.split([stops])
    everywhere = np.arange(network.n_nodes)
    before = table(network, everywhere, everywhere)
    np.testing.assert_allclose(table(finer, everywhere, everywhere), before, atol=1e-9)
    assert finer.length_m.sum() == pytest.approx(network.length_m.sum())
    np.testing.assert_allclose(shapely.length(finer.edges.geometry), finer.length_m, atol=1e-6)
    on = stops.attached
    np.testing.assert_allclose(finer.node_x[node[on]], stops.foot_x[on], atol=2e-3)
    np.testing.assert_allclose(finer.node_y[node[on]], stops.foot_y[on], atol=2e-3)
    assert (node[~on] == -1).all()
    pd.testing.assert_frame_equal(
        pd.DataFrame(finer.edges.drop(columns="geometry")),
        pd.DataFrame(RoadNetwork.from_edges(finer.edges).edges.drop(columns="geometry")),
    )


@pytest.mark.oracle
def test_split_agrees_with_networkx():
    rng = np.random.default_rng(3)
    network = straight(*[rng.random((3, 2)).round(2) * 1000 for _ in range(12)])
    stops = attach(network, *(rng.random((2, 20)) * 1000), limit_m=400)
    finer, (node,) = network.split([stops])
    graph = network.to_networkx()
    for stop in np.flatnonzero(stops.attached):
        edge, share = int(stops.edge[stop]), float(stops.fraction[stop])
        minutes = network.minutes[edge]
        for end, part in ((network.u[edge], share), (network.v[edge], 1 - share)):
            graph.add_edge(int(end), f"stop {stop}", minutes=part * minutes)
            graph.add_edge(f"stop {stop}", int(end), minutes=part * minutes)
    goals = np.arange(network.n_nodes)
    costs = table(finer, node, goals)
    for stop in np.flatnonzero(stops.attached):
        lengths = nx.single_source_dijkstra_path_length(graph, f"stop {stop}", weight="minutes")
        expected = [lengths.get(goal, np.nan) for goal in goals]
        np.testing.assert_allclose(costs[stop], expected, atol=1e-9)
    assert np.isnan(costs[~stops.attached]).all()
