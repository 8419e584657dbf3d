"""A QGIS project as text: what is in it, without QGIS."""

import math
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import shapely
from towns import COUNTY, SOURCE, points, roads, small_county

from yanshan_gis.content import Style, StyleClass, Symbol, Title
from yanshan_gis.layer import Layer
from yanshan_gis.publish.file_names import safe_name
from yanshan_gis.publish.layer_tree import TreeLayer
from yanshan_gis.publish.publication import Publication, write
from yanshan_gis.publish.qgis_blocks import Column, line_mm, set_lists
from yanshan_gis.publish.qgis_folder import publish_qgis
from yanshan_gis.publish.qgis_items import Items
from yanshan_gis.publish.qgis_raster import raster_pipe
from yanshan_gis.publish.qgis_scales import find_limits, round_scale
from yanshan_gis.publish.style import resolve_style
from yanshan_gis.raster.grid import Grid
from yanshan_gis.run import run
from yanshan_gis.store.geopackage import list_tables
from yanshan_gis.store.rasters import write_raster
from yanshan_gis.workspace import create_workspace

ELEVATION = np.add.outer(np.arange(12) * 60.0, np.arange(20) * 40.0).astype(np.float32)
CODED = np.where(ELEVATION > 500, 10, 20).astype(np.uint8)


def raster(folder, name, pixels):
    """Write a raster that covers the small county."""
    grid = Grid.covering((0.0, -3000.0, 10000.0, 3000.0), 500.0, "EPSG:4544")
    return write_raster(folder / "rasters", name, grid, pixels, nodata=255)


def county_with_elevation(root):
    """Make the small county with a raster, a compiler and no approval number."""
    workspace = create_workspace(root, COUNTY.model_copy(update={"compiled_by": "某某院"}))
    layers = small_county()
    path, digest = raster(root, "elevation", ELEVATION)
    definition = workspace.layer_catalogue["elevation"]
    elevation = Layer(definition, layers[0].frame.iloc[:0], (SOURCE,), path)
    workspace.store([*layers, elevation], raster_hashes={"elevation": digest})
    return workspace


def document(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["project.qgs"]
        return ET.fromstring(archive.read("project.qgs"))  # noqa: S314 - our own


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    workspace = county_with_elevation(tmp_path_factory.mktemp("structure") / "小县")
    outcomes = run(workspace, ["road-hardening"])
    written = write("qgis", Publication(workspace, outcomes))
    return workspace, outcomes, written


def test_the_folder_is_whole(folder):
    workspace, _, written = folder
    base = workspace.out / "publish" / "qgis"
    names = [str(path.relative_to(base)).replace("\\", "/") for path in written.files]
    assert names[:3] == ["小县.qgz", "layers.gpkg", "results.gpkg"]
    assert names[3].startswith("rasters/elevation-")
    assert "road-hardening__villages" in list_tables(base / "results.gpkg")
    assert {"villages", "layer_styles"} <= set(list_tables(base / "layers.gpkg"))


def test_every_path_is_relative_and_there(folder):
    workspace, _, written = folder
    base = workspace.out / "publish" / "qgis"
    sources = [found.text for found in document(written.files[0]).iter("datasource")]
    assert len(sources) > 10
    for source in sources:
        assert source.startswith("./"), source
        path, _, table = source.partition("|layername=")
        assert (base / path).is_file(), source
        assert not table or table in list_tables(base / path), source
    text = ET.tostring(document(written.files[0]), encoding="unicode")
    assert str(workspace.root) not in text


def test_the_same_county_gives_the_same_bytes(folder):
    workspace, outcomes, written = folder
    before = {path: path.read_bytes() for path in written.files}
    again = publish_qgis(Publication(workspace, outcomes))
    assert again.files == written.files
    assert all(path.read_bytes() == data for path, data in before.items())


def test_english_words(folder):
    workspace, outcomes, _ = folder
    written = publish_qgis(Publication(workspace, outcomes, "en"))
    project = document(written.files[0])
    assert written.files[0].name == "Tiny.qgz"
    groups = project.find("layer-tree-group").findall("layer-tree-group")
    names = [group.get("name") for group in groups]
    assert names == ["Analyses", "Themes", "Base map", "Rasters"]
    assert "Internal use only" in ET.tostring(project, encoding="unicode")


def test_a_scenario_has_a_project_of_its_own_name(town):
    from yanshan_gis.overlay import open_as

    (town.root / "scenarios").mkdir()
    text = '[parameters]\n"road-hardening.attach_limit" = "500 m"\n'
    (town.root / "scenarios" / "近接入.toml").write_text(text, encoding="utf-8")
    over = open_as(town.root, "近接入")
    written = publish_qgis(Publication(over, run(over, ["road-hardening"])))
    assert written.files[0].name == "小县-近接入.qgz"
    assert "情景：近接入" in ET.tostring(document(written.files[0]), encoding="unicode")


def test_a_package_open_elsewhere_is_said_kindly(folder, monkeypatch):
    from yanshan_gis.publish import qgis_folder
    from yanshan_gis.store.in_use import in_use

    workspace, outcomes, written = folder
    before = written.files[0].read_bytes()

    def open_in_qgis(path):
        if path.name == "results.gpkg":
            raise in_use(path)

    monkeypatch.setattr(qgis_folder, "check_not_in_use", open_in_qgis)
    said = publish_qgis(Publication(workspace, outcomes))
    assert said.files == []
    assert [notice.code for notice in said.notices] == ["file-in-use"]
    assert written.files[0].read_bytes() == before


def test_an_empty_county_says_so(tmp_path):
    workspace = create_workspace(tmp_path / "县", COUNTY)
    written = publish_qgis(Publication(workspace, []))
    assert written.files == []
    assert [notice.code for notice in written.notices] == ["qgis-nothing"]


def test_former_rasters_go_and_a_readers_own_stay(tmp_path):
    workspace = county_with_elevation(tmp_path / "县")
    publication = Publication(workspace, [])
    first = publish_qgis(publication).files[-1]
    own = first.with_name("我的.tif")
    own.write_bytes(b"mine")
    path, digest = raster(workspace.root, "elevation", ELEVATION + 1)
    elevation = replace(workspace.read("elevation"), raster=path)
    workspace.store([elevation], raster_hashes={"elevation": digest})
    second = publish_qgis(publication).files[-1]
    assert second != first
    assert second.exists()
    assert own.exists()
    assert not first.exists()


def test_a_raster_of_values_has_their_colours():
    classes = (
        StyleClass(value="1", title=Title(zh="宜", en="fit"), symbol=Symbol(colour="#112233")),
        StyleClass(value="0", title=Title(zh="不宜", en="unfit"), symbol=Symbol()),
    )
    layer = TreeLayer(
        "r__grades", "results", "等级", raster_style=Style(by="value", classes=classes)
    )
    pipe = ET.fromstring(f"<x>{raster_pipe(layer, 'zh')}</x>")  # noqa: S314
    entries = [(e.get("value"), e.get("color"), e.get("label")) for e in pipe.iter("paletteEntry")]
    assert entries == [("1", "#112233", "宜"), ("0", "#555555", "不宜")]


def test_ranges_leave_their_upper_limit_out():
    # QGIS takes an item's value in, the scheme leaves it out: 500 m belongs to the second class.
    classes = (StyleClass(maximum=500, symbol=Symbol()), StyleClass(minimum=500, symbol=Symbol()))
    layer = TreeLayer("dem", "layers", "高程", raster_style=Style(by="value", classes=classes))
    pipe = ET.fromstring(f"<x>{raster_pipe(layer, 'en')}</x>")  # noqa: S314
    ends = [float(item.get("value")) for item in pipe.iter("item")]
    assert ends == [math.nextafter(500, 0), math.inf]
    assert pipe.find("blendMode").text == "6"


def test_a_raster_without_classes_is_drawn_by_what_it_holds(tmp_path):
    path, _ = raster(tmp_path, "cover", CODED)
    assert 'type="paletted"' in raster_pipe(TreeLayer("c", "layers", "", raster=path), "zh")
    path, _ = raster(tmp_path, "dem", ELEVATION)
    pipe = raster_pipe(TreeLayer("d", "layers", "", raster=path), "zh")
    assert 'type="singlebandgray"' in pipe
    assert "<contrastEnhancement>" in pipe


@pytest.mark.parametrize(
    ("spacing_m", "least_mm", "scale"),
    [(1000, 4, 250_000), (999, 4, 200_000), (8, 4, 2_000), (8000, 4, None)],
)
def test_scales_are_round_and_never_too_small(spacing_m, least_mm, scale):
    assert round_scale(spacing_m, least_mm) == scale


def test_lesser_roads_go_first():
    # 100 km² hold 10 km of main road, so 10 km apart: 10 000 m / 3 mm = 1:3.3 m, drawn always.
    # With 90 km of lanes, 1 km apart: 1000 m / 3 mm = 1:333 333, rounded to 1:300 000.
    lanes = [[(0, y), (9000, y)] for y in range(0, 10_000, 1000)]
    layer = roads(("cement", [(0, 0), (10_000, 0)], {"admin_class": "national"}),
                  *(("earth", line, {"admin_class": "group"}) for line in lanes))  # fmt: skip
    style = resolve_style(layer.definition.style, layer.definition.fields, layer.frame)
    limits = find_limits(layer.frame, style, 1e8, ranked=True)
    by_title = dict(zip([c.value for c in style.classes], limits.classes, strict=True))
    assert by_title["national"] is None
    assert by_title["group"] == 300_000
    assert limits.layer is None  # the main road is always seen
    alike = find_limits(layer.frame, style, 1e8, ranked=False)
    assert set(alike.classes) == {300_000}
    assert alike.layer == 300_000
    sheet = find_limits(layer.frame, style, 1e8, ranked=False, at_least=400_000)
    assert sheet.layer == 400_000


def test_labels_need_more_room_than_symbols():
    # 25 points on 100 km² stand 2 km apart: symbols 1:500 000, labels 1:250 000.
    rows = [(f"村{i}", i * 10.0, 0.0, {"level": "natural"}) for i in range(25)]
    layer = points("villages", *rows)
    style = resolve_style(layer.definition.style, layer.definition.fields, layer.frame)
    limits = find_limits(layer.frame, style, 1e8, ranked=False)
    assert set(limits.classes) == {500_000}
    assert limits.labels == 250_000


def test_areas_are_always_drawn():
    layer = next(layer for layer in small_county() if layer.name == "townships")
    style = resolve_style(layer.definition.style, layer.definition.fields, layer.frame)
    assert find_limits(layer.frame, style, 1e6, ranked=True).classes == (None,)


@pytest.mark.parametrize(
    ("title", "name"),
    [("砚山县", "砚山县"), ('a/b:c*?"<>|', "a_b_c______"), ("con", "_con"), ("NUL.x", "_NUL.x"),
     (" .. ", "_"), ("县" * 200, "县" * 36), ("a.", "a")],
)  # fmt: skip
def test_names_of_files_suit_windows(title, name):
    assert safe_name(title) == name


def test_lists_too_long_for_the_sheet_say_how_much_is_missing():
    from types import SimpleNamespace

    from yanshan_gis.publish.lists import ListedRow, SheetList

    rows = tuple(ListedRow(str(i), f"项目{i}") for i in range(1, 41))
    content = SimpleNamespace(lists=(SheetList("图上项目", rows),))
    height = 10 * line_mm(4.5) + 0.1  # ten lines at the smallest size
    items = Items("试")
    set_lists(items, content, [Column(10, 20, 60, 20 + height)] * 2, "zh")
    texts = [i.get("labelText") for i in ET.fromstring(f"<x>{items.elements}</x>")]  # noqa: S314
    lines = "\n".join(texts).split("\n")
    assert len(lines) == 20
    assert lines[:2] == ["图上项目", "1　项目1"]
    # A heading and 18 rows are whole, the last line says the other 22.
    assert lines[-1] == "……其余 22 行见统计表"


def test_elements_have_distinct_ids(folder):
    _, _, written = folder
    project = document(written.files[0])
    ids = [found.text for layer in project.iter("maplayer") for found in layer.findall("id")]
    assert len(ids) == len(set(ids))
    assert all(len(key) > 10 for key in ids)
    for layout in project.iter("Layout"):
        items = [found.get("uuid") for found in layout.iter("LayoutItem")]
        assert len(items) == len(set(items)), layout.get("name")


def test_the_veil_of_the_atlas_needs_areas(tmp_path):
    workspace = create_workspace(tmp_path / "县", COUNTY)
    layers = {layer.name: layer for layer in small_county()}
    dots = layers["townships"].frame.set_geometry(
        [shapely.Point(1, 1), shapely.Point(2, 2)], crs="EPSG:4544"
    )
    workspace.store([layers["county"], replace(layers["townships"], frame=dots)])
    project = document(publish_qgis(Publication(workspace, [])).files[0])
    assert not list(project.iter("Atlas"))
