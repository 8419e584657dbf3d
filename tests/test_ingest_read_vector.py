"""GeoPackage, GeoJSON, FileGDB, DXF, KML and archives: whole, odd and broken."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.ingest import salvage
from yanshan_gis.ingest.read import read_tables

ROWS = 400
ODD_NAME = "a\"b/c 'd' 村庄"
KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>doc</name>
<Placemark><name>根</name><Point><coordinates>104.1,23.1</coordinates></Point></Placemark>
<Folder><name>江那</name>
 <Placemark><name>甲</name><ExtendedData><Data name="人口"><value>12</value></Data>
  <SchemaData schemaUrl="#s"><SimpleData name="户数">3</SimpleData></SchemaData></ExtendedData>
  <Point><coordinates>104.2,23.5,1200</coordinates></Point></Placemark>
 <Folder><name>内</name><Placemark><name>乙</name><Polygon><outerBoundaryIs><LinearRing>
  <coordinates>104,23 105,23 105,24 104,23</coordinates></LinearRing></outerBoundaryIs></Polygon>
 </Placemark></Folder>
</Folder><Folder><name>平远</name>
 <Placemark><name>丙</name><OvStyle><w>1</w></OvStyle><MultiGeometry>
  <LineString><coordinates>104,23 104.1,23.1</coordinates></LineString>
  <LineString><coordinates>104,24 104.1,24.1</coordinates></LineString></MultiGeometry></Placemark>
 <Placemark><name>坏</name><Point><coordinates>x,y</coordinates></Point></Placemark>
</Folder></Document></kml>"""


@pytest.fixture
def parcels() -> gpd.GeoDataFrame:
    corners = zip(np.linspace(104, 104.5, ROWS), np.linspace(23.4, 23.8, ROWS), strict=True)
    shapes = [shapely.Point(xy).buffer(0.001, 8) for xy in corners]
    return gpd.GeoDataFrame(
        {
            "名称": [f"地块{number}" for number in range(ROWS)],
            "亩": pd.array([None, *range(1, ROWS)], dtype="Int64"),
            "灌溉": pd.array([True, None] * (ROWS // 2), dtype="boolean"),
            "km": np.linspace(0, 1, ROWS),
        },
        geometry=shapes,
        crs=4490,
    )


def codes(table) -> list[str]:
    return [notice.code for notice in table.notices]


def cut(path: Path, share: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def test_geopackage_layers_with_odd_names(parcels, tmp_path) -> None:
    path = tmp_path / "县.gpkg"
    pyogrio.write_dataframe(parcels, path, layer=ODD_NAME)
    pyogrio.write_dataframe(parcels.drop(columns="geometry"), path, layer="属性")
    pyogrio.write_dataframe(parcels.head(0), path, layer="空")
    spatial, plain = read_tables(path)
    assert spatial.name == ODD_NAME
    assert spatial.crs.to_epsg() == 4490
    assert spatial.frame["亩"].dtype == "Int64"
    assert spatial.frame["灌溉"].isna().sum() == ROWS // 2
    assert not isinstance(plain.frame, gpd.GeoDataFrame)
    assert plain.crs is None
    assert codes(spatial) == ["layer-empty"]
    (again,) = read_tables(path, layer=ODD_NAME)
    assert len(again.frame) == ROWS
    with pytest.raises(UsageError) as caught:
        read_tables(path, layer="村")
    assert caught.value.code == "layer-unknown"
    assert ODD_NAME in caught.value.notice.values["known"]


def test_geopackage_cut_in_the_middle(parcels, tmp_path) -> None:
    path = tmp_path / "cut.gpkg"
    pyogrio.write_dataframe(parcels, path, layer=ODD_NAME)
    size = cut(path, 0.6).stat().st_size
    (table,) = read_tables(path)
    kept = len(table.frame)
    assert 50 < kept < ROWS
    assert codes(table) == ["file-truncated"]
    assert table.name == ODD_NAME
    assert table.crs.to_epsg() == 4490
    assert table.row_numbers[:3].tolist() == [1, 2, 3]
    assert kept + len(table.refused) == ROWS
    assert {row.notice.code for row in table.refused} == {"record-unreadable"}
    pd.testing.assert_series_equal(
        table.frame["名称"], parcels["名称"].head(kept), check_dtype=False
    )
    assert table.frame.geometry.geom_equals(parcels.geometry.head(kept)).all()
    assert table.frame["亩"].dtype == "Int64"
    assert table.frame["灌溉"].dtype == "boolean"
    assert path.stat().st_size == size  # the user's file is as it was


def test_geopackage_beyond_rescue(parcels, tmp_path) -> None:
    path = tmp_path / "cut.gpkg"
    pyogrio.write_dataframe(parcels, path)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(DataError) as caught:
        read_tables(path)
    assert caught.value.code == "file-damaged"
    path.write_bytes(b"nothing at all")
    with pytest.raises(DataError):
        read_tables(path)


def test_geopackage_with_undefined_crs(parcels, tmp_path) -> None:
    path = tmp_path / "u.gpkg"
    with pytest.warns(UserWarning, match="crs"):
        pyogrio.write_dataframe(parcels.set_crs(None, allow_override=True), path)
    (table,) = read_tables(path)
    assert table.crs is None


def test_geojson_and_its_break(parcels, tmp_path) -> None:
    path = tmp_path / "a.geojson"
    parcels.to_crs(4326).to_file(path)
    (table,) = read_tables(path)
    assert len(table.frame) == ROWS
    assert table.crs.to_epsg() == 4326
    (broken,) = read_tables(cut(path, 0.5))
    kept = len(broken.frame)
    assert 150 < kept < 250
    assert codes(broken) == ["file-truncated"]
    assert broken.frame["名称"].tolist() == table.frame["名称"].tolist()[:kept]
    assert [row.row for row in broken.refused] == [kept + 1]
    assert broken.crs.to_epsg() == 4326
    path.write_text('{"type": "FeatureCollection", "features": [{"ty')
    with pytest.raises(DataError) as caught:
        read_tables(path)
    assert caught.value.code == "file-damaged"


def test_broken_geojson_keeps_its_crs_and_refuses_single_features(tmp_path) -> None:
    good = {"type": "Feature", "properties": {"n": 1},
            "geometry": {"type": "Point", "coordinates": [432642.0, 2612000.0]}}  # fmt: skip
    bad = {"type": "Feature", "properties": {}, "geometry": {"type": "Point"}}
    head = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4544"}}
    text = json.dumps({"type": "FeatureCollection", "crs": head, "features": [good, bad, good]})
    path = tmp_path / "p.geojson"
    path.write_text(text[:-2])  # the closing bracket and brace are lost
    (table,) = read_tables(path)
    assert table.crs.to_epsg() == 4544
    assert table.row_numbers.tolist() == [1, 3]
    assert 2 in [row.row for row in table.refused]


def test_geojson_in_gbk(tmp_path) -> None:
    feature = {"type": "Feature", "properties": {"名称": "江那镇听湖村委会"},
               "geometry": {"type": "Point", "coordinates": [104.3, 23.6]}}  # fmt: skip
    text = json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False)
    path = tmp_path / "g.json"
    path.write_bytes(text.encode("gbk"))
    (table,) = read_tables(path)
    assert table.frame["名称"].tolist() == ["江那镇听湖村委会"]
    assert table.path == path
    assert "encoding-guessed" in codes(table)


def test_file_geodatabase_also_zipped(parcels, tmp_path) -> None:
    folder = tmp_path / "库.gdb"
    pyogrio.write_dataframe(parcels.drop(columns=["灌溉", "亩"]), folder, layer="图层",
                            driver="OpenFileGDB")  # fmt: skip
    (table,) = read_tables(folder)
    assert table.name == "图层"
    assert len(table.frame) == ROWS
    archive = shutil.make_archive(str(tmp_path / "库"), "zip", tmp_path, "库.gdb")
    (zipped,) = read_tables(archive)
    assert zipped.path == Path(archive)
    assert zipped.frame["名称"].tolist() == table.frame["名称"].tolist()


def test_a_folder_that_only_claims_to_be_a_geodatabase(tmp_path) -> None:
    (tmp_path / "x.gdb").mkdir()
    with pytest.raises(DataError) as caught:
        read_tables(tmp_path / "x.gdb")
    assert caught.value.code == "file-damaged"


def test_dxf_in_gbk(tmp_path) -> None:
    pairs = [(0, "SECTION"), (2, "HEADER"), (9, "$ACADVER"), (1, "AC1015"),
             (9, "$DWGCODEPAGE"), (3, "ANSI_936"), (0, "ENDSEC"),
             (0, "SECTION"), (2, "ENTITIES"),
             (0, "LINE"), (8, "道路"), (10, 432642.0), (20, 2612000.0), (11, 432700.0),
             (21, 2612100.0),
             (0, "TEXT"), (8, "注记"), (10, 432642.0), (20, 2612000.0), (40, 2.5), (1, "江那镇"),
             (0, "ENDSEC"), (0, "EOF")]  # fmt: skip
    path = tmp_path / "图.dxf"
    path.write_bytes("".join(f"{code}\n{value}\n" for code, value in pairs).encode("gbk"))
    (table,) = read_tables(path)
    assert table.frame["Layer"].tolist() == ["道路", "注记"]
    assert table.frame["Text"].iloc[1] == "江那镇"
    assert table.crs is None


@pytest.mark.parametrize("suffix", [".kml", ".ovkml"])
def test_kml_folders_and_extended_data(tmp_path, suffix) -> None:
    path = tmp_path / f"图{suffix}"
    path.write_text(KML, encoding="utf-8")
    root, first, inner, second = read_tables(path)
    assert [root.name, first.name, inner.name, second.name] == ["图", "江那", "江那/内", "平远"]
    assert first.frame[["Name", "人口", "户数"]].to_numpy().tolist() == [["甲", "12", "3"]]
    assert "description" not in first.frame
    assert not first.frame.geometry.has_z.any()
    assert inner.frame.geometry.iloc[0].area == pytest.approx(0.5)
    assert second.frame.geometry.iloc[0].geom_type == "MultiLineString"
    assert [row.row for row in second.refused] == [5]
    assert second.refused[0].notice.code == "geometry-unreadable"
    assert second.row_numbers.tolist() == [4]
    assert root.crs.to_epsg() == 4326


def test_kml_shapes_of_every_kind(tmp_path) -> None:
    ring = "<LinearRing><coordinates>{}</coordinates></LinearRing>"
    outer, inner = ring.format("0,0 9,0 9,9 0,0"), ring.format("3,1 5,1 5,2 3,1")
    point = "<Point><coordinates>1,2</coordinates></Point>"
    polygon = (f"<Polygon><outerBoundaryIs>{outer}</outerBoundaryIs>"
               f"<innerBoundaryIs>{inner}</innerBoundaryIs></Polygon>")  # fmt: skip
    track = "<Track><coord>104 23 5</coord><coord>104.1 23.1 6</coord></Track>"
    mixed = f"<MultiGeometry>{point}{polygon}</MultiGeometry>"
    bare = "<LineString><coordinates></coordinates></LineString>"
    shapes = [polygon, track, mixed, "", "<Polygon></Polygon>", bare]
    marks = "".join(f"<Placemark>{shape}</Placemark>" for shape in shapes)
    path = tmp_path / "k.kml"
    path.write_text(f'<?xml version="1.0" encoding="GBK"?><kml>{marks}</kml>')
    (table,) = read_tables(path)
    kinds = table.frame.geom_type.tolist()
    assert kinds[:3] == ["Polygon", "LineString", "GeometryCollection"]
    assert table.frame.geometry.isna().tolist() == [False, False, False, True]
    assert len(table.frame.geometry.iloc[0].interiors) == 1
    assert [row.row for row in table.refused] == [5, 6]


def test_a_zip_with_a_password(tmp_path) -> None:
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(DataError) as caught:
        read_tables(path)
    assert caught.value.code == "file-encrypted"


def test_kmz_and_broken_kml(tmp_path) -> None:
    kmz = tmp_path / "图.kmz"
    with zipfile.ZipFile(kmz, "w") as archive:
        archive.writestr("doc.kml", KML)
        archive.writestr("files/icon.png", b"")
    assert len(read_tables(kmz)) == 4
    broken = tmp_path / "b.kml"
    broken.write_text(KML[: KML.index("<OvStyle>")], encoding="utf-8")
    tables = read_tables(broken)
    assert [table.name for table in tables] == ["b", "江那", "江那/内"]
    assert "file-truncated" in codes(tables[0])
    assert tables[-1].refused[-1].notice.code == "record-unreadable"
    for text, code in (("<kml", "file-damaged"), ("<kml></kml>", "file-empty")):
        broken.write_text(text)
        with pytest.raises(DataError) as caught:
            read_tables(broken)
        assert caught.value.code == code


def test_zip_of_a_shapefile_with_gbk_names(parcels, tmp_path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    pyogrio.write_dataframe(parcels[["名称", "geometry"]], folder / "x.shp", encoding="GBK")
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in folder.iterdir():
            archive.writestr("QQQQQQQQQ" + part.suffix, part.read_bytes())
        archive.writestr("../escape.csv", "a,b\n1,2\n")
    # zipfile marks names as UTF-8; Windows writes bare GBK bytes, and backslashes
    path.write_bytes(path.read_bytes().replace(b"QQQQQQQQQ", "数据\\地块".encode("gbk")))
    (table,) = read_tables(path)
    assert len(table.frame) == ROWS
    assert table.path == path
    assert table.name == "地块"
    assert not (tmp_path.parent / "escape.csv").exists()
    with pytest.raises(DataError) as caught:
        read_tables(cut(path, 0.7))
    assert caught.value.code == "file-damaged"


def test_gdal_says_something(tmp_path, monkeypatch) -> None:
    path = tmp_path / "m.geojson"
    path.write_text('{"type":"FeatureCollection","features":[{"type":"Feature","id":1,'
                    '"properties":{"a":1},"geometry":null},{"type":"Feature","id":1,'
                    '"properties":{"a":2},"geometry":null}]}')  # fmt: skip
    (table,) = read_tables(path)
    assert codes(table) == ["gdal-warning"]


def test_halves_find_the_failing_records() -> None:
    bad = {3, 4, 9}

    def read(start: int, count: int) -> pd.DataFrame:
        if bad & set(range(start, start + count)):
            raise pyogrio.errors.DataLayerError("broken page")
        return pd.DataFrame({"n": range(start, start + count)})

    table = salvage.read_in_halves(Path("x.gdb"), "l", 12, read)
    assert table.frame["n"].tolist() == [n for n in range(12) if n not in bad]
    assert table.row_numbers.tolist() == [n + 1 for n in range(12) if n not in bad]
    assert [row.row for row in table.refused] == [4, 5, 10]
    assert table.refused[0].notice.code == "record-unreadable"
    assert codes(table) == ["file-truncated"]


def test_halves_give_up_in_time() -> None:
    calls = []

    def read(start: int, count: int) -> pd.DataFrame:
        calls.append(start)
        raise pyogrio.errors.DataLayerError("broken")

    table = salvage.read_in_halves(Path("x.gdb"), "l", 5000, read)
    assert len(calls) == 400
    assert len(table.refused) == 5000


def test_halves_notice_a_silent_end() -> None:
    whole = pd.DataFrame({"n": range(7)})
    table = salvage.read_in_halves(
        Path("x.gdb"), "l", 10, lambda start, count: whole.iloc[start : start + count]
    )
    assert [row.row for row in table.refused] == [8, 9, 10]


@pytest.mark.parametrize("fiona", [True, False])
def test_a_cut_geodatabase(parcels, tmp_path, monkeypatch, fiona) -> None:
    if fiona:
        pytest.importorskip("fiona")
    else:
        monkeypatch.setattr(salvage.importlib.util, "find_spec", lambda name: None)
    folder = tmp_path / "c.gdb"
    pyogrio.write_dataframe(parcels[["名称", "geometry"]], folder, layer="l", driver="OpenFileGDB")
    largest = max(folder.glob("*.gdbtable"), key=lambda part: part.stat().st_size)
    cut(largest, 0.5)
    (table,) = read_tables(folder)
    assert 100 < len(table.frame) < ROWS
    assert len(table.frame) + len(table.refused) == ROWS
    assert "file-truncated" in codes(table)
    assert table.crs.to_epsg() == 4490


def test_salvaged_geopackage_without_count(parcels, tmp_path) -> None:
    path = tmp_path / "c.gpkg"
    pyogrio.write_dataframe(parcels, path, layer="l")
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM gpkg_ogr_contents")
    connection.commit()
    connection.close()
    cut(path, 0.6)
    (table,) = read_tables(path)
    assert [row.row for row in table.refused] == [table.row_numbers[-1] + 1]
    assert "total" not in table.notices[0].values
