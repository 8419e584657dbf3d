"""Sums over the subtrees of a forest, the same in whatever order they are taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    AddUp = Callable[[NDArray[np.int32], NDArray[np.int64]], None]

# Nodes from which on compiled code is worth loading.
_WORTH_LOADING = 500_000
# Sums stay below 2 to this power, and so fit a signed integer of 64 bits.
_BITS = 61


def subtree_sums(parent: NDArray[np.int32], values: ArrayLike) -> NDArray[np.float64]:
    """Add up values over every node and its descendants.

    The values are summed in fixed point, exactly to about 18 digits of their total; whole numbers
    are exact. So the order of the sum does not matter, and compiled code gives the same.

    Parameters
    ----------
    parent
        Of every node of a forest; -1 at a root.
    values
        One number per node.

    Returns
    -------
    numpy.ndarray
        One sum per node.

    Raises
    ------
    DataError
        When the values are not one finite number per node.
    """
    held = check_values(values, len(parent))
    scale = scale_for(float(np.abs(held).sum()))
    total = to_fixed(held, scale)
    choose_add_up(len(parent))(parent, total)
    return from_fixed(total, scale)


def add_up(parent: NDArray[np.int32], total: NDArray[np.int64]) -> None:
    """Add to every node of a forest what its descendants hold, without compiled code.

    Parameters
    ----------
    parent
        Of every node; -1 at a root.
    total
        What every node holds; changed in place.
    """
    node = np.flatnonzero(parent >= 0)
    up = parent.copy()
    # Doubling the stride: after k rounds every node holds what lies less than 2^k below it.
    while len(node):
        np.add.at(total, up[node], total[node])
        further = up[up[node]]
        up[node] = further
        node = node[further >= 0]


def choose_add_up(visits: int) -> AddUp:
    """Choose what adds up sooner, loading included.

    Parameters
    ----------
    visits
        Nodes, over all forests.

    Returns
    -------
    callable
        `add_up` of this module or of the kernels.
    """
    if visits < _WORTH_LOADING:
        return add_up
    try:
        from yanshan_gis.network.kernels.flows import add_up as compiled
    except ImportError:
        return add_up
    return compiled


def scale_for(total: float) -> int:
    """Choose the power of two by which fixed-point numbers are larger.

    Parameters
    ----------
    total
        Largest sum that may arise, 0 or more.

    Returns
    -------
    int
        The exponent.
    """
    return _BITS - int(np.frexp(total)[1])


def to_fixed(values: NDArray[np.float64], scale: int) -> NDArray[np.int64]:
    """Turn numbers into fixed point.

    Parameters
    ----------
    values
        The numbers.
    scale
        As of `scale_for`.

    Returns
    -------
    numpy.ndarray
        int64.
    """
    return np.rint(np.ldexp(values, scale)).astype(np.int64)


def from_fixed(total: NDArray[np.int64], scale: int) -> NDArray[np.float64]:
    """Turn fixed point back into numbers.

    Parameters
    ----------
    total
        int64.
    scale
        As of `scale_for`.

    Returns
    -------
    numpy.ndarray
        float64.
    """
    found: NDArray[np.float64] = np.ldexp(total.astype(float), -scale)
    return found


def check_values(values: ArrayLike, count: int, *, positive: bool = False) -> NDArray[np.float64]:
    """Check that there is one finite number for each of several things.

    Parameters
    ----------
    values
        The numbers.
    count
        How many there must be.
    positive
        True to refuse numbers below 0.

    Returns
    -------
    numpy.ndarray
        float64.

    Raises
    ------
    DataError
        When another number of values is given, or one is NaN, infinite or refused.
    """
    held = np.asarray(values, dtype=float)
    if positive and (held < 0).any():
        raise DataError(
            "demand-negative",
            N_("A demand is {value:g}; it must be 0 or more."),
            value=float(held[held < 0][0]),
        )
    if held.shape != (count,) or not np.isfinite(held).all():
        raise DataError(
            "sum-values",
            N_("A sum needs one finite number for each of {count} places."),
            count=count,
        )
    return held
