"""The two sides of a comparison: which county or scenario is meant, and its stored results."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from yanshan_gis.content import AnalysisDef, Title
from yanshan_gis.county import FILE_NAME
from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.job import stored_outcomes
from yanshan_gis.messages import N_
from yanshan_gis.overlay import open_as
from yanshan_gis.recipes import order_recipes
from yanshan_gis.run import Outcome
from yanshan_gis.scenario import BASE, list_scenarios, shown_name
from yanshan_gis.workspace import Workspace, open_workspace

_HERE = (BASE, ".")
_AS_IT_IS = Title(zh="现状", en="As it is")


@dataclass(frozen=True)
class Side:
    """A county, or a scenario of it.

    Parameters
    ----------
    key
        For file names.
    label
        For readers.
    workspace
        Opened.
    where
        Options that make ``yanshan run`` work on it.
    """

    key: str
    label: Title
    workspace: Workspace
    where: str

    @property
    def stored(self) -> list[str]:
        """Names of the recipes that were run."""
        folder = self.workspace.out / "results"
        found = [path.parent.name for path in sorted(folder.glob("*/result.json"))]
        return [name for name in found if name in self.workspace.analyses]

    def results(self, names: Sequence[str], *, frames: bool) -> list[Outcome]:
        """Read results that still hold.

        Parameters
        ----------
        names
            Recipes, all of them run.
        frames
            Read layers and tables too.

        Returns
        -------
        list of Outcome
            In the order they run.

        Raises
        ------
        DataError
            When one of them was not run, or what it rests on changed since; it says what to run.
        """
        self._refuse(
            [name for name in names if name not in self.stored],
            "compare-missing",
            N_("{side}: no stored results of {recipes}; first yanshan run {recipes}{where}"),
        )
        found = stored_outcomes(self.workspace, names, frames=frames)
        self._refuse(
            [outcome.recipe.name for outcome in found if outcome.stale],
            "compare-stale",
            N_(
                "{side}: what {recipes} rest on has changed since; first yanshan run "
                "{recipes}{where}"
            ),
        )
        return found

    def _refuse(self, names: list[str], code: str, text: str) -> None:
        if names:
            recipes = " ".join(names)
            raise DataError(code, text, side=self.key, recipes=recipes, where=self.where)


def open_side(home: Path, named: str) -> Side:
    """Find what a word of the command line means.

    Parameters
    ----------
    home
        The workspace's folder.
    named
        ``base`` or ``.`` for the county as it is, the name of one of its scenarios, or the folder
        of another workspace.

    Returns
    -------
    Side
        Opened.

    Raises
    ------
    UsageError
        When it means nothing.
    """
    other = Path(named)
    here = "" if home == Path() else f" -w {home}"
    if named in _HERE:
        return Side(BASE, _AS_IT_IS, open_workspace(home), here)
    if (home / shown_name(named)).is_file():
        workspace = open_as(home, named)
        told = workspace.scenario
        label = told.title if told and told.title else Title(zh=named, en=named)
        marked = Title(zh=f"情景：{label.zh}", en=f"Scenario: {label.en}")
        return Side(named, marked, workspace, f"{here} --as {named}")
    if (other / FILE_NAME).is_file():
        workspace = open_workspace(other)
        key = re.sub(r"[^\w.-]+", "_", other.resolve().name)
        return Side(key, Title(zh=key, en=key), workspace, f" -w {other}")
    raise UsageError(
        "side-unknown",
        N_(
            "{named!r} is neither base, nor a scenario (known: {known}), nor the folder of a "
            "workspace."
        ),
        named=named,
        known=", ".join(list_scenarios(home)) or "—",
    )


def common_recipes(before: Side, after: Side, wanted: Iterable[str] = ()) -> list[str]:
    """Tell which recipes are compared: those named, else those that both sides have run.

    Parameters
    ----------
    before, after
        The two sides.
    wanted
        Recipes by name or title.

    Returns
    -------
    list of str
        In the order they run.

    Raises
    ------
    UsageError
        When a recipe does not exist.
    DataError
        When the sides have none in common.
    """
    analyses = after.workspace.analyses
    names = [analyses.find(name).name for name in wanted]
    names = names or [name for name in after.stored if name in before.stored]
    if not names:
        raise DataError(
            "compare-nothing",
            N_(
                "{before} and {after} have no results in common; first yanshan run{where_before} "
                "and yanshan run{where_after}"
            ),
            before=before.key,
            after=after.key,
            where_before=before.where,
            where_after=after.where,
        )
    return [recipe.name for recipe in order_recipes(names, analyses) if recipe.name in names]


def beneath(names: Sequence[str], side: Side) -> dict[str, list[str]]:
    """Name the recipes each recipe rests on, itself included.

    Parameters
    ----------
    names
        Recipes.
    side
        Whose recipes they are.

    Returns
    -------
    dict
        Names by recipe.
    """
    analyses = side.workspace.analyses

    def ordered(name: str) -> list[AnalysisDef]:
        return order_recipes([name], analyses)

    return {name: [recipe.name for recipe in ordered(name)] for name in names}


def comparison_folder(home: Path, before: Side, after: Side) -> Path:
    """Tell where a comparison is written.

    Parameters
    ----------
    home
        The workspace's folder; where it is none, the later side's.
    before, after
        The two sides.

    Returns
    -------
    pathlib.Path
        ``out/compare/A--B``.
    """
    root = home if (home / FILE_NAME).is_file() else after.workspace.root
    return root / "out" / "compare" / f"{before.key}--{after.key}"
