"""Edges cut at positions along them, attributes shared out in proportion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from yanshan_gis.network.vertices import cut_lines

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHARED_OUT = ("length_m", "minutes", "minutes_back")


@dataclass(frozen=True, eq=False)
class FinerEdges:
    """Edges after a split.

    Parameters
    ----------
    edges
        The pieces, in the order of the edges and along them.
    x, y
        Metres, one per new node.
    """

    edges: gpd.GeoDataFrame
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def split_edges(
    edges: gpd.GeoDataFrame,
    n_nodes: int,
    edge: NDArray[np.int32],
    fraction: NDArray[np.float64],
) -> tuple[FinerEdges, NDArray[np.int32]]:
    """Cut edges at positions along them.

    Parameters
    ----------
    edges
        ``u``, ``v``, ``length_m``, ``minutes``, ``minutes_back`` and lines; index 0 … n-1.
    n_nodes
        Nodes so far; new ones are numbered from here, by edge and position.
    edge
        Index of an edge for every position; -1 for none.
    fraction
        Position along the edge's line by length, 0 to 1; ignored without an edge.

    Returns
    -------
    tuple of FinerEdges and numpy.ndarray
        The pieces with new nodes, and the node of every position (int32, -1 for none).
    """
    u, v = edges["u"].to_numpy(np.int32), edges["v"].to_numpy(np.int32)
    node = np.full(len(edge), -1, dtype=np.int32)
    on = edge >= 0
    at_u, at_v = on & (fraction <= 0), on & (fraction >= 1)
    node[at_u], node[at_v] = u[edge[at_u]], v[edge[at_v]]
    inside = np.flatnonzero(on & ~at_u & ~at_v)
    if not len(inside):
        return FinerEdges(edges, np.empty(0), np.empty(0)), node

    cuts, which = np.unique(
        np.stack([edge[inside], fraction[inside]], axis=1), axis=0, return_inverse=True
    )
    node[inside] = n_nodes + which.ravel()
    cut_edge, cut_fraction = cuts[:, 0].astype(np.int64), cuts[:, 1]
    lines = edges.geometry.to_numpy()
    points = shapely.line_interpolate_point(lines[cut_edge], cut_fraction, normalized=True)
    x, y = shapely.get_x(points), shapely.get_y(points)
    new = np.arange(n_nodes, n_nodes + len(cuts), dtype=np.int32)

    touched = np.unique(cut_edge)
    pieces = _pieces(lines[touched], np.searchsorted(touched, cut_edge), cut_fraction, x, y)
    # Boundaries along each piece's edge: 0, the cuts, 1. A piece lies between two of them.
    count = np.bincount(cut_edge, minlength=len(edges))
    parent = np.repeat(np.arange(len(edges)), count + 1)
    opens = np.diff(parent, prepend=-1) != 0
    closes = np.diff(parent, append=len(edges)) != 0
    begin, end = np.zeros(len(parent)), np.ones(len(parent))
    tail, head = u[parent], v[parent]
    begin[~opens], tail[~opens] = cut_fraction, new
    end[~closes], head[~closes] = cut_fraction, new

    geometry = lines[parent]
    geometry[count[parent] > 0] = pieces
    finer = pd.DataFrame(edges).take(parent).reset_index(drop=True)
    finer["u"], finer["v"] = tail, head
    for name in _SHARED_OUT:
        finer[name] = finer[name].to_numpy(float) * (end - begin)
    finer[edges.geometry.name] = geometry
    frame = gpd.GeoDataFrame(finer, geometry=edges.geometry.name, crs=edges.crs)
    return FinerEdges(frame, x, y), node


def _pieces(
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
