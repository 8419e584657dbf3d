"""Tiny towns for the noding of road lines; coordinates are metres east and north."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

from yanshan_gis.errors import CrsError, DataError
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.impedance import SpeedTable, impede
from yanshan_gis.network.topology import CROSSING_COLUMNS, JOIN_COLUMNS, Topology, build_topology

CRS = "EPSG:4544"


def town(*lines, crs=CRS, **columns):
    geometry = [
        line if line is None or hasattr(line, "geom_type") else shapely.LineString(line)
        for line in lines
    ]
    ids = columns.pop("ids", [f"R{number:06d}" for number in range(1, len(lines) + 1)])
    return gpd.GeoDataFrame({"id": ids, **columns}, geometry=geometry, crs=crs)


def nodes(topology: Topology) -> set[tuple[float, float]]:
    return set(zip(topology.node_x.tolist(), topology.node_y.tolist(), strict=True))


def stretches(topology: Topology) -> list[tuple[str, float]]:
    edges = topology.edges
    return list(zip(edges["road_id"], edges["length_m"].round(3).tolist(), strict=True))


def parts(topology: Topology) -> int:
    import networkx as nx

    graph = nx.Graph(list(zip(topology.edges["u"], topology.edges["v"], strict=True)))
    return nx.number_connected_components(graph)


def check_consistent(topology: Topology) -> None:
    """Every edge runs from the place of its node u to that of its node v."""
    lines = topology.edges.geometry.to_numpy()
    for column, index in (("u", 0), ("v", -1)):
        points = shapely.get_point(lines, index)
        node = topology.edges[column].to_numpy()
        np.testing.assert_array_equal(shapely.get_x(points), topology.node_x[node])
        np.testing.assert_array_equal(shapely.get_y(points), topology.node_y[node])
    used = np.unique(topology.edges[["u", "v"]].to_numpy())
    np.testing.assert_array_equal(used, np.arange(topology.n_nodes))


def test_shared_vertices_make_junctions_and_attributes_travel():
    #        (100,80)
    #           | R2
    # R1 ------ + ------ (200,0)     both lines have a vertex at (100,0)
    #           |
    #        (100,-50)
    topology = build_topology(
        town(
            [(0, 0), (100, 0), (200, 0)],
            [(100, 80), (100, 0), (100, -50)],
            surface=["cement", "earth"],
        )
    )
    check_consistent(topology)
    assert stretches(topology) == [
        ("R000001", 100),
        ("R000001", 100),
        ("R000002", 80),
        ("R000002", 50),
    ]
    assert topology.edges["surface"].tolist() == ["cement", "cement", "earth", "earth"]
    assert topology.edges[["u", "v"]].to_numpy().tolist() == [[0, 1], [1, 2], [3, 1], [1, 4]]
    assert topology.edges["u"].dtype == topology.edges["v"].dtype == np.int32
    assert topology.edges["kind"].tolist() == ["road"] * 4
    assert topology.edges.crs == CRS
    assert topology.notices == ()
    assert list(topology.joins.columns) == list(JOIN_COLUMNS)
    assert list(topology.crossings.columns) == [*CROSSING_COLUMNS, "geometry"]


def test_crossing_without_shared_vertex_does_not_join_and_is_listed():
    topology = build_topology(town([(0, 0), (200, 0)], [(100, 80), (100, -50)]))
    assert len(topology.edges) == 2
    assert parts(topology) == 2
    (crossing,) = topology.crossings.itertuples(index=False)
    assert tuple(crossing[:4]) == ("R000001", "R000002", 100, 0)
    assert shapely.equals(crossing.geometry, shapely.Point(100, 0))


def test_crossing_on_different_levels_is_none():
    topology = build_topology(town([(0, 0), (200, 0)], [(100, 80), (100, -50)], level=[0, 1]))
    assert len(topology.crossings) == 0


def test_end_that_sticks_out_by_millimetres_is_joined_and_no_crossing():
    topology = build_topology(town([(0, 0), (200, 0)], [(120, 60), (120, -0.005)]))
    assert parts(topology) == 1
    assert len(topology.crossings) == 0


def test_vertices_crowded_at_the_end_of_a_line_are_no_junction():
    line = [(0, 0), (100, 0), (100, 0.03), (99.995, 0.005)]
    topology = build_topology(town(line))
    assert topology.edges[["u", "v"]].to_numpy().tolist() == [[0, 1]]


def test_lines_equally_near_at_one_foot_meet_there():
    # R2 and R3 both pass (44,4), R3 with a vertex; R1 stops 4 m east of it.
    lines = [(44, -20), (44, 30)], [(0, 4), (44, 4), (0, 40)]
    for order in (lines, lines[::-1]):
        topology = build_topology(town([(48, 4), (90, 4)], *order))
        assert len(topology.joins) == 1
        assert parts(topology) == 1


def test_vertex_of_one_line_on_the_interior_of_another_is_no_junction():
    # Two segments of R2 meet R1 at (100,0): told once.
    topology = build_topology(town([(0, 0), (200, 0)], [(100, 80), (100, 0), (100, -50)]))
    assert parts(topology) == 2
    assert topology.crossings[["x", "y"]].to_numpy().tolist() == [[100, 0]]


def test_line_crossing_itself_is_listed_and_not_noded():
    # An untied figure 8, whose strokes cross at (50,50) without a vertex.
    topology = build_topology(town([(0, 0), (100, 100), (100, 0), (0, 100)]))
    assert len(topology.edges) == 1
    assert topology.crossings[["road_id", "other_road_id", "x", "y"]].to_numpy().tolist() == [
        ["R000001", "R000001", 50, 50]
    ]


def test_figure_eight_with_a_shared_vertex_becomes_loops():
    #  (0,40) -- (40,40)          tied at (20,20): one way in, a loop, one way out
    #       \   /
    #       (20,20)
    #       /   \
    #  (0,0)     (40,0)
    topology = build_topology(town([(0, 0), (20, 20), (40, 40), (0, 40), (20, 20), (40, 0)]))
    check_consistent(topology)
    side = 20 * 2**0.5
    assert topology.edges["length_m"].round(6).tolist() == pytest.approx(
        [side, 2 * side + 40, side], abs=1e-5
    )
    assert topology.edges[["u", "v"]].to_numpy().tolist() == [[0, 1], [1, 1], [1, 2]]
    assert len(topology.crossings) == 0


def test_end_touching_a_segment_joins_without_a_vertex():
    #            | R2, its end within 8 mm of R1
    # R1 --------------- no vertex of its own here
    topology = build_topology(town([(0, 0), (200, 0)], [(120, 60), (120, 0.008)]))
    check_consistent(topology)
    assert parts(topology) == 1
    assert (120, 0.008) in nodes(topology)
    assert stretches(topology)[:2] == [("R000001", 120), ("R000001", 80)]
    assert len(topology.joins) == 0
    assert len(topology.crossings) == 0


def test_end_beside_a_vertex_becomes_that_vertex():
    # R2 ends 7 mm from the middle vertex of R1: no edge of millimetres remains.
    topology = build_topology(town([(0, 0), (100, 0), (200, 0)], [(100, 60), (100, 0.007)]))
    check_consistent(topology)
    assert parts(topology) == 1
    assert topology.n_nodes == 4
    assert topology.edges["length_m"].min() > 50


def test_end_touching_its_own_line():
    # A "6": the end of the line lies on its first stroke.
    topology = build_topology(town([(0, 0), (0, 100), (50, 100), (50, 40), (0, 40)]))
    check_consistent(topology)
    assert [length for _, length in stretches(topology)] == [40, 220]
    assert topology.edges[["u", "v"]].to_numpy().tolist() == [[0, 1], [1, 1]]


def test_bridge_over_a_road_does_not_join_even_at_a_shared_vertex():
    topology = build_topology(
        town([(0, 0), (100, 0), (200, 0)], [(100, 80), (100, 0), (100, -50)], level=[0, 1])
    )
    assert parts(topology) == 2
    assert len(topology.crossings) == 0


def test_end_of_a_bridge_joins_the_ground_road():
    # The bridge R2 ends on R1's vertex; the bridge R3 ends on R1 where it has none.
    topology = build_topology(
        town(
            [(0, 0), (100, 0), (200, 0)],
            [(100, 80), (100, 0)],
            [(150, 80), (150, 0)],
            level=[pd.NA, 1, 1],
        )
    )
    check_consistent(topology)
    assert parts(topology) == 1
    assert topology.n_nodes == 6


def test_road_that_ends_under_a_bridge_joins_the_ground_road_only():
    #  R1 ground, west-east; R2 bridge, north-south, vertex at the same place; R3 ends there.
    topology = build_topology(
        town(
            [(0, 0), (100, 0), (200, 0)],
            [(100, 80), (100, 0), (100, -50)],
            [(60, 60), (100, 0)],
            level=[0, 1, 0],
        )
    )
    assert parts(topology) == 2
    bridge = topology.edges[topology.edges["road_id"] == "R000002"]
    assert len(bridge) == 1


def test_undershoot_within_the_tolerance_is_joined_and_listed():
    # R2 stops 4 m short of R1.
    roads = town([(0, 0), (200, 0)], [(120, 60), (120, 4)], surface=["cement", "earth"])
    topology = build_topology(roads)
    check_consistent(topology)
    assert topology.joins.to_numpy().tolist() == [["R000002", "R000001", 4.0, 120.0, 4.0]]
    assert stretches(topology) == [
        ("R000001", 120),
        ("R000001", 80),
        ("R000002", 56),
        ("R000002", 4),
    ]
    connector = topology.edges.iloc[3]
    assert (connector["kind"], connector["surface"]) == ("join", "earth")
    assert parts(topology) == 1


def test_undershoot_at_the_start_of_a_line_comes_before_it():
    topology = build_topology(town([(120, 5), (120, 60)], [(0, 0), (200, 0)]))
    assert topology.edges["kind"].tolist() == ["join", "road", "road", "road"]
    assert topology.joins["gap_m"].tolist() == [5.0]


@pytest.mark.parametrize(("gap", "tolerance", "joined"), [(5, 5, 1), (5.01, 5, 0), (20, 5, 0),
                                                          (4, 0, 0), (20, 25, 1)])  # fmt: skip
def test_tolerance_is_inclusive(gap, tolerance, joined):
    roads = town([(0, 0), (200, 0)], [(120, 60), (120, gap)])
    assert len(build_topology(roads, join_tolerance_m=tolerance).joins) == joined


def test_two_ends_that_face_each_other_are_one_gap():
    topology = build_topology(town([(0, 0), (100, 0)], [(103, 0), (200, 0)]))
    check_consistent(topology)
    assert topology.joins.to_numpy().tolist() == [["R000001", "R000002", 3.0, 100.0, 0.0]]
    assert topology.edges["kind"].tolist() == ["road", "join", "road"]
    assert parts(topology) == 1


def test_two_undershoots_at_one_foot_share_its_node():
    #  R2 from the north and R3 from the south both stop 3 m short of R1 at x = 120.
    topology = build_topology(
        town([(0, 0), (200, 0)], [(120, 60), (120, 3)], [(120, -60), (120, -3)])
    )
    check_consistent(topology)
    assert topology.n_nodes == 7
    assert len(topology.edges) == 6
    assert parts(topology) == 1


def test_gap_is_not_closed_twice_where_the_end_is_connected_already():
    topology = build_topology(town([(0, 0), (120, 0), (200, 0)], [(120, 60), (120, 0)]))
    assert len(topology.joins) == 0


def test_overshoot_stub_needs_no_connector():
    # R2 crosses R1 at a shared vertex and sticks out by 3 m.
    topology = build_topology(town([(0, 0), (100, 0), (200, 0)], [(100, 60), (100, 0), (100, -3)]))
    assert len(topology.joins) == 0
    assert parts(topology) == 1


def test_long_way_round_that_stops_short_of_its_own_start_road_is_joined():
    # R2 leaves R1 at (0,0), goes round and stops 4 m above R1 at x = 80.
    topology = build_topology(town([(0, 0), (200, 0)], [(0, 0), (0, 60), (80, 60), (80, 4)]))
    assert topology.joins["gap_m"].tolist() == [4.0]


def test_ground_road_below_a_bridge_is_not_joined_to_it_but_a_bridge_end_reaches_the_ground():
    under = town([(0, 0), (200, 0)], [(100, 60), (100, 4)], level=[1, 0])
    assert len(build_topology(under).joins) == 0
    bridge = town([(0, 0), (200, 0)], [(100, 60), (100, 4)], level=[0, 1])
    assert len(build_topology(bridge).joins) == 1


def test_closed_ring_is_one_loop_and_island():
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    topology = build_topology(town(ring, [(300, 0), (400, 0)]))
    check_consistent(topology)
    assert topology.edges[["u", "v"]].to_numpy().tolist() == [[0, 0], [1, 2]]
    assert topology.edges["length_m"].tolist() == [400, 100]
    assert len(topology.joins) == 0


def test_parallel_links_stay():
    topology = build_topology(town([(0, 0), (100, 0)], [(0, 0), (50, 30), (100, 0)]))
    assert topology.edges[["u", "v"]].to_numpy().tolist() == [[0, 1], [0, 1]]


def test_what_is_left_out_is_counted():
    line = [(0, 0), (100, 0)]
    topology = build_topology(
        town(
            line,
            line,  # the same road again
            line,  # another road on the same line: a parallel link
            None,
            shapely.LineString(),
            [(5, 5), (5, 5)],  # no length
            shapely.Point(1, 1),
            shapely.LineString([(0, 0), (np.inf, 1)]),
            [(100, 0), (100, 0), (150, 0), (150, 0)],  # repeated vertices
            ids=["R1", "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8"],
        )
    )
    check_consistent(topology)
    assert stretches(topology) == [("R1", 100), ("R2", 100), ("R8", 50)]
    assert {notice.code: notice.values["count"] for notice in topology.notices} == {
        "roads-no-line": 4,
        "roads-repeated": 1,
        "roads-no-length": 1,
    }
    assert all("{" not in notice.render("en") for notice in topology.notices)


def test_multilines_and_heights():
    road = shapely.MultiLineString([[(0, 0, 7), (100, 0, 8)], [(100, 0, 8), (100, 50, 9)]])
    topology = build_topology(town(road))
    assert stretches(topology) == [("R000001", 100), ("R000001", 50)]
    assert not shapely.has_z(topology.edges.geometry.to_numpy()).any()


def test_no_roads():
    for roads in (town(), town(None)):
        topology = build_topology(roads)
        assert topology.n_nodes == len(topology.edges) == len(topology.joins) == 0
        assert len(topology.crossings) == 0


def test_roads_are_not_changed():
    roads = town([(0, 0), (200, 0)], [(120, 60), (120, 4)])
    before = roads.copy()
    build_topology(roads)
    pd.testing.assert_frame_equal(roads, before)


def test_errors():
    with pytest.raises(CrsError) as crs:
        build_topology(town([(0, 0), (1, 1)], crs="EPSG:4490"))
    assert crs.value.code == "crs-not-metric"
    with pytest.raises(DataError) as no_id:
        build_topology(town([(0, 0), (1, 1)]).drop(columns="id"))
    assert no_id.value.code == "roads-no-id"
    for tolerance in (-1, np.nan):
        with pytest.raises(DataError) as negative:
            build_topology(town([(0, 0), (1, 1)]), join_tolerance_m=tolerance)
        assert negative.value.code == "join-tolerance"


coordinates = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda p: (p[0] * 4, p[1] * 4))
random_roads = st.lists(
    st.tuples(st.lists(coordinates, min_size=1, max_size=5), st.sampled_from([0, 0, 0, 1])),
    min_size=1,
    max_size=7,
)


def place_costs(topology: Topology) -> dict[tuple[tuple[float, float], tuple[float, float]], float]:
    """Cheapest length between places, the best over the nodes that lie there."""
    minutes = impede(topology.edges, speeds=SpeedTable.from_dict({"default": 20}))
    network = RoadNetwork.from_edges(minutes.apply(topology.edges))
    costs = dijkstra(network.matrix("length_m"))
    places = list(zip(topology.node_x.tolist(), topology.node_y.tolist(), strict=True))
    found: dict[tuple[tuple[float, float], tuple[float, float]], float] = {}
    for i, one in enumerate(places):
        for j, other in enumerate(places):
            found[one, other] = min(found.get((one, other), np.inf), costs[i, j])
    return found


@settings(max_examples=40, deadline=None)
@given(random_roads)
def test_row_order_of_the_roads_changes_no_cost(roads):
    lines = [line if len(line) > 1 else line * 2 for line, _ in roads]
    levels = [level for _, level in roads]
    ahead = town(*lines, level=levels)
    there, back = build_topology(ahead), build_topology(ahead.iloc[::-1])
    check_consistent(there)
    assert len(there.joins) == len(back.joins)
    one, other = place_costs(there), place_costs(back)
    assert one.keys() == other.keys()
    np.testing.assert_allclose(list(one.values()), [other[key] for key in one], atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(random_roads)
def test_length_is_kept_and_edges_lie_on_their_roads(roads):
    lines = [line if len(line) > 1 else line * 2 for line, _ in roads]
    frame = town(*lines, level=[level for _, level in roads])
    topology = build_topology(frame)
    own = topology.edges[topology.edges["kind"] == "road"]
    kept = frame[frame.length > 0]
    # Foot points are rounded to the millimetre, so lengths may change by as little.
    assert own["length_m"].sum() == pytest.approx(kept.length.sum(), abs=0.05)
    whole = kept.set_index("id").geometry
    for row in own.itertuples():
        assert shapely.covers(shapely.buffer(whole[row.road_id], 0.01), row.geometry)
    assert (topology.joins["gap_m"] <= 5.001).all()
