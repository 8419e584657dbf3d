"""Committees and natural villages as what is built for them sees them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.demo.committees import Committees
    from yanshan_gis.demo.people import People


@dataclass(frozen=True)
class Settlements:
    """Everybody's place, name and committee; committees first, then natural villages.

    Parameters
    ----------
    committees
        All committees.
    villages
        Natural villages × 2.
    parent
        Committee of each natural village.
    names
        Of the natural villages.
    people
        Who lives where.
    ids
        Of the committees.
    """

    committees: Committees
    villages: NDArray[np.float64]
    parent: NDArray[np.int64]
    names: list[str]
    people: People
    ids: list[str]

    @property
    def count(self) -> int:
        """How many committees there are."""
        return len(self.committees.places)

    @cached_property
    def xy(self) -> NDArray[np.float64]:
        """Places × 2."""
        return np.concatenate([self.committees.xy, self.villages])

    @cached_property
    def short(self) -> NDArray[np.object_]:
        """Names, those of committees without what they are."""
        named = [place.name.removesuffix("村委会") for place in self.committees.places]
        return np.array(named + self.names, dtype=object)

    @cached_property
    def home(self) -> NDArray[np.int64]:
        """Position of everybody's committee."""
        return np.concatenate([np.arange(self.count), self.parent])

    @cached_property
    def township(self) -> NDArray[np.object_]:
        """Everybody's township."""
        own = np.array([place.township for place in self.committees.places], dtype=object)
        return np.asarray(own[self.home])

    @cached_property
    def committee(self) -> NDArray[np.object_]:
        """Id of everybody's committee."""
        return np.asarray(np.array(self.ids, dtype=object)[self.home])


def draw_dates(rng: np.random.Generator, count: int, first: int, last: int) -> pd.Series:
    """Draw days of completion, none after the first of December of the last year.

    Parameters
    ----------
    rng
        Where the numbers come from.
    count
        How many.
    first, last
        Years.

    Returns
    -------
    pandas.Series
        Dates.
    """
    year = rng.integers(first, last + 1, count)
    day = rng.integers(60, 334, count)
    dates = pd.to_datetime([f"{y}-01-01" for y in year]) + pd.to_timedelta(day, unit="D")
    return pd.Series(dates).astype("datetime64[ms]")
