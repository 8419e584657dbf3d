"""Cells of one sheet as the eye sees them: cleaned, with what each merged range covers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yanshan_gis.ingest.spreadsheet import Sheet


class SheetCells:
    """Cells of one sheet, cleaned, with what each merged range covers."""

    def __init__(self, sheet: Sheet) -> None:
        self.width = max((len(row) for row in sheet.cells), default=0)
        self.rows = [[clean_cell(value) for value in row] + [None] * (self.width - len(row))
                     for row in sheet.cells]  # fmt: skip
        self.merges = [merge for merge in sheet.merges if merge[0] < len(self.rows)]
        self.anchor = {
            (row, column): (top, left)
            for top, left, bottom, right in self.merges
            for row in range(top, min(bottom, len(self.rows) - 1) + 1)
            for column in range(left, min(right, self.width - 1) + 1)
        }
        self.spans = {(top, left): (bottom, right) for top, left, bottom, right in self.merges}
        self.filled = [row for row, cells in enumerate(self.rows)
                       if any(cell is not None for cell in cells)]  # fmt: skip

    def shown(self, row: int, column: int) -> Any:
        """Return what the eye sees there: the merged range's value."""
        top, left = self.anchor.get((row, column), (row, column))
        return self.rows[top][left]

    def labels(self, row: int) -> dict[int, Any]:
        """Return the values that start in a row, by column."""
        return {at: cell for at, cell in enumerate(self.rows[row]) if cell is not None}

    def covered(self, row: int) -> set[int]:
        """Return the columns in which the eye sees a value."""
        return {at for at in range(self.width) if self.shown(row, at) is not None}


def clean_cell(value: Any) -> Any:
    """Take spaces off both ends of a text.

    Parameters
    ----------
    value
        Any cell.

    Returns
    -------
    object
        None for a text of nothing but spaces.
    """
    if not isinstance(value, str):
        return value
    return value.replace("\u3000", " ").replace("\xa0", " ").strip() or None
