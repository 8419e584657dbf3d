"""Cells and rows: every form bureaus write, every problem at once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from yanshan_gis.content import Code, LayerDef
from yanshan_gis.errors import DataError
from yanshan_gis.ingest.cells import (
    CodeList,
    read_boolean,
    read_date,
    read_integer,
    read_number,
    read_text,
)
from yanshan_gis.ingest.fields import map_fields
from yanshan_gis.ingest.validate import check_duplicates, check_inside, validate_values

NOTHING = [None, float("nan"), "", " ", "—", "-", "/", "／", "无", pd.NaT]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1,234", 1234.0),
        ("1，234.5", 1234.5),
        ("１２３", 123.0),
        ("2万", 20000.0),
        ("1.2亿", 1.2e8),
        (" 7 ", 7.0),
        (3, 3.0),
        (np.float64(2.5), 2.5),
        ("-0.5", -0.5),
        ("1e3", 1000.0),
        ("3.5米", 3.5),
        ("3.5 公里", 3500.0),
        ("2千米", 2000.0),
    ],
)
def test_numbers(cell: Any, value: float) -> None:
    reading = read_number(cell, "m")
    assert reading.notice is None
    assert reading.value == pytest.approx(value)


@pytest.mark.parametrize("cell", NOTHING)
def test_nothing_stays_nothing(cell: Any) -> None:
    for read in (read_number, read_integer, read_date):
        assert read(cell).value is None
        assert read(cell).notice is None
    assert read_boolean("—").value is None
    assert read_text("—").value is None


@pytest.mark.parametrize("cell", ["约500", "500左右", "近500", "500余"])
def test_an_approximate_number_warns(cell: str) -> None:
    reading = read_number(cell)
    assert reading.value == 500.0
    assert reading.notice is not None
    assert (reading.notice.code, reading.severity) == ("number-approximate", "warn")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("三百", "number-unreadable"),
        ("3-5", "number-unreadable"),
        ("5楼", "number-unreadable"),
        ("inf", "number-unreadable"),
        ("1e999", "number-unreadable"),
        ("3吨", "unit-kind"),
    ],
)
def test_a_number_that_is_none(cell: str, code: str) -> None:
    reading = read_number(cell, "m")
    assert reading.value is None
    assert reading.notice is not None
    assert (reading.notice.code, reading.severity) == (code, "refuse")


def test_the_heading_unit_holds_for_bare_numbers_only() -> None:
    assert read_number("2", "m", 1000.0).value == 2000.0
    assert read_number("2米", "m", 1000.0).value == 2.0
    assert read_number("85%", "share").value == pytest.approx(0.85)


def test_whole_numbers() -> None:
    assert read_integer("1,200人", "人").value == 1200
    assert read_integer("1.2万", "人").value == 12000
    assert read_integer("1.5").notice.code == "number-not-whole"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "cell", ["是", "有", "√", "✓", 1, 1.0, "1", True, "Y", "yes", "已通", "已硬化", "通", "ｙ"]
)
def test_yes(cell: Any) -> None:
    assert read_boolean(cell).value is True


@pytest.mark.parametrize(
    "cell", ["否", "无", "×", 0, 0.0, "0", False, "N", "no", "未通", "未硬化", "没有", "不通"]
)
def test_no(cell: Any) -> None:
    assert read_boolean(cell).value is False


def test_neither_yes_nor_no() -> None:
    assert read_boolean("部分").notice.code == "boolean-unknown"  # type: ignore[union-attr]
    assert read_boolean("不详").value is None
    assert read_boolean("不详").notice is None


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2023年5月", "2023-05"),
        ("2023年5月12日", "2023-05-12"),
        ("2023年", "2023"),
        ("2023年12月底", "2023-12"),
        ("2023-05", "2023-05"),
        ("2023/5/1", "2023-05-01"),
        ("2023.5.1", "2023-05-01"),
        ("20230501", "2023-05-01"),
        ("202305", "2023-05"),
        (20230501, "2023-05-01"),
        (20230501.0, "2023-05-01"),
        (2023, "2023"),
        (45047, "2023-05-01"),  # what Excel stores for that day
        ("45047", "2023-05-01"),
        (datetime(2023, 5, 1, 8), "2023-05-01"),  # noqa: DTZ001
        (date(2023, 5, 1), "2023-05-01"),
        (pd.Timestamp("2023-05-01"), "2023-05-01"),
        ("2023-05-01 00:00:00", "2023-05-01"),
    ],
)
def test_dates(cell: Any, value: str) -> None:
    assert read_date(cell).value == value


@pytest.mark.parametrize("cell", ["去年", "2023-13", "2023-02-30", "23-5-1"])
def test_a_date_that_is_none(cell: str) -> None:
    assert read_date(cell).notice.code == "date-unreadable"  # type: ignore[union-attr]


def test_codes() -> None:
    codes = CodeList(
        {
            "asphalt": Code(zh="沥青", en="Asphalt", aliases=("柏油",)),
            "none": Code(zh="未铺装", en="None", aliases=("无",)),
        }
    )
    assert [codes.read(c).value for c in ("ASPHALT", "沥 青", "柏油", "无", "—")] == [
        "asphalt", "asphalt", "asphalt", "none", None,
    ]  # fmt: skip
    notice = codes.read("弹石").notice
    assert notice is not None
    assert notice.code == "code-unknown"
    assert "沥青 未铺装" in notice.render()


def title(zh: str) -> dict[str, str]:
    return {"zh": zh, "en": zh}


VILLAGES = LayerDef.model_validate(
    {
        "name": "villages",
        "title": title("村庄"),
        "geometry": "Point",
        "id_prefix": "V",
        "fields": {
            "name": {"type": "text", "title": title("村名"), "required": True},
            "code": {"type": "text", "title": title("代码")},
            "township": {"type": "text", "title": title("乡镇")},
            "population": {
                "type": "integer",
                "title": title("人口"),
                "unit": "人",
                "minimum": 0,
                "maximum": 10000,
            },
            "piped": {"type": "boolean", "title": title("通水")},
        },
    }
)


def validated(**columns: list[Any]):
    frame = pd.DataFrame(columns)
    rows = np.arange(2, 2 + len(frame))
    return validate_values(frame, rows, map_fields(frame, VILLAGES))


def test_all_problems_of_all_rows_at_once() -> None:
    frame, problems = validated(
        村名=["甲", None, "丙", "丁"],
        人口=["约1,200", "很多", "-5", "1万"],
        通水=["有", "大概", "无", "—"],
        备注=["x", None, 3.0, "y"],
    )
    assert [(p.row, p.field, p.notice.code, p.severity) for p in problems] == [
        (2, "population", "number-approximate", "warn"),
        (3, "name", "value-missing", "refuse"),
        (3, "population", "number-unreadable", "refuse"),
        (3, "piped", "boolean-unknown", "refuse"),
        (4, "population", "number-out-of-range", "refuse"),
    ]
    assert problems[1].notice.render("en") == "name (村名) must not be empty."
    assert problems[2].value == "很多"
    assert list(frame.columns) == ["name", "population", "piped", "备注"]
    assert frame["population"].tolist() == [1200, pd.NA, -5, 10000]
    assert str(frame["population"].dtype) == "Int64"
    assert frame["piped"].tolist() == [True, pd.NA, False, pd.NA]
    assert str(frame["piped"].dtype) == "boolean"
    assert frame["备注"].tolist() == ["x", None, "3", "y"]


def test_a_required_field_without_a_column() -> None:
    with pytest.raises(DataError) as caught:
        validated(人口=[1])
    assert caught.value.code == "field-no-column"
    frame = pd.DataFrame({"人口": [1]})
    values, problems = validate_values(
        frame, np.array([2]), map_fields(frame, VILLAGES), complete=False
    )
    assert (values["population"].tolist(), problems) == ([1], [])


def test_codes_that_a_sheet_turned_into_numbers_stay_codes() -> None:
    frame, _ = validated(村名=["甲"], 代码=[532622101001.0])
    assert frame["code"].tolist() == ["532622101001"]


def test_duplicates() -> None:
    frame = pd.DataFrame(
        {
            "id": ["V000001", "V000001", None, None, None],
            "name": ["甲", "乙", "丙寨村", "丙寨", "丙寨"],
            "township": ["江那镇", "江那镇", "江那镇", "江那镇", "平远镇"],
            "code": ["1", "2", None, None, "2"],
        }
    )
    shapes = shapely.points(np.arange(5), 0)
    problems = check_duplicates(frame, np.arange(2, 7), VILLAGES, shapes)
    assert [(p.row, p.notice.code, p.severity) for p in problems] == [
        (2, "id-duplicate", "refuse"),
        (3, "id-duplicate", "refuse"),
        (3, "code-duplicate", "warn"),
        (4, "name-duplicate", "warn"),
        (5, "name-duplicate", "warn"),
        (6, "code-duplicate", "warn"),
    ]


def test_equal_rows_refuse_all_but_the_first() -> None:
    frame = pd.DataFrame({"name": ["甲", "甲", "甲"], "population": pd.array([1, 1, 1], "Int64")})
    shapes = shapely.points([0, 0, 1], [0, 0, 0])
    problems = check_duplicates(frame, np.array([5, 6, 7]), VILLAGES, shapes)
    refused = [p for p in problems if p.severity == "refuse"]
    assert [(p.row, p.notice.code, p.notice.values["first"]) for p in refused] == [
        (6, "row-duplicate", 5)
    ]


def test_places_outside_the_county() -> None:
    # county 0..10 km square, diagonal 14.1 km: 5 km away warns, 8 km away is refused
    shapes = shapely.points([5000, 15000, 18000, -1000], [5000, 5000, 5000, 5000])
    problems = check_inside(shapes, np.arange(4), (0.0, 0.0, 10000.0, 10000.0))
    assert [(p.row, p.notice.code, p.severity) for p in problems] == [
        (1, "place-outside", "warn"),
        (2, "place-far", "refuse"),
        (3, "place-outside", "warn"),
    ]
    assert problems[0].notice.values["distance_km"] == pytest.approx(5.0)


@settings(deadline=None)
@given(st.integers(-(10**9), 10**9), st.sampled_from(["{}", "{:,}", " {} ", "{}.0"]))
def test_whole_numbers_survive_every_way_of_writing(number: int, form: str) -> None:
    assert read_integer(form.format(number)).value == number


@settings(deadline=None)
@given(st.text(max_size=12))
def test_no_text_breaks_a_reader(text: str) -> None:
    for read in (read_text, read_number, read_integer, read_boolean, read_date):
        reading = read(text)
        assert reading.value is None or reading.notice is None or reading.severity == "warn"
