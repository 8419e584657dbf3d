"""Covering programs on what is left to choose: rows without a site yet, put into groups.

Rows that ask for something and have no existing site in reach are left; those with the same
candidates are one group, with the sum of their weights. A site is dominated, and left out, when
another one that costs no more reaches all its groups. Both leave the best objective as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from yanshan_gis.optimisation.program import Answer, Listener, Program, solve
from yanshan_gis.optimisation.siting import Siting

# Weights that are all multiples of one number are counted in it, as whole numbers.
_ROUNDING = 1e-9
# Looking for dominated rows or sites pays up to so many pairs of pairs (about a second).
_PAYS = 1e8
# Problems of fewer pairs go to HiGHS at once: loading compiled code takes longer.
WORTH_COMPILING = 4000
# Nodes after which covering is left to HiGHS, whose cuts then do better than branching alone.
_NODES = 40


class Found(NamedTuple):
    """Sites by their position in the group, the objective's bound, and whether it is proven."""

    sites: NDArray[np.int64]
    bound: float
    proven: bool


@dataclass(frozen=True, eq=False)
class Groups:
    """What is left to cover.

    Parameters
    ----------
    reach
        Ones where a site (column) reaches a group (row).
    weights
        Of the groups, in units.
    unit
        What one of them stands for.
    whole
        All weights are whole numbers of units.
    sites
        Which sites the columns are.
    costs
        Of these sites.
    """

    reach: sp.csr_array
    weights: NDArray[np.float64]
    unit: float
    whole: bool
    sites: NDArray[np.int64]
    costs: NDArray[np.float64]

    @classmethod
    def of(cls, siting: Siting) -> Groups:
        """Put together what no existing site reaches.

        Parameters
        ----------
        siting
            The question.

        Returns
        -------
        Groups
            In an order that does not depend on the order of the rows.
        """
        sites = np.flatnonzero(siting.free)
        rows = siting.demand & ~siting.reached(siting.existing) & siting.reached(siting.free)
        reach, weights = merge(_ones(siting.minutes[rows][:, sites]), siting.weights[rows])
        kept = ~dominated(reach, siting.costs[sites])
        reach, weights = merge(_ones(reach[:, kept]), weights)
        unit, whole = _unit(weights)
        sites = sites[kept]
        return cls(reach, weights / unit, unit, whole, sites, siting.costs[sites])

    @property
    def uniform(self) -> bool:
        """All sites cost the same, and something."""
        return bool(len(self.costs) and self.costs[0] > 0 and np.ptp(self.costs) == 0)

    def covered(self, sites: NDArray[np.int64]) -> float:
        """Weight that some of the sites reach, in units.

        Parameters
        ----------
        sites
            Positions of columns.

        Returns
        -------
        float
            The weight.
        """
        return float(self.weights[self._states(sites)[len(self.sites) :] > 0].sum())

    def fewest(self, needed: float, time_limit_s: float, listener: Listener | None) -> Found:
        """Find the cheapest sites that reach a weight.

        Parameters
        ----------
        needed
            In units.
        time_limit_s, listener
            As for `program.solve`.

        Returns
        -------
        Found
            The bound is of the cost.
        """
        total = float(self.weights.sum())
        if needed >= total * (1 - _ROUNDING):
            reach = self.reach[~_redundant(self.reach)]
            lower = np.ones(reach.shape[0])
            program = Program(self.costs, reach, lower, np.full(len(lower), np.inf))
            answer = solve(program, time_limit_s=time_limit_s, listener=listener)
            if answer.status == "optimal":
                return self._found(answer, np.empty(0, dtype=np.int64), maximise=False)
            return self._found(answer, self._greedy(needed), maximise=False)
        # Half a unit below the next whole weight, no solver's rounding decides.
        floor = np.ceil(needed * (1 - _ROUNDING)) - 0.5 if self.whole else needed
        cost = np.r_[self.costs, np.zeros(len(self.weights))]
        spent = np.r_[np.zeros(len(self.sites)), self.weights]
        program, start = self._program(cost, spent, floor, np.inf), self._greedy(needed)
        answer = solve(
            program, time_limit_s=time_limit_s, start=self._states(start), listener=listener
        )
        return self._found(answer, start, maximise=False)

    def most(
        self,
        budget: float,
        time_limit_s: float,
        listener: Listener | None,
        start: NDArray[np.int64] | None = None,
    ) -> Found:
        """Find the sites within a budget that reach the most weight.

        Parameters
        ----------
        budget
            What they may cost together.
        time_limit_s, listener
            As for `program.solve`.
        start
            A choice to begin with.

        Returns
        -------
        Found
            The bound is of the weight, in units.
        """
        start = np.empty(0, dtype=np.int64) if start is None else start
        bound = float(self.weights.sum())
        if self.uniform and self.reach.nnz > WORTH_COMPILING:
            found = self._most_by_prices(budget, time_limit_s, start)
            if found.proven:
                return found
            start, bound = found.sites, min(found.bound, bound)
        rows, count = self.reach.shape
        weights = np.r_[np.zeros(count), self.weights]
        spent = np.r_[-self.costs, np.zeros(rows)]
        limit = -budget * (1 + _ROUNDING)
        program = self._program(weights, spent, limit, np.inf, maximise=True)
        answer = solve(
            program, time_limit_s=time_limit_s, start=self._states(start), listener=listener
        )
        found = self._found(answer, start, maximise=True)
        return found if found.proven else found._replace(bound=min(found.bound, bound))

    def _most_by_prices(
        self, budget: float, time_limit_s: float, start: NDArray[np.int64]
    ) -> Found:
        from yanshan_gis.optimisation.branching import Lists, least

        rows = np.repeat(np.arange(self.reach.shape[0]), np.diff(self.reach.indptr))
        lists = Lists.of(rows, self.reach.indices, np.zeros(len(rows)), self.weights)
        total = float(self.weights.sum())
        count = int(budget / self.costs[0] * (1 + _ROUNDING))
        if not count:
            return Found(start[:0], 0.0, True)
        tolerance = 1 - 1e-6 if self.whole else _ROUNDING * total
        choice = least(
            lists, len(self.sites), count, start=start, tolerance=tolerance,
            most_nodes=_NODES, time_limit_s=time_limit_s,
        )  # fmt: skip
        proven = choice.value - choice.bound <= tolerance
        return Found(choice.sites, total - (choice.value if proven else choice.bound), proven)

    def _program(
        self,
        cost: NDArray[np.float64],
        extra: NDArray[np.float64],
        lower: float,
        upper: float,
        *,
        maximise: bool = False,
    ) -> Program:
        """Columns [sites | groups], rows `reach x − z ≥ 0` and one of the caller's."""
        rows = len(self.weights)
        matrix = sp.vstack(
            [sp.hstack([self.reach, -sp.eye_array(rows)]), sp.csr_array(extra[None, :])],
            format="csr",
        )
        row_lower, row_upper = np.r_[np.zeros(rows), lower], np.r_[np.full(rows, np.inf), upper]
        return Program(cost, matrix, row_lower, row_upper, maximise=maximise)

    def _states(self, sites: NDArray[np.int64]) -> NDArray[np.float64]:
        is_open = np.zeros(len(self.sites))
        is_open[sites] = 1
        values: NDArray[np.float64] = np.r_[is_open, (self.reach @ is_open > 0).astype(float)]
        return values

    def _found(self, answer: Answer, start: NDArray[np.int64], *, maximise: bool) -> Found:
        """Take the better of the answer and its start, which a solver out of time may lose."""
        sites, proven = answer.chosen(0, len(self.sites)), answer.status == "optimal"
        if not proven:
            if answer.values is None:
                sites = start
            elif maximise:
                sites = max(sites, start, key=self.covered)
            else:
                sites = min(sites, start, key=lambda one: float(self.costs[one].sum()))
        return Found(sites, answer.bound, proven)

    def _greedy(self, needed: float) -> NDArray[np.int64]:
        """Take the site that adds most for its cost until the weight is reached."""
        columns, left = sp.csc_array(self.reach), self.weights.copy()
        chosen: list[int] = []
        worth = 1 / np.maximum(self.costs, _ROUNDING)
        while self.weights.sum() - left.sum() < needed * (1 - _ROUNDING):
            best = int(np.argmax((left @ self.reach) * worth))
            chosen.append(best)
            left[columns.indices[columns.indptr[best] : columns.indptr[best + 1]]] = 0
        return np.array(chosen, dtype=np.int64)


def merge(
    reach: sp.csr_array, weights: NDArray[np.float64]
) -> tuple[sp.csr_array, NDArray[np.float64]]:
    """Put together rows that the same sites reach, in an order of the sites' own.

    Parameters
    ----------
    reach
        Stored where a site (column) reaches a row; sorted.
    weights
        Of the rows.

    Returns
    -------
    tuple
        One row per set of sites, and the sum of its weights.
    """
    ends = reach.indptr
    keys = [reach.indices[ends[i] : ends[i + 1]].tobytes() for i in range(reach.shape[0])]
    number = {key: i for i, key in enumerate(sorted(set(keys)))}
    groups = np.array([number[key] for key in keys], dtype=np.int64)
    kept = np.unique(groups, return_index=True)[1]
    sums = np.bincount(groups, weights=weights, minlength=len(kept))
    return reach[kept], sums.astype(np.float64)


def dominated(reach: sp.csr_array, costs: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which sites another one makes needless.

    Parameters
    ----------
    reach
        Ones where a site (column) reaches a row.
    costs
        Of the sites.

    Returns
    -------
    numpy.ndarray
        Per site; of equals the first is not dominated. All False where looking does not pay.
    """
    size = np.bincount(reach.indices, minlength=reach.shape[1])
    found: NDArray[np.bool_] = size == 0
    if np.sum(np.diff(reach.indptr).astype(float) ** 2) > _PAYS:
        return found
    shared = (reach.T @ reach).tocoo()
    one, other = shared.row, shared.col
    equal = (size[one] == size[other]) & (costs[one] == costs[other])
    by_other = (shared.data == size[one]) & (costs[other] <= costs[one])
    by_other &= ~equal | (other < one)
    found[one[by_other & (one != other)]] = True
    return found


def _redundant(reach: sp.csr_array) -> NDArray[np.bool_]:
    """Tell which rows are covered whenever some other row is; all rows differ."""
    found = np.zeros(reach.shape[0], dtype=bool)
    if np.sum(np.bincount(reach.indices, minlength=1).astype(float) ** 2) > _PAYS:
        return found
    shared = (reach @ reach.T).tocoo()
    within = (shared.data == np.diff(reach.indptr)[shared.col]) & (shared.row != shared.col)
    found[shared.row[within]] = True
    return found


def _ones(matrix: sp.csr_array) -> sp.csr_array:
    found = sp.csr_array(matrix)
    found.sort_indices()
    ones = np.ones(len(found.indices))
    return sp.csr_array((ones, found.indices, found.indptr), shape=found.shape)


def _unit(weights: NDArray[np.float64]) -> tuple[float, bool]:
    """Return what all weights are multiples of; the largest weight where there is nothing."""
    if not len(weights):
        return 1.0, True
    whole = np.rint(weights)
    if np.all(whole == weights) and weights.max() < 2**53:
        return float(np.gcd.reduce(whole.astype(np.int64))), True
    return float(weights.max()), False
