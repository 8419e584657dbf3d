"""Places and values of a web map, compact: whole numbers, each shape and each word once.

Coordinates are degrees of WGS 84 in steps of 0.00001°, about a metre, written as differences.
Lines and borders are thinned by less than that, borders of neighbours alike, so none come apart.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from yanshan_gis.crs import reproject
from yanshan_gis.publish.fields import readable
from yanshan_gis.publish.figures import number_text
from yanshan_gis.publish.words import unit_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from yanshan_gis.content import FieldDef
    from yanshan_gis.messages import Language

STEP = 1e-5  # degrees
_THIN_M = 1.0
_DIGITS = 6  # significant ones of a number
_WORDS_SHARE = 0.6  # a column with fewer different words than this share of its rows lists them
_WGS84 = "EPSG:4326"


def thinned(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Leave out vertices that no screen shows.

    Parameters
    ----------
    geometry
        Points, lines or polygons in metres; ends of lines stay, so networks stay joined.

    Returns
    -------
    numpy.ndarray
        Lines within a metre of the input, areas without their corners of less than a square
        metre. Polygons that fit together without gaps or overlaps still do.
    """
    kinds = set(shapely.get_type_id(geometry).tolist())
    if kinds <= {3, 6} and bool(shapely.coverage_is_valid(geometry)):
        return np.asarray(shapely.coverage_simplify(geometry, _THIN_M), dtype=object)
    return np.asarray(shapely.simplify(geometry, _THIN_M), dtype=object)


class Shapes:
    """All shapes of a web map: equal ones of several layers stand there once.

    Parameters
    ----------
    crs
        In which they come, in metres.
    """

    def __init__(self, crs: Any) -> None:
        self._crs = crs
        self._found: dict[str, int] = {}

    def add(self, geometry: NDArray[np.object_]) -> list[int]:
        """Take the shapes of a layer.

        Parameters
        ----------
        geometry
            In metres, none missing.

        Returns
        -------
        list of int
            Which shape each one is.
        """
        degrees = reproject(geometry, self._crs, _WGS84)
        found = self._found
        return [found.setdefault(_written(shape), len(found)) for shape in degrees]

    def text(self) -> str:
        """Write all shapes as JSON.

        Returns
        -------
        str
            A list; a shape is a list of parts: a line's or point's coordinates as differences,
            or a polygon's rings of such.
        """
        return f"[{','.join(self._found)}]"


def _written(shape: Any) -> str:
    parts = [_part(part) for part in shapely.get_parts(shape)]
    return json.dumps([part for part in parts if part], separators=(",", ":"))


def _part(part: Any) -> list[Any]:
    if part.geom_type == "Polygon":
        rings = [_differences(ring, closed=True) for ring in shapely.get_rings(part)]
        return [ring for ring in rings if ring]
    return _differences(part, closed=False)


def _differences(line: Any, *, closed: bool) -> list[int]:
    """Write coordinates as whole steps, each vertex as its distance from the one before."""
    steps = np.round(shapely.get_coordinates(line) / STEP).astype(np.int64)
    moved = np.ones(len(steps), dtype=bool)
    moved[1:] = np.any(steps[1:] != steps[:-1], axis=1)
    steps = steps[moved]
    if closed:
        steps = steps[:-1]  # a ring ends where it began
        if len(steps) < 3:
            return []
    steps[1:] -= steps[:-1].copy()
    return [int(step) for step in steps.ravel()]


def runs(numbers: Sequence[int]) -> list[int]:
    """Write a list of mostly consecutive numbers as starts and lengths.

    Parameters
    ----------
    numbers
        Such as which shape each row has.

    Returns
    -------
    list of int
        First number, how many follow one another, next first number, and so on.
    """
    values = np.asarray(numbers, dtype=np.int64)
    starts = np.flatnonzero(np.diff(values, prepend=values[:1] - 2) != 1)
    lengths = np.diff(np.append(starts, len(values)))
    return [int(number) for pair in zip(values[starts], lengths, strict=True) for number in pair]


def packed(values: Sequence[Any]) -> Any:
    """Write a column: plainly, or as a list of its words and which one each row has.

    Parameters
    ----------
    values
        Texts, numbers, yes or no; None where there is nothing.

    Returns
    -------
    list or dict
        The values, or ``{"words": …, "rows": …}`` where that is shorter.
    """
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) == 0 or len(set(texts)) > len(values) * _WORDS_SHARE:
        return list(values)
    words: dict[Any, int] = {}
    rows = [words.setdefault(value, len(words)) for value in values]
    return {"words": list(words), "rows": rows}


def columns(
    frame: pd.DataFrame,
    fields: Mapping[str, FieldDef],
    names: Mapping[str, Mapping[str, str]],
    language: Language,
) -> list[dict[str, Any]]:
    """Write what a reader may ask of every row: titles, units and words instead of codes.

    Parameters
    ----------
    frame
        The rows.
    fields
        Definitions by column; columns nobody describes are left out.
    names
        Names by id, by layer, for columns that refer to another layer's rows.
    language
        ``zh`` or ``en``.

    Returns
    -------
    list of dict
        ``name``, ``title``, ``unit`` and ``values`` of each column that says something.
    """
    words = readable(frame, fields, language)
    found = []
    for name in frame.columns:
        field = fields.get(name)
        if field is None or not words[name].notna().any():
            continue
        values = [_plain(value) for value in words[name].astype(object)]
        unit = field.unit or ""
        if field.layer:
            values = [names.get(field.layer, {}).get(str(value), value) for value in values]
        if field.unit_in and field.unit_in in frame:
            values = _with_units(values, frame[field.unit_in], language)
        found.append({
            "name": name,
            "title": field.title.get(language),
            "unit": "%" if unit == "share" else unit_text(unit, language),
            "values": packed(_percent(values) if unit == "share" else values),
        })  # fmt: skip
    return found


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return _rounded(float(value))
    return value.isoformat()[:10] if hasattr(value, "isoformat") else str(value)


def _rounded(number: float) -> float | int | None:
    if not math.isfinite(number):
        return None
    short = float(f"{number:.{_DIGITS}g}")
    return int(short) if short.is_integer() else short


def _percent(values: Sequence[Any]) -> list[Any]:
    return [_rounded(v * 100) if isinstance(v, int | float) else v for v in values]


def _with_units(values: Sequence[Any], units: pd.Series, language: Language) -> list[Any]:
    """Write numbers whose unit stands in another field of their row."""
    return [
        number_text(float(value), str(unit), language)
        if isinstance(value, int | float) and pd.notna(unit) else value
        for value, unit in zip(values, units, strict=True)
    ]  # fmt: skip
