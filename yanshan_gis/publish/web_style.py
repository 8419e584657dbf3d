"""MapLibre layers derived from the resolved scheme: filters, paint and labels, as plain values.

Expressions read properties that `drawn_properties` prepares: they compare exactly what
`style.classify` compares, so a browser gives every row the class a sheet gives it. Sizes are those
of paper at 96 dots per inch at the county's scale, and grow as one looks closer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from yanshan_gis.publish.style import DASHES, WHITE
from yanshan_gis.publish.web_labels import LABEL, PX_PER_MM, SPREAD_FACTOR, label_layer

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from yanshan_gis.content import Dash, Symbol
    from yanshan_gis.publish.style import ResolvedClass, ResolvedStyle

# Properties of features that expressions read, beside those of `web_labels`.
TEXT, NUMBER, OFFSET, CLASS = "text", "number", "offset", "class"
SIZE = "size:"  # followed by the field whose number the symbol's area shows

_ZOOMS = ((9.0, 0.9), (12.0, 1.15), (16.0, 2.0))  # factors on sizes as one looks closer

Expression = list[Any]
LayerSpec = dict[str, Any]


def drawn_properties(frame: Any, style: ResolvedStyle) -> dict[str, list[Any]]:
    """Prepare what expressions read of every row.

    Parameters
    ----------
    frame
        The rows; not changed.
    style
        The scheme.

    Returns
    -------
    dict
        Values by property, None where a row has none.
    """
    found: dict[str, list[Any]] = {}
    if style.by is not None and style.by in frame:
        column = frame[style.by]
        if any(item.value is not None for item in style.classes):
            found[TEXT] = [
                str(v) if known else None
                for v, known in zip(column.astype(object), column.notna(), strict=True)
            ]
        if any(item.holds_range for item in style.classes):
            found[NUMBER] = _numbers(column)
    for scale in style.sizes:
        found[SIZE + scale.field] = _numbers(frame[scale.field])
    if style.label is not None and style.label.field in frame:
        texts = frame[style.label.field]
        found[LABEL] = [
            str(v) if known else None
            for v, known in zip(texts.astype(object), texts.notna(), strict=True)
        ]
    return found


def _numbers(column: pd.Series) -> list[float | None]:
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return [None if np.isnan(number) else float(number) for number in numbers]


def class_expression(style: ResolvedStyle) -> Expression | int:
    """Write which class a feature falls into.

    Parameters
    ----------
    style
        The scheme.

    Returns
    -------
    list or int
        An expression that gives the index into ``style.classes``, -1 for none.
    """
    if style.by is None:
        return 0
    branches: Expression = []
    for index, item in enumerate(style.classes):
        if not item.other:
            branches += [_condition(item), index]
    rest = next((index for index, item in enumerate(style.classes) if item.other), -1)
    return ["case", *branches, rest] if branches else rest


def _condition(item: ResolvedClass) -> Expression:
    if not item.holds_range:
        return ["==", ["get", TEXT], str(item.value)]
    tests: list[Expression] = [["has", NUMBER]]  # a comparison with nothing is an error
    if item.minimum is not None:
        tests.append([">=", ["get", NUMBER], item.minimum])
    if item.maximum is not None:
        tests.append(["<", ["get", NUMBER], item.maximum])
    return ["all", *tests]


def style_layers(
    style: ResolvedStyle, used: Container[int], *, many: bool = False
) -> list[LayerSpec]:
    """Write the layers that draw a scheme.

    Parameters
    ----------
    style
        The scheme.
    used
        Classes that have rows; the others get no layer.
    many
        True where so many features are labelled that labels wait until one looks closer.

    Returns
    -------
    list of dict
        Layers of the MapLibre style specification without ``id`` and ``source``, the lowest
        first. ``metadata`` tells the ``role``, the ``class`` and, for symbols drawn as pictures,
        what the picture shows.
    """
    drawers = {"point": _point_layers, "line": _line_layers, "polygon": _polygon_layers}
    layers: list[LayerSpec] = []
    for index in range(len(style.classes) - 1, -1, -1):  # the first class on top
        if index in used:
            layers += drawers[style.kind](style, index)
    if style.label is not None:
        layers.append(label_layer(style.label, style, _drawn(style), many=many))
    # All casings lie beneath all cores, so that roads of different classes join.
    return [x for x in layers if _role(x) == "casing"] + [x for x in layers if _role(x) != "casing"]


def has_own_borders(style: ResolvedStyle) -> bool:
    """Tell whether borders are drawn from lines of their own, each border once.

    Dashes of a border that two neighbours draw fill each other's gaps.

    Parameters
    ----------
    style
        The scheme.

    Returns
    -------
    bool
        True where a class's border is dashed.
    """
    symbols = [item.symbol for item in style.classes]
    return style.kind == "polygon" and any(symbol.outline_dash != "solid" for symbol in symbols)


def _role(layer: Mapping[str, Any]) -> str:
    return str(layer["metadata"]["role"])


def _layer(
    kind: str, role: str, style: ResolvedStyle, index: int, *, paint: Mapping[str, Any],
    layout: Mapping[str, Any] | None = None, **metadata: Any,
) -> LayerSpec:  # fmt: skip
    return {
        "type": kind,
        **_filter(style, index),
        "layout": dict(layout or {}),
        "paint": dict(paint),
        "metadata": {"role": role, "class": index, **metadata},
    }


def _filter(style: ResolvedStyle, index: int) -> dict[str, Expression]:
    """Keep a class's features; a scheme of one class needs no filter."""
    found = class_expression(style)
    return {"filter": ["==", found, index]} if isinstance(found, list) else {}


def _drawn(style: ResolvedStyle) -> list[Expression]:
    """Tell which features are drawn at all; nothing where all of them are."""
    found = class_expression(style)
    return [[">=", found, 0]] if isinstance(found, list) else []


def _by_zoom(value: Any) -> Expression:
    """Let a size, a number or an expression, grow with the zoom."""
    stops: Expression = []
    for zoom, factor in _ZOOMS:
        scaled = ["*", factor, value] if isinstance(value, list) else round(value * factor, 3)
        stops += [zoom, scaled]
    return ["interpolate", ["linear"], ["zoom"], *stops]


def _diameter(style: ResolvedStyle, symbol: Symbol) -> Any:
    """Return a symbol's diameter in pixels: a number, or an expression where it shows one."""
    scale = style.size_of(symbol)
    if scale is None:
        return symbol.size_mm * PX_PER_MM
    name = SIZE + scale.field
    share = ["/", ["max", ["get", name], 0], scale.maximum]
    shown = ["max", scale.smallest_mm, ["*", scale.largest_mm, ["sqrt", share]]]
    return ["*", PX_PER_MM, ["case", ["has", name], shown, symbol.size_mm]]


def _point_layers(style: ResolvedStyle, index: int) -> list[LayerSpec]:
    symbol = style.classes[index].symbol
    diameter = _diameter(style, symbol)
    if symbol.shape != "circle" or style.spread:
        return [_picture_layer(style, index, diameter)]
    radius = ["/", diameter, 2] if isinstance(diameter, list) else diameter / 2
    paint = {
        "circle-radius": _by_zoom(radius),
        "circle-color": symbol.colour,
        "circle-opacity": symbol.opacity if symbol.fill else 0,
        "circle-stroke-color": (symbol.outline or WHITE) if symbol.fill else symbol.colour,
        "circle-stroke-width": _by_zoom(symbol.outline_mm * PX_PER_MM),
        "circle-stroke-opacity": symbol.opacity,
    }
    return [_layer("circle", "point", style, index, paint=paint)]


def _picture_layer(style: ResolvedStyle, index: int, diameter: Any) -> LayerSpec:
    symbol = style.classes[index].symbol
    drawn = symbol.size_mm * PX_PER_MM  # the picture's own diameter
    factor = ["/", diameter, drawn] if isinstance(diameter, list) else 1.0
    layout: dict[str, Any] = {
        "icon-allow-overlap": True,
        "icon-ignore-placement": True,
        "icon-size": _by_zoom(factor),
    }
    if style.spread:
        layout["icon-size"] = (
            ["*", SPREAD_FACTOR, factor] if isinstance(factor, list) else SPREAD_FACTOR
        )
        layout["icon-offset"] = ["array", "number", 2, ["get", OFFSET]]
    return _layer("symbol", "point", style, index, paint={}, layout=layout, picture=True)


def _dash(dash: Dash, width_mm: float) -> dict[str, Any]:
    lengths = DASHES[dash]
    if not lengths or width_mm <= 0:
        return {}
    return {"line-dasharray": [round(length / width_mm, 3) for length in lengths]}


def _line_layers(style: ResolvedStyle, index: int) -> list[LayerSpec]:
    symbol = style.classes[index].symbol
    layers = []
    if symbol.casing:
        width = (symbol.width_mm + 2 * symbol.casing_mm) * PX_PER_MM
        paint = {"line-color": symbol.casing, "line-opacity": symbol.opacity,
                 "line-width": _by_zoom(width)}  # fmt: skip
        joined = {"line-join": "round"}
        layers.append(_layer("line", "casing", style, index, paint=paint, layout=joined))
    core = {
        "line-color": symbol.colour,
        "line-opacity": symbol.opacity,
        "line-width": _by_zoom(symbol.width_mm * PX_PER_MM),
        **_dash(symbol.dash, symbol.width_mm),
    }
    ends = {"line-cap": "round" if symbol.dash == "solid" else "butt", "line-join": "round"}
    layers.append(_layer("line", "line", style, index, paint=core, layout=ends))
    return layers


def _polygon_layers(style: ResolvedStyle, index: int) -> list[LayerSpec]:
    symbol = style.classes[index].symbol
    paint = {"fill-color": symbol.colour, "fill-opacity": symbol.opacity if symbol.fill else 0}
    layers = [_layer("fill", "fill", style, index, paint=paint)]
    if symbol.outline_mm <= 0 or (symbol.fill and not symbol.outline):
        return layers
    border = {
        "line-color": symbol.outline or symbol.colour,
        "line-width": _by_zoom(symbol.outline_mm * PX_PER_MM),
        **_dash(symbol.outline_dash, symbol.outline_mm),
    }
    joined = {"line-join": "round"}
    own = {"own": "borders"} if has_own_borders(style) else {}
    layer = _layer("line", "border", style, index, paint=border, layout=joined, **own)
    if own:
        layer["filter"] = ["==", ["get", CLASS], index]
    return [*layers, layer]
