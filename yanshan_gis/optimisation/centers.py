"""The smallest reach that is enough: the p-center problem (Hakimi 1964), and shares of demand.

The radius is one of the minutes that occur. Whether one is enough is a covering question, so the
answer is found by halving the list of minutes, a set cover at each (Minieka 1970).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yanshan_gis.optimisation.coverage import partial_cover
from yanshan_gis.optimisation.least_minutes import least_minutes as nearer
from yanshan_gis.optimisation.program import Listener
from yanshan_gis.optimisation.sites import Sites, SitingStatus, serving
from yanshan_gis.optimisation.siting import Siting, check_count, uncosted

_NONE = np.empty(0, dtype=np.int64)
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Radius:
    """The smallest reach found.

    Parameters
    ----------
    minutes
        The reach; NaN where none is enough.
    bound
        No reach below this is enough; infinite where none is.
    chosen
        Sites for which it is.
    """

    minutes: float
    bound: float
    chosen: NDArray[np.int64]


def p_center(
    siting: Siting,
    count: int,
    *,
    least_minutes: bool = True,
    time_limit_s: float = 60.0,
    listener: Listener | None = None,
) -> Sites:
    """Find the sites from which the farthest demand is as near as can be.

    minimise max_{i: w_i > 0} min_{j open} d_ij with at most `count` sites opened beside the
    existing ones.

    Parameters
    ----------
    siting
        The question, with all pairs that may serve.
    count
        Sites opened at most; costs are left aside.
    least_minutes
        Choose the least weighted minutes among the choices with the smallest radius.
    time_limit_s
        For the radius, and again for the minutes.
    listener
        Told the radius and its bound now and then.

    Returns
    -------
    Sites
        ``infeasible`` where no choice serves all demand. The objective is the radius, in minutes.

    Raises
    ------
    DataError
        Where the count is negative.
    """
    check_count(count)
    siting = uncosted(siting)
    if not siting.demand.any():
        return Sites.of(siting, "not_needed", _NONE, 0.0, 0.0)
    found = smallest_radius(siting, 1.0, float(count), time_limit_s, listener)
    if np.isnan(found.minutes):
        status: SitingStatus = "infeasible" if np.isinf(found.bound) else "time_limit"
        return Sites.of(siting, status, _NONE, np.nan, found.bound)
    chosen, minutes_bound = found.chosen, np.nan
    if least_minutes:
        near = siting.within(found.minutes)
        chosen, minutes_bound = nearer(near, chosen, float(count), time_limit_s)
    status = "optimal" if found.bound >= found.minutes else "time_limit"
    chosen = serving(siting, chosen)
    return Sites.of(siting, status, chosen, found.minutes, found.bound, minutes_bound)


def smallest_radius(
    siting: Siting,
    share: float,
    budget: float,
    time_limit_s: float,
    listener: Listener | None = None,
) -> Radius:
    """Find the smallest reach within which a share of the demand can be served.

    Parameters
    ----------
    siting
        The question, with all pairs that are known.
    share
        Of the weight, 0 to 1.
    budget
        What the sites may cost.
    time_limit_s
        After which the smallest reach found so far is returned.
    listener
        Told radius and bound now and then.

    Returns
    -------
    Radius
        With its bound.
    """
    end = time.monotonic() + time_limit_s
    lower = share_within(siting.nearest(siting.existing | siting.free)[1], siting.weights, share)
    if np.isnan(lower):
        return Radius(np.nan, np.inf, _NONE)
    row, _, minutes = siting.pairs(siting.existing | siting.free)
    tried = np.unique(minutes[siting.demand[row]])
    tried = tried[tried >= lower]
    if not len(tried):
        return Radius(lower, lower, _NONE)
    best = Radius(np.nan, lower, _NONE)
    low, high = 0, len(tried)  # tried[:low] are not enough, tried[high:] are
    while low < high:
        # The largest first: is any enough?
        middle = (low + high) // 2 if high < len(tried) else high - 1
        left = max(end - time.monotonic(), 0.0)
        near = siting.within(float(tried[middle]))
        found = partial_cover(near, share, least_minutes=False, time_limit_s=left)
        if found.objective <= budget * (1 + _ROUNDING):
            reach = share_within(found.minutes, siting.weights, share)
            best = Radius(reach, best.bound, found.chosen)
            high = int(np.searchsorted(tried, reach))
        elif found.bound > budget * (1 + _ROUNDING):
            low = middle + 1
            bound = float(tried[low]) if low < len(tried) else np.inf
            best = Radius(best.minutes, bound, best.chosen)
        else:
            return best  # time ran out before this one was decided
        if listener is not None:
            listener(best.minutes, best.bound)
    return Radius(best.minutes, best.minutes if high < len(tried) else np.inf, best.chosen)


def share_within(minutes: NDArray[np.float64], weights: NDArray[np.float64], share: float) -> float:
    """Find the reach within which a share of the weight lies.

    Parameters
    ----------
    minutes
        Of each row; NaN for out of reach.
    weights
        Of each row.
    share
        Of the weight, 0 to 1.

    Returns
    -------
    float
        One of the minutes, 0 where none is needed; NaN where none is enough.
    """
    needed = (share - _ROUNDING) * float(weights.sum())
    if needed <= 0:
        return 0.0
    order = np.argsort(minutes, kind="stable")
    order = order[~np.isnan(minutes[order])]
    enough = np.flatnonzero(np.cumsum(weights[order]) >= needed)
    return float(minutes[order][enough[0]]) if len(enough) else np.nan
