"""Everything a sheet shows, gathered before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import pandas as pd

    from yanshan_gis.county import County
    from yanshan_gis.publish.board import BoardRow
    from yanshan_gis.publish.chart import Chart
    from yanshan_gis.publish.lists import SheetList
    from yanshan_gis.publish.placed import DrawnContent


@dataclass(frozen=True)
class SheetContent:
    """Everything a sheet shows.

    Parameters
    ----------
    title, subtitle
        Of the sheet.
    data_date
        The date the data speak for; None where nobody stated one.
    layers
        Top first; of the same kind of geometry the theme stands above the basis.
    county
        Whose name, compiler and approval number are printed.
    crs
        Of all layers; projected, in metres.
    extent
        What the map must show, as polygons or any features.
    stamp
        The date the files carry.
    townships
        Polygons for the inset; the extent's own where absent.
    township_field
        The column with their names.
    figures
        Labels and figures as text, the headline first.
    chart
        A curve, such as gain against kilometres.
    table
        A small table, its rows in order.
    table_title
        Over the table.
    table_columns
        Field, title and unit of each column shown.
    notes
        Printed at the foot.
    sources
        Where the data come from.
    modelled
        Titles of the layers that rest on modelled data; printed in plain view.
    infeasible
        True where no plan meets what was asked; printed in plain view, the reasons in the notes.
    scenarios
        What the sheet shows instead of the county as it is; printed in plain view.
    lists
        Lists set whole beside and beneath the map; with them the sheet has the register layout.
    board
        Rows of a table that takes the whole sheet, in place of a map.
    neighbours
        Polygons with names around the county, for the inset.
    relief
        An elevation raster by which the ground is shaded.
    """

    title: str
    layers: tuple[DrawnContent, ...]
    county: County
    crs: Any
    extent: Any
    stamp: date
    data_date: date | None = None
    subtitle: str = ""
    townships: Any = None
    township_field: str = "name"
    figures: tuple[tuple[str, str], ...] = ()
    chart: Chart | None = None
    table: pd.DataFrame | None = None
    table_title: str = ""
    table_columns: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    modelled: tuple[str, ...] = ()
    infeasible: bool = False
    scenarios: tuple[str, ...] = ()
    lists: tuple[SheetList, ...] = ()
    board: tuple[BoardRow, ...] = ()
    neighbours: Any = None
    relief: Path | None = None
