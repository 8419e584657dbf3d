"""Workbooks and delimited text: heads, totals, merged cells, encodings; and the door itself."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
import xlrd
from hypothesis import given
from hypothesis import strategies as st

from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.ingest.encoding import codec_of, decode_cut, guess_encoding
from yanshan_gis.ingest.read import formats, is_readable, read_tables
from yanshan_gis.ingest.table import spell_rows

XLS = Path(__file__).parent / "data" / "cold_storage.xls"
NAMES = ["听湖", "铳卡", "碧云", "三星"]


def codes(table) -> list[str]:
    return [notice.code for notice in table.notices]


def refused(table) -> list[tuple[int, str]]:
    return [(row.row, row.notice.code) for row in table.refused]


@pytest.fixture
def ledger(tmp_path) -> Path:
    """A project list as bureaus draw it.

    1  砚山县项目表 (A1:G1)
    2  填报单位：交通局              单位：万元
    3  序号 乡镇  项目  [  投资   ]  建设内容  (blank)
    4   |    |     |   中央   省级     |
    5  甲   乙    丙   1     2      3
    6  合计             30    12
    7  一、通村路 (A7:F7)
    8   1  江那镇 路甲   10    5     硬化
    9   2    |   路乙   20    7     硬化
    10  (empty)
    11 小 计            30    12
    12  3  平远镇 路丙                建设
    13 注：1. 数据截至6月 (A13:F13)
    """
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "项目 表"
    rows = [
        ["砚山县项目表"],
        ["填报单位：交通局", None, None, None, "单位：万元"],
        ["序号", "乡\n镇", "项目", "投资", None, "建设内容"],
        [None, None, None, "中央", "省级"],
        ["甲", "乙", "丙", 1, 2, 3],
        ["合计", None, None, 30, 12],
        ["一、通村路"],
        [1, "江那镇", "路甲 ", 10, 5, "硬化"],
        [2, None, "路乙", 20, 7, "硬化"],
        [],
        [None, "小 计", None, 30, 12],
        [3, "平远镇", "路丙", None, None, "建设"],
        ["注：1. 数据截至6月"],
    ]
    for row in rows:
        sheet.append(row)
    merges = ["A1:F1", "A3:A4", "B3:B4", "C3:C4", "D3:E3", "F3:F4", "B8:B9", "A7:F7", "A13:F13"]
    for area in merges:
        sheet.merge_cells(area)
    book.create_sheet("空")
    other = book.create_sheet("名单")
    for row in (["乡镇", "村委会"], ["江那镇", "听湖"], ["江那镇", "铳卡"]):
        other.append(row)
    path = tmp_path / "台账.xlsx"
    book.save(path)
    return path


def test_the_ledger(ledger) -> None:
    table, names = read_tables(ledger)
    assert table.name == "项目 表"
    assert list(table.frame.columns) == [
        "序号", "乡镇", "项目", "投资/中央", "投资/省级", "建设内容"
    ]  # fmt: skip
    assert table.row_numbers.tolist() == [8, 9, 12]
    assert table.frame["乡镇"].tolist() == ["江那镇", "江那镇", "平远镇"]
    assert table.frame["项目"].tolist() == ["路甲", "路乙", "路丙"]
    assert table.frame["投资/中央"].tolist() == [10, 20, None]
    assert refused(table) == [
        (5, "numbering-row"), (6, "total-row"), (7, "section-row"), (11, "total-row"),
        (13, "note-row"),
    ]  # fmt: skip
    assert table.refused[1].content == {"序号": "合计", "投资/中央": 30, "投资/省级": 12}
    assert codes(table) == [
        "title-rows", "head-joined", "total-row", "section-row", "note-row", "numbering-row",
        "totals-agree",
    ]  # fmt: skip
    by_code = {notice.code: notice.values for notice in table.notices}
    assert by_code["total-row"]["rows"] == "6, 11"
    assert by_code["title-rows"]["rows"] == "1-2"
    assert names.name == "名单"
    assert names.row_numbers.tolist() == [2, 3]
    assert codes(names) == []


def test_a_sheet_by_name(ledger) -> None:
    (table,) = read_tables(ledger, layer="名单")
    assert len(table.frame) == 2
    with pytest.raises(UsageError) as caught:
        read_tables(ledger, layer="别的")
    assert caught.value.code == "layer-unknown"


def test_merged_cells_fill_only_what_they_cover(tmp_path) -> None:
    book = openpyxl.Workbook()
    for row in (["乡镇", "村", "户"], ["江那镇", "听湖", 3], [None, "铳卡", 4], [None, "碧云", 5]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.save(tmp_path / "m.xlsx")
    (table,) = read_tables(tmp_path / "m.xlsx")
    assert table.frame["乡镇"].tolist() == ["江那镇", "江那镇", None]


def test_unmerged_nested_head_units_and_repeated_head(tmp_path) -> None:
    rows = [
        ["名称", "投资", None, "长度"],
        [None, "中央", "省级", None],
        [None, "（万元）", "（万元）", "（km）"],
        ["路甲", 1, 2, 3.5],
        ["名称", "投资", None, "长度"],
        ["路乙", 1, None, 2],
    ]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "u.xlsx")
    (table,) = read_tables(tmp_path / "u.xlsx")
    assert list(table.frame.columns) == [
        "名称", "投资/中央（万元）", "投资/省级（万元）", "长度（km）"
    ]  # fmt: skip
    assert refused(table) == [(5, "head-repeated")]
    assert table.row_numbers.tolist() == [4, 6]


def test_no_head_unnamed_and_repeated_columns(tmp_path) -> None:
    path = tmp_path / "n.csv"
    path.write_text("104.3,23.6\n104.4,23.7\n", encoding="utf-8")
    (table,) = read_tables(path)
    assert list(table.frame.columns) == ["A", "B"]
    assert codes(table) == ["head-missing", "column-unnamed"]
    path.write_text("名称,村,村,\n路甲,1,2,3\n路乙,1,2,3\n", encoding="utf-8")
    (table,) = read_tables(path)
    assert list(table.frame.columns) == ["名称", "村", "村 (2)", "D"]
    assert codes(table) == ["column-unnamed"]


def test_years_may_head_columns(tmp_path) -> None:
    path = tmp_path / "y.csv"
    path.write_text("乡镇,指标,2021,2022\n江那镇,户,5,6\n平远镇,户,7,8\n", encoding="utf-8")
    (table,) = read_tables(path)
    assert list(table.frame.columns) == ["乡镇", "指标", "2021", "2022"]
    assert len(table.frame) == 2


def test_formulas_errors_and_hidden_sheets(tmp_path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["村", "户"], ["甲", "=1+1"], ["乙", "#REF!"], ["丙", 4]):
        sheet.append(row)
    sheet["B3"].data_type = "e"
    hidden = book.create_sheet("下拉")
    hidden.append(["a", "b"])
    hidden.append(["c", "d"])
    hidden.sheet_state = "hidden"
    path = tmp_path / "f.xlsx"
    book.save(path)
    (table,) = read_tables(path)
    assert table.frame["户"].tolist() == [None, None, 4]
    by_code = {notice.code: notice.values.get("rows") for notice in table.notices}
    assert by_code == {"cell-error": "3", "formula-without-value": "2", "sheet-hidden": None}
    (only,) = read_tables(path, layer="下拉")
    assert len(only.frame) == 1


def test_xls() -> None:
    (table,) = read_tables(XLS)
    assert table.name == "冷库项目"
    assert list(table.frame.columns) == ["乡镇", "名称", "投资/中央", "投资/省级", "完工日期"]
    assert table.frame["乡镇"].tolist() == ["江那镇", "江那镇"]
    assert table.frame["投资/中央"].tolist() == [12, 8]
    assert table.frame["完工日期"].iloc[0] == datetime(2022, 6, 30)  # noqa: DTZ001 - Excel has no zone
    assert table.row_numbers.tolist() == [5, 6]
    assert refused(table) == [(7, "total-row")]
    assert "sheet-hidden" in codes(table)


def test_xls_and_xlsx_cut_in_the_middle(ledger, tmp_path) -> None:
    xls = tmp_path / "c.xls"
    xls.write_bytes(XLS.read_bytes()[:2500])
    ledger.write_bytes(ledger.read_bytes()[: ledger.stat().st_size // 2])
    for path in (xls, ledger):
        with pytest.raises(DataError) as caught:
            read_tables(path)
        assert caught.value.code == "file-damaged"


def test_xls_with_a_password(monkeypatch) -> None:
    def refuse(**_: object) -> None:
        raise xlrd.XLRDError("Workbook is encrypted")

    monkeypatch.setattr(xlrd, "open_workbook", refuse)
    with pytest.raises(DataError) as caught:
        read_tables(XLS)
    assert caught.value.code == "file-encrypted"


def test_what_only_claims_to_be_a_workbook(ledger, tmp_path) -> None:
    named = tmp_path / "really.xls"
    named.write_bytes(ledger.read_bytes())
    assert len(read_tables(named)) == 2
    named.write_bytes("村\t户\n听湖\t3\n铳卡\t4\n".encode("gbk"))
    (table,) = read_tables(named)
    assert table.frame["村"].tolist() == ["听湖", "铳卡"]
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"EncryptedPackage".decode().encode("utf-16-le")
    for content, code in (
        (b"<html><table></table></html>", "format-html"),
        (locked, "file-encrypted"),
        (b"\x00\x01\x02", "file-damaged"),
    ):
        named.write_bytes(content)
        with pytest.raises(DataError) as caught:
            read_tables(named)
        assert caught.value.code == code


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "，"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_delimited_in_every_spelling(tmp_path, delimiter, encoding) -> None:
    lines = [
        ["村委会", "乡镇", "编码", "户数"],
        *([name, "江那镇", "0532", "12"] for name in NAMES),
    ]
    text = "\r\n".join(delimiter.join(line) for line in lines) + "\r\n"
    path = tmp_path / "村.txt"
    path.write_bytes(text.encode(encoding))
    (table,) = read_tables(path)
    assert list(table.frame.columns) == lines[0]
    assert table.frame["村委会"].tolist() == NAMES
    assert table.frame["编码"].tolist() == ["0532"] * 4  # text stays text
    assert table.row_numbers.tolist() == [2, 3, 4, 5]
    assert (codes(table) == ["encoding-guessed"]) == (encoding == "gbk")


def test_rows_too_long_too_short_and_broken_off(tmp_path) -> None:
    path = tmp_path / "r.csv"
    path.write_text('a,b,c\n1,"x\ny",3\n1,2,3,4\n1,2\n1,2,3\n9,', encoding="utf-8")
    (table,) = read_tables(path)
    assert table.row_numbers.tolist() == [2, 5, 6]  # the first record spans lines 2 and 3
    assert table.frame["b"].tolist() == ["x\ny", "2", "2"]
    assert refused(table) == [(4, "row-too-long"), (7, "file-truncated")]
    assert codes(table) == ["file-truncated", "row-short"]


def test_damaged_text_is_named(tmp_path) -> None:
    path = tmp_path / "d.csv"
    body = "".join(f"{name},江那镇\n" for name in NAMES * 100).encode("gbk")
    path.write_bytes("村,乡镇\n".encode("gbk") + body + b"\xff\xff,a\n")
    (table,) = read_tables(path)
    assert "text-damaged" in codes(table)
    assert table.frame["村"].iloc[0] == "听湖"


def test_a_long_polygon_fits_a_cell(tmp_path) -> None:
    wkt = "LINESTRING (" + ", ".join(f"{n} {n}" for n in range(30_000)) + ")"
    path = tmp_path / "w.csv"
    path.write_text(f'name,wkt\na,"{wkt}"\n', encoding="utf-8")
    (table,) = read_tables(path)
    assert table.frame["wkt"].iloc[0] == wkt


def test_empty_things(tmp_path) -> None:
    book = openpyxl.Workbook()
    book.save(tmp_path / "e.xlsx")
    (tmp_path / "e.csv").write_text(" \n\n")
    (tmp_path / "z.csv").write_text("")
    (tmp_path / "h.csv").write_text("a,b\n")
    for name in ("e.xlsx", "e.csv", "z.csv", "h.csv"):
        with pytest.raises(DataError) as caught:
            read_tables(tmp_path / name)
        assert caught.value.code == "file-empty"


@pytest.mark.parametrize(
    "name", ["a.mdb", "a.accdb", "a.dwg", "a.et", "a.rar", "a.7z", "a.pdf", "a.ovobj", "a.wps"]
)
def test_formats_refused_with_advice(tmp_path, name) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(DataError) as caught:
        read_tables(tmp_path / name)
    assert caught.value.code == "format-not-read"
    assert name in str(caught.value)


def test_the_door_refuses_with_one_line(tmp_path, monkeypatch) -> None:
    (tmp_path / "a.xyz").write_text("x")
    (tmp_path / "d.shp").mkdir()
    for name, code in (("no.shp", "file-missing"), ("a.xyz", "format-unknown"),
                       ("d.shp", "folder-not-file")):  # fmt: skip
        with pytest.raises(UsageError) as caught:
            read_tables(tmp_path / name)
        assert caught.value.code == code
    points = tmp_path / "界址点.txt"
    points.write_text("[属性描述]\n格式版本号=1\n[地块坐标]\nJ1,1,2612000.1,432642.2\n")
    with pytest.raises(DataError) as refusal:
        read_tables(points)
    assert refusal.value.code == "format-boundary-points"

    def locked(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", locked)
    with pytest.raises(DataError) as refusal:
        read_tables(points)
    assert refusal.value.code == "file-unreadable"


def test_what_a_folder_scan_takes(tmp_path) -> None:
    for name in ("a.shp", "a.dbf", "b.dbf", "~$c.xlsx", ".d.csv", "e.CSV", "f.mdb", "g.prj"):
        (tmp_path / name).write_text("x")
    (tmp_path / "h.gdb").mkdir()
    (tmp_path / "i.shp").mkdir()
    (tmp_path / "j.json").write_text('{"type": "FeatureCollection", "features": []}')
    (tmp_path / "k.json").write_text('{"type": "package"}')
    taken = [path.name for path in sorted(tmp_path.iterdir()) if is_readable(path)]
    assert taken == ["a.shp", "b.dbf", "e.CSV", "h.gdb", "j.json"]
    assert ".gpkg" in formats()
    assert list(formats()) == sorted(formats())


def test_spelling_rows() -> None:
    assert spell_rows([6, 4, 5, 9]) == "4-6, 9"
    assert spell_rows(range(0, 100, 2)).endswith(", …")
    assert spell_rows([]) == ""


@pytest.mark.parametrize(
    ("label", "codec"),
    [("UTF-8", "utf-8"), ("GBK", "gb18030"), ("ANSI 936", "gb18030"), ("936", "gb18030"),
     ("cp950", "big5"), ("ISO-8859-1", "iso8859-1"), ("1252", "cp1252"), ("nonsense", None)],
)  # fmt: skip
def test_labels(label, codec) -> None:
    assert codec_of(label) == codec


COMMON = "的村委会社区镇乡县路硬化公里户人口水库基地冷藏物流网点规划建设项目江那平远稼依阿猛"


@given(st.text(alphabet=COMMON, min_size=6, max_size=60), st.sampled_from(["utf-8", "gb18030"]))
def test_common_chinese_is_recognised(text: str, encoding: str) -> None:
    assert guess_encoding([text.encode(encoding)]).encoding == encoding


@given(st.text(alphabet=COMMON, min_size=1), st.integers(0, 200))
def test_a_cut_never_leaves_half_a_character(text: str, at: int) -> None:
    for encoding in ("utf-8", "gb18030"):
        assert text.startswith(decode_cut(text.encode(encoding)[:at], encoding))


def test_not_chinese_at_all() -> None:
    french = "Forêt protégée près de la rivière, côté nord, à l'école".encode("cp1252")
    guess = guess_encoding([french] * 20)
    assert "é" in french.decode(guess.encoding)
