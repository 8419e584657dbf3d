"""Trips between two sets of places: pairs with the minutes and kilometres of their quickest way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from yanshan_gis.errors import UsageError
from yanshan_gis.messages import N_
from yanshan_gis.methods.places import Places
from yanshan_gis.network.engine import choose_engine
from yanshan_gis.network.facilities import nearest, nearest_k
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.routes import Routes, Side, measure, quickest

if TYPE_CHECKING:
    import pandas as pd

Direction = Literal["to", "from"]


@dataclass(frozen=True, eq=False)
class Trips:
    """Pairs of places, ordered by origin and then by minutes.

    Of destinations equally far by time, up to rounding, the lower row comes first.

    Parameters
    ----------
    network
        The roads both sets of places share.
    origins, destinations
        The places.
    direction
        Whether travel goes ``to`` the destination or ``from`` it.
    origin, destination
        Rows of the places, one pair per trip that can be made.
    minutes, km
        Of the quickest way, walks at both ends counted; a shorter way may exist.
    """

    network: RoadNetwork
    origins: Places
    destinations: Places
    direction: Direction
    origin: NDArray[np.int64]
    destination: NDArray[np.int64]
    minutes: NDArray[np.float64]
    km: NDArray[np.float64]

    @classmethod
    def every(
        cls,
        network: RoadNetwork,
        origins: Places,
        destinations: Places,
        *,
        direction: Direction = "to",
        nearest_only: int = 0,
    ) -> Trips:
        """Measure the trips from every origin to all destinations, or to the nearest of them.

        Parameters
        ----------
        network
            The roads that both share.
        origins, destinations
            Places on it.
        direction
            Whether travel goes ``to`` the destination or ``from`` it.
        nearest_only
            How many destinations of each origin, nearest by time; 0 for all.

        Returns
        -------
        Trips
            Without the pairs between which no road leads.

        Raises
        ------
        UsageError
            When the direction is neither.
        """
        check_direction(direction)
        rows = (
            _nearest(network, origins, destinations, direction == "to", nearest_only)
            if nearest_only
            else tuple(np.indices((len(origins), len(destinations))).reshape(2, -1))
        )
        return cls._measured(network, origins, destinations, direction, *rows)

    @classmethod
    def _measured(
        cls,
        network: RoadNetwork,
        origins: Places,
        destinations: Places,
        direction: Direction,
        origin: NDArray[np.int64],
        destination: NDArray[np.int64],
    ) -> Trips:
        ends = (origins.node[origin], destinations.node[destination])
        start, goal = ends if direction == "to" else ends[::-1]
        side = _side(origins, destinations, direction)
        minutes, metres = measure(network, start, goal, root=side)
        minutes = minutes + origins.walk_min[origin] + destinations.walk_min[destination]
        km = (metres + origins.walk_m[origin] + destinations.walk_m[destination]) / 1000
        # Sums in another order differ in their last bits; that shall decide no rank.
        order = np.lexsort((destination, np.round(minutes, 9), origin))
        order = order[~np.isnan(minutes[order])]
        pairs = (origin[order], destination[order])
        return cls(
            network, origins, destinations, direction, *pairs, minutes[order], km[order]
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.origin)

    @property
    def rank(self) -> NDArray[np.int64]:
        """1 for the nearest destination of each origin, and so on."""
        return np.arange(len(self)) - np.searchsorted(self.origin, self.origin) + 1

    @property
    def nearest(self) -> NDArray[np.int64]:
        """The trip to the nearest destination of every origin; -1 where there is none."""
        first = np.flatnonzero(self.rank == 1)
        found = np.full(len(self.origins), -1, dtype=np.int64)
        found[self.origin[first]] = first
        return found

    def routes(self, trips: NDArray[np.int64]) -> Routes:
        """Follow the ways of some trips.

        Parameters
        ----------
        trips
            Their numbers.

        Returns
        -------
        Routes
            In the direction of travel, the very ways that were measured.
        """
        ends = (
            self.origins.node[self.origin[trips]],
            self.destinations.node[self.destination[trips]],
        )
        start, goal = ends if self.direction == "to" else ends[::-1]
        side = _side(self.origins, self.destinations, self.direction)
        return quickest(self.network, start, goal, root=side)


def within(
    network: RoadNetwork, origins: Places, destinations: Places, limit_min: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Find the pairs of places no farther apart than a limit, and only these.

    Parameters
    ----------
    network
        The roads that both share.
    origins, destinations
        Places on it.
    limit_min
        Most minutes from origin to destination, inclusive, walks at both ends counted.

    Returns
    -------
    tuple of numpy.ndarray
        Rows of origins, rows of destinations, minutes; ordered by destination, then origin.
    """
    links = network.links("minutes", toward=True)
    sites = np.flatnonzero(destinations.attached)
    nodes = destinations.node[sites].astype(np.int64)
    engine = choose_engine(links, len(sites))
    found = engine.reach(links, nodes, destinations.walk_min[sites], float(limit_min))
    site = np.repeat(sites, np.diff(found.begin))
    # Of every node reached, the places that stand there.
    by_node = np.argsort(origins.node, kind="stable")
    standing = origins.node[by_node]
    first, last = (np.searchsorted(standing, found.node, side=side) for side in ("left", "right"))
    count = last - first
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    origin = by_node[np.repeat(first, count) + offset]
    destination = np.repeat(site, count)
    minutes = np.repeat(found.cost, count) + origins.walk_min[origin]
    order = np.lexsort((origin, destination))
    order = order[minutes[order] <= limit_min]
    return origin[order], destination[order], minutes[order]


def check_direction(direction: str) -> None:
    """Check a direction of travel.

    Parameters
    ----------
    direction
        ``to`` the destination or ``from`` it.

    Raises
    ------
    UsageError
        When it is neither.
    """
    if direction not in get_args(Direction):
        text = N_("The direction is {direction!r}; it is to (the destination) or from (it).")
        raise UsageError("direction-unknown", text, direction=direction)


def names_of(frame: pd.DataFrame) -> pd.Series:
    """Call features by name, and those without one by their id.

    Parameters
    ----------
    frame
        With ``id``; ``name`` may be absent.

    Returns
    -------
    pandas.Series
        Texts on the frame's index.
    """
    named = frame.get("name", frame["id"])
    return named.where(named.notna(), frame["id"]).astype(object)


def _side(origins: Places, destinations: Places, direction: Direction) -> Side:
    """Search from the side of fewer places: known from the sets, so every subset agrees."""
    fewer = len(np.unique(destinations.node)) <= len(np.unique(origins.node))
    return "goal" if fewer == (direction == "to") else "start"


def _nearest(
    network: RoadNetwork, origins: Places, destinations: Places, toward: bool, count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pair every origin with its nearest destinations, walks counted."""
    ends, spent = destinations.node, destinations.walk_min
    if count == 1:
        found = nearest(network, ends, toward=toward, offsets=spent).facility[:, None]
    else:
        found = nearest_k(network, ends, count, toward=toward, offsets=spent).facility
    of_origin = np.where(origins.attached[:, None], found[np.maximum(origins.node, 0)], -1)
    origin, rank = np.nonzero(of_origin >= 0)
    return origin, of_origin[origin, rank].astype(np.int64)
