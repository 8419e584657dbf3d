"""Where the natural villages lie: in groups, in basins and valleys rather than on karst cones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from yanshan_gis.demo.noise import Waves
from yanshan_gis.demo.regions import Regions
from yanshan_gis.demo.scatter import choose, scatter, thin

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.demo.committees import Committees
    from yanshan_gis.demo.terrain import Terrain

_APART = 620.0  # metres between villages at least
_FROM_BORDER = 500.0
_TOWN_SHARE = 0.1  # a town's community has this share of the villages of another committee


def suitability(terrain: Terrain, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Tell how readily people settle at places.

    Parameters
    ----------
    terrain
        The ground.
    xy
        Points × 2.

    Returns
    -------
    numpy.ndarray
        1 on level ground between the cones, near 0 high on a cone.
    """
    return np.exp(-terrain.cone_heights(xy) / 22.0)


def place_hamlets(
    rng: np.random.Generator,
    terrain: Terrain,
    outline: Any,
    taken: NDArray[np.float64],
    count: int,
) -> NDArray[np.float64]:
    """Place natural villages.

    Parameters
    ----------
    rng
        Where the numbers come from.
    terrain
        The ground.
    outline
        The county's polygon.
    taken
        Seats and committees, to keep away from.
    count
        How many.

    Returns
    -------
    numpy.ndarray
        Points × 2.
    """
    xy = scatter(rng, shapely.buffer(outline, -_FROM_BORDER), _APART / 2)
    fit = suitability(terrain, xy)
    xy, fit = xy[fit > 0.3], fit[fit > 0.3]
    keep = cKDTree(taken).query(xy)[0] > _APART
    xy, fit = xy[keep], fit[keep]
    keep = thin(xy, fit + rng.uniform(0, 0.4, len(xy)), _APART)
    xy, fit = xy[keep], fit[keep]
    groups = Waves.draw(rng, 4_000, 18_000).at(xy)
    return np.asarray(np.round(xy[choose(rng, fit * np.exp(0.55 * groups), count)], 2))


def find_parents(
    xy: NDArray[np.float64], township: NDArray[np.int64], committees: Committees
) -> NDArray[np.int64]:
    """Give every natural village to a committee of its township.

    Parameters
    ----------
    xy
        Villages × 2.
    township
        Township of each village, from 0.
    committees
        All committees.

    Returns
    -------
    numpy.ndarray
        Position of the committee: one nearby, such that committees of a township have similar
        numbers of villages, and towns' communities few.
    """
    town = np.array([place.kind == "urban_community" for place in committees.places])
    wanted = np.where(town, _TOWN_SHARE, 1.0)
    parent = np.full(len(xy), -1)
    for index in np.unique(township):
        members = np.flatnonzero(committees.seat == index + 1)
        here = np.flatnonzero(township == index)
        number = np.arange(len(members))
        regions = Regions(committees.xy[members], number, np.zeros(len(members)))
        parent[here] = members[regions.balanced(xy[here], wanted[members]).label(xy[here])]
    return parent


def within(polygons: NDArray[np.object_], xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Tell which polygon of a partition holds each point.

    Parameters
    ----------
    polygons
        A partition.
    xy
        Points × 2.

    Returns
    -------
    numpy.ndarray
        Position of the polygon; the nearest one for a point on no polygon.
    """
    points = shapely.points(xy)
    tree = shapely.STRtree(polygons)
    point, polygon = tree.query(points, predicate="intersects")
    found = np.full(len(xy), -1)
    found[point] = polygon
    lost = np.flatnonzero(found < 0)
    if len(lost):
        found[lost] = tree.nearest(points[lost])
    return found
