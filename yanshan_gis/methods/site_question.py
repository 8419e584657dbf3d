"""A question of siting on the roads: villages, sites and the minutes between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from yanshan_gis.errors import UsageError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.allocation import off_road
from yanshan_gis.methods.ledger import amount
from yanshan_gis.methods.places import Places, place
from yanshan_gis.methods.positions import positions
from yanshan_gis.methods.road_gains import GAIN_UNITS
from yanshan_gis.methods.townships import township_of
from yanshan_gis.methods.trips import within
from yanshan_gis.network.facilities import Nearest, nearest
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.optimisation.siting import Siting

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer
    from yanshan_gis.methods.site_candidates import SitePool

LEVELS = ("committee", "natural")


@dataclass(frozen=True, eq=False)
class SiteQuestion:
    """Who asks, who may serve, and the roads between them.

    Parameters
    ----------
    network
        The roads, split at the foot of every village and site.
    villages
        Points of one level with ``id``, ``name``, ``township``, ``population``, ``households``
        and ``weight`` (NaN where nobody knows; it counts as 0).
    pool
        Sites kept, and candidates.
    homes, places
        Villages and sites on the roads.
    limit_min
        Farthest a site may be to serve a village.
    weigh_by
        What the weights count, a key of `GAIN_UNITS`.
    capacities
        Weight that each site can serve; None where that is not asked.
    """

    network: RoadNetwork
    villages: gpd.GeoDataFrame
    pool: SitePool
    homes: Places
    places: Places
    limit_min: float
    weigh_by: str
    capacities: NDArray[np.float64] | None = None

    @classmethod
    def ask(
        cls,
        villages: gpd.GeoDataFrame,
        pool: SitePool,
        townships: Layer | None,
        roads: gpd.GeoDataFrame,
        *,
        level: str,
        weigh_by: str,
        limit_min: float,
        attach_limit_m: float,
        walk_speed_kmh: float,
    ) -> SiteQuestion:
        """Put villages and sites on the roads.

        Parameters
        ----------
        villages
            Committees and natural villages; one level is counted, never two.
        pool
            Sites.
        townships
            Polygons, for villages that do not name their township.
        roads
            Links of the recipe ``road-network``.
        level
            ``committee`` or ``natural``.
        weigh_by
            ``villages``, ``households`` or ``population``.
        limit_min
            Farthest a site may be to serve a village.
        attach_limit_m
            Farthest a place may lie from its road.
        walk_speed_kmh
            For the way between a place and its road.

        Returns
        -------
        SiteQuestion
            The question.

        Raises
        ------
        UsageError
            When `level` or `weigh_by` is none of those possible.
        """
        if level not in LEVELS or weigh_by not in GAIN_UNITS:
            text = N_(
                "level is committee or natural; weigh_by is villages, households, population."
            )
            raise UsageError("site-parameters", text)
        committees = villages[(villages["level"] == "committee").to_numpy(dtype=bool)]
        homes = positions(villages[(villages["level"] == level).to_numpy(dtype=bool)])
        rows = pd.DataFrame({"id": homes["id"], "name": homes["name"]})
        rows["township"] = township_of(homes, committees, townships)
        for name in ("population", "households"):
            rows[name] = amount(homes, name)
        rows["weight"] = 1.0 if weigh_by == "villages" else rows[weigh_by]
        asking = gpd.GeoDataFrame(rows, geometry=homes.geometry.array, crs=homes.crs)
        network, (at_home, at_site) = place(
            RoadNetwork.from_edges(roads),
            [asking, pool.frame],
            attach_limit_m=attach_limit_m,
            walk_speed_kmh=walk_speed_kmh,
        )
        return cls(network, asking, pool, at_home, at_site, limit_min, weigh_by)

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Weight of every village; 0 where nobody knows."""
        return self.villages["weight"].fillna(0.0).to_numpy(dtype=float)  # type: ignore[no-any-return]

    @cached_property
    def near(self) -> Siting:
        """The question with the pairs within the limit."""
        return self.siting(self.limit_min)

    @cached_property
    def all(self) -> Siting:
        """The question with every pair between which a road leads."""
        return self.siting(np.inf)

    def siting(self, limit_min: float) -> Siting:
        """Measure the minutes from villages to sites.

        Parameters
        ----------
        limit_min
            Farther pairs are left out.

        Returns
        -------
        Siting
            A village serves itself without a walk, but only where a road brings the goods.
        """
        row, site, minutes = within(self.network, self.homes, self.places, limit_min)
        own, here = self._at_home
        pairs = (np.concatenate([row, own]), np.concatenate([site, here]))
        minutes = np.concatenate([minutes, np.zeros(len(own))])
        costs = self.pool.frame["cost_wan"].to_numpy()
        return Siting.of(
            sp.coo_array((minutes, pairs), shape=(len(self.homes), len(self.places))),
            self.weights,
            limit_min=limit_min,
            existing=self.pool.kept,
            forbidden=self.pool.forbidden,
            costs=None if np.isnan(costs).any() else costs,
            capacities=self.capacities,
        )

    def nearest(self, sites: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Find the nearest of some sites of every village, however far.

        Parameters
        ----------
        sites
            Mask of sites.

        Returns
        -------
        tuple of numpy.ndarray
            Site (-1 for none) and minutes (NaN for none) per village.
        """
        found = self.searched(sites)
        site = self.homes.labels(found.facility).astype(np.int64)
        minutes = np.round(self.homes.at(found.cost) + self.homes.walk_min, 9)
        own, here = self._at_home
        own, here = own[sites[here]], here[sites[here]]
        site[own], minutes[own] = here, 0.0
        return site, minutes

    def open(self, sites: NDArray[np.bool_]) -> Places:
        """Take the sites that are not open off the roads.

        Parameters
        ----------
        sites
            Mask of open sites.

        Returns
        -------
        Places
            All sites, closed ones on no road.
        """
        return replace(self.places, node=np.where(sites, self.places.node, np.int32(-1)))

    def searched(self, sites: NDArray[np.bool_]) -> Nearest:
        """Search the roads once from some sites.

        Parameters
        ----------
        sites
            Mask of sites.

        Returns
        -------
        Nearest
            Per node, the site's walk counted.
        """
        return nearest(self.network, self.open(sites).node, offsets=self.places.walk_min)

    def notices(self) -> list[Notice]:
        """Say whom the question leaves out, and what was not known.

        Returns
        -------
        list of Notice
            Those of the sites, too.
        """
        unknown = int(self.villages["weight"].isna().sum())
        counts = {
            "villages-off-road": int((~self.homes.attached).sum()),
            "sites-off-road": int((~self.places.attached & self.pool.kept).sum()),
            "weight-unknown": unknown,
        }
        texts = {
            "villages-off-road": N_(
                "{count} villages have no road within the attach limit, or no position: no site "
                "can serve them."
            ),
            "sites-off-road": N_(
                "{count} kept sites have no road within the attach limit, or no position, and "
                "serve nobody here."
            ),
            "weight-unknown": N_(
                "{count} villages have no number to weigh them by and count as 0."
            ),
        }
        told = [Notice(code, texts[code], {"count": n}) for code, n in counts.items() if n]
        return [*self.pool.notices, *told]

    @property
    def off_road(self) -> NDArray[np.object_]:
        """Why a village is on no road, as a code; None for the others."""
        return off_road(self.homes)

    @cached_property
    def _at_home(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Villages on a road that are sites themselves, with the sites."""
        row = pd.Index(self.villages["id"]).get_indexer(self.pool.frame["id"])
        site = np.flatnonzero((row >= 0) & np.append(self.homes.attached, False)[row])
        return row[site].astype(np.int64), site
