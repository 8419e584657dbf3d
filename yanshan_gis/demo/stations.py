"""Modelled base stations: 5G where most people are, until enough villages are covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from yanshan_gis.demo.facilities import beside
from yanshan_gis.demo.scatter import thin
from yanshan_gis.demo.settlements import draw_dates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.demo.settlements import Settlements

_COVERED = 0.775  # share of the natural villages within a 5G station's radius
_APART_5G, _APART_4G = 1_500.0, 2_400.0
_RADII = np.array([1_200.0, 1_500.0, 1_800.0, 2_000.0])
_RADIUS_4G = 3_000.0
_USUAL_M = 1_500.0  # of stations that do not state theirs
_SILENT = 0.06  # share of them
_BUILDING, _PLANNED = 0.05, 0.12  # further 5G stations, as shares of the existing ones
_OPERATORS = ("移动", "电信", "联通", "铁塔（共享）")
_MASTS = (25.0, 30.0, 35.0, 40.0)


def build_stations(
    rng: np.random.Generator, places: Settlements
) -> tuple[pd.DataFrame, NDArray[np.float64], NDArray[np.bool_]]:
    """Place 5G stations at settlements, the largest first, and 4G stations all over.

    Parameters
    ----------
    rng
        Where the numbers come from.
    places
        Where people live.

    Returns
    -------
    tuple
        The table, points × 2, and which settlements an existing 5G station covers.
    """
    size = np.log(np.maximum(places.people.population, 1)) + rng.normal(0, 0.6, len(places.xy))
    order = np.argsort(-size, kind="stable")
    sites = order[thin(places.xy, size, _APART_5G)[order]]
    xy = beside(rng, places.xy[sites], 60.0, 220.0)
    radius = _RADII[rng.integers(0, len(_RADII), len(sites))]
    silent = rng.uniform(size=len(sites)) < _SILENT
    reach = np.where(silent, _USUAL_M, radius)
    first = _first_cover(xy, reach, places.xy)
    have = _enough(first[places.count :])
    building = have + round(_BUILDING * have)
    planned = building + round(_PLANNED * have)
    rank = np.arange(len(sites))
    status = np.select([rank < have, rank < building], ["existing", "construction"], "planned")
    old = order[thin(places.xy, size, _APART_4G)[order]]
    table = pd.concat(
        [
            _table(rng, places, sites[:planned], "5G", status[:planned]).assign(
                radius_m=np.where(silent, np.nan, radius)[:planned]
            ),
            _table(rng, places, old, "4G", np.full(len(old), "existing")).assign(
                radius_m=_RADIUS_4G
            ),
        ],
        ignore_index=True,
    )
    points = np.concatenate([xy[:planned], beside(rng, places.xy[old], 60.0, 220.0)])
    return table, points, first < have


def _first_cover(
    stations: NDArray[np.float64], reach: NDArray[np.float64], places: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the rank of the first station that covers each place; their number where none does."""
    tree = shapely.STRtree(shapely.points(places))
    station, place = tree.query(shapely.points(stations), predicate="dwithin", distance=reach)
    first = np.full(len(places), len(stations))
    np.minimum.at(first, place, station)
    return first


def _enough(first: NDArray[np.int64]) -> int:
    """Return how many stations in order of their rank cover the wanted share."""
    wanted = int(np.ceil(_COVERED * len(first)))
    return int(np.sort(first)[wanted - 1]) + 1


def _table(
    rng: np.random.Generator,
    places: Settlements,
    sites: NDArray[np.int64],
    generation: str,
    status: NDArray[np.str_],
) -> pd.DataFrame:
    count = len(sites)
    years = (2020, 2025) if generation == "5G" else (2014, 2019)
    dates = draw_dates(rng, count, *years).where(pd.Series(status == "existing"))
    operator = np.array(_OPERATORS, dtype=object)[rng.integers(0, len(_OPERATORS), count)]
    return pd.DataFrame(
        {
            "name": np.array([f"{n}{generation}基站" for n in places.short[sites]], dtype=object),
            "generation": np.full(count, f"g{generation[0]}", dtype=object),
            "operator": operator,
            "height_m": np.array(_MASTS)[rng.integers(0, len(_MASTS), count)],
            "status": status.astype(object),
            "township": places.township[sites],
            "committee": places.committee[sites],
            "completed_on": dates,
        }
    )
