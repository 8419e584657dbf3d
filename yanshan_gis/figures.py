"""A result's figures as a table that other recipes take: by indicator, county and townships.

Every result has it beside its own tables, under the name ``figures``; a result that is not
computable says there what is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from yanshan_gis.methods.townships import COUNTY_ROW

if TYPE_CHECKING:
    from yanshan_gis.content import AnalysisDef, Figure
    from yanshan_gis.county import County
    from yanshan_gis.result import Indicator, Result

FIGURES = "figures"
BETWEEN = "；"  # between several missing things in one cell
_TOWNSHIPS = "by_township"
_COLUMNS = {
    "recipe": "object", "indicator": "Int64", "key": "object", "township": "object",
    "numerator": "float64", "denominator": "float64", "value": "float64", "unit": "object",
    "target": "float64", "headline": "bool", "disagree": "Int64", "missing": "object",
}  # fmt: skip


def figure_table(recipe: AnalysisDef, result: Result, county: County) -> pd.DataFrame:
    """List the figures of a result.

    Parameters
    ----------
    recipe
        Says which figure belongs to which indicator, and where its townships stand.
    result
        Of the recipe.
    county
        Names the headline definitions.

    Returns
    -------
    pandas.DataFrame
        ``recipe``, ``indicator``, ``key``, ``township`` (None for the county), ``numerator``,
        ``denominator``, ``value``, ``unit``, ``target``, ``headline``, ``disagree`` (places on
        which ledger and map disagree) and ``missing`` (why there is no value).
    """
    rows: list[dict[str, Any]] = []
    if result.status == "ok":
        found = {indicator.key: indicator for indicator in result.indicators}
        for key in dict.fromkeys([*recipe.figures, *found]):
            rows += _rows_of(key, found.get(key), recipe, result, county)
    else:
        missing = BETWEEN.join(result.missing) or result.status
        rows = [{"indicator": n, "missing": missing} for n in recipe.indicators or (None,)]
    table = pd.DataFrame([{"recipe": recipe.name, "headline": False, **row} for row in rows])
    return table.reindex(columns=list(_COLUMNS)).astype(_COLUMNS)


def _rows_of(
    key: str, indicator: Indicator | None, recipe: AnalysisDef, result: Result, county: County
) -> list[dict[str, Any]]:
    described = recipe.figures.get(key)
    number = _number_of(described, recipe)
    row = {"indicator": number, "key": key}
    if indicator is None or indicator.value is None:
        chosen = county.headlines.get(str(number)) or (
            key if described is not None and described.headline else None
        )
        needed = described.needs if described is not None else None
        # A result that could be computed in part says what the rest of it would have needed.
        missing = BETWEEN.join(result.missing) or needed or key
        return [{**row, "headline": chosen == key, "missing": missing}]
    row |= {"unit": indicator.unit, "headline": indicator.headline}
    whole = {
        "numerator": indicator.numerator, "denominator": indicator.denominator,
        "value": indicator.value, "target": indicator.target,
        "disagree": _disagree(described, result),
    }  # fmt: skip
    return [row | whole, *(row | part for part in _townships(described, indicator, result))]


def _number_of(described: Figure | None, recipe: AnalysisDef) -> int | None:
    if described is not None and described.indicator is not None:
        return described.indicator
    return recipe.indicators[0] if len(recipe.indicators) == 1 else None


def _disagree(described: Figure | None, result: Result) -> int | None:
    name = described.disagreements if described is not None else None
    return len(result.tables[name]) if name and name in result.tables else None


def _townships(
    described: Figure | None, indicator: Indicator, result: Result
) -> list[dict[str, Any]]:
    """Read a figure of every township off the recipe's own table."""
    table = result.tables.get(_TOWNSHIPS)
    if described is None or described.by_township is None or table is None:
        return []
    columns = [described.by_township.numerator, described.by_township.denominator]
    if not set(columns) <= set(table.columns):
        return []
    towns = table[table["township"] != COUNTY_ROW]
    numbers = towns[columns].astype("Float64").fillna(0).to_numpy(dtype=float)
    whole = [indicator.numerator, indicator.denominator]
    # Where the sums differ the table speaks of another figure, such as the map's for the ledger's.
    if None in whole or not np.allclose(numbers.sum(axis=0), np.asarray(whole, dtype=float)):
        return []
    return [
        {
            "township": name,
            "numerator": top,
            "denominator": below,
            "value": top / below if below else None,
            "missing": None if below else columns[1],
        }
        for name, (top, below) in zip(towns["township"], numbers.tolist(), strict=True)
    ]
