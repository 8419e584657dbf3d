"""Where places meet the network: the edge, the foot point on it, and the walk there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_

BEYOND_LIMIT = N_("beyond limit")
NO_ROAD = N_("no road")
NO_POSITION = N_("no position")


@dataclass(frozen=True, eq=False)
class Stops:
    """Points attached to the network, one value per point.

    Parameters
    ----------
    x, y
        Metres, the points themselves.
    edge
        int32 index of the nearest edge; -1 for an unattached point.
    fraction
        Position of the foot along the edge's line by length, 0 to 1; NaN when unattached.
    foot_x, foot_y
        Metres, the nearest point on the road, told beyond the limit too; else NaN.
    walk_m
        Straight distance to it, told beyond the limit too; NaN without road or position.
    reason
        Why a point is unattached, else None.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    edge: NDArray[np.int32]
    fraction: NDArray[np.float64]
    foot_x: NDArray[np.float64]
    foot_y: NDArray[np.float64]
    walk_m: NDArray[np.float64]
    reason: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def attached(self) -> NDArray[np.bool_]:
        """True for the points that reach a road."""
        return self.edge >= 0

    def walk_min(self, walk_speed_kmh: float) -> NDArray[np.float64]:
        """Return the minutes on foot to the road.

        Parameters
        ----------
        walk_speed_kmh
            Walking speed.

        Returns
        -------
        numpy.ndarray
            walk_m / 1000 / walk_speed_kmh · 60; NaN for unattached points.

        Raises
        ------
        DataError
            When the speed is not positive.
        """
        if not walk_speed_kmh > 0:
            raise DataError(
                "walk-speed",
                N_("The walking speed is {speed} km/h; it must be more than 0."),
                speed=walk_speed_kmh,
            )
        return np.where(self.attached, self.walk_m / 1000 / walk_speed_kmh * 60, np.nan)
