"""Who is served by which sites, before new ones are opened and after."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.methods.allocation import distinct_names

if TYPE_CHECKING:
    from yanshan_gis.methods.site_question import SiteQuestion
    from yanshan_gis.optimisation.sites import Sites


@dataclass(frozen=True, eq=False)
class Service:
    """Villages with the site that serves them, or else their nearest.

    Parameters
    ----------
    question
        Who asks, and who may serve.
    sites
        Mask of open sites.
    site
        Site of every village, -1 where no road leads to any.
    minutes
        To it; NaN for none.
    served
        True where that site is within the limit and, with capacities, has room.
    """

    question: SiteQuestion
    sites: NDArray[np.bool_]
    site: NDArray[np.int64]
    minutes: NDArray[np.float64]
    served: NDArray[np.bool_]

    @classmethod
    def of(
        cls, question: SiteQuestion, sites: NDArray[np.bool_], assigned: Sites | None = None
    ) -> Service:
        """Serve every village by its nearest open site, or as it was assigned.

        Parameters
        ----------
        question
            Who asks, and who may serve.
        sites
            Mask of open sites.
        assigned
            A choice that heeds capacities.

        Returns
        -------
        Service
            The service.
        """
        site, minutes = question.nearest(sites)
        if assigned is None:
            return cls(question, sites, site, minutes, question.near.reached(sites))
        served = assigned.covered
        site = np.where(served, assigned.assignment, site)
        return cls(question, sites, site, np.where(served, assigned.minutes, minutes), served)

    @property
    def in_reach(self) -> NDArray[np.bool_]:
        """True where some open site is within the limit, with room or without."""
        return self.question.near.reached(self.sites)

    @property
    def weight(self) -> float:
        """Weight of the villages served."""
        return float(self.question.weights[self.served].sum())

    @property
    def share(self) -> float | None:
        """Of all weight, what is served; None where there is none."""
        total = float(self.question.weights.sum())
        return self.weight / total if total > 0 else None

    @property
    def mean_min(self) -> float | None:
        """Mean minutes to the site, weighted, of the villages that have a way to one."""
        weights, known = self.question.weights, ~np.isnan(self.minutes)
        total = float(weights[known].sum())
        return float(weights[known] @ self.minutes[known]) / total if total > 0 else None

    @property
    def longest_min(self) -> float | None:
        """Longest minutes to a site of a village that asks for one and has a way."""
        asking = (self.question.weights > 0) & ~np.isnan(self.minutes)
        return float(self.minutes[asking].max()) if asking.any() else None


@dataclass(frozen=True, eq=False)
class SitePlan:
    """Sites chosen, and what they change.

    Parameters
    ----------
    before
        Service by the sites that are kept.
    after
        With the chosen ones.
    chosen
        Sites opened, in the order of `steps`.
    gains
        Villages that each serves and that no site before it serves, in that order.
    """

    before: Service
    after: Service
    chosen: NDArray[np.int64]
    gains: tuple[NDArray[np.int64], ...]

    @classmethod
    def of(cls, before: Service, after: Service, chosen: NDArray[np.int64]) -> SitePlan:
        """Put sites in order: each serves the most weight that those before it leave.

        Parameters
        ----------
        before, after
            As above.
        chosen
            Sites opened, in any order.

        Returns
        -------
        SitePlan
            Of sites that serve the same, the first in their layer comes first.
        """
        question = before.question
        if question.capacities is None:
            row, site, _ = question.near.pairs(after.sites & ~before.sites)
            serves = [np.unique(row[site == one]) for one in chosen]
        else:
            serves = [np.flatnonzero(after.served & (after.site == one)) for one in chosen]
        left, order, gains = ~before.served & after.served, [], []
        if question.capacities is not None:
            left = after.served.copy()
        remaining = list(range(len(chosen)))
        while remaining:
            brings = [question.weights[serves[i][left[serves[i]]]].sum() for i in remaining]
            best = remaining.pop(int(np.argmax(brings)))
            gained = serves[best][left[serves[best]]]
            left[gained] = False
            order.append(best)
            gains.append(gained)
        return cls(before, after, chosen[order], tuple(gains))

    @property
    def question(self) -> SiteQuestion:
        """Who asks, and who may serve."""
        return self.before.question

    @cached_property
    def names(self) -> NDArray[np.object_]:
        """Names that tell sites apart; the last entry, None, is that of -1, no site."""
        return np.array([*distinct_names(self.question.pool.frame), None], dtype=object)

    @cached_property
    def state(self) -> NDArray[np.object_]:
        """State of every village, as a code."""
        after, before = self.after, self.before
        off = self.question.off_road
        state = np.select(
            [
                before.served & after.served,
                after.served,
                np.array([code is not None for code in off], dtype=bool),
                np.isnan(after.minutes),
                after.in_reach,
            ],
            ["before", "newly", "off_road", "unreachable", "no_room"],
            default="far",
        ).astype(object)
        return np.where(state == "off_road", off, state)

    @cached_property
    def villages(self) -> gpd.GeoDataFrame:
        """Every village with its state, its site and the minutes before and after."""
        rows = self.question.villages.copy()
        rows["state"] = self.state
        rows["site"] = self.names[self.after.site]
        rows["minutes"] = self.after.minutes
        rows["before_site"] = self.names[self.before.site]
        rows["before_min"] = self.before.minutes
        rows["walk_m"] = self.question.homes.stops.walk_m
        return rows[[name for name in rows if name != "geometry"] + ["geometry"]]

    @cached_property
    def steps(self) -> pd.DataFrame:
        """The chosen sites in order, with what each brings."""
        frame, weights = self.question.pool.frame, self.question.weights
        rows = pd.DataFrame(frame.iloc[self.chosen][["id", "name", "township"]])
        rows = rows.reset_index(drop=True)
        rows.insert(0, "order", pd.Series(np.arange(1, len(rows) + 1), dtype="Int64"))
        rows["newly"] = pd.array([len(g) for g in self.gains], dtype="Int64")
        gain = np.array([weights[g].sum() for g in self.gains], dtype=float)
        rows["gain"] = gain
        base = self.after.weight - gain.sum()
        total = float(weights.sum())
        rows["share"] = (base + np.cumsum(gain)) / total if total > 0 else np.nan
        rows["cost_wan"] = frame["cost_wan"].to_numpy()[self.chosen]
        return rows

    @cached_property
    def sites(self) -> gpd.GeoDataFrame:
        """Open sites: chosen ones in their order, then those kept."""
        frame = self.question.pool.frame
        kept = np.flatnonzero(self.before.sites)
        rows = np.concatenate([self.chosen, kept])
        told = frame.iloc[rows].reset_index(drop=True)
        served, blank = self.after.site[self.after.served], np.full(len(kept), np.nan)
        villages = np.bincount(served, minlength=len(frame))
        weights = self.question.weights[self.after.served]
        weight = np.bincount(served, weights, minlength=len(frame))
        steps = self.steps
        columns = {
            "id": told["id"],
            "name": told["name"],
            "township": told["township"],
            "state": told["state"].where(told.index >= len(self.chosen), "new"),
            "villages": pd.array(villages[rows], dtype="Int64"),
            "weight": weight[rows],
            "cost_wan": told["cost_wan"],
            "volume_m3": told["volume_m3"],
        }
        for name in ("order", "newly"):
            values = np.concatenate([steps[name].to_numpy(dtype=float), blank])
            columns[name] = pd.Series(values).astype("Int64")
        for name in ("gain", "share"):
            columns[name] = np.concatenate([steps[name].to_numpy(dtype=float), blank])
        marks = [f"{i + 1} {name}" for i, name in enumerate(told["name"][: len(self.chosen)])]
        columns["mark"] = np.array([*marks, *[None] * len(kept)], dtype=object)
        described = pd.DataFrame(columns)
        return gpd.GeoDataFrame(described, geometry=told.geometry.array, crs=frame.crs)
