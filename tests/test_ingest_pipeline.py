"""The whole import of small files, from bytes to layer, plan and report."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yanshan_gis.catalogue import Catalogue
from yanshan_gis.content import LayerDef
from yanshan_gis.county import County
from yanshan_gis.crs import transform
from yanshan_gis.datum import from_wgs84
from yanshan_gis.errors import CrsError, DataError, UsageError
from yanshan_gis.ingest.pipeline import ImportOutcome, ImportRequest, import_file
from yanshan_gis.layer import Layer, NameRecord, Quality, Source

COUNTY = County.model_validate({"name": "砚山县", "crs": "EPSG:4544"})
LON, LAT = 104.33, 23.61  # the county seat


def title(zh: str) -> dict[str, str]:
    return {"zh": zh, "en": zh}


def text(zh: str, *aliases: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "title": title(zh), "aliases": list(aliases), **more}


def layer_def(name: str, geometry: Any, prefix: str, fields: dict[str, Any]) -> LayerDef:
    return LayerDef.model_validate(
        {
            "name": name,
            "title": title(name),
            "geometry": geometry,
            "id_prefix": prefix,
            "fields": fields,
        }
    )


LEVELS = {
    "committee": {"zh": "村委会", "en": "Committee"},
    "natural": {"zh": "自然村", "en": "Natural village"},
}
CATALOGUE: Catalogue[LayerDef] = Catalogue(
    [
        layer_def(
            "villages",
            ["Point", "Table"],
            "V",
            {
                "name": text("村名", "自然村", required=True),
                "code": text("代码"),
                "level": {
                    "type": "code",
                    "title": title("层级"),
                    "codes": LEVELS,
                    "required": True,
                },
                "township": text("乡镇"),
                "parent": {
                    "type": "reference",
                    "layer": "villages",
                    "only": {"level": "committee"},
                    "title": title("所属村委会"),
                },
                "population": {
                    "type": "integer",
                    "unit": "人",
                    "minimum": 0,
                    "title": title("人口"),
                },
                "position_quality": {
                    "type": "code",
                    "title": title("位置精度"),
                    "codes": {
                        "surveyed": {"zh": "实测", "en": "Surveyed"},
                        "unlocated": {"zh": "未定位", "en": "Unlocated"},
                    },
                },
                "ledger_5g": {"type": "boolean", "title": title("5G")},
                "ledger_source": text("台账来源"),
                "ledger_date": {"type": "date", "title": title("台账日期")},
            },
        ),
        layer_def("townships", "Polygon", "T", {"name": text("名称")}),
        layer_def(
            "stores",
            "Point",
            "CS",
            {
                "name": text("冷库", required=True),
                "township": text("乡镇"),
                "committee": {"type": "reference", "layer": "villages", "title": title("村委会")},
                "volume_m3": {"type": "number", "unit": "m³", "title": title("库容")},
            },
        ),
        layer_def("elevation", "Raster", "E", {}),
        layer_def("roads", "LineString", "R", {"name": text("路名")}),
    ],
    "layer",
)

HEAD = ["村名", "层级", "乡镇", "所属村委会", "人口", "经度", "纬度"]
ROWS = [
    ["锦山社区", "村委会", "江那镇", "", "1,200", LON, LAT],
    ["新寨", "自然村", "江那镇", "锦山", "120", LON + 0.01, LAT],
    ["大坝", "自然村", "江那", "锦山社区", "约80", LON + 0.02, LAT],
    ["平远街社区", "村委会", "平远镇", "", "", LON - 0.3, LAT + 0.1],
]


def write_csv(path: Path, rows: Sequence[Sequence[Any]], head: Sequence[str] = HEAD,
              encoding: str = "utf-8") -> Path:  # fmt: skip
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(head)
        writer.writerows(rows)
    return path


def townships() -> Layer:
    # two squares of 0.6° side by side
    x, y = transform([103.5, 104.1, 104.7], [23.3, 23.3, 23.9], "EPSG:4490", "EPSG:4544")
    frame = gpd.GeoDataFrame(
        {
            "id": ["T000001", "T000002"],
            "source_id": "s",
            "name": ["平远镇", "江那镇"],
        },
        geometry=[shapely.box(x[0], y[0], x[1], y[2]), shapely.box(x[1], y[0], x[2], y[2])],
        crs="EPSG:4544",
    )
    return Layer(CATALOGUE["townships"], frame, (Source("s", "界线"),))


def run(
    path: Path,
    layer: str = "villages",
    current: Mapping[str, Layer] | None = None,
    names: Sequence[NameRecord] = (),
    county: County = COUNTY,
    **options: Any,
) -> ImportOutcome:
    options.setdefault("crs", "EPSG:4490")
    request = ImportRequest(layer, path, **options)
    return import_file(
        request, catalogue=CATALOGUE, county=county, current=current or {}, names=names
    )


def codes(outcome: ImportOutcome) -> list[tuple[int, str, str]]:
    return [(p.row, p.field, p.notice.code) for p in outcome.report.problems]


@pytest.fixture
def stored(tmp_path: Path) -> Layer:
    layer = run(write_csv(tmp_path / "村庄2022.csv", ROWS), as_of=date(2022, 12, 31)).layer
    assert layer is not None
    return layer


def test_a_csv_becomes_a_layer(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "村庄.csv", ROWS, encoding="gbk")
    outcome = run(
        path, current={"townships": townships()}, as_of=date(2022, 12, 31), licence="内部"
    )
    layer = outcome.layer
    assert layer is not None
    assert codes(outcome) == [(4, "population", "number-approximate")]
    frame = layer.frame
    assert layer.crs.to_epsg() == 4544
    assert dict(zip(frame["name"], frame["id"], strict=True)) == {
        "平远街社区": "V000001",
        "锦山社区": "V000002",
        "大坝": "V000003",
        "新寨": "V000004",
    } or sorted(frame["id"]) == ["V000001", "V000002", "V000003", "V000004"]
    by_name = frame.set_index("name")
    committee = by_name.loc["锦山社区", "id"]
    assert by_name.loc[["新寨", "大坝"], "parent"].tolist() == [committee, committee]
    assert by_name.loc["大坝", "township"] == "江那镇"
    assert by_name["population"].sum() == 1400
    x, y = transform(LON, LAT, "EPSG:4490", "EPSG:4544")
    assert by_name.loc["锦山社区", "geometry"].distance(shapely.Point(x, y)) < 0.001
    [source] = layer.sources
    assert (source.as_of, source.licence, len(source.sha256)) == (date(2022, 12, 31), "内部", 64)
    assert set(frame["source_id"]) == {source.id}
    report = outcome.report
    assert (report.read, report.accepted, report.refused, report.warned) == (4, 4, 0, 1)
    assert report.encoding is not None
    assert report.encoding.lower().startswith("gb")
    assert report.crs == "EPSG:4490"
    assert outcome.plan.counts() == {"added": 4, "changed": 0, "removed": 0, "unchanged": 0}


def test_one_bad_row_keeps_everything_out_unless_accepted(tmp_path: Path) -> None:
    bad = [*ROWS, ["坏寨", "不是层级", "江那镇", "不存在", "很多", LON, LAT + 0.01]]
    path = write_csv(tmp_path / "村庄.csv", bad)
    outcome = run(path, current={"townships": townships()})
    assert outcome.layer is None
    assert codes(outcome)[1:] == [
        (6, "level", "code-unknown"),
        (6, "population", "number-unreadable"),
        (6, "parent", "name-unknown"),
    ]
    assert [row.row for row in outcome.refused] == [6]
    assert outcome.refused[0].content["人口"] == "很多"
    accepted = run(path, accept_refused=True)
    assert accepted.layer is not None
    assert len(accepted.layer) == 4
    assert (accepted.report.read, accepted.report.accepted, accepted.report.refused) == (5, 4, 1)
    told, refused = outcome.report.write_report(tmp_path / "out", "zh")
    assert told.exists()
    assert refused.read_text(encoding="utf-8-sig").count("\n") == 2


def test_a_reference_to_a_row_that_is_kept_out(tmp_path: Path) -> None:
    rows = [["锦山社区", "村委会", "江那镇", "", "很多", LON, LAT], *ROWS[1:]]
    outcome = run(write_csv(tmp_path / "村庄.csv", rows), accept_refused=True)
    assert codes(outcome) == [
        (2, "population", "number-unreadable"),
        (3, "parent", "name-unknown"),
        (4, "population", "number-approximate"),
        (4, "parent", "name-unknown"),
    ]
    assert outcome.layer is not None
    assert outcome.layer.frame["name"].tolist() == ["平远街社区"]


def test_replace_keeps_the_ids(tmp_path: Path, stored: Layer) -> None:
    rows = [
        ["大坝", "自然村", "江那镇", "锦山社区", "85", LON + 0.02, LAT],
        ["新地", "自然村", "江那镇", "锦山社区", "15", LON + 0.03, LAT],
        ["新寨村", "自然村", "江那镇", "锦山社区", "120", LON + 0.01, LAT],
        ["锦山社区", "村委会", "江那镇", "", "1,200", LON, LAT],
    ]
    path = write_csv(tmp_path / "村庄2023.csv", rows)
    outcome = run(path, current={"villages": stored}, as_of=date(2023, 12, 31))
    assert outcome.layer is not None
    old = dict(zip(stored.frame["name"], stored.frame["id"], strict=True))
    new = dict(zip(outcome.layer.frame["name"], outcome.layer.frame["id"], strict=True))
    assert (new["大坝"], new["新寨村"], new["锦山社区"]) == (
        old["大坝"],
        old["新寨"],
        old["锦山社区"],
    )
    assert new["新地"] == "V000005"
    assert outcome.plan.counts() == {"added": 1, "changed": 2, "removed": 1, "unchanged": 1}
    assert [(n.name, n.kind, n.valid_to) for n in outcome.names if n.id == old["新寨"]] == [
        ("新寨", "former", "2023-12-31"),
        ("新寨村", "official", ""),
    ]


def test_update_by_id_and_name(tmp_path: Path, stored: Layer) -> None:
    ids = dict(zip(stored.frame["name"], stored.frame["id"], strict=True))
    path = write_csv(
        tmp_path / "更新.csv",
        [[ids["大坝"], "", "", "90"], ["", "新寨", "江那", "125"], ["", "没有", "江那", "1"]],
        ["id", "村名", "乡镇", "人口"],
    )
    outcome = run(path, current={"villages": stored}, mode="update", accept_refused=True)
    assert codes(outcome) == [(4, "name", "name-unknown")]
    assert outcome.layer is not None
    got = outcome.layer.frame.set_index("name")["population"]
    assert (got["大坝"], got["新寨"], got["锦山社区"]) == (90, 125, 1200)
    assert outcome.layer.frame["id"].tolist() == stored.frame["id"].tolist()


def test_append_refuses_what_is_there(tmp_path: Path, stored: Layer) -> None:
    rows = [ROWS[1], ["新地", "自然村", "江那镇", "锦山社区", "15", LON + 0.03, LAT]]
    outcome = run(
        write_csv(tmp_path / "新增.csv", rows),
        current={"villages": stored},
        mode="append",
        accept_refused=True,
    )
    assert codes(outcome) == [(2, "name", "feature-exists")]
    assert outcome.plan.counts()["added"] == 1
    assert outcome.layer is not None
    assert len(outcome.layer) == 5
    new = outcome.layer.frame.set_index("name").loc["新地"]
    committee = stored.frame.set_index("name").loc["锦山社区", "id"]
    assert (new["id"], new["parent"]) == ("V000005", committee)


def test_a_ledger_joins_and_lists_both_gaps(tmp_path: Path, stored: Layer) -> None:
    rows = [["新寨", "江那镇", "有"], ["木瓜铺", "江那镇", "无"]]
    path = write_csv(tmp_path / "台账.csv", rows, ["自然村", "乡镇", "5G"])
    outcome = run(path, current={"villages": stored}, as_of=date(2023, 6, 30), accept_refused=True)
    assert codes(outcome) == [(3, "name", "name-unknown")]
    assert outcome.without_row is not None
    assert outcome.without_row["name"].tolist() == ["大坝"]  # level natural, from the heading
    assert {"ledger-joined", "value-from-heading"} <= {n.code for n in outcome.report.notices}
    assert outcome.layer is not None
    row = outcome.layer.frame.set_index("name").loc["新寨"]
    assert row["ledger_5g"]
    assert (row["ledger_date"], row["ledger_source"][:6]) == ("2023-06-30", "台账.csv")
    assert row["geometry"].equals(stored.frame.set_index("name").loc["新寨", "geometry"])


def test_another_spelling_is_no_new_name(tmp_path: Path, stored: Layer) -> None:
    rows = [["锦山", "江那", "1300"], ["平远街村委会", "平远", "50"]]
    path = write_csv(tmp_path / "更新.csv", rows, ["村名", "乡镇", "人口"])
    for options in ({"mode": "update"}, {}):  # with the mode said, and as a ledger
        outcome = run(path, current={"villages": stored}, **options)
        assert outcome.layer is not None
        assert set(outcome.plan.changed["field"]) <= {"population", "ledger_source"}
        assert outcome.names == ()
        assert outcome.layer.frame["township"].tolist() == stored.frame["township"].tolist()


def test_a_ledger_alone_is_a_table(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "台账.csv", [["新寨", "江那镇", "有"]], ["自然村", "乡镇", "5G"])
    outcome = run(path)
    assert outcome.layer is not None
    assert "geometry" not in outcome.layer.frame
    with pytest.raises(DataError) as caught:
        run(write_csv(tmp_path / "冷库.csv", [["甲"]], ["冷库"]), "stores")
    assert caught.value.code == "positions-missing"


def test_references_to_another_layer(tmp_path: Path, stored: Layer) -> None:
    head = ["冷库", "乡镇", "村委会", "库容（万立方米）", "lon", "lat"]
    path = write_csv(tmp_path / "冷库.csv", [["甲库", "江那镇", "锦山", "0.2", LON, LAT]], head)
    outcome = run(path, "stores", {"villages": stored})
    assert outcome.layer is not None
    row = outcome.layer.frame.iloc[0]
    assert row["id"] == "CS000001"
    assert row["committee"] == stored.frame.set_index("name").loc["锦山社区", "id"]
    assert row["volume_m3"] == pytest.approx(2000)
    early = run(path, "stores")
    assert early.layer is not None
    assert early.layer.frame.iloc[0]["committee"] is None
    assert early.layer.frame.iloc[0]["committee_name"] == "锦山"
    assert "reference-no-layer" in [n.code for n in early.report.notices]


def test_names_of_townships_with_aliases(tmp_path: Path) -> None:
    rows = [["甲寨", "自然村", "老江那乡", "", "1", LON, LAT], *ROWS[:1]]
    names = [NameRecord("T000002", "老江那乡", kind="former")]
    path = write_csv(tmp_path / "村庄.csv", rows)
    outcome = run(path, current={"townships": townships()}, names=names)
    assert outcome.layer is not None
    assert set(outcome.layer.frame["township"]) == {"江那镇"}
    without = run(path, current={"townships": townships()})
    assert codes(without) == [(2, "township", "township-unknown")]


def test_displaced_coordinates_are_put_back(tmp_path: Path) -> None:
    lon, lat = from_wgs84([LON], [LAT], "gcj02")
    rows = [["锦山社区", "村委会", "江那镇", "", "", float(lon[0]), float(lat[0])]]
    outcome = run(write_csv(tmp_path / "高德.csv", rows), crs="EPSG:4326", datum="gcj02")
    assert outcome.layer is not None
    x, y = transform(LON, LAT, "EPSG:4490", "EPSG:4544")
    assert outcome.layer.frame.geometry.iloc[0].distance(shapely.Point(x, y)) < 0.01
    assert outcome.report.datum == "gcj02"


def test_the_datum_alone_says_that_coordinates_are_degrees(tmp_path: Path) -> None:
    lon, lat = from_wgs84([LON], [LAT], "gcj02")
    rows = [["锦山社区", "村委会", "江那镇", "", "", float(lon[0]), float(lat[0])]]
    outcome = run(write_csv(tmp_path / "高德.csv", rows), crs=None, datum="gcj02")
    assert outcome.layer is not None
    x, y = transform(LON, LAT, "EPSG:4490", "EPSG:4544")
    assert outcome.layer.frame.geometry.iloc[0].distance(shapely.Point(x, y)) < 0.01


def test_the_working_crs_is_chosen_from_the_data(tmp_path: Path) -> None:
    county = County.model_validate({"name": "砚山县"})
    outcome = run(write_csv(tmp_path / "村庄.csv", ROWS), county=county)
    assert outcome.crs == "EPSG:4544"


def geojson(path: Path, shapes: Sequence[Any]) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"冷库": f"库{i}"},
            "geometry": None if shape is None else shapely.geometry.mapping(shape),
        }
        for i, shape in enumerate(shapes)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_geometry_of_another_kind(tmp_path: Path) -> None:
    point, line = shapely.Point(LON, LAT), shapely.LineString([(LON, LAT), (LON + 0.1, LAT)])
    mixed = geojson(
        tmp_path / "混合.geojson", [point, line, None, shapely.MultiPoint([(LON, LAT + 0.01)])]
    )
    outcome = run(mixed, "stores", accept_refused=True)
    assert codes(outcome) == [
        (2, "geometry", "geometry-wrong-kind"),
        (3, "geometry", "geometry-missing"),
    ]
    assert outcome.layer is not None
    assert set(outcome.layer.frame.geom_type) == {"Point"}
    with pytest.raises(DataError) as caught:
        run(geojson(tmp_path / "线.geojson", [line]), "stores")
    assert caught.value.code == "geometry-kind"


def test_places_outside_the_county(tmp_path: Path) -> None:
    rows = [*ROWS, ["远寨", "自然村", "江那镇", "", "1", LON + 5, LAT]]
    outcome = run(write_csv(tmp_path / "村庄.csv", rows), current={"townships": townships()})
    assert codes(outcome)[-1] == (6, "geometry", "place-far")


def test_a_village_without_position_still_counts(tmp_path: Path) -> None:
    rows = [*ROWS, ["无位寨", "自然村", "江那镇", "", "7", "", ""]]
    outcome = run(write_csv(tmp_path / "村庄.csv", rows))
    assert codes(outcome)[-1] == (6, "geometry", "coordinate-missing")
    assert outcome.layer is not None
    row = outcome.layer.frame.set_index("name").loc["无位寨"]
    assert (row["geometry"], row["position_quality"]) == (None, "unlocated")
    assert outcome.layer.frame["position_quality"].notna().sum() == 1
    stores = write_csv(
        tmp_path / "冷库.csv", [["甲", LON, LAT], ["乙", "", ""]], ["冷库", "lon", "lat"]
    )
    assert [row.row for row in run(stores, "stores").refused] == [3]


def test_columns_that_say_they_are_displaced(tmp_path: Path) -> None:
    head = ["冷库", "lon_gcj02", "lat_gcj02", "lon_wgs84", "lat_wgs84"]
    lon, lat = from_wgs84([LON], [LAT], "gcj02")
    path = write_csv(tmp_path / "冷库.csv", [["甲", lon[0], lat[0], LON, LAT]], head)
    alone = write_csv(tmp_path / "高德.csv", [["甲", lon[0], lat[0]]], head[:3])
    with pytest.raises(CrsError) as caught:
        run(alone, "stores")
    assert caught.value.code == "datum-named"
    undone = run(path, "stores", datum="gcj02")
    named = run(path, "stores", columns={"x": "lon_wgs84", "y": "lat_wgs84"})
    assert undone.layer is not None
    assert named.layer is not None
    both = [outcome.frame.geometry.iloc[0] for outcome in (undone.layer, named.layer)]
    assert both[0].distance(both[1]) < 0.01
    with pytest.raises(UsageError) as wrong:
        run(path, "stores", columns={"x": "nowhere", "y": "lat_wgs84"})
    assert wrong.value.code == "column-unknown"


def test_zero_and_scattered_points_are_refused(tmp_path: Path) -> None:
    shapes = [
        shapely.Point(LON, LAT),
        shapely.Point(0, 0),
        shapely.MultiPoint([(LON, LAT), (LON + 0.1, LAT)]),
    ]
    outcome = run(geojson(tmp_path / "库.geojson", shapes), "stores", accept_refused=True)
    assert codes(outcome) == [
        (2, "geometry", "position-zero"),
        (3, "geometry", "geometry-scattered"),
    ]
    assert outcome.report.accepted == 1


def test_axes_and_units_that_contradict_the_crs(tmp_path: Path) -> None:
    degrees = geojson(tmp_path / "度.geojson", [shapely.Point(LON, LAT)] * 3)
    with pytest.raises(DataError) as caught:
        run(degrees, "stores", crs="EPSG:4544")
    assert caught.value.code == "degrees-in-metric-crs"
    swapped = geojson(tmp_path / "反.geojson", [shapely.Point(LAT, LON)] * 3)
    with pytest.raises(DataError) as caught:
        run(swapped, "stores")
    assert caught.value.code == "axes-swapped"


def test_a_displaced_layer_gives_itself_away(tmp_path: Path) -> None:
    places = [(LON + i / 50, LAT + i % 3 / 50) for i in range(8)]
    rows = [[f"{i}号寨", "自然村", "江那镇", "", "", *place] for i, place in enumerate(places)]
    stored = run(write_csv(tmp_path / "a.csv", rows)).layer
    assert stored is not None
    lon, lat = from_wgs84(*zip(*places, strict=True), "gcj02")
    moved = [[*row[:5], x, y] for row, x, y in zip(rows, lon, lat, strict=True)]
    outcome = run(write_csv(tmp_path / "b.csv", moved), current={"villages": stored})
    assert "datum-suspected" in [notice.code for notice in outcome.report.notices]


def named_stores(path: Path, places: Sequence[tuple[float, float]], step: float = 0.0) -> list[str]:
    """Import a store beside each of eight committees; return the codes of the notices."""
    spots = [(LON + i / 50, LAT + i % 3 / 50) for i in range(8)]
    rows = [[f"{i}号村", "村委会", "江那镇", "", "", *spot] for i, spot in enumerate(spots)]
    committees = run(write_csv(path / "a.csv", rows)).layer
    assert committees is not None
    stores = [[f"{i}号库", "江那镇", f"{i}号村", x + step * (-1) ** i, y]
              for i, (x, y) in enumerate(places)]  # fmt: skip
    file = write_csv(path / "b.csv", stores, ["冷库", "乡镇", "村委会", "lon", "lat"])
    outcome = run(file, "stores", {"villages": committees})
    return [notice.code for notice in outcome.report.notices]


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_rows_that_name_placed_committees_give_themselves_away(tmp_path: Path, datum: Any) -> None:
    spots = [(LON + i / 50, LAT + i % 3 / 50) for i in range(8)]
    moved = list(zip(*from_wgs84(*zip(*spots, strict=True), datum), strict=True))
    assert "datum-suspected" in named_stores(tmp_path, moved)
    assert "datum-suspected" not in named_stores(tmp_path, moved[:4])  # too few to judge by
    assert "datum-suspected" not in named_stores(tmp_path, spots)
    assert "datum-suspected" not in named_stores(tmp_path, spots, 0.005)  # now here, now there


def test_empty_columns_of_coordinates_make_no_positions(tmp_path: Path) -> None:
    rows = [["甲寨", "自然村", "", ""], ["乙寨", "自然村", "", ""]]
    path = write_csv(tmp_path / "村.csv", rows, ["村名", "层级", "经度", "纬度"])
    outcome = run(path, crs=None)
    assert outcome.layer is not None
    assert "geometry" not in outcome.layer.frame
    rows = [["甲寨", "自然村", "东", "北"]]
    broken = write_csv(tmp_path / "坏.csv", rows, ["村名", "层级", "经度", "纬度"])
    assert [row.row for row in run(broken, crs=None).refused] == [2]


def test_broken_shapes_are_mended_and_told(tmp_path: Path) -> None:
    def at(*corners: tuple[float, float]) -> Any:
        return shapely.Polygon([(LON + x / 100, LAT + y / 100) for x, y in corners])

    shapes = [
        at((0, 0), (1, 0), (1, 1), (0, 1)),
        at((0, 0), (2, 2), (2, 0), (0, 2)),  # a bow tie: made valid, area 0 before
        at((0, 0), (1, 0), (2, 0)),  # no area
    ]
    features = [
        {
            "type": "Feature",
            "properties": {"名称": f"{i}镇"},
            "geometry": shapely.geometry.mapping(shape),
        }
        for i, shape in enumerate(shapes)
    ]
    path = tmp_path / "界.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    outcome = run(path, "townships", accept_refused=True)
    assert codes(outcome) == [
        (2, "geometry", "geometry-changed"),
        (3, "geometry", "geometry-collapsed"),
    ]
    assert outcome.report.repaired >= 1
    assert "made-valid" in [notice.code for notice in outcome.report.notices]
    assert outcome.layer is not None
    assert len(outcome.layer) == 2


def test_a_file_without_rows(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        run(write_csv(tmp_path / "空.csv", []))
    assert caught.value.code


def test_usage_errors(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "村庄.csv", ROWS)
    for options, code in [
        ({"layer": "elevation"}, "layer-is-raster"),
        ({"layer": "nonsense"}, "layer-unknown"),
        ({"values": {"nope": "1"}}, "field-unknown"),
        ({"values": {"level": "nope"}}, "value-unknown"),
    ]:
        with pytest.raises(UsageError) as caught:
            run(path, **options)  # type: ignore[arg-type]
        assert caught.value.code == code


def test_a_value_for_all_rows(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "村.csv", [["甲寨", LON, LAT]], ["村名", "经度", "纬度"])
    with pytest.raises(DataError) as caught:
        run(path)
    assert caught.value.code == "field-no-column"
    outcome = run(path, values={"level": "自然村"})
    assert outcome.layer is not None
    assert outcome.layer.frame["level"].tolist() == ["natural"]


def test_a_missing_crs_says_what_to_do(tmp_path: Path) -> None:
    rows = [["甲寨", "自然村", "江那镇", "", "", 432642.0, 2611000.0]]
    head = [*HEAD[:5], "x", "y"]
    with pytest.raises(CrsError):
        run(write_csv(tmp_path / "村.csv", rows, head), crs=None)


def test_the_sheet_that_fits_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "两表.xlsx"
    with pd.ExcelWriter(path, engine="xlsxwriter") as writer:
        pd.DataFrame({"说明": ["a"], "填表人": ["b"]}).to_excel(
            writer, sheet_name="说明", index=False
        )
        pd.DataFrame(ROWS, columns=HEAD).to_excel(writer, sheet_name="数据", index=False)
    outcome = run(path)
    assert outcome.report.table == "数据"
    assert outcome.layer is not None
    with pd.ExcelWriter(path, engine="xlsxwriter") as writer:
        for sheet in ("一", "二"):
            pd.DataFrame(ROWS, columns=HEAD).to_excel(writer, sheet_name=sheet, index=False)
    with pytest.raises(UsageError) as caught:
        run(path)
    assert caught.value.code == "table-several"
    assert run(path, table="二").report.table == "二"


def test_what_came_out_can_go_in_again(tmp_path: Path, stored: Layer) -> None:
    path = tmp_path / "back.gpkg"
    stored.frame.to_file(path, driver="GPKG", layer="villages")
    outcome = run(path, current={"villages": stored}, crs=None)
    assert outcome.plan.counts() == {"added": 0, "changed": 0, "removed": 0, "unchanged": 4}
    fresh = run(path, crs=None)
    assert fresh.layer is not None
    assert fresh.layer.frame["id"].tolist() == stored.frame["id"].tolist()


def test_quality_stands_in_the_source(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "村庄.csv", ROWS)
    outcome = run(path, attributes=Quality.SURVEYED, position=Quality.DERIVED)
    assert outcome.layer is not None
    assert outcome.layer.quality is Quality.DERIVED


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(range(6)), bad=st.sets(st.integers(0, 5)))
def test_rows_add_up_and_their_order_does_not_matter(
    tmp_path: Path, order: list[int], bad: set[int]
) -> None:
    rows = [
        [f"{name}寨", "自然村", "江那镇", "", "很多" if i in bad else str(i), LON + i / 100, LAT]
        for i, name in enumerate("甲乙丙丁戊己")
    ]
    straight = run(write_csv(tmp_path / "a.csv", rows), accept_refused=True)
    mixed = run(write_csv(tmp_path / "b.csv", [rows[i] for i in order]), accept_refused=True)
    for outcome in (straight, mixed):
        report = outcome.report
        assert report.accepted + report.refused == report.read == 6
        assert report.refused == len(bad)
        assert len({row.row for row in outcome.refused}) == len(bad)
        assert (outcome.layer is None) == (len(bad) == 6)
    if straight.layer is not None and mixed.layer is not None:
        columns = ["id", "name", "population"]
        pd.testing.assert_frame_equal(
            pd.DataFrame(straight.layer.frame[columns]), pd.DataFrame(mixed.layer.frame[columns])
        )
