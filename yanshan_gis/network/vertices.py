"""Road lines as flat arrays of vertices on a millimetre grid, and the cutting of lines at some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

# Vertices are the same when they round to the same millimetre.
GRID_PER_M = 1000
# Farther out than any projected coordinate on Earth, and small enough for the integer grid.
FARTHEST_M = 1e9
_LINE_TYPES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING)


@dataclass(frozen=True)
class Vertices:
    """The vertices of all lines, line after line, without two equal ones in a row.

    Parameters
    ----------
    x, y
        Metres, one per place, ordered by x and then y; rounded to the millimetre.
    place
        Index into `x` and `y`, one per vertex.
    part
        Line of each vertex, ascending.
    row, level
        Row of the road table and level (0 ground, 1 bridge, -1 tunnel), one per line.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    place: NDArray[np.int64]
    part: NDArray[np.int64]
    row: NDArray[np.int64]
    level: NDArray[np.int64]

    @property
    def n_parts(self) -> int:
        """Number of lines."""
        return len(self.row)

    @property
    def first(self) -> NDArray[np.int64]:
        """First vertex of each line that has any."""
        return np.flatnonzero(np.diff(self.part, prepend=-1))

    @property
    def last(self) -> NDArray[np.int64]:
        """Last vertex of each line that has any."""
        return np.flatnonzero(np.diff(self.part, append=self.n_parts))

    @property
    def ends(self) -> NDArray[np.bool_]:
        """True for the first and the last vertex of a line."""
        found = np.zeros(len(self.part), dtype=bool)
        found[self.first] = True
        found[self.last] = True
        return found

    @property
    def along_m(self) -> NDArray[np.float64]:
        """Distance of each vertex from the start of the first line, jumps between lines left out.

        Differences are meaningful within a line only.
        """
        step = np.hypot(np.diff(self.x[self.place]), np.diff(self.y[self.place]))
        step[np.diff(self.part) != 0] = 0.0
        return np.concatenate([[0.0], np.cumsum(step)])[: len(self.part)]

    def replaced(self, place: NDArray[np.int64], part: NDArray[np.int64]) -> Vertices:
        """Take other vertices on the same places, dropping repeats and lines left with one.

        Parameters
        ----------
        place, part
            As in the class, one per vertex.

        Returns
        -------
        Vertices
            Lines that shrank to a point have no vertices but keep their number.
        """
        keep = np.ones(len(place), dtype=bool)
        keep[1:] = (np.diff(place) != 0) | (np.diff(part) != 0)
        size = np.bincount(part[keep], minlength=self.n_parts)
        keep &= size[part] > 1
        return Vertices(self.x, self.y, place[keep], part[keep], self.row, self.level)


def read_vertices(roads: gpd.GeoDataFrame) -> tuple[Vertices, list[Notice]]:
    """Turn road lines into vertices.

    Parameters
    ----------
    roads
        Lines with ``id`` and, if known, ``level``; a missing level is the ground.

    Returns
    -------
    tuple of Vertices and list of Notice
        The vertices, and what was left out: rows without a usable line, repeated lines, lines
        without length.
    """
    parts, row = shapely.get_parts(shapely.force_2d(roads.geometry.to_numpy()), return_index=True)
    usable = np.isin(shapely.get_type_id(parts), _LINE_TYPES) & ~shapely.is_empty(parts)
    bounds = shapely.bounds(parts)
    with np.errstate(invalid="ignore"):
        usable &= (np.abs(bounds) < FARTHEST_M).all(axis=1)
    usable &= _finite(parts)
    unusable = len(roads) - len(np.unique(row[usable]))
    parts, row = parts[usable], row[usable].astype(np.int64)

    repeated = pd.DataFrame(
        {"id": roads["id"].to_numpy()[row], "line": shapely.to_wkb(parts)}
    ).duplicated()
    kept = ~repeated.to_numpy()
    parts, row = parts[kept], row[kept]

    vertices = _on_grid(parts, row, _levels(roads)[row])
    no_length = len(parts) - len(vertices.first)
    return vertices, _notices(unusable, int(repeated.sum()), no_length)


def _finite(parts: NDArray[Any]) -> NDArray[np.bool_]:
    coordinates, part = shapely.get_coordinates(parts, return_index=True)
    found = np.ones(len(parts), dtype=bool)
    found[part[~np.isfinite(coordinates).all(axis=1)]] = False
    return found


def _levels(roads: gpd.GeoDataFrame) -> NDArray[np.int64]:
    if "level" not in roads:
        return np.zeros(len(roads), dtype=np.int64)
    levels = pd.to_numeric(roads["level"], errors="coerce").astype("float64").fillna(0.0)
    return np.asarray(levels, dtype=np.int64)


def _on_grid(parts: NDArray[Any], row: NDArray[np.int64], level: NDArray[np.int64]) -> Vertices:
    coordinates, part = shapely.get_coordinates(parts, return_index=True)
    grid = np.rint(coordinates * GRID_PER_M).astype(np.int64)
    order = np.lexsort((grid[:, 1], grid[:, 0]))
    inorder = grid[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(inorder, axis=0) != 0).any(axis=1)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.cumsum(new) - 1
    x, y = (inorder[new] / GRID_PER_M).T
    empty = np.empty(0, dtype=np.int64)
    return Vertices(x, y, empty, empty, row, level).replaced(place, part.astype(np.int64))


def _notices(unusable: int, repeated: int, no_length: int) -> list[Notice]:
    found = []
    if unusable:
        found.append(
            Notice(
                "roads-no-line",
                N_(
                    "{count} roads have no usable line and were left out; draw them or remove them."
                ),
                {"count": unusable},
            )
        )
    if repeated:
        found.append(
            Notice(
                "roads-repeated",
                N_("{count} lines repeat another line of the same road exactly; one was kept."),
                {"count": repeated},
            )
        )
    if no_length:
        found.append(
            Notice(
                "roads-no-length",
                N_(
                    "{count} road lines have no length and were left out; draw them or remove them."
                ),
                {"count": no_length},
            )
        )
    return found


@dataclass(frozen=True)
class Pieces:
    """Lines cut at vertices.

    Parameters
    ----------
    geometry
        LineStrings in the order of the vertices.
    first, last
        Index of each piece's first and last vertex.
    """

    geometry: NDArray[Any]
    first: NDArray[np.int64]
    last: NDArray[np.int64]


def cut_lines(
    x: NDArray[np.float64], y: NDArray[np.float64], part: NDArray[np.int64], at: NDArray[np.bool_]
) -> Pieces:
    """Cut lines at some of their vertices.

    Parameters
    ----------
    x, y
        Metres, one per vertex, line after line.
    part
        Line of each vertex, ascending; each line has at least two.
    at
        Where to cut; the ends of a line count always.

    Returns
    -------
    Pieces
        One per stretch between cuts.
    """
    if not len(part):
        none = np.empty(0, dtype=np.int64)
        return Pieces(np.empty(0, dtype=object), none, none)
    starts = np.diff(part, prepend=part[0] - 1) != 0
    stops = np.diff(part, append=part[-1] + 1) != 0
    inner = at & ~starts & ~stops
    # A vertex at which a line is cut stands twice: it ends one piece and begins the next.
    vertex = np.repeat(np.arange(len(part)), 1 + inner)
    begins = starts[vertex]
    begins[1:] |= inner[vertex[1:]] & (vertex[1:] == vertex[:-1])
    piece = np.cumsum(begins) - 1
    geometry = shapely.linestrings(x[vertex], y[vertex], indices=piece)
    first = vertex[begins]
    last = vertex[np.append(np.flatnonzero(begins)[1:] - 1, len(vertex) - 1)]
    return Pieces(geometry, first, last)
