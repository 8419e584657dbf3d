"""The p-median problem: sites that bring everyone nearer on average (Hakimi 1964)."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from yanshan_gis.optimisation.coverage import set_cover
from yanshan_gis.optimisation.least_minutes import GAP, least_minutes
from yanshan_gis.optimisation.program import Listener
from yanshan_gis.optimisation.sites import Sites, SitingStatus, serving
from yanshan_gis.optimisation.siting import Siting, check_count, uncosted

_NONE = np.empty(0, dtype=np.int64)
_ROUNDING = 1e-9  # of the minutes: a bound sums them in another order


def p_median(
    siting: Siting,
    count: int,
    *,
    gap: float = GAP,
    time_limit_s: float = 60.0,
    listener: Listener | None = None,
) -> Sites:
    """Find the sites from which the weighted minutes to all demand are least.

    minimise Σ_i w_i min_{j open} d_ij with at most `count` sites opened beside the existing ones.

    Parameters
    ----------
    siting
        The question, with all pairs that may serve.
    count
        Sites opened at most, beside the existing ones; costs are left aside. Sites that nobody
        needs are not opened.
    gap
        Relative distance between minutes and bound that counts as proven.
    time_limit_s
        After which the best answer and its bound are returned.
    listener
        Told weighted minutes and bound now and then.

    Returns
    -------
    Sites
        ``infeasible`` where no choice serves all demand: `shortfall` names the rows that nobody
        can reach, and how many sites the others take. The objective is the weighted minutes.

    Raises
    ------
    DataError
        Where the count is negative.
    """
    check_count(count)
    siting = uncosted(siting)
    if not siting.demand.any():
        return Sites.of(siting, "not_needed", _NONE, 0.0, 0.0)
    end = time.monotonic() + time_limit_s
    status, start = serve_all(siting, count, time_limit_s)
    if status != "optimal":
        bound = np.inf if status == "infeasible" else 0.0
        return Sites.of(siting, status, _NONE, np.nan, bound)
    left = max(end - time.monotonic(), 0.0)
    chosen, bound = least_minutes(siting, start, float(count), left, gap=gap, listener=listener)
    chosen = serving(siting, chosen)
    objective = Sites.of(siting, "optimal", chosen, 0.0, 0.0).weighted_minutes
    proven = objective - bound <= (gap + _ROUNDING) * objective
    bound = min(bound, objective)
    return Sites.of(siting, "optimal" if proven else "time_limit", chosen, objective, bound, bound)


def serve_all(
    siting: Siting, count: int, time_limit_s: float
) -> tuple[SitingStatus, NDArray[np.int64]]:
    """Find any choice that leaves no demand without a site.

    Parameters
    ----------
    siting
        The question.
    count
        Sites opened at most.
    time_limit_s
        After which nothing may be known.

    Returns
    -------
    tuple
        ``optimal`` with a choice, ``infeasible`` where there is none, or ``time_limit``.
    """
    left = siting.demand & ~siting.reached(siting.existing)
    if not left.any():
        return "optimal", _NONE
    row, site, _ = siting.pairs(siting.free)
    reaches = np.bincount(site[left[row]], minlength=len(siting.costs))
    if count and reaches.max(initial=0) == left.sum():
        return "optimal", np.array([np.argmax(reaches)])
    found = set_cover(siting, least_minutes=False, time_limit_s=time_limit_s)
    if found.objective <= count:
        return "optimal", found.chosen
    return ("infeasible" if found.bound > count else "time_limit"), _NONE
