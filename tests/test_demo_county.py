"""The bundled county: totals, provenance, determinism, and a road network as it was promised."""

from __future__ import annotations

import hashlib

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from yanshan_gis.demo import build_demo
from yanshan_gis.errors import UsageError
from yanshan_gis.layer import Quality

NAMES = ["county", "townships", "seats", "villages", "roads", "outlets", "cold_storage",
         "base_stations", "farm_bases", "water_projects", "relocation_sites",
         "greening_parcels", "lithology", "indicators", "statistics", "programmes",
         "projects"]  # fmt: skip
STATED = ["indicators", "programmes"]  # what the plan says, nothing modelled


@pytest.fixture(scope="module")
def demo():
    return build_demo()


@pytest.fixture(scope="module")
def roads(demo):
    return demo.layers["roads"].frame


@pytest.fixture(scope="module")
def villages(demo):
    return demo.layers["villages"].frame


@pytest.fixture(scope="module")
def committees(villages):
    return villages[villages["level"] == "committee"]


@pytest.fixture(scope="module")
def natural(villages):
    return villages[villages["level"] == "natural"]


class Vertices:
    """The road lines as a graph of their vertices, made without the library's own network."""

    def __init__(self, roads):
        self.lines = roads.geometry.to_numpy()
        xy, self.line = shapely.get_coordinates(self.lines, return_index=True)
        self.xy, self.node = np.unique(xy, axis=0, return_inverse=True)
        self.node = self.node.ravel()
        within = self.line[1:] == self.line[:-1]
        self.edges = np.column_stack([self.node[:-1][within], self.node[1:][within]])
        self.edge_line = self.line[1:][within]
        self.first = self.node[np.concatenate([[True], np.diff(self.line) > 0])]
        self.hard = roads["surface"].isin(["asphalt", "cement"]).to_numpy()

    def graph(self, lines=None):
        kept = self.edges if lines is None else self.edges[lines[self.edge_line]]
        return nx.Graph(kept.tolist())

    def nearest(self, points, among=None):
        """Return the line nearest to each point, and the distance."""
        rows = np.arange(len(self.lines)) if among is None else np.flatnonzero(among)
        tree = shapely.STRtree(self.lines[rows])
        found, away = tree.query_nearest(points, all_matches=False, return_distance=True)
        return rows[found[1]], away


@pytest.fixture(scope="module")
def vertices(roads):
    return Vertices(roads)


@pytest.fixture(scope="module")
def hardened_core(vertices):
    """The lines that hang together by hardened roads, the largest such part."""
    parts = nx.connected_components(vertices.graph(vertices.hard))
    core = max(parts, key=len)
    return vertices.hard & np.isin(vertices.first, list(core))


def test_settings(demo):
    county = demo.county
    assert (county.name.zh, county.name.en, county.code) == ("砚山县", "Yanshan County", "532622")
    assert county.crs == "EPSG:4544"
    assert county.targets == {"17": 0.5, "18": 0.7, "19": 0.8, "20": 0.8, "21": 0.8, "22": 0.8}
    assert str(county.data_date) == "2025-12-31"
    assert county.compiled_by is None


def test_frames_keep_to_the_catalogue(demo):
    assert list(demo.layers) == NAMES
    for name, layer in demo.layers.items():
        frame, definition = layer.frame, layer.definition
        prefix = definition.id_prefix
        expected = [f"{prefix}{number:06d}" for number in range(1, len(frame) + 1)]
        if name != "projects":  # those keep the registry's own
            assert frame["id"].tolist() == expected, name
        fields = set(frame.columns) - {"id", "source_id", "geometry"}
        assert fields <= set(definition.fields), name
        if not definition.is_table:
            assert frame.crs.to_epsg() == 4544
            assert frame.geometry.dropna().is_valid.all()
        for column in fields:
            codes = definition.fields[column].codes
            assert not codes or set(frame[column].dropna()) <= set(codes), (name, column)
            if definition.fields[column].type == "boolean":
                assert frame[column].dtype == "boolean", column
            if definition.fields[column].required:
                assert frame[column].notna().all(), column


def test_every_layer_says_that_it_is_modelled(demo):
    for name, layer in demo.layers.items():
        used = set(layer.frame["source_id"])
        assert {source.id for source in layer.sources} == used, name
        assert layer.modelled == (name not in STATED), name
        if name in STATED:
            continue
        assert any("seed=2021" in source.origin for source in layer.sources), name
    stores = demo.layers["cold_storage"].sources[0]
    assert (stores.attributes, stores.position) == (Quality.REPORTED, Quality.MODELLED)
    seats = demo.layers["seats"].frame
    modelled = seats.loc[seats["source_id"] != "adcode", "name"]
    assert modelled.tolist() == ["维摩彝族乡"]


def test_outline_and_townships_are_a_partition(demo):
    county = demo.layers["county"].frame.geometry.iloc[0]
    townships = demo.layers["townships"].frame
    assert county.area == pytest.approx(3822e6, rel=1e-3)
    assert len(townships) == 11
    assert set(townships.geometry.geom_type) == {"Polygon"}
    assert townships.area.sum() == pytest.approx(county.area, rel=1e-9)
    assert shapely.coverage_is_valid(townships.geometry.to_numpy())
    assert shapely.union_all(townships.geometry.to_numpy()).symmetric_difference(county).area < 1.0


def test_settlements_lie_in_their_township(demo, villages):
    polygon = demo.layers["townships"].frame.set_index("name").geometry
    own = polygon.loc[villages["township"]].to_numpy()
    assert shapely.intersects(own, villages.geometry.to_numpy()).all()


def test_seats_and_committees_stand_where_they_do(demo, committees):
    seats = demo.layers["seats"].frame
    assert seats["level"].value_counts().to_dict() == {"township": 11, "county": 1}
    # 104.3349633 E, 23.6083278 N; the central meridian of EPSG:4544 is 105 E.
    place = seats.to_crs("EPSG:4326").geometry.iloc[0]
    assert (place.x, place.y) == pytest.approx((104.3349633, 23.6083278), abs=1e-6)
    known = committees[committees["position_quality"] == "reported"]
    assert len(known) == 9
    assert set(known["source_id"]) == {"adcode"}


def test_people(villages, committees, natural):
    assert len(committees) == 108
    assert len(natural) == 1100
    assert committees["population"].sum() == 516_500
    own = natural.groupby("parent")["population"].sum().reindex(committees["id"]).fillna(0)
    assert (committees["population"].to_numpy() >= own.to_numpy()).all()
    rural = (committees["kind"] == "village_committee") & (own.to_numpy() > 0)
    assert rural.sum() > 80
    assert committees["population"].sum() / committees["households"].sum() == pytest.approx(
        3.8, abs=0.2
    )
    share = committees["households_piped"].sum() / committees["households"].sum()
    assert share == pytest.approx(0.87, abs=0.01)
    assert (villages["households_piped"] <= villages["households"]).all()
    assert not natural.duplicated(["parent", "name"]).any()
    assert set(natural["parent"]) <= set(committees["id"])
    exempt = natural[natural["exempt"]]
    assert 6 <= len(exempt) <= 12
    assert exempt["exempt_reason"].notna().all()


def test_lengths_of_roads(roads):
    km = roads.length.groupby(roads["scope"]).sum() / 1000
    assert km["access"] == pytest.approx(3505, rel=0.005)
    inside = roads[roads["scope"] == "in_village"]
    hard = inside["surface"].isin(["asphalt", "cement"])
    assert inside.length[hard].sum() / inside.length.sum() == pytest.approx(0.6, abs=0.01)
    # What the plan wants to harden is there to be hardened.
    assert inside.length[~hard].sum() / 1000 == pytest.approx(382.54, rel=0.02)
    access = roads[(roads["scope"] == "access")]
    assert access.length[~access["surface"].isin(["asphalt", "cement"])].sum() > 1_017_840
    assert access.length.max() < 15_600
    assert set(access["admin_class"].dropna()) == {
        "national", "provincial", "county", "township", "village", "group",
    }  # fmt: skip


def test_roads_meet_at_vertices_only_but_for_bridges(roads, vertices):
    lines, level = vertices.lines, roads["level"].to_numpy(dtype=int)
    assert shapely.is_simple(lines).all()
    first, second = shapely.STRtree(lines).query(lines, predicate="intersects")
    first, second = first[first < second], second[first < second]
    crossings = []
    own = [set(map(tuple, shapely.get_coordinates(line).tolist())) for line in lines]
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        shared = own[a] & own[b]
        meet = shapely.get_coordinates(shapely.intersection(lines[a], lines[b])).tolist()
        if any(tuple(point) not in shared for point in meet):
            crossings.append((a, b))
    assert 1 <= len(crossings) <= 6
    assert all({level[a], level[b]} == {0, 1} for a, b in crossings)


def test_most_vertices_only_bend_the_road(vertices):
    degree = np.bincount(vertices.edges.ravel())
    assert 55_000 < len(degree) < 75_000
    assert 0.88 < np.mean(degree == 2) < 0.94


def test_every_committee_and_seat_lies_on_the_hardened_network(
    demo, committees, vertices, hardened_core
):
    for frame in (committees, demo.layers["seats"].frame):
        line, away = vertices.nearest(frame.geometry.to_numpy())
        assert hardened_core[line].all()
        assert away.max() < 100


def test_fewer_villages_than_wanted_have_a_hardened_way(natural, roads, vertices, hardened_core):
    points = natural.geometry.to_numpy()
    for among in (None, (roads["scope"] == "access").to_numpy()):
        line, away = vertices.nearest(points, among)
        near = away <= 1000
        joined = hardened_core[line] & near
        touching = vertices.hard[line] & near & ~joined
        assert 0.38 < joined.mean() < 0.44
        assert touching.sum() > 10


def test_villages_lie_beside_the_road_or_beyond_reach(natural, vertices):
    _, away = vertices.nearest(natural.geometry.to_numpy())
    assert 80 < np.median(away) < 125
    assert (away > 1000).sum() == 12
    assert ((away > 320) & (away < 1000)).sum() <= 3


def test_planted_faults(roads, vertices):
    access = roads[roads["scope"] == "access"]
    assert access["surface"].isna().sum() == 15
    assert access["admin_class"].isna().sum() == 4
    assert (roads["one_way"] == "forward").sum() >= 5
    parts = sorted(map(len, nx.connected_components(vertices.graph())))
    assert len(parts) == 1 + 6 + 8 + 3
    degree = np.bincount(vertices.edges.ravel())
    ends = np.flatnonzero(degree == 1)
    core = max(nx.connected_components(vertices.graph()), key=len)
    loose = ends[~np.isin(ends, list(core))]
    among = np.isin(vertices.first, list(core))
    _, away = vertices.nearest(shapely.points(vertices.xy[loose]), among)
    assert ((away > 0.5) & (away < 4.5)).sum() >= 6
    assert ((away > 5) & (away < 41)).sum() >= 8


def test_dual_carriageway(roads):
    twins = roads[(roads["technical_grade"] == "class1")]
    assert len(twins) == 2
    assert set(twins["one_way"]) <= {"forward", "backward"}
    ends = [set(line.boundary.geoms) for line in twins.geometry]
    assert ends[0] == ends[1]


def test_one_ways_cut_nobody_off(roads, vertices):
    graph = nx.DiGraph()
    way = roads["one_way"].to_numpy()
    for (a, b), line in zip(vertices.edges.tolist(), vertices.edge_line.tolist(), strict=True):
        if way[line] != "backward":
            graph.add_edge(a, b)
        if way[line] != "forward":
            graph.add_edge(b, a)
    strong = nx.number_strongly_connected_components(graph)
    assert strong == nx.number_weakly_connected_components(graph)


def test_ledger_disagrees_a_little(natural, committees, vertices, hardened_core, demo):
    line, away = vertices.nearest(natural.geometry.to_numpy())
    computed = hardened_core[line] & (away <= 1000)
    ledger = natural["ledger_hardened_access"].to_numpy(dtype=bool)
    assert 0.02 < np.mean(ledger != computed) < 0.08
    outlets = demo.layers["outlets"].frame
    own = outlets[(outlets["status"] == "existing") & (outlets["level"] == "village")]
    served = committees["id"].isin(own["committee"]).to_numpy()
    assert 0.01 < np.mean(committees["ledger_outlet"].to_numpy(dtype=bool) != served) < 0.15
    assert natural["ledger_outlet"].isna().all()
    assert committees["ledger_hardened_access"].all()


def test_outlets_miss_the_target(demo, committees):
    outlets = demo.layers["outlets"].frame
    assert outlets["level"].value_counts().to_dict() == {"village": 84, "township": 11, "county": 1}
    existing = outlets[(outlets["level"] == "village") & (outlets["status"] == "existing")]
    assert len(existing) == 64
    assert existing["committee"].isna().sum() == 4
    assert existing["committee"].dropna().is_unique
    assert set(existing["committee"].dropna()) <= set(committees["id"])


def test_cold_stores_do_not_coincide(demo):
    stores = demo.layers["cold_storage"].frame
    assert len(stores) == 27
    assert stores["volume_m3"].sum() == 33_130
    assert stores["committee"].isna().sum() == 4
    assert stores["name"].is_unique
    assert {"平远镇新寨冷库", "翁达冷库", "翁达沙子坡冷库", "倮居黑冷库3"} <= set(stores["name"])
    away = shapely.distance(
        stores.geometry.to_numpy()[:, None], stores.geometry.to_numpy()[None, :]
    )
    assert away[np.triu_indices(27, 1)].min() > 20


def test_names(demo):
    ids = set(demo.layers["villages"].frame["id"]) | set(demo.layers["townships"].frame["id"])
    official = [record for record in demo.names if record.kind == "official"]
    assert len(official) == 1 + 11 + 108
    assert {record.id for record in demo.names[1:]} <= ids
    by_name = {record.name: record.id for record in demo.names}
    assert by_name["阿舍乡"] == by_name["阿舍彝族乡"]
    assert by_name["保可腻村委会"] == by_name["倮可腻村委会"]


def test_elevation_covers_the_county(demo):
    grid, heights = demo.scene.terrain.grid, demo.scene.terrain.elevation
    assert heights.shape == grid.shape
    assert heights.dtype == np.float32
    assert 1000 <= heights.min() < heights.max() <= 1900
    west, south, east, north = demo.layers["county"].frame.total_bounds
    bounds = grid.bounds
    assert bounds[0] < west
    assert bounds[1] < south
    assert bounds[2] > east
    assert bounds[3] > north


def _digest(demo):
    digest = hashlib.sha256(demo.scene.terrain.elevation.tobytes())
    for layer in demo.layers.values():
        if not layer.definition.is_table:
            digest.update(shapely.get_coordinates(layer.frame.geometry.to_numpy()).tobytes())
        table = pd.DataFrame(layer.frame.drop(columns="geometry", errors="ignore"))
        digest.update(table.to_csv().encode())
    digest.update(repr(demo.names).encode())
    return digest.hexdigest()


def test_same_seed_same_bytes_other_seed_others(demo):
    assert _digest(build_demo(seed=2021)) == _digest(demo)
    other = build_demo(seed=7)
    assert _digest(other) != _digest(demo)
    # The facts do not depend on the seed.
    for layer in ("seats", "cold_storage"):
        assert other.layers[layer].frame["name"].equals(demo.layers[layer].frame["name"])
    assert (
        other.layers["villages"].frame.query("level == 'committee'")["population"].sum() == 516_500
    )


def test_a_larger_county_is_larger_and_not_denser(demo, roads):
    large = build_demo(scale=2)
    villages = large.layers["villages"].frame
    assert villages["level"].value_counts().to_dict() == {"natural": 2200, "committee": 216}
    assert villages.query("level == 'committee'")["population"].sum() == 1_033_000
    assert large.layers["county"].frame.area.sum() == pytest.approx(2 * 3822e6, rel=1e-3)
    access = large.layers["roads"].frame.query("scope == 'access'")
    assert access.length.sum() == pytest.approx(2 * 3505e3, rel=0.005)
    assert len(large.layers["townships"].frame) == 22
    real = demo.layers["seats"].frame
    assert large.layers["seats"].frame.geometry.iloc[:12].equals(real.geometry)
    grown = len(large.layers["roads"].frame) / len(roads)
    assert grown == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize("scale", [0.5, 0, -1, float("nan"), 1e9])
def test_scales_out_of_range(scale):
    with pytest.raises(UsageError) as error:
        build_demo(scale=scale)
    assert error.value.code == "demo-scale"
