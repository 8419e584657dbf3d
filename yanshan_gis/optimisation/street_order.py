"""In which order, and in which years, the streets of chosen villages are hardened.

Villages do not wait for one another, so the order with the most under its curve of gain against
kilometres at every length that ends a village is the one of falling gain per kilometre (Smith's
rule). Money left over in one year is spent in the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from yanshan_gis.optimisation.budget import ROUNDING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from yanshan_gis.optimisation.budget import Budget
    from yanshan_gis.optimisation.in_village import StreetChoice, Streets


def order_streets(streets: Streets, choice: StreetChoice) -> NDArray[np.int64]:
    """Put the chosen villages in order.

    Parameters
    ----------
    streets
        What each takes and gains.
    choice
        Of them.

    Returns
    -------
    numpy.ndarray
        Rows of the chosen villages by falling gain per kilometre; of equal ones the shorter, then
        the earlier row first.
    """
    rows = choice.village
    km, gain = streets.need_km[rows], streets.gain[rows]
    return rows[np.lexsort((rows, km, -gain / km))]


def finish_years(
    streets: Streets, order: NDArray[np.int64], budget: Budget, years: int, spent: Budget
) -> NDArray[np.int64]:
    """Tell the year in which each village is finished.

    Parameters
    ----------
    streets
        What each takes.
    order
        Rows of villages, the first to be hardened first.
    budget
        Kilometres and money of all years, spent in equal parts.
    years
        How many.
    spent
        What committed streets take before the first village.

    Returns
    -------
    numpy.ndarray
        From 1, one per row of `order`: the first year by whose end the budgets so far pay for the
        village and all before it.
    """
    finished = np.ones(len(order), dtype=np.int64)
    for values, limit, before in (
        (streets.need_km, budget.km, spent.km),
        (streets.cost, budget.cost, spent.cost),
    ):
        if values is not None and np.isfinite(limit) and limit > 0:
            sums = before + np.cumsum(values[order])
            year = np.ceil((sums - ROUNDING) / (limit / years)).astype(np.int64)
            finished = np.maximum(finished, year)
    return np.minimum(finished, years)
