"""Whether two results were computed alike: parameters, definitions and data that differ.

A figure under another definition is another figure: other parameters, other conditions, another
list of hardened surfaces, another headline. Other data are what a comparison is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yanshan_gis.content import AnalysisDef
    from yanshan_gis.county import County
    from yanshan_gis.methods.comparison import Computed
    from yanshan_gis.result import Result

DIFFERENCE_COLUMNS = ("recipe", "kind", "name", "before", "after")
_NO_LAYERS = frozenset({"county.toml", "analyses"})  # other hashes that results keep


def find_differences(
    before: Computed, after: Computed, counties: tuple[County, County]
) -> list[dict[str, str]]:
    """List what a recipe rested on that was not alike.

    Parameters
    ----------
    before, after
        The recipe on the two sides.
    counties
        Their settings.

    Returns
    -------
    list of dict
        ``recipe``, ``kind`` (``parameter``, ``definition`` or ``input``), ``name``, ``before`` and
        ``after`` as text.
    """
    found = [
        *_pairs("parameter", *(_parameters(side.result) for side in (before, after))),
        *_pairs("definition", *(_definition(side.recipe) for side in (before, after))),
        *_pairs("input", *(_inputs(side) for side in (before, after))),
    ]
    if any(getattr(taken, "layer", None) == "roads" for taken in after.recipe.inputs.values()):
        surfaces = [{"hardened": _text(county.hardened)} for county in counties]
        found += _pairs("definition", *surfaces)
    if after.recipe.indicators:
        numbers = [str(number) for number in after.recipe.indicators]
        heads = [
            {f"headlines.{n}": county.headlines[n] for n in numbers if n in county.headlines}
            for county in counties
        ]
        found += _pairs("definition", *heads)
    return [{"recipe": after.recipe.name, **row} for row in found]


def _pairs(kind: str, one: Mapping[str, str], two: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {"kind": kind, "name": name, "before": one.get(name, "—"), "after": two.get(name, "—")}
        for name in dict.fromkeys([*one, *two])
        if one.get(name) != two.get(name)
    ]


def _parameters(result: Result) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, stated in result.parameters.items():
        unit = f" {stated['unit']}" if stated.get("unit") else ""
        for key, value in _leaves(name, stated["value"]):
            texts[key] = f"{_text(value)}{unit}"
    return texts


def _leaves(name: str, value: Any) -> Iterable[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        return [(name, value)]
    return [leaf for key, inner in value.items() for leaf in _leaves(f"{name}.{key}", inner)]


def _definition(recipe: AnalysisDef) -> dict[str, str]:
    denominator = recipe.denominator.zh if recipe.denominator else ""
    inputs = {
        f"inputs.{name}": _text(taken.model_dump(exclude_defaults=True))
        for name, taken in recipe.inputs.items()
    }
    return {"method": recipe.method, "denominator": denominator, **inputs}


def _inputs(side: Computed) -> dict[str, str]:
    """Return the hashes of layers, cut to what a reader can compare."""
    hashes = side.result.inputs
    return {name: digest[:8] for name, digest in hashes.items() if name not in _NO_LAYERS}


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {_text(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return " ".join(str(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def unlike_text(differences: Iterable[Mapping[str, str]]) -> str | None:
    """Say in one line what was not alike, data apart.

    Parameters
    ----------
    differences
        From `find_differences`, of a recipe and those it takes from.

    Returns
    -------
    str or None
        Such as ``limit: 30 min → 20 min``; None where only the data differ.
    """
    lines = [
        f"{row['name']}: {row['before']} → {row['after']}"
        for row in differences
        if row["kind"] != "input"
    ]
    return "; ".join(dict.fromkeys(lines)) or None
