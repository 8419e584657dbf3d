"""The audit of a network, on towns whose gaps and islands are known."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from yanshan_gis.network.audit import (
    COMPONENT_COLUMNS,
    MISSING_COLUMNS,
    UNATTACHED_COLUMNS,
    UNDERSHOOT_COLUMNS,
    audit,
)
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.impedance import SpeedTable, impede
from yanshan_gis.network.topology import build_topology


def built(*lines, **columns):
    roads = gpd.GeoDataFrame(
        {"id": [f"R{i}" for i in range(1, len(lines) + 1)], **columns},
        geometry=[shapely.LineString(line) for line in lines],
        crs="EPSG:4544",
    )
    topology = build_topology(roads)
    edges = impede(topology.edges, speeds=SpeedTable.from_dict({"default": 20})).apply(
        topology.edges
    )
    return topology, RoadNetwork.from_edges(edges)


def audited(network, villages=(), **options):
    """Villages as (id, x, y, people)."""
    ids, x, y, people = zip(*villages, strict=True) if villages else ((), (), (), ())
    return audit(network, village_ids=ids, village_x=x, village_y=y, population=people, **options)


FULL = {"surface": "earth", "admin_class": "village"}


def test_undershoot_beyond_the_tolerance_is_told_with_the_people_it_cuts_off():
    #   V1 (300 people) and V2 (unknown) on R2, which stops 20 m short of R1
    #
    #   R2 |  V1        R3 (an island far off, V3)
    #      |  V2                 ---------
    #      . 20 m
    #  R1 ---+---+-----
    _, network = built(
        [(0, 0), (100, 0), (500, 0)],
        [(200, 400), (200, 20)],
        [(5000, 900), (5300, 900)],
        [(100, 0), (100, -80)],
        **FULL,
    )
    found = audited(
        network,
        [("V1", 210, 300, 300), ("V2", 210, 200, np.nan), ("V3", 5100, 900, 70), ("V4", 0, 5, 90)],
    )
    assert found.undershoots.drop(columns="geometry").to_numpy().tolist() == [
        ["R2", "R1", 20.0, 200.0, 20.0, 2, 300.0]
    ]
    assert found.undershoots.geometry[0].equals(shapely.Point(200, 20))
    assert found.components.to_numpy().tolist() == [
        [0, pytest.approx(0.58), 1, 90.0, True],
        [1, pytest.approx(0.38), 2, 300.0, False],
        [2, pytest.approx(0.3), 1, 70.0, False],
    ]
    codes = {notice.code: notice.values["count"] for notice in found.notices}
    assert codes == {"network-islands": 2, "network-undershoots": 1}


def test_gap_of_four_metres_is_closed_and_no_longer_told():
    topology, network = built([(0, 0), (500, 0)], [(200, 400), (200, 4)], **FULL)
    assert len(topology.joins) == 1
    found = audited(network)
    assert len(found.undershoots) == 0
    assert len(found.components) == 1
    assert found.notices == ()


def test_most_people_first_then_the_smallest_gap():
    _, network = built(
        [(0, 0), (500, 0), (1000, 0), (2000, 0)],
        [(100, 400), (100, 30)],
        [(300, 400), (300, 10)],
        [(600, 400), (600, 20)],
        **FULL,
    )
    found = audited(network, [("V1", 100, 300, 50), ("V2", 300, 300, 0), ("V3", 600, 300, 50)])
    assert found.undershoots["road_id"].tolist() == ["R4", "R2", "R3"]
    assert found.undershoots["people"].tolist() == [50, 50, 0]
    wide = audited(network, search_m=15)
    assert wide.undershoots["road_id"].tolist() == ["R3"]


def test_two_ends_that_face_each_other_are_one_gap():
    _, network = built([(0, 0), (500, 0)], [(530, 0), (900, 0)], **FULL)
    assert audited(network).undershoots[["road_id", "gap_m"]].to_numpy().tolist() == [["R1", 30.0]]


def test_both_ends_of_one_road_may_have_gaps_to_the_same_road():
    _, network = built([(0, 0), (900, 0)], [(100, 30), (100, 200), (700, 200), (700, 40)], **FULL)
    assert audited(network).undershoots["gap_m"].tolist() == [30, 40]


def test_end_near_its_own_component_counts_only_when_the_way_round_is_long():
    # R2 leaves R1 at its start, goes round and stops 30 m above it; 870 m by road.
    #   +----------+
    #   |          |  30 m
    #   +----------.------
    _, network = built([(0, 0), (600, 0)], [(0, 0), (0, 300), (300, 300), (300, 30)], **FULL)
    found = audited(network)
    assert found.undershoots[
        ["road_id", "other_road_id", "gap_m", "people"]
    ].to_numpy().tolist() == [["R2", "R1", 30.0, 0.0]]
    # 300 + 300 + 270 m back to the start and 300 m along R1
    assert len(audited(network, detour_m=1169).undershoots) == 1
    assert len(audited(network, detour_m=1170).undershoots) == 0


def test_a_gap_between_two_islands_brings_nobody_to_the_main_network():
    _, network = built(
        [(0, 0), (100, 0), (900, 0)],
        [(100, 0), (100, 90)],
        [(5000, 0), (5300, 0)],
        [(5320, 0), (5600, 0)],
        **FULL,
    )
    found = audited(network, [("V1", 5100, 0, 40), ("V2", 5500, 0, 50)])
    assert found.undershoots[["villages", "people"]].to_numpy().tolist() == [[0, 0]]


def test_lone_villages_and_missing_fields():
    _, network = built(
        [(0, 0), (1000, 0)],
        [(400, 0), (400, 500)],
        [(0, 4), (0, 250)],
        surface=[None, "earth", None],
    )
    found = audited(
        network, [("V1", 500, -80, 1), ("V2", np.nan, 3, 1), ("V3", 0, 0, 1)], limit_m=50
    )
    assert found.unattached["id"].tolist() == ["V1", "V2"]
    np.testing.assert_array_equal(found.unattached["walk_m"], [80, np.nan])
    assert found.unattached["reason"].tolist() == ["beyond limit", "no position"]
    # the connector of R3 is no road: 246 m count, not 250
    assert found.missing.to_numpy().tolist() == [
        ["R1", "admin_class", 1.0],
        ["R1", "surface", 1.0],
        ["R2", "admin_class", 0.5],
        ["R3", "admin_class", pytest.approx(0.246)],
        ["R3", "surface", pytest.approx(0.246)],
    ]
    codes = {notice.code: notice.values["count"] for notice in found.notices}
    assert codes == {"villages-unattached": 2, "roads-missing-fields": 3}


def test_crossings_are_handed_on():
    topology, network = built([(0, 0), (500, 0)], [(200, 400), (200, -400)], **FULL)
    found = audited(network, crossings=topology.crossings)
    assert found.crossings[["x", "y"]].to_numpy().tolist() == [[200, 0]]
    assert "network-crossings" in {notice.code for notice in found.notices}
    assert all("{" not in notice.render("en") for notice in found.notices)


def test_columns_stand_without_rows():
    for lines in ((), ([(0, 0), (500, 0)],)):
        _, network = built(*lines, **({} if not lines else FULL))
        found = audited(network)
        assert tuple(found.components.columns) == COMPONENT_COLUMNS
        assert tuple(found.undershoots.columns) == (*UNDERSHOOT_COLUMNS, "geometry")
        assert tuple(found.unattached.columns) == UNATTACHED_COLUMNS
        assert tuple(found.missing.columns) == MISSING_COLUMNS
        assert found.undershoots.crs == found.crossings.crs == network.crs


def test_nothing_is_changed():
    _, network = built([(0, 0), (500, 0)], **FULL)
    before = network.edges.copy()
    audited(network, [("V1", 0, 0, 1)])
    assert network.edges.equals(before)
