"""Values and places in the forms that exchange formats hold."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from yanshan_gis.crs import reproject

WGS84 = "EPSG:4326"


def plain_columns(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn what no format holds into what every one does: lists into text, infinity into a gap.

    Parameters
    ----------
    frame
        A layer; not changed.

    Returns
    -------
    geopandas.GeoDataFrame
        Numbers, truth, dates and text; the rest as it was.
    """
    shown = frame.copy()
    for name in shown.columns.drop(shown.geometry.name):
        column = shown[name]
        if pd.api.types.is_float_dtype(column.dtype):
            shown[name] = column.where(~np.isinf(column.astype(float)))
        elif column.dtype == object:
            shown[name] = pd.Series([_plain(v) for v in column], column.index, dtype=object)
    return shown


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return "、".join(str(item) for item in items)
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return None
    if isinstance(value, float) and math.isinf(value):
        return None
    return value if isinstance(value, bool | int | float | date) else str(value)


def as_text(column: pd.Series) -> pd.Series:
    """Write dates and mixed values as text; gaps stay gaps.

    Parameters
    ----------
    column
        Of any type.

    Returns
    -------
    pandas.Series
        Dates as ``2024-12-31``, with the time where there is one.
    """

    def spoken(value: Any) -> str | None:
        if value is None or pd.isna(value):
            return None
        if isinstance(value, datetime):
            day = value.date() if (value.hour, value.minute, value.second) == (0, 0, 0) else value
            return day.isoformat()
        return value.isoformat() if isinstance(value, date) else str(value)

    values = [spoken(value) for value in column.astype(object)]
    return pd.Series(values, column.index, dtype=object)


def in_degrees(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Carry a layer to longitude and latitude.

    Parameters
    ----------
    frame
        A layer with a CRS; not changed.

    Returns
    -------
    geopandas.GeoDataFrame
        On WGS 84, which CGCS2000 equals within a metre; GCJ-02 is never applied.
    """
    moved = reproject(frame.geometry.to_numpy(), frame.crs, WGS84)
    return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs=WGS84))
