"""Partial set cover, exactly: the fewest sites that bring a share of the demand within reach.

The model (a set cover with a floor on the covered demand instead of covering all of it):

    minimise    Σ x_j
    subject to  Σ_{j ∈ N(i)} x_j ≥ z_i          a village counts only with an open site in reach
                Σ w_i z_i ≥ needed               the floor
                x, z ∈ {0, 1}

Among the answers with the fewest sites, a second solve takes one that covers the most demand.
Villages that already have a facility in reach leave the model and their weight leaves the floor,
so existing facilities are part of the model rather than added afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from yanshan_gis.optimisation.program import Program, solve

CoverStatus = Literal["optimal", "not_needed", "infeasible", "time_limit"]


@dataclass(frozen=True)
class Cover:
    """An answer with its proof.

    Parameters
    ----------
    status
        ``optimal`` when proven; ``time_limit`` when a better answer may exist; ``not_needed`` when
        the target is met already; ``infeasible`` when all sites together miss it.
    sites
        Chosen columns, ascending.
    covered
        Per row, whether it is in reach of an existing or chosen site.
    weight
        Covered weight, and `most`, the weight that all sites together could cover.
    bound
        No answer has fewer sites than this.
    """

    status: CoverStatus
    sites: NDArray[np.int64]
    covered: NDArray[np.bool_]
    weight: float
    most: float
    bound: float


def partial_cover(
    reach: sp.csr_array,
    weights: NDArray[np.float64],
    share: float,
    *,
    have: NDArray[np.bool_],
    time_limit_s: float = 60.0,
) -> Cover:
    """Find the fewest sites that bring a share of the demand within reach.

    Parameters
    ----------
    reach
        Rows are demand, columns candidate sites; stored where a site reaches the demand.
    weights
        Weight of each row, ≥ 0.
    share
        Of the total weight, 0 to 1, that must be covered.
    have
        Rows in reach of an existing facility.
    time_limit_s
        For each of the two solves.

    Returns
    -------
    Cover
        With status, bound and what is covered.
    """
    total = float(weights.sum())
    # A floor met up to rounding is met: 0.8 × 105 is 84, not 84.00000000000001.
    needed = share * total - float(weights[have].sum()) - 1e-9 * max(total, 1.0)
    reachable = np.diff(reach.indptr) > 0
    most = float(weights[have | reachable].sum())
    none = np.empty(0, dtype=np.int64)
    if needed <= 0:
        return Cover("not_needed", none, have.copy(), float(weights[have].sum()), most, 0.0)
    if most < share * total - 1e-9 * max(total, 1.0):
        return Cover("infeasible", none, have.copy(), float(weights[have].sum()), most, np.inf)
    rows = np.flatnonzero(~have & reachable & (weights > 0))
    merged, group_weights = _merge(reach[rows], weights[rows])
    sites, bound, proven = _fewest(merged, group_weights, needed, time_limit_s)
    chosen = _most_covering(merged, group_weights, len(sites), sites, time_limit_s)
    open_sites = np.zeros(reach.shape[1])
    open_sites[chosen] = 1
    covered = have | (reach @ open_sites > 0)
    status: CoverStatus = "optimal" if proven else "time_limit"
    return Cover(status, np.sort(chosen), covered, float(weights[covered].sum()), most, bound)


def _merge(
    reach: sp.csr_array, weights: NDArray[np.float64]
) -> tuple[sp.csr_array, NDArray[np.float64]]:
    """Merge rows with the same candidate set: the model shrinks and its answer stays the same."""
    ordered = sp.csr_array(reach)
    ordered.sort_indices()
    ends = ordered.indptr
    keys = [ordered.indices[ends[i] : ends[i + 1]].tobytes() for i in range(ordered.shape[0])]
    first: dict[bytes, int] = {}
    groups = np.array([first.setdefault(key, len(first)) for key in keys], dtype=np.int64)
    kept = np.unique(groups, return_index=True)[1]
    sums = np.bincount(groups, weights=weights)
    return ordered[kept], sums.astype(np.float64)


def _program(
    reach: sp.csr_array,
    weights: NDArray[np.float64],
    extra: NDArray[np.float64],
    floor: float,
    *,
    maximise: bool = False,
) -> Program:
    """Write columns [sites | rows] and the rows `reach x − z ≥ 0` plus one of the caller's.

    Sites are counted, or where the covered weight is maximised, that is.
    """
    rows, sites = reach.shape
    ones = sp.csr_array((np.ones(reach.nnz), reach.indices, reach.indptr), shape=reach.shape)
    matrix = sp.vstack(
        [sp.hstack([ones, -sp.eye_array(rows)]), sp.csr_array(extra[None, :])], format="csr"
    )
    counted = np.r_[np.zeros(sites), weights] if maximise else np.r_[np.ones(sites), np.zeros(rows)]
    lower = np.r_[np.zeros(rows), floor]
    return Program(counted, matrix, lower, np.full(rows + 1, np.inf), maximise=maximise)


def _fewest(
    reach: sp.csr_array, weights: NDArray[np.float64], needed: float, time_limit_s: float
) -> tuple[NDArray[np.int64], float, bool]:
    sites = reach.shape[1]
    program = _program(reach, weights, np.r_[np.zeros(sites), weights], needed)
    start = _greedy(reach, weights, needed)
    answer = solve(program, time_limit_s=time_limit_s, start=start)
    bound = float(np.ceil(answer.bound - 1e-6))
    return answer.chosen(0, sites), bound, answer.status == "optimal"


def _most_covering(
    reach: sp.csr_array,
    weights: NDArray[np.float64],
    count: int,
    start: NDArray[np.int64],
    time_limit_s: float,
) -> NDArray[np.int64]:
    """Among choices of `count` sites, one that covers the most (a maximal covering problem)."""
    rows, sites = reach.shape
    count_row = np.r_[-np.ones(sites), np.zeros(rows)]
    program = _program(reach, weights, count_row, -float(count), maximise=True)
    answer = solve(program, time_limit_s=time_limit_s, start=_columns(reach, start))
    return answer.chosen(0, sites)


def _columns(reach: sp.csr_array, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    open_sites = np.zeros(reach.shape[1])
    open_sites[chosen] = 1
    values: NDArray[np.float64] = np.r_[open_sites, (reach @ open_sites > 0).astype(float)]
    return values


def _greedy(
    reach: sp.csr_array, weights: NDArray[np.float64], needed: float
) -> NDArray[np.float64]:
    """Take the site that adds most until the floor is met: a first answer for the solver."""
    columns = sp.csc_array(reach)
    left = weights.copy()
    chosen: list[int] = []
    while weights.sum() - left.sum() < needed:
        gain = (left @ reach.astype(float)).ravel()
        best = int(np.argmax(gain))
        chosen.append(best)
        left[columns.indices[columns.indptr[best] : columns.indptr[best + 1]]] = 0
    return _columns(reach, np.array(chosen, dtype=np.int64))
