"""The indicator board as records: read from stored results where they still hold, else computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.ingest.names import match_townships
from yanshan_gis.job import stored_outcomes
from yanshan_gis.messages import N_
from yanshan_gis.methods.townships import UNKNOWN
from yanshan_gis.progress import SILENT, Progress
from yanshan_gis.recipes import order_recipes
from yanshan_gis.result import BETWEEN
from yanshan_gis.run import Outcome, run

if TYPE_CHECKING:
    from yanshan_gis.workspace import Workspace

RECIPE = "indicators"
NO_TOWNSHIP = "by_township"  # what is missing of an indicator that nobody tells by township


@dataclass(frozen=True)
class Board:
    """The indicators of a county.

    Parameters
    ----------
    outcome
        Of the recipe ``indicators``.
    stored
        True when it was read from ``out/results``, False when it was computed now.
    """

    outcome: Outcome
    stored: bool

    def rows(self, number: int | None = None) -> list[dict[str, Any]]:
        """Return the indicators as plain values.

        Parameters
        ----------
        number
            Only this one; all when not given.

        Returns
        -------
        list of dict
            ``number``, ``title``, ``state``, ``target``, ``operator``, ``baseline``, ``actual``,
            ``missing`` (a list), ``unit`` and what else the table ``board`` holds, by number.

        Raises
        ------
        UsageError
            When there is no such indicator.
        """
        return _chosen(_records(self.outcome.result.tables.get("board")), number)

    def township_rows(
        self, workspace: Workspace, township: str, number: int | None = None
    ) -> list[dict[str, Any]]:
        """Return the indicators of one township.

        Parameters
        ----------
        workspace
            The county, for the names of its townships.
        township
            By any name it has, or had.
        number
            Only this indicator.

        Returns
        -------
        list of dict
            As `rows`, with ``township``; one that nobody tells by township is not computable.

        Raises
        ------
        UsageError
            When there is no such township or indicator.
        """
        rows = _records(self.outcome.result.tables.get("by_township"))
        place = find_township(workspace, township, [row["township"] for row in rows])
        mine = {row["number"]: row for row in rows if row["township"] == place}
        return [mine.get(row["number"]) or _silent(row, place) for row in self.rows(number)]


def _silent(row: dict[str, Any], place: str) -> dict[str, Any]:
    kept = ("number", "title", "operator", "target", "unit")
    unknown = dict.fromkeys(("numerator", "denominator", "actual", "basis"))
    return {
        **{key: row[key] for key in kept}, **unknown, "township": place,
        "state": "not_computable", "missing": [NO_TOWNSHIP], "baseline": None,
    }  # fmt: skip


def _chosen(rows: list[dict[str, Any]], number: int | None) -> list[dict[str, Any]]:
    found = [row for row in rows if number is None or row["number"] == number]
    if rows and not found:
        raise UsageError(
            "indicator-unknown",
            N_("There is no indicator {number}; known: {known}."),
            number=number,
            known=" ".join(str(row["number"]) for row in rows),
        )
    return found


def _records(table: pd.DataFrame | None) -> list[dict[str, Any]]:
    if table is None:
        return []
    plain = pd.DataFrame(table).drop(columns="geometry", errors="ignore").astype(object)
    records = plain.where(plain.notna(), None).to_dict("records")
    return [_record({str(key): _scalar(value) for key, value in row.items()}) for row in records]


def _record(row: dict[str, Any]) -> dict[str, Any]:
    missing = row["missing"].split(BETWEEN) if row["missing"] else []
    title = {"zh": row.pop("name"), "en": row.pop("name_en")}
    return {"number": row.pop("number"), "title": title, "baseline": None, **row,
            "missing": missing}  # fmt: skip


def _scalar(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def find_township(workspace: Workspace, written: str, others: Sequence[str] = ()) -> str:
    """Find a township by any name it has, or had.

    Parameters
    ----------
    workspace
        With the layer ``townships`` and the table of names.
    written
        As the reader wrote it.
    others
        Names that figures speak of, where the layer is absent.

    Returns
    -------
    str
        Its canonical name.

    Raises
    ------
    UsageError
        Naming the townships there are.
    """
    layer = workspace.read("townships")
    official = (
        {} if layer is None else dict(zip(layer.frame["id"], layer.frame["name"], strict=True))
    )
    known = list(official.values()) or [name for name in dict.fromkeys(others) if name != UNKNOWN]
    aliases = {r.name: official[r.id] for r in workspace.names() if r.id in official and r.name}
    (match,) = match_townships([written], known, aliases, workspace.county.name.zh)
    if match.id is None:
        raise UsageError(
            "township-unknown",
            N_("There is no township {township!r}; known: {known}."),
            township=written,
            known=" ".join(known) or "—",
        )
    return match.id


def read_board(workspace: Workspace, *, progress: Progress = SILENT) -> Board:
    """Read the board where the stored one still holds; else compute it, and store nothing.

    Parameters
    ----------
    workspace
        The county.
    progress
        Who listens.

    Returns
    -------
    Board
        Stored or computed.
    """
    stored = _stored(workspace)
    if stored is not None:
        return Board(stored, stored=True)
    return Board(run(workspace, [RECIPE], progress=progress)[-1], stored=False)


def _stored(workspace: Workspace) -> Outcome | None:
    """Return the stored board; None where what it rests on changed since."""
    ordered = order_recipes([RECIPE], workspace.analyses)
    try:
        below = stored_outcomes(workspace, [recipe.name for recipe in ordered], frames=False)
        (found,) = stored_outcomes(workspace, [RECIPE])
    except DataError:  # one of them was not run yet
        return None
    return None if any(outcome.stale for outcome in below) else found
