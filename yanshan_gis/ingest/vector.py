"""Layers of vector files through pyogrio, the fast path."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyogrio
import pyproj

from yanshan_gis.crs import WGS84, parse_crs
from yanshan_gis.ingest.table import RawTable
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

READ_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.CRSError,
    UnicodeDecodeError,
)
"""What pyogrio raises on a file it cannot read."""


def list_layers(path: Path) -> list[str]:
    """List the layers of a vector file.

    Parameters
    ----------
    path
        The file, or a ``.gdb`` folder.

    Returns
    -------
    list of str
        Names in file order, with any characters.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [str(name) for name in pyogrio.list_layers(path)[:, 0]]


def read_layer(path: Path, layer: str) -> RawTable:
    """Read one layer whole.

    Parameters
    ----------
    path
        The file, or a ``.gdb`` folder.
    layer
        Its name.

    Returns
    -------
    RawTable
        Row numbers count features from 1.
    """
    frame, crs, notices = read_frame(path, layer)
    return RawTable(path, layer, frame, np.arange(1, len(frame) + 1), crs, None, notices)


def read_frame(
    path: Path, layer: str | None, *, encoding: str | None = None, **window: Any
) -> tuple[pd.DataFrame, pyproj.CRS | None, tuple[Notice, ...]]:
    """Read features; whole numbers and true/false keep their gaps.

    Parameters
    ----------
    path
        The file, or a ``.gdb`` folder.
    layer
        Its name; None for a file with one layer.
    encoding
        A Python codec, for shapefiles.
    **window
        ``skip_features`` and ``max_features``.

    Returns
    -------
    tuple
        The frame, its CRS, and what GDAL warned of (code ``gdal-warning``).

    Raises
    ------
    UnicodeDecodeError
        When names or cells do not fit the encoding.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        info = pyogrio.read_info(path, layer=layer, encoding=encoding)
        crs, note = declared_crs(path, info["crs"])
        if note is not None:  # geopandas would fail on it as well
            frame = _read_without_crs(path, layer, encoding, window)
        else:
            frame = pyogrio.read_dataframe(path, layer=layer, encoding=encoding, **window)
    for column, kind in zip(info["fields"], info["dtypes"], strict=True):
        if kind == "bool":
            frame[column] = frame[column].astype("Float64").astype("boolean")
        elif kind.startswith(("int", "uint")):
            frame[column] = frame[column].astype("Float64").astype("Int64")
    if isinstance(frame, gpd.GeoDataFrame) and frame.crs is not None and crs is None:
        frame = frame.set_crs(None, allow_override=True)
    said = sorted({str(warning.message) for warning in caught})
    notices = tuple(
        Notice(
            "gdal-warning",
            N_("{file}: the reading library says: {reason}"),
            {"file": path.name, "reason": text},
        )
        for text in said
    )
    return frame, crs, (*notices, *([note] if note else []))


def declared_crs(path: Path, text: str | None) -> tuple[pyproj.CRS | None, Notice | None]:
    """Read the coordinate system a file declares.

    Parameters
    ----------
    path
        The file, for the notice.
    text
        WKT or authority code as the file gives it.

    Returns
    -------
    tuple
        The CRS, None where there is none or one that only says "unknown"; and a notice (code
        ``crs-unreadable``) where it cannot be read.
    """
    if not text:
        return None, None
    try:
        crs = pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError:
        return None, crs_unreadable(path)
    if not (crs.is_geographic or crs.is_projected) or "undefined" in crs.name.lower():
        return None, None
    # x before y is a matter of course here, so CRS84 is WGS 84
    return (parse_crs(WGS84) if crs.name == "WGS 84 (CRS84)" else crs), None


def crs_unreadable(path: Path) -> Notice:
    """Build the notice for a coordinate system that cannot be read.

    Parameters
    ----------
    path
        The file that declares it.

    Returns
    -------
    Notice
        Code ``crs-unreadable``.
    """
    return Notice(
        "crs-unreadable",
        N_("{file} declares a coordinate system nobody can read; say it (crs)."),
        {"file": path.name},
    )


def _read_without_crs(
    path: Path, layer: str | None, encoding: str | None, window: dict[str, Any]
) -> pd.DataFrame:
    import pandas as pd

    meta, _, geometry, columns = pyogrio.raw.read(path, layer=layer, encoding=encoding, **window)
    frame = pd.DataFrame(dict(zip(meta["fields"], columns, strict=True)))
    return frame if geometry is None else gpd.GeoDataFrame(
        frame, geometry=gpd.GeoSeries.from_wkb(geometry)
    )  # fmt: skip
