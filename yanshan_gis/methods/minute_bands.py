"""Villages by bands of minutes: counts of places, households and people, by township."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from yanshan_gis.methods.residents import NUMBERS
from yanshan_gis.methods.townships import add_county_row

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from yanshan_gis.layer import Layer

_LEVELS = {"committees": "committee", "villages": "natural"}


def band_titles(breaks: NDArray[np.float64]) -> NDArray[np.object_]:
    """Write each band as its range of minutes, the same in every language.

    Parameters
    ----------
    breaks
        Minutes, ascending.

    Returns
    -------
    numpy.ndarray
        Such as ``0–15 min``, ``15–30 min``.
    """
    lower = [0.0, *breaks[:-1]]
    texts = [f"{low:g}–{high:g} min" for low, high in zip(lower, breaks, strict=True)]
    return np.array(texts, dtype=object)


def with_bands(rows: gpd.GeoDataFrame, breaks: NDArray[np.float64]) -> gpd.GeoDataFrame:
    """Add the band, 1 … n, and what a village is: within the last break, beyond it, or unserved.

    Parameters
    ----------
    rows
        Villages with ``minutes``, and ``reason`` where there are none.
    breaks
        Minutes, ascending; the last is the limit.

    Returns
    -------
    geopandas.GeoDataFrame
        With ``band``, ``minutes_band`` and ``state`` more.
    """
    minutes = rows["minutes"].to_numpy()
    band = np.searchsorted(breaks, minutes)  # NaN, as the largest of all, comes behind the last
    within = band < len(breaks)
    rows["band"] = pd.array(band + 1, dtype="Int64")
    rows.loc[~within, "band"] = pd.NA
    rows["minutes_band"] = np.array([*band_titles(breaks), None], dtype=object)[band]
    rows["state"] = np.where(within, "within", "beyond").astype(object)
    rows["state"] = rows["state"].where(rows["reason"].isna(), rows["reason"])
    return rows


def counted(rows: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    """Return what is counted of villages: places by level, households and people.

    Parameters
    ----------
    rows
        Villages with ``township``, ``level``, ``minutes`` (NaN for one without a way),
        ``households`` and ``population``, each person once.

    Returns
    -------
    dict of numpy.ndarray
        ``committees``, ``villages``, ``households``, ``population``, one number per row.
    """
    places = {name: (rows["level"] == level).astype(float) for name, level in _LEVELS.items()}
    people = {name: rows[name].fillna(0.0) for name in NUMBERS}
    return {name: column.to_numpy(dtype=float) for name, column in (places | people).items()}


def by_township(
    rows: pd.DataFrame, breaks: NDArray[np.float64], townships: Layer | None
) -> pd.DataFrame:
    """Tell the share of each township's people within each break, beyond, and unserved.

    Parameters
    ----------
    rows
        Villages with ``township``, ``level``, ``minutes`` (NaN for one without a way),
        ``households`` and ``population``, each person once.
    breaks
        Minutes, ascending; the last is the limit.
    townships
        With ``name`` and ``code``, for the order.

    Returns
    -------
    pandas.DataFrame
        A row per township and one for the county.
    """
    minutes, people = rows["minutes"], rows["population"].fillna(0.0)
    columns = {"population": people, "households": rows["households"].fillna(0.0)}
    columns |= {f"within_{limit:g}": people * (minutes <= limit) for limit in breaks}
    columns["beyond"] = people * (minutes > breaks[-1])
    columns["unserved"] = people * minutes.isna()
    sums = pd.DataFrame(columns).groupby(rows["township"]).sum()
    told = add_county_row(sums.rename_axis("township").reset_index(), townships)
    whole = told["population"].where(told["population"] > 0)
    for name in list(columns)[2:]:
        told[name] = told[name] / whole
    for name in ("population", "households"):
        told[name] = told[name].round().astype("Int64")
    longest = rows.groupby("township")["minutes"].max()
    told["longest_min"] = told["township"].map(longest)
    told.loc[told.index[-1], "longest_min"] = minutes.max()
    return told


def by_band(
    rows: pd.DataFrame, breaks: NDArray[np.float64], townships: Layer | None
) -> pd.DataFrame:
    """Count each township's places, households and people in each band, and their shares.

    Parameters
    ----------
    rows
        Villages with ``township``, ``level``, ``minutes`` (NaN for one without a way),
        ``households`` and ``population``, each person once.
    breaks
        Minutes, ascending; the last is the limit.
    townships
        With ``name`` and ``code``, for the order.

    Returns
    -------
    pandas.DataFrame
        A row per township and band, the county's last; bands are the ranges of `band_titles`, then
        ``beyond`` and ``unserved``.
    """
    titles = [*band_titles(breaks), "beyond", "unserved"]
    place = np.searchsorted(breaks, rows["minutes"].to_numpy())
    place = np.where(rows["minutes"].isna(), len(breaks) + 1, place)
    numbers = pd.DataFrame(counted(rows), index=rows.index)
    blocks = []
    for index, title in enumerate(titles):
        mine = numbers.mul((place == index).astype(float), axis=0)
        sums = mine.groupby(rows["township"]).sum().rename_axis("township").reset_index()
        block = add_county_row(sums, townships)
        block.insert(1, "band_range", title)
        block["order"] = np.arange(len(block))
        blocks.append(block)
    told = pd.concat(blocks, ignore_index=True).sort_values("order", kind="stable")
    told = told.drop(columns="order").reset_index(drop=True)
    for name in NUMBERS:
        whole = told.groupby("township")[name].transform("sum")
        told[f"{name}_share"] = told[name] / whole.where(whole > 0)
    for name in (*_LEVELS, *NUMBERS):
        told[name] = told[name].round().astype("Int64")
    return told
