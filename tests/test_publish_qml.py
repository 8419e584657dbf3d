"""QGIS styles: what real QGIS makes of them, and where they are kept."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import xml.etree.ElementTree as ET
from contextlib import closing
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from yanshan_gis.catalogue import read_layers
from yanshan_gis.content import Code, FieldDef, Label, Style, StyleClass, Symbol, Title
from yanshan_gis.errors import DataError
from yanshan_gis.publish.default_styles import write_default_styles
from yanshan_gis.publish.qml import layer_qml
from yanshan_gis.publish.style import classify, resolve_style
from yanshan_gis.store.geopackage import edit

STAMP = date(2024, 12, 31)
SYSTEM_PYTHON = Path("/usr/bin/python3")
SURFACE = FieldDef(
    type="code",
    title=Title(zh="路面", en="Surface"),
    codes={"asphalt": Code(zh="沥青", en="Asphalt"), "earth": Code(zh="土路", en="Earth")},
)
NAME = FieldDef(type="text", title=Title(zh="名称“甲”<乙>&", en="Name"))
VOLUME = FieldDef(type="number", unit="m³", title=Title(zh="库容", en="Volume"))
FIELDS = {"surface": SURFACE, "name": NAME, "volume": VOLUME}

# Loads every layer of the GeoPackage, and tells what QGIS makes of its style.
READER = """
import json, sys
from qgis.core import QgsApplication, QgsRenderContext, QgsVectorLayer
app = QgsApplication([], False)
app.initQgis()
told = {}
for name in sys.argv[2:]:
    layer = QgsVectorLayer(sys.argv[1] + "|layername=" + name, name, "ogr")
    renderer, context = layer.renderer().clone(), QgsRenderContext()
    keys = {i.ruleKey(): i.label() for i in renderer.legendSymbolItems()}
    renderer.startRender(context, layer.fields())
    rows = {}
    for feature in layer.getFeatures():
        context.expressionContext().setFeature(feature)
        symbols = renderer.symbolsForFeature(feature, context)
        tops = [symbol.symbolLayer(symbol.symbolLayerCount() - 1) for symbol in symbols]
        rows[feature["id"]] = [top.color().name() for top in tops]
    renderer.stopRender(context)
    symbol = layer.renderer().symbols(context)[0]
    first = symbol.symbolLayer(0)
    settings = layer.labeling().settings() if layer.labeling() else None
    look = settings.format() if settings else None
    buffer = look.buffer() if settings else None
    told[name] = {
        "valid": layer.isValid(), "renderer": layer.renderer().type(),
        "legend": list(keys.values()), "rows": rows,
        "labels": layer.labelsEnabled(),
        "label_field": settings.fieldName if settings else None,
        "halo": buffer.enabled() if settings else None,
        "aliases": {f.name(): layer.attributeAlias(i) for i, f in enumerate(layer.fields())},
        "widgets": {f.name(): layer.editorWidgetSetup(i).type()
                    for i, f in enumerate(layer.fields())},
        "map": layer.editorWidgetSetup(layer.fields().indexOf("surface")).config().get("map"),
        "layers": [x.layerType() for x in symbol.symbolLayers()],
        "levels": layer.renderer().usingSymbolLevels(),
        "colour": symbol.color().name(),
        "size": first.dataDefinedProperties().property(0).expressionString()
                if layer.geometryType() == 0 else "",
    }
    del layer, renderer, symbol, symbols, tops, first, settings, buffer, look
print(json.dumps(told))
app.exitQgis()
"""


@pytest.fixture(scope="session")
def qgis():
    """Return a function that reads layers of a GeoPackage with real QGIS, or skip."""
    if not SYSTEM_PYTHON.exists():
        pytest.skip("no /usr/bin/python3, so no QGIS")
    environment = {
        "QT_QPA_PLATFORM": "offscreen", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
        "HOME": os.environ.get("HOME", "/"), "XDG_RUNTIME_DIR": "/tmp",  # noqa: S108
    }  # fmt: skip
    probe = subprocess.run(
        [SYSTEM_PYTHON, "-c", "import qgis.core"], env=environment, capture_output=True, check=False
    )
    if probe.returncode:
        pytest.skip("/usr/bin/python3 has no qgis.core (Debian: python3-qgis)")

    def read(gpkg, *layers):
        done = subprocess.run(
            [SYSTEM_PYTHON, "-c", READER, str(gpkg), *layers],
            env=environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        assert lines, done.stdout + done.stderr
        return json.loads(lines[-1])

    return read


def frame_of(geometry, **columns):
    columns = {"id": [f"X{i:06d}" for i in range(len(geometry))], **columns}
    return gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4544")


def dots(count):
    return [shapely.Point(500_000 + 1000 * i, 2_600_000) for i in range(count)]


def by(field, *classes, label=None):
    styled = [
        StyleClass(symbol=Symbol(colour=f"#0000{10 + i}"), **c) for i, c in enumerate(classes)
    ]
    return Style(by=field, classes=styled, label=label)


LAYERS = {
    "codes": (
        frame_of(dots(3), surface=["earth", "asphalt", "earth"], name=list("甲乙丙")),
        by("surface", {"value": "asphalt"}, {"value": "earth"}, label=Label(field="name")),
    ),
    "codes_gap": (
        frame_of(dots(3), surface=["earth", None, "o'dd"]),
        by("surface", {"value": "earth"}),
    ),
    "ranges": (
        frame_of(dots(5), volume=[0.0, 9.999, 10.0, 19.9, 20.0]),
        by("volume", {"maximum": 10}, {"minimum": 10, "maximum": 20}, {"minimum": 20}),
    ),
    "ranges_gap": (
        frame_of(dots(3), volume=[10.0, np.nan, 0.3]),
        by("volume", {"maximum": 0.3}, {"minimum": 0.3}),
    ),
    "truth": (
        frame_of(dots(3), exempt=pd.array([True, False, None], dtype="boolean")),
        by("exempt", {"value": True}, {"value": False}),
    ),
    "sized": (
        frame_of(dots(2), volume=[330.0, np.nan]),
        Style(symbol=Symbol(size_by="volume", shape="house"), label=Label(field="volume")),
    ),
    "lines": (
        frame_of([shapely.LineString([(5e5, 2.6e6), (5.1e5, 2.6e6)])], surface=["earth"]),
        Style(
            by="surface",
            classes=[StyleClass(value="earth", symbol=Symbol(casing="#222222", dash="dash-dot"))],
        ),
    ),
    "areas": (
        frame_of([shapely.box(5e5, 2.6e6, 5.1e5, 2.61e6)], name=["甲"]),
        Style(symbol=Symbol(outline="#112233", outline_dash="boundary"), label="name"),
    ),
}  # fmt: skip


@pytest.fixture(scope="session")
def styled(tmp_path_factory):
    path = tmp_path_factory.mktemp("styles") / "图层.gpkg"
    styles, resolved = {}, {}
    with edit(path, stamp=STAMP) as draft:
        for name, (frame, style) in LAYERS.items():
            draft.write(name, frame)
            resolved[name] = resolve_style(style, FIELDS, frame, title=name)
            columns = [column for column in frame.columns if column != "geometry"]
            styles[name] = layer_qml(resolved[name], columns)
        write_default_styles(draft.path, styles, update_time=STAMP)
    return path, resolved


@pytest.fixture(scope="session")
def told(qgis, styled):
    return qgis(styled[0], *LAYERS)


@pytest.mark.qgis
def test_qgis_gives_every_feature_the_class_the_map_gives_it(told, styled):
    _, resolved = styled
    for name, (frame, _) in LAYERS.items():
        style = resolved[name]
        if style.by is None:
            continue
        colours = [item.symbol.colour for item in style.classes]
        assert len(set(colours)) == len(colours)
        found = classify(frame, style)
        ours = {row: [colours[k]] for row, k in zip(frame["id"], found, strict=True)}
        assert told[name]["rows"] == ours, name
        assert told[name]["legend"] == [item.title for item in style.classes], name


@pytest.mark.qgis
def test_qgis_finds_the_renderers(told):
    assert {name: one["renderer"] for name, one in told.items()} == {
        "codes": "categorizedSymbol", "codes_gap": "categorizedSymbol",
        "truth": "categorizedSymbol",
        "ranges": "graduatedSymbol", "ranges_gap": "RuleRenderer", "sized": "singleSymbol",
        "lines": "categorizedSymbol", "areas": "singleSymbol",
    }  # fmt: skip
    assert all(one["valid"] for one in told.values())
    assert told["codes"]["colour"] == "#000010"


@pytest.mark.qgis
def test_qgis_finds_labels_titles_and_code_lists(told):
    assert told["codes"]["labels"]
    assert told["codes"]["label_field"] == "name"
    assert told["codes"]["halo"]
    assert not told["ranges"]["labels"]
    assert told["codes"]["aliases"]["surface"] == "路面"
    assert told["codes"]["aliases"]["name"] == "名称“甲”<乙>&"
    assert told["sized"]["aliases"]["volume"] == "库容 (m³)"
    assert told["codes"]["widgets"]["surface"] == "ValueMap"
    assert told["codes"]["map"] == [{"沥青": "asphalt"}, {"土路": "earth"}]


@pytest.mark.qgis
def test_qgis_finds_sizes_casings_and_borders(told):
    # 330 rounds up to 400; a symbol of 2 mm grows to 5 mm and shrinks to 0.8 mm.
    assert told["sized"]["size"] == (
        'CASE WHEN "volume" IS NULL THEN 2 ELSE max(0.8, 5 * sqrt(max("volume", 0) / 400)) END'
    )
    assert told["sized"]["layers"] == ["SvgMarker"]
    assert told["lines"]["layers"] == ["SimpleLine", "SimpleLine"]
    assert told["lines"]["levels"]
    assert told["areas"]["layers"] == ["SimpleFill", "SimpleLine"]


@pytest.mark.parametrize("name", sorted(n for n, d in read_layers().items() if not d.is_raster))
def test_every_catalogue_style_is_well_formed(name):
    definition = read_layers()[name]
    kinds = {"Point": "point", "LineString": "line", "Polygon": "polygon"}
    for geometry in set(definition.geometry) & set(kinds):
        style = resolve_style(
            definition.style, definition.fields, title=definition.title.zh, kind=kinds[geometry]
        )
        root = ET.fromstring(layer_qml(style).split("\n", 1)[1])  # noqa: S314 - our own text
        assert root.find("renderer-v2/symbols/symbol") is not None
        assert len(root.findall("aliases/alias")) == len(definition.fields)


def test_styles_are_kept_where_qgis_looks_for_them(styled):
    with closing(sqlite3.connect(styled[0])) as connection:
        rows = connection.execute(
            "SELECT f_table_catalog, f_table_schema, f_geometry_column, useAsDefault, update_time"
            " FROM layer_styles"
        ).fetchall()
        kind = connection.execute(
            "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'"
        ).fetchall()
    assert rows == [("", "", "geometry", 1, "2024-12-31T00:00:00.000Z")] * len(LAYERS)
    assert kind == [("attributes",)]


def test_writing_again_replaces_and_the_same_styles_give_the_same_bytes(tmp_path):
    frame, style = LAYERS["codes"]
    text = layer_qml(resolve_style(style, FIELDS, frame))
    files = []
    for name in ("a.gpkg", "b.gpkg"):
        with edit(tmp_path / name, stamp=STAMP) as draft:
            draft.write("codes", frame)
            write_default_styles(draft.path, {"codes": "old"}, update_time=STAMP)
            write_default_styles(draft.path, {"codes": text}, update_time=STAMP)
        files.append((tmp_path / name).read_bytes())
    assert files[0] == files[1]
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as connection:
        assert connection.execute("SELECT styleQML FROM layer_styles").fetchall() == [(text,)]


def test_a_style_for_a_table_that_is_not_there_is_an_error(tmp_path):
    with edit(tmp_path / "a.gpkg", stamp=STAMP) as draft:
        draft.write("codes", LAYERS["codes"][0])
        with pytest.raises(DataError) as caught:
            write_default_styles(draft.path, {"codes": "x", "roads": "y"}, update_time=STAMP)
        assert caught.value.code == "style-no-table"
        with closing(sqlite3.connect(draft.path)) as connection:
            assert "layer_styles" not in str(
                connection.execute("SELECT name FROM sqlite_master").fetchall()
            )
