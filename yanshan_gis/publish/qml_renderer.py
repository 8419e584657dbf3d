"""QGIS renderers as XML text, derived from the resolved scheme: symbols, classes, ranges, rules.

Written for QGIS 3.22 and later. Ranges are half-open in the scheme and closed in QGIS, so an upper
limit is written as the number just below it.
"""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from yanshan_gis.publish.style import DASHES, WHITE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from yanshan_gis.content import Dash, Symbol
    from yanshan_gis.publish.style import ResolvedClass, ResolvedStyle, SizeScale

_SYMBOL_TYPE = {"point": "marker", "line": "line", "polygon": "fill"}
_SHAPES = {"cross": "cross_fill"}  # the others have the same name in QGIS
_HOUSE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><path d="M50 3 L97 50 L80 50 '
    'L80 95 L20 95 L20 50 L3 50 Z" fill="param(fill)" stroke="param(outline)" '
    'stroke-width="param(outline-width)"/></svg>'
)


def rgba(colour: str, opacity: float = 1.0) -> str:
    """Write a colour as QGIS does.

    Parameters
    ----------
    colour
        ``#rrggbb``.
    opacity
        0 to 1.

    Returns
    -------
    str
        Red, green, blue and alpha, 0 to 255.
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},{round(opacity * 255)}"


def quoted(name: str) -> str:
    """Write a field's name as expressions of QGIS do.

    Parameters
    ----------
    name
        The field.

    Returns
    -------
    str
        In double quotes.
    """
    return '"' + name.replace('"', '""') + '"'


def _number(value: float) -> str:
    return f"{value:.10g}"


def _options(values: Mapping[str, str]) -> str:
    inside = "".join(
        f'<Option type="QString" name={quoteattr(key)} value={quoteattr(text)}/>'
        for key, text in values.items()
    )
    return f'<Option type="Map">{inside}</Option>'


def _dash(dash: Dash) -> dict[str, str]:
    lengths = DASHES[dash]
    if not lengths:
        return {"use_custom_dash": "0"}
    return {
        "use_custom_dash": "1",
        "customdash": ";".join(_number(length) for length in lengths),
        "customdash_unit": "MM",
    }


def _layer(kind: str, values: Mapping[str, str], *, level: int = 0, defined: str = "") -> str:
    return (
        f'<layer class="{kind}" enabled="1" locked="0" pass="{level}">'
        f"{_options(values)}{defined}</layer>"
    )


def _line_layers(symbol: Symbol, rank: int) -> str:
    """Draw a casing beneath all cores, and each core above those of lower rank."""
    cap = "round" if symbol.dash == "solid" else "flat"
    layers = []
    if symbol.casing:
        casing = {
            "line_color": rgba(symbol.casing, symbol.opacity),
            "line_width": _number(symbol.width_mm + 2 * symbol.casing_mm),
            "line_width_unit": "MM", "line_style": "solid",
            "capstyle": "flat", "joinstyle": "round",
        }  # fmt: skip
        layers.append(_layer("SimpleLine", casing))
    core = {
        "line_color": rgba(symbol.colour, symbol.opacity),
        "line_width": _number(symbol.width_mm), "line_width_unit": "MM", "line_style": "solid",
        "capstyle": cap, "joinstyle": "round", **_dash(symbol.dash),
    }  # fmt: skip
    layers.append(_layer("SimpleLine", core, level=rank))
    return "".join(layers)


def _fill_layers(symbol: Symbol) -> str:
    layers = []
    if symbol.fill:
        fill = {
            "color": rgba(symbol.colour, symbol.opacity), "style": "solid",
            "outline_style": "no",
        }  # fmt: skip
        layers.append(_layer("SimpleFill", fill))
    if symbol.outline_mm > 0 and (symbol.outline or not symbol.fill):
        border = {
            "line_color": rgba(symbol.outline or symbol.colour),
            "line_width": _number(symbol.outline_mm), "line_width_unit": "MM",
            "line_style": "solid", "joinstyle": "round", "capstyle": "flat",
            **_dash(symbol.outline_dash),
        }  # fmt: skip
        layers.append(_layer("SimpleLine", border))
    return "".join(layers)


def _size_property(size: SizeScale, missing_mm: float) -> str:
    name = quoted(size.field)
    formula = (
        f"CASE WHEN {name} IS NULL THEN {_number(missing_mm)} ELSE max("
        f"{_number(size.smallest_mm)}, {_number(size.largest_mm)} * "
        f"sqrt(max({name}, 0) / {_number(size.maximum)})) END"
    )
    return (
        '<data_defined_properties><Option type="Map">'
        '<Option type="QString" name="name" value=""/>'
        '<Option type="Map" name="properties"><Option type="Map" name="size">'
        '<Option type="bool" name="active" value="true"/>'
        f'<Option type="QString" name="expression" value={quoteattr(formula)}/>'
        '<Option type="int" name="type" value="3"/></Option></Option>'
        '<Option type="QString" name="type" value="collection"/></Option>'
        "</data_defined_properties>"
    )


def _marker_layers(symbol: Symbol, size: SizeScale | None) -> str:
    hollow = not symbol.fill
    outline = symbol.colour if hollow else symbol.outline or WHITE
    values = {
        "color": rgba(symbol.colour, 0.0 if hollow else symbol.opacity),
        "outline_color": rgba(outline),
        "outline_style": "solid" if symbol.outline_mm > 0 else "no",
        "outline_width": _number(symbol.outline_mm), "outline_width_unit": "MM",
        "size": _number(symbol.size_mm), "size_unit": "MM",
    }  # fmt: skip
    defined = _size_property(size, symbol.size_mm) if size else ""
    if symbol.shape == "house":
        drawing = base64.b64encode(_HOUSE.encode()).decode()
        return _layer("SvgMarker", {"name": f"base64:{drawing}", **values}, defined=defined)
    shape = _SHAPES.get(symbol.shape, symbol.shape)
    return _layer("SimpleMarker", {"name": shape, **values}, defined=defined)


def _symbol(name: str, item: ResolvedClass, style: ResolvedStyle, rank: int) -> str:
    if style.kind == "line":
        layers = _line_layers(item.symbol, rank)
    elif style.kind == "polygon":
        layers = _fill_layers(item.symbol)
    else:
        layers = _marker_layers(item.symbol, style.size_of(item.symbol))
    return (
        f'<symbol type="{_SYMBOL_TYPE[style.kind]}" name={quoteattr(name)} alpha="1" '
        f'clip_to_extent="1" force_rhr="0">{layers}</symbol>'
    )


def _symbols(style: ResolvedStyle) -> str:
    count = len(style.classes)
    symbols = (
        _symbol(str(index), item, style, count - index) for index, item in enumerate(style.classes)
    )
    return f"<symbols>{''.join(symbols)}</symbols>"


def _renderer_head(kind: str, style: ResolvedStyle, attribute: str = "") -> str:
    levels = int(style.kind == "line")
    return (
        f'<renderer-v2 type="{kind}"{attribute} symbollevels="{levels}" enableorderby="0" '
        'forceraster="0"'
    )


def _categorized(style: ResolvedStyle) -> str:
    categories = []
    for index, item in enumerate(style.classes):
        kind = "bool" if isinstance(item.value, bool) else "string"
        value = str(item.value).lower() if isinstance(item.value, bool) else str(item.value or "")
        categories.append(
            f"<category value={quoteattr(value)} label={quoteattr(item.title)} "
            f'symbol="{index}" render="true" type="{kind}"/>'
        )
    head = _renderer_head("categorizedSymbol", style, f" attr={quoteattr(style.by or '')}")
    inside = f"<categories>{''.join(categories)}</categories>{_symbols(style)}"
    return f"{head}>{inside}</renderer-v2>"


def _graduated(style: ResolvedStyle) -> str:
    ranges = []
    for index, item in enumerate(style.classes):
        low = -1e300 if item.minimum is None else item.minimum
        high = 1e300 if item.maximum is None else math.nextafter(item.maximum, -math.inf)
        ranges.append(
            f'<range lower="{low!r}" upper="{high!r}" label={quoteattr(item.title)} '
            f'symbol="{index}" render="true"/>'
        )
    head = _renderer_head("graduatedSymbol", style, f" attr={quoteattr(style.by or '')}")
    inside = f"<ranges>{''.join(ranges)}</ranges>{_symbols(style)}"
    return f'{head} graduatedMethod="GraduatedColor">{inside}</renderer-v2>'


def _filter(item: ResolvedClass, field_name: str) -> str:
    name = quoted(field_name)
    if not item.holds_range:
        if isinstance(item.value, bool):
            return f"{name} = {str(item.value).lower()}"
        return f"{name} = '" + str(item.value).replace("'", "''") + "'"
    tests = []
    if item.minimum is not None:
        tests.append(f"{name} >= {item.minimum!r}")
    if item.maximum is not None:
        tests.append(f"{name} < {item.maximum!r}")
    return " AND ".join(tests)


def _filters(style: ResolvedStyle) -> list[str]:
    """Write one condition per class; that of the others is spelled out, as ELSE is unreliable."""
    named = [_filter(item, style.by or "") for item in style.classes if not item.other]
    anywhere = " OR ".join(f"({test})" for test in named)
    rest = [f"NOT coalesce({anywhere}, false)"] if len(named) < len(style.classes) else []
    return named + rest


def _rules(style: ResolvedStyle, limits: Sequence[int | None]) -> str:
    rules = "".join(
        f'<rule filter={quoteattr(test)} key="{{class-{index}}}" '
        f'label={quoteattr(item.title)} symbol="{index}"{_limit(limit)}/>'
        for index, (item, test, limit) in enumerate(
            zip(style.classes, _filters(style), limits, strict=True)
        )
    )
    head = _renderer_head("RuleRenderer", style)
    return f'{head}><rules key="{{classes}}">{rules}</rules>{_symbols(style)}</renderer-v2>'


def _limit(denominator: int | None) -> str:
    return f' scalemaxdenom="{denominator}" scalemindenom="0"' if denominator else ""


def renderer(style: ResolvedStyle, limits: Sequence[int | None] = ()) -> str:
    """Write how a layer is drawn, for a style or for a project.

    Ranges beside which some rows have no number become rules, because a graduated renderer
    draws no row without a number.

    Parameters
    ----------
    style
        The scheme.
    limits
        Per class the smallest scale, as N of 1:N, at which it is drawn; None for all.

    Returns
    -------
    str
        A ``renderer-v2`` element.
    """
    if style.by is None:
        return f"{_renderer_head('singleSymbol', style)}>{_symbols(style)}</renderer-v2>"
    if any(limits):
        return _rules(style, limits)
    ranges = [item.holds_range for item in style.classes]
    if not any(ranges):
        return _categorized(style)
    return _graduated(style) if all(ranges) else _rules(style, [None] * len(ranges))
