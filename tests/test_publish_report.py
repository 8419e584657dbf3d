"""The Word report, read back: every number is the result's, and every mark leads to its row."""

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn
from PIL import Image
from towns import COUNTY, small_county

from yanshan_gis.content import AnalysisDef, Figure, Title
from yanshan_gis.errors import ContentError, DataError
from yanshan_gis.publish.evidence import Evidence, split_marks
from yanshan_gis.publish.phrases import read_phrases
from yanshan_gis.publish.publication import Publication, write
from yanshan_gis.publish.report import chinese_number, in_order
from yanshan_gis.publish.word_table import column_widths, is_number
from yanshan_gis.result import Indicator, Result
from yanshan_gis.run import Outcome, run
from yanshan_gis.workspace import create_workspace

RECIPES = ["road-hardening", "logistics-reach", "column-4", "indicators"]


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    workspace = create_workspace(tmp_path_factory.mktemp("report") / "小县", COUNTY)
    workspace.store(small_county())
    sheets = workspace.out / "sheets"
    sheets.mkdir(parents=True)
    Image.new("RGB", (4200, 2970), "#88aa88").save(sheets / "road-hardening.png")
    return Publication(workspace, run(workspace, RECIPES))


@pytest.fixture(scope="module")
def done(published):
    return write("docx", published)


@pytest.fixture(scope="module")
def report(done):
    return docx.Document(str(done.files[0]))


def texts(document):
    return [paragraph.text for paragraph in document.paragraphs]


def result_of(published, name):
    return next(o.result for o in published.outcomes if o.recipe.name == name)


def cells(table):
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_it_lies_where_it_belongs_and_says_which_sheets_are_missing(published, done):
    assert done.files[0].name == "小县规划成果报告.docx"
    (notice,) = done.notices
    assert notice.code == "sheets-missing"
    assert "road-hardening" not in notice.values["recipes"].split()
    assert {"logistics-reach", "column-4"} <= set(notice.values["recipes"].split())


def test_chapters_stand_in_order(report):
    heads = [p.text for p in report.paragraphs if p.style.name == "Heading 1"]
    assert heads == [
        "一、总体情况", "二、分析成果", "三、规划专栏", "四、方法与限制", "五、资料来源", "附表",
        "数据依据", "附图",
    ]  # fmt: skip
    assert report.paragraphs[0].text == "小县规划成果报告"
    sections = [p.text for p in report.paragraphs if p.style.name == "Heading 2"]
    assert sections[:2] == ["（一）规划指标完成情况", "（二）道路硬化覆盖"]


def test_numbers_of_the_text_are_those_of_the_results(published, report):
    """大寨 has a hardened path, 小寨 has none: 1 of 2, and 甲村委会 alone has its own outlet."""
    said = "\n".join(texts(report))
    own = {i.key: i for i in result_of(published, "road-hardening").indicators}
    path = own["hardened_path"]
    assert (path.numerator, path.denominator, path.value) == (1, 2, 0.5)
    number = int(re.search(r"占50\.0%\[(\d+)\]", said)[1])
    mark = f"[{number}]"
    assert f"共2{mark}个，其中1{mark}个有连续硬化路通到村委会，占50.0%{mark}；" in said
    assert f"自然村为50.0%（2中的1）{mark}，已达到规划目标（50.0%）" in said
    annex = {row[0]: row for row in cells(report.tables[-1])}
    assert annex[f"[{number}]"][3:] == ["0.5", "hardened_path"]


def test_every_mark_leads_to_one_row_whose_value_is_the_results(published, report):
    body = report.element.body
    anchors = {link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))}
    places = [mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))]
    assert anchors <= set(places)
    assert len(places) == len(set(places))
    marks = {place for place in places if place.startswith("evidence_")}
    assert marks == {anchor for anchor in anchors if anchor.startswith("evidence_")}
    exact = {row[4]: row[3] for row in cells(report.tables[-1]) if row[0].startswith("[")}
    known = {
        i.key: i.value for o in published.outcomes for i in o.result.indicators
        if not i.subject and i.value is not None and o.recipe.name != "column-4"
    }  # fmt: skip
    assert len(known.keys() & exact.keys()) > 20
    for key in known.keys() & exact.keys():
        assert float(exact[key].replace(",", "")) == pytest.approx(known[key], abs=1e-6)


def test_sentences_with_figures_carry_marks(report):
    said = texts(report)
    bounds = [len(said) - 1 - said[::-1].index(head) for head in ("二、分析成果", "四、方法与限制")]
    for text in said[slice(*bounds)]:
        for figure in re.finditer(r"(?:为|占)-?[\d,.]+(?:%| [^\s（\[]+)?", text):
            rest = text[figure.end() :]
            assert re.match(r"(（[^）]*）)*\[\d+\]", rest), text


def test_the_annex_names_layers_parameters_hashes_and_date(published, report):
    rows = {row[0] for row in cells(report.tables[-1]) if row[0] == row[-1]}
    told = next(row for row in rows if "（road-hardening）" in row)
    digest = result_of(published, "road-hardening").inputs["villages"]
    assert f"villages {digest[:12]}" in told
    assert "村庄" in told
    assert "村庄接入道路的最大距离 1000 m" in told
    assert "2025-12-31" in told


def test_tables_repeat_their_heads(report):
    assert report.tables
    for table in report.tables:
        first, *others = (row._tr.findall(f".//{qn('w:tblHeader')}") for row in table.rows)
        assert len(first) == 1
        assert not any(others)


def test_whole_numbers_are_set_like_all_others(published):
    """A table's integers come as numpy's, which are no Python integers."""
    outcome = next(o for o in published.outcomes if o.recipe.name == "logistics-reach")
    table = outcome.result.tables["by_township"].assign(denominator=1100)
    changed = replace(outcome, result=replace(outcome.result, tables={"by_township": table}))
    (path,) = write("docx", replace(published, outcomes=[changed])).files
    found = [cell for t in docx.Document(str(path)).tables for row in cells(t) for cell in row]
    assert "1,100" in found
    assert "1100" not in found


def test_what_is_missed_is_listed_by_township(report):
    table = next(t for t in report.tables if t.cell(0, 2).text == "名称")
    assert cells(table)[1:] == [["乙乡", "1", "小寨"]]


def test_a_sheet_has_a_caption_and_a_description(report):
    (shape,) = report.inline_shapes
    assert "道路硬化" in shape._inline.docPr.get("descr")
    assert "附图1　道路硬化覆盖图" in texts(report)
    section = report.sections[-1]
    assert section.page_width > section.page_height
    assert shape.width <= section.page_width - section.left_margin - section.right_margin


def test_type_is_that_of_official_documents(report):
    first = report.sections[0]
    sides = (first.top_margin, first.bottom_margin, first.left_margin, first.right_margin)
    assert [round(side.mm) for side in sides] == [37, 35, 28, 26]
    grid = first._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:type")), grid.get(qn("w:linePitch"))) == ("lines", "579")
    fonts = {}
    for name in ("报告正文", "Title", "Heading 1", "Heading 2"):
        style = report.styles[name]
        found = style.element.rPr.find(qn("w:rFonts"))
        assert not [key for key in found.attrib if "Theme" in key]
        fonts[name] = (found.get(qn("w:eastAsia")), style.font.size.pt)
    assert fonts == {
        "报告正文": ("仿宋_GB2312", 16), "Title": ("方正小标宋简体", 22),
        "Heading 1": ("黑体", 16), "Heading 2": ("楷体_GB2312", 16),
    }  # fmt: skip
    assert report.styles["报告正文"].paragraph_format.line_spacing.pt == 28.95


def test_contents_are_a_field_and_read_at_once(report):
    codes = [code.text.strip() for code in report.element.body.iter(qn("w:instrText"))]
    assert 'TOC \\o "1-2" \\h \\z \\u' in codes
    kinds = [c.get(qn("w:fldCharType")) for c in report.element.body.iter(qn("w:fldChar"))]
    assert kinds == ["begin", "separate", "end"]
    listed = [p.text.strip() for p in report.paragraphs if p.style.name.casefold()[:3] == "toc"]
    heads = [p.text for p in report.paragraphs if p.style.name.startswith("Heading")]
    assert listed == heads


def test_the_same_results_give_the_same_bytes(published):
    once, again = (write("docx", published).files[0].read_bytes() for _ in range(2))
    assert once == again
    with zipfile.ZipFile(io.BytesIO(once)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert "2025-12-31" in archive.read("docProps/core.xml").decode()


def test_english_has_english_sentences(published):
    (path,) = write("docx", replace(published, language="en")).files
    said = "\n".join(texts(docx.Document(str(path))))
    assert path.name == "Tiny_report.docx"
    assert "1. Overview" in said
    plain = re.sub(r"\[\d+\]", "", said)
    assert "Of 2 natural villages (exempt ones excepted), 1 have a continuous hardened" in plain
    assert "which meets the target of 50.0%. Map: Sheet 1. All figures" in plain


def test_what_cannot_be_computed_says_what_is_missing(published):
    outcome = published.outcomes[0]
    lacking = Outcome(outcome.recipe, Result("not_computable", missing=("roads.surface",)))
    (path,) = write("docx", replace(published, outcomes=[lacking])).files
    said = texts(docx.Document(str(path)))
    title = outcome.recipe.title.zh
    assert said.count(f"{title}：无法计算，缺少道路·路面类型。") >= 1


def test_a_template_gives_styles_and_furniture(published, tmp_path):
    paper = docx.Document()
    paper.sections[0].header.paragraphs[0].text = "某某县人民政府"
    paper.styles["Heading 1"].font.name = "SimSun"
    paper.add_paragraph("样稿正文")
    paper.save(tmp_path / "paper.docx")
    (path,) = write("docx", replace(published, template=tmp_path / "paper.docx")).files
    document = docx.Document(str(path))
    assert document.sections[0].header.paragraphs[0].text == "某某县人民政府"
    assert document.styles["Heading 1"].font.name == "SimSun"
    assert "样稿正文" not in texts(document)
    assert document.paragraphs[0].text == "小县规划成果报告"
    assert "报告正文" in {style.name for style in document.styles}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"{\\rtf1 text}"])
def test_a_broken_template_is_one_clear_line(published, tmp_path, content):
    file = tmp_path / "broken.docx"
    file.write_bytes(content)
    with pytest.raises(DataError) as error:
        write("docx", replace(published, template=file))
    assert (error.value.code, error.value.exit_code) == ("template-unreadable", 3)
    assert "\n" not in error.value.render("zh")


def test_a_workbook_is_no_template(published, tmp_path):
    file = tmp_path / "book.docx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(DataError, match="template"):
        write("docx", replace(published, template=file))


def own_phrases(tmp_path, text):
    (tmp_path / "_report.toml").write_text(f"[phrases]\n{text}\n", encoding="utf-8")
    return read_phrases(tmp_path, "zh")


def test_planners_change_single_sentences(tmp_path):
    phrases = own_phrases(tmp_path, 'target_met = { zh = "（达标）", en = " (met)" }')
    assert phrases.phrase("target_met", target="80%") == "（达标）"
    assert phrases.phrase("see_map", map="附图1") == "图见附图1。"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('nonsense = { zh = "x", en = "x" }', "phrase-unknown"),
        ('target_met = { zh = "{goal}", en = "{target}" }', "phrase-gap"),
        ('figure = { zh = "{figure}{value}", en = "{figure}{value}" }', "phrase-mark"),
    ],
)
def test_a_sentence_that_does_not_fit_is_named(tmp_path, text, code):
    with pytest.raises(ContentError) as error:
        own_phrases(tmp_path, text)
    assert [problem.code for problem in error.value.problems] == [code]


def recipe_saying(text):
    return AnalysisDef.model_validate(
        {
            "name": "test", "title": Title(zh="试", en="Test"), "method": "reach.coverage",
            "figures": {"own": Figure(zh="有", en="own")},
            "report": {"text": [{"zh": text, "en": text}]},
        }
    )  # fmt: skip


def test_a_recipes_sentence_names_its_own_figures_only():
    assert recipe_saying("共{own.denominator}个").report.text
    for wrong in ("{other}", "{own.median}"):
        with pytest.raises(ValueError, match="figure"):
            recipe_saying(wrong)


def test_marks_are_given_once_per_figure():
    evidence, outcome = Evidence(), Outcome(recipe_saying("x"), Result())
    own = Indicator("own", 1.0, "个")
    first = evidence.figure(outcome, own, "有")
    assert evidence.figure(outcome, own, "有") == first
    assert evidence.table(outcome, "missed", "缺") != first
    assert list(split_marks(f"共1{first}个")) == [("共1", None), ("[1]", 1), ("个", None)]


def test_chinese_numbers():
    assert [chinese_number(n) for n in (1, 9, 10, 11, 20, 21, 99)] == [
        "一", "九", "十", "十一", "二十", "二十一", "九十九",
    ]  # fmt: skip


def test_order_of_chapters(published):
    names = [outcome.recipe.name for outcome in in_order(published.outcomes)]
    assert names[:2] == ["indicators", "road-hardening"]
    assert names[-1] == "column-4"


def test_columns_share_the_page():
    rows = [["甲镇", "80.0%", "很长的说明" * 20]]
    widths = column_widths(["乡镇", "占比", "说明"], rows, 156)
    assert sum(widths) == pytest.approx(156)
    assert widths[2] > 80
    assert [is_number(text) for text in ("80.0%", "-0.04", "1,091 个", "–", "甲镇", "1、2")] == [
        True, True, True, True, False, False,
    ]  # fmt: skip


@pytest.mark.office
@pytest.mark.slow
def test_libreoffice_opens_it(published, tmp_path):
    done = write("docx", published)
    office = shutil.which("soffice")
    if office is None or shutil.which("pdftotext") is None:
        pytest.skip("LibreOffice or poppler is not installed")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path,
         done.files[0]],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    pdf = tmp_path / f"{done.files[0].stem}.pdf"
    said = subprocess.run(["pdftotext", pdf, "-"], check=True, capture_output=True, text=True)
    flat = re.sub(r"\s", "", said.stdout)
    for part in ("小县规划成果报告", "一、总体情况", "数据依据", "附图1道路硬化覆盖图", "小寨"):
        assert part in flat
    assert 5 <= said.stdout.count("\f") <= 40
