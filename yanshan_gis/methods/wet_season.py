"""The wet season: roads that are not firm are closed, and villages look for another way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.seat_access import Goal, SeatAccess
from yanshan_gis.network.facilities import nearest

if TYPE_CHECKING:
    import geopandas as gpd

    from yanshan_gis.network.graph import RoadNetwork

# Times that differ by less are the same way, summed in another order.
_SAME_MIN = 1e-6


def firm_roads(
    edges: gpd.GeoDataFrame, keep_all_season: bool
) -> tuple[NDArray[np.bool_], list[Notice]]:
    """Tell which links stay open in the wet season.

    Parameters
    ----------
    edges
        With ``hardened``, ``length_m`` and, where known, ``all_season`` and ``surface``.
    keep_all_season
        True to keep a road open that is not hardened but recorded as passable all year.

    Returns
    -------
    tuple
        One flag per link, and what a reader must know of them.
    """
    hardened = edges["hardened"].to_numpy(dtype=bool)
    recorded = pd.Series(pd.NA, index=edges.index, dtype="boolean")
    if "all_season" in edges:
        recorded = edges["all_season"].astype("boolean")
    passable = recorded.fillna(False).to_numpy(dtype=bool)
    impassable = (~recorded).fillna(False).to_numpy(dtype=bool)
    firm = hardened & ~impassable
    if keep_all_season:
        firm |= passable
    surface = edges["surface"] if "surface" in edges else pd.Series(None, edges.index, object)
    texts = {
        "unhardened-all-season": (
            N_("{km} km of road that is not hardened are recorded as passable all year, and are "
               "closed here all the same."),
            passable & ~firm,
        ),
        "hardened-not-all-season": (
            N_("{km} km of hardened road are recorded as not passable all year, and are closed."),
            hardened & impassable,
        ),
        "surface-unknown-closed": (
            N_("{km} km of road have no surface, and are closed in the wet season."),
            surface.isna().to_numpy() & ~firm,
        ),
    }  # fmt: skip
    km = edges["length_m"].to_numpy(dtype=float) / 1000
    return firm, [
        Notice(code, text, {"km": round(float(km[which].sum()), 1)})
        for code, (text, which) in texts.items()
        if which.any()
    ]


@dataclass(frozen=True, eq=False)
class WetSeason:
    """Times of every village in both seasons.

    Parameters
    ----------
    dry_min, wet_min
        Minutes to its own seat, its walk included; NaN where no way leads.
    dry_county, wet_county
        True where a way leads to the county seat.
    """

    dry_min: NDArray[np.float64]
    wet_min: NDArray[np.float64]
    dry_county: NDArray[np.bool_]
    wet_county: NDArray[np.bool_]

    @classmethod
    def measure(cls, access: SeatAccess) -> WetSeason:
        """Search with all roads open, then with the firm ones only.

        Parameters
        ----------
        access
            Villages and seats on the network.

        Returns
        -------
        WetSeason
            In the dry season a village, and a seat, may use either of its two roads; in the wet
            season only the firm one. So no time is shorter in the wet season.
        """
        roads = (access.roads, access.roads.only(access.firm))
        own = np.full((2, len(access.near)), np.nan)
        capital = np.zeros((2, len(access.near)), dtype=bool)
        for wet in range(2):
            for goal in access.goals:
                minutes = _minutes(access, roads[wet], goal, wet=bool(wet))
                own[wet, goal.members] = minutes[goal.members]
            if access.county is not None:
                found = _minutes(access, roads[wet], access.county, wet=bool(wet))
                capital[wet] = ~np.isnan(found)
        return cls(*own, *capital)

    @property
    def cut_off(self) -> NDArray[np.bool_]:
        """True for the villages that lose their way to their own seat."""
        return ~np.isnan(self.dry_min) & np.isnan(self.wet_min)

    @property
    def county_cut_off(self) -> NDArray[np.bool_]:
        """True for the villages that lose their way to the county seat."""
        return self.dry_county & ~self.wet_county

    @property
    def extra_min(self) -> NDArray[np.float64]:
        """Minutes more in the wet season; NaN without a way in either season."""
        more = self.wet_min - self.dry_min
        return np.where(more > _SAME_MIN, more, np.where(np.isnan(more), np.nan, 0.0))

    def states(self, access: SeatAccess) -> NDArray[np.object_]:
        """Name what the wet season does to every village.

        Parameters
        ----------
        access
            As measured.

        Returns
        -------
        numpy.ndarray
            ``unattached`` and ``unreachable`` have no way in the dry season either;
            ``no_firm_road`` and ``cut_off`` lose theirs; ``longer`` and ``same`` keep one.
        """
        no_road = ~access.near.attached
        conditions = [
            no_road,
            np.isnan(self.dry_min),
            ~access.hard.attached,
            np.isnan(self.wet_min),
            self.extra_min > 0,
        ]
        names = ["unattached", "unreachable", "no_firm_road", "cut_off", "longer"]
        return np.select(conditions, names, default="same").astype(object)


def _minutes(
    access: SeatAccess, roads: RoadNetwork, goal: Goal, *, wet: bool
) -> NDArray[np.float64]:
    seats = access.seats[goal.seats]
    cost = nearest(roads, seats[:, 1] if wet else seats).cost
    firm = access.hard.at(cost) + access.hard.walk_min
    return firm if wet else np.fmin(firm, access.near.at(cost) + access.near.walk_min)
