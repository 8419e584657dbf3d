"""Who lives where: each person once, though committees report their natural villages too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.ledger import amount

if TYPE_CHECKING:
    import geopandas as gpd

NUMBERS = ("households", "population")


def residents(villages: gpd.GeoDataFrame) -> pd.DataFrame:
    """Tell the households and people who live at each place and at no other.

    A natural village has its own. A committee reports those of its natural villages with its
    own; what is left of its number when they are taken away lives at the committee itself, or in
    villages whose number nobody knows.

    Parameters
    ----------
    villages
        Committees and natural villages with ``id``, ``level``, ``households`` and ``population``;
        a natural village names its committee in ``parent``.

    Returns
    -------
    pandas.DataFrame
        ``households`` and ``population`` on the villages' index; NaN where nothing is known, 0
        for a committee that reports fewer than its villages together.
    """
    return _left_over(villages).clip(lower=0.0)


def residents_notices(villages: gpd.GeoDataFrame) -> list[Notice]:
    """Say what a reader of such numbers must know.

    Parameters
    ----------
    villages
        As for `residents`.

    Returns
    -------
    list of Notice
        Committees that report fewer than their villages together, and places without a number.
    """
    left = _left_over(villages)
    counts = {
        "committee-below-its-villages": int((left < 0).any(axis=1).sum()),
        "people-unknown": int(left["population"].isna().sum()),
    }
    texts = {
        "committee-below-its-villages": N_(
            "{count} committees report fewer households or people than their natural villages "
            "together; the villages' numbers count."
        ),
        "people-unknown": N_(
            "Of {count} villages nobody knows the population; they count as places, not as people."
        ),
    }
    return [Notice(code, texts[code], {"count": n}) for code, n in counts.items() if n]


def _left_over(villages: gpd.GeoDataFrame) -> pd.DataFrame:
    numbers = pd.DataFrame({name: amount(villages, name) for name in NUMBERS})
    if "parent" not in villages:
        return numbers
    committee = (villages["level"] == "committee").to_numpy(dtype=bool, na_value=False)
    parent = villages["parent"].where(~committee)
    of_villages = numbers.groupby(parent.astype(object)).sum().reindex(villages["id"])
    theirs = np.where(committee[:, None], of_villages.fillna(0.0).to_numpy(), 0.0)
    return numbers - theirs
