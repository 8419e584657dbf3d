"""Project lists as bureaus make them: heads of three rows, merged cells, group rows, totals.

The county is that of `towns.small_county`: 甲镇 with 甲村委会 (大寨), 乙乡 with 乙村委会 (小寨).
"""

from __future__ import annotations

import json

import openpyxl
import pytest

from yanshan_cli.main import main
from yanshan_gis.ingest.enumeration import is_county_wide
from yanshan_gis.ingest.heads import stated_units
from yanshan_gis.ingest.read import read_tables
from yanshan_gis.ingest.sections import heading_style
from yanshan_gis.plan.registry import from_layer, totals

HEAD = [
    ["序号", "乡镇", "村委会", "项目名称", "项目类型", "建设规模", "投资（万元）", None, None,
     "受益", None, "备注"],
    [None, None, None, None, None, None, "总投资", "其中", None, "户数", "人数", None],
    [None, None, None, None, None, None, None, "中央", "省级", None, None, None],
]  # fmt: skip
MERGED_HEAD = (
    "A3:A5", "B3:B5", "C3:C5", "D3:D5", "E3:E5", "F3:F5", "G3:I3", "G4:G5", "H4:I4", "J3:K3",
    "J4:J5", "K4:K5", "L3:L5",
)  # fmt: skip


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("YANSHAN_LANG", "en")


@pytest.fixture
def imported(bare_town, capsys, monkeypatch):
    """Import a list; return exit code, the report and the workspace."""
    monkeypatch.chdir(bare_town.root)

    def call(path, *words):
        with pytest.raises(SystemExit) as ended:
            main(["import", "projects", str(path), "-y", *words])
        out, err = capsys.readouterr()
        return ended.value.code, json.loads(out) if out else err, bare_town

    return call


def write(path, rows, merges=()):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "项目库"
    for row in rows:
        sheet.append(row)
    for area in merges:
        sheet.merge_cells(area)
    book.save(path)
    return path


@pytest.fixture
def by_township(tmp_path):
    """Townships merged over their rows, a subtotal each, a grand total with one wrong sum.

    甲镇: 120 + 80 + 50 = 250 万元, 30 + 20 = 50 households; 乙乡: 200 + 100 = 300 万元 and
    40 + 10 = 50. County: 550 万元 (stated), 100 households (90 stated: wrong), 400 people (stated).
    """
    rows = [
        ["小县2023年巩固衔接项目库", *[None] * 11],
        ["填报单位：小县乡村振兴局", *[None] * 8, "金额单位：万元", None, None],
        *HEAD,
        [1, "甲镇", "甲村委会", "甲冷库", "冷库", "新建冷库3000立方米，配套设施", 120, 100, 20, 30,
         120, None],
        [2, None, "甲村、乙村", "产业路", "道路", "硬化2公里", 80, 80, None, 20, 80, "跨村"],
        [3, None, None, "养殖场", "养殖", "建设圈舍", 50, 30, 20, None, None, None],
        ["小计", None, None, None, None, None, 250, 210, 40, 50, 200, None],
        [4, "乙乡", "丙村委会", "蔬菜大棚", "种植", "大棚50亩", 200, 200, None, 40, 160, None],
        [5, None, "乙村委会", "饮水工程", "饮水", None, 100, 60, 40, 10, 40, None],
        ["小计", None, None, None, None, None, 300, 260, 40, 50, 200, None],
        ["总计", None, None, None, None, None, 550, 470, 80, 90, 400, None],
        ["注：本表由各乡镇汇总上报。", *[None] * 11],
    ]  # fmt: skip
    merges = ("A1:L1", *MERGED_HEAD, "B6:B8", "B10:B11", "A14:L14")
    return write(tmp_path / "项目库.xlsx", rows, merges)


def notices(report, code):
    return [notice for notice in report["notices"] if notice["code"] == code]


def test_a_list_by_township(by_township, imported):
    code, report, workspace = imported(by_township)
    assert code == 0
    assert (report["read"], report["accepted"], report["noted"]) == (5, 5, 4)
    fields = {m["column"]: m["field"] for m in report["mapping"] if m["how"] != "extra"}
    assert fields == {
        "乡镇": "townships", "村委会": "committees", "项目名称": "name", "项目类型": "kind",
        "建设规模": "content", "投资（万元）/总投资": "investment_wan", "受益/户数":
        "beneficiary_households", "受益/人数": "beneficiary_people", "备注": "note",
        "quantities": "quantities",  # typed from the words of 建设规模
    }  # fmt: skip
    frame = workspace.read("projects").frame
    rows = frame.set_index("name")
    assert rows.loc["产业路", ["townships", "committees", "kind"]].tolist() == [
        "甲镇", "甲村委会、乙村", "road"
    ]  # fmt: skip
    assert rows.loc["养殖场", "townships"] == "甲镇"
    assert rows.loc["蔬菜大棚", "committees"] == "丙村委会"  # kept as written, with a warning
    assert rows.loc["甲冷库", "content"] == "新建冷库3000立方米，配套设施"


def test_totals_are_checked(by_township, imported):
    _, report, _ = imported(by_township)
    [wrong] = notices(report, "total-differs")
    assert {k: wrong[k] for k in ("row", "column", "stated", "summed", "rows")} == {
        "row": 13, "column": "受益/户数", "stated": 90, "summed": 100, "rows": "6-8, 10-11"
    }  # fmt: skip
    # two subtotals of five sums each, and four of the five of the grand total
    assert [n["count"] for n in notices(report, "totals-agree")] == [14]


def test_a_committee_that_is_not_found_is_said_and_does_not_keep_its_row_out(by_township, imported):
    _, report, _ = imported(by_township)
    # 乙村 is stated in 甲镇 and is only there in 乙乡: a candidate, not taken
    told = [(p["row"], p["field"], p["code"], p["severity"]) for p in report["problems"]
            if p["field"] == "committees"]  # fmt: skip
    assert told == [
        (7, "committees", "name-other-township", "warn"),
        (10, "committees", "name-unknown", "warn"),
    ]


def test_plain_columns_count_as_amounts(by_township, imported):
    _, _, workspace = imported(by_township)
    sums = totals(from_layer(workspace.read("projects")))
    money = {key[2]: value for key, value in sums.items() if key[0] == "money"}
    served = {key[2]: value for key, value in sums.items() if key[0] == "beneficiaries"}
    assert (money, served) == ({"万元": 550}, {"户": 100, "人": 400})


def test_the_same_list_again_changes_nothing(by_township, imported):
    imported(by_township)
    code, report, _ = imported(by_township)
    assert (code, report["counts"]) == (
        0, {"added": 0, "changed": 0, "removed": 0, "unchanged": 5}
    )  # fmt: skip


SECTIONS = [
    ["序号", "项目名称", "村名", "内容", "资金", "户数"],
    ["合计", None, None, None, 900, 60],
    ["一", "产业园区", None, None, 500, 40],
    ["（一）甲镇", None, None, None, None, None],
    [1, "厂房", "甲村委会", "厂房1栋", 300, 30],
    [2, "冷链车间", "甲村委会", "车间", 100, 10],
    ["（二）乙乡（共1个）", None, None, None, None, None],
    [3, "分拣中心", "乙村委会", "分拣线", 100, None],
    ["二", "人居环境", None, None, 400, 25],
    ["（一）甲镇", None, None, None, None, None],
    [4, "污水处理", "甲村委会", "管网", 400, 20],
]


def test_group_headings_give_township_and_kind(tmp_path, imported):
    path = write(tmp_path / "表.xlsx", SECTIONS, ["A4:F4", "A7:F7", "A10:F10"])
    code, report, workspace = imported(
        path, "--column", "committees=村名", "--column", "investment_wan=资金",
        "--column", "beneficiary_households=户数",
    )  # fmt: skip
    assert code == 0, report
    rows = workspace.read("projects").frame.set_index("name")
    assert rows["townships"].to_dict() == {
        "厂房": "甲镇", "冷链车间": "甲镇", "分拣中心": "乙乡", "污水处理": "甲镇"
    }  # fmt: skip
    assert rows["kind"].to_dict() == {
        "厂房": "industrial_park", "冷链车间": "industrial_park", "分拣中心": "industrial_park",
        "污水处理": "environment",
    }  # fmt: skip
    assert {n["field"]: n["count"] for n in notices(report, "value-from-section")} == {
        "townships": 4, "kind": 4
    }  # fmt: skip
    # heading 二 states 25 households where its one row has 20; the grand total agrees: 900 and 60
    wrong = [(n["row"], n["stated"], n["summed"]) for n in notices(report, "total-differs")]
    assert wrong == [(9, 25, 20)]
    assert [n["count"] for n in notices(report, "totals-agree")] == [5]


def test_headings_are_told_apart_by_how_they_are_numbered():
    texts = {"一、产业": "chinese", "（二）甲镇": "bracket", "3.道路": "arabic", "甲镇": "plain",
             "十一": "chinese"}  # fmt: skip
    assert {text: heading_style(text) for text in texts} == texts


def table(tmp_path, rows, merges=()):
    return read_tables(write(tmp_path / "t.xlsx", rows, merges))[0]


def told(raw, code):
    return [notice.values for notice in raw.notices if notice.code == code]


def test_a_total_that_covers_text_is_said_not_to_be_checked(tmp_path):
    raw = table(tmp_path, [
        ["序号", "名称", "规模"], [1, "甲", "3000立方米"], [2, "乙", 500], ["合计", None, 3500],
    ])  # fmt: skip
    assert [v["rows"] for v in told(raw, "totals-unchecked")] == ["4"]
    assert told(raw, "total-differs") == told(raw, "totals-agree") == []


def test_a_rounded_total_agrees(tmp_path):
    # 0.124 + 0.124 = 0.248, stated as 0.25; 0.3 would be wrong
    rows = [["序号", "名称", "资金", "里程"], [1, "甲", 0.124, 1], [2, "乙", 0.124, 1],
            ["合计", None, 0.25, 3]]  # fmt: skip
    raw = table(tmp_path, rows)
    assert [(v["column"], v["summed"]) for v in told(raw, "total-differs")] == [("里程", 2)]
    assert [v["count"] for v in told(raw, "totals-agree")] == [1]


def test_serial_numbers_and_years_are_not_added_up(tmp_path):
    raw = table(tmp_path, [
        ["序号", "名称", "年度", "资金"], [1, "甲", 2023, 5], [2, "乙", 2024, 6],
        ["合计", 2, 2024, 11],
    ])  # fmt: skip
    assert told(raw, "total-differs") == []
    assert [v["count"] for v in told(raw, "totals-agree")] == [1]


def test_a_figure_in_a_merged_cell_is_counted_once(tmp_path, imported):
    rows = [
        ["序号", "乡镇", "项目名称", "总投资", "受益户数"],
        [1, "甲镇", "东段", 500, 10],
        [2, "甲镇", "西段", None, 20],
        [3, "乙乡", "泵站", 100, 5],
        ["合计", None, None, 600, 35],
    ]
    path = write(tmp_path / "合并.xlsx", rows, ["D2:D3"])
    code, report, workspace = imported(path)
    assert code == 0
    shared = [(p["row"], p["field"], p["value"]) for p in report["problems"]
              if p["code"] == "number-shared"]  # fmt: skip
    assert shared == [(3, "investment_wan", "500")]
    frame = workspace.read("projects").frame.set_index("name")
    assert frame["investment_wan"].sum() == 600
    assert frame["investment_wan"].isna().to_dict() == {"东段": False, "西段": True, "泵站": False}
    assert [n["count"] for n in notices(report, "totals-agree")] == [2]


def test_a_unit_above_the_head_holds_where_the_heading_has_none(tmp_path, imported):
    rows = [
        ["项目表", None, None, None],
        ["单位：元", None, None, None],
        ["序号", "项目名称", "总投资", "受益户数"],
        [1, "甲", 50000, 10],
    ]
    code, report, workspace = imported(write(tmp_path / "元.xlsx", rows, ["A1:D1", "A2:D2"]))
    assert code == 0
    row = workspace.read("projects").frame.iloc[0]
    assert (row["investment_wan"], row["beneficiary_households"]) == (5, 10)
    assert [n["unit"] for n in notices(report, "unit-from-title")] == ["元"]


def test_stated_units():
    assert stated_units("填报单位：乡村振兴局 单位：万元、亩") == (("万元", 1.0), ("亩", 1.0))
    assert stated_units("金额单位：元") == (("元", 1.0),)
    assert stated_units("编制单位：某局") == ()


# --- figures in words


def amounts(workspace, field="quantities"):
    frame = workspace.read("projects").frame
    return {
        name: [(a["value"], a["unit"], a["basis"]) for a in json.loads(text)]
        for name, text in zip(frame["name"], frame[field], strict=True)
        if isinstance(text, str)
    }


def test_figures_in_words_are_typed_where_they_leave_no_choice(by_township, imported):
    code, report, workspace = imported(by_township)
    assert code == 0
    assert amounts(workspace) == {
        "甲冷库": [(3000, "m³", "total")], "产业路": [(2, "km", "total")],
        "蔬菜大棚": [(50, "亩", "total")],
    }  # fmt: skip
    assert [n["count"] for n in notices(report, "contents-typed")] == [3]
    assert notices(report, "contents-untyped") == []


def test_figures_that_leave_a_choice_stay_in_words(tmp_path, imported):
    words = [
        "300-500平方米厂房",  # a range
        "新建冷库3000立方米，其中冷冻库1000立方米",  # perhaps a whole and its part
        "厂房1栋",  # no unit the library knows
        "道路长3.2公里，投资120万元，受益300户",
        "修缮",
    ]
    rows = [["项目名称", "建设规模"], *[[f"项目{i}", text] for i, text in enumerate(words, 1)]]
    code, report, workspace = imported(write(tmp_path / "文.xlsx", rows))
    assert code == 0
    assert amounts(workspace) == {"项目4": [(3.2, "km", "total")]}
    assert amounts(workspace, "money") == {"项目4": [(120, "万元", "total")]}
    assert amounts(workspace, "beneficiaries") == {"项目4": [(300, "户", "total")]}
    assert [n["rows"] for n in notices(report, "contents-untyped")] == ["2-4"]


def test_a_column_of_amounts_wins_over_the_words(tmp_path, imported):
    rows = [
        ["项目名称", "建设规模", "总投资", "数量（JSON）"],
        ["甲", "冷库3000立方米，投资120万元", 100, '[{"value": 2000, "unit": "立方米"}]'],
    ]
    code, _, workspace = imported(write(tmp_path / "数.xlsx", rows))
    assert code == 0
    assert amounts(workspace) == {"甲": [(2000, "m³", "total")]}
    sums = totals(from_layer(workspace.read("projects")))
    assert {key[2]: value for key, value in sums.items()} == {"m³": 2000, "万元": 100}


# --- what keeps a row out


def rows_of(*cells):
    return [["项目名称", "乡镇", "村委会", "数量（JSON）"], *cells]


@pytest.mark.parametrize(
    ("row", "code", "said"),
    [
        (["甲", "丙乡", None, None], "township-unknown", "乙乡"),
        (["甲", "甲镇、丙乡", None, None], "township-unknown", "丙乡"),
        (["甲", "甲镇", None, '[{"value": 3, "unit": "斗"}]'], "unit-unknown", "m³"),
        (["甲", "甲镇", None, "三千"], "amounts-unreadable", "三千"),
        (["甲", "甲镇", None, '[{"value": 3, "unit": "m³", "basis": "daily"}]'],
         "amounts-unreadable", "per_year"),
    ],
)  # fmt: skip
def test_a_row_that_does_not_fit_keeps_the_list_out(tmp_path, imported, row, code, said):
    path = write(tmp_path / "错.xlsx", rows_of(["好", "甲镇", None, None], row))
    exit_code, report, workspace = imported(path)
    assert exit_code == 3
    [problem] = [p for p in report["problems"] if p["severity"] == "refuse"]
    assert (problem["row"], problem["code"]) == (3, code)
    assert said in problem["message"]
    assert workspace.read("projects") is None
    refused = workspace.out / "import" / "projects-错-项目库-refused.csv"
    assert "甲" in refused.read_text(encoding="utf-8-sig")


def test_a_list_without_names_of_projects_says_so(tmp_path, imported):
    path = write(tmp_path / "错.xlsx", [["乡镇", "资金"], ["甲镇", 5]])
    code, err, workspace = imported(path)
    assert code == 3
    assert "项目名称" in err
    assert workspace.read("projects") is None


@pytest.mark.parametrize(
    ("townships", "committees", "expected"),
    [
        ("甲镇和乙乡", None, ("甲镇、乙乡", None)),
        ("甲镇/乙乡", None, ("甲镇、乙乡", None)),
        ("甲镇，乙乡", "甲村/乙村", ("甲镇、乙乡", "甲村委会、乙乡/乙村委会")),
        ("小县甲镇", "甲村委会", ("甲镇", "甲村委会")),
        ("甲镇", "乙乡/乙村", ("甲镇", "乙乡/乙村委会")),
        (None, "乙村委会", (None, "乙村委会")),
        ("全县", None, (None, None)),
        ("各乡镇", None, (None, None)),
    ],
)
def test_several_places_in_a_cell(tmp_path, imported, townships, committees, expected):
    path = write(tmp_path / "地.xlsx", rows_of(["甲", townships, committees, None]))
    code, report, workspace = imported(path)
    assert code == 0
    row = workspace.read("projects").frame.iloc[0]
    assert tuple(row[c] if isinstance(row[c], str) else None
                 for c in ("townships", "committees")) == expected  # fmt: skip
    assert bool(notices(report, "rows-county-wide")) == (townships in {"全县", "各乡镇"})


def test_the_whole_county_has_many_names():
    for text in ("全县", "全县各乡镇", "全县11个乡镇", "小县", "全县各乡(镇)"):
        assert is_county_wide(text, "小县")
    for text in ("", "甲镇", "县城", "小县甲镇"):
        assert not is_county_wide(text, "小县")


def test_positions_that_a_list_brings_say_how_they_are_known(tmp_path, imported):
    rows = [["项目名称", "乡镇", "X", "Y"], ["甲", "甲镇", 1200, 50], ["乙", "乙乡", None, None]]
    code, _, workspace = imported(write(tmp_path / "位.xlsx", rows), "--crs", "EPSG:4544")
    assert code == 0
    frame = workspace.read("projects").frame.set_index("name")
    assert frame.loc["甲", "location_quality"] == "reported"
    assert frame["location_quality"].isna()["乙"]
    rows = [["项目名称", "乡镇", "备注"], ["甲", "甲镇", "新"], ["乙", "乙乡", None]]
    plain = write(tmp_path / "无位.xlsx", rows)
    code, report, _ = imported(plain, "--mode", "update")
    assert (code, notices(report, "positions-given-up")) == (0, [])
    kept = workspace.read("projects").frame.set_index("name")
    assert (kept.geometry["甲"].x, kept.loc["甲", "note"]) == (1200, "新")
    code, report, _ = imported(plain)
    assert [n["count"] for n in notices(report, "positions-given-up")] == [1]
