"""Recipes made ready to run: ordered, their method found, their parameters bound to it."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from yanshan_gis.catalogue import Catalogue
from yanshan_gis.content import AnalysisDef, Parameter
from yanshan_gis.county import County
from yanshan_gis.errors import ContentError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.result import Result
from yanshan_gis.units import SUFFIXES

TARGETS = "indicators"  # the layer that states the plan's targets
# What `run` hands a method that asks for it by name: the county and its data's date, where large
# things are kept, who listens to progress, the folder in which it may leave rasters, the schemes
# of grading by name, and, to a recipe about another, what runs that one again.
OFFERED = frozenset({"county", "data_date", "cache", "progress", "folder", "schemes", "again"})


def order_recipes(names: Iterable[str], analyses: Catalogue[AnalysisDef]) -> list[AnalysisDef]:
    """Put recipes, and those whose results they take, in the order they can run.

    Parameters
    ----------
    names
        Recipes by name or title.
    analyses
        The recipes.

    Returns
    -------
    list of AnalysisDef
        Each after all it takes from.

    Raises
    ------
    UsageError
        When a recipe does not exist.
    ContentError
        When recipes take from each other in a circle.
    """
    graph: dict[str, tuple[str, ...]] = {}
    waiting = [analyses.find(name).name for name in names]
    while waiting:
        name = waiting.pop(0)
        if name not in graph:
            graph[name] = analyses.find(name).needs_results_of
            waiting.extend(graph[name])
    try:
        ordered = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        text = N_("Recipes take each other's results in a circle: {circle}.")
        circle = " → ".join(error.args[1])
        raise ContentError([Notice("recipe-circle", text, {"circle": circle})]) from error
    return [analyses[name] for name in ordered]


def find_method(recipe: AnalysisDef) -> Callable[..., Result]:
    """Return the method a recipe names.

    Parameters
    ----------
    recipe
        With ``method = "module.function"`` below `yanshan_gis.methods`.

    Returns
    -------
    Callable
        The function.

    Raises
    ------
    ContentError
        When there is none of that name.
    """
    module_name, _, function = recipe.method.partition(".")
    try:
        module = importlib.import_module(f"yanshan_gis.methods.{module_name}")
        method = getattr(module, function)
    except (ModuleNotFoundError, AttributeError) as error:
        text = N_("{file}: there is no method {method!r}.")
        values = {"file": f"{recipe.name}.toml", "method": recipe.method}
        raise ContentError([Notice("method-unknown", text, values)]) from error
    found: Callable[..., Result] = method
    return found


def bind_parameters(recipe: AnalysisDef, method: Callable[..., Result]) -> dict[str, Any]:
    """Turn a recipe's parameters into the method's arguments, each in the unit its name ends with.

    Parameters
    ----------
    recipe
        With parameters such as ``limit = 30 min``.
    method
        With arguments such as ``limit_min``.

    Returns
    -------
    dict
        Arguments by name.

    Raises
    ------
    ContentError
        When a parameter has no argument, or an argument no parameter.
    UnitError
        When a parameter's unit does not fit.
    """
    accepted = set(inspect.signature(method).parameters)
    bound: dict[str, Any] = {}
    problems: list[Notice] = []
    for name, parameter in recipe.parameters.items():
        argument = _argument_for(name, parameter, accepted)
        if argument is None:
            text = N_("{file}: method {method} takes no parameter {name!r}.")
            values = {"file": f"{recipe.name}.toml", "method": recipe.method, "name": name}
            problems.append(Notice("parameter-unknown", text, values))
            continue
        suffix = argument.removeprefix(f"{name}_")
        converted = parameter.in_unit(SUFFIXES[suffix]) if suffix in SUFFIXES else None
        bound[argument] = parameter.value if converted is None else converted
    given = set(bound) | set(recipe.inputs) | OFFERED
    for name in sorted(_required(method) - given):
        text = N_("{file}: method {method} needs {name!r}, and the recipe does not give it.")
        values = {"file": f"{recipe.name}.toml", "method": recipe.method, "name": name}
        problems.append(Notice("parameter-missing", text, values))
    if problems:
        raise ContentError(problems)
    return bound


def takes_targets(recipe: AnalysisDef) -> bool:
    """Tell whether a parameter of a recipe is the target of an indicator.

    Parameters
    ----------
    recipe
        Any.

    Returns
    -------
    bool
        True where the layer `TARGETS` has a say.
    """
    return any(parameter.target_of for parameter in recipe.parameters.values())


def with_county_targets(
    recipe: AnalysisDef, county: County, goals: Mapping[str, float] | None = None
) -> AnalysisDef:
    """Put the county's own targets in the place of a recipe's.

    What ``county.toml`` says stands before what the layer ``indicators`` says, and that before the
    recipe's own.

    Parameters
    ----------
    recipe
        With parameters that name the indicator whose target they are.
    county
        With ``targets`` by indicator number, as shares.
    goals
        Those of the layer ``indicators``.

    Returns
    -------
    AnalysisDef
        The recipe as it will run.
    """
    stated = {**(goals or {}), **county.targets}
    changed = {
        name: parameter.model_copy(update={"value": stated[str(parameter.target_of)]})
        for name, parameter in recipe.parameters.items()
        if parameter.target_of and str(parameter.target_of) in stated
    }
    return recipe.model_copy(update={"parameters": {**recipe.parameters, **changed}})


def _argument_for(name: str, parameter: Parameter, accepted: set[str]) -> str | None:
    if name in accepted:
        return name
    fitting = [f"{name}_{suffix}" for suffix in SUFFIXES if f"{name}_{suffix}" in accepted]
    return fitting[0] if fitting and parameter.unit else None


def _required(method: Callable[..., Result]) -> set[str]:
    parameters = inspect.signature(method).parameters.values()
    open_ended = {inspect.Parameter.VAR_KEYWORD}  # a method that takes any further input
    needed = (p for p in parameters if p.kind not in open_ended)
    return {p.name for p in needed if p.default is inspect.Parameter.empty}
