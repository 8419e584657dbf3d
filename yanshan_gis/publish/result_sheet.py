"""The sheet of a finished recipe: which layers, figures, table and notes it shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from yanshan_gis.crs import parse_crs
from yanshan_gis.errors import DataError
from yanshan_gis.layer import Layer
from yanshan_gis.messages import N_, Language, Notice
from yanshan_gis.methods.townships import COUNTY_ROW
from yanshan_gis.publish.board import BoardRow, board_rows
from yanshan_gis.publish.chart import chart_of
from yanshan_gis.publish.features import DrawnLayer, Group
from yanshan_gis.publish.fields import readable, shown_fields
from yanshan_gis.publish.figures import counted_text, figure_title, value_text
from yanshan_gis.publish.lists import ListedRow, SheetList
from yanshan_gis.publish.page import Print
from yanshan_gis.publish.pixels import DrawnPixels
from yanshan_gis.publish.sheet import draw_sheet
from yanshan_gis.publish.sheet_content import SheetContent
from yanshan_gis.publish.style import resolve_style
from yanshan_gis.publish.words import listed, scenario_marks, unit_text, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from yanshan_gis.content import AnalysisDef, FieldDef, LayerDef, Style
    from yanshan_gis.publish.placed import DrawnContent
    from yanshan_gis.publish.sheet import SheetReport
    from yanshan_gis.run import Outcome
    from yanshan_gis.workspace import Workspace

USUAL = Print()  # A3 landscape, PNG and PDF
_AROUND = ("townships", "county", "neighbours")  # what ground, inset and extent need
_FIGURES = 7  # more would crowd the table out of the margin
_TABLE_COLUMNS = 7
_PLAIN = {"share", "人", "户", "个"}  # units a heading says without naming them


def draw_result_sheet(
    workspace: Workspace,
    outcome: Outcome,
    *,
    language: Language = "zh",
    printed: Print = USUAL,
) -> tuple[list[Path], list[Notice]]:
    """Draw the sheet of a finished recipe into ``out/sheets``.

    Parameters
    ----------
    workspace
        The county, for the layers beneath the theme.
    outcome
        A finished recipe with a sheet.
    language
        Of the sheet.
    printed
        Paper and formats.

    Returns
    -------
    tuple
        The files, and what a reader must know of them.

    Raises
    ------
    DataError
        When there is nothing on the map.
    """
    content = compose(workspace, outcome, language)
    folder = workspace.out / "sheets"
    return draw_content(content, folder, outcome.recipe.name, language, printed)


def draw_content(
    content: SheetContent,
    folder: Path,
    name: str,
    language: Language,
    printed: Print = USUAL,
) -> tuple[list[Path], list[Notice]]:
    """Draw a sheet as PNG and PDF, or in other formats.

    Parameters
    ----------
    content
        What it shows.
    folder
        Where the files go.
    name
        Of the files.
    language
        Of the sheet.
    printed
        Paper and formats.

    Returns
    -------
    tuple
        The files, and what a reader must know of them.
    """
    files = {kind: folder / f"{name}{printed.suffix}.{kind}" for kind in printed.formats}
    report = draw_sheet(content, files, page=printed.page, language=language)
    return list(report.files), sheet_notices(report, name)


def sheet_notices(report: SheetReport, name: str) -> list[Notice]:
    """Say what a reader must know of a sheet.

    Parameters
    ----------
    report
        What became of it.
    name
        Of its file.

    Returns
    -------
    list of Notice
        Rows left out and characters that no font has.
    """
    notices: list[Notice] = []
    if report.left_out:
        text = N_("Sheet {sheet}: {count} rows found no room; all are in the tables.")
        values = {"sheet": name, "count": report.left_out}
        notices.append(Notice("rows-left-out", text, values))
    if report.missing_glyphs:
        text = N_("Sheet {sheet}: no font here has these characters: {characters}.")
        values = {"sheet": name, "characters": " ".join(map(_shown, report.missing_glyphs))}
        notices.append(Notice("glyphs-missing", text, values))
    return notices


def _shown(char: str) -> str:
    return char if char.isprintable() else f"U+{ord(char):04X}"


def compose(workspace: Workspace, outcome: Outcome, language: Language) -> SheetContent:
    """Gather what the sheet of a finished recipe shows.

    Parameters
    ----------
    workspace
        The county.
    outcome
        A finished recipe with a sheet.
    language
        Of the sheet.

    Returns
    -------
    SheetContent
        To be drawn.

    Raises
    ------
    DataError
        When there is nothing on the map.
    """
    recipe, result, sheet = outcome.recipe, outcome.result, outcome.recipe.sheet
    if sheet is None:
        raise DataError("sheet-missing", N_("{recipe} has no sheet."), recipe=recipe.name)
    catalogue = workspace.layer_catalogue
    themes = list(_themes(workspace, outcome, language))
    beneath = {name: workspace.read(name) for name in (*sheet.basis, *_AROUND)}
    around = beneath["neighbours"]
    basis = [_drawn_layer(layer, language) for layer in _present(beneath, sheet.basis)]
    drawn: tuple[DrawnContent, ...] = (*themes, *basis)
    board = _board(workspace, outcome, language)
    if not drawn and not board:
        raise DataError("sheet-empty", N_("{recipe}: nothing to draw."), recipe=recipe.name)
    townships = beneath["townships"]
    relief = workspace.read("elevation") if drawn else None
    shown = [*_present(beneath), *([relief] if relief is not None else [])]
    modelled = dict.fromkeys([*result.modelled, *(x.name for x in shown if x.modelled)])
    titles = [catalogue[name].title.get(language) for name in modelled if name in catalogue]
    name = workspace.county.name.get(language)
    title = sheet.title.get(language)
    return SheetContent(
        title=f"{name}{title}" if language == "zh" else f"{name}: {title}",
        layers=drawn,
        county=workspace.county,
        crs=drawn[0].crs if drawn else None,
        extent=_extent(beneath, drawn) if drawn else None,
        stamp=workspace.stamp,
        data_date=workspace.data_date,
        townships=townships.frame if townships is not None else None,
        figures=tuple(_figures(outcome, language)),
        chart=chart_of(outcome, catalogue, language),
        table=_table(outcome, catalogue, language),
        table_title=_table_title(recipe, language),
        table_columns=tuple(_table_columns(outcome, catalogue, language)),
        notes=tuple(outcome_notes(outcome, language)),
        sources=tuple(origins(workspace, (*result.inputs, *beneath, *(x.name for x in shown)))),
        modelled=tuple(titles),
        infeasible=result.status == "infeasible",
        scenarios=scenario_marks([result], language),
        lists=tuple(outcome_lists(outcome, catalogue, language)),
        board=board,
        neighbours=around.frame if around is not None else None,
        relief=relief.raster if relief is not None else None,
    )


def _present(layers: dict[str, Layer | None], names: Sequence[str] | None = None) -> list[Layer]:
    found = (layers[name] for name in (layers if names is None else names))
    return [layer for layer in found if layer is not None and len(layer)]


def _extent(layers: dict[str, Layer | None], drawn: Sequence[DrawnContent]) -> gpd.GeoDataFrame:
    for name in ("county", "townships"):
        layer = layers.get(name)
        if layer is not None and len(layer):
            return layer.frame
    boxes = [shapely.box(*layer.bounds) for layer in drawn]
    return gpd.GeoDataFrame(geometry=boxes, crs=drawn[0].crs)


def _themes(workspace: Workspace, outcome: Outcome, language: Language) -> Iterator[DrawnContent]:
    """Draw the layers and rasters that the recipe's sheet names, those with anything in them."""
    recipe, result = outcome.recipe, outcome.result
    for name in recipe.sheet.results if recipe.sheet else ():
        described = recipe.results[name]
        title = described.title.get(language)
        if name in result.rasters:
            style = resolve_style(
                described.style, described.fields, title=title, kind="polygon", language=language
            )
            crs = parse_crs(workspace.county.crs)
            yield DrawnPixels(name, title, result.rasters[name], crs, style)
        elif name in result.layers and len(result.layers[name]):
            frame = result.layers[name]
            fields = shown_fields(recipe, name, frame.columns, workspace.layer_catalogue)
            yield _draw(name, title, frame, described.style, fields, "theme", language)


def _drawn_layer(layer: Layer, language: Language) -> DrawnLayer:
    definition = layer.definition
    title = definition.title.get(language)
    return _draw(
        layer.name, title, layer.frame, definition.style, definition.fields, "basis", language
    )


def _draw(
    name: str,
    title: str,
    frame: gpd.GeoDataFrame,
    style: Style,
    fields: dict[str, FieldDef],
    group: Group,
    language: Language,
) -> DrawnLayer:
    resolved = resolve_style(style, fields, frame, title=title, language=language)
    # How many links a road was cut into tells a reader nothing.
    counts = group == "theme" and resolved.kind == "point"
    return DrawnLayer(name, title, frame, resolved, group, counts=counts)


def _figures(outcome: Outcome, language: Language) -> list[tuple[str, str]]:
    """Write the figures: the headline with what was counted and its target, then the others."""
    lines = []
    listed_whole = outcome.recipe.sheet is not None and outcome.recipe.sheet.lists
    shown = [
        i
        for i in outcome.result.indicators
        # Where lists give the sums, the box keeps to the counts that are not nothing.
        if i.value is not None and not (listed_whole and (i.subject or i.value == 0))
    ]
    for indicator in sorted(shown, key=lambda i: not i.headline)[:_FIGURES]:
        label = figure_title(outcome.recipe, indicator, language)
        lines.append((label, value_text(indicator, language) + counted_text(indicator, language)))
    return lines


def _table(
    outcome: Outcome, catalogue: Mapping[str, LayerDef], language: Language
) -> pd.DataFrame | None:
    name = outcome.recipe.sheet.table if outcome.recipe.sheet else None
    if not name or name not in outcome.result.tables:
        return None
    table = outcome.result.tables[name]
    fields = shown_fields(outcome.recipe, name, table.columns, catalogue)
    # The county stands first, so that a table cut for want of room still has it.
    county = table.iloc[:, 0] == COUNTY_ROW
    ordered = pd.concat([table[county], table[~county]], ignore_index=True)
    return readable(ordered, fields, language)


def _board(workspace: Workspace, outcome: Outcome, language: Language) -> tuple[BoardRow, ...]:
    name = outcome.recipe.sheet.board if outcome.recipe.sheet else None
    if not name or name not in outcome.result.tables:
        return ()
    table, layers = outcome.result.tables[name], workspace.layer_catalogue
    fields = shown_fields(outcome.recipe, name, table.columns, layers)
    return board_rows(table, fields, language, layers=layers, recipes=workspace.analyses)


def outcome_lists(
    outcome: Outcome, catalogue: Mapping[str, LayerDef], language: Language
) -> Iterator[SheetList]:
    """Set the lists that a recipe's sheet prints whole.

    Parameters
    ----------
    outcome
        A finished recipe.
    catalogue
        The layer catalogue, for titles and words.
    language
        Of the lists.

    Yields
    ------
    SheetList
        Rows of mark, name, and the other columns as figures.
    """
    recipe, result = outcome.recipe, outcome.result
    for key in recipe.sheet.lists if recipe.sheet else ():
        wanted = recipe.lists[key]
        found = result.tables.get(wanted.of, result.layers.get(wanted.of))
        if found is None:
            continue
        chosen = pd.DataFrame(found)
        for column, values in wanted.only.items():
            chosen = chosen[chosen[column].isin([values] if isinstance(values, str) else values)]
        if "mark" in chosen:
            chosen = chosen[chosen["mark"].notna()]  # what has none, another sheet lists
        fields = shown_fields(recipe, wanted.of, chosen.columns, catalogue)
        words = readable(chosen, fields, language).astype(object)
        rows = words.where(words.notna(), "").to_dict("records")
        shows = [column for column in wanted.shows if column in chosen]
        yield SheetList(
            wanted.title.get(language),
            tuple(_listed_row(row, shows, mark=wanted.mark) for row in rows),
        )


def _listed_row(row: Mapping[Any, Any], shows: Sequence[str], *, mark: bool) -> ListedRow:
    more = "　".join(str(row[column]) for column in shows if row[column] != "")
    return ListedRow(str(row["mark"]) if mark else "", str(row["name"]), more)


def _table_title(recipe: AnalysisDef, language: Language) -> str:
    name = recipe.sheet.table if recipe.sheet else None
    if not name or name == "by_township" or name not in recipe.results:
        return word("table", language)
    return recipe.results[name].title.get(language)


def _table_columns(
    outcome: Outcome, catalogue: Mapping[str, LayerDef], language: Language
) -> list[tuple[str, str, str]]:
    name = outcome.recipe.sheet.table if outcome.recipe.sheet else None
    if not name or name not in outcome.result.tables:
        return []
    table = outcome.result.tables[name]
    fields = shown_fields(outcome.recipe, name, table.columns, catalogue)
    columns = []
    for column in table.columns[:_TABLE_COLUMNS]:
        field = fields.get(column)
        unit = field.unit or "" if field else ""
        heading = field.title.get(language) if field else column
        shown = unit_text(unit, language)
        suffix = word("bracket", language, text=shown) if shown and unit not in _PLAIN else ""
        columns.append((column, heading + suffix, unit))
    return columns


def outcome_notes(outcome: Outcome, language: Language) -> list[str]:
    """Say what is counted, with which parameters, and what a reader must know.

    Parameters
    ----------
    outcome
        A finished recipe.
    language
        Of the notes.

    Returns
    -------
    list of str
        Without what is said of modelled layers, which stands elsewhere.
    """
    notes = []
    if outcome.recipe.denominator:
        denominator = outcome.recipe.denominator.get(language)
        notes.append(word("denominator", language, text=denominator))
    stated = outcome.result.parameters
    texts = [
        f"{parameter.title.get(language)} {stated[name]['value']:g} {parameter.unit}"
        for name, parameter in outcome.recipe.parameters.items()
        # A result stored before its recipe gained a parameter was made without it; 0 asks for
        # nothing, and the workbook lists it.
        if name in stated
        and parameter.title
        and parameter.quantity
        and parameter.unit != "share"
        and stated[name]["value"] != 0
    ]
    if texts:
        notes.append(word("stated", language, text=listed(texts, language)))
    hidden = {"modelled-layers"}
    notes.extend(n.render(language) for n in outcome.result.warnings if n.code not in hidden)
    return notes


def origins(workspace: Workspace, names: Iterable[str]) -> list[str]:
    """Name where layers come from.

    Parameters
    ----------
    workspace
        The county.
    names
        Of layers; others are passed over.

    Returns
    -------
    list of str
        Each origin once.
    """
    known = workspace.sources()
    origins = (source.origin for name in names for source in known.get(name, ()))
    # A row that a ledger touched rests on both; its source names both.
    return list(dict.fromkeys(part for origin in origins for part in origin.split("; ")))
