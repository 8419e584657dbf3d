"""Layers as Shapefiles in GBK, for programs that read nothing newer.

A Shapefile holds one kind of geometry, names of ten bytes, texts of 254 bytes and the characters of
its encoding. What does not fit is changed visibly, and every change is listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from yanshan_gis.messages import N_, Notice
from yanshan_gis.publish.exchange import (
    Change,
    ExchangeLayer,
    Filed,
    publish_folder,
)
from yanshan_gis.publish.exchange_values import as_text, plain_columns
from yanshan_gis.publish.fields import readable
from yanshan_gis.publish.publication import Written
from yanshan_gis.publish.words import word

if TYPE_CHECKING:
    from datetime import date

    from yanshan_gis.messages import Language
    from yanshan_gis.publish.publication import Publication

ENCODING = "GBK"
STAND_IN = "〓"  # the printers' mark for a character that is not in the case
_PLAINER = {"²": "2", "³": "3"}  # m³ is still read as m3
_NAME_BYTES, _TEXT_BYTES = 10, 254
_COLLECTION = 7  # shapely's number of a geometry collection
_KINDS = {0: ("Point", "MultiPoint"), 1: ("LineString",), 2: ("Polygon",)}
_TYPES = {0: "shape_points", 1: "shape_lines", 2: "shape_areas"}


def publish_shapefiles(publication: Publication) -> Written:
    """Write the layers as Shapefiles into ``out/publish/exchange/shp``.

    Codes and truth stand in words, dates as text; the CRS is the workspace's.

    Parameters
    ----------
    publication
        What is published.

    Returns
    -------
    Written
        Files, and notices of what could not stay as it was.
    """
    language, stamp = publication.language, publication.workspace.stamp
    changes: list[Change] = []

    def write(layer: ExchangeLayer, folder: Path) -> Iterator[Filed]:
        for part in _by_kind(layer, language):
            yield _write(part, folder, changes, language, stamp)

    done = publish_folder(publication, "shp", write, changes)
    return Written(done.files, [*done.notices, *_notices(changes, language)])


def field_names(titles: Sequence[str]) -> list[str]:
    """Cut titles of fields to what a Shapefile holds.

    Parameters
    ----------
    titles
        Any texts.

    Returns
    -------
    list of str
        At most ten bytes of GBK each, letters, digits and underscores, different from each other.
    """
    taken: set[str] = set()
    names = []
    for title in titles:
        plain = re.sub(r"\W+", "_", "".join(c if in_gbk(c) else "_" for c in title)).strip("_")
        plain = plain or "F"
        name, number = cut_bytes(plain, _NAME_BYTES).rstrip("_") or plain[0], 1
        while name.casefold() in taken:
            number += 1
            tail = str(number)
            name = cut_bytes(plain, _NAME_BYTES - len(tail)) + tail
        taken.add(name.casefold())
        names.append(name)
    return names


def in_gbk(text: str) -> bool:
    """Tell whether GBK has every character of a text.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    bool
        False where one is missing.
    """
    try:
        text.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True


def cut_bytes(text: str, most: int) -> str:
    """Cut a text to so many bytes of GBK, never within a character.

    Parameters
    ----------
    text
        Of characters that GBK has.
    most
        Bytes.

    Returns
    -------
    str
        The longest beginning that fits.
    """
    return text.encode(ENCODING)[:most].decode(ENCODING, errors="ignore")


def _by_kind(layer: ExchangeLayer, language: Language) -> Iterator[ExchangeLayer]:
    """Take points, lines and areas apart; rows without a place stay with the first of them."""
    frame = _without_collections(layer.frame)
    shapes = frame.geometry.to_numpy()
    dimension = shapely.get_dimensions(shapes)
    dimension[shapely.is_empty(shapes) | shapely.is_missing(shapes)] = -1
    found = [kind for kind in _KINDS if (dimension == kind).any()]
    for kind in found:
        rows = (dimension == kind) | ((dimension == -1) & (kind == found[0]))
        suffix = f"_{word(_TYPES[kind], language)}" if len(found) > 1 else ""
        yield replace(layer, file=layer.file + suffix, frame=frame[rows])


def _without_collections(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give a collection one row for its points, one for its lines, one for its areas."""
    shapes = frame.geometry.to_numpy()
    if not (shapely.get_type_id(shapes) == _COLLECTION).any():
        return frame
    rows: list[int] = []
    parts: list[Any] = []
    for row, shape in enumerate(shapes):
        if shape is None or shape.geom_type != "GeometryCollection" or shape.is_empty:
            found = [shape]
        else:
            simple = shapely.get_parts(shapely.get_parts(shape))
            kinds = shapely.get_dimensions(simple)
            found = [_joined(simple[kinds == kind], kind) for kind in _KINDS if kind in kinds]
        rows += [row] * len(found)
        parts += found
    return frame.iloc[rows].set_geometry(gpd.GeoSeries(parts, frame.index[rows], crs=frame.crs))


def _joined(parts: Any, kind: int) -> Any:
    makers = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)
    return parts[0] if len(parts) == 1 else makers[kind](parts)


def _write(
    layer: ExchangeLayer, folder: Path, changes: list[Change], language: Language, stamp: date
) -> Filed:
    import pyogrio

    frame = plain_columns(layer.frame)
    geometry = frame.geometry
    words = readable(frame, layer.fields, language)
    columns = [str(name) for name in words.columns]
    fields = layer.fields if language == "zh" else {}
    names = field_names([fields[c].title.zh if c in fields else c for c in columns])
    ids = (
        list(words["id"].astype(str)) if "id" in words else [str(i + 1) for i in range(len(words))]
    )
    for name in columns:
        if not pd.api.types.is_numeric_dtype(words[name]):
            texts = as_text(words[name])
            words[name] = _fitted(texts, layer.file, ids, name, changes, language)
    written = dict(zip(columns, names, strict=True))
    shown = type(frame)(words.rename(columns=written), geometry=geometry.to_numpy(), crs=frame.crs)
    pyogrio.write_dataframe(
        shown, folder / f"{layer.file}.shp", driver="ESRI Shapefile", encoding=ENCODING,
        geometry_type=_geometry_type(shown), layer_options={
            "DBF_DATE_LAST_UPDATE": stamp.isoformat(), "RESIZE": "YES",
        },
    )  # fmt: skip
    return Filed(layer, written)


def _geometry_type(frame: gpd.GeoDataFrame) -> str:
    shapes = frame.geometry.to_numpy()
    dimension = int(shapely.get_dimensions(shapes[~shapely.is_missing(shapes)]).max())
    kinds = _KINDS[dimension]
    several = (shapely.get_num_geometries(shapes) > 1).any()
    name = kinds[-1] if several else kinds[0]
    return f"{name} Z" if shapely.has_z(shapes).any() else name


def _fitted(
    column: pd.Series, file: str, ids: Sequence[str], name: str, changes: list[Change],
    language: Language,
) -> pd.Series:  # fmt: skip
    """Replace characters that GBK lacks and cut what is too long; list both."""
    fitted = []
    for row, value in zip(ids, column, strict=True):
        text = value
        if text is not None:
            strange = dict.fromkeys(c for c in text if not in_gbk(c))
            if strange:
                told = " ".join(f"{c} (U+{ord(c):04X})" for c in strange)
                what = word("not_in_gbk", language, characters=told)
                changes.append(Change(file, row, name, what, value))
                text = "".join(_PLAINER.get(c, STAND_IN) if c in strange else c for c in text)
            if len(text.encode(ENCODING)) > _TEXT_BYTES:
                what = word("cut_to_bytes", language, count=_TEXT_BYTES)
                changes.append(Change(file, row, name, what, value))
                text = cut_bytes(text, _TEXT_BYTES)
        fitted.append(text)
    return pd.Series(fitted, column.index, dtype=object)


def _notices(changes: Sequence[Change], language: Language) -> list[Notice]:
    cut = word("cut_to_bytes", language, count=_TEXT_BYTES)
    long = sum(change.what == cut for change in changes)
    strange = len(changes) - long
    notices = []
    if strange:
        text = N_(
            "Shapefile: {count} values hold characters that GBK lacks; {mark} stands for them (² "
            "and ³ become digits), and the workbook lists them."
        )
        values = {"count": strange, "mark": STAND_IN}
        notices.append(Notice("characters-replaced", text, values))
    if long:
        text = N_(
            "Shapefile: {count} texts are longer than {bytes} bytes and were cut; the workbook "
            "lists them whole."
        )
        notices.append(Notice("texts-cut", text, {"count": long, "bytes": _TEXT_BYTES}))
    return notices
