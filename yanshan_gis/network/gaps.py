"""Loose ends of a network near a road that they reach, if at all, only by a long way round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from yanshan_gis.network.engine import Engine, choose_engine
from yanshan_gis.network.links import Links

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.network.graph import RoadNetwork

# Costs held at a time while ways round are measured.
_BATCH_BYTES = 64 * 2**20


@dataclass(frozen=True, eq=False)
class Gaps:
    """Loose ends and the edge each stops short of.

    Parameters
    ----------
    node
        The loose end.
    edge
        The edge that ends there.
    other
        The nearest edge that is far by road.
    gap_m
        Straight distance to it.
    """

    node: NDArray[np.int64]
    edge: NDArray[np.int64]
    other: NDArray[np.int64]
    gap_m: NDArray[np.float64]


def find_gaps(
    network: RoadNetwork,
    label: NDArray[np.int32],
    *,
    search_m: float,
    detour_m: float,
    engine: Engine | None = None,
) -> Gaps:
    """Find loose ends near an edge of another component, or of their own a long way round.

    Parameters
    ----------
    network
        The roads.
    label
        Component of every node.
    search_m
        Longest gap, inclusive.
    detour_m
        Longest way round, by road and in any direction, that counts as connected.
    engine
        What searches; chosen by size when None.

    Returns
    -------
    Gaps
        By node; at most one to the node's own component, then one to another, the nearest, of
        equally near edges the lowest. Two ends that face each other are one gap, kept where it
        is shorter, then at the lower node.
    """
    ends = np.concatenate([network.u, network.v])
    degree = np.bincount(ends, minlength=network.n_nodes)
    at = np.tile(np.arange(network.n_edges), 2)
    loose = np.flatnonzero(degree[ends] == 1)
    loose = loose[np.argsort(ends[loose])]
    node, edge = ends[loose].astype(np.int64), at[loose]

    lines = network.edges.geometry.to_numpy()
    points = shapely.points(network.node_x[node], network.node_y[node])
    which, other = shapely.STRtree(lines).query(points, predicate="dwithin", distance=search_m)
    kept = other != edge[which]
    which, other = which[kept], other[kept]
    gap = shapely.distance(points[which], lines[other])
    bridging = label[node[which]] != label[network.u[other]]
    far = bridging.copy()
    check = np.flatnonzero(~far)
    along = shapely.line_locate_point(lines[other[check]], points[which[check]])
    ways = _ways_round(network, node[which[check]], other[check], along, detour_m, engine)
    far[check] = ways > detour_m
    order = np.lexsort((other, gap, bridging, which))
    order = order[far[order]]
    new = np.diff(which[order] * 2 + bridging[order], prepend=-1) != 0
    best = order[new]
    gaps = Gaps(node[which[best]], edge[which[best]], other[best], gap[best])
    return _once(network, gaps, search_m)


def _ways_round(
    network: RoadNetwork,
    node: NDArray[np.int64],
    other: NDArray[np.int64],
    along: NDArray[np.float64],
    detour_m: float,
    engine: Engine | None,
) -> NDArray[np.float64]:
    """Measure by road, in any direction, from nodes to positions on edges; inf beyond reach."""
    u, v = network.u, network.v
    links = Links.of_edges(network.n_nodes, u, v, network.length_m, network.length_m)
    sources, which = np.unique(node, return_inverse=True)
    ends, place = np.unique(np.concatenate([u[other], v[other]]), return_inverse=True)
    engine = engine or choose_engine(links, len(sources))
    at_u, at_v = np.split(place, 2)
    rest = network.length_m[other] - along
    ways = np.empty(len(node))
    # Few rows at a time: ends and edges beside them are many in a county of a million vertices.
    batch = max(1, _BATCH_BYTES // (8 * max(1, len(ends))))
    for begin in range(0, len(sources), batch):
        costs = engine.table(links, sources[begin : begin + batch], ends, detour_m)
        pairs = np.flatnonzero((which >= begin) & (which < begin + batch))
        row = which[pairs] - begin
        ways[pairs] = np.minimum(
            costs[row, at_u[pairs]] + along[pairs], costs[row, at_v[pairs]] + rest[pairs]
        )
    return ways


def _once(network: RoadNetwork, gaps: Gaps, search_m: float) -> Gaps:
    """Drop the worse of two ends that face each other."""
    row = np.arange(len(gaps.node))
    found = pd.DataFrame({"one": gaps.edge, "other": gaps.other, "row": row})
    facing = found.merge(found, left_on=["one", "other"], right_on=["other", "one"])
    i, j = facing["row_x"].to_numpy(), facing["row_y"].to_numpy()
    x, y = network.node_x[gaps.node], network.node_y[gaps.node]
    near = np.hypot(x[i] - x[j], y[i] - y[j]) <= search_m
    better = (gaps.gap_m[i] < gaps.gap_m[j]) | (
        (gaps.gap_m[i] == gaps.gap_m[j]) & (gaps.node[i] < gaps.node[j])
    )
    kept = np.setdiff1d(row, j[near & better])
    return Gaps(gaps.node[kept], gaps.edge[kept], gaps.other[kept], gaps.gap_m[kept])
