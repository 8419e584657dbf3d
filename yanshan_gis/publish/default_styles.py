"""Default styles kept inside a GeoPackage, where QGIS finds them by itself.

QGIS reads the table ``layer_styles``. Its catalogue and schema columns must be empty text: with
NULL there QGIS passes over the style without a word.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, datetime
from typing import TYPE_CHECKING

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

STYLE_NAME = "默认样式"
_TABLE = """
CREATE TABLE IF NOT EXISTS layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
  styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
  owner TEXT(30), ui TEXT(30), update_time DATETIME)
"""
_CONTENTS = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)
SELECT 'layer_styles', 'attributes', 'layer_styles', '', ?
WHERE NOT EXISTS (SELECT 1 FROM gpkg_contents WHERE table_name = 'layer_styles')
"""
_STYLE = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,
  styleName, styleQML, styleSLD, useAsDefault, description, owner, ui, update_time)
VALUES ('', '', ?, ?, ?, ?, '', 1, '', '', NULL, ?)
"""


def write_default_styles(
    gpkg: Path, styles: Mapping[str, str], *, update_time: date | datetime
) -> None:
    """Give tables of a GeoPackage their default QGIS style.

    Called on a file that nobody else has open, such as the draft of `store.geopackage.edit`.

    Parameters
    ----------
    gpkg
        The GeoPackage; changed in place, in one transaction.
    styles
        QML by table name; tables not named keep theirs.
    update_time
        Written as the styles' time, so that the same styles give the same bytes.

    Raises
    ------
    DataError
        When a table does not exist or has no geometry; nothing was written.
    """
    stamp = f"{update_time.isoformat()[:10]}T00:00:00.000Z"
    if isinstance(update_time, datetime):
        stamp = update_time.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with closing(sqlite3.connect(gpkg)) as connection, connection:
        rows = connection.execute("SELECT table_name, column_name FROM gpkg_geometry_columns")
        geometry = dict(rows.fetchall())
        if absent := sorted(set(styles) - set(geometry)):
            raise DataError(
                "style-no-table",
                N_("{file} has no layer {tables} to give a style to; write the layer first."),
                file=gpkg.name,
                tables=", ".join(absent),
            )
        connection.execute(_TABLE)
        connection.execute(_CONTENTS, (stamp,))
        for table, text in styles.items():
            connection.execute("DELETE FROM layer_styles WHERE f_table_name = ?", (table,))
            connection.execute(_STYLE, (table, geometry[table], STYLE_NAME, text, stamp))
