"""What an infeasible question lacks, as numbers: who, how far, and what would be enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yanshan_gis.optimisation.centers import smallest_radius
from yanshan_gis.optimisation.coverage import maximal_cover, partial_cover
from yanshan_gis.optimisation.siting import Siting, check_count, uncosted


@dataclass(frozen=True, eq=False)
class Shortfall:
    """Facts about a question that has no answer.

    Parameters
    ----------
    rows
        Rows of demand with no site in reach, existing or to be opened; ascending.
    nearest
        The nearest such site of each, -1 where there is no way to any.
    minutes
        To it; NaN for none.
    radius
        The smallest reach that would do with as many sites as asked for; NaN where none would.
    radius_bound
        No smaller reach would: below `radius` where time ran out.
    needed
        What sites have to cost (their number, where they are counted) to do within the reach asked
        for; NaN where no choice does.
    needed_bound
        No less would: below `needed` where time ran out.
    share
        Largest share of the weight that sites within the reach and budget asked for can serve.
    share_bound
        No larger one can be: above `share` where time ran out.
    """

    rows: NDArray[np.int64]
    nearest: NDArray[np.int64]
    minutes: NDArray[np.float64]
    radius: float
    radius_bound: float
    needed: float
    needed_bound: float
    share: float
    share_bound: float


def shortfall(
    siting: Siting,
    limit_min: float,
    *,
    share: float = 1.0,
    count: int | None = None,
    budget: float = np.inf,
    time_limit_s: float = 60.0,
) -> Shortfall:
    """Tell what a covering question lacks.

    Parameters
    ----------
    siting
        The question with all pairs that are known, also those beyond the reach asked for.
    limit_min
        The reach asked for.
    share
        Of the weight, that has to be served.
    count
        Sites opened at most, where that was asked for; costs are left aside then.
    budget
        What they may cost.
    time_limit_s
        For each of the three questions: radius, number and share.

    Returns
    -------
    Shortfall
        The facts.

    Raises
    ------
    DataError
        Where count or budget is negative, or the share is not between 0 and 1.
    """
    check_count(count, budget)
    if count is not None:
        siting, budget = uncosted(siting), float(count)
    near = siting.within(limit_min)
    usable = siting.existing | siting.free
    rows = np.flatnonzero(siting.demand & ~near.reached(usable))
    nearest, minutes = siting.nearest(usable)
    radius = smallest_radius(siting, share, budget, time_limit_s)
    cover = partial_cover(near, share, least_minutes=False, time_limit_s=time_limit_s)
    most, bound = _most(near, budget, time_limit_s)
    return Shortfall(
        rows, nearest[rows], minutes[rows], radius.minutes, radius.bound, cover.objective,
        cover.bound, most, bound,
    )  # fmt: skip


def _most(near: Siting, budget: float, time_limit_s: float) -> tuple[float, float]:
    """Largest share that can be served, and its bound; NaN where nobody asks for anything."""
    if not near.total:
        return np.nan, np.nan
    if np.isinf(budget):
        share = near.most / near.total
        return share, share
    found = maximal_cover(near, budget=budget, least_minutes=False, time_limit_s=time_limit_s)
    return found.share, max(found.bound / near.total, found.share)
