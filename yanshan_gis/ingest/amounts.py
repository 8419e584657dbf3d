"""Cells that hold amounts: a JSON list of value, unit and basis, each with its own unit."""

from __future__ import annotations

import json
import math
from typing import Any

from yanshan_gis.errors import UnitError
from yanshan_gis.ingest.cells import Reading, read_text
from yanshan_gis.messages import N_, Notice
from yanshan_gis.units import BASES, Quantity, canonical_unit

_KEYS = ("value", "unit", "basis", "what", "note")


def read_amounts(cell: Any, unit: str | None = None) -> Reading:
    """Read a list of amounts such as ``[{"value": 3000, "unit": "立方米"}]``.

    Parameters
    ----------
    cell
        Any value.
    unit
        The field's unit, to which every amount is converted and which one without a unit has; None
        where each names its own.

    Returns
    -------
    Reading
        JSON with canonical units and every basis named; None for an empty list. Anything else than
        such a list, an unknown unit or an unknown basis is refused.
    """
    text = read_text(cell).value
    if text is None:
        return Reading()
    try:
        items = json.loads(text)
    except ValueError:
        return _unreadable(text)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return _unreadable(text)
    try:
        read = [_read_one(item, unit) for item in items]
    except UnitError as error:
        return Reading(notice=error.notice)
    if any(item is None for item in read):
        return _unreadable(text)
    return Reading(json.dumps(read, ensure_ascii=False) if read else None)


def _read_one(item: dict[str, Any], unit: str | None) -> dict[str, Any] | None:
    """Return one amount in canonical form; None when it is none."""
    value, basis = item.get("value"), item.get("basis", "total")
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or basis not in BASES or set(item) - set(_KEYS):  # type: ignore[arg-type]
        return None
    written = item.get("unit") or unit
    if not isinstance(written, str):
        return None
    if unit is not None:
        value = Quantity(float(value), canonical_unit(written)).to(unit)  # type: ignore[arg-type]
    texts = {key: item[key] for key in ("what", "note") if item.get(key)}
    return {"value": value, "unit": unit or canonical_unit(written), "basis": basis, **texts}


def _unreadable(text: str) -> Reading:
    notice = Notice(
        "amounts-unreadable",
        N_(
            "{value!r} is no list of amounts; write it as {example}, with a basis out of {bases}, "
            "or leave it empty."
        ),
        {
            "value": text,
            "example": '[{"value": 3000, "unit": "m³", "basis": "total"}]',
            "bases": ", ".join(BASES),
        },
    )
    return Reading(notice=notice)
