"""The layers as one KML file for a globe: folders, colours and titles as everywhere else.

Longitude and latitude are on WGS 84. GCJ-02, the shift of Chinese street maps, is not applied, and
the file says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import pandas as pd
import shapely

from yanshan_gis.publish.exchange import nothing_to_hand_on
from yanshan_gis.publish.exchange_values import as_text, in_degrees, plain_columns
from yanshan_gis.publish.fields import COMMON_FIELDS, readable
from yanshan_gis.publish.file_names import file_names
from yanshan_gis.publish.layer_tree import build_tree
from yanshan_gis.publish.publication import Written, locked
from yanshan_gis.publish.style import classify
from yanshan_gis.publish.words import scenario_marks, unit_text, word
from yanshan_gis.publish.xml_text import xml_text
from yanshan_gis.store.output import put

if TYPE_CHECKING:
    from yanshan_gis.messages import Language
    from yanshan_gis.publish.layer_tree import TreeGroup, TreeLayer
    from yanshan_gis.publish.publication import Publication
    from yanshan_gis.publish.style import ResolvedClass, ResolvedStyle

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n'
_DECIMALS = 7  # of a degree: a centimetre
_PX_PER_MM = 4.0  # a line of a sheet, on a screen
_ICON_MM = 5.0  # the symbol that a globe draws at scale 1


def publish_kml(publication: Publication) -> Written:
    """Write ``out/publish/exchange/<county>.kml``.

    Parameters
    ----------
    publication
        What is published.

    Returns
    -------
    Written
        The file; a notice instead where no layer has rows.
    """
    language, workspace = publication.language, publication.workspace
    tree = build_tree(workspace, publication.outcomes, language)
    shown = [layer for group in tree for layer in group.walk() if layer.frame is not None]
    if not shown:
        return Written(notices=[nothing_to_hand_on("kml")])
    name = workspace.county.name.get(language)
    marks = scenario_marks((o.result for o in publication.outcomes), language)
    told = [word("kml_note", language), *marks]
    if any(layer.modelled for layer in shown):
        told.append(word("kml_modelled", language))

    def write(draft: Path) -> None:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(f"{_HEAD}<Document>\n<name>{_text('　'.join([name, *marks]))}</name>\n")
            file.write(f"<description>{_text(' '.join(told))}</description>\n")
            for layer in shown:
                file.writelines(_styles(layer, language))
            for group in tree:
                file.writelines(_group(group, language))
            file.write("</Document>\n</kml>\n")

    path = publication.folder / "exchange" / f"{file_names([name])[0]}.kml"
    copy = put(path, write)
    return Written([copy], locked([path], [copy]))


def _text(value: object) -> str:
    return escape(xml_text(str(value)))


def _group(group: TreeGroup, language: Language) -> Iterator[str]:
    shown = [layer for layer in group.layers if layer.frame is not None]
    inner = [part for part in group.groups if any(x.frame is not None for x in part.walk())]
    if not shown and not inner:
        return
    yield f"<Folder>\n<name>{_text(group.title)}</name>\n"
    for part in inner:
        yield from _group(part, language)
    for layer in shown:
        yield from _layer(layer, language)
    yield "</Folder>\n"


def _layer(layer: TreeLayer, language: Language) -> Iterator[str]:
    yield f"<Folder>\n<name>{_text(layer.title)}</name>\n"
    yield f"<visibility>{int(layer.visible)}</visibility>\n"
    for index, title, rows in _classes(layer):
        if title:
            yield f"<Folder>\n<name>{_text(title)}</name>\n"
        yield from _placemarks(layer, rows, index, language)
        if title:
            yield "</Folder>\n"
    yield "</Folder>\n"


def _styles(layer: TreeLayer, language: Language) -> Iterator[str]:
    if layer.style is not None:
        for index, item in enumerate(layer.style.classes):
            yield _style(f"{layer.table}-{index}", item, layer.style)
    yield _schema(layer, language)


def _classes(layer: TreeLayer) -> Iterator[tuple[int, str, Any]]:
    """Go through a layer class by class in the order of the legend: number, title, rows."""
    style, frame = layer.style, layer.frame
    if style is None or not style.by:
        yield 0, "", frame
        return
    found = classify(frame, style)
    for index, item in enumerate(style.classes):
        if (found == index).any():
            yield index, item.title, frame[found == index]
    if (found < 0).any():
        yield -1, word("other_or_no_data", style.language), frame[found < 0]


def _style(identity: str, item: ResolvedClass, style: ResolvedStyle) -> str:
    symbol = item.symbol
    colour = _colour(symbol.colour, symbol.opacity)
    if style.kind == "point":
        scale = f"{max(symbol.size_mm / _ICON_MM, 0.3):.2f}"
        inner = (
            f"<IconStyle><color>{colour}</color><scale>{scale}</scale></IconStyle>"
            "<LabelStyle><scale>0.7</scale></LabelStyle>"
        )
    elif style.kind == "line":
        width = _width(symbol.width_mm)
        inner = f"<LineStyle><color>{colour}</color><width>{width}</width></LineStyle>"
    else:
        edge = _colour(symbol.outline or symbol.colour, 1.0)
        width = _width(symbol.outline_mm)
        inner = (
            f"<LineStyle><color>{edge}</color><width>{width}</width></LineStyle>"
            f"<PolyStyle><color>{colour}</color><fill>{int(symbol.fill)}</fill></PolyStyle>"
        )
    return f"<Style id={quoteattr(identity)}>{inner}</Style>\n"


def _width(width_mm: float) -> str:
    return f"{max(width_mm * _PX_PER_MM, 1.0):.1f}"


def _colour(colour: str, opacity: float) -> str:
    """Write a colour as KML does: alpha, blue, green, red."""
    return f"{round(opacity * 255):02x}{colour[5:7]}{colour[3:5]}{colour[1:3]}".lower()


def _schema(layer: TreeLayer, language: Language) -> str:
    """Title the columns once for all rows."""
    fields = "".join(
        f'<SimpleField type="string" name={quoteattr(name)}>'
        f"<displayName>{_title(layer, name, language)}</displayName></SimpleField>"
        for name in map(str, layer.frame.columns.drop(layer.frame.geometry.name))
    )
    table = quoteattr(layer.table)
    return f"<Schema name={table} id={table}>{fields}</Schema>\n"


def _placemarks(layer: TreeLayer, rows: Any, index: int, language: Language) -> Iterator[str]:
    frame = plain_columns(in_degrees(rows))
    words = readable(frame, layer.fields, language)
    shown = {str(name): list(_spoken(words[name])) for name in words}
    names = _names(layer, shown, len(frame))
    link = f"<styleUrl>{_text(f'#{layer.table}-{index}')}</styleUrl>" if index >= 0 else ""
    visible = f"<visibility>{int(layer.visible)}</visibility>"
    schema = quoteattr(f"#{layer.table}")
    for row, place in enumerate(frame.geometry):
        data = "".join(
            f"<SimpleData name={quoteattr(name)}>{_text(values[row])}</SimpleData>"
            for name, values in shown.items()
            if values[row] is not None
        )
        yield (
            f"<Placemark><name>{_text(names[row])}</name>{visible}{link}<ExtendedData>"
            f"<SchemaData schemaUrl={schema}>{data}</SchemaData></ExtendedData>"
            f"{_geometry(place)}</Placemark>\n"
        )


def _spoken(column: pd.Series) -> Iterator[object]:
    if pd.api.types.is_numeric_dtype(column):
        for value in column.astype(object):
            yield None if pd.isna(value) else f"{value:.12g}"
    else:
        yield from as_text(column)


def _title(layer: TreeLayer, name: str, language: Language) -> str:
    known = layer.fields.get(name, COMMON_FIELDS.get(name))
    if known is None:
        return _text(name)
    unit = unit_text(known.unit or "", language) if known.unit != "share" else ""
    return _text(known.title.get(language) + (word("bracket", language, text=unit) if unit else ""))


def _names(layer: TreeLayer, shown: dict[str, list[Any]], rows: int) -> list[str]:
    """Name placemarks as the map labels them, else by name, else by id."""
    label = layer.style.label.field if layer.style and layer.style.label else ""
    columns = [shown[key] for key in (label, "name", "id") if key in shown]
    return [str(next((c[row] for c in columns if c[row] is not None), "")) for row in range(rows)]


def _geometry(place: Any) -> str:
    if place is None or place.is_empty:
        return ""
    parts = shapely.get_parts(place)
    if len(parts) > 1 or place.geom_type == "GeometryCollection":
        return f"<MultiGeometry>{''.join(_geometry(part) for part in parts)}</MultiGeometry>"
    return _SHAPES[parts[0].geom_type](parts[0])


def _coordinates(place: Any) -> str:
    points = shapely.get_coordinates(place, include_z=bool(place.has_z))
    rows = (",".join(f"{v:.{_DECIMALS}f}" for v in row[~np.isnan(row)]) for row in points)
    return f"<coordinates>{' '.join(rows)}</coordinates>"


def _polygon(place: Any) -> str:
    turned = shapely.geometry.polygon.orient(place)  # outer rings anticlockwise
    inner = "".join(
        f"<innerBoundaryIs><LinearRing>{_coordinates(ring)}</LinearRing></innerBoundaryIs>"
        for ring in turned.interiors
    )
    outer = f"<LinearRing>{_coordinates(turned.exterior)}</LinearRing>"
    return f"<Polygon><outerBoundaryIs>{outer}</outerBoundaryIs>{inner}</Polygon>"


_SHAPES: dict[str, Callable[[Any], str]] = {
    "Point": lambda place: f"<Point>{_coordinates(place)}</Point>",
    "LineString": lambda place: f"<LineString>{_coordinates(place)}</LineString>",
    "LinearRing": lambda place: f"<LineString>{_coordinates(place)}</LineString>",
    "Polygon": _polygon,
}
