"""QGIS styles as QML text, derived from the resolved scheme; no PyQGIS is needed.

What a GeoPackage carries as a layer's default style: renderer, labels, the columns' Chinese titles
and code lists. Written for QGIS 3.22 and later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from yanshan_gis.publish.qml_renderer import quoted, renderer, rgba

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yanshan_gis.content import FieldDef, Label
    from yanshan_gis.publish.style import ResolvedStyle

FONT = "Noto Sans SC"
_UPRIGHT_ON_LINES = 4
_HALO = (
    '<text-buffer bufferDraw="1" bufferSize="0.7" bufferSizeUnits="MM" '
    'bufferColor="255,255,255,255" bufferOpacity="0.9" bufferJoinStyle="128"/>'
)
_SHIELD = (  # a route's number in a frame
    '<background shapeDraw="1" shapeType="0" shapeSizeType="0" shapeSizeX="0.7" shapeSizeY="0.3" '
    'shapeSizeUnit="MM" shapeFillColor="255,255,255,255" shapeBorderColor="102,37,6,255" '
    'shapeBorderWidth="0.3" shapeBorderWidthUnit="MM" shapeOpacity="1" shapeJoinStyle="64"/>'
)
_TOGETHER_MM = 3.0  # on paper; marks of symbols so close would cover each other
_PER_LINE = 4  # marks of one place
_PRIORITIES = 10  # of ours to one of QGIS, which knows 0 to 10
_GEOMETRY_TYPE = {"point": 0, "line": 1, "polygon": 2}
_PLACEMENT = {"point": 6, "line": 2, "polygon": 4}  # cartographic, along the line, horizontal


def labeling(style: ResolvedStyle, limit: int | None = None, *, only: str | None = None) -> str:
    """Write how a layer is labelled.

    Parameters
    ----------
    style
        The scheme.
    limit
        The smallest scale, as N of 1:N, at which labels are drawn; None for all.
    only
        A condition, as QGIS writes it, under which a feature is labelled; None for all.

    Returns
    -------
    str
        A ``labeling`` element with a white halo; empty when the layer has no labels.
    """
    if style.label is None:
        return ""
    return _labeling(style.label, style, limit, only)


def _labeling(label: Label, style: ResolvedStyle, limit: int | None, only: str | None) -> str:
    weight, name = (75, "Bold") if label.bold else (50, "Regular")
    expression = _label_expression(label.field, style, only)
    text, computed = expression or label.field, int(expression is not None)
    placement = _UPRIGHT_ON_LINES if label.shield else _PLACEMENT[style.kind]
    limited, all_drawn = int(bool(limit)), int(label.required)
    priority = min(10, max(0, round(label.priority / _PRIORITIES)))
    return (
        '<labeling type="simple"><settings calloutType="simple">'
        f'<text-style fieldName={quoteattr(text)} isExpression="{computed}" '
        f'fontFamily="{FONT}" '
        f'fontSize="{label.size_pt:.10g}" fontSizeUnit="Point" '
        f'textColor="{rgba(label.colour)}" textOpacity="1" fontWeight="{weight}" '
        f'namedStyle="{name}">{_SHIELD if label.shield else _HALO}</text-style>'
        '<text-format multilineAlign="3"/>'
        f'<placement placement="{placement}" dist="0.4" distUnits="MM" '
        f'priority="{priority}" offsetType="1" predefinedPositionOrder="R,TR,BR,L,TL,BL,TSR,BSR" '
        f'layerType="{style.kind.capitalize()}Geometry"/>'
        f'<rendering drawLabels="1" obstacle="1" mergeLines="1" displayAll="{all_drawn}" '
        f'scaleVisibility="{limited}" scaleMin="0" scaleMax="{limit or 0}"/>'
        "</settings></labeling>"
    )


def _label_expression(name: str, style: ResolvedStyle, only: str | None) -> str | None:
    """Say what a label reads, where that is not simply the field."""
    text = quoted(name)
    if style.spread:  # what the sheets set side by side, QGIS names together
        cell = f"(@map_scale * {_TOGETHER_MM} / 1000)"
        place = f"group_by:=round($x / {cell}) || ' ' || round($y / {cell})"
        all_of = f"concatenate(to_string({text}), {place}, concatenator:='、', order_by:=$id)"
        lines = f"regexp_replace({all_of}, '(([^、]+、){{{_PER_LINE}}})', '\\1\n')"
        first = f"minimum($id, {place}, filter:={text} IS NOT NULL)"
        return f"CASE WHEN $id = {first} THEN {lines} END"
    return f"CASE WHEN {only} THEN {text} END" if only else None


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


def field_titles(style: ResolvedStyle, columns: Sequence[str]) -> str:
    """Write the columns' titles, and the words of code lists.

    Parameters
    ----------
    style
        The scheme, which knows the fields.
    columns
        The table's columns in stored order, without geometry.

    Returns
    -------
    str
        The elements ``fieldConfiguration`` and ``aliases``.
    """
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
        f'labelsEnabled="{int(bool(label))}">{field_titles(style, columns)}{renderer(style)}{label}'
        f"<layerGeometryType>{_GEOMETRY_TYPE[style.kind]}</layerGeometryType></qgis>\n"
    )
