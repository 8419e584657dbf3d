"""QGIS styles as QML text, derived from the resolved scheme; no PyQGIS is needed.

What a GeoPackage carries as a layer's default style: renderer, labels, the columns' Chinese titles
and code lists. Written for QGIS 3.22 and later. Ranges are half-open in the scheme and closed in
QGIS, so an upper limit is written as the number just below it.
"""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from yanshan_gis.publish.style import DASHES, WHITE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from yanshan_gis.content import Dash, FieldDef, Label, Symbol
    from yanshan_gis.publish.style import ResolvedClass, ResolvedStyle, SizeScale

FONT = "Noto Sans SC"
_GEOMETRY_TYPE = {"point": 0, "line": 1, "polygon": 2}
_SYMBOL_TYPE = {"point": "marker", "line": "line", "polygon": "fill"}
_SHAPES = {"cross": "cross_fill"}  # the others have the same name in QGIS
_PLACEMENT = {"point": 6, "line": 2, "polygon": 4}  # cartographic, along the line, horizontal
_HOUSE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><path d="M50 3 L97 50 L80 50 '
    'L80 95 L20 95 L20 50 L3 50 Z" fill="param(fill)" stroke="param(outline)" '
    'stroke-width="param(outline-width)"/></svg>'
)


def _rgba(colour: str, opacity: float = 1.0) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},{round(opacity * 255)}"


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
            "line_color": _rgba(symbol.casing, symbol.opacity),
            "line_width": _number(symbol.width_mm + 2 * symbol.casing_mm),
            "line_width_unit": "MM", "line_style": "solid",
            "capstyle": "flat", "joinstyle": "round",
        }  # fmt: skip
        layers.append(_layer("SimpleLine", casing))
    core = {
        "line_color": _rgba(symbol.colour, symbol.opacity),
        "line_width": _number(symbol.width_mm), "line_width_unit": "MM", "line_style": "solid",
        "capstyle": cap, "joinstyle": "round", **_dash(symbol.dash),
    }  # fmt: skip
    layers.append(_layer("SimpleLine", core, level=rank))
    return "".join(layers)


def _fill_layers(symbol: Symbol) -> str:
    layers = []
    if symbol.fill:
        fill = {
            "color": _rgba(symbol.colour, symbol.opacity), "style": "solid",
            "outline_style": "no",
        }  # fmt: skip
        layers.append(_layer("SimpleFill", fill))
    if symbol.outline_mm > 0 and (symbol.outline or not symbol.fill):
        border = {
            "line_color": _rgba(symbol.outline or symbol.colour),
            "line_width": _number(symbol.outline_mm), "line_width_unit": "MM",
            "line_style": "solid", "joinstyle": "round", "capstyle": "flat",
            **_dash(symbol.outline_dash),
        }  # fmt: skip
        layers.append(_layer("SimpleLine", border))
    return "".join(layers)


def _size_property(size: SizeScale, missing_mm: float) -> str:
    name = '"' + size.field.replace('"', '""') + '"'
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
        "color": _rgba(symbol.colour, 0.0 if hollow else symbol.opacity),
        "outline_color": _rgba(outline),
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
    name = '"' + field_name.replace('"', '""') + '"'
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


def _rules(style: ResolvedStyle) -> str:
    rules = "".join(
        f'<rule filter={quoteattr(test)} key="{{class-{index}}}" '
        f'label={quoteattr(item.title)} symbol="{index}"/>'
        for index, (item, test) in enumerate(zip(style.classes, _filters(style), strict=True))
    )
    head = _renderer_head("RuleRenderer", style)
    return f'{head}><rules key="{{classes}}">{rules}</rules>{_symbols(style)}</renderer-v2>'


def renderer(style: ResolvedStyle) -> str:
    """Write how a layer is drawn, for a style or for a project.

    Ranges beside which some rows have no number become rules, because a graduated renderer
    draws no row without a number.

    Parameters
    ----------
    style
        The scheme.

    Returns
    -------
    str
        A ``renderer-v2`` element.
    """
    if style.by is None:
        return f"{_renderer_head('singleSymbol', style)}>{_symbols(style)}</renderer-v2>"
    ranges = [item.holds_range for item in style.classes]
    if not any(ranges):
        return _categorized(style)
    return _graduated(style) if all(ranges) else _rules(style)


def labeling(style: ResolvedStyle) -> str:
    """Write how a layer is labelled.

    Parameters
    ----------
    style
        The scheme.

    Returns
    -------
    str
        A ``labeling`` element with a white halo; empty when the layer has no labels.
    """
    if style.label is None:
        return ""
    return _labeling(style.label, style)


def _labeling(label: Label, style: ResolvedStyle) -> str:
    weight, name = (75, "Bold") if label.bold else (50, "Regular")
    priority = min(10, max(0, label.priority))
    return (
        '<labeling type="simple"><settings calloutType="simple">'
        f'<text-style fieldName={quoteattr(label.field)} isExpression="0" fontFamily="{FONT}" '
        f'fontSize="{_number(label.size_pt)}" fontSizeUnit="Point" '
        f'textColor="{_rgba(label.colour)}" textOpacity="1" fontWeight="{weight}" '
        f'namedStyle="{name}"><text-buffer bufferDraw="1" bufferSize="0.7" bufferSizeUnits="MM" '
        'bufferColor="255,255,255,255" bufferOpacity="0.9" bufferJoinStyle="128"/></text-style>'
        '<text-format multilineAlign="3"/>'
        f'<placement placement="{_PLACEMENT[style.kind]}" dist="0.4" distUnits="MM" '
        f'priority="{priority}" offsetType="1" predefinedPositionOrder="R,TR,BR,L,TL,BL,TSR,BSR" '
        f'layerType="{style.kind.capitalize()}Geometry"/>'
        '<rendering drawLabels="1" obstacle="1" displayAll="0" scaleVisibility="0"/>'
        "</settings></labeling>"
    )


def _value_map(definition: FieldDef, style: ResolvedStyle) -> str:
    pairs = "".join(
        f'<Option type="Map"><Option type="QString" name={quoteattr(code.get(style.language))} '
        f"value={quoteattr(value)}/></Option>"
        for value, code in definition.codes.items()
    )
    return (
        '<editWidget type="ValueMap"><config><Option type="Map">'
        f'<Option type="List" name="map">{pairs}</Option></Option></config></editWidget>'
    )


def _columns(style: ResolvedStyle, columns: Sequence[str]) -> str:
    """Write the columns' titles, and the words of code lists."""
    widgets, aliases = [], []
    for index, name in enumerate(columns):
        definition = style.fields.get(name)
        if definition is None:
            continue
        title = definition.title.get(style.language)
        if definition.unit and definition.unit != "share":
            title += f" ({definition.unit})"
        aliases.append(f'<alias index="{index}" field={quoteattr(name)} name={quoteattr(title)}/>')
        if definition.codes:
            widgets.append(f"<field name={quoteattr(name)}>{_value_map(definition, style)}</field>")
    return (
        f"<fieldConfiguration>{''.join(widgets)}</fieldConfiguration>"
        f"<aliases>{''.join(aliases)}</aliases>"
    )


def layer_qml(style: ResolvedStyle, columns: Sequence[str] | None = None) -> str:
    """Write a layer's QGIS style.

    Parameters
    ----------
    style
        The scheme.
    columns
        The table's columns in stored order, without geometry; those of the scheme's fields when
        not given.

    Returns
    -------
    str
        A QML document.
    """
    label = labeling(style)
    columns = list(style.fields) if columns is None else columns
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        '<qgis version="3.22.0" styleCategories="Symbology|Labeling|Fields|Forms" '
        f'labelsEnabled="{int(bool(label))}">{_columns(style, columns)}{renderer(style)}{label}'
        f"<layerGeometryType>{_GEOMETRY_TYPE[style.kind]}</layerGeometryType></qgis>\n"
    )
