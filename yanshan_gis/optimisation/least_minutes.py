"""Among equally good choices, one with the least weighted minutes.

The program is the radius formulation (Cornuéjols, Nemhauser and Wolsey 1980; Elloumi 2010). With
D_1 < … < D_K the different minutes from row i to its candidates, z_ik says that no site within
D_ik is open, and the minutes of row i are D_i1 + Σ_k (D_i,k+1 − D_ik) z_ik:

    minimise    Σ_i w_i (D_i1 + Σ_k (D_i,k+1 − D_ik) z_ik)
    subject to  z_ik + Σ_{j: d_ij = D_ik} x_j ≥ z_i,k−1        (z_i0 = 1)
                Σ_j c_j x_j ≤ budget
                Σ_i w_i z_iK ≤ what may stay uncovered

Minutes beyond those to an existing site play no part; a row that stays uncovered has no minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from yanshan_gis.optimisation.covers import WORTH_COMPILING
from yanshan_gis.optimisation.program import Listener, Program, solve
from yanshan_gis.optimisation.siting import Siting, opened

# Row, position of the site, weighted minutes of each pair, and each row's cap.
Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]

_ROUNDING = 1e-9
# The least weighted minutes are proven when no choice has less than a millionth fewer.
GAP = 1e-6


def least_minutes(
    siting: Siting,
    chosen: NDArray[np.int64],
    budget: float,
    time_limit_s: float,
    *,
    gap: float = GAP,
    listener: Listener | None = None,
) -> tuple[NDArray[np.int64], float]:
    """Choose again, with no less weight covered and at no more cost, to save weighted minutes.

    Parameters
    ----------
    siting
        The question.
    chosen
        A choice to begin with: what it covers must stay covered, by weight.
    budget
        What the sites may cost.
    time_limit_s
        For each solve.
    gap
        Relative distance between minutes and bound that is good enough.
    listener
        Told weighted minutes and bound now and then.

    Returns
    -------
    tuple
        The sites, ascending, and a bound: no such choice has fewer weighted minutes.
    """
    if budget <= 0 or not siting.free.any():
        return chosen, _worth(siting, chosen)[1]
    covers = siting.reached(opened(siting, chosen))
    free = siting.free
    could = siting.demand & siting.reached(free)  # the others have no part in the program
    uncovered = float(siting.weights[could & ~covers].sum())
    uniform = bool(np.ptp(siting.costs[free]) == 0 and siting.costs[free][0] > 0)
    if uniform and len(siting.pairs(free)[0]) > WORTH_COMPILING:
        count = int(budget / siting.costs[free][0] * (1 + _ROUNDING))
        if not uncovered:
            return _by_prices(siting, chosen, count, gap, time_limit_s, listener)
        chosen = _swapped(siting, chosen, count)
    found, bound = Levels.of(siting).solve(chosen, budget, uncovered, gap, time_limit_s, listener)
    if _worth(siting, found) > _worth(siting, chosen):
        found = chosen
    return found, max(min(bound, _worth(siting, found)[1]), 0.0)


def median_lists(siting: Siting) -> tuple[NDArray[np.int64], Pairs]:
    """List weighted minutes for `branching.Lists.of`.

    Parameters
    ----------
    siting
        The question.

    Returns
    -------
    tuple
        The sites that may be opened, and row, position of the site, weighted minutes and each
        row's cap: those to an existing site, or more than all choices together can take.
    """
    sites = np.flatnonzero(siting.free)
    position = np.cumsum(siting.free) - 1
    number = np.cumsum(siting.demand) - 1
    row, site, minutes = siting.pairs(siting.free)
    kept = siting.demand[row]
    row, site, minutes = row[kept], site[kept], minutes[kept]
    cost = minutes * siting.weights[row]
    cap = (siting.nearest(siting.existing)[1] * siting.weights)[siting.demand]
    cap[np.isnan(cap)] = beyond(siting)
    return sites, (number[row], position[site], cost, cap)


def beyond(siting: Siting) -> float:
    """Weighted minutes that no choice in which all rows are served can reach.

    Parameters
    ----------
    siting
        The question.

    Returns
    -------
    float
        Twice the sum of the farthest, and above 0.
    """
    row, _, minutes = siting.pairs(siting.existing | siting.free)
    farthest = np.zeros(len(siting.weights))
    np.maximum.at(farthest, row, minutes)
    total = 2 * float(siting.weights @ farthest)
    return total if total > 0 else max(float(siting.weights.max(initial=0.0)), 1.0)


def _by_prices(
    siting: Siting,
    chosen: NDArray[np.int64],
    count: int,
    gap: float,
    time_limit_s: float,
    listener: Listener | None,
) -> tuple[NDArray[np.int64], float]:
    """Solve it as a p-median problem, when nothing may stay uncovered."""
    from yanshan_gis.optimisation.branching import Lists, least

    sites, lists = median_lists(siting)
    choice = least(
        Lists.of(*lists), len(sites), count, start=np.searchsorted(sites, chosen), gap=gap,
        time_limit_s=time_limit_s, listener=listener,
    )  # fmt: skip
    return sites[choice.sites], choice.bound


def _swapped(siting: Siting, chosen: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Swap sites while it saves minutes, with a price on uncovered weight above all minutes."""
    from yanshan_gis.optimisation.branching import Lists, descend

    sites, (row, site, cost, cap) = median_lists(siting)
    weights = siting.weights[siting.demand]
    without = cap >= beyond(siting)
    cap = np.where(without, weights * (cap / weights.min()), cap)
    found = sites[descend(Lists.of(row, site, cost, cap), len(sites), count,
                          np.searchsorted(sites, chosen))]  # fmt: skip
    return found if _worth(siting, found) < _worth(siting, chosen) else chosen


def _worth(siting: Siting, chosen: NDArray[np.int64]) -> tuple[float, float]:
    """Uncovered weight and weighted minutes: less is better, the first one first."""
    minutes = siting.nearest(opened(siting, chosen))[1]
    covered = ~np.isnan(minutes)
    return (
        float(siting.weights[~covered].sum()),
        float(siting.weights[covered] @ minutes[covered]),
    )


@dataclass(frozen=True, eq=False)
class Levels:
    """The different minutes of each row, ascending, as the program's variables z.

    Parameters
    ----------
    sites
        That may be opened: the variables x.
    costs
        Of these sites.
    pair_level, pair_site
        Positions: which site stands at which level.
    minutes, row
        Of each level, and which row it belongs to.
    first, last
        Marks each row's nearest and farthest level.
    weights, cap
        Of each level's row; its minutes to an existing site, infinite for none.
    constant
        Weighted minutes that no choice can save.
    """

    sites: NDArray[np.int64]
    costs: NDArray[np.float64]
    pair_level: NDArray[np.int64]
    pair_site: NDArray[np.int64]
    minutes: NDArray[np.float64]
    row: NDArray[np.int64]
    first: NDArray[np.bool_]
    last: NDArray[np.bool_]
    weights: NDArray[np.float64]
    cap: NDArray[np.float64]
    constant: float

    @classmethod
    def of(cls, siting: Siting) -> Levels:
        """List the levels of all rows that ask for something.

        Parameters
        ----------
        siting
            The question.

        Returns
        -------
        Levels
            Sorted by row and minutes.
        """
        row, site, minutes = siting.pairs(siting.free)
        nearest = siting.nearest(siting.existing)[1]
        cap = np.where(np.isnan(nearest), np.inf, nearest)
        kept = siting.demand[row] & (minutes < cap[row])
        row, site, minutes = row[kept], site[kept], minutes[kept]
        order = np.lexsort((site, minutes, row))
        row, site, minutes = row[order], site[order], minutes[order]
        new_row = np.ones(len(row), dtype=bool)
        new_row[1:] = np.diff(row) != 0
        new = new_row.copy()
        new[1:] |= np.diff(minutes) > 0
        first = new_row[new]
        last = np.r_[first[1:], True] if len(first) else first
        at = row[new]
        served = siting.demand & np.isfinite(cap)
        served[at] = False
        constant = siting.weights[served] @ cap[served]
        constant += siting.weights[at[first]] @ minutes[new][first]
        sites = np.flatnonzero(siting.free)
        return cls(
            sites, siting.costs[sites], np.cumsum(new) - 1, (np.cumsum(siting.free) - 1)[site],
            minutes[new], at, first, last, siting.weights[at], cap[at], float(constant),
        )  # fmt: skip

    def solve(
        self,
        chosen: NDArray[np.int64],
        budget: float,
        uncovered: float,
        gap: float,
        time_limit_s: float,
        listener: Listener | None = None,
    ) -> tuple[NDArray[np.int64], float]:
        """Solve the program with HiGHS.

        Parameters
        ----------
        chosen
            Sites to begin with.
        budget
            What the sites may cost.
        uncovered
            Weight that may stay without a site.
        gap, time_limit_s, listener
            As for `program.solve`.

        Returns
        -------
        tuple
            The sites, and a bound of the weighted minutes.
        """
        n_sites, n = len(self.sites), len(self.minutes)
        unit = max(float(self.weights.max(initial=0.0)), np.finfo(float).tiny)
        following = np.where(self.last, self.cap, np.r_[self.minutes[1:], np.inf])
        alone = self.last & np.isinf(self.cap)
        gain = np.where(alone, -self.minutes, following - self.minutes)
        inner = np.flatnonzero(~self.first)
        n_pairs = len(self.pair_level)
        matrix = sp.csr_array(
            (
                np.r_[np.ones(n_pairs + n), -np.ones(len(inner))],
                (
                    np.r_[self.pair_level, np.arange(n), inner],
                    np.r_[self.pair_site, n_sites + np.arange(n), n_sites + inner - 1],
                ),
            ),
            shape=(n, n_sites + n),
        )
        left = np.where(alone, self.weights / unit, 0.0)
        spent = sp.csr_array(np.r_[self.costs, np.zeros(n)][None, :])
        missed = sp.csr_array(np.r_[np.zeros(n_sites), left][None, :])
        upper = np.ones(n_sites + n)
        if not uncovered:
            upper[n_sites:][alone] = 0.0
        program = Program(
            np.r_[np.zeros(n_sites), gain * self.weights / unit],
            sp.vstack([matrix, spent, missed], format="csr"),
            np.r_[self.first.astype(float), -np.inf, -np.inf],
            np.r_[np.full(n, np.inf), budget * (1 + _ROUNDING),
                  uncovered / unit * (1 + _ROUNDING)],
            upper=upper,
            integer=np.r_[np.ones(n_sites, dtype=bool), np.zeros(n, dtype=bool)],
        )  # fmt: skip
        answer = solve(
            program, gap=gap, time_limit_s=time_limit_s, start=self._start(chosen),
            listener=listener,
        )  # fmt: skip
        found = chosen if answer.values is None else self.sites[answer.chosen(0, n_sites)]
        return found, answer.bound * unit + self.constant

    def _start(self, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        is_open = np.zeros(len(self.sites))
        is_open[np.searchsorted(self.sites, chosen)] = 1
        reached = np.full(self.row.max(initial=-1) + 1, np.inf)
        hit = is_open[self.pair_site] > 0
        levels = self.pair_level[hit]
        np.minimum.at(reached, self.row[levels], self.minutes[levels])
        values: NDArray[np.float64] = np.r_[is_open, self.minutes < reached[self.row]]
        return values
