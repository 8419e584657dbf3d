"""Numbers whose unit stands in another column: one unit to a number, of the kind that is meant.

A unit may stand in the column of units, in the number's own cell (``98.5%``), or in its heading
(``数值（元）``). Where two of them differ the row is refused: a number under the wrong unit is
worse than none. Nothing is converted here; readers of the layer do that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from yanshan_gis.errors import UnitError
from yanshan_gis.ingest.cells import Reading, plain_text, read_unit
from yanshan_gis.ingest.problems import RowProblem
from yanshan_gis.messages import N_, Notice
from yanshan_gis.units import canonical_unit, unit_kind

if TYPE_CHECKING:
    from yanshan_gis.ingest.fields import FieldMapping
    from yanshan_gis.ingest.linking import Batch
    from yanshan_gis.layer import Layer

_TAIL = re.compile(r"^[^\d]*[\d.,]+(?:[eE][-+]?\d+)?\s*(?P<unit>\D*)$")


def read_unit_name(cell: Any) -> Reading:
    """Read a unit that stands in a cell of its own.

    Parameters
    ----------
    cell
        Any value.

    Returns
    -------
    Reading
        The canonical spelling; an unknown unit is refused.
    """
    text = unicodedata.normalize("NFKC", plain_text(cell)).strip().replace("m2", "m²")
    if text in {"", "-", "—", "/"}:
        return Reading()
    try:
        return Reading(canonical_unit(text.replace("m3", "m³")))
    except UnitError as error:
        return Reading(notice=error.notice)


def fill_units(values: pd.DataFrame, frame: pd.DataFrame, mapping: FieldMapping) -> list[list[str]]:
    """Complete the column of units from the numbers' own cells and headings.

    Parameters
    ----------
    values
        Typed rows; the columns of units are brought up to date.
    frame
        Columns as in the file.
    mapping
        Which column goes where.

    Returns
    -------
    list of list of str
        For each row, the fields whose number stands under another unit than the row says.
    """
    torn: list[list[str]] = [[] for _ in range(len(values))]
    for name, field in mapping.definition.fields.items():
        match = mapping.match_of(name)
        if field.unit_in is None or match is None:
            continue
        stated = values.get(field.unit_in, pd.Series(None, values.index, dtype=object))
        units = [None if pd.isna(unit) else str(unit) for unit in stated]
        for position, cell in enumerate(frame[match.column].tolist()):
            written = _unit_of(cell) or match.unit
            if written is None:
                continue
            if units[position] is None:
                units[position] = written
            elif units[position] != written:
                torn[position].append(name)
        if any(units):
            values[field.unit_in] = pd.Series(units, index=values.index, dtype=object)
    return torn


def _unit_of(cell: Any) -> str | None:
    """Return the unit written behind a number, if it is one."""
    match = _TAIL.match(unicodedata.normalize("NFKC", plain_text(cell)).strip())
    found = read_unit(match["unit"]) if match and match["unit"] else None
    return found[0] if found else None


def check_units(batch: Batch, current: Mapping[str, Layer]) -> None:
    """Refuse rows whose unit measures something else than what they refer to.

    Parameters
    ----------
    batch
        With references resolved; its problems are brought up to date.
    current
        The layers that are there.
    """
    for name, field in batch.definition.fields.items():
        reference = batch.definition.fields[field.like] if field.like else None
        target = current.get(str(reference.layer)) if reference is not None else None
        if target is None or "unit" not in target.frame or name not in batch.values:
            continue
        column = "name" if "name" in target.frame else "id"
        rows = zip(target.frame["id"], target.frame["unit"], target.frame[column], strict=True)
        wanted = {i: (unit, label) for i, unit, label in rows if isinstance(unit, str)}
        batch.problems += _unlike(batch, name, str(field.like), wanted)


def _unlike(
    batch: Batch, name: str, reference: str, wanted: Mapping[str, tuple[str, Any]]
) -> list[RowProblem]:
    text = N_("{unit} does not measure what {what} is measured in ({wanted}); correct the unit.")
    problems = []
    units, meant = batch.column(name), batch.column(reference)
    for i in np.flatnonzero(batch.kept):
        unit, (proper, label) = units[i], wanted.get(meant[i] or "", ("", ""))
        if unit and proper and unit_kind(unit) != unit_kind(proper):
            values = {"unit": unit, "what": plain_text(label), "wanted": proper}
            notice = Notice("unit-unlike", text, values)
            problems.append(RowProblem(int(batch.rows[i]), name, unit, notice))
    return problems
