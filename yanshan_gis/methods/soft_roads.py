"""Roads that may be hardened, with the villages they would connect: from layers to the choice.

A village counts for the hardened road it touches, or else for the nearest road within the touch
limit that may be hardened; the foot points of villages become nodes, so that a road may be hardened
as far as the village and no farther. Every piece of hardened road that a committee touches is a
root, and of the hardened roads that a village touches one of such a piece counts before others.
In-village roads are another purse's and are never chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from yanshan_gis.methods.hardened_access import HardenedAccess, touched_edges
from yanshan_gis.network.attach import attach
from yanshan_gis.network.connectivity import components
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.optimisation.contraction import Roads, contract, count_root_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

    from yanshan_gis.layer import Layer
    from yanshan_gis.network.stops import Stops
    from yanshan_gis.optimisation.soft_graph import SoftGraph

# Columns the edges carry while they are cut at villages.
_OPEN, _COMMITTED, _PRICE = "may_be_chosen", "is_committed", "wan_per_km"


@dataclass(frozen=True, eq=False)
class SoftRoads:
    """A road network cut at villages, and what may be hardened of it.

    Parameters
    ----------
    roads
        The network with the foot points as nodes.
    villages
        Those that count, with ``parent``.
    committees
        Where a hardened path must lead.
    node
        Of each village; -1 beyond the touch limit.
    roots
        A node of every hardened road that a committee touches.
    touch_limit_m
        Farthest a place may lie from a hardened road it touches.
    """

    roads: RoadNetwork
    villages: Layer
    committees: Layer
    node: NDArray[np.int32]
    roots: NDArray[np.int64]
    touch_limit_m: float

    @classmethod
    def prepare(
        cls,
        edges: gpd.GeoDataFrame,
        villages: Layer,
        committees: Layer,
        *,
        touch_limit_m: float,
        forbidden: ArrayLike | None = None,
        committed: ArrayLike | None = None,
        price_wan: ArrayLike | None = None,
    ) -> SoftRoads:
        """Attach villages and committees, and cut the network at the villages.

        Parameters
        ----------
        edges
            Links of the recipe ``road-network``, in a metric CRS.
        villages
            Those that count, with ``parent``.
        committees
            Committees.
        touch_limit_m
            Farthest a place may lie from a hardened road it touches.
        forbidden
            True for edges that must not be chosen; none when None.
        committed
            True for edges that will be hardened whatever is chosen; none when None.
        price_wan
            10,000 yuan per kilometre of each edge; None or NaN where it is not known.

        Returns
        -------
        SoftRoads
            Ready for the choice.
        """
        hardened = edges["hardened"].to_numpy(dtype=bool)
        ours = ~hardened & _access(edges)
        will = ours & _mask(committed, len(edges))
        may = ours & ~will & ~_mask(forbidden, len(edges))
        price = np.full(len(edges), np.nan) if price_wan is None else price_wan
        roads = RoadNetwork.from_edges(
            edges.assign(**{_OPEN: may, _COMMITTED: will, _PRICE: price})
        )
        home = touched_edges(roads, hardened, committees.frame, touch_limit_m)[1]
        roots = np.unique(roads.u[home]).astype(np.int64)
        piece = components(roads.only(hardened))
        rooted = hardened & np.isin(piece[roads.u], piece[roots])
        stops = _stops(
            roads, villages.frame, touch_limit_m, (rooted, hardened, hardened | may | will)
        )
        split, (node,) = roads.split([stops])
        return cls(split, villages, committees, node, roots, touch_limit_m)

    @cached_property
    def hardened(self) -> NDArray[np.bool_]:
        """True for edges hardened today."""
        return self.roads.edges["hardened"].to_numpy(dtype=bool)  # type: ignore[no-any-return]

    @cached_property
    def candidate(self) -> NDArray[np.bool_]:
        """True for edges that may be chosen."""
        return self.roads.edges[_OPEN].to_numpy(dtype=bool)  # type: ignore[no-any-return]

    @cached_property
    def committed(self) -> NDArray[np.bool_]:
        """True for edges that will be hardened whatever is chosen."""
        return self.roads.edges[_COMMITTED].to_numpy(dtype=bool)  # type: ignore[no-any-return]

    @cached_property
    def cost_wan(self) -> NDArray[np.float64]:
        """10,000 yuan per edge; NaN where it is not known."""
        price = self.roads.edges[_PRICE].to_numpy(dtype=float)
        return price * self.roads.length_m / 1000  # type: ignore[no-any-return]

    @property
    def without_cost(self) -> NDArray[np.bool_]:
        """True for edges that may or will be hardened at a cost nobody knows."""
        return (self.candidate | self.committed) & np.isnan(self.cost_wan)

    @cached_property
    def links(self) -> Roads:
        """The edges as the choice takes them; without costs unless all are known."""
        cost = None if self.without_cost.any() else np.nan_to_num(self.cost_wan)
        return Roads(
            self.roads.n_nodes, self.roads.u, self.roads.v, self.roads.length_m / 1000,
            self.hardened, candidate=self.candidate, committed=self.committed, cost=cost,
        )  # fmt: skip

    @property
    def root_pieces(self) -> int:
        """Pieces of hardened road on which committees stand; see `count_root_pieces`."""
        return count_root_pieces(self.links, self.roots)

    def graph(self, weight: ArrayLike, label: ArrayLike | None = None) -> SoftGraph:
        """Contract the network to the graph of the choice.

        Parameters
        ----------
        weight
            Per village: what is gained with it.
        label
            Township of each village; -1 for none.

        Returns
        -------
        SoftGraph
            With committees as roots.
        """
        return contract(self.links, self.roots, node=self.node, weight=weight, label=label)

    def connected(self, edges: ArrayLike) -> NDArray[np.bool_]:
        """Count anew by the indicator's rule, as if edges were hardened.

        Parameters
        ----------
        edges
            Indices of the edges hardened beside those of today.

        Returns
        -------
        numpy.ndarray
            True for villages with a hardened path to their own committee.
        """
        hardened = self.hardened.copy()
        hardened[np.asarray(edges, dtype=np.int64)] = True
        nobody = pd.Series(None, self.villages.frame.index, dtype=object)
        return HardenedAccess.measure(
            self.roads, hardened, self.villages, nobody, self.committees, None, self.touch_limit_m
        ).committee


def _access(edges: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell roads to villages from roads inside them; a missing scope counts as access."""
    if "scope" not in edges:
        return np.ones(len(edges), dtype=bool)
    scope = edges["scope"].astype(object)
    return (scope != "in_village").to_numpy(dtype=bool, na_value=True)  # type: ignore[no-any-return]


def _mask(flags: ArrayLike | None, count: int) -> NDArray[np.bool_]:
    return np.zeros(count, dtype=bool) if flags is None else np.asarray(flags, dtype=bool)


def _stops(
    roads: RoadNetwork,
    points: gpd.GeoDataFrame,
    limit_m: float,
    masks: Sequence[NDArray[np.bool_]],
) -> Stops:
    """Attach places to the nearest edge of the first mask that has one within the limit."""
    x, y = points.geometry.x.to_numpy(), points.geometry.y.to_numpy()
    found = [attach(roads, x, y, limit_m=limit_m, edge_mask=mask) for mask in masks]
    first, *others = found
    for other in others:
        touches = first.edge >= 0
        first = replace(
            other,
            edge=np.where(touches, first.edge, other.edge),
            fraction=np.where(touches, first.fraction, other.fraction),
        )
    return first
