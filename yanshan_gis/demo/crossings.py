"""Where roads cross without meeting: bridges over other roads, and a dual carriageway."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

from yanshan_gis.demo.layout import SPACING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.demo.layout import Layout

_APPROACH = 60.0  # metres of bridge on either side of the crossing
_CARRIAGEWAYS = 14.0  # metres between the two
_LONGEST = 3200.0


@dataclass(frozen=True)
class Bridge:
    """A road that crosses another on a bridge.

    Parameters
    ----------
    pieces
        Three lines: up to the bridge, the bridge, and on from it.
    blocked
        Edges whose space the road takes.
    """

    pieces: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
    blocked: tuple[int, ...]


def build_bridges(rng: np.random.Generator, layout: Layout, count: int) -> list[Bridge]:
    """Find places where a straight road can join two others across a third.

    Parameters
    ----------
    rng
        Where the numbers come from.
    layout
        The roads.
    count
        How many; fewer where there is no place.

    Returns
    -------
    list of Bridge
        None touches another.
    """
    mesh, roads = layout.mesh, layout.roads
    on_road = np.zeros(len(mesh.xy), dtype=bool)
    on_road[mesh.edges[roads.used]] = True
    under = np.flatnonzero(roads.used & (mesh.beside[:, 1] >= 0) & layout.inside)
    around = mesh.sides[mesh.beside[under]].reshape(-1, 6)
    others = (roads.used[around] & (around != under[:, None])).any(axis=1)
    corners = mesh.triangles[mesh.beside[under]].reshape(-1, 6)
    mine = (corners[:, :, None] == mesh.edges[under][:, None, :]).any(axis=2)
    tips = corners[~mine].reshape(-1, 2)
    length = np.hypot(*(mesh.xy[tips[:, 1]] - mesh.xy[tips[:, 0]]).T)
    fits = ~others & on_road[tips].all(axis=1) & (length < _LONGEST) & (length > 900.0)
    found: list[Bridge] = []
    taken: set[int] = set()
    for place in rng.permutation(np.flatnonzero(fits)).tolist():
        edge = int(under[place])
        sides = tuple(int(side) for side in around[place] if side != edge)
        if taken.isdisjoint((edge, *sides)):
            pieces = _pieces(mesh.xy[tips[place]], layout.lines[edge])
            if pieces is not None:
                found.append(Bridge(pieces, sides))
                taken.update((edge, *sides))
        if len(found) == count:
            break
    return found


def _pieces(
    ends: NDArray[np.float64], under: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]] | None:
    line = shapely.LineString(ends)
    crossing = shapely.intersection(line, shapely.LineString(under))
    if crossing.geom_type != "Point":
        return None
    at = shapely.line_locate_point(line, crossing)
    marks = [0.0, at - _APPROACH, at + _APPROACH, line.length]
    if min(np.diff(marks)) < 2 * _APPROACH - 1.0:
        return None
    first, bridge, last = (_part(line, a, b) for a, b in pairwise(marks))
    return first, bridge, last


def _part(line: shapely.LineString, start: float, end: float) -> NDArray[np.float64]:
    count = max(round((end - start) / SPACING), 1) + 1
    points = shapely.line_interpolate_point(line, np.linspace(start, end, count))
    return np.asarray(np.round(shapely.get_coordinates(points), 2))


def find_dual(layout: Layout, near: NDArray[np.float64]) -> tuple[int, NDArray[np.float64]] | None:
    """Find the national road's edge near a place that can become a dual carriageway.

    Parameters
    ----------
    layout
        The roads.
    near
        The county seat.

    Returns
    -------
    tuple or None
        The edge and its second carriageway, from the edge's second node back to its first; None
        where no edge has room for one.
    """
    mesh = layout.mesh
    trunk = np.flatnonzero((layout.roads.rank == 0) & (layout.length > 800.0))
    middle = mesh.xy[mesh.edges[trunk]].mean(axis=1)
    trunk = trunk[np.argsort(np.hypot(*(middle - near).T), kind="stable")]
    used = np.flatnonzero(layout.roads.used)
    lines = layout.lines.shapes(used)
    tree = shapely.STRtree(lines)
    for edge in trunk.tolist():
        twin = _twin(layout.lines[edge])
        shape = shapely.LineString(twin)
        meets = lines[tree.query(shape)]
        if shape.is_simple and not shapely.crosses(meets, shape).any():
            return edge, twin
    return None


def _twin(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    ahead = xy[2:] - xy[:-2]
    normal = np.column_stack([-ahead[:, 1], ahead[:, 0]])
    normal /= np.hypot(*ahead.T)[:, None]
    inner = np.round(xy[1:-1] + _CARRIAGEWAYS * normal, 2)
    return np.concatenate([xy[-1:], inner[::-1], xy[:1]])
