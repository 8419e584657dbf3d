"""A result's figures as a table that other recipes take: by indicator, county and townships.

Every result has it beside its own tables, under the name ``figures``; a result that is not
computable says there what is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from yanshan_gis.methods.townships import COUNTY_ROW
from yanshan_gis.result import BETWEEN, FIGURE_COLUMNS

if TYPE_CHECKING:
    from yanshan_gis.content import AnalysisDef
    from yanshan_gis.county import County
    from yanshan_gis.result import Indicator, Result

FIGURES = "figures"
_TOWNSHIPS = "by_township"


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
        figures = _Figures(recipe, result, county)
        rows = [row for key in figures.keys for row in figures.rows(key)]
    else:
        missing = BETWEEN.join(result.missing) or result.status
        rows = [{"indicator": n, "missing": missing} for n in recipe.indicators or (None,)]
    table = pd.DataFrame([{"recipe": recipe.name, "headline": False, **row} for row in rows])
    return table.reindex(columns=list(FIGURE_COLUMNS)).astype(dict(FIGURE_COLUMNS))


class _Figures:
    """The figures of one result, each with what its recipe says of it."""

    def __init__(self, recipe: AnalysisDef, result: Result, county: County) -> None:
        self.recipe, self.result, self.county = recipe, result, county
        self.found = {i.key: i for i in result.indicators if i.value is not None}

    @property
    def keys(self) -> list[str]:
        """The figures described and those given, each once."""
        return list(dict.fromkeys([*self.recipe.figures, *self.found]))

    def rows(self, key: str) -> list[dict[str, Any]]:
        """Return a figure's row for the county, and one per township where they are told."""
        indicator = self.found.get(key)
        row = {"indicator": self._number(key), "key": key, "headline": self._is_headline(key)}
        if indicator is None:
            described = self.recipe.figures.get(key)
            needed = described.needs if described is not None else None
            # A result computed in part says itself what the rest of it would have needed.
            missing = BETWEEN.join(self.result.missing) or needed or key
            return [{**row, "missing": missing}]
        row["unit"] = indicator.unit
        whole = {
            "numerator": indicator.numerator, "denominator": indicator.denominator,
            "value": indicator.value, "target": indicator.target, "disagree": self._disagree(key),
        }  # fmt: skip
        return [row | whole, *(row | part for part in self._townships(key, indicator))]

    def _number(self, key: str) -> int | None:
        described = self.recipe.figures.get(key)
        if described is not None and described.indicator is not None:
            return described.indicator
        return self.recipe.indicators[0] if len(self.recipe.indicators) == 1 else None

    def _is_headline(self, key: str) -> bool:
        """Tell whether a figure is the reported one, or would be if it were there."""
        if key in self.found:
            return self.found[key].headline
        number = self._number(key)
        if any(i.headline and self._number(i.key) == number for i in self.found.values()):
            return False
        described = self.recipe.figures.get(key)
        default = key if described is not None and described.headline else None
        return self.county.headlines.get(str(number), default) == key

    def _disagree(self, key: str) -> int | None:
        """Count the places of a table of disagreements, where both sides of it are known."""
        figures = self.recipe.figures
        name = figures[key].disagreements if key in figures else None
        if not name or name not in self.result.tables:
            return None
        sides = {other for other, figure in figures.items() if figure.disagreements == name}
        return len(self.result.tables[name]) if sides <= set(self.found) else None

    def _townships(self, key: str, indicator: Indicator) -> list[dict[str, Any]]:
        """Read a figure of every township off the recipe's own table."""
        table = self.result.tables.get(_TOWNSHIPS)
        described = self.recipe.figures.get(key)
        if described is None or described.by_township is None or table is None:
            return []
        columns = [described.by_township.numerator, described.by_township.denominator]
        if not set(columns) <= set(table.columns):
            return []
        towns = table[table["township"] != COUNTY_ROW]
        numbers = towns[columns].astype("Float64").fillna(0).to_numpy(dtype=float)
        whole = [indicator.numerator, indicator.denominator]
        # Where sums differ the table speaks of another figure, such as the map's for the ledger's.
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
