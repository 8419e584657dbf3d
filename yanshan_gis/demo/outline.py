"""A modelled county outline: a wiggly line around the seats, with the county's exact area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
import shapely.affinity

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEP = 250.0  # metres between vertices
# Wavelength (m) and amplitude (m) of the bends along the outline.
_BENDS = (
    (38_000.0, 2400.0),
    (17_000.0, 1900.0),
    (7_500.0, 1100.0),
    (3_300.0, 520.0),
    (1_500.0, 190.0),
)


def build_outline(rng: np.random.Generator, seats: NDArray[np.float64], area_m2: float) -> Any:
    """Model an outline around the seats.

    Parameters
    ----------
    rng
        Where the numbers come from.
    seats
        Points × 2 in metres.
    area_m2
        What the polygon measures, to the rounding of its vertices (1 cm).

    Returns
    -------
    shapely.Polygon
        Holding all seats.
    """
    hull = shapely.convex_hull(shapely.multipoints(seats))
    phases = rng.uniform(0, 2 * np.pi, (len(_BENDS), 3))
    low, high = 3_000.0, 60_000.0
    for _ in range(24):
        middle = (low + high) / 2
        if shapely.area(_wiggle(hull.buffer(middle, quad_segs=32), phases)) < area_m2:
            low = middle
        else:
            high = middle
    ring = _wiggle(hull.buffer(high, quad_segs=32), phases)
    return resize(ring, area_m2)


def resize(polygon: Any, area_m2: float) -> Any:
    """Scale a polygon about its centroid to an area.

    Parameters
    ----------
    polygon
        In metres.
    area_m2
        What it shall measure.

    Returns
    -------
    shapely.Polygon
        With vertices on whole centimetres.
    """
    factor = float(np.sqrt(area_m2 / polygon.area))
    scaled = shapely.affinity.scale(polygon, factor, factor, origin="centroid")
    return shapely.polygons(np.round(shapely.get_coordinates(scaled.exterior), 2))


def _wiggle(polygon: Any, phases: NDArray[np.float64]) -> Any:
    """Push the ring in and out along its normals by waves that close on themselves."""
    ring = polygon.exterior
    count = max(int(ring.length / _STEP), 16)
    share = np.arange(count) / count
    xy = shapely.get_coordinates(shapely.line_interpolate_point(ring, share, normalized=True))
    ahead = np.roll(xy, -1, axis=0) - np.roll(xy, 1, axis=0)
    normal = np.column_stack([ahead[:, 1], -ahead[:, 0]])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    push = np.zeros(count)
    for (length, height), phase in zip(_BENDS, phases, strict=True):
        turns = max(round(ring.length / length), 1)
        for part, offset in enumerate(phase):
            push += height / 3 * np.sin(2 * np.pi * (turns + part) * share + offset)
    return shapely.polygons(xy + normal * push[:, None])
