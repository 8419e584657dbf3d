"""What is wrong with one row of a file, and the rows that were kept out for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from yanshan_gis.messages import Notice

Severity = Literal["refuse", "warn", "note"]


@dataclass(frozen=True)
class RowProblem:
    """One thing that is wrong with one row.

    Parameters
    ----------
    row
        As the user counts in the file.
    field
        The layer's field; ``geometry`` for the shape, empty for the row as a whole.
    value
        What stands in the file.
    notice
        What is wrong and what to do.
    severity
        ``refuse`` keeps the row out, ``warn`` lets it in, ``note`` says of a row that it is no data
        (a total, a heading) and was passed over.
    """

    row: int
    field: str
    value: str
    notice: Notice
    severity: Severity = "refuse"


@dataclass(frozen=True)
class RejectedRow:
    """One row that was kept out, as it came.

    Parameters
    ----------
    row
        As the user counts in the file.
    reasons
        Every reason, in the order found.
    content
        Columns of the file and their values.
    """

    row: int
    reasons: tuple[Notice, ...]
    content: Mapping[str, Any]
