"""Service areas and catchments on the network: edges cut where a cost runs out or facilities meet.

A place within an edge is reached from one of its two ends, so its cost is the lesser of
``cost(u) + s · t(u)`` and ``cost(v) + (1 - s) · t(v)`` at the share s of the edge: up from either
end to the watershed, where both are equal. Everything here is cut on these two slopes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_
from yanshan_gis.network.engine import Engine, choose_engine
from yanshan_gis.network.facilities import Nearest, searched_from
from yanshan_gis.network.stretches import AT_END, Stretches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from yanshan_gis.network.engine import Reached
    from yanshan_gis.network.graph import RoadNetwork
    from yanshan_gis.network.links import Links

# Links visited by searches that are held at a time.
_BATCH_LINKS = 4_000_000


def service_areas(
    network: RoadNetwork,
    facilities: ArrayLike,
    breaks: ArrayLike,
    *,
    weight: str | NDArray[np.float64] = "minutes",
    toward: bool = True,
    offsets: ArrayLike | None = None,
    engine: Engine | None = None,
) -> Stretches:
    """Find the roads within reach of each facility alone.

    Of a link that leaves a reached node with the rest ``r = limit - cost`` the share
    ``min(1, r / t)`` of its edge is within reach; an edge reached from both ends is whole where
    the two meet.

    Parameters
    ----------
    network
        The roads, split where facilities meet them.
    facilities
        Nodes; -1 for a facility that is on no road, which reaches nothing.
    breaks
        Costs in ascending order, inclusive; the last is the limit.
    weight
        As for `RoadNetwork.costs`; a cost is taken to be even along its edge.
    toward
        True for the way from the road to the facility, False for the way back.
    offsets
        Cost spent at each facility besides the road, such as its own walk; 0 when None.
    engine
        What searches; chosen by size when None.

    Returns
    -------
    Stretches
        The areas of different facilities overlap; those of one do not.

    Raises
    ------
    DataError
        When a facility is no node, an offset is negative, or the breaks do not ascend.
    """
    limits = check_breaks(breaks)
    nodes, spent, taken = searched_from(facilities, offsets, network.n_nodes)
    parts = list(_alone(network, nodes, spent, taken, limits, weight, toward, engine))
    return _joined(parts)


def service_km(
    network: RoadNetwork,
    facilities: ArrayLike,
    breaks: ArrayLike,
    *,
    weight: str | NDArray[np.float64] = "minutes",
    toward: bool = True,
    offsets: ArrayLike | None = None,
    engine: Engine | None = None,
) -> NDArray[np.float64]:
    """Measure the roads within reach of each facility alone, a batch of facilities at a time.

    Parameters
    ----------
    network, facilities, breaks, weight, toward, offsets, engine
        As for `service_areas`.

    Returns
    -------
    numpy.ndarray
        Kilometres of road within each break, shape (facilities, breaks); NaN for a facility that
        is on no road.

    Raises
    ------
    DataError
        As for `service_areas`.
    """
    limits = check_breaks(breaks)
    nodes, spent, taken = searched_from(facilities, offsets, network.n_nodes)
    km = np.full((len(nodes), len(limits)), np.nan)
    km[taken] = 0.0
    for part in _alone(network, nodes, spent, taken, limits, weight, toward, engine):
        np.add.at(km, (part.owner, part.band), part.length_m(network) / 1000)
    return np.cumsum(km, axis=1)


def allocate(
    network: RoadNetwork,
    found: Nearest,
    breaks: ArrayLike = (np.inf,),
    *,
    weight: str | NDArray[np.float64] = "minutes",
    toward: bool = True,
) -> Stretches:
    """Give every road to its nearest facility, cut at watersheds and at breaks.

    Parameters
    ----------
    network
        The roads, split where facilities meet them.
    found
        What `nearest` found on them, with the same weight and direction.
    breaks
        Costs in ascending order, inclusive; what lies beyond the last is left out.
    weight, toward
        As for `service_areas`.

    Returns
    -------
    Stretches
        Every part of a road once, with its nearest facility and the band of its cost; what no
        facility reaches is left out. Where an edge costs nothing either way, the lower facility
        has it.

    Raises
    ------
    DataError
        When the breaks do not ascend.
    """
    limits = check_breaks(breaks)
    ahead, back = network.costs(weight)
    from_u, from_v = (back, ahead) if toward else (ahead, back)
    u, v = network.u, network.v
    reached = np.where(found.facility >= 0, found.cost, np.inf)
    ends = _Ends(
        np.arange(network.n_edges, dtype=np.int32),
        np.where(np.isnan(from_u), np.inf, reached[u]),
        np.where(np.isnan(from_v), np.inf, reached[v]),
        from_u,
        from_v,
        found.facility[u],
        found.facility[v],
    )
    return _cut(ends, limits)


def check_breaks(breaks: ArrayLike) -> NDArray[np.float64]:
    """Check costs at which roads are cut.

    Parameters
    ----------
    breaks
        Numbers.

    Returns
    -------
    numpy.ndarray
        float64, one-dimensional.

    Raises
    ------
    DataError
        When there is none, one is negative, or they do not ascend.
    """
    limits = np.asarray(breaks, dtype=float).ravel()
    if not len(limits) or not limits[0] >= 0 or not (np.diff(limits) > 0).all():
        raise DataError(
            "area-breaks",
            N_("The breaks are {breaks}; give one or more numbers of 0 or more, ascending."),
            breaks=", ".join(f"{limit:g}" for limit in limits),
        )
    return limits


@dataclass(frozen=True, eq=False)
class _Ends:
    """Edges with what is known at their two ends; a cost is inf where no link leaves the end."""

    edge: NDArray[np.int32]
    cost_u: NDArray[np.float64]
    cost_v: NDArray[np.float64]
    from_u: NDArray[np.float64]
    from_v: NDArray[np.float64]
    owner_u: NDArray[np.int32]
    owner_v: NDArray[np.int32]


def _alone(
    network: RoadNetwork,
    nodes: NDArray[np.int64],
    spent: NDArray[np.float64],
    taken: NDArray[np.int64],
    limits: NDArray[np.float64],
    weight: str | NDArray[np.float64],
    toward: bool,
    engine: Engine | None,
) -> Iterator[Stretches]:
    """Cut the area of each facility alone, some facilities at a time."""
    links = network.links(weight, toward=toward)
    engine = engine or choose_engine(links, len(taken))
    batch = max(1, _BATCH_LINKS // max(1, links.n_links))
    for first in range(0, len(taken), batch):
        some = taken[first : first + batch]
        reached = engine.reach(links, nodes[some], spent[some], float(limits[-1]))
        yield _cut(_reached_ends(links, network.n_edges, reached, some), limits)


def _reached_ends(
    links: Links, n_edges: int, reached: Reached, facility: NDArray[np.int64]
) -> _Ends:
    """Pair the links that leave reached nodes: one row per search and edge."""
    out = links.begin[reached.node + 1] - links.begin[reached.node]
    row = np.repeat(np.arange(len(out)), out)
    link = np.arange(len(row)) - np.repeat(np.cumsum(out) - out, out)
    link += np.repeat(links.begin[reached.node].astype(np.int64), out)
    search = np.repeat(np.arange(len(facility)), np.diff(reached.begin))[row]
    key, at = np.unique(search * n_edges + links.edge[link], return_inverse=True)
    edge, owner = key % n_edges, facility[key // n_edges].astype(np.int32)
    sides = []
    for side in (links.way[link] >= 0, links.way[link] < 0):
        cost, step = np.full((2, len(key)), np.inf)
        cost[at[side]], step[at[side]] = reached.cost[row[side]], links.cost[link[side]]
        sides.append((cost, step))
    (cost_u, from_u), (cost_v, from_v) = sides
    return _Ends(edge.astype(np.int32), cost_u, cost_v, from_u, from_v, owner, owner)


def _cut(ends: _Ends, limits: NDArray[np.float64]) -> Stretches:
    """Cut edges at their watershed and at the limits, and join what belongs together."""
    water = _watershed(ends)
    parts = []
    low_u, low_v = np.zeros_like(water), np.zeros_like(water)
    for band, limit in enumerate(limits):
        high_u = _climbed(ends.cost_u, ends.from_u, limit, water)
        high_v = _climbed(ends.cost_v, ends.from_v, limit, 1 - water)
        whole = (high_u == water) & (high_v == 1 - water) & (ends.owner_u == ends.owner_v)
        joined = whole & (low_u < high_u) & (low_v < high_v)
        top_u = np.where(joined, 1 - low_v, high_u)
        # Both sides name the watershed by the same number, so that nothing is lost between them.
        foot_v = np.where(high_v == 1 - water, water, 1 - high_v)
        for rows, begin, end, owner in (
            (low_u < high_u, low_u, top_u, ends.owner_u),
            ((low_v < high_v) & ~joined, foot_v, 1 - low_v, ends.owner_v),
        ):
            label = np.full(int(rows.sum()), band, dtype=np.int32)
            found = (ends.edge[rows], begin[rows], end[rows], owner[rows], label)
            parts.append(Stretches(*found))
        low_u, low_v = high_u, high_v
    return _joined(parts)


def _watershed(ends: _Ends) -> NDArray[np.float64]:
    """Find the share of each edge, from u, at which both ends cost the same.

    1 where the edge is reached from u only, 0 where from v only.
    """
    by_u, by_v = np.isfinite(ends.cost_u), np.isfinite(ends.cost_v)
    both = by_u & by_v
    water = np.where(by_u, 1.0, 0.0)
    climb = ends.from_u[both] + ends.from_v[both]
    lead = ends.cost_v[both] + ends.from_v[both] - ends.cost_u[both]
    level = np.where(ends.owner_u[both] <= ends.owner_v[both], 1.0, 0.0)
    share = np.divide(lead, climb, out=level, where=climb > 0)
    share[share < AT_END], share[share > 1 - AT_END] = 0.0, 1.0
    water[both] = share
    return water


def _climbed(
    cost: NDArray[np.float64],
    step: NDArray[np.float64],
    limit: float,
    top: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Tell how far from its end an edge lies within a limit, at most to the top."""
    within = np.isfinite(cost) & (cost <= limit)
    rest = np.where(within, limit - np.where(within, cost, 0.0), 0.0)
    share = np.where(within, 1.0, 0.0)
    np.divide(rest, step, out=share, where=within & (step > 0))
    share[share < AT_END] = 0.0
    return np.where(share > top - AT_END, top, share)


def _joined(parts: list[Stretches]) -> Stretches:
    """Put stretches in order: by owner, edge and position."""
    columns = [
        np.concatenate([np.empty(0, dtype=dtype), *(getattr(part, name) for part in parts)])
        for name, dtype in (
            ("edge", np.int32), ("begin", float), ("end", float), ("owner", np.int32),
            ("band", np.int32),
        )
    ]  # fmt: skip
    edge, begin, _, owner, _ = columns
    order = np.lexsort((begin, edge, owner))
    return Stretches(*(column[order] for column in columns))
