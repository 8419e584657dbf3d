"""Column 4: stores with their quantities, each in its own unit; no figure stays no figure."""

import pandas as pd
import pytest
import shapely
from towns import layer, points

from yanshan_gis.methods.locations import by_township

QUANTITIES = ("volume_m3", "floor_area_m2", "site_area_mu")
SITES = [
    ("甲库", 0, 0, {"township": "甲镇", "committee": "V000001", "volume_m3": 500.0}),
    ("乙库", 10, 0, {"township": "甲镇", "volume_m3": 1500.0, "floor_area_m2": 90.0}),
    ("丙库", 20, 0, {"township": "乙乡", "floor_area_m2": 200.0}),
    ("丁库", 30, 0, {"township": "乙乡"}),
]


@pytest.fixture(scope="module")
def result():
    boxes = [shapely.box(i, 0, i + 1, 1) for i in range(3)]
    return by_township(
        sites=points("cold_storage", *SITES),
        committees=points("villages", ("新寨村委会", 0, 0, {"level": "committee"})),
        townships=layer("townships", [{"name": n} for n in ("甲镇", "乙乡", "丙乡")], boxes),
        quantities=QUANTITIES,
    )


def test_sums_keep_their_units(result):
    found = {i.key: (i.value, i.unit, i.denominator) for i in result.indicators}
    assert found["sites"] == (4, "个", None)
    assert found["volume_m3"] == (2000, "m³", 2)
    assert found["floor_area_m2"] == (290, "m²", 2)
    assert found["no_figure"][0] == 1
    assert "site_area_mu" not in found  # nobody gave one: no sum, not a zero


def test_by_township_leaves_unknown_sums_empty(result):
    table = result.tables["by_township"].set_index("township")
    assert table.loc["甲镇", ["sites", "no_figure", "volume_m3"]].tolist() == [2, 0, 2000]
    assert table.loc["乙乡", ["sites", "no_figure"]].tolist() == [2, 1]
    assert pd.isna(table.loc["乙乡", "volume_m3"])
    assert table.loc["丙乡", "sites"] == 0  # listed, without a store
    assert table.loc["全县", ["sites", "volume_m3", "floor_area_m2"]].tolist() == [4, 2000, 290]


def test_sites_say_what_is_known(result):
    frame = result.layers["sites"].set_index("name")
    assert frame["known"].tolist() == ["volume_m3", "volume_m3", "floor_area_m2", "none"]
    assert frame.loc["乙库", "figure"] == "1500 m³；90 m²"
    assert frame.loc["丁库", "figure"] == ""
    assert frame.loc["甲库", "committee_name"] == "新寨村委会"


def test_a_site_that_names_no_township_counts_for_the_one_it_lies_in():
    boxes = [shapely.box(0, -1, 5, 1), shapely.box(15, -1, 25, 1)]
    result = by_township(
        sites=points("cold_storage", ("甲库", 1, 0), ("丙库", 20, 0), ("丁库", 30, 0)),
        committees=None,
        townships=layer("townships", [{"name": n} for n in ("甲镇", "乙乡")], boxes),
        quantities=QUANTITIES,
    )
    table = result.tables["by_township"].set_index("township")["sites"]
    assert table.to_dict() == {"甲镇": 1, "乙乡": 1, "（乡镇不明）": 1, "全县": 3}


def test_townships_stand_in_the_order_of_their_codes():
    boxes = [shapely.box(0, -1, 5, 1), shapely.box(15, -1, 25, 1)]
    rows = [{"name": "丙乡", "code": "532622201"}, {"name": "甲镇", "code": "532622101"}]
    result = by_township(
        sites=points("cold_storage", ("甲库", 1, 0), ("丙库", 20, 0), ("丁库", 30, 0)),
        committees=None,
        townships=layer("townships", rows, boxes),
        quantities=QUANTITIES,
    )
    order = result.tables["by_township"]["township"].tolist()
    assert order == ["甲镇", "丙乡", "（乡镇不明）", "全县"]
