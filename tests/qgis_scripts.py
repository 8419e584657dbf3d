"""Scripts that real QGIS runs headless, in a Python of its own."""

import json
import os
import subprocess
from pathlib import Path

import pytest

PYTHON = Path("/usr/bin/python3")


def need_qgis():
    """Skip where QGIS is not installed."""
    if not PYTHON.exists():
        pytest.skip("no system Python with QGIS")
    probe = subprocess.run([PYTHON, "-c", "import qgis.core"], check=False, capture_output=True)
    if probe.returncode:
        pytest.skip("QGIS is not installed (Debian: qgis python3-qgis)")


def environment():
    """Leave out what points to this Python's packages."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**kept, "QT_QPA_PLATFORM": "offscreen"}


def run_in_qgis(script, *words):
    """Run a script; return what its last line of output holds as JSON."""
    need_qgis()
    done = subprocess.run([PYTHON, "-c", script, *map(str, words)], check=True, text=True,
                          capture_output=True, env=environment())  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


HOLDER = """
import sys
from qgis.core import QgsApplication, QgsVectorLayer
application = QgsApplication([], False)
application.initQgis()
layer = QgsVectorLayer(f"{sys.argv[1]}|layername=villages", "villages", "ogr")
print(layer.featureCount(), flush=True)
sys.stdin.readline()
print(len([f["name"] for f in layer.getFeatures()]), flush=True)
del layer
application.exitQgis()
"""


def villages_open_in_qgis(path):
    """Start a QGIS that shows the villages of a GeoPackage until it is sent a line."""
    need_qgis()
    command = [PYTHON, "-c", HOLDER, str(path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment(), **pipes)


# Opens a project, tells what is in it, and draws its layouts into a folder if one is given.
OPEN_PROJECT = """
import json, os, sys
from qgis.core import (QgsApplication, QgsExpression, QgsLayoutExporter, QgsLayoutItem,
                       QgsLayoutItemPage, QgsProject)
application = QgsApplication([], False)
application.initQgis()
project = QgsProject.instance()
read = project.read(sys.argv[1])
root = project.layerTreeRoot()

def group(node):
    return {"name": node.name(), "groups": [group(c) for c in node.children() if c.nodeType() == 0],
            "layers": [c.layerId() for c in node.children() if c.nodeType() == 1],
            "on": [c.layerId() for c in node.children() if c.nodeType() == 1 and c.isVisible()]}

def classes(renderer):
    if renderer.type() == "categorizedSymbol":
        return [c.label() for c in renderer.categories()]
    if renderer.type() == "graduatedSymbol":
        return [r.label() for r in renderer.ranges()]
    if renderer.type() == "RuleRenderer":
        return [r.label() for r in renderer.rootRule().children()]
    if renderer.type() == "paletted":
        return [[c.value, c.color.name(), c.label] for c in renderer.classes()]
    if renderer.type() == "singlebandpseudocolor":
        items = renderer.shader().rasterShaderFunction().colorRampItemList()
        return [[i.value if i.value < 1e300 else None, i.color.name(), i.label] for i in items]
    return []

def label(found):
    if not found.labeling():
        return None
    settings = found.labeling().settings()
    form = settings.format()  # held: what it hands out dies with it
    ground = form.background()
    wrong = settings.isExpression and QgsExpression(settings.fieldName).hasParserError()
    limit = settings.minimumScale if settings.scaleVisibility else None
    return {"wrong": wrong, "framed": ground.enabled(), "limit": limit,
            "all": settings.displayAll, "text": settings.fieldName}

def layer(found):
    vector = found.type() == 0
    return {
        "title": found.name(), "valid": found.isValid(), "crs": found.crs().authid(),
        "renderer": found.renderer().type(), "classes": classes(found.renderer()),
        "features": found.featureCount() if vector else None,
        "labels": vector and found.labelsEnabled(),
        "label": label(found) if vector else None,
        "styles": found.styleManager().styles(), "source": found.source(),
        "limit": found.minimumScale() if found.hasScaleBasedVisibility() else None,
        "aliases": {f.name(): found.attributeAlias(i) for i, f in enumerate(found.fields())}
        if vector else {},
        "widgets": {f.name(): found.editorWidgetSetup(i).type()
                    for i, f in enumerate(found.fields())} if vector else {},
    }

def layout(found):
    items = [i for i in found.items() if isinstance(i, QgsLayoutItem)
             and not isinstance(i, QgsLayoutItemPage)]
    shown = found.itemById("map")
    size = found.pageCollection().page(0).pageSize()
    box = shown.extent()
    return {
        "kinds": sorted({type(i).__name__ for i in items}), "scale": shown.scale(),
        "extent": [box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()],
        "page": [size.width(), size.height()], "theme": shown.followVisibilityPresetName(),
        "texts": [i.currentText() for i in items if hasattr(i, "currentText")],
        "legend": [l.layerId() for i in items if hasattr(i, "model")
                   for l in i.model().rootGroup().findLayers()],
        "layers": [l.id() for l in shown.layersToRender()], "atlas": found.atlas().enabled(),
    }

def draw(found, folder):
    exporter = QgsLayoutExporter(found)
    png, pdf = QgsLayoutExporter.ImageExportSettings(), QgsLayoutExporter.PdfExportSettings()
    png.dpi = pdf.dpi = 60
    if found.atlas().enabled():
        found.atlas().updateFeatures()
        return [QgsLayoutExporter.exportToImage(found.atlas(), folder + "/x", "png", png)[0]]
    stem = folder + "/" + found.name()
    return [exporter.exportToImage(stem + ".png", png), exporter.exportToPdf(stem + ".pdf", pdf)]

layouts = project.layoutManager().printLayouts()
themes = project.mapThemeCollection()
told = {
    "read": read, "crs": project.crs().authid(), "title": project.title(),
    "metadata": [project.metadata().title(), project.metadata().abstract(),
                 project.metadata().author()],
    "created": project.metadata().creationDateTime().toString("yyyy-MM-dd"),
    "layers": {i: layer(l) for i, l in project.mapLayers().items()},
    "order": [l.id() for l in root.layerOrder()],
    "groups": [group(c) for c in root.children()],
    "themes": {name: {r.layer().id(): r.currentStyle
                      for r in themes.mapThemeState(name).layerRecords()}
               for name in themes.mapThemes()},
    "layouts": {l.name(): layout(l) for l in layouts},
}
if len(sys.argv) > 2:
    told["drawn"] = {l.name(): draw(l, sys.argv[2]) for l in layouts}
print(json.dumps(told), flush=True)
os._exit(0)  # layers that outlive QGIS would crash it
"""
