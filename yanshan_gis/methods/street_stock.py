"""What is known of the streets of every village before any is chosen to be hardened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from yanshan_gis.methods.ledger import amount
from yanshan_gis.methods.ledger_streets import LEDGER_KM
from yanshan_gis.methods.streets import KM_COLUMNS, Streets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.layer import Layer

_EXACT = 1e-9


@dataclass(frozen=True, eq=False)
class StreetStock:
    """Kilometres and prices of in-village roads, one value per village.

    Parameters
    ----------
    all_km, done_km
        In-village roads, and those hardened today; NaN where nothing is known.
    committed_km
        Of the soft ones, those that will be hardened whatever is chosen.
    open_km
        Of the soft ones, those that may be chosen.
    price_wan
        10,000 yuan per kilometre of those that may be chosen; NaN where it is not known.
    exempt
        True for villages that do not count.
    links
        In-village links with ``village`` (row, -1 for none), ``township``, `KM_COLUMNS`,
        ``committed_km``, ``committed_wan`` and ``barred``; None where the ledger told.
    """

    all_km: NDArray[np.float64]
    done_km: NDArray[np.float64]
    committed_km: NDArray[np.float64]
    open_km: NDArray[np.float64]
    price_wan: NDArray[np.float64]
    exempt: NDArray[np.bool_]
    links: gpd.GeoDataFrame | None = None

    @classmethod
    def of_map(
        cls,
        edges: gpd.GeoDataFrame,
        villages: gpd.GeoDataFrame,
        township: pd.Series,
        townships: Layer | None,
        exempt: NDArray[np.bool_],
        limit_m: float,
    ) -> StreetStock:
        """Add up the links near each village.

        Parameters
        ----------
        edges
            In-village links with ``hardened``, ``length_m`` and flags and prices of their own:
            ``committed``, ``barred`` and ``wan_per_km``.
        villages
            The villages.
        township
            Name per village.
        townships
            Polygons, for links near no village.
        exempt
            One flag per village.
        limit_m
            Farthest a link may lie from the village it counts for.

        Returns
        -------
        StreetStock
            A village near which no link lies has 0 kilometres.
        """
        near = Streets.measure(edges, villages, township, townships, limit_m).links
        km = near["in_village_km"].to_numpy()
        soft_km = km - near["in_village_hardened_km"].to_numpy()
        committed = edges["committed"].to_numpy(dtype=bool)
        barred = edges["barred"].to_numpy(dtype=bool)
        price = edges["wan_per_km"].to_numpy(dtype=float)
        committed_km = np.where(committed, soft_km, 0.0)
        open_km = np.where(committed | barred, 0.0, soft_km)
        names = [name for name in ("road_id", "name") if name in edges]
        links = gpd.GeoDataFrame(
            edges[names].reset_index(drop=True), geometry=edges.geometry.array, crs=edges.crs
        ).assign(
            village=near["village"].to_numpy(), township=near["township"].to_numpy(),
            in_village_km=km, in_village_hardened_km=near["in_village_hardened_km"].to_numpy(),
            committed_km=committed_km,
            committed_wan=np.where(committed_km > 0, price * committed_km, 0.0),
            barred=barred & (soft_km > 0) & ~committed,
        )  # fmt: skip
        at = near["village"].to_numpy()

        def sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
            mine = at >= 0
            return np.bincount(at[mine], values[mine], minlength=len(villages)).astype(float)

        each = sums(open_km)
        costs = sums(np.where(open_km > 0, price * open_km, 0.0))
        mean = np.divide(costs, each, out=np.zeros(len(each)), where=each > 0)
        return cls(
            sums(km), sums(km - soft_km), sums(committed_km), each, mean, exempt, links
        )  # fmt: skip

    @classmethod
    def of_ledger(
        cls, villages: pd.DataFrame, exempt: NDArray[np.bool_], price_wan: float
    ) -> StreetStock:
        """Take the kilometres the bureau's ledger states.

        Parameters
        ----------
        villages
            With the ledger's kilometres.
        exempt
            One flag per village.
        price_wan
            10,000 yuan per kilometre; NaN where it is not known.

        Returns
        -------
        StreetStock
            NaN for villages of which the ledger says nothing.
        """
        whole, done = (amount(villages, column).to_numpy() for column in LEDGER_KM)
        known = ~(np.isnan(whole) | np.isnan(done))
        whole, done = np.where(known, whole, np.nan), np.where(known, done, np.nan)
        soft = np.where(known, np.maximum(whole - done, 0.0), 0.0)
        zero = np.zeros(len(whole))
        return cls(whole, done, zero, soft, np.full(len(whole), price_wan), exempt)

    @property
    def will_km(self) -> NDArray[np.float64]:
        """Hardened once what is committed is built."""
        return self.done_km + self.committed_km

    def reaches(self, km: NDArray[np.float64], threshold: float) -> NDArray[np.bool_]:
        """Tell the villages that count and have a hardened share of at least a threshold.

        Parameters
        ----------
        km
            Hardened, one value per village.
        threshold
            Share, 0 to 1.

        Returns
        -------
        numpy.ndarray
            False for exempt villages and those without streets.
        """
        return self.with_streets & (km >= threshold * self.all_km - _EXACT)

    @property
    def with_streets(self) -> NDArray[np.bool_]:
        """Villages that count and are known to have in-village roads."""
        return ~self.exempt & (self.all_km > 0)

    def counted(self) -> tuple[float, float, float]:
        """Add up what indicator 18 counts.

        Returns
        -------
        tuple of float
            All kilometres, hardened ones, and committed ones: links near no village included,
            those of exempt villages left out.
        """
        if self.links is None:
            mine = ~self.exempt & ~np.isnan(self.all_km)
            return float(self.all_km[mine].sum()), float(self.done_km[mine].sum()), 0.0
        at = self.links["village"].to_numpy()
        out = (at >= 0) & self.exempt[np.maximum(at, 0)]
        kept = self.links.loc[~out, [*KM_COLUMNS, "committed_km"]].sum()
        return float(kept.iloc[0]), float(kept.iloc[1]), float(kept.iloc[2])

    def committed(self) -> tuple[float, float]:
        """Add up what committed streets take, those of exempt villages and of none included.

        Returns
        -------
        tuple of float
            Kilometres, and 10,000 yuan; NaN where a price is not known.
        """
        if self.links is None:
            return 0.0, 0.0
        wan = self.links["committed_wan"].to_numpy(dtype=float)
        return float(self.links["committed_km"].sum()), float(wan.sum())
