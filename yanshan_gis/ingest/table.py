"""The raw table: what a file holds, before anyone asks what its columns mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from pathlib import Path

    import numpy as np
    import pandas as pd
    import pyproj
    from numpy.typing import NDArray

    from yanshan_gis.messages import Notice

_MOST_RANGES = 12


@dataclass(frozen=True)
class RefusedRow:
    """A row that was kept out of a table, and why.

    Parameters
    ----------
    row
        Number as the user counts, see `RawTable.row_numbers`.
    notice
        The reason.
    content
        What could be read of the row, by column.
    is_data
        False for totals, headings and notes, which nobody needs to mend.
    """

    row: int
    notice: Notice
    content: Mapping[str, Any]
    is_data: bool = True


@dataclass(frozen=True, eq=False)
class RawTable:
    """One layer or sheet of a file, as it is, with the evidence of how it was read.

    Parameters
    ----------
    path
        The file the user gave; for a zip archive, the archive.
    name
        Layer or sheet name in the file.
    frame
        A GeoDataFrame (geometry column ``geometry``) or a DataFrame; columns as in the file, as
        text where the format is text; index 0 … n-1.
    row_numbers
        As the user counts: Excel row, CSV line, or 1-based feature number; one per row.
    crs
        As the file declares; None where it declares none.
    encoding
        Of the text; None where the format settles it.
    notices
        What the reader had to decide.
    refused
        Rows kept out of the frame, in row order.
    as_of, licence
        What the file says of itself.
    parts
        The files it was read from, where that is not `path` alone.
    headings, shared, units
        Of a sheet: group headings above each row, numbers in merged cells, units stated above the
        head; see `SheetTable`.
    own_ids
        True when column ``id`` holds the layer's permanent ids, whatever their form.
    """

    path: Path
    name: str
    frame: pd.DataFrame
    row_numbers: NDArray[np.int64]
    crs: pyproj.CRS | None = None
    encoding: str | None = None
    notices: tuple[Notice, ...] = ()
    refused: tuple[RefusedRow, ...] = ()
    as_of: date | None = None
    licence: str = ""
    parts: tuple[Path, ...] = ()
    headings: tuple[tuple[str, ...], ...] = ()
    shared: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    units: tuple[tuple[str, float], ...] = ()
    own_ids: bool = False


def spell_rows(rows: Iterable[int]) -> str:
    """Spell row numbers for a message, neighbours joined: ``4-6, 9``.

    Parameters
    ----------
    rows
        Row numbers in any order.

    Returns
    -------
    str
        At most twelve ranges; an ellipsis stands for the rest.
    """
    ranges: list[list[int]] = []
    for row in sorted(set(rows)):
        if ranges and row == ranges[-1][1] + 1:
            ranges[-1][1] = row
        else:
            ranges.append([row, row])
    spelled = [f"{a}" if a == b else f"{a}-{b}" for a, b in ranges[:_MOST_RANGES]]
    return ", ".join(spelled) + (", …" if len(ranges) > _MOST_RANGES else "")
