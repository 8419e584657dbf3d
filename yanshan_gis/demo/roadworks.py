"""All roads of the county, as lines and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree

from yanshan_gis.demo import faults
from yanshan_gis.demo.chains import build_chains
from yanshan_gis.demo.crossings import Bridge, build_bridges, find_dual
from yanshan_gis.demo.doorstep import settle_beside
from yanshan_gis.demo.hamlets import suitability
from yanshan_gis.demo.layout import Layout, lay_out, pass_by
from yanshan_gis.demo.roads import (
    RoadDraft,
    add_access,
    add_bridges,
    add_dual,
    add_streets,
    finish_roads,
)
from yanshan_gis.demo.scatter import choose, scatter, thin
from yanshan_gis.demo.seeding import numbers
from yanshan_gis.demo.streets import Street, build_streets, harden_streets
from yanshan_gis.demo.surfaces import harden, joined_nodes

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from yanshan_gis.demo.land import Land

_JOINED = 0.415  # share of natural villages on the hardened network
_STREETS_M = 956_000.0  # so that 382.54 km are left to harden
_BRIDGES = 4
_RESERVE_M = 9_000.0  # for roads over bridges and the second carriageway
_SEAT_OFFSET = (45.0, -30.0)  # from a seat to where the road passes
_REMOTE_M = 1_150.0  # villages without a road lie at least so far from any
_REMOTE_APART_M = 2_500.0


@dataclass(frozen=True)
class Roadworks:
    """Roads before they are named.

    Parameters
    ----------
    layout
        Access roads on their mesh.
    hard
        Which edges are hardened.
    joined
        Which settlements (committees, then reached villages) hardened roads join to the seats.
    bridges, dual
        Roads that cross others.
    streets, street_hard
        Roads inside villages, and which are hardened.
    hamlets
        Where the reached natural villages lie, × 2.
    """

    layout: Layout
    hard: NDArray[np.bool_]
    joined: NDArray[np.bool_]
    bridges: list[Bridge]
    dual: tuple[int, NDArray[np.float64]] | None
    streets: list[Street]
    street_hard: NDArray[np.bool_]
    hamlets: NDArray[np.float64]


def build_roads(land: Land, seed: int, scale: float, wanted_m: float) -> Roadworks:
    """Lay access roads and streets.

    Parameters
    ----------
    land
        Ground and places.
    seed, scale
        Of the model.
    wanted_m
        Length of the access roads.

    Returns
    -------
    Roadworks
        Not yet named.
    """
    passed = pass_by(numbers(seed, "offsets"), land.committees.xy)
    nodes = (passed, land.hamlets, np.round(land.seats.xy + _SEAT_OFFSET, 2))
    layout = lay_out(
        numbers(seed, "roads"), land.terrain, land.outline, nodes, wanted_m - _RESERVE_M
    )
    hard = harden(numbers(seed, "surfaces"), layout, _JOINED)
    joined = joined_nodes(layout, hard)[layout.settled]
    bridges = build_bridges(numbers(seed, "bridges"), layout, _BRIDGES)
    blocked = {edge for bridge in bridges for edge in bridge.blocked}
    streets = build_streets(numbers(seed, "streets"), layout, blocked, _STREETS_M * scale)
    street_hard = harden_streets(numbers(seed, "paving"), layout, streets, joined)
    xy = settle_beside(numbers(seed, "beside"), layout, (hard, joined), streets, street_hard)
    dual = find_dual(layout, land.seats.xy[0])
    return Roadworks(layout, hard, joined, bridges, dual, streets, street_hard, xy)


def place_remote(
    rng: np.random.Generator, land: Land, works: Roadworks, count: int
) -> NDArray[np.float64]:
    """Place the natural villages to which no road leads.

    Parameters
    ----------
    rng
        Where the numbers come from.
    land
        Ground and places.
    works
        All roads.
    count
        How many.

    Returns
    -------
    numpy.ndarray
        Points × 2, each more than 1.1 km from every road.
    """
    layout = works.layout
    used = layout.roads.used[layout.lines.owner]
    vertices = [layout.lines.xy[used], *(street.xy for street in works.streets)]
    vertices += [piece for bridge in works.bridges for piece in bridge.pieces]
    tree = cKDTree(np.concatenate(vertices))
    xy = scatter(rng, shapely.buffer(land.outline, -600.0), 300.0)
    fit = suitability(land.terrain, xy)
    away = tree.query(xy)[0]
    ready = (away > _REMOTE_M) & (fit > 0.5) & (away < 2.2 * _REMOTE_M)
    xy, fit = xy[ready], fit[ready]
    keep = thin(xy, fit + rng.uniform(size=len(xy)), _REMOTE_APART_M)
    chosen = choose(rng, np.ones(int(keep.sum())), count)
    return np.asarray(np.round(xy[keep][chosen], 2))


def write_roads(
    works: Roadworks, names: list[str], seed: int, town: NDArray[np.float64]
) -> tuple[list[NDArray[np.float64]], pd.DataFrame, NDArray[np.int64]]:
    """Make road lines of the works, with the faults that real data has.

    Parameters
    ----------
    works
        The roads.
    names
        Of committees, reached villages and seats.
    seed
        Of the model.
    town
        The county seat.

    Returns
    -------
    tuple
        Lines, their table, and for each the settlement it was built for (-1: none).
    """
    layout = works.layout
    group = np.where(layout.roads.used, works.hard.astype(np.int64), -1)
    if works.dual is not None:
        group[works.dual[0]] = 2
    draft = RoadDraft()
    add_access(draft, build_chains(layout, group), layout, works.hard, names)
    if works.dual is not None:
        add_dual(draft, works.dual[1])
    add_bridges(draft, works.bridges)
    add_streets(draft, works.streets, works.street_hard, names)
    faults.plant_gaps(numbers(seed, "gaps"), draft)
    table = finish_roads(numbers(seed, "road-table"), draft)
    table = faults.plant_missing(numbers(seed, "missing"), draft, table, town)
    goal = np.array([row["goal"] for row in draft.rows])
    goal[goal >= len(layout.settled)] = -1
    return draft.xy, table, goal
