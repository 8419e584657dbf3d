"""Tables of indicators and statistics as bureaus hand them in: units, references, refusals."""

import openpyxl
import pytest
from towns import COUNTY, small_county

from yanshan_gis.errors import DataError
from yanshan_gis.ingest.measures import read_unit_name
from yanshan_gis.ingest.pipeline import ImportRequest, import_file


def write(path, rows, formats=None):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for cell, code in (formats or {}).items():
        sheet[cell].number_format = code
    book.save(path)
    return path


@pytest.fixture
def bring(tmp_path):
    """Import rows as an Excel file into the small county, and return what came of it."""
    from towns import layer_catalogue

    def call(layer, *rows, current=None, formats=None, **options):
        path = write(tmp_path / "统计表.xlsx", rows, formats)
        known = {found.name: found for found in small_county()} if current is None else current
        return import_file(
            ImportRequest(layer, path, **options),
            catalogue=layer_catalogue(), county=COUNTY, current=known,
        )  # fmt: skip

    return call


def refusals(outcome):
    return {
        (p.row, p.field): p.notice.code for p in outcome.report.problems if p.severity == "refuse"
    }


def test_indicators_are_known_by_number_or_name(bring):
    outcome = bring(
        "统计数据",
        ["指标名称", "数值", "单位", "年度", "截至日期", "数据来源"],
        ["参保率", 98.5, "%", 2025, "2025年12月31日", "医保局"],
        ["17", 55, "百分比", 2025, "2025-12", "交通局"],
        ["网点覆盖率", 0.6, "share", 2025, "2025", "商务局"],
    )
    frame = outcome.layer.frame
    assert refusals(outcome) == {}
    found = frame.sort_values("indicator")[["indicator", "value", "unit", "as_of", "source"]]
    assert found.to_numpy().tolist() == [
        ["IN000001", 98.5, "%", "2025-12-31", "医保局"],
        ["IN000002", 55.0, "%", "2025-12", "交通局"],
        ["IN000003", 0.6, "share", "2025", "商务局"],
    ]


def test_unknown_indicators_and_units_keep_their_rows_out(bring):
    outcome = bring(
        "statistics",
        ["指标", "数值", "单位"],
        ["参保率", 98.5, "%"],
        ["参保卒", 98.5, "%"],  # no such indicator
        ["99", 98.5, "%"],
        ["参保率", 97.5, "张"],  # a unit nobody knows
        ["参保率", 98.5, "户"],  # measures households, not a share
        ["参保率", "九成", "%"],
        ["参保率", 98.5, None],
        [None, 98.5, "%"],
    )
    assert outcome.layer is None
    assert refusals(outcome) == {
        (3, "indicator"): "name-unknown",
        (4, "indicator"): "code-not-known",
        (5, "unit"): "unit-unknown",
        (6, "unit"): "unit-unlike",
        (7, "value"): "number-unreadable",
        (8, "unit"): "value-missing",
        (9, "indicator"): "value-missing",
    }


def test_a_unit_may_stand_with_the_number_or_in_its_heading(bring):
    outcome = bring("statistics", ["指标", "数值"], ["参保率", "98.5%"], ["17", "55％"])
    assert refusals(outcome) == {}
    assert outcome.layer.frame["unit"].tolist() == ["%", "%"]
    assert sorted(outcome.layer.frame["value"]) == [55.0, 98.5]
    outcome = bring("statistics", ["指标", "数值（%）"], ["参保率", 98.5])
    assert outcome.layer.frame[["value", "unit"]].to_numpy().tolist() == [[98.5, "%"]]


def test_a_number_shown_as_a_percentage_is_one(bring):
    """Excel keeps 0.985 and shows 98.5 %: under the unit % it must not become 0.985 %."""
    outcome = bring(
        "statistics", ["指标", "数值", "单位"], ["参保率", 0.985, "%"], ["17", 0.57, None],
        formats={"B2": "0.0%", "B3": "0%"},
    )  # fmt: skip
    assert refusals(outcome) == {}
    assert sorted(outcome.layer.frame["value"]) == [57.0, 98.5]


def test_a_number_under_two_units_is_refused(bring):
    outcome = bring("statistics", ["指标", "数值", "单位"], ["参保率", "98.5%", "share"])
    assert refusals(outcome) == {(2, "value"): "unit-contradicts"}
    outcome = bring("statistics", ["指标", "数值（元）", "单位"], ["参保率", 98.5, "%"])
    assert refusals(outcome) == {(2, "value"): "unit-contradicts"}


def test_wrong_headings_are_an_error_of_the_file(bring):
    with pytest.raises(DataError) as caught:
        bring("statistics", ["哪个", "多少", "几时"], ["参保率", 98.5, "2025"])
    assert caught.value.code == "field-no-column"
    assert "indicator" in str(caught.value)
    assert "value" in str(caught.value)


def test_without_a_table_of_indicators_names_are_kept(bring):
    outcome = bring("statistics", ["指标", "数值", "单位"], ["参保率", 98.5, "%"], current={})
    assert outcome.layer.frame["indicator"].tolist() == [None]
    assert outcome.layer.frame["indicator_name"].tolist() == ["参保率"]
    assert "reference-no-layer" in {n.code for n in outcome.report.notices}


def test_townships_of_statistics_are_spelled_as_the_county_does(bring):
    outcome = bring(
        "statistics", ["指标", "乡镇", "数值", "单位"],
        ["参保率", "小县 甲镇", 99, "%"], ["参保率", "丙镇", 99, "%"],
    )  # fmt: skip
    assert refusals(outcome) == {(3, "township"): "township-unknown"}


def test_another_countys_indicators_come_from_its_own_table(bring):
    outcome = bring(
        "规划指标",
        ["序号", "指标名称", "目标值", "目标方式", "单位", "指标属性", "基期值", "基期年"],
        [1, "返贫率", 2, "以内", "%", "约束性", None, None],
        [2, "人均收入", 0.5, "提高", "元", "预期性", 12705, 2020],
    )
    assert refusals(outcome) == {}
    frame = outcome.layer.frame.sort_values("number")
    assert frame["operator"].tolist() == ["at_most", "grow"]
    assert frame[["target", "unit", "kind"]].to_numpy().tolist() == [
        [2.0, "%", "binding"], [0.5, "元", "expected"],
    ]  # fmt: skip
    assert frame["baseline"].tolist()[1] == 12_705


def test_programmes_come_from_a_table(bring):
    outcome = bring(
        "规划任务",
        ["任务代号", "任务名称", "任务量", "单位", "总投资（亿元）"],
        ["access", "进村道路", 1017.84, "公里", 1.5],
        ["x", "某", 3, "桩", None],
    )
    assert refusals(outcome) == {(3, "unit"): "unit-unknown"}
    outcome = bring(
        "规划任务",
        ["任务代号", "任务名称", "任务量", "单位", "总投资（亿元）"],
        ["access", "进村道路", 1017.84, "公里", 1.5],
    )
    row = outcome.layer.frame.iloc[0]
    assert (row["key"], row["value"], row["unit"], row["money_wan"]) == (
        "access", 1017.84, "km", 15_000.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "unit"), [("立方米", "m³"), ("M3", "m³"), ("％", "%"), ("—", None), (None, None)]
)
def test_units_of_a_cell(cell, unit):
    assert read_unit_name(cell).value == unit


def test_the_whole_county_is_no_township(bring):
    outcome = bring(
        "statistics", ["指标", "乡镇", "数值", "单位"],
        ["参保率", "全县", 98, "%"], ["参保率", "甲镇", 99, "%"], ["17", None, 50, "%"],
    )  # fmt: skip
    assert refusals(outcome) == {}
    rows = outcome.layer.frame.sort_values("value")
    assert rows["value"].tolist() == [50, 98, 99]
    assert rows["township"].tolist() == [None, None, "甲镇"]
