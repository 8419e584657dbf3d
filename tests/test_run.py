"""Recipes: ordered, bound to their methods, checked for what is missing, and kept."""

import json
from datetime import date

import numpy as np
import pytest
from towns import COUNTY, layer_catalogue, recipe_catalogue, small_rasters

from yanshan_gis.catalogue import Catalogue
from yanshan_gis.content import AnalysisDef, ResultInput
from yanshan_gis.errors import ContentError, UnitError, UsageError
from yanshan_gis.raster.grid import Grid
from yanshan_gis.recipes import (
    bind_parameters,
    find_method,
    order_recipes,
    with_county_targets,
)
from yanshan_gis.result import Result
from yanshan_gis.run import Outcome, _result_layer, check_needs, manifest, run
from yanshan_gis.store.rasters import write_raster
from yanshan_gis.store.results import read_result, write_result


def recipe(name, **values):
    base = {"name": name, "title": {"zh": name, "en": name}, "method": "reach.coverage"}
    return AnalysisDef.model_validate({**base, **values})


def test_recipes_come_after_those_they_take_from():
    names = [r.name for r in order_recipes(["logistics-reach"], recipe_catalogue())]
    assert names == ["road-network", "logistics-reach"]


def test_recipes_answer_to_chinese_titles():
    (found,) = order_recipes(["路网"], recipe_catalogue())
    assert found.name == "road-network"


def test_a_circle_is_refused_by_name():
    one = recipe("one", inputs={"x": {"result": "two", "layer": "y"}})
    two = recipe("two", inputs={"x": {"result": "one", "layer": "y"}})
    with pytest.raises(ContentError) as caught:
        order_recipes(["one"], Catalogue([one, two], "analysis"))
    assert caught.value.code == "recipe-circle"
    assert "one" in str(caught.value)


def test_unknown_recipe_names_the_nearest():
    with pytest.raises(UsageError, match="logistics-reach"):
        order_recipes(["logistic-reach"], recipe_catalogue())


@pytest.mark.parametrize("method", ["nothing.coverage", "reach.nothing"])
def test_unknown_method(method):
    with pytest.raises(ContentError) as caught:
        find_method(recipe("r", method=method))
    assert caught.value.code == "method-unknown"


def test_parameters_are_given_in_the_unit_the_method_asks_for():
    changed = recipe_catalogue()["logistics-reach"].model_dump()
    changed["parameters"]["limit"] = {"value": 0.5, "unit": "h"}
    changed["parameters"]["distance_limit"] = {"value": 9000, "unit": "m"}
    definition = AnalysisDef.model_validate(changed)
    bound = bind_parameters(definition, find_method(definition))
    assert bound["limit_min"] == 30
    assert bound["distance_limit_km"] == 9


def test_the_countys_own_target_stands_in_the_place_of_the_recipes():
    from towns import COUNTY

    county = COUNTY.model_copy(update={"targets": {"20": 0.9}})
    changed = with_county_targets(recipe_catalogue()["logistics-reach"], county)
    assert bind_parameters(changed, find_method(changed))["target_share"] == 0.9
    kept = with_county_targets(recipe_catalogue()["road-hardening"], county)
    assert kept == recipe_catalogue()["road-hardening"]


def test_a_unit_of_another_kind_is_refused():
    changed = recipe_catalogue()["logistics-reach"].model_dump()
    changed["parameters"]["limit"] = {"value": 10, "unit": "km"}
    definition = AnalysisDef.model_validate(changed)
    with pytest.raises(UnitError) as caught:
        bind_parameters(definition, find_method(definition))
    assert caught.value.code == "unit-kind"


def test_missing_and_unknown_parameters_are_listed_at_once():
    changed = recipe_catalogue()["logistics-reach"].model_dump()
    del changed["parameters"]["limit"]
    changed["parameters"]["lmit"] = {"value": 30, "unit": "min"}
    definition = AnalysisDef.model_validate(changed)
    with pytest.raises(ContentError) as caught:
        bind_parameters(definition, find_method(definition))
    assert {p.code for p in caught.value.problems} == {"parameter-unknown", "parameter-missing"}


@pytest.mark.parametrize("name", list(recipe_catalogue()))
def test_every_bundled_recipe_fits_its_method(name):
    definition = recipe_catalogue()[name]
    assert len(bind_parameters(definition, find_method(definition))) == len(definition.parameters)


@pytest.mark.parametrize("name", list(recipe_catalogue()))
def test_every_bundled_recipe_takes_layers_that_exist(name):
    for wanted in recipe_catalogue()[name].inputs.values():
        if hasattr(wanted, "result"):
            assert (wanted.layer or wanted.table or wanted.raster) in {
                "figures", *recipe_catalogue()[wanted.result].results
            }  # fmt: skip
            continue
        assert set(wanted.only) <= set(layer_catalogue()[wanted.layer].fields)


@pytest.mark.golden
@pytest.mark.parametrize("name", list(recipe_catalogue()))
def test_every_bundled_recipe_runs_and_describes_what_it_gives(town, name):
    """Content: it runs on the small county, and no figure, layer or column lacks a title."""
    from yanshan_gis.publish.fields import shown_fields

    town.store(small_rasters(town.root / "rasters"))
    outcome = run(town, [name])[-1]
    assert outcome.result.status == "ok"
    assert {i.key for i in outcome.result.indicators} <= set(outcome.recipe.figures)
    assert set(outcome.result.rasters) <= set(outcome.recipe.results)
    for part, frame in {**outcome.result.layers, **outcome.result.tables}.items():
        assert part in outcome.recipe.results
        described = shown_fields(outcome.recipe, part, frame.columns, layer_catalogue())
        # A matrix has a column for each destination, and its heading is the destination's name.
        headings = outcome.result.layers["destinations"]["name"] if part == "matrix" else ()
        assert set(frame.columns) - {"geometry", *headings} <= set(described), part


def test_main_recipes_run_without_names(town):
    names = [o.recipe.name for o in run(town)]
    assert {"road-hardening", "logistics-reach", "column-4"} <= set(names)


def test_what_is_missing_is_an_answer(town):
    from dataclasses import replace

    outlets = town.read("outlets")
    town.store([replace(outlets, frame=outlets.frame.drop(columns="status"))])
    outcome = run(town, ["logistics-reach"])[-1]
    assert outcome.result.status == "not_computable"
    assert outcome.result.missing == ("outlets (status = existing)",)
    assert check_needs(town, ["logistics-reach"])["logistics-reach"] == [
        "outlets (status = existing)"
    ]


def test_missing_of_a_recipe_it_takes_from_is_passed_on(tmp_path):
    from towns import COUNTY, small_county

    from yanshan_gis.workspace import create_workspace

    workspace = create_workspace(tmp_path / "w", COUNTY)
    workspace.store([layer for layer in small_county() if layer.name != "roads"])
    outcomes = {o.recipe.name: o.result for o in run(workspace, ["road-hardening"])}
    assert outcomes["road-network"].missing == ("roads",)
    assert outcomes["road-hardening"].status == "not_computable"
    assert outcomes["road-hardening"].missing == ("roads",)
    assert "roads" in check_needs(workspace, ["road-hardening"])["road-hardening"]


def test_a_ledger_of_villages_alone_gives_four_indicators(tmp_path):
    """No roads, outlets, stations or works: 18, 19, 20 and 21 by the ledger, 17 by none."""
    from towns import COUNTY, points

    from yanshan_gis.workspace import create_workspace

    told = {
        "households": 100.0, "households_piped": 90.0, "ledger_5g": True,
        "ledger_in_village_km": 2.0, "ledger_in_village_hardened_km": 1.5,
    }  # fmt: skip
    workspace = create_workspace(tmp_path / "w", COUNTY)
    workspace.store(
        [
            points(
                "villages",
                ("甲", 0, 0, {"level": "committee", "ledger_outlet": True, **told}),
                ("大寨", 900, 0, {"level": "natural", "parent": "V000001", **told}),
            )
        ]
    )
    names = ["road-hardening", "coverage-5g", "logistics-reach", "tap-water"]
    found = {o.recipe.name: o.result for o in run(workspace, names)}
    headlines = {name: [i.key for i in found[name].indicators if i.headline] for name in names}
    assert headlines == {
        "road-hardening": ["ledger_in_village_km"],
        "coverage-5g": ["ledger_5g"],
        "logistics-reach": ["ledger_outlet"],
        "tap-water": ["households_piped"],
    }
    assert found["road-hardening"].missing == ("roads",)  # what indicator 17 would need
    assert {name: found[name].status for name in names} == dict.fromkeys(names, "ok")
    needed = check_needs(workspace, [*names, "irrigation"])
    assert {name: needed[name] for name in names} == {name: [] for name in names}
    assert needed["irrigation"] == ["farm_bases"]


def test_without_a_ledger_the_missing_stations_are_named_with_their_condition(tmp_path):
    from towns import COUNTY, small_county

    from yanshan_gis.workspace import create_workspace

    bare = create_workspace(tmp_path / "bare", COUNTY)
    bare.store([layer for layer in small_county() if layer.name != "base_stations"])
    outcome = run(bare, ["coverage-5g"])[-1]
    assert outcome.result.missing == ("base_stations (generation = g5; status = existing)",)


def test_what_a_method_finds_missing_itself_is_named_by_the_layer(town):
    from dataclasses import replace

    bases = town.read("farm_bases")
    frame = bases.frame.assign(area_mu=None)
    town.store([replace(bases, frame=frame.set_geometry(frame.geometry.centroid))])
    outcome = run(town, ["irrigation"])[-1]
    assert outcome.result.missing == ("farm_bases.area_mu",)


def test_manifest_traces_figures_to_parameters_and_inputs(town):
    found = manifest(run(town), town)
    json.dumps(found)
    reach = next(r for r in found["recipes"] if r["name"] == "logistics-reach")
    assert reach["parameters"]["limit"] == {"value": 30.0, "unit": "min"}
    assert reach["inputs"]["roads"] == found["layers"]["roads"]["sha256"]
    assert reach["indicators"][0]["numerator"] == 1


def test_a_stored_result_reads_back(town, tmp_path):
    for outcome in run(town):
        write_result(tmp_path / outcome.recipe.name, outcome.recipe, outcome.result, town.stamp)
        stored = read_result(tmp_path / outcome.recipe.name)
        assert stored.indicators == outcome.result.indicators
        assert list(stored.layers) == list(outcome.result.layers)
        assert stored.warnings == outcome.result.warnings
        for name, frame in outcome.result.tables.items():
            assert stored.tables[name].shape == frame.shape


def test_a_raster_of_one_recipe_is_the_layer_another_takes(tmp_path):
    # A method leaves its raster in the folder it is given, named by its content; the stored
    # result says which one counts, and what an earlier run left is cleared away.
    grid = Grid.covering((0.0, 0.0, 20.0, 10.0), 10.0, "EPSG:4544")
    for value in (1, 2):
        pixels = np.full(grid.shape, value, dtype=np.uint8)
        path, _ = write_raster(tmp_path, "grades", grid, pixels, nodata=0)
        write_result(tmp_path, recipe("r"), Result(rasters={"grades": path}), date(2021, 1, 1))
    assert [p.name for p in tmp_path.glob("*.tif")] == [path.name]
    back = read_result(tmp_path)
    assert back.rasters == {"grades": path}
    wanted = ResultInput(result="r", raster="grades")
    layer = _result_layer(Outcome(recipe("r"), back), wanted, COUNTY)
    assert layer is not None
    assert layer.raster == path
    assert layer.definition.is_raster


def test_an_input_is_one_part_of_a_result():
    with pytest.raises(ValueError, match="either the layer, the table or the raster"):
        ResultInput(result="r", layer="a", raster="b")
