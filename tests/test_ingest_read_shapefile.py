"""Shapefiles in the states in which bureaus hand them over."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.ingest import vector
from yanshan_gis.ingest.dbf import open_dbf, read_dbf
from yanshan_gis.ingest.read import read_tables
from yanshan_gis.messages import Notice

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 60


@pytest.fixture
def villages() -> gpd.GeoDataFrame:
    points = shapely.points(np.linspace(104.1, 104.6, ROWS), np.linspace(23.4, 23.8, ROWS))
    names = [f"{stem}村委会第{number}组" for number, stem in
             enumerate(np.resize(["听湖", "铳卡", "碧云", "三星"], ROWS))]  # fmt: skip
    return gpd.GeoDataFrame(
        {"名称": names, "乡镇": "江那镇", "人口": range(ROWS)}, geometry=points, crs=4490
    )


@pytest.fixture
def shp(villages, tmp_path) -> Path:
    path = tmp_path / "村庄.shp"
    pyogrio.write_dataframe(villages, path, encoding="GBK")
    return path


def codes(table) -> list[str]:
    return [notice.code for notice in table.notices]


def cut(path: Path, share: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])


def test_gbk_without_cpg_is_read_by_evidence(shp, villages) -> None:
    shp.with_suffix(".cpg").unlink()
    dbf = shp.with_suffix(".dbf")
    data = bytearray(dbf.read_bytes())
    data[29] = 0  # no language byte either
    dbf.write_bytes(data)
    (table,) = read_tables(shp)
    assert table.encoding == "gb18030"
    assert table.frame["名称"].tolist() == villages["名称"].tolist()
    assert table.frame["人口"].dtype == "Int64"
    assert table.crs.to_epsg() == 4490
    assert codes(table) == ["encoding-guessed"]
    assert table.notices[0].values["common"] > 0.9 * table.notices[0].values["letters"]
    assert table.row_numbers.tolist() == list(range(1, ROWS + 1))
    assert table.name == "村庄"


@pytest.mark.parametrize("label", ["ISO-8859-1", "UTF-8"])
def test_a_wrong_label_is_contradicted(shp, label) -> None:
    shp.with_suffix(".cpg").write_text(label)
    (table,) = read_tables(shp)
    assert table.frame["乡镇"].unique().tolist() == ["江那镇"]
    assert codes(table) == ["encoding-contradicted"]


def test_a_true_label_is_not_worth_a_notice(shp) -> None:
    (table,) = read_tables(shp)
    assert codes(table) == []
    assert table.encoding == "gb18030"


def test_the_users_word_wins(shp) -> None:
    shp.with_suffix(".cpg").unlink()
    (table,) = read_tables(shp, encoding="936")
    assert table.frame["乡镇"].iloc[0] == "江那镇"
    assert codes(table) == []
    with pytest.raises(UsageError) as caught:
        read_tables(shp, encoding="klingon")
    assert caught.value.code == "encoding-unknown"


def test_big5(villages, tmp_path) -> None:
    path = tmp_path / "tw.shp"
    villages = villages.assign(名称="鄉鎮公所辦事處與農會倉庫", 乡镇="臺東縣關山鎮")
    villages = villages.rename(columns={"乡镇": "鄉鎮"})[["名称", "鄉鎮", "geometry"]]
    pyogrio.write_dataframe(villages.rename(columns={"名称": "名稱"}), path, encoding="BIG5")
    path.with_suffix(".cpg").unlink()
    (table,) = read_tables(path)
    assert table.encoding == "big5"
    assert table.frame["鄉鎮"].iloc[0] == "臺東縣關山鎮"


def test_utf8_field_names_cut_in_mid_character(villages, tmp_path) -> None:
    # 乡镇名称 takes 12 bytes, a DBF name holds 10: GDAL then cannot read its own file
    path = tmp_path / "u.shp"
    with pytest.warns(RuntimeWarning):
        pyogrio.write_dataframe(villages.rename(columns={"乡镇": "乡镇名称"}), path)
    (table,) = read_tables(path)
    assert list(table.frame.columns) == ["名称", "乡镇名", "人口", "geometry"]
    assert table.frame["乡镇名"].iloc[-1] == "江那镇"
    assert table.frame["人口"].tolist() == list(range(ROWS))
    assert len(table.frame) == ROWS


def test_a_cell_cut_in_mid_character(shp) -> None:
    dbf = shp.with_suffix(".dbf")
    head = open_dbf(dbf)
    data = bytearray(dbf.read_bytes())
    field = next(field for field in head.fields if field.name == "乡镇".encode("gbk"))
    at = head.head_size + field.start
    data[at : at + 6] = "江那".encode("gbk") + b"\xd5 "  # half of 镇
    dbf.write_bytes(data)
    (table,) = read_tables(shp)
    assert table.frame["乡镇"].iloc[0].startswith("江那")
    assert table.frame["乡镇"].iloc[1] == "江那镇"


def test_without_shx_and_prj(shp) -> None:
    shp.with_suffix(".shx").unlink()
    shp.with_suffix(".prj").unlink()
    before = sorted(path.name for path in shp.parent.iterdir())
    (table,) = read_tables(shp)
    assert codes(table) == ["shx-missing", "prj-missing"]
    assert table.crs is None
    assert len(table.frame) == ROWS
    assert not table.refused
    assert sorted(path.name for path in shp.parent.iterdir()) == before  # nothing left behind


def test_without_dbf(shp) -> None:
    shp.with_suffix(".dbf").unlink()
    (table,) = read_tables(shp)
    assert codes(table) == ["dbf-missing"]
    assert list(table.frame.columns) == ["geometry"]
    assert len(table.frame) == ROWS


def test_companions_in_upper_case(shp) -> None:
    for suffix in (".dbf", ".shx", ".prj", ".cpg"):
        shp.with_suffix(suffix).rename(shp.with_suffix(suffix.upper()))
    (table,) = read_tables(shp)
    assert len(table.frame) == ROWS
    assert table.frame["乡镇"].iloc[0] == "江那镇"
    assert table.crs is not None


def test_shp_cut_in_the_middle(shp, villages) -> None:
    cut(shp, 0.5)
    (table,) = read_tables(shp)
    kept = (shp.stat().st_size - 100) // 28  # a point record takes 28 bytes
    assert len(table.frame) == kept
    assert "file-truncated" in codes(table)
    assert [row.row for row in table.refused] == list(range(kept + 1, ROWS + 1))
    assert {row.notice.code for row in table.refused} == {"record-shape-cut"}
    assert table.refused[0].content["名称"] == villages["名称"].iloc[kept]
    assert table.frame["名称"].tolist() == villages["名称"].tolist()[:kept]


def test_dbf_cut_in_the_middle(shp) -> None:
    cut(shp.with_suffix(".dbf"), 0.5)
    (table,) = read_tables(shp)
    assert 20 < len(table.frame) < 40
    assert len(table.frame) + len(table.refused) == ROWS
    assert {row.notice.code for row in table.refused} == {"record-attributes-cut"}


def test_shx_cut_in_the_middle(shp) -> None:
    cut(shp.with_suffix(".shx"), 0.5)
    (table,) = read_tables(shp)
    assert len(table.frame) == ROWS


def test_deleted_records_stay_deleted(shp) -> None:
    dbf = shp.with_suffix(".dbf")
    head = open_dbf(dbf)
    data = bytearray(dbf.read_bytes())
    data[head.head_size + 2 * head.record_size] = ord("*")
    dbf.write_bytes(data)
    shp.with_suffix(".shx").unlink()  # forces the slow path
    (table,) = read_tables(shp)
    assert len(table.frame) == ROWS - 1
    assert 3 not in table.row_numbers
    assert not table.refused


def test_damaged_heads(shp, tmp_path) -> None:
    shp.write_bytes(b"not a shapefile")
    with pytest.raises(DataError) as caught:
        read_tables(shp)
    assert caught.value.code == "file-damaged"
    lone = tmp_path / "x.dbf"
    lone.write_bytes(b"\x03abc")
    with pytest.raises(DataError) as caught:
        read_tables(lone)
    assert caught.value.code == "dbf-unreadable"


def test_no_record_left(shp) -> None:
    shp.write_bytes(shp.read_bytes()[:110])
    with pytest.raises(DataError) as caught:
        read_tables(shp)
    assert caught.value.code == "file-damaged"


def test_unreadable_prj(shp) -> None:
    shp.with_suffix(".prj").write_text('LOCAL_CS["somewhere"]')
    (table,) = read_tables(shp)
    assert table.crs is None
    assert len(table.frame) == ROWS


def test_a_crs_that_only_gdal_understands(shp, monkeypatch) -> None:
    assert vector.declared_crs(shp, "NO_SUCH_CRS[]")[1].code == "crs-unreadable"
    monkeypatch.setattr(
        vector, "declared_crs", lambda path, text: (None, Notice("crs-unreadable", "x"))
    )
    (table,) = read_tables(shp)
    assert codes(table) == ["crs-unreadable"]
    assert table.frame.crs is None
    assert table.frame.geometry.iloc[0].x == pytest.approx(104.1)


def test_a_lone_dbf_is_a_table_and_may_be_cut(shp, tmp_path) -> None:
    lone = tmp_path / "alone" / "ledger.dbf"
    lone.parent.mkdir()
    lone.write_bytes(shp.with_suffix(".dbf").read_bytes())
    (table,) = read_tables(lone)
    assert len(table.frame) == ROWS
    assert table.frame["名称"].iloc[0] == "听湖村委会第0组"
    cut(lone, 0.5)
    (table,) = read_tables(lone)
    assert "file-truncated" in codes(table)


def test_dbf_types(tmp_path) -> None:
    fields = [(b"OK", b"L", 1, 0), (b"DAY", b"D", 8, 0), (b"KM", b"N", 6, 2), (b"N", b"N", 4, 0),
              (b"TEXT", b"C", 4, 0)]  # fmt: skip
    records = [
        b" T20220630  1.50   7ab  ",
        b" ?" + b" " * 14 + "江那".encode("gbk") + b"    ",
        b" F20229999 -2.25  -1cd  ",
    ]
    head = struct.pack("<B3BIHH20x", 3, 122, 1, 1, 3, 32 + 32 * len(fields) + 1, len(records[0]))
    head += b"".join(struct.pack("<11sc4xBB14x", *field) for field in fields) + b"\r"
    path = tmp_path / "t.dbf"
    path.write_bytes(head + b"".join(records) + b"\x1a")
    frame, deleted = read_dbf(open_dbf(path), "utf-8")
    assert frame["OK"].tolist()[0] is True
    assert frame["OK"].isna().tolist() == [False, True, False]
    assert frame["DAY"].dt.year.tolist()[0] == 2022
    assert frame["DAY"].isna().tolist() == [False, True, True]
    assert frame["KM"].tolist()[::2] == [1.5, -2.25]
    assert frame["N"].tolist()[::2] == [7, -1]
    assert frame["TEXT"].fillna("-").tolist() == ["ab", "-", "cd"]
    assert not deleted.any()
