"""Other values of recipes' parameters, as a scenario or ``--set`` states them.

A key names a recipe and its parameter (``logistics-reach.limit``), a part of a table
(``road-network.speeds.village.earth``), or a parameter alone, which then changes in every recipe
that has it. Values are in the recipe's unit; a text may state another (``0.5 h``).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from yanshan_gis.catalogue import Catalogue
from yanshan_gis.content import AnalysisDef, Parameter
from yanshan_gis.errors import DataError, UsageError, YanshanError
from yanshan_gis.ingest.cells import Reading, read_boolean, read_number
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass
class Replaced:
    """Recipes with other parameters, and what was found about the values.

    Parameters
    ----------
    analyses
        All recipes; those whose parameters differ are new.
    targets
        Targets by indicator number that a parameter states: they hold for the whole county.
    problems
        Key and what is wrong with it.
    """

    analyses: Catalogue[AnalysisDef]
    targets: dict[str, float] = field(default_factory=dict)
    problems: list[tuple[str, Notice]] = field(default_factory=list)


def replace_parameters(analyses: Catalogue[AnalysisDef], wanted: Mapping[str, Any]) -> Replaced:
    """Put other values in the place of recipes' parameters.

    Parameters
    ----------
    analyses
        The recipes.
    wanted
        Values by key; of two that mean the same parameter, the one that names its recipe counts.

    Returns
    -------
    Replaced
        With every problem of every key.
    """
    found = Replaced(analyses)
    changed = dict(analyses)
    # A table below a recipe's name is what `logistics-reach.limit = 20` is without quotes.
    for key, value in sorted(_flat(analyses, wanted), key=lambda item: "." in item[0]):
        try:
            places = _places(changed, analyses, key)
            for recipe, name, inner in places:
                parameter = changed[recipe].parameters[name]
                changed[recipe] = _with_value(changed[recipe], name, parameter, inner, value)
                if parameter.target_of:
                    now = changed[recipe].parameters[name].value
                    found.targets[str(parameter.target_of)] = float(now)  # type: ignore[arg-type]
        except YanshanError as error:
            found.problems.append((key, error.notice))
    found.analyses = Catalogue(list(changed.values()), "analysis")
    return found


def scale_parameters(
    analyses: Catalogue[AnalysisDef], factors: Mapping[str, float]
) -> Catalogue[AnalysisDef]:
    """Multiply parameters.

    Parameters
    ----------
    analyses
        The recipes.
    factors
        By ``recipe.parameter``; of a table or a list every number is multiplied.

    Returns
    -------
    Catalogue
        All recipes; those whose parameters differ are new.

    Raises
    ------
    UsageError
        When a recipe has no such parameter.
    DataError
        When a parameter holds nothing that could be multiplied, or is a target of the plan.
    """
    changed = dict(analyses)
    for key, factor in factors.items():
        for recipe, name, inner in _places(changed, analyses, key):
            parameter = changed[recipe].parameters[name]
            if parameter.target_of:
                text = N_("{name} is a target the plan sets; it is not uncertain.")
                raise DataError("setting-target", text, name=key)
            scaled = _scaled(parameter.value, inner, factor)
            if scaled is None:
                text = N_("{name} holds no number that could be taken times a factor.")
                raise DataError("setting-not-scaled", text, name=key)
            update = {name: parameter.model_copy(update={"value": scaled})}
            parameters = {**changed[recipe].parameters, **update}
            changed[recipe] = changed[recipe].model_copy(update={"parameters": parameters})
    return Catalogue(list(changed.values()), "analysis")


def _scaled(value: Any, inner: list[str], factor: float) -> Any:
    """Return a value times a factor; None where it holds no number."""
    if inner:
        if not isinstance(value, Mapping) or inner[0] not in value:
            return None
        below = _scaled(value[inner[0]], inner[1:], factor)
        return None if below is None else {**value, inner[0]: below}
    if isinstance(value, Mapping):
        table = {key: _scaled(below, [], factor) for key, below in value.items()}
        return None if None in table.values() else table or None
    if isinstance(value, tuple):
        parts = tuple(_scaled(item, [], factor) for item in value)
        return None if None in parts or not parts else parts
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value * factor


def _flat(analyses: Catalogue[AnalysisDef], wanted: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in wanted.items():
        if isinstance(value, Mapping) and key in analyses:
            yield from ((f"{key}.{inner}", below) for inner, below in value.items())
        else:
            yield key, value


def _places(
    recipes: Mapping[str, AnalysisDef], analyses: Catalogue[AnalysisDef], key: str
) -> list[tuple[str, str, list[str]]]:
    """Find which parameters a key means: recipe, parameter, way into its table."""
    head, *rest = key.split(".")
    having = [recipe for recipe in recipes if head in recipes[recipe].parameters]
    if having:
        return [(recipe, head, rest) for recipe in having]
    if not rest:
        raise _unknown(key, {name for recipe in recipes.values() for name in recipe.parameters})
    recipe = analyses.find(head).name
    name, *inner = rest
    if name not in recipes[recipe].parameters:
        raise _unknown(name, recipes[recipe].parameters)
    return [(recipe, name, inner)]


def _unknown(name: str, known: Iterable[str]) -> UsageError:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 3, 0.6) or names
    text = N_("No parameter is called {name!r}. Nearest: {nearest}.")
    return UsageError("parameter-no-such", text, name=name, nearest=", ".join(near) or "—")


def _with_value(
    recipe: AnalysisDef, name: str, parameter: Parameter, inner: list[str], value: Any
) -> AnalysisDef:
    fitted = _fitted(parameter.value, parameter.unit, inner, value)
    changed = parameter.model_copy(update={"value": fitted})
    return recipe.model_copy(update={"parameters": {**recipe.parameters, name: changed}})


def _fitted(now: Any, unit: str | None, inner: list[str], value: Any) -> Any:
    """Return the new value of what `now` is of the same kind."""
    if inner:
        value = {inner[0]: _nested(inner[1:], value)}
    if isinstance(now, Mapping):
        if not isinstance(value, Mapping):
            text = N_("a table is needed; its keys: {known}")
            raise DataError("setting-table", text, known=", ".join(now))
        for key in value:
            if key not in now:
                raise _unknown(key, now)
        return {**now, **{key: _fitted(now[key], unit, [], below) for key, below in value.items()}}
    if isinstance(value, Mapping):
        raise DataError("setting-no-table", N_("one value is needed, not a table"))
    return _leaf(now, unit, value)


def _nested(inner: list[str], value: Any) -> Any:
    return {inner[0]: _nested(inner[1:], value)} if inner else value


def _leaf(now: Any, unit: str | None, value: Any) -> Any:
    if isinstance(now, bool):
        return value if isinstance(value, bool) else _read(read_boolean(value))
    if isinstance(now, int | float):
        if isinstance(value, bool | tuple):
            raise DataError("setting-number", N_("a number is needed"))
        return _read(read_number(value, unit))
    if isinstance(now, tuple):
        items = value.replace("、", ",").split(",") if isinstance(value, str) else value
        if not isinstance(items, list | tuple):
            raise DataError("setting-list", N_("a list of texts is needed"))
        return tuple(item.strip() for item in items)
    if not isinstance(value, str):
        raise DataError("setting-text", N_("a text is needed"))
    return value


def _read(reading: Reading) -> Any:
    if reading.value is None:
        notice = reading.notice or Notice("setting-empty", N_("a value is needed"))
        raise DataError(notice.code, notice.text, **notice.values)
    return reading.value
