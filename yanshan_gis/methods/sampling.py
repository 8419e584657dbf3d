"""Seeded draws of uncertain values: every part of every range is visited."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_

_ENDS = {"low", "high"}
Ranges = Mapping[str, float | Mapping[str, float]]


def factor_ranges(ranges: Ranges) -> dict[str, tuple[float, float]]:
    """Read how far values are thought to lie from those stated.

    Parameters
    ----------
    ranges
        By parameter: a share such as 0.2, for 0.8 to 1.2 times the value stated, or ``low`` and
        ``high`` as shares of it.

    Returns
    -------
    dict
        Lowest and highest factor by parameter, in the order given.

    Raises
    ------
    DataError
        When a range is empty or reaches 0.
    """
    found = {}
    for name, told in ranges.items():
        if isinstance(told, Mapping):
            low, high = float(told.get("low", 1.0)), float(told.get("high", 1.0))
        else:
            low, high = 1.0 - float(told), 1.0 + float(told)
        if not 0 < low <= high < np.inf or (isinstance(told, Mapping) and set(told) - _ENDS):
            text = N_(
                "The range of {name} is no range: write a share between 0 and 1, or low and high "
                "as shares of the value stated, low above 0."
            )
            raise DataError("range-unreadable", text, name=name)
        found[name] = (low, high)
    return found


def latin_hypercube(
    bounds: NDArray[np.float64], count: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw points so that each of `count` equal parts of every range holds one of them.

    McKay, M. D., Beckman, R. J. and Conover, W. J. (1979), A comparison of three methods for
    selecting values of input variables in the analysis of output from a computer code,
    Technometrics 21(2), 239–245. Within its part a value is uniform; ranges are independent.

    Parameters
    ----------
    bounds
        Of shape (d, 2): lowest and highest value.
    count
        Number of points.
    rng
        Seeded by the caller.

    Returns
    -------
    numpy.ndarray
        Of shape (count, d).
    """
    parts = np.tile(np.arange(count, dtype=float)[:, None], (1, len(bounds)))
    shares = (rng.permuted(parts, axis=0) + rng.random(parts.shape)) / max(count, 1)
    low, high = bounds[:, 0], bounds[:, 1]
    drawn: NDArray[np.float64] = low + shares * (high - low)
    return drawn
