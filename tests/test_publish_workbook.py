"""The workbook, read back: headings, types, and text that only looks like a formula."""

from __future__ import annotations

from datetime import date

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from towns import recipe_catalogue

from yanshan_gis.content import ChartDef, FieldDef, ResultDef, Title
from yanshan_gis.errors import WriteError
from yanshan_gis.publish.workbook import SheetTable, sheet_names, write_workbook
from yanshan_gis.publish.workbook_charts import Chart, chart_of

CREATED = date(2024, 12, 31)


def table(name="覆盖率"):
    frame = pd.DataFrame(
        {
            "township": ["平远镇", "=SUM(A1)", None],
            "share": [0.509, np.nan, 1.0],
            "households": pd.array([12, None, 3000], dtype="Int64"),
            "length_km": [1.25, 1017.84, np.inf],
            "exempt": pd.array([True, False, None], dtype="boolean"),
            "on": [date(2024, 5, 1), None, date(2024, 6, 30)],
            "hidden": [1, 2, 3],
        }
    )
    columns = {
        "township": ("乡镇", "", ""),
        "share": ("覆盖率", "share", ""),
        "households": ("户数", "户", ""),
        "length_km": ("里程", "km", "0.00"),
        "exempt": ("豁免", "", ""),
        "on": ("日期", "", ""),
    }
    return SheetTable(name, "分乡镇物流覆盖率", frame, columns, note="分母为108个村（居）委会")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "tables.xlsx"
    fields = pd.DataFrame({"字段": ["township"], "含义": ["乡镇名称"]})
    parameters = pd.DataFrame({"参数": ["limit"], "取值": [30], "单位": ["min"]})
    write_workbook(
        path, [table(), table()], created=CREATED, title="砚山县规划指标", dictionary=fields,
        parameters=parameters,
    )  # fmt: skip
    return openpyxl.load_workbook(path)


def test_the_sheets_are_listed_first_with_links(book):
    assert book.sheetnames == ["目录", "覆盖率", "覆盖率_2", "字段说明", "参数"]
    contents = book["目录"]
    assert contents["A1"].value == "砚山县规划指标"
    assert [contents.cell(row, 2).value for row in range(4, 8)] == book.sheetnames[1:]
    assert contents["B5"].hyperlink.location == "'覆盖率_2'!A1"
    assert [contents.cell(4, column).value for column in (1, 3, 4)] == [1, "分乡镇物流覆盖率", 3]


def test_headings_carry_units_and_the_table_can_be_filtered(book):
    sheet = book["覆盖率"]
    assert [cell.value for cell in sheet[3]][:6] == [
        "乡镇", "覆盖率\n（%）", "户数\n（户）", "里程\n（km）", "豁免", "日期",
    ]  # fmt: skip
    assert sheet["A1"].value == "分乡镇物流覆盖率"
    assert sheet["A2"].value == "分母为108个村（居）委会"
    assert sheet.auto_filter.ref == "A3:F6"
    assert sheet.freeze_panes == "B4"
    assert sheet.column_dimensions["A"].width > 9


def test_values_keep_their_types_and_nothing_stays_empty(book):
    sheet = book["覆盖率"]
    assert [cell.value for cell in sheet["B"][3:6]] == [0.509, None, 1]
    assert [cell.value for cell in sheet["C"][3:6]] == [12, None, 3000]
    assert [cell.value for cell in sheet["D"][3:6]] == [1.25, 1017.84, None]
    assert [cell.value for cell in sheet["E"][3:6]] == ["是", "否", None]
    assert sheet["F4"].value.date() == date(2024, 5, 1)
    assert sheet["A6"].value is None
    assert (sheet["B4"].number_format, sheet["C4"].number_format) == ("0.0%", "#,##0")
    assert (sheet["D4"].number_format, sheet["F4"].number_format) == ("0.00", "yyyy-mm-dd")


@pytest.mark.parametrize(
    "text", ["=1+1", "+86", "-未知", "@某人", '=HYPERLINK("x")', "http://a", "12"]
)
def test_text_that_looks_like_a_formula_stays_text(tmp_path, text):
    frame = pd.DataFrame({"a": [text]})
    write_workbook(
        tmp_path / "t.xlsx", [SheetTable("t", text, frame, {"a": (text, "", "")})], created=CREATED
    )
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["t"]
    for cell in (sheet["A1"], sheet["A3"], sheet["A4"]):
        assert (cell.value, cell.data_type) == (text, "s")


def test_the_same_tables_give_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(tmp_path / name, [table()], created=CREATED)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    properties = openpyxl.load_workbook(tmp_path / "a.xlsx").properties
    assert properties.created.date() == CREATED


def test_an_empty_table_and_english_words(tmp_path):
    empty = pd.DataFrame({"a": pd.Series([], dtype=float)})
    sheets = [SheetTable("none", "Nothing", empty, {"a": ("Share", "share", "")})]
    write_workbook(tmp_path / "t.xlsx", sheets, created=CREATED, language="en")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == ["Contents", "none"]
    assert book["none"]["A3"].value == "Share\n(%)"


def test_a_workbook_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "t.xlsx").mkdir()
    with pytest.raises(WriteError) as caught:
        write_workbook(tmp_path / "t.xlsx", [table()], created=CREATED)
    assert caught.value.code == "file-not-written"


@given(st.lists(st.text(min_size=0, max_size=50), max_size=12))
def test_names_of_sheets_are_legal_and_unique(wished):
    names = sheet_names(wished)
    assert len({name.casefold() for name in names}) == len(wished)
    for name in names:
        assert 0 < len(name) <= 31
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'")
        assert not name.endswith("'")


def chart_book(tmp_path, frame, columns, chart, **more):
    path = tmp_path / "chart.xlsx"
    sheet = SheetTable("图", "分乡镇", frame, columns, chart=chart, **more)
    write_workbook(path, [sheet], created=CREATED)
    return openpyxl.load_workbook(path)["图"]


def test_shares_by_township_are_native_bars(tmp_path):
    share = FieldDef(type="number", unit="share", title=Title(zh="覆盖率", en="Share"))
    count = FieldDef(type="integer", title=Title(zh="村数", en="Villages"))
    frame = pd.DataFrame({"township": ["甲镇", "乙乡"], "n": [2, 4], "share": [0.5, 0.25]})
    fields = {"n": count, "share": share}
    chart = chart_of(frame, fields, None)
    assert chart == Chart("township", ("share",))
    columns = {
        "township": ("乡镇", "", ""),
        "n": ("村数", "", ""),
        "share": ("覆盖率", "share", ""),
    }
    sheet = chart_book(tmp_path, frame, columns, chart)
    (drawn,) = sheet._charts
    (series,) = drawn.ser
    assert series.cat.strRef.f == "图!$A$4:$A$5"
    assert series.val.numRef.f == "图!$C$4:$C$5"
    assert chart_of(frame.iloc[:1], fields, None) is None
    assert chart_of(pd.concat([frame, frame]), fields, None) is None  # a township twice
    assert chart_of(frame.drop(columns="share"), fields, None) is None


def test_a_recipe_asks_for_a_curve(tmp_path):
    steps = recipe_catalogue()["harden-first"].results["steps"]
    frame = pd.DataFrame({"order": [1, 2], "cumulative_km": [3.0, 8.0],
                          "cumulative_gain": [40.0, 55.0]})  # fmt: skip
    chart = chart_of(frame, steps.fields, steps)
    assert chart == Chart("cumulative_km", ("cumulative_gain",), curve=True)
    columns = {name: (name, "", "") for name in frame}
    (drawn,) = chart_book(tmp_path, frame, columns, chart)._charts
    assert drawn.tagname == "scatterChart"
    assert drawn.ser[0].yVal.numRef.f == "图!$C$4:$C$5"


def test_a_chart_of_no_field_is_a_content_error():
    with pytest.raises(ValueError, match="chart"):
        ResultDef(title=Title(zh="表", en="T"), chart=ChartDef(x="km", y=("gain",)))


def test_rows_may_have_formats_of_their_own(tmp_path):
    frame = pd.DataFrame({"value": [0.5, 12.0]})
    sheet = chart_book(
        tmp_path, frame, {"value": ("数值", "", "")}, None, formats={"value": ["0.0%", ""]}
    )
    assert [sheet["A4"].number_format, sheet["A5"].number_format] == ["0.0%", "#,##0.0##"]


def test_what_looks_like_a_formula_stays_text(book):
    cell = book["覆盖率"]["A5"]
    assert (cell.value, cell.data_type) == ("=SUM(A1)", "s")
