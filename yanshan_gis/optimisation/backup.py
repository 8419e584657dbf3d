"""Backup cover: all demand reached once, and as much as can be twice (Hogan and ReVelle 1986)."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from yanshan_gis.optimisation.coverage import set_cover
from yanshan_gis.optimisation.program import Listener, Program, solve
from yanshan_gis.optimisation.sites import Sites, SitingStatus
from yanshan_gis.optimisation.siting import Siting, check_count, opened, uncosted

_NONE = np.empty(0, dtype=np.int64)


def backup_cover(
    siting: Siting,
    count: int,
    *,
    time_limit_s: float = 60.0,
    listener: Listener | None = None,
) -> Sites:
    """Find the sites that reach all demand, and the most of it twice.

    maximise Σ_i w_i u_i subject to Σ_{j ∈ N(i)} x_j ≥ 1 + u_i and Σ_j x_j ≤ count, where existing
    sites are among the x_j, at 1.

    Parameters
    ----------
    siting
        The question; only pairs within reach.
    count
        Sites opened at most, beside the existing ones; costs are left aside.
    time_limit_s
        For each solve.
    listener
        Told the weight reached twice, and its bound, now and then.

    Returns
    -------
    Sites
        ``infeasible`` where the sites cannot reach all demand once, ``not_needed`` where existing
        ones reach it twice. The objective is the weight reached twice.

    Raises
    ------
    DataError
        Where the count is negative.
    """
    check_count(count)
    siting = uncosted(siting)
    have = times_reached(siting, siting.existing)
    twice = float(siting.weights[have >= 2].sum())
    if twice >= siting.total:
        return Sites.of(siting, "not_needed", _NONE, twice, twice)
    once = set_cover(siting, least_minutes=False, time_limit_s=time_limit_s)
    if once.status == "infeasible" or once.bound > count:
        return Sites.of(siting, "infeasible", _NONE, np.nan, np.inf)
    program, sites = _program(siting, have, count)
    start = once.chosen if once.objective <= count else None
    answer = solve(
        program, time_limit_s=time_limit_s, listener=listener,
        start=None if start is None else _states(program, np.searchsorted(sites, start)),
    )  # fmt: skip
    if answer.values is None:
        status: SitingStatus = "infeasible" if answer.status == "infeasible" else "time_limit"
        return Sites.of(siting, status, _NONE, np.nan, siting.total)
    chosen = sites[answer.chosen(0, len(sites))]
    counts = times_reached(siting, opened(siting, chosen))
    weight = float(siting.weights[counts >= 2].sum())
    unit = float(siting.weights.max())
    bound = weight if answer.status == "optimal" else max(twice + answer.bound * unit, weight)
    return Sites.of(siting, answer.status, chosen, weight, bound)


def times_reached(siting: Siting, sites: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count how many of some sites reach each row.

    Parameters
    ----------
    siting
        The question; only pairs within reach.
    sites
        Mask of sites.

    Returns
    -------
    numpy.ndarray
        Per row.
    """
    return np.bincount(siting.pairs(sites)[0], minlength=len(siting.weights))


def _program(
    siting: Siting, have: NDArray[np.int64], count: int
) -> tuple[Program, NDArray[np.int64]]:
    """Columns [sites | rows] with `reach x − u ≥ 1 − have`, and one row for the count."""
    rows = np.flatnonzero(siting.demand & (have < 2))
    sites = np.flatnonzero(siting.free)
    n, m = len(rows), len(sites)
    reach = siting.minutes[rows][:, sites]
    reach = sp.csr_array((np.ones(reach.nnz), reach.indices, reach.indptr), shape=reach.shape)
    matrix = sp.vstack(
        [
            sp.hstack([reach, -sp.eye_array(n)]),
            sp.csr_array(np.r_[-np.ones(m), np.zeros(n)][None, :]),
        ],
        format="csr",
    )
    weights = siting.weights[rows] / siting.weights.max()
    program = Program(
        np.r_[np.zeros(m), weights], matrix, np.r_[1.0 - have[rows], -float(count)],
        np.full(n + 1, np.inf), maximise=True,
    )  # fmt: skip
    return program, sites


def _states(program: Program, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    values = np.zeros(len(program.cost))
    values[chosen] = 1
    reached = program.matrix[:-1] @ values
    values[len(values) - len(reached) :] = np.minimum(reached - program.row_lower[:-1], 1)
    return values
