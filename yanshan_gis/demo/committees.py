"""Where the committees stand: nine known positions, the rest modelled around their seats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from yanshan_gis.crs import WGS84, transform
from yanshan_gis.demo.facts import Facts, Place
from yanshan_gis.demo.regions import Districts, Regions, between
from yanshan_gis.demo.scatter import choose, scatter, thin

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FROM_BORDER = 1800.0  # metres that modelled committees keep from the outline
_FROM_KNOWN = 2600.0  # and from places that are known
_GROUND = 700.0  # metres between the places among which committees choose
_GOLDEN = np.pi * (3.0 - np.sqrt(5.0))


@dataclass(frozen=True)
class Seats:
    """The county seat (first) and the townships' seats.

    Parameters
    ----------
    places
        One per seat.
    xy
        Seats × 2 in the working CRS.
    known
        False where the position is modelled.
    """

    places: tuple[Place, ...]
    xy: NDArray[np.float64]
    known: NDArray[np.bool_]


@dataclass(frozen=True)
class Committees:
    """All committees.

    Parameters
    ----------
    places
        One per committee.
    xy
        Committees × 2 in the working CRS.
    seat
        Position of its township in `Seats`.
    known
        True where the position is the committee's own.
    """

    places: tuple[Place, ...]
    xy: NDArray[np.float64]
    seat: NDArray[np.int64]
    known: NDArray[np.bool_]


def known_xy(places: tuple[Place, ...], crs: str) -> NDArray[np.float64]:
    """Carry known positions to the working CRS.

    Parameters
    ----------
    places
        With or without a position.
    crs
        The working CRS.

    Returns
    -------
    numpy.ndarray
        Places × 2, NaN where the position is not known.
    """
    degrees = np.array([[place.lon, place.lat] for place in places], dtype=float)
    known = np.isfinite(degrees[:, 0])
    xy = np.full(degrees.shape, np.nan)
    xy[known] = np.column_stack(transform(degrees[known, 0], degrees[known, 1], WGS84, crs))
    return np.round(xy, 2)


def real_seats(facts: Facts, crs: str) -> Seats:
    """Place the county seat and the real townships' seats.

    Where a seat is not known, the community in the middle of the township stands in for it.

    Parameters
    ----------
    facts
        The county's facts.
    crs
        The working CRS.

    Returns
    -------
    Seats
        The county seat and 11 townships.
    """
    places = (facts.county, *facts.townships)
    xy = known_xy(places, crs)
    known = np.isfinite(xy[:, 0])
    positions = known_xy(facts.committees, crs)
    for index in np.flatnonzero(~known):
        inside = [
            own
            for committee, own in zip(facts.committees, positions, strict=True)
            if committee.township == places[index].name and np.isfinite(own[0])
        ]
        xy[index] = np.mean(inside, axis=0) + np.array([160.0, 120.0])
    return Seats(places, np.round(xy, 2), known)


def more_seats(
    rng: np.random.Generator, real: Seats, inner: Any, outline: Any, count: int
) -> Seats:
    """Add modelled townships around the real ones, for a county larger than the real one.

    Parameters
    ----------
    rng
        Where the numbers come from.
    real
        The real seats.
    inner, outline
        The outline of the real county, and of the larger one around it.
    count
        How many townships to add.

    Returns
    -------
    Seats
        The real ones first.
    """
    if count == 0:
        return real
    ring = shapely.difference(shapely.buffer(outline, -4000.0), inner)
    spacing = 0.9 * np.sqrt(ring.area / count)
    xy = np.empty((0, 2))
    while len(xy) < count:
        xy = scatter(rng, ring, spacing / 4)
        xy = xy[thin(xy, rng.uniform(size=len(xy)), spacing)]
        spacing *= 0.95
    xy = np.round(xy[choose(rng, np.ones(len(xy)), count)], 2)
    places = tuple(
        Place("", f"模拟{number}乡", f"模拟{number}乡", "township")
        for number in range(1, count + 1)
    )
    known = np.concatenate([real.known, np.zeros(count, dtype=bool)])
    return Seats(real.places + places, np.concatenate([real.xy, xy]), known)


def build_districts(facts: Facts, seats: Seats, inner: Any, crs: str) -> Districts:
    """Tell townships apart, the real ones with areas in keeping with their committees.

    Parameters
    ----------
    facts
        The county's facts.
    seats
        The county seat and all townships.
    inner
        Outline of the real county.
    crs
        The working CRS.

    Returns
    -------
    Districts
        Townships counted from 0, without the county seat.
    """
    count = len(facts.townships)
    row = {place.name: index for index, place in enumerate(facts.townships)}
    positions = known_xy(facts.committees, crs)
    anchors, owner = [seats.xy[1 : count + 1]], [np.arange(count)]
    spread = np.full(count, 2.0)
    for place, xy in zip(facts.committees, positions, strict=True):
        index = row[place.township]
        if np.isfinite(xy[0]):
            anchors.append(between(seats.xy[index + 1], xy))
            owner.append(np.full(4, index))
        spread[index] += not place.is_central
    even = Regions(np.concatenate(anchors), np.concatenate(owner), np.zeros(count))
    sample = scatter(np.random.default_rng(0), inner, 1100.0)
    return Districts(even.balanced(sample, spread), inner, seats.xy[count + 1 :])


def place_committees(
    rng: np.random.Generator,
    facts: Facts,
    seats: Seats,
    districts: Districts,
    outline: Any,
    total: int,
    crs: str,
) -> Committees:
    """Give every committee a position.

    Committees in the middle of a town stand around its seat, the others spread evenly over their
    township.

    Parameters
    ----------
    rng
        Where the numbers come from.
    facts
        The county's facts.
    seats
        The county seat and all townships.
    districts
        Which place belongs to which township.
    outline
        Of the (possibly larger) modelled county.
    total
        How many committees in all; those beyond the real ones are modelled.
    crs
        The working CRS.

    Returns
    -------
    Committees
        The real ones first, in the order of their codes.
    """
    row = {place.name: index for index, place in enumerate(seats.places) if index}
    seat = np.array([row[place.township] for place in facts.committees])
    xy = known_xy(facts.committees, crs)
    known = np.isfinite(xy[:, 0])
    central = np.array([place.is_central for place in facts.committees]) & ~known
    for index in np.unique(seat[central]):
        members = np.flatnonzero(central & (seat == index))
        taken = np.concatenate([xy[known], seats.xy])
        xy[members] = _around(rng, seats.xy[index], taken, len(members))
    fixed = np.concatenate([xy[known], seats.xy])
    ground = _open_ground(rng, districts, outline, fixed)
    room = np.bincount(ground[1], minlength=len(seats.xy) - 1)[len(facts.townships) :]
    more = _share_out(total - len(facts.committees), room)
    for index in range(1, len(facts.townships) + 1):
        members = np.flatnonzero(np.isnan(xy[:, 0]) & (seat == index))
        xy[members] = _spread(rng, ground[0][ground[1] == index - 1], len(members))
    places, added, owners = list(facts.committees), [xy], [seat]
    for index, count in enumerate(more, 1 + len(facts.townships)):
        added.append(_spread(rng, ground[0][ground[1] == index - 1], count))
        owners.append(np.full(count, index))
        first = len(places) - len(facts.committees) + 1
        names = [f"模拟{number}村委会" for number in range(first, first + count)]
        township = seats.places[index].name
        places += [Place("", name, township, "village_committee") for name in names]
    return Committees(
        tuple(places),
        np.concatenate(added),
        np.concatenate(owners),
        np.concatenate([known, np.zeros(sum(more), dtype=bool)]),
    )


def _share_out(count: int, room: NDArray[np.int64]) -> list[int]:
    """Divide a number into whole shares in proportion to the room there is."""
    if not len(room):
        return []
    ends = np.round(np.cumsum(room) / room.sum() * count).astype(int)
    return [int(share) for share in np.diff(ends, prepend=0)]


def _open_ground(
    rng: np.random.Generator, districts: Districts, outline: Any, fixed: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return places where a committee may stand, with their townships (from 0)."""
    xy = scatter(rng, shapely.buffer(outline, -_FROM_BORDER), _GROUND)
    xy = xy[cKDTree(fixed).query(xy)[0] > _FROM_KNOWN]
    return xy, districts.label(xy)


def _around(
    rng: np.random.Generator, seat: NDArray[np.float64], taken: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """Place points on a spiral around a seat, turned to keep clear of what is there."""
    number = np.arange(1, count + 1)
    best, clear = np.empty((0, 2)), -1.0
    for turn in rng.uniform(0, 2 * np.pi, 24):
        angle = turn + number * _GOLDEN
        radius = 480.0 * np.sqrt(number)
        xy = seat + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
        gap = float(cKDTree(taken).query(xy)[0].min())
        if gap > clear:
            best, clear = xy, gap
    return np.round(best, 2)


def _spread(
    rng: np.random.Generator, ground: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """Choose places that keep as far from one another as their number allows."""
    spacing = 1.5 * _GROUND * float(np.sqrt(len(ground) / max(count, 1)))
    score = rng.uniform(size=len(ground))
    kept = np.zeros(len(ground), dtype=bool)
    while kept.sum() < count:
        spacing *= 0.9
        kept = thin(ground, score, spacing)
    chosen = choose(rng, np.ones(int(kept.sum())), count)
    return np.round(ground[kept][chosen], 2)
