"""The ground and who is where, before any road is laid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial import cKDTree

from yanshan_gis.demo.committees import (
    Committees,
    Seats,
    build_districts,
    more_seats,
    place_committees,
    real_seats,
)
from yanshan_gis.demo.hamlets import place_hamlets
from yanshan_gis.demo.outline import build_outline, resize
from yanshan_gis.demo.partition import divide
from yanshan_gis.demo.scatter import scatter
from yanshan_gis.demo.seeding import numbers
from yanshan_gis.demo.terrain import Terrain, build_terrain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.demo.facts import Facts

CRS = "EPSG:4544"
_FILL = 3_000.0  # metres between the sites that fill the space between committees


@dataclass(frozen=True)
class Land:
    """Ground and places.

    Parameters
    ----------
    outline, townships
        The county's polygon, and one polygon per township; together they are the outline.
    terrain
        Elevation.
    seats, committees
        The places that are known by name.
    hamlets
        Where roads will pass the natural villages, × 2.
    """

    outline: Any
    townships: NDArray[np.object_]
    terrain: Terrain
    seats: Seats
    committees: Committees
    hamlets: NDArray[np.float64]


def build_land(facts: Facts, scale: float, seed: int, hamlets: int) -> Land:
    """Model the ground and place everybody.

    Parameters
    ----------
    facts
        What is known.
    scale
        How many times the real county's area.
    seed
        Of the model.
    hamlets
        How many natural villages to place.

    Returns
    -------
    Land
        In EPSG:4544.
    """
    area = facts.figures["area"] * 1e6
    real = real_seats(facts, CRS)
    inner = build_outline(numbers(seed, "outline"), real.xy, area)
    outline = resize(inner, area * scale) if scale > 1 else inner
    terrain = build_terrain(numbers(seed, "terrain"), outline, CRS)
    more = round(len(facts.townships) * (scale - 1))
    seats = more_seats(numbers(seed, "seats"), real, inner, outline, more)
    districts = build_districts(facts, seats, inner, CRS)
    total = round(len(facts.committees) * scale) if more else len(facts.committees)
    committees = place_committees(
        numbers(seed, "committees"), facts, seats, districts, outline, total, CRS
    )
    taken = np.concatenate([committees.xy, seats.xy])
    fill = scatter(numbers(seed, "fill"), outline, _FILL)
    fill = fill[cKDTree(taken).query(fill)[0] > 0.8 * _FILL]
    sites = np.concatenate([committees.xy, seats.xy[1:], fill])
    owner = [committees.seat - 1, np.arange(len(seats.xy) - 1), districts.label(fill)]
    townships = divide(numbers(seed, "borders"), outline, sites, np.concatenate(owner))
    xy = place_hamlets(numbers(seed, "hamlets"), terrain, outline, taken, hamlets)
    return Land(outline, townships, terrain, seats, committees, xy)
