"""Stored results turned into a scenario: see `yanshan_gis.scenario_choice`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from yanshan_gis.errors import DataError
from yanshan_gis.job import stored_outcomes
from yanshan_gis.messages import N_
from yanshan_gis.network.impedance import SpeedTable
from yanshan_gis.overlay import open_as
from yanshan_gis.scenario_choice import choice_scenario

if TYPE_CHECKING:
    from yanshan_gis.messages import Notice
    from yanshan_gis.scenario import Scenario

_NETWORK = "road-network"


def write_choice(
    root: Path, recipes: Sequence[str], name: str, source: str | None = None
) -> tuple[Scenario, list[Notice]]:
    """Write what finished recipes chose as a scenario.

    Parameters
    ----------
    root
        The county's folder.
    recipes
        By name or title.
    name
        Of the new scenario.
    source
        Scenario whose results are taken; those of the county as it is when None. Only what was
        chosen is written, not what that scenario assumed.

    Returns
    -------
    tuple of Scenario and list of Notice
        The scenario, and what could not be written as it was chosen.

    Raises
    ------
    DataError
        When a recipe was not run yet, its result is stale, or it chose nothing.
    UsageError
        When a recipe says nothing of scenarios, or there is one of that name.
    """
    workspace = open_as(root, source)
    outcomes = stored_outcomes(workspace, recipes)
    if stale := [outcome.recipe.name for outcome in outcomes if outcome.stale]:
        text = N_(
            "The layers or settings of {recipes} have changed since; run yanshan run {recipes} "
            "again."
        )
        raise DataError("results-stale", text, recipes=" ".join(stale))
    speeds = None
    if (workspace.out / "results" / _NETWORK).is_dir():
        (network,) = stored_outcomes(workspace, [_NETWORK])
        if (table := network.result.tables.get("speeds")) is not None:
            speeds = SpeedTable.from_frame(table)
    chosen = [(outcome.recipe, outcome.result) for outcome in outcomes]
    return choice_scenario(open_as(root), chosen, name, speeds)
