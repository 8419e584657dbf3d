"""Edges cut at positions along them: numbers at once, attributes and lines when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from yanshan_gis.network.vertices import cut_lines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.network.graph import RoadNetwork


@dataclass(frozen=True, eq=False)
class Cuts:
    """Where edges are cut, and how pieces and new nodes are numbered.

    Pieces keep the order of the edges and come along them; new nodes are numbered from the last
    node on, by edge and position.

    Parameters
    ----------
    n_edges
        Number of edges before.
    n_nodes
        Number of nodes before.
    edge
        int64, one per cut, ascending.
    fraction
        One per cut, ascending within an edge, distinct: more than 0 and less than 1.
    """

    n_edges: int
    n_nodes: int
    edge: NDArray[np.int64]
    fraction: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.edge)

    @cached_property
    def parent(self) -> NDArray[np.int64]:
        """The edge each piece is of."""
        count = np.bincount(self.edge, minlength=self.n_edges)
        return np.repeat(np.arange(self.n_edges), count + 1)

    @cached_property
    def ended(self) -> NDArray[np.int64]:
        """The piece that ends at each cut; the next one begins there."""
        return self.edge + np.arange(len(self))

    @cached_property
    def share(self) -> NDArray[np.float64]:
        """The part of its edge that each piece is, by length."""
        begin, end = np.zeros(len(self.parent)), np.ones(len(self.parent))
        begin[self.ended + 1], end[self.ended] = self.fraction, self.fraction
        return end - begin

    def ends(
        self, u: NDArray[np.int32], v: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the nodes at the ends of the pieces.

        Parameters
        ----------
        u, v
            The nodes at the ends of the edges.

        Returns
        -------
        tuple of numpy.ndarray
            ``u`` and ``v`` of the pieces.
        """
        new = np.arange(self.n_nodes, self.n_nodes + len(self), dtype=np.int32)
        begin, end = u[self.parent], v[self.parent]
        begin[self.ended + 1], end[self.ended] = new, new
        return begin, end


@dataclass(frozen=True, eq=False)
class Pieces:
    """The edges of a network after cuts.

    Parameters
    ----------
    whole
        The network before.
    cuts
        At least one.
    u, v, length_m, minutes, minutes_back
        As of `RoadNetwork`, one per piece; length and minutes are shared out in proportion.
    x, y
        Metres, one per cut.
    """

    whole: RoadNetwork
    cuts: Cuts
    u: NDArray[np.int32]
    v: NDArray[np.int32]
    length_m: NDArray[np.float64]
    minutes: NDArray[np.float64]
    minutes_back: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]

    @classmethod
    def of(cls, whole: RoadNetwork, cuts: Cuts) -> Pieces:
        """Cut the edges of a network.

        Parameters
        ----------
        whole
            The network.
        cuts
            At least one.

        Returns
        -------
        Pieces
            Without a table so far.
        """
        on = whole.edges.geometry.to_numpy()[cuts.edge]
        points = shapely.line_interpolate_point(on, cuts.fraction, normalized=True)
        u, v = cuts.ends(whole.u, whole.v)
        return cls(
            whole,
            cuts,
            u,
            v,
            whole.length_m[cuts.parent] * cuts.share,
            whole.minutes[cuts.parent] * cuts.share,
            whole.minutes_back[cuts.parent] * cuts.share,
            shapely.get_x(points),
            shapely.get_y(points),
        )

    def table(self) -> gpd.GeoDataFrame:
        """Cut the lines and give every piece the attributes of its edge.

        Returns
        -------
        geopandas.GeoDataFrame
            As `RoadNetwork.edges`.
        """
        edges, parent = self.whole.edges, self.cuts.parent
        lines = edges.geometry.to_numpy()
        cut = np.unique(self.cuts.edge)
        geometry = lines[parent]
        geometry[np.isin(parent, cut)] = _cut(
            lines[cut], np.searchsorted(cut, self.cuts.edge), self.cuts.fraction, self.x, self.y
        )
        finer = pd.DataFrame(edges).take(parent).reset_index(drop=True)
        for name in ("u", "v", "length_m", "minutes", "minutes_back"):
            finer[name] = getattr(self, name)
        finer[edges.geometry.name] = geometry
        return gpd.GeoDataFrame(finer, geometry=edges.geometry.name, crs=edges.crs)


def find_cuts(
    network: RoadNetwork, edge: NDArray[np.int32], fraction: NDArray[np.float64]
) -> tuple[Cuts, NDArray[np.int32]]:
    """Find where edges must be cut for positions along them to be nodes.

    Parameters
    ----------
    network
        The network.
    edge
        Index of an edge for every position; -1 for none.
    fraction
        Position along the edge's line by length, 0 to 1; ignored without an edge.

    Returns
    -------
    tuple of Cuts and numpy.ndarray
        One cut for all positions at one place, none at the end of an edge; and the node of
        every position (int32, -1 for none).
    """
    node = np.full(len(edge), -1, dtype=np.int32)
    on = edge >= 0
    at_u, at_v = on & (fraction <= 0), on & (fraction >= 1)
    node[at_u], node[at_v] = network.u[edge[at_u]], network.v[edge[at_v]]
    inside = np.flatnonzero(on & ~at_u & ~at_v)
    order = inside[np.lexsort((fraction[inside], edge[inside]))]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(edge[order]) != 0) | (np.diff(fraction[order]) != 0)
    node[order] = network.n_nodes + np.cumsum(new) - 1
    at = order[new]
    cuts = Cuts(network.n_edges, network.n_nodes, edge[at].astype(np.int64), fraction[at])
    return cuts, node


def _cut(
    lines: NDArray[np.object_],
    line: NDArray[np.int64],
    fraction: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> NDArray[np.object_]:
    """Cut lines at points that lie on them, ordered along each line."""
    coordinates, part = shapely.get_coordinates(lines, return_index=True)
    step = np.hypot(*np.diff(coordinates, axis=0).T)
    step[np.diff(part) != 0] = 0.0
    along = np.concatenate([[0.0], np.cumsum(step)])
    first = np.flatnonzero(np.diff(part, prepend=-1))
    along -= along[first][part]
    # The end stays last, however rounding places a cut beside it.
    along[np.append(first[1:], len(part)) - 1] = np.inf

    is_cut = np.repeat([False, True], [len(part), len(line)])
    all_parts = np.concatenate([part, line])
    all_along = np.concatenate([along, fraction * shapely.length(lines)[line]])
    order = np.lexsort((is_cut, all_along, all_parts))
    all_x = np.concatenate([coordinates[:, 0], x])[order]
    all_y = np.concatenate([coordinates[:, 1], y])[order]
    return cut_lines(all_x, all_y, all_parts[order], is_cut[order]).geometry
