"""Settings that a command line states, written into a scenario: ``--set limit=20 --as NAME``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from yanshan_gis.errors import SettingsError, UsageError
from yanshan_gis.freshness import TIME_LIMIT
from yanshan_gis.messages import N_, Notice
from yanshan_gis.overlay import ScenarioWorkspace, open_scenario
from yanshan_gis.parameters import replace_parameters
from yanshan_gis.recipes import order_recipes
from yanshan_gis.scenario import (
    merge_scenarios,
    read_scenario,
    scenario_of_choice,
    shown_name,
    write_scenario,
)

if TYPE_CHECKING:
    from yanshan_gis.workspace import Workspace


def set_in_scenario(
    base: Workspace, name: str, settings: Sequence[str]
) -> tuple[ScenarioWorkspace, bool]:
    """Write parameters, as a command line states them, into a scenario.

    Parameters
    ----------
    base
        The county as it is.
    name
        The scenario's; one that is there is extended.
    settings
        Such as ``logistics-reach.limit=20``.

    Returns
    -------
    tuple of ScenarioWorkspace and bool
        The scenario, opened, and whether it was there before.

    Raises
    ------
    UsageError
        When a setting has no ``=``, or a recipe, parameter or value that does not fit; nothing
        was written.
    ContentError
        When the scenario that is there has problems; nothing was written.
    """
    stated: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not (key.strip() and equals and value.strip()):
            text = N_("{setting!r} is no setting; write NAME=VALUE, such as limit=20.")
            raise UsageError("setting-form", text, setting=setting)
        stated[key.strip()] = _typed(value.strip())
    if problems := replace_parameters(base.analyses, stated).problems:
        text = N_("--set {key}: {reason}")
        raise SettingsError(
            [Notice("setting-value", text, {"key": k, "reason": why}) for k, why in problems]
        )
    addition = scenario_of_choice(name, parameters=stated)
    if (base.root / shown_name(name)).is_file():
        open_scenario(base, merge_scenarios(read_scenario(base.root, name), addition))
    whole, there = write_scenario(base.root, addition)
    return open_scenario(base, whole), there


def with_time_limit(
    workspace: Workspace, names: Iterable[str], minutes: float
) -> tuple[Workspace, list[str]]:
    """Give the searches of recipes more time, or less; what they are asked stays the same.

    Parameters
    ----------
    workspace
        The county, or a scenario of it.
    names
        Recipes asked for; those they take from are meant too.
    minutes
        For each search.

    Returns
    -------
    tuple of Workspace and list of str
        The county with that limit, and the recipes that have one.

    Raises
    ------
    UsageError
        When a recipe does not exist, or the time is none.
    """
    if not (math.isfinite(minutes) and minutes > 0):
        text = N_("--time-limit is a number of minutes above 0, not {minutes:g}.")
        raise UsageError("time-limit", text, minutes=minutes)
    ordered = order_recipes(names, workspace.analyses)
    found = [recipe.name for recipe in ordered if TIME_LIMIT in recipe.parameters]
    wanted = {f"{name}.{TIME_LIMIT}": f"{minutes!r} min" for name in found}
    replaced = replace_parameters(workspace.analyses, wanted)
    return workspace.with_analyses(replaced.analyses), found


def _typed(value: str) -> Any:
    """Keep a bare number a number, so that the file reads as if written by hand."""
    try:
        number = float(value)
    except ValueError:
        return {"true": True, "false": False}.get(value, value)
    return int(value) if value.lstrip("+-").isdigit() else number
