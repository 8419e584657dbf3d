"""In which villages to harden streets first: the in-village purse (indicator 18).

Streets of one village do not need those of another, so this is a knapsack. Two questions:

- *villages above a threshold*: each village needs a certain length until its hardened share reaches
  the threshold; choose villages so that most reach it within kilometres and money;
- *kilometres*: every kilometre counts alike. Kilometres alone then decide nothing, money does: the
  same search with the whole soft length of each village as need and as gain.

Both are exact, with floors per township.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from yanshan_gis.errors import DataError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.optimisation.budget import ROUNDING, Budget
from yanshan_gis.optimisation.program import Program, solve
from yanshan_gis.optimisation.soft_graph import check_amounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from yanshan_gis.optimisation.program import AnswerStatus, Listener


def missing_km(all_km: ArrayLike, hardened_km: ArrayLike, threshold: float) -> NDArray[np.float64]:
    """Measure what villages lack until their hardened share reaches a threshold.

    Parameters
    ----------
    all_km, hardened_km
        In-village roads of each village.
    threshold
        Share, 0 to 1.

    Returns
    -------
    numpy.ndarray
        max(0, threshold · all − hardened); NaN for a village without in-village roads, which has
        no share.

    Raises
    ------
    DataError
        When a length is missing or negative, or the threshold is no share.
    """
    whole, done = np.asarray(all_km, dtype=float), np.asarray(hardened_km, dtype=float)
    check_amounts("length", whole, len(whole))
    check_amounts("length", done, len(whole))
    if not 0 <= threshold <= 1:
        text = N_("The threshold is {value:g}; it must be a share from 0 to 1.")
        raise DataError("threshold-value", text, value=threshold)
    return np.where(whole > 0, np.maximum(0.0, threshold * whole - done), np.nan)


@dataclass(frozen=True, eq=False)
class Streets:
    """What hardening streets takes and gains, one value per village.

    Parameters
    ----------
    need_km
        Length to harden; NaN or 0 for a village with nothing to do.
    gain
        What is gained with the village: 1, its people, its households, or its kilometres.
    cost
        10,000 yuan for that length; None where it is not known.
    label
        int32, its township; -1 for none. None where nobody asks.
    """

    need_km: NDArray[np.float64]
    gain: NDArray[np.float64]
    cost: NDArray[np.float64] | None = None
    label: NDArray[np.int32] | None = None

    def __post_init__(self) -> None:
        # NaN is a village without streets; what it would gain does not matter.
        idle = np.isnan(self.need_km) | (self.need_km == 0)
        check_amounts("length", np.where(idle, 0.0, self.need_km), len(idle))
        check_amounts("weight", np.where(idle, 0.0, self.gain), len(idle))
        if self.cost is not None:
            check_amounts("cost", np.where(idle, 0.0, self.cost), len(idle))


@dataclass(frozen=True, eq=False)
class StreetChoice:
    """The chosen villages, and what is known of the choice.

    Parameters
    ----------
    status
        ``optimal`` within the gap asked for, ``time_limit`` or ``infeasible``.
    village
        Ascending rows of the chosen villages.
    gain, bound
        What is gained, and what no choice exceeds.
    km, cost
        What the choice takes; cost is NaN where it is not known.
    needed
        When infeasible, the smallest budget that would do, each limit alone; None where no budget
        does.
    reasons
        Why nothing can be chosen.
    """

    status: AnswerStatus
    village: NDArray[np.int64]
    gain: float
    bound: float
    km: float
    cost: float
    needed: Budget | None = None
    reasons: tuple[Notice, ...] = ()

    @property
    def gap(self) -> float:
        """Distance between gain and bound, relative to the gain."""
        return abs(self.bound - self.gain) / max(self.gain, 1e-9)


def choose_streets(
    streets: Streets,
    budget: Budget,
    *,
    floors: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    gap: float = 1e-6,
    time_limit_s: float = 30.0,
    listener: Listener | None = None,
) -> StreetChoice:
    """Choose the villages whose streets are hardened.

    Parameters
    ----------
    streets
        What it takes and gains.
    budget
        Kilometres and money.
    floors
        Least gain in each township, by label; 0 for none.
    names
        Of the townships, by label, for what is said of them.
    gap
        Relative distance between gain and bound that is good enough.
    time_limit_s
        After which the best choice found is returned.
    listener
        Told the best gain and the bound from time to time.

    Returns
    -------
    StreetChoice
        Within the budget.

    Raises
    ------
    DataError
        When money is limited and costs are not known, or floors are no numbers.
    """
    if np.isfinite(budget.cost) and streets.cost is None:
        raise DataError("cost-missing", N_("Money is limited, but the roads have no cost."))
    least = np.zeros(0) if floors is None else np.asarray(floors, dtype=float)
    check_amounts("floor", least, len(least))
    waiting = np.flatnonzero((streets.need_km > 0) & (streets.gain > 0))
    needs = _needs(streets, waiting)
    rows = _floor_rows(streets, waiting, least)
    reasons = _beyond_reach(rows, least, names)
    if reasons:
        return _infeasible(None, reasons)
    gain = streets.gain[waiting]
    limits = np.array([budget.km, budget.cost], dtype=float)[: len(needs)]
    program = Program(
        cost=gain,
        matrix=sp.csr_array(sp.vstack([rows, sp.csr_array(needs)])),
        row_lower=np.concatenate([least, np.full(len(needs), -np.inf)]),
        row_upper=np.concatenate([np.full(len(least), np.inf), limits]),
        maximise=True,
    )
    start = _greedy(gain, needs, limits) if not (least > 0).any() else None
    answer = solve(program, gap=gap, time_limit_s=time_limit_s, start=start, listener=listener)
    if answer.status == "infeasible":
        return _infeasible(*_needed(rows, least, needs, budget))
    taken = answer.chosen(0, len(waiting))
    spent = [float(values[taken].sum()) for values in needs]
    cost = spent[1] if len(spent) > 1 else np.nan
    total = float(gain[taken].sum())
    bound = max(answer.bound, total)
    return StreetChoice(answer.status, waiting[taken], total, bound, spent[0], cost)


def _needs(streets: Streets, waiting: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return kilometres and, where it is known, money (rows) of the villages (columns)."""
    rows = [streets.need_km] if streets.cost is None else [streets.need_km, streets.cost]
    return np.stack(rows)[:, waiting]


def _floor_rows(
    streets: Streets, waiting: NDArray[np.int64], floors: NDArray[np.float64]
) -> sp.csr_array:
    shape = (len(floors), len(waiting))
    if streets.label is None:
        return sp.csr_array(shape)
    label = streets.label[waiting]
    mine = np.flatnonzero((label >= 0) & (label < len(floors)))
    return sp.csr_array((streets.gain[waiting[mine]], (label[mine], mine)), shape=shape)


def _greedy(
    gain: NDArray[np.float64], needs: NDArray[np.float64], limits: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Take villages by gain per share of the budget while they fit."""
    price = (needs / np.maximum(limits, ROUNDING)[:, None]).sum(axis=0)
    left = limits.copy()
    taken = np.zeros(len(gain))
    for i in np.argsort(-gain / np.maximum(price, ROUNDING**2), kind="stable").tolist():
        if (needs[:, i] <= left).all():
            taken[i] = 1.0
            left -= needs[:, i]
    return taken


def _beyond_reach(
    rows: sp.csr_array, floors: NDArray[np.float64], names: Sequence[str] | None
) -> list[Notice]:
    possible = rows.sum(axis=1)
    text = N_(
        "{township}: at least {floor:g} is asked for, but hardening every street gains only "
        "{possible:g}."
    )
    return [
        Notice(
            "streets-floor-beyond-reach",
            text,
            {
                "township": str(label) if names is None else names[label],
                "floor": float(floors[label]),
                "possible": float(possible[label]),
            },
        )
        for label in np.flatnonzero(floors > possible * (1 + 1e-9)).tolist()
    ]


def _needed(
    rows: sp.csr_array,
    floors: NDArray[np.float64],
    needs: NDArray[np.float64],
    budget: Budget,
) -> tuple[Budget, list[Notice]]:
    """Find the smallest budget that meets the floors, each limit alone."""
    least = []
    for values in needs:
        program = Program(values, rows, floors, np.full(len(floors), np.inf))
        least.append(solve(program).objective)
    needed = Budget(*least)
    reasons = []
    if needed.km > budget.km + ROUNDING:
        text = N_("The least gains asked for need {needed:.2f} km; the budget is {limit:.2f} km.")
        reasons.append(Notice("floors-beyond-km", text, {"needed": needed.km, "limit": budget.km}))
    if len(least) > 1 and needed.cost > budget.cost + ROUNDING:
        text = N_(
            "The least gains asked for cost {needed:.2f} ten thousand yuan; the budget is "
            "{limit:.2f} ten thousand yuan."
        )
        reasons.append(
            Notice("floors-beyond-cost", text, {"needed": needed.cost, "limit": budget.cost})
        )
    if not reasons:
        text = N_(
            "Kilometres and money would each do for the least gains asked for, but not together."
        )
        reasons.append(Notice("floors-beyond-both", text, {}))
    return needed, reasons


def _infeasible(needed: Budget | None, reasons: Sequence[Notice]) -> StreetChoice:
    nobody = np.empty(0, dtype=np.int64)
    return StreetChoice("infeasible", nobody, 0.0, -np.inf, 0.0, 0.0, needed, tuple(reasons))
