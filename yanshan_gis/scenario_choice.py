"""What a recipe chose, written as a scenario: roads hardened, sites opened.

A recipe says with ``choices`` what a scenario does with the features of a result's layer: rows of
a layer change by their id, as far as a chosen line goes, or new rows come in addition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from yanshan_gis.chosen_lines import take_apart
from yanshan_gis.content import Title
from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.network.impedance import SpeedTable
from yanshan_gis.overlay import open_scenario
from yanshan_gis.scenario import Scenario, scenario_of_choice, shown_name, write_scenario

if TYPE_CHECKING:
    from yanshan_gis.content import AnalysisDef, ChoiceDef
    from yanshan_gis.layer import Layer
    from yanshan_gis.result import Result
    from yanshan_gis.workspace import Workspace

Row = dict[str, Any]
# A figure of the whole road that its pieces share by length.
_SHARED = ("ledger_length_km",)
_OFF_LINE_M = 1.0


@dataclass
class Written:
    """Rows of a scenario as they come together.

    Parameters
    ----------
    rows
        Changed rows by layer and id.
    new
        Rows in addition, by layer.
    notices
        What could not be written as it was chosen.
    """

    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    new: dict[str, list[Row]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """True where nothing was chosen."""
        return not any(self.rows.values()) and not any(self.new.values())


def choice_scenario(
    base: Workspace,
    chosen: Iterable[tuple[AnalysisDef, Result]],
    name: str,
    speeds: SpeedTable | None = None,
) -> tuple[Scenario, list[Notice]]:
    """Write a scenario in which what recipes chose is built.

    Parameters
    ----------
    base
        The county as it is.
    chosen
        Recipes with ``choices``, and their results.
    name
        Of the scenario.
    speeds
        Those the network was built with; a road with a lower speed of its own is raised to that
        of its class and new surface.

    Returns
    -------
    tuple of Scenario and list of Notice
        What ``scenarios/NAME.toml`` now holds, read against the county; and what could not be
        written as it was chosen.

    Raises
    ------
    UsageError
        When a recipe chooses nothing, or there is a scenario of that name.
    ContentError
        When a row does not fit the county; nothing was written.
    """
    if (base.root / shown_name(name)).is_file():
        text = N_("There is a scenario {name} already; choose another name, or delete {file}.")
        raise UsageError("scenario-there", text, name=name, file=shown_name(name))
    written, titles = Written(), list[Title]()
    for recipe, result in chosen:
        if not recipe.choices:
            text = N_("{recipe} says of no layer how a scenario would hold it (choices).")
            raise UsageError("recipe-no-choice", text, recipe=recipe.name)
        for key, choice in recipe.choices.items():
            frame = result.layers.get(key)
            if frame is not None:
                _write(written, base, choice, _only(frame, choice), speeds)
        titles.append(recipe.title)
    if written.empty:
        text = N_("Nothing was chosen: there is nothing to write into scenario {name}.")
        raise DataError("scenario-nothing-chosen", text, name=name)
    title = Title(zh="、".join(t.zh for t in titles), en=", ".join(t.en for t in titles))
    scenario = scenario_of_choice(name, title=title, rows=written.rows, new=written.new)
    open_scenario(base, scenario)
    return write_scenario(base.root, scenario)[0], written.notices


def _only(frame: gpd.GeoDataFrame, choice: ChoiceDef) -> gpd.GeoDataFrame:
    for column, values in choice.only.items():
        wanted = list(values) if isinstance(values, tuple) else [values]
        frame = frame[frame[column].isin(wanted)]
    return frame.reset_index(drop=True)


def _write(
    written: Written,
    base: Workspace,
    choice: ChoiceDef,
    frame: gpd.GeoDataFrame,
    speeds: SpeedTable | None,
) -> None:
    if not len(frame):
        return
    if choice.by is None:
        added = written.new.setdefault(choice.layer, [])
        villages = base.read("villages")
        ids = set() if villages is None else set(villages.frame["id"])
        added += [_new_row(choice, row, ids) for row in frame.to_dict("records")]
        return
    own = base.read(choice.layer)
    surface = choice.values.get("surface")
    if surface is not None and surface not in base.county.hardened:
        text = N_("Surface {surface} does not count as hardened here; those that do: {known}.")
        known = ", ".join(base.county.hardened)
        raise UsageError("surface-not-hardened", text, surface=surface, known=known)
    if own is not None:
        _Roads(written, own, choice, speeds).write(frame)


def _new_row(choice: ChoiceDef, row: Mapping[Any, Any], villages: set[str]) -> Row:
    """Open a site: at its village where it stands in one, so that scenarios name it alike."""
    taken = {name: row.get(column) for name, column in choice.takes.items()}
    told = {key: value for key, value in taken.items() if not _absent(value)}
    if row.get("id") in villages:
        return {**told, **choice.values, "at": row["id"]}
    place = shapely.get_coordinates(row["geometry"])[0]
    return {**told, **choice.values, "x": float(place[0]), "y": float(place[1])}


@dataclass(frozen=True)
class _Roads:
    """Lines of a layer of which something was chosen."""

    written: Written
    own: Layer
    choice: ChoiceDef
    speeds: SpeedTable | None

    def write(self, frame: gpd.GeoDataFrame) -> None:
        rows = self.own.frame.set_index("id")
        off = 0.0
        for identity, part in frame.groupby(str(self.choice.by), sort=True):
            chosen = shapely.multilinestrings(shapely.get_parts(part.geometry.to_numpy()))
            if identity not in rows.index:
                off += float(chosen.length)
                continue
            row = rows.loc[identity]
            pieces = take_apart(row["geometry"], chosen)
            off += abs(float(chosen.length) - sum(p.length for p, flag in pieces if flag))
            self._road(str(identity), row, pieces)
        if off > _OFF_LINE_M:
            text = N_(
                "{metres:.1f} m of what was chosen lie on no road of the layer (gaps joined by "
                "the network) and stand in no row."
            )
            self.written.notices.append(Notice("chosen-off-line", text, {"metres": off}))

    def _road(
        self, identity: str, row: pd.Series, pieces: Sequence[tuple[shapely.LineString, bool]]
    ) -> None:
        """Change a road; one chosen in part keeps its id for its first chosen piece."""
        flags = [flag for _, flag in pieces]
        if not any(flags):
            return
        changed = self.written.rows.setdefault(self.choice.layer, {})
        built = {**self.choice.values, **self._consequences(row)}
        if all(flags):
            changed[identity] = built
            return
        whole = sum(piece.length for piece, _ in pieces)
        first = flags.index(True)
        for number, (piece, flag) in enumerate(pieces):
            cells = _shared(row, piece.length / whole) | (built if flag else {})
            cells["wkt"] = shapely.to_wkt(piece, rounding_precision=-1)
            if number == first:
                changed[identity] = cells
            else:
                told = {name: _plain(row[name]) for name in self.own.definition.fields
                        if name in row and not _absent(row[name])}  # fmt: skip
                added = self.written.new.setdefault(self.choice.layer, [])
                added.append({**told, **cells})

    def _consequences(self, row: pd.Series) -> Row:
        """Say what changes with the surface: a speed of its own that is lower than the table's."""
        own = row.get("speed_kmh")
        if self.speeds is None or "surface" not in self.choice.values or _absent(own):
            return {}
        kind, surface = str(row.get("admin_class")), str(self.choice.values["surface"])
        by_class = self.speeds.by_class.get(kind, self.speeds.default)
        speed = self.speeds.by_surface.get((kind, surface), by_class)
        return {"speed_kmh": float(speed)} if 0 < float(own or 0) < speed else {}


def _shared(row: pd.Series, share: float) -> Row:
    return {
        name: round(float(row[name]) * share, 3)
        for name in _SHARED
        if name in row and not _absent(row[name])
    }


def _absent(value: Any) -> bool:
    return value is None or bool(pd.isna(value))


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return value.date() if isinstance(value, pd.Timestamp) else value
