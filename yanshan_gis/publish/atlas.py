"""An atlas: the sheet of a recipe again for every township, at the scale of the township."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from yanshan_gis.content import Label
from yanshan_gis.messages import N_
from yanshan_gis.publish.features import DrawnLayer
from yanshan_gis.publish.fields import readable, shown_fields
from yanshan_gis.publish.publication import Written, locked
from yanshan_gis.publish.result_sheet import compose, sheet_notices
from yanshan_gis.publish.sheet import draw_pages
from yanshan_gis.publish.table import cell_text
from yanshan_gis.publish.words import unit_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from yanshan_gis.messages import Language, Notice
    from yanshan_gis.publish.placed import DrawnContent
    from yanshan_gis.publish.publication import Publication
    from yanshan_gis.publish.sheet_content import SheetContent
    from yanshan_gis.run import Outcome
    from yanshan_gis.workspace import Workspace

_TABLE = "by_township"
_NAMES = Label(field="name", size_pt=6.0)
_FIGURES = 7


def publish_atlas(publication: Publication) -> Written:
    """Write ``out/publish/atlas/<recipe>.pdf`` for every recipe that tells townships apart.

    Parameters
    ----------
    publication
        What is published.

    Returns
    -------
    Written
        One file per recipe with a map and a table by township; none where the workspace has no
        townships.
    """
    files: list[Path] = []
    notices: list[Notice] = []
    shown = [outcome for outcome in publication.outcomes if _tells_townships(outcome)]
    publication.progress.start(N_("Atlas"), len(shown))
    for outcome in shown:
        pages = list(atlas_pages(publication.workspace, outcome, publication.language))
        if pages:
            wanted = publication.folder / "atlas" / f"{outcome.recipe.name}.pdf"
            report = draw_pages(pages, wanted, language=publication.language)
            files += report.files
            notices += [*sheet_notices(report, wanted.name), *locked([wanted], report.files)]
        publication.progress.advance()
    publication.progress.finish()
    return Written(files, notices)


def _tells_townships(outcome: Outcome) -> bool:
    recipe, sheet = outcome.recipe, outcome.recipe.sheet
    return (
        outcome.result.status == "ok"
        and sheet is not None
        and recipe.main
        and not (sheet.lists or sheet.board)
        and _TABLE in outcome.result.tables
    )


def atlas_pages(
    workspace: Workspace, outcome: Outcome, language: Language
) -> Iterator[SheetContent]:
    """Compose the pages of an atlas.

    Parameters
    ----------
    workspace
        The county.
    outcome
        A finished recipe with a sheet and a table by township.
    language
        Of the pages.

    Yields
    ------
    SheetContent
        One per township, in the order of the layer: its extent, its figures, all places named.
    """
    whole = compose(workspace, outcome, language)
    if whole.townships is None:
        return
    for row in range(len(whole.townships)):
        township = whole.townships.iloc[[row]]
        name = str(township[whole.township_field].iloc[0])
        yield replace(
            whole,
            title=f"{whole.title}{'·' if language == 'zh' else ': '}{name}",
            layers=tuple(_within(layer, name) for layer in whole.layers),
            extent=township,
            table=None,
            figures=tuple(_figures(workspace, outcome, name, language)),
        )


def _within(layer: DrawnContent, township: str) -> DrawnContent:
    """Keep the theme's places of the township alone, and name them: here is room for it."""
    if not isinstance(layer, DrawnLayer) or layer.group != "theme" or layer.style.kind != "point":
        return layer
    frame, style = layer.frame, layer.style
    if "township" in frame:
        frame = frame[frame["township"] == township]
    if style.label is None and "name" in frame:
        style = replace(style, label=_NAMES)
    return replace(layer, frame=frame, style=style)


def _figures(
    workspace: Workspace, outcome: Outcome, township: str, language: Language
) -> Iterator[tuple[str, str]]:
    """Tell a township's row of the table."""
    table = outcome.result.tables[_TABLE]
    fields = shown_fields(outcome.recipe, _TABLE, table.columns, workspace.layer_catalogue)
    rows = readable(table[table["township"] == township], fields, language)
    names = [str(column) for column in rows.columns if column != "township"]
    units = {name: (fields[name].unit or "") if name in fields else "" for name in names}
    # The first figure is printed large: a rate says more than a count.
    columns = sorted(units, key=lambda column: units[column] != "share")
    for column in columns[: _FIGURES if len(rows) else 0]:
        title = fields[column].title.get(language) if column in fields else column
        yield title, cell_text(rows[column].iloc[0], units[column]) + _unit(units[column], language)


def _unit(unit: str, language: Language) -> str:
    shown = "" if unit == "share" else unit_text(unit, language)
    return f" {shown}" if shown else ""
