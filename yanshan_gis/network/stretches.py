"""Stretches of edges: which part of which edge belongs to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.network.graph import RoadNetwork

# Positions along an edge that differ by less than this share of it differ by rounding only.
AT_END = 1e-9
# A vertex this near to a cut is the cut, but for rounding of the lengths added up.
_SAME_M = 1e-6


@dataclass(frozen=True, eq=False)
class Stretches:
    """Parts of edges, one value per part, ordered by owner, edge and position.

    Parameters
    ----------
    edge
        int32 index of the edge.
    begin, end
        Where the part begins and ends, as shares of the edge's length counted from its ``u``;
        0 ≤ begin < end ≤ 1.
    owner
        int32 index of the facility.
    band
        int32 index of the break within which the part lies, and beyond the one before it.
    """

    edge: NDArray[np.int32]
    begin: NDArray[np.float64]
    end: NDArray[np.float64]
    owner: NDArray[np.int32]
    band: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.edge)

    def length_m(self, network: RoadNetwork) -> NDArray[np.float64]:
        """Measure the parts.

        Parameters
        ----------
        network
            The roads they are parts of.

        Returns
        -------
        numpy.ndarray
            The edge's length shared out in proportion.
        """
        lengths: NDArray[np.float64] = network.length_m[self.edge] * (self.end - self.begin)
        return lengths

    def lines(self, network: RoadNetwork) -> NDArray[np.object_]:
        """Draw the parts.

        Parameters
        ----------
        network
            The roads they are parts of.

        Returns
        -------
        numpy.ndarray
            LineStrings in the direction of their edges; a whole edge is its own line.
        """
        lines: NDArray[np.object_] = network.edges.geometry.to_numpy()[self.edge]
        cut = np.flatnonzero((self.begin > 0) | (self.end < 1))
        lines[cut] = sublines(lines[cut], self.begin[cut], self.end[cut])
        return lines


def sublines(
    lines: NDArray[Any], begin: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Cut one part out of each line.

    Parameters
    ----------
    lines
        LineStrings.
    begin, end
        Shares of each line's length, 0 to 1, begin before end.

    Returns
    -------
    numpy.ndarray
        LineStrings in the lines' direction.
    """
    xy, line = shapely.get_coordinates(lines, return_index=True)
    step = np.hypot(*np.diff(xy, axis=0).T)
    step[np.diff(line) != 0] = 0.0
    along = np.concatenate([[0.0], np.cumsum(step)])[: len(line)]
    along -= along[np.flatnonzero(np.diff(line, prepend=-1))][line]
    length = shapely.length(lines)
    low, high = (begin * length + _SAME_M)[line], (end * length - _SAME_M)[line]
    within = (along > low) & (along < high)
    ends = [shapely.line_interpolate_point(lines, at, normalized=True) for at in (begin, end)]
    start, stop = (shapely.get_coordinates(points) for points in ends)
    row = np.arange(len(lines))
    owner = np.concatenate([row, line[within], row])
    # Starts stand before the vertices within, stops behind them: a stable sort keeps that.
    order = np.argsort(owner, kind="stable")
    parts: NDArray[np.object_] = shapely.linestrings(
        np.concatenate([start, xy[within], stop])[order], indices=owner[order]
    )
    return parts
