"""Read the rows of a GeoPackage up to where the file breaks off.

SQLite refuses a database that is shorter than its head says. A temporary copy is padded with
zeros to that length, and opened in the mode that forgives a damaged schema; rows are then read
in order of their id until the pages end, and the ids after that one by one.
"""

from __future__ import annotations

import shutil
import sqlite3
import struct
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from yanshan_gis.ingest.damage import damaged, lost_record, truncated
from yanshan_gis.ingest.table import RawTable, RefusedRow
from yanshan_gis.ingest.vector import declared_crs

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyproj

_HEAD = struct.Struct(">16sH10xI")
_ENVELOPES = (0, 32, 48, 48, 64)  # bytes, by the code in the geometry's flags
_MOST_PROBES = 100_000


def salvage_geopackage(path: Path, reason: Exception) -> list[RawTable]:
    """Read what is left of a GeoPackage.

    Parameters
    ----------
    path
        The damaged file; it is only read.
    reason
        Why it could not be opened.

    Returns
    -------
    list of RawTable
        One per layer with rows; row numbers are the features' ids.

    Raises
    ------
    DataError
        When the layers' register or all rows are lost.
    """
    with tempfile.TemporaryDirectory(prefix="yanshan-") as folder:
        copy = _padded(path, Path(folder) / "part.gpkg")
        if copy is None:
            raise damaged(path, reason) from reason
        with closing(sqlite3.connect(copy)) as connection:
            connection.text_factory = lambda data: data.decode("utf-8", "replace")
            connection.execute("PRAGMA writable_schema=ON")
            tables = [_table(connection, path, *entry) for entry in _layers(connection)]
    tables = [table for table in tables if len(table.frame)]
    if not tables:
        raise damaged(path, reason) from reason
    return tables


def _padded(path: Path, copy: Path) -> Path | None:
    """Copy the file at its full length; None where its head is no database's."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size or not head.startswith(b"SQLite format 3"):
        return None
    _, page, pages = _HEAD.unpack(head)
    page = 65_536 if page == 1 else page
    shutil.copyfile(path, copy)
    with copy.open("rb+") as stream:
        there = path.stat().st_size // page * page  # a page cut in the middle would mislead
        stream.truncate(there)
        stream.truncate(max(there, page * pages))
    return copy


def _rows(connection: sqlite3.Connection, statement: str, *values: Any) -> Iterator[Any]:
    """Yield rows until the damage."""
    try:
        yield from connection.execute(statement, values)
    except sqlite3.Error:
        return


def _layers(connection: sqlite3.Connection) -> list[tuple[str, str | None, int | None]]:
    geometry = {
        name: (column, srs)
        for name, column, srs in _rows(
            connection, "SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns"
        )
    }
    names = [name for (name,) in _rows(connection, "SELECT table_name FROM gpkg_contents")]
    return [(name, *geometry.get(name, (None, None))) for name in names]


def _table(
    connection: sqlite3.Connection, path: Path, layer: str, geometry: str | None, srs: int | None
) -> RawTable:
    quoted = layer.replace('"', '""')
    kinds = {row[1]: str(row[2]).upper() for row in _rows(
        connection, f'PRAGMA table_info("{quoted}")')}  # fmt: skip
    key = next(
        (row[1] for row in _rows(connection, f'PRAGMA table_info("{quoted}")') if row[5]), ""
    )
    total = next((int(row[0]) for row in _rows(
        connection, "SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = ?", layer)
        if row[0] is not None), None)  # fmt: skip
    found = list(_rows(connection, f'SELECT rowid, * FROM "{quoted}" ORDER BY rowid'))  # noqa: S608
    last = found[-1][0] if found else 0
    for probe in range(last + 1, min(total or 0, last + _MOST_PROBES) + 1):
        one = f'SELECT rowid, * FROM "{quoted}" WHERE rowid = ?'  # noqa: S608
        found += _rows(connection, one, probe)
    numbers = [row[0] for row in found]
    columns = {name: [row[1 + at] for row in found] for at, name in enumerate(kinds)}
    crs = _crs(connection, path, srs)
    frame = _frame(columns, kinds, key, geometry, crs)
    missing = sorted(set(range(1, (total or 0) + 1)) - set(numbers)) if total else [last + 1]
    whole = total is not None and len(numbers) >= total
    refused = () if whole else tuple(
        RefusedRow(row, lost_record(path, row, "the file ends before it"), {}) for row in missing
    )  # fmt: skip
    notices = () if whole else (truncated(path, len(numbers), total),)
    return RawTable(
        path, layer, frame, np.array(numbers, dtype=np.int64), crs, None, notices, refused
    )


def _crs(connection: sqlite3.Connection, path: Path, srs: int | None) -> pyproj.CRS | None:
    statement = "SELECT organization, organization_coordsys_id, definition FROM " \
                "gpkg_spatial_ref_sys WHERE srs_id = ?"  # fmt: skip
    for organisation, code, definition in _rows(connection, statement, srs):
        known = str(organisation).upper() == "EPSG"
        return declared_crs(path, f"EPSG:{code}" if known else definition)[0]
    return None


def _frame(
    columns: dict[str, list[Any]],
    kinds: dict[str, str],
    key: str,
    geometry: str | None,
    crs: pyproj.CRS | None,
) -> pd.DataFrame:
    data: dict[str, Any] = {}
    for name, cells in columns.items():
        if name in {key, geometry}:
            continue
        if kinds[name] == "BOOLEAN":
            data[name] = pd.array([None if cell is None else bool(cell) for cell in cells],
                                  dtype="boolean")  # fmt: skip
        elif "INT" in kinds[name]:
            data[name] = pd.array(cells, dtype="Int64")
        else:
            data[name] = pd.Series(cells, dtype=float if kinds[name] in {"REAL", "DOUBLE", "FLOAT"}
                                   else object)  # fmt: skip
    frame = pd.DataFrame(data)
    if geometry is None or geometry not in columns:
        return frame
    shapes = shapely.from_wkb([_wkb(blob) for blob in columns[geometry]], on_invalid="ignore")
    located: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=shapes, crs=crs)
    return located


def _wkb(blob: Any) -> bytes | None:
    """Take the WKB out of a GeoPackage geometry."""
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < 8:
        return None
    envelope = (blob[3] >> 1) & 7
    return blob[8 + _ENVELOPES[envelope] :] if envelope < len(_ENVELOPES) else None
