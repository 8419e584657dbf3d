"""Ways in the order of travel: their road segments, their lines, their lengths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_
from yanshan_gis.network.engine import choose_engine
from yanshan_gis.network.links import check_places
from yanshan_gis.network.trees import Tree, tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import ArrayLike

    from yanshan_gis.network.engine import Engine
    from yanshan_gis.network.graph import RoadNetwork

Side = Literal["start", "goal"]


@dataclass(frozen=True, eq=False)
class Routes:
    """Ways edge by edge, each in the order of travel.

    Parameters
    ----------
    network
        The roads.
    count
        Number of ways; one that has no edges (it ends where it begins, or no road leads) has no
        steps.
    route
        int32 of every step, the way it belongs to; ascending.
    edge
        int32, the edge it runs along.
    ahead
        True where it runs from the edge's ``u`` to its ``v``.
    """

    network: RoadNetwork
    count: int
    route: NDArray[np.int32]
    edge: NDArray[np.int32]
    ahead: NDArray[np.bool_]

    @property
    def minutes(self) -> NDArray[np.float64]:
        """Minutes of every step, in the direction of travel."""
        there, back = self.network.minutes[self.edge], self.network.minutes_back[self.edge]
        return np.where(self.ahead, there, back)

    def segments(self, keep: Sequence[str] = ()) -> pd.DataFrame:
        """Merge consecutive steps along one road.

        Parameters
        ----------
        keep
            Columns of the edges to carry along, such as ``surface``; where one of them changes
            within a road, another segment begins.

        Returns
        -------
        pandas.DataFrame
            ``route`` (number of the way), ``order`` (1 … along it), ``road_id``, the kept columns,
            ``km`` and ``minutes`` in the direction of travel.
        """
        told = self.network.edges[["road_id", *keep]].take(self.edge).reset_index(drop=True)
        codes = np.stack([pd.factorize(told[name])[0] for name in told])
        same = (np.diff(codes, prepend=-2) == 0).all(axis=0)
        first = np.flatnonzero(~same | (np.diff(self.route, prepend=-1) != 0))
        route = self.route[first]
        rows: pd.DataFrame = told.take(first).reset_index(drop=True)
        rows.insert(0, "route", route)
        order = np.arange(len(route)) - np.searchsorted(route, route) + 1
        rows.insert(1, "order", pd.Series(order, dtype="Int64"))
        sums = np.stack([self.network.length_m[self.edge] / 1000, self.minutes])
        rows["km"], rows["minutes"] = np.add.reduceat(sums, first, axis=1) if len(first) else sums
        return rows

    def lines(
        self, start: ArrayLike | None = None, goal: ArrayLike | None = None
    ) -> NDArray[np.object_]:
        """Draw every way as one line.

        Parameters
        ----------
        start, goal
            Points of shape (ways, 2) in the network's CRS that are joined to the line's ends by
            straight legs, such as the places the ways lead between; NaN for none.

        Returns
        -------
        numpy.ndarray
            LineStrings in the direction of travel, without doubled vertices; None for a way of no
            length.
        """
        shapes = self.network.edges.geometry.to_numpy()[self.edge]
        xy, step = shapely.get_coordinates(shapes, return_index=True)
        count = np.bincount(step, minlength=len(shapes))
        first = np.cumsum(count) - count
        place = np.arange(len(step))
        turned = 2 * first[step] + count[step] - 1 - place
        xy = xy[np.where(self.ahead[step], place, turned)]
        xy, route = _with_legs(xy, self.route[step], self.count, start, goal)
        doubled = (np.diff(xy, axis=0, prepend=np.nan) == 0).all(axis=1)
        doubled &= np.diff(route, prepend=-1) == 0
        xy, route = xy[~doubled], route[~doubled]
        enough = np.bincount(route, minlength=self.count) > 1
        drawn = enough[route]
        lines = np.full(self.count, None, dtype=object)
        # The numbers of lines may have no gaps.
        number = np.cumsum(enough) - 1
        lines[enough] = shapely.linestrings(xy[drawn], indices=number[route[drawn]])
        return lines


def follow(network: RoadNetwork, ways: Tree, nodes: ArrayLike) -> Routes:
    """Read the ways of some nodes from a tree, all at once.

    Parameters
    ----------
    network
        The roads.
    ways
        A tree of theirs.
    nodes
        Where each way begins (a tree `toward` its roots) or ends; -1 for a place on no road.

    Returns
    -------
    Routes
        One way per node, without steps where no road leads.

    Raises
    ------
    DataError
        When a place is no node of the network.
    """
    start = check_places(nodes, network.n_nodes)
    route = np.flatnonzero(start >= 0)
    at = start[route]
    steps = [np.empty((3, 0), dtype=np.int64)]
    while len(route):
        moving = ways.next_node[at] >= 0
        route, at = route[moving], at[moving]
        following = ways.next_node[at].astype(np.int64)
        steps.append(np.stack([route, ways.edge[at], at if ways.toward else following]))
        at = following
    found = np.concatenate(steps, axis=1)
    rank = np.arange(found.shape[1])
    number, edge, left = found[:, np.lexsort((rank if ways.toward else -rank, found[0]))]
    ahead = network.u[edge] == left
    return Routes(network, len(start), number.astype(np.int32), edge.astype(np.int32), ahead)


def quickest(
    network: RoadNetwork,
    start: ArrayLike,
    goal: ArrayLike,
    *,
    root: Side = "goal",
    engine: Engine | None = None,
) -> Routes:
    """Find the quickest way of every pair of places.

    Parameters
    ----------
    network
        The roads.
    start, goal
        Nodes, one pair per way; -1 for a place on no road.
    root
        From which side is searched; one search for each of its nodes. Where several ways are
        equally quick, the two sides may take different ones.
    engine
        What searches; chosen by size when None.

    Returns
    -------
    Routes
        One way per pair.

    Raises
    ------
    DataError
        When a place is no node, or the pairs are not pairs.
    """
    found = [(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, bool))]
    for pairs, ways, nodes in _trees(network, start, goal, root, engine):
        part = follow(network, ways, nodes)
        found.append((pairs[part.route], part.edge, part.ahead))
    route, edge, ahead = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(route, kind="stable")
    count = np.asarray(start).size
    return Routes(network, count, route[order].astype(np.int32), edge[order], ahead[order])


def measure(
    network: RoadNetwork,
    start: ArrayLike,
    goal: ArrayLike,
    *,
    root: Side = "goal",
    engine: Engine | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Measure the quickest way of every pair of places, without following it.

    One search and one pass of sums for each node of the searched side, however many pairs.

    Parameters
    ----------
    network, start, goal, root, engine
        As for `quickest`.

    Returns
    -------
    tuple of numpy.ndarray
        Minutes, and the metres of that same way (which is not always the shortest); NaN where
        there is no way.

    Raises
    ------
    DataError
        As for `quickest`.
    """
    minutes, metres = np.full((2, np.asarray(start).size), np.nan)
    for pairs, ways, nodes in _trees(network, start, goal, root, engine):
        minutes[pairs], metres[pairs] = ways.cost[nodes], ways.sums(network.length_m)[nodes]
    return minutes, metres


def _trees(
    network: RoadNetwork, start: ArrayLike, goal: ArrayLike, root: Side, engine: Engine | None
) -> Iterator[tuple[NDArray[np.int64], Tree, NDArray[np.int64]]]:
    """Grow a tree from every node of one side; with it the pairs, and their other nodes."""
    begin, end = (check_places(places, network.n_nodes) for places in (start, goal))
    if len(begin) != len(end):
        raise DataError(
            "pairs-uneven",
            N_("There are {starts} starts and {goals} goals; a way needs one of each."),
            starts=len(begin),
            goals=len(end),
        )
    roots, others = (end, begin) if root == "goal" else (begin, end)
    toward = root == "goal"
    known = np.flatnonzero((begin >= 0) & (end >= 0))
    known = known[np.argsort(roots[known], kind="stable")]
    groups = np.split(known, np.flatnonzero(np.diff(roots[known])) + 1) if len(known) else []
    engine = engine or choose_engine(network.links("minutes", toward=toward), len(groups))
    for pairs in groups:
        ways = tree(network, roots[pairs[:1]], toward=toward, engine=engine)
        yield pairs, ways, others[pairs]


def _with_legs(
    xy: NDArray[np.float64],
    route: NDArray[np.int32],
    count: int,
    start: ArrayLike | None,
    goal: ArrayLike | None,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Put points before and behind the vertices of every way."""
    legs = [np.full((count, 2), np.nan) if p is None else np.asarray(p) for p in (start, goal)]
    vertices = np.concatenate([legs[0], xy, legs[1]])
    ways = np.arange(count)
    owner = np.concatenate([ways, route, ways])
    order = np.argsort(owner, kind="stable")  # starts stand before, goals behind
    order = order[~np.isnan(vertices[order]).any(axis=1)]
    return vertices[order], owner[order]
