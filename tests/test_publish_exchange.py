"""Layers for other programs, read back by GDAL: nothing is lost without being said."""

import itertools
import json
import unicodedata
import xml.etree.ElementTree as ET
from datetime import date

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from towns import COUNTY, CRS, small_county

from yanshan_gis.crs import reproject
from yanshan_gis.publish import publication
from yanshan_gis.publish.exchange import ExchangeLayer, exchange_layers
from yanshan_gis.publish.exchange_values import plain_columns
from yanshan_gis.publish.file_names import file_names
from yanshan_gis.publish.publication import Publication
from yanshan_gis.publish.shapefiles import cut_bytes, field_names
from yanshan_gis.run import run
from yanshan_gis.workspace import create_workspace

ODD = {
    "strange": "𠮷寨🚜 5m³",
    "formula": "=SUM(A1)",
    "long": "长" * 200,
    "list": ["甲村", "乙村"],
    "day": pd.Timestamp("2024-05-01"),
    "yes": True,
    "endless": np.inf,
    "empty": None,
}
HOLE = shapely.Polygon(
    [(0, 0), (0, 9000), (9000, 9000), (9000, 0)], [[(1, 1), (2, 1), (2, 2), (1, 2)]]
)


def odd_layer():
    """Five rows: a point, an area with a hole, a double area, a collection, and no place at all."""
    shapes = [
        shapely.Point(100, 200),
        HOLE,
        shapely.MultiPolygon([shapely.box(0, 0, 10, 10), shapely.box(20, 0, 30, 10)]),
        shapely.GeometryCollection([shapely.Point(5, 5), shapely.LineString([(0, 0), (7, 7)])]),
        None,
    ]
    rows = [{"id": f"Z{i}", **(ODD if i == 0 else dict.fromkeys(ODD))} for i in range(5)]
    frame = gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(shapes, crs=CRS), crs=CRS)
    frame["yes"] = frame["yes"].astype("boolean")
    return ExchangeLayer("怪层", "odd", "怪层", frame)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    made = create_workspace(tmp_path_factory.mktemp("exchange") / "小县", COUNTY)
    made.store(small_county())
    return made


@pytest.fixture(scope="module")
def published(workspace):
    outcomes = run(workspace, ["road-hardening", "logistics-reach"])
    return Publication(workspace, outcomes)


@pytest.fixture(scope="module")
def written(published):
    return {kind: publication.write(kind, published) for kind in ("shp", "geojson", "kml")}


def same_places(one, other):
    """Tell whether two columns of places are equal, those missing in both too."""
    both = shapely.is_missing(one.to_numpy()) & shapely.is_missing(other.to_numpy())
    return (both | shapely.equals(one.to_numpy(), other.to_numpy())).all()


def of_kind(done, ending):
    return [path for path in done.files if path.suffix == ending]


def write_odd(published, kind, monkeypatch, folder):
    """Write a layer of odd values, into a folder apart from what other tests read."""
    monkeypatch.setattr(Publication, "folder", folder)
    monkeypatch.setattr(
        "yanshan_gis.publish.exchange.exchange_layers", lambda _published: [odd_layer()]
    )
    return publication.write(kind, published)


def test_every_layer_with_rows_has_its_file(published, written):
    wanted = {layer.file for layer in exchange_layers(published)}
    assert {"村庄", "道路", "道路硬化覆盖_自然村通硬化路情况"} <= wanted
    assert {path.stem for path in of_kind(written["geojson"], ".geojson")} == wanted
    assert written["geojson"].notices == written["kml"].notices == []


def test_shapefiles_are_gbk_and_come_back_whole(published, written):
    layers = {layer.file: layer for layer in exchange_layers(published)}
    for path in of_kind(written["shp"], ".shp"):
        assert path.with_suffix(".cpg").read_bytes() == b"GBK"
        back = pyogrio.read_dataframe(path)
        layer = layers[path.stem]
        assert len(back) == len(layer.frame)
        assert back.crs.equals(layer.frame.crs, ignore_axis_order=True)
        assert same_places(back.geometry, layer.frame.geometry), path.stem
    villages = pyogrio.read_dataframe(next(p for p in of_kind(written["shp"], ".shp")
                                           if p.stem == "村庄"))  # fmt: skip
    assert list(villages["村名"])[-2:] == ["大寨", "小寨"]
    assert "自然村" in set(villages["层级"])


def test_the_workbook_names_each_cut_field(written):
    path = of_kind(written["shp"], ".xlsx")[0]
    head, *rows = openpyxl.load_workbook(path)["字段"].iter_rows(min_row=3, values_only=True)
    table = [dict(zip(head, row, strict=True)) for row in rows]
    assert all(len(row["文件中的字段"].encode("gbk")) <= 10 for row in table)
    found = {row["字段"]: row for row in table if row["文件"] == "村庄"}
    assert (found["id"]["文件中的字段"], found["id"]["名称"]) == ("编号", "编号")
    assert found["households_piped"]["文件中的字段"] == "通自来水户"
    assert "natural=自然村" in found["level"]["代码"]


def test_a_shapefile_loses_nothing_silently(published, monkeypatch, tmp_path):
    """One name has two characters outside GBK, one text is 400 bytes: two changes, two notices."""
    done = write_odd(published, "shp", monkeypatch, tmp_path)
    assert [notice.code for notice in done.notices] == ["characters-replaced", "texts-cut"]
    assert [notice.values["count"] for notice in done.notices] == [1, 1]
    points, lines, areas = (
        pyogrio.read_dataframe(next(p for p in done.files if p.name == f"怪层_{kind}.shp"))
        for kind in ("点", "线", "面")
    )
    assert (len(points), len(lines), len(areas)) == (3, 1, 2)  # the placeless row is with the first
    first = points.iloc[0]
    assert first["strange"] == "〓寨〓 5m3"
    assert first["formula"] == "=SUM(A1)"
    assert first["long"] == "长" * 127
    assert first["list"] == "甲村、乙村"
    assert (first["day"], first["yes"]) == ("2024-05-01", "是")
    assert pd.isna(first["endless"])
    assert pd.isna(first["empty"])
    assert points.geometry.isna().sum() == 1
    assert shapely.equals(areas.geometry.iloc[0], HOLE)
    book = openpyxl.load_workbook(next(p for p in done.files if p.suffix == ".xlsx"))
    changes = list(book["改动"].iter_rows(min_row=4, values_only=True))
    assert [row[:3] for row in changes] == [("怪层_点", "Z0", "strange"), ("怪层_点", "Z0", "long")]
    assert "U+20BB7" in changes[0][3]
    assert "U+1F69C" in changes[0][3]
    assert changes[0][4] == ODD["strange"]
    assert changes[1][4] == ODD["long"]
    files = list(book["文件"].iter_rows(min_row=4, values_only=True))
    assert [row[4] for row in files] == [1, 0, 0]  # without a place


def signed_area(ring):
    x, y = np.asarray(ring, float).T[:2]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2


def test_geojson_keeps_to_the_standard(published, written):
    layers = {layer.file: layer for layer in exchange_layers(published)}
    for path in of_kind(written["geojson"], ".geojson"):
        told = json.loads(path.read_text(encoding="utf-8"))
        layer = layers[path.stem]
        assert "crs" not in told
        assert told["name"] == layer.table
        if "id" in layer.frame:
            assert [f["properties"]["id"] for f in told["features"]] == list(layer.frame["id"])
        right = reproject(layer.frame.geometry.to_numpy(), CRS, "EPSG:4326")
        for feature, wanted in zip(told["features"], right, strict=True):
            if wanted is None:
                assert feature["geometry"] is None
                continue
            shape = shapely.geometry.shape(feature["geometry"])
            assert shapely.hausdorff_distance(shape, wanted) < 1e-7
            if feature["geometry"]["type"] == "Polygon":
                outer, *inner = feature["geometry"]["coordinates"]
                assert signed_area(outer) > 0
                assert all(signed_area(ring) < 0 for ring in inner)


def test_geojson_of_odd_values(published, monkeypatch, tmp_path):
    done = write_odd(published, "geojson", monkeypatch, tmp_path)
    told = json.loads(of_kind(done, ".geojson")[0].read_text(encoding="utf-8"))
    first = told["features"][0]["properties"]
    assert first["strange"] == ODD["strange"]
    assert (first["yes"], first["day"], first["list"]) == (True, "2024-05-01", "甲村、乙村")
    assert first["endless"] is None
    assert told["features"][4]["geometry"] is None
    outer, hole = told["features"][1]["geometry"]["coordinates"]
    assert signed_area(outer) > 0 > signed_area(hole)


def _cells(frame):
    """Values alone, a dash where there is none."""
    cells = pd.DataFrame(frame.drop(columns="geometry")).astype(object)
    return cells.where(cells.notna(), "–")


def test_geoparquet_round_trip(published, monkeypatch, tmp_path):
    pytest.importorskip("pyarrow", reason="needs pyarrow")
    done = publication.write("geoparquet", published)
    layers = {layer.file: layer for layer in exchange_layers(published)}
    for path in of_kind(done, ".parquet"):
        back, frame = gpd.read_parquet(path), layers[path.stem].frame
        assert back.crs == frame.crs
        assert same_places(back.geometry, frame.geometry)
        plain = plain_columns(frame).reset_index(drop=True)
        pd.testing.assert_frame_equal(
            _cells(back), _cells(plain), check_dtype=False, check_column_type=False
        )
    done = write_odd(published, "geoparquet", monkeypatch, tmp_path)
    odd = gpd.read_parquet(of_kind(done, ".parquet")[0])
    assert odd["strange"][0] == ODD["strange"]
    assert odd["list"][0] == "甲村、乙村"
    assert bool(odd["yes"][0]) is True
    assert odd["day"][0] == pd.Timestamp("2024-05-01")


KML = "{http://www.opengis.net/kml/2.2}"


def test_kml_has_the_folders_of_the_tree_and_right_places(published, written):
    (path,) = written["kml"].files
    root = ET.parse(path).getroot()  # noqa: S314 - our own file
    document = root.find(f"{KML}Document")
    assert "GCJ-02" in document.findtext(f"{KML}description")
    titles = [folder.findtext(f"{KML}name") for folder in document.findall(f"{KML}Folder")]
    assert titles == ["分析成果", "专题要素", "底图要素"]
    styles = {style.get("id") for style in root.iter(f"{KML}Style")}
    used = {url.text.removeprefix("#") for url in root.iter(f"{KML}styleUrl")}
    assert used
    assert used <= styles
    villages = next(f for f in root.iter(f"{KML}Folder") if f.findtext(f"{KML}name") == "村庄")
    places = {
        mark.findtext(f"{KML}name"): mark.findtext(f".//{KML}coordinates").split(",")
        for mark in villages.iter(f"{KML}Placemark")
    }
    layer = next(x for x in exchange_layers(published) if x.file == "村庄")
    right = reproject(layer.frame.geometry.to_numpy(), CRS, "EPSG:4326")
    for name, wanted in zip(layer.frame["name"], right, strict=True):
        lon, lat = map(float, places[name])
        assert abs(lon - wanted.x) < 1e-7
        assert abs(lat - wanted.y) < 1e-7


def test_gdal_reads_the_kml(published, written):
    (path,) = written["kml"].files
    layers = range(len(pyogrio.list_layers(path)))
    rows = sum(len(pyogrio.read_dataframe(path, layer=number)) for number in layers)
    frames = [layer.frame for layer in exchange_layers(published)]
    placed = sum(int(frame.geometry.notna().sum()) for frame in frames)
    assert placed <= rows <= sum(map(len, frames))  # an older driver passes over the placeless


def test_kml_escapes_what_is_no_xml(workspace, published, monkeypatch):
    from yanshan_gis.publish import kml
    from yanshan_gis.publish.layer_tree import TreeGroup, TreeLayer, build_tree

    frame = gpd.GeoDataFrame(
        {"name": ['<b>&"甲"</b>\x0b']}, geometry=[shapely.Point(0, 0)], crs=CRS
    )
    style = next(iter(build_tree(workspace, [], "zh")[0].walk())).style
    layer = TreeLayer("odd", "layers", "a & b", frame, style)
    monkeypatch.setattr(kml, "build_tree", lambda *_: (TreeGroup("theme", "<组>", (layer,)),))
    (path,) = kml.publish_kml(published).files
    root = ET.parse(path).getroot()  # noqa: S314 - our own file
    assert root.find(f".//{KML}Placemark/{KML}name").text == '<b>&"甲"</b>\ufffd'


@pytest.mark.parametrize("kind", ["shp", "geojson", "geoparquet", "kml"])
def test_the_same_layers_give_the_same_bytes(published, kind):
    if kind == "geoparquet":
        pytest.importorskip("pyarrow", reason="needs pyarrow")
    once, again = (
        {path.name: path.read_bytes() for path in publication.write(kind, published).files}
        for _ in range(2)
    )
    assert once
    assert once == again


def test_a_layer_that_is_gone_leaves_no_file(published):
    folder = published.folder / "exchange" / "geojson"
    gone, kept = folder / "旧层.geojson", folder / "我的.txt"
    gone.touch()
    kept.touch()
    publication.write("geojson", published)
    assert not gone.exists()
    assert kept.exists()


@pytest.mark.parametrize("kind", ["shp", "geojson", "geoparquet", "kml"])
def test_without_layers_there_is_one_clear_line(tmp_path, kind):
    empty = Publication(create_workspace(tmp_path / "空县", COUNTY), [])
    done = publication.write(kind, empty)
    assert done.files == []
    assert [notice.code for notice in done.notices] == ["nothing-to-hand-on"]


@given(st.lists(st.text(max_size=90), max_size=8))
def test_file_names_are_safe_everywhere(texts):
    names = file_names(texts)
    assert len({unicodedata.normalize("NFC", name).casefold() for name in names}) == len(texts)
    for name in names:
        assert name
        assert len(name) <= 60
        assert not set(name) & set('<>:"/\\|?* \n\0')
        assert not name.endswith((".", " "))
        assert name.split(".")[0].casefold() not in {"con", "nul", "aux", "prn", "com1", "lpt9"}


@given(st.lists(st.text(max_size=30), max_size=20))
def test_field_names_fit_and_differ(titles):
    names = field_names(titles)
    assert len({name.casefold() for name in names}) == len(titles)
    assert all(0 < len(name.encode("gbk")) <= 10 for name in names)


def test_cutting_never_splits_a_character():
    assert [cut_bytes("砚山a", most) for most in range(6)] == ["", "", "砚", "砚", "砚山", "砚山a"]


def test_field_names_by_hand():
    titles = ["通硬化路率", "通硬化路率（%）", "乡镇", "名称 / Name", "𠮷"]
    assert field_names(titles) == ["通硬化路率", "通硬化路2", "乡镇", "名称_Name", "F"]


def test_date_and_stamp_do_not_come_from_the_clock(written):
    heads = [path.read_bytes()[1:4] for path in of_kind(written["shp"], ".dbf")]
    stamp = date(2025, 12, 31)
    wanted = bytes([stamp.year - 1900, stamp.month, stamp.day])
    assert set(itertools.chain(heads)) == {wanted}
