"""Villages and roads given to facilities by road: what service areas and catchments share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yanshan_gis.messages import N_, Notice
from yanshan_gis.methods.places import Places, place
from yanshan_gis.methods.positions import positions
from yanshan_gis.methods.residents import residents
from yanshan_gis.methods.townships import township_of
from yanshan_gis.methods.trips import check_direction, names_of
from yanshan_gis.network.areas import allocate
from yanshan_gis.network.facilities import Nearest, nearest
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.stops import NO_POSITION
from yanshan_gis.network.stretches import Stretches
from yanshan_gis.network.trees import tree

if TYPE_CHECKING:
    from yanshan_gis.layer import Layer

_COLUMNS = ("id", "name", "level", "township")
_OF_STATUS = {
    "construction": N_(
        "No facility exists yet; the {count} under construction are shown: what will be, not what "
        "is."
    ),
    "planned": N_(
        "No facility exists yet; the {count} planned are shown: what will be, not what is."
    ),
}
_OF_OTHER = N_("The {count} facilities of status {status} are shown; none has status {wanted}.")


@dataclass(frozen=True, eq=False)
class Allocation:
    """Every place on the roads with its nearest facility by minutes, walks at both ends counted.

    Parameters
    ----------
    network
        The roads, split at the foot of every village and facility.
    homes, sites
        Villages and facilities on it.
    found
        The nearest facility of every node, the facility's own walk counted.
    toward
        True for the way to the facility, False for the way from it.
    """

    network: RoadNetwork
    homes: Places
    sites: Places
    found: Nearest
    toward: bool

    @classmethod
    def measure(
        cls,
        roads: gpd.GeoDataFrame,
        villages: gpd.GeoDataFrame,
        facilities: gpd.GeoDataFrame,
        *,
        direction: str,
        attach_limit_m: float,
        walk_speed_kmh: float,
    ) -> Allocation:
        """Attach villages and facilities and search once from all facilities.

        Parameters
        ----------
        roads
            Links of the recipe ``road-network``.
        villages, facilities
            Points in the same CRS.
        direction
            ``to`` the facility or ``from`` it.
        attach_limit_m
            Farthest a place may lie from its road.
        walk_speed_kmh
            For the way between a place and its road.

        Returns
        -------
        Allocation
            One search.

        Raises
        ------
        UsageError
            When the direction is neither.
        """
        check_direction(direction)
        network, (homes, sites) = place(
            RoadNetwork.from_edges(roads),
            [villages, facilities],
            attach_limit_m=attach_limit_m,
            walk_speed_kmh=walk_speed_kmh,
        )
        toward = direction == "to"
        found = nearest(network, sites.node, toward=toward, offsets=sites.walk_min)
        return cls(network, homes, sites, found, toward)

    @cached_property
    def minutes(self) -> NDArray[np.float64]:
        """Minutes between every village and its nearest facility; NaN without a way."""
        return self.homes.at(self.found.cost) + self.homes.walk_min

    @cached_property
    def facility(self) -> NDArray[np.int32]:
        """Row of the nearest facility of every village; -1 without a way."""
        return self.homes.labels(self.found.facility)

    @cached_property
    def km(self) -> NDArray[np.float64]:
        """Kilometres of the quickest way, walks counted; a shorter one may exist."""
        ways = tree(self.network, self.sites.node, toward=self.toward, offsets=self.sites.walk_min)
        walk = np.append(self.sites.walk_m, np.nan)[self.facility]
        along = self.homes.at(ways.sums(self.network.length_m))
        metres: NDArray[np.float64] = along + self.homes.walk_m + walk
        return metres / 1000

    @property
    def reason(self) -> NDArray[np.object_]:
        """Why a village has no minutes, as a code; None for the others."""
        reason = off_road(self.homes)
        reason[self.homes.attached & (self.facility < 0)] = "unreachable"
        return reason

    def stretches(self, breaks: tuple[float, ...] = (np.inf,)) -> Stretches:
        """Cut the roads at watersheds and at breaks.

        Parameters
        ----------
        breaks
            Minutes, ascending.

        Returns
        -------
        Stretches
            As of `allocate`.
        """
        return allocate(self.network, self.found, breaks, toward=self.toward)

    def village_rows(
        self, villages: gpd.GeoDataFrame, names: NDArray[np.object_], townships: Layer | None
    ) -> gpd.GeoDataFrame:
        """Describe every village.

        Parameters
        ----------
        villages
            As measured.
        names
            Of the facilities.
        townships
            Polygons, for villages that do not name their township.

        Returns
        -------
        geopandas.GeoDataFrame
            ``id``, ``name``, ``level``, ``township``, ``households`` and ``population`` (each
            person once), ``facility``, ``minutes``, ``km``, ``walk_m``, ``reason``.
        """
        committees = villages[villages["level"] == "committee"]
        rows = pd.DataFrame(villages[[name for name in _COLUMNS if name in villages]])
        rows["township"] = township_of(villages, committees, townships)
        rows = rows.join(residents(villages))
        rows["facility"] = np.array([*names, None], dtype=object)[self.facility]
        rows["minutes"], rows["km"] = self.minutes, self.km
        rows["walk_m"], rows["reason"] = self.homes.stops.walk_m, self.reason
        return gpd.GeoDataFrame(rows, geometry=villages.geometry.array, crs=villages.crs)

    def notices(self) -> list[Notice]:
        """Say which places are left out, and why."""
        counts = {
            "facilities-off-road": int((~self.sites.attached).sum()),
            "villages-off-road": int((~self.homes.attached).sum()),
            "villages-unreachable": int((self.homes.attached & (self.facility < 0)).sum()),
        }
        texts = {
            "facilities-off-road": N_(
                "{count} facilities have no road within the attach limit, or no position, and "
                "serve nobody here."
            ),
            "villages-off-road": N_(
                "{count} villages have no road within the attach limit, or no position; they are "
                "listed as unserved."
            ),
            "villages-unreachable": N_(
                "{count} villages have no road to any facility; they are listed as unserved."
            ),
        }
        return [Notice(code, texts[code], {"count": n}) for code, n in counts.items() if n]


def off_road(places: Places) -> NDArray[np.object_]:
    """Say why places are on no road.

    Parameters
    ----------
    places
        Attached or not.

    Returns
    -------
    numpy.ndarray
        ``no_position``, ``unattached``, or None for a place that is on a road.
    """
    reason = np.full(len(places), None, dtype=object)
    reason[~places.attached] = "unattached"
    reason[places.stops.reason == NO_POSITION] = "no_position"
    return reason


def standing(facilities: Layer, statuses: tuple[str, ...]) -> tuple[gpd.GeoDataFrame, list[Notice]]:
    """Choose the facilities of the first status there are any of, as points.

    Parameters
    ----------
    facilities
        Points, lines or areas; without ``status``, or without a value there, they are existing.
    statuses
        In the order of choice, such as existing before planned.

    Returns
    -------
    tuple
        The rows, numbered anew, with their status; and what a reader must know of the choice.
    """
    frame = positions(facilities.frame)
    status = frame.get("status", pd.Series(None, frame.index, dtype=object)).astype(object)
    status = status.where(status.notna(), "existing")
    chosen = next((name for name in statuses if (status == name).any()), None)
    kept = frame[status == chosen].reset_index(drop=True)
    kept["status"] = chosen
    notices = []
    if chosen is not None and chosen != statuses[0]:
        values = {"count": len(kept), "status": chosen, "wanted": statuses[0]}
        notices.append(Notice("facilities-of-status", _OF_STATUS.get(chosen, _OF_OTHER), values))
    elif len(kept) < len(frame):
        text = N_("{count} facilities of another status are left out.")
        notices.append(Notice("facilities-left-out", text, {"count": len(frame) - len(kept)}))
    return kept, notices


def distinct_names(frame: pd.DataFrame) -> NDArray[np.object_]:
    """Call features by names that tell them apart.

    Parameters
    ----------
    frame
        With ``id``; ``name`` may be absent.

    Returns
    -------
    numpy.ndarray
        As of `names_of`; where several share a name, each with its id.
    """
    named = names_of(frame)
    both = named.astype(str) + " (" + frame["id"].astype(str) + ")"
    names: NDArray[np.object_] = both.where(named.duplicated(keep=False), named).to_numpy(object)
    return names
