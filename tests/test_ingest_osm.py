"""OpenStreetMap extracts: tiny ones written here, and real ones against independent readings."""

from __future__ import annotations

import bz2
import gzip
import re
import time
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pyogrio
import pytest
import shapely
from pyproj import Geod

from yanshan_gis.catalogue import read_layers
from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.ingest import osm_tags
from yanshan_gis.ingest.osm import osm_format, read_osm
from yanshan_gis.ingest.osm_tags import read_population, read_speed, read_surface, read_width
from yanshan_gis.ingest.request import ImportRequest, source_of
from yanshan_gis.ingest.table import RawTable

Tags = dict[str, str]
LAYERS = read_layers()


class Extract:
    """A tiny extract: nodes by id on a grid of 0.001 degrees, ways and relations over them."""

    def __init__(self) -> None:
        self.nodes: list[str] = []
        self.ways: list[str] = []
        self.relations: list[str] = []

    def node(self, node: int, x: float, y: float, **tags: str) -> Extract:
        place = f'lon="{104 + x / 1000:.7f}" lat="{23 + y / 1000:.7f}"'
        self.nodes.append(f'<node id="{node}" version="1" {place}>{_tags(tags)}</node>')
        return self

    def way(self, way: int, nodes: list[int], tags: Tags) -> Extract:
        refs = "".join(f'<nd ref="{node}"/>' for node in nodes)
        self.ways.append(f'<way id="{way}" version="1">{refs}{_tags(tags)}</way>')
        return self

    def relation(self, relation: int, outer: list[int], tags: Tags) -> Extract:
        members = "".join(f'<member type="way" ref="{way}" role="outer"/>' for way in outer)
        self.relations.append(
            f'<relation id="{relation}" version="1">{members}{_tags(tags)}</relation>'
        )
        return self

    def text(self, *, ways_first: bool = False) -> str:
        parts = [self.nodes, self.ways]
        if ways_first:
            parts.reverse()
        inside = "\n".join(line for part in [*parts, self.relations] for line in part)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n{inside}\n</osm>\n'

    def write(self, path: Path, **options: bool) -> Path:
        path.write_text(self.text(**options), encoding="utf-8")
        return path


def _tags(tags: Tags) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


def _codes(table: RawTable) -> dict[str, dict[str, Any]]:
    return {notice.code: dict(notice.values) for notice in table.notices}


def _roads(tmp_path: Path, *tags: Tags) -> RawTable:
    """Read one road per set of tags, ids 1, 2, …; a road is a line of its own."""
    extract = Extract()
    for number, each in enumerate(tags, 1):
        extract.node(10 * number, 0, number).node(10 * number + 1, 1, number)
        extract.way(number, [10 * number, 10 * number + 1], {"highway": "tertiary"} | each)
    return read_osm(extract.write(tmp_path / "roads.osm"), what="roads")


def _column(table: RawTable, name: str) -> list[Any]:
    return [None if pd.isna(value) else value for value in table.frame[name]]


# --- lines and nodes --------------------------------------------------------------------------


def _crossing() -> Extract:
    # Way 1 runs east, way 2 north over a bridge, way 3 ends on way 1 at node 3.
    #
    #            6
    #            |   5
    #    1 ---2--+---3--- 4      way 1: 1 2 3 4     way 2 (bridge): 7 6, no node at +
    #            |               way 3: 3 5
    #            7
    extract = Extract()
    for node, x, y in [
        (1, 0, 0),
        (2, 1, 0),
        (3, 3, 0),
        (4, 4, 0),
        (5, 3, 1),
        (6, 2, 1),
        (7, 2, -1),
    ]:
        extract.node(node, x, y)
    extract.way(1, [1, 2, 3, 4], {"highway": "secondary", "name": "平远路", "ref": "X012"})
    extract.way(2, [7, 6], {"highway": "trunk", "bridge": "yes", "ref": "G323"})
    return extract.way(3, [3, 5], {"highway": "track", "tracktype": "grade1"})


def test_a_shared_node_is_a_shared_vertex_and_a_bridge_is_not(tmp_path: Path) -> None:
    table = read_osm(_crossing().write(tmp_path / "crossing.osm"), what="roads")
    lines = [{tuple(point) for point in shapely.get_coordinates(line)}
             for line in table.frame.geometry]  # fmt: skip
    assert lines[0] & lines[2] == {(104.003, 23.0)}
    assert not lines[0] & lines[1]
    assert table.frame.geometry.iloc[0].crosses(table.frame.geometry.iloc[1])
    assert table.frame["level"].tolist() == [0, 1, 0]


def test_columns_are_the_fields_of_the_layer(tmp_path: Path) -> None:
    table = read_osm(_crossing().write(tmp_path / "crossing.osm"), what="roads")
    extra = set(table.frame.columns) - set(LAYERS["roads"].fields) - {"geometry"}
    assert extra == {"osm_id", "osm_type"}
    for name, field in LAYERS["roads"].fields.items():
        if field.codes and name in table.frame:
            assert set(table.frame[name].dropna()) <= set(field.codes), name
    assert table.crs is not None
    assert table.crs.to_epsg() == table.frame.crs.to_epsg() == 4326
    assert table.frame["osm_id"].tolist() == ["way/1", "way/2", "way/3"]
    assert table.row_numbers.tolist() == [1, 2, 3]
    assert table.row_numbers.dtype == np.int64
    assert (table.name, table.path.name) == ("roads", "crossing.osm")


@pytest.mark.parametrize("ways_first", [False, True])
@pytest.mark.parametrize("ending", [".osm", ".osm.gz", ".osm.bz2", ".osm.pbf", ".OSM"])
def test_every_format_and_order_reads_the_same(
    tmp_path: Path, ending: str, ways_first: bool
) -> None:
    plain = _crossing().write(tmp_path / "plain.osm", ways_first=ways_first)
    path = tmp_path / f"砚山 路{ending}"
    if ending == ".osm.pbf":
        with osmium.SimpleWriter(osmium.io.File(str(tmp_path / "plain.pbf"), "pbf")) as writer:
            for item in osmium.FileProcessor(str(plain)):
                writer.add(item)
        (tmp_path / "plain.pbf").rename(path)
    else:
        pack = {".osm.gz": gzip.compress, ".osm.bz2": bz2.compress}.get(ending, bytes)
        path.write_bytes(pack(plain.read_bytes()))
    expected = read_osm(_crossing().write(tmp_path / "sorted.osm"), what="roads").frame
    found = read_osm(path, what="roads").frame
    pd.testing.assert_frame_equal(
        pd.DataFrame(found.drop(columns="geometry")),
        pd.DataFrame(expected.drop(columns="geometry")),
    )
    assert (found.geometry.array == expected.geometry.array).all()


def test_clipped_ways_keep_what_lies_inside_and_no_gap_is_bridged(tmp_path: Path) -> None:
    # way 1: 1-2-(missing)-3-4 → two stretches; way 2: 1-(missing) → refused; way 3 whole
    extract = Extract()
    for node in (1, 2, 3, 4):
        extract.node(node, node, 0)
    extract.way(1, [1, 2, 99, 3, 4], {"highway": "tertiary"})
    extract.way(2, [1, 98], {"highway": "track", "name": "断头"})
    extract.way(3, [2, 4], {"highway": "track"})
    table = read_osm(extract.write(tmp_path / "clipped.osm"), what="roads")
    assert table.row_numbers.tolist() == [1, 1, 3]
    assert shapely.length(table.frame.geometry.array).tolist() == pytest.approx(
        [0.001, 0.001, 0.002]
    )
    assert _codes(table)["osm-clipped"] == {"count": 1}
    (refused,) = table.refused
    assert (refused.row, refused.notice.code) == (2, "osm-way-lost")
    assert refused.content["name"] == "断头"


def test_a_way_on_one_spot_is_refused(tmp_path: Path) -> None:
    extract = Extract().node(1, 0, 0).way(1, [1, 1], {"highway": "track"})
    table = read_osm(extract.write(tmp_path / "spot.osm"), what="roads")
    assert [row.row for row in table.refused] == [1]
    assert len(table.frame) == 0


# --- tags of roads ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "admin_class", "grade", "scope"),
    [
        ({"highway": "motorway"}, "national", "expressway", "access"),
        ({"highway": "trunk"}, "national", "class2", "access"),
        ({"highway": "primary"}, "provincial", "class2", "access"),
        ({"highway": "primary", "ref": "G 323"}, "national", "class2", "access"),
        ({"highway": "primary", "ref": "X012;S203"}, "county", "class2", "access"),
        ({"highway": "secondary", "ref": "St 2460"}, "county", "class3", "access"),
        ({"highway": "secondary_link"}, "county", "class3", "access"),
        ({"highway": "tertiary"}, "township", "class4", "access"),
        ({"highway": "unclassified", "ref": "Y001"}, "township", "class4", "access"),
        ({"highway": "unclassified", "ref": "X001532622"}, "county", "class4", "access"),
        ({"highway": "tertiary", "ref": "C1234"}, "township", "class4", "access"),
        ({"highway": "residential"}, "group", None, "in_village"),
        ({"highway": "living_street"}, "group", None, "in_village"),
        ({"highway": "service"}, "group", None, "access"),
        ({"highway": "service", "service": "driveway"}, "group", None, "in_village"),
        ({"highway": "track"}, "group", "substandard", "access"),
        ({"highway": "road"}, None, None, "access"),
    ],
)
def test_classes(
    tmp_path: Path, tags: Tags, admin_class: str | None, grade: str | None, scope: str
) -> None:
    table = _roads(tmp_path, tags)
    found = [_column(table, name)[0] for name in ("admin_class", "technical_grade", "scope")]
    assert found == [admin_class, grade, scope]


def test_the_class_notice_counts_its_evidence(tmp_path: Path) -> None:
    table = _roads(tmp_path, {"ref": "G80"}, {"ref": "B 85"}, {})
    assert _codes(table)["osm-class-inferred"] == {"numbered": 1, "typed": 2}
    assert _column(table, "route_code") == ["G80", "B85", None]


def test_surfaces_are_read_inferred_or_left_empty(tmp_path: Path) -> None:
    table = _roads(
        tmp_path,
        {"surface": "asphalt"},
        {"surface": "concrete:plates"},
        {"surface": "sett"},
        {"surface": "compacted", "tracktype": "grade1"},  # what is named wins
        {"surface": "asphalt;ground"},  # the worst counts
        {"tracktype": "grade1"},
        {"tracktype": "grade5"},
        {"surface": "paved"},
        {"surface": "unpaved"},
        {"surface": "metal"},
        {},
    )
    assert _column(table, "surface") == [
        "asphalt", "cement", "stone", "gravel", "earth", "asphalt", "earth", "asphalt", "gravel",
        None, None,
    ]  # fmt: skip
    codes = _codes(table)
    assert codes["osm-surface-inferred"] == {
        "count": 4,
        "evidence": "grade1 1, grade5 1, paved 1, unpaved 1",
    }
    assert codes["osm-surface-unread"] == {"count": 1, "values": "metal 1"}


def test_without_evidence_nothing_is_filled_in(tmp_path: Path) -> None:
    table = _roads(tmp_path, {})
    for name in ("name", "route_code", "surface", "width_m", "speed_kmh", "all_season"):
        assert _column(table, name) == [None], name
    assert table.frame["all_season"].dtype == "boolean"
    assert "osm-surface-inferred" not in _codes(table)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, "both"), ({"oneway": "yes"}, "forward"), ({"oneway": "1"}, "forward"),
        ({"oneway": "-1"}, "backward"), ({"oneway": "reverse"}, "backward"),
        ({"oneway": "no"}, "both"), ({"oneway": "alternating"}, "both"),
        ({"junction": "roundabout"}, "forward"), ({"junction": "circular"}, "forward"),
        ({"junction": "roundabout", "oneway": "no"}, "both"),
        ({"junction": "roundabout", "oneway": "-1"}, "backward"),
        ({"highway": "motorway"}, "forward"), ({"highway": "motorway_link"}, "both"),
    ],
)  # fmt: skip
def test_directions(tmp_path: Path, tags: Tags, expected: str) -> None:
    assert _column(_roads(tmp_path, tags), "one_way") == [expected]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, 0), ({"bridge": "yes"}, 1), ({"bridge": "viaduct", "layer": "2"}, 2),
        ({"bridge": "no"}, 0), ({"tunnel": "yes"}, -1), ({"tunnel": "yes", "layer": "-2"}, -2),
        ({"tunnel": "building_passage"}, 0), ({"layer": "1"}, 1), ({"layer": "up"}, 0),
        ({"layer": "-9"}, -5),
    ],
)  # fmt: skip
def test_levels(tmp_path: Path, tags: Tags, expected: int) -> None:
    assert _column(_roads(tmp_path, tags), "level") == [expected]


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50), ("30 mph", 48.28032), ("30mph", 48.28032), ("10 knots", 18.52), ("walk", 5),
        ("none", 130), ("80;60", 60), ("60 km/h", 60), ("7.5", 7.5), ("DE:urban", None),
        ("signals", None), ("0", None), ("50;signals", None), ("", None),
    ],
)  # fmt: skip
def test_speeds(text: str, kmh: float | None) -> None:
    assert read_speed(text) == (None if kmh is None else pytest.approx(kmh))


def test_speeds_that_are_no_numbers_are_listed(tmp_path: Path) -> None:
    table = _roads(tmp_path, {"maxspeed": "30 mph"}, {"maxspeed": "DE:rural"}, {})
    assert _column(table, "speed_kmh") == [48.3, None, None]
    assert _codes(table)["osm-speed-unread"] == {"count": 1, "values": "DE:rural 1"}


@pytest.mark.parametrize(
    ("text", "metres"),
    [("6", 6), ("3,5 m", 3.5), ("60cm", 0.6), ("20 ft", 6.096), ("12'", 3.6576), ("0", None),
     ("narrow", None), ("300", None), ("2-3", None)],
)  # fmt: skip
def test_widths(text: str, metres: float | None) -> None:
    assert read_width(text) == (None if metres is None else pytest.approx(metres))


def test_seasonal_roads_are_not_all_season_and_others_unknown(tmp_path: Path) -> None:
    table = _roads(tmp_path, {"seasonal": "yes"}, {"ice_road": "yes"}, {"seasonal": "no"})
    assert _column(table, "all_season") == [False, False, None]


def test_what_is_no_road_is_left_out_and_counted(tmp_path: Path) -> None:
    table = _roads(
        tmp_path,
        {},
        {"highway": "construction", "construction": "primary"},
        {"highway": "proposed"},
        {"highway": "footway"},
        {"highway": "service", "area": "yes"},
        {"access": "private"},
        {"access": "yes", "motor_vehicle": "no"},  # the more particular tag decides
        {"access": "no", "motor_vehicle": "destination"},
        {"motor_vehicle": "agricultural"},
        {"route": "ferry"},
    )
    assert table.row_numbers.tolist() == [1, 8, 9]
    counts = {code: values["count"] for code, values in _codes(table).items() if "count" in values}
    assert counts == {
        "osm-unbuilt": 2, "osm-not-motor": 1, "osm-area": 1, "osm-closed": 2, "osm-ferry": 1
    }  # fmt: skip
    assert all(notice.render("en") for notice in table.notices)


def test_a_walking_route_without_highway_is_not_counted(tmp_path: Path) -> None:
    extract = Extract().node(1, 0, 0).node(2, 1, 0).way(1, [1, 2], {"route": "hiking"})
    table = read_osm(extract.write(tmp_path / "route.osm"), what="roads")
    assert set(_codes(table)) == {"osm-nothing"}


def test_names_in_chinese_stand_in_only_where_there_is_no_name(tmp_path: Path) -> None:
    table = _roads(tmp_path, {"name": "Triesen", "name:zh": "特里森"}, {"name:zh": "中路"})
    assert _column(table, "name") == ["Triesen", "中路"]


# --- places, points and boundaries ------------------------------------------------------------


def test_villages_from_points_and_areas(tmp_path: Path) -> None:
    #  areas of 2 × 2: the first holds the point of its own name, the second none, the third of
    #  another name; the fourth is not closed inside the extract
    extract = Extract()
    extract.node(1, 1, 1, place="village", name="新寨", population="1,234")
    extract.node(2, 21, 1, place="hamlet", name="小箐", population="about 50")
    extract.node(3, 50, 1, place="locality", name="无人地")
    extract.node(4, 60, 1, place="town", name="平远镇")
    for number, name in enumerate(["新寨", "老寨", "大寨"]):
        corners = [100 + 10 * number + corner for corner in range(4)]
        for corner, (x, y) in zip(corners, [(0, 0), (2, 0), (2, 2), (0, 2)], strict=True):
            extract.node(corner, 10 * number + x, y)
        extract.way(number + 1, [*corners, corners[0]], {"place": "hamlet", "name": name})
    extract.way(9, [100, 101, 999, 100], {"place": "hamlet", "name": "残缺"})
    table = read_osm(extract.write(tmp_path / "villages.osm"), what="villages")
    assert _column(table, "osm_id") == ["node/1", "node/2", "node/4", "way/2", "way/3"]
    assert _column(table, "name") == ["新寨", "小箐", "平远镇", "老寨", "大寨"]
    assert _column(table, "level") == ["committee", "natural", "committee", "natural", "natural"]
    assert _column(table, "population") == [1234, None, None, None, None]
    assert table.frame["population"].dtype == "Int64"
    assert set(table.frame["position_quality"]) == {"reported"}
    assert table.frame.geometry.iloc[3].distance(shapely.Point(104.011, 23.001)) < 1e-6
    codes = _codes(table)
    assert codes["osm-twice"] == {"count": 1}
    assert codes["osm-area-broken"] == {"count": 1}


@pytest.mark.parametrize(
    ("text", "people"),
    [("445", 445), ("1 234", 1234), ("12,345", 12345), ("about 50", None), ("1.5", None),
     ("1234 (2020)", None), ("", None)],
)  # fmt: skip
def test_populations(text: str, people: float | None) -> None:
    assert read_population(text) == people


def test_outlets_from_points_and_buildings(tmp_path: Path) -> None:
    extract = Extract()
    extract.node(1, 0, 0, amenity="post_office", name="中国邮政", operator="中国邮政")
    extract.node(2, 1, 0, amenity="parcel_locker", brand="丰巢")
    extract.node(3, 2, 0, amenity="vending_machine", vending="parcel_pickup")
    extract.node(4, 3, 0, shop="supermarket", post_office="post_partner", operator="小店")
    extract.node(5, 4, 0, amenity="vending_machine", vending="cigarettes")
    extract.node(6, 5, 0).node(7, 6, 0).node(8, 6, 1)
    extract.way(1, [6, 7, 8, 6], {"amenity": "post_office", "building": "yes", "name": "邮政所"})
    table = read_osm(extract.write(tmp_path / "outlets.osm"), what="outlets")
    assert _column(table, "osm_id") == ["node/1", "node/2", "node/3", "node/4", "way/1"]
    assert _column(table, "operator") == ["中国邮政", "丰巢", None, "小店", None]
    assert set(table.frame["status"]) == {"existing"}
    assert table.frame.geom_type.tolist() == ["Point"] * 5
    assert _column(table, "osm_type")[3] == "post_partner"


def test_public_services_by_kind(tmp_path: Path) -> None:
    extract = Extract().node(1, 0, 0, amenity="school").node(2, 1, 0, amenity="doctors")
    extract.node(3, 2, 0, amenity="bench")
    table = read_osm(extract.write(tmp_path / "services.osm"), what="public_services")
    assert _column(table, "kind") == ["school", "clinic"]
    assert set(osm_tags.SERVICE_KINDS.values()) <= set(
        LAYERS["public_services"].fields["kind"].codes
    )


def test_boundaries_become_polygons_by_level(tmp_path: Path) -> None:
    # relation 1 closed from two ways, relation 2 lacks a way, relation 3 is the county
    extract = Extract()
    for node, x, y in [(1, 0, 0), (2, 2, 0), (3, 2, 2), (4, 0, 2)]:
        extract.node(node, x, y)
    line = {"boundary": "administrative", "admin_level": "8"}
    extract.way(1, [1, 2, 3], line).way(2, [3, 4, 1], line)
    whole = {"type": "boundary", "boundary": "administrative"}
    extract.relation(1, [1, 2], whole | {"admin_level": "8", "name": "平远镇"})
    extract.relation(2, [1, 77], whole | {"admin_level": "8", "name": "稼依镇"})
    extract.relation(3, [1, 2], whole | {"admin_level": "6", "name": "砚山县"})
    path = extract.write(tmp_path / "boundaries.osm")
    townships, county = read_osm(path, what="townships"), read_osm(path, what="county")
    assert _column(townships, "name") == ["平远镇"]
    assert shapely.area(townships.frame.geometry.array).tolist() == pytest.approx([4e-6])
    assert townships.row_numbers.tolist() == [1]
    assert _codes(townships)["osm-area-broken"] == {"count": 1}
    assert _column(county, "name") == ["砚山县"]


def test_several_outlines_of_a_county_are_told(tmp_path: Path) -> None:
    extract = Extract()
    for node, x, y in [(1, 0, 0), (2, 2, 0), (3, 2, 2), (4, 0, 2)]:
        extract.node(node, x, y)
    extract.way(1, [1, 2, 3, 1], {}).way(2, [1, 3, 4, 1], {})
    whole = {"type": "boundary", "boundary": "administrative", "admin_level": "6"}
    extract.relation(1, [1], whole | {"name": "Oberland"})
    extract.relation(2, [2], whole | {"name": "Unterland"})
    told = _codes(read_osm(extract.write(tmp_path / "two.osm"), what="county"))
    assert told["osm-several-counties"]["count"] == 2
    assert told["osm-several-counties"]["names"] == "Oberland, Unterland"


def test_date_and_licence_of_an_extract_stand_in_the_source(tmp_path: Path) -> None:
    plain = _crossing().write(tmp_path / "roads.osm")
    path = tmp_path / "roads.osm.pbf"
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2025-03-01T21:20:00Z")
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for item in osmium.FileProcessor(str(plain)):
            writer.add(item)
    table = read_osm(path, what="roads")
    assert table.as_of == date(2025, 3, 1)
    source = source_of(ImportRequest("roads", path), table)
    assert source.as_of == date(2025, 3, 1)
    assert source.licence == "© OpenStreetMap contributors, ODbL 1.0"
    given = ImportRequest("roads", path, as_of=date(2024, 1, 1), licence="own")
    assert source_of(given, table).as_of == date(2024, 1, 1)
    assert source_of(given, table).licence == "own"
    assert read_osm(plain, what="roads").as_of is None


def test_place_levels_and_surfaces_are_codes_of_the_layers() -> None:
    assert set(osm_tags.PLACES.values()) <= set(LAYERS["villages"].fields["level"].codes)
    surfaces = {*osm_tags.SURFACES.values(), *osm_tags.INFERRED_SURFACES.values(),
                *osm_tags.INFERRED_FROM_TRACK.values()}  # fmt: skip
    assert surfaces == set(LAYERS["roads"].fields["surface"].codes)
    assert read_surface("asphalt;unknown") is None


# --- errors -----------------------------------------------------------------------------------


def test_an_empty_extract_says_so_and_keeps_its_columns(tmp_path: Path) -> None:
    path = Extract().write(tmp_path / "empty.osm")
    for what in ("roads", "villages", "outlets", "public_services", "townships", "county"):
        table = read_osm(path, what=what)
        assert len(table.frame) == 0
        assert {"name", "osm_id", "geometry"} <= set(table.frame.columns)
        assert table.notices[-1].code == "osm-nothing"


@pytest.mark.parametrize("name", ["roads.shp", "roads.xml", "osm"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    assert osm_format(tmp_path / name) is None
    with pytest.raises(DataError) as caught:
        read_osm(tmp_path / name, what="roads")
    assert caught.value.code == "osm-format"


@pytest.mark.parametrize("name", ["broken.osm", "broken.osm.gz", "broken.osm.pbf", "坏.osm.pbf"])
def test_a_damaged_file_is_one_clear_error(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"<osm version='0.6'><node id='1'")
    with pytest.raises(DataError) as caught:
        read_osm(tmp_path / name, what="roads")
    assert caught.value.code == "osm-unreadable"
    assert name in caught.value.render("en")


@pytest.mark.parametrize("name", ["absent.osm", "没有.osm"])
def test_an_absent_file_is_one_clear_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError) as caught:
        read_osm(tmp_path / name, what="roads")
    assert caught.value.code == "osm-unreadable"


def test_a_layer_osm_does_not_have_is_a_usage_error(tmp_path: Path) -> None:
    path = Extract().write(tmp_path / "empty.osm")
    with pytest.raises(UsageError) as caught:
        read_osm(path, what="desertification")  # type: ignore[arg-type]
    assert caught.value.code == "osm-layer"
    assert "villages" in caught.value.render("en")


# --- real data --------------------------------------------------------------------------------

MOTOR = {
    "motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary",
    "secondary_link", "tertiary", "tertiary_link", "unclassified", "residential", "living_street",
    "service", "track", "road",
}  # fmt: skip


def _open_to_motors(tags: Tags) -> bool:
    """Judge a way by itself, as a reader of the OpenStreetMap wiki would."""
    for key in ("motorcar", "motor_vehicle", "vehicle", "access"):
        if key in tags:
            return tags[key] not in {"no", "private"}
    return True


def _is_road(tags: Tags) -> bool:
    return tags.get("highway") in MOTOR and tags.get("area") != "yes" and _open_to_motors(tags)


def _present(folder: Path, name: str) -> Path:
    if not (folder / name).is_file():
        pytest.skip(f"{name} absent from {folder}")
    return folder / name


def _km(lines: gpd.GeoSeries) -> float:
    geod = Geod(ellps="WGS84")
    return sum(geod.geometry_length(line) for line in lines) / 1000


@pytest.mark.real
def test_liechtenstein_against_gdal(real_data: Path, record_property: Any) -> None:
    path = _present(real_data, "liechtenstein/liechtenstein-2022.osm.pbf")
    started = time.perf_counter()
    ours = read_osm(path, what="roads").frame
    record_property("read_s", round(time.perf_counter() - started, 2))

    lines = pyogrio.read_dataframe(path, layer="lines").query("highway.notna()")
    other = [dict(re.findall(r'"([^"]*)"=>"((?:[^"\\]|\\.)*)"', text))
             for text in lines["other_tags"].fillna("")]  # fmt: skip
    tags = [{**more, "highway": highway}
            for more, highway in zip(other, lines["highway"], strict=True)]  # fmt: skip
    theirs = lines[[_is_road(each) for each in tags]].set_index("osm_id").geometry
    mine = ours.set_index(ours["osm_id"].str.removeprefix("way/")).geometry

    # Stated from GDAL's reading: of 1,316 km of highways (paths included), these are open to cars.
    assert len(theirs) == 4694
    assert _km(lines.geometry) == pytest.approx(1316, abs=2)
    assert set(mine.index) == set(theirs.index)
    assert (mine.sort_index().array == theirs.sort_index().array).all()


@pytest.mark.real
def test_liechtenstein_villages_and_townships(real_data: Path) -> None:
    path = _present(real_data, "liechtenstein/liechtenstein-2022.osm.pbf")
    villages = read_osm(path, what="villages").frame
    points = pyogrio.read_dataframe(path, layer="points")
    counts = points["place"].value_counts()
    assert villages["osm_type"].value_counts().to_dict() == {
        place: counts[place] for place in osm_tags.PLACES if place in counts
    }
    townships = read_osm(path, what="townships").frame
    # the country's eleven communes, and what of its neighbours lies wholly inside
    eleven = {"Balzers", "Eschen", "Gamprin", "Mauren", "Planken", "Ruggell", "Schaan",
              "Schellenberg", "Triesen", "Triesenberg", "Vaduz"}  # fmt: skip
    assert eleven <= set(townships["name"])
    own = townships[townships["name"].isin(eleven)]
    assert own.to_crs(32632).area.sum() / 1e6 == pytest.approx(160.5, abs=0.5)  # km², official
    assert set(shapely.get_type_id(townships.geometry.array)) <= {3, 6}


@pytest.mark.real
def test_bayreuth_against_a_plain_reading_of_the_xml(real_data: Path, record_property: Any) -> None:
    path = _present(real_data, "bayreuth/north-bayreuth.osm.gz")
    started = time.perf_counter()
    ours = read_osm(path, what="roads").frame
    record_property("read_s", round(time.perf_counter() - started, 2))

    nodes: dict[str, tuple[float, float]] = {}
    theirs: dict[str, list[str]] = {}
    with gzip.open(path) as stream:
        for _, item in ET.iterparse(stream):  # noqa: S314 - the file is our own
            tags = {tag.get("k", ""): tag.get("v", "") for tag in item.iter("tag")}
            if item.tag == "node":
                nodes[item.get("id", "")] = (float(item.get("lon", 0)), float(item.get("lat", 0)))
            elif item.tag == "way" and _is_road(tags):
                theirs[item.get("id", "")] = [nd.get("ref", "") for nd in item.iter("nd")]
    assert len(ours) == len(theirs) == 1707

    # a vertex of ours is shared by two ways exactly where a node of theirs is
    used: dict[str, set[str]] = {}
    for way, refs in theirs.items():
        for ref in refs:
            used.setdefault(ref, set()).add(way)
    junctions = {nodes[ref] for ref, ways in used.items() if len(ways) > 1}
    points, rows = shapely.get_coordinates(ours.geometry.array, return_index=True)[0:2]
    vertices = pd.DataFrame(points, columns=["x", "y"]).assign(row=rows).drop_duplicates()
    shared = vertices.groupby(["x", "y"]).size()
    assert {place for place, count in shared.items() if count > 1} == junctions
