"""Road lines noded into a graph: where lines meet, where they stop short, where they only cross."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from yanshan_gis.crs import check_metric
from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.network.crossings import Crossings, find_crossings, unconnected
from yanshan_gis.network.joins import Undershoots, find_undershoots
from yanshan_gis.network.touches import Segments, find_touches
from yanshan_gis.network.vertices import Vertices, cut_lines, read_vertices

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Columns the topology writes; roads' own columns of these names are not carried over.
_OWN_COLUMNS = ("road_id", "kind", "u", "v", "length_m")
JOIN_COLUMNS = ("road_id", "other_road_id", "gap_m", "x", "y")
CROSSING_COLUMNS = ("road_id", "other_road_id", "x", "y")


@dataclass(frozen=True, eq=False)
class Topology:
    """Noded roads.

    Parameters
    ----------
    node_x, node_y
        Metres, one per node.
    edges
        One row per stretch of road between nodes, ordered by road row and position along the
        road: ``road_id``, the road's own columns, ``kind`` (``road``, or ``join`` for a connector
        that closes a gap and carries the attributes of the road that stopped short), ``u`` and
        ``v`` (int32 node of the first and last vertex), ``length_m``, ``geometry``.
    joins
        The gaps that were closed: ``road_id`` stopped ``gap_m`` short of ``other_road_id`` at
        ``x``, ``y``; ordered as the edges.
    crossings
        Interior crossings on one level without a node, where the lines do *not* join.
    notices
        What was left out or changed.
    """

    node_x: NDArray[np.float64]
    node_y: NDArray[np.float64]
    edges: gpd.GeoDataFrame
    joins: pd.DataFrame
    crossings: gpd.GeoDataFrame
    notices: tuple[Notice, ...] = ()

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_x)


@dataclass(frozen=True)
class _Cells:
    """Places told apart by level: what joins at one place is one cell.

    Interior vertices join on their own level only. Ends at a place join one another, whatever
    their levels, and join the interiors on their levels, or, when there are none, all interiors.
    """

    place: NDArray[np.int64]  # of each cell
    group: NDArray[np.int64]  # cell that stands for each cell
    of_vertex: NDArray[np.int64]  # standing cell of each vertex
    key: NDArray[np.int64]  # sorted; place and level of each cell
    levels: NDArray[np.int64]

    @classmethod
    def of(cls, vertices: Vertices) -> _Cells:
        levels = np.unique(vertices.level)
        code = np.searchsorted(levels, vertices.level)[vertices.part]
        key, cell = np.unique(vertices.place * len(levels) + code, return_inverse=True)
        place = key // len(levels)
        is_end = vertices.ends
        has_end = np.zeros(len(key), dtype=bool)
        has_end[cell[is_end]] = True
        has_interior = np.zeros(len(key), dtype=bool)
        has_interior[cell[~is_end]] = True

        group = np.arange(len(key))
        end_here = np.zeros(len(vertices.x), dtype=bool)
        end_here[place[has_end]] = True
        settled = np.zeros(len(vertices.x), dtype=bool)
        settled[place[has_end & has_interior]] = True
        joined = np.flatnonzero(has_end | (end_here & ~settled)[place])
        lowest = np.full(len(vertices.x), len(key))
        np.minimum.at(lowest, place[joined], joined)
        group[joined] = lowest[place[joined]]
        return cls(place, group, group[cell], key, levels)

    def at(self, place: NDArray[np.int64], level: NDArray[np.int64]) -> NDArray[np.int64]:
        code = np.searchsorted(self.levels, level)
        return self.group[np.searchsorted(self.key, place * len(self.levels) + code)]


def build_topology(roads: gpd.GeoDataFrame, *, join_tolerance_m: float = 5.0) -> Topology:
    """Node road lines into a graph.

    Lines join where they share a vertex on the same ``level``, where an end touches another line
    within a centimetre, and where ends are identical; ends join on any level, since a bridge's
    end meets the ground road. Vertices are the same when they round to the same millimetre, and
    the geometry of the edges is rounded so. Crossings without a shared vertex do not join; those
    on one level are listed. An end that still hangs loose within the tolerance of another line is
    joined to the nearest point of it by a short connector, and listed. Parallel links, loops and
    one-ways are kept.

    Parameters
    ----------
    roads
        LineStrings or MultiLineStrings with ``id`` in a projected CRS in metres; ``level`` and
        any other columns are optional. Not changed.
    join_tolerance_m
        Longest gap that is closed, inclusive; 0 closes none.

    Returns
    -------
    Topology
        Nodes, edges and what was found on the way.

    Raises
    ------
    CrsError
        When the CRS is missing or not in metres.
    DataError
        When there is no ``id`` column, or the tolerance is negative.
    """
    _check(roads, join_tolerance_m)
    read, notices = read_vertices(roads)
    segments = Segments.of(read)
    touches, same = find_touches(segments)
    noded = touches.into(segments, same)
    gaps = find_undershoots(segments, noded, same, join_tolerance_m)
    same = np.concatenate([same, np.arange(len(same), len(gaps.x))])
    vertices = (touches + gaps.insertions).into(segments, same)
    stretches = _stretches(replace(vertices, x=gaps.x, y=gaps.y), gaps)

    through = stretches.u.repeat(2), stretches.part.repeat(2)
    through[0][1::2] = stretches.v
    crossings = unconnected(find_crossings(segments), stretches.node_x, stretches.node_y, through)
    return Topology(
        stretches.node_x,
        stretches.node_y,
        _edges(roads, read.row, stretches),
        _joins(roads, read.row, gaps),
        _crossings(roads, read.row, crossings),
        tuple(notices),
    )


def _check(roads: gpd.GeoDataFrame, join_tolerance_m: float) -> None:
    if "id" not in roads:
        raise DataError(
            "roads-no-id",
            N_("The roads have no field id, so edges could not name their road; add it."),
        )
    check_metric(roads.crs, "roads")
    if not join_tolerance_m >= 0:
        raise DataError(
            "join-tolerance",
            N_("The join tolerance is {tolerance} m; it must be 0 or more."),
            tolerance=join_tolerance_m,
        )


@dataclass(frozen=True)
class _Stretches:
    """Edges to be, connectors among them, in their final order."""

    geometry: NDArray[Any]
    part: NDArray[np.int64]
    is_join: NDArray[np.bool_]
    u: NDArray[np.int64]
    v: NDArray[np.int64]
    node_x: NDArray[np.float64]
    node_y: NDArray[np.float64]


def _stretches(vertices: Vertices, gaps: Undershoots) -> _Stretches:
    """Cut the lines at their nodes, add the connectors, and number nodes as they appear."""
    cells = _Cells.of(vertices)
    near = cells.at(gaps.place, vertices.level[gaps.part])
    far = cells.at(gaps.foot, vertices.level[gaps.other])
    count = np.bincount(cells.of_vertex, minlength=len(cells.place))
    count[far] += 1
    x, y = vertices.x[vertices.place], vertices.y[vertices.place]
    pieces = cut_lines(x, y, vertices.part, vertices.ends | (count[cells.of_vertex] > 1))
    connectors = shapely.linestrings(
        np.stack(
            [
                np.stack([vertices.x[gaps.place], vertices.y[gaps.place]], axis=-1),
                np.stack([vertices.x[gaps.foot], vertices.y[gaps.foot]], axis=-1),
            ],
            axis=1,
        )
    )
    part = np.concatenate([vertices.part[pieces.first], gaps.part])
    beyond = np.where(gaps.at_start, -1, len(vertices.part))
    order = np.lexsort((np.concatenate([pieces.first, beyond]), part))
    ends = np.stack(
        [
            np.concatenate([cells.of_vertex[pieces.first], near])[order],
            np.concatenate([cells.of_vertex[pieces.last], far])[order],
        ],
        axis=1,
    )
    cell, first_seen, inverse = np.unique(ends, return_index=True, return_inverse=True)
    by_appearance = np.argsort(first_seen)
    number = np.empty(len(cell), dtype=np.int64)
    number[by_appearance] = np.arange(len(cell))
    u, v = number[inverse.reshape(ends.shape)].T
    place = cells.place[cell[by_appearance]]
    return _Stretches(
        np.concatenate([pieces.geometry, connectors])[order],
        part[order],
        np.repeat([False, True], [len(pieces.first), len(connectors)])[order],
        u,
        v,
        vertices.x[place],
        vertices.y[place],
    )


def _edges(
    roads: gpd.GeoDataFrame, row: NDArray[np.int64], stretches: _Stretches
) -> gpd.GeoDataFrame:
    dropped = {roads.geometry.name, "id", *_OWN_COLUMNS}
    rows = row[stretches.part]
    kept = pd.DataFrame(roads[[name for name in roads.columns if name not in dropped]])
    edges = kept.take(rows).reset_index(drop=True)
    edges.insert(0, "road_id", roads["id"].take(rows).to_numpy())
    edges["kind"] = np.where(stretches.is_join, "join", "road")
    edges["u"] = stretches.u.astype(np.int32)
    edges["v"] = stretches.v.astype(np.int32)
    edges["length_m"] = shapely.length(stretches.geometry)
    return gpd.GeoDataFrame(edges, geometry=stretches.geometry, crs=roads.crs)


def _joins(roads: gpd.GeoDataFrame, row: NDArray[np.int64], gaps: Undershoots) -> pd.DataFrame:
    ids = roads["id"].to_numpy()
    values = (
        ids[row[gaps.part]],
        ids[row[gaps.other]],
        gaps.gap_m,
        gaps.x[gaps.place],
        gaps.y[gaps.place],
    )
    return pd.DataFrame(dict(zip(JOIN_COLUMNS, values, strict=True)))


def _crossings(
    roads: gpd.GeoDataFrame, row: NDArray[np.int64], crossings: Crossings
) -> gpd.GeoDataFrame:
    ids = roads["id"].to_numpy()
    values = (ids[row[crossings.part]], ids[row[crossings.other]], crossings.x, crossings.y)
    listed = pd.DataFrame(dict(zip(CROSSING_COLUMNS, values, strict=True)))
    points = shapely.points(crossings.x, crossings.y)
    return gpd.GeoDataFrame(listed, geometry=points, crs=roads.crs)
