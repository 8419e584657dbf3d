"""The capacitated maximal covering problem (Current and Storbeck 1988)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from yanshan_gis.optimisation.program import Answer, Listener, Program, solve
from yanshan_gis.optimisation.sites import Sites
from yanshan_gis.optimisation.siting import Siting, check_count, uncosted

_ROUNDING = 1e-9


def capacitated_cover(
    siting: Siting,
    count: int | None = None,
    *,
    budget: float = np.inf,
    least_minutes: bool = True,
    time_limit_s: float = 60.0,
    listener: Listener | None = None,
) -> Sites:
    """Find the sites that serve the most demand, none of them more than it can.

    maximise Σ w_i y_ij subject to Σ_j y_ij ≤ 1, Σ_i w_i y_ij ≤ C_j x_j, y_ij ≤ x_j and
    Σ_j x_j ≤ count, or Σ_j c_j x_j ≤ budget. A row is served whole, by one site.

    Parameters
    ----------
    siting
        The question; only pairs within reach. Existing sites have capacities too.
    count
        Sites opened at most, beside the existing ones; costs are left aside then.
    budget
        What they may cost, where no count is given.
    least_minutes
        Choose the least weighted minutes among the choices that serve the most.
    time_limit_s
        For each solve.
    listener
        Told weight and bound now and then.

    Returns
    -------
    Sites
        ``infeasible`` where demand is left and nobody can serve any of it. The assignment is the
        model's: not always the nearest site. The objective is the served weight.

    Raises
    ------
    DataError
        Where count or budget is negative.
    """
    check_count(count, budget)
    if count is not None:
        siting, budget = uncosted(siting), float(count)
    model = _Model.of(siting, budget)
    total = siting.total
    if not len(model.row):
        none = np.empty(0, dtype=np.int64)
        if total == 0:
            return Sites.of(siting, "not_needed", none, 0.0, 0.0)
        return replace(_served(siting, model, None), status="infeasible", bound=0.0)
    answer = model.solve(model.weights, 0.0, time_limit_s, maximise=True, listener=listener)
    found = _served(siting, model, answer)
    weight = found.weight
    bound = weight if answer.status == "optimal" else min(answer.bound * model.unit, total)
    found = replace(found, objective=weight, bound=max(bound, weight), status=answer.status)
    if not least_minutes or answer.values is None:
        return found
    again = model.solve(
        model.weights * model.minutes, weight / model.unit, time_limit_s, start=answer.values
    )
    nearest = _served(siting, model, again)
    if (nearest.weight, -nearest.weighted_minutes) < (weight, -found.weighted_minutes):
        nearest = found
    least = max(min(again.bound * model.unit, nearest.weighted_minutes), 0.0)
    return replace(
        nearest, objective=weight, bound=found.bound, status=found.status, minutes_bound=least
    )


@dataclass(frozen=True, eq=False)
class _Model:
    """Variables x of the sites that may be opened, then y of each pair that may be served."""

    sites: NDArray[np.int64]
    costs: NDArray[np.float64]
    row: NDArray[np.int64]
    site: NDArray[np.int64]
    minutes: NDArray[np.float64]
    weights: NDArray[np.float64]
    capacities: NDArray[np.float64]
    free: NDArray[np.bool_]
    unit: float
    budget: float

    @classmethod
    def of(cls, siting: Siting, budget: float) -> _Model:
        free = siting.free
        row, site, minutes = siting.pairs(siting.existing | free)
        fits = siting.demand[row] & (siting.weights[row] <= siting.capacities[site])
        row, site, minutes = row[fits], site[fits], minutes[fits]
        unit = float(siting.weights.max(initial=0.0)) or 1.0
        sites = np.flatnonzero(free)
        return cls(
            sites, siting.costs[sites], row, site, minutes, siting.weights[row] / unit,
            siting.capacities / unit, free, unit, budget,
        )  # fmt: skip

    def solve(
        self,
        cost: NDArray[np.float64],
        served: float,
        time_limit_s: float,
        *,
        maximise: bool = False,
        start: NDArray[np.float64] | None = None,
        listener: Listener | None = None,
    ) -> Answer:
        n_sites, n = len(self.sites), len(self.row)
        y = n_sites + np.arange(n)
        x = (np.cumsum(self.free) - 1)[self.site]
        ours = np.flatnonzero(self.free[self.site])
        limited = np.flatnonzero(np.isfinite(self.capacities))
        number = np.full(len(self.capacities), -1)
        number[limited] = np.arange(len(limited))
        full = np.flatnonzero(number[self.site] >= 0)
        opening = limited[self.free[limited]]
        rows, row = np.unique(self.row, return_inverse=True)
        blocks = [
            _block(len(rows), n_sites + n, row, y, np.ones(n)),
            _block(
                len(limited), n_sites + n,
                np.r_[number[self.site[full]], number[opening]],
                np.r_[y[full], (np.cumsum(self.free) - 1)[opening]],
                np.r_[self.weights[full], -self.capacities[opening]],
            ),
            _block(
                len(ours), n_sites + n, np.tile(np.arange(len(ours)), 2), np.r_[y[ours], x[ours]],
                np.repeat([1.0, -1.0], len(ours)),
            ),
            sp.csr_array(np.r_[self.costs, np.zeros(n)][None, :]),
            sp.csr_array(np.r_[np.zeros(n_sites), -self.weights][None, :]),
        ]  # fmt: skip
        upper = np.r_[
            np.ones(len(rows)),
            np.where(self.free[limited], 0.0, self.capacities[limited]),
            np.zeros(len(ours)),
            self.budget * (1 + _ROUNDING),
            -served * (1 - _ROUNDING),
        ]
        program = Program(
            np.r_[np.zeros(n_sites), cost], sp.vstack(blocks, format="csr"),
            np.full(len(upper), -np.inf), upper, maximise=maximise,
        )  # fmt: skip
        return solve(program, time_limit_s=time_limit_s, start=start, listener=listener)


def _block(
    rows: int,
    columns: int,
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    value: NDArray[np.float64],
) -> sp.csr_array:
    return sp.csr_array((value, (row, column)), shape=(rows, columns))


def _served(siting: Siting, model: _Model, answer: Answer | None) -> Sites:
    """Assign rows as the model says; sites that serve nobody are not opened."""
    assignment = np.full(len(siting.weights), -1, dtype=np.int64)
    minutes = np.full(len(siting.weights), np.nan)
    n_sites = len(model.sites)
    if answer is not None:
        pairs = answer.chosen(n_sites, n_sites + len(model.row))
        assignment[model.row[pairs]] = model.site[pairs]
        minutes[model.row[pairs]] = model.minutes[pairs]
    chosen = np.intersect1d(model.sites, assignment)
    return Sites("time_limit", chosen, assignment, minutes, siting.weights, np.nan, np.nan)
