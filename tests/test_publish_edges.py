"""Every kind of output of workspaces at the edge, opened by those who will read it."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ET
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import docx
import edge_towns
import geopandas as gpd
import openpyxl
import pyogrio
import pypdf
import pytest
import shapely
from edge_towns import LONG, ODD_NAMES, RECIPES
from towns import layer

from yanshan_gis.job import KINDS, publish, stored_outcomes
from yanshan_gis.publish.result_sheet import compose
from yanshan_gis.publish.sheet import draw_sheet
from yanshan_gis.run import run
from yanshan_gis.store.results import write_result

RARE, ILLEGAL = "𠮷寨", re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Finished:
    """A workspace with all its outputs."""

    workspace: object
    files: list[Path]
    notices: list

    def of(self, *endings):
        return [path for path in self.files if path.suffix in endings]

    def one(self, ending):
        (path,) = self.of(ending)
        return path

    def told(self, code):
        return [notice.render("zh") for notice in self.notices if notice.code == code]


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """Give each workspace with all kinds of output, made once."""
    made = {}

    def of(name):
        if name not in made:
            workspace = getattr(edge_towns, name)(tmp_path_factory.mktemp("edges") / name)
            for done in run(workspace, RECIPES):
                folder = workspace.out / "results" / done.recipe.name
                write_result(folder, done.recipe, done.result, workspace.stamp)
            made[name] = Finished(workspace, *publish(workspace, stored_outcomes(workspace), KINDS))
        return made[name]

    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(draw_sheet.__kwdefaults__, "dpi", 60)  # nobody looks at these
        yield of


@pytest.fixture(params=["odd_county", "one_village", "empty_layers", "only_an_outline"])
def any_county(request, finished):
    return finished(request.param)


@pytest.fixture
def odd(finished):
    return finished("odd_county")


def of_villages(paths):
    (path,) = (path for path in paths if path.stem == "村庄")
    return path


def test_names_of_files_are_taken_by_every_system(any_county):
    root = any_county.workspace.root
    assert len(any_county.files) == len(set(any_county.files))
    for path in any_county.files:
        for part in path.relative_to(root).parts:
            assert not set(part) & set('<>:"/\\|?*'), part
            assert not ILLEGAL.search(part)
            assert part == part.rstrip(" .")
            assert not RESERVED.fullmatch(part)
            # Bytes that a draft, a journal or a number adds must find room too.
            assert len(part.encode()) <= 220
        assert len(str(path.relative_to(root))) < 150


def test_packages_open(any_county):
    for path in any_county.of(".gpkg"):
        for name, _ in pyogrio.list_layers(path):
            pyogrio.read_dataframe(path, layer=name)


def test_workbooks_hold_no_formula(any_county):
    for path in any_county.of(".xlsx"):
        for sheet in openpyxl.load_workbook(path):
            cells = [cell for row in sheet.iter_rows() for cell in row]
            assert not [cell.coordinate for cell in cells if cell.data_type == "f"], path.name


def test_reports_open(any_county):
    document = docx.Document(any_county.one(".docx"))
    assert any(paragraph.text for paragraph in document.paragraphs)
    for table in document.tables:
        assert all(len(row.cells) == len(table.columns) for row in table.rows)


def test_exchange_files_open(any_county):
    for path in any_county.of(".geojson"):
        found = json.loads(path.read_text(encoding="utf-8"))
        assert found["type"] == "FeatureCollection"
    for path in any_county.of(".parquet"):
        gpd.read_parquet(path)
    for path in any_county.of(".shp"):
        path.with_suffix(".cpg").read_text(encoding="ascii")
        pyogrio.read_dataframe(path, encoding="GBK")
    for path in any_county.of(".kml"):
        assert ET.parse(path).getroot().tag.endswith("}kml")  # noqa: S314


def test_projects_are_xml(any_county):
    path = any_county.one(".qgz")
    with zipfile.ZipFile(path) as held:
        (name,) = (name for name in held.namelist() if name.endswith(".qgs"))
        project = ET.fromstring(held.read(name))  # noqa: S314
    sources = {node.text.split("|")[0] for node in project.iter("datasource")}
    assert sources
    assert all((path.parent / source).exists() for source in sources)


def page_of(path):
    page = path.read_text(encoding="utf-8")
    packed = re.search(r'id="data">([^<]*)</script>', page)[1]
    return page, json.loads(zlib.decompress(base64.b64decode(packed)))


def test_web_maps_hold_their_data(any_county):
    page, data = page_of(any_county.one(".html"))
    assert data["layers"]
    assert page.count("<script") == page.count("</script")


def test_sheets_and_atlases_open(any_county):
    for path in any_county.of(".pdf"):
        assert len(pypdf.PdfReader(path).pages) >= 1
    names = {path.stem for path in any_county.of(".png")}
    drawn = {
        outcome.recipe.name
        for outcome in stored_outcomes(any_county.workspace)
        if outcome.result.status == "ok" and outcome.recipe.sheet
    }
    assert names == drawn


def test_an_outline_alone_has_every_file_but_sheets(finished):
    outline = finished("only_an_outline")
    assert {path.suffix for path in outline.files} == {
        ".xlsx", ".gpkg", ".qgz", ".html", ".shp", ".shx", ".dbf", ".prj", ".cpg", ".geojson",
        ".parquet", ".kml", ".docx",
    }  # fmt: skip
    assert outline.notices == []


def test_odd_names_come_back_as_they_are(odd):
    (layers,) = (path for path in odd.of(".gpkg") if path.name == "layers.gpkg")
    wanted = {LONG, *ODD_NAMES}
    assert set(pyogrio.read_dataframe(layers, layer="villages")["name"]) == wanted
    geojson = json.loads(of_villages(odd.of(".geojson")).read_text(encoding="utf-8"))
    assert {feature["properties"]["name"] for feature in geojson["features"]} == wanted
    assert set(gpd.read_parquet(of_villages(odd.of(".parquet")))["name"]) == wanted


def test_odd_names_in_gbk_lose_only_what_gbk_lacks(odd):
    names = set(pyogrio.read_dataframe(of_villages(odd.of(".shp")), encoding="GBK")["村名"])
    assert {"〓寨", "〓拖拉机站", "=SUM(A1)", "甲/乙:丙*丁?戊", LONG} <= names
    assert odd.told("characters-replaced")


def test_odd_names_in_xml_lose_only_what_xml_lacks(odd):
    spoken = {node.text for node in ET.parse(odd.one(".kml")).iter() if node.text}  # noqa: S314
    assert {RARE, "=SUM(A1)", "<b>&村", LONG, "$x^2$\ufffd村"} <= spoken
    document = docx.Document(odd.one(".docx"))
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    assert {RARE, "=SUM(A1)", LONG, "=乙/乡:*?"} <= cells


def test_a_table_of_the_report_keeps_the_names_of_its_rows(odd):
    """A township's name of 80 characters is too long for a column, yet says what the row is."""
    document = docx.Document(odd.one(".docx"))
    (table,) = (t for t in document.tables if t.rows[0].cells[1].text == "行政村")
    assert [row.cells[0].text for row in table.rows[1:]] == ["=乙/乡:*?", LONG, "全县"]


def test_markup_and_formulas_are_text(odd):
    page, data = page_of(odd.one(".html"))
    assert "<b>&村" not in page
    assert "<b>&村" in json.dumps(data, ensure_ascii=False)
    book = openpyxl.load_workbook(next(p for p in odd.of(".xlsx") if p.name == "tables.xlsx"))
    cells = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {"=SUM(A1)", "+1村", "-2村", "@村", RARE} <= cells


def test_characters_that_no_font_has_are_named(odd):
    told = odd.told("glyphs-missing")
    assert [line for line in told if "logistics-reach" in line and "🚜" in line and "𠮷" in line]
    assert all("U+0001" in line for line in told)


def test_a_township_without_villages_has_its_page(odd):
    (atlas,) = (path for path in odd.of(".pdf") if path.parent.name == "atlas")
    pages = [page.extract_text() for page in pypdf.PdfReader(atlas).pages]
    assert len(pages) == 3
    assert "空乡□" in pages[2]
    assert "有本村网点的行政村" not in pages[2]


def test_long_names_are_cut_on_the_map_and_whole_in_the_title(finished):
    """The county's name has 80 characters: the title takes two lines, the label ends in dots."""
    (sheet,) = (p for p in finished("one_village").of(".pdf") if p.parent.name == "sheets")
    text = pypdf.PdfReader(sheet).pages[0].extract_text()
    assert LONG in text.replace("\n", "")
    assert LONG[:19] + "…" in text


@pytest.mark.parametrize("recipe", ["harden-first", "site-outlets"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_sheets_of_choices_say_when_control_lines_were_not_checked(town, recipe, language):
    (outcome,) = (done for done in run(town, [recipe]) if done.recipe.name == recipe)
    said = {"zh": "未核对三区三线", "en": "Not checked against control lines"}[language]
    assert [note for note in compose(town, outcome, language).notes if said in note]


def test_a_sheet_says_nothing_of_control_lines_that_were_checked(town):
    line = {"kind": "ecological_redline"}
    town.store([layer("control_lines", [line], [shapely.box(9000, -2900, 9100, -2800)])])
    (outcome,) = (
        done for done in run(town, ["site-outlets"]) if done.recipe.name != "road-network"
    )
    assert not [note for note in compose(town, outcome, "zh").notes if "三区三线" in note]
