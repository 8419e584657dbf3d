"""A scenario: what differs from the county as it is, typed, in ``scenarios/NAME.toml``.

Other values of parameters, other values of rows by their permanent id, and rows that come in
addition. A scenario holds no data of the county and is read against it (see `overlay`), so it goes
on holding when the county's data are brought up to date.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from yanshan_gis.content import Title
from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.scenario_text import extended_text, scenario_text
from yanshan_gis.toml_file import read_toml, toml_value, write_whole

FOLDER = "scenarios"
BASE = "base"  # how a command line names the county as it is; no scenario may be called so
NOTICE = "scenario"  # the warning by which every result of a scenario tells that it is one
_NAME = re.compile(r"^\w(?:[\w. -]*\w)?$")


def _one_value(value: Any) -> Any:
    if isinstance(value, bool | int | float | str | date):
        return value
    raise DataError("cell-kind", N_("one value is needed: a text, a number, true, false or a date"))


def _setting(value: Any) -> Any:
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if isinstance(value, dict):
        return {key: _setting(inner) for key, inner in value.items()}
    text = N_("a number, a text, true, false, a list of texts or a table of these is needed")
    raise DataError("setting-kind", text)


Cell = Annotated[Any, AfterValidator(_one_value)]
Setting = Annotated[Any, AfterValidator(_setting)]


class Scenario(BaseModel):
    """What differs from the county as it is.

    Attributes are the keys of ``scenarios/NAME.toml``; all of them may be left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: Title | None = None
    parameters: dict[str, Setting] = {}  # "recipe.parameter", or a parameter of every recipe
    rows: dict[str, dict[str, dict[str, Cell]]] = {}  # layer -> permanent id -> field -> value
    new: dict[str, tuple[dict[str, Cell], ...]] = Field(default_factory=dict)  # layer -> rows

    @field_validator("title", mode="before")
    @classmethod
    def _one_title(cls, title: Any) -> Any:
        return {"zh": title, "en": title} if isinstance(title, str) else title

    @property
    def notice(self) -> Notice:
        """What every result of the scenario says of itself."""
        changes = [f"{key} = {_short(value)}" for key, value in self.parameters.items()]
        changes += [f"{layer} {len(rows)}" for layer, rows in self.rows.items() if rows]
        changes += [f"{layer} +{len(rows)}" for layer, rows in self.new.items() if rows]
        text = N_("Scenario {name}, not the county as it is. Changed: {changes}.")
        title = self.title or Title(zh=self.name, en=self.name)
        values = {"name": self.name, "zh": title.zh, "en": title.en}
        return Notice(NOTICE, text, {**values, "changes": ", ".join(changes) or "—"})


def _short(value: Any) -> str:
    return value if isinstance(value, str) else toml_value(value)


def check_name(name: str) -> str:
    """Refuse a name that cannot be a file's, or that means the county as it is.

    Parameters
    ----------
    name
        As the user wrote it.

    Returns
    -------
    str
        The same name.

    Raises
    ------
    UsageError
        When it holds anything but letters, digits, spaces, ``-``, ``_`` and ``.``.
    """
    if _NAME.match(name) and name != BASE:
        return name
    raise UsageError(
        "scenario-name",
        N_(
            "A scenario cannot be called {name!r}: use letters, digits, spaces, - and _ "
            "(base means the county as it is)."
        ),
        name=name,
    )


def list_scenarios(root: Path) -> list[str]:
    """List the scenarios of a workspace.

    Parameters
    ----------
    root
        The workspace's folder.

    Returns
    -------
    list of str
        Names, in alphabetical order.
    """
    return sorted(path.stem for path in (root / FOLDER).glob("*.toml"))


def read_scenario(root: Path, name: str) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    root
        The workspace's folder.
    name
        The scenario's.

    Returns
    -------
    Scenario
        Not yet read against the county, see `yanshan_gis.overlay.open_scenario`.

    Raises
    ------
    UsageError
        When there is none of that name.
    ContentError
        With every problem of its shape.
    """
    path = root / FOLDER / f"{check_name(name)}.toml"
    if not path.is_file():
        raise UsageError(
            "scenario-unknown",
            N_(
                "There is no scenario {name!r}; known: {known}. Make one with "
                "yanshan run --set NAME=VALUE --as {name}."
            ),
            name=name,
            known=", ".join(list_scenarios(root)) or "—",
        )
    return read_toml(path, Scenario, shown=shown_name(name), name=name)


def shown_name(name: str) -> str:
    """Name a scenario's file in messages.

    Parameters
    ----------
    name
        The scenario's.

    Returns
    -------
    str
        Its path below the workspace.
    """
    return f"{FOLDER}/{name}.toml"


def scenario_of_choice(
    name: str,
    *,
    title: Title | None = None,
    rows: Mapping[str, Mapping[str, Mapping[str, Any]]] | None = None,
    new: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Scenario:
    """Build a scenario from what an analysis chose: roads to harden, sites to open.

    Parameters
    ----------
    name
        The scenario's.
    title
        In both languages.
    rows
        Values by layer, permanent id and field: ``{"roads": {"R000012": {"surface": "cement"}}}``.
    new
        Rows that come in addition, by layer. A row stands ``at`` a feature of any layer, at ``x``
        and ``y`` or along ``wkt``, in the working CRS.
    parameters
        Values by ``recipe.parameter``.

    Returns
    -------
    Scenario
        To be written with `write_scenario`.

    Raises
    ------
    UsageError
        When the name cannot be a file's.
    """
    return Scenario(
        name=check_name(name),
        title=title,
        parameters=dict(parameters or {}),
        rows={
            layer: {key: dict(row) for key, row in chosen.items()}
            for layer, chosen in (rows or {}).items()
        },
        new={layer: tuple(dict(row) for row in added) for layer, added in (new or {}).items()},
    )


def write_scenario(root: Path, addition: Scenario) -> tuple[Scenario, bool]:
    """Write a scenario; one that is there is extended, its comments kept where that is possible.

    Parameters
    ----------
    root
        The workspace's folder.
    addition
        What shall be in it; of two values for one thing this one counts.

    Returns
    -------
    tuple of Scenario and bool
        The scenario as it now is, and whether it was there before.

    Raises
    ------
    ContentError
        When the one that is there has problems; nothing was written.
    """
    path = root / FOLDER / f"{check_name(addition.name)}.toml"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, scenario_text(addition))
        return addition, False
    whole = merge_scenarios(read_scenario(root, addition.name), addition)
    text = extended_text(path.read_text(encoding="utf-8-sig"), addition)
    if _reads_as(text, whole):
        write_whole(path, text)
    else:
        write_whole(path, scenario_text(whole))
    return whole, True


def merge_scenarios(below: Scenario, above: Scenario) -> Scenario:
    """Lay one scenario over another.

    Parameters
    ----------
    below, above
        Where both have a value, that of `above` counts; rows that both add stand there once.

    Returns
    -------
    Scenario
        Of the name of `above`.
    """
    rows = {layer: dict(patches) for layer, patches in below.rows.items()}
    for layer, patches in above.rows.items():
        mine = rows.setdefault(layer, {})
        for identity, patch in patches.items():
            mine[identity] = {**mine.get(identity, {}), **patch}
    new = dict(below.new)
    for layer, added in above.new.items():
        there = new.get(layer, ())
        new[layer] = (*there, *(row for row in added if row not in there))
    return above.model_copy(
        update={
            "title": above.title or below.title,
            "parameters": {**below.parameters, **above.parameters},
            "rows": rows,
            "new": new,
        }
    )


def _reads_as(text: str, wanted: Scenario) -> bool:
    try:
        found = Scenario.model_validate({**tomllib.loads(text), "name": wanted.name})
    except (tomllib.TOMLDecodeError, ValueError):
        return False
    return found == wanted
