"""Whether a stored result still holds: the layers, settings and parameters it rests on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from yanshan_gis import __version__
from yanshan_gis.content import AnalysisDef, LayerInput
from yanshan_gis.county import FILE_NAME
from yanshan_gis.recipes import TARGETS, takes_targets

TIME_LIMIT = "time_limit"  # how long a search may take, which is no part of what it is asked
RECIPES = "analyses"  # under which a result keeps the hash of its recipe and those beneath

if TYPE_CHECKING:
    from yanshan_gis.workspace import Workspace


def stated(recipe: AnalysisDef) -> dict[str, Any]:
    """Return a recipe's parameters as results keep them.

    Parameters
    ----------
    recipe
        As it runs, the county's targets in their place.

    Returns
    -------
    dict
        Value and unit by name.
    """
    plain = {name: json.loads(p.model_dump_json()) for name, p in recipe.parameters.items()}
    return {
        name: {key: values[key] for key in ("value", "unit") if values[key] is not None}
        for name, values in plain.items()
    }


def recipes_hash(recipe: AnalysisDef, analyses: Mapping[str, AnalysisDef]) -> str:
    """Hash how a result is computed: its recipe, and those it takes from.

    Parameters
    ----------
    recipe
        The recipe.
    analyses
        All recipes.

    Returns
    -------
    str
        SHA-256 in hexadecimal; it changes with methods, inputs and parameters, not with titles,
        styles and the time a search may take.
    """
    said: dict[str, Any] = {}
    waiting = [recipe.name]
    while waiting:
        name = waiting.pop()
        if name not in said:
            found = analyses[name]
            said[name] = {
                "method": found.method,
                "of": found.of,
                "inputs": {key: taken.model_dump() for key, taken in found.inputs.items()},
                "parameters": {
                    key: value for key, value in stated(found).items() if key != TIME_LIMIT
                },
            }
            waiting.extend(found.needs_results_of)
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def settings_hash(workspace: Workspace) -> str:
    """Hash what results rest on beside layers: the county's settings and the program.

    Parameters
    ----------
    workspace
        The county.

    Returns
    -------
    str
        SHA-256 in hexadecimal; it changes with surfaces, headlines, targets, date, own schemes of
        grading, and version.
    """
    said = workspace.county.model_dump(
        mode="json", include={"hardened", "headlines", "targets", "data_date"}
    )
    own = workspace.root / "analyses" / "schemes"
    if own.is_dir():
        said["schemes"] = {
            p.name: p.read_text(encoding="utf-8") for p in sorted(own.glob("*.toml"))
        }
    text = json.dumps({**said, "version": __version__}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def layers_under(recipe: AnalysisDef, analyses: Mapping[str, AnalysisDef]) -> set[str]:
    """Name the layers a recipe rests on, by way of other recipes too.

    Parameters
    ----------
    recipe
        The recipe.
    analyses
        All recipes.

    Returns
    -------
    set of str
        Names of layers, whether or not the workspace holds them.
    """
    own = {i.layer for i in recipe.inputs.values() if isinstance(i, LayerInput)}
    own |= {TARGETS} if takes_targets(recipe) else set()
    return own.union(*(layers_under(analyses[n], analyses) for n in recipe.needs_results_of))


def current_hashes(
    workspace: Workspace, recipe: AnalysisDef, stored: Mapping[str, str]
) -> dict[str, str]:
    """Return the hashes a result of a recipe would keep if it were computed now.

    Parameters
    ----------
    workspace
        The county.
    recipe
        The recipe.
    stored
        Hashes of the layers that are there.

    Returns
    -------
    dict
        By layer, those that came after a run included, of the settings and of the recipes.
    """
    under = layers_under(recipe, workspace.analyses)
    return {
        **{name: digest for name, digest in stored.items() if name in under},
        FILE_NAME: settings_hash(workspace),
        RECIPES: recipes_hash(workspace.analyses[recipe.name], workspace.analyses),
    }
