"""Catchments as polygons: all ground with the owner of the nearest road."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import shapely
from scipy.spatial import Voronoi, cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Points this many extents away keep the cells between them and the ground finite.
_FAR = 5.0


@dataclass(frozen=True, eq=False)
class Cells:
    """Ground divided between owners.

    Parameters
    ----------
    owner
        Ascending, one per owner that has ground.
    geometry
        MultiPolygons, one per owner; together they are the whole ground, without overlap.
    touching
        Pairs of rows whose ground shares a border, shape (n, 2).
    """

    owner: NDArray[np.int32]
    geometry: NDArray[np.object_]
    touching: NDArray[np.int64]

    def colours(self) -> NDArray[np.int64]:
        """Colour the ground so that no two touching parts look alike.

        Greedy, the row with the most colours around it first (Brélaz 1979, DSATUR).

        Returns
        -------
        numpy.ndarray
            0, 1, … per row; few, though not always the fewest possible.
        """
        graph = nx.Graph()
        graph.add_nodes_from(range(len(self.owner)))
        graph.add_edges_from(self.touching.tolist())
        colour = nx.greedy_color(graph, strategy="saturation_largest_first")
        return np.array([colour[row] for row in range(len(self.owner))], dtype=np.int64)


def divide(
    lines: NDArray[Any], owner: NDArray[np.int32], within: Any, *, spacing_m: float
) -> Cells:
    """Divide ground between the owners of roads.

    Points are set along every line; the ground goes to the owner of the nearest point, which makes
    the Voronoi cells of the points, dissolved by owner. It is a drawing of who has which road and
    exact to about half the spacing, not a search across country.

    Parameters
    ----------
    lines
        LineStrings in a CRS in metres.
    owner
        int32 of each line.
    within
        Polygon or MultiPolygon: the ground.
    spacing_m
        Longest distance between points along a line.

    Returns
    -------
    Cells
        Without owners that are nearest nowhere; none at all without lines.
    """
    xy, of = _along(lines, owner, spacing_m)
    if not len(xy):
        none = np.empty(0, dtype=np.int64)
        return Cells(none.astype(np.int32), np.empty(0, dtype=object), none.reshape(0, 2))
    borders, pairs = _borders(xy, of, within)
    noded = shapely.union_all([shapely.boundary(within), *borders])
    faces = shapely.get_parts(shapely.polygonize([noded]))
    inner = shapely.point_on_surface(faces)
    shapely.prepare(within)
    inside = shapely.intersects(within, inner)
    faces, inner = faces[inside], shapely.get_coordinates(inner[inside])
    mine = of[cKDTree(xy).query(inner)[1]]
    names = np.unique(mine)
    geometry = np.empty(len(names), dtype=object)
    for row, name in enumerate(names):
        parts = shapely.get_parts(shapely.union_all(faces[mine == name]))
        geometry[row] = shapely.multipolygons(parts)
    seen = np.isin(pairs, names).all(axis=1)
    touching = np.searchsorted(names, np.unique(np.sort(pairs[seen], axis=1), axis=0))
    return Cells(names, geometry, touching.reshape(-1, 2))


def _along(
    lines: NDArray[Any], owner: NDArray[np.int32], spacing_m: float
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Set points along lines, half a step from their ends; one where several would be."""
    count = np.maximum(1, np.ceil(shapely.length(lines) / spacing_m)).astype(np.int64)
    line = np.repeat(np.arange(len(lines)), count)
    rank = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    at = (rank + 0.5) / count[line]
    points = shapely.line_interpolate_point(lines[line], at, normalized=True)
    xy, first = np.unique(shapely.get_coordinates(points), axis=0, return_index=True)
    return xy, owner[line[first]].astype(np.int32)


def _borders(
    xy: NDArray[np.float64], owner: NDArray[np.int32], within: Any
) -> tuple[NDArray[Any], NDArray[np.int32]]:
    """Return the sides of cells between different owners that run within the ground."""
    west, south, east, north = shapely.bounds(within)
    low = np.minimum(xy.min(axis=0), [west, south])
    high = np.maximum(xy.max(axis=0), [east, north])
    turn = np.arange(8) * (np.pi / 4)
    around = np.stack([np.cos(turn), np.sin(turn)], axis=1) * np.hypot(*(high - low)) * _FAR
    # Small numbers keep the digits that large coordinates would take.
    middle = (low + high) / 2
    cells = Voronoi(np.concatenate([xy - middle, around]))
    sides, between = np.array(cells.ridge_vertices), cells.ridge_points
    real = (between < len(xy)).all(axis=1) & (sides >= 0).all(axis=1)
    sides, of = sides[real], owner[between[real]]
    differ = of[:, 0] != of[:, 1]
    lines = shapely.linestrings(cells.vertices[sides[differ]] + middle)
    shapely.prepare(within)
    meets = shapely.intersects(within, lines)
    return lines[meets], of[differ][meets]
