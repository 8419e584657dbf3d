"""Run recipes: find their inputs, check what their methods need, call them, keep the results.

A recipe is resolved in order of what it takes from others; its parameters are turned into the
units the method asks for; what is missing makes it *not computable*, which is an answer.
"""

from __future__ import annotations

import inspect
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from yanshan_gis import __version__
from yanshan_gis.content import AnalysisDef, LayerDef, LayerInput, ResultInput, Title
from yanshan_gis.county import FILE_NAME
from yanshan_gis.figures import FIGURES, figure_table
from yanshan_gis.freshness import RECIPES, recipes_hash, settings_hash, stated
from yanshan_gis.layer import Layer, Quality, Source
from yanshan_gis.messages import N_, Notice
from yanshan_gis.missing import missing_of, name_missing, needed_results
from yanshan_gis.needs import dispensable, missing_for
from yanshan_gis.plan.targets import goals
from yanshan_gis.progress import SILENT, Progress
from yanshan_gis.recipes import (
    TARGETS,
    bind_parameters,
    find_method,
    order_recipes,
    takes_targets,
    with_county_targets,
)
from yanshan_gis.rerun import rerun
from yanshan_gis.result import Result

if TYPE_CHECKING:
    from yanshan_gis.content import GeometryType
    from yanshan_gis.county import County
    from yanshan_gis.workspace import Workspace


@dataclass(frozen=True)
class Outcome:
    """A recipe and what came of it."""

    recipe: AnalysisDef
    result: Result
    seconds: float = 0.0
    stale: bool = False  # stored earlier, from layers that have changed since

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as plain values, without times: same inputs, same text.

        Returns
        -------
        dict
            Name, status, missing, indicators, warnings, parameters, inputs.
        """
        return {
            "name": self.recipe.name,
            "title": self.recipe.title.model_dump(),
            "status": self.result.status,
            "missing": list(self.result.missing),
            "indicators": [indicator.to_json() for indicator in self.result.indicators],
            "warnings": [notice.to_json() for notice in self.result.warnings],
            "denominator": self.recipe.denominator.model_dump()
            if self.recipe.denominator
            else None,
            "parameters": dict(self.result.parameters),
            "inputs": dict(self.result.inputs),
            "modelled": list(self.result.modelled),
            **({"stale": True} if self.stale else {}),
        }


class _Inputs:
    """What recipes take: workspace layers, read once, and results of earlier recipes."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._layers: dict[str, Layer | None] = {}
        self._records = workspace.records()

    @cached_property
    def goals(self) -> dict[str, float]:
        """Targets by number that the layer ``indicators`` states."""
        layer = self.layer(TARGETS)
        return {} if layer is None else goals(layer)

    def layer(self, name: str) -> Layer | None:
        """Return a workspace layer, read at most once."""
        if name not in self._layers:
            known = name in self._workspace.layer_catalogue
            self._layers[name] = self._workspace.read(name) if known else None
        return self._layers[name]

    def conditioned(self, wanted: LayerInput) -> Layer | None:
        """Return the rows a recipe asks for; none where the field it asks by is absent."""
        layer = self.layer(wanted.layer)
        if layer is None or any(field not in layer.frame for field in wanted.only):
            return None
        return layer.where(**wanted.only)

    def gather(
        self, recipe: AnalysisDef, done: Mapping[str, Outcome]
    ) -> tuple[dict[str, Layer | None], dict[str, str], tuple[str, ...]]:
        """Return a recipe's inputs, their content hashes, and the modelled layers among them."""
        layers: dict[str, Layer | None] = {}
        hashes: dict[str, str] = {}
        modelled: dict[str, None] = {}
        for name, wanted in recipe.inputs.items():
            if isinstance(wanted, LayerInput):
                layer = self.conditioned(wanted)
                if self.layer(wanted.layer) is not None:  # what it lacks is an answer too
                    hashes[wanted.layer] = self._records[wanted.layer].sha256
                if layer is not None:
                    modelled |= {layer.name: None} if layer.modelled else {}
                layers[name] = layer
            else:
                taken = done[wanted.result]
                hashes |= taken.result.inputs
                modelled |= dict.fromkeys(taken.result.modelled)
                layers[name] = _result_layer(taken, wanted, self._workspace.county)
        if recipe.of:
            hashes |= done[recipe.of].result.inputs
            modelled |= dict.fromkeys(done[recipe.of].result.modelled)
        analyses = self._workspace.analyses
        hashes[FILE_NAME] = settings_hash(self._workspace)
        hashes[RECIPES] = recipes_hash(analyses[recipe.name], analyses)
        if takes_targets(recipe) and self.layer(TARGETS) is not None:
            hashes[TARGETS] = self._records[TARGETS].sha256
        return layers, hashes, tuple(modelled)


def _result_layer(taken: Outcome, wanted: ResultInput, county: County) -> Layer | None:
    """Turn a layer or table of a result into a layer that a method can take."""
    name = wanted.part
    found = taken.result.layers.get(name, taken.result.tables.get(name))
    raster = taken.result.rasters.get(name) if wanted.raster else None
    if wanted.table == FIGURES:
        found = figure_table(taken.recipe, taken.result, county)
    if raster is not None:
        found = gpd.GeoDataFrame(geometry=[], crs=county.crs)
    if found is None:
        return None
    described = taken.recipe.results.get(name)
    definition = LayerDef(
        name=f"{taken.recipe.name}__{name}",
        title=described.title if described else Title(zh=name, en=name),
        geometry=_geometry_of(wanted),
        id_prefix="X",
        fields=described.fields if described else {},
    )
    quality = Quality.MODELLED if taken.result.modelled else Quality.DERIVED
    source = Source(f"result:{taken.recipe.name}", taken.recipe.name, position=quality)
    return Layer(definition, found.assign(source_id=source.id), (source,), raster)


def _geometry_of(wanted: ResultInput) -> tuple[GeometryType, ...]:
    if wanted.raster:
        return ("Raster",)
    return ("Table",) if wanted.table else ("Point", "LineString", "Polygon")


def asked_for(workspace: Workspace, names: Iterable[str] = ()) -> list[str]:
    """Tell which recipes a run is for, those that it takes from not counted.

    Parameters
    ----------
    workspace
        The county.
    names
        Recipes by name or title; those marked main when empty.

    Returns
    -------
    list of str
        Names of recipes.

    Raises
    ------
    UsageError
        When a recipe does not exist.
    """
    analyses = workspace.analyses
    named = [analyses.find(name).name for name in names]
    return named or [name for name, recipe in analyses.items() if recipe.main]


def run(
    workspace: Workspace, names: Iterable[str] = (), *, progress: Progress = SILENT
) -> list[Outcome]:
    """Run recipes on a workspace.

    Parameters
    ----------
    workspace
        The county.
    names
        Recipes by name or title; those marked main when empty.
    progress
        Who listens.

    Returns
    -------
    list of Outcome
        One per recipe, those that others take from included, in order.

    Raises
    ------
    UsageError
        When a recipe does not exist.
    ContentError
        When a recipe does not fit its method.
    """
    analyses = workspace.analyses
    ordered = order_recipes(asked_for(workspace, names), analyses)
    inputs = _Inputs(workspace)
    done: dict[str, Outcome] = {}
    progress.start(N_("Analyses"), len(ordered))
    for recipe in ordered:
        done[recipe.name] = _run_one(recipe, inputs, done, workspace, progress)
        progress.advance()
    progress.finish()
    return list(done.values())


def _run_one(
    recipe: AnalysisDef,
    inputs: _Inputs,
    done: Mapping[str, Outcome],
    workspace: Workspace,
    progress: Progress = SILENT,
    scratch: Path | None = None,
) -> Outcome:
    """Run a recipe; one draw of many has a scratch folder, and nothing of it is kept."""
    began = time.perf_counter()
    recipe = with_county_targets(recipe, workspace.county, inputs.goals)
    method = find_method(recipe)
    arguments = bind_parameters(recipe, method)
    layers, hashes, modelled = inputs.gather(recipe, done)
    # What a recipe misses by way of another is what that one misses.
    needed = needed_results(recipe, dispensable(method, layers))
    inherited = [item for name in needed for item in done[name].result.missing]
    own = tuple(n for n, i in recipe.inputs.items() if isinstance(i, LayerInput) or not inherited)
    lacking = name_missing(recipe, missing_for(method, layers, only=own))
    missing = list(dict.fromkeys([*inherited, *lacking]))
    if missing:
        result = Result(status="not_computable", missing=tuple(missing))
    else:
        accepted = inspect.signature(method).parameters
        offered: dict[str, Any] = {
            "county": workspace.county,
            "data_date": workspace.data_date,
            "cache": None if scratch else workspace.cache,
            "progress": progress,
            "folder": (scratch or workspace.out / "results") / recipe.name,
            "schemes": workspace.schemes if "schemes" in accepted else None,
        }
        if recipe.of:
            offered["again"] = _again(recipe.of, inputs, done, workspace)
        extra = {name: value for name, value in offered.items() if name in accepted}
        result = method(**layers, **arguments, **extra)
        others = {name: outcome.result for name, outcome in done.items()}
        result = replace(result, missing=missing_of(recipe, result, others))
    if modelled:
        text = N_("These layers are modelled, not surveyed: {layers}. Not for decisions.")
        titles = [f"{workspace.layer_catalogue[name].title.zh} ({name})" for name in modelled]
        notice = Notice("modelled-layers", text, {"layers": ", ".join(titles)})
        result = replace(result, warnings=(*result.warnings, notice))
    if workspace.scenario is not None:
        result = replace(result, warnings=(workspace.scenario.notice, *result.warnings))
    result = replace(result, parameters=stated(recipe), inputs=hashes, modelled=modelled)
    return Outcome(recipe, result, time.perf_counter() - began)


def _again(
    name: str, inputs: _Inputs, done: Mapping[str, Outcome], workspace: Workspace
) -> Callable[[Mapping[str, float]], Result]:
    """Offer a method to run another recipe again with parameters taken times factors."""

    def again(factors: Mapping[str, float]) -> Result:
        with tempfile.TemporaryDirectory() as scratch:

            def compute(recipe: AnalysisDef, sofar: Mapping[str, Outcome]) -> Outcome:
                return _run_one(recipe, inputs, sofar, workspace, scratch=Path(scratch))

            return rerun(name, factors, done, workspace.analyses, compute).result

    return again


def manifest(outcomes: Iterable[Outcome], workspace: Workspace) -> dict[str, Any]:
    """Describe a run so that every figure can be traced; it holds no times.

    Parameters
    ----------
    outcomes
        Of the run.
    workspace
        The county.

    Returns
    -------
    dict
        What ``out/manifest.json`` holds.
    """
    county = workspace.county.model_dump(mode="json", exclude_none=True)
    layers = {name: {"rows": r.rows, "sha256": r.sha256} for name, r in workspace.records().items()}
    told = workspace.scenario
    scenario = {"scenario": told.model_dump(mode="json", exclude_none=True)} if told else {}
    return {
        "program": {"name": "yanshan-gis", "version": __version__},
        "county": county,
        **scenario,
        "data_date": workspace.stamp.isoformat(),
        "layers": layers,
        "recipes": [outcome.to_json() for outcome in outcomes],
    }


def check_needs(workspace: Workspace, names: Iterable[str] = ()) -> dict[str, list[str]]:
    """Tell which recipes can run and what the others miss, without running any.

    Parameters
    ----------
    workspace
        The county.
    names
        Recipes by name or title; all of them when empty.

    Returns
    -------
    dict
        Missing layers and fields by recipe, those of recipes it takes from included.
    """
    analyses = workspace.analyses
    inputs = _Inputs(workspace)
    missing: dict[str, list[str]] = {}
    for recipe in order_recipes(list(names) or list(analyses), analyses):
        method = find_method(recipe)
        bind_parameters(recipe, method)
        layers = {
            name: inputs.conditioned(wanted)
            for name, wanted in recipe.inputs.items()
            if isinstance(wanted, LayerInput)
        }
        needed = needed_results(recipe, dispensable(method, layers))
        found = [item for name in needed for item in missing[name]]
        lacking = missing_for(method, layers, only=tuple(layers))
        missing[recipe.name] = list(dict.fromkeys([*found, *name_missing(recipe, lacking)]))
    return missing
