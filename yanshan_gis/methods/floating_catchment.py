"""Floating catchments: how much of a supply falls to each place that can reach it.

Two steps (2SFCA, Luo and Wang 2003, Environment and Planning B 30): every supply is divided by the
demand within its catchment, and every place adds up the ratios within its own:

    R_j = S_j / Σ_k P_k W_kj          A_i = Σ_j R_j W_ij          W = 1 within t0, else 0

Enhanced (E2SFCA, Luo and Qi 2009, Health & Place 15): W falls from time zone to time zone. Either
way the supply is shared out and nothing is lost: Σ_i P_i A_i = Σ_j S_j over the supplies that have
demand in reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_


@dataclass(frozen=True, eq=False)
class Shares:
    """A supply shared out.

    Parameters
    ----------
    demand
        Σ_k P_k W_kj of every supply.
    ratio
        R_j, supply per unit of demand; NaN for a supply without demand, which is not infinity.
    access
        A_i of every place: 0 where no supply is in reach, NaN where some is in reach and none of
        it has a ratio.
    """

    demand: NDArray[np.float64]
    ratio: NDArray[np.float64]
    access: NDArray[np.float64]


def zone_weights(
    minutes: NDArray[np.float64], limit_min: float, weights: Sequence[float]
) -> NDArray[np.float64]:
    """Weigh minutes by time zones of equal width.

    Parameters
    ----------
    minutes
        Times of 0 or more.
    limit_min
        The catchment, inclusive, cut into as many zones as there are weights; each zone holds its
        upper bound.
    weights
        Of the zones from near to far, between 0 and 1 and never rising; ``[1]`` for 2SFCA.

    Returns
    -------
    numpy.ndarray
        W of each time; 0 beyond the limit and for NaN.

    Raises
    ------
    DataError
        When the limit is not positive, or the weights are not as said.
    """
    steps = np.asarray(weights, dtype=float)
    falling = len(steps) > 0 and bool((np.diff(steps) <= 0).all())
    if not falling or not (steps >= 0).all() or not 0 < steps[0] <= 1:
        text = N_("Zone weights are {weights}; they lie between 0 and 1 and never rise.")
        raise DataError("zone-weights", text, weights=", ".join(f"{w:g}" for w in weights))
    if not limit_min > 0:
        text = N_("The catchment is {limit:g} min; it must be more than 0.")
        raise DataError("catchment-limit", text, limit=limit_min)
    bounds = limit_min * np.arange(1, len(steps) + 1) / len(steps)
    bounds[-1] = limit_min
    zone = np.searchsorted(bounds, minutes, side="left")  # NaN goes behind all
    found: NDArray[np.float64] = np.append(steps, 0.0)[zone]
    return found


def share_out(
    weights: sp.csr_array, demand: NDArray[np.float64], supply: NDArray[np.float64]
) -> Shares:
    """Share a supply out over the demand that reaches it.

    Parameters
    ----------
    weights
        W of shape (places, supplies), 0 out of reach.
    demand
        P of every place, such as people.
    supply
        S of every supply, in a unit of its own.

    Returns
    -------
    Shares
        Ratios and accessibility, in units of supply per unit of demand.

    Raises
    ------
    DataError
        When a demand or a supply is negative or not known.
    """
    for values in (demand, supply):
        wrong = ~(values >= 0) | np.isinf(values)
        if wrong.any():
            text = N_("Row {row} of a demand or supply is {value:g}; it must be 0 or more.")
            row = int(np.flatnonzero(wrong)[0])
            raise DataError("catchment-values", text, row=row + 1, value=float(values[row]))
    reached = weights.T @ demand
    asked = reached > 0
    ratio = np.full(len(supply), np.nan)
    ratio[asked] = supply[asked] / reached[asked]
    access = weights @ np.where(asked, ratio, 0.0)
    near = (weights > 0).astype(np.int64)
    access[(near.sum(axis=1) > 0) & (near @ asked.astype(np.int64) == 0)] = np.nan
    return Shares(reached, ratio, access)
