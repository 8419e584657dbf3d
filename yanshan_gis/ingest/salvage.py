"""Read what can be read of a damaged file, and quarantine the rest record by record.

A GeoPackage that breaks off in the middle is padded to its full length in a temporary copy, so
that SQLite opens it, and read row by row until the pages end. A GeoJSON is read feature by
feature up to the break. Anything else is read feature by feature with fiona where that is
installed, else in halves with pyogrio: a part that fails is split until the failing records are
found or the attempts are used up.
"""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from yanshan_gis.crs import WGS84
from yanshan_gis.ingest.damage import damaged, lost_record, truncated
from yanshan_gis.ingest.encoding import decode_text
from yanshan_gis.ingest.salvage_geopackage import salvage_geopackage
from yanshan_gis.ingest.table import RawTable, RefusedRow
from yanshan_gis.ingest.vector import READ_ERRORS, declared_crs, list_layers, read_frame, read_layer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_MOST_ATTEMPTS = 400


def salvage(path: Path, reason: Exception) -> list[RawTable]:
    """Read what can be read of a file that could not be read whole.

    Parameters
    ----------
    path
        The damaged file.
    reason
        Why the fast path failed.

    Returns
    -------
    list of RawTable
        Each with a notice ``file-truncated`` where records are missing, and these as refused
        rows.

    Raises
    ------
    DataError
        When nothing can be read (code ``file-damaged``).
    """
    suffix = path.suffix.lower()
    if suffix == ".gpkg":
        return salvage_geopackage(path, reason)
    if suffix in {".geojson", ".json"}:
        return [salvage_geojson(path, reason)]
    try:
        layers = list_layers(path)
    except READ_ERRORS:
        raise damaged(path, reason) from reason
    tables = []
    for layer in layers:
        try:
            tables.append(read_layer(path, layer))
        except READ_ERRORS:
            table = salvage_layer(path, layer)
            tables += [table] if table else []
    if not any(len(table.frame) for table in tables):
        raise damaged(path, reason) from reason
    return tables


def salvage_geojson(path: Path, reason: Exception) -> RawTable:
    """Read the features of a GeoJSON file up to where it breaks off.

    Parameters
    ----------
    path
        The damaged file.
    reason
        Why the fast path failed.

    Returns
    -------
    RawTable
        Row numbers count features from 1; the broken one is refused.

    Raises
    ------
    DataError
        When not even the first feature is there.
    """
    text, encoding, notices = decode_text(path.read_bytes(), path.name)
    features, problem = _features(text)
    rows, shapes, numbers, refused = [], [], [], []
    for number, feature in enumerate(features, 1):
        try:
            shape = feature["geometry"] and shapely.from_geojson(json.dumps(feature["geometry"]))
        except (KeyError, TypeError, shapely.errors.GEOSException) as error:
            refused.append(RefusedRow(number, lost_record(path, number, error), {}))
            continue
        rows.append(feature.get("properties") or {})
        shapes.append(shape)
        numbers.append(number)
    if not rows:
        raise damaged(path, reason) from reason
    if problem is not None:
        number = len(features) + 1
        refused.append(RefusedRow(number, lost_record(path, number, problem), {}))
    if refused:
        notices.append(truncated(path, len(rows), None))
    crs, _ = declared_crs(path, _geojson_crs(text))
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=shapes, crs=crs)
    return RawTable(
        path, path.stem, frame, np.array(numbers, dtype=np.int64), crs, encoding,
        tuple(notices), tuple(refused),
    )  # fmt: skip


def _features(text: str) -> tuple[list[dict[str, Any]], str | None]:
    """Parse one feature after the other; say where it stopped, or None at a proper end."""
    decoder = json.JSONDecoder()
    at = text.find("[", text.find('"features"'))
    features: list[dict[str, Any]] = []
    while at > 0:
        at += 1
        while at < len(text) and text[at] in " \r\n\t,":
            at += 1
        if text[at : at + 1] == "]":
            return features, None
        try:
            feature, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            return features, str(error)
        features.append(feature if isinstance(feature, dict) else {})
        at = end - 1 if text[end : end + 1] not in {",", "\n", " ", "\r", "\t"} else end
    return features, "no feature list"


def _geojson_crs(text: str) -> str:
    """Return the old-style crs member's name, which stands before the features."""
    head = text[: text.find('"features"')]
    at = head.find('"crs"')
    if at < 0:
        return WGS84
    try:
        member, _ = json.JSONDecoder().raw_decode(head, head.index("{", at))
        return str(member["properties"]["name"])
    except (ValueError, KeyError, TypeError):
        return WGS84


def salvage_layer(path: Path, layer: str) -> RawTable | None:
    """Read what can be read of one layer, feature by feature or in halves.

    Parameters
    ----------
    path
        The damaged file.
    layer
        The layer's name.

    Returns
    -------
    RawTable or None
        None when not even the layer's head can be read.
    """
    try:
        info = pyogrio.read_info(path, layer=layer, force_feature_count=True)
    except READ_ERRORS:
        return None
    total = max(int(info["features"]), 0)
    if importlib.util.find_spec("fiona") is not None:
        table = read_by_feature(path, layer, total)
    else:
        table = read_in_halves(
            path, layer, total,
            lambda start, count: read_frame(
                path, layer, skip_features=start, max_features=count
            )[0],
        )  # fmt: skip
    crs, _ = declared_crs(path, info["crs"])
    if isinstance(table.frame, gpd.GeoDataFrame) and crs is not None:
        table = replace(table, frame=table.frame.set_crs(crs, allow_override=True))
    return replace(table, crs=crs)


def read_by_feature(path: Path, layer: str, total: int) -> RawTable:
    """Read a layer with fiona, one feature after the other.

    Parameters
    ----------
    path
        The damaged file.
    layer
        The layer's name.
    total
        How many features it should have.

    Returns
    -------
    RawTable
        Without CRS; features that fail, or that never come, are refused.
    """
    import fiona

    rows, shapes, numbers = [], [], []
    failed: dict[int, str] = {}
    with fiona.open(path, layer=layer) as source:
        features = iter(source)
        for number in range(1, total + 1):
            try:
                feature = next(features)
                shape = feature.geometry and shapely.geometry.shape(feature.geometry)
            except StopIteration:
                missing = range(number, total + 1)
                failed |= dict.fromkeys(missing, "the file ends before it")
                break
            except (fiona.errors.FionaError, RuntimeError, ValueError) as error:
                failed[number] = str(error)
                continue
            rows.append(dict(feature.properties))
            shapes.append(shape)
            numbers.append(number)
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=shapes)
    return _assembled(path, layer, frame, numbers, failed, total)


def read_in_halves(
    path: Path, layer: str, total: int, read: Callable[[int, int], pd.DataFrame]
) -> RawTable:
    """Read a layer in parts, splitting every part that fails.

    Parameters
    ----------
    path
        The damaged file.
    layer
        The layer's name.
    total
        How many features it should have.
    read
        Called with the first feature (from 0) and their count; returns a frame or raises what
        pyogrio raises.

    Returns
    -------
    RawTable
        Without CRS. After 400 attempts, what has not been read is refused in one piece.
    """
    waiting = [(0, total)] if total else []
    parts: list[tuple[int, pd.DataFrame]] = []
    failed: dict[int, str] = {}
    attempts = 0
    while waiting:
        start, count = waiting.pop()
        attempts += 1
        if attempts > _MOST_ATTEMPTS:
            failed |= dict.fromkeys(range(start + 1, start + count + 1), "too many failures")
            continue
        try:
            part = read(start, count)
        except READ_ERRORS as error:
            if count == 1:
                failed[start + 1] = str(error)
            else:
                half = count // 2
                waiting += [(start + half, count - half), (start, half)]
            continue
        parts.append((start, part))
        short = range(start + len(part) + 1, start + count + 1)
        failed |= dict.fromkeys(short, "the file ends before it")
    numbers = [start + 1 + at for start, part in parts for at in range(len(part))]
    frame = pd.concat([part for _, part in parts], ignore_index=True) if parts else pd.DataFrame()
    return _assembled(path, layer, frame, numbers, failed, total)


def _assembled(
    path: Path,
    layer: str,
    frame: pd.DataFrame,
    numbers: list[int],
    failed: dict[int, str],
    total: int,
) -> RawTable:
    refused = tuple(
        RefusedRow(row, lost_record(path, row, failed[row]), {}) for row in sorted(failed)
    )
    notices = (truncated(path, len(numbers), total),) if refused else ()
    rows = np.array(numbers, dtype=np.int64)
    return RawTable(path, layer, frame, rows, None, None, notices, refused)
