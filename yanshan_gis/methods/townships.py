"""Figures by township: which township a place belongs to, and sums with a county row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer

COUNTY_ROW = "全县"
UNKNOWN = "（乡镇不明）"


def township_of(
    places: gpd.GeoDataFrame,
    committees: gpd.GeoDataFrame | None = None,
    townships: Layer | None = None,
) -> pd.Series:
    """Tell the township of each place: its own field, else its committee's, else where it lies.

    Parameters
    ----------
    places
        With ``township`` or ``parent``.
    committees
        With ``id`` and ``township``.
    townships
        Polygons with ``name``.

    Returns
    -------
    pandas.Series
        Names on the places' index; ``（乡镇不明）`` where nothing tells.
    """
    own = places["township"] if "township" in places else pd.Series(None, places.index, object)
    if committees is not None and "parent" in places and "township" in committees:
        of_committee = dict(zip(committees["id"], committees["township"], strict=True))
        own = own.where(own.notna(), places["parent"].map(of_committee))
    if townships is not None and len(townships) and own.isna().any():
        own = own.where(own.notna(), _containing(places, townships.frame))
    return own.astype(object).where(own.notna(), UNKNOWN)


def _containing(places: gpd.GeoDataFrame, townships: gpd.GeoDataFrame) -> pd.Series:
    """Name the polygon each place lies in; of overlapping ones the first."""
    tree = shapely.STRtree(townships.geometry.to_numpy())
    rows, found = tree.query(places.geometry.to_numpy(), predicate="intersects")
    first = pd.Series(found, index=rows).groupby(level=0).min()
    names = townships["name"].to_numpy(dtype=object)[first.to_numpy(dtype=np.int64)]
    return pd.Series(names, index=places.index[first.index], dtype=object).reindex(places.index)


def count_by_township(
    township: pd.Series, columns: Mapping[str, Any], *, whole: bool = True
) -> pd.DataFrame:
    """Add up columns by township.

    Parameters
    ----------
    township
        Name per row.
    columns
        Numbers or yes/no per row.
    whole
        True for counts, which become whole numbers; else a township in which no row has a value
        has none either.

    Returns
    -------
    pandas.DataFrame
        One row per township, sorted by name; the index is named ``township``.
    """
    values = {name: np.asarray(column, dtype=float) for name, column in columns.items()}
    rows = pd.DataFrame(values, index=pd.Index(township, name="township")).groupby(level=0)
    return rows.sum().round().astype("Int64") if whole else rows.sum(min_count=1)


def add_county_row(rows: pd.DataFrame, townships: Layer | None = None) -> pd.DataFrame:
    """Put townships in the order of their official codes and append the sum over all.

    Parameters
    ----------
    rows
        With a column ``township``; every other column is a number that may be added up.
    townships
        With ``name`` and ``code``; townships not in it follow by name.

    Returns
    -------
    pandas.DataFrame
        One row more, named ``全县``.
    """
    rows = in_official_order(rows, townships)
    total = rows.drop(columns="township").sum()
    county = pd.DataFrame([{"township": COUNTY_ROW, **total.to_dict()}])
    return pd.concat([rows, county.astype(rows.dtypes.to_dict())], ignore_index=True)


def in_official_order(rows: pd.DataFrame, townships: Layer | None) -> pd.DataFrame:
    """Put rows in the order of their townships' official codes.

    Parameters
    ----------
    rows
        With a column ``township``; several rows of one township keep their order.
    townships
        With ``name`` and ``code``; townships not in it follow by name.

    Returns
    -------
    pandas.DataFrame
        The same rows; unchanged where no codes are known.
    """
    if townships is None or "code" not in townships.frame:
        return rows
    codes = dict(zip(townships.frame["name"], townships.frame["code"].fillna(""), strict=True))
    place = [(codes.get(name) or "~", name) for name in rows["township"]]
    return rows.iloc[sorted(range(len(rows)), key=place.__getitem__)].reset_index(drop=True)
