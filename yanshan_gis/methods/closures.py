"""What the closure of a road link does: villages it cuts off from their seat, and detours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from yanshan_gis.methods.seat_access import Goal, SeatAccess
from yanshan_gis.network.connectivity import bridges
from yanshan_gis.network.engine import choose_engine
from yanshan_gis.network.links import Links
from yanshan_gis.network.subtrees import subtree_sums
from yanshan_gis.network.trees import Tree

if TYPE_CHECKING:
    from yanshan_gis.network.engine import Engine

# Costs that differ by less are the same way, summed in another order.
_SAME_MIN = 1e-6


@dataclass(frozen=True, eq=False)
class Setting:
    """What closures are measured against: the dry season with every link open.

    Parameters
    ----------
    access
        The ways.
    start
        Node of every village; -1 where it has no road.
    walk_min
        Its walk to that node's road.
    goals
        Own seats, and the county seat last where there is one.
    ways
        One tree per goal.
    bridge
        Shape (goals, links): True where nothing leads round the link to any seat of the goal.
    """

    access: SeatAccess
    start: NDArray[np.int32]
    walk_min: NDArray[np.float64]
    goals: tuple[Goal, ...]
    ways: tuple[Tree, ...]
    bridge: NDArray[np.bool_]

    @classmethod
    def of(cls, access: SeatAccess) -> Setting:
        """Let every village set out by the road that brings it sooner to its own seat.

        Parameters
        ----------
        access
            Villages and seats on the network.

        Returns
        -------
        Setting
            At equal times, the nearest road is taken.
        """
        goals = (*access.goals, *([access.county] if access.county else []))
        ways = tuple(access.ways(goal) for goal in goals)
        near, hard = access.near, access.hard
        start, walk = near.node.copy(), near.walk_min.copy()
        for goal, way in zip(access.goals, ways, strict=False):
            rows = goal.members
            usual = (near.at(way.cost) + near.walk_min)[rows]
            other = (hard.at(way.cost) + hard.walk_min)[rows]
            better = rows[(other < usual) | (np.isnan(usual) & ~np.isnan(other))]
            start[better], walk[better] = hard.node[better], hard.walk_min[better]
        bridge = [bridges(access.links, access.roots(goal)) for goal in goals]
        return cls(access, start, walk, goals, ways, np.array(bridge))

    @property
    def own(self) -> range:
        """Positions of the own seats among the goals."""
        return range(len(self.access.goals))

    def at(self, per_node: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Look up values of nodes for some villages.

        Parameters
        ----------
        per_node
            One value per node.
        rows
            Villages.

        Returns
        -------
        numpy.ndarray
            NaN for a village without a road.
        """
        start = self.start[rows]
        return np.where(start >= 0, per_node[np.maximum(start, 0)], np.nan)


def living_on(setting: Setting, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Count the villages that meet the road within a link, not at one of its ends.

    Parameters
    ----------
    setting
        The dry season.
    weights
        Shape (villages, measures).

    Returns
    -------
    numpy.ndarray
        Shape (links, measures).
    """
    links, roads = setting.access.links, setting.access.roads
    link = np.full(roads.n_nodes + 1, -1, dtype=np.int64)
    link[roads.u] = roads.edges["link"].to_numpy()
    link[: links.n_nodes], link[-1] = -1, -1
    found = np.zeros((links.n_edges + 1, weights.shape[1]))
    np.add.at(found, link[setting.start], weights)
    return found[:-1]


def crossings(setting: Setting, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Count what crosses every link on its way to each goal.

    Where nothing leads round a link, this is what its closure cuts off.

    Parameters
    ----------
    setting
        The dry season.
    weights
        Shape (villages, measures).

    Returns
    -------
    numpy.ndarray
        Shape (goals, links, measures).
    """
    n_links = setting.access.links.n_edges
    found = np.zeros((len(setting.goals), n_links, weights.shape[1]))
    for number, (goal, way) in enumerate(zip(setting.goals, setting.ways, strict=True)):
        rows = goal.members[~np.isnan(setting.at(way.cost, goal.members))]
        leaving = _leaves(setting, way)
        link = setting.access.roads.edges["link"].to_numpy()[way.edge[leaving]]
        for measure in range(weights.shape[1]):
            held = np.bincount(setting.start[rows], weights[rows, measure], minlength=len(way.cost))
            passing = subtree_sums(way.next_node, held)[leaving]
            found[number, :, measure] = np.bincount(link, passing, minlength=n_links)
    return found


def _leaves(setting: Setting, way: Tree) -> NDArray[np.int64]:
    """Return the nodes from which the next edge is the last of its link."""
    link = np.append(setting.access.roads.edges["link"].to_numpy(), -1)
    mine = link[way.edge]
    onward = np.where(way.next_node >= 0, mine[way.next_node], -1)
    return np.flatnonzero((way.next_node >= 0) & (mine != onward))


def passed(
    setting: Setting, per_link: NDArray[np.float64], combine: np.ufunc, nothing: float
) -> NDArray[np.float64]:
    """Combine values of the bridges on the way of every village to its own seat.

    Parameters
    ----------
    setting
        The dry season.
    per_link
        One value per link.
    combine
        Such as `numpy.add` or `numpy.minimum`.
    nothing
        What a way without bridges gives.

    Returns
    -------
    numpy.ndarray
        One value per village; NaN where no way leads.
    """
    found = np.full(len(setting.start), np.nan)
    links = setting.access.roads.edges["link"].to_numpy()
    for number in setting.own:
        way, rows = setting.ways[number], setting.goals[number].members
        leaving = _leaves(setting, way)
        total = np.full(len(way.cost), float(nothing))
        along = links[way.edge[leaving]]
        total[leaving] = np.where(setting.bridge[number, along], per_link[along], nothing)
        at = np.where(way.next_node >= 0, way.next_node, np.arange(len(total)))
        while not np.array_equal(at, further := at[at]):
            total = combine(total, total[at])
            at = further
        found[rows] = np.where(
            np.isnan(setting.at(way.cost, rows)), np.nan, setting.at(total, rows)
        )
    return found


@dataclass(frozen=True, eq=False)
class Harm:
    """What the closure of each of several links does.

    Parameters
    ----------
    link
        Which links.
    bridge
        One flag per link.
    cut_off, county
        Shape (links, measures): what loses its way to its own seat, and to the county seat.
    delayed
        Shape (links, measures): what needs longer to its own seat.
    on_link
        Shape (links, measures): what has its road there, and is cut off with the link.
    extra
        Shape (links, measures): minutes more to its own seat, summed over what still arrives.
    """

    link: NDArray[np.int64]
    bridge: NDArray[np.bool_]
    cut_off: NDArray[np.float64]
    county: NDArray[np.float64]
    delayed: NDArray[np.float64]
    on_link: NDArray[np.float64]
    extra: NDArray[np.float64]


def close_links(setting: Setting, weights: NDArray[np.float64], busiest: int) -> Harm:
    """Measure the harm of every bridge and of the busiest other links, one closed at a time.

    Removal importance after Jenelius, Petersen & Mattsson (2006), "Importance and exposure in
    road network vulnerability analysis": who is left without a way is told apart from the time
    the others lose.

    Parameters
    ----------
    setting
        The dry season.
    weights
        Shape (villages, measures); the last measure chooses the busiest links.
    busiest
        How many links that are no bridge are closed: those that carry most to own seats, and as
        many that carry most to the county seat.

    Returns
    -------
    Harm
        In the order of the links; those whose closure does no harm are left out.
    """
    loads = crossings(setting, weights)
    n_own = len(setting.own)
    is_bridge = bridges(setting.access.links)
    tried = _tried(setting, loads, is_bridge, busiest)
    known = np.where(setting.bridge[:, :, None], loads, 0.0)
    known[:, tried] = 0.0
    cut_off, lost = known[:n_own].sum(axis=0), known[n_own:].sum(axis=0)
    delayed, extra = np.zeros_like(cut_off), np.zeros_like(cut_off)
    engine = choose_engine(setting.access.roads.links("minutes"), len(tried) * len(setting.goals))
    for link in tried:
        used = np.flatnonzero(loads[:, link].any(axis=1))
        for number, more, out in _detours(setting, used, int(link), engine):
            rows = setting.goals[number].members
            if number not in setting.own:
                lost[link] += weights[rows[out]].sum(axis=0)
                continue
            cut_off[link] += weights[rows[out]].sum(axis=0)
            delayed[link] += weights[rows[more > 0]].sum(axis=0)
            extra[link] += more @ weights[rows]
    touched = (cut_off > 0).any(axis=1) | (lost > 0).any(axis=1) | (delayed > 0).any(axis=1)
    at = np.flatnonzero(touched)
    on_link = living_on(setting, weights)
    return Harm(at, is_bridge[at], cut_off[at], lost[at], delayed[at], on_link[at], extra[at])


def _tried(
    setting: Setting, loads: NDArray[np.float64], is_bridge: NDArray[np.bool_], busiest: int
) -> NDArray[np.int64]:
    """Choose the links to search without: the busiest, and bridges between seats of a goal."""
    round_it = np.where(setting.bridge[:, :, None], 0.0, loads)
    n_own = len(setting.own)
    chosen = is_bridge & round_it.any(axis=(0, 2))
    for carried in (round_it[:n_own].sum(axis=0), round_it[n_own:].sum(axis=0)):
        order = np.lexsort((np.arange(len(carried)), -carried[:, -1]))
        chosen[order[(carried.any(axis=1) & ~is_bridge)[order]][:busiest]] = True
    return np.flatnonzero(chosen)


def _detours(
    setting: Setting, used: NDArray[np.int64], link: int, engine: Engine
) -> Iterator[tuple[int, NDArray[np.float64], NDArray[np.bool_]]]:
    """Search again with one link closed, for the goals to which ways use it.

    Yields the goal, minutes more per member, and who has no way left.
    """
    roads = setting.access.roads
    closed = roads.edges["link"].to_numpy() == link
    links = without(roads.links("minutes", toward=True), closed)
    nodes, place = np.unique(setting.start[setting.start >= 0], return_inverse=True)
    column = np.zeros(len(setting.start), dtype=np.int64)
    column[setting.start >= 0] = place
    for number in used.tolist():
        roots = setting.access.roots(setting.goals[number])
        table = engine.table(links, roots, nodes.astype(np.int64), np.inf)
        rows = setting.goals[number].members
        before = setting.at(setting.ways[number].cost, rows)
        after = table.min(axis=0)[column[rows]]
        had = ~np.isnan(before)
        more = np.where(had & np.isfinite(after), after - before, 0.0)
        yield number, np.where(more > _SAME_MIN, more, 0.0), had & ~np.isfinite(after)


def without(links: Links, closed: NDArray[np.bool_]) -> Links:
    """Close some edges in both directions.

    Parameters
    ----------
    links
        All links.
    closed
        One flag per edge.

    Returns
    -------
    Links
        Of the others; edges keep their numbers.
    """
    ahead, back = (np.where(closed, np.nan, cost) for cost in (links.from_u, links.from_v))
    return Links(links.n_nodes, links.u, links.v, ahead, back)
