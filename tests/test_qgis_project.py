"""Real QGIS opens the published project: layers, styles, themes, layouts, atlas, a moved folder."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader
from qgis_scripts import OPEN_PROJECT, run_in_qgis, villages_open_in_qgis
from test_publish_qgis import CODED, county_with_elevation, raster
from towns import COUNTY, SOURCE, small_county

from yanshan_gis.layer import Layer
from yanshan_gis.publish.layer_tree import build_tree
from yanshan_gis.publish.mapframe import MapFrame
from yanshan_gis.publish.package import publish_package
from yanshan_gis.publish.publication import Publication
from yanshan_gis.publish.qgis_folder import publish_qgis
from yanshan_gis.publish.qgis_layers import QUIET
from yanshan_gis.publish.qgis_project import plan_project
from yanshan_gis.run import run
from yanshan_gis.workspace import create_workspace

pytestmark = pytest.mark.qgis
RECIPES = ["road-hardening", "logistics-reach", "column-4", "indicators"]


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Return a county, its publication and its project, in a folder with a Chinese name."""
    workspace = county_with_elevation(tmp_path_factory.mktemp("qgis") / "小县 县情")
    publication = Publication(workspace, run(workspace, RECIPES))
    written = publish_qgis(publication)
    assert not written.notices
    return publication, written.files[0]


@pytest.fixture(scope="module")
def opened(published, tmp_path_factory):
    """Return what QGIS finds once the folder was moved, with its layouts drawn."""
    _, project = published
    moved = tmp_path_factory.mktemp("elsewhere") / "交付 成果"
    shutil.copytree(project.parent, moved)
    drawn = tmp_path_factory.mktemp("drawn")
    return run_in_qgis(OPEN_PROJECT, moved / project.name, drawn), drawn


@pytest.fixture(scope="module")
def plan(published):
    publication, _ = published
    return plan_project(publication, build_tree(publication.workspace, publication.outcomes, "zh"))


def test_a_moved_project_opens_whole(opened):
    found, _ = opened
    assert found["read"]
    assert found["crs"] == "EPSG:4544"
    assert all(layer["valid"] for layer in found["layers"].values())
    assert {layer["crs"] for layer in found["layers"].values()} == {"EPSG:4544"}
    assert all("交付 成果" in layer["source"] for layer in found["layers"].values())


def test_layers_hold_all_rows_and_keep_their_ids(opened, plan):
    found, _ = opened
    assert set(found["layers"]) == {layer.key for layer in plan.layers.values()}
    for layer in plan.layers.values():
        if layer.layer.frame is not None:
            assert found["layers"][layer.key]["features"] == len(layer.layer.frame), layer.table


def test_styles_have_the_classes_of_the_scheme(opened, plan):
    found, _ = opened
    for layer in plan.layers.values():
        style, told = layer.layer.style, found["layers"][layer.key]
        if style is None or style.by is None or told["renderer"] == "invertedPolygonRenderer":
            continue
        assert told["classes"] == [item.title for item in style.classes], layer.table
        assert told["labels"] == (style.label is not None), layer.table
    roads = found["layers"]["map_layer__road-hardening__roads"]
    assert roads["renderer"] == "categorizedSymbol"
    assert QUIET in found["layers"]["map_layer__roads"]["styles"]


def test_labels_are_understood(opened, plan):
    found, _ = opened
    labels = {key: layer["label"] for key, layer in found["layers"].items() if layer["label"]}
    assert not any(label["wrong"] for label in labels.values())
    assert labels["map_layer__roads"]["framed"]  # a route's number
    assert not labels["map_layer__seats"]["framed"]
    marks = labels["map_layer__column-4__located"]
    assert marks["all"]
    assert "concatenate" in marks["text"]  # symbols of one place are named together
    villages = plan.layers["villages"].layer.frame
    # Four villages on 60 km² stand 3.9 km apart, 8 mm on paper at 1:484 123.
    assert len(villages) == 4
    assert labels["map_layer__villages"]["limit"] == 400_000


def test_rasters_are_classed_and_shaded(opened):
    found, _ = opened
    elevation = found["layers"]["map_layer__elevation"]
    assert elevation["renderer"] == "singlebandpseudocolor"
    ends = [item[0] for item in elevation["classes"]]
    assert ends[:2] == pytest.approx([500, 1000])
    assert ends[0] < 500
    assert ends[-1] is None
    assert elevation["classes"][0][1:] == ["#4f8f5b", "< 500 m"]
    assert found["layers"]["map_layer__elevation__hillshade"]["renderer"] == "hillshade"


def test_columns_have_titles_and_code_lists(opened):
    found, _ = opened
    villages = found["layers"]["map_layer__villages"]
    assert villages["aliases"]["population"] == "人口 (人)"
    assert villages["widgets"]["level"] == "ValueMap"
    assert found["layers"]["map_layer__road-hardening__villages"]["aliases"]["missing_km"]


def test_groups_and_drawing_order(opened):
    found, _ = opened
    assert [group["name"] for group in found["groups"]] == [
        "分析成果", "规划专栏", "专题要素", "底图要素", "栅格",
    ]  # fmt: skip
    analyses, *_, basis, raster = found["groups"]
    assert "道路硬化覆盖" in [group["name"] for group in analyses["groups"]]
    assert "map_layer__roads" in basis["on"]
    assert not raster["on"]
    assert "map_layer__townships__surroundings" not in basis["on"]
    order = found["order"]
    assert order[0] == "map_layer__townships__surroundings"
    at = [order.index(f"map_layer__{name}") for name in (
        "road-hardening__villages", "villages", "road-hardening__roads", "roads", "county",
        "townships", "farm_bases", "county__ground", "elevation", "elevation__hillshade",
    )]  # fmt: skip
    assert at == sorted(at)


def test_a_theme_per_sheet(opened, plan):
    found, _ = opened
    titles = {sheet.title for sheet in plan.sheets}
    assert {"道路硬化覆盖图", "物流配送网点覆盖图", "专栏4 冷链物流仓储项目分布图"} <= titles
    assert not any(sheet.recipe == "indicators" for sheet in plan.sheets)  # a board has no map
    assert set(found["themes"]) == titles | {"底图要素", "分乡镇图册"}
    hardening = next(sheet for sheet in plan.sheets if sheet.recipe == "road-hardening")
    wanted = {f"map_layer__{shown.table}": shown.style for shown in hardening.layers}
    assert found["themes"]["道路硬化覆盖图"] == wanted
    # The seats name the townships; a second label would say the same.
    assert wanted["map_layer__townships"] == "silent"
    assert wanted["map_layer__road-hardening__villages"] == "default"


def test_layouts_show_the_sheets_map_at_its_scale(opened, plan):
    found, _ = opened
    assert set(found["layouts"]) == {sheet.title for sheet in plan.sheets} | {"分乡镇图册"}
    for sheet in plan.sheets:
        layout = found["layouts"][sheet.title]
        assert layout["page"] == [420, 297]
        assert layout["scale"] == pytest.approx(sheet.frame.denominator, rel=1e-6)
        assert layout["extent"] == pytest.approx(list(sheet.frame.ground))
        assert layout["theme"] == sheet.title
        keys = {f"map_layer__{shown.table}" for shown in sheet.layers}
        assert set(layout["layers"]) == keys
        assert set(layout["legend"]) == keys - {
            "map_layer__elevation__hillshade", "map_layer__county__ground",
        }  # fmt: skip
        assert layout["kinds"] == [
            "QgsLayoutItemLabel", "QgsLayoutItemLegend", "QgsLayoutItemMap",
            "QgsLayoutItemPicture", "QgsLayoutItemScaleBar",
        ]  # fmt: skip


def test_layouts_say_what_a_sheet_says(opened):
    found, _ = opened
    texts = "\n".join(found["layouts"]["道路硬化覆盖图"]["texts"])
    for text in (
        "小县道路硬化覆盖图", "内部用图　不得公开", "数据截止日期：2025-12-31", "分母：",
        "2000国家大地坐标系", "资料来源：drawn by hand", "比例尺　1:",
    ):  # fmt: skip
        assert text in texts, text
    assert "[%" not in texts
    projects = "\n".join(found["layouts"]["专栏4 冷链物流仓储项目分布图"]["texts"])
    assert "项目" in projects


def test_layouts_are_drawn_at_size(opened, plan):
    found, drawn = opened
    assert all(set(done) == {0} for done in found["drawn"].values())
    for sheet in plan.sheets:
        picture = np.asarray(Image.open(drawn / f"{sheet.title}.png").convert("RGB"))
        assert picture.shape[:2] == pytest.approx((297 / 25.4 * 60, 420 / 25.4 * 60), abs=2)
        assert _ink(picture, sheet.frame) > 0.005, sheet.title
        box = PdfReader(drawn / f"{sheet.title}.pdf").pages[0].mediabox
        assert (float(box.width), float(box.height)) == pytest.approx((1190.6, 841.9), abs=1)


def _ink(picture, frame: MapFrame):
    """Measure the share of a map that is not white, a little within its frame."""
    per_mm = picture.shape[1] / 420
    left, right = (frame.left + 2) * per_mm, (frame.left + frame.width - 30) * per_mm
    top, bottom = (297 - frame.bottom - frame.height + 2) * per_mm, (295 - frame.bottom) * per_mm
    inside = picture[int(top) : int(bottom), int(left) : int(right)]
    return (inside.min(axis=2) < 240).mean()


def test_the_atlas_has_a_page_per_township(opened):
    found, drawn = opened
    pages = sorted(path.name for path in drawn.glob("小县-*.png"))
    assert pages == ["小县-01-甲镇.png", "小县-02-乙乡.png"]
    assert found["layouts"]["分乡镇图册"]["atlas"]
    first, second = (np.asarray(Image.open(drawn / page).convert("L")) for page in pages)
    assert first.shape == second.shape
    assert (np.abs(first.astype(int) - second) > 40).mean() > 0.001


def test_the_project_says_what_it_is_about(opened):
    found, _ = opened
    assert found["title"] == "小县乡村振兴规划图"
    title, abstract, author = found["metadata"]
    assert title == found["title"]
    assert author == "某某院"
    for text in ("坐标系：", "数据截止日期：2025-12-31", "道路硬化覆盖", "内部用图"):
        assert text in abstract, text
    assert found["created"] == "2025-12-31"


def test_a_county_without_results_still_opens(tmp_path):
    workspace = create_workspace(tmp_path / "县", COUNTY)
    layers = [layer for layer in small_county() if layer.name not in {"townships", "seats"}]
    empty = next(layer for layer in layers if layer.name == "outlets")
    layers = [layer for layer in layers if layer is not empty]
    workspace.store([*layers, replace(empty, frame=empty.frame.iloc[:0])])
    written = publish_qgis(Publication(workspace, []))
    assert not written.notices
    found = run_in_qgis(OPEN_PROJECT, written.files[0])
    assert found["read"]
    assert found["crs"] == "EPSG:4544"
    assert all(layer["valid"] for layer in found["layers"].values())
    assert "map_layer__outlets" not in found["layers"]  # no rows, nothing to show
    assert list(found["themes"]) == ["底图要素"]
    assert not found["layouts"]


def test_an_open_project_stands_in_nobodys_way(town):
    outcomes = run(town, ["road-hardening"])
    publication = Publication(town, outcomes)
    project = publish_qgis(publication).files[0]
    before = project.read_bytes()
    with villages_open_in_qgis(project.with_name("layers.gpkg")) as qgis:
        assert qgis.stdout.readline() == "4\n"
        said = publish_qgis(publication)
        assert said.files == []
        assert [notice.code for notice in said.notices] == ["file-in-use"]
        town.store([town.read("outlets")])  # what a run and an import write is elsewhere
        assert publish_package(publication).files
        qgis.communicate("\n", timeout=30)
    assert project.read_bytes() == before
    assert publish_qgis(publication).files


def test_codes_of_a_raster_are_a_palette(tmp_path):
    workspace = county_with_elevation(tmp_path / "县")
    path, digest = raster(workspace.root, "land_cover", CODED)
    definition = workspace.layer_catalogue["land_cover"]
    frame = workspace.read("elevation").frame
    workspace.store([Layer(definition, frame, (SOURCE,), path)],
                    raster_hashes={"land_cover": digest})  # fmt: skip
    found = run_in_qgis(OPEN_PROJECT, publish_qgis(Publication(workspace, [])).files[0])
    cover = found["layers"]["map_layer__land_cover"]
    assert cover["renderer"] == "paletted"
    assert [item[0] for item in cover["classes"]] == [10, 20]
