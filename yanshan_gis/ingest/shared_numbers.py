"""Numbers in merged cells: one figure over several rows is counted once, and never divided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yanshan_gis.ingest.cells import plain_text
from yanshan_gis.ingest.problems import RowProblem
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    import pandas as pd

    from yanshan_gis.ingest.fields import FieldMapping
    from yanshan_gis.ingest.table import RawTable


def count_once(values: pd.DataFrame, raw: RawTable, mapping: FieldMapping) -> list[RowProblem]:
    """Leave a merged number in its first row only, in fields that measure something.

    Parameters
    ----------
    values
        Typed rows; changed in place.
    raw
        The table.
    mapping
        Which column went where.

    Returns
    -------
    list of RowProblem
        A warning for each row that shares the number of a row above.
    """
    text = N_("The figure stands in one merged cell with row {row}; it is counted there, once.")
    problems: list[RowProblem] = []
    for match in mapping.matches:
        if mapping.definition.fields[match.field].unit is None:
            continue
        rows = raw.shared.get(match.column, ())
        for position in rows:
            if values[match.field].isna().iloc[position]:
                continue
            first = position
            while first in rows:
                first -= 1
            cell = plain_text(raw.frame[match.column].iloc[position])
            notice = Notice("number-shared", text, {"row": int(raw.row_numbers[first])})
            row = int(raw.row_numbers[position])
            problems.append(RowProblem(row, match.field, cell, notice, "warn"))
        if rows:
            values.loc[list(rows), match.field] = None
    return problems
