"""Write a comparison: workbook, GeoPackage of changes, sheets and the whole as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from yanshan_gis.errors import FileInUseError
from yanshan_gis.messages import N_, Language, Notice
from yanshan_gis.progress import SILENT, Progress
from yanshan_gis.store.output import put

if TYPE_CHECKING:
    from yanshan_gis.compare import Comparison
    from yanshan_gis.run import Outcome
    from yanshan_gis.sides import Side


def write_comparison(
    comparison: Comparison,
    folder: Path,
    *,
    language: Language = "zh",
    progress: Progress = SILENT,
) -> tuple[list[Path], list[Notice]]:
    """Write a comparison into its folder.

    Parameters
    ----------
    comparison
        From `yanshan_gis.compare.compare`.
    folder
        ``out/compare/A--B``.
    language
        Of workbook and sheets.
    progress
        Who listens.

    Returns
    -------
    tuple
        Files in the order written, and notices. Sheets are drawn of the recipes that have one and
        of which something changed.
    """
    from yanshan_gis.publish.package import write_results
    from yanshan_gis.publish.tables import write_comparison_tables

    workspace = comparison.after.workspace
    stamp, layers = workspace.stamp, workspace.layer_catalogue
    text = json.dumps(comparison.to_json(), ensure_ascii=False, indent=1) + "\n"
    written = [
        put(folder / "comparison.json", lambda path: path.write_text(text, encoding="utf-8"))
    ]
    title = f"{workspace.county.name.get(language)}　{sides_text(comparison, language)}"
    path = folder / "tables.xlsx"
    written.append(
        write_comparison_tables(
            path, comparison.tables, comparison.changes, layers, title, stamp, language
        )
    )
    notices: list[Notice] = []
    try:
        package = folder / "changes.gpkg"
        write_results(package, comparison.changes, layers, stamp=stamp)
        written.append(package)
    except FileInUseError as error:
        notices.append(error.notice)
    drawn = [outcome for outcome in comparison.changes if outcome.recipe.sheet and _moved(outcome)]
    progress.start(N_("Map sheets"), len(drawn))
    for outcome in drawn:
        files, more = _draw(comparison, outcome, folder / "sheets", language)
        written += files
        notices += more
        progress.advance()
    progress.finish()
    return written, notices


def sides_text(comparison: Comparison, language: Language) -> str:
    """Name the two sides, with their dates where these differ.

    Parameters
    ----------
    comparison
        Of two sides.
    language
        ``zh`` or ``en``.

    Returns
    -------
    str
        Such as ``现状 → 情景：二十分钟``.
    """
    sides = (comparison.before, comparison.after)
    dated = sides[0].workspace.data_date != sides[1].workspace.data_date

    def named(side: Side) -> str:
        date = side.workspace.data_date
        return side.label.get(language) + (f" ({date.isoformat()})" if dated and date else "")

    return " → ".join(named(side) for side in sides)


def _moved(outcome: Outcome) -> bool:
    sheet = outcome.recipe.sheet
    layers = outcome.result.layers
    drawn = [layers[name] for name in sheet.results if name in layers] if sheet else []
    return any(bool((frame["change"] != "unchanged").any()) for frame in drawn)


def _draw(
    comparison: Comparison, outcome: Outcome, folder: Path, language: Language
) -> tuple[list[Path], list[Notice]]:
    from yanshan_gis.publish.change_sheet import draw_change_sheet

    figures = comparison.table("figures")
    mine = figures[figures["recipe"] == outcome.recipe.name].to_dict("records")
    return draw_change_sheet(
        comparison.after.workspace, outcome, mine, folder,
        subtitle=sides_text(comparison, language), language=language,
    )  # fmt: skip
