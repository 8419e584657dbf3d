"""Before and after: two counties or scenarios compared by their stored results.

Nothing is computed anew: figures, layers and townships are those that runs left, and a result that
no longer holds is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from yanshan_gis.change_recipes import (
    TOWNSHIPS,
    change_recipe,
    feature_table,
    layer_table,
    tables_recipe,
)
from yanshan_gis.figures import figure_table
from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.alike import DIFFERENCE_COLUMNS, find_differences, unlike_text
from yanshan_gis.methods.changes import changed_features
from yanshan_gis.methods.comparison import (
    BOARD_COLUMNS,
    FIGURE_COLUMNS,
    TOWNSHIP_COLUMNS,
    Computed,
    compare_boards,
    compare_figures,
    compare_townships,
    township_table,
)
from yanshan_gis.methods.same_features import Known
from yanshan_gis.result import Result
from yanshan_gis.run import Outcome
from yanshan_gis.sides import Side, beneath, common_recipes, open_side

if TYPE_CHECKING:
    from yanshan_gis.county import County

_BOARD = "indicators"  # the recipe whose table holds the plan's indicators


@dataclass(frozen=True)
class Comparison:
    """Two sides and what differs between them.

    Parameters
    ----------
    before, after
        The sides.
    tables
        An outcome with the tables ``figures``, ``board`` (where both sides have run it),
        ``by_township``, ``layers``, ``features`` and ``differences``.
    changes
        One outcome per recipe with features: a layer of changes for each of its own.
    """

    before: Side
    after: Side
    tables: Outcome
    changes: tuple[Outcome, ...]

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What a reader must know."""
        return self.tables.result.warnings

    def table(self, name: str) -> pd.DataFrame:
        """Return one of the tables.

        Parameters
        ----------
        name
            The table.

        Returns
        -------
        pandas.DataFrame
            Without rows where there is nothing to tell.
        """
        return self.tables.result.tables.get(name, pd.DataFrame())

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain values.

        Returns
        -------
        dict
            ``before`` and ``after`` (``name``, ``title``, ``data_date``), every table as a list of
            records, and ``warnings``.
        """
        return {
            "before": _side_json(self.before),
            "after": _side_json(self.after),
            **{name: _records(frame) for name, frame in self.tables.result.tables.items()},
            "warnings": [notice.to_json() for notice in self.notices],
        }


def _side_json(side: Side) -> dict[str, Any]:
    dated = side.workspace.data_date
    return {
        "name": side.key,
        "title": side.label.model_dump(),
        "data_date": dated.isoformat() if dated else None,
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object)
    rows = plain.where(plain.notna(), None).to_dict("records")
    return [
        {str(key): cell.item() if hasattr(cell, "item") else cell for key, cell in row.items()}
        for row in rows
    ]


def compare(home: Path, before: str, after: str, recipes: Iterable[str] = ()) -> Comparison:
    """Compare two counties or scenarios.

    Parameters
    ----------
    home
        The workspace's folder.
    before, after
        ``base`` (or ``.``), the name of a scenario, or the folder of another workspace.
    recipes
        By name or title; those that both sides have run when empty.

    Returns
    -------
    Comparison
        Nothing is written yet.

    Raises
    ------
    UsageError
        When a side or a recipe does not exist.
    DataError
        When results are missing or no longer hold; it says what to run.
    """
    one, two = open_side(home, before), open_side(home, after)
    work = _Work(one, two, common_recipes(one, two, recipes))
    changes = [found for name in work.names if (found := work.changes(name)) is not None]
    described = [side.recipe for side in work.computed[1].values()]
    result = Result(
        tables=work.tables(changes),
        warnings=(*work.marks, *work.notices(changes)),
        modelled=tuple(dict.fromkeys(n for o in changes for n in o.result.modelled)),
    )
    return Comparison(one, two, Outcome(tables_recipe(described), result), tuple(changes))


class _Work:
    """Gathers what differs, recipe by recipe."""

    def __init__(self, before: Side, after: Side, names: Sequence[str]) -> None:
        self.sides, self.names = (before, after), names
        self.under = beneath(names, after)
        self.computed = tuple(self._computed(side) for side in self.sides)
        self.silent: list[str] = []  # layers whose features have no permanent ids

    def _computed(self, side: Side) -> dict[str, Computed]:
        """Read what is compared, and what it rests on where that was stored."""
        below = dict.fromkeys(name for names in self.under.values() for name in names)
        rest = [name for name in below if name not in self.names and name in side.stored]
        found = side.results(self.names, frames=True)
        found += side.results(rest, frames=False) if rest else []
        county = side.workspace.county
        return {
            o.recipe.name: Computed(o.recipe, o.result, figure_table(o.recipe, o.result, county))
            for o in found
        }

    @cached_property
    def differences(self) -> dict[str, list[dict[str, str]]]:
        """What each recipe rested on that was not alike."""
        one, two = self.computed
        counties = (self.sides[0].workspace.county, self.sides[1].workspace.county)
        return {
            name: find_differences(one[name], two[name], counties) for name in two if name in one
        }

    @cached_property
    def known(self) -> Known:
        """Name tables, and how permanent ids begin."""
        before, after = (side.workspace for side in self.sides)
        prefixes = {definition.id_prefix for definition in after.layer_catalogue.values()}
        return Known(before.names(), after.names(), frozenset(prefixes))

    @cached_property
    def same_county(self) -> bool:
        """Whether ids mean the same on both sides."""
        return _same_county(*(side.workspace.county for side in self.sides))

    @cached_property
    def marks(self) -> tuple[Notice, ...]:
        """The scenarios among the sides."""
        told = (side.workspace.scenario for side in self.sides)
        return tuple(scenario.notice for scenario in told if scenario is not None)

    def pair(self, name: str) -> tuple[Computed, Computed]:
        """Return a recipe on both sides."""
        return self.computed[0][name], self.computed[1][name]

    def unlike(self, name: str) -> str | None:
        """Say what of a recipe, or beneath it, was not alike."""
        return unlike_text(
            row for under in self.under[name] for row in self.differences.get(under, ())
        )

    def tables(self, changes: Sequence[Outcome]) -> dict[str, pd.DataFrame]:
        """Return the tables."""
        figures: list[dict[str, Any]] = []
        townships: list[dict[str, Any]] = []
        for name in self.names:
            figures += compare_figures(*self.pair(name), self.unlike(name))
            townships += compare_townships(*self.pair(name), self.unlike(name))
        tables = {"figures": _frame(figures, FIGURE_COLUMNS)}
        if _BOARD in self.names:
            boards = [side.result.tables.get("board") for side in self.pair(_BOARD)]
            if boards[0] is not None and boards[1] is not None:
                rows = compare_boards(boards[0], boards[1], self.unlike(_BOARD))
                tables["board"] = _frame(rows, BOARD_COLUMNS)
        differences = [row for rows in self.differences.values() for row in rows]
        return {
            **tables,
            "by_township": _frame(townships, TOWNSHIP_COLUMNS),
            "layers": layer_table(changes),
            "features": feature_table(changes),
            "differences": pd.DataFrame(differences, columns=list(DIFFERENCE_COLUMNS)),
        }

    def changes(self, name: str) -> Outcome | None:
        """Tell what became of the features of a recipe; None where it has none to match."""
        one, two = self.pair(name)
        if not self.same_county:
            return None
        layers: dict[str, gpd.GeoDataFrame] = {}
        for layer in two.result.layers:
            if layer not in one.result.layers:
                continue
            found = changed_features(two.recipe, layer, one.result, two.result, self.known)
            if found is None:
                self.silent.append(f"{name}__{layer}")
            elif len(found):
                layers[layer] = _labelled_once(found, layers.values())
        if not layers:
            return None
        catalogue = self.sides[1].workspace.layer_catalogue
        table = township_table(one, two)
        unlike = self.unlike(name)
        told = [Notice("compared-unlike", _UNLIKE, {"what": unlike})] if unlike else []
        result = Result(
            indicators=two.result.indicators,
            layers=layers,
            tables={} if table is None else {TOWNSHIPS: table},
            warnings=(*self.marks, *told),
            inputs=two.result.inputs,
            modelled=tuple(dict.fromkeys([*one.result.modelled, *two.result.modelled])),
        )
        return Outcome(change_recipe(two.recipe, layers, catalogue), result)

    def notices(self, changes: Sequence[Outcome]) -> list[Notice]:
        """Say what stands in the way of a plain comparison."""
        found: list[Notice] = []
        if not self.same_county:
            before, after = (side.workspace.county.name.zh for side in self.sides)
            values = {"before": before, "after": after}
            found.append(Notice("counties-differ", _OTHER_COUNTY, values))
        for name in self.names:
            if what := self.unlike(name):
                values = {"recipe": name, "what": what}
                found.append(Notice("figures-unlike", _FIGURES_UNLIKE, values))
            for side, computed in zip(self.sides, self.pair(name), strict=True):
                if computed.result.status != "ok":
                    missing = ", ".join(computed.result.missing) or computed.result.status
                    values = {"side": side.key, "recipe": name, "missing": missing}
                    found.append(Notice("side-not-computable", _NOT_COMPUTABLE, values))
        if self.silent:
            values = {"layers": ", ".join(self.silent)}
            found.append(Notice("layers-silent", _SILENT, values))
        return [*found, *self._alone(), *_matched(changes)]

    def _alone(self) -> list[Notice]:
        """Name recipes that only one side has run, so that nobody takes them for unchanged."""
        found = []
        for side, other in (self.sides, self.sides[::-1]):
            alone = [name for name in side.stored if name not in other.stored]
            if alone and set(self.names) == set(side.stored) & set(other.stored):
                values = {"recipes": " ".join(alone), "side": side.key, "where": other.where}
                found.append(Notice("recipes-alone", _ALONE, values))
        return found


def _labelled_once(frame: gpd.GeoDataFrame, others: Iterable[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Leave out labels that another layer of the map has at the same feature."""
    if "label" not in frame:
        return frame
    told = {i for other in others if "label" in other for i in other.dropna(subset="label")["id"]}
    return frame.assign(label=frame["label"].mask(frame["id"].isin(told), None))


def _matched(changes: Sequence[Outcome]) -> list[Notice]:
    """Name the features that were matched by name, and those whose name changed unexplained."""
    frames = [frame for outcome in changes for frame in outcome.result.layers.values()]
    rows = [row for frame in frames for row in frame.drop(columns="geometry").to_dict("records")]
    by_name = {f"{r['before_id']} → {r['id']}" for r in rows if r["matched"] == "names"}
    other = {
        f"{r['id']} {r['name_before']} → {r['name']}"
        for r in rows
        if r.get("name_before") is not None
    }
    told = (("matched-by-name", _BY_NAME, by_name), ("id-renamed", _RENAMED, other))
    return [
        Notice(code, text, {"count": len(found), "features": ", ".join(sorted(found))})
        for code, text, found in told
        if found
    ]


_OTHER_COUNTY = N_("{before} and {after} are different counties; their features are not matched.")
_SILENT = N_("Not compared feature by feature, for want of permanent ids: {layers}.")
_BY_NAME = N_("{count} features were matched by the table of names: {features}.")
_RENAMED = N_("{count} features have another name under the same id: {features}.")
_UNLIKE = N_("Not computed alike: {what}.")
_FIGURES_UNLIKE = N_("{recipe}: the two sides were not computed alike: {what}.")
_NOT_COMPUTABLE = N_("{recipe} is not computable for {side}: missing {missing}.")
_ALONE = N_("Only {side} has results of {recipes}; to compare them, yanshan run {recipes}{where}")


def _same_county(one: County, two: County) -> bool:
    if one.code and two.code:
        return one.code == two.code
    return one.name.zh == two.name.zh


def _frame(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns)).astype(dict(columns))
