"""KML and its relatives (KMZ, ovkml), read without GDAL.

GDAL's KML readers lose Chinese names of extended data or the data themselves, and refuse the
additions of 奥维 maps. This reader takes folders as layers, extended data as text columns, and
stops gently where a file ends in the middle.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from yanshan_gis.crs import WGS84
from yanshan_gis.ingest.damage import damaged, empty, lost_record, truncated
from yanshan_gis.ingest.encoding import decode_text
from yanshan_gis.ingest.table import RawTable, RefusedRow
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass
class _Layer:
    name: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)


def read_kml(path: Path, data: bytes) -> list[RawTable]:
    """Read the placemarks of a KML document.

    Parameters
    ----------
    path
        The file the user gave.
    data
        The KML text itself.

    Returns
    -------
    list of RawTable
        One per folder with placemarks, in file order, all in WGS 84; row numbers count the
        placemarks of the whole file from 1. Nested folders are joined ``outer/inner``.

    Raises
    ------
    DataError
        When it is no KML, or holds no placemark.
    """
    text, encoding, notices = _plain_text(data, path.name)
    layers: dict[str, _Layer] = {}
    count, reason = 0, None
    try:
        for folder, mark in _placemarks(text):
            count += 1
            layer = layers.setdefault(folder, _Layer(folder or path.stem))
            _add(layer, mark, count)
    except ET.ParseError as error:
        reason = str(error)
    if not count:
        raise empty(path) if reason is None else damaged(path, reason)
    if reason is not None:
        notices.append(truncated(path, count, None))
        lost = RefusedRow(count + 1, lost_record(path, count + 1, reason), {})
        list(layers.values())[-1].refused.append(lost)
    return [_table(path, layer, encoding, notices) for layer in layers.values()]


def _plain_text(data: bytes, file: str) -> tuple[str, str, list[Notice]]:
    """Decode by evidence; an XML declaration that contradicts it is set aside."""
    text, encoding, notices = decode_text(data, file)
    if text.startswith("<?xml"):
        text = text[text.find("?>") + 2 :]
    return text, encoding, notices


def _placemarks(text: str) -> Iterator[tuple[str, ET.Element]]:
    """Yield each placemark with the folders it stands in."""
    stack: list[ET.Element] = []
    source = io.BytesIO(text.encode("utf-8"))
    # expat bounds entity expansion itself; the file is a user's own
    for event, element in ET.iterparse(source, ("start", "end")):  # noqa: S314
        tag = _tag(element)
        if event == "start":
            stack.append(element)
            continue
        stack.pop()
        if tag == "Placemark":
            folders = [_child_text(parent, "name") or "" for parent in stack
                       if _tag(parent) == "Folder"]  # fmt: skip
            yield "/".join(name for name in folders if name), element
            if stack:
                stack[-1].remove(element)  # keeps the memory of a long file flat


def _tag(element: ET.Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _children(element: ET.Element, tag: str) -> list[ET.Element]:
    return [child for child in element if _tag(child) == tag]


def _child_text(element: ET.Element, tag: str) -> str | None:
    found = _children(element, tag)
    return (found[0].text or "").strip() or None if found else None


def _add(layer: _Layer, mark: ET.Element, number: int) -> None:
    row: dict[str, Any] = {
        "Name": _child_text(mark, "name"),
        "description": _child_text(mark, "description"),
    }
    for part in mark.iter():
        if _tag(part) == "Data" and part.get("name"):
            row[str(part.get("name"))] = _child_text(part, "value")
        elif _tag(part) == "SimpleData" and part.get("name"):
            row[str(part.get("name"))] = (part.text or "").strip() or None
    try:
        shapes = [shape for child in mark for shape in _shapes(child)]
    except (ValueError, shapely.errors.GEOSException) as error:
        notice = Notice(
            "geometry-unreadable",
            N_("Placemark {row} ({name}) of layer {layer} has unreadable coordinates: {reason}."),
            {"row": number, "name": row["Name"], "layer": layer.name, "reason": str(error)},
        )
        layer.refused.append(RefusedRow(number, notice, row))
        return
    row["geometry"] = _joined(shapes)
    layer.rows.append(row)
    layer.numbers.append(number)


def _shapes(element: ET.Element) -> Iterator[Any]:
    tag = _tag(element)
    if tag in _SIMPLE:
        yield _SIMPLE[tag](element)
    elif tag in {"MultiGeometry", "MultiTrack"}:
        for child in element:
            yield from _shapes(child)


def _line(element: ET.Element) -> Any:
    return shapely.LineString(_coordinates(element))


def _point(element: ET.Element) -> Any:
    return shapely.Point(_coordinates(element)[0])


def _polygon(element: ET.Element) -> Any:
    outer = [ring for side in _children(element, "outerBoundaryIs") for ring in side]
    inner = [ring for side in _children(element, "innerBoundaryIs") for ring in side]
    if not outer:
        raise ValueError("a polygon without outer boundary")
    return shapely.Polygon(_coordinates(outer[0]), [_coordinates(ring) for ring in inner])


def _track(element: ET.Element) -> Any:
    words = [(child.text or "").split() for child in _children(element, "coord")]
    return shapely.LineString([tuple(map(float, word[:2])) for word in words])


_SIMPLE: dict[str, Callable[[ET.Element], Any]] = {
    "Point": _point, "LineString": _line, "LinearRing": _line, "Polygon": _polygon,
    "Track": _track,
}  # fmt: skip


def _coordinates(element: ET.Element) -> list[tuple[float, ...]]:
    words = (_child_text(element, "coordinates") or "").split()
    if not words:
        raise ValueError("no coordinates")
    return [tuple(map(float, word.split(",")[:2])) for word in words]


def _joined(shapes: list[Any]) -> Any:
    if len(shapes) < 2:
        return shapes[0] if shapes else None
    kinds = {shape.geom_type for shape in shapes}
    build = {"Point": shapely.MultiPoint, "LineString": shapely.MultiLineString,
             "Polygon": shapely.MultiPolygon}  # fmt: skip
    if len(kinds) == 1 and kinds <= build.keys():
        return build[kinds.pop()](shapes)
    return shapely.GeometryCollection(shapes)


def _table(path: Path, layer: _Layer, encoding: str, notices: list[Notice]) -> RawTable:
    names: dict[str, None] = {}
    for row in layer.rows:
        names |= dict.fromkeys(row)
    names.pop("geometry", None)
    columns = {name: [row.get(name) for row in layer.rows] for name in names}
    kept = {name: cells for name, cells in columns.items()
            if name == "Name" or any(cell is not None for cell in cells)}  # fmt: skip
    crs = pyproj.CRS.from_user_input(WGS84)
    geometry = np.array([None, *(row["geometry"] for row in layer.rows)], dtype=object)[1:]
    frame = gpd.GeoDataFrame(pd.DataFrame(kept, dtype=object), geometry=geometry, crs=crs)
    numbers = np.array(layer.numbers, dtype=np.int64)
    return RawTable(
        path, layer.name, frame, numbers, crs, encoding, tuple(notices), tuple(layer.refused)
    )
