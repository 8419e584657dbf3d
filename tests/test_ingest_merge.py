"""Merging: which features keep their ids, what changed, and what the name table remembers.

The little town, current layer:

    V000001 committee 锦山   江那镇  code 101   (0, 0)
    V000002 natural   新寨   江那镇  of 锦山    (1, 0)
    V000003 natural   大坝   江那镇  of 锦山    (2, 0)
    V000004 natural   新寨   平远镇             (3, 0)
"""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from yanshan_gis.content import LayerDef
from yanshan_gis.ingest.matching import Gazetteer, number_ids, recognise
from yanshan_gis.ingest.merge import MergePlan, plan_merge
from yanshan_gis.layer import Layer, NameRecord, Quality, Source

CRS = "EPSG:4544"


def title(zh: str) -> dict[str, str]:
    return {"zh": zh, "en": zh}


VILLAGES = LayerDef.model_validate(
    {
        "name": "villages",
        "title": title("村庄"),
        "geometry": "Point",
        "id_prefix": "V",
        "fields": {
            "name": {"type": "text", "title": title("村名")},
            "code": {"type": "text", "title": title("代码")},
            "level": {"type": "text", "title": title("层级")},
            "township": {"type": "text", "title": title("乡镇")},
            "parent": {"type": "reference", "layer": "villages", "title": title("村委会")},
            "population": {"type": "integer", "title": title("人口")},
            "piped": {"type": "boolean", "title": title("通水")},
        },
    }
)
ROADS = LayerDef.model_validate(
    {
        "name": "roads",
        "title": title("道路"),
        "geometry": "LineString",
        "id_prefix": "R",
        "fields": {
            "name": {"type": "text", "title": title("路名")},
            "route_code": {"type": "text", "title": title("编号")},
            "township": {"type": "text", "title": title("乡镇")},
        },
    }
)
OLD = Source("old", "2022.xlsx", as_of=date(2022, 12, 31))
NEW = Source("new", "2023.xlsx", as_of=date(2023, 12, 31))


def villages(rows: list[tuple[Any, ...]]) -> gpd.GeoDataFrame:
    columns = ["id", "name", "code", "level", "township", "parent", "population", "x"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["population"] = frame["population"].astype("Int64")
    shapes = shapely.points(frame.pop("x").to_numpy(float), 0.0)
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=CRS)


def current() -> Layer:
    frame = villages(
        [
            ("V000001", "锦山社区", "101", "committee", "江那镇", None, None, 0),
            ("V000002", "新寨", None, "natural", "江那镇", "V000001", 120, 1),
            ("V000003", "大坝", None, "natural", "江那镇", "V000001", 80, 2),
            ("V000004", "新寨", None, "natural", "平远镇", None, 60, 3),
        ]
    )
    frame.insert(1, "source_id", "old")
    return Layer(VILLAGES, frame, (OLD,))


NAMES = {"V000001": "锦山社区"}


def incoming(rows: list[tuple[Any, ...]]) -> gpd.GeoDataFrame:
    return villages([(None, *row) for row in rows]).drop(columns="id")


def found(rows: list[tuple[Any, ...]], **known: Any) -> list[tuple[str | None, str]]:
    gazetteer = Gazetteer(names=NAMES, **known)
    matches = recognise(incoming(rows), current().frame, VILLAGES, gazetteer)
    return [(m.id, m.how) for m in matches]


def test_villages_are_known_by_name_within_the_township() -> None:
    assert found(
        [
            ("新寨", None, "natural", "平远镇", None, 61, 3),
            ("新寨", None, "natural", "江那镇", "锦山", 120, 1),
            ("锦山村委会", "101", "committee", "江那镇", None, None, 0),
            ("新地", None, "natural", "江那镇", "锦山", 10, 9),
        ]
    ) == [("V000004", "name"), ("V000002", "name"), ("V000001", "name"), (None, "")]


def test_a_renamed_village_is_known_by_code_or_alias() -> None:
    assert found([("锦绣社区", "101", "committee", "江那镇", None, None, 0)]) == [
        ("V000001", "code")
    ]
    records = (NameRecord("V000003", "老坝", kind="alias"),)
    assert found(
        [("老坝", None, "natural", "江那镇", None, 80, 2)], records=records
    ) == [("V000003", "alias")]  # fmt: skip


def test_a_code_that_changed_hands_does_not_beat_the_name() -> None:
    rows = [
        ("别处社区", "101", "committee", "江那镇", None, None, 9),
        ("锦山社区", "205", "committee", "江那镇", None, None, 0),
    ]
    assert found(rows) == [(None, ""), ("V000001", "name")]


def test_two_rows_for_one_feature_are_neither() -> None:
    rows = [("大坝", None, "natural", "江那镇", None, n, n) for n in (1, 2)]
    matches = recognise(incoming(rows), current().frame, VILLAGES, Gazetteer(names=NAMES))
    assert [m.id for m in matches] == [None, None]
    assert matches[0].notice is not None
    assert matches[0].notice.code == "feature-contested"


def test_another_level_of_the_same_name_is_another_village() -> None:
    assert found([("大坝", None, "committee", "江那镇", None, 1, 7)]) == [(None, "")]


def test_only_the_key_that_was_asked_for() -> None:
    rows = incoming([("锦山社区", "999", "committee", "江那镇", None, None, 0)])
    known = Gazetteer(names=NAMES)
    by = {
        key: recognise(rows, current().frame, VILLAGES, known, key)[0].id
        for key in ("id", "code", "name")
    }
    assert by == {"id": None, "code": None, "name": "V000001"}


def test_lines_are_known_by_shape_then_route_code() -> None:
    lines = [[(0, 0), (1, 0)], [(1, 0), (2, 0)], [(5, 5), (6, 6)]]
    old = gpd.GeoDataFrame(
        {
            "id": ["R000001", "R000002", "R000003"],
            "route_code": ["Y001", "Y001", "C002"],
            "name": [None, None, None],
        },
        geometry=[shapely.LineString(c) for c in lines],
        crs=CRS,
    )
    new = gpd.GeoDataFrame(
        {"route_code": ["C002", "Y001", "Y001"], "name": [None, None, None]},
        geometry=[
            shapely.LineString([(5, 5), (7, 7)]),
            shapely.LineString([(2, 0), (1, 0)]),  # R000002 drawn the other way
            shapely.LineString([(8, 8), (9, 9)]),  # Y001 again, but nobody's shape
        ],
        crs=CRS,
    )
    matches = recognise(new, old, ROADS, Gazetteer())
    # Y001 is settled for the second row by shape; then one Y001 is left on each side
    assert [(m.id, m.how) for m in matches] == [
        ("R000003", "route_code"),
        ("R000002", "geometry"),
        ("R000001", "route_code"),
    ]


def planned(rows: list[tuple[Any, ...]], mode: str, names: list[NameRecord] | None = None):
    layer = current()
    frame = incoming(rows)
    matches = recognise(frame, layer.frame, VILLAGES, Gazetteer(names=NAMES))
    if mode == "update":
        assert all(m.id for m in matches)
    frame["id"] = number_ids(frame, [m.id for m in matches], "V", list(layer.frame["id"]))
    frame["parent"] = frame["parent"].map(lambda name: "V000001" if isinstance(name, str) else None)
    return plan_merge(
        layer, frame, mode, definition=VILLAGES, source=NEW, names=names or []  # type: ignore[arg-type]
    )  # fmt: skip


def test_replace_keeps_ids_and_tells_what_changed() -> None:
    plan = planned(
        [
            ("新寨", None, "natural", "江那镇", "锦山", 130, 1),
            ("锦山社区", "101", "committee", "江那镇", None, None, 0.5),
            ("新寨", None, "natural", "平远镇", None, 60, 3),
            ("新地", None, "natural", "江那镇", "锦山", 10, 9),
        ],
        "replace",
    )
    assert plan.counts() == {"added": 1, "changed": 2, "removed": 1, "unchanged": 1}
    assert plan.frame["id"].tolist() == ["V000001", "V000002", "V000004", "V000005"]
    assert plan.frame["source_id"].tolist() == ["new"] * 4
    assert plan.sources == (NEW,)
    assert plan.added["name"].tolist() == ["新地"]
    assert plan.removed["id"].tolist() == ["V000003"]
    assert plan.unchanged == ("V000004",)
    assert plan.changed.to_numpy().tolist() == [
        ["V000001", "锦山社区", "geometry", "0.0, 0.0", "0.5, 0.0"],
        ["V000002", "新寨", "population", "120", "130"],
    ]
    layer = plan.apply(VILLAGES)
    assert (layer.crs, str(layer.frame["population"].dtype)) == (CRS, "Int64")
    assert plan.names == (NameRecord("V000003", "大坝", "", "former", "", "2023-12-31"),)


def test_append_leaves_the_rest_alone() -> None:
    plan = planned([("新地", None, "natural", "江那镇", "锦山", 10, 9)], "append")
    assert plan.counts() == {"added": 1, "changed": 0, "removed": 0, "unchanged": 4}
    assert plan.frame["source_id"].tolist() == ["old"] * 4 + ["new"]
    assert plan.sources == (NEW, OLD)


def test_update_changes_what_the_file_fills_and_nothing_else() -> None:
    layer = current()
    frame = pd.DataFrame(
        {
            "id": ["V000002", "V000003", "V000004"],
            "population": pd.array([None, 81, 60], "Int64"),
            "piped": pd.array([True, None, None], "boolean"),
        }
    )
    plan = plan_merge(layer, frame, "update", definition=VILLAGES, source=NEW)
    assert plan.counts() == {"added": 0, "changed": 2, "removed": 0, "unchanged": 2}
    assert plan.changed.to_numpy().tolist() == [
        ["V000002", "新寨", "piped", "", "True"],
        ["V000003", "大坝", "population", "80", "81"],
    ]
    assert plan.frame["source_id"].tolist() == ["old", "new-1", "new-1", "old"]
    assert plan.frame["population"].tolist() == [pd.NA, 120, 81, 60]
    assert plan.frame["piped"].tolist() == [pd.NA, True, pd.NA, pd.NA]
    assert isinstance(plan.frame, gpd.GeoDataFrame)
    assert plan.frame.geometry.x.tolist() == [0, 1, 2, 3]
    assert layer.frame["population"].tolist()[2] == 80  # what was given is as it was


def test_a_ledger_does_not_make_modelled_positions_better() -> None:
    layer = current()
    modelled = Source("old", "模型", attributes=Quality.REPORTED, position=Quality.MODELLED,
                      licence="ODbL")  # fmt: skip
    layer = Layer(VILLAGES, layer.frame, (modelled,))
    frame = pd.DataFrame({"id": ["V000002"], "population": pd.array([7], "Int64")})
    plan = plan_merge(layer, frame, "update", definition=VILLAGES, source=NEW)
    assert plan.frame["source_id"].tolist() == ["old", "new-1", "old", "old"]
    mixed = plan.sources[0]
    assert (mixed.id, mixed.position, mixed.licence) == ("new-1", Quality.MODELLED, "ODbL")
    assert mixed.origin == f"模型; {NEW.origin}"
    again = plan_merge(
        plan.apply(VILLAGES), frame.assign(population=pd.array([8], "Int64")), "update",
        definition=VILLAGES, source=NEW,
    )  # fmt: skip
    assert {s.origin for s in again.sources} == {"模型", mixed.origin}
    assert [s.id for s in again.sources] == ["new-1", "old"]
    assert plan.apply(VILLAGES).modelled
    moved = incoming([("新寨", None, "natural", "江那镇", None, 7, 1.5)]).assign(id=["V000002"])
    better = plan_merge(layer, moved, "update", definition=VILLAGES, source=NEW)
    assert {s.id: s.position for s in better.sources} == {
        "new-1": Quality.REPORTED,
        "old": Quality.MODELLED,
    }


def test_a_combined_source_never_takes_the_id_of_another() -> None:
    # V000002 of a ledger rests on "old" and "new"; then the same ledger touches V000003, which
    # came from elsewhere
    layer, other = current(), Source("other", "他表.xlsx")
    frame = layer.frame.assign(source_id=["old", "old", "other", "old"])
    layer = Layer(VILLAGES, frame, (OLD, other))
    for feature in ("V000002", "V000003"):
        rows = pd.DataFrame({"id": [feature], "population": pd.array([7], "Int64")})
        plan = plan_merge(layer, rows, "update", definition=VILLAGES, source=NEW)
        layer = plan.apply(VILLAGES)
    origins = {s.id: s.origin for s in layer.sources}
    assert [origins[i] for i in layer.frame["source_id"]] == [
        "2022.xlsx", "2022.xlsx; 2023.xlsx", "他表.xlsx; 2023.xlsx", "2022.xlsx"
    ]  # fmt: skip


def test_a_new_name_closes_the_old_one() -> None:
    records = [NameRecord("V000001", "锦山社区", "101", "official", "2001")]
    plan = planned([("锦绣社区", "101", "committee", "江那镇", None, None, 0)], "update", records)
    assert plan.names == (
        NameRecord("V000001", "锦山社区", "101", "former", "2001", "2023-12-31"),
        NameRecord("V000001", "锦绣社区", "101", "official", "2023-12-31", ""),
    )


def test_the_first_import_has_nothing_to_compare_with() -> None:
    frame = incoming([("甲", None, "natural", "江那镇", None, 1, 0)])
    frame["id"] = number_ids(frame, [None], "V", [])
    plan = plan_merge(None, frame, "replace", definition=VILLAGES, source=NEW, crs=CRS)
    assert plan.counts() == {"added": 1, "changed": 0, "removed": 0, "unchanged": 0}
    assert plan.frame["id"].tolist() == ["V000001"]
    assert plan.names == ()


def test_lines_that_go_leave_one_entry_so_that_ids_are_never_given_again() -> None:
    line = shapely.LineString([(0, 0), (1, 1)])
    ids = ["R000001", "R000002", "R000003"]
    old = gpd.GeoDataFrame(
        {"id": ids, "source_id": "old", "name": ["甲路", None, None]}, geometry=[line] * 3, crs=CRS
    )
    new = old.iloc[:0].drop(columns="source_id")
    plan = plan_merge(Layer(ROADS, old, (OLD,)), new, "replace", definition=ROADS, source=NEW)
    assert [record.id for record in plan.names] == ["R000003"]
    rows = pd.DataFrame({"name": ["乙路"]})
    assert number_ids(rows, [None], "R", [r.id for r in plan.names]) == ["R000004"]


def test_ids_are_not_used_twice() -> None:
    frame = incoming([("甲", None, "natural", "江那镇", None, 1, 0)])
    assert number_ids(frame, [None], "V", ["V000007", "R000099", "Vx"]) == ["V000008"]
    assert number_ids(frame, ["V000003"], "V", ["V000007"]) == ["V000003"]


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(6)))
def test_the_order_of_the_file_changes_nothing(order: list[int]) -> None:
    rows = [
        ("新寨", None, "natural", "江那镇", "锦山", 130, 1),
        ("新地", None, "natural", "江那镇", "锦山", 10, 9),
        ("锦山社区", "101", "committee", "江那镇", None, None, 0),
        ("甲寨", None, "natural", "平远镇", None, 60, 3),
        ("乙寨", None, "natural", "平远镇", None, 60, 3),
        ("乙寨", None, "natural", "平远镇", None, 61, 3),
    ]
    straight: MergePlan = planned(rows, "replace")
    mixed: MergePlan = planned([rows[i] for i in order], "replace")
    pd.testing.assert_frame_equal(pd.DataFrame(straight.frame), pd.DataFrame(mixed.frame))
    pd.testing.assert_frame_equal(straight.changed, mixed.changed)
    assert straight.names == mixed.names


@pytest.mark.parametrize("mode", ["replace", "append", "update"])
def test_what_was_given_is_not_changed(mode: str) -> None:
    layer = current()
    before = layer.frame.copy(deep=True)
    feature = "V000009" if mode == "append" else "V000002"
    frame = pd.DataFrame({"id": [feature], "population": pd.array([1], "Int64")})
    plan_merge(layer, frame, mode, definition=VILLAGES, source=NEW)  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(pd.DataFrame(before), pd.DataFrame(layer.frame))
    assert np.all(before.geometry.geom_equals(layer.frame.geometry))
