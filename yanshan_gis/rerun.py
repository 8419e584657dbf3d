"""A recipe run again with other parameters; what they leave alone beneath it is not run again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from yanshan_gis.errors import UsageError
from yanshan_gis.messages import N_
from yanshan_gis.parameters import scale_parameters
from yanshan_gis.recipes import order_recipes

if TYPE_CHECKING:
    from yanshan_gis.catalogue import Catalogue
    from yanshan_gis.content import AnalysisDef

Done = TypeVar("Done")


def rerun(
    name: str,
    factors: Mapping[str, float],
    done: Mapping[str, Done],
    analyses: Catalogue[AnalysisDef],
    compute: Callable[[AnalysisDef, Mapping[str, Done]], Done],
) -> Done:
    """Run a recipe again with parameters of its own, or of those beneath it, taken times factors.

    Parameters
    ----------
    name
        Of the recipe.
    factors
        By ``recipe.parameter``.
    done
        What came of the recipe and of all beneath it; not changed.
    analyses
        The recipes as they were run.
    compute
        Runs one recipe on what came of others.

    Returns
    -------
    Done
        What came of the recipe. A recipe is computed again only where a parameter of it differs,
        or one beneath it was computed again.

    Raises
    ------
    UsageError
        When a factor is on a recipe that is not beneath this one.
    """
    scaled = scale_parameters(analyses, factors)
    ordered = order_recipes([name], scaled)
    _check_beneath(name, factors, {recipe.name for recipe in ordered})
    sofar, anew = dict(done), set[str]()
    for recipe in ordered:
        differs = recipe.parameters != analyses[recipe.name].parameters
        if differs or anew & set(recipe.needs_results_of):
            sofar[recipe.name] = compute(recipe, sofar)
            anew.add(recipe.name)
    return sofar[name]


def _check_beneath(name: str, factors: Mapping[str, float], beneath: set[str]) -> None:
    for key in factors:
        if key.partition(".")[0] not in beneath:
            text = N_(
                "{key} does not change {recipe}: name a parameter of it or of one beneath it "
                "({beneath})."
            )
            raise UsageError(
                "parameter-not-beneath", text,
                key=key, recipe=name, beneath=", ".join(sorted(beneath)),
            )  # fmt: skip
