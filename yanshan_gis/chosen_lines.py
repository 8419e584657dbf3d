"""A line taken apart into what was chosen of it and what was not."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A chosen line was cut from the very line it lies on; more than rounding is another road.
_ON_LINE_M = 0.5
# A rest this short is no piece of road.
_LEAST_M = 0.05


def take_apart(
    line: shapely.LineString | shapely.MultiLineString,
    chosen: shapely.LineString | shapely.MultiLineString,
) -> list[tuple[shapely.LineString, bool]]:
    """Cut a line where chosen parts of it begin and end.

    Parameters
    ----------
    line
        The whole, in a metric CRS.
    chosen
        Lines that run along it.

    Returns
    -------
    list of tuple
        Pieces in the order of the line, each with whether it was chosen. Neighbours meet in the
        very same point.
    """
    parts = shapely.get_parts(chosen)
    ends = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    pieces: list[tuple[shapely.LineString, bool]] = []
    for whole in shapely.get_parts(line):
        near = ends[shapely.distance(ends, whole) <= _ON_LINE_M]
        at = _cuts(shapely.line_locate_point(whole, near), float(whole.length))
        middle = shapely.line_interpolate_point(whole, (at[:-1] + at[1:]) / 2)
        # The middle of a short gap lies near both its ends, which are chosen.
        near_enough = np.minimum(_ON_LINE_M, np.diff(at) / 4)
        flags = shapely.distance(middle, chosen) <= near_enough
        kept = np.r_[True, flags[1:] != flags[:-1]]
        bounds = np.r_[at[:-1][kept], at[-1]]
        pieces += zip(_pieces(whole, bounds), flags[kept].tolist(), strict=True)
    return pieces


def _cuts(places: NDArray[np.float64], length: float) -> NDArray[np.float64]:
    """Return where a line is cut, its ends included, no two nearer than the least piece."""
    inside = np.sort(places[(places > _LEAST_M) & (places < length - _LEAST_M)])
    apart = np.diff(inside, prepend=-np.inf) > _LEAST_M
    cuts: NDArray[np.float64] = np.r_[0.0, inside[apart], length]
    return cuts


def _pieces(line: shapely.LineString, bounds: NDArray[np.float64]) -> list[shapely.LineString]:
    points = shapely.get_coordinates(line)
    along = np.r_[0.0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    cuts = shapely.get_coordinates(shapely.line_interpolate_point(line, bounds))
    cuts[0], cuts[-1] = points[0], points[-1]
    found = []
    for number, (begin, end) in enumerate(pairwise(bounds)):
        between = points[(along > begin + 1e-6) & (along < end - 1e-6)]
        found.append(shapely.LineString(np.vstack([cuts[number], between, cuts[number + 1]])))
    return found
