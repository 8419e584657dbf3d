"""Symbols of one place set side by side, so that none hides another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_GAP_MM = 0.35  # between neighbouring symbols
_RING_MM = 0.9  # step between the rings that are tried
_MOST_RINGS = 60


def spread(
    middles: NDArray[np.float64], sizes_mm: NDArray[np.float64], kept: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Move symbols that would overlap to the nearest free spot around their place.

    Parameters
    ----------
    middles
        Where they belong, millimetres on paper, shape (n, 2).
    sizes_mm
        Their diameters, shape (n,).
    kept
        Boxes that stay free, ``(left, bottom, right, top)``, shape (m, 4).

    Returns
    -------
    numpy.ndarray
        Where they stand, shape (n, 2). The first of a place keeps it if it can; the same input
        gives the same output. Where no ring has room a symbol stays on its place.
    """
    stands = middles.copy()
    radii = sizes_mm / 2
    for row in range(len(middles)):
        others, reach = stands[:row], radii[:row] + radii[row] + _GAP_MM
        for ring in range(_MOST_RINGS):
            tried = middles[row] + _ring(ring)
            apart = np.hypot(*(tried[:, None, :] - others[None, :, :]).transpose(2, 0, 1))
            free = (apart >= reach).all(axis=1) & ~_covers(tried, radii[row], kept)
            if free.any():
                stands[row] = tried[int(np.argmax(free))]
                break
    return stands


def _ring(number: int) -> NDArray[np.float64]:
    """List the spots of a ring, from the east counter-clockwise; ring 0 is the place itself."""
    if number == 0:
        return np.zeros((1, 2))
    angles = np.linspace(0, 2 * np.pi, 6 * number, endpoint=False)
    return number * _RING_MM * np.column_stack([np.cos(angles), np.sin(angles)])


def _covers(
    tried: NDArray[np.float64], radius: float, kept: NDArray[np.float64]
) -> NDArray[np.bool_]:
    low, high = tried[:, None, :] - radius, tried[:, None, :] + radius
    meets = np.asarray((low < kept[None, :, 2:]) & (high > kept[None, :, :2]))
    covered: NDArray[np.bool_] = np.any(np.all(meets, axis=2), axis=1)
    return covered
