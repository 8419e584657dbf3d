"""Project lists on their way into the layer ``projects``: registries, and words with figures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from yanshan_gis.errors import UnitError
from yanshan_gis.ingest.cells import plain_text
from yanshan_gis.ingest.fields import map_fields
from yanshan_gis.ingest.table import RawTable, spell_rows
from yanshan_gis.messages import N_, Notice
from yanshan_gis.plan.amounts import Figure, find_figures
from yanshan_gis.plan.registry import FIELD_OF, Nature, to_frame
from yanshan_gis.plan.registry_csv import AMOUNTS, PROJECTS, read_registry
from yanshan_gis.plan.writing import normalise
from yanshan_gis.units import canonical_unit

if TYPE_CHECKING:
    from yanshan_gis.content import LayerDef

# Columns of a list that say an amount of this nature; the words are then not asked for it.
_TOLD: Mapping[Nature, tuple[str, ...]] = {
    "quantity": ("quantities",),
    "money": ("money", "investment_wan"),
    "beneficiaries": ("beneficiaries", "beneficiary_households", "beneficiary_people"),
}


def is_registry(path: Path) -> bool:
    """Tell whether a path is a registry: projects in one file, their amounts in another.

    Parameters
    ----------
    path
        A folder, or a file.

    Returns
    -------
    bool
        True for a folder with ``projects.csv`` and ``quantities.csv``, and for either
        ``projects.csv`` with the other file beside it.
    """
    folder = path if path.is_dir() else path.parent
    named = path.is_dir() or path.name == PROJECTS
    return named and all((folder / name).is_file() for name in (PROJECTS, AMOUNTS))


def registry_table(path: Path) -> RawTable:
    """Read a registry as one table, amounts beside their projects.

    Parameters
    ----------
    path
        For which `is_registry` is true.

    Returns
    -------
    RawTable
        One row per project, with the registry's own permanent ids.

    Raises
    ------
    DataError
        When a column is missing or unknown, or a value does not fit; see `read_registry`.
    UnitError
        When a unit is not known.
    """
    folder = path if path.is_dir() else path.parent
    frame = to_frame(read_registry(folder))
    lines = np.arange(2, len(frame) + 2, dtype=np.int64)  # below the head
    parts = (folder / PROJECTS, folder / AMOUNTS)
    return RawTable(path, "", frame, lines, encoding="UTF-8", parts=parts, own_ids=True)


def type_contents(
    raw: RawTable, definition: LayerDef, given: Mapping[str, str] | None = None
) -> RawTable:
    """Type the figures in the words of a list (建设规模), where they leave no choice.

    Parameters
    ----------
    raw
        The list.
    definition
        The layer ``projects``.
    given
        The user's own choice, field to column.

    Returns
    -------
    RawTable
        With a column for the amounts of each nature that no column of the list tells, and notices
        of what was typed and what stays in words. The words themselves stay as they are.
    """
    own = {field: column for field, column in (given or {}).items() if field in definition.fields}
    mapping = map_fields(raw.frame, definition, own, id_column="id" if raw.own_ids else None)
    content = mapping.match_of("content")
    wanted = [nature for nature, fields in _TOLD.items()
              if not any(mapping.match_of(field) for field in fields)]  # fmt: skip
    if content is None or not wanted:
        return raw
    read = [_typed(plain_text(cell), wanted) for cell in raw.frame[content.column]]
    numbers = [int(row) for row in raw.row_numbers]
    columns: dict[str, Any] = {}
    for nature in wanted:
        cells = [_dumped(figures, nature) for figures, _ in read]
        if any(cells):
            columns[FIELD_OF[nature]] = cells
    notices = _told(content.column, numbers, read)
    return replace(raw, frame=raw.frame.assign(**columns), notices=(*raw.notices, *notices))


def _typed(text: str, wanted: list[Nature]) -> tuple[list[Figure], int]:
    """Return the figures of a text that are clear, and how many are not."""
    figures, refusals = find_figures(normalise(text))
    figures = [figure for figure in figures if figure.nature in wanted]
    counted = Counter(_key(figure) for figure in figures)
    clear = [
        figure
        for figure in figures
        if counted[_key(figure)] == 1 and not figure.respective and _is_unit(figure.unit)
    ]
    untyped = sum(refusal.reason != "scope" for refusal in refusals)
    return clear, len(figures) - len(clear) + untyped


def _key(figure: Figure) -> tuple[str, str, str, str]:
    """Say what two figures of one text share when they may be a whole and its part."""
    return figure.nature, figure.unit, figure.basis, figure.what


def _is_unit(unit: str) -> bool:
    try:
        canonical_unit(unit)
    except UnitError:
        return False
    return True


def _dumped(figures: list[Figure], nature: Nature) -> str | None:
    plain = [
        {
            "value": figure.value,
            "unit": canonical_unit(figure.unit),
            "basis": figure.basis,
            **({"what": figure.what} if figure.what else {}),
            **({"note": figure.note} if figure.note else {}),
        }
        for figure in figures
        if figure.nature == nature
    ]
    return json.dumps(plain, ensure_ascii=False) if plain else None


def _told(column: str, numbers: list[int], read: list[tuple[list[Figure], int]]) -> list[Notice]:
    """Say how many figures were typed, and in which rows others stay in words."""
    typed = sum(len(figures) for figures, _ in read)
    left = [number for number, (_, open_) in zip(numbers, read, strict=True) if open_]
    notices = []
    if typed:
        text = N_("{count} amounts were typed from the words of column {column!r}.")
        notices.append(Notice("contents-typed", text, {"count": typed, "column": column}))
    if left:
        text = N_(
            "Column {column!r} has figures in rows {rows} that stay in words: a range, a unit that "
            "is not known, or several of one kind. Where they count, enter them as field "
            "quantities."
        )
        values = {"column": column, "rows": spell_rows(left)}
        notices.append(Notice("contents-untyped", text, values))
    return notices
