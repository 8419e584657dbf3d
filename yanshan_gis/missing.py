"""What a recipe misses, in the names of layers and of the recipes it takes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from yanshan_gis.content import AnalysisDef, LayerInput, ResultInput

if TYPE_CHECKING:
    from yanshan_gis.result import Result


def missing_of(recipe: AnalysisDef, result: Result, done: Mapping[str, Result]) -> tuple[str, ...]:
    """Say what a method found missing itself; of another's result, what that one misses.

    Parameters
    ----------
    recipe
        Whose method it is.
    result
        What it gave back.
    done
        Results of the recipes it takes from, by name.

    Returns
    -------
    tuple of str
        Each thing once.
    """
    items: list[str] = []
    for item in result.missing:
        source = recipe.inputs.get(item)
        other = done[source.result].missing if isinstance(source, ResultInput) else ()
        items.extend(other or name_missing(recipe, [item]))
    return tuple(dict.fromkeys(items))


def needed_results(recipe: AnalysisDef, spared: set[str]) -> tuple[str, ...]:
    """Name the recipes without whose results this one cannot run.

    Parameters
    ----------
    recipe
        The recipe.
    spared
        Inputs its method can do without.

    Returns
    -------
    tuple of str
        Names of recipes.
    """
    needed = [
        wanted.result
        for name, wanted in recipe.inputs.items()
        if isinstance(wanted, ResultInput) and not wanted.optional and name not in spared
    ]
    return tuple(dict.fromkeys([*needed, *([recipe.of] if recipe.of else [])]))


def name_missing(recipe: AnalysisDef, missing: Iterable[str]) -> list[str]:
    """Say what is missing by the layer's name, not by the input's.

    Parameters
    ----------
    recipe
        Whose inputs they are.
    missing
        Inputs and their fields.

    Returns
    -------
    list of str
        Each thing once.
    """
    named = []
    for item in missing:
        head, dot, rest = item.partition(".")
        source = recipe.inputs.get(head.removesuffix(" (0)"))
        if isinstance(source, LayerInput):
            only = "; ".join(f"{key} = {value}" for key, value in source.only.items())
            condition = f" ({only})" if only and not dot else ""
            named.append(f"{source.layer}{condition}{dot}{rest}")
        elif isinstance(source, ResultInput):
            named.append(f"{source.result}{dot}{rest}")
        else:
            named.append(item)
    return list(dict.fromkeys(named))
