"""Covering: fewest sites for all or a share of the demand, and most demand for given sites.

- `set_cover`: every row within reach (Toregas et al. 1971).
- `partial_cover`: a share of the weight within reach.
- `maximal_cover`: the most weight by a number of sites or a budget (Church and ReVelle 1974).

Among answers with the same objective, those that cover the most come first (`partial_cover`), and
among these one with the least weighted minutes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_
from yanshan_gis.optimisation.covers import Groups
from yanshan_gis.optimisation.least_minutes import least_minutes as nearer
from yanshan_gis.optimisation.program import Listener
from yanshan_gis.optimisation.sites import Sites, SitingStatus, serving
from yanshan_gis.optimisation.siting import Siting, check_count, opened, uncosted

# A share met up to rounding is met: 0.8 × 105 is 84, not 84.00000000000001.
_ROUNDING = 1e-9


def set_cover(
    siting: Siting,
    *,
    least_minutes: bool = True,
    time_limit_s: float = 60.0,
    listener: Listener | None = None,
) -> Sites:
    """Find the cheapest sites that leave no demand out of reach.

    minimise Σ_j c_j x_j subject to Σ_{j ∈ N(i)} x_j ≥ 1 for every row i of demand.

    Parameters
    ----------
    siting
        The question; only pairs within reach.
    least_minutes
        Choose the least weighted minutes among the cheapest covers.
    time_limit_s
        For each solve.
    listener
        Told cost and bound now and then.

    Returns
    -------
    Sites
        ``infeasible`` where a row of demand has no site in reach. The objective is the cost.
    """
    return partial_cover(
        siting, 1.0, least_minutes=least_minutes, time_limit_s=time_limit_s, listener=listener
    )


def partial_cover(
    siting: Siting,
    share: float,
    *,
    least_minutes: bool = True,
    time_limit_s: float = 60.0,
    listener: Listener | None = None,
) -> Sites:
    """Find the cheapest sites that bring a share of the demand within reach.

    minimise Σ_j c_j x_j subject to Σ_{j ∈ N(i)} x_j ≥ z_i and Σ_i w_i z_i ≥ share Σ_i w_i, where
    existing sites are among the x_j, at 1 and free of cost.

    Parameters
    ----------
    siting
        The question; only pairs within reach.
    share
        Of the weight, 0 to 1.
    least_minutes
        Choose the least weighted minutes among the cheapest choices that cover the most.
    time_limit_s
        For each solve.
    listener
        Told cost and bound now and then.

    Returns
    -------
    Sites
        ``not_needed`` where existing sites are enough, ``infeasible`` where all sites together
        are not. The objective is the cost.

    Raises
    ------
    DataError
        Where the share is not between 0 and 1.
    """
    if not 0 <= share <= 1:
        text = N_("A share lies between 0 and 1, not at {share:g}.")
        raise DataError("siting-share", text, share=share)
    none = np.empty(0, dtype=np.int64)
    needed = share * siting.total - _weight(siting, siting.existing)
    slack = _ROUNDING * siting.total
    if needed <= slack:
        return Sites.of(siting, "not_needed", none, 0.0, 0.0)
    if siting.most < share * siting.total - slack:
        return Sites.of(siting, "infeasible", none, np.nan, np.inf)
    groups = Groups.of(siting)
    found = groups.fewest((needed - slack) / groups.unit, time_limit_s, listener)
    cost = float(groups.costs[found.sites].sum())
    bound = cost if found.proven else _next_cost(groups.costs, found.bound)
    status: SitingStatus = "optimal" if bound >= cost else "time_limit"
    local = found.sites
    if groups.covered(local) < groups.weights.sum():
        local = groups.most(cost, time_limit_s, None, start=local).sites
    return _settled(
        siting, status, groups.sites[local], cost, min(bound, cost), cost, least_minutes,
        time_limit_s,
    )  # fmt: skip


def maximal_cover(
    siting: Siting,
    count: int | None = None,
    *,
    budget: float = np.inf,
    least_minutes: bool = True,
    time_limit_s: float = 60.0,
    listener: Listener | None = None,
) -> Sites:
    """Find the sites that bring the most demand within reach.

    maximise Σ_i w_i z_i subject to Σ_{j ∈ N(i)} x_j ≥ z_i and Σ_j x_j ≤ count, or
    Σ_j c_j x_j ≤ budget. Sites that nobody needs are not opened.

    Parameters
    ----------
    siting
        The question; only pairs within reach.
    count
        Sites opened at most, beside the existing ones; costs are left aside then.
    budget
        What they may cost, where no count is given.
    least_minutes
        Choose the least weighted minutes among the choices that cover the most.
    time_limit_s
        For each solve.
    listener
        Told weight and bound now and then.

    Returns
    -------
    Sites
        ``not_needed`` where existing sites reach all demand, ``infeasible`` where no site may be
        opened that would reach any more. The objective is the covered weight.

    Raises
    ------
    DataError
        Where count or budget is negative.
    """
    check_count(count, budget)
    if count is not None:
        siting = uncosted(siting)
        budget = float(count)
    have = _weight(siting, siting.existing)
    none = np.empty(0, dtype=np.int64)
    if have >= siting.total:
        return Sites.of(siting, "not_needed", none, have, have)
    groups = Groups.of(siting)
    if not len(groups.weights):
        return Sites.of(siting, "infeasible", none, np.nan, have)
    budget = min(budget, float(siting.costs[siting.free].sum()))
    found = groups.most(budget, time_limit_s, listener)
    chosen = groups.sites[found.sites]
    weight = _weight(siting, opened(siting, chosen))
    bound = weight if found.proven else max(have + found.bound * groups.unit, weight)
    status: SitingStatus = "optimal" if bound <= weight else "time_limit"
    return _settled(siting, status, chosen, weight, bound, budget, least_minutes, time_limit_s)


def _settled(
    siting: Siting,
    status: SitingStatus,
    chosen: NDArray[np.int64],
    objective: float,
    bound: float,
    budget: float,
    least_minutes: bool,
    time_limit_s: float,
) -> Sites:
    """Choose the nearest among equally good choices, and leave out sites that serve nobody."""
    minutes_bound = np.nan
    if least_minutes:
        chosen, minutes_bound = nearer(siting, chosen, budget, time_limit_s)
    chosen = serving(siting, chosen)
    return Sites.of(siting, status, chosen, objective, bound, minutes_bound)


def _weight(siting: Siting, sites: NDArray[np.bool_]) -> float:
    return float(siting.weights[siting.reached(sites)].sum())


def _next_cost(costs: NDArray[np.float64], bound: float) -> float:
    """Raise a bound to the next cost that can be: whole costs have whole sums."""
    return float(np.ceil(bound - 1e-6)) if np.all(costs == np.rint(costs)) else bound
