"""The sheet of what changed between two sides: gained and lost on a map, figures of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from yanshan_gis.publish.figures import counted_pair, number_text
from yanshan_gis.publish.result_sheet import compose, draw_content
from yanshan_gis.publish.words import word

if TYPE_CHECKING:
    from yanshan_gis.messages import Language, Notice
    from yanshan_gis.run import Outcome
    from yanshan_gis.workspace import Workspace

_FIGURES = 6


def difference_text(value: float | None, unit: str, language: Language) -> str:
    """Write a difference with its sign; of shares, in percentage points.

    Parameters
    ----------
    value
        The difference.
    unit
        Of the two figures.
    language
        ``zh`` or ``en``.

    Returns
    -------
    str
        ``–`` where there is none to be taken.
    """
    if value is None or pd.isna(value):
        return "–"
    if unit == "share":
        return word("points", language, value=f"{value * 100:+.1f}")
    sign = "+" if value > 0 else ""
    return sign + number_text(value, unit, language)


def figure_lines(
    rows: Iterable[Mapping[Any, Any]], outcome: Outcome, language: Language
) -> list[tuple[str, str]]:
    """Write the figures of a recipe on both sides, the headline first.

    Parameters
    ----------
    rows
        Of the table ``figures`` of a comparison, those of one recipe.
    outcome
        Its layers of changes.
    language
        ``zh`` or ``en``.

    Returns
    -------
    list of tuple
        Labels and texts: headlines, then what differs, then features gained and lost.
    """
    plain = sorted(rows, key=lambda row: not row["headline"])
    shown = [row for row in plain if row["headline"] or row["difference"]]
    lines = [
        _line(row, outcome, language, counted=at == 0) for at, row in enumerate(shown[:_FIGURES])
    ]
    for name, frame in outcome.result.layers.items():
        counts = frame["change"].value_counts()
        gained, lost = (int(counts.get(kind, 0)) for kind in ("gained", "lost"))
        if gained or lost:
            title = outcome.recipe.results[name].title.get(language)
            lines.append((title, word("gained_lost", language, gained=gained, lost=lost)))
    return lines


def _line(
    row: Mapping[Any, Any], outcome: Outcome, language: Language, *, counted: bool
) -> tuple[str, str]:
    key = str(row["figure"]).partition(".")[2]
    described = outcome.recipe.figures.get(key)
    label = described.get(language) if described else key
    if row["subject"]:
        label += word("bracket", language, text=row["subject"])
    unit = str(row["unit"])
    before, after = (
        number_text(None if pd.isna(row[side]) else row[side], unit, language)
        for side in ("before", "after")
    )
    text = word("became", language, before=before, after=after)
    difference = difference_text(row["difference"], unit, language)
    pairs = [
        counted_pair(
            *(
                None if pd.isna(row[f"{part}_{side}"]) else row[f"{part}_{side}"]
                for part in ("numerator", "denominator")
            )
        )
        for side in ("before", "after")
    ]
    inside = [difference]
    if counted and all(pairs):
        inside.append(word("became", language, before=pairs[0], after=pairs[1]))
    joined = ("；" if language == "zh" else "; ").join(inside)
    return label, text + word("bracket", language, text=joined)


def draw_change_sheet(
    workspace: Workspace,
    outcome: Outcome,
    figures: Sequence[Mapping[Any, Any]],
    folder: Path,
    *,
    subtitle: str,
    language: Language = "zh",
) -> tuple[list[Path], list[Notice]]:
    """Draw the sheet of a recipe's changes.

    Parameters
    ----------
    workspace
        The later side, for the layers beneath the theme.
    outcome
        Layers of changes, with a sheet.
    figures
        Rows of the table ``figures`` of the comparison, those of the recipe.
    folder
        Where the files go.
    subtitle
        Names the two sides.
    language
        Of the sheet.

    Returns
    -------
    tuple
        PNG and PDF, and what a reader must know of them.

    Raises
    ------
    DataError
        When there is nothing on the map.
    """
    content = compose(workspace, outcome, language)
    lines = figure_lines(figures, outcome, language)
    shown = replace(content, subtitle=subtitle, figures=tuple(lines))
    return draw_content(shown, folder, outcome.recipe.name, language)
