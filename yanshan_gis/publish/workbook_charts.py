"""Charts of a workbook, drawn by Excel from the cells: shares by township, and curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from yanshan_gis.content import FieldDef, ResultDef

Column = tuple[str, str, str]  # title, unit, number format, as in a workbook
_COLOURS = ("#2b6cb0", "#d95f02", "#1b7837")
_MOST_SERIES = len(_COLOURS)
_WIDTH_PX, _HEIGHT_PX, _ROW_PX = 640, 380, 22
_TOWNSHIP = "township"


@dataclass(frozen=True)
class Chart:
    """A chart beside a table.

    Parameters
    ----------
    x
        The column along the axis: names for bars, a number for a curve.
    y
        The columns shown.
    curve
        True for a curve over a number, False for bars by name.
    """

    x: str
    y: tuple[str, ...]
    curve: bool = False


def chart_of(
    frame: pd.DataFrame, fields: Mapping[str, FieldDef], described: ResultDef | None
) -> Chart | None:
    """Choose the chart of a table.

    Parameters
    ----------
    frame
        The table.
    fields
        Definitions of its columns.
    described
        What the recipe says of it.

    Returns
    -------
    Chart or None
        The recipe's own curve; else bars where each township has one row and a share; else none.
    """
    if len(frame) < 2:
        return None
    if described is not None and described.chart is not None:
        wanted = described.chart
        shown = tuple(name for name in wanted.y if name in frame)
        return Chart(wanted.x, shown, curve=True) if wanted.x in frame and shown else None
    shares = [
        str(name) for name in frame.columns
        if name in fields and fields[str(name)].unit == "share" and frame[name].notna().any()
    ]  # fmt: skip
    if _TOWNSHIP in frame and shares and not frame[_TOWNSHIP].duplicated().any():
        return Chart(_TOWNSHIP, tuple(shares[:_MOST_SERIES]))
    return None


def draw_chart(
    book: Any, sheet: Any, name: str, chart: Chart, columns: Mapping[str, Column], title: str,
    rows: tuple[int, int],
) -> None:  # fmt: skip
    """Draw a chart to the right of its table.

    Parameters
    ----------
    book, sheet
        Of XlsxWriter.
    name
        Of the worksheet.
    chart
        What it shows.
    columns
        The table's columns in their order.
    title
        Over the chart.
    rows
        First and last row with values, counted from 0.
    """
    order = list(columns)
    drawn = book.add_chart(
        {"type": "scatter", "subtype": "straight"} if chart.curve else {"type": "bar"}
    )

    def cells(field: str) -> list[Any]:
        column = order.index(field)
        return [name, rows[0], column, rows[1], column]

    for field, colour in zip(chart.y, _COLOURS, strict=False):
        look = {"line": {"color": colour, "width": 2}} if chart.curve else {
            "fill": {"color": colour}, "gap": 60,
        }  # fmt: skip
        drawn.add_series(
            {"name": columns[field][0], "categories": cells(chart.x), "values": cells(field),
             **look}
        )  # fmt: skip
    along, across = _axis(columns[chart.x]), _axis(columns[chart.y[0]])
    if len(chart.y) > 1:  # the legend names them
        across.pop("name")
    if chart.curve:
        drawn.set_x_axis(along)
        drawn.set_y_axis(across)
    else:  # names stand at the side, in the table's order
        drawn.set_x_axis({**across, "min": 0})
        drawn.set_y_axis({"reverse": True, "crossing": "max"})
    drawn.set_title({"name": title, "name_font": {"size": 11}})
    drawn.set_legend({"none": True} if len(chart.y) == 1 else {"position": "bottom"})
    height = max(_HEIGHT_PX, _ROW_PX * (rows[1] - rows[0] + 1) * len(chart.y))
    drawn.set_size({"width": _WIDTH_PX, "height": height if not chart.curve else _HEIGHT_PX})
    sheet.insert_chart(rows[0], len(order) + 1, drawn, {"description": title})


def _axis(column: Column) -> dict[str, Any]:
    title, unit, _ = column
    grid = {"visible": True, "line": {"color": "#d9d9d9", "width": 0.75}}
    if unit == "share":
        return {"name": title, "num_format": "0%", "major_gridlines": grid}
    return {"name": f"{title} ({unit})" if unit else title, "major_gridlines": grid}
