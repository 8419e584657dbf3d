"""Modelled township polygons: a partition of the outline that follows the committees.

The line between two townships is the Voronoi line between their committees, drawn winding. Every
border is drawn once and used on both sides, so there are no gaps and no overlaps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.spatial import Voronoi

from yanshan_gis.demo.winding import wind

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SPACING = 180.0
_FAR = 4.0  # helper sites stand this many times the county's size away


def divide(
    rng: np.random.Generator, outline: Any, sites: NDArray[np.float64], owner: NDArray[np.int64]
) -> NDArray[np.object_]:
    """Divide the outline among the owners of sites.

    Parameters
    ----------
    rng
        Where the numbers come from.
    outline
        The county's polygon.
    sites
        Points × 2 inside the outline.
    owner
        The township of each site, counted from 0 without gaps.

    Returns
    -------
    numpy.ndarray
        One polygon per owner (several parts only where an owner's sites are apart), on whole
        centimetres; together exactly the outline.
    """
    borders = _borders(rng, outline, sites, owner)
    ring = shapely.get_exterior_ring(outline)
    work = shapely.union_all(np.append(borders, ring), grid_size=0.01)
    pieces = shapely.get_parts(shapely.polygonize([work]))
    middle = shapely.point_on_surface(pieces)
    shapely.prepare(outline)
    pieces = pieces[shapely.contains(outline, middle)]
    label = _label(pieces, sites, owner)
    return np.array(
        [shapely.coverage_union_all(pieces[label == index]) for index in range(owner.max() + 1)]
    )


def _borders(
    rng: np.random.Generator, outline: Any, sites: NDArray[np.float64], owner: NDArray[np.int64]
) -> NDArray[np.object_]:
    west, south, east, north = outline.bounds
    centre = np.array([(west + east) / 2, (south + north) / 2])
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    far = centre + _FAR * (east - west) * np.column_stack([np.cos(angle), np.sin(angle)])
    diagram = Voronoi(np.concatenate([sites, far]))
    pairs, walls = (
        diagram.ridge_points,
        np.array([w if len(w) == 2 else (-1, -1) for w in diagram.ridge_vertices]),
    )
    between = (pairs < len(sites)).all(axis=1) & (walls >= 0).all(axis=1)
    between[between] = owner[pairs[between, 0]] != owner[pairs[between, 1]]
    ends = diagram.vertices[walls[between]]
    ends, pair = _near(ends, pairs[between], outline)
    tips = diagram.points[pair]
    strength = rng.uniform(0.25, 0.5, len(ends))
    lines = wind(rng, ends, _left_first(ends, tips), strength, _SPACING, (1200.0, 9000.0))
    return np.asarray(shapely.linestrings(lines.xy, indices=lines.owner))


def _near(
    ends: NDArray[np.float64], pairs: NDArray[np.int64], outline: Any
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Leave out walls beyond the outline, and shorten those that run far beyond it."""
    lines = shapely.linestrings(ends)
    box = shapely.box(*shapely.buffer(outline, 20_000.0).bounds)
    touching = shapely.intersects(lines, outline)
    cut = shapely.intersection(lines[touching], box)
    return shapely.get_coordinates(cut).reshape(-1, 2, 2), pairs[touching]


def _left_first(ends: NDArray[np.float64], tips: NDArray[np.float64]) -> NDArray[np.float64]:
    along = ends[:, 1] - ends[:, 0]
    toward = tips[:, 0] - ends[:, 0]
    left = along[:, 0] * toward[:, 1] - along[:, 1] * toward[:, 0] > 0
    return np.where(left[:, None, None], tips, tips[:, ::-1])


def _label(
    pieces: NDArray[np.object_], sites: NDArray[np.float64], owner: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Tell whose each piece is; a piece without a site goes with its longest border."""
    label = np.full(len(pieces), -1)
    tree = shapely.STRtree(pieces)
    site, piece = tree.query(shapely.points(sites), predicate="within")
    label[piece] = owner[site]
    for index in np.flatnonzero(label < 0):
        touching = [i for i in tree.query(pieces[index]) if i != index and label[i] >= 0]
        shared = shapely.length(shapely.intersection(pieces[touching], pieces[index]))
        label[index] = label[touching[int(np.argmax(shared))]]
    return label
