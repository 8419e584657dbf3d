"""The bureau's ledger beside the computed figure, and which of the two is the headline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from yanshan_gis.messages import N_, Notice
from yanshan_gis.result import Indicator

if TYPE_CHECKING:
    from yanshan_gis.county import County


def yes_no(frame: pd.DataFrame, column: str) -> pd.Series:
    """Read a column of the ledger that says yes or no.

    Parameters
    ----------
    frame
        Villages; the column may be absent.
    column
        Its name.

    Returns
    -------
    pandas.Series
        Nullable booleans on the frame's index; missing where the ledger says nothing.
    """
    if column not in frame:
        return pd.Series(pd.NA, index=frame.index, dtype="boolean")
    return frame[column].astype("boolean")


def amount(frame: pd.DataFrame, column: str) -> pd.Series:
    """Read a column of numbers.

    Parameters
    ----------
    frame
        Rows; the column may be absent.
    column
        Its name.

    Returns
    -------
    pandas.Series
        Floats on the frame's index; NaN where nothing is known.
    """
    values = frame.get(column, np.nan)
    return pd.Series(values, index=frame.index, dtype="Float64").astype(float)


def choose_headline(
    county: County, number: str, figures: Mapping[str, object], default: str, ledger: str
) -> tuple[str, list[Notice]]:
    """Name the figure that is the headline: the county's choice, or the recipe's, or the ledger's.

    Parameters
    ----------
    county
        Its ``headlines`` name the wanted figure by indicator number.
    number
        Of the indicator.
    figures
        What could be computed, by key.
    default
        Wanted where the county names none.
    ledger
        Stands in where the default could not be computed. Another choice of the county's is never
        replaced.

    Returns
    -------
    tuple
        The key, and what a reader must know where it is not the wanted one. A key that is among
        no figures means that there is no headline.
    """
    wanted = county.headlines.get(number, default)
    if wanted in figures:
        return wanted, []
    if wanted == default and ledger in figures:
        text = N_("Indicator {number}: without what the map would need, the ledger alone counts.")
        return ledger, [Notice("ledger-alone", text, {"number": number})]
    text = N_("Indicator {number} has no headline: {wanted} could not be computed.")
    return wanted, [Notice("headline-missing", text, {"number": number, "wanted": wanted})]


def shares(
    figures: Mapping[str, tuple[float, float]], headline: str, target: float
) -> list[Indicator]:
    """Turn numerators and denominators into indicators, the headline first.

    Parameters
    ----------
    figures
        Numerator and denominator by key.
    headline
        The one that has the target.
    target
        What the plan asks of it.

    Returns
    -------
    list of Indicator
        In the given order but for the headline.
    """
    found = [
        Indicator.share(
            key, *pair, target=target if key == headline else None, headline=key == headline
        )
        for key, pair in figures.items()
    ]
    return sorted(found, key=lambda indicator: not indicator.headline)
