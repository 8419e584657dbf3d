"""What the edges of a network carry when everybody takes the cheapest way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.network import subtrees
from yanshan_gis.network.engine import Engine, choose_engine
from yanshan_gis.network.links import check_places
from yanshan_gis.network.trees import tree

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from yanshan_gis.network.graph import RoadNetwork
    from yanshan_gis.network.links import Links

# Links visited, over all trees, from which on compiled code is worth loading.
_WORTH_LOADING = 1_000_000


@dataclass(frozen=True, eq=False)
class Flows:
    """What edges carry, where it arrives and what finds no way.

    Parameters
    ----------
    load
        One number per edge, both directions together, in the unit of the demand.
    arrived
        One number per destination.
    unserved
        One number per origin: its demand for destinations to which no way leads. Together with
        `arrived`, this is the whole demand.
    """

    load: NDArray[np.float64]
    arrived: NDArray[np.float64]
    unserved: NDArray[np.float64]


def flows_to_nearest(
    network: RoadNetwork,
    origins: ArrayLike,
    demand: ArrayLike,
    destinations: ArrayLike,
    *,
    weight: str | NDArray[np.float64] = "minutes",
    engine: Engine | None = None,
) -> Flows:
    """Load the demand of every origin on its cheapest way to the nearest destination.

    Ways are those of `yanshan_gis.network.trees.tree`: of equal ones the edge with the lowest
    index. Sums are those of `yanshan_gis.network.subtrees`, whole numbers exact.

    Parameters
    ----------
    network
        The roads.
    origins, destinations
        Nodes; -1 for a place on no road.
    demand
        0 or more for every origin, such as people.
    weight
        As for `RoadNetwork.costs`.
    engine
        What searches; chosen by size when None.

    Returns
    -------
    Flows
        Of destinations at one node, the first has all that arrives there.

    Raises
    ------
    DataError
        When a place is no node of the network, or the demand is not one finite number of 0 or
        more per origin.
    """
    start, goal = (check_places(p, network.n_nodes) for p in (origins, destinations))
    wanted = subtrees.check_values(demand, len(start), positive=True)
    arrived = np.zeros(len(goal))
    if not (goal >= 0).any():
        return Flows(np.zeros(network.n_edges), arrived, wanted.copy())
    roots, first = np.unique(goal, return_index=True)
    roots, first = roots[roots >= 0], first[roots >= 0]
    loads = _Loads.over(network, weight, engine, trees=1, total=float(wanted.sum()))
    arrived[first], served = loads.carry(roots, start, wanted)
    return Flows(loads.per_edge(), arrived, np.where(served, 0.0, wanted))


def flows_between(
    network: RoadNetwork,
    origins: ArrayLike,
    demand: ArrayLike,
    destinations: ArrayLike,
    attraction: ArrayLike,
    *,
    weight: str | NDArray[np.float64] = "minutes",
    engine: Engine | None = None,
) -> Flows:
    """Load demand times attraction on the cheapest way from every origin to every destination.

    With demand and attraction of 1, and where all cheapest ways are unique, this is the edge
    betweenness of Brandes (2008), "On variants of shortest-path betweenness centrality and their
    generic computation", for subsets of nodes. Ways and sums as for `flows_to_nearest`; one
    search per node with a destination.

    Parameters
    ----------
    network, origins, destinations, demand, weight, engine
        As for `flows_to_nearest`.
    attraction
        0 or more for every destination.

    Returns
    -------
    Flows
        What goes from a place to itself arrives without loading an edge.

    Raises
    ------
    DataError
        As for `flows_to_nearest`, and likewise for the attraction.
    """
    start, goal = (check_places(p, network.n_nodes) for p in (origins, destinations))
    wanted = subtrees.check_values(demand, len(start), positive=True)
    drawn = subtrees.check_values(attraction, len(goal), positive=True)
    roots, which = np.unique(goal, return_inverse=True)
    pull = np.bincount(which, drawn, minlength=len(roots))
    total = float(wanted.sum()) * float(drawn.sum())
    loads = _Loads.over(network, weight, engine, trees=len(roots), total=total)
    reached = np.zeros(len(roots))  # demand that finds a way there
    unserved = np.zeros(len(start))
    for number, root in enumerate(roots):
        served = np.zeros(len(start), dtype=bool)
        if root >= 0:
            served = loads.carry(roots[number : number + 1], start, wanted * pull[number])[1]
        reached[number] = wanted[served].sum()
        unserved += np.where(served, 0.0, wanted * pull[number])
    return Flows(loads.per_edge(), reached[which] * drawn, unserved)


@dataclass(frozen=True, eq=False)
class _Loads:
    """Fixed-point loads per edge, to which trees add theirs."""

    network: RoadNetwork
    weight: str | NDArray[np.float64]
    links: Links
    engine: Engine
    compiled: bool
    scale: int
    load: NDArray[np.int64]

    @classmethod
    def over(
        cls,
        network: RoadNetwork,
        weight: str | NDArray[np.float64],
        engine: Engine | None,
        *,
        trees: int,
        total: float,
    ) -> _Loads:
        """Begin without any load, and choose what searches and adds up."""
        links = network.links(weight, toward=True)
        compiled = links.n_links * trees >= _WORTH_LOADING and _compiles()
        engine = engine or choose_engine(links, trees)
        load = np.zeros(network.n_edges, dtype=np.int64)
        scale = subtrees.scale_for(total)
        return cls(network, weight, links, engine, compiled, scale, load)

    def carry(
        self, roots: NDArray[np.int64], start: NDArray[np.int64], amount: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Carry amounts to the nearest root; tell what arrives at each, and who finds a way."""
        next_node, edge, reached = self._ways(roots)
        served = (start >= 0) & reached[start]
        held = np.zeros(self.network.n_nodes, dtype=np.int64)
        np.add.at(held, start[served], subtrees.to_fixed(amount[served], self.scale))
        if self.compiled:
            from yanshan_gis.network.kernels.flows import add_up

            add_up(next_node, held)
        else:
            subtrees.add_up(next_node, held)
        moving = np.flatnonzero(next_node >= 0)
        self.load[edge[moving]] += held[moving]
        return subtrees.from_fixed(held[roots], self.scale), served

    def _ways(
        self, roots: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.bool_]]:
        if not self.compiled:
            ways = tree(self.network, roots, weight=self.weight, engine=self.engine)
            return ways.next_node, ways.edge, ~np.isnan(ways.cost)
        from yanshan_gis.network.kernels.flows import find_ways

        links = self.links
        cost, _ = self.engine.nearest(links, roots, np.zeros(len(roots)), np.inf)
        found = find_ways(links.begin, links.head, links.cost, links.way, cost, roots)
        return *found, np.isfinite(cost)

    def per_edge(self) -> NDArray[np.float64]:
        return subtrees.from_fixed(self.load, self.scale)


def _compiles() -> bool:
    try:
        import yanshan_gis.network.kernels.flows  # noqa: F401
    except ImportError:
        return False
    return True
