"""Road lines from edges: what was laid as one route and built alike becomes one line."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.demo.layout import Layout

_LONGEST = 15_000.0  # metres


@dataclass(frozen=True)
class Chain:
    """A line over one or more edges.

    Parameters
    ----------
    edges
        In the order of the way.
    nodes
        One more than edges.
    xy
        Vertices × 2.
    """

    edges: tuple[int, ...]
    nodes: tuple[int, ...]
    xy: NDArray[np.float64]


def build_chains(layout: Layout, group: NDArray[np.int64]) -> list[Chain]:
    """Join edges of one group, end to end, to lines of at most 15 km.

    Parameters
    ----------
    layout
        The roads; each route is a way without forks.
    group
        Edges of the same number (and route) belong together; -1 for edges that are no road.

    Returns
    -------
    list of Chain
        In the order of the groups' lowest edges.
    """
    edges = layout.mesh.edges.tolist()
    members: dict[tuple[int, int], list[int]] = {}
    route = layout.roads.route
    for edge in np.flatnonzero(group >= 0).tolist():
        members.setdefault((int(route[edge]), int(group[edge])), []).append(edge)
    chains: list[Chain] = []
    for part in members.values():
        at: dict[int, list[int]] = {}
        for edge in part:
            for node in edges[edge]:
                at.setdefault(node, []).append(edge)
        left = set(part)
        ends = [node for node, found in at.items() if len(found) == 1]
        for node in ends:
            if at[node][0] in left:
                chains.extend(_cut(layout, _follow(node, at, edges, left)))
    return chains


def _follow(
    node: int, at: dict[int, list[int]], edges: list[list[int]], left: set[int]
) -> tuple[list[int], list[int]]:
    """Walk from an end over all edges that hang together."""
    way: list[int] = []
    nodes = [node]
    while True:
        ahead = next((edge for edge in at[nodes[-1]] if edge in left), None)
        if ahead is None:
            return way, nodes
        left.remove(ahead)
        way.append(ahead)
        start, end = edges[ahead]
        nodes.append(end if start == nodes[-1] else start)


def _cut(layout: Layout, way: tuple[list[int], list[int]]) -> list[Chain]:
    """Cut a way into lines of nearly equal length that are not too long."""
    edges, nodes = way
    ends = np.cumsum(layout.length[edges])
    parts = int(np.ceil(ends[-1] / _LONGEST))
    marks = np.searchsorted(ends, ends[-1] * np.arange(1, parts) / parts) + 1
    cuts = [0, *dict.fromkeys(marks.tolist()), len(edges)]
    return [
        _chain(layout, edges[first:last], nodes[first : last + 1])
        for first, last in pairwise(cuts)
        if last > first
    ]


def _chain(layout: Layout, edges: list[int], nodes: list[int]) -> Chain:
    pieces = []
    for edge, node in zip(edges, nodes[:-1], strict=True):
        line = layout.lines[edge]
        pieces.append((line if layout.mesh.edges[edge, 0] == node else line[::-1])[:-1])
    last = layout.mesh.xy[nodes[-1]][None]
    return Chain(tuple(edges), tuple(nodes), np.concatenate([*pieces, np.round(last, 2)]))
