"""Real QGIS opens results.gpkg and finds the default styles, and the Chinese aliases of layers."""

import pytest
from qgis_scripts import run_in_qgis, villages_open_in_qgis

from yanshan_gis.errors import FileInUseError
from yanshan_gis.publish.package import dress_layers, write_results
from yanshan_gis.run import run

pytestmark = pytest.mark.qgis

SCRIPT = """
import json, sys
from qgis.core import QgsApplication, QgsVectorLayer
application = QgsApplication([], False)
application.initQgis()
found = {}
for path, table in (line.split("|") for line in sys.argv[1:]):
    layer = QgsVectorLayer(f"{path}|layername={table}", table, "ogr")
    renderer = layer.renderer()
    found[table] = {
        "valid": layer.isValid(),
        "crs": layer.crs().authid(),
        "features": layer.featureCount(),
        "renderer": renderer.type(),
        "classes": [c.label() for c in getattr(renderer, "categories", list)()],
        "labels": layer.labelsEnabled(),
        "aliases": {f.name(): layer.attributeAlias(i) for i, f in enumerate(layer.fields())},
    }
    del layer
print(json.dumps(found))
application.exitQgis()
"""


def open_in_qgis(*tables):
    return run_in_qgis(SCRIPT, *(f"{path}|{table}" for path, table in tables))


def test_results_open_styled(town):
    outcomes = run(town, ["road-hardening", "logistics-reach", "column-4"])
    package = town.out / "results.gpkg"
    write_results(package, outcomes, town.layer_catalogue, stamp=town.stamp)
    found = open_in_qgis(
        (package, "road-hardening__villages"),
        (package, "road-hardening__roads"),
        (package, "logistics-reach__committees"),
        (package, "column-4__located"),
    )
    for table, layer in found.items():
        assert layer["valid"], table
        assert layer["crs"] == "EPSG:4544", table
        assert layer["features"] > 0, table
        assert layer["renderer"] == "categorizedSymbol", table
    assert "已通硬化路" in found["road-hardening__villages"]["classes"]
    assert found["road-hardening__villages"]["aliases"]["missing_km"].startswith("缺硬化里程")
    assert found["logistics-reach__committees"]["labels"]


def test_workspace_layers_show_chinese_field_names(town):
    dress_layers(town)
    found = open_in_qgis((town.geopackage, "villages"), (town.geopackage, "roads"))
    assert found["villages"]["aliases"]["population"].startswith("人口")
    assert found["roads"]["aliases"]["surface"].startswith("路面")


def test_a_geopackage_that_qgis_shows_is_never_replaced(town):
    """QGIS may hold no lock at all between two reads; its open file is seen all the same."""
    with villages_open_in_qgis(town.geopackage) as qgis:
        assert qgis.stdout.readline() == "4\n"
        with pytest.raises(FileInUseError):
            town.store([town.read("outlets")])
        out, _ = qgis.communicate("\n", timeout=30)
    assert out == "4\n"
    town.store([town.read("outlets")])
