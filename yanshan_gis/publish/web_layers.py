"""The layers of a web map: each with its drawing, legend, places and what a reader may ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from yanshan_gis.publish.features import shared_borders
from yanshan_gis.publish.spread import spread
from yanshan_gis.publish.style import classify
from yanshan_gis.publish.web_data import columns, packed, runs, thinned
from yanshan_gis.publish.web_labels import PX_PER_MM, TEXT_OFFSET, text_offset
from yanshan_gis.publish.web_style import (
    OFFSET,
    drawn_properties,
    has_own_borders,
    style_layers,
)
from yanshan_gis.publish.words import unit_text, word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from yanshan_gis.content import FieldDef, Symbol
    from yanshan_gis.messages import Language
    from yanshan_gis.publish.style import ResolvedStyle, SizeScale
    from yanshan_gis.publish.web_data import Shapes

_APART = 1e4  # millimetres per metre at which only symbols of one place meet
_MIDDLE_SHARE = 0.02  # of a polygon's side: how near its middle must be found
_SHARES = (1.0, 0.25, 0.05)  # of the largest number, as samples of a size scale
_MANY = 300
_SHARED_GREY = "#8a8a8a"


@dataclass(frozen=True)
class WebLayer:
    """One layer to be drawn.

    Parameters
    ----------
    name
        Stable name.
    title
        In the wanted language.
    frame
        The rows, in the workspace's CRS.
    style
        How they are drawn.
    fields
        Definitions of columns a reader may ask for.
    modelled
        True where it rests on modelled data.
    visible
        Whether it is shown at first.
    counts
        True to print in the legend how many features each class has.
    """

    name: str
    title: str
    frame: Any
    style: ResolvedStyle
    fields: Mapping[str, FieldDef] = field(default_factory=dict)
    modelled: bool = False
    visible: bool = False
    counts: bool = False


def layer_data(
    layer: WebLayer,
    shapes: Shapes,
    names: Mapping[str, Mapping[str, str]],
    language: Language,
) -> dict[str, Any]:
    """Write a layer as plain values.

    Parameters
    ----------
    layer
        The layer.
    shapes
        All shapes of the map; those of the layer are added.
    names
        Names by id, by layer, for columns that refer to another layer's rows.
    language
        ``zh`` or ``en``.

    Returns
    -------
    dict
        What the page needs to draw, explain and ask the layer.
    """
    geometry = np.asarray(layer.frame.geometry.array, dtype=object)
    placed = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    frame, style = layer.frame[placed], layer.style
    geometry = geometry[placed]
    # A layer of points may hold areas too: a symbol stands in the middle of each, as on a sheet.
    geometry = shapely.centroid(geometry) if style.kind == "point" else thinned(geometry)
    classes = classify(frame, style)
    properties = drawn_properties(frame, style)
    if style.spread:
        properties |= _offsets(frame, geometry, classes, style)
    counts = np.bincount(classes[classes >= 0], minlength=len(style.classes))
    data = {
        "name": layer.name,
        "title": layer.title,
        "kind": style.kind,
        "modelled": layer.modelled,
        "visible": layer.visible,
        "rows": len(frame),
        "shapes": runs(shapes.add(geometry)),
        "properties": {name: packed(values) for name, values in properties.items()},
        "columns": columns(frame, layer.fields, names, language),
        "drawn": style_layers(style, set(np.flatnonzero(counts).tolist()), many=len(frame) > _MANY),
        "symbols": [item.symbol.model_dump() for item in style.classes],
        "legend": _legend(style, counts.tolist(), counts_shown=layer.counts),
    }
    if style.kind == "polygon" and style.label is not None:
        data["anchors"] = shapes.add(_middles(geometry))
    if has_own_borders(style):
        data["borders"] = _borders(geometry, classes, shapes)
    return data


def _middles(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Find where a polygon's label stands: the point furthest from its border.

    A map cut into tiles would else label every piece of it.
    """
    parts, owner = shapely.get_parts(geometry, return_index=True)
    order = np.lexsort((shapely.area(parts), owner))
    last = np.flatnonzero(np.append(np.diff(owner[order]), 1))
    largest = parts[order[last]]
    found = shapely.point_on_surface(largest)
    areas = np.flatnonzero(shapely.area(largest) > 0)
    tolerance = np.sqrt(shapely.area(largest[areas])) * _MIDDLE_SHARE
    for row, near in zip(areas, tolerance, strict=True):
        found[row] = shapely.get_point(
            shapely.maximum_inscribed_circle(largest[row], float(near)), 0
        )
    return np.asarray(found, dtype=object)


def _borders(
    geometry: NDArray[np.object_], classes: NDArray[np.int64], shapes: Shapes
) -> list[list[int]]:
    """Write each border once: class and shape; of two classes the upper one has it."""
    drawn = classes >= 0
    found = []
    for index, lines in shared_borders(geometry[drawn], classes[drawn]).items():
        strokes = np.array([shapely.LineString(line) for line in lines], dtype=object)
        found += [[index, shape] for shape in shapes.add(strokes)]
    return found


def _offsets(
    frame: Any, geometry: NDArray[np.object_], classes: NDArray[np.int64], style: ResolvedStyle
) -> dict[str, list[Any]]:
    """Set symbols of one place side by side, as on a sheet, and their labels with them."""
    sizes = _sizes(frame, classes, style)
    middles = shapely.get_coordinates(geometry) * _APART
    stands = spread(middles, sizes, np.zeros((0, 4)))
    away = ((stands - middles) * PX_PER_MM * (1, -1)).tolist()  # a screen counts downwards
    # A picture larger than its symbol is set off in its own measure, see `web_style`.
    factors = (sizes / np.array([item.symbol.size_mm for item in style.classes])[classes]).tolist()
    found: dict[str, list[Any]] = {
        OFFSET: [
            [round(x / f, 1), round(y / f, 1)] for (x, y), f in zip(away, factors, strict=True)
        ]
    }
    if style.label is not None and style.label.field in frame:
        texts = frame[style.label.field].astype(object)
        found[TEXT_OFFSET] = [
            text_offset((x, y), size * PX_PER_MM, str(text), style.label)
            for (x, y), size, text in zip(away, sizes.tolist(), texts, strict=True)
        ]
    return found


def _sizes(frame: Any, classes: NDArray[np.int64], style: ResolvedStyle) -> NDArray[np.float64]:
    """Return the diameter of every row's symbol in millimetres."""
    sizes = np.array([item.symbol.size_mm for item in style.classes])[classes]
    for index, item in enumerate(style.classes):
        scale, mine = style.size_of(item.symbol), classes == index
        if scale is not None and mine.any():
            numbers = pd.to_numeric(frame[scale.field][mine], errors="coerce")
            sizes[mine] = scale.sizes(numbers.to_numpy(dtype=float, na_value=np.nan), sizes[mine])
    return sizes


def _legend(
    style: ResolvedStyle, counts: Sequence[int], *, counts_shown: bool
) -> list[dict[str, Any]]:
    """List classes that have rows, then samples of sizes."""
    entries: list[dict[str, Any]] = [
        {
            "title": item.title,
            "class": index,
            "symbol": item.symbol.model_dump(),
            **({"count": count} if counts_shown else {}),
        }
        for index, (item, count) in enumerate(zip(style.classes, counts, strict=True))
        if count
    ]
    used = [item.symbol for item, count in zip(style.classes, counts, strict=True) if count]
    for scale in style.sizes:
        symbols = [symbol for symbol in used if symbol.size_by == scale.field]
        if symbols:
            entries += _size_entries(scale, symbols, style.language)
    return entries


def _size_entries(
    scale: SizeScale, symbols: Sequence[Symbol], language: Language
) -> list[dict[str, Any]]:
    sample = symbols[0]
    if len({symbol.colour for symbol in symbols}) > 1:
        sample = sample.model_copy(update={"colour": _SHARED_GREY, "shape": "circle"})
    unit = unit_text(scale.unit, language)
    heading = scale.title + (word("bracket", language, text=unit) if unit else "")
    entries: list[dict[str, Any]] = [{"heading": heading}]
    for share in _SHARES:
        value = float(f"{scale.maximum * share:.2g}")
        size = float(scale.sizes([value], 0.0)[0])
        shown = sample.model_copy(update={"size_mm": size, "size_by": None})
        entries.append({"title": f"{value:,g}", "symbol": shown.model_dump()})
    return entries
