"""In-village roads: indicator 18, by kilometres and by villages, from the map and the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yanshan_gis.methods.ledger import choose_headline, shares
from yanshan_gis.methods.nearby import nearest_within
from yanshan_gis.methods.townships import township_of

if TYPE_CHECKING:
    from yanshan_gis.county import County
    from yanshan_gis.layer import Layer
    from yanshan_gis.messages import Notice
    from yanshan_gis.result import Indicator

KM_COLUMNS = ["in_village_km", "in_village_hardened_km"]


@dataclass(frozen=True)
class Streets:
    """In-village links, each with the village it runs in, if any is near.

    Parameters
    ----------
    links
        ``village`` (row, -1 for none), ``township``, ``in_village_km`` and
        ``in_village_hardened_km`` (0 where not hardened), one row per link.
    """

    links: pd.DataFrame

    @classmethod
    def measure(
        cls,
        edges: gpd.GeoDataFrame,
        villages: gpd.GeoDataFrame,
        township: pd.Series,
        townships: Layer | None,
        limit_m: float,
    ) -> Streets:
        """Give every in-village link to the nearest village, by its middle.

        Parameters
        ----------
        edges
            Links with ``scope``, ``length_m`` and ``hardened``.
        villages
            The villages.
        township
            Name per village.
        townships
            Polygons, for links near no village that do not name their township.
        limit_m
            A link farther from every village belongs to none: a town's streets are not those of
            the next hamlet. It counts in its township and county all the same.

        Returns
        -------
        Streets
            Without rows where no link says it is an in-village road.
        """
        scope = edges["scope"] if "scope" in edges else pd.Series(None, edges.index, dtype=object)
        mine = edges[(scope == "in_village").to_numpy(dtype=bool, na_value=False)]
        middle = shapely.line_interpolate_point(mine.geometry.to_numpy(), 0.5, normalized=True)
        village = nearest_within(middle, villages.geometry.to_numpy(), limit_m)
        km = mine["length_m"].to_numpy(dtype=float) / 1000
        own = pd.DataFrame({"township": mine.get("township")}, index=mine.index)
        own.loc[village >= 0, "township"] = township.to_numpy(dtype=object)[village[village >= 0]]
        places = gpd.GeoDataFrame(own, geometry=middle, crs=edges.crs)
        links = {
            "village": village,
            "township": township_of(places, townships=townships).to_numpy(dtype=object),
            "in_village_km": km,
            "in_village_hardened_km": km * mine["hardened"].to_numpy(dtype=bool),
        }
        return cls(pd.DataFrame(links))

    def by_village(self, index: pd.Index) -> pd.DataFrame:
        """Add up the kilometres of every village.

        Parameters
        ----------
        index
            Of the villages.

        Returns
        -------
        pandas.DataFrame
            `KM_COLUMNS`, one row per village; NaN where nothing is known of in-village roads.
        """
        if not len(self.links):
            return pd.DataFrame(np.nan, index=index, columns=KM_COLUMNS)
        near = self.links[self.links["village"] >= 0]
        rows = near["village"].to_numpy()
        sums = [np.bincount(rows, weights=near[c], minlength=len(index)) for c in KM_COLUMNS]
        return pd.DataFrame(np.column_stack(sums), index=index, columns=KM_COLUMNS)

    def without(self, exempt: NDArray[np.bool_]) -> pd.DataFrame:
        """Return the links but those of exempt villages, which leave the denominator.

        Parameters
        ----------
        exempt
            One flag per village.

        Returns
        -------
        pandas.DataFrame
            Rows of `links`.
        """
        village = self.links["village"].to_numpy()
        left_out = (village >= 0) & exempt[np.maximum(village, 0)]
        kept: pd.DataFrame = self.links.loc[~left_out]
        return kept


def in_village_indicators(
    counted: pd.DataFrame, links: pd.DataFrame, county: County, target: float, threshold: float
) -> tuple[list[Indicator], list[Notice]]:
    """Measure indicator 18: hardened over all kilometres, and villages above a threshold.

    Parameters
    ----------
    counted
        Villages in the denominator, with their kilometres from map and ledger.
    links
        In-village links that count, those near no village included.
    county
        Names the headline definition.
    target
        What the plan asks of the headline.
    threshold
        Hardened share from which a village counts as done.

    Returns
    -------
    tuple
        Those that can be computed, and what a reader must know of the headline: without in-village
        roads the ledger's kilometres give it.
    """
    pairs: dict[str, tuple[float, float]] = {}
    if len(links):
        all_km, done_km = (float(links[column].sum()) for column in KM_COLUMNS)
        pairs["in_village_km"] = (done_km, all_km)
        pairs["in_village_villages"] = _villages_done(counted, KM_COLUMNS, threshold)
    ledger = [f"ledger_{column}" for column in KM_COLUMNS]
    known = counted[counted[ledger].notna().all(axis=1)]
    if len(known):
        all_km, done_km = (float(known[column].sum()) for column in ledger)
        pairs["ledger_in_village_km"] = (done_km, all_km)
        pairs["ledger_in_village_villages"] = _villages_done(known, ledger, threshold)
    headline, notices = choose_headline(
        county, "18", pairs, "in_village_km", "ledger_in_village_km"
    )
    # A county of which nothing is known in villages has no figure, and nothing to explain.
    return shares(pairs, headline, target), notices if pairs else []


def _villages_done(villages: pd.DataFrame, columns: list[str], threshold: float) -> tuple[int, int]:
    all_km, done_km = (villages[column] for column in columns)
    with_roads = all_km > 0
    return int((done_km >= threshold * all_km)[with_roads].sum()), int(with_roads.sum())


def in_village_disagreements(counted: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """List the villages that only the map, or only the ledger, finds above the threshold.

    Parameters
    ----------
    counted
        Villages in the denominator, with their kilometres from map and ledger.
    threshold
        Hardened share from which a village counts as done.

    Returns
    -------
    pandas.DataFrame
        Name and kilometres by both, for villages with in-village roads by both.
    """
    ledger = [f"ledger_{column}" for column in KM_COLUMNS]
    shown = ["id", "name", "township", "committee", *KM_COLUMNS, *ledger]
    both = counted[(counted["in_village_km"] > 0) & (counted[ledger[0]] > 0)]
    both = both[both[ledger[1]].notna()]
    done = both[KM_COLUMNS[1]] >= threshold * both[KM_COLUMNS[0]]
    ledger_done = both[ledger[1]] >= threshold * both[ledger[0]]
    rows = both[shown].assign(done=done, ledger_done=ledger_done)[done != ledger_done]
    return rows.reset_index(drop=True)
