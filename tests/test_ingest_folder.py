"""A folder of files: what each is taken for, and what is remembered for the next quarter."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from yanshan_gis.catalogue import Catalogue
from yanshan_gis.content import LayerDef
from yanshan_gis.errors import UsageError
from yanshan_gis.ingest.folder import geometry_kinds, propose_folder, remember, remember_key


def title(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def layer(name: str, zh: str, geometry: str | list[str], fields: dict[str, str], **more: object):
    return LayerDef.model_validate(
        {
            "name": name,
            "title": title(zh, name),
            "geometry": geometry,
            "id_prefix": "X",
            "fields": {
                key: {"type": "text", "title": title(text, key)} for key, text in fields.items()
            },
            **more,
        }
    )


CATALOGUE = Catalogue(
    [
        layer(
            "roads",
            "道路",
            "LineString",
            {
                "name": "路名",
                "surface": "路面类型",
                "width_m": "路面宽度",
                "route_code": "路线编号",
            },
            aliases=["公路", "农村公路"],
        ),
        layer(
            "villages",
            "村庄",
            ["Point", "Table"],
            {"name": "村名", "township": "乡镇", "population": "人口", "households": "户数"},
            aliases=["自然村"],
        ),
        layer("townships", "乡镇界", "Polygon", {"name": "乡镇名称"}),
        layer("stores", "冷库", "Point", {"name": "名称", "volume_m3": "库容", "owner": "业主"}),
        layer("elevation", "高程", "Raster", {}),
    ],
    "layer",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "交来"
    inside.mkdir()
    (inside / "~$自然村.csv").write_text("locked")
    villages = pd.DataFrame({"村名": ["甲"], "乡镇": ["子"], "人口": [1], "户数": [1]})
    villages.to_csv(inside / "自然村2023年一季度.csv", index=False)
    stores = pd.DataFrame({"名称": ["库"], "库容": [1], "经度": [104.1], "纬度": [23.5]})
    stores.to_csv(inside / "表一.csv", index=False)
    other = pd.DataFrame({"指标": ["x"], "数值": [1]})
    other.to_csv(inside / "统计.csv", index=False)
    line = shapely.LineString([(104.1, 23.5), (104.2, 23.5)])
    roads = gpd.GeoDataFrame(
        {"路名": ["一"], "路面类型": ["沥青"]}, geometry=[line], crs="EPSG:4490"
    )
    roads.to_file(inside / "农村公路.gpkg", driver="GPKG")
    squares = [shapely.box(104, 23, 105, 24)]
    square = gpd.GeoDataFrame({"乡镇名称": ["子"]}, geometry=squares, crs="EPSG:4490")
    square.to_file(inside / "乡镇界.geojson", driver="GeoJSON")
    (inside / "坏.gpkg").write_bytes(b"nothing of the kind")
    return inside


def test_each_file_is_taken_for_what_it_is(folder: Path) -> None:
    proposals = propose_folder(folder, CATALOGUE)
    told = [(p.path.name, p.layer, p.reason.code if p.reason else None) for p in proposals]
    assert told[:4] == [
        ("乡镇界.geojson", "townships", None),  # first: others refer to it
        ("自然村2023年一季度.csv", "villages", None),
        ("农村公路.gpkg", "roads", None),
        ("表一.csv", "stores", None),
    ]
    assert [(name, found) for name, found, _ in told[4:]] == [("坏.gpkg", None), ("统计.csv", None)]
    assert told[5][2] == "layer-undecided"
    assert all(reason for _, _, reason in told[4:])
    villages = proposals[1]
    assert villages.mapping is not None
    assert villages.mapping.share == 1.0
    assert 0.5 < villages.score <= 1.0
    assert villages.kinds == ("Table",)


def test_answers_hold_for_the_next_quarter(folder: Path) -> None:
    proposals = {p.path.name: p for p in propose_folder(folder, CATALOGUE)}
    answers = remember({}, proposals["统计.csv"], "villages", {"name": "指标"})
    answers = remember(answers, proposals["表一.csv"], "")
    assert answers == {
        remember_key(Path("统计.csv"), proposals["统计.csv"].table): {
            "layer": "villages",
            "columns": {"name": "指标"},
        },
        remember_key(Path("表一.csv"), proposals["表一.csv"].table): {"layer": "", "columns": {}},
    }
    again = {p.path.name: p for p in propose_folder(folder, CATALOGUE, answers)}
    assert (again["统计.csv"].layer, again["统计.csv"].remembered) == ("villages", True)
    assert again["统计.csv"].columns == {"name": "指标"}
    assert again["表一.csv"].reason.code == "table-left-out"  # type: ignore[union-attr]
    placed = remember(answers, again["统计.csv"], "villages", crs="EPSG:4490", datum="gcj02")
    third = {p.path.name: p for p in propose_folder(folder, CATALOGUE, placed)}
    assert (third["统计.csv"].crs, third["统计.csv"].datum) == ("EPSG:4490", "gcj02")
    assert remember(placed, third["统计.csv"], "villages") == placed
    changed = {key: {**value, "columns": {"name": "没有了"}} for key, value in answers.items()}
    lost = {p.path.name: p for p in propose_folder(folder, CATALOGUE, changed)}
    assert lost["统计.csv"].reason.code == "column-unknown"  # type: ignore[union-attr]


def test_the_key_forgets_dates() -> None:
    first = remember_key(Path("自然村台账2023年第一季度.xlsx"), "Sheet1")
    second = remember_key(Path("自然村台账2024年第二季度.xlsx"), "Sheet1")
    assert first == second
    assert first != remember_key(Path("行政村台账2023年.xlsx"), "Sheet1")


def test_kinds_of_geometry() -> None:
    assert geometry_kinds(pd.DataFrame({"a": [1]})) == ("Table",)
    assert geometry_kinds(pd.DataFrame({"经度": [104.1], "纬度": [23.5]})) == ("Point",)
    shapes = [shapely.box(0, 0, 1, 1), shapely.MultiPolygon([shapely.box(0, 0, 1, 1)]), None]
    assert geometry_kinds(gpd.GeoDataFrame(geometry=shapes)) == ("Polygon",)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        propose_folder(tmp_path / "nowhere", CATALOGUE)
    assert caught.value.code == "folder-missing"
