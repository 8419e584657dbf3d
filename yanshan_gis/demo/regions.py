"""Which township a place belongs to: the nearest seat, townships with more committees reaching on.

The reach of a township is a length taken off the distance to its anchors (its seat, its committees
of known position and the way between them). Such a cell holds everything on the straight way from
its points to their anchor, so a township stays in one piece.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROUNDS = 24
_SHARE = 0.55  # a reach may exceed a neighbour's by this share of the distance between them
_BATCH = 20_000


@dataclass(frozen=True)
class Regions:
    """Anchors of townships and how far each township reaches.

    Parameters
    ----------
    anchors
        Points × 2 in metres.
    owner
        The township of each anchor, from 0.
    reach
        One length per township, in metres.
    """

    anchors: NDArray[np.float64]
    owner: NDArray[np.int64]
    reach: NDArray[np.float64]

    def label(self, xy: NDArray[np.float64]) -> NDArray[np.int64]:
        """Tell the township of points.

        Parameters
        ----------
        xy
            Points × 2.

        Returns
        -------
        numpy.ndarray
            Township of each point.
        """
        less = self.reach[self.owner]
        found = [
            np.argmin(
                np.hypot(
                    xy[first : first + _BATCH, None, 0] - self.anchors[None, :, 0],
                    xy[first : first + _BATCH, None, 1] - self.anchors[None, :, 1],
                )
                - less,
                axis=1,
            )
            for first in range(0, len(xy), _BATCH)
        ]
        return np.asarray(self.owner[np.concatenate(found)])

    def balanced(self, xy: NDArray[np.float64], wanted: NDArray[np.float64]) -> Regions:
        """Let townships reach further until their areas come near to what is wanted.

        Parameters
        ----------
        xy
            Points spread evenly over the whole area.
        wanted
            Share of the area per township, in any unit.

        Returns
        -------
        Regions
            With other reaches.
        """
        count = len(self.reach)
        limit = _SHARE * self._gaps()
        goal = np.sqrt(wanted / wanted.sum())
        size = float(np.hypot(*np.ptp(xy, axis=0)) / 2)
        regions = self
        for _ in range(_ROUNDS):
            area = np.bincount(regions.label(xy), minlength=count) / len(xy)
            reach = regions.reach + 0.35 * size * (goal - np.sqrt(area))
            for _ in range(3):
                reach = np.minimum(reach, np.min(reach[None, :] + limit, axis=1))
            regions = replace(regions, reach=reach - reach.mean())
        return regions

    def _gaps(self) -> NDArray[np.float64]:
        """Return the least distance between the anchors of each two townships."""
        count = len(self.reach)
        gaps = np.full((count, count), np.inf)
        between = np.hypot(*(self.anchors[:, None] - self.anchors[None]).transpose(2, 0, 1))
        np.minimum.at(gaps, (self.owner[:, None], self.owner[None, :]), between)
        np.fill_diagonal(gaps, 0.0)
        return gaps


@dataclass(frozen=True)
class Districts:
    """The real townships inside the real county's outline, modelled ones beyond it.

    Parameters
    ----------
    regions
        The real townships.
    inner
        Outline of the real county.
    outer
        Seats of the modelled townships × 2; none at scale 1.
    """

    regions: Regions
    inner: Any
    outer: NDArray[np.float64]

    def label(self, xy: NDArray[np.float64]) -> NDArray[np.int64]:
        """Tell the township of points.

        Parameters
        ----------
        xy
            Points × 2.

        Returns
        -------
        numpy.ndarray
            Township of each point: the real ones from 0, then the modelled ones.
        """
        found = self.regions.label(xy)
        if len(self.outer):
            shapely.prepare(self.inner)
            beyond = ~shapely.contains_xy(self.inner, xy[:, 0], xy[:, 1])
            nearest = cKDTree(self.outer).query(xy[beyond])[1]
            found[beyond] = len(self.regions.reach) + nearest
        return found


def between(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points on the way from a seat to a committee, the committee included.

    Parameters
    ----------
    start, end
        Points.

    Returns
    -------
    numpy.ndarray
        Four points × 2.
    """
    share = np.array([0.25, 0.5, 0.75, 1.0])
    return np.asarray(start + (end - start) * share[:, None])
