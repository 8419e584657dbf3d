"""``out/tables.xlsx`` of finished recipes: figures first, then every table, fields, parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from yanshan_gis.content import Title
from yanshan_gis.publish.fields import readable, shown_fields
from yanshan_gis.publish.figures import figure_title
from yanshan_gis.publish.publication import Written, locked
from yanshan_gis.publish.words import scenario_marks
from yanshan_gis.publish.workbook import SheetTable, write_workbook

if TYPE_CHECKING:
    from yanshan_gis.content import FieldDef, LayerDef
    from yanshan_gis.county import County
    from yanshan_gis.messages import Language
    from yanshan_gis.publish.publication import Publication
    from yanshan_gis.run import Outcome

_HEADINGS = {
    "recipe": Title(zh="分析", en="Analysis"),
    "figure": Title(zh="指标", en="Figure"),
    "value": Title(zh="数值", en="Value"),
    "unit": Title(zh="单位", en="Unit"),
    "numerator": Title(zh="分子", en="Numerator"),
    "denominator": Title(zh="分母", en="Denominator"),
    "target": Title(zh="目标", en="Target"),
    "met": Title(zh="达标", en="Met"),
    "headline": Title(zh="主要指标", en="Headline"),
    "table": Title(zh="表", en="Table"),
    "field": Title(zh="字段", en="Field"),
    "title": Title(zh="名称", en="Title"),
    "note": Title(zh="说明", en="Note"),
    "parameter": Title(zh="参数", en="Parameter"),
}
_FIGURES = Title(zh="指标汇总", en="Figures")
_WARNINGS = Title(zh="提示", en="Warnings")


def publish_tables(publication: Publication) -> Written:
    """Write ``out/tables.xlsx``.

    Parameters
    ----------
    publication
        What is published.

    Returns
    -------
    Written
        A numbered copy, and a notice, where the old one is open elsewhere.
    """
    workspace = publication.workspace
    path = workspace.out / "tables.xlsx"
    copy = write_tables(
        path, publication.outcomes, workspace.layer_catalogue, workspace.county, workspace.stamp,
        publication.language,
    )  # fmt: skip
    return Written([copy], locked([path], [copy]))


def write_tables(
    path: Path,
    outcomes: Sequence[Outcome],
    layers: Mapping[str, LayerDef],
    county: County,
    created: date,
    language: Language,
) -> Path:
    """Write the tables of finished recipes into one workbook.

    Parameters
    ----------
    path
        The ``.xlsx`` file.
    outcomes
        Finished recipes.
    layers
        The layer catalogue, for titles of columns that come from inputs.
    county
        Whose name the workbook carries.
    created
        Date in the file's properties.
    language
        Of headings and words.

    Returns
    -------
    pathlib.Path
        Where the workbook is: a numbered copy when the old one is locked.
    """
    sheets, meanings = result_tables(outcomes, layers, language)
    marks = scenario_marks((outcome.result for outcome in outcomes), language)
    title = county.name.get(language)
    return write_workbook(
        path,
        marked([_figures(outcomes, language), _warnings(outcomes, language), *sheets], marks),
        created=created,
        title="　".join([title, *marks]),
        dictionary=pd.DataFrame(meanings),
        parameters=_parameters(outcomes, language),
        language=language,
    )


def write_comparison_tables(
    path: Path,
    outcome: Outcome,
    changes: Sequence[Outcome],
    layers: Mapping[str, LayerDef],
    title: str,
    created: date,
    language: Language,
) -> Path:
    """Write the tables of a comparison into one workbook.

    Parameters
    ----------
    path
        The ``.xlsx`` file.
    outcome
        Holds the tables.
    changes
        Layers of changes, by recipe; what changed is listed layer by layer.
    layers
        The layer catalogue.
    title
        Of the workbook: the county and the two sides.
    created
        Date in the file's properties.
    language
        Of headings and words.

    Returns
    -------
    pathlib.Path
        Where the workbook is: a numbered copy when the old one is locked.
    """
    # Features stand in tables of their own, in the words of their recipe.
    whole = {
        name: table.replace({"unit": {"share": ""}}) if "unit" in table else table
        for name, table in outcome.result.tables.items()
        if name != "features"
    }
    first = replace(outcome, result=replace(outcome.result, tables=whole))
    shown = [first, *(_changed_rows(changed) for changed in changes)]
    sheets, meanings = result_tables(shown, layers, language)
    marks = scenario_marks([outcome.result], language)
    return write_workbook(
        path,
        marked([*sheets, _warnings([outcome], language)], marks),
        created=created,
        title=title,
        dictionary=pd.DataFrame(meanings),
        language=language,
    )


def _changed_rows(outcome: Outcome) -> Outcome:
    """Turn layers of changes into tables of the features that changed."""
    tables = {
        name: pd.DataFrame(frame[frame["change"] != "unchanged"]).drop(
            columns=["geometry", "label"], errors="ignore"
        )
        for name, frame in outcome.result.layers.items()
    }
    kept = {name: table for name, table in tables.items() if len(table)}
    return replace(outcome, result=replace(outcome.result, tables=kept))


def marked(sheets: Iterable[SheetTable], marks: Sequence[str]) -> list[SheetTable]:
    """Put what tables must say of themselves in front of their notes.

    Parameters
    ----------
    sheets
        Tables of a workbook.
    marks
        Such as the scenario they speak of.

    Returns
    -------
    list of SheetTable
        With their notes.
    """
    told = "　".join(marks)
    return [replace(s, note="　".join(part for part in (told, s.note) if part)) for s in sheets]


def result_tables(
    outcomes: Sequence[Outcome], layers: Mapping[str, LayerDef], language: Language
) -> tuple[list[SheetTable], list[dict[str, str]]]:
    """Turn the tables of finished recipes into those of a workbook.

    Parameters
    ----------
    outcomes
        Finished recipes.
    layers
        The layer catalogue, for titles of columns that come from inputs.
    language
        Of headings and words.

    Returns
    -------
    tuple
        The tables, and one row per column that says what it means.
    """
    sheets: list[SheetTable] = []
    meanings: list[dict[str, str]] = []
    for outcome in outcomes:
        recipe = outcome.recipe
        for name, frame in outcome.result.tables.items():
            fields = shown_fields(recipe, name, frame.columns, layers)
            title = recipe.results[name].title.get(language) if name in recipe.results else name
            heading = f"{recipe.title.get(language)}：{title}"
            columns = {column: _column(column, fields, language) for column in frame.columns}
            sheet = f"{recipe.title.get(language)[:14]} {title}"
            shown = readable(frame, fields, language)
            sheets.append(SheetTable(sheet, heading, shown, columns))
            meanings += [_meaning(heading, column, fields, language) for column in frame.columns]
    return sheets, meanings


def _column(name: str, fields: Mapping[str, FieldDef], language: Language) -> tuple[str, str, str]:
    field = fields.get(name)
    return (field.title.get(language), field.unit or "", "") if field else (name, "", "")


def _meaning(
    table: str, name: str, fields: Mapping[str, FieldDef], language: Language
) -> dict[str, str]:
    field = fields.get(name)
    values = [table, name, field.title.get(language) if field else name]
    values += [field.unit or "" if field else ""]
    values += [field.note.get(language) if field and field.note else ""]
    keys = ("table", "field", "title", "unit", "note")
    return dict(zip((_HEADINGS[key].get(language) for key in keys), values, strict=True))


def _figures(outcomes: Sequence[Outcome], language: Language) -> SheetTable:
    rows: list[dict[str, Any]] = [
        {
            "recipe": outcome.recipe.title.get(language),
            "figure": figure_title(outcome.recipe, indicator, language),
            "value": indicator.value,
            "unit": "" if indicator.unit == "share" else indicator.unit,
            "numerator": indicator.numerator,
            "denominator": indicator.denominator,
            "target": indicator.target,
            "met": indicator.met,
            "headline": indicator.headline,
        }
        for outcome in outcomes
        for indicator in outcome.result.indicators
    ]
    heading = _FIGURES.get(language)
    names = ["recipe", "figure", "value", "unit", "numerator", "denominator", "target", "met",
             "headline"]  # fmt: skip
    frame = pd.DataFrame(rows, columns=names)
    columns = {name: (_HEADINGS[name].get(language), "", "") for name in names}
    return SheetTable(heading, heading, frame, columns)


def _warnings(outcomes: Sequence[Outcome], language: Language) -> SheetTable:
    rows = [
        {"recipe": outcome.recipe.title.get(language), "note": notice.render(language)}
        for outcome in outcomes
        for notice in outcome.result.warnings
    ]
    title = _WARNINGS.get(language)
    columns = {name: (_HEADINGS[name].get(language), "", "") for name in ("recipe", "note")}
    return SheetTable(title, title, pd.DataFrame(rows, columns=["recipe", "note"]), columns)


def _parameters(outcomes: Sequence[Outcome], language: Language) -> pd.DataFrame:
    rows = []
    for outcome in outcomes:
        for name, stated in outcome.result.parameters.items():
            title = outcome.recipe.parameters[name].title
            values = [outcome.recipe.title.get(language), title.get(language) if title else name]
            values += [_as_text(stated["value"]), str(stated.get("unit", ""))]
            rows.append(values)
    keys = ("recipe", "parameter", "value", "unit")
    return pd.DataFrame(rows, columns=[_HEADINGS[key].get(language) for key in keys])


def _as_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_as_text(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_as_text(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
