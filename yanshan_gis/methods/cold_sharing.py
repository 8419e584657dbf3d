"""The volume of cold stores shared out over the places around them, at either bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from yanshan_gis.methods.cold_stores import ColdStores
from yanshan_gis.methods.floating_catchment import Shares, share_out, zone_weights
from yanshan_gis.methods.places import Places
from yanshan_gis.methods.trips import names_of, within
from yanshan_gis.network.graph import RoadNetwork

PER = 1000.0  # people (households) that ratios are told for


@dataclass(frozen=True, eq=False)
class Sharing:
    """Volumes shared out: plainly (2SFCA) and by time zones (E2SFCA).

    Parameters
    ----------
    near
        1 where a store is in a place's catchment, of shape (places, stores).
    known
        True for the stores whose volume is known.
    plain, zoned
        Shares at the low and the high bound of the volumes.
    """

    near: sp.csr_array
    known: NDArray[np.bool_]
    plain: tuple[Shares, Shares]
    zoned: tuple[Shares, Shares]

    @classmethod
    def measure(
        cls,
        network: RoadNetwork,
        places: Places,
        at_store: Places,
        people: pd.Series,
        stores: ColdStores,
        catchment_min: float,
        zones: Sequence[float],
    ) -> Sharing:
        """Share the stores' volumes out over the people in their catchments.

        Parameters
        ----------
        network
            The roads.
        places, at_store
            Places and stores on them.
        people
            Of every place; one that is not known counts as nobody.
        stores
            The stores.
        catchment_min
            Farthest a store may be to be in reach.
        zones
            Weights of time zones of equal width, near to far.

        Returns
        -------
        Sharing
            One value per place and per store.
        """
        pairs = within(network, places, at_store, catchment_min)
        demand = people.fillna(0.0).to_numpy(dtype=float)

        def matrix(weights: Sequence[float]) -> sp.csr_array:
            found = zone_weights(pairs[2], catchment_min, weights)
            return sp.csr_array((found, pairs[:2]), shape=(len(places), len(at_store)))

        near, zoned = matrix([1.0]), matrix(zones)
        bounds = (stores.low, stores.high)
        return cls(
            near,
            stores.known,
            (share_out(near, demand, bounds[0]), share_out(near, demand, bounds[1])),
            (share_out(zoned, demand, bounds[0]), share_out(zoned, demand, bounds[1])),
        )

    def tell_places(self, rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Tell what falls to every place, and why where that is nothing.

        Parameters
        ----------
        rows
            Places with a ``state`` (``reached`` by road, ``no_way`` or ``unattached``) and what is
            known of them.

        Returns
        -------
        geopandas.GeoDataFrame
            With ``stores_in_reach``, ``access_low`` … ``zoned_high`` in m³ per 1,000 people, and
            ``state``: ``served``, ``unknown_only`` (no known volume in reach), ``none_in_reach``
            (0), ``no_demand`` (nobody lives around the stores), ``no_way``, ``unattached``.
        """
        reached = (rows["state"] == "reached").to_numpy()
        count = self.near.sum(axis=1)
        low = self.plain[0].access
        state = np.select(
            [~reached, count == 0, np.isnan(low), self.near @ self.known.astype(float) > 0],
            [rows["state"], "none_in_reach", "no_demand", "served"],
            default="unknown_only",
        ).astype(object)
        told = rows.assign(state=state, stores_in_reach=pd.array(count.astype(int), "Int64"))
        for name, shares in (("access", self.plain), ("zoned", self.zoned)):
            for bound, share in zip(("low", "high"), shares, strict=True):
                told[f"{name}_{bound}"] = np.where(reached, share.access * PER, np.nan)
        order = ["id", "name", "township", "demand", "state", "store", "minutes", "km",
                 "existing_min", "stores_in_reach", "access_low", "access_high", "zoned_low",
                 "zoned_high", "walk_m", "geometry"]  # fmt: skip
        return told[order]

    def tell_stores(
        self, stores: ColdStores, at_store: Places, township: pd.Series
    ) -> gpd.GeoDataFrame:
        """Tell how much volume every store offers to the people around it.

        Parameters
        ----------
        stores
            The stores.
        at_store
            Where they stand on the roads.
        township
            Name per store.

        Returns
        -------
        geopandas.GeoDataFrame
            With ``volume`` (``known`` or ``unknown``), ``state``, ``places`` and ``demand`` in
            reach, ``ratio_low``, ``ratio_high`` in m³ per 1,000 people.
        """
        frame = stores.frame
        rows = gpd.GeoDataFrame({"id": frame["id"], "name": names_of(frame)})
        rows["township"] = township
        rows["status"] = frame.get("status", pd.Series(None, frame.index, dtype=object))
        rows["volume"] = np.where(stores.known, "known", "unknown").astype(object)
        rows["volume_m3"] = np.where(stores.known, stores.low, np.nan)
        rows["high_m3"] = stores.high
        rows["state"] = np.select(
            [~at_store.attached, np.isnan(self.plain[0].ratio)],
            ["unattached", "no_demand"],
            default="counted",
        ).astype(object)
        rows["places"] = pd.array(self.near.sum(axis=0).astype(int), "Int64")
        rows["demand"] = self.plain[0].demand
        for bound, share in zip(("low", "high"), self.plain, strict=True):
            rows[f"ratio_{bound}"] = share.ratio * PER
        return rows.set_geometry(frame.geometry.array, crs=frame.crs)
