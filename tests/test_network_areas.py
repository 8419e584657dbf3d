"""Service areas, watersheds and their polygons: by hand, by property, and against node costs."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.ops import substring

from yanshan_gis.errors import DataError
from yanshan_gis.network.areas import allocate, service_areas, service_km
from yanshan_gis.network.buffers import band_polygons
from yanshan_gis.network.cells import divide
from yanshan_gis.network.compiled_engine import COMPILED
from yanshan_gis.network.facilities import nearest
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.scipy_engine import SCIPY
from yanshan_gis.network.stops import Stops
from yanshan_gis.network.stretches import sublines
from yanshan_gis.network.trees import tree

NAN = np.nan


def network_of(n, rows):
    """Edges as (u, v, minutes there, minutes back), bent; a kilometre for each of the first."""
    places = np.stack([np.arange(n) * 1000.0, (np.arange(n) ** 2 % 7) * 500.0], axis=1)
    u, v = (np.array([row[i] for row in rows], int) for i in (0, 1))
    there, back = (np.array([row[i] for row in rows], float) for i in (2, 3))
    middle = (places[u] + places[v]) / 2 + np.array([30.0, 70.0])
    edges = gpd.GeoDataFrame(
        {
            "road_id": [f"R{i}" for i in range(len(rows))],
            "u": u.astype(np.int32),
            "v": v.astype(np.int32),
            "length_m": 1000.0 * np.arange(1, len(rows) + 1),
            "minutes": there,
            "minutes_back": back,
        },
        geometry=shapely.linestrings(np.stack([places[u], middle, places[v]], 1)),
        crs="EPSG:4544",
    )
    return RoadNetwork(places[:, 0], places[:, 1], edges, edges.crs)


def parts_of(found):
    """Stretches as (owner, edge, begin, end, band)."""
    columns = (found.owner, found.edge, found.begin, found.end, found.band)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [(o, e, pytest.approx(b), pytest.approx(f), k) for o, e, b, f, k in rows]


# --- one facility, by hand -------------------------------------------------------------------

# 0 ==10== 1 ==10== 2
LINE = [(0, 1, 10, 10), (1, 2, 10, 10)]


def test_the_last_edge_is_cut_where_the_minutes_run_out():
    # 15 min from node 0: the first edge, and 5 of the 10 min of the second.
    network = network_of(3, LINE)
    assert parts_of(service_areas(network, [0], [15])) == [(0, 0, 0, 1, 0), (0, 1, 0, 0.5, 0)]
    # 1 km, and half of 2 km.
    assert service_km(network, [0], [15]).tolist() == [[pytest.approx(2.0)]]


def test_an_edge_is_counted_from_the_end_it_is_reached_by():
    # From node 2 the first edge is reached by its v end: the share 0.5 to 1.
    network = network_of(3, LINE)
    assert parts_of(service_areas(network, [2], [15])) == [(0, 0, 0.5, 1, 0), (0, 1, 0, 1, 0)]


def test_the_way_to_a_facility_is_not_the_way_from_it():
    # Uphill from 1 to 0 takes 20, downhill 10; 15 min are 3/4 of the one, all of the other.
    network = network_of(2, [(0, 1, 10, 20)])
    assert parts_of(service_areas(network, [0], [15])) == [(0, 0, 0, 0.75, 0)]
    assert parts_of(service_areas(network, [0], [15], toward=False)) == [(0, 0, 0, 1, 0)]


def test_one_way():
    # From 1 to 2 only: nobody on it can turn back to 0, but who comes from 0 can drive in.
    network = network_of(3, [(0, 1, 10, 10), (1, 2, 10, NAN)])
    assert parts_of(service_areas(network, [0], [15])) == [(0, 0, 0, 1, 0)]
    away = parts_of(service_areas(network, [0], [15], toward=False))
    assert away == [(0, 0, 0, 1, 0), (0, 1, 0, 0.5, 0)]


# A triangle: 0 to 1 takes 5, 0 to 2 takes 7, and 1 ==10== 2.
TRIANGLE = [(0, 1, 5, 5), (0, 2, 7, 7), (1, 2, 10, 10)]


@pytest.mark.parametrize(
    ("limit", "far_edge"),
    [
        (10, [(0, 2, 0, 0.5, 0), (0, 2, 0.7, 1, 0)]),  # 5 min left at 1, 3 at 2: 2 min missing
        (11, [(0, 2, 0, 1, 0)]),  # 6 and 4: they meet
        (30, [(0, 2, 0, 1, 0)]),
        (7, [(0, 2, 0, 0.2, 0)]),  # nothing left at 2
    ],
)
def test_an_edge_reached_from_both_ends_is_whole_where_they_meet(limit, far_edge):
    found = service_areas(network_of(3, TRIANGLE), [0], [limit])
    assert [p for p in parts_of(found) if p[1] == 2] == far_edge


def test_a_loop_is_reached_from_both_its_ends():
    found = service_areas(network_of(1, [(0, 0, 10, 10)]), [0], [3])
    assert parts_of(found) == [(0, 0, 0, 0.3, 0), (0, 0, 0.7, 1, 0)]


def test_parallel_edges_are_reached_each_by_its_own_cost():
    # The quick one gets to node 1 in 4 min, from where the slow one is reached backward too.
    network = network_of(2, [(0, 1, 4, 4), (0, 1, 20, 20)])
    found = service_areas(network, [0], [8])
    assert parts_of(found) == [(0, 0, 0, 1, 0), (0, 1, 0, 0.4, 0), (0, 1, 0.8, 1, 0)]


def test_within_nothing_lies_what_costs_nothing():
    network = network_of(3, [(0, 1, 0, 0), (1, 2, 10, 10)])
    assert parts_of(service_areas(network, [0], [0])) == [(0, 0, 0, 1, 0)]
    assert len(service_areas(network, [2], [0])) == 0


def test_a_facility_amid_an_edge_reaches_both_ways():
    # At 40 % of a 10 min edge, 3 min: from 1 to 7 min of it.
    network = network_of(2, [(0, 1, 10, 10)])
    split, (node,) = network.split([stops_at([0], [0.4])])
    found = service_areas(split, node, [3])
    assert parts_of(found) == [(0, 0, 0.25, 1, 0), (0, 1, 0, 0.5, 0)]
    assert found.length_m(split).sum() == pytest.approx(600.0)


def test_what_a_facility_spends_itself_is_taken_off():
    network = network_of(2, [(0, 1, 20, 20)])
    assert parts_of(service_areas(network, [0], [15], offsets=[5])) == [(0, 0, 0, 0.5, 0)]


def test_bands_follow_each_other_along_the_road():
    found = service_areas(network_of(3, LINE), [0], [4, 10, 15])
    assert parts_of(found) == [(0, 0, 0, 0.4, 0), (0, 0, 0.4, 1, 1), (0, 1, 0, 0.5, 2)]
    km = service_km(network_of(3, LINE), [0], [4, 10, 15])
    assert km.tolist() == [pytest.approx([0.4, 1.0, 2.0])]


def test_the_last_band_lies_around_the_watershed():
    # The far edge of the triangle is farthest, at 11 min, 0.6 from node 1.
    found = service_areas(network_of(3, TRIANGLE), [0], [9, 20])
    far = [p for p in parts_of(found) if p[1] == 2]
    assert far == [(0, 2, 0, 0.4, 0), (0, 2, 0.4, 0.8, 1), (0, 2, 0.8, 1, 0)]


def test_areas_of_several_facilities_overlap_and_one_off_road_has_none():
    network = network_of(3, LINE)
    found = service_areas(network, [0, -1, 2], [15])
    assert sorted(set(found.owner.tolist())) == [0, 2]
    km = service_km(network, [0, -1, 2], [15])
    # From node 2 all 2 km of the second edge and half of the first.
    np.testing.assert_allclose(km[:, 0], [2.0, NAN, 2.5])


@pytest.mark.parametrize("breaks", [[], [5, 5], [10, 5], [-1, 5], [NAN]])
def test_breaks_that_do_not_ascend_are_refused(breaks):
    network = network_of(3, LINE)
    with pytest.raises(DataError, match="ascending"):
        service_areas(network, [0], breaks)
    with pytest.raises(DataError, match="ascending"):
        allocate(network, nearest(network, [0]), breaks)


def test_strange_facilities_are_refused():
    network = network_of(3, LINE)
    with pytest.raises(DataError, match="not in the network"):
        service_areas(network, [3], [5])
    with pytest.raises(DataError, match="offsets"):
        service_km(network, [0], [5], offsets=[-1])


# --- several facilities, by hand -------------------------------------------------------------


def shared(rows, facilities, breaks=(np.inf,), n=2, **more):
    network = network_of(n, rows)
    toward = more.get("toward", True)
    return parts_of(allocate(network, nearest(network, facilities, **more), breaks, toward=toward))


def test_facilities_meet_where_both_cost_the_same():
    # 10 s = 4 + 10 (1 - s): s = 0.7, where each costs 7.
    assert shared([(0, 1, 10, 10)], [0, 1], offsets=[0, 4]) == [
        (0, 0, 0, 0.7, 0),
        (1, 0, 0.7, 1, 0),
    ]


def test_the_watershed_knows_both_directions():
    # To node 0 the edge takes 30, to node 1 it takes 10: 30 s = 10 (1 - s), s = 0.25.
    rows = [(0, 1, 10, 30)]
    assert shared(rows, [0, 1]) == [(0, 0, 0, 0.25, 0), (1, 0, 0.25, 1, 0)]
    assert shared(rows, [0, 1], toward=False) == [(0, 0, 0, 0.75, 0), (1, 0, 0.75, 1, 0)]


def test_a_one_way_edge_belongs_to_the_end_it_leads_to():
    assert shared([(0, 1, 10, NAN)], [0, 1]) == [(1, 0, 0, 1, 0)]
    assert shared([(0, 1, 10, NAN)], [0, 1], toward=False) == [(0, 0, 0, 1, 0)]


def test_at_a_tie_the_edge_is_whose_all_points_within_it_are():
    # Node 1 is equally near to its own facility, 10 away itself; within the edge 0 is nearer.
    assert shared([(0, 1, 10, 10)], [0, 1], offsets=[0, 10]) == [(0, 0, 0, 1, 0)]
    assert shared([(0, 1, 10, 10)], [1, 0], offsets=[10, 0]) == [(1, 0, 0, 1, 0)]


def test_an_edge_that_costs_nothing_is_the_lower_facilitys():
    assert shared([(0, 1, 0, 0)], [1, 0]) == [(0, 0, 0, 1, 0)]


def test_watershed_and_breaks_cut_together():
    # From 0 the bands end at 0.2 and 0.5, where the watershed is; from 1 likewise.
    assert shared([(0, 1, 10, 10)], [0, 1], breaks=[2, 9]) == [
        (0, 0, 0, 0.2, 0),
        (0, 0, 0.2, 0.5, 1),
        (1, 0, 0.5, 0.8, 1),
        (1, 0, 0.8, 1, 0),
    ]


def test_what_no_facility_reaches_is_nobodys():
    assert shared([(0, 1, 5, 5), (2, 3, 5, 5)], [0], n=4) == [(0, 0, 0, 1, 0)]


def test_a_root_that_spends_much_itself_leads_to_another():
    # Root 1 spends 12; by the road to root 0 it is 10.
    ways = tree(network_of(2, [(0, 1, 10, 10)]), [0, 1], offsets=[0, 12])
    assert ways.cost.tolist() == [0, 10]
    assert ways.next_node.tolist() == [-1, 0]
    ways = tree(network_of(2, [(0, 1, 10, 10)]), [0, 1], offsets=[0, 8])
    assert ways.next_node.tolist() == [-1, -1]


# --- properties ------------------------------------------------------------------------------


def random_network(seed, n=14, m=24):
    """Random links with one-ways, parallels, loops and zeros, in whole minutes: many ties."""
    rng = np.random.default_rng(seed)
    rows = []
    for u, v in rng.integers(0, n, (m, 2)):
        there, back = rng.integers(0, 6, 2).astype(float)
        way = rng.integers(0, 6)
        rows.append((u, v, NAN if way == 0 else there, NAN if way == 1 else back))
    return network_of(n, rows), rng.integers(0, n, 3), rng.integers(0, 4, 3).astype(float)


def stops_at(edge, fraction):
    """Stops on edges, wherever they stand."""
    blank = np.zeros(len(edge))
    edges, at = np.asarray(edge, dtype=np.int32), np.asarray(fraction, dtype=float)
    return Stops(blank, blank, edges, at, blank, blank, blank, np.full(len(edge), None))


def covered(found, edge, at, owner=None):
    """Whether a position lies in some stretch."""
    mine = (found.edge == edge) & (found.begin <= at) & (at <= found.end)
    return bool((mine if owner is None else mine & (found.owner == owner)).any())


CASES = st.integers(0, 10_000)


@given(CASES, st.floats(0, 15), st.booleans())
@settings(max_examples=80, deadline=None)
def test_a_place_is_in_an_area_when_its_own_cost_is_within_the_limit(seed, limit, toward):
    network, facilities, offsets = random_network(seed)
    rng = np.random.default_rng(seed + 1)
    edge, at = rng.integers(0, network.n_edges, 12), rng.uniform(0.05, 0.95, 12)
    # The oracle makes every position a node and searches anew.
    split, (node,) = network.split([stops_at(edge, at)])
    both = nearest(split, facilities, offsets=offsets, toward=toward)
    areas = allocate(
        network, nearest(network, facilities, offsets=offsets, toward=toward), [limit],
        toward=toward,
    )  # fmt: skip
    alone = service_areas(network, facilities, [limit], offsets=offsets, toward=toward)
    single = [
        nearest(split, [f], offsets=[o], toward=toward).cost
        for f, o in zip(facilities, offsets, strict=True)
    ]
    for e, s, where in zip(edge.tolist(), at.tolist(), node.tolist(), strict=True):
        told = [cost[where] for cost in single]
        for owner, cost in enumerate(told):
            if not abs(cost - limit) < 1e-6:
                assert covered(alone, e, s, owner) == bool(cost <= limit)
        least = both.cost[where]
        if not abs(least - limit) < 1e-6:
            assert covered(areas, e, s) == bool(least <= limit)
        if least < limit - 1e-6 and sum(abs(cost - least) < 1e-6 for cost in told) == 1:
            assert covered(areas, e, s, both.facility[where])


@given(CASES, st.booleans())
@settings(max_examples=60, deadline=None)
def test_allocated_parts_make_up_the_edges_and_never_overlap(seed, toward):
    network, facilities, offsets = random_network(seed)
    found = nearest(network, facilities, offsets=offsets, toward=toward)
    for breaks in ([np.inf], [1, 2.5, 7, np.inf]):
        parts = allocate(network, found, breaks, toward=toward)
        assert (parts.begin < parts.end).all()
        order = np.lexsort((parts.begin, parts.edge))
        edge, begin, end = parts.edge[order], parts.begin[order], parts.end[order]
        same = np.diff(edge) == 0
        # Every part begins where the one before it ends: nothing lost, nothing in two bands.
        np.testing.assert_array_equal(begin[1:][same], end[:-1][same])
        ahead, back = network.costs("minutes")
        at_u, at_v = (back, ahead) if toward else (ahead, back)
        reached = (found.facility[network.u] >= 0) & ~np.isnan(at_u)
        reached |= (found.facility[network.v] >= 0) & ~np.isnan(at_v)
        sums = np.bincount(parts.edge, parts.end - parts.begin, minlength=network.n_edges)
        np.testing.assert_allclose(sums, reached.astype(float), atol=1e-9)


@given(CASES, st.floats(0, 8), st.floats(0.1, 8))
@settings(max_examples=60, deadline=None)
def test_a_larger_limit_holds_the_smaller(seed, limit, more):
    network, facilities, offsets = random_network(seed)
    small, large = (
        service_areas(network, facilities, [until], offsets=offsets)
        for until in (limit, limit + more)
    )
    for owner, edge, begin, end in zip(
        small.owner, small.edge, small.begin, small.end, strict=True
    ):
        around = (large.owner == owner) & (large.edge == edge)
        around &= (large.begin <= begin + 1e-9) & (large.end >= end - 1e-9)
        assert around.sum() == 1
    bands = service_km(network, facilities, [limit, limit + more], offsets=offsets)
    for column, until in enumerate((limit, limit + more)):
        alone = service_km(network, facilities, [until], offsets=offsets)[:, 0]
        np.testing.assert_allclose(bands[:, column], alone, atol=1e-6)


@given(CASES, st.floats(0, 10))
@settings(max_examples=40, deadline=None)
def test_all_areas_together_are_the_area_of_the_nearest(seed, limit):
    network, facilities, offsets = random_network(seed)
    alone = service_areas(network, facilities, [limit], offsets=offsets)
    shared_out = allocate(network, nearest(network, facilities, offsets=offsets), [limit])
    for edge in range(network.n_edges):
        lines = [
            shapely.union_all(
                [
                    shapely.LineString([(b, 0), (e, 0)])
                    for b, e in zip(
                        found.begin[found.edge == edge], found.end[found.edge == edge], strict=True
                    )
                ]
            ).length
            for found in (alone, shared_out)
        ]
        assert lines[0] == pytest.approx(lines[1], abs=1e-6)


@given(CASES)
@settings(max_examples=30, deadline=None)
def test_the_order_of_edges_and_facilities_changes_nothing(seed):
    network, facilities, offsets = random_network(seed)
    rng = np.random.default_rng(seed)
    order, turn = rng.permutation(network.n_edges), rng.permutation(3)
    edges = network.edges.take(order).reset_index(drop=True)
    other = RoadNetwork(network.node_x, network.node_y, edges, network.crs)
    km = service_km(network, facilities, [3, 6], offsets=offsets)
    again = service_km(other, facilities[turn], [3, 6], offsets=offsets[turn])
    np.testing.assert_allclose(again, km[turn])
    one = allocate(network, nearest(network, facilities, offsets=offsets), [3, 6])
    two = allocate(other, nearest(other, facilities, offsets=offsets), [3, 6])
    rows = {
        (o, order[e], round(b, 9), round(f, 9), k)
        for o, e, b, f, k in zip(two.owner, two.edge, two.begin, two.end, two.band, strict=True)
    }
    assert rows == {
        (o, e, round(b, 9), round(f, 9), k)
        for o, e, b, f, k in zip(one.owner, one.edge, one.begin, one.end, one.band, strict=True)
    }


@given(CASES, st.floats(0, 10))
@settings(max_examples=20, deadline=None)
def test_both_engines_give_the_same_stretches(seed, limit):
    network, facilities, offsets = random_network(seed)
    found = [
        service_areas(network, facilities, [limit], offsets=offsets, engine=engine)
        for engine in (SCIPY, COMPILED)
    ]
    for name in ("owner", "edge", "begin", "end", "band"):
        np.testing.assert_array_equal(*(getattr(one, name) for one in found))


@given(CASES)
@settings(max_examples=30, deadline=None)
def test_lines_are_cut_as_shapely_cuts_them(seed):
    rng = np.random.default_rng(seed)
    lines = np.array([shapely.LineString(rng.uniform(0, 100, (n, 2))) for n in (2, 3, 5, 9)])
    begin = rng.uniform(0, 0.5, 4) * (rng.random(4) < 0.7)
    end = np.where(rng.random(4) < 0.3, 1.0, rng.uniform(0.5, 1, 4))
    for found, line, b, e in zip(sublines(lines, begin, end), lines, begin, end, strict=True):
        np.testing.assert_allclose(
            shapely.get_coordinates(found),
            shapely.get_coordinates(substring(line, b, e, normalized=True)),
            atol=1e-6,
        )


def test_stretches_are_drawn_and_measured():
    network = network_of(3, LINE)
    found = service_areas(network, [0], [15])
    lines = found.lines(network)
    assert lines[0] is network.edges.geometry.iloc[0]
    whole = network.edges.geometry.iloc[1]
    assert lines[1].length == pytest.approx(whole.length / 2)
    assert lines[1].coords[0] == whole.coords[0]
    assert found.length_m(network).tolist() == pytest.approx([1000.0, 1000.0])


# --- polygons --------------------------------------------------------------------------------


def test_bands_are_rings_around_their_roads():
    # A 10 km road, near to the west, far to the east: 4 km, then 6 km.
    lines = shapely.linestrings([[(0, 0), (4000, 0)], [(4000, 0), (10000, 0)]])
    near, far = band_polygons(lines, np.array([0, 1], np.int32), 2, walk_m=500.0)
    # A strip of 1 km with two half discs (an octagon of the quadrant has 0.6 % less).
    disc = np.pi * 500**2
    assert near.area == pytest.approx(4e6 + disc, rel=0.002)
    assert near.area + far.area == pytest.approx(10e6 + disc, rel=0.002)
    assert near.intersection(far).area == pytest.approx(0.0, abs=1e-6)


def test_bands_end_at_the_county():
    lines = shapely.linestrings([[(0, 0), (4000, 0)]])
    county = shapely.box(-5000, 0, 5000, 5000)
    (band,) = band_polygons(lines, np.zeros(1, np.int32), 1, walk_m=500.0, within=county)
    assert band.within(county.buffer(1e-6))
    assert band.area == pytest.approx(2e6 + np.pi * 500**2 / 2, rel=0.002)


def test_tiny_holes_close_and_large_ones_stay():
    def ring(side):
        return [(0, 0), (side, 0), (side, side), (0, side), (0, 0)]

    band = np.zeros(1, np.int32)
    # 1/20 of the disc is 39,270 m²: a hole of 100 m by 100 m closes, one of 300 m does not.
    for side, holes in ((1100, 0), (1300, 1)):
        (area,) = band_polygons(shapely.linestrings([ring(side)]), band, 1, walk_m=500.0)
        assert len(shapely.get_parts(area)[0].interiors) == holes


def test_a_sliver_goes_to_the_band_around_it():
    # The second road adds a rim of 100 m length at most to the first one's ground: too little.
    lines = shapely.linestrings(
        [[(0, 0), (4000, 0)], [(4000, 0), (4030, 0)], [(4000, 0), (9000, 0)]]
    )
    near, middle, far = band_polygons(lines, np.arange(3, dtype=np.int32), 3, walk_m=500.0)
    assert middle.is_empty
    total = shapely.union_all([near, far])
    assert total.area == pytest.approx(9e6 + np.pi * 500**2, rel=0.002)
    assert len(shapely.get_parts(total)) == 1


@given(CASES)
@settings(max_examples=15, deadline=None)
def test_bands_never_overlap_and_more_breaks_cover_the_same_ground(seed):
    rng = np.random.default_rng(seed)
    start = rng.uniform(0, 10_000, (20, 2))
    lines = shapely.linestrings(np.stack([start, start + rng.uniform(-3000, 3000, (20, 2))], 1))
    band = rng.integers(0, 3, 20).astype(np.int32)
    rings = band_polygons(lines, band, 3, walk_m=400.0)
    union = shapely.union_all(rings)
    assert union.area == pytest.approx(shapely.area(rings).sum())
    (one,) = band_polygons(lines, np.zeros(20, np.int32), 1, walk_m=400.0)
    # Slivers and holes that are too small may differ, one of 1/20 disc for each band and road.
    assert abs(union.area - one.area) < 40 * np.pi * 400**2 / 20


def test_ground_goes_to_the_nearest_road():
    # Two roads in line, meeting at x = 4000 of 10 km: the border is there.
    ground = shapely.box(0, -1000, 10_000, 1000)
    lines = shapely.linestrings([[(0, 0), (4000, 0)], [(4000, 0), (10_000, 0)]])
    cells = divide(lines, np.array([5, 2], np.int32), ground, spacing_m=100.0)
    assert cells.owner.tolist() == [2, 5]
    assert shapely.area(cells.geometry) == pytest.approx([6000 * 2000.0, 4000 * 2000.0], rel=1e-6)
    assert cells.touching.tolist() == [[0, 1]]
    assert sorted(cells.colours().tolist()) == [0, 1]


def test_ground_of_one_road_is_all_its_own():
    ground = shapely.box(0, -1000, 10_000, 1000)
    lines = shapely.linestrings([[(0, 0), (40, 0)]])
    cells = divide(lines, np.zeros(1, np.int32), ground, spacing_m=100.0)
    assert cells.geometry[0].equals(shapely.MultiPolygon([ground]))
    assert cells.touching.tolist() == []
    nothing = divide(lines[:0], np.empty(0, np.int32), ground, spacing_m=100.0)
    assert len(nothing.owner) == len(nothing.colours()) == 0


@given(CASES)
@settings(max_examples=25, deadline=None)
def test_cells_fill_the_ground_and_neighbours_differ_in_colour(seed):
    rng = np.random.default_rng(seed)
    start = rng.uniform(400_000, 420_000, (40, 2))
    lines = shapely.linestrings(np.stack([start, start + rng.uniform(-900, 900, (40, 2))], 1))
    owner = rng.integers(-1, 8, 40).astype(np.int32)
    ground = shapely.Point(410_000, 410_000).buffer(9000, quad_segs=4)
    cells = divide(lines, owner, ground, spacing_m=300.0)
    assert shapely.area(cells.geometry).sum() == pytest.approx(ground.area)
    assert shapely.union_all(cells.geometry).area == pytest.approx(ground.area)
    colour = cells.colours()
    border = shapely.length(shapely.intersection(cells.geometry[:, None], cells.geometry[None, :]))
    rows, columns = np.nonzero((border > 1.0) & ~np.eye(len(cells.owner), dtype=bool))
    assert (colour[rows] != colour[columns]).all()
    # Any place has the owner of the nearest point, found here by the lines themselves.
    places = shapely.points(rng.uniform(404_000, 416_000, (30, 2)))
    for place in places[shapely.intersects(ground, places)]:
        away = shapely.distance(lines, place)
        nearest_two = np.sort([away[owner == name].min() for name in np.unique(owner)])[:2]
        if np.diff(nearest_two)[0] > 300.0:
            row = int(np.flatnonzero(shapely.intersects(cells.geometry, place))[0])
            assert cells.owner[row] == owner[np.argmin(away)]
