"""GeoPackages: read, and written whole or not at all.

`edit` works on a copy beside the file and puts it in place in one step at the end, so a crash, a
full disk or an error in the middle leaves the old file as it was. Version 1.3 is written (QGIS
3.22 warns of 1.4), dates are the caller's and not the clock's, so the same rows give the same
bytes. Chinese field titles go into the schema extension's ``gpkg_data_columns``, from where QGIS
takes its aliases.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray

from yanshan_gis.content import FieldDef, Title
from yanshan_gis.errors import DataError, WriteError, YanshanError
from yanshan_gis.messages import N_
from yanshan_gis.store.in_use import check_not_in_use, in_use

_GDAL_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
)
_DATA_COLUMNS = """
CREATE TABLE IF NOT EXISTS gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
  mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name))
"""
_SCHEMA_EXTENSION = """
INSERT INTO gpkg_extensions (table_name, column_name, extension_name, definition, scope)
SELECT 'gpkg_data_columns', NULL, 'gpkg_schema',
       'http://www.geopackage.org/spec121/#extension_schema', 'read-write'
WHERE NOT EXISTS (SELECT 1 FROM gpkg_extensions WHERE table_name = 'gpkg_data_columns')
"""
_EXTENSIONS = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))
"""


class Draft:
    """A GeoPackage being written; nobody sees it until `edit` puts it in place.

    Parameters
    ----------
    path
        The draft's own file.
    stamp
        The date written as the tables' last change.
    """

    def __init__(self, path: Path, stamp: date) -> None:
        self.path = path
        self.stamp = f"{stamp.isoformat()}T00:00:00.000Z"

    def write(
        self,
        table: str,
        frame: pd.DataFrame,
        *,
        title: Title | None = None,
        description: str = "",
        fields: Mapping[str, FieldDef] | None = None,
        geometry_type: str | None = None,
    ) -> None:
        """Write a table, replacing one of the same name.

        Parameters
        ----------
        table
            Its name, any characters.
        frame
            With geometry, or without for an attribute table.
        title
            Shown by QGIS as the table's identifier (in Chinese).
        description
            What a reader must know of the table before anything else.
        fields
            Titles and units of the columns, shown by QGIS as aliases.
        geometry_type
            Needed where the frame has no rows to tell it from.
        """
        spatial = isinstance(frame, gpd.GeoDataFrame)
        options = {"IDENTIFIER": f"{title.zh} ({table})" if title else table}
        if description:
            options["DESCRIPTION"] = description
        if spatial:
            geometry_type = geometry_type or _geometry_type(frame)
            options["GEOMETRY_NAME"] = "geometry"
        with _dated(self.stamp):
            pyogrio.write_dataframe(
                frame,
                self.path,
                layer=table,
                driver="GPKG",
                geometry_type=geometry_type if spatial else None,
                promote_to_multi=str(geometry_type).startswith("Multi") if spatial else None,
                layer_options=options,
                dataset_options=None if self.path.exists() else {"VERSION": "1.3"},
                append=False,
            )
        if fields:
            self._write_titles(table, frame, fields)

    def _write_titles(
        self, table: str, frame: pd.DataFrame, fields: Mapping[str, FieldDef]
    ) -> None:
        rows, taken = [], set[str]()
        for column in frame.columns:
            if column not in fields:
                continue
            definition = fields[column]
            name = definition.title.zh if definition.title.zh not in taken else column
            taken.add(name)
            note = definition.note.zh if definition.note else None
            unit = f"（{definition.unit}）" if definition.unit else ""
            rows.append((table, column, name, definition.title.zh + unit, note))
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute("PRAGMA synchronous = OFF")  # see `_dated`
            for statement in (_DATA_COLUMNS, _EXTENSIONS, _SCHEMA_EXTENSION):
                connection.execute(statement)
            connection.execute("DELETE FROM gpkg_data_columns WHERE table_name = ?", (table,))
            connection.executemany(
                "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description)"
                " VALUES (?, ?, ?, ?, ?)",
                rows,
            )


def _geometry_type(frame: gpd.GeoDataFrame) -> str:
    """Name the one type that holds all geometries of a frame."""
    kinds = sorted({str(kind) for kind in frame.geometry.geom_type.dropna()})
    if len(kinds) == 1:
        return kinds[0]
    singles = {kind.removeprefix("Multi") for kind in kinds}
    if len(singles) == 1:
        return f"Multi{singles.pop()}"
    return "Unknown"


@contextmanager
def _dated(stamp: str) -> Iterator[None]:
    # A draft is flushed to the disk once, before it takes the old file's place.
    settings = {"OGR_CURRENT_DATE": stamp, "OGR_SQLITE_SYNCHRONOUS": "OFF"}
    pyogrio.set_gdal_config_options(settings)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(dict.fromkeys(settings))


@contextmanager
def edit(path: Path, *, stamp: date, fresh: bool = False) -> Iterator[Draft]:
    """Change a GeoPackage as one step.

    Parameters
    ----------
    path
        The file; it need not exist.
    stamp
        The date written as the tables' last change.
    fresh
        Start empty instead of from the file's present tables.

    Yields
    ------
    Draft
        Where the tables are written.

    Raises
    ------
    FileInUseError
        When another program holds the file open.
    WriteError
        When the draft could not be written or put in place; the old file is unchanged.
    """
    check_not_in_use(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.stem}-{os.getpid()}.draft.gpkg")
    draft.unlink(missing_ok=True)
    try:
        if path.exists() and not fresh:
            shutil.copyfile(path, draft)
        yield Draft(draft, stamp)
        check_not_in_use(path)
        _put_in_place(draft, path)
    except YanshanError:  # some of these are also OSError; they say what they have to say
        raise
    except (OSError, sqlite3.Error, *_GDAL_ERRORS) as error:
        raise WriteError(
            "file-not-written",
            N_("{file} could not be written ({reason}); the old one is unchanged."),
            file=path.name,
            reason=str(error),
        ) from error
    finally:
        for tail in ("", "-journal", "-wal", "-shm"):
            draft.with_name(draft.name + tail).unlink(missing_ok=True)


def _put_in_place(draft: Path, path: Path) -> None:
    if not draft.exists():
        return
    with draft.open("rb+") as stream:
        os.fsync(stream.fileno())
    try:
        os.replace(draft, path)  # noqa: PTH105 - the one atomic step
    except PermissionError as error:  # Windows: somebody holds the old file open
        raise in_use(path) from error


def list_tables(path: Path) -> list[str]:
    """List the tables with rows of a GeoPackage.

    Parameters
    ----------
    path
        The file; none exist in a missing one.

    Returns
    -------
    list of str
        In alphabetical order, spatial and attribute tables.
    """
    if not path.exists():
        return []
    with closing(_connect(path)) as connection:
        rows = connection.execute("SELECT table_name FROM gpkg_contents ORDER BY 1").fetchall()
    return [name for (name,) in rows]


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        connection.execute("SELECT 1 FROM gpkg_contents").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        raise DataError(
            "geopackage-damaged",
            N_("{file} is not a readable GeoPackage ({reason}); restore it from a copy."),
            file=path.name,
            reason=str(error),
        ) from error
    return connection


def read_table(path: Path, table: str) -> gpd.GeoDataFrame:
    """Read a table with its types: true/false and whole numbers keep their gaps.

    A table that holds polygons of one part and of several stores them all as multi-part; those of
    one part come back as they were given.

    Parameters
    ----------
    path
        The GeoPackage.
    table
        The table's name.

    Returns
    -------
    geopandas.GeoDataFrame
        In stored order; a plain DataFrame for an attribute table.

    Raises
    ------
    DataError
        When the file or the table cannot be read.
    """
    try:
        frame = pyogrio.read_dataframe(path, layer=table)
        info = pyogrio.read_info(path, layer=table)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise DataError(
            "table-missing",
            N_("{file} has no readable table {table!r} ({reason})."),
            file=path.name,
            table=table,
            reason=str(error),
        ) from error
    for column, kind in zip(info["fields"], info["dtypes"], strict=True):
        if kind == "bool":
            frame[column] = frame[column].astype("Float64").astype("boolean")
        elif kind.startswith("int"):
            frame[column] = frame[column].astype("Float64").astype("Int64")
    if isinstance(frame, gpd.GeoDataFrame):
        frame = frame if "geometry" in frame else frame.rename_geometry("geometry")
        if str(info["geometry_type"]).startswith("Multi"):
            frame = frame.set_geometry(_unwrapped(frame.geometry), crs=frame.crs)
    return frame


def _unwrapped(shapes: gpd.GeoSeries) -> NDArray[np.object_]:
    found: NDArray[np.object_] = shapes.to_numpy()
    alone = (shapely.get_type_id(found) >= 4) & (shapely.get_num_geometries(found) == 1)
    return np.where(alone, shapely.get_geometry(found, 0), found)


def read_rows(path: Path, table: str) -> list[dict[str, Any]]:
    """Read an attribute table as plain rows.

    Parameters
    ----------
    path
        The GeoPackage.
    table
        The table's name; none exist in a missing one.

    Returns
    -------
    list of dict
        In stored order.
    """
    if table not in list_tables(path):
        return []
    with closing(_connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        quoted = table.replace('"', '""')
        rows = connection.execute(f'SELECT * FROM "{quoted}" ORDER BY fid').fetchall()  # noqa: S608
    return [{key: row[key] for key in row.keys() if key != "fid"} for row in rows]  # noqa: SIM118


def content_hash(frame: pd.DataFrame) -> str:
    """Hash the rows of a table: names, values, geometry, CRS and order.

    Parameters
    ----------
    frame
        With or without geometry.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    import hashlib

    digest = hashlib.sha256()
    for column in frame.columns:
        digest.update(f"\x1d{column}\x1e".encode())
        values = frame[column]
        if isinstance(values, gpd.GeoSeries):
            digest.update(str(values.crs.to_wkt() if values.crs else "").encode())
            for wkb in shapely.to_wkb(values.array.to_numpy()):
                digest.update(wkb or b"\x00")
            continue
        texts = ("" if pd.isna(value) else repr(_plain(value)) for value in values)
        digest.update("\x1f".join(texts).encode())
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    """Turn numpy scalars into Python ones, whose text does not depend on numpy's version."""
    return value.item() if hasattr(value, "item") else value
