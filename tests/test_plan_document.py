"""A plan's text in any file: paragraphs mended, furniture taken out, lines kept."""

from __future__ import annotations

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.extraction.document import is_heading, read_document
from yanshan_gis.plan.writing import normalise


def write(tmp_path, text, encoding="utf-8", name="plan.txt"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def texts(path, **options):
    return [paragraph.text for paragraph in read_document(path, **options).paragraphs]


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("投资 178918 人，约 ５００ 万元", "投资178918人，约500万元"),
        ("(一) 发展:种植, 养殖;", "（一）发展：种植，养殖；"),
        ("1,017.84 公里", "1,017.84公里"),
        ("容积 660 M³", "容积660M³"),
        ("**二是**推进", "二是推进"),
        ("10:30 开工", "10:30开工"),
        ("ABC DEF", "ABC DEF"),
    ],
)
def test_a_text_is_written_one_way(written, normal):
    assert normalise(written) == normal


def test_a_paragraph_broken_by_a_page_goes_on(tmp_path):
    path = write(
        tmp_path, "1.冷库：在维一\n\n— 3 —\n\n乡建设冷库，\n容积500立方米。\n2.其他：无。\n"
    )
    document = read_document(path)
    first, second = document.paragraphs
    assert (first.text, second.text) == (
        "1.冷库：在维一乡建设冷库，容积500立方米。",
        "2.其他：无。",
    )
    # "乡" is the eighth character: 1 . 冷 库 ： 在 维 一 = 8 before it, so offset 8, line 5.
    assert [first.line_at(0), first.line_at(7), first.line_at(8)] == [1, 1, 5]
    assert first.line_at(first.text.index("容")) == 6
    assert [notice.values["count"] for notice in document.notices] == [1]


@pytest.mark.parametrize(
    "line", ["- 8 -", "12", "— 12 —", "第3页", "第 3 页，共 9 页", "第一章 背景......1",
             "第一章 背景\t- 8 -", "二、经验\t14 -"],
)  # fmt: skip
def test_furniture_is_taken_out(tmp_path, line):
    assert texts(write(tmp_path, f"第一章 背景\n{line}\n县情好。\n")) == ["第一章背景", "县情好。"]


def test_a_table_row_is_no_furniture(tmp_path):
    path = write(tmp_path, "年份\t收入\n2016\t110\n50%\t9\n")
    assert [p.is_row for p in read_document(path).paragraphs] == [True] * 3


def test_running_heads_of_three_pages_are_taken_out(tmp_path):
    page = "某县规划 第{n}稿\n正文一段话，还没有说完\n接着说完{n}。\n{n}\n"
    path = write(tmp_path, "\f".join(page.format(n=n) for n in (1, 2, 3)))
    assert texts(path) == [f"正文一段话，还没有说完接着说完{n}。" for n in (1, 2, 3)]


def test_titles_and_dates_stand_alone(tmp_path):
    path = write(tmp_path, "某县人民政府办公室\n2023年1月14日\n目 录\n某县认真落实规划。\n")
    assert texts(path) == ["某县人民政府办公室", "2023年1月14日", "目录", "某县认真落实规划。"]


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("第三章重点任务", True), ("（一）坚持领导，强化保证", True), ("专栏4：冷链项目", True),
        ("1.产业支撑不足", True), ("1.稼依镇：建设冷库", False), ("1.建设冷库，投资", False),
        ("某县概况", False), ("（一）坚持领导，", False),
    ],
)  # fmt: skip
def test_headings(text, heading):
    assert is_heading(text) is heading


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_is_judged_by_evidence(tmp_path, encoding):
    text = "专栏一：冷链物流仓储项目，在石桥镇上坝村委会建设冷库一座，容积为五百立方米。"
    assert texts(write(tmp_path, text, encoding)) == [text]


def test_a_given_encoding_wins(tmp_path):
    assert texts(write(tmp_path, "石桥镇。", "gb18030"), encoding="gbk") == ["石桥镇。"]


def test_an_empty_file_says_what_to_do(tmp_path):
    with pytest.raises(DataError, match="OCR") as caught:
        read_document(write(tmp_path, " \n\n"))
    assert caught.value.exit_code == 3


def test_an_unknown_kind_of_file_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"plan\.wps"):
        read_document(write(tmp_path, "x", name="plan.wps"))


# --- Word --------------------------------------------------------------------------------------


def numbered(document, formats):
    """Add a numbering definition with the given (format, text) per level; return its id."""
    root = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for level, (kind, text) in enumerate(formats)
    )
    root.insert(0, parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{levels}</w:abstractNum>'
    ))  # fmt: skip
    root.append(parse_xml(
        f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'
    ))  # fmt: skip
    return 77


def number(paragraph, num, level=0):
    paragraph._p.get_or_add_pPr().append(parse_xml(
        f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>'
    ))  # fmt: skip


def test_word_paragraphs_tables_and_boxes_come_in_order(tmp_path):
    document = docx.Document()
    document.add_paragraph("第一章 背景")
    box = document.add_table(rows=1, cols=1).cell(0, 0)
    box.paragraphs[0].text = "专栏1：冷链项目"
    box.add_paragraph("1.石桥镇：建设冷库 1 座。")
    table = document.add_table(rows=2, cols=3)
    for cell, text in zip(table.row_cells(0), ["指标", "单位", "数值"], strict=True):
        cell.text = text
    merged = table.cell(1, 0).merge(table.cell(1, 1))
    merged.text = "合计"
    table.cell(1, 2).text = "5"
    document.add_paragraph("完。")
    document.save(tmp_path / "plan.docx")
    assert texts(tmp_path / "plan.docx") == [
        "第一章背景", "专栏1：冷链项目", "1.石桥镇：建设冷库1座。", "指标\t单位\t数值",
        "合计\t5", "完。",
    ]  # fmt: skip


def test_numbers_that_word_draws_are_worked_out(tmp_path):
    document = docx.Document()
    num = numbered(document, [("chineseCounting", "（%1）"), ("decimal", "%2.")])
    for text, level in (("种植", 0), ("茶叶", 1), ("果树", 1), ("养殖", 0), ("肉牛", 1)):
        number(document.add_paragraph(text), num, level)
    bullet = document.add_paragraph("无号", style="List Bullet")
    assert bullet.text == "无号"
    document.save(tmp_path / "plan.docx")
    assert texts(tmp_path / "plan.docx") == [
        "（一）种植", "1.茶叶", "2.果树", "（二）养殖", "1.肉牛", "无号",
    ]  # fmt: skip


def test_a_broken_word_file_is_an_error_of_the_data(tmp_path):
    with pytest.raises(DataError, match=r"plan\.docx cannot be read"):
        read_document(write(tmp_path, "no zip", name="plan.docx"))


# --- PDF ---------------------------------------------------------------------------------------


def write_pdf(path, pages):
    """Draw pages of lines as text that can be copied."""
    import matplotlib as mpl
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    from yanshan_gis.publish.fonts import font_family

    with mpl.rc_context({"pdf.fonttype": 42}), PdfPages(path) as pdf:
        for lines in pages:
            figure = Figure(figsize=(8, 11))
            for row, line in enumerate(lines):
                figure.text(0.1, 0.95 - row * 0.05, line, family=list(font_family()))
            pdf.savefig(figure)
    return path


def test_a_pdf_with_text_is_read(tmp_path):
    path = write_pdf(
        tmp_path / "plan.pdf",
        [
            ["专栏1：冷链项目", "1.石桥镇：在上坝村建设冷库，", "- 1 -"],
            ["容积500立方米。", "- 2 -"],
        ],
    )
    assert texts(path) == ["专栏1：冷链项目", "1.石桥镇：在上坝村建设冷库，容积500立方米。"]


def test_a_pdf_of_pictures_is_an_error_that_names_the_way_out(tmp_path):
    path = write_pdf(tmp_path / "scan.pdf", [[]])
    with pytest.raises(DataError, match=r"scan\.pdf holds no text.*OCR"):
        read_document(path)


def test_a_file_that_is_no_pdf(tmp_path):
    with pytest.raises(DataError, match=r"plan\.pdf cannot be read"):
        read_document(write(tmp_path, "no pdf", name="plan.pdf"))
