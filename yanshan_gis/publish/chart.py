"""The curve beside a map: what a result gains step by step, read from one of its tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from yanshan_gis.publish.fields import shown_fields
from yanshan_gis.publish.figures import number_text
from yanshan_gis.publish.words import unit_text, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from yanshan_gis.content import AnalysisDef, FieldDef, LayerDef, SheetChart, Style
    from yanshan_gis.messages import Language
    from yanshan_gis.result import Indicator, Result
    from yanshan_gis.run import Outcome

_MARKED = {"years": "year", "steps": "order"}  # the column that numbers what is marked
_COUNTED = "个"


@dataclass(frozen=True)
class Mark:
    """A point of the curve with its number or name."""

    x: float
    y: float
    text: str
    colour: str


@dataclass(frozen=True)
class Chart:
    """A curve and what it is read by.

    Parameters
    ----------
    title
        Over the block.
    x_title, y_title
        Of the axes, with their units.
    x, y
        Its points, the start first; it rises where a step is finished.
    share
        True where y is a share.
    whole
        True where x counts things.
    colour
        Of the curve.
    marks
        Points with a text.
    lines
        Values of y with what they are: a bound, a target.
    """

    title: str
    x_title: str
    y_title: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    colour: str
    share: bool = False
    whole: bool = False
    marks: tuple[Mark, ...] = ()
    lines: tuple[tuple[float, str], ...] = ()


def chart_of(
    outcome: Outcome, catalogue: Mapping[str, LayerDef], language: Language
) -> Chart | None:
    """Read the curve of a recipe's sheet from its result.

    Parameters
    ----------
    outcome
        A finished recipe.
    catalogue
        The layer catalogue, for titles of columns.
    language
        Of the chart.

    Returns
    -------
    Chart or None
        None where the sheet has no chart or nothing was chosen.
    """
    recipe, result = outcome.recipe, outcome.result
    wanted = recipe.sheet.chart if recipe.sheet else None
    if wanted is None or wanted.table not in result.tables:
        return None
    columns = [wanted.x, wanted.y]
    table = result.tables[wanted.table]
    rows = table[columns].astype(float).dropna() if set(columns) <= set(table) else table.iloc[:0]
    if not len(rows):
        return None
    figures = {indicator.key: indicator for indicator in result.indicators}
    fields = shown_fields(recipe, wanted.table, columns, catalogue)
    unit = _unit(wanted, fields, figures)
    start = figures.get(wanted.start or "")
    return Chart(
        title=wanted.title.get(language),
        x_title=_axis_title(wanted.x, fields, language),
        y_title=_axis_title(wanted.y, fields, language, _unit_word(wanted, unit, language)),
        x=(0.0, *rows[wanted.x].tolist()),
        y=((start.value if start else None) or 0.0, *rows[wanted.y].tolist()),
        colour=_colour(recipe.results[wanted.result].style, wanted.value),
        share=unit == "share",
        whole=wanted.x in fields and fields[wanted.x].type == "integer",
        marks=tuple(_marks(wanted, recipe, result, language)),
        lines=tuple(_lines(wanted, figures, unit, language)),
    )


def _unit(
    wanted: SheetChart, fields: Mapping[str, FieldDef], figures: Mapping[str, Indicator]
) -> str:
    own, bound = fields.get(wanted.y), figures.get(wanted.bound or "")
    if own is not None and own.unit:
        return own.unit
    return bound.unit if bound else ""


def _unit_word(wanted: SheetChart, unit: str, language: Language) -> str:
    if unit == _COUNTED and wanted.counted is not None:
        return wanted.counted.get(language)
    return "" if unit == "share" else unit_text(unit, language)  # its numbers are written with %


def _axis_title(
    column: str, fields: Mapping[str, FieldDef], language: Language, unit: str | None = None
) -> str:
    field = fields.get(column)
    if field is None:
        return column
    if unit is None:
        unit = unit_text(field.unit or "", language)
    return field.title.get(language) + (word("bracket", language, text=unit) if unit else "")


def _marks(
    wanted: SheetChart, recipe: AnalysisDef, result: Result, language: Language
) -> Iterator[Mark]:
    """Mark where each year ends, or each step; a year in which nothing is done has no mark."""
    table = result.tables.get(wanted.marks_in or wanted.table)
    column = _MARKED[wanted.marks] if wanted.marks else ""
    if table is None or not {column, wanted.x, wanted.y} <= set(table):
        return
    spots = table[[wanted.x, wanted.y]].astype(float)
    known = spots.notna().all(axis=1) & table[column].notna()
    # Of a year that ends where the one before it did, nothing is to be seen.
    ends = spots[known].groupby(table.loc[known, column].to_numpy()).last().drop_duplicates()
    for number, (x, y) in zip(ends.index, ends.to_numpy(), strict=True):
        if x <= 0:
            continue
        years = wanted.marks == "years"
        text = word("year_number", language, number=number) if years else str(number)
        yield Mark(float(x), float(y), text, _mark_colour(wanted, recipe, number))


def _mark_colour(wanted: SheetChart, recipe: AnalysisDef, number: Any) -> str:
    """Return the colour that a year has on the map; steps have the curve's."""
    shown = recipe.sheet.results if recipe.sheet and wanted.marks == "years" else ()
    for value in (f"year_{number}", "later"):
        for name in shown:
            if colour := _colour(recipe.results[name].style, value):
                return colour
    return _colour(recipe.results[wanted.result].style, wanted.value)


def _colour(style: Style, value: str) -> str:
    """Return the colour of a class; nothing where the style has none of that value."""
    return next((item.symbol.colour for item in style.classes if item.value == value), "")


def _lines(
    wanted: SheetChart, figures: Mapping[str, Indicator], unit: str, language: Language
) -> Iterator[tuple[float, str]]:
    """Draw the bound that no choice exceeds, and the target, as far as they are known."""
    bound, aim = (figures.get(name or "") for name in (wanted.bound, wanted.target))
    if bound is not None and bound.value is not None and not pd.isna(bound.value):
        text = number_text(bound.value, unit if unit == "share" else "", language)
        yield float(bound.value), word("chart_bound", language, value=text)
    if aim is not None and aim.target is not None:
        text = number_text(aim.target, unit, language)
        yield aim.target, word("chart_target", language, value=text)
