"""Two states of a county side by side: figures, indicators, townships.

A difference is taken only between numbers of one unit, and whoever reads it is told where the two
sides were not computed alike (see `alike`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from yanshan_gis.methods.townships import COUNTY_ROW

if TYPE_CHECKING:
    from yanshan_gis.content import AnalysisDef
    from yanshan_gis.result import Indicator, Result

FIGURE_COLUMNS: Mapping[str, str] = {
    "recipe": "object", "figure": "object", "subject": "object", "headline": "bool",
    "before": "float64", "after": "float64", "difference": "float64", "unit": "object",
    "numerator_before": "float64", "denominator_before": "float64",
    "numerator_after": "float64", "denominator_after": "float64",
    "target_before": "float64", "target_after": "float64",
    "met_before": "boolean", "met_after": "boolean", "unlike": "object",
}  # fmt: skip
BOARD_COLUMNS: Mapping[str, str] = {
    "number": "Int64", "name": "object", "name_en": "object", "unit": "object",
    "before": "float64", "after": "float64", "difference": "float64",
    "target_before": "float64", "target_after": "float64", "state_before": "object",
    "state_after": "object", "unlike": "object",
}  # fmt: skip
TOWNSHIP_COLUMNS: Mapping[str, str] = {
    "recipe": "object", "figure": "object", "township": "object", "before": "float64",
    "after": "float64", "difference": "float64", "unit": "object",
    "numerator_before": "float64", "denominator_before": "float64",
    "numerator_after": "float64", "denominator_after": "float64", "unlike": "object",
}  # fmt: skip
_SAME_NUMBER = 1e-12


@dataclass(frozen=True)
class Computed:
    """One recipe on one side.

    Parameters
    ----------
    recipe
        As that side has it.
    result
        Finished.
    figures
        Its figures by county and township, see `yanshan_gis.figures`.
    """

    recipe: AnalysisDef
    result: Result
    figures: pd.DataFrame


def shown_figure(recipe: str, key: str) -> str:
    """Name a figure so that those of several recipes do not meet.

    Parameters
    ----------
    recipe, key
        The recipe's name and the figure's.

    Returns
    -------
    str
        Such as ``logistics-reach.own_outlet``.
    """
    return f"{recipe}.{key}"


def shown_layer(recipe: str, layer: str) -> str:
    """Name a result layer as GeoPackages do.

    Parameters
    ----------
    recipe, layer
        The recipe's name and the layer's.

    Returns
    -------
    str
        Such as ``road-hardening__villages``.
    """
    return f"{recipe}__{layer}"


def compare_figures(before: Computed, after: Computed, unlike: str | None) -> list[dict[str, Any]]:
    """Set the figures of a recipe side by side.

    Parameters
    ----------
    before, after
        The recipe on the two sides.
    unlike
        What was not alike when they were computed; None for nothing.

    Returns
    -------
    list of dict
        One per figure of either side, in the order of the later one.
    """
    one, two = ({(i.key, i.subject): i for i in side.result.indicators} for side in (before, after))
    return [
        {
            "recipe": after.recipe.name,
            "figure": shown_figure(after.recipe.name, key[0]),
            "subject": key[1] or None,
            **_sides(one.get(key), two.get(key), unlike),
        }
        for key in dict.fromkeys([*two, *one])
    ]


def _sides(one: Indicator | None, two: Indicator | None, unlike: str | None) -> dict[str, Any]:
    row: dict[str, Any] = {"headline": any(i.headline for i in (one, two) if i is not None)}
    for side, figure in (("before", one), ("after", two)):
        row[side] = figure.value if figure else None
        row[f"numerator_{side}"] = figure.numerator if figure else None
        row[f"denominator_{side}"] = figure.denominator if figure else None
        row[f"target_{side}"] = figure.target if figure else None
        row[f"met_{side}"] = figure.met if figure else None
    units = list(dict.fromkeys(i.unit for i in (one, two) if i is not None))
    alike = len(units) == 1
    return {
        **row,
        "unit": " → ".join(units),
        "difference": _difference(row["before"], row["after"]) if alike else None,
        "unlike": unlike if alike else "; ".join(filter(None, [" → ".join(units), unlike])),
    }


def _difference(before: float | None, after: float | None) -> float | None:
    if before is None or after is None or pd.isna(before) or pd.isna(after):
        return None
    found = after - before
    return 0.0 if abs(found) < _SAME_NUMBER * max(1.0, abs(before)) else found


def compare_boards(
    before: pd.DataFrame, after: pd.DataFrame, unlike: str | None
) -> list[dict[str, Any]]:
    """Set the plan's indicators side by side.

    Parameters
    ----------
    before, after
        The table ``board`` of the two sides.
    unlike
        What was not alike when they were computed.

    Returns
    -------
    list of dict
        One per indicator, by number. One judged by another definition or from another source on
        either side says so.
    """
    one, two = (_by_number(table) for table in (before, after))
    rows = []
    for number in sorted({*one, *two}):
        a, b = one.get(number, {}), two.get(number, {})
        told = b or a
        torn = [
            f"{a.get(column)} → {b.get(column)}"
            for column in ("headline", "basis", "unit")
            if a and b and a.get(column) and b.get(column) and a[column] != b[column]
        ]
        same_unit = bool(a and b) and a.get("unit") == b.get("unit")
        rows.append(
            {
                "number": number,
                "name": told["name"],
                "name_en": told["name_en"],
                "unit": told["unit"],
                "before": a.get("actual"),
                "after": b.get("actual"),
                "difference": _difference(a.get("actual"), b.get("actual")) if same_unit else None,
                "target_before": a.get("target"),
                "target_after": b.get("target"),
                "state_before": a.get("state"),
                "state_after": b.get("state"),
                "unlike": "; ".join([*torn, *([unlike] if unlike else [])]) or None,
            }
        )
    return rows


def _by_number(table: pd.DataFrame) -> dict[int, dict[str, Any]]:
    plain = pd.DataFrame(table).drop(columns="geometry", errors="ignore").astype(object)
    rows = plain.where(plain.notna(), None).to_dict("records")
    return {int(row["number"]): {str(key): cell for key, cell in row.items()} for row in rows}


def compare_townships(
    before: Computed, after: Computed, unlike: str | None
) -> list[dict[str, Any]]:
    """Set figures side by side township by township.

    Parameters
    ----------
    before, after
        The recipe on the two sides.
    unlike
        What was not alike when they were computed.

    Returns
    -------
    list of dict
        One per figure and township that either side tells, in the order of the later one.
    """
    one, two = (_by_township(side.figures) for side in (before, after))
    rows = []
    for key in dict.fromkeys([*two, *one]):
        a, b = one.get(key, {}), two.get(key, {})
        rows.append(
            {
                "recipe": after.recipe.name,
                "figure": shown_figure(after.recipe.name, key[0]),
                "township": key[1],
                "before": a.get("value"),
                "after": b.get("value"),
                "difference": _difference(a.get("value"), b.get("value"))
                if a.get("unit") == b.get("unit")
                else None,
                "unit": (b or a)["unit"],
                "numerator_before": a.get("numerator"),
                "denominator_before": a.get("denominator"),
                "numerator_after": b.get("numerator"),
                "denominator_after": b.get("denominator"),
                "unlike": unlike,
            }
        )
    return rows


def _by_township(figures: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    told = figures[figures["township"].notna() & figures["key"].notna()].astype(object)
    rows = told.where(told.notna(), None).to_dict("records")
    return {
        (row["key"], row["township"]): {str(name): cell for name, cell in row.items()}
        for row in rows
    }


def township_table(before: Computed, after: Computed) -> pd.DataFrame | None:
    """Set the headline side by side, the county first, as a small table beside a map.

    Parameters
    ----------
    before, after
        The recipe on the two sides.

    Returns
    -------
    pandas.DataFrame or None
        ``township``, ``before``, ``after`` and ``difference`` (what was counted), ``share_before``
        and ``share_after``; None where no headline is told by township.
    """
    heads = [i for i in after.result.indicators if i.headline and i.numerator is not None]
    rows = compare_townships(before, after, None)
    told = {row["figure"] for row in rows}
    head = next((i for i in heads if shown_figure(after.recipe.name, i.key) in told), None)
    if head is None:
        return None
    name = shown_figure(after.recipe.name, head.key)
    whole = next(
        row for row in compare_figures(before, after, None)
        if row["figure"] == name and row["subject"] is None
    )  # fmt: skip
    chosen = [{**whole, "township": COUNTY_ROW}, *(row for row in rows if row["figure"] == name)]
    return pd.DataFrame(
        {
            "township": [row["township"] for row in chosen],
            "before": pd.array([row["numerator_before"] for row in chosen], dtype="Float64"),
            "after": pd.array([row["numerator_after"] for row in chosen], dtype="Float64"),
            "difference": pd.array(
                [_difference(row["numerator_before"], row["numerator_after"]) for row in chosen],
                dtype="Float64",
            ),
            "share_before": [row["before"] for row in chosen],
            "share_after": [row["after"] for row in chosen],
        }
    ).astype({"share_before": "float64", "share_after": "float64"})
