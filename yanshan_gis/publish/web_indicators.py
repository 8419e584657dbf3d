"""Figures by township for a web map: shaded polygons and, in the same order, a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from yanshan_gis.content import FieldDef, Label, Style, Symbol, Title
from yanshan_gis.figures import figure_table
from yanshan_gis.methods.townships import COUNTY_ROW, UNKNOWN
from yanshan_gis.publish.breaks import graduated_classes, rounded_breaks
from yanshan_gis.publish.figures import counted_pair, counted_text, figure_title, number_text
from yanshan_gis.publish.style import resolve_style
from yanshan_gis.publish.web_layers import WebLayer
from yanshan_gis.publish.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from yanshan_gis.layer import Layer
    from yanshan_gis.messages import Language
    from yanshan_gis.run import Outcome
    from yanshan_gis.workspace import Workspace

# Light to dark of one hue, read in grey and by the colour-blind.
_RAMP = ("#e4eaf3", "#c5d4e6", "#9dbbd8", "#6ca2c9", "#2f82b7", "#045a8d")
_SYMBOL = Symbol(outline="#ffffff", outline_mm=0.25, opacity=0.85)
_LABEL = Label(field="label", size_pt=8.5, colour="#20313f", priority=80)
_VALUE = Title(zh="数值", en="Value")
_COUNTED = Title(zh="分子 / 分母", en="Counted")


@dataclass(frozen=True)
class ShadedFigure:
    """One figure by township.

    Parameters
    ----------
    title
        What it is called.
    recipe
        The title of its recipe.
    headline
        The county's value with what was counted and the target.
    rows
        Township, counted, out of and value as text, the county first.
    layer
        The shaded townships; None where there are no boundaries.
    """

    title: str
    recipe: str
    headline: str
    rows: tuple[tuple[str, str, str, str], ...]
    layer: WebLayer | None


def shaded_figures(
    workspace: Workspace, outcomes: Sequence[Outcome], language: Language
) -> list[ShadedFigure]:
    """Gather the figures that results tell by township.

    Parameters
    ----------
    workspace
        The county.
    outcomes
        Finished recipes.
    language
        ``zh`` or ``en``.

    Returns
    -------
    list of ShadedFigure
        Headlines first, else in the order of the recipes.
    """
    townships = workspace.read("townships")
    found: list[tuple[bool, ShadedFigure]] = []
    for outcome in outcomes:
        table = figure_table(outcome.recipe, outcome.result, workspace.county)
        for key, rows in table.groupby("key", sort=False):
            if rows["township"].notna().any():
                figure = _figure(outcome, str(key), rows, townships, language)
                found.append((bool(rows["headline"].iloc[0]), figure))
    return [figure for _, figure in sorted(found, key=lambda pair: not pair[0])]


def _figure(
    outcome: Outcome, key: str, rows: pd.DataFrame, townships: Layer | None, language: Language
) -> ShadedFigure:
    indicator = next(i for i in outcome.result.indicators if i.key == key)
    title = figure_title(outcome.recipe, indicator, language)
    headline = number_text(indicator.value, indicator.unit, language)
    return ShadedFigure(
        title=title,
        recipe=outcome.recipe.title.get(language),
        headline=headline + counted_text(indicator, language),
        rows=tuple(_rows(rows, indicator.unit, language)),
        layer=_layer(outcome, key, title, rows, indicator.unit, townships, language),
    )


def _rows(rows: pd.DataFrame, unit: str, language: Language) -> Iterator[tuple[str, str, str, str]]:
    spoken = {UNKNOWN: word("unknown_township", language)}
    for row in rows.to_dict("records"):
        name = row["township"]
        shown = word("whole_county", language) if _nothing(name) else spoken.get(name, str(name))
        counted = [number_text(_known(row[k]), "", language) for k in ("numerator", "denominator")]
        yield (shown, counted[0], counted[1], number_text(_known(row["value"]), unit, language))


def _nothing(value: Any) -> bool:
    return value is None or value is pd.NA or value != value  # NaN is not itself


def _known(value: Any) -> float | None:
    return None if _nothing(value) else float(value)


def _layer(
    outcome: Outcome, key: str, title: str, rows: pd.DataFrame, unit: str,
    townships: Layer | None, language: Language,
) -> WebLayer | None:  # fmt: skip
    if townships is None or not len(townships):
        return None
    told = rows[rows["township"].notna() & (rows["township"] != COUNTY_ROW)].set_index("township")
    frame = townships.frame[["name", "geometry"]].copy()
    frame["value"] = frame["name"].map(told["value"]).astype(float)
    pairs = {
        name: counted_pair(_known(row["numerator"]), _known(row["denominator"]))
        for name, row in told.iterrows()
    }
    frame["counted"] = frame["name"].map(pairs)
    frame["label"] = [
        f"{name}\n{number_text(_known(value), unit, language)}"
        for name, value in zip(frame["name"], frame["value"], strict=True)
    ]
    fields = {
        "name": FieldDef(type="text", title=Title(zh="乡镇", en="Township")),
        "value": FieldDef(type="number", unit=unit or None, title=_VALUE),
        "counted": FieldDef(type="text", title=_COUNTED),
    }
    classes = graduated_classes(rounded_breaks(frame["value"]), _RAMP, _SYMBOL)
    ranged = [item for item in classes if item.holds_range()]
    by: dict[str, Any] = {"by": "value", "classes": tuple(ranged)} if ranged else {}
    style = Style(symbol=_SYMBOL.model_copy(update={"colour": _RAMP[2]}), label=_LABEL, **by)
    resolved = resolve_style(style, fields, frame, title=title, language=language)
    name = f"{outcome.recipe.name}__{key}"
    modelled = bool(outcome.result.modelled)
    return WebLayer(name, title, frame, resolved, fields, modelled=modelled)
