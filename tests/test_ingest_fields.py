"""Headings to fields: how they match, what a unit in brackets does, what is never lost."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yanshan_gis.content import LayerDef
from yanshan_gis.errors import UnitError, UsageError
from yanshan_gis.ingest.cells import read_unit, unit_factor
from yanshan_gis.ingest.fields import RESERVED, map_fields


def title(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


STORES = LayerDef.model_validate(
    {
        "name": "stores",
        "title": title("冷库", "Cold stores"),
        "geometry": "Point",
        "id_prefix": "CS",
        "fields": {
            "name": {"type": "text", "title": title("名称", "Name"), "aliases": ["冷库名称"]},
            "township": {
                "type": "text",
                "title": title("乡镇", "Township"),
                "aliases": ["所属乡镇名称"],
            },
            "volume_m3": {
                "type": "number",
                "unit": "m³",
                "title": title("库容", "Volume"),
                "aliases": ["容积", "库容（立方米）"],
            },
            "road_m": {
                "type": "number",
                "unit": "m",
                "title": title("里程", "Length"),
                "aliases": ["连接道路总里程（公里）"],
            },
            "people": {"type": "integer", "title": title("人口", "People")},
            "ledger_in_village_km": {
                "type": "number",
                "unit": "km",
                "title": title("屯内里程", "In-village"),
            },
            "ledger_in_village_hardened_km": {
                "type": "number",
                "unit": "km",
                "title": title("屯内硬化里程", "Hardened"),
            },
        },
    }
)


def mapped(*columns: str, **given_columns: str):
    return map_fields(pd.DataFrame(columns=list(columns)), STORES, given_columns)


@pytest.mark.parametrize(
    ("heading", "field", "how"),
    [
        ("name", "name", "exact"),
        ("NAME", "name", "exact"),
        ("名　称", "name", "title"),
        (" Volume ", "volume_m3", "title"),
        ("冷库名称*", "name", "alias"),
        ("乡（镇）", "township", "title"),
        ("库容（m³）", "volume_m3", "title"),
        ("名称（必填）", "name", "title"),
        ("人口(2023年)", "people", "title"),
        ("所属乡镇名", "township", "cut"),
    ],
)
def test_a_heading_finds_its_field(heading: str, field: str, how: str) -> None:
    match = mapped(heading).match_of(field)
    assert match is not None
    assert (match.column, match.how) == (heading, how)


@pytest.mark.parametrize(
    ("heading", "field", "unit", "factor"),
    [
        ("里程(公里)", "road_m", "km", 1000.0),
        ("里程【米】", "road_m", "m", 1.0),
        ("库容（万立方米）", "volume_m3", "m³", 1e4),
        ("库容（单位：m3）", "volume_m3", "m³", 1.0),
        ("人口（万人）", "people", "人", 1e4),
    ],
)
def test_a_unit_in_the_heading_is_converted(
    heading: str, field: str, unit: str, factor: float
) -> None:
    match = mapped(heading).match_of(field)
    assert match is not None
    assert (match.unit, match.factor) == (unit, factor)


def test_a_unit_of_another_kind_is_no_match_and_the_column_is_kept() -> None:
    found = mapped("库容（吨）")
    assert found.matches == ()
    assert found.extra == (("库容（吨）", "库容（吨）"),)
    assert [n.code for n in found.notices] == ["heading-unit"]


def test_a_cut_name_takes_the_unit_of_the_alias_it_was_cut_from() -> None:
    # 连接道路总 is 连接道路总里程（公里） cut to ten bytes of GBK
    match = mapped("连接道路总").match_of("road_m")
    assert match is not None
    assert (match.how, match.factor) == ("cut", 1000.0)


def test_a_cut_name_that_fits_two_fields_is_left_to_the_user() -> None:
    found = mapped("ledger_in_")
    assert found.matches == ()
    assert [n.code for n in found.notices] == ["column-torn"]
    assert found.extra == (("ledger_in_", "ledger_in_"),)


def test_the_better_match_wins_and_the_other_is_said_and_kept() -> None:
    found = mapped("容积", "库容")
    assert found.match_of("volume_m3").column == "库容"  # type: ignore[union-attr]
    assert found.extra == (("容积", "容积"),)
    assert [n.code for n in found.notices] == ["field-several"]


def test_equal_matches_are_an_error_with_all_candidates() -> None:
    with pytest.raises(UsageError) as caught:
        mapped("库容", "库容(m3)", "名称", "名 称")
    assert caught.value.code == "field-ambiguous"
    assert "volume_m3: 库容, 库容(m3)" in str(caught.value)
    assert "name: 名称, 名 称" in str(caught.value)


def test_the_user_decides() -> None:
    found = mapped("库容", "库容(m3)", volume_m3="库容（M3）")
    assert found.match_of("volume_m3").how == "given"  # type: ignore[union-attr]
    assert found.match_of("volume_m3").column == "库容(m3)"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("wrong", "code"), [({"nope": "库容"}, "field-unknown"), ({"name": "nope"}, "column-unknown")]
)
def test_a_choice_that_does_not_exist(wrong: dict[str, str], code: str) -> None:
    with pytest.raises(UsageError) as caught:
        mapped("库容", **wrong)
    assert caught.value.code == code


def test_a_given_column_in_a_foreign_unit() -> None:
    with pytest.raises(UnitError) as caught:
        mapped("重量（吨）", volume_m3="重量（吨）")
    assert caught.value.code == "unit-kind"


def test_extra_columns_never_clash_with_ours() -> None:
    found = mapped("ID", "FID", "备注", "source_id", "file_fid")
    assert found.extra == (
        ("ID", "file_ID"),
        ("FID", "file_FID_2"),
        ("备注", "备注"),
        ("source_id", "file_source_id"),
        ("file_fid", "file_fid"),
    )


def test_our_own_ids_come_back_as_ids() -> None:
    frame = pd.DataFrame({"id": ["CS000001", None], "source_id": ["a", "b"], "名称": ["甲", "乙"]})
    found = map_fields(frame, STORES)
    assert found.id_column == "id"
    assert found.extra == ()
    foreign = map_fields(frame.assign(id=["17", "18"]), STORES)
    assert foreign.id_column is None
    assert ("id", "file_id") in foreign.extra


def test_the_mapping_prints_as_a_table() -> None:
    rows = mapped("库容（万立方米）", "备注").to_rows("zh")
    assert rows[0] == {
        "column": "库容（万立方米）",
        "field": "volume_m3",
        "title": "库容",
        "how": "title",
        "unit": "m³",
        "factor": 1e4,
    }
    assert rows[1]["how"] == "extra"


def test_units_are_read_as_written() -> None:
    assert read_unit("万亩") == ("亩", 1e4)
    assert read_unit("㎡") == ("m²", 1.0)
    assert read_unit("亿元") == ("亿元", 1.0)
    assert unit_factor(("亿元", 1.0), "万元") == pytest.approx(1e4)
    assert read_unit("镇") is None


@settings(deadline=None)
@given(st.lists(st.sampled_from(
    ["name", "名称", "库容(m3)", "ID", "geom", "备注", "里程(公里)", "人口", "", " ", "X", "x"]
), unique=True))  # fmt: skip
def test_every_column_goes_somewhere_under_a_name_of_its_own(columns: list[str]) -> None:
    try:
        found = mapped(*columns)
    except UsageError as error:
        assert error.code == "field-ambiguous"  # noqa: PT017
        return
    assert sorted([m.column for m in found.matches] + [c for c, _ in found.extra]) == sorted(
        columns
    )
    names = [name.casefold() for _, name in found.extra]
    assert len(set(names)) == len(names)
    assert not set(names) & {*RESERVED, *STORES.fields}


@pytest.mark.parametrize(
    ("heading", "field", "how"),
    [
        ("基本情况/人口", "people", "part"),
        ("冷库/容积（万m³）", "volume_m3", "part"),
        ("道路/合计/里程", "road_m", "part"),
        ("屯内/里程", "ledger_in_village_km", "title"),  # all parts together say more
    ],
)
def test_the_parts_of_a_nested_head_together_or_the_last_alone(heading, field, how) -> None:
    [match] = mapped(heading).matches
    assert (match.field, match.column, match.how) == (field, heading, how)


def test_a_unit_stands_in_the_last_part_of_a_nested_head() -> None:
    match = mapped("冷库/容积（万m³）").match_of("volume_m3")
    assert match is not None
    assert match.factor == 10_000


def test_a_whole_head_wins_over_the_part_of_another() -> None:
    mapping = mapped("户籍/人口", "人口")
    assert mapping.match_of("people").column == "人口"
    assert mapping.extra == (("户籍/人口", "户籍/人口"),)


def test_parts_that_are_not_clear_are_kept_and_told() -> None:
    mapping = mapped("户籍/人口", "常住/人口")
    assert not mapping.matches
    assert [notice.code for notice in mapping.notices] == ["column-parts"]


def test_a_stroke_in_a_unit_nests_nothing() -> None:
    assert mapped("速度（km/h）").extra == (("速度（km/h）", "速度（km/h）"),)
